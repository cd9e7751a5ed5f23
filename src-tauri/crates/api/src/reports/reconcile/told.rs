//! What was found, as a report: the sentence first, then the rows.

use super::compare::Differs;
use super::{Listed, Orders, Walk};
use crate::reports::{Cell, Ground, Holds, Made, ReportPair, Table, cell, columns, figure, span_words};
use crate::{words, zone};
use quayside_flows::{Peer, Policy};
use quayside_model::{ConnectionId, Role, Tone};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What was found, in one sentence.
fn agreement(orders: &Orders, pairs: &[ReportPair], policy: &Policy) -> String {
    let sells = |id: &ConnectionId| policy.peers.get(id).is_some_and(|peer| peer.roles.contains(&Role::Channel));
    let only_stores = pairs.iter().all(|pair| sells(&pair.there));
    let count = |n: usize, one: &str, many: &str| words::count(n as i64, one, many);
    let agree = |n: usize| count(n, "order on both sides agrees", "orders on both sides agree");
    match orders {
        _ if pairs.is_empty() => {
            "There are no two accounts to compare yet: connect a store and a shipping account.".into()
        }
        Orders { agree: 0, differ: 0, apart: 0 } if only_stores => {
            "No sale of this time shows in both, so there was nothing to compare.".into()
        }
        Orders { agree: 0, differ: 0, apart: 0 } => {
            "Nothing was bought in this time, so there was nothing to compare.".into()
        }
        Orders { agree: 0, differ: 0, apart } => {
            format!(
                "No order of this time was to be on both sides; {} counted apart, with the reason.",
                count(*apart, "order is", "orders are")
            )
        }
        Orders { agree: both, differ: 0, .. } => format!("{}.", agree(*both)),
        Orders { agree: both, differ, .. } => {
            format!("{}; {}.", count(*differ, "order differs", "orders differ"), agree(*both))
        }
    }
}

/// `09:42`, with its day where that is not today.
fn as_of(at_ms: Option<i64>, ground: &Ground) -> String {
    match at_ms {
        None => "not read to the end yet".to_owned(),
        Some(at_ms) if zone::day_name(at_ms, ground.zone) == zone::day_name(ground.now_ms, ground.zone) => {
            format!("as of {}", zone::clock(at_ms, ground.zone))
        }
        Some(at_ms) => format!("as of {}", cell::moment(at_ms, ground.zone)),
    }
}

/// What it was compared with, and what cannot be known from that.
fn sources(walk: &Walk<'_>, ground: &Ground) -> String {
    let ids: BTreeSet<&ConnectionId> = walk.pairs.iter().flat_map(|pair| [&pair.here, &pair.there]).collect();
    let peers: Vec<&Peer> = ids.into_iter().filter_map(|id| walk.policy.peers.get(id)).collect();
    let plays = |role: Role| peers.iter().any(|peer| peer.roles.contains(&role));
    let reads = |peer: &&&Peer| peer.roles.iter().any(|role| matches!(role, Role::Channel | Role::Hub));
    let read: Vec<String> = peers
        .iter()
        .filter(reads)
        .map(|peer| format!("{} {}", peer.name, as_of(walk.read_at.of_peer(peer), ground)))
        .collect();
    let mut out = String::new();
    if !read.is_empty() {
        out = format!(" Compared is what was last read: {}; what changed there since is not known.", read.join(", "));
    }
    if plays(Role::Hub) {
        out.push_str(" Amounts of a shipping account are not read: its total is what it was last sent with, and none is known of what it imported itself.");
    }
    let keeps = |peer: &&&Peer| peer.roles.contains(&Role::Records);
    let keepers: Vec<&str> = peers.iter().filter(keeps).map(|peer| peer.name.as_str()).collect();
    if !keepers.is_empty() {
        let names = words::list(&keepers);
        // Writing to a String does not fail.
        let _ =
            write!(out, " Records in {names} are not read back: compared is what was answered when they were written.");
    }
    if walk
        .pairs
        .iter()
        .any(|pair| walk.policy.peers.get(&pair.there).is_some_and(|peer| peer.roles.contains(&Role::Channel)))
    {
        out.push_str(" Two stores are compared where both show one sale.");
    }
    if !walk.two_hubs.is_empty() {
        out.push_str(" Two shipping accounts are not to have the same units of a sale; what only one of them has is no difference.");
    }
    out
}

pub(super) fn told(mut walk: Walk<'_>, ground: &Ground, cut: bool) -> Made {
    let said = agreement(&walk.orders, walk.pairs, walk.policy);
    let words = format!("{}, by the day an order was bought. {said}{}", span_words(ground), sources(&walk, ground));
    walk.listed.sort_by(|a, b| {
        let key = |one: &Listed| (one.row.differs, one.placed_at_ms, one.order);
        key(a).cmp(&key(b)).then_with(|| a.number.cmp(&b.number))
    });
    let kinds = Differs::ALL.iter().filter_map(|kind| Some((kind, walk.by_kind.get(kind)?)));
    let by_kind: Vec<String> = kinds.map(|(kind, n)| format!("{n} {}", kind.title())).collect();
    let mut agree = figure("Agree", Cell::count(walk.orders.agree), "orders that are the same on both sides");
    let mut differ = figure("Differ", Cell::count(walk.orders.differ), by_kind.join(", "));
    if walk.orders.differ > 0 {
        differ.tone = Tone::Warning;
    } else if walk.orders.agree > 0 {
        agree.tone = Tone::Success;
    }
    let apart: usize = walk.orders.apart;
    Made {
        words,
        cut,
        figures: vec![
            agree,
            differ.counting("differences", &[], &[]),
            figure("Counted apart", Cell::count(apart), "not compared, with the reason").counting("apart", &[], &[]),
        ],
        tables: vec![differences(&walk, &said), apart_table(&walk), accounts(&walk)],
    }
}

fn differences(walk: &Walk<'_>, said: &str) -> Table {
    let sells = |id: &ConnectionId| walk.policy.peers.get(id).is_some_and(|peer| peer.roles.contains(&Role::Channel));
    let has_store = walk.pairs.is_empty() || walk.pairs.iter().any(|pair| sells(&pair.here));
    let (one, has) = if has_store { ("Store", "Store has") } else { ("Account", "Account has") };
    let mut rows: Vec<Vec<Cell>> = walk
        .listed
        .iter()
        .map(|listed| {
            let (row, number) = (&listed.row, &listed.number);
            vec![
                listed.order.map_or_else(|| Cell::text(number), |id| Cell::order(id, number)),
                Cell::text(row.differs.title()),
                Cell::text(&listed.here),
                Cell::text(&row.here),
                Cell::text(&listed.there),
                Cell::text(&row.there),
                Cell::moment(row.since_ms),
                Cell::text(&row.sentence),
                match (&row.step, listed.order) {
                    (Some((verb, label)), Some(id)) => {
                        Cell::Act { id, number: number.clone(), verb: *verb, label: label.clone() }
                    }
                    (None, Some(_)) => Cell::text("Open the order"),
                    (_, None) => Cell::text(format!("Read {} again", listed.here)),
                },
            ]
        })
        .collect();
    // A clean day says so in a row of its own, in a spreadsheet too.
    if rows.is_empty() {
        let mut row = vec![Cell::Empty; 9];
        row[1] = Cell::text("nothing");
        row[7] = Cell::text(said);
        rows.push(row);
    }
    Table {
        code: "differences".into(),
        title: "Differences".into(),
        words: "The most costly first.".into(),
        columns: columns(&[
            ("Order", Holds::Order),
            ("Differs", Holds::Text),
            (one, Holds::Text),
            (has, Holds::Text),
            ("Other account", Holds::Text),
            ("That has", Holds::Text),
            ("Since", Holds::Moment),
            ("What it means", Holds::Text),
            ("To do", Holds::Text),
        ]),
        rows,
    }
}

fn apart_table(walk: &Walk<'_>) -> Table {
    let mut rows = Vec::new();
    for (pair, counts) in walk.pairs.iter().zip(&walk.counts) {
        for (reason, n) in &counts.apart {
            rows.push((
                *n,
                vec![Cell::text(reason), Cell::text(&pair.here_name), Cell::text(&pair.there_name), Cell::count(*n)],
            ));
        }
    }
    rows.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    let mut rows: Vec<Vec<Cell>> = rows.into_iter().map(|(_, row)| row).collect();
    if rows.is_empty() {
        rows.push(vec![
            Cell::text("none: every order of this time was compared"),
            Cell::Empty,
            Cell::Empty,
            Cell::count(0),
        ]);
    }
    Table {
        code: "apart".into(),
        title: "Counted apart".into(),
        words: "Orders that were not to be on the other side, or cannot be compared yet. They are no differences."
            .into(),
        columns: columns(&[
            ("They", Holds::Text),
            ("Store", Holds::Text),
            ("Other account", Holds::Text),
            ("Orders", Holds::Count),
        ]),
        rows,
    }
}

fn accounts(walk: &Walk<'_>) -> Table {
    let at = |id: &ConnectionId| Cell::moment(walk.policy.peers.get(id).and_then(|peer| walk.read_at.of_peer(peer)));
    let rows = walk.pairs.iter().zip(&walk.counts).map(|(pair, counts)| {
        vec![
            Cell::text(&pair.here_name),
            at(&pair.here),
            Cell::text(&pair.there_name),
            at(&pair.there),
            Cell::count(counts.agree),
            Cell::count(counts.differ),
            Cell::count(counts.apart.values().sum()),
        ]
    });
    Table {
        code: "accounts".into(),
        title: "Which accounts".into(),
        words: String::new(),
        columns: columns(&[
            ("Store", Holds::Text),
            ("Read as of", Holds::Moment),
            ("Other account", Holds::Text),
            ("That read as of", Holds::Moment),
            ("Agree", Holds::Count),
            ("Differ", Holds::Count),
            ("Apart", Holds::Count),
        ]),
        rows: rows.collect(),
    }
}
