//! Every verb, on whatever it is aimed at, and the way back.

use crate::house::{House, NOW, act, hub, hub_order, order, parcel, shop};
use quayside_api::view::{Act, QueueAsk, Targets, TroubleCode, Verb};
use quayside_model::time::HOUR_MS;
use quayside_model::{
    Address, Cause, EffectId, EffectState, HubStatus, Intent, IntentKind, Mode, Order, OrderId, Stage,
};
use std::collections::BTreeMap;

fn on(id: OrderId) -> Targets {
    Targets::Orders(vec![id])
}

fn stage(house: &House, id: OrderId) -> Stage {
    house.desk.order(id).unwrap().row.stage
}

/// Keys of what a person clicked on, as the account's lane takes it.
fn urgent(house: &House) -> Vec<bool> {
    let claimed = house.store.write(|tx| tx.claim(&hub(), NOW, &|_| 100)).unwrap();
    claimed.iter().map(|effect| effect.urgent).collect()
}

#[test]
fn a_click_goes_before_what_automations_planned() {
    let house = House::new();
    house.mode("orders_to_hub", Mode::Ask);
    let ids: Vec<OrderId> = (1..=24).map(|n| house.order(order(n))).collect();
    assert_eq!(urgent(&house), Vec::<bool>::new(), "nothing was approved");
    house.desk.act(act(Verb::Approve, on(ids[23]))).unwrap();
    assert_eq!(urgent(&house), [true]);
    // Twenty-one at once are a batch, not a click.
    house.desk.act(act(Verb::Approve, Targets::Orders(ids[..21].to_vec()))).unwrap();
    assert_eq!(urgent(&house), [false; 21]);
    house.desk.act(act(Verb::Push, on(ids[22]))).unwrap();
    assert_eq!(urgent(&house), [true]);
    // Nobody waits for a snoozed entry, or for what was given up.
    house.desk.act(act(Verb::Skip, on(ids[21]))).unwrap();
    assert_eq!(urgent(&house), Vec::<bool>::new());
}

#[test]
fn holding_is_a_choice_with_a_reason_and_can_be_undone() {
    let house = House::new().auto();
    house.mode("orders_to_hub", Mode::Watch);
    let ids = [house.order(order(1)), house.order(order(2))];
    let held =
        house.desk.act(Act { reason: "call first".into(), ..act(Verb::Hold, Targets::Orders(ids.to_vec())) }).unwrap();
    assert_eq!((held.sentence.as_str(), held.done, held.refused.len()), ("Held 2 orders.", 2, 0));
    assert_eq!(stage(&house, ids[0]), Stage::Held);
    let detail = house.desk.order(ids[0]).unwrap();
    assert_eq!(detail.row.waits_on.sentence, "On hold by you: \"call first\"");
    assert!(
        detail.timeline.iter().any(|entry| entry.author == "you" && entry.sentence.contains("call first")),
        "{:?}",
        detail.timeline
    );

    let undone = house.desk.undo(&held.undo.unwrap()).unwrap();
    assert_eq!((undone.sentence.as_str(), undone.done), ("Undone: Held 2 orders.", 2));
    assert_eq!(stage(&house, ids[0]), Stage::ToSend);
}

#[test]
fn a_token_works_once_and_lives_ten_minutes() {
    let house = House::new();
    let id = house.order(order(1));
    let token = house.desk.act(act(Verb::Hold, on(id))).unwrap().undo.unwrap();
    assert!(house.desk.undo(&token).is_ok());
    assert_eq!(house.desk.undo(&token).unwrap_err().code, TroubleCode::Gone);
    let token = house.desk.act(act(Verb::Hold, on(id))).unwrap().undo.unwrap();
    house.clock.set(NOW + 11 * 60_000);
    assert_eq!(house.desk.undo(&token).unwrap_err().code, TroubleCode::Gone);
}

#[test]
fn releasing_needs_a_hold_and_undoing_it_puts_the_hold_back() {
    let house = House::new();
    let id = house.order(order(1));
    let refused = house.desk.act(act(Verb::Release, on(id))).unwrap();
    assert_eq!((refused.done, refused.refused[0].sentence.as_str(), refused.undo), (0, "You do not hold it.", None));
    house.desk.act(Act { reason: "wait".into(), until_ms: Some(NOW + HOUR_MS), ..act(Verb::Hold, on(id)) }).unwrap();
    let released = house.desk.act(act(Verb::Release, on(id))).unwrap();
    assert_eq!(stage(&house, id), Stage::ToSend);
    house.desk.undo(&released.undo.unwrap()).unwrap();
    let choices = house.desk.order(id).unwrap().choices;
    assert_eq!(choices.hold.map(|hold| (hold.reason, hold.until_ms)), Some(("wait".into(), Some(NOW + HOUR_MS))));
}

#[test]
fn a_hold_reaches_an_order_that_is_at_the_hub_already() {
    let house = House::new().auto();
    house.mode("sides_agree", Mode::Watch);
    let id = house.order(order(1));
    house.done(&hub(), "9001");
    house.hub_order(hub_order(&house.key(id), "9001", 1, HubStatus::AwaitingShipment));
    house.desk.act(act(Verb::Hold, on(id))).unwrap();
    // Although the automation only watches: the click is the consent.
    assert!(house.states(id).contains(&("hold_hub_order".into(), EffectState::Pending)), "{:?}", house.states(id));
}

#[test]
fn sending_now_goes_out_whatever_the_automation_may_do() {
    for mode in [Mode::Off, Mode::Watch, Mode::Ask, Mode::Auto] {
        let house = House::new();
        house.mode("orders_to_hub", mode);
        let id = house.order(Order { payment: quayside_model::Payment::Authorized, ..order(1) });
        assert_eq!(stage(&house, id), Stage::Unpaid, "{mode:?}");
        let offer = house.desk.order(id).unwrap().actions.into_iter().find(|offer| offer.verb == Verb::Push).unwrap();
        assert!(offer.warning.unwrap().contains("The money is not yours yet"), "{mode:?}");
        let pushed = house.desk.act(act(Verb::Push, on(id))).unwrap();
        assert_eq!((pushed.done, pushed.refused.len()), (1, 0), "{mode:?}: {:?}", pushed.refused);
        assert_eq!(house.states(id), [("put_hub_order".to_owned(), EffectState::Pending)], "{mode:?}");
        assert_eq!(stage(&house, id), Stage::Sending, "{mode:?}");
        // Twice is once.
        house.desk.act(act(Verb::Push, on(id))).unwrap();
        assert_eq!(house.states(id).len(), 1, "{mode:?}");
    }
}

#[test]
fn sending_now_says_why_it_cannot() {
    let house = House::new();
    let nowhere = house.order(Order { ship_to: None, ..order(1) });
    let refused = house.desk.act(act(Verb::Push, on(nowhere))).unwrap();
    assert!(refused.refused[0].sentence.contains("no address"), "{:?}", refused.refused);
    let cancelled = house.order(Order { cancelled_at_ms: Some(NOW), ..order(2) });
    let refused = house.desk.act(act(Verb::Push, on(cancelled))).unwrap();
    assert_eq!(refused.refused[0].sentence, "It was cancelled in the store.");
    assert_eq!(
        (refused.sentence.as_str(), refused.refused[0].label.as_str()),
        ("Nothing was done; the reason stands below.", "#2")
    );
}

#[test]
fn cancelling_is_planned_once_with_what_was_asked_for() {
    let house = House::new();
    let id = house.order(order(1));
    let act_cancel =
        Act { reason: "bought twice".into(), refund: true, restock: true, notify: false, ..act(Verb::Cancel, on(id)) };
    assert_eq!(house.desk.act(act_cancel.clone()).unwrap().done, 1);
    let again = house.desk.act(act_cancel).unwrap();
    assert_eq!(again.refused[0].sentence, "It is being cancelled already.");
    let intents = house.intents(id);
    assert_eq!(
        intents,
        [Intent::CancelChannelOrder {
            order_remote_id: "gid://shop/Order/1".into(),
            reason: "other".into(),
            restock: true,
            refund: true,
            notify_customer: false,
            staff_note: "bought twice".into()
        }]
    );
    let detail = house.desk.order(id).unwrap();
    assert_eq!(detail.effects[0].account, "Harbour Goods");
    // After a refusal the person may try again: a new change, not the old one.
    house.refuse(&shop(), Cause::ContentRefused, "The store refuses it.", "");
    assert_eq!(house.desk.act(act(Verb::Cancel, on(id))).unwrap().done, 1);
    assert_eq!(house.states(id).len(), 2);
}

#[test]
fn a_label_is_voided_at_the_hub_that_bought_it() {
    let house = House::new();
    let id = house.order(order(1));
    assert!(house.desk.act(act(Verb::VoidLabel, on(id))).unwrap().refused[0].sentence.contains("No label"));
    let key = house.key(id);
    house.store.write(|tx| tx.link(id, &hub(), quayside_model::RecordKind::HubOrder, "9001")).unwrap();
    house.hub_order(hub_order(&key, "9001", 1, HubStatus::Shipped));
    house.parcel(parcel(&key, "9001", 1, "1Z"));
    assert_eq!(house.desk.act(act(Verb::VoidLabel, on(id))).unwrap().done, 1);
    assert_eq!(house.states(id), [("void_label".to_owned(), EffectState::Pending)]);
    assert_eq!(house.desk.act(act(Verb::VoidLabel, on(id))).unwrap().done, 0);
}

#[test]
fn asked_effects_are_approved_given_up_and_revived() {
    let house = House::new();
    house.mode("orders_to_hub", Mode::Ask);
    let id = house.order(order(1));
    let effect = house.store.read(|r| r.effects_of(id)).unwrap()[0].id;
    let skipped = house
        .desk
        .act(Act { reason: "ships from the shop".into(), ..act(Verb::Skip, Targets::Effects(vec![effect])) })
        .unwrap();
    assert_eq!(skipped.sentence, "Gave up: 1 change.");
    assert!(house.states(id).contains(&("put_hub_order".into(), EffectState::Skipped)), "{:?}", house.states(id));
    let undone = house.desk.undo(&skipped.undo.unwrap()).unwrap();
    assert_eq!(undone.done, 1, "{undone:?}");
    let standing: Vec<_> = house.states(id).into_iter().filter(|(_, state)| *state == EffectState::Asked).collect();
    assert_eq!(standing.len(), 1, "{:?}", house.states(id));
    // Everything at once.
    let approved = house.desk.act(act(Verb::Approve, Targets::Everything)).unwrap();
    assert_eq!((approved.done, approved.sentence.as_str()), (1, "Approved 1 order."));
    assert_eq!(stage(&house, id), Stage::Sending);
    assert_eq!(
        house.desk.act(act(Verb::Approve, on(id))).unwrap().refused[0].sentence,
        "Nothing of it waits for your click."
    );
}

#[test]
fn refused_effects_are_retried_one_by_one_by_cause_and_all() {
    let house = House::new().auto();
    let ids: Vec<OrderId> = (1..=3).map(|n| house.order(order(n))).collect();
    assert_eq!(house.refuse(&hub(), Cause::ContentRefused, "The hub refuses the note.", ""), 3);
    let entries = house.desk.exceptions(quayside_api::view::ExceptionsAsk::default()).unwrap();
    let group = entries.groups.iter().find(|group| group.cause == Cause::ContentRefused).unwrap();
    let one = house.desk.act(act(Verb::Retry, Targets::Exceptions(vec![group.entries[0].id]))).unwrap();
    assert_eq!((one.done, one.sentence.as_str()), (1, "Trying again: 1 order."));
    let cause = house.desk.act(act(Verb::Retry, Targets::Cause(Cause::ContentRefused))).unwrap();
    assert_eq!(cause.done, 2);
    assert!(ids.iter().all(|id| house.states(*id) == [("put_hub_order".to_owned(), EffectState::Pending)]));
    house.refuse(&hub(), Cause::ContentRefused, "The hub refuses the note.", "");
    assert_eq!(house.desk.act(act(Verb::Retry, Targets::Everything)).unwrap().done, 3);
    assert_eq!(house.desk.act(act(Verb::Retry, on(ids[0]))).unwrap().refused[0].sentence, "Nothing of it was refused.");
}

#[test]
fn mending_the_address_sends_the_mended_one() {
    let house = House::new().auto();
    let id =
        house.order(Order { ship_to: Some(Address { city: String::new(), ..crate::house::address() }), ..order(1) });
    let entry = house.desk.order(id).unwrap().exceptions.remove(0);
    assert_eq!(entry.cause, Cause::AddressMissing);
    let city = entry.editable.iter().find(|field| field.name == "ship_to.city").unwrap();
    assert_eq!(city.problem.as_deref(), Some("A carrier needs this."));
    let mended = Act {
        fields: BTreeMap::from([("ship_to.city".to_owned(), "Hamburg".to_owned())]),
        ..act(Verb::Edit, Targets::Exceptions(vec![entry.id]))
    };
    assert_eq!(house.desk.act(mended).unwrap().done, 1);
    let Intent::PutHubOrder { order: draft, .. } = &house.intents(id)[0] else { panic!("{:?}", house.intents(id)) };
    assert_eq!(draft.ship_to.city, "Hamburg");
    assert_eq!(house.desk.order(id).unwrap().exceptions.len(), 0);
}

#[test]
fn mending_a_sku_replaces_the_refused_change() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.refuse(&hub(), Cause::UnknownSku, "ShipStation does not know SKU HG-LAMP-S.", "HG-LAMP-S");
    let entry =
        house.desk.order(id).unwrap().exceptions.into_iter().find(|entry| entry.cause == Cause::UnknownSku).unwrap();
    let field = &entry.editable[0];
    assert_eq!((field.label.as_str(), field.value.as_str()), ("SKU of Lamp", "HG-LAMP-S"));
    let act = Act {
        fields: BTreeMap::from([(field.name.clone(), "LAMP-SMALL".to_owned())]),
        ..act(Verb::Edit, Targets::Exceptions(vec![entry.id]))
    };
    assert_eq!(house.desk.act(act).unwrap().done, 1);
    let pending: Vec<Intent> = house
        .store
        .read(|r| r.effects_of(id))
        .unwrap()
        .into_iter()
        .filter(|effect| effect.state == EffectState::Pending)
        .map(|effect| effect.intent)
        .collect();
    let [Intent::PutHubOrder { order: draft, .. }] = pending.as_slice() else { panic!("{pending:?}") };
    assert_eq!(draft.lines[0].sku, "LAMP-SMALL");
}

#[test]
fn what_a_correction_would_send_is_seen_before_and_is_what_is_sent() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.refuse(&hub(), Cause::UnknownSku, "ShipStation does not know SKU HG-LAMP-S.", "HG-LAMP-S");
    let entry =
        house.desk.order(id).unwrap().exceptions.into_iter().find(|entry| entry.cause == Cause::UnknownSku).unwrap();
    let fields = BTreeMap::from([(entry.editable[0].name.clone(), "LAMP-SMALL".to_owned())]);
    let before = house.states(id);

    let plan = house.desk.edit_preview(entry.id, &fields).unwrap();
    let [item] = plan.items.as_slice() else { panic!("{:?}", plan.items) };
    // A line is called by its SKU.
    assert!(item.changes.iter().any(|change| change.field == "Line LAMP-SMALL"), "{:?}", item.changes);
    assert_eq!((plan.orders, plan.per_automation.values().sum::<i64>()), (1, 1));
    // Nothing was written.
    assert_eq!(house.states(id), before);
    assert_eq!(house.desk.order(id).unwrap().choices, quayside_model::Choices::default());

    house.desk.act(Act { fields, ..act(Verb::Edit, Targets::Exceptions(vec![entry.id])) }).unwrap();
    let sent: Vec<Intent> = house
        .store
        .read(|r| r.effects_of(id))
        .unwrap()
        .into_iter()
        .filter(|effect| effect.state == EffectState::Pending)
        .map(|effect| effect.intent)
        .collect();
    assert_eq!(sent, std::slice::from_ref(&item.effect.intent));
}

#[test]
fn what_saving_refuses_is_refused_before_at_the_same_field() {
    let house = House::new().auto();
    let id =
        house.order(Order { ship_to: Some(Address { city: String::new(), ..crate::house::address() }), ..order(1) });
    let entry = house.desk.order(id).unwrap().exceptions.remove(0);
    for (name, value) in [("ship_to.country", "Germany"), ("ship_to.line1", " "), ("colour", "red")] {
        let fields = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let act = Act { fields: fields.clone(), ..act(Verb::Edit, Targets::Exceptions(vec![entry.id])) };
        assert_eq!(house.desk.edit_preview(entry.id, &fields).unwrap_err(), house.desk.act(act).unwrap_err());
    }
    let nobody = quayside_model::ExceptionId(entry.id.0 + 1000);
    assert_eq!(house.desk.edit_preview(nobody, &BTreeMap::new()).unwrap_err().code, TroubleCode::Gone);
}

#[test]
fn what_cannot_be_mended_keeps_what_was_typed_and_says_why() {
    let house = House::new();
    let id = house.order(order(1));
    for (fields, sentence) in [
        (vec![("ship_to.country", "Germany")], "two letters"),
        (vec![("ship_to.line1", " ")], "no street"),
        (vec![("colour", "red")], "There is no field"),
        (vec![("line.nothing.sku", "X")], "There is no field"),
    ] {
        let fields: BTreeMap<String, String> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let named = fields.keys().next().cloned();
        let trouble = house.desk.act(Act { fields, ..act(Verb::Edit, on(id)) }).unwrap_err();
        assert!(trouble.sentence.contains(sentence), "{trouble:?}");
        assert_eq!((trouble.code, trouble.field), (TroubleCode::Input, named), "a form shows it beside the field");
    }
    assert_eq!(house.desk.order(id).unwrap().choices, quayside_model::Choices::default());
}

#[test]
fn exceptions_are_put_away_settled_and_brought_back() {
    let house = House::new().auto();
    let id = house.order(Order { ship_to: None, ..order(1) });
    let entry = house.desk.order(id).unwrap().exceptions[0].id;
    let open = |house: &House| house.desk.order(id).unwrap().exceptions.len();
    let counts = |house: &House| house.desk.exceptions(quayside_api::view::ExceptionsAsk::default()).unwrap().counts;

    let away = house
        .desk
        .act(Act { until_ms: Some(NOW + HOUR_MS), ..act(Verb::Snooze, Targets::Exceptions(vec![entry])) })
        .unwrap();
    assert_eq!(
        (away.sentence.as_str(), counts(&house)["snoozed"], counts(&house)["needs_me"]),
        ("Put away 1 entry.", 1, 0)
    );
    house.desk.undo(&away.undo.unwrap()).unwrap();
    assert_eq!((counts(&house)["snoozed"], counts(&house)["needs_me"]), (0, 1));

    let wake = act(Verb::Wake, Targets::Exceptions(vec![entry]));
    assert_eq!(house.desk.act(wake.clone()).unwrap().refused[0].sentence, "It is not put away.");
    house.desk.act(Act { until_ms: Some(NOW + HOUR_MS), ..act(Verb::Snooze, wake.targets.clone()) }).unwrap();
    assert_eq!(house.desk.act(wake).unwrap().sentence, "Back in the list: 1 entry.");
    assert_eq!((counts(&house)["snoozed"], counts(&house)["needs_me"]), (0, 1));

    let settled = house
        .desk
        .act(Act { reason: "sent by hand".into(), ..act(Verb::Resolve, Targets::Exceptions(vec![entry])) })
        .unwrap();
    assert_eq!((open(&house), counts(&house)["resolved"]), (0, 1));
    house.desk.undo(&settled.undo.unwrap()).unwrap();
    assert_eq!((open(&house), counts(&house)["needs_me"]), (1, 1));
}

#[test]
fn a_bulk_act_takes_what_matches_and_reports_the_rest() {
    let house = House::new();
    for n in 1..=3 {
        house.order(order(n));
    }
    let left = house.order(order(4));
    let key = house.key(left);
    house.store.write(|tx| tx.link(left, &hub(), quayside_model::RecordKind::HubOrder, "9")).unwrap();
    house.hub_order(hub_order(&key, "9", 4, HubStatus::Shipped));
    house.parcel(parcel(&key, "9", 4, "1Z4"));
    let matching = Targets::Matching(QueueAsk { text: "HG-LAMP-S".into(), ..QueueAsk::default() });
    let outcome = house.desk.act(act(Verb::Hold, matching)).unwrap();
    assert_eq!((outcome.sentence.as_str(), outcome.refused.len()), ("Held 3 orders; 1 could not be.", 1));
    assert_eq!(
        (outcome.refused[0].label.as_str(), outcome.refused[0].sentence.as_str()),
        ("#4", "All of it has left already.")
    );
    // A filter that was not understood must not widen the act.
    let wrong = Targets::Matching(QueueAsk { text: "is:lost".into(), ..QueueAsk::default() });
    assert!(house.desk.act(act(Verb::Hold, wrong)).unwrap_err().sentence.contains("nothing was done"));
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_touched() {
    let house = House::new();
    let id = house.order(order(1));
    for (act, field) in [
        (act(Verb::Snooze, on(id)), Some("until_ms")),
        (Act { until_ms: Some(NOW - 1), ..act(Verb::Snooze, on(id)) }, Some("until_ms")),
        (Act { until_ms: Some(NOW - 1), ..act(Verb::Hold, on(id)) }, Some("until_ms")),
        (Act { reason: "x".repeat(501), ..act(Verb::Hold, on(id)) }, Some("reason")),
        (act(Verb::Edit, on(id)), None),
        (act(Verb::Cancel, Targets::Everything), None),
    ] {
        let trouble = house.desk.act(act.clone()).unwrap_err();
        assert_eq!((trouble.code, trouble.field.as_deref()), (TroubleCode::Input, field), "{act:?}");
    }
    assert_eq!(
        house.desk.act(act(Verb::Approve, Targets::Effects(vec![EffectId(99)]))).unwrap().refused[0].sentence,
        "There is no such change."
    );
}

#[test]
fn an_order_the_hub_cancelled_is_sent_again_as_another_one() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.done(&hub(), "9001");
    house.clock.set(NOW + HOUR_MS);
    house.hub_order(hub_order(&house.key(id), "9001", 1, HubStatus::Cancelled));
    let entry = house
        .desk
        .order(id)
        .unwrap()
        .exceptions
        .into_iter()
        .find(|entry| entry.cause == Cause::CancelledAtHub)
        .unwrap();
    let again = house.desk.act(act(Verb::Retry, Targets::Exceptions(vec![entry.id]))).unwrap();
    assert_eq!(again.done, 1, "{again:?}");
    let keys: Vec<String> = house
        .intents(id)
        .iter()
        .filter_map(|intent| match intent {
            Intent::PutHubOrder { order, .. } => Some(order.key.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1], "the hub would refuse to reopen the cancelled one");
}

#[test]
fn sides_that_differ_are_brought_together_by_sending_the_stores_version() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.done(&hub(), "9001");
    house.clock.set(NOW + HOUR_MS);
    let mut there = hub_order(&house.key(id), "9001", 1, HubStatus::AwaitingShipment);
    there.ship_to = Some(Address { line1: "Elsewhere 9".into(), ..crate::house::address() });
    house.hub_order(there);
    let entry =
        house.desk.order(id).unwrap().exceptions.into_iter().find(|entry| entry.cause == Cause::SidesDiffer).unwrap();
    assert_eq!(house.desk.act(act(Verb::Retry, Targets::Exceptions(vec![entry.id]))).unwrap().done, 1);
    let puts = house
        .states(id)
        .into_iter()
        .filter(|(kind, state)| kind == IntentKind::PutHubOrder.code() && *state == EffectState::Pending)
        .count();
    assert_eq!(puts, 1, "{:?}", house.states(id));
}

/// The row's own "Retry", the key and the bulk button know the order, not the entry.
#[test]
fn retrying_an_order_tries_what_is_open_about_it_where_nothing_was_refused() {
    let house = House::new().auto();
    let id = house.order(order(1));
    house.done(&hub(), "9001");
    house.clock.set(NOW + HOUR_MS);
    let mut there = hub_order(&house.key(id), "9001", 1, HubStatus::AwaitingShipment);
    there.ship_to = Some(Address { line1: "Elsewhere 9".into(), ..crate::house::address() });
    house.hub_order(there);
    assert_eq!(house.desk.order(id).unwrap().exceptions[0].cause, Cause::SidesDiffer);
    let again = house.desk.act(act(Verb::Retry, on(id))).unwrap();
    assert_eq!((again.done, again.refused.len()), (1, 0), "{again:?}");
    let pending = |(kind, state): &(String, EffectState)| {
        kind == IntentKind::PutHubOrder.code() && *state == EffectState::Pending
    };
    assert_eq!(house.states(id).iter().filter(|each| pending(each)).count(), 1, "{:?}", house.states(id));

    // What is only read again and stays as it was says that, instead of "nothing was refused".
    let incomplete = house.order(Order { ship_to: None, ..order(2) });
    let same = house.desk.act(act(Verb::Retry, on(incomplete))).unwrap();
    assert!(same.refused[0].sentence.contains("Nothing about it has changed yet"), "{same:?}");
    let fine = house.order(order(3));
    assert_eq!(house.desk.act(act(Verb::Retry, on(fine))).unwrap().refused[0].sentence, "Nothing of it was refused.");
}

/// The button counts what it acts on: open entries that are listed, muted ones and put-away ones not.
#[test]
fn retry_everything_takes_what_the_list_offers_to_retry() {
    let house = House::new().auto();
    for n in 1..=4 {
        house.order(order(n));
    }
    house.refuse(&hub(), Cause::ContentRefused, "The hub refuses the note.", "");
    house.order(Order { ship_to: None, ..order(5) });
    house.order(Order { risk: None, ship_to: None, ..order(6) });
    let page = house.desk.exceptions(quayside_api::view::ExceptionsAsk::default()).unwrap();
    let group = |cause| page.groups.iter().find(|group| group.cause == cause).unwrap();
    let snooze = Act {
        until_ms: Some(NOW + HOUR_MS),
        ..act(Verb::Snooze, Targets::Exceptions(vec![group(Cause::ContentRefused).entries[0].id]))
    };
    assert_eq!(house.desk.act(snooze).unwrap().done, 1);
    let offered = |house: &House| -> i64 {
        let page = house.desk.exceptions(quayside_api::view::ExceptionsAsk::default()).unwrap();
        let groups = page.groups.iter();
        groups
            .filter(|group| group.actions.contains(&quayside_model::cause::Action::Retry))
            .map(|group| group.count)
            .sum()
    };
    assert_eq!(offered(&house), 3 + 2, "three refused and listed, two without an address");
    let all = house.desk.act(act(Verb::Retry, Targets::Everything)).unwrap();
    assert_eq!((all.done, all.refused.len()), (3, 2), "{all:?}");

    house.desk.mute_cause(Cause::AddressMissing, true, None).unwrap();
    house.refuse(&hub(), Cause::ContentRefused, "The hub refuses the note.", "");
    let all = house.desk.act(act(Verb::Retry, Targets::Everything)).unwrap();
    assert!(all.refused.is_empty(), "a muted cause was not asked for: {all:?}");
}

#[test]
fn ship_anyway_sends_what_was_rated_as_risky() {
    let house = House::new().auto();
    let id = house.order(Order { risk: Some("investigate".into()), ..order(1) });
    assert_eq!(house.desk.order(id).unwrap().row.waits_on.code, "risk");
    assert_eq!(house.desk.act(act(Verb::ShipAnyway, on(id))).unwrap().done, 1);
    assert_eq!(house.states(id), [("put_hub_order".to_owned(), EffectState::Pending)]);
}

#[test]
fn who_only_looks_on_changes_nothing() {
    let house = House::new();
    let id = house.order(order(1));
    // Reading orders one by one needs somebody at work.
    let trouble = house.desk.act(act(Verb::Sync, on(id))).unwrap_err();
    assert!(trouble.sentence.contains("only looks on"), "{trouble}");
}
