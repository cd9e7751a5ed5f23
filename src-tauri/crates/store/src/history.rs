//! The history of everything, newest first, with search.
//!
//! Sentences are not indexed: the history grows with every step of every order, and
//! an index over it would cost more than the orders'. A search reads back a bounded
//! stretch at a time and says how far it got; the order's own words (buyer, SKU,
//! tracking number) are found through the orders' index.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use crate::table::event::{COLUMNS, EventRow, complete, row_to_event};
use quayside_model::{ConnectionId, OrderId};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// Events read back by one search.
const STRETCH: usize = 20_000;
/// Newest matching orders whose events a search finds.
const SEARCHED_ORDERS: u64 = 500;

/// Which events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryFilter {
    /// Of this account.
    pub connection: Option<ConnectionId>,
    /// Of one of these kinds; empty: any.
    pub kinds: Vec<String>,
    /// What a person typed: in the sentence, or matching the order.
    pub text: String,
}

/// An event with its order's number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryItem {
    /// What happened.
    pub event: EventRow,
    /// What people call the order.
    pub order_number: Option<String>,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryPage {
    /// Newest first. May be fewer than asked for, even none, with more to come.
    pub items: Vec<HistoryItem>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<i64>,
    /// The search got back to this moment, ms UTC; `None` if there was nothing to read.
    pub back_to_ms: Option<i64>,
}

impl Reader<'_> {
    /// One page of the history. `before` is the `next` of the page before.
    pub fn history(
        &self,
        filter: &HistoryFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<HistoryPage, StoreError> {
        const TRIED: &str = "read the history";
        let limit = limit.clamp(1, 1_000);
        let typed = filter.text.trim().to_lowercase();
        let orders = if typed.is_empty() { HashSet::new() } else { self.orders_matching(&filter.text)? };
        let mut statement = self
            .conn
            .prepare_cached(&format!("SELECT {COLUMNS} FROM event WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))
            .tried(TRIED)?;
        let mut rows = statement.query(params![before.unwrap_or(i64::MAX), STRETCH as i64 + 1]).tried(TRIED)?;
        let mut found = Vec::new();
        let mut numbers: HashMap<OrderId, Option<String>> = HashMap::new();
        let (mut read, mut last, mut next, mut back_to_ms) = (0, None, None, None);
        while let Some(row) = rows.next().tried(TRIED)? {
            if read == STRETCH || found.len() == limit {
                next = last;
                break;
            }
            read += 1;
            last = Some(row.get::<_, i64>("id").tried(TRIED)?);
            back_to_ms = Some(row.get("at_ms").tried(TRIED)?);
            let (event, detail) = row_to_event(row).tried(TRIED)?;
            let wanted = filter.connection.as_ref().is_none_or(|id| event.connection.as_ref() == Some(id))
                && (filter.kinds.is_empty() || filter.kinds.contains(&event.kind))
                && (typed.is_empty()
                    || event.order_id.is_some_and(|id| orders.contains(&id))
                    || event.sentence.to_lowercase().contains(&typed));
            if !wanted {
                continue;
            }
            let order_number = match event.order_id {
                None => None,
                Some(order) => {
                    if let Some(known) = numbers.get(&order) {
                        known.clone()
                    } else {
                        let number = self.order_number(order)?;
                        numbers.insert(order, number.clone());
                        number
                    }
                }
            };
            found.push(HistoryItem { event: complete((event, detail))?, order_number });
        }
        Ok(HistoryPage { items: found, next, back_to_ms })
    }

    fn orders_matching(&self, text: &str) -> Result<HashSet<OrderId>, StoreError> {
        let found = self.find(text, &[], SEARCHED_ORDERS)?;
        Ok(found.into_iter().flat_map(|found| found.newest).map(OrderId).collect())
    }

    /// What people call an order.
    pub fn order_number(&self, order: OrderId) -> Result<Option<String>, StoreError> {
        use rusqlite::OptionalExtension as _;
        const TRIED: &str = "read an order's number";
        self.conn
            .prepare_cached("SELECT number FROM orders WHERE id = ?1")
            .tried(TRIED)?
            .query_row([order.0], |row| row.get(0))
            .optional()
            .tried(TRIED)
    }
}
