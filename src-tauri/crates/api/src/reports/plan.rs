//! Reports that make themselves: every day, for the day before, into a folder.
//!
//! A computer that slept at the time makes them once when it wakes, for the day they were due for. What could not be
//! written is tried again every hour, and the screen says why.

use super::{Cell, KINDS, Report, ReportAsk, ReportForm, ReportKind, csv, page, report_zone};
use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::zone;
use chrono::Days;
use chrono_tz::Tz;
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_store::ReportRun;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};

const KEY: &str = "reports.plan";
const SCHEDULE: &str = "daily";
/// What could not be written is tried again after this.
const AGAIN_MS: i64 = HOUR_MS;

/// What is made by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReportPlan {
    /// It is made.
    pub on: bool,
    /// Into this folder.
    pub folder: String,
    /// Minute of the day, in the desk's zone.
    pub minute: u32,
    /// Which.
    pub kinds: Vec<ReportKind>,
    /// Since when, ms UTC: what was due before is not made up for. Set by the desk.
    #[serde(default)]
    pub since_ms: i64,
}

impl Default for ReportPlan {
    fn default() -> Self {
        Self { on: false, folder: String::new(), minute: 6 * 60, kinds: ReportKind::all().collect(), since_ms: 0 }
    }
}

/// The plan, and how it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct ReportPlanView {
    /// As it was set.
    pub plan: ReportPlan,
    /// When the next ones are due, ms UTC; `None` while it is off.
    pub next_ms: Option<i64>,
    /// When the last ones were made, ms UTC.
    pub last_ms: Option<i64>,
    /// Where they are.
    pub last_folder: Option<String>,
    /// Why they could not be written.
    pub trouble: Option<String>,
}

impl Desk {
    /// What is made by itself, and how it goes.
    pub fn report_plan(&self) -> Answer<ReportPlanView> {
        let room = self.room()?;
        let ground = room.ground()?;
        let (plan, last) = room
            .store
            .read(|r| Ok((r.setting::<ReportPlan>(KEY)?.unwrap_or_default(), r.last_report_run(SCHEDULE)?)))?;
        Ok(ReportPlanView {
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
        if plan.on {
            check(&plan)?;
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
        let (Some(plan), last) =
            room.store.read(|r| Ok((r.setting::<ReportPlan>(KEY)?, r.last_report_run(SCHEDULE)?)))?
        else {
            return Ok(None);
        };
        let ground = room.ground()?;
        let due_ms = last_due(plan.minute, ground.now_ms, ground.zone);
        let tried = last.filter(|run| run.due_ms >= due_ms);
        let is_due = match &tried {
            None => due_ms > plan.since_ms,
            Some(run) => run.trouble.is_some() && ground.now_ms - run.made_at_ms >= AGAIN_MS,
        };
        if !plan.on || !is_due {
            return Ok(None);
        }
        let day = zone::local(due_ms, ground.zone).date_naive() - Days::new(1);
        let made = self.write_all(&plan, &day.to_string());
        let run = ReportRun {
            schedule: SCHEDULE.to_owned(),
            due_ms,
            made_at_ms: ground.now_ms,
            file: made.as_ref().ok().map(|folder| folder.display().to_string()),
            trouble: made.err().map(|trouble| trouble.sentence),
        };
        if let Some(why) = &run.trouble {
            tracing::warn!("the reports of {day} could not be written: {why}");
        }
        room.store.write(|tx| tx.put_report_run(&run))?;
        Ok(Some(run))
    }

    /// Each report as a page and its longest table as CSV, named by the day they are about.
    fn write_all(&self, plan: &ReportPlan, day: &str) -> Answer<PathBuf> {
        let folder = PathBuf::from(&plan.folder);
        check(plan)?;
        for kind in KINDS.iter().filter(|kind| plan.kinds.contains(&kind.of)) {
            let ask = ReportAsk { kind: kind.of, from_day: day.to_owned(), to_day: day.to_owned() };
            let report = self.report(&ask)?;
            for (form, name) in files(&report, day) {
                let text = match form {
                    ReportForm::Page => page::render(&report),
                    ReportForm::Csv => {
                        longest(&report).map(|table| csv::render(table, report_zone(&report))).unwrap_or_default()
                    }
                };
                crate::files::write(&folder.join(name), text.as_bytes())?;
            }
        }
        Ok(folder)
    }
}

fn files(report: &Report, day: &str) -> Vec<(ReportForm, String)> {
    let stem = format!("{day} {}", report.kind.code());
    let mut files = vec![(ReportForm::Page, format!("{stem}.html"))];
    if let Some(table) = longest(report) {
        files.push((ReportForm::Csv, format!("{stem} {}.csv", table.code)));
    }
    files
}

/// The table with the single orders or parcels: the one a spreadsheet is wanted for. By its columns, so that a day without
/// any has the same files.
fn longest(report: &Report) -> Option<&super::Table> {
    let orders = |table: &&super::Table| {
        table.columns.iter().any(|column| column.label == "Order")
            || table.rows.iter().flatten().any(|cell| matches!(cell, Cell::Order { .. }))
    };
    report.tables.iter().find(orders)
}

fn check(plan: &ReportPlan) -> Answer<()> {
    if plan.minute >= 24 * 60 {
        return Err(Trouble::field("minute", "A day has 24 hours. Choose a time between 00:00 and 23:59."));
    }
    if plan.kinds.is_empty() {
        return Err(Trouble::field("kinds", "Choose at least one report, or switch this off."));
    }
    let folder = Path::new(&plan.folder);
    if plan.folder.is_empty() {
        return Err(Trouble::field("folder", "Choose the folder the reports are written to."));
    }
    if !folder.is_absolute() {
        return Err(Trouble::field("folder", format!("\"{}\" is no whole path. Choose the folder.", plan.folder)));
    }
    if !folder.is_dir() {
        return Err(Trouble::field(
            "folder",
            format!(
                "There is no folder {}. Make it, or choose another; a disk or share may not be connected.",
                plan.folder
            ),
        ));
    }
    let probe = folder.join(".quayside-may-write");
    crate::files::write(&probe, b"").map_err(|trouble| Trouble::field("folder", trouble.sentence))?;
    // It was only to be tried.
    let _ = std::fs::remove_file(&probe);
    Ok(())
}

/// The last moment reports were due, ms UTC.
fn last_due(minute: u32, now_ms: i64, zone: Tz) -> i64 {
    let today = zone::local(now_ms, zone).date_naive();
    let due_ms = zone::moment(today, minute, zone);
    if due_ms <= now_ms { due_ms } else { zone::moment(today - Days::new(1), minute, zone) }
}

fn next_due(minute: u32, now_ms: i64, zone: Tz) -> i64 {
    let day = zone::local(last_due(minute, now_ms, zone) + MINUTE_MS, zone).date_naive();
    zone::moment(day + Days::new(1), minute, zone)
}

#[cfg(test)]
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
}
