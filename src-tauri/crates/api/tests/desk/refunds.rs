//! Giving money back: never more than was paid, never twice for one click, and said in words where it cannot be.

use crate::house::{House, NOW, act, order, shop};
use quayside_api::view::{Act, EffectSight, ExceptionsAsk, Targets, TroubleCode, Verb};
use quayside_model::cause::Action;
use quayside_model::{Cause, EffectState, Intent, IntentKind, Order, OrderId, Payment, RefundDraft};
use quayside_store::Proof;
use std::collections::BTreeMap;

/// A store that takes refunds from outside, and no choices beside them.
fn house() -> House {
    house_of("bigcommerce")
}

/// The store is at this platform.
fn house_of(platform: &str) -> House {
    let house = House::new();
    house
        .store
        .write(|tx| {
            let mut store = tx.connections()?.into_iter().find(|config| config.id == shop()).expect("connected");
            store.platform = platform.into();
            tx.put_connection(&store)
        })
        .unwrap();
    house
}

fn give_back(id: OrderId, fields: &[(&str, &str)]) -> Act {
    let fields: BTreeMap<String, String> =
        fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Act { fields, reason: "return".into(), ..act(Verb::Refund, Targets::Orders(vec![id])) }
}

#[track_caller]
fn refused(house: &House, id: OrderId, fields: &[(&str, &str)], word: &str) {
    let outcome = house.desk.act(give_back(id, fields)).unwrap();
    assert_eq!(outcome.done, 0, "{fields:?}");
    assert!(outcome.refused[0].sentence.contains(word), "{fields:?}: {}", outcome.refused[0].sentence);
}

fn refunds(house: &House, id: OrderId) -> Vec<RefundDraft> {
    let drafts = house.intents(id).into_iter().filter_map(|intent| match intent {
        Intent::Refund { refund } => Some(refund),
        _ => None,
    });
    drafts.collect()
}

#[test]
fn a_part_is_given_back_by_line_shipping_and_amount() {
    let house = house();
    let id = house.order(order(1));
    let outcome =
        house.desk.act(give_back(id, &[("line.hg-lamp-s", "1"), ("shipping", "4.90"), ("total", "23.40")])).unwrap();
    assert_eq!((outcome.done, outcome.sentence.as_str(), outcome.undo), (1, "Giving back money of 1 order.", None));
    let planned = refunds(&house, id);
    assert_eq!((planned.len(), planned[0].total_minor, planned[0].shipping_minor), (1, 2_340, 490));
    assert_eq!(
        (planned[0].lines[0].order_line_id.as_str(), planned[0].lines[0].quantity),
        ("gid://shop/LineItem/11", 1)
    );
    assert_eq!((planned[0].reason.as_str(), planned[0].order_remote_id.as_str()), ("return", "gid://shop/Order/1"));
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Pending)]);
    let told = house.desk.order(id).unwrap().timeline;
    assert!(
        told.iter().any(|entry| entry.author == "you"
            && entry.sentence == "Give back 23.40 EUR of #1 (1 × HG-LAMP-S, shipping 4.90 EUR) in BigCommerce"),
        "{told:?}"
    );
}

#[test]
fn never_more_than_is_left_and_never_what_is_not_there() {
    let house = house();
    let id = house.order(order(1));
    for (fields, word) in [
        (&[("total", "41.91")][..], "41.90 EUR of it are left"),
        (&[("total", "0")], "how much"),
        (&[("total", "a lot")], "no amount"),
        (&[("total", "-5")], "no amount"),
        (&[("total", "5"), ("shipping", "6")], "more than all of it"),
        (&[("total", "5"), ("line.HG-LAMP-S", "3")], "2 were ordered"),
        (&[("total", "5"), ("line.HG-LAMP-S", "none")], "no number of units"),
        (&[("total", "5"), ("line.OTHER", "1")], "has no line OTHER"),
        // Twice the same line, by its SKU and by its id.
        (&[("total", "5"), ("line.HG-LAMP-S", "2"), ("line.gid://shop/LineItem/11", "1")], "3 were asked for"),
    ] {
        refused(&house, id, fields, word);
    }
    assert_eq!(house.desk.act(give_back(id, &[])).unwrap_err().field.as_deref(), Some("total"));
    let two = Act { targets: Targets::Orders(vec![id, house.order(order(2))]), ..give_back(id, &[("total", "5")]) };
    assert_eq!(house.desk.act(two).unwrap_err().code, TroubleCode::Input);
    for (payment, word) in [(Payment::Authorized, "No money was taken"), (Payment::Refunded, "given back already")] {
        let id = house.order(Order { payment, ..order(3) });
        refused(&house, id, &[("total", "5")], word);
    }
    assert!(refunds(&house, id).is_empty());
}

#[test]
fn two_clicks_are_one_refund() {
    let house = house();
    let id = house.order(order(1));
    let fields = [("total", "10")];
    assert_eq!(house.desk.act(give_back(id, &fields)).unwrap().done, 1);
    refused(&house, id, &fields, "being given back already");
    assert_eq!(house.done(&shop(), "700"), 1);
    // The store was not read since: what is left is not known.
    refused(&house, id, &fields, "Sync the order first");
    house.clock.set(NOW + 60_000);
    house.order(Order { current_total_minor: 3_190, updated_at_ms: NOW + 30_000, ..order(1) });
    refused(&house, id, &[("total", "40")], "31.90 EUR of it are left");
    assert_eq!(house.desk.act(give_back(id, &fields)).unwrap().done, 1);
    let planned = refunds(&house, id);
    assert_eq!((planned.len(), planned[1].known_refund_ids.clone()), (2, vec!["700".to_owned()]));
    // A store that does not show what was given back: what is left is known all the same.
    let unshown = house.order(order(2));
    assert_eq!(house.desk.act(give_back(unshown, &[("total", "30"), ("line.HG-LAMP-S", "1")])).unwrap().done, 1);
    assert_eq!(house.done(&shop(), "701"), 2);
    house.clock.set(NOW + 120_000);
    house.order(Order { updated_at_ms: NOW + 90_000, ..order(2) });
    refused(&house, unshown, &[("total", "12")], "11.90 EUR of it are left");
    refused(&house, unshown, &[("total", "10"), ("line.HG-LAMP-S", "2")], "1 were ordered");
    house.order(Order { current_total_minor: 2_190, updated_at_ms: NOW + 90_000, ..order(1) });
    assert_eq!(house.desk.act(give_back(id, &fields)).unwrap().done, 1);
    // Refused by the store: it is decided about that one first.
    assert_eq!(house.refuse(&shop(), Cause::ContentRefused, "The store would give back less.", "1"), 1);
    refused(&house, id, &fields, "exceptions list");
}

/// Answered, and not there after all: the drawer says so, and the entry leads to the refund.
#[test]
fn a_refund_that_the_store_forgot_leads_to_its_refund() {
    let house = house();
    let id = house.order(order(1));
    let click = give_back(id, &[("total", "10")]);
    assert_eq!(house.desk.act(click.clone()).unwrap().done, 1);
    assert_eq!(house.done(&shop(), "700"), 1);
    let sight = || {
        let effects = house.desk.order(id).unwrap().effects;
        effects.into_iter().find(|effect| effect.kind == IntentKind::Refund).map(|effect| effect.sight)
    };
    assert_eq!(sight(), Some(Some(EffectSight::NotYet)));
    let later = NOW + 40 * 60_000;
    house.clock.set(later);
    house.order(Order { updated_at_ms: NOW + 60_000, ..order(1) });
    let asked = house.store.read(|r| r.proof_due(&shop(), later)).unwrap().expect("it is asked about");
    let policy = house.store_policy();
    house
        .store
        .write(|tx| {
            tx.settle_proof(&asked, Proof::Missing, "BigCommerce", later)?;
            quayside_engine::redecide(tx, &policy, id, later)
        })
        .unwrap();
    let open = || {
        let ask = ExceptionsAsk { cause: Some(Cause::Forgotten), ..ExceptionsAsk::default() };
        let groups = house.desk.exceptions(ask).unwrap().groups;
        groups.into_iter().flat_map(|group| group.entries).collect::<Vec<_>>()
    };
    let entries = open();
    assert_eq!(entries.iter().map(|entry| entry.actions.first()).collect::<Vec<_>>(), [Some(&Action::Refund)]);
    assert!(entries[0].sentence.contains("gave 10.00 EUR back"), "{}", entries[0].sentence);
    assert_eq!(sight(), Some(Some(EffectSight::Missing)));
    // Nothing was sent by itself; the second click is a refund of its own, and ends the entry.
    assert_eq!(refunds(&house, id).len(), 1);
    assert_eq!(house.desk.act(click).unwrap().done, 1);
    assert_eq!((refunds(&house, id).len(), open().len()), (2, 0));
}

#[test]
fn a_store_that_takes_no_refunds_says_so() {
    let house = house_of("salesforce");
    let id = house.order(order(1));
    refused(&house, id, &[("total", "10")], "Salesforce takes no refunds from outside");
}

#[test]
fn a_choice_the_store_does_not_honour_is_refused_with_what_happens_instead() {
    let house = house();
    let id = house.order(order(1));
    let refund = give_back(id, &[("total", "10")]);
    for (chosen, words) in [
        (Act { restock: true, ..refund.clone() }, "Putting units back on the shelf cannot be chosen at BigCommerce"),
        (Act { notify: true, ..refund.clone() }, "Telling the buyer cannot be chosen at BigCommerce"),
        (Act { notify: true, ..act(Verb::Cancel, Targets::Orders(vec![id])) }, "Telling the buyer cannot be chosen"),
        (Act { restock: true, ..act(Verb::Cancel, Targets::Orders(vec![id])) }, "settings of the store at BigCommerce"),
    ] {
        let outcome = house.desk.act(chosen).unwrap();
        assert_eq!(outcome.done, 0);
        assert!(outcome.refused[0].sentence.contains(words), "{}", outcome.refused[0].sentence);
    }
    let cancel = Act { refund: true, ..act(Verb::Cancel, Targets::Orders(vec![id])) };
    assert_eq!(house.desk.act(cancel).unwrap().done, 1, "honoured there");
}

/// Chosen for orders of several stores at once, a choice holds where it is honoured, and each store's word is told.
#[test]
fn over_several_stores_a_choice_holds_where_it_is_honoured() {
    let house = house();
    let (depot, goods) = (house.order(order(1)), house.order_at(&crate::house::outlet(), order(2)));
    let both = Targets::Orders(vec![depot, goods]);
    let offers = house.desk.choices(Verb::Cancel, both.clone()).unwrap();
    let told: Vec<(bool, usize)> = offers.iter().map(|offer| (offer.honoured, offer.instead.len())).collect();
    assert_eq!(told, [(true, 0), (true, 1), (true, 1)], "{offers:?}");
    let one = house.desk.choices(Verb::Cancel, Targets::Orders(vec![depot])).unwrap();
    assert_eq!(one.iter().map(|offer| offer.honoured).collect::<Vec<_>>(), [true, false, false]);
    let all = Act { refund: true, restock: true, notify: true, ..act(Verb::Cancel, both) };
    assert_eq!(house.desk.act(all).unwrap().done, 2);
    for (id, kept) in [(depot, (true, false, false)), (goods, (true, true, true))] {
        let planned = house.intents(id).into_iter().find_map(|intent| match intent {
            Intent::CancelChannelOrder { refund, restock, notify_customer, .. } => {
                Some((refund, restock, notify_customer))
            }
            _ => None,
        });
        assert_eq!(planned, Some(kept));
    }
}
