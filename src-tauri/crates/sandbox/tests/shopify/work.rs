//! Fulfillment orders, fulfillments, holds, cancellations, refunds: the rules of the trade.

use crate::client::{Client, complaints};
use quayside_sandbox::shopify::Paid;
use quayside_sandbox::shopify::state::Delivery;
use serde_json::{Value as Json, json};

fn piece(fo: &Json, lines: Json) -> Json {
    json!({ "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": fo["id"], "fulfillmentOrderLineItems": lines }] })
}

fn all_of(fos: &[&Json]) -> Json {
    let groups: Vec<Json> = fos.iter().map(|fo| json!({ "fulfillmentOrderId": fo["id"] })).collect();
    json!({ "lineItemsByFulfillmentOrder": groups })
}

fn line(fo: &Json, index: usize) -> &Json {
    &fo["lineItems"]["nodes"][index]
}

fn actions(fo: &Json) -> Vec<&str> {
    fo["supportedActions"].as_array().unwrap().iter().filter_map(|action| action["action"].as_str()).collect()
}

fn order_json(client: &mut Client, order: u64, fields: &str) -> Json {
    let id = client.gid(order);
    client.data(&format!("query($id: ID!) {{ order(id: $id) {{ {fields} }} }}"), json!({ "id": id }))["order"].clone()
}

#[test]
fn an_order_has_no_work_before_it_is_routed_and_is_split_by_place() {
    let mut client = Client::new();
    let mut draft = client.draft(&[("MUG-HAR-1", 1), ("MUG-HAR-2", 2), ("KAY-FOL", 1), ("PDF-KNI", 1)]);
    draft.routed = false;
    let order = client.person(|shop, moment| shop.place(draft, moment));
    assert!(client.work(order).is_empty(), "routing takes a moment");
    client.wait(10_000);
    let fos = client.work(order);
    let places: Vec<&str> = fos.iter().map(|fo| fo["assignedLocation"]["name"].as_str().unwrap()).collect();
    assert_eq!(places, ["Quay Warehouse", "Back Store", "Nordlager 3PL", "Quay Warehouse"]);
    assert_eq!(actions(&fos[0]), ["CREATE_FULFILLMENT", "HOLD", "MOVE", "SPLIT"]);
    assert_eq!((fos[2]["status"].as_str(), fos[2]["requestStatus"].as_str()), (Some("IN_PROGRESS"), Some("ACCEPTED")));
    assert!(!actions(&fos[2]).contains(&"CREATE_FULFILLMENT"), "another company's work");
    assert_eq!(fos[3]["deliveryMethod"]["methodType"], "NONE");
    client.wait(3 * 60_000);
    assert_eq!(client.work(order)[3]["status"], "CLOSED", "the download was handed out by the store itself");
    client.wait(40 * 3_600_000);
    let fields = "displayFulfillmentStatus fulfillments(first: 5) { trackingInfo(first: 1) { company } }";
    client.token = {
        let plan = client.shop().plan().clone();
        client.sign_in(&plan.client_id, &plan.client_secret).1["access_token"].as_str().unwrap().to_owned()
    };
    let read = order_json(&mut client, order, fields);
    assert_eq!(read["displayFulfillmentStatus"], "PARTIALLY_FULFILLED");
    assert_eq!(read["fulfillments"][1]["trackingInfo"][0]["company"], "DHL", "the service shipped its part");
}

#[test]
fn wrong_fulfillments_are_refused_and_nothing_is_applied() {
    let mut client = Client::new();
    let one = client.order(&[("MUG-HAR-1", 2), ("MUG-HAR-2", 1)]);
    let two = client.order(&[("MUG-HAR-1", 1)]);
    let held = client.order(&[("MUG-HAR-1", 1)]);
    let elsewhere = client.order(&[("KAY-FOL", 1)]);
    client.person(|shop, moment| shop.hold(held, "INCORRECT_ADDRESS", moment));
    let (first, second) = (client.work(one), client.work(two));
    let (held, elsewhere) = (client.work(held), client.work(elsewhere));
    let many =
        json!([{ "id": line(&first[0], 0)["id"], "quantity": 2 }, { "id": line(&first[0], 0)["id"], "quantity": 1 }]);
    let id = |fo: &Json| fo["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let tracked = |tracking: Json| json!({ "trackingInfo": tracking, "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": first[0]["id"] }] });
    for (input, message) in [
        (json!({ "lineItemsByFulfillmentOrder": [] }), "can't be blank".to_owned()),
        (all_of(&[&first[0], &second[0]]), "must belong to the same order".into()),
        (all_of(&[&first[0], &first[1]]), "must be assigned to the same location".into()),
        (all_of(&[&first[0], &first[0]]), "must be unique".into()),
        (all_of(&[&held[0]]), format!("Fulfillment order {} has an unfulfillable status= on_hold.", id(&held[0]))),
        (all_of(&[&elsewhere[0]]), "is assigned to a fulfillment service".into()),
        (
            piece(&first[0], json!([{ "id": line(&first[0], 0)["id"], "quantity": 3 }])),
            "Invalid fulfillment order line item quantity requested.".into(),
        ),
        (
            piece(&first[0], json!([{ "id": line(&first[0], 0)["id"], "quantity": 0 }])),
            "Invalid fulfillment order line item quantity requested.".into(),
        ),
        (piece(&first[0], many), "Invalid fulfillment order line item quantity requested.".into()),
        (
            piece(&first[0], json!([{ "id": line(&second[0], 0)["id"], "quantity": 1 }])),
            "Fulfillment order line item does not exist.".into(),
        ),
        (
            json!({ "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/9" }] }),
            "Fulfillment order does not exist.".into(),
        ),
        (tracked(json!({ "number": "1", "numbers": ["2"] })), "Only one of number or numbers".into()),
        (
            tracked(json!({ "number": "1", "urls": ["https://t.example/1"] })),
            "must both be singular or both be plural".into(),
        ),
    ] {
        let payload = client.fulfil(input.clone());
        assert!(complaints(&payload).contains(&message), "{input}: {payload}");
        assert!(payload["fulfillment"].is_null());
    }
    for wrong in [client.gid(one), line(&first[0], 0)["id"].as_str().unwrap().to_owned()] {
        let answer = client.ask(
            "mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { userErrors { message } } }",
            json!({ "f": { "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": wrong }] } }),
        );
        assert_eq!(
            answer["errors"][0]["message"],
            format!("Invalid id: {wrong}"),
            "an id of another kind fails at the top"
        );
    }
    assert_eq!(client.ledger().of("fulfillment_created").count(), 0);
}

#[test]
fn a_part_leaves_the_rest_and_the_last_part_closes_and_archives() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 3)]);
    let fo = client.work(order)[0].clone();
    let mut input = piece(&fo, json!([{ "id": line(&fo, 0)["id"], "quantity": 2 }]));
    input["trackingInfo"] = json!({ "company": "UPS", "number": "1Z9", "url": "https://t.example/1Z9" });
    input["notifyCustomer"] = json!(true);
    assert_eq!(
        client.fulfil(input)["fulfillment"]["trackingInfo"][0],
        json!({ "company": "UPS", "number": "1Z9", "url": "https://t.example/1Z9" })
    );
    let fo = client.work(order)[0].clone();
    assert_eq!((fo["status"].as_str(), line(&fo, 0)["remainingQuantity"].as_i64()), (Some("IN_PROGRESS"), Some(1)));
    let read = order_json(
        &mut client,
        order,
        "displayFulfillmentStatus closedAt lineItems(first: 1) { nodes { unfulfilledQuantity quantity } }",
    );
    assert_eq!(read["displayFulfillmentStatus"], "PARTIALLY_FULFILLED");
    assert_eq!(read["lineItems"]["nodes"][0], json!({ "unfulfilledQuantity": 1, "quantity": 3 }));
    assert_eq!(complaints(&client.fulfil(all_of(&[&fo]))), "");
    let read = order_json(&mut client, order, "displayFulfillmentStatus closedAt fulfillmentsCount { count }");
    assert!(read["closedAt"].is_string() && read["displayFulfillmentStatus"] == "FULFILLED", "{read}");
    let again = client.fulfil(all_of(&[&fo]));
    assert!(complaints(&again).contains("unfulfillable status= closed"), "{again}");
    let entry = client.ledger().of("fulfillment_created").next().unwrap().clone();
    assert_eq!(entry.key.as_deref(), Some("1Z9"));
    assert_eq!(
        (&entry.detail["order"], &entry.detail["notifyCustomer"], &entry.detail["lines"][0]["quantity"]),
        (&json!("#1001"), &json!(true), &json!(2))
    );
    assert!(entry.detail["lines"][0]["line"].as_str().unwrap().starts_with("gid://shopify/LineItem/"));
}

#[test]
fn a_cancelled_fulfillment_comes_up_again_as_new_work_with_new_ids() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 2)]);
    let old = client.work(order)[0].clone();
    let made = client.fulfil(all_of(&[&old]))["fulfillment"]["id"].clone();
    const CANCEL: &str =
        "mutation($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }";
    let payload = client.data(CANCEL, json!({ "id": made }))["fulfillmentCancel"].clone();
    assert_eq!(payload["fulfillment"]["status"], "CANCELLED");
    let fos = client.work(order);
    assert_eq!((fos.len(), fos[0]["status"].as_str(), fos[1]["status"].as_str()), (2, Some("CLOSED"), Some("OPEN")));
    assert_ne!(line(&fos[1], 0)["id"], line(&old, 0)["id"]);
    assert!(!complaints(&client.fulfil(all_of(&[&old]))).is_empty(), "the old id is dead");
    assert_eq!(complaints(&client.fulfil(all_of(&[&fos[1]]))), "");
    let again = client.data(CANCEL, json!({ "id": made }))["fulfillmentCancel"].clone();
    assert_eq!(complaints(&again), "Fulfillment has already been cancelled.");
}

#[test]
fn holds_are_one_per_handle_and_only_ours_are_ours() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 2), ("BEA-WOO-2", 1)]);
    let fo = client.work(order)[0].clone();
    const HOLD: &str = "mutation($id: ID!, $h: FulfillmentOrderHoldInput!) { fulfillmentOrderHold(id: $id, fulfillmentHold: $h) { fulfillmentHold { id handle } fulfillmentOrder { id status } remainingFulfillmentOrder { id status } userErrors { code message } } }";
    let hold = |client: &mut Client, input: Json| {
        client.data(HOLD, json!({ "id": fo["id"], "h": input }))["fulfillmentOrderHold"].clone()
    };
    let part = json!([{ "id": line(&fo, 0)["id"], "quantity": 1 }]);
    let made = hold(&mut client, json!({ "reason": "OTHER", "handle": "a", "fulfillmentOrderLineItems": part }));
    assert_eq!(made["fulfillmentOrder"]["status"], "ON_HOLD", "{made}");
    assert_eq!(made["remainingFulfillmentOrder"]["status"], "OPEN", "the rest can go");
    let twice = hold(&mut client, json!({ "reason": "OTHER", "handle": "a" }));
    assert_eq!(twice["userErrors"][0]["code"], "DUPLICATE_FULFILLMENT_HOLD_HANDLE");
    client.person(|shop, moment| {
        // Staff holds the other piece.
        shop.hold(order, "HIGH_RISK_OF_FRAUD", moment)
    });
    let fos = client.work(order);
    assert_eq!(fos[0]["fulfillmentHolds"][0]["heldByRequestingApp"], true);
    assert_eq!(fos[1]["fulfillmentHolds"][0]["heldByRequestingApp"], false);
    assert_eq!(order_json(&mut client, order, "displayFulfillmentStatus")["displayFulfillmentStatus"], "ON_HOLD");
    const RELEASE: &str = "mutation($id: ID!, $h: [ID!]) { fulfillmentOrderReleaseHold(id: $id, holdIds: $h) { fulfillmentOrder { status } userErrors { message } } }";
    let foreign = client.data(RELEASE, json!({ "id": fos[0]["id"], "h": [fos[1]["fulfillmentHolds"][0]["id"]] }));
    assert_eq!(complaints(&foreign["fulfillmentOrderReleaseHold"]), "The fulfillment hold was not found.");
    let released = client.data(RELEASE, json!({ "id": fos[0]["id"], "h": [made["fulfillmentHold"]["id"]] }));
    assert_eq!(released["fulfillmentOrderReleaseHold"]["fulfillmentOrder"]["status"], "OPEN");
}

#[test]
fn cancelling_is_a_job_that_may_come_too_late() {
    let mut client = Client::new();
    const CANCEL: &str = "mutation($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true, refundMethod: {originalPaymentMethodsRefund: true}) { job { id done } orderCancelUserErrors { code message } } }";
    const RESULT: &str = "query($job: ID!, $id: ID!) { job(id: $job) { done } order(id: $id) { cancelledAt cancelReason displayFinancialStatus fulfillmentOrders(first: 3) { nodes { status } } } }";
    let calm = client.order(&[("MUG-HAR-1", 1)]);
    let id = client.gid(calm);
    let started = client.data(CANCEL, json!({ "id": id }))["orderCancel"]["job"].clone();
    assert_eq!(started["done"], false);
    let before = client.data(RESULT, json!({ "job": started["id"], "id": id }));
    assert_eq!((&before["job"]["done"], &before["order"]["cancelledAt"]), (&json!(false), &Json::Null));
    client.wait(10_000);
    let after = client.data(RESULT, json!({ "job": started["id"], "id": id }));
    assert_eq!(after["job"]["done"], true);
    assert_eq!(
        (&after["order"]["cancelReason"], &after["order"]["displayFinancialStatus"]),
        (&json!("CUSTOMER"), &json!("REFUNDED"))
    );
    assert_eq!(after["order"]["fulfillmentOrders"]["nodes"][0]["status"], "CANCELLED");
    let again = client.data(CANCEL, json!({ "id": id }))["orderCancel"].clone();
    assert_eq!(again["orderCancelUserErrors"][0]["code"], "INVALID");

    let race = client.order(&[("MUG-HAR-1", 1)]);
    let id = client.gid(race);
    let started = client.data(CANCEL, json!({ "id": id }))["orderCancel"]["job"].clone();
    client.person(|shop, moment| shop.ship_by_hand(race, "UPS", "1Z", moment));
    client.wait(10_000);
    let after = client.data(RESULT, json!({ "job": started["id"], "id": id }));
    assert_eq!(
        (&after["job"]["done"], &after["order"]["cancelledAt"]),
        (&json!(true), &Json::Null),
        "done alone is no success"
    );
    let refused = client.data(CANCEL, json!({ "id": id }))["orderCancel"].clone();
    assert!(refused["orderCancelUserErrors"][0]["message"].as_str().unwrap().contains("fulfillments"), "{refused}");
    assert_eq!(client.ledger().of("order_cancelled").count(), 1);
}

#[test]
fn units_given_back_before_they_left_shrink_the_work() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 3), ("BEA-WOO-2", 1)]);
    let item = client.shop().state().order(order).unwrap().lines[0].id;
    assert!(client.person(|shop, moment| shop.refund_units(order, item, 1, moment)));
    let fo = client.work(order)[0].clone();
    assert_eq!(
        (line(&fo, 0)["totalQuantity"].as_i64(), line(&fo, 0)["remainingQuantity"].as_i64()),
        (Some(2), Some(2))
    );
    let read = order_json(
        &mut client,
        order,
        "displayFinancialStatus lineItems(first: 2) { nodes { quantity currentQuantity unfulfilledQuantity nonFulfillableQuantity } }",
    );
    assert_eq!(read["displayFinancialStatus"], "PARTIALLY_REFUNDED");
    assert_eq!(
        read["lineItems"]["nodes"][0],
        json!({ "quantity": 3, "currentQuantity": 2, "unfulfilledQuantity": 2, "nonFulfillableQuantity": 1 })
    );
    assert!(client.person(|shop, moment| shop.change_quantity(order, item, 4, moment)), "staff adds two");
    let fo = client.work(order)[0].clone();
    assert_eq!(line(&fo, 0)["remainingQuantity"], 4);
    let read = order_json(
        &mut client,
        order,
        "edited displayFinancialStatus lineItems(first: 2) { nodes { currentQuantity } }",
    );
    assert_eq!((&read["edited"], &read["lineItems"]["nodes"][0]["currentQuantity"]), (&json!(true), &json!(4)));
}

#[test]
fn money_reads_as_decimal_text_and_status_follows_it() {
    let mut client = Client::new();
    let mut draft = client.draft(&[("SWE-FIS-1", 1), ("MUG-HAR-1", 2)]);
    draft.lines[1].discount_minor = 330;
    draft.presentment = Some(("DKK".into(), 7.46));
    draft.paid = Paid::Reserved;
    let order = client.person(|shop, moment| shop.place(draft, moment));
    let fields = "displayFinancialStatus subtotalPriceSet { shopMoney { amount } } totalDiscountsSet { shopMoney { amount } } totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } } totalTaxSet { shopMoney { amount } } lineItems(first: 2) { nodes { originalUnitPriceSet { shopMoney { amount } } discountedUnitPriceAfterAllDiscountsSet { shopMoney { amount } } } }";
    let read = order_json(&mut client, order, fields);
    // 129.00 + 2 × 16.50 − 3.30 = 158.70, shipping 4.90; prices hold 19 % tax.
    assert_eq!(read["subtotalPriceSet"]["shopMoney"]["amount"], "158.7");
    assert_eq!(read["totalDiscountsSet"]["shopMoney"]["amount"], "3.3");
    assert_eq!(
        read["totalPriceSet"],
        json!({ "shopMoney": { "amount": "163.6", "currencyCode": "EUR" }, "presentmentMoney": { "amount": "1220.46", "currencyCode": "DKK" } })
    );
    assert_eq!(read["totalTaxSet"]["shopMoney"]["amount"], "25.34");
    assert_eq!(
        read["lineItems"]["nodes"][1]["discountedUnitPriceAfterAllDiscountsSet"]["shopMoney"]["amount"],
        "14.85"
    );
    assert_eq!(read["displayFinancialStatus"], "AUTHORIZED");
    client.person(|shop, moment| shop.pay(order, moment));
    assert_eq!(order_json(&mut client, order, "displayFinancialStatus")["displayFinancialStatus"], "PAID");
    let mut unpaid = client.draft(&[("MUG-HAR-1", 1)]);
    unpaid.paid = Paid::Later;
    let unpaid = client.person(|shop, moment| shop.place(unpaid, moment));
    assert_eq!(order_json(&mut client, unpaid, "displayFinancialStatus")["displayFinancialStatus"], "PENDING");
}

#[test]
fn what_is_sold_over_the_counter_or_fetched_never_waits_for_a_carrier() {
    let mut client = Client::new();
    for (delivery, word, status) in [(Delivery::Retail, "RETAIL", "CLOSED"), (Delivery::PickUp, "PICK_UP", "OPEN")] {
        let mut draft = client.draft(&[("MUG-HAR-1", 1)]);
        (draft.delivery, draft.ship_to) = (delivery, None);
        let order = client.person(|shop, moment| shop.place(draft, moment));
        client.wait(120_000);
        let fo = client.work(order)[0].clone();
        assert_eq!((fo["deliveryMethod"]["methodType"].as_str(), fo["status"].as_str()), (Some(word), Some(status)));
        assert_eq!(
            order_json(&mut client, order, "retailLocation { name }")["retailLocation"].is_null(),
            delivery != Delivery::Retail
        );
    }
}

#[test]
fn a_metafield_is_compared_and_leaves_the_orders_time_alone() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 1)]);
    let id = client.gid(order);
    const SET: &str = "mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { metafields { compareDigest } userErrors { code message elementIndex } } }";
    let field = |digest: Option<Json>| {
        let mut field =
            json!({ "ownerId": id, "namespace": "quayside", "key": "state", "type": "json", "value": "{\"a\":1}" });
        if let Some(digest) = digest {
            field["compareDigest"] = digest;
        }
        json!({ "m": [field] })
    };
    let before = order_json(&mut client, order, "updatedAt");
    client.wait(5_000);
    let made = client.data(SET, field(Some(Json::Null)))["metafieldsSet"].clone();
    let digest = made["metafields"][0]["compareDigest"].clone();
    assert_eq!(order_json(&mut client, order, "updatedAt"), before);
    let again = client.data(SET, field(Some(Json::Null)))["metafieldsSet"].clone();
    assert_eq!(again["userErrors"][0]["code"], "STALE_OBJECT", "it exists already");
    assert!(client.data(SET, field(Some(digest)))["metafieldsSet"]["userErrors"].as_array().unwrap().is_empty());
}

#[test]
fn a_metafields_name_and_text_are_looked_at() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 1)]);
    let id = client.gid(order);
    const SET: &str = "mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { userErrors { code } } }";
    for (key, value, code) in [
        ("shipping_cost/1Z", "4.25", "INVALID"),
        (&*"x".repeat(65), "4.25", "TOO_LONG"),
        ("carrier", "UPS\nGround", "INVALID_VALUE"),
    ] {
        let field = json!({ "m": [{ "ownerId": id, "namespace": "quayside", "key": key, "type": "single_line_text_field", "value": value }] });
        assert_eq!(client.data(SET, field)["metafieldsSet"]["userErrors"][0]["code"], code, "{key}");
    }
}

#[test]
fn a_refund_is_applied_once_per_key() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 2)]);
    let id = client.gid(order);
    let read = order_json(
        &mut client,
        order,
        "transactions(first: 1) { id } lineItems(first: 1) { nodes { id } } fulfillmentOrders(first: 1) { nodes { assignedLocation { location { id } } } }",
    );
    let location = &read["fulfillmentOrders"]["nodes"][0]["assignedLocation"]["location"]["id"];
    let input = |amount: &str, restock: &str| {
        json!({ "orderId": id, "refundLineItems": [{ "lineItemId": read["lineItems"]["nodes"][0]["id"], "quantity": 1, "restockType": restock, "locationId": location }],
            "transactions": [{ "orderId": id, "parentId": read["transactions"][0]["id"], "gateway": "shopify_payments", "kind": "REFUND", "amount": amount }] })
    };
    const REFUND: &str = "mutation($i: RefundInput!, $k: String!) { refundCreate(input: $i) @idempotent(key: $k) { refund { id totalRefundedSet { shopMoney { amount } } } userErrors { message } } }";
    let refund = |client: &mut Client, amount: &str, restock: &str, key: &str| {
        client.data(REFUND, json!({ "i": input(amount, restock), "k": key }))["refundCreate"].clone()
    };
    assert!(complaints(&refund(&mut client, "99.00", "CANCEL", "a")).contains("exceeds"));
    assert!(complaints(&refund(&mut client, "16.50", "RETURN", "b")).contains("not fulfilled"));
    assert!(complaints(&refund(&mut client, "16.50", "LEGACY_RESTOCK", "c")).contains("legacy_restock"));
    let mut twice = input("16.50", "CANCEL");
    twice["refundLineItems"] =
        json!([twice["refundLineItems"][0], twice["refundLineItems"][0], twice["refundLineItems"][0]]);
    let answer = client.data(REFUND, json!({ "i": twice, "k": "e" }))["refundCreate"].clone();
    assert!(complaints(&answer).contains("more items than were purchased"), "units of one line are added up");
    let mut strange = input("16.50", "CANCEL");
    strange["transactions"][0]["gateway"] = json!("paypal");
    let answer = client.data(REFUND, json!({ "i": strange, "k": "f" }))["refundCreate"].clone();
    assert!(complaints(&answer).contains("Gateway"));
    let first = refund(&mut client, "16.50", "CANCEL", "d");
    assert_eq!(first["refund"]["totalRefundedSet"]["shopMoney"]["amount"], "16.5");
    assert_eq!(refund(&mut client, "16.50", "CANCEL", "d"), first);
    assert_eq!(client.ledger().of("refund_created").count(), 1);
}
