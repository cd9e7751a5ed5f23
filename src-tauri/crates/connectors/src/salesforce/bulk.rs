//! Tables for Bulk API 2.0, both ways. Pure.
//!
//! An empty cell leaves a field as it is, `#N/A` empties it; the text `null` would break
//! a batch. No byte order mark: with one the first column's name is not found. Result
//! rows come in any order, so they are joined by our external id and never by place.

use super::verdicts::{Problem, bulk_problem};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Largest upload, bytes. Salesforce allows 150 MB after an encoding that grows it by a half.
pub const UPLOAD_MAX_BYTES: usize = 100 * 1024 * 1024;

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowEnd {
    /// Written: the record's id, and whether it was made.
    Written {
        /// Its id.
        id: String,
        /// It is new.
        created: bool,
    },
    /// Refused.
    Refused(Problem),
    /// Not tried: the job ended before.
    Untouched,
}

/// Rows as a table with line feeds. `key` is the external id's field and present in every row.
/// Rows are sorted by `parent`, so that two batches do not fight for one parent record.
pub fn table(rows: &[Map<String, Value>], key: &str, parent: Option<&str>) -> Result<Vec<u8>, String> {
    let mut columns: BTreeSet<&str> = rows.iter().flat_map(Map::keys).map(String::as_str).collect();
    columns.remove(key);
    let columns: Vec<&str> = std::iter::once(key).chain(columns).collect();
    let mut sorted: Vec<&Map<String, Value>> = rows.iter().collect();
    if let Some(parent) = parent {
        sorted.sort_by_key(|row| row.get(parent).map(Value::to_string).unwrap_or_default());
    }
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    out.write_record(&columns).map_err(|error| error.to_string())?;
    for row in sorted {
        let cells: Vec<String> = columns.iter().map(|column| cell(row.get(*column))).collect();
        out.write_record(&cells).map_err(|error| error.to_string())?;
    }
    out.into_inner().map_err(|error| error.to_string())
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Null) => "#N/A".into(),
        // An empty text would mean "leave it".
        Some(Value::String(text)) if text.is_empty() => "#N/A".into(),
        Some(Value::String(text)) => text.replace("\r\n", "\n"),
        Some(other) => other.to_string(),
    }
}

/// The three result tables of a job, joined by external id.
pub fn results(
    successful: &[u8],
    failed: &[u8],
    unprocessed: &[u8],
    key: &str,
) -> Result<BTreeMap<String, RowEnd>, String> {
    let mut ends = BTreeMap::new();
    for (name, id) in rows_of(unprocessed, key)? {
        drop(id);
        ends.insert(name, RowEnd::Untouched);
    }
    for (name, row) in rows_of(failed, key)? {
        ends.insert(name, RowEnd::Refused(bulk_problem(row.get("sf__Error").map_or("", String::as_str))));
    }
    for (name, row) in rows_of(successful, key)? {
        let created = row.get("sf__Created").is_some_and(|text| text.eq_ignore_ascii_case("true"));
        ends.insert(name, RowEnd::Written { id: row.get("sf__Id").cloned().unwrap_or_default(), created });
    }
    Ok(ends)
}

type Cells = BTreeMap<String, String>;

fn rows_of(body: &[u8], key: &str) -> Result<Vec<(String, Cells)>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body);
    let columns: Vec<String> = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
    if columns.iter().all(String::is_empty) {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cells: Cells = columns.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
        let name = cells.iter().find(|(column, _)| column.eq_ignore_ascii_case(key)).map(|(_, cell)| cell.clone());
        rows.push((name.ok_or_else(|| format!("the result has no column {key}"))?, cells));
    }
    Ok(rows)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(pairs: &Value) -> Map<String, Value> {
        pairs.as_object().unwrap().clone()
    }

    #[test]
    fn a_table_says_leave_clear_and_set() {
        let rows = [
            row(&json!({ "Key__c": "b", "Orders__c": 12, "Note__c": "says \"hi\",\nbye" })),
            row(&json!({ "Key__c": "a", "Orders__c": null, "AccountId": "001A" })),
        ];
        let text = String::from_utf8(table(&rows, "Key__c", None).unwrap()).unwrap();
        assert_eq!(text, "Key__c,AccountId,Note__c,Orders__c\nb,,\"says \"\"hi\"\",\nbye\",12\na,001A,,#N/A\n");
        assert!(!text.contains('\u{feff}') && !text.contains('\r'));
    }

    #[test]
    fn rows_of_one_parent_stay_together() {
        let rows: Vec<_> = ["001B", "001A", "001B", "001A"]
            .iter()
            .enumerate()
            .map(|(i, parent)| row(&json!({ "K__c": i.to_string(), "AccountId": parent })))
            .collect();
        let text = String::from_utf8(table(&rows, "K__c", Some("AccountId")).unwrap()).unwrap();
        let parents: Vec<&str> = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!(parents, ["001A", "001A", "001B", "001B"]);
    }

    #[test]
    fn results_are_joined_by_our_id() {
        let ends = results(
            b"\"sf__Id\",\"sf__Created\",K__c,N__c\n\"001A\",\"false\",\"two\",\"1\"\n",
            b"\"sf__Id\",\"sf__Error\",K__c,N__c\n\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\",\"one\",\"1\"\n",
            b"K__c,N__c\nthree,1\n",
            "k__c",
        )
        .unwrap();
        assert_eq!(ends["two"], RowEnd::Written { id: "001A".into(), created: false });
        assert_eq!(ends["three"], RowEnd::Untouched);
        let RowEnd::Refused(problem) = &ends["one"] else { panic!() };
        assert_eq!(
            (problem.code.as_str(), problem.fields.as_slice()),
            ("REQUIRED_FIELD_MISSING", &["Name".to_owned()][..])
        );
        assert!(results(b"", b"", b"", "K__c").unwrap().is_empty());
    }
}
