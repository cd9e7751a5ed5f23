//! One order as several hub orders: which units lie in which part, and how they move without ever being there twice.
//!
//! A rule splits an order when it is sent for the first time; from then on the parts stand as they were sent, and only a
//! person moves units between them. So neither an edited rule nor a count that changes takes goods out of a hub order that
//! somebody may be packing. What a label was bought for stays where it is.
//!
//! A rule may send parts to different accounts. A part stays at the account it was sent to, whatever becomes of the rule:
//! what was planned and never left may still go elsewhere, what may have left goes nowhere else.
//!
//! Units move by shrinking first: a part is never sent more of a line than the order wants less what the hub may still
//! have in the other parts. Where one part gives and takes at once, it is sent twice.

use crate::draft::{COPIES_MAX, draft_of_part, own_part, part_key, part_of, units_for_hub};
use crate::look::Look;
use crate::orders_to_hub::{ID, draft_of};
use crate::policy::{Peer, Policy};
use crate::replacement::without;
use crate::sku_aliases::{PartOf, line_of};
use quayside_model::{
    Cause, ConnectionId, EffectState, HubOrder, HubOrderDraft, HubStatus, Intent, IntentKind, Mode, PastEffect, Role,
    Seen, ShipChoice, Story,
};
use std::collections::{BTreeMap, BTreeSet};

/// Units by the channel's line.
pub type Units = BTreeMap<String, i64>;

/// One part of an order, as it should be at the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its place, from 0.
    pub n: usize,
    /// What lies in it; `None`: all of the order, which is not split.
    pub units: Option<Units>,
    /// Where it ships from, by the hub's id, if not where the whole order does.
    pub warehouse: String,
    /// The account it goes to, if not the one of the whole order.
    pub hub: Option<ConnectionId>,
    /// Its share of the amounts: goods of the parts before it, with its own, and of all, in minor units.
    share: [i64; 3],
}

impl Part {
    /// An order that is not split.
    pub fn whole() -> Self {
        Self { n: 0, units: None, warehouse: String::new(), hub: None, share: [0, 1, 1] }
    }

    /// Units of a line that lie in it, of those that are wanted in all.
    pub fn units_of(&self, line_id: &str, wanted: i64) -> i64 {
        self.units.as_ref().map_or(wanted, |units| units.get(line_id).copied().unwrap_or(0))
    }

    /// Nothing lies in it (any more).
    pub fn is_empty(&self) -> bool {
        self.units.as_ref().is_some_and(|units| units.values().all(|units| *units <= 0))
    }

    /// Its share of an amount of the whole order; the shares of all parts add up to it.
    pub(crate) fn share_of(&self, minor: i64) -> i64 {
        let [before, with, all] = self.share;
        let up_to = |goods: i64| {
            let share = i128::from(minor) * i128::from(goods) / i128::from(all.max(1));
            i64::try_from(share).unwrap_or(minor)
        };
        up_to(with) - up_to(before)
    }

    /// How it ships.
    pub(crate) fn ship(&self, whole: &ShipChoice) -> ShipChoice {
        // Codes of carriers, services and places are one account's own.
        if self.hub.is_some() {
            let (priority, warehouse) = (whole.priority, self.warehouse.clone());
            return ShipChoice { priority, warehouse, ..ShipChoice::default() };
        }
        let mut ship = whole.clone();
        if !self.warehouse.is_empty() {
            ship.warehouse.clone_from(&self.warehouse);
        }
        ship
    }
}

/// Where one part stands at the hub.
#[derive(Clone)]
pub(crate) struct Stand<'a> {
    /// Its key there.
    pub key: String,
    /// The account that has it, or may have it.
    pub home: Option<&'a ConnectionId>,
    /// As last read.
    pub existing: Option<&'a HubOrder>,
    /// The newest change of it that was not given up.
    pub last: Option<&'a PastEffect>,
    /// The hub order into which the warehouse put it and others.
    pub merged: Option<&'a Seen<HubOrder>>,
}

impl Stand<'_> {
    /// It is there, as far as anybody knows.
    pub fn at_hub(&self) -> bool {
        self.merged.is_some()
            || self.existing.is_some_and(|h| !is_over(&h.status))
            || (self.existing.is_none() && self.last.is_some_and(|e| e.state == EffectState::Done))
    }

    /// It was sent there, or may have been.
    pub fn was_sent(&self) -> bool {
        self.at_hub() || self.last.is_some_and(|e| e.first_sent_at_ms.is_some() && e.state != EffectState::Refused)
    }

    /// What this account says may be about it.
    fn is_home(&self, connection: &ConnectionId) -> bool {
        self.home.is_none_or(|home| home == connection)
    }

    /// The hub's id of it.
    pub fn hub_order_id(&self) -> Option<String> {
        let answered = || self.last.and_then(|e| e.receipt.as_ref()).and_then(|r| r.remote_id.clone());
        self.existing.map(|h| h.remote_id.clone()).or_else(answered)
    }
}

fn is_over(status: &HubStatus) -> bool {
    matches!(status, HubStatus::Cancelled | HubStatus::Gone)
}

/// It left, or may have left. What is planned may still go elsewhere.
fn may_have_left(effect: &PastEffect) -> bool {
    let begun = matches!(effect.state, EffectState::Running | EffectState::Unknown | EffectState::Done);
    effect.state != EffectState::Skipped && (begun || effect.first_sent_at_ms.is_some())
}

/// Any of it was sent, or is there: from then on no rule says where it goes.
pub(crate) fn is_placed(story: &Story) -> bool {
    let put = |e: &PastEffect| e.intent.kind() == IntentKind::PutHubOrder && may_have_left(e);
    !story.hub_orders.is_empty() || story.effects.iter().any(put)
}

/// The account of the first part: where the order was sent, else where a rule wants it, else that of its store.
pub(crate) fn first_hub<'a>(story: &Story, policy: &'a Policy, split: Option<&Split>) -> Option<&'a Peer> {
    // What a person put into parts before it was sent has no rule's accounts.
    let by_rule = split.filter(|split| story.choices.split.is_none() || split.further.is_empty());
    match by_rule.and_then(|split| split.hub.as_ref()).filter(|_| !is_placed(story)) {
        Some(id) => hub_peer(policy, id),
        None if is_placed(story) => policy.hub_of(story),
        // What was only planned goes where it is to go now.
        None => policy.peers.get(&story.channel).map_or_else(|| policy.hub(), |store| policy.hub_of_store(store)),
    }
}

fn hub_peer<'a>(policy: &'a Policy, id: &ConnectionId) -> Option<&'a Peer> {
    policy.peers.get(id).filter(|peer| peer.roles.contains(&Role::Hub))
}

/// The account a part goes to; `None`: there is none, or it was removed.
pub(crate) fn hub_of<'a>(look: &Look<'a>, part: &Part) -> Option<&'a Peer> {
    match &part.hub {
        None => look.hub,
        Some(id) => hub_peer(look.policy, id),
    }
}

/// Every account that parts of the order go to, the first part's first.
pub(crate) fn accounts<'a>(look: &Look<'a>, parts: &[Part]) -> Vec<&'a Peer> {
    let mut all: Vec<&Peer> = look.hub.into_iter().collect();
    for hub in parts.iter().filter_map(|part| hub_of(look, part)) {
        if !all.iter().any(|known| known.id == hub.id) {
            all.push(hub);
        }
    }
    all
}

/// The account that has part `n`, or may have it: where it was sent, else where it was read. One that was removed and is
/// connected again is another account: what is read there has the word.
fn home<'a>(look: &Look<'a>, n: usize) -> Option<&'a ConnectionId> {
    let story = look.story;
    let sent =
        story.effects.iter().rev().find(|effect| {
            may_have_left(effect) && draft_of(&effect.intent).is_some_and(|draft| part_of(&draft.key) == n)
        });
    let channel = look.channel?;
    let is_there = |id: &ConnectionId| hub_peer(look.policy, id).is_some();
    let read = |there_only: bool| {
        let of_it = |h: &&Seen<HubOrder>| {
            own_part(channel, &story.order, &h.value.key) == Some(n) && (!there_only || is_there(&h.connection))
        };
        let mut all = story.hub_orders.iter().filter(of_it);
        let first = all.clone().next();
        all.find(|h| !is_over(&h.value.status)).or(first).map(|seen| &seen.connection)
    };
    let sent = sent.map(|effect| &effect.connection);
    sent.filter(|id| is_there(id)).or_else(|| read(true)).or(sent).or_else(|| read(false))
}

/// One of its parts stands at two accounts at once: sent from two computers, or tied by hand. `true`: nothing more is sent
/// before a person has seen to it.
pub(crate) fn told_twice(look: &mut Look<'_>) -> bool {
    let (story, policy) = (look.story, look.policy);
    let Some(channel) = look.channel.filter(|_| story.hub_orders.len() > 1 && !look.is_over()) else { return false };
    let mut open = BTreeSet::new();
    let mut places: BTreeMap<usize, Vec<&Peer>> = BTreeMap::new();
    for seen in story.hub_orders.iter().filter(|h| !is_over(&h.value.status) && !h.value.external) {
        let part = own_part(channel, &story.order, &seen.value.key);
        if let (Some(n), Some(peer)) = (part, policy.peers.get(&seen.connection)) {
            if seen.value.status.is_open() {
                open.insert(n);
            }
            let places = places.entry(n).or_default();
            // An account that is connected twice is one account.
            if !places.iter().any(|known| known.code == peer.code) {
                places.push(peer);
            }
        }
    }
    let mut twice = false;
    for (n, places) in places.into_iter().filter(|(n, places)| places.len() > 1 && open.contains(n)) {
        let names: Vec<&str> = places.iter().map(|peer| peer.name.as_str()).collect();
        let what =
            if n == 0 { story.order.number.clone() } else { format!("Part {} of {}", n + 1, story.order.number) };
        let sentence = format!(
            "{what} stands at {} at once, and each would pack it. Cancel all but one of them there. Nothing more of the order is sent before that.",
            names.join(" and ")
        );
        look.find(Cause::SeenTwice, format!("accounts/{}", n + 1), sentence);
        twice = true;
    }
    twice
}

/// Where part `n` stands; `alone`: the order is not split.
pub(crate) fn stand<'a>(look: &Look<'a>, n: usize, alone: bool) -> Stand<'a> {
    let key = look
        .channel
        .map_or_else(String::new, |channel| part_key(channel, &look.story.order, n, copy_of(look, channel, n)));
    let home = home(look, n);
    let mut of_key = look.story.hub_orders.iter().filter(|h| h.value.key == key);
    let first = of_key.clone().next();
    let existing = of_key.find(|h| Some(&h.connection) == home).or(first).map(|h| &h.value);
    let last = look.last(IntentKind::PutHubOrder, &key);
    let stand = Stand { merged: None, key, home, existing, last };
    let id = stand.hub_order_id();
    // Of several parts each may have gone into another, and one of them may be the one that took the others in.
    let took_it = |h: &HubOrder| id.as_ref().is_some_and(|id| h.remote_id == *id || h.merged_ids.contains(id));
    let merged = look.merged_hub_orders().find(|seen| alone || took_it(&seen.value));
    Stand { merged, ..stand }
}

/// How many of our hub orders for this part were cancelled or vanished and are to be made anew on purpose.
fn copy_of(look: &Look<'_>, channel: &Peer, n: usize) -> usize {
    let story = look.story;
    let key = |copy: usize| part_key(channel, &story.order, n, copy);
    let newest = if story.choices.push_anyway {
        // One that was cancelled after that click was cancelled knowingly: it is not made anew by itself.
        let known = |id: &str| story.choices.over.as_ref().is_none_or(|over| over.knew(id));
        let is_dead = |key: &str| {
            let dead = |h: &HubOrder| h.key == *key && is_over(&h.status) && known(&h.remote_id);
            look.hub_orders().any(|h| dead(&h.value))
        };
        (0..COPIES_MAX).find(|copy| !is_dead(&key(*copy))).unwrap_or(0)
    } else {
        // Stay with the newest copy that was ever made.
        (1..COPIES_MAX).take_while(|copy| look.past(IntentKind::PutHubOrder, &key(*copy)).next().is_some()).count()
    };
    // Taken off by ourselves when its goods went with another part: wanted again, it is a new one.
    (newest..COPIES_MAX).find(|copy| !was_taken_off(story, &key(*copy))).unwrap_or(newest)
}

/// We cancelled it there because its goods went with another part.
fn was_taken_off(story: &Story, key: &str) -> bool {
    story.effects.iter().any(|e| {
        let of_it = matches!(&e.intent, Intent::CancelHubOrder { hub_order_key, .. } if hub_order_key == key);
        of_it && e.automation == ID && e.state == EffectState::Done
    })
}

/// The highest part anybody knows of.
fn highest(look: &Look<'_>) -> usize {
    let story = look.story;
    let sent = story.effects.iter().filter_map(|e| draft_of(&e.intent)).map(|draft| part_of(&draft.key));
    let own = |key: &str| look.channel.and_then(|channel| own_part(channel, &story.order, key));
    let read = story.hub_orders.iter().filter_map(|h| own(&h.value.key));
    sent.chain(read).max().unwrap_or(0)
}

/// The parts of an order, the first one first; one without limits where it is not split. A part that lost its goods to
/// others is among them, empty.
pub(crate) fn parts(look: &Look<'_>) -> Vec<Part> {
    let story = look.story;
    let known = highest(look);
    if known == 0 && story.choices.split.is_none() && look.shape.split.is_none() {
        return vec![Part::whole()];
    }
    // An account that takes no orders from outside is filled by a person, who can split them there.
    let takes = look.hub.is_some_and(|hub| hub.performs.contains(&IntentKind::PutHubOrder));
    let homes: BTreeSet<&ConnectionId> = (0..=known).filter_map(|n| home(look, n)).collect();
    // Once its parts are at several accounts, it stays in parts: all of it at one of them would be too much.
    if !takes && homes.len() < 2 || look.channel.is_none() {
        return vec![Part::whole()];
    }
    let wish = wish(look, known);
    if known == 0 && wish.iter().all(|part| part.units.is_empty()) {
        return vec![Part::whole()];
    }
    let stands: Vec<Stand<'_>> = (0..=known.max(wish.len())).map(|n| stand(look, n, false)).collect();
    let packed: Vec<Option<Units>> =
        stands.iter().map(|stand| is_packed(look, stand).then(|| content(look, stand))).collect();
    let firsts = remembered(look, 0).map(|first| first.units).unwrap_or_default();
    let mut units: Vec<Units> = vec![Units::new(); stands.len()];
    for (line, ours) in story.order.lines_ours() {
        let id = &line.remote_id;
        let mut left = units_for_hub(story, id, ours);
        let mut give = |n: usize, most: i64| {
            let given = most.min(left).max(0);
            if given > 0 {
                *units[n].entry(id.clone()).or_default() += given;
            }
            left -= given;
        };
        // What is packed is packed.
        for (n, packed) in packed.iter().enumerate() {
            give(n, packed.as_ref().and_then(|units| units.get(id)).copied().unwrap_or(0));
        }
        for (n, part) in wish.iter().enumerate().filter(|(n, _)| packed[n + 1].is_none()) {
            give(n + 1, part.units.get(id).copied().unwrap_or(0));
        }
        // More of what another account has goes there; else the first part has the rest; where it left already, the first
        // that did not.
        let theirs = (1..=wish.len()).find(|n| {
            let part = &wish[n - 1];
            let abroad = part.hub.as_ref().is_some_and(|hub| look.hub.is_none_or(|own| own.id != *hub));
            abroad && packed[*n].is_none() && part.units.contains_key(id) && !firsts.contains_key(id)
        });
        let theirs = theirs.filter(|_| story.choices.split.is_none());
        let first = || (0..stands.len()).find(|n| packed[*n].is_none() && (*n == 0 || is_used(&wish, &stands, *n)));
        let rest = theirs.or_else(first);
        give(rest.unwrap_or(0), i64::MAX);
    }
    let goods = |units: &Units| -> i64 {
        let price =
            |id: &String| story.order.lines.iter().find(|l| l.remote_id == *id).map_or(0, |l| l.unit_price_minor);
        units.iter().map(|(id, n)| price(id) * n).sum()
    };
    let all: i64 = units.iter().map(goods).sum();
    let mut before = 0;
    let mut parts = Vec::with_capacity(units.len());
    for (n, units) in units.into_iter().enumerate() {
        let with = before + goods(&units);
        // Goods that cost nothing: the first part bears all there is.
        let share = if all > 0 { [before, with, all] } else { [i64::from(n > 0), 1, 1] };
        let warehouse = match n.checked_sub(1) {
            None => first_warehouse(look, known),
            Some(further) => wish.get(further).map(|part| part.warehouse.clone()),
        };
        let wished = || n.checked_sub(1).and_then(|further| wish.get(further)?.hub.clone());
        let hub = home(look, n).cloned().or_else(wished);
        let hub = hub.filter(|id| n > 0 && look.hub.is_none_or(|own| own.id != *id));
        parts.push(Part { n, units: Some(units), warehouse: warehouse.unwrap_or_default(), hub, share });
        before = with;
    }
    parts
}

/// Something lies in this further part, or is to.
fn is_used(wish: &[Wanted], stands: &[Stand<'_>], n: usize) -> bool {
    stands[n].at_hub() || wish.get(n.wrapping_sub(1)).is_some_and(|part| !part.units.is_empty())
}

/// Anything of it was sent: from then on the parts stand.
fn is_begun(look: &Look<'_>) -> bool {
    let at_hub = |h: &Seen<HubOrder>| !is_over(&h.value.status) && look.is_our_key(&h.value.key);
    look.was_sent() || look.story.hub_orders.iter().any(at_hub)
}

/// Where the first part ships from, if a rule split the order by warehouse.
fn first_warehouse(look: &Look<'_>, known: usize) -> Option<String> {
    if look.story.choices.split.is_some() && !keeps_places(look, known) {
        return None;
    }
    if is_begun(look) {
        return remembered(look, 0).map(|part| part.warehouse);
    }
    look.shape.split.as_ref().map(|split| split.warehouse.clone())
}

/// The parts were sent to ship from several places: there they stay, whoever moves units between them.
fn keeps_places(look: &Look<'_>, known: usize) -> bool {
    let places: BTreeSet<String> = (0..=known).filter_map(|n| remembered(look, n)).map(|part| part.warehouse).collect();
    is_begun(look) && places.len() > 1
}

/// What should lie in a further part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Units by the channel's line.
    pub units: Units,
    /// Where it ships from, by the hub's id; empty: where the whole order does.
    pub warehouse: String,
    /// The account it goes to, if not the one of the whole order.
    pub hub: Option<ConnectionId>,
}

/// How a rule splits an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// Where the first part ships from, by the hub's id; empty: where the whole order does.
    pub warehouse: String,
    /// The account the first part goes to, if not that of the store's orders.
    pub hub: Option<ConnectionId>,
    /// The further parts.
    pub further: Vec<Wanted>,
}

/// The further parts: as a person chose them, else as they were sent, else as a rule wants them.
fn wish(look: &Look<'_>, known: usize) -> Vec<Wanted> {
    let story = look.story;
    if let Some(chosen) = &story.choices.split {
        let keeps = keeps_places(look, known);
        let place = |n: usize| remembered(look, n).filter(|_| keeps).map(|part| part.warehouse).unwrap_or_default();
        // A part that was to go to another account goes there, whatever lies in it now.
        let hub = |n: usize| remembered(look, n).filter(|_| is_begun(look)).and_then(|part| part.hub);
        let wanted = |(n, units): (usize, &Units)| Wanted { units: units.clone(), warehouse: place(n), hub: hub(n) };
        return (1..).zip(chosen).map(wanted).collect();
    }
    if is_begun(look) {
        return (1..=known).map(|n| remembered(look, n).unwrap_or_default()).collect();
    }
    look.shape.split.as_ref().map(|split| split.further.clone()).unwrap_or_default()
}

/// What was last planned for a part, whatever became of the plan: by it a split stands. Else what the hub has.
fn remembered(look: &Look<'_>, n: usize) -> Option<Wanted> {
    let story = look.story;
    let drafts = story.effects.iter().rev().filter_map(|e| Some((draft_of(&e.intent)?, &e.connection)));
    let mut of_it = drafts.filter(|(draft, _)| part_of(&draft.key) == n);
    if let Some((draft, hub)) = of_it.find(|(draft, _)| !draft.lines.is_empty()) {
        let lines = draft.lines.iter().map(|line| (line.line_key.as_str(), line.quantity));
        // Its goods went with another part since.
        let units = if was_taken_off(story, &draft.key) { Units::new() } else { by_line(lines) };
        return Some(Wanted { units, warehouse: draft.ship.warehouse.clone(), hub: Some(hub.clone()) });
    }
    let channel = look.channel?;
    let of_it =
        |h: &&Seen<HubOrder>| !is_over(&h.value.status) && own_part(channel, &story.order, &h.value.key) == Some(n);
    let read = story.hub_orders.iter().find(of_it)?;
    Some(Wanted { units: at_hub_now(&read.value), warehouse: String::new(), hub: Some(read.connection.clone()) })
}

/// Units of the store's lines; of a bundle as many as its first part makes.
fn by_line<'a>(lines: impl Iterator<Item = (&'a str, i64)>) -> Units {
    let mut units = Units::new();
    let mut firsts: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for (key, quantity) in lines {
        match line_of(key) {
            (id, None) => *units.entry(id.to_owned()).or_default() += quantity,
            // A part may stand on two lines: its units count together.
            (id, Some(PartOf { n: 1, per_unit, .. })) => firsts.entry(id).or_insert((0, per_unit)).0 += quantity,
            (_, Some(_)) => {}
        }
    }
    for (id, (quantity, per_unit)) in firsts {
        *units.entry(id.to_owned()).or_default() += quantity / per_unit.max(1);
    }
    units
}

fn at_hub_now(hub_order: &HubOrder) -> Units {
    by_line(hub_order.lines.iter().filter_map(|line| Some((line.line_key.as_deref()?, line.quantity))))
}

/// The hub order of a part, and what the warehouse split off it.
fn family<'a>(look: &Look<'a>, stand: &Stand<'_>) -> Vec<&'a Seen<HubOrder>> {
    let id = stand.hub_order_id();
    let of_it = |h: &&'a Seen<HubOrder>| h.value.key == stand.key || id.is_some() && h.value.parent_id == id;
    look.story.hub_orders.iter().filter(|h| stand.is_home(&h.connection)).filter(of_it).collect()
}

/// A label was bought for it, or the hub does not let it be changed any more.
pub(crate) fn is_packed(look: &Look<'_>, stand: &Stand<'_>) -> bool {
    let family = family(look, stand);
    let closed = |h: &&Seen<HubOrder>| !h.value.status.is_open() && !is_over(&h.value.status);
    if family.iter().any(closed) {
        return true;
    }
    let id = stand.hub_order_id();
    let sent = stand.was_sent() || stand.existing.is_some();
    // One that is being bought: whether it is, is not known yet.
    let buys = |e: &PastEffect| {
        let waits = matches!(e.state, EffectState::Pending | EffectState::Running | EffectState::Unknown);
        let of_it = matches!(&e.intent, Intent::BuyLabel { label } if Some(&label.hub_order_id) == id.as_ref());
        waits && of_it && stand.is_home(&e.connection)
    };
    if look.story.effects.iter().any(buys) {
        return true;
    }
    let mut live = look.story.parcels.iter().filter(|seen| seen.value.is_live() && stand.is_home(&seen.connection));
    live.any(|seen| {
        match (&seen.value.hub_order_id, &seen.value.hub_order_key) {
            (Some(of), _) => id.as_ref() == Some(of) || family.iter().any(|h| h.value.remote_id == *of),
            (None, Some(of)) => *of == stand.key,
            // It is of this order, and of nothing more particular: better left alone than taken apart.
            (None, None) => sent,
        }
    })
}

/// What lies in a part that is packed.
fn content(look: &Look<'_>, stand: &Stand<'_>) -> Units {
    if let Some(draft) = crate::orders_to_hub::last_sent_draft(look, &stand.key) {
        return by_line(draft.lines.iter().map(|line| (line.line_key.as_str(), line.quantity)));
    }
    let mut units = Units::new();
    for seen in family(look, stand) {
        for (id, n) in at_hub_now(&seen.value) {
            *units.entry(id).or_default() += n;
        }
    }
    units
}

/// What the hub has of a part by our knowledge: the newest order that holds, line by line.
fn has(look: &Look<'_>, stand: &Stand<'_>) -> Units {
    if stand.merged.is_none() && stand.existing.is_some_and(|h| is_over(&h.status)) {
        return Units::new();
    }
    match look.past(IntentKind::PutHubOrder, &stand.key).filter(|e| e.state == EffectState::Done).last() {
        Some(effect) => of_draft(effect),
        None => stand.existing.map(at_hub_now).unwrap_or_default(),
    }
}

fn of_draft(effect: &PastEffect) -> Units {
    let lines = draft_of(&effect.intent).map(|draft| draft.lines.as_slice()).unwrap_or_default();
    by_line(lines.iter().map(|line| (line.line_key.as_str(), line.quantity)))
}

/// The most the hub may have of a part now, line by line.
fn may_have(look: &Look<'_>, stand: &Stand<'_>) -> Units {
    let under_way = look
        .past(IntentKind::PutHubOrder, &stand.key)
        .filter(|e| matches!(e.state, EffectState::Running | EffectState::Unknown))
        .map(of_draft);
    let mut most = has(look, stand);
    for (id, n) in under_way.flatten() {
        let known = most.entry(id).or_insert(0);
        *known = n.max(*known);
    }
    most
}

/// A part as it may be sent now: no more of a line than the other parts have let go of. What it has it keeps meanwhile:
/// where the store wants less, only the part that is to give shrinks.
pub(crate) fn with_room(look: &Look<'_>, parts: &[Part], stands: &[Stand<'_>], n: usize) -> Part {
    let part = parts[n].clone();
    let Some(wanted) = &part.units else { return part };
    let mut units = Units::new();
    let others: Vec<Units> =
        stands.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, stand)| may_have(look, stand)).collect();
    let own = has(look, &stands[n]);
    for (id, want) in wanted {
        let all: i64 = parts.iter().map(|part| part.units_of(id, 0)).sum();
        let elsewhere: i64 = others.iter().map(|units| units.get(id).copied().unwrap_or(0)).sum();
        let given = (*want).min((all - elsewhere).max(own.get(id).copied().unwrap_or(0)));
        if given > 0 {
            units.insert(id.clone(), given);
        }
    }
    Part { units: Some(units), ..part }
}

/// The hub has other units in a part than these. Only asked of a part that was made by another computer.
pub(crate) fn differs(existing: &HubOrder, part: &Part) -> bool {
    part.units.as_ref().is_some_and(|units| *units != at_hub_now(existing))
}

/// A part whose goods all went with others: its hub order is cancelled, or never made.
pub(crate) fn take_off(look: &mut Look<'_>, hub: &Peer, stand: &Stand<'_>, mode: Mode) {
    if let Some(effect) = stand.last {
        if matches!(effect.state, EffectState::Running | EffectState::Unknown) {
            return; // what it came to is seen first
        }
        look.overtake(effect, "its goods go with another part");
    }
    if let Some(merged) = stand.merged {
        return tell_merged(look, hub, stand, &merged.value);
    }
    if !stand.at_hub() {
        return;
    }
    let Some(id) = stand.hub_order_id() else { return };
    let earlier = look.last_at(&hub.id, IntentKind::CancelHubOrder, &id);
    // A hold that still waits for its click would stand before the cancellation. Where none is to come, it may stand.
    let to_come = earlier.map_or(mode != Mode::Off, |e| !e.state.is_final() && e.state != EffectState::Refused);
    if to_come {
        let kinds = [IntentKind::HoldHubOrder, IntentKind::ReleaseHubOrder];
        look.overtake_waiting(&kinds, &id, "its goods go with another part");
    }
    if earlier.is_some() {
        return;
    }
    let part = part_of(&stand.key) + 1;
    let sentence =
        format!("Cancel part {part} of {} at {}: its goods go with another part", look.story.order.number, hub.title);
    let intent = Intent::CancelHubOrder { hub_order_id: id.clone(), hub_order_key: stand.key.clone() };
    look.plan(ID, mode, &hub.id, &id, intent, sentence);
}

/// A part of which nothing is wanted any more, and which the warehouse put into another order: cancelling that would take
/// the others' goods away.
fn tell_merged(look: &mut Look<'_>, hub: &Peer, stand: &Stand<'_>, merged: &HubOrder) {
    let story = look.story;
    let Some(sent) = crate::orders_to_hub::last_sent_draft(look, &stand.key).filter(|_| merged.status.is_open()) else {
        return;
    };
    let there = at_hub_now(merged);
    let wanted = |id: &String| story.order.lines_ours().find(|(line, _)| line.remote_id == *id).map_or(0, |(_, n)| n);
    let too_many = |id: &String| there.get(id).copied().unwrap_or(0) > wanted(id);
    let units = by_line(sent.lines.iter().map(|line| (line.line_key.as_str(), line.quantity)));
    if units.keys().any(too_many) {
        let sentence = format!(
            "Nothing of part {} of {} is wanted any more, but {} merged it with another order into {}, and a merged order is not changed from here. Take its lines out there.",
            part_of(&stand.key) + 1,
            story.order.number,
            hub.title,
            merged.number
        );
        look.find(Cause::SidesDiffer, format!("merged:{}", stand.key), sentence);
    }
}

/// This part is changed because a person moved goods between parts, and not because the store wants something else by now:
/// of no line that changes in it is less wanted than is there, or more than ever was there.
pub(crate) fn is_moved(look: &Look<'_>, parts: &[Part], stands: &[Stand<'_>], n: usize) -> bool {
    let there: Vec<Units> = stands.iter().map(|stand| has(look, stand)).collect();
    let most = most_ever(look);
    let in_part = |id: &str| there[n].get(id).copied().unwrap_or(0);
    let wanted_in_it = parts[n].units.iter().flat_map(BTreeMap::keys);
    wanted_in_it.chain(there[n].keys()).filter(|id| parts[n].units_of(id, 0) != in_part(id)).all(|id| {
        let wanted: i64 = parts.iter().map(|part| part.units_of(id, 0)).sum();
        let now = units_in(&there, id);
        now <= wanted && wanted <= now.max(most.get(id).copied().unwrap_or(0))
    })
}

fn units_in<'a>(parts: impl IntoIterator<Item = &'a Units>, id: &str) -> i64 {
    parts.into_iter().map(|units| units.get(id).copied().unwrap_or(0)).sum()
}

/// The most of each line that ever was at the hub at once, in all parts together.
fn most_ever(look: &Look<'_>) -> Units {
    let mut parts: BTreeMap<usize, Units> = BTreeMap::new();
    let mut most = Units::new();
    for effect in look.story.effects.iter().filter(|e| e.state == EffectState::Done) {
        match &effect.intent {
            Intent::PutHubOrder { order, .. } => drop(parts.insert(part_of(&order.key), of_draft(effect))),
            Intent::CancelHubOrder { hub_order_key, .. } if effect.automation == ID => {
                parts.remove(&part_of(hub_order_key));
            }
            _ => {}
        }
        for id in parts.values().flat_map(BTreeMap::keys) {
            let known = most.entry(id.clone()).or_insert(0);
            *known = units_in(parts.values(), id).max(*known);
        }
    }
    most
}

/// Parts that are wanted and that the hub cancelled or lost, told one by one. `false`: the order is not split.
pub(crate) fn lost_at_hub(look: &mut Look<'_>) -> bool {
    let parts = parts(look);
    if parts.len() == 1 {
        return false;
    }
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let stand = stand(look, part.n, false);
        let Some(dead) = stand.existing.filter(|h| is_over(&h.status) && stand.merged.is_none()) else { continue };
        let under_way = stand.last.is_some_and(|e| !e.state.is_final());
        if under_way || is_packed(look, &stand) {
            continue;
        }
        let what = if dead.status == HubStatus::Gone { "is no longer there" } else { "was cancelled there" };
        let hub = hub_of(look, part).map_or("the hub", |hub| hub.title.as_str());
        let sentence = format!(
            "Part {} of {} {what} ({hub}), but the store still wants it shipped. Send it again, or put the parts together again.",
            part.n + 1,
            look.story.order.number
        );
        let since_ms = dead.modified_at_ms;
        look.find(Cause::CancelledAtHub, dead.remote_id.clone(), sentence).since_ms = Some(since_ms);
    }
    true
}

/// A part is wanted and not at the hub: what is in no parcel may still leave with it.
pub(crate) fn is_waiting(look: &Look<'_>) -> bool {
    let parts = parts(look);
    parts.len() > 1 && parts.iter().filter(|part| !part.is_empty()).any(|part| !stand(look, part.n, false).at_hub())
}

/// Where each part of an order stands that goes to several accounts, in one line; `None`: it goes to one.
pub(crate) fn standing_words(look: &Look<'_>) -> Option<String> {
    let parts = parts(look);
    // One that was removed is an account, too: what was to go there is waited for.
    let gone = parts.iter().any(|part| !part.is_empty() && hub_of(look, part).is_none());
    if parts.len() < 2 || !gone && accounts(look, &parts).len() < 2 {
        return None;
    }
    let words = |part: &Part| {
        let stand = stand(look, part.n, false);
        let hub = hub_of(look, part).map_or("an account that was removed", |hub| hub.title.as_str());
        let state = match (stand.existing.map(|h| &h.status), stand.last.map(|e| e.state)) {
            _ if is_packed(look, &stand) => format!("has its label at {hub}"),
            (Some(HubStatus::OnHold), _) => format!("is on hold at {hub}"),
            (Some(status), _) if is_over(status) => format!("was cancelled at {hub}"),
            _ if stand.at_hub() => format!("is in {hub}, waits for packing"),
            (_, Some(EffectState::Asked)) => format!("waits for your click to go to {hub}"),
            (_, Some(EffectState::Refused)) => format!("was refused by {hub}"),
            (_, Some(EffectState::Pending | EffectState::Running | EffectState::Unknown)) => {
                format!("is on its way to {hub}")
            }
            _ => format!("is not at {hub} yet"),
        };
        format!("Part {} {state}", part.n + 1)
    };
    let said: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(words).collect();
    (said.len() > 1).then(|| said.join("; "))
}

/// Accounts that have something of the order open, or are to get it.
pub(crate) fn places(story: &Story) -> BTreeSet<ConnectionId> {
    let read = story.hub_orders.iter().filter(|h| h.value.status.is_open()).map(|h| &h.connection);
    let to_come = story.effects.iter().filter(|e| e.intent.kind() == IntentKind::PutHubOrder && !e.state.is_final());
    read.chain(to_come.map(|e| &e.connection)).cloned().collect()
}

/// One part of an order for a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartSeen {
    /// Its place, from 0.
    pub n: usize,
    /// Our key of it at the hub.
    pub key: String,
    /// What lies in it.
    pub units: Units,
    /// It is at the hub, as far as anybody knows.
    pub at_hub: bool,
    /// A label was bought for it: nothing of it is moved any more.
    pub packed: bool,
    /// The hub cancelled or lost it.
    pub lost: bool,
    /// The hub's id of it, once it has one.
    pub hub_order_id: Option<String>,
    /// Where it ships from, if not where the whole order does.
    pub warehouse: String,
    /// The account it goes to; `None`: there is none (any more).
    pub hub: Option<ConnectionId>,
}

/// The parts of an order; empty where it is not split.
pub fn seen_parts(story: &Story, policy: &Policy, now_ms: i64) -> Vec<PartSeen> {
    let plain = without(story);
    let story: &Story = &plain;
    let look = Look::new(story, policy, now_ms);
    let parts = parts(&look);
    if parts.iter().filter(|part| !part.is_empty()).count() < 2 {
        return Vec::new();
    }
    let seen = |part: &Part| {
        let stand = stand(&look, part.n, false);
        PartSeen {
            n: part.n,
            units: part.units.clone().unwrap_or_default(),
            at_hub: stand.at_hub(),
            packed: is_packed(&look, &stand),
            lost: stand.existing.is_some_and(|h| is_over(&h.status)),
            hub_order_id: stand.hub_order_id(),
            warehouse: part.warehouse.clone(),
            hub: hub_of(&look, part).map(|hub| hub.id.clone()),
            key: stand.key,
        }
    };
    parts.iter().filter(|part| !part.is_empty()).map(seen).collect()
}

/// What should stand at the hub now, one order per part; what still lies in another part is left out.
pub fn hub_drafts(story: &Story, policy: &Policy, now_ms: i64) -> Vec<HubOrderDraft> {
    let plain = without(story);
    let story: &Story = &plain;
    let look = Look::new(story, policy, now_ms);
    let Some(channel) = look.channel else { return Vec::new() };
    let parts = parts(&look);
    let alone = parts.len() == 1;
    let stands: Vec<Stand<'_>> = parts.iter().map(|part| stand(&look, part.n, alone)).collect();
    let draft = |part: &Part| {
        let (room, key) = (with_room(&look, &parts, &stands, part.n), stands[part.n].key.clone());
        let hub = hub_of(&look, part)?;
        Some(draft_of_part(story, policy, &look.shape, channel, hub, key, true, look.ship_by_ms, &room))
    };
    parts.iter().filter_map(draft).filter(|draft| !draft.lines.is_empty()).collect()
}

/// Why units of this order cannot be moved between parts now; `None` if they can.
pub fn cannot_split(story: &Story, policy: &Policy, now_ms: i64) -> Option<String> {
    let plain = without(story);
    let story: &Story = &plain;
    let look = Look::new(story, policy, now_ms);
    let order = &story.order;
    if order.is_cancelled() {
        return Some("It was cancelled in the store.".to_owned());
    }
    let Some(channel) = look.channel else {
        return Some("The account this order came from was removed.".to_owned());
    };
    let Some(hub) = look.hub else { return Some("No shipping account is connected.".to_owned()) };
    if !hub.performs.contains(&IntentKind::PutHubOrder) {
        return Some(format!("{} takes no orders from outside. Split it there.", hub.title));
    }
    let by_rule = look.shape.split.as_ref().filter(|_| story.choices.split.is_none() && !is_placed(story));
    if by_rule.is_some_and(|split| split.further.iter().any(|part| part.hub.is_some())) {
        return Some(
            "A rule sends its parts to several accounts. Let it be sent first; then units can be moved between them."
                .to_owned(),
        );
    }
    if look.merged_at_hub().is_some() {
        return Some(format!("{} merged it with another order. Take its lines out there first.", hub.title));
    }
    if crate::same_sale::adopted(&look).is_some() {
        return Some(format!("The order at {} is its own, not ours. Split it there.", hub.title));
    }
    if order.lines_ours().map(|(_, units)| units).sum::<i64>() < 2 {
        return Some("There is only one unit to ship.".to_owned());
    }
    if look.lines.all_told() || look.lines.all_shipped() {
        return Some("All of it has left already.".to_owned());
    }
    let packed = parts(&look).iter().any(|part| is_packed(&look, &stand(&look, part.n, false)));
    if packed || story.parcels.iter().any(|p| p.value.is_live()) {
        return Some(
            "A label was bought for it already, and what is packed is not taken apart from here. Void the label first, or leave it as it is."
                .to_owned(),
        );
    }
    let worn = |n: usize| was_taken_off(story, &part_key(channel, order, n, COPIES_MAX - 2));
    (0..crate::draft::PARTS_MAX)
        .any(worn)
        .then(|| format!("It was split and put together too often. Split it at {} by hand.", hub.title))
}

/// What is wrong with such further parts for this order; `None` if nothing is.
pub fn unfit(story: &Story, further: &[Units]) -> Option<String> {
    if further.len() >= crate::draft::PARTS_MAX {
        return Some(format!("An order is split into at most {} parts.", crate::draft::PARTS_MAX));
    }
    let ours: Units = story.order.lines_ours().map(|(line, units)| (line.remote_id.clone(), units)).collect();
    let mut taken = Units::new();
    for part in further {
        if part.values().all(|units| *units == 0) {
            return Some("A part without any units is no part. Choose what goes into it.".to_owned());
        }
        for (id, units) in part {
            if *units < 0 || !ours.contains_key(id) {
                return Some(
                    "A part names a line or a number that the order does not have. Open the order again.".to_owned(),
                );
            }
            *taken.entry(id.clone()).or_default() += units;
        }
    }
    for (id, taken) in &taken {
        let wanted = ours.get(id).copied().unwrap_or(0);
        if *taken > wanted {
            let line = story.order.lines.iter().find(|line| line.remote_id == *id);
            let name =
                line.map_or("a line", |l| if l.sku.trim().is_empty() { l.name.as_str() } else { l.sku.as_str() });
            return Some(format!("The parts have {taken} × {name}, and the order wants {wanted}."));
        }
    }
    let rest = ours.iter().any(|(id, units)| taken.get(id).copied().unwrap_or(0) < *units);
    (!further.is_empty() && !rest).then(|| "Nothing would be left in the first part. Leave something there.".to_owned())
}
