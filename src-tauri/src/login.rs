//! Starting with the computer: an entry in the place where the system looks at
//! login. On Linux we write it ourselves, because the file's home follows
//! `XDG_CONFIG_HOME` and a profile's folder may have spaces in its name.

use crate::profile::Place;

/// The entry of one profile.
#[derive(Debug, Clone)]
pub struct AtLogin {
    /// Name of the entry, one per profile.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    title: String,
    /// What the start says on its command line.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    arguments: Vec<String>,
}

impl AtLogin {
    /// For the profile of this window.
    pub fn of(place: &Place) -> Self {
        Self { title: place.title(), arguments: place.login_arguments() }
    }
}

#[cfg(target_os = "linux")]
impl AtLogin {
    /// Makes or removes the entry. Nothing happens if it is so already.
    pub fn set(&self, _app: &tauri::AppHandle, wanted: bool) -> std::io::Result<()> {
        let Some(config) = directories::BaseDirs::new().map(|dirs| dirs.config_dir().to_path_buf()) else {
            return Err(std::io::Error::other("this system names no home folder"));
        };
        // Inside an AppImage the running file is a temporary mount; the image itself is what starts again.
        let program = match std::env::var_os("APPIMAGE") {
            Some(image) => image.into(),
            None => std::env::current_exe()?,
        };
        self.set_in(&config.join("autostart"), &program, wanted)
    }

    fn set_in(&self, folder: &std::path::Path, program: &std::path::Path, wanted: bool) -> std::io::Result<()> {
        let file = folder.join(format!("{}.desktop", self.title.replace(['/', '\0'], "-")));
        let entry = self.entry(&program.to_string_lossy());
        let kept = std::fs::read_to_string(&file).ok();
        match (wanted, kept) {
            // An update may have moved the program: then the entry is written anew.
            (true, kept) if kept.as_deref() != Some(&entry) => {
                std::fs::create_dir_all(folder)?;
                std::fs::write(file, entry)
            }
            (false, Some(_)) => std::fs::remove_file(file),
            _ => Ok(()),
        }
    }

    fn entry(&self, program: &str) -> String {
        let command: Vec<String> =
            std::iter::once(program).chain(self.arguments.iter().map(String::as_str)).map(quoted).collect();
        format!(
            "[Desktop Entry]\nType=Application\nName={}\nExec={}\nIcon=quayside\nTerminal=false\nStartupNotify=false\n",
            self.title,
            command.join(" ")
        )
    }
}

/// A word of an `Exec` line, by the rules of the Desktop Entry Specification:
/// quoted for the command line, then escaped once more as a value of the file.
#[cfg(target_os = "linux")]
fn quoted(word: &str) -> String {
    let mut out = String::from("\"");
    for letter in word.chars() {
        match letter {
            '"' | '`' | '$' => out.extend(["\\\\", letter.encode_utf8(&mut [0; 4])]),
            '\\' => out.push_str("\\\\\\\\"),
            '%' => out.push_str("%%"),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(not(target_os = "linux"))]
impl AtLogin {
    /// Makes or removes the entry. Nothing happens if it is so already.
    pub fn set(&self, app: &tauri::AppHandle, wanted: bool) -> Result<(), tauri_plugin_autostart::Error> {
        use tauri_plugin_autostart::ManagerExt as _;
        let autostart = app.autolaunch();
        match (wanted, autostart.is_enabled()?) {
            (true, false) => autostart.enable(),
            (false, true) => autostart.disable(),
            _ => Ok(()),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn an_entry_comes_and_goes_and_is_left_alone_in_between() {
        let folder = tempfile::tempdir().unwrap();
        let autostart = folder.path().join("autostart");
        let login = AtLogin {
            title: "Quayside, one".into(),
            arguments: vec!["--hidden".into(), "--profile".into(), "/my shop/100 %".into()],
        };

        login.set_in(&autostart, Path::new("/usr/bin/quayside"), false).unwrap();
        assert!(!autostart.exists(), "switching off what was never on left something behind");

        login.set_in(&autostart, Path::new("/usr/bin/quayside"), true).unwrap();
        let entry = std::fs::read_to_string(autostart.join("Quayside, one.desktop")).unwrap();
        assert!(entry.contains(r#"Exec="/usr/bin/quayside" "--hidden" "--profile" "/my shop/100 %%""#), "{entry}");

        login.set_in(&autostart, Path::new("/opt/quayside"), true).unwrap();
        let entry = std::fs::read_to_string(autostart.join("Quayside, one.desktop")).unwrap();
        assert!(entry.contains("/opt/quayside"), "{entry}");

        login.set_in(&autostart, Path::new("/opt/quayside"), false).unwrap();
        assert_eq!(std::fs::read_dir(&autostart).unwrap().count(), 0);
    }

    #[test]
    fn words_are_quoted_as_the_specification_says() {
        assert_eq!(quoted("plain"), r#""plain""#);
        assert_eq!(quoted(r#"a"b$c`d"#), r#""a\\"b\\$c\\`d""#);
        assert_eq!(quoted(r"a\b"), r#""a\\\\b""#);
    }
}
