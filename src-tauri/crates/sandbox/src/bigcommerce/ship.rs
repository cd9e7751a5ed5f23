//! Changes of an order over the API: shipments, status, notes; and what each brings with it.

use super::BigCommerce;
use super::door::{Answer, Call, no_v2, nothing, ok};
use super::hand::Hand;
use super::shape::status_name;
use super::state::{Order, Shipment, seconds};
use crate::Moment;
use crate::ledger::By;
use http::Method;
use serde_json::{Map, Value as Json, json};

/// Words `shipping_provider` takes; `carrier_<id>` of a registered carrier app too.
const PROVIDERS: &[&str] = &[
    "",
    "auspost",
    "canadapost",
    "endicia",
    "usps",
    "fedex",
    "royalmail",
    "ups",
    "upsready",
    "upsonline",
    "shipperhq",
    "custom",
];
/// What one field of an order may be set alone, without a total changing.
const HARMLESS: &[&str] = &["status_id", "staff_notes", "external_order_id", "customer_message", "is_deleted"];
/// Fields whose change makes the platform compute the totals anew.
const COSTLY: &[&str] = &[
    "billing_address",
    "shipping_addresses",
    "consignments",
    "products",
    "fees",
    "shipping_cost_ex_tax",
    "shipping_cost_inc_tax",
    "handling_cost_ex_tax",
    "handling_cost_inc_tax",
    "wrapping_cost_ex_tax",
    "wrapping_cost_inc_tax",
];

impl BigCommerce {
    pub(super) fn change(&mut self, id: i64, rest: &[&str], call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        match (call.method, rest) {
            (&Method::PUT, []) => self.put_order(id, call, moment),
            (&Method::DELETE, []) => {
                // Archived, not cancelled.
                self.hand(moment, By::Client).archive(id);
                nothing()
            }
            (&Method::POST, ["shipments"]) => self.post_shipment(id, call, moment),
            (&Method::DELETE, ["shipments"]) => {
                let all: Vec<i64> = self
                    .state
                    .orders
                    .get(&id)
                    .map(|order| order.shipments.iter().map(|s| s.id).collect())
                    .unwrap_or_default();
                for one in all {
                    self.hand(moment, By::Client).unship(id, one);
                }
                nothing()
            }
            (&Method::DELETE, ["shipments", one]) => {
                let one = self.shipment_id(id, one);
                let Some(one) = one else { return no_v2(404, "The requested resource was not found.") };
                self.hand(moment, By::Client).unship(id, one);
                nothing()
            }
            (&Method::PUT, ["shipments", one]) => {
                let one = self.shipment_id(id, one);
                let Some(one) = one else { return no_v2(404, "The requested resource was not found.") };
                self.put_shipment(id, one, call, moment)
            }
            (&Method::POST, ["messages"]) => no_v2(405, "Method not allowed"),
            _ => no_v2(404, "The requested resource was not found."),
        }
    }

    fn shipment_id(&self, order: i64, text: &str) -> Option<i64> {
        self.state.orders.get(&order)?.shipments.iter().map(|one| one.id).find(|one| one.to_string() == text)
    }

    fn put_order(&mut self, id: i64, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let Some(body) = call.body.as_object().filter(|body| !body.is_empty()) else {
            return no_v2(400, "The request body is empty.");
        };
        for name in body.keys() {
            if !HARMLESS.contains(&name.as_str()) && !COSTLY.contains(&name.as_str()) {
                return no_v2(
                    400,
                    &format!(
                        "The field '{name}' cannot be written to. Please remove it from your request before trying again."
                    ),
                );
            }
        }
        if let Some(status) = body.get("status_id") {
            let Some(status) = status.as_i64().filter(|id| status_name(*id).is_some()) else {
                return no_v2(400, "The field 'status_id' is invalid.");
            };
            self.hand(moment, By::Client).set_status(id, status);
        }
        let text = |name: &str| body.get(name).and_then(Json::as_str).map(str::to_owned);
        if let Some(notes) = text("staff_notes") {
            if notes.chars().count() > 65_535 {
                return no_v2(400, "The field 'staff_notes' is too long.");
            }
            self.hand(moment, By::Client).set_notes(id, &notes);
        }
        let now_ms = moment.now_ms;
        if let Some(order) = self.state.orders.get_mut(&id) {
            if let Some(external) = text("external_order_id") {
                order.external_order_id = Some(external);
            }
            if let Some(archived) = body.get("is_deleted").and_then(Json::as_bool) {
                order.archived = archived;
            }
            if body.keys().any(|name| COSTLY.contains(&name.as_str())) {
                // The totals are computed anew, and what was given off is lost.
                order.coupon_minor = 0;
                for line in &mut order.lines {
                    line.discount_minor = 0;
                }
            }
        }
        self.state.touch(id, now_ms);
        self.state.orders.get(&id).map_or_else(nothing, |order| ok(200, &self.order_json(order, &[], false)))
    }

    fn post_shipment(&mut self, id: i64, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let Some(order) = self.state.orders.get(&id) else {
            return no_v2(404, "The requested resource was not found.");
        };
        let Some(body) = call.body.as_object() else { return no_v2(400, "The request body is empty.") };
        if let Some(refused) = check_fields(body, true) {
            return refused;
        }
        let address = body.get("order_address_id").and_then(whole).unwrap_or(0);
        if !order.addresses.iter().any(|to| to.id == address) {
            return no_v2(400, "The field 'order_address_id' is invalid.");
        }
        let items = match items_of(body, order, address) {
            Ok(items) => items,
            Err(why) => return no_v2(400, &why),
        };
        let shipment = Shipment {
            id: 0,
            address,
            created_ms: seconds(moment.now_ms),
            number: String::new(),
            carrier: String::new(),
            // Left out is not empty.
            provider: "custom".to_owned(),
            link: String::new(),
            method: order.addresses.iter().find(|to| to.id == address).map(|to| to.method.clone()).unwrap_or_default(),
            comments: String::new(),
            cost: "0.0000".to_owned(),
            items,
        };
        let shipment = filled(shipment, body);
        let made = self.hand(moment, By::Client).ship(id, shipment);
        let order = self.state.orders.get(&id);
        let shown = order.and_then(|order| Some((order, order.shipments.iter().find(|one| one.id == made)?)));
        shown.map_or_else(nothing, |(order, shipment)| ok(201, &Self::shipment_json(order, shipment)))
    }

    fn put_shipment(&mut self, id: i64, one: i64, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let Some(body) = call.body.as_object() else { return no_v2(400, "The request body is empty.") };
        if body.contains_key("items") {
            return no_v2(
                400,
                "The field 'items' cannot be written to. Please remove it from your request before trying again.",
            );
        }
        if let Some(refused) = check_fields(body, false) {
            return refused;
        }
        let now_ms = moment.now_ms;
        let Some(order) = self.state.orders.get_mut(&id) else { return nothing() };
        let Some(shipment) = order.shipments.iter_mut().find(|known| known.id == one) else { return nothing() };
        *shipment = filled(shipment.clone(), body);
        let detail = json!({ "orderId": id, "trackingNumbers": [shipment.number.clone()], "carrier": shipment.carrier, "cost": shipment.cost });
        let key = Some(shipment.number.clone());
        if self.plan.habits.shipment_touches_order {
            self.state.touch(id, now_ms);
        }
        self.hand(moment, By::Client).note("fulfillment_tracking_updated", one, key, detail);
        let order = self.state.orders.get(&id);
        let shown = order.and_then(|order| Some((order, order.shipments.iter().find(|known| known.id == one)?)));
        shown.map_or_else(nothing, |(order, shipment)| ok(200, &Self::shipment_json(order, shipment)))
    }

    pub(super) fn hand<'h>(&'h mut self, moment: &'h mut Moment<'_>, by: By) -> Hand<'h> {
        Hand { state: &mut self.state, plan: &self.plan, now_ms: moment.now_ms, ledger: moment.ledger, by }
    }
}

fn whole(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Fields of a shipment that are wrong in themselves.
fn check_fields(body: &Map<String, Json>, new: bool) -> Option<Answer> {
    const KNOWN: &[&str] = &[
        "order_address_id",
        "items",
        "tracking_number",
        "tracking_carrier",
        "shipping_provider",
        "tracking_link",
        "shipping_method",
        "comments",
        "merchant_shipping_cost",
    ];
    let invalid = |name: &str| Some(no_v2(400, &format!("The field '{name}' is invalid.")));
    if let Some(name) = body.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Some(no_v2(
            400,
            &format!(
                "The field '{name}' cannot be written to. Please remove it from your request before trying again."
            ),
        ));
    }
    let text = |name: &str| body.get(name).map(|value| value.as_str());
    for (name, most) in [("tracking_number", 50), ("tracking_link", 500), ("comments", 65_535)] {
        if text(name).is_some_and(|text| text.is_none_or(|text| text.chars().count() > most)) {
            return invalid(name);
        }
    }
    let provider = text("shipping_provider").flatten().unwrap_or_default();
    if !PROVIDERS.contains(&provider) && !provider.starts_with("carrier_") {
        return invalid("shipping_provider");
    }
    let carrier = text("tracking_carrier").flatten().unwrap_or_default();
    // The list of 913 words is not repeated here; the one that was taken out of it is.
    let spelled = carrier.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !spelled || matches!(carrier, "royal-mail" | "royalmail") {
        return invalid("tracking_carrier");
    }
    let cost = text("merchant_shipping_cost");
    if cost.is_some_and(|cost| cost.is_none_or(|cost| cost.parse::<f64>().is_err())) {
        return invalid("merchant_shipping_cost");
    }
    if new && body.get("order_address_id").and_then(whole).is_none() {
        return Some(no_v2(400, "The required field 'order_address_id' was not supplied."));
    }
    None
}

/// The lines of a new shipment, or why they cannot be shipped.
fn items_of(body: &Map<String, Json>, order: &Order, address: i64) -> Result<Vec<(i64, i64)>, String> {
    let given = body.get("items").and_then(Json::as_array).filter(|items| !items.is_empty());
    let given = given.ok_or("The required field 'items' was not supplied.")?;
    let mut items = Vec::new();
    for item in given {
        let line = item.get("order_product_id").and_then(whole).and_then(|id| order.line(id));
        let line = line.ok_or("The field 'order_product_id' is invalid.")?;
        let units = item.get("quantity").and_then(whole).unwrap_or(0);
        if line.pickup > 0 || line.kind != "physical" || line.address != address {
            return Err(format!("The order product {} does not ship to this address.", line.id));
        }
        if units <= 0 || units > line.open_for_shipment() {
            return Err(format!(
                "The quantity of order product {} is invalid: {} left to ship.",
                line.id,
                line.open_for_shipment()
            ));
        }
        items.push((line.id, units));
    }
    Ok(items)
}

/// The tracking fields of a body on a shipment.
fn filled(mut shipment: Shipment, body: &Map<String, Json>) -> Shipment {
    let take = |name: &str, field: &mut String| {
        if let Some(text) = body.get(name).and_then(Json::as_str) {
            text.clone_into(field);
        }
    };
    take("tracking_number", &mut shipment.number);
    take("tracking_carrier", &mut shipment.carrier);
    take("shipping_provider", &mut shipment.provider);
    take("tracking_link", &mut shipment.link);
    take("shipping_method", &mut shipment.method);
    take("comments", &mut shipment.comments);
    if let Some(cost) = body.get("merchant_shipping_cost").and_then(Json::as_str) {
        shipment.cost = format!("{:.4}", cost.parse::<f64>().unwrap_or(0.0));
    }
    shipment
}
