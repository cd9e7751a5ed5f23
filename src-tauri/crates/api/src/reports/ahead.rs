//! A computer's clock that was ahead and was set right. What was set and made by it lies in the future: reports would wait
//! until real time has caught up, and days that were not over yet would count as made. Looked at before each making.

use super::{deliver, plan, schedule};
use crate::desk::{Room, locked};
use crate::trouble::Answer;
use quayside_model::time::{MINUTE_MS, is_ahead};

/// Beginnings that lie in the future are now, and what was made then is forgotten.
pub(super) fn clock_came_back(room: &Room) -> Answer<()> {
    let now_ms = room.now_ms();
    let latest_ms = now_ms + MINUTE_MS;
    locked(&room.report_runs).retain(|_, run| !is_ahead(run.made_at_ms, now_ms));
    let is_any = room.store.read(|r| {
        Ok(plan::brought_back(r, now_ms)?.is_some()
            || schedule::brought_back(r, now_ms)?.is_some()
            || deliver::is_set_ahead(r, now_ms)?
            || r.any_report_made_after(latest_ms)?)
    })?;
    // Nearly always there is nothing: then no transaction is begun.
    if !is_any {
        return Ok(());
    }
    tracing::warn!(
        "the computer's clock was ahead and was set back; reports that were made by it are made again when they are due"
    );
    room.store.write(|tx| {
        if let Some(plan) = plan::brought_back(tx, now_ms)? {
            plan::put(tx, &plan)?;
        }
        if let Some(schedules) = schedule::brought_back(tx, now_ms)? {
            schedule::put(tx, &schedules)?;
        }
        deliver::bring_back(tx, now_ms)?;
        tx.forget_reports_made_after(latest_ms)
    })?;
    Ok(())
}

/// A beginning as it counts now; true if it lay in the future.
pub(super) fn bring_back(at_ms: &mut i64, now_ms: i64) -> bool {
    let was_ahead = is_ahead(*at_ms, now_ms);
    if was_ahead {
        *at_ms = now_ms;
    }
    was_ahead
}
