//! Every try of an effect, and every look at the platform after a lost answer.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json_opt, json_text};
use crate::store::{Reader, Tx};
use crate::trail::{Salt, said_sum};
use quayside_model::{EffectId, Refusal};
use rusqlite::params;
use serde::Serialize;

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AttemptRow {
    /// The effect.
    pub effect_id: EffectId,
    /// First, second, …
    pub n: u32,
    /// When the answer came or was given up, ms UTC.
    pub at_ms: i64,
    /// How long it took, ms.
    pub duration_ms: i64,
    /// The platform was asked whether it holds; nothing was sent.
    pub looked: bool,
    /// `done`, `already`, `waits`, `refused`, `unknown` or `skipped`.
    pub outcome: String,
    /// What the platform said against it.
    pub refusal: Option<Refusal>,
    /// The platform's name for the request.
    pub request_id: Option<String>,
    /// What was answered is still here: [`Reader::answer`].
    pub has_answer: bool,
}

pub(crate) struct NewAttempt<'a> {
    pub effect: EffectId,
    pub at_ms: i64,
    pub duration_ms: i64,
    pub looked: bool,
    pub outcome: &'static str,
    pub refusal: Option<&'a Refusal>,
    pub request_id: Option<&'a str>,
}

impl Reader<'_> {
    /// All tries of an effect, oldest first.
    pub fn attempts_of(&self, effect: EffectId) -> Result<Vec<AttemptRow>, StoreError> {
        let tried = || format!("read the attempts of effect {effect}");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT n, at_ms, duration_ms, looked, outcome, refusal, request_id, answer_id IS NOT NULL AS has_answer
                 FROM attempt WHERE effect_id = ?1 ORDER BY n",
            )
            .tried(tried)?;
        let rows = statement
            .query_map([effect.0], |row| {
                Ok((
                    AttemptRow {
                        effect_id: effect,
                        n: row.get("n")?,
                        at_ms: row.get("at_ms")?,
                        duration_ms: row.get("duration_ms")?,
                        looked: row.get("looked")?,
                        outcome: row.get("outcome")?,
                        refusal: None,
                        request_id: row.get("request_id")?,
                        has_answer: row.get("has_answer")?,
                    },
                    row.get::<_, Option<String>>("refusal")?,
                ))
            })
            .tried(tried)?;
        rows.map(|row| {
            let (attempt, refusal) = row.tried(tried)?;
            Ok(AttemptRow { refusal: from_json_opt(refusal)?, ..attempt })
        })
        .collect()
    }
}

impl Tx<'_> {
    pub(crate) fn put_attempt(&mut self, attempt: &NewAttempt<'_>) -> Result<(), StoreError> {
        let tried = || format!("write down an attempt of effect {}", attempt.effect);
        let refusal = attempt.refusal.map(json_text).transpose()?;
        self.conn
            .prepare_cached(
                "INSERT INTO attempt (effect_id, n, at_ms, duration_ms, looked, outcome, refusal, request_id)
                 SELECT ?1, 1 + ifnull(max(n), 0), ?2, ?3, ?4, ?5, ?6, ?7 FROM attempt WHERE effect_id = ?1",
            )
            .tried(tried)?
            .execute(params![
                attempt.effect.0,
                attempt.at_ms,
                attempt.duration_ms,
                attempt.looked,
                attempt.outcome,
                refusal,
                attempt.request_id
            ])
            .tried(tried)?;
        self.put_said(attempt.effect, refusal.as_deref())
    }

    /// What the newest try of an effect sent and what was said against it, as they will be sealed.
    fn put_said(&mut self, effect: EffectId, refusal: Option<&str>) -> Result<(), StoreError> {
        let tried = || format!("write down what an attempt of effect {effect} said");
        let (salt, intent): (Salt, Vec<u8>) = self
            .conn
            .prepare_cached("SELECT randomblob(16), intent FROM effect WHERE id = ?1")
            .tried(tried)?
            .query_row([effect.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .tried(tried)?;
        self.conn
            .prepare_cached(
                "INSERT INTO attempt_said (effect_id, n, salt, sent, refused)
                 SELECT ?1, max(n), ?2, ?3, ?4 FROM attempt WHERE effect_id = ?1",
            )
            .tried(tried)?
            .execute(params![
                effect.0,
                salt,
                said_sum("sent", Some(&intent), &salt),
                said_sum("refused", refusal.map(str::as_bytes), &salt)
            ])
            .tried(tried)?;
        Ok(())
    }
}
