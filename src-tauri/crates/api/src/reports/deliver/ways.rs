//! The ways: what is set of each, what makes sense, and where its secret is.

use super::Trouble;
use crate::credentials::{apart, put_secrets, secrets_of};
use crate::desk::Room;
use crate::reports::ahead;
use crate::trouble::Answer;
use crate::view::TroubleCode;
use quayside_connectors::Secrets;
use quayside_connectors::messages::mail::{self, MailEncryption};
use quayside_connectors::messages::{slack, webhook};
use quayside_model::{ConnectionId, ExposeSecret as _, SecretString};
use quayside_store::{Reader, StoreError};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

pub(super) const WAYS_KEY: &str = "reports.ways";
/// Field of the keychain's entry.
const SECRET: &str = "secret";
/// Shortest secret something is signed with, characters.
const SIGNING_MIN: usize = 16;
/// Recipients of a letter.
const RECIPIENTS_MAX: usize = 50;

/// A way to people or programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportWay {
    /// E-mail.
    Mail,
    /// A channel of Slack.
    Slack,
    /// A program that takes signed documents.
    Webhook,
}

impl ReportWay {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mail, Self::Slack, Self::Webhook];

    /// Stable word.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Slack => "slack",
            Self::Webhook => "webhook",
        }
    }
    /// From the stable word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
    /// Its entry in the keychain: no account is called so, their names hold no space.
    fn entry(self) -> ConnectionId {
        ConnectionId::new(format!("report {}", self.code()))
    }
    /// What is secret about it, and the field of the form it is typed into.
    fn secret(self) -> (&'static str, &'static str) {
        match self {
            Self::Mail => ("password of the mail server", "mail_password"),
            Self::Slack => ("address of the Slack webhook", "slack_address"),
            Self::Webhook => ("secret of the webhook", "webhook_secret"),
        }
    }
}

/// By mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct MailWay {
    /// It is used.
    pub on: bool,
    /// The server's name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub encryption: MailEncryption,
    /// Who signs in; empty: nobody.
    pub user: String,
    /// Sender.
    pub from: String,
    /// Recipients, with commas between them.
    pub to: String,
}

impl MailWay {
    pub(super) fn recipients(&self) -> Vec<String> {
        self.to.split([',', ';', '\n']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    }
    /// The part of the sender's address that names its house.
    pub(super) fn domain(&self) -> String {
        let domain = self.from.rsplit('@').next().unwrap_or_default().trim_end_matches('>').trim();
        if domain.is_empty() { "quayside.invalid".to_owned() } else { domain.to_ascii_lowercase() }
    }
    /// What a password belongs to: typed for one server it is never shown to another.
    fn door(&self) -> (&str, u16, MailEncryption, &str) {
        (&self.server, self.port, self.encryption, &self.user)
    }
}

/// Into Slack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SlackWay {
    /// It is used.
    pub on: bool,
}

/// To a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct WebhookWay {
    /// It is used.
    pub on: bool,
    /// Its address.
    pub url: String,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReportWays {
    /// By mail.
    pub mail: MailWay,
    /// Into Slack.
    pub slack: SlackWay,
    /// To a program.
    pub webhook: WebhookWay,
}

impl ReportWays {
    fn is_on(&self, way: ReportWay) -> bool {
        match way {
            ReportWay::Mail => self.mail.on,
            ReportWay::Slack => self.slack.on,
            ReportWay::Webhook => self.webhook.on,
        }
    }
    fn set_on(&mut self, way: ReportWay, on: bool) {
        match way {
            ReportWay::Mail => self.mail.on = on,
            ReportWay::Slack => self.slack.on = on,
            ReportWay::Webhook => self.webhook.on = on,
        }
    }
}

/// A filled-in form.
#[derive(Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ReportWaysDraft {
    /// What may be seen.
    pub ways: ReportWays,
    /// Comes in, never goes out; empty: as it is in the keychain.
    pub mail_password: String,
    /// The same.
    pub slack_address: String,
    /// The same.
    pub webhook_secret: String,
}

impl std::fmt::Debug for ReportWaysDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportWaysDraft").field("ways", &self.ways).finish_non_exhaustive()
    }
}

impl ReportWaysDraft {
    /// As if this were the only one, and on: the others may be half filled in.
    pub(super) fn only(mut self, way: ReportWay) -> Self {
        for one in ReportWay::ALL {
            self.ways.set_on(one, one == way);
            if one != way {
                self.typed(one).clear();
            }
        }
        self
    }
    fn typed(&mut self, way: ReportWay) -> &mut String {
        match way {
            ReportWay::Mail => &mut self.mail_password,
            ReportWay::Slack => &mut self.slack_address,
            ReportWay::Webhook => &mut self.webhook_secret,
        }
    }
}

/// What the desk knows of a way besides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Since when it is on, ms UTC: what was due before is not made up for.
    since_ms: i64,
    /// When it was changed last, ms UTC.
    changed_ms: i64,
    /// Its secret is in the keychain.
    secret: bool,
}

/// As it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub ways: ReportWays,
    known: BTreeMap<ReportWay, Known>,
    /// A name for this desk in the names of deliveries.
    pub desk: String,
}

impl Kept {
    pub fn read(r: &Reader<'_>) -> Result<Self, StoreError> {
        let kept: Option<Self> = r.setting(WAYS_KEY)?;
        Ok(kept.unwrap_or_else(|| Self {
            ways: ReportWays { mail: MailWay { port: 587, ..MailWay::default() }, ..ReportWays::default() },
            ..Self::default()
        }))
    }
    fn known(&self, way: ReportWay) -> Known {
        self.known.get(&way).copied().unwrap_or_default()
    }
    /// Those that are on: since when, and when they were changed last, ms UTC.
    pub fn on(&self) -> Vec<(ReportWay, i64, i64)> {
        let on = ReportWay::ALL.into_iter().filter(|way| self.ways.is_on(*way));
        on.map(|way| (way, self.known(way).since_ms, self.known(way).changed_ms)).collect()
    }
    /// When a way was changed last, on or not, ms UTC.
    pub fn changed_ms(&self, way: ReportWay) -> i64 {
        self.known(way).changed_ms
    }
    /// Those whose secret is in the keychain.
    pub fn kept(&self) -> Vec<ReportWay> {
        ReportWay::ALL.into_iter().filter(|way| self.known(*way).secret).collect()
    }
    /// What was set by a clock that was ahead was set now; false: nothing was.
    pub fn bring_back(&mut self, now_ms: i64) -> bool {
        let mut any = false;
        for at_ms in self.known.values_mut().flat_map(|known| [&mut known.since_ms, &mut known.changed_ms]) {
            any |= ahead::bring_back(at_ms, now_ms);
        }
        any
    }
    pub fn forget(&mut self, way: ReportWay) {
        self.ways.set_on(way, false);
        self.known.entry(way).or_default().secret = false;
    }
    fn needs_secret(&self, way: ReportWay) -> bool {
        way != ReportWay::Mail || !self.ways.mail.user.is_empty()
    }
}

/// Where a way leads, as it may be shown.
pub(super) fn place(ways: &ReportWays, way: ReportWay) -> String {
    match way {
        ReportWay::Mail => ways.mail.recipients().join(", "),
        ReportWay::Slack => "the channel of the Slack webhook".to_owned(),
        ReportWay::Webhook => webhook::place(&ways.webhook.url),
    }
}

/// A form that makes sense, and the secrets that are new in it; else which field does not.
pub(super) fn checked(
    before: &Kept,
    mut draft: ReportWaysDraft,
    now_ms: i64,
) -> Answer<(Kept, Vec<(ReportWay, SecretString)>)> {
    let mut ways = draft.ways.clone();
    for text in
        [&mut ways.mail.server, &mut ways.mail.user, &mut ways.mail.from, &mut ways.mail.to, &mut ways.webhook.url]
    {
        *text = text.trim().to_owned();
    }
    let mut kept = Kept { ways, ..before.clone() };
    let mut secrets = Vec::new();
    for way in ReportWay::ALL {
        let typed = std::mem::take(draft.typed(way));
        // A password may begin with a space; what is pasted from a page ends in one.
        let typed = if way == ReportWay::Mail { typed } else { typed.trim().to_owned() };
        let new = (!typed.is_empty()).then(|| SecretString::from(typed));
        let on = kept.ways.is_on(way);
        if let Some(secret) = &new {
            check_secret(way, secret)?;
        }
        let moved = way == ReportWay::Mail && before.ways.mail.door() != kept.ways.mail.door();
        let was = before.known(way);
        let has = new.is_some() || (was.secret && !moved);
        if on {
            check(&kept.ways, way)?;
            if kept.needs_secret(way) && !has {
                return Err(missing(way, was.secret));
            }
        }
        let same = match way {
            ReportWay::Mail => before.ways.mail == kept.ways.mail,
            ReportWay::Slack => before.ways.slack == kept.ways.slack,
            ReportWay::Webhook => before.ways.webhook == kept.ways.webhook,
        };
        let since_ms = if before.ways.is_on(way) && on { was.since_ms } else { now_ms };
        let changed_ms = if same && new.is_none() { was.changed_ms } else { now_ms };
        kept.known.insert(way, Known { since_ms, changed_ms, secret: has });
        secrets.extend(new.map(|secret| (way, secret)));
    }
    Ok((kept, secrets))
}

fn missing(way: ReportWay, moved: bool) -> Trouble {
    let (what, field) = way.secret();
    let why = if moved {
        "The password in the keychain was given for another server or user, and is not shown to this one.".to_owned()
    } else {
        format!("The {what} is missing.")
    };
    Trouble::field(
        field,
        format!("{why} Enter it under Reports, Deliver; it is kept in the keychain of this computer only."),
    )
}

/// Whether what is set of a way can work.
fn check(ways: &ReportWays, way: ReportWay) -> Answer<()> {
    let refuse = |field: &str, why: String| Err(Trouble::field(field, why));
    match way {
        ReportWay::Mail => {
            let mail = &ways.mail;
            if mail.server.is_empty() {
                return refuse(
                    "mail_server",
                    "No mail server is set under Reports, Deliver. Name one, like smtp.example.org.".to_owned(),
                );
            }
            let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
            if !mail.server.chars().all(is_name) {
                return refuse(
                    "mail_server",
                    format!("\"{}\" is no name of a server. Write it like smtp.example.org.", mail.server),
                );
            }
            if mail.port == 0 {
                return refuse("mail_port", "Name the port: usually 587 for STARTTLS, 465 for TLS.".to_owned());
            }
            if mail.encryption == MailEncryption::None && !mail::is_here(&mail.server) {
                return refuse(
                    "mail_encryption",
                    "Without encryption only a server on this computer (localhost) is spoken to. Choose STARTTLS or TLS.".to_owned(),
                );
            }
            if let Some(why) = mail::address_trouble(&mail.from) {
                return refuse("mail_from", why);
            }
            let to = mail.recipients();
            if to.is_empty() {
                return refuse("mail_to", "Name at least one recipient.".to_owned());
            }
            if to.len() > RECIPIENTS_MAX {
                return refuse(
                    "mail_to",
                    format!(
                        "{} recipients are more than the {RECIPIENTS_MAX} a letter goes to. Use a list address.",
                        to.len()
                    ),
                );
            }
            to.iter().find_map(|one| mail::address_trouble(one)).map_or(Ok(()), |why| refuse("mail_to", why))
        }
        ReportWay::Slack => Ok(()),
        ReportWay::Webhook if ways.webhook.url.trim().is_empty() => refuse(
            "webhook_url",
            "No address is set under Reports, Deliver. Write it whole, like https://erp.example.com/quayside."
                .to_owned(),
        ),
        ReportWay::Webhook => {
            webhook::address_trouble(&ways.webhook.url).map_or(Ok(()), |why| refuse("webhook_url", why))
        }
    }
}

fn check_secret(way: ReportWay, secret: &SecretString) -> Answer<()> {
    let wrong = match way {
        ReportWay::Mail => None,
        ReportWay::Slack => slack::address_trouble(secret),
        ReportWay::Webhook => (secret.expose_secret().chars().count() < SIGNING_MIN).then(|| {
            format!("A secret shorter than {SIGNING_MIN} characters can be guessed. Make a long one by chance and set it on both sides.")
        }),
    };
    wrong.map_or(Ok(()), |why| Err(Trouble::field(way.secret().1, why)))
}

/// Whether a way can be used as it is kept.
pub(super) fn complete(kept: &Kept, way: ReportWay) -> Answer<()> {
    check(&kept.ways, way)?;
    if kept.needs_secret(way) && !kept.known(way).secret { Err(missing(way, false)) } else { Ok(()) }
}

/// The secret of a way from the keychain; empty where it needs none.
pub(super) async fn secret(room: &Room, ways: &ReportWays, way: ReportWay) -> Answer<SecretString> {
    if way == ReportWay::Mail && ways.mail.user.is_empty() {
        return Ok(SecretString::from(""));
    }
    let (what, _) = way.secret();
    let gone = || Trouble {
        code: TroubleCode::Keychain,
        sentence: format!(
            "The keychain of this computer does not hold the {what} any more. Enter it again under Reports, Deliver."
        ),
        field: None,
    };
    match secrets_of(room, &way.entry()).await {
        Ok(secrets) => secrets.get(SECRET).cloned().ok_or_else(gone),
        Err(trouble) if trouble.code == TroubleCode::Keychain => Err(trouble),
        Err(_) => Err(gone()),
    }
}

pub(super) async fn put_secret(room: &Room, way: ReportWay, secret: SecretString) -> Answer<()> {
    put_secrets(room, &way.entry(), Secrets::from([(SECRET.to_owned(), secret)])).await
}

pub(super) async fn forget_secret(room: &Room, way: ReportWay) -> Answer<()> {
    let secrets = room.secrets();
    apart(move || secrets.forget_secrets(&way.entry())).await
}
