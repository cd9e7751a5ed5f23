//! What the mapping screen shows: a profile looked through, a sample answer read, a request rendered. Pure.

use super::capability::{LEVEL, needed, offered};
use super::perform::example_record;
use super::profile::{Profile, ProfileProblem, SHIPPED, read_text};
use super::request::{Filling, encoded, render};
use super::{paging, settings, translate};
use crate::profiles::{
    Ability, DryRun, Fault, Preview, PreviewRow, ProfileEntity, ProfileReport, ProfileRequest, ShippedProfile,
};
use quayside_model::HubOrderDraft;
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest value that is shown, characters.
const SHOWN_MAX: usize = 400;
/// Largest sample that is read, bytes.
const SAMPLE_MAX: usize = 4 * 1024 * 1024;

impl From<ProfileProblem> for Fault {
    fn from(problem: ProfileProblem) -> Self {
        Self { place: problem.place, sentence: problem.sentence }
    }
}

fn fault(place: &str, sentence: impl Into<String>) -> Vec<Fault> {
    vec![Fault { place: place.to_owned(), sentence: sentence.into() }]
}

fn parse(text: &str) -> Result<Profile, Vec<Fault>> {
    let text = Profile::shipped(text.trim()).unwrap_or(text);
    Profile::parse(text).map_err(|problems| problems.into_iter().map(Fault::from).collect())
}

/// Profiles that come with the program.
pub(super) fn shipped() -> Vec<ShippedProfile> {
    SHIPPED
        .iter()
        .map(|(name, text)| ShippedProfile {
            name: (*name).to_owned(),
            title: Profile::parse(text).map_or_else(|_| (*name).to_owned(), |profile| profile.title().to_owned()),
            text: (*text).to_owned(),
        })
        .collect()
}

/// Looks a profile through.
pub(super) fn check(text: &str) -> ProfileReport {
    // What the file says is shown as far as it can be read at all: whoever mends it has to see it.
    let json = read_text(Profile::shipped(text.trim()).unwrap_or(text)).unwrap_or_default();
    let (entities, requests) = (outlined(&json), requested(&json));
    let (settings, tables) = (settings::sections(&json), settings::tables(&json));
    match parse(text) {
        Ok(profile) => ProfileReport {
            ok: true,
            name: profile.name.clone(),
            faults: Vec::new(),
            abilities: offered(&profile)
                .into_iter()
                .map(|ability| Ability {
                    name: ability.name,
                    title: ability.title,
                    on: ability.on,
                    why_off: ability.why_off,
                    fallback: ability.fallback,
                    used: ability.used,
                    switched: profile.capabilities.get(&ability.switch) == Some(&true),
                    switch: ability.switch,
                })
                .collect(),
            operations: profile.operations.keys().filter(|name| profile.operation(name).is_some()).cloned().collect(),
            entities,
            requests,
            settings,
            tables,
        },
        Err(faults) => ProfileReport {
            ok: false,
            name: json.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            faults,
            abilities: Vec::new(),
            operations: Vec::new(),
            entities,
            requests,
            settings,
            tables,
        },
    }
}

/// Where a file says that our fields are, whether or not it can be used.
fn outlined(json: &Value) -> Vec<ProfileEntity> {
    let expression = |entity: &str, field: &str| {
        let field = &json["entities"][entity]["read"][field];
        field.as_str().or_else(|| field["path"].as_str()).unwrap_or_default().to_owned()
    };
    let rows = |entity: &str, fields: &[translate::FieldRow]| {
        let mut rows: Vec<PreviewRow> = fields
            .iter()
            .map(|(name, required, meaning)| PreviewRow {
                field: (*name).to_owned(),
                meaning: (*meaning).to_owned(),
                required: *required,
                expression: expression(entity, name),
                value: String::new(),
                missing: *required && expression(entity, name).is_empty(),
                problem: String::new(),
            })
            .collect();
        rows.sort_by_key(|row| !row.required);
        rows
    };
    translate::FIELDS
        .iter()
        .map(|(name, fields)| ProfileEntity { name: (*name).to_owned(), rows: rows(name, fields) })
        .collect()
}

/// Requests a file describes, and those we would make use of.
fn requested(json: &Value) -> Vec<ProfileRequest> {
    let used = needed();
    let known = json["operations"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let known = known.filter(|name| !used.iter().any(|(used, _)| used == name));
    let all = used.iter().copied().chain(known.map(|name| (name, "")));
    all.map(|(name, usual)| {
        let operation = &json["operations"][name];
        let method = operation["method"].as_str().unwrap_or(usual).to_ascii_uppercase();
        let body = operation.get("body").filter(|body| !body.is_null());
        ProfileRequest {
            operation: name.to_owned(),
            path: operation["path"].as_str().unwrap_or_default().to_owned(),
            body: body.map(|body| serde_json::to_string_pretty(body).unwrap_or_default()).unwrap_or_default(),
            placeholders: super::profile::path_parameters(name).iter().map(|name| (*name).to_owned()).collect(),
            writes: method != "GET",
            used: !usual.is_empty(),
            method,
        }
    })
    .collect()
}

/// What a sample may be of.
pub(super) fn entities() -> Vec<String> {
    translate::FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// A sample answer read through a profile: a list, an answer with one record, or the record itself.
pub(super) fn preview(profile: &str, entity: &str, sample: &str) -> Result<Preview, Vec<Fault>> {
    let profile = parse(profile)?;
    let Some((_, fields)) = translate::FIELDS.iter().find(|(name, _)| *name == entity) else {
        return Err(fault(
            "entity",
            format!("There is nothing to read called \"{entity}\". Known: {}.", entities().join(", ")),
        ));
    };
    if sample.len() > SAMPLE_MAX {
        return Err(fault("sample", "The sample is larger than 4 MB. One page of a list is enough."));
    }
    let sample: Value = serde_json::from_str(sample.trim_start_matches('\u{feff}').trim()).map_err(|error| {
        fault("sample", format!("The sample is not JSON ({error}). Paste the answer's body, nothing else."))
    })?;
    let records = records(&profile, entity, &sample);
    let Some(first) = records.first() else {
        return Err(fault(
            "sample",
            format!(
                "No record was found in the sample: there is no list at \"{}\" and nothing at \"{}\".",
                profile.paging.items, profile.item
            ),
        ));
    };
    let known = profile.entities.get(entity);
    let mut rows: Vec<PreviewRow> = fields
        .iter()
        .map(|(name, required, meaning)| {
            let field = known.and_then(|entity| entity.read.get(*name));
            let expression = field.map(|field| field.path().to_owned()).unwrap_or_default();
            let found = field.map(|_| translate::canonical_field(&profile, entity, name, first));
            let (value, problem) = match found {
                Some(Ok(value)) => (value, String::new()),
                Some(Err(why)) => (Value::Null, why),
                None => (Value::Null, String::new()),
            };
            // A table has a word for what is not there; that it is not there has to be seen all the same.
            let absent = field.is_some_and(|field| matches!(profile.eval(field.path(), first), Ok(Value::Null)));
            let empty =
                absent || value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
            PreviewRow {
                field: (*name).to_owned(),
                meaning: (*meaning).to_owned(),
                required: *required,
                expression,
                value: if empty { String::new() } else { shown(&value) },
                missing: (*required && empty) || !problem.is_empty(),
                problem,
            }
        })
        .collect();
    rows.sort_by_key(|row| !row.required);
    let bad: Vec<String> = records.iter().filter_map(|raw| read(&profile, entity, raw).err()).collect();
    let missing: Vec<&str> = rows.iter().filter(|row| row.missing).map(|row| row.field.as_str()).collect();
    let ok = bad.is_empty() && missing.is_empty();
    let n = records.len();
    let sentence = match (missing.as_slice(), bad.first()) {
        ([], None) if n == 1 => "The record is read as shown.".to_owned(),
        ([], None) => format!("All {n} records are read; the first one is shown."),
        ([], Some(why)) => format!("{} of {n} records cannot be read; the first because of {why}.", bad.len()),
        (names, _) => format!("Without a value: {}. Say in the profile where to find it.", names.join(", ")),
    };
    let unused =
        unused(known.map(|entity| entity.read.values().map(super::profile::Field::path).collect::<Vec<_>>()), first);
    Ok(Preview { records: n as u32, rows, unused, ok, sentence })
}

fn read(profile: &Profile, entity: &str, raw: &Value) -> Result<(), String> {
    match entity {
        "order" => translate::order(profile, raw).map(drop),
        "product" => translate::product(profile, raw).map(drop),
        LEVEL => translate::level(profile, raw).map(drop),
        _ => translate::shipment(profile, raw, None).map(drop),
    }
}

fn records(profile: &Profile, entity: &str, sample: &Value) -> Vec<Value> {
    let list = match entity {
        "order" => "listOrders",
        "product" => "listProducts",
        LEVEL => "listInventory",
        _ => "listFulfillments",
    };
    let items =
        profile.operations.get(list).and_then(|operation| operation.items.as_ref()).unwrap_or(&profile.paging.items);
    if let Ok(Value::Array(rows)) = profile.eval(items, sample)
        && !rows.is_empty()
    {
        return rows.into_iter().filter(|row| !row.is_null()).collect();
    }
    if let Value::Array(rows) = sample {
        return rows.iter().filter(|row| row.is_object()).cloned().collect();
    }
    match profile.eval(&profile.item, sample) {
        Ok(record @ Value::Object(_)) => vec![record],
        _ if sample.is_object() && sample.get("data").is_none() => vec![sample.clone()],
        _ => Vec::new(),
    }
}

/// Their fields that no expression mentions, at the first level.
fn unused(expressions: Option<Vec<&str>>, raw: &Value) -> Vec<String> {
    let expressions = expressions.unwrap_or_default();
    let mentioned = |name: &str| {
        expressions.iter().any(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name))
    };
    raw.as_object().into_iter().flatten().map(|(name, _)| name.clone()).filter(|name| !mentioned(name)).collect()
}

fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    text.chars().take(SHOWN_MAX).chain(['…']).collect()
}

/// The request a profile would make for an order. Sends nothing, and needs no key.
pub(super) fn dry_run(
    profile: &str,
    operation: &str,
    draft: &HubOrderDraft,
    fields: &BTreeMap<String, String>,
) -> Result<DryRun, Vec<Fault>> {
    let profile = parse(profile)?;
    let record = example_record(&profile, operation, draft);
    let version = Value::from(1);
    let mut filling = Filling::default().record(&record);
    for name in super::profile::path_parameters(operation) {
        filling = filling.path(name, format!("id-of-{}", name.trim_end_matches("_id")));
    }
    if operation != "createOrder" {
        filling = filling.version(Some(&version));
    }
    if operation == "listOrders" || operation == "listFulfillments" {
        let since = super::compose::moment(&profile, draft.placed_at_ms);
        filling = filling.query("updated_since", super::profile::as_text(&since).unwrap_or_default());
    }
    filling.key = Some("00000000-0000-5000-8000-000000000000".to_owned());
    filling.write_id.clone_from(&filling.key);
    let mut request =
        render(&profile, operation, &filling).map_err(|why| fault(&format!("operations.{operation}"), why))?;
    if operation.starts_with("list") {
        request.query.extend(paging::parameters(&profile, None));
    }
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", encoded(&request.query)) };
    let mut headers = request.headers;
    headers.push((profile.auth.header.to_ascii_lowercase(), format!("{}•••", profile.auth.prefix)));
    if request.body.is_some() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    headers.sort();
    // An address that is not known yet keeps its braces.
    let base =
        profile.base(&super::values_of(fields)).map_or_else(|_| profile.base_url.clone(), |base| base.to_string());
    Ok(DryRun {
        method: request.method.to_string(),
        url: format!("{}{}{query}", base.trim_end_matches('/'), request.path),
        headers,
        body: request.body.map(|body| serde_json::to_string_pretty(&body).unwrap_or_default()).unwrap_or_default(),
    })
}
