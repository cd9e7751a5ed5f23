//! The older API: sign-in, the minute's allowance, and the way to each call.
//!
//! camelCase, Pacific wall time, 400s with a `ModelState`, upserts that replace
//! the whole order. Its habits are told in the files of the calls.

mod actions;
mod lists;
mod parcels;
mod put;
mod reference;
mod render;
mod webhooks;

use super::ShipStation;
use super::pacific::Wall;
use super::state::{Deny, Pen, State};
use super::wire::{Answer, Body, Call};
use crate::ledger::By;
use crate::rate::Allowance;
use crate::{ListQuirk, Moment};
use base64::Engine as _;
use http::Response;
use serde_json::{Map, Value, json};

/// What a call may use.
struct Desk<'a, 'm> {
    state: &'a mut State,
    moment: &'a mut Moment<'m>,
    quirk: Option<ListQuirk>,
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

/// Answers a call, or the refusal that comes before it.
pub fn handle(account: &mut ShipStation, call: &Call<'_>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
    match entry(account, call, moment.now_ms) {
        Entry::Wrong => return unauthorized(account),
        Entry::NoPlan => return Answer::json(403, json!({ "Message": "Forbidden" })).into_response(&[]),
        Entry::Open => {}
    }
    let allowance = account.v1_window.spend(moment.now_ms);
    if !allowance.allowed {
        return too_many(account, allowance);
    }
    let quirk = account.list_quirk;
    let null_rows = account.state.plan.quirks.null_rows;
    let mut desk = Desk { state: &mut account.state, moment, quirk };
    let mut answer = route(&mut desk, call).unwrap_or_else(|refusal| refusal);
    if null_rows {
        put_null_between(&mut answer);
    }
    answer.into_response(&rate_headers(allowance))
}

/// The platform's "too many calls", after another tool used up the minute.
pub fn throttled(account: &mut ShipStation, now_ms: i64) -> Response<Vec<u8>> {
    let allowance = account.v1_window.exhaust(now_ms);
    too_many(account, allowance)
}

fn too_many(account: &ShipStation, allowance: Allowance) -> Response<Vec<u8>> {
    let status = account.state.plan.quirks.throttle_status;
    Answer::json(status, json!({ "message": "Too Many Requests" })).into_response(&rate_headers(allowance))
}

/// Refusal of a credential; every third one is a plain text, where the account is like that.
pub fn unauthorized(account: &mut ShipStation) -> Response<Vec<u8>> {
    account.refusals += 1;
    if account.state.plan.quirks.plain_401 && account.refusals.is_multiple_of(3) {
        return Answer::text(401, "text/html; charset=utf-8", "401 Unauthorized").into_response(&[]);
    }
    Answer::json(401, json!({ "Message": "Authorization has been denied for this request." })).into_response(&[])
}

enum Entry {
    Open,
    Wrong,
    NoPlan,
}

fn entry(account: &ShipStation, call: &Call<'_>, now_ms: i64) -> Entry {
    let plan = &account.state.plan;
    let Some(given) = call.header("authorization").and_then(basic) else { return Entry::Wrong };
    let (key, secret) = given;
    let expired = !plan.v1_expires_on.is_empty() && Wall::of(now_ms).day() > plan.v1_expires_on;
    if key != plan.v1_key || secret != plan.v1_secret || expired {
        return Entry::Wrong;
    }
    if plan.has_v1 { Entry::Open } else { Entry::NoPlan }
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(key, secret)| (key.to_owned(), secret.to_owned()))
}

fn rate_headers(allowance: Allowance) -> [(&'static str, String); 3] {
    [
        ("x-rate-limit-limit", allowance.limit.to_string()),
        ("x-rate-limit-remaining", allowance.remaining.to_string()),
        ("x-rate-limit-reset", allowance.reset_s.to_string()),
    ]
}

/// Seen in the wild: a list with a `null` in the place after its first record.
fn put_null_between(answer: &mut Answer) {
    if let Body::Rows(page) = &mut answer.body
        && !page.entries.is_empty()
    {
        page.entries.insert(1, "null".into());
    }
}

type Answered = Result<Answer, Answer>;

fn route(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let parts = call.parts();
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["orders"]) => lists::orders(desk, call),
        ("GET", ["orders", "listbytag"]) => lists::by_tag(desk, call),
        ("POST", ["orders", "createorder"]) => put::one(desk, call),
        ("POST", ["orders", "createorders"]) => put::many(desk, call),
        ("POST", ["orders", "holduntil"]) => actions::hold(desk, call),
        ("POST", ["orders", "restorefromhold"]) => actions::restore(desk, call),
        ("POST", ["orders", "markasshipped"]) => actions::mark_shipped(desk, call),
        ("POST", ["orders", "addtag"]) => actions::tag(desk, call, true),
        ("POST", ["orders", "removetag"]) => actions::tag(desk, call, false),
        ("POST", ["orders", "assignuser"]) => actions::assign(desk, call, true),
        ("POST", ["orders", "unassignuser"]) => actions::assign(desk, call, false),
        ("POST", ["orders", "createlabelfororder"]) => parcels::label_for_order(desk, call),
        ("GET", ["orders", id]) => lists::order(desk, id),
        ("DELETE", ["orders", id]) => actions::delete(desk, id),
        ("GET", ["shipments"]) => parcels::shipments(desk, call),
        ("POST", ["shipments", "createlabel"]) => parcels::loose_label(desk, call),
        ("POST", ["shipments", "getrates"]) => parcels::rates(call),
        ("POST", ["shipments", "voidlabel"]) => parcels::void(desk, call),
        ("GET", ["fulfillments"]) => parcels::fulfillments(desk, call),
        ("GET", ["accounts", "listtags"]) => Ok(reference::tags(desk)),
        ("GET", ["carriers"]) => Ok(reference::carriers()),
        ("GET", ["carriers", "getcarrier"]) => reference::carrier(call),
        ("GET", ["carriers", "listservices"]) => reference::services(call),
        ("GET", ["carriers", "listpackages"]) => reference::packages(call),
        ("GET", ["products"]) => reference::products(desk, call),
        ("GET", ["products", id]) => reference::product(desk, id),
        ("PUT", ["products", id]) => reference::put_product(desk, id, call),
        ("GET", ["stores"]) => Ok(reference::stores(desk, call)),
        ("GET", ["stores", "marketplaces"]) => Ok(reference::marketplaces(desk)),
        ("GET", ["stores", "getrefreshstatus"]) => reference::refresh_status(desk, call),
        ("POST", ["stores", "refreshstore"]) => reference::refresh(desk, call),
        ("POST", ["stores", "deactivate"]) => reference::switch_store(desk, call, false),
        ("POST", ["stores", "reactivate"]) => reference::switch_store(desk, call, true),
        ("GET", ["stores", id]) => reference::store(desk, id),
        ("GET", ["users"]) => Ok(reference::users(desk)),
        ("GET", ["warehouses"]) => Ok(reference::warehouses(desk)),
        ("GET", ["warehouses", id]) => reference::warehouse(desk, id),
        ("GET", ["customers"]) => reference::customers(desk, call),
        ("GET", ["customers", id]) => reference::customer(desk, id),
        ("GET", ["webhooks"]) => Ok(webhooks::list(desk)),
        ("POST", ["webhooks", "subscribe"]) => webhooks::subscribe(desk, call),
        ("DELETE", ["webhooks", id]) => webhooks::delete(desk, id),
        (_, known) if is_path(known) => {
            let text = format!("The requested resource does not support http method '{}'.", call.method);
            Err(Answer::json(405, json!({ "Message": text })))
        }
        _ => Err(not_found()),
    }
}

/// The path exists, with another method.
fn is_path(parts: &[&str]) -> bool {
    matches!(
        parts,
        ["orders"
            | "shipments"
            | "fulfillments"
            | "carriers"
            | "products"
            | "stores"
            | "users"
            | "warehouses"
            | "customers"]
            | ["orders", ..]
            | ["shipments", "createlabel" | "getrates" | "voidlabel"]
            | ["stores" | "warehouses" | "products" | "customers" | "webhooks", _]
    )
}

fn not_found() -> Answer {
    Answer::json(404, json!({ "Message": "Not found" }))
}

/// 400 for one field.
fn invalid(field: &str, problem: impl Into<String>) -> Answer {
    invalid_all(vec![(field.to_owned(), problem.into())])
}

/// 400 for all fields that are wrong.
fn invalid_all(problems: Vec<(String, String)>) -> Answer {
    let mut state = Map::new();
    for (field, problem) in problems {
        if let Some(list) = state.entry(field).or_insert_with(|| json!([])).as_array_mut() {
            list.push(Value::String(problem));
        }
    }
    Answer::json(400, json!({ "Message": "The request is invalid.", "ModelState": state }))
}

/// What a refused change sounds like here.
fn refused(deny: Deny) -> Answer {
    match deny {
        Deny::NotFound(_) => not_found(),
        deny @ (Deny::Locked(..) | Deny::Conflict(..) | Deny::Field(..)) => {
            let (field, problem) = sentence(deny);
            invalid(&field, problem)
        }
    }
}

/// The field and the sentence of a refused change.
fn sentence(deny: Deny) -> (String, String) {
    match deny {
        Deny::NotFound(what) => ("apiOrder.orderId".to_owned(), format!("The {what} was not found.")),
        Deny::Locked(status, number) => (
            "apiOrder.orderStatus".to_owned(),
            format!("Order {number} is in the status '{}' and can not be modified.", status.code()),
        ),
        Deny::Field(field, problem) | Deny::Conflict(field, problem) => (format!("apiOrder.{field}"), problem),
    }
}

/// A whole number in the path.
fn id_in_path(text: &str) -> Result<i64, Answer> {
    text.parse().map_err(|_| not_found())
}

/// A body that is one JSON object.
fn object_body(call: &Call<'_>) -> Result<Map<String, Value>, Answer> {
    match call.json() {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(invalid("body", "The body must be a JSON object.")),
    }
}

/// A required whole number of a body.
fn whole(fields: &Map<String, Value>, name: &str) -> Result<i64, Answer> {
    match fields.get(name) {
        Some(Value::Number(number)) if number.is_i64() => Ok(number.as_i64().unwrap_or_default()),
        Some(Value::Null) | None => Err(invalid(name, format!("The {name} field is required."))),
        Some(_) => Err(invalid(name, format!("The value of {name} is not a whole number."))),
    }
}

/// A required text of a body.
fn required<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Answer> {
    let text = fields.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    text.ok_or_else(|| invalid(name, format!("The {name} field is required.")))
}

/// Page number and size, as this API reads them.
fn paging(call: &Call<'_>) -> Result<(usize, usize), Answer> {
    let read = |name: &str, usual: usize, max: usize| -> Result<usize, Answer> {
        let Some(text) = call.param(name) else { return Ok(usual) };
        let value = text.parse::<usize>().ok().filter(|value| (1..=max).contains(value));
        value.ok_or_else(|| invalid(name, format!("The value '{text}' is not valid for {name}: 1 to {max}.")))
    };
    Ok((read("page", 1, 1_000_000)?, read("pageSize", 100, 500)?))
}

/// ASC or DESC.
fn descending(call: &Call<'_>) -> Result<bool, Answer> {
    match call.param("sortDir").map(str::to_ascii_uppercase).as_deref() {
        None | Some("ASC") => Ok(false),
        Some("DESC") => Ok(true),
        Some(other) => Err(invalid("sortDir", format!("The value '{other}' is not valid for sortDir: ASC or DESC."))),
    }
}

/// A time in a filter.
fn time_param(call: &Call<'_>, name: &str) -> Result<Option<Wall>, Answer> {
    let Some(text) = call.param(name) else { return Ok(None) };
    let wall =
        Wall::parse(text).ok_or_else(|| invalid(name, format!("The value '{text}' is not valid for {name}.")))?;
    Ok(Some(wall))
}

/// Two times in a filter.
fn span_param(call: &Call<'_>, stem: &str) -> Result<super::state::query::Span, Answer> {
    Ok(super::state::query::Span {
        from: time_param(call, &format!("{stem}Start"))?,
        to: time_param(call, &format!("{stem}End"))?,
    })
}

/// A whole number in a filter.
fn number_param(call: &Call<'_>, name: &str) -> Result<Option<i64>, Answer> {
    let Some(text) = call.param(name) else { return Ok(None) };
    let value = text.parse().map_err(|_| invalid(name, format!("The value '{text}' is not valid for {name}.")))?;
    Ok(Some(value))
}
