//! What somebody who holds goods of a return says, and what comes of it: the prepared refund, the way back, the same again.

use crate::house::{House, NOW, act, order, shop};
use quayside_api::returns::{GoodsAsk, ReplaceAsk, ReturnAnswerAsk, ReturnView, ReturnsAsk, ReturnsPart};
use quayside_api::view::{Targets, Verb};
use quayside_engine::{policy, redecide};
use quayside_model::time::DAY_MS;
use quayside_model::*;
use quayside_store::QuoteSaid;

const LINE: &str = "gid://shop/LineItem/11";

/// Two lamps come back; nothing is there yet.
fn coming() -> (House, OrderId) {
    let house = House::new();
    let id = house.order(order(1));
    house.read(&shop(), Record::Return(back()));
    (house, id)
}

fn back() -> Return {
    Return {
        remote_id: "gid://shop/Return/7".into(),
        order_remote_id: order(1).remote_id,
        number: "#1-R1".into(),
        status: ReturnStatus::Open,
        lines: vec![ReturnLine {
            order_line_id: Some(LINE.into()),
            sku: "HG-LAMP-S".into(),
            quantity: 2,
            reason: "too small".into(),
            received: Some(0),
            shelved: None,
        }],
        tracking_number: "1ZBACK".into(),
        requested_at_ms: NOW - DAY_MS,
        received_at_ms: None,
        resolution: String::new(),
        refunded: None,
        updated_at_ms: NOW - DAY_MS,
    }
}

fn goods(order: OrderId, units: i64) -> GoodsAsk {
    let line =
        GoodsLine { order_line_id: LINE.into(), quantity: units, condition: GoodsCondition::Opened, restock: false };
    GoodsAsk { order, return_id: "gid://shop/Return/7".into(), lines: vec![line] }
}

fn view(house: &House, id: OrderId) -> ReturnView {
    house.desk.returns_of(id).unwrap().remove(0)
}

fn listed(house: &House, part: ReturnsPart, text: &str) -> usize {
    house.desk.returns(&ReturnsAsk { part, text: text.into(), after: String::new() }).unwrap().rows.len()
}

/// The store is asked, and says so much.
fn quoted(house: &House, id: OrderId, minor: i64) {
    let now_ms = house.clock.now_ms();
    let policy = house.store.read(policy::load).unwrap();
    let due = house.store.read(|r| r.quote_due(&shop(), now_ms)).unwrap().expect("the store is to be asked");
    let quote = RefundQuote { total_minor: minor, shipping_minor: 0, tax_minor: None, recorded_only: false };
    house
        .store
        .write(|tx| {
            tx.settle_quote(&due, &QuoteSaid::Quote(quote))?;
            redecide(tx, &policy, id, now_ms)
        })
        .unwrap();
    assert_eq!(house.store.read(|r| r.quote_due(&shop(), now_ms)).unwrap(), None, "asked once");
}

#[test]
fn goods_that_are_here_bring_their_refund_and_a_click_sends_it_once() {
    let (house, id) = coming();
    assert_eq!((view(&house, id).state.as_str(), listed(&house, ReturnsPart::Open, "")), ("expected", 1));
    assert_eq!((listed(&house, ReturnsPart::Here, ""), listed(&house, ReturnsPart::All, "lamp")), (0, 1));
    assert_eq!(house.desk.counts().unwrap().returns, 1);
    for (units, why) in [(3, "still to come back"), (-1, "still to come back"), (0, "Say how many")] {
        let said = house.desk.receive_goods(&goods(id, units)).unwrap_err().sentence;
        assert!(said.contains(why), "{units}: {said}");
    }
    let said = house.desk.receive_goods(&goods(id, 1)).unwrap();
    assert!(said.sentence.contains("1 × HG-LAMP-S (opened)") && said.notes.is_empty(), "{said:?}");
    let here = view(&house, id);
    assert_eq!((here.state.as_str(), here.lines[0].here, here.prepared), ("part_here", 1, None));
    quoted(&house, id, 1_760);
    let prepared = view(&house, id).prepared.expect("it waits for a click");
    assert_eq!(prepared.sum, "17.60 EUR");
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Asked)]);

    let approved = house.desk.act(act(Verb::Approve, Targets::Effects(vec![prepared.effect]))).unwrap();
    assert_eq!((approved.done, house.states(id)), (1, vec![("refund".to_owned(), EffectState::Pending)]));
    let ask = ReplaceAsk { order: id, return_id: "gid://shop/Return/7".into(), lines: vec![] };
    assert!(house.desk.replace_goods(&ask).unwrap_err().sentence.contains("being given back"));
    assert_eq!(house.done(&shop(), "gid://shop/Refund/1"), 1);
    let over = view(&house, id);
    assert_eq!((over.given.as_deref(), over.lines[0].settled, over.prepared), (Some("17.60 EUR"), 1, None));
    assert_eq!(house.states(id).len(), 1, "nothing more is planned for that unit");
}

#[test]
fn what_was_said_is_taken_back_and_its_refund_with_it() {
    let (house, id) = coming();
    let said = house.desk.receive_goods(&goods(id, 2)).unwrap();
    quoted(&house, id, 3_700);
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Asked)]);
    assert_eq!(house.desk.undo(&said.undo.unwrap()).unwrap().done, 1);
    assert_eq!(view(&house, id).state, "expected");
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Skipped)]);
}

#[test]
fn the_same_again_instead_of_the_money_and_never_both() {
    let (house, id) = coming();
    let ask = |lines: Vec<(String, i64)>| ReplaceAsk { order: id, return_id: "gid://shop/Return/7".into(), lines };
    assert!(house.desk.replace_goods(&ask(vec![])).unwrap_err().sentence.contains("None of it is here"));
    house.desk.receive_goods(&goods(id, 2)).unwrap();
    quoted(&house, id, 3_700);
    assert!(house.desk.replace_goods(&ask(vec![(LINE.into(), 3)])).unwrap_err().sentence.contains("2 units"));
    let said = house.desk.replace_goods(&ask(vec![(LINE.into(), 2)])).unwrap();
    assert!(said.sentence.contains("2 × HG-LAMP-S"), "{said:?}");
    let states = house.states(id);
    assert!(states.contains(&("refund".to_owned(), EffectState::Skipped)), "{states:?}");
    assert!(states.contains(&("put_hub_order".to_owned(), EffectState::Pending)), "{states:?}");
    let over = view(&house, id);
    assert_eq!((over.state.as_str(), over.lines[0].settled), ("replaced", 2));
    assert!(house.desk.replace_goods(&ask(vec![])).unwrap_err().sentence.contains("settled"));
    assert_eq!(house.desk.refundable(id).unwrap().lines, [], "no unit is left to be paid");
}

/// What somebody holds comes on top of what the store told of before.
#[test]
fn a_unit_the_store_told_of_is_not_the_one_that_is_held() {
    let (house, id) = coming();
    let mut told = back();
    told.lines[0].received = Some(1);
    told.updated_at_ms = NOW;
    house.read(&shop(), Record::Return(told));
    assert_eq!((view(&house, id).state.as_str(), view(&house, id).lines[0].here), ("part_here", 1));
    let said = house.desk.receive_goods(&goods(id, 1)).unwrap();
    assert!(said.sentence.contains("1 × HG-LAMP-S"), "{said:?}");
    assert_eq!((view(&house, id).state.as_str(), view(&house, id).lines[0].here), ("here", 2));
    assert_eq!(house.desk.undo(&said.undo.unwrap()).unwrap().done, 1);
    assert_eq!(view(&house, id).lines[0].here, 1);
}

#[test]
fn a_refund_that_waits_for_a_click_waits_on_when_it_goes_by_itself() {
    let (house, id) = coming();
    house.desk.receive_goods(&goods(id, 1)).unwrap();
    quoted(&house, id, 1_760);
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Asked)]);
    house.desk.go_live("return_refunds", Mode::Auto, None).unwrap();
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Asked)]);
}

#[test]
fn a_replacement_that_is_given_up_leaves_the_goods_to_be_settled() {
    let (house, id) = coming();
    house.desk.receive_goods(&goods(id, 2)).unwrap();
    let ask = ReplaceAsk { order: id, return_id: "gid://shop/Return/7".into(), lines: vec![] };
    house.desk.replace_goods(&ask).unwrap();
    assert_eq!(view(&house, id).state, "replaced");
    let effects = house.store.read(|r| r.effects_of(id)).unwrap();
    let sent = effects.iter().find(|effect| effect.intent.kind() == IntentKind::PutHubOrder).unwrap().id;
    assert_eq!(house.desk.act(act(Verb::Skip, Targets::Effects(vec![sent]))).unwrap().done, 1);
    let here = view(&house, id);
    assert_eq!((here.state.as_str(), here.lines[0].settled, here.no_replacement), ("here", 0, None));
    assert!(!house.desk.refundable(id).unwrap().lines.is_empty(), "its units can be paid");
}

/// The store would give back something else by now: it is asked again, and what it says then waits for its own click.
#[test]
fn what_the_store_refused_to_pay_is_asked_anew() {
    let (house, id) = coming();
    house.desk.receive_goods(&goods(id, 1)).unwrap();
    quoted(&house, id, 1_760);
    let prepared = view(&house, id).prepared.unwrap().effect;
    house.desk.act(act(Verb::Approve, Targets::Effects(vec![prepared]))).unwrap();
    assert_eq!(house.refuse(&shop(), Cause::ContentRefused, "The store would give back 15.00 EUR.", "1"), 1);
    assert_eq!(house.states(id), [("refund".to_owned(), EffectState::Refused)]);
    quoted(&house, id, 1_500);
    assert_eq!(view(&house, id).prepared.unwrap().sum, "15.00 EUR");
    let states: Vec<EffectState> = house.states(id).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [EffectState::Skipped, EffectState::Asked]);
}

/// What the buyer asked for is agreed to or declined once, by whichever window is first, and not before anything is asked.
#[test]
fn a_request_is_answered_once() {
    let (house, id) = coming();
    let answer = |decline: Option<DeclineReason>, note: &str| {
        house.desk.answer_return(&ReturnAnswerAsk {
            order: id,
            return_id: "gid://shop/Return/7".into(),
            decline,
            note: note.into(),
            notify: true,
        })
    };
    assert!(answer(None, "").unwrap_err().sentence.contains("Nothing is asked for"));
    house.read(&shop(), Record::Return(Return { status: ReturnStatus::Requested, updated_at_ms: NOW, ..back() }));
    assert_eq!((view(&house, id).state.as_str(), view(&house, id).no_answer), ("asked", None));
    let long = "x".repeat(501);
    assert!(answer(Some(DeclineReason::Other), &long).unwrap_err().sentence.contains("longer than 500"));
    assert!(house.states(id).is_empty());
    let said = answer(Some(DeclineReason::PeriodEnded), " Sorry. ").unwrap();
    assert_eq!(said.sentence, "Decline return #1-R1 of #1: the time for returns is over.");
    let intents = house.intents(id);
    let [Intent::AnswerReturn { decline, note, notify_customer, .. }] = intents.as_slice() else {
        panic!("{intents:?}")
    };
    assert_eq!((*decline, note.as_str(), *notify_customer), (Some(DeclineReason::PeriodEnded), "Sorry.", true));
    assert!(answer(None, "").unwrap_err().sentence.contains("being answered already"));
    assert_eq!(house.done(&shop(), "gid://shop/Return/7"), 1);
    assert!(answer(None, "").unwrap_err().sentence.contains("a moment ago"));
    assert_eq!(house.states(id).len(), 1);
}
