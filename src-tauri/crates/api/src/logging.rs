//! Logs for whoever helps: rotating files in the profile, without a person in them.
//!
//! One JSON document per line. Only fields on [`ALLOWED`] are written, so that a
//! careless `tracing::info!(%address)` anywhere in the house stays out of the
//! file; messages pass the same redaction as quotations of platforms do.
//! Other people's crates are heard from warnings upwards, with their message only.

use crate::view::Trouble;
use quayside_connectors::redact;
use std::fmt::Write as _;
use std::path::Path;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, format::Writer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

/// Days of logs that are kept.
const KEEP_FILES: usize = 14;

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
    std::fs::create_dir_all(folder).map_err(|error| {
        Trouble::storage(format!("The folder for logs {} could not be made ({error}).", folder.display()))
    })?;
    let files = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("quayside")
        .filename_suffix("log")
        .max_log_files(KEEP_FILES)
        .build(folder)
        .map_err(|error| Trouble::storage(format!("Logs could not be written to {} ({error}).", folder.display())))?;
    let (writer, guard) = tracing_appender::non_blocking(files);
    let subscriber = tracing_subscriber::registry().with(layer(writer));
    // Somebody else listens already (a test, a second desk in this process): their choice stands.
    Ok(tracing::subscriber::set_global_default(subscriber).is_ok().then_some(Logging { _guard: guard }))
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
