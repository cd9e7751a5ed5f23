//! What a lane keeps beyond its streams and effects: rate buckets and secrets that renewed themselves.

use super::Lane;
use quayside_connectors::{BucketState, Connector, Secrets};
use quayside_model::time::MINUTE_MS;
use quayside_model::{ConnectionId, ExposeSecret as _, Refusal};
use quayside_store::{StoreError, StreamState, Tx};

/// What became of secrets that renewed themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// They are in the keychain.
    All,
    /// The keychain holds newer ones of another sign-in.
    Overtaken,
    /// The keychain does not take them.
    Refused,
}

fn same(there: &Secrets, known: &Secrets, name: &str) -> bool {
    let value = |all: &Secrets| all.get(name).map(|secret| secret.expose_secret().to_owned());
    value(there) == value(known)
}

impl Lane {
    /// The buckets, if they are not as they were saved.
    pub(super) fn changed_buckets(&self, connector: &dyn Connector) -> Option<Vec<BucketState>> {
        Some(connector.budget().snapshot()).filter(|buckets| *buckets != self.saved_buckets)
    }

    /// Secrets that renewed themselves go to the keychain before the connector uses them: until it hears that they are
    /// there, its calls answer "come back at once".
    pub(super) fn keep_secrets(&mut self, connector: &dyn Connector) -> Result<(), StoreError> {
        self.wake(&connector.wakes())?;
        let Some(news) = connector.renewed_secrets() else { return Ok(()) };
        self.unkept = Some(news.clone());
        if self.keep_unkept(self.shared.clock.now_ms())? == Kept::All {
            connector.secrets_kept(&news);
        }
        Ok(())
    }

    /// Puts into the keychain what it has not taken yet. While it does not, the account rests and says so: its old
    /// sign-in has ended, and the new one would end with this program.
    pub(super) fn keep_unkept(&mut self, now_ms: i64) -> Result<Kept, StoreError> {
        let Some(news) = self.unkept.clone() else { return Ok(Kept::All) };
        let there = self.shared.secrets.secrets(&self.id);
        let entered_anew = there.as_ref().is_ok_and(|there| news.keys().any(|name| !same(there, &self.known, name)));
        if entered_anew {
            // A person signed in again meanwhile: what renewed itself belongs to the sign-in before.
            self.unkept = None;
            self.open = None;
            return Ok(Kept::Overtaken);
        }
        let kept = there.and_then(|mut all| {
            all.extend(news);
            self.shared.secrets.put_secrets(&self.id, &all)?;
            Ok(all)
        });
        match kept {
            Ok(all) => {
                (self.known, self.unkept) = (all, None);
                Ok(Kept::All)
            }
            Err(refusal) => {
                let told = Refusal::new(
                    refusal.cause,
                    format!(
                        "The sign-in renewed itself and could not be put into the keychain: {} Nothing is read or sent before it is there; if Quayside ends before that, sign in again.",
                        refusal.sentence
                    ),
                );
                self.down_until_ms = now_ms + MINUTE_MS;
                self.condition(&told, now_ms)?;
                self.closed = Some(told);
                Ok(Kept::Refused)
            }
        }
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
