//! `stock`.

use crate::args::StockArg;
use crate::output::{Outcome, Output};
use crate::table::{number, plain, table, text};
use crate::world::World;
use quayside_api::stock::{StockAsk, StockPage, StockPart, StockRow};
use quayside_model::{ShelfSays, SideState};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Lists the counts, SKU by SKU.
pub fn list(profile: Option<&Path>, search: &str, only: StockArg, after: &str, world: &World) -> Outcome {
    let part = match only {
        StockArg::All => StockPart::All,
        StockArg::Differs => StockPart::Differs,
        StockArg::Warned => StockPart::Warned,
    };
    let desk = world.looking(profile)?;
    let page = desk.stock(&StockAsk { part, text: search.to_owned(), after: after.to_owned() })?;
    let shown = words(&page);
    Ok(Output::new(json!({ "stock": page }), shown))
}

fn words(page: &StockPage) -> String {
    let columns = [
        text("SKU", 24),
        text("Account", 20),
        text("Place", 16),
        number("Shows"),
        number("Should"),
        text("State", 11),
        text("", 100),
    ];
    let rows: Vec<Vec<String>> = page.rows.iter().flat_map(|row| cells(row, page)).collect();
    let mut out = table(&columns, &rows);
    if !page.counted {
        out.push_str("No connected account reads counts of units.\n");
    } else if rows.is_empty() {
        out.push_str("No SKU matches.\n");
    }
    if !page.next.is_empty() {
        // Writing to a String does not fail.
        let _ = writeln!(out, "More: --after {}", plain(&page.next));
    }
    if !rows.is_empty() {
        let _ = writeln!(
            out,
            "{} counted: of {} a count differs, {} run low. \"Stock\": {}.",
            if page.all == 1 { "1 SKU".to_owned() } else { format!("{} SKUs", page.all) },
            page.differs,
            page.warned,
            page.mode.code()
        );
    }
    out
}

/// A line for the count that holds, and one for every other.
fn cells(row: &StockRow, page: &StockPage) -> Vec<Vec<String>> {
    let named = |id: &str| page.accounts.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let none = String::new;
    let Some(says) = &row.says else {
        let soon = "Looked at in a moment.".to_owned();
        return vec![vec![row.sku.clone(), none(), none(), none(), none(), none(), soon]];
    };
    let mut rows = Vec::with_capacity(says.sides.len() + 1);
    match &says.truth {
        Some(truth) => rows.push(vec![
            says.sku.clone(),
            named(truth.connection.as_str()),
            truth.place.clone(),
            truth.units.to_string(),
            none(),
            "holds".to_owned(),
            sum(says),
        ]),
        None => rows.push(vec![says.sku.clone(), none(), none(), none(), none(), none(), sum(says)]),
    }
    rows.extend(says.sides.iter().map(|side| {
        vec![
            none(),
            named(side.connection.as_str()),
            side.place.clone(),
            side.units.to_string(),
            side.wanted.map_or_else(none, |wanted| wanted.to_string()),
            state(side.state).to_owned(),
            side.sentence.clone(),
        ]
    }));
    rows
}

/// What orders hold of it, what is left, and what a person should know.
fn sum(says: &ShelfSays) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let (Some(held), Some(available)) = (says.held, says.available) {
        parts.push(format!("{held} held, {available} to promise."));
    }
    parts.extend(says.why.as_ref().map(|why| format!("Nothing is written. {why}")));
    parts.extend(says.warning.as_ref().map(|warning| warning.sentence.clone()));
    parts.join(" ")
}

fn state(state: SideState) -> &'static str {
    match state {
        SideState::Agrees => "agrees",
        SideState::Changing => "changes",
        SideState::Differs => "differs",
        SideState::Reading => "is read",
        SideState::NotWritten => "not written",
        SideState::Refused => "refused",
    }
}
