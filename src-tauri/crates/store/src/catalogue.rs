//! Changes of products: planned, taken back, and told where a person is needed. What accounts say of products are records
//! like any other.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Tx};
use crate::table::effect::{SELECT, is_withdrawal, row_to_effect};
use crate::table::shelf::OVERTAKEN;
use quayside_model::{ConnectionId, EffectId, EffectState, Finding, PastEffect, PlannedWrite};
use rusqlite::params;

/// Note of the store: a number that grows whenever something that is known of products changes.
const CHANGED: &str = "catalogue_changed";

impl Reader<'_> {
    /// How often anything changed that is known of products.
    pub fn catalogue_changes(&self) -> Result<u64, StoreError> {
        Ok(self.meta(CHANGED)?.and_then(|times| times.parse().ok()).unwrap_or(0))
    }

    /// The changes of a product at an account, oldest first, and how many there ever were. Those that the program took back,
    /// or that went because a mode was lowered, are only counted: it is as if they had never been.
    pub fn product_changes(
        &self,
        connection: &ConnectionId,
        subject: &str,
    ) -> Result<(Vec<PastEffect>, usize), StoreError> {
        let tried = || format!("read the changes of {subject}");
        let mut statement = self
            .conn
            .prepare_cached(&format!("{SELECT} WHERE subject = ?1 AND connection_id = ?2 ORDER BY id"))
            .tried(tried)?;
        let mut rows = statement.query(params![subject, connection.as_str()]).tried(tried)?;
        let (mut past, mut planned) = (Vec::new(), 0);
        while let Some(row) = rows.next().tried(tried)? {
            planned += 1;
            let effect = row_to_effect(self, row)?;
            let taken_back = effect.state == EffectState::Skipped
                && effect.skip_reason.as_ref().is_some_and(|why| why.starts_with(OVERTAKEN) || is_withdrawal(why));
            if !taken_back {
                past.push(effect.past());
            }
        }
        Ok((past, planned))
    }
}

impl Tx<'_> {
    /// Something changed that is known of products: they are looked at again.
    pub fn mark_catalogue(&mut self) -> Result<(), StoreError> {
        let times = self.catalogue_changes()?;
        self.put_meta(CHANGED, &times.saturating_add(1).to_string())
    }

    /// Takes back what newer knowledge makes pointless, and plans what is due; how much that was. A product of which
    /// something is under way by now is left to the next look.
    pub fn put_products(
        &mut self,
        writes: &[PlannedWrite],
        overtaken: &[(EffectId, String)],
        now_ms: i64,
    ) -> Result<usize, StoreError> {
        for (effect, why) in overtaken {
            self.skip(*effect, &format!("{OVERTAKEN}{why}"), now_ms, "quayside", "Overtaken")?;
        }
        let mut planned = 0;
        for write in writes {
            let tried = || format!("plan \"{}\"", write.sentence);
            let under_way: bool = self
                .conn
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM effect WHERE subject = ?1 AND connection_id = ?2
                         AND (state = 'asked' OR state = 'pending' OR state = 'running' OR state = 'unknown'))",
                )
                .tried(tried)?
                .query_row(params![write.subject, write.connection.as_str()], |row| row.get(0))
                .tried(tried)?;
            planned += usize::from(!under_way && self.plan_write(write, now_ms)?);
        }
        Ok(planned)
    }

    /// Makes the exceptions about products equal to what was found.
    pub fn put_product_findings(
        &mut self,
        findings: &[(ConnectionId, Finding)],
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.reconcile_products(findings, now_ms)
    }
}
