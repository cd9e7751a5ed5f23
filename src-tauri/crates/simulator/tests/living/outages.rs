//! The network goes and comes; one account is locked out.

use crate::shop::{
    GOODS, OUTLET, accounts, at_hub, behind, buys, calls, conditions, minutes, open, open_all, seconds, until,
};
use quayside_sandbox::ledger::By;
use quayside_sandbox::shipstation::state::Pen;
use quayside_sandbox::{Fault, FaultPlan, StandIn as _};

const ACCOUNTS: [&str; 3] = ["harbour-goods", "harbour-outlet", "harbour-shipping"];

/// Two hours without a network: each account asks now and then, and when one gets through all of them catch up, in
/// minutes, each stream once.
#[test]
fn the_end_of_an_outage_is_noticed_soon_and_by_all() {
    let house = open();
    let work = house.work_while(|_| async {
        minutes(70).await;
        house.wire().forget_sent();
        minutes(5).await;
        let usual: Vec<usize> = ACCOUNTS.iter().map(|account| calls(&house, account)).collect();

        house.wire().cut_all();
        let first = buys(&house, GOODS);
        minutes(60).await;
        let second = buys(&house, OUTLET);
        house.wire().forget_sent();
        minutes(60).await;
        for account in ACCOUNTS {
            assert_eq!(conditions(&house, account), ["offline"], "{account}");
            let tries = calls(&house, account);
            assert!((20..=40).contains(&tries), "{account} tried {tries} times in an hour");
        }

        house.wire().mend();
        let back_ms = house.clock().true_ms();
        house.wire().forget_sent();
        let noticed_s = until(|| ACCOUNTS.iter().any(|account| conditions(&house, account).is_empty())).await;
        assert!(noticed_s <= 140, "noticed after {noticed_s} s");
        // One got through: nobody waits out a pause of the outage any more.
        seconds(20).await;
        for account in ACCOUNTS {
            assert!(behind(&house, account, back_ms).is_empty(), "{account}: {:?}", behind(&house, account, back_ms));
        }
        minutes(3).await;
        for (account, usual) in ACCOUNTS.iter().zip(usual) {
            assert!(conditions(&house, account).is_empty(), "{account}: {:?}", conditions(&house, account));
            let now = calls(&house, account);
            assert!(now <= usual + 14, "{account}: {now} calls in the first minutes, usually {usual} in five");
        }
        for order in [&first, &second] {
            assert_eq!(at_hub(&house, order), 1, "{order}");
        }
    });
    work.unwrap();
    assert_eq!(house.ledger().of("order_created").count(), 2, "each order is made at the hub once");
}

/// Writes that failed for want of a network go as soon as it is back, and accounts do not begin in the same moment.
#[test]
fn what_waited_for_the_network_goes_when_it_is_back() {
    let house = open();
    let goods = quayside_model::ConnectionId::new("harbour-goods");
    let work = house.work_while(|_| async {
        minutes(10).await;
        house.wire().cut("harbour-shipping");
        let order = buys(&house, GOODS);
        minutes(90).await;
        assert_eq!(at_hub(&house, &order), 0);
        let pause_ms = || {
            let id = house.store().read(|r| r.order_id(&goods, &order)).unwrap().unwrap();
            house.store().read(|r| r.effects_of(id)).unwrap()[0].not_before_ms - house.clock().true_ms()
        };
        until(|| pause_ms() > 10 * 60_000).await;
        house.wire().mend();
        until(|| conditions(&house, "harbour-shipping").is_empty()).await;
        seconds(20).await;
        assert_eq!(at_hub(&house, &order), 1);
    });
    work.unwrap();
}

/// One stream misses a permission, the others answer all along: one condition with a count, not one each time it is tried.
#[test]
fn a_missing_permission_is_one_condition_and_ends_by_itself() {
    let house = open();
    let goods = quayside_model::ConnectionId::new("harbour-goods");
    let work = house.work_while(|_| async {
        minutes(20).await;
        let scopes = house.people(|scene| {
            let plan = scene.stores[GOODS].plan_mut();
            let all = plan.scopes.clone();
            plan.scopes.retain(|scope| scope != "read_orders" && scope != "write_orders");
            all
        });
        minutes(120).await;
        let told = house.store().read(|r| r.conditions(&goods)).unwrap();
        assert_eq!(conditions(&house, "harbour-goods"), ["scope_missing"]);
        minutes(180).await;
        let later = house.store().read(|r| r.conditions(&goods)).unwrap();
        assert_eq!(later.len(), 1);
        assert_eq!(later[0].id, told[0].id, "the same one goes on");
        assert!(later[0].count > told[0].count, "and is counted");
        house.people(|scene| scene.stores[GOODS].plan_mut().scopes = scopes);
        minutes(40).await;
        assert!(conditions(&house, "harbour-goods").is_empty());
    });
    work.unwrap();
}

/// A program that ended in an outage and starts when it is over has nothing to say.
#[test]
fn a_condition_of_the_last_run_ends_with_the_first_answer() {
    let house = open();
    house.work(20).unwrap();
    house.wire().cut_all();
    house.work(60).unwrap();
    assert_eq!(conditions(&house, "harbour-goods"), ["offline"]);
    house.wire().mend();
    house.work(20).unwrap();
    for account in ACCOUNTS {
        assert!(conditions(&house, account).is_empty(), "{account}");
    }
}

/// A hub that refuses a good key for a minute: tried again soon, and nothing is left of it.
#[test]
fn a_key_that_is_refused_for_a_minute_costs_minutes() {
    let house = open();
    let work = house.work_while(|_| async {
        minutes(20).await;
        house.goes_wrong(FaultPlan::once([Fault::ExpiredToken], "/orders"));
        let order = buys(&house, GOODS);
        until(|| !conditions(&house, "harbour-shipping").is_empty()).await;
        assert_eq!(conditions(&house, "harbour-shipping"), ["sign_in_needed"]);
        house.goes_wrong(FaultPlan::none());
        minutes(5).await;
        assert!(conditions(&house, "harbour-shipping").is_empty());
        minutes(20).await;
        assert_eq!(at_hub(&house, &order), 1);
    });
    work.unwrap();
}

/// One of three accounts is locked out. The others' orders go on, and only the one is told about.
#[test]
fn one_broken_account_never_stops_the_others() {
    let house = open();
    let work = house.work_while(|_| async {
        minutes(20).await;
        house.people(|scene| {
            let outlet = &mut scene.stores[OUTLET];
            outlet.plan_mut().client_secret = "shpss_changed".to_owned();
            outlet.expire_tokens();
        });
        let hers = buys(&house, OUTLET);
        minutes(20).await;
        let told = conditions(&house, "harbour-outlet");
        assert_eq!(told, ["sign_in_needed"], "one condition, however often it was tried");
        for _ in 0..6 {
            house.wire().forget_sent();
            let order = buys(&house, GOODS);
            minutes(15).await;
            assert_eq!(at_hub(&house, &order), 1, "{order}");
            let tries = calls(&house, "harbour-outlet");
            assert!(tries <= 4, "the locked account is knocked at {tries} times in a quarter of an hour");
        }
        assert_eq!(at_hub(&house, &hers), 0);
        for account in ["harbour-goods", "harbour-shipping"] {
            assert!(conditions(&house, account).is_empty(), "{account}: {:?}", conditions(&house, account));
        }

        // The old secret is good again: nothing was lost meanwhile.
        house.people(|scene| {
            let fields = quayside_sandbox::shopify::ShopPlan::harbour_outlet();
            scene.stores[OUTLET].plan_mut().client_secret = fields.client_secret;
        });
        minutes(40).await;
        seconds(1).await;
        assert_eq!(at_hub(&house, &hers), 1);
        assert!(conditions(&house, "harbour-outlet").is_empty());
    });
    work.unwrap();
}

/// How an account breaks, and stays so.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Broken {
    /// No way leads there.
    Unreachable,
    /// It answers, always so.
    Says(Fault),
}

const WAYS: [Broken; 5] = [
    Broken::Unreachable,
    Broken::Says(Fault::ExpiredToken),
    Broken::Says(Fault::ServerError),
    Broken::Says(Fault::Html),
    Broken::Says(Fault::Html403),
];

/// An account of the platform breaks in every way, one after the other. All others are read in time and have nothing to
/// say; orders of stores that work reach the hub if that works; and what waited goes when it is mended.
#[track_caller]
fn breaks_alone(platform: &str) {
    let house = open_all();
    let all = accounts(&house);
    let (_, broken) = all.iter().find(|(one, _)| one == platform).expect("an account of every platform").clone();
    let hub_is_well = platform != "shipstation";
    // Orders of both stores go to this hub.
    let store = if platform == "shopify" { OUTLET } else { GOODS };
    assert!(platform != "shopify" || broken == "harbour-goods");
    let work = house.work_while(|_| async {
        minutes(30).await;
        for way in WAYS {
            let what = format!("{platform} {way:?}");
            match way {
                Broken::Unreachable => house.wire().cut(&broken),
                Broken::Says(fault) => house.breaks(&broken, Some(fault)),
            }
            let since_ms = house.clock().true_ms();
            let order = buys(&house, store);
            minutes(60).await;
            assert!(!conditions(&house, &broken).is_empty(), "{what}: nobody hears of it");
            if hub_is_well {
                assert_eq!(at_hub(&house, &order), 1, "{what}");
            }
            for (_, other) in all.iter().filter(|(_, other)| *other != broken) {
                assert!(conditions(&house, other).is_empty(), "{what}: {other}: {:?}", conditions(&house, other));
                assert!(
                    behind(&house, other, since_ms).is_empty(),
                    "{what}: {other}: {:?}",
                    behind(&house, other, since_ms)
                );
            }
            house.wire().mend();
            house.breaks(&broken, None);
            until(|| conditions(&house, &broken).is_empty()).await;
            minutes(30).await;
            assert_eq!(at_hub(&house, &order), 1, "{what}, mended");
        }
    });
    work.unwrap();
}

macro_rules! break_alone {
    ($($name:ident $platform:literal),* $(,)?) => {
        const BROKEN: &[&str] = &[$($platform),*];
        $( #[test]
        fn $name() { breaks_alone($platform); } )*
    };
}

break_alone! {
    shopify_breaks_alone "shopify",
    bigcommerce_breaks_alone "bigcommerce",
    amazon_breaks_alone "amazon",
    salesforce_breaks_alone "salesforce",
    shipstation_breaks_alone "shipstation",
    orderez_breaks_alone "orderez",
}

#[test]
fn every_platform_breaks_once() {
    // What is never read cannot be seen to break: a mail server is tried where letters are sent.
    for platform in quayside_connectors::registry().iter().filter(|one| !one.declaration.streams.is_empty()) {
        assert!(BROKEN.contains(&platform.declaration.platform), "{}", platform.declaration.platform);
    }
}

/// The warehouse deletes an order there. No list ever shows it again: once it is overdue it is asked for by name, and a
/// person hears of it instead of "waits for packing" for ever.
#[test]
fn an_order_deleted_at_the_hub_is_missed_once_it_is_overdue() {
    let house = open();
    let goods = quayside_model::ConnectionId::new("harbour-goods");
    let order = buys(&house, GOODS);
    house.work(30).unwrap();
    assert_eq!(at_hub(&house, &order), 1);
    house.people(|scene| {
        let id = *scene.hubs[0].state.orders.keys().next().unwrap();
        let mut pen = Pen { now_ms: scene.now_ms, ledger: scene.ledger, by: By::Merchant };
        scene.hubs[0].state.delete(&mut pen, id).unwrap();
    });
    let causes = || -> Vec<String> {
        let id = house.store().read(|r| r.order_id(&goods, &order)).unwrap().unwrap();
        let findings = house.store().read(|r| r.findings_of(id)).unwrap();
        findings.iter().filter(|f| f.resolved_at_ms.is_none()).map(|f| f.cause.code().to_owned()).collect()
    };
    let mut days = 0;
    while !causes().iter().any(|cause| cause == "cancelled_at_hub") {
        days += 1;
        assert!(days < 9, "nobody noticed: {:?}", causes());
        house.wire().forget_sent();
        house.work(24 * 60).unwrap();
    }
    assert_eq!(at_hub(&house, &order), 0, "and nothing is made anew by itself");
}
