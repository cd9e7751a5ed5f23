//! One thing of a profile changed: a path, an expression, a switch. Pure.
//!
//! A person's file is theirs: where its form allows it, only the lines concerned
//! are written anew, so comments and order stay. The result is read again and
//! compared with what was meant; where that differs, the whole file is written
//! anew, which is right but without comments.

use super::profile::{Profile, read_text};
use crate::profiles::Fault;
use serde_json::{Value, json};

/// Deepest place that can be changed.
const DEPTH_MAX: usize = 6;
/// Tables by which words of a field are understood, where the file has them.
const TABLES: &[(&str, &str, &str)] = &[
    ("order", "status", "order_status"),
    ("order", "payment_status", "payment_status"),
    ("fulfillment", "status", "fulfillment_status"),
];

/// `profile` with `value` at `place`. Nothing (`null`) takes the entry out; of a path it says "unknown".
pub(super) fn edit(profile: &str, place: &[String], value: &Value) -> Result<String, Vec<Fault>> {
    let text = Profile::shipped(profile.trim()).unwrap_or(profile);
    let fault = |sentence: String| vec![Fault { place: place.join("."), sentence }];
    let before = read_text(text).map_err(fault)?;
    if place.is_empty() || place.len() > DEPTH_MAX || place.iter().any(|name| name.trim().is_empty()) {
        return Err(fault("There is no such place in a profile.".into()));
    }
    if !before.is_object() {
        return Err(fault("The file is not a profile: it holds no names. Begin with a shipped one.".into()));
    }
    let (place, value) = meant(&before, place, value);
    let mut after = before.clone();
    put(&mut after, &place, &value)
        .map_err(|at| fault(format!("\"{at}\" holds no names in this file, so nothing can be put below it.")))?;
    if after == before {
        return Ok(text.to_owned());
    }
    let whole = || {
        if text.trim_start().starts_with('{') {
            serde_json::to_string_pretty(&after).map_err(|error| error.to_string())
        } else {
            serde_yaml_ng::to_string(&after).map_err(|error| error.to_string())
        }
    };
    if !text.trim_start().starts_with('{')
        && let Some(written) = in_place(text, &place, &after)
        && read_text(&written).is_ok_and(|read| read == after)
    {
        return Ok(written);
    }
    whole().map_err(|why| fault(format!("The file could not be written ({why}).")))
}

/// A field whose words are looked up in a table keeps its table, and gets one where the file has it.
fn meant(before: &Value, place: &[String], value: &Value) -> (Vec<String>, Value) {
    let place = place.to_vec();
    let [first, entity, read, field] = place.as_slice() else { return (place, value.clone()) };
    if first != "entities" || read != "read" || !value.is_string() {
        return (place, value.clone());
    }
    if before[first][entity][read][field].is_object() {
        let deeper = place.iter().cloned().chain(["path".to_owned()]).collect();
        return (deeper, value.clone());
    }
    let table =
        TABLES.iter().find(|(of, name, table)| of == entity && name == field && before["enums"][table].is_object());
    match table {
        Some((.., table)) => (place, json!({"path": value, "enum": table, "default": "unknown"})),
        None => (place, value.clone()),
    }
}

/// Puts a value into a tree; the name that holds no names where it cannot.
fn put(tree: &mut Value, place: &[String], value: &Value) -> Result<(), String> {
    let Some((last, way)) = place.split_last() else { return Ok(()) };
    let mut at = tree;
    for name in way {
        if at.is_null() {
            *at = json!({});
        }
        let fields = at.as_object_mut().ok_or_else(|| name.clone())?;
        at = fields.entry(name.clone()).or_insert_with(|| json!({}));
    }
    if at.is_null() {
        *at = json!({});
    }
    let fields = at.as_object_mut().ok_or_else(|| last.clone())?;
    if value.is_null() && last != "path" {
        fields.remove(last);
    } else {
        fields.insert(last.clone(), value.clone());
    }
    Ok(())
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn says_something(line: &str) -> bool {
    let text = line.trim();
    !text.is_empty() && !text.starts_with('#')
}

/// The text behind `name:` where the line is about it.
fn behind<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let line = line.trim_start();
    let plain = line.strip_prefix(name);
    let quoted =
        || ['"', '\''].iter().find_map(|mark| line.strip_prefix(*mark)?.strip_prefix(name)?.strip_prefix(*mark));
    plain.or_else(quoted)?.strip_prefix(':').filter(|rest| rest.is_empty() || rest.starts_with(' ')).map(str::trim)
}

/// A value below `name`, as lines of a block.
fn lines_of(name: &str, value: &Value, spaces: usize) -> Option<Vec<String>> {
    let pad = " ".repeat(spaces);
    let name = if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.' || c == '-') {
        name.to_owned()
    } else {
        json!(name).to_string()
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let block = serde_yaml_ng::to_string(value).ok()?;
            let below = block.lines().map(|line| format!("{pad}  {line}"));
            Some([format!("{pad}{name}:")].into_iter().chain(below).collect())
        }
        // JSON is YAML, too.
        other => Some(vec![format!("{pad}{name}: {other}")]),
    }
}

/// The file with only the lines concerned written anew; `None` where its form does not allow it.
fn in_place(text: &str, place: &[String], after: &Value) -> Option<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (mut from, mut to) = (0, lines.len());
    let mut wanted = after;
    for (depth, name) in place.iter().enumerate() {
        let known = wanted.get(name);
        let spaces = lines[from..to].iter().find(|line| says_something(line)).map(|line| indent(line));
        let spaces = spaces.unwrap_or(2 * depth);
        let found = (from..to).find(|at| indent(&lines[*at]) == spaces && behind(&lines[*at], name).is_some());
        let Some(at) = found else {
            let end = (from..to).rev().find(|at| says_something(&lines[*at])).map_or(to, |at| at + 1);
            drop(lines.splice(end..end, lines_of(name, known?, spaces)?));
            return Some(joined(&lines));
        };
        let end =
            (at + 1..to).find(|line| says_something(&lines[*line]) && indent(&lines[*line]) <= spaces).unwrap_or(to);
        // What stands between is told apart by the lines behind it: comments there belong to what follows.
        let end = (at + 1..end).rev().find(|line| says_something(&lines[*line])).map_or(at + 1, |line| line + 1);
        let rest = behind(&lines[at], name).unwrap_or_default();
        let inline = !rest.is_empty() && !rest.starts_with('#');
        if depth + 1 == place.len() || inline {
            let fresh = match known {
                Some(value) => lines_of(name, value, spaces)?,
                None => Vec::new(),
            };
            drop(lines.splice(at..end, fresh));
            return Some(joined(&lines));
        }
        (from, to) = (at + 1, end);
        wanted = known?;
    }
    None
}

fn joined(lines: &[String]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}
