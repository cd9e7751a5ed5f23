//! The evidence of one order, for a dispute at a marketplace or with a carrier: what happened when, what was sent and tried,
//! the platforms' names of the requests, the tracking, and the head of the trail that shows it was not written afterwards.
//!
//! The buyer's name and address are in it only if somebody says so; sentences that tell of the buyer give way without that.

use crate::desk::{Desk, Role, Room};
use crate::trouble::Answer;
use crate::view::{EvidenceSaved, ParcelView, Trouble};
use crate::{files, orders, paper, trail, words};
use maud::{Markup, html};
use quayside_model::{ConnectionId, Money, OrderId, Story};
use quayside_store::{AttemptRow, EffectRow, OrderDetail, TrailHead};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Letters from which on a piece of a name or an address is found in no ordinary word.
const TELLING_CHARS: usize = 4;
/// What stands where a sentence told of the buyer.
const LEFT_OUT: &str = "(a sentence that tells of the buyer; left out)";

/// All of it, as programs read it.
#[derive(Debug, Clone, Serialize)]
struct Evidence {
    made_at_ms: i64,
    number: String,
    store: String,
    remote_id: String,
    placed_at_ms: i64,
    total: String,
    payment: String,
    ship_by_ms: Option<i64>,
    deliver_by_ms: Option<i64>,
    cancelled_at_ms: Option<i64>,
    lines: Vec<Line>,
    /// `None`: left out.
    buyer: Option<Vec<String>>,
    parcels: Vec<ParcelView>,
    told: Vec<Told>,
    timeline: Vec<Moment>,
    changes: Vec<Change>,
    trail: Option<TrailHead>,
}

#[derive(Debug, Clone, Serialize)]
struct Line {
    sku: String,
    name: String,
    units: i64,
    price: String,
}

/// What the store shows of a parcel.
#[derive(Debug, Clone, Serialize)]
struct Told {
    at_ms: i64,
    carrier: String,
    tracking_numbers: Vec<String>,
    status: String,
    delivered_at_ms: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
struct Moment {
    at_ms: i64,
    who: String,
    sentence: String,
    /// The entry of the trail that holds it; `None`: not sealed yet.
    entry: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
struct Change {
    key: String,
    account: String,
    sentence: String,
    planned_at_ms: i64,
    settled_at_ms: Option<i64>,
    state: String,
    remote_id: Option<String>,
    tries: Vec<Try>,
}

#[derive(Debug, Clone, Serialize)]
struct Try {
    at_ms: i64,
    took_ms: i64,
    looked: bool,
    outcome: String,
    request_id: Option<String>,
    status: Option<u16>,
}

impl Desk {
    /// Writes the evidence of an order: as JSON if the file's name ends so, else as a page.
    pub fn save_evidence(&self, id: OrderId, with_addresses: bool, path: &Path) -> Answer<EvidenceSaved> {
        let room = self.room()?;
        if room.setup.role != Role::Attach {
            // Who hands an address out leaves a trace of it.
            let said = json!({ "did": "evidence", "order": id, "addresses": with_addresses });
            room.store.write(|tx| tx.note_in_trail(&said, room.now_ms()))?;
        }
        let evidence = gather(&room, id, with_addresses)?;
        let text = if paper::is_json(path) {
            serde_json::to_string_pretty(&evidence)
                .map_err(|error| Trouble::internal(format!("The evidence could not be written down ({error}).")))?
        } else {
            paper::page(
                &format!("Order {}", evidence.number),
                &format!("Evidence made by Quayside on {}.", paper::moment(evidence.made_at_ms)),
                &body(&evidence),
            )
        };
        files::write(path, text.as_bytes())?;
        Ok(EvidenceSaved {
            path: path.display().to_string(),
            moments: evidence.timeline.len() as i64,
            changes: evidence.changes.len() as i64,
            trail_head: evidence.trail.map(|head| head.to_string()).unwrap_or_default(),
        })
    }
}

fn gather(room: &Room, id: OrderId, with_addresses: bool) -> Answer<Evidence> {
    let head = trail::head_now(room)?;
    let names = room.names()?;
    let (found, changes, entries) = room.store.read(|r| {
        let Some(found) = r.order_detail(id)? else { return Ok((None, Vec::new(), Vec::new())) };
        let mut changes = Vec::new();
        for effect in r.effects_of(id)? {
            let tries = r.attempts_of(effect.id)?;
            changes.push((effect, tries));
        }
        let entries =
            found.events.iter().map(|event| r.trail_entry_of_event(event.id)).collect::<Result<Vec<_>, _>>()?;
        Ok((Some(found), changes, entries))
    })?;
    let found = found.ok_or_else(|| Trouble::gone("There is no such order. Refresh the list."))?;
    Ok(evidence(&found, changes, &entries, &names, with_addresses, head, room.now_ms()))
}

fn evidence(
    found: &OrderDetail,
    changes: Vec<(EffectRow, Vec<AttemptRow>)>,
    entries: &[Option<i64>],
    names: &BTreeMap<ConnectionId, String>,
    with_addresses: bool,
    trail: Option<TrailHead>,
    now_ms: i64,
) -> Evidence {
    let (story, order) = (&found.story, &found.story.order);
    let name = |id: &ConnectionId| names.get(id).cloned().unwrap_or_else(|| id.to_string());
    let telling = if with_addresses { Vec::new() } else { telling(story) };
    let quiet = |sentence: &str| {
        let small = sentence.to_lowercase();
        if telling.iter().any(|part| small.contains(part)) { LEFT_OUT.to_owned() } else { sentence.to_owned() }
    };
    let money = |minor: i64| Money::new(minor, order.currency.clone()).to_string();
    let timeline = found.events.iter().enumerate().map(|(at, event)| Moment {
        at_ms: event.at_ms,
        who: match event.author.as_str() {
            "person" => "a person at the desk".to_owned(),
            "quayside" => "Quayside".to_owned(),
            other => name(&ConnectionId::new(other)),
        },
        sentence: quiet(&event.sentence),
        entry: entries.get(at).copied().flatten(),
    });
    Evidence {
        made_at_ms: now_ms,
        number: order.number.clone(),
        store: name(&story.channel),
        remote_id: order.remote_id.clone(),
        placed_at_ms: order.placed_at_ms,
        total: money(order.current_total_minor),
        payment: words::payment(&order.payment),
        ship_by_ms: order.ship_by_ms,
        deliver_by_ms: order.deliver_by_ms,
        cancelled_at_ms: order.cancelled_at_ms,
        lines: order
            .lines
            .iter()
            .map(|line| Line {
                sku: line.sku.clone(),
                name: line.name.clone(),
                units: line.quantity,
                price: money(line.unit_price_minor),
            })
            .collect(),
        buyer: with_addresses.then(|| buyer(story)),
        parcels: orders::parcels(story, names),
        told: order
            .fulfillments
            .iter()
            .map(|told| Told {
                at_ms: told.created_at_ms,
                carrier: told.carrier.clone(),
                tracking_numbers: told.tracking_numbers.clone(),
                status: told.status.clone(),
                delivered_at_ms: told.delivered_at_ms,
            })
            .collect(),
        timeline: timeline.collect(),
        changes: changes
            .into_iter()
            .map(|(effect, tries)| Change {
                account: name(&effect.connection),
                sentence: quiet(&effect.sentence),
                planned_at_ms: effect.created_at_ms,
                settled_at_ms: effect.settled_at_ms,
                state: effect.state.code().to_owned(),
                remote_id: effect.receipt.and_then(|receipt| receipt.remote_id),
                key: effect.key,
                tries: tries.into_iter().map(tried).collect(),
            })
            .collect(),
        trail,
    }
}

fn tried(row: AttemptRow) -> Try {
    Try {
        at_ms: row.at_ms,
        took_ms: row.duration_ms,
        looked: row.looked,
        outcome: row.outcome,
        request_id: row.request_id,
        status: row.refusal.and_then(|refusal| refusal.status),
    }
}

/// Who bought and where it went, line by line.
fn buyer(story: &Story) -> Vec<String> {
    let order = &story.order;
    let mut lines =
        story.choices.address.as_ref().or(order.ship_to.as_ref()).map(words::address_lines).unwrap_or_default();
    if let Some(customer) = &order.customer {
        lines.extend([&customer.email, &customer.phone].into_iter().filter(|text| !text.is_empty()).cloned());
    }
    lines
}

/// What a sentence would tell the buyer by, in small letters.
fn telling(story: &Story) -> Vec<String> {
    let order = &story.order;
    let addresses = [&order.ship_to, &order.bill_to, &story.choices.address].into_iter().flatten();
    let at_hubs = story.hub_orders.iter().filter_map(|seen| seen.value.ship_to.as_ref());
    let mut texts: Vec<&str> = Vec::new();
    for address in addresses.chain(at_hubs) {
        texts.extend(
            [&address.company, &address.line1, &address.line2, &address.line3, &address.phone].map(String::as_str),
        );
        texts.extend(address.name.split(|c: char| !c.is_alphanumeric()));
        texts.push(&address.postcode);
    }
    if let Some(customer) = &order.customer {
        texts.extend([&customer.email, &customer.phone].map(String::as_str));
        texts.extend(customer.name.split(|c: char| !c.is_alphanumeric()));
    }
    texts.extend([&order.note, &order.gift_message].map(String::as_str));
    let texts = texts.into_iter().map(|text| text.trim().to_lowercase());
    texts.filter(|text| text.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING_CHARS).collect()
}

fn body(evidence: &Evidence) -> Markup {
    let at = |at_ms: Option<i64>| at_ms.map(paper::moment).unwrap_or_default();
    let lines: Vec<Vec<String>> = evidence
        .lines
        .iter()
        .map(|line| vec![line.sku.clone(), line.name.clone(), line.units.to_string(), line.price.clone()])
        .collect();
    let parcels: Vec<Vec<String>> = evidence
        .parcels
        .iter()
        .map(|parcel| {
            vec![
                format!("{} {}", parcel.carrier, parcel.service),
                parcel.tracking_number.clone(),
                at(parcel.shipped_at_ms),
                at(parcel.delivered_at_ms),
                parcel.state.clone(),
            ]
        })
        .collect();
    let told: Vec<Vec<String>> = evidence
        .told
        .iter()
        .map(|told| {
            vec![
                paper::moment(told.at_ms),
                told.carrier.clone(),
                told.tracking_numbers.join(", "),
                told.status.clone(),
                at(told.delivered_at_ms),
            ]
        })
        .collect();
    let timeline: Vec<Vec<String>> = evidence
        .timeline
        .iter()
        .map(|moment| {
            vec![
                paper::moment(moment.at_ms),
                moment.who.clone(),
                moment.sentence.clone(),
                moment.entry.map_or_else(|| "not sealed yet".to_owned(), |entry| entry.to_string()),
            ]
        })
        .collect();
    let trail = match &evidence.trail {
        None => "Nothing is sealed yet.".to_owned(),
        Some(head) => format!(
            "Every line above names the entry of the trail it is sealed in. The trail ended with {head} on {}; whoever keeps these digits can compare them later (quayside-cli doctor --head {head}).",
            paper::moment(head.at_ms)
        ),
    };
    html! {
        (paper::facts(&[
            ("Store", evidence.store.clone()),
            ("Id at the store", evidence.remote_id.clone()),
            ("Placed", paper::moment(evidence.placed_at_ms)),
            ("Value", evidence.total.clone()),
            ("Payment", evidence.payment.clone()),
            ("Must leave by", at(evidence.ship_by_ms)),
            ("Promised by", at(evidence.deliver_by_ms)),
            ("Cancelled", at(evidence.cancelled_at_ms)),
            ("Buyer", evidence.buyer.as_ref().map(|lines| lines.join(", ")).unwrap_or_default()),
        ]))
        @if evidence.buyer.is_none() { p { "Name and address of the buyer were left out." } }
        (paper::table("Lines", &["SKU", "Name", "Units", "Price"], &lines))
        (paper::table("Parcels", &["Carrier", "Tracking number", "Left", "Delivered", "State"], &parcels))
        (paper::table("What the store shows of them", &["Told", "Carrier", "Tracking numbers", "Status", "Delivered"], &told))
        (paper::table("What happened", &["When", "Who", "What", "Entry of the trail"], &timeline))
        @for change in &evidence.changes { (sent(change)) }
        h3 { "Trail" }
        p { (trail) }
    }
}

fn sent(change: &Change) -> Markup {
    let tries: Vec<Vec<String>> = change
        .tries
        .iter()
        .map(|one| {
            vec![
                paper::moment(one.at_ms),
                if one.looked { "looked up" } else { "sent" }.to_owned(),
                one.outcome.clone(),
                one.status.map(|status| status.to_string()).unwrap_or_default(),
                one.request_id.clone().unwrap_or_default(),
            ]
        })
        .collect();
    html! {
        h3 { (change.sentence) }
        (paper::facts(&[
            ("Account", change.account.clone()),
            ("Key", change.key.clone()),
            ("State", change.state.clone()),
            ("Planned", paper::moment(change.planned_at_ms)),
            ("Ended", change.settled_at_ms.map(paper::moment).unwrap_or_default()),
            ("Id at the platform", change.remote_id.clone().unwrap_or_default()),
        ]))
        (paper::table("Tries", &["When", "How", "Outcome", "HTTP", "The platform's name of the request"], &tries))
    }
}
