//! `report`, `report-plan` and `report-send`.

use crate::args::ReportArgs;
use crate::output::{Failure, Outcome, Output};
use crate::table::{number, plain, table, text};
use crate::times;
use crate::world::World;
use quayside_api::reports::deliver::{DeliveryState, ReportWay};
use quayside_api::reports::plan::ReportPlanView;
use quayside_api::reports::{ReportAsk, ReportForm, ReportKind, ReportSpan};
use quayside_api::view::{Trouble, TroubleCode};
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
    let table = args.table.as_str();
    for (form, path, which) in [
        (ReportForm::Csv, &args.csv, table),
        (ReportForm::Parquet, &args.parquet, table),
        (ReportForm::Page, &args.page, ""),
    ] {
        if let Some(path) = path {
            report.save(form, which, path)?;
            let _ = writeln!(out, "Written to {}", path.display());
        }
    }
    Ok(Output::new(json!({ "report": report }), out))
}

/// What is changed of the plan.
pub struct Change<'a> {
    /// Into this folder.
    pub folder: Option<&'a Path>,
    /// At this time.
    pub at: Option<&'a str>,
    /// These; empty: as before.
    pub reports: &'a [String],
    /// As these files; empty: as before.
    pub forms: &'a [String],
    /// It ends.
    pub off: bool,
}

/// Shows or sets what is made by itself.
pub fn plan(profile: Option<&Path>, change: &Change<'_>, world: &World) -> Outcome {
    let Change { folder, at, reports, forms, off } = *change;
    if !off && folder.is_none() && at.is_none() && reports.is_empty() && forms.is_empty() {
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
    if !forms.is_empty() {
        plan.forms = forms.iter().map(|word| form(word)).collect::<Result<_, _>>()?;
    }
    Ok(said(&desk.put_report_plan(&plan)?))
}

fn said(view: &ReportPlanView) -> Output {
    let mut out = String::new();
    if view.plan.on {
        let which: Vec<&str> = view.plan.kinds.iter().map(|kind| kind.code()).collect();
        let forms: Vec<&str> = view.plan.forms.iter().map(|form| word(*form)).collect();
        let folder = if view.plan.folder.is_empty() { "no folder" } else { view.plan.folder.as_str() };
        let _ = writeln!(
            out,
            "Every day at {:02}:{:02} into {}: {}, as {}. Next: {}",
            view.plan.minute / 60,
            view.plan.minute % 60,
            plain(folder),
            which.join(", "),
            forms.join(", "),
            times::short(view.next_ms)
        );
    } else {
        out.push_str("No report makes itself. Set one up: quayside-cli report-plan --folder FOLDER --at 06:00\n");
    }
    if let Some(trouble) = &view.trouble {
        let _ = writeln!(out, "The last ones could not be written: {}", plain(trouble));
    } else if let (Some(folder), Some(_)) = (&view.last_folder, view.last_ms) {
        let _ = writeln!(out, "Last written: {} into {}", times::short(view.last_ms), plain(folder));
        if !view.made_up.is_empty() {
            let _ = writeln!(out, "{}", view.made_up);
        }
    }
    Output::new(json!({ "plan": view }), out)
}

pub(super) fn kind(code: &str) -> Result<ReportKind, Failure> {
    ReportKind::from_code(code).ok_or_else(|| {
        let all: Vec<&str> = ReportKind::ALL.into_iter().map(ReportKind::code).collect();
        Trouble::field("report", format!("There is no report \"{code}\". There are: {}.", all.join(", "))).into()
    })
}

/// Sends reports now by a way that is set up, and says of each whether it is there.
pub async fn send(profile: Option<&Path>, typed: &str, report: Option<&str>, day: &str, world: &World) -> Outcome {
    let way = way(typed)?;
    let of = report.map(kind).transpose()?;
    let desk = world.changing(profile)?;
    let sent = desk.send_reports(way, of, day).await?;
    let mut out = String::new();
    for note in &sent {
        let about = format!("{} of {} to {}", note.key.kind.code(), note.key.day, plain(&note.place));
        let _ = match note.state {
            DeliveryState::Delivered => writeln!(out, "Delivered: {about}"),
            _ => writeln!(out, "Not delivered: {about}. {}", plain(&note.words)),
        };
    }
    let there = sent.iter().all(|note| note.state == DeliveryState::Delivered);
    if there {
        return Ok(Output::new(json!({ "sent": sent }), out));
    }
    Err(Trouble { code: TroubleCode::Platform, sentence: out.trim_end().to_owned(), field: None }.into())
}

/// A way reports go by, by its word.
pub(super) fn way(typed: &str) -> Result<ReportWay, Failure> {
    ReportWay::from_code(typed).ok_or_else(|| {
        let all: Vec<&str> = ReportWay::ALL.into_iter().map(ReportWay::code).collect();
        Trouble::field("way", format!("There is no way \"{typed}\". There are: {}.", all.join(", "))).into()
    })
}

/// The forms a file can have, by their word.
pub(super) fn form(typed: &str) -> Result<ReportForm, Failure> {
    let forms = [ReportForm::Page, ReportForm::Csv, ReportForm::Parquet];
    forms.into_iter().find(|form| word(*form) == typed).ok_or_else(|| {
        Trouble::field("form", format!("There is no form \"{typed}\". There are: page, csv, parquet.")).into()
    })
}

fn word(form: ReportForm) -> &'static str {
    match form {
        ReportForm::Csv => "csv",
        ReportForm::Tabs => "tabs",
        ReportForm::Page => "page",
        ReportForm::Parquet => "parquet",
    }
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
pub(super) fn minute(typed: &str) -> Result<u32, Failure> {
    let number = |text: &str| text.parse::<u32>().ok();
    match typed.split_once(':').map(|(hour, minute)| (number(hour), number(minute))) {
        Some((Some(hour), Some(minute))) if hour < 24 && minute < 60 => Ok(hour * 60 + minute),
        _ => Err(Trouble::field("at", format!("\"{typed}\" is no time of the day. Write it like 06:00.")).into()),
    }
}
