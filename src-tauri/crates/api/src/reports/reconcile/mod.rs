//! Reconciliation: the same sales as two accounts show them, and where they differ.
//!
//! A store against the shipping account its orders go to, against the account that keeps records, and against another
//! store as far as both show one sale; a shipping account against another one, which is not to have the same sale, and
//! its parcels against the account that keeps records. Orders are walked in pieces and their stories read one at a time; what is kept of
//! each is its verdict ([`compare`]). Left out on purpose: asking the platforms. It compares what was last read, and
//! says of when that is.

mod compare;
mod facts;
mod pairs;
mod told;

pub(super) use pairs::pairs;

use super::{Ground, Kind, Made, READ_MAX, ReportPair};
use crate::desk::Room;
use crate::trouble::Answer;
use crate::tying::is_sent;
use crate::words;
use compare::{Differs, Row, Sale, Verdict};
use quayside_flows::who_writes::links_to;
use quayside_flows::{Peer, Policy, standing};
use quayside_model::fold_number;
use quayside_model::{ConnectionConfig, ConnectionId, HubStatus, OrderId, RecordKind, Role, Story};
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
    /// Pairs of two hubs, by their place.
    two_hubs: Vec<(usize, &'a Peer, &'a Peer)>,
    /// A hub and who keeps records, where both are asked for.
    kept: Vec<(usize, &'a Peer, &'a Peer)>,
    /// Orders of hubs that are nobody's, by their number: what two of them call the same may be one sale.
    nobodys: BTreeMap<(ConnectionId, String), Loose>,
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
    fn new(policy: &'a Policy, read_at: &'a ReadAt, pairs: &'a [ReportPair], named: bool, now_ms: i64) -> Self {
        let hubs =
            |(at, pair): (usize, &ReportPair)| pairs::two_hubs(policy, pair).map(|(one, other)| (at, one, other));
        let keeps = |(at, pair): (usize, &ReportPair)| {
            pairs::hub_and_keeper(policy, pair).map(|(hub, keeper)| (at, hub, keeper))
        };
        Self {
            two_hubs: pairs.iter().enumerate().filter_map(hubs).collect(),
            kept: pairs.iter().enumerate().filter(|_| named).filter_map(keeps).collect(),
            nobodys: BTreeMap::new(),
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
        for hub in self.two_hubs.iter().flat_map(|(_, one, other)| [*one, *other]) {
            self.told.extend(facts::copies_at(story, &hub.id).into_iter().map(|copy| (hub.id.clone(), copy)));
        }
        let beside = self.without_store(store, story, &sale);
        let all = || verdicts.iter().map(|(_, verdict)| verdict).chain(beside.iter().map(|(_, verdict)| verdict));
        let any = |is: fn(&Verdict) -> bool| all().any(is);
        if any(|verdict| matches!(verdict, Verdict::Differ(_))) {
            self.orders.differ += 1;
        } else if any(|verdict| *verdict == Verdict::Agree) {
            self.orders.agree += 1;
        } else if all().next().is_some() {
            self.orders.apart += 1;
        }
        for (there, verdict) in verdicts {
            let Some(at) = self.pair(&store.id, &there) else { continue };
            self.count(at, &store.name, &self.name(&there), &sale, verdict);
        }
        let pairs = self.pairs;
        for (at, verdict) in beside {
            self.count(at, &pairs[at].here_name, &pairs[at].there_name, &sale, verdict);
        }
    }

    /// What two accounts come to of which none is the store.
    fn without_store(&self, store: &Peer, story: &Story, sale: &Sale) -> Vec<(usize, Verdict)> {
        let two = self.two_hubs.iter().map(|(at, one, other)| {
            let both = facts::at_two_hubs(story, &one.id, &other.id);
            (*at, compare::in_two_hubs(sale, &both, &one.name, &other.name))
        });
        // Where its own sales come from, an account keeps no second record of them.
        let kept = self.kept.iter().filter(|(_, _, keeper)| keeper.id != store.id).map(|(at, hub, keeper)| {
            let there = facts::parcels_in_records(story, self.policy, keeper, hub);
            (*at, compare::parcels_in_records(sale, &there, &hub.name, &keeper.name, self.now_ms))
        });
        two.chain(kept).collect()
    }

    fn count(&mut self, at: usize, here: &str, there: &str, sale: &Sale, verdict: Verdict) {
        let counts = &mut self.counts[at];
        match verdict {
            Verdict::Agree => counts.agree += 1,
            Verdict::Apart(reason) => *counts.apart.entry(reason).or_default() += 1,
            Verdict::Differ(rows) => {
                counts.differ += 1;
                for row in rows {
                    let listed = Listed {
                        here: here.to_owned(),
                        there: there.to_owned(),
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

    /// Orders that two hubs call the same, and no store that is connected knows. Nothing but a number says that they are one
    /// sale, so that is what the row says.
    fn nobodys_at_two_hubs(&mut self) {
        let mut found = Vec::new();
        for (at, one, other) in &self.two_hubs {
            for ((_, number), here) in self.nobodys.iter().filter(|((hub, _), _)| *hub == one.id) {
                let Some(there) = self.nobodys.get(&(other.id.clone(), number.clone())) else { continue };
                if !here.status.is_open() && !there.status.is_open() {
                    continue;
                }
                let told =
                    |loose: &Loose| format!("{}, {}, total not known", loose.number, words::hub_status(&loose.status));
                let row = Row {
                    differs: Differs::Untied,
                    here: told(here),
                    there: told(there),
                    since_ms: Some(here.changed_at_ms.max(there.changed_at_ms)),
                    sentence: format!(
                        "{} and {} both have {}, and no store that is connected shows it. They may be one sale, of which only the number says so: see whether they are before both are packed.",
                        one.name, other.name, here.number
                    ),
                    step: None,
                };
                let listed = Listed {
                    here: one.name.clone(),
                    there: other.name.clone(),
                    order: None,
                    number: here.number.clone(),
                    placed_at_ms: here.changed_at_ms,
                    row,
                };
                found.push((*at, listed));
            }
        }
        for (at, listed) in found {
            self.orders.differ += 1;
            self.counts[at].differ += 1;
            self.list(listed);
        }
    }

    /// An order of a hub that no order here has. `known`: an order here is called the same.
    fn loose(&mut self, hub: &Peer, loose: &Loose, known: bool) {
        if matches!(loose.status, HubStatus::Cancelled | HubStatus::Gone)
            || self.told.contains(&(hub.id.clone(), loose.remote_id.clone()))
        {
            return;
        }
        if !known && !self.two_hubs.is_empty() {
            self.nobodys.insert((hub.id.clone(), fold_number(&loose.number)), loose.clone());
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
    let pairs = pairs::chosen(ground, &policy)?;
    let named = !ground.here.trim().is_empty() && !ground.there.trim().is_empty();
    let read_at = room.store.read(|r| ReadAt::of(r, &r.connections()?))?;
    let mut walk = Walk::new(&policy, &read_at, &pairs, named, ground.now_ms);
    let mut cut = false;
    // Both stores of a pair: a copy shows in its own what never came in the other.
    let sells = |id: &ConnectionId| policy.peers.get(id).filter(|peer| peer.roles.contains(&Role::Channel));
    let mut stores: BTreeMap<&ConnectionId, &Peer> =
        pairs.iter().flat_map(|pair| [&pair.here, &pair.there]).filter_map(|id| Some((id, sells(id)?))).collect();
    if !walk.two_hubs.is_empty() || !walk.kept.is_empty() {
        // What two other accounts have is known by the sale, whichever store sold it.
        stores.extend(policy.peers.keys().filter_map(|id| Some((id, sells(id)?))));
    }
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
    let hubs: BTreeSet<&ConnectionId> = pairs.iter().flat_map(|pair| [&pair.here, &pair.there]).collect();
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
    walk.nobodys_at_two_hubs();
    cut |= walk.rows > walk.listed.len();
    Ok(told::told(walk, ground, cut))
}
