//! HTTP: versions, limits, and every address of the REST API a client of records uses.

use super::bulk::{Job, Outcome, rows};
use super::signin::expired;
use super::soql::{Item, Query, parse};
use super::state::{Fault, Record, fault, moment as parse_moment, no_type};
use super::write::{Writer, Written};
use super::{Locator, Salesforce};
use crate::sandbox::plain;
use crate::{ListQuirk, Moment};
use http::{HeaderValue, Method, Request, Response};
use serde_json::{Map, Value as Json, json};

const JSON: &str = "application/json;charset=UTF-8";
/// Longest address with headers, bytes.
const URI_MAX: usize = 16_384;
/// The daily window, ms.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows of a collection.
const COLLECTION_MAX: usize = 200;

/// The record type every object has.
const MASTER: &str = "012000000000000AAA";

/// An inner answer: status and body.
type Inner = (u16, Json);

fn refused(fault: &Fault) -> Inner {
    if fault.status == 300 {
        return (300, json!(fault.fields));
    }
    (fault.status, json!([fault.json()]))
}

fn fail(fault: &Fault) -> Response<Vec<u8>> {
    let (status, body) = refused(fault);
    plain(status, JSON, body.to_string())
}

fn not_found() -> Inner {
    refused(&fault("NOT_FOUND", "The requested resource does not exist").status(404))
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

impl Salesforce {
    pub(super) fn answer(&mut self, request: &Request<Vec<u8>>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        self.give_back();
        let path = request.uri().path().trim_end_matches('/').to_owned();
        let size = request.uri().to_string().len()
            + request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
        if size > URI_MAX {
            return plain(414, "text/html", "<html><head><title>414 URI Too Long</title></head></html>");
        }
        if path.starts_with("/services/oauth2/") {
            return self.oauth(request, moment.now_ms);
        }
        if path == "/services/data" {
            let list: Vec<Json> = self.plan.versions.iter().map(|version| json!({ "label": format!("API {version}"), "url": format!("/services/data/v{version}"), "version": version })).collect();
            return plain(200, JSON, json!(list).to_string());
        }
        let Some((version, rest)) = path.strip_prefix("/services/data/v").and_then(|rest| rest.split_once('/')) else {
            return plain(404, "text/html;charset=UTF-8", "<html><body>URL No Longer Exists</body></html>");
        };
        if version.parse::<f64>().is_ok_and(|version| version <= 30.0) {
            return fail(&fault("UNSUPPORTED_API_VERSION", "This Api version is not supported.").status(410));
        }
        if !self.plan.versions.iter().any(|known| known == version) {
            return fail(&fault("NOT_FOUND", "The requested resource does not exist").status(404));
        }
        let Some(session) = self.session(request, moment.now_ms) else { return expired() };
        self.calls.retain(|at_ms| moment.now_ms - at_ms < DAY_MS);
        self.own_calls.retain(|at_ms| moment.now_ms - at_ms < DAY_MS);
        let app_full = self.plan.app_calls_max.is_some_and(|most| self.own_calls.len() >= most);
        let mut response = if self.plan.busy > 0 {
            self.plan.busy -= 1;
            super::crowded()
        } else if app_full || self.calls.len() >= self.plan.calls_max {
            fail(&fault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").status(403))
        } else {
            self.calls.push(moment.now_ms);
            self.own_calls.push(moment.now_ms);
            self.spent += 1;
            self.route(request, version, rest, &session, moment)
        };
        let mut usage = format!("api-usage={}/{}", self.calls.len(), self.plan.calls_max);
        if let Some(most) = self.plan.app_calls_max {
            usage = format!("{usage}; per-app-api-usage={}/{most}(appName=Quayside)", self.own_calls.len());
        }
        if let Ok(usage) = HeaderValue::from_str(&usage) {
            response.headers_mut().insert("sforce-limit-info", usage);
        }
        response
    }

    fn route(
        &mut self,
        request: &Request<Vec<u8>>,
        version: &str,
        rest: &str,
        session: &str,
        moment: &mut Moment<'_>,
    ) -> Response<Vec<u8>> {
        if let Some(rest) = rest.strip_prefix("jobs/ingest") {
            return self.ingest(request, version, rest.trim_start_matches('/'), moment);
        }
        let body = match Self::body(request) {
            Ok(body) => body,
            Err(fault) => return fail(&fault),
        };
        let header = |name: &str| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let allow_save = header("sforce-duplicate-rule-header").to_lowercase().contains("allowsave=true");
        self.plan.assign = header("sforce-auto-assign");
        let query = request.uri().query().unwrap_or_default().to_owned();
        let (status, body) = if rest == "composite" && request.method() == Method::POST {
            self.composite(&body, version, session, moment)
        } else {
            self.inner(request.method(), version, rest, &query, &body, allow_save, session, moment)
        };
        if status == 204 || body.is_null() {
            return plain(status, JSON, "");
        }
        plain(status, JSON, body.to_string())
    }

    fn body(request: &Request<Vec<u8>>) -> Result<Json, Fault> {
        if request.body().is_empty() {
            return Ok(Json::Null);
        }
        let kind = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(fault(
                "UNSUPPORTED_MEDIA_TYPE",
                "Content-Type header specified in HTTP request is not supported",
            )
            .status(415));
        }
        serde_json::from_slice(request.body())
            .map_err(|error| fault("JSON_PARSER_ERROR", format!("Unexpected character: {error}")))
    }

    /// What a call or a subrequest of a composite call answers.
    #[allow(clippy::too_many_arguments)] // the parts of a request
    fn inner(
        &mut self,
        method: &Method,
        version: &str,
        rest: &str,
        query: &str,
        body: &Json,
        allow_save: bool,
        session: &str,
        moment: &mut Moment<'_>,
    ) -> Inner {
        let parts: Vec<String> = rest.split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ask = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        let object = Map::new();
        let fields = body.as_object().unwrap_or(&object);
        let wrote = |result: Result<Written, Fault>, quiet: bool| match result {
            Ok(_) if quiet => (204, Json::Null),
            Ok(written) => (
                if written.created { 201 } else { 200 },
                json!({ "id": written.id, "success": true, "errors": [], "created": written.created }),
            ),
            Err(fault) => refused(&fault),
        };
        match (method, parts.as_slice()) {
            (&Method::GET, ["limits"]) => (
                200,
                json!({ "DailyApiRequests": { "Max": self.plan.calls_max, "Remaining": self.plan.calls_max.saturating_sub(self.calls.len()) } }),
            ),
            (&Method::GET, ["query" | "queryAll"]) => {
                let all = parts[0] == "queryAll";
                ask("q").map_or_else(
                    || refused(&fault("MALFORMED_QUERY", "SOQL statement is missing")),
                    |text| self.query(&text, all, version, session, moment.now_ms),
                )
            }
            (&Method::GET, ["query", locator]) => self.more(locator, version, session),
            (&Method::GET, ["sobjects"]) => {
                let list: Vec<Json> = self.seen_objects().iter().map(|object| json!({ "name": object.name, "label": object.name.trim_end_matches("__c"), "keyPrefix": object.prefix, "custom": object.name.ends_with("__c"), "customSetting": false, "associateParentEntity": null, "associateEntityType": null, "createable": object.createable, "updateable": object.createable, "queryable": true })).collect();
                (200, json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list }))
            }
            (&Method::GET, ["sobjects", name, "describe"]) => {
                let found = self.seen_objects().into_iter().find(|object| object.name.eq_ignore_ascii_case(name));
                found.map_or_else(not_found, |object| {
                    let mut answer = object.describe(version);
                    answer["recordTypeInfos"] = self.record_types(&object.name);
                    (200, answer)
                })
            }
            (&Method::GET, ["ui-api", "object-info", name, "picklist-values", of]) => self.lists(name, of, version),
            (&Method::POST, ["sobjects", name]) => match self.writer(moment, allow_save).create(name, fields) {
                Ok(written) => (201, json!({ "id": written.id, "success": true, "errors": [] })),
                Err(fault) => refused(&fault),
            },
            (_, ["sobjects", name, id]) if *method != Method::POST => {
                self.by_id(method, name, id, fields, version, allow_save, moment)
            }
            (&Method::GET, ["sobjects", name, key, value]) => self.by_key(name, key, value, version),
            (&Method::PATCH, ["sobjects", name, key, value]) => {
                if fields.keys().any(|field| field.eq_ignore_ascii_case(key) || field.eq_ignore_ascii_case("id")) {
                    return refused(&fault(
                        "INVALID_FIELD",
                        format!("The {key} field should not be specified in the sobject data."),
                    ));
                }
                let mut fields = fields.clone();
                // The API makes numbers and texts of an address alike.
                fields.remove("attributes");
                wrote(self.writer(moment, allow_save).upsert(name, key, value, &fields), false)
            }
            (&Method::POST | &Method::PATCH, ["composite", "sobjects"]) => {
                self.collection(method, body, None, allow_save, moment)
            }
            (&Method::PATCH, ["composite", "sobjects", name, key]) => {
                self.collection(method, body, Some((name, key)), allow_save, moment)
            }
            (&Method::GET, ["composite", "sobjects", name]) => {
                let ids: Vec<String> = ask("ids").unwrap_or_default().split(',').map(str::to_owned).collect();
                let rows = ids.iter().map(|id| {
                    self.state
                        .record(id)
                        .filter(|record| record.object.eq_ignore_ascii_case(name) && !record.deleted)
                        .map_or(Json::Null, |record| self.whole(record, version))
                });
                (200, Json::Array(rows.collect()))
            }
            _ => not_found(),
        }
    }

    fn writer<'h>(&'h mut self, moment: &'h mut Moment<'_>, allow_save: bool) -> Writer<'h> {
        // What an admin hid or locked is not writable either; the schema the writer sees says so.
        self.apply_permissions();
        Writer::new(&mut self.state, &mut self.plan, moment, allow_save)
    }

    #[allow(clippy::too_many_arguments)]
    fn by_id(
        &mut self,
        method: &Method,
        name: &str,
        id: &str,
        fields: &Map<String, Json>,
        version: &str,
        allow_save: bool,
        moment: &mut Moment<'_>,
    ) -> Inner {
        match *method {
            Method::GET => {
                let found = self.state.record(id).filter(|record| record.object.eq_ignore_ascii_case(name));
                match found {
                    Some(record) if record.deleted => {
                        refused(&fault("ENTITY_IS_DELETED", "entity is deleted").status(404))
                    }
                    Some(record) => (200, self.whole(record, version)),
                    None => not_found(),
                }
            }
            Method::PATCH => match self.writer(moment, allow_save).update(name, id, fields) {
                Ok(_) => (204, Json::Null),
                Err(fault) => refused(&fault),
            },
            Method::DELETE => match self.writer(moment, allow_save).delete(id) {
                Ok(_) => (204, Json::Null),
                Err(fault) => refused(&fault),
            },
            _ => refused(&fault("METHOD_NOT_ALLOWED", format!("HTTP Method '{method}' not allowed.")).status(405)),
        }
    }

    fn by_key(&self, name: &str, key: &str, value: &str, version: &str) -> Inner {
        let Some(object) = self.state.object(name) else { return refused(&no_type(name).status(404)) };
        let Some(field) = object.field(key).filter(|field| field.external_id) else {
            return refused(
                &fault("NOT_FOUND", format!("Provided external ID field does not exist or is not accessible: {key}"))
                    .status(404),
            );
        };
        let found: Vec<&Record> = self
            .state
            .of(&object.name)
            .filter(|record| {
                record
                    .values
                    .get(&field.name)
                    .and_then(Json::as_str)
                    .is_some_and(|known| known.eq_ignore_ascii_case(value))
            })
            .collect();
        match found.as_slice() {
            [] => not_found(),
            [one] => (200, self.whole(one, version)),
            many => (
                300,
                json!(
                    many.iter()
                        .map(|one| format!("/services/data/v{version}/sobjects/{}/{}", one.object, one.id))
                        .collect::<Vec<_>>()
                ),
            ),
        }
    }

    /// A record with every field the user may see.
    fn whole(&self, record: &Record, version: &str) -> Json {
        let hidden = |field: &str| self.plan.hidden.iter().any(|name| *name == format!("{}.{field}", record.object));
        let mut row = Map::from_iter([(
            "attributes".to_owned(),
            json!({ "type": record.object, "url": format!("/services/data/v{version}/sobjects/{}/{}", record.object, record.id) }),
        )]);
        for field in self
            .state
            .object(&record.object)
            .into_iter()
            .flat_map(|object| &object.fields)
            .filter(|field| !hidden(&field.name))
        {
            row.insert(field.name.clone(), record.values.get(&field.name).cloned().unwrap_or_default());
        }
        Json::Object(row)
    }

    fn collection(
        &mut self,
        method: &Method,
        body: &Json,
        upsert: Option<(&str, &str)>,
        allow_save: bool,
        moment: &mut Moment<'_>,
    ) -> Inner {
        let Some(records) = body.get("records").and_then(Json::as_array) else {
            return refused(&fault("JSON_PARSER_ERROR", "records is missing"));
        };
        if records.len() > COLLECTION_MAX {
            return refused(&fault(
                "EXCEEDED_ID_LIMIT",
                format!("record limit reached. cannot submit more than {COLLECTION_MAX} records into this call"),
            ));
        }
        let whole = body.get("allOrNone") == Some(&json!(true));
        let before = self.state.clone();
        let entries = moment.ledger.entries.len();
        let mut results = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        for record in records {
            let empty = Map::new();
            let fields = record.as_object().unwrap_or(&empty);
            let Some(name) = record.pointer("/attributes/type").and_then(Json::as_str) else {
                return refused(&fault("INVALID_INPUT", "Include an entity type in the attributes of each record"));
            };
            let id = fields
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("id"))
                .and_then(|(_, id)| id.as_str())
                .unwrap_or_default()
                .to_owned();
            let result = match upsert {
                Some((object, _)) if !object.eq_ignore_ascii_case(name) => {
                    Err(fault("INVALID_INPUT", "all records of an upsert must be of one type"))
                }
                Some((object, key)) => {
                    let value = fields
                        .iter()
                        .find(|(name, _)| name.eq_ignore_ascii_case(key))
                        .and_then(|(_, value)| value.as_str())
                        .unwrap_or_default()
                        .to_owned();
                    if value.is_empty() {
                        Err(fault("MISSING_ARGUMENT", format!("{key} not specified")))
                    } else if keys.contains(&value) {
                        Err(fault("DUPLICATE_VALUE", format!("Duplicate external id specified: {value}")))
                    } else {
                        keys.push(value.clone());
                        self.writer(moment, allow_save).upsert(object, key, &value, fields)
                    }
                }
                None if *method == Method::POST => {
                    if id.is_empty() {
                        self.writer(moment, allow_save).create(name, fields)
                    } else {
                        Err(fault("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call").about("Id"))
                    }
                }
                None if id.is_empty() => Err(fault("MISSING_ARGUMENT", "Id not specified in an update call")),
                None if keys.contains(&id) => Err(fault("DUPLICATE_VALUE", "duplicate id specified in the call")),
                None => {
                    keys.push(id.clone());
                    self.writer(moment, allow_save).update(name, &id, fields)
                }
            };
            results.push(result);
        }
        let failed = results.iter().any(Result::is_err);
        if whole && failed {
            self.state = before;
            moment.ledger.entries.truncate(entries);
        }
        let rows = results.into_iter().map(|result| match result {
            Ok(_) if whole && failed => {
                let error = fault(
                    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                    "Record rolled back because not all records were valid and the request was using AllOrNone header",
                );
                json!({ "success": false, "errors": [error.row()] })
            }
            Ok(written) if upsert.is_some() => {
                json!({ "id": written.id, "success": true, "errors": [], "created": written.created })
            }
            Ok(written) => json!({ "id": written.id, "success": true, "errors": [] }),
            Err(error) => json!({ "success": false, "errors": [error.row()] }),
        });
        (200, Json::Array(rows.collect()))
    }

    fn composite(&mut self, body: &Json, version: &str, session: &str, moment: &mut Moment<'_>) -> Inner {
        let Some(requests) = body.get("compositeRequest").and_then(Json::as_array).cloned() else {
            return refused(&fault("JSON_PARSER_ERROR", "compositeRequest is missing"));
        };
        let large = |request: &Json| {
            request["url"].as_str().is_some_and(|url| url.contains("/composite/sobjects") || url.contains("/query"))
        };
        if requests.is_empty() || requests.len() > 25 || requests.iter().filter(|request| large(request)).count() > 5 {
            return refused(&fault("LIMIT_EXCEEDED", "The limit of subrequests was exceeded."));
        }
        let whole = body.get("allOrNone") == Some(&json!(true));
        let refers = body.to_string().contains("@{");
        let before = self.state.clone();
        let entries = moment.ledger.entries.len();
        let mut done: Vec<(String, Json)> = Vec::new();
        let mut answers: Vec<(String, Inner)> = Vec::new();
        for request in &requests {
            let reference = request["referenceId"].as_str().unwrap_or_default().to_owned();
            let fine = reference.starts_with(|c: char| c.is_ascii_alphabetic())
                && reference.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !fine || answers.iter().any(|(known, _)| *known == reference) {
                return refused(&fault(
                    "INVALID_INPUT",
                    format!(
                        "Provided referenceId ('{reference}') must be unique, start with a letter and contain letters, digits and underscores only."
                    ),
                ));
            }
            if whole && answers.iter().any(|(_, (status, _))| *status >= 300) {
                answers.push((reference, refused(&halted())));
                continue;
            }
            let text = referred(&request.to_string(), &done);
            let request: Json = serde_json::from_str(&text).unwrap_or_default();
            let method =
                Method::from_bytes(request["method"].as_str().unwrap_or_default().as_bytes()).unwrap_or(Method::GET);
            let url = request["url"].as_str().unwrap_or_default();
            let (path, query) = url.split_once('?').unwrap_or((url, ""));
            let Some(rest) = path.strip_prefix(&format!("/services/data/v{version}/")) else {
                answers.push((reference, not_found()));
                continue;
            };
            let assign = request["httpHeaders"].as_object().into_iter().flatten();
            let assign = assign.filter(|(name, _)| name.eq_ignore_ascii_case("sforce-auto-assign"));
            self.plan.assign = assign.filter_map(|(_, word)| word.as_str()).collect();
            let headers = request["httpHeaders"].to_string().to_lowercase();
            let answer = self.inner(
                &method,
                version,
                rest,
                query,
                &request["body"],
                headers.contains("allowsave=true"),
                session,
                moment,
            );
            if answer.0 < 300 && refers {
                done.push((reference.clone(), answer.1.clone()));
            }
            answers.push((reference, answer));
        }
        if whole && answers.iter().any(|(_, (status, _))| *status >= 300) {
            self.state = before;
            moment.ledger.entries.truncate(entries);
            for (_, answer) in answers.iter_mut().filter(|(_, (status, _))| *status < 300) {
                *answer = refused(&halted());
            }
        }
        // Moved, not copied: descriptions are large.
        let part = |(reference, (status, body)): (String, Inner)| {
            let mut part = Map::new();
            part.insert("body".into(), body);
            part.insert("httpHeaders".into(), json!({}));
            part.insert("httpStatusCode".into(), json!(status));
            part.insert("referenceId".into(), Json::String(reference));
            Json::Object(part)
        };
        let list = Json::Array(answers.into_iter().map(part).collect());
        (200, Json::Object(Map::from_iter([("compositeResponse".to_owned(), list)])))
    }

    fn query(&mut self, text: &str, all: bool, version: &str, session: &str, now_ms: i64) -> Inner {
        self.apply_permissions();
        let query = match parse(text) {
            Ok(query) => query,
            Err(malformed) => return refused(&fault("MALFORMED_QUERY", format!("{text}\n{malformed}"))),
        };
        match self.queried(&query, all, version, session, now_ms) {
            Ok(answer) => (200, answer),
            Err(fault) => refused(&fault),
        }
    }

    /// What an admin made, and the master type, which every object has.
    fn record_types(&self, object: &str) -> Json {
        let info = |id: &str, name: &str, developer: &str, default: bool| {
            json!({ "recordTypeId": id, "name": name, "developerName": developer, "active": true, "available": true,
                "defaultRecordTypeMapping": default, "master": id == MASTER })
        };
        let made = self.state.record_types(object).enumerate().map(|(n, record)| {
            let text = |name: &str| record.values.get(name).and_then(Json::as_str).unwrap_or_default();
            info(&record.id, text("Name"), text("DeveloperName"), n == 0)
        });
        let mut all: Vec<Json> = made.collect();
        all.push(info(MASTER, "Master", "Master", all.is_empty()));
        Json::Array(all)
    }

    /// The lists of an object as a record type leaves them.
    fn lists(&self, object: &str, of: &str, version: &str) -> Inner {
        let seen = self.seen_objects().into_iter().find(|known| known.name.eq_ignore_ascii_case(object));
        let developer = self.state.text(of, "DeveloperName");
        let Some(object) = seen.filter(|_| of == MASTER || !developer.is_empty()) else { return not_found() };
        let mut lists = Map::new();
        for field in object.fields.iter().filter(|field| field.kind == "picklist") {
            let narrowed = self
                .plan
                .narrowed
                .iter()
                .find(|one| one.object == object.name && one.record_type == developer && one.field == field.name);
            let controlling = field.controller.as_deref().and_then(|by| object.field(by));
            let places = |value: &str| -> Vec<usize> {
                let all = controlling.into_iter().flat_map(|by| by.values.iter().enumerate());
                all.filter(|(_, one)| field.goes_with(value, one)).map(|(n, _)| n).collect()
            };
            let values: Vec<Json> = narrowed
                .map_or(&field.values, |one| &one.values)
                .iter()
                .map(|value| json!({ "attributes": null, "label": value, "validFor": places(value), "value": value }))
                .collect();
            let by: Map<String, Json> = controlling
                .into_iter()
                .flat_map(|by| by.values.iter().enumerate())
                .map(|(n, one)| (one.clone(), json!(n)))
                .collect();
            let url = format!(
                "/services/data/v{version}/ui-api/object-info/{}/picklist-values/{of}/{}",
                object.name, field.name
            );
            let list = json!({ "controllerValues": by, "defaultValue": null, "url": url, "values": values });
            lists.insert(field.name.clone(), list);
        }
        (200, json!({ "picklistFieldValues": lists }))
    }

    fn queried(&mut self, query: &Query, all: bool, version: &str, session: &str, now_ms: i64) -> Result<Json, Fault> {
        if self.plan.slow_rows.is_some_and(|most| query.limit.unwrap_or(usize::MAX) > most) {
            return Err(fault("QUERY_TIMEOUT", "Your query request was running for too long."));
        }
        // A change shows in a list when its transaction is done, later than its stamp; a record asked for by id is there at once.
        let by_time = query.filter.as_ref().is_some_and(|filter| {
            filter.fields().iter().any(|path| {
                matches!(path.last().map(String::as_str), Some("SystemModstamp" | "LastModifiedDate" | "CreatedDate"))
            })
        });
        let late = self.quirk == Some(ListQuirk::LateIndex) && by_time;
        let hide = |record: &Record| {
            late && record
                .values
                .get("SystemModstamp")
                .and_then(Json::as_str)
                .and_then(parse_moment)
                .is_some_and(|at_ms| now_ms - at_ms < ListQuirk::LATE_MS)
        };
        let found = self.state.rows(query, &query.from, all, &hide)?;
        if query.select == [Item::Count] {
            return Ok(json!({ "totalSize": found.len(), "done": true, "records": [] }));
        }
        let mut rows = found
            .iter()
            .map(|record| self.state.shown(record, query, version, all, self.plan.child_rows))
            .collect::<Result<Vec<_>, _>>()?;
        // Names are checked even where there is no row.
        if rows.is_empty() {
            self.dry(query, version)?;
        }
        if by_time && !query.order.is_empty() {
            match self.quirk {
                Some(ListQuirk::ReorderedPage) => rows.reverse(),
                Some(ListQuirk::DuplicatePage) => {
                    let mut again: Vec<Json> = self
                        .last_page
                        .iter()
                        .filter(|row| row["attributes"]["type"] == json!(query.from))
                        .take(5)
                        .cloned()
                        .collect();
                    again.retain(|row| !rows.contains(row));
                    let most = rows.len().max(1);
                    again.append(&mut rows);
                    again.truncate(most.max(again.len().min(query.limit.unwrap_or(usize::MAX))));
                    rows = again;
                }
                _ => {}
            }
            self.last_page.clone_from(&rows);
        }
        let total = rows.len();
        let rest = if rows.len() > self.plan.batch_rows { rows.split_off(self.plan.batch_rows) } else { Vec::new() };
        let mut answer = json!({ "totalSize": total, "done": rest.is_empty(), "records": rows });
        if !rest.is_empty() {
            self.locators += 1;
            let name = format!("01gRO{:07}PIAYA2-{}", self.locators, self.plan.batch_rows);
            answer["nextRecordsUrl"] = json!(format!("/services/data/v{version}/query/{name}"));
            self.cursors.insert(name, Locator { session: session.to_owned(), rows: rest, total });
        }
        Ok(answer)
    }

    /// Every name of a question exists for this user.
    fn dry(&self, query: &Query, version: &str) -> Result<(), Fault> {
        let object = self.state.object(&query.from).ok_or_else(|| no_type(&query.from))?;
        let nobody =
            Record { id: "000000000000000AAA".into(), object: object.name.clone(), values: Map::new(), deleted: false };
        self.state.shown(&nobody, query, version, false, 1).map(drop)
    }

    fn more(&mut self, name: &str, version: &str, session: &str) -> Inner {
        // A locator belongs to the session that made it.
        let Some(mut locator) = self.cursors.remove(name).filter(|locator| locator.session == session) else {
            return refused(&fault("INVALID_QUERY_LOCATOR", "invalid query locator"));
        };
        let rest = if locator.rows.len() > self.plan.batch_rows {
            locator.rows.split_off(self.plan.batch_rows)
        } else {
            Vec::new()
        };
        let mut answer = json!({ "totalSize": locator.total, "done": rest.is_empty(), "records": locator.rows });
        if !rest.is_empty() {
            self.locators += 1;
            let name = format!("01gRO{:07}PIAYA2-{}", self.locators, locator.total - rest.len());
            answer["nextRecordsUrl"] = json!(format!("/services/data/v{version}/query/{name}"));
            self.cursors.insert(name, Locator { session: locator.session, rows: rest, total: locator.total });
        }
        (200, answer)
    }

    fn ingest(
        &mut self,
        request: &Request<Vec<u8>>,
        version: &str,
        rest: &str,
        moment: &mut Moment<'_>,
    ) -> Response<Vec<u8>> {
        let reply =
            |(status, body): Inner| plain(status, JSON, if body.is_null() { String::new() } else { body.to_string() });
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        if let (&Method::POST, []) = (request.method(), parts.as_slice()) {
            let body: Json = serde_json::from_slice(request.body()).unwrap_or_default();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let Some(object) = self.state.object(&text("object")).map(|object| object.name.clone()) else {
                return fail(&fault(
                    "INVALIDENTITY",
                    format!("Entity '{}' is not supported by the Bulk API.", text("object")),
                ));
            };
            if !matches!(text("operation").as_str(), "insert" | "update" | "upsert")
                || (text("operation") == "upsert" && text("externalIdFieldName").is_empty())
            {
                return fail(&fault("INVALIDJOB", "InvalidJob : The operation needs an external id field name"));
            }
            let id = self.state.id("750");
            let job = Job {
                id: id.clone(),
                object,
                operation: text("operation"),
                key: text("externalIdFieldName"),
                created_ms: moment.now_ms,
                state: "Open".into(),
                done_ms: None,
                table: None,
                outcome: None,
            };
            let answer = job.json(version, moment.now_ms);
            self.jobs.insert(id, job);
            return reply((200, answer));
        }
        let Some(mut job) = parts.first().and_then(|id| self.jobs.get(*id)).cloned() else { return reply(not_found()) };
        let answer = match (request.method(), parts.get(1).copied()) {
            (&Method::GET, None) => (200, job.json(version, moment.now_ms)),
            (&Method::PUT, Some("batches")) => {
                let kind =
                    request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
                if !kind.starts_with("text/csv") {
                    refused(&fault("UNSUPPORTED_MEDIA_TYPE", "text/csv expected").status(415))
                } else if job.table.is_some() || job.state != "Open" {
                    refused(&fault("INVALIDJOBSTATE", "Job has data already or is not open"))
                } else {
                    job.table = Some(request.body().clone());
                    (201, Json::Null)
                }
            }
            (&Method::PATCH, None) => {
                let body: Json = serde_json::from_slice(request.body()).unwrap_or_default();
                match body["state"].as_str() {
                    Some("UploadComplete") if job.state == "Open" => {
                        job.state = "UploadComplete".into();
                        job.done_ms = Some(moment.now_ms + self.plan.bulk_ms);
                        job.outcome = Some(self.run_job(&job, moment));
                        (200, job.json(version, moment.now_ms))
                    }
                    Some("Aborted") => {
                        job.state = "Aborted".into();
                        (200, job.json(version, moment.now_ms))
                    }
                    _ => refused(&fault("INVALIDJOBSTATE", "the state cannot be changed so")),
                }
            }
            (&Method::GET, Some(which @ ("successfulResults" | "failedResults" | "unprocessedrecords"))) => {
                return if matches!(job.word(moment.now_ms), "JobComplete" | "Failed" | "Aborted") {
                    plain(200, "text/csv", job.result(which))
                } else {
                    reply(refused(&fault("INVALIDJOBSTATE", "results are not ready")))
                };
            }
            (&Method::DELETE, None) => {
                self.jobs.remove(&job.id);
                return plain(204, JSON, "");
            }
            _ => not_found(),
        };
        self.jobs.insert(job.id.clone(), job);
        reply(answer)
    }

    /// Runs a job's rows. (A real org takes its time; the rows are written when it begins, and told when it ends.)
    fn run_job(&mut self, job: &Job, moment: &mut Moment<'_>) -> Outcome {
        let object = self.state.object(&job.object).cloned();
        let known = |name: &str| {
            object.as_ref().and_then(|object| object.field(name)).map(|field| (field.name.clone(), field.kind))
        };
        let table = match rows(job.table.as_deref().unwrap_or_default(), known) {
            Ok(table) => table,
            Err(why) => return Outcome { failed: Some(why), ..Outcome::default() },
        };
        let (columns, rows) = table;
        let mut outcome = Outcome { columns, ..Outcome::default() };
        for (n, (cells, fields)) in rows.into_iter().enumerate() {
            match self.plan.bulk_ends {
                Some((word, most)) if n >= most => {
                    outcome.aborted = word == "Aborted";
                    outcome.failed =
                        (word == "Failed").then(|| "InternalServerError : the batch was tried 20 times".to_owned());
                    outcome.untried.push(cells);
                    continue;
                }
                _ => {}
            }
            let text = |name: &str| {
                fields
                    .iter()
                    .find(|(known, _)| known.eq_ignore_ascii_case(name))
                    .and_then(|(_, value)| value.as_str())
                    .unwrap_or_default()
                    .to_owned()
            };
            let result = match job.operation.as_str() {
                "insert" => self.writer(moment, false).create(&job.object, &fields),
                "update" => self.writer(moment, false).update(&job.object, &text("Id"), &fields),
                _ => self.writer(moment, false).upsert(&job.object, &job.key, &text(&job.key), &fields),
            };
            outcome.rows.push((cells, result));
        }
        outcome
    }
}

fn halted() -> Fault {
    fault(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
}

/// `@{reference.path}` by what came before.
fn referred(text: &str, done: &[(String, Json)]) -> String {
    let mut out = text.to_owned();
    for (reference, body) in done {
        while let Some(from) = out.find(&format!("@{{{reference}.")) {
            let Some(to) = out[from..].find('}').map(|to| from + to) else { break };
            let path = &out[from + reference.len() + 3..to];
            let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
            let value = body
                .pointer(&pointer)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .unwrap_or_default();
            out.replace_range(from..=to, &value);
        }
    }
    out
}
