//! What ShipStation's documents show as answers, read by the connector.

use super::openapi::{Description, folder};
use super::{connector, full_draft, read, task};
use quayside_model::{Intent, Record, Verdict};
use serde_json::{Value, json};

/// The vendor's own samples of 2019, by the beginning of the path.
fn vendor_samples(method: &str, start: &str) -> Vec<Value> {
    let Some(folder) = folder() else { return Vec::new() };
    let text = std::fs::read_to_string(folder.join("v1-apiary-2019.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut samples = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.split(['?', '{']).next() != Some(start) {
            continue;
        }
        for answer in item[method]["responses"].as_object().into_iter().flatten().map(|(_, answer)| answer) {
            for content in answer["content"].as_object().into_iter().flatten().map(|(_, content)| content) {
                samples.extend(
                    content["examples"].as_object().into_iter().flatten().map(|(_, example)| example["value"].clone()),
                );
            }
        }
    }
    assert!(!samples.is_empty(), "no sample of {method} {start}");
    samples
}

/// Reads a page made of one sample; gives its records, and insists that all rows could be read.
async fn records_of(way: &str, stream: &str, key: &str, sample: Value) -> Vec<Record> {
    let rows = sample[key].as_array().unwrap().iter().filter(|row| !row.is_null()).count();
    let (connector, _) = connector(way, &[], move |_| (200, sample.clone()));
    let page = connector.read(&read(stream, None)).await.unwrap();
    assert_eq!(page.unreadable, vec![], "{stream}");
    assert_eq!(page.records.len(), rows, "{stream}");
    page.records.into_iter().map(|incoming| incoming.record).collect()
}

#[tokio::test]
async fn the_vendors_lists_are_read_whole() {
    if folder().is_none() {
        return;
    }
    for (stream, path, key) in [
        ("orders", "/orders", "orders"),
        ("orders", "/orders/listbytag", "orders"),
        ("shipments", "/shipments", "shipments"),
        ("voids", "/shipments", "shipments"),
        ("fulfillments", "/fulfillments", "fulfillments"),
    ] {
        for sample in vendor_samples("get", path) {
            let records = records_of("v1", stream, key, sample).await;
            assert!(!records.is_empty());
        }
    }
    // In the details: the discount of the documented order is no line.
    let mut with_discount = 0;
    for sample in vendor_samples("get", "/orders/listbytag") {
        for record in records_of("v1", "orders", "orders", sample).await {
            let Record::HubOrder(order) = record else { panic!() };
            assert_eq!(order.lines.len(), 1);
            assert_eq!(order.lines[0].line_key.as_deref(), Some("vd08-MSLbtx"));
            with_discount += 1;
        }
    }
    assert!(with_discount > 0);
}

#[tokio::test]
async fn the_vendors_answers_to_writes_are_understood() {
    if folder().is_none() {
        return;
    }
    let key = "0f6bec18-3e89-4881-83aa-f392d84f4c74";
    for sample in vendor_samples("post", "/orders/createorders") {
        let (connector, _) = connector("v1", &[], move |_| (200, sample.clone()));
        let mut order = full_draft();
        order.key = key.into();
        order.tags.clear();
        let intent = Intent::PutHubOrder { order, hub_order_id: None };
        let verdict = connector.perform(&[task(&intent)]).await.pop().unwrap();
        let Verdict::Done(receipt) = verdict else { panic!("{verdict:?}") };
        assert!(receipt.remote_id.is_some_and(|id| id.parse::<i64>().is_ok()));
    }
    for (path, intent) in [
        (
            "/orders/holduntil",
            Intent::HoldHubOrder {
                hub_order_id: "1".into(),
                hub_order_key: key.into(),
                until_day: "2026-03-09".into(),
            },
        ),
        ("/shipments/voidlabel", Intent::VoidLabel { parcel_id: "label:1".into() }),
    ] {
        for sample in vendor_samples("post", path) {
            let (connector, _) = connector("v1", &[], move |_| (200, sample.clone()));
            let verdict = connector.perform(&[task(&intent)]).await.pop().unwrap();
            assert!(matches!(verdict, Verdict::Done(_)), "{path}: {verdict:?}");
        }
    }
}

#[tokio::test]
async fn the_vendors_account_is_learned() {
    if folder().is_none() {
        return;
    }
    let stores = vendor_samples("get", "/stores").pop().unwrap();
    let tags = vendor_samples("get", "/accounts/listtags").pop().unwrap();
    let (connector, _) = connector("v1", &[], move |(_, url, _)| {
        (200, if url.path() == "/stores" { stores.clone() } else { tags.clone() })
    });
    let account = connector.preflight().await.account.unwrap();
    assert_eq!(account.remote_id, "store:22766");
    assert_eq!(
        serde_json::from_str::<Value>(&account.facts["manual_stores"]).unwrap(),
        json!([{"id": "22766", "name": "ShipStation Manual Store"}])
    );
    assert_eq!(serde_json::from_str::<Value>(&account.facts["tags"]).unwrap()["Backorder"], 8362);
}

#[tokio::test]
async fn the_descriptions_samples_are_read_whole() {
    let (Some(v1), Some(v2)) = (Description::v1(), Description::v2()) else { return };
    for (stream, path, key) in [
        ("orders", "/orders", "orders"),
        ("shipments", "/shipments", "shipments"),
        ("fulfillments", "/fulfillments", "fulfillments"),
    ] {
        let samples = v1.samples("GET", path);
        assert!(!samples.is_empty());
        for sample in samples {
            records_of("v1", stream, key, sample).await;
        }
    }
    // V2 has an example per field; a record made of them must be readable too.
    for (stream, key, schema, id) in [
        ("orders", "shipments", "shipment", "shipment_id"),
        ("shipments", "labels", "label", "label_id"),
        ("tracking", "labels", "label", "label_id"),
        ("fulfillments", "fulfillments", "fulfillment", "fulfillment_id"),
    ] {
        let sample = v2.sample(&Description::schema(schema), 0);
        assert!(sample[id].is_string(), "{sample}");
        let records = records_of("v2", stream, key, json!({key: [sample], "total": 1, "page": 1, "pages": 1})).await;
        assert_eq!(records.len(), 1);
    }
}
