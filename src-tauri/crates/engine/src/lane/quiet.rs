//! Orders that stay away from a store that answers: judged when its orders were read to their end, and never otherwise.
//! A laptop that slept reads first; an account that is paused, broken or out of reach is not judged at all.

use super::Lane;
use crate::policy::signed_in_note;
use quayside_connectors::Connector;
use quayside_flows::calendar;
use quayside_flows::quiet_channel::{self, Came, Channel, HISTORY_MS, QUARTER_MS, Quarters, Verdict};
use quayside_model::time::{HOUR_MS, MINUTE_MS, is_ahead};
use quayside_model::{AccountFinding, AccountFindings, Cause, ConnectionConfig, RecordKind, Role, StreamDecl};
use quayside_store::{FindingRow, FindingState, StoreError};

/// How often a store is judged at most.
const LOOK_MS: i64 = 10 * MINUTE_MS;
/// How often all its orders are counted anew: some become known weeks after they were placed.
const WHOLE_MS: i64 = 6 * HOUR_MS;
/// In between those since then are: platforms show orders some hours late.
const LATE_MS: i64 = 26 * HOUR_MS;

/// What a lane remembers of its store's orders.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    /// They were read to their end then, and nobody has judged since; ms UTC.
    read_ms: Option<i64>,
    /// The store was judged then, ms UTC.
    judged_ms: i64,
    came: Quarters,
    /// All of them were counted then, ms UTC.
    whole_ms: i64,
}

impl Lane {
    /// A stream was read to its end; the first one of orders is the one that brings them.
    pub(super) fn is_read(&mut self, connector: &dyn Connector, decl: &StreamDecl, now_ms: i64) {
        let mut streams = connector.declaration().streams.iter();
        let orders = streams.find(|stream| stream.record == RecordKind::Order && !stream.backfill);
        if orders.is_some_and(|orders| orders.name == decl.name) {
            self.quiet.read_ms = Some(now_ms);
            self.drifting.read = true;
        }
    }

    /// Puts it on the exceptions list when fewer orders come than usual, and takes it off when they come again.
    pub(super) fn mind_quiet(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let Some(read_ms) = self.quiet.read_ms else { return Ok(()) };
        // Further off than it was ever set is a clock that was set back.
        let waits = (0..LOOK_MS).contains(&(now_ms - self.quiet.judged_ms));
        if waits || !connector.declaration().roles.contains(&Role::Channel) {
            return Ok(());
        }
        self.quiet.read_ms = None;
        self.quiet.judged_ms = now_ms;
        let (found, blind, signed_in) = self.shared.store.read(|r| {
            let blind = !r.conditions(&self.id)?.is_empty();
            Ok((r.account_findings(&self.id)?, blind, r.meta(&signed_in_note(&self.id))?))
        })?;
        let entries: Vec<FindingRow> = found.into_iter().filter(|entry| entry.cause == Cause::QuietChannel).collect();
        let standing = entries.iter().find(|entry| entry.state != FindingState::Resolved);
        let policy = self.shared.policy();
        let Some(chance_max) = quiet_channel::chance_max(&policy) else {
            return if standing.is_some() { self.tell_quiet(None, now_ms) } else { Ok(()) };
        };
        // What is wrong with the account stands there already; what stands here stays until one can see again.
        if blind {
            return Ok(());
        }
        self.count_orders(now_ms)?;
        let by_person = |entry: &&FindingRow| entry.resolved_by.as_deref() == Some("person");
        // What was noted by a clock that was ahead would silence this until real time has caught up.
        let noted = |at_ms: &i64| !is_ahead(*at_ms, now_ms);
        let signed_in_ms = signed_in.and_then(|at_ms| at_ms.parse::<i64>().ok());
        let signed_in_ms = signed_in_ms.into_iter().chain([config.created_at_ms]).filter(noted).max();
        let store = policy.peers.get(&self.id);
        let settings = policy.settings_of(store);
        let channel = Channel {
            name: &config.name,
            came: &self.quiet.came,
            read_ms,
            signed_in_ms: signed_in_ms.unwrap_or_default(),
            zone: policy.zone_of(store),
            holiday: &|day| calendar::is_holiday(&settings.holidays, day),
            standing: standing.map(|entry| entry.about.as_str()),
            ended_ms: entries.iter().filter_map(|entry| entry.resolved_at_ms).filter(noted).max(),
            settled_ms: entries.iter().filter(by_person).filter_map(|entry| entry.resolved_at_ms).filter(noted).max(),
        };
        match quiet_channel::judge(&channel, chance_max) {
            Verdict::Stays => Ok(()),
            Verdict::Fine if standing.is_none() => Ok(()),
            Verdict::Fine => self.tell_quiet(None, now_ms),
            Verdict::Tell(quiet) => {
                tracing::info!(connection.id = %self.id, "fewer orders come from this store than usual");
                self.tell_quiet(Some(AccountFinding { about: quiet.about, sentence: quiet.sentence }), now_ms)
            }
        }
    }

    fn tell_quiet(&self, found: Option<AccountFinding>, now_ms: i64) -> Result<(), StoreError> {
        let found = AccountFindings { cause: Cause::QuietChannel, found: found.into_iter().collect() };
        self.shared.store.write(|tx| tx.put_account_findings(&self.id, &found, now_ms))
    }

    /// Counts what came since, and everything now and then.
    fn count_orders(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let whole = !(0..WHOLE_MS).contains(&(now_ms - self.quiet.whole_ms));
        let from = (now_ms - if whole { HISTORY_MS } else { LATE_MS }).div_euclid(QUARTER_MS);
        // An order of the future is a store's clock; further off than an hour it is nonsense.
        let rows = self.shared.store.read(|r| r.orders_by_quarter(&self.id, from * QUARTER_MS, now_ms + HOUR_MS))?;
        if whole {
            self.quiet.came.clear();
            self.quiet.whole_ms = now_ms;
        } else {
            drop(self.quiet.came.split_off(&from));
        }
        self.quiet.came.extend(rows.into_iter().map(|(quarter, n, last_ms)| (quarter, Came { n, last_ms })));
        Ok(())
    }
}
