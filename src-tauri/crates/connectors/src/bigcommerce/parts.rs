//! An order with several ship-to addresses is several orders here: one per address.
//!
//! One order of ours has one address, one stay at a hub and its own parcels. So each
//! address with goods becomes an [`Order`] of its own, a *part*. The part of the lowest
//! address keeps the store's id (`1042`), the others add their address to it
//! (`1042:77`), whatever is refunded later. People see `1042`, `1042-2`, `1042-3`.
//!
//! Each part has its address's lines, shipping and shipments. What the store keeps only
//! for the order as a whole (gift wrap, handling, discounts) is with the first part, and
//! with the next where it is more than that one holds: added up, the parts are the
//! store's order to the cent.
//!
//! A change says by its order's id which part it is about ([`Part::of`]).

use super::gather::{Whole, id_of};
use super::json::{At, Bad};
use super::translate::{Shop, order, was_given};
use quayside_model::{Currency, Order};
use serde_json::Value;
use std::collections::BTreeSet;

/// What an order's id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The store's order.
    pub order: i64,
    /// The address it is about; `None`: the only one, or the lowest.
    pub address: Option<i64>,
}

impl Part {
    /// `1042`, or `1042:77`.
    pub fn of(remote_id: &str) -> Option<Self> {
        match remote_id.split_once(':') {
            None => remote_id.parse().ok().map(|order| Self { order, address: None }),
            Some((order, address)) => Some(Self { order: order.parse().ok()?, address: Some(address.parse().ok()?) }),
        }
    }

    /// The address whose goods it is about, of those the order has goods for.
    fn door(self, doors: &[i64]) -> Option<i64> {
        self.address.or(doors.first().copied())
    }

    /// Ids of the lines it is about; `None`: all of the order.
    pub fn lines(self, whole: &Whole) -> Option<BTreeSet<String>> {
        let own = of_part(whole, self)?;
        Some(own.lines.iter().map(|line| At::root(line, "line").get("id").text()).collect())
    }
}

/// The order as if there were only this part of it, without refunds, which are the whole's; `None`: all of it.
pub fn of_part(whole: &Whole, part: Part) -> Option<Whole> {
    let doors = doors(whole);
    if doors.len() < 2 && part.address.is_none_or(|address| doors.contains(&address)) {
        return None;
    }
    let door = part.door(&doors)?;
    Some(only(whole, door, doors.first() == Some(&door)))
}

/// What of an address's shipping was given back before, minor units.
pub fn shipping_back(refunds: &[Value], address: i64, currency: &Currency) -> i64 {
    let given = refunds.iter().map(|refund| At::root(refund, "refund")).filter(was_given);
    let items = given.flat_map(|refund| refund.get("items").entries());
    items
        .filter(|item| item.get("item_type").text() == "SHIPPING" && item.get("item_id").count() == address)
        .map(|item| item.get("requested_amount").amount(currency).unwrap_or(0))
        .sum()
}

/// Money went back that was not for goods alone, and nobody can say that none of it was this address's shipping.
pub fn is_shipping_touched(refunds: &[Value], address: i64) -> bool {
    let goods = |item: &At<'_>| matches!(item.get("item_type").text().as_str(), "PRODUCT" | "GIFT_WRAPPING");
    let elsewhere = |item: &At<'_>| {
        let kind = item.get("item_type").text();
        matches!(kind.as_str(), "SHIPPING" | "HANDLING") && item.get("item_id").count() != address
    };
    refunds.iter().map(|refund| At::root(refund, "refund")).filter(was_given).any(|refund| {
        let items = refund.get("items").entries();
        items.is_empty() || !items.iter().all(|item| goods(item) || elsewhere(item))
    })
}

/// A carrier must take it. A kind added later is taken for goods: sending nothing would be worse than asking.
pub fn is_goods(line: &Value) -> bool {
    let at = At::root(line, "line");
    at.get("order_pickup_method_id").count() <= 0
        && !matches!(at.get("type").text().as_str(), "digital" | "giftcertificate")
}

/// The address a line goes to, 0 for none. One that names no address goes where everything goes.
pub fn address_of(line: &Value, whole: &Whole) -> i64 {
    let lone = whole.addresses.keys().next().copied().filter(|_| whole.addresses.len() == 1);
    id_of(line, "order_address_id").filter(|id| *id > 0).or(lone).unwrap_or(0)
}

/// The addresses the order has goods for, refunded ones too, lowest first; goods without an address come last.
pub fn doors(whole: &Whole) -> Vec<i64> {
    let goods = whole.lines.iter().filter(|line| is_goods(line));
    let doors: BTreeSet<(bool, i64)> = goods.map(|line| address_of(line, whole)).map(|id| (id == 0, id)).collect();
    doors.into_iter().map(|(_, id)| id).collect()
}

/// Addresses other than this part's to which something that is still wanted goes.
pub fn others_wanted(whole: &Whole, part: Part) -> usize {
    let doors = doors(whole);
    let own = part.door(&doors);
    let wanted = |line: &&Value| {
        let at = At::root(line, "line");
        is_goods(line) && at.get("quantity").count() > at.get("quantity_refunded").count()
    };
    let others: BTreeSet<i64> = whole.lines.iter().filter(wanted).map(|line| address_of(line, whole)).collect();
    others.iter().filter(|door| Some(**door) != own).count()
}

/// What is no carrier's (downloads, what is fetched) is with the first part.
fn belongs(line: &Value, door: i64, first: bool, whole: &Whole) -> bool {
    if is_goods(line) { address_of(line, whole) == door } else { first }
}

/// The store's order as orders of ours.
pub fn orders(whole: &Whole, shop: &Shop) -> Result<Vec<Order>, Bad> {
    let doors = doors(whole);
    let all = order(whole, shop)?;
    if doors.len() < 2 {
        return Ok(vec![all]);
    }
    let mut parts = Vec::new();
    for (i, door) in doors.iter().enumerate() {
        let mut part = order(&only(whole, *door, i == 0), shop)?;
        if i > 0 {
            part.remote_id = format!("{}:{door}", all.remote_id);
            part.number = format!("{}-{}", all.number, i + 1);
        }
        let back = !part.lines.is_empty() && part.lines.iter().all(|line| line.current_quantity == 0);
        if back && part.fulfillments.is_empty() && part.cancelled_at_ms.is_none() {
            // Like an order whose money went back before anything of it left.
            part.cancelled_at_ms = Some(part.updated_at_ms);
            part.cancel_reason = Some("refunded".to_owned());
        }
        mark(&mut part, &all.number, &format!("{} of {}", i + 1, doors.len()));
        parts.push(part);
    }
    share_money(&mut parts, &all, whole, &doors)?;
    Ok(parts)
}

/// A part the store's order no longer has: its goods were taken out of the order, or go somewhere else.
pub fn gone(whole: &Whole, address: i64, shop: &Shop) -> Result<Order, Bad> {
    let mut nothing = whole.clone();
    nothing.lines.clear();
    nothing.addresses.clear();
    nothing.shipments.clear();
    nothing.refunds.clear();
    let mut part = order(&nothing, shop)?;
    let number = std::mem::take(&mut part.number);
    part.remote_id = format!("{}:{address}", part.remote_id);
    part.number = format!("{number}-x");
    mark(&mut part, &number, "taken out");
    part.cancelled_at_ms = Some(part.updated_at_ms);
    part.cancel_reason = Some(format!("nothing of {number} goes to this address any more"));
    for amount in [&mut part.subtotal_minor, &mut part.discount_minor, &mut part.shipping_minor, &mut part.tax_minor] {
        *amount = 0;
    }
    (part.total_minor, part.current_total_minor) = (0, 0);
    Ok(part)
}

fn mark(part: &mut Order, number: &str, which: &str) {
    part.attributes.push(("part_of".to_owned(), number.to_owned()));
    part.attributes.push(("part".to_owned(), which.to_owned()));
}

/// The order as if it went to this one address.
fn only(whole: &Whole, door: i64, first: bool) -> Whole {
    let lines: Vec<Value> = whole.lines.iter().filter(|line| belongs(line, door, first, whole)).cloned().collect();
    let ids: BTreeSet<i64> = lines.iter().filter_map(|line| id_of(line, "id")).collect();
    // A shipment goes to one address; what people made of it by hand is told apart by its lines all the same.
    let shipments = whole.shipments.iter().filter_map(|shipment| {
        let mut shipment = shipment.clone();
        let items = shipment.get_mut("items").and_then(Value::as_array_mut)?;
        items.retain(|item| id_of(item, "order_product_id").is_some_and(|id| ids.contains(&id)));
        (!items.is_empty()).then_some(shipment)
    });
    Whole {
        order: whole.order.clone(),
        shipments: shipments.collect(),
        addresses: whole.addresses.iter().filter(|(id, _)| **id == door).map(|(id, at)| (*id, at.clone())).collect(),
        // Refunds belong to the whole; [`share_money`] sees to them.
        refunds: Vec::new(),
        hold: whole.hold.clone(),
        lines,
    }
}

/// Gives every part its own money: what its lines and its shipping cost, and the first one all else.
fn share_money(parts: &mut [Order], all: &Order, whole: &Whole, doors: &[i64]) -> Result<(), Bad> {
    let own: Vec<Own> = doors
        .iter()
        .enumerate()
        .map(|(i, door)| {
            let mut own = Own::of(&only(whole, *door, i == 0), &all.currency, all.taxes_included)?;
            own.returned_minor += shipping_back(&whole.refunds, *door, &all.currency);
            Ok(own)
        })
        .collect::<Result<_, Bad>>()?;
    let share = |total_minor: i64, of: fn(&Own) -> i64| shares(total_minor, &own.iter().map(of).collect::<Vec<_>>());
    let subtotals = share(all.subtotal_minor, |own| own.goods_minor);
    let shipping = share(all.shipping_minor, |own| own.shipping_minor);
    let taxes = share(all.tax_minor, |own| own.tax_minor);
    let totals = share(all.total_minor, |own| own.total_minor);
    // What was given back for lines is known by line, of shipping by address; any other amount is the whole's.
    let returned_minor = all.total_minor - all.current_total_minor;
    let returned = shares(returned_minor, &own.iter().map(|own| own.returned_minor).collect::<Vec<_>>());
    // Where a part pays less than its goods and shipping cost, the discount is what is missing.
    let gross: Vec<i64> = own.iter().map(|own| own.total_minor).collect();
    let further: Vec<i64> = gross.iter().zip(&totals).map(|(gross, total)| (gross - total).max(0)).collect();
    let discounts = shares(all.discount_minor, &further);
    for (i, part) in parts.iter_mut().enumerate() {
        part.subtotal_minor = subtotals[i];
        part.shipping_minor = shipping[i];
        part.tax_minor = taxes[i];
        part.total_minor = totals[i];
        part.discount_minor = discounts[i];
        part.current_total_minor = totals[i];
    }
    let left: Vec<i64> = parts.iter().zip(&returned).map(|(part, back)| part.total_minor - back).collect();
    for (part, left_minor) in parts.iter_mut().zip(shares(all.current_total_minor, &left)) {
        part.current_total_minor = left_minor;
        part.refunded_minor = Some(part.total_minor - left_minor).filter(|minor| *minor > 0);
    }
    Ok(())
}

/// What an address's lines and shipping cost before any discount, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_field_names)] // units are in names
struct Own {
    goods_minor: i64,
    shipping_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    returned_minor: i64,
}

impl Own {
    fn of(part: &Whole, currency: &Currency, inclusive: bool) -> Result<Self, Bad> {
        let side = if inclusive { "inc" } else { "ex" };
        let mut own = Self { goods_minor: 0, shipping_minor: 0, tax_minor: 0, total_minor: 0, returned_minor: 0 };
        for (i, line) in part.lines.iter().enumerate() {
            let at = At::root(line, &format!("products[{i}]"));
            if at.get("parent_order_product_id").count() > 0 {
                continue; // its price is in the bundle's own line
            }
            let total_minor = at.get("total_inc_tax").amount(currency)?;
            own.goods_minor += at.get(&format!("total_{side}_tax")).amount(currency)?;
            own.tax_minor += at.get("total_tax").amount(currency)?;
            own.total_minor += total_minor;
            let units = at.get("quantity").count();
            if units > 0 {
                own.returned_minor += total_minor * at.get("quantity_refunded").count().clamp(0, units) / units;
            }
        }
        for row in part.addresses.values() {
            let at = At::root(row, "shipping_address");
            let (ex, inc) = (at.get("cost_ex_tax").amount(currency)?, at.get("cost_inc_tax").amount(currency)?);
            own.shipping_minor += if inclusive { inc } else { ex };
            own.tax_minor += inc - ex;
            own.total_minor += inc;
        }
        Ok(own)
    }
}

/// Shares of a sum: each part its own, the first one the rest. Where the others' own is more than there is, they get
/// less, from the second on. Adds up to `total` for every `total` that is not negative.
fn shares(total: i64, own: &[i64]) -> Vec<i64> {
    let mut left = total.max(0);
    let mut shares = vec![0; own.len()];
    for (share, own) in shares.iter_mut().zip(own).skip(1).rev() {
        *share = (*own).clamp(0, left);
        left -= *share;
    }
    if let Some(first) = shares.first_mut() {
        *first = left;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_which_part_they_are_about() {
        for (text, part) in [
            ("1042", Some(Part { order: 1042, address: None })),
            ("1042:77", Some(Part { order: 1042, address: Some(77) })),
            ("1042:", None),
            (":77", None),
            ("1042:77:1", None),
            ("", None),
        ] {
            assert_eq!(Part::of(text), part, "{text}");
        }
    }

    #[test]
    fn the_first_part_has_what_is_nobodys() {
        assert_eq!(shares(1_000, &[300, 400]), [600, 400]);
        // More is claimed than there is: the first has nothing, the next a part of its own.
        assert_eq!(shares(1_000, &[300, 400, 900]), [0, 100, 900]);
        assert_eq!(shares(0, &[300, 400]), [0, 0]);
    }

    proptest::proptest! {
        #[test]
        fn parts_always_add_up(total in 0_i64..1_000_000, own in proptest::collection::vec(-10_000_i64..600_000, 1..6)) {
            let shares = shares(total, &own);
            proptest::prop_assert_eq!(shares.iter().sum::<i64>(), total);
            proptest::prop_assert!(shares.iter().all(|share| *share >= 0));
        }
    }
}
