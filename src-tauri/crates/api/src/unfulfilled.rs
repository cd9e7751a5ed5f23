//! Unfulfilled: paid, open, and waiting longer than the merchant wants, by what they wait on.

use crate::desk::{Desk, Room};
use crate::queue::{Ground, row};
use crate::trouble::Answer;
use crate::view::UnfulfilledGroup;
use crate::{waits, zone};
use quayside_flows::calendar;
use quayside_model::{ConnectionId, Role, Tone};
use quayside_store::{QueueFilter, Sort, SortBy};

/// Orders that are listed per group.
const ROWS: usize = 200;

/// Per store: orders placed at or before this moment wait too long. Each store counts in its own zone.
pub(crate) fn thresholds(ground: &Ground) -> Vec<(ConnectionId, i64)> {
    ground
        .connections
        .iter()
        .filter(|config| {
            quayside_connectors::platform(&config.platform)
                .is_some_and(|platform| platform.declaration.roles.contains(&Role::Channel))
        })
        .map(|config| {
            let zone = calendar::zone(&ground.settings, config.account.time_zone.as_deref());
            (config.id.clone(), zone::unfulfilled_until(&ground.settings, ground.now_ms, zone))
        })
        .collect()
}

/// How many there are.
pub(crate) fn count(room: &Room, ground: &Ground) -> Answer<i64> {
    let groups = room.store.read(|r| r.unfulfilled(&thresholds(ground)))?;
    Ok(groups.iter().map(|group| group.orders as i64).sum())
}

impl Desk {
    /// Orders that wait too long, by root cause, the largest group first.
    pub fn unfulfilled(&self) -> Answer<Vec<UnfulfilledGroup>> {
        let room = self.room()?;
        let ground = room.ground()?;
        let thresholds = thresholds(&ground);
        let names = room.names()?;
        // Stores in several zones: the words name the one that counts for most, the first.
        let zone = ground
            .connections
            .iter()
            .find(|config| thresholds.iter().any(|(id, _)| *id == config.id))
            .map_or(ground.zone, |config| calendar::zone(&ground.settings, config.account.time_zone.as_deref()));
        let threshold = zone::threshold_words(&ground.settings, zone);
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
                    let page = r.queue_page(&filter, Sort { by: SortBy::Placed, descending: false }, None, ROWS)?;
                    let look = waits::of(&group.waits_code);
                    out.push(UnfulfilledGroup {
                        title: waits::title(&group.waits_code),
                        icon: look.map_or("clock", |look| look.icon).to_owned(),
                        tone: look.map_or(Tone::Neutral, |look| look.tone),
                        code: group.waits_code,
                        count: group.orders as i64,
                        oldest_at_ms: group.oldest_placed_at_ms,
                        value: group.worth.into_iter().map(|money| (money.currency.0, money.minor)).collect(),
                        rows: page.rows.into_iter().map(|found| row(found, &names)).collect(),
                        threshold: threshold.clone(),
                    });
                }
                Ok(out)
            })
            .map_err(Into::into)
    }
}
