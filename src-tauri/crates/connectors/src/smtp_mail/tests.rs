//! Messages to buyers, brought to a server that listens on this computer.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{Script, StandingClock};
use quayside_model::{ConnectionConfig, ConnectionId, QuietHours};
use quayside_sandbox::post_office::{PostOffice, Temper};

const PASSWORD: &str = "canary-0123456789";
/// 2026-11-20, 09:00 UTC.
const NOW_MS: i64 = 1_795_165_200_000;
const KEY: &str = "cafe0001-1001:tell_buyer:label:1/lost:0";

fn post(port: u16) -> Arc<dyn Connector> {
    let fields = [(SERVER, "127.0.0.1"), (USER, "desk"), (FROM, "Harbour Goods <orders@harbour.example>")];
    let mut fields: BTreeMap<String, String> =
        fields.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    fields.insert(PORT.to_owned(), port.to_string());
    let config = ConnectionConfig {
        id: ConnectionId::new("mail"),
        name: "Mail".into(),
        platform: DECLARATION.platform.into(),
        way: HERE.into(),
        fields,
        base_url: None,
        account: Account::default(),
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: NOW_MS,
    };
    let secrets = BTreeMap::from([(PASSWORD_FIELD.to_owned(), SecretString::from(PASSWORD))]);
    let clock = StandingClock::at(NOW_MS);
    (PLATFORM.open)(Setup { config, secrets, wire: Script::new([]), clock, buckets: vec![] }).unwrap()
}

/// The constant of the same name is the password itself here.
const PASSWORD_FIELD: &str = super::PASSWORD;

fn temper() -> Temper {
    Temper { user: Some(("desk".into(), PASSWORD.into())), ..Temper::default() }
}

fn message() -> BuyerMessage {
    BuyerMessage {
        to: "jane.roe@mail.example".into(),
        subject: "Your order #1001".into(),
        body: "Hello Jane,\n\nthe carrier lost your parcel.\n".into(),
        about: "lost".into(),
        words: "parcel TRACK1 is lost".into(),
        quiet: None,
    }
}

async fn told(post: &dyn Connector, key: &str, message: BuyerMessage) -> Verdict {
    let intent = Intent::TellBuyer { message };
    let task = Task {
        key,
        intent: &intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    };
    post.perform(&[task]).await.remove(0)
}

#[tokio::test]
async fn a_buyer_gets_the_letter_under_a_name_that_never_changes() {
    let office = PostOffice::open(temper()).await.unwrap();
    let post = post(office.port);
    for _ in 0..2 {
        assert!(matches!(told(post.as_ref(), KEY, message()).await, Verdict::Done(_)));
    }
    assert!(matches!(told(post.as_ref(), "another", message()).await, Verdict::Done(_)));
    let letters = office.letters();
    let id = |at: usize| letters[at].text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    assert_eq!(id(0), id(1));
    assert_ne!(id(0), id(2));
    assert!(id(0).ends_with("@harbour.example>") && !id(0).contains("1001"), "{}", id(0));
    assert_eq!(letters[0].to, ["jane.roe@mail.example"]);
    for part in ["Subject: Your order #1001", "Date: Fri, 20 Nov 2026 09:00:00 +0000", "the carrier lost your parcel."]
    {
        assert!(letters[0].text.contains(part), "{part} is not in:\n{}", letters[0].text);
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_apart_and_names_no_buyer() {
    let refuses = |of, answer| Temper { refuses: Some((of, answer)), ..temper() };
    let words = |verdict: &Verdict| match verdict {
        Verdict::NeedsPerson(refusal) => ("needs a person", refusal.clone()),
        Verdict::RetryLater(refusal) => ("later", refusal.clone()),
        Verdict::SignInAgain(refusal) => ("sign in", refusal.clone()),
        other => panic!("{other:?}"),
    };
    for (temper, verdict, part, taken) in [
        (refuses("RCPT", "550 5.1.1 <Jane.Roe@mail.example> unknown"), "needs a person", "The buyer was not told", 0),
        (refuses("RCPT", "451 4.7.1 greylisted"), "later", "come again later", 0),
        (refuses(".", "554 5.6.0 spam"), "needs a person", "The buyer was not told", 0),
        (refuses("AUTH", "535 5.7.8 no"), "sign in", "does not let desk in", 0),
        (refuses("MAIL", "550 5.7.1 not yours"), "later", "takes no letters from", 0),
        (Temper { hangs_up: true, ..temper() }, "needs a person", "it may have been sent", 1),
    ] {
        let office = PostOffice::open(temper).await.unwrap();
        let told = told(post(office.port).as_ref(), KEY, message()).await;
        let (what, refusal) = words(&told);
        assert_eq!((what, office.letters().len()), (verdict, taken), "{refusal:?}");
        assert!(refusal.sentence.contains(part), "{part}: {refusal:?}");
        let all = format!("{refusal:?} {refusal}").to_lowercase();
        assert!(!all.contains("jane.roe") && !all.contains("canary"), "{all}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(words(&told(post(nobody).as_ref(), KEY, message()).await).0, "later");
}

#[tokio::test]
async fn nothing_leaves_at_night_or_to_nobody_or_twice_after_a_lost_answer() {
    let office = PostOffice::open(temper()).await.unwrap();
    let post = post(office.port);
    // Nine in London is six in the evening in Tokyo and one at night in Los Angeles.
    let quiet = |zone: &str| Some(QuietHours { zone: zone.into(), from_min: 21 * 60, to_min: 8 * 60 });
    let night = told(post.as_ref(), KEY, BuyerMessage { quiet: quiet("America/Los_Angeles"), ..message() }).await;
    assert!(
        matches!(&night, Verdict::WaitUntil { at_ms, .. } if *at_ms == NOW_MS + 7 * quayside_model::time::HOUR_MS),
        "{night:?}"
    );
    for (to, body) in [("", "text"), ("jane.roe@mail.example", " "), ("jane", "text")] {
        let nobody = told(post.as_ref(), KEY, BuyerMessage { to: to.into(), body: body.into(), ..message() }).await;
        assert!(matches!(&nobody, Verdict::NeedsPerson(_)), "{nobody:?}");
    }
    let intent = Intent::TellBuyer { message: message() };
    let task = Task {
        key: KEY,
        intent: &intent,
        first_sent_at_ms: Some(NOW_MS),
        last_sent_at_ms: Some(NOW_MS),
        ticket: None,
        priority: Priority::Write,
    };
    assert!(matches!(post.confirm(&task).await, Confirmation::Overtaken(_)));
    assert_eq!(office.letters(), []);
    let day = told(post.as_ref(), KEY, BuyerMessage { quiet: quiet("Asia/Tokyo"), ..message() }).await;
    assert!(matches!(day, Verdict::Done(_)), "{day:?}");
}

#[tokio::test]
async fn the_test_signs_in_and_sends_nothing() {
    let office = PostOffice::open(temper()).await.unwrap();
    let preflight = post(office.port).preflight().await;
    let account = preflight.account.unwrap();
    assert_eq!(account.remote_id, format!("orders@harbour.example at 127.0.0.1:{}", office.port));
    assert_eq!(office.letters(), []);
    office.set(Temper { user: Some(("desk".into(), "another".into())), ..Temper::default() });
    let preflight = post(office.port).preflight().await;
    assert!(preflight.account.is_none() && !format!("{preflight:?}").contains("canary"), "{preflight:?}");
}

#[test]
fn the_form_says_what_is_wrong_at_its_field() {
    let good = [(SERVER, "smtp.example.org"), (FROM, "Harbour <orders@harbour.example>")];
    for (way, given, wrong) in [
        (STARTTLS, &[][..], None),
        (TLS, &[(PORT, "465")], None),
        (STARTTLS, &[(SERVER, "smtp,example")], Some(SERVER)),
        (STARTTLS, &[(SERVER, "")], Some(SERVER)),
        (STARTTLS, &[(PORT, "smtp")], Some(PORT)),
        (STARTTLS, &[(FROM, "orders")], Some(FROM)),
        (STARTTLS, &[(USER, "orders")], Some(super::PASSWORD)),
        (STARTTLS, &[(USER, "orders"), (super::PASSWORD, " a b ")], None),
        (HERE, &[], Some(SERVER)),
        (HERE, &[(SERVER, "localhost")], None),
        ("pigeon", &[], Some("way")),
    ] {
        let filled = good.iter().chain(given).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let found = check_fields(way, &filled, false);
        let fields = found.as_ref().err().map(|problems| problems[0].field.as_str());
        assert_eq!(fields, wrong, "{way} {given:?}: {found:?}");
        if let Ok(cleaned) = found {
            let typed = given.iter().find(|(name, _)| *name == super::PASSWORD).map_or("", |(_, text)| *text);
            assert_eq!(cleaned[super::PASSWORD], typed, "a password is kept as it was typed");
        }
    }
}
