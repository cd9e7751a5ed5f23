//! The folder in which everything lives: the usual one, one named on the command
//! line, or one that is thrown away when the sandbox ends.

use crate::flags::Flags;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of state, and what the window is called for it.
#[derive(Debug)]
pub struct Profile {
    folder: PathBuf,
    named: bool,
    sandbox: bool,
    /// Removes the folder when dropped.
    thrown_away: Option<tempfile::TempDir>,
}

impl Profile {
    /// The profile the flags ask for. Makes the folder.
    pub fn choose(flags: &Flags, usual: &Path) -> io::Result<Self> {
        if let Some(folder) = &flags.profile {
            std::fs::create_dir_all(folder)?;
            let folder = folder.canonicalize()?;
            return Ok(Self { folder, named: true, sandbox: flags.sandbox, thrown_away: None });
        }
        if flags.sandbox {
            let temporary = tempfile::Builder::new().prefix("quayside-sandbox-").tempdir()?;
            let folder = temporary.path().to_path_buf();
            return Ok(Self { folder, named: false, sandbox: true, thrown_away: Some(temporary) });
        }
        std::fs::create_dir_all(usual)?;
        Ok(Self { folder: usual.to_path_buf(), named: false, sandbox: false, thrown_away: None })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Live stand-ins instead of accounts.
    pub fn sandbox(&self) -> bool {
        self.sandbox
    }

    /// Kept only until the program ends.
    pub fn is_thrown_away(&self) -> bool {
        self.thrown_away.is_some()
    }

    /// Title of the window.
    pub fn title(&self) -> String {
        match (self.sandbox, self.named) {
            (true, _) => "Quayside, sandbox".into(),
            (false, true) => {
                format!("Quayside, {}", self.folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into()))
            }
            (false, false) => "Quayside".into(),
        }
    }

    /// Name on the session bus under which a second start finds the first. One
    /// program per profile: two profiles may be open side by side.
    pub fn bus_name(&self, identifier: &str) -> String {
        if !self.named && !self.sandbox {
            return identifier.to_owned();
        }
        // FNV-1a: short, stable between versions of the program, and no secret hangs on it.
        let hash = self
            .folder
            .as_os_str()
            .as_encoded_bytes()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        format!("{identifier}.profile{hash:016x}")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_leaves_nothing_behind() {
        let usual = tempfile::tempdir().unwrap();
        let profile = Profile::choose(&Flags { sandbox: true, ..Flags::default() }, &usual.path().join("q")).unwrap();
        let folder = profile.folder().to_path_buf();
        assert!(folder.is_dir());
        assert!(profile.is_thrown_away());
        drop(profile);
        assert!(!folder.exists());
        assert!(!usual.path().join("q").exists(), "the usual profile was touched");
    }

    #[test]
    fn a_named_profile_is_kept_and_has_its_own_bus_name() {
        let dir = tempfile::tempdir().unwrap();
        let named = |name: &str| {
            let flags = Flags { profile: Some(dir.path().join(name)), ..Flags::default() };
            Profile::choose(&flags, dir.path()).unwrap()
        };
        let (one, two) = (named("one"), named("two"));
        assert_eq!(one.title(), "Quayside, one");
        assert_ne!(one.bus_name("app.quayside.desk"), two.bus_name("app.quayside.desk"));
        assert_eq!(one.bus_name("app.quayside.desk"), named("one").bus_name("app.quayside.desk"));
        drop(one);
        assert!(dir.path().join("one").is_dir());
    }

    #[test]
    fn the_usual_profile_has_the_plain_name() {
        let dir = tempfile::tempdir().unwrap();
        let profile = Profile::choose(&Flags::default(), &dir.path().join("usual")).unwrap();
        assert_eq!(profile.title(), "Quayside");
        assert_eq!(profile.bus_name("app.quayside.desk"), "app.quayside.desk");
        assert!(dir.path().join("usual").is_dir());
    }
}
