//! The org's records, and every question about them.

use super::schema::Object;
use super::soql::{Expr, Item, Literal, Op, Query};
use serde_json::{Map, Value as Json, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// 18 characters.
    pub id: String,
    /// Its object.
    pub object: String,
    /// Fields by their own spelling.
    pub values: Map<String, Json>,
    /// In the bin.
    pub deleted: bool,
}

/// All of them, and what an admin set up.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Objects.
    pub objects: Vec<Object>,
    /// Records by id.
    pub records: BTreeMap<String, Record>,
    pub(super) next: u64,
}

/// Why something cannot be answered or written: `errorCode`, message, fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// HTTP status where it stands alone.
    pub status: u16,
    /// `errorCode`.
    pub code: String,
    /// Message.
    pub message: String,
    /// Fields it names.
    pub fields: Vec<String>,
    /// `duplicateResult`.
    pub duplicate: Option<Json>,
}

/// A fault of 400.
pub fn fault(code: &str, message: impl Into<String>) -> Fault {
    Fault { status: 400, code: code.to_owned(), message: message.into(), fields: Vec::new(), duplicate: None }
}

impl Fault {
    /// Naming a field.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        self.fields.push(field.to_owned());
        self
    }
    /// With another status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    /// As an entry of the error list.
    pub fn json(&self) -> Json {
        let mut entry = json!({ "message": self.message, "errorCode": self.code });
        if !self.fields.is_empty()
            || !matches!(self.code.as_str(), "NOT_FOUND" | "MALFORMED_QUERY" | "INVALID_FIELD" | "INVALID_TYPE")
        {
            entry["fields"] = json!(self.fields);
        }
        if let Some(duplicate) = &self.duplicate {
            entry["duplicateResult"] = duplicate.clone();
        }
        entry
    }
    /// As the error of a row.
    pub fn row(&self) -> Json {
        json!({ "statusCode": self.code, "message": self.message, "fields": self.fields })
    }
}

/// A moment as REST writes it: an offset without a colon.
pub fn stamp(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// A moment that was written in one of the accepted spellings, ms UTC.
pub fn moment(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text)
        .or_else(|_| chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|at| at.timestamp_millis())
}

/// The three letters that make an id of 15 safe where case is lost.
fn checksum(id: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    id.as_bytes()
        .chunks(5)
        .map(|five| {
            let bits = five
                .iter()
                .enumerate()
                .filter(|(_, byte)| byte.is_ascii_uppercase())
                .map(|(i, _)| 1_usize << i)
                .sum::<usize>();
            char::from(LETTERS.get(bits).copied().unwrap_or(b'A'))
        })
        .collect()
}

impl State {
    /// An object, whatever the case of its name.
    pub fn object(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.name.eq_ignore_ascii_case(name))
    }

    /// The same to change it.
    pub fn object_mut(&mut self, name: &str) -> Option<&mut Object> {
        self.objects.iter_mut().find(|object| object.name.eq_ignore_ascii_case(name))
    }

    /// A fresh id; later ones sort behind earlier ones.
    pub fn id(&mut self, prefix: &str) -> String {
        const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        self.next += 1;
        let (mut n, mut tail) = (self.next, [b'0'; 7]);
        for place in tail.iter_mut().rev() {
            *place = DIGITS.get((n % 36) as usize).copied().unwrap_or(b'0');
            n /= 36;
        }
        let id = format!("{prefix}5Q000{}", String::from_utf8_lossy(&tail));
        format!("{id}{}", checksum(&id))
    }

    /// Everything is as it was; ids that were given out stay used.
    pub fn forget_since(&mut self, before: Self) {
        let next = self.next;
        *self = Self { next, ..before };
    }

    /// A living or deleted record by id of 15 or 18.
    pub fn record(&self, id: &str) -> Option<&Record> {
        self.records.get(id).or_else(|| (id.len() == 15).then(|| self.records.get(&format!("{id}{}", checksum(id))))?)
    }

    /// All living records of an object.
    pub fn of<'a>(&'a self, object: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.values().filter(move |record| record.object == object && !record.deleted)
    }

    /// A value, `null` if it is not there.
    pub fn value(&self, id: &str, field: &str) -> Json {
        self.records.get(id).and_then(|record| record.values.get(field)).cloned().unwrap_or_default()
    }

    /// A text value.
    pub fn text(&self, id: &str, field: &str) -> String {
        self.value(id, field).as_str().unwrap_or_default().to_owned()
    }

    /// Writes values without asking anybody (people's own doings, set-up). New records get an id.
    pub fn put(&mut self, object: &str, id: Option<String>, values: &Json, now_ms: i64) -> String {
        let prefix = self.object(object).map_or("zzz", |object| object.prefix);
        let id = id.unwrap_or_else(|| self.id(prefix));
        let now = stamp(now_ms);
        let record = self.records.entry(id.clone()).or_insert_with(|| Record {
            id: id.clone(),
            object: object.to_owned(),
            values: Map::from_iter([("Id".to_owned(), json!(id)), ("CreatedDate".to_owned(), json!(now))]),
            deleted: false,
        });
        for (name, value) in values.as_object().into_iter().flatten() {
            record.values.insert(name.clone(), value.clone());
        }
        record.values.insert("LastModifiedDate".into(), json!(now));
        record.values.insert("SystemModstamp".into(), json!(now));
        self.follow_on(&id, now_ms);
        id
    }

    /// Record types of an object, oldest first.
    pub fn record_types<'a>(&'a self, object: &'a str) -> impl Iterator<Item = &'a Record> {
        let all = self.records.range("012".to_owned().."013".to_owned()).map(|(_, record)| record);
        all.filter(move |record| record.values.get("SobjectType").and_then(Json::as_str) == Some(object))
    }

    /// The record type of a record with these values: the one they name, else the default one.
    pub fn record_type<'a>(&'a self, object: &'a str, values: &Map<String, Json>) -> Option<&'a Record> {
        let named = values.get("RecordTypeId").and_then(Json::as_str).and_then(|id| self.record(id));
        named.or_else(|| self.record_types(object).next())
    }

    /// A person who is an account is a contact, too; what is written to the one shows at the other.
    fn follow_twin(&mut self, id: &str, now_ms: i64) {
        const SAME: &[(&str, &str)] = &[
            ("FirstName", "FirstName"),
            ("LastName", "LastName"),
            ("PersonEmail", "Email"),
            ("PersonMobilePhone", "MobilePhone"),
            ("PersonMailingStreet", "MailingStreet"),
            ("PersonMailingCity", "MailingCity"),
            ("PersonMailingState", "MailingState"),
            ("PersonMailingPostalCode", "MailingPostalCode"),
            ("PersonMailingCountry", "MailingCountry"),
            ("Quayside_Contact_Id__pc", "Quayside_Contact_Id__c"),
        ];
        let Some(record) = self.records.get(id).cloned() else { return };
        let text = |name: &str| record.values.get(name).and_then(Json::as_str).unwrap_or_default();
        let name = format!("{} {}", text("FirstName"), text("LastName")).trim().to_owned();
        let mut twin = Map::from_iter([
            ("AccountId".to_owned(), json!(id)),
            ("IsPersonAccount".to_owned(), json!(true)),
            ("Name".to_owned(), json!(name)),
        ]);
        for (theirs, here) in SAME {
            twin.insert((*here).to_owned(), record.values.get(*theirs).cloned().unwrap_or_default());
        }
        let known = Some(text("PersonContactId").to_owned()).filter(|id| !id.is_empty());
        let twin = self.put("Contact", known, &Json::Object(twin), now_ms);
        if let Some(record) = self.records.get_mut(id) {
            record.values.insert("PersonContactId".into(), json!(twin));
            record.values.insert("Name".into(), json!(name));
        }
    }

    /// Whether a stage is closed, and won: as an admin set it up, whatever it is called.
    fn stage(&self, name: &str) -> (bool, bool) {
        let flag = |record: &Record, field: &str| record.values.get(field) == Some(&json!(true));
        let mut stages = self.of("OpportunityStage");
        let found = stages.find(|record| record.values.get("ApiName").and_then(Json::as_str) == Some(name));
        found.map_or((false, false), |record| (flag(record, "IsClosed"), flag(record, "IsWon")))
    }

    /// What the platform keeps up to date by itself.
    pub fn follow_on(&mut self, id: &str, now_ms: i64) {
        let Some(record) = self.records.get(id).cloned() else { return };
        let number = |name: &str| record.values.get(name).and_then(Json::as_f64);
        match record.object.as_str() {
            "Opportunity" => {
                let stage = self.text(id, "StageName");
                let (closed, won) = self.stage(&stage);
                let before = self.text(id, "$stage");
                if let Some(record) = self.records.get_mut(id) {
                    record.values.insert("IsClosed".into(), json!(closed));
                    record.values.insert("IsWon".into(), json!(won));
                    if before != stage {
                        record.values.insert("$stage".into(), json!(stage));
                        record.values.insert("LastStageChangeDate".into(), json!(stamp(now_ms)));
                    }
                    record.values.entry("HasOpportunityLineItem").or_insert(json!(false));
                }
            }
            "OpportunityLineItem" => {
                // A line without a total is worth its units; with one, the total leads and has the discount in it.
                let total = number("TotalPrice").or_else(|| Some(number("UnitPrice")? * number("Quantity")?));
                let product = self.text(id, "Product2Id");
                let (name, code) = (self.text(&product, "Name"), self.text(&product, "ProductCode"));
                if let Some(record) = self.records.get_mut(id) {
                    record.values.insert("TotalPrice".into(), json!(total.unwrap_or(0.0)));
                    record.values.insert("Name".into(), json!(name));
                    record.values.insert("ProductCode".into(), if code.is_empty() { Json::Null } else { json!(code) });
                }
                let parent = self.text(id, "OpportunityId");
                self.recount(&parent, now_ms);
            }
            "Account"
                if record.values.get("IsPersonAccount") == Some(&json!(true))
                    && record.values.get("LastName").is_some_and(Json::is_string) =>
            {
                self.follow_twin(id, now_ms);
            }
            _ => {}
        }
    }

    /// An opportunity's amount is the sum of its lines; that changes the opportunity.
    pub fn recount(&mut self, opportunity: &str, now_ms: i64) {
        let lines =
            self.of("OpportunityLineItem").filter(|line| line.values.get("OpportunityId") == Some(&json!(opportunity)));
        let totals: Vec<f64> = lines.filter_map(|line| line.values.get("TotalPrice")?.as_f64()).collect();
        let now = stamp(now_ms);
        if let Some(record) = self.records.get_mut(opportunity) {
            let cents = (totals.iter().sum::<f64>() * 100.0).round() / 100.0;
            record.values.insert("Amount".into(), json!(cents));
            record.values.insert("HasOpportunityLineItem".into(), json!(!totals.is_empty()));
            record.values.insert("LastModifiedDate".into(), json!(now));
            record.values.insert("SystemModstamp".into(), json!(now));
        }
    }

    /// Moves a record to the bin.
    pub fn delete(&mut self, id: &str, now_ms: i64) {
        let parent = self.text(id, "OpportunityId");
        let twin = self.text(id, "PersonContactId");
        if !twin.is_empty() {
            self.delete(&twin, now_ms);
        }
        if let Some(record) = self.records.get_mut(id) {
            record.deleted = true;
            record.values.insert("SystemModstamp".into(), json!(stamp(now_ms)));
        }
        if !parent.is_empty() {
            self.recount(&parent, now_ms);
        }
    }

    /// A field of a record as a question sees it; `None`: there is no such field.
    fn look(&self, record: &Record, path: &[String]) -> Result<Json, Fault> {
        let object = self.object(&record.object).ok_or_else(|| fault("INVALID_TYPE", "no such object"))?;
        match path {
            [] => Ok(Json::Null),
            [name] => {
                let field = object.field(name).ok_or_else(|| no_column(name, &object.name))?;
                if field.name == "IsDeleted" {
                    return Ok(json!(record.deleted));
                }
                let empty = if field.kind == "boolean" { json!(false) } else { Json::Null };
                Ok(record.values.get(&field.name).cloned().unwrap_or(empty))
            }
            [relationship, rest @ ..] => {
                let by = object.fields.iter().find(|field| {
                    field
                        .refers
                        .as_ref()
                        .is_some_and(|(name, _)| !name.is_empty() && name.eq_ignore_ascii_case(relationship))
                });
                let by = by.ok_or_else(|| fault("INVALID_FIELD", format!("Didn't understand relationship '{relationship}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.")))?;
                let other = record.values.get(&by.name).and_then(Json::as_str).and_then(|id| self.record(id));
                if let Some(other) = other {
                    return self.look(other, rest);
                }
                let object = by.refers.as_ref().and_then(|(_, object)| self.object(object));
                if let (Some(object), [name]) = (object, rest) {
                    object.field(name).ok_or_else(|| no_column(name, &object.name))?;
                }
                Ok(Json::Null)
            }
        }
    }

    fn holds(&self, record: &Record, expr: &Expr) -> Result<bool, Fault> {
        match expr {
            Expr::And(all) => all.iter().try_fold(true, |so_far, one| Ok(so_far && self.holds(record, one)?)),
            Expr::Or(all) => all.iter().try_fold(false, |so_far, one| Ok(so_far || self.holds(record, one)?)),
            Expr::Not(one) => Ok(!self.holds(record, one)?),
            Expr::Test(path, op, literals) => {
                let value = self.look(record, path)?;
                let equal = |literal: &Literal| compare(&value, literal) == Some(Ordering::Equal);
                let first = literals.first().unwrap_or(&Literal::Null);
                Ok(match op {
                    Op::Eq => equal(first),
                    Op::Ne => !equal(first),
                    Op::In => literals.iter().any(equal),
                    Op::NotIn => !literals.iter().any(equal),
                    Op::Lt => compare(&value, first) == Some(Ordering::Less),
                    Op::Le => matches!(compare(&value, first), Some(Ordering::Less | Ordering::Equal)),
                    Op::Gt => compare(&value, first) == Some(Ordering::Greater),
                    Op::Ge => matches!(compare(&value, first), Some(Ordering::Greater | Ordering::Equal)),
                    Op::Like => match (first, value.as_str()) {
                        (Literal::Text(pattern), Some(text)) => like(&text.to_lowercase(), &pattern.to_lowercase()),
                        _ => false,
                    },
                })
            }
        }
    }

    /// Fields and literals of a condition fit each other.
    fn check(object: &Object, expr: &Expr) -> Result<(), Fault> {
        match expr {
            Expr::And(all) | Expr::Or(all) => all.iter().try_for_each(|one| Self::check(object, one)),
            Expr::Not(one) => Self::check(object, one),
            Expr::Test(path, _, literals) => {
                let [name] = path.as_slice() else { return Ok(()) };
                let field = object.field(name).ok_or_else(|| no_column(name, &object.name))?;
                if !field.filterable {
                    return Err(fault(
                        "INVALID_FIELD",
                        format!("field '{}' can not be filtered in a query call", field.name),
                    ));
                }
                let fits = |literal: &Literal| match literal {
                    Literal::Null => true,
                    Literal::Text(_) => {
                        !matches!(field.kind, "boolean" | "datetime" | "date" | "double" | "currency" | "int")
                    }
                    Literal::Bool(_) => field.kind == "boolean",
                    Literal::Moment(_) => field.kind == "datetime",
                    Literal::Day(_) => field.kind == "date",
                    Literal::Number(_) => matches!(field.kind, "double" | "currency" | "int" | "percent"),
                };
                if literals.iter().all(fits) {
                    Ok(())
                } else {
                    Err(fault(
                        "INVALID_FIELD",
                        format!(
                            "value of filter criterion for field '{}' must be of type {} and should not be enclosed in quotes",
                            field.name, field.kind
                        ),
                    ))
                }
            }
        }
    }

    /// Rows of a question, before LIMIT is cut into batches. `all`: deleted ones too. `hide` leaves rows out.
    pub fn rows(
        &self,
        query: &Query,
        object: &str,
        all: bool,
        hide: &dyn Fn(&Record) -> bool,
    ) -> Result<Vec<&Record>, Fault> {
        let described = self.object(object).ok_or_else(|| no_type(object))?;
        if let Some(filter) = &query.filter {
            Self::check(described, filter)?;
        }
        let mut rows = Vec::new();
        for record in self
            .records
            .values()
            .filter(|record| record.object == described.name && (all || !record.deleted) && !hide(record))
        {
            let keep = query.filter.as_ref().map_or(Ok(true), |filter| self.holds(record, filter))?;
            if keep {
                rows.push(record);
            }
        }
        for (name, _) in &query.order {
            let path: Vec<String> = name.split('.').map(str::to_owned).collect();
            if let [name] = path.as_slice() {
                let field = described.field(name).ok_or_else(|| no_column(name, &described.name))?;
                if !field.filterable {
                    return Err(fault(
                        "INVALID_FIELD",
                        format!("field '{}' can not be sorted in a query call", field.name),
                    ));
                }
            }
        }
        rows.sort_by(|a, b| {
            for (name, ascending) in &query.order {
                let path: Vec<String> = name.split('.').map(str::to_owned).collect();
                let (a, b) = (self.look(a, &path).unwrap_or_default(), self.look(b, &path).unwrap_or_default());
                let order = sort_key(&a).partial_cmp(&sort_key(&b)).unwrap_or(Ordering::Equal);
                if order != Ordering::Equal {
                    return if *ascending { order } else { order.reverse() };
                }
            }
            Ordering::Equal
        });
        let rows = rows.into_iter().skip(query.offset);
        Ok(match query.limit {
            Some(limit) => rows.take(limit).collect(),
            None => rows.collect(),
        })
    }

    /// A row as JSON, child rows included; of those at most `child_rows`, the rest behind a locator.
    pub fn shown(
        &self,
        record: &Record,
        query: &Query,
        version: &str,
        all: bool,
        child_rows: usize,
    ) -> Result<Json, Fault> {
        let mut row = Map::new();
        row.insert("attributes".into(), Self::attributes(record, version));
        for item in &query.select {
            match item {
                Item::Count => {
                    return Err(fault("MALFORMED_QUERY", "COUNT() must be the only element in the select list"));
                }
                Item::Field(path) => {
                    let value = self.look(record, path)?;
                    self.place(&mut row, record, path, value, version);
                }
                Item::Children(child) => {
                    let object = self.object(&record.object).ok_or_else(|| no_type(&record.object))?;
                    let known = object.children.iter().find(|(name, ..)| name.eq_ignore_ascii_case(&child.from));
                    let Some((name, child_object, by)) = known else {
                        return Err(fault(
                            "INVALID_TYPE",
                            format!("Didn't understand relationship '{}' in FROM part of query call.", child.from),
                        ));
                    };
                    let strangers = |other: &Record| other.values.get(*by).and_then(Json::as_str) != Some(&record.id);
                    let rows = self.rows(child, child_object, all, &strangers)?;
                    let list: Vec<Json> = rows
                        .iter()
                        .take(child_rows)
                        .map(|row| self.shown(row, child, version, all, child_rows))
                        .collect::<Result<_, _>>()?;
                    let value = if rows.is_empty() {
                        Json::Null
                    } else if rows.len() > child_rows {
                        json!({ "totalSize": rows.len(), "done": false, "records": list,
                            "nextRecordsUrl": format!("/services/data/v{version}/query/0r8{}-{child_rows}", &record.id[3..]) })
                    } else {
                        json!({ "totalSize": rows.len(), "done": true, "records": list })
                    };
                    row.insert((*name).to_owned(), value);
                }
            }
        }
        Ok(Json::Object(row))
    }

    fn place(&self, row: &mut Map<String, Json>, record: &Record, path: &[String], value: Json, version: &str) {
        let Some(object) = self.object(&record.object) else { return };
        match path {
            [name] => {
                let spelled = object.field(name).map_or(name.as_str(), |field| field.name.as_str());
                row.insert(spelled.to_owned(), value);
            }
            [relationship, rest @ ..] => {
                let by = object.fields.iter().find(|field| {
                    field.refers.as_ref().is_some_and(|(name, _)| name.eq_ignore_ascii_case(relationship))
                });
                let Some((by, (name, _))) = by.and_then(|by| Some((by, by.refers.as_ref()?))) else { return };
                let other = record.values.get(&by.name).and_then(Json::as_str).and_then(|id| self.record(id));
                let Some(other) = other else {
                    row.insert(name.clone(), Json::Null);
                    return;
                };
                let inner = row
                    .entry(name.clone())
                    .or_insert_with(|| json!({ "attributes": Self::attributes(other, version) }));
                if let Some(inner) = inner.as_object_mut() {
                    self.place(inner, other, rest, value, version);
                }
            }
            [] => {}
        }
    }

    fn attributes(record: &Record, version: &str) -> Json {
        json!({ "type": record.object, "url": format!("/services/data/v{version}/sobjects/{}/{}", record.object, record.id) })
    }
}

/// "No such column", as recorded in public threads.
pub fn no_column(name: &str, object: &str) -> Fault {
    fault(
        "INVALID_FIELD",
        format!(
            "No such column '{name}' on entity '{object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
        ),
    )
}

/// "sObject type is not supported", recorded.
pub fn no_type(name: &str) -> Fault {
    fault(
        "INVALID_TYPE",
        format!(
            "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
        ),
    )
}

fn compare(value: &Json, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Json::Null, Literal::Null) => Some(Ordering::Equal),
        // An empty text is null here.
        (Json::String(text), Literal::Null) if text.is_empty() => Some(Ordering::Equal),
        (Json::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Json::Number(a), Literal::Number(b)) => a.as_f64()?.partial_cmp(b),
        (Json::String(a), Literal::Moment(b)) => Some(moment(a)?.cmp(b)),
        (Json::String(a), Literal::Day(b)) => Some(a.as_str().cmp(b)),
        // Ids tell upper from lower case, texts do not.
        (Json::String(a), Literal::Text(b)) if a.len() == 18 && a.is_ascii() && b.len() >= 15 => {
            Some(if b.len() == 15 { a[..15].cmp(b.as_str()) } else { a.as_str().cmp(b) })
        }
        (Json::String(a), Literal::Text(b)) => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        _ => None,
    }
}

#[derive(PartialEq, PartialOrd)]
enum Key {
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
}

fn sort_key(value: &Json) -> Key {
    match value {
        Json::Bool(flag) => Key::Flag(*flag),
        Json::Number(number) => Key::Number(number.as_f64().unwrap_or(0.0)),
        Json::String(text) => Key::Text(text.clone()),
        _ => Key::Nothing,
    }
}

fn like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            rest.is_empty() || (0..=text.len()).filter(|i| text.is_char_boundary(*i)).any(|i| like(&text[i..], rest))
        }),
    }
}
