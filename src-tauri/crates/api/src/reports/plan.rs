//! Reports that make themselves: every day, for the day before, into a folder and by the ways of [`super::deliver`].
//!
//! A computer that slept at the time makes them when it wakes, and one that slept for days makes each day's, as far as a
//! report is about a time: what is as it stands now stood on none of those days. What could not be written is tried again
//! every hour, the screen says why, and a notification says it once until it is over ([`crate::notices`]).

use super::{Report, ReportAsk, ReportForm, ReportKind, ahead, deliver, schedule};
use crate::desk::{Desk, Room, locked};
use crate::trouble::Answer;
use crate::view::{Trouble, TroubleCode};
use crate::zone;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_store::{Reader, ReportRun, StoreError, Tx};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

const KEY: &str = "reports.plan";
const SCHEDULE: &str = "daily";
/// What could not be written is tried again after this.
const AGAIN_MS: i64 = HOUR_MS;
/// Days that are made up for. Who was away for longer makes the others by hand.
const MISSED_MAX: usize = 14;

/// What is made by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReportPlan {
    /// It is made.
    pub on: bool,
    /// Into this folder; empty: only by the ways they are delivered by.
    pub folder: String,
    /// Minute of the day, in the desk's zone.
    pub minute: u32,
    /// Which.
    pub kinds: Vec<ReportKind>,
    /// As which files: into the folder, and with letters.
    #[serde(default = "usual_forms")]
    pub forms: Vec<ReportForm>,
    /// Since when, ms UTC: what was due before is not made up for. Set by the desk.
    #[serde(default)]
    pub since_ms: i64,
}

impl Default for ReportPlan {
    fn default() -> Self {
        Self {
            on: false,
            folder: String::new(),
            minute: 6 * 60,
            kinds: ReportKind::ALL.to_vec(),
            forms: usual_forms(),
            since_ms: 0,
        }
    }
}

/// Also of plans that were made before there was a choice.
fn usual_forms() -> Vec<ReportForm> {
    vec![ReportForm::Csv, ReportForm::Page]
}

/// The plan; off if there never was one.
pub(super) fn read(r: &Reader<'_>) -> Result<ReportPlan, StoreError> {
    Ok(r.setting(KEY)?.unwrap_or_default())
}

/// As it counts now where it was set by a clock that was ahead; `None`: it was not.
pub(super) fn brought_back(r: &Reader<'_>, now_ms: i64) -> Result<Option<ReportPlan>, StoreError> {
    let mut plan = read(r)?;
    Ok(ahead::bring_back(&mut plan.since_ms, now_ms).then_some(plan))
}

pub(super) fn put(tx: &mut Tx<'_>, plan: &ReportPlan) -> Result<(), StoreError> {
    tx.put_setting(KEY, plan)
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReportFile {
    /// Named by its day, report and table.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A report in these forms: the page of all of it, its table with the single orders or labels.
pub(super) fn files(report: &Report, day: &str, forms: &[ReportForm]) -> Answer<Vec<ReportFile>> {
    let about = report.kind.entry();
    let stem = format!("{day} {}", about.code);
    let table = |ending: &str| format!("{stem} {}.{ending}", about.detail);
    let file = |form: &ReportForm| {
        let (name, media) = match form {
            ReportForm::Page => (format!("{stem}.html"), "text/html; charset=utf-8"),
            ReportForm::Csv => (table("csv"), "text/csv; charset=utf-8"),
            ReportForm::Tabs => (table("tsv"), "text/tab-separated-values; charset=utf-8"),
            ReportForm::Parquet => (table("parquet"), "application/vnd.apache.parquet"),
        };
        Ok(ReportFile { name, media, bytes: report.bytes(*form, "")? })
    };
    forms.iter().map(file).collect()
}

/// The plan, and how it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct ReportPlanView {
    /// As it was set.
    pub plan: ReportPlan,
    /// When the next ones are due, ms UTC; `None` while it is off.
    pub next_ms: Option<i64>,
    /// When the last ones were made, or could not be, ms UTC.
    pub last_ms: Option<i64>,
    /// Where they were written to.
    pub last_folder: Option<String>,
    /// Why they could not be written.
    pub trouble: Option<String>,
    /// Which missed ones were made up for with them; may be empty.
    pub made_up: String,
}

impl Desk {
    /// What is made by itself, and how it goes.
    pub fn report_plan(&self) -> Answer<ReportPlanView> {
        let room = self.room()?;
        let ground = room.ground()?;
        let plan = room.store.read(read)?;
        let (last, made_up) = last_run(&room, SCHEDULE, ground.zone)?;
        Ok(ReportPlanView {
            made_up,
            next_ms: plan.on.then(|| next_due(plan.minute, ground.now_ms, ground.zone)),
            last_ms: last.as_ref().map(|run| run.made_at_ms),
            last_folder: last.as_ref().and_then(|run| run.file.clone()),
            trouble: last.and_then(|run| run.trouble),
            plan,
        })
    }

    /// Sets what is made by itself. A folder that cannot be written is refused now and not at six in the morning.
    pub fn put_report_plan(&self, plan: &ReportPlan) -> Answer<ReportPlanView> {
        let room = self.writable()?;
        let mut plan = ReportPlan { folder: plan.folder.trim().to_owned(), ..plan.clone() };
        plan.forms.sort_unstable();
        plan.forms.dedup();
        if plan.on {
            check(&plan)?;
            if plan.folder.is_empty() && !room.store.read(deliver::any_on)? {
                let why = "Choose the folder the reports are written to, or set up under Deliver where they are sent.";
                return Err(Trouble::field("folder", why));
            }
        }
        let before: Option<ReportPlan> = room.store.read(|r| r.setting(KEY))?;
        let goes_on = before.filter(|before| before.on && plan.on);
        plan.since_ms = goes_on.map_or(room.now_ms(), |before| before.since_ms);
        room.store.write(|tx| tx.put_setting(KEY, &plan))?;
        self.report_plan()
    }

    /// Makes what is due. The desk's own clock calls it; `None`: nothing is.
    pub fn make_due_reports(&self) -> Answer<Option<ReportRun>> {
        let room = self.writable()?;
        ahead::clock_came_back(&room)?;
        let plan = room.store.read(read)?;
        if !plan.on || plan.folder.is_empty() {
            return Ok(None);
        }
        let ground = room.ground()?;
        let day = |at_ms: i64| zone::local(at_ms, ground.zone).date_naive();
        let dues = last_dues(plan.minute, ground.now_ms, ground.zone);
        let due = Due { name: SCHEDULE, dues: &dues, since_ms: plan.since_ms, now_ms: ground.now_ms };
        make_due(&room, &due, |missed| {
            let days: Vec<NaiveDate> = missed.iter().map(|at_ms| day(*at_ms) - Days::new(1)).collect();
            self.write_all(&plan, &days, day(ground.now_ms))
        })
    }

    /// Each report in each form about each of these days, oldest first, named by the day it is about.
    fn write_all(&self, plan: &ReportPlan, days: &[NaiveDate], today: NaiveDate) -> Answer<PathBuf> {
        let folder = PathBuf::from(&plan.folder);
        check(plan)?;
        for day in days {
            for kind in ReportKind::ALL.into_iter().filter(|kind| plan.kinds.contains(kind)) {
                let about = kind.entry();
                if !about.timed && Some(day) != days.last() {
                    continue;
                }
                let report = self.report(&ReportAsk::days(kind, day.to_string(), day.to_string()))?;
                // What is as it stands now is of the day it was made, also when that is a late one.
                let named = if about.timed { *day } else { today };
                for file in files(&report, &named.to_string(), &plan.forms)? {
                    crate::files::write(&folder.join(file.name), &file.bytes)?;
                }
            }
        }
        Ok(folder)
    }
}

/// Said of reports whose making ended in a fault of the program.
pub(super) const FELL_OVER: &str = "Making them fell over, which is a fault of Quayside: the check-up under Settings has the details. It is tried again every hour.";

/// What makes itself, and when.
pub(super) struct Due<'a> {
    /// The name of its runs.
    pub name: &'a str,
    /// The last moments it was due, ms UTC, oldest first: as many as are made up for.
    pub dues: &'a [i64],
    /// Since when, ms UTC: what was due before is not made up for.
    pub since_ms: i64,
    pub now_ms: i64,
}

/// Makes what is due, and writes down that it was. `make` gets the moments, oldest first: those that were missed, and last
/// the one that is due now.
pub(super) fn make_due(
    room: &Room,
    due: &Due<'_>,
    make: impl FnOnce(&[i64]) -> Answer<PathBuf>,
) -> Answer<Option<ReportRun>> {
    let Some(due_ms) = due.dues.last().copied() else { return Ok(None) };
    let Runs { last, made_ms, unwritten } = runs(room, due.name)?;
    let last = last.filter(|run| run.due_ms >= due_ms);
    let is_due = match &last {
        None => due_ms > due.since_ms,
        Some(run) => run.trouble.is_some() && due.now_ms - run.made_at_ms >= AGAIN_MS,
    };
    if !is_due {
        // The disk was full when they were made, perhaps. They are not made again for that.
        if let Some(run) = unwritten {
            room.store.write(|tx| tx.put_report_run(&run))?;
        }
        return Ok(None);
    }
    // What failed at a later time of the wall than the one that is set now is over with this: else it would go on for ever.
    let noted_ms = last.map_or(due_ms, |run| run.due_ms);
    let run = |made: Result<PathBuf, String>| {
        let (file, trouble) = match made {
            Ok(folder) => (Some(folder.display().to_string()), None),
            Err(why) => (None, Some(why)),
        };
        ReportRun { schedule: due.name.to_owned(), due_ms: noted_ms, made_at_ms: due.now_ms, file, trouble }
    };
    // Stays where making them falls over.
    locked(&room.report_runs).insert(due.name.to_owned(), run(Err(FELL_OVER.to_owned())));
    let since_ms = made_ms.map_or(due.since_ms, |made_ms| due.since_ms.max(made_ms));
    // The last one is due, whatever the clock said when the plan was set.
    let missed: Vec<i64> = due.dues.iter().copied().filter(|at_ms| *at_ms > since_ms || *at_ms == due_ms).collect();
    let run = run(make(&missed).map_err(|trouble| trouble.sentence));
    locked(&room.report_runs).insert(due.name.to_owned(), run.clone());
    room.store.write(|tx| {
        // Those that were made up for are told as such.
        for at_ms in missed.iter().filter(|at_ms| run.trouble.is_none() && **at_ms != due_ms) {
            tx.put_report_run(&ReportRun { due_ms: *at_ms, ..run.clone() })?;
        }
        tx.put_report_run(&run)
    })?;
    Ok(Some(run))
}

/// The last time something was made, and in words what was made up for with it.
pub(super) fn last_run(room: &Room, name: &str, zone: Tz) -> Answer<(Option<ReportRun>, String)> {
    let Some(run) = runs(room, name)?.last else { return Ok((None, String::new())) };
    if run.trouble.is_some() {
        return Ok((Some(run), String::new()));
    }
    let stored = room.store.read(|r| r.report_runs(name, MISSED_MAX))?;
    let with_it = stored.iter().filter(|one| one.made_at_ms == run.made_at_ms && one.due_ms < run.due_ms);
    let mut days: Vec<String> = with_it.map(|one| zone::day_name(one.due_ms, zone)).collect();
    days.sort_unstable();
    Ok((Some(run), made_up(&days)))
}

/// Said of those that were due on these days and could not be made then.
pub(super) fn made_up(days: &[String]) -> String {
    match days {
        [] => String::new(),
        [day] => format!("It also made up for the one that was due on {day}."),
        [first, .., last] => format!("It also made up for {} that were due from {first} to {last}.", days.len()),
    }
}

/// How often they were made, as far as anybody has to know.
struct Runs {
    /// The last time, written down or not.
    last: Option<ReportRun>,
    /// When the last one was due that went well, ms UTC.
    made_ms: Option<i64>,
    /// That one, if it is not in the store yet.
    unwritten: Option<ReportRun>,
}

fn runs(room: &Room, name: &str) -> Answer<Runs> {
    let (stored, well_ms) = room.store.read(|r| Ok((r.last_report_run(name)?, r.last_made_report(name)?)))?;
    let when = |run: &ReportRun| (run.due_ms, run.made_at_ms);
    let kept = locked(&room.report_runs).get(name).cloned();
    let unwritten = kept.filter(|run| stored.as_ref().map(when) < Some(when(run)));
    let went_well = unwritten.as_ref().filter(|run| run.trouble.is_none()).map(|run| run.due_ms);
    Ok(Runs { last: unwritten.clone().or(stored), made_ms: well_ms.max(went_well), unwritten })
}

/// Since when something cannot be made, of the plan and the schedules that are on: the moment the first of it was due, ms UTC.
pub(crate) fn failing_since(r: &Reader<'_>) -> Result<Option<i64>, StoreError> {
    let plan = read(r)?;
    let daily = if plan.on && !plan.folder.is_empty() { r.report_trouble(SCHEDULE)? } else { None };
    let scheduled = schedule::failing_since(r)?;
    Ok([daily.map(|run| run.due_ms), scheduled].into_iter().flatten().min())
}

/// What came of a look for what is due.
pub(crate) enum Look {
    /// Nothing was due.
    Nothing,
    /// It was done, as far as the trouble let it.
    Done {
        /// What stood in the way.
        trouble: Option<String>,
    },
}

/// What came of schedules, for the log.
pub(crate) fn told(runs: &[ReportRun]) -> Look {
    if runs.is_empty() {
        return Look::Nothing;
    }
    let why: Vec<&str> = runs.iter().filter_map(|run| run.trouble.as_deref()).collect();
    Look::Done { trouble: Some(why.join(" ")).filter(|why| !why.is_empty()) }
}

/// What the thread for reports has to say of its looks: each thing once until it changes.
#[derive(Default)]
pub(crate) struct Teller {
    /// Why it could not even look.
    look: Option<String>,
    /// Why the last reports could not be made.
    run: Option<String>,
}

impl Teller {
    /// Looks once, whatever happens in it, and says what is news.
    pub fn look(&mut self, make: impl FnOnce() -> Answer<Option<ReportRun>>) -> Option<String> {
        self.look_at(|| Ok(make()?.map_or(Look::Nothing, |run| Look::Done { trouble: run.trouble })))
    }

    /// The same where something else than files is made.
    pub fn look_at(&mut self, make: impl FnOnce() -> Answer<Look>) -> Option<String> {
        let looked = match catch_unwind(AssertUnwindSafe(make)) {
            Ok(Ok(run)) => Ok(run),
            // A desk that is closed just now, or only looks on, is asked again later.
            Ok(Err(Trouble { code: TroubleCode::Opening | TroubleCode::HeldElsewhere, .. })) => return None,
            Ok(Err(trouble)) => Err(trouble.sentence),
            Err(_) => Err(FELL_OVER.to_owned()),
        };
        match looked {
            Err(why) => news(&mut self.look, Some(why)),
            Ok(Look::Nothing) => {
                self.look = None;
                None
            }
            Ok(Look::Done { trouble }) => {
                self.look = None;
                news(&mut self.run, trouble)
            }
        }
    }
}

fn news(said: &mut Option<String>, now: Option<String>) -> Option<String> {
    if *said == now {
        return None;
    }
    said.clone_from(&now);
    now
}

fn check(plan: &ReportPlan) -> Answer<()> {
    if plan.minute >= 24 * 60 {
        return Err(Trouble::field("minute", "A day has 24 hours. Choose a time between 00:00 and 23:59."));
    }
    if plan.kinds.is_empty() {
        return Err(Trouble::field("kinds", "Choose at least one report, or switch this off."));
    }
    if plan.forms.is_empty() || plan.forms.contains(&ReportForm::Tabs) {
        return Err(Trouble::field("forms", "Choose at least one of page, CSV and Parquet."));
    }
    if plan.folder.is_empty() { Ok(()) } else { check_folder(&plan.folder) }
}

/// Whether files can be written there, now.
pub(super) fn check_folder(path: &str) -> Answer<()> {
    let folder = Path::new(path);
    if !folder.is_absolute() {
        return Err(Trouble::field("folder", format!("\"{path}\" is no whole path. Choose the folder.")));
    }
    if !folder.is_dir() {
        return Err(Trouble::field(
            "folder",
            format!("There is no folder {path}. Make it, or choose another; a disk or share may not be connected."),
        ));
    }
    let probe = folder.join(".quayside-may-write");
    crate::files::write(&probe, b"").map_err(|trouble| Trouble::field("folder", trouble.sentence))?;
    // It was only to be tried.
    let _ = std::fs::remove_file(&probe);
    Ok(())
}

/// The last moment reports were due, ms UTC.
pub(super) fn last_due(minute: u32, now_ms: i64, zone: Tz) -> i64 {
    let today = zone::local(now_ms, zone).date_naive();
    let due_ms = zone::moment(today, minute, zone);
    if due_ms <= now_ms { due_ms } else { zone::moment(today - Days::new(1), minute, zone) }
}

/// The last moments reports were due, ms UTC, oldest first: no more than are made up for.
pub(super) fn last_dues(minute: u32, now_ms: i64, zone: Tz) -> Vec<i64> {
    let newest_ms = last_due(minute, now_ms, zone);
    let before = |at_ms: &i64| Some(last_due(minute, at_ms - 1, zone));
    let mut dues: Vec<i64> = std::iter::successors(Some(newest_ms), before).take(MISSED_MAX).collect();
    dues.reverse();
    dues
}

fn next_due(minute: u32, now_ms: i64, zone: Tz) -> i64 {
    let day = zone::local(last_due(minute, now_ms, zone) + MINUTE_MS, zone).date_naive();
    zone::moment(day + Days::new(1), minute, zone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn due_is_the_time_of_the_wall_on_days_of_changing_clocks_too() {
        let zone = chrono_tz::Europe::Berlin;
        // Sunday 25 October 2026: clocks go back at three.
        for (now, last, next) in [
            ("2026-10-24T05:59:00+02:00", "2026-10-23T06:00:00+02:00", "2026-10-24T06:00:00+02:00"),
            ("2026-10-24T06:00:00+02:00", "2026-10-24T06:00:00+02:00", "2026-10-25T06:00:00+01:00"),
            ("2026-10-25T05:59:00+01:00", "2026-10-24T06:00:00+02:00", "2026-10-25T06:00:00+01:00"),
            ("2026-10-25T23:00:00+01:00", "2026-10-25T06:00:00+01:00", "2026-10-26T06:00:00+01:00"),
        ] {
            let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).map_or(0, |at| at.timestamp_millis());
            assert_eq!((last_due(360, ms(now), zone), next_due(360, ms(now), zone)), (ms(last), ms(next)), "{now}");
        }
    }

    #[test]
    fn the_last_times_are_one_a_day_also_over_changing_clocks() {
        let zone = chrono_tz::Europe::Berlin;
        let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).map_or(0, |at| at.timestamp_millis());
        for (now, minute, oldest, newest) in [
            ("2026-11-23T09:00:00+01:00", 360, "2026-11-10T06:00:00+01:00", "2026-11-23T06:00:00+01:00"),
            // Clocks went back on 25 October, and forward on 29 March.
            ("2026-10-30T09:00:00+01:00", 360, "2026-10-17T06:00:00+02:00", "2026-10-30T06:00:00+01:00"),
            ("2026-03-30T09:00:00+02:00", 1_200, "2026-03-16T20:00:00+01:00", "2026-03-29T20:00:00+02:00"),
        ] {
            let dues = last_dues(minute, ms(now), zone);
            assert_eq!((dues.len(), dues[0], dues[MISSED_MAX - 1]), (MISSED_MAX, ms(oldest), ms(newest)), "{now}");
            let days: Vec<_> = dues.iter().map(|at_ms| zone::local(*at_ms, zone).date_naive()).collect();
            assert!(days.windows(2).all(|two| two[0] + Days::new(1) == two[1]), "{days:?}");
        }
    }

    #[test]
    fn a_trouble_is_said_once_and_a_panic_is_one() {
        let run = |trouble: Option<&str>| ReportRun {
            schedule: SCHEDULE.into(),
            due_ms: 1,
            made_at_ms: 2,
            file: trouble.is_none().then(|| "/reports".into()),
            trouble: trouble.map(str::to_owned),
        };
        let gone = || Ok(Some(run(Some("There is no folder."))));
        let full = || Err(Trouble::storage("The disk is full.".to_owned()));
        let mut teller = Teller::default();
        let mut said = Vec::new();
        said.push(teller.look(|| Err(Trouble::opening())));
        said.push(teller.look(gone));
        said.push(teller.look(|| Ok(None)));
        said.push(teller.look(gone));
        said.push(teller.look(full));
        said.push(teller.look(full));
        said.push(teller.look(|| Ok(Some(run(None)))));
        said.push(teller.look(full));
        said.push(teller.look(gone));
        said.push(teller.look(|| panic!("on purpose")));
        said.push(teller.look(|| panic!("on purpose")));
        let said: Vec<_> = said.iter().map(|said| said.as_deref().unwrap_or("")).collect();
        let (gone, full) = ("There is no folder.", "The disk is full.");
        assert_eq!(said, ["", gone, "", "", full, "", "", full, gone, FELL_OVER, ""]);
    }
}
