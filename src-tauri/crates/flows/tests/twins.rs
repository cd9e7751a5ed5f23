//! One sale in two stores: who sends it, as a table.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use quayside_flows::{Policy, decide};
use quayside_model::*;

const SOLD_AS: &str = "113-0000001-7654321";

fn market() -> ConnectionId {
    ConnectionId::new("market")
}

/// The store carries copies of what "market" sells; both are connected.
fn two_stores() -> Policy {
    let mut policy = policy(Mode::Auto);
    let mut seller = policy.peers[&channel()].clone();
    (seller.id, seller.name, seller.title, seller.platform, seller.code) =
        (market(), "Harbour on Market".into(), "Market".into(), "market".into(), "cafe0002".into());
    policy.peers.insert(market(), seller);
    policy
}

fn copies_here() -> Policy {
    let mut policy = two_stores();
    policy.peers.get_mut(&channel()).unwrap().copies_here = true;
    policy
}

fn sold_on(number: &str) -> SoldOn {
    SoldOn { source: "Market".into(), number: number.into(), platform: Some("market".into()), personal_data_days: None }
}

/// The store's copy, without anything known of the sale itself.
fn copy() -> Story {
    let mut story = story();
    story.order.sold_on = Some(sold_on(SOLD_AS));
    story
}

/// The sale itself as the copy sees it: open, not sent.
fn original() -> Twin {
    let mut order = story().order;
    (order.remote_id, order.number) = (SOLD_AS.into(), SOLD_AS.into());
    Twin {
        order_id: OrderId(2),
        connection: market(),
        order,
        side: TwinSide::Original,
        sent: false,
        open: true,
        choices: Choices::default(),
    }
}

fn with(twin: Twin) -> Story {
    Story { twins: vec![twin], ..copy() }
}

/// The sale itself, with the copy as its twin.
fn of_original(sent: bool) -> Story {
    let mut story = story();
    let seen = copy();
    (story.channel, story.order_id) = (market(), OrderId(2));
    (story.order.remote_id, story.order.number) = (SOLD_AS.into(), SOLD_AS.into());
    story.twins = vec![Twin {
        order_id: OrderId(1),
        connection: channel(),
        order: seen.order,
        side: TwinSide::Copy,
        sent,
        open: true,
        choices: Choices::default(),
    }];
    story
}

fn other_goods(mut twin: Twin) -> Twin {
    twin.order.lines[0].sku = "ELSE".into();
    twin.order.ship_to.as_mut().unwrap().name = "Somebody Else".into();
    twin
}

/// A number so short that two stores may share it.
fn short(mut twin: Twin, platform: Option<&str>) -> Story {
    (twin.order.remote_id, twin.order.number) = ("#77".into(), "#77".into());
    let mut story = with(twin);
    story.order.sold_on = Some(SoldOn { platform: platform.map(Into::into), ..sold_on("77") });
    story
}

fn changed(mut story: Story, change: impl FnOnce(&mut Story)) -> Story {
    change(&mut story);
    story
}

#[test]
fn a_sale_is_sent_by_one_store() {
    let later = NOW - 50 * MIN + 120 * MIN;
    let sent_twin = || Twin { sent: true, ..original() };
    let not_this = |story: Story| changed(story, |s| s.choices.not_this = s.twins.iter().map(Twin::name).collect());
    // What it waits on, orders sent, entries for a person.
    #[rustfmt::skip] // a table
    let table: Vec<(&str, Story, Policy, i64, &str, usize, usize)> = vec![
        ("the account that sold it sends", with(original()), two_stores(), NOW, "twin_waits", 0, 0),
        ("it was sent there", with(sent_twin()), two_stores(), NOW, "sold_elsewhere", 0, 0),
        ("it is over there: cancelled, or shipped by others", with(Twin { open: false, ..original() }), two_stores(), NOW, "sold_elsewhere", 0, 0),
        ("the sale itself goes", of_original(false), two_stores(), NOW, "to_send", 1, 0),
        ("unless its copy was sent before it was known", of_original(true), two_stores(), NOW, "sold_elsewhere", 0, 0),
        ("the store sends, if its setting says so", with(original()), copies_here(), NOW, "to_send", 1, 0),
        ("then the sale itself does not", of_original(false), copies_here(), NOW, "twin_waits", 0, 0),
        ("a setting changed later sends nothing twice", with(sent_twin()), copies_here(), NOW, "sold_elsewhere", 0, 0),
        ("a person's click does not either", changed(with(sent_twin()), |s| s.choices.push_anyway = true), two_stores(), NOW, "sold_elsewhere", 0, 0),
        ("but one that comes first goes first", changed(with(original()), |s| s.choices.push_anyway = true), two_stores(), NOW, "to_send", 1, 0),
        ("two sales are two", not_this(with(sent_twin())), two_stores(), NOW, "to_send", 1, 0),
        ("said on the other side", with(Twin { choices: Choices { not_this: vec![story().name()], ..Choices::default() }, ..sent_twin() }), two_stores(), NOW, "to_send", 1, 0),
        ("a long number is enough", with(other_goods(original())), two_stores(), NOW, "twin_waits", 0, 0),
        ("a short one with the same goods, too", short(original(), None), two_stores(), NOW, "twin_waits", 0, 0),
        ("a short one alone is an accident", short(other_goods(original()), None), two_stores(), NOW, "to_send", 1, 0),
        ("unless the copy names the platform: then it is asked", short(other_goods(original()), Some("market")), two_stores(), NOW, "cause:seen_twice", 0, 1),
        ("and kept", changed(short(other_goods(original()), Some("market")), |s| s.choices.same_as = vec![s.twins[0].name()]), two_stores(), NOW, "twin_waits", 0, 0),
        ("the sale has not been read yet", copy(), two_stores(), NOW, "twin_waits", 0, 0),
        ("after two hours it is asked", copy(), two_stores(), later, "cause:seen_twice", 0, 1),
        ("waited on, if a person says so", changed(copy(), |s| s.choices.same_as = vec!["sale/elsewhere".into()]), two_stores(), later, "twin_waits", 0, 0),
        ("sent, if a person says so", changed(copy(), |s| s.choices.not_this = vec!["sale/elsewhere".into()]), two_stores(), later, "to_send", 1, 0),
        ("nobody to wait for", copy(), policy(Mode::Auto), later, "to_send", 1, 0),
        ("nor where the store sends", copy(), copies_here(), NOW, "to_send", 1, 0),
        ("an account that was removed sends nothing more", with(original()), policy(Mode::Auto), NOW, "to_send", 1, 0),
        ("what it sent stays sent", with(sent_twin()), policy(Mode::Auto), NOW, "sold_elsewhere", 0, 0),
    ];
    for (what, story, policy, now_ms, waits, sends, entries) in table {
        let decision = decide(&story, &policy, now_ms);
        assert_eq!(decide(&story, &policy, now_ms), decision, "{what}: one story, one decision");
        let puts = decision.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::PutHubOrder).count();
        let twice = decision.findings.iter().filter(|finding| finding.cause == Cause::SeenTwice).count();
        let code = if puts > 0 { "to_send" } else { decision.waits_on.code.as_str() };
        assert_eq!((code, puts, twice), (waits, sends, entries), "{what}: {decision:?}");
        if code == "twin_waits" {
            assert!(decision.stage.is_open() && decision.look_again_at_ms.is_some_and(|at| at > now_ms), "{what}");
        }
        if code == "sold_elsewhere" {
            assert_eq!(decision.stage, Stage::Ignored, "{what}: it leaves the queue");
        }
    }
}

#[test]
fn what_was_planned_here_gives_way_to_what_was_sent_there() {
    let mut story = with(original());
    perform(&mut story, &copies_here(), NOW - MIN, EffectState::Pending);
    assert_eq!(story.effects.len(), 1);
    story.twins[0].sent = true;
    let decision = decide(&story, &two_stores(), NOW);
    assert_eq!((decision.effects.len(), decision.overtaken.len()), (0, 1), "{decision:?}");
}

#[test]
fn two_at_the_hub_are_told_on_the_one_too_many() {
    let mut story = sent();
    story.order.sold_on = Some(sold_on(SOLD_AS));
    story.twins = vec![Twin { sent: true, ..original() }];
    let decision = decide(&story, &two_stores(), NOW);
    let told: Vec<&str> =
        decision.findings.iter().filter(|f| f.cause == Cause::SeenTwice).map(|f| f.sentence.as_str()).collect();
    assert_eq!(told.len(), 1, "{decision:?}");
    assert!(told[0].contains(SOLD_AS) && told[0].contains("both were sent"), "{}", told[0]);
    // By the other setting it is the other one that is too many.
    let other = decide(&story, &copies_here(), NOW);
    assert!(other.findings.iter().all(|f| f.cause != Cause::SeenTwice), "{other:?}");
}
