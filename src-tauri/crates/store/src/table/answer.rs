//! What platforms answered while a change was tried, as they said it. Changes that travelled in one call share one row.
//!
//! Buyers are in it, and not only those of the order that the change is about: a look by number shows what else has
//! that number, a batch shows all of it. So a row goes whole, with the first of its orders that loses its personal data
//! ([`crate::Tx::blank_personal`]), and by age otherwise (`retention.rs`); the tries themselves stay.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Tx};
use quayside_model::{EffectId, OrderId};
use rusqlite::{OptionalExtension as _, params};

impl Reader<'_> {
    /// What was heard at a try of an effect. `None`: nothing was, or it is not kept any more.
    pub fn answer(&self, effect: EffectId, n: u32) -> Result<Option<String>, StoreError> {
        let tried = || format!("read what was answered at try {n} of effect {effect}");
        let body: Option<Vec<u8>> = self
            .conn
            .prepare_cached(
                "SELECT answer.body FROM attempt JOIN answer ON answer.id = attempt.answer_id
                 WHERE attempt.effect_id = ?1 AND attempt.n = ?2",
            )
            .tried(tried)?
            .query_row(params![effect.0, n], |row| row.get(0))
            .optional()
            .tried(tried)?;
        body.map(|body| Ok(String::from_utf8_lossy(&self.pack.unzip(&body)?).into_owned())).transpose()
    }
}

impl Tx<'_> {
    /// Keeps what was heard at the last try of each of these effects, once for all of them. Nothing is kept where one of
    /// their orders has lost its personal data: it would come back this way.
    pub fn keep_answer(&mut self, effects: &[EffectId], heard: &str, at_ms: i64) -> Result<(), StoreError> {
        const TRIED: &str = "keep what was answered";
        for effect in effects {
            let blanked: bool = self
                .conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM effect JOIN orders ON orders.id = effect.order_id
                                    WHERE effect.id = ?1 AND orders.blanked_at_ms IS NOT NULL)",
                )
                .tried(TRIED)?
                .query_row([effect.0], |row| row.get(0))
                .tried(TRIED)?;
            if blanked {
                return Ok(());
            }
        }
        if effects.is_empty() {
            return Ok(());
        }
        self.conn
            .prepare_cached("INSERT INTO answer (at_ms, body) VALUES (?1, ?2)")
            .tried(TRIED)?
            .execute(params![at_ms, self.pack.zip(heard.as_bytes())?])
            .tried(TRIED)?;
        let answer = self.conn.last_insert_rowid();
        for effect in effects {
            self.conn
                .prepare_cached(
                    "UPDATE attempt SET answer_id = ?2
                     WHERE effect_id = ?1 AND n = (SELECT max(n) FROM attempt WHERE effect_id = ?1)",
                )
                .tried(TRIED)?
                .execute([effect.0, answer])
                .tried(TRIED)?;
        }
        Ok(())
    }

    /// Forgets what was answered at every try of an order's effects: those that share a row lose it, too.
    pub(crate) fn forget_answers_of(&mut self, order: OrderId) -> Result<(), StoreError> {
        const TRIED: &str = "forget what was answered about an order";
        self.conn
            .prepare_cached(
                "DELETE FROM answer WHERE id IN (SELECT attempt.answer_id FROM effect JOIN attempt ON attempt.effect_id = effect.id
                                                 WHERE effect.order_id = ?1 AND attempt.answer_id IS NOT NULL)",
            )
            .tried(TRIED)?
            .execute([order.0])
            .tried(TRIED)?;
        Ok(())
    }
}
