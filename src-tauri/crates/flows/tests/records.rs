//! Orders in the account that keeps customers and cases: each worked example of the four cards, as a test.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
use common::*;
use quayside_flows::{Policy, decide};
use quayside_model::*;
use std::collections::BTreeMap;

type Change = fn(&mut Story);

const DAY: i64 = 24 * 60 * MIN;
const RECORDS: [&str; 4] = ["customers_to_records", "shipments_to_records", "delivered_task", "trouble_case"];

fn crm() -> ConnectionId {
    ConnectionId::new("crm")
}

/// As in `common`, with an account that keeps records.
fn with_records(mode: Mode) -> Policy {
    let mut policy = policy(mode);
    let mut peer = policy.peers[&hub()].clone();
    peer.id = crm();
    peer.name = "The customers".into();
    peer.roles = vec![Role::Records];
    peer.code = "c0ffee01".into();
    policy.peers.insert(crm(), peer);
    policy
}

fn known() -> Story {
    let mut story = sent();
    let buyer = story.order.customer.as_mut().unwrap();
    buyer.email = "Ingrid@Mail.example".into();
    buyer.phone = "+47 55".into();
    story
}

/// All of it left in one parcel and the store was told.
fn shipped() -> Story {
    let mut story = known();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/1", &["TRACK1"], &[(1, 2), (2, 1)]);
    story
}

fn delivered(mut story: Story, n: usize) -> Story {
    story.parcels[n].value.delivered_at_ms = Some(NOW - 2 * MIN);
    story
}

fn plans(story: &Story, policy: &Policy, automation: &str) -> Vec<PlannedEffect> {
    decide(story, policy, NOW).effects.into_iter().filter(|effect| effect.automation == automation).collect()
}

#[track_caller]
fn plan(story: &Story, policy: &Policy, automation: &str) -> (PlannedEffect, RecordDraft) {
    let plans = plans(story, policy, automation);
    let [effect] = plans.as_slice() else { panic!("one of {automation}: {plans:?}") };
    let Intent::PutRecord { record } = &effect.intent else { panic!("{effect:?}") };
    assert_eq!(effect.connection, crm());
    (effect.clone(), record.clone())
}

fn fact(record: &RecordDraft, name: &str) -> String {
    record.fact(name).unwrap_or_default()
}

/// What was planned is performed, as the store would write it down.
fn settled(mut story: Story, policy: &Policy, state: EffectState) -> Story {
    perform(&mut story, policy, NOW, state);
    story
}

#[test]
fn nothing_is_planned_without_an_account_that_keeps_records() {
    let policy = policy(Mode::Auto);
    for story in [known(), shipped(), delivered(shipped(), 0)] {
        for automation in RECORDS {
            assert_eq!(plans(&story, &policy, automation), [], "{automation}");
        }
    }
    let fresh = Policy { automations: BTreeMap::default(), ..policy };
    for automation in RECORDS {
        assert_eq!(fresh.automation(automation).mode, Mode::Off);
        let kept = Policy { peers: with_records(Mode::Auto).peers, ..fresh.clone() };
        assert_eq!(kept.automation(automation).mode, Mode::Watch);
    }
}

#[test]
fn somebody_who_buys_becomes_a_customer() {
    let (effect, record) = plan(&known(), &with_records(Mode::Auto), RECORDS[0]);
    assert_eq!(effect.sentence, "Keep Ingrid Sørensen, who gets #1001, in The customers");
    assert_eq!(record.noun, RecordNoun::Customer);
    for (name, value) in [
        ("name", "Ingrid Sørensen"),
        ("email", "Ingrid@Mail.example"),
        ("phone", "+47 55"),
        ("street", "Strandgaten 5"),
        ("postcode", "5013"),
        ("country", "NO"),
        ("company", ""),
    ] {
        assert_eq!(fact(&record, name), value, "{name}");
    }
}

#[test]
fn orders_of_one_person_name_one_customer() {
    let policy = with_records(Mode::Auto);
    let key = |change: Change| {
        let mut story = known();
        change(&mut story);
        plan(&story, &policy, RECORDS[0]).1.external_id
    };
    let first = key(|_| ());
    assert!(first.starts_with("customer-") && !first.contains("ngrid"));
    assert_eq!(key(|s| s.order.remote_id = "gid://shop/Order/1002".into()), first);
    assert_eq!(key(|s| s.order.customer.as_mut().unwrap().email = "INGRID@mail.example".into()), first);
    assert_eq!(key(|s| s.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into()), first, "she moved");
    assert_ne!(key(|s| s.order.customer.as_mut().unwrap().email = "other@mail.example".into()), first);
    let guest = |s: &mut Story| s.order.customer.as_mut().unwrap().email.clear();
    assert_eq!(key(guest), key(guest));
    assert_ne!(
        key(guest),
        key(|s| {
            s.order.customer.as_mut().unwrap().email.clear();
            s.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
        })
    );
}

#[test]
fn a_present_is_for_whoever_gets_it() {
    let mut story = known();
    story.order.customer.as_mut().unwrap().name = "Olav Buyer".into();
    let (_, record) = plan(&story, &with_records(Mode::Auto), RECORDS[0]);
    assert_eq!(
        (fact(&record, "name"), fact(&record, "email"), fact(&record, "phone")),
        ("Ingrid Sørensen".into(), String::new(), String::new())
    );
}

#[test]
fn buyers_who_must_be_forgotten_are_written_nowhere() {
    let mut policy = with_records(Mode::Auto);
    policy.peers.get_mut(&channel()).unwrap().forgets_buyers = true;
    assert_eq!(plans(&known(), &policy, RECORDS[0]), []);
    // The case says what it must, and of whom it is not.
    let mut story = shipped();
    story.order.deliver_by_ms = Some(NOW - 3 * DAY);
    let (_, record) = plan(&story, &policy, RECORDS[3]);
    assert_eq!(record.fact(CUSTOMER_FACT), None);
}

#[test]
fn a_customer_is_kept_for_paid_orders_with_somebody_in_them() {
    let policy = with_records(Mode::Auto);
    let cases: [(&str, Change); 4] = [
        ("not paid", |s| s.order.payment = Payment::Pending),
        ("cancelled", |s| s.order.cancelled_at_ms = Some(NOW - MIN)),
        ("nobody named", |s| s.order.ship_to = Some(Address { country: "NO".into(), ..Address::default() })),
        ("a test", |s| s.order.test = true),
    ];
    for (what, change) in cases {
        let mut story = known();
        change(&mut story);
        assert_eq!(plans(&story, &policy, RECORDS[0]), [], "{what}");
    }
}

#[test]
fn what_was_written_is_written_again_only_where_it_changed() {
    let policy = with_records(Mode::Auto);
    let mut story = settled(known(), &policy, EffectState::Done);
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
    story.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    let (effect, _) = plan(&story, &policy, RECORDS[0]);
    assert!(effect.sentence.starts_with("Bring up to date"), "{}", effect.sentence);
    // While the answer is out nothing new is planned over it.
    let mut story = settled(known(), &policy, EffectState::Unknown);
    story.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 1".into();
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
    // Its data was taken out of it: nothing is left to compare with.
    let mut story = settled(known(), &policy, EffectState::Done);
    for effect in &mut story.effects {
        if let Intent::PutRecord { record } = &mut effect.intent {
            record.fields.iter_mut().for_each(|(_, text)| *text = "null".into());
        }
    }
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
}

#[test]
fn a_parcel_is_written_down_with_all_that_is_known() {
    let mut story = shipped();
    let policy = set(with_records(Mode::Auto), RECORDS[1], "transit_days", "3");
    let (effect, record) = plan(&story, &policy, RECORDS[1]);
    assert_eq!(effect.sentence, "Write a parcel of #1001 down in The customers: shipped, UPS TRACK1");
    assert_eq!(record.external_id, "cafe0001-1001/label:1");
    for (name, value) in [
        ("tracking", "TRACK1"),
        ("carrier", "UPS"),
        ("state", "Shipped"),
        ("shipped", "2026-11-20"),
        ("expected", "2026-11-23"),
        ("contents", "2 × Thing 1 (SKU-1)\n1 × Thing 2 (SKU-2)"),
        ("value", "35.00"),
        ("currency", "EUR"),
        ("delivered", ""),
    ] {
        assert_eq!(fact(&record, name), value, "{name}");
    }
    let (_, customer) = plan(&story, &policy, RECORDS[0]);
    assert_eq!(record.fact(CUSTOMER_FACT), Some(customer.external_id), "it hangs on the customer");
    story.order.deliver_by_ms = Some(NOW + DAY);
    assert_eq!(fact(&plan(&story, &policy, RECORDS[1]).1, "expected"), "2026-11-21", "a promise counts before a habit");
    // The same record says what became of it.
    for (change, state) in [
        ((|s| s.parcels[0].value.delivered_at_ms = Some(NOW - MIN)) as Change, "Delivered"),
        (|s| s.parcels[0].value.voided_at_ms = Some(NOW - MIN), "Voided"),
    ] {
        let mut story = settled(shipped(), &policy, EffectState::Done);
        assert_eq!(plans(&story, &policy, RECORDS[1]), []);
        change(&mut story);
        let (_, record) = plan(&story, &policy, RECORDS[1]);
        assert_eq!((record.external_id.as_str(), fact(&record, "state").as_str()), ("cafe0001-1001/label:1", state));
    }
}

/// A hub that follows its parcels tells whether one left: the day its label was bought does not.
#[test]
fn a_label_is_no_parcel_that_left() {
    use quayside_flows::Deliveries::{Told, Unheard};
    let policy = with_records(Mode::Auto);
    let seen = |track: Option<TrackState>| {
        let mut story = shipped();
        story.parcels[0].value.track =
            track.map(|state| Track { state, at_ms: Some(NOW), says: String::new(), expected_ms: None });
        story
    };
    for (track, hears, state) in [
        (Some(TrackState::LabelMade), Told, "Label bought"),
        (Some(TrackState::LabelMade), Unheard, "Label bought"),
        (Some(TrackState::Accepted), Told, "Shipped"),
        (Some(TrackState::Unknown("teleported".into())), Told, "Shipped"),
        (None, Told, "Label bought"),
        (None, Unheard, "Shipped"),
    ] {
        let mut policy = policy.clone();
        policy.peers.get_mut(&hub()).unwrap().deliveries = hears;
        let (_, record) = plan(&seen(track.clone()), &policy, RECORDS[1]);
        assert_eq!(fact(&record, "state"), state, "{track:?} {hears:?}");
        assert_eq!(fact(&record, "shipped").is_empty(), state != "Shipped", "{track:?} {hears:?}");
    }
    // A record that says so does not go back.
    let mut story = settled(seen(Some(TrackState::InTransit)), &policy, EffectState::Done);
    story.parcels[0].value.track =
        Some(Track { state: TrackState::LabelMade, at_ms: Some(NOW), says: String::new(), expected_ms: None });
    assert_eq!(plans(&story, &policy, RECORDS[1]), []);
}

/// What a carrier says in so many words needs no silence.
#[test]
fn a_carriers_word_is_a_case() {
    let policy = with_records(Mode::Auto);
    for (state, kind) in [
        (TrackState::Lost, Some("lost")),
        (TrackState::Undeliverable, Some("undeliverable")),
        (TrackState::Returned, Some("returned")),
        (TrackState::Held, None),
        (TrackState::InTransit, None),
    ] {
        let mut story = shipped();
        story.parcels[0].value.track =
            Some(Track { state, at_ms: Some(NOW), says: "Depot 7".into(), expected_ms: None });
        let found: Vec<String> = plans(&story, &policy, RECORDS[3])
            .iter()
            .map(|effect| match &effect.intent {
                Intent::PutRecord { record } => fact(record, "problem"),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(found, kind.into_iter().collect::<Vec<_>>());
        let quiet = set(policy.clone(), RECORDS[3], "told", "false");
        assert_eq!(plans(&story, &quiet, RECORDS[3]), []);
    }
}

#[test]
fn two_parcels_are_two_records() {
    let mut story = known();
    ship(&mut story, parcel(1, &[(1, 2)]));
    ship(&mut story, parcel(2, &[(2, 1)]));
    assert_eq!(plans(&story, &with_records(Mode::Auto), RECORDS[1]).len(), 2);
    story.parcels[0].value.voided_at_ms = Some(NOW);
    assert_eq!(plans(&story, &with_records(Mode::Auto), RECORDS[1]).len(), 1, "a voided label is nobody's news");
}

#[test]
fn the_last_delivery_makes_one_task() {
    let policy = with_records(Mode::Auto);
    let mut story = known();
    ship(&mut story, parcel(1, &[(1, 2)]));
    ship(&mut story, parcel(2, &[(2, 1)]));
    story.parcels[0].value.delivered_at_ms = Some(NOW - 5 * MIN);
    assert_eq!(plans(&story, &policy, RECORDS[2]), [], "one of two");
    let story = delivered(story, 1);
    let (effect, record) = plan(&story, &policy, RECORDS[2]);
    assert_eq!(effect.sentence, "Make a task in The customers for #1001, which was delivered; due 2026-11-25");
    assert_eq!((record.external_id.as_str(), fact(&record, "due").as_str()), ("cafe0001-1001/delivered", "2026-11-25"));
    for state in
        [EffectState::Done, EffectState::Unknown, EffectState::Refused, EffectState::Asked, EffectState::Skipped]
    {
        let mut story = settled(story.clone(), &policy, state);
        story.parcels[1].value.delivered_at_ms = Some(NOW - MIN);
        assert_eq!(plans(&story, &policy, RECORDS[2]), [], "{state:?}");
    }
}

#[test]
fn what_the_account_forgot_is_made_again() {
    let policy = with_records(Mode::Auto);
    let mut story = settled(delivered(shipped(), 0), &policy, EffectState::Done);
    for effect in story.effects.iter_mut().filter(|effect| effect.automation == RECORDS[2]) {
        effect.state = EffectState::Skipped;
        assert!(effect.receipt.is_some());
    }
    let (effect, _) = plan(&story, &policy, RECORDS[2]);
    assert!(effect.key.ends_with(":delivered:1"), "{}", effect.key);
}

#[test]
fn trouble_is_one_case_of_its_kind() {
    let late = |s: &mut Story| s.order.deliver_by_ms = Some(NOW - 2 * DAY);
    let back = |s: &mut Story| {
        let mut back = parcel(7, &[]);
        back.is_return = true;
        s.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: back });
    };
    let policy = set(with_records(Mode::Auto), RECORDS[3], "lost_days", "1");
    let cases: [(&str, Change, &[&str]); 6] = [
        ("all is well", |_| (), &[]),
        ("late", late, &["delayed"]),
        ("late by less than the days of grace", |s| s.order.deliver_by_ms = Some(NOW - DAY / 2), &[]),
        (
            "delivered",
            |s| {
                s.order.deliver_by_ms = Some(NOW - 2 * DAY);
                s.parcels[0].value.delivered_at_ms = Some(NOW - DAY);
            },
            &[],
        ),
        ("unheard of", |s| s.parcels[0].value.shipped_at_ms = Some(NOW - 2 * DAY), &["lost"]),
        ("coming back", back, &["returned"]),
    ];
    for (what, change, kinds) in cases {
        let mut story = shipped();
        change(&mut story);
        let plans = plans(&story, &policy, RECORDS[3]);
        let found: Vec<String> = plans
            .iter()
            .map(|effect| match &effect.intent {
                Intent::PutRecord { record } => fact(record, "problem"),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(found, kinds, "{what}");
        // Once: read again, and with the next parcel in the same trouble.
        let mut story = settled(story, &policy, EffectState::Done);
        let mut other = parcel(3, &[]);
        other.shipped_at_ms = Some(NOW - 2 * DAY);
        story.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: other });
        if kinds == ["lost"] || kinds == ["delayed"] {
            let again = self::plans(&story, &policy, RECORDS[3]);
            let own = format!(":case/{}/label:3:", kinds[0]);
            let of_kind: Vec<&PlannedEffect> =
                again.iter().filter(|effect| effect.key.contains(&format!("case/{}", kinds[0]))).collect();
            let [effect] = of_kind.as_slice() else { panic!("{what}: {again:?}") };
            let Intent::PutRecord { record } = &effect.intent else { panic!("{effect:?}") };
            assert!(effect.key.contains(&own) && record.external_id.ends_with("/label:3"), "{effect:?}");
            assert_eq!(fact(record, "tracking"), "TRACK3", "the other has its case");
        }
    }
    let mut story = shipped();
    late(&mut story);
    let (effect, record) = plan(&story, &policy, RECORDS[3]);
    assert_eq!(effect.sentence, "Open a case in The customers: #1001 is late");
    for (name, value) in [("carrier", "UPS"), ("tracking", "TRACK1"), ("value", "35.00"), ("order", "#1001")] {
        assert_eq!(fact(&record, name), value, "{name}");
    }
    let quiet = set(policy, RECORDS[3], "delayed", "false");
    assert_eq!(plans(&story, &quiet, RECORDS[3]), []);
}

/// Of whom the hub found the address, where the account has a field for that.
#[test]
fn an_address_that_the_hub_found_is_said_where_that_is_wanted() {
    let mut policy = with_records(Mode::Auto);
    let wanted = |story: &Story, policy: &Policy| {
        let (_, record) = plan(story, policy, RECORDS[0]);
        record.fields.iter().find(|(name, _)| name == "verified").map(|(_, text)| text.clone())
    };
    let found = |verified: Option<bool>, postcode: &str| {
        let mut story = known();
        story.hub_orders[0].value.ship_to = Some(Address { postcode: postcode.into(), ..address() });
        story.hub_orders[0].value.address_verified = verified;
        story
    };
    assert_eq!(wanted(&found(Some(true), "5013"), &policy), None, "no field is chosen");
    policy.peers.get_mut(&crm()).unwrap().keeps_verified = true;
    for (verified, postcode, said) in [
        (Some(true), "5013", "true"),
        // As carriers write it.
        (Some(true), "5013-0001", "true"),
        (Some(false), "5013", "false"),
        (None, "5013", "null"),
        // Another address was looked at.
        (Some(true), "0150", "null"),
    ] {
        assert_eq!(wanted(&found(verified, postcode), &policy).as_deref(), Some(said), "{verified:?} {postcode}");
    }
    // It is found later: the same customer says so, once.
    let mut story = settled(found(None, "5013"), &policy, EffectState::Done);
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
    story.hub_orders[0].value.address_verified = Some(true);
    assert_eq!(wanted(&story, &policy).as_deref(), Some("true"));
    let story = settled(story, &policy, EffectState::Done);
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
}

/// The carrier knows best; what is told says whose word it is.
#[test]
fn the_day_it_is_expected_says_whose_word_it_is() {
    let mut policy = set(with_records(Mode::Auto), RECORDS[1], "transit_days", "3");
    let said = |story: &Story, policy: &Policy| {
        let (_, record) = plan(story, policy, RECORDS[1]);
        (fact(&record, "expected"), fact(&record, "expected_by"))
    };
    let day = |day: &str, by: &str| (day.to_owned(), by.to_owned());
    let mut story = shipped();
    assert_eq!(said(&story, &policy), day("2026-11-23", "Own promise"));
    // The store's own table, by the service the buyer chose: four working days from Friday.
    policy.peers.get_mut(&channel()).unwrap().clock.promises =
        quayside_flows::promise::parse("Express = 1 / 4").unwrap();
    assert_eq!(said(&story, &policy), day("2026-11-26", "Own promise"));
    story.order.deliver_by_ms = Some(NOW + DAY);
    assert_eq!(said(&story, &policy), day("2026-11-21", "Store"));
    let track = story.parcels[0].value.track.as_mut().unwrap();
    track.expected_ms = Some(NOW + 5 * DAY);
    assert_eq!(said(&story, &policy), day("2026-11-25", "Carrier"));
    // A record of an older version that lacks only this is not written again for it.
    let mut old = settled(story, &policy, EffectState::Done);
    for effect in &mut old.effects {
        if let Intent::PutRecord { record } = &mut effect.intent {
            record.fields.retain(|(name, _)| name != "expected_by");
        }
    }
    assert_eq!(plans(&old, &policy, RECORDS[1]), []);
    // A carrier that means to come later makes it no less late.
    let mut late = shipped();
    late.order.deliver_by_ms = Some(NOW - 3 * DAY);
    late.parcels[0].value.track.as_mut().unwrap().expected_ms = Some(NOW + 5 * DAY);
    assert_eq!(plans(&late, &policy, RECORDS[3]).len(), 1);
}

/// Nobody looks for a parcel that no case names.
#[test]
fn every_late_parcel_is_named() {
    let policy = with_records(Mode::Auto);
    let mut story = known();
    ship(&mut story, parcel(1, &[(1, 2)]));
    ship(&mut story, parcel(2, &[(2, 1)]));
    story.order.deliver_by_ms = Some(NOW - 2 * DAY);
    let (effect, record) = plan(&story, &policy, RECORDS[3]);
    assert_eq!(effect.sentence, "Open a case in The customers: #1001 is late");
    assert_eq!(
        (record.external_id.as_str(), fact(&record, "tracking")),
        ("cafe0001-1001/delayed", "TRACK1, TRACK2".into())
    );
    assert!(fact(&record, "text").contains("Parcel TRACK2 of #1001 was expected on"), "{record:?}");
    // A third one follows it: once, whatever became of the first case.
    for state in [EffectState::Done, EffectState::Asked, EffectState::Skipped] {
        let mut story = settled(story.clone(), &policy, state);
        assert_eq!(plans(&story, &policy, RECORDS[3]), [], "{state:?}");
        // One of an older version named one parcel and stood for all.
        let mut old = story.clone();
        for effect in &mut old.effects {
            if let Intent::PutRecord { record } = &mut effect.intent {
                for (name, text) in &mut record.fields {
                    match name.as_str() {
                        "text" => *text = serde_json::json!("A parcel of #1001 was expected on 2026-11-18").to_string(),
                        "tracking" => *text = serde_json::json!("TRACK1").to_string(),
                        _ => {}
                    }
                }
            }
        }
        assert_eq!(plans(&old, &policy, RECORDS[3]), [], "{state:?}");
        story.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: parcel(3, &[]) });
        let (_, record) = plan(&story, &policy, RECORDS[3]);
        assert_eq!(
            (record.external_id.as_str(), fact(&record, "tracking").as_str()),
            ("cafe0001-1001/delayed/label:3", "TRACK3")
        );
        let mut story = settled(story, &policy, EffectState::Done);
        assert_eq!(plans(&story, &policy, RECORDS[3]), [], "{state:?}");
        // What was taken out of it is not said anew.
        for effect in &mut story.effects {
            if let Intent::PutRecord { record } = &mut effect.intent {
                record.fields.iter_mut().for_each(|(_, text)| *text = "null".into());
            }
        }
        story.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: parcel(4, &[]) });
        assert_eq!(plans(&story, &policy, RECORDS[3]), [], "{state:?}");
    }
}

#[test]
fn a_return_that_is_asked_for_is_a_case_where_that_is_chosen() {
    let asked = |status: ReturnStatus, days_ago: i64| {
        let mut story = shipped();
        let value = Return {
            remote_id: "gid://shop/Return/9".into(),
            order_remote_id: story.order.remote_id.clone(),
            number: "#1001-R1".into(),
            status,
            lines: vec![ReturnLine {
                order_line_id: Some("line/1".into()),
                sku: "SKU-1".into(),
                quantity: 1,
                reason: "too small".into(),
                received: None,
                shelved: None,
            }],
            tracking_number: String::new(),
            requested_at_ms: NOW - days_ago * DAY,
            received_at_ms: None,
            resolution: String::new(),
            refunded: None,
            updated_at_ms: NOW,
        };
        story.returns.push(Seen { connection: channel(), seen_at_ms: NOW, value });
        // Its label back, bought at the hub.
        let mut back = parcel(7, &[]);
        back.is_return = true;
        story.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: back });
        story
    };
    let wanted = set(with_records(Mode::Auto), RECORDS[3], "asked", "true");
    for (what, story, policy, ids) in [
        ("nobody wants it", asked(ReturnStatus::Open, 1), with_records(Mode::Auto), vec!["cafe0001-1001/returned"]),
        ("asked", asked(ReturnStatus::Open, 1), wanted.clone(), vec!["cafe0001-1001/return/9"]),
        ("declined", asked(ReturnStatus::Declined, 1), wanted.clone(), vec!["cafe0001-1001/returned"]),
        ("long ago", asked(ReturnStatus::Open, 90), wanted.clone(), vec!["cafe0001-1001/returned"]),
    ] {
        let found: Vec<String> = plans(&story, &policy, RECORDS[3])
            .iter()
            .map(|effect| match &effect.intent {
                Intent::PutRecord { record } => record.external_id.clone(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(found, ids, "{what}");
        let story = settled(story, &policy, EffectState::Done);
        assert_eq!(plans(&story, &policy, RECORDS[3]), [], "{what}: once");
    }
    let (_, record) = plan(&asked(ReturnStatus::Open, 1), &wanted, RECORDS[3]);
    assert_eq!(fact(&record, "problem"), "returned");
    assert_eq!(fact(&record, "text"), "The buyer of #1001 sends back 1 × SKU-1 (too small) (return #1001-R1).");
    // What a buyer wrote stays here where it must be forgotten.
    let mut forgets = wanted;
    forgets.peers.get_mut(&channel()).unwrap().forgets_buyers = true;
    let (_, record) = plan(&asked(ReturnStatus::Open, 1), &forgets, RECORDS[3]);
    assert!(!fact(&record, "text").contains("too small"), "{record:?}");
}

/// "From now on" is meant: what Quayside itself sent before is not written down, either.
#[test]
fn what_left_before_the_line_is_none_of_theirs() {
    let mut late = shipped();
    late.order.deliver_by_ms = Some(NOW - 2 * DAY);
    for (automation, story) in [(RECORDS[1], shipped()), (RECORDS[2], delivered(shipped(), 0)), (RECORDS[3], late)] {
        assert!(quayside_flows::AFTER_SHIPPING.contains(&automation), "{automation}");
        for (line_ms, planned) in [(None, 1), (Some(story.order.placed_at_ms), 1), (Some(NOW), 0)] {
            let mut policy = with_records(Mode::Auto);
            policy.automations.get_mut(automation).unwrap().go_live_ms = line_ms;
            assert_eq!(plans(&story, &policy, automation).len(), planned, "{automation} from {line_ms:?}");
        }
    }
}

#[test]
fn silence_is_a_case_only_where_deliveries_are_told() {
    use quayside_flows::Deliveries::{Told, Unheard, Untold};
    let mut late = shipped();
    late.order.deliver_by_ms = Some(NOW - 2 * DAY);
    late.parcels[0].value.shipped_at_ms = Some(NOW - 5 * DAY);
    let mut back = shipped();
    back.parcels[0].value.is_return = true;
    let base = set(with_records(Mode::Auto), RECORDS[3], "lost_days", "1");
    for (store, warehouse, silent) in [
        (Untold, Untold, 0),
        (Unheard, Untold, 0),
        (Untold, Unheard, 0),
        (Unheard, Unheard, 0),
        (Told, Untold, 2),
        (Untold, Told, 2),
        (Told, Told, 2),
    ] {
        let mut policy = base.clone();
        policy.peers.get_mut(&channel()).unwrap().deliveries = store;
        policy.peers.get_mut(&hub()).unwrap().deliveries = warehouse;
        let what = format!("store {store:?}, hub {warehouse:?}");
        assert_eq!(plans(&late, &policy, RECORDS[3]).len(), silent, "{what}");
        // What is said in so many words needs no silence.
        assert_eq!(plans(&back, &policy, RECORDS[3]).len(), 1, "{what}");
    }
}

#[test]
fn an_order_is_looked_at_again_when_it_gets_late() {
    let mut story = shipped();
    story.order.deliver_by_ms = Some(NOW + DAY);
    let decision = decide(&story, &with_records(Mode::Auto), NOW);
    assert!(decision.look_again_at_ms.is_some_and(|at_ms| at_ms <= NOW + 2 * DAY + 1));
}

#[test]
fn what_came_from_there_is_not_written_twice() {
    let mut policy = with_records(Mode::Auto);
    policy.peers.get_mut(&channel()).unwrap().roles.push(Role::Records);
    let mut story = delivered(shipped(), 0);
    story.order.deliver_by_ms = Some(NOW - 3 * DAY);
    let mut late = shipped();
    late.order.deliver_by_ms = Some(NOW - 3 * DAY);
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
    assert_eq!(plans(&story, &policy, RECORDS[1]), []);
    for (story, automation) in [(story, RECORDS[2]), (late, RECORDS[3])] {
        let found = plans(&story, &policy, automation);
        let [effect] = found.as_slice() else { panic!("{found:?}") };
        let Intent::PutRecord { record } = &effect.intent else { panic!() };
        assert_eq!(effect.connection, channel());
        assert_eq!(record.fact(DEAL_FACT).as_deref(), Some("gid://shop/Order/1001"));
        assert_eq!(record.fact(CUSTOMER_FACT), None);
    }
}

/// Records are written beside the order: it waits for none of them, whatever their mode.
#[test]
fn an_order_waits_for_no_record() {
    let mut asks = with_records(Mode::Auto);
    for automation in RECORDS {
        asks.automations.get_mut(automation).unwrap().mode = Mode::Ask;
    }
    for story in [known(), shipped(), delivered(shipped(), 0)] {
        let story = settled(story, &asks, EffectState::Asked);
        let (with, without) = (decide(&story, &asks, NOW), decide(&story, &policy(Mode::Auto), NOW));
        assert_eq!((with.stage, with.waits_on.code), (without.stage, without.waits_on.code));
    }
}

#[test]
fn the_go_live_line_holds() {
    let mut policy = with_records(Mode::Auto);
    policy.automations.get_mut(RECORDS[0]).unwrap().go_live_ms = Some(NOW + DAY);
    let mut story = known();
    story.effects.clear();
    assert_eq!(plans(&story, &policy, RECORDS[0]), []);
}
