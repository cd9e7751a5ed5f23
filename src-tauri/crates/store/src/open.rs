//! Opening: lock, key, version, integrity, migrations. Nothing is written before
//! we know that the file is ours, whole, and not newer than this build.

use crate::backup;
use crate::error::{OpenError, StoreError};
use crate::key::StoreKey;
use crate::lock::{ProfileLock, cannot_write, private};
use crate::pack::{KEPT, KEPT_TO_READ};
use crate::schema::{self, SCHEMA};
use crate::seal::{Seal, sealed};
use crate::store::{Handle, READERS, Store};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A file up to this size is checked thoroughly at every start (a third of a second); of a
/// larger one the checksums, when the last run did not end in order (2.5 s for 1 GB). Every page carries a
/// keyed checksum besides, so damage is noticed at the latest when it is read.
const CHECK_ALWAYS_BYTES: u64 = 32 << 20;
/// How long a connection waits for another one's lock (checkpoints, backups).
const BUSY: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database `file`, or makes it. `key` is used as it is.
    pub fn open(file: &Path, key: &StoreKey) -> Result<Self, OpenError> {
        let folder = folder_of(file);
        let mut lock = ProfileLock::take(&folder)?;
        backup::resume_restore(file)?;
        let fresh = make_private(file)?;
        let mut writer = connect(file, key)?;
        if !fresh {
            verify_key(file, key, &writer)?;
            let found = schema::version(&writer).map_err(|error| sick(file, &error))?;
            if found > SCHEMA {
                return Err(OpenError::Newer { path: file.to_owned(), found, known: SCHEMA });
            }
            let size = std::fs::metadata(file).map_or(0, |meta| meta.len());
            if lock.after_crash || size <= CHECK_ALWAYS_BYTES {
                // What a crash left in the log is newer than the pages it covers, which may be torn.
                writer
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
                    .map_err(|error| sick(file, &error))?;
                check(file, &writer, size <= CHECK_ALWAYS_BYTES)?;
            }
            if (1..SCHEMA).contains(&found) {
                backup::before_migration(file, &writer, key, found)?;
            }
        }
        prepare_writer(file, &writer)?;
        schema::migrate(&mut writer, SCHEMA).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => sick(file, &err),
            other => OpenError::Damaged { path: file.to_owned(), detail: other.to_string() },
        })?;
        write_key_check(file, key)?;
        let readers = (0..READERS).map(|_| reader(file, key)).collect::<Result<_, _>>()?;
        lock.checked = true;
        let store = Self::from_parts(handle(file, writer, KEPT)?, Some(readers), Some(file.to_owned()), Some(lock));
        store.write(|tx| tx.doubt_after_restore()).map_err(|error| match error {
            StoreError::Busy { .. } => OpenError::Busy { path: file.to_owned() },
            StoreError::DiskFull { .. } => OpenError::DiskFull { path: file.to_owned(), tried: "opened" },
            error => OpenError::Io {
                path: file.to_owned(),
                tried: "Putting restored effects in doubt",
                detail: error.to_string(),
            },
        })?;
        Ok(store)
    }

    /// Looks on while another process works with the profile: reads only, holds nothing.
    /// Every write is refused by the database itself.
    pub fn attach(file: &Path, key: &StoreKey) -> Result<Self, OpenError> {
        if !file.is_file() {
            return Err(OpenError::FolderMissing { path: file.to_owned() });
        }
        let eyes = reader(file, key)?;
        verify_key(file, key, &eyes.conn)?;
        let found = schema::version(&eyes.conn).map_err(|error| sick(file, &error))?;
        if found > SCHEMA {
            return Err(OpenError::Newer { path: file.to_owned(), found, known: SCHEMA });
        }
        if found < SCHEMA {
            return Err(OpenError::Older { path: file.to_owned(), found, known: SCHEMA });
        }
        let readers = vec![reader(file, key)?];
        Ok(Self::from_parts(eyes, Some(readers), Some(file.to_owned()), None))
    }

    /// A store that lives as long as its last clone: for tests and the simulator.
    /// Unencrypted; readers take turns with the writer.
    #[allow(clippy::expect_used)] // nothing outside this process is involved
    pub fn in_memory() -> Self {
        let mut conn = Connection::open_in_memory().expect("SQLite opens in memory");
        conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;").expect("SQLite takes its settings");
        schema::migrate(&mut conn, SCHEMA).expect("the schema fits");
        Self::from_parts(Handle::new(conn, KEPT).expect("zstd starts"), None, None, None)
    }
}

pub(crate) fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes the file readable by its owner alone before SQLite sees it: the WAL and the
/// shared memory inherit its mode. True if it was not there (or empty).
pub(crate) fn make_private(file: &Path) -> Result<bool, OpenError> {
    let opened = private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
        .open(file)
        .map_err(|error| cannot_write(&folder_of(file), "Creating the database", &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A restored or copied file may have come with a wider mode.
        let _ = opened.set_permissions(std::fs::Permissions::from_mode(0o600));
    }
    let size = opened.metadata().map_or(0, |meta| meta.len());
    Ok(size == 0)
}

/// SQLCipher writes to standard error when a key does not fit; our errors say it better.
pub(crate) const QUIET: &str = "PRAGMA cipher_log_level = NONE;";

/// An encrypted connection, not yet proven to fit its key.
pub(crate) fn connect(file: &Path, key: &StoreKey) -> Result<Connection, OpenError> {
    connect_sealed(file, key, None)
}

/// The same to a file whose checksums are known, or are to be like those of another.
pub(crate) fn connect_sealed(file: &Path, key: &StoreKey, seal: Option<Seal>) -> Result<Connection, OpenError> {
    sealed(file, seal, || {
        let conn = unlocked(file, &key.pragma())?;
        conn.busy_timeout(BUSY).map_err(|error| sick(file, &error))?;
        Ok(conn)
    })
}

/// A connection that was given its key, as a pragma takes it.
pub(crate) fn unlocked(file: &Path, key: &str) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| sick(file, &error))?;
    let pragma = zeroize::Zeroizing::new(format!("{QUIET} PRAGMA key = {key};"));
    conn.execute_batch(&pragma).map_err(|error| sick(file, &error))?;
    Ok(conn)
}

/// Commits reach the disk before they return: an effect must be stored before it is sent.
fn prepare_writer(file: &Path, conn: &Connection) -> Result<(), OpenError> {
    conn.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -24576;
         PRAGMA wal_autocheckpoint = 8000;
         PRAGMA journal_size_limit = 33554432;",
    )
    .map_err(|error| sick(file, &error))
}

fn reader(file: &Path, key: &StoreKey) -> Result<Handle, OpenError> {
    let conn = connect(file, key)?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;")
        .map_err(|error| sick(file, &error))?;
    handle(file, conn, KEPT_TO_READ)
}

fn handle(file: &Path, conn: Connection, kept: usize) -> Result<Handle, OpenError> {
    Handle::new(conn, kept).map_err(|error| OpenError::Io {
        path: file.to_owned(),
        tried: "Preparing compression",
        detail: error.to_string(),
    })
}

/// The whole file: keyed checksums of every page, and the structure if `thorough`
/// (two and a half times as long again).
pub(crate) fn check(file: &Path, conn: &Connection, thorough: bool) -> Result<(), OpenError> {
    let checks: &[&str] = if thorough {
        &["PRAGMA cipher_integrity_check", "PRAGMA quick_check(5)"]
    } else {
        &["PRAGMA cipher_integrity_check"]
    };
    for check in checks {
        let found = complaints(conn, check).map_err(|error| sick(file, &error))?;
        if let Some(first) = found.into_iter().next() {
            return Err(OpenError::Damaged { path: file.to_owned(), detail: first });
        }
    }
    Ok(())
}

/// What a check complains about; empty if all is well.
pub(crate) fn complaints(conn: &Connection, check: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare(check)?;
    let found = statement.query_map([], |row| row.get::<_, String>(0))?;
    found.filter(|line| !line.as_ref().is_ok_and(|line| line == "ok")).collect()
}

/// Reads page one: the moment a wrong key shows.
fn verify_key(file: &Path, key: &StoreKey, conn: &Connection) -> Result<(), OpenError> {
    match conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::NotADatabase => {
            let path = file.to_owned();
            if is_plain_sqlite(file) {
                return Err(OpenError::Damaged {
                    path,
                    detail: "it is not encrypted, so Quayside did not write it".into(),
                });
            }
            match std::fs::read_to_string(key_check_path(file)) {
                Ok(known) if known.trim() == key.check() => {
                    Err(OpenError::Damaged { path, detail: "its first page cannot be read".into() })
                }
                Ok(_) => Err(OpenError::WrongKey { path, certain: true }),
                Err(_) => Err(OpenError::WrongKey { path, certain: false }),
            }
        }
        Err(error) => Err(sick(file, &error)),
    }
}

fn is_plain_sqlite(file: &Path) -> bool {
    use std::io::Read as _;
    let mut head = [0; 16];
    std::fs::File::open(file).and_then(|mut f| f.read_exact(&mut head)).is_ok() && &head == b"SQLite format 3\0"
}

fn key_check_path(file: &Path) -> PathBuf {
    beside(file, ".keycheck")
}

/// `file` with something behind its name.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(crate) fn write_key_check(file: &Path, key: &StoreKey) -> Result<(), OpenError> {
    use std::io::Write as _;
    let path = key_check_path(file);
    let check = key.check();
    if std::fs::read_to_string(&path).is_ok_and(|known| known == check) {
        return Ok(());
    }
    private(OpenOptions::new().write(true).create(true).truncate(true))
        .open(&path)
        .and_then(|mut f| f.write_all(check.as_bytes()))
        .map_err(|error| cannot_write(&folder_of(file), "Writing the key's fingerprint", &error))
}

/// What a database error means at the door.
pub(crate) fn sick(file: &Path, error: &rusqlite::Error) -> OpenError {
    let path = file.to_owned();
    let detail = match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let detail = message.clone().unwrap_or_else(|| failure.to_string());
            match failure.code {
                ErrorCode::DiskFull => return OpenError::DiskFull { path, tried: "opened" },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    // Not one of us: whoever works with the profile holds its lock file, taken before this.
                    return OpenError::Busy { path };
                }
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                    return OpenError::FolderReadOnly { path: folder_of(file) };
                }
                // A page whose seal is broken: SQLCipher has no other word for it than "out of memory".
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::OutOfMemory => {
                    return OpenError::Damaged { path, detail };
                }
                _ => detail,
            }
        }
        other => other.to_string(),
    };
    OpenError::Io { path, tried: "Opening the database", detail }
}
