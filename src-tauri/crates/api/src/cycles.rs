//! A recording of the wire: every account is read once, aside, and what went over the wire is written down. Whoever has the file
//! lets the same connectors read the same answers again, on any computer, and sees where they ask or make something else of it.
//!
//! Nothing is kept of what is read, no cursor moves, and nothing is written anywhere. Or live work is written down while it is
//! done ([`Desk::record_live`]): then writes, looks after lost answers and what came of them are in the file, too. Keys are left out where it is recorded
//! (`quayside_connectors::cycle`); people have stand-ins before anything is written ([`crate::wire_words`]).

use crate::cipher::Cipher;
use crate::credentials::{keep_renewed, secrets_of};
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::{files, trail, wire_words};
use quayside_connectors::cycle::{Call, Cycle, Recorder, Studio, Work, recorded, rehearse};
use quayside_connectors::{Ask, BucketState, Connector, Priority, Setup, platform};
use quayside_model::time::MINUTE_MS;
use quayside_model::{ConnectionConfig, Intent, WRITTEN_FACT};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// What this program writes. The first one knew pages of streams only, and is read, too.
const FORMAT: u32 = 2;
/// Tells this kind of recording from the other ([`crate::recording`]).
const KIND: &str = "wire";
/// Pages of one stream, from one place.
const PAGES_MAX: usize = 3;
/// An account that takes longer waits for its allowance more than it says anything.
const ACCOUNT_MS: i64 = 3 * MINUTE_MS;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WireRecorded {
    /// Where.
    pub path: String,
    /// Accounts in it.
    pub accounts: usize,
    /// Pages that were read; of live work also writes, looks and single records.
    pub calls: usize,
    /// Changes that were sent.
    pub writes: usize,
    /// Exchanges they took.
    pub exchanges: usize,
    /// Accounts that are not in it, and why, in words.
    pub left_out: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WireRecording {
    format: u32,
    kind: String,
    quayside: String,
    at_ms: i64,
    cycles: Vec<Cycle>,
}

impl Desk {
    /// Reads every account once, from where it was read last and from so many milliseconds ago, and writes down what went over
    /// the wire.
    pub async fn record_wire(&self, last_ms: i64, path: &Path) -> Answer<WireRecorded> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let (mut cycles, mut left_out) = (Vec::new(), Vec::new());
        for config in room.store.read(|r| r.connections())? {
            let name = config.name.clone();
            match account(&room, config, now_ms - last_ms.max(0)).await {
                Ok(Some(cycle)) => cycles.push(cycle),
                Ok(None) => {}
                Err(trouble) => left_out.push(format!("{name}: {}", trouble.sentence)),
            }
        }
        write(path, now_ms, cycles, left_out)
    }

    /// From here on what the desk does at the platforms is written down, until the recording is written to its file. Nothing is
    /// done for it that would not be done anyway, but that every account is opened anew.
    pub fn record_live(&self) -> Answer<LiveRecording> {
        let room = self.writable()?;
        let engine = room.engine.as_ref().ok_or_else(|| {
            Trouble::input("This desk only looks on: nothing is done here that could be recorded. Use `sync --record`.")
        })?;
        let studio = Arc::new(Studio::default());
        engine.record_wire(Some(studio.clone()))?;
        Ok(LiveRecording { studio, at_ms: room.now_ms() })
    }
}

/// Live work that is written down.
pub struct LiveRecording {
    studio: Arc<Studio>,
    at_ms: i64,
}

impl LiveRecording {
    /// What was done so far, into a file.
    pub fn write(&self, path: &Path) -> Answer<WireRecorded> {
        let cycles = self.studio.cycles().map_err(|error| unwritable(&error))?;
        write(path, self.at_ms, cycles, Vec::new())
    }
}

fn write(path: &Path, at_ms: i64, mut cycles: Vec<Cycle>, left_out: Vec<String>) -> Answer<WireRecorded> {
    for call in cycles.iter_mut().flat_map(|cycle| &mut cycle.calls) {
        match &mut call.work {
            Some(Work::Perform { tasks }) => tasks.iter_mut().for_each(|one| without_words(&mut one.intent)),
            Some(Work::Confirm { task }) => without_words(&mut task.intent),
            _ => {}
        }
    }
    let calls: Vec<&Call> = cycles.iter().flat_map(|cycle| &cycle.calls).collect();
    let writes = calls.iter().map(|call| match &call.work {
        Some(Work::Perform { tasks }) => tasks.len(),
        _ => 0,
    });
    let written = WireRecorded {
        path: path.display().to_string(),
        accounts: cycles.len(),
        calls: calls.len(),
        writes: writes.sum(),
        exchanges: calls.iter().map(|call| call.exchanges.len()).sum(),
        left_out,
    };
    let recording = WireRecording {
        format: FORMAT,
        kind: KIND.to_owned(),
        quayside: env!("CARGO_PKG_VERSION").to_owned(),
        at_ms,
        cycles,
    };
    let mut document = serde_json::to_value(recording).map_err(|error| unwritable(&error))?;
    wire_words::put(&mut document, &Cipher::new(trail::chance()?));
    let text = serde_json::to_string_pretty(&document).map_err(|error| unwritable(&error))?;
    files::write(path, text.as_bytes())?;
    Ok(written)
}

/// Words of values that the desk wrote cannot be read, but whoever guesses a value sees that it is right; and beside stand-ins
/// they say nothing.
fn without_words(intent: &mut Intent) {
    if let Intent::PutRecord { record } = intent {
        record.fields.retain(|(name, _)| name != WRITTEN_FACT);
    }
}

fn unwritable(error: &serde_json::Error) -> Trouble {
    Trouble::internal(format!("The recording could not be written ({error})."))
}

/// One account; `None`: it has nothing to read, or is paused.
async fn account(room: &Room, config: ConnectionConfig, since_ms: i64) -> Answer<Option<Cycle>> {
    let known = platform(&config.platform)
        .ok_or_else(|| Trouble::gone("This version of Quayside does not know its platform. Update Quayside."))?;
    if config.paused || known.declaration.streams.is_empty() {
        return Ok(None);
    }
    let buckets = room.store.read(|r| r.buckets(&config.id))?;
    let buckets: Vec<BucketState> = buckets.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect();
    let secrets = secrets_of(room, &config.id).await?;
    let setup = &room.setup;
    let recorder = Recorder::new(setup.wire.clone(), setup.clock.clone(), config.base_url.as_deref());
    let opened_ms = recorder.step();
    let connector = (known.open)(Setup {
        config: config.clone(),
        secrets: secrets.clone(),
        wire: recorder.clone(),
        clock: recorder.clone(),
        buckets: buckets.clone(),
    })
    .map_err(Trouble::from)?;
    let cursors = room.store.read(|r| r.streams(&config.id))?;
    let mut calls = Vec::new();
    for decl in known.declaration.streams.iter().filter(|decl| !decl.backfill && config.reads(decl.name)) {
        let stored = cursors.iter().find(|state| state.name == decl.name).and_then(|state| state.cursor.clone());
        // As it would be read next, and as much of it as was asked for.
        for from in stored.map(Some).into_iter().chain([None]) {
            if recorder.step() - opened_ms > ACCOUNT_MS {
                break;
            }
            stream(room, &config, connector.as_ref(), &recorder, (decl.name, from, since_ms), &mut calls).await?;
        }
    }
    recorded(&recorder, config, &secrets, (opened_ms, buckets), calls).map(Some).map_err(|error| unwritable(&error))
}

/// A few pages of a stream.
async fn stream(
    room: &Room,
    config: &ConnectionConfig,
    connector: &dyn Connector,
    recorder: &Recorder,
    (name, mut cursor, since_ms): (&str, Option<Value>, i64),
    calls: &mut Vec<Call>,
) -> Answer<()> {
    let (mut next, mut pages, mut renewed) = (None, 0, false);
    while pages < PAGES_MAX {
        let begun_ms = recorder.step();
        let ask =
            Ask { stream: name, cursor: cursor.as_ref(), next: next.as_ref(), since_ms, priority: Priority::Person };
        let answer = connector.read(&ask).await;
        calls.push(recorder.call(&ask, begun_ms, &answer));
        if let Some(news) = connector.renewed_secrets() {
            // The sign-in renewed itself on the way: it is kept before it is used, and the page is asked for again.
            keep_renewed(room, &config.id, Some(news.clone())).await?;
            connector.secrets_kept(&news);
            if !std::mem::replace(&mut renewed, true) {
                continue;
            }
        }
        let Ok(page) = answer else { return Ok(()) };
        pages += 1;
        cursor = Some(page.cursor);
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
    Ok(())
}

/// A text is a recording of this kind.
pub fn is_wire(document: &Value) -> bool {
    document["kind"] == KIND
}

/// Reads again what a recording holds, without a network: for each account what was asked and made of the answers, and where
/// that is not what it was then. The same document gives the same, always.
pub async fn replay(document: Value) -> Answer<Value> {
    let refused = |why: String| Trouble::field("file", why);
    let recording: WireRecording = serde_json::from_value(document).map_err(|error| {
        refused(format!(
            "This is no recording that this Quayside can read ({error}). It is made with: record --wire --to FILE, or sync --record FILE."
        ))
    })?;
    if !(1..=FORMAT).contains(&recording.format) {
        return Err(refused(format!(
            "The recording was made by Quayside {} in a form this one does not know. Use that version to replay it.",
            recording.quayside
        )));
    }
    let (mut accounts, mut differs) = (Vec::new(), Vec::new());
    for cycle in &recording.cycles {
        let told = rehearse(cycle).await.map_err(Trouble::from)?;
        let name = &cycle.config.name;
        accounts.push(json!({
            "account": name, "platform": cycle.config.platform, "calls": told.calls, "exchanges": told.exchanges,
            "differs": told.differs.len(),
        }));
        differs.extend(told.differs.into_iter().map(|difference| json!({ "account": name, "difference": difference })));
    }
    Ok(json!({
        "kind": KIND, "quayside": recording.quayside, "at_ms": recording.at_ms, "accounts": accounts, "differs": differs,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{RecordDraft, RecordNoun, Written};

    #[test]
    fn no_word_of_what_was_written_is_recorded() {
        let written =
            Written { customer: "c1".into(), fields: [("Contact.Phone".to_owned(), "a1b2".to_owned())].into() };
        let phone = ("phone".to_owned(), "\"040 1\"".to_owned());
        let mut intent = Intent::PutRecord {
            record: RecordDraft {
                noun: RecordNoun::Customer,
                object: String::new(),
                external_id_field: String::new(),
                external_id: "c1".into(),
                fields: vec![phone.clone(), written.fact()],
            },
        };
        without_words(&mut intent);
        let Intent::PutRecord { record } = intent else { panic!() };
        assert_eq!(record.fields, [phone]);
    }
}
