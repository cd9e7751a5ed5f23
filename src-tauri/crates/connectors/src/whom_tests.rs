//! Who is whom, as a table.
#![allow(clippy::panic)]

use super::*;
use quayside_model::RecordNoun;

fn ada(meant: Option<&Meant>) -> RecordDraft {
    let mut fields: Vec<(String, String)> = [
        ("name", "Ada  O'Neil"),
        ("email", "Ada@mail.example"),
        ("phone", "+49 40 5550100"),
        ("postcode", "20 457"),
        (ORDER_FACT, "#1001"),
    ]
    .map(|(name, text)| (name.to_owned(), serde_json::json!(text).to_string()))
    .to_vec();
    fields.extend(meant.map(Meant::fact));
    RecordDraft {
        noun: RecordNoun::Customer,
        object: String::new(),
        external_id_field: String::new(),
        external_id: "customer-1".into(),
        fields,
    }
}

/// Each trait as a word: `id`, then what it has.
fn one(words: &str) -> Shown {
    let mut words = words.split_whitespace();
    let mut one = Shown { id: words.next().unwrap_or_default().into(), ..Shown::default() };
    for word in words {
        match word {
            "ours" => one.ours.push("CUSTOMER-1".into()),
            "theirs" => one.ours.push("customer-9".into()),
            "mail" => one.email = "ADA@mail.example".into(),
            "other-mail" => one.email = "bea@mail.example".into(),
            "phone" => one.phones.push("0049 (40) 555-0100".into()),
            "order" => one.orders.push("#1001".into()),
            "door" => (one.name, one.postcodes) = ("ada o'neil".into(), vec!["20457".into()]),
            "name" => one.name = "Ada O'Neil".into(),
            "other-name" => one.name = "Bea Roe".into(),
            odd => panic!("{odd}"),
        }
    }
    one
}

fn said(whom: Whom) -> String {
    let list = |hits: Vec<(String, MatchKey)>| {
        hits.into_iter().map(|(id, by)| format!("{id} by {}", by.words())).collect::<Vec<_>>().join(", ")
    };
    match whom {
        Whom::Nobody => "nobody".into(),
        Whom::Ours(id) => format!("ours {id}"),
        Whom::One(id, by) => format!("{id} by {}", by.words()),
        Whom::Chosen(id) => format!("chosen {id}"),
        Whom::Elsewhere(id) => format!("elsewhere {id}"),
        Whom::Taken(id) => format!("taken {id}"),
        Whom::Several(hits) => format!("which of {}", list(hits)),
        Whom::Gone(hits) => format!("gone, {}", list(hits)),
    }
}

#[test]
fn the_strongest_key_decides_and_what_people_share_is_a_question() {
    #[rustfmt::skip] // a table
    let cases: [(&[&str], &str); 19] = [
        (&[], "nobody"),
        (&["a name"], "nobody"),
        (&["a mail phone", "b ours"], "ours b"),
        (&["a mail", "b phone", "c door"], "a by e-mail"),
        (&["a mail", "b mail"], "which of a by e-mail, b by e-mail"),
        (&["a mail", "a mail"], "a by e-mail"),
        (&["a phone"], "which of a by telephone number"),
        (&["a phone", "b phone"], "which of a by telephone number, b by telephone number"),
        (&["a order"], "a by order number"),
        (&["a order name"], "a by order number"),
        // Another store counts alike, or it is who paid for a present.
        (&["a order other-name"], "which of a by order number"),
        (&["a order", "b order"], "which of a by order number, b by order number"),
        (&["a order", "b phone"], "which of b by telephone number, a by order number"),
        (&["a door"], "which of a by name and postcode"),
        (&["a phone door", "b door"], "which of a by telephone number, b by name and postcode"),
        // Two e-mails are two customers; whoever carries another id of ours is somebody else.
        (&["a other-mail phone door order"], "nobody"),
        (&["a theirs mail"], "nobody"),
        (&["a theirs mail", "b mail"], "b by e-mail"),
        (&["a theirs phone", "b door"], "which of b by name and postcode"),
    ];
    for (there, expected) in cases {
        let shown: Vec<Shown> = there.iter().map(|words| one(words)).collect();
        assert_eq!(said(whom(&ada(None), &shown, &MatchKey::ALL)), expected, "{there:?}");
    }
}

#[test]
fn what_a_person_said_goes_before_everything_but_our_id() {
    let this = || Meant::This("b".into());
    #[rustfmt::skip] // a table
    let cases: [(Meant, &[&str], &str); 11] = [
        (this(), &["a mail", "b"], "chosen b"),
        (this(), &["b other-mail"], "chosen b"),
        (this(), &["b ours"], "ours b"),
        (this(), &["a ours", "b ours"], "ours b"),
        // A create that was on its way meanwhile: there are not two.
        (this(), &["a ours", "b"], "elsewhere a"),
        (this(), &["b theirs"], "taken b"),
        (this(), &["a mail"], "gone, a by e-mail"),
        (this(), &[], "gone, "),
        (Meant::New, &["a mail", "c phone"], "nobody"),
        (Meant::New, &["a ours"], "ours a"),
        (Meant::New, &[], "nobody"),
    ];
    for (meant, there, expected) in cases {
        let shown: Vec<Shown> = there.iter().map(|words| one(words)).collect();
        assert_eq!(said(whom(&ada(Some(&meant)), &shown, &MatchKey::ALL)), expected, "{meant:?} {there:?}");
    }
}

#[test]
fn an_account_is_asked_only_by_the_keys_it_has() {
    let shown = [one("a phone door"), one("b order")];
    for (keys, expected) in [
        (&[MatchKey::Email][..], "nobody"),
        (&[MatchKey::OrderNumber], "b by order number"),
        (&[MatchKey::NamePostcode, MatchKey::Email], "which of a by name and postcode"),
    ] {
        assert_eq!(said(whom(&ada(None), &shown, keys)), expected, "{keys:?}");
    }
    // Nothing is compared with what is not known.
    let nobody = RecordDraft { fields: vec![], ..ada(None) };
    assert_eq!(whom(&nobody, &[Shown::default()], &MatchKey::ALL), Whom::Nobody);
    // Too short to be anybody's.
    let short = RecordDraft { fields: vec![("phone".into(), "\"040 123\"".into())], ..ada(None) };
    let same = Shown { phones: vec!["040123".into()], ..one("a") };
    assert_eq!(whom(&short, &[same], &MatchKey::ALL), Whom::Nobody);
}

#[test]
fn the_sentence_says_who_where_and_what_to_do() {
    let like = |id: &str, by: MatchKey| {
        Some(CustomerLike { remote_id: id.into(), by, facts: vec![], url: None }).filter(|one| one.remote_id != "x")
    };
    let hit = |id: &str, by| (id.to_owned(), by);
    let cases = [
        (
            false,
            vec![hit("a", MatchKey::Email), hit("b", MatchKey::Email)],
            "Ada  O'Neil could be any of 2 customers in CRM: they have the same e-mail.",
        ),
        (
            false,
            vec![hit("a", MatchKey::Phone), hit("b", MatchKey::NamePostcode)],
            "Ada  O'Neil may be a customer who is in CRM already: the telephone number is the same, which people share.",
        ),
        (false, vec![hit("a", MatchKey::OrderNumber)], "the order number is the same, and the name is another one."),
        (true, vec![], "Whom you chose for Ada  O'Neil in CRM is not there any more."),
        (true, vec![hit("a", MatchKey::Email)], "others have the same e-mail."),
    ];
    for (gone, hits, expected) in cases {
        let doubt = doubt(&ada(None), "CRM", gone, &hits, like);
        assert!(doubt.refusal.sentence.contains(expected), "{}", doubt.refusal);
        assert!(doubt.refusal.sentence.ends_with("link one or make a new one."), "{}", doubt.refusal);
        assert_eq!((doubt.refusal.cause, doubt.candidates.len()), (Cause::WhichCustomer, hits.len()));
    }
    let many: Vec<_> = (0..30).map(|n| hit(&n.to_string(), MatchKey::Email)).collect();
    assert_eq!(doubt(&ada(None), "CRM", false, &many, like).candidates.len(), 10);
    assert!(doubt(&ada(None), "CRM", false, &[hit("x", MatchKey::Email)], like).candidates.is_empty());
}
