//! When a schedule is due, and the days its report is about then. Pure: the moment comes in.

use crate::zone;
use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Last day of a month, whichever that is: a day that a month does not have is its last one.
pub const LAST_DAY: u32 = 31;

/// How often a report is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "each", rename_all = "snake_case")]
pub enum Cadence {
    /// Every day.
    Day,
    /// Once a week.
    Week {
        /// 1 is Monday, 7 Sunday.
        weekday: u32,
    },
    /// Once a month.
    Month {
        /// 1 to 31; in a month that is shorter its last day.
        day: u32,
    },
}

/// Which days a report that makes itself is about, seen from the day it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportWindow {
    /// The day before.
    Yesterday,
    /// The seven days before.
    SevenDays,
    /// The week before this one, Monday to Sunday.
    LastWeek,
    /// The calendar month before this one.
    LastMonth,
    /// This month up to the day it is due, that day included.
    MonthToDate,
}

impl ReportWindow {
    /// All of them, in the order of the screen.
    pub const ALL: [Self; 5] = [Self::Yesterday, Self::SevenDays, Self::LastWeek, Self::LastMonth, Self::MonthToDate];

    /// Stable word, the same that serde writes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yesterday => "yesterday",
            Self::SevenDays => "seven_days",
            Self::LastWeek => "last_week",
            Self::LastMonth => "last_month",
            Self::MonthToDate => "month_to_date",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.code() == code)
    }
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Yesterday => "the day before",
            Self::SevenDays => "the seven days before",
            Self::LastWeek => "last week",
            Self::LastMonth => "last month",
            Self::MonthToDate => "the month so far",
        }
    }
    /// First and last day, both included, of a report that is due on this day.
    pub(in crate::reports) fn days(self, due: NaiveDate) -> (NaiveDate, NaiveDate) {
        let before = due - Days::new(1);
        let first_of = |day: NaiveDate| day.with_day(1).unwrap_or(day);
        match self {
            Self::Yesterday => (before, before),
            Self::SevenDays => (due - Days::new(7), before),
            Self::LastWeek => {
                let monday = due - Days::new(u64::from(due.weekday().num_days_from_monday()));
                (monday - Days::new(7), monday - Days::new(1))
            }
            Self::LastMonth => {
                let end = first_of(due) - Days::new(1);
                (first_of(end), end)
            }
            Self::MonthToDate => (first_of(due), due),
        }
    }
}

/// Days of the week by their number.
const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// `Monday` for 1.
pub(super) fn weekday_name(weekday: u32) -> &'static str {
    const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let at = weekday.clamp(1, 7) as usize - 1;
    NAMES[at]
}

/// The times on somebody's wall at which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reports) struct Times {
    pub cadence: Cadence,
    /// Minute of the day.
    pub minute: u32,
    pub zone: Tz,
}

impl Times {
    /// How many missed ones are made up for, the one that is due now included: two weeks, two months, half a year.
    pub fn missed_max(&self) -> usize {
        match self.cadence {
            Cadence::Day => 14,
            Cadence::Week { .. } => 8,
            Cadence::Month { .. } => 6,
        }
    }

    /// The last moments it was due (ms UTC), oldest first, each with its day there: as many as are made up for.
    pub fn last(&self, now_ms: i64) -> Vec<(i64, NaiveDate)> {
        let newest = self.last_day(now_ms);
        let earlier = |day: &NaiveDate| Some(self.on_or_before(*day - Days::new(1)));
        let days = std::iter::successors(Some(newest), earlier).take(self.missed_max());
        let mut dues: Vec<(i64, NaiveDate)> = days.map(|day| (self.at(day), day)).collect();
        dues.reverse();
        dues
    }

    /// When it is due next, ms UTC.
    pub fn next_ms(&self, now_ms: i64) -> i64 {
        let last = self.last_day(now_ms);
        let next = match self.cadence {
            Cadence::Day => last + Days::new(1),
            Cadence::Week { .. } => last + Days::new(7),
            Cadence::Month { day } => of_month(of_month(last, LAST_DAY) + Days::new(1), day),
        };
        self.at(next)
    }

    fn at(&self, day: NaiveDate) -> i64 {
        zone::moment(day, self.minute, self.zone)
    }

    /// The last day on which its moment has come.
    fn last_day(&self, now_ms: i64) -> NaiveDate {
        let day = self.on_or_before(zone::local(now_ms, self.zone).date_naive());
        if self.at(day) <= now_ms { day } else { self.on_or_before(day - Days::new(1)) }
    }

    /// This day if it is one of its days, else the one before.
    fn on_or_before(&self, day: NaiveDate) -> NaiveDate {
        match self.cadence {
            Cadence::Day => day,
            Cadence::Week { weekday } => {
                let wanted = WEEKDAYS[weekday.clamp(1, 7) as usize - 1];
                day - Days::new(u64::from(day.weekday().days_since(wanted)))
            }
            Cadence::Month { day: wanted } => {
                let here = of_month(day, wanted);
                if here <= day { here } else { of_month(of_month(day, 1) - Days::new(1), wanted) }
            }
        }
    }
}

/// That day of the month of `day`, or the month's last.
fn of_month(day: NaiveDate, wanted: u32) -> NaiveDate {
    (1..=wanted.clamp(1, LAST_DAY)).rev().find_map(|number| day.with_day(number)).unwrap_or(day)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }
    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    const DAY: Cadence = Cadence::Day;
    const MONDAY: Cadence = Cadence::Week { weekday: 1 };
    const SUNDAY: Cadence = Cadence::Week { weekday: 7 };
    const fn on(day: u32) -> Cadence {
        Cadence::Month { day }
    }

    #[test]
    fn due_is_a_time_on_the_wall_whatever_clocks_and_months_do() {
        let berlin = Tz::Europe__Berlin;
        for (cadence, minute, zone, now, last, next) in [
            (DAY, 360, berlin, "2026-10-24T05:59:00+02:00", "2026-10-23T06:00:00+02:00", "2026-10-24T06:00:00+02:00"),
            // Sunday 25 October 2026: clocks go back at three.
            (DAY, 360, berlin, "2026-10-24T06:00:00+02:00", "2026-10-24T06:00:00+02:00", "2026-10-25T06:00:00+01:00"),
            (
                SUNDAY,
                360,
                berlin,
                "2026-10-25T05:59:00+01:00",
                "2026-10-18T06:00:00+02:00",
                "2026-10-25T06:00:00+01:00",
            ),
            (
                SUNDAY,
                360,
                berlin,
                "2026-10-25T06:00:00+01:00",
                "2026-10-25T06:00:00+01:00",
                "2026-11-01T06:00:00+01:00",
            ),
            // Half past two comes twice that night: the first time counts, and it is due once.
            (DAY, 150, berlin, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),
            (DAY, 150, berlin, "2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),
            // On 29 March there is none: the first moment there is.
            (DAY, 150, berlin, "2026-03-29T03:00:00+02:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"),
            (
                MONDAY,
                540,
                berlin,
                "2026-11-20T12:00:00+01:00",
                "2026-11-16T09:00:00+01:00",
                "2026-11-23T09:00:00+01:00",
            ),
            (
                MONDAY,
                540,
                berlin,
                "2026-11-23T08:59:00+01:00",
                "2026-11-16T09:00:00+01:00",
                "2026-11-23T09:00:00+01:00",
            ),
            (on(1), 360, berlin, "2026-11-20T12:00:00+01:00", "2026-11-01T06:00:00+01:00", "2026-12-01T06:00:00+01:00"),
            (
                on(15),
                360,
                berlin,
                "2026-01-03T12:00:00+01:00",
                "2025-12-15T06:00:00+01:00",
                "2026-01-15T06:00:00+01:00",
            ),
            // Months that are shorter: their last day.
            (on(31), 360, Tz::UTC, "2026-03-01T00:00:00Z", "2026-02-28T06:00:00Z", "2026-03-31T06:00:00Z"),
            (on(31), 360, Tz::UTC, "2028-02-29T06:00:00Z", "2028-02-29T06:00:00Z", "2028-03-31T06:00:00Z"),
            (on(30), 360, Tz::UTC, "2026-02-28T05:59:00Z", "2026-01-30T06:00:00Z", "2026-02-28T06:00:00Z"),
            (on(29), 360, Tz::UTC, "2026-03-28T07:00:00Z", "2026-02-28T06:00:00Z", "2026-03-29T06:00:00Z"),
            (on(31), 360, Tz::UTC, "2026-12-31T07:00:00Z", "2026-12-31T06:00:00Z", "2027-01-31T06:00:00Z"),
            // The same moment is another day in Auckland.
            (
                on(1),
                0,
                Tz::Pacific__Auckland,
                "2026-10-31T12:00:00Z",
                "2026-11-01T00:00:00+13:00",
                "2026-12-01T00:00:00+13:00",
            ),
        ] {
            let times = Times { cadence, minute, zone };
            let found = (times.last(ms(now)).last().map(|due| due.0), times.next_ms(ms(now)));
            assert_eq!(found, (Some(ms(last)), ms(next)), "{cadence:?} at {minute} on {now}");
        }
    }

    #[test]
    fn the_last_ones_are_one_per_period_and_bounded() {
        for (cadence, count, oldest, newest) in [
            (DAY, 14, "2026-11-10", "2026-11-23"),
            (MONDAY, 8, "2026-10-05", "2026-11-23"),
            (on(31), 6, "2026-05-31", "2026-10-31"),
            (on(30), 6, "2026-05-30", "2026-10-30"),
        ] {
            let times = Times { cadence, minute: 360, zone: Tz::Europe__Berlin };
            let dues = times.last(ms("2026-11-23T09:00:00+01:00"));
            assert_eq!(dues.len(), count, "{cadence:?}");
            assert_eq!((dues[0].1, dues[count - 1].1), (day(oldest), day(newest)), "{cadence:?}");
            assert!(dues.windows(2).all(|two| two[0] < two[1]), "{dues:?}");
        }
    }

    /// Whoever looks every hour of two years finds every due moment once, and none that was not announced.
    #[test]
    fn what_was_announced_as_next_is_the_one_that_comes() {
        for cadence in [DAY, MONDAY, SUNDAY, on(1), on(29), on(31)] {
            let times = Times { cadence, minute: 150, zone: Tz::Europe__Berlin };
            let mut now_ms = ms("2026-01-01T12:00:00+01:00");
            let mut next_ms = times.next_ms(now_ms);
            for _ in 0..2 * 365 * 24 {
                now_ms += 3_600_000;
                let due_ms = times.last(now_ms).last().unwrap().0;
                if now_ms >= next_ms {
                    assert_eq!(due_ms, next_ms, "{cadence:?}");
                    next_ms = times.next_ms(now_ms);
                }
                assert!(due_ms <= now_ms && now_ms < next_ms, "{cadence:?} at {now_ms}");
            }
        }
    }

    #[test]
    fn a_window_is_seen_from_the_day_it_is_due() {
        use ReportWindow::{LastMonth, LastWeek, MonthToDate, SevenDays, Yesterday};
        for (window, due, from, to) in [
            (Yesterday, "2026-03-01", "2026-02-28", "2026-02-28"),
            (SevenDays, "2026-11-23", "2026-11-16", "2026-11-22"),
            // A Monday and a Sunday of one week look at the same week before.
            (LastWeek, "2026-11-23", "2026-11-16", "2026-11-22"),
            (LastWeek, "2026-11-29", "2026-11-16", "2026-11-22"),
            (LastMonth, "2026-01-31", "2025-12-01", "2025-12-31"),
            (LastMonth, "2028-03-01", "2028-02-01", "2028-02-29"),
            (MonthToDate, "2026-11-01", "2026-11-01", "2026-11-01"),
            (MonthToDate, "2026-10-31", "2026-10-01", "2026-10-31"),
        ] {
            assert_eq!(window.days(day(due)), (day(from), day(to)), "{window:?} on {due}");
        }
    }

    #[test]
    fn every_window_is_found_by_its_own_word() {
        for window in ReportWindow::ALL {
            assert_eq!(ReportWindow::from_code(window.code()), Some(window));
            assert_eq!(serde_json::to_value(window).unwrap(), window.code());
        }
        assert_eq!(ReportWindow::from_code("tomorrow"), None);
    }
}
