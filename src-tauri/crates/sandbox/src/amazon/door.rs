//! HTTP: the sign-in, the headers Amazon insists on, the usage plans, and who answers what.

use super::Amazon;
use crate::Moment;
use http::{Method, Request, Response};
use rand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where Amazon keeps files, when it is not served on this computer.
const FILES: &str = "https://tortuga-prod-eu.s3-eu-west-1.amazonaws.com";

/// A request, taken apart.
pub struct Call<'a> {
    /// Method.
    pub method: &'a Method,
    /// Path, its parts decoded.
    pub path: Vec<String>,
    /// Query.
    pub query: BTreeMap<String, String>,
    /// Body.
    pub body: &'a [u8],
    /// Start of links to files.
    pub files: String,
    /// `Content-Type`.
    pub content_type: String,
}

impl<'a> Call<'a> {
    fn of(request: &'a Request<Vec<u8>>) -> Option<Self> {
        let uri = request.uri();
        let mut path = Vec::new();
        for part in uri.path().split('/').filter(|part| !part.is_empty()) {
            path.push(strictly_decoded(part)?);
        }
        let mut query = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            query.insert(name.into_owned(), value.into_owned());
        }
        let header = |name: &str| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let host = uri.authority().map_or_else(|| header("host"), ToString::to_string);
        let at_amazon = host.is_empty() || host.ends_with("amazon.com") || host.ends_with("amazonaws.com");
        let files = if at_amazon || host.ends_with(".sandbox") {
            FILES.to_owned()
        } else {
            format!("{}://{host}", uri.scheme_str().unwrap_or("http"))
        };
        let content_type = header("content-type");
        Some(Self { method: request.method(), path, query, body: request.body(), files, content_type })
    }

    /// The body as JSON; `None` where it is none, or not announced as such.
    pub fn json(&self) -> Option<Value> {
        if !self.content_type.starts_with("application/json") {
            return None;
        }
        serde_json::from_slice(self.body).ok()
    }

    /// A list in the query.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.query
            .get(name)
            .map(|text| text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default()
    }
}

/// Characters outside RFC 3986's unreserved ones must be escaped.
fn strictly_decoded(part: &str) -> Option<String> {
    let fine = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b));
    if !fine {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A JSON answer.
pub fn json_answer(status: u16, body: &Value) -> Response<Vec<u8>> {
    crate::sandbox::plain(status, "application/json", body.to_string())
}

/// An error in Amazon's envelope.
pub fn error(status: u16, code: &str, message: &str, details: &str) -> Response<Vec<u8>> {
    json_answer(status, &json!({ "errors": [{ "code": code, "message": message, "details": details }] }))
}

/// A request that is not as it should be.
pub fn invalid(message: &str) -> Response<Vec<u8>> {
    error(400, "InvalidInput", message, "")
}

/// Too many calls.
pub fn quota_exceeded() -> Response<Vec<u8>> {
    error(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", "")
}

/// The access token is over.
pub fn token_ended() -> Response<Vec<u8>> {
    error(403, "Unauthorized", "Access to requested resource is denied.", "The access token you provided has expired.")
}

/// A role is missing.
pub fn denied() -> Response<Vec<u8>> {
    error(403, "Unauthorized", "Access to requested resource is denied.", "")
}

/// Nothing there.
pub fn not_found(what: &str) -> Response<Vec<u8>> {
    error(404, "NotFound", &format!("{what} was not found."), "")
}

impl Amazon {
    pub(super) fn answer(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let now_ms = moment.now_ms;
        let Some(call) = Call::of(request) else {
            return invalid("The path holds characters that must be escaped.");
        };
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        match (call.method.as_str(), path.as_slice()) {
            ("POST", ["auth", "o2", "token"]) => return self.sign_in(&call, now_ms),
            ("PUT" | "GET", ["files", id, signature]) => return self.file(request, &call, id, signature, now_ms),
            _ => {}
        }
        if let Some(refusal) = self.headers(request, now_ms) {
            return refusal;
        }
        let Some(operation) = operation(call.method.as_str(), &path) else {
            self.rates.strange += 1;
            return not_found("The resource");
        };
        let Some(rate) = self.rates.take(operation, now_ms) else { return quota_exceeded() };
        let mut answer = self.route(operation, &call, moment);
        let status = answer.status().as_u16();
        if matches!(status, 200..=299 | 400 | 404)
            && let Ok(value) = http::HeaderValue::from_str(&rate.to_string())
        {
            answer.headers_mut().insert("x-amzn-ratelimit-limit", value);
        }
        let id =
            format!("{:08x}-0000-4000-8000-{:012x}", self.rng.random::<u32>(), self.rng.random_range(0..1_u64 << 48));
        if let Ok(value) = http::HeaderValue::from_str(&id) {
            answer.headers_mut().insert("x-amzn-requestid", value);
        }
        answer
    }

    fn route(&mut self, operation: &'static str, call: &Call<'_>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let last = call.path.last().cloned().unwrap_or_default();
        let now_ms = moment.now_ms;
        match operation {
            "getMarketplaceParticipations" => self.participations(),
            _ if !self.plan.sees_orders || !self.plan.may(operation) => denied(),
            "searchOrders" => self.search_orders(call, now_ms),
            "getOrder" => self.get_order(call, &last, now_ms),
            "confirmShipment" => {
                let id = call.path.get(3).cloned().unwrap_or_default();
                self.confirm_shipment(call, &id, moment)
            }
            "createFeedDocument" => self.create_feed_document(call, now_ms),
            "createFeed" => self.create_feed(call, now_ms),
            "getFeed" => self.get_feed(&last, now_ms),
            "getFeeds" => self.get_feeds(call, now_ms),
            "getFeedDocument" | "getReportDocument" => self.get_document(call, &last, operation, now_ms),
            "createReport" => self.create_report(call, now_ms),
            "getReport" => self.get_report(&last, now_ms),
            "getReports" => self.get_reports(call, now_ms),
            "getListingsItem" => self.get_listing(call, now_ms),
            "patchListingsItem" => self.patch_listing(call, moment),
            _ => not_found("The resource"),
        }
    }

    fn sign_in(&mut self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let refuse = |word: &str, text: &str| json_answer(400, &json!({ "error": word, "error_description": text }));
        if call.method != Method::POST || !call.content_type.starts_with("application/x-www-form-urlencoded") {
            return refuse("invalid_request", "The request must be a form.");
        }
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(call.body).into_owned().collect();
        let field = |name: &str| form.get(name).map_or("", String::as_str);
        if field("grant_type") != "refresh_token" {
            return refuse("unsupported_grant_type", "The authorization grant type is not supported.");
        }
        let known = field("client_id") == self.plan.client_id;
        if !known || field("client_secret") != self.plan.client_secret || self.plan.secret_ended {
            let answer = json!({ "error": "invalid_client", "error_description": "Client authentication failed" });
            return json_answer(401, &answer);
        }
        if field("refresh_token") != self.plan.refresh_token {
            return refuse("invalid_grant", "The request has an invalid grant parameter : refresh_token");
        }
        let token = format!("Atza|IwEBI{:032x}", self.rng.random::<u128>());
        self.tokens.insert(token.clone(), now_ms + 3_600_000);
        json_answer(
            200,
            &json!({ "access_token": token, "refresh_token": self.plan.refresh_token, "token_type": "bearer", "expires_in": 3600 }),
        )
    }

    fn headers(&self, request: &Request<Vec<u8>>, now_ms: i64) -> Option<Response<Vec<u8>>> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = header("x-amz-access-token");
        if token.is_empty() {
            let details = "Access token is missing in the request header.";
            return Some(error(403, "MissingAuthenticationToken", "Access to requested resource is denied.", details));
        }
        match self.tokens.get(token) {
            None => {
                let details = "The access token you provided is revoked, malformed or invalid.";
                return Some(error(403, "Unauthorized", "Access to requested resource is denied.", details));
            }
            Some(ends_ms) if *ends_ms <= now_ms => return Some(token_ended()),
            Some(_) => {}
        }
        let agent = header("user-agent");
        if !agent.contains("(Language=") || agent.len() > 500 {
            return Some(invalid("The User-Agent header is missing or not in the prescribed form."));
        }
        let date = chrono::NaiveDateTime::parse_from_str(header("x-amz-date"), "%Y%m%dT%H%M%SZ");
        if date.is_err() {
            return Some(invalid("The x-amz-date header is missing or not in the form YYYYMMDDTHHMMSSZ."));
        }
        None
    }

    fn participations(&self) -> Response<Vec<u8>> {
        let list: Vec<Value> = self
            .plan
            .marketplaces
            .iter()
            .map(|(id, country, currency, name)| {
                json!({
                    "marketplace": { "id": id, "name": name, "countryCode": country, "defaultCurrencyCode": currency,
                                     "defaultLanguageCode": "de_DE", "domainName": format!("www.{}", name.to_lowercase()) },
                    "participation": { "isParticipating": true, "hasSuspendedListings": false },
                    "storeName": self.plan.title,
                })
            })
            .collect();
        json_answer(200, &json!({ "payload": list }))
    }

    /// A file behind its signed link: no sign-in of ours, the announced type, five minutes.
    fn file(
        &mut self,
        request: &Request<Vec<u8>>,
        call: &Call<'_>,
        id: &str,
        signature: &str,
        now_ms: i64,
    ) -> Response<Vec<u8>> {
        let refuse = |text: &str| {
            let body =
                format!("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>{text}</Message></Error>");
            crate::sandbox::plain(403, "application/xml", body)
        };
        if ["authorization", "x-amz-access-token"].iter().any(|name| request.headers().contains_key(*name)) {
            return refuse("Only one auth mechanism allowed");
        }
        let Some(document) = self.state.documents.get_mut(id) else { return refuse("NoSuchKey") };
        if document.signature != signature || now_ms > document.link_ends_ms {
            return refuse("Request has expired");
        }
        if call.method == Method::PUT {
            if !document.input || call.content_type != document.content_type {
                return refuse("SignatureDoesNotMatch");
            }
            document.bytes = Some(call.body.to_vec());
            return crate::sandbox::plain(200, "application/xml", "");
        }
        let Some(bytes) = document.bytes.clone().filter(|_| !document.input) else { return refuse("NoSuchKey") };
        let mut answer = Response::new(bytes);
        if let Ok(value) = http::HeaderValue::from_str(&document.content_type) {
            answer.headers_mut().insert(http::header::CONTENT_TYPE, value);
        }
        answer
    }
}

fn operation(method: &str, path: &[&str]) -> Option<&'static str> {
    Some(match (method, path) {
        ("GET", ["sellers", "v1", "marketplaceParticipations"]) => "getMarketplaceParticipations",
        ("GET", ["orders", "2026-01-01", "orders"]) => "searchOrders",
        ("GET", ["orders", "2026-01-01", "orders", _]) => "getOrder",
        ("POST", ["orders", "v0", "orders", _, "shipmentConfirmation"]) => "confirmShipment",
        ("POST", ["feeds", "2021-06-30", "documents"]) => "createFeedDocument",
        ("GET", ["feeds", "2021-06-30", "documents", _]) => "getFeedDocument",
        ("POST", ["feeds", "2021-06-30", "feeds"]) => "createFeed",
        ("GET", ["feeds", "2021-06-30", "feeds"]) => "getFeeds",
        ("GET", ["feeds", "2021-06-30", "feeds", _]) => "getFeed",
        ("POST", ["reports", "2021-06-30", "reports"]) => "createReport",
        ("GET", ["reports", "2021-06-30", "reports"]) => "getReports",
        ("GET", ["reports", "2021-06-30", "reports", _]) => "getReport",
        ("GET", ["reports", "2021-06-30", "documents", _]) => "getReportDocument",
        ("GET", ["listings", "2021-08-01", "items", _, _]) => "getListingsItem",
        ("PATCH", ["listings", "2021-08-01", "items", _, _]) => "patchListingsItem",
        _ => return None,
    })
}

/// ISO 8601, whole seconds, as Amazon's samples write it.
pub fn time(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same back, ms UTC.
pub fn parse_time(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis())
}

/// Minor units of a currency with two decimals, or none (JPY).
pub fn money(minor: i64, currency: &str) -> Value {
    let amount = if currency == "JPY" {
        minor.to_string()
    } else {
        format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.abs() / 100, minor.abs() % 100)
    };
    json!({ "amount": amount, "currencyCode": currency })
}
