//! Our order into both sets of words, and back.

use super::{NOW_MS, draft, order_v1 as existing_v1, shipment_v2};
use crate::shipstation::compose::{self, Beside, DISCOUNT_KEY};
use crate::shipstation::compose_v2::{self, Fillers};
use crate::shipstation::translate;
use crate::shipstation::wire::record;
use crate::shipstation::wire_v1::OrderV1;
use crate::shipstation::wire_v2::ShipmentV2;
use quayside_model::{Address, Cause, Currency, HubOrderDraft, HubStatus};
use serde_json::{Value, json};

fn fillers() -> Fillers {
    Fillers { phone: "0000000000".into(), state: "-".into() }
}

#[test]
fn trap_17_a_new_order_has_everything_v1_takes() {
    let composed = compose::order_v1(&draft(), &Beside { tag_ids: &[4120], store_id: Some(1), ..Beside::default() });
    let body = composed.body;
    assert_eq!(composed.note, None);
    assert_eq!(body["orderKey"], "harbour-goods-5501");
    assert_eq!(body.get("orderId"), None);
    assert_eq!(body["orderDate"], "2026-03-02T08:14:27.0000000");
    assert_eq!(body["orderStatus"], "awaiting_shipment");
    assert_eq!(body["billTo"]["name"], "Zoë Ødegård");
    assert_eq!(body["shipTo"]["state"], Value::Null);
    assert_eq!(body["amountPaid"], json!(45.9));
    assert_eq!(body["weight"], json!({"value": 794.67, "units": "grams"}));
    assert_eq!(body["tagIds"], json!([4120]));
    // The draft's own store wins over the connection's.
    assert_eq!(
        body["advancedOptions"],
        json!({"storeId": 481_516, "customField1": "A1", "customField2": null, "customField3": null, "source": "Harbour Goods"})
    );
    let items = body["items"].as_array().unwrap();
    assert_eq!(items[0]["weight"], json!({"value": 397.34, "units": "grams"}));
    assert_eq!(items[0]["unitPrice"], json!(18.5));
    assert_eq!(items[1].get("weight"), None);
    assert_eq!(items[2]["lineItemKey"], DISCOUNT_KEY);
    assert_eq!((&items[2]["unitPrice"], &items[2]["adjustment"]), (&json!(-3.0), &json!(true)));
}

#[test]
fn an_update_keeps_what_the_warehouse_did() {
    let raw = existing_v1(987, "awaiting_shipment");
    let mut changed = draft();
    changed.ship_to.line1 = "Am Sandtorkai 1".into();
    changed.customer_note = String::new();
    let body =
        compose::order_v1(&changed, &Beside { existing: raw.as_object(), tag_ids: &[7], ..Beside::default() }).body;
    assert_eq!(body["orderId"], 987);
    assert_eq!(body["shipTo"]["street1"], "Am Sandtorkai 1");
    assert_eq!(body["customerNotes"], Value::Null);
    for (name, value) in [
        ("carrierCode", json!("dhl_paket")),
        ("serviceCode", json!("dhl_paket_standard")),
        ("packageCode", json!("package")),
        ("dimensions", json!({"length": 10, "width": 10, "height": 10, "units": "centimeters"})),
        ("internalNotes", json!("Fragile, said the packer\nVIP")),
        ("tagIds", json!([4120, 7])),
        // Weighed by the warehouse, and the contents are the same.
        ("weight", json!({"value": 900, "units": "grams"})),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    assert_eq!(body["advancedOptions"]["warehouseId"], 331_200);
    assert_eq!(body["advancedOptions"].get("mergedIds"), None);
    // Custom fields we have nothing for are the warehouse's own; ours go over theirs.
    let mut filled = raw.clone();
    for (name, value) in [("customField1", "theirs"), ("customField2", "shelf 7"), ("customField3", "theirs")] {
        filled["advancedOptions"][name] = json!(value);
    }
    let mut ours = changed.clone();
    ours.custom_fields = ["ours".into(), String::new(), String::new()];
    let sent = compose::order_v1(&ours, &Beside { existing: filled.as_object(), ..Beside::default() }).body;
    let custom = |n: u8| sent["advancedOptions"][format!("customField{n}")].clone();
    assert_eq!([custom(1), custom(2), custom(3)], [json!("ours"), json!("shelf 7"), json!("theirs")]);
    let fresh = compose::order_v1(&ours, &Beside::default()).body;
    assert_eq!(fresh["advancedOptions"]["customField2"], Value::Null);
    assert_eq!(body["items"][0]["warehouseLocation"], "A-03-2");
    // Twice the same note is one note.
    let again = compose::order_v1(&changed, &Beside { existing: body.as_object(), ..Beside::default() }).body;
    assert_eq!(again["internalNotes"], body["internalNotes"]);
}

#[test]
fn other_contents_are_weighed_again() {
    let raw = existing_v1(987, "awaiting_shipment");
    let mut fewer = draft();
    fewer.lines[0].quantity = 1;
    let body = compose::order_v1(&fewer, &Beside { existing: raw.as_object(), ..Beside::default() }).body;
    assert_eq!(body["weight"], json!({"value": 397.34, "units": "grams"}));
}

#[test]
fn holds_are_lifted_only_by_whom_they_belong_to() {
    for (ready, status, until, expected_status, expected_until) in [
        (true, "awaiting_shipment", Value::Null, "awaiting_shipment", None),
        (false, "awaiting_shipment", Value::Null, "on_hold", None),
        // Without a day: ours, from "not ready".
        (true, "on_hold", Value::Null, "awaiting_shipment", None),
        // With a day: somebody wants it held until then.
        (true, "on_hold", json!("2026-03-09"), "on_hold", Some("2026-03-09")),
        (false, "on_hold", json!("2026-03-09"), "on_hold", None),
    ] {
        let mut raw = existing_v1(987, status);
        raw["holdUntilDate"] = until.clone();
        let mut changed = draft();
        changed.ready = ready;
        let body = compose::order_v1(&changed, &Beside { existing: raw.as_object(), ..Beside::default() }).body;
        assert_eq!(body["orderStatus"], expected_status, "{ready} {status} {until}");
        assert_eq!(body.get("holdUntilDate").and_then(Value::as_str), expected_until, "{ready} {status} {until}");
    }
}

#[test]
fn cancelling_sends_back_everything_that_may_be_sent() {
    let raw = existing_v1(987, "awaiting_shipment");
    let body = compose::cancelled_v1(raw.as_object().unwrap());
    assert_eq!(body["orderStatus"], "cancelled");
    assert_eq!(body["orderKey"], "harbour-goods-5501");
    assert_eq!(body["internalNotes"], "Fragile, said the packer");
    assert_eq!(body["items"].as_array().unwrap().len(), 3, "the null entry stays behind, everything else goes");
    assert_eq!(body["items"][0].get("orderItemId"), None);
    for name in ["createDate", "modifyDate", "orderTotal", "userId"] {
        assert_eq!(body.get(name), None, "{name}");
    }
    let mut nameless = raw.clone();
    nameless["billTo"] = Value::Null;
    assert_eq!(compose::cancelled_v1(nameless.as_object().unwrap())["billTo"], json!({"name": "Zoë Ødegård"}));
}

/// Tags that the account does not know stand in the notes once, however often the order is sent, and go when they are known.
#[test]
fn unknown_tags_stand_in_the_notes_once() {
    let order = draft();
    let notes = |existing: Option<&Value>, unknown: &[&str]| {
        let unknown: Vec<String> = unknown.iter().map(|tag| (*tag).to_owned()).collect();
        let existing = existing.map(|notes| json!({ "internalNotes": notes }));
        let existing = existing.as_ref().and_then(Value::as_object);
        compose::order_v1(&order, &Beside { existing, unknown_tags: &unknown, ..Beside::default() }).body["internalNotes"]
            .clone()
    };
    let first = notes(None, &["Gift", "Back order"]);
    assert_eq!(first, "VIP\nTags from the store: Gift, Back order");
    assert_eq!(notes(Some(&first), &["Gift", "Back order"]), first, "sent again, nothing changes");
    let by_them = json!("Call first\nTags from the store: Gift, Back order\nVIP");
    assert_eq!(notes(Some(&by_them), &["Gift"]), "Call first\nVIP\nTags from the store: Gift");
    assert_eq!(notes(Some(&first), &[]), "VIP", "known by now");
    let mut quiet = draft();
    quiet.internal_note.clear();
    let unknown = ["Gift".to_owned()];
    let body = compose::order_v1(&quiet, &Beside { unknown_tags: &unknown, ..Beside::default() }).body;
    assert_eq!(body["internalNotes"], "Tags from the store: Gift");
}

#[test]
fn a_note_for_the_team_is_brought_up_to_date_and_the_warehouses_words_stay() {
    for (theirs, ours, expected) in [
        ("", "VIP", "VIP"),
        ("VIP", "VIP", "VIP"),
        ("Call first", "VIP", "Call first\nVIP"),
        ("Call first\nVIP", "VIP", "Call first\nVIP"),
        // Our earlier, shorter word is said once.
        ("VIP\nCall first", "VIP Test order.", "Call first\nVIP Test order."),
        ("Call first", "", "Call first"),
        (" ", "", ""),
    ] {
        assert_eq!(compose::team_note(theirs, ours), expected, "{theirs:?} {ours:?}");
    }
    let mut there = shipment_v2("se-1", "pending");
    there["internal_notes"] = json!("Call first");
    let body = |there: &Value| compose_v2::shipment(&draft(), Some(there), &fillers(), None).body;
    assert_eq!(body(&there)["internal_notes"], "Call first\nVIP");
    there["internal_notes"] = body(&there)["internal_notes"].clone();
    assert_eq!(body(&there)["internal_notes"], "Call first\nVIP", "once");
}

/// Found by an audit: two mugs became five, and the box still weighed two.
#[test]
fn a_v2_box_weighs_what_is_in_it_now() {
    let mut there = shipment_v2("se-1", "pending");
    there["packages"][0]["dimensions"] = json!({"unit": "centimeter", "length": 20, "width": 10, "height": 5});
    let mut edited = draft();
    (edited.lines[0].quantity, edited.lines[0].weight_g) = (5, Some(400.0));
    let composed = |there: &Value, order: &HubOrderDraft| compose_v2::shipment(order, Some(there), &fillers(), None);
    let body = composed(&there, &edited).body;
    assert_eq!(body["packages"][0]["weight"], json!({"value": 2000.0, "unit": "gram"}));
    assert_eq!(body["packages"][0]["dimensions"]["length"], 20, "the warehouse's measures stay");
    // The same contents: what was put on the scale stays.
    assert_eq!(composed(&there, &draft()).body["packages"], there["packages"]);
    // Nobody knows what it weighs, or in which of several boxes what changed: said, and left alone.
    let mut unweighed = edited.clone();
    unweighed.lines.iter_mut().for_each(|line| line.weight_g = None);
    let mut boxes = there.clone();
    boxes["packages"] = json!([{"weight": {"value": 500, "unit": "gram"}}, {"weight": {"value": 400, "unit": "gram"}}]);
    for (there, order) in [(&there, &unweighed), (&boxes, &edited)] {
        let composed = composed(there, order);
        assert_eq!(composed.body["packages"], there["packages"]);
        assert!(composed.note.is_some_and(|note| note.contains("weigh them again")));
    }
    // No box yet: the weight alone is said.
    there["packages"] = json!([]);
    assert_eq!(composed(&there, &edited).body["packages"], json!([{"weight": {"value": 2000.0, "unit": "gram"}}]));
}

#[test]
fn what_was_sent_to_v1_reads_back_the_same() {
    let mut body = compose::order_v1(&draft(), &Beside::default()).body;
    body["orderId"] = json!(1);
    body["modifyDate"] = json!("2026-03-02T09:14:27.5030000");
    let order = translate::order_v1(&record::<OrderV1>(&body).unwrap()).unwrap();
    assert_eq!(order.status, HubStatus::AwaitingShipment);
    assert_eq!((order.key.as_str(), order.number.as_str()), ("harbour-goods-5501", "#1001"));
    let lines: Vec<_> =
        order.lines.iter().map(|line| (line.line_key.as_deref().unwrap(), line.sku.as_str(), line.quantity)).collect();
    assert_eq!(lines, [("line-1", "MUG-BLUE", 2), ("line-2", "TEA", 1)], "the discount is no line");
    assert!(order.ship_to.unwrap().same_place(&draft().ship_to));
}

#[test]
fn what_was_sent_to_v2_reads_back_the_same() {
    let composed = compose_v2::shipment(&draft(), None, &fillers(), None);
    assert_eq!(
        composed.note.as_deref(),
        Some(
            "The discount of 3.00 EUR has no line in this API; the amount paid carries it; ShipStation wants a telephone number; the order has none, so \"0000000000\" was sent; ShipStation wants a state or province; the order has none, so \"-\" was sent"
        )
    );
    let mut body = composed.body;
    assert_eq!(body["store_id"], "481516");
    assert_eq!(body["amount_paid"], json!({"currency": "eur", "amount": 45.9}));
    body["shipment_id"] = json!("se-1");
    body["modified_at"] = json!("2026-03-02T17:14:27Z");
    body["shipment_status"] = json!("pending");
    let order = translate::order_v2(&record::<ShipmentV2>(&body).unwrap(), NOW_MS).unwrap();
    assert_eq!((order.status, order.remote_id.as_str()), (HubStatus::AwaitingShipment, "1"));
    assert_eq!(order.lines.len(), 2);
    let mut expected = draft().ship_to;
    expected.region = "-".into();
    assert!(order.ship_to.unwrap().same_place(&expected));
}

#[test]
fn v2_holds_have_a_day_and_ours_is_known_by_it() {
    let mut waiting = draft();
    waiting.ready = false;
    let body = compose_v2::shipment(&waiting, None, &fillers(), None).body;
    assert_eq!(body["hold_until_date"], "2099-12-31T00:00:00Z");
    let mut held = shipment_v2("se-1", "on_hold");
    held["hold_until_date"] = body["hold_until_date"].clone();
    let order = translate::order_v2(&record::<ShipmentV2>(&held).unwrap(), NOW_MS).unwrap();
    assert_eq!((order.status, order.hold_until_ms), (HubStatus::OnHold, None));
    // Ready now: ours is lifted, the warehouse's stays.
    assert_eq!(
        compose_v2::shipment(&draft(), Some(&held), &fillers(), None).body.get("hold_until_date"),
        Some(&Value::Null)
    );
    held["hold_until_date"] = json!("2026-03-09T00:00:00Z");
    assert_eq!(
        compose_v2::shipment(&draft(), Some(&held), &fillers(), None).body["hold_until_date"],
        "2026-03-09T00:00:00Z"
    );
}

#[test]
fn a_v2_update_keeps_what_is_there_and_drops_what_is_read_only() {
    let body = compose_v2::shipment(&draft(), Some(&shipment_v2("se-1", "pending")), &fillers(), None).body;
    for name in
        ["shipment_id", "created_at", "modified_at", "shipment_status", "tags", "total_weight", "create_sales_order"]
    {
        assert_eq!(body.get(name), None, "{name}");
    }
    assert_eq!(body["service_code"], "dhl_paket_standard");
    assert_eq!(body["packages"], json!([{"weight": {"value": 900, "unit": "gram"}}]));
    assert_eq!(body["external_shipment_id"], "harbour-goods-5501");
}

#[test]
fn hopeless_orders_are_found_before_they_spoil_a_batch() {
    type Change = fn(&mut HubOrderDraft);
    let cases: &[(Change, Option<Cause>, &str)] = &[
        (|_| {}, None, ""),
        (|d| d.ship_to.country = "Germany".into(), Some(Cause::AddressRefused), "\"Germany\" is none"),
        (|d| d.ship_to = Address::default(), Some(Cause::AddressRefused), "it is empty"),
        (|d| d.number = "9".repeat(51), Some(Cause::ContentRefused), "51 characters"),
        (|d| d.number = " ".into(), Some(Cause::ContentRefused), "no number"),
        (|d| d.key = "é".repeat(51), Some(Cause::ContentRefused), "key has 51"),
        (|d| d.key.clear(), Some(Cause::ContentRefused), "no key"),
        (|d| d.lines[0].quantity = 0, Some(Cause::ContentRefused), "\"Blue mug\" asks for 0 units"),
    ];
    for (change, cause, words) in cases {
        let mut order = draft();
        change(&mut order);
        let refusal = compose::refusal_before_sending(&order);
        assert_eq!(refusal.as_ref().map(|(cause, _)| *cause), *cause, "{words}");
        assert!(refusal.is_none_or(|(_, sentence)| sentence.contains(words)), "{words}");
    }
}

#[test]
fn odd_orders_are_sent_as_they_are() {
    let mut order = draft();
    order.customer_note = "x".repeat(5_000);
    order.discount_minor = -250;
    order.ship_to.name = "مريم 🦊 Ødegård".into();
    order.currency = Currency::new("JPY");
    order.lines[0].unit_price_minor = 1850;
    order.lines[1].sku = "  ".into();
    order.lines[1].name = " ".into();
    order.lines = order.lines.iter().cycle().take(250).cloned().collect();
    let composed = compose::order_v1(&order, &Beside::default());
    assert_eq!(composed.note.as_deref(), Some("The buyer's note was cut to 2000 characters"));
    assert_eq!(composed.body["shipTo"]["name"], "مريم 🦊 Ødegård");
    let items = composed.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 251);
    assert_eq!(items[0]["unitPrice"], json!(1850.0));
    assert_eq!((&items[1]["sku"], &items[1]["name"]), (&Value::Null, &json!("Item")));
    assert_eq!((&items[250]["name"], &items[250]["unitPrice"]), (&json!("Surcharge"), &json!(250.0)));
}

/// What rules chose.
fn chosen() -> HubOrderDraft {
    let mut chosen = draft();
    chosen.ship = quayside_model::ShipChoice {
        priority: true,
        carrier: "ups ".into(),
        service: "ups_ground".into(),
        package: "small_box".into(),
        confirmation: "signature".into(),
        warehouse: "482".into(),
    };
    chosen
}

#[test]
fn what_rules_chose_is_sent_where_nobody_chose_before() {
    let body = compose::order_v1(&chosen(), &Beside::default()).body;
    for (name, value) in [
        ("carrierCode", "ups"),
        ("serviceCode", "ups_ground"),
        ("packageCode", "small_box"),
        ("confirmation", "signature"),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    assert_eq!(body["advancedOptions"]["warehouseId"], 482);
    // The warehouse's own choice stays.
    let raw = existing_v1(987, "awaiting_shipment");
    let body = compose::order_v1(&chosen(), &Beside { existing: raw.as_object(), ..Beside::default() }).body;
    assert_eq!((&body["carrierCode"], &body["serviceCode"]), (&json!("dhl_paket"), &json!("dhl_paket_standard")));
    // Nothing chosen, nothing said.
    let body = compose::order_v1(&draft(), &Beside::default()).body;
    assert_eq!((body.get("carrierCode"), body["advancedOptions"].get("warehouseId")), (None, None));
}

#[test]
fn trap_21_v2_takes_the_same_choices_in_its_own_words() {
    let mut rules = chosen();
    rules.ship.carrier = "se-28529731".into();
    let body = compose_v2::shipment(&rules, None, &fillers(), None).body;
    assert_eq!((&body["service_code"], &body["confirmation"]), (&json!("ups_ground"), &json!("signature")));
    assert_eq!((&body["carrier_id"], &body["warehouse_id"]), (&json!("se-28529731"), &json!("se-482")));
    assert_eq!(body["packages"][0]["package_code"], "small_box");
    assert!(body["packages"][0]["weight"]["value"].is_number());
    let existing = json!({"shipment_id": "se-1", "service_code": "dhl", "carrier_id": "se-9", "confirmation": "none"});
    let body = compose_v2::shipment(&rules, Some(&existing), &fillers(), None).body;
    assert_eq!((&body["service_code"], &body["carrier_id"]), (&json!("dhl"), &json!("se-9")));
    assert_eq!(body["confirmation"], "signature", "their word for nothing is no choice");
}

/// What V1 took without a telephone or a state goes back to V2 with both, or not at all.
#[test]
fn an_address_at_the_hub_is_completed_or_its_gap_is_named() {
    let full = json!({
        "name": "Zoë", "phone": "040", "state_province": "HH", "postal_code": "20457", "country_code": "DE",
        "address_residential_indicator": "no",
    });
    let none = Fillers::default();
    let some = Fillers { phone: " 0000000000 ".into(), state: "-".into() };
    for (change, fillers, expected) in [
        (json!({}), &none, Ok(("040", "HH"))),
        (json!({"phone": null, "state_province": " "}), &some, Ok(("0000000000", "-"))),
        (json!({"phone": null}), &none, Err("wants a telephone number")),
        (json!({"state_province": null}), &none, Err("wants a state or province")),
        // A carrier reads the state there: nothing is made up.
        (json!({"state_province": null, "country_code": "us"}), &some, Err("wants a state or province")),
        (json!({"postal_code": null}), &some, Err("wants a postcode")),
        (json!({"name": null}), &some, Err("no name and no company")),
        (json!({"name": "", "company_name": "Harbour", "company": null}), &some, Ok(("040", "HH"))),
    ] {
        let mut to = full.clone();
        for (name, value) in change.as_object().unwrap() {
            to[name] = value.clone();
        }
        let mut shipment = json!({ "ship_to": to }).as_object().unwrap().clone();
        let got = compose_v2::complete(&mut shipment, fillers);
        match expected {
            Ok((phone, state)) => {
                assert_eq!(got, Ok(()), "{change}");
                let to = &shipment["ship_to"];
                assert_eq!(
                    (to["phone"].as_str(), to["state_province"].as_str()),
                    (Some(phone), Some(state)),
                    "{change}"
                );
                assert!(to["name"].as_str().is_some_and(|name| !name.is_empty()), "{change}");
                assert!(to.as_object().unwrap().values().all(|value| !value.is_null()), "{change}");
            }
            Err(says) => assert!(got.is_err_and(|why| why.contains(says)), "{change}: {got:?}"),
        }
    }
}
