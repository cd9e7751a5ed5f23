//! Which hub orders and parcels belong to which order, and our keys at the hubs.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use crate::words;
use quayside_model::{ConnectionId, OrderId, RecordKind, Stage, fold_number};
use rusqlite::{OptionalExtension as _, params};

/// The name under which strays wait. No key of a hub begins so.
fn by_number(folded: &str) -> String {
    format!("number/{folded}")
}

impl Reader<'_> {
    /// Orders at a hub that were to be packed by `due_ms` and that no reading has shown since `seen_ms`, both ms UTC
    /// (one that lies more than an hour behind `due_ms` was noted by a clock that was ahead, and says nothing);
    /// ids there, longest overdue first.
    pub fn quiet_hub_orders(
        &self,
        connection: &ConnectionId,
        due_ms: i64,
        seen_ms: i64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "find overdue orders of a hub";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT l.remote_id FROM orders o INDEXED BY orders_open_stage_due
                 JOIN link l INDEXED BY link_order ON l.order_id = o.id
                 JOIN record r ON r.connection_id = l.connection_id AND r.kind = 'hub_order' AND r.remote_id = l.remote_id
                 WHERE o.open = 1 AND o.stage_rank = ?5 AND o.due_ms <= ?2
                   AND l.connection_id = ?1 AND l.kind = 'hub_order' AND NOT r.seen_at_ms BETWEEN ?3 AND ?2 + 3600000
                 ORDER BY o.due_ms, o.id LIMIT ?4",
            )
            .tried(TRIED)?;
        let packing = words::stage_rank(Stage::Packing);
        let asked = params![connection.as_str(), due_ms, seen_ms, limit as i64, packing];
        let rows = statement.query_map(asked, |row| row.get(0));
        rows.tried(TRIED)?.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Orders that a remote thing belongs to; several for a merged hub order.
    pub fn orders_linked_to(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the orders of a record";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT order_id FROM link WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 ORDER BY order_id",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![connection.as_str(), kind.code(), remote_id], |row| row.get(0).map(OrderId))
            .tried(TRIED)?;
        let mut orders: Vec<OrderId> = rows.collect::<Result<_, _>>().tried(TRIED)?;
        if kind == RecordKind::Order {
            // A channel's order needs no link to its own row.
            orders.extend(self.order_id(connection, remote_id)?);
            orders.sort_unstable();
            orders.dedup();
        }
        Ok(orders)
    }

    /// The order our key at a hub stands for.
    pub fn order_by_hub_key(&self, key: &str) -> Result<Option<OrderId>, StoreError> {
        const TRIED: &str = "find an order by its key at the hub";
        self.conn
            .prepare_cached("SELECT order_id FROM hub_key WHERE key = ?1")
            .tried(TRIED)?
            .query_row([key], |row| row.get(0).map(OrderId))
            .optional()
            .tried(TRIED)
    }

    /// What waits under a name, and goes on waiting.
    fn waiting_under(&self, waits_for: &str) -> Result<Vec<(ConnectionId, RecordKind, String)>, StoreError> {
        let tried = || format!("look for what waits for {waits_for}");
        let mut statement = self
            .conn
            .prepare_cached("SELECT connection_id, kind, remote_id FROM waiting_link WHERE waits_for = ?1")
            .tried(tried)?;
        let rows = statement
            .query_map([waits_for], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))
            .tried(tried)?;
        rows.map(|row| {
            let (connection, kind, remote_id) = row.tried(tried)?;
            Ok((ConnectionId(connection), words::record_kind(&kind)?, remote_id))
        })
        .collect()
    }

    /// Hub orders of this number that belong to no order of ours.
    pub fn strays(&self, number: &str) -> Result<Vec<(ConnectionId, String)>, StoreError> {
        let mut strays = self.once_strays(number)?;
        let mut taken = Vec::new();
        for (connection, remote_id) in &strays {
            taken.push(!self.orders_linked_to(connection, RecordKind::HubOrder, remote_id)?.is_empty());
        }
        let mut taken = taken.into_iter();
        strays.retain(|_| !taken.next().unwrap_or_default());
        Ok(strays)
    }

    /// The same with those that were tied to an order since.
    pub fn once_strays(&self, number: &str) -> Result<Vec<(ConnectionId, String)>, StoreError> {
        let folded = fold_number(number);
        if folded.is_empty() {
            return Ok(Vec::new());
        }
        let waiting = self.waiting_under(&by_number(&folded))?.into_iter();
        let hub_orders = waiting.filter(|(_, kind, _)| *kind == RecordKind::HubOrder);
        Ok(hub_orders.map(|(connection, _, remote_id)| (connection, remote_id)).collect())
    }

    /// Everything linked to an order, hub orders before parcels, in a stable order.
    pub(crate) fn links_of(&self, order: OrderId) -> Result<Vec<(ConnectionId, RecordKind, String)>, StoreError> {
        let tried = || format!("read the links of order {order}");
        let mut statement = self
            .conn
            .prepare_cached("SELECT connection_id, kind, remote_id FROM link WHERE order_id = ?1 ORDER BY kind, connection_id, remote_id")
            .tried(tried)?;
        let rows = statement
            .query_map([order.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))
            .tried(tried)?;
        rows.map(|row| {
            let (connection, kind, remote_id) = row.tried(tried)?;
            Ok((ConnectionId(connection), words::record_kind(&kind)?, remote_id))
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Ties a hub's order or parcel to an order. Tying twice is tying once.
    pub fn link(
        &mut self,
        order: OrderId,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<(), StoreError> {
        let tried = || format!("link {} {remote_id} of {connection} to order {order}", kind.code());
        let made = self
            .conn
            .prepare_cached(
                "INSERT INTO link (connection_id, kind, remote_id, order_id) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (connection_id, kind, remote_id, order_id) DO NOTHING",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), kind.code(), remote_id, order.0])
            .tried(tried)?;
        if made > 0 {
            self.personal_again(order)?;
            self.touch_order(order, Topic::Orders);
        }
        Ok(())
    }

    /// Unties a hub's order or parcel from an order. `false` if it was not tied.
    pub fn unlink(
        &mut self,
        order: OrderId,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<bool, StoreError> {
        let tried = || format!("unlink {} {remote_id} of {connection} from order {order}", kind.code());
        let gone = self
            .conn
            .prepare_cached(
                "DELETE FROM link WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 AND order_id = ?4",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), kind.code(), remote_id, order.0])
            .tried(tried)?;
        if gone > 0 {
            self.touch_order(order, Topic::Orders);
        }
        Ok(gone > 0)
    }

    /// Keeps a hub order that belongs to no order of ours findable by its number.
    pub fn stray(&mut self, number: &str, connection: &ConnectionId, remote_id: &str) -> Result<(), StoreError> {
        let folded = fold_number(number);
        if folded.is_empty() {
            return Ok(());
        }
        self.link_later(&by_number(&folded), connection, RecordKind::HubOrder, remote_id)
    }

    /// Keeps a hub's record that belongs to no order we know yet under the name by which it
    /// will be asked for: our key, or its parent's id.
    pub fn link_later(
        &mut self,
        waits_for: &str,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<(), StoreError> {
        let tried = || format!("remember that {} {remote_id} of {connection} waits for {waits_for}", kind.code());
        self.conn
            .prepare_cached(
                "INSERT INTO waiting_link (waits_for, connection_id, kind, remote_id) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (waits_for, connection_id, kind, remote_id) DO NOTHING",
            )
            .tried(tried)?
            .execute(params![waits_for, connection.as_str(), kind.code(), remote_id])
            .tried(tried)?;
        Ok(())
    }

    /// What waits under a name; it waits no longer.
    pub fn take_waiting(&mut self, waits_for: &str) -> Result<Vec<(ConnectionId, RecordKind, String)>, StoreError> {
        let tried = || format!("take what waits for {waits_for}");
        // Asked twice of every order that is read for the first time, and hardly ever so.
        let any: bool = self
            .conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM waiting_link WHERE waits_for = ?1)")
            .tried(tried)?
            .query_row([waits_for], |row| row.get(0))
            .tried(tried)?;
        if !any {
            return Ok(Vec::new());
        }
        let mut statement = self
            .conn
            .prepare_cached("DELETE FROM waiting_link WHERE waits_for = ?1 RETURNING connection_id, kind, remote_id")
            .tried(tried)?;
        let rows = statement
            .query_map([waits_for], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))
            .tried(tried)?;
        rows.map(|row| {
            let (connection, kind, remote_id) = row.tried(tried)?;
            Ok((ConnectionId(connection), words::record_kind(&kind)?, remote_id))
        })
        .collect()
    }

    /// Remembers our key at the hub. A key that stands for another order is refused:
    /// parcels would reach the wrong buyer's order.
    pub(crate) fn put_hub_key(&mut self, key: &str, order: OrderId) -> Result<(), StoreError> {
        let tried = || format!("remember the hub key {key} of order {order}");
        let made = self
            .conn
            .prepare_cached("INSERT INTO hub_key (key, order_id) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING")
            .tried(tried)?
            .execute(params![key, order.0])
            .tried(tried)?;
        if made > 0 {
            return Ok(());
        }
        match self.order_by_hub_key(key)? {
            Some(known) if known != order => Err(StoreError::refused(tried(), format!("it stands for order {known}"))),
            _ => Ok(()),
        }
    }
}
