//! A parcel as it is written down in the org, and read back. Pure.
//!
//! Salesforce has no shipments of its own. So each parcel is one record under the
//! opportunity: a completed task unless an object of the org's own is chosen. Its long
//! text holds a few lines for people and one line for us; the line tells which units
//! left, so that partial shipments add up and nothing is reported twice.

use super::describe::{Field, fitted};
use super::mapping::{Mapping, TASK, Usable};
use quayside_model::{Fulfillment, FulfillmentDraft, FulfillmentLine, Order, Tracking};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// How our line begins.
const MARK: &str = "quayside:{";
/// Numbers written into a title.
const TITLE_NUMBERS: usize = 3;

/// What our line holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Opaque key of the effect that made it.
    pub key: String,
    /// Order line → units.
    pub lines: Vec<(String, i64)>,
    /// Tracking numbers.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Links, by position.
    #[serde(default)]
    pub urls: Vec<String>,
    /// Carrier for people.
    #[serde(default)]
    pub carrier: String,
    /// Still counts; `false` once taken back.
    #[serde(default = "yes")]
    pub live: bool,
    /// Day it left, in the org's zone.
    #[serde(default)]
    pub day: Option<chrono::NaiveDate>,
    /// Day it is expected, in the org's zone, as was known when it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<chrono::NaiveDate>,
    /// By whose word, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected_by: String,
    /// When the opportunity was won, ms UTC: kept where its stage is moved on, because then nothing else says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_ms: Option<i64>,
}

fn yes() -> bool {
    true
}

/// A parcel as it stands in the org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The record's id.
    pub id: String,
    /// When it was written down, ms UTC.
    pub created_at_ms: i64,
    /// What is in it.
    pub note: Note,
}

/// Our own opaque key: external ids of many shapes break addresses (a key that ends like a file name, say).
pub fn opaque(key: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, key.as_bytes()).to_string()
}

impl Note {
    /// For a parcel that is to be reported.
    pub fn of(draft: &FulfillmentDraft, key: &str, zone: chrono_tz::Tz) -> Self {
        let day = |at_ms: Option<i64>| {
            at_ms.and_then(chrono::DateTime::from_timestamp_millis).map(|at| at.with_timezone(&zone).date_naive())
        };
        let mut note = Self {
            key: opaque(key),
            lines: draft.lines.iter().map(|line| (line.order_line_id.clone(), line.quantity)).collect(),
            live: true,
            day: day(draft.shipped_at_ms),
            expected: day(draft.expected.map(|expected| expected.at_ms)),
            expected_by: draft.expected.map_or("", |expected| expected.by.words()).to_owned(),
            ..Self::default()
        };
        note.follow(&draft.tracking);
        note
    }

    /// With another tracking.
    pub fn follow(&mut self, tracking: &Tracking) {
        let clean = |texts: &[String]| {
            texts.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
        };
        self.numbers = clean(&tracking.numbers);
        self.urls = clean(&tracking.urls);
        self.carrier = carrier(tracking);
    }

    /// Shows this tracking already.
    pub fn shows(&self, tracking: &Tracking) -> bool {
        let mut other = self.clone();
        other.follow(tracking);
        let sorted = |numbers: &[String]| {
            let mut numbers = numbers.to_vec();
            numbers.sort();
            numbers
        };
        sorted(&self.numbers) == sorted(&other.numbers) && (other.carrier.is_empty() || other.carrier == self.carrier)
    }

    /// Units of a line in it.
    pub fn units(&self, line: &str) -> i64 {
        self.lines.iter().filter(|(id, _)| id == line).map(|(_, units)| units).sum()
    }

    /// The long text: for people, then our line.
    pub fn text(&self, order: &Order) -> String {
        let mut text = String::new();
        if !self.live {
            text.push_str("Taken back: this parcel did not leave.\n");
        }
        for (id, units) in &self.lines {
            let line = order.lines.iter().find(|line| line.remote_id == *id);
            let name = line.map_or("a product that was removed since", |line| line.name.as_str());
            let sku = line.map(|line| line.sku.as_str()).filter(|sku| !sku.is_empty());
            let sku = sku.map(|sku| format!(" ({sku})")).unwrap_or_default();
            // Writing to a String does not fail.
            let _ = writeln!(text, "{units} × {name}{sku}");
        }
        for (i, number) in self.numbers.iter().enumerate() {
            let url = self.urls.get(i).map(|url| format!(" {url}")).unwrap_or_default();
            let carrier = if self.carrier.is_empty() { String::new() } else { format!("{} ", self.carrier) };
            let _ = writeln!(text, "{carrier}{number}{url}");
        }
        let ours = serde_json::to_string(self).unwrap_or_default();
        text.push_str("Written by Quayside; please leave the next line as it is.\nquayside:");
        text.push_str(&ours);
        text
    }

    /// Our line in a long text. `Ok(None)`: there is none, the record is not ours.
    pub fn read(text: &str) -> Result<Option<Self>, String> {
        let Some(from) = text.find(MARK) else { return Ok(None) };
        let line = text[from + MARK.len() - 1..].lines().next().unwrap_or_default();
        serde_json::Deserializer::from_str(line)
            .into_iter::<Self>()
            .next()
            .and_then(Result::ok)
            .map(Some)
            .ok_or_else(|| "the line Quayside wrote into it was edited".to_owned())
    }

    /// The title.
    fn title(&self) -> String {
        let units: i64 = self.lines.iter().map(|(_, units)| units).sum();
        let mut words = vec![if self.live { "Parcel".to_owned() } else { "Parcel taken back:".to_owned() }];
        if !self.carrier.is_empty() {
            words.push(self.carrier.clone());
        }
        words.extend(self.numbers.iter().take(TITLE_NUMBERS).cloned());
        words.push(format!("({units} {})", if units == 1 { "unit" } else { "units" }));
        words.join(" ")
    }

    /// The record's fields. `order` is the opportunity's id, given for new records only.
    pub fn fields(&self, order: &Order, usable: &Usable, mapping: &Mapping, new: bool) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut put = |part: &str, text: Option<String>| {
            let Some(field) = usable.parcel(part).filter(|field| if new { field.createable } else { field.updateable })
            else {
                return;
            };
            fields.insert(field.name.clone(), text.map_or(Value::Null, |text| json!(fitted(field, &text))));
        };
        if new {
            put("opportunity", Some(order.remote_id.clone()));
            put("key", Some(self.key.clone()));
        }
        put("contents", Some(self.text(order)));
        put("name", Some(self.title()));
        put("numbers", some(self.numbers.join(", ")));
        put("carrier", some(self.carrier.clone()));
        put("url", self.urls.first().cloned());
        put("shipped", self.day.map(|day| day.to_string()));
        put("expected", self.expected.map(|day| day.to_string()));
        put("expected_by", some(self.expected_by.clone()));
        if new && mapping.parcel_object == TASK {
            fields.insert("Status".into(), json!(mapping.task_status));
            fields.insert("Priority".into(), json!("Normal"));
            if let Some((mark, begins)) = &usable.parcel_mark
                && *begins == "quayside:"
            {
                fields.insert(mark.clone(), json!(format!("{begins}{}", self.key)));
            }
        }
        fields
    }
}

impl Parcel {
    /// As the channel's fulfillment.
    pub fn fulfillment(&self) -> Fulfillment {
        Fulfillment {
            remote_id: self.id.clone(),
            live: self.note.live,
            status: if self.note.live { "shipped" } else { "cancelled" }.into(),
            created_at_ms: self.created_at_ms,
            delivered_at_ms: None,
            tracking_numbers: self.note.numbers.clone(),
            carrier: self.note.carrier.clone(),
            lines: self
                .note
                .lines
                .iter()
                .map(|(id, units)| FulfillmentLine { order_line_id: id.clone(), quantity: *units })
                .collect(),
        }
    }
}

/// All of the opportunity was told as having left.
pub fn all_left(order: &Order, parcels: &[Parcel]) -> bool {
    let live = || parcels.iter().filter(|parcel| parcel.note.live);
    let told = |line: &str| live().map(|parcel| parcel.note.units(line)).sum::<i64>();
    live().next().is_some() && order.lines_to_ship().all(|line| told(&line.remote_id) >= line.current_quantity)
}

/// What the opportunity itself shows of its parcels: setting → value.
pub fn summary(order: &Order, parcels: &[Parcel], usable: &Usable, mapping: &Mapping) -> Map<String, Value> {
    let live: Vec<&Parcel> = parcels.iter().filter(|parcel| parcel.note.live).collect();
    let all = all_left(order, parcels);
    let distinct = |texts: Vec<&str>| {
        let mut out: Vec<&str> = Vec::new();
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            if !out.contains(&text) {
                out.push(text);
            }
        }
        out.join(", ")
    };
    let state = match (live.is_empty(), all) {
        (true, _) => String::new(),
        (false, false) => mapping.status_partial.clone(),
        (false, true) => mapping.status_shipped.clone(),
    };
    let last = live.iter().filter_map(|parcel| parcel.note.day).max();
    // All of it is there with the last of them.
    let expected =
        live.iter().filter(|parcel| parcel.note.expected.is_some()).max_by_key(|parcel| parcel.note.expected);
    let values: [(&str, Option<String>); 7] = [
        ("tracking_field", some(distinct(live.iter().flat_map(|p| &p.note.numbers).map(String::as_str).collect()))),
        ("carrier_field", some(distinct(live.iter().map(|p| p.note.carrier.as_str()).collect()))),
        ("tracking_url_field", live.iter().rev().find_map(|p| p.note.urls.first().cloned())),
        ("shipped_date_field", last.map(|day| day.to_string())),
        ("status_field", some(state)),
        ("expected_field", expected.and_then(|parcel| parcel.note.expected).map(|day| day.to_string())),
        ("expected_by_field", some(expected.map_or_else(String::new, |parcel| parcel.note.expected_by.clone()))),
    ];
    let mut fields = Map::new();
    for (setting, value) in values {
        let Some(field) = usable.writes(setting) else { continue };
        // A day that nobody here knows wipes out none that somebody wrote.
        if value.is_none() && !live.is_empty() && matches!(setting, "expected_field" | "expected_by_field") {
            continue;
        }
        fields.insert(field.name.clone(), value.map_or(Value::Null, |text| written(field, &text)));
    }
    fields
}

/// A text as its field takes it.
fn written(field: &Field, text: &str) -> Value {
    match field.kind.as_str() {
        "datetime" if text.len() == 10 => json!(format!("{text}T12:00:00Z")),
        _ => json!(fitted(field, text)),
    }
}

/// The row shows these values already; what is not there counts as empty.
pub fn row_shows(row: &Value, fields: &Map<String, Value>) -> bool {
    fields.iter().all(|(name, wanted)| {
        let shown = row.get(name).unwrap_or(&Value::Null);
        match (shown, wanted) {
            (Value::String(shown), Value::String(wanted)) => {
                shown.trim_end() == wanted.trim_end()
                    // Moments come back in another spelling.
                    || (wanted.ends_with('Z') && super::translate::moment(shown) == super::translate::moment(wanted) && super::translate::moment(shown).is_some())
            }
            (shown, wanted) => shown == wanted,
        }
    })
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Carrier codes of hubs in words people use; others keep the hub's own name.
const CARRIERS: &[(&str, &str)] = &[
    ("stamps_com", "USPS"),
    ("usps", "USPS"),
    ("endicia", "USPS"),
    ("ups_walleted", "UPS"),
    ("ups", "UPS"),
    ("fedex_walleted", "FedEx"),
    ("fedex", "FedEx"),
    ("dhl_express", "DHL Express"),
    ("dhl_ecommerce", "DHL eCommerce"),
    ("dhl", "DHL"),
    ("dpd", "DPD"),
    ("gls", "GLS"),
    ("royal_mail", "Royal Mail"),
    ("canada_post", "Canada Post"),
    ("australia_post", "Australia Post"),
    ("evri", "Evri"),
    ("hermes", "Evri"),
    ("ontrac", "OnTrac"),
    ("asendia_us", "Asendia"),
];

/// The carrier for people.
pub fn carrier(tracking: &Tracking) -> String {
    let code = tracking.carrier_code.to_ascii_lowercase();
    let known = CARRIERS.iter().find(|(known, _)| *known == code).map(|(_, name)| *name);
    let named = Some(tracking.carrier_name.trim()).filter(|name| !name.is_empty());
    known.or(named).map_or_else(|| tracking.carrier_code.clone(), str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn note() -> Note {
        Note {
            key: opaque("harbour/1/fulfill"),
            lines: vec![("00k1".into(), 2)],
            numbers: vec!["1Z1".into(), "1Z2".into()],
            urls: vec!["https://ups.example/1Z1".into()],
            carrier: "UPS".into(),
            live: true,
            day: chrono::NaiveDate::from_ymd_opt(2026, 11, 20),
            ..Note::default()
        }
    }

    #[test]
    fn our_line_survives_what_people_write_around_it() {
        let line = serde_json::to_string(&note()).unwrap();
        for (text, expected) in [
            (format!("2 × Mug\nquayside:{line}"), Ok(Some(note()))),
            (format!("quayside:{line}\n\nCalled the customer, all fine {{smile}}"), Ok(Some(note()))),
            (format!("quayside:{line} and on"), Ok(Some(note()))),
            ("Call back".into(), Ok(None)),
            ("about quayside: nothing".into(), Ok(None)),
        ] {
            assert_eq!(Note::read(&text), expected, "{text}");
        }
        assert!(Note::read(&format!("quayside:{}", &line[..line.len() - 9])).is_err());
    }

    #[test]
    fn the_same_tracking_is_recognised() {
        let tracking = |numbers: &[&str], code: &str| Tracking {
            carrier_code: code.into(),
            numbers: numbers.iter().map(|n| (*n).to_owned()).collect(),
            ..Tracking::default()
        };
        for (numbers, code, same) in [
            (&["1Z2", " 1Z1 "][..], "ups", true),
            (&["1Z1", "1Z2"], "", true),
            (&["1Z1"], "ups", false),
            (&["1Z1", "1Z2"], "fedex", false),
        ] {
            assert_eq!(note().shows(&tracking(numbers, code)), same, "{numbers:?} {code}");
        }
    }
}
