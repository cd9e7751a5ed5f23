//! What an org's objects look like to this user, and what changed since last time. Pure.
//!
//! A description is what *this* user may see: a field that field-level security hides
//! is simply not there, and cannot be told from one that was deleted. It knows nothing
//! of validation rules, required fields of page layouts and triggers; only a write
//! shows those.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One field as described.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    /// API name, in its own spelling.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// `string`, `picklist`, `double`, …
    pub kind: String,
    /// Longest text in characters; 0 where the description does not say.
    pub length: usize,
    /// Digits in all; 0 where the description does not say.
    pub precision: u32,
    /// Digits behind the point.
    pub scale: u32,
    /// May be written on a new record.
    pub createable: bool,
    /// May be written on an existing record.
    pub updateable: bool,
    /// May be empty.
    pub nillable: bool,
    /// Somebody added it to this org.
    #[serde(skip)]
    pub custom: bool,
    /// The platform fills it in when it is left out.
    pub defaulted: bool,
    /// May stand in a condition.
    pub filterable: bool,
    /// Records may be addressed by it.
    pub key: bool,
    /// Other values than the listed ones are refused.
    pub restricted: bool,
    /// Active values of a picklist.
    pub values: BTreeSet<String>,
    /// Name under which the other record's fields are reached; absent for some references.
    pub relationship: Option<String>,
    /// Objects it may point to.
    pub refers: Vec<String>,
    /// The list (or checkbox) this one depends on.
    #[serde(skip)]
    pub controller: Option<String>,
    /// Value → values of the controlling list it goes with.
    #[serde(skip)]
    pub goes: BTreeMap<String, BTreeSet<String>>,
}

impl Field {
    /// A new record cannot do without it.
    pub fn is_required(&self) -> bool {
        !self.nillable && self.createable && !self.defaulted && self.kind != "boolean"
    }
    /// The value goes with this one of the list it depends on; so does every value of a list that depends on none.
    pub fn goes_with(&self, value: &str, controlling: &str) -> bool {
        self.controller.is_none() || self.goes.get(value).is_some_and(|all| all.contains(controlling))
    }
    /// Holds text of people's own.
    pub fn is_text(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "string"
                | "textarea"
                | "email"
                | "phone"
                | "url"
                | "picklist"
                | "multipicklist"
                | "combobox"
                | "encryptedstring"
        )
    }
}

/// One object as described.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    /// API name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Records may be made.
    pub createable: bool,
    /// Records may be changed.
    pub updateable: bool,
    /// Fields by lower-case name: Salesforce does not tell names apart by case.
    fields: BTreeMap<String, Field>,
    /// (relationship name, child object, its field).
    children: Vec<(String, String, String)>,
    /// Kinds of its records that this user may use, the one every object has left out.
    pub record_types: Vec<RecordType>,
}

/// A kind of records an admin made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordType {
    /// Its id.
    pub id: String,
    /// What people call it. (Two may carry one developer name.)
    pub name: String,
    /// New records of this user are of it when nothing is said.
    pub is_default: bool,
}

/// Values of the controlling list that a bitmap names: the first is the highest bit of the first byte.
fn goes(bitmap: &str, controlling: &[String]) -> BTreeSet<String> {
    let bytes = BASE64_STANDARD.decode(bitmap).unwrap_or_default();
    let set = |n: usize| bytes.get(n / 8).is_some_and(|byte| byte & (0x80 >> (n % 8)) != 0);
    controlling.iter().enumerate().filter(|(n, _)| set(*n)).map(|(_, value)| value.clone()).collect()
}

impl Object {
    /// Reads a describe answer. `None`: it is none.
    pub fn read(body: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let flag = |value: &Value, name: &str| value.get(name).and_then(Value::as_bool).unwrap_or(false);
        let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let name = body.get("name")?.as_str()?.to_owned();
        body.get("fields")?.as_array()?;
        let described = list(body, "fields");
        // All values of a list in their order, those out of use included: bitmaps count them.
        let in_order = |name: &str| -> Vec<String> {
            let field = described.iter().find(|field| text(field, "name").eq_ignore_ascii_case(name));
            match field {
                Some(field) if text(field, "type") == "boolean" => vec!["false".to_owned(), "true".to_owned()],
                Some(field) => list(field, "picklistValues").iter().map(|value| text(value, "value")).collect(),
                None => Vec::new(),
            }
        };
        let fields = described.iter().filter(|field| field.get("name").is_some()).map(|field| {
            let whole = |name: &str| field.get(name).and_then(Value::as_f64).unwrap_or(0.0).max(0.0);
            let calculated = flag(field, "calculated") || flag(field, "autoNumber");
            let controller = Some(text(field, "controllerName")).filter(|name| !name.is_empty());
            let values =
                list(field, "picklistValues").iter().filter(|v| flag(v, "active")).map(|v| text(v, "value")).collect();
            let field = Field {
                name: text(field, "name"),
                label: text(field, "label"),
                kind: text(field, "type"),
                length: whole("length") as usize,
                precision: whole("precision") as u32,
                scale: whole("scale") as u32,
                createable: flag(field, "createable") && !calculated,
                updateable: flag(field, "updateable") && !calculated,
                nillable: flag(field, "nillable"),
                custom: flag(field, "custom"),
                defaulted: flag(field, "defaultedOnCreate"),
                filterable: field.get("filterable").and_then(Value::as_bool).unwrap_or(true),
                key: flag(field, "externalId") || flag(field, "idLookup"),
                restricted: flag(field, "restrictedPicklist"),
                values,
                relationship: Some(text(field, "relationshipName")).filter(|name| !name.is_empty()),
                refers: list(field, "referenceTo").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                goes: controller.as_deref().map(in_order).map_or_else(BTreeMap::new, |controlling| {
                    let of = |value: &Value| (text(value, "value"), goes(&text(value, "validFor"), &controlling));
                    list(field, "picklistValues").iter().map(of).collect()
                }),
                controller,
            };
            (field.name.to_ascii_lowercase(), field)
        });
        Some(Self {
            fields: fields.collect(),
            label: text(body, "label"),
            createable: flag(body, "createable"),
            updateable: flag(body, "updateable"),
            children: list(body, "childRelationships")
                .iter()
                .map(|child| (text(child, "relationshipName"), text(child, "childSObject"), text(child, "field")))
                .filter(|(name, ..)| !name.is_empty())
                .collect(),
            record_types: list(body, "recordTypeInfos")
                .iter()
                .filter(|one| flag(one, "available") && !flag(one, "master"))
                .map(|one| RecordType {
                    id: text(one, "recordTypeId"),
                    name: text(one, "name"),
                    is_default: flag(one, "defaultRecordTypeMapping"),
                })
                .collect(),
            name,
        })
    }

    /// All of them, by name.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.values()
    }
    /// A field, whatever the case of its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(&name.to_ascii_lowercase())
    }
    /// The name under which `child` records that point here by `field` can be asked for. Read from the description,
    /// never put together: custom relationships need not end in `__r`.
    pub fn children(&self, child: &str, field: &str) -> Option<&str> {
        let found = self
            .children
            .iter()
            .find(|(_, object, by)| object.eq_ignore_ascii_case(child) && by.eq_ignore_ascii_case(field));
        found.map(|(name, ..)| name.as_str())
    }
    /// A record type by its id, of 15 or 18 characters.
    pub fn record_type(&self, id: &str) -> Option<&RecordType> {
        let short = |id: &str| id.get(..15).map(str::to_owned);
        self.record_types.iter().find(|one| short(&one.id).is_some() && short(&one.id) == short(id))
    }
    /// What new records are when nothing is said.
    pub fn default_type(&self) -> Option<&RecordType> {
        self.record_types.iter().find(|one| one.is_default)
    }
    /// What a new record cannot do without.
    pub fn required(&self) -> impl Iterator<Item = &Field> {
        self.fields.values().filter(|field| field.is_required())
    }
}

/// What is remembered of an object between two looks: the fields something is mapped to, and what is required.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Mapped fields by name as typed.
    pub mapped: BTreeMap<String, Field>,
    /// Names of fields a new record needs.
    pub required: BTreeSet<String>,
}

impl Shape {
    /// Of an object, for these fields.
    pub fn of<'a>(object: &Object, names: impl Iterator<Item = &'a str>) -> Self {
        Self {
            mapped: names.filter_map(|name| Some((name.to_owned(), object.field(name)?.clone()))).collect(),
            required: object.required().map(|field| field.name.clone()).collect(),
        }
    }
}

/// One change of a description that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// `Opportunity.Tracking__c`, or the object alone.
    pub about: String,
    /// What changed, what it means, what to do.
    pub sentence: String,
}

/// What changed for the worse between two looks at `object`. Additions are not worth a word.
/// `creates`: we make records of it; `fills` tells whether we fill a field when we do.
pub fn drift(object: &str, before: &Shape, now: &Shape, creates: bool, fills: impl Fn(&str) -> bool) -> Vec<Drift> {
    let mut found = Vec::new();
    for (name, old) in &before.mapped {
        let about = format!("{object}.{}", old.name);
        let mut tell = |sentence: String| found.push(Drift { about: about.clone(), sentence });
        let Some(new) = now.mapped.get(name) else {
            tell(format!(
                "The field {about} was deleted, or it is hidden from the integration user (Salesforce does not say which). What is mapped to it is left out until it is back or the mapping is changed."
            ));
            continue;
        };
        if old.updateable && !new.updateable && old.createable && !new.createable {
            tell(format!(
                "The field {about} became read-only for the integration user. It is no longer written until its permission is back or the mapping is changed."
            ));
        }
        if old.key && !new.key {
            tell(format!(
                "The field {about} is no external ID any more. Records are no longer found again by it; tick External ID and Unique on it in Salesforce."
            ));
        }
        if old.kind != new.kind {
            tell(format!(
                "The field {about} changed its type from {} to {}. What waits to be written is checked against it again.",
                old.kind, new.kind
            ));
        } else if new.length > 0 && new.length < old.length {
            tell(format!(
                "The field {about} now takes {} characters instead of {}. Longer texts are cut.",
                new.length, old.length
            ));
        } else if (new.precision, new.scale) != (old.precision, old.scale)
            && new.precision > 0
            && new.precision < old.precision
        {
            tell(format!("The field {about} now takes {} digits instead of {}.", new.precision, old.precision));
        }
        let gone: Vec<&str> = old.values.difference(&new.values).map(String::as_str).collect();
        if new.restricted && !gone.is_empty() {
            tell(format!("The list {about} lost the values {}. Records that use them are refused.", gone.join(", ")));
        }
    }
    for name in now.required.difference(&before.required).filter(|_| creates) {
        if !fills(name) {
            found.push(Drift {
                about: format!("{object}.{name}"),
                sentence: format!("{object}.{name} is required for new records now, and nothing is mapped to it. New records of {object} are refused until it has a default or a mapping."),
            });
        }
    }
    found
}

/// A text as a field takes it: cut to its length, lines joined where it has none.
pub fn fitted(field: &Field, text: &str) -> String {
    let text: String =
        if field.kind == "textarea" { text.to_owned() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") };
    if field.length == 0 || text.chars().count() <= field.length {
        return text;
    }
    let kept: String = text.chars().take(field.length.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(fields: &Value) -> Object {
        Object::read(&json!({ "name": "Opportunity", "label": "Opportunity", "createable": true, "updateable": true,
            "fields": fields, "childRelationships": [
                { "relationshipName": "Sendungen", "childSObject": "Shipment__c", "field": "Deal__c" },
                { "relationshipName": null, "childSObject": "X", "field": "Y" } ] }))
        .unwrap()
    }

    fn text(name: &str) -> Value {
        json!({ "name": name, "label": name, "type": "string", "length": 80, "createable": true, "updateable": true, "nillable": true })
    }

    #[test]
    fn names_are_found_in_any_case_and_relationships_are_read() {
        let object = object(
            &json!([text("Tracking__c"), { "name": "Sum__c", "type": "double", "calculated": true, "createable": true, "updateable": true }]),
        );
        assert_eq!(object.field("tracking__C").unwrap().name, "Tracking__c");
        assert!(!object.field("Sum__c").unwrap().updateable, "a formula is read-only, whatever its flags say");
        assert_eq!(object.children("shipment__c", "Deal__c"), Some("Sendungen"));
        assert_eq!(object.children("X", "Y"), None);
        assert!(Object::read(&json!([{ "errorCode": "NOT_FOUND" }])).is_none());
    }

    #[test]
    fn what_got_worse_is_told_and_nothing_else() {
        let mut short = text("Tracking__c");
        short["length"] = json!(20);
        let mut locked = text("Tracking__c");
        (locked["createable"], locked["updateable"]) = (json!(false), json!(false));
        let mut needed = text("Region__c");
        needed["nillable"] = json!(false);
        let list = |values: &[&str]| {
            let values: Vec<Value> = values.iter().map(|v| json!({ "value": v, "active": true })).collect();
            json!({ "name": "Tracking__c", "type": "picklist", "restrictedPicklist": true, "picklistValues": values,
                "createable": true, "updateable": true, "nillable": true })
        };
        for (before, now, word) in [
            (json!([text("Tracking__c")]), json!([]), Some("deleted, or it is hidden")),
            (json!([text("Tracking__c")]), json!([locked]), Some("read-only")),
            (json!([text("Tracking__c")]), json!([short]), Some("20 characters instead of 80")),
            (json!([list(&["A", "B"])]), json!([list(&["A"])]), Some("lost the values B")),
            (
                json!([text("Tracking__c")]),
                json!([text("Tracking__c"), needed]),
                Some("is required for new records now"),
            ),
            (json!([text("Tracking__c")]), json!([text("Tracking__c"), text("New__c")]), None),
            (json!([list(&["A"])]), json!([list(&["A", "B"])]), None),
        ] {
            let shape = |fields: &Value| Shape::of(&object(fields), ["Tracking__c"].into_iter());
            let found = drift("Opportunity", &shape(&before), &shape(&now), true, |_| false);
            assert_eq!(found.len(), usize::from(word.is_some()), "{found:?}");
            if let Some(word) = word {
                assert!(found[0].sentence.contains(word), "{}", found[0].sentence);
            }
        }
    }

    #[test]
    fn a_text_fits_its_field() {
        let field = |kind: &str, length| Field { kind: kind.into(), length, ..Field::default() };
        for (kind, length, text, expected) in [
            ("string", 5, "abcdefgh", "abcd…"),
            ("string", 0, "abcdefgh", "abcdefgh"),
            ("string", 20, "a\nb", "a b"),
            ("textarea", 20, "a\nb", "a\nb"),
            ("string", 3, "äöü", "äöü"),
        ] {
            assert_eq!(fitted(&field(kind, length), text), expected);
        }
    }
}
