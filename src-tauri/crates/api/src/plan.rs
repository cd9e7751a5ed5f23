//! What all automations would do now, order by order, exactly as it would be sent.
//!
//! A plan is made by the same pure function that decides for real, over every
//! open order, and nothing of it is written. Effects that wait for a click are
//! part of it: they are planned and not sent. Automations that follow parcels
//! are planned over the orders that left lately, too: letting one of them go has
//! those looked at as well. Automations about customers are planned over those of
//! the newest orders.

use crate::automations::ORDERS_TO_HUB;
use crate::changes::changes;
use crate::choices::declaration_of;
use crate::connections::questions;
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{Change, GoingLive, Plan, PlannedView, Trouble};
use crate::words;
use quayside_engine::{LEFT_MS, decide_customers, decide_products, shelf_facts};
use quayside_flows::shape::Shape;
use quayside_flows::{AFTER_SHIPPING, Policy, SHAPERS, automations, decide, patron, products, stock};
use quayside_model::{
    ConnectionId, EffectState, Intent, IntentKind, Mode, OrderId, OrderUnits, PlannedEffect, PlannedWrite, Story,
};
use quayside_store::{ShelfPart, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// Effects on one page of the plan.
const ITEMS_MAX: usize = 500;
/// The last page begins before this: nobody reads further, and every page is worked out anew.
pub(crate) const SKIP_MAX: usize = 100_000;
/// Orders read in one snapshot: short enough that no checkpoint waits for a plan.
const AT_ONCE: usize = 200;

/// Customers are looked at by so many of the newest orders: a plan is waited for.
const CUSTOMERS_BY: i64 = 20_000;

/// How far the walk over orders is.
#[derive(Clone, Copy)]
enum Walk {
    /// Open ones, behind this one.
    Open(OrderId),
    /// Those that left lately, behind this place among their parcels.
    Left((i64, i64, OrderId)),
}

impl Desk {
    /// The plan of all automations, or of one. Sends nothing, changes nothing.
    ///
    /// Asking for one automation shows it as if it watched, even when it is off: that is the preview before
    /// switching it on. `going_live` shows it with the mode and the go-live line that are about to be set.
    /// `skip` leaves out as many effects as earlier pages showed.
    pub fn plan(&self, automation: Option<&str>, going_live: Option<GoingLive>, skip: i64) -> Answer<Plan> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let policy = room.policy()?;
        let mut policy = room.store.read(|r| quayside_engine::policy::without_old_skews(r, policy, now_ms))?;
        // What is open is asked; the plan is of what follows if it is not answered.
        let asked = if automation.is_none_or(|id| id == ORDERS_TO_HUB) { questions(&policy) } else { Vec::new() };
        if let Some(id) = automation {
            let declared = quayside_flows::automation(id).ok_or_else(|| unknown_automation(id))?;
            let line_ms = going_live.and_then(|set| set.from_ms);
            // A line that is kept was said by the stores' clocks already.
            let kept = line_ms == policy.automations.get(declared.id).and_then(|set| set.go_live_ms);
            let line_ms = line_ms.map(|chosen_ms| if kept { chosen_ms } else { policy.line_ms(chosen_ms, now_ms) });
            let entry = policy.automations.entry(declared.id.to_owned()).or_default();
            if let Some(set) = going_live {
                entry.mode = set.mode;
                entry.go_live_ms = line_ms;
            }
            if entry.mode == Mode::Off {
                entry.mode = Mode::Watch;
            }
        }
        let plan = make(&room, &policy, automation, usize::MAX, usize::try_from(skip).unwrap_or(0).min(SKIP_MAX))?;
        Ok(Plan { who_writes: asked, ..plan })
    }
}

/// The trouble of a name nobody knows.
pub(crate) fn unknown_automation(id: &str) -> Trouble {
    let known: Vec<&str> = automations().iter().map(|automation| automation.id).collect();
    Trouble::field("automation", format!("There is no automation \"{id}\". There are {}.", words::list(&known)))
}

struct Item {
    view: PlannedView,
    due_ms: i64,
}

/// Walks the open orders (at most `orders_max`) and collects what would be sent, behind the first `skip`. Where an
/// automation is asked for that has work with orders that left, it walks those of the last 30 days, too.
pub(crate) fn make(
    room: &Room,
    policy: &Policy,
    automation: Option<&str>,
    orders_max: usize,
    skip: usize,
) -> Answer<Plan> {
    let most = skip + ITEMS_MAX;
    let now_ms = room.now_ms();
    let mut items: Vec<Item> = Vec::new();
    let mut per_automation: BTreeMap<String, i64> = automations()
        .iter()
        .filter(|declared| automation.is_none_or(|id| id == declared.id))
        .map(|declared| (declared.id.to_owned(), 0))
        .collect();
    let mut per_kind: BTreeMap<(ConnectionId, IntentKind), i64> = BTreeMap::new();
    let mut hash = blake3::Hasher::new();
    // A number on a card is not worth thousands of orders that left.
    let follows = automation.map_or(orders_max == usize::MAX, |id| AFTER_SHIPPING.contains(&id));
    let mut left: BTreeSet<OrderId> = BTreeSet::new();
    let (mut orders, mut walk) = (0_usize, Walk::Open(OrderId(0)));
    loop {
        // Counts are looked at SKU by SKU, further down.
        let of_no_order = matches!(automation, Some(stock::ID | products::ID));
        let take = if of_no_order { 0 } else { AT_ONCE.min(orders_max - orders) };
        if take == 0 {
            break;
        }
        let (next, planned, shaped, looked_at) = room.store.read(|r| {
            let (ids, next) = match walk {
                Walk::Open(after) => {
                    let ids = r.open_orders(after, take)?;
                    let next = ids.last().copied().map(Walk::Open);
                    (ids, next)
                }
                Walk::Left(after) => {
                    let found = r.orders_left(after, take)?;
                    // An order of several parcels is one order.
                    let ids: Vec<OrderId> =
                        found.iter().map(|(.., order)| *order).filter(|order| left.insert(*order)).collect();
                    (ids, found.last().copied().map(Walk::Left))
                }
            };
            let mut planned = Vec::with_capacity(ids.len());
            let (mut shaped, mut looked_at) = (Vec::new(), 0);
            for id in &ids {
                if let Some(story) = r.story(*id)? {
                    if let Some(shaper) = automation.filter(|id| SHAPERS.contains(id)) {
                        shaped.extend(shaped_by(&story, policy, shaper));
                    } else {
                        let (story, mut effects) = of_story(story, policy, now_ms);
                        if matches!(walk, Walk::Left(_)) {
                            effects.retain(|effect| AFTER_SHIPPING.contains(&effect.automation.as_str()));
                        }
                        planned.push((story, effects));
                    }
                    looked_at += 1;
                }
            }
            Ok((next, planned, shaped, looked_at))
        })?;
        walk = match (next, walk) {
            (Some(next), _) => next,
            (None, Walk::Open(_)) if follows => Walk::Left((now_ms - LEFT_MS, 0, OrderId(0))),
            (None, _) => break,
        };
        orders += looked_at;
        for view in shaped {
            *per_automation.entry(view.effect.automation.clone()).or_default() += 1;
            hash.update(&serde_json::to_vec(&view.changes).unwrap_or_default());
            if items.len() < most {
                items.push(Item { due_ms: view.effect.ship_by_ms.unwrap_or(i64::MAX), view });
            }
        }
        for (story, effects) in planned {
            for effect in effects.into_iter().filter(|effect| automation.is_none_or(|id| id == effect.automation)) {
                *per_automation.entry(effect.automation.clone()).or_default() += 1;
                *per_kind.entry((effect.connection.clone(), effect.intent.kind())).or_default() += 1;
                hash.update(effect.key.as_bytes());
                hash.update(&serde_json::to_vec(&effect.intent).unwrap_or_default());
                let due_ms = effect.ship_by_ms.unwrap_or(i64::MAX);
                let worst = if items.len() < most { None } else { items.iter().map(|item| item.due_ms).max() };
                if worst.is_some_and(|worst| worst <= due_ms) {
                    continue;
                }
                if items.len() >= most
                    && let Some(at) = items.iter().rposition(|item| Some(item.due_ms) == worst)
                {
                    items.remove(at);
                }
                items.push(Item { view: view(effect, &story, policy), due_ms });
            }
        }
    }
    if automation.is_none_or(|id| id == stock::ID) {
        // What nobody keeps yet is worked out for the one who asks for this plan, and not for a number on a card.
        let held = match room.store.read(|r| r.held_whole_ms())? {
            None if automation.is_some() => Some(held_now(room, policy, now_ms)?),
            _ => None,
        };
        for view in counts(room, policy, held.as_ref(), orders_max, now_ms)? {
            *per_automation.entry(view.effect.automation.clone()).or_default() += 1;
            *per_kind.entry((view.effect.connection.clone(), view.effect.intent.kind())).or_default() += 1;
            hash.update(view.effect.key.as_bytes());
            hash.update(&serde_json::to_vec(&view.effect.intent).unwrap_or_default());
            if items.len() < most {
                items.push(Item { due_ms: i64::MAX, view });
            }
        }
    }
    // What is said beside the changes.
    let mut notes: Vec<String> = Vec::new();
    // All products are compared for the one who asks, and not for a number on a card.
    if automation == Some(products::ID) {
        let (views, on_lines) = product_changes(room, policy)?;
        notes = on_lines;
        for view in views {
            *per_automation.entry(view.effect.automation.clone()).or_default() += 1;
            *per_kind.entry((view.effect.connection.clone(), view.effect.intent.kind())).or_default() += 1;
            hash.update(view.effect.key.as_bytes());
            hash.update(&serde_json::to_vec(&view.effect.intent).unwrap_or_default());
            if items.len() < most {
                items.push(Item { due_ms: i64::MAX, view });
            }
        }
    }
    if let Some(id) = automation.filter(|id| patron::AUTOMATIONS.contains(id)) {
        for view in customers(room, policy, id, now_ms)? {
            *per_automation.entry(view.effect.automation.clone()).or_default() += 1;
            *per_kind.entry((view.effect.connection.clone(), view.effect.intent.kind())).or_default() += 1;
            hash.update(view.effect.key.as_bytes());
            hash.update(&serde_json::to_vec(&view.effect.intent).unwrap_or_default());
            if items.len() < most {
                items.push(Item { due_ms: i64::MAX, view });
            }
        }
    }
    items.sort_by_key(|item| (item.due_ms, item.view.order_id));
    Ok(Plan {
        items: items.into_iter().skip(skip).map(|item| item.view).collect(),
        per_automation,
        orders: orders as i64,
        cost: cost(room, policy, &per_kind)?.into_iter().chain(notes).collect(),
        who_writes: Vec::new(),
        hash: hash.finalize().to_hex()[..16].to_owned(),
        as_of_ms: now_ms,
    })
}

/// What changes for open orders where one policy takes the place of another, for the automation whose table is about to
/// be kept.
pub(crate) fn compared(room: &Room, before: &Policy, after: &Policy, id: &str, skip: usize) -> Answer<Plan> {
    let mut items: Vec<PlannedView> = Vec::new();
    let (mut changed, mut orders, mut last) = (0_i64, 0_i64, OrderId(0));
    let mut hash = blake3::Hasher::new();
    let mut per_kind: BTreeMap<(ConnectionId, IntentKind), i64> = BTreeMap::new();
    loop {
        let (ids, views) = room.store.read(|r| {
            let ids = r.open_orders(last, AT_ONCE)?;
            let mut views = Vec::new();
            for id_of in &ids {
                let Some(story) = r.story(*id_of)? else { continue };
                views.extend(between(&story, before, after, id).map(|view| (crate::tying::is_sent(&story), view)));
            }
            Ok((ids, views))
        })?;
        let Some(newest) = ids.last() else { break };
        last = *newest;
        orders += ids.len() as i64;
        for (sent, view) in views {
            changed += 1;
            hash.update(&serde_json::to_vec(&view.changes).unwrap_or_default());
            // What is at the hub already is written there; the rest goes as it would have gone anyway.
            if sent {
                *per_kind.entry((view.effect.connection.clone(), IntentKind::PutHubOrder)).or_default() += 1;
            }
            if items.len() < skip + ITEMS_MAX {
                items.push(view);
            }
        }
    }
    Ok(Plan {
        items: items.into_iter().skip(skip).collect(),
        per_automation: BTreeMap::from([(id.to_owned(), changed)]),
        orders,
        cost: cost(room, after, &per_kind)?,
        who_writes: Vec::new(),
        hash: hash.finalize().to_hex()[..16].to_owned(),
        as_of_ms: room.now_ms(),
    })
}

/// What one order would send: the decision's new effects, and those that wait for a click.
pub(crate) fn of_story(story: Story, policy: &Policy, now_ms: i64) -> (Story, Vec<PlannedEffect>) {
    let decision = decide(&story, policy, now_ms);
    let number = story.order.number.clone();
    let overtaken = |id| decision.overtaken.iter().any(|(gone, _)| *gone == id);
    let mut effects: Vec<PlannedEffect> = story
        .effects
        .iter()
        .filter(|effect| effect.state == EffectState::Asked && !overtaken(effect.id))
        .map(|effect| PlannedEffect {
            key: effect.key.clone(),
            automation: effect.automation.clone(),
            connection: effect.connection.clone(),
            intent: effect.intent.clone(),
            mode: Mode::Ask,
            ship_by_ms: decision.ship_by_ms,
            sentence: words::intent_sentence(&effect.intent, &number),
        })
        .collect();
    effects.extend(decision.effects);
    (story, effects)
}

/// What an automation that shapes orders would change about one: the hub's order without and with it.
fn shaped_by(story: &Story, policy: &Policy, id: &str) -> Option<PlannedView> {
    if story.order.is_cancelled() || story.order.is_fulfilled() || story.parcels.iter().any(|p| p.value.is_live()) {
        return None;
    }
    // The line stays: an order placed before it is shaped by neither, and so is not in the plan.
    let under = |mode: Mode| {
        let mut policy = policy.clone();
        policy.automations.entry(id.to_owned()).or_default().mode = mode;
        policy
    };
    between(story, &under(Mode::Off), &under(Mode::Auto), id)
}

/// The same between two policies: what the one makes of an order, and what the other would.
pub(crate) fn between(story: &Story, without: &Policy, with: &Policy, id: &str) -> Option<PlannedView> {
    if story.order.is_cancelled() || story.order.is_fulfilled() || story.parcels.iter().any(|p| p.value.is_live()) {
        return None;
    }
    let (before, after) = (crate::rules::draft(story, without)?, crate::rules::draft(story, with)?);
    let mut changes: Vec<Change> = quayside_flows::differences(Some(&before), &after)
        .into_iter()
        .map(|d| Change { field: d.field, before: d.before, after: d.after })
        .collect();
    // What it says besides; not what the other automations that shape say of the same order.
    let (already, shape) = (quayside_flows::shape::shape(story, without), quayside_flows::shape::shape(story, with));
    let said = |field: &str, after: String| Change { field: field.to_owned(), before: String::new(), after };
    // Under the new rules nothing holds it any more: it goes.
    if shape.hold.is_none()
        && let Some((rule, why)) = &already.hold
    {
        changes.push(Change {
            field: "Held".to_owned(),
            before: format!("by \"{rule}\": {why}"),
            after: String::new(),
        });
    }
    let parts = |shape: &Shape| shape.split.as_ref().map_or(1, |split| split.further.len() + 1);
    let begun = !story.hub_orders.is_empty() || crate::tying::is_sent(story);
    if !begun && already.split != shape.split {
        let (before, after) = (parts(&already).to_string(), parts(&shape).to_string());
        changes.push(Change { field: "Hub orders".to_owned(), before, after });
    }
    if already.assignee != shape.assignee {
        let name = |of: &Shape| of.assignee.clone().unwrap_or_default();
        changes.push(Change { field: "Looks after it".to_owned(), before: name(&already), after: name(&shape) });
    }
    let hold = shape.hold.filter(|hold| already.hold.as_ref() != Some(hold));
    changes.extend(hold.map(|(rule, why)| said("Held", format!("by \"{rule}\": {why}"))));
    let unknown = shape.unknown.into_iter().filter(|line| !already.unknown.contains(line));
    changes.extend(unknown.map(|(_, sku)| said("Waits", format!("SKU \"{sku}\" is not in the table"))));
    let lacking = shape.lacking.into_iter().filter(|lack| !already.lacking.contains(lack));
    changes.extend(lacking.map(|(_, why)| said("Lacks", why)));
    let cut = shape.cut.into_iter().filter(|one| !already.cut.contains(one));
    changes.extend(cut.map(|(_, why)| said("Loses", why)));
    let alerts = shape.alerts.into_iter().filter(|alert| !already.alerts.contains(alert));
    changes.extend(alerts.map(|(_, text)| said("Tells you", text)));
    if changes.is_empty() {
        return None;
    }
    let (number, hub) = (&story.order.number, with.hub_of(story)?);
    let title = quayside_flows::automation(id).map_or(id, |declared| declared.title);
    let what: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    Some(PlannedView {
        account: hub.name.clone(),
        order_id: Some(story.order_id),
        order_number: number.clone(),
        effect: PlannedEffect {
            key: format!("{id}/{}", after.key),
            automation: id.to_owned(),
            connection: hub.id.clone(),
            mode: Mode::Watch,
            ship_by_ms: story.order.ship_by_ms,
            sentence: format!("{title} would change {number}: {}", words::list(&what).to_lowercase()),
            intent: Intent::PutHubOrder { order: after, hub_order_id: None },
        },
        changes,
    })
}

/// An effect with its differences.
pub(crate) fn view(effect: PlannedEffect, story: &Story, policy: &Policy) -> PlannedView {
    PlannedView {
        account: account_name(&effect, policy),
        order_id: Some(story.order_id),
        order_number: story.order.number.clone(),
        changes: changes(
            &effect.intent,
            Some(story),
            declaration_of(policy, &effect.connection),
            policy.zone_of(policy.peers.get(&story.channel)),
        ),
        effect,
    }
}

/// What would be written to the stores' counts, SKU by SKU, and what waits for a click.
fn counts(
    room: &Room,
    policy: &Policy,
    held: Option<&BTreeMap<String, Vec<OrderUnits>>>,
    most: usize,
    now_ms: i64,
) -> Answer<Vec<PlannedView>> {
    if !stock::adds_up(policy) {
        return Ok(Vec::new());
    }
    let line_ms = policy.automation(stock::ID).go_live_ms.filter(|line_ms| *line_ms <= now_ms);
    let mut planned: Vec<PlannedEffect> = Vec::new();
    let (mut after, mut looked_at) = (None::<String>, 0);
    while looked_at < most {
        let next = room.store.read(|r| {
            let page = r.shelf_page(ShelfPart::All, "", after.as_deref(), AT_ONCE.min(most - looked_at))?;
            for (sku, _) in &page.rows {
                let mut facts = shelf_facts(r, policy, sku, now_ms)?;
                let mut parts = std::mem::take(&mut facts.parts);
                for one in std::iter::once(&mut facts).chain(&mut parts) {
                    if let Some(held) = held {
                        one.orders = Some(held.get(&one.sku).cloned().unwrap_or_default());
                        one.whole_ms = now_ms;
                    }
                    // Before anything is written the count is read once after the line, and once after orders were added
                    // up; here it is taken to say the same.
                    let since_ms = line_ms.unwrap_or(0).max(one.whole_ms);
                    for count in &mut one.counts {
                        count.read_at_ms = count.read_at_ms.max(since_ms);
                    }
                }
                facts.parts = parts;
                planned.extend(stock::decide(&facts, policy, now_ms).writes.into_iter().map(of_no_order));
            }
            looked_at += page.rows.len();
            Ok(page.next)
        })?;
        after = next;
        if after.is_none() {
            break;
        }
    }
    planned.extend(asked_of_no_order(room, stock::ID)?);
    Ok(planned.into_iter().map(|effect| view_of_no_order(effect, policy)).collect())
}

/// What would be written about products, and what waits for a click; and what reaches a hub by another way.
fn product_changes(room: &Room, policy: &Policy) -> Answer<(Vec<PlannedView>, Vec<String>)> {
    let decided = room.store.read(|r| decide_products(r, policy))?;
    let on_lines = decided.on_lines.iter().filter_map(|(hub, products)| {
        let name = &policy.peers.get(hub)?.name;
        let (what, reach) = if *products == 1 {
            ("1 product".to_owned(), "reaches")
        } else {
            (format!("{products} products"), "reach")
        };
        Some(format!(
            "{name} makes no products from outside: {what} it does not have {reach} it on the lines of orders."
        ))
    });
    let on_lines: Vec<String> = on_lines.collect();
    let mut planned: Vec<PlannedEffect> = decided.writes.into_iter().map(of_no_order).collect();
    planned.extend(asked_of_no_order(room, products::ID)?);
    Ok((planned.into_iter().map(|effect| view_of_no_order(effect, policy)).collect(), on_lines))
}

/// A change that belongs to no order, in the shape of one that does.
fn of_no_order(write: PlannedWrite) -> PlannedEffect {
    PlannedEffect {
        key: write.key,
        automation: write.automation,
        connection: write.connection,
        intent: write.intent,
        mode: write.mode,
        ship_by_ms: None,
        sentence: write.sentence,
    }
}

/// Changes of an automation that belong to no order and wait for a click.
fn asked_of_no_order(room: &Room, automation: &str) -> Answer<Vec<PlannedEffect>> {
    let asked = room.store.read(|r| r.effects_standing(Some(automation), EffectState::Asked, ITEMS_MAX))?;
    let asked = asked.into_iter().filter(|effect| effect.subject.is_some()).map(|effect| PlannedEffect {
        key: effect.key,
        automation: effect.automation,
        connection: effect.connection,
        intent: effect.intent,
        mode: Mode::Ask,
        ship_by_ms: None,
        sentence: effect.sentence,
    });
    Ok(asked.collect())
}

fn view_of_no_order(effect: PlannedEffect, policy: &Policy) -> PlannedView {
    PlannedView {
        account: account_name(&effect, policy),
        order_id: None,
        order_number: match &effect.intent {
            Intent::SetStock { stock } => stock.sku.clone(),
            Intent::PutProduct { product } => product.sku.clone(),
            _ => String::new(),
        },
        changes: changes(&effect.intent, None, declaration_of(policy, &effect.connection), policy.zone_of(None)),
        effect,
    }
}

/// What would be done about the customers of the newest orders by one automation.
fn customers(room: &Room, policy: &Policy, automation: &str, now_ms: i64) -> Answer<Vec<PlannedView>> {
    let mut planned = Vec::new();
    let newest = room.store.read(|r| r.last_order())?;
    let mut after = OrderId((newest.0 - CUSTOMERS_BY).max(0));
    loop {
        let next = room.store.read(|r| {
            let orders = r.orders_after(after, AT_ONCE)?;
            let next = orders.last().copied();
            for decision in decide_customers(r, policy, orders, true, now_ms)? {
                for (order, effect) in decision.effects.into_iter().filter(|(_, one)| one.automation == automation) {
                    if let Some(story) = r.story(order)? {
                        planned.push(view(effect, &story, policy));
                    }
                }
            }
            Ok(next)
        })?;
        match next {
            Some(last) => after = last,
            None => return Ok(planned),
        }
    }
}

/// What open orders hold of each SKU, worked out on the spot: the preview of an automation that is off has nothing kept.
fn held_now(room: &Room, policy: &Policy, now_ms: i64) -> Answer<BTreeMap<String, Vec<OrderUnits>>> {
    let mut by_sku: BTreeMap<String, Vec<OrderUnits>> = BTreeMap::new();
    let mut after = OrderId(0);
    loop {
        let stories = room.store.read(|r| {
            let ids = r.open_orders(after, AT_ONCE)?;
            ids.iter().map(|id| Ok((*id, r.story(*id)?))).collect::<Result<Vec<_>, StoreError>>()
        })?;
        let Some((last, _)) = stories.last() else { return Ok(by_sku) };
        after = *last;
        for story in stories.into_iter().filter_map(|(_, story)| story) {
            for held in decide(&story, policy, now_ms).held.unwrap_or_default() {
                by_sku.entry(held.sku).or_default().push(OrderUnits {
                    connection: story.channel.clone(),
                    hub: held.hub.map(|hub| (hub, now_ms)),
                    placed_at_ms: story.order.placed_at_ms,
                    units: held.units,
                    open: held.open,
                    left_at_ms: None,
                });
            }
        }
    }
}

fn account_name(effect: &PlannedEffect, policy: &Policy) -> String {
    policy.peers.get(&effect.connection).map_or_else(|| effect.connection.to_string(), |peer| peer.name.clone())
}

/// What the plan uses of the rate budgets, one sentence per account.
fn cost(room: &Room, policy: &Policy, per_kind: &BTreeMap<(ConnectionId, IntentKind), i64>) -> Answer<Vec<String>> {
    let mut accounts: BTreeMap<&ConnectionId, Vec<(IntentKind, i64)>> = BTreeMap::new();
    for ((connection, kind), count) in per_kind {
        accounts.entry(connection).or_default().push((*kind, *count));
    }
    let mut out = Vec::new();
    for (connection, kinds) in accounts {
        let (name, buckets) = room.store.read(|r| {
            let config = r.connection(connection)?;
            Ok((config, crate::activity::buckets(&r.buckets(connection)?)))
        })?;
        let Some(config) = name else { continue };
        let declaration = quayside_connectors::platform(&config.platform).map(|platform| platform.declaration);
        let batch = declaration.map_or(&[][..], |declaration| declaration.batch_max);
        let effects: i64 = kinds.iter().map(|(_, count)| count).sum();
        let calls = calls(&kinds, batch);
        let seconds = declaration
            .and_then(|declaration| quayside_connectors::drain_s(declaration, &kinds, &buckets, room.now_ms()));
        let name = policy.peers.get(connection).map_or(config.name.as_str(), |peer| peer.name.as_str());
        let time = seconds.map_or_else(String::new, |seconds| format!(", done in {}", words::duration(seconds * 1000)));
        out.push(format!(
            "{name}: {} in {}{time}.",
            words::count(effects, "change", "changes"),
            words::count(calls, "call", "calls")
        ));
    }
    Ok(out)
}

/// Calls that so many effects take, with the platform's batch calls.
pub(crate) fn calls(kinds: &[(IntentKind, i64)], batch_max: &[(IntentKind, usize)]) -> i64 {
    kinds
        .iter()
        .map(|(kind, count)| {
            let batch = batch_max.iter().find(|(known, _)| known == kind).map_or(1, |(_, most)| (*most).max(1) as i64);
            (count + batch - 1) / batch
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_save_calls() {
        let batch = [(IntentKind::PutHubOrder, 100)];
        for (kinds, expected) in [
            (vec![], 0),
            (vec![(IntentKind::PutHubOrder, 1)], 1),
            (vec![(IntentKind::PutHubOrder, 100)], 1),
            (vec![(IntentKind::PutHubOrder, 101), (IntentKind::Fulfill, 3)], 5),
        ] {
            assert_eq!(calls(&kinds, &batch), expected);
        }
    }
}
