//! What is kept when a part of the program falls over: where, in which thread, by which steps.
//!
//! Never what it was working on: the words of a panic may hold a name or an order, so only words that stand in the
//! program's own text are written. One small file each beside the logs, read by nobody but whoever owns the computer;
//! the window offers them at its next start, `doctor` points at them, the support bundle holds them. The log
//! hears of it too, but a log that has days to tell is no place to find it.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::{Fallen, Trouble};
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// Reports that are kept; the oldest go first.
const KEEP: usize = 10;
const PREFIX: &str = "crash-";
/// The newest report a person knows of, in the desk's own notes.
const KNOWN: &str = "crash_known";

/// Two threads may fall over in one and the same millisecond.
static NTH: AtomicU32 = AtomicU32::new(0);

/// Writes a report into `folder` whenever something panics in this process. The first folder stays.
pub fn watch(folder: &Path) {
    static WATCHED: Once = Once::new();
    let folder = folder.to_path_buf();
    WATCHED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            let steps = std::backtrace::Backtrace::force_capture().to_string();
            let text =
                report(Utc::now(), thread.name().unwrap_or("without a name"), &place(panic), words(panic), &steps);
            // Nobody is left to hear of a disk that is full as well.
            let _ = keep(&folder, Utc::now(), &text);
            // Its words go to the terminal of whoever builds the program, and to nobody's journal.
            if cfg!(debug_assertions) {
                before(panic);
            } else {
                use std::io::Write as _;
                let name = thread.name().unwrap_or("without a name");
                let _ = writeln!(std::io::stderr(), "Quayside broke in thread {name} at {}.", place(panic));
            }
        }));
    });
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string)
}

/// Only what the program's own text says; a sentence put together may hold anything.
fn words(panic: &PanicHookInfo<'_>) -> &'static str {
    panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not written down: it may name somebody)")
}

fn report(at: DateTime<Utc>, thread: &str, place: &str, words: &str, steps: &str) -> String {
    let mut out = format!("Quayside {} on {}\n", env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    // Writing to a String does not fail.
    let _ = writeln!(out, "When:   {}", at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let _ = writeln!(out, "Where:  {place}");
    let _ = writeln!(out, "Thread: {thread}");
    let _ = writeln!(out, "Words:  {words}\n\n{steps}");
    out
}

fn keep(folder: &Path, at: DateTime<Utc>, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    std::fs::create_dir_all(folder)?;
    let mut kept = files(folder);
    while kept.len() >= KEEP {
        std::fs::remove_file(kept.remove(0))?;
    }
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let name = format!("{PREFIX}{}-{}-{nth}.txt", at.format("%Y%m%dT%H%M%S%.3fZ"), std::process::id());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(folder.join(name))?.write_all(text.as_bytes())
}

/// Deletes every report in `folder`.
pub(crate) fn forget(folder: &Path) -> Answer<()> {
    for file in files(folder) {
        std::fs::remove_file(&file)
            .map_err(|error| Trouble::storage(format!("{} could not be deleted ({error}).", file.display())))?;
    }
    Ok(())
}

impl Desk {
    /// What fell over since somebody last said that they know of it.
    pub fn fallen(&self) -> Answer<Option<Fallen>> {
        let room = self.room()?;
        let known = room.store.read(|r| r.meta(KNOWN))?.unwrap_or_default();
        let unknown: Vec<PathBuf> =
            files(&room.setup.profile.logs()).into_iter().filter(|file| name_of(file) > known.as_str()).collect();
        let Some(newest) = unknown.last() else { return Ok(None) };
        let Ok(report) = std::fs::read_to_string(newest) else { return Ok(None) };
        let at_ms = report
            .lines()
            .find_map(|line| line.strip_prefix("When:"))
            .and_then(|when| DateTime::parse_from_rfc3339(when.trim()).ok())
            .map_or(0, |at| at.timestamp_millis());
        let place = place_in(&report).unwrap_or("an unknown place").to_owned();
        Ok(Some(Fallen { times: unknown.len() as i64, at_ms, place, report }))
    }

    /// A person knows: it is not told again until something else falls over. The reports stay.
    pub fn fallen_known(&self) -> Answer<()> {
        let room = self.writable()?;
        if let Some(newest) = files(&room.setup.profile.logs()).last() {
            room.store.write(|tx| tx.put_meta(KNOWN, name_of(newest)))?;
        }
        Ok(())
    }
}

/// Names begin with the moment, so later ones are greater.
fn name_of(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Reports in `folder`, oldest first: their names begin with the moment.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_report =
        |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(PREFIX));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_report).collect();
    files.sort();
    files
}

/// The line of a report that says where.
pub(crate) fn place_in(report: &str) -> Option<&str> {
    report.lines().find_map(|line| line.strip_prefix("Where:")).map(str::trim)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_where_and_never_whom_it_was_about() {
        let folder = tempfile::tempdir().unwrap();
        watch(folder.path());
        let somebody = "Ingrid Sørensen".to_owned();
        let fell = std::thread::Builder::new().name("engine".into()).spawn(move || panic!("no order of {somebody}"));
        assert!(fell.unwrap().join().is_err());
        let plain = std::thread::spawn(|| panic!("a sentence of the program"));
        assert!(plain.join().is_err());
        let texts: Vec<String> =
            files(folder.path()).iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
        assert_eq!(texts.len(), 2);
        let about = texts.iter().find(|text| text.contains("Thread: engine")).unwrap();
        assert!(place_in(about).unwrap().contains("crash.rs:"), "{about}");
        assert!(!about.contains("Ingrid"), "{about}");
        assert!(texts.iter().any(|text| text.contains("Words:  a sentence of the program")), "{texts:?}");
    }

    #[test]
    fn the_newest_few_are_kept_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let at = |second: i64| DateTime::from_timestamp(1_795_165_200 + second, 0).unwrap();
        for second in 0..25 {
            keep(folder.path(), at(second), &report(at(second), "main", "src/a.rs:1:2", "x", "")).unwrap();
        }
        let kept = files(folder.path());
        assert_eq!(kept.len(), KEEP);
        assert!(kept[0].to_str().unwrap().contains("20261120T090015"), "{kept:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&kept[0]).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
