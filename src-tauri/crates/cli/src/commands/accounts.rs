//! `connect`, `connections`, `disconnect`.

use crate::args::ConnectArgs;
use crate::commands::connection;
use crate::output::{Failure, Outcome, Output};
use crate::table::{number, table, text};
use crate::world::World;
use crate::{secrets, times};
use quayside_api::view::{ConnectionDraft, ConnectionView, TestResult};
use quayside_model::CheckState;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Connects, tests, or replaces credentials.
pub async fn connect(profile: Option<&Path>, args: &ConnectArgs, world: &mut World) -> Outcome {
    let platform = quayside_connectors::platform(&args.platform).ok_or_else(|| {
        let known: Vec<&str> =
            quayside_connectors::registry().iter().map(|platform| platform.declaration.platform).collect();
        Failure::input(format!(
            "Quayside does not know a platform of that name (it is not repeated here, because it may be a secret). There are: {}.",
            known.join(", ")
        ))
    })?;
    let ways = platform.declaration.ways;
    let mut fields = secrets::fields(&args.secrets_from, &mut world.sources())?;
    fields.extend(secrets::plain_fields(&args.field, ways, platform.aliases)?);
    if args.secrets_from.is_empty() {
        world.say("No --secrets-from was given, so no secret is known. Give them with --secrets-from - or --secrets-from FIELD=env:NAME.");
    }
    let draft = ConnectionDraft {
        platform: args.platform.clone(),
        way: args.way.clone(),
        name: args.name.clone(),
        fields,
        base_url: args.base_url.clone(),
    };

    let desk = if args.test { world.looking(profile)? } else { world.changing(profile)? };
    if let Some(existing) = &args.rotate {
        let view = connection(&desk, existing)?;
        if view.platform != args.platform {
            return Err(Failure::input(format!(
                "{} is an account of {}, not of {}. Nothing was changed.",
                view.name, view.platform_title, platform.declaration.title
            )));
        }
        keeps_the_rest(args, &view)?;
        let result = desk.rotate(view.id, draft.way, draft.fields).await;
        return tested(&result?, "New credentials were kept.");
    }
    // The checklist is worth seeing whether it works or not.
    world.say(&format!("Testing the connection to {}…", platform.declaration.title));
    let result = desk.test_connection(draft.clone()).await?;
    if args.test || !result.ok {
        return tested(&result, "Nothing was kept; this was only a test.");
    }
    world.say(checklist(&result).trim_end());
    let view = desk.connect(draft).await?;
    let text = format!(
        "Connected {} as {} ({}). It only watches until you say otherwise: quayside-cli plan, then quayside-cli go-live.",
        view.platform_title, view.name, view.id
    );
    let output = Output::new(json!({ "connection": public(&view), "checks": result.checks }), text);
    Ok(output)
}

/// Name and address are not what `--rotate` changes: saying so beats leaving them out in silence.
fn keeps_the_rest(args: &ConnectArgs, view: &ConnectionView) -> Result<(), Failure> {
    let bare =
        |url: Option<&str>| url.map(|url| url.trim().trim_end_matches('/').to_owned()).filter(|url| !url.is_empty());
    let other = if !args.name.trim().is_empty() && args.name.trim() != view.name {
        format!("--name \"{}\"", args.name.trim())
    } else if args.base_url.is_some() && bare(args.base_url.as_deref()) != bare(view.base_url.as_deref()) {
        "--base-url".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::input(format!(
        "--rotate replaces the credentials of {} and nothing else, so {other} does not go with it. Nothing was changed. \
         Leave it out; names are changed in the window, and for another address disconnect the account and connect it anew.",
        view.name
    )))
}

fn tested(result: &TestResult, note: &str) -> Outcome {
    let list = checklist(result);
    if result.ok {
        return Ok(Output::new(json!({ "test": result }), format!("{list}{note}")));
    }
    let mut sentence = result.problems.iter().map(|(_, sentence)| sentence.clone()).collect::<Vec<_>>();
    sentence.extend(
        result.checks.iter().filter(|check| check.state == CheckState::Missing).map(|check| check.detail.clone()),
    );
    let sentence =
        if sentence.is_empty() { "The connection does not work yet.".to_owned() } else { sentence.join(" ") };
    // What was typed (or connected already) is the person's to mend; what the platform refused is the platform's word.
    let mut failure = if result.problems.is_empty() {
        Failure::from(quayside_api::view::Trouble {
            code: quayside_api::view::TroubleCode::Platform,
            sentence,
            field: None,
        })
    } else {
        Failure::input(sentence)
    };
    failure.field = result.problems.first().map(|(field, _)| field.clone()).filter(|field| !field.is_empty());
    Err(failure.detail(json!({ "test": result })))
}

fn checklist(result: &TestResult) -> String {
    let mut out = String::new();
    for check in &result.checks {
        let mark = match check.state {
            CheckState::Works => "works  ",
            CheckState::Limited => "limited",
            CheckState::Missing => "missing",
        };
        // Writing to a String does not fail.
        let _ = writeln!(out, "  {mark}  {}: {}", check.title, check.detail);
        if !check.disables.is_empty() {
            let _ = writeln!(out, "           {}", without(&check.disables));
        }
    }
    out
}

/// What a failed check takes away. "everything" is a word of the checks themselves.
fn without(disables: &[String]) -> String {
    if disables.iter().any(|one| one == "everything") {
        return "without it nothing works".into();
    }
    let each: Vec<String> = disables
        .iter()
        .map(|one| {
            one.strip_prefix("everything ").map_or_else(|| format!("no {one}"), |rest| format!("nothing {rest}"))
        })
        .collect();
    format!("without it: {}", each.join(", "))
}

/// All of a connection that may be shown: everything, for it never holds a secret.
pub(crate) fn public(view: &ConnectionView) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}

/// Lists the accounts.
pub fn connections(profile: Option<&Path>, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let all = desk.connections()?;
    let now_ms = world.clock.now_ms();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|view| {
            let last = view.activity.streams.iter().filter_map(|stream| stream.last_ok_at_ms).max();
            vec![
                view.id.to_string(),
                view.name.clone(),
                view.platform_title.clone(),
                view.account_name.clone(),
                times::ago(last, now_ms),
                view.activity.waiting.to_string(),
                view.activity.sentence.clone(),
            ]
        })
        .collect();
    let columns = [
        text("Id", 30),
        text("Name", 30),
        text("Platform", 16),
        text("Account", 30),
        text("Read", 16),
        number("Waiting"),
        text("State", 70),
    ];
    let listed = if rows.is_empty() {
        "Nothing is connected yet. Connect an account: quayside-cli connect shopify --name NAME --field shop=… --secrets-from -".to_owned()
    } else {
        table(&columns, &rows)
    };
    let json = json!({ "connections": all.iter().map(public).collect::<Vec<_>>() });
    Ok(Output::new(json, listed))
}

/// Shows the choices about an account, after making those that were typed.
pub fn settings(profile: Option<&Path>, typed: &str, changes: &[String], world: &World) -> Outcome {
    let mut wanted: BTreeMap<String, Value> = BTreeMap::new();
    for change in changes {
        let (name, value) = change.split_once('=').ok_or_else(|| {
            Failure::input(format!(
                "\"{change}\" is not a choice. Choices are written NAME=VALUE, like hub_imports=false."
            ))
        })?;
        if wanted.insert(name.trim().to_owned(), read(value)).is_some() {
            return Err(Failure::input(format!("\"{}\" is given twice. Say it once.", name.trim())));
        }
    }
    let desk = if wanted.is_empty() { world.looking(profile)? } else { world.changing(profile)? };
    let mut view = connection(&desk, typed)?;
    if !wanted.is_empty() {
        view = desk.put_connection_settings(&view.id, &wanted)?;
    }
    let all = desk.connection_settings(&view.id)?;
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|setting| {
            let takes = match setting.kind.as_str() {
                "choice" => {
                    let values = setting.options.iter().map(|(value, _)| value.as_str());
                    values.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(", ")
                }
                "toggle" => "true, false".to_owned(),
                "number" => "a whole number".to_owned(),
                "described" => format!("a name; --offers {} lists them", setting.name),
                other => other.replace('_', " "),
            };
            let value = match &setting.value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let chosen = if view.settings.contains_key(&setting.name) { "chosen" } else { "default" };
            vec![setting.name.clone(), value, chosen.to_owned(), takes, setting.label.clone()]
        })
        .collect();
    let columns = [text("Name", 26), text("Value", 24), text("", 8), text("Takes", 30), text("What", 60)];
    let mut shown =
        if rows.is_empty() { format!("{} has nothing to choose.\n", view.name) } else { table(&columns, &rows) };
    if let Some(question) = &view.who_writes {
        let _ = writeln!(
            shown,
            "{question} Answer: quayside-cli connection-settings {} hub_imports=false (Quayside) or hub_imports=true (the shipping account).",
            view.id
        );
    }
    let json =
        json!({ "connection": { "id": view.id, "name": view.name }, "settings": all, "who_writes": view.who_writes });
    Ok(Output::new(json, shown))
}

/// What a choice can name, as the account describes itself.
pub async fn offers(profile: Option<&Path>, typed: &str, setting: &str, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let view = connection(&desk, typed)?;
    let mut described = desk.describe_account(&view.id, BTreeMap::new()).await?;
    described.slots.retain(|slot| slot.setting == setting);
    described.lists.retain(|list| described.slots.iter().any(|slot| slot.list == list.name));
    if described.slots.is_empty() {
        return Err(Failure::input(format!(
            "{} has nothing to name for \"{setting}\": it is typed as it is. The choices are listed by: quayside-cli connection-settings {}",
            view.name, view.id
        )));
    }
    let mut rows = Vec::new();
    for slot in &described.slots {
        let Some(list) = described.list(&slot.list) else { continue };
        for entry in &list.entries {
            let why_not = slot.why_not(&entry.value).unwrap_or_default();
            let marks = [(entry.required, "required"), (entry.read_only, "read-only"), (entry.custom, "own")];
            let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
            rows.push(vec![
                slot.part.clone(),
                entry.value.clone(),
                entry.label.clone(),
                entry.kind.clone(),
                marks.join(", "),
                why_not.to_owned(),
            ]);
        }
    }
    // What fits comes first; a place with hundreds of fields has a few of them.
    rows.sort_by(|a, b| (&a[0], !a[5].is_empty()).cmp(&(&b[0], !b[5].is_empty())));
    let columns = [
        text("Part", 14),
        text("Name", 34),
        text("Label", 34),
        text("Holds", 30),
        text("", 20),
        text("Does not fit", 60),
    ];
    let json = json!({ "connection": { "id": view.id, "name": view.name }, "described": described });
    Ok(Output::new(json, table(&columns, &rows)))
}

/// As it was typed; the desk knows what each takes. Nothing is the default.
fn read(typed: &str) -> Value {
    match typed.trim() {
        "" => Value::Null,
        text => text.into(),
    }
}

/// Removes an account.
pub async fn disconnect(profile: Option<&Path>, typed: &str, world: &World) -> Outcome {
    let desk = world.changing(profile)?;
    let view = connection(&desk, typed)?;
    let left = desk.disconnect(view.id.clone()).await?;
    let mut text = format!("{} was removed and its credentials forgotten. Its orders and history stay.", view.name);
    let mut removed = json!({ "id": view.id, "name": view.name });
    if let Some(left) = left {
        let _ = write!(text, "\n{left}");
        removed["left"] = json!(left);
    }
    Ok(Output::new(json!({ "removed": removed }), text))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_a_failed_check_takes_away_is_said_in_words() {
        for (disables, words) in [
            (&["everything"][..], "without it nothing works"),
            (&["everything that needs V2"][..], "without it: nothing that needs V2"),
            (&["labels", "tags on orders"][..], "without it: no labels, no tags on orders"),
        ] {
            let disables: Vec<String> = disables.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(without(&disables), words);
        }
    }
}
