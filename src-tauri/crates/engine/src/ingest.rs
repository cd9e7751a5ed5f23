//! A page becomes records, links, events, decisions and effects, with its cursor: in one
//! transaction, or not at all.

use crate::changes;
use crate::policy::{delivery_told, products_changed};
use crate::tracks::{Told, put_together};
use quayside_flows::{Deliveries, Policy, Writes, decide, first_key, hub_key, same_sale, stock};
use quayside_model::{
    Choices, ConnectionId, Fulfillment, HubOrder, HubStatus, Incoming, Order, OrderId, Page, Parcel, Record,
    RecordKind, Return, Role, Story,
};
use quayside_store::{Ahead, NewEvent, Put, Store, StoreError, StreamState, Tx};
use std::collections::BTreeSet;

/// What a page brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Records read.
    pub records: usize,
    /// Of them, new or changed.
    pub changed: usize,
    /// Set aside as unreadable.
    pub unreadable: usize,
    /// Effects planned because of it.
    pub new_effects: usize,
    /// Orders looked at because of it.
    pub orders: BTreeSet<OrderId>,
    /// SKUs are to be looked at because of it.
    pub shelves: bool,
    /// The account told for the first time that a parcel arrived: the policy is to be loaded anew.
    pub first_delivery: bool,
}

/// Takes a page in. `stream` is the stream's state to store with it (cursor, times); `None`
/// for single records read on demand.
pub fn ingest(
    store: &Store,
    policy: &Policy,
    connection: &ConnectionId,
    kind: RecordKind,
    page: &Page,
    stream: Option<&StreamState>,
    now_ms: i64,
) -> Result<Ingested, StoreError> {
    let foresee = |incoming: &Incoming| match &incoming.record {
        Record::Order(order) => Some(decide(&newborn(UNBORN, connection, order, now_ms), policy, now_ms)),
        _ => None,
    };
    store.pack_ahead(&page.records, foresee, |ahead| {
        store.write(|tx| ingest_packed(tx, policy, connection, kind, page, ahead, stream, now_ms))
    })
}

/// The same inside a transaction that writes more than the page.
pub(crate) fn ingest_in(
    tx: &mut Tx<'_>,
    policy: &Policy,
    connection: &ConnectionId,
    kind: RecordKind,
    page: &Page,
    stream: Option<&StreamState>,
    now_ms: i64,
) -> Result<Ingested, StoreError> {
    ingest_packed(tx, policy, connection, kind, page, &Ahead::default(), stream, now_ms)
}

#[allow(clippy::too_many_arguments)] // the page, what is known about it, and where it goes
fn ingest_packed(
    tx: &mut Tx<'_>,
    policy: &Policy,
    connection: &ConnectionId,
    kind: RecordKind,
    page: &Page,
    ahead: &Ahead,
    stream: Option<&StreamState>,
    now_ms: i64,
) -> Result<Ingested, StoreError> {
    let mut done = Ingested { records: page.records.len(), unreadable: page.unreadable.len(), ..Ingested::default() };
    let mut touched: BTreeSet<OrderId> = BTreeSet::new();
    let swallowed = swallowed(tx, connection, page, now_ms)?;
    let unheard = policy.peers.get(connection).is_some_and(|peer| peer.deliveries == Deliveries::Unheard);
    // What a hub has, by SKU and whether it is in use: decisions may go by it.
    let mut products: Vec<(String, bool)> = Vec::new();
    let mut products_moved = false;
    for (n, incoming) in page.records.iter().chain(&swallowed).enumerate() {
        let first_told = match put_together(tx, connection, incoming, now_ms)? {
            Told::Nothing => continue,
            Told::Instead(whole) => Some(*whole),
            Told::AsRead => since_first_told(tx, connection, incoming)?,
        };
        // Made of the record as it was read, or not at all.
        let packed = if first_told.is_some() { None } else { ahead.take(n) };
        let incoming = first_told.as_ref().unwrap_or(incoming);
        if let Record::Stock(count) = &incoming.record {
            let (sku, bundle) = stock::counted_as(policy, connection, &count.sku, &count.item_id);
            tx.put_count(connection, count, (&sku, bundle), now_ms)?;
        }
        let before = match tx.put_packed(connection, incoming, packed, now_ms)? {
            Put::Unchanged => continue,
            Put::New => None,
            Put::Changed { before } => Some(*before),
        };
        done.changed += 1;
        done.first_delivery |= unheard && tells_delivery(&incoming.record);
        products_moved |= matches!(incoming.record, Record::Product(_));
        if let Record::Product(now) = &incoming.record
            && !matches!(&before, Some(Record::Product(was)) if was.sku == now.sku && was.active == now.active)
        {
            products.push((now.sku.clone(), now.active));
        }
        let fresh = take_in(tx, policy, connection, incoming, before.as_ref(), now_ms, &mut touched)?;
        if let Some(order) = fresh {
            // Nothing else can be known of an order seen for the first time: decide on the spot.
            let id = tx.next_order_id()?;
            let foreseen = if first_told.is_some() { None } else { ahead.take_foreseen(n) };
            let mut foreseen =
                foreseen.unwrap_or_else(|| decide(&newborn(UNBORN, connection, order, now_ms), policy, now_ms).into());
            tx.enter(id, connection, order, &mut foreseen, now_ms)?;
            say(tx, id, connection, now_ms, changes::first_seen(&incoming.record))?;
            done.new_effects += tx.carry_out_first(id, &foreseen, now_ms)?.len();
            done.orders.insert(id);
        }
    }
    if !products.is_empty() && policy.peers.get(connection).is_some_and(|peer| peer.roles.contains(&Role::Hub)) {
        products_changed(tx, &(connection, products))?;
    }
    if products_moved && quayside_flows::products::acts(policy) {
        tx.mark_catalogue()?;
    }
    if done.first_delivery {
        delivery_told(tx, connection, now_ms)?;
    }
    for id in &page.mended {
        tx.take_back(connection, kind, id, now_ms)?;
    }
    for unreadable in &page.unreadable {
        tx.set_aside(connection, kind, unreadable, now_ms)?;
    }
    if let Some(findings) = &page.findings {
        tx.put_account_findings(connection, findings, now_ms)?;
    }
    for id in touched {
        done.new_effects += redecide(tx, policy, id, now_ms)?;
        done.orders.insert(id);
    }
    // What was read of a buyer who asked to be forgotten does not stay.
    tx.forget_again(&done.orders, now_ms)?;
    if let Some(state) = stream {
        tx.put_stream(state)?;
    }
    done.shelves = (kind == RecordKind::Stock || stock::adds_up(policy))
        && tx.next_shelf_at()?.is_some_and(|at_ms| at_ms <= now_ms);
    Ok(done)
}

/// A parcel arrived, says the store's order or the hub's parcel. What was marked as shipped and nobody follows says
/// nothing of the others.
fn tells_delivery(record: &Record) -> bool {
    match record {
        Record::Order(order) => order.fulfillments.iter().any(|told| told.live && told.delivered_at_ms.is_some()),
        Record::Parcel(parcel) => parcel.is_live() && parcel.is_followed() && parcel.delivered_at_ms.is_some(),
        _ => false,
    }
}

/// Decides one order anew from everything the store knows; how many effects that planned.
pub fn redecide(tx: &mut Tx<'_>, policy: &Policy, id: OrderId, now_ms: i64) -> Result<usize, StoreError> {
    let Some(mut story) = tx.story(id)? else { return Ok(0) };
    if adopt_strays(tx, policy, &story)? {
        let Some(linked) = tx.story(id)? else { return Ok(0) };
        story = linked;
    }
    let decision = decide(&story, policy, now_ms);
    Ok(tx.put_decision(id, &story.order, &decision, now_ms)?.new_effects.len())
}

/// Where a store's orders reach the hub by the hub's own link, its copies are ours as soon as they are seen.
fn adopt_strays(tx: &mut Tx<'_>, policy: &Policy, story: &Story) -> Result<bool, StoreError> {
    if story.strays.is_empty() || !policy.peers.get(&story.channel).is_some_and(|channel| channel.writes == Writes::Hub)
    {
        return Ok(false);
    }
    let mut any = false;
    for stray in same_sale(story) {
        link(tx, story.order_id, &stray.connection, RecordKind::HubOrder, &stray.value.remote_id)?;
        any = true;
    }
    Ok(any)
}

/// In the story of an order that has no row yet. A row tells two orders of one sale apart, and this one is alone.
const UNBORN: OrderId = OrderId(0);

fn newborn(id: OrderId, connection: &ConnectionId, order: &Order, now_ms: i64) -> Story {
    Story {
        order_id: id,
        channel: connection.clone(),
        order: order.clone(),
        received_at_ms: now_ms,
        seen_at_ms: now_ms,
        hub_orders: Vec::new(),
        parcels: Vec::new(),
        effects: Vec::new(),
        choices: Choices::default(),
        strays: Vec::new(),
        twins: Vec::new(),
        returns: Vec::new(),
        quotes: Vec::new(),
    }
}

/// Where a platform says *that* a parcel was delivered and not *when*, each later change of the order would move the
/// moment: the first one told stands, and with it the day the buyer's data ends. `None`: nothing to mend.
fn since_first_told(
    tx: &Tx<'_>,
    connection: &ConnectionId,
    incoming: &Incoming,
) -> Result<Option<Incoming>, StoreError> {
    let Record::Order(order) = &incoming.record else { return Ok(None) };
    let by_change = |told: &Fulfillment| told.delivered_at_ms == Some(order.updated_at_ms);
    if !order.fulfillments.iter().any(by_change) {
        return Ok(None);
    }
    let Some(Record::Order(known)) = tx.record(connection, RecordKind::Order, &order.remote_id)? else {
        return Ok(None);
    };
    let mut mended = order.clone();
    for told in mended.fulfillments.iter_mut().filter(|told| by_change(told)) {
        let before = known.fulfillments.iter().find(|before| before.remote_id == told.remote_id);
        if let (Some(now), Some(first)) = (told.delivered_at_ms, before.and_then(|before| before.delivered_at_ms)) {
            told.delivered_at_ms = Some(now.min(first));
        }
    }
    Ok((mended != *order).then(|| Incoming { record: Record::Order(mended), raw: incoming.raw.clone() }))
}

/// Hub orders that others took in: they vanish at the hub, and no list ever shows them again.
fn swallowed(tx: &Tx<'_>, connection: &ConnectionId, page: &Page, now_ms: i64) -> Result<Vec<Incoming>, StoreError> {
    let mut swallowed = Vec::new();
    for incoming in &page.records {
        let Record::HubOrder(taker) = &incoming.record else { continue };
        for id in taker.merged_ids.iter().filter(|id| **id != taker.remote_id) {
            // One that is on this very page was read, and is therefore there.
            let is_there = page.records.iter().any(|other| other.record.remote_id() == id);
            if let Some(Record::HubOrder(taken)) = tx.record(connection, RecordKind::HubOrder, id)?
                && taken.status.is_open()
                && !is_there
            {
                let gone = HubOrder { status: HubStatus::Gone, modified_at_ms: now_ms, ..taken };
                swallowed.push(Incoming { record: Record::HubOrder(gone), raw: "{}".to_owned() });
            }
        }
    }
    Ok(swallowed)
}

/// Links a changed record to its orders and writes the timeline. Gives back a brand-new order
/// that nothing was waiting for, of which nothing is written yet; all others are added to `touched`.
fn take_in<'a>(
    tx: &mut Tx<'_>,
    policy: &Policy,
    connection: &ConnectionId,
    incoming: &'a Incoming,
    before: Option<&Record>,
    now_ms: i64,
    touched: &mut BTreeSet<OrderId>,
) -> Result<Option<&'a Order>, StoreError> {
    let orders: Vec<OrderId> = match &incoming.record {
        Record::Order(order) => {
            let Some(id) = tx.order_id(connection, &order.remote_id)? else {
                let twins = tx.twins(connection, order, &Choices::default())?;
                let waiting = waiting(tx, policy, connection, order)?;
                if waiting.is_empty() && twins.is_empty() && tx.strays(&order.number)?.is_empty() {
                    return Ok(Some(order));
                }
                let (id, _) = tx.order_for(connection, order, now_ms)?;
                say(tx, id, connection, now_ms, changes::first_seen(&incoming.record))?;
                for (account, kind, remote_id) in waiting {
                    if kind == RecordKind::Return {
                        tx.link(id, &account, kind, &remote_id)?;
                        if let Some(known) = tx.record(&account, kind, &remote_id)? {
                            say(tx, id, &account, now_ms, changes::first_seen(&known))?;
                        }
                    } else {
                        link(tx, id, &account, kind, &remote_id)?;
                    }
                }
                touched.insert(id);
                // Another account's order of the same sale is to know of this one.
                touched.extend(twins.iter().map(|twin| twin.order_id));
                return Ok(None);
            };
            let choices = tx.choices(id)?;
            touched.extend(tx.twins(connection, order, &choices)?.iter().map(|twin| twin.order_id));
            vec![id]
        }
        Record::HubOrder(hub_order) => {
            let orders = orders_of_hub_order(tx, connection, hub_order)?;
            if orders.is_empty() {
                // Nobody's, as far as its key says. An order of the same number is to know of it: it may be the same sale.
                tx.stray(&hub_order.number, connection, &hub_order.remote_id)?;
                touched.extend(tx.orders_of_number(&hub_order.number)?);
            }
            orders
        }
        Record::Parcel(parcel) => orders_of_parcel(tx, connection, parcel)?,
        Record::Return(back) => order_of_return(tx, connection, back)?,
        // Counts and products belong to no order; a parcel's way was put to its parcel.
        Record::Stock(_) | Record::Product(_) | Record::Track(_) => Vec::new(),
    };
    let lines = match before {
        Some(before) => changes::between(before, &incoming.record),
        None => vec![changes::first_seen(&incoming.record)],
    };
    for id in orders {
        for line in &lines {
            say(tx, id, connection, now_ms, line.clone())?;
        }
        touched.insert(id);
    }
    Ok(None)
}

fn say(
    tx: &mut Tx<'_>,
    id: OrderId,
    connection: &ConnectionId,
    at_ms: i64,
    (kind, sentence): changes::Change,
) -> Result<(), StoreError> {
    tx.note(&NewEvent {
        order_id: Some(id),
        connection: Some(connection.clone()),
        at_ms,
        author: connection.as_str().to_owned(),
        kind: kind.to_owned(),
        sentence,
        detail: None,
    })
}

/// Hub orders and parcels that were read before the channel's order they belong to wait under
/// the key that order will have, returns under its id: takes them out of the wait, to be linked.
fn waiting(
    tx: &mut Tx<'_>,
    policy: &Policy,
    connection: &ConnectionId,
    order: &Order,
) -> Result<Vec<(ConnectionId, RecordKind, String)>, StoreError> {
    let Some(channel) = policy.peers.get(connection) else { return Ok(Vec::new()) };
    let mut waiting = tx.take_waiting(&hub_key(channel, order, 0))?;
    waiting.extend(tx.take_waiting(&return_waits_for(connection, &order.remote_id))?);
    Ok(waiting)
}

/// Links, and brings along what waited for this hub order (its parcels, its splits).
pub fn link(
    tx: &mut Tx<'_>,
    id: OrderId,
    connection: &ConnectionId,
    kind: RecordKind,
    remote_id: &str,
) -> Result<(), StoreError> {
    if kind == RecordKind::HubOrder {
        share_parcels(tx, id, connection, remote_id)?;
    }
    tx.link(id, connection, kind, remote_id)?;
    if kind == RecordKind::HubOrder {
        for (hub, kind, remote_id) in tx.take_waiting(&waits_for(connection, remote_id))? {
            link(tx, id, &hub, kind, &remote_id)?;
        }
    }
    Ok(())
}

/// A hub order that becomes part of a further order (it took another in) brings along the parcels
/// that were read before anybody knew.
fn share_parcels(tx: &mut Tx<'_>, id: OrderId, connection: &ConnectionId, hub_order: &str) -> Result<(), StoreError> {
    let others = tx.orders_linked_to(connection, RecordKind::HubOrder, hub_order)?;
    if others.contains(&id) {
        return Ok(());
    }
    for other in others {
        let Some(story) = tx.story(other)? else { continue };
        for parcel in story.parcels.iter().filter(|p| p.connection == *connection) {
            if parcel.value.hub_order_id.as_deref() == Some(hub_order) {
                tx.link(id, connection, RecordKind::Parcel, &parcel.value.remote_id)?;
            }
        }
    }
    Ok(())
}

/// Keeps a parcel that belongs to no order until its hub order does.
pub fn wait_for(
    tx: &mut Tx<'_>,
    connection: &ConnectionId,
    hub_order_id: &str,
    kind: RecordKind,
    remote_id: &str,
) -> Result<(), StoreError> {
    tx.link_later(&waits_for(connection, hub_order_id), connection, kind, remote_id)
}

fn return_waits_for(connection: &ConnectionId, order_remote_id: &str) -> String {
    format!("return/{connection}/{order_remote_id}")
}

fn waits_for(connection: &ConnectionId, hub_order_id: &str) -> String {
    format!("{connection}/{hub_order_id}")
}

fn orders_of_hub_order(
    tx: &mut Tx<'_>,
    connection: &ConnectionId,
    hub_order: &HubOrder,
) -> Result<Vec<OrderId>, StoreError> {
    let mut orders: BTreeSet<OrderId> =
        tx.orders_linked_to(connection, RecordKind::HubOrder, &hub_order.remote_id)?.into_iter().collect();
    orders.extend(tx.order_by_hub_key(&hub_order.key)?);
    // A split is part of its parent's order; a merge is part of every order it took in. Never joined by number.
    for relative in hub_order.parent_id.iter().chain(&hub_order.merged_ids) {
        orders.extend(tx.orders_linked_to(connection, RecordKind::HubOrder, relative)?);
    }
    if orders.is_empty() {
        // A part of a split order waits under the key of the first one: that is the one its order will ask for.
        tx.link_later(first_key(&hub_order.key), connection, RecordKind::HubOrder, &hub_order.remote_id)?;
        if let Some(parent) = &hub_order.parent_id {
            tx.link_later(&waits_for(connection, parent), connection, RecordKind::HubOrder, &hub_order.remote_id)?;
        }
    }
    for id in &orders {
        link(tx, *id, connection, RecordKind::HubOrder, &hub_order.remote_id)?;
    }
    Ok(orders.into_iter().collect())
}

/// The channel's order a return belongs to; one read before its order waits for it: it may never change again.
fn order_of_return(tx: &mut Tx<'_>, connection: &ConnectionId, back: &Return) -> Result<Vec<OrderId>, StoreError> {
    let Some(id) = tx.order_id(connection, &back.order_remote_id)? else {
        let key = return_waits_for(connection, &back.order_remote_id);
        tx.link_later(&key, connection, RecordKind::Return, &back.remote_id)?;
        return Ok(Vec::new());
    };
    tx.link(id, connection, RecordKind::Return, &back.remote_id)?;
    Ok(vec![id])
}

fn orders_of_parcel(tx: &mut Tx<'_>, connection: &ConnectionId, parcel: &Parcel) -> Result<Vec<OrderId>, StoreError> {
    let mut orders: BTreeSet<OrderId> =
        tx.orders_linked_to(connection, RecordKind::Parcel, &parcel.remote_id)?.into_iter().collect();
    if let Some(hub_order) = &parcel.hub_order_id {
        orders.extend(tx.orders_linked_to(connection, RecordKind::HubOrder, hub_order)?);
    }
    if let Some(key) = &parcel.hub_order_key {
        orders.extend(tx.order_by_hub_key(key)?);
    }
    if orders.is_empty() {
        if let Some(hub_order) = &parcel.hub_order_id {
            tx.link_later(&waits_for(connection, hub_order), connection, RecordKind::Parcel, &parcel.remote_id)?;
        }
        if let Some(key) = &parcel.hub_order_key {
            tx.link_later(first_key(key), connection, RecordKind::Parcel, &parcel.remote_id)?;
        }
    }
    for id in &orders {
        tx.link(*id, connection, RecordKind::Parcel, &parcel.remote_id)?;
    }
    Ok(orders.into_iter().collect())
}
