#![allow(clippy::unwrap_used)]

use super::*;

fn back() -> Value {
    json!({
        "id": "gid://shopify/Return/5", "name": "#1001-R1", "status": "OPEN", "createdAt": "2026-11-18T09:00:00Z",
        "closedAt": null, "requestApprovedAt": "2026-11-18T10:00:00Z", "order": { "id": "gid://shopify/Order/1" },
        "returnLineItems": { "pageInfo": { "hasNextPage": false }, "nodes": [
            { "id": "l1", "quantity": 2, "returnReasonNote": "too small", "returnReasonDefinition": { "name": "Too small" },
              "fulfillmentLineItem": { "lineItem": { "id": "gid://shopify/LineItem/11", "sku": "LAMP-S" } } },
            null,
            { "id": "l2", "quantity": "1", "returnReasonNote": "found in the garden" },
        ] },
        "reverseFulfillmentOrders": { "nodes": [{ "lineItems": { "nodes": [
            { "totalQuantity": 2, "dispositions": [
                { "type": "RESTOCKED", "quantity": 1, "createdAt": "2026-11-19T09:00:00Z" },
                { "type": "MISSING", "quantity": 1, "createdAt": "2026-11-20T09:00:00Z" },
            ] },
        ] } }] },
        "refunds": { "nodes": [
            { "totalRefundedSet": { "shopMoney": { "amount": "10.00", "currencyCode": "EUR" } } },
            { "totalRefundedSet": { "shopMoney": { "amount": "2.5", "currencyCode": "EUR" } } },
        ] },
    })
}

#[test]
fn a_return_arrives_whole() {
    let back = returned(&back()).unwrap();
    assert_eq!((back.number.as_str(), back.status), ("#1001-R1", ReturnStatus::Open));
    assert_eq!(back.order_remote_id, "gid://shopify/Order/1");
    let lines: Vec<_> = back
        .lines
        .iter()
        .map(|line| (line.order_line_id.as_deref(), line.sku.as_str(), line.quantity, line.reason.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (Some("gid://shopify/LineItem/11"), "LAMP-S", 2, "Too small"),
            // Of goods the store knows nothing of.
            (None, "", 1, "found in the garden"),
        ]
    );
    // What is missing never came; when the rest was dealt with is when they were here.
    assert_eq!(back.received_at_ms, parse_time("2026-11-19T09:00:00Z"));
    assert_eq!(back.updated_at_ms, parse_time("2026-11-19T09:00:00Z").unwrap());
    assert_eq!(back.refunded, Some(Money::new(1_250, Currency::new("EUR"))));
}

#[test]
fn goods_are_here_when_all_of_them_were_dealt_with() {
    let dealt = "/reverseFulfillmentOrders/nodes/0/lineItems/nodes/0/dispositions";
    for (at, value, here) in [
        (dealt, json!([]), false),
        (dealt, json!([{ "type": "MISSING", "quantity": 2, "createdAt": "2026-11-19T09:00:00Z" }]), false),
        (dealt, json!([{ "type": "RESTOCKED", "quantity": 1, "createdAt": "2026-11-19T09:00:00Z" }]), false),
        (dealt, json!([{ "type": "NOT_RESTOCKED", "quantity": 2, "createdAt": "2026-11-19T09:00:00Z" }]), true),
        (dealt, json!([{ "type": "TELEPORTED", "quantity": 2, "createdAt": "2026-11-19T09:00:00Z" }]), true),
        ("/reverseFulfillmentOrders/nodes", json!([]), false),
        ("/reverseFulfillmentOrders", json!(null), false),
    ] {
        let mut one = back();
        *one.pointer_mut(at).unwrap() = value.clone();
        assert_eq!(returned(&one).unwrap().received_at_ms.is_some(), here, "{at} {value}");
    }
}

/// Ten lines are asked for: of more, what is not shown may still be on its way.
#[test]
fn goods_of_a_long_return_are_here_when_somebody_says_so() {
    let mut one = back();
    let lines = one.pointer_mut("/reverseFulfillmentOrders/nodes/0/lineItems/nodes").unwrap().as_array_mut().unwrap();
    let first = lines[0].clone();
    lines.resize(9, first.clone());
    assert!(returned(&one).unwrap().received_at_ms.is_some());
    let lines = one.pointer_mut("/reverseFulfillmentOrders/nodes/0/lineItems/nodes").unwrap().as_array_mut().unwrap();
    lines.push(first);
    assert_eq!(returned(&one).unwrap().received_at_ms, None);
}

/// Unit by unit where one line comes back; of several a missing unit says nothing of whose it is.
#[test]
fn units_that_are_here_are_counted_where_that_can_be_told() {
    let dealt = "/reverseFulfillmentOrders/nodes/0/lineItems/nodes/0/dispositions";
    let restocked = |units: i64| json!({ "type": "RESTOCKED", "quantity": units, "createdAt": "2026-11-19T09:00:00Z" });
    let missing = json!({ "type": "MISSING", "quantity": 1, "createdAt": "2026-11-20T09:00:00Z" });
    for (lines, dispositions, here) in [
        (1, json!([]), Some(0)),
        (1, json!([restocked(1)]), Some(1)),
        (1, json!([restocked(1), missing]), Some(1)),
        (1, json!([restocked(9)]), Some(2)),
        (2, json!([restocked(2)]), None),
        (2, json!([restocked(1), missing]), Some(0)),
    ] {
        let mut one = back();
        *one.pointer_mut(dealt).unwrap() = dispositions.clone();
        if lines == 1 {
            one.pointer_mut("/returnLineItems/nodes").unwrap().as_array_mut().unwrap().truncate(1);
        }
        let told: Vec<Option<i64>> = returned(&one).unwrap().lines.iter().map(|line| line.received).collect();
        assert_eq!(told, vec![here; lines], "{dispositions}");
    }
}

/// What the store put on a shelf, or kept off it, is decided; what it still looks at is not.
#[test]
fn a_shelf_that_the_store_decided_is_told() {
    let dealt = "/reverseFulfillmentOrders/nodes/0/lineItems/nodes/0/dispositions";
    let word = |kind: &str, units: i64| json!({ "type": kind, "quantity": units, "createdAt": "2026-11-19T09:00:00Z" });
    for (dispositions, first, second) in [
        (json!([]), None, None),
        (json!([word("RESTOCKED", 1)]), Some(1), Some(1)),
        (json!([word("NOT_RESTOCKED", 1), word("RESTOCKED", 1)]), Some(2), Some(1)),
        (json!([word("PROCESSING_REQUIRED", 2)]), None, None),
        (json!([word("MISSING", 2)]), None, None),
        (json!([word("RESTOCKED", 9)]), Some(2), Some(1)),
    ] {
        let mut one = back();
        *one.pointer_mut(dealt).unwrap() = dispositions.clone();
        let told: Vec<Option<i64>> = returned(&one).unwrap().lines.iter().map(|line| line.shelved).collect();
        assert_eq!(told, [first, second], "{dispositions}");
    }
}

/// Lines of one return that come back in two parcels: each has its own shelf. What names no line may be of any.
#[test]
fn a_shelf_is_decided_line_by_line() {
    let line = |name: Option<&str>, units: i64| {
        json!({ "totalQuantity": 2, "fulfillmentLineItem": name.map(|id| json!({ "id": id })),
                "dispositions": [{ "type": "RESTOCKED", "quantity": units, "createdAt": "2026-11-19T09:00:00Z" }] })
    };
    for (what, dealt, first, second) in [
        ("the first parcel", vec![line(Some("f1"), 2)], Some(2), None),
        ("the second one", vec![line(Some("f2"), 1)], None, Some(1)),
        ("both", vec![line(Some("f1"), 1), line(Some("f2"), 1)], Some(1), Some(1)),
        ("nothing of it yet", vec![line(Some("f1"), 0)], None, None),
        ("of no line", vec![line(None, 1)], Some(1), Some(1)),
        ("of a line that is not shown", vec![line(Some("f9"), 1)], Some(1), Some(1)),
        ("one of none, one of the second", vec![line(None, 1), line(Some("f2"), 1)], Some(1), Some(1)),
    ] {
        let mut one = back();
        *one.pointer_mut("/returnLineItems/nodes/0/fulfillmentLineItem").unwrap() =
            json!({ "id": "f1", "lineItem": { "id": "gid://shopify/LineItem/11", "sku": "LAMP-S" } });
        let second_line = one.pointer_mut("/returnLineItems/nodes/2").unwrap().as_object_mut().unwrap();
        second_line
            .insert("fulfillmentLineItem".into(), json!({ "id": "f2", "lineItem": { "id": "i2", "sku": "MUG" } }));
        *one.pointer_mut("/reverseFulfillmentOrders/nodes/0/lineItems/nodes").unwrap() = Value::Array(dealt);
        let told: Vec<Option<i64>> = returned(&one).unwrap().lines.iter().map(|line| line.shelved).collect();
        assert_eq!(told, [first, second], "{what}");
    }
}

#[test]
fn words_and_odd_amounts_stay_harmless() {
    for (word, expected) in [
        ("REQUESTED", ReturnStatus::Requested),
        ("CLOSED", ReturnStatus::Closed),
        ("DECLINED", ReturnStatus::Declined),
        ("CANCELED", ReturnStatus::Cancelled),
        ("ON_THE_MOON", ReturnStatus::Unknown("on_the_moon".into())),
    ] {
        assert_eq!(status(word), expected);
    }
    for (at, value) in [
        ("/refunds/nodes", json!([])),
        ("/refunds/nodes/1/totalRefundedSet/shopMoney/currencyCode", json!("USD")),
        ("/refunds/nodes/0/totalRefundedSet", json!(null)),
    ] {
        let mut one = back();
        *one.pointer_mut(at).unwrap() = value;
        assert_eq!(returned(&one).unwrap().refunded, None, "{at}");
    }
}

#[test]
fn what_cannot_be_read_keeps_its_name() {
    for (at, word) in [
        ("/createdAt", "createdAt"),
        ("/order/id", "order.id"),
        ("/returnLineItems", "returnLineItems"),
        ("/returnLineItems/nodes/0/quantity", "returnLineItems[0].quantity"),
    ] {
        let mut one = back();
        *one.pointer_mut(at).unwrap() = Value::Null;
        let odd = incoming(&one).unwrap_err();
        assert_eq!((odd.remote_id.as_str(), odd.number.as_deref()), ("gid://shopify/Return/5", Some("#1001-R1")));
        assert!(odd.why.contains(word), "{at}: {}", odd.why);
    }
    let odd = incoming(&json!("teleported")).unwrap_err();
    assert!(!odd.remote_id.is_empty() && odd.why.starts_with("id"), "{odd:?}");
}
