//! Accounts whose API is described by a file: looking a profile through, and reading an export instead of an API.

use crate::desk::Desk;
use crate::view::Trouble;
use quayside_connectors::profiles::{
    CsvMapping, CsvPreview, DryRun, Fault, Imported, Preview, ProfileKit, ProfileReport, ShippedProfile, profile_kit,
    profile_kits,
};
use quayside_engine::ingest;
use quayside_flows::{Policy, by_hand_csv, by_hand_text, hub_draft, hub_key};
use quayside_model::{Cause, ConnectionId, HubOrderDraft, OrderId, Page, RecordKind};
use quayside_store::{ExceptionFilter, Reader, StoreError};
use serde::Serialize;

type Answer<T> = Result<T, Trouble>;

/// What an import of an export brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CsvImported {
    /// Orders in the file.
    pub orders: usize,
    /// Of them, new or changed.
    pub changed: usize,
    /// Rows that were set aside, with the reason.
    pub set_aside: Vec<String>,
}

fn kit(platform: &str) -> Answer<&'static ProfileKit> {
    profile_kit(platform)
        .ok_or_else(|| Trouble::field("platform", format!("Accounts of \"{platform}\" are not described by profiles.")))
}

fn trouble(faults: Vec<Fault>) -> Trouble {
    let said: Vec<String> = faults
        .iter()
        .take(5)
        .map(|fault| {
            if fault.place.is_empty() { fault.sentence.clone() } else { format!("{}: {}", fault.place, fault.sentence) }
        })
        .collect();
    match faults.first() {
        Some(first) => Trouble::field(&first.place, said.join(" ")),
        None => Trouble::input("The profile cannot be used."),
    }
}

/// The platform that is meant where none is named; empty if none reads profiles.
pub fn usual_platform() -> &'static str {
    profile_kits().first().map_or("", |kit| kit.platform)
}

/// Profiles that come with the program.
pub fn shipped(platform: &str) -> Answer<Vec<ShippedProfile>> {
    Ok((kit(platform)?.shipped)())
}

/// Looks a profile through: faults, and what it switches on.
pub fn check(platform: &str, profile: &str) -> Answer<ProfileReport> {
    Ok((kit(platform)?.check)(profile))
}

/// A sample answer read through a profile.
pub fn preview(platform: &str, profile: &str, entity: &str, sample: &str) -> Answer<Preview> {
    (kit(platform)?.preview)(profile, entity, sample).map_err(trouble)
}

/// The exact request a profile makes of an order. Sends nothing.
pub fn dry_run(platform: &str, profile: &str, operation: &str, draft: &HubOrderDraft) -> Answer<DryRun> {
    (kit(platform)?.dry_run)(profile, operation, draft).map_err(trouble)
}

/// A profile from a Postman collection or an OpenAPI file.
pub fn import(platform: &str, collection: &str) -> Answer<Imported> {
    (kit(platform)?.import)(collection).map_err(Trouble::input)
}

/// An export's columns, and a guess at what they are.
pub fn csv_preview(platform: &str, csv: &str) -> Answer<CsvPreview> {
    (kit(platform)?.csv_preview)(csv).map_err(Trouble::input)
}

impl Desk {
    /// Takes the orders of an export in, as if the account had been read.
    pub fn import_csv(&self, id: &ConnectionId, csv: &str, mapping: &CsvMapping) -> Answer<CsvImported> {
        let room = self.writable()?;
        let config = room
            .store
            .read(|r| r.connection(id))?
            .ok_or_else(|| Trouble::gone(format!("There is no connection \"{id}\" any more. Refresh the list.")))?;
        let now_ms = room.now_ms();
        let read = (kit(&config.platform)?.csv_read)(csv, mapping, now_ms).map_err(Trouble::input)?;
        let set_aside = read.unreadable.iter().map(|bad| bad.why.clone()).collect();
        let page = Page {
            records: read.records,
            unreadable: read.unreadable,
            cursor: serde_json::Value::Null,
            next: None,
            total: None,
        };
        let policy = room.store.read(quayside_engine::policy::load)?;
        let done = ingest(&room.store, &policy, id, RecordKind::HubOrder, &page, None, now_ms)?;
        Ok(CsvImported { orders: done.records, changed: done.changed, set_aside })
    }

    /// Orders that wait for somebody to enter them at their hub: what to type, and all of them as CSV, with names,
    /// streets and telephones only if asked for.
    pub fn by_hand(&self, with_addresses: bool) -> Answer<(Vec<(OrderId, String)>, String)> {
        let room = self.room()?;
        let policy = room.store.read(quayside_engine::policy::load)?;
        let mut texts = Vec::new();
        let mut drafts = Vec::new();
        let filter = ExceptionFilter { cause: Some(Cause::EnterByHand), ..ExceptionFilter::default() };
        let waiting = room.store.read(|r| r.exception_page(&filter, None, 1_000))?;
        for id in waiting.items.iter().filter_map(|item| item.finding.order_id) {
            let Some(draft) = room.store.read(|r| draft_by_hand(r, &policy, id))? else { continue };
            texts.push((id, by_hand_text(&draft)));
            drafts.push(draft);
        }
        Ok((texts, by_hand_csv(&drafts, with_addresses)))
    }

    /// One order as a person types it in at an account that takes none from outside.
    pub fn order_text(&self, id: OrderId) -> Answer<String> {
        let room = self.room()?;
        let policy = room.store.read(quayside_engine::policy::load)?;
        let draft = room.store.read(|r| draft_by_hand(r, &policy, id))?;
        draft.map(|draft| by_hand_text(&draft)).ok_or_else(|| {
            Trouble::gone(
                "There is nothing to copy: the order's account was removed, or its personal data was taken out on its day.",
            )
        })
    }
}

/// What to type; `None` if the order has lost its address, or its accounts are gone.
fn draft_by_hand(r: &Reader<'_>, policy: &Policy, id: OrderId) -> Result<Option<HubOrderDraft>, StoreError> {
    if r.queue_row(id)?.is_none_or(|row| row.blanked_at_ms.is_some()) {
        return Ok(None);
    }
    let Some(story) = r.story(id)? else { return Ok(None) };
    let (Some(channel), Some(hub)) = (policy.peers.get(&story.channel), policy.hub_of(&story)) else {
        return Ok(None);
    };
    let key = hub_key(channel, &story.order, 0);
    Ok(Some(hub_draft(&story, policy, channel, hub, key, true, story.order.ship_by_ms)))
}
