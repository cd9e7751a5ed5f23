//! The line in front of each account: who is next, and what became of it.
//!
//! A person's click goes first, then deadlines, then age. Effects of one order keep their order strictly
//! (what is only said about it, among itself):
//! none is claimed while an earlier one of the same order is asked, pending, running
//! or unknown. The call to the platform stands between [`Tx::claim`] and
//! [`Tx::settle`], in no transaction at all.

use crate::error::{StoreError, Tried};
use crate::pack::json_text;
use crate::store::{Reader, Topic, Tx};
use crate::table::attempt::NewAttempt;
use crate::table::effect::{EffectLine, Handle};
use crate::words;
use quayside_model::{Cause, ConnectionId, EffectId, EffectState, Intent, IntentKind, OrderId, Receipt, Refusal};
use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::json;

/// An effect taken out of the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// Its row.
    pub id: EffectId,
    /// Its permanent key.
    pub key: String,
    /// The order it belongs to; `None`: it is about a count.
    pub order_id: Option<OrderId>,
    /// What people call that order, or the SKU that is counted.
    pub order_number: String,
    /// The account's name of the count it is about.
    pub subject: Option<String>,
    /// Whom it changes.
    pub connection: ConnectionId,
    /// What it changes.
    pub intent: Intent,
    /// How often it was sent, this time included.
    pub attempts: u32,
    /// When it was first sent, before this claim, ms UTC; `None`: never.
    pub first_sent_at_ms: Option<i64>,
    /// When it was sent last, before this claim, ms UTC; `None`: never.
    pub last_sent_at_ms: Option<i64>,
    /// What the platform calls it while it works on it.
    pub ticket: Option<String>,
    /// Its deadline, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// When it was planned, ms UTC.
    pub created_at_ms: i64,
    /// A person waits for it.
    pub urgent: bool,
}

/// What became of a claimed effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It holds at the platform. The end.
    Done {
        /// What the platform gave back.
        receipt: Receipt,
        /// It held before we asked.
        already: bool,
    },
    /// It did not happen, and goes back into the line.
    Waits {
        /// Earliest next try, ms UTC.
        until_ms: i64,
        /// What stood in the way.
        refusal: Option<Refusal>,
        /// False: waiting is not failing (a rate limit, no network).
        spends_attempt: bool,
    },
    /// It did not happen and needs a person.
    Refused(Refusal),
    /// The answer is lost.
    Unknown {
        /// What happened to it.
        refusal: Refusal,
        /// When to look it up at the platform, ms UTC.
        look_at_ms: i64,
    },
    /// The platform took it and works on it: unknown until it is looked up, by this ticket.
    UnderWay {
        /// What the platform calls it.
        ticket: String,
        /// What is going on.
        refusal: Refusal,
        /// When to look it up at the platform, ms UTC.
        look_at_ms: i64,
    },
    /// It must not happen any more. The end.
    Skipped(String),
}

/// An earlier effect of the same order is not settled. What is only said about an order (facts, that it was taken in, that it is held)
/// follows its own kind and nothing else: a parcel is not kept from being told because a remark waits for a click. So do
/// refunds in a hub's books, answers to return requests, and records kept elsewhere; one that waits for a click holds up those of its own automation
/// only. A message to the buyer holds up nothing and waits for nothing; nor does a label hold
/// up anything before it is sent for: somebody may buy it at the hub meanwhile, or its address may change. It waits itself
/// for whatever moves its order at the hub, later changes too: what was paid for the old address, or for an order that was
/// just cancelled or held, is lost. Parts of an order at several hubs do not wait for one another: what may not be at two places
/// at once is only planned where the other place has let go of it.
macro_rules! blocked {
    () => {
        "(EXISTS (SELECT 1 FROM effect earlier WHERE earlier.order_id = e.order_id AND earlier.id < e.id
                 AND earlier.state IN ('asked', 'pending', 'running', 'unknown')
                 AND (earlier.kind IN ('annotate_order', 'acknowledge_order', 'show_hold'))
                     = (e.kind IN ('annotate_order', 'acknowledge_order', 'show_hold'))
                 AND (earlier.kind = 'put_record') = (e.kind = 'put_record')
                 AND (earlier.kind = 'record_refund') = (e.kind = 'record_refund')
                 AND (earlier.kind = 'answer_return') = (e.kind = 'answer_return')
                 AND earlier.kind <> 'tell_buyer' AND e.kind <> 'tell_buyer'
                 AND (earlier.kind <> 'buy_label' OR earlier.state IN ('running', 'unknown'))
                 AND (earlier.connection_id = e.connection_id
                      OR earlier.kind NOT IN ('put_hub_order', 'cancel_hub_order', 'hold_hub_order', 'release_hub_order')
                      OR e.kind NOT IN ('put_hub_order', 'cancel_hub_order', 'hold_hub_order', 'release_hub_order'))
                 AND (e.kind <> 'put_record' OR earlier.state <> 'asked' OR earlier.automation = e.automation))
          OR (e.kind = 'buy_label' AND EXISTS (SELECT 1 FROM effect later WHERE later.order_id = e.order_id AND later.id > e.id
                 AND later.state IN ('asked', 'pending', 'running', 'unknown')
                 AND later.kind IN ('put_hub_order', 'cancel_hub_order', 'hold_hub_order', 'release_hub_order',
                                    'cancel_channel_order'))))"
    };
}

macro_rules! claim_columns {
    () => {
        "e.id, e.key, e.order_id, ifnull(o.number, e.subject_name), e.connection_id, e.intent, e.attempts, e.first_sent_at_ms, e.last_sent_at_ms,
         e.ship_by_ms, e.created_at_ms, e.ticket, e.urgent, e.subject"
    };
}

impl Reader<'_> {
    /// When the account's outbox next has something to do, ms UTC: the earliest
    /// `not_before_ms` of a pending effect that is not blocked, or of an unknown one.
    pub fn next_effect_at(&self, connection: &ConnectionId) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find the next effect";
        self.conn
            .prepare_cached(concat!(
                "SELECT e.not_before_ms FROM effect e INDEXED BY effect_next
                 WHERE e.connection_id = ?1 AND e.state IN ('pending', 'unknown')
                   AND (e.state = 'unknown' OR NOT ",
                blocked!(),
                ") ORDER BY e.not_before_ms, e.id LIMIT 1"
            ))
            .tried(TRIED)?
            .query_row([connection.as_str()], |row| row.get(0))
            .optional()
            .tried(TRIED)
    }

    /// Whether something that a person clicked on is due for the account, and how it stands: pending, to be sent; or
    /// unknown, to be looked up.
    pub fn urgent_due(&self, connection: &ConnectionId, now_ms: i64) -> Result<Option<EffectState>, StoreError> {
        const TRIED: &str = "find what a person clicked on";
        let state: Option<String> = self
            .conn
            .prepare_cached(concat!(
                "SELECT e.state FROM effect e INDEXED BY effect_urgent
                 WHERE e.connection_id = ?1 AND e.urgent = 1 AND e.state IN ('pending', 'unknown') AND e.not_before_ms <= ?2
                   AND (e.state = 'unknown' OR NOT ",
                blocked!(),
                ") ORDER BY e.not_before_ms, e.id LIMIT 1"
            ))
            .tried(TRIED)?
            .query_row(params![connection.as_str(), now_ms], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        state.as_deref().map(words::effect_state).transpose()
    }

    /// An effect in the shape in which the platform is asked about it.
    pub(crate) fn effect_as_claimed(&self, id: EffectId) -> Result<Option<Claimed>, StoreError> {
        const TRIED: &str = "read an effect";
        let mut statement = self
            .conn
            .prepare_cached(concat!(
                "SELECT ",
                claim_columns!(),
                " FROM effect e LEFT JOIN orders o ON o.id = e.order_id WHERE e.id = ?1"
            ))
            .tried(TRIED)?;
        let mut rows = statement.query([id.0]).tried(TRIED)?;
        rows.next().tried(TRIED)?.map(|row| self.claimed(row)).transpose()
    }

    /// Tickets of an account's effects planned since a moment: effect key and ticket.
    pub fn tickets(&self, connection: &ConnectionId, since_ms: i64) -> Result<Vec<(String, String)>, StoreError> {
        const TRIED: &str = "read the tickets of an account";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT key, ticket FROM effect INDEXED BY effect_ticket
                 WHERE connection_id = ?1 AND created_at_ms >= ?2 AND ticket IS NOT NULL",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![connection.as_str(), since_ms], |row| Ok((row.get(0)?, row.get(1)?)))
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Effects of an account, planned since a moment, that were sent, that nobody knows the outcome of, and that have no
    /// ticket: effect key and kind. Still looked for, or handed to a person because nobody could tell.
    pub fn lost(&self, connection: &ConnectionId, since_ms: i64) -> Result<Vec<(String, IntentKind)>, StoreError> {
        const TRIED: &str = "read the lost answers of an account";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT key, kind FROM effect INDEXED BY effect_parked
                 WHERE state IN ('running', 'unknown', 'refused')
                   AND (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused')
                   AND connection_id = ?1 AND created_at_ms >= ?2 AND ticket IS NULL AND first_sent_at_ms IS NOT NULL
                   AND (state <> 'refused' OR json_extract(refusal, '$.cause') = ?3)",
            )
            .tried(TRIED)?;
        let mut rows =
            statement.query(params![connection.as_str(), since_ms, Cause::NotUnderstood.code()]).tried(TRIED)?;
        let mut lost = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let kind: String = row.get(1).tried(TRIED)?;
            lost.push((row.get(0).tried(TRIED)?, words::intent_kind(&kind)?));
        }
        Ok(lost)
    }

    /// Effects of an account that were sent and whose end nobody knows, and those of `besides` that are not over: keys.
    pub fn begun(&self, connection: &ConnectionId, besides: &[String]) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "read what was begun at an account";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT key FROM effect INDEXED BY effect_parked
                 WHERE state IN ('running', 'unknown')
                   AND (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused')
                   AND connection_id = ?1",
            )
            .tried(TRIED)?;
        let rows = statement.query_map([connection.as_str()], |row| row.get(0)).tried(TRIED)?;
        let mut keys: Vec<String> = rows.collect::<Result<_, _>>().tried(TRIED)?;
        for key in besides.iter().filter(|key| !keys.contains(key)).cloned().collect::<Vec<_>>() {
            let waits: bool = self
                .conn
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM effect WHERE key = ?1 AND state = 'pending')")
                .tried(TRIED)?
                .query_row([&key], |row| row.get(0))
                .tried(TRIED)?;
            if waits {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    fn claimed(&self, row: &Row<'_>) -> Result<Claimed, StoreError> {
        const TRIED: &str = "read an effect";
        let intent = row.get_ref(5).and_then(|intent| Ok(intent.as_blob()?)).tried(TRIED)?;
        Ok(Claimed {
            id: EffectId(row.get(0).tried(TRIED)?),
            key: row.get(1).tried(TRIED)?,
            order_id: row.get::<_, Option<i64>>(2).tried(TRIED)?.map(OrderId),
            order_number: row.get(3).tried(TRIED)?,
            connection: ConnectionId(row.get(4).tried(TRIED)?),
            intent: self.pack.unzip_intent(intent)?,
            attempts: row.get(6).tried(TRIED)?,
            first_sent_at_ms: row.get(7).tried(TRIED)?,
            last_sent_at_ms: row.get(8).tried(TRIED)?,
            ship_by_ms: row.get(9).tried(TRIED)?,
            created_at_ms: row.get(10).tried(TRIED)?,
            ticket: row.get(11).tried(TRIED)?,
            urgent: row.get(12).tried(TRIED)?,
            subject: row.get(13).tried(TRIED)?,
        })
    }
}

impl Tx<'_> {
    /// Takes what is due next: effects of one kind, the kind of the most urgent one,
    /// at most `batch_max` of that kind. They are running from now on.
    pub fn claim(
        &mut self,
        connection: &ConnectionId,
        now_ms: i64,
        batch_max: &dyn Fn(IntentKind) -> usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        const TRIED: &str = "take the next effects out of the outbox";
        let kind: Option<String> = self
            .conn
            .prepare_cached(concat!(
                "SELECT e.kind FROM effect e INDEXED BY effect_due
                 WHERE e.connection_id = ?1 AND e.state = 'pending' AND e.not_before_ms <= ?2 AND NOT ",
                blocked!(),
                " ORDER BY e.urgent DESC, e.due_ms, e.id LIMIT 1"
            ))
            .tried(TRIED)?
            .query_row(params![connection.as_str(), now_ms], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        let Some(kind) = kind else { return Ok(Vec::new()) };
        let kind = words::intent_kind(&kind)?;
        let limit = batch_max(kind).max(1);
        let mut claimed = self.claimable(
            concat!(
                "SELECT ",
                claim_columns!(),
                " FROM effect e INDEXED BY effect_due LEFT JOIN orders o ON o.id = e.order_id
                 WHERE e.connection_id = ?1 AND e.state = 'pending' AND e.not_before_ms <= ?2 AND e.kind = ?3 AND NOT ",
                blocked!(),
                " ORDER BY e.urgent DESC, e.due_ms, e.id LIMIT ?4"
            ),
            params![connection.as_str(), now_ms, kind.code(), limit as i64],
        )?;
        for effect in &mut claimed {
            self.conn
                .prepare_cached(
                    "UPDATE effect SET state = 'running', attempts = attempts + 1, first_sent_at_ms = ifnull(first_sent_at_ms, ?2),
                         last_sent_at_ms = ?2
                     WHERE id = ?1",
                )
                .tried(TRIED)?
                .execute([effect.id.0, now_ms])
                .tried(TRIED)?;
            effect.attempts += 1;
            self.touch_about(effect.order_id, Topic::Effects);
        }
        Ok(claimed)
    }

    /// One of a kind was turned away by the account's allowance until a moment: whoever stands behind it waits as long,
    /// instead of being taken out, turned away and put back one by one, and says the same, unless it has more to say. What
    /// a person clicked on does not wait: some calls are kept for it. How many do.
    pub fn let_line_wait(
        &mut self,
        connection: &ConnectionId,
        kind: IntentKind,
        until_ms: i64,
        why: &Refusal,
    ) -> Result<usize, StoreError> {
        const TRIED: &str = "let the line wait for an allowance";
        self.conn
            .prepare_cached(
                "UPDATE effect SET not_before_ms = ?3, refusal = ifnull(refusal, ?4)
                 WHERE connection_id = ?1 AND state = 'pending' AND kind = ?2 AND urgent = 0 AND not_before_ms < ?3",
            )
            .tried(TRIED)?
            .execute(params![connection.as_str(), kind.code(), until_ms, json_text(why)?])
            .tried(TRIED)
    }

    /// Effects whose answer was lost and which are due to be looked up. They stay unknown.
    pub fn claim_unknown(
        &mut self,
        connection: &ConnectionId,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        self.claimable(
            concat!(
                "SELECT ",
                claim_columns!(),
                " FROM effect e INDEXED BY effect_parked LEFT JOIN orders o ON o.id = e.order_id
                 WHERE e.connection_id = ?1 AND e.state = 'unknown' AND e.not_before_ms <= ?2
                   AND (e.state = 'asked' OR e.state = 'running' OR e.state = 'unknown' OR e.state = 'refused')
                 ORDER BY e.urgent DESC, e.due_ms, e.id LIMIT ?3"
            ),
            params![connection.as_str(), now_ms, limit as i64],
        )
    }

    fn claimable(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Claimed>, StoreError> {
        const TRIED: &str = "read the outbox";
        let mut statement = self.conn.prepare_cached(sql).tried(TRIED)?;
        let mut rows = statement.query(params).tried(TRIED)?;
        let mut claimed = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            claimed.push(self.claimed(row)?);
        }
        Ok(claimed)
    }

    /// Writes down what became of an effect that was running or unknown: its state, the
    /// attempt, a line of the timeline. False if it was neither any more.
    /// `duration_ms` is how long the call took.
    pub fn settle(
        &mut self,
        id: EffectId,
        settlement: &Settlement,
        now_ms: i64,
        duration_ms: i64,
    ) -> Result<bool, StoreError> {
        let Some(handle) = self.effect_handle(id)? else { return Ok(false) };
        if !matches!(handle.state, EffectState::Running | EffectState::Unknown) {
            return Ok(false);
        }
        let before = self.refusal_of(id)?;
        let (outcome, refusal) = self.settle_row(id, &handle, settlement, now_ms)?;
        self.put_attempt(&NewAttempt {
            effect: id,
            at_ms: now_ms,
            duration_ms,
            looked: handle.state == EffectState::Unknown,
            outcome,
            refusal,
            request_id: match settlement {
                Settlement::Done { receipt, .. } => receipt.request_id.as_deref(),
                _ => refusal.and_then(|refusal| refusal.request_id.as_deref()),
            },
        })?;
        // What repeats is told once: waiting for a limit ten times is one line.
        let waiting = matches!(settlement, Settlement::Waits { .. } | Settlement::Unknown { .. });
        let repeats =
            waiting && refusal.is_some_and(|now| before.is_some_and(|before| before.sentence == now.sentence));
        let silent = matches!(settlement, Settlement::Waits { refusal: None, .. });
        if repeats || silent {
            self.touch_about(handle.order_id, Topic::Effects);
        } else {
            self.tell_settlement(id, &handle, settlement, now_ms)?;
        }
        Ok(true)
    }

    fn refusal_of(&self, id: EffectId) -> Result<Option<Refusal>, StoreError> {
        const TRIED: &str = "read an effect";
        let text: Option<String> = self
            .conn
            .prepare_cached("SELECT refusal FROM effect WHERE id = ?1")
            .tried(TRIED)?
            .query_row([id.0], |row| row.get(0))
            .tried(TRIED)?;
        crate::pack::from_json_opt(text)
    }

    fn settle_row<'s>(
        &mut self,
        id: EffectId,
        handle: &Handle,
        settlement: &'s Settlement,
        now_ms: i64,
    ) -> Result<(&'static str, Option<&'s Refusal>), StoreError> {
        let tried = || format!("write down what became of \"{}\"", handle.sentence);
        match settlement {
            Settlement::Done { receipt, already } => {
                self.conn
                    .prepare_cached(
                        "UPDATE effect SET state = 'done', settled_at_ms = ?2, receipt = ?3, already = ?4, refusal = NULL WHERE id = ?1",
                    )
                    .tried(tried)?
                    .execute(params![id.0, now_ms, json_text(receipt)?, already])
                    .tried(tried)?;
                Ok((if *already { "already" } else { "done" }, None))
            }
            Settlement::Waits { until_ms, refusal, spends_attempt } => {
                self.conn
                    .prepare_cached(
                        "UPDATE effect SET state = 'pending', not_before_ms = ?2, refusal = ?3, attempts = max(0, attempts - ?4),
                             ticket = NULL, urgent = CASE WHEN ?4 = 0 AND ?3 IS NOT NULL THEN 0 ELSE urgent END
                         WHERE id = ?1",
                    )
                    .tried(tried)?
                    .execute(params![
                        id.0,
                        until_ms,
                        refusal.as_ref().map(json_text).transpose()?,
                        i64::from(!spends_attempt)
                    ])
                    .tried(tried)?;
                Ok(("waits", refusal.as_ref()))
            }
            Settlement::Refused(refusal) => {
                self.conn
                    .prepare_cached("UPDATE effect SET state = 'refused', refusal = ?2 WHERE id = ?1")
                    .tried(tried)?
                    .execute(params![id.0, json_text(refusal)?])
                    .tried(tried)?;
                // What the store said money would come to holds no longer: it is asked anew.
                self.conn
                    .prepare_cached(
                        "DELETE FROM refund_quote
                         WHERE order_id = (SELECT order_id FROM effect WHERE id = ?1 AND kind = 'refund')",
                    )
                    .tried(tried)?
                    .execute([id.0])
                    .tried(tried)?;
                Ok(("refused", Some(refusal)))
            }
            Settlement::Unknown { refusal, look_at_ms } => {
                self.conn
                    .prepare_cached(
                        "UPDATE effect SET state = 'unknown', refusal = ?2, not_before_ms = ?3 WHERE id = ?1",
                    )
                    .tried(tried)?
                    .execute(params![id.0, json_text(refusal)?, look_at_ms])
                    .tried(tried)?;
                Ok(("unknown", Some(refusal)))
            }
            Settlement::UnderWay { ticket, refusal, look_at_ms } => {
                self.conn
                    .prepare_cached(
                        "UPDATE effect SET state = 'unknown', refusal = ?2, not_before_ms = ?3, ticket = ?4 WHERE id = ?1",
                    )
                    .tried(tried)?
                    .execute(params![id.0, json_text(refusal)?, look_at_ms, ticket])
                    .tried(tried)?;
                Ok(("unknown", Some(refusal)))
            }
            Settlement::Skipped(why) => {
                self.conn
                    .prepare_cached(
                        "UPDATE effect SET state = 'skipped', settled_at_ms = ?2, skip_reason = ?3 WHERE id = ?1",
                    )
                    .tried(tried)?
                    .execute(params![id.0, now_ms, why])
                    .tried(tried)?;
                Ok(("skipped", None))
            }
        }
    }

    fn tell_settlement(
        &mut self,
        id: EffectId,
        handle: &Handle,
        settlement: &Settlement,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let what = handle.sentence.trim_end_matches('.');
        let because = |refusal: &Refusal| Some(("refusal", json!(refusal)));
        let (kind, sentence, more) = match settlement {
            Settlement::Done { receipt, already } => {
                let said = if *already { "Was so already" } else { "Done" };
                let note = receipt.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
                ("effect_done", format!("{said}: {what}{note}"), Some(("receipt", json!(receipt))))
            }
            Settlement::Waits { refusal, .. } => {
                let why = refusal.as_ref().map(|refusal| format!(". {}", refusal.sentence)).unwrap_or_default();
                ("effect_waits", format!("Put off: {what}{why}"), refusal.as_ref().and_then(because))
            }
            Settlement::Refused(refusal) => {
                ("effect_refused", format!("Refused: {what}. {}", refusal.sentence), because(refusal))
            }
            Settlement::Unknown { refusal, .. } => {
                ("effect_unknown", format!("Outcome unknown: {what}. {}", refusal.sentence), because(refusal))
            }
            Settlement::UnderWay { ticket, refusal, .. } => (
                "effect_under_way",
                format!("The platform works on it: {what}. {}", refusal.sentence),
                Some(("ticket", json!(ticket))),
            ),
            Settlement::Skipped(why) => ("effect_skipped", format!("Given up: {what}. {why}"), None),
        };
        self.note_effect(id, handle, now_ms, EffectLine { author: "quayside", kind, sentence, more })
    }

    /// What was on its way when the program ended: its outcome is unknown now, and looked up before anything is sent again.
    /// Returns how many there were.
    pub fn recover_running(&mut self, now_ms: i64) -> Result<usize, StoreError> {
        self.outcome_unknown(None, "Quayside ended before the answer came.", now_ms)
    }

    /// The same of one account, whose work broke off, or whose results could not be written down. Whoever calls it knows that
    /// nothing of the account is on its way.
    pub fn recover_running_of(&mut self, connection: &ConnectionId, now_ms: i64) -> Result<usize, StoreError> {
        let why = "The answer came, or did not, and could not be written down: the work on this account broke off.";
        self.outcome_unknown(Some(connection), why, now_ms)
    }

    fn outcome_unknown(
        &mut self,
        connection: Option<&ConnectionId>,
        why: &str,
        now_ms: i64,
    ) -> Result<usize, StoreError> {
        const TRIED: &str = "find what was on its way";
        let running: Vec<EffectId> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id FROM effect INDEXED BY effect_parked
                     WHERE state = 'running' AND (?1 IS NULL OR connection_id = ?1)
                       AND (state = 'asked' OR state = 'running' OR state = 'unknown' OR state = 'refused') ORDER BY id",
                )
                .tried(TRIED)?;
            let rows = statement
                .query_map([connection.map(ConnectionId::as_str)], |row| row.get(0).map(EffectId))
                .tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        let sentence = format!("{why} The platform is asked whether it holds before anything is sent again.");
        let refusal = Refusal::new(Cause::OutcomeUnknown, sentence);
        for id in &running {
            self.settle(*id, &Settlement::Unknown { refusal: refusal.clone(), look_at_ms: now_ms }, now_ms, 0)?;
        }
        Ok(running.len())
    }
}
