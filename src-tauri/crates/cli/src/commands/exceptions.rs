//! `exceptions`.

use crate::output::{Failure, Outcome, Output};
use crate::table::plain;
use crate::times;
use crate::world::World;
use quayside_api::view::{ExceptionsAsk, ExceptionsPage};
use quayside_model::Cause;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Lists what needs a person.
pub fn list(profile: Option<&Path>, view: &str, cause: Option<&str>, world: &World) -> Outcome {
    let cause = cause.map(self::cause).transpose()?;
    let desk = world.looking(profile)?;
    let page = desk.exceptions(ExceptionsAsk { view: view.to_owned(), cause, text: String::new() })?;
    let shown = words(&page, cause.is_some());
    Ok(Output::new(json!({ "exceptions": page }), shown))
}

/// A cause as typed.
pub(crate) fn cause(typed: &str) -> Result<Cause, Failure> {
    let word = typed.trim().to_lowercase().replace('-', "_");
    Cause::from_code(&word).ok_or_else(|| {
        let known: Vec<&str> = Cause::ALL.iter().map(|cause| cause.code()).collect();
        Failure::input(format!("There is no cause \"{typed}\". There are: {}.", known.join(", ")))
    })
}

/// `one`: of one cause, and so as many as can be listed.
fn words(page: &ExceptionsPage, one: bool) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    for group in &page.groups {
        let _ = writeln!(
            out,
            "{} ({}){}",
            group.title,
            group.count,
            if group.summary.is_empty() { String::new() } else { format!(": {}", plain(&group.summary)) }
        );
        let _ = writeln!(out, "  {}", group.help);
        for entry in &group.entries {
            let about = entry.order.as_ref().map(|row| &row.number).or(entry.counted.as_ref());
            let order = about.map_or_else(String::new, |name| format!("{} ", plain(name)));
            let _ = writeln!(
                out,
                "  [{}] {order}{} (since {}, seen {} ×)",
                entry.id,
                plain(&entry.sentence),
                times::short(Some(entry.opened_at_ms)),
                entry.count
            );
            if let Some(said) = &entry.said {
                let _ = writeln!(out, "      \"{}\"", plain(said));
            }
            if !entry.orders.is_empty() {
                let numbers: Vec<String> = entry.orders.iter().map(|(_, number)| plain(number)).collect();
                let _ = writeln!(out, "      {} orders: {}", numbers.len(), numbers.join(", "));
            }
        }
        let listed = group.entries.len() as i64;
        if group.count > listed && one {
            let _ = writeln!(out, "  The first {listed} of {}; the others come up as these end.", group.count);
        } else if group.count > listed {
            let _ = writeln!(out, "  … {} more: --cause {}", group.count - listed, group.cause);
        }
    }
    if page.groups.is_empty() {
        out.push_str("Nothing here.\n");
    }
    let _ = writeln!(out, "{}", page.checked);
    out
}
