//! The same sale twice at the hub: not sent, told, tied by hand, untied again.

use crate::house::{House, NOW, act, address, hub, order, shop};
use quayside_api::view::{Act, GoingLive, Targets, Verb};
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Action, Cause, ConnectionId, FACT_OWN_LINKS, HubLine, HubOrder, HubStatus, Intent, Mode, OrderId, OwnLink, Stage,
};
use std::collections::BTreeMap;

/// What the hub's own import of `order(n)` looks like.
fn imported(n: i64) -> HubOrder {
    let ours = order(n);
    HubOrder {
        remote_id: format!("9{n}"),
        key: format!("their-{n}"),
        number: ours.number.trim_start_matches('#').to_owned(),
        status: HubStatus::AwaitingShipment,
        modified_at_ms: NOW,
        hold_until_ms: None,
        ship_to: ours.ship_to.clone(),
        lines: ours
            .lines
            .iter()
            .map(|line| HubLine {
                line_key: None,
                sku: line.sku.clone(),
                name: line.name.clone(),
                quantity: line.current_quantity,
            })
            .collect(),
        parent_id: None,
        merged_ids: vec![],
        address_verified: None,
        refunded: None,
        external: false,
        store_id: Some("77".into()),
        service: None,
        warehouse: None,
        admin_url: None,
    }
}

fn sends(house: &House, id: OrderId) -> usize {
    house.intents(id).iter().filter(|intent| matches!(intent, Intent::PutHubOrder { .. })).count()
}

fn causes(house: &House, id: OrderId) -> Vec<Cause> {
    house.desk.order(id).unwrap().exceptions.iter().filter(|e| e.resolved_at_ms.is_none()).map(|e| e.cause).collect()
}

fn tie(verb: Verb, id: OrderId, fields: &[(&str, &str)]) -> Act {
    let fields: BTreeMap<String, String> = fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Act { fields, ..act(verb, Targets::Orders(vec![id])) }
}

#[test]
fn what_the_hub_has_by_itself_is_not_sent_and_says_so() {
    let house = House::new().auto();
    house.hub_order(imported(1));
    let id = house.order(order(1));
    assert_eq!(sends(&house, id), 0);
    assert_eq!(causes(&house, id), [Cause::SeenTwice]);
    let view = house.desk.order(id).unwrap();
    assert_eq!(view.exceptions[0].actions[0], Action::Link);
    assert!(view.exceptions[0].sentence.contains("number, goods and recipient"), "{}", view.exceptions[0].sentence);

    let done = house.desk.act(act(Verb::Link, Targets::Exceptions(vec![view.exceptions[0].id]))).unwrap();
    assert_eq!((done.done, done.refused.len()), (1, 0), "{done:?}");
    assert_eq!(causes(&house, id), []);
    assert_eq!(sends(&house, id), 0, "the copy that is there is the order");
    let view = house.desk.order(id).unwrap();
    assert_eq!(view.row.stage, Stage::Packing);
}

#[test]
fn two_sales_with_one_number_are_both_sent() {
    let house = House::new().auto();
    // Another buyer, other goods: only the number is the same.
    let mut other = imported(1);
    other.ship_to = Some(quayside_model::Address { name: "Somebody Else".into(), ..address() });
    other.lines[0].quantity += 5;
    house.hub_order(other);
    let id = house.order(order(1));
    assert_eq!(sends(&house, id), 1);
    assert_eq!(causes(&house, id), []);
}

#[test]
fn ours_too_is_a_click() {
    let house = House::new().auto();
    house.hub_order(imported(1));
    let id = house.order(order(1));
    let entry = house.desk.order(id).unwrap().exceptions[0].id;
    let done = house.desk.act(act(Verb::ShipAnyway, Targets::Exceptions(vec![entry]))).unwrap();
    assert_eq!(done.done, 1, "{done:?}");
    assert_eq!(sends(&house, id), 1);
}

#[test]
fn a_copy_that_comes_after_ours_was_sent_is_told() {
    let house = House::new().auto();
    let id = house.order(order(1));
    assert_eq!(house.done(&hub(), "501"), 1);
    house.hub_order(imported(1));
    assert_eq!(causes(&house, id), [Cause::SeenTwice]);
    assert!(house.desk.order(id).unwrap().exceptions[0].sentence.contains("twice"));
}

/// The hub shows these links of its own.
fn links(house: &House, links: Option<&[(&str, &str, &str)]>) {
    house
        .store
        .write(|tx| {
            let mut config = tx.connection(&hub())?.unwrap();
            match links {
                Some(links) => {
                    let links = links.iter().map(|(id, name, marketplace)| OwnLink {
                        id: (*id).into(),
                        name: (*name).into(),
                        marketplace: (*marketplace).into(),
                    });
                    config.account.learn_own_links(links.collect());
                }
                None => drop(config.account.facts.remove(FACT_OWN_LINKS)),
            }
            tx.put_connection(&config)
        })
        .unwrap();
}

/// The order is decided anew, as it is when settings change.
fn look(house: &House, id: OrderId) {
    let policy = house.store.read(quayside_engine::policy::load).unwrap();
    house.store.write(|tx| quayside_engine::redecide(tx, &policy, id, NOW)).unwrap();
}

fn say(house: &House, value: serde_json::Value) {
    house.desk.put_connection_settings(&shop(), &BTreeMap::from([("hub_imports".to_owned(), value)])).unwrap();
}

#[test]
fn a_link_of_the_hubs_own_asks_who_writes_before_anything_is_sent() {
    let house = House::new().auto();
    links(&house, Some(&[("77", "Web shop", "Shopify")]));
    let id = house.order(order(1));
    assert_eq!(sends(&house, id), 0);
    let view = house.desk.order(id).unwrap();
    assert_eq!(view.row.waits_on.code, "cause:who_writes");
    assert_eq!(view.exceptions[0].actions[0], Action::WhoWrites);
    assert!(view.exceptions[0].sentence.contains("\"Web shop\" (Shopify)"), "{}", view.exceptions[0].sentence);
    let asked = |house: &House| house.desk.plan(None, None, 0).unwrap().who_writes;
    let stores: Vec<_> = asked(&house).into_iter().map(|question| (question.store, question.links.len())).collect();
    assert!(stores.contains(&(shop(), 1)), "{stores:?}");
    let said = |house: &House| {
        let all = house.desk.connections().unwrap();
        all.into_iter().find(|view| view.id == shop()).unwrap().who_writes
    };
    assert!(said(&house).is_some());

    say(&house, "false".into());
    assert_eq!(said(&house), None);
    assert!(asked(&house).iter().all(|question| question.store != shop()));
    look(&house, id);
    assert_eq!((sends(&house, id), causes(&house, id)), (1, vec![]));

    // One that is made later asks again, and what has not gone yet is taken back.
    links(&house, Some(&[("77", "Web shop", "Shopify"), ("78", "New", "Shopify")]));
    let next = house.order(quayside_model::Order { placed_at_ms: NOW - MINUTE_MS, ..order(2) });
    assert_eq!((sends(&house, next), causes(&house, next)), (0, vec![Cause::WhoWrites]));
    // What is said again is said over that one, too; nothing said goes back to the question.
    say(&house, false.into());
    look(&house, next);
    assert_eq!(sends(&house, next), 1);
    say(&house, serde_json::Value::Null);
    assert!(said(&house).is_some());
}

#[test]
fn to_a_hub_that_cannot_show_links_nothing_goes_by_itself() {
    let house = House::new().auto();
    links(&house, None);
    let id = house.order(order(1));
    assert_eq!((sends(&house, id), causes(&house, id)), (0, vec![Cause::WhoWrites]));
    let exception = house.desk.order(id).unwrap().exceptions.remove(0);
    assert!(exception.sentence.contains("already import the orders of Harbour Goods by itself?"), "{exception:?}");
    assert_eq!(exception.actions[0], Action::WhoWrites);
    // One answer for the store, either way.
    say(&house, true.into());
    look(&house, id);
    assert_eq!(house.desk.order(id).unwrap().row.waits_on.code, "hub_imports");
    say(&house, false.into());
    look(&house, id);
    assert_eq!((sends(&house, id), causes(&house, id)), (1, vec![]));
}

#[test]
fn going_live_is_no_answer_where_no_link_can_be_seen() {
    let house = House::new();
    links(&house, None);
    let first = house.order(order(1));
    // What the plan shows is what goes, and it asks.
    let going = GoingLive { mode: Mode::Auto, from_ms: None };
    let plan = house.desk.plan(Some("orders_to_hub"), Some(going), 0).unwrap();
    assert_eq!((plan.items.len(), plan.who_writes.len()), (0, 2), "{plan:?}");
    assert!(plan.who_writes.iter().all(|question| question.links.is_empty()), "{plan:?}");
    house.desk.go_live("orders_to_hub", Mode::Auto, None).unwrap();
    look(&house, first);
    assert_eq!((sends(&house, first), causes(&house, first)), (0, vec![Cause::WhoWrites]));
    assert_eq!(house.desk.who_writes().unwrap().len(), 2);
    assert!(house.desk.said_by_going_live().unwrap().is_empty());
    // One word for the one store is all it takes.
    say(&house, false.into());
    look(&house, first);
    assert_eq!((sends(&house, first), causes(&house, first)), (1, vec![]));
    assert_eq!(house.desk.who_writes().unwrap().len(), 1);
}

/// What going live was taken to say by versions of before: it holds for the stores of then, until a link is seen.
#[test]
fn what_going_live_said_before_stays_said() {
    let house = House::new();
    links(&house, None);
    house
        .store
        .write(|tx| {
            let policy = quayside_engine::policy::load(tx)?;
            for (config, _) in quayside_flows::who_writes::by_going_live(&policy, &tx.connections()?) {
                tx.put_connection(&config)?;
            }
            Ok(())
        })
        .unwrap();
    let asked = || {
        let policy = house.store.read(quayside_engine::policy::load).unwrap();
        let open = quayside_flows::who_writes::open_questions(&policy);
        open.iter().map(|(store, ..)| store.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(asked(), []);
    let third = ConnectionId::new("harbour-third");
    let new = crate::house::config(&third, "Harbour Third", "shopify", "EUR");
    house.store.write(|tx| tx.put_connection(&new)).unwrap();
    assert_eq!(asked(), std::slice::from_ref(&third));
    links(&house, Some(&[("77", "Web shop", "Shopify")]));
    assert!(asked().len() > 1, "a link that may lead to any of them");
}

#[test]
fn a_store_that_the_hub_imports_is_followed_and_never_sent() {
    let house = House::new().auto();
    let yes = BTreeMap::from([("hub_imports".to_owned(), serde_json::Value::Bool(true))]);
    house.desk.put_connection_settings(&shop(), &yes).unwrap();
    let id = house.order(order(1));
    assert_eq!(sends(&house, id), 0);
    assert_eq!(house.desk.order(id).unwrap().row.waits_on.code, "hub_imports");
    house.hub_order(imported(1));
    let view = house.desk.order(id).unwrap();
    assert_eq!((view.row.stage, causes(&house, id).len(), sends(&house, id)), (Stage::Packing, 0, 0));
    let no = BTreeMap::from([("hub_imports".to_owned(), serde_json::Value::from("perhaps"))]);
    assert!(house.desk.put_connection_settings(&shop(), &no).unwrap_err().sentence.contains("true (the shipping"));
}

#[test]
fn tied_and_untied_by_hand_with_a_look_at_both() {
    let house = House::new().auto();
    let mut other = imported(7);
    other.lines[0].sku = "ELSE".into();
    house.hub_order(other);
    let id = house.order(order(1));
    let number = imported(7).number;

    let no = house.desk.act(tie(Verb::Link, id, &[("hub_order", &number)])).unwrap();
    assert_eq!(no.done, 0);
    assert!(no.refused[0].sentence.contains("The numbers differ"), "{}", no.refused[0].sentence);
    let yes = house.desk.act(tie(Verb::Link, id, &[("hub_order", &number), ("anyway", "yes")])).unwrap();
    assert_eq!(yes.done, 1, "{yes:?}");

    // It is taken now: another order gets it after a word, and the first one is without.
    let second = house.order(quayside_model::Order { placed_at_ms: NOW - MINUTE_MS, ..order(2) });
    let at_hub = |id| house.desk.order(id).unwrap().raw.iter().filter(|one| one.kind == "hub_order").count();
    let taken = house.desk.act(tie(Verb::Link, second, &[("hub_order", &number)])).unwrap();
    assert!(taken.refused[0].sentence.contains("belongs to #1 so far"), "{}", taken.refused[0].sentence);
    assert_eq!((at_hub(id), at_hub(second)), (1, 0));
    let moved = house.desk.act(tie(Verb::Link, second, &[("hub_order", &number), ("anyway", "yes")])).unwrap();
    assert_eq!(moved.done, 1, "{moved:?}");
    assert_eq!((at_hub(id), at_hub(second)), (0, 1));

    let untied = house.desk.act(tie(Verb::Unlink, second, &[("hub_order", &number)])).unwrap();
    assert_eq!(untied.done, 1, "{untied:?}");
    let relinked = house.desk.act(tie(Verb::Link, id, &[("hub_order", "97"), ("anyway", "yes")])).unwrap();
    assert_eq!(relinked.done, 1, "{relinked:?}");
    let nobody = house.desk.act(tie(Verb::Link, id, &[("hub_order", "nope")])).unwrap();
    assert!(nobody.refused[0].sentence.contains("No hub order"), "{}", nobody.refused[0].sentence);
}

#[test]
fn what_we_made_ourselves_is_not_untied() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.done(&hub(), "501");
    house.hub_order(HubOrder { key: house.key(id), remote_id: "501".into(), ..imported(1) });
    let no = house.desk.act(tie(Verb::Unlink, id, &[])).unwrap();
    assert!(no.refused[0].sentence.contains("Cancel it there"), "{}", no.refused[0].sentence);
    // Nor does it become another order's.
    let second = house.order(order(2));
    let no = house.desk.act(tie(Verb::Link, second, &[("hub_order", "501"), ("anyway", "yes")])).unwrap();
    assert!(no.refused[0].sentence.contains("that order's own key"), "{}", no.refused[0].sentence);
}
