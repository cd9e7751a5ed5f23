//! What of a customer is written where somebody was before, as cases.

use super::*;
use quayside_model::RecordNoun;
use serde_json::json;

const OLD: [(&str, &str); 4] =
    [("Street", "Am Kai 1"), ("City", "Hamburg"), ("PostalCode", "20457"), ("Country", "DE")];
const NEW: [(&str, &str); 4] =
    [("Street", "Am Wall 9"), ("City", "Bremen"), ("PostalCode", "28195"), ("Country", "DE")];

fn fields(parts: &[(&str, &str)]) -> Vec<(String, String)> {
    parts.iter().map(|(part, text)| (format!("Mailing{part}"), json!(text).to_string())).collect()
}

fn there(parts: &[(&str, &str)]) -> Map<String, Value> {
    parts.iter().map(|(part, text)| (format!("Mailing{part}"), json!(text))).collect()
}

fn draft(written: Option<Written>, verified: Option<bool>) -> RecordDraft {
    let mut draft = RecordDraft {
        noun: RecordNoun::Customer,
        object: String::new(),
        external_id_field: String::new(),
        external_id: "customer-1".into(),
        fields: Vec::new(),
    };
    draft.fields.extend(verified.map(|yes| ("verified".to_owned(), json!(yes).to_string())));
    draft.fields.extend(written.map(|written| written.fact()));
    draft
}

const MARK: Mark<'static> = Mark { object: "Contact", field: "Ok__c", address: "Mailing" };

/// As it is remembered once it was written into an empty contact.
fn wrote(parts: &[(&str, &str)], verified: Option<bool>) -> Written {
    let mut row = draft(None, None);
    row.object = "Contact".into();
    row.fields = fields(parts);
    row.fields.extend(verified.map(|yes| ("Ok__c".to_owned(), json!(yes).to_string())));
    said(&draft(None, None), &row, &Map::new(), Some(&MARK))
}

fn names(fields: &[(String, String)]) -> Vec<&str> {
    fields.iter().map(|(field, _)| field.as_str()).collect()
}

/// What stands there, what was remembered, and what follows.
type Follows<'a> = (&'a str, Option<Written>, Vec<(&'a str, &'a str)>, &'a [&'a str]);

#[test]
fn what_the_desk_wrote_follows_and_what_people_wrote_stays() {
    let changed = |part: &'static str, text: &'static str| {
        OLD.map(|(known, was)| if known == part { (known, text) } else { (known, was) })
    };
    let whole = ["MailingStreet", "MailingCity", "MailingPostalCode"];
    let (none, all): (&[&str], &[&str]) = (&[], &whole);
    let old = || Some(wrote(&OLD, None));
    let cases: [Follows<'_>; 9] = [
        ("written by us", old(), OLD.to_vec(), all),
        ("spelt in capitals since", old(), changed("City", "HAMBURG").to_vec(), all),
        ("nobody remembers", None, OLD.to_vec(), none),
        ("a person mended the street", old(), changed("Street", "Am Kai 1a").to_vec(), none),
        ("a person mended the postcode", old(), changed("PostalCode", "20459").to_vec(), none),
        ("the org spells the country its own way", old(), changed("Country", "Germany").to_vec(), all),
        ("an empty one", None, vec![], &["MailingStreet", "MailingCity", "MailingPostalCode", "MailingCountry"]),
        ("only a country, by the org", None, vec![("Country", "Germany")], all),
        ("half of one, by a person", None, vec![("City", "Kiel")], none),
    ];
    for (what, written, stands, expected) in cases {
        let kept = to_write(&fields(&NEW), &draft(written, None), "Contact", &there(&stands));
        assert_eq!(names(&kept), expected, "{what}");
    }
}

#[test]
fn a_part_that_the_new_address_lacks_does_not_stay_of_the_old_one() {
    let with_state = [OLD.as_slice(), &[("State", "HH")]].concat();
    let kept = to_write(&fields(&NEW), &draft(Some(wrote(&with_state, None)), None), "Contact", &there(&with_state));
    assert!(kept.contains(&("MailingState".to_owned(), "null".to_owned())), "{kept:?}");
    // Nobody else's state is emptied.
    let kept = to_write(&fields(&NEW), &draft(Some(wrote(&OLD, None)), None), "Contact", &there(&with_state));
    assert!(!names(&kept).contains(&"MailingState"), "{kept:?}");
}

/// Remembered; the address and the mark there; the order's address and what is known of it; what the mark becomes.
type Case<'a> =
    (Option<Written>, [(&'a str, &'a str); 4], Option<bool>, [(&'a str, &'a str); 4], Option<bool>, Option<&'a str>);

#[test]
fn a_mark_speaks_of_the_address_that_stands_there() {
    let ours = || Some(wrote(&OLD, Some(true)));
    let elsewhere = [("Street", "Elsewhere 2"), ("City", "Kiel"), ("PostalCode", "24103"), ("Country", "DE")];
    let cases: [Case<'_>; 11] = [
        (ours(), OLD, Some(true), OLD, Some(true), None),
        (ours(), OLD, Some(true), OLD, Some(false), Some("false")),
        // The order's address is another one: renewed where that is known, else cleared.
        (ours(), OLD, Some(true), NEW, Some(true), Some("true")),
        (ours(), OLD, Some(true), NEW, Some(false), Some("false")),
        (ours(), OLD, Some(true), NEW, None, Some("null")),
        // A person wrote another address: what we said was of the old one.
        (ours(), elsewhere, Some(true), NEW, Some(true), Some("null")),
        (ours(), elsewhere, Some(false), NEW, Some(true), None),
        // A person unticked what we said of the same address, or ticked what we never did.
        (ours(), OLD, Some(false), OLD, Some(true), None),
        (None, OLD, Some(true), OLD, Some(false), None),
        (None, OLD, None, OLD, Some(true), Some("true")),
        // Their address and their mark.
        (None, elsewhere, Some(true), NEW, None, None),
    ];
    for (i, (written, stands, ticked, order, verified, expected)) in cases.into_iter().enumerate() {
        let draft = draft(written, verified);
        let mut row = there(&stands);
        row.extend(ticked.map(|yes| ("Ok__c".to_owned(), json!(yes))));
        let wanted = fields(&order);
        let kept = to_write(&wanted, &draft, "Contact", &row);
        let told = MARK.to_write(&draft, &row, &wanted, &kept);
        assert_eq!(told.as_ref().map(|(_, json)| json.as_str()), expected, "case {i}");
    }
}
