//! Mail to buyers: a mail server of the merchant's own, as an account that takes messages.
//!
//! It reads nothing and performs one thing. A letter has a name for good, made of its effect's key. Once it was handed
//! over and no answer came, nobody can say whether it arrived, and a mail server cannot be asked: it is not sent again
//! by itself, and a person is told so. The conversation itself is [`crate::messages::mail`]'s.
//!
//! Left out: what the letter says, to whom one may write, and reading what comes back.

mod quiet;

#[cfg(test)]
mod tests;

use crate::connector::FieldProblem;
use crate::discreet::discreet;
use crate::messages::Undelivered;
use crate::messages::mail::{self, Failed, Letter, MailEncryption, MailServer};
use crate::redact::Unspoken;
use crate::{Ask, BucketState, Budget, Connector, Platform, Priority, ReadError, Setup, Task, fields};
use async_trait::async_trait;
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Account, BuyerMessage, Cause, CheckState, Clock, Confirmation, CredentialField, Declaration, FieldShape, Incoming,
    Intent, IntentKind, Lifetime, Page, Preflight, PreflightCheck, Price, Receipt, RecordKind, Refusal, Role,
    SecretString, Take, Verdict, Way,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

const SERVER: &str = "server";
const PORT: &str = "port";
const USER: &str = "user";
const PASSWORD: &str = "password";
const FROM: &str = "from";

/// Ways to speak to it.
const STARTTLS: &str = "starttls";
const TLS: &str = "tls";
const HERE: &str = "here";

/// Letters a minute: providers close the account of who sends many at once.
const BUCKET: &str = "letters";
const LETTERS_MAX: f64 = 20.0;

const FIELD_SERVER: CredentialField = CredentialField {
    name: SERVER,
    label: "Mail server",
    help: "The name of the server for outgoing mail, as your mail provider's help gives it.",
    placeholder: "smtp.example.org",
    secret: false,
    optional: false,
    shape: FieldShape::Host,
};
const FIELD_PORT: CredentialField = CredentialField {
    name: PORT,
    label: "Port",
    help: "Leave it empty for the usual one: 587 for STARTTLS, 465 for TLS.",
    placeholder: "587",
    secret: false,
    optional: true,
    shape: FieldShape::Text,
};
const FIELD_USER: CredentialField = CredentialField {
    name: USER,
    label: "User",
    help: "Who signs in, often the mail address. Empty for a server that wants no sign-in.",
    placeholder: "orders@harbour.example",
    secret: false,
    optional: true,
    shape: FieldShape::Text,
};
const FIELD_PASSWORD: CredentialField = CredentialField {
    name: PASSWORD,
    label: "Password",
    help: "Many providers want an app password made for this, instead of the usual one.",
    placeholder: "paste the password",
    secret: true,
    optional: true,
    shape: FieldShape::Text,
};
const FIELD_FROM: CredentialField = CredentialField {
    name: FROM,
    label: "Sender",
    help: "What buyers see, and where their answers go. The server must let the user send from it.",
    placeholder: "Harbour Goods <orders@harbour.example>",
    secret: false,
    optional: false,
    shape: FieldShape::Text,
};

const FIELDS: &[CredentialField] = &[FIELD_FROM, FIELD_SERVER, FIELD_PORT, FIELD_USER, FIELD_PASSWORD];

/// What it says about itself.
pub static DECLARATION: Declaration = Declaration {
    platform: "smtp_mail",
    title: "Mail (SMTP)",
    roles: &[Role::Messages],
    summary: "Your own mail server. Buyers are written to through it when something goes wrong with their order; nothing is read.",
    ways: &[
        Way {
            id: STARTTLS,
            title: "STARTTLS (usual)",
            steps: &[
                "Look up \"SMTP\" or \"outgoing mail\" in your mail provider's help: server, port and user stand there.",
                "Make an app password for Quayside where the provider has such a thing.",
                "Test the connection: it signs in and sends nothing.",
            ],
            fields: FIELDS,
        },
        Way {
            id: TLS,
            title: "TLS from the first byte",
            steps: &[
                "Choose this where the provider names port 465, or \"SSL/TLS\".",
                "Enter server, user and an app password. The test signs in and sends nothing.",
            ],
            fields: FIELDS,
        },
        Way {
            id: HERE,
            title: "A server on this computer",
            steps: &[
                "For a mail server that runs on this computer and is spoken to without encryption. Name its port.",
            ],
            fields: FIELDS,
        },
    ],
    streams: &[],
    performs: &[IntentKind::TellBuyer],
    batch_max: &[],
    prices: &[Price::new(None, &[Take { bucket: BUCKET, cost: 1.0 }])],
    choices: &[],
    refunds: None,
    customer_keys: &[],
    badges: &[],
    personal_data_days: None,
    tells_delivery: false,
    no_buyer_mail: None,
    keeps: &[],
    api: &[],
    lasting: &[(STARTTLS, Lifetime::Untold), (TLS, Lifetime::Untold), (HERE, Lifetime::Untold)],
    settings: &[],
};

/// Its entry in the registry.
pub const PLATFORM: Platform = Platform::new(&DECLARATION, check_fields, open);

fn encryption_of(way: &str) -> MailEncryption {
    match way {
        TLS => MailEncryption::Tls,
        HERE => MailEncryption::None,
        _ => MailEncryption::StartTls,
    }
}

fn usual_port(way: &str) -> u16 {
    match way {
        TLS => 465,
        HERE => 25,
        _ => 587,
    }
}

fn check_fields(
    way: &str,
    filled: &BTreeMap<String, String>,
    _stand_in: bool,
) -> Result<BTreeMap<String, String>, Vec<FieldProblem>> {
    let Some(way) = DECLARATION.ways.iter().find(|known| known.id == way) else {
        let ways: Vec<&str> = DECLARATION.ways.iter().map(|way| way.id).collect();
        let sentence =
            format!("There is no way to a mail server called \"{way}\". Choose one of: {}.", ways.join(", "));
        return Err(vec![FieldProblem { field: "way".into(), sentence }]);
    };
    let mut cleaned = fields::clean(way, filled);
    // A password may begin or end with what cleaning takes away.
    if let Some(typed) = filled.get(PASSWORD) {
        cleaned.insert(PASSWORD.to_owned(), typed.clone());
    }
    let mut problems = fields::missing(way, &cleaned);
    let text = |name: &str| cleaned.get(name).map_or("", String::as_str);
    let mut problem = |field: &str, sentence: String| problems.push(FieldProblem { field: field.to_owned(), sentence });
    let server = text(SERVER);
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    if !server.chars().all(is_name) {
        problem(SERVER, format!("\"{server}\" is no name of a server. Write it like smtp.example.org."));
    } else if way.id == HERE && !server.is_empty() && !mail::is_here(server) {
        problem(
            SERVER,
            "Without encryption only a server on this computer (localhost) is spoken to. Choose STARTTLS or TLS."
                .into(),
        );
    }
    if !text(PORT).is_empty() && !text(PORT).parse::<u16>().is_ok_and(|port| port > 0) {
        problem(PORT, format!("\"{}\" is no port. Write 587 or 465, or leave it empty.", text(PORT)));
    }
    if !text(USER).is_empty() && text(PASSWORD).is_empty() {
        problem(PASSWORD, "Who signs in needs a password. Enter it, or leave the user empty.".into());
    }
    if !text(FROM).is_empty()
        && let Some(why) = mail::address_trouble(text(FROM))
    {
        problem(FROM, why);
    }
    if problems.is_empty() { Ok(cleaned) } else { Err(problems) }
}

/// Makes a connector. Sends nothing.
#[allow(clippy::unnecessary_wraps)] // the shape of every platform's entry
fn open(setup: Setup) -> Result<Arc<dyn Connector>, Refusal> {
    let now_ms = setup.clock.now_ms();
    let (config, text) =
        (&setup.config, |name: &str| setup.config.fields.get(name).map_or("", String::as_str).trim().to_owned());
    let server = MailServer {
        host: text(SERVER),
        port: text(PORT).parse().unwrap_or_else(|_| usual_port(&config.way)),
        encryption: encryption_of(&config.way),
        user: text(USER),
        password: setup.secrets.get(PASSWORD).cloned().unwrap_or_else(|| SecretString::from("")),
    };
    let bucket = BucketState {
        name: BUCKET.into(),
        unit: "letters".into(),
        capacity: LETTERS_MAX,
        level: LETTERS_MAX,
        per_second: 0.0,
        window_ms: MINUTE_MS,
        window_ends_ms: now_ms,
        as_of_ms: now_ms,
        blocked_until_ms: 0,
    };
    let from = text(FROM);
    let unspoken = Unspoken::new(mail::secrets(&server));
    let post = Post { server, from, clock: setup.clock, budget: Budget::new(setup.buckets, vec![bucket]) };
    Ok(discreet(post, unspoken))
}

struct Post {
    server: MailServer,
    from: String,
    clock: Arc<dyn Clock>,
    budget: Budget,
}

/// The part of an address that names its house.
fn domain(from: &str) -> String {
    let domain = from.rsplit('@').next().unwrap_or_default().trim_end_matches('>').trim();
    if domain.is_empty() { "quayside.invalid".to_owned() } else { domain.to_ascii_lowercase() }
}

/// A letter's name: the same for one effect for good, and it names neither order nor buyer.
fn message_id(key: &str, from: &str) -> String {
    let mut name = String::from("told.");
    for byte in Sha256::digest(key.as_bytes()).iter().take(16) {
        // Writing to a String does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    format!("{name}@{}", domain(from))
}

/// Handed over, and nobody answered: nothing can be asked about it.
fn unsure(host: &str) -> Refusal {
    Refusal::new(
        Cause::BuyerNotTold,
        format!(
            "The message to the buyer left for {host}, and no answer came: it may have been sent. It is not sent again by itself. \
             Look into the sent mail of that account: retry it if it is not there, or give it up."
        ),
    )
    .about(host)
}

impl Post {
    async fn tell(&self, task: &Task<'_>, message: &BuyerMessage) -> Verdict {
        let (now_ms, host) = (self.clock.now_ms(), &self.server.host);
        let refuse = |sentence: String| Verdict::NeedsPerson(Refusal::new(Cause::BuyerNotTold, sentence).about(host));
        if message.to.trim().is_empty() || message.body.trim().is_empty() {
            return refuse(
                "There is nobody to write to any more: the buyer's data was taken out. Give this message up.".into(),
            );
        }
        if mail::address_trouble(&message.to).is_some() {
            return refuse(
                "The buyer's mail address is not one that can be written to. Tell the buyer in another way, and give this message up."
                    .into(),
            );
        }
        if let Some((quiet, at_ms)) =
            message.quiet.as_ref().and_then(|quiet| Some((quiet, quiet::ends_ms(quiet, now_ms)?)))
        {
            let why =
                format!("It is night where the buyer is (by the clock of {}): it leaves in the morning.", quiet.zone);
            return Verdict::WaitUntil { at_ms, why };
        }
        if let Err(at_ms) = self.budget.spend(BUCKET, 1.0, task.priority, now_ms) {
            let why =
                "Mail leaves a few letters at a time, so that your provider does not take it for spam.".to_owned();
            return Verdict::WaitUntil { at_ms, why };
        }
        let letter = Letter {
            from: self.from.clone(),
            to: vec![message.to.clone()],
            subject: message.subject.clone(),
            message_id: message_id(task.key, &self.from),
            date_ms: now_ms,
            text: message.body.clone(),
            html: String::new(),
            files: Vec::new(),
        };
        match mail::bring(&self.server, &letter).await {
            Ok(()) => Verdict::Done(Receipt { remote_id: Some(letter.message_id), ..Receipt::default() }),
            Err(failed) => self.verdict(failed),
        }
    }

    /// A server's own words come without addresses; its sentences about a recipient give way to one that names nobody.
    fn verdict(&self, failed: Failed) -> Verdict {
        let host = &self.server.host;
        let quoted = failed.undelivered.refusal().said.clone().unwrap_or_default();
        let refusal = match failed.undelivered {
            Undelivered::Unsure(_) => return Verdict::NeedsPerson(unsure(host).said(quoted)),
            Undelivered::NotThere(refusal) => refusal,
        };
        let of_letter =
            |sentence: String| Refusal::new(Cause::BuyerNotTold, sentence).said(quoted.as_str()).about(host);
        match (failed.of_letter, failed.later) {
            (true, true) => Verdict::RetryLater(of_letter(format!(
                "The mail server {host} does not take the message to this buyer yet and asks to come again later. Nothing has to be done unless that goes on."
            ))),
            (true, false) => Verdict::NeedsPerson(of_letter(format!(
                "The mail server {host} does not take the message to this buyer: the address does not exist, or the message was refused. The buyer was not told. Tell the buyer in another way, and give this message up; or retry it."
            ))),
            (false, _) if refusal.cause == Cause::SignInNeeded => Verdict::SignInAgain(refusal),
            (false, _) => Verdict::RetryLater(refusal),
        }
    }
}

#[async_trait]
impl Connector for Post {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    async fn preflight(&self) -> Preflight {
        let check = |state, detail: String, disables: &[&str]| PreflightCheck {
            title: "Reach the mail server and sign in".into(),
            state,
            detail,
            disables: disables.iter().map(|text| (*text).to_owned()).collect(),
        };
        let MailServer { host, port, .. } = &self.server;
        if let Err(refusal) = mail::try_door(&self.server).await {
            let check = check(CheckState::Missing, refusal.to_string(), &["everything"]);
            return Preflight { account: None, checks: vec![check] };
        }
        let from = self.from.clone();
        let address = from.rsplit('<').next().unwrap_or(&from).trim_end_matches('>').trim().to_lowercase();
        let account = Account { remote_id: format!("{address} at {host}:{port}"), name: from, ..Account::default() };
        let detail = format!("{host} answers on port {port} and lets you in. Nothing was sent.");
        Preflight { account: Some(account), checks: vec![check(CheckState::Works, detail, &[])] }
    }

    async fn read(&self, ask: &Ask<'_>) -> Result<Page, ReadError> {
        Err(ReadError::Refused(nothing_to_read(ask.stream)))
    }

    async fn read_one(
        &self,
        kind: RecordKind,
        _remote_id: &str,
        _priority: Priority,
    ) -> Result<Option<Incoming>, ReadError> {
        Err(ReadError::Refused(nothing_to_read(kind.code())))
    }

    async fn perform(&self, tasks: &[Task<'_>]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(tasks.len());
        for task in tasks {
            verdicts.push(match task.intent {
                Intent::TellBuyer { message } => self.tell(task, message).await,
                other => Verdict::NeedsPerson(Refusal::new(
                    Cause::ScopeMissing,
                    format!("A mail server cannot {}. Give this change up.", other.kind().phrase()),
                )),
            });
        }
        verdicts
    }

    async fn confirm(&self, _task: &Task<'_>) -> Confirmation {
        Confirmation::Overtaken(unsure(&self.server.host))
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

fn nothing_to_read(what: &str) -> Refusal {
    Refusal::new(Cause::ScopeMissing, format!("A mail server is not read: it has no {what}."))
}
