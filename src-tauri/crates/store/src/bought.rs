//! What one customer bought, in whatever store: found by the e-mail in the search index, and read order by order.

use crate::buyer::fold_email;
use crate::error::{StoreError, Tried};
use crate::search;
use crate::store::{Reader, Tx};
use crate::table::effect::{EffectRow, SELECT, row_to_effect};
use quayside_model::{ConnectionId, EffectId, Order, OrderId, Parcel, PlannedEffect, Record, RecordKind};
use rusqlite::{OptionalExtension as _, params};

/// One order of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    /// Our row.
    pub id: OrderId,
    /// The store that sold it.
    pub store: ConnectionId,
    /// The order as last read.
    pub order: Order,
    /// Parcels that carry lines of it, voided ones too.
    pub parcels: Vec<Parcel>,
}

impl Reader<'_> {
    /// Orders by row, behind one.
    pub fn orders_after(&self, after: OrderId, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "walk all orders";
        let mut statement =
            self.conn.prepare_cached("SELECT id FROM orders WHERE id > ?1 ORDER BY id LIMIT ?2").tried(TRIED)?;
        let rows = statement.query_map(params![after.0, limit as i64], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The newest row of an order; 0: there is none.
    pub fn last_order(&self) -> Result<OrderId, StoreError> {
        const TRIED: &str = "look for the newest order";
        self.conn
            .prepare_cached("SELECT ifnull(max(id), 0) FROM orders")
            .tried(TRIED)?
            .query_row([], |row| row.get(0).map(OrderId))
            .tried(TRIED)
    }

    /// The last line of the history; 0: there is none.
    pub fn last_event(&self) -> Result<i64, StoreError> {
        const TRIED: &str = "look for the end of the history";
        self.conn
            .prepare_cached("SELECT ifnull(max(id), 0) FROM event")
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)
    }

    /// Lines of the history behind one, each with the order it tells of.
    pub fn orders_told_of(&self, after: i64, limit: usize) -> Result<Vec<(i64, Option<OrderId>)>, StoreError> {
        const TRIED: &str = "look which orders something happened to";
        let mut statement = self
            .conn
            .prepare_cached("SELECT id, order_id FROM event WHERE id > ?1 ORDER BY id LIMIT ?2")
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![after, limit as i64], |row| {
                Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(OrderId)))
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The e-mail of whoever bought, folded; `None`: there is none, or the buyer's data was taken out.
    pub fn email_of(&self, order: OrderId) -> Result<Option<String>, StoreError> {
        let tried = || format!("read whose order {order} is");
        let row = self
            .conn
            .prepare_cached("SELECT connection_id, remote_id FROM orders WHERE id = ?1 AND blanked_at_ms IS NULL")
            .tried(tried)?
            .query_row([order.0], |row| Ok((ConnectionId(row.get(0)?), row.get::<_, String>(1)?)))
            .optional()
            .tried(tried)?;
        let Some((connection, remote_id)) = row else { return Ok(None) };
        let record = self.record(&connection, RecordKind::Order, &remote_id)?;
        Ok(match record {
            Some(Record::Order(order)) => order.customer.and_then(|buyer| fold_email(&buyer.email)),
            _ => None,
        })
    }

    /// Every order of whoever has this e-mail, newest row first. `None`: more than `most`, so it is nobody's own, or one of
    /// them belongs to a buyer who asked to be forgotten.
    pub fn bought_by(&self, email: &str, most: usize) -> Result<Option<Vec<Bought>>, StoreError> {
        const TRIED: &str = "find what a customer bought";
        let Some(folded) = fold_email(email) else { return Ok(None) };
        let word: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
        let Some(query) = search::exact("email", &word) else { return Ok(None) };
        self.write_index()?;
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT o.id, o.connection_id, o.remote_id FROM order_search s JOIN orders o ON o.id = s.rowid
                 WHERE order_search MATCH ?1 AND o.blanked_at_ms IS NULL ORDER BY s.rowid DESC LIMIT ?2",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![query, most as i64 + 1], |row| {
                Ok((OrderId(row.get(0)?), ConnectionId(row.get(1)?), row.get::<_, String>(2)?))
            })
            .tried(TRIED)?;
        let found: Vec<(OrderId, ConnectionId, String)> = rows.collect::<Result<_, _>>().tried(TRIED)?;
        if found.len() > most {
            return Ok(None);
        }
        let mut all = Vec::with_capacity(found.len());
        for (id, store, remote_id) in found {
            let Some(Record::Order(order)) = self.record(&store, RecordKind::Order, &remote_id)? else { continue };
            // The index knows letters and digits only.
            let theirs = order.customer.as_ref().and_then(|buyer| fold_email(&buyer.email));
            if theirs.as_ref() != Some(&folded) {
                continue;
            }
            if self.forgotten(id)?.is_some() {
                return Ok(None);
            }
            let parcels = self.parcels_of(id)?;
            all.push(Bought { id, store, order, parcels });
        }
        Ok(Some(all))
    }

    /// The parcels of an order, voided and returning ones too.
    pub fn parcels_of(&self, order: OrderId) -> Result<Vec<Parcel>, StoreError> {
        let mut parcels = Vec::new();
        for (connection, kind, remote_id) in self.links_of(order)? {
            if kind == RecordKind::Parcel
                && let Some(Record::Parcel(parcel)) = self.record(&connection, kind, &remote_id)?
            {
                parcels.push(parcel);
            }
        }
        Ok(parcels)
    }

    /// Every change whose key begins so, oldest first.
    pub fn effects_called(&self, beginning: &str) -> Result<Vec<EffectRow>, StoreError> {
        const TRIED: &str = "find the changes of a name";
        let mut statement = self
            .conn
            .prepare_cached(&format!("{SELECT} INDEXED BY effect_key WHERE key >= ?1 AND key < ?2 ORDER BY id"))
            .tried(TRIED)?;
        // Keys are made of letters, digits and signs before this one.
        let mut rows = statement.query(params![beginning, format!("{beginning}\u{7f}")]).tried(TRIED)?;
        let mut effects = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            effects.push(row_to_effect(self, row)?);
        }
        Ok(effects)
    }
}

impl Tx<'_> {
    /// Plans changes that belong to orders and follow from no decision about one of them; what they overtake leaves the
    /// line first. How many are new.
    pub fn plan_besides(
        &mut self,
        effects: &[(OrderId, PlannedEffect)],
        overtaken: &[(EffectId, String)],
        now_ms: i64,
    ) -> Result<usize, StoreError> {
        for (effect, why) in overtaken {
            self.skip(*effect, why, now_ms, "quayside", "Overtaken")?;
        }
        let mut planned = 0;
        for (order, effect) in effects {
            planned += usize::from(self.plan(*order, effect, None, now_ms)?.is_some());
        }
        Ok(planned)
    }
}
