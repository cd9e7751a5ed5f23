//! What may be repeated of a platform's words: no secrets, no e-mail addresses, no long walls of text.
//!
//! Platforms echo what they were sent ("invalid API key shpat_…", "customer jane@…
//! is …"). Whatever ends up in [`quayside_model::Refusal::said`] passes [`quotable`];
//! and whatever leaves a connector at all passes [`Unspoken::cleaned`] (`discreet.rs`).

use quayside_model::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock};

/// Longest quotation, in characters: enough for a sentence, not for a page.
pub const SAID_MAX: usize = 300;

/// Shortest secret worth hiding. Anything shorter would blank ordinary words.
const SECRET_MIN: usize = 6;

/// So much of a longer secret is one too: quotations are cut. More than any part that is no secret (a Salesforce token
/// begins with the org's id, 15 characters, which is in many a sentence).
const SECRET_HEAD: usize = 20;

/// What stands in a secret's place.
const HIDDEN: &str = "•••";

/// The texts one connection must never repeat: those of the keychain, and tokens fetched since. Copies are one list.
#[derive(Clone, Default)]
pub struct Unspoken(Arc<RwLock<Vec<SecretString>>>);

impl Unspoken {
    /// These.
    pub fn new(secrets: Vec<SecretString>) -> Self {
        Self(Arc::new(RwLock::new(secrets)))
    }

    /// And this one.
    pub fn add(&self, secret: SecretString) {
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !secrets.iter().any(|known| known.expose_secret() == secret.expose_secret()) {
            secrets.push(secret);
        }
    }

    /// See [`quotable`].
    pub fn quotable(&self, text: &str) -> String {
        quotable(text, &self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// `text` as it is, without the secrets.
    pub fn cleaned<'t>(&self, text: &'t str) -> Cow<'t, str> {
        without(text, &self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `text` in one line, without any of `secrets`, without e-mail addresses, cut at [`SAID_MAX`] characters.
pub fn quotable(text: &str, secrets: &[SecretString]) -> String {
    let text = without(text, secrets);
    let words: Vec<&str> =
        text.split_whitespace().map(|word| if looks_like_mail(word) { "•••@•••" } else { word }).collect();
    let line = words.join(" ");
    if line.chars().count() <= SAID_MAX {
        return line;
    }
    let mut cut: String = line.chars().take(SAID_MAX).collect();
    cut.push('…');
    cut
}

/// `text` without any of `secrets`, nor their form in an address. Large and small letters are one: a host name that
/// was made of a secret comes back in small ones.
fn without<'t>(text: &'t str, secrets: &[SecretString]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets.iter().map(ExposeSecret::expose_secret).filter(|s| s.chars().count() >= SECRET_MIN) {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [Some(secret), Some(encoded.as_str()).filter(|form| *form != secret)].into_iter().flatten() {
            if let Some(cleaned) = replaced(&text, form) {
                text = Cow::Owned(cleaned);
            }
        }
    }
    text
}

/// `None` if it is not in there.
fn replaced(text: &str, secret: &str) -> Option<String> {
    // Same length, same places: only ASCII letters change.
    let (small, wanted) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let head = wanted.char_indices().nth(SECRET_HEAD).map_or(wanted.as_str(), |(end, _)| &wanted[..end]);
    let mut out = String::new();
    let mut from = 0;
    while let Some(at) = small[from..].find(head).map(|at| from + at) {
        out.push_str(&text[from..at]);
        out.push_str(HIDDEN);
        let alike = small[at..].chars().zip(wanted.chars()).take_while(|(here, there)| here == there);
        from = at + alike.map(|(here, _)| here.len_utf8()).sum::<usize>();
    }
    (from > 0).then(|| out + &text[from..])
}

fn looks_like_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !word.starts_with("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_addresses_stay_out() {
        let secrets = [
            SecretString::from("shpat_canary0123"),
            SecretString::from("abc"),
            SecretString::from("Atzr|é/9"),
            SecretString::from("00D5Q0000000002!G6af0blnFry6BGnz"),
        ];
        for (text, expected) in [
            ("Invalid API key shpat_canary0123.", "Invalid API key •••."),
            ("customer jane@example.org is\n unknown", "customer •••@••• is unknown"),
            ("abc is too short to hide", "abc is too short to hide"),
            ("look at https://x.example/@y.z", "look at https://x.example/@y.z"),
            ("shpat_canary0123shpat_canary0123", "••••••"),
            ("no host SHPAT_canary0123.example", "no host •••.example"),
            ("cut: 00D5Q0000000002!G6af0bln\", org 00D5Q0000000002", "cut: •••\", org 00D5Q0000000002"),
            ("ü Atzr|é/9, /x?t=Atzr%7C%C3%A9%2F9 ü", "ü •••, /x?t=••• ü"),
        ] {
            assert_eq!(quotable(text, &secrets), expected);
        }
    }

    #[test]
    fn a_page_becomes_a_sentence() {
        let quoted = quotable(&"é".repeat(1000), &[]);
        assert_eq!(quoted.chars().count(), SAID_MAX + 1);
    }
}
