//! The outbox as a person reads it: what is on its way, what was, and how deep the
//! line in front of each account is.

use crate::error::{StoreError, Tried};
use crate::pack::from_json_opt;
use crate::sql::Sql;
use crate::store::Reader;
use crate::words;
use quayside_model::{ConnectionId, EffectId, EffectState, IntentKind, OrderId, Receipt, Refusal};
use rusqlite::{Row, params_from_iter};
use serde::{Deserialize, Serialize};

/// Newest orders that a text search of effects looks at.
const SEARCHED_ORDERS: u64 = 500;

/// Which effects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EffectFilter {
    /// In one of these states; empty: any.
    pub states: Vec<EffectState>,
    /// For this account.
    pub connection: Option<ConnectionId>,
    /// Of this kind.
    pub kind: Option<IntentKind>,
    /// What a person typed: matches the order (number, buyer, SKU, tracking …).
    pub text: String,
}

/// One line of the outbox. The intent itself: [`Reader::effect`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectItem {
    /// Its row.
    pub id: EffectId,
    /// Its permanent key.
    pub key: String,
    /// The order it belongs to; `None`: it is about a count.
    pub order_id: Option<OrderId>,
    /// What people call that order, or the SKU that is counted.
    pub order_number: String,
    /// Whom it changes.
    pub connection: ConnectionId,
    /// What kind of change.
    pub kind: IntentKind,
    /// The automation that planned it (or `person`).
    pub automation: String,
    /// What it does, in words.
    pub sentence: String,
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
    /// It held at the platform before we asked.
    pub already: bool,
    /// Why it was given up.
    pub skip_reason: Option<String>,
    /// The platform is being asked whether it has what it answered for: no reading showed it.
    pub in_doubt: bool,
    /// When the platform said that it has it, ms UTC; `None`: it was not asked, or did not say so.
    pub held_at_ms: Option<i64>,
    /// The platform answered that it did it, and does not have it.
    pub missing: bool,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectPage {
    /// Newest first.
    pub items: Vec<EffectItem>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<EffectId>,
}

/// Effects of one kind and state for one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutboxDepth {
    /// The account.
    pub connection: ConnectionId,
    /// The kind.
    pub kind: IntentKind,
    /// Asked, pending, running, unknown or refused.
    pub state: EffectState,
    /// How many.
    pub n: u64,
}

fn row_to_item(row: &Row<'_>) -> Result<EffectItem, StoreError> {
    const TRIED: &str = "read the outbox";
    let text = |name: &str| -> Result<String, StoreError> { row.get(name).tried(TRIED) };
    let proof: Option<String> = row.get("proof").tried(TRIED)?;
    let proved_at_ms: Option<i64> = row.get("proved_at_ms").tried(TRIED)?;
    Ok(EffectItem {
        id: EffectId(row.get("id").tried(TRIED)?),
        key: text("key")?,
        order_id: row.get::<_, Option<i64>>("order_id").tried(TRIED)?.map(OrderId),
        order_number: text("number")?,
        connection: ConnectionId(text("connection_id")?),
        kind: words::intent_kind(&text("kind")?)?,
        automation: text("automation")?,
        sentence: text("sentence")?,
        state: words::effect_state(&text("state")?)?,
        ship_by_ms: row.get("ship_by_ms").tried(TRIED)?,
        created_at_ms: row.get("created_at_ms").tried(TRIED)?,
        not_before_ms: row.get("not_before_ms").tried(TRIED)?,
        attempts: row.get("attempts").tried(TRIED)?,
        first_sent_at_ms: row.get("first_sent_at_ms").tried(TRIED)?,
        settled_at_ms: row.get("settled_at_ms").tried(TRIED)?,
        refusal: from_json_opt(row.get("refusal").tried(TRIED)?)?,
        receipt: from_json_opt(row.get("receipt").tried(TRIED)?)?,
        already: row.get("already").tried(TRIED)?,
        skip_reason: row.get("skip_reason").tried(TRIED)?,
        in_doubt: proof.as_deref() == Some("asked"),
        held_at_ms: proved_at_ms.filter(|_| proof.as_deref() == Some("held")),
        missing: proof.as_deref() == Some("missing"),
    })
}

impl Reader<'_> {
    /// One page of effects, newest first. `before` is the `next` of the page before.
    pub fn effect_page(
        &self,
        filter: &EffectFilter,
        before: Option<EffectId>,
        limit: usize,
    ) -> Result<EffectPage, StoreError> {
        const TRIED: &str = "read the outbox";
        let limit = limit.clamp(1, 1_000);
        let mut sql = Sql::default();
        sql.push(
            "SELECT e.id, e.key, e.order_id, ifnull(o.number, e.subject_name) AS number, e.connection_id, e.kind, e.automation, e.sentence, e.state, e.ship_by_ms,
                    e.created_at_ms, e.not_before_ms, e.attempts, e.first_sent_at_ms, e.settled_at_ms, e.refusal, e.receipt,
                    e.already, e.skip_reason, p.state AS proof, p.ask_at_ms AS proved_at_ms
             FROM effect e",
        );
        // What still moves is a small part of what ever was.
        let all_parked = !filter.states.is_empty() && filter.states.iter().all(|state| parked(*state));
        if filter.states == [EffectState::Pending] {
            sql.push(" INDEXED BY effect_due");
        } else if all_parked {
            sql.push(" INDEXED BY effect_parked");
        }
        sql.push(" LEFT JOIN orders o ON o.id = e.order_id LEFT JOIN proof p ON p.effect_id = e.id WHERE e.id < ")
            .bind(before.map_or(i64::MAX, |id| id.0));
        if filter.states == [EffectState::Pending] {
            sql.push(" AND e.state = 'pending'");
        } else if !filter.states.is_empty() {
            if all_parked {
                sql.push(
                    " AND (e.state = 'asked' OR e.state = 'running' OR e.state = 'unknown' OR e.state = 'refused')",
                );
            }
            let states = filter.states.iter().map(|state| state.code().to_owned());
            sql.push(" AND e.state IN (").bind_all(states).push(")");
        }
        if let Some(connection) = &filter.connection {
            sql.push(" AND e.connection_id = ").bind(connection.0.clone());
        }
        if let Some(kind) = filter.kind {
            sql.push(" AND e.kind = ").bind(kind.code().to_owned());
        }
        if !filter.text.trim().is_empty() {
            let Some(found) = self.find(&filter.text, &[], SEARCHED_ORDERS)? else {
                return Ok(EffectPage { items: Vec::new(), next: None });
            };
            sql.push(" AND e.order_id IN (SELECT value FROM json_each(").bind(found.list()).push("))");
        }
        sql.push(" ORDER BY e.id DESC LIMIT ").bind(limit as i64 + 1);
        let mut statement = self.conn.prepare_cached(&sql.text).tried(TRIED)?;
        let mut rows = statement.query(params_from_iter(&sql.values)).tried(TRIED)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            items.push(row_to_item(row)?);
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|item| item.id) } else { None };
        Ok(EffectPage { items, next })
    }

    /// How deep the line in front of each account is, per kind and state. Kept by triggers, so it costs nothing.
    pub fn outbox_depth(&self) -> Result<Vec<OutboxDepth>, StoreError> {
        const TRIED: &str = "measure the outbox";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT connection_id, kind, state, n FROM effect_tally
                 WHERE n > 0 AND state IN ('asked', 'pending', 'running', 'unknown', 'refused') ORDER BY 1, 2, 3",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
            })
            .tried(TRIED)?;
        rows.map(|row| {
            let (connection, kind, state, n) = row.tried(TRIED)?;
            Ok(OutboxDepth {
                connection: ConnectionId(connection),
                kind: words::intent_kind(&kind)?,
                state: words::effect_state(&state)?,
                n: n.unsigned_abs(),
            })
        })
        .collect()
    }
}

fn parked(state: EffectState) -> bool {
    matches!(state, EffectState::Asked | EffectState::Running | EffectState::Unknown | EffectState::Refused)
}
