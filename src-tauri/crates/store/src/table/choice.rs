//! What people decided about single orders. Most orders have no row.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{Choices, OrderId};
use rusqlite::{OptionalExtension as _, params};

impl Reader<'_> {
    /// What was decided about an order; the empty choices if nothing was.
    pub fn choices(&self, order: OrderId) -> Result<Choices, StoreError> {
        let tried = || format!("read the choices about order {order}");
        let stored: Option<String> = self
            .conn
            .prepare_cached("SELECT choices FROM choice WHERE order_id = ?1")
            .tried(tried)?
            .query_row([order.0], |row| row.get(0))
            .optional()
            .tried(tried)?;
        stored.map_or_else(|| Ok(Choices::default()), |text| from_json(&text))
    }
}

impl Tx<'_> {
    /// Saves them. The order is not decided again here: the engine does that in the same transaction.
    pub fn put_choices(&mut self, order: OrderId, choices: &Choices) -> Result<(), StoreError> {
        let tried = || format!("save the choices about order {order}");
        self.conn
            .prepare_cached(
                "INSERT INTO choice (order_id, choices) VALUES (?1, ?2)
                 ON CONFLICT (order_id) DO UPDATE SET choices = excluded.choices",
            )
            .tried(tried)?
            .execute(params![order.0, json_text(choices)?])
            .tried(tried)?;
        self.touch_order(order, Topic::Orders);
        Ok(())
    }
}
