//! One connection, strictly serial: the click, lost answers, writes, polls, backfill.
//!
//! This file says what comes next; the steps themselves are in `reading.rs` (streams, wishes), `writing.rs` (the
//! outbox, lost answers, proofs), `counting.rs` (counts read by name), `linking.rs` (links of a hub's own to the
//! stores), `visiting.rs` (hub orders nobody hears of), `quoting.rs` (what giving money back for a return comes to), `quiet.rs` (orders that stay away), `health.rs` (an account that
//! is down and comes back), `wall.rs` (the computer's clock), `versions.rs` (versions of the platform's
//! APIs) and `keeping.rs` (secrets and buckets).

mod counting;
mod drift;
mod health;
mod keeping;
mod labels;
mod linking;
mod quiet;
mod quoting;
mod reading;
mod versions;
mod visiting;
mod wall;
mod writing;

use crate::engine::Shared;
use crate::sync::SyncJob;
use keeping::Kept;
use quayside_connectors::{BucketState, Connector, Secrets, Setup, platform};
use quayside_model::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{
    Cause, ConnectionConfig, ConnectionId, CustomerDoubt, Described, EffectId, LabelAsk, LabelForm, LabelQuotes,
    RecordKind, RefundAsk, RefundQuote, Refusal, StreamDecl,
};
use quayside_store::{Claimed, Settlement, StoreError, StreamDue};
use reading::Parked;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};

/// Tickets older than this are of no use: platforms forget such files and jobs.
const TICKETS_MS: i64 = 30 * DAY_MS;
/// A stream this many intervals overdue goes before writes: a backlog must not blind the desk.
const OVERDUE: i64 = 5;

/// Something a person asked for.
pub(crate) enum Wish {
    /// Read all streams now.
    Streams(SyncJob),
    /// Read one record now.
    Record(RecordKind, String, SyncJob),
    /// Read the parcels of one hub order now.
    Parcels(String, SyncJob),
    /// Ask what giving money back would come to.
    Quote(Box<RefundAsk>, oneshot::Sender<Result<RefundQuote, Refusal>>),
    /// Ask what carriers offer for a hub order.
    Labels(LabelAsk, oneshot::Sender<Result<LabelQuotes, Refusal>>),
    /// Fetch the file of a label.
    LabelFile(String, LabelForm, oneshot::Sender<Result<Vec<u8>, Refusal>>),
    /// Ask what the account has that settings can name.
    Describe(BTreeMap<String, serde_json::Value>, oneshot::Sender<Result<Described, Refusal>>),
}

/// What became of an effect, before it is written down.
struct Unwritten {
    claimed: Claimed,
    settlement: Settlement,
    duration_ms: i64,
    /// Nothing was sent: its answer was lost, and the platform was asked whether it holds.
    looked: bool,
    /// What the platform answered meanwhile; `None`: nothing. Changes that travelled in one call share it.
    heard: Option<Arc<str>>,
    /// Which customers could be meant, where that is why it was refused.
    doubt: Option<Box<CustomerDoubt>>,
}

pub(crate) struct Lane {
    shared: Arc<Shared>,
    id: ConnectionId,
    bell: Arc<Notify>,
    open: Option<Open>,
    /// The account as a whole does not answer: nothing is tried before this moment, ms UTC.
    down_until_ms: i64,
    /// Failures of the account in a row.
    down_count: u32,
    /// What the last of them was.
    down_cause: Option<Cause>,
    /// The account answered since it was opened, so none of its conditions is left over from before.
    answered: bool,
    /// The configuration it was opened with last, by number; `None`: never, or it could not be opened.
    opened_with: Option<u64>,
    /// Ends of outages ([`Shared::network_is_back`]) this lane has heard of.
    network_seen: u64,
    /// Scans that let something go first, by stream: where they go on.
    parked: BTreeMap<&'static str, Parked>,
    /// The computer's clock when the lane last looked, ms UTC; `None` before the first look.
    wall_ms: Option<i64>,
    /// Looks at lost answers that could not tell, by effect.
    looks: BTreeMap<EffectId, u32>,
    /// The allowance turned a write or a look away: the rest of the line is not even tried before this moment, ms UTC.
    writes_wait_ms: i64,
    /// When the hub's own links are looked at next, ms UTC; 0 before the first look.
    links_at_ms: i64,
    /// Overdue hub orders to ask for by name.
    visits: visiting::Visits,
    /// How many orders usually come from the store.
    quiet: quiet::Quiet,
    /// Whether fields that mappings read were looked at.
    drifting: drift::Drifting,
    /// Why its connector could not be opened.
    closed: Option<Refusal>,
    /// Results that could not be written yet (disk full): kept here until they are.
    unwritten: Vec<Unwritten>,
    /// The last step broke off, or a lane before this one did: a change may stand as on its way, though nothing is. It would
    /// keep all that follows it from going out.
    broke_off: bool,
    /// Whether this computer's clock was found wrong; `None` before the account's first answer.
    clock_wrong: Option<bool>,
    /// How far the account's clock was from this computer's by the last answer, ms; the next one has to say the same.
    skew_heard_ms: Option<i64>,
    /// Versions of the platform's APIs as they were last looked at; `None` before the account's first answer.
    versions: Option<versions::Looked>,
    /// Rate buckets as last saved.
    saved_buckets: Vec<BucketState>,
    /// Secrets that renewed themselves and that the keychain did not take yet.
    unkept: Option<Secrets>,
    /// The account's secrets as the keychain last gave or took them here.
    known: Secrets,
}

struct Open {
    config: ConnectionConfig,
    connector: Arc<dyn Connector>,
    generation: u64,
}

/// An account and its connector.
type Account = (ConnectionConfig, Arc<dyn Connector>);
/// Streams and where they stand.
type Streams = Vec<(&'static StreamDecl, StreamDue)>;

/// What a lane may have to do, and when, ms UTC.
struct Due {
    streams: Streams,
    /// The outbox.
    next_effect: Option<i64>,
    /// A write to make sure of.
    next_proof: Option<i64>,
    /// A count to be read by name.
    next_count: Option<i64>,
    /// A refund whose amount is to be asked for.
    next_quote: Option<i64>,
}

/// What a step came to.
enum Step {
    /// Something was done; look again at once.
    Worked,
    /// Nothing is due before this moment, ms UTC.
    Idle(i64, String),
    /// The connection is gone.
    Gone,
}

impl Lane {
    pub fn new(shared: Arc<Shared>, id: ConnectionId, bell: Arc<Notify>) -> Self {
        Self {
            network_seen: shared.network(),
            shared,
            id,
            bell,
            open: None,
            down_until_ms: 0,
            down_count: 0,
            down_cause: None,
            answered: false,
            opened_with: None,
            parked: BTreeMap::new(),
            wall_ms: None,
            looks: BTreeMap::new(),
            writes_wait_ms: 0,
            links_at_ms: 0,
            visits: visiting::Visits::default(),
            quiet: quiet::Quiet::default(),
            drifting: drift::Drifting::default(),
            closed: None,
            unwritten: Vec::new(),
            broke_off: true,
            clock_wrong: None,
            skew_heard_ms: None,
            versions: None,
            saved_buckets: Vec::new(),
            unkept: None,
            known: Secrets::new(),
        }
    }

    pub async fn run(mut self) {
        while !self.shared.is_stopping() {
            match self.step().await {
                Ok(Step::Worked) => {
                    self.shared.fares(self.id.as_str(), None);
                    tokio::task::yield_now().await;
                }
                Ok(Step::Idle(until_ms, words)) => {
                    self.shared.fares(self.id.as_str(), None);
                    let buckets = self.open.as_ref().map(|open| open.connector.budget().snapshot());
                    self.shared.doing(&self.id, words, buckets);
                    let pause_ms = until_ms - self.shared.clock.now_ms();
                    self.shared.nap(pause_ms, &self.bell).await;
                }
                Ok(Step::Gone) => {
                    self.shared.fares(self.id.as_str(), None);
                    return;
                }
                Err(error) => {
                    tracing::error!(connection.id = %self.id, %error, "the store does not answer");
                    self.shared.fares(self.id.as_str(), Some(&error));
                    self.broke_off = true;
                    self.shared.nap(5 * SECOND_MS, &self.bell).await;
                }
            }
        }
        // Graceful: what is known must be written before the end, if it can be.
        if let Err(error) = self.keep_unkept(self.shared.clock.now_ms()) {
            tracing::error!(connection.id = %self.id, %error, "the store does not answer");
        }
        if let Err(error) = self.write_down(None) {
            tracing::error!(connection.id = %self.id, %error, "results stay unwritten; they are looked up at the next start");
        }
    }

    async fn step(&mut self) -> Result<Step, StoreError> {
        self.write_down(None)?;
        let now_ms = self.shared.clock.now_ms();
        if self.broke_off {
            let lost = self.shared.store.write(|tx| tx.recover_running_of(&self.id, now_ms))?;
            if lost > 0 {
                tracing::warn!(connection.id = %self.id, lost, "effects were on their way when the work broke off; they are looked up first");
            }
            self.broke_off = false;
        }
        let Some((config, connector)) = self.opened(now_ms)? else {
            return Ok(match self.shared.store.read(|r| r.connection(&self.id))? {
                None => {
                    for wish in self.shared.take_wishes(&self.id) {
                        wish.refuse("The account is not connected any more".into());
                    }
                    Step::Gone
                }
                Some(config) => {
                    self.refuse_wishes(&config);
                    Step::Idle(self.down_until_ms.max(now_ms + MINUTE_MS), "Waits for the keychain".into())
                }
            });
        };
        if self.mind_wall(connector.as_ref(), now_ms)? {
            return Ok(Step::Worked);
        }
        if self.unkept.is_some() {
            match self.keep_unkept(now_ms)? {
                Kept::All => {
                    // All of what it would tell was kept, by its own words.
                    if let Some(news) = connector.renewed_secrets() {
                        connector.secrets_kept(&news);
                    }
                    self.down_until_ms = 0;
                }
                Kept::Overtaken => return Ok(Step::Worked),
                Kept::Refused => {
                    self.refuse_wishes(&config);
                    return Ok(Step::Idle(self.down_until_ms, "Waits for the keychain".into()));
                }
            }
        }
        self.mind_network(now_ms)?;
        let wishes = self.shared.take_wishes(&self.id);
        if config.paused {
            for wish in wishes {
                wish.refuse(format!("{} is paused", config.name));
            }
            return Ok(Step::Idle(now_ms + 10 * MINUTE_MS, "Paused".into()));
        }
        if !wishes.is_empty() {
            self.down_until_ms = 0;
            let mut wishes = VecDeque::from(wishes);
            while let Some(wish) = wishes.pop_front() {
                let whole =
                    if let Wish::Streams(job) = &wish { Some((job.clone(), job.problems().len())) } else { None };
                let job = wish.job().cloned();
                match (self.grant(&config, connector.as_ref(), wish).await, whole) {
                    // Whoever asked for the same before it was read has it now: one reading, not one for each click.
                    (Ok(true), Some((job, known))) if !job.is_cancelled() => {
                        let news = job.problems().split_off(known);
                        wishes.retain(|wish| match wish {
                            Wish::Streams(same) => {
                                for problem in &news {
                                    same.problem(problem.clone());
                                }
                                same.part_done(format!("{} is read", config.name));
                                false
                            }
                            Wish::Record(..)
                            | Wish::Parcels(..)
                            | Wish::Quote(..)
                            | Wish::Labels(..)
                            | Wish::LabelFile(..)
                            | Wish::Describe(..) => true,
                        });
                    }
                    (Ok(_), _) => {}
                    (Err(error), _) => {
                        // The store does not take what was read (the disk is full): nobody waits for it in vain.
                        if let Some(job) = job {
                            job.fail(error.to_string());
                        }
                        for wish in wishes {
                            wish.refuse(error.to_string());
                        }
                        return Err(error);
                    }
                }
            }
            return Ok(Step::Worked);
        }
        if now_ms < self.down_until_ms {
            return Ok(Step::Idle(self.down_until_ms, "Waits before it tries again".into()));
        }

        // Nothing is sent to a hub that may import it by itself; a link made meanwhile is known first.
        if let Some(step) = self.look_for_links(&config, connector.as_ref(), now_ms).await? {
            return Ok(step);
        }
        let Due { streams, mut next_effect, next_proof, next_count, next_quote } =
            self.due(&config, connector.as_ref())?;
        // Somebody clicked: even a stream that is long overdue can wait for one call.
        if next_effect.is_some_and(|at_ms| at_ms <= now_ms)
            && let Some(step) = self.click(&config, connector.as_ref(), now_ms).await?
        {
            return Ok(step);
        }
        // Looks and writes of the whole line wait for the allowance together.
        next_effect = next_effect.map(|at_ms| at_ms.max(self.writes_wait(now_ms)));
        let overdue = streams.iter().filter(|(decl, state)| {
            let interval_ms = i64::from(state.interval_s.unwrap_or(decl.interval_s)) * SECOND_MS;
            let late = now_ms - state.next_at_ms > OVERDUE * interval_ms && state.failures == 0;
            // In the middle of a scan, and allowed again: one page, then writes have their turn while it waits.
            let goes_on = state.next_at_ms <= now_ms && self.parked.get(decl.name).is_some_and(Parked::waits);
            !decl.backfill && (late || goes_on)
        });
        if let Some((decl, _)) = overdue.min_by_key(|(_, state)| state.next_at_ms) {
            return self.poll(&config, connector.as_ref(), decl, now_ms).await;
        }

        // Mostly nothing is: then no transaction is begun.
        if next_effect.is_some_and(|at_ms| at_ms <= now_ms) {
            if let Some(step) = self.look_up(&config, connector.as_ref(), now_ms).await? {
                return Ok(step);
            }
            if let Some(step) = self.dispatch(&config, connector.as_ref(), now_ms).await? {
                return Ok(step);
            }
            let now_ms = self.shared.clock.now_ms();
            next_effect = self.shared.store.read(|r| r.next_effect_at(&self.id))?;
            next_effect = next_effect.map(|at_ms| at_ms.max(self.writes_wait(now_ms)));
        }
        if next_count.is_some_and(|at_ms| at_ms <= now_ms)
            && let Some(step) = self.count(&config, connector.as_ref(), now_ms).await?
        {
            return Ok(step);
        }
        if next_quote.is_some_and(|at_ms| at_ms <= now_ms)
            && let Some(step) = self.ask_quote(&config, connector.as_ref(), now_ms).await?
        {
            return Ok(step);
        }
        // `mind_wall` knows a clock that was set back; as a last resort nothing is ever due further off than a day.
        let due = |state: &StreamDue| state.next_at_ms <= now_ms || state.next_at_ms > now_ms + DAY_MS;
        let next = streams
            .iter()
            .filter(|(_, state)| due(state))
            .min_by_key(|(decl, state)| (decl.backfill, state.next_at_ms));
        if let Some((decl, _)) = next {
            return self.poll(&config, connector.as_ref(), decl, now_ms).await;
        }
        if next_proof.is_some_and(|at_ms| at_ms <= now_ms)
            && let Some(step) = self.prove(connector.as_ref(), now_ms).await?
        {
            return Ok(step);
        }
        if let Some(step) = self.visit(&config, connector.as_ref(), now_ms).await? {
            return Ok(step);
        }
        self.mind_quiet(&config, connector.as_ref(), now_ms)?;
        self.mind_drift(connector.as_ref(), now_ms)?;
        let next_poll = streams.iter().map(|(_, state)| state.next_at_ms).filter(|at| *at > now_ms).min();
        let next_poll = next_poll.into_iter().chain(self.next_visit());
        let until_ms = next_effect
            .into_iter()
            .chain(next_proof)
            .chain(next_count)
            .chain(next_quote)
            .chain(next_poll)
            .min()
            .unwrap_or(now_ms + MINUTE_MS);
        let waits = self.writes_wait(now_ms) > now_ms;
        let words = if waits { "Waits for the platform's limit" } else { "Up to date" };
        Ok(Step::Idle(until_ms.max(now_ms + 20), words.into()))
    }

    /// Whoever waits for a reading is told now: the keychain may stay closed for hours.
    fn refuse_wishes(&self, config: &ConnectionConfig) {
        for wish in self.shared.take_wishes(&self.id) {
            let why = self.closed.as_ref().map_or("it cannot be opened", |refusal| &refusal.sentence);
            wish.refuse(format!("{} was not read: {why}", config.name));
        }
    }

    /// The connector, opened anew when the configuration changed. `None`: gone, or its secrets cannot be had.
    fn opened(&mut self, now_ms: i64) -> Result<Option<Account>, StoreError> {
        let generation = self.shared.generation();
        if let Some(open) = self.open.as_ref().filter(|open| open.generation == generation) {
            return Ok(Some((open.config.clone(), open.connector.clone())));
        }
        // Page tokens belong to the account as it was.
        self.parked.clear();
        // Buckets of the running connector are newer than the store's.
        if let Some(open) = self.open.take() {
            self.keep_buckets(open.connector.as_ref())?;
        }
        let (config, rows) = self.shared.store.read(|r| Ok((r.connection(&self.id)?, r.buckets(&self.id)?)))?;
        let Some(config) = config else { return Ok(None) };
        let Some(platform) = platform(&config.platform) else {
            let refusal = Refusal::new(
                Cause::AccountBlocked,
                format!(
                    "This version of Quayside does not know the platform \"{}\" of {}. Update it, or remove the account.",
                    config.platform, config.name
                ),
            );
            self.closed = Some(refusal.clone());
            self.condition(&refusal, now_ms)?;
            self.down_until_ms = now_ms + DAY_MS;
            return Ok(None);
        };
        // What renewed itself goes first: the keychain's own has ended.
        if self.keep_unkept(now_ms)? == Kept::Refused {
            self.opened_with = None;
            return Ok(None);
        }
        let buckets = rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
        let opened = self.shared.secrets.secrets(&self.id).and_then(|secrets| {
            self.known.clone_from(&secrets);
            let setup = Setup {
                config: config.clone(),
                secrets,
                wire: self.shared.wire.clone(),
                clock: self.shared.clock.clone(),
                buckets,
            };
            match self.shared.studio() {
                Some(studio) => studio.open(platform.open, setup),
                None => (platform.open)(setup),
            }
        });
        match opened {
            Ok(connector) => {
                // Opened again only to fetch the sign-in anew: then its pause goes on.
                if self.opened_with.replace(generation) != Some(generation) {
                    self.down_until_ms = 0;
                    self.down_count = 0;
                    self.down_cause = None;
                    self.answered = false;
                }
                let since_ms = now_ms - TICKETS_MS;
                let (tickets, lost) =
                    self.shared.store.read(|r| Ok((r.tickets(&self.id, since_ms)?, r.lost(&self.id, since_ms)?)))?;
                connector.recall(tickets);
                connector.recall_lost(lost);
                self.open = Some(Open { config: config.clone(), connector: connector.clone(), generation });
                Ok(Some((config, connector)))
            }
            Err(refusal) => {
                self.closed = Some(refusal.clone());
                self.condition(&refusal, now_ms)?;
                self.opened_with = None;
                self.down_until_ms = now_ms + MINUTE_MS;
                Ok(None)
            }
        }
    }

    /// Every stream, and when there is next something to do.
    fn due(&self, config: &ConnectionConfig, connector: &dyn Connector) -> Result<Due, StoreError> {
        let counts = connector.declaration().streams.iter().any(|decl| decl.record == RecordKind::Stock);
        let (known, next_effect, next_proof, next_count, next_quote) = self.shared.store.read(|r| {
            let id = &config.id;
            let next_count = if counts { r.next_count_at(id)? } else { None };
            Ok((r.streams_due(id)?, r.next_effect_at(id)?, r.next_proof_at(id)?, next_count, r.next_quote_at(id)?))
        })?;
        let streams = connector
            .declaration()
            .streams
            .iter()
            .filter(|decl| config.reads(decl.name))
            .map(|decl| {
                let state =
                    known.iter().find(|s| s.name == decl.name).cloned().unwrap_or_else(|| StreamDue::new(decl.name));
                (decl, state)
            })
            .collect();
        Ok(Due { streams, next_effect, next_proof, next_count, next_quote })
    }

    /// The account was changed, paused or removed since its connector was opened. (Other settings that changed are taken
    /// up between two steps; nobody has to stop for them.)
    fn is_changed(&self, config: &ConnectionConfig) -> Result<bool, StoreError> {
        if self.open.as_ref().is_some_and(|open| open.generation == self.shared.generation()) {
            return Ok(false);
        }
        Ok(self.shared.store.read(|r| r.connection(&self.id))?.as_ref() != Some(config))
    }
}

impl Wish {
    fn job(&self) -> Option<&SyncJob> {
        match self {
            Self::Streams(job) | Self::Record(_, _, job) | Self::Parcels(_, job) => Some(job),
            Self::Quote(..) | Self::Labels(..) | Self::LabelFile(..) | Self::Describe(..) => None,
        }
    }

    fn refuse(self, why: String) {
        match self {
            Self::Streams(job) | Self::Record(_, _, job) | Self::Parcels(_, job) => job.fail(why),
            // Whoever asked may have gone.
            Self::Quote(_, answer) => drop(answer.send(Err(Refusal::new(Cause::Offline, why)))),
            Self::Labels(_, answer) => drop(answer.send(Err(Refusal::new(Cause::Offline, why)))),
            Self::LabelFile(_, _, answer) => drop(answer.send(Err(Refusal::new(Cause::Offline, why)))),
            Self::Describe(_, answer) => drop(answer.send(Err(Refusal::new(Cause::Offline, why)))),
        }
    }
}
