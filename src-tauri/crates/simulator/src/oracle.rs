//! The count from the other side: what the stand-ins hold, what is true, what the store believes.

use crate::{asked, contents, given_back, kept, labels, sequence};
use quayside_model::time::HOUR_MS;
use quayside_model::{Cause, ConnectionId, EffectState};
use quayside_sandbox::Sandbox;
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::Truth;
use quayside_sandbox::merchant::shop::OrderView;
use quayside_sandbox::merchant::truth::{OrderTruth, ParcelTruth};
use quayside_store::{EffectFilter, EffectItem, FindingState, Store, StoreError};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Causes of open exceptions by the channel's order id.
pub(crate) type Told = BTreeMap<String, Vec<String>>;

/// How often something was broken, with the first few stories.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Count {
    /// How often.
    pub n: usize,
    /// The first ten.
    pub stories: Vec<String>,
}

impl Count {
    pub(crate) fn add(&mut self, story: impl FnOnce() -> String) {
        self.n += 1;
        if self.stories.len() < 10 {
            self.stories.push(story());
        }
    }

    /// What somebody else counted belongs here, too.
    pub(crate) fn join(&mut self, other: Self) {
        self.n += other.n;
        self.stories.extend(other.stories);
        self.stories.truncate(10);
    }
}

/// What the oracle must know of how a run went.
pub(crate) struct Went {
    /// The moment it is judged at, ms UTC by the true time.
    pub now_ms: i64,
    /// Share of orders that people treated wrongly or unusually.
    pub trouble: f64,
    /// The computer's clock was wrong at times: moments the desk wrote down cannot be compared.
    pub hands_moved: bool,
    /// How often the process died.
    pub deaths: usize,
    /// Nothing went wrong but that, if anything.
    pub only_deaths: bool,
    /// Keys that accounts handed out.
    pub handed_out: Vec<String>,
}

/// The oracle's word.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Verdicts {
    /// Should be there, is not, and nobody was told.
    pub lost: Count,
    /// Is there twice.
    pub doubled: Count,
    /// Is there, but not as it should be, and nobody was told.
    pub wrong: Count,
    /// Rules of the engine that do not hold.
    pub broken: Count,
}

impl Verdicts {
    /// Nothing to say.
    pub fn is_clean(&self) -> bool {
        self.lost.n + self.doubled.n + self.wrong.n + self.broken.n == 0
    }
}

/// Effects that reached their end.
pub(crate) fn settled(store: &Store) -> Result<usize, StoreError> {
    let mut settled = 0;
    each_effect(store, &[EffectState::Done, EffectState::Skipped], |_| settled += 1)?;
    Ok(settled)
}

/// Every change the desk planned, and how far it came: equal for equal runs.
pub(crate) fn outbox(store: &Store) -> Result<String, StoreError> {
    let mut lines = Vec::new();
    each_effect(store, &[], |effect| {
        lines.push(format!("{} {} {} {:?}", effect.key, effect.state.code(), effect.attempts, effect.settled_at_ms));
    })?;
    Ok(lines.join("\n"))
}

fn each_effect(store: &Store, states: &[EffectState], mut f: impl FnMut(&EffectItem)) -> Result<(), StoreError> {
    let filter = EffectFilter { states: states.to_vec(), ..EffectFilter::default() };
    let mut before = None;
    loop {
        let page = store.read(|r| r.effect_page(&filter, before, 1_000))?;
        page.items.iter().for_each(&mut f);
        let Some(next) = page.next else { return Ok(()) };
        before = Some(next);
    }
}

/// Judges a run that had time to settle; besides, of which orders it could not.
pub(crate) fn judge(sandbox: &Sandbox, store: &Store, went: &Went) -> Result<(Verdicts, Told), StoreError> {
    let now_ms = went.now_ms;
    let mut verdicts = Verdicts::default();
    let told = told_about(sandbox, store)?;
    few_are_told(sandbox, &told, went, &mut verdicts.broken);
    limits_are_kept(sandbox, went, &mut verdicts.broken);
    sequence::judge(sandbox, store, &mut verdicts.broken)?;
    given_back::judge(sandbox, &mut verdicts);
    labels::judge(sandbox, &mut verdicts.doubled);
    asked::judge(sandbox, store, &mut verdicts)?;
    let views: Shown = sandbox.order_views().into_iter().map(|view| (view.id.clone(), view)).collect();
    orders_at_hub(sandbox, store, &views, &told, now_ms, &mut verdicts);
    parcels_in_channel(sandbox, &views, store, &told, now_ms, &mut verdicts);
    contents::judge(sandbox, store, &views, &told, now_ms, &mut verdicts);
    kept::judge(sandbox, store, &told, now_ms, &mut verdicts)?;
    each_effect(store, &[EffectState::Running, EffectState::Unknown, EffectState::Pending], |effect| {
        // What was planned minutes ago may still be on its way; nothing may hang.
        if now_ms - effect.created_at_ms > 6 * HOUR_MS {
            verdicts.broken.add(|| {
                format!(
                    "effect {} of {} hangs as {:?}: {:?}",
                    effect.key, effect.order_number, effect.state, effect.refusal
                )
            });
        }
    })?;
    crate::invariants::check(sandbox, store, went, &mut verdicts.broken)?;
    Ok((verdicts, told))
}

/// Orders in which nobody made anything wrong on purpose and that a person is told about all the same: so many are to be
/// expected in any run, of little trouble and of few orders.
const TOLD: usize = 5;
/// And such a share of all orders, on top of the share that people treat unusually after they were placed.
const TOLD_SHARE: f64 = 0.10;

/// Who is told about an order is asked to decide, and the oracle leaves it alone. A desk that tells about everything would
/// never be wrong.
fn few_are_told(sandbox: &Sandbox, told: &Told, went: &Went, broken: &mut Count) {
    let orders = &sandbox.truth.orders;
    let untroubled = |id: &&String| orders.get(id.as_str()).is_some_and(|truth| truth.trouble.is_empty());
    let n = told.keys().filter(untroubled).count();
    let most = TOLD + (orders.len() as f64 * (TOLD_SHARE + went.trouble)) as usize;
    if n > most {
        let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
        for cause in told.values().flatten() {
            *causes.entry(cause.as_str()).or_default() += 1;
        }
        broken.add(|| {
            let all = orders.len();
            format!("a person is told about {n} of {all} orders in which nothing was wrong, {most} at most are to be expected: {causes:?}")
        });
    }
}

/// Where nothing else goes wrong, allowances are kept and never run into. A process that dies forgets the calls it had not yet
/// written down: one answer "too many" for each death is what that may cost.
fn limits_are_kept(sandbox: &Sandbox, went: &Went, broken: &mut Count) {
    for (account, n) in sandbox.turned_away() {
        if went.only_deaths && *n > went.deaths as u64 {
            broken
                .add(|| format!("{account} said {n} times that it was one call too many, with {} deaths", went.deaths));
        }
    }
}

/// Orders (by the channel's id) about which a person is being told something, and what.
fn told_about(sandbox: &Sandbox, store: &Store) -> Result<Told, StoreError> {
    store.read(|r| {
        let mut told = Told::new();
        for (remote_id, truth) in &sandbox.truth.orders {
            let Some(id) = r.order_id(&ConnectionId::new(&truth.account), remote_id)? else { continue };
            let causes: Vec<String> = r
                .findings_of(id)?
                .into_iter()
                .filter(|f| {
                    // What a carrier does to a parcel excuses nothing here.
                    let of_time = matches!(f.cause, Cause::Late | Cause::OutcomeUnknown | Cause::CarrierTrouble);
                    f.state != FindingState::Resolved && !of_time
                })
                .map(|f| f.cause.code().to_owned())
                .collect();
            // An order that waits for a person says so in the queue, with its button; it is no exception.
            let waits = r
                .queue_row(id)?
                .map(|row| row.waits_on.code)
                .filter(|code| WAITS_FOR_A_PERSON.contains(&code.as_str()));
            let known: Vec<String> = causes.into_iter().chain(waits).collect();
            if !known.is_empty() {
                told.insert(remote_id.clone(), known);
            }
        }
        Ok(told)
    })
}

/// What the queue says of orders that go on when somebody clicks.
const WAITS_FOR_A_PERSON: [&str; 4] = ["risk", "held_in_channel", "held_by_person", "held_by_rule"];

/// The channel's order id within a key of ours (`cafe0001-1001`; `cafe0001-1001-2` for a further one), and whose
/// order it is. Platforms use dashes in their ids, too.
pub(crate) fn order_of_key<'a>(truth: &'a Truth, key: &str) -> Option<(&'a String, &'a OrderTruth)> {
    let (_, rest) = part_of_key(key).0.split_once('-')?;
    let further = rest.rsplit_once('-').filter(|(_, n)| n.len() < 3 && n.bytes().all(|b| b.is_ascii_digit()));
    [Some(rest), further.map(|(id, _)| id)].into_iter().flatten().find_map(|id| {
        let whole = format!("gid://shopify/Order/{id}");
        truth.orders.get_key_value(&whole).or_else(|| truth.orders.get_key_value(id))
    })
}

/// A split order has a key for every further part, "…-p2": the key without that, and which part it names, from 1.
pub(crate) fn part_of_key(key: &str) -> (&str, u32) {
    let Some((whole, tail)) = key.rsplit_once("-p") else { return (key, 1) };
    let n = tail.split('-').next().and_then(|n| n.parse().ok());
    n.map_or((key, 1), |n| (whole, n))
}

/// Everything that happened to an order, from both sides and in order: what the stand-ins wrote down, what the desk did.
pub(crate) fn how_it_went(sandbox: &Sandbox, store: &Store, remote_id: &str) -> String {
    let tail = remote_id.rsplit('/').next().unwrap_or(remote_id);
    let named = |text: &str| text.rsplit(['/', ':']).next() == Some(tail) || text.contains(&format!("-{tail}"));
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for entry in &sandbox.ledger.entries {
        if entry.key.as_deref().is_some_and(named) {
            keys.insert(entry.subject.clone());
        }
    }
    let mut lines: Vec<(i64, String)> = sandbox
        .ledger
        .entries
        .iter()
        .filter(|e| named(&e.subject) || keys.contains(&e.subject) || e.key.as_deref().is_some_and(named))
        .map(|e| (e.at_ms, format!("{} {} {} by {:?}, key {:?}", e.platform, e.effect, e.subject, e.by, e.key)))
        .collect();
    let account = sandbox.truth.orders.get(remote_id).map_or("", |order| order.account.as_str());
    let events = store.read(|r| match r.order_id(&ConnectionId::new(account), remote_id)? {
        Some(id) => r.events_of(id),
        None => Ok(Vec::new()),
    });
    for event in events.unwrap_or_default() {
        lines.push((event.at_ms, format!("desk: {}", event.sentence)));
    }
    lines.sort();
    let begun = lines.first().map_or(0, |(at_ms, _)| *at_ms);
    let told: Vec<String> =
        lines.into_iter().map(|(at_ms, what)| format!("+{}s {what}", (at_ms - begun) / 1000)).collect();
    format!("{}; {}", told.join("; "), believed(store, account, remote_id))
}

/// What the desk believes of an order, short enough for a story.
fn believed(store: &Store, account: &str, remote_id: &str) -> String {
    let story = store.read(|r| match r.order_id(&ConnectionId::new(account), remote_id)? {
        Some(id) => r.story(id),
        None => Ok(None),
    });
    let Ok(Some(story)) = story else { return "the desk does not know the order".to_owned() };
    let refusal = |e: &quayside_model::PastEffect| {
        e.refusal.as_ref().map_or_else(String::new, |r| format!(" ({}: {})", r.cause.code(), r.sentence))
    };
    let effects: Vec<String> = story
        .effects
        .iter()
        .map(|e| format!("{} {} {:?}{}", e.key, e.state.code(), e.settled_at_ms, refusal(e)))
        .collect();
    let hub: Vec<String> =
        story.hub_orders.iter().map(|h| format!("{} {:?}", h.value.remote_id, h.value.status)).collect();
    let parcels: Vec<String> = story
        .parcels
        .iter()
        .map(|p| {
            format!(
                "{} {} {:?} voided {:?}",
                p.value.remote_id, p.value.tracking_number, p.value.lines, p.value.voided_at_ms
            )
        })
        .collect();
    let lines: Vec<String> =
        story.order.lines.iter().map(|l| format!("{} {}", l.remote_id, l.current_quantity)).collect();
    let told: Vec<String> = story
        .order
        .fulfillments
        .iter()
        .map(|f| format!("{:?} live {} {:?}", f.tracking_numbers, f.live, f.lines))
        .collect();
    let queue = store.read(|r| r.queue_row(story.order_id)).ok().flatten();
    let waits = queue.map(|row| format!("{:?}, waits on {}: {}", row.stage, row.waits_on.code, row.waits_on.sentence));
    // A list that was never read to its end again explains most of what a desk believes wrongly.
    let streams = store.read(|r| r.streams(&ConnectionId::new(account))).unwrap_or_default();
    let read: Vec<String> =
        streams.iter().map(|s| format!("{} ok {:?} next {}", s.name, s.last_ok_at_ms, s.next_at_ms)).collect();
    format!(
        "lists {read:?}, the desk says {waits:?}, has lines {lines:?}, at the hub {hub:?}, parcels {parcels:?}, told {told:?}, effects {effects:?}"
    )
}

/// What every store shows, by order id.
pub(crate) type Shown = BTreeMap<String, OrderView>;

/// The store's order has every unit it wants fulfilled.
pub(crate) fn all_fulfilled(shown: &Shown, remote_id: &str) -> bool {
    shown.get(remote_id).is_some_and(OrderView::is_all_shipped)
}

fn orders_at_hub(sandbox: &Sandbox, store: &Store, views: &Shown, told: &Told, now_ms: i64, verdicts: &mut Verdicts) {
    // One account may own an id that another account owns, too: the store's code in front of it tells them apart.
    // So do the parts of one that was split: each is a hub order of its own.
    let mut created: BTreeMap<(&str, &str, u32), usize> = BTreeMap::new();
    for entry in sandbox.ledger.of("order_created").filter(|e| e.by == By::Client) {
        let Some(key) = &entry.key else {
            verdicts.doubled.add(|| format!("a hub order without our key: {}", entry.subject));
            continue;
        };
        let code = key.split('-').next().unwrap_or_default();
        match order_of_key(&sandbox.truth, key) {
            Some((id, _)) => *created.entry((code, id, part_of_key(key).1)).or_default() += 1,
            None => verdicts.wrong.add(|| format!("a hub order {key} of no order that was ever placed")),
        }
    }
    for ((code, id, part), n) in &created {
        if *n > 1 {
            verdicts.doubled.add(|| {
                let how = how_it_went(sandbox, store, id);
                format!("part {part} of order {id} of {code} was created {n} times at the hub: {how}")
            });
        }
    }
    let at_hub: BTreeSet<&str> = created.keys().map(|(_, id, _)| *id).collect();
    for (remote_id, truth) in &sandbox.truth.orders {
        let at_hub = at_hub.contains(remote_id.as_str());
        let known = told.contains_key(remote_id);
        let settled = truth.paid_at_ms.is_some_and(|at| now_ms - at > 6 * HOUR_MS);
        // Fulfilled by hand in the store before it could be sent: nothing is owed.
        if truth.belongs_at_hub() && settled && !at_hub && !known && !all_fulfilled(views, remote_id) {
            verdicts.lost.add(|| {
                let story = believed(store, &truth.account, remote_id);
                format!("{} ({remote_id}) never reached the hub: {truth:?}; {story}", truth.name)
            });
        }
        let never = truth.never_ships.is_some() || truth.paid_at_ms.is_none();
        if never && at_hub {
            verdicts.wrong.add(|| {
                let how = how_it_went(sandbox, store, remote_id);
                format!("{} ({remote_id}) went to the hub but must not: {truth:?}; {how}", truth.name)
            });
        }
    }
    let first = sandbox.hubs.iter().flat_map(|hub| {
        let orders = hub.state.orders.values().filter(|order| !order.deleted && order.body.status.is_open());
        orders.map(|order| order.key.clone())
    });
    let further = sandbox.benches.iter().flat_map(|bench| bench.orders());
    for key in first.chain(further.filter(|order| order.open).map(|order| order.key)) {
        let Some((remote_id, truth)) = order_of_key(&sandbox.truth, &key) else { continue };
        if !told.contains_key(remote_id) && truth.cancelled_at_ms.is_some_and(|at| now_ms - at > HOUR_MS) {
            verdicts.wrong.add(|| format!("{} was cancelled but is open at the hub", truth.name));
        }
    }
}

fn parcels_in_channel(
    sandbox: &Sandbox,
    views: &Shown,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) {
    // What the stores hold: units by order, tracking number and line. One parcel may be several fulfillments
    // (its lines belong to several locations), but no unit of it may be told twice.
    let mut shown: BTreeMap<(String, String), BTreeMap<String, i64>> = BTreeMap::new();
    for order in views.values() {
        for shipment in &order.shipments {
            for number in &shipment.numbers {
                let units = shown.entry((order.id.clone(), number.clone())).or_default();
                for (line, quantity) in &shipment.units {
                    *units.entry(line.clone()).or_default() += quantity;
                }
            }
        }
        for line in &order.lines {
            if line.shipped > line.units {
                let (name, id) = (&order.name, &line.id);
                verdicts.doubled.add(|| format!("{name}: line {id} fulfilled {} of {}", line.shipped, line.units));
            }
        }
    }
    let mut by_number: BTreeMap<&str, Vec<&ParcelTruth>> = BTreeMap::new();
    for parcel in &sandbox.truth.parcels {
        by_number.entry(&parcel.tracking).or_default().push(parcel);
    }
    for ((order, number), units) in &shown {
        let parcel = by_number.get(number.as_str()).filter(|all| all.len() == 1).and_then(|all| all.first());
        for (line, n) in units {
            let packed: Option<i64> = parcel.map(|p| {
                p.lines.iter().filter(|l| l.line_key.as_deref() == Some(line.as_str())).map(|l| l.quantity).sum()
            });
            // A box added to another box's report shares its lines; only more than the order has is too many then.
            let joined =
                sandbox.truth.orders.get(order).is_some_and(|truth| truth.units.get(line).is_none_or(|u| n <= u));
            if packed.is_some_and(|packed| *n > packed) && !joined {
                verdicts
                    .doubled
                    .add(|| format!("{order}: {n} units of {line} are told with {number}, which carries {packed:?}"));
            }
        }
    }
    for parcel in &sandbox.truth.parcels {
        for (remote_id, truth) in parcel.order_keys.iter().filter_map(|key| order_of_key(&sandbox.truth, key)) {
            let shown = shown.contains_key(&(remote_id.clone(), parcel.tracking.clone()));
            let known = told.contains_key(remote_id);
            let settled = now_ms - parcel.at_ms > 3 * HOUR_MS;
            match parcel.voided_at_ms {
                // The goods are told under another number (shipped by hand in the store as well): theirs stands.
                None if settled
                    && !shown
                    && !known
                    && truth.cancelled_at_ms.is_none()
                    && truth.units_total() > 0
                    && !all_fulfilled(views, remote_id) =>
                {
                    verdicts.lost.add(|| {
                        let story = believed(store, &truth.account, remote_id);
                        let (name, id) = (&truth.name, &parcel.parcel_id);
                        format!("{name}: parcel {id} ({}) was never reported; {story}", parcel.tracking)
                    });
                }
                Some(at) if shown && !known && now_ms - at > 6 * HOUR_MS => {
                    verdicts.wrong.add(|| {
                        let story = believed(store, &truth.account, remote_id);
                        let (name, id) = (&truth.name, &parcel.parcel_id);
                        format!("{name}: voided parcel {id} ({}) is still reported; {story}", parcel.tracking)
                    });
                }
                _ => {}
            }
        }
    }
}
