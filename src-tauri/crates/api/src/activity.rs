//! What every account does now, the outbox, and the history of everything.

use crate::desk::{Desk, Room};
use crate::queue::Ground;
use crate::trouble::Answer;
use crate::view::{ActivityAsk, BudgetView, ConnectionActivity, EffectSight, EffectView, StreamView, TimelineEntry};
use crate::{offline, words, zone};
use quayside_connectors::BucketState;
use quayside_engine::LiveConnection;
use quayside_model::{Cause, ConnectionConfig, ConnectionId, EffectState, IntentKind, Tone};
use quayside_store::{EffectFilter, EffectItem, EventRow, FindingRow, HistoryFilter, OutboxDepth, StreamState};
use serde::Serialize;
use specta::Type;
use std::collections::BTreeMap;

/// Rows of a list when nobody says how many, and at most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 500;
/// An account is slow when a stream is this many intervals behind.
const SLOW_INTERVALS: i64 = 5;

/// One page of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct HistoryPage {
    /// Newest first. A search reads back a bounded stretch: there may be few rows, even none, with more to come.
    pub rows: Vec<TimelineEntry>,
    /// Where the next page begins; `None`: this was the last.
    pub next: Option<i64>,
    /// The search got back to this moment, ms UTC; `None` if there was nothing to read.
    pub back_to_ms: Option<i64>,
}

/// Buckets as they were persisted; one that cannot be read is left out.
pub(crate) fn buckets(stored: &[serde_json::Value]) -> Vec<BucketState> {
    stored.iter().filter_map(|value| serde_json::from_value(value.clone()).ok()).collect()
}

impl Desk {
    /// Live state of every account.
    pub fn activity(&self) -> Answer<Vec<ConnectionActivity>> {
        let room = self.room()?;
        let ground = room.ground()?;
        Ok(of_all(&room, &ground)?.into_iter().map(|card| card.activity).collect())
    }

    /// Effects, newest first.
    pub fn effects(&self, ask: ActivityAsk) -> Answer<Vec<EffectView>> {
        let room = self.room()?;
        let names = room.names()?;
        let filter = EffectFilter { states: ask.states, connection: ask.connection, kind: None, text: ask.text };
        let before = ask.before.map(quayside_model::EffectId);
        let page = room.store.read(|r| r.effect_page(&filter, before, limit(ask.limit)))?;
        Ok(page.items.into_iter().map(|item| effect(item, &names)).collect())
    }

    /// Every effect that stands in one of these states now; none of them an end state.
    pub fn effects_now(&self, states: &[EffectState]) -> Answer<Vec<EffectView>> {
        let room = self.room()?;
        let names = room.names()?;
        let mut out = Vec::new();
        for state in states {
            let filter = EffectFilter { states: vec![*state], ..EffectFilter::default() };
            let mut before = None;
            loop {
                let page = room.store.read(|r| r.effect_page(&filter, before, PAGE_MAX))?;
                out.extend(page.items.into_iter().map(|item| effect(item, &names)));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
        }
        Ok(out)
    }

    /// How many effects reached their end so far: a number that grows with the work done.
    pub fn settled_effects(&self) -> Answer<usize> {
        Ok(self.room()?.store.read(|r| r.settled_effects())? as usize)
    }

    /// Now, by the desk's clock, ms UTC.
    pub fn now_ms(&self) -> Answer<i64> {
        Ok(self.room()?.now_ms())
    }

    /// What happened, newest first.
    pub fn history(&self, ask: ActivityAsk) -> Answer<HistoryPage> {
        let room = self.room()?;
        let names = room.names()?;
        let filter = HistoryFilter { connection: ask.connection, kinds: Vec::new(), text: ask.text };
        let page = room.store.read(|r| r.history(&filter, ask.before, limit(ask.limit)))?;
        let rows = page.items.into_iter().map(|item| event(item.event, item.order_number, &names)).collect();
        Ok(HistoryPage { rows, next: page.next, back_to_ms: page.back_to_ms })
    }
}

fn limit(wanted: u32) -> usize {
    if wanted == 0 { PAGE } else { (wanted as usize).min(PAGE_MAX) }
}

/// Everything a card shows, read in one snapshot.
struct Facts {
    configs: Vec<ConnectionConfig>,
    streams: BTreeMap<ConnectionId, Vec<StreamState>>,
    buckets: BTreeMap<ConnectionId, Vec<BucketState>>,
    conditions: BTreeMap<ConnectionId, Vec<FindingRow>>,
    depth: Vec<OutboxDepth>,
    placed: BTreeMap<ConnectionId, u64>,
    done: BTreeMap<ConnectionId, u64>,
}

/// An account as screens show it.
pub(crate) struct Card {
    /// The card.
    pub activity: ConnectionActivity,
    /// The rail's word if it is not simply fresh.
    pub word: Option<&'static str>,
}

/// Live state of every account, in the order of the rail.
pub(crate) fn of_all(room: &Room, ground: &Ground) -> Answer<Vec<Card>> {
    let now_ms = ground.now_ms;
    let since_ms = zone::day_start(now_ms, ground.zone);
    let done = room.done_since(since_ms)?.by_connection;
    let facts = room.store.read(|r| {
        let configs = r.connections()?;
        let mut facts = Facts {
            streams: BTreeMap::new(),
            buckets: BTreeMap::new(),
            conditions: BTreeMap::new(),
            depth: r.outbox_depth()?,
            placed: r.placed_since(since_ms)?,
            done: BTreeMap::new(),
            configs: Vec::new(),
        };
        for config in &configs {
            facts.streams.insert(config.id.clone(), r.streams(&config.id)?);
            facts.buckets.insert(config.id.clone(), buckets(&r.buckets(&config.id)?));
            facts.conditions.insert(config.id.clone(), r.conditions(&config.id)?);
        }
        facts.configs = configs;
        Ok(facts)
    })?;
    let mut facts = Facts { done, ..facts };
    let answered = |id: &ConnectionId| facts.streams.get(id)?.iter().filter_map(|stream| stream.last_ok_at_ms).max();
    let paused = |id: &ConnectionId| facts.configs.iter().any(|config| config.paused && config.id == *id);
    if let Some(offline) = offline::among(&facts.conditions, answered, paused) {
        offline.retell(facts.conditions.values_mut().flatten());
    }
    let live: Vec<LiveConnection> = room.engine.as_ref().map(quayside_engine::EngineHandle::live).unwrap_or_default();
    Ok(facts
        .configs
        .iter()
        .map(|config| {
            card(config, &facts, live.iter().find(|live| live.connection.as_ref() == Some(&config.id)), room, now_ms)
        })
        .collect())
}

fn card(config: &ConnectionConfig, facts: &Facts, live: Option<&LiveConnection>, room: &Room, now_ms: i64) -> Card {
    let declaration = quayside_connectors::platform(&config.platform).map(|platform| platform.declaration);
    let empty = Vec::new();
    let states = facts.streams.get(&config.id).unwrap_or(&empty);
    let streams: Vec<StreamView> = declaration
        .map_or(&[][..], |declaration| declaration.streams)
        .iter()
        .filter(|declared| config.reads(declared.name))
        .map(|declared| {
            let state = states.iter().find(|state| state.name == declared.name);
            StreamView {
                name: declared.name.to_owned(),
                title: declared.title.to_owned(),
                interval_s: state.and_then(|state| state.interval_s).unwrap_or(declared.interval_s),
                last_ok_at_ms: state.and_then(|state| state.last_ok_at_ms),
                next_at_ms: state.filter(|_| !config.paused).map(|state| state.next_at_ms),
                failures: state.map_or(0, |state| state.failures),
                problem: state.and_then(|state| state.refusal.as_ref()).map(|refusal| refusal.sentence.clone()),
                read_total: state.map_or(0, |state| state.read_total as i64),
            }
        })
        .collect();
    // What the engine holds is fresher than what it last wrote down.
    let buckets: &[BucketState] = match live {
        Some(live) if !live.buckets.is_empty() => &live.buckets,
        _ => facts.buckets.get(&config.id).map_or(&[], Vec::as_slice),
    };
    let conditions = facts.conditions.get(&config.id).map_or(&[][..], Vec::as_slice);
    let depth = |state: EffectState| {
        facts.depth.iter().filter(move |depth| depth.connection == config.id && depth.state == state)
    };
    let waiting: i64 = depth(EffectState::Pending).chain(depth(EffectState::Running)).map(|depth| depth.n as i64).sum();
    let kinds: Vec<(IntentKind, i64)> = depth(EffectState::Pending).map(|depth| (depth.kind, depth.n as i64)).collect();
    // Without a known rate nobody can say how long it takes.
    let drain_s = declaration
        .filter(|_| waiting > 0)
        .and_then(|declaration| quayside_connectors::drain_s(declaration, &kinds, buckets, now_ms));
    let (tone, word) = health(config, conditions, &streams, now_ms);
    let activity = ConnectionActivity {
        id: config.id.clone(),
        name: config.name.clone(),
        platform: declaration.map_or_else(|| config.platform.clone(), |declaration| declaration.title.to_owned()),
        roles: declaration.map_or_else(Vec::new, |declaration| declaration.roles.to_vec()),
        tone,
        sentence: sentence(config, conditions, &streams, live, room),
        paused: config.paused,
        budgets: buckets.iter().map(|bucket| budget(bucket, now_ms)).collect(),
        streams,
        waiting,
        unknown: depth(EffectState::Unknown).map(|depth| depth.n as i64).sum(),
        drain_s,
        orders_in_today: facts.placed.get(&config.id).map_or(0, |n| *n as i64),
        effects_today: facts.done.get(&config.id).map_or(0, |n| *n as i64),
    };
    Card { activity, word }
}

fn sentence(
    config: &ConnectionConfig,
    conditions: &[FindingRow],
    streams: &[StreamView],
    live: Option<&LiveConnection>,
    room: &Room,
) -> String {
    if config.paused {
        return "Paused by you. Nothing is read or sent.".into();
    }
    if let Some(worst) = conditions.iter().min_by_key(|condition| loudness(condition.cause)) {
        return worst.sentence.clone();
    }
    if let Some(live) = live.filter(|live| !live.doing.is_empty()) {
        return live.doing.clone();
    }
    if room.engine.is_none() {
        return "Nothing runs in this process; the window or `sync` does the work.".into();
    }
    if streams.is_empty() {
        "Nothing is read there; it waits for something to send.".into()
    } else if streams.iter().all(|stream| stream.last_ok_at_ms.is_none()) {
        "Is being read for the first time.".into()
    } else {
        "Up to date.".into()
    }
}

fn loudness(cause: Cause) -> u8 {
    match cause.tone() {
        Tone::Danger => 0,
        Tone::Warning => 1,
        Tone::Hold => 2,
        Tone::Info | Tone::Neutral | Tone::Success => 3,
    }
}

/// Tone and word of an account in the rail.
pub(crate) fn health(
    config: &ConnectionConfig,
    conditions: &[FindingRow],
    streams: &[StreamView],
    now_ms: i64,
) -> (Tone, Option<&'static str>) {
    if config.paused {
        return (Tone::Neutral, Some("paused"));
    }
    if let Some(worst) = conditions.iter().min_by_key(|condition| loudness(condition.cause)) {
        return match worst.cause {
            Cause::SignInNeeded => (Tone::Danger, Some("sign in")),
            Cause::KeychainClosed => (Tone::Danger, Some("keychain")),
            Cause::AccountBlocked => (Tone::Danger, Some("blocked")),
            Cause::ScopeMissing => (Tone::Warning, Some("permission")),
            Cause::Offline => (Tone::Warning, Some("offline")),
            Cause::NotThePlatform => (Tone::Warning, Some("network")),
            Cause::ClockWrong => (Tone::Warning, Some("clock")),
            _ => (Tone::Warning, Some("slow")),
        };
    }
    let behind = streams.iter().any(|stream| {
        let late_ms = i64::from(stream.interval_s) * 1000 * SLOW_INTERVALS;
        stream.failures > 0 || stream.next_at_ms.is_some_and(|next| next > 0 && now_ms - next > late_ms)
    });
    if behind { (Tone::Warning, Some("slow")) } else { (Tone::Success, None) }
}

/// A bucket in numbers and in words.
pub(crate) fn budget(bucket: &BucketState, now_ms: i64) -> BudgetView {
    let left = bucket.level_at(now_ms).max(0.0);
    let whole = |amount: f64| words::thousands(amount.floor() as i64);
    let rate = match (bucket.window_ms, bucket.per_second) {
        (60_000, _) => " a minute".to_owned(),
        (1_000, _) => " a second".to_owned(),
        (window_ms, _) if window_ms > 0 => format!(" in {}", words::duration(window_ms)),
        (_, per_second) if per_second > 0.0 => format!(", {} come back each second", whole(per_second)),
        _ => String::new(),
    };
    BudgetView {
        name: bucket.name.clone(),
        title: words::bucket(&bucket.name),
        unit: bucket.unit.clone(),
        left,
        of: bucket.capacity,
        sentence: format!("{} of {} {}{rate}", whole(left), whole(bucket.capacity), bucket.unit),
    }
}

/// An effect for the outbox table.
pub(crate) fn effect(item: EffectItem, names: &BTreeMap<ConnectionId, String>) -> EffectView {
    EffectView {
        id: item.id,
        order_id: item.order_id,
        order_number: item.order_number,
        account: names.get(&item.connection).cloned().unwrap_or_else(|| item.connection.to_string()),
        connection: item.connection,
        kind: item.kind,
        sentence: item.sentence,
        state: item.state,
        attempts: item.attempts,
        created_at_ms: item.created_at_ms,
        next_at_ms: matches!(item.state, EffectState::Pending | EffectState::Unknown).then_some(item.not_before_ms),
        settled_at_ms: item.settled_at_ms,
        ship_by_ms: item.ship_by_ms,
        problem: item.skip_reason.or_else(|| item.refusal.map(|refusal| refusal.to_string())),
        key: item.key,
        remote_id: item.receipt.and_then(|receipt| receipt.remote_id),
        sight: match (item.in_doubt, item.held_at_ms, item.missing) {
            (_, _, true) => Some(EffectSight::Missing),
            (_, Some(_), _) => Some(EffectSight::Seen),
            (true, ..) => Some(EffectSight::NotYet),
            _ => None,
        },
        seen_at_ms: item.held_at_ms,
    }
}

/// A line of the timeline: the store's words become the screen's.
pub(crate) fn event(
    event: EventRow,
    order_number: Option<String>,
    names: &BTreeMap<ConnectionId, String>,
) -> TimelineEntry {
    let author = match event.author.as_str() {
        "person" => "you".to_owned(),
        "quayside" => "Quayside".to_owned(),
        other => names
            .get(&ConnectionId::new(other))
            .cloned()
            .or_else(|| quayside_flows::automation(other).map(|automation| automation.title.to_owned()))
            .unwrap_or_else(|| other.to_owned()),
    };
    let kind = match event.kind.as_str() {
        "effect_done" => "answered",
        "effect_waits" => "sent",
        "effect_refused" => "exception",
        "effect_unknown" => "lost",
        "effect_approved" | "effect_retried" | "effect_looked_up" => "person",
        "effect_skipped" if event.author == "person" => "person",
        "effect_skipped" => "changed",
        other => other,
    };
    TimelineEntry {
        id: event.id,
        at_ms: event.at_ms,
        author,
        tone: words::event_tone(kind),
        kind: kind.to_owned(),
        sentence: event.sentence,
        detail: event.detail.as_ref().map(facts).unwrap_or_default(),
        order_id: event.order_id,
        order_number,
    }
}

/// The facts of an event that are worth a line, flat.
fn facts(detail: &serde_json::Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut note = |label: &str, value: Option<&serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) if !text.is_empty() => out.push((label.to_owned(), text.clone())),
        Some(serde_json::Value::Number(number)) => out.push((label.to_owned(), number.to_string())),
        _ => {}
    };
    note("Effect", detail.get("effect"));
    note("Took, ms", detail.get("duration_ms"));
    for inner in [detail.get("receipt"), detail.get("refusal")].into_iter().flatten() {
        note("Id at the platform", inner.get("remote_id"));
        note("Request", inner.get("request_id"));
        note("HTTP status", inner.get("status"));
        note("The platform said", inner.get("said"));
    }
    out
}
