//! Orders that somebody types in at a hub that takes none from outside: a text to copy, a file to import there.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_flows::{Policy, by_hand_csv, by_hand_text, hub_draft, hub_key};
use quayside_model::{Cause, ConnectionId, HubOrderDraft, OrderId, Role};
use quayside_store::{ExceptionFilter, Reader, StoreError};
use std::path::Path;

impl Desk {
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
            let Some(draft) = room.store.read(|r| draft_by_hand(r, &policy, id, None, false))? else { continue };
            texts.push((id, by_hand_text(&draft)));
            drafts.push(draft);
        }
        Ok((texts, by_hand_csv(&drafts, with_addresses)))
    }

    /// All of them as one text to copy; how many, and the text.
    pub fn by_hand_text(&self) -> Answer<(i64, String)> {
        let (texts, _) = self.by_hand(false)?;
        let n = texts.len() as i64;
        Ok((n, texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n\n")))
    }

    /// Writes them as CSV; how many orders are in the file.
    pub fn export_by_hand(&self, path: &Path, with_addresses: bool) -> Answer<i64> {
        let (texts, csv) = self.by_hand(with_addresses)?;
        crate::files::write(path, csv.as_bytes())?;
        Ok(texts.len() as i64)
    }

    /// One order as a person types it in at an account that takes none from outside.
    pub fn order_text(&self, id: OrderId) -> Answer<String> {
        let room = self.room()?;
        let policy = room.store.read(quayside_engine::policy::load)?;
        let draft = room.store.read(|r| draft_by_hand(r, &policy, id, None, false))?;
        draft.map(|draft| by_hand_text(&draft)).ok_or_else(|| {
            Trouble::gone(
                "There is nothing to copy: the order's account was removed, or its personal data was taken out on its day.",
            )
        })
    }
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
