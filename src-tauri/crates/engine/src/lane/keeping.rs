//! What a lane keeps beyond its streams and effects: rate buckets and secrets that renewed themselves.

use super::Lane;
use quayside_connectors::{BucketState, Connector};
use quayside_model::ConnectionId;
use quayside_store::{StoreError, StreamState, Tx};

impl Lane {
    /// The buckets, if they are not as they were saved.
    pub(super) fn changed_buckets(&self, connector: &dyn Connector) -> Option<Vec<BucketState>> {
        Some(connector.budget().snapshot()).filter(|buckets| *buckets != self.saved_buckets)
    }

    /// Secrets that renewed themselves go to the keychain before the connector uses them: until it was asked for
    /// them, its calls answer "come back at once".
    pub(super) fn keep_secrets(&mut self, connector: &dyn Connector) -> Result<(), StoreError> {
        self.wake(&connector.wakes())?;
        let renewed = connector.renewed_secrets();
        if renewed.is_none() && self.unkept.is_none() {
            return Ok(());
        }
        let mut news = self.unkept.take().unwrap_or_default();
        news.extend(renewed.into_iter().flatten());
        let kept = self.shared.secrets.secrets(&self.id).and_then(|mut all| {
            all.extend(news.clone());
            self.shared.secrets.put_secrets(&self.id, &all)
        });
        if let Err(refusal) = kept {
            // The session goes on in memory; a restart before the keychain opens would need a new sign-in.
            self.unkept = Some(news);
            let now_ms = self.shared.clock.now_ms();
            self.condition(&refusal, now_ms)?;
        }
        Ok(())
    }

    /// What these streams read has changed: they are due.
    fn wake(&self, streams: &[&str]) -> Result<(), StoreError> {
        for name in streams {
            let known = self.shared.store.read(|r| r.stream(&self.id, name))?;
            let mut state = known.unwrap_or_else(|| StreamState::new(&self.id, name));
            let now_ms = self.shared.clock.now_ms();
            // One that just failed keeps its pause.
            if state.next_at_ms > now_ms && state.failures == 0 {
                state.next_at_ms = now_ms;
                self.shared.store.write(|tx| tx.put_stream(&state))?;
            }
        }
        Ok(())
    }

    /// Saves the buckets where nothing else is to be written.
    pub(super) fn keep_buckets(&mut self, connector: &dyn Connector) -> Result<(), StoreError> {
        let Some(buckets) = self.changed_buckets(connector) else { return Ok(()) };
        self.shared.store.write(|tx| save_buckets(tx, &self.id, Some(&buckets)))?;
        self.saved_buckets = buckets;
        Ok(())
    }
}

/// Buckets go into the transaction of what spent them.
pub(super) fn save_buckets(
    tx: &mut Tx<'_>,
    id: &ConnectionId,
    buckets: Option<&[BucketState]>,
) -> Result<(), StoreError> {
    let Some(buckets) = buckets else { return Ok(()) };
    let rows: Vec<serde_json::Value> = buckets.iter().filter_map(|bucket| serde_json::to_value(bucket).ok()).collect();
    tx.put_buckets(id, &rows)
}
