//! HTTP: the path, sign-in, permissions, the allowance of calls, and both APIs' ways to say no.

use super::BigCommerce;
use super::plan::BigPlan;
use crate::sandbox::plain;
use crate::{Meter, Moment};
use http::{HeaderValue, Method, Request, Response};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const JSON: &str = "application/json";
const PROBLEM: &str = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes";

/// One store's allowance: a fixed window that opens with the first call after the last one closed.
#[derive(Debug, Clone)]
pub struct Window {
    quota: u32,
    others: u32,
    length_ms: i64,
    opened_ms: Option<i64>,
    used: u32,
    spent: u64,
}

impl Window {
    /// As the plan says.
    pub fn new(plan: &BigPlan) -> Self {
        Self {
            quota: plan.quota,
            others: plan.calls_by_others,
            length_ms: plan.window_ms,
            opened_ms: None,
            used: 0,
            spent: 0,
        }
    }
    fn open(&mut self, now_ms: i64) {
        if self.opened_ms.is_none_or(|opened| now_ms >= opened + self.length_ms) {
            self.opened_ms = Some(now_ms);
            self.used = self.others.min(self.quota);
        }
    }
    /// Counts a call; `false`: one too many.
    pub fn spend(&mut self, now_ms: i64) -> bool {
        self.open(now_ms);
        let allowed = self.used < self.quota;
        self.used += u32::from(allowed);
        self.spent += u64::from(allowed);
        allowed
    }
    /// What it counts.
    pub fn meter(&self) -> Meter {
        Meter::of_window("calls", self.spent, self.quota, self.length_ms)
    }
    /// Another app has just used up all that was left.
    pub fn exhaust(&mut self, now_ms: i64) {
        self.open(now_ms);
        self.used = self.quota;
    }
    fn headers(&self, now_ms: i64) -> [(&'static str, i64); 4] {
        let reset_ms = self.opened_ms.map_or(self.length_ms, |opened| (opened + self.length_ms - now_ms).max(0));
        [
            ("x-rate-limit-time-window-ms", self.length_ms),
            ("x-rate-limit-time-reset-ms", reset_ms),
            ("x-rate-limit-requests-quota", i64::from(self.quota)),
            ("x-rate-limit-requests-left", i64::from(self.quota.saturating_sub(self.used))),
        ]
    }
}

/// A request, taken apart.
pub struct Call<'a> {
    /// GET, POST …
    pub method: &'a Method,
    /// Parts of the path below the API's root.
    pub path: Vec<&'a str>,
    /// Parameters, decoded once.
    pub query: BTreeMap<String, String>,
    /// Body; `null` if there is none.
    pub body: Json,
}

impl Call<'_> {
    /// A parameter, empty if absent.
    pub fn param(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
    /// A parameter with several values.
    pub fn set(&self, name: &str) -> Vec<&str> {
        self.param(name).split(',').filter(|part| !part.is_empty()).collect()
    }
}

/// What comes back.
pub type Answer = Response<Vec<u8>>;

/// A JSON answer.
pub fn ok(status: u16, body: &Json) -> Answer {
    plain(status, JSON, body.to_string())
}
/// 204.
pub fn nothing() -> Answer {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    response
}
/// A V2 list: 204 if it is empty.
pub fn list_v2(rows: Vec<Json>) -> Answer {
    if rows.is_empty() { nothing() } else { ok(200, &Json::Array(rows)) }
}
/// V2's way to say no.
pub fn no_v2(status: u16, message: &str) -> Answer {
    ok(status, &json!([{ "status": status, "message": message }]))
}
/// V3's way to say no.
pub fn no_v3(status: u16, title: &str, errors: &Json) -> Answer {
    ok(status, &json!({ "status": status, "title": title, "type": PROBLEM, "errors": errors }))
}
/// A V3 list with its page.
pub fn list_v3(rows: Vec<Json>, call: &Call<'_>, most: usize) -> Answer {
    let limit = call.param("limit").parse().unwrap_or(50_usize);
    if limit == 0 || limit > most {
        return no_v3(422, "The limit is out of range.", &json!({ "limit": format!("must be between 1 and {most}") }));
    }
    let page = call.param("page").parse().unwrap_or(1_usize).max(1);
    let total = rows.len();
    let shown: Vec<Json> = rows.into_iter().skip((page - 1) * limit).take(limit).collect();
    let pagination = json!({
        "total": total, "count": shown.len(), "per_page": limit, "current_page": page,
        "total_pages": total.div_ceil(limit), "links": { "current": format!("?page={page}&limit={limit}") },
    });
    ok(200, &json!({ "data": shown, "meta": { "pagination": pagination } }))
}

/// The platform's 401.
pub fn unauthorized(path: &str) -> Answer {
    let said = "X-Auth-Token header is required";
    if path.contains("/v2") { no_v2(401, said) } else { no_v3(401, said, &json!({})) }
}

impl BigCommerce {
    pub(super) fn too_many(&mut self, now_ms: i64) -> Answer {
        let mut response = ok(429, &json!({ "status": 429, "title": "Too many requests", "type": PROBLEM }));
        if !self.plan.sheds_load {
            self.stamp(&mut response, now_ms);
        }
        response
    }

    fn stamp(&mut self, response: &mut Answer, now_ms: i64) {
        for (name, value) in self.window.headers(now_ms) {
            if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
                response.headers_mut().insert(name, value);
            }
        }
    }

    pub(super) fn answer(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Answer {
        let now_ms = moment.now_ms;
        if self.plan.sheds_load || !self.window.spend(now_ms) {
            return self.too_many(now_ms);
        }
        let mut response = self.route(request, moment);
        self.stamp(&mut response, now_ms);
        if let Ok(id) = HeaderValue::from_str(&format!("{:016x}", rand::Rng::random::<u64>(moment.rng))) {
            response.headers_mut().insert("x-request-id", id);
        }
        response
    }

    fn route(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Answer {
        let whole = request.uri().path();
        let parts: Vec<&str> = whole.trim_matches('/').split('/').collect();
        let bare = || plain(404, "text/plain", "");
        let ["stores", hash, version @ ("v2" | "v3"), path @ ..] = parts.as_slice() else { return bare() };
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let v2 = *version == "v2";
        if header("x-auth-token") != self.plan.token {
            return unauthorized(whole);
        }
        let no = |status: u16, said: &str| if v2 { no_v2(status, said) } else { no_v3(status, said, &json!({})) };
        if *hash != self.plan.hash {
            return no(403, "You don't have a required scope to access the endpoint");
        }
        if self.plan.maintenance {
            return no(503, "The store is down for maintenance.");
        }
        if v2 && !header("accept").contains("json") {
            // Seen historically: the older API answers in XML unless it is told otherwise.
            return plain(200, "application/xml", "<?xml version=\"1.0\"?><orders></orders>");
        }
        if !header("accept").is_empty() && !header("accept").contains("json") && !header("accept").contains("*/*") {
            return no(406, "Not acceptable");
        }
        let body = if request.body().is_empty() {
            Json::Null
        } else if header("content-type").starts_with("application/json") {
            match serde_json::from_slice(request.body()) {
                Ok(body) => body,
                Err(_) => return no(400, "Input is invalid: Syntax error"),
            }
        } else {
            return no(415, "Unsupported media type");
        };
        let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let call = Call {
            method: request.method(),
            path: path.strip_suffix(&[""]).unwrap_or(path).to_vec(),
            query: query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            body,
        };
        if let Some(scope) = scope_of(&call, v2)
            && !self.plan.may(&scope)
        {
            return no(403, "You don't have a required scope to access the endpoint");
        }
        if v2 { self.v2(&call, moment) } else { self.v3(&call, moment) }
    }
}

/// The permission a call needs.
fn scope_of(call: &Call<'_>, v2: bool) -> Option<String> {
    let read = call.method == Method::GET;
    let level = |stem: &str| if read { format!("{stem}_read_only") } else { stem.to_owned() };
    Some(match (v2, call.path.as_slice()) {
        (true, ["time"]) => return None,
        (true, ["store"]) | (false, ["settings", ..]) => level("store_v2_information"),
        (false, ["orders", _, "transactions"]) => level("store_v2_transactions"),
        (true, ["customers" | "customer_groups", ..]) | (false, ["customers", ..]) => level("store_v2_customers"),
        (true, _) | (false, ["orders", ..]) => level("store_v2_orders"),
        (false, ["channels", ..]) => level("store_channel_settings"),
        (false, ["catalog", ..]) => level("store_v2_products"),
        (false, ["inventory", "locations"]) => level("store_locations"),
        (false, ["inventory", ..]) => level("store_inventory"),
        _ => return None,
    })
}
