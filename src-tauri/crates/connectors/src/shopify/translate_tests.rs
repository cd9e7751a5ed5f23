#![allow(clippy::unwrap_used, clippy::float_cmp)]

use super::*;
use serde_json::json;

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/order.json")).unwrap()
}

/// The fixture with one place changed, read.
fn with(pointer: &str, value: Value) -> Result<Order, String> {
    let mut order = fixture();
    *order.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in the fixture")) = value;
    super::order(&order, "harbour")
}

#[test]
fn an_order_arrives_whole() {
    let order = order(&fixture(), "harbour").unwrap();
    assert_eq!((order.remote_id.as_str(), order.number.as_str()), ("gid://shopify/Order/5001", "#1001"));
    assert_eq!(order.placed_at_ms, parse_time("2026-11-20T08:59:30Z").unwrap());
    assert_eq!(order.updated_at_ms, parse_time("2026-11-20T09:05:00Z").unwrap());
    assert_eq!(
        (order.payment.clone(), order.delivery.clone(), order.risk.as_deref()),
        (Payment::Paid, Delivery::Shipping, Some("investigate"))
    );
    assert_eq!(
        [
            order.subtotal_minor,
            order.discount_minor,
            order.shipping_minor,
            order.tax_minor,
            order.total_minor,
            order.current_total_minor
        ],
        [4750, 250, 490, 837, 5240, 3240]
    );
    // What was given back is the store's own word: edits move the total, too.
    assert_eq!(order.refunded_minor, Some(1800));
    assert!(order.taxes_included && !order.test);
    assert_eq!(order.ship_by_ms, parse_time("2026-11-22T17:00:00Z"));
    assert_eq!(order.gift_message, "عيد ميلاد سعيد");
    assert_eq!(
        order.attributes,
        [
            ("Gift message", "عيد ميلاد سعيد"),
            ("engraving", ""),
            ("warehouse.zone", "B4"),
            ("customer_tags", "VIP, wholesale")
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
    );
    assert_eq!(order.shipping, Some(ShippingChoice { title: "DHL Express 24 h".into(), code: "EXPRESS".into() }));
    assert_eq!(order.admin_url.as_deref(), Some("https://admin.shopify.com/store/harbour/orders/5001"));
    let customer = order.customer.clone().unwrap();
    assert_eq!(
        (customer.name.as_str(), customer.email.as_str(), customer.phone.as_str()),
        ("Søren Groß", "buyer@example.org", "+4915100000000")
    );
    let to = order.ship_to.clone().unwrap();
    assert_eq!((to.name.as_str(), to.region.as_str(), to.country.as_str()), ("Søren Groß", "", "DE"));

    let mug = &order.lines[0];
    assert_eq!((mug.sku.as_str(), mug.name.as_str(), mug.variant.as_str()), ("MUG-B", "Mug", "Blue"));
    assert_eq!((mug.quantity, mug.current_quantity, mug.unfulfilled_quantity), (3, 2, 1));
    assert_eq!((mug.unit_price_minor, mug.discounted_unit_price_minor, mug.tax_minor), (1500, 1417, 451));
    assert_eq!((mug.weight_g, mug.barcode.as_deref()), (Some(350.0), Some("4006381333931")));
    assert_eq!(mug.options, [("Initials".to_owned(), "SG".to_owned())]);
    assert_eq!(
        (order.lines[1].sku.as_str(), order.lines[1].requires_shipping, order.lines[1].weight_g),
        ("", false, None)
    );

    let [open, held] = order.fulfillment_orders.as_slice() else { panic!() };
    assert!(open.can_fulfill && !open.third_party);
    assert_eq!(open.location_id.as_deref(), Some("gid://shopify/Location/4"));
    assert_eq!(
        (open.lines[0].order_line_id.as_str(), open.lines[0].remaining_quantity),
        ("gid://shopify/LineItem/1", 1)
    );
    assert!(!held.can_fulfill && held.third_party);
    assert_eq!(
        (held.holds[0].reason.as_str(), held.holds[0].notes.as_str(), held.holds[0].ours),
        ("High risk of fraud", "call buyer", false)
    );

    assert_eq!(order.fulfillments[0].tracking_numbers, ["JD0001"]);
    assert!(order.fulfillments[0].live && !order.fulfillments[1].live);
    assert_eq!(order.units_told("gid://shopify/LineItem/1"), 1);
}

#[test]
fn what_an_order_cannot_do_without_is_named_by_its_path() {
    for (pointer, value, why) in [
        ("/id", Value::Null, "id: missing"),
        ("/name", json!(""), "name: missing"),
        ("/currencyCode", Value::Null, "currencyCode: missing"),
        ("/createdAt", json!("yesterday"), "createdAt: \"yesterday\" is no time"),
        ("/cancelledAt", json!(17), "cancelledAt: \"17\" is no time"),
        ("/totalPriceSet", Value::Null, "totalPriceSet: missing"),
        ("/totalTaxSet/shopMoney/amount", json!("a lot"), "totalTaxSet.shopMoney.amount: \"a lot\" is not an amount"),
        (
            "/totalTaxSet/shopMoney/currencyCode",
            json!("USD"),
            "totalTaxSet.shopMoney.currencyCode: USD in an order of EUR",
        ),
        ("/lineItems", json!("many"), "lineItems: a text of 4 characters instead of a list"),
        (
            "/lineItems/nodes/1/quantity",
            json!("two"),
            "lineItems[1].quantity: a text of 3 characters instead of a whole number",
        ),
        ("/lineItems/nodes/0/quantity", Value::Null, "lineItems[0].quantity: missing"),
        ("/lineItems/nodes/0", json!(7), "lineItems[0]: the number 7 instead of an object"),
        (
            "/fulfillmentOrders/nodes/0/lineItems/nodes/0/lineItem",
            Value::Null,
            "fulfillmentOrders[0].lineItems[0].lineItem: missing",
        ),
        ("/fulfillments/0/status", Value::Null, "fulfillments[0].status: missing"),
        ("/fulfillments", json!({}), "fulfillments: an object instead of a list"),
    ] {
        assert_eq!(with(pointer, value).unwrap_err(), why);
    }
}

#[test]
fn everything_else_may_be_missing() {
    for pointer in [
        "/customer",
        "/shippingAddress",
        "/billingAddress",
        "/risk",
        "/metafields",
        "/shippingLines",
        "/note",
        "/tags",
        "/email",
        "/customAttributes",
        "/processedAt",
        "/displayFinancialStatus",
        "/fulfillmentOrders",
        "/fulfillments",
        "/subtotalPriceSet",
        "/currentTotalPriceSet",
        "/totalRefundedSet",
        "/lineItems/nodes/0/variant",
        "/lineItems/nodes/0/weight",
        "/lineItems/nodes/0/taxLines",
        "/lineItems/nodes/0/sku",
        "/fulfillmentOrders/nodes/0/assignedLocation/location",
        "/fulfillmentOrders/nodes/0/deliveryMethod",
    ] {
        assert!(with(pointer, Value::Null).is_ok(), "{pointer}");
    }
}

#[test]
fn an_unreadable_order_keeps_its_name_and_text() {
    let mut order = fixture();
    order["lineItems"]["nodes"][0]["quantity"] = json!([]);
    let unreadable = incoming(&order, "harbour").unwrap_err();
    assert_eq!(
        (unreadable.remote_id.as_str(), unreadable.number.as_deref()),
        ("gid://shopify/Order/5001", Some("#1001"))
    );
    assert!(unreadable.raw.contains("MUG-B"));
    let nameless = incoming(&json!({ "quantity": 1 }), "harbour").unwrap_err();
    assert_eq!(nameless.remote_id, incoming(&json!({ "quantity": 1 }), "harbour").unwrap_err().remote_id);
    assert_ne!(nameless.remote_id, incoming(&json!({ "quantity": 2 }), "harbour").unwrap_err().remote_id);
}

#[test]
fn words_shopify_adds_later_stay_visible() {
    assert_eq!(
        with("/displayFinancialStatus", json!("IN_ESCROW")).unwrap().payment,
        Payment::Unknown("in_escrow".into())
    );
    assert_eq!(with("/displayFinancialStatus", Value::Null).unwrap().payment, Payment::Unknown(String::new()));
    let pickup = with("/fulfillmentOrders/nodes/0/deliveryMethod/methodType", json!("DRONE")).unwrap();
    assert_eq!(pickup.fulfillment_orders[0].delivery, Delivery::Unknown("drone".into()));
    let later = with("/fulfillments/0/status", json!("TELEPORTED")).unwrap();
    assert!(later.fulfillments[0].live, "an unknown state must not make a parcel vanish");
}

#[test]
fn weights_come_in_four_units_and_leave_in_grams() {
    for (value, unit, grams) in [
        (json!(250), "GRAMS", Some(250.0)),
        (json!(0.25), "KILOGRAMS", Some(250.0)),
        (json!("1.5"), "KILOGRAMS", Some(1500.0)),
        (json!(2), "OUNCES", Some(56.699_046_25)),
        (json!(1), "POUNDS", Some(453.592_37)),
        // An unknown unit and a weight of nothing fall back on the variant's 12 oz.
        (json!(1), "STONES", Some(340.194_277_5)),
        (json!(0), "GRAMS", Some(340.194_277_5)),
        (json!(1.7e308), "POUNDS", Some(340.194_277_5)),
    ] {
        let order = with("/lineItems/nodes/0/weight", json!({ "value": value, "unit": unit })).unwrap();
        assert_eq!(order.lines[0].weight_g, grams, "{value} {unit}");
    }
}

#[test]
fn amounts_follow_their_currency() {
    let in_currency = |code: &str, amount: &str| {
        let text = fixture().to_string().replace("\"EUR\"", &format!("\"{code}\""));
        let mut order: Value = serde_json::from_str(&text).unwrap();
        order["totalPriceSet"]["shopMoney"]["amount"] = json!(amount);
        super::order(&order, "harbour").map(|order| order.total_minor)
    };
    assert_eq!(in_currency("JPY", "1200"), Ok(1200));
    assert_eq!(in_currency("JPY", "1200.0"), Ok(1200));
    assert_eq!(in_currency("KWD", "1.234"), Ok(1234));
    assert_eq!(in_currency("GBP", "-3.10"), Ok(-310));
    assert!(in_currency("EUR", "99999999999999999999").unwrap_err().contains("too large"));
}

#[test]
fn how_the_buyer_gets_it() {
    let delivery = |first: &str, second: &str| {
        let mut order = fixture();
        order["fulfillmentOrders"]["nodes"][0]["deliveryMethod"] = json!({ "methodType": first });
        order["fulfillmentOrders"]["nodes"][1]["deliveryMethod"] = json!({ "methodType": second });
        super::order(&order, "harbour").unwrap().delivery
    };
    for (first, second, expected) in [
        ("PICK_UP", "PICK_UP", Delivery::Pickup),
        ("PICK_UP", "SHIPPING", Delivery::Shipping),
        ("NONE", "RETAIL", Delivery::Retail),
        ("NONE", "NONE", Delivery::None),
        ("LOCAL", "NONE", Delivery::Local),
        ("PICKUP_POINT", "NONE", Delivery::Unknown("pickup_point".into())),
    ] {
        assert_eq!(delivery(first, second), expected, "{first} {second}");
    }
    let unrouted = |changes: &[(&str, Value)]| {
        let mut order = fixture();
        order["fulfillmentOrders"]["nodes"] = json!([]);
        for (name, value) in changes {
            order[*name] = value.clone();
        }
        super::order(&order, "harbour").unwrap().delivery
    };
    assert_eq!(unrouted(&[]), Delivery::Shipping);
    assert_eq!(unrouted(&[("requiresShipping", json!(false))]), Delivery::None);
    assert_eq!(unrouted(&[("sourceName", json!("pos")), ("shippingAddress", Value::Null)]), Delivery::Retail);
    assert_eq!(unrouted(&[("sourceName", json!("pos"))]), Delivery::Shipping);
}

#[test]
fn trap_12_a_location_nobody_may_look_into_is_judged_by_what_may_be_done_there() {
    let third_party = |actions: &[&str]| {
        let mut order = fixture();
        order["fulfillmentOrders"]["nodes"][0]["assignedLocation"]["location"] = Value::Null;
        order["fulfillmentOrders"]["nodes"][0]["supportedActions"] =
            actions.iter().map(|a| json!({ "action": a })).collect();
        super::order(&order, "harbour").unwrap().fulfillment_orders[0].third_party
    };
    assert!(third_party(&["REQUEST_FULFILLMENT", "MOVE"]));
    assert!(!third_party(&["CREATE_FULFILLMENT", "MOVE"]));
    assert!(!third_party(&["RELEASE_HOLD"]));
}

/// A negative discount is what the lines say it is: 50.00 listed, sold for 47.50 or for 52.50.
#[test]
fn a_negative_discount_is_a_surcharge_where_the_lines_became_dearer() {
    for (subtotal, expected) in [("47.50", 250), ("52.50", -250)] {
        let mut order = fixture();
        for (field, value) in [("totalDiscountsSet", "-2.50"), ("subtotalPriceSet", subtotal)] {
            order[field]["shopMoney"]["amount"] = json!(value);
        }
        assert_eq!(super::order(&order, "harbour").unwrap().discount_minor, expected, "sold for {subtotal}");
    }
}
