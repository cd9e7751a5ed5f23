//! What goes in time: raw answers and events of closed orders after a while,
//! personal data of one order on its day. Each call does a bounded piece of work;
//! the caller comes back until it is finished, so that nobody waits for it.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use quayside_model::{Address, ConnectionId, Customer, Intent, Order, OrderId, Record, RecordKind};
use rusqlite::params;

/// How far a walk got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// Rows that went in this piece.
    pub removed: usize,
    /// Where to go on; `None`: finished.
    pub next: Option<i64>,
}

impl Reader<'_> {
    /// Closed orders of an account whose personal data is still here and which the channel
    /// has not touched since before `updated_before_ms`; ids greater than `after`.
    pub fn orders_to_blank(
        &self,
        connection: &ConnectionId,
        updated_before_ms: i64,
        after: OrderId,
        limit: usize,
    ) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the orders to blank";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders
                 WHERE id > ?3 AND connection_id = ?1 AND updated_at_ms < ?2 AND open = 0 AND stage IS NOT NULL
                   AND blanked_at_ms IS NULL
                 ORDER BY id LIMIT ?4",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![connection.as_str(), updated_before_ms, after.0, limit as i64], |row| {
                row.get(0).map(OrderId)
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }
}

impl Tx<'_> {
    /// Forgets events before a moment, except those of open orders. `after` is the `next` of the
    /// piece before (0 to begin), `limit` how many are looked at.
    pub fn purge_events(&mut self, before_ms: i64, after: i64, limit: usize) -> Result<Purged, StoreError> {
        const TRIED: &str = "forget old events";
        let Some((last, more)) = self.piece("event", "at_ms", before_ms, after, limit)? else {
            return Ok(Purged { removed: 0, next: None });
        };
        let removed = self
            .conn
            .prepare_cached(
                "DELETE FROM event WHERE id > ?1 AND id <= ?2 AND at_ms < ?3
                   AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = event.order_id AND o.open = 1)",
            )
            .tried(TRIED)?
            .execute([after, last, before_ms])
            .tried(TRIED)?;
        if removed > 0 {
            self.touch(Topic::Events);
        }
        Ok(Purged { removed, next: more.then_some(last) })
    }

    /// Forgets the raw answers of records the platform last changed before a moment, except
    /// those of open orders. What was read from them stays.
    pub fn purge_raw(&mut self, before_ms: i64, after: i64, limit: usize) -> Result<Purged, StoreError> {
        const TRIED: &str = "forget old raw answers";
        // Records are rewritten in place, so old ones lie anywhere: the walk goes to the end.
        let Some((last, more)) = self.piece("record", "seen_at_ms", i64::MAX, after, limit)? else {
            return Ok(Purged { removed: 0, next: None });
        };
        let removed = self
            .conn
            .prepare_cached(
                "UPDATE record SET raw = NULL
                 WHERE id > ?1 AND id <= ?2 AND remote_at_ms < ?3 AND raw IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM orders o WHERE record.kind = 'order' AND o.open = 1
                                   AND o.connection_id = record.connection_id AND o.remote_id = record.remote_id)
                   AND NOT EXISTS (SELECT 1 FROM link l JOIN orders o ON o.id = l.order_id
                                   WHERE l.connection_id = record.connection_id AND l.kind = record.kind
                                     AND l.remote_id = record.remote_id AND o.open = 1)",
            )
            .tried(TRIED)?
            .execute([after, last, before_ms])
            .tried(TRIED)?;
        Ok(Purged { removed, next: more.then_some(last) })
    }

    /// The id where a piece of `limit` rows behind `after` ends (`None`: there is none),
    /// and whether a further piece may hold something older than `before_ms`.
    fn piece(
        &self,
        table: &'static str,
        column: &'static str,
        before_ms: i64,
        after: i64,
        limit: usize,
    ) -> Result<Option<(i64, bool)>, StoreError> {
        const TRIED: &str = "walk what is old";
        let (last, rows, oldest_ms): (Option<i64>, i64, Option<i64>) = self
            .conn
            .prepare_cached(&format!(
                "SELECT max(id), count(*), min({column}) FROM (SELECT id, {column} FROM {table} WHERE id > ?1 ORDER BY id LIMIT ?2)"
            ))
            .tried(TRIED)?
            .query_row(params![after, limit as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .tried(TRIED)?;
        // Ids grow with time: a piece without a single old row is the end.
        let more = rows == limit as i64 && oldest_ms.is_some_and(|oldest_ms| oldest_ms < before_ms);
        Ok(last.map(|last| (last, more)))
    }

    /// Takes the personal data of one order out of everything: record, raw answers, hub
    /// orders, effects that ended, what platforms said, choices, queue row, index. Country, amounts, SKUs and
    /// numbers stay for the reports. Reading the unchanged order again does not bring it
    /// back; a changed one does, and its clock starts anew. False if there is no such order.
    pub fn blank_personal(&mut self, order: OrderId, now_ms: i64) -> Result<bool, StoreError> {
        let tried = || format!("take personal data out of order {order}");
        self.forget_fresh();
        let Some(story) = self.story(order)? else { return Ok(false) };
        let mut blanked = story.order.clone();
        blank_order(&mut blanked);
        self.overwrite(&story.channel, &Record::Order(blanked.clone()))?;
        for seen in &story.hub_orders {
            let mut hub_order = seen.value.clone();
            if let Some(address) = &mut hub_order.ship_to {
                blank_address(address);
            }
            self.overwrite(&seen.connection, &Record::HubOrder(hub_order))?;
        }
        for seen in &story.parcels {
            self.overwrite(&seen.connection, &Record::Parcel(seen.value.clone()))?;
        }
        for effect in &story.effects {
            let mut intent = effect.intent.clone();
            if effect.state.is_final() && blank_intent(&mut intent) {
                self.conn
                    .prepare_cached("UPDATE effect SET intent = ?2 WHERE id = ?1")
                    .tried(tried)?
                    .execute(params![effect.id.0, self.pack.zip_json(&intent)?])
                    .tried(tried)?;
            }
        }
        if story.choices.address.is_some() {
            let mut choices = story.choices.clone();
            choices.address = None;
            self.put_choices(order, &choices)?;
        }
        self.conn
            .prepare_cached("DELETE FROM quarantine WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")
            .tried(tried)?
            .execute(params![story.channel.as_str(), RecordKind::Order.code(), story.order.remote_id])
            .tried(tried)?;
        // A platform's own words may repeat what it was sent.
        for sql in [
            "UPDATE finding SET said = NULL WHERE order_id = ?1 AND said IS NOT NULL",
            // Rules and mappings quote what they looked at.
            "DELETE FROM rule_trace WHERE order_id = ?1",
            "UPDATE finding SET sentence = 'Its words went with the buyer''s data.'
             WHERE order_id = ?1 AND cause IN ('rule_alert', 'mapping_failed')",
            "UPDATE effect SET refusal = json_remove(refusal, '$.said') WHERE order_id = ?1 AND refusal IS NOT NULL",
            "UPDATE attempt SET refusal = json_remove(refusal, '$.said')
             WHERE refusal IS NOT NULL AND effect_id IN (SELECT id FROM effect WHERE order_id = ?1)",
            "UPDATE event SET detail = json_remove(detail, '$.refusal.said') WHERE order_id = ?1 AND detail LIKE '%said%'",
        ] {
            self.conn.prepare_cached(sql).tried(tried)?.execute([order.0]).tried(tried)?;
        }
        let standing = self.standing(order)?;
        self.put_facts(order, &blanked, &standing, now_ms)?;
        let search_hash = self.index(order, &blanked, standing.search_hash)?;
        self.conn
            .prepare_cached("UPDATE orders SET blanked_at_ms = ?2, search_hash = ifnull(?3, search_hash) WHERE id = ?1")
            .tried(tried)?
            .execute(params![order.0, now_ms, search_hash])
            .tried(tried)?;
        self.touch_order(order, Topic::Orders);
        Ok(true)
    }
}

fn blank_address(address: &mut Address) {
    *address = Address { country: std::mem::take(&mut address.country), ..Address::default() };
}

fn blank_order(order: &mut Order) {
    for address in [&mut order.ship_to, &mut order.bill_to].into_iter().flatten() {
        blank_address(address);
    }
    if let Some(customer) = &mut order.customer {
        *customer = Customer { remote_id: customer.remote_id.take(), ..Customer::default() };
    }
    order.note.clear();
    order.gift_message.clear();
    order.attributes.clear();
    for line in &mut order.lines {
        // Engravings and the like: what the buyer wrote, not what the product is.
        line.options.clear();
    }
}

/// True if there was anything to take out.
fn blank_intent(intent: &mut Intent) -> bool {
    let Intent::PutHubOrder { order, .. } = intent else { return false };
    blank_address(&mut order.ship_to);
    blank_address(&mut order.bill_to);
    for text in [
        &mut order.email,
        &mut order.customer_ref,
        &mut order.customer_note,
        &mut order.internal_note,
        &mut order.gift_message,
    ]
    .into_iter()
    .chain(&mut order.custom_fields)
    {
        text.clear();
    }
    for line in &mut order.lines {
        line.options.clear();
    }
    true
}
