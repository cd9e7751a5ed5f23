//! What every connector can do. Small on purpose.

use crate::profiles::ProfileKit;
use crate::{BucketState, Budget, Priority, Wire};
use async_trait::async_trait;
use quayside_model::{
    ApiInUse, Cause, Clock, Confirmation, ConnectionConfig, Declaration, Described, Incoming, Intent, IntentKind,
    LabelAsk, LabelForm, LabelQuotes, OwnLink, Page, Preflight, RecordKind, RefundAsk, RefundQuote, Refusal,
    SecretString, Verdict, Written,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

/// Secrets of one connection by field name, as the keychain gave them.
pub type Secrets = BTreeMap<String, SecretString>;

/// Everything a connector is made of.
#[derive(Clone)]
pub struct Setup {
    /// The account, without secrets.
    pub config: ConnectionConfig,
    /// The secrets.
    pub secrets: Secrets,
    /// The network, or a simulation of it.
    pub wire: Arc<dyn Wire>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Rate buckets as they were when the program last ran.
    pub buckets: Vec<BucketState>,
}

/// Fields of a form by name.
pub type Fields = BTreeMap<String, String>;
/// See [`Platform::check_fields`].
pub type CheckFields = fn(way: &str, fields: &Fields, stand_in: bool) -> Result<Fields, Vec<FieldProblem>>;

/// An entry of the registry.
pub struct Platform {
    /// What it says about itself.
    pub declaration: &'static Declaration,
    /// Other names people and programs give the fields of its forms: (other, ours). Ours win where both are given.
    pub aliases: &'static [(&'static str, &'static str)],
    /// Looks at filled-in fields before anything is sent: shape, obvious mix-ups
    /// (storefront domain, keys swapped), in sentences per field.
    /// Returns the cleaned fields (hosts reduced, spaces dropped), secrets included.
    /// Another server in the platform's place (`stand_in`) may hand out credentials of any shape: it is asked.
    pub check_fields: CheckFields,
    /// Makes a connector. Sends nothing.
    pub open: fn(Setup) -> Result<Arc<dyn Connector>, Refusal>,
    /// How signing in with the system browser works, where the platform has that.
    pub browser: Option<&'static BrowserSignIn>,
    /// What may be asked about the files that describe its API, where it is described by such.
    pub kit: Option<&'static ProfileKit>,
}

impl Platform {
    /// A platform without anything of its own beyond the interface.
    pub const fn new(
        declaration: &'static Declaration,
        check_fields: CheckFields,
        open: fn(Setup) -> Result<Arc<dyn Connector>, Refusal>,
    ) -> Self {
        Self { declaration, aliases: &[], check_fields, open, browser: None, kit: None }
    }
}

/// A sign-in in the system browser that was begun: the page to open, and what has to be known when it comes back.
#[derive(Clone)]
pub struct BrowserVisit {
    /// The page.
    pub url: String,
    /// Where the browser comes back to, exactly as it was registered.
    pub redirect: String,
    /// What it must bring back unchanged.
    pub state: String,
    /// Proves to the platform that whoever comes back is who began.
    pub verifier: SecretString,
}

/// What the end of a sign-in gives: the secrets for the keychain.
pub type Finishing<'a> = Pin<Box<dyn Future<Output = Result<Secrets, Refusal>> + Send + 'a>>;

/// See [`BrowserSignIn::begin`].
pub type BeginVisit =
    fn(fields: &Fields, base_url: Option<&str>, redirect: &str, random: &[u8]) -> Result<BrowserVisit, String>;

/// How a platform's sign-in in the browser works. Listening and opening the browser belong to the edge, which
/// answers at `http://localhost:PORT/path` on the first of `ports` that is free.
pub struct BrowserSignIn {
    /// The way of that platform.
    pub way: &'static str,
    /// Ports the platform knows of.
    pub ports: &'static [u16],
    /// Path of the address it comes back to.
    pub path: &'static str,
    /// Makes the visit. Sends nothing. `random`: 64 bytes nobody can guess.
    pub begin: BeginVisit,
    /// Exchanges what the browser brought back (the query of its address) for secrets.
    pub finish: for<'a> fn(setup: Setup, visit: &'a BrowserVisit, query: &'a str) -> Finishing<'a>,
}

/// What is wrong with one field of a form.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldProblem {
    /// The field's name.
    pub field: String,
    /// What to do about it.
    pub sentence: String,
}

/// A question for one page of a stream.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Name of the stream, as declared.
    pub stream: &'a str,
    /// The cursor the store holds; `None` on the very first read.
    pub cursor: Option<&'a Value>,
    /// [`Page::next`] of the page before, within the same scan.
    pub next: Option<&'a Value>,
    /// Do not look further back than this on the very first read, ms UTC.
    pub since_ms: i64,
    /// Whose budget it is.
    pub priority: Priority,
}

/// One effect to perform or confirm.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// The effect's permanent key.
    pub key: &'a str,
    /// What to change.
    pub intent: &'a Intent,
    /// When it was first sent, ms UTC; `None` if never.
    pub first_sent_at_ms: Option<i64>,
    /// When it was sent last, ms UTC; `None` if never. What cannot be looked up is judged by how long ago that is.
    pub last_sent_at_ms: Option<i64>,
    /// What the platform calls it since it took it in ([`Verdict::UnderWay`]); `None` where it did not.
    pub ticket: Option<&'a str>,
    /// Whose budget it is.
    pub priority: Priority,
}

/// Why a read gave nothing. Reads may be repeated freely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The budget is used up; nothing was sent, or the platform said when to come back.
    WaitUntil {
        /// Earliest moment, ms UTC.
        at_ms: i64,
        /// What we wait on, in words.
        why: String,
    },
    /// It did not work; the cause tells whether time, a sign-in or a person helps.
    Refused(Refusal),
}

/// One signed-in account of one platform.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What the platform says about itself.
    fn declaration(&self) -> &'static Declaration;

    /// **Test connection**: signs in, asks what the account has, and says what will not work.
    async fn preflight(&self) -> Preflight;

    /// One page of a stream. A record that cannot be read goes to [`Page::unreadable`]; it never fails the page.
    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError>;

    /// Each scan of this stream names everything the account has, from the first to the last, and says so: its last page
    /// has as [`Page::total`] the rows of the whole scan. What such a scan does not name is gone.
    fn lists_all(&self, _stream: &str) -> bool {
        false
    }

    /// Stores this hub fills by links of its own, as it shows them now. `None`: it cannot tell.
    async fn own_links(&self) -> Result<Option<Vec<OwnLink>>, ReadError> {
        Ok(None)
    }

    /// One record now, by the platform's id. `None`: it is not there (any more).
    async fn read_one(
        &self,
        kind: RecordKind,
        remote_id: &str,
        priority: Priority,
    ) -> Result<Option<Incoming>, ReadError>;

    /// Every parcel of one hub order now, voided ones too, as one page without an end to save. `None`: the account cannot be
    /// asked for them.
    async fn parcels_of(&self, hub_order_id: &str, priority: Priority) -> Result<Option<Page>, ReadError> {
        let _ = (hub_order_id, priority);
        Ok(None)
    }

    /// What the account answers when its `entity` is listed (`order`), as text: to see where things are. Only for accounts
    /// whose API is described by a profile.
    async fn sample(&self, entity: &str) -> Result<String, ReadError> {
        Err(ReadError::Refused(Refusal::new(
            Cause::ScopeMissing,
            format!("This account's {entity} is not described by a profile: there is nothing to map."),
        )))
    }

    /// What the account says it has, where a setting names such things ([`quayside_model::SettingKind::Described`]).
    /// `settings`: choices that are made and not kept yet; they count over those of the account. Changes nothing.
    async fn described(&self, settings: &BTreeMap<String, Value>, priority: Priority) -> Result<Described, ReadError> {
        let _ = (settings, priority);
        Err(ReadError::Refused(Refusal::new(
            Cause::ScopeMissing,
            format!("{} does not say what its accounts have: names are typed.", self.declaration().title),
        )))
    }

    /// What giving money back would come to, by the platform's own word. Changes nothing. Only for accounts whose
    /// platform says so beforehand ([`quayside_model::RefundWay::quoted`]).
    async fn quote_refund(&self, ask: &RefundAsk, priority: Priority) -> Result<RefundQuote, ReadError> {
        let _ = priority;
        Err(ReadError::Refused(Refusal::new(
            Cause::ScopeMissing,
            format!(
                "{} does not say beforehand what a refund of {} comes to.",
                self.declaration().title,
                ask.order_remote_id
            ),
        )))
    }

    /// What carriers ask for the parcel of a hub order now. Changes nothing. Only for hubs that sell labels
    /// ([`IntentKind::BuyLabel`]).
    async fn quote_labels(&self, ask: &LabelAsk, priority: Priority) -> Result<LabelQuotes, ReadError> {
        let _ = priority;
        Err(ReadError::Refused(Refusal::new(
            Cause::ScopeMissing,
            format!(
                "{} does not sell labels to other programs: what order {} costs to send is seen there.",
                self.declaration().title,
                ask.hub_order_id
            ),
        )))
    }

    /// The file of a label, to be printed. Only for hubs that sell labels.
    async fn label_file(&self, parcel_id: &str, form: LabelForm, priority: Priority) -> Result<Vec<u8>, ReadError> {
        let _ = (form, priority);
        Err(ReadError::Refused(Refusal::new(
            Cause::ScopeMissing,
            format!("{} does not hand labels out: print that of {parcel_id} there.", self.declaration().title),
        )))
    }

    /// Performs effects of *one kind*; one verdict per task, in the same order.
    /// At most `declaration().batch_max` of them, one where nothing is declared.
    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict>;

    /// Asks the platform whether an effect holds, by our key or by its traces. Changes nothing.
    async fn confirm(&self, task: &Task<'_>) -> Confirmation;

    /// The account's rate buckets.
    fn budget(&self) -> &Budget;

    /// How far the platform's clock is ahead of ours, ms, by its last answer; `None` before the first.
    fn skew_ms(&self) -> Option<i64> {
        None
    }

    /// Versions of the platform's APIs as this account gets them, where answers say by which they were served or another
    /// one can be chosen. Of what is not in it the declared one is asked for, and nobody says what answers.
    fn api_in_use(&self) -> Vec<ApiInUse> {
        Vec::new()
    }

    /// Streams that should be read now, whatever their interval: an answer showed that what they read has changed. Told
    /// once each; asked after every call.
    fn wakes(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Tickets of the effects this account took in lately (effect key, ticket), told once after opening. What the
    /// platform shows and nobody holds a ticket for belongs to the one whose answer was lost.
    fn recall(&self, tickets: Vec<(String, String)>) {
        let _ = tickets;
    }

    /// Effects that were sent, whose answer was lost, and of which no ticket is known (effect key, kind), told once
    /// after opening, beside [`Self::recall`]. What the platform shows and nobody holds a ticket for may be any of
    /// theirs: where several are lost, it is not to be taken for one of them.
    fn recall_lost(&self, lost: Vec<(String, IntentKind)>) {
        let _ = lost;
    }

    /// What the changes of customers since the last call put into fields, told once; asked after every call. It comes back
    /// with the next change of each ([`quayside_model::WRITTEN_FACT`]).
    fn written(&self) -> Vec<Written> {
        Vec::new()
    }

    /// Secrets that changed by themselves (a renewed token) and must go to the keychain *before* use; `None` if none did.
    ///
    /// Asked after every call, and the same again until [`Self::secrets_kept`] says that they are there. Until then a
    /// connector does not use what was renewed: its calls answer "come back at once". Whoever asks keeps all of it, or
    /// tells the person that the sign-in could not be kept.
    fn renewed_secrets(&self) -> Option<Secrets> {
        None
    }

    /// What [`Self::renewed_secrets`] told is kept: it may be used.
    fn secrets_kept(&self, kept: &Secrets) {
        let _ = kept;
    }

    /// Takes the sign-in back at the platform, where that is possible: nobody who finds its secrets can use them any
    /// more. Nothing else of the connector works afterwards.
    async fn sign_out(&self) -> Result<(), Refusal> {
        Ok(())
    }
}
