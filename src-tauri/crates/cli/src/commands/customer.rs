//! `customer`: what is kept of one buyer, and what is done when they ask for it or ask to be forgotten.

use crate::args::CustomerCommand;
use crate::commands::order;
use crate::output::{Failure, Outcome, Output, UNFINISHED};
use crate::table::{plain, table, text};
use crate::times;
use crate::world::World;
use quayside_api::desk::Desk;
use quayside_api::view::{CustomerFound, Trouble};
use quayside_api::who_is_it::{CustomerPick, CustomerReviews};
use quayside_model::{ConnectionId, OrderId};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Does one of them.
pub fn run(profile: Option<&Path>, command: &CustomerCommand, world: &World) -> Outcome {
    match command {
        CustomerCommand::Find { who } => {
            let found = world.looking(profile)?.find_customer(who)?;
            let shown = listed(&found);
            Ok(Output::new(json!({ "customer": found }), shown))
        }
        CustomerCommand::Forget { who, orders, receipt, yes } => {
            forget(profile, who, orders, receipt.as_deref(), *yes, world)
        }
        CustomerCommand::Export { who, file, orders } => export(profile, who, orders, file, world),
        CustomerCommand::Review { customer, to, new: _, unlink, always, at } => {
            let Some(customer) = customer else {
                let reviews = world.looking(profile)?.customer_reviews()?;
                let shown = beside(&reviews);
                return Ok(Output::new(json!({ "reviews": reviews }), shown));
            };
            let desk = world.changing(profile)?;
            let known = desk.customer_reviews()?;
            let done = if *unlink {
                let said = known.said.iter().filter(|one| one.customer == *customer);
                let at = only(said.map(|one| (&one.connection, one.account.as_str())), at.as_deref(), customer)?;
                desk.unlink_customer(at, customer)?
            } else {
                let open = known.open.iter().filter(|one| one.customer == *customer);
                let connection =
                    only(open.map(|one| (&one.connection, one.account.as_str())), at.as_deref(), customer)?;
                let (customer, remote_id) = (customer.clone(), to.clone());
                desk.choose_customer(CustomerPick { connection, customer, remote_id, always: *always })?
            };
            let shown = done.sentence.clone();
            Ok(Output::new(json!({ "reviews": desk.customer_reviews()?, "picked": done }), shown))
        }
    }
}

/// The account that is meant: the one that was named, else the only one.
fn only<'a>(
    known: impl Iterator<Item = (&'a ConnectionId, &'a str)>,
    at: Option<&str>,
    customer: &str,
) -> Result<ConnectionId, Failure> {
    let named = |(id, name): &(&ConnectionId, &str)| {
        at.is_none_or(|at| id.as_str() == at || name.trim().eq_ignore_ascii_case(at.trim()))
    };
    let mut found = known.filter(named);
    match (found.next(), found.next()) {
        (Some((id, _)), None) => Ok(id.clone()),
        (None, _) => {
            let sentence =
                format!("There is no {customer} to be told apart here. `customer review` lists who there is.");
            Err(Trouble::gone(sentence).into())
        }
        (Some(_), Some(_)) => {
            let sentence = format!("{customer} stands at several accounts. Say which with --at.");
            Err(Trouble::input(sentence).into())
        }
    }
}

/// Both sides beside each other; what differs is marked.
fn beside(reviews: &CustomerReviews) -> String {
    let mut out = String::new();
    for one in &reviews.open {
        let numbers: Vec<&str> = one.orders.iter().map(|(_, number)| number.as_str()).collect();
        let _ = writeln!(out, "{} at {} ({}), for {}", one.customer, one.account, one.name, numbers.join(", "));
        let _ = writeln!(out, "{}", one.sentence);
        let mut rows = vec![];
        for fact in &one.rows {
            let mut row = vec![fact.label.clone(), fact.ours.replace('\n', ", ")];
            row.extend(fact.theirs.iter().map(|theirs| {
                let mark = if theirs.same == Some(false) { "≠ " } else { "" };
                format!("{mark}{}", theirs.text.replace('\n', ", "))
            }));
            rows.push(row);
        }
        let mut heads = vec![String::new(), "The order".to_owned()];
        heads.extend(one.candidates.iter().map(|like| format!("{} (by {})", like.remote_id, like.by)));
        for row in [heads].into_iter().chain(rows) {
            let _ = writeln!(out, "  {}", row.join(" | "));
        }
        out.push('\n');
    }
    if reviews.open.is_empty() {
        out.push_str("Nobody has to be told apart.\n");
    }
    for one in &reviews.said {
        let whom = one.remote_id.as_deref().unwrap_or("a new customer");
        let how = if one.always { "always" } else { "until it is written" };
        let _ = writeln!(out, "{} at {} is {whom}, {how}.", one.customer, one.account);
    }
    out.trim_end().to_owned()
}

/// The orders that were named, or all that were found.
fn chosen(desk: &Desk, found: &CustomerFound, named: &[String]) -> Result<Vec<OrderId>, Failure> {
    if found.orders.is_empty() && found.strays == 0 {
        let sentence = "Nothing is kept of this buyer: no order has this address, number or name. Orders whose personal data was taken out already are nobody's.";
        return Err(Trouble::gone(sentence).into());
    }
    if named.is_empty() {
        return Ok(found.orders.iter().map(|order| order.id).collect());
    }
    named.iter().map(|typed| order(desk, typed)).collect()
}

fn forget(
    profile: Option<&Path>,
    who: &str,
    named: &[String],
    receipt: Option<&Path>,
    yes: bool,
    world: &World,
) -> Outcome {
    let desk = if yes { world.changing(profile)? } else { world.looking(profile)? };
    let found = desk.find_customer(who)?;
    let orders = chosen(&desk, &found, named)?;
    if !yes {
        let shown = format!(
            "{}\nNothing was changed. --yes takes the buyer's data out of {} of them: what is taken out does not come back.",
            listed(&found),
            orders.len()
        );
        return Ok(Output::new(json!({ "customer": found, "forgotten": null }), shown).exit(UNFINISHED));
    }
    let done = desk.forget_customer(who, &orders, receipt)?;
    let mut shown = format!("The buyer's data was taken out of {} of the orders.", done.blanked.len());
    // Writing to a String does not fail.
    if !done.blanked.is_empty() {
        let _ = write!(shown, " ({})", plain(&done.blanked.join(", ")));
    }
    if !done.waiting.is_empty() {
        let _ = write!(shown, "\nStill open, it goes when they are closed: {}", plain(&done.waiting.join(", ")));
    }
    if done.strays > 0 {
        let _ = write!(shown, "\nAnd out of {} at shipping accounts that belong to no order here.", done.strays);
    }
    left(&mut shown, "Not reached from here", &done.not_reached);
    let _ = write!(shown, "\nEntry {} of the trail; its head is {}", done.trail_entry, done.trail_head);
    if let Some(path) = &done.receipt {
        let _ = write!(shown, "\nThe receipt is in {path}");
    }
    Ok(Output::new(json!({ "customer": found, "forgotten": done }), shown))
}

fn export(profile: Option<&Path>, who: &str, named: &[String], file: &Path, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let found = desk.find_customer(who)?;
    let orders = chosen(&desk, &found, named)?;
    let saved = desk.export_customer(who, &orders, file)?;
    let mut shown = format!(
        "Wrote {} to {} and, to read, {}.",
        if saved.orders.len() == 1 { "1 order".to_owned() } else { format!("{} orders", saved.orders.len()) },
        saved.data,
        saved.page
    );
    left(&mut shown, "Not in there", &saved.not_in_here);
    Ok(Output::new(json!({ "exported": saved }), shown))
}

fn left(shown: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = write!(shown, "\n{title}:");
        for line in lines {
            let _ = write!(shown, "\n  {}", plain(line));
        }
    }
}

/// The plan: whose orders these are, so that namesakes are seen.
fn listed(found: &CustomerFound) -> String {
    let rows: Vec<Vec<String>> = found
        .orders
        .iter()
        .map(|order| {
            vec![
                order.number.clone(),
                order.store.clone(),
                times::short(Some(order.placed_at_ms)),
                order.name.clone(),
                order.email.clone(),
                order.place.clone(),
                match (order.asked, order.open) {
                    (true, _) => "asked before",
                    (false, true) => "open",
                    (false, false) => "closed",
                }
                .to_owned(),
            ]
        })
        .collect();
    let columns = [
        text("Order", 14),
        text("Store", 18),
        text("Placed", 16),
        text("Name", 24),
        text("E-mail", 30),
        text("To", 20),
        text("State", 12),
    ];
    let mut shown = table(&columns, &rows);
    if found.strays > 0 {
        let _ = writeln!(shown, "And {} at shipping accounts that belong to no order here.", found.strays);
    }
    if rows.is_empty() && found.strays == 0 {
        shown.push_str("Nothing is kept of this buyer.\n");
    }
    left(&mut shown, "Not reached from here", &found.not_reached);
    shown
}
