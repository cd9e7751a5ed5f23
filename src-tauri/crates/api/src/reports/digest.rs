//! Unfulfilled: what waits too long, by cause, as it stands now on both sides, with the way to each of them.

use super::{Cell, Ground, Holds, Kind, Made, READ_MAX, Table, buyer, cell, columns, figure};
use crate::desk::Room;
use crate::trouble::Answer;
use crate::view::{QueueRow, UnfulfilledGroup};
use crate::{links, sides, unfulfilled, words};
use quayside_flows::Policy;
use quayside_model::{Cause, ConnectionConfig, Currency, HubStatus, OrderId, Story, Tone};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    code: "unfulfilled",
    title: "Unfulfilled",
    about: "Paid orders that wait longer than you want, by what they wait on, as store and shipping account have them.",
    timed: false,
    detail: "orders",
    make,
};

/// Orders whose stories are read at once.
const PIECE: usize = 200;

fn make(room: &Room, ground: &Ground) -> Answer<Made> {
    let groups = unfulfilled::groups(room, READ_MAX)?;
    let policy = room.policy()?;
    let rows: Vec<(&str, &QueueRow)> =
        groups.iter().flat_map(|group| group.rows.iter().map(|row| (group.code.as_str(), row))).collect();
    let mut both = BTreeMap::new();
    for piece in rows.chunks(PIECE) {
        room.store.read(|r| {
            let configs = r.connections()?;
            for (code, row) in piece {
                if let Some(story) = r.story(row.id)? {
                    both.insert(row.id, BothSides::of(&story, &policy, &configs, &row.waits_on.sentence, code));
                }
            }
            Ok(())
        })?;
    }
    Ok(of(&groups, &both, ground))
}

/// What both sides have of one order, and where it is looked at.
#[derive(Debug, Clone, Default, PartialEq)]
struct BothSides {
    store_says: String,
    hub: String,
    hub_says: String,
    differs: String,
    why: String,
    store_url: Option<String>,
    hub_url: Option<String>,
}

impl BothSides {
    fn of(story: &Story, policy: &Policy, configs: &[ConnectionConfig], sentence: &str, code: &str) -> Self {
        let order = &story.order;
        let counts = |status: &HubStatus| !matches!(status, HubStatus::Cancelled | HubStatus::Gone);
        let newest = story.hub_orders.iter().max_by_key(|seen| (counts(&seen.value.status), seen.value.modified_at_ms));
        let told = order.lines_ours().any(|(line, _)| order.units_told(&line.remote_id) > 0);
        let hub = newest.map(|seen| &seen.connection).or(policy.hub_of(story).map(|hub| &hub.id));
        let allowed = |url: &Option<String>| url.clone().filter(|url| links::allowed(url, configs).is_some());
        let differs = sides::differences(story, policy);
        Self {
            store_says: format!(
                "{}, {}",
                words::payment(&order.payment),
                if told { "partly fulfilled" } else { "not fulfilled" }
            ),
            hub: hub.and_then(|id| policy.peers.get(id)).map(|peer| peer.name.clone()).unwrap_or_default(),
            hub_says: newest.map_or_else(
                || "not there".to_owned(),
                |seen| format!("{}, {}", seen.value.number, words::hub_status(&seen.value.status)),
            ),
            differs: differs
                .into_iter()
                .map(|sentence| buyer::told(&sentence, "cause:sides_differ", story))
                .collect::<Vec<_>>()
                .join(" "),
            why: buyer::told(sentence, code, story),
            store_url: allowed(&order.admin_url),
            hub_url: newest.and_then(|seen| allowed(&seen.value.admin_url)),
        }
    }
}

fn link(label: &str, url: Option<&String>) -> Cell {
    url.map_or(Cell::Empty, |url| Cell::Link { label: label.to_owned(), url: url.clone() })
}

fn words_or_none(words: &str) -> Cell {
    if words.is_empty() { Cell::Empty } else { Cell::text(words) }
}

/// How a cause is mended, where it is one.
fn mend(code: &str) -> Cell {
    let cause = code.strip_prefix("cause:").and_then(Cause::from_code);
    cause.map_or(Cell::Empty, |cause| Cell::text(cause.help()))
}

fn of(groups: &[UnfulfilledGroup], both: &BTreeMap<OrderId, BothSides>, ground: &Ground) -> Made {
    let unknown = BothSides::default();
    let total: i64 = groups.iter().map(|group| group.count).sum();
    let oldest = groups.iter().map(|group| group.oldest_at_ms).min();
    let mut worth = BTreeMap::new();
    for (currency, minor) in groups.iter().flat_map(|group| &group.value) {
        *worth.entry(Currency::new(currency)).or_insert(0) += minor;
    }
    let mut orders = figure("Orders", Cell::Count { count: total }, "");
    if total > 0 {
        orders.tone = Tone::Warning;
    }
    let causes = groups
        .iter()
        .map(|group| {
            let worth = group.value.iter().map(|(currency, minor)| (Currency::new(currency), *minor)).collect();
            vec![
                Cell::text(&group.title),
                Cell::Count { count: group.count },
                Cell::hours(Some(ground.now_ms - group.oldest_at_ms)),
                Cell::sums(&worth),
                mend(&group.code),
            ]
        })
        .collect();
    let rows = groups.iter().flat_map(|group| {
        group.rows.iter().map(|row| {
            let since = cell::moment(row.waits_on.since_ms, ground.zone);
            let sides = both.get(&row.id).unwrap_or(&unknown);
            vec![
                Cell::order(row.id, &row.number),
                Cell::text(&row.store),
                Cell::Moment { at_ms: row.placed_at_ms },
                Cell::moment(row.ship_by_ms),
                Cell::money(row.total_minor, &Currency::new(&row.currency)),
                Cell::text(&group.title),
                Cell::text(sides.why.replace("{since}", &since)),
                Cell::text(&sides.store_says),
                words_or_none(&sides.hub),
                Cell::text(&sides.hub_says),
                words_or_none(&sides.differs),
                link("Store", sides.store_url.as_ref()),
                link("Shipping account", sides.hub_url.as_ref()),
            ]
        })
    });
    Made {
        words: groups.first().map_or_else(
            || "No paid order waits too long.".to_owned(),
            |group| format!("Paid orders {}, as they stand now.", group.threshold),
        ),
        cut: groups.iter().any(|group| group.rows.len() >= READ_MAX),
        figures: vec![
            orders.counting("orders", &[], &[]),
            figure("Oldest", Cell::hours(oldest.map(|at_ms| ground.now_ms - at_ms)), "since it was bought").counting(
                "orders",
                &[],
                &[],
            ),
            figure("Worth", Cell::sums(&worth), "").counting("orders", &[], &[]),
        ],
        tables: vec![
            Table {
                code: "causes".into(),
                title: "By cause".into(),
                words: String::new(),
                columns: columns(&[
                    ("Waits on", Holds::Text),
                    ("Orders", Holds::Count),
                    ("Oldest", Holds::Hours),
                    ("Worth", Holds::Money),
                    ("What mends it", Holds::Text),
                ]),
                rows: causes,
            },
            Table {
                code: "orders".into(),
                title: "Orders".into(),
                words: "By cause, the largest first; of each cause the oldest first.".into(),
                columns: columns(&[
                    ("Order", Holds::Order),
                    ("Store", Holds::Text),
                    ("Bought", Holds::Moment),
                    ("Ship by", Holds::Moment),
                    ("Total", Holds::Money),
                    ("Waits on", Holds::Text),
                    ("Why", Holds::Text),
                    ("Store says", Holds::Text),
                    ("Account", Holds::Text),
                    ("That says", Holds::Text),
                    ("They differ", Holds::Text),
                    ("Open in the store", Holds::Text),
                    ("Open at the account", Holds::Text),
                ]),
                rows: rows.collect(),
            },
        ],
    }
}
