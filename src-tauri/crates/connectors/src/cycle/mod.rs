//! One cycle of readings as it went over the wire, and the same once more without a network: the connector itself runs, and
//! gets the answers it got then, at the moments it got them.
//!
//! A connector has no clock, no chance and no store of its own, so what it asks and what it makes of the answers hangs on what
//! is in here alone. While a cycle is recorded its clock moves only between exchanges ([`Recorder`]); then a replay that asks
//! anything else, or makes anything else of it, is another program, or another world.
//!
//! Keys are not in it: what was typed and what was handed out has a stand-in before anything leaves this module, headers that
//! open doors are blank, and of exchanges that sign in nothing but the answer is kept. People are: whoever writes it to a file
//! puts stand-ins in for them.
//!
//! A cycle is read aside ([`Recorder`]), or is live work with its writes ([`Studio`]).

mod line;
mod player;
mod recorder;
mod studio;
mod work;

pub use line::{Answered, Body, Line};
pub use player::{Difference, Rehearsal, rehearse};
pub use recorder::{Recorder, recorded};
pub use studio::Studio;
pub use work::{Tasked, Work};

use crate::{BucketState, Priority, ReadError, platform};
use quayside_model::{ConnectionConfig, Page};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Where every address of a recording leads. Nothing is sent there.
pub const NOWHERE: &str = "http://127.0.0.1:9";
/// What stands in the place of a key.
const HIDDEN: &str = "•••";

/// Readings of one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cycle {
    /// The account, as it was opened.
    pub config: ConnectionConfig,
    /// Its credentials by name: stand-ins.
    pub secrets: BTreeMap<String, String>,
    /// When it was opened, ms UTC.
    pub opened_ms: i64,
    /// Its allowances then.
    pub buckets: Vec<BucketState>,
    /// What was asked of the connector, in turn.
    pub calls: Vec<Call>,
}

/// One page of one stream, or something else that was asked of the connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What else; `None`: a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// Whose allowance was used.
    #[serde(default = "aside")]
    pub priority: Priority,
    /// The stream; of anything else, what it is in words.
    pub stream: String,
    /// How far it had been read.
    pub cursor: Option<Value>,
    /// The page of that scan.
    pub next: Option<Value>,
    /// See [`crate::Ask::since_ms`].
    pub since_ms: i64,
    /// When, ms UTC.
    pub begun_ms: i64,
    /// What went over the wire.
    pub exchanges: Vec<Exchanged>,
    /// What the connector made of it.
    pub outcome: Value,
}

/// All that is done with the account goes over the wire. An account that only writes (mail) has ways of its own, and a replay of
/// it would send.
fn is_replayable(config: &ConnectionConfig) -> bool {
    platform(&config.platform).is_some_and(|known| !known.declaration.streams.is_empty())
}

/// So it was asked before it was written down.
fn aside() -> Priority {
    Priority::Person
}

/// One exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchanged {
    /// What was asked.
    pub asks: Line,
    /// When the answer was there or given up, ms UTC.
    pub answered_ms: i64,
    /// What came back.
    pub answer: Answered,
}

/// What a reading came to, without links into the platform: they hang on where it was.
fn outcome(answer: &Result<Page, ReadError>) -> Value {
    match answer {
        Ok(read) => page(read),
        Err(error) => work::trouble(error),
    }
}

fn page(page: &Page) -> Value {
    let mut told = json!({
        "records": page.records.iter().map(|incoming| json!(incoming.record)).collect::<Vec<Value>>(),
        "unreadable": page.unreadable.iter().map(|one| one.why.as_str()).collect::<Vec<&str>>(),
        "cursor": page.cursor,
        "next": page.next,
        "total": page.total,
        "asked": page.asked,
        "findings": page.findings.as_ref().map(|findings| {
            let found = findings.found.iter();
            found.map(|one| json!([one.about, one.sentence])).collect::<Vec<Value>>()
        }),
    });
    without_links(&mut told);
    told
}

fn without_links(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(without_links),
        Value::Object(fields) => {
            fields.remove("admin_url");
            fields.values_mut().for_each(without_links);
        }
        _ => {}
    }
}

/// Every text in a document, names of fields included.
fn each_text(value: &mut Value, change: &mut impl FnMut(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(changed) = change(text) {
                *text = changed;
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| each_text(one, change)),
        Value::Object(fields) => {
            let taken = std::mem::take(fields);
            let mut kept = Map::new();
            for (name, mut value) in taken {
                each_text(&mut value, change);
                let name = change(&name).unwrap_or(name);
                kept.insert(name, value);
            }
            *fields = kept;
        }
        _ => {}
    }
}
