//! What a refund is made of.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use quayside_model::Currency;
use quayside_model::effect::RefundLineDraft;
use serde_json::json;

const DE: &str = "A1PA6795UKMFR9";
const US: &str = "ATVPDKIKX0DER";
const JP: &str = "A1VC38T7YXB528";

fn order(place: &str, currency: &str, status: &str) -> Order {
    let money = |amount: &str| json!({ "amount": amount, "currencyCode": currency });
    let item = |id: &str| {
        json!({
            "orderItemId": id, "quantityOrdered": 2, "product": { "sellerSku": id, "price": { "unitPrice": money("1000") } },
            "proceeds": { "breakdowns": [{ "type": "ITEM", "subtotal": money("2000") }, { "type": "TAX", "subtotal": money("200") }] },
        })
    };
    let total = if place == US { "4900" } else { "4500" };
    super::super::translate::order(&json!({
        "orderId": "1", "createdTime": "2026-11-01T10:00:00Z", "lastUpdatedTime": "2026-11-01T10:00:00Z",
        "salesChannel": { "channelName": "AMAZON", "marketplaceId": place },
        "fulfillment": { "fulfillmentStatus": status, "fulfilledBy": "MERCHANT" },
        "proceeds": { "grandTotal": money(total), "breakdowns": [
            { "type": "ITEM", "subtotal": money("4000") }, { "type": "SHIPPING", "subtotal": money("500") }, { "type": "TAX", "subtotal": money("400") } ] },
        "orderItems": [item("a"), item("b")],
    }))
    .unwrap()
}

fn draft(currency: &str, lines: &[(&str, i64)], total: i64, shipping: i64) -> RefundDraft {
    RefundDraft {
        order_remote_id: "1".into(),
        lines: lines
            .iter()
            .map(|(id, quantity)| RefundLineDraft { order_line_id: (*id).into(), quantity: *quantity, restock: false })
            .collect(),
        shipping_minor: shipping,
        total_minor: total,
        currency: Currency::new(currency),
        reason: "return".into(),
        note: String::new(),
        notify_customer: true,
        known_refund_ids: vec![],
    }
}

fn made_of(
    place: &str,
    currency: &str,
    lines: &[(&str, i64)],
    total: i64,
    shipping: i64,
) -> Result<Vec<String>, String> {
    let refund = plan(&draft(currency, lines, total, shipping), &order(place, currency, "SHIPPED"), place)?;
    Ok(refund
        .items
        .iter()
        .map(|item| {
            let parts: Vec<String> = item.components.iter().map(|(kind, amount)| format!("{kind} {amount}")).collect();
            format!("{}: {}", item.item_id, parts.join(", "))
        })
        .collect())
}

/// Totals for all units; the tax apart only where prices come without it; never in Japan (trap 13).
#[test]
fn trap_13_amounts_are_totals_and_taxes_go_where_the_marketplace_wants_them() {
    for (place, currency, lines, total, shipping, parts) in [
        (DE, "EUR", &[("a", 2)][..], 200_000, 0, &["a: Principal 2000.00"][..]),
        (DE, "EUR", &[("a", 1)], 150_000, 50_000, &["a: Principal 1000.00, Shipping 500.00"]),
        (DE, "EUR", &[("a", 1), ("b", 2)], 300_000, 0, &["a: Principal 1000.00", "b: Principal 2000.00"]),
        // Less than was paid is spread by what the lines are worth.
        (DE, "EUR", &[("a", 1), ("b", 2)], 100_000, 0, &["a: Principal 333.33", "b: Principal 666.67"]),
        (US, "USD", &[("a", 2)], 220_000, 0, &["a: Principal 2000.01, Tax 199.99"]),
        (JP, "JPY", &[("a", 2)], 2_000, 0, &["a: Principal 2000"]),
        (DE, "EUR", &[], 50_000, 50_000, &["a: Shipping 500.00"]),
        (DE, "EUR", &[], 1_000, 0, &["a: Goodwill 10.00"]),
    ] {
        assert_eq!(made_of(place, currency, lines, total, shipping).unwrap(), parts, "{place} {lines:?} {total}");
    }
}

#[test]
fn what_does_not_add_up_is_refused() {
    for (lines, total, shipping, word) in [
        (&[("a", 1)][..], 100_001, 0, "More would be given back"),
        (&[("a", 3)], 100, 0, "Only 2"),
        (&[("z", 1)], 100, 0, "no line z"),
        (&[("a", 1)], 0, 0, "do not add up"),
        (&[("a", 1)], 100, 200, "do not add up"),
        (&[], 60_000, 60_000, "More shipping"),
    ] {
        let why = made_of(DE, "EUR", lines, total, shipping).unwrap_err();
        assert!(why.contains(word), "{word}: {why}");
    }
    let early = plan(&draft("EUR", &[("a", 1)], 100, 0), &order(DE, "EUR", "UNSHIPPED"), DE).unwrap_err();
    assert!(early.contains("cancel the order instead"), "{early}");
    let foreign = plan(&draft("USD", &[("a", 1)], 100, 0), &order(DE, "EUR", "SHIPPED"), DE).unwrap_err();
    assert!(foreign.contains("in EUR"), "{foreign}");
}
