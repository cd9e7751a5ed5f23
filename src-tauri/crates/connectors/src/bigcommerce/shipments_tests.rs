use super::*;
use quayside_model::{FulfillmentLine, Tracking};

fn line(id: &str, address: i64, wanted: i64, shipped: i64) -> Line {
    Line { id: id.into(), name: id.into(), address, pickup: false, goods: true, wanted, shipped }
}

fn shipment(id: &str, number: &str, lines: &[(&str, i64)]) -> Fulfillment {
    Fulfillment {
        remote_id: id.into(),
        live: true,
        status: "shipped".into(),
        created_at_ms: 0,
        delivered_at_ms: None,
        tracking_numbers: Some(number.to_owned()).filter(|number| !number.is_empty()).into_iter().collect(),
        carrier: String::new(),
        lines: lines
            .iter()
            .map(|(id, quantity)| FulfillmentLine { order_line_id: (*id).into(), quantity: *quantity })
            .collect(),
    }
}

fn work(status_id: i64, lines: Vec<Line>, shipments: Vec<Fulfillment>) -> Work {
    let payment = String::new();
    Work { id: 101, status_id, own_hold: false, payment, lines, shipments, links: BTreeMap::new(), own: None }
}

fn draft(number: &str, lines: &[(&str, i64)]) -> FulfillmentDraft {
    FulfillmentDraft {
        order_remote_id: "101".into(),
        parcel_ids: vec![],
        lines: shipment("", "", lines).lines,
        tracking: Tracking {
            numbers: Some(number.to_owned()).filter(|number| !number.is_empty()).into_iter().collect(),
            ..Tracking::default()
        },
        notify_customer: false,
        shipped_at_ms: None,
        known_fulfillment_ids: vec!["known".into()],
        expected: None,
    }
}

#[test]
fn lines_go_in_one_shipment_per_address() {
    let work = work(11, vec![line("1", 7, 2, 0), line("2", 8, 1, 0), line("3", 7, 1, 0)], vec![]);
    let Plan::Send(groups) = plan(&draft("A", &[("1", 2), ("2", 1), ("3", 1)]), &work) else { panic!() };
    let expected = [
        Group { address: 7, units: vec![("1".into(), 2), ("3".into(), 1)] },
        Group { address: 8, units: vec![("2".into(), 1)] },
    ];
    assert_eq!(groups, expected);
}

#[test]
fn what_is_there_already_is_not_sent_again() {
    let lines = || vec![line("1", 7, 2, 2)];
    for (shipments, number, done) in [
        (vec![shipment("s", "a 1", &[("1", 2)])], "A1", true),
        (vec![shipment("s", "A1", &[("1", 1)]), shipment("t", "A1", &[("1", 1)])], "A1", true),
        // Made by hand, without a number, since the parcel was planned.
        (vec![shipment("new", "", &[("1", 2)])], "A1", true),
        (vec![shipment("new", "", &[("1", 2)])], "", true),
        // Was there before.
        (vec![shipment("known", "", &[("1", 2)])], "A1", false),
        (vec![shipment("s", "OTHER", &[("1", 2)])], "A1", false),
    ] {
        let found = plan(&draft(number, &[("1", 2)]), &work(2, lines(), shipments.clone()));
        assert_eq!(matches!(found, Plan::Already { .. }), done, "{shipments:?} {number}: {found:?}");
    }
}

#[test]
fn a_part_that_was_sent_is_not_sent_twice() {
    let work = work(3, vec![line("1", 7, 2, 1), line("2", 8, 1, 0)], vec![shipment("s", "A", &[("1", 1)])]);
    let Plan::Send(groups) = plan(&draft("A", &[("1", 2), ("2", 1)]), &work) else { panic!() };
    assert_eq!(groups[0].units, [("1".to_owned(), 1)]);
    assert_eq!(groups[1].units, [("2".to_owned(), 1)]);
}

#[test]
fn all_or_nothing() {
    let pickup = Line { pickup: true, goods: false, address: 0, ..line("2", 0, 1, 0) };
    let nowhere = Line { address: 0, ..line("3", 0, 1, 0) };
    let work = work(11, vec![line("1", 7, 2, 1), pickup, nowhere], vec![]);
    for (lines, word) in [
        (&[("1", 2)][..], "expects 1 more"),
        (&[("1", 1), ("2", 1)], "fetched by the buyer"),
        (&[("3", 1)], "no address"),
        (&[("9", 1)], "no longer in"),
        (&[], "no lines"),
    ] {
        let Plan::Refuse { sentence, .. } = plan(&draft("A", lines), &work) else { panic!("{lines:?}") };
        assert!(sentence.contains(word), "{sentence}");
    }
}

#[test]
fn everything_left_counts_shipments_and_counts() {
    let digital = Line { goods: false, ..line("9", 0, 1, 0) };
    let told = vec![shipment("s", "A", &[("1", 2)])];
    assert!(work(11, vec![line("1", 7, 2, 0), digital.clone()], told).everything_left());
    assert!(work(11, vec![line("1", 7, 2, 2), digital.clone()], vec![]).everything_left());
    assert!(!work(11, vec![line("1", 7, 2, 1), digital], vec![]).everything_left());
    assert_eq!(work(2, vec![line("1", 7, 2, 2)], vec![]).unreported(), Units::from([("1".into(), 2)]));
}
