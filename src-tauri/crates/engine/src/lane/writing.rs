//! Writing: the outbox, lost answers, and writes that no reading has shown.

use super::keeping::save_buckets;
use super::{Lane, Step, Unwritten};
use crate::ingest::{link, redecide};
use crate::{settle, told};
use quayside_connectors::heard::{self, Tape};
use quayside_connectors::{Connector, Priority, Task, platform};
use quayside_flows::{Policy, Sight, decide, sights};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{
    Cause, Confirmation, ConnectionConfig, EffectId, EffectState, Intent, OrderId, RecordKind, RecordNoun, Refusal,
    Verdict, Written,
};
use quayside_store::{Claimed, NewEvent, Proof, Settlement, StoreError, Tx};
use std::sync::Arc;

/// A platform that could not say whether it has a write is asked again after this.
const PROOF_AGAIN_MS: i64 = 10 * MINUTE_MS;
/// A reading that ended this long after a write began after it, and after lists had caught up.
const READ_AFTER_MS: i64 = 20 * MINUTE_MS;

/// A stream that looks this often, seconds, shows what was written; one that looks once a day looks for something else.
const OFTEN_S: u32 = 3_600;

/// A lane whose line was turned away for no longer than this waits with all of it. Where it takes longer the store notes
/// it, so that people see when it goes on, and another kind of change, whose allowance may be another, has its turn.
const TURNED_AWAY_MS: i64 = 5 * SECOND_MS;

/// Whose budget a write spends: what somebody waits for may use the calls that are kept for a click.
fn priority_of(claimed: &Claimed) -> Priority {
    if claimed.urgent { Priority::Person } else { Priority::Write }
}

impl Lane {
    /// A person's click on a write is due.
    pub(super) fn is_clicked(&self, now_ms: i64) -> Result<bool, StoreError> {
        Ok(self.shared.store.read(|r| r.urgent_due(&self.id, now_ms))?.is_some())
    }

    /// What a person clicked on, before everything that was planned. `None`: nothing of that kind is due.
    pub(super) async fn click(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        match self.shared.store.read(|r| r.urgent_due(&self.id, now_ms))? {
            None => Ok(None),
            Some(EffectState::Unknown) => self.look_up(config, connector, now_ms).await,
            Some(_) => self.dispatch(config, connector, now_ms).await,
        }
    }

    /// Until when nothing of the line is tried; `now_ms` or earlier: it may be.
    pub(super) fn writes_wait(&self, now_ms: i64) -> i64 {
        // Further off than it was ever set is a clock that was set back.
        if self.writes_wait_ms > now_ms + TURNED_AWAY_MS { 0 } else { self.writes_wait_ms }
    }

    /// Asks the platform about lost answers that are due.
    pub(super) async fn look_up(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        let due = self.shared.store.write(|tx| tx.claim_unknown(&config.id, now_ms, 1))?;
        let Some(mut claimed) = due.into_iter().next() else { return Ok(None) };
        // Without it, what the desk wrote there before would pass for people's, and an update that was lost for done.
        self.remind(std::slice::from_mut(&mut claimed))?;
        self.shared.doing(&self.id, format!("Asking about {}", claimed.order_number), None);
        let task = Task {
            key: &claimed.key,
            intent: &claimed.intent,
            first_sent_at_ms: claimed.first_sent_at_ms,
            last_sent_at_ms: claimed.last_sent_at_ms,
            ticket: claimed.ticket.as_deref(),
            priority: priority_of(&claimed),
        };
        connector.budget().turned_away();
        let (confirmation, tape) = heard::during(connector.confirm(&task)).await;
        self.keep_secrets(connector)?;
        let answered_ms = self.shared.clock.now_ms();
        let turned_away = connector.budget().turned_away()
            && matches!(&confirmation, Confirmation::CannotTell(refusal) if refusal.cause == Cause::RateLimited);
        if turned_away {
            self.writes_wait_ms = answered_ms + TURNED_AWAY_MS;
        }
        let looks = self.looks.entry(claimed.id).or_insert(0);
        // Nobody looked: the next look is no later for it.
        *looks += u32::from(!turned_away);
        let settlement = settle::after_look(confirmation, claimed.attempts, *looks, answered_ms);
        let settlement = settle::unless_forgotten(&claimed.intent, settlement);
        if !matches!(settlement, Settlement::Unknown { .. }) {
            self.looks.remove(&claimed.id);
        }
        let duration_ms = answered_ms - now_ms;
        let heard = shared(&tape);
        self.unwritten.push(Unwritten { claimed, settlement, duration_ms, looked: true, heard, doubt: None });
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
        // Only orders are made sure of so: a count is read back by name.
        let Some(order) = claimed.order_id else { return Ok(Some(Proof::Held)) };
        let Some(story) = self.shared.store.read(|r| r.story(order))? else { return Ok(Some(Proof::Held)) };
        let policy = self.shared.policy();
        if matches!(sights(&story, &policy, now_ms).get(&claimed.id), Some(Sight::Seen(_))) {
            return Ok(Some(Proof::Held));
        }
        // Nobody asks any more, and nobody has seen it either: the clock was set back since it was asked for, or a later
        // change speaks for it now and may yet be refused. Taken for seen, what a platform forgot would stay forgotten.
        if !decide(&story, &policy, now_ms).prove.contains(&claimed.id) {
            return Ok(Some(Proof::Dropped));
        }
        // A look at the platform ended these, or what stood there before: that was a reading already. Asked again without
        // the name of the file it was made in, some platforms could only guess.
        let said_once = matches!(claimed.intent, Intent::Refund { .. } | Intent::AcknowledgeOrder { .. });
        if said_once && self.shared.store.read(|r| r.effect(claimed.id))?.is_some_and(|effect| effect.already) {
            return Ok(Some(Proof::Held));
        }
        // A later order of the same customer has written since: its word stands there, and this one's would go over it.
        if let Intent::PutRecord { record } = &claimed.intent
            && record.noun == RecordNoun::Customer
        {
            let last = self.shared.store.read(|r| r.customer_written_by(&claimed.connection, &record.external_id))?;
            if last.is_some_and(|last| last != order) {
                return Ok(Some(Proof::Held));
            }
        }
        let settled_ms = story.effects.iter().find(|e| e.id == claimed.id).and_then(|e| e.settled_at_ms);
        let wanted = match &claimed.intent {
            Intent::PutHubOrder { .. }
            | Intent::CancelHubOrder { .. }
            | Intent::HoldHubOrder { .. }
            | Intent::RecordRefund { .. }
            | Intent::ReleaseHubOrder { .. } => RecordKind::HubOrder,
            Intent::VoidLabel { .. } | Intent::BuyLabel { .. } | Intent::ReturnLabel { .. } => RecordKind::Parcel,
            Intent::AnswerReturn { .. } => RecordKind::Return,
            Intent::Fulfill { .. }
            | Intent::ReplaceTracking { .. }
            | Intent::CancelFulfillment { .. }
            | Intent::CancelChannelOrder { .. }
            | Intent::Refund { .. }
            | Intent::AcknowledgeOrder { .. }
            | Intent::AnnotateOrder { .. }
            | Intent::ShowHold { .. }
            | Intent::SetStock { .. }
            | Intent::PutProduct { .. }
            | Intent::PutRecord { .. }
            | Intent::TellBuyer { .. } => RecordKind::Order,
        };
        let known = self.shared.store.read(|r| r.streams(&self.id))?;
        let read_since = connector
            .declaration()
            .streams
            .iter()
            .filter(|decl| decl.record == wanted && !decl.backfill && decl.interval_s <= OFTEN_S)
            .filter_map(|decl| known.iter().find(|state| state.name == decl.name))
            .all(|state| state.last_ok_at_ms >= settled_ms.map(|ms| ms + READ_AFTER_MS));
        Ok((!read_since).then_some(Proof::AskAgain(now_ms + PROOF_AGAIN_MS)))
    }

    /// Asks the platform about a write that it answered and that no reading has shown. Comes after everything else:
    /// nearly always the answer is yes.
    pub(super) async fn prove(&mut self, connector: &dyn Connector, now_ms: i64) -> Result<Option<Step>, StoreError> {
        let Some(mut claimed) = self.shared.store.read(|r| r.proof_due(&self.id, now_ms))? else { return Ok(None) };
        self.remind(std::slice::from_mut(&mut claimed))?;
        if let Some(early) = self.proof_without_asking(connector, &claimed, now_ms)? {
            self.shared.store.write(|tx| tx.settle_proof(&claimed, early, connector.declaration().title, now_ms))?;
            return Ok(Some(Step::Worked));
        }
        self.shared.doing(&self.id, format!("Making sure of {}", claimed.order_number), None);
        let task = Task {
            key: &claimed.key,
            intent: &claimed.intent,
            first_sent_at_ms: claimed.first_sent_at_ms,
            last_sent_at_ms: claimed.last_sent_at_ms,
            ticket: claimed.ticket.as_deref(),
            priority: Priority::Backfill,
        };
        let confirmation = connector.confirm(&task).await;
        self.keep_secrets(connector)?;
        let answered_ms = self.shared.clock.now_ms();
        self.keep_buckets(connector)?;
        let proof = match confirmation {
            Confirmation::Absent => Proof::Missing,
            // What is hidden from us cannot be looked at: that says nothing of whether it is there.
            Confirmation::Overtaken(refusal) if refusal.cause == Cause::ScopeMissing => {
                Proof::AskAgain(answered_ms + PROOF_AGAIN_MS)
            }
            // Somebody changed it since: it was there.
            Confirmation::Holds(_) | Confirmation::Overtaken(_) => Proof::Held,
            Confirmation::CannotTell(_) | Confirmation::UnderWay { .. } => {
                Proof::AskAgain(answered_ms + PROOF_AGAIN_MS)
            }
        };
        let policy = self.shared.policy();
        let title = connector.declaration().title;
        let planned = self.shared.store.write(|tx| {
            tx.settle_proof(&claimed, proof, title, answered_ms)?;
            match claimed.order_id.filter(|_| proof == Proof::Missing) {
                Some(order) => redecide(tx, &policy, order, answered_ms),
                None => Ok(0),
            }
        })?;
        if planned > 0 {
            self.shared.ring_all();
        }
        Ok(Some(Step::Worked))
    }

    /// Performs the most urgent effects. `None`: nothing is due.
    pub(super) async fn dispatch(
        &mut self,
        config: &ConnectionConfig,
        connector: &dyn Connector,
        now_ms: i64,
    ) -> Result<Option<Step>, StoreError> {
        if now_ms < self.down_until_ms || self.shared.is_stopping() {
            return Ok(None);
        }
        if now_ms < self.writes_wait(now_ms) && !self.is_clicked(now_ms)? {
            return Ok(None);
        }
        let batch_max = connector.declaration().batch_max;
        let most = |kind| batch_max.iter().find(|(k, _)| *k == kind).map_or(1, |(_, most)| *most);
        let mut claimed = self.shared.store.write(|tx| tx.claim(&config.id, now_ms, &most))?;
        // Nobody may be sent an order without a recipient, whoever clicks on it.
        let (forgotten, rest): (Vec<Claimed>, Vec<Claimed>) =
            claimed.into_iter().partition(|c| c.intent.is_forgotten());
        claimed = rest;
        if !forgotten.is_empty() {
            for claimed in forgotten {
                let settlement = Settlement::Refused(settle::forgotten());
                let (duration_ms, looked) = (0, false);
                self.unwritten.push(Unwritten { claimed, settlement, duration_ms, looked, heard: None, doubt: None });
            }
            self.write_down(None)?;
            if claimed.is_empty() {
                return Ok(Some(Step::Worked));
            }
        }
        let Some(first) = claimed.first() else { return Ok(None) };
        let what = first.intent.kind().phrase();
        let doing = if claimed.len() == 1 {
            format!("Working on {}: {what}", first.order_number)
        } else {
            format!("{} orders: {what}", claimed.len())
        };
        self.shared.doing(&self.id, doing, Some(connector.budget().snapshot()));
        self.remind(&mut claimed)?;
        let held_back = self.hold_to_limit(&mut claimed, now_ms);
        let tasks: Vec<Task<'_>> = claimed
            .iter()
            .map(|c| Task {
                key: &c.key,
                intent: &c.intent,
                first_sent_at_ms: c.first_sent_at_ms,
                last_sent_at_ms: c.last_sent_at_ms,
                ticket: c.ticket.as_deref(),
                priority: priority_of(c),
            })
            .collect();
        connector.budget().turned_away();
        let (mut verdicts, tape) = match held_back {
            Some(verdicts) => (verdicts, Tape::default()),
            None => heard::during(connector.perform(&tasks)).await,
        };
        drop(tasks);
        // Whatever becomes of the secrets, the verdicts are kept.
        let kept = self.keep_secrets(connector);
        let written = written_of(connector.written(), &claimed);
        let answered_ms = self.shared.clock.now_ms();
        let waits = verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::WaitUntil { at_ms, why } => Some((*at_ms, why)),
            _ => None,
        });
        let turned_away = waits.min().filter(|_| connector.budget().turned_away());
        let turned_away = turned_away.map(|(at_ms, why)| (at_ms, Refusal::new(Cause::RateLimited, why.clone())));
        // A connector that answers too little leaves the rest open: they are looked up.
        while verdicts.len() < claimed.len() {
            verdicts.push(Verdict::AnswerLost(Refusal::new(
                Cause::OutcomeUnknown,
                "No answer for this one came back. It is looked up before anything is sent again.",
            )));
        }
        let kind = claimed.first().map(|claimed| claimed.intent.kind());
        let mut account: Option<Refusal> = None;
        let (heard, duration_ms) = (shared(&tape), answered_ms - now_ms);
        for (claimed, verdict) in claimed.into_iter().zip(verdicts) {
            match &verdict {
                Verdict::SignInAgain(refusal) => account = Some(refusal.clone()),
                Verdict::RetryLater(refusal) if refusal.cause.is_about_connection() => {
                    account = Some(refusal.clone());
                }
                _ => {}
            }
            let doubt = match &verdict {
                Verdict::WhichCustomer(doubt) => Some(doubt.clone()),
                _ => None,
            };
            let settlement = settle::after_verdict(verdict, claimed.attempts, answered_ms);
            let heard = heard.clone();
            self.unwritten.push(Unwritten { claimed, settlement, duration_ms, looked: false, heard, doubt });
        }
        kept?;
        self.write_down(Some(connector))?;
        // Lost before it is kept, it was people's: then it stays as it is.
        if !written.is_empty() {
            self.shared.store.write(|tx| {
                written
                    .iter()
                    .try_for_each(|(order, one)| tx.put_customer_written(*order, &config.id, one, answered_ms))
            })?;
        }
        // With thousands in the line each of them would be taken out, turned away and written down, again and again.
        match (turned_away, kind) {
            (Some((at_ms, _)), _) if at_ms <= answered_ms + TURNED_AWAY_MS => self.writes_wait_ms = at_ms,
            (Some((at_ms, why)), Some(kind)) => {
                self.shared.store.write(|tx| tx.let_line_wait(&config.id, kind, at_ms, &why))?;
            }
            _ => {}
        }
        match account {
            Some(refusal) => self.down(&refusal, answered_ms)?,
            None => self.up(answered_ms)?,
        }
        Ok(Some(Step::Worked))
    }

    /// Changes of customers are told what was last put into fields there, so that what people changed since stays. It is
    /// never stored with them.
    fn remind(&self, claimed: &mut [Claimed]) -> Result<(), StoreError> {
        self.shared.store.read(|r| {
            for Claimed { intent, connection, .. } in claimed {
                if let Intent::PutRecord { record } = intent
                    && record.noun == RecordNoun::Customer
                    && !record.is_blanked()
                {
                    let written = r.customer_written(connection, &record.external_id)?;
                    record.fields.extend(written.map(|written| written.fact()));
                }
            }
            Ok(())
        })
    }

    /// Writes results down: effect, attempt, what was answered, link, the decision that follows and what `spent` the
    /// budget, together.
    pub(super) fn write_down(&mut self, spent: Option<&dyn Connector>) -> Result<(), StoreError> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let now_ms = self.shared.clock.now_ms();
        let policy = self.shared.policy();
        let results = &self.unwritten;
        let buckets = spent.and_then(|connector| self.changed_buckets(connector));
        let (planned, said_once) = self.shared.store.write(|tx| {
            save_buckets(tx, &self.id, buckets.as_deref())?;
            let mut planned = 0;
            let mut said_once = false;
            let mut settled = Vec::new();
            for result in results {
                let Unwritten { claimed, settlement, duration_ms, doubt, .. } = result;
                if !tx.settle(claimed.id, settlement, now_ms, *duration_ms)? {
                    continue;
                }
                settled.push(result);
                say_who_was_told(tx, &policy, result, now_ms)?;
                if let (Some(doubt), Some(order)) = (doubt, claimed.order_id) {
                    tx.put_customer_review(claimed.id, order, &claimed.connection, doubt, now_ms)?;
                }
                if matches!(settlement, Settlement::Done { .. }) {
                    said_once |= tx.customer_is_written(&claimed.connection, &claimed.intent)?;
                }
                if let (Settlement::Done { receipt, .. }, Intent::PutHubOrder { .. }) = (settlement, &claimed.intent)
                    && let (Some(remote_id), Some(order)) = (&receipt.remote_id, claimed.order_id)
                {
                    link(tx, order, &claimed.connection, RecordKind::HubOrder, remote_id)?;
                }
                if let Some(subject) = &claimed.subject {
                    tx.mark_subject(&claimed.connection, subject, now_ms)?;
                }
                if let Some(order) = claimed.order_id {
                    planned += redecide(tx, &policy, order, now_ms)?;
                }
            }
            keep_answers(tx, &settled, now_ms)?;
            Ok((planned, said_once))
        })?;
        if said_once {
            self.shared.customers_are_told()?;
        }
        if self.unwritten.iter().any(|one| one.claimed.subject.is_some()) {
            self.shared.decider_bell.notify_one();
        }
        self.unwritten.clear();
        self.saved_buckets = buckets.unwrap_or_else(|| std::mem::take(&mut self.saved_buckets));
        if planned > 0 {
            self.shared.ring_all();
        }
        Ok(())
    }
}

/// What was put into fields of customers, by the order whose change did.
fn written_of(written: Vec<Written>, claimed: &[Claimed]) -> Vec<(OrderId, Written)> {
    let order_of = |one: &Written| {
        let is_it = |change: &&Claimed| {
            matches!(&change.intent, Intent::PutRecord { record }
                if record.noun == RecordNoun::Customer && record.external_id == one.customer)
        };
        claimed.iter().find(is_it).and_then(|change| change.order_id)
    };
    written.into_iter().filter_map(|one| Some((order_of(&one)?, one))).collect()
}

/// What was heard, for all changes it is about.
fn shared(tape: &Tape) -> Option<Arc<str>> {
    tape.text().map(Arc::from)
}

/// What was answered goes beside the tries, once for those that travelled together.
fn keep_answers(tx: &mut Tx<'_>, settled: &[&Unwritten], now_ms: i64) -> Result<(), StoreError> {
    let same = |one: &Arc<str>, other: &Arc<str>| Arc::ptr_eq(one, other);
    for together in settled.chunk_by(|a, b| a.heard.as_ref().zip(b.heard.as_ref()).is_some_and(|(a, b)| same(a, b))) {
        if let Some(heard) = together.first().and_then(|one| one.heard.as_ref()) {
            let effects: Vec<EffectId> = together.iter().map(|one| one.claimed.id).collect();
            tx.keep_answer(&effects, heard, now_ms)?;
        }
    }
    Ok(())
}

/// Whether the customer heard of a parcel stands in the order's story, right after what became of the report.
fn say_who_was_told(tx: &mut Tx<'_>, policy: &Policy, result: &Unwritten, now_ms: i64) -> Result<(), StoreError> {
    let Unwritten { claimed, settlement, looked, .. } = result;
    let Some(store) = policy.peers.get(&claimed.connection) else { return Ok(()) };
    let declaration = platform(&store.platform).map(|platform| platform.declaration);
    let said = told::customer(&claimed.intent, settlement, *looked, &store.name, declaration);
    let Some((kind, sentence)) = said else { return Ok(()) };
    tx.note(&NewEvent {
        order_id: claimed.order_id,
        connection: Some(claimed.connection.clone()),
        at_ms: now_ms,
        author: "quayside".to_owned(),
        kind: kind.to_owned(),
        sentence,
        detail: Some(serde_json::json!({ "effect": claimed.id, "customer": kind })),
    })
}
