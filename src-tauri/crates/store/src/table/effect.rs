//! The outbox. States and the steps between them are guarded by the schema; here
//! are the ways to read an effect and to change one by hand. Claiming and settling
//! are in `dispatch.rs`, planning in `decide.rs`.

use crate::error::{StoreError, Tried};
use crate::pack::from_json_opt;
use crate::store::{Reader, Topic, Tx};
use crate::table::event::NewEvent;
use crate::words;
use quayside_model::{
    ConnectionId, EffectId, EffectState, Intent, Mode, NO_NEWS_NOW, OrderId, PastEffect, PlannedEffect, Receipt,
    Refusal,
};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;
use std::borrow::Cow;

/// One effect, whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectRow {
    /// Its row.
    pub id: EffectId,
    /// Its permanent key.
    pub key: String,
    /// The order it belongs to; `None`: it is about a count.
    pub order_id: Option<OrderId>,
    /// The account's name of the count it is about.
    pub subject: Option<String>,
    /// Whom it changes.
    pub connection: ConnectionId,
    /// The automation that planned it (or `person`).
    pub automation: String,
    /// What it does, in words.
    pub sentence: String,
    /// What it changes.
    pub intent: Intent,
    /// Where it stands.
    pub state: EffectState,
    /// Its deadline, ms UTC.
    pub ship_by_ms: Option<i64>,
    /// When it was planned, ms UTC.
    pub created_at_ms: i64,
    /// Earliest next try, ms UTC.
    pub not_before_ms: i64,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was first sent, ms UTC.
    pub first_sent_at_ms: Option<i64>,
    /// When it reached its end state, ms UTC.
    pub settled_at_ms: Option<i64>,
    /// The last thing that went wrong.
    pub refusal: Option<Refusal>,
    /// What the platform gave back.
    pub receipt: Option<Receipt>,
    /// What the platform calls it while it works on it.
    pub ticket: Option<String>,
    /// It held at the platform before we asked.
    pub already: bool,
    /// Why it was given up.
    pub skip_reason: Option<String>,
    /// The platform answered that it did it, and does not have it.
    pub missing: bool,
    /// When it was refused, ms UTC; `None` unless it stands refused.
    pub refused_at_ms: Option<i64>,
}

pub(crate) const SELECT: &str = "SELECT id, key, order_id, connection_id, automation, sentence, intent, state, ship_by_ms, created_at_ms, \
     not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason, ticket, \
     (SELECT p.state = 'missing' FROM proof p WHERE p.effect_id = effect.id), \
     CASE state WHEN 'refused' THEN (SELECT max(a.at_ms) FROM attempt a WHERE a.effect_id = effect.id) END, subject FROM effect ";

/// Columns by position, in the order of [`SELECT`]: this is read for every order decided.
pub(crate) fn row_to_effect(reader: &Reader<'_>, row: &Row<'_>) -> Result<EffectRow, StoreError> {
    const TRIED: &str = "read an effect";
    let text = |at: usize| -> Result<Option<String>, StoreError> { row.get(at).tried(TRIED) };
    let intent = row.get_ref(6).and_then(|intent| Ok(intent.as_blob()?)).tried(TRIED)?;
    let state = row.get_ref(7).and_then(|state| Ok(state.as_str()?)).tried(TRIED)?;
    Ok(EffectRow {
        id: EffectId(row.get(0).tried(TRIED)?),
        key: row.get(1).tried(TRIED)?,
        order_id: row.get::<_, Option<i64>>(2).tried(TRIED)?.map(OrderId),
        subject: row.get(21).tried(TRIED)?,
        connection: ConnectionId(row.get(3).tried(TRIED)?),
        automation: row.get(4).tried(TRIED)?,
        sentence: row.get(5).tried(TRIED)?,
        intent: reader.pack.unzip_intent(intent)?,
        state: words::effect_state(state)?,
        ship_by_ms: row.get(8).tried(TRIED)?,
        created_at_ms: row.get(9).tried(TRIED)?,
        not_before_ms: row.get(10).tried(TRIED)?,
        attempts: row.get(11).tried(TRIED)?,
        first_sent_at_ms: row.get(12).tried(TRIED)?,
        settled_at_ms: row.get(13).tried(TRIED)?,
        refusal: from_json_opt(text(14)?)?,
        receipt: from_json_opt(text(15)?)?,
        already: row.get(16).tried(TRIED)?,
        skip_reason: text(17)?,
        ticket: text(18)?,
        missing: row.get::<_, Option<bool>>(19).tried(TRIED)?.unwrap_or(false),
        refused_at_ms: row.get(20).tried(TRIED)?,
    })
}

/// Why a change is given up whose automation may do less than before; `is_withdrawal` knows it again.
#[must_use]
pub fn withdrawal(title: &str, before: Mode, after: Mode) -> String {
    format!("\"{title}\"{SWITCHED}{} to {}", before.code(), after.code())
}

const SWITCHED: &str = " was switched from ";

/// The words of [`withdrawal`], and not whatever a person may have put between quotes.
pub(crate) fn is_withdrawal(why: &str) -> bool {
    let modes = why.strip_prefix('"').and_then(|rest| rest.rsplit_once(SWITCHED));
    let modes = modes.filter(|(title, _)| title.ends_with('"')).and_then(|(_, modes)| modes.split_once(" to "));
    modes.is_some_and(|(before, after)| Mode::from_code(before).is_some() && Mode::from_code(after).is_some())
}

impl EffectRow {
    /// As a decision sees it: what the platform does not have after all was given up.
    pub fn past(self) -> PastEffect {
        let state = if self.missing { EffectState::Skipped } else { self.state };
        // What was tried once was more than planned. What was only put off, for the night say, was not tried.
        let why = self.skip_reason.as_deref().filter(|_| self.state == EffectState::Skipped);
        let withdrawn = why.is_some_and(|why| (self.attempts == 0 && is_withdrawal(why)) || why == NO_NEWS_NOW);
        PastEffect {
            id: self.id,
            key: self.key,
            automation: self.automation,
            connection: self.connection,
            intent: self.intent,
            state,
            attempts: self.attempts,
            created_at_ms: self.created_at_ms,
            not_before_ms: self.not_before_ms,
            first_sent_at_ms: self.first_sent_at_ms,
            settled_at_ms: self.settled_at_ms,
            refused_at_ms: self.refused_at_ms,
            refusal: self.refusal,
            receipt: self.receipt,
            ticket: self.ticket,
            withdrawn,
        }
    }
}

impl Reader<'_> {
    /// One effect.
    pub fn effect(&self, id: EffectId) -> Result<Option<EffectRow>, StoreError> {
        let tried = || format!("read effect {id}");
        let mut statement = self.conn.prepare_cached(&format!("{SELECT} WHERE id = ?1")).tried(tried)?;
        let mut rows = statement.query([id.0]).tried(tried)?;
        rows.next().tried(tried)?.map(|row| row_to_effect(self, row)).transpose()
    }

    /// Every effect ever planned for an order, oldest first.
    pub fn effects_of(&self, order: OrderId) -> Result<Vec<EffectRow>, StoreError> {
        let tried = || format!("read the effects of order {order}");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, key, order_id, connection_id, automation, sentence, intent, state, ship_by_ms, created_at_ms,
                        not_before_ms, attempts, first_sent_at_ms, settled_at_ms, refusal, receipt, already, skip_reason,
                        ticket, (SELECT p.state = 'missing' FROM proof p WHERE p.effect_id = effect.id),
                        CASE state WHEN 'refused' THEN (SELECT max(a.at_ms) FROM attempt a WHERE a.effect_id = effect.id) END, subject
                 FROM effect WHERE order_id = ?1 ORDER BY id",
            )
            .tried(tried)?;
        let mut rows = statement.query([order.0]).tried(tried)?;
        let mut effects = Vec::new();
        while let Some(row) = rows.next().tried(tried)? {
            effects.push(row_to_effect(self, row)?);
        }
        Ok(effects)
    }
}

/// What a person's click needs to know of an effect.
pub(crate) struct Handle {
    pub order_id: Option<OrderId>,
    pub connection: ConnectionId,
    pub sentence: String,
    pub state: EffectState,
}

/// What the timeline says about an effect.
pub(crate) struct EffectLine<'a> {
    pub author: &'a str,
    pub kind: &'a str,
    pub sentence: String,
    /// Anything a screen may want besides: a name and a value.
    pub more: Option<(&'a str, serde_json::Value)>,
}

impl Tx<'_> {
    /// Writes a planned effect to the outbox: Ask waits for a click, Auto goes. Off and
    /// Watch write nothing, and a key that exists stays as it is. `packed` is what it says, if that was made ahead.
    pub(crate) fn plan(
        &mut self,
        order: OrderId,
        effect: &PlannedEffect,
        packed: Option<&[u8]>,
        now_ms: i64,
    ) -> Result<Option<EffectId>, StoreError> {
        let state = match effect.mode {
            Mode::Off | Mode::Watch => return Ok(None),
            Mode::Ask => EffectState::Asked,
            Mode::Auto => EffectState::Pending,
        };
        let tried = || format!("plan \"{}\"", effect.sentence);
        let intent = match packed {
            Some(packed) => Cow::Borrowed(packed),
            None => Cow::Owned(self.pack.zip_json(&effect.intent)?),
        };
        let made = self
            .conn
            .prepare_cached(
                "INSERT INTO effect (key, order_id, connection_id, kind, automation, sentence, intent, state, ship_by_ms,
                                     created_at_ms, not_before_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10) ON CONFLICT (key) DO NOTHING",
            )
            .tried(tried)?
            .execute(params![
                effect.key,
                order.0,
                effect.connection.as_str(),
                effect.intent.kind().code(),
                effect.automation,
                effect.sentence,
                &*intent,
                state.code(),
                effect.ship_by_ms,
                now_ms
            ])
            .tried(tried)?;
        if made == 0 {
            return Ok(None);
        }
        let id = EffectId(self.conn.last_insert_rowid());
        if let Intent::PutHubOrder { order: draft, .. } = &effect.intent {
            self.put_hub_key(&draft.key, order)?;
        }
        self.touch_order(order, Topic::Effects);
        Ok(Some(id))
    }

    pub(crate) fn effect_handle(&self, id: EffectId) -> Result<Option<Handle>, StoreError> {
        let tried = || format!("read effect {id}");
        let found = self
            .conn
            .prepare_cached("SELECT order_id, connection_id, sentence, state FROM effect WHERE id = ?1")
            .tried(tried)?
            .query_row([id.0], |row| {
                Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?))
            })
            .optional()
            .tried(tried)?;
        found
            .map(|(order, connection, sentence, state)| {
                Ok(Handle {
                    order_id: order.map(OrderId),
                    connection: ConnectionId(connection),
                    sentence,
                    state: words::effect_state(&state)?,
                })
            })
            .transpose()
    }

    /// One line of the order's timeline about an effect.
    pub(crate) fn note_effect(
        &mut self,
        id: EffectId,
        handle: &Handle,
        now_ms: i64,
        line: EffectLine<'_>,
    ) -> Result<(), StoreError> {
        let mut detail = serde_json::json!({ "effect": id });
        if let (Some((key, value)), Some(object)) = (line.more, detail.as_object_mut()) {
            object.insert(key.to_owned(), value);
        }
        self.touch_about(handle.order_id, Topic::Effects);
        self.note(&NewEvent {
            order_id: handle.order_id,
            connection: Some(handle.connection.clone()),
            at_ms: now_ms,
            author: line.author.to_owned(),
            kind: line.kind.to_owned(),
            sentence: line.sentence,
            detail: Some(detail),
        })
    }

    fn by_hand(
        &mut self,
        id: EffectId,
        from: &[EffectState],
        set: &str,
        now_ms: i64,
        kind: &str,
        said: &str,
    ) -> Result<bool, StoreError> {
        let tried = || format!("change effect {id}");
        let Some(handle) = self.effect_handle(id)? else { return Ok(false) };
        if !from.contains(&handle.state) {
            return Ok(false);
        }
        self.conn
            .prepare_cached(&format!("UPDATE effect SET {set} WHERE id = ?1"))
            .tried(tried)?
            .execute([id.0, now_ms])
            .tried(tried)?;
        let sentence = format!("{said}: {}", handle.sentence);
        self.note_effect(id, &handle, now_ms, EffectLine { author: "person", kind, sentence, more: None })?;
        Ok(true)
    }

    /// Somebody waits for what is planned for this order: it goes before what automations planned for others, and may
    /// use the calls that are kept for a click. All of it, because effects of one order keep their order. Whatever waits
    /// for its turn is due now; a lost answer is looked up no sooner.
    pub fn hurry(&mut self, order: OrderId, now_ms: i64) -> Result<(), StoreError> {
        let tried = || format!("let the changes of order {order} go first");
        self.conn
            .prepare_cached(
                "UPDATE effect SET urgent = 1,
                     not_before_ms = CASE state WHEN 'pending' THEN min(not_before_ms, ?2) ELSE not_before_ms END
                 WHERE order_id = ?1 AND state IN ('pending', 'running', 'unknown')",
            )
            .tried(tried)?
            .execute([order.0, now_ms])
            .tried(tried)?;
        Ok(())
    }

    /// A person agreed: it goes. False unless it was waiting for the click.
    pub fn approve(&mut self, id: EffectId, now_ms: i64) -> Result<bool, StoreError> {
        let set = "state = 'pending', not_before_ms = ?2";
        self.by_hand(id, &[EffectState::Asked], set, now_ms, "effect_approved", "Approved")
    }

    /// A person wants a refused effect tried again. One that waits for its turn goes at
    /// once; one that waits for a click keeps waiting. True if it will be tried.
    pub fn retry_effect(&mut self, id: EffectId, now_ms: i64) -> Result<bool, StoreError> {
        let set = "state = 'pending', not_before_ms = ?2";
        self.by_hand(id, &[EffectState::Refused, EffectState::Pending], set, now_ms, "effect_retried", "Tried again")
    }

    /// A person wants the outcome of a lost answer looked up at once.
    pub fn look_now(&mut self, id: EffectId, now_ms: i64) -> Result<bool, StoreError> {
        let set = "not_before_ms = ?2";
        self.by_hand(id, &[EffectState::Unknown], set, now_ms, "effect_looked_up", "Looked up now")
    }

    /// Gives an effect up before it is sent, or after it was refused. False if it was
    /// on its way, its outcome is unknown, or it ended already.
    pub fn skip_effect(&mut self, id: EffectId, why: &str, now_ms: i64) -> Result<bool, StoreError> {
        self.skip(id, why, now_ms, "person", "Given up")
    }

    pub(crate) fn skip(
        &mut self,
        id: EffectId,
        why: &str,
        now_ms: i64,
        author: &str,
        said: &str,
    ) -> Result<bool, StoreError> {
        let tried = || format!("give up effect {id}");
        let Some(handle) = self.effect_handle(id)? else { return Ok(false) };
        if !matches!(handle.state, EffectState::Asked | EffectState::Pending | EffectState::Refused) {
            return Ok(false);
        }
        self.conn
            .prepare_cached("UPDATE effect SET state = 'skipped', settled_at_ms = ?2, skip_reason = ?3 WHERE id = ?1")
            .tried(tried)?
            .execute(params![id.0, now_ms, why])
            .tried(tried)?;
        let sentence = format!("{said}: {}. {why}", handle.sentence.trim_end_matches('.'));
        self.note_effect(id, &handle, now_ms, EffectLine { author, kind: "effect_skipped", sentence, more: None })?;
        Ok(true)
    }

    /// Mends what an effect will send, before it is sent or after it was refused. Its kind
    /// and its key stay. False if it is on its way or ended.
    pub fn replace_intent(&mut self, id: EffectId, intent: &Intent) -> Result<bool, StoreError> {
        let tried = || format!("mend effect {id}");
        let Some(handle) = self.effect_handle(id)? else { return Ok(false) };
        if !matches!(handle.state, EffectState::Asked | EffectState::Pending | EffectState::Refused) {
            return Ok(false);
        }
        let packed = self.pack.zip_json(intent)?;
        let replaced = self
            .conn
            .prepare_cached("UPDATE effect SET intent = ?2 WHERE id = ?1 AND kind = ?3")
            .tried(tried)?
            .execute(params![id.0, packed, intent.kind().code()])
            .tried(tried)?;
        if replaced == 0 {
            return Err(StoreError::refused(tried(), "an effect never changes its kind"));
        }
        self.touch_about(handle.order_id, Topic::Effects);
        Ok(true)
    }
}
