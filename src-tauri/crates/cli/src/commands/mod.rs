//! One file per family of commands. Each asks the desk and puts the answer into words.

pub mod accounts;
pub mod act;
pub mod backup;
pub mod customer;
pub mod doctor;
pub mod exceptions;
pub mod labels;
pub mod live;
pub mod messages;
pub mod orders;
pub mod profiles;
pub mod recording;
pub mod reports;
pub mod returns;
pub mod sandbox;
pub mod schedules;
pub mod shrink;
pub mod simulate;
pub mod split;
pub mod stock;
pub mod sync;
pub mod tables;

use crate::output::Failure;
use quayside_api::desk::Desk;
use quayside_api::view::{ConnectionView, Trouble};
use quayside_model::OrderId;

/// A connection by its id or name.
pub(crate) fn connection(desk: &Desk, typed: &str) -> Result<ConnectionView, Failure> {
    let all = desk.connections()?;
    let found = all
        .iter()
        .find(|view| view.id.as_str() == typed)
        .or_else(|| all.iter().find(|view| view.name.to_lowercase() == typed.trim().to_lowercase()));
    match found {
        Some(view) => Ok(view.clone()),
        None if all.is_empty() => {
            Err(Trouble::gone("Nothing is connected yet. Connect an account first: quayside-cli connect PLATFORM.")
                .into())
        }
        None => {
            let names: Vec<&str> = all.iter().map(|view| view.id.as_str()).collect();
            Err(Trouble::gone(format!("There is no connection \"{typed}\". There are: {}.", names.join(", "))).into())
        }
    }
}

/// An order by its number (`#1001`, `1001`) or row (`id:17`).
pub(crate) fn order(desk: &Desk, typed: &str) -> Result<OrderId, Failure> {
    let typed = typed.trim();
    if let Some(row) = typed.strip_prefix("id:") {
        return row
            .trim()
            .parse()
            .map(OrderId)
            .map_err(|_| Failure::input(format!("\"{typed}\" is not a row. Rows are written like id:17.")));
    }
    let found = desk.orders_by_number(typed)?;
    match found.as_slice() {
        [] => match typed.parse() {
            // A bare number may be a row after all.
            Ok(row) if desk.has_order(OrderId(row))? => Ok(OrderId(row)),
            _ => Err(Trouble::gone(format!(
                "There is no order {typed}. Numbers are written as the store shows them, rows as id:17."
            ))
            .into()),
        },
        [only] => Ok(only.id),
        several => {
            let rows: Vec<String> = several.iter().map(|row| format!("id:{} ({})", row.id, row.store)).collect();
            Err(Failure::input(format!("Several stores have an order {typed}: {}. Say which row.", rows.join(", "))))
        }
    }
}
