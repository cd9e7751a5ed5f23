//! Bulk API 2.0, ingest: jobs that run in the background.

use super::state::{Fault, stamp};
use super::write::Written;
use serde_json::{Map, Value as Json, json};

/// One job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// Object.
    pub object: String,
    /// `insert`, `update`, `upsert`.
    pub operation: String,
    /// External id's field.
    pub key: String,
    /// When it was made, ms UTC.
    pub created_ms: i64,
    /// `Open`, `UploadComplete`, `Aborted`; what comes later follows from `done_ms`.
    pub state: String,
    /// When it will be done, ms UTC.
    pub done_ms: Option<i64>,
    /// What was uploaded.
    pub table: Option<Vec<u8>>,
    /// Header and outcome per row.
    pub outcome: Option<Outcome>,
}

/// What became of a job's rows.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Column names.
    pub columns: Vec<String>,
    /// Cells and result per row.
    pub rows: Vec<(Vec<String>, Result<Written, Fault>)>,
    /// Nothing more was tried, for this reason.
    pub failed: Option<String>,
    /// It was given up by an admin in between.
    pub aborted: bool,
    /// Rows that were not tried.
    pub untried: Vec<Vec<String>>,
}

impl Job {
    /// Its state as the API tells it.
    pub fn word(&self, now_ms: i64) -> &str {
        match (self.state.as_str(), self.done_ms) {
            ("UploadComplete", Some(done_ms)) if now_ms >= done_ms => {
                if self.outcome.as_ref().is_some_and(|outcome| outcome.failed.is_some()) {
                    "Failed"
                } else if self.outcome.as_ref().is_some_and(|outcome| outcome.aborted) {
                    "Aborted"
                } else {
                    "JobComplete"
                }
            }
            ("UploadComplete", _) => "InProgress",
            (state, _) => state,
        }
    }

    /// As JSON.
    pub fn json(&self, version: &str, now_ms: i64) -> Json {
        let word = self.word(now_ms);
        let mut job = json!({
            "id": self.id, "object": self.object, "operation": self.operation, "externalIdFieldName": self.key, "state": word,
            "apiVersion": version.parse::<f64>().unwrap_or(0.0), "concurrencyMode": "Parallel", "contentType": "CSV",
            "contentUrl": format!("services/data/v{version}/jobs/ingest/{}/batches", self.id), "jobType": "V2Ingest",
            "lineEnding": "LF", "columnDelimiter": "COMMA", "createdDate": stamp(self.created_ms), "systemModstamp": stamp(now_ms),
        });
        if let Some(outcome) = self.outcome.as_ref().filter(|_| matches!(word, "JobComplete" | "Failed")) {
            job["numberRecordsProcessed"] = json!(outcome.rows.len());
            job["numberRecordsFailed"] = json!(outcome.rows.iter().filter(|(_, result)| result.is_err()).count());
            if let Some(why) = &outcome.failed {
                job["errorMessage"] = json!(why);
            }
        }
        job
    }

    /// One of the three result tables.
    pub fn result(&self, which: &str) -> String {
        let Some(outcome) = &self.outcome else { return String::new() };
        let lead: &[&str] = match which {
            "successfulResults" => &["sf__Id", "sf__Created"],
            "failedResults" => &["sf__Id", "sf__Error"],
            _ => &[],
        };
        let mut out = lead
            .iter()
            .map(|name| format!("\"{name}\""))
            .chain(outcome.columns.iter().cloned())
            .collect::<Vec<_>>()
            .join(",");
        out.push('\n');
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        if which == "unprocessedrecords" {
            for cells in outcome.untried.iter().rev() {
                out.push_str(&cells.iter().map(quoted).collect::<Vec<_>>().join(","));
                out.push('\n');
            }
        }
        // Not promised to be in order: they are not.
        for (cells, result) in outcome.rows.iter().rev() {
            let lead = match (which, result) {
                ("successfulResults", Ok(written)) => [written.id.clone(), written.created.to_string()],
                ("failedResults", Err(fault)) => {
                    [String::new(), format!("{}:{}:{} --", fault.code, fault.message, fault.fields.join(","))]
                }
                _ => continue,
            };
            let cells: Vec<String> = lead.iter().chain(cells).map(quoted).collect();
            out.push_str(&cells.join(","));
            out.push('\n');
        }
        out
    }
}

/// Column names, and cells and record per row.
pub type Table = (Vec<String>, Vec<(Vec<String>, Map<String, Json>)>);

/// Rows of a table as records, or why it cannot be used. An empty cell is absent, `#N/A` is null.
pub fn rows(table: &[u8], known: impl Fn(&str) -> Option<(String, &'static str)>) -> Result<Table, String> {
    if table.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err("InvalidBatch : Field name not found : \u{feff}Id".into());
    }
    let text =
        std::str::from_utf8(table).map_err(|_| "InvalidBatch : Unable to parse the batch: not UTF-8".to_owned())?;
    let mut lines = cells(text)?;
    if lines.is_empty() {
        return Err("InvalidBatch : The batch is empty".into());
    }
    let columns = lines.remove(0);
    let mut kinds = Vec::new();
    for column in &columns {
        kinds.push(known(column).ok_or_else(|| format!("InvalidBatch : Field name not found : {column}"))?);
    }
    let mut rows = Vec::new();
    for line in lines {
        if line.len() != columns.len() {
            return Err(format!(
                "InvalidBatch : Unable to parse the batch: {} cells in a table of {}",
                line.len(),
                columns.len()
            ));
        }
        let mut row = Map::new();
        for (cell, (name, kind)) in line.iter().zip(&kinds) {
            let value = match (cell.as_str(), *kind) {
                ("", _) => continue,
                ("#N/A", _) => Json::Null,
                (cell, "boolean") => json!(cell.eq_ignore_ascii_case("true")),
                (cell, "double" | "currency" | "int" | "percent") => {
                    cell.parse::<f64>().map_or_else(|_| json!(cell), |number| json!(number))
                }
                (cell, _) => json!(cell),
            };
            row.insert(name.clone(), value);
        }
        rows.push((line, row));
    }
    Ok((columns, rows))
}

fn cells(text: &str) -> Result<Vec<Vec<String>>, String> {
    let (mut lines, mut line, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => line.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            ('\r', false) => return Err("InvalidBatch : LineEnding is invalid on user data".into()),
            (c, _) => cell.push(c),
        }
    }
    if quoted {
        return Err("InvalidBatch : Unable to parse the batch: a quote is open".into());
    }
    if !cell.is_empty() || !line.is_empty() {
        line.push(cell);
        lines.push(line);
    }
    Ok(lines)
}
