//! What reporting a parcel takes: pure.
//!
//! Amazon keeps one tracking number per package, and a package is named by a
//! positive number of ours. The same number again edits the package instead of
//! making another, so the number is derived from the effect's permanent key: a
//! repetition can never report the goods twice.

use super::at::write_time;
use super::carriers::carrier;
use quayside_model::{Cause, Fulfillment, FulfillmentDraft, FulfillmentLine, Order, Tracking};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Numbers below are left to people and other tools, who count from 1.
const FIRST_REFERENCE: u64 = 1_000;
/// Highest number: fits every integer Amazon might keep it in.
const LAST_REFERENCE: u64 = 2_147_483_647;

/// Name of the `n`-th package of the effect with this key.
pub fn reference(key: &str, n: usize) -> String {
    // FNV-1a: stable for ever, and spread well enough for the handful of packages of one order.
    let text = format!("{key}#{n}");
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (FIRST_REFERENCE + hash % (LAST_REFERENCE - FIRST_REFERENCE)).to_string()
}

/// One package to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub reference: String,
    /// Its tracking number.
    pub number: String,
    /// Units per order line.
    pub lines: Vec<FulfillmentLine>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Amazon knows already.
    Already {
        /// The package that says so.
        reference: String,
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
    /// Amazon has not released the order.
    TooEarly,
    /// These packages.
    Send {
        /// One call each.
        packages: Vec<Package>,
        /// What Amazon cannot take.
        note: Option<String>,
    },
}

type Units = BTreeMap<String, i64>;

/// Units per line of a draft.
pub fn wanted(draft: &FulfillmentDraft) -> Units {
    let mut units = Units::new();
    for line in draft.lines.iter().filter(|line| line.quantity > 0) {
        *units.entry(line.order_line_id.clone()).or_default() += line.quantity;
    }
    units
}

fn fold(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// The tracking numbers of a draft, without blanks and repetitions.
fn numbers(tracking: &Tracking) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for number in tracking.numbers.iter().map(|number| number.trim()).filter(|number| !number.is_empty()) {
        if !numbers.iter().any(|known| fold(known) == fold(number)) {
            numbers.push(number.to_owned());
        }
    }
    numbers
}

/// Packages on the order that are this effect's, or carry one of its numbers.
pub fn ours<'a>(draft: &FulfillmentDraft, key: &str, order: &'a Order) -> Vec<&'a Fulfillment> {
    let numbers: Vec<String> = numbers(&draft.tracking).iter().map(|number| fold(number)).collect();
    let names: Vec<String> = (0..numbers.len().max(1)).map(|n| reference(key, n)).collect();
    order
        .fulfillments
        .iter()
        .filter(|package| package.live)
        .filter(|package| {
            names.contains(&package.remote_id)
                || package.tracking_numbers.iter().any(|number| numbers.contains(&fold(number)))
        })
        .collect()
}

/// Every unit of `draft` is in these packages.
pub fn covers(draft: &FulfillmentDraft, packages: &[&Fulfillment]) -> bool {
    let told = told(packages);
    wanted(draft).iter().all(|(line, units)| told.get(line).copied().unwrap_or(0) >= *units)
}

fn told(packages: &[&Fulfillment]) -> Units {
    let mut units = Units::new();
    for line in packages.iter().flat_map(|package| &package.lines) {
        *units.entry(line.order_line_id.clone()).or_default() += line.quantity;
    }
    units
}

/// Decides what reporting `draft` takes. `programs`: Amazon's words for the order's programs.
pub fn plan(draft: &FulfillmentDraft, key: &str, order: &Order, programs: &[String]) -> Plan {
    let refuse = |cause, sentence: &str| Plan::Refuse { cause, sentence: sentence.to_owned() };
    let want = wanted(draft);
    if want.is_empty() {
        return refuse(Cause::ParcelDoesNotFit, "The parcel has no lines of this order.");
    }
    let ours = ours(draft, key, order);
    if covers(draft, &ours) {
        let reference = ours.first().map(|package| package.remote_id.clone()).unwrap_or_default();
        return Plan::Already { reference, note: None };
    }
    if order.is_cancelled() {
        return refuse(
            Cause::FulfillmentRefused,
            "The order is cancelled at Amazon, so a parcel cannot be reported any more.",
        );
    }
    if order.fulfillment_orders.iter().any(|work| work.third_party) {
        return refuse(
            Cause::FulfillmentRefused,
            "Amazon itself ships this order (FBA); nothing can be reported for it.",
        );
    }
    if programs.iter().any(|program| program == "FBM_SHIP_PLUS") {
        return refuse(
            Cause::FulfillmentRefused,
            "This order is in Amazon's Ship+ program: its label must be bought from Amazon, and Amazon confirms the parcel itself.",
        );
    }
    let status = order.fulfillment_orders.first().map_or("", |work| work.status.as_str());
    if matches!(status, "pending" | "pending_availability") {
        return Plan::TooEarly;
    }
    let numbers = numbers(&draft.tracking);
    if numbers.is_empty() {
        return refuse(
            Cause::FulfillmentRefused,
            "Amazon takes no parcel without a tracking number. Enter one at the hub, or confirm the order in Seller Central.",
        );
    }
    // What another tool reported under the same number is reported; ours is repeated whole, as an edit.
    let names: Vec<String> = (0..numbers.len()).map(|n| reference(key, n)).collect();
    let theirs: Vec<&Fulfillment> = ours.iter().filter(|p| !names.contains(&p.remote_id)).copied().collect();
    let mut left = want;
    for (line, units) in told(&theirs) {
        if let Some(wanted) = left.get_mut(&line) {
            *wanted -= units;
        }
    }
    left.retain(|_, units| *units > 0);
    if let Some(plan) = somebody_else(&left, order, &names) {
        return plan;
    }
    let parts = split(&left, numbers.len());
    let note = (parts.len() < numbers.len()).then(|| {
        format!("Amazon keeps one number per package, so {} is not shown there", numbers[parts.len()..].join(", "))
    });
    let packages = parts.into_iter().zip(numbers).enumerate();
    Plan::Send {
        packages: packages
            .map(|(n, (lines, number))| Package { reference: reference(key, n), number, lines })
            .collect(),
        note,
    }
}

/// Packages other than `names` took the units of this parcel.
fn somebody_else(want: &Units, order: &Order, names: &[String]) -> Option<Plan> {
    let live = order.fulfillments.iter().filter(|package| package.live && !names.contains(&package.remote_id));
    let live: Vec<&Fulfillment> = live.collect();
    let told = told(&live);
    let line = |id: &str| order.lines.iter().find(|line| line.remote_id == id);
    let free = |id: &str| line(id).map_or(0, |line| line.current_quantity) - told.get(id).copied().unwrap_or(0);
    if want.iter().all(|(id, units)| free(id) >= *units) {
        return None;
    }
    if let Some(unknown) = want.keys().find(|id| line(id).is_none()) {
        return Some(Plan::Refuse {
            cause: Cause::ParcelDoesNotFit,
            sentence: format!("The order at Amazon has no line {unknown}."),
        });
    }
    let others: Vec<String> = live.iter().flat_map(|package| package.tracking_numbers.clone()).collect();
    let with = if others.is_empty() { String::new() } else { format!(" with the number {}", others.join(", ")) };
    Some(Plan::Refuse {
        cause: Cause::FulfillmentRefused,
        sentence: format!(
            "Amazon already has these units confirmed{with}; somebody else reported them. Correct the number in Seller Central if it is wrong, then skip this."
        ),
    })
}

/// Spreads units over so many packages: the first takes the bulk, each further one a unit. Fewer where there are fewer units.
pub fn split(want: &Units, count: usize) -> Vec<Vec<FulfillmentLine>> {
    let mut left: Vec<FulfillmentLine> =
        want.iter().map(|(line, units)| FulfillmentLine { order_line_id: line.clone(), quantity: *units }).collect();
    let units: i64 = left.iter().map(|line| line.quantity).sum();
    let count = count.min(usize::try_from(units).unwrap_or(1)).max(1);
    let mut parts: Vec<Vec<FulfillmentLine>> = Vec::new();
    for _ in 1..count {
        let Some(last) = left.last_mut() else { break };
        parts.push(vec![FulfillmentLine { order_line_id: last.order_line_id.clone(), quantity: 1 }]);
        last.quantity -= 1;
        left.retain(|line| line.quantity > 0);
    }
    parts.insert(0, left);
    parts
}

/// What correcting the tracking of a package takes: the package edited, and new ones for further numbers.
pub fn replace(package: &Fulfillment, tracking: &Tracking, key: &str, order: &Order) -> Option<Vec<Package>> {
    let wanted = numbers(tracking);
    let shown = |number: &String| {
        let others = order.fulfillments.iter().filter(|other| other.live && other.remote_id != package.remote_id);
        others.flat_map(|other| &other.tracking_numbers).any(|theirs| fold(theirs) == fold(number))
    };
    let own = package.tracking_numbers.first().cloned().unwrap_or_default();
    let keeps = wanted.iter().any(|number| fold(number) == fold(&own));
    let mut news: Vec<String> =
        wanted.iter().filter(|number| fold(number) != fold(&own) && !shown(number)).cloned().collect();
    if news.is_empty() {
        return None;
    }
    let first = if keeps { own } else { news.remove(0) };
    let mut units = Units::new();
    for line in &package.lines {
        *units.entry(line.order_line_id.clone()).or_default() += line.quantity;
    }
    let parts = split(&units, news.len() + 1);
    if keeps && parts.len() == 1 {
        return None;
    }
    let names = std::iter::once(package.remote_id.clone()).chain((1..).map(|n| reference(key, n)));
    let packages = parts.into_iter().zip(std::iter::once(first).chain(news)).zip(names);
    Some(packages.map(|((lines, number), reference)| Package { reference, number, lines }).collect())
}

/// The body of `confirmShipment`.
pub fn body(package: &Package, tracking: &Tracking, marketplace_id: &str, shipped_at_ms: i64) -> Value {
    let carrier = carrier(tracking);
    let mut detail = json!({
        // A text that holds a number: numbers are refused, and so is leaving it out.
        "packageReferenceId": package.reference,
        "carrierCode": carrier.code,
        "trackingNumber": package.number,
        "shipDate": write_time(shipped_at_ms),
        "orderItems": package.lines.iter().map(|line| json!({ "orderItemId": line.order_line_id, "quantity": line.quantity })).collect::<Vec<_>>(),
    });
    if let Some(name) = carrier.name {
        detail["carrierName"] = json!(name);
    }
    json!({ "marketplaceId": marketplace_id, "packageDetail": detail })
}

/// The package shows this number and carrier.
pub fn shows(package: &Fulfillment, tracking: &Tracking, order: &Order, key: &str) -> bool {
    replace(package, tracking, key, order).is_none()
}

#[cfg(test)]
#[path = "tests/ship.rs"]
mod tests;
