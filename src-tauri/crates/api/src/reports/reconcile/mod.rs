//! Reconciliation: the same sales as two accounts show them, and where they differ.
//!
//! A store against the shipping account its orders go to, against the account that keeps records, and against another
//! store as far as both show one sale. Orders are walked in pieces and their stories read one at a time; what is kept of
//! each is its verdict ([`compare`]). Left out on purpose: asking the platforms. It compares what was last read, and
//! says of when that is.

mod compare;
mod facts;

use super::{Cell, Ground, Holds, Kind, Made, READ_MAX, ReportPair, Table, cell, columns, figure, span_words};
use crate::desk::Room;
use crate::trouble::Answer;
use crate::tying::is_sent;
use crate::view::Trouble;
use crate::{words, zone};
use compare::{Differs, Row, Sale, Verdict};
use quayside_flows::who_writes::links_to;
use quayside_flows::{Peer, Policy, standing};
use quayside_model::{ConnectionConfig, ConnectionId, HubStatus, IntentKind, OrderId, RecordKind, Role, Story, Tone};
use quayside_store::{Loose, Marked, Reader, StoreError};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const KIND: Kind = Kind {
    code: "reconciliation",
    title: "Reconciliation",
    about: "Where two accounts differ about the same sales: missing, twice, status, units, totals; and how many agree.",
    timed: true,
    detail: "differences",
    make,
};

/// Orders whose stories are read in one look at the store: one that lasts would keep it from tidying up behind itself.
const PIECE: usize = 200;
/// Differences that are listed; all are counted.
const ROWS_MAX: usize = 20_000;

/// Every two accounts whose comparison says something, stores first.
pub(super) fn pairs(room: &Room) -> Answer<Vec<ReportPair>> {
    Ok(pairs_of(&room.policy()?))
}

fn pairs_of(policy: &Policy) -> Vec<ReportPair> {
    let mut peers: Vec<&Peer> = policy.peers.values().collect();
    peers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let playing = |role: Role| peers.iter().copied().filter(move |peer| peer.roles.contains(&role));
    let mut found: Vec<(&Peer, &Peer)> = Vec::new();
    for store in playing(Role::Channel) {
        // Where its own sales come from, an account keeps no second record of them.
        let keepers =
            playing(Role::Records).filter(|peer| peer.performs.contains(&IntentKind::PutRecord) && peer.id != store.id);
        found.extend(playing(Role::Hub).chain(keepers).map(|other| (store, other)));
    }
    for (at, store) in playing(Role::Channel).enumerate() {
        found.extend(playing(Role::Channel).skip(at + 1).map(|other| (store, other)));
    }
    // An account that sells and keeps records is found beside a store in both parts.
    let mut seen = BTreeSet::new();
    found.retain(|(one, other)| {
        seen.insert((one.id.clone().min(other.id.clone()), one.id.clone().max(other.id.clone())))
    });
    let pair = |(store, other): (&Peer, &Peer)| ReportPair {
        here: store.id.clone(),
        here_name: store.name.clone(),
        there: other.id.clone(),
        there_name: other.name.clone(),
    };
    found.into_iter().map(pair).collect()
}

/// The pairs that are asked for, in either order, by id or by name; all of them if none is named.
fn chosen(ground: &Ground, pairs: &[ReportPair]) -> Answer<Vec<ReportPair>> {
    let is = |asked: &str, id: &ConnectionId, name: &str| {
        asked.is_empty() || asked == id.as_str() || asked.to_lowercase() == name.to_lowercase()
    };
    let (one, other) = (ground.here.trim(), ground.there.trim());
    let fits = |pair: &&ReportPair| {
        is(one, &pair.here, &pair.here_name) && is(other, &pair.there, &pair.there_name)
            || is(other, &pair.here, &pair.here_name) && is(one, &pair.there, &pair.there_name)
    };
    let found: Vec<ReportPair> = pairs.iter().filter(fits).cloned().collect();
    if found.is_empty() && !(one.is_empty() && other.is_empty()) {
        let known = |asked: &str| {
            pairs.iter().any(|pair| is(asked, &pair.here, &pair.here_name) || is(asked, &pair.there, &pair.there_name))
        };
        for (field, asked) in [("here", one), ("there", other)] {
            if !known(asked) {
                return Err(Trouble::field(
                    field,
                    format!("There is no account \"{asked}\" that could be compared. Choose one that is connected."),
                ));
            }
        }
        return Err(Trouble::field(
            "there",
            "These two cannot be compared. A store can be: with a shipping account, with the account that keeps records, or with another store.",
        ));
    }
    Ok(found)
}

/// How many of one pair.
#[derive(Default)]
struct Counts {
    agree: usize,
    differ: usize,
    apart: BTreeMap<String, usize>,
}

/// A difference, with whom it is between.
struct Listed {
    here: String,
    there: String,
    order: Option<OrderId>,
    number: String,
    placed_at_ms: i64,
    row: Row,
}

/// When an account was last read to the end, by what is read of it.
struct ReadAt(BTreeMap<(ConnectionId, RecordKind), Option<i64>>);

impl ReadAt {
    fn of(r: &Reader<'_>, configs: &[ConnectionConfig]) -> Result<Self, StoreError> {
        let mut found = BTreeMap::new();
        for config in configs {
            let Some(platform) = quayside_connectors::platform(&config.platform) else { continue };
            let states = r.streams(&config.id)?;
            let streams = platform.declaration.streams.iter().filter(|one| !one.backfill && config.reads(one.name));
            for declared in streams {
                let at_ms =
                    states.iter().find(|state| state.name == declared.name).and_then(|state| state.last_ok_at_ms);
                // The list that is furthest behind; one that was never read to the end is behind all of them.
                found
                    .entry((config.id.clone(), declared.record))
                    .and_modify(|oldest: &mut Option<i64>| *oldest = (*oldest).min(at_ms))
                    .or_insert(at_ms);
            }
        }
        Ok(Self(found))
    }
    fn at(&self, id: &ConnectionId, kind: RecordKind) -> Option<i64> {
        self.0.get(&(id.clone(), kind)).copied().flatten()
    }
    /// Of an account in the part it plays.
    fn of_peer(&self, peer: &Peer) -> Option<i64> {
        if peer.roles.contains(&Role::Channel) {
            return self.at(&peer.id, RecordKind::Order);
        }
        peer.roles.contains(&Role::Hub).then(|| self.at(&peer.id, RecordKind::HubOrder)).flatten()
    }
}

/// Everything that is found while walking.
struct Walk<'a> {
    policy: &'a Policy,
    read_at: &'a ReadAt,
    now_ms: i64,
    pairs: &'a [ReportPair],
    counts: Vec<Counts>,
    listed: Vec<Listed>,
    /// Orders, each counted once, whatever it was compared with.
    orders: Orders,
    /// Copies at hubs that were told of with their sale.
    told: BTreeSet<(ConnectionId, String)>,
    /// Sales of two stores that were looked at from the other side.
    twins: BTreeSet<(OrderId, OrderId)>,
    rows: usize,
    by_kind: BTreeMap<Differs, usize>,
}

/// Orders by what became of them.
#[derive(Default)]
struct Orders {
    agree: usize,
    differ: usize,
    apart: usize,
}

impl<'a> Walk<'a> {
    fn new(policy: &'a Policy, read_at: &'a ReadAt, pairs: &'a [ReportPair], now_ms: i64) -> Self {
        Self {
            policy,
            read_at,
            now_ms,
            pairs,
            counts: pairs.iter().map(|_| Counts::default()).collect(),
            listed: Vec::new(),
            orders: Orders::default(),
            told: BTreeSet::new(),
            twins: BTreeSet::new(),
            rows: 0,
            by_kind: BTreeMap::new(),
        }
    }

    /// The pair of a store and another account, in either order.
    fn pair(&self, one: &ConnectionId, other: &ConnectionId) -> Option<usize> {
        let is =
            |pair: &ReportPair| pair.here == *one && pair.there == *other || pair.here == *other && pair.there == *one;
        self.pairs.iter().position(is)
    }

    fn peers_beside(&self, store: &ConnectionId, role: Role) -> Vec<&'a Peer> {
        let beside = self.pairs.iter().filter(|pair| pair.here == *store).map(|pair| &pair.there);
        beside.filter_map(|id| self.policy.peers.get(id)).filter(|peer| peer.roles.contains(&role)).collect()
    }

    /// Compares one order with every account it is to be compared with.
    fn order(&mut self, store: &Peer, mark: &Marked, story: &Story) {
        let sale = facts::sale(story, self.policy, mark);
        let mut verdicts = Vec::new();
        self.with_hubs(store, story, &sale, &mut verdicts);
        self.with_keepers(store, story, &sale, &mut verdicts);
        self.with_stores(store, story, &sale, &mut verdicts);
        let any = |is: fn(&Verdict) -> bool| verdicts.iter().any(|(_, verdict)| is(verdict));
        if any(|verdict| matches!(verdict, Verdict::Differ(_))) {
            self.orders.differ += 1;
        } else if any(|verdict| *verdict == Verdict::Agree) {
            self.orders.agree += 1;
        } else if !verdicts.is_empty() {
            self.orders.apart += 1;
        }
        for (there, verdict) in verdicts {
            let Some(at) = self.pair(&store.id, &there) else { continue };
            self.count(at, store, &there, &sale, verdict);
        }
    }

    fn count(&mut self, at: usize, store: &Peer, there: &ConnectionId, sale: &Sale, verdict: Verdict) {
        let counts = &mut self.counts[at];
        match verdict {
            Verdict::Agree => counts.agree += 1,
            Verdict::Apart(reason) => *counts.apart.entry(reason).or_default() += 1,
            Verdict::Differ(rows) => {
                counts.differ += 1;
                for row in rows {
                    let listed = Listed {
                        here: store.name.clone(),
                        there: self.name(there),
                        order: Some(sale.id),
                        number: sale.number.clone(),
                        placed_at_ms: sale.placed_at_ms,
                        row,
                    };
                    self.list(listed);
                }
            }
        }
    }

    fn list(&mut self, listed: Listed) {
        self.rows += 1;
        *self.by_kind.entry(listed.row.differs).or_default() += 1;
        if self.listed.len() < ROWS_MAX {
            self.listed.push(listed);
        }
    }

    fn name(&self, id: &ConnectionId) -> String {
        self.policy.peers.get(id).map_or_else(|| id.to_string(), |peer| peer.name.clone())
    }

    fn with_hubs(&mut self, store: &Peer, story: &Story, sale: &Sale, verdicts: &mut Vec<(ConnectionId, Verdict)>) {
        let hubs = self.peers_beside(&store.id, Role::Hub);
        let goes_to = self.policy.hub_of(story).map(|hub| &hub.id);
        for hub in &hubs {
            let is_there = story.hub_orders.iter().any(|seen| seen.connection == hub.id);
            // Among several hubs an order is compared with the one it goes to.
            if hubs.len() > 1 && goes_to != Some(&hub.id) && !is_there {
                continue;
            }
            let there = facts::at_hub(story, self.policy, hub, self.read_at.at(&hub.id, RecordKind::HubOrder));
            for copy in facts::copies_at(story, &hub.id) {
                self.told.insert((hub.id.clone(), copy));
            }
            verdicts.push((hub.id.clone(), compare::at_hub(sale, &there, &hub.title, self.now_ms)));
        }
    }

    fn with_keepers(&mut self, store: &Peer, story: &Story, sale: &Sale, verdicts: &mut Vec<(ConnectionId, Verdict)>) {
        let mut keepers = self.peers_beside(&store.id, Role::Records);
        // A second store that happens to keep records is compared as a store.
        keepers.retain(|peer| {
            !peer.roles.contains(&Role::Channel)
                || self.policy.records_of(story).is_some_and(|keeper| keeper.id == peer.id)
        });
        for keeper in &keepers {
            let there = facts::in_records(story, self.policy, keeper);
            if keepers.len() > 1 && there.other.is_some() {
                continue;
            }
            verdicts.push((keeper.id.clone(), compare::in_records(sale, &there, &keeper.name, self.now_ms)));
        }
    }

    fn with_stores(&mut self, store: &Peer, story: &Story, sale: &Sale, verdicts: &mut Vec<(ConnectionId, Verdict)>) {
        let sent = is_sent(story);
        let stands = standing(story, self.policy, sent, self.now_ms);
        for twin in &story.twins {
            let Some(other) = self.policy.peers.get(&twin.connection) else { continue };
            if self.pair(&store.id, &other.id).is_none() {
                continue;
            }
            let doubtful = matches!(stands, quayside_flows::Standing::Doubtful(it) if it.order_id == twin.order_id);
            let Some(copy) = facts::copy(story, self.policy, twin, doubtful) else { continue };
            let ids = (story.order_id.min(twin.order_id), story.order_id.max(twin.order_id));
            if self.twins.insert(ids) {
                verdicts.push((other.id.clone(), compare::in_two_stores(sale, sent, &copy, &other.name)));
            }
        }
        match stands {
            quayside_flows::Standing::Awaited(seller, _) if self.pair(&store.id, &seller.id).is_some() => {
                verdicts.push((seller.id.clone(), Verdict::Apart("wait for the account that sold them".to_owned())));
            }
            quayside_flows::Standing::NeverCame(seller) if self.pair(&store.id, &seller.id).is_some() => {
                let row = Row {
                    differs: Differs::MissingThere,
                    here: "carries a copy of it".to_owned(),
                    there: "does not show it".to_owned(),
                    since_ms: Some(story.received_at_ms),
                    sentence: format!(
                        "{} was sold on {}, and {} has not shown it so far: it is not paid there yet, belongs to another account, or was cancelled before it was seen.",
                        sale.number, seller.title, seller.name
                    ),
                    step: sale.sync.then(|| (crate::view::Verb::Sync, "Look again".to_owned())),
                };
                verdicts.push((seller.id.clone(), Verdict::Differ(vec![row])));
            }
            _ => {}
        }
    }

    /// An order of a hub that no order here has. `known`: an order here is called the same.
    fn loose(&mut self, hub: &Peer, loose: &Loose, known: bool) {
        if matches!(loose.status, HubStatus::Cancelled | HubStatus::Gone)
            || self.told.contains(&(hub.id.clone(), loose.remote_id.clone()))
        {
            return;
        }
        let policy = self.policy;
        let stores = || policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
        let of_ours =
            stores().find(|store| loose.key.strip_prefix(&store.code).is_some_and(|rest| rest.starts_with('-')));
        let by_link = || {
            let id = loose.store_id.as_ref()?;
            let mut fits = stores().filter(|store| links_to(policy, store, hub).iter().any(|link| link.id == *id));
            // A link that may lead to two of them says of neither that it is that one's.
            fits.next().filter(|_| fits.next().is_none())
        };
        let store = of_ours.or_else(by_link);
        let asked = store.and_then(|store| self.pair(&store.id, &hub.id));
        if let (Some(store), Some(at)) = (store, asked)
            && !known
        {
            let sentence = if of_ours.is_some() {
                format!(
                    "{} has {} under a key of {}, and this desk has no such order: it was sent from another computer, or the store's list has not shown it. Read the store again before it is packed.",
                    hub.title, loose.number, store.name
                )
            } else {
                format!(
                    "{} imported {} from {} by itself, and the store's list has not shown it: it is older than what is read, or was deleted in the store. Read the store again.",
                    hub.title, loose.number, store.name
                )
            };
            self.orders.differ += 1;
            self.counts[at].differ += 1;
            self.list(Listed {
                here: store.name.clone(),
                there: hub.name.clone(),
                order: None,
                number: loose.number.clone(),
                placed_at_ms: loose.changed_at_ms,
                row: Row {
                    differs: Differs::MissingHere,
                    here: "not there".to_owned(),
                    there: words::hub_status(&loose.status),
                    since_ms: Some(loose.changed_at_ms),
                    sentence,
                    step: None,
                },
            });
            return;
        }
        // Once per hub, beside its first store.
        let first = self.pairs.iter().position(|pair| pair.there == hub.id);
        let Some(at) = asked.or(first) else { return };
        let reason = match store {
            Some(_) if known => {
                "at the hub have the number of an order here, and are another sale as far as anybody can tell"
                    .to_owned()
            }
            Some(store) => format!("at the hub belong to {}", store.name),
            None => "at the hub belong to no store that is connected".to_owned(),
        };
        *self.counts[at].apart.entry(reason).or_default() += 1;
        self.orders.apart += 1;
    }
}

fn make(room: &Room, ground: &Ground) -> Answer<Made> {
    let policy = room.policy()?;
    let pairs = chosen(ground, &pairs_of(&policy))?;
    let read_at = room.store.read(|r| ReadAt::of(r, &r.connections()?))?;
    let mut walk = Walk::new(&policy, &read_at, &pairs, ground.now_ms);
    let mut cut = false;
    // Both stores of a pair: a copy shows in its own what never came in the other.
    let sells = |id: &ConnectionId| policy.peers.get(id).filter(|peer| peer.roles.contains(&Role::Channel));
    let stores: BTreeMap<&ConnectionId, &Peer> =
        pairs.iter().flat_map(|pair| [&pair.here, &pair.there]).filter_map(|id| Some((id, sells(id)?))).collect();
    let mut read = 0;
    for store in stores.into_values() {
        let mut after = None;
        loop {
            let marks = room.store.read(|r| {
                let marks = r.marked_between(&store.id, ground.from_ms, ground.to_ms, after, PIECE)?;
                for mark in &marks {
                    if let Some(story) = r.story(mark.id)? {
                        walk.order(store, mark, &story);
                    }
                }
                Ok(marks)
            })?;
            read += marks.len();
            let Some(last) = marks.last().filter(|_| marks.len() == PIECE) else { break };
            after = Some((last.placed_at_ms, last.id));
            if read >= READ_MAX {
                cut = true;
                break;
            }
        }
    }
    let hubs: BTreeSet<&ConnectionId> = pairs.iter().map(|pair| &pair.there).collect();
    for hub in hubs.into_iter().filter_map(|id| policy.peers.get(id)).filter(|peer| peer.roles.contains(&Role::Hub)) {
        let mut after = String::new();
        loop {
            let found = room.store.read(|r| {
                let found = r.loose_between(&hub.id, ground.from_ms, ground.to_ms, &after, PIECE)?;
                for loose in &found {
                    walk.loose(hub, loose, !r.orders_of_number(&loose.number)?.is_empty());
                }
                Ok(found)
            })?;
            read += found.len();
            let Some(last) = found.last().filter(|_| found.len() == PIECE) else { break };
            after.clone_from(&last.remote_id);
            if read >= READ_MAX {
                cut = true;
                break;
            }
        }
    }
    cut |= walk.rows > walk.listed.len();
    Ok(told(walk, ground, cut))
}

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
        out.push_str(&format!(
            " Records in {names} are not read back: compared is what was answered when they were written."
        ));
    }
    if walk
        .pairs
        .iter()
        .any(|pair| walk.policy.peers.get(&pair.there).is_some_and(|peer| peer.roles.contains(&Role::Channel)))
    {
        out.push_str(" Two stores are compared where both show one sale.");
    }
    out
}

fn told(mut walk: Walk<'_>, ground: &Ground, cut: bool) -> Made {
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
        figures: vec![agree, differ, figure("Counted apart", Cell::count(apart), "not compared, with the reason")],
        tables: vec![differences(&walk.listed, &said), apart_table(&walk), accounts(&walk)],
    }
}

fn differences(listed: &[Listed], said: &str) -> Table {
    let mut rows: Vec<Vec<Cell>> = listed
        .iter()
        .map(|one| {
            let row = &one.row;
            vec![
                one.order.map_or_else(|| Cell::text(&one.number), |id| Cell::order(id, &one.number)),
                Cell::text(row.differs.title()),
                Cell::text(&one.here),
                Cell::text(&row.here),
                Cell::text(&one.there),
                Cell::text(&row.there),
                Cell::moment(row.since_ms),
                Cell::text(&row.sentence),
                match (&row.step, one.order) {
                    (Some((verb, label)), Some(id)) => {
                        Cell::Act { id, number: one.number.clone(), verb: *verb, label: label.clone() }
                    }
                    (None, Some(_)) => Cell::text("Open the order"),
                    (_, None) => Cell::text(format!("Read {} again", one.here)),
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
            ("Store", Holds::Text),
            ("Store has", Holds::Text),
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
