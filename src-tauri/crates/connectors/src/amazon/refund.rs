//! What a refund at Amazon is made of: pure.
//!
//! Amounts are totals for all units of an item, never per unit, and never more
//! leaves than the draft says. Nothing protects a refund from being given twice, so
//! nothing here guesses: what does not add up is refused.

use super::envelope::{Adjustment, Refund};
use super::places::marketplace;
use quayside_model::{Money, Order, OrderLine, RefundDraft};

/// Amazon's word for a reason of ours.
fn reason(word: &str) -> &'static str {
    match word {
        "customer" => "CustomerCancel",
        "inventory" => "NoInventory",
        "return" => "CustomerReturn",
        "address" => "CustomerAddressIncorrect",
        "price" => "PriceError",
        _ => "GeneralAdjustment",
    }
}

/// The refund as Amazon wants it, or why it cannot be sent.
pub fn plan(draft: &RefundDraft, order: &Order, marketplace_id: &str) -> Result<Refund, String> {
    let status = order.fulfillment_orders.first().map_or("", |work| work.status.as_str());
    if order.fulfillment_orders.iter().any(|work| work.third_party) {
        return Err("Amazon itself ships this order (FBA) and gives its money back itself.".into());
    }
    if !matches!(status, "shipped" | "partially_shipped") {
        return Err("Before anything was shipped there is nothing to give back: cancel the order instead.".into());
    }
    if draft.currency != order.currency {
        return Err(format!("The order is in {}, the refund in {}.", order.currency, draft.currency));
    }
    let goods_minor = draft.total_minor - draft.shipping_minor;
    if draft.total_minor <= 0 || draft.shipping_minor < 0 || goods_minor < 0 {
        return Err("The amounts do not add up to money for the buyer.".into());
    }
    if draft.shipping_minor > order.shipping_minor {
        return Err("More shipping would be given back than was paid.".into());
    }
    let place = marketplace(marketplace_id);
    // Japan refuses separate taxes; where prices contain tax, so does the principal.
    let splits_tax = !order.taxes_included && place.is_none_or(|place| place.country != "JP");
    let mut lines: Vec<(&OrderLine, i64)> = Vec::new();
    for wanted in draft.lines.iter().filter(|line| line.quantity > 0) {
        let line = order.lines.iter().find(|line| line.remote_id == wanted.order_line_id);
        let line = line.ok_or_else(|| format!("The order has no line {}.", wanted.order_line_id))?;
        if wanted.quantity > line.quantity {
            return Err(format!("Only {} of {} were bought.", line.quantity, line.sku));
        }
        lines.push((line, line.paid_minor(wanted.quantity, !splits_tax)));
    }
    let mut items: Vec<Adjustment> = Vec::new();
    let adjustment = |line: &OrderLine| Adjustment {
        item_id: line.remote_id.clone(),
        reason: reason(&draft.reason),
        components: Vec::new(),
    };
    let all_minor: i64 = lines.iter().map(|(_, worth)| *worth).sum();
    if goods_minor > 0 && lines.is_empty() {
        // Money without goods.
        let line = order.lines.first().ok_or("The order has no lines.")?;
        let mut item = adjustment(line);
        item.components.push(("Goodwill", amount(goods_minor, order)));
        items.push(item);
    } else if goods_minor > 0 {
        if goods_minor > all_minor {
            return Err("More would be given back for these units than was paid for them.".into());
        }
        let mut left_minor = goods_minor;
        for (n, (line, worth)) in lines.iter().enumerate() {
            let last = n + 1 == lines.len();
            let share = if last { left_minor } else { goods_minor * worth / all_minor.max(1) };
            left_minor -= share;
            if share <= 0 {
                continue;
            }
            let mut item = adjustment(line);
            let tax = if splits_tax { share * tax_part(line) / 1_000_000 } else { 0 };
            item.components.push(("Principal", amount(share - tax, order)));
            if tax > 0 {
                item.components.push(("Tax", amount(tax, order)));
            }
            items.push(item);
        }
    }
    if draft.shipping_minor > 0 {
        let shipping = ("Shipping", amount(draft.shipping_minor, order));
        if let Some(item) = items.first_mut() {
            item.components.push(shipping);
        } else {
            let line = lines.first().map(|(line, _)| *line).or_else(|| order.lines.first());
            let mut item = adjustment(line.ok_or("The order has no lines.")?);
            item.components.push(shipping);
            items.push(item);
        }
    }
    Ok(Refund { order_id: draft.order_remote_id.clone(), currency: order.currency.0.clone(), items })
}

/// Tax in a line's price, millionths.
fn tax_part(line: &OrderLine) -> i64 {
    let goods = line.discounted_unit_price_minor * line.quantity;
    let whole = goods + line.tax_minor;
    if whole > 0 { line.tax_minor * 1_000_000 / whole } else { 0 }
}

fn amount(minor: i64, order: &Order) -> String {
    Money::new(minor, order.currency.clone()).decimal().to_string()
}

#[cfg(test)]
#[path = "tests/refund.rs"]
mod tests;
