//! Sign-in: the browser's page, the token endpoint, sessions and their end.

use super::Salesforce;
use super::word;
use crate::sandbox::plain;
use base64::Engine as _;
use http::{HeaderValue, Method, Request, Response};
use serde_json::{Value as Json, json};
use sha2::Digest as _;
use std::collections::BTreeMap;

const JSON: &str = "application/json;charset=UTF-8";
/// A refresh token that is not used ends after 30 days, ms.
const IDLE_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// A code ends after ten minutes, ms.
const CODE_MS: i64 = 10 * 60 * 1000;

/// Addresses the app was registered with, character by character.
pub const CALLBACKS: &[&str] = &[
    "http://localhost:17817/oauth/salesforce",
    "http://localhost:27817/oauth/salesforce",
    "http://localhost:37817/oauth/salesforce",
];

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Refresh token it belongs to, if any.
    pub refresh: Option<String>,
    /// Last use, ms UTC.
    pub used_ms: i64,
}

/// A code on its way back.
#[derive(Debug, Clone)]
pub struct Code {
    redirect: String,
    challenge: String,
    at_ms: i64,
    lasting: bool,
}

/// The S256 challenge of a verifier.
pub fn challenge(verifier: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(verifier.as_bytes()))
}

fn refuse(error: &str, description: &str) -> Response<Vec<u8>> {
    plain(400, JSON, json!({ "error": error, "error_description": description }).to_string())
}

impl Salesforce {
    /// `/services/oauth2/…`.
    pub(super) fn oauth(&mut self, request: &Request<Vec<u8>>, now_ms: i64) -> Response<Vec<u8>> {
        let path = request.uri().path();
        match (request.method(), path.trim_start_matches("/services/oauth2/")) {
            (&Method::GET, "authorize") => self.authorize(request.uri().query().unwrap_or_default(), now_ms),
            (&Method::POST, "token") => {
                let kind =
                    request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
                if !kind.starts_with("application/x-www-form-urlencoded") {
                    return refuse("invalid_request", "must be application/x-www-form-urlencoded");
                }
                let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body()).into_owned().collect();
                let host = request.uri().host().map(str::to_owned).unwrap_or_default();
                self.token(&form, &host, now_ms)
            }
            (&Method::POST, "revoke") => {
                let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body()).into_owned().collect();
                let token = form.get("token").cloned().unwrap_or_default();
                self.refresh_tokens.remove(&token);
                self.sessions.retain(|name, session| *name != token && session.refresh.as_ref() != Some(&token));
                plain(200, JSON, "")
            }
            _ => plain(404, "text/html;charset=UTF-8", "<html><body>URL No Longer Exists</body></html>"),
        }
    }

    /// The page in the browser: whoever sits there says yes.
    fn authorize(&mut self, query: &str, now_ms: i64) -> Response<Vec<u8>> {
        let ask: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let text = |name: &str| ask.get(name).map_or("", String::as_str);
        let page = |words: &str| plain(400, "text/html;charset=UTF-8", format!("<html><body>{words}</body></html>"));
        if !CALLBACKS.contains(&text("redirect_uri")) {
            return page("error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration");
        }
        if text("client_id") != self.plan.client_id {
            return page("error=invalid_client_id&error_description=client%20identifier%20invalid");
        }
        let mut back = format!("{}?", text("redirect_uri"));
        let wrong = if text("response_type") != "code" {
            Some(("unsupported_response_type", "response type not supported"))
        } else if text("code_challenge_method") != "S256" || text("code_challenge").len() != 43 {
            Some(("invalid_request", "missing required code challenge"))
        } else if !text("scope").split(' ').any(|scope| scope == "api") {
            Some(("invalid_scope", "the requested scope is not allowed"))
        } else if !self.plan.installed {
            Some(("invalid_client", "app must be installed into org"))
        } else if !self.plan.approvable {
            Some((
                "OAUTH_APPROVAL_ERROR_GENERIC",
                "An unexpected error has occurred during authentication. Please try again.",
            ))
        } else {
            None
        };
        let mut answer = url::form_urlencoded::Serializer::new(String::new());
        if let Some((error, words)) = wrong {
            answer.append_pair("error", error).append_pair("error_description", words);
        } else {
            let code = format!("aPrx{}", word(&mut self.rng, 40));
            let lasting = text("scope").split(' ').any(|scope| matches!(scope, "refresh_token" | "offline_access"));
            let known = Code {
                redirect: text("redirect_uri").to_owned(),
                challenge: text("code_challenge").to_owned(),
                at_ms: now_ms,
                lasting,
            };
            self.codes.insert(code.clone(), known);
            answer.append_pair("code", &code);
        }
        answer.append_pair("state", text("state"));
        back.push_str(&answer.finish());
        let mut response = plain(302, "text/html", "");
        if let Ok(location) = HeaderValue::from_str(&back) {
            response.headers_mut().insert("location", location);
        }
        response
    }

    fn token(&mut self, form: &BTreeMap<String, String>, host: &str, now_ms: i64) -> Response<Vec<u8>> {
        let text = |name: &str| form.get(name).map_or("", String::as_str);
        if text("client_id") != self.plan.client_id {
            return refuse("invalid_client_id", "client identifier invalid");
        }
        match text("grant_type") {
            "client_credentials" => {
                if matches!(host, "login.salesforce.com" | "test.salesforce.com") {
                    return refuse("invalid_grant", "request not supported on this domain");
                }
                if text("client_secret") != self.plan.client_secret {
                    return refuse("invalid_client", "invalid client credentials");
                }
                if !self.plan.run_as {
                    return refuse("invalid_grant", "no client credentials user enabled");
                }
                self.grant(None, now_ms)
            }
            "authorization_code" => {
                let Some(code) = self.codes.remove(text("code")).filter(|code| now_ms - code.at_ms < CODE_MS) else {
                    return refuse("invalid_grant", "expired authorization code");
                };
                if code.redirect != text("redirect_uri") {
                    return refuse("redirect_uri_mismatch", "redirect_uri must match configuration");
                }
                if !(43..=128).contains(&text("code_verifier").len())
                    || challenge(text("code_verifier")) != code.challenge
                {
                    return refuse("invalid_grant", "invalid code verifier");
                }
                let refresh = code.lasting.then(|| format!("5Aep861{}", word(&mut self.rng, 60)));
                if let Some(refresh) = &refresh {
                    self.refresh_tokens.insert(refresh.clone(), now_ms);
                }
                self.grant(refresh, now_ms)
            }
            "refresh_token" => {
                let token = text("refresh_token").to_owned();
                if self.refresh_tokens.get(&token).is_none_or(|used_ms| now_ms - used_ms > IDLE_MS) {
                    return refuse("invalid_grant", "expired access/refresh token");
                }
                if !self.plan.rotation {
                    self.refresh_tokens.insert(token.clone(), now_ms);
                    let mut answer = self.grant(Some(token), now_ms);
                    // Without rotation the answer does not repeat it.
                    if let Ok(Json::Object(mut body)) = serde_json::from_slice(answer.body()) {
                        body.remove("refresh_token");
                        *answer.body_mut() = Json::Object(body).to_string().into_bytes();
                    }
                    return answer;
                }
                self.refresh_tokens.remove(&token);
                self.sessions.retain(|_, session| session.refresh.as_ref() != Some(&token));
                let refresh = format!("5Aep861{}", word(&mut self.rng, 60));
                self.refresh_tokens.insert(refresh.clone(), now_ms);
                self.grant(Some(refresh), now_ms)
            }
            _ => refuse("unsupported_grant_type", "grant type not supported"),
        }
    }

    fn grant(&mut self, refresh: Option<String>, now_ms: i64) -> Response<Vec<u8>> {
        let access = format!("{}!{}", &self.org_id[..15], word(&mut self.rng, 80));
        self.sessions.insert(access.clone(), Session { refresh: refresh.clone(), used_ms: now_ms });
        let mut body = json!({
            "access_token": access, "instance_url": format!("https://{}.my.salesforce.com", self.plan.account),
            "id": format!("https://login.salesforce.com/id/{}/{}", self.org_id, self.user_id), "token_type": "Bearer",
            "issued_at": now_ms.to_string(), "signature": "c2lnbmF0dXJl", "scope": "api refresh_token openid",
        });
        if let Some(refresh) = refresh {
            body["refresh_token"] = json!(refresh);
        }
        plain(200, JSON, body.to_string())
    }

    /// A session that still holds; being used keeps it.
    pub(super) fn session(&mut self, request: &Request<Vec<u8>>, now_ms: i64) -> Option<String> {
        let token = request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?.to_owned();
        let session =
            self.sessions.get_mut(&token).filter(|session| now_ms - session.used_ms < self.plan.session_ms)?;
        session.used_ms = now_ms;
        Some(token)
    }
}

/// The platform's 401.
pub fn expired() -> Response<Vec<u8>> {
    plain(
        401,
        JSON,
        json!([{ "message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID" }]).to_string(),
    )
}

#[cfg(test)]
mod tests {
    /// The example of RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_the_standards() {
        assert_eq!(
            super::challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
