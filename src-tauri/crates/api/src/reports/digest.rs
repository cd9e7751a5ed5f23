//! Unfulfilled: what waits too long, by cause, as it stands now.

use super::{Cell, Ground, Holds, Kind, Made, READ_MAX, Table, cell, columns, figure};
use crate::desk::Room;
use crate::trouble::Answer;
use crate::unfulfilled;
use crate::view::UnfulfilledGroup;
use quayside_model::{Currency, Tone};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    code: "unfulfilled",
    title: "Unfulfilled",
    about: "Paid orders that wait longer than you want, by what they wait on.",
    timed: false,
    detail: "orders",
    make,
};

fn make(room: &Room, ground: &Ground) -> Answer<Made> {
    Ok(of(&unfulfilled::groups(room, READ_MAX)?, ground))
}

fn of(groups: &[UnfulfilledGroup], ground: &Ground) -> Made {
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
            ]
        })
        .collect();
    let rows = groups.iter().flat_map(|group| {
        group.rows.iter().map(|row| {
            let since = cell::moment(row.waits_on.since_ms, ground.zone);
            vec![
                Cell::order(row.id, &row.number),
                Cell::text(&row.store),
                Cell::Moment { at_ms: row.placed_at_ms },
                Cell::moment(row.ship_by_ms),
                Cell::money(row.total_minor, &Currency::new(&row.currency)),
                Cell::text(&group.title),
                Cell::text(row.waits_on.sentence.replace("{since}", &since)),
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
            orders,
            figure("Oldest", Cell::hours(oldest.map(|at_ms| ground.now_ms - at_ms)), "since it was bought"),
            figure("Worth", Cell::sums(&worth), ""),
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
                ]),
                rows: causes,
            },
            Table {
                code: "orders".into(),
                title: "Orders".into(),
                words: String::new(),
                columns: columns(&[
                    ("Order", Holds::Order),
                    ("Store", Holds::Text),
                    ("Bought", Holds::Moment),
                    ("Ship by", Holds::Moment),
                    ("Total", Holds::Money),
                    ("Waits on", Holds::Text),
                    ("Why", Holds::Text),
                ]),
                rows: rows.collect(),
            },
        ],
    }
}
