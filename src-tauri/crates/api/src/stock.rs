//! The stock screen: SKU by SKU the count that holds, every other count of it, and why one is not written; and a count that
//! a person adjusts.

use crate::act::Done;
use crate::desk::{Desk, locked};
use crate::trouble::Answer;
use crate::undo::Back;
use crate::verbs::person;
use crate::view::Trouble;
use quayside_engine::shelf_facts;
use quayside_flows::Policy;
use quayside_flows::stock::{self, Adjustment};
use quayside_model::{ConnectionId, EffectId, EffectState, Intent, Mode, PlannedWrite, RecordKind, ShelfSays};
use quayside_store::{ShelfPart, StoreError, Tx};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Stable word of the automation that sets counts.
pub const AUTOMATION: &str = stock::ID;

/// Which SKUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StockPart {
    /// All that some account counts.
    #[default]
    All,
    /// Those of which a count is not what it should be.
    Differs,
    /// Those that run low, or out.
    Warned,
}

/// What is asked of the stock screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct StockAsk {
    /// Which SKUs.
    pub part: StockPart,
    /// Looked for anywhere in a SKU.
    pub text: String,
    /// The `next` of the page before; empty: from the beginning.
    pub after: String,
}

/// One SKU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StockRow {
    /// As names are compared: its key.
    pub sku: String,
    /// What is said of it; `None`: it is looked at in a moment.
    pub says: Option<ShelfSays>,
}

/// One page of the stock screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StockPage {
    /// By SKU.
    pub rows: Vec<StockRow>,
    /// Where the next page begins; empty: this was the last.
    pub next: String,
    /// SKUs in all.
    pub all: i64,
    /// Of which a count is not what it should be.
    pub differs: i64,
    /// That run low, or out.
    pub warned: i64,
    /// Names of the accounts.
    pub accounts: BTreeMap<String, String>,
    /// Some account reads counts at all.
    pub counted: bool,
    /// How far the automation may go.
    pub mode: Mode,
}

/// A count that a person changes by so many units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StockAdjust {
    /// The SKU, as in [`StockRow::sku`].
    pub sku: String,
    /// The account.
    pub connection: ConnectionId,
    /// The account's name of the count.
    pub remote_id: String,
    /// Units to add, or (negative) to take away.
    pub by: i64,
    /// Units it showed when the person looked: another number by now refuses it.
    pub shown: i64,
    /// Why, for the record; may be empty.
    pub reason: String,
    /// Only say what would come of it; nothing is changed.
    pub preview: bool,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StockAdjusted {
    /// In one sentence.
    pub sentence: String,
    /// Units before.
    pub before: i64,
    /// Units after.
    pub after: i64,
    /// Token to take it back within a while; `None` for a preview.
    pub undo: Option<String>,
}

/// SKUs of one page.
const PAGE: usize = 100;
/// Longest reason, characters.
const REASON_MAX: usize = 200;

impl Desk {
    /// One page of SKUs.
    pub fn stock(&self, ask: &StockAsk) -> Answer<StockPage> {
        let room = self.room()?;
        let policy = room.policy()?;
        let accounts = room.names()?.into_iter().map(|(id, name)| (id.0, name)).collect();
        let part = match ask.part {
            StockPart::All => ShelfPart::All,
            StockPart::Differs => ShelfPart::Differs,
            StockPart::Warned => ShelfPart::Warned,
        };
        let after = Some(ask.after.as_str()).filter(|after| !after.is_empty());
        let (page, (all, differs, warned), connections) = room
            .store
            .read(|r| Ok((r.shelf_page(part, &ask.text, after, PAGE)?, r.shelf_counts()?, r.connections()?)))?;
        let counted = connections.iter().any(|config| {
            let streams =
                quayside_connectors::platform(&config.platform).map_or(&[][..], |one| one.declaration.streams);
            streams.iter().any(|stream| stream.record == RecordKind::Stock && config.reads(stream.name))
        });
        Ok(StockPage {
            rows: page.rows.into_iter().map(|(sku, says)| StockRow { sku, says }).collect(),
            next: page.next.unwrap_or_default(),
            all: all as i64,
            differs: differs as i64,
            warned: warned as i64,
            accounts,
            counted,
            mode: policy.automation(stock::ID).mode,
        })
    }

    /// Adds units to a count, or takes some away; or says what would come of it.
    pub fn adjust_stock(&self, ask: &StockAdjust) -> Answer<StockAdjusted> {
        if ask.reason.chars().count() > REASON_MAX {
            let sentence = format!("The reason is longer than {REASON_MAX} characters. Shorten it.");
            return Err(Trouble::field("reason", sentence));
        }
        let room = if ask.preview { self.room()? } else { self.writable()? };
        let (policy, now_ms) = (room.policy()?, room.now_ms());
        let wish = Adjustment {
            connection: &ask.connection,
            remote_id: &ask.remote_id,
            by: ask.by,
            shown: ask.shown,
            reason: &ask.reason,
        };
        if ask.preview {
            let known = room.store.read(|r| shelf_facts(r, &policy, &ask.sku, now_ms))?;
            let write = stock::adjust(&known, &policy, &wish, now_ms).map_err(Trouble::input)?;
            return Ok(adjusted(&write, None));
        }
        let planned = room.store.write(|tx| plan(tx, &policy, &ask.sku, &wish, now_ms))?;
        let (write, effect) = planned.map_err(Trouble::input)?;
        room.nudge();
        let token = uuid::Uuid::new_v4().simple().to_string();
        let back = Back::Adjusted { sku: ask.sku.clone(), effect };
        let undo = locked(&room.undo).keep(token, &write.sentence, vec![back], now_ms);
        tracing::info!(connection.id = %ask.connection, "a person adjusted a count");
        Ok(adjusted(&write, undo))
    }
}

fn adjusted(write: &PlannedWrite, undo: Option<String>) -> StockAdjusted {
    let (before, after) = match &write.intent {
        Intent::SetStock { stock } => (stock.expected.unwrap_or_default(), stock.available),
        _ => (0, 0),
    };
    StockAdjusted { sentence: format!("{}.", write.sentence), before, after, undo }
}

/// Plans it on what is known in this very transaction; the inner error is a sentence.
pub(crate) fn plan(
    tx: &mut Tx<'_>,
    policy: &Policy,
    sku: &str,
    wish: &Adjustment<'_>,
    now_ms: i64,
) -> Result<Result<(PlannedWrite, EffectId), String>, StoreError> {
    let facts = shelf_facts(tx, policy, sku, now_ms)?;
    let write = match stock::adjust(&facts, policy, wish, now_ms) {
        Ok(write) => write,
        Err(why) => return Ok(Err(why)),
    };
    let Some(effect) = tx.adjust_count(&write, now_ms)? else {
        return Ok(Err("It is being done already.".to_owned()));
    };
    person(tx, None, Some(wish.connection), now_ms, write.sentence.clone())?;
    Ok(Ok((write, effect)))
}

/// Takes an adjustment back: what was not sent is given up, what was done is done the other way round.
pub(crate) fn adjust_back(
    tx: &mut Tx<'_>,
    policy: &Policy,
    sku: &str,
    id: EffectId,
    now_ms: i64,
) -> Result<(String, Done), StoreError> {
    let Some(effect) = tx.effect(id)? else { return Ok((sku.to_owned(), Done::No("There is no such change.".into()))) };
    let (Intent::SetStock { stock }, Some(subject)) = (&effect.intent, &effect.subject) else {
        return Ok((sku.to_owned(), Done::No("It is no change of a count.".into())));
    };
    let label = stock.sku.clone();
    let done = match effect.state {
        EffectState::Asked | EffectState::Pending | EffectState::Refused => {
            let given_up = tx.skip_effect(id, "taken back by you", now_ms)?;
            tx.mark_subject(&effect.connection, subject, now_ms)?;
            Done::when(given_up, "It is on its way already. Adjust it back once it is there.")
        }
        EffectState::Running | EffectState::Unknown => {
            Done::No("It is on its way. Wait until that has ended, then adjust it back.".into())
        }
        EffectState::Skipped => Done::No("It was given up already.".into()),
        EffectState::Done => {
            let shown = shelf_facts(tx, policy, sku, now_ms)?.counts.into_iter();
            let shown = shown.filter(|count| count.connection == effect.connection && count.remote_id == *subject);
            let wish = Adjustment {
                connection: &effect.connection,
                remote_id: subject,
                by: stock.difference().map_or(0, |by| -by),
                shown: shown.map(|count| count.available).next().unwrap_or(stock.available),
                reason: "taken back",
            };
            match plan(tx, policy, sku, &wish, now_ms)? {
                Ok(_) => Done::yes(),
                Err(why) => Done::No(why),
            }
        }
    };
    Ok((label, done))
}
