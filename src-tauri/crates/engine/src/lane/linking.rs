//! Links of a hub's own to the stores: looked at when the lane begins and every hour after, before anything is sent.
//!
//! A link that was made meanwhile would bring every order a second time. So it is known before the next order goes, and
//! what waits in the outbox is decided anew in the transaction that takes it down.

use super::{Lane, Step};
use crate::ingest::redecide;
use quayside_connectors::{Connector, ReadError};
use quayside_flows::Writes;
use quayside_flows::who_writes::settle_answers;
use quayside_model::time::{HOUR_MS, MINUTE_MS};
use quayside_model::{ConnectionConfig, EffectState, IntentKind, OrderId, OwnLink, Role};
use quayside_store::{EffectRow, StoreError, Tx};
use std::collections::BTreeSet;

/// How often.
const LOOK_MS: i64 = HOUR_MS;
/// After a look that came to nothing.
const LOOK_AGAIN_MS: i64 = 10 * MINUTE_MS;

impl Lane {
    /// Looks if it is time to. `None`: it is not, or nothing came of it.
    pub(super) async fn look_for_links(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        // Further off than it was ever set is a clock that was set back.
        let due = self.links_at_ms <= now_ms || self.links_at_ms > now_ms + LOOK_MS;
        if !due || !connector.declaration().roles.contains(&Role::Hub) {
            return Ok(None);
        }
        let links = connector.own_links().await;
        self.keep_secrets(connector)?;
        let now_ms = self.shared.clock.now_ms();
        match links {
            Ok(links) => {
                self.links_at_ms = now_ms + LOOK_MS;
                let Some(links) = links else { return Ok(None) };
                self.keep_buckets(connector)?;
                self.learn_links(config, links, now_ms)?;
                Ok(Some(Step::Worked))
            }
            // The rest of the lane says what is wrong with the account.
            Err(ReadError::WaitUntil { at_ms, .. }) => {
                self.links_at_ms = at_ms.clamp(now_ms + 1, now_ms + LOOK_AGAIN_MS);
                Ok(None)
            }
            Err(ReadError::Refused(_)) => {
                self.links_at_ms = now_ms + LOOK_AGAIN_MS;
                Ok(None)
            }
        }
    }

    fn learn_links(&self, config: &ConnectionConfig, links: Vec<OwnLink>, now_ms: i64) -> Result<(), StoreError> {
        let is_news = config.account.clone().learn_own_links(links.clone());
        let unsettled = self.shared.policy().peers.values().any(|peer| peer.writes == Writes::Desk(None));
        if !is_news && !unsettled {
            return Ok(());
        }
        let changed = self.shared.store.write(|tx| {
            // Over what was known until now, where anything was: only then is the rest new.
            let mut changed = settle(tx)?;
            if is_news && let Some(mut account) = tx.connection(&self.id)? {
                tracing::info!(connection.id = %self.id, links = links.len(), "the hub's own links to stores changed");
                account.account.learn_own_links(links);
                tx.put_connection(&account)?;
                settle(tx)?;
                changed = true;
                let policy = crate::policy::load(tx)?;
                let waiting = tx.effects_standing(None, EffectState::Pending, usize::MAX >> 1)?;
                let ours = |e: &&EffectRow| e.connection == self.id && e.intent.kind() == IntentKind::PutHubOrder;
                for order in waiting.iter().filter(ours).filter_map(|e| e.order_id).collect::<BTreeSet<OrderId>>() {
                    redecide(tx, &policy, order, now_ms)?;
                }
            }
            Ok(changed)
        })?;
        if changed { self.shared.reload() } else { Ok(()) }
    }
}

fn settle(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let settled = settle_answers(&tx.connections()?);
    for config in &settled {
        tx.put_connection(config)?;
    }
    Ok(!settled.is_empty())
}
