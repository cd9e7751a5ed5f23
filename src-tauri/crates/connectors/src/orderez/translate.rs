//! Their records into ours, through a profile. Pure.
//!
//! Two steps: a profile's expressions make a *canonical* record (our field names,
//! whatever theirs are), and the canonical record becomes a noun of the model. The
//! mapping screen shows the first, the streams use both.

use super::capability::LEVEL;
use super::expr::Prepared;
use super::profile::{Field, MoneyFormat, Profile, TimeFormat, as_text};
use super::request::SYSTEM;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use quayside_model::{
    Address, Currency, FurtherPackage, HubLine, HubOrder, HubStatus, Money, Parcel, ParcelLine, ParcelOrigin, Product,
    Stock, Track, TrackState,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A record in our field names; fields without a value are null.
pub(super) type Canonical = Map<String, Value>;

/// A field of ours: name, whether nothing works without it, what it is.
pub(super) type FieldRow = (&'static str, bool, &'static str);

/// Fields of each entity: the mapping screen's rows.
pub(super) const FIELDS: &[(&str, &[FieldRow])] = &[
    (
        "order",
        &[
            ("remote_id", true, "Their permanent id of the order"),
            ("number", false, "What people call it"),
            ("status", true, "Where it stands: open, on_hold, partial, shipped, done, cancelled"),
            ("lines", true, "Its lines: remote_id, key, sku, title, quantity, fulfilled, cancelled, refunded"),
            (
                "external_refs",
                false,
                "References of other systems: system, id. Without them our orders cannot be recognised",
            ),
            ("updated_at", false, "When it last changed. Without it every poll reads all orders"),
            ("placed_at", false, "When it was placed"),
            ("cancelled_at", false, "When it was cancelled"),
            ("on_hold", false, "Whether it is held"),
            ("ship_to", false, "Where it goes: name, company, line1, line2, city, region, postal_code, country, phone"),
            ("version", false, "Its version, against overwriting somebody's change"),
            ("payment_status", false, "How far payment is"),
            ("currency", false, "Currency"),
            ("grand_total", false, "What the buyer pays"),
            ("note", false, "Note"),
            ("shipping_service", false, "Service the buyer chose"),
            ("assignments", false, "Where it is packed: a list with warehouse_id"),
            ("customer_email", false, "Buyer's e-mail"),
        ],
    ),
    (
        "fulfillment",
        &[
            ("remote_id", true, "Their permanent id of the shipment"),
            ("order_remote_id", true, "Their id of the order it belongs to"),
            ("lines", true, "What left: line_remote_id, sku, quantity"),
            ("tracking", false, "Tracking: a list of carrier, number, url"),
            ("status", false, "pending, shipped, delivered, exception, returned, cancelled"),
            ("shipped_at", false, "When it left"),
            ("delivered_at", false, "When it arrived"),
            ("updated_at", false, "When it last changed"),
            ("version", false, "Its version"),
        ],
    ),
    (
        "product",
        &[
            ("remote_id", true, "Their permanent id of the product"),
            ("sku", true, "Its SKU: what lines of orders are compared with"),
            ("title", false, "What it is called"),
            ("barcode", false, "Its barcode"),
            ("weight_grams", false, "Weight of one unit in grams"),
            ("price", false, "What one unit costs"),
            ("currency", false, "Currency of the price; without it no price is compared"),
            ("active", false, "Whether it is in use"),
            ("version", false, "Its version, against overwriting somebody's change"),
            ("updated_at", false, "When it last changed"),
        ],
    ),
    (
        "inventory_level",
        &[
            ("sku", true, "What is counted, by its SKU"),
            ("on_hand", true, "Units on the shelf; what is reserved is among them"),
            ("available", false, "Units that can be sold; without it, the shelf less what is reserved"),
            ("reserved", false, "Units of the shelf that are promised to orders"),
            ("warehouse_id", false, "Their permanent id of the warehouse"),
            ("warehouse_name", false, "What it is called"),
            ("version", false, "Its version, against overwriting somebody's change"),
            ("updated_at", false, "When it last changed"),
        ],
    ),
];

/// Applies an entity's expressions. Fails only where an expression itself does.
pub(super) fn canonical(profile: &Profile, entity: &str, raw: &Value) -> Result<Canonical, String> {
    let Some(entity_map) = profile.entities.get(entity) else {
        return Err(format!("the profile \"{}\" does not say how to read a {entity}", profile.title()));
    };
    let mut record = Canonical::new();
    let raw = Prepared::of(raw);
    for (name, field) in &entity_map.read {
        let (value, said) = read_field(profile, field, &raw).map_err(|why| format!("{name}: {why}"))?;
        if let Some(said) = said {
            // Their own word is kept beside ours, for what we do not know.
            record.insert(format!("{name}_said"), Value::String(said));
        }
        record.insert(name.clone(), value);
    }
    Ok(record)
}

/// One field of an entity, for the mapping screen.
pub(super) fn canonical_field(profile: &Profile, entity: &str, name: &str, raw: &Value) -> Result<Value, String> {
    let field = profile.entities.get(entity).and_then(|entity| entity.read.get(name));
    field.map_or(Ok(Value::Null), |field| Ok(read_field(profile, field, &Prepared::of(raw))?.0))
}

/// The value in our words, and their word where a table was asked.
fn read_field(profile: &Profile, field: &Field, raw: &Prepared) -> Result<(Value, Option<String>), String> {
    let found = profile.ask(field.path(), raw)?;
    Ok(match field {
        Field::Plain(_) => (found, None),
        Field::Table { table: None, default, .. } => {
            (if found.is_null() { default.clone().unwrap_or(Value::Null) } else { found }, None)
        }
        Field::Table { table: Some(table), default, .. } => {
            let said = as_text(&found);
            let ours = said.as_ref().and_then(|word| profile.word_in(table, word)).map(Value::String);
            (ours.or_else(|| default.clone()).unwrap_or(Value::Null), said)
        }
    })
}

/// Text of a field; numbers count as text, because ids come as either.
pub(super) fn text(record: &Canonical, name: &str) -> Option<String> {
    as_text(record.get(name)?).filter(|text| !text.trim().is_empty())
}

fn inner_text(value: &Value, name: &str) -> String {
    value.get(name).and_then(as_text).unwrap_or_default().trim().to_owned()
}

/// A moment, ms UTC, in the profile's format; a text that is a date is read whatever the format.
pub(super) fn moment_ms(format: TimeFormat, value: &Value) -> Option<i64> {
    if let Some(number) = value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok())) {
        return match format {
            TimeFormat::UnixMs => Some(number as i64),
            TimeFormat::UnixS => Some((number * 1000.0) as i64),
            // A number where a text was agreed: seconds of this century have ten digits, milliseconds thirteen.
            TimeFormat::Rfc3339 | TimeFormat::Date if number >= 1e12 => Some(number as i64),
            TimeFormat::Rfc3339 | TimeFormat::Date if number >= 1e9 => Some((number * 1000.0) as i64),
            TimeFormat::Rfc3339 | TimeFormat::Date => None,
        };
    }
    let text = value.as_str()?.trim();
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| moment.timestamp_millis())
        .or_else(|| {
            let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
            naive
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
                .map(|at| at.and_utc().timestamp_millis())
        })
        .or_else(|| {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
        })
}

fn field_ms(profile: &Profile, record: &Canonical, name: &str) -> Option<i64> {
    moment_ms(profile.time_format, record.get(name)?)
}

/// When their record last changed, ms UTC.
pub(super) fn updated_ms(profile: &Profile, record: &Canonical) -> Option<i64> {
    field_ms(profile, record, "updated_at")
}

/// A whole number, also from `"2"` and `2.0`.
fn whole(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => {
            number.as_i64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))
        }
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(|n| n.fract() == 0.0).map(|n| n as i64))
        }
        _ => None,
    }
}

/// A line of their order, as far as writes need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub remote_id: String,
    /// Our line key, if we made the line.
    pub key: Option<String>,
    pub sku: String,
    pub name: String,
    pub quantity: i64,
    pub fulfilled: i64,
    pub cancelled: i64,
    pub refunded: i64,
}

impl Line {
    /// Units that are not cancelled.
    pub(super) fn wanted(&self) -> i64 {
        self.quantity.saturating_sub(self.cancelled)
    }
    /// Units still to be packed.
    pub(super) fn open(&self) -> i64 {
        self.wanted().saturating_sub(self.fulfilled).max(0)
    }
}

/// Their order, read.
#[derive(Debug, Clone)]
pub(super) struct TheirOrder {
    pub order: HubOrder,
    pub lines: Vec<Line>,
    /// For If-Match, as it came.
    pub version: Option<Value>,
    pub note: Option<String>,
    pub updated_ms: Option<i64>,
    /// Some units have left.
    pub partly_shipped: bool,
    /// System and write that changed it last, where the profile says where that stands.
    pub changed_by: Option<(String, String)>,
}

impl TheirOrder {
    /// It carries a reference of ours.
    pub(super) fn is_ours(&self) -> bool {
        self.order.key != self.order.remote_id
    }
    /// The last change of it was this write of ours.
    pub(super) fn is_written_by(&self, write_id: &str) -> bool {
        self.changed_by.as_ref().is_some_and(|(system, id)| system == SYSTEM && id == write_id)
    }
    /// It still takes changes.
    pub(super) fn is_open(&self) -> bool {
        self.order.status.is_open()
    }
}

/// An order; `Err` names the field that spoils it.
pub(super) fn order(profile: &Profile, raw: &Value) -> Result<TheirOrder, String> {
    let record = canonical(profile, "order", raw)?;
    let remote_id = text(&record, "remote_id").ok_or("remote_id: missing")?;
    let references = record.get("external_refs").and_then(Value::as_array).cloned().unwrap_or_default();
    let key = references
        .iter()
        .find(|reference| inner_text(reference, "system") == SYSTEM)
        .map(|found| inner_text(found, "id"));
    let lines = match record.get("lines") {
        Some(Value::Array(lines)) => {
            lines.iter().enumerate().map(|(at, line)| order_line(at, line)).collect::<Result<Vec<_>, _>>()?
        }
        // A summary has none; so has a profile that does not know them.
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return Err("lines: not a list".to_owned()),
    };
    let held = matches!(record.get("on_hold"), Some(Value::Bool(true)));
    let partly_shipped = lines.iter().any(|line| line.fulfilled > 0);
    let updated_ms = updated_ms(profile, &record);
    let placed_ms = field_ms(profile, &record, "placed_at");
    let order = HubOrder {
        key: key.filter(|key| !key.is_empty()).unwrap_or_else(|| remote_id.clone()),
        number: text(&record, "number").unwrap_or_else(|| remote_id.clone()),
        status: status(&record, held),
        modified_at_ms: updated_ms.or(placed_ms).unwrap_or(0),
        hold_until_ms: None,
        ship_to: record.get("ship_to").filter(|ship_to| ship_to.is_object()).map(address),
        lines: lines
            .iter()
            .map(|line| HubLine {
                line_key: line.key.clone(),
                sku: line.sku.clone(),
                name: line.name.clone(),
                quantity: line.wanted().max(0),
            })
            .collect(),
        parent_id: None,
        merged_ids: Vec::new(),
        address_verified: None,
        refunded: refunded(&record),
        external: false,
        store_id: None,
        service: text(&record, "shipping_service"),
        warehouse: warehouses(&record),
        admin_url: None,
        remote_id,
    };
    Ok(TheirOrder {
        version: record.get("version").filter(|version| !version.is_null()).cloned(),
        note: text(&record, "note"),
        order,
        lines,
        updated_ms,
        partly_shipped,
        changed_by: profile.changed_by(raw),
    })
}

/// Somebody wrote a refund into its books.
fn refunded(record: &Canonical) -> Option<bool> {
    let payment = text(record, "payment_status")?;
    matches!(payment.as_str(), "refunded" | "partially_refunded").then_some(true)
}

/// Where it is packed, each place once.
fn warehouses(record: &Canonical) -> Option<String> {
    let assignments = record.get("assignments").and_then(Value::as_array)?;
    let mut places: Vec<String> = Vec::new();
    for place in assignments.iter().map(|one| inner_text(one, "warehouse_id")) {
        if !place.is_empty() && !places.contains(&place) {
            places.push(place);
        }
    }
    (!places.is_empty()).then(|| places.join(", "))
}

fn order_line(at: usize, line: &Value) -> Result<Line, String> {
    let quantity = whole(line.get("quantity")).ok_or_else(|| format!("lines[{at}].quantity: not a whole number"))?;
    let system = inner_text(line, "key_system");
    let key = Some(inner_text(line, "key")).filter(|key| !key.is_empty() && (system.is_empty() || system == SYSTEM));
    Ok(Line {
        remote_id: inner_text(line, "remote_id"),
        key,
        sku: inner_text(line, "sku"),
        name: inner_text(line, "title"),
        quantity,
        fulfilled: whole(line.get("fulfilled")).unwrap_or(0),
        cancelled: whole(line.get("cancelled")).unwrap_or(0),
        refunded: whole(line.get("refunded")).unwrap_or(0),
    })
}

fn status(record: &Canonical, held: bool) -> HubStatus {
    let word = text(record, "status").unwrap_or_default();
    let open = if held { HubStatus::OnHold } else { HubStatus::AwaitingShipment };
    match word.as_str() {
        "open" | "pending" | "accepted" | "partial" => open,
        "awaiting_payment" => HubStatus::AwaitingPayment,
        "on_hold" => HubStatus::OnHold,
        "shipped" | "done" | "fulfilled" | "completed" => HubStatus::Shipped,
        "cancelled" | "declined" => HubStatus::Cancelled,
        _ => HubStatus::Unknown(text(record, "status_said").unwrap_or(word)),
    }
}

/// Our canonical address as the model has it.
pub(super) fn address(value: &Value) -> Address {
    let part = |name: &str| inner_text(value, name);
    Address {
        name: part("name"),
        company: part("company"),
        line1: part("line1"),
        line2: part("line2"),
        line3: part("line3"),
        city: part("city"),
        region: part("region"),
        postcode: part("postal_code"),
        country: part("country").to_ascii_uppercase(),
        phone: part("phone"),
    }
}

/// What a parcel needs to know of its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OrderFacts {
    /// Our key, if we made the order.
    pub key: Option<String>,
    pub number: String,
    /// Their line id → our line key.
    pub lines: BTreeMap<String, String>,
}

impl From<&TheirOrder> for OrderFacts {
    fn from(found: &TheirOrder) -> Self {
        let lines = found.lines.iter().filter_map(|line| Some((line.remote_id.clone(), line.key.clone()?))).collect();
        let key = found.is_ours().then(|| found.order.key.clone());
        Self { key, number: found.order.number.clone(), lines }
    }
}

/// What a shipment of theirs is to us.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // one at a time
pub(super) enum Shipment {
    /// Goods left.
    Left(Parcel),
    /// Planned there, nothing has left.
    NotYet,
}

/// Their id of the order a shipment belongs to.
pub(super) fn order_of(profile: &Profile, raw: &Value) -> Option<String> {
    let entity = profile.entities.get("fulfillment")?;
    as_text(&profile.eval(entity.read.get("order_remote_id")?.path(), raw).ok()?)
}

/// Our name of one of their shipments: their ids of orders and of shipments may be the same numbers.
pub(super) fn parcel_id(remote_id: &str) -> String {
    format!("fulfillment:{remote_id}")
}

/// A product in our words, and when it changed.
pub(super) fn product(profile: &Profile, raw: &Value) -> Result<(Product, Option<i64>), String> {
    let record = canonical(profile, "product", raw)?;
    let remote_id = text(&record, "remote_id").ok_or("remote_id: missing")?;
    let updated = updated_ms(profile, &record);
    let trimmed = |name: &str| text(&record, name).map(|text| text.trim().to_owned());
    let weight_g = record.get("weight_grams").and_then(as_text).and_then(|grams| grams.trim().parse::<f64>().ok());
    let price = price(profile, &record);
    let product = Product {
        remote_id,
        item_id: None,
        sku: trimmed("sku").unwrap_or_default(),
        listing_code: None,
        name: trimmed("title").unwrap_or_default(),
        variant: String::new(),
        barcode: trimmed("barcode"),
        weight_g: weight_g.filter(|grams| grams.is_finite() && *grams > 0.0),
        price_minor: price.as_ref().map(|price| price.minor),
        currency: price.map(|price| price.currency),
        active: record.get("active").and_then(Value::as_bool).unwrap_or(true),
        updated_at_ms: updated.unwrap_or(0),
    };
    Ok((product, updated))
}

/// What one unit costs there; without a currency it says nothing.
fn price(profile: &Profile, record: &Canonical) -> Option<Money> {
    let currency = Currency::new(&text(record, "currency")?);
    let amount = text(record, "price")?;
    match profile.money {
        MoneyFormat::MinorUnits => Some(Money::new(amount.trim().parse().ok()?, currency)),
        MoneyFormat::DecimalString | MoneyFormat::Number => Money::parse(&amount, &currency).ok(),
    }
}

/// A count of theirs, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TheirLevel {
    pub stock: Stock,
    /// For If-Match, as it came.
    pub version: Option<Value>,
    pub updated_ms: Option<i64>,
    /// System and write that changed it last, where the profile says where that stands.
    pub changed_by: Option<(String, String)>,
}

impl TheirLevel {
    /// The last change of it was this write of ours.
    pub(super) fn is_written_by(&self, write_id: &str) -> bool {
        self.changed_by.as_ref().is_some_and(|(system, id)| system == SYSTEM && id == write_id)
    }
}

/// Our name of a count: warehouse and SKU. SKUs may hold any sign.
pub(super) fn level_id(warehouse: Option<&str>, sku: &str) -> String {
    let warehouse = warehouse.unwrap_or_default().replace('%', "%25").replace(':', "%3A");
    format!("{warehouse}:{}", sku.trim())
}

/// Warehouse and SKU of a count's name.
pub(super) fn level_names(name: &str) -> (Option<String>, String) {
    let (warehouse, sku) = name.split_once(':').unwrap_or(("", name));
    let warehouse = warehouse.replace("%3A", ":").replace("%25", "%");
    (Some(warehouse).filter(|warehouse| !warehouse.is_empty()), sku.to_owned())
}

/// A count; `Err` names the field that spoils it.
pub(super) fn level(profile: &Profile, raw: &Value) -> Result<TheirLevel, String> {
    let record = canonical(profile, LEVEL, raw)?;
    let sku = text(&record, "sku").ok_or("sku: missing")?.trim().to_owned();
    let number = |name: &str| match record.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => whole(Some(value)).map(Some).ok_or_else(|| format!("{name}: not a whole number")),
    };
    let (on_hand, reserved) = (number("on_hand")?, number("reserved")?);
    let left = on_hand.map(|on_hand| on_hand.saturating_sub(reserved.unwrap_or(0)));
    let available = number("available")?.or(left).ok_or("on_hand: missing")?;
    let warehouse = text(&record, "warehouse_id").map(|id| id.trim().to_owned());
    let updated_ms = updated_ms(profile, &record);
    let stock = Stock {
        remote_id: level_id(warehouse.as_deref(), &sku),
        item_id: sku.clone(),
        sku,
        location_name: text(&record, "warehouse_name").or_else(|| warehouse.clone()).unwrap_or_default(),
        location_id: warehouse,
        available,
        on_hand,
        updated_at_ms: updated_ms.unwrap_or(0),
    };
    let version = record.get("version").filter(|version| !version.is_null()).cloned();
    Ok(TheirLevel { stock, version, updated_ms, changed_by: profile.changed_by(raw) })
}

/// A shipment; `Err` names the field that spoils it.
pub(super) fn shipment(
    profile: &Profile,
    raw: &Value,
    facts: Option<&OrderFacts>,
) -> Result<(Shipment, Option<i64>), String> {
    let record = canonical(profile, "fulfillment", raw)?;
    let remote_id = text(&record, "remote_id").ok_or("remote_id: missing")?;
    let order_id = text(&record, "order_remote_id").ok_or("order_remote_id: missing")?;
    let updated = updated_ms(profile, &record);
    let shipped_ms = field_ms(profile, &record, "shipped_at");
    let delivered_ms = field_ms(profile, &record, "delivered_at");
    let tracking = match record.get("tracking") {
        Some(Value::Array(entries)) => entries.clone(),
        Some(entry @ Value::Object(_)) => vec![entry.clone()],
        _ => Vec::new(),
    };
    let tracking: Vec<&Value> = tracking.iter().filter(|entry| !inner_text(entry, "number").is_empty()).collect();
    let word = text(&record, "status").unwrap_or_default();
    let cancelled = word == "cancelled";
    let left = match word.as_str() {
        "pending" => false,
        "shipped" | "delivered" | "exception" | "returned" | "cancelled" => true,
        // A word we do not know, or none: a date or a number says that it left.
        _ => shipped_ms.is_some() || !tracking.is_empty(),
    };
    if !left {
        return Ok((Shipment::NotYet, updated));
    }
    let lines = match record.get("lines") {
        Some(Value::Array(lines)) => Some(
            lines.iter().enumerate().map(|(at, line)| parcel_line(at, line, facts)).collect::<Result<Vec<_>, _>>()?,
        ),
        Some(Value::Null) | None => None,
        Some(_) => return Err("lines: not a list".to_owned()),
    };
    let first = tracking.first();
    let carrier = first.map(|entry| inner_text(entry, "carrier")).unwrap_or_default();
    let at = |entry: &Value| Some(inner_text(entry, "url")).filter(|url| !url.is_empty());
    let parcel = Parcel {
        remote_id: parcel_id(&remote_id),
        // Labels are bought elsewhere; the contract only tells that something left.
        origin: ParcelOrigin::External,
        hub_order_id: Some(order_id.clone()),
        hub_order_key: facts.and_then(|facts| facts.key.clone()),
        order_number: facts.map(|facts| facts.number.clone()).unwrap_or_default(),
        tracking_number: first.map(|entry| inner_text(entry, "number")).unwrap_or_default(),
        carrier_code: carrier_code(&carrier),
        carrier_name: Some(carrier).filter(|name| !name.is_empty()),
        service: String::new(),
        further: tracking
            .iter()
            .skip(1)
            .map(|entry| FurtherPackage { tracking_number: inner_text(entry, "number"), tracking_url: at(entry) })
            .collect(),
        tracking_url: first.and_then(|entry| at(entry)),
        created_at_ms: shipped_ms.or(updated).unwrap_or(0),
        shipped_at_ms: shipped_ms,
        voided_at_ms: cancelled.then(|| updated.unwrap_or(0)),
        is_return: false,
        lines,
        cost_minor: None,
        cost_currency: None,
        channel_notified: false,
        notify_error: None,
        delivered_at_ms: delivered_ms.or(updated.filter(|_| word == "delivered")),
        track: track(&word, text(&record, "status_said"), (shipped_ms, delivered_ms, updated)),
    };
    Ok((Shipment::Left(parcel), updated))
}

/// Where a shipment is, as its status says. A profile without one tells nothing but that it left, and nothing follows
/// from its silence.
fn track(
    word: &str,
    said: Option<String>,
    (shipped_ms, delivered_ms, updated_ms): (Option<i64>, Option<i64>, Option<i64>),
) -> Option<Track> {
    let (state, at_ms) = match word {
        "exception" => (TrackState::Exception, updated_ms),
        "returned" => (TrackState::Returned, updated_ms),
        "cancelled" => return None,
        _ if word == "delivered" || delivered_ms.is_some() => (TrackState::Delivered, delivered_ms.or(updated_ms)),
        "shipped" => (TrackState::InTransit, shipped_ms.or(updated_ms)),
        // What the profile's table does not know is told as they say it.
        "unknown" => (TrackState::Unknown(said.filter(|said| !said.trim().is_empty())?), updated_ms),
        "" => return None,
        other => (TrackState::Unknown(other.to_owned()), updated_ms),
    };
    Some(Track { state, at_ms, says: String::new(), expected_ms: None })
}

fn parcel_line(at: usize, line: &Value, facts: Option<&OrderFacts>) -> Result<ParcelLine, String> {
    let quantity = whole(line.get("quantity")).ok_or_else(|| format!("lines[{at}].quantity: not a whole number"))?;
    let line_id = inner_text(line, "line_remote_id");
    Ok(ParcelLine {
        line_key: facts.and_then(|facts| facts.lines.get(&line_id).cloned()),
        sku: inner_text(line, "sku"),
        quantity,
    })
}

/// A carrier's name as a code: lower case, words joined. The channel's connector knows the usual ones.
fn carrier_code(name: &str) -> String {
    let folded: String =
        name.trim().to_ascii_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    folded.trim_matches('_').to_owned()
}
