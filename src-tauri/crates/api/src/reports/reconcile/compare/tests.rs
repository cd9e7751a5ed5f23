//! What two sides come to, as a table.

use super::*;
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{Currency, HubStatus};

const NOW: i64 = 1_795_165_200_000;

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::new("EUR"))
}

/// Two mugs, paid, at the hub since yesterday.
fn sale() -> Sale {
    Sale {
        id: OrderId(1),
        number: "#1".into(),
        stage: Some(Stage::Packing),
        waits_code: "packing".into(),
        waits_sentence: "In Hub since {since}, waits for packing".into(),
        waits_since_ms: NOW - DAY_MS,
        placed_at_ms: NOW - 2 * DAY_MS,
        total: euro(4_190),
        units: 2,
        cancelled_at_ms: None,
        fulfilled: false,
        paid: true,
        accepted: false,
        push: None,
        sync: true,
    }
}

fn at(number: &str, status: HubStatus) -> HubRecord {
    HubRecord { number: number.into(), status, changed_at_ms: NOW - DAY_MS }
}

fn packing() -> AtHub {
    AtHub {
        live: vec![at("H1", HubStatus::AwaitingShipment)],
        lines: Some(vec![]),
        units: 2,
        sent: Some((euro(4_190), NOW - DAY_MS)),
        read_at_ms: Some(NOW),
        ..AtHub::default()
    }
}

fn nothing() -> AtHub {
    AtHub { lines: Some(vec![]), read_at_ms: Some(NOW), ..AtHub::default() }
}

fn waits(stage: Stage, code: &str, sentence: &str) -> Sale {
    let push = matches!(stage, Stage::ToSend).then(|| "Send to Hub now".to_owned());
    Sale { stage: Some(stage), waits_code: code.into(), waits_sentence: sentence.into(), push, ..sale() }
}

fn line(wanted: i64, placed: i64, has: i64) -> LineUnits {
    LineUnits { label: "MUG".into(), wanted, placed, has }
}

/// A verdict in a line per row; the sentence only where it is asked for.
fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Agree => "agree".into(),
        Verdict::Apart(reason) => format!("apart: {reason}"),
        Verdict::Differ(rows) => {
            let row = |row: &Row| {
                let step = row.step.as_ref().map_or("open", |(_, label)| label.as_str());
                format!("{}: {} | {} | {step}", row.differs.title(), row.here, row.there)
            };
            rows.iter().map(row).collect::<Vec<_>>().join("; ")
        }
    }
}

#[test]
fn what_is_at_the_hub_is_compared_by_state_units_and_total() {
    let shipped = || AtHub { live: vec![at("H1", HubStatus::Shipped)], ..packing() };
    let held = || AtHub { live: vec![at("H1", HubStatus::OnHold)], ..packing() };
    let unpaid = || AtHub { live: vec![at("H1", HubStatus::AwaitingPayment)], ..packing() };
    let odd = || AtHub { live: vec![at("H1", HubStatus::Unknown("limbo".into()))], ..packing() };
    let doubled = || AtHub {
        live: vec![at("H1", HubStatus::AwaitingShipment), at("H2", HubStatus::AwaitingShipment)],
        lines: Some(vec![line(2, 2, 4)]),
        units: 4,
        ..packing()
    };
    let fewer = || AtHub { lines: Some(vec![line(2, 2, 1)]), units: 1, ..packing() };
    let cheaper = || AtHub { sent: Some((euro(4_000), NOW - DAY_MS)), ..packing() };
    let cancelled = || Sale { cancelled_at_ms: Some(NOW - DAY_MS), stage: Some(Stage::Held), ..sale() };
    let fulfilled = || Sale { fulfilled: true, stage: Some(Stage::Shipped), waits_code: "shipped".into(), ..sale() };
    let disagrees = || waits(Stage::Held, "cause:sides_differ", "Store and hub disagree");
    let cases: Vec<(&str, Sale, AtHub, &str)> = vec![
        ("as it should be", sale(), packing(), "agree"),
        ("left, and told", fulfilled(), shipped(), "agree"),
        ("nothing was sent with an amount", sale(), AtHub { sent: None, ..packing() }, "agree"),
        (
            "split: its parts add up",
            sale(),
            AtHub { live: vec![at("H1", HubStatus::Shipped), at("H1-1", HubStatus::AwaitingShipment)], ..packing() },
            "agree",
        ),
        // Two records of one sale on one side.
        (
            "doubled",
            sale(),
            doubled(),
            "there twice: 1 order, 2 units | H1 (ready to pack), H2 (ready to pack), 4 units | open",
        ),
        (
            "a copy beside ours",
            sale(),
            AtHub { copies: vec!["77".into()], ..packing() },
            "there twice: 1 order | H1 and 77 | open",
        ),
        // Status.
        ("cancelled here, open there", cancelled(), packing(), "status: cancelled | ready to pack | Look again"),
        ("cancelled here, left there", cancelled(), shipped(), "status: cancelled | shipped | open"),
        (
            "cancelled a minute ago",
            Sale { cancelled_at_ms: Some(NOW - MINUTE_MS), waits_since_ms: NOW - MINUTE_MS, ..cancelled() },
            packing(),
            "apart: were cancelled just now; the other account is being told",
        ),
        ("fulfilled here, open there", fulfilled(), packing(), "status: fulfilled | ready to pack | open"),
        ("left there, not told here", sale(), shipped(), "status: paid, not fulfilled | shipped | Look again"),
        (
            "left there, its report waits for a click",
            waits(Stage::Telling, "approval", "Waits for your click: report the parcel"),
            shipped(),
            "status: paid, not fulfilled | shipped | Approve",
        ),
        (
            "left there ten minutes ago",
            Sale { waits_since_ms: NOW - 10 * MINUTE_MS, ..sale() },
            shipped(),
            "apart: left just now; the store is being told",
        ),
        ("paid here, not there", sale(), unpaid(), "status: paid, not fulfilled | waits for payment | Look again"),
        ("paid nowhere", Sale { paid: false, ..sale() }, unpaid(), "agree"),
        (
            "held there only",
            waits(Stage::Held, "held_at_hub", "On hold there"),
            held(),
            "status: paid, not fulfilled | on hold | open",
        ),
        ("held on both sides", waits(Stage::Held, "held_by_person", "On hold by you"), held(), "agree"),
        ("a new word", sale(), odd(), "status: paid, not fulfilled | limbo | Look again"),
        // Units and totals.
        ("fewer units", disagrees(), fewer(), "units: 2 × MUG | 1 × MUG | Send the store's version"),
        (
            "fewer units, and more of another line: not the same in sum",
            disagrees(),
            AtHub { lines: Some(vec![line(2, 2, 1), LineUnits { label: "CUP".into(), ..line(0, 0, 1) }]), ..packing() },
            "units: 2 × MUG, 0 × CUP | 1 × MUG, 1 × CUP | Send the store's version",
        ),
        (
            "a change is under way",
            sale(),
            AtHub { moving_ms: Some(NOW), ..fewer() },
            "apart: are being changed at the other account",
        ),
        (
            "read too early",
            sale(),
            AtHub { stale: true, ..fewer() },
            "apart: were changed after the account was last read",
        ),
        (
            "a person let it go",
            Sale { accepted: true, ..sale() },
            fewer(),
            "apart: differ, and you said to ship them as they are",
        ),
        (
            "given back after it left",
            Sale { units: 1, total: euro(2_000), ..fulfilled() },
            AtHub { lines: Some(vec![line(1, 2, 2)]), ..shipped() },
            "apart: were given back in part after they left",
        ),
        (
            "left with the wrong units",
            fulfilled(),
            AtHub { lines: Some(vec![line(2, 2, 1)]), ..shipped() },
            "units: 2 × MUG | 1 × MUG | open",
        ),
        (
            "packed with another order",
            sale(),
            AtHub { lines: None, ..packing() },
            "apart: travel with other orders: whose units are whose cannot be told",
        ),
        ("another total", sale(), cheaper(), "total: 41.90 EUR | 40.00 EUR when it was sent | Look again"),
        (
            "the same digits of another currency",
            sale(),
            AtHub { sent: Some((Money::new(4_190, Currency::new("GBP")), NOW)), ..packing() },
            "total: 41.90 EUR | 41.90 GBP when it was sent | Look again",
        ),
        ("another total after it left", fulfilled(), AtHub { sent: cheaper().sent, ..shipped() }, "agree"),
        (
            "units and total",
            disagrees(),
            AtHub { sent: cheaper().sent, ..fewer() },
            "units: 2 × MUG | 1 × MUG | Send the store's version; total: 41.90 EUR | 40.00 EUR when it was sent | Send the store's version",
        ),
    ];
    for (name, sale, there, expected) in cases {
        assert_eq!(said(&at_hub(&sale, &there, "Hub", NOW)), expected, "{name}");
    }
}

#[test]
fn what_is_not_at_the_hub_is_missing_or_was_never_to_be_there() {
    let missing = "missing there: paid, not fulfilled | not there | ";
    let cases: Vec<(Sale, AtHub, String)> = vec![
        (waits(Stage::ToSend, "watching", "Would be sent"), nothing(), format!("{missing}Send to Hub now")),
        (waits(Stage::ToSend, "automation_off", "Off"), nothing(), format!("{missing}Send to Hub now")),
        (waits(Stage::ToSend, "approval", "Waits for your click"), nothing(), format!("{missing}Approve")),
        (waits(Stage::ToSend, "cause:unknown_sku", "No such SKU"), nothing(), format!("{missing}open")),
        (waits(Stage::ToSend, "no_hub", "No account"), nothing(), format!("{missing}Send to Hub now")),
        (
            Sale { waits_since_ms: NOW, ..waits(Stage::ToSend, "to_send", "Waits to be sent") },
            nothing(),
            "apart: are on their way".into(),
        ),
        (waits(Stage::ToSend, "to_send", "Waits to be sent"), nothing(), format!("{missing}Send to Hub now")),
        (
            waits(Stage::Sending, "sending", "On its way"),
            AtHub { moving_ms: Some(NOW - MINUTE_MS), ..nothing() },
            "apart: are on their way".into(),
        ),
        (
            waits(Stage::Sending, "sending", "On its way"),
            AtHub { moving_ms: Some(NOW - DAY_MS), ..nothing() },
            "missing there: paid, not fulfilled | not there yet | Look again".into(),
        ),
        // Sent, and not to be seen: before the list was read again nobody knows, afterwards it is lost.
        (
            sale(),
            AtHub { sent: Some((euro(4_190), NOW - MINUTE_MS)), ..nothing() },
            "apart: were sent after the account was last read".into(),
        ),
        (
            sale(),
            AtHub { sent: Some((euro(4_190), NOW - DAY_MS)), read_at_ms: None, ..nothing() },
            "apart: were sent after the account was last read".into(),
        ),
        (
            sale(),
            AtHub { sent: Some((euro(4_190), NOW - DAY_MS)), ..nothing() },
            "missing there: paid, not fulfilled | not in its lists | Look again".into(),
        ),
        // It is there, and nobody said so.
        (
            waits(Stage::ToSend, "seen_twice", "It may be there"),
            AtHub { copies: vec!["77".into()], ..nothing() },
            "not tied together: paid, not fulfilled | 77, not tied | Use that copy".into(),
        ),
        (
            waits(Stage::ToSend, "seen_twice", "It may be there"),
            AtHub { copies: vec!["77".into(), "78".into()], ..nothing() },
            "there twice: paid, not fulfilled | 2 copies, not tied: 77, 78 | open".into(),
        ),
        (
            sale(),
            AtHub { dead: Some(at("H1", HubStatus::Cancelled)), ..nothing() },
            "status: paid, not fulfilled | cancelled | Look again".into(),
        ),
        (
            sale(),
            AtHub { dead: Some(at("H1", HubStatus::Gone)), sent: packing().sent, ..nothing() },
            "status: paid, not fulfilled | no longer there | Look again".into(),
        ),
        // Never to be there: no difference, and not silent either.
        (sale(), AtHub { other_hub: Some("East".into()), ..nothing() }, "apart: go to East".into()),
        (
            Sale { cancelled_at_ms: Some(NOW), ..waits(Stage::Cancelled, "cancelled", "Cancelled") },
            nothing(),
            "apart: were cancelled before they were sent".into(),
        ),
        (
            Sale { cancelled_at_ms: Some(NOW), ..waits(Stage::Cancelled, "cancelled", "Cancelled") },
            AtHub { dead: Some(at("H1", HubStatus::Cancelled)), ..nothing() },
            "agree".into(),
        ),
        (Sale { stage: None, ..sale() }, nothing(), "apart: were only just read".into()),
    ];
    for (sale, there, expected) in cases {
        assert_eq!(said(&at_hub(&sale, &there, "Hub", NOW)), expected, "{} {}", sale.waits_code, sale.number);
    }
    for (stage, code, reason) in [
        (Stage::Ignored, "test_order", "are tests"),
        (Stage::Ignored, "before_go_live", "were bought before the go-live line"),
        (Stage::Ignored, "not_ours", "are shipped by another service, such as the marketplace itself"),
        (Stage::Ignored, "sold_elsewhere", "are copies of a sale that another account sends"),
        (Stage::Ignored, "archived", "are archived in the store"),
        (Stage::NothingToShip, "nothing_to_ship", "have nothing for a carrier: digital, fetched, over the counter"),
        (Stage::Unpaid, "payment", "are not paid yet"),
        (Stage::Shipped, "shipped", "left by other hands"),
        (Stage::Held, "held_by_person", "are on hold by you"),
        (Stage::Held, "risk", "are held because the store rates them as risky"),
        (Stage::Held, "scheduled", "are scheduled for a later day"),
        (Stage::ToSend, "twin_waits", "wait for the account that sold them"),
    ] {
        let sale = waits(stage, code, "It waits");
        assert_eq!(said(&at_hub(&sale, &nothing(), "Hub", NOW)), format!("apart: {reason}"), "{code}");
    }
}

#[test]
fn a_sentence_says_what_it_means_and_ends_with_a_stop() {
    let sentence = |sale: &Sale, there: &AtHub| match at_hub(sale, there, "Hub", NOW) {
        Verdict::Differ(rows) => (rows[0].sentence.clone(), rows[0].since_ms),
        other => panic!("{other:?}"),
    };
    let watched = waits(Stage::ToSend, "watching", "Would be sent");
    assert_eq!(
        sentence(&watched, &nothing()),
        ("Hub does not have #1. Quayside would send it, but only watches so far.".into(), Some(NOW - DAY_MS))
    );
    let unknown = waits(Stage::ToSend, "cause:unknown_sku", "The hub does not know a SKU");
    assert_eq!(sentence(&unknown, &nothing()).0, "Hub does not have #1. The hub does not know a SKU.");
    let left = AtHub { live: vec![at("H1", HubStatus::Shipped)], ..packing() };
    assert_eq!(
        sentence(&sale(), &left).0,
        "#1 left as far as Hub knows, and the store does not know all of it. In Hub, waits for packing."
    );
}

#[test]
fn records_are_compared_by_what_was_answered() {
    let on = || InRecords { on: true, ..InRecords::default() };
    let unwritten = |standing: Stuck, since_ms: i64| InRecords {
        unwritten: vec![Unwritten { what: "a parcel".into(), since_ms, standing }],
        written: 1,
        ..on()
    };
    let cases: Vec<(InRecords, &str)> = vec![
        (InRecords { written: 2, ..on() }, "agree"),
        (InRecords::default(), "apart: are not written there: the automations for records are off or only watch"),
        (
            on(),
            "apart: have nothing to be written there: not paid, cancelled, no parcel yet, or a buyer whose data must be forgotten",
        ),
        (InRecords { other: Some("East CRM".into()), ..on() }, "apart: are kept in East CRM"),
        (unwritten(Stuck::Waiting, NOW - MINUTE_MS), "apart: are on their way"),
        (unwritten(Stuck::Waiting, NOW - DAY_MS), "missing there: a parcel | not written yet | open"),
        (unwritten(Stuck::Asked, NOW), "missing there: a parcel | waits for your click | Approve"),
        (unwritten(Stuck::Refused("A field is missing".into()), NOW), "missing there: a parcel | refused | Retry now"),
        (
            InRecords { written: 1, parcels: 2, parcels_without: vec!["Parcel 1Z2".into()], ..on() },
            "units: 2 parcels | 1 record | Look again",
        ),
        (InRecords { written: 1, worth: Some((euro(4_190), NOW)), ..on() }, "agree"),
        (
            InRecords { written: 1, worth: Some((euro(4_000), NOW)), ..on() },
            "total: 41.90 EUR | 40.00 EUR as it was written | Look again",
        ),
    ];
    for (there, expected) in cases {
        assert_eq!(said(&in_records(&sale(), &there, "CRM", NOW)), expected, "{there:?}");
    }
}

#[test]
fn two_stores_are_compared_where_both_show_one_sale() {
    let copy = || OtherStore {
        number: "#9".into(),
        total: euro(4_190),
        units: 2,
        cancelled_at_ms: None,
        fulfilled: false,
        sent: false,
        doubtful: false,
    };
    let cases: Vec<(bool, OtherStore, &str)> = vec![
        (true, copy(), "agree"),
        (false, OtherStore { sent: true, ..copy() }, "agree"),
        (true, OtherStore { sent: true, ..copy() }, "there twice: #1, sent | #9, sent | open"),
        (true, OtherStore { cancelled_at_ms: Some(NOW), ..copy() }, "status: not fulfilled | cancelled | open"),
        (true, OtherStore { units: 1, ..copy() }, "units: 2 units | 1 unit | open"),
        (true, OtherStore { total: euro(1), ..copy() }, "total: 41.90 EUR | 0.01 EUR | open"),
        (true, OtherStore { doubtful: true, units: 1, ..copy() }, "not tied together: #1 | #9 | open"),
        // The one that only carries a copy says in its own way that it left, or not at all.
        (true, OtherStore { fulfilled: true, ..copy() }, "agree"),
    ];
    for (sent, copy, expected) in cases {
        assert_eq!(said(&in_two_stores(&sale(), sent, &copy, "Outlet")), expected, "{copy:?}");
    }
}

#[test]
fn two_hubs_are_not_to_have_the_same_units() {
    let copy = |number: &str, status: HubStatus, units: i64| HubCopy {
        number: number.into(),
        status,
        units,
        changed_at_ms: NOW - DAY_MS,
    };
    let open = || vec![copy("1", HubStatus::AwaitingShipment, 2)];
    let left = || vec![copy("1", HubStatus::Shipped, 2)];
    let twice = |here: Vec<HubCopy>, there: Vec<HubCopy>| AtTwoHubs { here, there, more: true, ..AtTwoHubs::default() };
    let parts = || AtTwoHubs { here: open(), there: open(), ..AtTwoHubs::default() };
    let cancelled = || Sale { cancelled_at_ms: Some(NOW), ..sale() };
    for (what, sale, both, expected) in [
        ("at neither", sale(), AtTwoHubs::default(), "apart: are at neither of the two"),
        (
            "where it goes",
            sale(),
            AtTwoHubs { here: open(), ..AtTwoHubs::default() },
            "apart: are at East only, where they are to be packed",
        ),
        (
            "at the other one",
            sale(),
            AtTwoHubs { there: left(), ..AtTwoHubs::default() },
            "apart: are at West only, where they are to be packed",
        ),
        ("in parts that add up", sale(), parts(), "agree"),
        (
            "in parts that are fewer",
            sale(),
            AtTwoHubs { less: true, ..parts() },
            "units: 1 (ready to pack), 2 units, total not known | 1 (ready to pack), 2 units, total not known | Look again",
        ),
        ("fewer, and cancelled", cancelled(), AtTwoHubs { less: true, ..parts() }, "agree"),
        (
            "put together with others",
            sale(),
            AtTwoHubs { merged: true, less: true, ..parts() },
            "apart: travel with other orders: whose units are whose cannot be told",
        ),
        (
            "twice",
            sale(),
            twice(open(), left()),
            "there twice: 1 (ready to pack), 2 units, total not known | 1 (shipped), 2 units, total not known | open",
        ),
        (
            "twice, and one is tied to nothing",
            sale(),
            AtTwoHubs { untied: true, ..parts() },
            "there twice: 1 (ready to pack), 2 units, total not known | 1 (ready to pack), 2 units, total not known | open",
        ),
    ] {
        assert_eq!(said(&in_two_hubs(&sale, &both, "East", "West")), expected, "{what}");
    }
    for (both, advice) in [
        (twice(open(), open()), "Cancel one of them there before both are packed."),
        (twice(left(), open()), "One of them left already. Cancel the other there before it is packed."),
        (twice(left(), left()), "Both left: ask the buyer, or have one of the parcels come back."),
    ] {
        let Verdict::Differ(rows) = in_two_hubs(&sale(), &both, "East", "West") else { panic!("{both:?}") };
        assert!(rows[0].sentence.contains(advice), "{}", rows[0].sentence);
        assert!(rows[0].sentence.contains("Amounts are not compared"), "{}", rows[0].sentence);
    }
}

#[test]
fn parcels_of_a_hub_are_looked_for_in_the_records() {
    let kept = || InRecords { written: 1, parcels: 1, on: true, ..InRecords::default() };
    for (what, there, expected) in [
        ("none left there", InRecords { parcels: 0, ..kept() }, "apart: have no parcel at East"),
        (
            "kept elsewhere",
            InRecords { parcels: 0, other: Some("Old CRM".into()), ..kept() },
            "apart: are kept in Old CRM",
        ),
        ("each has a record", kept(), "agree"),
        (
            "one has none",
            InRecords { parcels_without: vec!["Parcel 1Z".into()], ..kept() },
            "units: 1 parcel | 0 records | Look again",
        ),
    ] {
        assert_eq!(said(&parcels_in_records(&sale(), &there, "East", "CRM", NOW)), expected, "{what}");
    }
    let without = InRecords { parcels_without: vec!["Parcel 1Z".into()], ..kept() };
    let Verdict::Differ(rows) = parcels_in_records(&sale(), &without, "East", "CRM", NOW) else { panic!("it differs") };
    assert!(rows[0].sentence.ends_with("Amounts are not compared: East shows none."), "{}", rows[0].sentence);
}
