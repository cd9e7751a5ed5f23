//! Two stores' orders that a person ties as one sale, at any moment of their way: tying never makes one that was not made,
//! and never loses the one that is to be made.

use crate::shop::{GOODS, OUTLET, at_hub, buys, minutes, open, seconds};
use quayside_model::{ConnectionId, OrderId};
use quayside_simulator::House;
use quayside_store::{StoreError, Tx};

fn row(house: &House, account: &str, order: &str) -> Option<OrderId> {
    house.store().read(|r| r.order_id(&ConnectionId::new(account), order)).unwrap()
}

/// What the desk keeps when somebody ties, and in which order it decides anew (`api/src/sales.rs`).
fn say(house: &House, goods: &str, outlet: &str, one_sale: bool) {
    let now_ms = house.clock().true_ms();
    let policy = house.store().read(quayside_engine::policy::load).unwrap();
    let both = [("harbour-goods", goods), ("harbour-outlet", outlet)];
    let ids = both.map(|(account, order)| row(house, account, order).unwrap());
    let name = |(account, order): (&str, &str)| format!("order/{account}/{order}");
    let keep = |tx: &mut Tx<'_>| -> Result<(), StoreError> {
        for (at, id) in ids.iter().enumerate() {
            let other = name(both[1 - at]);
            let mut choices = tx.choices(*id)?;
            choices.same_as.retain(|known| *known != other);
            choices.not_this.retain(|known| *known != other);
            if one_sale { &mut choices.same_as } else { &mut choices.not_this }.push(other);
            tx.put_choices(*id, &choices)?;
        }
        let (first, later) = (ids.iter().min().unwrap(), ids.iter().max().unwrap());
        for id in [later, first, later] {
            quayside_engine::redecide(tx, &policy, *id, now_ms)?;
        }
        Ok(())
    };
    house.store().write(keep).unwrap();
}

/// Orders that had left for the hub.
fn left(house: &House, goods: &str, outlet: &str) -> usize {
    let both = [("harbour-goods", goods), ("harbour-outlet", outlet)];
    let left = both.iter().filter(|(account, order)| {
        let id = row(house, account, order).unwrap();
        let effects = house.store().read(|r| r.effects_of(id)).unwrap();
        effects.iter().any(|effect| effect.first_sent_at_ms.is_some())
    });
    left.count()
}

fn causes(house: &House, account: &str, order: &str) -> Vec<String> {
    let id = row(house, account, order).unwrap();
    let findings = house.store().read(|r| r.findings_of(id)).unwrap();
    findings.iter().filter(|f| f.resolved_at_ms.is_none()).map(|f| f.cause.code().to_owned()).collect()
}

#[test]
fn tying_by_hand_never_doubles_and_never_loses() {
    let mut apart = [0; 3];
    let mut seen = Vec::new();
    // The hub answers all the while, so that each leaves as soon as it is known; or it answers again when both are known; or
    // its account rests until then, so that nothing was tried before the click.
    // Seconds from there to the click: before the outbox moved, while it moves, long after.
    let waits_s = [0, 1, 2, 3, 5, 8, 13, 30, 60, 300, 1_800];
    let hub = ConnectionId::new("harbour-shipping");
    for (way, wait_s) in ["answers", "cut", "rests"].into_iter().flat_map(|way| waits_s.map(|wait_s| (way, wait_s))) {
        let opened = open();
        let (house, hub) = (&opened, &hub);
        let work = house.work_while(|engine| async move {
            minutes(10).await;
            match way {
                "cut" => house.wire().cut(hub.as_str()),
                "rests" => {
                    house.pause(hub, true).unwrap();
                    engine.reload().unwrap();
                }
                _ => {}
            }
            let goods = buys(house, GOODS);
            let outlet = buys(house, OUTLET);
            let mut waited_s = 0;
            while row(house, "harbour-goods", &goods).is_none() || row(house, "harbour-outlet", &outlet).is_none() {
                seconds(1).await;
                waited_s += 1;
                assert!(waited_s < 3_600, "they were never read");
            }
            house.wire().mend();
            seconds(wait_s).await;
            if way == "rests" && wait_s > 0 {
                house.pause(hub, false).unwrap();
                engine.reload().unwrap();
                seconds(wait_s).await;
            }
            let gone = left(house, &goods, &outlet);
            say(house, &goods, &outlet, true);
            house.pause(hub, false).unwrap();
            engine.reload().unwrap();
            minutes(60).await;
            let made = at_hub(house, &goods) + at_hub(house, &outlet);
            assert_eq!(made, gone.max(1), "tied after {wait_s} s, when {gone} had left");
            let told = [causes(house, "harbour-goods", &goods), causes(house, "harbour-outlet", &outlet)].concat();
            assert_eq!(told.iter().filter(|cause| *cause == "seen_twice").count(), usize::from(gone == 2), "{told:?}");

            // Two sales after all: the other one goes too, once.
            say(house, &goods, &outlet, false);
            minutes(60).await;
            assert_eq!((at_hub(house, &goods), at_hub(house, &outlet)), (1, 1), "untied after {wait_s} s");
            // And one again: what was made stays made, and a person hears of it.
            say(house, &goods, &outlet, true);
            minutes(60).await;
            assert_eq!((at_hub(house, &goods), at_hub(house, &outlet)), (1, 1));
            let told = [causes(house, "harbour-goods", &goods), causes(house, "harbour-outlet", &outlet)].concat();
            assert_eq!(told.iter().filter(|cause| *cause == "seen_twice").count(), 1, "{told:?}");
            (gone, waited_s)
        });
        let (gone, waited_s) = work.unwrap();
        seen.push((way, wait_s, waited_s, gone));
        apart[gone] += 1;
    }
    assert!(apart[0] + apart[1] > 0 && apart[2] > 0, "how many had left, none, one or both: {apart:?}, {seen:?}");
}
