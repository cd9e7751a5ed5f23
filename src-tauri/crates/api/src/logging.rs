//! Logs for whoever helps: a few files of limited size in the profile, without a person in them.
//!
//! One JSON document per line. Only fields on [`ALLOWED`] are written, so that a
//! careless `tracing::info!(%address)` anywhere in the house stays out of the
//! file; messages pass the same redaction as quotations of platforms do.
//! Other people's crates are heard from warnings upwards, with their message only.

use crate::view::Trouble;
use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use quayside_connectors::redact;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::path::Path;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, format::Writer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

/// A file this long is put aside and a new one begun, bytes.
const FILE_BYTES: usize = 4 * 1024 * 1024;
/// Files that were put aside and are kept. Together with the one that is written: 24 MiB at most, days of a busy desk.
const KEEP_FILES: usize = 5;
/// The file that is written. Older ones carry a number, the newest of them 1.
const FILE: &str = "quayside.log";

/// Fields that may be written: ids, counts, durations, codes. Nothing a buyer typed, nothing that opens a door.
const ALLOWED: &[&str] = &[
    "about",
    "account_kind",
    "attempt",
    "attempts",
    "bytes",
    "cause",
    "code",
    "connection",
    "connection.id",
    "count",
    "done",
    "duration_ms",
    "effect",
    "effect.id",
    "error",
    "exception",
    "exception.id",
    "host",
    "job",
    "kind",
    "method",
    "mode",
    "n",
    "of",
    "order",
    "order.id",
    "path",
    "pid",
    "platform",
    "read",
    "reason_code",
    "records",
    "refusal",
    "request_id",
    "retry_at_ms",
    "rows",
    "schema",
    "seed",
    "skew_ms",
    "state",
    "status",
    "stream",
    "task",
    "topic",
    "total",
    "until_ms",
    "version",
    "wait_ms",
];

/// Keeps the writer alive; the last lines are written when it is dropped.
#[must_use]
pub struct Logging {
    _guard: tracing_appender::non_blocking::WorkerGuard,
}

/// Starts writing to `folder`, once per process. A second call changes nothing and keeps the first.
pub fn start(folder: &Path) -> Result<Option<Logging>, Trouble> {
    let refuse = |error: std::io::Error| {
        Trouble::storage(format!("Logs could not be written to {} ({error}).", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(refuse)?;
    // Asked here, since whoever writes later has nobody to tell.
    private().open(folder.join(FILE)).map_err(refuse)?;
    let files = rotating(folder, FILE_BYTES);
    let (writer, guard) = tracing_appender::non_blocking(files);
    let subscriber = tracing_subscriber::registry().with(layer(writer));
    // Somebody else listens already (a test, a second desk in this process): their choice stands.
    Ok(tracing::subscriber::set_global_default(subscriber).is_ok().then_some(Logging { _guard: guard }))
}

/// The file that is written, and the older ones beside it.
fn rotating(folder: &Path, bytes: usize) -> FileRotate<AppendCount> {
    FileRotate::new(
        folder.join(FILE),
        AppendCount::new(KEEP_FILES),
        ContentLimit::BytesSurpassed(bytes),
        Compression::None,
        Some(private()),
    )
}

/// Readable by their owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// The last `lines` lines of the logs in `folder`, oldest first. Empty if there are none.
pub(crate) fn last_lines(folder: &Path, lines: usize) -> Vec<String> {
    let names = std::iter::once(FILE.to_owned()).chain((1..=KEEP_FILES).map(|n| format!("{FILE}.{n}")));
    let mut newest_first: Vec<String> = Vec::new();
    for name in names {
        let Ok(bytes) = std::fs::read(folder.join(name)) else { continue };
        // A line cut by a crash is still read.
        newest_first.extend(String::from_utf8_lossy(&bytes).lines().rev().map(str::to_owned));
        if newest_first.len() >= lines {
            break;
        }
    }
    newest_first.truncate(lines);
    newest_first.reverse();
    newest_first
}

fn layer<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> tracing_subscriber::fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    let ours = if std::env::var_os("QUAYSIDE_DEBUG").is_some() { Level::DEBUG } else { Level::INFO };
    let heard = tracing_subscriber::filter::filter_fn(move |meta| {
        let limit = if is_ours(meta.target()) { ours } else { Level::WARN };
        *meta.level() <= limit
    });
    tracing_subscriber::fmt::layer().with_writer(writer).event_format(Lines).with_filter(heard)
}

fn is_ours(target: &str) -> bool {
    target.starts_with("quayside")
}

/// One line of JSON per event.
struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> std::fmt::Result {
        let mut fields = Fields { ours: is_ours(event.metadata().target()), ..Fields::default() };
        event.record(&mut fields);
        let mut line = serde_json::Map::new();
        // The log's own clock: when a line was written is not a decision, so no parameter is needed.
        line.insert("at".into(), chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true).into());
        line.insert("level".into(), event.metadata().level().as_str().to_lowercase().into());
        line.insert("room".into(), event.metadata().target().into());
        line.insert("said".into(), scrub(&fields.message).into());
        line.extend(fields.others);
        writeln!(writer, "{}", serde_json::Value::Object(line))
    }
}

#[derive(Default)]
struct Fields {
    ours: bool,
    message: String,
    others: serde_json::Map<String, serde_json::Value>,
}

impl Fields {
    fn keep(&mut self, field: &Field, value: serde_json::Value) {
        let name = field.name();
        if self.ours && ALLOWED.contains(&name) {
            self.others.insert(name.to_owned(), value);
        }
    }
    fn text(&mut self, field: &Field, text: &str) {
        if field.name() == "message" {
            text.clone_into(&mut self.message);
        } else {
            self.keep(field, scrub(text).into());
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{value:?}");
        self.text(field, &text);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, serde_json::Number::from_f64(value).map_or(serde_json::Value::Null, Into::into));
    }
}

/// No e-mail addresses, no text that looks like a key, one line, not too long.
fn scrub(text: &str) -> String {
    let quoted = redact::quotable(text, &[]);
    let words = quoted.split(' ').map(|word| if looks_like_key(word) { "•••" } else { word });
    words.collect::<Vec<_>>().join(" ").replace(is_paint, " ")
}

/// What would paint a terminal, or begin a line in it: JSON escapes only a part of these.
fn is_paint(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Tokens of platforms have prefixes of their own; anything else long, unbroken and mixed is treated as one.
fn looks_like_key(word: &str) -> bool {
    let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let core = core.rsplit(['=', ':', '/']).next().unwrap_or(core);
    let prefixed = ["shpat_", "shpss_", "shpca_", "shppa_"].iter().any(|prefix| core.starts_with(prefix));
    let digits = core.bytes().filter(u8::is_ascii_digit).count();
    let letters = core.bytes().filter(u8::is_ascii_alphabetic).count();
    // Ids of orders are digits only, uuids carry dashes: both stay readable.
    let opaque = core.len() >= 28
        && digits > 3
        && letters > 3
        && core.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'_'));
    prefixed || opaque
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(work: impl FnOnce()) -> String {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = tracing_subscriber::registry().with(layer(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, work);
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_allowed_fields_are_written() {
        let text = written(|| {
            tracing::info!(target: "quayside_engine", connection = "harbour-goods", order.id = 17, customer = "Anna Larsen", body = "{}", "order read");
        });
        assert!(text.contains("\"connection\":\"harbour-goods\"") && text.contains("\"order.id\":17"), "{text}");
        assert!(text.contains("\"said\":\"order read\""), "{text}");
        assert!(!text.contains("Anna") && !text.contains("body"), "{text}");
    }

    #[test]
    fn messages_lose_addresses_and_keys() {
        let text = written(|| {
            tracing::warn!(target: "quayside_engine", "refused for anna@example.org with shpat_0123456789abcdef and key=A1b2C3d4E5f6G7h8I9j0K1l2M3n4");
        });
        assert!(!text.contains("anna@") && !text.contains("shpat_0") && !text.contains("A1b2C3"), "{text}");
        assert!(text.contains("refused for •••@••• with ••• and •••"), "{text}");
    }

    #[test]
    fn other_crates_are_heard_from_warnings_upwards_and_without_fields() {
        let text = written(|| {
            tracing::info!(target: "hyper::client", "connecting");
            tracing::warn!(target: "hyper::client", host = "secret.example", "pool is full");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains("secret.example"), "{text}");
    }

    /// What a buyer or a platform writes stays inside one string of one line: nothing in it begins a line of its own,
    /// paints a terminal, or turns the direction of what follows.
    #[test]
    fn no_line_is_forged() {
        for hostile in [
            "x\n{\"at\":\"2026-01-01\",\"level\":\"info\",\"said\":\"forged\"}",
            "x\r\nforged",
            "x\u{2028}forged\u{2029}forged\u{85}forged",
            "\u{1b}[2K\u{1b}[1A\u{1b}[31mforged\u{9b}31m",
            "x\u{202e}degrof\u{2066}",
            "x\0forged\u{7f}\u{8}\u{8}",
            "\",\"level\":\"info\",\"said\":\"forged",
        ] {
            let text = written(|| {
                tracing::warn!(target: "quayside_engine", error = %hostile, "refused: {hostile}");
                tracing::warn!(target: "quayside_engine", error = ?hostile, cause = hostile, "refused");
            });
            assert_eq!(text.lines().count(), 2, "{text:?}");
            for line in text.lines() {
                let read: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
                assert_eq!((&read["level"], &read["room"]), (&"warn".into(), &"quayside_engine".into()), "{line:?}");
                assert!(!line.chars().any(is_paint), "{line:?}");
            }
        }
    }

    #[test]
    fn logs_end_by_size_and_are_read_back_from_their_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = rotating(folder.path(), 40_000);
        for n in 0..5_000 {
            // A line at a time, as the thread behind the log writes them: none is cut by the end of a file.
            let line =
                format!("{{\"said\":\"a line that is as long as lines are when something goes on\",\"n\":{n}}}\n");
            writer.write_all(line.as_bytes()).unwrap();
        }
        writer.flush().unwrap();
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(files.len(), KEEP_FILES + 1, "{files:?}");
        for file in &files {
            let meta = file.metadata().unwrap();
            assert!(meta.len() <= 40_200, "{file:?} {}", meta.len());
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{file:?}");
            }
        }
        let last = last_lines(folder.path(), 1_500);
        assert_eq!(last.len(), 1_500);
        let numbers: Vec<u64> = last
            .iter()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["n"].as_u64().unwrap())
            .collect();
        assert!(numbers.is_sorted(), "oldest first, through every file");
        assert_eq!(numbers.last(), Some(&4_999));
    }

    #[test]
    fn ids_stay_readable() {
        for text in [
            "order 6012345678901",
            "request 3f2a9c1e-0b7d-4d15-9c43-aa01b2c3d4e5",
            "path /admin/api/2026-07/graphql.json",
        ] {
            assert_eq!(scrub(text), text);
        }
    }
}
