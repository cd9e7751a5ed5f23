//! Nothing is sent to a hub that may import it by itself, until somebody says who writes.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::*;
use quayside_flows::who_writes::{self, as_it_was, known_links, open_questions, settle_answers};
use quayside_flows::{HUB_IMPORTS, Policy, Writes, decide};
use quayside_model::*;
use std::collections::BTreeMap;

fn link(id: &str, name: &str, marketplace: &str) -> OwnLink {
    OwnLink { id: id.into(), name: name.into(), marketplace: marketplace.into() }
}

/// The store is "Harbour Goods" of the platform "Shop"; the hub has these links.
fn with(writes: Writes, links: Option<Vec<OwnLink>>) -> Policy {
    let mut policy = policy(Mode::Auto);
    policy.peers.get_mut(&channel()).unwrap().writes = writes;
    policy.peers.get_mut(&hub()).unwrap().own_links = links;
    policy
}

/// What the order waits on, and how often it is sent.
fn outcome(policy: &Policy) -> (String, usize) {
    let decision = decide(&story(), policy, NOW);
    let sent = decision.effects.iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder).count();
    let asked = decision.findings.iter().filter(|finding| finding.cause == Cause::WhoWrites).count();
    assert_eq!(asked, usize::from(decision.waits_on.code == "cause:who_writes"), "{:?}", decision.findings);
    (decision.waits_on.code, sent)
}

#[test]
fn an_order_is_sent_only_when_it_is_known_who_writes() {
    let ours = || link("7", "Web shop", "Shop");
    let over = |ids: &[&str]| Writes::Desk(Some(ids.iter().map(|id| (*id).to_owned()).collect()));
    let live = |hubs: &[&str]| Writes::Unseen(hubs.iter().map(|id| (*id).to_owned()).collect());
    for (name, writes, links, waits, sent) in [
        ("no links: nothing to ask", Writes::Unsaid, Some(vec![]), "", 1),
        ("a link to the platform", Writes::Unsaid, Some(vec![ours()]), "cause:who_writes", 0),
        ("a link to a kin of it", Writes::Unsaid, Some(vec![link("7", "x", "Shop Plus (EU)")]), "cause:who_writes", 0),
        ("a link to another platform", Writes::Unsaid, Some(vec![link("7", "Web shop", "Etsy")]), "", 1),
        (
            "by the store's own name",
            Writes::Unsaid,
            Some(vec![link("7", "harbour-goods", "Etsy")]),
            "cause:who_writes",
            0,
        ),
        ("nothing says that it leads there", Writes::Unsaid, Some(vec![link("7", "Web shop", "")]), "", 1),
        ("the hub cannot tell", Writes::Unsaid, None, "cause:who_writes", 0),
        ("the hub cannot tell, and somebody went live to it", live(&["warehouse"]), None, "", 1),
        ("the hub cannot tell, and somebody went live to another", live(&["elsewhere"]), None, "cause:who_writes", 0),
        ("somebody went live, and no link is seen", live(&["warehouse"]), Some(vec![]), "", 1),
        ("somebody went live, and a link is seen", live(&["warehouse"]), Some(vec![ours()]), "cause:who_writes", 0),
        ("the hub cannot tell, and it was said", Writes::Desk(None), None, "", 1),
        ("said before links were known", Writes::Desk(None), Some(vec![ours()]), "", 1),
        ("said over this link", over(&["warehouse/7"]), Some(vec![ours()]), "", 1),
        (
            "a link made later",
            over(&["warehouse/7"]),
            Some(vec![ours(), link("8", "New", "Shop")]),
            "cause:who_writes",
            0,
        ),
        ("one made later that leads elsewhere", over(&[]), Some(vec![link("8", "New", "Etsy")]), "", 1),
        ("said, and the links are not shown any more", over(&["warehouse/7"]), None, "", 1),
        ("the hub writes", Writes::Hub, Some(vec![ours()]), "hub_imports", 0),
        ("the hub writes, and cannot tell", Writes::Hub, None, "hub_imports", 0),
    ] {
        let (code, times) = outcome(&with(writes, links));
        assert_eq!(times, sent, "{name}");
        if !waits.is_empty() {
            assert_eq!(code, waits, "{name}");
        }
    }
}

#[test]
fn a_link_that_bears_another_stores_name_leads_there() {
    let mut policy = with(Writes::Unsaid, Some(vec![link("7", "Harbour Outlet", "Shop")]));
    assert_eq!(outcome(&policy), ("cause:who_writes".into(), 0));
    let outlet = quayside_flows::Peer {
        id: ConnectionId::new("outlet"),
        name: "Harbour Outlet".into(),
        ..policy.peers[&channel()].clone()
    };
    policy.peers.insert(outlet.id.clone(), outlet);
    assert_eq!(outcome(&policy).1, 1);
    let asked: Vec<&str> = open_questions(&policy).iter().map(|(store, ..)| store.id.as_str()).collect();
    assert_eq!(asked, ["outlet"]);
}

#[test]
fn what_is_only_watched_switched_off_or_entered_by_hand_is_not_asked_about() {
    for mode in [Mode::Watch, Mode::Off, Mode::Ask] {
        let mut policy = with(Writes::Unsaid, Some(vec![link("7", "Web shop", "Shop")]));
        policy.automations.get_mut("orders_to_hub").unwrap().mode = mode;
        let (code, sent) = outcome(&policy);
        match mode {
            Mode::Ask => assert_eq!((code.as_str(), sent), ("cause:who_writes", 0)),
            // Shown in the plan: nothing is sent by it.
            Mode::Watch => assert_eq!(sent, 1),
            _ => assert_ne!(code, "cause:who_writes"),
        }
    }
    let mut by_hand = with(Writes::Unsaid, Some(vec![link("7", "Web shop", "Shop")]));
    by_hand.peers.get_mut(&hub()).unwrap().performs.retain(|kind| *kind != IntentKind::PutHubOrder);
    assert_eq!(outcome(&by_hand).0, "cause:enter_by_hand");
}

#[test]
fn a_click_sends_it_all_the_same_and_what_was_sent_stays() {
    let policy = with(Writes::Unsaid, Some(vec![link("7", "Web shop", "Shop")]));
    let mut clicked = story();
    clicked.choices.push_anyway = true;
    assert_eq!(decide(&clicked, &policy, NOW).effects.len(), 1);
    // Planned and not gone: taken back. Gone: left alone.
    for (state, overtaken) in [(EffectState::Pending, 1), (EffectState::Unknown, 0), (EffectState::Done, 0)] {
        let mut planned = story();
        perform(&mut planned, &with(Writes::Unsaid, Some(vec![])), NOW - MIN, state);
        let decision = decide(&planned, &policy, NOW);
        assert_eq!(decision.overtaken.len(), overtaken, "{state:?}");
        assert_eq!(decision.effects.len(), 0, "{state:?}");
    }
}

#[test]
fn the_question_names_store_hub_and_links() {
    let policy = with(Writes::Unsaid, Some(vec![link("7", "Web", "Shop"), link("8", "Old", "Shop")]));
    let (store, hub, question) = open_questions(&policy).remove(0);
    assert_eq!(question.len(), 2);
    let sentence = who_writes::sentence(store, hub, &question);
    assert!(sentence.contains("Harbour Goods to Main warehouse"), "{sentence}");
    assert!(sentence.contains("\"Web\" (Shop) and \"Old\" (Shop)"), "{sentence}");
}

fn config(
    id: &str,
    platform: &str,
    settings: &[(&str, serde_json::Value)],
    links: Option<Vec<OwnLink>>,
) -> ConnectionConfig {
    let mut account = Account::default();
    if let Some(links) = links {
        assert!(account.learn_own_links(links.clone()));
        assert!(!account.learn_own_links(links), "the same is no news");
    }
    ConnectionConfig {
        id: ConnectionId::new(id),
        name: id.into(),
        platform: platform.into(),
        way: String::new(),
        fields: BTreeMap::new(),
        base_url: None,
        account,
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        paused: false,
        created_at_ms: 0,
    }
}

#[test]
fn stores_that_were_live_before_anybody_was_asked_go_on() {
    let sent = [ConnectionId::new("live"), ConnectionId::new("imported")];
    let all = [
        config("live", "shop", &[], None),
        config("new", "shop", &[], None),
        config("imported", "shop", &[(HUB_IMPORTS, true.into())], None),
    ];
    let kept = as_it_was(&all, &sent);
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].id.as_str(), &kept[0].settings[HUB_IMPORTS]), ("live", &serde_json::Value::Bool(false)));
}

#[test]
fn an_answer_of_before_holds_over_the_links_that_are_seen_first() {
    let answered = |extra: &[(&str, serde_json::Value)]| {
        let mut settings = vec![(HUB_IMPORTS, false.into())];
        settings.extend_from_slice(extra);
        config("live", "shop", &settings, None)
    };
    let unknown = [answered(&[]), config("hub", "hub", &[], None)];
    assert_eq!((known_links(&unknown), settle_answers(&unknown).len()), (None, 0));
    let seen = [answered(&[]), config("hub", "hub", &[], Some(vec![link("7", "Web", "Shop")]))];
    let settled = settle_answers(&seen);
    assert_eq!(settled[0].settings[who_writes::SAID_OVER], serde_json::json!(["hub/7"]));
    // Said once, it is not widened.
    let again =
        [settled[0].clone(), config("hub", "hub", &[], Some(vec![link("7", "Web", "Shop"), link("8", "New", "Shop")]))];
    assert_eq!(settle_answers(&again).len(), 0);
}

#[test]
fn what_going_live_said_before_is_kept_where_no_link_can_be_seen_and_nowhere_else() {
    for (name, links, said) in [
        ("it cannot tell", None, 1),
        ("it shows none", Some(vec![]), 0),
        ("it shows one", Some(vec![link("7", "Web shop", "Shop")]), 0),
    ] {
        let policy = with(Writes::Unsaid, links);
        let configs = [config(channel().as_str(), "shop", &[], None)];
        let answered = who_writes::by_going_live(&policy, &configs);
        assert_eq!(answered.len(), said, "{name}");
        for (config, hub) in answered {
            assert_eq!(Writes::of(&config.settings), Writes::Unseen(vec![hub.id.to_string()]), "{name}");
        }
    }
    let (policy, live) = (with(Writes::Unsaid, None), with(Writes::Unseen(vec![hub().to_string()]), None));
    assert_eq!((open_questions(&policy).len(), who_writes::said_by_going_live(&policy).len()), (1, 0));
    assert_eq!((open_questions(&live).len(), who_writes::said_by_going_live(&live).len()), (0, 1));
    let (store, hub, links) = open_questions(&policy).remove(0);
    let sentence = who_writes::sentence(store, hub, &links);
    assert!(sentence.starts_with("Does Main warehouse already import the orders of Harbour Goods"), "{sentence}");
}
