//! `split`: one order as several hub orders.

use crate::args::SplitArgs;
use crate::commands::order;
use crate::output::{Failure, Outcome, Output};
use crate::table::plain;
use crate::world::World;
use quayside_api::view::{PartView, SplitView};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Splits an order, puts it together again, or says how it stands.
pub fn split(profile: Option<&Path>, args: &SplitArgs, world: &World) -> Outcome {
    let looks = args.parts.is_empty() && !args.together;
    let desk = if looks { world.looking(profile)? } else { world.changing(profile)? };
    let id = order(&desk, &args.order)?;
    let mut view = desk.split(id)?;
    if !looks {
        let further = args.parts.iter().map(|typed| part(&view, typed)).collect::<Result<Vec<_>, _>>()?;
        view = desk.put_split(id, further)?;
    }
    let text = words(&view);
    Ok(Output::new(json!({ "split": view }), text))
}

/// One part as it was typed: units by the store's line.
fn part(view: &SplitView, typed: &str) -> Result<BTreeMap<String, i64>, Failure> {
    let mut units = BTreeMap::new();
    for piece in typed.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
        let (name, n) = piece
            .rsplit_once('=')
            .ok_or_else(|| Failure::input(format!("\"{piece}\" is no SKU and its units. Write it like MUG=1.")))?;
        let name = name.trim();
        let mut named = view.lines.iter().filter(|line| line.sku == name || line.line_id == name);
        let line = match (named.next(), named.next()) {
            (Some(line), None) => line,
            (Some(_), Some(_)) => {
                return Err(Failure::input(format!(
                    "Several lines of {} are called {name}. Name the line's id.",
                    view.number
                )));
            }
            (None, _) => return Err(Failure::input(format!("{} has no line {name} to ship.", view.number))),
        };
        let n: i64 = n
            .trim()
            .parse()
            .map_err(|_| Failure::input(format!("\"{}\" is no number of units of {name}.", n.trim())))?;
        *units.entry(line.line_id.clone()).or_insert(0) += n;
    }
    if units.is_empty() {
        return Err(Failure::input("A part without anything in it is no part. Write it like --part MUG=1."));
    }
    Ok(units)
}

fn words(view: &SplitView) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    if view.parts.is_empty() {
        let _ = writeln!(out, "{} is one hub order.", plain(&view.number));
    }
    for part in &view.parts {
        let number = if part.number.is_empty() { format!("Part {}", part.n) } else { part.number.clone() };
        let account = if part.account.is_empty() { String::new() } else { format!("{}, ", plain(&part.account)) };
        let _ = writeln!(out, "{}: {} ({account}{})", plain(&number), goods(view, part), part.state);
        if !part.why.is_empty() {
            let _ = writeln!(out, "  {}", plain(&part.why));
        }
    }
    if let Some(cannot) = &view.cannot {
        let _ = writeln!(out, "{}", plain(cannot));
    }
    out
}

fn goods(view: &SplitView, part: &PartView) -> String {
    let named = |(id, n): (&String, &i64)| {
        let line = view.lines.iter().find(|line| line.line_id == *id);
        let name = line.map_or(id, |line| if line.sku.is_empty() { &line.name } else { &line.sku });
        format!("{n} × {}", plain(name))
    };
    let goods: Vec<String> = part.units.iter().map(named).collect();
    goods.join(", ")
}
