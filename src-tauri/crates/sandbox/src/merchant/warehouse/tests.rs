//! The warehouse packs what may be packed, everything of it, and nothing else.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::merchant::Truth;
use crate::shipstation::pacific::Wall;
use crate::shipstation::state::{Address, Body, Weight};
use crate::shipstation::{Habits, ShipStation, ShipStationPlan};
use crate::{Ledger, Moment, StandIn};
use rand::SeedableRng;

/// Monday 2 March 2026, 09:00 in Hamburg.
const MONDAY_MS: i64 = 1_772_438_400_000;

struct Hall {
    hubs: Vec<ShipStation>,
    ledger: Ledger,
    truth: Truth,
    rng: SmallRng,
    people: Warehouse,
}

impl Hall {
    fn new(seed: u64, trouble: f64, pace: Pace, habits: Habits) -> Self {
        let plan = ShipStationPlan { habits, ..ShipStationPlan::default() };
        Self {
            hubs: vec![ShipStation::new(plan)],
            ledger: Ledger::default(),
            truth: Truth::default(),
            rng: SmallRng::seed_from_u64(seed),
            people: Warehouse::with_pace(MONDAY_MS, trouble, pace),
        }
    }

    fn live_until(&mut self, until_ms: i64) {
        while let Some(at_ms) = self.people.next_ms().filter(|at_ms| *at_ms <= until_ms) {
            let mut scene = Scene {
                now_ms: at_ms,
                rng: &mut self.rng,
                stores: &mut [],
                hubs: &mut self.hubs,
                shops: &mut [],
                benches: &mut [],
                ledger: &mut self.ledger,
                truth: &mut self.truth,
            };
            self.people.act(&mut scene);
            assert!(self.people.next_ms().unwrap() > at_ms, "time goes on");
        }
    }

    fn put(&mut self, now_ms: i64, number: i64, status: Status, units: &[i64]) -> i64 {
        let item = |(line, units): (usize, &i64)| Item {
            line_key: format!("L{line}"),
            sku: format!("SKU-{line}"),
            name: "Thing".to_owned(),
            quantity: *units,
            weight: Some(Weight::of_grams(300.0)),
            ..Item::default()
        };
        let countries = ["DE", "GB", "US", "FR"];
        let address = Address {
            name: format!("Buyer {}", number % 40),
            street1: format!("Street {}", number % 40),
            city: "Town".to_owned(),
            postal_code: "12345".to_owned(),
            country: countries[usize::try_from(number % 4).unwrap()].to_owned(),
            ..Address::default()
        };
        let body = Body {
            number: number.to_string(),
            status,
            placed: Wall::of(now_ms),
            bill_to: address.clone(),
            ship_to: address,
            items: units.iter().enumerate().map(item).collect(),
            ..Body::default()
        };
        let mut pen = Pen { now_ms, by: By::Client, ledger: &mut self.ledger };
        self.hubs[0].state.put(&mut pen, None, Some(&format!("k{number}")), body, &[]).unwrap().0
    }

    /// Units of an order's own lines in living parcels, by line.
    fn packed(&self, key: &str) -> BTreeMap<String, i64> {
        let mut packed = BTreeMap::new();
        for parcel in self.truth.parcels.iter().filter(|parcel| parcel.voided_at_ms.is_none()) {
            for line in parcel.lines.iter().filter(|line| line.order_key == key) {
                *packed.entry(line.line_key.clone().unwrap()).or_default() += line.quantity;
            }
        }
        packed
    }
}

#[test]
fn without_trouble_every_order_leaves_whole_the_same_day() {
    let mut hall = Hall::new(1, 0.0, Pace::USUAL, Habits::default());
    let ids: Vec<i64> = (0..200).map(|n| hall.put(MONDAY_MS - 1, n, Status::AwaitingShipment, &[2, 1])).collect();
    let held = hall.put(MONDAY_MS - 1, 900, Status::OnHold, &[1]);
    let unpaid = hall.put(MONDAY_MS - 1, 901, Status::AwaitingPayment, &[1]);
    let gone = hall.put(MONDAY_MS - 1, 902, Status::Cancelled, &[1]);
    hall.live_until(MONDAY_MS + 9 * HOUR_MS);
    for (number, id) in ids.iter().enumerate() {
        assert_eq!(hall.hubs[0].state.order(*id).unwrap().body.status, Status::Shipped, "order {number}");
        let packed = hall.packed(&format!("k{number}"));
        assert_eq!(packed.into_iter().collect::<Vec<_>>(), [("L0".to_owned(), 2), ("L1".to_owned(), 1)]);
    }
    for id in [held, unpaid, gone] {
        assert!(!hall.hubs[0].state.has_living_parcel(id));
    }
    let effects: BTreeSet<&str> = hall.ledger.entries.iter().map(|entry| entry.effect.as_str()).collect();
    assert!(effects.contains("marked_shipped") && effects.contains("label_bought"), "{effects:?}");
    assert!(!effects.contains("label_voided") && !effects.contains("order_split"), "{effects:?}");
    hall.live_until(MONDAY_MS + 10 * 24 * HOUR_MS);
    assert!(hall.truth.parcels.iter().all(|parcel| parcel.delivered_at_ms.is_some() && parcel.lost_at_ms.is_none()));
}

#[test]
fn nobody_packs_at_night() {
    let mut hall = Hall::new(1, 0.0, Pace::USUAL, Habits::default());
    let evening = MONDAY_MS + 10 * HOUR_MS;
    hall.live_until(evening);
    let id = hall.put(evening, 1, Status::AwaitingShipment, &[1]);
    hall.live_until(MONDAY_MS + 22 * HOUR_MS);
    assert!(!hall.hubs[0].state.has_living_parcel(id));
    hall.live_until(MONDAY_MS + 26 * HOUR_MS);
    assert!(hall.hubs[0].state.has_living_parcel(id));
}

/// With trouble in every order, whatever is not cancelled still leaves, each unit exactly once.
#[test]
fn whatever_happens_each_unit_leaves_once() {
    for (seed, habits) in [
        (1, Habits::default()),
        (2, Habits { void_reopens: false, ..Habits::default() }),
        (3, Habits { children_share_key: true, ..Habits::default() }),
    ] {
        let mut hall = Hall::new(seed, 1.0, Pace::USUAL, habits);
        for n in 0..120 {
            hall.put(MONDAY_MS - 1, n, Status::AwaitingShipment, &[3, 1, 2]);
        }
        hall.live_until(MONDAY_MS + 21 * 24 * HOUR_MS);
        let cancelled: BTreeSet<String> =
            hall.ledger.of("order_cancelled").filter_map(|entry| entry.key.clone()).collect();
        for n in 0..120 {
            let key = format!("k{n}");
            let packed: Vec<(String, i64)> = hall.packed(&key).into_iter().collect();
            if cancelled.contains(&key) {
                assert!(packed.is_empty(), "seed {seed}, {key} was cancelled");
            } else {
                let whole = [("L0".to_owned(), 3), ("L1".to_owned(), 1), ("L2".to_owned(), 2)];
                assert_eq!(packed, whole, "seed {seed}, {key}");
            }
        }
        let effects: BTreeSet<&str> = hall.ledger.entries.iter().map(|entry| entry.effect.as_str()).collect();
        for effect in ["order_split", "order_merged", "label_voided", "order_held", "order_released", "order_cancelled"]
        {
            assert!(effects.contains(effect), "seed {seed}: no {effect}");
        }
        assert!(hall.truth.parcels.iter().any(|parcel| parcel.lost_at_ms.is_some()), "seed {seed}: nothing was lost");
        let own = hall.hubs[0].state.orders.values().filter(|order| order.external_by.is_some());
        let loose = hall.hubs[0].state.labels.values().filter(|label| label.order_id.is_none()).count();
        let back = hall.hubs[0].state.labels.values().filter(|label| label.is_return).count();
        assert!(loose > 0 && back > 0, "seed {seed}: {loose} loose labels, {back} returns");
        assert!(own.clone().count() > 0 && own.clone().all(|order| !hall.hubs[0].state.has_living_parcel(order.id)));
    }
}

#[test]
fn an_order_cancelled_in_time_stays() {
    let mut hall = Hall::new(1, 0.0, Pace::USUAL, Habits::default());
    let id = hall.put(MONDAY_MS - 1, 1, Status::AwaitingShipment, &[1]);
    hall.live_until(MONDAY_MS + MINUTE_MS);
    let mut pen = Pen { now_ms: MONDAY_MS + MINUTE_MS, by: By::Client, ledger: &mut hall.ledger };
    hall.hubs[0].state.cancel(&mut pen, id, "test").unwrap();
    hall.live_until(MONDAY_MS + 48 * HOUR_MS);
    assert!(hall.truth.parcels.is_empty());
}

#[test]
fn an_address_no_carrier_takes_waits_until_it_is_mended() {
    let mut hall = Hall::new(1, 0.0, Pace::HURRIED, Habits::default());
    let id = hall.put(MONDAY_MS - 1, 1, Status::AwaitingShipment, &[1]);
    let whole = hall.hubs[0].state.order(id).unwrap().body.clone();
    let mut broken = whole.clone();
    broken.ship_to.street1.clear();
    let mut pen = Pen { now_ms: MONDAY_MS - 1, by: By::Client, ledger: &mut hall.ledger };
    hall.hubs[0].state.put(&mut pen, Some(id), None, broken, &[]).unwrap();
    hall.live_until(MONDAY_MS + HOUR_MS);
    assert_eq!(hall.truth.parcels, []);
    let mut pen = Pen { now_ms: MONDAY_MS + HOUR_MS, by: By::Client, ledger: &mut hall.ledger };
    hall.hubs[0].state.put(&mut pen, Some(id), None, whole, &[]).unwrap();
    hall.live_until(MONDAY_MS + 2 * HOUR_MS);
    assert_eq!(hall.truth.parcels.len(), 1);
}

/// A label the client buys and voids is in the truth too, and the order is packed again.
#[test]
fn what_clients_do_is_seen() {
    let mut hall = Hall::new(4, 0.0, Pace::HURRIED, Habits::default());
    let id = hall.put(MONDAY_MS, 2, Status::AwaitingShipment, &[1]);
    let plan = hall.hubs[0].state.plan.clone();
    let call = |hall: &mut Hall, now_ms: i64, method: &str, path: &str, body: &str| {
        let request = http::Request::builder().method(method).uri(path).header("api-key", &plan.v2_key);
        let request = request.body(body.as_bytes().to_vec()).unwrap();
        let mut moment = Moment { now_ms, rng: &mut hall.rng, ledger: &mut hall.ledger };
        let answer = hall.hubs[0].handle(&request, &mut moment);
        assert!(answer.status().is_success(), "{}", String::from_utf8_lossy(answer.body()));
        serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap_or_default()
    };
    let rates = format!(r#"{{"shipment_id":"se-{id}","rate_options":{{"carrier_ids":["se-501103"]}}}}"#);
    let rates = call(&mut hall, MONDAY_MS, "POST", "/v2/rates", &rates);
    let rate = rates["rate_response"]["rates"][0]["rate_id"].as_str().unwrap().to_owned();
    let label = call(&mut hall, MONDAY_MS, "POST", &format!("/v2/labels/rates/{rate}"), "{}");
    hall.live_until(MONDAY_MS + 2 * MINUTE_MS);
    assert_eq!((hall.truth.parcels.len(), hall.truth.parcels[0].voided_at_ms), (1, None));
    let path = format!("/v2/labels/{}/void", label["label_id"].as_str().unwrap());
    call(&mut hall, MONDAY_MS + 2 * MINUTE_MS, "PUT", &path, "");
    hall.live_until(MONDAY_MS + HOUR_MS);
    assert_eq!(hall.truth.parcels[0].voided_at_ms, Some(MONDAY_MS + 2 * MINUTE_MS));
    assert_eq!(hall.packed("k2").values().sum::<i64>(), 1, "packed again");
}

#[test]
fn same_seed_same_history() {
    let history = |seed: u64| {
        let mut hall = Hall::new(seed, 0.5, Pace::HURRIED, Habits::default());
        for n in 0..40 {
            hall.put(MONDAY_MS - 1, n, Status::AwaitingShipment, &[2, 2]);
        }
        hall.live_until(MONDAY_MS + 24 * HOUR_MS);
        (serde_json::to_string(&hall.ledger).unwrap(), hall.truth)
    };
    assert_eq!(history(9), history(9));
    assert_ne!(history(9).0, history(10).0);
}
