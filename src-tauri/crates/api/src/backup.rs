//! Backup and restore, with progress. The pass phrase passes through and is kept nowhere.

use crate::desk::{Desk, DeskEvent, Listener, Role, database_key};
use crate::trouble::Answer;
use crate::view::{Progress, Trouble};
use quayside_model::SecretString;
use std::path::{Path, PathBuf};

/// Steps between two events: a screen needs no more.
const TELL_EVERY: u64 = 8;

impl Desk {
    /// Writes the whole desk into one encrypted file. Credentials are not in it.
    pub fn backup(&self, path: &Path, pass_phrase: &str) -> Answer<()> {
        let room = self.room()?;
        let job = "backup";
        // What the copy holds is sealed in it.
        crate::trail::seal_rest(&room)?;
        let mut telling = Telling::new(self.listener(), job, "Writing the backup");
        let outcome = room
            .store
            .backup(path, &SecretString::from(pass_phrase), |progress| telling.step(progress.done, progress.all));
        telling.end(outcome.is_ok());
        let report = outcome.map_err(Trouble::from)?;
        tracing::info!(bytes = report.bytes, "a backup was written");
        Ok(())
    }

    /// Puts a backup in place of this profile's database. Works on a desk that does not open, too.
    /// Gives where the database from before is kept.
    pub fn restore(&self, path: &Path, pass_phrase: &str) -> Answer<Option<PathBuf>> {
        if let Ok(room) = self.room()
            && room.setup.role == Role::Attach
        {
            self.writable()?;
        }
        // Looked at before the desk is closed: a mistyped name must not end anybody's work.
        if !path.is_file() {
            return Err(Trouble::field("path", format!("There is no backup {}. Check the name.", path.display())));
        }
        let mut telling = Telling::new(self.listener(), "restore", "Reading the backup");
        let pass_phrase = SecretString::from(pass_phrase);
        self.while_closed(|setup| {
            // A new profile has no key yet; a damaged one keeps its own.
            let key = match setup.keychain.database_key()? {
                Some(key) => key,
                None => crate::desk::new_database_key(setup)?,
            };
            let database = setup.profile.database();
            let now_ms = setup.clock.now_ms();
            let outcome = quayside_store::restore(path, &pass_phrase, &database, &key, now_ms, |progress| {
                telling.step(progress.done, progress.all);
            });
            telling.end(outcome.is_ok());
            let report = outcome.map_err(Trouble::from)?;
            tracing::info!(count = report.orders, "a backup was restored");
            Ok(report.before)
        })
    }

    /// The key exists or can be made: what a backup or a first start needs of the keychain.
    pub fn keychain_ready(&self) -> Answer<()> {
        database_key(&self.last_setup()?).map(drop)
    }
}

/// Tells progress as events, not more often than a screen can show.
struct Telling {
    listener: Listener,
    job: &'static str,
    words: &'static str,
    calls: u64,
    last: (u64, u64),
}

impl Telling {
    fn new(listener: Listener, job: &'static str, words: &'static str) -> Self {
        Self { listener, job, words, calls: 0, last: (0, 0) }
    }
    fn step(&mut self, done: u64, of: u64) {
        self.last = (done, of);
        if self.calls.is_multiple_of(TELL_EVERY) {
            self.tell(None);
        }
        self.calls += 1;
    }
    fn end(&self, worked: bool) {
        self.tell(Some(if worked { "done" } else { "failed" }));
    }
    fn tell(&self, ended: Option<&str>) {
        let (done, of) = self.last;
        (self.listener)(DeskEvent::Progress(Progress {
            job: self.job.to_owned(),
            sentence: self.words.to_owned(),
            done: done as i64,
            of: (of > 0).then_some(of as i64),
            ended: ended.map(str::to_owned),
        }));
    }
}
