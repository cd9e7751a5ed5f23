//! Bad input: every sentence a person may have to read, side by side.

use crate::connections::Stage;
use crate::house::{House, NOW, Silence, act, order};
use expect_test::expect;
use quayside_api::desk::DeskEvent;
use quayside_api::notices::{Notice, Topic};
use quayside_api::view::{Act, ConnectionDraft, DeskState, QueueAsk, Settings, SyncScope, Targets, TroubleCode, Verb};
use quayside_model::time::DAY_MS;
use quayside_model::{Address, Mode, Order, Payment};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

fn draft(platform: &str, way: &str, fields: &[(&str, &str)], base_url: Option<&str>) -> ConnectionDraft {
    ConnectionDraft {
        platform: platform.into(),
        way: way.into(),
        name: String::new(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        base_url: base_url.map(str::to_owned),
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_at_its_field() {
    let house = House::empty(Stage::new());
    let secret = ("client_secret", "shpss_0123456789abcdef0123456789abcdef");
    let id = ("client_id", "0123456789abcdef0123456789abcdef");
    // However many there are by now.
    let known: Vec<&str> =
        quayside_connectors::registry().iter().map(|platform| platform.declaration.platform).collect();
    let mut said = String::new();
    for (what, draft) in [
        (
            "storefront domain",
            draft("shopify", "client_credentials", &[("shop", "www.harbour-goods.com"), id, secret], None),
        ),
        ("nothing at all", draft("shopify", "client_credentials", &[], None)),
        (
            "another computer",
            draft(
                "shopify",
                "client_credentials",
                &[("shop", "harbour-goods.myshopify.com"), id, secret],
                Some("http://10.0.0.2:80"),
            ),
        ),
        (
            "not a URL",
            draft(
                "shopify",
                "client_credentials",
                &[("shop", "harbour-goods.myshopify.com"), id, secret],
                Some("harbour"),
            ),
        ),
        (
            "a field nobody knows",
            draft(
                "shopify",
                "client_credentials",
                &[("shop", "harbour-goods.myshopify.com"), id, secret, ("colour", "red")],
                None,
            ),
        ),
        ("an unknown way", draft("shopify", "magic", &[], None)),
        ("an unknown platform", draft("etsy", "", &[], None)),
    ] {
        let result = house.desk.test_connection(draft).await.unwrap();
        assert!(!result.ok && !result.problems.is_empty(), "{what}: {result:?}");
        for (field, sentence) in result.problems {
            assert!(!sentence.contains("shpss_0123"), "{sentence}");
            let sentence = sentence.replace(&known.join(", "), "(every platform)");
            said.write_fmt(format_args!("{what} [{field}]\n  {sentence}\n")).unwrap();
        }
    }
    expect![[r#"
        storefront domain [shop]
          www.harbour-goods.com is the address buyers see. Quayside needs the permanent one that ends in .myshopify.com: in Shopify's admin, Settings, Domains.
        nothing at all [shop]
          Store is empty.
        nothing at all [client_id]
          Client ID is empty.
        nothing at all [client_secret]
          Client secret is empty.
        another computer [base_url]
          http://10.0.0.2:80 is not on this computer. Another address than the platform's own is allowed for this computer only, like http://127.0.0.1:8080. Leave it empty for a real account.
        not a URL [base_url]
          harbour is not an address. Another address than the platform's own is allowed for this computer only, like http://127.0.0.1:8080. Leave it empty for a real account.
        a field nobody knows [colour]
          "colour" is not a field of Shopify (App from the Dev Dashboard). There are: shop, client_id, client_secret.
        an unknown way [way]
          Shopify knows no way to sign in called "magic". There are: client_credentials, legacy_token.
        an unknown platform [platform]
          Quayside does not know a platform "etsy". There are: (every platform).
    "#]].assert_eq(&said);
}

#[tokio::test]
async fn pasted_mess_is_understood() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let mut clean = stage.draft("harbour-goods");
    for value in clean.fields.values_mut() {
        *value = format!("  \"{value}\"\r\n");
    }
    assert!(house.desk.test_connection(clean).await.unwrap().ok);
}

#[test]
fn orders_that_cannot_go_say_why() {
    let house = House::new();
    house.mode("orders_to_hub", Mode::Auto);
    house.settings(|settings| settings.promise_days = 0);
    let base = |n: i64| Order { ship_by_ms: None, ..order(n) };
    let line = |n: i64, quantity: i64| {
        let mut made = base(n);
        made.lines[0].quantity = quantity;
        made.lines[0].current_quantity = quantity;
        made
    };
    let mut many = base(7);
    many.lines = (0..250)
        .map(|i| quayside_model::OrderLine {
            remote_id: format!("gid://shop/LineItem/7-{i}"),
            ..base(7).lines[0].clone()
        })
        .collect();
    let mut said = String::new();
    for (what, made) in [
        ("no address", Order { ship_to: None, ..base(1) }),
        (
            "half an address",
            Order {
                ship_to: Some(Address { line1: String::new(), country: "Germany".into(), ..crate::house::address() }),
                ..base(2)
            },
        ),
        ("unpaid", Order { payment: Payment::Pending, ..base(3) }),
        ("a payment word nobody knows", Order { payment: Payment::Unknown("IN_ESCROW".into()), ..base(4) }),
        ("0 units", line(5, 0)),
        (
            "emoji and right to left",
            Order { ship_to: Some(Address { name: "🦆 أنا".into(), ..crate::house::address() }), ..base(6) },
        ),
        ("250 lines", many),
        ("5,000 characters of note", Order { note: "x".repeat(5_000), ..base(8) }),
        ("negative discount", Order { discount_minor: -100, ..base(9) }),
        ("cancelled", Order { cancelled_at_ms: Some(NOW), ..base(10) }),
        ("test order", Order { test: true, ..base(11) }),
        ("risky", Order { risk: Some("cancel".into()), ..base(12) }),
    ] {
        let id = house.order(made);
        let detail = house.desk.order(id).unwrap();
        said.write_fmt(format_args!("{what}: {} | {}\n", detail.row.stage.code(), detail.row.waits_on.sentence))
            .unwrap();
    }
    expect![[r#"
        no address: to_send | #1 has no address Quayside may see. Fill one in, or grant access to customer data at the store.
        half an address: to_send | #2 cannot be sent: the address has no street, no country. Complete it; the order is then sent.
        unpaid: unpaid | Not paid yet
        a payment word nobody knows: unpaid | Payment state "IN_ESCROW" is new to Quayside; it waits to be safe
        0 units: nothing_to_ship | Nothing in it needs a carrier.
        emoji and right to left: sending | On its way to ShipStation
        250 lines: sending | On its way to ShipStation
        5,000 characters of note: sending | On its way to ShipStation
        negative discount: sending | On its way to ShipStation
        cancelled: cancelled | Cancelled
        test order: ignored | A test order; it stays here.
        risky: held | The store rates this order as risky (cancel); check it, then send it
    "#]].assert_eq(&said);
}

#[test]
fn three_currencies_stand_side_by_side() {
    let house = House::new();
    for (n, code) in [(1, "EUR"), (2, "GBP"), (3, "JPY")] {
        house.order(Order { currency: quayside_model::Currency::new(code), ..order(n) });
    }
    assert_eq!(house.desk.counts().unwrap().open_value.len(), 3);
}

#[test]
fn a_disk_that_is_full_changes_nothing_and_says_so() {
    let house = House::new();
    let id = house.order(order(1));
    house.store.inject_failure(quayside_store::InjectedFailure::DiskFull, 1);
    let trouble = house.desk.act(act(Verb::Hold, Targets::Orders(vec![id]))).unwrap_err();
    expect!["The disk is full: could not save a change. Nothing was changed; free some space and it goes on."]
        .assert_eq(&trouble.sentence);
    assert!(house.desk.order(id).unwrap().choices.hold.is_none());
    assert_eq!(house.desk.act(act(Verb::Hold, Targets::Orders(vec![id]))).unwrap().done, 1);
}

/// Nothing can be written while the engine works: the window, the counts and the desktop hear of it once, and of its end.
#[test]
fn a_disk_that_stays_full_is_told_until_it_is_over() {
    let house = House::working(Arc::new(Silence));
    house.order(order(1));
    // Half past ten at night somewhere is no reason to keep quiet here.
    let settings = house.desk.settings().unwrap();
    house.desk.put_settings(Settings { quiet_from_min: 0, quiet_to_min: 0, ..settings }).unwrap();
    let told = || -> Vec<Option<String>> {
        let events = house.events.lock().unwrap();
        let of = |event: &DeskEvent| match event {
            DeskEvent::Trouble(trouble) => Some(trouble.as_ref().map(|trouble| trouble.sentence.clone())),
            _ => None,
        };
        events.iter().filter_map(of).collect()
    };
    house.store.inject_failure(quayside_store::InjectedFailure::DiskFull, 100_000);
    house.clock.set(NOW + DAY_MS);
    let _ = house.desk.sync_now(SyncScope::Everything);
    until("the trouble is told", || told().last().is_some_and(Option::is_some));
    let sentence = house.desk.counts().unwrap().trouble.expect("the counts say it");
    assert!(sentence.starts_with("The disk is full") && sentence.contains("free some space"), "{sentence}");
    assert_eq!(house.desk.trouble().unwrap().unwrap().code, TroubleCode::Storage);
    let notices = || -> Vec<Notice> {
        let events = house.events.lock().unwrap();
        let of = |event: &DeskEvent| match event {
            DeskEvent::Notices(notices) => notices.clone(),
            _ => Vec::new(),
        };
        events.iter().flat_map(of).filter(|notice| notice.topic == Topic::Storage).collect()
    };
    until("a notification", || !notices().is_empty());
    assert_eq!((notices().len(), notices()[0].body.as_str()), (1, sentence.as_str()));

    house.store.heal();
    until("its end is told", || {
        let _ = house.desk.sync_now(SyncScope::Everything);
        told().last() == Some(&None)
    });
    assert_eq!(house.desk.counts().unwrap().trouble, None);
}

fn until(what: &str, is: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !is() {
        assert!(began.elapsed() < std::time::Duration::from_mins(1), "waited a minute until {what}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn hostile_search_text_finds_nothing_and_breaks_nothing() {
    let house = House::new();
    house.order(order(1));
    for text in [
        "\"",
        "' OR 1=1 --",
        "NEAR(a b)",
        "sku:\"* OR\"",
        "tag:'); DROP TABLE orders;--",
        "-",
        ":",
        "is:",
        "\u{0}",
        "((((",
        &"x ".repeat(5_000),
    ] {
        let page = house.desk.queue(QueueAsk { text: text.into(), ..QueueAsk::default() }).unwrap();
        assert!(page.rows.len() <= 1, "{text}");
    }
    assert_eq!(house.desk.queue(QueueAsk::default()).unwrap().total, 1);
}

#[test]
fn an_act_on_what_is_gone_says_so() {
    let house = House::new();
    let outcome = house.desk.act(act(Verb::Hold, Targets::Orders(vec![quayside_model::OrderId(404)]))).unwrap();
    assert_eq!((outcome.done, outcome.refused[0].sentence.as_str()), (0, "There is no such order any more."));
    let fields = BTreeMap::from([("service".to_owned(), "x".to_owned())]);
    let many = Act {
        fields,
        ..act(Verb::Edit, Targets::Orders(vec![quayside_model::OrderId(1), quayside_model::OrderId(2)]))
    };
    assert!(house.desk.act(many).unwrap_err().sentence.contains("one order at a time"));
}

#[tokio::test]
async fn what_fell_over_is_pointed_at() {
    let house = House::new();
    let DeskState::Ready { profile, .. } = house.desk.desk_state() else { panic!("not ready") };
    let crashes = async || house.desk.doctor().await.unwrap().into_iter().find(|line| line.title == "Crashes");
    assert!(crashes().await.is_none());
    let logs = std::path::Path::new(&profile).join("logs");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(logs.join("crash-20261120T090000.000Z-7.txt"), "Quayside\nWhere:  src/a.rs:1:2\n").unwrap();
    let line = crashes().await.unwrap();
    assert!(line.detail.contains("fell over 1 time, last at src/a.rs:1:2"), "{}", line.detail);
}
