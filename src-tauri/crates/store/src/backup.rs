//! Backup and restore: SQLite's online backup, page by page, from one encrypted
//! file into another with its own key. The window stays usable meanwhile: a backup
//! reads one snapshot, and writers go on.
//!
//! A backup is one file that opens with its pass phrase on any computer. It is
//! written beside its name and moved there only after it was opened and checked.

use crate::error::OpenError;
use crate::key::StoreKey;
use crate::lock::ProfileLock;
use crate::open::{beside, check, connect_sealed, folder_of, make_private, sick, unlocked, write_key_check};
use crate::schema::{self, SCHEMA};
use crate::seal::{Seal, sealed};
use crate::store::Store;
use quayside_model::{ExposeSecret as _, SecretString};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode};
use std::fs::File;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Characters a pass phrase needs.
const PASS_PHRASE_LEAST: usize = 8;
/// Pages copied between two calls of the progress function: 4 MB, a few milliseconds.
const PAGES_PER_STEP: i32 = 1024;

/// How far a backup or a restore got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages copied.
    pub done: u64,
    /// Pages in all.
    pub all: u64,
}

/// A finished backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// Its size, bytes.
    pub bytes: u64,
    /// Orders in it.
    pub orders: u64,
}

/// A finished restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// Where the database that was there before lies now, if there was one.
    pub before: Option<PathBuf>,
    /// Orders in the restored database.
    pub orders: u64,
}

impl Store {
    /// Writes the whole database into a new file that opens with `pass_phrase`, and opens
    /// it to make sure. Nothing is overwritten.
    pub fn backup(
        &self,
        path: &Path,
        pass_phrase: &SecretString,
        mut progress: impl FnMut(Progress),
    ) -> Result<BackupReport, OpenError> {
        if pass_phrase.expose_secret().chars().count() < PASS_PHRASE_LEAST {
            return Err(OpenError::PassPhraseShort { least: PASS_PHRASE_LEAST });
        }
        if path.exists() {
            return Err(OpenError::Exists { path: path.to_owned() });
        }
        let Some(source) = self.lend() else { return Err(OpenError::InMemory) };
        let part = Part::new(beside(path, ".part"))?;
        let seal = Seal::of(&source.conn).map_err(|error| sick(path, &error))?;
        let mut target = open_with(&part.path, &Lock::PassPhrase(pass_phrase), Some(seal))?;
        copy(&part.path, &source.conn, &mut target, &mut progress)?;
        drop(source);
        finish_copy(&part.path, target)?;

        let orders = verify(&part.path, &Lock::PassPhrase(pass_phrase))?;
        let bytes = std::fs::metadata(&part.path).map_or(0, |meta| meta.len());
        part.become_file(path)?;
        Ok(BackupReport { bytes, orders })
    }
}

/// Puts a backup in the place of the database `target`, under `new_key`. What was there is
/// kept beside it as `.before-restore`. The profile must not be open anywhere.
///
/// Effects that were waiting when the backup was made may have been sent since: they come
/// back as unknown, so that the platform is asked before anything is sent again.
/// `now_ms` is the time of the restore.
pub fn restore(
    backup: &Path,
    pass_phrase: &SecretString,
    target: &Path,
    new_key: &StoreKey,
    now_ms: i64,
    mut progress: impl FnMut(Progress),
) -> Result<RestoreReport, OpenError> {
    if !backup.is_file() {
        return Err(OpenError::NoBackup { path: backup.to_owned() });
    }
    let mut lock = ProfileLock::take(&folder_of(target))?;
    let source = open_with(backup, &Lock::PassPhrase(pass_phrase), None)?;
    readable(backup, &source).map_err(|error| match error {
        OpenError::WrongKey { path, .. } => OpenError::WrongPassPhrase { path },
        other => other,
    })?;
    let found = schema::version(&source).map_err(|error| sick(backup, &error))?;
    if found > SCHEMA {
        return Err(OpenError::Newer { path: backup.to_owned(), found, known: SCHEMA });
    }
    if found < 1 {
        return Err(OpenError::Damaged { path: backup.to_owned(), detail: "it is not a backup of Quayside".into() });
    }
    check(backup, &source, true)?;

    let part = Part::new(beside(target, ".restoring"))?;
    let seal = Seal::of(&source).map_err(|error| sick(backup, &error))?;
    let mut copy_of = open_with(&part.path, &Lock::Key(new_key), Some(seal))?;
    copy(&part.path, &source, &mut copy_of, &mut progress)?;
    drop(source);
    copy_of
        .execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [RESTORED_AT, &now_ms.to_string()],
        )
        .map_err(|error| sick(&part.path, &error))?;
    finish_copy(&part.path, copy_of)?;
    let orders = verify(&part.path, &Lock::Key(new_key))?;
    part.become_file(&restored_path(target))?;
    write_key_check(&restored_path(target), new_key)?;
    let before = put_in_place(target)?;
    lock.checked = true;
    Ok(RestoreReport { before, orders })
}

/// Note of the store: it was restored, and its waiting effects are not yet in doubt.
pub(crate) const RESTORED_AT: &str = "restored_at_ms";

fn restored_path(target: &Path) -> PathBuf {
    beside(target, ".restored")
}

/// Moves a finished restore into place. Idempotent, so that a crash between two renames
/// is mended by the next start ([`resume_restore`]).
fn put_in_place(target: &Path) -> Result<Option<PathBuf>, OpenError> {
    let moved = |tried: &'static str| {
        move |error: std::io::Error| OpenError::Io { path: target.to_owned(), tried, detail: error.to_string() }
    };
    let kept = beside(target, ".before-restore");
    let mut before = None;
    if target.exists() {
        if kept.exists() {
            let older = free_name(&kept);
            for suffix in ["-wal", ""] {
                if beside(&kept, suffix).exists() {
                    std::fs::rename(beside(&kept, suffix), beside(&older, suffix))
                        .map_err(moved("Keeping an older database"))?;
                }
            }
        }
        std::fs::rename(target, &kept).map_err(moved("Keeping the database that was there"))?;
        before = Some(kept.clone());
    }
    // A log without its database would be played into the wrong one.
    if beside(target, "-wal").exists() {
        std::fs::rename(beside(target, "-wal"), beside(&kept, "-wal")).map_err(moved("Keeping the old log"))?;
    }
    let _ = std::fs::remove_file(beside(target, "-shm"));
    let restored = restored_path(target);
    std::fs::rename(&restored, target).map_err(moved("Putting the restored database in place"))?;
    let _ = std::fs::rename(beside(&restored, ".keycheck"), beside(target, ".keycheck"));
    sync_folder(target);
    Ok(before)
}

/// At opening: a restore that was interrupted between its renames is finished.
pub(crate) fn resume_restore(target: &Path) -> Result<(), OpenError> {
    if !target.exists() && restored_path(target).exists() {
        put_in_place(target)?;
    }
    Ok(())
}

/// Before the schema moves on: the file as it was, under the same key, beside itself.
pub(crate) fn before_migration(file: &Path, conn: &Connection, key: &StoreKey, found: i64) -> Result<(), OpenError> {
    let kept = beside(file, &format!(".schema-{found}"));
    let part = Part::new(beside(&kept, ".part"))?;
    let seal = Seal::of(conn).map_err(|error| sick(file, &error))?;
    let mut target = open_with(&part.path, &Lock::Key(key), Some(seal))?;
    copy(&part.path, conn, &mut target, &mut |_| {})?;
    finish_copy(&part.path, target)?;
    verify(&part.path, &Lock::Key(key))?;
    part.become_file(&kept)
}

/// What opens a file.
enum Lock<'a> {
    Key(&'a StoreKey),
    PassPhrase(&'a SecretString),
}

/// `seal`: of a file to be made; `None`: of the file as it is.
fn open_with(path: &Path, lock: &Lock<'_>, seal: Option<Seal>) -> Result<Connection, OpenError> {
    match lock {
        Lock::Key(key) => connect_sealed(path, key, seal),
        Lock::PassPhrase(pass_phrase) => {
            let quoted = Zeroizing::new(format!("'{}'", pass_phrase.expose_secret().replace('\'', "''")));
            sealed(path, seal, || unlocked(path, &quoted))
        }
    }
}

/// Reads page one: the moment a wrong key shows.
fn readable(path: &Path, conn: &Connection) -> Result<(), OpenError> {
    match conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::NotADatabase => {
            Err(OpenError::WrongKey { path: path.to_owned(), certain: false })
        }
        Err(error) => Err(sick(path, &error)),
    }
}

fn copy(
    path: &Path,
    source: &Connection,
    target: &mut Connection,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| match sick(path, &error) {
        OpenError::DiskFull { path, .. } => OpenError::DiskFull { path, tried: "written" },
        other => other,
    };
    // One snapshot for the whole copy: without it every commit would start it over.
    let snapshot = source.unchecked_transaction().map_err(failed)?;
    snapshot.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)).map_err(failed)?;
    let backup = Backup::new(&snapshot, target).map_err(failed)?;
    loop {
        let step = backup.step(PAGES_PER_STEP).map_err(failed)?;
        let at = backup.progress();
        let all = u64::from(at.pagecount.unsigned_abs());
        progress(Progress { done: all.saturating_sub(u64::from(at.remaining.unsigned_abs())), all });
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            // Somebody checkpoints: a moment later it goes on.
            _ => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
}

/// One file without a log beside it, on the disk for good.
fn finish_copy(path: &Path, conn: Connection) -> Result<(), OpenError> {
    conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
        .map_err(|error| sick(path, &error))?;
    conn.close().map_err(|(_, error)| sick(path, &error))?;
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| OpenError::Io {
        path: path.to_owned(),
        tried: "Writing it to the disk",
        detail: error.to_string(),
    })
}

/// Opens the copy as anybody would, checks it whole, and counts its orders.
fn verify(path: &Path, lock: &Lock<'_>) -> Result<u64, OpenError> {
    let conn = open_with(path, lock, None)?;
    readable(path, &conn)?;
    check(path, &conn, true)?;
    let orders: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'orders'", [], |row| row.get(0))
        .and_then(
            |tables: i64| {
                if tables == 0 { Ok(0) } else { conn.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)) }
            },
        )
        .map_err(|error| sick(path, &error))?;
    Ok(orders.unsigned_abs())
}

/// A file in the making: gone if it does not get finished.
struct Part {
    path: PathBuf,
    done: bool,
}

impl Part {
    fn new(path: PathBuf) -> Result<Self, OpenError> {
        // Left behind by a crash; never anything of value.
        let _ = std::fs::remove_file(&path);
        make_private(&path)?;
        Ok(Self { path, done: false })
    }

    fn become_file(mut self, path: &Path) -> Result<(), OpenError> {
        std::fs::rename(&self.path, path).map_err(|error| OpenError::Io {
            path: path.to_owned(),
            tried: "Moving it into place",
            detail: error.to_string(),
        })?;
        self.done = true;
        sync_folder(path);
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            for suffix in ["", "-journal", "-wal", "-shm"] {
                let _ = std::fs::remove_file(beside(&self.path, suffix));
            }
        }
    }
}

/// The name itself, or the first with a number behind it that is not taken.
fn free_name(name: &Path) -> PathBuf {
    let mut free = name.to_owned();
    let mut n = 1;
    while free.exists() {
        n += 1;
        free = beside(name, &format!("-{n}"));
    }
    free
}

/// Makes a rename last through a power cut, where the system can.
fn sync_folder(file: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder_of(file)) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// A damaged database that was moved out of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Where it lies now.
    pub moved_to: PathBuf,
}

impl std::fmt::Display for Salvaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "The damaged database was kept as {}. Quayside starts with an empty one and reads all orders again; \
             connect the accounts anew. Until everything is read, nothing is sent.",
            self.moved_to.display()
        )
    }
}

/// Moves a database that does not open aside, with everything that belongs to it, so that a
/// fresh one can be made. The caller decides, and tells the person. `now_ms` names the copy.
pub fn set_damaged_aside(file: &Path, now_ms: i64) -> Result<Salvaged, OpenError> {
    let mut lock = ProfileLock::take(&folder_of(file))?;
    let stamp = chrono::DateTime::from_timestamp_millis(now_ms)
        .map_or_else(|| now_ms.to_string(), |at| at.format("%Y%m%d-%H%M%S").to_string());
    let moved_to = free_name(&beside(file, &format!(".damaged-{stamp}")));
    for suffix in ["-wal", "-shm", ".keycheck", ""] {
        let from = beside(file, suffix);
        if from.exists() {
            std::fs::rename(&from, beside(&moved_to, suffix)).map_err(|error| OpenError::Io {
                path: from.clone(),
                tried: "Moving the damaged database aside",
                detail: error.to_string(),
            })?;
        }
    }
    lock.checked = true;
    Ok(Salvaged { moved_to })
}
