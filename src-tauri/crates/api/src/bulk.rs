//! A long act tells how far it is, and can be stopped between two handfuls of rows.

use crate::desk::{DeskEvent, Room, locked};
use crate::view::{Progress, Verb};
use crate::words;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A long act that runs.
pub(crate) struct Bulk<'a> {
    room: &'a Room,
    job: String,
    doing: &'static str,
    of: usize,
    brake: Arc<AtomicBool>,
}

impl<'a> Bulk<'a> {
    /// Begins, and tells so.
    pub fn begin(room: &'a Room, verb: Verb, of: usize) -> Self {
        Self::saying(room, doing(verb), of)
    }

    /// The same for what is no verb: `doing` stands before the number of rows.
    pub fn saying(room: &'a Room, doing: &'static str, of: usize) -> Self {
        let job = format!("act-{}", uuid::Uuid::new_v4().simple());
        let brake = Arc::new(AtomicBool::new(false));
        locked(&room.bulks).insert(job.clone(), brake.clone());
        let bulk = Self { room, job, doing, of, brake };
        bulk.told(0);
        bulk
    }

    /// A person does not want it any more.
    pub fn is_stopped(&self) -> bool {
        self.brake.load(Ordering::Relaxed)
    }

    /// So many rows are through.
    pub fn told(&self, done: usize) {
        let sentence = format!("{} {}", self.doing, words::count(self.of as i64, "row", "rows"));
        self.say(sentence, done, None);
    }

    /// It is over, by itself or by the brake.
    pub fn end(&self, sentence: &str, done: usize) {
        let ended = if done < self.of { "cancelled" } else { "done" };
        self.say(sentence.to_owned(), done, Some(ended.to_owned()));
    }

    fn say(&self, sentence: String, done: usize, ended: Option<String>) {
        let progress = Progress { job: self.job.clone(), sentence, done: done as i64, of: Some(self.of as i64), ended };
        (self.room.listener)(DeskEvent::Progress(progress));
    }
}

impl Drop for Bulk<'_> {
    fn drop(&mut self) {
        locked(&self.room.bulks).remove(&self.job);
    }
}

/// Pulls the brake; false if no such act runs.
pub(crate) fn stop(room: &Room, job: &str) -> bool {
    locked(&room.bulks).get(job).is_some_and(|brake| {
        brake.store(true, Ordering::Relaxed);
        true
    })
}

fn doing(verb: Verb) -> &'static str {
    match verb {
        Verb::Sync => "Reading",
        Verb::Push => "Sending",
        Verb::Hold => "Holding",
        Verb::Release => "Releasing",
        Verb::Cancel => "Cancelling",
        Verb::Retry => "Retrying",
        Verb::Skip => "Giving up",
        Verb::Approve => "Approving",
        Verb::VoidLabel => "Voiding the labels of",
        Verb::BuyLabel => "Buying the labels of",
        Verb::ReturnLabel => "Making return labels for",
        Verb::Refund => "Giving back money of",
        Verb::ShipAnyway => "Shipping",
        Verb::LookNow => "Looking up",
        Verb::Resolve => "Settling",
        Verb::Snooze => "Putting away",
        Verb::Wake => "Bringing back",
        Verb::Assign => "Giving away",
        Verb::Edit => "Mending",
        Verb::Link => "Tying",
        Verb::Unlink => "Untying",
    }
}
