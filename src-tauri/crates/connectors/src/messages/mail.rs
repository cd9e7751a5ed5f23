//! Letters by SMTP.
//!
//! One conversation per letter, step by step, so that a refusal says at which step it came: the way there, encryption,
//! sign-in, sender, recipient, the letter itself. Either all recipients get it or none does. Without encryption only
//! this computer is spoken to.

use super::{Undelivered, said};
use crate::redact::Unspoken;
use base64::Engine as _;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use quayside_model::{Cause, ExposeSecret, Refusal, SecretString};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::error::Error as StdError;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait until a server has greeted: one that waits for TLS on this port never does.
const GREETING_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest conversation: some servers look into every file before they answer.
const TALK_TIMEOUT: Duration = Duration::from_mins(3);
/// A server that is slow to say goodbye has taken the letter all the same.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// How the conversation is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MailEncryption {
    /// It begins in the open and changes to TLS before anything is said, usually port 587.
    #[default]
    StartTls,
    /// TLS from the first byte, usually port 465.
    Tls,
    /// None: for a server on this computer only.
    None,
}

/// A server that takes letters.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub encryption: MailEncryption,
    /// Who signs in; empty: nobody.
    pub user: String,
    /// With what.
    pub password: SecretString,
}

/// A letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Sender, `desk@example.org` or `Desk <desk@example.org>`.
    pub from: String,
    /// Recipients.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its name for good, without brackets: who has it already may put a second copy aside.
    pub message_id: String,
    /// Its date, ms UTC.
    pub date_ms: i64,
    /// To read anywhere.
    pub text: String,
    /// The same, set nicely; empty: the text alone.
    pub html: String,
    /// What is enclosed.
    pub files: Vec<Enclosed>,
}

/// A file in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Whether letters can be sent from and to this address; why not.
pub fn address_trouble(address: &str) -> Option<String> {
    let address = address.trim();
    // The name before an address may be folded over lines; nobody writes it so by accident.
    let is_line = !address.chars().any(char::is_control);
    match address.parse::<Mailbox>() {
        Ok(mailbox) if is_line && mailbox.email.to_string().is_ascii() => None,
        Ok(_) if is_line => {
            Some(format!("\"{address}\" has letters that many mail servers refuse. Write the address in plain ones."))
        }
        _ => Some(format!("\"{address}\" is no mail address. Write it like desk@example.org.")),
    }
}

/// A host name that is this computer.
pub fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// How far a conversation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connect,
    Encrypt,
    SignIn,
    Sender,
    Recipient(usize),
    Begin,
    /// The letter itself is on its way.
    Letter,
}

/// What ended a conversation.
enum Broke {
    Smtp(SmtpError),
    /// The server does not offer what this step needs.
    NotOffered,
    TimedOut,
}

impl From<SmtpError> for Broke {
    fn from(error: SmtpError) -> Self {
        Self::Smtp(error)
    }
}

/// A letter that did not get through, and what that says of the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Where the letter is, and why.
    pub undelivered: Undelivered,
    /// It is about this letter, its recipient or what it says: another one may pass.
    pub of_letter: bool,
    /// The server said that it may pass later.
    pub later: bool,
}

impl Failed {
    fn early(refusal: Refusal) -> Self {
        Self { undelivered: Undelivered::NotThere(refusal), of_letter: false, later: false }
    }
}

/// Brings a letter to a server.
pub async fn send(server: &MailServer, letter: &Letter) -> Result<(), Undelivered> {
    bring(server, letter).await.map_err(|failed| failed.undelivered)
}

/// Goes as far as the sign-in and says goodbye: nothing is sent.
pub async fn try_door(server: &MailServer) -> Result<(), Refusal> {
    refuse_open(server)?;
    let unspoken = Unspoken::new(secrets(server));
    let mut step = Step::Connect;
    let entering = async {
        let mut talk = enter(server, &mut step).await?;
        drop(tokio::time::timeout(GOODBYE_TIMEOUT, talk.quit()).await);
        Ok::<(), Broke>(())
    };
    let outcome = match tokio::time::timeout(TALK_TIMEOUT, entering).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Broke::TimedOut),
    };
    outcome.map_err(|broke| explain(server, "", &[], step, &broke, &unspoken).undelivered.refusal().clone())
}

/// Without encryption only this computer is spoken to.
fn refuse_open(server: &MailServer) -> Result<(), Refusal> {
    if server.encryption == MailEncryption::None && !is_here(&server.host) {
        return Err(Refusal::new(
            Cause::NotThePlatform,
            format!(
                "{} would be spoken to without encryption, which is done on this computer only. Choose STARTTLS or TLS.",
                server.host
            ),
        ));
    }
    Ok(())
}

/// [`send`], with what its failure says of other letters.
pub async fn bring(server: &MailServer, letter: &Letter) -> Result<(), Failed> {
    refuse_open(server).map_err(Failed::early)?;
    let unspoken = Unspoken::new(secrets(server));
    let message = compose(letter).map_err(|why| Failed {
        of_letter: true,
        ..Failed::early(Refusal::new(Cause::NotThePlatform, format!("The letter could not be written: {why}")))
    })?;
    let mut step = Step::Connect;
    let outcome = match tokio::time::timeout(TALK_TIMEOUT, talk(server, &message, &mut step)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Broke::TimedOut),
    };
    outcome.map_err(|broke| explain(server, &letter.from, &letter.to, step, &broke, &unspoken))
}

/// The password, and how it looks on its way: servers do repeat what they were told.
pub(crate) fn secrets(server: &MailServer) -> Vec<SecretString> {
    let (user, password) = (&server.user, server.password.expose_secret());
    let encoded = |text: &str| SecretString::from(base64::engine::general_purpose::STANDARD.encode(text));
    vec![server.password.clone(), encoded(password), encoded(&format!("\0{user}\0{password}"))]
}

fn compose(letter: &Letter) -> Result<lettre::Message, String> {
    let mailbox =
        |text: &str| text.trim().parse::<Mailbox>().map_err(|_| format!("\"{text}\" is no mail address. Mend it."));
    let date = SystemTime::UNIX_EPOCH + Duration::from_millis(letter.date_ms.max(0).unsigned_abs());
    let mut builder = lettre::Message::builder()
        .from(mailbox(&letter.from)?)
        .subject(letter.subject.replace(['\r', '\n'], " "))
        .message_id(Some(format!("<{}>", letter.message_id)))
        .date(date);
    for to in &letter.to {
        builder = builder.to(mailbox(to)?);
    }
    if letter.html.is_empty() && letter.files.is_empty() {
        return builder.singlepart(SinglePart::plain(letter.text.clone())).map_err(|error| error.to_string());
    }
    let mut parts =
        MultiPart::mixed().multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()));
    for file in &letter.files {
        let media = ContentType::parse(file.media).map_err(|error| error.to_string())?;
        let part: SinglePart = Attachment::new(file.name.clone()).body(file.bytes.clone(), media);
        parts = parts.singlepart(part);
    }
    builder.multipart(parts).map_err(|error| error.to_string())
}

/// The way there, encryption and sign-in.
async fn enter(server: &MailServer, step: &mut Step) -> Result<AsyncSmtpConnection, Broke> {
    let name = ClientId::default();
    let tls = || TlsParameters::new(server.host.clone());
    let at_once = if server.encryption == MailEncryption::Tls { Some(tls()?) } else { None };
    let place = (server.host.as_str(), server.port);
    let greeting = AsyncSmtpConnection::connect_tokio1(place, Some(CONNECT_TIMEOUT), &name, at_once, None);
    let mut talk = tokio::time::timeout(GREETING_TIMEOUT, greeting).await.map_err(|_| Broke::TimedOut)??;
    if server.encryption == MailEncryption::StartTls {
        *step = Step::Encrypt;
        if !talk.can_starttls() {
            return Err(Broke::NotOffered);
        }
        talk.starttls(tls()?, &name).await?;
    }
    if !server.user.is_empty() {
        *step = Step::SignIn;
        let ways = [Mechanism::Plain, Mechanism::Login];
        if talk.server_info().get_auth_mechanism(&ways).is_none() {
            return Err(Broke::NotOffered);
        }
        let password = server.password.expose_secret().to_owned();
        talk.auth(&ways, &Credentials::new(server.user.clone(), password)).await?;
    }
    Ok(talk)
}

async fn talk(server: &MailServer, message: &lettre::Message, step: &mut Step) -> Result<(), Broke> {
    let mut talk = enter(server, step).await?;
    *step = Step::Sender;
    let envelope = message.envelope();
    talk.command(Mail::new(envelope.from().cloned(), Vec::new())).await?;
    for (at, to) in envelope.to().iter().enumerate() {
        *step = Step::Recipient(at);
        talk.command(Rcpt::new(to.clone(), Vec::new())).await?;
    }
    *step = Step::Begin;
    talk.command(Data).await?;
    *step = Step::Letter;
    talk.message(&message.formatted()).await?;
    // It is taken; what comes of a goodbye changes nothing.
    drop(tokio::time::timeout(GOODBYE_TIMEOUT, talk.quit()).await);
    Ok(())
}

/// It was the encryption that failed. A handshake ends in an error of reading, with the reason inside; how deep, the
/// client decides.
fn is_tls(error: &SmtpError) -> bool {
    let mut causes: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(cause) = causes {
        let read = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(read, Some(ErrorKind::InvalidData | ErrorKind::UnexpectedEof)) {
            return true;
        }
        causes = cause.source();
    }
    error.is_tls()
}

/// The sentence for a conversation that broke.
fn explain(server: &MailServer, from: &str, to: &[String], step: Step, broke: &Broke, unspoken: &Unspoken) -> Failed {
    let host = &server.host;
    // A number from the server is its own refusal; anything else happened on the way.
    let (code, tls, words) = match broke {
        Broke::Smtp(error) => {
            let words = error.source().map(ToString::to_string).unwrap_or_default();
            (error.status().map(|code| code.to_string().parse::<u16>().unwrap_or(0)), is_tls(error), words)
        }
        Broke::NotOffered => (None, false, String::new()),
        Broke::TimedOut => (None, false, "no answer in time".to_owned()),
    };
    let later = code.is_some_and(|code| (400..500).contains(&code));
    let (cause, what) = match (step, code) {
        (Step::Connect | Step::Encrypt, None) if tls => (
            Cause::NotThePlatform,
            format!(
                "{host} could not be spoken to by TLS on port {}: its certificate is not trusted here, or this port is not encrypted so. \
                 TLS is usually port 465 and STARTTLS port 587; check both with whoever runs the server.",
                server.port
            ),
        ),
        (Step::Connect, None) => (
            Cause::Offline,
            format!(
                "The mail server {host} does not answer on port {}. Check its name and port (587 for STARTTLS, 465 for TLS) and the network.",
                server.port
            ),
        ),
        (Step::Encrypt, _) => (
            Cause::NotThePlatform,
            format!(
                "The mail server {host} offers no STARTTLS on port {}, and nothing is sent unencrypted. Choose TLS (usually port 465), or the port its provider names for STARTTLS.",
                server.port
            ),
        ),
        (Step::SignIn, _) if matches!(broke, Broke::NotOffered) => (
            Cause::SignInNeeded,
            format!(
                "The mail server {host} takes no sign-in with a password on port {}. Check the port, or leave the user empty if it wants none.",
                server.port
            ),
        ),
        (Step::SignIn, Some(_)) if !later => (
            Cause::SignInNeeded,
            format!(
                "The mail server {host} does not let {} in. Enter user and password anew; many providers want an app password made for this, instead of the usual one.",
                server.user
            ),
        ),
        (Step::Sender, Some(530 | 534)) => (
            Cause::SignInNeeded,
            format!("The mail server {host} wants a sign-in before it takes letters. Enter user and password."),
        ),
        (Step::Sender, Some(_)) if !later => (
            Cause::ScopeMissing,
            format!(
                "The mail server {host} takes no letters from {from}. Send from an address that belongs to the user who signs in."
            ),
        ),
        (Step::Recipient(at), Some(_)) if !later => (
            Cause::ScopeMissing,
            format!(
                "The mail server {host} takes no letters for {}. Correct or remove that address; nobody got this one.",
                to.get(at).map_or("a recipient", String::as_str)
            ),
        ),
        (Step::Begin | Step::Letter, Some(552 | 523)) => (
            Cause::ScopeMissing,
            format!("The letter is too large for the mail server {host}. Choose fewer formats or reports for it."),
        ),
        (_, Some(_)) if later => (
            Cause::PlatformTrouble,
            format!("The mail server {host} asks to come again later. Nothing has to be done unless that goes on."),
        ),
        (_, Some(_)) => (
            Cause::PlatformTrouble,
            format!("The mail server {host} refused the letter. Ask whoever runs it what its words mean."),
        ),
        (Step::Letter, None) => (
            Cause::Offline,
            format!(
                "The letter left for {host}, and no answer came. It is sent again under the same Message-ID, by which a mailbox knows a second copy."
            ),
        ),
        (_, None) => (
            Cause::Offline,
            format!(
                "The conversation with the mail server {host} broke off before the letter was sent. Check the network."
            ),
        ),
    };
    let refusal = said(Refusal::new(cause, unspoken.cleaned(&what)), unspoken, &words).about(host);
    let undelivered = if step == Step::Letter && code.is_none() {
        Undelivered::Unsure(refusal)
    } else {
        Undelivered::NotThere(refusal)
    };
    let of_letter = matches!(step, Step::Recipient(_) | Step::Begin | Step::Letter) && code.is_some();
    Failed { undelivered, of_letter, later }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
