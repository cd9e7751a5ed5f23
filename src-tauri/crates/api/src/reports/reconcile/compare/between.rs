//! One sale at two hubs; and the parcels of a hub beside what an account of records has of them.
//!
//! Two hubs are never to have the same units of a sale: nobody but a person says so afterwards, and by then both have
//! packed. What each of them has only of its own is no difference: a sale is packed at one of them, or in parts at both.
//! Amounts are known of neither, and the rows say so.

use super::{Differs, InRecords, Row, Sale, Verdict, apart, in_records};
use crate::words;
use quayside_model::HubStatus;

/// An order of one of the two hubs that is the sale, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reports::reconcile) struct HubCopy {
    pub number: String,
    pub status: HubStatus,
    /// Units on it, as the hub counts them.
    pub units: i64,
    /// ms UTC.
    pub changed_at_ms: i64,
}

/// What two hubs show of one sale; cancelled ones left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::reports::reconcile) struct AtTwoHubs {
    pub here: Vec<HubCopy>,
    pub there: Vec<HubCopy>,
    /// Together all hubs have more of a line than was bought.
    pub more: bool,
    /// Of some line they have less than is wanted.
    pub less: bool,
    /// One of them is the sale as far as anybody can tell, and belongs to no order here.
    pub untied: bool,
    /// One travels with other orders: whose units are whose cannot be told.
    pub merged: bool,
}

/// `#1 (ready to pack), 2 units, total not known`.
fn listed(copies: &[HubCopy]) -> String {
    let each = copies.iter().map(|one| {
        let units = words::count(one.units, "unit", "units");
        format!("{} ({}), {units}", one.number, words::hub_status(&one.status))
    });
    format!("{}, total not known", each.collect::<Vec<_>>().join("; "))
}

/// One sale at two hubs, by the names of their accounts.
pub(in crate::reports::reconcile) fn in_two_hubs(sale: &Sale, both: &AtTwoHubs, here: &str, there: &str) -> Verdict {
    match (both.here.is_empty(), both.there.is_empty()) {
        (true, true) => return apart("are at neither of the two"),
        (false, true) => return Verdict::Apart(format!("are at {here} only, where they are to be packed")),
        (true, false) => return Verdict::Apart(format!("are at {there} only, where they are to be packed")),
        (false, false) => {}
    }
    let number = &sale.number;
    let copies = || both.here.iter().chain(&both.there);
    let since_ms = copies().map(|one| one.changed_at_ms).max();
    let row = |differs: Differs, sentence: String, step| {
        Verdict::Differ(vec![Row {
            differs,
            here: listed(&both.here),
            there: listed(&both.there),
            since_ms,
            sentence,
            step,
        }])
    };
    if both.more || both.untied {
        let left = copies().filter(|one| one.status == HubStatus::Shipped).count();
        let meaning = if left == copies().count() {
            "Both left: ask the buyer, or have one of the parcels come back."
        } else if left > 0 {
            "One of them left already. Cancel the other there before it is packed."
        } else {
            "Cancel one of them there before both are packed."
        };
        let how = if both.untied { "and one of them is not known as this order" } else { "with more than was bought" };
        return row(
            Differs::Twice,
            format!(
                "{number} is at {here} and at {there}, {how}. {meaning} Amounts are not compared: neither shows any."
            ),
            None,
        );
    }
    if both.merged {
        return apart("travel with other orders: whose units are whose cannot be told");
    }
    if both.less && sale.cancelled_at_ms.is_none() {
        return row(
            Differs::Units,
            format!(
                "{number} lies in parts at {here} and at {there}, and together they have less than the store wants. Amounts are not compared: neither shows any."
            ),
            sale.again(),
        );
    }
    Verdict::Agree
}

/// Parcels of a hub, and what an account of records was given about them.
pub(in crate::reports::reconcile) fn parcels_in_records(
    sale: &Sale,
    there: &InRecords,
    hub: &str,
    keeper: &str,
    now_ms: i64,
) -> Verdict {
    if there.other.is_none() && there.parcels == 0 {
        return Verdict::Apart(format!("have no parcel at {hub}"));
    }
    match in_records(sale, there, keeper, now_ms) {
        Verdict::Differ(rows) => {
            let of_hub = |row: Row| Row {
                sentence: format!("{} Amounts are not compared: {hub} shows none.", row.sentence),
                ..row
            };
            Verdict::Differ(rows.into_iter().map(of_hub).collect())
        }
        verdict => verdict,
    }
}
