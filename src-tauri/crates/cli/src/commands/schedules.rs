//! `report-schedule`.

use super::reports::{form, kind, minute, way};
use crate::args::ReportScheduleArgs;
use crate::output::{Failure, Outcome, Output};
use crate::table::plain;
use crate::times;
use crate::world::World;
use quayside_api::reports::schedule::{Cadence, ReportSchedule, ReportScheduleView, ReportWindow};
use quayside_api::reports::{ReportForm, ReportKind};
use quayside_api::view::{Trouble, TroubleCode};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Lists them, or sets one up, changes it, takes it away.
pub fn run(profile: Option<&Path>, args: &ReportScheduleArgs, world: &World) -> Outcome {
    if args.report.is_none() && args.id.is_none() {
        return Ok(said(&world.looking(profile)?.report_schedules()?));
    }
    let desk = world.changing(profile)?;
    let known = desk.report_schedules()?;
    let before = match &args.id {
        None => usual(),
        Some(id) => {
            let found = known.into_iter().map(|one| one.schedule).find(|one| one.id == *id);
            found.ok_or_else(|| Trouble {
                code: TroubleCode::Gone,
                sentence: format!("There is no schedule {id}. List them: quayside-cli report-schedule"),
                field: None,
            })?
        }
    };
    if args.remove {
        return Ok(said(&desk.forget_report_schedule(&before.id)?));
    }
    Ok(said(&desk.put_report_schedule(&changed(before, args)?)?))
}

/// The month before, on the first.
fn usual() -> ReportSchedule {
    ReportSchedule {
        id: String::new(),
        on: true,
        kind: ReportKind::ShippingCost,
        cadence: Cadence::Month { day: 1 },
        minute: 360,
        zone: String::new(),
        window: ReportWindow::LastMonth,
        folder: String::new(),
        forms: vec![ReportForm::Csv, ReportForm::Page],
        ways: vec![],
    }
}

/// With what was typed in the place of what was.
fn changed(before: ReportSchedule, args: &ReportScheduleArgs) -> Result<ReportSchedule, Failure> {
    let mut one = ReportSchedule { on: !args.off, ..before };
    if let Some(report) = &args.report {
        one.kind = kind(report)?;
    }
    one.cadence = cadence(one.cadence, args.every.as_deref(), args.on.as_deref())?;
    if let Some(at) = &args.at {
        one.minute = minute(at)?;
    }
    if let Some(zone) = &args.zone {
        one.zone.clone_from(zone);
    }
    if let Some(about) = &args.about {
        one.window = ReportWindow::from_code(about).ok_or_else(|| {
            let all: Vec<&str> = ReportWindow::ALL.into_iter().map(ReportWindow::code).collect();
            Trouble::field("about", format!("There is no time \"{about}\". There are: {}.", all.join(", ")))
        })?;
    }
    if let Some(folder) = &args.folder {
        one.folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone()).display().to_string();
    }
    if !args.ways.is_empty() {
        one.ways = args.ways.iter().map(|typed| way(typed)).collect::<Result<_, _>>()?;
    }
    if !args.forms.is_empty() {
        one.forms = args.forms.iter().map(|typed| form(typed)).collect::<Result<_, _>>()?;
    }
    Ok(one)
}

/// How often, from two words: `week` and `monday`, `month` and `last`. A day says by itself which of the two it is of.
fn cadence(before: Cadence, every: Option<&str>, on: Option<&str>) -> Result<Cadence, Failure> {
    let refuse = |field: &str, why: String| -> Result<Cadence, Failure> { Err(Trouble::field(field, why).into()) };
    let weekday = |word: &str| WEEKDAYS.iter().zip(1..).find(|(name, _)| **name == word).map(|(_, number)| number);
    let month_day = |word: &str| if word == "last" { Some(31) } else { word.parse().ok() };
    let on = on.map(str::to_lowercase);
    match (every, on.as_deref()) {
        (None, None) => Ok(before),
        (Some("day"), None) => Ok(Cadence::Day),
        (Some("day"), Some(_)) => refuse("on", "What is made every day is of no day in particular.".to_owned()),
        (Some("week"), None) => Ok(Cadence::Week { weekday: 1 }),
        (Some("month"), None) => Ok(Cadence::Month { day: 1 }),
        (None | Some("week" | "month"), Some(word)) => match (weekday(word), month_day(word)) {
            (Some(weekday), _) if every != Some("month") => Ok(Cadence::Week { weekday }),
            (_, Some(day)) if every != Some("week") => Ok(Cadence::Month { day }),
            _ => refuse(
                "on",
                format!(
                    "\"{word}\" is no such day. Write a day of the week (monday), or of the month (1 to 31, or last)."
                ),
            ),
        },
        (Some(other), _) => refuse("every", format!("There is no \"{other}\". There are: day, week, month.")),
    }
}

fn said(all: &[ReportScheduleView]) -> Output {
    let mut out = String::new();
    if all.is_empty() {
        out.push_str("No report is on a schedule of its own. Set one up: quayside-cli report-schedule shipping_cost --every month --on 1 --about last_month --folder FOLDER\n");
    }
    for one in all {
        let next = if one.schedule.on { format!("Next: {}", times::short(one.next_ms)) } else { "Off.".to_owned() };
        // Writing to a String does not fail.
        let _ = writeln!(out, "{}  {}. {}. {next}", one.schedule.id, one.title, plain(&one.words));
        if let Some(trouble) = &one.trouble {
            let _ = writeln!(out, "  The last one could not be written: {}", plain(trouble));
        } else if one.last_ms.is_some() {
            let _ = writeln!(out, "  Last written: {} {}", times::short(one.last_ms), one.made_up);
        }
    }
    Output::new(json!({ "schedules": all }), out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_of_the_week_or_of_the_month_by_itself() {
        let before = Cadence::Month { day: 3 };
        for (every, on, expected) in [
            (None, None, Some(before)),
            (Some("day"), None, Some(Cadence::Day)),
            (Some("day"), Some("monday"), None),
            (Some("week"), None, Some(Cadence::Week { weekday: 1 })),
            (Some("week"), Some("Friday"), Some(Cadence::Week { weekday: 5 })),
            (None, Some("sunday"), Some(Cadence::Week { weekday: 7 })),
            (Some("week"), Some("last"), None),
            (Some("week"), Some("3"), None),
            (Some("month"), Some("last"), Some(Cadence::Month { day: 31 })),
            (None, Some("15"), Some(Cadence::Month { day: 15 })),
            (Some("month"), Some("monday"), None),
            (Some("month"), Some("soon"), None),
            (Some("year"), None, None),
            (Some("year"), Some("1"), None),
        ] {
            assert_eq!(cadence(before, every, on).ok(), expected, "{every:?} {on:?}");
        }
    }
}
