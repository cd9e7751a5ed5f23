//! Facts and remarks on an order: metafields of our own, tags, a line in the order's note.
//!
//! Metafields are named, so writing one twice leaves one; tags are a set. The note is one
//! text that a write replaces whole: it is read just before, a line that is there already is
//! not added again, and nothing of what people wrote is ever cut. The store shows buyers'
//! notes in the same place, so a line of ours begins with a mark by which it is known when
//! the order is read again: it is nobody's wish, and goes to no warehouse.
//!
//! A name may hold letters, digits, `-` and `_` only, and 64 of them: `shipping_cost/1Z`
//! becomes `shipping_cost_1Z`, and what is cut off leaves a sum behind that tells it apart.

use super::Shopify;
use super::client::Errand;
use super::documents::{Document, METAFIELDS};
use super::stock::text;
use super::verdicts::{CallError, UserMeaning, by_mark_errors, user_errors};
use crate::Priority;
use quayside_model::{Cause, Confirmation, Receipt, Refusal, Verdict};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Whose fields they are. What stands there is ours, and no attribute of the order.
pub(super) const NAMESPACE: &str = "quayside";
/// How a line of ours in a note begins.
const MARK: &str = "[Quayside] ";
/// Longest note the store takes, characters.
const NOTE_MAX: usize = 5_000;
/// Longest and shortest name of a metafield, characters.
const KEY_MAX: usize = 64;
const KEY_MIN: usize = 2;
/// Longest tag, characters.
const TAG_MAX: usize = 40;
/// How a text is kept, and one of several lines.
const ONE_LINE: &str = "single_line_text_field";
const MANY_LINES: &str = "multi_line_text_field";

/// What is to stand on an order.
pub(super) struct Marks<'a> {
    /// Named facts.
    pub fields: &'a [(String, String)],
    /// A line for the team.
    pub note: &'a str,
    /// Tags.
    pub tags: &'a [String],
}

/// What of it does not stand there yet.
#[derive(Debug, Default)]
struct Todo {
    name: String,
    /// Name, type, text.
    fields: Vec<(String, String, String)>,
    tags: Vec<String>,
    /// The whole new note.
    note: Option<String>,
}

impl Todo {
    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.tags.is_empty() && self.note.is_none()
    }
}

impl Shopify {
    /// Writes facts and remarks onto an order.
    pub(super) async fn annotate(&self, id: &str, marks: &Marks<'_>, priority: Priority) -> Verdict {
        if self.lacks_scope("write_orders") {
            let sentence = "Could not write the facts onto the order. The app lacks the permission write_orders. Grant it in the app's settings, release the version, install it again, then test the connection.";
            return Verdict::NeedsPerson(self.refusal(Cause::ScopeMissing, sentence).about(id));
        }
        let mut errand = Errand::new(priority);
        let todo = match self.to_annotate(id, marks, &mut errand).await {
            Ok(Some(todo)) => todo,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(id, "write the facts onto the order")),
            Err(error) => return error.before_change(),
        };
        let receipt = Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() };
        if todo.is_empty() {
            return Verdict::AlreadyDone(receipt);
        }
        let mut calls = Vec::new();
        for part in todo.fields.chunks(METAFIELDS) {
            let rows: Vec<Value> = part
                .iter()
                .map(|(key, kind, value)| {
                    json!({ "ownerId": id, "namespace": NAMESPACE, "key": key, "type": kind, "value": value })
                })
                .collect();
            calls.push((Document::SetMetafields, "metafieldsSet", json!({ "m": rows })));
        }
        if !todo.tags.is_empty() {
            calls.push((Document::AddTags, "tagsAdd", json!({ "id": id, "tags": todo.tags })));
        }
        if let Some(note) = todo.note {
            if note.chars().count() > NOTE_MAX {
                return Verdict::NeedsPerson(self.note_full(id, &todo.name));
            }
            calls.push((Document::SetNote, "orderUpdate", json!({ "input": { "id": id, "note": note } })));
        }
        let what = format!("Could not write the facts onto {}", todo.name);
        for (document, field, variables) in calls {
            if let Err(verdict) = self.mark(id, document, field, variables, &mut errand, &what).await {
                return verdict;
            }
        }
        Verdict::Done(receipt)
    }

    /// One of the calls. What came before it stays: the next try writes only what is missing.
    async fn mark(
        &self,
        id: &str,
        document: Document,
        field: &str,
        variables: Value,
        errand: &mut Errand,
        what: &str,
    ) -> Result<(), Verdict> {
        let sent = self.client.call(document, variables, 1, errand, "write the facts onto the order").await;
        let data = sent.map_err(CallError::into_verdict)?;
        let payload = data.data.get(field).cloned().unwrap_or_default();
        let errors = user_errors(&payload, "userErrors");
        if errors.is_empty() {
            let said = payload.is_object();
            return if said { Ok(()) } else { Err(Verdict::AnswerLost(self.empty_answer(what, data.request_id))) };
        }
        let (meaning, refusal) = by_mark_errors(self.client.door(), &errors, data.request_id, what);
        let refusal = refusal.about(id);
        Err(match meaning {
            UserMeaning::Stale => Verdict::RetryLater(refusal),
            UserMeaning::Unknown => Verdict::AnswerLost(refusal),
            UserMeaning::Already | UserMeaning::Person => Verdict::NeedsPerson(refusal),
        })
    }

    /// Does everything stand there?
    pub(super) async fn confirm_annotation(&self, id: &str, marks: &Marks<'_>, priority: Priority) -> Confirmation {
        match self.to_annotate(id, marks, &mut Errand::new(priority)).await {
            Ok(Some(todo)) if todo.is_empty() => {
                Confirmation::Holds(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() })
            }
            // Written in part counts as absent: performing it again writes what is missing.
            Ok(Some(_)) => Confirmation::Absent,
            Ok(None) => Confirmation::Overtaken(self.order_gone(id, "write the facts onto the order")),
            Err(error) => error.into_confirmation(),
        }
    }

    /// What of it is not there yet. `None`: the store does not show the order.
    async fn to_annotate(&self, id: &str, marks: &Marks<'_>, errand: &mut Errand) -> Result<Option<Todo>, CallError> {
        // By the name they get: of two that would get one name, the last counts.
        let wanted: BTreeMap<String, &str> = marks
            .fields
            .iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| (key(name), value.trim()))
            .collect();
        let wanted: Vec<(String, &str)> = wanted.into_iter().collect();
        let mut todo = Todo::default();
        let mut order = Value::Null;
        let mut parts: Vec<&[(String, &str)]> = wanted.chunks(METAFIELDS).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        for part in parts {
            let keys: Vec<String> = part.iter().map(|(key, _)| format!("{NAMESPACE}.{key}")).collect();
            let variables = json!({ "id": id, "keys": keys });
            let data = self.client.call(Document::OrderMarks, variables, 1, errand, "look at the order").await?;
            let Some(found) = data.data.get("order").filter(|order| order.is_object()) else { return Ok(None) };
            order = found.clone();
            todo.fields.extend(missing(part, &order));
        }
        todo.name = text(&order, "/name").unwrap_or_else(|| id.to_owned());
        todo.tags = new_tags(marks.tags, &order);
        todo.note = new_note(&text(&order, "/note").unwrap_or_default(), marks.note);
        Ok(Some(todo))
    }

    fn note_full(&self, id: &str, name: &str) -> Refusal {
        let sentence = format!(
            "Could not write a remark onto {name}. Its note is full ({NOTE_MAX} characters). Shorten it in Shopify, then retry."
        );
        self.refusal(Cause::ContentRefused, &sentence).about(id)
    }
}

/// Facts that do not stand on the order as they should.
fn missing(wanted: &[(String, &str)], order: &Value) -> Vec<(String, String, String)> {
    let known = order.pointer("/metafields/nodes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut out = Vec::new();
    for (key, value) in wanted {
        let is_it = |one: &&Value| {
            text(one, "/namespace").as_deref() == Some(NAMESPACE) && text(one, "/key").as_ref() == Some(key)
        };
        let stands = known.iter().find(is_it);
        if stands.and_then(|one| text(one, "/value")).as_deref() == Some(*value) {
            continue;
        }
        // A field keeps its type for ever; one that is there says which that is.
        let kind = stands.and_then(|one| text(one, "/type")).filter(|kind| !kind.is_empty());
        let new = if value.contains('\n') { MANY_LINES } else { ONE_LINE };
        out.push((key.clone(), kind.unwrap_or_else(|| new.to_owned()), (*value).to_owned()));
    }
    out
}

/// Tags the order does not have, as the store keeps them: without commas, whatever the case.
fn new_tags(wanted: &[String], order: &Value) -> Vec<String> {
    let known = order.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut known: Vec<String> = known.map(str::to_lowercase).collect();
    let mut out = Vec::new();
    for tag in wanted {
        let tag: String = tag.replace(',', " ").trim().chars().take(TAG_MAX).collect();
        let tag = tag.trim().to_owned();
        if !tag.is_empty() && !known.contains(&tag.to_lowercase()) {
            known.push(tag.to_lowercase());
            out.push(tag);
        }
    }
    out
}

/// The note with a line of ours at its end; `None` where it stands there.
fn new_note(note: &str, remark: &str) -> Option<String> {
    let remark = remark.split_whitespace().collect::<Vec<_>>().join(" ");
    if remark.is_empty() {
        return None;
    }
    let line = format!("{MARK}{remark}");
    if note.lines().any(|known| known.trim() == line) {
        return None;
    }
    Some(if note.trim().is_empty() { line } else { format!("{}\n{line}", note.trim_end()) })
}

/// A note as people wrote it, without lines of ours.
pub(super) fn without_ours(note: &str) -> String {
    if !note.contains(MARK.trim_end()) {
        return note.to_owned();
    }
    note.lines().filter(|line| !line.trim_start().starts_with(MARK.trim_end())).collect::<Vec<_>>().join("\n")
}

/// A name as the store takes it.
fn key(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let mut key: String = name.trim().chars().map(plain).collect();
    if key.len() > KEY_MAX {
        let sum = Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string();
        key.truncate(KEY_MAX - 9);
        key.push('_');
        key.extend(sum.chars().take(8));
    }
    while key.len() < KEY_MIN {
        key.push('_');
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_the_store_takes() {
        for (name, expected) in [
            ("shipping_cost/1Z-0001", "shipping_cost_1Z-0001"),
            ("hub_number", "hub_number"),
            ("größe 2", "gr__e_2"),
            ("x", "x_"),
            ("", "__"),
        ] {
            assert_eq!(key(name), expected, "{name}");
        }
        let (long, other) = (key(&format!("{}a", "x".repeat(80))), key(&format!("{}b", "x".repeat(80))));
        assert_eq!((long.len(), other.len()), (KEY_MAX, KEY_MAX));
        assert_ne!(long, other, "cut off and told apart");
    }

    #[test]
    fn a_line_is_added_once_and_taken_for_nobodys_wish() {
        let note = new_note("ring twice\n", "On hold\nat the hub.").unwrap_or_default();
        assert_eq!(note, "ring twice\n[Quayside] On hold at the hub.");
        assert_eq!(new_note(&note, "On hold at the hub."), None);
        assert_eq!(new_note(&note, "  "), None);
        assert_eq!(without_ours(&note), "ring twice");
        assert_eq!(without_ours(&new_note("", "Late.").unwrap_or_default()), "");
        assert_eq!(without_ours("ring\ntwice\n"), "ring\ntwice\n", "what is nobody's but the buyer's stays as it is");
    }

    #[test]
    fn only_what_is_missing_is_written() {
        let order = json!({ "tags": ["VIP"], "metafields": { "nodes": [
            { "namespace": "quayside", "key": "carrier_1Z", "type": "single_line_text_field", "value": "UPS" },
            { "namespace": "quayside", "key": "service_1Z", "type": "multi_line_text_field", "value": "Ground" },
            { "namespace": "other", "key": "hub_number", "type": "json", "value": "7" },
            null,
        ] } });
        let wanted = [("carrier_1Z", "UPS"), ("service_1Z", "Express"), ("hub_number", "7")];
        let wanted: Vec<(String, &str)> = wanted.map(|(key, value)| (key.to_owned(), value)).to_vec();
        assert_eq!(
            missing(&wanted, &order),
            [("service_1Z", MANY_LINES, "Express"), ("hub_number", ONE_LINE, "7")].map(|(key, kind, value)| (
                key.to_owned(),
                kind.to_owned(),
                value.to_owned()
            ))
        );
        let tags = ["vip", "late, very", "Late  Very", ""].map(str::to_owned);
        assert_eq!(new_tags(&tags, &order), ["late  very"]);
    }
}
