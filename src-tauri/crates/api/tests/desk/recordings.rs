//! A recording is a bug report: nobody is named in it, and it decides what was decided.

use crate::house::{House, NOW, order, outlet};
use quayside_api::recording::replay;
use quayside_model::Order;
use quayside_model::time::{DAY_MS, HOUR_MS};
use serde_json::{Value, json};

/// Whoever and whatever is told of the buyer by the orders of the house.
const TELLING: [&str; 8] = ["Anna", "anna", "Larsen", "larsen", "Kai 1", "kai 1", "example.org", "A.L."];

#[test]
fn a_recording_names_nobody_and_decides_the_same() {
    let house = House::new();
    house.order(order(1));
    house.order_at(&outlet(), order(2));
    house.order(Order { note: "Ring twice, says Anna Larsen".into(), ..order(3) });
    let gone = Order { cancelled_at_ms: Some(NOW - HOUR_MS), updated_at_ms: NOW, ..order(4) };
    house.order(gone);
    let file = house.folder.path().join("recording.json");
    let saved = house.desk.record(DAY_MS, &file).unwrap();
    assert_eq!((saved.orders, saved.cut), (4, false));

    let text = std::fs::read_to_string(&file).unwrap();
    for telling in TELLING {
        assert!(!text.contains(telling), "{telling} is in the recording");
    }
    let kept: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(kept["stories"][0]["order"]["ship_to"]["name"], kept["stories"][1]["order"]["ship_to"]["name"]);
    for connection in kept["connections"].as_array().unwrap() {
        assert_eq!((&connection["fields"], &connection["base_url"]), (&json!({}), &Value::Null));
    }

    let [first, second] = [(); 2].map(|()| replay(&text).unwrap());
    assert_eq!(first, second, "two replays are one");
    assert_eq!((&first["orders"], &first["differs"]), (&json!(4), &json!([])));
    let stages: Vec<&Value> = first["decisions"].as_array().unwrap().iter().map(|one| &one["stage"]).collect();
    assert_eq!(stages.len(), 4);
    assert_eq!(stages[3], "cancelled");
}

/// What somebody changed in the file is told: what it decides is not what was decided.
#[test]
fn a_recording_that_was_changed_says_so() {
    let house = House::new();
    house.order(order(1));
    let file = house.folder.path().join("recording.json");
    house.desk.record(DAY_MS, &file).unwrap();
    let mut kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    kept["stories"][0]["order"]["cancelled_at_ms"] = json!(NOW);
    let told = replay(&kept.to_string()).unwrap();
    assert_eq!(told["differs"][0]["order"], "#1");
    kept["format"] = json!(99);
    assert!(replay(&kept.to_string()).unwrap_err().sentence.contains("Use that version"));
}

#[test]
fn only_what_something_happened_to_is_in_it() {
    let house = House::new();
    house.order(order(1));
    let file = house.folder.path().join("recording.json");
    house.clock.set(NOW + 3 * DAY_MS);
    assert_eq!(house.desk.record(DAY_MS, &file).unwrap().orders, 0);
    assert_eq!(house.desk.record(7 * DAY_MS, &file).unwrap().orders, 1);
}
