//! "Are we fine?": the numbers of the rail, and the first screen.

use crate::desk::{Desk, Room};
use crate::queue::{Ground, risk_until};
use crate::trouble::Answer;
use crate::view::{AccountLine, CauseLine, ConnectionActivity, Counts, DidLine, Home};
use crate::{activity, console, exceptions, trend, unfulfilled, waits, words, zone};
use chrono_tz::Tz;
use quayside_model::{Cause, EffectState, IntentKind, Stage, Tone};
use quayside_store::{QueueFilter, Sort, SortBy};
use std::collections::BTreeMap;

/// Days the charts show, today included.
const DAYS: i64 = 30;

/// Orders that left, as far as the first screen reads them.
pub(crate) const LEFT_MAX: usize = 200_000;

/// The zone in which the desk counts days.
pub(crate) fn zone_of(room: &Room) -> Answer<Tz> {
    Ok(room.ground()?.zone)
}

impl Desk {
    /// The numbers beside the places, and the foot of the window.
    pub fn counts(&self) -> Answer<Counts> {
        let room = self.room()?;
        Ok(counts(&room, &room.ground()?)?.0)
    }

    /// The first screen.
    pub fn home(&self) -> Answer<Home> {
        let room = self.room()?;
        let ground = room.ground()?;
        let now_ms = ground.now_ms;
        let (counts, accounts) = counts(&room, &ground)?;
        let from_ms = zone::day_start(now_ms - (DAYS - 1) * quayside_model::time::DAY_MS, ground.zone);
        let (departures, episodes, queue, next, late, groups, muted, mended) = room.store.read(|r| {
            let first = |filter: &QueueFilter| -> Result<Option<i64>, quayside_store::StoreError> {
                let page = r.queue_page(filter, Sort { by: SortBy::Due, descending: false }, None, 1)?;
                Ok(page.rows.first().and_then(|row| row.ship_by_ms))
            };
            Ok((
                r.departures(from_ms, i64::MAX, LEFT_MAX)?.items,
                r.findings_since(None, from_ms)?,
                r.queue_counts(ground.stores_ms, risk_until(&ground))?,
                first(&QueueFilter { due_from_ms: Some(ground.stores_ms), ..QueueFilter::default() })?,
                first(&QueueFilter { due_before_ms: Some(ground.stores_ms), ..QueueFilter::default() })?,
                r.exception_groups()?,
                console::muted(r, now_ms)?,
                r.mended_since(zone::day_start(now_ms, ground.zone))?,
            ))
        })?;
        let mut by_cause: Vec<CauseLine> = groups
            .into_iter()
            .filter(|group| group.open > 0)
            .filter(|group| exceptions::needs_person(group.cause) && !muted.contains_key(&group.cause))
            .map(|group| CauseLine {
                cause: group.cause,
                title: group.cause.title().to_owned(),
                icon: group.cause.icon().to_owned(),
                tone: group.cause.tone(),
                count: group.open as i64,
                oldest_at_ms: group.oldest_opened_at_ms,
                value: group.worth.into_iter().map(|money| (money.currency.0, money.minor)).collect(),
            })
            .collect();
        by_cause.sort_by_key(|line| {
            (std::cmp::Reverse(line.value.iter().map(|(_, minor)| *minor).max().unwrap_or(0)), line.cause)
        });
        let done = room.done_since(zone::day_start(now_ms, ground.zone))?;
        let mut hours: Vec<f64> =
            departures.iter().map(|d| (d.left_at_ms - d.order.placed_at_ms).max(0) as f64 / 3_600_000.0).collect();
        hours.sort_by(f64::total_cmp);
        let promised: Vec<bool> =
            departures.iter().filter_map(|d| d.order.ship_by_ms.map(|ship_by_ms| d.left_at_ms <= ship_by_ms)).collect();
        let on_time = promised.iter().filter(|kept| **kept).count();
        Ok(Home {
            headline: headline(&counts),
            next_deadline_ms: next,
            oldest_late_ms: late,
            trend: trend::days(&departures, &episodes, now_ms, DAYS, ground.zone),
            median_hours_to_ship: hours.get(hours.len() / 2).copied(),
            on_time_percent: (!promised.is_empty()).then(|| 100.0 * on_time as f64 / promised.len() as f64),
            waits: queue
                .by_waits
                .into_iter()
                .map(|(code, n)| {
                    let tone = waits::of(&code).map_or(Tone::Neutral, |look| look.tone);
                    (code.clone(), waits::title(&code), tone, n as i64)
                })
                .collect(),
            causes: by_cause.len() as i64,
            did_today: did(&done.by_kind, mended),
            by_cause,
            accounts,
            counts,
        })
    }
}

fn counts(room: &Room, ground: &Ground) -> Answer<(Counts, Vec<ConnectionActivity>)> {
    let now_ms = ground.now_ms;
    let (day_start, day_end) = (zone::day_start(now_ms, ground.zone), zone::day_end(ground.stores_ms, ground.zone));
    let (queue, groups, muted, depth, due, left, worth) = room.store.read(|r| {
        let today = QueueFilter { due_before_ms: Some(day_end), ..QueueFilter::default() };
        Ok((
            r.queue_counts(ground.stores_ms, risk_until(ground))?,
            r.exception_groups()?,
            console::muted(r, now_ms)?,
            r.outbox_depth()?,
            r.queue_count(&today)?,
            r.departures(day_start, i64::MAX, LEFT_MAX)?.items,
            r.open_worth()?,
        ))
    })?;
    let stage = |stage: Stage| queue.by_stage.iter().find(|(known, _)| *known == stage).map_or(0, |(_, n)| *n as i64);
    let standing =
        |state: EffectState| depth.iter().filter(|depth| depth.state == state).map(|depth| depth.n as i64).sum();
    let left_today = left.len() as i64;
    let cards = activity::of_all(room, ground)?;
    let tightest = cards
        .iter()
        .map(|card| &card.activity)
        .flat_map(|account| account.budgets.iter().map(move |budget| (account, budget)))
        .filter(|(_, budget)| budget.of > 0.0)
        .min_by(|(_, a), (_, b)| (a.left / a.of).total_cmp(&(b.left / b.of)))
        .map(|(account, budget)| format!("{} {}", account.name, budget.sentence));
    let counts = Counts {
        queue: queue.open as i64,
        unfulfilled: unfulfilled::count(room, ground)?,
        exceptions: groups
            .iter()
            .filter(|group| exceptions::needs_person(group.cause) && !muted.contains_key(&group.cause))
            .map(|group| group.open as i64)
            .sum(),
        returns: groups.iter().filter(|group| group.cause == Cause::Returned).map(|group| group.open as i64).sum(),
        asked: standing(EffectState::Asked),
        unknown: standing(EffectState::Unknown),
        today: due.n as i64 + left_today,
        left_today,
        at_risk: queue.at_risk.n as i64,
        late: queue.late.n as i64,
        at_least: [("today", due), ("at_risk", queue.at_risk), ("late", queue.late)]
            .into_iter()
            .filter(|(_, count)| !count.exact)
            .map(|(name, _)| name.to_owned())
            .collect(),
        held: stage(Stage::Held),
        unpaid: stage(Stage::Unpaid),
        open_value: worth.into_iter().map(|money| (money.currency.0, money.minor)).collect(),
        accounts: cards.iter().map(line).collect(),
        trouble: room.trouble().map(|trouble| trouble.sentence),
        tightest_budget: tightest,
        as_of_ms: now_ms,
    };
    Ok((counts, cards.into_iter().map(|card| card.activity).collect()))
}

/// What was done today without anybody's click being needed for each, most first.
fn did(by_kind: &BTreeMap<String, u64>, mended: u64) -> Vec<DidLine> {
    let of = |kind: IntentKind| by_kind.get(kind.code()).map_or(0, |n| *n as i64);
    let line = |icon: &str, words: &str, count: i64, place: &str| DidLine {
        icon: icon.into(),
        words: words.into(),
        count,
        place: place.into(),
    };
    let done = "activity?tab=outbox&state=done";
    let mut lines = vec![
        line("arrow", "sent to the hub or brought up to date there", of(IntentKind::PutHubOrder), done),
        line("truck", "reported to their store with tracking", of(IntentKind::Fulfill), done),
        line(
            "undo",
            "tracking numbers corrected or taken back",
            of(IntentKind::ReplaceTracking) + of(IntentKind::CancelFulfillment),
            done,
        ),
        line(
            "close",
            "cancelled before they left",
            of(IntentKind::CancelHubOrder) + of(IntentKind::CancelChannelOrder),
            done,
        ),
        line(
            "pause",
            "held or released at the hub",
            of(IntentKind::HoldHubOrder) + of(IntentKind::ReleaseHubOrder),
            done,
        ),
        line("tag", "labels bought", of(IntentKind::BuyLabel) + of(IntentKind::ReturnLabel), done),
        line("tag", "labels voided", of(IntentKind::VoidLabel), done),
        line("inbox", "messages written to buyers", of(IntentKind::TellBuyer), done),
        line("check", "exceptions mended without you", mended as i64, "exceptions?view=resolved"),
    ];
    lines.retain(|line| line.count > 0);
    lines.sort_by_key(|line| -line.count);
    lines
}

fn line(card: &activity::Card) -> AccountLine {
    let account = &card.activity;
    AccountLine {
        id: account.id.clone(),
        name: account.name.clone(),
        tone: account.tone,
        last_ok_at_ms: account.streams.iter().filter_map(|stream| stream.last_ok_at_ms).max(),
        word: card.word.map(str::to_owned),
    }
}

/// What stands before a number that is not the whole of it.
fn more_than(counts: &Counts, what: &str) -> &'static str {
    if counts.at_least.iter().any(|known| known == what) { "More than " } else { "" }
}

/// The one sentence: the worst thing first.
fn headline(counts: &Counts) -> String {
    let broken = counts.accounts.iter().filter(|account| account.tone == Tone::Danger).count() as i64;
    if counts.accounts.is_empty() {
        "Nothing is connected yet.".into()
    } else if broken > 0 {
        let names: Vec<&str> = counts
            .accounts
            .iter()
            .filter(|account| account.tone == Tone::Danger)
            .map(|account| account.name.as_str())
            .collect();
        format!("{} {} you.", words::list(&names), if broken == 1 { "needs" } else { "need" })
    } else if counts.late > 0 {
        format!(
            "{} late.",
            if counts.late == 1 {
                "1 order is".to_owned()
            } else {
                format!("{}{} orders are", more_than(counts, "late"), words::thousands(counts.late))
            }
        )
    } else if counts.at_risk > 0 {
        format!(
            "{} at risk.",
            if counts.at_risk == 1 {
                "1 order is".to_owned()
            } else {
                format!("{}{} orders are", more_than(counts, "at_risk"), words::thousands(counts.at_risk))
            }
        )
    } else if counts.exceptions > 0 {
        format!(
            "{} you.",
            if counts.exceptions == 1 {
                "1 order needs".to_owned()
            } else {
                format!("{} orders need", words::thousands(counts.exceptions))
            }
        )
    } else if counts.queue == 0 {
        "The queue is empty.".into()
    } else {
        format!("All {} are on their way in time.", words::count(counts.queue, "open order", "open orders"))
    }
}
