//! "This computer is offline": where nothing can be reached, that is one thing, not one per account.
//!
//! The store keeps a condition per account, because each ends by itself. What a person is told is put together here.

use crate::view::ExceptionView;
use quayside_model::{Cause, ConnectionId};
use quayside_store::{FindingRow, FindingState, Reader, StoreError};
use std::collections::BTreeMap;

/// What is known of one account that is not paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reach {
    /// Since when it cannot be reached, ms UTC.
    lost_ms: Option<i64>,
    /// Its last answer to a reading, ms UTC.
    answered_ms: Option<i64>,
}

/// The computer itself is offline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offline {
    /// Accounts that were tried and not reached.
    pub accounts: usize,
}

impl Offline {
    /// Its title.
    pub const TITLE: &'static str = "This computer is offline";

    /// For people.
    pub fn sentence(&self) -> String {
        format!(
            "This computer is offline: none of the {} accounts tried lately could be reached. Check its network; everything \
             goes on by itself as soon as one of them answers, and nothing is sent twice.",
            self.accounts
        )
    }

    /// Its one entry is about no account in particular.
    pub fn take_over(&self, entries: &mut [ExceptionView]) {
        let sentence = self.sentence();
        for entry in entries.iter_mut().filter(|entry| entry.sentence == sentence) {
            Self::TITLE.clone_into(&mut entry.title);
            entry.connection = None;
        }
    }

    /// Lets conditions that are this one say so.
    pub fn retell<'a>(&self, conditions: impl IntoIterator<Item = &'a mut FindingRow>) {
        for condition in conditions.into_iter().filter(|condition| is_that(condition)) {
            condition.sentence = self.sentence();
        }
    }
}

/// A condition that is part of it.
pub(crate) fn is_that(condition: &FindingRow) -> bool {
    condition.cause == Cause::Offline && condition.order_id.is_none() && condition.state == FindingState::Open
}

/// Whether it is the computer: several accounts cannot be reached, and since the first was lost none has answered. (With
/// one account nobody can tell the computer's network from the platform's.)
fn is_offline(accounts: &[Reach]) -> Option<Offline> {
    let lost: Vec<i64> = accounts.iter().filter_map(|account| account.lost_ms).collect();
    let first_ms = *lost.iter().min()?;
    let answered = accounts.iter().any(|account| account.answered_ms.is_some_and(|at_ms| at_ms > first_ms));
    (lost.len() > 1 && !answered).then_some(Offline { accounts: lost.len() })
}

/// What the store knows of it. `None`: at least one account answers, or nothing is wrong.
pub(crate) fn of(r: &Reader<'_>) -> Result<Option<Offline>, StoreError> {
    let mut accounts = Vec::new();
    for config in r.connections()?.into_iter().filter(|config| !config.paused) {
        let lost_ms = r.conditions(&config.id)?.iter().find(|condition| is_that(condition)).map(|it| it.opened_at_ms);
        accounts.push((config.id, lost_ms));
    }
    // Mostly nothing is wrong: then no stream is looked at.
    if accounts.iter().filter(|(_, lost_ms)| lost_ms.is_some()).count() < 2 {
        return Ok(None);
    }
    let mut reach = Vec::new();
    for (id, lost_ms) in accounts {
        let answered_ms = r.streams(&id)?.iter().filter_map(|stream| stream.last_ok_at_ms).max();
        reach.push(Reach { lost_ms, answered_ms });
    }
    Ok(is_offline(&reach))
}

/// The same for a caller who has read all that.
pub(crate) fn among(
    conditions: &BTreeMap<ConnectionId, Vec<FindingRow>>,
    answered: impl Fn(&ConnectionId) -> Option<i64>,
    paused: impl Fn(&ConnectionId) -> bool,
) -> Option<Offline> {
    let reach: Vec<Reach> = conditions
        .iter()
        .filter(|(id, _)| !paused(id))
        .map(|(id, of)| Reach {
            lost_ms: of.iter().find(|condition| is_that(condition)).map(|it| it.opened_at_ms),
            answered_ms: answered(id),
        })
        .collect();
    is_offline(&reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_computer_if_several_accounts_are_lost_and_none_answered_since() {
        let lost = |at_ms| Reach { lost_ms: Some(at_ms), answered_ms: Some(5) };
        let silent = Reach { lost_ms: None, answered_ms: Some(9) };
        for (accounts, offline) in [
            (vec![], None),
            (vec![silent], None),
            (vec![lost(10)], None),
            (vec![lost(10), lost(20)], Some(2)),
            // Not tried since: it does not speak against it.
            (vec![lost(10), lost(20), silent], Some(2)),
            (vec![lost(10), lost(20), Reach { answered_ms: Some(15), ..silent }], None),
            (vec![lost(10), Reach { answered_ms: Some(15), ..lost(20) }], None),
        ] {
            assert_eq!(is_offline(&accounts).map(|it| it.accounts), offline, "{accounts:?}");
        }
    }
}
