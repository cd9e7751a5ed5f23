//! A store falls silent while the desk is at work: told when it is none by chance, and never because the desk could not see.

use crate::shop::{GOODS, HOUR_MS, buys, conditions, minutes, open};
use quayside_model::{
    Cause, Clock as _, ConnectionId, Currency, Delivery, Incoming, Order, Payment, Record, time::MINUTE_MS,
};
use quayside_simulator::House;
use quayside_store::{FindingRow, FindingState};

fn goods() -> ConnectionId {
    ConnectionId::new("harbour-goods")
}

/// An order of the past that nobody has to do anything about.
fn past(n: i64, placed_at_ms: i64) -> Order {
    Order {
        remote_id: format!("past-{n}"),
        number: format!("P{n}"),
        placed_at_ms,
        updated_at_ms: placed_at_ms,
        cancelled_at_ms: Some(placed_at_ms),
        cancel_reason: None,
        closed_at_ms: Some(placed_at_ms),
        test: false,
        payment: Payment::Voided,
        delivery: Delivery::Shipping,
        risk: None,
        currency: Currency::new("EUR"),
        subtotal_minor: 0,
        discount_minor: 0,
        shipping_minor: 0,
        tax_minor: 0,
        total_minor: 0,
        current_total_minor: 0,
        refunded_minor: None,
        taxes_included: true,
        customer: None,
        ship_to: None,
        bill_to: None,
        shipping: None,
        lines: vec![],
        fulfillment_orders: vec![],
        fulfillments: vec![],
        note: String::new(),
        gift_message: String::new(),
        tags: vec![],
        attributes: vec![],
        deliver_by_ms: None,
        ship_by_ms: None,
        sold_on: None,
        admin_url: None,
    }
}

/// A house whose first store brought two orders an hour for three weeks, by day and by night.
fn busy() -> House {
    let house = open();
    let now_ms = house.clock().now_ms();
    let every_ms = 30 * MINUTE_MS;
    let orders = 21 * 24 * HOUR_MS / every_ms;
    house
        .store()
        .write(|tx| {
            for n in 1..=orders {
                let order = past(n, now_ms - n * every_ms);
                let incoming = Incoming { record: Record::Order(order.clone()), raw: "{}".into() };
                tx.put_record(&goods(), &incoming, now_ms)?;
                tx.order_for(&goods(), &order, now_ms)?;
            }
            Ok(())
        })
        .unwrap();
    house
}

/// Every time a silence was told, over or not.
fn told(house: &House, account: &str) -> Vec<FindingRow> {
    let all = house.store().read(|r| r.account_findings(&ConnectionId::new(account))).unwrap();
    all.into_iter().filter(|one| one.cause == Cause::QuietChannel).collect()
}

/// As many as come in ten hours: no bad day, either.
fn many_buy(house: &House) {
    for _ in 0..20 {
        buys(house, GOODS);
    }
}

#[test]
fn a_silence_is_told_once_and_ends_with_the_next_order() {
    let house = busy();
    house.work(60).unwrap();
    assert_eq!(told(&house, "harbour-goods"), vec![], "an hour is no silence");
    house.work(6 * 60).unwrap();
    let entries = told(&house, "harbour-goods");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].state, FindingState::Open);
    assert!(entries[0].sentence.starts_with("No order has come from "), "{}", entries[0].sentence);
    assert_eq!(entries[0].count, 1, "it is not counted while it lasts");
    assert_eq!(told(&house, "harbour-outlet"), vec![], "nobody knows what is usual there");
    buys(&house, GOODS);
    house.work(60).unwrap();
    let entries = told(&house, "harbour-goods");
    let ended: Vec<_> = entries.iter().map(|entry| (entry.state, entry.resolved_by.as_deref())).collect();
    assert_eq!(ended, [(FindingState::Resolved, Some("itself"))]);
}

/// The orders came all the while, and the desk saw none of them.
#[test]
fn what_the_desk_could_not_see_is_no_silence() {
    let house = busy();
    let work = house.work_while(|_| async {
        minutes(20).await;
        buys(&house, GOODS);
        minutes(20).await;
        // The laptop sleeps over the day; people bought a moment ago.
        house.clock().jump(10 * HOUR_MS);
        many_buy(&house);
        minutes(40).await;
        assert_eq!(told(&house, "harbour-goods"), vec![], "after a sleep it reads first");
        house.wire().cut("harbour-goods");
        minutes(8 * 60).await;
        assert_eq!(conditions(&house, "harbour-goods"), ["offline"]);
        many_buy(&house);
        house.wire().mend();
        minutes(40).await;
        assert_eq!(conditions(&house, "harbour-goods"), Vec::<String>::new());
    });
    work.unwrap();
    assert_eq!(told(&house, "harbour-goods"), vec![], "what is wrong with an account has an entry of its own");
    house.pause(&goods(), true).unwrap();
    house.work(12 * 60).unwrap();
    assert_eq!(told(&house, "harbour-goods"), vec![], "a paused store is silent because somebody wants it so");
}
