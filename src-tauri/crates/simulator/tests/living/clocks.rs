//! The wall clock is moved, or the laptop sleeps. Nothing may wait longer for it than it was meant to, and nothing may be
//! done twice.

use crate::shop::{GOODS, HOUR_MS, OUTLET, accounts, at_hub, behind, buys, calls, conditions, minutes, open, open_all};
use quayside_model::{Cause, Clock as _, ConnectionId, Refusal};
use quayside_simulator::House;
use quayside_store::FindingState;

const ACCOUNTS: [&str; 3] = ["harbour-goods", "harbour-outlet", "harbour-shipping"];

/// Two orders bought now are at the hub once each, twenty minutes later, and every stream keeps its time.
async fn goes_on(house: &House) {
    let now_ms = house.clock().now_ms();
    let orders = [buys(house, GOODS), buys(house, OUTLET)];
    minutes(20).await;
    for order in orders {
        assert_eq!(at_hub(house, &order), 1, "{order}");
    }
    for account in ACCOUNTS {
        assert!(behind(house, account, now_ms).is_empty(), "{account}: {:?}", behind(house, account, now_ms));
    }
}

/// Reads were due in five minutes, and would have been in six hours and five minutes.
#[test]
fn a_clock_set_back_silences_nobody() {
    let house = open();
    let work = house.work_while(|_| async {
        goes_on(&house).await;
        house.clock().move_hands(-6 * HOUR_MS);
        goes_on(&house).await;
        // Less than the interval of a stream, and more than a day, are no other matter.
        house.clock().move_hands(-2 * 60_000);
        goes_on(&house).await;
        house.clock().move_hands(-30 * HOUR_MS);
        goes_on(&house).await;
    });
    work.unwrap();
}

/// A write that failed waits out a pause; the account as a whole waits out another one.
#[test]
fn a_clock_set_back_lengthens_no_pause() {
    let house = open();
    let work = house.work_while(|_| async {
        minutes(10).await;
        house.wire().cut("harbour-shipping");
        let order = buys(&house, GOODS);
        minutes(30).await;
        assert_eq!(at_hub(&house, &order), 0);
        house.clock().move_hands(-6 * HOUR_MS);
        house.wire().mend();
        minutes(16).await;
        assert_eq!(at_hub(&house, &order), 1);
    });
    work.unwrap();
}

/// The clock was six hours ahead until the program ended; it is right when it starts again.
#[test]
fn a_clock_set_back_between_two_runs_silences_nobody() {
    let house = open();
    house.clock().move_hands(6 * HOUR_MS);
    house.work(30).unwrap();
    house.clock().move_hands(-6 * HOUR_MS);
    house.work_while(|_| goes_on(&house)).unwrap();
}

#[test]
fn a_clock_a_day_ahead_reads_once_and_goes_on() {
    let house = open();
    let work = house.work_while(|_| async {
        goes_on(&house).await;
        minutes(60).await;
        house.wire().forget_sent();
        minutes(20).await;
        let usual: Vec<usize> = ACCOUNTS.iter().map(|account| calls(&house, account)).collect();
        house.clock().move_hands(24 * HOUR_MS);
        house.wire().forget_sent();
        minutes(20).await;
        for (account, usual) in ACCOUNTS.iter().zip(usual) {
            // What was due in twenty minutes is due at once, and then in its turn: one reading more.
            let now = calls(&house, account);
            assert!(now <= 2 * usual + 4, "{account}: {now} calls, usually {usual}");
        }
        goes_on(&house).await;
        house.clock().move_hands(-24 * HOUR_MS);
        goes_on(&house).await;
    });
    work.unwrap();
}

/// Put away until a day of the calendar is until that day, whatever the hands of the clock do meanwhile.
#[test]
fn what_is_snoozed_stays_so_until_its_moment() {
    let house = open();
    let goods = ConnectionId::new("harbour-goods");
    let until_ms = house.clock().now_ms() + 3 * HOUR_MS;
    let missing = Refusal::new(Cause::ScopeMissing, "A permission is missing.");
    let put_away = || house.store().read(|r| r.conditions(&goods)).unwrap().remove(0);

    let work = house.work_while(|_| async {
        minutes(11).await;
        house.store().write(|tx| tx.open_condition(&goods, &missing, house.clock().now_ms())).unwrap();
        let id = put_away().id;
        house.store().write(|tx| tx.snooze_finding(id, until_ms)).unwrap();
        for hands_ms in [0, -6 * HOUR_MS, 8 * HOUR_MS] {
            house.clock().move_hands(hands_ms);
            minutes(11).await;
            let row = put_away();
            assert_eq!((row.state, row.snoozed_until_ms), (FindingState::Snoozed, Some(until_ms)));
        }
        house.clock().move_hands(HOUR_MS);
        minutes(11).await;
        assert_eq!(put_away().state, FindingState::Open);
    });
    work.unwrap();
}

/// The lid was closed for nine hours. Timers stood still; a hundred readings were missed, and one makes up for them.
#[test]
fn a_laptop_that_slept_catches_up_in_one_go() {
    let house = open();
    let work = house.work_while(|_| async {
        goes_on(&house).await;
        minutes(60).await;
        house.wire().forget_sent();
        minutes(5).await;
        let usual: Vec<usize> = ACCOUNTS.iter().map(|account| calls(&house, account)).collect();
        let late = buys(&house, GOODS);
        house.clock().jump(HOUR_MS);
        let night = [buys(&house, GOODS), buys(&house, OUTLET)];
        house.clock().jump(8 * HOUR_MS);
        let woken_ms = house.clock().true_ms();
        house.wire().forget_sent();
        minutes(5).await;
        for account in ACCOUNTS {
            assert!(behind(&house, account, woken_ms).is_empty(), "{account}: {:?}", behind(&house, account, woken_ms));
        }
        for order in night.iter().chain([&late]) {
            assert_eq!(at_hub(&house, order), 1, "{order}");
        }
        for (account, usual) in ACCOUNTS.iter().zip(usual) {
            let now = calls(&house, account);
            // Each stream once, each order once, and what reading them and asking after them costs.
            assert!(now <= usual + 14, "{account}: {now} calls in the first five minutes, usually {usual}");
        }
        minutes(60).await;
        for order in night.iter().chain([&late]) {
            assert_eq!(at_hub(&house, order), 1, "{order}");
        }
    });
    work.unwrap();
    let made = house.ledger().of("order_created").count();
    assert_eq!(made, 5, "each order is made at the hub once");
}

/// Each platform tells the time with every answer: by any of them alone a person learns that the clock is wrong.
#[test]
fn a_wrong_clock_is_told_by_every_platform_and_taken_back() {
    let house = open_all();
    let accounts = accounts(&house);
    let mut platforms: Vec<&str> = accounts.iter().map(|(platform, _)| platform.as_str()).collect();
    platforms.dedup();
    assert!(platforms.len() >= 6, "{platforms:?}");
    let told = |wanted: &[&str]| {
        for (platform, account) in &accounts {
            assert_eq!(conditions(&house, account), wanted, "{platform}");
        }
    };
    // Decisions hold what an account wrote against its own time.
    let counted = |wanted_ms: i64| {
        let policy = house.store().read(quayside_engine::policy::load).unwrap();
        for (platform, account) in &accounts {
            let skew_ms = policy.peers[&ConnectionId::new(account)].skew_ms;
            assert!((skew_ms - wanted_ms).abs() < 60_000, "{platform}: {skew_ms}, not {wanted_ms}");
        }
    };
    let work = house.work_while(|_| async {
        minutes(30).await;
        told(&[]);
        counted(0);
        house.clock().move_hands(3 * HOUR_MS);
        minutes(45).await;
        told(&["clock_wrong"]);
        counted(-3 * HOUR_MS);
        house.clock().move_hands(-3 * HOUR_MS);
        minutes(45).await;
        told(&[]);
        counted(0);
    });
    work.unwrap();
}
