//! Stores that fall silent, as data: how orders came, when somebody looks, and whether it is told.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeZone as _, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;
use common::set;
use quayside_flows::quiet_channel::{Came, Channel, ID, QUARTER_MS, Quarters, Quiet, Verdict, chance_max, judge};
use quayside_model::Mode;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const USUAL: f64 = 0.001;
const BERLIN: Tz = Tz::Europe__Berlin;

fn at(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

/// Wednesday, 18 November 2026, 15:00 in Berlin.
fn now() -> i64 {
    at("2026-11-18T15:00:00+01:00")
}

/// A store as it is looked at.
#[derive(Clone)]
struct Shop {
    came: Quarters,
    read_ms: i64,
    signed_in_ms: i64,
    zone: Tz,
    holidays: Vec<NaiveDate>,
    standing: Option<String>,
    ended_ms: Option<i64>,
    settled_ms: Option<i64>,
}

impl Shop {
    fn empty(read_ms: i64) -> Self {
        Self {
            came: Quarters::new(),
            read_ms,
            signed_in_ms: 0,
            zone: BERLIN,
            holidays: vec![],
            standing: None,
            ended_ms: None,
            settled_ms: None,
        }
    }

    /// `per_hour` says how many orders each hour of the wall clock brought, from so many weeks ago until the look.
    fn sold(weeks: i64, read_ms: i64, per_hour: impl Fn(DateTime<Tz>) -> u32) -> Self {
        let mut shop = Self::empty(read_ms);
        let first_ms = (read_ms - weeks * 7 * DAY).div_euclid(HOUR) * HOUR;
        for hour in 0..(read_ms - first_ms) / HOUR {
            let from_ms = first_ms + hour * HOUR;
            let n = per_hour(Utc.timestamp_millis_opt(from_ms).unwrap().with_timezone(&BERLIN));
            for k in 0..n {
                shop.order(from_ms + 60_000 + i64::from(k) * (HOUR - 120_000) / i64::from(n));
            }
        }
        shop
    }

    fn order(&mut self, at_ms: i64) {
        let came = self.came.entry(at_ms.div_euclid(QUARTER_MS)).or_insert(Came { n: 0, last_ms: at_ms });
        came.n += 1;
        came.last_ms = came.last_ms.max(at_ms);
    }

    /// Nobody bought anything between the two moments.
    fn without(mut self, from_ms: i64, to_ms: i64) -> Self {
        self.came.retain(|_, came| came.last_ms < from_ms || came.last_ms >= to_ms);
        self
    }

    fn silent_since(self, from_ms: i64) -> Self {
        self.without(from_ms, i64::MAX)
    }

    fn judged(&self, chance_max: f64) -> Verdict {
        let holiday = |day: NaiveDate| self.holidays.contains(&day);
        let channel = Channel {
            name: "Harbour Goods",
            came: &self.came,
            read_ms: self.read_ms,
            signed_in_ms: self.signed_in_ms,
            zone: self.zone,
            holiday: &holiday,
            standing: self.standing.as_deref(),
            ended_ms: self.ended_ms,
            settled_ms: self.settled_ms,
        };
        judge(&channel, chance_max)
    }

    fn told(&self) -> Option<Quiet> {
        match self.judged(USUAL) {
            Verdict::Tell(quiet) => Some(quiet),
            Verdict::Fine | Verdict::Stays => None,
        }
    }
}

/// Two orders an hour from eight to twenty, every day.
fn by_day(at: DateTime<Tz>) -> u32 {
    if (8..20).contains(&at.hour()) { 2 } else { 0 }
}

/// The same without weekends.
fn on_weekdays(at: DateTime<Tz>) -> u32 {
    if matches!(at.weekday(), Weekday::Sat | Weekday::Sun) { 0 } else { by_day(at) }
}

#[test]
fn silence_is_told_when_it_is_none_by_chance() {
    let shop = |hours: i64| Shop::sold(9, now(), by_day).silent_since(now() - hours * HOUR);
    // Two orders an hour, the last one at half past: after three hours and a half seven are missing, and e^-7 is less than
    // a thousandth.
    for (hours, told) in [(0, false), (1, false), (2, false), (3, true), (4, true), (5, true), (7, true), (48, true)] {
        assert_eq!(shop(hours).told().is_some(), told, "silent for {hours} hours");
    }
    let quiet = shop(5).told().unwrap();
    assert!(
        quiet.sentence.starts_with("No order has come from Harbour Goods since 18 Nov, 09:30."),
        "{}",
        quiet.sentence
    );
    assert!(quiet.sentence.contains("usually brings about 11."), "{}", quiet.sentence);
}

#[test]
fn how_soon_it_is_told_is_a_choice() {
    let policy = common::policy(Mode::Watch);
    for (chosen, chance) in [("early", 0.01), ("usual", 0.001), ("late", 0.000_1), ("", 0.001)] {
        let chance_max = chance_max(&set(policy.clone(), ID, "sensitivity", chosen)).unwrap();
        assert!((chance_max - chance).abs() < f64::EPSILON, "{chosen}");
    }
    assert_eq!(chance_max(&common::policy(Mode::Off)), None, "switched off, nothing is judged");
    assert!(chance_max(&quayside_flows::Policy::default()).is_some(), "nobody has to switch it on");

    let first_told = |chance_max: f64| {
        (2..12_i64).find(|hours: &i64| {
            let shop = Shop::sold(9, now() + 4 * HOUR, |at| u32::from((6..23).contains(&at.hour())));
            let silent = shop.silent_since(now() + (4 - hours) * HOUR);
            matches!(silent.judged(chance_max), Verdict::Tell(_))
        })
    };
    let (early, usual, late) = (first_told(0.01), first_told(0.001), first_told(0.000_1));
    assert!(early.is_some() && early < usual && usual < late, "{early:?} {usual:?} {late:?}");
}

/// When, that moment, how many come an hour, and whether silence is told then.
type Case = (&'static str, &'static str, fn(DateTime<Tz>) -> u32, bool);

#[test]
fn hours_without_buyers_are_no_silence() {
    let cases: [Case; 6] = [
        ("in the small hours", "2026-11-18T06:00:00+01:00", by_day, false),
        ("in the morning after the night", "2026-11-18T09:00:00+01:00", by_day, false),
        ("at noon after the night", "2026-11-18T13:00:00+01:00", by_day, true),
        ("on a Sunday of a shop for offices", "2026-11-15T15:00:00+01:00", on_weekdays, false),
        ("on the Monday after it", "2026-11-16T10:00:00+01:00", on_weekdays, false),
        ("late on that Monday", "2026-11-16T14:00:00+01:00", on_weekdays, true),
    ];
    for (when, read, per_hour, told) in cases {
        // Nothing came since the last evening of business.
        let last = if when.contains("Sunday") || when.contains("Monday") {
            at("2026-11-13T20:00:00+01:00")
        } else {
            at("2026-11-17T20:00:00+01:00")
        };
        let shop = Shop::sold(9, at(read), per_hour).silent_since(last);
        assert_eq!(shop.told().is_some(), told, "{when}: {:?}", shop.told());
    }
}

#[test]
fn nobody_knows_what_is_usual_in_a_new_or_a_small_shop() {
    let silent = |shop: Shop| shop.silent_since(now() - 8 * HOUR).told().is_some();
    for (weeks, told) in [(0, false), (1, false), (2, false), (3, true), (9, true)] {
        assert_eq!(silent(Shop::sold(weeks, now(), by_day)), told, "{weeks} weeks");
    }
    // So many at noon of every day; the small one is silent for two days.
    let noon = |n: u32| move |at: DateTime<Tz>| if at.hour() == 12 { n } else { 0 };
    for (n, told) in [(2, false), (4, true), (8, true)] {
        let shop = Shop::sold(9, now(), noon(n)).silent_since(now() - 50 * HOUR);
        assert_eq!(shop.told().is_some(), told, "{} a week", 7 * n);
    }
    assert_eq!(Shop::empty(now()).judged(USUAL), Verdict::Fine, "nothing was ever sold");
}

#[test]
fn a_season_that_ends_is_no_fault() {
    // Each week brings half of the one before, from sixteen orders an hour to one.
    let season = |at: DateTime<Tz>| {
        let weeks_ago = ((now() - at.timestamp_millis()) / (7 * DAY)).clamp(0, 4);
        (by_day(at) / 2) << weeks_ago
    };
    let shop = Shop::sold(9, now(), season);
    assert_eq!(shop.judged(USUAL), Verdict::Fine, "this week is half of the last one, like all before");
    assert_eq!(shop.clone().silent_since(now() - 2 * HOUR).told(), None);
    assert!(shop.silent_since(at("2026-11-16T20:00:00+01:00")).told().is_some(), "two days are silence in any season");
}

#[test]
fn a_burst_neither_calls_nor_deafens() {
    // A week ago a sale brought twenty orders an hour.
    let sale = |at: DateTime<Tz>| {
        let ago = now() - at.timestamp_millis();
        if (7 * DAY - 12 * HOUR..7 * DAY + 12 * HOUR).contains(&ago) { 10 * by_day(at) } else { by_day(at) }
    };
    let shop = Shop::sold(9, now(), sale);
    assert_eq!(shop.judged(USUAL), Verdict::Fine, "the day after is as all days");
    assert_eq!(shop.clone().silent_since(now() - 2 * HOUR).told(), None, "and is judged by all weeks");
    assert!(shop.silent_since(now() - 6 * HOUR).told().is_some());
}

#[test]
fn holidays_are_quiet_and_say_nothing_of_other_weeks() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let today = Shop::sold(9, now(), by_day).silent_since(at("2026-11-17T20:00:00+01:00"));
    let cases = [
        ("no holiday", vec![], true),
        ("today is one", vec![day("2026-11-18")], false),
        ("so was yesterday, and today is none", vec![day("2026-11-17")], true),
        ("a holiday a week ago", vec![day("2026-11-11")], true),
    ];
    for (what, holidays, told) in cases {
        let shop = Shop { holidays, ..today.clone() };
        assert_eq!(shop.told().is_some(), told, "{what}");
    }
    // Three weeks ago nobody bought on that day: it is nothing new then, unless it was a holiday.
    let free = (at("2026-10-28T00:00:00+01:00"), at("2026-10-29T00:00:00+01:00"));
    let shop = today.clone().without(free.0, free.1);
    assert_eq!(shop.told(), None, "it happened before");
    let shop = Shop { holidays: vec![day("2026-10-28")], ..shop };
    assert!(shop.told().is_some(), "for a reason that is not there today");
}

/// Clocks went back on 25 October 2026: eight in the morning stays eight in the morning.
#[test]
fn hours_are_those_of_the_stores_wall() {
    let summer = |hours: i64| {
        let read_ms = at("2026-10-28T08:30:00+01:00") + hours * HOUR;
        Shop::sold(9, read_ms, by_day).silent_since(at("2026-10-27T20:00:00+01:00"))
    };
    // By the sun the weeks before had an hour of business more by now: two orders, and chance would be out of it.
    assert_eq!(summer(2).told(), None, "five orders are usual by half past ten");
    assert!(summer(4).told().is_some(), "nine by half past twelve");
    let elsewhere = Shop { zone: Tz::Asia__Kolkata, ..summer(4) };
    assert!(elsewhere.told().is_some(), "a zone of half hours counts the same hours");
}

#[test]
fn none_since_the_credentials_changed_is_told_sooner() {
    // Half an order an hour, so that six hours of silence are none by themselves.
    let slow = |at: DateTime<Tz>| u32::from((6..22).contains(&at.hour()) && at.hour().is_multiple_of(2));
    let shop = |hours: i64| Shop {
        signed_in_ms: now() - hours * HOUR,
        ..Shop::sold(9, now(), slow).silent_since(now() - hours * HOUR)
    };
    for (hours, told) in [(1, false), (2, false), (4, false), (7, true), (8, true)] {
        assert_eq!(shop(hours).told().is_some(), told, "{hours} hours");
        assert_eq!(Shop { signed_in_ms: 0, ..shop(hours) }.told(), None, "{hours} hours with the old ones");
    }
    let quiet = shop(8).told().unwrap();
    assert!(quiet.sentence.contains("since its credentials changed on 18 Nov, 07:00"), "{}", quiet.sentence);
    // One order came with the new ones: they work.
    let mut works = shop(8);
    works.order(now() - 7 * HOUR);
    assert_eq!(works.told(), None);
}

#[test]
fn a_day_with_less_than_half_is_told_and_ends_when_it_is_better() {
    // So many of the orders of the last 24 hours came.
    let shop = |kept: usize| {
        let mut all = Shop::sold(9, now(), |at| 5 * by_day(at));
        let day: Vec<i64> = all.came.range((now() - DAY) / QUARTER_MS..).map(|(quarter, _)| *quarter).collect();
        for quarter in day.into_iter().enumerate().filter(|(n, _)| n % 10 >= kept).map(|(_, quarter)| quarter) {
            all.came.remove(&quarter);
        }
        // The last hour as always: it is no silence.
        all.order(now() - HOUR / 2);
        all
    };
    for (kept, told) in [(10, false), (7, false), (4, true), (2, true)] {
        assert_eq!(shop(kept).told().is_some(), told, "{kept} of ten");
    }
    let quiet = shop(2).told().unwrap();
    assert!(quiet.sentence.contains("in the last 24 hours. Such a day usually brings about 1"), "{}", quiet.sentence);
    let standing = |kept: usize| Shop { standing: Some(quiet.about.clone()), ..shop(kept) };
    for (kept, verdict) in [(2, Verdict::Stays), (6, Verdict::Stays), (10, Verdict::Fine)] {
        assert_eq!(standing(kept).judged(USUAL), verdict, "{kept} of ten");
    }
}

#[test]
fn an_entry_stays_until_an_order_comes_and_is_told_once() {
    let shop = Shop::sold(9, now(), by_day).silent_since(now() - 6 * HOUR);
    let quiet = shop.told().unwrap();
    let standing = Shop { standing: Some(quiet.about.clone()), ..shop.clone() };
    for later in [0, 1, 12, 24, 100] {
        let later = Shop { read_ms: now() + later * HOUR, ..standing.clone() };
        assert_eq!(later.judged(USUAL), Verdict::Stays);
    }
    let mut bought = standing.clone();
    bought.order(now() - 10 * 60_000);
    assert_eq!(bought.judged(USUAL), Verdict::Fine, "it ends with the next order");
    // The day was a bad one all the same: that is not told once more.
    let after = Shop { standing: None, ended_ms: Some(now()), read_ms: now() + HOUR, ..bought };
    assert_eq!(after.judged(USUAL), Verdict::Fine);
    // A person settled it: the same silence is not told again, the next one is.
    let settled = Shop { settled_ms: Some(now()), ended_ms: Some(now()), ..shop.clone() };
    assert_eq!(Shop { read_ms: now() + 3 * HOUR, ..settled.clone() }.told(), None);
    let mut next = settled;
    next.order(now() + 2 * HOUR);
    next.read_ms = at("2026-11-19T15:00:00+01:00");
    assert!(next.told().is_some());
}

/// A program that was away for three weeks comes back, reads, and the store is silent all the while.
#[test]
fn a_silence_of_weeks_is_measured_by_the_weeks_before_it() {
    for weeks in [1, 2, 3] {
        let shop = Shop::sold(9, now(), by_day).silent_since(now() - weeks * 7 * DAY);
        assert!(shop.told().is_some(), "{weeks} weeks");
    }
}
