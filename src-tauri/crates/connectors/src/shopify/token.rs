//! The access token: given once (`shpat_…`), or fetched with the app's id and secret and renewed in time.
//!
//! A fetched token lives in memory only. It is worthless after a day, and asking
//! again costs one call; the keychain holds what it is made from.

use quayside_model::time::{HOUR_MS, SECOND_MS};
use quayside_model::{ExposeSecret, SecretString};
use serde_json::Value;

/// A token and its end.
#[derive(Clone)]
pub struct Token {
    /// The token.
    pub value: SecretString,
    /// Renew at, ms UTC; `None` for tokens that do not end.
    pub renew_at_ms: Option<i64>,
}

impl Token {
    /// Still good at `now_ms`.
    pub fn is_fresh(&self, now_ms: i64) -> bool {
        self.renew_at_ms.is_none_or(|at| now_ms < at)
    }
    /// It is this one.
    pub fn is(&self, other: &SecretString) -> bool {
        self.value.expose_secret() == other.expose_secret()
    }
}

/// The form body of a token request.
pub fn form(client_id: &str, client_secret: &SecretString) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client_id)
        .append_pair("client_secret", client_secret.expose_secret())
        .finish()
        .into_bytes()
}

/// Reads a token answer. Renewal is due an hour before the end, or a tenth of its life before for short ones.
pub fn read(body: &[u8], now_ms: i64) -> Option<Token> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let value = body.get("access_token")?.as_str().filter(|text| !text.is_empty())?;
    let life_ms =
        body.get("expires_in").and_then(Value::as_f64).filter(|s| *s > 0.0).map(|s| (s * SECOND_MS as f64) as i64);
    Some(Token {
        value: SecretString::from(value),
        renew_at_ms: life_ms.map(|life| now_ms.saturating_add(life - HOUR_MS.min(life / 10))),
    })
}

/// What the token endpoint's refusals mean: word in the answer, and a sentence.
pub const REFUSALS: &[(&str, &str)] = &[
    (
        "shop_not_permitted",
        "The app and the store belong to different organisations. The app has to be made in the organisation that owns the store.",
    ),
    (
        "app_not_installed",
        "The app is not installed in this store. In the Dev Dashboard: release a version with its permissions, then install it.",
    ),
    ("application_cannot_be_found", "Shopify does not know this client ID. Copy it again from the app's settings."),
    ("invalid_client", "Client ID and client secret do not belong together. Copy both again from the app's settings."),
    (
        "invalid_request",
        "Shopify did not accept the client ID or the client secret. Copy both again from the app's settings.",
    ),
    (
        "unsupported_grant_type",
        "This app cannot sign in by itself. Make it in the Dev Dashboard, or use an access token.",
    ),
];

/// The sentence for a refused token request.
pub fn refusal_sentence(words: &str) -> &'static str {
    let words = words.to_ascii_lowercase();
    REFUSALS.iter().find(|(word, _)| words.contains(word) || words.contains(&word.replace('_', " "))).map_or(
        "Shopify did not accept the client ID and client secret. Copy both again from the app's settings.",
        |(_, sentence)| sentence,
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let read = |life: &str| {
            read(format!(r#"{{"access_token":"t","scope":"a,b","expires_in":{life}}}"#).as_bytes(), 1_000).unwrap()
        };
        assert_eq!(read("86399").renew_at_ms, Some(1_000 + 86_399_000 - HOUR_MS));
        assert_eq!(read("60").renew_at_ms, Some(1_000 + 54_000));
        assert_eq!(read("null").renew_at_ms, None);
        // A number no clock reaches is no reason to fall over.
        for endless in ["1e300", "18446744073709551615"] {
            assert!(read(endless).renew_at_ms.unwrap() > i64::MAX - 2 * HOUR_MS, "{endless}");
        }
        assert!(read("60").is_fresh(54_999) && !read("60").is_fresh(55_000));
        assert!(super::read(b"<html>", 0).is_none());
        assert!(super::read(br#"{"access_token":""}"#, 0).is_none());
    }

    #[test]
    fn secrets_are_encoded_not_concatenated() {
        let body = form("id&x", &SecretString::from("a+b=c&d"));
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "grant_type=client_credentials&client_id=id%26x&client_secret=a%2Bb%3Dc%26d"
        );
    }
}
