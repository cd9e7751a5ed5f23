//! Unfulfilled: paid, open, and waiting longer than the merchant wants, by what they wait on.

use crate::desk::{Desk, Room};
use crate::queue::{Ground, row};
use crate::trouble::Answer;
use crate::view::UnfulfilledGroup;
use crate::{waits, zone};
use quayside_flows::calendar;
use quayside_flows::store_clock::StoreClock;
use quayside_model::settings::Settings;
use quayside_model::{ConnectionConfig, ConnectionId, Role, Tone};
use quayside_store::{QueueFilter, Sort, SortBy};
use std::borrow::Cow;

/// Orders that are listed per group.
const ROWS: usize = 200;

/// Per store: orders placed at or before this moment wait too long. Each store counts its own days in its own zone.
pub(crate) fn thresholds(ground: &Ground) -> Vec<(ConnectionId, i64)> {
    ground
        .connections
        .iter()
        .filter(|config| {
            quayside_connectors::platform(&config.platform)
                .is_some_and(|platform| platform.declaration.roles.contains(&Role::Channel))
        })
        .map(|config| {
            let (settings, zone) = clock(ground, config);
            (config.id.clone(), zone::unfulfilled_until(&settings, ground.now_ms, zone))
        })
        .collect()
}

/// The settings as they hold for a store, and its zone.
fn clock<'a>(ground: &'a Ground, config: &ConnectionConfig) -> (Cow<'a, Settings>, chrono_tz::Tz) {
    let settings = StoreClock::of(&config.settings).apply(&ground.settings);
    let zone = calendar::zone(&settings, config.account.time_zone.as_deref());
    (settings, zone)
}

/// What counts as too long, in words: the clock of the settings first, then every store that counts otherwise, by name.
fn threshold_words(ground: &Ground, thresholds: &[(ConnectionId, i64)]) -> String {
    let stores = ground.connections.iter().filter(|config| thresholds.iter().any(|(id, _)| *id == config.id));
    let said: Vec<(&ConnectionConfig, String)> = stores
        .map(|config| {
            let (settings, zone) = clock(ground, config);
            (config, zone::threshold_words(&settings, zone))
        })
        .collect();
    // What a store promises says nothing of when an order waits too long.
    let own = |config: &ConnectionConfig| StoreClock { promises: Vec::new(), ..StoreClock::of(&config.settings) };
    let usual = said.iter().find(|(config, _)| own(config) == StoreClock::default());
    let Some((_, first)) = usual.or(said.first()) else { return zone::threshold_words(&ground.settings, ground.zone) };
    if said.iter().all(|(_, words)| words == first) {
        return first.clone();
    }
    // With no store on the usual clock each of them is named, the first too.
    let named = |(config, words): &(&ConnectionConfig, String)| format!("{}: {words}", config.name);
    let mut parts: Vec<String> = if usual.is_some() { vec![first.clone()] } else { Vec::new() };
    parts.extend(said.iter().filter(|(_, words)| usual.is_none() || words != first).map(named));
    parts.join("; ")
}

/// How many there are.
pub(crate) fn count(room: &Room, ground: &Ground) -> Answer<i64> {
    let groups = room.store.read(|r| r.unfulfilled(&thresholds(ground)))?;
    Ok(groups.iter().map(|group| group.orders as i64).sum())
}

impl Desk {
    /// Orders that wait too long, by root cause, the largest group first.
    pub fn unfulfilled(&self) -> Answer<Vec<UnfulfilledGroup>> {
        groups(&*self.room()?, ROWS)
    }
}

/// The same, with up to so many orders listed per group, the oldest first.
pub(crate) fn groups(room: &Room, rows_max: usize) -> Answer<Vec<UnfulfilledGroup>> {
    let ground = room.ground()?;
    let thresholds = thresholds(&ground);
    let names = room.names()?;
    let threshold = threshold_words(&ground, &thresholds);
    room.store
        .read(|r| {
            let mut out = Vec::new();
            for group in r.unfulfilled(&thresholds)? {
                let filter = QueueFilter {
                    waits_code: Some(group.waits_code.clone()),
                    paid: Some(true),
                    placed_before_by_connection: thresholds.clone(),
                    ..QueueFilter::default()
                };
                let (mut rows, mut after) = (Vec::new(), None);
                while rows.len() < rows_max {
                    let sort = Sort { by: SortBy::Placed, descending: false };
                    let page = r.queue_page(&filter, sort, after, rows_max - rows.len())?;
                    rows.extend(page.rows.into_iter().map(|found| row(found, &names)));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                let look = waits::of(&group.waits_code);
                out.push(UnfulfilledGroup {
                    title: waits::title(&group.waits_code),
                    icon: look.map_or("clock", |look| look.icon).to_owned(),
                    tone: look.map_or(Tone::Neutral, |look| look.tone),
                    code: group.waits_code,
                    count: group.orders as i64,
                    oldest_at_ms: group.oldest_placed_at_ms,
                    value: group.worth.into_iter().map(|money| (money.currency.0, money.minor)).collect(),
                    rows,
                    threshold: threshold.clone(),
                });
            }
            Ok(out)
        })
        .map_err(Into::into)
}
