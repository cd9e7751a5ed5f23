//! `profile`: files that describe an account's API, and what an account without one needs.

use crate::args::ProfileCommand;
use crate::output::{Failure, Outcome, Output, UNFINISHED};
use crate::world::World;
use quayside_api::profiles;
use quayside_model::Cause;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// The command.
pub fn run(home: Option<&Path>, command: &ProfileCommand, world: &World) -> Outcome {
    match command {
        ProfileCommand::Show { name, platform } => show(name.as_deref(), platform),
        ProfileCommand::Check { profile, platform } => check(profile, platform),
        ProfileCommand::Import { file, platform } => import(file, platform),
        ProfileCommand::Preview { profile, sample, of, platform } => preview(profile, sample, of, platform),
        ProfileCommand::DryRun { profile, order, of, connection, platform } => {
            dry_run(home, profile, order.as_deref(), of, connection.as_deref(), platform, world)
        }
        ProfileCommand::Csv { file, into, columns, platform } => {
            csv(home, file, into.as_deref(), columns, platform, world)
        }
        ProfileCommand::ByHand { changes, csv, with_addresses } => {
            let cause = if *changes { Cause::ChangeByHand } else { Cause::EnterByHand };
            by_hand(home, cause, *csv, *with_addresses, world)
        }
    }
}

fn file(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::input(format!("{} cannot be read as text ({error}).", path.display())))
}

/// A file's text; the name of a shipped profile stands for itself.
fn profile(given: &str, platform: &str) -> Result<String, Failure> {
    match profiles::shipped(platform)?.into_iter().find(|shipped| shipped.name == given) {
        Some(shipped) => Ok(shipped.text),
        None => file(Path::new(given)),
    }
}

fn show(name: Option<&str>, platform: &str) -> Outcome {
    let all = profiles::shipped(platform)?;
    let Some(name) = name else {
        let text: Vec<String> = all.iter().map(|one| format!("{}  {}", one.name, one.title)).collect();
        return Ok(Output::new(json!({ "profiles": all }), text.join("\n")));
    };
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    let found = all.into_iter().find(|one| one.name == name);
    let found = found
        .ok_or_else(|| Failure::input(format!("There is no profile \"{name}\". There are: {}.", names.join(", "))))?;
    let text = found.text.clone();
    Ok(Output::new(json!({ "profiles": [found] }), text))
}

fn check(given: &str, platform: &str) -> Outcome {
    let report = profiles::check(platform, &profile(given, platform)?)?;
    let mut text = String::new();
    // Writing to a String does not fail.
    for fault in &report.faults {
        let _ = writeln!(text, "wrong    {}: {}", fault.place, fault.sentence);
    }
    for ability in &report.abilities {
        let (mark, tail) = if ability.on {
            ("on ", String::new())
        } else {
            ("off", format!(": {} {}", ability.why_off, ability.fallback))
        };
        let _ = writeln!(text, "{mark}      {}{tail}", ability.title);
    }
    let exit = if report.ok { 0 } else { UNFINISHED };
    Ok(Output::new(json!({ "report": report }), text).exit(exit))
}

fn import(path: &Path, platform: &str) -> Outcome {
    let imported = profiles::import(platform, &file(path)?)?;
    let mut text = imported.profile.clone();
    let _ = writeln!(text, "\n# Recognised:");
    for (ours, theirs) in &imported.found {
        let _ = writeln!(text, "#   {ours}: {theirs}");
    }
    for (title, lines) in [("Not recognised", &imported.unknown), ("Left to do", &imported.notes)] {
        if !lines.is_empty() {
            let _ = writeln!(text, "# {title}:");
        }
        for line in lines {
            let _ = writeln!(text, "#   {line}");
        }
    }
    Ok(Output::new(json!({ "imported": imported }), text))
}

fn preview(given: &str, sample: &Path, of: &str, platform: &str) -> Outcome {
    let found = profiles::preview(platform, &profile(given, platform)?, of, &file(sample)?)?;
    let mut text = format!("{}\n", found.sentence);
    for row in &found.rows {
        let mark = if row.missing {
            "missing"
        } else if row.required {
            "needed "
        } else {
            "       "
        };
        let value = if row.problem.is_empty() { &row.value } else { &row.problem };
        let _ = writeln!(text, "{mark}  {:18} {:28} {value}", row.field, row.expression);
    }
    let exit = if found.ok { 0 } else { UNFINISHED };
    Ok(Output::new(json!({ "preview": found }), text).exit(exit))
}

fn dry_run(
    home: Option<&Path>,
    given: &str,
    order: Option<&str>,
    of: &str,
    connection: Option<&str>,
    platform: &str,
    world: &World,
) -> Outcome {
    let text = profile(given, platform)?;
    let desk = world.looking(home)?;
    let order = order.map(|name| super::order(&desk, name)).transpose()?;
    let connection = connection.map(|name| super::connection(&desk, name)).transpose()?;
    let fields = connection.as_ref().map(|account| account.fields.clone()).unwrap_or_default();
    let tried = desk.try_profile(platform, &text, of, order, connection.map(|account| account.id), &fields)?;
    let request = &tried.request;
    let mut shown = format!("# {}, not sent\n{} {}\n", tried.number, request.method, request.url);
    for (name, value) in &request.headers {
        let _ = writeln!(shown, "{name}: {value}");
    }
    if !request.body.is_empty() {
        let _ = write!(shown, "\n{}", request.body);
    }
    Ok(Output::new(json!({ "tried": tried }), shown))
}

fn csv(
    home: Option<&Path>,
    path: &Path,
    into: Option<&str>,
    columns: &[String],
    platform: &str,
    world: &World,
) -> Outcome {
    let text = file(path)?;
    let account = match into {
        Some(into) => {
            let desk = world.changing(home)?;
            let connection = super::connection(&desk, into)?;
            Some((desk, connection))
        }
        None => None,
    };
    // Into an account: its columns are what they were the last time.
    let mut preview = match &account {
        Some((desk, connection)) => desk.csv_preview(&connection.id, &text)?,
        None => profiles::csv_preview(platform, &text)?,
    };
    for column in columns {
        let (field, heading) = column
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("\"{column}\" is not FIELD=HEADING, like number=\"Order No\".")))?;
        preview.mapping.columns.insert(field.trim().to_owned(), heading.trim().to_owned());
    }
    let Some((desk, connection)) = account else {
        let mut shown = format!("{} rows. Columns by our fields:\n", preview.total);
        for (field, needed, meaning) in &preview.fields {
            let heading = preview.mapping.columns.get(field).map_or("", String::as_str);
            let mark = if *needed && heading.is_empty() { "missing" } else { "       " };
            let _ = writeln!(shown, "{mark}  {field:12} {heading:24} {meaning}");
        }
        return Ok(Output::new(json!({ "preview": preview }), shown));
    };
    let done = desk.import_csv(&connection.id, &text, &preview.mapping)?;
    let mut shown = format!("{} orders read, {} new or changed.", done.orders, done.changed);
    for why in &done.set_aside {
        let _ = write!(shown, "\nset aside: {why}");
    }
    let exit = if done.set_aside.is_empty() { 0 } else { UNFINISHED };
    Ok(Output::new(json!({ "imported": done }), shown).exit(exit))
}

fn by_hand(home: Option<&Path>, cause: Cause, as_csv: bool, with_addresses: bool, world: &World) -> Outcome {
    let desk = world.looking(home)?;
    let (texts, csv) = desk.by_hand(cause, with_addresses)?;
    if as_csv {
        return Ok(Output::new(json!({ "csv": csv }), csv));
    }
    let orders: Vec<_> = texts.iter().map(|(id, text)| json!({"id": id, "text": text})).collect();
    let shown = texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n\n");
    Ok(Output::new(json!({ "orders": orders }), shown))
}
