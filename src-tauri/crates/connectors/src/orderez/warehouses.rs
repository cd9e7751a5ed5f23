//! Warehouses of the account: what a rule's word for one means there.
//!
//! A rule names a place by its id, its code or its name, as people do. They are asked for once, and again when a word is
//! not among them: somebody may have added one. Where the account lists none, the word goes as it stands.

use super::capability::{WAREHOUSE, has};
use super::hub::{Hub, NotFound};
use super::paging;
use super::profile::Profile;
use super::request::{Filling, render};
use super::translate;
use super::verdicts::{self, Means};
use crate::Priority;
use quayside_model::{Cause, Verdict};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// Places that a sentence names.
const NAMED_MAX: usize = 12;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TheirWarehouse {
    pub id: String,
    pub code: Option<String>,
    pub name: String,
    pub active: bool,
}

impl TheirWarehouse {
    fn is(&self, word: &str) -> bool {
        self.id == word
            || self.name.eq_ignore_ascii_case(word)
            || self.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(word))
    }
}

/// Those the account listed last.
#[derive(Default)]
pub(super) struct Warehouses(Mutex<Arc<Vec<TheirWarehouse>>>);

impl Warehouses {
    fn listed(&self) -> Arc<Vec<TheirWarehouse>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, all: Vec<TheirWarehouse>) -> Arc<Vec<TheirWarehouse>> {
        let all = Arc::new(all);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = all.clone();
        all
    }
}

/// A place; `Err` names the field that spoils it.
pub(super) fn warehouse(profile: &Profile, raw: &Value) -> Result<TheirWarehouse, String> {
    let record = translate::canonical(profile, WAREHOUSE, raw)?;
    let id = translate::text(&record, "remote_id").ok_or("remote_id: missing")?.trim().to_owned();
    let trimmed = |name: &str| translate::text(&record, name).map(|text| text.trim().to_owned());
    Ok(TheirWarehouse {
        name: trimmed("name").unwrap_or_else(|| id.clone()),
        code: trimmed("code"),
        active: record.get("active").and_then(Value::as_bool).unwrap_or(true),
        id,
    })
}

/// The account's places: the first page, which is all of them but for the largest houses. The second says whether it is.
pub(super) async fn list(hub: &Hub, priority: Priority) -> Result<(Vec<TheirWarehouse>, bool), NotFound> {
    let mut request = render(&hub.profile, "listWarehouses", &Filling::default()).map_err(NotFound::NoWay)?;
    request.query.extend(paging::parameters(&hub.profile, None));
    let reply = hub.client.call(&request, priority).await?;
    let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
        let missing = verdicts::means(&hub.profile, &reply) == Means::Missing;
        return Err(if missing { NotFound::Gone } else { NotFound::Answered(Box::new(reply)) });
    };
    let rows = hub.rows("listWarehouses", json).map_err(NotFound::Unreadable)?;
    let full = hub.profile.paging.limit.is_some_and(|limit| rows.len() as u64 >= limit);
    let rows = rows.iter().filter(|raw| !raw.is_null());
    let all = rows.map(|raw| warehouse(&hub.profile, raw)).collect::<Result<Vec<_>, _>>();
    Ok((all.map_err(NotFound::Unreadable)?, !full))
}

/// The id of the place a rule means. `what` begins the sentence (`#1001 could not be routed to Leipzig`).
pub(super) async fn id_of(hub: &Hub, word: &str, what: &str, priority: Priority) -> Result<String, Verdict> {
    if !has(&hub.profile, "warehouses.read") {
        return Ok(word.to_owned());
    }
    let listed = hub.warehouses.listed();
    if let Some(id) = meant(&listed, word) {
        return Ok(id);
    }
    let (all, whole) = match list(hub, priority).await {
        Ok(listed) => listed,
        // The list is a help, and the account may have none after all.
        Err(NotFound::Gone) => return Ok(word.to_owned()),
        Err(NotFound::Failed(failure)) => return Err(failure.into_verdict_before_write()),
        Err(error) => return Err(hub.before_write(error, what)),
    };
    let all = hub.warehouses.keep(all);
    match meant(&all, word) {
        Some(id) => Ok(id),
        None if all.is_empty() || !whole => Ok(word.to_owned()),
        None => Err(Verdict::NeedsPerson(hub.speaker.refusal(
            Cause::ContentRefused,
            &format!(
                "{what}: Orderez has no warehouse of that id, code or name. It has {}. Correct the rule, then retry.",
                named(&all)
            ),
        ))),
    }
}

/// An id is meant before a name.
fn meant(all: &[TheirWarehouse], word: &str) -> Option<String> {
    let by_id = all.iter().find(|one| one.active && one.id == word);
    by_id.or_else(|| all.iter().find(|one| one.active && one.is(word))).map(|one| one.id.clone())
}

/// "Quay (`wh_quay`), Yard (`wh_yard`)", those in use.
pub(super) fn named(all: &[TheirWarehouse]) -> String {
    let active: Vec<&TheirWarehouse> = all.iter().filter(|one| one.active).collect();
    let mut words: Vec<String> =
        active.iter().take(NAMED_MAX).map(|one| format!("{} ({})", one.name, one.id)).collect();
    if active.len() > NAMED_MAX {
        words.push(format!("{} more", active.len() - NAMED_MAX));
    }
    if words.is_empty() { "none in use".to_owned() } else { words.join(", ") }
}
