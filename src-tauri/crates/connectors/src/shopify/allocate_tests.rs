#![allow(clippy::unwrap_used)]

use super::*;
use quayside_model::{Delivery, FulfillmentLine, FulfillmentOrderLine, Hold, Tracking};

const NOW: i64 = 1_000_000_000;

fn fo(id: &str, place: &str, lines: &[(&str, i64)]) -> FulfillmentOrder {
    FulfillmentOrder {
        remote_id: id.into(),
        status: "open".into(),
        can_fulfill: true,
        location_id: Some(place.into()),
        location_name: place.into(),
        third_party: false,
        fulfill_at_ms: None,
        fulfill_by_ms: None,
        holds: vec![],
        delivery: Delivery::Shipping,
        lines: lines
            .iter()
            .map(|(line, remaining)| FulfillmentOrderLine {
                remote_id: format!("{id}/{line}"),
                order_line_id: (*line).into(),
                total_quantity: 9,
                remaining_quantity: *remaining,
            })
            .collect(),
    }
}

fn blocked(mut fo: FulfillmentOrder, status: &str) -> FulfillmentOrder {
    fo.can_fulfill = false;
    fo.status = status.into();
    fo
}

fn told(id: &str, numbers: &[&str], lines: &[(&str, i64)]) -> Fulfillment {
    Fulfillment {
        remote_id: id.into(),
        live: true,
        status: "success".into(),
        created_at_ms: NOW,
        delivered_at_ms: None,
        tracking_numbers: numbers.iter().map(|n| (*n).to_owned()).collect(),
        carrier: String::new(),
        lines: lines
            .iter()
            .map(|(line, quantity)| FulfillmentLine { order_line_id: (*line).into(), quantity: *quantity })
            .collect(),
    }
}

fn work(fos: Vec<FulfillmentOrder>, fulfillments: Vec<Fulfillment>) -> Work {
    Work { name: "#1".into(), created_at_ms: NOW - DAY_MS, cancelled_at_ms: None, fos, fulfillments }
}

fn draft(numbers: &[&str], lines: &[(&str, i64)]) -> FulfillmentDraft {
    FulfillmentDraft {
        order_remote_id: "o".into(),
        parcel_ids: vec![],
        lines: lines
            .iter()
            .map(|(line, quantity)| FulfillmentLine { order_line_id: (*line).into(), quantity: *quantity })
            .collect(),
        tracking: Tracking { numbers: numbers.iter().map(|n| (*n).to_owned()).collect(), ..Tracking::default() },
        notify_customer: true,
        shipped_at_ms: None,
        known_fulfillment_ids: vec!["known".into()],
        expected: None,
    }
}

/// A plan in one line.
fn say(plan: &Plan) -> String {
    match plan {
        Plan::Already { fulfillment_ids, note } => {
            format!("already {}{}", fulfillment_ids.join("+"), note.as_ref().map_or("", |_| " by hand"))
        }
        Plan::Wait { at_ms, .. } => format!("wait {}", at_ms - NOW),
        Plan::Refuse { cause, .. } => format!("refuse {cause}"),
        Plan::Send { groups, begun } => {
            let group = |g: &Group| {
                let fos = g.fos.iter().map(|(id, lines)| {
                    format!("{id}:{}", lines.iter().map(|(l, q)| format!("{l}x{q}")).collect::<Vec<_>>().join(","))
                });
                format!("[{} {}]", g.location, fos.collect::<Vec<_>>().join(" "))
            };
            format!(
                "send{} {}",
                if *begun { " rest" } else { "" },
                groups.iter().map(group).collect::<Vec<_>>().join(" ")
            )
        }
    }
}

#[test]
fn trap_11_parcels_find_their_work() {
    let held = |mut fo: FulfillmentOrder| {
        fo.holds = vec![Hold { remote_id: "h".into(), reason: "Fraud".into(), notes: String::new(), ours: false }];
        blocked(fo, "on_hold")
    };
    let service = |fo: FulfillmentOrder| FulfillmentOrder { third_party: true, ..blocked(fo, "open") };
    let scheduled =
        |fo: FulfillmentOrder| FulfillmentOrder { fulfill_at_ms: Some(NOW + HOUR_MS), ..blocked(fo, "scheduled") };
    for (what, parcel, fos, fulfillments, expected) in [
        ("whole", draft(&["T"], &[("a", 2)]), vec![fo("f", "P", &[("a", 2)])], vec![], "send [P f:f/ax2]"),
        ("a part", draft(&["T"], &[("a", 1)]), vec![fo("f", "P", &[("a", 2), ("b", 1)])], vec![], "send [P f:f/ax1]"),
        (
            "a line named twice",
            draft(&["T"], &[("a", 1), ("a", 1)]),
            vec![fo("f", "P", &[("a", 2)])],
            vec![],
            "send [P f:f/ax2]",
        ),
        (
            "two pieces at one place",
            draft(&["T"], &[("a", 3)]),
            vec![fo("f", "P", &[("a", 2)]), fo("g", "P", &[("a", 2)])],
            vec![],
            "send [P f:f/ax2 g:g/ax1]",
        ),
        (
            "two places, the one that has more first",
            draft(&["T"], &[("a", 1), ("b", 2)]),
            vec![fo("f", "P", &[("a", 1)]), fo("g", "Q", &[("b", 2)])],
            vec![],
            "send [Q g:g/bx2] [P f:f/ax1]",
        ),
        (
            "one place can do it all",
            draft(&["T"], &[("a", 1), ("b", 1)]),
            vec![fo("f", "P", &[("a", 1)]), fo("g", "Q", &[("a", 1), ("b", 1)])],
            vec![],
            "send [Q g:g/ax1,g/bx1]",
        ),
        (
            "told, by number",
            draft(&["t 1"], &[("a", 1)]),
            vec![fo("f", "P", &[("a", 1)])],
            vec![told("x", &["T1"], &[("a", 1)])],
            "already x",
        ),
        (
            "half told, by number: a kill between two places",
            draft(&["T"], &[("a", 1), ("b", 2)]),
            vec![fo("f", "P", &[("a", 1)])],
            vec![told("x", &["T"], &[("b", 2)])],
            "send rest [P f:f/ax1]",
        ),
        (
            "the same lines in another parcel are another parcel",
            draft(&["T2"], &[("a", 1)]),
            vec![fo("f", "P", &[("a", 1)])],
            vec![told("x", &["T1"], &[("a", 1)])],
            "send [P f:f/ax1]",
        ),
        (
            "by hand, without a number",
            draft(&["T"], &[("a", 1)]),
            vec![blocked(fo("f", "P", &[("a", 0)]), "closed")],
            vec![told("x", &[], &[("a", 1)])],
            "already x by hand",
        ),
        (
            "by hand, but known when the parcel was planned",
            draft(&["T"], &[("a", 1)]),
            vec![blocked(fo("f", "P", &[("a", 0)]), "closed")],
            vec![told("known", &[], &[("a", 1)])],
            "refuse fulfillment_refused",
        ),
        (
            "no number, new and the same lines",
            draft(&[], &[("a", 1)]),
            vec![fo("f", "P", &[("a", 1)])],
            vec![told("x", &[], &[("a", 1)])],
            "already x",
        ),
        (
            "no number, other lines",
            draft(&[], &[("a", 1)]),
            vec![fo("f", "P", &[("a", 1)])],
            vec![told("x", &[], &[("b", 1)])],
            "send [P f:f/ax1]",
        ),
        (
            "on hold",
            draft(&["T"], &[("a", 1)]),
            vec![held(fo("f", "P", &[("a", 1)]))],
            vec![],
            "refuse held_in_channel",
        ),
        (
            "half on hold: nothing is sent",
            draft(&["T"], &[("a", 1), ("b", 1)]),
            vec![held(fo("f", "P", &[("a", 1)])), fo("g", "P", &[("b", 1)])],
            vec![],
            "refuse held_in_channel",
        ),
        (
            "another app's place",
            draft(&["T"], &[("a", 1)]),
            vec![service(fo("f", "P", &[("a", 1)]))],
            vec![],
            "refuse fulfillment_refused",
        ),
        ("later", draft(&["T"], &[("a", 1)]), vec![scheduled(fo("f", "P", &[("a", 1)]))], vec![], "wait 3600000"),
        (
            "more than is left",
            draft(&["T"], &[("a", 3)]),
            vec![fo("f", "P", &[("a", 2)])],
            vec![],
            "refuse fulfillment_refused",
        ),
        ("nothing visible", draft(&["T"], &[("a", 1)]), vec![], vec![], "refuse scope_missing"),
        (
            "an empty parcel",
            draft(&["T"], &[("a", 0)]),
            vec![fo("f", "P", &[("a", 2)])],
            vec![],
            "refuse parcel_does_not_fit",
        ),
    ] {
        assert_eq!(say(&plan(&parcel, &work(fos, fulfillments), NOW)), expected, "{what}");
    }
}

#[test]
fn a_young_order_is_given_time_to_be_routed() {
    let mut young = work(vec![], vec![]);
    young.created_at_ms = NOW - MINUTE_MS;
    assert_eq!(say(&plan(&draft(&["T"], &[("a", 1)]), &young, NOW)), "wait 60000");
}

#[test]
fn a_cancelled_order_takes_no_parcel() {
    let mut cancelled = work(vec![fo("f", "P", &[("a", 1)])], vec![]);
    cancelled.cancelled_at_ms = Some(NOW);
    assert_eq!(say(&plan(&draft(&["T"], &[("a", 1)]), &cancelled, NOW)), "refuse fulfillment_refused");
}

#[test]
fn a_fulfillment_taken_back_does_not_count() {
    let mut gone = told("x", &["T"], &[("a", 1)]);
    gone.live = false;
    let work = work(vec![fo("f", "P", &[("a", 1)])], vec![gone]);
    assert_eq!(say(&plan(&draft(&["T"], &[("a", 1)]), &work, NOW)), "send [P f:f/ax1]");
}

/// Small enough to be tried whole: whatever is planned never reports a unit twice, and reports all or nothing.
#[test]
fn all_small_cases_add_up() {
    for wanted_a in 0..=2_i64 {
        for wanted_b in 0..=1_i64 {
            for (at_p, at_q, b_at_q) in (0..27).map(|n| (n % 3, n / 3 % 3, n / 9 % 2)) {
                for told_a in 0..=1_i64 {
                    let parcel = draft(&["T"], &[("a", wanted_a), ("b", wanted_b)]);
                    let before = if told_a > 0 { vec![told("x", &["T"], &[("a", told_a)])] } else { vec![] };
                    let work =
                        work(vec![fo("f", "P", &[("a", at_p)]), fo("g", "Q", &[("a", at_q), ("b", b_at_q)])], before);
                    let Plan::Send { groups, .. } = plan(&parcel, &work, NOW) else { continue };
                    let sent = |line: &str| -> i64 {
                        groups
                            .iter()
                            .flat_map(|g| &g.fos)
                            .flat_map(|(_, lines)| lines)
                            .filter(|(id, _)| id.ends_with(line))
                            .map(|(_, q)| q)
                            .sum()
                    };
                    assert_eq!(sent("/a"), (wanted_a - told_a).max(0));
                    assert_eq!(sent("/b"), wanted_b);
                    let mut places: Vec<&str> = groups.iter().map(|g| g.location.as_str()).collect();
                    places.dedup();
                    assert_eq!(places.len(), groups.len(), "one call per place");
                }
            }
        }
    }
}
