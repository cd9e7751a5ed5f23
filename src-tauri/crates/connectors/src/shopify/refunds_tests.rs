#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use quayside_model::RefundLineDraft;

const ORDER: &str = "gid://shopify/Order/1";

fn money(minor: i64, code: &str) -> Value {
    json!({ "amount": Money::new(minor, Currency::new(code)).decimal().to_string(), "currencyCode": code })
}

/// In euros, and in the dollars that were paid: 1.10 each.
fn bag(minor: i64) -> Value {
    json!({ "shopMoney": money(minor, "EUR"), "presentmentMoney": money(minor * 11 / 10, "USD") })
}

fn pay(id: &str, minor: i64, most_minor: i64, manual: bool) -> Value {
    json!({ "gateway": if manual { "manual" } else { "card" }, "amountSet": bag(minor), "maximumRefundableSet": bag(most_minor),
        "parentTransaction": { "id": id, "gateway": "card", "manualPaymentGateway": manual } })
}

/// Three of a line, one of them shipped, suggested to go back by two payments; 10 of shipping are left.
fn order() -> Value {
    json!({
        "id": ORDER, "name": "#1001", "currencyCode": "EUR", "presentmentCurrencyCode": "USD",
        "refunds": [{ "id": "r1", "note": "Damaged", "transactions": { "nodes": [{ "id": "t", "status": "SUCCESS" }] } }],
        "suggestedRefund": {
            "amountSet": bag(4_000), "totalTaxSet": bag(400), "shipping": { "amountSet": bag(1_000) },
            "refundLineItems": [{ "quantity": 3, "lineItem": { "id": "a", "refundableQuantity": 3, "unfulfilledQuantity": 2 },
                "location": { "id": "theirs", "isFulfillmentService": true } }],
            "suggestedTransactions": [pay("gift", 1_000, 1_000, false), pay("card", 3_000, 5_000, false)],
        },
        "whole": { "suggestedTransactions": [pay("gift", 1_000, 1_000, false), pay("card", 5_000, 5_000, true)] },
        "fulfillmentOrders": { "nodes": [
            { "assignedLocation": { "location": { "id": "theirs", "isFulfillmentService": true } } },
            { "assignedLocation": { "location": { "id": "ours", "isFulfillmentService": false } } },
        ] },
    })
}

fn ask(units: i64, shipping_max_minor: i64, total_minor: Option<i64>) -> RefundAsk {
    let line = RefundLineDraft { order_line_id: "a".into(), quantity: units, restock: true };
    RefundAsk {
        order_remote_id: ORDER.into(),
        lines: vec![line],
        shipping_max_minor,
        total_minor,
        currency: Currency::new("EUR"),
    }
}

fn draft(units: i64, reason: &str, total_minor: i64) -> RefundDraft {
    let asked = ask(units, 1_000, Some(total_minor));
    RefundDraft {
        order_remote_id: ORDER.into(),
        lines: asked.lines,
        shipping_minor: 1_000,
        total_minor,
        currency: asked.currency,
        reason: reason.into(),
        note: String::new(),
        notify_customer: true,
        known_refund_ids: vec![],
    }
}

#[test]
fn a_part_of_an_amount_is_the_same_part_in_both_currencies() {
    let both = Both { shop_minor: 3_000, paid_minor: 3_300 };
    for (shop, paid) in [(3_000, 3_300), (1_500, 1_650), (1, 1), (5, 6), (0, 0)] {
        assert_eq!(both.part(shop), paid, "{shop}");
    }
    assert_eq!(Both::default().part(7), 0, "nothing has no parts");
    let large = Both { shop_minor: i64::MAX, paid_minor: i64::MAX };
    assert_eq!(large.part(12), 12);
}

#[test]
fn money_goes_back_by_the_payments_it_came_by() {
    let look = look(&order()).unwrap();
    for (asked, total, parts, manual) in [
        (ask(3, 1_000, None), 4_000, vec![("gift", 1_100), ("card", 3_300)], false),
        (ask(3, 1_000, Some(2_000)), 2_000, vec![("gift", 1_100), ("card", 1_100)], false),
        (ask(3, 1_000, Some(500)), 500, vec![("gift", 550)], false),
        (ask(3, 1_000, Some(9_999)), 4_000, vec![("gift", 1_100), ("card", 3_300)], false),
        // Money for no line: whatever the payments hold.
        (ask(0, 0, Some(6_000)), 6_000, vec![("gift", 1_100), ("card", 5_500)], false),
        (ask(0, 0, Some(9_999)), 6_000, vec![("gift", 1_100), ("card", 5_500)], false),
    ] {
        let plan = plan(&asked, &look).unwrap();
        let theirs: Vec<(&str, i64)> = plan.payments.iter().map(|(id, _, minor)| (id.as_str(), *minor)).collect();
        assert_eq!((plan.total_minor, theirs, plan.manual), (total, parts, manual), "{asked:?}");
    }
    assert!(plan(&ask(0, 0, None), &look).unwrap_err().contains("Nothing"));
    assert!(plan(&ask(4, 0, None), &look).unwrap_err().contains("lets 3 units"));
    let dollars = RefundAsk { currency: Currency::new("USD"), ..ask(1, 0, None) };
    assert!(plan(&dollars, &look).unwrap_err().contains("is in EUR"));
    // Suggested, and held by no payment.
    let mut poor = order();
    poor["suggestedRefund"]["suggestedTransactions"] = json!([]);
    assert!(plan(&ask(3, 1_000, None), &super::look(&poor).unwrap()).unwrap_err().contains("hold less"));
}

#[test]
fn exactly_what_was_agreed_is_sent() {
    let look = look(&order()).unwrap();
    let (sent, manual) = input(&draft(3, "customer", 4_000), &look, "effect-1").unwrap();
    assert!(!manual);
    assert_eq!(
        sent,
        json!({
            "orderId": ORDER, "currency": "USD", "notify": true,
            "note": format!("Asked for by the customer {}", mark("effect-1")),
            "refundLineItems": [
                { "lineItemId": "a", "quantity": 2, "restockType": "CANCEL", "locationId": "ours" },
                { "lineItemId": "a", "quantity": 1, "restockType": "RETURN", "locationId": "ours" },
            ],
            "shipping": { "amount": "11.00" },
            "transactions": [
                { "orderId": ORDER, "parentId": "gift", "gateway": "card", "kind": "REFUND", "amount": "11.00" },
                { "orderId": ORDER, "parentId": "card", "gateway": "card", "kind": "REFUND", "amount": "33.00" },
            ],
        })
    );
    assert!(input(&draft(3, "customer", 4_001), &look, "effect-1").unwrap_err().contains("40.00 EUR, and 40.01 EUR"));
}

#[test]
fn goods_that_come_back_are_those_that_left() {
    let look = look(&order()).unwrap();
    for (reason, units, expected) in [
        ("return", 1, vec![("RETURN", 1)]),
        ("return", 2, vec![("CANCEL", 1), ("RETURN", 1)]),
        ("customer", 1, vec![("CANCEL", 1)]),
        ("customer", 3, vec![("CANCEL", 2), ("RETURN", 1)]),
    ] {
        let rows = shelf(&draft(units, reason, 1), &look).unwrap();
        let got: Vec<(&str, i64)> =
            rows.iter().map(|row| (row["restockType"].as_str().unwrap(), row["quantity"].as_i64().unwrap())).collect();
        assert_eq!(got, expected, "{reason} {units}");
    }
    let nowhere = Look { place: None, ..look.clone() };
    assert!(shelf(&draft(1, "return", 1), &nowhere).unwrap_err().contains("names no place"));
    let mut keeps = draft(1, "return", 1);
    keeps.lines[0].restock = false;
    let rows = shelf(&keeps, &nowhere).unwrap();
    assert_eq!(rows, [json!({ "lineItemId": "a", "quantity": 1, "restockType": "NO_RESTOCK" })]);
}

#[test]
fn a_refund_of_ours_is_known_by_its_mark() {
    assert_ne!(name("e", 0), name("e", 1), "refused under one name, sent under the next");
    assert_ne!(name("e", 0), name("f", 0));
    assert_ne!(mark("e"), mark("f"));
    let refund = |note: &str, status: &str| json!({ "id": "r", "note": note, "transactions": { "nodes": [{ "id": "t", "status": status }] } });
    let of = |list: Vec<Value>| all_given(&json!({ "refunds": list }));
    let note = format!("Damaged {}", mark("effect-1"));
    for (status, state) in [
        ("SUCCESS", Moved::Yes),
        ("PENDING", Moved::NotYet),
        ("FAILURE", Moved::No),
        ("ERROR", Moved::No),
        ("TELEPORTED", Moved::Yes),
    ] {
        let given = of(vec![refund("Damaged", "SUCCESS"), refund(&note, status)]);
        assert_eq!(ours(&given, "effect-1").unwrap().map(|one| one.state), Some(state), "{status}");
        assert_eq!(ours(&given, "effect-2"), Ok(None));
    }
    let many = of(vec![refund("Damaged", "SUCCESS"); REFUNDS]);
    assert!(ours(&many, "effect-1").is_err(), "it may be one of those that are not shown");
    assert_eq!(remark(true, Moved::NotYet).as_deref(), Some("the store only recorded it: pay it back by hand"));
    assert_eq!(remark(false, Moved::Yes), None);
}

#[test]
fn what_cannot_be_read_is_named() {
    for (at, value, word) in [
        ("/name", json!(null), "/name"),
        ("/suggestedRefund/amountSet/shopMoney/amount", json!("much"), "amountSet"),
        ("/suggestedRefund/amountSet/presentmentMoney/currencyCode", json!("GBP"), "GBP instead of USD"),
        ("/suggestedRefund/suggestedTransactions", json!(7), "no list"),
        ("/whole/suggestedTransactions/0/parentTransaction", json!(null), "parentTransaction"),
        ("/suggestedRefund/refundLineItems/0/lineItem", json!(null), "lineItem"),
    ] {
        let mut odd = order();
        *odd.pointer_mut(at).unwrap() = value;
        let why = look(&odd).unwrap_err();
        assert!(why.contains(word), "{at}: {why}");
    }
    let mut bare = order();
    bare["suggestedRefund"]["suggestedTransactions"][0]["maximumRefundableSet"] = Value::Null;
    assert_eq!(look(&bare).unwrap().payments[0].most, look(&bare).unwrap().payments[0].suggested);
}
