//! Further conditions on the queue, each of which may be turned around.
//!
//! What [`crate::QueueFilter`] names has an index; these do not. They narrow what
//! an index found, so a page of a search like `-country:DE value:>100` costs what
//! walking to its rows costs.

use crate::search;
use crate::sql::Sql;
use quayside_model::{Cause, ConnectionId, Stage};
use serde::{Deserialize, Serialize};

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Compare {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Compare {
    fn sql(self) -> &'static str {
        match self {
            Self::Less => " < ",
            Self::AtMost => " <= ",
            Self::Equal => " = ",
            Self::AtLeast => " >= ",
            Self::More => " > ",
        }
    }
}

/// One condition on an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// It must not hold.
    pub not: bool,
    /// What must (not) hold.
    pub that: That,
}

/// What can be asked of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum That {
    /// It is in the queue.
    Open,
    /// It stands in one of these stages.
    Stages(Vec<Stage>),
    /// It came from one of these accounts; none: nothing matches.
    Connections(Vec<ConnectionId>),
    /// It stands at one of these hubs, or is meant for one; none: nothing matches.
    Hubs(Vec<ConnectionId>),
    /// It waits on exactly this.
    Waits(String),
    /// It carries this tag, whatever the case.
    Tag(String),
    /// It goes to this country, two letters.
    Country(String),
    /// It was placed at a moment that compares so, ms UTC.
    Placed(Compare, i64),
    /// Its value compares so, in thousandths of the currency's unit; in this currency only, if one is named.
    Value(Compare, i64, Option<String>),
    /// It has an open entry of this cause.
    Cause(Cause),
    /// It has an open entry of any cause but time.
    Stuck,
    /// The service asked for has this in it, whatever the case.
    Service(String),
    /// It is packed at this warehouse, or is to be: by its id or its name, whatever the case.
    Warehouse(String),
    /// A parcel of it goes with this carrier, named the same way.
    Carrier(String),
    /// A line's SKU begins so.
    Sku(String),
    /// Found by these words.
    Words(String),
    /// The seller has the money.
    Paid,
    /// Made with a test payment.
    Test,
    /// It must leave before this moment, ms UTC.
    DueBefore(i64),
    /// One of its changes waits for a click.
    Asked,
    /// All of these.
    All(Vec<Condition>),
}

/// Holds for no order. A plain `0` would be folded into the plan, and an index that was
/// asked for by name could then no longer be used.
const NEVER: &str = "o.units < -9000000000000000000";

impl Condition {
    /// ` AND …`.
    pub(crate) fn write(&self, sql: &mut Sql) {
        sql.push(if self.not { " AND NOT (" } else { " AND (" });
        self.that.write(sql);
        sql.push(")");
    }
}

impl That {
    fn write(&self, sql: &mut Sql) {
        match self {
            Self::Open => drop(sql.push("o.open = 1")),
            Self::Stages(stages) if stages.is_empty() => drop(sql.push(NEVER)),
            Self::Stages(stages) => {
                sql.push("o.stage IN (").bind_all(stages.iter().map(|stage| stage.code().to_owned())).push(")");
            }
            Self::Connections(ids) if ids.is_empty() => drop(sql.push(NEVER)),
            Self::Connections(ids) => {
                sql.push("o.connection_id IN (").bind_all(ids.iter().map(|id| id.0.clone())).push(")");
            }
            Self::Hubs(ids) if ids.is_empty() => drop(sql.push(NEVER)),
            Self::Hubs(ids) => {
                let hubs = || ids.iter().map(|id| id.0.clone());
                sql.push("EXISTS (SELECT 1 FROM link l WHERE l.order_id = o.id AND l.kind = 'hub_order' AND l.connection_id IN (");
                sql.bind_all(hubs()).push(")) OR EXISTS (SELECT 1 FROM effect e WHERE e.order_id = o.id AND e.kind = 'put_hub_order'");
                sql.push(" AND e.state <> 'skipped' AND e.connection_id IN (").bind_all(hubs()).push("))");
            }
            Self::Waits(code) => drop(sql.push("o.waits_code = ").bind(code.clone())),
            Self::Tag(tag) => {
                sql.push("EXISTS (SELECT 1 FROM json_each(o.tags) WHERE lower(value) = ").bind(tag.to_lowercase()).push(")");
            }
            Self::Country(country) => drop(sql.push("o.country = ").bind(country.trim().to_uppercase())),
            Self::Placed(compare, at_ms) => drop(sql.push("o.placed_at_ms").push(compare.sql()).bind(*at_ms)),
            Self::Value(compare, thousandths, currency) => {
                // Minor units of most currencies are hundredths; the others are few and named.
                sql.push(
                    "o.total_minor * CASE WHEN o.currency IN ('BIF','CLP','DJF','GNF','ISK','JPY','KMF','KRW','PYG','RWF','UGX','UYI','VND','VUV','XAF','XOF','XPF') THEN 1000 \
                     WHEN o.currency IN ('BHD','IQD','JOD','KWD','LYD','OMR','TND') THEN 1 ELSE 10 END",
                );
                sql.push(compare.sql()).bind(*thousandths);
                if let Some(currency) = currency {
                    sql.push(" AND o.currency = ").bind(currency.to_uppercase());
                }
            }
            Self::Cause(cause) => {
                sql.push("EXISTS (SELECT 1 FROM finding f WHERE f.order_id = o.id AND f.state = 'open' AND f.cause = ");
                sql.bind(cause.code().to_owned()).push(")");
            }
            Self::Stuck => drop(sql.push(
                "EXISTS (SELECT 1 FROM finding f WHERE f.order_id = o.id AND f.state = 'open' AND f.cause NOT IN ('late', 'at_risk'))",
            )),
            Self::Service(words) => {
                sql.push("instr(lower(o.service), ").bind(words.to_lowercase()).push(") > 0");
            }
            Self::Warehouse(name) => found(sql, search::place(name)),
            Self::Carrier(name) => found(sql, search::carrier(name)),
            Self::Sku(sku) => found(sql, search::beginning("sku", sku)),
            Self::Words(text) => found(sql, search::query(text)),
            Self::Paid => drop(sql.push("o.paid = 1")),
            Self::Test => drop(sql.push("o.test = 1")),
            Self::DueBefore(at_ms) => drop(sql.push("o.due_ms < ").bind(*at_ms)),
            Self::Asked => drop(sql.push("EXISTS (SELECT 1 FROM effect e WHERE e.order_id = o.id AND e.state = 'asked')")),
            Self::All(conditions) => {
                sql.push("1");
                for condition in conditions {
                    condition.write(sql);
                }
            }
        }
    }
}

fn found(sql: &mut Sql, query: Option<String>) {
    match query {
        Some(query) => {
            sql.push("o.id IN (SELECT rowid FROM order_search WHERE order_search MATCH ").bind(query).push(")");
        }
        // Punctuation alone is nothing to look for, so nothing is found.
        None => drop(sql.push(NEVER)),
    }
}
