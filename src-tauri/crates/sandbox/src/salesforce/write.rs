//! Writes: every rule an org applies before a record changes.

use super::plan::{Plan, Rule};
use super::schema::{Field, Object};
use super::state::{Fault, State, fault, no_column, no_type};
use crate::ledger::{By, Entry};
use crate::{Ledger, Moment};
use serde_json::{Map, Value as Json, json};

/// A record that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// It is new.
    pub created: bool,
}

/// What a client may change, at one moment.
pub struct Writer<'a> {
    /// The records.
    pub state: &'a mut State,
    /// The org.
    pub plan: &'a mut Plan,
    /// Now, ms UTC.
    pub now_ms: i64,
    /// Where it is written down.
    pub ledger: &'a mut Ledger,
    /// The client asks to save although a duplicate rule warns.
    pub allow_save: bool,
}

impl<'a> Writer<'a> {
    /// At this moment.
    pub fn new(state: &'a mut State, plan: &'a mut Plan, moment: &'a mut Moment<'_>, allow_save: bool) -> Self {
        Self { state, plan, now_ms: moment.now_ms, ledger: moment.ledger, allow_save }
    }

    fn object(&self, name: &str) -> Result<Object, Fault> {
        self.state.object(name).cloned().ok_or_else(|| no_type(name))
    }

    /// Makes a record.
    pub fn create(&mut self, object: &str, body: &Map<String, Json>) -> Result<Written, Fault> {
        let object = self.object(object)?;
        if !object.createable {
            return Err(fault(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                format!("entity type cannot be inserted: {}", object.name),
            ));
        }
        self.vanish(&object.name);
        let mut values = self.checked(&object, body, true)?;
        if object.field("RecordTypeId").is_some() {
            let of = self.state.record_type(&object.name, &values).map_or(Json::Null, |of| json!(of.id));
            values.insert("RecordTypeId".into(), of);
        }
        let person = self.person(&object, &values, &values)?;
        for field in object.fields.iter().filter(|field| !field.nillable && field.createable && !field.defaulted) {
            if values.get(&field.name).is_none_or(Json::is_null) {
                return Err(fault("REQUIRED_FIELD_MISSING", format!("Required fields are missing: [{}]", field.name))
                    .about(&field.name));
            }
        }
        self.lists(&object, &values, &values)?;
        if self.plan.full {
            return Err(fault("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"));
        }
        if let Some(owner) = self.assigned(&object.name, &values)? {
            values.insert("OwnerId".into(), json!(owner));
        }
        self.owner(&values)?;
        self.lock(&object)?;
        self.unique(&object, &values, None)?;
        self.duplicate(&object, &values)?;
        self.rules(&object, &values)?;
        if person {
            values.insert("IsPersonAccount".into(), json!(true));
        }
        let id = self.state.put(&object.name, None, &Json::Object(values.clone()), self.now_ms);
        self.note("record_created", &object.name, &id, &values);
        Ok(Written { id, created: true })
    }

    /// Changes a record.
    pub fn update(&mut self, object: &str, id: &str, body: &Map<String, Json>) -> Result<Written, Fault> {
        let object = self.object(object)?;
        self.vanish(&object.name);
        let Some(record) = self.state.record(id).filter(|record| record.object == object.name).cloned() else {
            return Err(fault("NOT_FOUND", "The requested resource does not exist").status(404));
        };
        if record.deleted {
            return Err(fault("ENTITY_IS_DELETED", "entity is deleted").status(404));
        }
        let mut values = self.checked(&object, body, false)?;
        // A rule that is asked for by name of the call gives a case that is there away once more.
        let asked = !self.plan.assign.is_empty();
        if let Some(owner) = self.assigned(&object.name, &values)?.filter(|_| asked) {
            values.insert("OwnerId".into(), json!(owner));
        }
        self.owner(&values)?;
        self.lock(&object)?;
        self.unique(&object, &values, Some(&record.id))?;
        let mut after = record.values.clone();
        after.extend(values.clone());
        self.person(&object, &values, &after)?;
        self.lists(&object, &values, &after)?;
        self.rules(&object, &after)?;
        let changed: Map<String, Json> = values
            .into_iter()
            .filter(|(name, value)| record.values.get(name).unwrap_or(&Json::Null) != value)
            .collect();
        let id = self.state.put(&object.name, Some(record.id), &Json::Object(changed.clone()), self.now_ms);
        self.note("record_updated", &object.name, &id, &changed);
        Ok(Written { id, created: false })
    }

    /// Makes or changes the record with this external id; `Err` of status 300 when there are several.
    pub fn upsert(&mut self, object: &str, key: &str, value: &str, body: &Map<String, Json>) -> Result<Written, Fault> {
        let described = self.object(object)?;
        let field = described.field(key).filter(|field| field.external_id).ok_or_else(|| {
            fault("NOT_FOUND", format!("Provided external ID field does not exist or is not accessible: {key}"))
                .status(404)
        })?;
        let found: Vec<String> = self
            .state
            .of(&described.name)
            .filter(|record| {
                record
                    .values
                    .get(&field.name)
                    .and_then(Json::as_str)
                    .is_some_and(|known| known.eq_ignore_ascii_case(value))
            })
            .map(|record| record.id.clone())
            .collect();
        match found.as_slice() {
            [] => {
                let mut body = body.clone();
                body.insert(field.name.clone(), json!(value));
                if let Some(left) = self.plan.races.get_mut(&described.name).filter(|left| **left > 0) {
                    // Another program with the same records makes it in this moment.
                    *left -= 1;
                    let values = self.checked(&described, &body, true)?;
                    let made = self.state.put(&described.name, None, &Json::Object(values), self.now_ms);
                    let message =
                        format!("duplicate value found: {key} duplicates value on record with id: {}", &made[..15]);
                    return Err(fault("DUPLICATE_VALUE", message));
                }
                self.create(object, &body)
            }
            [id] => self.update(object, id, body),
            many => Err(Fault {
                status: 300,
                code: String::new(),
                message: String::new(),
                fields: many.to_vec(),
                duplicate: None,
            }),
        }
    }

    /// Moves a record to the bin.
    pub fn delete(&mut self, id: &str) -> Result<Written, Fault> {
        let Some(record) = self.state.record(id).filter(|record| !record.deleted).cloned() else {
            return Err(fault("ENTITY_IS_DELETED", "entity is deleted").status(404));
        };
        self.state.delete(&record.id, self.now_ms);
        self.note("record_deleted", &record.object, &record.id, &Map::new());
        Ok(Written { id: record.id, created: false })
    }

    fn note(&mut self, effect: &str, object: &str, id: &str, fields: &Map<String, Json>) {
        self.ledger.note(Entry {
            at_ms: self.now_ms,
            platform: "salesforce".to_owned(),
            account: self.plan.account.clone(),
            effect: effect.to_owned(),
            subject: id.to_owned(),
            key: None,
            detail: json!({ "object": object, "fields": fields }),
            by: By::Client,
        });
    }

    /// Known, writable, of the right kind and size.
    fn checked(&self, object: &Object, body: &Map<String, Json>, new: bool) -> Result<Map<String, Json>, Fault> {
        let mut values = Map::new();
        for (name, value) in body.iter().filter(|(name, _)| *name != "attributes" && !name.eq_ignore_ascii_case("id")) {
            let Some(field) = object.field(name) else {
                return Err(fault(
                    "INVALID_FIELD",
                    no_column(name, &object.name).message.replace("on entity", "on sobject of type"),
                ));
            };
            if !(if new { field.createable } else { field.updateable }) {
                return Err(fault("INVALID_FIELD_FOR_INSERT_UPDATE", format!("Unable to create/update fields: {}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", field.name)).about(&field.name));
            }
            values.insert(field.name.clone(), self.checked_value(field, value)?);
        }
        Ok(values)
    }

    fn checked_value(&self, field: &Field, value: &Json) -> Result<Json, Fault> {
        let parser = |what: &str| {
            fault(
                "JSON_PARSER_ERROR",
                format!(
                    "Cannot deserialize instance of {} from {what} value {value} or request may be missing a required field",
                    field.kind
                ),
            )
        };
        match (field.kind, value) {
            ("boolean", Json::Null) => Err(fault(
                "INVALID_TYPE_ON_FIELD_IN_RECORD",
                format!("{}: value not of required type: null", field.name),
            )
            .about(&field.name)),
            (_, Json::Null) => Ok(Json::Null),
            ("boolean", Json::Bool(_)) | ("double" | "currency" | "percent" | "int", Json::Number(_)) => {
                Ok(value.clone())
            }
            ("date", Json::String(text)) if chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() => {
                Ok(value.clone())
            }
            ("datetime", Json::String(text)) => super::state::moment(text)
                .map(|at| json!(super::state::stamp(at)))
                .ok_or_else(|| parser("VALUE_STRING")),
            ("reference", Json::String(id)) if id.is_empty() => Ok(Json::Null),
            ("reference", Json::String(id)) => {
                if !matches!(id.len(), 15 | 18) {
                    return Err(fault("MALFORMED_ID", format!("{}: id value of incorrect type: {id}", field.name))
                        .about(&field.name));
                }
                // Users and queues are no records here: whoever is named as one is one.
                if id.starts_with("005") || id.starts_with("00G") {
                    return Ok(value.clone());
                }
                match self.state.record(id) {
                    Some(record) if record.deleted => Err(fault("ENTITY_IS_DELETED", "entity is deleted")),
                    Some(record) => Ok(json!(record.id)),
                    None => Err(fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")),
                }
            }
            ("boolean" | "double" | "currency" | "percent" | "int" | "date", _) => Err(parser("VALUE_STRING")),
            (_, Json::String(text)) => {
                if field.length > 0 && text.chars().count() > field.length {
                    return Err(fault(
                        "STRING_TOO_LONG",
                        format!(
                            "{}: data value too large: {} (max length={})",
                            field.name,
                            text.chars().take(40).collect::<String>(),
                            field.length
                        ),
                    )
                    .about(&field.name));
                }
                if field.restricted && !text.is_empty() && !field.values.contains(text) {
                    return Err(fault(
                        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                        format!("{}: bad value for restricted picklist field: {text}", field.name),
                    )
                    .about(&field.name));
                }
                if field.kind == "email" && !text.is_empty() && !text.contains('@') {
                    return Err(fault(
                        "INVALID_EMAIL_ADDRESS",
                        format!("{}: invalid email address: {text}", field.name),
                    )
                    .about(&field.name));
                }
                Ok(if text.is_empty() { Json::Null } else { value.clone() })
            }
            (_, Json::Number(number)) if !matches!(field.kind, "textarea") => Ok(json!(number.to_string())),
            _ => Err(parser("START_OBJECT")),
        }
    }

    /// Somebody deletes what this write counts on.
    fn vanish(&mut self, object: &str) {
        let place = self.plan.vanishes.iter().position(|(written, _)| written == object);
        if let Some((_, id)) = place.map(|place| self.plan.vanishes.remove(place)) {
            self.state.delete(&id, self.now_ms);
        }
    }

    /// Whether it is a person who is an account. Such a one has a last name and never a name; companies have a name and
    /// nothing of a person; nobody else hangs under a person, and a person's other side is written by the account alone.
    /// (The words of the last two are guesses; that they are refused is documented.)
    fn person(&self, object: &Object, written: &Map<String, Json>, values: &Map<String, Json>) -> Result<bool, Fault> {
        let filled = |field: &str| values.get(field).is_some_and(|value| !value.is_null());
        let is_person = |values: &Map<String, Json>| values.get("IsPersonAccount") == Some(&json!(true));
        let denied = |field: &str| {
            fault("INVALID_FIELD_FOR_INSERT_UPDATE", format!("Unable to create/update fields: {field}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.")).about(field)
        };
        let missing = |field: &str| {
            Err(fault("REQUIRED_FIELD_MISSING", format!("Required fields are missing: [{field}]")).about(field))
        };
        if object.name == "Contact" {
            let account = values.get("AccountId").and_then(Json::as_str).and_then(|id| self.state.record(id));
            if is_person(values) {
                return Err(fault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"));
            }
            if account.is_some_and(|account| is_person(&account.values)) {
                let message = "Account ID: a person account cannot have contacts";
                return Err(fault("FIELD_INTEGRITY_EXCEPTION", message).about("AccountId"));
            }
        }
        if object.name != "Account" || object.field("IsPersonAccount").is_none() {
            return Ok(false);
        }
        let of = self.state.record_type(&object.name, values);
        let person = of.is_some_and(|of| of.values.get("IsPersonType") == Some(&json!(true)));
        match person {
            true if written.contains_key("Name") => Err(denied("Name")),
            true if !filled("LastName") => missing("LastName"),
            true => Ok(true),
            false if !filled("Name") => missing("Name"),
            false => {
                let strange = object.fields.iter().map(|field| field.name.as_str()).find(|name| {
                    let of_a_person = name.starts_with("Person") || name.ends_with("__pc");
                    filled(name) && (of_a_person || matches!(*name, "FirstName" | "LastName"))
                });
                // People the stand-in's own hand made have no record type.
                if is_person(values) { Ok(false) } else { strange.map_or(Ok(false), |name| Err(denied(name))) }
            }
        }
    }

    /// What goes into restricted lists goes with the lists they depend on, and is left of them by the record type.
    fn lists(&self, object: &Object, values: &Map<String, Json>, after: &Map<String, Json>) -> Result<(), Fault> {
        let of = self.state.record_type(&object.name, after).and_then(|of| of.values.get("DeveloperName")?.as_str());
        for (name, value) in values {
            let (Some(field), Some(value)) = (object.field(name).filter(|field| field.restricted), value.as_str())
            else {
                continue;
            };
            let controlling = |by: &String| after.get(by).and_then(Json::as_str).unwrap_or_default();
            let alone = field.controller.as_ref().is_some_and(|by| !field.goes_with(value, controlling(by)));
            let narrowed = self.plan.narrowed.iter().any(|one| {
                one.object == object.name
                    && Some(one.record_type.as_str()) == of
                    && one.field == field.name
                    && !one.values.iter().any(|known| known == value)
            });
            if alone || narrowed {
                let message = format!("{name}: bad value for restricted picklist field: {value}");
                return Err(fault("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message).about(name));
            }
        }
        Ok(())
    }

    /// Whom the org's rule of assignment names for a new case, where nobody else was named and the call does not say no.
    fn assigned(&self, object: &str, values: &Map<String, Json>) -> Result<Option<String>, Fault> {
        let named = values.get("OwnerId").is_some_and(|owner| !owner.is_null());
        let asked = self.plan.assign.as_str();
        match &self.plan.case_rule {
            Some((rule, owner)) if object == "Case" && !named && !asked.eq_ignore_ascii_case("false") => {
                if asked.is_empty() || asked.eq_ignore_ascii_case("true") || asked == rule {
                    Ok(Some(owner.clone()))
                } else {
                    Err(fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))
                }
            }
            _ => Ok(None),
        }
    }

    /// Nothing is given to somebody who left.
    fn owner(&self, values: &Map<String, Json>) -> Result<(), Fault> {
        let owner = values.get("OwnerId").and_then(Json::as_str).unwrap_or_default();
        if self.plan.inactive.iter().any(|user| user == owner) {
            return Err(fault(
                "INACTIVE_OWNER_OR_USER",
                format!("operation performed with inactive user [{owner}] as owner of record"),
            )
            .about("OwnerId"));
        }
        Ok(())
    }

    /// A neighbour holds the record.
    fn lock(&mut self, object: &Object) -> Result<(), Fault> {
        let Some(left) = self.plan.locks.get_mut(&object.name).filter(|left| **left > 0) else { return Ok(()) };
        *left -= 1;
        Err(fault(
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access to this record or 1 records: 001XXXXXXXXXXXXXXX",
        ))
    }

    fn unique(&self, object: &Object, values: &Map<String, Json>, own: Option<&str>) -> Result<(), Fault> {
        for field in object.fields.iter().filter(|field| field.external_id) {
            let Some(value) = values.get(&field.name).and_then(Json::as_str) else { continue };
            let other = self.state.of(&object.name).find(|record| {
                Some(record.id.as_str()) != own
                    && record
                        .values
                        .get(&field.name)
                        .and_then(Json::as_str)
                        .is_some_and(|known| known.eq_ignore_ascii_case(value))
            });
            if let Some(other) = other {
                return Err(fault(
                    "DUPLICATE_VALUE",
                    format!(
                        "duplicate value found: {} duplicates value on record with id: {}",
                        field.name,
                        &other.id[..15]
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The standard rule for contacts: one e-mail, one contact; it warns.
    fn duplicate(&self, object: &Object, values: &Map<String, Json>) -> Result<(), Fault> {
        if object.name != "Contact" || !self.plan.duplicate_rule || self.allow_save {
            return Ok(());
        }
        let Some(email) = values.get("Email").and_then(Json::as_str) else { return Ok(()) };
        let same = |record: &&super::state::Record| {
            record.values.get("Email").and_then(Json::as_str).is_some_and(|known| known.eq_ignore_ascii_case(email))
        };
        let Some(found) = self.state.of("Contact").find(same) else { return Ok(()) };
        let message = "Use one of these records?";
        let mut error = fault("DUPLICATES_DETECTED", message);
        error.duplicate = Some(json!({
            "allowSave": true, "duplicateRule": "Standard_Contact_Duplicate_Rule", "duplicateRuleEntityType": "Contact", "errorMessage": message,
            "matchResults": [{ "entityType": "Contact", "errors": [], "matchEngine": "FuzzyMatchEngine", "rule": "Standard_Contact_Match_Rule_v1_1", "size": 1, "success": true,
                "matchRecords": [{ "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
                    "record": { "attributes": { "type": "Contact", "url": format!("/services/data/v66.0/sobjects/Contact/{}", found.id) }, "Id": found.id } }] }],
        }));
        Err(error)
    }

    fn rules(&self, object: &Object, after: &Map<String, Json>) -> Result<(), Fault> {
        let filled = |field: &str| after.get(field).is_some_and(|value| !value.is_null());
        for Rule { object: of, when, needs, message } in &self.plan.rules {
            if *of == object.name && filled(when) && !filled(needs) {
                let mut error = fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", message.clone());
                error.fields = vec![needs.clone()];
                return Err(error);
            }
        }
        Ok(())
    }
}
