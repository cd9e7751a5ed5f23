//! V3: channels, settings, and what hangs on an order.

use super::BigCommerce;
use super::door::{Answer, Call, list_v3, no_v3, nothing, ok};
use super::shape::iso;
use super::state::{Metafield, Order, seconds};
use crate::Moment;
use crate::ledger::By;
use http::Method;
use serde_json::{Value as Json, json};

/// Metafields one API account may put on an order.
const METAFIELDS_MAX: usize = 250;

fn missing() -> Answer {
    no_v3(404, "The resource at that URL is not found.", &json!({}))
}

impl BigCommerce {
    pub(super) fn v3(&mut self, call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let order = |text: &str, this: &Self| text.parse().ok().filter(|id: &i64| this.state.orders.contains_key(id));
        match (call.method, call.path.as_slice()) {
            (&Method::GET, ["channels"]) => list_v3(self.channels(), call, 250),
            (&Method::GET, ["settings", "inventory"]) => {
                let data = json!({ "product_out_of_stock_behavior": "do_nothing", "update_stock_behavior": "order_placed",
                    "refund_order_stock_adjustment": self.plan.restocks });
                ok(200, &json!({ "data": data, "meta": {} }))
            }
            (&Method::GET, ["settings", "email-statuses"]) => {
                ok(200, &json!({ "data": { "combined_order_status_email": self.plan.combined_mail }, "meta": {} }))
            }
            (&Method::GET, ["orders", "payment_actions", "refunds"]) => {
                let wanted = call.set("order_id:in");
                let orders = self
                    .state
                    .orders
                    .values()
                    .filter(|order| wanted.is_empty() || wanted.contains(&order.id.to_string().as_str()));
                let rows: Vec<Json> = orders
                    .flat_map(|order| order.refunds.iter().map(|refund| self.refund_json(order, refund)))
                    .collect();
                ok(200, &json!({ "data": rows, "meta": {} }))
            }
            (&Method::GET, ["orders", id, "transactions"]) => {
                match order(id, self).and_then(|id| self.state.orders.get(&id)) {
                    Some(order) => self.transactions(order),
                    None => missing(),
                }
            }
            (_, ["orders", id, "payment_actions", action @ ..]) => match order(id, self) {
                Some(id) => self.payments(id, action, call, moment),
                None => missing(),
            },
            (_, ["orders", id, "metafields", rest @ ..]) => match order(id, self) {
                Some(id) => self.metafields(id, rest, call, moment),
                None => missing(),
            },
            (_, ["inventory", rest @ ..]) => self.inventory(rest, call, moment),
            (&Method::GET, ["catalog", "products"]) => self.products(call),
            (&Method::GET, ["catalog", "variants"]) => self.variants(call),
            (&Method::GET, ["customers"]) => self.customers(call),
            _ => missing(),
        }
    }

    fn channels(&self) -> Vec<Json> {
        let row = |(id, name, kind, platform): &(i64, String, String, String)| {
            json!({ "id": id, "name": name, "type": kind, "platform": platform, "status": "active", "external_id": "",
                "is_visible": true, "is_listable_from_ui": true, "date_created": "2020-01-01T00:00:00Z",
                "date_modified": "2020-01-01T00:00:00Z", "icon_url": "", "is_enabled": true })
        };
        self.plan.channels.iter().map(row).collect()
    }

    fn metafields(&mut self, id: i64, rest: &[&str], call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        let text = |name: &str| call.body.get(name).and_then(Json::as_str).map(str::to_owned);
        match (call.method, rest) {
            (&Method::GET, []) => {
                let order = self.state.orders.get(&id);
                let fits = |field: &&Metafield| {
                    (call.param("namespace").is_empty() || field.namespace == call.param("namespace"))
                        && (call.param("key").is_empty() || field.key == call.param("key"))
                };
                let rows = order
                    .map(|order| order.metafields.iter().filter(fits).map(|field| metafield(order, field)).collect());
                list_v3(rows.unwrap_or_default(), call, 250)
            }
            (&Method::POST, []) => {
                if let Some(refused) = incomplete(&call.body) {
                    return refused;
                }
                let (namespace, key) = (text("namespace").unwrap_or_default(), text("key").unwrap_or_default());
                let made = self.state.id();
                let now_ms = seconds(moment.now_ms);
                let Some(order) = self.state.orders.get_mut(&id) else { return missing() };
                let mut ours = order.metafields.iter().filter(|field| field.ours);
                if ours.any(|field| field.namespace == namespace && field.key == key) {
                    return no_v3(409, "Conflict: the namespace and key are taken.", &json!({}));
                }
                if order.metafields.iter().filter(|field| field.ours).count() >= METAFIELDS_MAX {
                    return no_v3(422, "The limit of metafields is reached.", &json!({}));
                }
                let field = Metafield {
                    id: made,
                    namespace,
                    key: key.clone(),
                    value: text("value").unwrap_or_default(),
                    permission_set: text("permission_set").unwrap_or_default(),
                    description: text("description").unwrap_or_default(),
                    ours: true,
                    created_ms: now_ms,
                    modified_ms: now_ms,
                };
                let shown = metafield(order, &field);
                let detail = json!({ "orderId": id.to_string(), "value": field.value });
                order.metafields.push(field);
                self.hand(moment, By::Client).note("metafield_created", id, Some(key), detail);
                ok(200, &json!({ "data": shown, "meta": {} }))
            }
            (method, [field]) => {
                let Some(order) = self.state.orders.get_mut(&id) else { return missing() };
                let Some(place) = order.metafields.iter().position(|known| known.id.to_string() == *field) else {
                    return missing();
                };
                if method != Method::GET && !order.metafields.get(place).is_some_and(|field| field.ours) {
                    return no_v3(403, "The metafield belongs to another API account.", &json!({}));
                }
                if method == Method::DELETE {
                    let gone = order.metafields.remove(place);
                    let detail = json!({ "orderId": id.to_string(), "value": gone.value });
                    self.hand(moment, By::Client).note("metafield_deleted", id, Some(gone.key), detail);
                    return nothing();
                }
                let Some(known) = order.metafields.get_mut(place) else { return missing() };
                if method == Method::PUT {
                    if let Some(refused) = incomplete(&call.body) {
                        return refused;
                    }
                    if let Some(value) = text("value") {
                        known.value = value;
                    }
                    known.modified_ms = seconds(moment.now_ms);
                }
                let (key, value) = (known.key.clone(), known.value.clone());
                let shown = order.metafields.get(place).map(|field| metafield(order, field));
                if method == Method::PUT {
                    let detail = json!({ "orderId": id.to_string(), "value": value });
                    self.hand(moment, By::Client).note("metafield_updated", id, Some(key), detail);
                }
                ok(200, &json!({ "data": shown, "meta": {} }))
            }
            _ => missing(),
        }
    }
}

/// A metafield needs all of these, new or changed.
fn incomplete(body: &Json) -> Option<Answer> {
    let text = |name: &str| body.get(name).and_then(Json::as_str).unwrap_or_default();
    let wrong = |name: &str| Some(no_v3(422, "JSON data is missing or invalid", &json!({ name: "error.expected" })));
    for (name, most) in [("permission_set", 40), ("namespace", 64), ("key", 64), ("value", 65_535)] {
        if text(name).is_empty() || text(name).chars().count() > most {
            return wrong(name);
        }
    }
    let known = ["app_only", "read", "write", "read_and_sf_access", "write_and_sf_access"];
    if known.contains(&text("permission_set")) { None } else { wrong("permission_set") }
}

fn metafield(order: &Order, field: &Metafield) -> Json {
    json!({ "id": field.id, "namespace": field.namespace, "key": field.key, "value": field.value,
        "permission_set": field.permission_set, "description": field.description, "resource_type": "order",
        "resource_id": order.id, "date_created": iso(field.created_ms), "date_modified": iso(field.modified_ms),
        "owner_client_id": if field.ours { "ours" } else { "another" } })
}
