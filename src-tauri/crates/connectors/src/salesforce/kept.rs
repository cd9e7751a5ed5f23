//! What may be written into a customer that is there: what is empty, and what the desk wrote itself and nobody changed
//! since. Pure.
//!
//! An address is one thing: half of it from the order and half from people would be nobody's. So it goes whole or not at
//! all; only a country or a state that was there before anything else of it (an org may fill them by itself) stays beside it.

use crate::own::{Own, is_known, own, plain, word};
use quayside_model::{RecordDraft, Written};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Addresses of contacts, of people who are accounts, and of both kinds of accounts, by what their fields begin with.
const ADDRESSES: [&str; 3] = ["Mailing", "PersonMailing", "Shipping"];
/// Parts that make an address, and parts that an org may fill by itself.
const FIRM: [&str; 3] = ["Street", "City", "PostalCode"];
const SOFT: [&str; 2] = ["State", "Country"];

/// Name of a field in what is remembered.
fn place(object: &str, field: &str) -> String {
    format!("{object}.{field}")
}

/// The address a field is part of, and whether as one of those that make it.
fn part_of(field: &str) -> Option<(&'static str, bool)> {
    let of = |parts: &[&str]| {
        parts.iter().find_map(|part| ADDRESSES.into_iter().find(|begins| field.strip_suffix(*part) == Some(*begins)))
    };
    of(&FIRM).map(|begins| (begins, true)).or_else(|| of(&SOFT).map(|begins| (begins, false)))
}

fn shown(there: &Map<String, Value>, field: &str) -> String {
    there.get(field).map(plain).unwrap_or_default()
}

/// A field of a draft, as text.
fn text_of(json: &str) -> String {
    serde_json::from_str(json).map_or_else(|_| json.to_owned(), |value: Value| plain(&value))
}

/// Those of the fields that are written where this stands `there`.
pub fn to_write(
    fields: &[(String, String)],
    draft: &RecordDraft,
    object: &str,
    there: &Map<String, Value>,
) -> Vec<(String, String)> {
    let (written, customer) = (draft.written(), draft.external_id.as_str());
    let whose = |field: &str, json: &str| {
        own(written.as_ref(), customer, &place(object, field), &shown(there, field), &text_of(json))
    };
    // The desk wrote the very same there before, and it reads otherwise now: the org spells it its own way.
    let respelt = |field: &str, json: &str| is_known(written.as_ref(), customer, &place(object, field), &text_of(json));
    let stays = |address: &str| {
        let bare = FIRM.iter().all(|part| shown(there, &format!("{address}{part}")).trim().is_empty());
        fields.iter().any(|(field, json)| match part_of(field) {
            Some((of, firm)) if of == address && whose(field, json) == Own::Theirs => {
                firm || !(bare || respelt(field, json))
            }
            _ => false,
        })
    };
    let staying: Vec<&str> = ADDRESSES.into_iter().filter(|address| stays(address)).collect();
    let mut kept: Vec<(String, String)> = Vec::new();
    for (field, json) in fields {
        let free = part_of(field).is_none_or(|(of, _)| !staying.contains(&of));
        if free && matches!(whose(field, json), Own::Empty | Own::Ours) {
            kept.push((field.clone(), json.clone()));
        }
    }
    // A part of the old address that the new one does not have would make a third one.
    for address in ADDRESSES.into_iter().filter(|address| !staying.contains(address)) {
        let moves =
            kept.iter().any(|(field, json)| part_of(field) == Some((address, true)) && whose(field, json) == Own::Ours);
        for part in FIRM.iter().chain(&SOFT).filter(|_| moves) {
            let field = format!("{address}{part}");
            let named = fields.iter().any(|(known, _)| *known == field);
            let old = shown(there, &field);
            if !named && is_known(written.as_ref(), customer, &place(object, &field), &old) {
                kept.push((field, "null".to_owned()));
            }
        }
    }
    kept
}

/// A row that was decided on what stands there still gives it something. What is only to be cleared is no reason, nor is
/// what the desk had written there before.
pub fn lacks(draft: &RecordDraft, row: &RecordDraft) -> bool {
    let written = draft.written();
    row.fields.iter().any(|(field, json)| {
        let text = text_of(json);
        !text.is_empty() && !is_known(written.as_ref(), &draft.external_id, &place(&row.object, field), &text)
    })
}

/// The field that says whether the address was verified.
pub struct Mark<'a> {
    /// The object it is a field of.
    pub object: &'a str,
    /// Its name; empty: nobody wants it.
    pub field: &'a str,
    /// What the fields of the address begin with.
    pub address: &'a str,
}

impl Mark<'_> {
    /// What is written into it. It speaks of one address: of another one that stands there, and stays, nothing is said,
    /// and what was said of an address that is not there any more goes.
    pub fn to_write(
        &self,
        draft: &RecordDraft,
        there: &Map<String, Value>,
        wanted: &[(String, String)],
        written: &[(String, String)],
    ) -> Option<(String, String)> {
        if self.field.is_empty() {
            return None;
        }
        let is_part = |field: &str| FIRM.iter().any(|part| field == format!("{}{part}", self.address));
        let goes = |field: &str| written.iter().any(|(known, _)| known == field);
        let same = |field: &str, json: &str| {
            let (there, wanted) = (shown(there, field), text_of(json));
            own(None, "", "", &there, &wanted) == Own::Same
        };
        let parts: Vec<&(String, String)> = wanted.iter().filter(|(field, _)| is_part(field)).collect();
        let stands = !parts.is_empty() && parts.iter().all(|(field, json)| goes(field) || same(field, json));
        let moves = parts.iter().any(|(field, _)| goes(field) && !shown(there, field).trim().is_empty());
        let (says, is_set) = (shown(there, self.field), self.is_set(there));
        let clear = || is_set.then(|| (self.field.to_owned(), "null".to_owned()));
        let stale = self.is_stale(draft, there);
        match draft.fact("verified") {
            Some(now) if stands => {
                // What somebody ticked, or unticked after us, is theirs while the address is the same.
                let free = moves || stale || self.is_known(draft, there) || !(is_set || self.is_said(draft));
                let news = moves || stale || text_of(&now) != says;
                (free && news).then(|| (self.field.to_owned(), now))
            }
            None if stands && moves => clear(),
            _ if stale => clear(),
            _ => None,
        }
    }

    fn is_set(&self, there: &Map<String, Value>) -> bool {
        let says = shown(there, self.field);
        !matches!(says.trim(), "" | "false")
    }

    fn place(&self) -> String {
        place(self.object, self.field)
    }

    /// What it says, with the address it says it of.
    fn with_address(&self, says: &str, part: impl Fn(&str) -> String) -> String {
        let parts: Vec<String> = FIRM.iter().map(|name| part(&format!("{}{name}", self.address))).collect();
        format!("{says}\n{}", parts.join("\n"))
    }

    /// The desk said this, of the address that stands there.
    fn is_known(&self, draft: &RecordDraft, there: &Map<String, Value>) -> bool {
        self.said_of(draft, there, &shown(there, self.field))
    }

    fn said_of(&self, draft: &RecordDraft, there: &Map<String, Value>, says: &str) -> bool {
        let text = self.with_address(says, |field| shown(there, field));
        is_known(draft.written().as_ref(), &draft.external_id, &self.place(), &text)
    }

    fn is_said(&self, draft: &RecordDraft) -> bool {
        draft.written().is_some_and(|written| written.fields.contains_key(&self.place()))
    }

    /// The desk said something of an address, and that is not the one that stands there.
    fn is_stale(&self, draft: &RecordDraft, there: &Map<String, Value>) -> bool {
        self.is_said(draft) && !["true", "false"].iter().any(|says| self.said_of(draft, there, says))
    }
}

/// What is remembered of a row that was written over what stood `there`.
pub fn said(draft: &RecordDraft, row: &RecordDraft, there: &Map<String, Value>, mark: Option<&Mark<'_>>) -> Written {
    let customer = draft.external_id.as_str();
    let mut fields = BTreeMap::new();
    for (field, json) in &row.fields {
        let of_mark = mark.filter(|mark| mark.field == field);
        let text = match of_mark {
            Some(mark) => mark.with_address(&text_of(json), |part| {
                let goes = row.fields.iter().find(|(known, _)| known == part);
                goes.map_or_else(|| shown(there, part), |(_, json)| text_of(json))
            }),
            None => text_of(json),
        };
        let place = place(&row.object, field);
        fields.insert(place.clone(), word(customer, &place, &text));
    }
    Written { customer: customer.to_owned(), fields }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
