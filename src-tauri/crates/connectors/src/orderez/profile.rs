//! A profile: the file that says what an account's API is like.
//!
//! Read from YAML or JSON, checked against its schema and against itself, every
//! expression compiled once. What a profile means for the rest of the house
//! (what is switched on, what is not and why) is in `capability.rs`.

use super::expr::{Expr, Prepared};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Largest file that is read, bytes.
pub(super) const FILE_MAX: usize = 512 * 1024;
/// The format.
pub(super) const SCHEMA: &str = include_str!("profiles/profile.schema.json");

/// Shipped profiles: name, text. Read-only; a person edits a copy.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("assumed-contract", include_str!("profiles/assumed-contract.yaml")),
    ("orderez-co-supplier", include_str!("profiles/orderez-co-supplier.yaml")),
];

/// Operations that list orders.
const ORDER_LISTS: &[&str] = &["listOrders", "reconcileOrders"];

/// Something in a profile that cannot be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileProblem {
    /// Where (`operations.createOrder.path`); empty for the file as a whole.
    pub place: String,
    /// What is wrong and what to do.
    pub sentence: String,
}

impl std::fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.place.is_empty() { f.write_str(&self.sentence) } else { write!(f, "{}: {}", self.place, self.sentence) }
    }
}

/// What an account's API is like.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Profile {
    pub name: String,
    #[serde(default)]
    pub label: String,
    pub base_url: String,
    #[serde(default)]
    pub inputs: Vec<Input>,
    pub auth: Auth,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    pub capabilities: BTreeMap<String, bool>,
    pub paging: Paging,
    #[serde(default = "whole")]
    pub item: String,
    pub concurrency: Concurrency,
    pub idempotency: Idempotency,
    pub write_source: WriteSource,
    pub errors: Errors,
    pub limits: Limits,
    #[serde(default)]
    pub time_format: TimeFormat,
    #[serde(default)]
    pub money: MoneyFormat,
    #[serde(default)]
    pub enums: BTreeMap<String, BTreeMap<String, String>>,
    pub operations: BTreeMap<String, Operation>,
    pub entities: BTreeMap<String, Entity>,
    #[serde(skip)]
    compiled: BTreeMap<String, Expr>,
}

fn whole() -> String {
    "@".to_owned()
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Input {
    pub name: String,
    pub label: String,
    #[serde(default)]
    pub secret: bool,
    pub default: Option<String>,
    pub pattern: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Auth {
    pub header: String,
    pub prefix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PagingStyle {
    Cursor,
    Page,
    Offset,
    Link,
    None,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Paging {
    pub style: PagingStyle,
    pub items: String,
    pub next: Option<String>,
    pub more: Option<String>,
    pub cursor_param: Option<String>,
    pub page_param: Option<String>,
    pub offset_param: Option<String>,
    pub first_page: Option<i64>,
    pub limit_param: Option<String>,
    pub limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConcurrencyStyle {
    Etag,
    VersionField,
    None,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Concurrency {
    pub style: ConcurrencyStyle,
    pub body_field: Option<String>,
    #[serde(default = "precondition_failed")]
    pub conflict_status: Vec<u16>,
}

fn precondition_failed() -> Vec<u16> {
    vec![412]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IdempotencyStyle {
    Header,
    Lookup,
    None,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Idempotency {
    pub style: IdempotencyStyle,
    pub header: Option<String>,
    pub lookup_operation: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SourceStyle {
    Body,
    Header,
    None,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct WriteSource {
    pub style: SourceStyle,
    pub header: Option<String>,
    pub read: Option<String>,
    pub read_id: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Errors {
    pub code: Option<String>,
    pub message: Option<String>,
    pub fields: Option<String>,
    pub existing_id: Option<String>,
    #[serde(default)]
    pub duplicate_codes: Vec<String>,
    #[serde(default)]
    pub retryable_status: Vec<u16>,
    pub retry_after_header: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Limits {
    pub requests_per_minute: u32,
    pub concurrency: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TimeFormat {
    #[default]
    Rfc3339,
    UnixS,
    UnixMs,
    Date,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MoneyFormat {
    #[default]
    DecimalString,
    Number,
    MinorUnits,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Operation {
    pub method: String,
    pub path: Option<String>,
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    #[serde(default)]
    pub fixed_query: BTreeMap<String, String>,
    pub body: Option<Value>,
    pub items: Option<String>,
    pub item: Option<String>,
    #[serde(default)]
    pub success: Vec<u16>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Entity {
    pub read: BTreeMap<String, Field>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Field {
    Plain(String),
    Table {
        path: String,
        #[serde(rename = "enum")]
        table: Option<String>,
        default: Option<Value>,
    },
}

impl Field {
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Plain(path) | Self::Table { path, .. } => path,
        }
    }
}

impl Profile {
    /// From a file's text, YAML or JSON; or everything that is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, Vec<ProfileProblem>> {
        let one = |place: &str, sentence: String| vec![ProfileProblem { place: place.to_owned(), sentence }];
        let mut json = read_text(text).map_err(|why| one("", why))?;
        // The published format has it. Our own changes are known by what they say, however late they come back.
        if let Some(source) = json.pointer_mut("/write_source").and_then(Value::as_object_mut) {
            source.remove("echo_window_s");
        }
        let problems = against_schema(&json);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut profile: Self = serde_json::from_value(json)
            .map_err(|error| one("", format!("The profile could not be read ({error}).")))?;
        let problems = profile.compile();
        let problems: Vec<_> = problems.into_iter().chain(profile.contradictions()).collect();
        if problems.is_empty() { Ok(profile) } else { Err(problems) }
    }

    /// A shipped one by its name.
    pub(super) fn shipped(name: &str) -> Option<&'static str> {
        SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// As people call it.
    pub(super) fn title(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// An operation whose path is known.
    pub(super) fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name).filter(|operation| operation.path.is_some())
    }

    /// The list an order is looked up in by our reference.
    pub(super) fn lookup(&self) -> &str {
        match (self.idempotency.style, &self.idempotency.lookup_operation) {
            (IdempotencyStyle::Lookup, Some(name)) => name,
            _ => "listOrders",
        }
    }

    /// Which system changed a record last, and by which write of it, where the account tells.
    pub(super) fn changed_by(&self, record: &Value) -> Option<(String, String)> {
        let system = self.text(self.write_source.read.as_ref(), record)?;
        Some((system, self.text(self.write_source.read_id.as_ref(), record)?))
    }

    /// The operation takes a parameter of ours.
    pub(super) fn takes(&self, operation: &str, parameter: &str) -> bool {
        self.operation(operation).is_some_and(|known| known.query.contains_key(parameter))
    }

    /// Evaluates one of the profile's own expressions.
    pub(super) fn eval(&self, text: &str, record: &Value) -> Result<Value, String> {
        self.ask(text, &Prepared::of(record))
    }

    /// The same over a record that is asked for more than one thing.
    pub(super) fn ask(&self, text: &str, record: &Prepared) -> Result<Value, String> {
        match self.compiled.get(text) {
            Some(expr) => expr.eval(record),
            None => Expr::compile(text)?.eval(record),
        }
    }

    /// As text, where it is a text or a number.
    pub(super) fn text(&self, expression: Option<&String>, record: &Value) -> Option<String> {
        as_text(&self.eval(expression?, record).ok()?)
    }

    /// Our word for theirs.
    pub(super) fn word_in(&self, table: &str, theirs: &str) -> Option<String> {
        let table = self.enums.get(table)?;
        table.get(theirs).or_else(|| table.get("*")).cloned()
    }

    /// Their word for ours: the table for writing, else the reading table turned round where that is unambiguous,
    /// else our own word.
    pub(super) fn word_out(&self, table: &str, ours: &str) -> String {
        if let Some(written) = self.enums.get(&format!("{table}.write")) {
            return written.get(ours).or_else(|| written.get("*")).cloned().unwrap_or_else(|| ours.to_owned());
        }
        let Some(read) = self.enums.get(table) else { return ours.to_owned() };
        let mut theirs = read.iter().filter(|(word, meaning)| *meaning == ours && *word != "*").map(|(word, _)| word);
        match (theirs.next(), theirs.next()) {
            (Some(word), None) => word.clone(),
            _ => ours.to_owned(),
        }
    }

    /// Base URL with the form's values, path without trailing slash.
    pub(super) fn base(&self, values: &BTreeMap<String, String>) -> Result<url::Url, String> {
        let mut text = self.base_url.clone();
        for input in &self.inputs {
            let value = values.get(&input.name).filter(|value| !value.is_empty()).or(input.default.as_ref());
            let place = format!("{{{}}}", input.name);
            if !text.contains(&place) {
                continue;
            }
            let value = value.ok_or_else(|| format!("\"{}\" is needed for the address of the API.", input.label))?;
            text = text.replace(&place, value);
        }
        let base = url::Url::parse(&text).map_err(|error| format!("{text} is not an address ({error})."))?;
        if base.query().is_some() || base.fragment().is_some() || !base.username().is_empty() {
            return Err(format!("{text} holds more than a host and a path."));
        }
        Ok(base)
    }

    fn compile(&mut self) -> Vec<ProfileProblem> {
        let mut wanted: Vec<(String, String)> = Vec::new();
        let mut want = |place: String, text: &str| wanted.push((place, text.to_owned()));
        want("item".into(), &self.item);
        want("paging.items".into(), &self.paging.items);
        for (place, text) in [
            ("paging.next", &self.paging.next),
            ("paging.more", &self.paging.more),
            ("write_source.read", &self.write_source.read),
            ("write_source.read_id", &self.write_source.read_id),
            ("errors.code", &self.errors.code),
            ("errors.message", &self.errors.message),
            ("errors.fields", &self.errors.fields),
            ("errors.existing_id", &self.errors.existing_id),
        ] {
            if let Some(text) = text {
                want(place.into(), text);
            }
        }
        for (name, operation) in &self.operations {
            for (place, text) in [("items", &operation.items), ("item", &operation.item)] {
                if let Some(text) = text {
                    want(format!("operations.{name}.{place}"), text);
                }
            }
            if let Some(body) = &operation.body {
                expressions(body, &format!("operations.{name}.body"), &mut want);
            }
        }
        for (name, entity) in &self.entities {
            for (field, read) in &entity.read {
                want(format!("entities.{name}.read.{field}"), read.path());
            }
        }
        let mut problems = Vec::new();
        for (place, text) in wanted {
            if self.compiled.contains_key(&text) {
                continue;
            }
            match Expr::compile(&text) {
                Ok(expr) => drop(self.compiled.insert(text, expr)),
                Err(why) => problems.push(ProfileProblem { place, sentence: format!("{why}.") }),
            }
        }
        problems
    }

    /// What the schema cannot see.
    fn contradictions(&self) -> Vec<ProfileProblem> {
        let mut problems = Vec::new();
        let mut problem = |place: &str, sentence: String| {
            problems.push(ProfileProblem { place: place.to_owned(), sentence });
        };
        for placeholder in placeholders(&self.base_url) {
            if !self.inputs.iter().any(|input| input.name == placeholder && !input.secret) {
                problem("base_url", format!("{{{placeholder}}} is not among the inputs. Add an input with this name."));
            }
        }
        for input in self.inputs.iter().filter(|input| input.secret && input.name != "api_key") {
            problem(
                "inputs",
                format!("\"{}\" cannot be secret: api_key is the one secret a connection keeps.", input.name),
            );
        }
        let paging = &self.paging;
        let needs: &[(&str, bool)] = match paging.style {
            PagingStyle::Cursor => &[("next", paging.next.is_none()), ("cursor_param", paging.cursor_param.is_none())],
            PagingStyle::Page => &[("page_param", paging.page_param.is_none())],
            PagingStyle::Offset => {
                &[("offset_param", paging.offset_param.is_none()), ("limit", paging.limit.is_none())]
            }
            PagingStyle::Link | PagingStyle::None => &[],
        };
        for (name, _) in needs.iter().filter(|(_, missing)| *missing) {
            problem(&format!("paging.{name}"), format!("This style of paging needs \"{name}\"."));
        }
        match self.idempotency.style {
            IdempotencyStyle::Header if self.idempotency.header.is_none() => {
                problem("idempotency.header", "The style \"header\" needs the name of the header.".into());
            }
            IdempotencyStyle::Lookup => {
                let name = self.lookup();
                if !self.operations.contains_key(name) {
                    problem("idempotency.lookup_operation", format!("There is no operation \"{name}\"."));
                } else if !ORDER_LISTS.contains(&name) && self.operation("createOrder").is_some() {
                    // Where no order is ever sent, nothing is looked up, and the name does no harm.
                    problem(
                        "idempotency.lookup_operation",
                        format!(
                            "\"{name}\" lists no orders, and it is orders that are looked up. Name one of: {}.",
                            ORDER_LISTS.join(", ")
                        ),
                    );
                }
            }
            _ => {}
        }
        if self.write_source.read_id.is_some() && self.write_source.read.is_none() {
            problem(
                "write_source.read_id",
                "Which write it was says nothing without \"read\", which says whose it was.".into(),
            );
        }
        if self.concurrency.style == ConcurrencyStyle::VersionField && self.concurrency.body_field.is_none() {
            problem("concurrency.body_field", "The style \"version_field\" needs the name of the field.".into());
        }
        if self.write_source.style == SourceStyle::Header && self.write_source.header.is_none() {
            problem("write_source.header", "The style \"header\" needs the name of the header.".into());
        }
        let names = self.headers.keys().chain([&self.auth.header]);
        let names = names.chain(self.idempotency.header.as_ref()).chain(self.write_source.header.as_ref());
        for name in names.filter(|name| http::HeaderName::from_bytes(name.as_bytes()).is_err()) {
            problem("headers", format!("\"{name}\" is not the name of a header."));
        }
        for (name, operation) in &self.operations {
            let Some(path) = &operation.path else { continue };
            if !path.starts_with('/') || path.contains("//") || path.contains(['?', '#']) || path.contains("/..") {
                problem(
                    &format!("operations.{name}.path"),
                    format!("\"{path}\" is not a path. It begins with / and holds no query."),
                );
            }
            for placeholder in placeholders(path) {
                if !path_parameters(name).contains(&placeholder.as_str()) {
                    let known = path_parameters(name).join(", ");
                    let known = if known.is_empty() { "none".to_owned() } else { known };
                    problem(
                        &format!("operations.{name}.path"),
                        format!("{{{placeholder}}} cannot be filled in here. Known: {known}."),
                    );
                }
            }
        }
        for (name, entity) in &self.entities {
            for (field, read) in &entity.read {
                if let Field::Table { table: Some(table), .. } = read
                    && !self.enums.contains_key(table)
                {
                    problem(
                        &format!("entities.{name}.read.{field}"),
                        format!("There is no table \"{table}\" among the enums."),
                    );
                }
            }
        }
        problems
    }
}

/// Placeholders an operation's path may have.
pub(super) fn path_parameters(operation: &str) -> &'static [&'static str] {
    match operation {
        "getOrder" | "updateOrder" | "assignOrder" | "cancelOrder" | "listRefunds" | "createRefund"
        | "createFulfillment" => &["order_id"],
        "updateFulfillment" => &["fulfillment_id", "order_id"],
        "getFulfillment" => &["fulfillment_id"],
        "updateProduct" => &["product_id"],
        "updateCustomer" => &["customer_id"],
        "getInventory" | "setInventory" => &["warehouse_id", "sku"],
        _ => &[],
    }
}

/// YAML or JSON as a value.
pub(super) fn read_text(text: &str) -> Result<Value, String> {
    if text.len() > FILE_MAX {
        return Err(format!("The file has {} kB; a profile has at most {} kB.", text.len() / 1024, FILE_MAX / 1024));
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| format!("The file is not readable as JSON ({error})."));
    }
    serde_yaml_ng::from_str(text).map_err(|error| format!("The file is not readable as YAML ({error})."))
}

fn against_schema(json: &Value) -> Vec<ProfileProblem> {
    static VALIDATOR: OnceLock<Result<jsonschema::Validator, String>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        let schema: Value = serde_json::from_str(SCHEMA).map_err(|error| error.to_string())?;
        jsonschema::validator_for(&schema).map_err(|error| error.to_string())
    });
    let validator = match validator {
        Ok(validator) => validator,
        Err(why) => {
            return vec![ProfileProblem {
                place: String::new(),
                sentence: format!("The schema of profiles is broken ({why})."),
            }];
        }
    };
    let problem = |error: jsonschema::ValidationError<'_>| {
        let place = error.instance_path().to_string();
        ProfileProblem { place: place.trim_start_matches('/').replace('/', "."), sentence: format!("{error}.") }
    };
    validator.iter_errors(json).take(20).map(problem).collect()
}

/// Whether a text is what a pattern of the profile asks for.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let schema = serde_json::json!({"type": "string", "pattern": pattern});
    jsonschema::is_valid(&schema, &Value::String(text.to_owned()))
}

fn placeholders(text: &str) -> Vec<String> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn expressions(template: &Value, place: &str, want: &mut impl FnMut(String, &str)) {
    match template {
        Value::String(text) => {
            if let Some(expression) = text.strip_prefix('=') {
                want(place.to_owned(), expression);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                expressions(item, &format!("{place}.{at}"), want);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                expressions(field, &format!("{place}.{name}"), want);
            }
        }
        _ => {}
    }
}

/// Text of a text, a number or a truth; nothing of anything else, or of an empty text.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
