//! `stock`.

use crate::args::{StockArg, StockArgs};
use crate::commands::act::GOES_OUT;
use crate::commands::connection;
use crate::output::{Failure, Outcome, Output};
use crate::table::{number, plain, table, text};
use crate::world::World;
use quayside_api::desk::Desk;
use quayside_api::stock::{StockAdjust, StockAsk, StockPage, StockPart, StockRow};
use quayside_model::alias::fold;
use quayside_model::{ConnectionId, ShelfSays, SideState};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Lists the counts, or adjusts one.
pub fn run(profile: Option<&Path>, args: &StockArgs, world: &World) -> Outcome {
    match (&args.adjust, &args.at, args.by) {
        (Some(sku), Some(at), Some(by)) => adjust(profile, (sku, at, by), args, world),
        _ => list(profile, args, world),
    }
}

/// Adds units to a count or takes some away, or says what would come of it.
fn adjust(profile: Option<&Path>, (sku, at, by): (&str, &str, i64), args: &StockArgs, world: &World) -> Outcome {
    let desk = if args.yes { world.changing(profile)? } else { world.looking(profile)? };
    let account = connection(&desk, at)?;
    let counts = counts_of(&desk, sku, &account.id)?;
    let wanted = fold(&args.place);
    let fits = |(_, place, _): &&(String, String, i64)| wanted.is_empty() || fold(place) == wanted;
    let found: Vec<&(String, String, i64)> = counts.iter().filter(fits).collect();
    let (remote_id, shown) = match found.as_slice() {
        [(remote_id, _, units)] => (remote_id.clone(), *units),
        [] if counts.is_empty() => {
            return Err(Failure::input(format!(
                "No count of {sku} is known at {}. List them: quayside-cli stock --search {sku}",
                account.name
            )));
        }
        _ => {
            let places: Vec<&str> = counts.iter().map(|(_, place, _)| place.as_str()).collect();
            return Err(Failure::input(format!(
                "Which count of {sku} at {} is meant? Say --place with one of: {}.",
                account.name,
                places.join(", ")
            )));
        }
    };
    let said = desk.adjust_stock(&StockAdjust {
        sku: fold(sku),
        connection: account.id,
        remote_id,
        by,
        shown,
        reason: args.reason.clone(),
        preview: !args.yes,
    })?;
    let mut shown = plain(&said.sentence);
    shown.push_str(if args.yes { GOES_OUT } else { "\nNothing was changed. Say --yes to do it." });
    let document = json!({
        "adjusted": { "done": args.yes, "sentence": said.sentence, "before": said.before, "after": said.after },
    });
    Ok(Output::new(document, shown))
}

/// What an account counts of a SKU: its name of the count, the place, the units.
fn counts_of(desk: &Desk, sku: &str, account: &ConnectionId) -> Result<Vec<(String, String, i64)>, Failure> {
    let key = fold(sku);
    let mut after = String::new();
    loop {
        let page = desk.stock(&StockAsk { part: StockPart::All, text: key.clone(), after })?;
        if let Some(row) = page.rows.into_iter().find(|row| row.sku == key) {
            let Some(says) = row.says else {
                return Err(Failure::input(format!("{sku} is looked at in a moment. Sync first: quayside-cli sync")));
            };
            let truth = says.truth.into_iter().map(|one| (one.connection, one.remote_id, one.place, one.units));
            let sides = says.sides.into_iter().map(|one| (one.connection, one.remote_id, one.place, one.units));
            let theirs = truth.chain(sides).filter(|(id, remote_id, ..)| id == account && !remote_id.is_empty());
            return Ok(theirs.map(|(_, remote_id, place, units)| (remote_id, place, units)).collect());
        }
        if page.next.is_empty() {
            return Ok(Vec::new());
        }
        after = page.next;
    }
}

/// Lists the counts, SKU by SKU.
fn list(profile: Option<&Path>, args: &StockArgs, world: &World) -> Outcome {
    let (search, after) = (args.search.as_str(), args.after.as_str());
    let part = match args.only {
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
