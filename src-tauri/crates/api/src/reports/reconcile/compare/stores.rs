//! One sale as two stores show it.

use super::{Differs, Row, Sale, Verdict};
use crate::words;
use quayside_model::Money;

/// What another store shows of the same sale.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::reports::reconcile) struct OtherStore {
    pub number: String,
    pub total: Money,
    pub units: i64,
    pub cancelled_at_ms: Option<i64>,
    pub fulfilled: bool,
    pub sent: bool,
    /// Only a number says that they are one sale.
    pub doubtful: bool,
}

/// One sale as two stores show it. `sent`: this one went to a hub.
pub(in crate::reports::reconcile) fn in_two_stores(sale: &Sale, sent: bool, copy: &OtherStore, store: &str) -> Verdict {
    let (number, other) = (&sale.number, &copy.number);
    let state = |cancelled: bool, fulfilled: bool| match (cancelled, fulfilled) {
        (true, _) => "cancelled",
        (_, true) => "fulfilled",
        _ => "not fulfilled",
    };
    let row = |differs: Differs, here: String, there: String, since_ms: Option<i64>, sentence: String| Row {
        differs,
        here,
        there,
        since_ms,
        sentence,
        step: None,
    };
    if copy.doubtful {
        return Verdict::Differ(vec![row(
            Differs::Untied,
            number.clone(),
            other.clone(),
            None,
            format!(
                "{number} and {other} at {store} may be one sale: only a number says so. Open the order and say what they are; until then neither is sent twice."
            ),
        )]);
    }
    let mut rows = Vec::new();
    if sent && copy.sent {
        rows.push(row(
            Differs::Twice,
            format!("{number}, sent"),
            format!("{other}, sent"),
            None,
            format!("{number} and {other} at {store} are one sale, and both were sent. Cancel one of them at the hub before both are packed."),
        ));
    }
    // Of one sale each store has its own way to say that it left: one of them is only a copy.
    if sale.cancelled_at_ms.is_some() != copy.cancelled_at_ms.is_some() {
        rows.push(row(
            Differs::Status,
            state(sale.cancelled_at_ms.is_some(), sale.fulfilled).to_owned(),
            state(copy.cancelled_at_ms.is_some(), copy.fulfilled).to_owned(),
            sale.cancelled_at_ms.or(copy.cancelled_at_ms),
            format!("{number} and {other} at {store} are one sale, cancelled on one side only. Cancel it on the other side too, or ask the buyer."),
        ));
    }
    if sale.units != copy.units && sale.cancelled_at_ms.is_none() && copy.cancelled_at_ms.is_none() {
        rows.push(row(
            Differs::Units,
            words::count(sale.units, "unit", "units"),
            words::count(copy.units, "unit", "units"),
            None,
            format!("{number} and {other} at {store} are one sale with other units. The one that is sent decides what is packed; see whether it is the right one."),
        ));
    }
    if sale.total != copy.total {
        rows.push(row(
            Differs::Total,
            sale.total.to_string(),
            copy.total.to_string(),
            None,
            format!("{number} and {other} at {store} are one sale that came to other amounts: one of them was edited, or one counts fees or taxes that the other does not."),
        ));
    }
    if rows.is_empty() { Verdict::Agree } else { Verdict::Differ(rows) }
}
