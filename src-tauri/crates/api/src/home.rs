//! "Are we fine?": the numbers of the rail, and the first screen.

use crate::desk::{Desk, Room};
use crate::queue::{Ground, risk_until};
use crate::trouble::Answer;
use crate::view::{AccountLine, ConnectionActivity, Counts, Home};
use crate::{activity, exceptions, unfulfilled, waits, words, zone};
use chrono_tz::Tz;
use quayside_model::{EffectState, Stage, Tone};
use quayside_store::{QueueFilter, Sort, SortBy};
use std::collections::BTreeMap;

/// Days the chart shows, today included.
const DAYS: i64 = 14;

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
        let (departures, queue, next, late, groups) = room.store.read(|r| {
            let first = |filter: &QueueFilter| -> Result<Option<i64>, quayside_store::StoreError> {
                let page = r.queue_page(filter, Sort { by: SortBy::Due, descending: false }, None, 1)?;
                Ok(page.rows.first().and_then(|row| row.ship_by_ms))
            };
            Ok((
                r.departures_since(from_ms)?,
                r.queue_counts(now_ms, risk_until(&ground))?,
                first(&QueueFilter { due_from_ms: Some(now_ms), ..QueueFilter::default() })?,
                first(&QueueFilter { due_before_ms: Some(now_ms), ..QueueFilter::default() })?,
                r.exception_groups()?,
            ))
        })?;
        let mut per_day: BTreeMap<String, i64> = (0..DAYS)
            .map(|back| (zone::day_name(now_ms - back * quayside_model::time::DAY_MS, ground.zone), 0))
            .collect();
        for departure in &departures {
            *per_day.entry(zone::day_name(departure.left_at_ms, ground.zone)).or_default() += 1;
        }
        let mut hours: Vec<f64> =
            departures.iter().map(|d| (d.left_at_ms - d.placed_at_ms).max(0) as f64 / 3_600_000.0).collect();
        hours.sort_by(f64::total_cmp);
        let promised: Vec<bool> =
            departures.iter().filter_map(|d| d.ship_by_ms.map(|ship_by_ms| d.left_at_ms <= ship_by_ms)).collect();
        let on_time = promised.iter().filter(|kept| **kept).count();
        Ok(Home {
            headline: headline(&counts),
            next_deadline_ms: next,
            oldest_late_ms: late,
            shipped_per_day: per_day.into_iter().collect(),
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
            causes: groups.iter().filter(|group| group.open > 0 && exceptions::needs_person(group.cause)).count()
                as i64,
            accounts,
            counts,
        })
    }
}

fn counts(room: &Room, ground: &Ground) -> Answer<(Counts, Vec<ConnectionActivity>)> {
    let now_ms = ground.now_ms;
    let (day_start, day_end) = (zone::day_start(now_ms, ground.zone), zone::day_end(now_ms, ground.zone));
    let (queue, groups, depth, due, left, worth) = room.store.read(|r| {
        let today = QueueFilter { due_before_ms: Some(day_end), ..QueueFilter::default() };
        Ok((
            r.queue_counts(now_ms, risk_until(ground))?,
            r.exception_groups()?,
            r.outbox_depth()?,
            r.queue_count(&today)?.n as i64,
            r.departures_since(day_start)?,
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
            .filter(|group| exceptions::needs_person(group.cause))
            .map(|group| group.open as i64)
            .sum(),
        asked: standing(EffectState::Asked),
        unknown: standing(EffectState::Unknown),
        today: due + left_today,
        left_today,
        at_risk: queue.at_risk.n as i64,
        late: queue.late.n as i64,
        held: stage(Stage::Held),
        unpaid: stage(Stage::Unpaid),
        open_value: worth.into_iter().map(|money| (money.currency.0, money.minor)).collect(),
        accounts: cards.iter().map(line).collect(),
        tightest_budget: tightest,
        as_of_ms: now_ms,
    };
    Ok((counts, cards.into_iter().map(|card| card.activity).collect()))
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
                format!("{} orders are", words::thousands(counts.late))
            }
        )
    } else if counts.at_risk > 0 {
        format!(
            "{} at risk.",
            if counts.at_risk == 1 {
                "1 order is".to_owned()
            } else {
                format!("{} orders are", words::thousands(counts.at_risk))
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
