//! Files that a person chose. The page may ask for the system's dialog and hears what came of it, so that it can say
//! where something was written; a path it thinks of by itself is refused. So a page that was taken over reads and
//! writes nothing of this computer: somebody has to choose it first, in a dialog that is not the page's.

use crate::window::MAIN;
use quayside_api::Answer;
use quayside_api::profiles::HandedText;
use quayside_api::view::Trouble;
use serde::Deserialize;
use specta::Type;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::DialogExt as _;

/// A story has no hands for the system's dialog. With this variable set before the start, a debug build takes the
/// suggested name in that folder for chosen; a release knows no such way.
const INSTEAD: &str = "QUAYSIDE_CHOSEN_IN";

/// What a file or folder is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum FileWish {
    /// A file is written.
    Save,
    /// A file is read.
    Open,
    /// Files are written into a folder.
    Folder,
}

/// What the dialog gave last, for each wish. One of each: whatever was chosen before is done with.
#[derive(Debug)]
pub struct Chosen {
    last: Mutex<BTreeMap<FileWish, PathBuf>>,
    /// Where stories choose.
    instead: Option<PathBuf>,
}

impl Chosen {
    /// Nothing was chosen yet.
    pub fn new() -> Self {
        let instead = std::env::var_os(INSTEAD).filter(|_| cfg!(debug_assertions)).map(PathBuf::from);
        Self { last: Mutex::default(), instead }
    }

    /// Shows the system's dialog and remembers what came of it; `None` if the person gave up. Waits for them, so
    /// never on the window's own thread.
    pub fn ask(&self, app: &AppHandle, wish: FileWish, suggested: &str) -> Option<String> {
        let path = match &self.instead {
            Some(folder) => instead(folder, wish, suggested),
            None => dialog(app, wish, suggested)?,
        };
        let said = path.display().to_string();
        self.last().insert(wish, path);
        Some(said)
    }

    /// Does `work` with the file the page names, if a person chose it. What they let be written is written once: the
    /// dialog asked about that one time. A failure leaves the choice for another try.
    pub fn lend<T>(&self, wish: FileWish, said: &str, work: impl FnOnce(&Path) -> Answer<T>) -> Answer<T> {
        let path = self.take(wish, said)?;
        let outcome = work(&path);
        if outcome.is_err() {
            self.give_back(wish, path);
        }
        outcome
    }

    /// The file the page names, if a person chose it. One that is to be written can be taken once.
    pub fn take(&self, wish: FileWish, said: &str) -> Answer<PathBuf> {
        let mut last = self.last();
        let chosen = last.get(&wish).filter(|path| path.display().to_string() == said).cloned();
        if chosen.is_some() && wish == FileWish::Save {
            last.remove(&wish);
        }
        chosen.ok_or_else(|| not_chosen(wish))
    }

    /// Nothing came of it: it may be tried again. What was chosen meanwhile stays.
    pub fn give_back(&self, wish: FileWish, path: PathBuf) {
        self.last().entry(wish).or_insert(path);
    }

    /// What was pasted, or the file that a person chose.
    pub fn handed(&self, from: HandedText) -> Answer<HandedText> {
        let Some(path) = &from.path else { return Ok(from) };
        let path = self.take(FileWish::Open, &path.display().to_string())?;
        Ok(HandedText { path: Some(path), ..from })
    }

    fn last(&self) -> MutexGuard<'_, BTreeMap<FileWish, PathBuf>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The page named something itself, or what it names was done with.
fn not_chosen(wish: FileWish) -> Trouble {
    let (field, thing) = match wish {
        FileWish::Save | FileWish::Open => ("path", "file"),
        FileWish::Folder => ("folder", "folder"),
    };
    let done = if wish == FileWish::Save { "written" } else { "used" };
    Trouble::field(field, format!("That {thing} was not chosen, so it was not {done}. Press Choose, then try again."))
}

fn dialog(app: &AppHandle, wish: FileWish, suggested: &str) -> Option<PathBuf> {
    let mut dialog = app.dialog().file();
    if let Some(window) = app.get_webview_window(MAIN) {
        dialog = dialog.set_parent(&window);
    }
    let (kind, endings) = filter(suggested);
    let chosen = match wish {
        FileWish::Save => dialog.set_file_name(name(suggested)).add_filter(kind, endings).blocking_save_file(),
        FileWish::Open => dialog.add_filter(kind, endings).blocking_pick_file(),
        FileWish::Folder if Path::new(suggested).is_dir() => dialog.set_directory(suggested).blocking_pick_folder(),
        FileWish::Folder => dialog.blocking_pick_folder(),
    };
    chosen.and_then(|path| path.into_path().ok())
}

/// A name, whatever place was written before it: where it goes is the person's choice.
fn name(suggested: &str) -> &str {
    Path::new(suggested).file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// What the dialog offers, by the ending of what is suggested.
fn filter(suggested: &str) -> (&'static str, &'static [&'static str]) {
    match Path::new(suggested).extension().and_then(|ending| ending.to_str()) {
        Some("csv") => ("Table", &["csv", "txt", "tsv"]),
        Some("html") => ("Page", &["html"]),
        Some("json") => ("Collection, OpenAPI file or profile", &["json", "yaml", "yml"]),
        Some("parquet") => ("Columns", &["parquet"]),
        Some("txt") => ("Text", &["txt"]),
        _ => ("Quayside backup", &["quayside-backup"]),
    }
}

fn instead(folder: &Path, wish: FileWish, suggested: &str) -> PathBuf {
    match wish {
        FileWish::Folder => folder.to_path_buf(),
        FileWish::Save | FileWish::Open => folder.join(name(suggested)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn after_choosing(wish: FileWish, path: &str) -> Chosen {
        let chosen = Chosen { last: Mutex::default(), instead: None };
        chosen.last().insert(wish, path.into());
        chosen
    }

    #[test]
    fn only_what_was_chosen_for_it_is_lent() {
        for chosen in [FileWish::Save, FileWish::Open, FileWish::Folder] {
            for wish in [FileWish::Save, FileWish::Open, FileWish::Folder] {
                for said in ["/home/ben/a.csv", "/home/ben/../ben/a.csv", "/home/ben/a.csv ", "/etc/passwd", ""] {
                    let lent =
                        after_choosing(chosen, "/home/ben/a.csv").lend(wish, said, |path| Ok(path.to_path_buf()));
                    if chosen == wish && said == "/home/ben/a.csv" {
                        assert_eq!(lent.unwrap(), Path::new(said));
                    } else {
                        let trouble = lent.unwrap_err();
                        assert!(trouble.sentence.contains("was not chosen"), "{wish:?} {said}: {trouble}");
                        assert_eq!(trouble.field.as_deref() == Some("folder"), wish == FileWish::Folder);
                    }
                }
            }
        }
    }

    #[test]
    fn a_file_is_written_once_and_read_as_often_as_it_is_needed() {
        let chosen = after_choosing(FileWish::Save, "/a");
        assert!(chosen.lend(FileWish::Save, "/a", |_| Ok(())).is_ok());
        assert!(chosen.lend(FileWish::Save, "/a", |_| Ok(())).is_err());

        let chosen = after_choosing(FileWish::Open, "/a");
        assert!(chosen.lend(FileWish::Open, "/a", |_| Ok(())).is_ok());
        assert!(chosen.lend(FileWish::Open, "/a", |_| Ok(())).is_ok());
    }

    #[test]
    fn what_failed_may_be_tried_again_unless_something_else_was_chosen() {
        let chosen = after_choosing(FileWish::Save, "/a");
        let full = || Err::<(), _>(Trouble::storage("The disk is full."));
        assert!(chosen.lend(FileWish::Save, "/a", |_| full()).is_err());
        assert!(chosen.lend(FileWish::Save, "/a", |_| Ok(())).is_ok());

        let chosen = after_choosing(FileWish::Save, "/a");
        let meanwhile = chosen.lend(FileWish::Save, "/a", |_| {
            chosen.last().insert(FileWish::Save, "/b".into());
            full()
        });
        assert!(meanwhile.is_err());
        assert!(chosen.take(FileWish::Save, "/a").is_err());
        assert!(chosen.take(FileWish::Save, "/b").is_ok());
    }

    #[test]
    fn pasted_text_needs_no_choice_and_a_file_does() {
        let chosen = after_choosing(FileWish::Open, "/home/ben/orders.csv");
        let pasted = HandedText { text: "order,sku".into(), path: None };
        assert_eq!(chosen.handed(pasted.clone()).unwrap(), pasted);
        for (path, fine) in [("/home/ben/orders.csv", true), ("/etc/passwd", false)] {
            let from = HandedText { text: String::new(), path: Some(path.into()) };
            assert_eq!(chosen.handed(from.clone()).is_ok_and(|handed| handed == from), fine, "{path}");
        }
    }

    #[test]
    fn a_suggestion_is_a_name_and_says_what_is_offered() {
        for (suggested, plain, first) in [
            ("2026-11-01 performance stores.csv", "2026-11-01 performance stores.csv", "csv"),
            ("/etc/cron.d/orders.csv", "orders.csv", "csv"),
            ("unfulfilled orders.parquet", "unfulfilled orders.parquet", "parquet"),
            ("desk.quayside-backup", "desk.quayside-backup", "quayside-backup"),
            ("..", "", "quayside-backup"),
            ("", "", "quayside-backup"),
        ] {
            assert_eq!((name(suggested), filter(suggested).1[0]), (plain, first), "{suggested}");
        }
    }

    #[test]
    fn a_story_chooses_in_its_own_folder() {
        let folder = Path::new("/tmp/story");
        for (wish, suggested, path) in [
            (FileWish::Save, "labels.csv", "/tmp/story/labels.csv"),
            (FileWish::Open, "/etc/passwd", "/tmp/story/passwd"),
            (FileWish::Folder, "/etc", "/tmp/story"),
        ] {
            assert_eq!(instead(folder, wish, suggested), Path::new(path));
        }
    }

    #[test]
    fn the_door_makes_no_path_of_what_the_page_says() {
        let door = include_str!("commands.rs");
        for way in ["Path::new", "PathBuf::from", ": PathBuf", "std::fs"] {
            assert!(!door.contains(way), "{way}: take it from what was chosen (`file_commands`)");
        }
    }
}
