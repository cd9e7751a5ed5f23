//! What can be asked of an order: the one list of fields that rules test and mappings read.
//!
//! A field is one entry with its name, its label and how it is read; rules, templates,
//! the screens' pickers and the manual all come from this table. Values are borrowed
//! from the story: reading one costs next to nothing, so a rule may ask often.
//!
//! Left out because no story knows it yet: a buyer's earlier orders. Age and other things
//! that move by themselves are left out on purpose: a decision changes only when something
//! about the order does. Stock alone does move: it counts as it was read when the order is
//! decided, and is no reason to decide it again.

use crate::levels::needs;
use crate::policy::{Peer, Policy};
use crate::rules::of_place;
use chrono::{Datelike, TimeZone, Utc};
use chrono_tz::Tz;
use quayside_model::time::HOUR_MS;
use quayside_model::{Money, Order, Payment, Story};
use serde::Serialize;
use specta::Type;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// An order as rules and templates see it.
pub struct Facts<'a> {
    pub(crate) story: &'a Story,
    pub(crate) policy: &'a Policy,
    pub(crate) channel: Option<&'a Peer>,
    pub(crate) zone: Tz,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Not there.
    Missing,
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts, in the order's order.
    Texts(Vec<Cow<'a, str>>),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// What kind of values a field has, for pickers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FieldKind {
    Text,
    Texts,
    Number,
    Flag,
}

/// One field that can be asked for.
pub struct Field {
    /// Stable word: its name in rules and templates.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// What it holds, with its unit.
    pub help: &'static str,
    /// Kind of its values.
    pub kind: FieldKind,
    get: for<'a> fn(&Facts<'a>) -> Value<'a>,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({})", self.name)
    }
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Where a value comes from: a field of the table, or an attribute of the order by its name.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A field of the table.
    Field(&'static Field),
    /// `attribute:Gift wrap`: an attribute or metafield of the order.
    Attribute(String),
    /// `option:Engraving`: an option of any line.
    Option(String),
    /// `zone:zones`: what a lookup table of the mappings says of where it goes, by country and beginning of the postcode.
    Zone {
        /// The table.
        table: String,
        /// Its rows, once somebody has looked them up.
        rows: BTreeMap<String, String>,
    },
}

/// How attributes are named in rules.
pub const ATTRIBUTE: &str = "attribute:";
/// How line options are named in rules.
pub const OPTION: &str = "option:";
/// How zones are named in rules, with the table that says them.
pub const ZONE: &str = "zone:";

impl Source {
    /// Finds it; `None` if there is no such field (any more).
    pub fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        if let Some(attribute) = name.strip_prefix(ATTRIBUTE) {
            return (!attribute.trim().is_empty()).then(|| Self::Attribute(attribute.trim().to_owned()));
        }
        if let Some(option) = name.strip_prefix(OPTION) {
            return (!option.trim().is_empty()).then(|| Self::Option(option.trim().to_owned()));
        }
        if let Some(table) = name.strip_prefix(ZONE) {
            let zone = || Self::Zone { table: table.trim().to_owned(), rows: BTreeMap::new() };
            return (!table.trim().is_empty()).then(zone);
        }
        field(name).map(Self::Field)
    }

    /// Its label for sentences.
    pub fn label(&self) -> String {
        match self {
            Self::Field(field) => field.label.to_owned(),
            Self::Attribute(name) => format!("Attribute \"{name}\""),
            Self::Option(name) => format!("Line option \"{name}\""),
            Self::Zone { table, .. } => format!("Zone by \"{table}\""),
        }
    }
}

/// A field by its name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The field whose name is nearest, for "did you mean".
pub fn nearest(name: &str) -> Option<&'static str> {
    let wanted = name.trim().to_lowercase();
    FIELDS
        .iter()
        .map(|field| (distance(&wanted, field.name), field.name))
        .filter(|(distance, known)| *distance <= 2.max(known.len() / 3))
        .min()
        .map(|(_, known)| known)
}

/// Levenshtein, for short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = if x == *y { corner } else { 1 + corner.min(row[j]).min(row[j + 1]) };
            corner = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[b.len()]
}

impl<'a> Facts<'a> {
    /// The facts of one story.
    pub fn of(story: &'a Story, policy: &'a Policy) -> Self {
        let channel = policy.peers.get(&story.channel);
        let zone = policy.zone_of(channel);
        Self { story, policy, channel, zone }
    }

    pub(crate) fn order(&self) -> &'a Order {
        &self.story.order
    }

    /// One value.
    pub fn get(&self, source: &Source) -> Value<'a> {
        match source {
            Source::Field(field) => (field.get)(self),
            Source::Attribute(name) => {
                let found = self.order().attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map_or(Value::Missing, |(_, value)| text(value))
            }
            Source::Option(name) => texts(
                self.order()
                    .lines_ours()
                    .flat_map(|(line, _)| &line.options)
                    .filter(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| Cow::Borrowed(value.as_str())),
            ),
            Source::Zone { rows, .. } => {
                let address = self.story.choices.address.as_ref().or(self.order().ship_to.as_ref());
                let zone = address.and_then(|address| of_place(rows, address));
                zone.map_or(Value::Missing, |(_, zone)| Value::Text(Cow::Owned(zone.to_owned())))
            }
        }
    }
}

impl Value<'_> {
    /// For people and for examples: "vip, gift", "129.5", "yes", "" if missing.
    pub fn words(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Text(text) => text.to_string(),
            Self::Texts(texts) => texts.join(", "),
            Self::Number(number) => number_words(*number),
            Self::Flag(true) => "yes".into(),
            Self::Flag(false) => "no".into(),
        }
    }
}

/// Whole numbers without a point.
pub(crate) fn number_words(number: f64) -> String {
    let rounded = (number * 1000.0).round() / 1000.0;
    format!("{rounded}")
}

fn text(value: &str) -> Value<'_> {
    if value.trim().is_empty() { Value::Missing } else { Value::Text(Cow::Borrowed(value)) }
}

fn texts<'a>(values: impl Iterator<Item = Cow<'a, str>>) -> Value<'a> {
    let values: Vec<Cow<'a, str>> = values.filter(|value| !value.trim().is_empty()).collect();
    if values.is_empty() { Value::Missing } else { Value::Texts(values) }
}

fn amount<'a>(facts: &Facts<'_>, minor: i64) -> Value<'a> {
    let decimal = Money::new(minor, facts.order().currency.clone()).decimal();
    decimal.to_string().parse().map_or(Value::Missing, Value::Number)
}

fn address<'a>(facts: &Facts<'a>, pick: fn(&'a quayside_model::Address) -> &'a String) -> Value<'a> {
    let chosen = facts.story.choices.address.as_ref().or(facts.order().ship_to.as_ref());
    chosen.map_or(Value::Missing, |address| text(pick(address)))
}

fn customer<'a>(facts: &Facts<'a>, pick: fn(&'a quayside_model::Customer) -> &'a String) -> Value<'a> {
    facts.order().customer.as_ref().map_or(Value::Missing, |customer| text(pick(customer)))
}

/// Grams of the units we ship, of the lines that say; how many lines do not.
fn weight_g(order: &Order) -> (Option<f64>, usize) {
    let weighed: Vec<Option<f64>> =
        order.lines_ours().map(|(line, units)| Some(line.weight_g? * units as f64)).collect();
    let said: Vec<f64> = weighed.iter().copied().flatten().collect();
    ((!said.is_empty()).then(|| said.iter().sum()), weighed.len() - said.len())
}

/// Hours the store gives between placing and leaving.
fn ship_by_hours<'a>(order: &Order) -> Value<'a> {
    let by_work = || order.fulfillment_orders.iter().filter_map(|work| work.fulfill_by_ms).min();
    let hours = |ship_by_ms: i64| (ship_by_ms - order.placed_at_ms) as f64 / HOUR_MS as f64;
    order.ship_by_ms.or_else(by_work).map_or(Value::Missing, |ms| Value::Number(hours(ms)))
}

fn local(facts: &Facts<'_>) -> chrono::DateTime<Tz> {
    let at = Utc.timestamp_millis_opt(facts.order().placed_at_ms).single().unwrap_or_default();
    at.with_timezone(&facts.zone)
}

/// How it is paid, as a stable word.
pub(crate) fn payment(order: &Order) -> Cow<'_, str> {
    Cow::Borrowed(match &order.payment {
        Payment::Pending => "pending",
        Payment::Authorized => "authorized",
        Payment::PartiallyPaid => "partially_paid",
        Payment::Paid => "paid",
        Payment::PartiallyRefunded => "partially_refunded",
        Payment::Refunded => "refunded",
        Payment::Voided => "voided",
        Payment::Expired => "expired",
        Payment::Unknown(word) => word,
    })
}

macro_rules! fields {
    ($($name:literal, $label:literal, $kind:ident, $help:literal, $get:expr;)*) => {
        /// Every field, grouped as the pickers show them.
        pub static FIELDS: &[Field] = &[$(Field { name: $name, label: $label, help: $help, kind: FieldKind::$kind, get: $get }),*];
    };
}

fields! {
    "number", "Order number", Text, "As people call it, #1001.", |f| text(&f.order().number);
    "store", "Store", Text, "The name you gave the connection.", |f| f.channel.map_or(Value::Missing, |c| text(&c.name));
    "platform", "Platform of the store", Text, "As it writes itself.", |f| f.channel.map_or(Value::Missing, |c| text(&c.title));
    "tags", "Tags", Texts, "The store's tags on the order.", |f| texts(f.order().tags.iter().map(|t| Cow::Borrowed(t.as_str())));
    "service", "Service asked for", Text, "The shipping the buyer chose, in the store's words.", |f| {
        let chosen = f.story.choices.service.as_ref().or(f.order().shipping.as_ref().map(|s| &s.title));
        chosen.map_or(Value::Missing, |title| text(title))
    };
    "service_code", "Service code", Text, "The store's code of it.", |f| f.order().shipping.as_ref().map_or(Value::Missing, |s| text(&s.code));
    "value", "Value", Number, "What the buyer owes now, in the order's currency.", |f| amount(f, f.order().current_total_minor);
    "subtotal", "Value of goods", Number, "Before shipping and tax, after discounts.", |f| amount(f, f.order().subtotal_minor);
    "discount", "Discount", Number, "All discounts, in the order's currency.", |f| amount(f, f.order().discount_minor);
    "shipping_paid", "Shipping paid", Number, "What the buyer paid for shipping.", |f| amount(f, f.order().shipping_minor);
    "currency", "Currency", Text, "Three letters.", |f| text(&f.order().currency.0);
    "units", "Units", Number, "Units we ship; what another service ships is not counted, here and below.", |f| Value::Number(f.order().lines_ours().map(|(_, units)| units).sum::<i64>() as f64);
    "line_count", "Lines", Number, "Lines we ship.", |f| Value::Number(f.order().lines_ours().count() as f64);
    "weight_g", "Weight", Number, "Grams of all units; missing when a line does not say.", |f| match weight_g(f.order()) {
        (Some(weight_g), 0) => Value::Number(weight_g),
        _ => Value::Missing,
    };
    "weight_known_g", "Weight as far as known", Number, "Grams of the lines that say; the parcel may weigh more.", |f| weight_g(f.order()).0.map_or(Value::Missing, Value::Number);
    "skus", "SKUs", Texts, "Of the lines to ship, as the store has them.", |f| texts(f.order().lines_ours().map(|(l, _)| Cow::Borrowed(l.sku.as_str())));
    "product_types", "Product types", Texts, "Kinds of goods, as the store sorts them, of the lines to ship.", |f| texts(f.order().lines_ours().map(|(l, _)| Cow::Borrowed(l.product_type.as_str())));
    "products", "Products", Texts, "Names of the lines to ship.", |f| texts(f.order().lines_ours().map(|(l, _)| Cow::Borrowed(l.name.as_str())));
    "variants", "Variants", Texts, "Variants of the lines to ship.", |f| texts(f.order().lines_ours().map(|(l, _)| Cow::Borrowed(l.variant.as_str())));
    "options", "Line options", Texts, "As \"name: value\".", |f| texts(f.order().lines_ours().flat_map(|(l, _)| &l.options).map(|(k, v)| Cow::Owned(format!("{k}: {v}"))));
    "barcodes", "Barcodes", Texts, "Of the lines to ship.", |f| texts(f.order().lines_ours().filter_map(|(l, _)| l.barcode.as_deref()).map(Cow::Borrowed));
    "recipient", "Recipient", Text, "Who receives it.", |f| address(f, |a| &a.name);
    "company", "Company", Text, "Of the delivery address.", |f| address(f, |a| &a.company);
    "street", "Street", Text, "First line of the delivery address.", |f| address(f, |a| &a.line1);
    "street_2", "Second address line", Text, "Flat, floor, care of.", |f| address(f, |a| &a.line2);
    "city", "Town", Text, "Of the delivery address.", |f| address(f, |a| &a.city);
    "region", "State or province", Text, "Code or name, as the store has it.", |f| address(f, |a| &a.region);
    "postcode", "Postcode", Text, "As written.", |f| address(f, |a| &a.postcode);
    "country", "Country", Text, "Two letters.", |f| address(f, |a| &a.country);
    "phone", "Telephone", Text, "Of the delivery address, else of the buyer.", |f| match address(f, |a| &a.phone) {
        Value::Missing => customer(f, |c| &c.phone),
        found => found,
    };
    "customer", "Customer", Text, "Name of who bought.", |f| customer(f, |c| &c.name);
    "email", "E-mail", Text, "Empty where the store hides it.", |f| customer(f, |c| &c.email);
    "guest", "Guest", Flag, "Bought without an account.", |f| Value::Flag(f.order().customer.as_ref().is_none_or(|c| c.remote_id.is_none()));
    "note", "Buyer's note", Text, "As typed at the checkout.", |f| text(&f.order().note);
    "gift_message", "Gift message", Text, "Text for the card.", |f| text(&f.order().gift_message);
    "is_gift", "Gift", Flag, "There is a gift message.", |f| Value::Flag(!f.order().gift_message.trim().is_empty());
    "attribute_names", "Attributes", Texts, "Names of the order's attributes and metafields.", |f| texts(f.order().attributes.iter().map(|(k, _)| Cow::Borrowed(k.as_str())));
    "payment", "Payment", Text, "paid, authorized, pending, partially_refunded …", |f| Value::Text(payment(f.order()));
    "risk", "Fraud risk", Text, "The store's word, if it advises against shipping.", |f| f.order().risk.as_deref().map_or(Value::Missing, text);
    "test", "Test order", Flag, "Made with a test payment.", |f| Value::Flag(f.order().test);
    "location", "Location", Texts, "Where the store wants it shipped from.", |f| texts(f.order().fulfillment_orders.iter().map(|w| Cow::Borrowed(w.location_name.as_str())));
    "placed_date", "Day it was placed", Text, "YYYY-MM-DD in the store's zone.", |f| Value::Text(Cow::Owned(local(f).format("%Y-%m-%d").to_string()));
    "placed_weekday", "Weekday it was placed", Text, "Monday to Sunday, in the store's zone.", |f| Value::Text(Cow::Owned(local(f).weekday_name())) ;
    "placed_hour", "Hour it was placed", Number, "0 to 23, in the store's zone.", |f| Value::Number(f64::from(chrono::Timelike::hour(&local(f))));
    "ship_by_hours", "Hours to ship it", Number, "From placing the order to the latest moment the store promised; missing where it promised none.", |f| ship_by_hours(f.order());
    "in_stock", "In stock", Flag, "One place has all of it, by the counts last read; an unknown count is none.", |f| needs(f.story, f.policy).map_or(Value::Missing, |needs| Value::Flag(!needs.places().is_empty()));
    "back_ordered", "Back-ordered SKUs", Texts, "Of which there is less than the order needs, by the counts last read.", |f| needs(f.story, f.policy).map_or(Value::Missing, |needs| texts(needs.short().into_iter().map(|sku| Cow::Owned(sku.to_owned()))));
    "promised", "Has a ship-by of the store", Flag, "The store itself promised a day.", |f| Value::Flag(f.order().ship_by_ms.is_some() || f.order().fulfillment_orders.iter().any(|w| w.fulfill_by_ms.is_some()));
}

/// The English name of a day of the week.
trait WeekdayName {
    fn weekday_name(&self) -> String;
}

impl WeekdayName for chrono::DateTime<Tz> {
    fn weekday_name(&self) -> String {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
            [self.weekday().num_days_from_monday() as usize]
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_words_of_a_template() {
        for (i, field) in FIELDS.iter().enumerate() {
            assert!(field.name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()), "{field:?}");
            assert!(!FIELDS[..i].iter().any(|other| other.name == field.name), "{field:?} twice");
        }
    }

    #[test]
    fn a_slip_is_noticed() {
        assert_eq!(nearest("contry"), Some("country"));
        assert_eq!(nearest("Postcode"), Some("postcode"));
        assert_eq!(nearest("warehouse_stock_level"), None);
    }

    #[test]
    fn attributes_and_options_are_named_with_their_kind() {
        assert_eq!(Source::of("attribute:Gift wrap"), Some(Source::Attribute("Gift wrap".into())));
        assert_eq!(Source::of("option: Engraving"), Some(Source::Option("Engraving".into())));
        assert_eq!(Source::of("zone: zones"), Some(Source::Zone { table: "zones".into(), rows: BTreeMap::new() }));
        assert_eq!(Source::of("attribute: "), None);
        assert_eq!(Source::of("zone: "), None);
        assert_eq!(Source::of("no_such_field"), None);
    }
}
