//! Buyers who asked to be forgotten: which orders that is about, and that nothing brings their data back.
//!
//! An order that is closed loses its personal data at once, an open one as soon as it is closed: somebody has to ship it.
//! Whatever is read of such an order later goes in the same transaction. Orders of that buyer from before, read for the
//! first time afterwards, are known by a keyed hash of the address or number they asked with; orders placed later are new
//! business and none of it. The key lies in the same database: it keeps no secret from who has that, and makes the hashes
//! worthless elsewhere.

use crate::buyer::{Buyer, fold_email, fold_phone};
use crate::error::{StoreError, Tried};
use crate::personal::blank_untold;
use crate::store::{Reader, Tx};
use quayside_model::{ConnectionId, Order, OrderId, Record, RecordKind};
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeSet;

/// Note of the store: the key of the hashes, as hexadecimal digits.
const KEY: &str = "forgotten.key";
/// Note of the store: words that were taken out still lie in older parts of the search index.
const IN_INDEX: &str = "forgotten.in_index";

/// An order whose buyer asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// When, ms UTC.
    pub asked_at_ms: i64,
    /// When its data was taken out, ms UTC; `None`: it is open.
    pub done_at_ms: Option<i64>,
}

fn mark(key: &[u8; 32], by: &str, folded: &str) -> [u8; 32] {
    *blake3::keyed_hash(key, format!("{by}:{folded}").as_bytes()).as_bytes()
}

/// What an order would have been found by.
fn marks_of(key: &[u8; 32], order: &Order) -> Vec<[u8; 32]> {
    let customer = order.customer.as_ref();
    let email = customer.and_then(|customer| fold_email(&customer.email)).map(|email| mark(key, "email", &email));
    let addresses = [&order.ship_to, &order.bill_to].into_iter().flatten();
    let phones = customer.map(|customer| &customer.phone).into_iter().chain(addresses.map(|address| &address.phone));
    email
        .into_iter()
        .chain(phones.filter_map(|phone| fold_phone(phone)).map(|phone| mark(key, "phone", &phone)))
        .collect()
}

impl Reader<'_> {
    /// Whether an order's buyer asked to be forgotten.
    pub fn forgotten(&self, order: OrderId) -> Result<Option<Forgotten>, StoreError> {
        const TRIED: &str = "look whether a buyer asked to be forgotten";
        self.conn
            .prepare_cached("SELECT asked_at_ms, done_at_ms FROM forgotten WHERE order_id = ?1")
            .tried(TRIED)?
            .query_row([order.0], |row| Ok(Forgotten { asked_at_ms: row.get(0)?, done_at_ms: row.get(1)? }))
            .optional()
            .tried(TRIED)
    }

    /// Closed orders whose buyers asked, and whose data is still here.
    pub fn forgotten_due(&self, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the orders to forget";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT f.order_id FROM forgotten f INDEXED BY forgotten_due JOIN orders o ON o.id = f.order_id
                 WHERE f.done_at_ms IS NULL AND o.open = 0 AND o.stage IS NOT NULL ORDER BY f.order_id LIMIT ?1",
            )
            .tried(TRIED)?;
        let rows = statement.query_map([limit as i64], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Words of forgotten buyers may still lie in the search index ([`Tx::forget_searched`] works them out).
    pub fn forgotten_in_index(&self) -> Result<bool, StoreError> {
        Ok(self.meta(IN_INDEX)?.is_some_and(|note| note == "1"))
    }

    fn anybody_forgotten(&self) -> Result<bool, StoreError> {
        const TRIED: &str = "look whether anybody asked to be forgotten";
        self.conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM forgotten) OR EXISTS (SELECT 1 FROM forgotten_mark)")
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)
    }

    fn mark_key(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let note = self.meta(KEY)?;
        Ok(note.and_then(|text| blake3::Hash::from_hex(text).ok()).map(|key| *key.as_bytes()))
    }

    /// Nothing is to be done for it any more.
    pub fn is_closed(&self, order: OrderId) -> Result<bool, StoreError> {
        const TRIED: &str = "look whether an order is closed";
        let closed: Option<bool> = self
            .conn
            .prepare_cached("SELECT open = 0 AND stage IS NOT NULL FROM orders WHERE id = ?1")
            .tried(TRIED)?
            .query_row([order.0], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        Ok(closed.unwrap_or(false))
    }

    /// When the buyer of an order asked, if that was after it was placed.
    fn asked_by_mark(&self, order: OrderId, key: &[u8; 32]) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "look whether a buyer asked to be forgotten";
        let row: Option<(String, String)> = self
            .conn
            .prepare_cached("SELECT connection_id, remote_id FROM orders WHERE id = ?1")
            .tried(TRIED)?
            .query_row([order.0], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .tried(TRIED)?;
        let Some((connection, remote_id)) = row else { return Ok(None) };
        let Some(Record::Order(record)) = self.record(&ConnectionId(connection), RecordKind::Order, &remote_id)? else {
            return Ok(None);
        };
        for mark in marks_of(key, &record) {
            let asked: Option<i64> = self
                .conn
                .prepare_cached("SELECT asked_at_ms FROM forgotten_mark WHERE mark = ?1 AND asked_at_ms >= ?2")
                .tried(TRIED)?
                .query_row(params![mark, record.placed_at_ms], |row| row.get(0))
                .optional()
                .tried(TRIED)?;
            if asked.is_some() {
                return Ok(asked);
            }
        }
        Ok(None)
    }
}

impl Tx<'_> {
    /// A buyer asked to be forgotten. Nothing is taken out yet: [`Self::forget_asked`] does that, order by order. `buyer`: by
    /// what older orders of theirs are known; `None` where only these orders are meant. `chance`: random bytes, for the key of
    /// the first hash there is.
    pub fn ask_to_forget(
        &mut self,
        orders: &[OrderId],
        buyer: Option<&Buyer>,
        chance: &[u8; 32],
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "note that a buyer asked to be forgotten";
        for order in orders {
            self.conn
                .prepare_cached(
                    "INSERT INTO forgotten (order_id, asked_at_ms) VALUES (?1, ?2)
                     ON CONFLICT (order_id) DO UPDATE SET asked_at_ms = excluded.asked_at_ms, done_at_ms = NULL",
                )
                .tried(TRIED)?
                .execute([order.0, now_ms])
                .tried(TRIED)?;
        }
        // Namesakes are other people.
        let Some((by, Buyer::Email(folded) | Buyer::Phone(folded))) = buyer.map(|buyer| (buyer.by(), buyer)) else {
            return Ok(());
        };
        let key = if let Some(key) = self.mark_key()? {
            key
        } else {
            self.put_meta(KEY, &blake3::Hash::from(*chance).to_hex())?;
            *chance
        };
        self.conn
            .prepare_cached(
                "INSERT INTO forgotten_mark (mark, asked_at_ms) VALUES (?1, ?2)
                 ON CONFLICT (mark) DO UPDATE SET asked_at_ms = excluded.asked_at_ms",
            )
            .tried(TRIED)?
            .execute(params![mark(&key, by, folded), now_ms])
            .tried(TRIED)?;
        Ok(())
    }

    /// Takes the data of an order out whose buyer asked. False if there was nothing to take it out of.
    pub fn forget_asked(&mut self, order: OrderId, now_ms: i64) -> Result<bool, StoreError> {
        const TRIED: &str = "note that an order was forgotten";
        let any = self.blank_personal(order, now_ms)?;
        self.forget_customers(order)?;
        self.conn
            .prepare_cached("UPDATE forgotten SET done_at_ms = ?2 WHERE order_id = ?1")
            .tried(TRIED)?
            .execute([order.0, now_ms])
            .tried(TRIED)?;
        self.put_meta(IN_INDEX, "1")?;
        Ok(any)
    }

    /// Orders that were just read or decided: those of forgotten buyers lose what came with it. Costs one look into two
    /// empty tables where nobody ever asked. How many lost something.
    pub fn forget_again(&mut self, orders: &BTreeSet<OrderId>, now_ms: i64) -> Result<usize, StoreError> {
        const TRIED: &str = "note that a buyer asked to be forgotten";
        if orders.is_empty() || !self.anybody_forgotten()? {
            return Ok(0);
        }
        let key = self.mark_key()?;
        let mut again = 0;
        for order in orders {
            let mut known = self.forgotten(*order)?;
            if let (None, Some(key)) = (known, &key)
                && let Some(asked_at_ms) = self.asked_by_mark(*order, key)?
            {
                self.conn
                    .prepare_cached("INSERT INTO forgotten (order_id, asked_at_ms) VALUES (?1, ?2)")
                    .tried(TRIED)?
                    .execute([order.0, asked_at_ms])
                    .tried(TRIED)?;
                known = Some(Forgotten { asked_at_ms, done_at_ms: None });
            }
            let Some(known) = known else { continue };
            // Once it is out it stays out, even if the order is opened again.
            if (known.done_at_ms.is_some() || self.is_closed(*order)?) && self.forget_asked(*order, now_ms)? {
                again += 1;
            }
        }
        Ok(again)
    }

    /// The words are out of the search index.
    pub fn forgotten_out_of_index(&mut self) -> Result<(), StoreError> {
        self.put_meta(IN_INDEX, "0")
    }

    /// Takes the buyer's data out of a hub order that belongs to no order here. False if there was none.
    pub fn forget_stray(&mut self, connection: &ConnectionId, remote_id: &str) -> Result<bool, StoreError> {
        let Some(mut record) = self.record(connection, RecordKind::HubOrder, remote_id)? else { return Ok(false) };
        let any = blank_untold(&mut record);
        if any {
            self.overwrite(connection, &record)?;
        }
        Ok(any)
    }
}
