//! Schedules: a report each, made daily, weekly or monthly at a time in a zone, about a window seen from the day it is due,
//! into a folder and by the ways of [`super::deliver`].
//!
//! The plan that makes every day's reports ([`super::plan`]) stands beside them as it always was. Each schedule keeps its
//! own runs: a computer that slept makes each period it missed once when it wakes, up to [`times::Times::missed_max`] of
//! them, and the screen says which. When something is due is a pure function in `times.rs`.

pub mod times;

use super::deliver::{self, ReportWay};
use super::plan::{self, Due};
use super::{ReportAsk, ReportForm, ReportKind, ahead};
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{Trouble, TroubleCode};
use crate::words;
use chrono::NaiveDate;
use chrono_tz::Tz;
use quayside_store::{Reader, ReportRun, StoreError, Tx};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use std::path::PathBuf;
pub use times::{Cadence, ReportWindow};
use times::{LAST_DAY, Times, weekday_name};

const KEY: &str = "reports.schedules";
/// More than anybody keeps an eye on.
const SCHEDULES_MAX: usize = 20;

/// A report that makes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReportSchedule {
    /// Its name for the desk; empty: a new one.
    pub id: String,
    /// It is made.
    pub on: bool,
    /// Which report.
    pub kind: ReportKind,
    /// How often.
    pub cadence: Cadence,
    /// Minute of the day, in its zone.
    pub minute: u32,
    /// The zone its time and its days are in, `Europe/Berlin`; empty: the desk's.
    pub zone: String,
    /// About which days. What is as it stands now has none.
    pub window: ReportWindow,
    /// Into this folder; empty: only by its ways.
    pub folder: String,
    /// As which files: into the folder, and with letters.
    pub forms: Vec<ReportForm>,
    /// By which ways, whether or not what is made every day goes by them, too.
    pub ways: Vec<ReportWay>,
}

impl ReportSchedule {
    /// The name of its runs in the store.
    fn runs(&self) -> String {
        format!("schedule {}", self.id)
    }
    pub(super) fn tz(&self, desk: Tz) -> Tz {
        self.zone.parse().unwrap_or(desk)
    }
    pub(super) fn times(&self, desk: Tz) -> Times {
        Times { cadence: self.cadence, minute: self.minute, zone: self.tz(desk) }
    }
    /// The report that is due on a day.
    pub(super) fn ask(&self, due: NaiveDate) -> ReportAsk {
        let (from, to) = if self.kind.entry().timed { self.window.days(due) } else { (due, due) };
        ReportAsk::days(self.kind, from.to_string(), to.to_string())
    }
    /// The days that report is about, for headings and names of files. In another zone than the desk's the same days are
    /// others: two files of one folder must not be called the same.
    pub(super) fn label(&self, due: NaiveDate, desk: Tz) -> String {
        let (from, to) = if self.kind.entry().timed { self.window.days(due) } else { (due, due) };
        let days = if from == to { from.to_string() } else { format!("{from} to {to}") };
        if self.tz(desk) == desk { days } else { format!("{days} {}", self.tz(desk).name().replace('/', "-")) }
    }
    /// `Shipping cost, last month`.
    pub(super) fn title(&self) -> String {
        let title = self.kind.entry().title;
        if self.kind.entry().timed { format!("{title}, {}", self.window.words()) } else { title.to_owned() }
    }
    /// `On the last day of every month at 06:00 (Europe/Berlin)`.
    fn when(&self, desk: Tz) -> String {
        let often = match self.cadence {
            Cadence::Day => "Every day".to_owned(),
            Cadence::Week { weekday } => format!("Every {}", weekday_name(weekday)),
            Cadence::Month { day } if day >= LAST_DAY => "On the last day of every month".to_owned(),
            Cadence::Month { day } => format!("On day {day} of every month"),
        };
        let zone = if self.zone.is_empty() { String::new() } else { format!(" ({})", self.tz(desk).name()) };
        format!("{often} at {:02}:{:02}{zone}", self.minute / 60, self.minute % 60)
    }
    /// Something is due at other moments, or is another thing, than with this one.
    fn is_another(&self, before: &Self) -> bool {
        let of = |one: &Self| (one.kind, one.cadence, one.minute, one.zone.clone(), one.window);
        !before.on || of(self) != of(before)
    }
}

/// A schedule, and how it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ReportScheduleView {
    /// As it was set.
    pub schedule: ReportSchedule,
    /// `Shipping cost, last month`.
    pub title: String,
    /// When and where to, in words.
    pub words: String,
    /// When it is due next, ms UTC; `None` while it is off.
    pub next_ms: Option<i64>,
    /// When the last one was made, or could not be, ms UTC. One that is only sent is told with the deliveries.
    pub last_ms: Option<i64>,
    /// What was made up for with it; may be empty.
    pub made_up: String,
    /// Why it could not be written.
    pub trouble: Option<String>,
}

/// As it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub schedule: ReportSchedule,
    /// Since when, ms UTC: what was due before is not made up for.
    pub since_ms: i64,
    /// The same of each way: one that is added later does not send what was made before.
    pub ways_since: BTreeMap<ReportWay, i64>,
}

impl Kept {
    /// As it is set anew; what goes on keeps its beginning.
    fn of(schedule: ReportSchedule, before: Option<&Self>, now_ms: i64) -> Self {
        let goes_on = before.filter(|before| schedule.on && !schedule.is_another(&before.schedule));
        let since_ms = goes_on.map_or(now_ms, |before| before.since_ms);
        let way = |way: &ReportWay| {
            let since_ms = goes_on.and_then(|before| before.ways_since.get(way).copied());
            (*way, since_ms.unwrap_or(now_ms))
        };
        let ways_since = schedule.ways.iter().map(way).collect();
        Self { schedule, since_ms, ways_since }
    }
}

/// All of them, in the order they were made.
pub(super) fn read(r: &Reader<'_>) -> Result<Vec<Kept>, StoreError> {
    Ok(r.setting(KEY)?.unwrap_or_default())
}

/// As they count now where they were set by a clock that was ahead; `None`: none was.
pub(super) fn brought_back(r: &Reader<'_>, now_ms: i64) -> Result<Option<Vec<Kept>>, StoreError> {
    let mut all = read(r)?;
    let mut any = false;
    for since_ms in all.iter_mut().flat_map(|one| one.ways_since.values_mut().chain([&mut one.since_ms])) {
        any |= ahead::bring_back(since_ms, now_ms);
    }
    Ok(any.then_some(all))
}

pub(super) fn put(tx: &mut Tx<'_>, all: &[Kept]) -> Result<(), StoreError> {
    tx.put_setting(KEY, all)
}

impl Desk {
    /// The schedules there are, and how they go.
    pub fn report_schedules(&self) -> Answer<Vec<ReportScheduleView>> {
        let room = self.room()?;
        let ground = room.ground()?;
        let kept = room.store.read(read)?;
        kept.into_iter().map(|one| view(&room, one, ground.now_ms, ground.zone)).collect()
    }

    /// Sets one: a new one without an id, else in the place of the one that has it. What cannot work is refused now.
    pub fn put_report_schedule(&self, schedule: &ReportSchedule) -> Answer<Vec<ReportScheduleView>> {
        let room = self.writable()?;
        let schedule = checked(&room, schedule)?;
        let (now_ms, is_new) = (room.now_ms(), schedule.id.is_empty());
        let fits = room.store.write(|tx| {
            let mut all = read(tx)?;
            if is_new {
                if all.len() >= SCHEDULES_MAX {
                    return Ok(false);
                }
                let id = uuid::Uuid::new_v4().simple().to_string().chars().take(12).collect();
                all.push(Kept::of(ReportSchedule { id, ..schedule }, None, now_ms));
            } else {
                let Some(at) = all.iter().position(|one| one.schedule.id == schedule.id) else { return Ok(false) };
                all[at] = Kept::of(schedule, Some(&all[at]), now_ms);
            }
            tx.put_setting(KEY, &all)?;
            Ok(true)
        })?;
        match (fits, is_new) {
            (true, _) => self.report_schedules(),
            (false, true) => Err(Trouble::field(
                "schedule",
                format!("There are {SCHEDULES_MAX} schedules already. Remove one, or change one that is there."),
            )),
            (false, false) => Err(gone()),
        }
    }

    /// Takes one away. What it made and sent stays where it is.
    pub fn forget_report_schedule(&self, id: &str) -> Answer<Vec<ReportScheduleView>> {
        let room = self.writable()?;
        room.store.write(|tx| {
            let mut all = read(tx)?;
            all.retain(|one| one.schedule.id != id);
            tx.put_setting(KEY, &all)
        })?;
        self.report_schedules()
    }

    /// Makes what is due of the schedules that write into a folder. The desk's own clock calls it; gives what was tried.
    pub fn make_due_schedules(&self) -> Answer<Vec<ReportRun>> {
        let room = self.writable()?;
        ahead::clock_came_back(&room)?;
        let ground = room.ground()?;
        let mut runs = Vec::new();
        for one in room.store.read(read)? {
            let schedule = &one.schedule;
            if !schedule.on || schedule.folder.is_empty() {
                continue;
            }
            let dues = schedule.times(ground.zone).last(ground.now_ms);
            // What was due before it was set so is not made up for, also where it had failed.
            if dues.last().is_none_or(|(at_ms, _)| *at_ms <= one.since_ms) {
                continue;
            }
            let moments: Vec<i64> = dues.iter().map(|(at_ms, _)| *at_ms).collect();
            let name = schedule.runs();
            let due = Due { name: &name, dues: &moments, since_ms: one.since_ms, now_ms: ground.now_ms };
            let write = |missed: &[i64]| {
                let days = dues.iter().filter(|(at_ms, _)| missed.contains(at_ms)).map(|(_, day)| *day);
                self.write_schedule(schedule, &days.collect::<Vec<_>>(), ground.now_ms, ground.zone)
            };
            runs.extend(plan::make_due(&room, &due, write)?);
        }
        Ok(runs)
    }

    /// The report about each of these days, oldest first. What is as it stands now stood on none of the earlier ones.
    fn write_schedule(&self, one: &ReportSchedule, days: &[NaiveDate], now_ms: i64, desk: Tz) -> Answer<PathBuf> {
        let folder = PathBuf::from(&one.folder);
        plan::check_folder(&one.folder)?;
        let zone = one.tz(desk);
        for day in days {
            let timed = one.kind.entry().timed;
            if !timed && Some(day) != days.last() {
                continue;
            }
            let report = self.report_in(&one.ask(*day), Some(zone))?;
            let named = if timed { *day } else { crate::zone::local(now_ms, zone).date_naive() };
            for file in plan::files(&report, &one.label(named, desk), &one.forms)? {
                crate::files::write(&folder.join(file.name), &file.bytes)?;
            }
        }
        Ok(folder)
    }
}

/// Since when some schedule cannot be written, for those that are on: the moment the first of them was due, ms UTC.
pub(super) fn failing_since(r: &Reader<'_>) -> Result<Option<i64>, StoreError> {
    let mut first: Option<i64> = None;
    for one in read(r)?.iter().filter(|one| one.schedule.on && !one.schedule.folder.is_empty()) {
        let name = one.schedule.runs();
        let fails = |run: &ReportRun| run.trouble.is_some() && run.due_ms > one.since_ms;
        let run = match r.report_trouble(&name)?.filter(fails) {
            Some(run) => Some(run),
            None => r.last_report_run(&name)?.filter(fails),
        };
        first = run.map(|run| run.due_ms).into_iter().chain(first).min();
    }
    Ok(first)
}

fn view(room: &Room, kept: Kept, now_ms: i64, desk: Tz) -> Answer<ReportScheduleView> {
    let Kept { schedule, since_ms, ways_since: _ } = kept;
    let (last, made_up) = plan::last_run(room, &schedule.runs(), schedule.tz(desk))?;
    let mut places: Vec<&str> = Vec::new();
    if !schedule.folder.is_empty() {
        places.push(&schedule.folder);
    }
    places.extend(schedule.ways.iter().map(|way| way.code()));
    Ok(ReportScheduleView {
        title: schedule.title(),
        words: format!("{}: {}", schedule.when(desk), words::list(&places)),
        next_ms: schedule.on.then(|| schedule.times(desk).next_ms(now_ms)),
        last_ms: last.as_ref().map(|run| run.made_at_ms),
        made_up,
        trouble: last
            .filter(|run| schedule.on && !schedule.folder.is_empty() && run.due_ms > since_ms)
            .and_then(|run| run.trouble),
        schedule,
    })
}

/// That a schedule is not there.
pub(super) fn gone() -> Trouble {
    Trouble {
        code: TroubleCode::Gone,
        sentence: "This schedule is not there any more: it was removed in another window or at the terminal."
            .to_owned(),
        field: None,
    }
}

/// One that makes sense, with what was typed tidied up.
fn checked(room: &Room, schedule: &ReportSchedule) -> Answer<ReportSchedule> {
    let mut one = ReportSchedule {
        folder: schedule.folder.trim().to_owned(),
        zone: schedule.zone.trim().to_owned(),
        ..schedule.clone()
    };
    one.forms.sort_unstable();
    one.forms.dedup();
    one.ways.sort_unstable();
    one.ways.dedup();
    let refuse = |field: &str, why: String| Err(Trouble::field(field, why));
    if one.minute >= 24 * 60 {
        return refuse("minute", "A day has 24 hours. Choose a time between 00:00 and 23:59.".to_owned());
    }
    match one.cadence {
        Cadence::Week { weekday } if !(1..=7).contains(&weekday) => {
            return refuse("cadence", "A week has seven days: 1 is Monday, 7 is Sunday.".to_owned());
        }
        Cadence::Month { day } if !(1..=LAST_DAY).contains(&day) => {
            return refuse(
                "cadence",
                "Choose a day of the month between 1 and 31; 31 is the last day of each.".to_owned(),
            );
        }
        Cadence::Day | Cadence::Week { .. } | Cadence::Month { .. } => {}
    }
    if !one.zone.is_empty() && one.zone.parse::<Tz>().is_err() {
        return refuse(
            "zone",
            format!("\"{}\" is no time zone that is known. Write it like Europe/Berlin, or leave it empty.", one.zone),
        );
    }
    if one.forms.is_empty() || one.forms.contains(&ReportForm::Tabs) {
        return refuse("forms", "Choose at least one of page, CSV and Parquet.".to_owned());
    }
    // What is switched off may wait for its folder or its password.
    if !one.on {
        return Ok(one);
    }
    if one.folder.is_empty() && one.ways.is_empty() {
        return refuse("folder", "Choose the folder it is written to, or a way it is sent by.".to_owned());
    }
    if !one.folder.is_empty() {
        plan::check_folder(&one.folder)?;
    }
    deliver::ways_complete(room, &one.ways)?;
    Ok(one)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn schedule() -> ReportSchedule {
        ReportSchedule {
            id: "a".into(),
            on: true,
            kind: ReportKind::ShippingCost,
            cadence: Cadence::Month { day: 1 },
            minute: 360,
            zone: String::new(),
            window: ReportWindow::LastMonth,
            folder: "/reports".into(),
            forms: vec![ReportForm::Csv],
            ways: vec![ReportWay::Mail],
        }
    }

    #[test]
    fn a_schedule_says_what_when_and_of_which_days() {
        let desk = Tz::Europe__Berlin;
        let due: NaiveDate = "2026-11-01".parse().unwrap();
        let zone = |zone: &str| ReportSchedule { zone: zone.into(), ..schedule() };
        let every = |cadence: Cadence| ReportSchedule { cadence, ..schedule() };
        let stands = ReportSchedule { kind: ReportKind::Unfulfilled, ..schedule() };
        let before = ReportSchedule { window: ReportWindow::Yesterday, ..schedule() };
        for (one, title, when, label) in [
            (schedule(), "Shipping cost, last month", "On day 1 of every month at 06:00", "2026-10-01 to 2026-10-31"),
            (
                zone("America/New_York"),
                "Shipping cost, last month",
                "On day 1 of every month at 06:00 (America/New_York)",
                "2026-10-01 to 2026-10-31 America-New_York",
            ),
            (
                zone("Europe/Berlin"),
                "Shipping cost, last month",
                "On day 1 of every month at 06:00 (Europe/Berlin)",
                "2026-10-01 to 2026-10-31",
            ),
            (
                every(Cadence::Month { day: 31 }),
                "Shipping cost, last month",
                "On the last day of every month at 06:00",
                "2026-10-01 to 2026-10-31",
            ),
            (
                every(Cadence::Week { weekday: 7 }),
                "Shipping cost, last month",
                "Every Sunday at 06:00",
                "2026-10-01 to 2026-10-31",
            ),
            (stands, "Unfulfilled", "On day 1 of every month at 06:00", "2026-11-01"),
            (before, "Shipping cost, the day before", "On day 1 of every month at 06:00", "2026-10-31"),
        ] {
            assert_eq!(
                (one.title().as_str(), one.when(desk).as_str(), one.label(due, desk).as_str()),
                (title, when, label)
            );
        }
        let ask = schedule().ask(due);
        assert_eq!((ask.from_day.as_str(), ask.to_day.as_str()), ("2026-10-01", "2026-10-31"));
    }

    /// What is set anew never sends what was due before; what goes on forgets nothing.
    #[test]
    fn a_change_of_what_is_due_begins_anew_and_any_other_goes_on() {
        let before = Kept::of(schedule(), None, 10);
        assert_eq!((before.since_ms, before.ways_since[&ReportWay::Mail]), (10, 10));
        let slack = vec![ReportWay::Mail, ReportWay::Slack];
        for (what, one, since_ms, mail_ms) in [
            ("another folder", ReportSchedule { folder: "/else".into(), ..schedule() }, 10, 10),
            ("another form", ReportSchedule { forms: vec![ReportForm::Page], ..schedule() }, 10, 10),
            ("one more way", ReportSchedule { ways: slack.clone(), ..schedule() }, 10, 10),
            ("another time", ReportSchedule { minute: 400, ..schedule() }, 50, 50),
            ("another zone", ReportSchedule { zone: "Asia/Tokyo".into(), ..schedule() }, 50, 50),
            ("another window", ReportSchedule { window: ReportWindow::LastWeek, ..schedule() }, 50, 50),
            ("another report", ReportSchedule { kind: ReportKind::Performance, ..schedule() }, 50, 50),
            ("off", ReportSchedule { on: false, ..schedule() }, 50, 50),
        ] {
            let kept = Kept::of(one, Some(&before), 50);
            assert_eq!((kept.since_ms, kept.ways_since[&ReportWay::Mail]), (since_ms, mail_ms), "{what}");
        }
        let more = Kept::of(ReportSchedule { ways: slack, ..schedule() }, Some(&before), 50);
        assert_eq!(more.ways_since[&ReportWay::Slack], 50, "the way that is new sends from now on");
        let off = Kept::of(ReportSchedule { on: false, ..schedule() }, Some(&before), 50);
        assert_eq!(Kept::of(schedule(), Some(&off), 90).since_ms, 90, "and on again");
    }
}
