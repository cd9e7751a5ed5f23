//! One GraphQL request: from its body to the body of its answer.

use super::Shopify;
use super::graphql::errors::{request_error, syntax_error};
use super::graphql::execute::{Run, Thing as _};
use super::graphql::schema::Schema;
use super::graphql::{Args, Document, Field, Operation, check, cost, input, operations};
use super::hand::Hand;
use super::read::{Thing, View, What};
use super::write;
use crate::ledger::By;
use crate::{ListQuirk, Moment};
use graphql_parser::parse_query;
use serde_json::{Map, Value as Json, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// No single query may cost more.
pub const COST_MAX: u64 = 1000;
const NULL: &str = "null";
/// Documents kept in parsed form.
const DOCUMENTS_MAX: usize = 256;

/// A document that was parsed and checked once.
pub struct Parsed {
    document: Document,
    errors: Vec<Json>,
    /// What its operations cost, by the sizes asked for.
    costs: Mutex<HashMap<Sizes, u64>>,
}

/// Name of an operation, and what its cost depends on: numbers among the variables and lengths of lists.
type Sizes = (Option<String>, Vec<Option<u64>>);

impl Parsed {
    fn cost(&self, operation: &Operation<'_>, variables: &Args) -> u64 {
        let size = |name: &str| match variables.get(name) {
            Some(Json::Array(items)) => Some(items.len() as u64),
            value => value.and_then(Json::as_u64),
        };
        let sizes = operation.variables.iter().map(|variable| size(&variable.name)).collect();
        let mut costs = self.costs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *costs
            .entry((operation.name.map(str::to_owned), sizes))
            .or_insert_with(|| cost::requested(&self.document, operation, variables, Schema::served()))
    }
}

/// What came of running an operation.
struct Outcome {
    /// Its fields with their values as JSON text. `None`: a promise was broken.
    data: Option<Vec<(String, String)>>,
    errors: Vec<Json>,
    warnings: Vec<(String, String, String)>,
    points: u64,
}

impl Shopify {
    /// Parses and checks a document, or remembers that it did.
    fn parsed(&mut self, text: &str) -> Result<Arc<Parsed>, Json> {
        if let Some(known) = self.documents.get(text) {
            return Ok(Arc::clone(known));
        }
        let document = parse_query::<String>(text).map_err(|why| syntax_error(&why.to_string()))?.into_static();
        let errors = check::check(&document, Schema::served());
        let parsed = Arc::new(Parsed { document, errors, costs: Mutex::default() });
        if self.documents.len() >= DOCUMENTS_MAX {
            self.documents.clear();
        }
        self.documents.insert(text.to_owned(), Arc::clone(&parsed));
        Ok(parsed)
    }

    /// Answers a request body. The HTTP status is 200 whatever the answer says.
    pub(super) fn graphql(&mut self, body: &Map<String, Json>, origin: &str, moment: &mut Moment<'_>) -> String {
        self.run_request(body, origin, moment).unwrap_or_else(|refusal| refusal.to_string())
    }

    fn run_request(&mut self, body: &Map<String, Json>, origin: &str, moment: &mut Moment<'_>) -> Result<String, Json> {
        let text = body.get("query").and_then(Json::as_str).unwrap_or_default();
        let parsed = self.parsed(text).map_err(|error| json!({ "errors": [error] }))?;
        if !parsed.errors.is_empty() {
            return Err(json!({ "errors": parsed.errors }));
        }
        let all = operations(&parsed.document);
        let wanted = body.get("operationName").and_then(Json::as_str).filter(|name| !name.is_empty());
        let operation = match (wanted, all.as_slice()) {
            (Some(name), all) => {
                all.iter().find(|one| one.name == Some(name)).ok_or_else(|| format!("No operation named \"{name}\""))
            }
            (None, [one]) => Ok(one),
            (None, []) => Err("Must have an operation to execute".to_owned()),
            (None, _) => Err("An operation name is required".to_owned()),
        };
        let operation = operation.map_err(|message| json!({ "errors": [request_error(message, "BAD_REQUEST")] }))?;
        let empty = Map::new();
        let given = body.get("variables").and_then(Json::as_object).unwrap_or(&empty);
        let variables = input::variables(operation.variables, given, Schema::served())
            .map_err(|errors| json!({ "errors": errors }))?;
        let requested = parsed.cost(operation, &variables);
        let now_ms = moment.now_ms;
        if requested > COST_MAX {
            return Err(json!({ "errors": [{
                "message": format!("Query cost is {requested}, which exceeds the single query max cost limit ({COST_MAX}).\n\nSee https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of a query is calculated."),
                "extensions": {
                    "code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": COST_MAX,
                    "documentation": "https://shopify.dev/api/usage/limits#rate-limits",
                },
            }] }));
        }
        if !self.bucket.take(requested, now_ms) {
            return Err(throttled(requested, &self.bucket.status(now_ms)));
        }
        let mut run = Run::new(&parsed.document, &variables, Schema::served());
        let outcome = if operation.mutation {
            let data = self.mutate(operation, &mut run, origin, moment);
            let points = run.objects + cost::MUTATION * operation.selection.items.len() as u64;
            Outcome { data: Some(data), errors: run.errors, warnings: Vec::new(), points }
        } else {
            self.state.index_work();
            let view = self.view(now_ms, origin, self.quirk);
            let root = Thing { view: &view, what: What::Root };
            let mut data = Some(Vec::new());
            for step in run.steps(&[operation.selection], "QueryRoot") {
                match (run.root_field(&root, &step), &mut data) {
                    (Some(value), Some(data)) => data.push((step.key.to_owned(), value)),
                    _ => data = None,
                }
            }
            Outcome { data, errors: run.errors, warnings: view.warnings.take(), points: run.objects }
        };
        Ok(self.envelope(outcome, requested, now_ms))
    }

    /// A client's view of the store.
    pub(super) fn view<'a>(&'a self, now_ms: i64, origin: &'a str, quirk: Option<ListQuirk>) -> View<'a> {
        View {
            state: &self.state,
            plan: &self.plan,
            now_ms,
            origin,
            bulk: false,
            quirk,
            warnings: RefCell::new(Vec::new()),
        }
    }

    /// Mutations one after the other, each answered from the state it left.
    fn mutate<'d>(
        &mut self,
        operation: &Operation<'d>,
        run: &mut Run<'d>,
        origin: &str,
        moment: &mut Moment<'_>,
    ) -> Vec<(String, String)> {
        let now_ms = moment.now_ms;
        let mut data = Vec::new();
        for step in run.steps(&[operation.selection], "Mutation") {
            let (key, field) = (step.key, step.field);
            if field.name == "__typename" {
                data.push((key.to_owned(), "\"Mutation\"".to_owned()));
                continue;
            }
            let idempotency = idempotency_key(field, run.variables);
            let plan = &self.plan;
            if let Some(scope) = write::missing_scope(|scope| plan.may(scope), &field.name) {
                run.errors.push(denied(&field.name, scope, key));
                data.push((key.to_owned(), NULL.to_owned()));
                continue;
            }
            let mut own = Moment { now_ms, rng: &mut self.rng, ledger: &mut *moment.ledger };
            let mut hand = Hand::new(&mut self.state, &self.plan, &mut own, By::Client);
            match write::perform(&mut hand, &field.name, &step.args, idempotency.as_deref()) {
                Ok(payload) => {
                    let view = self.view(now_ms, origin, None);
                    let root = Thing { view: &view, what: What::Answer(&payload) };
                    debug_assert_eq!(root.type_name(), "Mutation");
                    let value = run.root_field(&root, &step).unwrap_or_else(|| NULL.to_owned());
                    data.push((key.to_owned(), value));
                }
                Err(mut error) => {
                    error["path"] = json!([key]);
                    error["locations"] = json!([{ "line": field.position.line, "column": field.position.column }]);
                    run.errors.push(error);
                    data.push((key.to_owned(), NULL.to_owned()));
                }
            }
        }
        data
    }

    /// The whole answer; what was reserved and not used goes back into the bucket.
    fn envelope(&mut self, outcome: Outcome, requested: u64, now_ms: i64) -> String {
        let Outcome { data, errors, warnings, points } = outcome;
        let actual = points.min(requested);
        self.bucket.give_back(requested - actual);
        let mut extensions = json!({ "cost": {
            "requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": self.bucket.status(now_ms),
        } });
        if !warnings.is_empty() {
            let search = warnings.iter().map(|(field, query, term)| {
                let warning = json!({ "field": term, "message": "Invalid search field for this query.", "code": "invalid_field" });
                json!({ "path": [field], "query": query, "warnings": [warning] })
            });
            extensions["search"] = json!(search.collect::<Vec<_>>());
        }
        let data = data.map_or_else(|| NULL.to_owned(), |fields| object(&fields));
        let mut answer = vec![("data".to_owned(), data), ("extensions".to_owned(), extensions.to_string())];
        if !errors.is_empty() {
            answer.push(("errors".to_owned(), json!(errors).to_string()));
        }
        object(&answer)
    }
}

/// A JSON object of members that are JSON already.
fn object(members: &[(String, String)]) -> String {
    let mut text = String::with_capacity(members.iter().map(|(name, value)| name.len() + value.len() + 4).sum());
    for (index, (name, value)) in members.iter().enumerate() {
        text.push(if index == 0 { '{' } else { ',' });
        text.push_str(&json!(name).to_string());
        text.push(':');
        text.push_str(value);
    }
    text.push_str(if members.is_empty() { "{}" } else { "}" });
    text
}

/// The answer of an empty bucket: HTTP 200, and no data.
pub fn throttled(requested: u64, status: &Json) -> Json {
    json!({
        "errors": [{
            "message": "Throttled",
            "extensions": { "code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits" },
        }],
        "extensions": { "cost": { "requestedQueryCost": requested, "actualQueryCost": null, "throttleStatus": status } },
    })
}

fn denied(field: &str, scope: &str, key: &str) -> Json {
    json!({
        "message": format!("Access denied for {field} field. Required access: `{scope}` access scope."),
        "path": [key],
        "extensions": {
            "code": "ACCESS_DENIED", "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": format!("`{scope}` access scope."),
        },
    })
}

fn idempotency_key(field: &Field, variables: &Args) -> Option<String> {
    let directive = field.directives.iter().find(|directive| directive.name == "idempotent")?;
    let (_, value) = directive.arguments.iter().find(|(name, _)| name == "key")?;
    input::literal(value, variables)?.as_str().map(str::to_owned)
}
