//! All we know about one order, in one piece, for the decision about it.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use crate::table::effect::EffectRow;
use quayside_model::{ConnectionId, OrderId, Record, RecordKind, Seen, Story};
use rusqlite::OptionalExtension as _;

impl Reader<'_> {
    /// The order as last read, what hubs have of it, every effect ever planned, and
    /// what people decided. `None` if there is no such order or its record is gone.
    pub fn story(&self, order: OrderId) -> Result<Option<Story>, StoreError> {
        let tried = || format!("read the story of order {order}");
        let row = self
            .conn
            .prepare_cached("SELECT connection_id, remote_id, received_at_ms FROM orders WHERE id = ?1")
            .tried(tried)?
            .query_row([order.0], |row| {
                Ok((ConnectionId(row.get(0)?), row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
            })
            .optional()
            .tried(tried)?;
        let Some((channel, remote_id, received_at_ms)) = row else { return Ok(None) };
        let Some((Record::Order(record), seen_at_ms)) = self.record_seen(&channel, RecordKind::Order, &remote_id)?
        else {
            return Ok(None);
        };
        let mut hub_orders = Vec::new();
        let mut parcels = Vec::new();
        for (connection, kind, remote_id) in self.links_of(order)? {
            match self.record_seen(&connection, kind, &remote_id)? {
                Some((Record::HubOrder(value), seen_at_ms)) => hub_orders.push(Seen { connection, seen_at_ms, value }),
                Some((Record::Parcel(value), seen_at_ms)) => parcels.push(Seen { connection, seen_at_ms, value }),
                // Returns are told on the timeline; nothing is decided by them yet.
                Some(_) | None => {}
            }
        }
        let mut strays = Vec::new();
        for (connection, remote_id) in self.strays(&record.number)? {
            if let Some((Record::HubOrder(value), seen_at_ms)) =
                self.record_seen(&connection, RecordKind::HubOrder, &remote_id)?
            {
                strays.push(Seen { connection, seen_at_ms, value });
            }
        }
        Ok(Some(Story {
            order_id: order,
            channel,
            order: record,
            received_at_ms,
            seen_at_ms,
            hub_orders,
            parcels,
            effects: self.effects_of(order)?.into_iter().map(EffectRow::past).collect(),
            choices: self.choices(order)?,
            strays,
        }))
    }
}
