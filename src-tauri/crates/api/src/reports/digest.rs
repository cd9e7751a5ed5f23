//! Unfulfilled: what waits too long, by cause, as it stands now.

use super::{Cell, Ground, Made, Table, columns, figure};
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::UnfulfilledGroup;
use quayside_model::{Currency, Tone};
use std::collections::BTreeMap;

pub(super) fn make(desk: &Desk, _room: &Room, ground: &Ground) -> Answer<Made> {
    Ok(of(&desk.unfulfilled()?, ground.now_ms))
}

fn of(groups: &[UnfulfilledGroup], now_ms: i64) -> Made {
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
                Cell::hours(Some(now_ms - group.oldest_at_ms)),
                Cell::sums(&worth),
            ]
        })
        .collect();
    let rows = groups.iter().flat_map(|group| {
        group.rows.iter().map(|row| {
            vec![
                Cell::Order { id: row.id, number: row.number.clone() },
                Cell::text(&row.store),
                Cell::Moment { at_ms: row.placed_at_ms },
                row.ship_by_ms.map_or(Cell::Empty, |at_ms| Cell::Moment { at_ms }),
                Cell::money(row.total_minor, &Currency::new(&row.currency)),
                Cell::text(&group.title),
                Cell::text(row.waits_on.sentence.replace("{since}", "then")),
            ]
        })
    });
    let rows: Vec<_> = rows.collect();
    let shown = rows.len() as i64;
    Made {
        words: groups.first().map_or_else(
            || "No paid order waits too long.".to_owned(),
            |group| format!("Paid orders {}, as they stand now.", group.threshold),
        ),
        figures: vec![
            orders,
            figure("Oldest", Cell::hours(oldest.map(|at_ms| now_ms - at_ms)), "since it was bought"),
            figure("Worth", Cell::sums(&worth), ""),
        ],
        tables: vec![
            Table {
                code: "causes".into(),
                title: "By cause".into(),
                words: String::new(),
                columns: columns(&[("Waits on", false), ("Orders", true), ("Oldest", true), ("Worth", true)]),
                rows: causes,
            },
            Table {
                code: "orders".into(),
                title: "Orders".into(),
                words: if shown < total {
                    format!("The oldest of each cause: {shown} of {total}.")
                } else {
                    String::new()
                },
                columns: columns(&[
                    ("Order", false),
                    ("Store", false),
                    ("Bought", false),
                    ("Ship by", false),
                    ("Total", true),
                    ("Waits on", false),
                    ("Why", false),
                ]),
                rows,
            },
        ],
    }
}
