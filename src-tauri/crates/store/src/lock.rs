//! One writer per profile: an advisory lock file next to the database.
//!
//! SQLite's own locks would let two programs interleave transactions; our engine
//! must be alone. The file also tells who holds the profile, and whether the last
//! holder closed it in order.

use crate::error::OpenError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

/// Name of the lock file in the profile folder.
pub const LOCK_FILE: &str = "quayside.lock";

/// Held as long as it lives. Emptied when dropped in order.
pub(crate) struct ProfileLock {
    file: File,
    /// The database was opened and checked; until then the mark of a crash stays.
    pub checked: bool,
    /// The last holder went away without closing.
    pub after_crash: bool,
}

impl ProfileLock {
    pub fn take(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join(LOCK_FILE);
        let mut file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .open(&path)
            .map_err(|error| cannot_write(folder, "Opening the profile's lock", &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Held { path: folder.to_owned(), pid: read_text(&mut file).trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(cannot_write(folder, "Locking the profile", &error));
            }
        }
        let after_crash = !read_text(&mut file).trim().is_empty();
        let mut lock = Self { file, checked: !after_crash, after_crash };
        lock.note(&std::process::id().to_string())
            .map_err(|error| cannot_write(folder, "Writing the profile's lock", &error))?;
        Ok(lock)
    }

    fn note(&mut self, text: &str) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for ProfileLock {
    fn drop(&mut self) {
        // A failure here costs one extra check at the next start.
        if self.checked {
            let _ = self.note("");
        }
        let _ = self.file.unlock();
    }
}

fn read_text(file: &mut File) -> String {
    let mut text = String::new();
    // Unreadable (another system's lock semantics) means: holder unknown.
    let _ = file.rewind();
    let _ = file.take(64).read_to_string(&mut text);
    text
}

/// Nobody but the owner reads what we make.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// What it means that a file in `folder` cannot be made or written.
pub(crate) fn cannot_write(folder: &Path, tried: &'static str, error: &std::io::Error) -> OpenError {
    use std::io::ErrorKind as Kind;
    let path = folder.to_owned();
    match error.kind() {
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => OpenError::FolderReadOnly { path },
        // Some special folders are there and take no files.
        Kind::NotFound if folder.is_dir() => OpenError::FolderReadOnly { path },
        Kind::NotFound | Kind::NotADirectory => OpenError::FolderMissing { path },
        Kind::StorageFull | Kind::QuotaExceeded => OpenError::DiskFull { path, tried: "created" },
        _ => OpenError::Io { path, tried, detail: error.to_string() },
    }
}
