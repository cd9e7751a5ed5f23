//! Orders of which a list shows a summary only: what is in them is asked for one by one.
//!
//! A page can take longer than the allowance of a minute. What was asked for is kept until the list shows the order
//! otherwise, so that the page that is read again goes on where it was, and an account whose list cannot be narrowed
//! (it is read from its beginning each time) is asked for what changed only.

use super::hub::{Hub, NotFound};
use super::translate::TheirOrder;
use super::verdicts;
use crate::{Priority, ReadError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Orders that are kept whole.
const KEPT_MAX: usize = 5_000;

/// An order as it was when a list showed its summary.
struct Kept {
    summary: Value,
    whole: Arc<(TheirOrder, Value)>,
}

/// Those asked for lately, by their id.
#[derive(Default)]
pub(super) struct Whole(Mutex<BTreeMap<String, Kept>>);

impl Whole {
    fn known(&self, id: &str, summary: &Value) -> Option<Arc<(TheirOrder, Value)>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).filter(|kept| kept.summary == *summary).map(|kept| kept.whole.clone())
    }

    fn keep(&self, id: &str, summary: Value, whole: Arc<(TheirOrder, Value)>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            // Ids grow as a rule: the smallest are the oldest.
            kept.pop_first();
        }
        kept.insert(id.to_owned(), Kept { summary, whole });
    }
}

impl Hub {
    /// The order behind a row without lines, with their own record of it. `Ok(None)`: there is no more to be had than
    /// the row itself; `Err(Ok(why))`: the order itself cannot be read; `Err(Err(…))`: the account did not answer.
    pub(super) async fn whole(
        &self,
        row: &TheirOrder,
        summary: &Value,
        priority: Priority,
    ) -> Result<Option<Arc<(TheirOrder, Value)>>, Result<String, ReadError>> {
        if !row.lines.is_empty() || self.profile.operation("getOrder").is_none() {
            return Ok(None);
        }
        let id = &row.order.remote_id;
        if let Some(known) = self.wholes.known(id, summary) {
            return Ok(Some(known));
        }
        match self.order_and_raw(id, priority).await {
            Ok(found) => {
                let found = Arc::new(found);
                self.wholes.keep(id, summary.clone(), found.clone());
                Ok(Some(found))
            }
            // Gone since the list was made: the row is the last that is known of it.
            Err(NotFound::Gone | NotFound::NoWay(_)) => Ok(None),
            Err(NotFound::Unreadable(why)) => Err(Ok(why)),
            Err(NotFound::Failed(failure)) => Err(Err(failure.into_read_error())),
            Err(NotFound::Answered(reply)) => {
                Err(Err(verdicts::read_error(&self.profile, &self.speaker, &reply, "An order")))
            }
        }
    }
}
