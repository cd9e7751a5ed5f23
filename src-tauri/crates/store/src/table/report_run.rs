//! Reports made by schedule.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::Serialize;

/// One making of one scheduled report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportRun {
    /// The schedule.
    pub schedule: String,
    /// The moment it was due, ms UTC.
    pub due_ms: i64,
    /// When it was made, ms UTC.
    pub made_at_ms: i64,
    /// Where it was written.
    pub file: Option<String>,
    /// Why it was not.
    pub trouble: Option<String>,
}

impl Reader<'_> {
    /// The last time a schedule ran.
    pub fn last_report_run(&self, schedule: &str) -> Result<Option<ReportRun>, StoreError> {
        let tried = || format!("read when the report {schedule} was made");
        self.conn
            .prepare_cached(
                "SELECT due_ms, made_at_ms, file, trouble FROM report_run WHERE schedule = ?1 ORDER BY due_ms DESC LIMIT 1",
            )
            .tried(tried)?
            .query_row([schedule], |row| run(schedule, row))
            .optional()
            .tried(tried)
    }

    /// The last times a schedule ran, newest first.
    pub fn report_runs(&self, schedule: &str, limit: usize) -> Result<Vec<ReportRun>, StoreError> {
        let tried = || format!("list when the report {schedule} was made");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT due_ms, made_at_ms, file, trouble FROM report_run WHERE schedule = ?1 ORDER BY due_ms DESC LIMIT ?2",
            )
            .tried(tried)?;
        let rows = statement.query_map(params![schedule, limit as i64], |row| run(schedule, row)).tried(tried)?;
        rows.collect::<Result<_, _>>().tried(tried)
    }

    /// When the last making was due that did not fail, ms UTC.
    pub fn last_made_report(&self, schedule: &str) -> Result<Option<i64>, StoreError> {
        let tried = || format!("read when the report {schedule} was made last");
        self.conn
            .prepare_cached("SELECT max(due_ms) FROM report_run WHERE schedule = ?1 AND trouble IS NULL")
            .tried(tried)?
            .query_row([schedule], |row| row.get(0))
            .tried(tried)
    }

    /// The first making that failed since the last one that did not; `None` while all is well.
    pub fn report_trouble(&self, schedule: &str) -> Result<Option<ReportRun>, StoreError> {
        let tried = || format!("read whether the report {schedule} could be made");
        self.conn
            .prepare_cached(
                "SELECT due_ms, made_at_ms, file, trouble FROM report_run
                 WHERE schedule = ?1 AND trouble IS NOT NULL AND due_ms > ifnull(
                     (SELECT max(due_ms) FROM report_run WHERE schedule = ?1 AND trouble IS NULL), -1)
                 ORDER BY due_ms LIMIT 1",
            )
            .tried(tried)?
            .query_row([schedule], |row| run(schedule, row))
            .optional()
            .tried(tried)
    }
}

impl Reader<'_> {
    /// Whether any report was made after a moment, ms UTC.
    pub fn any_report_made_after(&self, at_ms: i64) -> Result<bool, StoreError> {
        const TRIED: &str = "look whether reports were made in the future";
        self.conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM report_run WHERE made_at_ms > ?1)")
            .tried(TRIED)?
            .query_row([at_ms], |row| row.get(0))
            .tried(TRIED)
    }
}

fn run(schedule: &str, row: &Row<'_>) -> rusqlite::Result<ReportRun> {
    Ok(ReportRun {
        schedule: schedule.to_owned(),
        due_ms: row.get("due_ms")?,
        made_at_ms: row.get("made_at_ms")?,
        file: row.get("file")?,
        trouble: row.get("trouble")?,
    })
}

impl Tx<'_> {
    /// Writes down that a schedule ran, or could not.
    pub fn put_report_run(&mut self, run: &ReportRun) -> Result<(), StoreError> {
        let tried = || format!("write down that the report {} was made", run.schedule);
        self.conn
            .prepare_cached(
                "INSERT INTO report_run (schedule, due_ms, made_at_ms, file, trouble) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (schedule, due_ms) DO UPDATE
                 SET made_at_ms = excluded.made_at_ms, file = excluded.file, trouble = excluded.trouble",
            )
            .tried(tried)?
            .execute(params![run.schedule, run.due_ms, run.made_at_ms, run.file, run.trouble])
            .tried(tried)?;
        self.touch(Topic::Settings);
        Ok(())
    }

    /// Forgets what was made after a moment: a clock that was ahead made it, perhaps before its day was over.
    pub fn forget_reports_made_after(&mut self, at_ms: i64) -> Result<(), StoreError> {
        const TRIED: &str = "forget which reports were made in the future";
        let gone = self
            .conn
            .prepare_cached("DELETE FROM report_run WHERE made_at_ms > ?1")
            .tried(TRIED)?
            .execute([at_ms])
            .tried(TRIED)?;
        if gone > 0 {
            self.touch(Topic::Settings);
        }
        Ok(())
    }
}
