//! Where this program's state lives: the usual folder, one named on the command
//! line, or one that is thrown away when the sandbox ends. The folder itself is
//! the api's business; here is what a window adds to it.

use crate::flags::Flags;
use quayside_api::profile::Profile;
use quayside_api::view::Trouble;
use std::path::{Path, PathBuf};

/// A profile with what belongs to the window of it.
#[derive(Debug)]
pub struct Place {
    wanted: Wanted,
    /// The profile, or why it cannot be used. The window opens all the same, to say so.
    profile: Result<Profile, Trouble>,
    sandbox: bool,
}

#[derive(Debug)]
enum Wanted {
    Usual,
    Named(PathBuf),
    /// Removes its folder when dropped.
    ThrownAway {
        folder: Option<tempfile::TempDir>,
    },
}

impl Place {
    /// What the flags ask for.
    pub fn choose(flags: &Flags) -> Self {
        match (&flags.profile, flags.sandbox) {
            (None, true) => Self::thrown_away(),
            (None, false) => Self { wanted: Wanted::Usual, profile: Profile::usual(), sandbox: false },
            (Some(folder), sandbox) => {
                Self { wanted: Wanted::Named(folder.clone()), profile: Profile::at(folder), sandbox }
            }
        }
    }

    /// A folder for the sandbox merchant that is gone afterwards.
    pub fn thrown_away() -> Self {
        let (profile, folder) = match tempfile::Builder::new().prefix("quayside-sandbox-").tempdir() {
            Ok(folder) => (Profile::at(folder.path()), Some(folder)),
            Err(error) => {
                let sentence = format!(
                    "The sandbox found no room for its temporary folder ({error}). Free some space in {}, then try again.",
                    std::env::temp_dir().display()
                );
                (Err(Trouble::storage(sentence)), None)
            }
        };
        Self { wanted: Wanted::ThrownAway { folder }, profile, sandbox: true }
    }

    /// The profile, or why it cannot be used.
    pub fn profile(&self) -> Result<Profile, Trouble> {
        self.profile.clone()
    }

    /// Looks again at a folder that could not be used, after a person mended it.
    pub fn look_again(&mut self) {
        if self.profile.is_ok() {
            return;
        }
        match &self.wanted {
            Wanted::Usual => self.profile = Profile::usual(),
            Wanted::Named(folder) => self.profile = Profile::at(folder),
            Wanted::ThrownAway { .. } => *self = Self::thrown_away(),
        }
    }

    /// Live stand-ins instead of accounts.
    pub fn sandbox(&self) -> bool {
        self.sandbox
    }

    /// Kept only until the program ends: secrets of it need no keychain.
    pub fn is_thrown_away(&self) -> bool {
        matches!(self.wanted, Wanted::ThrownAway { .. })
    }

    /// Removes the folder if it was only for now. The place is not to be used afterwards.
    pub fn throw_away(&mut self) {
        if let Wanted::ThrownAway { folder } = &mut self.wanted
            && let Some(folder) = folder.take()
            && let Err(error) = folder.close()
        {
            tracing::warn!(%error, "The sandbox's temporary folder could not be removed.");
        }
    }

    /// A file of the window's own, beside the database.
    pub fn file(&self, name: &str) -> PathBuf {
        let folder =
            self.profile.as_ref().map_or_else(|_| std::env::temp_dir().join("quayside"), |p| p.folder().to_path_buf());
        folder.join(name)
    }

    fn folder(&self) -> &Path {
        self.profile.as_ref().map_or(Path::new(""), Profile::folder)
    }

    /// Title of the window.
    pub fn title(&self) -> String {
        match (&self.wanted, self.folder().file_name()) {
            _ if self.sandbox => "Quayside, sandbox".into(),
            (Wanted::Named(_), Some(name)) => format!("Quayside, {}", name.to_string_lossy()),
            _ => "Quayside".into(),
        }
    }

    /// What a start at login has to say to come back to this profile, without a window.
    pub fn login_arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--hidden".to_owned()];
        if let Wanted::Named(_) = self.wanted {
            arguments.extend(["--profile".to_owned(), self.folder().to_string_lossy().into_owned()]);
        }
        arguments
    }

    /// Name on the session bus under which a second start finds the first. One
    /// program per profile: two profiles may be open side by side.
    pub fn bus_name(&self, identifier: &str) -> String {
        if matches!(self.wanted, Wanted::Usual) {
            return identifier.to_owned();
        }
        // FNV-1a: short, stable between versions of the program, and no secret hangs on it.
        let bytes = self.folder().as_os_str().as_encoded_bytes();
        let hash = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{identifier}.profile{hash:016x}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn named(folder: PathBuf) -> Place {
        Place::choose(&Flags { profile: Some(folder), ..Flags::default() })
    }

    #[test]
    fn a_sandbox_leaves_nothing_behind() {
        let place = Place::choose(&Flags { sandbox: true, ..Flags::default() });
        let folder = place.profile().unwrap().folder().to_path_buf();
        assert!(folder.is_dir());
        assert!(place.is_thrown_away());
        drop(place);
        assert!(!folder.exists());

        let mut place = Place::thrown_away();
        let folder = place.profile().unwrap().folder().to_path_buf();
        place.throw_away();
        assert!(!folder.exists());
    }

    #[test]
    fn a_sandbox_in_a_named_profile_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("demo");
        let place = Place::choose(&Flags { profile: Some(folder.clone()), sandbox: true, ..Flags::default() });
        assert!(place.sandbox() && !place.is_thrown_away());
        drop(place);
        assert!(folder.is_dir());
    }

    #[test]
    fn each_profile_has_its_own_name_on_the_bus() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (named(dir.path().join("one")), named(dir.path().join("two")));
        assert_eq!(one.title(), "Quayside, one");
        assert_eq!(one.login_arguments()[..2], ["--hidden", "--profile"]);
        assert_ne!(one.bus_name("app.quayside.desk"), two.bus_name("app.quayside.desk"));
        assert_eq!(one.bus_name("app.quayside.desk"), named(dir.path().join("one")).bus_name("app.quayside.desk"));
    }

    #[test]
    fn an_unusable_folder_is_a_sentence_and_not_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "in the way").unwrap();
        let mut place = named(file.clone());
        assert!(place.profile().unwrap_err().sentence.contains("--profile"));
        assert_eq!(place.title(), "Quayside");

        std::fs::remove_file(&file).unwrap();
        place.look_again();
        assert!(place.profile().is_ok());
    }
}
