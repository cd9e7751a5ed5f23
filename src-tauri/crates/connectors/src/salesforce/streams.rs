//! Reading: won opportunities that changed, page by page, each of which can be committed by itself.
//!
//! - A list is walked by (time of change, id): thousands of rows share a second after a
//!   bulk edit, and list locators die with the session that made them.
//! - A scan ends half a minute before *their* now and begins a quarter of an hour before
//!   the watermark: a row shows up when its transaction commits, later than its stamp.
//! - Inside that overlap a row is skipped if it was read with the very same stamp; the id
//!   alone would drop every later change of it.
//! - Deleted rows are asked for too. An opportunity that is not won any more is told only
//!   if it was read as won before; nobody wants to hear of the others.
//! - Changes of an account, a contact or a line need not move the opportunity's stamp:
//!   recent orders are read again once a night.

use super::Salesforce;
use super::client::Call;
use super::describe::{Shape, drift};
use super::org::Org;
use super::question;
use super::soql::{IN_MAX, Place, Value as Quoted, after, encoded, is_id};
use super::translate::{contact_to_look_up, incoming, moment};
use super::verdicts::{CallError, by_answer, problems};
use crate::{Ask, Priority, ReadError};
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{AccountFinding, AccountFindings, Cause, Incoming, Page, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

/// How far before the watermark a scan starts.
const OVERLAP_MS: i64 = 15 * MINUTE_MS;
/// How far before their now it ends.
const LAG_MS: i64 = 30 * SECOND_MS;
/// Rows per question.
pub(super) const ROWS: usize = 200;
/// Fewest rows per question, however long it takes Salesforce.
const ROWS_MIN: usize = 10;
/// Longest question, encoded: address and headers together must stay under 16 KB.
const QUESTION_MAX: usize = 14_000;
/// What an id takes in an encoded `IN (…)`.
const ID_LENGTH: usize = 30;
/// Rows remembered as read inside the overlap.
const SEEN_MAX: usize = 2_000;
/// Won opportunities remembered, so that it is noticed when one is not won any more.
const WON_MAX: usize = 2_000;
/// The nightly re-read looks so far back.
const RECENT_MS: i64 = 45 * DAY_MS;
/// The org's fields are not asked for again within this.
const LOOK_MS: i64 = 10 * MINUTE_MS;
/// A field that became shorter, or a list that lost a value, is told for so long.
const USED_TO_MS: i64 = 7 * DAY_MS;
/// Times a page that repeats the one before is asked for again before the scan ends.
const REPEATS_MAX: u8 = 3;

/// Opportunities that changed.
pub const ORDERS: &str = "orders";
/// Records that stand for parcels: they do not touch the opportunity's stamp.
pub const PARCELS: &str = "parcels";
/// The nightly re-read.
pub const RECENT: &str = "recent_orders";
/// Fields and rules of the org.
pub const SCHEMA: &str = "fields";

/// How far a stream has read. Stored; old shapes must stay readable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Latest change read, ms UTC by Salesforce's clock.
    at_ms: Option<i64>,
    /// Rows inside the overlap that are read: id → stamp.
    seen: BTreeMap<String, i64>,
    /// Opportunities that were won when they were last read: id → stamp.
    won: BTreeMap<String, i64>,
    /// For the nightly re-read: the last id; empty starts over.
    after_id: String,
    /// Object → what was remembered of it, as it was when nothing was wrong.
    shapes: BTreeMap<String, Shape>,
    /// Object → since when it is not like that, ms UTC.
    drifted_ms: BTreeMap<String, i64>,
}

/// Won, and there.
fn is_won(row: &Value) -> bool {
    row.get("IsWon") == Some(&Value::Bool(true)) && row.get("IsDeleted") != Some(&Value::Bool(true))
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Scan {
    place: Place,
    from_ms: i64,
    until_ms: i64,
    repeats: u8,
}

/// Rows of one answer.
struct Rows {
    rows: Vec<Value>,
    /// There may be more.
    more: bool,
}

impl Salesforce {
    /// One page of a stream.
    pub(super) async fn read_page(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let cursor: Cursor = parse(ask.cursor);
        let page = match ask.stream {
            ORDERS => self.read_changed(ask, cursor).await,
            PARCELS => self.read_parcels(ask, cursor).await,
            RECENT => self.read_recent(ask, cursor).await,
            SCHEMA => self.read_schema(ask, cursor).await,
            other => Err(CallError::Refused(
                self.client.door().refusal(Cause::NotUnderstood, &format!("There is no stream called {other}.")),
            )),
        };
        Ok(self.noticed(page)?)
    }

    async fn read_changed(&self, ask: &Ask<'_>, mut cursor: Cursor) -> Result<Page, CallError> {
        let org = self.org(ask.priority).await?;
        let first_ms = ask.since_ms.max(self.config.created_at_ms - self.mapping.first_days * DAY_MS);
        let mut scan = self.begin(ask, &mut cursor, first_ms);
        let stamp = question::stamp(&org.schema, "Opportunity");
        // Whoever is not won any more was moved to its stage since the scan's start.
        let won = if org.schema.has("Opportunity", "LastStageChangeDate") {
            format!("(IsWon = true OR LastStageChangeDate >= {})", Quoted::Moment(scan.from_ms))
        } else {
            "IsWon = true".to_owned()
        };
        // A mass edit of old deals must not flood the warehouse.
        let since = chrono::DateTime::from_timestamp_millis(first_ms).unwrap_or_default().date_naive();
        let query = format!(
            "{} WHERE {won} AND {} AND CloseDate >= {} ORDER BY {stamp}, Id",
            question::opportunities(&org.schema, &org.usable),
            after(stamp, &scan.place, scan.until_ms),
            Quoted::Day(since),
        );
        let found = self.query(&query, ask.priority, "list changed opportunities").await?;
        let stamps: Vec<Option<Place>> = found.rows.iter().map(|row| place_of(row, stamp)).collect();
        let fresh: Vec<Value> = found
            .rows
            .iter()
            .zip(&stamps)
            .filter(|(row, at)| {
                let known = at.as_ref().is_some_and(|at| cursor.seen.get(&at.id) == Some(&at.at_ms));
                let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
                let won = is_won(row);
                // A row that says neither yes nor no is not passed over: it is told.
                let odd = !row.get("IsWon").is_some_and(Value::is_boolean);
                !known && (won || odd || cursor.won.contains_key(id))
            })
            .map(|(row, _)| row.clone())
            .collect();
        let (records, unreadable) = self.translated(fresh, &org, ask.priority).await?;
        for (row, at) in found.rows.iter().zip(stamps.iter()) {
            let Some(at) = at else { continue };
            cursor.seen.insert(at.id.clone(), at.at_ms);
            if is_won(row) {
                cursor.won.insert(at.id.clone(), at.at_ms);
            }
        }
        shrink(&mut cursor.won, WON_MAX);
        let next = advance(&mut cursor, &mut scan, stamps.into_iter().flatten(), found.more);
        Ok(page(&cursor, next, records, unreadable))
    }

    /// Records that stand for parcels and changed: their opportunities.
    async fn read_parcels(&self, ask: &Ask<'_>, mut cursor: Cursor) -> Result<Page, CallError> {
        let org = self.org(ask.priority).await?;
        let (Some(object), Some(parent), Some(ours)) =
            (&org.usable.parcel_object, org.usable.parcel("opportunity"), question::ours(&org.usable))
        else {
            return Ok(page(&cursor, None, Vec::new(), Vec::new()).unasked());
        };
        // The orders bring their parcels along; this stream begins with what changes from now on.
        let mut scan = self.begin(ask, &mut cursor, self.client.their_now_ms() - OVERLAP_MS);
        cursor.at_ms = cursor.at_ms.or(Some(scan.from_ms + OVERLAP_MS));
        let stamp = question::stamp(&org.schema, object);
        let query = format!(
            "SELECT Id, {}, {stamp} FROM {object} WHERE {ours} AND {} ORDER BY {stamp}, Id",
            parent.name,
            after(stamp, &scan.place, scan.until_ms),
        );
        let found = self.query(&query, ask.priority, "list changed parcels").await?;
        let places: Vec<Option<Place>> = found.rows.iter().map(|row| place_of(row, stamp)).collect();
        let mut parents: BTreeSet<String> = BTreeSet::new();
        let (mut odd, mut mended) = (Vec::new(), Vec::new());
        for (row, at) in found.rows.iter().zip(&places) {
            if at.as_ref().is_some_and(|at| cursor.seen.get(&at.id) == Some(&at.at_ms)) {
                continue;
            }
            match parent_of(row, &parent.name) {
                Ok(Some(id)) => drop(parents.insert(id)),
                Ok(None) => {}
                Err(told) => {
                    odd.push(told);
                    continue;
                }
            }
            mended.extend(row.get("Id").and_then(Value::as_str).map(parcel_id));
        }
        let ids: Vec<String> = parents.into_iter().collect();
        let rows = self.rows_by_id(&ids, &org, ask.priority).await?;
        let was_won = |row: &Value| row.get("IsWon") == Some(&Value::Bool(true));
        let (records, mut unreadable) =
            self.translated(rows.into_iter().filter(was_won).collect(), &org, ask.priority).await?;
        unreadable.extend(odd);
        for at in places.iter().flatten() {
            cursor.seen.insert(at.id.clone(), at.at_ms);
        }
        let next = advance(&mut cursor, &mut scan, places.into_iter().flatten(), found.more);
        Ok(Page { mended, ..page(&cursor, next, records, unreadable) })
    }

    /// Recently won opportunities, by id. One that was told here is told here, too, when it is not won any more: the
    /// stream of changes ends half a minute earlier, and what was lost before its next turn it never saw as won.
    async fn read_recent(&self, ask: &Ask<'_>, mut cursor: Cursor) -> Result<Page, CallError> {
        let org = self.org(ask.priority).await?;
        let since_ms = self.client.their_now_ms() - RECENT_MS.min(self.client.their_now_ms());
        let first_ms = since_ms.max(self.config.created_at_ms - self.mapping.first_days * DAY_MS);
        let by =
            if org.schema.has("Opportunity", "LastStageChangeDate") { "LastStageChangeDate" } else { "CreatedDate" };
        let from = if is_id(&cursor.after_id) && ask.next.is_some() { cursor.after_id.clone() } else { String::new() };
        let after = if from.is_empty() { String::new() } else { format!(" AND Id > {}", Quoted::Text(from.clone())) };
        let begun_ms = self.client.their_now_ms();
        let scan: Scan =
            ask.next.map_or_else(|| Scan { until_ms: begun_ms, ..Scan::default() }, |next| parse(Some(next)));
        let won = match cursor.at_ms {
            Some(at_ms) if by == "LastStageChangeDate" => {
                format!("(IsWon = true OR LastStageChangeDate >= {})", Quoted::Moment(at_ms - HOUR_MS))
            }
            _ => "IsWon = true".to_owned(),
        };
        let query = format!(
            "{} WHERE {won} AND {by} >= {}{after} ORDER BY Id",
            question::opportunities(&org.schema, &org.usable),
            Quoted::Moment(first_ms),
        );
        let found = self.query(&query, ask.priority, "read recent opportunities again").await?;
        let last = found.rows.iter().filter_map(|row| row.get("Id")?.as_str()).max().unwrap_or_default().to_owned();
        let stamp = question::stamp(&org.schema, "Opportunity");
        let mut told = |row: &Value| {
            let Some(at) = place_of(row, stamp) else { return true };
            if is_won(row) {
                cursor.won.insert(at.id, at.at_ms);
                return true;
            }
            cursor.won.remove(&at.id).is_some() || !row.get("IsWon").is_some_and(Value::is_boolean)
        };
        let rows = found.rows.into_iter().filter(|row| told(row)).collect();
        let (records, unreadable) = self.translated(rows, &org, ask.priority).await?;
        shrink(&mut cursor.won, WON_MAX);
        let more = found.more && last > from;
        cursor.after_id = if more { last } else { String::new() };
        if !more {
            cursor.at_ms = Some(scan.until_ms);
        }
        let next = more.then_some(scan);
        Ok(page(&cursor, next, records, unreadable))
    }

    /// What the org's fields and the settings no longer agree on: told before it is a failure, and for as long as it is so.
    async fn read_schema(&self, ask: &Ask<'_>, mut cursor: Cursor) -> Result<Page, CallError> {
        let org = self.org_within(LOOK_MS, ask.priority).await?;
        let now_ms = self.client.door().now_ms();
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        for gap in &org.usable.gaps {
            told.insert(gap.about.clone(), gap.sentence.clone());
        }
        let names: Vec<(&str, &str)> = self.mapping.names().into_iter().chain(self.keeping.watched()).collect();
        let objects: BTreeSet<&str> = names.iter().map(|(object, _)| *object).chain(["Opportunity"]).collect();
        for object in objects {
            let Some(described) = org.schema.object(object) else { continue };
            let fields = names.iter().filter(|(of, _)| *of == object).map(|(_, field)| *field);
            let now = Shape::of(described, fields);
            let changes = cursor.shapes.get(object).map_or_else(Vec::new, |before| {
                let creates = object == self.mapping.parcel_object;
                drift(object, before, &now, creates, |field| self.mapping.fills(field))
            });
            // What changed stays told until it is as it was, or everybody has got used to it.
            let since_ms = *cursor.drifted_ms.entry(object.to_owned()).or_insert(now_ms);
            let lasts = !changes.is_empty() && now_ms - since_ms < USED_TO_MS;
            for change in changes {
                told.entry(change.about).or_insert(change.sentence);
            }
            if lasts {
                let shape = cursor.shapes.entry(object.to_owned()).or_default();
                for (name, field) in now.mapped {
                    shape.mapped.entry(name).or_insert(field);
                }
            } else {
                cursor.drifted_ms.remove(object);
                cursor.shapes.insert(object.to_owned(), now);
            }
        }
        let found = told.into_iter().map(|(about, sentence)| AccountFinding { about, sentence }).collect();
        let mut page = page(&cursor, None, Vec::new(), Vec::new());
        page.findings = Some(AccountFindings { cause: Cause::FieldsChanged, found });
        Ok(page)
    }

    fn begin(&self, ask: &Ask<'_>, cursor: &mut Cursor, first_ms: i64) -> Scan {
        if let Some(next) = ask.next {
            return parse(Some(next));
        }
        let from_ms = cursor.at_ms.map_or(first_ms, |at_ms| at_ms - OVERLAP_MS);
        cursor.seen.retain(|_, at_ms| *at_ms >= from_ms);
        Scan {
            place: Place { at_ms: from_ms, id: String::new() },
            from_ms,
            until_ms: self.client.their_now_ms() - LAG_MS,
            repeats: 0,
        }
    }

    /// One question; deleted rows included. One that took Salesforce too long is asked for half as many rows the next
    /// time, and for more again when an answer was not full.
    async fn query(&self, question: &str, priority: Priority, what: &str) -> Result<Rows, CallError> {
        let most = self.rows.load(Ordering::Relaxed);
        let path = format!("/queryAll?q={}", encoded(&format!("{question} LIMIT {most}")));
        let answer = self.client.send(Call::get(path, priority, what)).await?;
        if !answer.is_success() {
            if took_too_long(&answer) {
                self.rows.store((most / 2).max(ROWS_MIN), Ordering::Relaxed);
            }
            return Err(by_answer(self.client.door(), &answer, &format!("Could not {what}")));
        }
        let body = self.client.body(&answer, &format!("Could not {what}"))?;
        let Some(rows) = body.get("records").and_then(Value::as_array) else {
            let sentence = format!("Could not {what}. Salesforce answered without rows.");
            return Err(CallError::NotExecuted(self.client.door().refusal(Cause::PlatformTrouble, &sentence)));
        };
        // Salesforce may give fewer rows than asked for and name a locator for the rest; the last key does as well.
        let cut = body.get("done") == Some(&Value::Bool(false));
        let more = cut || rows.len() >= most;
        if !more {
            self.rows.store((most * 2).min(ROWS), Ordering::Relaxed);
        }
        Ok(Rows { more, rows: rows.clone() })
    }

    /// Opportunities by id, whole; those Salesforce does not show are missing.
    pub(super) async fn rows_by_id(
        &self,
        ids: &[String],
        org: &Org,
        priority: Priority,
    ) -> Result<Vec<Value>, CallError> {
        let mut rows = Vec::new();
        let question = question::opportunities(&org.schema, &org.usable);
        let mut left = ids;
        while !left.is_empty() {
            let fit = QUESTION_MAX.saturating_sub(encoded(&question).len()) / ID_LENGTH;
            let some = fit.min(IN_MAX).min(self.rows.load(Ordering::Relaxed)).clamp(1, left.len());
            let (now, later) = left.split_at(some);
            let query = format!("{question} WHERE Id IN {} ORDER BY Id", Quoted::List(now.to_vec()));
            rows.extend(self.query(&query, priority, "read opportunities").await?.rows);
            left = later;
        }
        for row in &mut rows {
            self.complete(row, org, priority).await?;
        }
        Ok(rows)
    }

    /// Rows into orders; one that cannot be read does not harm the others.
    async fn translated(
        &self,
        mut rows: Vec<Value>,
        org: &Org,
        priority: Priority,
    ) -> Result<(Vec<Incoming>, Vec<Unreadable>), CallError> {
        for row in &mut rows {
            self.complete(row, org, priority).await?;
        }
        self.add_contacts(&mut rows, org, priority).await?;
        let instance = self.client.instance();
        let words = self.words(org, &instance);
        let (mut records, mut bad) = (Vec::new(), Vec::new());
        for row in &rows {
            match incoming(row, words) {
                Ok(incoming) => records.push(incoming),
                Err(problem) => bad.push(problem),
            }
        }
        Ok((records, bad))
    }

    /// Lists inside a row may end early; the rest is read by id.
    async fn complete(&self, row: &mut Value, org: &Org, priority: Priority) -> Result<(), CallError> {
        let id = row.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let lists: Vec<String> = row
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| value.get("done") == Some(&Value::Bool(false)))
            .map(|(name, _)| name.clone())
            .collect();
        for name in lists {
            let (object, fields, parent, filter) = if Some(&name) == org.usable.parcel_children.as_ref() {
                let (Some(object), Some(fields), Some(parent)) = (
                    &org.usable.parcel_object,
                    question::parcel_fields(&org.schema, &org.usable),
                    org.usable.parcel("opportunity"),
                ) else {
                    continue;
                };
                (object.clone(), fields, parent.name.clone(), question::ours(&org.usable))
            } else if name == "OpportunityLineItems" {
                ("OpportunityLineItem".to_owned(), question::line_fields(&org.schema), "OpportunityId".to_owned(), None)
            } else {
                continue;
            };
            let mut all = Vec::new();
            let mut last = String::new();
            loop {
                let filter = filter.as_ref().map(|filter| format!(" AND {filter}")).unwrap_or_default();
                let after =
                    if last.is_empty() { String::new() } else { format!(" AND Id > {}", Quoted::Text(last.clone())) };
                let query = format!(
                    "SELECT {fields} FROM {object} WHERE {parent} = {} AND IsDeleted = false{filter}{after} ORDER BY Id",
                    Quoted::Text(id.clone()),
                );
                let found = self.query(&query, priority, "read the rest of a large opportunity").await?;
                let end = found.rows.iter().filter_map(|row| row.get("Id")?.as_str()).max().map(str::to_owned);
                all.extend(found.rows);
                match end {
                    Some(end) if found.more && end > last => last = end,
                    _ => break,
                }
            }
            row[&name] = serde_json::json!({ "totalSize": all.len(), "done": true, "records": all });
        }
        Ok(())
    }

    /// The opportunity's own contact has no relationship to ask through in every org: looked up, a hundred at a time.
    async fn add_contacts(&self, rows: &mut [Value], org: &Org, priority: Priority) -> Result<(), CallError> {
        let fields = question::contact_fields(&org.schema);
        let ids: BTreeSet<String> =
            rows.iter().filter_map(contact_to_look_up).filter(|id| is_id(id)).map(str::to_owned).collect();
        if fields.is_empty() || ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = ids.into_iter().collect();
        let mut contacts = BTreeMap::new();
        for some in ids.chunks(self.rows.load(Ordering::Relaxed).min(100)) {
            let query = format!("SELECT {fields} FROM Contact WHERE Id IN {}", Quoted::List(some.to_vec()));
            for contact in self.query(&query, priority, "look up contacts").await?.rows {
                if let Some(id) = contact.get("Id").and_then(Value::as_str) {
                    contacts.insert(id.to_owned(), contact.clone());
                }
            }
        }
        for row in rows {
            if let Some(contact) = contact_to_look_up(row).and_then(|id| contacts.get(id)).cloned() {
                row["Contact"] = contact;
            }
        }
        Ok(())
    }

    /// One opportunity now, whole; `None` if Salesforce does not show it.
    pub(super) async fn read_order(&self, id: &str, priority: Priority) -> Result<Option<Incoming>, CallError> {
        if let Some(about) = id.strip_prefix(&format!("{SCHEMA}:")) {
            let org = self.look_at_org(priority).await?;
            return match org.usable.gaps.iter().find(|gap| gap.about == about) {
                None => Ok(None),
                Some(gap) => {
                    Err(CallError::Refused(self.client.door().refusal(Cause::ScopeMissing, &gap.sentence).about(about)))
                }
            };
        }
        if id.starts_with(PARCELS) {
            let sentence = "The record of a parcel that could not be read names no opportunity, so there is none to read again. Correct its opportunity in Salesforce: changed records are read within minutes, and the exception ends then.";
            return Err(CallError::Refused(self.client.door().refusal(Cause::Unreadable, sentence).about(id)));
        }
        if !is_id(id) {
            return Ok(None);
        }
        let org = self.org(priority).await?;
        let rows = self.rows_by_id(&[id.to_owned()], &org, priority).await?;
        let (records, bad) = self.translated(rows, &org, priority).await?;
        if let Some(bad) = bad.into_iter().next() {
            let number = bad.number.unwrap_or_else(|| id.to_owned());
            let sentence = format!("{number} could not be read: {}.", bad.why);
            return Err(CallError::Refused(self.client.door().refusal(Cause::Unreadable, &sentence).about(id)));
        }
        Ok(records.into_iter().next())
    }
}

/// The name of trouble with a record that stands for a parcel: exceptions of this stream are about orders.
fn parcel_id(id: &str) -> String {
    format!("{PARCELS}:{id}")
}

/// The opportunity of a record that stands for a parcel; `None` where it names none, as one that is being filled in.
/// What names something else is told: its parcel would otherwise vanish without a word.
fn parent_of(row: &Value, field: &str) -> Result<Option<String>, Unreadable> {
    let told = |why: String| {
        let raw = row.to_string();
        let id = row.get("Id").and_then(Value::as_str).filter(|id| is_id(id));
        let hash = || uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, raw.as_bytes()).to_string();
        let remote_id = id.map_or_else(hash, parcel_id);
        Unreadable { remote_id, number: id.map(str::to_owned), why, raw }
    };
    match row.as_object().map(|fields| fields.get(field)) {
        None => Err(told("the record of a parcel is no object".to_owned())),
        Some(Some(Value::Null)) => Ok(None),
        Some(Some(Value::String(id))) if is_id(id) => Ok(Some(id.clone())),
        Some(None) => Err(told(format!("{field}: missing"))),
        Some(Some(_)) => Err(told(format!("{field}: not the id of an opportunity"))),
    }
}

/// The org gave up on a question.
fn took_too_long(answer: &crate::Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    problems(&body).iter().any(|problem| matches!(problem.code.as_str(), "QUERY_TIMEOUT" | "OPERATION_TOO_LARGE"))
}

fn place_of(row: &Value, stamp: &str) -> Option<Place> {
    let at_ms = moment(row.get(stamp)?.as_str()?)?;
    Some(Place { at_ms, id: row.get("Id")?.as_str()?.to_owned() })
}

/// Moves the cursor over what was read, and says where the scan goes on.
fn advance(cursor: &mut Cursor, scan: &mut Scan, places: impl Iterator<Item = Place>, more: bool) -> Option<Scan> {
    let last = places.max();
    cursor.at_ms = cursor.at_ms.max(last.as_ref().map(|place| place.at_ms));
    if let Some(at_ms) = cursor.at_ms {
        cursor.seen.retain(|_, seen| *seen >= at_ms - OVERLAP_MS);
    }
    shrink(&mut cursor.seen, SEEN_MAX);
    match last {
        Some(last) if more && last > scan.place => {
            scan.place = last;
            scan.repeats = 0;
        }
        // The page before came again.
        Some(_) if more && scan.repeats < REPEATS_MAX => scan.repeats += 1,
        _ => return None,
    }
    Some(scan.clone())
}

/// Forgets the oldest beyond `most`; the worst that follows is one reading more.
fn shrink(known: &mut BTreeMap<String, i64>, most: usize) {
    if known.len() <= most {
        return;
    }
    let mut ages: Vec<i64> = known.values().copied().collect();
    ages.sort_unstable();
    let cut = ages[known.len() - most];
    known.retain(|_, at_ms| *at_ms >= cut);
}

fn page(cursor: &Cursor, next: Option<Scan>, records: Vec<Incoming>, unreadable: Vec<Unreadable>) -> Page {
    Page {
        records,
        unreadable,
        cursor: serde_json::to_value(cursor).unwrap_or_default(),
        next: next.and_then(|scan| serde_json::to_value(scan).ok()),
        mended: vec![],
        total: None,
        findings: None,
        asked: true,
    }
}

fn parse<T: serde::de::DeserializeOwned + Default>(value: Option<&Value>) -> T {
    value.and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}
