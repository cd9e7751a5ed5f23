//! Login with Amazon: a refresh token becomes an access token for an hour. Pure; the client sends it.

use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{ExposeSecret, SecretString};
use serde_json::Value;

/// A token is renewed this long before its end.
const MARGIN_MS: i64 = 2 * MINUTE_MS;

/// An access token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token.
    pub value: SecretString,
    /// Fetch another from this moment on, ms UTC.
    pub renew_at_ms: i64,
}

/// The form of a refresh.
pub fn form(client_id: &str, client_secret: &SecretString, refresh_token: &SecretString) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", refresh_token.expose_secret())
        .append_pair("client_id", client_id)
        .append_pair("client_secret", client_secret.expose_secret())
        .finish()
        .into_bytes()
}

/// The token in an answer.
pub fn read(body: &[u8], now_ms: i64) -> Option<Token> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let value = body.get("access_token")?.as_str().filter(|token| !token.is_empty())?;
    let life_s = body.get("expires_in").and_then(Value::as_i64).filter(|life| *life > 0).unwrap_or(3600);
    let renew_at_ms = now_ms.saturating_add((life_s.saturating_mul(SECOND_MS) - MARGIN_MS).max(10 * SECOND_MS));
    Some(Token { value: SecretString::from(value), renew_at_ms })
}

/// What a refusal of the sign-in means, by its `error` word.
pub fn refusal_sentence(word: &str) -> &'static str {
    match word {
        "invalid_grant" => {
            "Amazon does not accept the refresh token. Authorise the app again in Seller Central (Apps and Services, Develop Apps, Authorize) and paste the new token."
        }
        "invalid_client" => {
            "Amazon does not accept the client identifier with this secret. A secret ends 180 days after it was made: make a new one in Seller Central and paste it; the refresh token stays valid."
        }
        "unauthorized_client" => {
            "This refresh token belongs to another app. Paste client identifier, secret and refresh token of one and the same app."
        }
        _ => "Amazon refused the sign-in.",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let token = read(br#"{"access_token":"Atza|x","token_type":"bearer","expires_in":3600}"#, 0).unwrap();
        assert_eq!((token.value.expose_secret(), token.renew_at_ms), ("Atza|x", 3_480_000));
        assert!(read(br#"{"error":"invalid_grant"}"#, 0).is_none());
        assert!(read(b"<html>", 0).is_none());
    }

    #[test]
    fn a_token_for_ever_is_one_for_ever() {
        let read = |life: &str| {
            read(format!(r#"{{"access_token":"Atza|x","expires_in":{life}}}"#).as_bytes(), 1_000).unwrap().renew_at_ms
        };
        assert!(read("9223372036854775807") > i64::MAX - 2 * MARGIN_MS);
        // What is no life at all counts as the usual hour.
        for odd in ["-9223372036854775808", "1e300", "0", "\"soon\""] {
            assert_eq!(read(odd), 1_000 + 3_480_000, "{odd}");
        }
    }

    #[test]
    fn secrets_survive_the_form() {
        let form = form("id", &SecretString::from("a&b"), &SecretString::from("Atzr|=+"));
        let text = String::from_utf8(form).unwrap();
        assert!(text.contains("client_secret=a%26b") && text.contains("refresh_token=Atzr%7C%3D%2B"), "{text}");
    }
}
