//! Which fields of the org hold what: the settings of a connection, held against what the org has. Pure.
//!
//! A row of the mapping that cannot be used (its field is gone, hidden, read-only,
//! of a wrong type) is left out and told; the other rows go on.

use super::describe::{Field, Object};
use super::soql::is_name;
use quayside_model::{ConnectionConfig, Declaration};
use std::collections::BTreeMap;

/// Standard object a parcel is written down as when nothing else is chosen.
pub const TASK: &str = "Task";

/// Parts of a record that stands for a parcel: word in the mapping, what it holds, whether it cannot be done without.
pub const PARCEL_PARTS: &[(&str, &str, bool)] = &[
    ("opportunity", "the opportunity", true),
    ("contents", "what is in the parcel (long text, at least 1,000 characters)", true),
    ("key", "our key (text, external ID)", false),
    ("name", "a short title", false),
    ("numbers", "the tracking numbers", false),
    ("carrier", "the carrier", false),
    ("url", "the tracking link", false),
    ("shipped", "the day it left", false),
    ("expected", "the day it is expected", false),
    ("expected_by", "by whose word it is expected", false),
];

/// Parts of a ship-to address of the opportunity's own.
pub const ADDRESS_PARTS: &[&str] = &["name", "company", "street", "city", "state", "postcode", "country", "phone"];

/// Settings that name one field of the opportunity that is read: setting, what it fills.
pub const READ: &[(&str, &str)] = &[
    ("number_field", "the order number"),
    ("note_field", "the buyer's note"),
    ("gift_field", "the gift message"),
    ("ship_by_field", "the day to ship by"),
    ("service_field", "the shipping service"),
    ("paid_field", "whether it is paid"),
];

/// Settings that name one field of the opportunity that is written: setting, what goes into it.
pub const WRITTEN: &[(&str, &str)] = &[
    ("tracking_field", "the tracking numbers"),
    ("carrier_field", "the carrier"),
    ("tracking_url_field", "the tracking link"),
    ("shipped_date_field", "the day it left"),
    ("expected_field", "the day it is expected"),
    ("expected_by_field", "by whose word it is expected"),
    ("status_field", "how far shipping is"),
    ("cancel_reason_field", "why it was cancelled"),
];

/// The settings, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    /// Setting → field of the opportunity.
    fields: BTreeMap<&'static str, String>,
    /// Part → field of the opportunity.
    address: BTreeMap<&'static str, String>,
    /// Object that stands for a parcel.
    pub parcel_object: String,
    /// Part → its field.
    parcel: BTreeMap<&'static str, String>,
    /// `StockKeepingUnit` is asked first.
    pub sku_first: bool,
    /// Where a parcel goes if the opportunity has no address of its own: `account`, `contact`, `billing`.
    pub ship_to: String,
    /// Product families no carrier takes, lower case.
    pub service_families: Vec<String>,
    /// An opportunity without products is an exception, not something to pass over.
    pub products_needed: bool,
    /// Currency where the org has only one.
    pub currency: String,
    /// Days before the connection was made from which on won opportunities count.
    pub first_days: i64,
    /// Value of the status field once a part has left.
    pub status_partial: String,
    /// Value of the status field once all has left.
    pub status_shipped: String,
    /// Stage of an opportunity all of which has left; empty: the stage is left alone.
    pub shipped_stage: String,
    /// Stage of a cancelled opportunity; empty: cancelling is left to people.
    pub cancel_stage: String,
    /// Status of the task that stands for a parcel.
    pub task_status: String,
    /// Save although a duplicate rule warns.
    pub allow_duplicates: bool,
    /// Rows that make no sense whatever the org has.
    pub nonsense: Vec<String>,
}

/// A row that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// `Opportunity.Tracking__c`.
    pub about: String,
    /// What it is for, in words.
    pub purpose: String,
    /// What is wrong, and what to do.
    pub sentence: String,
}

/// What the connector knows of the org.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    objects: BTreeMap<String, Object>,
}

impl Schema {
    /// From descriptions.
    pub fn new(objects: impl IntoIterator<Item = Object>) -> Self {
        Self { objects: objects.into_iter().map(|object| (object.name.to_ascii_lowercase(), object)).collect() }
    }
    /// An object, if this user may see it.
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.objects.get(&name.to_ascii_lowercase())
    }
    /// A field of an object.
    pub fn field(&self, object: &str, field: &str) -> Option<&Field> {
        self.object(object)?.field(field)
    }
    /// It is there.
    pub fn has(&self, object: &str, field: &str) -> bool {
        self.field(object, field).is_some()
    }
}

/// The mapping as far as this org and this user allow it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usable {
    read: BTreeMap<&'static str, String>,
    address: BTreeMap<&'static str, String>,
    written: BTreeMap<&'static str, Field>,
    parcel: BTreeMap<&'static str, Field>,
    /// Object that stands for a parcel, in its own spelling; `None`: parcels cannot be written down here.
    pub parcel_object: Option<String>,
    /// Relationship from the opportunity to it.
    pub parcel_children: Option<String>,
    /// Stage an opportunity goes to once all of it has left: one that counts as won in this org.
    pub shipped_stage: Option<String>,
    /// The stages that stand after it in the org's order.
    pub later_stages: Vec<String>,
    /// Field by which our parcels are told from other records of that object, and what its value begins with.
    pub parcel_mark: Option<(String, &'static str)>,
    /// What had to be left out.
    pub gaps: Vec<Gap>,
}

impl Mapping {
    /// From the settings of a connection.
    pub fn read(config: &ConnectionConfig, declaration: &Declaration) -> Self {
        let text = |name: &str| config.setting(declaration, name).trim().to_owned();
        let mut mapping = Self {
            sku_first: text("sku") != "code",
            ship_to: text("ship_to"),
            service_families: text("service_families")
                .split(',')
                .map(|family| family.trim().to_lowercase())
                .filter(|family| !family.is_empty())
                .collect(),
            products_needed: text("without_products") != "pass",
            currency: text("currency").to_uppercase(),
            first_days: text("first_days").parse().unwrap_or(30).clamp(0, 3_650),
            status_partial: text("status_partial"),
            status_shipped: text("status_shipped"),
            shipped_stage: text("shipped_stage"),
            cancel_stage: text("cancel_stage"),
            task_status: text("task_status"),
            allow_duplicates: text("allow_duplicates") == "true",
            ..Self::default()
        };
        for (name, _) in READ.iter().chain(WRITTEN) {
            let field = text(name);
            if field.is_empty() {
                continue;
            }
            if is_name(&field) {
                mapping.fields.insert(name, field);
            } else {
                mapping.nonsense.push(format!(
                    "\"{field}\" is not the API name of a field (letters, digits and _, like Tracking__c)."
                ));
            }
        }
        let parts: Vec<&'static str> = ADDRESS_PARTS.to_vec();
        mapping.address = rows(&text("address_fields"), &parts, &mut mapping.nonsense);
        mapping.parcel_object =
            Some(text("parcel_object")).filter(|name| is_name(name)).unwrap_or_else(|| TASK.to_owned());
        let parts: Vec<&'static str> = PARCEL_PARTS.iter().map(|(part, ..)| *part).collect();
        mapping.parcel = rows(&text("parcel_fields"), &parts, &mut mapping.nonsense);
        if mapping.parcel_object.eq_ignore_ascii_case(TASK) {
            TASK.clone_into(&mut mapping.parcel_object);
            for (part, field) in [
                ("opportunity", "WhatId"),
                ("contents", "Description"),
                ("name", "Subject"),
                ("shipped", "ActivityDate"),
            ] {
                mapping.parcel.entry(part).or_insert_with(|| field.to_owned());
            }
        }
        mapping
    }

    /// The field of the opportunity chosen for a setting.
    pub fn chosen(&self, setting: &str) -> Option<&str> {
        self.fields.get(setting).map(String::as_str)
    }

    /// Every (object, field) this mapping names, for what is remembered between two looks.
    pub fn names(&self) -> Vec<(&str, &str)> {
        let own = self.fields.values().chain(self.address.values()).map(|field| ("Opportunity", field.as_str()));
        own.chain(self.parcel.values().map(|field| (self.parcel_object.as_str(), field.as_str()))).collect()
    }

    /// A new record of the parcel object gets this field from us.
    pub fn fills(&self, field: &str) -> bool {
        self.parcel.values().any(|known| known.eq_ignore_ascii_case(field))
            || (self.parcel_object == TASK && ["Status", "Priority", "Subject", "OwnerId"].contains(&field))
            || matches!(field, "OwnerId" | "CurrencyIsoCode")
    }

    /// Held against what the org has.
    pub fn usable(&self, schema: &Schema) -> Usable {
        let mut usable = Usable::default();
        for sentence in &self.nonsense {
            usable.gaps.push(Gap {
                about: "settings".into(),
                purpose: "the mapping".into(),
                sentence: sentence.clone(),
            });
        }
        for (name, purpose) in READ {
            let Some(field) = self.fields.get(name) else { continue };
            match schema.field("Opportunity", field) {
                Some(field) => drop(usable.read.insert(name, field.name.clone())),
                None => usable.gaps.push(gone("Opportunity", field, purpose)),
            }
        }
        for (part, field) in &self.address {
            match schema.field("Opportunity", field) {
                Some(field) => drop(usable.address.insert(part, field.name.clone())),
                None => usable.gaps.push(gone("Opportunity", field, "the address")),
            }
        }
        for (name, purpose) in WRITTEN {
            let Some(field) = self.fields.get(name) else { continue };
            match schema.field("Opportunity", field) {
                Some(field) if field.updateable => drop(usable.written.insert(name, field.clone())),
                Some(field) => usable.gaps.push(locked("Opportunity", &field.name, purpose)),
                None => usable.gaps.push(gone("Opportunity", field, purpose)),
            }
        }
        if let Some(field) =
            usable.written.get("status_field").filter(|field| field.restricted && !field.values.is_empty()).cloned()
        {
            let strange: Vec<&str> = [self.status_partial.as_str(), self.status_shipped.as_str()]
                .into_iter()
                .filter(|value| !field.values.contains(*value))
                .collect();
            if !strange.is_empty() {
                usable.written.remove("status_field");
                usable.gaps.push(Gap {
                    about: format!("Opportunity.{}", field.name),
                    purpose: "how far shipping is".into(),
                    sentence: format!("The list Opportunity.{} does not have {}; it has {}. Choose its values in the settings (upper and lower case count).", field.name, quoted(&strange), quoted(&field.values.iter().map(String::as_str).collect::<Vec<_>>())),
                });
            }
        }
        self.use_parcels(schema, &mut usable);
        usable
    }

    fn use_parcels(&self, schema: &Schema, usable: &mut Usable) {
        let name = &self.parcel_object;
        let Some(object) = schema.object(name).filter(|object| object.createable) else {
            usable.gaps.push(Gap {
                about: name.clone(),
                purpose: "writing parcels down".into(),
                sentence: format!("The integration user cannot make records of {name}. Give it read, create and edit permission, or choose another object in the settings."),
            });
            return;
        };
        let mut complete = true;
        for (part, purpose, needed) in PARCEL_PARTS {
            let problem = match self.parcel.get(part) {
                None if !needed => continue,
                None => Some(Gap {
                    about: name.clone(),
                    purpose: (*purpose).into(),
                    sentence: format!(
                        "No field of {name} is chosen for {purpose}. Add {part}=FIELD to the fields of the parcel object in the settings."
                    ),
                }),
                Some(field) => match object.field(field) {
                    None => Some(gone(name, field, purpose)),
                    Some(field) if !field.createable => Some(locked(name, &field.name, purpose)),
                    Some(field) if *part == "contents" && field.length > 0 && field.length < 1_000 => Some(Gap {
                        about: format!("{name}.{}", field.name),
                        purpose: (*purpose).into(),
                        sentence: format!(
                            "{name}.{} takes {} characters. What is in a parcel needs a long text area of at least 1,000.",
                            field.name, field.length
                        ),
                    }),
                    Some(field) if *part == "key" && !field.key => Some(Gap {
                        about: format!("{name}.{}", field.name),
                        purpose: (*purpose).into(),
                        sentence: format!(
                            "{name}.{} is not an external ID. Tick External ID and Unique on it, or leave key out.",
                            field.name
                        ),
                    }),
                    Some(field) => {
                        usable.parcel.insert(part, field.clone());
                        None
                    }
                },
            };
            if let Some(gap) = problem {
                complete &= !needed;
                usable.gaps.push(gap);
            }
        }
        for field in object.required().filter(|field| !self.fills(&field.name)) {
            usable.gaps.push(Gap {
                about: format!("{name}.{}", field.name),
                purpose: "writing parcels down".into(),
                sentence: format!(
                    "{name}.{} is required for new records, and nothing is mapped to it: new records of {name} are refused. Give it a default in Salesforce, or map it in the settings.",
                    field.name
                ),
            });
        }
        let parent = usable.parcel.get("opportunity").map(|field| field.name.clone()).unwrap_or_default();
        let children = schema.object("Opportunity").and_then(|opportunity| opportunity.children(name, &parent));
        if complete && children.is_none() {
            usable.gaps.push(Gap {
                about: format!("{name}.{parent}"),
                purpose: "the opportunity".into(),
                sentence: format!("{name}.{parent} is no lookup to the opportunity with a child relationship name. Set one, so that parcels can be found from the opportunity."),
            });
            complete = false;
        }
        // Ours among other people's records: by our key, else by a field nobody edits, else by the title.
        let filterable = |field: &str| {
            object.field(field).filter(|field| field.filterable && field.createable).map(|field| field.name.clone())
        };
        usable.parcel_mark = if let Some(key) = usable.parcel.get("key").filter(|key| key.filterable) {
            Some((key.name.clone(), ""))
        } else if let (true, Some(mark)) = (name == TASK, filterable("CallObject")) {
            Some((mark, "quayside:"))
        } else if name == TASK {
            filterable("Subject").map(|field| (field, "Parcel "))
        } else {
            None
        };
        if complete {
            usable.parcel_children = children.map(str::to_owned);
            usable.parcel_object = Some(object.name.clone());
        }
    }
}

impl Usable {
    /// Field of the opportunity a setting reads.
    pub fn reads(&self, setting: &str) -> Option<&str> {
        self.read.get(setting).map(String::as_str)
    }
    /// Field of the opportunity that holds a part of the address.
    pub fn address(&self, part: &str) -> Option<&str> {
        self.address.get(part).map(String::as_str)
    }
    /// Field of the opportunity a setting writes.
    pub fn writes(&self, setting: &str) -> Option<&Field> {
        self.written.get(setting)
    }
    /// Field of the parcel object for a part.
    pub fn parcel(&self, part: &str) -> Option<&Field> {
        self.parcel.get(part)
    }
    /// Every field of the opportunity that is read, for the question.
    pub fn opportunity_fields(&self) -> impl Iterator<Item = &str> {
        let written = self.written.values().map(|field| field.name.as_str());
        self.read.values().chain(self.address.values()).map(String::as_str).chain(written)
    }
}

/// `part=Field__c; part=Field__c`, commas and line breaks welcome.
pub fn rows(text: &str, parts: &[&'static str], nonsense: &mut Vec<String>) -> BTreeMap<&'static str, String> {
    let mut rows = BTreeMap::new();
    for row in text.split([';', ',', '\n']).map(str::trim).filter(|row| !row.is_empty()) {
        let (part, field) = row.split_once('=').map_or((row, ""), |(part, field)| (part.trim(), field.trim()));
        let known = parts.iter().find(|known| known.eq_ignore_ascii_case(part));
        match known {
            Some(known) if is_name(field) => drop(rows.insert(*known, field.to_owned())),
            Some(known) => nonsense.push(format!(
                "\"{row}\" names no field for {known}. Write {known}=FIELD, like {known}=Ship_{known}__c."
            )),
            None => nonsense.push(format!("\"{part}\" is not one of {}.", parts.join(", "))),
        }
    }
    rows
}

fn quoted(values: &[&str]) -> String {
    values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(", ")
}

/// A field that is not there, as far as this user sees.
pub fn gone(object: &str, field: &str, purpose: &str) -> Gap {
    Gap {
        about: format!("{object}.{field}"),
        purpose: purpose.into(),
        sentence: format!(
            "The field {object}.{field} (for {purpose}) was deleted, or it is hidden from the integration user. It is left out. Give the user access to it, or choose another field in the settings."
        ),
    }
}

/// A field that cannot be written.
pub fn locked(object: &str, field: &str, purpose: &str) -> Gap {
    Gap {
        about: format!("{object}.{field}"),
        purpose: purpose.into(),
        sentence: format!(
            "The field {object}.{field} (for {purpose}) is read-only for the integration user. It is left out. Give the user edit access to it, or choose another field in the settings."
        ),
    }
}
