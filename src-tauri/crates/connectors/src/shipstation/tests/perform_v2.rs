//! Effects on accounts that have V2 alone.

use super::perform::{done, path, person};
use super::{draft, hold, ok, put, release, rig, rig_with, shipment_v2};
use crate::testing::json;
use quayside_model::Cause;
use serde_json::{Value, json};

fn v2_conflict() -> Value {
    json!({"request_id": "r", "errors": [{"error_source": "ShipStation", "error_type": "business_rules", "error_code": "identifier_conflict", "message": "Taken"}]})
}

#[tokio::test]
async fn v2_looks_then_makes_or_changes() {
    // Not there yet.
    let rig = rig("v2", |sent| match sent.method.as_str() {
        "GET" => json(404, &json!({"errors": []})),
        _ => ok(&json!({"has_errors": false, "shipments": [{"shipment_id": "se-987", "errors": []}]})),
    });
    let receipt = done(rig.perform(&put(draft(), None)).await);
    assert_eq!(receipt.remote_id.as_deref(), Some("987"));
    assert!(receipt.note.unwrap().contains("telephone number"));
    assert_eq!(rig.log(), ["GET /v2/shipments/external_shipment_id/harbour-goods-5501", "POST /v2/shipments"]);
    // There already.
    let rig = super::rig("v2", |_| ok(&shipment_v2("se-987", "pending")));
    let mut order = draft();
    order.tags = vec!["fragile".into(), "Gift & more".into()];
    done(rig.perform(&put(order, None)).await);
    assert_eq!(
        rig.log(),
        [
            "GET /v2/shipments/external_shipment_id/harbour-goods-5501",
            "PUT /v2/shipments/se-987",
            "POST /v2/shipments/se-987/tags/Gift%20%26%20more"
        ]
    );
    // Locked.
    let rig = super::rig("v2", |sent| {
        if path(sent) == "/v2/labels" {
            ok(&json!({"labels": [], "total": 0}))
        } else {
            ok(&shipment_v2("se-987", "label_purchased"))
        }
    });
    assert_eq!(person(rig.perform(&put(draft(), Some("987"))).await).cause, Cause::HubLocked);
}

#[tokio::test]
async fn a_known_key_means_change_and_a_known_number_means_prefix() {
    let mut lookups = 0;
    let rig = rig("v2", move |sent| match sent.method.as_str() {
        "GET" => {
            lookups += 1;
            if lookups == 1 { json(404, &json!({})) } else { ok(&shipment_v2("se-987", "pending")) }
        }
        "POST" => json(400, &v2_conflict()),
        _ => ok(&shipment_v2("se-987", "pending")),
    });
    done(rig.perform(&put(draft(), None)).await);
    assert_eq!(rig.log().last().unwrap(), "PUT /v2/shipments/se-987");

    for body in [
        (400, v2_conflict()),
        (200, json!({"has_errors": true, "shipments": [{"errors": ["Shipment number already exists"]}]})),
    ] {
        let rig = super::rig(
            "v2",
            move |sent| if sent.method == "GET" { json(404, &json!({})) } else { json(body.0, &body.1) },
        );
        let refusal = person(rig.perform(&put(draft(), None)).await);
        assert!(
            refusal.sentence.contains("another order in ShipStation already has the number #1001"),
            "{}",
            refusal.sentence
        );
    }
}

#[tokio::test]
async fn v2_without_fillers_asks_for_what_is_missing() {
    let rig = rig_with(
        "v2",
        |config| {
            config.settings.insert("filler_phone".into(), json!(""));
        },
        |_| panic!("nothing to send"),
    );
    let refusal = person(rig.perform(&put(draft(), None)).await);
    assert_eq!(refusal.cause, Cause::AddressRefused);
    assert!(refusal.sentence.contains("wants a telephone number"), "{}", refusal.sentence);
}

#[tokio::test]
async fn v2_not_ready_is_held_from_the_start() {
    let rig = rig("v2", |sent| match (sent.method.as_str(), path(sent).ends_with("/hold")) {
        ("GET", _) | (_, true) => json(404, &json!({})),
        _ => ok(&json!({"has_errors": false, "shipments": [{"shipment_id": "se-987"}]})),
    });
    let mut order = draft();
    order.ready = false;
    let receipt = done(rig.perform(&put(order, None)).await);
    assert_eq!(rig.wire.sent()[1].json()["shipments"][0]["hold_until_date"], "2099-12-31T00:00:00Z");
    assert!(receipt.note.unwrap().contains("held by its day only"));
}

#[tokio::test]
async fn v2_holds_by_command_or_by_field_or_says_it_cannot() {
    let held = |status: &str| {
        let mut raw = shipment_v2("se-987", status);
        raw["hold_until_date"] = json!("2026-03-09T00:00:00Z");
        raw
    };
    let new = rig("v2", |_| ok(&json!({})));
    done(new.perform(&hold("987", "2026-03-09")).await);
    assert_eq!(new.log(), ["PUT /v2/shipments/se-987/hold"]);

    let old = rig("v2", move |sent| match (sent.method.as_str(), path(sent).as_str()) {
        ("PUT", "/v2/shipments/se-987/hold") => json(404, &json!({})),
        ("GET", _) => ok(&shipment_v2("se-987", "pending")),
        _ => ok(&held("pending")),
    });
    done(old.perform(&hold("987", "2026-03-09")).await);
    assert_eq!(old.log(), ["PUT /v2/shipments/se-987/hold", "GET /v2/shipments/se-987", "PUT /v2/shipments/se-987"]);
    assert_eq!(old.wire.sent()[2].json()["hold_until_date"], "2026-03-09T00:00:00Z");

    let deaf = rig("v2", |sent| {
        if path(sent).ends_with("/hold") { json(404, &json!({})) } else { ok(&shipment_v2("se-987", "pending")) }
    });
    let refusal = person(deaf.perform(&hold("987", "2026-03-09")).await);
    assert!(refusal.sentence.contains("takes no holds from outside"), "{}", refusal.sentence);

    let gone = rig("v2", |_| json(404, &json!({})));
    assert_eq!(person(gone.perform(&hold("987", "2026-03-09")).await).cause, Cause::HubLocked);
}

#[tokio::test]
async fn v2_releases_by_command_or_by_field() {
    let rig = rig("v2", |sent| match (sent.method.as_str(), path(sent).ends_with("/restore")) {
        (_, true) => json(404, &json!({})),
        ("GET", _) => {
            let mut raw = shipment_v2("se-987", "pending");
            raw["hold_until_date"] = json!("2026-03-09T00:00:00Z");
            ok(&raw)
        }
        _ => ok(&shipment_v2("se-987", "pending")),
    });
    done(rig.perform(&release("987")).await);
    assert_eq!(rig.wire.sent()[2].json().get("hold_until_date"), Some(&Value::Null));
}
