//! When an account is next to be read from and written to, moved as a whole: because the computer's clock was set back,
//! or because an outage is over. Each plan by itself is kept where it belongs (`table/stream.rs`, `dispatch.rs`,
//! `table/proof.rs`).
//!
//! Left alone on purpose: what people chose by the calendar (snoozed exceptions, holds) and what hangs on deadlines.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Topic, Tx};
use quayside_model::ConnectionId;
use rusqlite::params;

/// What was in the way was the network. The words are those of [`quayside_model::Cause`].
macro_rules! cut_off {
    () => {
        "json_extract(refusal, '$.cause') IN ('offline', 'not_the_platform')"
    };
}

impl Reader<'_> {
    /// When any stream of the account was last begun, ms UTC: the newest moment the store knows of its lane.
    pub fn last_try_at(&self, connection: &ConnectionId) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "read the schedule";
        self.conn
            .prepare_cached("SELECT max(last_try_at_ms) FROM stream WHERE connection_id = ?1")
            .tried(TRIED)?
            .query_row([connection.as_str()], |row| row.get(0))
            .tried(TRIED)
    }
}

impl Tx<'_> {
    /// The computer's clock was set back by `by_ms` to `now_ms`: what the account waits for moves back as much, so that
    /// each pause is as long as it was meant. A lost answer is not looked up within `look_ms` from now: it may have been
    /// lost since, and a platform that shows its writes late would say that it has none. When it was sent moves along,
    /// too: that is from when on the platform is searched.
    pub fn clock_set_back(
        &mut self,
        connection: &ConnectionId,
        by_ms: i64,
        now_ms: i64,
        look_ms: i64,
    ) -> Result<(), StoreError> {
        let tried = || format!("bring the schedule of {connection} in line with the clock");
        self.conn
            .prepare_cached(
                "UPDATE stream SET next_at_ms = CASE WHEN next_at_ms > ?2 THEN max(?2, next_at_ms - ?3) ELSE next_at_ms END,
                     last_try_at_ms = min(last_try_at_ms, ?2), last_ok_at_ms = min(last_ok_at_ms, ?2)
                 WHERE connection_id = ?1",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), now_ms, by_ms])
            .tried(tried)?;
        self.conn
            .prepare_cached(
                "UPDATE effect SET not_before_ms = min(not_before_ms, max(not_before_ms - ?3,
                         CASE state WHEN 'unknown' THEN ?2 + ?4 ELSE ?2 END)),
                     first_sent_at_ms = CASE WHEN first_sent_at_ms > ?2 THEN first_sent_at_ms - ?3 ELSE first_sent_at_ms END,
                     last_sent_at_ms = CASE WHEN last_sent_at_ms > ?2 THEN last_sent_at_ms - ?3 ELSE last_sent_at_ms END
                 WHERE connection_id = ?1 AND state IN ('pending', 'unknown') AND (not_before_ms > ?2 OR last_sent_at_ms > ?2)",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), now_ms, by_ms, look_ms])
            .tried(tried)?;
        self.conn
            .prepare_cached(
                "UPDATE proof SET ask_at_ms = max(?2, ask_at_ms - ?3)
                 WHERE connection_id = ?1 AND state = 'asked' AND ask_at_ms > ?2",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), now_ms, by_ms])
            .tried(tried)?;
        // A count that was read "later than now" would be taken for one that was read after whatever is written to it.
        self.conn
            .prepare_cached(
                "UPDATE stock_count SET read_at_ms = min(read_at_ms, ?2), changed_at_ms = min(changed_at_ms, ?2),
                     look_at_ms = min(look_at_ms, max(?2, look_at_ms - ?3))
                 WHERE connection_id = ?1",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), now_ms, by_ms])
            .tried(tried)?;
        self.touch(Topic::Streams);
        Ok(())
    }

    /// An outage is over: whatever of the account failed for want of a network is due at `at_ms` at the latest. A lost
    /// answer only if it was looked for before: its first look waits for platforms that show their writes late.
    pub fn pull_forward(&mut self, connection: &ConnectionId, at_ms: i64) -> Result<(), StoreError> {
        let tried = || format!("let {connection} catch up");
        self.conn
            .prepare_cached(concat!(
                "UPDATE stream SET next_at_ms = ?2 WHERE connection_id = ?1 AND failures > 0 AND next_at_ms > ?2 AND ",
                cut_off!()
            ))
            .tried(tried)?
            .execute(params![connection.as_str(), at_ms])
            .tried(tried)?;
        self.conn
            .prepare_cached(concat!(
                "UPDATE effect SET not_before_ms = ?2
                 WHERE connection_id = ?1 AND state IN ('pending', 'unknown') AND not_before_ms > ?2 AND ",
                cut_off!(),
                " AND (state = 'pending' OR EXISTS (SELECT 1 FROM attempt a WHERE a.effect_id = effect.id AND a.looked = 1))"
            ))
            .tried(tried)?
            .execute(params![connection.as_str(), at_ms])
            .tried(tried)?;
        self.touch(Topic::Streams);
        Ok(())
    }
}
