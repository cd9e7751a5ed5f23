//! Our order into V1's words: the whole resource, always.
//!
//! V1 knows no partial update: what is left out is gone. So an update starts
//! from what ShipStation has ([`Existing`]) and keeps everything the warehouse
//! decided there: carrier, service, box, measures, insurance, customs, ship-from
//! place, its own notes and tags. What the channel decides is replaced.

use super::cut::{CUSTOM_FIELD_MAX, NAME_MAX, NOTE_MAX, NUMBER_MAX, Scissors};
use super::{ids, pacific};
use quayside_model::{Address, Currency, HubLineDraft, HubOrderDraft, Money};
use serde_json::{Map, Value, json};

/// Key of the line that carries the discount.
pub(super) const DISCOUNT_KEY: &str = "quayside-discount";

/// Members an update keeps as the warehouse left them.
const KEPT: &[&str] = &[
    "carrierCode",
    "serviceCode",
    "packageCode",
    "confirmation",
    "shipDate",
    "dimensions",
    "insuranceOptions",
    "internationalOptions",
    "paymentMethod",
];
/// Members of `advancedOptions` an update must not send back: ShipStation keeps them itself.
const ADVANCED_READ_ONLY: &[&str] = &["mergedOrSplit", "mergedIds", "parentId"];
/// Members of an item an update keeps.
const ITEM_KEPT: &[&str] = &["productId", "warehouseLocation", "fulfillmentSku", "imageUrl"];

/// The order as ShipStation has it, for an update.
pub(super) type Existing = Map<String, Value>;

/// What goes beside the draft.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// The order to be replaced; `None` creates one.
    pub existing: Option<&'a Existing>,
    /// Ids of the draft's tags.
    pub tag_ids: &'a [i64],
    /// Names of the draft's tags that the account does not know; they go into the notes.
    pub unknown_tags: &'a [String],
    /// The connection's store, where the draft names none.
    pub store_id: Option<i64>,
}

/// A composed order, and what a person should know about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Composed {
    /// The body.
    pub body: Value,
    /// Cuts and fillers, told.
    pub note: Option<String>,
}

/// An amount as V1 and V2 want it. The decimal has few digits, so the float prints exactly.
pub(super) fn amount(minor: i64, currency: &Currency) -> Value {
    let decimal = Money::new(minor, currency.clone()).decimal().normalize();
    decimal.to_string().parse::<f64>().ok().and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::Number)
}

/// Null for empty: the documents use null, and an empty text would print as a line.
fn text_or_null(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}

/// The order V1 shall have.
pub(super) fn order_v1(draft: &HubOrderDraft, beside: &Beside<'_>) -> Composed {
    let mut scissors = Scissors::default();
    let mut order = Map::new();
    let mut put = |name: &str, value: Value| order.insert(name.to_owned(), value);
    if let Some(existing) = beside.existing {
        for name in KEPT {
            if let Some(value) = existing.get(*name) {
                put(name, value.clone());
            }
        }
        // Prevents duplicates, and split or merged orders demand it.
        if let Some(id) = existing.get("orderId") {
            put("orderId", id.clone());
        }
        if let Some(until) = keeps_hold(draft, existing) {
            put("holdUntilDate", until);
        }
    }
    put("orderNumber", json!(draft.number));
    // The key cannot be changed after creation; a split child keeps its own.
    let key = beside.existing.and_then(|existing| existing.get("orderKey")).filter(|key| key.is_string());
    put("orderKey", key.cloned().unwrap_or_else(|| json!(draft.key)));
    put("orderDate", json!(pacific::stamp(draft.placed_at_ms)));
    put("paymentDate", draft.paid_at_ms.map_or(Value::Null, |ms| json!(pacific::stamp(ms))));
    put("shipByDate", draft.ship_by_ms.map_or(Value::Null, |ms| json!(pacific::stamp(ms))));
    put("orderStatus", json!(status(draft, beside.existing)));
    let customer = if draft.customer_ref.trim().is_empty() { &draft.email } else { &draft.customer_ref };
    put("customerUsername", text_or_null(scissors.cut("The customer's id", customer, NAME_MAX)));
    put("customerEmail", text_or_null(draft.email.trim().to_owned()));
    put("billTo", bill_to(draft, &mut scissors));
    put("shipTo", address(&draft.ship_to, "the delivery address", &mut scissors));
    put("items", items(draft, beside.existing, &mut scissors));
    put("amountPaid", amount(draft.total_minor, &draft.currency));
    put("taxAmount", amount(draft.tax_minor, &draft.currency));
    put("shippingAmount", amount(draft.shipping_minor, &draft.currency));
    put("customerNotes", text_or_null(scissors.cut("The buyer's note", &draft.customer_note, NOTE_MAX)));
    put("internalNotes", internal_notes(draft, beside, &mut scissors));
    put("gift", json!(draft.gift));
    put("giftMessage", text_or_null(scissors.cut("The gift message", &draft.gift_message, NOTE_MAX)));
    put(
        "requestedShippingService",
        text_or_null(scissors.cut("The requested service", &draft.requested_service, NAME_MAX)),
    );
    for (name, chosen) in [
        ("carrierCode", &draft.ship.carrier),
        ("serviceCode", &draft.ship.service),
        ("packageCode", &draft.ship.package),
        ("confirmation", &draft.ship.confirmation),
    ] {
        if !chosen.trim().is_empty() && is_open(beside.existing.and_then(|existing| existing.get(name))) {
            put(name, json!(chosen.trim()));
        }
    }
    put("weight", weight(draft, beside.existing));
    put("tagIds", tag_ids(beside));
    put("advancedOptions", advanced(draft, beside, &mut scissors));
    Composed { body: Value::Object(order), note: scissors.note() }
}

/// Nobody chose it there yet: absent, empty, or the platform's word for nothing.
pub(super) fn is_open(there: Option<&Value>) -> bool {
    match there {
        None | Some(Value::Null) => true,
        Some(Value::String(word)) => matches!(word.trim(), "" | "none"),
        Some(_) => false,
    }
}

/// The same order, cancelled: V1 has no cancel call. Everything is sent back as it came.
pub(super) fn cancelled_v1(existing: &Existing) -> Value {
    resent(existing, "cancelled")
}

/// The same order, off hold: for holds without a day, which V1's release does not know.
pub(super) fn released_v1(existing: &Existing) -> Value {
    resent(existing, "awaiting_shipment")
}

/// Members only ShipStation writes; sending them back would at best be ignored.
const READ_ONLY: &[&str] = &[
    "createDate",
    "modifyDate",
    "customerId",
    "orderTotal",
    "holdUntilDate",
    "userId",
    "externallyFulfilled",
    "externallyFulfilledBy",
    "externallyFulfilledById",
    "externallyFulfilledByName",
    "labelMessages",
];

fn resent(existing: &Existing, status: &str) -> Value {
    let mut order = existing.clone();
    order.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    order.insert("orderStatus".into(), json!(status));
    // Orders ShipStation imported itself may have no name to bill; written ones must.
    let named = |order: &Existing, whose: &str| {
        order.get(whose)?.get("name")?.as_str().filter(|name| !name.trim().is_empty()).map(str::to_owned)
    };
    if named(&order, "billTo").is_none() {
        let name = named(&order, "shipTo").unwrap_or_else(|| "Unknown".into());
        match order.get_mut("billTo") {
            Some(Value::Object(bill_to)) => drop(bill_to.insert("name".into(), json!(name))),
            _ => drop(order.insert("billTo".into(), json!({"name": name}))),
        }
    }
    if let Some(Value::Object(advanced)) = order.get_mut("advancedOptions") {
        advanced.retain(|name, _| !ADVANCED_READ_ONLY.contains(&name.as_str()));
    }
    if let Some(Value::Array(items)) = order.get_mut("items") {
        items.retain(|item| !item.is_null());
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.retain(|name, _| !matches!(name.as_str(), "orderItemId" | "createDate" | "modifyDate"));
        }
    }
    Value::Object(order)
}

/// `on_hold` until it is ready; a dated hold somebody set meanwhile stays.
fn status(draft: &HubOrderDraft, existing: Option<&Existing>) -> &'static str {
    let held = existing.is_some_and(|existing| keeps_hold(draft, existing).is_some());
    if draft.ready && !held { "awaiting_shipment" } else { "on_hold" }
}

/// The day of a dated hold that an update must not lift: it was set by the
/// warehouse or by a hold of ours, and only a release takes it off.
/// A hold without a day is ours from creation ("not ready"); being ready lifts it.
pub(super) fn keeps_hold(draft: &HubOrderDraft, existing: &Existing) -> Option<Value> {
    let held = existing.get("orderStatus").and_then(Value::as_str) == Some("on_hold");
    let until = existing.get("holdUntilDate").and_then(Value::as_str).filter(|day| !day.trim().is_empty());
    (draft.ready && held).then_some(())?;
    until.map(|day| json!(day))
}

fn address(from: &Address, whose: &str, scissors: &mut Scissors) -> Value {
    let mut part =
        |what: &str, text: &str| text_or_null(scissors.cut(&format!("The {what} of {whose}"), text, NAME_MAX));
    json!({
        "name": part("recipient", &from.name),
        "company": part("company", &from.company),
        "street1": part("street", &from.line1),
        "street2": part("second line", &from.line2),
        "street3": part("third line", &from.line3),
        "city": part("city", &from.city),
        "state": part("state", &from.region),
        "postalCode": part("postcode", &from.postcode),
        "country": text_or_null(from.country.trim().to_ascii_uppercase()),
        "phone": part("telephone", &from.phone),
    })
}

/// Required, a name suffices: the buyer's where no billing address is known.
fn bill_to(draft: &HubOrderDraft, scissors: &mut Scissors) -> Value {
    let mut from = draft.bill_to.clone();
    if from.name.trim().is_empty() {
        from.name = [&draft.bill_to.company, &draft.ship_to.name, &draft.ship_to.company, &draft.email]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .cloned()
            .unwrap_or_default();
    }
    // A half-known country would be refused; a name alone is fine.
    if from.country.trim().len() != 2 {
        from.country.clear();
    }
    address(&from, "the billing address", scissors)
}

/// What a line is called; V1 wants a name, whatever else is missing.
pub(super) fn line_name(line: &HubLineDraft) -> &str {
    [&line.name, &line.sku].into_iter().map(|text| text.trim()).find(|text| !text.is_empty()).unwrap_or("Item")
}

fn items(draft: &HubOrderDraft, existing: Option<&Existing>, scissors: &mut Scissors) -> Value {
    let known = |key: &str| {
        let items = existing?.get("items")?.as_array()?;
        items
            .iter()
            .filter_map(Value::as_object)
            .find(|item| item.get("lineItemKey").and_then(Value::as_str) == Some(key))
    };
    let mut items: Vec<Value> = draft
        .lines
        .iter()
        .map(|line| {
            let mut item = Map::new();
            if let Some(known) = known(&line.line_key) {
                for name in ITEM_KEPT {
                    if let Some(value) = known.get(*name).filter(|value| !value.is_null()) {
                        item.insert((*name).to_owned(), value.clone());
                    }
                }
            }
            item.insert("lineItemKey".into(), json!(line.line_key));
            item.insert("sku".into(), text_or_null(line.sku.trim().to_owned()));
            item.insert("name".into(), json!(scissors.cut("The name of a line", line_name(line), NAME_MAX)));
            item.insert("quantity".into(), json!(line.quantity));
            item.insert("unitPrice".into(), amount(line.unit_price_minor, &draft.currency));
            item.insert("taxAmount".into(), amount(line.tax_minor, &draft.currency));
            if let Some(weight_g) = line.weight_g.filter(|grams| grams.is_finite() && *grams >= 0.0) {
                item.insert("weight".into(), json!({"value": round_g(weight_g), "units": "grams"}));
            }
            let options: Vec<Value> = line
                .options
                .iter()
                .filter(|(name, _)| !name.trim().is_empty())
                .map(|(name, value)| json!({"name": name, "value": value}))
                .collect();
            item.insert("options".into(), Value::Array(options));
            item.insert("adjustment".into(), json!(false));
            if let Some(barcode) = line.barcode.as_deref().filter(|code| !code.trim().is_empty()) {
                item.insert("upc".into(), json!(barcode));
            }
            Value::Object(item)
        })
        .collect();
    if draft.discount_minor != 0 {
        // A "negative discount" is a fee; it is shown as what it is.
        let name = if draft.discount_minor > 0 { "Discount" } else { "Surcharge" };
        items.push(json!({
            "lineItemKey": DISCOUNT_KEY,
            "sku": null,
            "name": name,
            "quantity": 1,
            "unitPrice": amount(-draft.discount_minor, &draft.currency),
            "adjustment": true,
        }));
    }
    Value::Array(items)
}

/// Grams to two decimals: more are noise of a conversion.
pub(super) fn round_g(grams: f64) -> f64 {
    (grams * 100.0).round() / 100.0
}

/// What all lines weigh, grams; `None` if no line says.
pub(super) fn total_weight_g(lines: &[HubLineDraft]) -> Option<f64> {
    let weighed: Vec<f64> = lines.iter().filter_map(|line| Some(line.weight_g? * line.quantity as f64)).collect();
    let total: f64 = weighed.iter().sum();
    (!weighed.is_empty() && total.is_finite() && total > 0.0).then(|| round_g(total))
}

/// What the warehouse put on the scale stays as long as the contents stay.
fn weight(draft: &HubOrderDraft, existing: Option<&Existing>) -> Value {
    let measured =
        existing.filter(|existing| same_contents(draft, existing)).and_then(|existing| existing.get("weight"));
    if let Some(Value::Object(weight)) = measured
        && weight.get("value").and_then(Value::as_f64).is_some_and(|value| value > 0.0)
    {
        let mut weight = weight.clone();
        weight.remove("WeightUnits");
        return Value::Object(weight);
    }
    total_weight_g(&draft.lines).map_or(Value::Null, |grams| json!({"value": grams, "units": "grams"}))
}

fn same_contents(draft: &HubOrderDraft, existing: &Existing) -> bool {
    let goods: Vec<(&str, f64)> = existing
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|item| !item.is_null() && item.get("adjustment") != Some(&Value::Bool(true)))
        .map(|item| {
            let key = item.get("lineItemKey").and_then(Value::as_str).unwrap_or_default();
            (key, item.get("quantity").and_then(Value::as_f64).unwrap_or_default())
        })
        .collect();
    goods.len() == draft.lines.len()
        && draft.lines.iter().all(|line| {
            goods.iter().any(|(key, units)| *key == line.line_key && (*units - line.quantity as f64).abs() < 1e-9)
        })
}

/// Begins the line of tags that ShipStation does not know. Made anew with each change, so that it stands there once.
pub(super) const TAG_LINE: &str = "Tags from the store: ";

fn internal_notes(draft: &HubOrderDraft, beside: &Beside<'_>, scissors: &mut Scissors) -> Value {
    let ours = scissors.cut("The note for the team", &draft.internal_note, NOTE_MAX);
    let theirs =
        beside.existing.and_then(|existing| existing.get("internalNotes")).and_then(Value::as_str).unwrap_or_default();
    let theirs: Vec<&str> = theirs.lines().filter(|line| !line.trim_start().starts_with(TAG_LINE.trim_end())).collect();
    let mut note = team_note(&theirs.join("\n"), &ours);
    if !beside.unknown_tags.is_empty() {
        let tags = scissors.cut("The list of tags", &beside.unknown_tags.join(", "), NOTE_MAX);
        if !note.is_empty() {
            note.push('\n');
        }
        note.push_str(TAG_LINE);
        note.push_str(&tags);
    }
    text_or_null(note)
}

/// The warehouse's own words stay; ours are added once, in place of an earlier, shorter word of ours.
pub(super) fn team_note(theirs: &str, ours: &str) -> String {
    let theirs = theirs.trim();
    if ours.is_empty() || theirs.contains(ours) {
        return theirs.to_owned();
    }
    // A line that ours says in full would say it twice.
    let kept = theirs.lines().filter(|line| line.trim().is_empty() || !ours.contains(line.trim()));
    let kept = kept.collect::<Vec<_>>().join("\n");
    match kept.trim() {
        "" => ours.to_owned(),
        kept => format!("{kept}\n{ours}"),
    }
}

/// Sending adds, leaving out does not remove: so what is there goes along.
fn tag_ids(beside: &Beside<'_>) -> Value {
    let mut tags: Vec<i64> = beside
        .existing
        .and_then(|existing| existing.get("tagIds"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect();
    for tag in beside.tag_ids {
        if !tags.contains(tag) {
            tags.push(*tag);
        }
    }
    if tags.is_empty() { Value::Null } else { json!(tags) }
}

fn advanced(draft: &HubOrderDraft, beside: &Beside<'_>, scissors: &mut Scissors) -> Value {
    let mut advanced = match beside.existing.and_then(|existing| existing.get("advancedOptions")) {
        Some(Value::Object(advanced)) => advanced.clone(),
        _ => Map::new(),
    };
    advanced.retain(|name, _| !ADVANCED_READ_ONLY.contains(&name.as_str()));
    // Only honoured at creation; an update keeps the store it has.
    if beside.existing.is_none()
        && let Some(store) = draft.store_id.as_deref().and_then(ids::to_v1).or(beside.store_id)
    {
        advanced.insert("storeId".into(), json!(store));
    }
    for (at, field) in draft.custom_fields.iter().enumerate() {
        let name = format!("customField{}", at + 1);
        let cut = scissors.cut(&format!("Custom field {}", at + 1), field, CUSTOM_FIELD_MAX);
        // What we have nothing for may be the warehouse's own: an update leaves it alone.
        if !cut.is_empty() || beside.existing.is_none() {
            advanced.insert(name, text_or_null(cut));
        }
    }
    if let Some(place) = ids::to_v1(draft.ship.warehouse.trim())
        && is_open(advanced.get("warehouseId"))
    {
        advanced.insert("warehouseId".into(), json!(place));
    }
    if !draft.source.trim().is_empty() {
        advanced.insert("source".into(), json!(scissors.cut("The source", &draft.source, NUMBER_MAX)));
    }
    Value::Object(advanced)
}

/// What ShipStation would refuse in any case, found before a batch of a hundred is
/// refused for one. The sentence names what is wrong; the cause is the address's or the content's.
pub(super) fn refusal_before_sending(draft: &HubOrderDraft) -> Option<(quayside_model::Cause, String)> {
    use quayside_model::Cause::{AddressRefused, ContentRefused};
    let country = draft.ship_to.country.trim();
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic()) {
        let given = if country.is_empty() { "it is empty".to_owned() } else { format!("\"{country}\" is none") };
        return Some((
            AddressRefused,
            format!("ShipStation wants the country of the delivery address as a two-letter code, and {given}."),
        ));
    }
    if draft.number.trim().is_empty() {
        return Some((ContentRefused, "The order has no number, and ShipStation wants one.".into()));
    }
    for (what, text) in [("number", &draft.number), ("key", &draft.key)] {
        let length = text.chars().count();
        if length > NUMBER_MAX {
            return Some((
                ContentRefused,
                format!("The order's {what} has {length} characters, and ShipStation takes {NUMBER_MAX}."),
            ));
        }
    }
    if draft.key.trim().is_empty() {
        return Some((ContentRefused, "The order has no key; sending it without one could make it twice.".into()));
    }
    if let Some(line) = draft.lines.iter().find(|line| line.quantity <= 0) {
        return Some((ContentRefused, format!("The line \"{}\" asks for {} units.", line_name(line), line.quantity)));
    }
    None
}
