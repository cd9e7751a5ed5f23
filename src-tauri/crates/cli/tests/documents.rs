//! The documents of `--json` are a contract: fields are added, never renamed, never given another type. What every
//! command prints is compared with `documents.txt`, path by path.
//!
//! `UPDATE_EXPECT=1` adds what is new; what is gone has to be taken out by hand, and is then a broken promise to
//! whoever reads these documents with a script.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Terminal, merchant};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Path below the document → how it was seen.
type Shape = BTreeMap<String, Seen>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    types: BTreeSet<String>,
    /// Missing from some of the objects it belongs to.
    sometimes: bool,
}

/// Objects whose keys are data (a name a person gave, a cause, a field of a form), not part of the shape.
const MAPS: [&str; 4] = ["per_automation", "values", "fields", "per_cause"];

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Every object found at a path, with the path.
fn objects<'a>(path: &str, value: &'a Value, found: &mut BTreeMap<String, Vec<&'a Value>>) {
    match value {
        Value::Object(fields) => {
            found.entry(path.to_owned()).or_default().push(value);
            let is_map = MAPS.iter().any(|map| path.rsplit('.').next() == Some(map));
            for (name, value) in fields {
                let name = if is_map { "*" } else { name };
                objects(&format!("{path}.{name}"), value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| objects(&format!("{path}[]"), item, found)),
        _ => {}
    }
}

fn shape(documents: &[Value]) -> Shape {
    let mut found = BTreeMap::new();
    for document in documents {
        objects("", document, &mut found);
    }
    let mut shape = Shape::new();
    for (path, instances) in &found {
        let is_map = MAPS.iter().any(|map| path.rsplit('.').next() == Some(map));
        let names: BTreeSet<&String> =
            instances.iter().flat_map(|instance| instance.as_object().unwrap().keys()).collect();
        for name in names {
            let at = format!("{path}.{}", if is_map { "*" } else { name });
            let seen = shape.entry(at).or_default();
            for instance in instances {
                match instance.get(name) {
                    Some(value) => _ = seen.types.insert(kind(value).to_owned()),
                    None => seen.sometimes = true,
                }
            }
        }
    }
    shape
}

/// What a script that reads by the promise would miss or misread now.
fn broken(promised: &Shape, documents: &[Value]) -> Vec<String> {
    let now = shape(documents);
    let mut found = BTreeMap::new();
    for document in documents {
        objects("", document, &mut found);
    }
    let mut broken = Vec::new();
    for (path, promise) in promised {
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        match now.get(path) {
            None if !promise.sometimes && found.contains_key(parent) => broken.push(format!("{path} is gone")),
            None => {}
            Some(seen) => {
                if seen.sometimes && !promise.sometimes {
                    broken.push(format!("{path} is missing sometimes"));
                }
                let known = promise.types.iter().any(|kind| kind != "null");
                for kind in &seen.types {
                    // A whole number is a number; nothing yet is nothing yet.
                    let fits = promise.types.contains(kind)
                        || kind == "null"
                        || !known
                        || (kind == "integer" && promise.types.contains("number"));
                    if !fits {
                        broken.push(format!("{path} is {kind}, and was {:?}", promise.types));
                    }
                }
            }
        }
    }
    broken
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/documents.txt")
}

fn read() -> BTreeMap<String, Shape> {
    let text = std::fs::read_to_string(file()).unwrap_or_default();
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    let mut command = String::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(entry) = line.strip_prefix("  ") else {
            line.clone_into(&mut command);
            continue;
        };
        let (path, types) = entry.split_once(' ').unwrap_or_else(|| panic!("{line}: a path and its types"));
        let (types, sometimes) = types.strip_suffix(" sometimes").map_or((types, false), |types| (types, true));
        let types = types.split('|').map(str::to_owned).collect();
        shapes.entry(command.clone()).or_default().insert(path.to_owned(), Seen { types, sometimes });
    }
    shapes
}

fn written(shapes: &BTreeMap<String, Shape>) -> String {
    let mut text = String::from(
        "# The documents of `quayside-cli --json`, path by path. [] is each item of a list, * each key of a map.\n",
    );
    for (command, shape) in shapes {
        let _ = writeln!(text, "\n{command}");
        for (path, seen) in shape {
            let types: Vec<&str> = seen.types.iter().map(String::as_str).collect();
            let _ = writeln!(text, "  {path} {}{}", types.join("|"), if seen.sometimes { " sometimes" } else { "" });
        }
    }
    text
}

fn merged(mut known: Shape, documents: &[Value]) -> Shape {
    for (path, seen) in shape(documents) {
        let new = !known.contains_key(&path);
        let entry = known.entry(path).or_default();
        entry.types.extend(seen.types);
        entry.sometimes |= seen.sometimes && (new || entry.sometimes);
    }
    known
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_keep_their_shape() {
    let running = merchant().await;
    let terminal = Terminal::new();
    let mut seen: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for connection in terminal.connect(&running).await {
        seen.entry("connect".into()).or_default().push(serde_json::json!({ "connection": connection }));
    }
    let place = |name: &str| terminal.profile().join(name).to_str().unwrap().to_owned();
    std::fs::write(place("aliases.csv"), "store,by,store_sku,hub_sku,quantity\n,sku,MUG-0-0,MUG,1\n").unwrap();
    let (aliases, exported, backup) = (place("aliases.csv"), place("exported.csv"), place("desk.backup"));
    let lines: Vec<(&str, Vec<&str>, &str)> = vec![
        ("connections", vec!["connections"], ""),
        ("sync", vec!["sync", "--once", "--timeout", "120"], ""),
        ("connections", vec!["connections"], ""),
        ("connection-settings", vec!["connection-settings", "Harbour Goods"], ""),
        ("connection-settings", vec!["connection-settings", "Harbour Goods", "hub_imports=false", "cut_off=13:30"], ""),
        ("connection-settings", vec!["connection-settings", "Harbour Goods", "hub_imports="], ""),
        ("orders", vec!["orders", "--limit", "5"], ""),
        ("order", vec!["order", "id:1"], ""),
        ("explain", vec!["explain", "id:1"], ""),
        ("plan", vec!["plan"], ""),
        ("go-live", vec!["go-live", "--mode", "ask", "--from", "all"], ""),
        ("sync", vec!["sync", "--until-idle", "--timeout", "120"], ""),
        ("skip", vec!["skip", "effect:1"], ""),
        ("approve", vec!["approve", "--all"], ""),
        ("sync", vec!["sync", "--until-idle", "--timeout", "200"], ""),
        ("order", vec!["order", "id:1"], ""),
        ("order", vec!["order", "id:2"], ""),
        ("explain", vec!["explain", "id:2"], ""),
        ("orders", vec!["orders", "--view", "all"], ""),
        ("exceptions", vec!["exceptions", "--view", "resolved"], ""),
        ("exceptions", vec!["exceptions"], ""),
        ("retry", vec!["retry", "--all"], ""),
        ("aliases list", vec!["aliases", "list"], ""),
        ("aliases import", vec!["aliases", "import", &aliases], ""),
        ("aliases import", vec!["aliases", "import", &aliases, "--write"], ""),
        ("aliases list", vec!["aliases", "list"], ""),
        ("aliases export", vec!["aliases", "export", &exported], ""),
        ("rules show", vec!["rules", "show"], ""),
        ("mappings show", vec!["mappings", "show"], ""),
        ("profile show", vec!["profile", "show"], ""),
        ("profile by-hand", vec!["profile", "by-hand"], ""),
        ("profile by-hand --csv", vec!["profile", "by-hand", "--csv"], ""),
        ("doctor", vec!["doctor"], ""),
        ("backup", vec!["backup", &backup], "correct horse battery\n"),
        ("restore", vec!["restore", &backup], "correct horse battery\n"),
        ("disconnect", vec!["disconnect", "Harbour Goods"], ""),
        ("simulate", vec!["simulate", "--seeds", "1..2", "--days", "1", "--orders", "5", "--faults", "none"], ""),
        ("errors", vec!["order", "#404"], ""),
        ("errors", vec!["dance"], ""),
    ];
    for (command, line, stdin) in lines {
        let line: Vec<&str> = line.into_iter().chain(["--json"]).collect();
        let ran = terminal.typed(&line, stdin).await;
        assert!(command == "errors" || matches!(ran.exit, 0 | 10), "{line:?}: {} {}", ran.out, ran.err);
        seen.entry(command.to_owned()).or_default().push(ran.json());
    }
    running.shut_down();

    let mut promised = read();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for (command, documents) in &seen {
            let known = promised.remove(command).unwrap_or_default();
            promised.insert(command.clone(), merged(known, documents));
        }
        std::fs::write(file(), written(&promised)).unwrap();
    }
    assert!(promised.len() > 20, "{} holds no promises", file().display());
    let mut failures = Vec::new();
    for (command, promise) in &promised {
        let documents = seen.get(command).unwrap_or_else(|| panic!("{command} is promised and was not tried"));
        failures.extend(broken(promise, documents).into_iter().map(|what| format!("{command}: {what}")));
    }
    assert!(failures.is_empty(), "Scripts that read these documents would break:\n{}", failures.join("\n"));
}

#[test]
fn a_renamed_field_is_noticed() {
    let promise = shape(&[serde_json::json!({ "orders": [{ "number": "1", "note": null }], "next": null })]);
    let fine = serde_json::json!({ "orders": [{ "number": "2", "note": "x", "more": 1 }], "next": "p" });
    assert_eq!(broken(&promise, &[fine]), Vec::<String>::new());
    for (document, what) in [
        (serde_json::json!({ "orders": [{ "code": "1", "note": null }], "next": null }), ".orders[].number is gone"),
        (serde_json::json!({ "orders": [{ "number": 1, "note": null }], "next": null }), ".orders[].number is integer"),
        (serde_json::json!({ "orders": [] }), ".next is gone"),
        (
            serde_json::json!({ "orders": [{ "number": "1", "note": null }, { "number": "2" }], "next": null }),
            ".orders[].note is missing sometimes",
        ),
    ] {
        let found = broken(&promise, &[document]);
        assert!(found.iter().any(|line| line.starts_with(what)), "{what}: {found:?}");
    }
}
