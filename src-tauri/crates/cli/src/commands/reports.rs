//! `report` and `report-plan`.

use crate::args::ReportArgs;
use crate::output::{Failure, Outcome, Output};
use crate::table::{number, plain, table, text};
use crate::times;
use crate::world::World;
use quayside_api::reports::plan::ReportPlanView;
use quayside_api::reports::{ReportAsk, ReportForm, ReportKind, ReportSpan};
use quayside_api::view::Trouble;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Rows of a table that are shown; files and JSON have all.
const SHOWN: usize = 40;
/// Characters of a cell of words.
const WIDE: usize = 44;

/// Makes one, shows it, and writes it where it is wanted.
pub fn make(profile: Option<&Path>, args: &ReportArgs, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let report = desk.report(&ReportAsk {
        span: args.span.as_deref().map_or(Ok(ReportSpan::Own), span)?,
        here: args.account.clone(),
        there: args.with.clone(),
        ..ReportAsk::days(kind(&args.report)?, &args.from, &args.to)
    })?;
    let mut out = format!("{}: {}\n", report.title, report.words);
    // Writing to a String does not fail.
    for figure in &report.figures {
        let note = if figure.note.is_empty() { String::new() } else { format!(" ({})", figure.note) };
        let _ = writeln!(out, "{}: {}{note}", figure.label, plain(&figure.value.words(&report.zone)));
    }
    for one in &report.tables {
        let _ = writeln!(out, "\n{} ({})", one.title, one.code);
        if one.rows.is_empty() {
            out.push_str("Nothing.\n");
            continue;
        }
        let columns: Vec<_> = one
            .columns
            .iter()
            .map(|column| if column.holds.is_number() { number(&column.label) } else { text(&column.label, WIDE) })
            .collect();
        let rows: Vec<Vec<String>> =
            one.rows.iter().take(SHOWN).map(|row| row.iter().map(|cell| cell.words(&report.zone)).collect()).collect();
        out.push_str(&table(&columns, &rows));
        if one.rows.len() > SHOWN {
            let _ = writeln!(out, "{SHOWN} of {} rows. All of them: --csv FILE --table {}", one.rows.len(), one.code);
        }
    }
    for (form, path, which) in [(ReportForm::Csv, &args.csv, args.table.as_str()), (ReportForm::Page, &args.page, "")] {
        if let Some(path) = path {
            report.save(form, which, path)?;
            let _ = writeln!(out, "Written to {}", path.display());
        }
    }
    Ok(Output::new(json!({ "report": report }), out))
}

/// Shows or sets what is made by itself.
pub fn plan(
    profile: Option<&Path>,
    folder: Option<&Path>,
    at: Option<&str>,
    reports: &[String],
    off: bool,
    world: &World,
) -> Outcome {
    if !off && folder.is_none() && at.is_none() && reports.is_empty() {
        return Ok(said(&world.looking(profile)?.report_plan()?));
    }
    let desk = world.changing(profile)?;
    let mut plan = desk.report_plan()?.plan;
    plan.on = !off;
    if let Some(folder) = folder {
        let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        plan.folder = whole.display().to_string();
    }
    if let Some(at) = at {
        plan.minute = minute(at)?;
    }
    if !reports.is_empty() {
        plan.kinds = reports.iter().map(|code| kind(code)).collect::<Result<_, _>>()?;
    }
    Ok(said(&desk.put_report_plan(&plan)?))
}

fn said(view: &ReportPlanView) -> Output {
    let mut out = String::new();
    if view.plan.on {
        let which: Vec<&str> = view.plan.kinds.iter().map(|kind| kind.code()).collect();
        let _ = writeln!(
            out,
            "Every day at {:02}:{:02} into {}: {}. Next: {}",
            view.plan.minute / 60,
            view.plan.minute % 60,
            view.plan.folder,
            which.join(", "),
            times::short(view.next_ms)
        );
    } else {
        out.push_str("No report makes itself. Set one up: quayside-cli report-plan --folder FOLDER --at 06:00\n");
    }
    if let Some(trouble) = &view.trouble {
        let _ = writeln!(out, "The last ones could not be written: {}", plain(trouble));
    } else if let (Some(folder), Some(_)) = (&view.last_folder, view.last_ms) {
        let _ = writeln!(out, "Last written: {} into {}", times::short(view.last_ms), plain(folder));
    }
    Output::new(json!({ "plan": view }), out)
}

fn kind(code: &str) -> Result<ReportKind, Failure> {
    ReportKind::from_code(code).ok_or_else(|| {
        let all: Vec<&str> = ReportKind::ALL.into_iter().map(ReportKind::code).collect();
        Trouble::field("report", format!("There is no report \"{code}\". There are: {}.", all.join(", "))).into()
    })
}

fn span(code: &str) -> Result<ReportSpan, Failure> {
    let named = ReportSpan::ALL.into_iter().filter(|span| *span != ReportSpan::Own);
    named.clone().find(|span| span.code() == code).ok_or_else(|| {
        let all: Vec<&str> = named.map(ReportSpan::code).collect();
        let there_are =
            format!("There is no time \"{code}\". There are: {}; or name days by --from and --to.", all.join(", "));
        Trouble::field("span", there_are).into()
    })
}

/// `06:00` as minute of the day.
fn minute(typed: &str) -> Result<u32, Failure> {
    let number = |text: &str| text.parse::<u32>().ok();
    match typed.split_once(':').map(|(hour, minute)| (number(hour), number(minute))) {
        Some((Some(hour), Some(minute))) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        _ => Err(Trouble::field("at", format!("\"{typed}\" is no time of the day. Write it like 06:00.")).into()),
    }
}
