//! The folder in which one desk lives: database, lock, logs, nothing else.
//!
//! `--profile DIR` isolates everything: the database, the logs, and (by an id
//! kept in the folder) the entries in the keychain. Secrets are never in it.

use crate::trouble::Answer;
use crate::view::Trouble;
use std::path::{Path, PathBuf};

/// Name of the file that keeps profiles apart in the keychain.
const ID_FILE: &str = "profile.id";

/// A folder, and the id under which the keychain knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    folder: PathBuf,
    id: String,
}

impl Profile {
    /// The person's usual profile, in the place where this system keeps program data.
    pub fn usual() -> Answer<Self> {
        let dirs = directories::ProjectDirs::from("app", "Quayside", "Quayside").ok_or_else(|| {
            Trouble::storage("This system names no home folder for Quayside to keep its data in. Say which folder to use: --profile DIR.")
        })?;
        let folder = dirs.data_local_dir().to_path_buf();
        make(&folder)?;
        Ok(Self { folder, id: String::new() })
    }

    /// A profile of its own in `folder`, made if it is not there.
    pub fn at(folder: impl Into<PathBuf>) -> Answer<Self> {
        let folder: PathBuf = folder.into();
        make(&folder)?;
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        let file = folder.join(ID_FILE);
        let id = match std::fs::read_to_string(&file) {
            Ok(text) if is_id(text.trim()) => text.trim().to_owned(),
            Ok(_) => {
                return Err(Trouble::storage(format!(
                    "{} does not hold a profile id. Without it the keychain entry of this profile cannot be found. \
                     Put the right file back, or start with an empty folder.",
                    file.display()
                )));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let id = uuid::Uuid::new_v4().simple().to_string();
                write_private(&file, &id)?;
                id
            }
            Err(error) => return Err(unusable(&file, "read", &error)),
        };
        Ok(Self { folder, id })
    }

    /// The one named by `--profile`, or the usual one.
    pub fn named(folder: Option<&Path>) -> Answer<Self> {
        folder.map_or_else(Self::usual, Self::at)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
    /// Its id in the keychain; empty for the usual profile.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// The encrypted database.
    pub fn database(&self) -> PathBuf {
        self.folder.join("quayside.db")
    }
    /// Closes the folder to other users of the computer.
    pub(crate) fn close(&self) -> Answer<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&self.folder, std::fs::Permissions::from_mode(0o700))
                .map_err(|error| unusable(&self.folder, "closed to others", &error))?;
        }
        Ok(())
    }
    /// Where logs go.
    pub fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Makes the folder, for this person only.
fn make(folder: &Path) -> Answer<()> {
    let existed = folder.is_dir();
    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, "made", &error))?;
    #[cfg(unix)]
    if !existed {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
            .map_err(|error| unusable(folder, "closed to others", &error))?;
    }
    #[cfg(not(unix))]
    let _ = existed;
    Ok(())
}

fn write_private(file: &Path, text: &str) -> Answer<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(file)
        .and_then(|mut opened| {
            opened.write_all(text.as_bytes())?;
            opened.sync_all()
        })
        .map_err(|error| unusable(file, "written", &error))
}

fn unusable(path: &Path, what: &str, error: &std::io::Error) -> Trouble {
    use std::io::ErrorKind;
    let hint = match error.kind() {
        ErrorKind::PermissionDenied => {
            "Give yourself the right to write there, or choose another folder with --profile DIR."
        }
        ErrorKind::ReadOnlyFilesystem => "The disk is read-only. Choose a folder on another disk with --profile DIR.",
        ErrorKind::StorageFull => "The disk is full. Free some space, then try again.",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "Something that is not a folder has this name. Choose another folder with --profile DIR."
        }
        _ => "Choose another folder with --profile DIR, or look at the disk.",
    };
    Trouble::storage(format!("{} could not be {what} ({error}). {hint}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_keeps_its_id_and_two_have_different_ones() {
        let home = tempfile::tempdir().unwrap();
        let first = Profile::at(home.path().join("a")).unwrap();
        assert_eq!(Profile::at(home.path().join("a")).unwrap(), first);
        assert_ne!(Profile::at(home.path().join("b")).unwrap().id(), first.id());
        assert!(first.database().starts_with(first.folder()));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let profile = Profile::at(home.path().join("p")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(profile.folder()), 0o700);
        assert_eq!(mode(&profile.folder().join(ID_FILE)), 0o600);
    }

    #[test]
    fn a_file_in_the_way_and_a_damaged_id_are_sentences() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let trouble = Profile::at(&file).unwrap_err();
        assert!(trouble.sentence.contains("--profile DIR"), "{trouble}");
        let folder = home.path().join("p");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(ID_FILE), "nonsense").unwrap();
        let trouble = Profile::at(&folder).unwrap_err();
        assert!(trouble.sentence.contains("does not hold a profile id"), "{trouble}");
    }
}
