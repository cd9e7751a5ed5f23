//! What leaves a connector is looked over once more: no secret in any text, wherever the connector took it from, and
//! no record with numbers that cannot be true (`plausible.rs`).
//!
//! A platform may put a token of ours where nobody expects one: into a request id, the name of a feed, a date that
//! cannot be parsed, a host name. Rather than trusting each place that quotes a platform to think of it, everything
//! every connector says passes here. Records are left as they came: they are the merchant's data, and a short key
//! that happens to stand in an order number must not change it. Cursors and page tokens never reach a person.

use crate::plausible::{implausible, number};
use crate::redact::Unspoken;
use crate::{Ask, Budget, Connector, Priority, ReadError, Secrets, Task};
use async_trait::async_trait;
use quayside_model::{
    ApiInUse, Cause, Confirmation, Declaration, Described, Incoming, IntentKind, LabelAsk, LabelForm, LabelQuote,
    LabelQuotes, OwnLink, Page, Preflight, Receipt, RecordKind, RefundAsk, RefundQuote, Refusal, Unreadable, Verdict,
    Written,
};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A connector that keeps secrets.
struct Discreet<C> {
    inner: C,
    unspoken: Unspoken,
}

/// `connector`, whatever it says cleaned of what its door hides. The last line of every [`crate::Platform::open`].
pub(crate) fn discreet(connector: impl Connector + 'static, unspoken: Unspoken) -> Arc<dyn Connector> {
    Arc::new(Discreet { inner: connector, unspoken })
}

impl Unspoken {
    fn clean(&self, text: &mut String) {
        if let Cow::Owned(cleaned) = self.cleaned(text) {
            *text = cleaned;
        }
    }

    /// A failure that may be shown.
    pub(crate) fn refusal(&self, mut refusal: Refusal) -> Refusal {
        let Refusal { cause: _, sentence, said, request_id, status: _, about } = &mut refusal;
        self.clean(sentence);
        [said, request_id, about].into_iter().flatten().for_each(|text| self.clean(text));
        refusal
    }

    fn receipt(&self, mut receipt: Receipt) -> Receipt {
        let Receipt { remote_id, request_id, note, cost: _ } = &mut receipt;
        [remote_id, request_id, note].into_iter().flatten().for_each(|text| self.clean(text));
        receipt
    }

    fn words(&self, mut why: String) -> String {
        self.clean(&mut why);
        why
    }

    fn verdict(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Done(receipt) => Verdict::Done(self.receipt(receipt)),
            Verdict::AlreadyDone(receipt) => Verdict::AlreadyDone(self.receipt(receipt)),
            Verdict::WaitUntil { at_ms, why } => Verdict::WaitUntil { at_ms, why: self.words(why) },
            Verdict::RetryLater(refusal) => Verdict::RetryLater(self.refusal(refusal)),
            Verdict::SignInAgain(refusal) => Verdict::SignInAgain(self.refusal(refusal)),
            Verdict::NeedsPerson(refusal) => Verdict::NeedsPerson(self.refusal(refusal)),
            // Who could be meant is the merchant's data.
            Verdict::WhichCustomer(mut doubt) => {
                doubt.refusal = self.refusal(doubt.refusal.clone());
                Verdict::WhichCustomer(doubt)
            }
            Verdict::UnderWay { ticket, look_at_ms, why } => {
                Verdict::UnderWay { ticket: self.words(ticket), look_at_ms, why: self.refusal(why) }
            }
            Verdict::AnswerLost(refusal) => Verdict::AnswerLost(self.refusal(refusal)),
        }
    }

    fn confirmation(&self, confirmation: Confirmation) -> Confirmation {
        match confirmation {
            Confirmation::Holds(receipt) => Confirmation::Holds(self.receipt(receipt)),
            Confirmation::Absent => Confirmation::Absent,
            Confirmation::Overtaken(refusal) => Confirmation::Overtaken(self.refusal(refusal)),
            Confirmation::CannotTell(refusal) => Confirmation::CannotTell(self.refusal(refusal)),
            Confirmation::UnderWay { ticket, look_at_ms, why } => {
                Confirmation::UnderWay { ticket: self.words(ticket), look_at_ms, why: Box::new(self.refusal(*why)) }
            }
        }
    }

    fn read_error(&self, error: ReadError) -> ReadError {
        match error {
            ReadError::WaitUntil { at_ms, why } => ReadError::WaitUntil { at_ms, why: self.words(why) },
            ReadError::Refused(refusal) => ReadError::Refused(self.refusal(refusal)),
        }
    }

    fn page(&self, mut page: Page) -> Page {
        // Every record passes once; hardly any is ever moved.
        if page.records.iter().any(|incoming| implausible(&incoming.record).is_some()) {
            let (odd, fine) =
                std::mem::take(&mut page.records).into_iter().partition(|one| implausible(&one.record).is_some());
            page.records = fine;
            page.unreadable.extend(Vec::into_iter(odd).map(told));
        }
        for finding in page.findings.iter_mut().flat_map(|findings| &mut findings.found) {
            self.clean(&mut finding.about);
            self.clean(&mut finding.sentence);
        }
        for Unreadable { remote_id, number, why, raw } in &mut page.unreadable {
            [remote_id, why, raw].into_iter().chain(number.as_mut()).for_each(|text| self.clean(text));
        }
        page
    }

    /// Labels people gave, and what is said of them; values stay as they are, or they would name nothing.
    fn described(&self, mut described: Described) -> Described {
        for list in &mut described.lists {
            self.clean(&mut list.title);
            list.entries.iter_mut().for_each(|entry| self.clean(&mut entry.label));
        }
        for slot in &mut described.slots {
            self.clean(&mut slot.label);
        }
        described
    }

    fn preflight(&self, mut preflight: Preflight) -> Preflight {
        for check in &mut preflight.checks {
            self.clean(&mut check.title);
            self.clean(&mut check.detail);
            check.disables.iter_mut().for_each(|text| self.clean(text));
        }
        if let Some(account) = &mut preflight.account {
            self.clean(&mut account.name);
        }
        preflight
    }
}

/// A record that was read and cannot be true, as one that could not be read.
fn told(one: Incoming) -> Unreadable {
    Unreadable {
        remote_id: one.record.remote_id().to_owned(),
        number: number(&one.record),
        why: implausible(&one.record).unwrap_or_default(),
        raw: one.raw,
    }
}

/// Every method, those with a default too: a default here would answer in the connector's place.
#[async_trait]
impl<C: Connector> Connector for Discreet<C> {
    fn declaration(&self) -> &'static Declaration {
        self.inner.declaration()
    }
    async fn preflight(&self) -> Preflight {
        self.unspoken.preflight(self.inner.preflight().await)
    }
    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        match self.inner.read(ask).await {
            Ok(page) => Ok(self.unspoken.page(page)),
            Err(error) => Err(self.unspoken.read_error(error)),
        }
    }
    fn lists_all(&self, stream: &str) -> bool {
        self.inner.lists_all(stream)
    }
    async fn own_links(&self) -> Result<Option<Vec<OwnLink>>, ReadError> {
        self.inner.own_links().await.map_err(|error| self.unspoken.read_error(error))
    }
    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        match self.inner.read_one(kind, remote_id, priority).await {
            Ok(Some(one)) => match implausible(&one.record) {
                Some(why) => {
                    let sentence = format!("{remote_id} could not be read: {why}.");
                    Err(ReadError::Refused(self.unspoken.refusal(Refusal::new(Cause::Unreadable, sentence))))
                }
                None => Ok(Some(one)),
            },
            Ok(None) => Ok(None),
            Err(error) => Err(self.unspoken.read_error(error)),
        }
    }
    async fn parcels_of(&self, hub_order_id: &str, priority: Priority) -> Result<Option<Page>, ReadError> {
        match self.inner.parcels_of(hub_order_id, priority).await {
            Ok(page) => Ok(page.map(|page| self.unspoken.page(page))),
            Err(error) => Err(self.unspoken.read_error(error)),
        }
    }
    async fn sample(&self, entity: &str) -> Result<String, ReadError> {
        match self.inner.sample(entity).await {
            Ok(text) => Ok(self.unspoken.words(text)),
            Err(error) => Err(self.unspoken.read_error(error)),
        }
    }
    async fn described(&self, settings: &BTreeMap<String, Value>, priority: Priority) -> Result<Described, ReadError> {
        match self.inner.described(settings, priority).await {
            Ok(described) => Ok(self.unspoken.described(described)),
            Err(error) => Err(self.unspoken.read_error(error)),
        }
    }
    async fn quote_refund(&self, ask: &RefundAsk, priority: Priority) -> Result<RefundQuote, ReadError> {
        self.inner.quote_refund(ask, priority).await.map_err(|error| self.unspoken.read_error(error))
    }
    async fn quote_labels(&self, ask: &LabelAsk, priority: Priority) -> Result<LabelQuotes, ReadError> {
        match self.inner.quote_labels(ask, priority).await {
            Ok(mut quotes) => {
                for sentence in &mut quotes.not_offered {
                    self.unspoken.clean(sentence);
                }
                for quote in &mut quotes.quotes {
                    let LabelQuote { carrier, service_name, notes, .. } = quote;
                    [carrier, service_name].into_iter().chain(notes).for_each(|text| self.unspoken.clean(text));
                }
                Ok(quotes)
            }
            Err(error) => Err(self.unspoken.read_error(error)),
        }
    }
    async fn label_file(&self, parcel_id: &str, form: LabelForm, priority: Priority) -> Result<Vec<u8>, ReadError> {
        self.inner.label_file(parcel_id, form, priority).await.map_err(|error| self.unspoken.read_error(error))
    }
    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let verdicts = self.inner.perform(tasks).await;
        verdicts.into_iter().map(|verdict| self.unspoken.verdict(verdict)).collect()
    }
    async fn confirm(&self, task: &Task<'_>) -> Confirmation {
        self.unspoken.confirmation(self.inner.confirm(task).await)
    }
    fn budget(&self) -> &Budget {
        self.inner.budget()
    }
    fn skew_ms(&self) -> Option<i64> {
        self.inner.skew_ms()
    }
    fn api_in_use(&self) -> Vec<ApiInUse> {
        let clean = |one: ApiInUse| ApiInUse { served: one.served.map(|text| self.unspoken.words(text)), ..one };
        self.inner.api_in_use().into_iter().map(clean).collect()
    }
    /// Field names of the org, and words that tell no value.
    fn written(&self) -> Vec<Written> {
        self.inner.written()
    }
    fn wakes(&self) -> Vec<&'static str> {
        self.inner.wakes()
    }
    fn recall(&self, tickets: Vec<(String, String)>) {
        self.inner.recall(tickets);
    }
    fn recall_lost(&self, lost: Vec<(String, IntentKind)>) {
        self.inner.recall_lost(lost);
    }
    fn renewed_secrets(&self) -> Option<Secrets> {
        self.inner.renewed_secrets()
    }
    fn secrets_kept(&self, kept: &Secrets) {
        self.inner.secrets_kept(kept);
    }
    async fn sign_out(&self) -> Result<(), Refusal> {
        self.inner.sign_out().await.map_err(|refusal| self.unspoken.refusal(refusal))
    }
}
