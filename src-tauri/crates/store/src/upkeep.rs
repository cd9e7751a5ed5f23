//! What the store does for itself: checks, tidying, and the doubt after a restore.

use crate::backup::RESTORED_AT;
use crate::error::{StoreError, Tried};
use crate::open::complaints;
use crate::store::{Reader, Store, Topic, Tx};
use quayside_model::{Cause, EffectId, Refusal};

impl Store {
    /// Checks everything: keyed checksums of all pages, structure, references, and the
    /// tallies against the orders. Empty if all is well. Reads the whole file.
    pub fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "check the database";
        self.read(|reader| {
            // Page by page through the log, which lies over the file: so every checksum is
            // seen, and none of a page that is being written.
            let mut found = complaints(reader.conn, "PRAGMA integrity_check(20)").tried(TRIED)?;
            if found.is_empty() {
                found.extend(reader.own_complaints()?);
            }
            Ok(found)
        })
    }

    /// Small housekeeping for quiet moments: merges the index's segments and moves the log
    /// into the file. Cheap when there is nothing to do.
    pub fn tidy(&self) -> Result<(), StoreError> {
        const TRIED: &str = "tidy the database";
        self.write(|tx| {
            tx.conn
                .execute("INSERT INTO order_search (order_search, rank) VALUES ('merge', 200)", [])
                .tried(TRIED)
                .map(|_| ())
        })?;
        if self.file().is_some() {
            let writer = self.writer(TRIED)?;
            writer.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(0)).tried(TRIED)?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    fn own_complaints(&self) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "check the database";
        let list = |sql: &str| complaints(self.conn, sql).tried(TRIED);
        let mut found =
            list("SELECT 'a row of ' || \"table\" || ' refers to nothing' FROM pragma_foreign_key_check LIMIT 20")?;
        found.extend(list(
            "SELECT 'the tally of ' || connection_id || '/' || stage || '/' || waits_code || ' is off by ' || sum(n)
             FROM (SELECT connection_id, stage, waits_code, count(*) AS n FROM orders WHERE stage IS NOT NULL
                       GROUP BY connection_id, stage, waits_code
                   UNION ALL SELECT connection_id, stage, waits_code, -n FROM tally)
             GROUP BY connection_id, stage, waits_code HAVING sum(n) <> 0 LIMIT 20",
        )?);
        found.extend(list(
            "SELECT 'the tally of open orders of ' || connection_id || ' waiting on ' || waits_code || ' is off by ' || sum(n)
                    || ' (' || sum(minor) || ' ' || currency || ')'
             FROM (SELECT connection_id, paid, placed_at_ms / 3600000 AS hour, waits_code, currency, count(*) AS n,
                          sum(max(-10000000000000, min(10000000000000, total_minor))) AS minor
                       FROM orders WHERE open = 1 GROUP BY 1, 2, 3, 4, 5
                   UNION ALL SELECT connection_id, paid, hour, waits_code, currency, -n, -minor FROM open_tally)
             GROUP BY connection_id, paid, hour, waits_code, currency HAVING sum(n) <> 0 OR sum(minor) <> 0 LIMIT 20",
        )?);
        found.extend(list(
            "SELECT 'the tally of effects ' || connection_id || '/' || kind || '/' || state || ' is off by ' || sum(n)
             FROM (SELECT connection_id, kind, state, count(*) AS n FROM effect GROUP BY 1, 2, 3
                   UNION ALL SELECT connection_id, kind, state, -n FROM effect_tally)
             GROUP BY connection_id, kind, state HAVING sum(n) <> 0 LIMIT 20",
        )?);
        Ok(found)
    }
}

impl Tx<'_> {
    /// After a restore: an effect that waited when the backup was made may have been sent
    /// since. It becomes unknown, so that the platform is asked first. What waits for a
    /// click keeps waiting: the click decides. Returns how many are in doubt.
    pub(crate) fn doubt_after_restore(&mut self) -> Result<usize, StoreError> {
        const TRIED: &str = "put restored effects in doubt";
        let Some(restored_at) = self.meta(RESTORED_AT)? else { return Ok(0) };
        let now_ms: i64 = restored_at.parse().unwrap_or(0);
        let waiting: Vec<EffectId> = {
            let mut statement =
                self.conn.prepare("SELECT id FROM effect WHERE state = 'pending' ORDER BY id").tried(TRIED)?;
            let rows = statement.query_map([], |row| row.get(0).map(EffectId)).tried(TRIED)?;
            rows.collect::<Result<_, _>>().tried(TRIED)?
        };
        let refusal = Refusal::new(
            Cause::OutcomeUnknown,
            "The database was restored from a backup, and this change may have been made since. The platform is asked first.",
        );
        for id in &waiting {
            // By the steps an effect can take; planned is the earliest it can have been sent.
            self.conn
                .prepare_cached(
                    "UPDATE effect SET state = 'running', attempts = attempts + 1,
                         first_sent_at_ms = ifnull(first_sent_at_ms, created_at_ms), last_sent_at_ms = ?2 WHERE id = ?1",
                )
                .tried(TRIED)?
                .execute([id.0, now_ms])
                .tried(TRIED)?;
            let unknown = crate::Settlement::Unknown { refusal: refusal.clone(), look_at_ms: now_ms };
            self.settle(*id, &unknown, now_ms, 0)?;
        }
        self.conn.execute("DELETE FROM meta WHERE key = ?1", [RESTORED_AT]).tried(TRIED)?;
        self.touch(Topic::Effects);
        Ok(waiting.len())
    }
}
