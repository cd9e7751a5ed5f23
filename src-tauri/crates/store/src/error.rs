//! Why the store did not do something, in sentences for the person at the desk.
//!
//! Two types, because two different people act on them: [`OpenError`] stops the
//! program at its door and offers a way out, [`StoreError`] stops one piece of
//! work. No path, SQL or row content goes beyond the fields named here; personal
//! data is in none of them.

use std::borrow::Cow;
use std::path::PathBuf;

/// The database file could not be opened, backed up or restored. Every sentence ends with what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key does not fit.
    #[error(
        "The database {} does not open with the key in this computer's keychain{}. \
         It probably belongs to another profile or another computer: restore a backup with its pass phrase, or put the right key back.",
        .path.display(),
        if *.certain { "" } else { " (if the key is right, the first page of the file is damaged)" }
    )]
    WrongKey {
        /// The file.
        path: PathBuf,
        /// We know it was made with another key; else damage is possible too.
        certain: bool,
    },
    /// The file is not what was written.
    #[error(
        "The database {} is damaged ({detail}). Nothing was changed. Restore a backup, \
         or start fresh in the window, which moves the damaged file aside: orders are read again from the accounts, history and choices are not.",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check found.
        detail: String,
    },
    /// Made by a newer version.
    #[error(
        "The database {} was made by a newer Quayside (schema {found}, this one knows {known}): update Quayside, or restore a backup made by this version.",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema this build knows.
        known: i64,
    },
    /// Another process works with it, and that is an older version: its tables are not the ones this build reads.
    #[error(
        "The database {} is of an older Quayside (schema {found}, this one reads {known}) that is working with it now. \
         Close the other Quayside, then try again: the database is backed up and brought up to date.",
        .path.display()
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The schema this build reads.
        known: i64,
    },
    /// Nothing can be written there.
    #[error("The folder {} is read-only: Quayside keeps its database there. Make it writable, or start with --profile and another folder.", .path.display())]
    FolderReadOnly {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is not there.
    #[error("The folder {} does not exist. Create it, or start with --profile and another folder.", .path.display())]
    FolderMissing {
        /// The folder.
        path: PathBuf,
    },
    /// No room.
    #[error("The disk is full: the database {} could not be {tried}. Free some space and start again; nothing was changed.", .path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What was tried.
        tried: &'static str,
    },
    /// Somebody else works with it.
    #[error(
        "Another Quayside already works with the profile {}{}. Use that window, or close it first.",
        .path.display(),
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Held {
        /// The folder.
        path: PathBuf,
        /// The process, if it left its number.
        pid: Option<u32>,
    },
    /// Another program holds a lock on the file.
    #[error(
        "Another program has locked the database {} (a backup or sync tool, or a database viewer). Close it there and try again; nothing was changed.",
        .path.display()
    )]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The pass phrase does not open the backup.
    #[error("The backup {} does not open with this pass phrase. Check it letter by letter; the backup is unchanged.", .path.display())]
    WrongPassPhrase {
        /// The backup.
        path: PathBuf,
    },
    /// Not enough of a pass phrase.
    #[error(
        "A backup holds every order and address, so its pass phrase needs at least {least} characters. Choose a longer one and write it down: nobody can open the backup without it."
    )]
    PassPhraseShort {
        /// Characters it needs.
        least: usize,
    },
    /// The backup is not there.
    #[error("There is no backup at {}. Check the name.", .path.display())]
    NoBackup {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A store in memory has no file.
    #[error("This store lives in memory only: there is no file to back up.")]
    InMemory,
    /// The way is taken.
    #[error("{} exists already, and nothing is overwritten here. Choose another name.", .path.display())]
    Exists {
        /// What is in the way.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{tried} did not work at {}: {detail}. Check the folder and its permissions, then try again.", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as a noun phrase.
        tried: &'static str,
        /// The system's words.
        detail: String,
    },
}

/// A piece of work failed. Whatever it was, its transaction left nothing behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error("The disk is full: could not {tried}. Nothing was changed; free some space and it goes on.")]
    DiskFull {
        /// What was tried.
        tried: Cow<'static, str>,
    },
    /// Somebody else holds the database.
    #[error("The database is busy: could not {tried}. Nothing was changed; try again in a moment.")]
    Busy {
        /// What was tried.
        tried: Cow<'static, str>,
    },
    /// Reading or writing the file failed.
    #[error(
        "The disk did not answer properly: could not {tried} ({detail}). Nothing was changed; check the disk and the folder's permissions."
    )]
    Io {
        /// What was tried.
        tried: Cow<'static, str>,
        /// The database's words.
        detail: String,
    },
    /// The file, or a value in it, is not what was written.
    #[error(
        "The database is damaged: could not {tried} ({detail}). Close Quayside, then restore a backup, or open the window again and start fresh there."
    )]
    Corrupt {
        /// What was tried.
        tried: Cow<'static, str>,
        /// The database's words.
        detail: String,
    },
    /// The database refuses what must never be written.
    #[error("Could not {tried}: the store refuses it ({detail}). Nothing was changed.")]
    Constraint {
        /// What was tried.
        tried: Cow<'static, str>,
        /// Which rule.
        detail: String,
    },
    /// The caller gave up its own transaction.
    #[error("{why}")]
    Abandoned {
        /// Why.
        why: String,
    },
    /// A fault of this program: a statement that does not fit the schema, a write inside a write.
    #[error("Could not {tried}: a fault in Quayside ({detail}). Nothing was changed; please report it.")]
    Fault {
        /// What was tried.
        tried: Cow<'static, str>,
        /// What is wrong.
        detail: String,
    },
}

impl StoreError {
    /// For callers that want their transaction rolled back.
    pub fn abandoned(why: impl Into<String>) -> Self {
        Self::Abandoned { why: why.into() }
    }

    /// A row that cannot be read as what it must be.
    pub(crate) fn unreadable(tried: impl Into<Cow<'static, str>>, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt { tried: tried.into(), detail: detail.to_string() }
    }

    /// The store refuses for a reason of its own.
    pub(crate) fn refused(tried: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self::Constraint { tried: tried.into(), detail: detail.into() }
    }

    /// Trying the same again later can help without a person mending anything in Quayside.
    pub fn passes(&self) -> bool {
        matches!(self, Self::DiskFull { .. } | Self::Busy { .. } | Self::Io { .. })
    }
}

/// What was tried, completing "could not …": a text, or a closure that makes one
/// only when it is needed.
pub(crate) trait What {
    fn say(self) -> Cow<'static, str>;
}

impl What for &'static str {
    fn say(self) -> Cow<'static, str> {
        self.into()
    }
}

impl<F: FnOnce() -> String> What for F {
    fn say(self) -> Cow<'static, str> {
        self().into()
    }
}

/// Says what was tried, once, where it was tried.
pub(crate) trait Tried<T> {
    fn tried(self, what: impl What) -> Result<T, StoreError>;
}

impl<T> Tried<T> for rusqlite::Result<T> {
    fn tried(self, what: impl What) -> Result<T, StoreError> {
        self.map_err(|error| classify(&error, what.say()))
    }
}

impl<T> Tried<T> for serde_json::Result<T> {
    fn tried(self, what: impl What) -> Result<T, StoreError> {
        self.map_err(|error| {
            // serde_json quotes the offending value in some messages; the place is enough.
            StoreError::unreadable(what.say(), format!("{:?} at column {}", error.classify(), error.column()))
        })
    }
}

impl<T> Tried<T> for std::io::Result<T> {
    fn tried(self, what: impl What) -> Result<T, StoreError> {
        self.map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                StoreError::DiskFull { tried: what.say() }
            }
            _ => StoreError::Io { tried: what.say(), detail: error.to_string() },
        })
    }
}

fn classify(error: &rusqlite::Error, tried: Cow<'static, str>) -> StoreError {
    use rusqlite::ErrorCode as Code;
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let detail = message.clone().unwrap_or_else(|| failure.to_string());
            match failure.code {
                Code::DiskFull => StoreError::DiskFull { tried },
                Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed => {
                    StoreError::Busy { tried }
                }
                Code::SystemIoFailure | Code::CannotOpen | Code::ReadOnly | Code::PermissionDenied => {
                    StoreError::Io { tried, detail }
                }
                // "Out of memory" is what SQLCipher says of a page whose seal is broken.
                Code::DatabaseCorrupt | Code::NotADatabase | Code::OutOfMemory => StoreError::Corrupt { tried, detail },
                Code::ConstraintViolation => StoreError::Constraint { tried, detail },
                _ => StoreError::Fault { tried, detail },
            }
        }
        rusqlite::Error::FromSqlConversionFailure(column, _, cause) => {
            StoreError::Corrupt { tried, detail: format!("column {column}: {cause}") }
        }
        rusqlite::Error::IntegralValueOutOfRange(column, _) => {
            StoreError::Corrupt { tried, detail: format!("column {column}: out of range") }
        }
        other => StoreError::Fault { tried, detail: other.to_string() },
    }
}
