//! "Sync now": everything, one account, or one order, with progress and a way out.

use crate::desk::{Desk, DeskEvent, Room, locked};
use crate::trouble::Answer;
use crate::view::{Progress, SyncScope, Trouble};
use quayside_engine::{SyncProgress, SyncTarget};
use std::sync::Arc;

impl Desk {
    /// Reads again, ahead of everything else. Gives the job's name; progress comes as events.
    pub fn sync_now(&self, scope: SyncScope) -> Answer<String> {
        let room = self.writable()?;
        let target = match scope {
            SyncScope::Everything => SyncTarget::Everything,
            SyncScope::Connection(id) => {
                let config = room.store.read(|r| r.connection(&id))?;
                let config = config.ok_or_else(|| {
                    Trouble::gone(format!("There is no connection \"{id}\" any more. Refresh the list."))
                })?;
                if config.paused {
                    return Err(Trouble::input(format!("{} is paused. Resume it first.", config.name)));
                }
                SyncTarget::Connection(id)
            }
            SyncScope::Order(id) => {
                room.store
                    .read(|r| r.story(id))?
                    .ok_or_else(|| Trouble::gone("There is no such order. Refresh the list."))?;
                SyncTarget::Order(id)
            }
        };
        start(&room, &target)
    }

    /// Stops a job at its next page, a long act after the rows it has in hand. What was done stays.
    pub fn cancel_job(&self, job: &str) -> Answer<()> {
        let room = self.room()?;
        if crate::bulk::stop(&room, job) {
            return Ok(());
        }
        match locked(&room.jobs).get(job) {
            Some(running) => {
                running.cancel();
                Ok(())
            }
            None => Err(Trouble::gone("This job has ended already.")),
        }
    }
}

/// Starts a job whose progress is told as events.
pub(crate) fn start(room: &Arc<Room>, target: &SyncTarget) -> Answer<String> {
    let engine = room.engine.as_ref().ok_or_else(|| {
        Trouble::input(
            "This desk only looks on: nothing is read here. Use the window or `sync`, which hold the profile and work.",
        )
    })?;
    let job = format!("sync-{}", uuid::Uuid::new_v4().simple());
    let (name, listener, keeper) = (job.clone(), room.listener.clone(), Arc::downgrade(room));
    let running = engine.sync(target, move |progress| {
        let progress = progress_of(&name, progress);
        let ended = progress.ended.is_some();
        listener(DeskEvent::Progress(progress));
        if ended && let Some(room) = keeper.upgrade() {
            locked(&room.jobs).remove(&name);
        }
    })?;
    // It may have ended while it was being started (nothing to read): then it needs no entry.
    if !running.has_ended() {
        locked(&room.jobs).insert(job.clone(), running);
    }
    Ok(job)
}

fn progress_of(job: &str, progress: SyncProgress) -> Progress {
    let ended = progress.ended.then_some({
        if progress.cancelled {
            "cancelled"
        } else if progress.problems.is_empty() {
            "done"
        } else {
            "failed"
        }
    });
    // A job that failed says why, not only that it ended.
    let sentence =
        if progress.ended && !progress.problems.is_empty() { progress.problems.join(" ") } else { progress.sentence };
    Progress {
        job: job.to_owned(),
        sentence,
        done: progress.done as i64,
        of: Some(progress.of as i64),
        ended: ended.map(str::to_owned),
    }
}
