//! What a client can change: the mutations.
//!
//! Business refusals travel as `userErrors` in a payload; what the schema cannot
//! say but the platform insists on (idempotency keys, `changeFromQuantity`) fails
//! at the top. Payloads refer to things by `{"$ref": gid}`.

mod bulk;
mod fields;
mod orders;
mod refunds;
mod returns;
mod shipping;
mod stock;
mod work;

pub use fields::clean_tags;

use super::graphql::Args;
use super::graphql::errors::request_error;
use super::hand::Hand;
use super::state::{KeyUse, Order, gid, parse_gid};
use serde_json::{Value as Json, json};

/// A payload, or one top-level error.
pub type Written = Result<Json, Json>;

/// Mutations that take an idempotency key, and must.
const KEYED: &[&str] = &["refundCreate", "inventorySetQuantities", "inventoryAdjustQuantities", "inventoryActivate"];

/// Scopes of which one is enough.
fn scopes(mutation: &str) -> &'static [&'static str] {
    match mutation {
        name if name.starts_with("fulfillmentOrder")
            || name == "fulfillmentCreate"
            || name == "fulfillmentTrackingInfoUpdate" =>
        {
            &[
                "write_merchant_managed_fulfillment_orders",
                "write_third_party_fulfillment_orders",
                "write_assigned_fulfillment_orders",
            ]
        }
        "fulfillmentCancel" => {
            &["write_merchant_managed_fulfillment_orders", "write_third_party_fulfillment_orders", "write_fulfillments"]
        }
        "fulfillmentEventCreate" => &["write_fulfillments"],
        name if name.starts_with("return") || name.starts_with("reverse") => &["write_returns"],
        name if name.starts_with("inventory") => &["write_inventory"],
        name if name.starts_with("product") => &["write_products"],
        name if name.starts_with("bulk") => &[],
        _ => &["write_orders"],
    }
}

/// The app lacks the access for a mutation: the scope it would need.
pub fn missing_scope(may: impl Fn(&str) -> bool, mutation: &str) -> Option<&'static str> {
    let wanted = scopes(mutation);
    (!wanted.is_empty() && !wanted.iter().any(|scope| may(scope))).then(|| wanted.first().copied()).flatten()
}

/// Applies one mutation. `key` is the idempotency key.
pub fn perform(hand: &mut Hand<'_>, name: &str, args: &Args, key: Option<&str>) -> Written {
    if !KEYED.contains(&name) {
        return dispatch(hand, name, args);
    }
    let Some(key) = key.map(str::trim).filter(|key| !key.is_empty()) else {
        return Err(request_error(
            "The @idempotent directive is required for this mutation but was not provided.",
            "BAD_REQUEST",
        ));
    };
    let request = format!("{name} {}", Json::Object(args.clone()));
    if let Some(used) = hand.state.keys.get(key) {
        let problem = if used.request != request {
            Some(("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "The same idempotency key was used with different parameters."))
        } else if used.failed {
            Some((
                "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
                "The previous attempt with this idempotency key failed. Use a new key.",
            ))
        } else {
            None
        };
        return Ok(match problem {
            None => used.payload.clone(),
            Some((code, message)) => json!({ "userErrors": [{ "field": null, "message": message, "code": code }] }),
        });
    }
    let payload = dispatch(hand, name, args)?;
    let failed = payload["userErrors"].as_array().is_some_and(|errors| !errors.is_empty());
    hand.state.keys.insert(key.to_owned(), KeyUse { request, payload: payload.clone(), failed });
    Ok(payload)
}

fn dispatch(hand: &mut Hand<'_>, name: &str, args: &Args) -> Written {
    match name {
        "fulfillmentCreate" => shipping::create(hand, args),
        "fulfillmentTrackingInfoUpdate" => shipping::update_tracking(hand, args),
        "fulfillmentCancel" => shipping::cancel(hand, args),
        "fulfillmentEventCreate" => shipping::event(hand, args),
        "fulfillmentOrderHold" => work::hold(hand, args),
        "fulfillmentOrderReleaseHold" => work::release(hand, args),
        "fulfillmentOrderMove" => work::move_to(hand, args),
        "orderCancel" => orders::cancel(hand, args),
        "orderUpdate" => orders::update(hand, args),
        "orderClose" => orders::close(hand, args, true),
        "orderOpen" => orders::close(hand, args, false),
        "orderMarkAsPaid" => orders::mark_paid(hand, args),
        "tagsAdd" => fields::tags(hand, args, true),
        "tagsRemove" => fields::tags(hand, args, false),
        "metafieldsSet" => fields::metafields(hand, args),
        "refundCreate" => refunds::create(hand, args),
        "returnCreate" => returns::create(hand, args, true),
        "returnRequest" => returns::create(hand, args, false),
        "returnApproveRequest" => returns::approve(hand, args),
        "returnDeclineRequest" => returns::decline(hand, args),
        "returnProcess" => returns::process(hand, args),
        "reverseFulfillmentOrderDispose" => returns::dispose(hand, args),
        "returnClose" => returns::close(hand, args),
        "inventorySetQuantities" => stock::set(hand, args),
        "inventoryAdjustQuantities" => stock::adjust(hand, args),
        "inventoryActivate" => stock::activate(hand, args),
        "productVariantsBulkUpdate" => stock::update_variants(hand, args),
        "inventoryItemUpdate" => stock::update_item(hand, args),
        "bulkOperationRunQuery" => Ok(bulk::start(hand, args)),
        "bulkOperationCancel" => bulk::cancel(hand, args),
        _ => Err(request_error(format!("{name} is not served"), "BAD_REQUEST")),
    }
}

/// A refusal: nothing was changed.
fn refuse(payload: &str, field: &[&str], message: impl Into<String>) -> Json {
    json!({ payload: null, "userErrors": [{ "field": field, "message": message.into() }] })
}

/// A refusal with a code.
fn refuse_as(payload: &str, code: &str, field: &[&str], message: impl Into<String>) -> Json {
    json!({ payload: null, "userErrors": [{ "code": code, "field": field, "message": message.into() }] })
}

/// A payload of one thing and no complaints.
fn done(payload: &str, kind: &str, id: u64) -> Json {
    json!({ payload: reference(kind, id), "userErrors": [] })
}

fn reference(kind: &str, id: u64) -> Json {
    json!({ "$ref": gid(kind, id) })
}

/// The digits of an id argument. An id of another kind is an error at the top, as it is a bug and no bad luck.
fn id_of(value: &Json, kind: &str) -> Result<u64, Json> {
    let text = value.as_str().unwrap_or_default();
    match parse_gid(text) {
        Some((have, id)) if have == kind => Ok(id),
        _ => Err(request_error(format!("Invalid id: {text}"), "RESOURCE_NOT_FOUND")),
    }
}

/// An argument, `null` where it was not given.
fn at<'a>(args: &'a Args, name: &str) -> &'a Json {
    const NULL: &Json = &Json::Null;
    args.get(name).unwrap_or(NULL)
}

fn text_of(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

impl Hand<'_> {
    /// An order the app may see.
    fn seen_order(&self, id: u64) -> Option<&Order> {
        const WINDOW_MS: i64 = 60 * 86_400_000;
        let order = self.state.order(id)?;
        (self.plan.may("read_all_orders") || order.created_ms >= self.now_ms - WINDOW_MS).then_some(order)
    }

    /// The fulfillment order and the order it belongs to, if the app may change it.
    fn seen_fo(&self, id: u64) -> Option<(&Order, &super::state::Fo)> {
        let order = self.state.owner(id)?;
        let fo = order.fo(id)?;
        let scope = if fo.third_party { "third_party" } else { "merchant_managed" };
        self.plan.may(&format!("write_{scope}_fulfillment_orders")).then_some((order, fo))
    }
}
