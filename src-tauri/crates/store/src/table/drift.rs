//! Several records that cannot be read for one reason: the platform's answers are not what they were. One entry says so,
//! with the path of the field, instead of one for each record; it goes with the last of them.
//!
//! Left alone: orders that are known here already. Each of them waits by itself, and says why in its own row.

use crate::error::{StoreError, Tried};
use crate::store::{Topic, Tx};
use crate::table::finding::{NewFinding, Owner};
use crate::table::quarantine::about;
use quayside_model::{Cause, ConnectionId, RecordKind, Unreadable};
use rusqlite::params;

/// From so many on it is no single record's fault.
const MANY: usize = 3;
/// More are not looked through.
const LOOKED_AT: i64 = 1_000;
/// No path is longer.
const PATH_MAX: usize = 120;

/// The field that could not be read, whichever row it stood in: `lineItems[3].quantity: not a number` is about
/// `lineItems[].quantity`. `None` where no field is named.
pub(crate) fn field_of(why: &str) -> Option<String> {
    let (path, _) = why.split_once(": ")?;
    let is_path = |c: char| c.is_ascii_alphanumeric() || "._-[]$".contains(c);
    if path.is_empty() || path.len() > PATH_MAX || !path.chars().all(is_path) {
        return None;
    }
    let mut field = String::with_capacity(path.len());
    let mut in_brackets = false;
    for c in path.chars() {
        in_brackets = match c {
            '[' => true,
            ']' => false,
            _ => in_brackets,
        };
        if !(in_brackets && c.is_ascii_digit()) {
            field.push(c);
        }
    }
    Some(field)
}

/// Tells the entries of two fields apart, and them from those of records.
fn about_field(kind: RecordKind, field: &str) -> String {
    format!("fields/{}/{field}", kind.code())
}

impl Tx<'_> {
    /// Records of an account that are set aside for this field, newest first.
    fn aside_for(&self, connection: &ConnectionId, kind: RecordKind, field: &str) -> Result<Vec<String>, StoreError> {
        const TRIED: &str = "look for records that were set aside for one reason";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT remote_id, why FROM quarantine WHERE connection_id = ?1 AND kind = ?2
                 ORDER BY at_ms DESC, remote_id LIMIT ?3",
            )
            .tried(TRIED)?;
        let mut rows = statement.query(params![connection.as_str(), kind.code(), LOOKED_AT]).tried(TRIED)?;
        let mut aside = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let why: String = row.get(1).tried(TRIED)?;
            if field_of(&why).as_deref() == Some(field) {
                aside.push(row.get(0).tried(TRIED)?);
            }
        }
        Ok(aside)
    }

    /// A record was set aside: if it is one of several for one reason, that is told once. Whether it is.
    pub(crate) fn tell_drift(
        &mut self,
        connection: &ConnectionId,
        kind: RecordKind,
        unreadable: &Unreadable,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let Some(field) = field_of(&unreadable.why) else { return Ok(false) };
        let aside = self.aside_for(connection, kind, &field)?;
        if aside.len() < MANY {
            return Ok(false);
        }
        // Those that were told by themselves are a part of it now.
        for remote_id in &aside {
            self.close_reading(connection, &about(kind, remote_id), true, now_ms)?;
        }
        let nouns = match kind {
            RecordKind::Order => "Orders",
            RecordKind::HubOrder => "Hub orders",
            RecordKind::Parcel => "Parcels",
            RecordKind::Stock => "Stock counts",
            RecordKind::Product => "Products",
            RecordKind::Return => "Returns",
        };
        let sentence = format!(
            "{nouns} came in a form Quayside does not understand, all for one reason: {field}. They were set aside with their raw texts; everything else was read. The platform's answers may have changed: update Quayside, or report the field."
        );
        self.raise(
            &NewFinding {
                owner: Owner::Reading,
                order_id: None,
                connection: Some(connection),
                effect: None,
                cause: Cause::Unreadable,
                about: &about_field(kind, &field),
                sentence: &sentence,
                said: Some(&unreadable.why),
                since_ms: None,
            },
            now_ms,
        )?;
        Ok(true)
    }

    /// A record is not set aside any more: with the last one of a reason its entry goes, too.
    pub(crate) fn end_drift(
        &mut self,
        connection: &ConnectionId,
        kind: RecordKind,
        why: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let Some(field) = field_of(why) else { return Ok(()) };
        if self.aside_for(connection, kind, &field)?.is_empty() {
            self.close_reading(connection, &about_field(kind, &field), true, now_ms)?;
        }
        Ok(())
    }

    /// What a reading found is over. `alone`: only what is about no order.
    pub(crate) fn close_reading(
        &mut self,
        connection: &ConnectionId,
        about: &str,
        alone: bool,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        const TRIED: &str = "close what a reading found";
        let closed = self
            .conn
            .prepare_cached(
                "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = ?3, resolved_by = 'itself'
                 WHERE connection_id = ?1 AND owner = 'reading' AND about = ?2 AND state <> 'resolved'
                   AND (NOT ?4 OR order_id IS NULL)",
            )
            .tried(TRIED)?
            .execute(params![connection.as_str(), about, now_ms, alone])
            .tried(TRIED)?;
        if closed > 0 {
            self.touch(Topic::Exceptions);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_one_whichever_row_it_stands_in() {
        for (why, field) in [
            ("lineItems[3].quantity: not a number", Some("lineItems[].quantity")),
            ("lineItems[12].quantity: a text", Some("lineItems[].quantity")),
            ("products[0].options[7].value: missing", Some("products[].options[].value")),
            ("order_2024.total: x", Some("order_2024.total")),
            ("createdAt: nothing", Some("createdAt")),
            ("the answer ended in the middle", None),
            ("Amazon refuses the orders of this marketplace: no", None),
            (": nothing", None),
            ("", None),
        ] {
            assert_eq!(field_of(why).as_deref(), field, "{why}");
        }
        assert_eq!(field_of(&format!("{}: long", "a".repeat(PATH_MAX + 1))), None);
    }
}
