//! A buyer who asks what is kept of them, or to be forgotten; the evidence of an order; what a person is told of the trail.

use crate::house::{House, NOW, order, outlet, shop};
use quayside_api::view::TroubleCode;
use quayside_model::time::HOUR_MS;
use quayside_model::{CheckState, Order};
use quayside_store::NewEvent;
use serde_json::Value;
use std::collections::BTreeMap;

const ANNA: &str = "anna@example.org";

fn cancelled(n: i64) -> Order {
    Order { cancelled_at_ms: Some(NOW - HOUR_MS), updated_at_ms: NOW, ..order(n) }
}

#[test]
fn a_buyer_is_written_down_and_forgotten_over_all_accounts() {
    let house = House::new();
    let closed = house.order(cancelled(1));
    let open = house.order_at(&outlet(), order(2));
    let other = house.order(Order { customer: None, ship_to: None, ..order(3) });
    let asked = || {
        let found = house.desk.find_customer(" ANNA@example.org").unwrap();
        assert_eq!(found.by, "email");
        assert!(
            found.not_reached.iter().any(|line| line.starts_with("Harbour Goods: what ")),
            "{:?}",
            found.not_reached
        );
        found.orders.into_iter().map(|order| (order.id, order.open, order.asked)).collect::<Vec<_>>()
    };
    assert_eq!(asked(), [(closed, false, false), (open, true, false)]);
    assert_eq!(house.desk.find_customer("an").unwrap_err().field.as_deref(), Some("who"));

    let file = house.folder.path().join("buyer.json");
    let saved = house.desk.export_customer(ANNA, &[closed, open], &file).unwrap();
    assert_eq!(saved.orders, ["#1", "#2"]);
    let data: Value = serde_json::from_str(&std::fs::read_to_string(&saved.data).unwrap()).unwrap();
    assert_eq!(data["orders"][1]["story"]["order"]["ship_to"]["line1"], "Kai 1");
    assert!(data["orders"][0]["answers"][0]["text"].as_str().unwrap().contains(ANNA));
    let page = std::fs::read_to_string(&saved.page).unwrap();
    assert!(page.contains("Kai 1") && page.contains(ANNA) && page.contains("default-src 'none'"));
    // The page of the first time lies there.
    assert_eq!(house.desk.export_customer(ANNA, &[closed], &file).unwrap_err().field.as_deref(), Some("path"));

    for (orders, code) in [(vec![closed, other], TroubleCode::Gone), (vec![], TroubleCode::Input)] {
        assert_eq!(house.desk.forget_customer(ANNA, &orders, None).unwrap_err().code, code, "{orders:?}");
    }
    assert_eq!(asked(), [(closed, false, false), (open, true, false)], "nothing was done");

    let receipt = house.folder.path().join("receipt.json");
    let done = house.desk.forget_customer(ANNA, &[closed, open], Some(&receipt)).unwrap();
    assert_eq!((done.blanked.as_slice(), done.waiting.as_slice()), (&["#1".to_owned()][..], &["#2".to_owned()][..]));
    let text = std::fs::read_to_string(&receipt).unwrap();
    assert!(text.contains(&done.trail_head) && text.contains("\"trail_entry\""), "{text}");
    assert!(!text.contains("Anna") && !text.contains(ANNA) && !text.contains("Kai 1"), "{text}");
    assert_eq!(asked(), [(open, true, true)]);
    let check = house.desk.check_trail().unwrap();
    assert_eq!((check.breaks, check.unsealed), (vec![], 0));
    // The rest goes with the reading that closes it, and a change of the first brings nothing back.
    house.order_at(&outlet(), cancelled(2));
    house.order(Order { note: "Ring Anna".into(), ..cancelled(1) });
    assert_eq!(asked(), []);
    let orders = house.store.read(|r| r.events_of(closed)).unwrap();
    assert!(orders.iter().any(|event| event.sentence == "The buyer asked to be forgotten"), "{orders:?}");
}

#[test]
fn namesakes_stay_and_a_receipt_is_a_page_as_well() {
    let house = House::new();
    let (one, two) = (house.order(cancelled(1)), house.order(cancelled(2)));
    let receipt = house.folder.path().join("receipt.html");
    let done = house.desk.forget_customer("anna  LARSEN", &[one], Some(&receipt)).unwrap();
    assert_eq!((done.by.as_str(), done.blanked.len()), ("name", 1));
    let page = std::fs::read_to_string(&receipt).unwrap();
    assert!(page.contains(&done.trail_head) && page.contains("a name") && !page.contains("Larsen"), "{page}");
    let left = house.desk.find_customer(ANNA).unwrap().orders;
    assert_eq!(left.into_iter().map(|order| order.id).collect::<Vec<_>>(), [two]);
}

#[test]
fn evidence_names_the_buyer_only_if_somebody_says_so() {
    let house = House::new();
    let id = house.order(order(1));
    house
        .store
        .write(|tx| {
            tx.note(&NewEvent {
                order_id: Some(id),
                connection: None,
                at_ms: NOW,
                author: "person".into(),
                kind: "person".into(),
                sentence: "Called Larsen about it.".into(),
                detail: None,
            })
        })
        .unwrap();
    for (name, with_addresses) in [("a.html", false), ("b.html", true), ("c.json", false), ("d.JSON", true)] {
        let path = house.folder.path().join(name);
        let saved = house.desk.save_evidence(id, with_addresses, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let head: String = saved.trail_head.chars().skip_while(|c| *c != '-').skip(1).collect();
        assert!(text.contains("#1") && text.contains(&head) && head.len() == 64, "{name}: {text}");
        for part in ["Larsen", "Kai 1", ANNA] {
            assert_eq!(text.contains(part), with_addresses, "{name}: {part}");
        }
        assert_eq!(name.to_lowercase().ends_with("json"), serde_json::from_str::<Value>(&text).is_ok(), "{name}");
        assert_eq!(saved.trail_head, house.desk.trail_head().unwrap().unwrap().to_string());
    }
    assert_eq!(house.desk.check_trail().unwrap().breaks, Vec::<String>::new());
}

#[tokio::test]
async fn a_head_that_was_kept_is_compared_later() {
    let house = House::new();
    house.order(order(1));
    let head = house.desk.trail_head().unwrap().unwrap().to_string();
    house.order(order(2));
    let (n, link) = head.split_once('-').unwrap();
    for (kept, state) in [
        (head.clone(), CheckState::Works),
        (head.to_uppercase(), CheckState::Works),
        (format!("{n}-{}", link.chars().rev().collect::<String>()), CheckState::Missing),
        (format!("9999-{link}"), CheckState::Missing),
    ] {
        let line = house.desk.compare_trail(&kept).unwrap();
        assert_eq!(line.state, state, "{kept}: {}", line.detail);
    }
    for kept in ["", "12", "12-abc", "x-y"] {
        assert_eq!(house.desk.compare_trail(kept).unwrap_err().field.as_deref(), Some("head"), "{kept}");
    }
    let line = house.desk.doctor().await.unwrap().into_iter().find(|line| line.title == "Trail").unwrap();
    assert!(line.state == CheckState::Works && line.detail.contains("Its head is "), "{line:?}");
}

#[test]
fn a_store_may_forget_sooner_than_its_platform_asks() {
    let house = House::new();
    let put = |value: Value| {
        house.desk.put_connection_settings(&shop(), &BTreeMap::from([("personal_data_days".to_owned(), value)]))
    };
    let kept = || {
        let fields = house.desk.connection_settings(&shop()).unwrap();
        fields.into_iter().find(|field| field.name == "personal_data_days").unwrap().value
    };
    assert_eq!(kept(), "");
    put(Value::from("45")).unwrap();
    assert_eq!(kept(), 45);
    assert_eq!(put(Value::from("soon")).unwrap_err().field.as_deref(), Some("personal_data_days"));
    put(Value::from("")).unwrap();
    assert_eq!(kept(), "");
}
