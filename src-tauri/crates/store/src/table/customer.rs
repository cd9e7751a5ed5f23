//! Customers whom an account could not tell apart: who could be meant, and what people said.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use crate::table::effect::{EffectRow, SELECT, row_to_effect};
use quayside_model::{ConnectionId, CustomerDoubt, CustomerLike, EffectId, Intent, Meant, OrderId, Written};
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// A change that was refused because several customers could be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomerReview {
    /// The change.
    pub effect: EffectId,
    /// The order it belongs to.
    pub order_id: OrderId,
    /// The account.
    pub connection: ConnectionId,
    /// Our id of the customer.
    pub customer: String,
    /// Who could be meant there.
    pub candidates: Vec<CustomerLike>,
    /// When, ms UTC.
    pub asked_at_ms: i64,
}

/// Whom a person said is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomerChoice {
    /// The account.
    pub connection: ConnectionId,
    /// Our id of the customer.
    pub customer: String,
    /// Who is meant there.
    pub meant: Meant,
    /// For all later orders, too; else until it is written.
    pub always: bool,
    /// Who it is here; empty once the buyer's data is gone.
    pub name: String,
    /// Who it is there; the same.
    pub theirs: String,
    /// The order it was said about.
    pub order_id: OrderId,
    /// When, ms UTC.
    pub at_ms: i64,
}

impl Reader<'_> {
    /// What waits for a person to say who is meant, oldest first.
    pub fn customer_reviews(&self) -> Result<Vec<CustomerReview>, StoreError> {
        const TRIED: &str = "read which customers are to be told apart";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT effect_id, order_id, connection_id, customer, candidates, asked_at_ms FROM customer_review
                 WHERE (SELECT e.state FROM effect e WHERE e.id = effect_id) = 'refused'
                 ORDER BY asked_at_ms, effect_id",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    EffectId(row.get(0)?),
                    OrderId(row.get(1)?),
                    ConnectionId(row.get(2)?),
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                    row.get::<_, i64>(5)?,
                ))
            })
            .tried(TRIED)?;
        rows.map(|row| {
            let (effect, order_id, connection, customer, candidates, asked_at_ms) = row.tried(TRIED)?;
            let candidates = from_json(&candidates)?;
            Ok(CustomerReview { effect, order_id, connection, customer, candidates, asked_at_ms })
        })
        .collect()
    }

    /// Everything people said, the newest first.
    pub fn customer_choices(&self) -> Result<Vec<CustomerChoice>, StoreError> {
        const TRIED: &str = "read whom people said is meant";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT connection_id, customer, remote_id, always, name, theirs, order_id, at_ms FROM customer_choice
                 ORDER BY at_ms DESC, connection_id, customer",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                Ok(CustomerChoice {
                    connection: ConnectionId(row.get(0)?),
                    customer: row.get(1)?,
                    meant: row.get::<_, Option<String>>(2)?.map_or(Meant::New, Meant::This),
                    always: row.get(3)?,
                    name: row.get(4)?,
                    theirs: row.get(5)?,
                    order_id: OrderId(row.get(6)?),
                    at_ms: row.get(7)?,
                })
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The same as decisions want it: by account and our id of the customer.
    pub fn customers_meant(&self) -> Result<BTreeMap<(ConnectionId, String), Meant>, StoreError> {
        const TRIED: &str = "read whom people said is meant";
        let mut statement =
            self.conn.prepare_cached("SELECT connection_id, customer, remote_id FROM customer_choice").tried(TRIED)?;
        let rows = statement
            .query_map([], |row| {
                let meant = row.get::<_, Option<String>>(2)?.map_or(Meant::New, Meant::This);
                Ok(((ConnectionId(row.get(0)?), row.get::<_, String>(1)?), meant))
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// What was last put into fields of a customer; `None`: nobody knows.
    pub fn customer_written(&self, connection: &ConnectionId, customer: &str) -> Result<Option<Written>, StoreError> {
        const TRIED: &str = "read what was written of a customer";
        let fields: Option<String> = self
            .conn
            .prepare_cached("SELECT fields FROM customer_written WHERE connection_id = ?1 AND customer = ?2")
            .tried(TRIED)?
            .query_row(params![connection.as_str(), customer], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        let Some(fields) = fields else { return Ok(None) };
        Ok(Some(Written { customer: customer.to_owned(), fields: from_json(&fields)? }))
    }

    /// The order whose change wrote last into fields of a customer; `None`: nobody knows.
    pub fn customer_written_by(
        &self,
        connection: &ConnectionId,
        customer: &str,
    ) -> Result<Option<OrderId>, StoreError> {
        self.conn
            .prepare_cached("SELECT order_id FROM customer_written WHERE connection_id = ?1 AND customer = ?2")
            .tried("read who wrote last of a customer")?
            .query_row(params![connection.as_str(), customer], |row| row.get(0).map(OrderId))
            .optional()
            .tried("read who wrote last of a customer")
    }

    /// Changes of a customer at an account that are not at their end, whichever order they belong to, oldest first.
    pub fn open_changes_of_customer(
        &self,
        connection: &ConnectionId,
        customer: &str,
    ) -> Result<Vec<EffectRow>, StoreError> {
        const TRIED: &str = "find what is to be written of a customer";
        let mut effects = Vec::new();
        // State by state: each has an index of its own.
        for state in ["asked", "pending", "running", "unknown", "refused"] {
            let mut statement = self
                .conn
                .prepare_cached(&format!(
                    "{SELECT} WHERE state = '{state}' AND connection_id = ?1 AND kind = 'put_record'"
                ))
                .tried(TRIED)?;
            let mut rows = statement.query([connection.as_str()]).tried(TRIED)?;
            while let Some(row) = rows.next().tried(TRIED)? {
                let effect = row_to_effect(self, row)?;
                if customer_of(&effect.intent) == Some(customer) {
                    effects.push(effect);
                }
            }
        }
        effects.sort_by_key(|effect| effect.id);
        Ok(effects)
    }
}

/// Our id of the customer a change writes; `None`: it writes something else.
fn customer_of(intent: &Intent) -> Option<&str> {
    match intent {
        Intent::PutRecord { record } if record.noun == quayside_model::RecordNoun::Customer => {
            Some(record.external_id.as_str())
        }
        _ => None,
    }
}

impl Tx<'_> {
    /// Keeps who could be meant by a change that was refused for it. Of an order whose personal data went while the answer
    /// was on its way nothing is kept.
    pub fn put_customer_review(
        &mut self,
        effect: EffectId,
        order: OrderId,
        connection: &ConnectionId,
        doubt: &CustomerDoubt,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("keep which customers could be meant by order {order}");
        self.conn
            .prepare_cached(
                "INSERT INTO customer_review (effect_id, order_id, connection_id, customer, candidates, asked_at_ms)
                 SELECT ?1, ?2, ?3, ?4, ?5, ?6
                 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE id = ?2 AND blanked_at_ms IS NOT NULL)
                 ON CONFLICT (effect_id) DO UPDATE
                 SET candidates = excluded.candidates, asked_at_ms = excluded.asked_at_ms",
            )
            .tried(tried)?
            .execute(params![
                effect.0,
                order.0,
                connection.as_str(),
                doubt.customer,
                json_text(&doubt.candidates)?,
                now_ms
            ])
            .tried(tried)?;
        self.touch_order(order, Topic::Exceptions);
        Ok(())
    }

    /// Keeps whom a person said is meant.
    pub fn put_customer_choice(&mut self, choice: &CustomerChoice) -> Result<(), StoreError> {
        const TRIED: &str = "keep whom a person said is meant";
        let remote_id = match &choice.meant {
            Meant::This(id) => Some(id.as_str()),
            Meant::New => None,
        };
        self.conn
            .prepare_cached(
                "INSERT INTO customer_choice (connection_id, customer, remote_id, always, name, theirs, order_id, at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (connection_id, customer) DO UPDATE
                 SET remote_id = excluded.remote_id, always = excluded.always, name = excluded.name,
                     theirs = excluded.theirs, order_id = excluded.order_id, at_ms = excluded.at_ms",
            )
            .tried(TRIED)?
            .execute(params![
                choice.connection.as_str(),
                choice.customer,
                remote_id,
                choice.always,
                choice.name,
                choice.theirs,
                choice.order_id.0,
                choice.at_ms
            ])
            .tried(TRIED)?;
        self.touch(Topic::Settings);
        Ok(())
    }

    /// Keeps what a change of an order put into fields of a customer, beside what earlier ones did. Of an order whose personal
    /// data went meanwhile nothing is kept.
    pub fn put_customer_written(
        &mut self,
        order: OrderId,
        connection: &ConnectionId,
        written: &Written,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "keep what was written of a customer";
        let mut fields =
            self.customer_written(connection, &written.customer)?.map(|known| known.fields).unwrap_or_default();
        fields.extend(written.fields.clone());
        self.conn
            .prepare_cached(
                "INSERT INTO customer_written (connection_id, customer, fields, order_id, at_ms)
                 SELECT ?1, ?2, ?3, ?4, ?5
                 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE id = ?4 AND blanked_at_ms IS NOT NULL)
                 ON CONFLICT (connection_id, customer) DO UPDATE
                 SET fields = excluded.fields, order_id = excluded.order_id, at_ms = excluded.at_ms",
            )
            .tried(TRIED)?
            .execute(params![connection.as_str(), written.customer, json_text(&fields)?, order.0, now_ms])
            .tried(TRIED)?;
        Ok(())
    }

    /// What does not stand refused any more is nobody's question: who could have been meant by it goes.
    pub fn sweep_customer_reviews(&mut self, connection: &ConnectionId, customer: &str) -> Result<(), StoreError> {
        const TRIED: &str = "forget which customers could have been meant";
        let gone = self
            .conn
            .prepare_cached(
                "DELETE FROM customer_review WHERE connection_id = ?1 AND customer = ?2
                 AND (SELECT e.state FROM effect e WHERE e.id = effect_id) <> 'refused'",
            )
            .tried(TRIED)?
            .execute(params![connection.as_str(), customer])
            .tried(TRIED)?;
        if gone > 0 {
            self.touch(Topic::Exceptions);
        }
        Ok(())
    }

    /// Later orders are matched anew. False if nothing was said.
    pub fn remove_customer_choice(&mut self, connection: &ConnectionId, customer: &str) -> Result<bool, StoreError> {
        const TRIED: &str = "forget whom a person said is meant";
        let gone = self
            .conn
            .prepare_cached("DELETE FROM customer_choice WHERE connection_id = ?1 AND customer = ?2")
            .tried(TRIED)?
            .execute(params![connection.as_str(), customer])
            .tried(TRIED)?;
        self.touch(Topic::Settings);
        Ok(gone > 0)
    }

    /// A change was written: what was said for it alone is done with, unless another order that waited for the same word is
    /// still to go, and nobody has to tell anybody apart for it. True if something said is done with.
    pub fn customer_is_written(&mut self, connection: &ConnectionId, intent: &Intent) -> Result<bool, StoreError> {
        const TRIED: &str = "note that a customer is written";
        let Some(customer) = customer_of(intent) else { return Ok(false) };
        let said = self
            .conn
            .prepare_cached("SELECT 1 FROM customer_choice WHERE connection_id = ?1 AND customer = ?2 AND always = 0")
            .tried(TRIED)?
            .exists(params![connection.as_str(), customer])
            .tried(TRIED)?;
        let means =
            |effect: &EffectRow| matches!(&effect.intent, Intent::PutRecord { record } if record.meant().is_some());
        // Only where something was said: all changes of the account are gone through.
        let done = said && !self.open_changes_of_customer(connection, customer)?.iter().any(means);
        if done {
            self.conn
                .prepare_cached("DELETE FROM customer_choice WHERE connection_id = ?1 AND customer = ?2 AND always = 0")
                .tried(TRIED)?
                .execute(params![connection.as_str(), customer])
                .tried(TRIED)?;
            self.touch(Topic::Settings);
        }
        self.sweep_customer_reviews(connection, customer)?;
        Ok(done)
    }

    /// Takes the personal data of an order out: who could have been meant, and how whoever is was called.
    pub(crate) fn blank_customers(&mut self, order: OrderId) -> Result<(), StoreError> {
        let tried = || format!("take out who could have been meant by the buyer of order {order}");
        for sql in [
            "DELETE FROM customer_review WHERE order_id = ?1",
            "DELETE FROM customer_written WHERE order_id = ?1",
            "UPDATE customer_choice SET name = '', theirs = '' WHERE order_id = ?1",
        ] {
            self.conn.prepare_cached(sql).tried(tried)?.execute([order.0]).tried(tried)?;
        }
        Ok(())
    }

    /// The buyer of an order asked to be forgotten: what was said of them goes, whichever order it was said about.
    pub(crate) fn forget_customers(&mut self, order: OrderId) -> Result<(), StoreError> {
        let tried = || format!("forget whom the buyer of order {order} was taken for");
        for effect in self.effects_of(order)? {
            let Some(customer) = customer_of(&effect.intent) else { continue };
            for sql in [
                "DELETE FROM customer_choice WHERE connection_id = ?1 AND customer = ?2",
                "DELETE FROM customer_review WHERE connection_id = ?1 AND customer = ?2",
                "DELETE FROM customer_written WHERE connection_id = ?1 AND customer = ?2",
            ] {
                let mut statement = self.conn.prepare_cached(sql).tried(tried)?;
                statement.execute(params![effect.connection.as_str(), customer]).tried(tried)?;
            }
        }
        self.touch(Topic::Settings);
        Ok(())
    }
}
