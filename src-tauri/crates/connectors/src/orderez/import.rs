//! A Postman collection (v2.1) or an OpenAPI file becomes a profile to go on with. Pure.
//!
//! What can be told from names is filled in: paths, methods, paging parameters,
//! where fields are in a sample answer. What would be a guess with consequences
//! is left for a person: sample bodies are kept, but nothing that writes is
//! switched on.

use super::profile::{Profile, SHIPPED, path_parameters, read_text};
use crate::profiles::ImportedProfile;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Largest file that is read, bytes.
const FILE_MAX: usize = 20 * 1024 * 1024;
/// Deepest folder of a collection.
const FOLDERS_MAX: usize = 12;

/// A request of theirs.
#[derive(Debug, Clone, Default)]
struct Request {
    name: String,
    method: String,
    /// Segments; parameters are empty.
    path: Vec<String>,
    /// Host, if the file names one.
    host: Option<String>,
    query: Vec<String>,
    /// Names of headers the file mentions.
    headers: Vec<String>,
    body: Option<Value>,
    answer: Option<Value>,
}

/// Words for the same thing: (ours, theirs).
const RESOURCES: &[(&str, &[&str])] = &[
    ("orders", &["orders", "order", "sales-orders", "salesorders", "purchase-orders"]),
    ("products", &["products", "product", "items", "catalog"]),
    ("customers", &["customers", "customer", "outlets", "outlet", "clients", "buyers"]),
    ("fulfillments", &["fulfillments", "fulfillment", "fulfilments", "shipments", "shipment", "deliveries"]),
    ("inventory", &["inventory", "inventories", "stock", "stocks", "stock-levels"]),
    ("warehouses", &["warehouses", "warehouse", "locations", "depots"]),
    ("account", &["account", "me", "whoami", "profile", "ping"]),
];

/// What is done to one record of a resource: (word in the path, our operation for POST or PUT).
const DEEDS: &[(&str, &str)] = &[
    ("cancel", "cancelOrder"),
    ("cancellation", "cancelOrder"),
    ("refund", "createRefund"),
    ("refunds", "createRefund"),
    ("assign", "assignOrder"),
    ("assignments", "assignOrder"),
    ("fulfillments", "createFulfillment"),
    ("fulfilments", "createFulfillment"),
    ("shipments", "createFulfillment"),
    ("ship", "createFulfillment"),
];

/// Our field, and what it is usually called.
const ORDER_FIELDS: &[(&str, &[&str])] = &[
    ("remote_id", &["id", "_id", "uuid", "order_id", "orderId"]),
    ("number", &["number", "order_number", "orderNumber", "reference", "code", "name"]),
    ("status", &["status", "state", "order_status", "orderStatus"]),
    ("updated_at", &["updated_at", "updatedAt", "modified_at", "modifiedAt", "last_modified", "lastModified"]),
    ("placed_at", &["placed_at", "placedAt", "ordered_at", "created_at", "createdAt", "date", "order_date"]),
    ("external_refs", &["external_refs", "externalRefs"]),
    ("currency", &["currency", "currency_code", "currencyCode"]),
    ("version", &["version", "etag", "revision"]),
    ("note", &["note", "notes", "comment"]),
];
const LINES: &[&str] = &["lines", "items", "order_items", "orderItems", "line_items", "lineItems", "products"];
const LINE_FIELDS: &[(&str, &[&str])] = &[
    ("remote_id", &["id", "_id", "line_id", "uuid"]),
    ("sku", &["sku", "code", "product_code", "productCode", "item_code"]),
    ("title", &["title", "name", "product_name", "productName", "description"]),
    ("quantity", &["quantity", "qty", "amount", "count"]),
];
const UPDATED_SINCE: &[&str] =
    &["updated_since", "updatedSince", "updated_after", "updatedAfter", "modified_since", "updated_at_min", "since"];
/// Headers that keep a request that is sent twice from being done twice.
const IDEMPOTENCY: &[&str] = &["idempotency-key", "x-idempotency-key"];
const EXTERNAL_REF: &[&str] = &["external_ref", "externalRef", "external_reference", "external_id"];

/// Reads either kind of file.
pub(super) fn import(text: &str) -> Result<ImportedProfile, String> {
    if text.len() > FILE_MAX {
        return Err("The file is larger than 20 MB and is no collection.".to_owned());
    }
    let file: Value = if text.len() > super::profile::FILE_MAX {
        serde_json::from_str(text).map_err(|error| format!("The file is not readable as JSON ({error})."))?
    } else {
        read_text(text)?
    };
    let (requests, title) = if file.get("openapi").or_else(|| file.get("swagger")).is_some() {
        (openapi(&file), file.pointer("/info/title"))
    } else if file.get("item").is_some_and(Value::is_array) {
        let mut requests = Vec::new();
        postman(&file["item"], 0, &mut requests);
        (requests, file.pointer("/info/name"))
    } else {
        return Err("The file is neither a Postman collection (v2.1, with \"item\") nor an OpenAPI file (with \"openapi\"). Export the collection as v2.1 and try again.".to_owned());
    };
    if requests.is_empty() {
        return Err("The file holds no requests.".to_owned());
    }
    Ok(assemble(&requests, title.and_then(Value::as_str).unwrap_or("imported")))
}

fn postman(items: &Value, depth: usize, into: &mut Vec<Request>) {
    if depth > FOLDERS_MAX {
        return;
    }
    for item in items.as_array().into_iter().flatten() {
        postman(&item["item"], depth + 1, into);
        let request = &item["request"];
        let Some(method) = request["method"].as_str() else { continue };
        let raw = request["url"].as_str().or_else(|| request["url"]["raw"].as_str()).unwrap_or_default();
        let (host, path, query) = split(raw);
        let parse = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok());
        into.push(Request {
            name: item["name"].as_str().unwrap_or_default().to_owned(),
            method: method.to_ascii_uppercase(),
            host,
            path,
            query,
            headers: names_of(request["header"].as_array().into_iter().flatten(), "key"),
            body: parse(request["body"]["raw"].as_str()),
            answer: item["response"].as_array().into_iter().flatten().find_map(|answer| parse(answer["body"].as_str())),
        });
    }
}

fn openapi(file: &Value) -> Vec<Request> {
    let server = file.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    let (host, prefix, _) = split(server);
    let mut requests = Vec::new();
    for (path, methods) in file["paths"].as_object().into_iter().flatten() {
        let shared = methods["parameters"].as_array().cloned().unwrap_or_default();
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if !["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                continue;
            }
            let own = operation["parameters"].as_array().cloned().unwrap_or_default();
            let parameters: Vec<&Value> = shared.iter().chain(&own).map(|parameter| resolve(file, parameter)).collect();
            let of =
                |place: &str| names_of(parameters.iter().copied().filter(|parameter| parameter["in"] == place), "name");
            let (query, headers) = (of("query"), of("header"));
            let answer = ["200", "201"].iter().find_map(|status| {
                let answer = resolve(file, operation["responses"].get(*status)?);
                example(answer.pointer("/content/application~1json")?)
            });
            let body = operation.get("requestBody").map(|body| resolve(file, body));
            let (_, own_path, _) = split(path);
            requests.push(Request {
                name: operation["operationId"].as_str().unwrap_or(path).to_owned(),
                method: method.to_ascii_uppercase(),
                host: host.clone(),
                path: prefix.iter().cloned().chain(own_path).collect(),
                query,
                headers,
                body: body.and_then(|body| example(body.pointer("/content/application~1json")?)),
                answer,
            });
        }
    }
    requests
}

fn names_of<'a>(items: impl Iterator<Item = &'a Value>, key: &str) -> Vec<String> {
    items.filter_map(|item| Some(item[key].as_str()?.to_owned())).collect()
}

fn resolve<'a>(file: &'a Value, value: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|target| file.pointer(target.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn example(content: &Value) -> Option<Value> {
    let first = || content["examples"].as_object()?.values().next()?.get("value").cloned();
    content.get("example").cloned().or_else(first)
}

/// Host, segments (parameters empty) and names of the query.
fn split(raw: &str) -> (Option<String>, Vec<String>, Vec<String>) {
    let (address, query) = raw.split_once('?').unwrap_or((raw, ""));
    let (host, path) = match address.split_once("://") {
        Some((_, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            (Some(host.to_owned()).filter(|host| !host.contains('{')), path)
        }
        // `{{base_url}}/orders`, or a path alone.
        None if address.starts_with("{{") => (None, address.split_once("}}").map_or("", |(_, rest)| rest)),
        None => (None, address),
    };
    let segment = |part: &str| if part.starts_with([':', '{']) { String::new() } else { part.to_owned() };
    let path = path.split('/').filter(|part| !part.is_empty()).map(segment).collect();
    let query = query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty());
    (host, path, query.map(str::to_owned).collect())
}

/// Which operation of ours a request is.
fn classify(request: &Request) -> Option<&'static str> {
    let at = request.path.iter().position(|part| resource(part).is_some())?;
    let (kind, rest) = (resource(&request.path[at])?, &request.path[at + 1..]);
    let one = rest.first().is_some_and(String::is_empty);
    let reads = request.method == "GET";
    Some(match (kind, request.method.as_str(), rest.len()) {
        ("account", "GET", 0) => "ping",
        ("orders", "GET", 0) => "listOrders",
        ("orders", "POST", 0) => "createOrder",
        ("orders", "GET", 1) if one => "getOrder",
        ("orders", "PUT" | "PATCH", 1) if one => "updateOrder",
        ("orders", "GET", 2) if one && rest[1].starts_with("refund") => "listRefunds",
        ("orders", _, 2) if one && !reads => DEEDS.iter().find(|(word, _)| rest[1].eq_ignore_ascii_case(word))?.1,
        ("products", "GET", 0) => "listProducts",
        ("products", "POST", 0) => "createProduct",
        ("products", "PUT" | "PATCH", 1) if one => "updateProduct",
        ("customers", "GET", 0) => "listCustomers",
        ("customers", "POST", 0) => "createCustomer",
        ("customers", "PUT" | "PATCH", 1) if one => "updateCustomer",
        ("fulfillments", "GET", 0) => "listFulfillments",
        ("fulfillments", "GET", 1) if one => "getFulfillment",
        ("fulfillments", "PUT" | "PATCH", 1) if one => "updateFulfillment",
        ("inventory", "GET", 0) => "listInventory",
        ("inventory", "POST", 1) if rest[0].starts_with("adjust") => "adjustInventory",
        ("inventory", "GET", 2) if one => "getInventory",
        ("inventory", "PUT" | "PATCH", 2) if one => "setInventory",
        ("warehouses", "GET", 0) => "listWarehouses",
        _ => return None,
    })
}

fn resource(part: &str) -> Option<&'static str> {
    let part = part.to_ascii_lowercase();
    RESOURCES.iter().find(|(_, words)| words.contains(&part.as_str())).map(|(kind, _)| *kind)
}

/// `/distributor/orders/{order_id}`.
fn template(operation: &str, path: &[String]) -> Option<String> {
    let mut names = path_parameters(operation).iter();
    let mut text = String::new();
    for part in path {
        text.push('/');
        if part.is_empty() {
            text.extend(["{", names.next()?, "}"]);
        } else {
            text.push_str(part);
        }
    }
    Some(text)
}

fn assemble(requests: &[Request], title: &str) -> ImportedProfile {
    // The skeleton knows nothing but the envelope; it parses, there is a test.
    let skeleton = SHIPPED.iter().find(|(name, _)| *name == "orderez-co-supplier").map_or("", |(_, text)| *text);
    let mut profile = read_text(skeleton).unwrap_or_else(|_| json!({}));
    let slug: String =
        title.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let slug: String = slug.chars().take(40).collect();
    profile["name"] = json!(if slug.is_empty() { "imported".to_owned() } else { slug.trim_matches('-').to_owned() });
    profile["label"] = json!(title);
    profile["notes"] = json!("Made from the vendor's collection. Look through every line before it is used.");
    let mut operations = Map::new();
    let (mut found, mut unknown, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut samples = BTreeMap::new();
    for request in requests {
        let theirs = format!(
            "{} /{}",
            request.method,
            request.path.iter().map(|part| if part.is_empty() { "…" } else { part }).collect::<Vec<_>>().join("/")
        );
        let known = classify(request).and_then(|operation| Some((operation, template(operation, &request.path)?)));
        let Some((operation, path)) = known.filter(|(operation, _)| !operations.contains_key(*operation)) else {
            unknown.push(if request.name.is_empty() { theirs } else { format!("{theirs} ({})", request.name) });
            continue;
        };
        let mut entry = json!({"method": request.method, "path": path});
        let query = query_of(request);
        if !query.is_empty() {
            entry["query"] = Value::Object(query);
        }
        if let Some(body) = &request.body {
            entry["body"] = body.clone();
            notes.push(format!("{operation}: the body is the vendor's sample. Replace its values by expressions (\"=number\"), look at it in a dry run, then switch the ability on."));
        }
        if let Some(answer) = &request.answer {
            samples.insert(operation.to_owned(), serde_json::to_string_pretty(answer).unwrap_or_default());
        }
        operations.insert(operation.to_owned(), entry);
        found.push((operation.to_owned(), theirs));
    }
    if let Some(list) = operations.get("listOrders").cloned() {
        operations.entry("reconcileOrders").or_insert_with(|| json!({"method": "GET", "path": list["path"]}));
    }
    for name in ["listOrders", "getOrder"] {
        if !operations.contains_key(name) {
            operations.insert(name.to_owned(), json!({"method": "GET", "path": null}));
        }
    }
    profile["operations"] = Value::Object(operations);
    // The skeleton's look-up may not be among what was found.
    profile["idempotency"] = json!({"style": "none"});
    let named = requests.iter().flat_map(|request| &request.headers);
    if let Some(header) = named.clone().find(|name| IDEMPOTENCY.iter().any(|known| name.eq_ignore_ascii_case(known))) {
        profile["idempotency"] = json!({"style": "header", "header": header});
    }
    if let Some(host) = requests.iter().find_map(|request| request.host.clone()) {
        notes.push(format!("The file's host is {host}. Make sure that it is the account's, not a sandbox."));
        if let Some(inputs) = profile["inputs"].as_array_mut() {
            for input in inputs.iter_mut().filter(|input| input["name"] == "host") {
                input["default"] = json!(host);
            }
        }
    }
    page_by(requests, &mut profile, &mut notes);
    read_orders(requests, &mut profile, &mut notes);
    let text = serde_yaml_ng::to_string(&profile).unwrap_or_default();
    if let Err(problems) = Profile::parse(&text) {
        notes.extend(problems.into_iter().map(|problem| format!("To be mended: {problem}")));
    }
    ImportedProfile { profile: text, found, unknown, samples, notes }
}

fn query_of(request: &Request) -> Map<String, Value> {
    let known = [("updated_since", UPDATED_SINCE), ("external_ref", EXTERNAL_REF)];
    let named = known.iter().filter_map(|(ours, theirs)| {
        let name = request.query.iter().find(|name| theirs.contains(&name.as_str()))?;
        Some(((*ours).to_owned(), json!(name)))
    });
    named.collect()
}

fn page_by(requests: &[Request], profile: &mut Value, notes: &mut Vec<String>) {
    let list = requests.iter().find(|request| classify(request) == Some("listOrders"));
    let Some(list) = list else { return };
    let has = |names: &[&str]| list.query.iter().find(|name| names.contains(&name.as_str())).cloned();
    let limit = has(&["limit", "per_page", "perPage", "page_size", "pageSize"]);
    let items = list.answer.as_ref().map_or("data", |answer| if answer.is_array() { "@" } else { list_name(answer) });
    let mut paging = if let Some(cursor) = has(&["cursor", "after", "next"]) {
        json!({"style": "cursor", "items": items, "next": "meta.next_cursor", "cursor_param": cursor})
    } else if let Some(page) = has(&["page", "page_number", "pageNumber"]) {
        json!({"style": "page", "items": items, "page_param": page, "first_page": 1})
    } else if let Some(offset) = has(&["offset", "skip"]) {
        json!({"style": "offset", "items": items, "offset_param": offset, "limit": 50})
    } else {
        notes.push("No paging was recognised: lists are read as one page. Check it, or orders beyond the first page are never seen.".into());
        json!({"style": "none", "items": items})
    };
    if let Some(limit) = limit {
        paging["limit_param"] = json!(limit);
        paging["limit"] = json!(50);
    }
    profile["paging"] = paging;
    profile["item"] = json!(if items == "@" { "@" } else { "data || @" });
}

/// The name of the list in an answer.
fn list_name(answer: &Value) -> &str {
    let lists = || answer.as_object().into_iter().flatten().filter(|(_, value)| value.is_array());
    lists()
        .map(|(name, _)| name.as_str())
        .find(|name| *name == "data")
        .or_else(|| lists().map(|(name, _)| name.as_str()).next())
        .unwrap_or("data")
}

fn read_orders(requests: &[Request], profile: &mut Value, notes: &mut Vec<String>) {
    let sample = |operation: &str| {
        let request =
            requests.iter().find(|request| classify(request) == Some(operation) && request.answer.is_some())?;
        let answer = request.answer.as_ref()?;
        let list = if answer.is_array() { Some(answer) } else { answer.get(list_name(answer)) };
        let first = list.and_then(Value::as_array).and_then(|rows| rows.first());
        first.or_else(|| answer.get("data").filter(|data| data.is_object())).cloned()
    };
    let Some(order) = sample("getOrder").or_else(|| sample("listOrders")) else {
        notes.push("No sample answer of an order is in the file. Paste one to say where its fields are.".into());
        return;
    };
    let mut read = Map::new();
    for (ours, theirs) in ORDER_FIELDS {
        if let Some(name) = theirs.iter().find(|name| order.get(**name).is_some()) {
            let field = match *ours {
                "status" => json!({"path": name, "enum": "order_status", "default": "unknown"}),
                "external_refs" => json!(format!("{name}[].{{system: system, id: id}}")),
                _ => json!(name),
            };
            read.insert((*ours).to_owned(), field);
        }
    }
    let lines = LINES
        .iter()
        .find(|name| order.get(**name).and_then(Value::as_array).is_some_and(|rows| rows.iter().any(Value::is_object)));
    if let Some(lines) = lines {
        let line = &order[*lines][0];
        let fields = LINE_FIELDS.iter().filter_map(|(ours, theirs)| {
            Some(format!("{ours}: {}", theirs.iter().find(|name| line.get(**name).is_some())?))
        });
        read.insert("lines".to_owned(), json!(format!("{lines}[].{{{}}}", fields.collect::<Vec<_>>().join(", "))));
    }
    for needed in ["remote_id", "status", "lines"] {
        if !read.contains_key(needed) {
            notes.push(format!("An order's {needed} was not recognised in the sample. Say where it is."));
            read.insert(needed.to_owned(), json!(needed));
        }
    }
    profile["entities"] = json!({"order": {"read": read}});
}
