//! What each setting of the main job changes, and that it changes nothing else: one row, one setting.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

mod common;

use common::*;
use quayside_flows::{Policy, decide};
use quayside_model::*;

fn auto() -> Policy {
    policy(Mode::Auto)
}

/// Whether the order is sent, and why not.
fn sending(story: &Story, policy: &Policy) -> String {
    let decision = decide(story, policy, NOW);
    let put = decision.effects.iter().find(|effect| effect.intent.kind() == IntentKind::PutHubOrder);
    match put {
        Some(effect) => format!("{} sends", effect.mode.code()),
        None => decision.waits_on.code.clone(),
    }
}

/// The hub order that would be sent.
fn draft(story: &Story, policy: &Policy) -> HubOrderDraft {
    let decision = decide(story, policy, NOW);
    let put = decision.effects.into_iter().find_map(|effect| match effect.intent {
        Intent::PutHubOrder { order, .. } => Some(order),
        _ => None,
    });
    put.expect("it is sent")
}

#[test]
fn which_orders_are_sent() {
    type Change = fn(&mut Order);
    let pay = |payment: Payment| move |order: &mut Order| order.payment = payment.clone();
    let (authorized, unpaid) = (pay(Payment::Authorized), pay(Payment::Pending));
    let risky: Change = |order| order.risk = Some("cancel".into());
    let nameless: Change = |order| order.lines[0].sku = String::new();
    let rows: [(&str, &str, &str, &dyn Fn(&mut Order), &str); 14] = [
        ("when", "paid", "authorised", &authorized, "payment"),
        ("when", "authorized", "authorised", &authorized, "auto sends"),
        ("when", "any", "authorised", &authorized, "auto sends"),
        ("when", "paid", "unpaid", &unpaid, "payment"),
        ("when", "authorized", "unpaid", &unpaid, "payment"),
        ("when", "any", "unpaid", &unpaid, "auto sends"),
        ("test_orders", "false", "a test", &|order| order.test = true, "test_order"),
        ("test_orders", "true", "a test", &|order| order.test = true, "auto sends"),
        ("hold_risky", "true", "risky", &risky, "risk"),
        ("hold_risky", "false", "risky", &risky, "auto sends"),
        ("require_sku", "true", "without a SKU", &nameless, "cause:unknown_sku"),
        ("require_sku", "false", "without a SKU", &nameless, "auto sends"),
        ("hub", "", "as ever", &|_| (), "auto sends"),
        ("hub", "warehouse", "as ever", &|_| (), "auto sends"),
    ];
    for (setting, value, what, change, expected) in rows {
        let mut story = story();
        change(&mut story.order);
        let said = sending(&story, &set(auto(), "orders_to_hub", setting, value));
        assert_eq!(said, expected, "{setting}={value}, an order that is {what}");
    }
}

#[test]
fn what_is_in_the_hubs_order() {
    let mut story = story();
    story.order.tags = vec!["vip".into(), "gift".into()];
    story.order.note = "Ring twice".into();
    story.order.attributes = vec![("Engraving".into(), "To Ola".into())];
    let with = |settings: &[(&str, &str)]| {
        let policy = settings.iter().fold(auto(), |policy, (name, value)| set(policy, "orders_to_hub", name, value));
        draft(&story, &policy)
    };
    let fields = |settings: &[(&str, &str)]| with(settings).custom_fields;
    assert_eq!(fields(&[]), ["", "", ""]);
    assert_eq!(
        fields(&[("custom_field_1", "tags"), ("custom_field_2", "note"), ("custom_field_3", "engraving")]),
        ["vip, gift", "Ring twice", "To Ola"],
        "tags, the note, and an attribute by name in any case"
    );
    assert_eq!(fields(&[("custom_field_2", "Nothing of that name")]), ["", "", ""]);
    let tags = |settings: &[(&str, &str)]| with(settings).tags;
    assert_eq!(tags(&[]), ["Harbour Goods", "vip", "gift"]);
    assert_eq!(tags(&[("tag_store", "false")]), ["vip", "gift"]);
    assert_eq!(tags(&[("send_tags", "false")]), ["Harbour Goods"]);
    assert!(tags(&[("tag_store", "false"), ("send_tags", "false")]).is_empty());
    for (value, alone, expected) in [
        ("auto", true, "#1001"),
        ("always", true, "HG-#1001"),
        ("never", true, "#1001"),
        ("auto", false, "HG-#1001"),
        ("never", false, "#1001"),
    ] {
        let mut policy = set(auto(), "orders_to_hub", "number_prefix", value);
        if !alone {
            // A second store, and a hub whose numbers must be unique over both.
            let mut second = policy.peers[&channel()].clone();
            second.id = ConnectionId::new("second");
            policy.peers.insert(second.id.clone(), second);
            policy.peers.get_mut(&hub()).unwrap().numbers_unique = true;
        }
        assert_eq!(draft(&story, &policy).number, expected, "{value}, {}", if alone { "one store" } else { "two" });
    }
}

/// What is planned for the store.
fn told_store(story: &Story, policy: &Policy, now_ms: i64) -> Vec<Intent> {
    decide(story, policy, now_ms).effects.into_iter().map(|effect| effect.intent).collect()
}

#[test]
fn whether_the_buyer_is_written_to() {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    for (value, expected) in [("true", true), ("false", false)] {
        match told_store(&story, &set(auto(), "tracking_to_channel", "notify", value), NOW).as_slice() {
            [Intent::Fulfill { fulfillment }] => assert_eq!(fulfillment.notify_customer, expected, "notify={value}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn when_a_voided_label_is_taken_back() {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    perform(&mut story, &auto(), NOW, EffectState::Done);
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    let voided_ms = NOW + 10 * MIN;
    story.parcels[0].value.voided_at_ms = Some(voided_ms);
    story.parcels[0].seen_at_ms = voided_ms;
    story.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    let taken_back = |minutes: &str, at_ms: i64| {
        let policy = set(auto(), "tracking_to_channel", "take_back_min", minutes);
        told_store(&story, &policy, at_ms).iter().any(|intent| intent.kind() == IntentKind::CancelFulfillment)
    };
    for (minutes, after_min, expected) in [
        ("60", 30, false),
        ("60", 61, true),
        ("15", 14, false),
        ("15", 16, true),
        ("0", 61, false),
        ("0", 6_000, false),
    ] {
        assert_eq!(taken_back(minutes, voided_ms + after_min * MIN), expected, "{minutes} min, after {after_min}");
    }
    // Left to a person, it is told.
    let decision = decide(&story, &set(auto(), "tracking_to_channel", "take_back_min", "0"), voided_ms + 61 * MIN);
    assert!(!decision.findings.is_empty(), "{decision:?}");
}

#[test]
fn a_hub_that_tells_the_store_itself_is_believed_for_a_quarter_of_an_hour() {
    let mut story = sent();
    ship(&mut story, Parcel { channel_notified: true, created_at_ms: NOW, ..parcel(1, &[(1, 2), (2, 1)]) });
    for (value, after_min, expected) in
        [("true", 1, false), ("true", 14, false), ("true", 16, true), ("false", 1, true)]
    {
        let policy = set(auto(), "tracking_to_channel", "trust_hub", value);
        let told = told_store(&story, &policy, NOW + after_min * MIN);
        let reports = told.iter().any(|intent| intent.kind() == IntentKind::Fulfill);
        assert_eq!(reports, expected, "trust_hub={value}, after {after_min} min");
    }
}
