//! One connection, strictly serial: the click, lost answers, writes, polls, backfill.

use crate::engine::Shared;
use crate::ingest::{ingest, ingest_in, link, redecide};
use crate::sync::SyncJob;
use crate::{pace, settle};
use quayside_connectors::{Ask, BucketState, Connector, Priority, ReadError, Secrets, Setup, Task, platform};
use quayside_flows::decide;
use quayside_model::time::{DAY_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{
    Cause, Confirmation, ConnectionConfig, ConnectionId, HubOrder, HubStatus, Incoming, Intent, Page, Record,
    RecordKind, Refusal, StreamDecl,
};
use quayside_store::{Claimed, Proof, Settlement, StoreError, StreamDue, StreamState, Tx};
use std::sync::Arc;
use tokio::sync::Notify;

/// How far back the very first read of a stream looks. Platforms hide older orders anyway.
const FIRST_LOOK_BACK_MS: i64 = 59 * DAY_MS;
/// Tickets older than this are of no use: platforms forget such files and jobs.
const TICKETS_MS: i64 = 30 * DAY_MS;
/// A stream this many intervals overdue goes before writes: a backlog must not blind the desk.
const OVERDUE: i64 = 5;
/// A clock this far off makes deadlines wrong.
const CLOCK_TOLERATED_MS: i64 = 2 * MINUTE_MS;
/// A platform that could not say whether it has a write is asked again after this.
const PROOF_AGAIN_MS: i64 = 10 * MINUTE_MS;
/// A reading that ended this long after a write began after it, and after lists had caught up.
const READ_AFTER_MS: i64 = 20 * MINUTE_MS;
/// Pause of a lane whose account needs a new sign-in; new credentials wake it at once.
const SIGN_IN_PAUSE_MS: i64 = 15 * MINUTE_MS;

/// Something a person asked for.
pub(crate) enum Wish {
    /// Read all streams now.
    Streams(SyncJob),
    /// Read one record now.
    Record(RecordKind, String, SyncJob),
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
    /// Looks at lost answers that could not tell, by effect.
    looks: std::collections::BTreeMap<quayside_model::EffectId, u32>,
    /// Results that could not be written yet (disk full): kept here until they are.
    unwritten: Vec<(Claimed, Settlement, i64)>,
    /// Whether this computer's clock was found wrong; `None` before the account's first answer.
    clock_wrong: Option<bool>,
    /// Rate buckets as last saved.
    saved_buckets: Vec<BucketState>,
    /// Secrets that renewed themselves and that the keychain did not take yet.
    unkept: Option<Secrets>,
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
            shared,
            id,
            bell,
            open: None,
            down_until_ms: 0,
            down_count: 0,
            looks: std::collections::BTreeMap::new(),
            unwritten: Vec::new(),
            clock_wrong: None,
            saved_buckets: Vec::new(),
            unkept: None,
        }
    }

    pub async fn run(mut self) {
        while !self.shared.is_stopping() {
            match self.step().await {
                Ok(Step::Worked) => {
                    self.shared.trouble(None);
                    tokio::task::yield_now().await;
                }
                Ok(Step::Idle(until_ms, words)) => {
                    let buckets = self.open.as_ref().map(|open| open.connector.budget().snapshot());
                    self.shared.doing(&self.id, words, buckets);
                    let pause_ms = until_ms - self.shared.clock.now_ms();
                    self.shared.nap(pause_ms, &self.bell).await;
                }
                Ok(Step::Gone) => return,
                Err(error) => {
                    tracing::error!(connection.id = %self.id, %error, "the store does not answer");
                    self.shared.trouble(Some(error.to_string()));
                    self.shared.nap(5 * SECOND_MS, &self.bell).await;
                }
            }
        }
        // Graceful: what is known must be written before the end, if it can be.
        if let Err(error) = self.write_down(None) {
            tracing::error!(connection.id = %self.id, %error, "results stay unwritten; they are looked up at the next start");
        }
    }

    async fn step(&mut self) -> Result<Step, StoreError> {
        self.write_down(None)?;
        let now_ms = self.shared.clock.now_ms();
        let Some((config, connector)) = self.opened(now_ms)? else {
            return Ok(match self.shared.store.read(|r| r.connection(&self.id))? {
                None => Step::Gone,
                Some(_) => Step::Idle(self.down_until_ms.max(now_ms + MINUTE_MS), "Waits for the keychain".into()),
            });
        };
        let wishes = self.shared.take_wishes(&self.id);
        if config.paused {
            for wish in wishes {
                wish.refuse(format!("{} is paused", config.name));
            }
            return Ok(Step::Idle(now_ms + 10 * MINUTE_MS, "Paused".into()));
        }
        if !wishes.is_empty() {
            self.down_until_ms = 0;
            for wish in wishes {
                self.grant(&config, connector.as_ref(), wish).await?;
            }
            return Ok(Step::Worked);
        }
        if now_ms < self.down_until_ms {
            return Ok(Step::Idle(self.down_until_ms, "Waits before it tries again".into()));
        }

        let Due { streams, mut next_effect, next_proof } = self.due(&config, connector.as_ref())?;
        let overdue = streams.iter().filter(|(decl, state)| {
            let interval_ms = i64::from(state.interval_s.unwrap_or(decl.interval_s)) * SECOND_MS;
            !decl.backfill && now_ms - state.next_at_ms > OVERDUE * interval_ms && state.failures == 0
        });
        if let Some((decl, _)) = overdue.min_by_key(|(_, state)| state.next_at_ms)
            && let Some(step) = self.poll(&config, connector.as_ref(), decl, now_ms).await?
        {
            return Ok(step);
        }

        // Mostly nothing is: then no transaction is begun.
        if next_effect.is_some_and(|at_ms| at_ms <= now_ms) {
            if let Some(step) = self.look_up(&config, connector.as_ref(), now_ms).await? {
                return Ok(step);
            }
            if let Some(step) = self.dispatch(&config, connector.as_ref(), now_ms).await? {
                return Ok(step);
            }
            next_effect = self.shared.store.read(|r| r.next_effect_at(&self.id))?;
        }
        // A wall clock set back must not silence a stream: nothing is ever due further off than a day.
        let due = |state: &StreamDue| state.next_at_ms <= now_ms || state.next_at_ms > now_ms + DAY_MS;
        let next = streams
            .iter()
            .filter(|(_, state)| due(state))
            .min_by_key(|(decl, state)| (decl.backfill, state.next_at_ms));
        if let Some((decl, _)) = next
            && let Some(step) = self.poll(&config, connector.as_ref(), decl, now_ms).await?
        {
            return Ok(step);
        }
        if next_proof.is_some_and(|at_ms| at_ms <= now_ms)
            && let Some(step) = self.prove(connector.as_ref(), now_ms).await?
        {
            return Ok(step);
        }
        let next_poll = streams.iter().map(|(_, state)| state.next_at_ms).filter(|at| *at > now_ms).min();
        let until_ms = next_effect.into_iter().chain(next_proof).chain(next_poll).min().unwrap_or(now_ms + MINUTE_MS);
        Ok(Step::Idle(until_ms.max(now_ms + 20), "Up to date".into()))
    }

    /// The connector, opened anew when the configuration changed. `None`: gone, or its secrets cannot be had.
    fn opened(&mut self, now_ms: i64) -> Result<Option<Account>, StoreError> {
        let generation = self.shared.generation();
        if let Some(open) = self.open.as_ref().filter(|open| open.generation == generation) {
            return Ok(Some((open.config.clone(), open.connector.clone())));
        }
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
            self.condition(&refusal, now_ms)?;
            self.down_until_ms = now_ms + DAY_MS;
            return Ok(None);
        };
        let buckets = rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
        let opened = self.shared.secrets.secrets(&self.id).and_then(|secrets| {
            (platform.open)(Setup {
                config: config.clone(),
                secrets,
                wire: self.shared.wire.clone(),
                clock: self.shared.clock.clone(),
                buckets,
            })
        });
        match opened {
            Ok(connector) => {
                self.down_until_ms = 0;
                self.down_count = 0;
                connector.recall(self.shared.store.read(|r| r.tickets(&self.id, now_ms - TICKETS_MS))?);
                self.open = Some(Open { config: config.clone(), connector: connector.clone(), generation });
                Ok(Some((config, connector)))
            }
            Err(refusal) => {
                self.condition(&refusal, now_ms)?;
                self.down_until_ms = now_ms + MINUTE_MS;
                Ok(None)
            }
        }
    }

    /// Every stream, and when there is next something to do.
    fn due(&self, config: &ConnectionConfig, connector: &dyn Connector) -> Result<Due, StoreError> {
        let (known, next_effect, next_proof) = self
            .shared
            .store
            .read(|r| Ok((r.streams_due(&config.id)?, r.next_effect_at(&config.id)?, r.next_proof_at(&config.id)?)))?;
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
        Ok(Due { streams, next_effect, next_proof })
    }

    /// How far a stream was read.
    fn stream(&self, config: &ConnectionConfig, decl: &StreamDecl) -> Result<StreamState, StoreError> {
        let known = self.shared.store.read(|r| r.stream(&config.id, decl.name))?;
        Ok(known.unwrap_or_else(|| StreamState::new(&config.id, decl.name)))
    }

    /// Reads one page of a stream that is due. `None`: the budget does not allow it now.
    async fn poll(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        decl: &StreamDecl,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        let state = self.stream(config, decl)?;
        let priority = if decl.backfill { Priority::Backfill } else { Priority::Poll };
        self.shared.doing(
            &self.id,
            format!("Reading {}", decl.title.to_lowercase()),
            Some(connector.budget().snapshot()),
        );
        match self.read_scan(config, connector, decl, state.clone(), priority, None).await? {
            Scan::Done | Scan::Failed => Ok(Some(Step::Worked)),
            Scan::Wait(until_ms) => {
                let mut later = state;
                later.next_at_ms = until_ms.max(now_ms + 1);
                self.shared.store.write(|tx| tx.put_stream(&later))?;
                Ok(None)
            }
        }
    }

    /// Reads a stream to its end, page by page; each page is a transaction of its own. Between
    /// pages writes and clicks may go first: a long scan ends early and continues by its cursor.
    async fn read_scan(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        decl: &StreamDecl,
        mut state: StreamState,
        priority: Priority,
        job: Option<&SyncJob>,
    ) -> Result<Scan, StoreError> {
        let mut next: Option<serde_json::Value> = None;
        let mut changed = 0_usize;
        let mut pages = 0_usize;
        loop {
            let asked_ms = self.shared.clock.now_ms();
            let ask = Ask {
                stream: decl.name,
                cursor: state.cursor.as_ref(),
                next: next.as_ref(),
                since_ms: asked_ms - FIRST_LOOK_BACK_MS,
                priority,
            };
            let answer = connector.read(&ask).await;
            self.keep_secrets(connector)?;
            let now_ms = self.shared.clock.now_ms();
            if answer.is_err() {
                self.keep_buckets(connector)?;
            }
            match answer {
                Ok(mut page) => {
                    pages += 1;
                    self.up(now_ms)?;
                    self.mind_clock(connector, now_ms)?;
                    next = page.next.take();
                    state.cursor = Some(std::mem::take(&mut page.cursor));
                    state.last_ok_at_ms = Some(now_ms);
                    state.last_try_at_ms = Some(now_ms);
                    state.failures = 0;
                    state.refusal = None;
                    state.read_total += page.records.len() as u64;
                    if next.is_none() {
                        state.idle_streak = if changed == 0 && page.records.is_empty() {
                            state.idle_streak.saturating_add(1)
                        } else {
                            0
                        };
                        let interval_s = state.interval_s.unwrap_or(decl.interval_s);
                        let pause_ms = pace::poll_pause_ms(interval_s, state.idle_streak, 0);
                        state.next_at_ms = pace::poll_at_ms(now_ms, pause_ms, self.shared.chance());
                    }
                    let policy = self.shared.policy();
                    let buckets = self.changed_buckets(connector);
                    let ingested = self.shared.store.write(|tx| {
                        save_buckets(tx, &config.id, buckets.as_deref())?;
                        ingest_in(tx, &policy, &config.id, decl.record, &page, Some(&state), now_ms)
                    })?;
                    self.saved_buckets = buckets.unwrap_or_else(|| std::mem::take(&mut self.saved_buckets));
                    changed += ingested.changed;
                    if let Some(job) = job {
                        job.read(ingested.records);
                        job.tell(format!("{} of {}", decl.title, config.name));
                    }
                    if ingested.new_effects > 0 {
                        self.shared.ring_all();
                    }
                    if next.is_none() || job.is_some_and(SyncJob::is_cancelled) || self.shared.is_stopping() {
                        return Ok(Scan::Done);
                    }
                    tokio::task::yield_now().await;
                    // Let waiting effects go between pages of a long scan, where the budget is shared.
                    if job.is_none() && pages.is_multiple_of(5) {
                        self.dispatch(config, connector, now_ms).await?;
                    }
                }
                Err(ReadError::WaitUntil { at_ms, .. }) if pages > 0 || job.is_some() => {
                    // Mid-scan: wait in place, the page token lives in memory only.
                    let bell = Notify::new();
                    while self.shared.clock.now_ms() < at_ms && !self.shared.is_stopping() {
                        if job.is_some_and(SyncJob::is_cancelled) {
                            return Ok(Scan::Done);
                        }
                        self.shared.doing(&self.id, "Waits for the platform's limit", None);
                        self.shared.nap(at_ms - self.shared.clock.now_ms(), &bell).await;
                        let now_ms = self.shared.clock.now_ms();
                        if job.is_none() {
                            self.dispatch(config, connector, now_ms).await?;
                        }
                    }
                    if self.shared.is_stopping() {
                        return Ok(Scan::Done);
                    }
                }
                Err(ReadError::WaitUntil { at_ms, .. }) => return Ok(Scan::Wait(at_ms)),
                Err(ReadError::Refused(refusal)) => {
                    tracing::warn!(connection.id = %config.id, stream = decl.name, cause = %refusal.cause, sentence = %refusal.sentence, "a read was refused");
                    if let Some(job) = job {
                        job.problem(refusal.sentence.clone());
                    }
                    state.failures = state.failures.saturating_add(1);
                    state.last_try_at_ms = Some(now_ms);
                    let interval_s = state.interval_s.unwrap_or(decl.interval_s);
                    let pause_ms = pace::poll_pause_ms(interval_s, 0, state.failures);
                    state.next_at_ms = pace::poll_at_ms(now_ms, pause_ms, self.shared.chance());
                    state.refusal = Some(refusal.clone());
                    self.shared.store.write(|tx| tx.put_stream(&state))?;
                    self.down(&refusal, now_ms)?;
                    return Ok(Scan::Failed);
                }
            }
        }
    }

    /// Asks the platform about lost answers that are due.
    async fn look_up(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        let due = self.shared.store.write(|tx| tx.claim_unknown(&config.id, now_ms, 1))?;
        let Some(claimed) = due.into_iter().next() else { return Ok(None) };
        self.shared.doing(&self.id, format!("Asking about {}", claimed.order_number), None);
        let task = Task {
            key: &claimed.key,
            intent: &claimed.intent,
            first_sent_at_ms: claimed.first_sent_at_ms,
            ticket: claimed.ticket.as_deref(),
            priority: Priority::Write,
        };
        let confirmation = connector.confirm(&task).await;
        self.keep_secrets(connector)?;
        let answered_ms = self.shared.clock.now_ms();
        let looks = self.looks.entry(claimed.id).or_insert(0);
        *looks += 1;
        let settlement = settle::after_look(confirmation, *looks, answered_ms);
        if !matches!(settlement, Settlement::Unknown { .. }) {
            self.looks.remove(&claimed.id);
        }
        self.unwritten.push((claimed, settlement, answered_ms - now_ms));
        self.write_down(Some(connector))?;
        Ok(Some(Step::Worked))
    }

    /// A write may have been shown meanwhile, or become part of something else: then no name would find it, and "absent"
    /// would be a lie. So a reading that ended well after the answer has the first word.
    fn proof_without_asking(
        &self,
        connector: &dyn Connector,
        claimed: &Claimed,
        now_ms: i64,
    ) -> Result<Option<Proof>, StoreError> {
        let Some(story) = self.shared.store.read(|r| r.story(claimed.order_id))? else { return Ok(Some(Proof::Held)) };
        if !decide(&story, &self.shared.policy(), now_ms).prove.contains(&claimed.id) {
            return Ok(Some(Proof::Held));
        }
        let settled_ms = story.effects.iter().find(|e| e.id == claimed.id).and_then(|e| e.settled_at_ms);
        let wanted = match &claimed.intent {
            Intent::PutHubOrder { .. } => RecordKind::HubOrder,
            _ => RecordKind::Order,
        };
        let known = self.shared.store.read(|r| r.streams(&self.id))?;
        let read_since = connector
            .declaration()
            .streams
            .iter()
            .filter(|decl| decl.record == wanted && !decl.backfill)
            .filter_map(|decl| known.iter().find(|state| state.name == decl.name))
            .all(|state| state.last_ok_at_ms >= settled_ms.map(|ms| ms + READ_AFTER_MS));
        Ok((!read_since).then_some(Proof::AskAgain(now_ms + PROOF_AGAIN_MS)))
    }

    /// Asks the platform about a write that it answered and that no reading has shown. Comes after everything else:
    /// nearly always the answer is yes.
    async fn prove(&mut self, connector: &dyn Connector, now_ms: i64) -> Result<Option<Step>, StoreError> {
        let Some(claimed) = self.shared.store.read(|r| r.proof_due(&self.id, now_ms))? else { return Ok(None) };
        if let Some(early) = self.proof_without_asking(connector, &claimed, now_ms)? {
            self.shared.store.write(|tx| tx.settle_proof(&claimed, early, connector.declaration().title, now_ms))?;
            return Ok(Some(Step::Worked));
        }
        self.shared.doing(&self.id, format!("Making sure of {}", claimed.order_number), None);
        let task = Task {
            key: &claimed.key,
            intent: &claimed.intent,
            first_sent_at_ms: claimed.first_sent_at_ms,
            ticket: claimed.ticket.as_deref(),
            priority: Priority::Backfill,
        };
        let confirmation = connector.confirm(&task).await;
        self.keep_secrets(connector)?;
        let answered_ms = self.shared.clock.now_ms();
        self.keep_buckets(connector)?;
        let proof = match confirmation {
            Confirmation::Absent => Proof::Missing,
            // Somebody changed it since: it was there.
            Confirmation::Holds(_) | Confirmation::Overtaken(_) => Proof::Held,
            Confirmation::CannotTell(_) => Proof::AskAgain(answered_ms + PROOF_AGAIN_MS),
        };
        let policy = self.shared.policy();
        let title = connector.declaration().title;
        let planned = self.shared.store.write(|tx| {
            tx.settle_proof(&claimed, proof, title, answered_ms)?;
            if proof == Proof::Missing { redecide(tx, &policy, claimed.order_id, answered_ms) } else { Ok(0) }
        })?;
        if planned > 0 {
            self.shared.ring_all();
        }
        Ok(Some(Step::Worked))
    }

    /// Performs the most urgent effects. `None`: nothing is due.
    async fn dispatch(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        if now_ms < self.down_until_ms || self.shared.is_stopping() {
            return Ok(None);
        }
        let batch_max = connector.declaration().batch_max;
        let most = |kind| batch_max.iter().find(|(k, _)| *k == kind).map_or(1, |(_, most)| *most);
        let claimed = self.shared.store.write(|tx| tx.claim(&config.id, now_ms, &most))?;
        let Some(first) = claimed.first() else { return Ok(None) };
        let what = first.intent.kind().phrase();
        let doing = if claimed.len() == 1 {
            format!("Working on {}: {what}", first.order_number)
        } else {
            format!("{} orders: {what}", claimed.len())
        };
        self.shared.doing(&self.id, doing, Some(connector.budget().snapshot()));
        let tasks: Vec<Task<'_>> = claimed
            .iter()
            .map(|c| Task {
                key: &c.key,
                intent: &c.intent,
                first_sent_at_ms: c.first_sent_at_ms,
                ticket: c.ticket.as_deref(),
                priority: Priority::Write,
            })
            .collect();
        let mut verdicts = connector.perform(&tasks).await;
        drop(tasks);
        self.keep_secrets(connector)?;
        let answered_ms = self.shared.clock.now_ms();
        // A connector that answers too little leaves the rest open: they are looked up.
        while verdicts.len() < claimed.len() {
            verdicts.push(quayside_model::Verdict::AnswerLost(Refusal::new(
                Cause::OutcomeUnknown,
                "No answer for this one came back. It is looked up before anything is sent again.",
            )));
        }
        let mut account: Option<Refusal> = None;
        for (claimed, verdict) in claimed.into_iter().zip(verdicts) {
            match &verdict {
                quayside_model::Verdict::SignInAgain(refusal) => account = Some(refusal.clone()),
                quayside_model::Verdict::RetryLater(refusal) if refusal.cause.is_about_connection() => {
                    account = Some(refusal.clone());
                }
                _ => {}
            }
            let settlement = settle::after_verdict(verdict, claimed.attempts, answered_ms);
            self.unwritten.push((claimed, settlement, answered_ms - now_ms));
        }
        self.write_down(Some(connector))?;
        match account {
            Some(refusal) => self.down(&refusal, answered_ms)?,
            None => self.up(answered_ms)?,
        }
        Ok(Some(Step::Worked))
    }

    /// Writes results down: effect, attempt, link, the decision that follows and what `spent` the budget, together.
    fn write_down(&mut self, spent: Option<&dyn Connector>) -> Result<(), StoreError> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let now_ms = self.shared.clock.now_ms();
        let policy = self.shared.policy();
        let results = &self.unwritten;
        let buckets = spent.and_then(|connector| self.changed_buckets(connector));
        let planned = self.shared.store.write(|tx| {
            save_buckets(tx, &self.id, buckets.as_deref())?;
            let mut planned = 0;
            for (claimed, settlement, duration_ms) in results {
                if !tx.settle(claimed.id, settlement, now_ms, *duration_ms)? {
                    continue;
                }
                if let (Settlement::Done { receipt, .. }, Intent::PutHubOrder { .. }) = (settlement, &claimed.intent)
                    && let Some(remote_id) = &receipt.remote_id
                {
                    link(tx, claimed.order_id, &claimed.connection, RecordKind::HubOrder, remote_id)?;
                }
                planned += redecide(tx, &policy, claimed.order_id, now_ms)?;
            }
            Ok(planned)
        })?;
        self.unwritten.clear();
        self.saved_buckets = buckets.unwrap_or_else(|| std::mem::take(&mut self.saved_buckets));
        if planned > 0 {
            self.shared.ring_all();
        }
        Ok(())
    }

    async fn grant(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        wish: Wish,
    ) -> Result<(), StoreError> {
        match wish {
            Wish::Streams(job) => {
                let Due { streams, .. } = self.due(config, connector)?;
                for (decl, _) in streams.into_iter().filter(|(decl, _)| !decl.backfill) {
                    let state = self.stream(config, decl)?;
                    if job.is_cancelled() {
                        break;
                    }
                    job.tell(format!("{} of {}", decl.title, config.name));
                    self.shared.doing(&self.id, format!("Reading {}", decl.title.to_lowercase()), None);
                    self.read_scan(config, connector, decl, state, Priority::Person, Some(&job)).await?;
                }
                job.part_done(format!("{} is read", config.name));
            }
            Wish::Record(kind, remote_id, job) => {
                let answer = connector.read_one(kind, &remote_id, Priority::Person).await;
                self.keep_secrets(connector)?;
                let now_ms = self.shared.clock.now_ms();
                self.keep_buckets(connector)?;
                let incoming = match answer {
                    Ok(Some(incoming)) => Some(incoming),
                    Ok(None) => self.gone(config, kind, &remote_id, now_ms)?,
                    Err(ReadError::WaitUntil { why, .. }) => {
                        job.problem(format!("{} was not read: {why}", config.name));
                        None
                    }
                    Err(ReadError::Refused(refusal)) => {
                        job.problem(refusal.sentence);
                        None
                    }
                };
                if let Some(incoming) = incoming {
                    job.read(1);
                    let page = Page {
                        records: vec![incoming],
                        unreadable: vec![],
                        cursor: serde_json::Value::Null,
                        next: None,
                        total: None,
                    };
                    let policy = self.shared.policy();
                    ingest(&self.shared.store, &policy, &config.id, kind, &page, None, now_ms)?;
                    self.shared.ring_all();
                }
                job.part_done(format!("{} was read", config.name));
            }
        }
        Ok(())
    }

    /// A hub order that is not there any more is remembered as gone; nothing else is ever forgotten.
    fn gone(
        &self,
        config: &ConnectionConfig,
        kind: RecordKind,
        remote_id: &str,
        now_ms: i64,
    ) -> Result<Option<Incoming>, StoreError> {
        let known = self.shared.store.read(|r| r.record(&config.id, kind, remote_id))?;
        Ok(match known {
            Some(Record::HubOrder(order)) if order.status != HubStatus::Gone => {
                let gone = HubOrder { status: HubStatus::Gone, modified_at_ms: now_ms, ..order };
                Some(Incoming { record: Record::HubOrder(gone), raw: "{}".to_owned() })
            }
            _ => None,
        })
    }

    /// The buckets, if they are not as they were saved.
    fn changed_buckets(&self, connector: &dyn Connector) -> Option<Vec<BucketState>> {
        Some(connector.budget().snapshot()).filter(|buckets| *buckets != self.saved_buckets)
    }

    /// Secrets that renewed themselves go to the keychain before the connector uses them: until it was asked for
    /// them, its calls answer "come back at once".
    fn keep_secrets(&mut self, connector: &dyn Connector) -> Result<(), StoreError> {
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

    /// Saves the buckets where nothing else is to be written.
    fn keep_buckets(&mut self, connector: &dyn Connector) -> Result<(), StoreError> {
        let Some(buckets) = self.changed_buckets(connector) else { return Ok(()) };
        self.shared.store.write(|tx| save_buckets(tx, &self.id, Some(&buckets)))?;
        self.saved_buckets = buckets;
        Ok(())
    }

    /// The account answers: its conditions end.
    fn up(&mut self, now_ms: i64) -> Result<(), StoreError> {
        if self.down_count > 0 {
            self.down_count = 0;
            self.down_until_ms = 0;
            self.shared.store.write(|tx| tx.close_conditions(&self.id, now_ms))?;
        }
        Ok(())
    }

    /// The account as a whole does not answer, or wants something: one condition with a count.
    fn down(&mut self, refusal: &Refusal, now_ms: i64) -> Result<(), StoreError> {
        if !refusal.cause.is_about_connection() {
            return Ok(());
        }
        self.down_count = self.down_count.saturating_add(1);
        if refusal.cause == Cause::SignInNeeded {
            // Another process of this profile may have renewed the sign-in: the keychain is read again.
            self.open = None;
        }
        let pause_ms = match refusal.cause {
            Cause::SignInNeeded | Cause::AccountBlocked if self.down_count > 2 => SIGN_IN_PAUSE_MS,
            Cause::ScopeMissing => 0, // only what needs the permission waits
            _ => pace::backoff_ms(self.down_count - 1, 2 * SECOND_MS, 2 * MINUTE_MS),
        };
        self.down_until_ms = now_ms + pause_ms;
        // A single hiccup is not worth a line on anybody's screen.
        let passing = matches!(refusal.cause, Cause::Offline | Cause::PlatformTrouble | Cause::NotThePlatform);
        if refusal.cause != Cause::RateLimited && (!passing || self.down_count >= 3) {
            self.condition(refusal, now_ms)?;
        }
        Ok(())
    }

    /// The platform's time and ours: windows of reading, signatures and deadlines hang on it.
    fn mind_clock(&mut self, connector: &dyn Connector, now_ms: i64) -> Result<(), StoreError> {
        let Some(skew_ms) = connector.skew_ms() else { return Ok(()) };
        let wrong = skew_ms.abs() > CLOCK_TOLERATED_MS;
        if self.clock_wrong == Some(wrong) {
            return Ok(());
        }
        let store = &self.shared.store;
        if wrong {
            let title = connector.declaration().title;
            let refusal = Refusal::new(Cause::ClockWrong, clock_sentence(skew_ms, title));
            store.write(|tx| tx.open_condition(&self.id, &refusal, now_ms))?;
        } else {
            store.write(|tx| tx.close_condition(&self.id, Cause::ClockWrong, now_ms))?;
        }
        self.clock_wrong = Some(wrong);
        Ok(())
    }

    fn condition(&mut self, refusal: &Refusal, now_ms: i64) -> Result<(), StoreError> {
        self.down_count = self.down_count.max(1);
        self.shared.store.write(|tx| tx.open_condition(&self.id, refusal, now_ms))?;
        Ok(())
    }
}

/// "This computer's clock is 1 day behind."
fn clock_sentence(skew_ms: i64, platform: &str) -> String {
    let minutes = (skew_ms.abs() + MINUTE_MS / 2) / MINUTE_MS;
    let (n, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2_880 => ((minutes + 30) / 60, "hour"),
        _ => ((minutes + 720) / 1_440, "day"),
    };
    let (plural, side) = (if n == 1 { "" } else { "s" }, if skew_ms > 0 { "behind" } else { "ahead of" });
    format!(
        "This computer's clock is about {n} {unit}{plural} {side} {platform}'s. Deadlines and \"late\" are judged by it. \
         Set it to automatic in the system's settings; nothing is lost meanwhile."
    )
}

fn save_buckets(tx: &mut Tx<'_>, id: &ConnectionId, buckets: Option<&[BucketState]>) -> Result<(), StoreError> {
    let Some(buckets) = buckets else { return Ok(()) };
    let rows: Vec<serde_json::Value> = buckets.iter().filter_map(|bucket| serde_json::to_value(bucket).ok()).collect();
    tx.put_buckets(id, &rows)
}

enum Scan {
    Done,
    Wait(i64),
    Failed,
}

impl Wish {
    fn refuse(self, why: String) {
        let (Self::Streams(job) | Self::Record(_, _, job)) = self;
        job.problem(why.clone());
        job.part_done(why);
    }
}
