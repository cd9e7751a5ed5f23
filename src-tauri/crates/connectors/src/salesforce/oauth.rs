//! Signing in: the pure parts. Addresses, forms, and what came back.
//!
//! Two ways. In the browser: authorization code with PKCE, a public client, so
//! nothing secret is in the program; the merchant's admin makes the app in their own
//! org and types its consumer key in. Unattended: client credentials.
//!
//! Salesforce compares redirect addresses character by character and refuses
//! `127.0.0.1` in them, so the ports are fixed and the name is `localhost`. Listening
//! and opening the browser belong to the edge; this file only says where.

use crate::connector::{BrowserVisit, Fields};
use base64::Engine as _;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use quayside_model::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;

/// Ports one of which is free; all three are registered with the app.
pub const PORTS: &[u16] = &[17_817, 27_817, 37_817];
/// Path of the redirect address.
pub const PATH: &str = "/oauth/salesforce";
/// What is asked for: the API, a sign-in that lasts, and who the user is.
pub const SCOPES: &[&str] = &["api", "refresh_token", "openid"];
/// Production's common sign-in host.
pub const PRODUCTION: &str = "login.salesforce.com";
/// Sandboxes' common sign-in host.
pub const SANDBOX: &str = "test.salesforce.com";

/// A token answer.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// Opens the API.
    pub access_token: SecretString,
    /// Renews the above; present where it was made or replaced.
    pub refresh_token: Option<SecretString>,
    /// `https://…`: where the API is. May change between answers.
    pub instance_url: String,
    /// 18 characters, from `id`.
    pub org_id: String,
    /// Who signed in.
    pub user_id: String,
}

/// The page to open, and what has to be known when it comes back. `random` is 64 bytes nobody can guess.
pub fn visit(fields: &Fields, origin: &str, redirect: &str, random: &[u8]) -> Result<BrowserVisit, String> {
    let client_id = fields.get("client_id").map_or("", String::as_str);
    let (for_verifier, for_state) = random.split_at_checked(32).ok_or("too little chance was given")?;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let verifier = PkceCodeVerifier::new(encode(for_verifier));
    let state = encode(for_state);
    let authorize = AuthUrl::new(format!("{}/services/oauth2/authorize", origin.trim_end_matches('/')))
        .map_err(|error| error.to_string())?;
    let redirect_url = RedirectUrl::new(redirect.to_owned()).map_err(|error| error.to_string())?;
    let (url, _) = BasicClient::new(ClientId::new(client_id.to_owned()))
        .set_auth_uri(authorize)
        .set_redirect_uri(redirect_url)
        .authorize_url(|| CsrfToken::new(state.clone()))
        .add_scopes(SCOPES.iter().map(|scope| Scope::new((*scope).to_owned())))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    Ok(BrowserVisit {
        url: url.to_string(),
        redirect: redirect.to_owned(),
        state,
        verifier: SecretString::from(verifier.into_secret()),
    })
}

/// The code in what the browser brought back (`code=…&state=…`), or a sentence.
pub fn code(query: &str, state: &str) -> Result<SecretString, String> {
    let pairs: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let text = |name: &str| pairs.get(name).map_or("", String::as_str);
    if text("state") != state {
        return Err("The browser came back from another sign-in than the one that was begun. Begin again.".into());
    }
    if !text("error").is_empty() {
        let said = text("error_description");
        return Err(callback_sentence(text("error"), said));
    }
    match text("code") {
        "" => Err("The browser came back without an answer of Salesforce. Begin again.".into()),
        code => Ok(SecretString::from(code)),
    }
}

/// What an error in the browser means.
pub const CALLBACK_ERRORS: &[(&str, &str)] = &[
    (
        "must be installed",
        "The app is not installed in this org. An admin installs it (External Client App Manager, the app, Policies) or makes one in the org as the steps describe.",
    ),
    (
        "oauth_approval_error",
        "The org does not let this user approve the app. An admin allows it: in the app's policies choose admin-approved users and add the user's profile or a permission set.",
    ),
    (
        "redirect_uri",
        "The app does not know the address this computer answers at. Add the three callback addresses from the steps to the app, exactly as they are written.",
    ),
    ("access_denied", "The sign-in was declined in the browser. Begin again and choose Allow."),
    (
        "invalid_client_id",
        "Salesforce does not know this consumer key. Copy it again from the app's settings; a new app needs up to ten minutes until it works.",
    ),
    (
        "invalid_scope",
        "The app does not allow what Quayside asks for. Add the scopes api, refresh_token and openid to it.",
    ),
];

/// The sentence for an error in the browser.
pub fn callback_sentence(error: &str, description: &str) -> String {
    let words = format!("{error} {description}").to_lowercase();
    let known = CALLBACK_ERRORS.iter().find(|(word, _)| words.contains(word));
    known.map_or_else(
        || format!("Salesforce did not let Quayside in ({error}). Look at the app's settings, then begin again."),
        |(_, sentence)| (*sentence).to_owned(),
    )
}

fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

/// Exchanges a code.
pub fn code_form(client_id: &str, code: &SecretString, visit: &BrowserVisit) -> Vec<u8> {
    form(&[
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", code.expose_secret()),
        ("code_verifier", visit.verifier.expose_secret()),
        ("redirect_uri", &visit.redirect),
    ])
}

/// Renews a sign-in.
pub fn refresh_form(client_id: &str, refresh_token: &SecretString) -> Vec<u8> {
    form(&[("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", refresh_token.expose_secret())])
}

/// Ends a sign-in.
pub fn revoke_form(refresh_token: &SecretString) -> Vec<u8> {
    form(&[("token", refresh_token.expose_secret())])
}

/// Signs in without a person.
pub fn credentials_form(client_id: &str, client_secret: &SecretString) -> Vec<u8> {
    form(&[
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", client_secret.expose_secret()),
    ])
}

/// Reads a token answer.
pub fn read(body: &[u8]) -> Option<TokenSet> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    // `id` ends in /{org}/{user}.
    let mut tail = text("id").unwrap_or_default().trim_end_matches('/').rsplit('/');
    let user_id = tail.next().unwrap_or_default().to_owned();
    let org_id = tail.next().unwrap_or_default().to_owned();
    Some(TokenSet {
        access_token: SecretString::from(text("access_token")?),
        refresh_token: text("refresh_token").map(SecretString::from),
        instance_url: text("instance_url")?.trim_end_matches('/').to_owned(),
        org_id,
        user_id,
    })
}

/// What the token endpoint's refusals mean: word in the answer, and a sentence.
pub const REFUSALS: &[(&str, &str)] = &[
    (
        "expired access/refresh token",
        "The sign-in has ended: it was taken back in the org, replaced, or not used for 30 days. Sign in again.",
    ),
    ("token validity expired", "The sign-in has ended: it was not used for too long. Sign in again."),
    ("expired authorization code", "The sign-in took too long. Begin again."),
    ("invalid authorization code", "The sign-in was used twice or came too late. Begin again."),
    (
        "no client credentials user",
        "The app has no user to act as. In the app's policies enable the client credentials flow and choose a Run As user.",
    ),
    (
        "not supported on this domain",
        "Client credentials work at the org's own address only. Enter its My Domain address (NAME.my.salesforce.com), not login.salesforce.com.",
    ),
    ("user hasn't approved", "The user has not approved the app. Sign in again in the browser."),
    (
        "ip restricted",
        "The app lets only certain networks in, and this computer is not in one of them. An admin relaxes the IP policy of the app.",
    ),
    (
        "invalid client credentials",
        "Consumer key and consumer secret do not belong together. Copy both again from the app's settings.",
    ),
    (
        "client identifier invalid",
        "Salesforce does not know this consumer key. Copy it again from the app's settings; a new app needs up to ten minutes until it works.",
    ),
    (
        "client secret",
        "The app wants its secret on renewal. In the app's settings untick \"Require secret for refresh token flow\".",
    ),
    ("code verifier", "The sign-in did not prove that it was this program's. Begin again."),
    (
        "must be installed",
        "The app is not installed in this org. An admin installs it, or makes one in the org as the steps describe.",
    ),
    ("inactive_user", "The user is not active any more. An admin activates it, or another user signs in."),
    ("inactive_org", "The org is locked or closed. Salesforce support can say why."),
    (
        "invalid_client",
        "Consumer key and consumer secret do not belong together. Copy both again from the app's settings.",
    ),
    (
        "unsupported_grant_type",
        "The app does not allow this way to sign in. An admin enables the flow in the app's settings.",
    ),
    ("invalid_grant", "Salesforce does not accept this sign-in any more. Sign in again."),
];

/// The sentence for a refused token request.
pub fn refusal_sentence(error: &str, description: &str) -> &'static str {
    let words = format!("{error} {description}").to_lowercase();
    REFUSALS
        .iter()
        .find(|(word, _)| words.contains(word))
        .map_or("Salesforce did not let Quayside in. Check the app's settings and sign in again.", |(_, sentence)| {
            *sentence
        })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn begun() -> BrowserVisit {
        let random: Vec<u8> = (0..64).collect();
        let fields = BTreeMap::from([("client_id".to_owned(), "3MVG9.key".to_owned())]);
        visit(&fields, "https://login.salesforce.com", "http://localhost:17817/oauth/salesforce", &random).unwrap()
    }

    #[test]
    fn the_page_proves_and_asks_what_it_should() {
        let visit = begun();
        let url = url::Url::parse(&visit.url).unwrap();
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(url.host_str(), Some("login.salesforce.com"));
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["redirect_uri"], "http://localhost:17817/oauth/salesforce");
        assert_eq!(query["scope"], "api refresh_token openid");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["state"], visit.state);
        assert!(!visit.url.contains(visit.verifier.expose_secret()), "the verifier itself stays here");
        assert!((43..=128).contains(&visit.verifier.expose_secret().len()));
    }

    #[test]
    fn what_the_browser_brings_back() {
        let state = begun().state;
        assert_eq!(code(&format!("code=aPrx%3D%3D&state={state}"), &state).unwrap().expose_secret(), "aPrx==");
        for (query, word) in [
            ("code=x&state=other".to_owned(), "another sign-in"),
            (format!("state={state}"), "without an answer"),
            (
                format!("error=invalid_client&error_description=app+must+be+installed+into+org&state={state}"),
                "not installed",
            ),
            (
                format!(
                    "error=redirect_uri_mismatch&error_description=redirect_uri+must+match+configuration&state={state}"
                ),
                "callback addresses",
            ),
            (format!("error=access_denied&error_description=end-user+denied&state={state}"), "declined"),
            (format!("error=OAUTH_APPROVAL_ERROR_GENERIC&error_description=x&state={state}"), "let this user approve"),
            (format!("error=something_new&state={state}"), "something_new"),
        ] {
            let sentence = code(&query, &state).unwrap_err();
            assert!(sentence.contains(word), "{query}: {sentence}");
        }
    }

    #[test]
    fn forms_are_encoded_and_a_public_client_sends_no_secret() {
        let body = String::from_utf8(code_form("key&1", &SecretString::from("c=="), &begun())).unwrap();
        assert!(body.contains("client_id=key%261") && body.contains("code=c%3D%3D") && !body.contains("secret"));
        let body = String::from_utf8(credentials_form("k", &SecretString::from("a+b&c"))).unwrap();
        assert_eq!(body, "grant_type=client_credentials&client_id=k&client_secret=a%2Bb%26c");
    }

    #[test]
    fn a_token_answer_names_the_org() {
        let tokens = read(br#"{"access_token":"00D!x","instance_url":"https://h.my.salesforce.com/","id":"https://login.salesforce.com/id/00D55000000AbCdEAK/00555000001AbCdAAK"}"#).unwrap();
        assert_eq!((tokens.org_id.as_str(), tokens.user_id.as_str()), ("00D55000000AbCdEAK", "00555000001AbCdAAK"));
        assert_eq!(tokens.instance_url, "https://h.my.salesforce.com");
        assert!(tokens.refresh_token.is_none());
        assert!(read(b"<html>").is_none() && read(b"{\"access_token\":\"\"}").is_none());
    }

    #[test]
    fn refusals_have_sentences() {
        for (error, description, word) in [
            ("invalid_grant", "expired access/refresh token", "30 days"),
            ("invalid_grant", "no client credentials user enabled", "Run As"),
            ("invalid_grant", "request not supported on this domain", "My Domain"),
            ("invalid_client", "invalid client credentials", "do not belong together"),
            ("brand_new", "", "did not let Quayside in"),
        ] {
            assert!(refusal_sentence(error, description).contains(word), "{error} {description}");
        }
    }
}
