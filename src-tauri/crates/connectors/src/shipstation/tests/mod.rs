//! The connector against a scripted network: what leaves, and what the answers are made of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_cmp)]

mod canary;
mod client;
mod compose;
mod confirm;
mod forms;
mod perform;
mod perform_v2;
mod preflight;
mod read;
mod tracking;
mod translate;
mod traps;
mod verdicts;

use super::{DECLARATION, PLATFORM};
use crate::testing::{Script, Sent, StandingClock, json};
use crate::{Ask, Connector, Priority, Setup, Task, WireError};
use quayside_model::{
    Account, Address, ConnectionConfig, ConnectionId, Currency, HubLineDraft, HubOrderDraft, Intent, SecretString,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const KEY: &str = "canarykey0123456789abcdef01234567";
pub(super) const SECRET: &str = "canarysecret0123456789abcdef0123";
pub(super) const KEY_V2: &str = "canaryv2key/0123456789+abcdefghij";
/// 2026-03-02 17:14:27 UTC, 09:14:27 in Los Angeles.
pub(super) const NOW_MS: i64 = 1_772_471_667_000;

/// A connector, its network and its clock.
pub(super) struct Rig {
    pub connector: Arc<dyn Connector>,
    pub wire: Arc<Script>,
    pub clock: Arc<StandingClock>,
}

type Answering = Result<http::Response<Vec<u8>>, WireError>;

/// With way `v1`, `v2` or `both`.
pub(super) fn rig(way: &str, answering: impl FnMut(&Sent) -> Answering + Send + 'static) -> Rig {
    rig_with(way, |_| {}, answering)
}

pub(super) fn rig_with(
    way: &str,
    change: impl FnOnce(&mut ConnectionConfig),
    answering: impl FnMut(&Sent) -> Answering + Send + 'static,
) -> Rig {
    let wire = Script::answering(answering);
    let clock = StandingClock::at(NOW_MS);
    let mut config = ConnectionConfig {
        id: ConnectionId::new("hub"),
        name: "Packing".into(),
        platform: "shipstation".into(),
        way: way.into(),
        fields: BTreeMap::new(),
        base_url: None,
        account: Account::default(),
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: 0,
    };
    change(&mut config);
    let secrets = [("key", KEY), ("secret", SECRET), ("v2_key", KEY_V2)];
    let secrets = secrets.into_iter().map(|(name, text)| (name.to_owned(), SecretString::from(text))).collect();
    let setup = Setup { config, secrets, wire: wire.clone(), clock: clock.clone(), buckets: vec![] };
    Rig { connector: (PLATFORM.open)(setup).unwrap(), wire, clock }
}

impl Rig {
    /// `METHOD path?query` of everything that left.
    pub(super) fn log(&self) -> Vec<String> {
        self.wire.sent().iter().map(line).collect()
    }
    pub(super) async fn perform(&self, intent: &Intent) -> quayside_model::Verdict {
        self.connector.perform(&[task(intent)]).await.pop().unwrap()
    }
    pub(super) async fn confirm(&self, intent: &Intent) -> quayside_model::Confirmation {
        self.connector
            .confirm(&Task {
                first_sent_at_ms: Some(NOW_MS - 60_000),
                last_sent_at_ms: Some(NOW_MS - 60_000),
                ..task(intent)
            })
            .await
    }
    pub(super) async fn read(
        &self,
        stream: &str,
        cursor: Option<&Value>,
        next: Option<&Value>,
    ) -> Result<quayside_model::Page, crate::ReadError> {
        self.connector
            .read(&Ask { stream, cursor, next, since_ms: NOW_MS - 86_400_000, priority: Priority::Poll })
            .await
    }
}

/// A request in one line, without the host.
pub(super) fn line(sent: &Sent) -> String {
    let url = url::Url::parse(&sent.url).unwrap();
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{} {}{query}", sent.method, url.path())
}

pub(super) fn task(intent: &Intent) -> Task<'_> {
    Task {
        key: "effect-1",
        intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    }
}

/// One parameter of a request's query.
pub(super) fn param(sent: &Sent, name: &str) -> Option<String> {
    let url = url::Url::parse(&sent.url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(super) fn ok(body: &Value) -> Answering {
    json(200, body)
}

/// An order with everything an order can have.
pub(super) fn draft() -> HubOrderDraft {
    HubOrderDraft {
        key: "harbour-goods-5501".into(),
        number: "#1001".into(),
        placed_at_ms: NOW_MS - 3_600_000,
        paid_at_ms: Some(NOW_MS - 3_500_000),
        ship_by_ms: Some(NOW_MS + 86_400_000),
        ready: true,
        ship_to: Address {
            name: "Zoë Ødegård".into(),
            company: String::new(),
            line1: "Speicherstraße 7".into(),
            line2: "c/o Hafen".into(),
            line3: String::new(),
            city: "Hamburg".into(),
            region: String::new(),
            postcode: "20457".into(),
            country: "DE".into(),
            phone: String::new(),
        },
        bill_to: Address::default(),
        email: "zoe@example.org".into(),
        customer_ref: "7001".into(),
        requested_service: "Express 24 h".into(),
        lines: vec![
            HubLineDraft {
                line_key: "line-1".into(),
                sku: "MUG-BLUE".into(),
                name: "Blue mug".into(),
                quantity: 2,
                unit_price_minor: 1850,
                tax_minor: 590,
                weight_g: Some(397.335),
                options: vec![("Finish".into(), "Matte".into())],
                barcode: Some("614141007349".into()),
            },
            HubLineDraft {
                line_key: "line-2".into(),
                sku: "TEA".into(),
                name: "Tea".into(),
                quantity: 1,
                unit_price_minor: 700,
                tax_minor: 49,
                weight_g: None,
                options: vec![],
                barcode: None,
            },
        ],
        currency: Currency::new("EUR"),
        total_minor: 4590,
        tax_minor: 639,
        shipping_minor: 490,
        discount_minor: 300,
        customer_note: "Leave at the side door".into(),
        internal_note: "VIP".into(),
        gift: true,
        gift_message: "🎁 Happy birthday".into(),
        custom_fields: ["A1".into(), String::new(), String::new()],
        source: "Harbour Goods".into(),
        tags: vec![],
        store_id: Some("481516".into()),
        ship: quayside_model::ShipChoice::default(),
    }
}

pub(super) fn put(order: HubOrderDraft, hub_order_id: Option<&str>) -> Intent {
    Intent::PutHubOrder { order, hub_order_id: hub_order_id.map(str::to_owned) }
}

pub(super) fn cancel(id: &str) -> Intent {
    Intent::CancelHubOrder { hub_order_id: id.into(), hub_order_key: "harbour-goods-5501".into() }
}

pub(super) fn hold(id: &str, until_day: &str) -> Intent {
    Intent::HoldHubOrder {
        hub_order_id: id.into(),
        hub_order_key: "harbour-goods-5501".into(),
        until_day: until_day.into(),
    }
}

pub(super) fn release(id: &str) -> Intent {
    Intent::ReleaseHubOrder { hub_order_id: id.into(), hub_order_key: "harbour-goods-5501".into() }
}

pub(super) fn void(parcel: &str) -> Intent {
    Intent::VoidLabel { parcel_id: parcel.into() }
}

/// V1's order as V1 shows it after [`draft`] was written.
pub(super) fn order_v1(id: i64, status: &str) -> Value {
    json!({
        "orderId": id, "orderNumber": "#1001", "orderKey": "harbour-goods-5501",
        "orderDate": "2026-03-02T08:14:27.0000000", "createDate": "2026-03-02T09:00:00.0000000", "modifyDate": "2026-03-02T09:10:00.5000000",
        "orderStatus": status, "customerUsername": "7001", "customerEmail": "zoe@example.org",
        "billTo": {"name": "Zoë Ødegård"},
        "shipTo": {"name": "Zoë Ødegård", "company": null, "street1": "Speicherstraße 7", "street2": "c/o Hafen", "street3": null,
                   "city": "Hamburg", "state": null, "postalCode": "20457", "country": "DE", "phone": null, "residential": false,
                   "addressVerified": "Address validated successfully"},
        "items": [
            {"orderItemId": 1, "lineItemKey": "line-1", "sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2, "unitPrice": 18.5, "adjustment": false,
             "warehouseLocation": "A-03-2", "productId": 55, "createDate": "2026-03-02T09:00:00", "modifyDate": "2026-03-02T09:00:00"},
            null,
            {"orderItemId": 2, "lineItemKey": "line-2", "sku": "TEA", "name": "Tea", "quantity": 1, "unitPrice": 7, "adjustment": false},
            {"orderItemId": 3, "lineItemKey": "quayside-discount", "sku": null, "name": "Discount", "quantity": 1, "unitPrice": -3, "adjustment": true}
        ],
        "orderTotal": 45.9, "amountPaid": 45.9, "taxAmount": 6.39, "shippingAmount": 4.9,
        "internalNotes": "Fragile, said the packer", "carrierCode": "dhl_paket", "serviceCode": "dhl_paket_standard", "packageCode": "package", "confirmation": "none",
        "weight": {"value": 900, "units": "grams", "WeightUnits": 2}, "dimensions": {"length": 10, "width": 10, "height": 10, "units": "centimeters"},
        "holdUntilDate": null, "tagIds": [4120], "userId": null, "externallyFulfilled": false,
        "advancedOptions": {"warehouseId": 331_200, "storeId": 481_516, "customField1": "A1", "mergedOrSplit": false, "mergedIds": [], "parentId": null}
    })
}

/// V2's view of the same order.
pub(super) fn shipment_v2(id: &str, status: &str) -> Value {
    json!({
        "shipment_id": id, "external_shipment_id": "harbour-goods-5501", "shipment_number": "#1001", "shipment_status": status,
        "created_at": "2026-03-02T17:00:00Z", "modified_at": "2026-03-02T17:10:00.5Z", "store_id": "se-481516", "hold_until_date": null,
        "ship_to": {"name": "Zoë Ødegård", "phone": "0000000000", "address_line1": "Speicherstraße 7", "address_line2": "c/o Hafen",
                    "city_locality": "Hamburg", "state_province": "-", "postal_code": "20457", "country_code": "DE", "address_residential_indicator": "no"},
        "items": [
            {"external_order_item_id": "line-1", "sku": "MUG-BLUE", "name": "Blue mug", "quantity": 2},
            {"external_order_item_id": "line-2", "sku": "TEA", "name": "Tea", "quantity": 1}
        ],
        "tags": [{"name": "Fragile"}], "packages": [{"weight": {"value": 900, "unit": "gram"}}], "service_code": "dhl_paket_standard",
        "advanced_options": {"custom_field1": "A1", "contains_alcohol": false}, "total_weight": {"value": 900, "unit": "gram"}
    })
}

/// An answer to `createorders` in which everything went well.
pub(super) fn all_fine(sent: &Sent) -> Answering {
    let results: Vec<Value> = sent
        .json()
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(at, order)| json!({"orderId": 987_000_111 + at, "orderNumber": order["orderNumber"], "orderKey": order["orderKey"], "success": true, "errorMessage": null}))
        .collect();
    ok(&json!({"hasErrors": false, "results": results}))
}

#[test]
fn the_declaration_is_whole() {
    assert_eq!(DECLARATION.platform, "shipstation");
    let names: Vec<&str> = DECLARATION.streams.iter().map(|stream| stream.name).collect();
    assert_eq!(names, ["orders", "shipments", "voids", "fulfillments", "tracking", "products", "stock"]);
    for way in DECLARATION.ways {
        assert!(way.steps.len() >= 2, "{}", way.id);
    }
    for name in ["store_id", "calls_reserved", "remove_tags", "filler_phone", "filler_state"] {
        assert!(DECLARATION.settings.iter().any(|setting| setting.name == name), "{name}");
    }
}
