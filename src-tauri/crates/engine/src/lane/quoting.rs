//! What giving money back for goods that came back comes to: asked before anything is planned, so that what waits for a
//! click names the amount it gives.
//!
//! Nobody waits at the screen, so it comes after writes. A store that says no is asked again some hours later: its answer may
//! depend on what was done there meanwhile.

use super::{Lane, Step};
use crate::ingest::redecide;
use quayside_connectors::{Connector, Priority, ReadError};
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_model::{Cause, ConnectionConfig};
use quayside_store::{QuoteSaid, StoreError};

/// Until a store that refused to say is asked again.
const AGAIN_MS: i64 = 6 * HOUR_MS;
/// At least so long, where the allowance turned the question away.
const PAUSE_MS: i64 = MINUTE_MS;

impl Lane {
    /// Asks the next one. `None`: nothing is due.
    pub(super) async fn ask_quote(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        let Some(due) = self.shared.store.read(|r| r.quote_due(&self.id, now_ms))? else { return Ok(None) };
        self.shared.doing(&self.id, "Asking what a return comes to", None);
        let answer = connector.quote_refund(&due.ask, Priority::Write).await;
        self.keep_secrets(connector)?;
        self.keep_buckets(connector)?;
        let answered_ms = self.shared.clock.now_ms();
        let said = match answer {
            Ok(quote) => QuoteSaid::Quote(quote),
            Err(ReadError::WaitUntil { at_ms, why }) => {
                let why = format!("{} was not asked yet: {why}.", config.name);
                QuoteSaid::Refused(why, at_ms.max(answered_ms + PAUSE_MS))
            }
            Err(ReadError::Refused(refusal)) => {
                let passes = matches!(refusal.cause, Cause::Offline | Cause::RateLimited);
                let wait_ms = if passes { 10 * MINUTE_MS } else { AGAIN_MS };
                QuoteSaid::Refused(refusal.sentence, answered_ms + wait_ms)
            }
        };
        let policy = self.shared.policy();
        let planned = self.shared.store.write(|tx| {
            tx.settle_quote(&due, &said)?;
            redecide(tx, &policy, due.order_id, answered_ms)
        })?;
        if planned > 0 {
            self.shared.ring_all();
        }
        Ok(Some(Step::Worked))
    }
}
