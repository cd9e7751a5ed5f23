//! Every request this connector sends is one BigCommerce describes, every answer of the stand-in too, and the
//! samples in the descriptions are read.
//!
//! Needs the platform's descriptions; says so when they are not there. What they get wrong is listed where it is
//! undone ([`mend`], [`excepted`]); the list is theirs, see the folder's own notes.

use super::common::{Outcome, Talk, World, read_to_end, run};
use super::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

const FILES: &[(&str, &[&str])] = &[
    ("v2", &["orders.v2.oas2.yml", "store_information.v2.yml", "customers.v2.yml"]),
    (
        "v3",
        &[
            "orders.v3.yml",
            "channels.v3.yml",
            "settings.v3.yml",
            "inventory.v3.yml",
            "locations.v3.yml",
            "products_catalog.v3.yml",
            "customers.v3.yml",
        ],
    ),
];

/// Where the descriptions are; `None` (said aloud) when this machine has none.
fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = std::env::var_os("QUAYSIDE_SPECS").map_or_else(beside, PathBuf::from).join("bigcommerce");
    if folder.join("orders.v3.yml").is_file() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: BigCommerce's descriptions are not at {}. Set QUAYSIDE_SPECS to the folder that holds them.",
        folder.display()
    );
    None
}

struct Description {
    version: &'static str,
    document: Value,
}

/// OpenAPI 3.0 in the words of JSON Schema, and what the descriptions get wrong undone:
/// - `nullable` is made to mean what it says; and because fields the descriptions call texts arrive as null
///   (`cart_id`, `staff_notes`, …), every plain field may be null;
/// - overlapping alternatives of `oneOf` (refund items) refuse every right value: any one is enough;
/// - a closed schema around an `allOf` forbids its own parts.
fn mend(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(mend),
        Value::Object(object) => {
            object.values_mut().for_each(mend);
            if let Some(alternatives) = object.remove("oneOf") {
                object.insert("anyOf".into(), alternatives);
            }
            if object.get("additionalProperties") == Some(&json!(false)) {
                object.remove("additionalProperties");
            }
            let kind = object.get("type").and_then(Value::as_str).map(str::to_owned);
            if let Some(kind) = kind.filter(|kind| matches!(kind.as_str(), "string" | "integer" | "number" | "boolean"))
            {
                object.insert("type".into(), json!([kind, "null"]));
                if let Some(words) = object.get_mut("enum").and_then(Value::as_array_mut) {
                    words.push(Value::Null);
                }
            }
            for word in ["nullable", "example", "format", "exclusiveMinimum", "exclusiveMaximum"] {
                object.remove(word);
            }
        }
        _ => {}
    }
}

fn descriptions() -> Option<Vec<Description>> {
    let folder = folder()?;
    let mut all = Vec::new();
    for (version, files) in FILES {
        for file in *files {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            let mut document: Value = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            // Parameters keep their names; only schemas are mended.
            mend(&mut document);
            all.push(Description { version, document });
        }
    }
    Some(all)
}

impl Description {
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                self.document.pointer(reference.trim_start_matches('#')).map_or(value, |found| self.resolve(found))
            }
            None => value,
        }
    }

    /// The operation of a path, literal paths first, with the parameters of both.
    fn operation(&self, method: &str, path: &str) -> Option<(String, &Value, Vec<Value>)> {
        let fits = |template: &str| {
            let (a, b): (Vec<&str>, Vec<&str>) =
                (template.trim_matches('/').split('/').collect(), path.trim_matches('/').split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
        };
        let paths = self.document["paths"].as_object()?;
        let mut found: Vec<(&String, &Value)> = paths.iter().filter(|(template, _)| fits(template)).collect();
        found.sort_by_key(|(template, _)| template.matches('{').count());
        found.into_iter().find_map(|(template, item)| {
            let operation = item.get(method.to_lowercase())?;
            let lists = [&operation["parameters"], &item["parameters"]];
            let parameters = lists.into_iter().filter_map(Value::as_array).flatten().map(|p| self.resolve(p).clone());
            Some((template.clone(), operation, parameters.collect()))
        })
    }

    fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let root = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options()
            .build(&root)
            .unwrap_or_else(|error| panic!("the description itself is broken: {error}"));
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Members of an object that its schema does not name.
    fn unknown(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut members = Map::new();
        self.collect(schema, &mut members);
        let Some(object) = value.as_object().filter(|_| !members.is_empty()) else { return vec![] };
        object.keys().filter(|name| !members.contains_key(*name)).cloned().collect()
    }

    fn collect(&self, schema: &Value, members: &mut Map<String, Value>) {
        let schema = self.resolve(schema);
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            members.insert(name.clone(), inner.clone());
        }
        for part in ["allOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten() {
            self.collect(part, members);
        }
    }

    fn problems(&self, talk: &Talk, url: &url::Url, path: &str) -> Option<Vec<String>> {
        let (template, operation, parameters) = self.operation(&talk.method, path)?;
        let name = format!("{} {} {template}", talk.method, self.version);
        let mut problems = Vec::new();
        for (parameter, value) in url.query_pairs() {
            let known = parameters.iter().find(|known| known["in"] == "query" && known["name"] == *parameter);
            let Some(known) = known else {
                problems.push(format!("{name}: there is no parameter {parameter}"));
                continue;
            };
            let schema = self.resolve(&known["schema"]);
            let typed = match schema["type"].as_array().and_then(|kinds| kinds[0].as_str()).or(schema["type"].as_str())
            {
                Some("integer" | "number") => value.parse::<i64>().map_or_else(|_| json!(value), |n| json!(n)),
                Some("array") => value
                    .split(',')
                    .map(|part| part.parse::<i64>().map_or_else(|_| json!(part), |n| json!(n)))
                    .collect(),
                _ => json!(value),
            };
            problems.extend(
                self.errors(schema, &typed).into_iter().map(|error| format!("{name} ?{parameter}={value}: {error}")),
            );
        }
        let request = self.resolve(&operation["requestBody"]);
        let schema = request.pointer("/content/application~1json/schema");
        if let (false, Some(schema)) = (talk.body.is_empty(), schema) {
            let body: Value = serde_json::from_slice(&talk.body).unwrap();
            problems.extend(self.errors(schema, &body).into_iter().map(|error| format!("{name} body {error}")));
            problems.extend(
                self.unknown(schema, &body).into_iter().map(|field| format!("{name} body: {field} is not described")),
            );
        } else if !talk.body.is_empty() {
            problems.push(format!("{name}: takes no body"));
        }
        let answer = &operation["responses"][talk.status.to_string()];
        let content = self.resolve(answer)["content"].as_object().and_then(|content| content.values().next());
        if let (false, Some(schema)) = (talk.answer.is_empty(), content.and_then(|content| content.get("schema"))) {
            let body: Value = serde_json::from_slice(&talk.answer).unwrap();
            problems.extend(self.errors(schema, &body).into_iter().map(|error| format!("{name} answer {error}")));
        } else if answer.is_null() && talk.status < 300 {
            problems.push(format!("{name}: {} is not described", talk.status));
        }
        Some(problems)
    }
}

/// Right although the descriptions do not know it, each with its reason.
fn excepted(problem: &str) -> bool {
    // The parameter's own text asks for `:asc`, its list of values leaves it out.
    problem.contains("?sort=date_modified:asc") || problem.contains("?sort=id:asc")
        // Empty V2 lists are 204 for every list; the file says so for shipments only.
        || (problem.contains(" v2 ") && problem.ends_with(": 204 is not described"))
        // A void has no body to describe and an empty object for an answer.
        || problem.contains("payment_actions/void answer")
        // Included consignments are described as links only.
        || (problem.contains("answer") && problem.contains("/consignments"))
        // Described as text, and seen as a number (trap 15).
        || (problem.contains("/external_id: ") && problem.contains("answer"))
        // A count of items is "number" here and "integer" there, text in the guide.
        || (problem.contains("order_address_id") && problem.contains("answer"))
}

async fn everything(make: fn() -> World) -> Vec<Talk> {
    let world = make();
    world.open().preflight().await;
    staff(&world, |store, _| {
        use quayside_sandbox::bigcommerce::state::{Product, Variant};
        let variants = vec![Variant { id: 11, sku: "MUG".into(), label: "Blue / L".into(), upc: "4".into() }];
        store.state.products = vec![Product {
            id: 1,
            name: "Mug".into(),
            kind: "physical".into(),
            price_minor: 1_500,
            weight: 12.0,
            modified_ms: NOW_MS - DAY_MS,
            visible: true,
            tracking: "variant".into(),
            variants,
        }];
    });
    customers::known(&world, 7_700_001, 3, "Rings twice", "Reseller");
    customers::known(&world, 7_700_002, 0, "", "");
    let id = place_draft(&world, OrderDraft { customer: 7_700_001, ..effects::two_doors() });
    let lines = lines_of(&world, &id);
    customers::bought_by(&world, 7_700_002);
    let many = place_draft(&world, draft((0..60).map(|n| LineDraft::of(&format!("S{n}"), 100, 1)).collect()));
    let waiting = place(&world, &[("MUG", 1)]);
    let apart = place_draft(&world, effects::two_doors());
    let reserved = place_draft(
        &world,
        OrderDraft { payment: Some("authorized".into()), ..draft(vec![LineDraft::of("MUG", 900, 1)]) },
    );
    let unknown = Tracking {
        carrier_code: "rocket".into(),
        carrier_name: "Rocket".into(),
        numbers: vec!["R1".into(), "R2".into()],
        urls: vec!["https://rocket.example/R1".into()],
    };
    assert_eq!(run(&world, &fulfill(&id, &lines, "1Z1"), HOUR_MS, None).await, Outcome::Holds);
    let shipment = read_order(&world, &id).await.fulfillments[0].remote_id.clone();
    let returned = place(&world, &[("MUG", 2)]);
    let back = lines_of(&world, &returned)[0].0.clone();
    let refund = quayside_model::RefundDraft {
        order_remote_id: returned,
        lines: vec![quayside_model::RefundLineDraft { order_line_id: back, quantity: 1, restock: true }],
        shipping_minor: 100,
        total_minor: 1_600,
        currency: quayside_model::Currency::new("USD"),
        reason: "return".into(),
        note: String::new(),
        notify_customer: false,
        known_refund_ids: vec![],
    };
    let stock = quayside_model::StockDraft {
        sku: "MUG".into(),
        item_id: None,
        location_id: None,
        available: 4,
        expected: None,
        moves: false,
    };
    let annotate = |text: &str| Intent::AnnotateOrder {
        order_remote_id: id.clone(),
        fields: vec![("carrier".into(), text.into()), ("shipping_cost/R2".into(), "4.25 USD".into())],
        note: text.into(),
        tags: vec!["packed".into()],
    };
    for intent in [
        Intent::ReplaceTracking {
            order_remote_id: id.clone(),
            fulfillment_id: shipment.clone(),
            tracking: unknown,
            notify_customer: false,
        },
        annotate("UPS"),
        annotate("Rocket"),
        effects::show_hold(&waiting, true),
        effects::show_hold(&waiting, false),
        Intent::Refund { refund },
        Intent::CancelFulfillment { order_remote_id: id.clone(), fulfillment_id: shipment },
        Intent::SetStock { stock: stock.clone() },
        Intent::SetStock {
            stock: quayside_model::StockDraft { available: 6, expected: Some(4), moves: true, ..stock },
        },
        cancel(&reserved, true),
        // The lines and the shipping of one address.
        cancel(&second_part(&world, &apart), true),
        cancel(&many, true),
    ] {
        assert_eq!(run(&world, &intent, HOUR_MS, None).await, Outcome::Holds, "{intent:?}");
    }
    for stream in ["orders", "open_orders", "products", "stock"] {
        read_to_end(&world, stream, &mut None, NOW_MS - DAY_MS).await;
    }
    world.talk()
}

#[tokio::test]
async fn every_request_and_every_answer_is_described() {
    let Some(descriptions) = descriptions() else { return };
    let (mut problems, mut operations) = (BTreeSet::new(), BTreeSet::new());
    for make in [quiet as fn() -> World, otherwise] {
        let mut seen = BTreeSet::new();
        for talk in Box::pin(everything(make)).await {
            let url = url::Url::parse(&talk.url).unwrap();
            let (_, rest) = url.path().split_once("/stores/").unwrap();
            let (version, path) = rest.split_once('/').unwrap().1.split_once('/').unwrap();
            // Pages of the same list are the same question.
            if !seen.insert((talk.method.clone(), talk.url.clone(), talk.body.clone(), talk.status)) {
                continue;
            }
            let mut known = descriptions.iter().filter(|description| description.version == version);
            let found = known.find_map(|description| description.problems(&talk, &url, path));
            let generic: Vec<&str> =
                path.split('/').map(|part| if part.parse::<i64>().is_ok() { "{id}" } else { part }).collect();
            operations.insert(format!("{} {version}/{}", talk.method, generic.join("/")));
            match found {
                Some(found) => problems.extend(found.into_iter().filter(|problem| !excepted(problem))),
                None => drop(problems.insert(format!("{} {version}/{path} is not described", talk.method))),
            }
        }
    }
    let listed: Vec<String> =
        problems.into_iter().take(40).map(|problem| problem.chars().take(400).collect()).collect();
    assert!(listed.is_empty(), "{}", listed.join("\n"));
    // The test is worth nothing if a request was not sent in it.
    for expected in [
        "GET v2/time",
        "GET v2/store",
        "GET v2/orders",
        "GET v2/orders/{id}",
        "PUT v2/orders/{id}",
        "GET v2/orders/{id}/products",
        "GET v2/orders/{id}/shipments",
        "POST v2/orders/{id}/shipments",
        "PUT v2/orders/{id}/shipments/{id}",
        "DELETE v2/orders/{id}/shipments/{id}",
        "POST v3/orders/{id}/payment_actions/refund_quotes",
        "POST v3/orders/{id}/payment_actions/refunds",
        "GET v3/orders/{id}/payment_actions/refunds",
        "POST v3/orders/{id}/payment_actions/void",
        "GET v3/orders/{id}/metafields",
        "POST v3/orders/{id}/metafields",
        "PUT v3/orders/{id}/metafields/{id}",
        "DELETE v3/orders/{id}/metafields/{id}",
        "PUT v3/inventory/adjustments/absolute",
        "GET v3/inventory/items",
        "GET v3/inventory/locations",
        "GET v3/catalog/products",
        "GET v3/channels",
        "GET v3/settings/inventory",
        "GET v3/settings/email-statuses",
        "GET v3/customers",
        "GET v2/customer_groups",
    ] {
        assert!(operations.contains(expected), "{expected} was never sent; {operations:?}");
    }
}

/// All samples of an operation's good answers.
fn samples(document: &Value, path: &str) -> Vec<Value> {
    let resolve = |value: &Value| -> Value {
        let reference =
            value.get("$ref").and_then(Value::as_str).map(|reference| reference.trim_start_matches('#').to_owned());
        reference.and_then(|reference| document.pointer(&reference).cloned()).unwrap_or_else(|| value.clone())
    };
    let answers = document["paths"][path]["get"]["responses"].as_object().cloned().unwrap_or_default();
    let contents = answers
        .iter()
        .filter(|(status, _)| status.starts_with('2'))
        .map(|(_, answer)| resolve(answer)["content"]["application/json"].clone());
    contents
        .flat_map(|content| {
            let named = content["examples"].as_object().cloned().unwrap_or_default();
            let named = named.into_iter().map(|(_, example)| resolve(&example)["value"].clone());
            named.chain(content.get("example").cloned()).collect::<Vec<_>>()
        })
        .filter(|sample| !sample.is_null())
        .collect()
}

#[tokio::test]
async fn the_vendors_samples_are_read() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("orders.v2.oas2.yml")).unwrap();
    let document: Value = serde_yaml_ng::from_str(&text).unwrap();
    let rows = |path: &str| -> Vec<Value> {
        let lists =
            samples(&document, path).into_iter().map(|sample| if sample.is_array() { sample } else { json!([sample]) });
        lists.flat_map(|list| list.as_array().cloned().unwrap_or_default()).collect()
    };
    let (orders, lines) = (rows("/orders"), rows("/orders/{order_id}/products"));
    let (addresses, shipments) = (rows("/orders/{order_id}/shipping_addresses"), rows("/orders/{order_id}/shipments"));
    assert!(!orders.is_empty() && !lines.is_empty(), "the description has no samples");
    eprintln!(
        "{} orders, {} lines, {} addresses, {} shipments",
        orders.len(),
        lines.len(),
        addresses.len(),
        shipments.len()
    );
    for order in orders {
        let (lines, addresses, shipments) = (lines.clone(), addresses.clone(), shipments.clone());
        let mut order = order.clone();
        // Shipments are asked for only where something has left.
        order["items_shipped"] = json!(1);
        let (connector, _) = traps::scripted(move |url, _| {
            traps::profile(url).unwrap_or_else(|| match url.path().rsplit('/').next() {
                Some("products") => (200, vec![], json!(lines)),
                Some("shipping_addresses") => (200, vec![], json!(addresses)),
                Some("shipments") => (200, vec![], json!(shipments)),
                Some("refunds") => (200, vec![], json!({ "data": [] })),
                _ => (200, vec![], order.clone()),
            })
        });
        let read = connector.read_one(RecordKind::Order, "1", Priority::Person).await;
        let Ok(Some(Incoming { record: Record::Order(order), .. })) = read else { panic!("{read:?}") };
        assert!(order.total_minor > 0 && !order.lines.is_empty());
    }
}

/// The sample of a customer, on an order of theirs. It has no number of its own, and group 0 is none.
#[tokio::test]
async fn the_vendors_sample_of_a_customer_is_read() {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("customers.v3.yml")).unwrap();
    let document: Value = serde_yaml_ng::from_str(&text).unwrap();
    let mut sample = samples(&document, "/customers").into_iter().next().expect("the description has a sample");
    sample["data"][0]["id"] = json!(7);
    let (connector, _) = traps::scripted(move |url, _| {
        traps::profile(url).unwrap_or_else(|| match url.path().rsplit('/').next() {
            Some("customers") => (200, vec![], sample.clone()),
            _ => (200, vec![], customers::row(1, 7)),
        })
    });
    let read = connector.read_one(RecordKind::Order, "1", Priority::Person).await;
    let Ok(Some(Incoming { record: Record::Order(order), .. })) = read else { panic!("{read:?}") };
    assert_eq!(customers::told(&order), [None, Some("Preferred customer"), Some("Non-profit")]);
}
