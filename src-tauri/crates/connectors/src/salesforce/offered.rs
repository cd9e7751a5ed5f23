//! What settings can name, as the org describes itself: every place to fill, with what fits there and why the rest does
//! not. Pure.
//!
//! Fitting is what *this* program writes and reads: texts go into texts, days into days, the value of a parcel into a
//! number, a lookup has to point at what it is to hang on. Validation rules, layouts and triggers stand in no
//! description: only a write shows them.

use super::describe::{Field, Object};
use super::mapping::{ADDRESS_PARTS, PARCEL_PARTS, READ, Schema, TASK, WRITTEN};
use quayside_model::{DescribedEntry, DescribedList, DescribedSlot, RecordNoun, Unfit};
use serde_json::Value;
use std::collections::BTreeMap;

/// The list of objects.
const OBJECTS: &str = "objects";
/// What orders are made of.
const DEAL: &str = "Opportunity";
/// Characters the contents of a parcel need.
const CONTENTS_LEAST: usize = 1_000;

/// What a place is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goods {
    /// Words of anybody's.
    Text,
    /// One of few words: a list that takes only its own may have them.
    Word,
    /// Words of at least this many characters.
    LongText(usize),
    /// A web address.
    Link,
    /// A day.
    Day,
    /// An amount.
    Number,
    /// Yes or no, or a word for it.
    Answer,
    /// Our id.
    Key,
    /// The id of a record of one of these.
    Lookup(&'static [&'static str]),
}

/// What is done with it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It is read.
    Read,
    /// Records that exist get it.
    Change,
    /// New records get it.
    Make,
}

/// One place, before it is held against the org.
struct Place {
    setting: &'static str,
    part: &'static str,
    label: String,
    object: String,
    goods: Goods,
    how: Use,
    needed: bool,
}

/// An object as the list of all objects has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    name: String,
    label: String,
    custom: bool,
    createable: bool,
}

/// The objects records can be written to, of the list of all. What only stands beside another object (its history,
/// its shares, its feed) is none.
pub fn listed(answer: &Value) -> Vec<Listed> {
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let flag = |row: &Value, name: &str| row.get(name).and_then(Value::as_bool).unwrap_or(false);
    let rows = answer.get("sobjects").and_then(Value::as_array).into_iter().flatten();
    rows.filter(|row| text(row, "associateParentEntity").is_empty() && !flag(row, "customSetting"))
        .map(|row| Listed {
            name: text(row, "name"),
            label: text(row, "label"),
            custom: flag(row, "custom"),
            createable: flag(row, "createable"),
        })
        .filter(|one| !one.name.is_empty() && (one.createable || one.custom))
        .collect()
}

/// What a described type is called.
fn kind_words(field: &Field) -> String {
    let characters = || if field.length > 0 { format!(", {} characters", field.length) } else { String::new() };
    match field.kind.as_str() {
        "string" | "encryptedstring" => format!("Text{}", characters()),
        "textarea" => format!("Long text{}", characters()),
        "email" => "E-mail".into(),
        "phone" => "Telephone".into(),
        "url" => "Link".into(),
        "picklist" if field.restricted => "List, its own values only".into(),
        "picklist" | "combobox" => "List".into(),
        "multipicklist" => "List, several values".into(),
        "boolean" => "Checkbox".into(),
        "int" | "double" | "long" => "Number".into(),
        "currency" => "Amount".into(),
        "percent" => "Percent".into(),
        "date" => "Day".into(),
        "datetime" => "Day and time".into(),
        "time" => "Time".into(),
        "reference" if field.refers.is_empty() => "Lookup".into(),
        "reference" if field.refers.len() > 3 => "Lookup to several objects".into(),
        "reference" => format!("Lookup to {}", field.refers.join(" or ")),
        "id" => "Id of the record".into(),
        "address" | "location" => "Address, made of other fields".into(),
        "base64" => "File".into(),
        other => other.to_owned(),
    }
}

/// Why a field cannot take, or give, what goes here; `None`: it can.
fn unfit(field: &Field, goods: Goods, how: Use) -> Option<String> {
    let holds = |what: &str| Some(format!("Holds {}; {what} is needed.", kind_words(field).to_lowercase()));
    let kind = field.kind.as_str();
    match goods {
        Goods::Text | Goods::Word if !field.is_text() => holds("a text"),
        Goods::Text | Goods::Word if kind == "multipicklist" && how != Use::Read => holds("one text"),
        Goods::Text if field.restricted && how != Use::Read => Some("Takes the values of its list only.".into()),
        Goods::LongText(_) if !matches!(kind, "textarea" | "string") => holds("a long text"),
        Goods::LongText(least) if field.length > 0 && field.length < least => {
            Some(format!("Takes {} characters; at least {least} are needed.", field.length))
        }
        Goods::Link if !matches!(kind, "url" | "string" | "textarea") => holds("a link or a text"),
        Goods::Day if !matches!(kind, "date" | "datetime") => holds("a day"),
        Goods::Number if !matches!(kind, "double" | "currency") => holds("a number"),
        Goods::Answer if kind != "boolean" && !field.is_text() => holds("a checkbox"),
        Goods::Key if kind != "string" => holds("a text"),
        Goods::Key if !field.key => Some("Is no external ID: tick External ID and Unique on it.".into()),
        Goods::Lookup(to) if !field.refers.iter().any(|one| to.iter().any(|to| to.eq_ignore_ascii_case(one))) => {
            Some(format!("Is no lookup to the {}.", to.join(" or ").to_lowercase()))
        }
        _ => match how {
            Use::Change if !field.updateable => Some("Is read-only for the integration user.".into()),
            Use::Make if !field.createable => Some("Is read-only for the integration user.".into()),
            _ => None,
        },
    }
}

/// What a fact of a record is.
fn goods_of(fact: &str) -> Goods {
    match fact {
        "shipped" | "expected" | "delivered" | "due" | "first" | "last" => Goods::Day,
        "value" | "orders" | "days" | "average" | "total" => Goods::Number,
        "url" => Goods::Link,
        "carrier" | "service" | "state" | "problem" | "currency" | "expected_by" => Goods::Word,
        "customer" => Goods::Lookup(&["Contact", "Account"]),
        "deal" => Goods::Lookup(&["Opportunity"]),
        _ => Goods::Text,
    }
}

/// What the parts of an address are called.
fn address_words(part: &str) -> String {
    let mut chars = part.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn place(setting: &'static str, part: &'static str, label: &str, object: &str, goods: Goods, how: Use) -> Place {
    Place { setting, part, label: label.to_owned(), object: object.to_owned(), goods, how, needed: false }
}

/// Every place a field goes, for parcels, shipments and histories that are written to these objects.
fn places(parcel_object: &str, shipment_object: &str, history_object: &str) -> Vec<Place> {
    let mut all = Vec::new();
    for (setting, label) in READ {
        let goods = match *setting {
            "ship_by_field" => Goods::Day,
            "paid_field" => Goods::Answer,
            _ => Goods::Text,
        };
        all.push(place(setting, "", label, DEAL, goods, Use::Read));
    }
    for (setting, label) in WRITTEN {
        let goods = match *setting {
            "tracking_url_field" => Goods::Link,
            "shipped_date_field" | "expected_field" => Goods::Day,
            "status_field" | "carrier_field" | "expected_by_field" => Goods::Word,
            _ => Goods::Text,
        };
        all.push(place(setting, "", label, DEAL, goods, Use::Change));
    }
    for part in ADDRESS_PARTS {
        all.push(place("address_fields", part, &address_words(part), DEAL, Goods::Text, Use::Read));
    }
    let task = parcel_object.eq_ignore_ascii_case(TASK);
    for (part, label, needed) in PARCEL_PARTS {
        // What a task holds where is settled.
        if task && matches!(*part, "opportunity" | "contents" | "name" | "shipped") {
            continue;
        }
        let goods = match *part {
            "opportunity" => Goods::Lookup(&[DEAL]),
            "contents" => Goods::LongText(CONTENTS_LEAST),
            "key" => Goods::Key,
            "url" => Goods::Link,
            "shipped" | "expected" => Goods::Day,
            "carrier" | "expected_by" => Goods::Word,
            _ => Goods::Text,
        };
        let one = place("parcel_fields", part, label, parcel_object, goods, Use::Make);
        all.push(Place { needed: *needed, ..one });
    }
    for (setting, object) in [
        ("contact_key", "Contact"),
        ("account_key", "Account"),
        ("shipment_key", shipment_object),
        ("task_key", TASK),
        ("case_key", "Case"),
        ("offer_key", DEAL),
    ] {
        all.push(place(setting, "", "our id", object, Goods::Key, Use::Make));
    }
    all.push(place("verified_field", "", "whether the address is verified", "Contact", Goods::Answer, Use::Change));
    let links = [("customer", "The customer"), ("deal", "The opportunity")];
    for (setting, noun, object) in
        [("shipment_fields", RecordNoun::Shipment, shipment_object), ("case_fields", RecordNoun::Problem, "Case")]
    {
        for (fact, label) in noun.facts().iter().copied().chain(links) {
            all.push(place(setting, fact, label, object, goods_of(fact), Use::Make));
        }
    }
    let of_people = matches!(history_object, "Contact" | "Account");
    let how = if of_people { Use::Change } else { Use::Make };
    for (fact, label) in RecordNoun::History.facts() {
        all.push(place("history_fields", fact, label, history_object, goods_of(fact), how));
    }
    if !of_people {
        all.push(place("history_fields", "customer", "The customer", history_object, goods_of("customer"), how));
        all.push(place("history_key", "", "our id", history_object, Goods::Key, how));
    }
    all
}

/// Entries that do not fit, by reason.
fn grouped(reasons: impl Iterator<Item = (String, String)>) -> Vec<Unfit> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (why, value) in reasons {
        all.entry(why).or_default().push(value);
    }
    all.into_iter().map(|(why, values)| Unfit { why, values }).collect()
}

fn fields_of(object: &Object) -> DescribedList {
    let mut entries: Vec<DescribedEntry> = object
        .fields()
        .map(|field| DescribedEntry {
            value: field.name.clone(),
            label: field.label.clone(),
            kind: kind_words(field),
            required: field.is_required(),
            read_only: !field.createable && !field.updateable,
            custom: field.custom,
        })
        .collect();
    entries.sort_by_cached_key(|entry| (entry.label.to_lowercase(), entry.value.clone()));
    DescribedList { name: object.name.clone(), title: object.label.clone(), entries }
}

/// The active values of a list, in the org's words.
fn values_of(object: &Object, field: &Field) -> DescribedList {
    let entry =
        |value: &String| DescribedEntry { value: value.clone(), label: value.clone(), ..DescribedEntry::default() };
    DescribedList {
        name: format!("{}.{}", object.name, field.name),
        title: field.label.clone(),
        entries: field.values.iter().map(entry).collect(),
    }
}

/// Everything that can be chosen, for parcels, shipments and histories that are written to these objects. `status_field`: the
/// field of the opportunity that says how far shipping is, if one is chosen.
pub fn offered(
    schema: &Schema,
    all: &[Listed],
    parcel_object: &str,
    shipment_object: &str,
    history_object: &str,
    status_field: Option<&str>,
) -> (Vec<DescribedList>, Vec<DescribedSlot>) {
    let mut lists: BTreeMap<String, DescribedList> = BTreeMap::new();
    let mut slots = Vec::new();
    let plain = |setting: &str, list: String, label: &str| DescribedSlot {
        setting: setting.to_owned(),
        label: label.to_owned(),
        list,
        ..DescribedSlot::default()
    };

    let mut entries: Vec<DescribedEntry> = all
        .iter()
        .map(|one| DescribedEntry {
            value: one.name.clone(),
            label: one.label.clone(),
            custom: one.custom,
            read_only: !one.createable,
            ..DescribedEntry::default()
        })
        .collect();
    // An object of the org's own is more likely meant than one of the platform's many.
    entries.sort_by_cached_key(|entry| (!entry.custom, entry.label.to_lowercase(), entry.value.clone()));
    let locked: Vec<Unfit> = grouped(
        all.iter()
            .filter(|one| !one.createable)
            .map(|one| ("The integration user cannot make records of it.".to_owned(), one.name.clone())),
    );
    for (setting, label) in [
        ("parcel_object", "what parcels become"),
        ("shipment_object", "what shipments become"),
        ("history_object", "what histories become"),
    ] {
        slots.push(DescribedSlot { leads: true, unfit: locked.clone(), ..plain(setting, OBJECTS.to_owned(), label) });
    }
    lists.insert(OBJECTS.to_owned(), DescribedList { name: OBJECTS.to_owned(), title: "Objects".to_owned(), entries });

    for place in places(parcel_object, shipment_object, history_object) {
        let Some(object) = schema.object(&place.object) else { continue };
        lists.entry(object.name.clone()).or_insert_with(|| fields_of(object));
        let reasons =
            object.fields().filter_map(|field| Some((unfit(field, place.goods, place.how)?, field.name.clone())));
        slots.push(DescribedSlot {
            part: place.part.to_owned(),
            needed: place.needed,
            leads: place.setting == "status_field",
            unfit: grouped(reasons),
            ..plain(place.setting, object.name.clone(), &place.label)
        });
    }
    let values = [
        ("status_partial", "Opportunity", status_field),
        ("status_shipped", "Opportunity", status_field),
        ("task_status", TASK, Some("Status")),
        ("shipped_stage", "Opportunity", Some("StageName")),
        ("cancel_stage", "Opportunity", Some("StageName")),
        ("offer_stage", "Opportunity", Some("StageName")),
        ("case_origin", "Case", Some("Origin")),
    ];
    for (setting, object, field) in values {
        let Some(object) = schema.object(object) else { continue };
        let Some(field) = field.and_then(|name| object.field(name)).filter(|field| !field.values.is_empty()) else {
            continue;
        };
        let list = values_of(object, field);
        slots.push(plain(setting, list.name.clone(), &field.label));
        lists.insert(list.name.clone(), list);
    }
    (lists.into_values().collect(), slots)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_model::Described;
    use serde_json::json;

    fn field(name: &str, kind: &str, more: &Value) -> Value {
        let mut all = json!({ "name": name, "label": name.trim_end_matches("__c").replace('_', " "), "type": kind,
            "length": 255, "createable": true, "updateable": true, "nillable": true, "custom": name.ends_with("__c") });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    }

    fn object(name: &str, fields: &[Value]) -> Object {
        Object::read(
            &json!({ "name": name, "label": name.trim_end_matches("__c"), "createable": true, "updateable": true,
            "fields": fields }),
        )
        .unwrap()
    }

    fn org() -> Schema {
        let none = json!({});
        let locked = json!({ "createable": false, "updateable": false });
        Schema::new([
            object(
                "Opportunity",
                &[
                    field("Name", "string", &json!({ "nillable": false })),
                    field("Tracking__c", "string", &none),
                    field("Locked__c", "string", &locked),
                    field("Sum__c", "double", &json!({ "calculated": true })),
                    field("Paid__c", "boolean", &none),
                    field("Left_On__c", "date", &none),
                    field("Link__c", "url", &none),
                    field("Tags__c", "multipicklist", &none),
                    field(
                        "State__c",
                        "picklist",
                        &json!({ "restrictedPicklist": true, "picklistValues": [
                        { "value": "Part", "active": true }, { "value": "All", "active": true }, { "value": "Old", "active": false } ] }),
                    ),
                ],
            ),
            object(
                "Parcel__c",
                &[
                    field("Deal__c", "reference", &json!({ "referenceTo": ["Opportunity"], "nillable": false })),
                    field("Owner__c", "reference", &json!({ "referenceTo": ["User"] })),
                    field("Short__c", "textarea", &none),
                    field("Contents__c", "textarea", &json!({ "length": 32_000 })),
                    field("Ours__c", "string", &json!({ "externalId": true })),
                ],
            ),
        ])
    }

    fn everything(parcel: &str) -> Described {
        let all = listed(&json!({ "sobjects": [
            { "name": "Parcel__c", "label": "Parcel", "custom": true, "createable": true },
            { "name": "Vault__c", "label": "Vault", "custom": true, "createable": false },
            { "name": "Task", "label": "Task", "custom": false, "createable": true },
            { "name": "Parcel__History", "label": "History", "custom": false, "createable": true, "associateParentEntity": "Parcel__c" },
            { "name": "Knob__c", "label": "Knob", "custom": true, "createable": true, "customSetting": true },
            { "name": "ApexLog", "label": "Log", "custom": false, "createable": false } ] }));
        let (lists, slots) = offered(&org(), &all, parcel, TASK, "Contact", Some("state__C"));
        Described { as_of_ms: 0, lists, slots }
    }

    #[test]
    fn what_fits_is_offered_and_the_rest_says_why_not() {
        let all = everything("Parcel__c");
        for (setting, part, value, why) in [
            ("tracking_field", "", "Tracking__c", ""),
            ("tracking_field", "", "tracking__c", ""),
            ("tracking_field", "", "Locked__c", "read-only"),
            ("tracking_field", "", "Sum__c", "Holds number; a text is needed"),
            ("tracking_field", "", "Tags__c", "one text"),
            // What is only read may be read-only.
            ("note_field", "", "Locked__c", ""),
            ("note_field", "", "Left_On__c", "Holds day"),
            ("shipped_date_field", "", "Left_On__c", ""),
            ("shipped_date_field", "", "Tracking__c", "a day is needed"),
            ("tracking_url_field", "", "Link__c", ""),
            ("tracking_url_field", "", "State__c", "a link or a text"),
            ("tracking_field", "", "State__c", "values of its list only"),
            ("status_field", "", "State__c", ""),
            ("paid_field", "", "Paid__c", ""),
            ("paid_field", "", "Sum__c", "a checkbox"),
            ("address_fields", "street", "Tracking__c", ""),
            ("parcel_fields", "opportunity", "Deal__c", ""),
            ("parcel_fields", "opportunity", "Owner__c", "no lookup to the opportunity"),
            ("parcel_fields", "contents", "Contents__c", ""),
            ("parcel_fields", "contents", "Short__c", "Takes 255 characters"),
            ("parcel_fields", "key", "Ours__c", ""),
            ("parcel_fields", "key", "Contents__c", "a text is needed"),
            ("parcel_object", "", "Parcel__c", ""),
            ("parcel_object", "", "Vault__c", "cannot make records"),
        ] {
            let slot = all.slot(setting, part).unwrap_or_else(|| panic!("{setting} {part}"));
            let list = all.list(&slot.list).unwrap_or_else(|| panic!("{}", slot.list));
            assert!(list.entries.iter().any(|entry| entry.value.eq_ignore_ascii_case(value)), "{setting} {value}");
            let said = slot.why_not(value).unwrap_or_default();
            assert!(said.contains(why) && said.is_empty() == why.is_empty(), "{setting}.{part} = {value}: {said}");
        }
    }

    #[test]
    fn entries_say_what_they_are() {
        let all = everything("Parcel__c");
        let entry = |list: &str, value: &str| {
            all.list(list).unwrap().entries.iter().find(|entry| entry.value == value).unwrap().clone()
        };
        let name = entry("Opportunity", "Name");
        assert_eq!((name.kind.as_str(), name.required, name.custom), ("Text, 255 characters", true, false));
        let deal = entry("Parcel__c", "Deal__c");
        assert_eq!((deal.kind.as_str(), deal.required, deal.custom), ("Lookup to Opportunity", true, true));
        assert!(entry("Opportunity", "Locked__c").read_only && entry("Opportunity", "Sum__c").read_only);
        assert_eq!(entry("Opportunity", "State__c").kind, "List, its own values only");
        let objects: Vec<&str> = all.list(OBJECTS).unwrap().entries.iter().map(|entry| entry.value.as_str()).collect();
        assert_eq!(objects, ["Parcel__c", "Vault__c", "Task"], "own ones first; what stands beside an object is none");
    }

    #[test]
    fn values_of_lists_are_offered_and_a_task_needs_no_set_up() {
        let all = everything(TASK);
        let slot = all.slot("status_shipped", "").unwrap();
        let values: Vec<&str> =
            all.list(&slot.list).unwrap().entries.iter().map(|entry| entry.value.as_str()).collect();
        assert_eq!(values, ["All", "Part"], "values out of use are none");
        // Objects the user may not see have no places; nothing stands in for them.
        assert!(all.slot("case_key", "").is_none() && all.slot("parcel_fields", "contents").is_none());
        assert!(all.slots.iter().all(|slot| all.list(&slot.list).is_some()));
    }
}
