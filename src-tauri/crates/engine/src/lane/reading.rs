//! Reading: streams by their time, and what a person wants to see now.
//!
//! A scan may be long. After each page it stops for whatever is more urgent: the account was paused, changed or removed,
//! the program ends, somebody wants something read. How far it got is saved with each page; a scan that only let a click
//! go first, or waits for the allowance, goes on at its next page.

use super::keeping::save_buckets;
use super::{Due, Lane, Step, Wish};
use crate::catalogue;
use crate::ingest::{ingest, ingest_in};
use crate::pace;
use crate::sync::SyncJob;
use quayside_connectors::{Ask, Connector, Priority, ReadError};
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{
    Cause, ConnectionConfig, HubOrder, HubStatus, Incoming, Page, Record, RecordKind, Refusal, StreamDecl,
};
use quayside_store::{StoreError, StreamState};
use serde_json::Value;

/// How far back the very first read of a stream looks. Platforms hide older orders anyway.
const FIRST_LOOK_BACK_MS: i64 = 59 * DAY_MS;
/// A page token this old may mean nothing to the platform any more: the stream is read from its cursor instead.
const PARKED_MS: i64 = 10 * MINUTE_MS;
/// Writes go between so many pages of a long scan, where the budget is shared.
const PAGES_BETWEEN_WRITES: usize = 5;

/// What a scan came to.
pub(super) enum Scan {
    /// At its end, or stopped where it can go on.
    Done,
    /// The budget does not allow it before this moment, ms UTC.
    Wait(i64),
    /// Refused.
    Failed,
}

/// A scan that let something go first.
pub(super) struct Parked {
    next: Value,
    so_far: SoFar,
    /// When, ms UTC; the end of the wait where it is the allowance that is waited for.
    at_ms: i64,
    /// It waits for the allowance, in the middle.
    waits: bool,
}

/// What a scan came to so far, over all of its pages.
#[derive(Debug, Clone, Copy)]
struct SoFar {
    /// Records that had changed.
    changed: usize,
    /// Records that could be read.
    records: usize,
    /// When its first page was asked for, ms UTC.
    begun_ms: i64,
}

impl Parked {
    /// It was under way and could not go on: its next page is not to wait behind a line of writes as well.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }
}

impl Lane {
    /// How far a stream was read.
    fn stream(&self, config: &ConnectionConfig, decl: &StreamDecl) -> Result<StreamState, StoreError> {
        let known = self.shared.store.read(|r| r.stream(&config.id, decl.name))?;
        Ok(known.unwrap_or_else(|| StreamState::new(&config.id, decl.name)))
    }

    /// Reads a stream that is due, as far as the budget allows it now.
    pub(super) async fn poll(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        decl: &'static StreamDecl,
        now_ms: i64,
    ) -> Result<Step, StoreError> {
        let state = self.stream(config, decl)?;
        let priority = if decl.backfill { Priority::Backfill } else { Priority::Poll };
        self.shared.doing(
            &self.id,
            format!("Reading {}", decl.title.to_lowercase()),
            Some(connector.budget().snapshot()),
        );
        match self.read_scan(config, connector, decl, state, priority, None).await? {
            Scan::Done | Scan::Failed => Ok(Step::Worked),
            Scan::Wait(until_ms) => {
                let mut later = self.stream(config, decl)?;
                later.next_at_ms = until_ms.max(now_ms + 1);
                self.shared.store.write(|tx| tx.put_stream(&later))?;
                // What is due until then is looked at anew: this stream's turn is one of it.
                Ok(Step::Worked)
            }
        }
    }

    /// Reads a stream to its end, page by page; each page is a transaction of its own. A person's reading begins at the
    /// cursor: it wants what is new.
    async fn read_scan(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        decl: &'static StreamDecl,
        mut state: StreamState,
        priority: Priority,
        job: Option<&SyncJob>,
    ) -> Result<Scan, StoreError> {
        let begun_ms = self.shared.clock.now_ms();
        let parked = self.parked.remove(decl.name).filter(|it| job.is_none() && begun_ms - it.at_ms < PARKED_MS);
        let resumed = parked.as_ref().is_some_and(|parked| parked.waits);
        let mut token_ms = parked.as_ref().map_or(begun_ms, |parked| parked.at_ms);
        let fresh = SoFar { changed: 0, records: 0, begun_ms };
        let (mut next, mut so_far) = parked.map_or((None, fresh), |parked| (Some(parked.next), parked.so_far));
        let mut generation = self.shared.generation();
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
            if generation != self.shared.generation() {
                // A person may have chosen another interval while the page was on its way.
                generation = self.shared.generation();
                state.interval_s = self.stream(config, decl)?.interval_s;
            }
            if answer.is_err() {
                self.keep_buckets(connector)?;
                if self.unkept.is_some() {
                    // It waits for the keychain: the next step says until when.
                    if let (Some(job), Some(closed)) = (job, &self.closed) {
                        job.problem(format!("{} was not read: {}", config.name, closed.sentence));
                    }
                    self.park(decl, next, so_far, token_ms, false);
                    return Ok(Scan::Wait(self.down_until_ms));
                }
            }
            match answer {
                Ok(mut page) => {
                    pages += 1;
                    if page.asked {
                        self.mind_clock(connector, now_ms)?;
                        self.mind_versions(config, connector, now_ms)?;
                    }
                    next = page.next.take();
                    token_ms = now_ms;
                    state.cursor = Some(std::mem::take(&mut page.cursor));
                    state.last_try_at_ms = Some(now_ms);
                    // A page that was made without a call says nothing of the account: what was refused stays refused.
                    let refusal = if page.asked { state.refusal.take() } else { None };
                    if state.refusal.is_none() {
                        state.last_ok_at_ms = Some(now_ms);
                        state.failures = 0;
                    }
                    let mended = refusal.is_some_and(|refusal| refusal.cause == Cause::ScopeMissing);
                    state.read_total += page.records.len() as u64;
                    if next.is_none() {
                        // Whoever mends what was found wants to see it end: as long as something stands, nothing is idle.
                        let stands = page.findings.as_ref().is_some_and(|findings| !findings.found.is_empty());
                        state.idle_streak = if so_far.changed == 0 && page.records.is_empty() && !stands {
                            state.idle_streak.saturating_add(1)
                        } else {
                            0
                        };
                        let interval_s = state.interval_s.unwrap_or(decl.interval_s);
                        let pause_ms = pace::poll_pause_ms(interval_s, state.idle_streak);
                        state.next_at_ms = pace::poll_at_ms(now_ms, pause_ms, self.shared.chance());
                    }
                    let policy = self.shared.policy();
                    let buckets = self.changed_buckets(connector);
                    let is_whole_list = decl.record == RecordKind::Product && next.is_none() && page.asked;
                    let ingested = self.shared.store.write(|tx| {
                        save_buckets(tx, &config.id, buckets.as_deref())?;
                        if is_whole_list {
                            tx.put_meta(&catalogue::read_note(&config.id, decl.name), &now_ms.to_string())?;
                        }
                        ingest_in(tx, &policy, &config.id, decl.record, &page, Some(&state), now_ms)
                    })?;
                    self.saved_buckets = buckets.unwrap_or_else(|| std::mem::take(&mut self.saved_buckets));
                    so_far.changed += ingested.changed;
                    so_far.records += page.records.len();
                    // Set back meanwhile: what was seen since is older than the beginning, and is not gone.
                    so_far.begun_ms = so_far.begun_ms.min(now_ms);
                    // All that is there was named, and could be read.
                    let all_named = page.total == u64::try_from(so_far.records).ok();
                    if is_whole_list && all_named && connector.lists_all(decl.name) {
                        let whole = (so_far.begun_ms, so_far.records);
                        so_far.changed +=
                            catalogue::mark_gone(&self.shared.store, &policy, (&config.id, decl.name), whole, now_ms)?;
                    }
                    if decl.record == RecordKind::Product && next.is_none() && so_far.changed > 0 {
                        self.shared.products_are_read()?;
                    }
                    if ingested.first_delivery {
                        self.shared.deliveries_are_told()?;
                    }
                    // A permission is back: other streams answered all along, so this is the one that tells.
                    self.answered &= !mended;
                    if page.asked {
                        self.up(now_ms)?;
                    }
                    if let Some(job) = job {
                        job.read(ingested.records);
                        job.tell(format!("{} of {}", decl.title, config.name));
                    }
                    if ingested.new_effects > 0 {
                        self.shared.ring_all();
                    }
                    if ingested.shelves {
                        self.shared.decider_bell.notify_one();
                    }
                    if next.is_none() {
                        if page.asked {
                            self.is_read(connector, decl, now_ms);
                        }
                        return Ok(Scan::Done);
                    }
                    tokio::task::yield_now().await;
                    if self.is_called_away(config, job)? {
                        self.park(decl, next, so_far, token_ms, false);
                        return Ok(Scan::Done);
                    }
                    // Not on a person's time, unless it is a person's write.
                    let in_turn = job.is_none() && pages.is_multiple_of(PAGES_BETWEEN_WRITES);
                    if in_turn || self.is_clicked(now_ms)? {
                        self.dispatch(config, connector, now_ms).await?;
                    }
                }
                Err(ReadError::WaitUntil { at_ms, .. }) => {
                    let Some(job) = job else {
                        // Another call may be allowed all the while: writes and looks have their turn, and the scan goes
                        // on at this page. Its token is as old as the wait makes it.
                        self.park(decl, next, so_far, token_ms.max(at_ms), pages > 0 || resumed);
                        return Ok(Scan::Wait(at_ms));
                    };
                    // A person waits for the end of it, and the page token lives in memory only.
                    if !self.wait_in_place(config, connector, at_ms, job).await? {
                        self.park(decl, next, so_far, token_ms, false);
                        return Ok(Scan::Done);
                    }
                }
                Err(ReadError::Refused(refusal)) => {
                    tracing::warn!(connection.id = %config.id, stream = decl.name, cause = %refusal.cause, sentence = %refusal.sentence, "a read was refused");
                    if let Some(job) = job {
                        job.problem(refusal.sentence.clone());
                    }
                    state.failures = state.failures.saturating_add(1);
                    state.last_try_at_ms = Some(now_ms);
                    let interval_s = state.interval_s.unwrap_or(decl.interval_s);
                    let pause_ms = pace::read_again_ms(interval_s, state.failures, refusal.cause);
                    state.next_at_ms = pace::poll_at_ms(now_ms, pause_ms, self.shared.chance());
                    state.refusal = Some(refusal.clone());
                    self.shared.store.write(|tx| tx.put_stream(&state))?;
                    self.down(&refusal, now_ms)?;
                    return Ok(Scan::Failed);
                }
            }
        }
    }

    /// Waits for the platform's limit in the middle of a person's scan; a click on a write goes on. False if the scan
    /// should stop.
    async fn wait_in_place(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        until_ms: i64,
        job: &SyncJob,
    ) -> Result<bool, StoreError> {
        let mut now_ms = self.shared.clock.now_ms();
        while now_ms < until_ms {
            self.shared.doing(&self.id, "Waits for the platform's limit", None);
            self.shared.nap(until_ms - now_ms, &self.bell).await;
            let before_ms = std::mem::replace(&mut now_ms, self.shared.clock.now_ms());
            // By a clock that was set back the moment would come much too late.
            if pace::set_back_ms(before_ms, now_ms) > 0 || self.is_called_away(config, Some(job))? {
                return Ok(false);
            }
            if self.is_clicked(now_ms)? {
                self.dispatch(config, connector, now_ms).await?;
                now_ms = self.shared.clock.now_ms();
            }
        }
        Ok(!self.is_called_away(config, Some(job))?)
    }

    /// Remembers where a scan that stops can go on.
    fn park(&mut self, decl: &'static StreamDecl, next: Option<Value>, so_far: SoFar, at_ms: i64, waits: bool) {
        if let Some(next) = next {
            self.parked.insert(decl.name, Parked { next, so_far, at_ms, waits });
        }
    }

    /// A scan should stop here: for the end of the program, for an account that is not as it was, for a person.
    fn is_called_away(&self, config: &ConnectionConfig, job: Option<&SyncJob>) -> Result<bool, StoreError> {
        let wished = match job {
            Some(job) => job.is_cancelled(),
            None => self.shared.has_wish(&self.id),
        };
        Ok(wished || self.shared.is_stopping() || self.is_changed(config)?)
    }

    /// Does what a person asked for. False if it is asked for again, because the account changed meanwhile.
    pub(super) async fn grant(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        wish: Wish,
    ) -> Result<bool, StoreError> {
        match wish {
            Wish::Streams(job) => {
                let Due { streams, .. } = self.due(config, connector)?;
                for (decl, _) in streams.into_iter().filter(|(decl, _)| !decl.backfill) {
                    if job.is_cancelled() {
                        break;
                    }
                    // Reading may use the whole allowance, and somebody may ask again and again: what is to be sent
                    // (often one call for a hundred orders) is not kept waiting by what is only looked at.
                    let now_ms = self.shared.clock.now_ms();
                    if self.shared.store.read(|r| r.next_effect_at(&self.id))?.is_some_and(|at_ms| at_ms <= now_ms) {
                        self.dispatch(config, connector, now_ms).await?;
                    }
                    let state = self.stream(config, decl)?;
                    job.tell(format!("{} of {}", decl.title, config.name));
                    self.shared.doing(&self.id, format!("Reading {}", decl.title.to_lowercase()), None);
                    self.read_scan(config, connector, decl, state, Priority::Person, Some(&job)).await?;
                    if self.is_changed(config)? {
                        // As the account is now, if it still may be read.
                        self.shared.wish_again(&self.id, Wish::Streams(job));
                        return Ok(false);
                    }
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
                    Ok(None) => {
                        let gone = self.gone(config, kind, &remote_id, now_ms)?;
                        if gone.is_none() && self.is_set_aside(config, kind, &remote_id)? {
                            job.problem(format!("{} does not show it by itself. The exception ends by itself when a list brings it in a form that can be read; if it is not there any more, resolve it.", config.name));
                        }
                        gone
                    }
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
                        // What was asked for by this name can be read, whatever name the record itself has.
                        mended: vec![remote_id],
                        cursor: Value::Null,
                        next: None,
                        total: None,
                        findings: None,
                        asked: true,
                    };
                    let policy = self.shared.policy();
                    ingest(&self.shared.store, &policy, &config.id, kind, &page, None, now_ms)?;
                    self.shared.ring_all();
                }
                job.part_done(format!("{} was read", config.name));
            }
            Wish::Parcels(hub_order_id, job) => {
                let answer = connector.parcels_of(&hub_order_id, Priority::Person).await;
                self.keep_secrets(connector)?;
                self.keep_buckets(connector)?;
                match answer {
                    Ok(Some(page)) => {
                        job.read(page.records.len());
                        let (policy, now_ms) = (self.shared.policy(), self.shared.clock.now_ms());
                        ingest(&self.shared.store, &policy, &config.id, RecordKind::Parcel, &page, None, now_ms)?;
                        self.shared.ring_all();
                    }
                    // It is not asked for them by an order: they come with their list.
                    Ok(None) => {}
                    Err(ReadError::WaitUntil { why, .. }) => {
                        job.problem(format!("Parcels of {} were not read: {why}", config.name));
                    }
                    Err(ReadError::Refused(refusal)) => job.problem(refusal.sentence),
                }
                job.part_done(format!("{} was read", config.name));
            }
            Wish::Quote(ask, answer) => {
                self.shared.doing(&self.id, "Asking what can be given back", None);
                let quote = connector.quote_refund(&ask, Priority::Person).await;
                // Nobody who asks waits for the store: what cannot be kept is told where it is needed.
                let _ = answer.send(quote.map_err(|error| match error {
                    ReadError::WaitUntil { why, .. } => Refusal::new(
                        Cause::RateLimited,
                        format!("{} was not asked what can be given back: {why}. Ask again in a moment.", config.name),
                    ),
                    ReadError::Refused(refusal) => refusal,
                }));
                self.keep_secrets(connector)?;
                self.keep_buckets(connector)?;
            }
            Wish::Labels(ask, answer) => {
                self.shared.doing(&self.id, "Asking what carriers offer", None);
                let quotes = connector.quote_labels(&ask, Priority::Person).await;
                let _ = answer.send(quotes.map_err(|error| super::labels::not_asked(error, &config.name)));
                self.keep_secrets(connector)?;
                self.keep_buckets(connector)?;
            }
            Wish::LabelFile(parcel_id, form, answer) => {
                self.shared.doing(&self.id, "Fetching a label", None);
                let file = connector.label_file(&parcel_id, form, Priority::Person).await;
                let _ = answer.send(file.map_err(|error| super::labels::not_asked(error, &config.name)));
                self.keep_secrets(connector)?;
                self.keep_buckets(connector)?;
            }
            Wish::Describe(settings, answer) => {
                self.shared.doing(&self.id, "Asking what it has", None);
                let mut told = connector.described(&settings, Priority::Person).await;
                if connector.renewed_secrets().is_some() {
                    // The sign-in renewed itself on the way: used once it is kept.
                    self.keep_secrets(connector)?;
                    told = connector.described(&settings, Priority::Person).await;
                }
                let _ = answer.send(told.map_err(|error| match error {
                    ReadError::WaitUntil { why, .. } => Refusal::new(
                        Cause::RateLimited,
                        format!("{} was not asked what it has: {why}. Ask again in a moment.", config.name),
                    ),
                    ReadError::Refused(refusal) => refusal,
                }));
                self.keep_secrets(connector)?;
                self.keep_buckets(connector)?;
            }
        }
        Ok(true)
    }

    /// The record could not be read when it came last.
    fn is_set_aside(&self, config: &ConnectionConfig, kind: RecordKind, remote_id: &str) -> Result<bool, StoreError> {
        self.shared.store.read(|r| r.set_aside_raw(&config.id, kind, remote_id)).map(|raw| raw.is_some())
    }

    /// A hub order that is not there any more is remembered as gone; nothing else is ever forgotten.
    pub(super) fn gone(
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
}
