//! A channel that falls silent: orders that usually come by now, and do not.
//!
//! A checkout that broke says nothing. What can be seen is what does not happen, so the same hours of the weeks before
//! are counted: what they brought is what these should have brought. Told is only what none of those weeks showed and
//! what chance would hardly do, because whoever is called for nothing three times does not look the fourth time.
//!
//! Left out on purpose: months and years. A season shows in the weeks before it, as far as it is slow; and a shop that
//! sells a few things a week is silent most of the time.

use crate::automation::{AutomationDecl, Need};
use crate::calendar;
use crate::look::Look;
use crate::policy::Policy;
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use quayside_model::{Mode, RecordKind, Role, SettingDecl, SettingKind};
use std::collections::BTreeMap;

/// Stable word of the automation.
pub const ID: &str = "quiet_channel";
/// Setting: how soon it is told.
const SENSITIVITY: &str = "sensitivity";

/// Orders are counted by the quarter of an hour: zones differ by quarters.
pub const QUARTER_MS: i64 = 15 * MINUTE_MS;
const WEEK_MS: i64 = 7 * DAY_MS;
/// Weeks that are looked at.
const WEEKS: u64 = 8;
/// So far back orders matter: those weeks, and the stretch that is judged.
pub const HISTORY_MS: i64 = 9 * WEEK_MS;

/// Less silence than this is none: platforms show orders late, and a pause in a good hour is one.
const LEAST_MS: i64 = 2 * HOUR_MS;
/// With fewer weeks nobody knows what is usual.
const WEEKS_MIN: usize = 2;
/// A shop with fewer orders a week is silent most of the time.
const WEEKLY_MIN: u32 = 20;
/// So many orders should have come since credentials changed, and none did.
const AFTER_SIGN_IN: f64 = 3.0;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Quiet channels",
    summary: "Tells when a store brings fewer orders than it usually does in these hours, or none since its credentials changed: before a customer does. It goes by itself when orders come again.",
    examples: &[
        (
            "A store that brings ten orders on a Tuesday morning brings none.",
            "An exception says since when, and how many were usual.",
        ),
        ("It is night, and orders come by day.", "Nothing is said."),
        ("An order arrives.", "The exception ends by itself."),
        (
            "Credentials were changed, and three orders that should have come since then did not.",
            "An exception says so, sooner than otherwise.",
        ),
        ("The store is new, or sells less than twenty times a week.", "Nothing is said: nobody knows what is usual."),
        (
            "The computer slept, the account is paused or does not answer.",
            "Nothing is said before its orders were read again.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order)],
    undo: "It changes nothing.",
    settings: &[SettingDecl {
        name: SENSITIVITY,
        label: "It is told",
        help: "Sooner means that chance alone calls you now and then. Switched off, it tells nothing; every other mode tells.",
        kind: SettingKind::Choice(&[
            ("early", "early: chance does it once in a hundred times"),
            ("usual", "when chance would do it once in a thousand times"),
            ("late", "late: chance does it once in ten thousand times"),
        ]),
        default: "usual",
    }],
    look: nothing,
};

/// It is about stores, not about orders: the engine asks [`judge`] whenever a store's orders were read.
fn nothing(_: &mut Look<'_>) {}

/// Orders placed in one quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// How many.
    pub n: u32,
    /// When the last of them was placed, ms UTC.
    pub last_ms: i64,
}

/// A store's orders by the quarter of an hour since 1970 in which they were placed; quarters without any are left out.
/// Test orders are among them: they, too, show that one can buy.
pub type Quarters = BTreeMap<i64, Came>;

/// What is known of a store when it is judged.
#[derive(Clone, Copy)]
pub struct Channel<'a> {
    /// The name the person gave it.
    pub name: &'a str,
    /// Its orders of the last [`HISTORY_MS`].
    pub came: &'a Quarters,
    /// Its orders were read to their end then, ms UTC: of what came later nothing is known.
    pub read_ms: i64,
    /// Its credentials are as they are since then, ms UTC.
    pub signed_in_ms: i64,
    /// The zone in which it counts its days.
    pub zone: Tz,
    /// Days on which nobody expects anything.
    pub holiday: &'a dyn Fn(NaiveDate) -> bool,
    /// What the entry on the list is about ([`Quiet::about`]), if there is one.
    pub standing: Option<&'a str>,
    /// The last entry ended then, ms UTC.
    pub ended_ms: Option<i64>,
    /// A person settled one last then, ms UTC.
    pub settled_ms: Option<i64>,
}

/// What to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    /// Tells one silence apart from the next.
    pub about: String,
    /// What happened, what is usual, what to do.
    pub sentence: String,
}

/// What a look came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Orders come as they usually do, or nobody can say what is usual: an entry that stands ends.
    Fine,
    /// What stands on the list still holds.
    Stays,
    /// This is news.
    Tell(Quiet),
}

/// How probable it may be that chance alone does it; `None`: it is switched off.
#[must_use]
pub fn chance_max(policy: &Policy) -> Option<f64> {
    if policy.automation(ID).mode == Mode::Off {
        return None;
    }
    Some(match policy.setting(ID, SENSITIVITY).as_str() {
        "early" => 0.01,
        "late" => 0.000_1,
        _ => 0.001,
    })
}

/// Whether fewer orders come than usual. `chance_max`: see the function of that name.
#[must_use]
pub fn judge(channel: &Channel<'_>, chance_max: f64) -> Verdict {
    let Some((_, last)) = channel.came.last_key_value() else { return Verdict::Fine };
    let last_ms = last.last_ms;
    let silent = format!("since {last_ms}");
    if channel.standing == Some(silent.as_str()) {
        return Verdict::Stays;
    }
    if channel.standing == Some(FEWER) && channel.few(chance_max, true).is_some() {
        return Verdict::Stays;
    }
    // Settled in the middle of it: the person knows.
    if channel.settled_ms.is_none_or(|at_ms| at_ms < last_ms)
        && let Some(sentence) = channel.none_since(last_ms, chance_max)
    {
        return Verdict::Tell(Quiet { about: silent, sentence });
    }
    // What was told as a silence is not told once more as a bad day.
    if channel.ended_ms.is_none_or(|at_ms| at_ms <= channel.read_ms - DAY_MS)
        && channel.standing.is_none()
        && let Some(sentence) = channel.few(chance_max, false)
    {
        return Verdict::Tell(Quiet { about: FEWER.to_owned(), sentence });
    }
    Verdict::Fine
}

/// What an entry about a bad day is about.
const FEWER: &str = "fewer";
const WHAT_TO_DO: &str = "Look at its checkout and payments, at the sales channel, and at the app's permissions there.";

impl Channel<'_> {
    /// None came since the last one, and some should have.
    fn none_since(&self, last_ms: i64, chance_max: f64) -> Option<String> {
        let level = self.level(last_ms)?;
        if let Some(usual) = self.missed(last_ms, level)
            && chance_of(0, usual) < chance_max
        {
            return Some(format!(
                "No order has come from {} since {}. In these hours it usually brings about {usual:.0}. {WHAT_TO_DO} The entry goes with the next order.",
                self.name,
                self.said(last_ms)
            ));
        }
        let signed_in_ms = self.signed_in_ms;
        if signed_in_ms > last_ms
            && let Some(usual) = self.missed(signed_in_ms, level)
            && usual >= AFTER_SIGN_IN
        {
            return Some(format!(
                "No order has come from {} since its credentials changed on {}, and usually about {usual:.0} would have. Look whether the app may read orders there and whether it is the right store, then at its checkout. The entry goes with the next order.",
                self.name,
                self.said(signed_in_ms)
            ));
        }
        None
    }

    /// Orders that usually come in the hours since then, if none of the weeks before was nearly as silent. Of a silence
    /// longer than a week its first week counts: the weeks before it were not silent.
    fn missed(&self, since_ms: i64, level: f64) -> Option<f64> {
        let from_ms = self.after_holidays(since_ms, self.read_ms)?;
        let until_ms = self.read_ms.min(from_ms + WEEK_MS);
        if until_ms - from_ms < LEAST_MS {
            return None;
        }
        let weeks = self.weeks_before(from_ms, until_ms);
        let usual = lower_median(&weeks).filter(|_| weeks.len() >= WEEKS_MIN)?;
        let happened = weeks.iter().any(|week| *week == 0 || week.saturating_mul(10) < usual);
        (!happened).then(|| f64::from(usual) * level)
    }

    /// The last day brought less than half of what such a day brings, and less than each of those days before. What was
    /// told stays until it is clearly better (`told`): else it would come and go with every order.
    fn few(&self, chance_max: f64, told: bool) -> Option<String> {
        let (from_ms, until_ms) = (self.read_ms - DAY_MS, self.read_ms);
        if self.after_holidays(from_ms, until_ms)? != from_ms {
            return None;
        }
        let level = self.level(from_ms)?;
        let weeks = self.weeks_before(from_ms, until_ms);
        let usual = f64::from(lower_median(&weeks)?) * level;
        let now: u32 = self.came.range(quarter(from_ms)..=quarter(until_ms)).map(|(_, came)| came.n).sum();
        if told {
            return (f64::from(now) < usual * 0.7).then(String::new);
        }
        let never = weeks.len() >= WEEKS_MIN && weeks.iter().all(|before| *before > now);
        let rare = f64::from(now) < usual * 0.5 && chance_of(now, usual) < chance_max;
        (never && rare).then(|| {
            format!(
                "{} brought {now} {} in the last 24 hours. Such a day usually brings about {usual:.0}. {WHAT_TO_DO} The entry goes when as many come as usual.",
                self.name,
                if now == 1 { "order" } else { "orders" }
            )
        })
    }

    /// How the week before `at_ms` was against the weeks before it, at most 1: a season that ends is no fault. `None`:
    /// too little is known, or too little comes.
    fn level(&self, at_ms: i64) -> Option<f64> {
        let mut weeks = Vec::new();
        for back in 1..=WEEKS {
            let from_ms = self.weeks_earlier(at_ms, back);
            if !self.is_known(from_ms) {
                break;
            }
            weeks.push(self.whole_quarters(from_ms, self.weeks_earlier(at_ms, back - 1)));
        }
        let usual = lower_median(&weeks).filter(|usual| weeks.len() >= WEEKS_MIN && *usual >= WEEKLY_MIN)?;
        Some((f64::from(*weeks.first()?) / f64::from(usual)).min(1.0))
    }

    /// What the same hours of the wall clock brought, one week earlier and so on, as far as that is known. Weeks with a
    /// holiday in those hours say nothing.
    fn weeks_before(&self, from_ms: i64, until_ms: i64) -> Vec<u32> {
        let stretch = |back: u64| (self.weeks_earlier(from_ms, back), self.weeks_earlier(until_ms, back));
        let weeks = (1..=WEEKS).map(stretch).take_while(|(from_ms, _)| self.is_known(*from_ms));
        let plain = weeks.filter(|(from_ms, until_ms)| self.after_holidays(*from_ms, *until_ms) == Some(*from_ms));
        plain.map(|(from_ms, until_ms)| self.whole_quarters(from_ms, until_ms)).collect()
    }

    /// The store sold before that.
    fn is_known(&self, at_ms: i64) -> bool {
        self.came.first_key_value().is_some_and(|(first, _)| *first <= quarter(at_ms))
    }

    /// Rather too few than too many: a quarter that is cut does not count.
    fn whole_quarters(&self, from_ms: i64, until_ms: i64) -> u32 {
        let (first, after) = (quarter(from_ms + QUARTER_MS - 1), quarter(until_ms));
        if first >= after { 0 } else { self.came.range(first..after).map(|(_, came)| came.n).sum() }
    }

    /// Where hours that count begin: after the last holiday of the stretch. `None`: it ends on one.
    fn after_holidays(&self, from_ms: i64, until_ms: i64) -> Option<i64> {
        let mut day = self.local(until_ms).date_naive();
        let first = self.local(from_ms).date_naive();
        if (self.holiday)(day) {
            return None;
        }
        while day > first {
            let before = day.checked_sub_days(Days::new(1))?;
            if (self.holiday)(before) {
                return Some(calendar::instant(day, calendar::time_of_day(0), self.zone).timestamp_millis());
            }
            day = before;
        }
        Some(from_ms)
    }

    /// The same time of the wall clock so many weeks earlier, whatever clocks did in between.
    fn weeks_earlier(&self, at_ms: i64, weeks: u64) -> i64 {
        let local = self.local(at_ms);
        let day = local.date_naive();
        let day = day.checked_sub_days(Days::new(7 * weeks)).unwrap_or(day);
        calendar::instant(day, local.time(), self.zone).timestamp_millis()
    }

    fn local(&self, at_ms: i64) -> DateTime<Tz> {
        Utc.timestamp_millis_opt(at_ms).single().unwrap_or_default().with_timezone(&self.zone)
    }

    /// With its day: the entry may stand for days.
    fn said(&self, at_ms: i64) -> String {
        self.local(at_ms).format("%-d %b, %H:%M").to_string()
    }
}

fn quarter(at_ms: i64) -> i64 {
    at_ms.div_euclid(QUARTER_MS)
}

/// The middle one; of two the smaller.
fn lower_median(counts: &[u32]) -> Option<u32> {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// How probable it is that no more than `n` come where `usual` do on average, each for itself (Poisson).
fn chance_of(n: u32, usual: f64) -> f64 {
    let mut term = (-usual).exp();
    let mut sum = term;
    for i in 1..=n {
        term *= usual / f64::from(i);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_poissons() {
        for (n, usual, chance) in
            [(0, 0.0, 1.0), (0, 6.908, 0.001), (1, 2.0, 0.406), (3, 10.0, 0.0103), (400, 1_000.0, 0.0)]
        {
            assert!((chance_of(n, usual) - chance).abs() < 0.000_5, "{n} of {usual}: {}", chance_of(n, usual));
        }
    }

    #[test]
    fn the_middle_of_two_is_the_smaller() {
        let cases: [(&[u32], Option<u32>); 4] =
            [(&[], None), (&[7], Some(7)), (&[9, 3], Some(3)), (&[5, 900, 1], Some(5))];
        for (counts, middle) in cases {
            assert_eq!(lower_median(counts), middle, "{counts:?}");
        }
    }
}
