//! What stores said giving money of a return back would come to, and what they are still to be asked.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, from_json_opt, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{ConnectionId, OrderId, QuoteSeen, QuoteWish, RefundAsk, RefundQuote};
use rusqlite::{OptionalExtension as _, params};

/// A question whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteDue {
    /// The order.
    pub order_id: OrderId,
    /// The return and the units.
    pub about: String,
    /// What is asked.
    pub ask: RefundAsk,
}

/// What the store said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteSaid {
    /// So much.
    Quote(RefundQuote),
    /// Nothing, for this reason; it is asked again then, ms UTC.
    Refused(String, i64),
}

impl Reader<'_> {
    /// What the store was asked about an order, and said.
    pub fn quotes_of(&self, order: OrderId) -> Result<Vec<QuoteSeen>, StoreError> {
        let tried = || format!("read what giving back money of order {order} comes to");
        let mut statement = self
            .conn
            .prepare_cached("SELECT about, ask, quote, refused FROM refund_quote WHERE order_id = ?1 ORDER BY about")
            .tried(tried)?;
        let rows = statement
            .query_map([order.0], |row| {
                let (about, ask): (String, String) = (row.get(0)?, row.get(1)?);
                let (quote, refused): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
                Ok((about, ask, quote, refused))
            })
            .tried(tried)?;
        rows.map(|row| {
            let (about, ask, quote, refused) = row.tried(tried)?;
            Ok(QuoteSeen { about, ask: from_json(&ask)?, quote: from_json_opt(quote)?, refused })
        })
        .collect()
    }

    /// When an account is next to be asked what giving back comes to, ms UTC.
    pub fn next_quote_at(&self, connection: &ConnectionId) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find refunds whose amount is to be asked for";
        self.conn
            .prepare_cached(
                "SELECT min(ask_at_ms) FROM refund_quote WHERE connection_id = ?1 AND ask_at_ms IS NOT NULL",
            )
            .tried(TRIED)?
            .query_row([connection.as_str()], |row| row.get(0))
            .tried(TRIED)
    }

    /// The next question to an account, if one is due.
    pub fn quote_due(&self, connection: &ConnectionId, now_ms: i64) -> Result<Option<QuoteDue>, StoreError> {
        const TRIED: &str = "find refunds whose amount is to be asked for";
        let row: Option<(i64, String, String)> = self
            .conn
            .prepare_cached(
                "SELECT order_id, about, ask FROM refund_quote
                 WHERE connection_id = ?1 AND ask_at_ms <= ?2 AND ask_at_ms IS NOT NULL
                 ORDER BY ask_at_ms, order_id, about LIMIT 1",
            )
            .tried(TRIED)?
            .query_row(params![connection.as_str(), now_ms], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
            .tried(TRIED)?;
        let Some((order, about, ask)) = row else { return Ok(None) };
        Ok(Some(QuoteDue { order_id: OrderId(order), about, ask: from_json(&ask)? }))
    }
}

impl Tx<'_> {
    /// The store is to be asked these. One that was asked the same already is not asked again; other words are. What nobody
    /// wants to know any more is not asked.
    pub(crate) fn ask_quotes(&mut self, order: OrderId, wishes: &[QuoteWish], now_ms: i64) -> Result<(), StoreError> {
        let wanted: Vec<&str> = wishes.iter().map(|wish| wish.about.as_str()).collect();
        self.conn
            .prepare_cached(
                "DELETE FROM refund_quote WHERE order_id = ?1 AND ask_at_ms IS NOT NULL
                 AND about NOT IN (SELECT value FROM json_each(?2))",
            )
            .tried("forget what giving back money was to come to")?
            .execute(params![order.0, json_text(&wanted)?])
            .tried("forget what giving back money was to come to")?;
        for wish in wishes {
            let tried = || format!("remember to ask what giving back money of order {order} comes to");
            self.conn
                .prepare_cached(
                    "INSERT INTO refund_quote (order_id, about, connection_id, ask, ask_at_ms)
                     SELECT ?1, ?2, connection_id, ?3, ?4 FROM orders WHERE id = ?1
                     ON CONFLICT (order_id, about) DO UPDATE
                     SET ask = excluded.ask, quote = NULL, refused = NULL, ask_at_ms = excluded.ask_at_ms
                     WHERE refund_quote.ask <> excluded.ask",
                )
                .tried(tried)?
                .execute(params![order.0, wish.about, json_text(&wish.ask)?, now_ms])
                .tried(tried)?;
        }
        Ok(())
    }

    /// Writes down what the store said, if that is still what is asked.
    pub fn settle_quote(&mut self, due: &QuoteDue, said: &QuoteSaid) -> Result<(), StoreError> {
        let tried = || format!("write down what giving back money of order {} comes to", due.order_id);
        let (quote, refused, ask_at_ms) = match said {
            QuoteSaid::Quote(quote) => (Some(json_text(quote)?), None, None),
            QuoteSaid::Refused(why, again_ms) => (None, Some(why.as_str()), Some(*again_ms)),
        };
        self.conn
            .prepare_cached(
                "UPDATE refund_quote SET quote = ?3, refused = ?4, ask_at_ms = ?5
                 WHERE order_id = ?1 AND about = ?2 AND ask = ?6",
            )
            .tried(tried)?
            .execute(params![due.order_id.0, due.about, quote, refused, ask_at_ms, json_text(&due.ask)?])
            .tried(tried)?;
        self.touch_order(due.order_id, Topic::Orders);
        Ok(())
    }
}
