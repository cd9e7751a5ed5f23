//! The queue's rows. An order enters with its first decision ([`Tx::enter`]), or undecided ([`Tx::order_for`]) where
//! something must be tied to it before anybody can decide, in the same transaction. Rows are never deleted.
//! Reading the queue is in `queue.rs`; deciding is in `decide.rs`.

use crate::ahead::Foreseen;
use crate::error::{StoreError, Tried};
use crate::pack::{hash8, json_text};
use crate::search::{Doc, places_planned};
use crate::store::{Reader, Topic, Tx};
use crate::words;
use quayside_model::{ConnectionId, Decision, Order, OrderId, fold_number};
use rusqlite::{OptionalExtension as _, params};

/// What the queue shows of the record itself.
pub(crate) struct Facts {
    pub number: String,
    pub number_rank: i64,
    pub placed_at_ms: i64,
    pub updated_at_ms: i64,
    pub customer: String,
    pub city: String,
    pub country: String,
    pub lines: i64,
    pub units: i64,
    pub total_minor: i64,
    pub currency: String,
    pub service: String,
    pub tags: String,
    pub payment: String,
    pub test: bool,
    pub sold_as: Option<String>,
    pub personal_days: Option<u32>,
}

impl Facts {
    pub fn of(order: &Order) -> Result<Self, StoreError> {
        let customer = order
            .customer
            .as_ref()
            .map(|customer| customer.name.as_str())
            .filter(|name| !name.trim().is_empty())
            .or_else(|| order.ship_to.as_ref().map(|address| address.name.as_str()))
            .unwrap_or_default();
        let place = order.ship_to.as_ref();
        Ok(Self {
            number: order.number.clone(),
            number_rank: number_rank(&order.number),
            placed_at_ms: order.placed_at_ms,
            updated_at_ms: order.updated_at_ms,
            customer: customer.to_owned(),
            city: place.map(|address| address.city.clone()).unwrap_or_default(),
            country: place.map(|address| address.country.clone()).unwrap_or_default(),
            lines: order.lines_to_ship().count() as i64,
            units: order.units_to_ship(),
            total_minor: order.current_total_minor,
            currency: order.currency.0.clone(),
            service: order.shipping.as_ref().map(|choice| choice.title.clone()).unwrap_or_default(),
            tags: json_text(&order.tags)?,
            payment: words::payment_code(&order.payment).into_owned(),
            test: order.test,
            sold_as: order.sold_on.as_ref().map(|on| fold_number(&on.number)).filter(|number| !number.is_empty()),
            personal_days: order.sold_on.as_ref().and_then(|on| on.personal_data_days),
        })
    }

    fn hash(&self) -> i64 {
        let mut bytes = Vec::with_capacity(256);
        for text in [
            &self.number,
            &self.customer,
            &self.city,
            &self.country,
            &self.currency,
            &self.service,
            &self.tags,
            &self.payment,
        ] {
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        }
        for number in
            [self.placed_at_ms, self.updated_at_ms, self.lines, self.units, self.total_minor, i64::from(self.test)]
        {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        // Only where there are any: the rows of all others stay as they are.
        if let Some(number) = &self.sold_as {
            bytes.extend_from_slice(number.as_bytes());
            bytes.push(0);
        }
        if let Some(days) = self.personal_days {
            bytes.extend_from_slice(&days.to_le_bytes());
        }
        hash8(&bytes)
    }
}

/// The last run of digits, so that `#999` comes before `#1001`; 0 if there is none.
pub(crate) fn number_rank(number: &str) -> i64 {
    let end = number.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1);
    let start = number[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + number[at..].chars().next().map_or(1, char::len_utf8));
    number[start..end].parse().unwrap_or(if start < end { i64::MAX } else { 0 })
}

/// A row as the decision finds it.
pub(crate) struct Standing {
    pub facts_hash: i64,
    pub search_hash: Option<i64>,
    stage: Option<String>,
    waits_code: Option<String>,
    waits_sentence: Option<String>,
    waits_icon: Option<String>,
    waits_tone: Option<String>,
    waits_since_ms: Option<i64>,
    action: Option<String>,
    ship_by_ms: Option<i64>,
    hub_state: String,
    look_again_at_ms: Option<i64>,
}

impl Reader<'_> {
    /// Our row for a channel's order.
    pub fn order_id(&self, connection: &ConnectionId, remote_id: &str) -> Result<Option<OrderId>, StoreError> {
        const TRIED: &str = "find an order";
        self.conn
            .prepare_cached("SELECT id FROM orders WHERE connection_id = ?1 AND remote_id = ?2")
            .tried(TRIED)?
            .query_row([connection.as_str(), remote_id], |row| row.get(0).map(OrderId))
            .optional()
            .tried(TRIED)
    }

    /// The id the next order gets: rows are never deleted.
    pub fn next_order_id(&self) -> Result<OrderId, StoreError> {
        const TRIED: &str = "find the next order's place";
        self.conn
            .prepare_cached("SELECT ifnull(max(id), 0) + 1 FROM orders")
            .tried(TRIED)?
            .query_row([], |row| row.get(0).map(OrderId))
            .tried(TRIED)
    }

    /// Orders that asked to be looked at by now, the most overdue first.
    pub fn orders_to_look_at(&self, now_ms: i64, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the orders to look at";
        let mut statement = self
            .conn
            .prepare_cached("SELECT id FROM orders WHERE look_again_at_ms <= ?1 ORDER BY look_again_at_ms LIMIT ?2")
            .tried(TRIED)?;
        let rows = statement.query_map(params![now_ms, limit as i64], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// When the next order wants to be looked at, ms UTC.
    pub fn next_look_at(&self) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "find the next order to look at";
        self.conn
            .prepare_cached("SELECT min(look_again_at_ms) FROM orders WHERE look_again_at_ms IS NOT NULL")
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)
    }

    /// Open orders with an id greater than `after`, in the order of ids.
    pub fn open_orders(&self, after: OrderId, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "walk the open orders";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders INDEXED BY orders_open WHERE open = 1 AND id > ?1 ORDER BY id LIMIT ?2",
            )
            .tried(TRIED)?;
        let rows = statement.query_map(params![after.0, limit as i64], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The orders placed last, newest first.
    pub fn newest_orders(&self, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the newest orders";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders INDEXED BY orders_placed ORDER BY placed_at_ms DESC, id DESC LIMIT ?1",
            )
            .tried(TRIED)?;
        let rows = statement.query_map([limit as i64], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The orders of an account placed last, newest first, as far back as `from_ms`.
    pub fn newest_orders_of(
        &self,
        connection: &ConnectionId,
        from_ms: i64,
        limit: usize,
    ) -> Result<Vec<OrderId>, StoreError> {
        let tried = || format!("find the newest orders of {connection}");
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders INDEXED BY orders_placed
                 WHERE placed_at_ms >= ?1 AND connection_id = ?2 AND blanked_at_ms IS NULL
                 ORDER BY placed_at_ms DESC, id DESC LIMIT ?3",
            )
            .tried(tried)?;
        let rows = statement
            .query_map(params![from_ms, connection.as_str(), limit as i64], |row| row.get(0).map(OrderId))
            .tried(tried)?;
        rows.collect::<Result<_, _>>().tried(tried)
    }

    /// Orders placed in a window (from included, to not), oldest first; ids only.
    pub fn orders_placed_between(&self, from_ms: i64, to_ms: i64) -> Result<Vec<OrderId>, StoreError> {
        const TRIED: &str = "find the orders of a window";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id FROM orders INDEXED BY orders_placed WHERE placed_at_ms >= ?1 AND placed_at_ms < ?2
                 ORDER BY placed_at_ms, id",
            )
            .tried(TRIED)?;
        let rows = statement.query_map(params![from_ms, to_ms], |row| row.get(0).map(OrderId)).tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    pub(crate) fn standing(&self, order: OrderId) -> Result<Standing, StoreError> {
        let tried = || format!("read the queue's row of order {order}");
        self.conn
            .prepare_cached(
                "SELECT facts_hash, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone, waits_since_ms,
                        action, ship_by_ms, hub_state, look_again_at_ms
                 FROM orders WHERE id = ?1",
            )
            .tried(tried)?
            .query_row([order.0], |row| {
                Ok(Standing {
                    facts_hash: row.get(0)?,
                    search_hash: row.get(1)?,
                    stage: row.get(2)?,
                    waits_code: row.get(3)?,
                    waits_sentence: row.get(4)?,
                    waits_icon: row.get(5)?,
                    waits_tone: row.get(6)?,
                    waits_since_ms: row.get(7)?,
                    action: row.get(8)?,
                    ship_by_ms: row.get(9)?,
                    hub_state: row.get(10)?,
                    look_again_at_ms: row.get(11)?,
                })
            })
            .optional()
            .tried(tried)?
            .ok_or_else(|| StoreError::refused(tried(), "there is no such order"))
    }
}

impl Tx<'_> {
    /// The row of a channel's order, made if needed. True if it is new.
    pub fn order_for(
        &mut self,
        connection: &ConnectionId,
        order: &Order,
        now_ms: i64,
    ) -> Result<(OrderId, bool), StoreError> {
        if let Some(id) = self.order_id(connection, &order.remote_id)? {
            return Ok((id, false));
        }
        let tried = || format!("enter order {} of {connection}", order.number);
        let facts = Facts::of(order)?;
        self.conn
            .prepare_cached(
                "INSERT INTO orders (connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms,
                                     updated_at_ms, seen_at_ms, customer, city, country, lines, units, total_minor, currency,
                                     service, tags, payment, test, sold_as, personal_days)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
            )
            .tried(tried)?
            .execute(params![
                connection.as_str(),
                order.remote_id,
                now_ms,
                facts.hash(),
                facts.number,
                facts.number_rank,
                facts.placed_at_ms,
                facts.updated_at_ms,
                now_ms,
                facts.customer,
                facts.city,
                facts.country,
                facts.lines,
                facts.units,
                facts.total_minor,
                facts.currency,
                facts.service,
                facts.tags,
                facts.payment,
                facts.test,
                facts.sold_as,
                facts.personal_days
            ])
            .tried(tried)?;
        let id = OrderId(self.conn.last_insert_rowid());
        self.touch_order(id, Topic::Orders);
        Ok((id, true))
    }

    /// The row of an order seen for the first time, with its first decision. `id` is the next free one
    /// ([`Reader::next_order_id`]); what the decision plans is up to [`Tx::carry_out`].
    pub fn enter(
        &mut self,
        id: OrderId,
        connection: &ConnectionId,
        order: &Order,
        foreseen: &mut Foreseen,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("enter order {} of {connection}", order.number);
        let facts = Facts::of(order)?;
        let places = places_planned(&foreseen.decision.effects);
        let doc = foreseen.doc.take().unwrap_or_else(|| Doc::of(order, &[]).packed_at(&places));
        let search_hash = self.index_new(id, doc);
        let decision = &foreseen.decision;
        let waits = &decision.waits_on;
        // OR FAIL: with triggers SQLite keeps a copy of each page a statement changes, so that the statement alone can be
        // taken back. Nobody wants that here: all of the transaction goes.
        self.half_done = true;
        self.conn
            .prepare_cached(
                "INSERT OR FAIL INTO orders
                     (id, connection_id, remote_id, received_at_ms, facts_hash, number, number_rank, placed_at_ms, updated_at_ms,
                      seen_at_ms, customer, city, country, lines, units, total_minor, currency, service, tags, payment, test,
                      sold_as, personal_days, search_hash, stage, waits_code, waits_sentence, waits_icon, waits_tone,
                      waits_since_ms, action, ship_by_ms, hub_state, look_again_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
                         ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)",
            )
            .tried(tried)?
            .execute(params![
                id.0,
                connection.as_str(),
                order.remote_id,
                now_ms,
                facts.hash(),
                facts.number,
                facts.number_rank,
                facts.placed_at_ms,
                facts.updated_at_ms,
                now_ms,
                facts.customer,
                facts.city,
                facts.country,
                facts.lines,
                facts.units,
                facts.total_minor,
                facts.currency,
                facts.service,
                facts.tags,
                facts.payment,
                facts.test,
                facts.sold_as,
                facts.personal_days,
                search_hash,
                decision.stage.code(),
                waits.code,
                waits.sentence,
                waits.icon,
                words::tone_code(waits.tone),
                waits.since_ms,
                waits.action.map(words::action_code),
                decision.ship_by_ms,
                decision.hub_state,
                decision.look_again_at_ms
            ])
            .tried(tried)?;
        self.half_done = false;
        self.touch_order(id, Topic::Orders);
        Ok(())
    }

    /// Personal data came back with a newer reading: the order is one of those again that are to lose it in time.
    pub(crate) fn personal_again(&mut self, order: OrderId) -> Result<(), StoreError> {
        let tried = || format!("put order {order} back in the line of those to blank");
        self.conn
            .prepare_cached("UPDATE orders SET blanked_at_ms = NULL WHERE id = ?1 AND blanked_at_ms IS NOT NULL")
            .tried(tried)?
            .execute([order.0])
            .tried(tried)?;
        Ok(())
    }

    /// Personal data was taken out and has not come back.
    pub(crate) fn is_blanked(&self, order: OrderId) -> Result<bool, StoreError> {
        let tried = || format!("look whether order {order} was blanked");
        self.conn
            .prepare_cached("SELECT blanked_at_ms IS NOT NULL FROM orders WHERE id = ?1")
            .tried(tried)?
            .query_row([order.0], |row| row.get(0))
            .tried(tried)
    }

    /// Stops asking to be looked at.
    pub fn forget_look(&mut self, order: OrderId) -> Result<(), StoreError> {
        let tried = || format!("put order {order} out of the line of looks");
        self.conn
            .prepare_cached("UPDATE orders SET look_again_at_ms = NULL WHERE id = ?1 AND look_again_at_ms IS NOT NULL")
            .tried(tried)?
            .execute([order.0])
            .tried(tried)?;
        Ok(())
    }

    /// Writes the facts if they moved. True if they did.
    pub(crate) fn put_facts(
        &mut self,
        id: OrderId,
        order: &Order,
        standing: &Standing,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let facts = Facts::of(order)?;
        let hash = facts.hash();
        if hash == standing.facts_hash {
            return Ok(false);
        }
        let tried = || format!("update the queue's row of order {}", order.number);
        self.conn
            .prepare_cached(
                "UPDATE orders SET facts_hash = ?2, number = ?3, number_rank = ?4, placed_at_ms = ?5, updated_at_ms = ?6,
                     seen_at_ms = ?7, customer = ?8, city = ?9, country = ?10, lines = ?11, units = ?12, total_minor = ?13,
                     currency = ?14, service = ?15, tags = ?16, payment = ?17, test = ?18, sold_as = ?19, personal_days = ?20
                 WHERE id = ?1",
            )
            .tried(tried)?
            .execute(params![
                id.0,
                hash,
                facts.number,
                facts.number_rank,
                facts.placed_at_ms,
                facts.updated_at_ms,
                now_ms,
                facts.customer,
                facts.city,
                facts.country,
                facts.lines,
                facts.units,
                facts.total_minor,
                facts.currency,
                facts.service,
                facts.tags,
                facts.payment,
                facts.test,
                facts.sold_as,
                facts.personal_days
            ])
            .tried(tried)?;
        Ok(true)
    }

    /// Writes stage, reason and the index entry's hash if they moved. True if they did.
    pub(crate) fn put_standing(
        &mut self,
        id: OrderId,
        order: &Order,
        decision: &Decision,
        standing: &Standing,
        search_hash: Option<i64>,
    ) -> Result<bool, StoreError> {
        let tried = || format!("update the stage of order {}", order.number);
        let waits = &decision.waits_on;
        let action = waits.action.map(words::action_code);
        let same_place = standing.stage.as_deref() == Some(decision.stage.code())
            && standing.waits_code.as_deref() == Some(&waits.code)
            && standing.waits_since_ms == Some(waits.since_ms)
            && standing.ship_by_ms == decision.ship_by_ms
            && standing.look_again_at_ms == decision.look_again_at_ms;
        let same_words = standing.waits_sentence.as_deref() == Some(&waits.sentence)
            && standing.waits_icon.as_deref() == Some(&waits.icon)
            && standing.waits_tone.as_deref() == Some(words::tone_code(waits.tone))
            && standing.action.as_deref() == action
            && standing.hub_state == decision.hub_state
            && search_hash.is_none();
        if same_place && same_words {
            return Ok(false);
        }
        if same_place {
            // Apart from the indexed columns: most decisions change only words.
            self.conn
                .prepare_cached(
                    "UPDATE orders SET waits_sentence = ?2, waits_icon = ?3, waits_tone = ?4, action = ?5, hub_state = ?6,
                         search_hash = ifnull(?7, search_hash)
                     WHERE id = ?1",
                )
                .tried(tried)?
                .execute(params![
                    id.0,
                    waits.sentence,
                    waits.icon,
                    words::tone_code(waits.tone),
                    action,
                    decision.hub_state,
                    search_hash
                ])
                .tried(tried)?;
        } else {
            self.conn
                .prepare_cached(
                    "UPDATE orders SET waits_sentence = ?2, waits_icon = ?3, waits_tone = ?4, action = ?5, hub_state = ?6,
                         search_hash = ifnull(?7, search_hash), stage = ?8, waits_code = ?9, waits_since_ms = ?10,
                         ship_by_ms = ?11, look_again_at_ms = ?12
                     WHERE id = ?1",
                )
                .tried(tried)?
                .execute(params![
                    id.0,
                    waits.sentence,
                    waits.icon,
                    words::tone_code(waits.tone),
                    action,
                    decision.hub_state,
                    search_hash,
                    decision.stage.code(),
                    waits.code,
                    waits.since_ms,
                    decision.ship_by_ms,
                    decision.look_again_at_ms
                ])
                .tried(tried)?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::number_rank;

    #[test]
    fn numbers_sort_as_people_count() {
        for (number, rank) in [
            ("#1001", 1001),
            ("HG-1002-A", 1002),
            ("2024/77", 77),
            ("", 0),
            ("#", 0),
            ("№ ٣", 0),
            ("ü12ü", 12),
            ("99999999999999999999999", i64::MAX),
        ] {
            assert_eq!(number_rank(number), rank, "{number}");
        }
    }
}
