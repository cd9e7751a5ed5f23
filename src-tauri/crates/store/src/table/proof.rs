//! Writes that were answered and never shown. What a platform turns out not to have is handed to decisions as given
//! up ([`EffectRow::past`](super::effect::EffectRow::past)); the effect itself keeps its end state, written once.

use crate::dispatch::Claimed;
use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use crate::table::event::NewEvent;
use quayside_model::{ConnectionId, EffectId, OrderId};
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeMap;

/// What the platform said about a write it had answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It has it.
    Held,
    /// It does not.
    Missing,
    /// It could not say; ask again then, ms UTC.
    AskAgain(i64),
    /// Nobody asks any more: a later change speaks for it, or by the clock as it is now it is too early. Nothing was
    /// learned, so whoever doubts it again may ask again.
    Dropped,
}

impl Reader<'_> {
    /// When the account is next to be asked about a write it answered, ms UTC.
    pub fn next_proof_at(&self, connection: &ConnectionId) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find writes that were never shown";
        self.conn
            .prepare_cached("SELECT min(ask_at_ms) FROM proof WHERE connection_id = ?1 AND state = 'asked'")
            .tried(TRIED)?
            .query_row([connection.as_str()], |row| row.get(0))
            .tried(TRIED)
    }

    /// Writes of an order that the platform was asked about and has, and when it said so, ms UTC.
    pub fn held_of(&self, order: OrderId) -> Result<BTreeMap<EffectId, i64>, StoreError> {
        let tried = || format!("read which changes of order {order} the platforms have");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT p.effect_id, p.ask_at_ms FROM effect e JOIN proof p ON p.effect_id = e.id
                 WHERE e.order_id = ?1 AND p.state = 'held'",
            )
            .tried(tried)?;
        let rows = statement.query_map([order.0], |row| Ok((EffectId(row.get(0)?), row.get(1)?))).tried(tried)?;
        rows.map(|row| row.tried(tried)).collect()
    }

    /// The next write to ask the account about, if one is due.
    pub fn proof_due(&self, connection: &ConnectionId, now_ms: i64) -> Result<Option<Claimed>, StoreError> {
        const TRIED: &str = "find writes that were never shown";
        let id: Option<i64> = self
            .conn
            .prepare_cached(
                "SELECT effect_id FROM proof WHERE connection_id = ?1 AND state = 'asked' AND ask_at_ms <= ?2
                 ORDER BY ask_at_ms, effect_id LIMIT 1",
            )
            .tried(TRIED)?
            .query_row(params![connection.as_str(), now_ms], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        id.map_or(Ok(None), |id| self.effect_as_claimed(EffectId(id)))
    }
}

impl Tx<'_> {
    /// The platform is to be asked about these. Asking is once: an answer stands. A question that was dropped had none.
    pub(crate) fn ask_proof(&mut self, effects: &[EffectId], now_ms: i64) -> Result<(), StoreError> {
        const TRIED: &str = "remember writes that were never shown";
        for id in effects {
            self.conn
                .prepare_cached(
                    "INSERT OR IGNORE INTO proof (effect_id, connection_id, state, ask_at_ms)
                     SELECT id, connection_id, 'asked', ?2 FROM effect WHERE id = ?1 AND state = 'done'",
                )
                .tried(TRIED)?
                .execute(params![id.0, now_ms])
                .tried(TRIED)?;
        }
        Ok(())
    }

    /// Writes down what the platform said.
    pub fn settle_proof(
        &mut self,
        claimed: &Claimed,
        proof: Proof,
        title: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "write down what became of a write";
        let (state, at_ms) = match proof {
            Proof::Held => ("held", now_ms),
            Proof::Missing => ("missing", now_ms),
            Proof::AskAgain(at_ms) => ("asked", at_ms),
            Proof::Dropped => {
                self.conn
                    .prepare_cached("DELETE FROM proof WHERE effect_id = ?1 AND state = 'asked'")
                    .tried(TRIED)?
                    .execute([claimed.id.0])
                    .tried(TRIED)?;
                return Ok(());
            }
        };
        self.conn
            .prepare_cached("UPDATE proof SET state = ?2, ask_at_ms = ?3 WHERE effect_id = ?1")
            .tried(TRIED)?
            .execute(params![claimed.id.0, state, at_ms])
            .tried(TRIED)?;
        if proof == Proof::Missing {
            self.touch_about(claimed.order_id, Topic::Effects);
            let what = claimed.intent.kind().phrase();
            self.note(&NewEvent {
                order_id: claimed.order_id,
                connection: Some(claimed.connection.clone()),
                at_ms: now_ms,
                author: "quayside".to_owned(),
                kind: "effect_missing".to_owned(),
                sentence: format!("{title} had answered that it did ({what}), but does not have it, or not all of it: it counts as not done"),
                detail: None,
            })?;
        }
        Ok(())
    }
}
