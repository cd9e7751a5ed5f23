//! The exceptions list: what needs a person now, and what did.
//!
//! A finding has an owner, who raises it again and again while it lasts and closes
//! it when it is gone; a condition that repeats is one row with a count. Listing
//! and grouping for the screen is in `exceptions.rs`.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use crate::words;
use quayside_model::{
    AccountFindings, CUSTOMER_ENTRY, Cause, Choices, ConnectionId, EffectId, ExceptionId, Finding, OrderId,
    PRODUCT_SUBJECT, Refusal,
};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// Who raises a finding and closes it by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Decision,
    Reading,
    Account,
}

impl Owner {
    fn code(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Reading => "reading",
            Self::Account => "account",
        }
    }
}

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// Needs somebody.
    Open,
    /// Put away until a moment.
    Snoozed,
    /// Over.
    Resolved,
}

impl FindingState {
    /// Stable word for storage.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }
}

/// One entry of the exceptions list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// Its row.
    pub id: ExceptionId,
    /// The order it is about; `None` for an account as a whole.
    pub order_id: Option<OrderId>,
    /// The account it is about.
    pub connection: Option<ConnectionId>,
    /// The effect it is about.
    pub effect_id: Option<EffectId>,
    /// Chooses title, icon, tone and buttons.
    pub cause: Cause,
    /// Tells two findings of one cause apart.
    pub about: String,
    /// What happened, what it means, what to do.
    pub sentence: String,
    /// The platform's own words.
    pub said: Option<String>,
    /// Where it stands.
    pub state: FindingState,
    /// First seen, ms UTC.
    pub opened_at_ms: i64,
    /// Last seen, ms UTC.
    pub last_seen_at_ms: i64,
    /// How often it was seen.
    pub count: u32,
    /// Wakes up then, ms UTC.
    pub snoozed_until_ms: Option<i64>,
    /// Over since, ms UTC.
    pub resolved_at_ms: Option<i64>,
    /// `itself` or `person`.
    pub resolved_by: Option<String>,
    /// Who looks after it; empty: nobody in particular.
    pub assignee: String,
}

pub(crate) const COLUMNS: &str = "f.id, f.order_id, f.connection_id, f.effect_id, f.cause, f.about, f.sentence, f.said, f.state, \
     f.opened_at_ms, f.last_seen_at_ms, f.count, f.snoozed_until_ms, f.resolved_at_ms, f.resolved_by, f.assignee";

pub(crate) fn row_to_finding(row: &Row<'_>) -> rusqlite::Result<Result<FindingRow, StoreError>> {
    let state = match row.get_ref("state")?.as_str()? {
        "open" => FindingState::Open,
        "snoozed" => FindingState::Snoozed,
        _ => FindingState::Resolved,
    };
    let cause = match words::cause(row.get_ref("cause")?.as_str()?) {
        Ok(cause) => cause,
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(FindingRow {
        id: ExceptionId(row.get("id")?),
        order_id: row.get::<_, Option<i64>>("order_id")?.map(OrderId),
        connection: row.get::<_, Option<String>>("connection_id")?.map(ConnectionId),
        effect_id: row.get::<_, Option<i64>>("effect_id")?.map(EffectId),
        cause,
        about: row.get("about")?,
        sentence: row.get("sentence")?,
        said: row.get("said")?,
        state,
        opened_at_ms: row.get("opened_at_ms")?,
        last_seen_at_ms: row.get("last_seen_at_ms")?,
        count: row.get("count")?,
        snoozed_until_ms: row.get("snoozed_until_ms")?,
        resolved_at_ms: row.get("resolved_at_ms")?,
        resolved_by: row.get("resolved_by")?,
        assignee: row.get("assignee")?,
    }))
}

/// What an owner raises.
pub(crate) struct NewFinding<'a> {
    pub owner: Owner,
    pub order_id: Option<OrderId>,
    pub connection: Option<&'a ConnectionId>,
    pub effect: Option<EffectId>,
    pub cause: Cause,
    pub about: &'a str,
    pub sentence: &'a str,
    pub said: Option<&'a str>,
    pub since_ms: Option<i64>,
}

impl NewFinding<'_> {
    /// What the unique index calls it: the order, else the account.
    fn subject(&self) -> Value {
        match (self.order_id, self.connection) {
            (Some(order), _) => Value::Integer(order.0),
            (None, Some(connection)) => Value::Text(connection.0.clone()),
            (None, None) => Value::Null,
        }
    }
}

/// A finding that lasts.
struct Known {
    id: ExceptionId,
    cause: String,
    about: String,
    sentence: String,
    said: Option<String>,
    effect_id: Option<i64>,
    last_seen_at_ms: i64,
}

impl Reader<'_> {
    /// One entry.
    pub fn finding(&self, id: ExceptionId) -> Result<Option<FindingRow>, StoreError> {
        let tried = || format!("read exception {id}");
        self.conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM finding f WHERE f.id = ?1"))
            .tried(tried)?
            .query_row([id.0], row_to_finding)
            .optional()
            .tried(tried)?
            .transpose()
    }

    /// All entries of an order, resolved ones too, oldest first.
    pub fn findings_of(&self, order: OrderId) -> Result<Vec<FindingRow>, StoreError> {
        let tried = || format!("read the exceptions of order {order}");
        let mut statement = self
            .conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM finding f WHERE f.order_id = ?1 ORDER BY f.id"))
            .tried(tried)?;
        let rows = statement.query_map([order.0], row_to_finding).tried(tried)?;
        rows.map(|row| row.tried(tried)?).collect()
    }

    /// What readings found wrong with an account as a whole, mended ones too.
    pub fn account_findings(&self, connection: &ConnectionId) -> Result<Vec<FindingRow>, StoreError> {
        let tried = || format!("read what was found wrong with {connection}");
        let mut statement = self
            .conn
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM finding f
                 WHERE f.connection_id = ?1 AND f.owner = 'reading' AND f.order_id IS NULL ORDER BY f.id"
            ))
            .tried(tried)?;
        let rows = statement.query_map([connection.as_str()], row_to_finding).tried(tried)?;
        rows.map(|row| row.tried(tried)?).collect()
    }

    /// What is wrong with an account as a whole now.
    pub fn conditions(&self, connection: &ConnectionId) -> Result<Vec<FindingRow>, StoreError> {
        let tried = || format!("read the state of {connection}");
        let mut statement = self
            .conn
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM finding f
                 WHERE f.connection_id = ?1 AND f.owner = 'account' AND f.state <> 'resolved' ORDER BY f.id"
            ))
            .tried(tried)?;
        let rows = statement.query_map([connection.as_str()], row_to_finding).tried(tried)?;
        rows.map(|row| row.tried(tried)?).collect()
    }

    /// The sentence under which a person settled this finding last, if one ever did.
    fn settled_sentence(&self, order: OrderId, cause: Cause, about: &str) -> Result<Option<String>, StoreError> {
        let tried = || format!("read what was settled about order {order}");
        self.conn
            .prepare_cached(
                "SELECT sentence FROM finding
                 WHERE order_id = ?1 AND cause = ?2 AND about = ?3 AND resolved_by = 'person' ORDER BY id DESC LIMIT 1",
            )
            .tried(tried)?
            .query_row(params![order.0, cause.code(), about], |row| row.get(0))
            .optional()
            .tried(tried)
    }
}

impl Tx<'_> {
    /// Raises a finding, or counts it once more. `Some` if it is newly opened.
    pub(crate) fn raise(&mut self, new: &NewFinding<'_>, now_ms: i64) -> Result<Option<ExceptionId>, StoreError> {
        let tried = || format!("put \"{}\" on the exceptions list", new.cause.title());
        let known = self
            .conn
            .prepare_cached(
                "SELECT id, cause, about, sentence, said, effect_id, last_seen_at_ms FROM finding INDEXED BY finding_once
                 WHERE ifnull(order_id, connection_id) = ?1 AND cause = ?2 AND about = ?3 AND owner = ?4 AND state <> 'resolved'",
            )
            .tried(tried)?
            .query_row(params![new.subject(), new.cause.code(), new.about, new.owner.code()], row_to_known)
            .optional()
            .tried(tried)?;
        match known {
            Some(known) => {
                self.see_again(&known, new, now_ms)?;
                Ok(None)
            }
            None => self.open_finding(new, now_ms).map(Some),
        }
    }

    fn open_finding(&mut self, new: &NewFinding<'_>, now_ms: i64) -> Result<ExceptionId, StoreError> {
        let tried = || format!("put \"{}\" on the exceptions list", new.cause.title());
        self.conn
            .prepare_cached(
                "INSERT INTO finding (owner, order_id, connection_id, effect_id, cause, about, sentence, said, state,
                                      opened_at_ms, last_seen_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', ?9, ?10)",
            )
            .tried(tried)?
            .execute(params![
                new.owner.code(),
                new.order_id.map(|id| id.0),
                new.connection.map(ConnectionId::as_str),
                new.effect.map(|id| id.0),
                new.cause.code(),
                new.about,
                new.sentence,
                new.said,
                new.since_ms.unwrap_or(now_ms),
                now_ms
            ])
            .tried(tried)?;
        let id = ExceptionId(self.conn.last_insert_rowid());
        self.touch_finding(new.order_id);
        Ok(id)
    }

    fn touch_finding(&mut self, order: Option<OrderId>) {
        match order {
            Some(order) => self.touch_order(order, Topic::Exceptions),
            None => self.touch(Topic::Exceptions),
        }
    }

    fn see_again(&mut self, known: &Known, new: &NewFinding<'_>, now_ms: i64) -> Result<(), StoreError> {
        let same = known.sentence == new.sentence
            && known.said.as_deref() == new.said
            && known.effect_id == new.effect.map(|id| id.0);
        if same && now_ms <= known.last_seen_at_ms {
            return Ok(());
        }
        let tried = || format!("update exception {}", known.id);
        // Put away is "until then, or until anything about it changes". An account's own words differ at every failure
        // (numbers of requests); words that were blanked for the buyer's sake are no news.
        let says_else =
            known.sentence != new.sentence || new.owner == Owner::Decision && known.said.as_deref() != new.said;
        let blanked = match new.order_id {
            Some(order) if says_else && crate::personal::is_gone(&known.sentence) => self.is_blanked(order)?,
            _ => false,
        };
        let wakes = says_else && !blanked;
        // What is counted is what happened, not how often an order was looked at: the tries of an effect, and each
        // time an account failed. An order that is late is late once.
        self.conn
            .prepare_cached(
                "UPDATE finding SET sentence = ?2, said = ?3,
                     count = CASE WHEN owner <> 'decision' THEN count + (?5 > last_seen_at_ms)
                                  WHEN ?4 IS NULL THEN count
                                  WHEN effect_id IS ?4 THEN max(count, ifnull((SELECT attempts FROM effect WHERE id = ?4), 0))
                                  ELSE count + 1 END,
                     effect_id = ?4, last_seen_at_ms = max(last_seen_at_ms, ?5),
                     state = CASE WHEN ?6 AND state = 'snoozed' THEN 'open' ELSE state END,
                     snoozed_until_ms = CASE WHEN ?6 THEN NULL ELSE snoozed_until_ms END
                 WHERE id = ?1",
            )
            .tried(tried)?
            .execute(params![known.id.0, new.sentence, new.said, new.effect.map(|id| id.0), now_ms, wakes])
            .tried(tried)?;
        if !same {
            self.touch_finding(new.order_id);
        }
        Ok(())
    }

    /// Makes the order's entries equal to what the decision found: opened what is
    /// new, counted what lasts, closed what is gone. Other owners' entries stay.
    pub(crate) fn reconcile(
        &mut self,
        order: OrderId,
        findings: &[Finding],
        now_ms: i64,
    ) -> Result<(Vec<ExceptionId>, Vec<ExceptionId>), StoreError> {
        let tried = || format!("update the exceptions of order {order}");
        let mut lasting: Vec<Known> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id, cause, about, sentence, said, effect_id, last_seen_at_ms FROM finding INDEXED BY finding_once
                     WHERE ifnull(order_id, connection_id) = ?1 AND owner = 'decision' AND state <> 'resolved'",
                )
                .tried(tried)?;
            let rows = statement.query_map([order.0], row_to_known).tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        let choices = if findings.is_empty() { Choices::default() } else { self.choices(order)? };
        let mut opened = Vec::new();
        let mut handled: Vec<(Cause, &str)> = Vec::new();
        for finding in findings {
            if handled.contains(&(finding.cause, &finding.about)) {
                continue;
            }
            handled.push((finding.cause, &finding.about));
            if finding.about.starts_with(CUSTOMER_ENTRY) && self.is_said_of_another(order, finding, now_ms)? {
                continue;
            }
            let new = NewFinding {
                owner: Owner::Decision,
                order_id: Some(order),
                connection: None,
                effect: finding.effect,
                cause: finding.cause,
                about: &finding.about,
                sentence: &finding.sentence,
                said: finding.said.as_deref(),
                since_ms: finding.since_ms,
            };
            let known =
                lasting.iter().position(|known| known.cause == finding.cause.code() && known.about == finding.about);
            if let Some(known) = known {
                let known = lasting.swap_remove(known);
                self.see_again(&known, &new, now_ms)?;
                continue;
            }
            if let Some(&settled_at_ms) = choices.settled.get(&format!("{}/{}", finding.cause, finding.about)) {
                match self.settled_sentence(order, finding.cause, &finding.about)? {
                    Some(sentence) if sentence == finding.sentence => continue,
                    // What it said went with the buyer's data; with nothing new read since, it says the same.
                    Some(sentence) if crate::personal::is_gone(&sentence) && self.is_blanked(order)? => continue,
                    Some(_) => {}
                    None => {
                        // Settled before it was ever listed: remember under which words.
                        let id = self.open_finding(&new, now_ms)?;
                        self.close_finding(id, settled_at_ms, "person")?;
                        continue;
                    }
                }
            }
            opened.push(self.open_finding(&new, now_ms)?);
        }
        let mut closed = Vec::with_capacity(lasting.len());
        for gone in lasting {
            self.close_finding(gone.id, now_ms, "itself")?;
            self.touch_order(order, Topic::Exceptions);
            closed.push(gone.id);
        }
        closed.sort_unstable();
        Ok((opened, closed))
    }

    /// A customer is told of once, at the newest of their orders that says something: another one says the same, or a newer
    /// one says otherwise. What an older one says otherwise gives way to this.
    fn is_said_of_another(&mut self, order: OrderId, finding: &Finding, now_ms: i64) -> Result<bool, StoreError> {
        let tried = || format!("look for the customer of order {order} among other entries");
        let other: Option<(i64, i64, String, bool)> = self
            .conn
            .prepare_cached(
                "SELECT id, order_id, sentence, state <> 'resolved' FROM finding INDEXED BY finding_customer
                 WHERE substr(about, 1, 9) = 'customer:' AND about = ?1 AND order_id <> ?2 AND owner = 'decision'
                   AND cause = ?3 AND (state <> 'resolved' OR resolved_by = 'person')
                 ORDER BY order_id DESC, id DESC LIMIT 1",
            )
            .tried(tried)?
            .query_row(params![finding.about, order.0, finding.cause.code()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()
            .tried(tried)?;
        let Some((id, of, sentence, lasts)) = other else { return Ok(false) };
        if of > order.0 || sentence == finding.sentence {
            return Ok(true);
        }
        if lasts {
            self.close_finding(ExceptionId(id), now_ms, "itself")?;
            self.touch_order(OrderId(of), Topic::Exceptions);
        }
        Ok(false)
    }

    /// The same for the counts of a SKU: each finding names its account, and the account's name of the count.
    pub(crate) fn reconcile_counts(
        &mut self,
        sku: &str,
        findings: &[(ConnectionId, Finding)],
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("update the exceptions of the counts of {sku}");
        let lasting: Vec<(Known, String)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT f.id, f.cause, f.about, f.sentence, f.said, f.effect_id, f.last_seen_at_ms, f.connection_id
                     FROM stock_count c CROSS JOIN finding f INDEXED BY finding_count
                         ON f.connection_id = c.connection_id AND f.about = c.remote_id
                     WHERE c.sku = ?1 AND f.owner = 'decision' AND f.order_id IS NULL AND f.state <> 'resolved'",
                )
                .tried(tried)?;
            let rows = statement.query_map([sku], |row| Ok((row_to_known(row)?, row.get(7)?))).tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        self.reconcile_of_accounts(lasting, findings, now_ms)
    }

    /// The same for all products at once.
    pub(crate) fn reconcile_products(
        &mut self,
        findings: &[(ConnectionId, Finding)],
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "update the exceptions of products";
        let lasting: Vec<(Known, String)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT f.id, f.cause, f.about, f.sentence, f.said, f.effect_id, f.last_seen_at_ms, f.connection_id
                     FROM finding f INDEXED BY finding_count
                     WHERE f.owner = 'decision' AND f.order_id IS NULL AND f.state <> 'resolved'
                       AND substr(f.about, 1, ?2) = ?1",
                )
                .tried(TRIED)?;
            let rows = statement
                .query_map(params![PRODUCT_SUBJECT, PRODUCT_SUBJECT.len() as i64], |row| {
                    Ok((row_to_known(row)?, row.get(7)?))
                })
                .tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        self.reconcile_of_accounts(lasting, findings, now_ms)
    }

    /// Of what lasts, what was found again is counted and the rest closed; what is new is opened.
    fn reconcile_of_accounts(
        &mut self,
        lasting: Vec<(Known, String)>,
        findings: &[(ConnectionId, Finding)],
        now_ms: i64,
    ) -> Result<(), StoreError> {
        // There may be thousands of either: each is found by its name.
        let mut by_name: BTreeMap<(String, String, String), Vec<Known>> = BTreeMap::new();
        for (known, of) in lasting {
            by_name.entry((of, known.cause.clone(), known.about.clone())).or_default().push(known);
        }
        for (connection, finding) in findings {
            let new = NewFinding {
                owner: Owner::Decision,
                order_id: None,
                connection: Some(connection),
                effect: finding.effect,
                cause: finding.cause,
                about: &finding.about,
                sentence: &finding.sentence,
                said: finding.said.as_deref(),
                since_ms: finding.since_ms,
            };
            let name = (connection.as_str().to_owned(), finding.cause.code().to_owned(), finding.about.clone());
            match by_name.get_mut(&name).and_then(Vec::pop) {
                Some(known) => self.see_again(&known, &new, now_ms)?,
                None if self.is_settled(connection, finding)? => {}
                None => {
                    self.open_finding(&new, now_ms)?;
                }
            }
        }
        for gone in by_name.into_values().flatten() {
            self.close_finding(gone.id, now_ms, "itself")?;
            self.touch(Topic::Exceptions);
        }
        Ok(())
    }

    /// There is no such count any more.
    pub(crate) fn close_count_findings(
        &mut self,
        connection: &ConnectionId,
        remote_id: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("close the exceptions of a count of {connection}");
        let closed = self
            .conn
            .prepare_cached(
                "UPDATE finding INDEXED BY finding_count
                 SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = ?3, resolved_by = 'itself'
                 WHERE connection_id = ?1 AND about = ?2 AND owner = 'decision' AND order_id IS NULL AND state <> 'resolved'",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), remote_id, now_ms])
            .tried(tried)?;
        if closed > 0 {
            self.touch(Topic::Exceptions);
        }
        Ok(())
    }

    /// A person settled exactly this: the same change, refused with the same words.
    fn is_settled(&self, connection: &ConnectionId, finding: &Finding) -> Result<bool, StoreError> {
        let tried = || format!("read what was settled about a count of {connection}");
        let last: Option<(String, Option<i64>)> = self
            .conn
            .prepare_cached(
                "SELECT sentence, effect_id FROM finding INDEXED BY finding_count
                 WHERE connection_id = ?1 AND about = ?2 AND owner = 'decision' AND order_id IS NULL AND cause = ?3
                   AND resolved_by = 'person' ORDER BY id DESC LIMIT 1",
            )
            .tried(tried)?
            .query_row(params![connection.as_str(), finding.about, finding.cause.code()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .tried(tried)?;
        Ok(last.is_some_and(|(sentence, effect)| {
            sentence == finding.sentence && effect == finding.effect.map(|effect| effect.0)
        }))
    }

    pub(crate) fn close_finding(&mut self, id: ExceptionId, at_ms: i64, by: &str) -> Result<bool, StoreError> {
        let tried = || format!("close exception {id}");
        let closed = self
            .conn
            .prepare_cached(
                "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = ?2, resolved_by = ?3
                 WHERE id = ?1 AND state <> 'resolved'",
            )
            .tried(tried)?
            .execute(params![id.0, at_ms, by])
            .tried(tried)?;
        Ok(closed > 0)
    }

    /// Something is wrong with an account as a whole. True if that is news;
    /// else it is counted once more.
    pub fn open_condition(
        &mut self,
        connection: &ConnectionId,
        refusal: &Refusal,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let opened = self.raise(
            &NewFinding {
                owner: Owner::Account,
                order_id: None,
                connection: Some(connection),
                effect: None,
                cause: refusal.cause,
                about: refusal.about.as_deref().unwrap_or_default(),
                sentence: &refusal.sentence,
                said: refusal.said.as_deref(),
                since_ms: None,
            },
            now_ms,
        )?;
        Ok(opened.is_some())
    }

    /// One thing that was wrong with an account as a whole is over. True if it was there.
    pub fn close_condition(
        &mut self,
        connection: &ConnectionId,
        cause: Cause,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let tried = || format!("close \"{}\" of {connection}", cause.title());
        let closed = self
            .conn
            .prepare_cached(
                "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = ?2, resolved_by = 'itself'
                 WHERE connection_id = ?1 AND owner = 'account' AND state <> 'resolved' AND cause = ?3",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), now_ms, cause.code()])
            .tried(tried)?;
        if closed > 0 {
            self.touch(Topic::Exceptions);
        }
        Ok(closed > 0)
    }

    /// What a reading finds wrong with the account as a whole, of one cause: what is new is opened, what lasts stays as
    /// it is, what is gone was mended.
    pub fn put_account_findings(
        &mut self,
        connection: &ConnectionId,
        findings: &AccountFindings,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let cause = findings.cause;
        let tried = || format!("update \"{}\" of {connection}", cause.title());
        let lasting: Vec<(i64, String, String)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT id, about, sentence FROM finding INDEXED BY finding_account
                     WHERE connection_id = ?1 AND owner = 'reading' AND order_id IS NULL AND cause = ?2 AND state <> 'resolved'",
                )
                .tried(tried)?;
            let rows = statement
                .query_map(params![connection.as_str(), cause.code()], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        for (id, about, _) in &lasting {
            if findings.found.iter().any(|found| found.about == *about) {
                continue;
            }
            self.conn
                .prepare_cached(
                    "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = ?2, resolved_by = 'itself'
                     WHERE id = ?1",
                )
                .tried(tried)?
                .execute(params![id, now_ms])
                .tried(tried)?;
            self.touch(Topic::Exceptions);
        }
        for found in &findings.found {
            // It is looked at every hour; only what says something else is news.
            if lasting.iter().any(|(_, about, sentence)| *about == found.about && *sentence == found.sentence) {
                continue;
            }
            self.raise(
                &NewFinding {
                    owner: Owner::Reading,
                    order_id: None,
                    connection: Some(connection),
                    effect: None,
                    cause,
                    about: &found.about,
                    sentence: &found.sentence,
                    said: None,
                    since_ms: None,
                },
                now_ms,
            )?;
        }
        Ok(())
    }

    /// The account answers: what kept it from doing so is over. A permission that one of its streams still misses is
    /// not: the others answered all along.
    pub fn account_answers(&mut self, connection: &ConnectionId, now_ms: i64) -> Result<usize, StoreError> {
        let tried = || format!("close the conditions of {connection}");
        let missing: bool = self
            .conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM stream WHERE connection_id = ?1 AND json_extract(refusal, '$.cause') = ?2)",
            )
            .tried(tried)?
            .query_row(params![connection.as_str(), Cause::ScopeMissing.code()], |row| row.get(0))
            .tried(tried)?;
        self.close_all_but(connection, if missing { Cause::ScopeMissing } else { Cause::ClockWrong }, now_ms)
    }

    /// The account was signed in to anew: whatever was wrong with it may be over. A wrong clock is not of that kind.
    pub fn close_conditions(&mut self, connection: &ConnectionId, now_ms: i64) -> Result<usize, StoreError> {
        self.close_all_but(connection, Cause::ClockWrong, now_ms)
    }

    /// A wrong clock always stays: it has its own end.
    fn close_all_but(&mut self, connection: &ConnectionId, lasting: Cause, now_ms: i64) -> Result<usize, StoreError> {
        let tried = || format!("close the conditions of {connection}");
        let closed = self
            .conn
            .prepare_cached(
                "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = ?2, resolved_by = 'itself'
                 WHERE connection_id = ?1 AND owner = 'account' AND state <> 'resolved' AND cause NOT IN ('clock_wrong', ?3)",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), now_ms, lasting.code()])
            .tried(tried)?;
        if closed > 0 {
            self.touch(Topic::Exceptions);
        }
        Ok(closed)
    }
}

fn row_to_known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        id: ExceptionId(row.get(0)?),
        cause: row.get(1)?,
        about: row.get(2)?,
        sentence: row.get(3)?,
        said: row.get(4)?,
        effect_id: row.get(5)?,
        last_seen_at_ms: row.get(6)?,
    })
}
