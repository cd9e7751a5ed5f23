//! The same suite against an account whose API shares no name with the assumed contract: every path, parameter and
//! field is spelled backwards, lists come by page number, errors are an object of their own, nothing has a version,
//! and no key protects against doubles. Its profile is made here, from the shipped one, by the same rule.
//!
//! The account itself is the usual stand-in behind an interpreter; whatever it is asked in the assumed contract's
//! words is a failure of the test.

use super::common::Disguise;
use super::*;
use quayside_connectors::profiles::profile_kit;
use quayside_connectors::{Setup, Wire, WireError};
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const OPERATIONS: &[&str] = &[
    "ping",
    "listOrders",
    "getOrder",
    "createOrder",
    "updateOrder",
    "cancelOrder",
    "listFulfillments",
    "listProducts",
    "assignOrder",
    "listRefunds",
    "createRefund",
];
const ABILITIES: &[&str] = &[
    "orders.read",
    "orders.write",
    "orders.cancel",
    "fulfillments.read",
    "products.read",
    "orders.assign",
    "orders.refund",
];

/// A name in the other account.
fn theirs(name: &str) -> String {
    format!("f_{}", name.chars().rev().collect::<String>())
}

/// A name of the other account in the assumed contract's words.
fn ours(name: &str) -> String {
    let plain = name.strip_prefix("f_").unwrap_or_else(|| panic!("\"{name}\" is no name of this account"));
    plain.chars().rev().collect()
}

/// Names of an expression, changed: those before a colon (`of_keys`), or all others.
fn renamed_expression(text: &str, of_keys: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '\'') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if rest.starts_with('\'') {
            let end = rest[1..].find('\'').map_or(rest.len(), |at| at + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let is_key = after.trim_start().starts_with(':');
        out.push_str(&if is_key == of_keys { theirs(name) } else { name.to_owned() });
        rest = after;
    }
    out + rest
}

fn renamed_keys(value: &Value, name: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::Object(object) => {
            object.iter().map(|(key, inner)| (name(key), renamed_keys(inner, name))).collect::<Map<_, _>>().into()
        }
        Value::Array(entries) => entries.iter().map(|entry| renamed_keys(entry, name)).collect(),
        other => other.clone(),
    }
}

fn renamed_path(path: &str, name: &dyn Fn(&str) -> String) -> String {
    let part = |part: &str| match part {
        "" => String::new(),
        id if id.starts_with('{') || id.starts_with("ord_") || id.starts_with("ful_") => id.to_owned(),
        word => name(word),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The profile of the other account.
pub fn profile() -> String {
    let shipped = (profile_kit("orderez").unwrap().shipped)();
    let text = &shipped.iter().find(|one| one.name == "assumed-contract").unwrap().text;
    let mut profile: Value = serde_yaml_ng::from_str(text).unwrap();
    profile["name"] = json!("backwards");
    profile["base_url"] = json!("https://{host}/supplier");
    profile["paging"] = json!({"style": "page", "items": theirs("data"), "page_param": "page", "first_page": 1, "limit_param": "size", "limit": 100});
    profile["item"] = json!(theirs("data"));
    profile["concurrency"] = json!({"style": "none"});
    profile["idempotency"] = json!({"style": "lookup", "lookup_operation": "listOrders"});
    profile["write_source"] = json!({"style": "none"});
    profile["errors"] = json!({"code": "error.type", "message": "error.message", "existing_id": "error.existing",
        "fields": "error.fields[].{field: pointer, code: code, message: message}",
        "duplicate_codes": ["duplicate_external_ref"], "retryable_status": [408, 429, 500, 502, 503, 504], "retry_after_header": "Retry-After"});
    for (name, on) in profile["capabilities"].as_object_mut().unwrap() {
        *on = json!(ABILITIES.contains(&name.as_str()));
    }
    // What passes through as it is gets its names spelled out, so that they can be changed.
    let create = &mut profile["operations"]["createOrder"]["body"];
    create["external_refs"] = json!("=external_refs[].{system: system, id: id, number: number}");
    create["customer"] = json!("=customer && customer.{name: name, email: email, phone: phone, company: company}");
    create["shipping_method"] = json!("=shipping_method && shipping_method.{title: title}");
    create["totals"] =
        json!("=totals && totals.{grand_total: grand_total, tax: tax, shipping: shipping, discount: discount}");
    create["lines"] = json!(
        "=lines[].{sku: sku, title: title, quantity: quantity, unit_price: unit_price, tax: tax, external_ref: external_ref.{system: system, id: id}}"
    );
    let operations = profile["operations"].as_object_mut().unwrap();
    operations.retain(|name, _| OPERATIONS.contains(&name.as_str()));
    for operation in operations.values_mut() {
        let path = operation["path"].as_str().unwrap().to_owned();
        operation["path"] = json!(renamed_path(&path, &theirs));
        for parameter in operation.get_mut("query").and_then(Value::as_object_mut).into_iter().flatten() {
            *parameter.1 = json!(theirs(parameter.1.as_str().unwrap()));
        }
        if let Some(body) = operation.get_mut("body") {
            body.as_object_mut().unwrap().remove("source");
            *body = renamed_keys(body, &theirs);
            for text in body.as_object_mut().unwrap().values_mut() {
                *text = json!(renamed_expression(text.as_str().unwrap(), true));
            }
        }
    }
    let entities = profile["entities"].as_object_mut().unwrap();
    entities.retain(|name, _| matches!(name.as_str(), "order" | "fulfillment" | "product" | "refund"));
    for entity in entities.values_mut() {
        for field in entity["read"].as_object_mut().unwrap().values_mut() {
            let place = if field.is_object() { &mut field["path"] } else { field };
            *place = json!(renamed_expression(place.as_str().unwrap(), false));
        }
    }
    profile.to_string()
}

/// Opens connectors of the usual account as if it were the other one.
pub fn renamed() -> Disguise {
    let profile = profile();
    let asked = Arc::new(AtomicUsize::new(0));
    Arc::new(move |mut setup: Setup| {
        setup.config.way = "own".into();
        setup.config.fields.insert("profile".into(), profile.clone());
        setup.wire = Arc::new(Interpreter { inner: setup.wire.clone(), asked: asked.clone() });
        setup
    })
}

/// Speaks the other account's language to the connector, and the contract's to the stand-in.
struct Interpreter {
    inner: Arc<dyn Wire>,
    asked: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl Wire for Interpreter {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        let path = url.path().strip_prefix("/supplier").unwrap_or_else(|| panic!("{url} is another account's"));
        let mut target = url.clone();
        target.set_path(&format!("/v1{}", renamed_path(path, &ours)));
        let mut page = 1;
        let mut query: Vec<(String, String)> = Vec::new();
        for (name, value) in url.query_pairs() {
            match &*name {
                "page" => page = value.parse().unwrap(),
                "size" => query.push(("limit".into(), value.into_owned())),
                name => query.push((ours(name), value.into_owned())),
            }
        }
        let mut body = Vec::new();
        if !request.body().is_empty() {
            let mut told = renamed_keys(&serde_json::from_slice(request.body()).unwrap(), &ours);
            if request.method() == http::Method::POST {
                // The stand-in insists on it; the other account has no such thing.
                told["source"] = json!({ "system": "interpreter", "id": "1" });
            }
            body = told.to_string().into_bytes();
        }
        let mut cursor: Option<String> = None;
        loop {
            target.set_query(None);
            let mut pairs = query.clone();
            pairs.extend(cursor.take().map(|cursor| ("cursor".to_owned(), cursor)));
            if !pairs.is_empty() {
                target.query_pairs_mut().extend_pairs(pairs);
            }
            let mut asking = http::Request::builder().method(request.method()).uri(target.as_str());
            for (name, value) in request.headers() {
                assert!(!matches!(name.as_str(), "if-match" | "idempotency-key"), "this account knows no {name}");
                asking = asking.header(name, value);
            }
            if request.method() != http::Method::GET {
                // The stand-in insists on a key. One that never comes again protects against nothing.
                let number = self.asked.fetch_add(1, Ordering::SeqCst);
                asking = asking.header("idempotency-key", format!("never-the-same-key-{number:06}"));
            }
            let mut answer = self.inner.send(asking.body(body.clone()).unwrap(), timeout).await?;
            let Ok(said) = serde_json::from_slice::<Value>(answer.body()) else { return Ok(answer) };
            cursor = said["meta"]["next_cursor"].as_str().map(str::to_owned);
            if page > 1 && answer.status().is_success() {
                page -= 1;
                if cursor.is_some() {
                    continue;
                }
                *answer.body_mut() = json!({ theirs("data"): [] }).to_string().into_bytes();
                return Ok(answer);
            }
            let told = if answer.status().is_success() {
                json!({ theirs("data"): renamed_keys(&said["data"], &theirs) })
            } else {
                json!({ "error": { "type": said["code"], "message": said["detail"].as_str().or(said["title"].as_str()),
                    "existing": said["existing_id"], "fields": said["errors"] } })
            };
            *answer.body_mut() = told.to_string().into_bytes();
            answer.headers_mut().remove(http::header::ETAG);
            return Ok(answer);
        }
    }
}

#[tokio::test]
async fn trap_a_second_account_that_shares_no_name_with_the_first() {
    let report = (profile_kit("orderez").unwrap().check)(&profile());
    assert!(report.ok, "{:?}", report.faults);
    for case in [
        made::<true>(),
        made_and_held::<true>(),
        address_changed::<true>(),
        fewer_units::<true>(),
        cancelled::<true>(),
        held::<true>(),
        released::<true>(),
        refund_written_down::<true>(),
        made_and_routed::<true>(),
    ] {
        check_effect(&case).await;
    }
}

#[tokio::test]
async fn trap_lists_of_a_second_account_are_all_read() {
    let mut world = busy();
    stocked(&world);
    world.disguise = Some(renamed());
    let preflight = world.open().preflight().await;
    assert!(preflight.can_connect(), "{:#?}", preflight.checks);
    let since_ms = NOW_MS - 2 * DAY_MS;
    let found = hub_orders(&read_to_end(&world, "orders", &mut None, since_ms).await);
    let ids: std::collections::BTreeSet<&str> = found.iter().map(|order| order.remote_id.as_str()).collect();
    assert_eq!(ids.len(), 255);
    assert!(found.iter().all(|order| order.lines.len() == 2 && order.ship_to.as_ref().unwrap().city == "Hamburg"));
    let found = parcels(&read_to_end(&world, "fulfillments", &mut None, since_ms).await);
    assert_eq!(found.len(), 85);
    assert!(found.iter().all(|parcel| parcel.lines.as_ref().unwrap().len() == 2 && !parcel.tracking_number.is_empty()));
    let found = read_to_end(&world, "products", &mut None, since_ms).await;
    let products: std::collections::BTreeMap<&str, &quayside_model::Product> = found
        .iter()
        .map(|incoming| match &incoming.record {
            Record::Product(product) => (product.sku.as_str(), product),
            other => panic!("no product: {other:?}"),
        })
        .collect();
    assert_eq!(products.len(), 260);
    let one = products["BOX-7"];
    assert_eq!((one.name.as_str(), one.barcode.as_deref(), one.active), ("Box 7", Some("4000000000007"), true));
    assert!(!products["BOX-3"].active);
}
