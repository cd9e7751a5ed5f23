//! All we know about one order, in one piece, for the decision about it.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use crate::table::effect::EffectRow;
use quayside_model::{
    Choices, ConnectionId, EffectState, HubStatus, IntentKind, Order, OrderId, Record, RecordKind, Seen, Story, Twin,
    TwinSide, fold_number, named_order,
};
use rusqlite::OptionalExtension as _;
use rusqlite::params;

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
        let mut returns = Vec::new();
        for (connection, kind, remote_id) in self.links_of(order)? {
            match self.record_seen(&connection, kind, &remote_id)? {
                Some((Record::HubOrder(value), seen_at_ms)) => hub_orders.push(Seen { connection, seen_at_ms, value }),
                Some((Record::Parcel(value), seen_at_ms)) => parcels.push(Seen { connection, seen_at_ms, value }),
                Some((Record::Return(value), seen_at_ms)) => returns.push(Seen { connection, seen_at_ms, value }),
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
        let choices = self.choices(order)?;
        let twins = self.twins(&channel, &record, &choices)?;
        let quotes = if returns.is_empty() { Vec::new() } else { self.quotes_of(order)? };
        Ok(Some(Story {
            order_id: order,
            channel,
            order: record,
            received_at_ms,
            seen_at_ms,
            hub_orders,
            parcels,
            effects: self.effects_of(order)?.into_iter().map(EffectRow::past).collect(),
            choices,
            strays,
            twins,
            returns,
            quotes,
        }))
    }

    /// Orders of other accounts that are the same sale as far as numbers say, and those that people tied to this one.
    pub fn twins(&self, channel: &ConnectionId, order: &Order, choices: &Choices) -> Result<Vec<Twin>, StoreError> {
        let mut found: Vec<(OrderId, TwinSide)> = Vec::new();
        let mut add = |id: OrderId, side: TwinSide| {
            if !found.iter().any(|(known, _)| *known == id) {
                found.push((id, side));
            }
        };
        let sold_as = order.sold_on.as_ref().map(|on| fold_number(&on.number)).filter(|number| !number.is_empty());
        if let (Some(on), Some(sold_as)) = (&order.sold_on, &sold_as) {
            for id in self.orders_of_number(&on.number)? {
                add(id, TwinSide::Original);
            }
            for connection in self.connections()? {
                if let Some(id) = self.order_id(&connection.id, &on.number)? {
                    add(id, TwinSide::Original);
                }
            }
            for id in self.sold_as(sold_as)? {
                add(id, TwinSide::Sibling);
            }
        }
        // Copies name the number people see, or the id; most orders have none, and one look into an index says so.
        let own = [fold_number(&order.number), fold_number(order.remote_id.rsplit('/').next().unwrap_or_default())];
        for (i, name) in own.iter().enumerate() {
            if !name.is_empty() && (i == 0 || *name != own[0]) {
                for id in self.sold_as(name)? {
                    add(id, TwinSide::Copy);
                }
            }
        }
        for (connection, remote_id) in choices.same_as.iter().filter_map(|name| named_order(name)) {
            if let Some(id) = self.order_id(&connection, remote_id)? {
                add(id, TwinSide::Sibling);
            }
        }
        let mut twins = Vec::new();
        for (id, side) in found {
            twins.extend(self.as_twin(id, side)?.filter(|twin| twin.connection != *channel));
        }
        Ok(twins)
    }

    /// An order as others' stories tell of it; `None` if its record is gone.
    pub fn as_twin(&self, id: OrderId, side: TwinSide) -> Result<Option<Twin>, StoreError> {
        let tried = || format!("read order {id} as another account's of the same sale");
        let (connection, remote_id, open): (String, String, bool) = self
            .conn
            .prepare_cached("SELECT connection_id, remote_id, open OR stage IS NULL FROM orders WHERE id = ?1")
            .tried(tried)?
            .query_row(params![id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .tried(tried)?;
        let connection = ConnectionId(connection);
        let Some((Record::Order(order), _)) = self.record_seen(&connection, RecordKind::Order, &remote_id)? else {
            return Ok(None);
        };
        let (sent, choices) = (self.is_sent(id)?, self.choices(id)?);
        Ok(Some(Twin { order_id: id, connection, order, side, sent, open, choices }))
    }

    /// Orders that say they were sold elsewhere under this number (folded).
    fn sold_as(&self, folded: &str) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the copies of a sale";
        let mut statement = self
            .conn
            .prepare_cached("SELECT id FROM orders INDEXED BY orders_sold_as WHERE sold_as = ?1 ORDER BY id LIMIT 20")
            .tried(TRIED)?;
        let rows = statement.query_map([folded], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// It is at a hub, or on its way there: something would be doubled by sending the same again.
    fn is_sent(&self, order: OrderId) -> Result<bool, StoreError> {
        let (mut seen, mut live) = (false, false);
        for (connection, kind, remote_id) in self.links_of(order)? {
            if kind == RecordKind::HubOrder
                && let Some(Record::HubOrder(hub_order)) = self.record(&connection, kind, &remote_id)?
            {
                seen = true;
                live |= !matches!(hub_order.status, HubStatus::Cancelled | HubStatus::Gone);
            }
        }
        let puts = self.effects_of(order)?;
        let mut puts = puts.iter().filter(|effect| effect.intent.kind() == IntentKind::PutHubOrder);
        Ok(live
            || puts.any(|effect| match effect.state {
                EffectState::Pending | EffectState::Running | EffectState::Unknown => true,
                EffectState::Done => !seen,
                EffectState::Asked | EffectState::Refused | EffectState::Skipped => false,
            }))
    }
}
