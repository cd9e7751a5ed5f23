//! Records in words of the trade, put into the objects and fields of this org. Pure.
//!
//! | noun | becomes | found again by |
//! |---|---|---|
//! | customer | a contact and its account | external id, else the contact's e-mail, else what `whom.rs` says of telephone, order number, name and postcode |
//! | shipment | a completed task, or a record of an object of the org's own | external id |
//! | follow-up | a task of the account's owner | external id |
//! | problem | a case | external id |
//! | history | fields of the customer's contact, or of its account; or a record of an object of the org's own | that one's external id |
//! | offer | an opportunity of the account, written once (`offers.rs`) | external id |
//!
//! A customer keeps what people wrote: it gets our id, what it lacks, and in place of what the desk wrote itself and nobody
//! changed since, what is known now (`kept.rs`).

use super::kept::{self, Mark};
use super::mapping::{self, Gap, Schema, TASK};
use super::soql::{is_id, is_name};
use crate::whom::{Shown, Whom, doubt, whom};
use quayside_model::{
    ConnectionConfig, CustomerDoubt, CustomerLike, Declaration, MatchKey, RecordDraft, RecordNoun, Written,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where the nouns are kept: the settings, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keeping {
    /// External id of contacts.
    pub contact_key: String,
    /// External id of accounts.
    pub account_key: String,
    /// Field of contacts with the number of an order, by which they are known; empty: there is none.
    pub order_field: String,
    /// Object a parcel is written down as.
    pub shipment_object: String,
    shipment_key: String,
    task_key: String,
    case_key: String,
    /// Who gets what would belong to somebody who has left.
    pub task_owner: String,
    /// Buyers without a company become people who are accounts, where the org has such.
    pub people: bool,
    /// Record type of those, where one is chosen.
    pub person_type: String,
    case_origin: String,
    /// Who gets cases: a user, or a queue.
    case_owner: String,
    /// What the org's rules of assignment are told of a new case: `TRUE`, or the id of a rule; empty: nothing.
    case_rule: String,
    /// Stage new opportunities begin at; empty: none are made.
    pub offer_stage: String,
    offer_key: String,
    /// Field of the contact that says whether the address was verified; empty: none.
    pub verified_field: String,
    /// A customer's history stands at the account; else at the contact.
    history_on_account: bool,
    /// Object of the org's own that gets a record per customer instead; empty: none.
    pub history_object: String,
    history_key: String,
    /// Fact → field, by noun.
    fields: BTreeMap<RecordNoun, BTreeMap<&'static str, String>>,
    /// Settings of keys in which somebody named a field, the usual one or another.
    named: BTreeSet<&'static str>,
    /// Rows of the settings that make no sense.
    pub nonsense: Vec<String>,
}

/// What a record hangs on, as far as the org has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The contact.
    pub contact: Option<String>,
    /// Its account, or the deal's.
    pub account: Option<String>,
    /// Who looks after it, if that user is active.
    pub owner: Option<String>,
    /// The opportunity.
    pub deal: Option<String>,
}

/// Facts that are plain fields of the standard objects.
const TASK_FIELDS: &[(&str, &str)] = &[("title", "Subject"), ("text", "Description"), ("due", "ActivityDate")];
const CASE_FIELDS: &[(&str, &str)] = &[("title", "Subject")];
const OFFER_FIELDS: &[(&str, &str)] =
    &[("title", "Name"), ("due", "CloseDate"), ("value", "Amount"), ("currency", "CurrencyIsoCode")];
const CONTACT_FIELDS: &[(&str, &str)] = &[
    ("email", "Email"),
    ("phone", "Phone"),
    ("street", "MailingStreet"),
    ("city", "MailingCity"),
    ("region", "MailingState"),
    ("postcode", "MailingPostalCode"),
    ("country", "MailingCountry"),
];
/// Of a person who is an account; what a parcel is sent by and what a letter is sent by are two addresses there.
pub const PERSON_FIELDS: &[(&str, &str)] = &[
    ("email", "PersonEmail"),
    ("phone", "Phone"),
    ("street", "PersonMailingStreet"),
    ("city", "PersonMailingCity"),
    ("region", "PersonMailingState"),
    ("postcode", "PersonMailingPostalCode"),
    ("country", "PersonMailingCountry"),
    ("street", "ShippingStreet"),
    ("city", "ShippingCity"),
    ("region", "ShippingState"),
    ("postcode", "ShippingPostalCode"),
    ("country", "ShippingCountry"),
];
pub const ACCOUNT_FIELDS: &[(&str, &str)] = &[
    ("phone", "Phone"),
    ("street", "ShippingStreet"),
    ("city", "ShippingCity"),
    ("region", "ShippingState"),
    ("postcode", "ShippingPostalCode"),
    ("country", "ShippingCountry"),
];

/// What offers are made as, and orders of this org are.
const DEAL: &str = "Opportunity";

/// Setting: which fields get what of a customer's history. The desk asks whether there are any by this name.
const HISTORY_FIELDS: &str = "history_fields";

/// What becomes of a noun in the org: an object, and the field by which its records are found again.
struct Kept<'a> {
    noun: RecordNoun,
    object: &'a str,
    key: &'a str,
    /// The setting that names the key.
    setting: &'static str,
    /// What such records are, for people.
    purpose: &'static str,
}

impl Keeping {
    /// What the org's rules of assignment are told about records of an object: only cases are theirs, and only where
    /// nobody was named.
    pub fn assigned_by(&self, object: &str) -> &str {
        let by_rule = object == "Case" && self.case_owner.is_empty() && !self.case_rule.is_empty();
        if by_rule { &self.case_rule } else { "FALSE" }
    }

    /// New cases are given to somebody: by name, or by the org's rules.
    pub fn routes_cases(&self) -> bool {
        !(self.case_owner.is_empty() && self.case_rule.is_empty())
    }

    /// Everything this makes records of.
    fn kept(&self) -> Vec<Kept<'_>> {
        let kept = |noun, object, key, setting, purpose| Kept { noun, object, key, setting, purpose };
        let (shipments, tasks) = (self.shipment_object.as_str(), TASK);
        let mut all = vec![
            kept(RecordNoun::Customer, "Contact", self.contact_key.as_str(), "contact_key", "customers"),
            kept(RecordNoun::Customer, "Account", self.account_key.as_str(), "account_key", "customers"),
            kept(RecordNoun::Shipment, shipments, self.shipment_key.as_str(), "shipment_key", "shipments"),
            kept(RecordNoun::FollowUp, tasks, self.task_key.as_str(), "task_key", "tasks"),
            kept(RecordNoun::Problem, "Case", self.case_key.as_str(), "case_key", "cases"),
        ];
        // An org in which nobody wants them made lacks nothing.
        if !self.offer_stage.is_empty() {
            all.push(kept(RecordNoun::Offer, DEAL, self.offer_key.as_str(), "offer_key", "opportunities"));
        }
        if !self.history_object.is_empty() {
            let (object, key) = self.history_at();
            all.push(kept(RecordNoun::History, object, key, "history_key", "histories"));
        }
        all
    }

    /// A new record of the noun gets this field from us, as far as the fact is known.
    fn fills(&self, kept: &Kept<'_>, field: &str) -> bool {
        let is_task = kept.object == TASK;
        let (facts, links): (&[(&str, &str)], &[&str]) = match kept.noun {
            RecordNoun::Customer if kept.object == "Contact" => {
                (CONTACT_FIELDS, &["FirstName", "LastName", "AccountId"])
            }
            RecordNoun::Customer if self.people => (PERSON_FIELDS, &["Name", "FirstName", "LastName", "RecordTypeId"]),
            RecordNoun::Customer => (ACCOUNT_FIELDS, &["Name"]),
            RecordNoun::FollowUp => (TASK_FIELDS, &["WhoId", "WhatId"]),
            RecordNoun::Problem => (CASE_FIELDS, &["ContactId", "AccountId", "Description"]),
            RecordNoun::Shipment if is_task => {
                (&[("title", "Subject")], &["WhoId", "WhatId", "ActivityDate", "Description"])
            }
            RecordNoun::Offer => (OFFER_FIELDS, &["AccountId", "StageName", "Description"]),
            RecordNoun::Shipment | RecordNoun::History | RecordNoun::Named => (&[], &[]),
        };
        let mapped = self.fields.get(&kept.noun).into_iter().flat_map(BTreeMap::values).map(String::as_str);
        let mut ours = facts.iter().map(|(_, name)| *name).chain(links.iter().copied()).chain(mapped);
        ours.any(|name| name.eq_ignore_ascii_case(field))
            || kept.key.eq_ignore_ascii_case(field)
            || (kept.noun == RecordNoun::Problem && field == "Origin" && !self.case_origin.is_empty())
            // What the platform gives them.
            || (is_task && matches!(field, "Status" | "Priority"))
            || matches!(field, "OwnerId" | "CurrencyIsoCode")
    }

    /// Every (object, field) whose change is worth a word: what is written, and what records are found again by. A key
    /// that this org never had is no news: nothing is kept in such records here.
    pub fn watched(&self) -> Vec<(&str, &str)> {
        let mut names = self.names();
        names.extend(self.kept().iter().filter(|kept| !kept.key.is_empty()).map(|kept| (kept.object, kept.key)));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// From the settings of a connection.
    pub fn read(config: &ConnectionConfig, declaration: &Declaration) -> Self {
        let mut keeping = Self::default();
        let mut nonsense = Vec::new();
        let mut name = |setting: &str| {
            let chosen = config.setting(declaration, setting).trim().to_owned();
            if !chosen.is_empty() && !is_name(&chosen) {
                nonsense.push(format!("\"{chosen}\" is not an API name (letters, digits and _, like Quayside_Id__c)."));
                return String::new();
            }
            chosen
        };
        keeping.contact_key = name("contact_key");
        keeping.account_key = name("account_key");
        keeping.order_field = name("contact_order_field");
        keeping.shipment_object =
            Some(name("shipment_object")).filter(|name| !name.is_empty()).unwrap_or_else(|| TASK.into());
        keeping.shipment_key = name("shipment_key");
        keeping.task_key = name("task_key");
        keeping.case_key = name("case_key");
        keeping.offer_key = name("offer_key");
        keeping.verified_field = name("verified_field");
        keeping.history_key = name("history_key");
        // Of people themselves there is a setting of its own; a record of one is made by its own rules.
        keeping.history_object = Some(name("history_object"))
            .filter(|object| !["Contact", "Account"].iter().any(|person| person.eq_ignore_ascii_case(object)))
            .unwrap_or_default();
        config.setting(declaration, "offer_stage").trim().clone_into(&mut keeping.offer_stage);
        let is_named = |setting: &&'static str| {
            config.settings.get(*setting).and_then(Value::as_str).is_some_and(|name| !name.trim().is_empty())
        };
        let named: BTreeSet<&'static str> = keeping.kept().iter().map(|kept| kept.setting).filter(is_named).collect();
        keeping.named = named;
        config.setting(declaration, "case_origin").trim().clone_into(&mut keeping.case_origin);
        keeping.history_on_account = config.setting(declaration, "history_on") == "account";
        let mut id = |setting: &str, whose: &str, begins: &str| {
            let chosen = config.setting(declaration, setting).trim().to_owned();
            if !chosen.is_empty() && !is_id(&chosen) {
                nonsense.push(format!(
                    "\"{chosen}\" is not the id of a {whose} (15 or 18 letters and digits, beginning with {begins})."
                ));
                return String::new();
            }
            chosen
        };
        keeping.task_owner = id("task_owner", "user", "005");
        keeping.person_type = id("person_type", "record type", "012");
        keeping.case_owner = id("case_owner", "user or a queue", "005 or 00G");
        keeping.case_rule = match config.setting(declaration, "case_rule").trim() {
            word if word.eq_ignore_ascii_case("active") => "TRUE".to_owned(),
            _ => id("case_rule", "rule of assignment", "01Q"),
        };
        keeping.people = config.setting(declaration, "people") == "person";
        for (noun, setting) in [(RecordNoun::Shipment, "shipment_fields"), (RecordNoun::Problem, "case_fields")] {
            let parts: Vec<&'static str> =
                noun.facts().iter().map(|(fact, _)| *fact).chain(["customer", "deal"]).collect();
            let rows = mapping::rows(config.setting(declaration, setting).trim(), &parts, &mut nonsense);
            keeping.fields.insert(noun, rows);
        }
        let parts: Vec<&'static str> =
            RecordNoun::History.facts().iter().map(|(fact, _)| *fact).chain(["customer"]).collect();
        let rows = mapping::rows(config.setting(declaration, HISTORY_FIELDS).trim(), &parts, &mut nonsense);
        keeping.fields.insert(RecordNoun::History, rows);
        keeping.nonsense = nonsense;
        keeping
    }

    /// Every (object, field) that is written, for what is remembered between two looks.
    pub fn names(&self) -> Vec<(&str, &str)> {
        let of = |noun| self.fields.get(&noun).into_iter().flat_map(BTreeMap::values).map(String::as_str);
        let mut names: Vec<(&str, &str)> =
            of(RecordNoun::Shipment).map(|field| (self.shipment_object.as_str(), field)).collect();
        names.extend(of(RecordNoun::Problem).map(|field| ("Case", field)));
        names.extend(of(RecordNoun::History).map(|field| (self.history_at().0, field)));
        names.extend(Some(("Contact", self.verified_field.as_str())).filter(|(_, field)| !field.is_empty()));
        names
    }

    /// The object that gets customers' histories, and its external id. A person who is an account has no other side.
    pub fn history_at(&self) -> (&str, &str) {
        if !self.history_object.is_empty() {
            (self.history_object.as_str(), self.history_key.as_str())
        } else if self.people || self.history_on_account {
            ("Account", self.account_key.as_str())
        } else {
            ("Contact", self.contact_key.as_str())
        }
    }

    /// Whose history a record is, where it is one of its own that names its customer.
    pub fn history_of<'a>(&self, draft: &'a RecordDraft) -> Option<&'a str> {
        let names = self.fields.get(&RecordNoun::History).is_some_and(|fields| fields.contains_key("customer"));
        (draft.noun == RecordNoun::History && names && !self.history_object.is_empty())
            .then_some(draft.external_id.as_str())
    }

    /// Fields that are chosen and cannot be used.
    pub fn gaps(&self, schema: &Schema) -> Vec<Gap> {
        let sentence = |sentence: &String| Gap {
            about: "settings".into(),
            purpose: "the records".into(),
            sentence: sentence.clone(),
        };
        let mut gaps: Vec<Gap> = self.nonsense.iter().map(sentence).collect();
        if self.people && schema.object("Account").is_some() && !schema.has("Account", "IsPersonAccount") {
            let what = "This org has no person accounts, or they are hidden from the integration user: buyers become contacts under accounts. Switch person accounts on in Salesforce, or choose contacts in the settings.";
            gaps.push(sentence(&what.to_owned()));
        }
        if !self.order_field.is_empty()
            && schema.object("Contact").is_some()
            && !schema.has("Contact", &self.order_field)
        {
            gaps.push(mapping::gone("Contact", &self.order_field, "the order number of customers"));
        }
        for (object, field) in self.names() {
            match schema.field(object, field) {
                None => gaps.push(mapping::gone(object, field, "the records")),
                Some(field) if !field.updateable && !field.createable => {
                    gaps.push(mapping::locked(object, &field.name, "the records"));
                }
                Some(_) => {}
            }
        }
        for kept in self.kept() {
            let has_key = schema.field(kept.object, kept.key).is_some_and(|field| field.key);
            let Some(object) = schema.object(kept.object).filter(|_| has_key) else {
                if self.named.contains(kept.setting) {
                    gaps.push(keyless(&kept));
                }
                continue;
            };
            // Where our id is, records are kept: what they cannot do without has to come from us.
            for field in object.required().filter(|field| !self.fills(&kept, &field.name)) {
                gaps.push(Gap {
                    about: format!("{}.{}", kept.object, field.name),
                    purpose: kept.purpose.into(),
                    sentence: format!(
                        "{0}.{1} is required for new records, and Quayside does not fill it: new {2} (records of {0}) are refused. Give it a default in Salesforce{3}.",
                        kept.object,
                        field.name,
                        kept.purpose,
                        if self.fields.contains_key(&kept.noun) { ", or map it in the settings" } else { "" },
                    ),
                });
            }
        }
        let mut told = BTreeSet::new();
        gaps.retain(|gap| gap.about == "settings" || told.insert(gap.about.clone()));
        gaps
    }

    /// What records of customers, shipments, tasks and cases need and this org does not have: `Contact.Quayside_Id__c`.
    pub fn missing(&self, schema: &Schema) -> Vec<String> {
        let kept = self.kept();
        let lacks = |kept: &&Kept<'_>| !schema.field(kept.object, kept.key).is_some_and(|field| field.key);
        let all: BTreeSet<String> =
            kept.iter().filter(lacks).map(|kept| format!("{}.{}", kept.object, kept.key)).collect();
        all.into_iter().collect()
    }

    /// A noun's record as a row of this org. Customers are two rows: see [`contact`] and [`account`].
    pub fn named(&self, draft: &RecordDraft, links: &Links) -> RecordDraft {
        let (object, key) = match draft.noun {
            RecordNoun::Named | RecordNoun::Customer => return draft.clone(),
            RecordNoun::Shipment => (self.shipment_object.as_str(), self.shipment_key.as_str()),
            RecordNoun::FollowUp => (TASK, self.task_key.as_str()),
            RecordNoun::Problem => ("Case", self.case_key.as_str()),
            RecordNoun::History => self.history_at(),
            RecordNoun::Offer => (DEAL, self.offer_key.as_str()),
        };
        let mut row: Map<String, Value> = Map::new();
        let mut put = |field: &str, value: Value| {
            row.insert(field.to_owned(), value);
        };
        let mut plain = |fields: &[(&str, &str)]| {
            for (fact, field) in fields {
                if let Some(value) = value_of(draft, fact) {
                    put(field, value);
                }
            }
        };
        match draft.noun {
            RecordNoun::FollowUp => plain(TASK_FIELDS),
            RecordNoun::Problem => plain(CASE_FIELDS),
            RecordNoun::Offer => plain(OFFER_FIELDS),
            RecordNoun::Shipment if object == TASK => plain(&[("title", "Subject")]),
            _ => {}
        }
        let link = |id: &Option<String>| id.as_ref().map(|id| json!(id));
        let mut hang = |field: &str, id: Option<Value>| {
            if let Some(id) = id {
                row.insert(field.to_owned(), id);
            }
        };
        match draft.noun {
            RecordNoun::FollowUp => {
                hang("WhoId", link(&links.contact));
                hang("WhatId", link(&links.deal).or_else(|| link(&links.account)));
                hang("OwnerId", link(&links.owner).or_else(|| some(&self.task_owner)));
            }
            RecordNoun::Problem => {
                hang("ContactId", link(&links.contact));
                hang("AccountId", link(&links.account));
                hang("Origin", some(&self.case_origin));
                hang("OwnerId", some(&self.case_owner));
                hang("Description", Some(json!(in_words(draft))));
            }
            RecordNoun::Offer => {
                hang("AccountId", link(&links.account));
                hang("OwnerId", link(&links.owner).or_else(|| some(&self.task_owner)));
                hang("StageName", some(&self.offer_stage));
                hang("Description", Some(json!(in_words(draft))));
            }
            RecordNoun::Shipment if object == TASK => {
                hang("WhoId", link(&links.contact));
                hang("WhatId", link(&links.account));
                hang("ActivityDate", value_of(draft, "shipped").filter(|day| !day.is_null()));
                hang("Status", Some(json!("Completed")));
                hang("Description", Some(json!(in_words(draft))));
            }
            _ => {}
        }
        for (fact, field) in self.fields.get(&draft.noun).into_iter().flatten() {
            let value = match *fact {
                "customer" => link(&links.contact).or_else(|| link(&links.account)),
                "deal" => link(&links.deal),
                fact => value_of(draft, fact),
            };
            hang(field, value);
        }
        RecordDraft {
            noun: RecordNoun::Named,
            object: object.to_owned(),
            external_id_field: key.to_owned(),
            external_id: draft.external_id.clone(),
            fields: row.into_iter().map(|(field, value)| (field, value.to_string())).collect(),
        }
    }
}

/// A key that somebody chose and that records cannot be found again by.
fn keyless(kept: &Kept<'_>) -> Gap {
    let (object, key, purpose) = (kept.object, kept.key, kept.purpose);
    Gap {
        about: format!("{object}.{key}"),
        purpose: purpose.into(),
        sentence: format!(
            "{object}.{key} is not there, is hidden from the integration user, or is no external ID: {purpose} cannot be found again by it and are not written. Give the user access, tick External ID and Unique on it, or choose another field in the settings."
        ),
    }
}

fn some(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!(text))
}

/// A fact as it was given; `None` where it was not.
fn value_of(draft: &RecordDraft, fact: &str) -> Option<Value> {
    let (_, text) = draft.fields.iter().find(|(known, _)| known == fact)?;
    Some(serde_json::from_str(text).unwrap_or_else(|_| json!(text)))
}

/// Everything that is known, a line each, for a field people read.
fn in_words(draft: &RecordDraft) -> String {
    let lines = draft.noun.facts().iter().filter(|(fact, _)| !matches!(*fact, "title" | "currency" | "problem"));
    let line = |(fact, label): &(&str, &str)| {
        let text = draft.fact(fact)?;
        Some(match *fact {
            "text" => text,
            "value" => format!("{label}: {text} {}", draft.fact("currency").unwrap_or_default()).trim_end().to_owned(),
            "contents" => format!("{label}:\n{text}"),
            _ => format!("{label}: {text}"),
        })
    };
    lines.filter_map(line).collect::<Vec<_>>().join("\n")
}

/// The name under which a field of the contact stands at a person who is an account.
pub fn at_account(contact_field: &str) -> Option<String> {
    Some(format!("{}__pc", contact_field.strip_suffix("__c")?))
}

/// First and last name; a contact has to have a last one.
fn names(draft: &RecordDraft) -> (String, String) {
    let whole = draft.fact("name").or_else(|| draft.fact("company")).unwrap_or_default();
    let whole = whole.trim();
    match whole.rsplit_once(char::is_whitespace) {
        Some((first, last)) => (first.trim().to_owned(), last.to_owned()),
        None if whole.is_empty() => (String::new(), "Unknown".to_owned()),
        None => (String::new(), whole.to_owned()),
    }
}

/// A contact that may be this customer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Its id.
    pub id: String,
    /// Its account.
    pub account: Option<String>,
    /// That account carries our id of this customer.
    pub account_is_ours: bool,
    /// It is a person who is an account; `id` is the account's.
    pub is_person: bool,
    /// What it holds, by field.
    pub row: Map<String, Value>,
}

/// Which contact of the org is this customer.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// None yet.
    Nobody,
    /// The one with our id.
    Ours(Known),
    /// One without an id of ours, and what it was known by; `None`: a person chose it.
    Met(Known, Option<MatchKey>),
    /// A person has to say which.
    Unclear(Box<CustomerDoubt>),
    /// What a person chose cannot be done any more, in a sentence.
    Contrary(String),
}

/// A text of a row; empty where it is not there.
fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A row as far as it can be told from others.
fn shown(row: &Value, keeping: &Keeping) -> Shown {
    let all = |fields: &[&str]| -> Vec<String> {
        fields.iter().map(|field| text(row, field)).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    Shown {
        id: text(row, "Id").to_owned(),
        ours: all(&[keeping.contact_key.as_str()]),
        name: called(row),
        email: text(row, "Email").to_owned(),
        phones: all(&["Phone", "MobilePhone"]),
        postcodes: all(&["MailingPostalCode", "PersonMailingPostalCode", "ShippingPostalCode"]),
        orders: if keeping.order_field.is_empty() { Vec::new() } else { all(&[keeping.order_field.as_str()]) },
    }
}

/// What somebody is called, in one text or in two.
fn called(row: &Value) -> String {
    let whole = text(row, "Name");
    if whole.is_empty() {
        return format!("{} {}", text(row, "FirstName"), text(row, "LastName")).trim().to_owned();
    }
    whole.to_owned()
}

/// A row as a person compares it. `pages`: where the org's pages are.
fn like(row: &Value, by: MatchKey, pages: &str) -> CustomerLike {
    let first = |fields: &[&str]| fields.iter().map(|field| text(row, field)).find(|text| !text.trim().is_empty());
    let name = called(row);
    let account = row.get("Account").map(|account| text(account, "Name")).filter(|account| *account != name);
    let facts = [
        ("name", Some(name.as_str())),
        ("company", account),
        ("email", first(&["Email"])),
        ("phone", first(&["Phone", "MobilePhone"])),
        ("street", first(&["MailingStreet", "PersonMailingStreet", "ShippingStreet"])),
        ("city", first(&["MailingCity", "PersonMailingCity", "ShippingCity"])),
        ("region", first(&["MailingState", "PersonMailingState", "ShippingState"])),
        ("postcode", first(&["MailingPostalCode", "PersonMailingPostalCode", "ShippingPostalCode"])),
        ("country", first(&["MailingCountry", "PersonMailingCountry", "ShippingCountry"])),
    ];
    let told = facts.into_iter().filter_map(|(fact, text)| Some((fact, text.filter(|text| !text.trim().is_empty())?)));
    let id = text(row, "Id");
    CustomerLike {
        remote_id: id.to_owned(),
        by,
        facts: told.map(|(fact, text)| (fact.to_owned(), text.to_owned())).collect(),
        url: (!pages.is_empty()).then(|| format!("{pages}/{id}")),
    }
}

/// Looks for the customer among what the org answered, by these keys.
pub fn find(draft: &RecordDraft, rows: &[Value], keys: &[MatchKey], keeping: &Keeping, pages: &str) -> Found {
    let known = |row: &Value| Known {
        id: text(row, "Id").to_owned(),
        account: row.get("AccountId").and_then(Value::as_str).map(str::to_owned),
        account_is_ours: row
            .get("Account")
            .and_then(|account| account.get(&keeping.account_key))
            .and_then(Value::as_str)
            .is_some_and(|key| key.eq_ignore_ascii_case(&draft.external_id)),
        is_person: row.get("IsPersonAccount") == Some(&Value::Bool(true)),
        row: row.as_object().cloned().unwrap_or_default(),
    };
    let row_of = |id: &str| rows.iter().find(|row| text(row, "Id") == id);
    let all: Vec<Shown> = rows.iter().map(|row| shown(row, keeping)).collect();
    match whom(draft, &all, keys) {
        Whom::Nobody => Found::Nobody,
        Whom::Ours(id) => row_of(&id).map_or(Found::Nobody, |row| Found::Ours(known(row))),
        Whom::One(id, by) => row_of(&id).map_or(Found::Nobody, |row| Found::Met(known(row), Some(by))),
        Whom::Chosen(id) => row_of(&id).map_or(Found::Nobody, |row| Found::Met(known(row), None)),
        Whom::Elsewhere(id) => Found::Contrary(format!(
            "You chose another customer, and our id {} stands on {id} already. Take the choice back under \"Who is it?\", or take our id off {id} in Salesforce, then retry.",
            draft.external_id
        )),
        Whom::Taken(id) => Found::Contrary(format!(
            "{id}, whom you chose, carries our id of another buyer by now. Take the choice back under \"Who is it?\", and choose again."
        )),
        Whom::Several(hits) | Whom::Gone(hits) => {
            let of = |id: &str, by: MatchKey| row_of(id).map(|row| like(row, by, pages));
            Found::Unclear(Box::new(doubt(draft, "Salesforce", draft.meant().is_some(), &hits, of)))
        }
    }
}

/// The account's row; `None` where people look after it themselves.
pub fn account(draft: &RecordDraft, found: &Found, keeping: &Keeping) -> Option<RecordDraft> {
    let known = match found {
        Found::Unclear(_) | Found::Contrary(_) => return None,
        Found::Nobody => None,
        Found::Ours(known) | Found::Met(known, _) => Some(known),
    };
    let there = known.is_some_and(|known| known.account.is_some());
    if there && !known.is_some_and(|known| known.account_is_ours) {
        return None;
    }
    let mut fields = filled(draft, ACCOUNT_FIELDS);
    if there {
        fields = kept::to_write(&fields, draft, "Account", &account_of(found));
    } else {
        let name = draft.fact("company").or_else(|| draft.fact("name")).unwrap_or_else(|| "Unknown".to_owned());
        fields.push(("Name".to_owned(), json!(name).to_string()));
    }
    Some(RecordDraft {
        noun: RecordNoun::Named,
        object: "Account".to_owned(),
        external_id_field: keeping.account_key.clone(),
        external_id: draft.external_id.clone(),
        fields,
    })
}

/// The contact's row. One that people made gets what it lacks; a name is given once.
pub fn contact(draft: &RecordDraft, found: &Found, account: Option<&str>, keeping: &Keeping) -> RecordDraft {
    let mut fields = filled(draft, CONTACT_FIELDS);
    match found {
        Found::Nobody | Found::Unclear(_) | Found::Contrary(_) => {
            fields.extend(verified(draft, &keeping.verified_field));
            let (first, last) = names(draft);
            if !first.is_empty() {
                fields.push(("FirstName".to_owned(), json!(first).to_string()));
            }
            fields.push(("LastName".to_owned(), json!(last).to_string()));
        }
        Found::Met(known, _) | Found::Ours(known) => {
            let wanted = fields;
            fields = kept::to_write(&wanted, draft, "Contact", &known.row);
            let mark = Mark { object: "Contact", field: &keeping.verified_field, address: "Mailing" };
            let told = mark.to_write(draft, &known.row, &wanted, &fields);
            fields.extend(told);
        }
    }
    let has_account = matches!(found, Found::Ours(known) | Found::Met(known, _) if known.account.is_some());
    if let Some(account) = account.filter(|_| !has_account) {
        fields.push(("AccountId".to_owned(), json!(account).to_string()));
    }
    RecordDraft {
        noun: RecordNoun::Named,
        object: "Contact".to_owned(),
        external_id_field: keeping.contact_key.clone(),
        external_id: draft.external_id.clone(),
        fields,
    }
}

/// The account's row of a person who is one: it has a record type, a first and a last name, never a name.
pub fn person(draft: &RecordDraft, found: &Found, record_type: Option<&str>, keeping: &Keeping) -> RecordDraft {
    let mut fields = filled(draft, PERSON_FIELDS);
    let verified_field = at_account(&keeping.verified_field).unwrap_or_default();
    match found {
        Found::Nobody | Found::Unclear(_) | Found::Contrary(_) => {
            fields.extend(verified(draft, &verified_field));
            let (first, last) = names(draft);
            if let Some(record_type) = record_type {
                fields.push(("RecordTypeId".to_owned(), json!(record_type).to_string()));
            }
            if !first.is_empty() {
                fields.push(("FirstName".to_owned(), json!(first).to_string()));
            }
            fields.push(("LastName".to_owned(), json!(last).to_string()));
        }
        Found::Ours(known) | Found::Met(known, _) => {
            let wanted = fields;
            fields = kept::to_write(&wanted, draft, "Account", &known.row);
            let mark = Mark { object: "Account", field: &verified_field, address: "PersonMailing" };
            let told = mark.to_write(draft, &known.row, &wanted, &fields);
            fields.extend(told);
        }
    }
    RecordDraft {
        noun: RecordNoun::Named,
        object: "Account".to_owned(),
        external_id_field: keeping.account_key.clone(),
        external_id: draft.external_id.clone(),
        fields,
    }
}

/// Nothing of the customer is left to write where this one stands. What people wrote there counts as holding, and so does
/// what the org emptied after the desk had written it: written again, it would be emptied again.
pub fn holds(draft: &RecordDraft, known: &Known, keeping: &Keeping) -> bool {
    let found = Found::Ours(known.clone());
    let lacks = |row: &RecordDraft| kept::lacks(draft, row);
    if known.is_person {
        return known.account_is_ours && !lacks(&person(draft, &found, None, keeping));
    }
    // A customer whose account is missing is half written.
    known.account.is_some()
        && account(draft, &found, keeping).is_none_or(|row| !lacks(&row))
        && !lacks(&contact(draft, &found, None, keeping))
}

/// A person who is an account, as the org showed it, in the fields of a contact.
pub fn person_row(row: &Value, keeping: &Keeping) -> Value {
    let at = |name: &str| row.get(name).cloned().unwrap_or(Value::Null);
    let key = at(&keeping.account_key);
    let twin_key = at_account(&keeping.contact_key).map_or(Value::Null, |name| at(&name));
    let mut shown = row.as_object().cloned().unwrap_or_default();
    let known = if is_empty(&key) { twin_key } else { key.clone() };
    for (name, value) in [
        ("Email", at("PersonEmail")),
        ("AccountId", at("Id")),
        (keeping.contact_key.as_str(), known),
        ("Account", json!({ keeping.account_key.as_str(): key })),
        ("IsPersonAccount", json!(true)),
    ] {
        shown.insert(name.to_owned(), value);
    }
    Value::Object(shown)
}

/// Whether the address was verified, where that is known and somebody wants it.
fn verified(draft: &RecordDraft, field: &str) -> Option<(String, String)> {
    let known = draft.fact("verified").filter(|_| !field.is_empty())?;
    Some((field.to_owned(), known))
}

/// What is to be remembered of a row of a customer that was written.
pub fn said(draft: &RecordDraft, row: &RecordDraft, found: &Found, keeping: &Keeping) -> Written {
    let (known, is_person) = match found {
        Found::Ours(known) | Found::Met(known, _) => (known.row.clone(), known.is_person),
        Found::Nobody | Found::Unclear(_) | Found::Contrary(_) => (Map::new(), row.object == "Account"),
    };
    let verified_field = at_account(&keeping.verified_field).unwrap_or_default();
    let mark = match row.object.as_str() {
        "Contact" => Some(Mark { object: "Contact", field: &keeping.verified_field, address: "Mailing" }),
        // The account of a company has no such mark.
        _ if is_person => Some(Mark { object: "Account", field: &verified_field, address: "PersonMailing" }),
        _ => None,
    };
    kept::said(draft, row, &known, mark.as_ref())
}

/// What the account of a contact holds, as far as it was asked for.
fn account_of(found: &Found) -> Map<String, Value> {
    match found {
        Found::Ours(known) | Found::Met(known, _) => {
            known.row.get("Account").and_then(Value::as_object).cloned().unwrap_or_default()
        }
        Found::Nobody | Found::Unclear(_) | Found::Contrary(_) => Map::new(),
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Facts that are there: a filled field is never emptied by what a store does not know.
fn filled(draft: &RecordDraft, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let one = |(fact, field): &(&str, &str)| Some(((*field).to_owned(), json!(draft.fact(fact)?).to_string()));
    fields.iter().filter_map(one).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn keeping() -> Keeping {
        Keeping {
            contact_key: "C__c".into(),
            account_key: "A__c".into(),
            shipment_object: TASK.into(),
            shipment_key: "E__c".into(),
            task_key: "E__c".into(),
            case_key: "X__c".into(),
            ..Keeping::default()
        }
    }

    fn draft(noun: RecordNoun, facts: &[(&str, Value)]) -> RecordDraft {
        RecordDraft {
            noun,
            object: String::new(),
            external_id_field: String::new(),
            external_id: "k1".into(),
            fields: facts.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect(),
        }
    }

    fn ada() -> RecordDraft {
        draft(
            RecordNoun::Customer,
            &[
                ("name", json!("Ada M. Byron")),
                ("email", json!("Ada@harbour.example")),
                ("city", json!("London")),
                ("phone", Value::Null),
            ],
        )
    }

    fn field(row: &RecordDraft, name: &str) -> Option<String> {
        row.fact(name)
    }

    #[test]
    fn our_id_counts_before_the_mail_and_several_are_a_question() {
        let ours =
            json!({ "Id": "3a", "C__c": "K1", "Email": "old@x", "AccountId": "1a", "Account": { "A__c": "k1" } });
        let mail = |id: &str| json!({ "Id": id, "C__c": null, "Email": "ada@HARBOUR.example" });
        let other = json!({ "Id": "3d", "C__c": "k9", "Email": "ada@harbour.example" });
        let find = |rows: &[Value]| find(&ada(), rows, &MatchKey::ALL, &keeping(), "https://org.example");
        assert!(matches!(find(&[mail("3b"), ours]), Found::Ours(known) if known.id == "3a" && known.account_is_ours));
        let Found::Met(known, by) = find(&[mail("3b"), other.clone()]) else { panic!() };
        assert_eq!((known.id.as_str(), by), ("3b", Some(MatchKey::Email)));
        let Found::Unclear(doubt) = find(&[mail("3b"), mail("3c")]) else { panic!() };
        let told: Vec<_> = doubt.candidates.iter().map(|one| (one.remote_id.as_str(), one.url.as_deref())).collect();
        assert_eq!(told, [("3b", Some("https://org.example/3b")), ("3c", Some("https://org.example/3c"))]);
        assert_eq!(find(&[other]), Found::Nobody);
    }

    #[test]
    fn an_address_that_people_wrote_is_not_called_verified() {
        let keeping = Keeping { verified_field: "Verified__c".into(), ..keeping() };
        let facts = [
            ("email", json!("ada@harbour.example")),
            ("street", json!("Am Kai 1")),
            ("postcode", json!("20457")),
            ("verified", json!(true)),
        ];
        let wanted = draft(RecordNoun::Customer, &facts);
        for (street, told) in [(Value::Null, Some("true")), (json!("Elsewhere 2"), None)] {
            let row = json!({ "Id": "3b", "C__c": null, "Email": "ada@harbour.example", "MailingStreet": street });
            let met = find(&wanted, &[row], &MatchKey::ALL, &keeping, "");
            assert!(matches!(met, Found::Met(..)), "{met:?}");
            let contact = contact(&wanted, &met, None, &keeping);
            assert_eq!(field(&contact, "Verified__c").as_deref(), told, "{street}");
        }
    }

    #[test]
    fn a_new_customer_is_a_contact_under_an_account() {
        let (account, contact) = (
            account(&ada(), &Found::Nobody, &keeping()).unwrap(),
            contact(&ada(), &Found::Nobody, Some("1a"), &keeping()),
        );
        assert_eq!(
            (field(&account, "Name"), field(&account, "ShippingCity")),
            (Some("Ada M. Byron".into()), Some("London".into()))
        );
        assert_eq!(
            (field(&contact, "FirstName"), field(&contact, "LastName")),
            (Some("Ada M.".into()), Some("Byron".into()))
        );
        assert_eq!(field(&contact, "AccountId"), Some("1a".into()));
        assert!(!contact.fields.iter().any(|(name, _)| name == "Phone"), "what is not known clears nothing");
    }

    #[test]
    fn what_people_wrote_stays() {
        let row = json!({ "MailingCity": "Paris", "Email": "ada@harbour.example" }).as_object().unwrap().clone();
        let known =
            Known { id: "3b".into(), account: Some("1z".into()), account_is_ours: false, is_person: false, row };
        let found = Found::Met(known, Some(MatchKey::Email));
        assert_eq!(account(&ada(), &found, &keeping()), None, "their account is theirs");
        assert_eq!(contact(&ada(), &found, None, &keeping()).fields, vec![]);
    }

    /// What the desk remembers, the telephone there, and whether it holds what is known now.
    type Holds<'a> = (&'a str, Option<&'a str>, Value, bool);

    #[test]
    fn a_customer_holds_where_nothing_is_left_to_write() {
        let cases: [Holds<'_>; 7] = [
            ("it stands there", None, json!("040 2"), true),
            ("the update was lost on its way", Some("040 1"), json!("040 1"), false),
            ("a person's, or the org's own spelling", Some("040 2"), json!("+49 40 2"), true),
            ("a person's, before any of ours", None, json!("her own"), true),
            ("lost, and nothing was there", None, Value::Null, false),
            ("another was emptied since, and ours is lost", Some("040 1"), Value::Null, false),
            ("the org empties what we wrote", Some("040 2"), Value::Null, true),
        ];
        for (what, remembered, there, expected) in cases {
            for is_person in [false, true] {
                let mut wanted = draft(RecordNoun::Customer, &[("name", json!("Ada")), ("phone", json!("040 2"))]);
                let found = Found::Ours(Known {
                    id: "3a".into(),
                    account: Some("1a".into()),
                    account_is_ours: true,
                    is_person,
                    row: Map::new(),
                });
                if let Some(phone) = remembered {
                    let before = draft(RecordNoun::Customer, &[("phone", json!(phone))]);
                    let mut written = said(&before, &contact(&before, &found, None, &keeping()), &found, &keeping());
                    let of_account = account(&before, &found, &keeping()).unwrap();
                    written.fields.extend(said(&before, &of_account, &found, &keeping()).fields);
                    wanted.fields.push(written.fact());
                }
                let row = json!({ "Phone": there, "Account": { "Phone": there } }).as_object().unwrap().clone();
                let Found::Ours(known) = found else { panic!() };
                let known = Known { row, ..known };
                assert_eq!(holds(&wanted, &known, &keeping()), expected, "{what}, person: {is_person}");
                let half = Known { account: None, account_is_ours: false, ..known };
                assert!(!holds(&wanted, &half, &keeping()), "{what}: no account, person: {is_person}");
            }
        }
    }

    #[test]
    fn nouns_become_objects() {
        let links =
            Links { contact: Some("3a".into()), account: Some("1a".into()), owner: Some("5a".into()), deal: None };
        let task = keeping()
            .named(&draft(RecordNoun::FollowUp, &[("title", json!("Hi")), ("due", json!("2026-11-24"))]), &links);
        assert_eq!((task.object.as_str(), task.external_id_field.as_str()), ("Task", "E__c"));
        for (name, value) in
            [("Subject", "Hi"), ("ActivityDate", "2026-11-24"), ("WhoId", "3a"), ("WhatId", "1a"), ("OwnerId", "5a")]
        {
            assert_eq!(field(&task, name).as_deref(), Some(value), "{name}");
        }
        let case = keeping().named(
            &draft(
                RecordNoun::Problem,
                &[
                    ("title", json!("Late")),
                    ("carrier", json!("UPS")),
                    ("value", json!(12.5)),
                    ("currency", json!("EUR")),
                ],
            ),
            &links,
        );
        assert_eq!(field(&case, "Description").as_deref(), Some("Carrier: UPS\nValue: 12.5 EUR"));
        assert_eq!(field(&case, "AccountId").as_deref(), Some("1a"));
    }
}
