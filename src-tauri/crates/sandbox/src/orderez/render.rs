//! Answers in the contract's shapes.

use super::state::{Fulfillment, Level, Order, Reference};
use crate::orderez::state::{Deny, State};
use http::{Response, StatusCode, header};
use serde_json::{Map, Value, json};

/// An answer on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub problem: bool,
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// One record.
    pub fn data(status: u16, record: Value) -> Self {
        Self {
            status,
            body: Value::Object(Map::from_iter([("data".to_owned(), record)])),
            problem: false,
            headers: Vec::new(),
        }
    }
    /// One record with its version.
    pub fn versioned(status: u16, record: Value) -> Self {
        let etag = format!("\"{}\"", record["version"]);
        Self::data(status, record).with("etag", &etag)
    }
    /// With a header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
    pub fn into_response(self, more: &[(&'static str, String)]) -> Response<Vec<u8>> {
        let mut response = Response::new(self.body.to_string().into_bytes());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = if self.problem { "application/problem+json" } else { "application/json" };
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
        for (name, value) in self.headers.iter().chain(more) {
            if let Ok(value) = header::HeaderValue::from_str(value) {
                response.headers_mut().insert(*name, value);
            }
        }
        response
    }
}

/// A refusal (RFC 9457).
#[derive(Debug, Clone, PartialEq)]
pub struct Problem(Map<String, Value>);

impl Problem {
    pub fn new(status: u16, code: &str, title: &str) -> Self {
        let mut fields = Map::new();
        fields.insert("type".into(), json!("about:blank"));
        fields.insert("title".into(), json!(title));
        fields.insert("status".into(), json!(status));
        fields.insert("code".into(), json!(code));
        Self(fields)
    }
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "Not found")
    }
    /// One field was not accepted.
    pub fn field(pointer: &str, code: &str, message: &str) -> Self {
        Self::fields(&[(pointer.to_owned(), code.to_owned(), message.to_owned())])
    }
    /// Several were not.
    pub fn fields(errors: &[(String, String, String)]) -> Self {
        let mut problem = Self::new(422, "validation_failed", "Validation failed");
        let errors: Vec<Value> = errors
            .iter()
            .map(|(pointer, code, message)| json!({"pointer": pointer, "code": code, "message": message}))
            .collect();
        problem.0.insert("errors".into(), json!(errors));
        problem
    }
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }
}

impl From<Problem> for Answer {
    fn from(problem: Problem) -> Self {
        let status = problem.0.get("status").and_then(Value::as_u64).unwrap_or(500) as u16;
        Self { status, body: Value::Object(problem.0), problem: true, headers: Vec::new() }
    }
}

impl From<Deny> for Problem {
    fn from(deny: Deny) -> Self {
        match deny {
            Deny::NotFound => Self::not_found(),
            Deny::State(why) => {
                Self::new(409, "invalid_state", "The order's state does not allow it").with("detail", json!(why))
            }
            Deny::Field(pointer, code, message) => Self::field(&pointer, code, &message),
            Deny::Taken(id) => {
                Self::new(409, "duplicate_external_ref", "Order reference already used").with("existing_id", json!(id))
            }
        }
    }
}

/// RFC 3339, UTC, whole seconds.
pub fn time(at_ms: i64) -> Value {
    json!(chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn reference(reference: &Reference) -> Value {
    let mut fields = json!({"system": reference.system, "id": reference.id});
    if let Some(number) = &reference.number {
        fields["number"] = json!(number);
    }
    fields
}

/// An order; a summary leaves lines, addresses, customer and assignments out.
pub fn order(state: &State, order: &Order, summary: bool) -> Value {
    let status = match &state.plan.odd_status {
        Some((known, odd)) if known == order.status() => odd.as_str(),
        _ => order.status(),
    };
    let mut fields = json!({
        "id": order.id,
        "number": order.number,
        "external_refs": order.references.iter().map(reference).collect::<Vec<_>>(),
        "status": status,
        "payment_status": order.payment_status,
        "currency": order.currency,
        "on_hold": order.on_hold,
        "created_at": time(order.created_ms),
        "updated_at": time(order.updated_ms),
        "cancelled_at": order.cancelled_ms.map(time),
        "cancel_reason": order.cancel_reason,
        "version": order.version,
    });
    if let Some(placed_ms) = order.placed_ms {
        fields["placed_at"] = time(placed_ms);
    }
    for (name, value) in &order.rest {
        if !summary || name == "totals" {
            fields[name] = value.clone();
        }
    }
    if summary {
        return fields;
    }
    fields["shipping_address"] = order.shipping_address.clone();
    fields["assignments"] = json!(order.assignments);
    let lines = order.lines.iter().map(|line| {
        let mut fields = json!({
            "id": line.id, "sku": line.sku, "quantity": line.quantity, "quantity_fulfilled": line.fulfilled,
            "quantity_cancelled": line.cancelled, "quantity_refunded": line.refunded,
        });
        if let Some(title) = &line.title {
            fields["title"] = json!(title);
        }
        if let Some(known) = &line.reference {
            fields["external_ref"] = reference(known);
        }
        for (name, amount) in &line.amounts {
            fields[name] = amount.clone();
        }
        fields
    });
    fields["lines"] = Value::Array(lines.collect());
    fields
}

/// A shipment.
pub fn fulfillment(state: &State, fulfillment: &Fulfillment) -> Value {
    let sku = |line_id: &str| {
        let order = state.orders.get(&fulfillment.order_id)?;
        order.lines.iter().find(|line| line.id == line_id).map(|line| line.sku.clone())
    };
    let lines = fulfillment.lines.iter().map(|(line_id, quantity)| {
        let mut fields = json!({"line_id": line_id, "quantity": quantity});
        if let Some(sku) = sku(line_id) {
            fields["sku"] = json!(sku);
        }
        fields
    });
    let tracking = fulfillment.tracking.iter().map(|tracking| {
        json!({"carrier": tracking.carrier, "number": tracking.number, "url": format!("https://track.example/{}", tracking.number)})
    });
    let mut fields = json!({
        "id": fulfillment.id,
        "order_id": fulfillment.order_id,
        "warehouse_id": fulfillment.warehouse_id,
        "status": fulfillment.status,
        "lines": lines.collect::<Vec<_>>(),
        "tracking": tracking.collect::<Vec<_>>(),
        "shipped_at": fulfillment.shipped_ms.map(time),
        "delivered_at": fulfillment.delivered_ms.map(time),
        "source": fulfillment.source,
        "version": fulfillment.version,
        "updated_at": time(fulfillment.updated_ms),
    });
    if let Some(external_ref) = &fulfillment.external_ref {
        fields["external_ref"] = external_ref.clone();
    }
    fields
}

/// A count.
pub fn level(warehouse: &str, sku: &str, level: &Level) -> Value {
    json!({
        "warehouse_id": warehouse, "sku": sku, "on_hand": level.on_hand, "reserved": level.reserved,
        "available": level.on_hand - level.reserved, "version": level.version, "last_change": level.last_change,
        "updated_at": time(level.updated_ms),
    })
}
