//! A recording of live work: every account's connector is opened over a [`Recorder`] of its own, and each call of it is written
//! down with what went over the wire, writes and looks after lost answers included.
//!
//! What is asked for at the desk meanwhile (quotes, files of labels, samples, "Test connection") is done and not written down.

use super::work::{self, Tasked, Work};
use super::{Call, Cycle, Recorder, is_replayable, recorded};
use crate::{Ask, BucketState, Budget, Connector, Priority, ReadError, Secrets, Setup, Task};
use async_trait::async_trait;
use quayside_model::{
    ApiInUse, Confirmation, ConnectionConfig, Declaration, Described, Incoming, IntentKind, LabelAsk, LabelForm,
    LabelQuotes, OwnLink, Page, Preflight, RecordKind, RefundAsk, RefundQuote, Refusal, Verdict, Written,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Calls of one account that are kept: nobody reads more, and a file has an end.
const CALLS_MAX: usize = 1_000;

/// Where live work is written down.
#[derive(Default)]
pub struct Studio {
    takes: Mutex<Vec<Arc<Take>>>,
}

/// One account, from one opening to the next.
struct Take {
    recorder: Arc<Recorder>,
    config: ConnectionConfig,
    secrets: Secrets,
    opened_ms: i64,
    buckets: Vec<BucketState>,
    calls: Mutex<Vec<Call>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Studio {
    /// Opens an account as its platform does, and writes down what is done with it.
    pub fn open(
        &self,
        open: fn(Setup) -> Result<Arc<dyn Connector>, Refusal>,
        setup: Setup,
    ) -> Result<Arc<dyn Connector>, Refusal> {
        // What does not go over this wire cannot be done again without it.
        if !is_replayable(&setup.config) {
            return open(setup);
        }
        let recorder = Recorder::new(setup.wire.clone(), setup.clock.clone(), setup.config.base_url.as_deref());
        let take = Arc::new(Take {
            opened_ms: recorder.step(),
            config: setup.config.clone(),
            secrets: setup.secrets.clone(),
            buckets: setup.buckets.clone(),
            recorder: recorder.clone(),
            calls: Mutex::default(),
        });
        let inner = open(Setup { wire: recorder.clone(), clock: recorder, ..setup })?;
        locked(&self.takes).push(take.clone());
        Ok(Arc::new(Taken { inner, take }))
    }

    /// What was done so far, without keys; accounts with which nothing was done are left out.
    pub fn cycles(&self) -> Result<Vec<Cycle>, serde_json::Error> {
        let takes: Vec<Arc<Take>> = locked(&self.takes).clone();
        let mut cycles = Vec::new();
        for take in takes {
            let calls = locked(&take.calls).clone();
            if calls.is_empty() {
                continue;
            }
            let opened = (take.opened_ms, take.buckets.clone());
            cycles.push(recorded(&take.recorder, take.config.clone(), &take.secrets, opened, calls)?);
        }
        Ok(cycles)
    }
}

impl Take {
    /// It is as late now as it is, and what went over the wire before belongs to nothing.
    fn begin(&self) -> i64 {
        self.recorder.forget();
        self.recorder.step()
    }

    fn keep(&self, call: Call) {
        let mut calls = locked(&self.calls);
        if calls.len() < CALLS_MAX {
            calls.push(call);
        }
    }

    fn keep_work(&self, work: Work, priority: Priority, begun_ms: i64, outcome: Value) {
        self.keep(self.recorder.work(work, priority, begun_ms, outcome));
    }
}

/// A connector whose work is written down.
struct Taken {
    inner: Arc<dyn Connector>,
    take: Arc<Take>,
}

/// Every method, those with a default too: a default here would answer in the connector's place.
#[async_trait]
impl Connector for Taken {
    fn declaration(&self) -> &'static Declaration {
        self.inner.declaration()
    }
    async fn preflight(&self) -> Preflight {
        self.take.begin();
        self.inner.preflight().await
    }
    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        let begun_ms = self.take.begin();
        let answer = self.inner.read(ask).await;
        self.take.keep(self.take.recorder.call(ask, begun_ms, &answer));
        answer
    }
    fn lists_all(&self, stream: &str) -> bool {
        self.inner.lists_all(stream)
    }
    async fn own_links(&self) -> Result<Option<Vec<OwnLink>>, ReadError> {
        let begun_ms = self.take.begin();
        let answer = self.inner.own_links().await;
        self.take.keep_work(Work::OwnLinks, Priority::Poll, begun_ms, work::links(&answer));
        answer
    }
    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        let begun_ms = self.take.begin();
        let answer = self.inner.read_one(kind, remote_id, priority).await;
        let work = Work::ReadOne { kind, remote_id: remote_id.to_owned() };
        self.take.keep_work(work, priority, begun_ms, work::one(&answer));
        answer
    }
    async fn parcels_of(&self, hub_order_id: &str, priority: Priority) -> Result<Option<Page>, ReadError> {
        let begun_ms = self.take.begin();
        let answer = self.inner.parcels_of(hub_order_id, priority).await;
        let work = Work::ParcelsOf { hub_order_id: hub_order_id.to_owned() };
        self.take.keep_work(work, priority, begun_ms, work::parcels(&answer));
        answer
    }
    async fn sample(&self, entity: &str) -> Result<String, ReadError> {
        self.take.begin();
        self.inner.sample(entity).await
    }
    async fn described(&self, settings: &BTreeMap<String, Value>, priority: Priority) -> Result<Described, ReadError> {
        self.take.begin();
        self.inner.described(settings, priority).await
    }
    async fn quote_refund(&self, ask: &RefundAsk, priority: Priority) -> Result<RefundQuote, ReadError> {
        self.take.begin();
        self.inner.quote_refund(ask, priority).await
    }
    async fn quote_labels(&self, ask: &LabelAsk, priority: Priority) -> Result<LabelQuotes, ReadError> {
        self.take.begin();
        self.inner.quote_labels(ask, priority).await
    }
    async fn label_file(&self, parcel_id: &str, form: LabelForm, priority: Priority) -> Result<Vec<u8>, ReadError> {
        self.take.begin();
        self.inner.label_file(parcel_id, form, priority).await
    }
    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let begun_ms = self.take.begin();
        let verdicts = self.inner.perform(tasks).await;
        let priority = tasks.first().map_or(Priority::Write, |task| task.priority);
        let work = Work::Perform { tasks: tasks.iter().map(Tasked::of).collect() };
        self.take.keep_work(work, priority, begun_ms, work::verdicts(&verdicts));
        verdicts
    }
    async fn confirm(&self, task: &Task<'_>) -> Confirmation {
        let begun_ms = self.take.begin();
        let told = self.inner.confirm(task).await;
        let work = Work::Confirm { task: Box::new(Tasked::of(task)) };
        self.take.keep_work(work, task.priority, begun_ms, work::confirmation(&told));
        told
    }
    fn budget(&self) -> &Budget {
        self.inner.budget()
    }
    fn skew_ms(&self) -> Option<i64> {
        self.inner.skew_ms()
    }
    fn api_in_use(&self) -> Vec<ApiInUse> {
        self.inner.api_in_use()
    }
    fn written(&self) -> Vec<Written> {
        self.inner.written()
    }
    fn wakes(&self) -> Vec<&'static str> {
        self.inner.wakes()
    }
    fn recall(&self, tickets: Vec<(String, String)>) {
        let begun_ms = self.take.begin();
        if !tickets.is_empty() {
            let work = Work::Recall { tickets: tickets.clone() };
            self.take.keep_work(work, Priority::Poll, begun_ms, Value::Null);
        }
        self.inner.recall(tickets);
    }
    fn recall_lost(&self, lost: Vec<(String, IntentKind)>) {
        let begun_ms = self.take.begin();
        if !lost.is_empty() {
            let work = Work::RecallLost { lost: lost.clone() };
            self.take.keep_work(work, Priority::Poll, begun_ms, Value::Null);
        }
        self.inner.recall_lost(lost);
    }
    fn renewed_secrets(&self) -> Option<Secrets> {
        self.inner.renewed_secrets()
    }
    fn secrets_kept(&self, kept: &Secrets) {
        self.inner.secrets_kept(kept);
    }
    async fn sign_out(&self) -> Result<(), Refusal> {
        self.take.begin();
        self.inner.sign_out().await
    }
}
