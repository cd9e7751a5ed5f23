//! An account on the bench: calls in, answers out, every answer held against the
//! platform's own description.

use super::contract;
use crate::ledger::{By, Ledger};
use crate::shipstation::state::Pen;
use crate::shipstation::{ShipStation, ShipStationPlan};
use crate::{Moment, StandIn};
use base64::Engine as _;
use http::Request;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

/// Monday 2 March 2026, 09:00 in Los Angeles.
pub const NOON_MS: i64 = 1_772_470_800_000;

pub struct Bench {
    pub account: ShipStation,
    pub ledger: Ledger,
    pub rng: SmallRng,
    pub now_ms: i64,
    /// Answers are held against the descriptions. Off for accounts with quirks no description knows.
    pub checked: bool,
}

pub struct Got {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Got {
    pub fn header(&self, name: &str) -> i64 {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap().parse().unwrap()
    }
    /// The answer, which must be a success.
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.body
    }
    /// The refusal: its status, and all of its text.
    pub fn refusal(self) -> (u16, String) {
        assert!(self.status >= 400, "{} {}", self.status, self.text);
        (self.status, self.text)
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::with(ShipStationPlan { calls_per_minute: 10_000, v2_calls_per_minute: 10_000, ..Default::default() })
    }

    pub fn with(plan: ShipStationPlan) -> Self {
        Self {
            account: ShipStation::new(plan),
            ledger: Ledger::default(),
            rng: SmallRng::seed_from_u64(5),
            now_ms: NOON_MS,
            checked: true,
        }
    }

    /// A call with these headers.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = body.map(|body| serde_json::to_vec(body).unwrap()).unwrap_or_default();
        let request = request.body(bytes).unwrap();
        let mut moment = Moment { now_ms: self.now_ms, rng: &mut self.rng, ledger: &mut self.ledger };
        let response = self.account.handle(&request, &mut moment);
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = String::from_utf8(response.into_body()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        if self.checked {
            contract::check(method, path, status, &body, &text);
        }
        Got { status, headers, body, text }
    }

    /// A call to the older API.
    pub fn v1(&mut self, method: &str, path: &str, body: Option<&Value>) -> Got {
        let plan = &self.account.state.plan;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", plan.v1_key, plan.v1_secret));
        self.send(method, path, &[("authorization", &format!("Basic {pair}"))], body)
    }

    /// A call to the newer API.
    pub fn v2(&mut self, method: &str, path: &str, body: Option<&Value>) -> Got {
        let key = self.account.state.plan.v2_key.clone();
        self.send(method, path, &[("API-Key", &key)], body)
    }

    pub fn get(&mut self, path: &str) -> Value {
        if path.starts_with("/v2") { self.v2("GET", path, None).ok() } else { self.v1("GET", path, None).ok() }
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Value {
        if path.starts_with("/v2") {
            self.v2("POST", path, Some(body)).ok()
        } else {
            self.v1("POST", path, Some(body)).ok()
        }
    }

    /// Creates an order through the older API. Returns its id.
    pub fn order(&mut self, key: &str, number: &str) -> i64 {
        self.post("/orders/createorder", &order(key, number))["orderId"].as_i64().unwrap()
    }

    /// What somebody in the warehouse does.
    pub fn person<T>(&mut self, act: impl FnOnce(&mut crate::shipstation::State, &mut Pen<'_>) -> T) -> T {
        let mut pen = Pen { now_ms: self.now_ms, by: By::Merchant, ledger: &mut self.ledger };
        act(&mut self.account.state, &mut pen)
    }

    pub fn status(&mut self, id: i64) -> String {
        self.get(&format!("/orders/{id}"))["orderStatus"].as_str().unwrap().to_owned()
    }

    /// Names of all effects in the ledger, in order.
    pub fn effects(&self) -> Vec<&str> {
        self.ledger.entries.iter().map(|entry| entry.effect.as_str()).collect()
    }
}

/// A complete order of two lines, ready to ship.
pub fn order(key: &str, number: &str) -> Value {
    json!({
        "orderNumber": number,
        "orderKey": key,
        "orderDate": "2026-03-02T08:02:11.0000000",
        "paymentDate": "2026-03-02T08:02:15.0000000",
        "shipByDate": "2026-03-04T00:00:00.0000000",
        "orderStatus": "awaiting_shipment",
        "customerUsername": "dana@example.com",
        "customerEmail": "dana@example.com",
        "billTo": { "name": "Dana Whitfield" },
        "shipTo": address(),
        "items": [
            { "lineItemKey": "L1", "sku": "MUG-BLUE-12", "name": "Blue mug", "quantity": 2, "unitPrice": 18.5,
              "taxAmount": 2.22, "weight": { "value": 400, "units": "grams" }, "options": [{ "name": "Finish", "value": "Matte" }] },
            { "lineItemKey": "L2", "sku": "TEA-100", "name": "Tea", "quantity": 1, "unitPrice": 7.0,
              "weight": { "value": 120, "units": "grams" } },
        ],
        "amountPaid": 51.0, "taxAmount": 2.22, "shippingAmount": 4.5,
        "customerNotes": "Leave at the side door",
        "requestedShippingService": "Standard",
        "advancedOptions": { "storeId": 480_002, "customField1": "QS:7f1c", "source": "quayside" },
    })
}

pub fn address() -> Value {
    json!({
        "name": "Dana Whitfield", "street1": "Larkspurweg 4", "city": "Kiel", "state": "SH", "postalCode": "24103",
        "country": "DE", "phone": "+49 431 555 0117",
    })
}

/// A complete shipment of the newer API.
pub fn shipment(key: &str, number: &str) -> Value {
    json!({
        "external_shipment_id": key,
        "shipment_number": number,
        "create_sales_order": true,
        "store_id": "480002",
        "ship_to": {
            "name": "Dana Whitfield", "phone": "+49 431 555 0117", "address_line1": "Larkspurweg 4", "city_locality": "Kiel",
            "state_province": "SH", "postal_code": "24103", "country_code": "DE", "address_residential_indicator": "unknown",
        },
        "items": [
            { "name": "Blue mug", "sku": "MUG-BLUE-12", "quantity": 2, "external_order_item_id": "L1", "unit_price": 18.5,
              "weight": { "value": 400, "unit": "gram" } },
        ],
        "amount_paid": { "currency": "eur", "amount": 41.5 },
        "packages": [{ "weight": { "value": 860, "unit": "gram" } }],
    })
}

pub const LABEL: fn(i64) -> Value = |id| {
    json!({
        "orderId": id, "carrierCode": "dpd", "serviceCode": "dpd_classic", "packageCode": "package", "confirmation": "none",
        "shipDate": "2026-03-02", "testLabel": false,
    })
};
