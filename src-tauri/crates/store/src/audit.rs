//! Questions for whoever doubts the store: rules that must hold between rows, and whether a text is anywhere in it.
//!
//! The schema forbids most of this row by row. Here it is counted afterwards, over everything, by statements that share
//! nothing with the ones that wrote it. Slow by design (whole tables are read); simulations and tests ask.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use rusqlite::types::ValueRef;

/// Each rule: what is wrong with a row that is found, and how to find it. Those in the second list compare moments of the
/// wall clock.
const RULES: [(&str, &str); 3] = [
    ("a key belongs to several effects", "SELECT key FROM effect GROUP BY key HAVING count(*) > 1"),
    (
        "is done by another number of answers than one",
        "SELECT e.key FROM effect e LEFT JOIN attempt a ON a.effect_id = e.id AND a.outcome IN ('done', 'already')
         WHERE e.state = 'done' GROUP BY e.id HAVING count(a.n) <> 1",
    ),
    (
        "has an answer that it was done, and is not",
        "SELECT e.key FROM attempt a JOIN effect e ON e.id = a.effect_id
         WHERE a.outcome IN ('done', 'already') AND e.state <> 'done'",
    ),
];

const RULES_OF_TIME: [(&str, &str); 2] = [
    (
        "was tried again after its end",
        "SELECT e.key FROM effect e JOIN attempt a ON a.effect_id = e.id
         WHERE e.state IN ('done', 'skipped') AND a.at_ms > e.settled_at_ms",
    ),
    // Refused does not stand in the way of what comes after: it needs a person, and the rest may be its correction.
    (
        "was sent before an earlier change of its order had ended",
        "SELECT later.key FROM effect later JOIN effect earlier ON earlier.order_id = later.order_id AND earlier.id < later.id
         WHERE later.first_sent_at_ms IS NOT NULL
           AND (earlier.kind IN ('annotate_order', 'acknowledge_order', 'show_hold')) = (later.kind IN ('annotate_order', 'acknowledge_order', 'show_hold'))
           AND (earlier.kind = 'put_record') = (later.kind = 'put_record')
           AND (earlier.kind = 'record_refund') = (later.kind = 'record_refund')
           AND (earlier.kind = 'answer_return') = (later.kind = 'answer_return')
           AND earlier.kind <> 'tell_buyer' AND later.kind <> 'tell_buyer' AND earlier.kind <> 'buy_label'
           AND (later.kind <> 'put_record' OR earlier.automation = later.automation)
           AND ifnull(earlier.settled_at_ms, 9223372036854775807) > later.first_sent_at_ms
           AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.effect_id = earlier.id AND a.outcome = 'refused'
                           AND a.at_ms <= later.first_sent_at_ms)",
    ),
];

impl Reader<'_> {
    /// Effects that break a rule of the outbox, one sentence each. Times are compared, so a wall clock that was moved
    /// while the effects were made gives false alarms: see [`Self::audit_outbox_by_any_clock`].
    pub fn audit_outbox(&self) -> Result<Vec<String>, StoreError> {
        let mut broken = self.audit_outbox_by_any_clock()?;
        broken.extend(self.rules_broken(&RULES_OF_TIME)?);
        Ok(broken)
    }

    /// The same without the rules that compare times.
    pub fn audit_outbox_by_any_clock(&self) -> Result<Vec<String>, StoreError> {
        self.rules_broken(&RULES)
    }

    fn rules_broken(&self, rules: &[(&str, &str)]) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "audit the outbox";
        let mut broken = Vec::new();
        for (what, sql) in rules {
            let mut statement = self.conn.prepare_cached(sql).tried(TRIED)?;
            let keys = statement.query_map([], |row| row.get::<_, String>(0)).tried(TRIED)?;
            for key in keys {
                broken.push(format!("{}: {what}", key.tried(TRIED)?));
            }
        }
        Ok(broken)
    }

    /// Columns (`table.column`) in which one of these texts is found, compressed ones included. Each once.
    pub fn columns_with(&self, needles: &[&str]) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "look for a text in the whole store";
        let tables: Vec<String> = {
            let sql =
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name";
            let mut statement = self.conn.prepare(sql).tried(TRIED)?;
            let names = statement.query_map([], |row| row.get(0)).tried(TRIED)?;
            names.collect::<Result<_, _>>().tried(TRIED)?
        };
        let holds = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            needles.iter().any(|needle| !needle.is_empty() && text.contains(needle))
        };
        let mut found = Vec::new();
        for table in tables {
            let mut statement = self.conn.prepare(&format!("SELECT * FROM \"{table}\"")).tried(TRIED)?;
            let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
            let mut rows = statement.query([]).tried(TRIED)?;
            while let Some(row) = rows.next().tried(TRIED)? {
                for (at, column) in columns.iter().enumerate() {
                    let holds = match row.get_ref(at).tried(TRIED)? {
                        ValueRef::Text(text) => holds(text),
                        ValueRef::Blob(blob) => holds(blob) || self.pack.unzip(blob).is_ok_and(|text| holds(&text)),
                        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => false,
                    };
                    let name = format!("{table}.{column}");
                    if holds && !found.contains(&name) {
                        found.push(name);
                    }
                }
            }
        }
        Ok(found)
    }
}
