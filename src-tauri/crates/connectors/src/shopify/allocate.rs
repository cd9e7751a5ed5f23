//! Which of the store's pieces of work a parcel fulfils: pure.
//!
//! A parcel names order lines and units; Shopify wants fulfillment orders, and
//! all of one call at one location. Everything is decided on what was read a
//! moment before, because fulfillment orders are replaced by edits, holds, moves
//! and by taking a fulfillment back. All or nothing: if one unit cannot be
//! reported, nothing is sent, so that the buyer never gets half a message.

use super::translate;
use super::wire::{self, FromWire as _, Loose};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, Fulfillment, FulfillmentDraft, FulfillmentOrder};
use serde_json::Value;
use std::collections::BTreeMap;

/// Shopify routes new orders in the background; so long may that take.
const ROUTING_MS: i64 = 15 * MINUTE_MS;

/// What is left to ship of an order, and what was told, as read just now.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// What people call the order.
    pub name: String,
    /// When it was placed, ms UTC.
    pub created_at_ms: i64,
    /// When it was cancelled, ms UTC.
    pub cancelled_at_ms: Option<i64>,
    /// Its fulfillment orders.
    pub fos: Vec<FulfillmentOrder>,
    /// Its fulfillments.
    pub fulfillments: Vec<Fulfillment>,
}

impl Work {
    /// From Shopify's JSON; else what is wrong with it.
    pub fn read(order: &Value) -> Result<Self, String> {
        let order = wire::Order::from_wire(order).ok_or("the order is no object")?;
        let time = |text: &Loose<wire::Text>| text.get().and_then(|text| translate::parse_time(&text.0));
        let fos = order.fulfillment_orders.get().into_iter().flat_map(wire::Nodes::good).enumerate();
        let shipments = order.fulfillments.list().iter().enumerate();
        Ok(Self {
            name: order.name.text().to_owned(),
            created_at_ms: time(&order.created_at).unwrap_or(0),
            cancelled_at_ms: time(&order.cancelled_at),
            fos: fos
                .map(|(i, fo)| translate::fulfillment_order(fo, &format!("fulfillmentOrders[{i}]")))
                .collect::<Result<_, _>>()?,
            fulfillments: shipments
                .map(|(i, f)| translate::fulfillment(f, &format!("fulfillments[{i}]")))
                .collect::<Result<_, _>>()?,
        })
    }
    /// A fulfillment by its id.
    pub fn fulfillment(&self, id: &str) -> Option<&Fulfillment> {
        self.fulfillments.iter().find(|fulfillment| fulfillment.remote_id == id)
    }
}

/// One call: pieces of work at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name of the location, for sentences.
    pub location: String,
    /// Fulfillment order → (line of work, units).
    pub fos: Vec<(String, Vec<(String, i64)>)>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// The store knows already.
    Already {
        /// The fulfillments that say so.
        fulfillment_ids: Vec<String>,
        /// What is special about it.
        note: Option<String>,
    },
    /// Not yet.
    Wait {
        /// Until, ms UTC.
        at_ms: i64,
        /// For what.
        why: String,
    },
    /// Not without a person.
    Refuse {
        /// Kind.
        cause: Cause,
        /// Why, and what to do.
        sentence: String,
    },
    /// These calls, in this order.
    Send {
        /// The calls.
        groups: Vec<Group>,
        /// Some of it was reported before: the buyer has been told once.
        begun: bool,
    },
}

/// Units per order line.
type Units = BTreeMap<String, i64>;

/// Decides what reporting `draft` takes.
pub fn plan(draft: &FulfillmentDraft, work: &Work, now_ms: i64) -> Plan {
    let mut left = wanted(draft);
    if left.is_empty() {
        return Plan::Refuse {
            cause: Cause::ParcelDoesNotFit,
            sentence: "The parcel has no lines of this order.".into(),
        };
    }
    let ours = ours(draft, work);
    for fulfillment in &ours {
        for line in &fulfillment.lines {
            if let Some(units) = left.get_mut(&line.order_line_id) {
                *units -= line.quantity;
            }
        }
    }
    left.retain(|_, units| *units > 0);
    if left.is_empty() {
        return Plan::Already { fulfillment_ids: ours.iter().map(|f| f.remote_id.clone()).collect(), note: None };
    }
    if work.cancelled_at_ms.is_some() {
        return Plan::Refuse {
            cause: Cause::FulfillmentRefused,
            sentence: "The order is cancelled in the store, so a parcel cannot be reported any more.".into(),
        };
    }
    let (groups, uncovered) = allocate(&left, &work.fos);
    if uncovered.is_empty() {
        return Plan::Send { groups, begun: !ours.is_empty() };
    }
    why_not(draft, work, &uncovered, now_ms)
}

/// Live fulfillments of the store that report this parcel, or a part of it.
///
/// The tracking number tells. Without one, a fulfillment that is new since the
/// parcel was planned, carries no tracking either, and has no line but ours.
pub fn ours<'a>(draft: &FulfillmentDraft, work: &'a Work) -> Vec<&'a Fulfillment> {
    let fold =
        |number: &str| number.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect::<String>();
    let numbers: Vec<String> =
        draft.tracking.numbers.iter().map(|number| fold(number)).filter(|number| !number.is_empty()).collect();
    let wanted = wanted(draft);
    let live = work.fulfillments.iter().filter(|fulfillment| fulfillment.live);
    live.filter(|fulfillment| {
        if numbers.is_empty() {
            is_new(draft, fulfillment) && fulfillment.tracking_numbers.is_empty() && is_part_of(fulfillment, &wanted)
        } else {
            fulfillment.tracking_numbers.iter().any(|number| numbers.contains(&fold(number)))
        }
    })
    .collect()
}

/// Every unit of `draft` is in these fulfillments.
pub fn covers(draft: &FulfillmentDraft, fulfillments: &[&Fulfillment]) -> bool {
    wanted(draft).iter().all(|(line_id, units)| {
        let told: i64 = fulfillments
            .iter()
            .flat_map(|f| &f.lines)
            .filter(|l| l.order_line_id == *line_id)
            .map(|l| l.quantity)
            .sum();
        told >= *units
    })
}

fn is_new(draft: &FulfillmentDraft, fulfillment: &Fulfillment) -> bool {
    !draft.known_fulfillment_ids.contains(&fulfillment.remote_id)
}

fn is_part_of(fulfillment: &Fulfillment, wanted: &Units) -> bool {
    !fulfillment.lines.is_empty()
        && fulfillment
            .lines
            .iter()
            .all(|line| wanted.get(&line.order_line_id).is_some_and(|units| line.quantity <= *units))
}

fn wanted(draft: &FulfillmentDraft) -> Units {
    let mut units = Units::new();
    for line in draft.lines.iter().filter(|line| line.quantity > 0) {
        *units.entry(line.order_line_id.clone()).or_default() += line.quantity;
    }
    units
}

/// Spreads `left` over what may be fulfilled now, in as few locations as possible; and what found no place.
fn allocate(left: &Units, fos: &[FulfillmentOrder]) -> (Vec<Group>, Units) {
    let mut left = left.clone();
    let mut places: BTreeMap<&str, Vec<&FulfillmentOrder>> = BTreeMap::new();
    for fo in fos.iter().filter(|fo| fo.can_fulfill) {
        // Without the right to read locations only the name tells them apart.
        places.entry(fo.location_id.as_deref().unwrap_or(&fo.location_name)).or_default().push(fo);
    }
    let mut groups = Vec::new();
    while !left.is_empty() {
        let best = places.iter().map(|(place, fos)| (place_units(&left, fos), *place)).max_by_key(|(units, _)| *units);
        let Some((units, place)) = best.filter(|(units, _)| *units > 0) else { break };
        debug_assert!(units > 0);
        let fos = places.remove(place).unwrap_or_default();
        groups.push(take(&mut left, &fos));
        left.retain(|_, units| *units > 0);
    }
    (groups, left)
}

fn place_units(left: &Units, fos: &[&FulfillmentOrder]) -> i64 {
    left.iter().map(|(line_id, units)| (*units).min(remaining(fos.iter().copied(), line_id))).sum()
}

fn remaining<'a>(fos: impl Iterator<Item = &'a FulfillmentOrder>, line_id: &str) -> i64 {
    fos.flat_map(|fo| &fo.lines).filter(|line| line.order_line_id == line_id).map(|line| line.remaining_quantity).sum()
}

fn take(left: &mut Units, fos: &[&FulfillmentOrder]) -> Group {
    let mut group =
        Group { location: fos.first().map(|fo| fo.location_name.clone()).unwrap_or_default(), fos: Vec::new() };
    for fo in fos {
        let mut lines = Vec::new();
        for line in &fo.lines {
            let Some(units) = left.get_mut(&line.order_line_id) else { continue };
            let taken = (*units).min(line.remaining_quantity);
            if taken > 0 {
                *units -= taken;
                lines.push((line.remote_id.clone(), taken));
            }
        }
        if !lines.is_empty() {
            group.fos.push((fo.remote_id.clone(), lines));
        }
    }
    group
}

/// Why some units found no place, and what that means.
fn why_not(draft: &FulfillmentDraft, work: &Work, uncovered: &Units, now_ms: i64) -> Plan {
    let missing: i64 = uncovered.values().sum();
    let refuse = |cause, sentence: String| Plan::Refuse { cause, sentence };
    let whole = wanted(draft);
    // Somebody clicked "fulfilled" without a number: the store knows that the lines left.
    let by_hand = work.fulfillments.iter().filter(|f| f.live && is_new(draft, f) && f.tracking_numbers.is_empty());
    let by_hand: Vec<&Fulfillment> = by_hand.filter(|f| is_part_of(f, &whole)).collect();
    if !by_hand.is_empty() && covers(draft, &by_hand) {
        return Plan::Already {
            fulfillment_ids: by_hand.iter().map(|f| f.remote_id.clone()).collect(),
            note: Some("fulfilled by hand in the store, without tracking".into()),
        };
    }
    let waiting = |fo: &&FulfillmentOrder| {
        !fo.can_fulfill
            && fo.lines.iter().any(|line| line.remaining_quantity > 0 && uncovered.contains_key(&line.order_line_id))
    };
    let blocked: Vec<&FulfillmentOrder> = work.fos.iter().filter(waiting).collect();
    if let Some(fo) = blocked.iter().find(|fo| fo.status == "on_hold" || !fo.holds.is_empty()) {
        let reason = fo.holds.first().map_or_else(String::new, |hold| {
            let notes = if hold.notes.is_empty() { String::new() } else { format!(", {}", hold.notes) };
            format!(" ({}{notes})", hold.reason)
        });
        return refuse(
            Cause::HeldInChannel,
            format!(
                "{missing} {} on hold in the store{reason}. Release the hold in Shopify, then retry.",
                units_are(missing)
            ),
        );
    }
    if let Some(fo) = blocked.iter().find(|fo| fo.third_party) {
        return refuse(
            Cause::FulfillmentRefused,
            format!(
                "{missing} {} at {}, a location of another app's fulfillment service. Move them to your own location in Shopify, then retry.",
                units_are(missing),
                place(fo)
            ),
        );
    }
    if let Some(at_ms) = blocked
        .iter()
        .filter(|fo| fo.status == "scheduled")
        .map(|fo| fo.fulfill_at_ms.unwrap_or(now_ms + HOUR_MS))
        .min()
    {
        // Looked at daily at least: schedules are moved.
        return Plan::Wait {
            at_ms: at_ms.clamp(now_ms + MINUTE_MS, now_ms + DAY_MS),
            why: "the store starts shipping these lines later".into(),
        };
    }
    if let Some(fo) = blocked.first() {
        return refuse(
            Cause::FulfillmentRefused,
            format!(
                "The store does not let {missing} {} be fulfilled at {} (state {}). Look at the order in Shopify, then retry.",
                units(missing),
                place(fo),
                fo.status
            ),
        );
    }
    let unrouted = uncovered
        .keys()
        .any(|line_id| !work.fos.iter().any(|fo| fo.lines.iter().any(|line| line.order_line_id == *line_id)));
    if unrouted && now_ms - work.created_at_ms < ROUTING_MS {
        return Plan::Wait {
            at_ms: now_ms + MINUTE_MS,
            why: "the store is still assigning the order to a location".into(),
        };
    }
    if work.fos.is_empty() {
        return refuse(
            Cause::ScopeMissing,
            "The store shows nothing to ship for this order. Most often the app lacks the permission read_merchant_managed_fulfillment_orders; grant it, then retry.".into(),
        );
    }
    refuse(
        Cause::FulfillmentRefused,
        format!(
            "The store has no open work for {missing} {}: fulfilled by hand, removed or refunded meanwhile. Compare the order in Shopify, then retry or skip.",
            units(missing)
        ),
    )
}

fn units(count: i64) -> &'static str {
    if count == 1 { "unit" } else { "units" }
}

fn units_are(count: i64) -> &'static str {
    if count == 1 { "unit is" } else { "units are" }
}

fn place(fo: &FulfillmentOrder) -> &str {
    if fo.location_name.is_empty() { "its location" } else { &fo.location_name }
}

#[cfg(test)]
#[path = "allocate_tests.rs"]
mod tests;
