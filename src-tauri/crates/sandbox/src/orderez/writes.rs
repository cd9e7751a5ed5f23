//! Writing: what the contract insists on, in its own words.

use super::render::{self, Answer, Problem};
use super::state::{Fulfillment, Level, Line, Order, Pen, Reference, State, Tracking, WAREHOUSE};
use crate::Moment;
use crate::call::Call;
use crate::ledger::By;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Reasons a cancellation may have.
const REASONS: [&str; 5] = ["customer", "inventory", "fraud", "declined", "other"];

type Outcome = Result<Answer, Problem>;

/// Faults of a body, collected as (pointer, code, message).
#[derive(Default)]
struct Faults(Vec<(String, String, String)>);

impl Faults {
    fn say(&mut self, pointer: impl Into<String>, code: &str, message: impl Into<String>) {
        self.0.push((pointer.into(), code.to_owned(), message.into()));
    }
    fn text<'a>(&mut self, body: &'a Value, base: &str, name: &str) -> &'a str {
        let found = body[name].as_str().unwrap_or_default();
        if found.is_empty() {
            self.say(format!("{base}/{name}"), "required", format!("{name} is required"));
        }
        found
    }
    fn end(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::fields(&self.0)) }
    }
}

pub(super) fn write(
    state: &mut State,
    parts: &[&str],
    call: &Call<'_>,
    body: &Value,
    moment: &mut Moment<'_>,
) -> Answer {
    let mut pen = Pen { now_ms: moment.now_ms, by: By::Client, ledger: moment.ledger };
    let outcome = no_nulls(body).and_then(|()| route(state, parts, call, body, &mut pen));
    outcome.unwrap_or_else(Answer::from)
}

fn route(state: &mut State, parts: &[&str], call: &Call<'_>, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let method = &call.method;
    let is = |wanted: Method| *method == wanted;
    match parts {
        ["orders"] if is(Method::POST) => create_order(state, body, pen),
        ["orders", id] if is(Method::PATCH) => update_order(state, id, call, body, pen),
        ["orders", id, "cancel"] if is(Method::POST) => cancel_order(state, id, call, body, pen),
        ["orders", id, "assignments"] if is(Method::PUT) => assign(state, id, call, body, pen),
        ["orders", id, "refunds"] if is(Method::POST) => refund(state, id, body, pen),
        ["orders", id, "fulfillments"] if is(Method::POST) => fulfill(state, id, body, pen),
        ["fulfillments", id] if is(Method::PATCH) => update_fulfillment(state, id, call, body, pen),
        ["inventory", "adjustments"] if is(Method::POST) => adjust(state, body, pen),
        ["inventory", warehouse, sku] if is(Method::PUT) => set_level(state, warehouse, sku, call, body, pen),
        ["products"] if is(Method::POST) => create(state, "products", body, pen),
        ["products", id] if is(Method::PATCH) => patch(state, "products", id, call, body, pen),
        ["customers"] if is(Method::POST) => create(state, "customers", body, pen),
        ["customers", id] if is(Method::PATCH) => patch(state, "customers", id, call, body, pen),
        _ => Err(Problem::not_found()),
    }
}

/// A null is not a text, nor anything else the contract has in a write.
fn no_nulls(body: &Value) -> Result<(), Problem> {
    fn walk(value: &Value, pointer: &str, faults: &mut Faults) {
        match value {
            Value::Null => faults.say(pointer, "invalid_type", "null is not allowed here; leave the field out"),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    walk(item, &format!("{pointer}/{at}"), faults);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    walk(field, &format!("{pointer}/{name}"), faults);
                }
            }
            _ => {}
        }
    }
    let mut faults = Faults::default();
    if !body.is_object() {
        faults.say("", "invalid_type", "an object is expected");
    }
    walk(body, "", &mut faults);
    faults.end()
}

fn source(body: &Value, faults: &mut Faults) -> Value {
    let source = &body["source"];
    faults.text(source, "/source", "system");
    faults.text(source, "/source", "id");
    source.clone()
}

/// If-Match, or the version in the body. Where both are given they must agree.
fn version(call: &Call<'_>, body: &Value) -> Result<Option<i64>, Problem> {
    let header = call.header("if-match").map(|text| text.trim().trim_matches('"').parse::<i64>());
    let header = match header {
        None => None,
        Some(Ok(version)) => Some(version),
        Some(Err(_)) => return Err(Problem::new(400, "bad_parameter", "If-Match is not a version of ours")),
    };
    let field = body["expected_version"].as_i64();
    match (header, field) {
        (Some(a), Some(b)) if a != b => {
            Err(Problem::field("/expected_version", "contradiction", "If-Match says another version"))
        }
        (a, b) => Ok(a.or(b)),
    }
}

fn must_match(given: Option<i64>, current: i64) -> Result<(), Problem> {
    match given {
        Some(version) if version != current => {
            Err(Problem::new(412, "version_mismatch", "Version mismatch").with("current_version", json!(current)))
        }
        _ => Ok(()),
    }
}

/// An order's version must match where it is given, and must be given where the account insists on it.
fn must_match_order(state: &State, id: &str, call: &Call<'_>, body: &Value) -> Result<(), Problem> {
    let (given, current) = (version(call, body)?, current(state, id)?);
    if given.is_none() && state.plan.versions_required {
        return Err(Problem::new(428, "precondition_required", "If-Match required"));
    }
    must_match(given, current)
}

fn address(value: &Value, pointer: &str, faults: &mut Faults) {
    faults.text(value, pointer, "address1");
    faults.text(value, pointer, "city");
    let country = faults.text(value, pointer, "country");
    let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
    if !country.is_empty() && !is_code {
        faults.say(format!("{pointer}/country"), "invalid", "two upper case letters are expected");
    }
}

fn references(value: &Value, faults: &mut Faults) -> Vec<Reference> {
    let mut found = Vec::new();
    for (at, reference) in value.as_array().into_iter().flatten().enumerate() {
        let base = format!("/external_refs/{at}");
        let (system, id) = (faults.text(reference, &base, "system"), faults.text(reference, &base, "id"));
        found.push(one_reference(reference, system, id));
    }
    found
}

fn one_reference(value: &Value, system: &str, id: &str) -> Reference {
    Reference { system: system.to_owned(), id: id.to_owned(), number: value["number"].as_str().map(str::to_owned) }
}

fn decimal(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction) && fraction.len() <= 4
}

fn create_order(state: &mut State, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let mut faults = Faults::default();
    let source = source(body, &mut faults);
    let currency = faults.text(body, "", "currency").to_owned();
    if !body["external_refs"].is_array() {
        faults.say("/external_refs", "required", "external_refs is required");
    }
    let references = references(&body["external_refs"], &mut faults);
    if body["shipping_address"].is_object() {
        address(&body["shipping_address"], "/shipping_address", &mut faults);
    } else {
        faults.say("/shipping_address", "required", "shipping_address is required");
    }
    let mut lines = Vec::new();
    for (at, line) in body["lines"].as_array().into_iter().flatten().enumerate() {
        let base = format!("/lines/{at}");
        let sku = faults.text(line, &base, "sku").to_owned();
        let quantity = line["quantity"].as_i64().unwrap_or(0);
        if quantity < 1 {
            faults.say(format!("{base}/quantity"), "invalid", "a whole number from 1 on is expected");
        }
        let mut amounts = BTreeMap::new();
        for name in ["unit_price", "tax", "discount"] {
            match &line[name] {
                Value::Null => {}
                amount if decimal(amount) => drop(amounts.insert(name.to_owned(), amount.clone())),
                _ => faults.say(format!("{base}/{name}"), "invalid", "a decimal text is expected"),
            }
        }
        let reference = &line["external_ref"];
        let reference = reference.is_object().then(|| {
            one_reference(
                reference,
                reference["system"].as_str().unwrap_or_default(),
                reference["id"].as_str().unwrap_or_default(),
            )
        });
        lines.push(Line {
            id: String::new(),
            sku,
            title: line["title"].as_str().map(str::to_owned),
            quantity,
            fulfilled: 0,
            cancelled: 0,
            refunded: 0,
            amounts,
            reference,
        });
    }
    if lines.is_empty() {
        faults.say("/lines", "required", "at least one line is required");
    }
    let placed_ms = moment_of(&body["placed_at"]);
    if placed_ms.is_none() && body.get("placed_at").is_some() {
        faults.say("/placed_at", "invalid", "a date-time is expected");
    }
    for (name, amount) in body["totals"].as_object().into_iter().flatten() {
        if !decimal(amount) {
            faults.say(format!("/totals/{name}"), "invalid", "a decimal text is expected");
        }
    }
    if body["totals"].is_object() {
        faults.text(&body["totals"], "/totals", "grand_total");
    }
    faults.end()?;
    let names = ["billing_address", "customer", "totals", "shipping_method", "note"];
    let rest = names.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
    let order = Order {
        id: String::new(),
        number: String::new(),
        references,
        made_by: source["system"].as_str().unwrap_or_default().to_owned(),
        on_hold: false,
        hold_reason: None,
        payment_status: body["payment_status"].as_str().unwrap_or("pending").to_owned(),
        currency,
        shipping_address: body["shipping_address"].clone(),
        rest: rest.collect(),
        lines,
        assignments: Vec::new(),
        placed_ms,
        created_ms: 0,
        updated_ms: 0,
        cancelled_ms: None,
        cancel_reason: None,
        version: 0,
        refunds: Vec::new(),
    };
    let id = state.create(pen, order).map_err(Problem::from)?;
    Ok(show(state, &id, 201))
}

fn show(state: &State, id: &str, status: u16) -> Answer {
    match state.orders.get(id) {
        Some(order) => Answer::versioned(status, render::order(state, order, false)),
        None => Problem::not_found().into(),
    }
}

fn current(state: &State, id: &str) -> Result<i64, Problem> {
    state.orders.get(id).map(|order| order.version).ok_or_else(Problem::not_found)
}

fn update_order(state: &mut State, id: &str, call: &Call<'_>, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    must_match_order(state, id, call, body)?;
    let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
    let mut faults = Faults::default();
    let known =
        ["shipping_address", "payment_status", "on_hold", "hold_reason", "note", "external_refs", "expected_version"];
    if !body.as_object().is_some_and(|fields| fields.keys().any(|name| known.contains(&name.as_str()))) {
        faults.say("", "required", "nothing to change was given");
    }
    if body["shipping_address"].is_object() {
        address(&body["shipping_address"], "/shipping_address", &mut faults);
    }
    if body["note"].as_str().is_some_and(|note| note.chars().count() > 2_000) {
        faults.say("/note", "too_long", "2000 characters at most");
    }
    faults.end()?;
    if order.is_cancelled() || order.status() == "fulfilled" {
        return Err(Problem::new(409, "invalid_state", &format!("The order is {}", order.status())));
    }
    let hold = body["on_hold"].as_bool();
    let effect = match hold {
        Some(true) if !order.on_hold => "order_held",
        Some(false) if order.on_hold => "order_released",
        _ => "order_updated",
    };
    state
        .change(pen, id, effect, |order| {
            if let Some(hold) = hold {
                order.on_hold = hold;
                order.hold_reason = if hold { body["hold_reason"].as_str().map(str::to_owned) } else { None };
            }
            if body["shipping_address"].is_object() {
                order.shipping_address = body["shipping_address"].clone();
            }
            if let Some(status) = body["payment_status"].as_str() {
                status.clone_into(&mut order.payment_status);
            }
            if let Some(note) = body.get("note") {
                order.rest.insert("note".to_owned(), note.clone());
            }
        })
        .map_err(Problem::from)?;
    Ok(show(state, id, 200))
}

/// `[{line_id, quantity}]` of a body; `None` where the field is missing.
fn quantities(body: &Value, faults: &mut Faults) -> Option<Vec<(String, i64)>> {
    let lines = body["lines"].as_array()?;
    if lines.is_empty() {
        faults.say("/lines", "required", "at least one line is expected");
    }
    Some(
        lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let quantity = line["quantity"].as_i64().unwrap_or(0);
                if quantity < 1 {
                    faults.say(format!("/lines/{at}/quantity"), "invalid", "a whole number from 1 on is expected");
                }
                (faults.text(line, &format!("/lines/{at}"), "line_id").to_owned(), quantity)
            })
            .collect(),
    )
}

fn cancel_order(state: &mut State, id: &str, call: &Call<'_>, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    must_match_order(state, id, call, body)?;
    let mut faults = Faults::default();
    source(body, &mut faults);
    let reason = faults.text(body, "", "reason").to_owned();
    if !reason.is_empty() && !REASONS.contains(&reason.as_str()) {
        faults.say("/reason", "invalid", format!("one of {} is expected", REASONS.join(", ")));
    }
    let lines = quantities(body, &mut faults);
    faults.end()?;
    state.cancel(pen, id, lines.as_deref(), &reason).map_err(Problem::from)?;
    Ok(show(state, id, 200))
}

fn assign(state: &mut State, id: &str, call: &Call<'_>, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    must_match(version(call, body)?, current(state, id)?)?;
    let mut faults = Faults::default();
    let mut assignments = body["assignments"].as_array().cloned().unwrap_or_default();
    if !body["assignments"].is_array() {
        faults.say("/assignments", "required", "assignments is required");
    }
    let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
    let mut open: BTreeMap<&str, i64> = order.lines.iter().map(|line| (line.id.as_str(), line.open())).collect();
    for (at, assignment) in assignments.iter().enumerate() {
        if faults.text(assignment, &format!("/assignments/{at}"), "warehouse_id") != WAREHOUSE {
            faults.say(format!("/assignments/{at}/warehouse_id"), "unknown_warehouse", "no such warehouse");
        }
        let Some(lines) = quantities(assignment, &mut faults) else {
            faults.say(format!("/assignments/{at}/lines"), "required", "lines is required");
            continue;
        };
        for (n, (line_id, units)) in lines.iter().enumerate() {
            let pointer = format!("/assignments/{at}/lines/{n}");
            match open.get_mut(line_id.as_str()) {
                None => faults.say(format!("{pointer}/line_id"), "unknown_line", format!("no line {line_id}")),
                Some(left) if *units > *left => {
                    faults.say(format!("{pointer}/quantity"), "too_many", format!("{left} units are open"));
                }
                Some(left) => *left -= units,
            }
        }
    }
    faults.end()?;
    if order.is_cancelled() || order.status() == "fulfilled" {
        return Err(Problem::new(409, "invalid_state", &format!("The order is {}", order.status())));
    }
    for assignment in &mut assignments {
        assignment["assigned_by"] = json!("api");
        assignment["at"] = render::time(pen.now_ms);
    }
    state.change(pen, id, "order_assigned", |order| order.assignments = assignments).map_err(Problem::from)?;
    Ok(show(state, id, 200))
}

fn refund(state: &mut State, id: &str, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let mut faults = Faults::default();
    source(body, &mut faults);
    let amount = &body["amount"]["amount"];
    if !decimal(amount) || amount.as_str().is_some_and(|text| text.starts_with('-')) {
        faults.say("/amount/amount", "invalid", "a decimal text from 0 on is expected");
    }
    let currency = faults.text(&body["amount"], "/amount", "currency").to_owned();
    let lines = quantities(body, &mut faults).unwrap_or_default();
    if let Some(reference) = body.get("external_ref") {
        faults.text(reference, "/external_ref", "system");
        faults.text(reference, "/external_ref", "id");
    }
    let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
    if !currency.is_empty() && currency != order.currency {
        faults.say("/amount/currency", "invalid", format!("the order is in {}", order.currency));
    }
    let mut left: BTreeMap<&str, i64> =
        order.lines.iter().map(|line| (line.id.as_str(), line.quantity - line.refunded)).collect();
    for (at, (line_id, units)) in lines.iter().enumerate() {
        match left.get_mut(line_id.as_str()) {
            None => faults.say(format!("/lines/{at}/line_id"), "unknown_line", format!("no line {line_id}")),
            Some(left) if *units > *left => {
                faults.say(format!("/lines/{at}/quantity"), "too_many", format!("{left} units were not refunded yet"));
            }
            Some(left) => *left -= units,
        }
        if body["lines"][at].get("restock").is_some_and(|restock| !restock.is_boolean()) {
            faults.say(format!("/lines/{at}/restock"), "invalid_type", "true or false is expected");
        }
    }
    faults.end()?;
    // A reference is unique per system, over all orders.
    let same = |known: &&Value| {
        let (there, given) = (&known["external_ref"], &body["external_ref"]);
        given.is_object() && there["system"] == given["system"] && there["id"] == given["id"]
    };
    if let Some(known) = state.orders.values().flat_map(|order| &order.refunds).find(same) {
        return Err(
            Problem::new(409, "duplicate_external_ref", "Already recorded").with("existing_id", known["id"].clone())
        );
    }
    restock(state, id, body, pen);
    let mut record = json!({"id": state.id("ref"), "order_id": id, "amount": body["amount"], "accounting_flag": true, "created_at": render::time(pen.now_ms)});
    for name in ["reason", "lines", "external_ref"] {
        if let Some(value) = body.get(name) {
            record[name] = value.clone();
        }
    }
    let kept = record.clone();
    state
        .change(pen, id, "refund_recorded", |order| {
            for (line_id, units) in &lines {
                if let Some(line) = order.lines.iter_mut().find(|line| line.id == *line_id) {
                    line.refunded += units;
                }
            }
            order.refunds.push(kept);
        })
        .map_err(Problem::from)?;
    Ok(Answer::data(201, record))
}

/// Units that a refund puts back on the shelf. What is not counted here is on no shelf.
fn restock(state: &mut State, id: &str, body: &Value, pen: &mut Pen<'_>) {
    for line in body["lines"].as_array().into_iter().flatten().filter(|line| line["restock"] == true) {
        let sku = state
            .orders
            .get(id)
            .and_then(|order| order.lines.iter().find(|known| line["line_id"] == known.id.as_str()))
            .map(|known| known.sku.clone());
        let (Some(sku), Some(units)) = (sku, line["quantity"].as_i64()) else { continue };
        if let Some(level) = state.levels.get_mut(&(WAREHOUSE.to_owned(), sku.clone())) {
            let on_hand = level.on_hand + units;
            change_level(level, on_hand, &body["source"], "restock_refund", pen.now_ms);
            state.log(pen, "stock_restocked", &format!("{WAREHOUSE}/{sku}"), json!({"on_hand": on_hand}));
        }
    }
}

fn tracking(body: &Value, faults: &mut Faults) -> Vec<Tracking> {
    let entries = body["tracking"].as_array().into_iter().flatten().enumerate();
    entries
        .map(|(at, entry)| Tracking {
            carrier: entry["carrier"].as_str().unwrap_or_default().to_owned(),
            number: faults.text(entry, &format!("/tracking/{at}"), "number").to_owned(),
        })
        .collect()
}

fn moment_of(value: &Value) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.timestamp_millis())
}

fn fulfill(state: &mut State, id: &str, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let mut faults = Faults::default();
    let source = source(body, &mut faults);
    let lines = quantities(body, &mut faults).unwrap_or_default();
    if lines.is_empty() {
        faults.say("/lines", "required", "lines is required");
    }
    let tracking = tracking(body, &mut faults);
    faults.end()?;
    let fulfillment = Fulfillment {
        id: String::new(),
        order_id: id.to_owned(),
        warehouse_id: body["warehouse_id"].as_str().unwrap_or(WAREHOUSE).to_owned(),
        status: "shipped".to_owned(),
        lines,
        tracking,
        shipped_ms: moment_of(&body["shipped_at"]).or(Some(pen.now_ms)),
        delivered_ms: None,
        external_ref: body.get("external_ref").cloned(),
        source,
        version: 0,
        updated_ms: 0,
    };
    let made = state.ship(pen, id, fulfillment).map_err(Problem::from)?;
    show_fulfillment(state, &made, 201)
}

fn show_fulfillment(state: &State, id: &str, status: u16) -> Outcome {
    let fulfillment = state.fulfillments.get(id).ok_or_else(Problem::not_found)?;
    Ok(Answer::versioned(status, render::fulfillment(state, fulfillment)))
}

fn update_fulfillment(state: &mut State, id: &str, call: &Call<'_>, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let known = state.fulfillments.get(id).ok_or_else(Problem::not_found)?;
    must_match(version(call, body)?, known.version)?;
    let mut faults = Faults::default();
    let tracking = body["tracking"].is_array().then(|| tracking(body, &mut faults));
    faults.end()?;
    state
        .change_fulfillment(pen, id, |fulfillment| {
            if let Some(status) = body["status"].as_str() {
                status.clone_into(&mut fulfillment.status);
            }
            if let Some(tracking) = tracking {
                fulfillment.tracking = tracking;
            }
            if let Some(at_ms) = moment_of(&body["delivered_at"]) {
                fulfillment.delivered_ms = Some(at_ms);
            }
        })
        .map_err(Problem::from)?;
    show_fulfillment(state, id, 200)
}

fn set_level(
    state: &mut State,
    warehouse: &str,
    sku: &str,
    call: &Call<'_>,
    body: &Value,
    pen: &mut Pen<'_>,
) -> Outcome {
    let given = version(call, body)?;
    let key = (warehouse.to_owned(), sku.to_owned());
    let level = state.levels.get_mut(&key).ok_or_else(Problem::not_found)?;
    if given.is_none() {
        return Err(Problem::new(428, "precondition_required", "If-Match required"));
    }
    must_match(given, level.version)?;
    let mut faults = Faults::default();
    let source = source(body, &mut faults);
    let on_hand = body["on_hand"].as_i64().filter(|units| *units >= 0);
    if on_hand.is_none() {
        faults.say("/on_hand", "invalid", "a whole number from 0 on is expected");
    }
    faults.end()?;
    // An equal value with a matching version changes nothing, and is no event.
    if let Some(on_hand) = on_hand.filter(|on_hand| *on_hand != level.on_hand) {
        change_level(level, on_hand, &source, body["reason"].as_str().unwrap_or("sync"), pen.now_ms);
        state.log(pen, "stock_set", &format!("{warehouse}/{sku}"), json!({"on_hand": on_hand}));
    }
    let level = state.levels.get(&key).ok_or_else(Problem::not_found)?;
    Ok(Answer::versioned(200, render::level(warehouse, sku, level)))
}

fn change_level(level: &mut Level, on_hand: i64, source: &Value, reason: &str, now_ms: i64) {
    level.on_hand = on_hand;
    level.version += 1;
    level.last_change = json!({"source": source, "reason": reason, "at": render::time(now_ms)});
    level.updated_ms = now_ms;
}

fn adjust(state: &mut State, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let mut faults = Faults::default();
    let source = source(body, &mut faults);
    let mut wanted = Vec::new();
    for (at, line) in body["lines"].as_array().into_iter().flatten().enumerate() {
        let base = format!("/lines/{at}");
        let key = (faults.text(line, &base, "warehouse_id").to_owned(), faults.text(line, &base, "sku").to_owned());
        let delta = line["delta"].as_i64().unwrap_or(0);
        if delta == 0 {
            faults.say(format!("{base}/delta"), "invalid", "a whole number other than 0 is expected");
        }
        match state.levels.get(&key) {
            None => faults.say(format!("{base}/sku"), "unknown_sku", "nothing is counted under it"),
            Some(level) if level.on_hand + delta < 0 => {
                faults.say(format!("{base}/delta"), "below_zero", "less than nothing would be left");
            }
            Some(_) => {}
        }
        wanted.push((key, delta));
    }
    if wanted.is_empty() || wanted.len() > 100 {
        faults.say("/lines", "invalid", "1 to 100 lines are expected");
    }
    // As a whole or not at all.
    faults.end()?;
    let mut levels = Vec::new();
    for (key, delta) in wanted {
        if let Some(level) = state.levels.get_mut(&key) {
            let on_hand = level.on_hand + delta;
            change_level(level, on_hand, &source, body["reason"].as_str().unwrap_or("correction"), pen.now_ms);
            levels.push(render::level(&key.0, &key.1, level));
        }
    }
    let id = state.id("adj");
    state.log(pen, "stock_adjusted", &id, json!({"lines": body["lines"]}));
    Ok(Answer::data(201, json!({"id": id, "levels": levels})))
}

fn create(state: &mut State, list: &str, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let mut faults = Faults::default();
    let needed: &[&str] = if list == "products" { &["sku", "title"] } else { &["name"] };
    for name in needed {
        faults.text(body, "", name);
    }
    if body["default_address"].is_object() {
        address(&body["default_address"], "/default_address", &mut faults);
    }
    let references = references(&body["external_refs"], &mut faults);
    faults.end()?;
    let all = if list == "products" { &state.products } else { &state.customers };
    let same = |record: &&Value| {
        (list == "products" && record["sku"] == body["sku"])
            || references.iter().any(|reference| {
                record["external_refs"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|known| known["system"] == reference.system && known["id"] == reference.id)
            })
    };
    if let Some(existing) = all.values().find(same) {
        return Err(
            Problem::new(409, "duplicate_external_ref", "Already there").with("existing_id", existing["id"].clone())
        );
    }
    let id = state.id(if list == "products" { "prod" } else { "cus" });
    let mut record = body.clone();
    record["id"] = json!(id);
    record["version"] = json!(1);
    record["updated_at"] = render::time(pen.now_ms);
    if list == "products" && record.get("active").is_none() {
        record["active"] = json!(true);
    }
    state.log(pen, if list == "products" { "product_created" } else { "customer_created" }, &id, record.clone());
    let all = if list == "products" { &mut state.products } else { &mut state.customers };
    all.insert(id, record.clone());
    Ok(Answer::versioned(201, record))
}

fn patch(state: &mut State, list: &str, id: &str, call: &Call<'_>, body: &Value, pen: &mut Pen<'_>) -> Outcome {
    let all = if list == "products" { &mut state.products } else { &mut state.customers };
    let record = all.get_mut(id).ok_or_else(Problem::not_found)?;
    let current = record["version"].as_i64().unwrap_or(1);
    must_match(version(call, body)?, current)?;
    for (name, value) in body
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !matches!(name.as_str(), "id" | "sku" | "version" | "expected_version"))
    {
        record[name] = value.clone();
    }
    record["version"] = json!(current + 1);
    record["updated_at"] = render::time(pen.now_ms);
    let record = record.clone();
    state.log(pen, if list == "products" { "product_updated" } else { "customer_updated" }, id, record.clone());
    Ok(Answer::versioned(200, record))
}
