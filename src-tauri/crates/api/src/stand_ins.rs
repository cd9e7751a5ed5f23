//! People's names, addresses and mails give way to stand-ins, the same one wherever the same stood: who had one address still
//! has one, and nobody can tell whose it was.
//!
//! Worked out on JSON of ours, so that a field that is added later is found where it stands: a map that is an address or a
//! buyer, and the few names under which people write free text. What was found there is then looked for everywhere else, in
//! sentences and in fields of records, and so is whatever looks like a mail address.
//!
//! Numbers of parcels, and single words that somebody wrote into an attribute, give way to words of the same shape
//! ([`crate::cipher`]). Of the single words those stay that the merchant's own rules, mappings or goods name: something is
//! decided by them, and they are nobody's.

use crate::cipher::{Cipher, pieces};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Shorter pieces are found in ordinary words.
const WORD_CHARS_MIN: usize = 4;
/// What an address or a buyer is made of, and what stands in for it. Region and country stay: taxes and carriers hang on them.
const PERSON: [(&str, &str); 9] = [
    ("name", "Person"),
    ("company", "Company"),
    ("line1", "Street"),
    ("line2", "Door"),
    ("line3", "Floor"),
    ("city", "Town"),
    ("postcode", "Postcode"),
    ("phone", "Phone"),
    ("email", "mail"),
];
/// Kinds of which a part of the text tells as much as the whole.
const TOLD_BY_A_PART: [&str; 3] = ["Person", "Company", "Street"];
/// Names under which people write what they like.
const WRITTEN: [&str; 7] =
    ["note", "notes", "customer_note", "gift_message", "internal_note", "staff_note", "internal_notes"];
/// What a letter to a buyer is made of. One that waits for a click is compared with what would be said now, which is made of
/// stand-ins: what it says keeps its words.
const LETTER: [&str; 3] = ["to", "subject", "body"];
/// Pairs of a name and what somebody wrote.
const PAIRS: [&str; 1] = ["options"];
/// Pairs of a name and either a word that something may be decided by, or what somebody wrote.
const ATTRIBUTES: &str = "attributes";
/// Pairs of a name and what was made of it, or typed.
const FIELDS: &str = "fields";
/// Fewer letters are a size, a unit, a country.
const LETTERS_MIN: usize = 3;
/// A telephone number has no fewer.
const PHONE_DIGITS_MIN: usize = 7;
/// What a carrier says of a parcel's way, and why a person holds an order: theirs where it is more than a word.
const LOOSE: [&str; 2] = ["says", "reason"];
/// Numbers by which whoever has them may ask a carrier where somebody lives.
const TRACKING: &str = "tracking_number";
/// The same, several.
const TRACKINGS: [&str; 2] = ["tracking_numbers", "numbers"];
/// What the merchant wrote, by its place in the document.
const TABLES: [&str; 6] = ["rules", "mapping", "messages", "settings", "automations", "aliases"];
/// Names of goods and of ways to send them.
const TRADE: [&str; 5] = ["title", "code", "service", "carrier_code", "carrier_name"];
/// What a box was ticked with.
const TICKS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "none", "null", "n/a"];
/// Cities are in it, and everything is decided by it.
const KEPT: &str = "time_zone";
/// What a platform said in its own words: nobody decides by it.
const SAID: &str = "said";

/// Who stands in for whom.
#[derive(Default)]
pub(crate) struct StandIns {
    cipher: Cipher,
    /// By what stood there, in small letters.
    known: BTreeMap<String, String>,
    /// The same for single words of it.
    parts: BTreeMap<String, String>,
    n: BTreeMap<&'static str, usize>,
    /// Names of attributes that Quayside writes: they are made anew of the rest, and must be found again.
    ours: BTreeSet<String>,
    /// Words of the merchant's own tables and goods, in small letters.
    trade: BTreeSet<String>,
    /// The change that is looked at waits for a click.
    waits: bool,
}

impl StandIns {
    /// Puts stand-ins in for everybody in a document.
    pub(crate) fn put(document: &mut Value, cipher: Cipher) {
        let mut stand_ins = Self { cipher, ..Self::default() };
        name_ours(document, &mut stand_ins.ours);
        TABLES.iter().filter_map(|table| document.get(*table)).for_each(|table| name_all(table, &mut stand_ins.trade));
        name_trade(document, &mut stand_ins.trade);
        stand_ins.meet(document);
        // Longer ones first: a name is in the street that is called after it.
        let long = |(word, _): &(&String, &String)| word.chars().count() >= WORD_CHARS_MIN;
        let mut words: Vec<(String, String)> = stand_ins
            .parts
            .iter()
            .chain(&stand_ins.known)
            .filter(long)
            .map(|(word, stand_in)| (word.clone(), stand_in.clone()))
            .collect();
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        stand_ins.replace(document, &words, false);
    }

    /// The stand-in for a text of some kind; shouted where it was shouted.
    fn of(&mut self, kind: &'static str, text: &str) -> String {
        let folded = fold(text.trim());
        if folded.is_empty() {
            return text.to_owned();
        }
        let stand_in = match self.known.get(&folded) {
            Some(known) => known.clone(),
            None => self.introduce(kind, folded),
        };
        let shouted = kind != "Text" && text.chars().any(char::is_alphabetic) && text.to_uppercase() == text;
        if shouted { stand_in.to_uppercase() } else { stand_in }
    }

    fn introduce(&mut self, kind: &'static str, folded: String) -> String {
        let n = self.n.entry(kind).or_default();
        *n += 1;
        let stand_in = match kind {
            "mail" => format!("mail-{n}@stand-in.example"),
            "Phone" => format!("+00 000 {n:06}"),
            _ => format!("{kind} {n}"),
        };
        if TOLD_BY_A_PART.contains(&kind) {
            // A street may be called Street: what stands in for others stays what it is.
            let ours = |part: &str| PERSON.iter().any(|(_, kind)| kind.eq_ignore_ascii_case(part));
            let parts = folded.split(|c: char| !c.is_alphabetic());
            for part in parts.filter(|part| *part != folded && !ours(part)) {
                self.parts.entry(part.to_owned()).or_insert_with(|| stand_in.clone());
            }
        }
        self.known.insert(folded, stand_in.clone());
        stand_in
    }

    /// Finds everybody, and replaces them where they are at home.
    fn meet(&mut self, value: &mut Value) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.meet(one)),
            Value::Object(fields) => {
                let (person, letter) = (is_person(fields), LETTER.iter().all(|name| fields.contains_key(*name)));
                let has = |name: &str| fields.contains_key(name);
                let loose = has("state") && has("at_ms") || has("since_ms");
                let tracked = has("tracking_numbers") || has("carrier_code") && has("urls");
                if has("intent") {
                    self.waits = fields.get("state").is_some_and(|state| state == "asked");
                }
                for (name, value) in fields.iter_mut() {
                    let home =
                        PERSON.iter().find(|(field, _)| person && *field == name.as_str()).map(|(_, kind)| *kind);
                    let kind = home.or_else(|| written(name, letter, self.waits));
                    match value {
                        Value::String(number) if name == TRACKING => *number = self.tracking(number),
                        Value::Array(numbers) if tracked && TRACKINGS.contains(&name.as_str()) => {
                            for number in numbers {
                                if let Value::String(number) = number {
                                    *number = self.tracking(number);
                                }
                            }
                        }
                        Value::String(text) => {
                            let theirs = loose && LOOSE.contains(&name.as_str()) && is_sentence(text);
                            if let Some(kind) = kind.or(theirs.then_some("Text")) {
                                *text = self.of(kind, text);
                            }
                        }
                        Value::Array(pairs) if PAIRS.contains(&name.as_str()) => self.meet_pairs(pairs, true),
                        Value::Array(pairs) if name == ATTRIBUTES => self.meet_pairs(pairs, false),
                        other => self.meet(other),
                    }
                }
                if fields.contains_key(SAID) {
                    fields.insert(SAID.to_owned(), Value::Null);
                }
            }
            _ => {}
        }
    }

    fn meet_pairs(&mut self, pairs: &mut [Value], all: bool) {
        for pair in pairs {
            if let Value::Array(pair) = pair
                && let [name, Value::String(text)] = pair.as_mut_slice()
                && (all || name.as_str().is_none_or(|name| !self.ours.contains(name)))
            {
                if all || is_sentence(text) {
                    *text = self.of("Text", text);
                } else if self.is_somebodys(text) {
                    *text = self.shaped(text, |cipher, text| cipher.text(text));
                }
            }
        }
    }

    /// A parcel's number.
    fn tracking(&mut self, number: &str) -> String {
        self.shaped(number, Cipher::tracking)
    }

    /// A stand-in of the same shape, found again wherever else the text stands.
    fn shaped(&mut self, text: &str, make: impl Fn(&Cipher, &str) -> String) -> String {
        let folded = fold(text.trim());
        if folded.is_empty() {
            return text.to_owned();
        }
        if let Some(known) = self.known.get(&folded) {
            return known.clone();
        }
        let stand_in = make(&self.cipher, text.trim());
        self.known.insert(folded, stand_in.clone());
        stand_in
    }

    /// One word that nothing is decided by: a name, perhaps. What is a number, a date or a tick in a box stays.
    fn is_somebodys(&self, text: &str) -> bool {
        let text = fold(text.trim());
        if TICKS.contains(&text.as_str()) || self.trade.contains(&text) {
            return false;
        }
        if text.starts_with(['+', '0']) && text.chars().filter(char::is_ascii_digit).count() >= PHONE_DIGITS_MIN {
            return true;
        }
        let words: Vec<&str> = pieces(&text).filter(|piece| piece.starts_with(char::is_alphabetic)).collect();
        let letters = words.iter().map(|word| word.chars().filter(|c| c.is_alphabetic()).count()).sum::<usize>();
        letters >= LETTERS_MIN && !words.iter().all(|word| self.trade.contains(*word))
    }

    /// Everybody who was met, wherever else they are named; and mail addresses of whoever was not. `written`: what is looked at
    /// is what somebody wrote into a field, and none of our own words.
    fn replace(&mut self, value: &mut Value, words: &[(String, String)], written: bool) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.replace(one, words, written)),
            Value::Object(fields) => {
                let taken = std::mem::take(fields);
                let mut kept = Map::new();
                for (name, mut value) in taken {
                    if name != KEPT {
                        self.replace(&mut value, words, name == FIELDS || name == ATTRIBUTES);
                    }
                    // Names of fields are ours; a mail address is nobody's.
                    let name = if name.contains('@') { self.text(&name, words) } else { name };
                    kept.insert(name, value);
                }
                *fields = kept;
            }
            Value::String(text) if written || !is_code(text) => *text = self.text(text, words),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, words: &[(String, String)]) -> String {
        let mut out = text.to_owned();
        for (word, stand_in) in words {
            out = replaced(&out, word, stand_in);
        }
        if !out.contains('@') {
            return out;
        }
        let is_end = |c: char| c.is_whitespace() || "<>\"'(),;:[]\\".contains(c);
        let mut mended = String::with_capacity(out.len());
        for piece in out.split_inclusive(is_end) {
            let (word, end) = match piece.char_indices().next_back() {
                Some((at, last)) if is_end(last) => piece.split_at(at),
                _ => (piece, ""),
            };
            let is_mail = word.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'));
            if is_mail && !word.to_lowercase().ends_with("@stand-in.example") {
                mended.push_str(&self.of("mail", word));
            } else {
                mended.push_str(word);
            }
            mended.push_str(end);
        }
        mended
    }
}

/// An address, or who bought.
fn is_person(fields: &Map<String, Value>) -> bool {
    fields.contains_key("line1") || fields.contains_key("email") && fields.contains_key("phone")
}

fn written(name: &str, letter: bool, waits: bool) -> Option<&'static str> {
    match name {
        "email" => Some("mail"),
        "to" if letter => Some("mail"),
        name if WRITTEN.contains(&name) || letter && !waits && LETTER.contains(&name) => Some("Text"),
        _ => None,
    }
}

/// More than one word, or a telephone number: nothing that a rule would ask for.
fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    text.contains(char::is_whitespace) && (text.contains(char::is_alphabetic) || text.starts_with(['+', '0']))
}

/// The names under which Quayside writes to orders.
fn name_ours(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| name_ours(one, names)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Array(pairs) if name == FIELDS => {
                        names.extend(pairs.iter().filter_map(|pair| Some(pair.get(0)?.as_str()?.to_owned())));
                    }
                    other => name_ours(other, names),
                }
            }
        }
        _ => {}
    }
}

/// Every word of every text in it.
fn name_all(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| name_all(one, words)),
        Value::Object(fields) => fields.values().for_each(|one| name_all(one, words)),
        Value::String(text) => name_words(text, words),
        _ => {}
    }
}

fn name_words(text: &str, words: &mut BTreeSet<String>) {
    let folded = fold(text.trim());
    words.extend(pieces(&folded).map(str::to_owned));
    words.insert(folded);
}

/// The words of goods, and of ways to send them.
fn name_trade(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| name_trade(one, words)),
        Value::Object(fields) => {
            let is_goods = fields.contains_key("sku");
            for (name, value) in fields {
                match value {
                    Value::String(text) if is_goods || TRADE.contains(&name.as_str()) => name_words(text, words),
                    other => name_trade(other, words),
                }
            }
        }
        _ => {}
    }
}

/// One of our own words (`partially_paid`): never changed, whatever somebody is called.
fn is_code(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// In small letters, each in the place where it stood: what would take another length stays as it is.
fn fold(text: &str) -> String {
    let small = |c: char| {
        let mut lower = c.to_lowercase();
        let first = lower.next().filter(|first| first.len_utf8() == c.len_utf8());
        first.filter(|_| lower.next().is_none()).unwrap_or(c)
    };
    text.chars().map(small).collect()
}

/// `text` with every `word` (small letters) replaced that stands there by itself, however it is written.
fn replaced(text: &str, word: &str, stand_in: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in folded.match_indices(word) {
        let (before, after) = (&folded[..at], folded[at + word.len()..].chars().next());
        // Texts within texts: the letter of an escaped end of a line is no letter of a word.
        let begins = ["\\n", "\\r", "\\t"].iter().any(|escape| before.ends_with(escape))
            || !before.chars().next_back().is_some_and(char::is_alphanumeric);
        let alone = begins && !after.is_some_and(char::is_alphanumeric);
        if at < from || !alone {
            continue;
        }
        out.push_str(&text[from..at]);
        out.push_str(stand_in);
        from = at + word.len();
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_person_has_one_stand_in_everywhere() {
        let mut document = json!({
            "customer": { "name": "Jane Roe", "email": "jane@mail.test", "phone": "040 123456" },
            "ship_to": { "name": "JANE ROE", "company": "", "line1": "Am Kai 1", "postcode": "20457", "city": "Hamburg", "country": "DE" },
            "bill_to": { "name": "jane roe", "line1": "Am Kai 1", "country": "DE" },
            "lines": [{ "name": "Mug", "sku": "MUG-1", "options": [["Engraving", "For Jim"]] }],
            "effects": [{ "sentence": "Keep Jane Roe, who gets #1001 at am kai 1", "refusal": { "said": "Dear Jane", "sentence": "no such door for jim@other.test." } }],
            "note": "ring twice", "total_minor": 1200, "jane@mail.test": 1
        });
        StandIns::put(&mut document, Cipher::default());
        let text = document.to_string();
        for gone in
            ["Jane", "JANE", "jane", "Roe", "Kai", "kai", "20457", "Hamburg", "040", "Jim", "jim", "ring", "mail.test"]
        {
            assert!(!text.contains(gone), "{gone} is still in it: {text}");
        }
        assert_eq!(document["customer"]["name"], "Person 1");
        assert_eq!(document["ship_to"]["name"], "PERSON 1");
        assert_eq!(document["bill_to"]["name"], document["customer"]["name"]);
        assert_eq!(document["ship_to"]["line1"], document["bill_to"]["line1"]);
        assert_eq!((&document["ship_to"]["company"], &document["ship_to"]["country"]), (&json!(""), &json!("DE")));
        assert_eq!((&document["lines"][0]["name"], &document["total_minor"]), (&json!("Mug"), &json!(1200)));
        assert!(
            document["effects"][0]["sentence"]
                .as_str()
                .unwrap_or_default()
                .starts_with("Keep Person 1, who gets #1001")
        );
    }

    #[test]
    fn a_line_within_a_text_within_a_text_is_found() {
        let street = "\"Am Kai 1\\nHinterhaus links\"";
        let mut document = json!({
            "ship_to": { "name": "Jane Roe", "line1": "Am Kai 1", "line2": "Hinterhaus links" },
            "fields": [["street", street], ["other", "Hinterhauslinks"]]
        });
        StandIns::put(&mut document, Cipher::default());
        assert_eq!(document["fields"], json!([["street", "\"Street 1\\nDoor 1\""], ["other", "Hinterhauslinks"]]));
    }

    #[test]
    fn what_people_wrote_has_a_stand_in_and_what_is_decided_by_stays() {
        let mut document = json!({
            "rules": [{ "all": [{ "attribute": "colour", "is": "teal" }] }],
            "attributes": [["card", "For Jim, with love"], ["call", "+49 40 123"], ["colour", "teal"], ["day", "2026-12-24 10:00"],
                           ["Sent", "by UPS, TRACK1"]],
            "effects": [{ "state": "done", "intent": { "fields": [["Sent", "by UPS, TRACK1"]] } }],
            "track": { "state": "delivered", "at_ms": 1, "says": "LEFT WITH JIM" },
            "hold": { "since_ms": 1, "until_ms": null, "reason": "Jim is away" },
            "holds": [{ "reason": "out of stock", "notes": "", "ours": false }]
        });
        StandIns::put(&mut document, Cipher::default());
        assert_eq!(
            document["attributes"],
            json!([
                ["card", "Text 1"],
                ["call", "Text 2"],
                ["colour", "teal"],
                ["day", "2026-12-24 10:00"],
                ["Sent", "by UPS, TRACK1"]
            ])
        );
        assert_eq!(document["effects"][0]["intent"]["fields"][0][1], "by UPS, TRACK1");
        assert!(!document.to_string().to_lowercase().contains("jim"), "{document}");
        assert_eq!(document["holds"][0]["reason"], "out of stock");
    }

    #[test]
    fn a_parcels_number_and_a_single_word_somebody_wrote_have_another_of_the_same_shape() {
        let number = "1Z999AA10123456784";
        let mut document = json!({
            "rules": [{ "attribute": "colour", "is": "Teal" }],
            "lines": [{ "sku": "MUG-1", "name": "Anchor mug" }],
            "account": { "time_zone": "Europe/Berlin" },
            "ship_to": { "line1": "Am Kai 1", "city": "Berlin" },
            "attributes": [["engraving", "Jim"], ["for", "ingrid"], ["call", "015123456789"], ["colour", "teal"],
                           ["motif", "anchor"], ["gift", "true"], ["size", "XL"], ["day", "20261224"]],
            "parcels": [{ "tracking_number": number, "tracking_url": format!("https://carrier.example/{number}") }],
            "fulfillments": [{ "tracking_numbers": [number, ""] }],
            "effects": [{ "sentence": "Report 1z999aa10123456784 to the store", "intent": {
                "tracking": { "carrier_code": "ups", "numbers": [number], "urls": [] },
                "fields": [["For", "ingrid"], ["Payment", "paid"]]
            } }],
            "payment": "paid"
        });
        let before = document.clone();
        StandIns::put(&mut document, Cipher::default());
        let text = document.to_string().to_lowercase();
        for gone in ["999aa1", "jim", "ingrid", "0151234"] {
            assert!(!text.contains(gone), "{gone} is still in it: {text}");
        }
        let stand_in = document["parcels"][0]["tracking_number"].as_str().unwrap_or_default().to_owned();
        assert!(stand_in.starts_with("1Z") && stand_in.len() == number.len(), "{stand_in}");
        let intent = &document["effects"][0]["intent"];
        assert_eq!(document["fulfillments"][0]["tracking_numbers"], json!([stand_in, ""]));
        assert_eq!(intent["tracking"]["numbers"], json!([stand_in]));
        assert_eq!(document["parcels"][0]["tracking_url"], json!(format!("https://carrier.example/{stand_in}")));
        assert_eq!(document["effects"][0]["sentence"], json!(format!("Report {stand_in} to the store")));
        assert_eq!(intent["fields"][0][1], document["attributes"][1][1], "equal words stay equal");
        for n in 3..8 {
            assert_eq!(document["attributes"][n], before["attributes"][n], "nobody's");
        }
        assert_eq!((&intent["fields"][1], &document["payment"]), (&json!(["Payment", "paid"]), &json!("paid")));
        assert_eq!(document["account"], before["account"]);
    }

    #[test]
    fn a_letter_that_waits_for_a_click_is_found_again() {
        let letter = |state: &str, body: &str| {
            let message = json!({ "to": "Jane@mail.test", "subject": state, "body": body });
            json!({ "state": state, "intent": { "message": message } })
        };
        let mut document = json!({
            "customer": { "name": "Jane Roe", "email": "Jane@mail.test", "phone": "" },
            "effects": [letter("asked", "Hello Jane Roe, sorry."), letter("done", "Dear Jim, sorry.")]
        });
        StandIns::put(&mut document, Cipher::default());
        let message = |n: usize| &document["effects"][n]["intent"]["message"];
        assert_eq!(message(0)["body"], "Hello Person 1, sorry.");
        let mail = &document["customer"]["email"];
        assert_eq!((&message(0)["to"], &message(1)["to"]), (mail, mail));
        assert!(!document.to_string().contains("Jim") && !document.to_string().contains("Jane"), "{document}");
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        let mut document =
            json!({ "name": "Harbour Goods", "email": "", "phone": null, "n": [1, true, null, "@", "a@b"] });
        let before = document.clone();
        StandIns::put(&mut document, Cipher::default());
        assert_eq!(document["n"], before["n"]);
        assert_eq!(document["email"], "");
    }
}
