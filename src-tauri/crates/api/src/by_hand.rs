//! What somebody enters at a hub by hand: whole orders where it takes none from outside, single changes where it takes
//! no such change, counts, products and customers where it takes none. A text to copy, a file to take along.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_engine::{Thing, things_by_hand};
use quayside_flows::{
    HandChange, Policy, by_hand_csv, by_hand_text, hand_changes, hand_csv, hand_text, hub_draft, hub_key,
};
use quayside_model::{Cause, ConnectionId, ExceptionId, HubOrderDraft, OrderId, Role};
use quayside_store::{ExceptionFilter, FindingRow, FindingState, Reader, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What to type, with the order it is about, if it is about one.
pub type HandTexts = Vec<(Option<OrderId>, String)>;

impl Desk {
    /// What waits for somebody to enter it at its hub: what to type, and all of it as CSV, with names, streets and
    /// telephones only if asked for. `cause`: whole orders, or changes of what is there. What is about no order has none.
    pub fn by_hand(&self, cause: Cause, with_addresses: bool) -> Answer<(HandTexts, String)> {
        let room = self.room()?;
        let policy = room.store.read(quayside_engine::policy::load)?;
        let waiting = room.store.read(|r| waiting(r, cause))?;
        let things: BTreeSet<Thing> = waiting.iter().filter_map(thing).collect();
        let found = waiting.into_iter().filter_map(|finding| Some((finding.order_id?, finding.about)));
        let mut texts = Vec::new();
        match cause {
            Cause::EnterByHand => {
                let mut drafts = Vec::new();
                for (id, _) in found {
                    let Some(draft) = room.store.read(|r| draft_by_hand(r, &policy, id, None, false))? else {
                        continue;
                    };
                    texts.push((Some(id), by_hand_text(&draft)));
                    drafts.push(draft);
                }
                Ok((texts, by_hand_csv(&drafts, with_addresses)))
            }
            Cause::ChangeByHand => {
                let mut per_order: BTreeMap<OrderId, Vec<String>> = BTreeMap::new();
                for (id, about) in found {
                    per_order.entry(id).or_default().push(about);
                }
                let mut all = Vec::new();
                for (id, abouts) in per_order {
                    let changes = room.store.read(|r| changes_by_hand(r, &policy, id, &abouts, room.now_ms()))?;
                    if changes.is_empty() {
                        continue;
                    }
                    texts.push((Some(id), joined(&changes)));
                    all.extend(changes);
                }
                for change in room.store.read(|r| things_by_hand(r, &policy, &things, room.now_ms()))?.into_values() {
                    texts.push((None, hand_text(&change)));
                    all.push(change);
                }
                Ok((texts, hand_csv(&all, with_addresses)))
            }
            other => Err(Trouble::field(
                "cause",
                format!(
                    "\"{}\" is nothing that somebody enters by hand. Ask for \"{}\" or \"{}\".",
                    other.title(),
                    Cause::EnterByHand.title(),
                    Cause::ChangeByHand.title()
                ),
            )),
        }
    }

    /// All of them as one text to copy; how many orders and other things, and the text.
    pub fn by_hand_text(&self, cause: Cause) -> Answer<(i64, String)> {
        let (texts, _) = self.by_hand(cause, false)?;
        let n = texts.len() as i64;
        Ok((n, texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n\n")))
    }

    /// Writes them as CSV; how many orders and other things are in the file.
    pub fn export_by_hand(&self, cause: Cause, path: &Path, with_addresses: bool) -> Answer<i64> {
        let (texts, csv) = self.by_hand(cause, with_addresses)?;
        crate::files::write(path, csv.as_bytes())?;
        Ok(texts.len() as i64)
    }

    /// What one entry wants a person to enter: of its order all that waits for a hand, else of the count or product it is about.
    pub fn entry_text(&self, id: ExceptionId) -> Answer<String> {
        let room = self.room()?;
        let gone =
            || Trouble::gone("There is nothing to enter for this any more: it has mended itself, or was settled.");
        let finding = room.store.read(|r| r.finding(id))?.ok_or_else(gone)?;
        if let Some(order) = finding.order_id {
            return self.order_text(order);
        }
        let policy = room.store.read(quayside_engine::policy::load)?;
        let things: BTreeSet<Thing> = thing(&finding).into_iter().collect();
        let found = room.store.read(|r| things_by_hand(r, &policy, &things, room.now_ms()))?;
        found.values().next().map(hand_text).ok_or_else(gone)
    }

    /// One order as a person types it in: the changes that wait for a hand, else the whole order.
    pub fn order_text(&self, id: OrderId) -> Answer<String> {
        let room = self.room()?;
        let policy = room.store.read(quayside_engine::policy::load)?;
        let text = room.store.read(|r| {
            let open = |cause: Cause| -> Result<Vec<String>, StoreError> {
                let all = r.findings_of(id)?.into_iter();
                let open = all.filter(|finding| finding.cause == cause && finding.state != FindingState::Resolved);
                Ok(open.map(|finding| finding.about).collect())
            };
            let changes = changes_by_hand(r, &policy, id, &open(Cause::ChangeByHand)?, room.now_ms())?;
            if !changes.is_empty() && open(Cause::EnterByHand)?.is_empty() {
                return Ok(Some(joined(&changes)));
            }
            Ok(draft_by_hand(r, &policy, id, None, false)?.map(|draft| by_hand_text(&draft)))
        })?;
        text.ok_or_else(|| {
            Trouble::gone(
                "There is nothing to copy: the order's account was removed, or its personal data was taken out on its day.",
            )
        })
    }
}

/// Every open entry of a cause, however many there are.
fn waiting(r: &Reader<'_>, cause: Cause) -> Result<Vec<FindingRow>, StoreError> {
    let filter = ExceptionFilter { cause: Some(cause), ..ExceptionFilter::default() };
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = r.exception_page(&filter, before, 1_000)?;
        found.extend(page.items.into_iter().map(|item| item.finding));
        before = page.next;
        if before.is_none() {
            return Ok(found);
        }
    }
}

/// The count or product that an entry is about.
fn thing(finding: &FindingRow) -> Option<Thing> {
    let account = finding.connection.clone().filter(|_| finding.order_id.is_none())?;
    Some((account, finding.about.clone()))
}

fn joined(changes: &[HandChange]) -> String {
    changes.iter().map(hand_text).collect::<Vec<_>>().join("\n\n")
}

/// What to enter for an order's entries; nothing if the order has lost its address.
fn changes_by_hand(
    r: &Reader<'_>,
    policy: &Policy,
    id: OrderId,
    abouts: &[String],
    now_ms: i64,
) -> Result<Vec<HandChange>, StoreError> {
    if abouts.is_empty() || r.queue_row(id)?.is_none_or(|row| row.blanked_at_ms.is_some()) {
        return Ok(Vec::new());
    }
    Ok(r.story(id)?.map(|story| hand_changes(&story, policy, abouts, now_ms)).unwrap_or_default())
}

/// What to type; `None` if the order has lost its address, or its accounts are gone. `named`: the account it is for;
/// `anyway`: where there is none yet, as if there were one.
pub(crate) fn draft_by_hand(
    r: &Reader<'_>,
    policy: &Policy,
    id: OrderId,
    named: Option<&ConnectionId>,
    anyway: bool,
) -> Result<Option<HubOrderDraft>, StoreError> {
    if r.queue_row(id)?.is_none_or(|row| row.blanked_at_ms.is_some()) {
        return Ok(None);
    }
    let Some(story) = r.story(id)? else { return Ok(None) };
    let Some(channel) = policy.peers.get(&story.channel) else { return Ok(None) };
    let named = named.and_then(|id| policy.peers.get(id));
    let to_come = anyway.then(|| quayside_flows::Peer { roles: vec![Role::Hub], hub: None, ..channel.clone() });
    let Some(hub) = named.or_else(|| policy.hub_of(&story)).or(to_come.as_ref()) else { return Ok(None) };
    let key = hub_key(channel, &story.order, 0);
    Ok(Some(hub_draft(&story, policy, channel, hub, key, true, story.order.ship_by_ms)))
}
