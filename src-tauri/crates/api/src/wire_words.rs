//! People out of a recording of the wire ([`crate::cycles`]): names, streets, mails, telephones, numbers of parcels and what
//! somebody wrote give way to words of the same shape ([`crate::cipher`]), the same one wherever the same word stood.
//!
//! Platforms name the same thing in many ways, and a connector cuts it up and puts it together anew. So each word is replaced
//! by itself: what was made of first and last name is made of their stand-ins. Where people are at home is told by the names of
//! fields, in the platform's words and in ours; what was found there is then looked for everywhere else. What a program says by
//! itself (names of fields, words like `paid`, texts of queries) stays, or nothing would be understood any more.

use crate::cipher::{Cipher, PHONE_DIGITS_MIN, is_phone, phone_digits, pieces};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Shorter words are looked for in fields of people only.
const WORD_CHARS_MIN: usize = 4;
/// Digits alone are somebody's from so many on.
const DIGITS_MIN: usize = 6;
/// Fewer letters are a size, a unit, a country.
const LETTERS_MIN: usize = 3;

/// More words than a name or a street has.
const NAME_WORDS_MAX: usize = 6;
/// Pairs of a name and what somebody wrote, in our words.
const PAIRS: [&str; 2] = ["attributes", "options"];

/// Ends of names of fields that are about a person, in small letters without marks.
#[rustfmt::skip] // a table
const THEIRS: &[&str] = &[
    "street", "street1", "street2", "street3", "address1", "address2", "address3", "addressline1", "addressline2",
    "addressline3", "line1", "line2", "line3", "city", "town", "zip", "zipcode", "postcode", "postalcode", "phone",
    "phonenumber", "telephone", "mobile", "fax", "email", "emailaddress", "firstname", "lastname", "middlename",
    "surname", "fullname", "buyername", "recipientname", "contactname", "customername", "note", "notes",
    "giftmessage", "customermessage", "customernotes", "internalnotes", "staffnotes", "instructions", "ip", "ipaddress",
    "browserip",
];
/// The same where an address stands beside it.
const BESIDE: &[&str] = &["name", "company", "companyname", "attention", "recipient"];
/// What an address is told by.
const ADDRESS: &[&str] =
    &["street", "street1", "address1", "addressline1", "line1", "city", "postalcode", "zip", "postcode"];
/// Numbers of parcels.
const TRACKING: &[&str] = &["trackingnumber", "trackingnumbers", "trackingid", "trackingcode"];
/// Where something is.
const PLACE: &[&str] = &["latitude", "longitude"];
/// Cities are in it, and everything is decided by it.
const KEPT: &str = "time_zone";
/// What is asked in a language of its own.
const QUERY: &str = "query";

/// Whose a field is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Nobodys,
    Somebodys,
    Parcels,
}

/// What the end of a field's name says.
#[derive(Clone, Copy)]
struct Ends {
    parcels: bool,
    theirs: bool,
    beside: bool,
    address: bool,
    place: bool,
    value: bool,
}

thread_local! {
    /// Few names stand in very many places.
    static ENDS: RefCell<HashMap<String, Ends>> = RefCell::default();
}

fn ends(name: &str) -> Ends {
    ENDS.with_borrow_mut(|known| {
        if let Some(ends) = known.get(name) {
            return *ends;
        }
        let plain = without_mark(name);
        let ends = Ends {
            parcels: is_one_of(name, TRACKING),
            theirs: is_one_of(plain, THEIRS),
            beside: is_one_of(plain, BESIDE),
            address: is_one_of(plain, ADDRESS),
            place: is_one_of(plain, PLACE),
            value: is_one_of(name, &["value"]),
        };
        known.insert(name.to_owned(), ends);
        ends
    })
}

/// Who was met.
#[derive(Default)]
struct Met {
    /// Names of fields that were looked at.
    names: BTreeSet<String>,
    /// Whole texts, in small letters.
    texts: BTreeSet<String>,
    /// Texts of several words none of which tells anybody by itself (`350 5th Ave`): looked for inside of others as they are.
    phrases: BTreeSet<String>,
    /// Words, in small letters.
    words: BTreeSet<String>,
    /// Digits of telephone numbers.
    phones: BTreeSet<String>,
    /// Numbers of parcels.
    parcels: BTreeSet<String>,
    /// What programs say.
    vocabulary: BTreeSet<String>,
}

/// Puts stand-ins in for everybody in a document.
pub(crate) fn put(document: &mut Value, cipher: &Cipher) {
    let mut met = Met::default();
    met.learn_to_speak(document);
    met.meet(document);
    met.replace(document, cipher);
    drop(ENDS.take());
}

impl Met {
    fn learn_to_speak(&mut self, value: &Value) {
        match value {
            Value::Array(all) => all.iter().for_each(|one| self.learn_to_speak(one)),
            Value::Object(fields) => {
                let written = is_pair(fields);
                for (name, value) in fields {
                    if !self.names.contains(name) {
                        self.names.insert(name.clone());
                        self.vocabulary.extend(tokens(name));
                    }
                    if name == QUERY {
                        self.learn_query(value);
                    }
                    match value {
                        Value::String(_) if written && ends(name).value => {}
                        Value::String(text) if whose(fields, name, value) == Whose::Nobodys && is_code(text) => {
                            self.vocabulary.extend(text.split('_').map(str::to_owned));
                        }
                        other => self.learn_to_speak(other),
                    }
                }
            }
            _ => {}
        }
    }

    /// The text of a query, or the names and plain words of one in an address.
    fn learn_query(&mut self, value: &Value) {
        if let Value::String(text) = value
            && text.contains('{')
        {
            self.vocabulary.extend(pieces(text).map(str::to_lowercase));
        }
        let pairs = value.as_array().into_iter().flatten().filter_map(Value::as_array).flatten();
        self.vocabulary.extend(pairs.filter_map(Value::as_str).filter(|word| is_code(word)).map(str::to_owned));
    }

    fn meet(&mut self, value: &Value) {
        match value {
            Value::Array(all) => all.iter().for_each(|one| self.meet(one)),
            Value::Object(fields) => {
                let written = is_pair(fields);
                for (name, value) in fields {
                    let whose = whose(fields, name, value);
                    for text in texts(value) {
                        match whose {
                            Whose::Somebodys => self.somebody(text),
                            Whose::Parcels => {
                                self.parcels.insert(text.trim().to_owned());
                            }
                            Whose::Nobodys if written && ends(name).value => self.somebody_wrote(text),
                            Whose::Nobodys => {}
                        }
                    }
                    if PAIRS.contains(&name.as_str()) {
                        // A name, and what somebody wrote.
                        let pairs = value.as_array().into_iter().flatten();
                        pairs.filter_map(|pair| pair.get(1)?.as_str()).for_each(|text| self.somebody_wrote(text));
                    }
                    self.meet(value);
                }
            }
            _ => {}
        }
    }

    /// What stands in a field that anybody may write into may be a word of the program's as well.
    fn somebody_wrote(&mut self, text: &str) {
        let known =
            |word: &str| self.vocabulary.contains(&word.to_lowercase()) || !word.starts_with(char::is_alphanumeric);
        if is_worth_it(text) && !pieces(text).all(known) && !looks_technical(text) {
            self.somebody(text);
        }
    }

    fn somebody(&mut self, text: &str) {
        let folded = text.trim().to_lowercase();
        if is_phone(&folded) {
            self.phones.insert(phone_digits(&folded));
        }
        // The words of a mail address are other people's too, and those of a letter anybody's.
        let few = pieces(&folded).filter(|piece| piece.starts_with(char::is_alphanumeric)).count() <= NAME_WORDS_MAX;
        if few && !folded.contains('@') {
            self.words.extend(pieces(&folded).filter(|word| is_telling(word)).map(str::to_owned));
        }
        if is_worth_it(&folded) {
            if is_phrase(&folded) {
                self.phrases.insert(folded.to_ascii_lowercase());
            }
            self.texts.insert(folded);
        }
    }

    fn replace(&self, value: &mut Value, cipher: &Cipher) {
        match value {
            Value::String(text) => *text = self.text(text, cipher),
            Value::Array(all) => all.iter_mut().for_each(|one| self.replace(one, cipher)),
            Value::Object(fields) => {
                let whose: Vec<Whose> = fields.iter().map(|(name, value)| whose(fields, name, value)).collect();
                let taken = std::mem::take(fields);
                for ((name, mut value), whose) in taken.into_iter().zip(whose) {
                    let kept = name == KEPT || name == QUERY && value.as_str().is_some_and(|text| text.contains('{'));
                    if !kept {
                        self.put_in(&mut value, &name, whose, cipher);
                    }
                    // Names of fields are the program's; a mail address is nobody's.
                    let name = if name.contains('@') { cipher.text(&name) } else { name };
                    fields.insert(name, value);
                }
            }
            _ => {}
        }
    }

    fn put_in(&self, value: &mut Value, name: &str, whose: Whose, cipher: &Cipher) {
        if value.is_number() && ends(name).place {
            *value = json!(0);
            return;
        }
        match value {
            Value::String(text) if whose == Whose::Somebodys => *text = cipher.text(text),
            Value::String(text) if whose == Whose::Parcels => *text = cipher.tracking(text.trim()),
            Value::Array(all) if whose != Whose::Nobodys => {
                for one in all {
                    self.put_in(one, name, whose, cipher);
                }
            }
            other => self.replace(other, cipher),
        }
    }

    /// The telephone numbers that were met, however they are written here: a platform that compares letters is asked for
    /// several ways of writing one.
    fn without_phones(&self, text: &str, cipher: &Cipher) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (begins, ends) in runs(text) {
            let run = &text[begins..ends];
            if self.phones.contains(&phone_digits(run)) {
                out.push_str(&text[from..begins]);
                out.push_str(&cipher.text(run));
                from = ends;
            }
        }
        out.push_str(&text[from..]);
        out
    }

    /// Texts of words that tell nobody by themselves, inside of another: in quotes, in a sentence.
    fn without_phrases(&self, text: &str, cipher: &Cipher) -> String {
        let mut out = text.to_owned();
        // Longer ones first: one may be the beginning of another.
        let mut all: Vec<&String> = self.phrases.iter().filter(|phrase| phrase.len() < text.len()).collect();
        all.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        for phrase in all {
            // Letters are folded one byte for one byte, so that places in the one are places in the other.
            let folded = out.to_ascii_lowercase();
            for (at, found) in folded.rmatch_indices(phrase.as_str()) {
                let ends = at + found.len();
                let alone = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
                if alone(folded[..at].chars().next_back()) && alone(folded[ends..].chars().next()) {
                    let stand_in = cipher.text(&out[at..ends]);
                    out.replace_range(at..ends, &stand_in);
                }
            }
        }
        out
    }

    /// Everybody who was met, wherever else they are named, and mail addresses of whoever was not.
    fn text(&self, text: &str, cipher: &Cipher) -> String {
        let folded = text.trim().to_lowercase();
        if self.parcels.contains(text.trim()) {
            return cipher.tracking(text.trim());
        }
        if self.texts.contains(&folded) && !(is_code(text) && self.vocabulary.contains(&folded)) {
            return cipher.text(text);
        }
        let text = &self.without_phrases(&self.without_phones(text, cipher), cipher);
        // Mail addresses whole, everything else word by word.
        let is_end = |c: char| c.is_whitespace() || "<>\"'(),;:[]\\/=&?".contains(c);
        let mut out = String::with_capacity(text.len());
        for piece in text.split_inclusive(is_end) {
            if piece.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.')) {
                out.push_str(&cipher.text(piece));
                continue;
            }
            for word in pieces(piece) {
                let folded = word.to_lowercase();
                if self.parcels.contains(word) {
                    out.push_str(&cipher.tracking(word));
                } else if self.words.contains(&folded) && !self.vocabulary.contains(&folded) {
                    out.push_str(&cipher.word(word));
                } else {
                    out.push_str(word);
                }
            }
        }
        out
    }
}

/// Telephone numbers in a text, a question in a language of its own perhaps: from where, to where. What is written between the
/// digits of one is written around it as well, but not at its end.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut goes_on = false;
    for (at, c) in text.char_indices() {
        let (digit, begins) = (c.is_ascii_digit(), "+(".contains(c));
        let in_word = !goes_on && text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        match runs.last_mut() {
            Some(run) if goes_on && digit => run.1 = at + 1,
            Some(_) if goes_on && (c == '(' || " -)./".contains(c)) => {}
            _ if (digit || begins) && !in_word => {
                runs.push((at, at + 1));
                goes_on = true;
            }
            _ => goes_on = false,
        }
    }
    runs.retain(|(from, to)| text[*from..*to].bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS_MIN);
    runs
}

/// Whose a field is, by its name and what stands beside it.
fn whose(fields: &Map<String, Value>, name: &str, value: &Value) -> Whose {
    let numbered = || name == "number" && fields.contains_key("company") && fields.contains_key("url");
    let said = ends(name);
    if said.parcels || numbered() {
        return Whose::Parcels;
    }
    if said.theirs {
        return Whose::Somebodys;
    }
    let beside = || {
        let person = fields.contains_key("email") && fields.contains_key("phone");
        person || fields.keys().any(|name| ends(name).address)
    };
    // "#1001" is a name as well, and nobody's.
    let letters = value.as_str().unwrap_or_default().chars().filter(|c| c.is_alphabetic()).count();
    if said.beside && letters > 1 && beside() { Whose::Somebodys } else { Whose::Nobodys }
}

/// A field that an org made itself is marked as such behind its name.
fn without_mark(name: &str) -> &str {
    name.strip_suffix("__c").or_else(|| name.strip_suffix("__pc")).unwrap_or(name)
}

/// The last words of a name are one of these.
fn is_one_of(name: &str, ends: &[&str]) -> bool {
    let tokens = tokens(name);
    (1..=tokens.len().min(3)).any(|n| ends.contains(&tokens[tokens.len() - n..].concat().as_str()))
}

/// `shippingPostalCode`, `shipping_postal_code`: shipping, postal, code.
fn tokens(name: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_alphanumeric() {
            let begins = !before.is_alphanumeric() || c.is_uppercase() && !before.is_uppercase();
            match tokens.last_mut() {
                Some(token) if !begins => token.extend(c.to_lowercase()),
                _ => tokens.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    tokens
}

/// A name and a value, and nothing else.
fn is_pair(fields: &Map<String, Value>) -> bool {
    let named = |name: &str| ["name", "key", "label", "title", "displayname"].contains(&tokens(name).concat().as_str());
    fields.len() <= 4 && fields.keys().any(|name| ends(name).value) && fields.keys().any(|name| named(name))
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A text that may be looked for as a whole.
fn is_worth_it(text: &str) -> bool {
    let count = |of: fn(char) -> bool| text.chars().filter(|c| of(*c)).count();
    count(char::is_alphabetic) >= LETTERS_MIN || count(char::is_numeric) >= DIGITS_MIN
}

/// Several words, none of which may be looked for by itself.
fn is_phrase(text: &str) -> bool {
    let words = || pieces(text).filter(|piece| piece.starts_with(char::is_alphanumeric));
    words().nth(1).is_some() && !text.contains('@') && !words().any(is_telling)
}

/// A word that may be looked for by itself.
fn is_telling(word: &str) -> bool {
    let all_digits = word.chars().all(|c| c.is_ascii_digit());
    word.starts_with(char::is_alphanumeric)
        && word.chars().count() >= if all_digits { DIGITS_MIN } else { WORD_CHARS_MIN }
}

/// A link, a moment, an id with its kind: nobody wrote it.
fn looks_technical(text: &str) -> bool {
    text.contains("://") || text.starts_with(['{', '[']) || chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// One of a program's own words (`partially_paid`).
fn is_code(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_nowhere_readable_and_the_same_everywhere() {
        let query = "query Orders($name: String) { orders(query: $name) { email city } }";
        let mut document = json!({
            "exchanges": [{
                "asks": { "path": "/orders/1Z999AA10123456784", "query": [["email", "jane@mail.test"]],
                          "body": { "query": query, "variables": { "name": "Jane" } } },
                "answer": {
                    "order": { "name": "#1001", "email": "jane@mail.test", "phone": "", "status": "paid",
                        "shippingAddress": { "firstName": "Jane", "lastName": "ROWE-Larsen", "address_line_1": "Am Kai 1",
                            "city": "Paid", "zip": "20457", "latitude": 53.5, "countryCode": "DE" },
                        "customAttributes": [{ "key": "engraving", "value": "Jim" }, { "key": "gift", "value": "paid" },
                                             { "key": "link", "value": "https://pictures.example/1" }] },
                    "fulfillments": [{ "trackingInfo": [{ "number": "1Z999AA10123456784", "company": "UPS", "url": "" }] }],
                    "error": "Nobody is called Jane Rowe-Larsen at am kai 1"
                }
            }],
            "outcome": { "order": { "number": "#1001",
                "ship_to": { "name": "Jane Rowe-Larsen", "line1": "Am Kai 1", "city": "Paid", "postcode": "20457" },
                "attributes": [["engraving", "Jim"], ["gift", "paid"], ["for", "ingrid"]], "payment": "paid" },
                "parcel": { "tracking_number": "1Z999AA10123456784", "carrier_name": "UPS" } },
            "config": { "account": { "time_zone": "Europe/Paid" } }
        });
        let cipher = Cipher::default();
        put(&mut document, &cipher);
        let text = document.to_string();
        for gone in
            ["Jane", "jane", "ROWE", "Rowe", "arsen", "Kai", "20457", "Jim", "ingrid", "999AA1", "53.5", "mail.test"]
        {
            assert!(!text.contains(gone), "{gone} is still in it: {text}");
        }
        let asks = &document["exchanges"][0]["asks"];
        let answer = &document["exchanges"][0]["answer"];
        let (order, ours) = (&answer["order"], &document["outcome"]["order"]);
        let there = &order["shippingAddress"];
        let name =
            format!("{} {}", there["firstName"].as_str().unwrap_or(""), there["lastName"].as_str().unwrap_or(""));
        assert_eq!(ours["ship_to"]["name"].as_str().unwrap_or("").to_lowercase(), name.to_lowercase());
        assert_eq!(ours["ship_to"]["line1"], there["address_line_1"]);
        assert_eq!((&ours["ship_to"]["city"], &ours["ship_to"]["postcode"]), (&there["city"], &there["zip"]));
        assert_eq!(asks["query"][0][1], order["email"]);
        assert_eq!(asks["body"]["query"], query, "what is asked stays as it was written");
        assert_eq!(asks["body"]["variables"]["name"], there["firstName"]);
        let number = answer["fulfillments"][0]["trackingInfo"][0]["number"].as_str().unwrap_or("");
        assert_eq!(document["outcome"]["parcel"]["tracking_number"], number);
        assert_eq!(asks["path"], json!(format!("/orders/{number}")));
        assert_eq!(ours["attributes"][0][1], order["customAttributes"][0]["value"]);
        // What the program says is as it was, whatever a town is called.
        for said in
            [&order["status"], &ours["payment"], &ours["attributes"][1][1], &order["customAttributes"][1]["value"]]
        {
            assert_eq!(*said, "paid");
        }
        assert_eq!((&order["name"], &ours["number"]), (&json!("#1001"), &json!("#1001")));
        assert_eq!(order["customAttributes"][2]["value"], "https://pictures.example/1");
        assert_eq!(document["config"]["account"]["time_zone"], "Europe/Paid");
        assert_eq!(document["outcome"]["parcel"]["carrier_name"], "UPS");
    }

    #[test]
    fn a_telephone_number_is_found_in_every_way_it_is_asked_for() {
        let soql =
            "SELECT Id FROM Contact WHERE Phone IN ('+1 212-555-0147', '+12125550147', '12125550147') AND Total = 2026";
        let mut document = json!({
            "asks": { "query": [["q", soql]] },
            "answer": { "records": [{ "Phone": "001 212 555 0147", "Note__c": "call (001) 212.555.0147, please, 2026-11-20" }] },
            "intent": { "phone": "+1 212-555-0147" }
        });
        put(&mut document, &Cipher::default());
        let text = document.to_string();
        for gone in ["212", "555", "0147"] {
            assert!(!text.contains(gone), "{gone} is still in it: {text}");
        }
        let ours = document["intent"]["phone"].as_str().unwrap_or("");
        let digits = phone_digits(ours);
        assert_eq!(phone_digits(document["answer"]["records"][0]["Phone"].as_str().unwrap_or("")), digits);
        assert_eq!(
            document["asks"]["query"][0][1],
            format!("SELECT Id FROM Contact WHERE Phone IN ('{ours}', '+{digits}', '{digits}') AND Total = 2026"),
            "a replay asks for what it makes of the stand-in"
        );
        for (text, found) in [
            ("AND Total = 20 OR A1234567 = 7", vec![]),
            ("to +49 40 123456, or (212) 555-0147.", vec!["+49 40 123456", "(212) 555-0147"]),
            ("4 +1 212-555-0147", vec!["+1 212-555-0147"]),
        ] {
            let all: Vec<&str> = runs(text).into_iter().map(|(from, to)| &text[from..to]).collect();
            assert_eq!(all, found, "{text}");
        }
    }

    #[test]
    fn a_street_of_short_words_is_found_inside_of_other_texts() {
        let street = "350 5th Ave, Apt 12C";
        let mut document = json!({
            "answer": { "address": { "line1": street, "city": "New York" } },
            "asks": { "list": [format!("\"{street}\"")], "q": "Nobody at 350 5TH AVE, APT 12c, nor at 1350 5th Ave, Apt 12Cs" },
        });
        let cipher = Cipher::default();
        put(&mut document, &cipher);
        assert_eq!(document["asks"]["list"][0], format!("\"{}\"", cipher.text(street)));
        let told = document["asks"]["q"].as_str().unwrap_or("");
        assert!(told.starts_with("Nobody at ") && !told.contains("5TH AVE"), "{told}");
        assert!(told.ends_with("nor at 1350 5th Ave, Apt 12Cs"), "another street: {told}");
    }

    #[test]
    fn names_of_fields_end_in_what_they_are() {
        for (name, theirs) in [
            ("city", true),
            ("ShippingCity", true),
            ("billing_postal_code", true),
            ("MailingStreet", true),
            ("address_line_1", true),
            ("Ship_To_City__c", true),
            ("Delivery_Instructions__c", true),
            ("Mobile__pc", true),
            ("City_Code__c", false),
            ("capacity", false),
            ("cityCode", false),
            ("emailMarketingConsent", false),
            ("zone", false),
        ] {
            assert_eq!(ends(name).theirs, theirs, "{name}: {:?}", tokens(name));
        }
    }
}
