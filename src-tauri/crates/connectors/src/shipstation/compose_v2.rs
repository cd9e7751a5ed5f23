//! Our order into V2's words, where a shipment is what V1 calls an order.
//!
//! A new one follows the vendor's create body; an update starts from what the
//! platform has and drops what is read-only there, because whether absent
//! fields survive a PUT is not documented. Left out: the discount (V2 takes no
//! negative prices; the amounts paid carry it).

use super::compose::{Composed, amount, is_open, line_name, round_g, team_note, total_weight_g};
use super::cut::{CUSTOM_FIELD_MAX, NAME_MAX, NOTE_MAX, Scissors};
use super::ids;
use quayside_model::{Address, HubOrderDraft, Money};
use serde_json::{Map, Value, json};

/// What V2 demands of addresses and orders do not always have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fillers {
    /// Sent where the order has no telephone.
    pub phone: String,
    /// Sent where the address has no state.
    pub state: String,
}

/// Members of a shipment V2 writes itself.
const READ_ONLY: &[&str] = &[
    "shipment_id",
    "created_at",
    "modified_at",
    "shipment_status",
    "tags",
    "total_weight",
    "errors",
    "address_validation",
];

/// The day of a hold without an end: V2 knows dated holds only. Nobody else picks it,
/// so it also tells our "not ready yet" from a hold the warehouse set.
pub(super) const OPEN_HOLD_DAY: &str = "2099-12-31";

/// A hold day of ours that means "not ready yet".
pub(super) fn is_open_hold(hold_until_date: &str) -> bool {
    hold_until_date.starts_with(OPEN_HOLD_DAY)
}

/// The shipment V2 shall have. `existing` is what it has; `None` creates one.
pub(super) fn shipment(
    draft: &HubOrderDraft,
    existing: Option<&Value>,
    fillers: &Fillers,
    store_id: Option<&str>,
) -> Composed {
    let mut scissors = Scissors::default();
    let mut filled = Vec::new();
    let mut lifts_hold = false;
    let mut body = existing.and_then(Value::as_object).cloned().unwrap_or_default();
    drop_read_only(&mut body);
    let mut put = |name: &str, value: Value| {
        // Nulls are left out: the schema allows few of them, and absent means the same.
        if value.is_null() {
            body.remove(name);
        } else {
            body.insert(name.to_owned(), value);
        }
    };
    if existing.is_none() {
        // Immutable afterwards, and a sales order is what makes split and merge possible.
        put("external_shipment_id", json!(draft.key));
        put("create_sales_order", json!(true));
        put("tags", tags(&draft.tags));
        if let Some(store) = draft.store_id.as_deref().or(store_id).filter(|id| !id.trim().is_empty()) {
            put("store_id", json!(ids::from_v2(store)));
        }
    }
    put("shipment_number", json!(draft.number));
    put("ship_to", ship_to(&draft.ship_to, fillers, &mut scissors, &mut filled));
    put("items", items(draft, &mut scissors));
    if draft.discount_minor != 0 {
        let discount = Money::new(draft.discount_minor, draft.currency.clone());
        scissors.left_out(format!("The discount of {discount} has no line in this API; the amount paid carries it"));
    }
    for (name, minor) in
        [("amount_paid", draft.total_minor), ("shipping_paid", draft.shipping_minor), ("tax_paid", draft.tax_minor)]
    {
        put(
            name,
            json!({"currency": draft.currency.0.to_ascii_lowercase(), "amount": amount(minor.max(0), &draft.currency)}),
        );
    }
    put("notes_from_buyer", text(scissors.cut("The buyer's note", &draft.customer_note, NOTE_MAX)));
    let theirs =
        existing.and_then(|existing| existing.get("internal_notes")).and_then(Value::as_str).unwrap_or_default();
    let ours = scissors.cut("The note for the team", &draft.internal_note, NOTE_MAX);
    put("internal_notes", text(team_note(theirs, &ours)));
    put("is_gift", json!(draft.gift));
    put("notes_for_gift", text(scissors.cut("The gift message", &draft.gift_message, NOTE_MAX)));
    put("requested_shipment_service", text(scissors.cut("The requested service", &draft.requested_service, NAME_MAX)));
    put("ship_by_date", draft.ship_by_ms.map_or(Value::Null, |ms| json!(utc(ms))));
    let held =
        existing.and_then(|existing| existing.get("hold_until_date")).and_then(Value::as_str).unwrap_or_default();
    if !draft.ready {
        put("hold_until_date", json!(format!("{OPEN_HOLD_DAY}T00:00:00Z")));
    } else if is_open_hold(held) {
        lifts_hold = true;
    }
    put("advanced_options", advanced(draft, existing, &mut scissors));
    let ship = &draft.ship;
    for (name, chosen) in [
        ("carrier_id", &ship.carrier),
        ("service_code", &ship.service),
        ("confirmation", &ship.confirmation),
        ("warehouse_id", &ship.warehouse),
    ] {
        let chosen = chosen.trim();
        if chosen.is_empty() || !is_open(existing.and_then(|existing| existing.get(name))) {
            continue;
        }
        // Ids come bare or with their prefix; a V1 code stays as it is, and the platform says what it thinks of it.
        let bare = name.ends_with("_id") && chosen.bytes().all(|b| b.is_ascii_digit());
        put(name, if bare { json!(ids::to_v2(chosen)) } else { json!(chosen) });
    }
    if let Some(packages) = packages(draft, existing, &mut scissors) {
        put("packages", packages);
    }
    if lifts_hold {
        // Said aloud: whether an absent field is kept is not documented.
        body.insert("hold_until_date".into(), Value::Null);
    }
    let notes: Vec<String> =
        scissors.note().into_iter().chain((!filled.is_empty()).then(|| filled.join("; "))).collect();
    Composed { body: Value::Object(body), note: (!notes.is_empty()).then(|| notes.join("; ")) }
}

/// The boxes, where they have to be said. Measured boxes are the warehouse's as long as the contents stay; with other
/// contents, one box weighs what they weigh now, and several have to be weighed again.
fn packages(draft: &HubOrderDraft, existing: Option<&Value>, scissors: &mut Scissors) -> Option<Value> {
    if existing.is_some_and(|existing| same_contents(draft, existing)) {
        return None;
    }
    let weight = total_weight_g(&draft.lines).map(|grams| json!({"value": grams, "unit": "gram"}));
    let boxes = existing.and_then(|existing| existing.get("packages")).and_then(Value::as_array);
    let Some(boxes) = boxes.filter(|boxes| !boxes.is_empty()) else {
        let mut package = Map::new();
        if let Some(weight) = weight {
            package.insert("weight".into(), weight);
        }
        let chosen = draft.ship.package.trim();
        // An order that is there without a box is the warehouse's to pack; only its weight is ours to say.
        if existing.is_none() && !chosen.is_empty() {
            package.insert("package_code".into(), json!(chosen));
        }
        return (!package.is_empty()).then(|| json!([package]));
    };
    if let ([Value::Object(only)], Some(weight)) = (boxes.as_slice(), weight) {
        let mut only = only.clone();
        only.retain(|_, value| !value.is_null());
        only.insert("weight".into(), weight);
        return Some(json!([only]));
    }
    scissors.left_out("What is in it changed, and its boxes keep their old weights: weigh them again".into());
    None
}

/// The shipment has these lines and units already.
fn same_contents(draft: &HubOrderDraft, existing: &Value) -> bool {
    let goods: Vec<(&str, f64)> = existing
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|item| !item.is_null())
        .map(|item| {
            let key = item.get("external_order_item_id").and_then(Value::as_str).unwrap_or_default();
            (key, item.get("quantity").and_then(Value::as_f64).unwrap_or_default())
        })
        .collect();
    let has = |key: &str, quantity: i64| {
        goods.iter().any(|(known, units)| *known == key && (*units - quantity as f64).abs() < 1e-9)
    };
    goods.len() == draft.lines.len() && draft.lines.iter().all(|line| has(&line.line_key, line.quantity))
}

/// Leaves what may be sent back: nothing V2 writes itself, no nulls.
pub(super) fn drop_read_only(body: &mut Map<String, Value>) {
    body.retain(|name, value| !READ_ONLY.contains(&name.as_str()) && !value.is_null());
}

/// A moment as V2 writes it.
pub(super) fn utc(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn text(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}

fn tags(names: &[String]) -> Value {
    let tags: Vec<Value> = names
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
        .map(|name| json!({"name": name}))
        .collect();
    if tags.is_empty() { Value::Null } else { Value::Array(tags) }
}

fn ship_to(from: &Address, fillers: &Fillers, scissors: &mut Scissors, filled: &mut Vec<String>) -> Value {
    let mut to = Map::new();
    let mut part = |name: &str, what: &str, text: &str| {
        let text = scissors.cut(&format!("The {what} of the delivery address"), text, NAME_MAX);
        if !text.is_empty() {
            to.insert(name.to_owned(), Value::String(text));
        }
    };
    let recipient = if from.name.trim().is_empty() { &from.company } else { &from.name };
    let mut filler = |what: &str, given: &str, filler: &str| {
        if !given.trim().is_empty() || filler.trim().is_empty() {
            return given.to_owned();
        }
        filled.push(format!("ShipStation wants a {what}; the order has none, so \"{}\" was sent", filler.trim()));
        filler.to_owned()
    };
    let phone = filler("telephone number", &from.phone, &fillers.phone);
    let state = filler("state or province", &from.region, &fillers.state);
    part("name", "recipient", recipient);
    part("phone", "telephone", &phone);
    part("company_name", "company", &from.company);
    part("address_line1", "street", &from.line1);
    part("address_line2", "second line", &from.line2);
    part("address_line3", "third line", &from.line3);
    part("city_locality", "city", &from.city);
    part("state_province", "state", &state);
    part("postal_code", "postcode", &from.postcode);
    to.insert("country_code".into(), json!(from.country.trim().to_ascii_uppercase()));
    to.insert("address_residential_indicator".into(), json!("unknown"));
    Value::Object(to)
}

fn items(draft: &HubOrderDraft, scissors: &mut Scissors) -> Value {
    draft
        .lines
        .iter()
        .map(|line| {
            let mut item = Map::new();
            item.insert("external_order_item_id".into(), json!(line.line_key));
            if !line.sku.trim().is_empty() {
                item.insert("sku".into(), json!(line.sku.trim()));
            }
            item.insert("name".into(), json!(scissors.cut("The name of a line", line_name(line), NAME_MAX)));
            item.insert("quantity".into(), json!(line.quantity));
            item.insert("unit_price".into(), amount(line.unit_price_minor.max(0), &draft.currency));
            item.insert("tax_amount".into(), amount(line.tax_minor.max(0), &draft.currency));
            if let Some(weight_g) = line.weight_g.filter(|grams| grams.is_finite() && *grams > 0.0) {
                item.insert("weight".into(), json!({"value": round_g(weight_g), "unit": "gram"}));
            }
            let options: Vec<Value> = line
                .options
                .iter()
                .filter(|(name, _)| !name.trim().is_empty())
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            if !options.is_empty() {
                item.insert("options".into(), Value::Array(options));
            }
            if let Some(barcode) = line.barcode.as_deref().filter(|code| !code.trim().is_empty()) {
                item.insert("upc".into(), json!(barcode));
            }
            Value::Object(item)
        })
        .collect()
}

fn advanced(draft: &HubOrderDraft, existing: Option<&Value>, scissors: &mut Scissors) -> Value {
    let mut advanced = existing
        .and_then(|existing| existing.get("advanced_options"))
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    advanced.retain(|_, value| !value.is_null());
    for (at, field) in draft.custom_fields.iter().enumerate() {
        let name = format!("custom_field{}", at + 1);
        let cut = scissors.cut(&format!("Custom field {}", at + 1), field, CUSTOM_FIELD_MAX);
        // What we have nothing for may be the warehouse's own: an update leaves it alone.
        if !cut.is_empty() {
            advanced.insert(name, Value::String(cut));
        }
    }
    if advanced.is_empty() { Value::Null } else { Value::Object(advanced) }
}

/// Countries whose addresses carriers refuse without a state.
const WITH_STATES: &[&str] = &["US", "CA", "AU"];

/// Completes the address of an order as V2 shows it: one that V1 took may have no telephone and no state, and V2 takes it
/// back with both only. `Err`: what is missing and where to mend it; nothing is made up where a carrier reads it.
pub(super) fn complete(shipment: &mut Map<String, Value>, fillers: &Fillers) -> Result<(), &'static str> {
    let Some(to) = shipment.get_mut("ship_to").and_then(Value::as_object_mut) else { return Ok(()) };
    let said = |to: &Map<String, Value>, name: &str| {
        to.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let country = said(to, "country_code").unwrap_or_default().to_ascii_uppercase();
    let state = if WITH_STATES.contains(&country.as_str()) { "" } else { fillers.state.trim() };
    let company = said(to, "company_name").unwrap_or_default();
    for (name, filler, missing) in [
        ("name", company.as_str(), "The address has no name and no company. Complete the address, then try again."),
        (
            "phone",
            fillers.phone.trim(),
            "ShipStation V2 wants a telephone number and the order has none. Complete the address, or set a filler in the connection's settings, then try again.",
        ),
        (
            "state_province",
            state,
            "ShipStation V2 wants a state or province and the address has none. Complete the address, or set a filler in the connection's settings where its country has no states, then try again.",
        ),
        (
            "postal_code",
            "",
            "ShipStation V2 wants a postcode and the address has none. Complete the address, then try again.",
        ),
        ("address_residential_indicator", "unknown", ""),
    ] {
        if said(to, name).is_some() {
            continue;
        }
        if filler.is_empty() {
            return Err(missing);
        }
        to.insert(name.to_owned(), json!(filler));
    }
    to.retain(|_, value| !value.is_null());
    Ok(())
}

/// What V2 demands beyond V1, found before sending: the sentence names the field.
pub(super) fn missing(draft: &HubOrderDraft, fillers: &Fillers) -> Option<String> {
    let to = &draft.ship_to;
    let absent = |text: &str| text.trim().is_empty();
    if absent(&to.phone) && absent(&fillers.phone) {
        return Some("ShipStation V2 wants a telephone number and the order has none. Fill one in, or set a filler in the connection's settings.".into());
    }
    if absent(&to.region) && absent(&fillers.state) {
        return Some("ShipStation V2 wants a state or province and the address has none. Fill one in, or set a filler in the connection's settings.".into());
    }
    if absent(&to.postcode) {
        return Some(
            "ShipStation V2 wants a postcode and the address has none. Complete the address, then retry.".into(),
        );
    }
    None
}
