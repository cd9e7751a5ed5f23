//! `plan` and `go-live`.

use crate::args::{GoLiveArgs, ModeArg};
use crate::output::{Failure, Outcome, Output};
use crate::table::{plain, table, text};
use crate::times;
use crate::world::World;
use quayside_api::stock::AUTOMATION as STOCK;
use quayside_api::view::{Plan, WhoWrites};
use quayside_model::Mode;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Shows the plan: its first page, or all of it.
pub fn plan(profile: Option<&Path>, automation: Option<&str>, all: bool, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let mut plan = desk.plan(automation, None, 0)?;
    // Another plan than the first page's: the desk changed meanwhile, and the pages would not fit together.
    let mut more = if all { Some(desk.plan(automation, None, plan.items.len() as i64)?) } else { None };
    while let Some(page) = more.take().filter(|page| !page.items.is_empty() && page.hash == plan.hash) {
        plan.items.extend(page.items);
        more = Some(desk.plan(automation, None, plan.items.len() as i64)?);
    }
    let text = words(&plan);
    Ok(Output::new(json!({ "plan": plan }), text))
}

fn words(plan: &Plan) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    for item in &plan.items {
        let mode = match item.effect.mode {
            Mode::Ask => " (waits for your click)",
            Mode::Watch => " (only watching)",
            Mode::Off | Mode::Auto => "",
        };
        let _ = writeln!(out, "{}  {}{mode}", item.account, plain(&item.effect.sentence));
        for change in &item.changes {
            let before =
                if change.before.is_empty() { String::new() } else { format!("{} → ", plain(&change.before)) };
            let _ = writeln!(out, "    {}: {before}{}", plain(&change.field), plain(&change.after));
        }
    }
    let total: i64 = plan.per_automation.values().sum();
    if total > plan.items.len() as i64 {
        let _ = writeln!(out, "… and {} more: `plan --all` lists them.", total - plan.items.len() as i64);
    }
    let looked = quayside_api::words::count(plan.orders, "open order", "open orders");
    if total == 0 {
        let _ = writeln!(out, "Nothing would be sent. {looked} were looked at.");
    } else {
        let _ = writeln!(
            out,
            "{} over {looked}. Nothing was sent.",
            quayside_api::words::count(total, "change", "changes")
        );
    }
    for line in &plan.cost {
        let _ = writeln!(out, "{line}");
    }
    out.push_str(&questions(&plan.who_writes));
    out
}

/// What has to be said before a store's orders go, and how.
fn questions(open: &[WhoWrites]) -> String {
    let mut out = String::new();
    for question in open {
        let _ = writeln!(
            out,
            "{} Until then its orders wait. Answer: quayside-cli connection-settings {} hub_imports=false (Quayside) or hub_imports=true ({}).",
            plain(&question.sentence),
            question.store,
            plain(&question.hub_title)
        );
    }
    out
}

/// Lets automations act.
pub fn go_live(profile: Option<&Path>, args: &GoLiveArgs, world: &World) -> Outcome {
    let line = args.from.as_deref().map(|text| times::go_live(text, world.clock.now_ms())).transpose()?;
    let mode = match args.mode {
        ModeArg::Off => Mode::Off,
        ModeArg::Watch => Mode::Watch,
        ModeArg::Ask => Mode::Ask,
        ModeArg::Auto => Mode::Auto,
    };
    let desk = world.changing(profile)?;
    let mut chosen = desk.automations()?;
    if let Some(id) = &args.automation {
        let known: Vec<String> = chosen.iter().map(|view| view.id.clone()).collect();
        chosen.retain(|view| view.id == *id);
        if chosen.is_empty() {
            return Err(Failure::input(format!(
                "There is no automation \"{id}\". There are {}.",
                quayside_api::words::list(&known)
            )));
        }
    } else {
        // Counts and products are left alone until somebody asks for it by name: the plan of all does not show what is off.
        chosen.retain(|view| ![STOCK, "products"].contains(&view.id.as_str()) || view.mode != Mode::Off);
    }
    let mut after = Vec::new();
    for view in chosen {
        // Without --from the line stays where it is: what `plan` shows is what goes.
        after.push(desk.go_live(&view.id, mode, line.unwrap_or(view.go_live_ms))?);
    }
    let rows: Vec<Vec<String>> = after
        .iter()
        .map(|view| {
            vec![
                view.id.clone(),
                view.mode.code().to_owned(),
                view.go_live_ms.map_or_else(|| "all open orders".to_owned(), |at_ms| times::short(Some(at_ms))),
            ]
        })
        .collect();
    let mut shown = table(&[text("Automation", 30), text("Mode", 8), text("From", 30)], &rows);
    if matches!(mode, Mode::Auto | Mode::Ask) {
        shown.push_str(
            "Nothing was sent yet. The open window takes it up at once; without one: quayside-cli sync --until-idle.\n",
        );
    }
    let asked = if matches!(mode, Mode::Auto | Mode::Ask) { desk.who_writes()? } else { Vec::new() };
    shown.push_str(&questions(&asked));
    let said = if matches!(mode, Mode::Auto | Mode::Ask) { desk.said_by_going_live()? } else { Vec::new() };
    for (store, sentence) in &said {
        // Writing to a String does not fail.
        let _ = writeln!(
            shown,
            "{} If the shipping account imports them by itself: quayside-cli connection-settings {store} hub_imports=true.",
            plain(sentence)
        );
    }
    let said: Vec<_> = said.iter().map(|(store, sentence)| json!({ "store": store, "sentence": sentence })).collect();
    Ok(Output::new(json!({ "automations": after, "who_writes": asked, "said_by_going_live": said }), shown))
}
