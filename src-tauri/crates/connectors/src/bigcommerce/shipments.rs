//! What reporting a parcel takes: pure.
//!
//! One shipment goes to one address, so a parcel's lines are grouped by the address
//! they go to. Everything is decided on what was read a moment before. All or
//! nothing: if one unit cannot be reported, nothing is sent, so that the buyer never
//! gets half a message.

use super::gather::{Whole, id_of};
use super::hold;
use super::json::At;
use super::parts::{self, Part};
use super::status::{self, Stage};
use super::translate;
use quayside_model::{Cause, Fulfillment, FulfillmentDraft};
use std::collections::{BTreeMap, BTreeSet};

/// Units per order line.
pub type Units = BTreeMap<String, i64>;

/// An order as far as shipping goes, as read just now.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Number of the order, also what people call it.
    pub id: i64,
    /// Its status.
    pub status_id: i64,
    /// It is on hold, and the hold is ours, for the hub's sake: it keeps nothing from being reported.
    pub own_hold: bool,
    /// How far payment is, in the platform's word.
    pub payment: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// What left.
    pub shipments: Vec<Fulfillment>,
    /// The platform's own text of each shipment, by id.
    pub links: BTreeMap<String, String>,
    /// Lines of the part it is asked for ([`Part`]); `None`: all of them.
    pub own: Option<BTreeSet<String>>,
}

/// A line as far as shipping goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// For sentences.
    pub name: String,
    /// The address it goes to; 0 for none.
    pub address: i64,
    /// The buyer fetches it.
    pub pickup: bool,
    /// A carrier must take it.
    pub goods: bool,
    /// Still wanted.
    pub wanted: i64,
    /// Counted as shipped.
    pub shipped: i64,
}

impl Line {
    fn open(&self) -> i64 {
        (self.wanted - self.shipped).max(0)
    }
}

impl Work {
    /// From what was read, seen from one part; else what is wrong with it. `shipments` are asked for anew, because an order's own count of
    /// them may lag.
    pub fn read(whole: &Whole, part: Part) -> Result<Self, String> {
        let at = At::root(&whole.order, "order");
        let mut lines = Vec::new();
        for (i, value) in whole.lines.iter().enumerate() {
            let line = At::root(value, &format!("products[{i}]"));
            let pickup = line.get("order_pickup_method_id").count() > 0;
            lines.push(Line {
                id: line.get("id").demand_text()?,
                name: line.get("name").text(),
                address: if pickup { 0 } else { parts::address_of(value, whole) },
                pickup,
                goods: parts::is_goods(value),
                wanted: line.get("quantity").demand_whole()?.saturating_sub(line.get("quantity_refunded").count()),
                shipped: line.get("quantity_shipped").count(),
            });
        }
        let mut shipments = Vec::new();
        let mut links = BTreeMap::new();
        for (i, value) in whole.shipments.iter().enumerate() {
            let shipment = At::root(value, &format!("shipments[{i}]"));
            links.insert(shipment.get("id").text(), shipment.get("tracking_link").text());
            shipments.push(translate::fulfillment(&shipment)?);
        }
        let status_id = at.get("status_id").demand_whole()?;
        Ok(Self {
            id: id_of(&whole.order, "id").ok_or("order.id: missing")?,
            own_hold: hold::before(status_id, whole.hold.as_ref()).is_some(),
            status_id,
            payment: at.get("payment_status").text(),
            lines,
            shipments,
            links,
            own: part.lines(whole),
        })
    }
    /// The line is of the part it is asked for.
    fn is_own(&self, line: &str) -> bool {
        self.own.as_ref().is_none_or(|own| own.contains(line))
    }
    /// A shipment by its id.
    pub fn shipment(&self, id: &str) -> Option<&Fulfillment> {
        self.shipments.iter().find(|shipment| shipment.remote_id == id)
    }
    /// Everything a carrier must take has left, to all addresses, as far as shipments and counts tell.
    pub fn everything_left(&self) -> bool {
        let told = self.told();
        self.lines
            .iter()
            .filter(|line| line.goods)
            .all(|line| line.shipped.max(told.get(&line.id).copied().unwrap_or(0)) >= line.wanted)
    }
    /// Units of the part that no shipment speaks of yet.
    pub fn unreported(&self) -> Units {
        let told = self.told();
        let goods = self.lines.iter().filter(|line| line.goods && self.is_own(&line.id));
        let open = goods.map(|line| (line.id.clone(), line.wanted - told.get(&line.id).copied().unwrap_or(0)));
        open.filter(|(_, units)| *units > 0).collect()
    }
    fn told(&self) -> Units {
        let mut told = Units::new();
        for line in self.shipments.iter().flat_map(|shipment| &shipment.lines) {
            *told.entry(line.order_line_id.clone()).or_default() += line.quantity;
        }
        told
    }
}

/// One shipment to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Where it goes.
    pub address: i64,
    /// Line → units.
    pub units: Vec<(String, i64)>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// The store has it.
    Already {
        /// The shipments that say so.
        shipment_ids: Vec<String>,
        /// What is special about it.
        note: Option<String>,
    },
    /// Not without a person.
    Refuse {
        /// Kind.
        cause: Cause,
        /// Why, and what to do.
        sentence: String,
    },
    /// These shipments, in this order.
    Send(Vec<Group>),
}

/// Decides what reporting `draft` takes.
pub fn plan(draft: &FulfillmentDraft, work: &Work) -> Plan {
    let refuse = |cause, sentence: String| Plan::Refuse { cause, sentence };
    let mut left = wanted(draft);
    if left.is_empty() {
        return refuse(Cause::ParcelDoesNotFit, "The parcel has no lines of this order.".into());
    }
    let ours = ours(draft, work);
    for line in ours.iter().flat_map(|shipment| &shipment.lines) {
        if let Some(units) = left.get_mut(&line.order_line_id) {
            *units -= line.quantity;
        }
    }
    left.retain(|_, units| *units > 0);
    if left.is_empty() {
        return Plan::Already { shipment_ids: ours.iter().map(|s| s.remote_id.clone()).collect(), note: None };
    }
    match status::status(work.status_id).stage {
        Stage::Cancelled(word) => {
            return refuse(
                Cause::FulfillmentRefused,
                format!("The order is {word} in the store, so a parcel cannot be reported any more."),
            );
        }
        Stage::NoOrder => {
            return refuse(Cause::FulfillmentRefused, "The order's checkout was never finished in the store.".into());
        }
        Stage::Held(why) if !work.own_hold => {
            return refuse(
                Cause::HeldInChannel,
                format!("The store keeps the order back ({why}). Change its status in BigCommerce, then retry."),
            );
        }
        Stage::Open | Stage::Held(_) | Stage::Pickup | Stage::Gone | Stage::Refunded => {}
    }
    // Somebody made a shipment without a number by hand: the store knows that the lines left.
    let of_the_part = |s: &&Fulfillment| s.lines.iter().any(|line| work.is_own(&line.order_line_id));
    let unnamed = work.shipments.iter().filter(|s| is_new(draft, s) && s.tracking_numbers.is_empty());
    let by_hand: Vec<&Fulfillment> = unnamed.filter(of_the_part).collect();
    if !by_hand.is_empty() && by_hand.iter().all(|s| is_part_of(s, &wanted(draft))) && covers(draft, &by_hand) {
        return Plan::Already {
            shipment_ids: by_hand.iter().map(|s| s.remote_id.clone()).collect(),
            note: Some("a shipment was made by hand in the store, without tracking".into()),
        };
    }
    let told = work.told();
    let mut groups: BTreeMap<i64, Vec<(String, i64)>> = BTreeMap::new();
    for (id, units) in &left {
        let Some(line) = work.lines.iter().find(|line| line.id == *id) else {
            return refuse(Cause::FulfillmentRefused, "A line of the parcel is no longer in the store's order. Compare the order in BigCommerce, then retry or skip.".into());
        };
        if line.pickup {
            return refuse(
                Cause::FulfillmentRefused,
                format!(
                    "\"{}\" is to be fetched by the buyer, so no shipment of it can be reported. Change its delivery in BigCommerce, then retry.",
                    line.name
                ),
            );
        }
        if !line.goods || line.address == 0 {
            return refuse(
                Cause::FulfillmentRefused,
                format!("The store knows no address for \"{}\", so no shipment of it can be reported.", line.name),
            );
        }
        // Units marked as gone without a shipment may still be reported with one.
        let marked = matches!(status::status(work.status_id).stage, Stage::Gone);
        let open = if marked { line.wanted - told.get(id).copied().unwrap_or(0) } else { line.open() };
        if *units > open {
            return refuse(
                Cause::FulfillmentRefused,
                format!(
                    "The store expects {open} more of \"{}\", and the parcel has {units}: shipped by hand, removed or refunded meanwhile. Compare the order in BigCommerce, then retry or skip.",
                    line.name
                ),
            );
        }
        groups.entry(line.address).or_default().push((id.clone(), *units));
    }
    Plan::Send(groups.into_iter().map(|(address, units)| Group { address, units }).collect())
}

/// Shipments of the store that report this parcel, or a part of it.
///
/// The tracking number tells. Without one, a shipment that is new since the parcel
/// was planned, carries no tracking either, and has no line but ours.
pub fn ours<'a>(draft: &FulfillmentDraft, work: &'a Work) -> Vec<&'a Fulfillment> {
    let numbers: Vec<String> = draft.tracking.numbers.iter().map(|n| fold(n)).filter(|n| !n.is_empty()).collect();
    let units = wanted(draft);
    work.shipments
        .iter()
        .filter(|shipment| {
            if numbers.is_empty() {
                is_new(draft, shipment) && shipment.tracking_numbers.is_empty() && is_part_of(shipment, &units)
            } else {
                shipment.tracking_numbers.iter().any(|number| numbers.contains(&fold(number)))
            }
        })
        .collect()
}

/// A tracking number without spaces, in capitals.
pub fn fold(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// Every unit of `draft` is in these shipments.
pub fn covers(draft: &FulfillmentDraft, shipments: &[&Fulfillment]) -> bool {
    wanted(draft).iter().all(|(id, units)| {
        let lines = shipments.iter().flat_map(|s| &s.lines).filter(|line| line.order_line_id == *id);
        lines.map(|line| line.quantity).sum::<i64>() >= *units
    })
}

fn is_new(draft: &FulfillmentDraft, shipment: &Fulfillment) -> bool {
    !draft.known_fulfillment_ids.contains(&shipment.remote_id)
}

fn is_part_of(shipment: &Fulfillment, units: &Units) -> bool {
    !shipment.lines.is_empty()
        && shipment.lines.iter().all(|line| units.get(&line.order_line_id).is_some_and(|most| line.quantity <= *most))
}

fn wanted(draft: &FulfillmentDraft) -> Units {
    let mut units = Units::new();
    for line in draft.lines.iter().filter(|line| line.quantity > 0) {
        *units.entry(line.order_line_id.clone()).or_default() += line.quantity;
    }
    units
}

#[cfg(test)]
#[path = "shipments_tests.rs"]
mod tests;
