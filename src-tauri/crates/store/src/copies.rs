//! Older copies of the database beside it: made before a migration, by a restore, or when a damaged file was moved aside.
//!
//! They hold what the live file held then, buyers included, under the same key. Nothing in the live file's own rules
//! reaches them, so they end by age: whoever opens the profile asks for that (`forget_copies`).

use crate::error::OpenError;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What the copies' names go on with behind the database's own.
const KINDS: [&str; 3] = [".schema-", ".before-restore", ".damaged-"];

/// One copy, with its log and its other companions counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldCopy {
    /// The file.
    pub path: PathBuf,
    /// Last written.
    pub written: SystemTime,
    /// Size, bytes.
    pub bytes: u64,
}

/// Copies beside the database `file`, oldest first. A folder that cannot be read has none to tell of.
pub fn old_copies(file: &Path) -> Vec<OldCopy> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut copies: Vec<OldCopy> = entries
        .filter(|entry| {
            let entry = entry.file_name();
            let rest = entry.to_str().and_then(|entry| entry.strip_prefix(name));
            rest.is_some_and(|rest| KINDS.iter().any(|kind| rest.starts_with(kind)))
        })
        .filter_map(|entry| {
            let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some(OldCopy { path: entry.path(), written: meta.modified().ok()?, bytes: meta.len() })
        })
        .collect();
    copies.sort_by(|a, b| (a.written, &a.path).cmp(&(b.written, &b.path)));
    copies
}

/// Deletes copies last written longer ago than `age` before `now`. Returns how many files.
pub fn forget_copies(file: &Path, age: Duration, now: SystemTime) -> Result<usize, OpenError> {
    let mut gone = 0;
    for copy in old_copies(file) {
        // A copy from the future (the clock was set back) is not old.
        if now.duration_since(copy.written).is_ok_and(|old| old >= age) {
            std::fs::remove_file(&copy.path).map_err(|error| OpenError::Io {
                path: copy.path.clone(),
                tried: "Deleting an old copy of the database",
                detail: error.to_string(),
            })?;
            gone += 1;
        }
    }
    Ok(gone)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_copies_end_and_only_by_age() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("quayside.db");
        let now = SystemTime::now();
        let days = |n: u64| Duration::from_secs(n * 86_400);
        for (name, age) in [
            ("quayside.db", 90),
            ("quayside.db-wal", 90),
            ("quayside.db.keycheck", 90),
            ("quayside.db.schema-3", 40),
            ("quayside.db.schema-12", 10),
            ("quayside.db.before-restore", 31),
            ("quayside.db.before-restore-wal", 31),
            ("quayside.db.damaged-20261001-090000", 30),
            ("mine.quayside-backup", 90),
            ("other.db.schema-3", 90),
        ] {
            let opened = std::fs::File::create(folder.path().join(name)).unwrap();
            opened.set_modified(now - days(age)).unwrap();
        }
        assert_eq!(old_copies(&file).len(), 5);
        assert_eq!(forget_copies(&file, days(30), now).unwrap(), 4);
        let mut left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(
            left,
            [
                "mine.quayside-backup",
                "other.db.schema-3",
                "quayside.db",
                "quayside.db-wal",
                "quayside.db.keycheck",
                "quayside.db.schema-12"
            ]
        );
        assert_eq!(forget_copies(&file, days(0), now - days(20)).unwrap(), 0);
    }
}
