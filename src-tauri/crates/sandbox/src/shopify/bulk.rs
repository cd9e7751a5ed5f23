//! Runs the inner query of a bulk operation and lays its result out as lines.

use super::graphql::execute::Run;
use super::graphql::schema::Schema;
use super::graphql::{Args, check, operations};
use super::read::{Thing, View, What};
use super::state::Bulk;
use graphql_parser::parse_query;
use serde_json::{Map, Value as Json};

/// Why the inner query cannot be run.
pub fn check(query: &str) -> Result<(), String> {
    let document = parse_query::<String>(query).map_err(|why| format!("Invalid bulk query: {why}"))?.into_static();
    if let Some(error) = check::check(&document, Schema::served()).first() {
        return Err(format!("Invalid bulk query: {}", error["message"].as_str().unwrap_or_default()));
    }
    let operations = operations(&document);
    match operations.first() {
        Some(operation) if !operation.mutation && operation.selection.items.len() == 1 && query.contains("edges") => {
            Ok(())
        }
        Some(operation) if operation.mutation => Err("Bulk queries must be queries.".to_owned()),
        Some(_) if !query.contains("edges") && !query.contains("nodes") => {
            Err("Bulk queries must contain at least one connection.".to_owned())
        }
        Some(operation) if operation.selection.items.len() != 1 => {
            Err("Bulk queries must have one root field.".to_owned())
        }
        Some(_) => Ok(()),
        None => Err("Bulk queries must contain a query.".to_owned()),
    }
}

/// Runs it to the end.
pub fn run(bulk: &Bulk, view: &View<'_>) -> (String, u64, u64) {
    let Ok(document) = parse_query::<String>(&bulk.query) else { return Default::default() };
    let document = document.into_static();
    let operations = operations(&document);
    let Some(operation) = operations.first() else { return Default::default() };
    let variables = Args::new();
    let mut run = Run::new(&document, &variables, Schema::served());
    let root = Thing { view, what: What::Root };
    let mut lines = Vec::new();
    let mut roots = 0;
    for step in run.steps(&[operation.selection], "QueryRoot") {
        let answer = run.root_field(&root, &step).and_then(|text| serde_json::from_str(&text).ok());
        let answer = answer.unwrap_or(Json::Null);
        roots += rows(&answer).len() as u64;
        for row in rows(&answer) {
            flatten(row, None, &mut lines);
        }
    }
    let count = lines.len() as u64;
    (lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n"), count, roots)
}

/// Nodes of a connection, however they were asked for.
fn rows(connection: &Json) -> Vec<&Json> {
    match (connection["nodes"].as_array(), connection["edges"].as_array()) {
        (Some(nodes), _) => nodes.iter().collect(),
        (None, Some(edges)) => edges.iter().map(|edge| &edge["node"]).collect(),
        (None, None) => Vec::new(),
    }
}

/// The object on a line of its own, its children on lines after it.
fn flatten(object: &Json, parent: Option<&Json>, lines: &mut Vec<Json>) {
    let Json::Object(fields) = object else { return };
    let mut own = Map::new();
    let mut children = Vec::new();
    for (key, value) in fields {
        if value["edges"].is_array() || value["nodes"].is_array() {
            children.extend(rows(value));
        } else {
            own.insert(key.clone(), value.clone());
        }
    }
    if let Some(parent) = parent {
        own.insert("__parentId".to_owned(), parent.clone());
    }
    let id = own.get("id").cloned();
    lines.push(Json::Object(own));
    for child in children {
        flatten(child, id.as_ref(), lines);
    }
}
