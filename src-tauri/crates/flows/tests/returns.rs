//! "Returns" and orders whose label is to come from the store: what is told, and when it ends.
#![allow(missing_docs, clippy::unwrap_used, clippy::type_complexity)]

mod common;
use common::*;
use expect_test::expect;
use quayside_flows::returns::{open_returns, paid_back_minor, units_coming_back, units_paid_back};
use quayside_flows::why::explain;
use quayside_flows::{Policy, decide};
use quayside_model::time::DAY_MS;
use quayside_model::*;

/// Shipped and told of: 2 × SKU-1, 1 × SKU-2.
fn shipped() -> Story {
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    told(&mut story, "fulfillment/2", &["TRACK1"], &[(1, 2), (2, 1)]);
    story.effects.clear();
    story
}

/// Asked for on the day `day` days before now.
fn back(name: &str, day: i64, sku: &str, quantity: i64) -> Return {
    Return {
        remote_id: format!("1001/{name}/{sku}"),
        order_remote_id: "gid://shop/Order/1001".into(),
        number: name.into(),
        status: ReturnStatus::Open,
        lines: vec![ReturnLine {
            order_line_id: None,
            sku: sku.into(),
            quantity,
            reason: "defective".into(),
            received: None,
            shelved: None,
        }],
        tracking_number: "1ZBACK".into(),
        requested_at_ms: NOW - day * DAY_MS,
        received_at_ms: None,
        resolution: String::new(),
        refunded: None,
        updated_at_ms: NOW - day * DAY_MS,
    }
}

fn with(returns: &[Return]) -> Story {
    let mut story = shipped();
    story.returns =
        returns.iter().map(|value| Seen { connection: channel(), seen_at_ms: NOW, value: value.clone() }).collect();
    story
}

/// Money was given back `day` days before now: lines with units, or none.
fn gave(mut story: Story, day: i64, lines: &[(i64, i64)], reason: &str, state: EffectState) -> Story {
    let lines = lines.iter().map(|(n, quantity)| RefundLineDraft {
        order_line_id: story.order.lines[usize::try_from(*n - 1).unwrap()].remote_id.clone(),
        quantity: *quantity,
        restock: false,
    });
    let refund = RefundDraft {
        order_remote_id: story.order.remote_id.clone(),
        lines: lines.collect(),
        shipping_minor: 0,
        total_minor: 1_000,
        currency: Currency::new("EUR"),
        reason: reason.into(),
        note: String::new(),
        notify_customer: false,
        known_refund_ids: vec![],
    };
    let id = EffectId(90 + story.effects.len() as i64);
    let is_done = state == EffectState::Done;
    story.effects.push(PastEffect {
        id,
        key: format!("cafe0001-1001:refund:order:{id}"),
        automation: "person".into(),
        connection: channel(),
        intent: Intent::Refund { refund },
        state,
        attempts: 1,
        created_at_ms: NOW - day * DAY_MS,
        not_before_ms: 0,
        first_sent_at_ms: Some(NOW - day * DAY_MS),
        settled_at_ms: is_done.then_some(NOW - day * DAY_MS),
        refused_at_ms: None,
        refusal: None,
        receipt: None,
        ticket: None,
        withdrawn: false,
    });
    story
}

fn found(story: &Story, policy: &Policy) -> Vec<Finding> {
    let findings = decide(story, policy, NOW).findings;
    findings.into_iter().filter(|finding| finding.cause == Cause::Returned).collect()
}

fn names(story: &Story) -> Vec<String> {
    found(story, &policy(Mode::Watch)).into_iter().map(|finding| finding.about).collect()
}

#[test]
fn a_return_is_told_by_what_comes_back_why_and_where_it_is() {
    let deaf = {
        let mut policy = policy(Mode::Watch);
        policy.peers.get_mut(&channel()).unwrap().performs.retain(|kind| *kind != IntentKind::Refund);
        policy
    };
    let asked = Return { status: ReturnStatus::Requested, ..back("R1", 3, "SKU-1", 2) };
    let there = Return {
        received_at_ms: Some(NOW - DAY_MS),
        resolution: "standard refund".into(),
        ..back("R1", 3, "sku-1", 1)
    };
    let nameless = Return { lines: vec![], ..back("R1", 3, "", 1) };
    let mut said = String::new();
    for (back, policy) in [
        (asked, &policy(Mode::Watch)),
        (back("R1", 3, "SKU-1", 1), &policy(Mode::Auto)),
        (there.clone(), &policy(Mode::Watch)),
        (there, &deaf),
        (nameless, &deaf),
    ] {
        let finding = found(&with(std::slice::from_ref(&back)), policy).remove(0);
        assert_eq!(finding.since_ms, Some(back.received_at_ms.unwrap_or(back.requested_at_ms)));
        said += &finding.sentence;
        said.push('\n');
    }
    expect![[r#"
        #1001: the buyer asks to send back 2 × SKU-1 (defective) (return R1). Agree or decline in Shop; when it is there, give the money back.
        #1001: the buyer sends back 1 × SKU-1 (defective); it has not arrived yet (return R1). When it is there, give the money back, or mark it settled if it is dealt with elsewhere.
        #1001: the buyer sent back 1 × sku-1 (defective), and it has arrived (return R1). Asked for: standard refund. Look at it, give the money back, or mark it settled if it is dealt with elsewhere.
        #1001: the buyer sent back 1 × sku-1 (defective), and it has arrived (return R1). Asked for: standard refund. Look at it, give the money back in Shop, or mark it settled if it is dealt with elsewhere.
        #1001: the buyer sends back goods that the store does not name; it has not arrived yet (return R1). When it is there, give the money back in Shop, or mark it settled if it is dealt with elsewhere.
    "#]]
    .assert_eq(&said);
}

#[test]
fn what_ends_a_return() {
    let one = || with(&[back("R1", 3, "SKU-1", 1)]);
    let changed = |change: fn(&mut Return)| {
        let mut story = one();
        change(&mut story.returns[0].value);
        story
    };
    let euro = |minor: i64| Some(Money::new(minor, Currency::new("EUR")));
    let both = || with(&[back("R1", 3, "SKU-1", 1), back("R2", 2, "SKU-1", 1)]);
    let r1 = "1001/R1/SKU-1";
    let r2 = "1001/R2/SKU-1";
    let paid_by_store = {
        let mut story = both();
        story.returns[0].value.refunded = euro(1_000);
        story
    };
    let rows: Vec<(&str, Story, Vec<&str>)> = vec![
        ("nothing", one(), vec![r1]),
        ("declined", changed(|back| back.status = ReturnStatus::Declined), vec![]),
        ("called off", changed(|back| back.status = ReturnStatus::Cancelled), vec![]),
        ("done", changed(|back| back.status = ReturnStatus::Closed), vec![]),
        ("a word nobody knows", changed(|back| back.status = ReturnStatus::Unknown("x".into())), vec![r1]),
        (
            "all was given back",
            {
                let mut story = one();
                story.order.payment = Payment::Refunded;
                story
            },
            vec![],
        ),
        ("its unit was given back", gave(one(), 1, &[(1, 1)], "return", EffectState::Done), vec![]),
        ("given back on the day it was asked for", gave(one(), 3, &[(1, 1)], "return", EffectState::Done), vec![]),
        ("given back before it was asked for", gave(one(), 4, &[(1, 1)], "return", EffectState::Done), vec![r1]),
        ("another line was given back", gave(one(), 1, &[(2, 1)], "return", EffectState::Done), vec![r1]),
        ("an amount for a return", gave(one(), 1, &[], "return", EffectState::Done), vec![]),
        ("an amount for something else", gave(one(), 1, &[], "other", EffectState::Done), vec![r1]),
        ("a refund on its way", gave(one(), 1, &[(1, 1)], "return", EffectState::Pending), vec![r1]),
        ("a refund that was refused", gave(one(), 1, &[(1, 1)], "return", EffectState::Refused), vec![r1]),
        (
            "half of it was given back",
            gave(with(&[back("R1", 3, "SKU-1", 2)]), 1, &[(1, 1)], "return", EffectState::Done),
            vec![r1],
        ),
        ("two, and one unit was given back", gave(both(), 1, &[(1, 1)], "return", EffectState::Done), vec![r2]),
        ("two, and both units were given back", gave(both(), 1, &[(1, 2)], "return", EffectState::Done), vec![]),
        ("two, and one amount", gave(both(), 1, &[], "return", EffectState::Done), vec![r2]),
        ("two, and the store paid one", paid_by_store.clone(), vec![r2]),
        (
            "two, the store paid one and it was our refund",
            gave(paid_by_store, 1, &[(1, 1)], "return", EffectState::Done),
            vec![r2],
        ),
        ("a SKU the order does not have", with(&[back("R1", 3, "OTHER", 1)]), vec!["1001/R1/OTHER"]),
    ];
    for (what, story, left) in rows {
        assert_eq!(names(&story), left, "{what}");
    }
}

#[test]
fn nothing_is_told_where_nobody_asked_for_it() {
    let story = with(&[back("R1", 3, "SKU-1", 1)]);
    assert_eq!(found(&story, &policy(Mode::Off)).len(), 0);
    let late = set(policy(Mode::Auto), "returns", "on_the_way", "false");
    assert_eq!(found(&story, &late).len(), 0, "it is on its way");
    let mut there = story.clone();
    there.returns[0].value.received_at_ms = Some(NOW);
    assert_eq!(found(&there, &late).len(), 1);
    let mut lined = policy(Mode::Auto);
    lined.automations.get_mut("returns").unwrap().go_live_ms = Some(NOW);
    assert_eq!(found(&story, &lined).len(), 0, "placed before the line, and never ours");
}

/// Goods that come back keep nothing from leaving, and what is shipped stays shipped.
#[test]
fn a_return_changes_no_stage_and_plans_nothing() {
    let cancelled = |mut story: Story| {
        story.order.cancelled_at_ms = Some(NOW);
        story.hub_orders.clear();
        story.parcels.clear();
        story
    };
    for story in [shipped(), sent(), cancelled(shipped())] {
        let mut returned = story.clone();
        returned.returns = with(&[back("R1", 3, "SKU-1", 1)]).returns;
        let (before, after) = (decide(&story, &policy(Mode::Auto), NOW), decide(&returned, &policy(Mode::Auto), NOW));
        assert_eq!((before.stage, &before.waits_on, &before.effects), (after.stage, &after.waits_on, &after.effects));
        assert_eq!(after.findings.len(), before.findings.len() + 1);
    }
}

#[test]
fn explain_names_each_return_with_its_record() {
    let mut story = with(&[back("R1", 3, "SKU-1", 1), back("R2", 2, "SKU-2", 1)]);
    let mut label = parcel(9, &[(1, 1)]);
    label.is_return = true;
    story.parcels.push(Seen { connection: hub(), seen_at_ms: NOW, value: label });
    let explained = explain(&story, &policy(Mode::Auto), &[], NOW);
    let returned: Vec<_> = explained.reasons.iter().filter(|reason| reason.code == "returned").collect();
    assert_eq!(returned.len(), 2, "the hub's label is the same goods once more");
    let first = returned[0];
    assert_eq!((first.action, first.fixer, first.since_ms), (Some(Action::Refund), Fixer::Merchant, NOW - 3 * DAY_MS));
    assert_eq!(first.evidence[0].record, "Return R1 at Harbour Goods");
    assert_eq!(first.evidence[0].says, "status: agreed, not arrived yet, tracking 1ZBACK");
    let mut deaf = policy(Mode::Auto);
    deaf.peers.get_mut(&channel()).unwrap().performs.retain(|kind| *kind != IntentKind::Refund);
    let explained = explain(&story, &deaf, &[], NOW);
    assert_eq!(explained.reasons[0].action, Some(Action::OpenChannel), "no button that does nothing");
}

/// What the store says of the money counts against giving it back once more.
#[test]
fn what_was_given_back_elsewhere_is_known() {
    let mut story = with(&[back("R1", 3, "SKU-1", 1), back("R2", 2, "SKU-2", 1)]);
    let line = story.order.lines[0].clone();
    assert_eq!((paid_back_minor(&story), units_paid_back(&story, &line), units_coming_back(&story, &line)), (0, 0, 1));
    story.returns[0].value.refunded = Some(Money::new(950, Currency::new("EUR")));
    assert_eq!(
        (paid_back_minor(&story), units_paid_back(&story, &line), units_coming_back(&story, &line)),
        (950, 1, 0)
    );
    assert_eq!(open_returns(&story).len(), 1);
    story.returns[0].value.refunded = Some(Money::new(950, Currency::new("GBP")));
    assert_eq!(paid_back_minor(&story), 0, "money of another currency is not subtracted");
}

/// Of a store that says where labels are to be bought.
fn with_terms(carrier: &str, origin: ParcelOrigin) -> Story {
    let mut story = sent();
    story.order.attributes.push((LABELS_FROM.into(), "Market Buy Shipping".into()));
    let mut parcel = parcel(1, &[(1, 2), (2, 1)]);
    parcel.carrier_code = carrier.into();
    parcel.carrier_name = None;
    parcel.origin = origin;
    ship(&mut story, parcel);
    story
}

#[test]
fn a_label_from_elsewhere_is_told_while_it_can_be_voided() {
    let told = |story: &Story, now_ms: i64| {
        let findings = decide(story, &policy(Mode::Auto), now_ms).findings;
        findings.into_iter().filter(|finding| finding.cause == Cause::LabelElsewhere).count()
    };
    let plain = {
        let mut story = with_terms("ups", ParcelOrigin::Label);
        story.order.attributes.clear();
        story
    };
    let voided = {
        let mut story = with_terms("ups", ParcelOrigin::Label);
        story.parcels[0].value.voided_at_ms = Some(NOW);
        story
    };
    for (what, story, now_ms, count) in [
        ("another carrier's account", with_terms("ups", ParcelOrigin::Label), NOW, 1),
        ("the store's own labels", with_terms("market_buy_shipping", ParcelOrigin::Label), NOW, 0),
        ("the store's own carrier", with_terms("Market Shipping", ParcelOrigin::Label), NOW, 0),
        ("typed in by hand", with_terms("ups", ParcelOrigin::External), NOW, 0),
        ("two days later", with_terms("ups", ParcelOrigin::Label), NOW + 2 * DAY_MS, 0),
        ("voided", voided, NOW, 0),
        ("an order without terms", plain, NOW, 0),
    ] {
        assert_eq!(told(&story, now_ms), count, "{what}");
    }
    let explained = explain(&with_terms("ups", ParcelOrigin::Label), &policy(Mode::Auto), &[], NOW);
    let reason = explained.reasons.iter().find(|reason| reason.code == "label_elsewhere").unwrap();
    assert!(reason.sentence.contains("Market Buy Shipping"), "{}", reason.sentence);
    assert_eq!((reason.action, reason.evidence[0].says.as_str()), (Some(Action::VoidLabel), "carrier: ups"));
}

/// Every late order shows in the queue; one that counts against the account is named before it is late.
#[test]
fn an_order_with_terms_is_named_before_it_is_late() {
    let causes = |terms: bool, now_ms: i64| {
        let mut story = sent();
        story.order.ship_by_ms = Some(NOW + 60 * MIN);
        if terms {
            story.order.attributes.push((LABELS_FROM.into(), "Market Buy Shipping".into()));
        }
        let decision = decide(&story, &policy(Mode::Auto), now_ms);
        let of_time = |finding: &Finding| matches!(finding.cause, Cause::Late | Cause::AtRisk);
        (decision.findings.iter().filter(|f| of_time(f)).map(|f| f.cause).collect::<Vec<_>>(), decision.waits_on.code)
    };
    assert_eq!(causes(true, NOW), (vec![Cause::AtRisk], "packing".into()), "at risk explains nothing");
    assert_eq!(causes(false, NOW), (vec![], "packing".into()));
    assert_eq!(causes(true, NOW - 10 * DAY_MS).0, vec![], "there is time");
    for terms in [true, false] {
        assert_eq!(causes(terms, NOW + 61 * MIN).0, vec![Cause::Late], "never both");
    }
}
