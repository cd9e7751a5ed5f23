//! `record` and `replay`: what the desk knew and decided, in one file without anybody's name; and the same decided again.

use crate::output::{Failure, Outcome, Output};
use crate::world::World;
use quayside_api::cycles;
use quayside_api::view::Trouble;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;

/// A recording is no larger; what is, is something else.
const BYTES_MAX: u64 = 256 << 20;
/// Lines of each kind that a person reads; all of them are in the document.
const SHOWN: usize = 40;

/// Writes down what was decided of the orders something happened to lately.
pub fn record(profile: Option<&Path>, to: &Path, last: &str, world: &World) -> Outcome {
    let last_ms = span_ms(last)?;
    let desk = world.looking(profile)?;
    let saved = desk.record(last_ms, to)?;
    let cut = if saved.cut { " Something happened to more orders than that; ask for a shorter time." } else { "" };
    let text = format!(
        "Wrote {} orders to {}.{cut}\nNames, addresses, mails, tracking numbers and what people wrote in it are stand-ins; the numbers and ids of orders are not: read it before you send it. What was decided is decided again by: quayside-cli replay {}",
        saved.orders,
        saved.path,
        to.display()
    );
    Ok(Output::new(json!({ "record": saved }), text))
}

/// Reads every account once and writes down what went over the wire. Nothing is kept of it but the file.
pub async fn record_wire(profile: Option<&Path>, to: &Path, last: &str, world: &World) -> Outcome {
    let last_ms = span_ms(last)?;
    let desk = world.looking(profile)?;
    let saved = desk.record_wire(last_ms, to).await?;
    let mut text = format!(
        "Wrote {} pages of {} accounts to {}, in {} exchanges.\nKeys are not in it; names, addresses, mails, tracking numbers and what people wrote are stand-ins of the same shape. Numbers and ids of orders, what was sold and where the accounts are is in it: read it before you send it. The same is read again by: quayside-cli replay {}",
        saved.calls,
        saved.accounts,
        saved.path,
        saved.exchanges,
        to.display()
    );
    for left_out in &saved.left_out {
        // Writing to a String does not fail.
        let _ = write!(text, "\nNot in it: {left_out}");
    }
    Ok(Output::new(json!({ "record": saved }), text))
}

/// Decides, or reads, again what a recording holds. It needs no profile, asks nobody and changes nothing.
pub async fn replay(file: &Path) -> Outcome {
    let refuse = |why: String| -> Failure {
        Trouble::field("file", format!("{} could not be read: {why}. Give the file that record wrote.", file.display()))
            .into()
    };
    let size = std::fs::metadata(file).map_err(|error| refuse(error.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(refuse("it is too large for a recording".to_owned()));
    }
    let text = std::fs::read_to_string(file).map_err(|error| refuse(error.to_string()))?;
    let document = serde_json::from_str::<Value>(&text).ok().filter(cycles::is_wire);
    let (told, shown) = if let Some(document) = document {
        let told = cycles::replay(document).await?;
        let shown = wire_words(&told);
        (told, shown)
    } else {
        let told = quayside_api::recording::replay(&text)?;
        let shown = words(&told);
        (told, shown)
    };
    let differs = told["differs"].as_array().is_some_and(|all| !all.is_empty());
    Ok(Output::new(json!({ "replay": told }), shown).exit(u8::from(differs)))
}

fn wire_words(told: &Value) -> String {
    let list = |name: &str| told[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut out = String::new();
    // Writing to a String does not fail.
    for row in list("accounts") {
        let account = row["account"].as_str().unwrap_or_default();
        let _ = writeln!(
            out,
            "{account}: {} pages, {} exchanges; {} not as they were.",
            row["calls"], row["exchanges"], row["differs"]
        );
    }
    for row in list("differs").iter().take(SHOWN) {
        let it = &row["difference"];
        let [stream, what, at] = ["stream", "what", "at"].map(|name| it[name].as_str().unwrap_or_default());
        let _ = writeln!(out, "  {stream}, page {}: {what}{at}: then {}, now {}", it["call"], it["then"], it["now"]);
    }
    out
}

fn words(told: &Value) -> String {
    let list = |name: &str| told[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let mut out = format!(
        "{} orders, {} changes, {} exceptions; {} are not what was decided then.\n",
        list("decisions").len(),
        list("effects").len(),
        list("exceptions").len(),
        list("differs").len()
    );
    // Writing to a String does not fail.
    for row in list("decisions").iter().take(SHOWN) {
        let _ = writeln!(out, "  {}: {}", text(row, "order"), text(row, "because"));
    }
    for row in list("effects").iter().take(SHOWN) {
        let _ = writeln!(out, "  {}: {} ({})", text(row, "order"), text(row, "sentence"), text(row, "key"));
    }
    for row in list("exceptions").iter().take(SHOWN) {
        let _ = writeln!(out, "  {}: {}", text(row, "order"), text(row, "sentence"));
    }
    for row in list("differs").iter().take(SHOWN) {
        let _ = writeln!(out, "  {} differs: then {}, now {}", text(row, "order"), row["then"], row["now"]);
    }
    out
}

/// `90m`, `24h`, `7d`.
fn span_ms(text: &str) -> Result<i64, Failure> {
    let text = text.trim();
    let wrong = || Failure::input(format!("\"{text}\" is no length of time. Write 90m, 24h or 7d."));
    let (at, unit) = text.char_indices().next_back().ok_or_else(wrong)?;
    let unit_ms = match unit {
        'm' => MINUTE_MS,
        'h' => HOUR_MS,
        'd' => DAY_MS,
        _ => return Err(wrong()),
    };
    let n: i64 = text[..at].trim().parse().map_err(|_| wrong())?;
    if n <= 0 { Err(wrong()) } else { n.checked_mul(unit_ms).ok_or_else(wrong) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        for (text, ms) in [("90m", 90 * MINUTE_MS), ("24h", 24 * HOUR_MS), (" 7 d", 7 * DAY_MS)] {
            assert_eq!(span_ms(text).unwrap(), ms, "{text}");
        }
        for wrong in ["", "h", "0h", "-1d", "24", "1 week", "99999999999999999d", "ü"] {
            assert!(span_ms(wrong).is_err(), "{wrong}");
        }
    }
}
