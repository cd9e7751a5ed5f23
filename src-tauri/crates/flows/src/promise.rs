//! What a store promises of its own by the service a buyer chose: within how many business days an order leaves, and within
//! how many it is there.
//!
//! A day the store itself tells counts before it; services the table does not name have the promise of all others.

use crate::calendar;
use crate::draft::count;
use crate::policy::Policy;
use quayside_model::{ConnectionId, Order, ShippingChoice, Story};

/// Setting of a store: its promises, in one line.
pub const STORE_PROMISES: &str = "promises";
/// Business days that are believed.
const DAYS_MAX: u32 = 120;

/// What is promised to buyers of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The service, as the store calls it.
    pub service: String,
    /// It leaves within so many business days of the order.
    pub leaves_days: u32,
    /// It is there within so many business days of the order; `None`: nothing is promised of that.
    pub arrives_days: Option<u32>,
}

impl Promise {
    /// For a sentence: `"Express" leaves within 1 business day`.
    pub fn words(&self) -> String {
        let service = &self.service;
        match self.leaves_days {
            0 => format!("\"{service}\" leaves on the day of the order"),
            days => format!("\"{service}\" leaves within {}", count(i64::from(days), "business day")),
        }
    }
}

/// A line of promises: `Express = 0 / 1; Standard = 2 / 5; Freight = 5`. Else the row that is none.
pub fn parse(text: &str) -> Result<Vec<Promise>, String> {
    let rows = text.split([';', '\n']).map(str::trim).filter(|row| !row.is_empty());
    let mut promises: Vec<Promise> = Vec::new();
    for row in rows {
        let promise = row_of(row).ok_or_else(|| row.to_owned())?;
        // Of two rows for one service nobody knows which is meant.
        if promises.iter().any(|known| folded(&known.service) == folded(&promise.service)) {
            return Err(row.to_owned());
        }
        promises.push(promise);
    }
    Ok(promises)
}

fn row_of(row: &str) -> Option<Promise> {
    let (service, days) = row.rsplit_once('=')?;
    let service = service.trim();
    let days_of = |text: &str| text.trim().parse::<u32>().ok().filter(|days| *days <= DAYS_MAX);
    let (leaves, arrives) = days.split_once('/').map_or((days, None), |(leaves, arrives)| (leaves, Some(arrives)));
    let leaves_days = days_of(leaves)?;
    let arrives_days = match arrives {
        None => None,
        // Nothing is there before it left.
        Some(text) => Some(days_of(text).filter(|days| *days >= leaves_days)?),
    };
    (!service.is_empty()).then(|| Promise { service: service.to_owned(), leaves_days, arrives_days })
}

/// The promise for what the buyer chose: by the service's whole name or code, else by how its name begins ("Express" is
/// "Express (1 to 2 days)"), the longest one first.
pub fn of<'a>(promises: &'a [Promise], chosen: Option<&ShippingChoice>) -> Option<&'a Promise> {
    let chosen = chosen?;
    let (title, code) = (folded(&chosen.title), folded(&chosen.code));
    let whole = promises.iter().find(|one| [&title, &code].contains(&&folded(&one.service)));
    let begins = |one: &&Promise| {
        let rest = title.strip_prefix(folded(&one.service).as_str());
        rest.is_some_and(|rest| rest.chars().next().is_some_and(|next| !next.is_alphanumeric()))
    };
    whole.or_else(|| promises.iter().filter(begins).max_by_key(|one| one.service.chars().count()))
}

/// Why an order must leave by its day, in words, where that is not the store's word or what holds for all orders.
pub fn ship_by_from(story: &Story, policy: &Policy, now_ms: i64) -> Option<String> {
    let plain = crate::replacement::without(story);
    crate::look::Look::new(&plain, policy, now_ms).promised()
}

/// By when an order is there by its store's own promise for the service, ms UTC; `None`: there is none.
pub fn arrives_ms(story: &Story, policy: &Policy) -> Option<i64> {
    own_arrival_ms(&story.channel, &story.order, policy)
}

fn own_arrival_ms(store: &ConnectionId, order: &Order, policy: &Policy) -> Option<i64> {
    let store = policy.peers.get(store)?;
    let days = of(&store.clock.promises, order.shipping.as_ref())?.arrives_days?;
    let (settings, zone) = (policy.settings_of(Some(store)), policy.zone_of(Some(store)));
    Some(calendar::business_deadline(order.placed_at_ms, days, &settings, zone))
}

/// By when an order of a store was promised to be with its buyer, by the store's word or else by its own promise; ms UTC.
pub fn promised_arrival_ms(store: &ConnectionId, order: &Order, policy: &Policy) -> Option<i64> {
    order.deliver_by_ms.or_else(|| {
        let zone = policy.zone_of(policy.peers.get(store));
        // The cut-off is the warehouse's: what comes later on that day came on it.
        let at = chrono::DateTime::from_timestamp_millis(own_arrival_ms(store, order, policy)?)?;
        let end = calendar::time_of_day(23 * 60 + 59);
        Some(calendar::instant(at.with_timezone(&zone).date_naive(), end, zone).timestamp_millis())
    })
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(service: &str, leaves_days: u32, arrives_days: Option<u32>) -> Promise {
        Promise { service: service.into(), leaves_days, arrives_days }
    }

    #[test]
    fn promises_are_read_as_people_write_them() {
        for (text, read) in [
            ("", Ok(vec![])),
            ("Express = 1", Ok(vec![promise("Express", 1, None)])),
            (
                " Express=0/1 ;Two day = 1 / 2\nStandard = 2/5;",
                Ok(vec![
                    promise("Express", 0, Some(1)),
                    promise("Two day", 1, Some(2)),
                    promise("Standard", 2, Some(5)),
                ]),
            ),
            ("DHL = Express = 1", Ok(vec![promise("DHL = Express", 1, None)])),
            ("Express", Err("Express")),
            ("Express = soon", Err("Express = soon")),
            ("Express = 2 / 1", Err("Express = 2 / 1")),
            ("Express = 2 /", Err("Express = 2 /")),
            ("Express = 999", Err("Express = 999")),
            (" = 1", Err("= 1")),
            ("Express = 1; express = 2", Err("express = 2")),
        ] {
            assert_eq!(parse(text), read.map_err(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_service_is_found_by_its_name_its_code_or_its_beginning() {
        let table = parse("Express = 0; Express Saver = 1; std = 3; Standard = 4").unwrap_or_default();
        assert_eq!(table.len(), 4);
        for (title, code, days) in [
            ("Express", "", Some(0)),
            ("  EXPRESS ", "x", Some(0)),
            ("Express (1 to 2 days)", "", Some(0)),
            ("Express Saver (3 days)", "", Some(1)),
            ("Expressly slow", "", None),
            ("Something", "STD", Some(3)),
            ("Standard shipping", "", Some(4)),
            ("", "", None),
        ] {
            let chosen = ShippingChoice { title: title.into(), code: code.into() };
            assert_eq!(of(&table, Some(&chosen)).map(|one| one.leaves_days), days, "{title} {code}");
        }
        assert_eq!(of(&table, None), None);
    }

    #[test]
    fn a_promise_in_words() {
        for (days, words) in [
            (0, "\"Express\" leaves on the day of the order"),
            (1, "\"Express\" leaves within 1 business day"),
            (3, "\"Express\" leaves within 3 business days"),
        ] {
            assert_eq!(promise("Express", days, None).words(), words);
        }
    }
}
