//! `explain`, `aliases`, `rules`, `mappings`: what shapes orders, and why one waits.

use crate::args::{AliasesCommand, MappingsCommand, TableCommand};
use crate::output::{Failure, Outcome, Output};
use crate::table::plain;
use crate::times;
use crate::world::World;
use quayside_api::profiles::HandedText;
use quayside_api::view::Trouble;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Why an order is not shipped.
pub fn explain(profile: Option<&Path>, order: &str, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let explained = desk.explain(super::order(&desk, order)?)?;
    let mut out = String::new();
    // Writing to a String does not fail.
    for (i, reason) in explained.reasons.iter().enumerate() {
        let also = if i == 0 { "" } else { "Also: " };
        let _ = writeln!(out, "{also}{} (since {})", reason.title, times::short(Some(reason.since_ms)));
        let _ = writeln!(out, "  {}", plain(&reason.sentence));
        for evidence in &reason.evidence {
            let _ = writeln!(out, "  {}: {}", plain(&evidence.record), plain(&evidence.says));
        }
        let _ = writeln!(out, "  {}", reason.help);
    }
    for (sku, sum) in &explained.lines {
        let _ = writeln!(out, "{}: {sum}", if sku.is_empty() { "(no SKU)".into() } else { plain(sku) });
    }
    Ok(Output::new(json!({ "explanation": explained }), out))
}

/// The table of SKU aliases.
pub fn aliases(profile: Option<&Path>, command: &AliasesCommand, world: &World) -> Outcome {
    match command {
        AliasesCommand::List { search } => {
            let view = world.looking(profile)?.sku_aliases(search)?;
            let mut out = String::new();
            for row in &view.rows {
                let parts: Vec<String> =
                    row.parts.iter().map(|part| format!("{} × {}", part.quantity, plain(&part.sku))).collect();
                let store = row.store.as_ref().map_or("every store", |store| store.as_str());
                let _ = writeln!(out, "{store}: {} = {}", plain(&row.theirs), parts.join(" + "));
            }
            let _ = writeln!(out, "{} of {}", view.rows.len(), view.total);
            Ok(Output::new(json!({ "aliases": view }), out))
        }
        AliasesCommand::Import { file, write } => {
            let desk = if *write { world.changing(profile)? } else { world.looking(profile)? };
            let view = desk.import_sku_aliases(file, *write)?;
            let mut out = format!("{}\n", view.sentence);
            for problem in &view.read.problems {
                let _ = writeln!(out, "  {}", plain(problem));
            }
            Ok(Output::new(json!({ "import": view }), out))
        }
        AliasesCommand::Export { file } => {
            let n = world.looking(profile)?.export_sku_aliases(file)?;
            Ok(Output::new(json!({ "written": n }), format!("{n} aliases written to {}.", file.display())))
        }
    }
}

/// The rules.
pub fn rules(profile: Option<&Path>, command: &TableCommand, world: &World) -> Outcome {
    match command {
        TableCommand::Show => {
            let view = world.looking(profile)?.rules()?;
            let text = serde_json::to_string_pretty(&view.book).unwrap_or_default();
            Ok(Output::new(json!({ "rules": view }), text))
        }
        TableCommand::Put { file } => {
            let view = world.changing(profile)?.put_rules(read(file)?)?;
            let mut out = format!("{} rules kept.\n", view.book.rules.len());
            for problem in &view.problems {
                let _ = writeln!(out, "  {}", plain(&problem.sentence));
            }
            Ok(Output::new(json!({ "rules": view }), out))
        }
        TableCommand::Test { file, order, last } => {
            let desk = world.looking(profile)?;
            let order = order.as_deref().map(|typed| super::order(&desk, typed)).transpose()?;
            let test = desk.test_rules(read(file)?, order, *last)?;
            let mut out = format!("Of {} orders, rules would act on {}.\n", test.looked_at, test.fired);
            for preview in &test.orders {
                let _ = writeln!(out, "{}", plain(&preview.number));
                for rule in &preview.trace {
                    let _ = writeln!(
                        out,
                        "  {} {}: {}",
                        if rule.fired { "+" } else { "-" },
                        plain(&rule.name),
                        plain(&rule.why)
                    );
                }
            }
            Ok(Output::new(json!({ "test": test }), out))
        }
    }
}

/// The field mappings, and their sets.
pub fn mappings(profile: Option<&Path>, command: &MappingsCommand, world: &World) -> Outcome {
    match command {
        MappingsCommand::Table(command) => mapping_table(profile, command, world),
        MappingsCommand::Export { set, file } => {
            let desk = world.looking(profile)?;
            let set = set.as_deref().map(|typed| desk.mapping_set_named(typed)).transpose()?;
            let n = desk.export_mapping_set(set.as_deref(), file)?;
            Ok(Output::new(json!({ "written": n }), format!("{n} mappings written to {}.", file.display())))
        }
        MappingsCommand::Import { file, write } => {
            let desk = if *write { world.changing(profile)? } else { world.looking(profile)? };
            let from = HandedText { text: String::new(), path: Some(file.clone()) };
            let mut import = desk.import_mapping_set(from.clone(), None)?;
            if *write {
                import = desk.import_mapping_set(from, Some(&import.digest))?;
            }
            let mut out = String::new();
            for says in &import.says {
                let _ = writeln!(out, "{}", plain(says));
            }
            out.push_str(if import.kept { "Kept.\n" } else { "Nothing was changed; --write keeps it.\n" });
            Ok(Output::new(json!({ "import": import }), out))
        }
    }
}

fn mapping_table(profile: Option<&Path>, command: &TableCommand, world: &World) -> Outcome {
    match command {
        TableCommand::Show => {
            let view = world.looking(profile)?.field_mapping()?;
            let text = serde_json::to_string_pretty(&view.mapping).unwrap_or_default();
            Ok(Output::new(json!({ "mappings": view }), text))
        }
        TableCommand::Put { file } => {
            let view = world.changing(profile)?.put_field_mapping(read(file)?)?;
            let mut out = format!("{} mappings kept.\n", view.mapping.rows.len());
            for problem in &view.problems {
                let _ = writeln!(out, "  {}", plain(&problem.sentence));
            }
            Ok(Output::new(json!({ "mappings": view }), out))
        }
        TableCommand::Test { file, order, .. } => {
            let desk = world.looking(profile)?;
            let order = order.as_deref().map(|typed| super::order(&desk, typed)).transpose()?;
            let test = desk.test_field_mapping(read(file)?, order)?;
            let mut out = String::new();
            for problem in &test.problems {
                let _ = writeln!(out, "{}", plain(&problem.sentence));
            }
            for preview in &test.orders {
                let _ = writeln!(out, "{}", plain(&preview.number));
                for field in &preview.fields {
                    let warning =
                        field.warning.as_deref().map_or_else(String::new, |warning| format!(" ({})", plain(warning)));
                    let _ = writeln!(out, "  {}: {}{warning}", field.target, plain(&field.text));
                }
            }
            Ok(Output::new(json!({ "test": test }), out))
        }
    }
}

/// A JSON document from a file.
pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    let refuse =
        |why: String| Failure::from(Trouble::field("file", format!("{} cannot be read: {why}.", file.display())));
    let text = std::fs::read_to_string(file).map_err(|error| refuse(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))
}
