//! The newer API: key, the minute's allowance, error bodies, and the way to each call.
//!
//! `snake_case`, UTC, ids with `se-` in front. Its shipment is the older API's
//! order, its label the older API's shipment; both show one state.
//!
//! Left out on purpose: batches, manifests, pickups, packages, suppliers,
//! purchase orders, totes and webhooks. Their paths answer 404.

mod fulfillments;
mod inventory;
mod labels;
mod put;
mod rates;
mod reference;
mod render;
mod shipments;

use super::ShipStation;
use super::pacific::{Wall, parse_iso};
use super::state::query::{Page, Span};
use super::state::{Deny, Pen, State};
use super::wire::{Answer, Call};
use crate::ledger::By;
use crate::{ListQuirk, Moment};
use http::Response;
use serde_json::{Map, Value, json};

/// What a call may use.
struct Desk<'a, 'm> {
    state: &'a mut State,
    moment: &'a mut Moment<'m>,
    quirk: Option<ListQuirk>,
    /// Where links in answers lead: `https://api.shipstation.com`, or wherever the call came in.
    origin: String,
}

impl Desk<'_, '_> {
    fn now_ms(&self) -> i64 {
        self.moment.now_ms
    }
    /// The state, and the pen of a client.
    fn writing(&mut self) -> (&mut State, Pen<'_>) {
        (self.state, Pen { now_ms: self.moment.now_ms, by: By::Client, ledger: self.moment.ledger })
    }
}

/// One thing that is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wrong {
    kind: &'static str,
    code: &'static str,
    message: String,
    field: Option<String>,
}

impl Wrong {
    fn field(code: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: "validation", code, message: message.into(), field: Some(field.into()) }
    }
    fn rule(code: &'static str, message: impl Into<String>) -> Self {
        Self { kind: "business_rules", code, message: message.into(), field: None }
    }
    fn missing(field: impl Into<String>) -> Self {
        let field = field.into();
        Self::field("field_value_required", field.clone(), format!("'{field}' is required."))
    }
}

/// A refusal: its status and everything that is wrong.
struct Refusal {
    status: u16,
    wrongs: Vec<Wrong>,
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Self { status: 400, wrongs: vec![wrong] }
    }
}

impl From<Deny> for Refusal {
    fn from(deny: Deny) -> Self {
        match deny {
            Deny::NotFound(what) => not_found(what),
            Deny::Locked(status, number) => {
                let word = render::status_word(status, true);
                Wrong::rule("invalid_status", format!("Shipment {number} can not be changed in the status '{word}'."))
                    .into()
            }
            Deny::Field(field, problem) => Wrong::field("invalid_field_value", snake(field), problem).into(),
            Deny::Conflict(field, problem) => Wrong::field("identifier_conflict", snake(field), problem).into(),
        }
    }
}

type Answered = Result<Answer, Refusal>;

fn not_found(what: &str) -> Refusal {
    let wrong = Wrong {
        kind: "validation",
        code: "invalid_identifier",
        message: format!("The {what} was not found."),
        field: None,
    };
    Refusal { status: 404, wrongs: vec![wrong] }
}

/// Field names of the shared rules in this API's words.
fn snake(field: &str) -> &str {
    match field {
        "carrierCode" => "carrier_id",
        "serviceCode" => "service_code",
        "packageCode" => "package_code",
        "shipTo" => "ship_to",
        "holdUntilDate" => "hold_until_date",
        "orderKey" => "external_shipment_id",
        "orderId" => "shipment_id",
        other => other,
    }
}

/// Answers a call, or the refusal that comes before it.
pub fn handle(account: &mut ShipStation, call: &Call<'_>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
    let plan = &account.state.plan;
    let stock = call.path.get(1).is_some_and(|part| part.starts_with("inventory"));
    if call.header("api-key").map(str::trim) != Some(plan.v2_key.as_str()) {
        return unauthorized(account);
    }
    let allowed = if stock { plan.has_v2_inventory } else { plan.has_v2 };
    if !allowed {
        let message = if stock {
            "The Inventory API add-on is not part of this plan."
        } else {
            "This plan has no access to the API."
        };
        let wrong = Wrong { kind: "account_status", code: "forbidden", message: message.to_owned(), field: None };
        return write_refusal(&mut account.state, &Refusal { status: 403, wrongs: vec![wrong] }).into_response(&[]);
    }
    let allowance = account.v2_window.spend(moment.now_ms);
    if !allowance.allowed {
        return too_many(account, allowance.reset_s);
    }
    let origin = origin(call);
    let quirk = account.list_quirk;
    let mut desk = Desk { state: &mut account.state, moment, quirk, origin };
    match route(&mut desk, call) {
        Ok(answer) => answer.into_response(&[]),
        Err(refusal) => write_refusal(&mut account.state, &refusal).into_response(&[]),
    }
}

/// The platform's "too many calls", after another tool used up the minute.
pub fn throttled(account: &mut ShipStation, now_ms: i64) -> Response<Vec<u8>> {
    let allowance = account.v2_window.exhaust(now_ms);
    too_many(account, allowance.reset_s)
}

fn too_many(account: &mut ShipStation, reset_s: i64) -> Response<Vec<u8>> {
    let wrong = Wrong {
        kind: "system",
        code: "rate_limit_exceeded",
        message: "You have exceeded the rate limit. Please see https://docs.shipstation.com/rate-limits".to_owned(),
        field: None,
    };
    let answer = write_refusal(&mut account.state, &Refusal { status: 429, wrongs: vec![wrong] });
    answer.into_response(&[("retry-after", reset_s.to_string())])
}

/// Refusal of a key.
pub fn unauthorized(account: &mut ShipStation) -> Response<Vec<u8>> {
    let message = "The API key is missing or not valid.".to_owned();
    let wrong = Wrong { kind: "security", code: "unauthorized", message, field: None };
    write_refusal(&mut account.state, &Refusal { status: 401, wrongs: vec![wrong] }).into_response(&[])
}

fn write_refusal(state: &mut State, refusal: &Refusal) -> Answer {
    let row = |wrong: &Wrong| {
        let mut row = json!({
            "error_source": "ShipStation", "error_type": wrong.kind, "error_code": wrong.code, "message": wrong.message,
        });
        if let (Value::Object(row), Some(field)) = (&mut row, &wrong.field) {
            row.insert("field_name".to_owned(), json!(field));
        }
        row
    };
    let errors: Vec<Value> = refusal.wrongs.iter().map(row).collect();
    Answer::json(refusal.status, json!({ "request_id": state.guid(), "errors": errors }))
}

fn origin(call: &Call<'_>) -> String {
    let uri = call.request.uri();
    match (uri.scheme_str(), uri.authority(), call.header("host")) {
        (Some(scheme), Some(authority), _) => format!("{scheme}://{authority}"),
        (_, _, Some(host)) => format!("http://{host}"),
        _ => "https://api.shipstation.com".to_owned(),
    }
}

fn route(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let parts = call.parts();
    let known_holds = desk.state.plan.habits.v2_knows_holds;
    match (call.method.as_str(), parts.get(1..).unwrap_or_default()) {
        ("GET", ["shipments"]) => shipments::list(desk, call),
        ("POST", ["shipments"]) => shipments::create(desk, call),
        ("POST", ["shipments", "user"]) => shipments::assign(desk, call),
        ("GET", ["shipments", "external_shipment_id", key]) => shipments::by_key(desk, key),
        ("GET", ["shipments", id]) => shipments::get(desk, id),
        ("PUT", ["shipments", id]) => shipments::replace(desk, id, call),
        ("PUT", ["shipments", id, "cancel"]) => shipments::cancel(desk, id),
        ("PUT", ["shipments", id, "hold"]) if known_holds => shipments::hold(desk, id, call),
        ("PUT", ["shipments", id, "restore"]) if known_holds => shipments::restore(desk, id),
        ("GET", ["shipments", id, "rates"]) => rates::of_shipment(desk, id),
        ("POST", ["shipments", id, "tags", name]) => shipments::tag(desk, id, name, true),
        ("DELETE", ["shipments", id, "tags", name]) => shipments::tag(desk, id, name, false),
        ("POST", ["shipments", id, "internal_notes"]) => shipments::note(desk, id, call),
        ("GET", ["labels"]) => labels::list(desk, call),
        ("POST", ["labels"]) => labels::buy_inline(desk, call),
        ("POST", ["labels", "rates", id]) => labels::buy_rate(desk, id),
        ("POST", ["labels", "shipment", id]) => labels::buy_shipment(desk, id),
        ("POST", ["labels", "rate_shopper_id", wish]) => labels::buy_shopped(desk, wish, call),
        ("GET", ["labels", "external_shipment_id", key]) => labels::by_key(desk, key),
        ("GET", ["labels", id]) => labels::get(desk, id),
        ("GET", ["labels", id, "track"]) => labels::track(desk, id),
        ("PUT", ["labels", id, "void"]) => labels::void(desk, id),
        ("POST", ["labels", id, "return"]) => labels::buy_return(desk, id, call),
        ("GET", ["downloads", _, _, name]) => labels::download(desk, name),
        ("GET", ["fulfillments"]) => fulfillments::list(desk, call),
        ("POST", ["fulfillments"]) => fulfillments::create(desk, call),
        ("POST", ["rates"]) => rates::quote(desk, call),
        ("GET", ["rates", id]) => rates::get(desk, id),
        ("GET", ["carriers"]) => Ok(reference::carriers(desk)),
        ("GET", ["carriers", id]) => reference::carrier(id),
        ("GET", ["carriers", id, "services"]) => reference::services(id),
        ("GET", ["carriers", id, "packages"]) => reference::packages(id),
        ("GET", ["tags"]) => Ok(reference::tags(desk)),
        ("POST", ["tags", name]) => reference::create_tag(desk, name),
        ("GET", ["users"]) => reference::users(desk, call),
        ("GET", ["warehouses"]) => Ok(reference::warehouses(desk)),
        ("GET", ["warehouses", id]) => reference::warehouse(desk, id),
        ("GET", ["products"]) => reference::products(desk, call),
        ("GET", ["inventory"]) => inventory::levels(desk, call),
        ("POST", ["inventory"]) => inventory::change(desk, call),
        ("GET", [kind @ ("inventory_warehouses" | "inventory_locations")]) => inventory::places(desk, kind, call),
        ("POST", [kind @ ("inventory_warehouses" | "inventory_locations")]) => inventory::add(desk, kind, call),
        ("GET", [kind @ ("inventory_warehouses" | "inventory_locations"), id]) => inventory::place(desk, kind, id),
        ("PUT", [kind @ ("inventory_warehouses" | "inventory_locations"), id]) => {
            inventory::rename(desk, kind, id, call)
        }
        ("DELETE", [kind @ ("inventory_warehouses" | "inventory_locations"), id]) => {
            inventory::remove(desk, kind, id, call)
        }
        _ => Err(not_found("resource")),
    }
}

/// `se-123` → 123.
fn read_id(text: &str) -> Option<i64> {
    text.strip_prefix("se-")?.parse().ok()
}

/// The id in a path; anything else is a malformed identifier.
fn id_in_path(text: &str) -> Result<i64, Refusal> {
    let wrong = || Wrong::field("invalid_identifier", "id", format!("'{text}' is not a valid identifier."));
    read_id(text).ok_or_else(|| wrong().into())
}

fn se(id: i64) -> String {
    format!("se-{id}")
}

/// A body that is one JSON object.
fn object_body(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    match call.json() {
        Some(Value::Object(fields)) => Ok(fields),
        _ if call.body.is_empty() => Err(Wrong::rule("request_body_required", "A request body is required.").into()),
        _ => Err(Wrong::rule("invalid_object", "The body must be a JSON object.").into()),
    }
}

fn paging(call: &Call<'_>, usual: usize, max: usize) -> Result<(usize, usize), Refusal> {
    let read = |name: &str, usual: usize, max: usize| -> Result<usize, Refusal> {
        let Some(text) = call.param(name) else { return Ok(usual) };
        let value = text.parse::<usize>().ok().filter(|value| (1..=max).contains(value));
        value.ok_or_else(|| {
            Wrong::field("invalid_field_value", name, format!("'{name}' must be from 1 to {max}.")).into()
        })
    };
    Ok((read("page", 1, 1_000_000)?, read("page_size", usual, max)?))
}

fn descending(call: &Call<'_>, usual: bool) -> Result<bool, Refusal> {
    match call.param("sort_dir") {
        None => Ok(usual),
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(_) => Err(Wrong::field("invalid_field_value", "sort_dir", "'sort_dir' must be asc or desc.").into()),
    }
}

fn span_param(call: &Call<'_>, stem: &str) -> Result<Span, Refusal> {
    let read = |name: String| -> Result<Option<Wall>, Refusal> {
        let Some(text) = call.param(&name) else { return Ok(None) };
        let at = parse_iso(text);
        let wrong = || Wrong::field("invalid_field_value", name.clone(), format!("'{text}' is not an ISO 8601 date."));
        Ok(Some(Wall::of(at.ok_or_else(wrong)?)))
    };
    Ok(Span { from: read(format!("{stem}_start"))?, to: read(format!("{stem}_end"))? })
}

/// An id in a filter, with or without `se-` in front.
fn id_param(call: &Call<'_>, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(text) = call.param(name) else { return Ok(None) };
    let id = read_id(text)
        .ok_or_else(|| Wrong::field("invalid_identifier", name, format!("'{text}' is not a valid identifier.")))?;
    Ok(Some(id))
}

/// The frame of a list.
fn page_body(desk: &Desk<'_, '_>, call: &Call<'_>, list: &str, rows: Vec<Value>, page: &Page) -> Answer {
    let link = |number: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| name != "page") {
            query.append_pair(name, value);
        }
        query.append_pair("page", &number.to_string());
        json!({ "href": format!("{}{}?{}", desk.origin, call.request.uri().path(), query.finish()) })
    };
    let pages = page.pages.max(1);
    let links = json!({
        "first": link(1),
        "last": link(pages),
        "prev": if page.page > 1 { link(page.page - 1) } else { json!({}) },
        "next": if page.page < pages { link(page.page + 1) } else { json!({}) },
    });
    let mut body = Map::new();
    body.insert(list.to_owned(), Value::Array(rows));
    body.insert("total".to_owned(), json!(page.total));
    body.insert("page".to_owned(), json!(page.page));
    body.insert("pages".to_owned(), json!(pages));
    body.insert("links".to_owned(), links);
    Answer::ok(Value::Object(body))
}
