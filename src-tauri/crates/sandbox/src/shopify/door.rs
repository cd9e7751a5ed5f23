//! HTTP: the token endpoint, sign-in, versions, statuses and headers.

use super::graph::throttled;
use super::{Shopify, word};
use crate::Moment;
use crate::sandbox::plain;
use http::{HeaderValue, Method, Request, Response};
use serde_json::{Map, Value as Json, json};

const JSON: &str = "application/json; charset=utf-8";
/// Life of a token, s.
const TOKEN_S: i64 = 86_399;
const GRAPHQL: &str = "/graphql.json";

fn errors(status: u16, errors: &Json) -> Response<Vec<u8>> {
    plain(status, JSON, json!({ "errors": errors }).to_string())
}

/// The platform's 401.
pub fn unauthorized() -> Response<Vec<u8>> {
    errors(401, &json!("[API] Invalid API key or access token (unrecognized login or wrong password)"))
}

impl Shopify {
    pub(super) fn answer(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let mut response = self.route_request(request, moment);
        if let Ok(id) = HeaderValue::from_str(&format!("{}-{}", word(&mut self.rng, 8), word(&mut self.rng, 12))) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }

    fn route_request(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let path = request.uri().path();
        if let Some(status) = self.plan.closed_with {
            let why = match status {
                402 => "Unavailable Shop",
                423 => "Locked",
                _ => "[API] This action requires merchant approval.",
            };
            return errors(status, &json!(why));
        }
        if path == "/admin/oauth/access_token" {
            return if request.method() == Method::POST {
                self.token(request, moment.now_ms)
            } else {
                errors(404, &json!("Not Found"))
            };
        }
        if let Some(id) = path.strip_prefix("/bulk/").and_then(|rest| rest.strip_suffix(".jsonl")) {
            let bulk = id.parse().ok().and_then(|id: u64| self.state.bulk.iter().find(|bulk| bulk.id == id));
            let done = bulk.filter(|bulk| bulk.status == "COMPLETED");
            return done.map_or_else(
                || plain(404, "application/xml", "<Error/>"),
                |bulk| plain(200, "application/jsonl", bulk.result.clone()),
            );
        }
        let Some(version) = path.strip_prefix("/admin/api").and_then(|rest| rest.strip_suffix(GRAPHQL)) else {
            return errors(404, &json!("Not Found"));
        };
        if request.method() != Method::POST {
            return errors(404, &json!("Not Found"));
        }
        let Some(served) = self.served_version(version.trim_start_matches('/')) else {
            return errors(404, &json!("Not Found"));
        };
        if !self.signed_in(request, moment.now_ms) {
            return unauthorized();
        }
        let mut response = self.graphql_request(request, moment);
        if let Ok(version) = HeaderValue::from_str(&served) {
            response.headers_mut().insert("x-shopify-api-version", version);
        }
        response
    }

    /// The version that answers: the asked one, or the oldest that is still supported. `None`: there never was such a version.
    fn served_version(&self, asked: &str) -> Option<String> {
        let (oldest, newest) = (self.plan.api_versions.first()?, self.plan.api_versions.last()?);
        if asked.is_empty() {
            return Some(oldest.clone());
        }
        if self.plan.api_versions.iter().any(|version| version == asked) {
            return Some(asked.to_owned());
        }
        let (year, month) = asked.split_once('-')?;
        let quarter = year.parse::<u16>().is_ok_and(|year| year >= 2019) && matches!(month, "01" | "04" | "07" | "10");
        (quarter && asked < newest.as_str()).then(|| oldest.clone())
    }

    fn signed_in(&self, request: &Request<Vec<u8>>, now_ms: i64) -> bool {
        let token =
            request.headers().get("x-shopify-access-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !self.plan.installed || token.is_empty() {
            return false;
        }
        self.plan.legacy_token.as_deref() == Some(token)
            || self.tokens.get(token).is_some_and(|until_ms| now_ms < *until_ms)
    }

    fn graphql_request(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let accept = header("accept");
        if !accept.is_empty() && !["*/*", "application/*", "application/json"].iter().any(|kind| accept.contains(kind))
        {
            return errors(406, &json!("Not Acceptable"));
        }
        let missing = || errors(400, &json!({ "query": "Required parameter missing or invalid" }));
        let body = match header("content-type").split(';').next().map(str::trim) {
            Some("application/json") => match serde_json::from_slice::<Json>(request.body()) {
                Ok(Json::Object(body)) => body,
                _ => return missing(),
            },
            Some("application/graphql") => {
                Map::from_iter([("query".to_owned(), json!(String::from_utf8_lossy(request.body())))])
            }
            _ => return missing(),
        };
        let variables_fit = body.get("variables").is_none_or(|given| given.is_object() || given.is_null());
        if !body.get("query").is_some_and(Json::is_string) || !variables_fit {
            return missing();
        }
        let host = header("host");
        let origin =
            if host.is_empty() { format!("http://{}.sandbox", self.plan.account) } else { format!("http://{host}") };
        let answer = self.graphql(&body, &origin, moment);
        plain(200, JSON, answer)
    }

    /// The client-credentials grant.
    fn token(&mut self, request: &Request<Vec<u8>>, now_ms: i64) -> Response<Vec<u8>> {
        let refuse = |status: u16, error: &str, description: &str| {
            plain(status, JSON, json!({ "error": error, "error_description": description }).to_string())
        };
        let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let form: Map<String, Json> = if kind.starts_with("application/x-www-form-urlencoded") {
            url::form_urlencoded::parse(request.body()).map(|(key, value)| (key.into_owned(), json!(value))).collect()
        } else if kind.starts_with("application/json") {
            serde_json::from_slice(request.body()).unwrap_or_default()
        } else {
            return refuse(400, "invalid_request", "The request body could not be read.");
        };
        let field = |name: &str| form.get(name).and_then(Json::as_str).unwrap_or_default();
        if field("grant_type") != "client_credentials" {
            return refuse(400, "unsupported_grant_type", "The grant type is not supported.");
        }
        if field("client_id") != self.plan.client_id {
            return refuse(400, "application_cannot_be_found", "The application could not be found.");
        }
        if field("client_secret") != self.plan.client_secret {
            return refuse(401, "invalid_client", "Client authentication failed.");
        }
        if self.plan.legacy_token.is_some() {
            return refuse(400, "shop_not_permitted", "Client credentials cannot be performed on this shop.");
        }
        if !self.plan.installed {
            return refuse(400, "app_not_installed", "The application is not installed on this shop.");
        }
        let token = format!("shpat_{}", word(&mut self.rng, 32));
        self.tokens.retain(|_, until_ms| now_ms < *until_ms);
        self.tokens.insert(token.clone(), now_ms + TOKEN_S * 1000);
        let answer = json!({ "access_token": token, "scope": self.plan.scopes.join(","), "expires_in": TOKEN_S });
        plain(200, JSON, answer.to_string())
    }

    /// Too many calls: for GraphQL that is a 200 without data, elsewhere a 429.
    pub(super) fn answer_throttled(&mut self, request: &Request<Vec<u8>>, now_ms: i64) -> Response<Vec<u8>> {
        if !request.uri().path().ends_with(GRAPHQL) {
            let mut response = errors(
                429,
                &json!(
                    "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."
                ),
            );
            response.headers_mut().insert("retry-after", HeaderValue::from_static("2.0"));
            return response;
        }
        self.bucket.drain(now_ms);
        plain(200, JSON, throttled(50, &self.bucket.status(now_ms)).to_string())
    }
}
