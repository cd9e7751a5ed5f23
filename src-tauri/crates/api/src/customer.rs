//! What the law lets a buyer ask for: to be shown everything that is kept of them, and to be forgotten.
//!
//! Both begin with a plan: who it is, as somebody typed it, and every order it is about, over all accounts. What is done is
//! done to the orders of that plan and no others, and ends in a receipt: how many, which, what could not be reached from
//! here, and the entry of the trail. The receipt names nobody.

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{CustomerExported, CustomerForgotten, CustomerFound, CustomerOrder, Trouble};
use crate::{files, paper, privacy, trail, words};
use maud::{Markup, html};
use quayside_model::{
    Address, ConnectionId, CustomerLike, HubOrder, Meant, Order, OrderId, Record, RecordKind, Role, Story,
};
use quayside_store::{
    Buyer, CustomerChoice, CustomerReview, EffectRow, EventRow, Met, NewEvent, OrderDetail, Reader, StoreError,
    old_copies,
};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Records gone through in one snapshot.
const PIECE: usize = 500;

/// Where the buyer was met.
struct Found {
    buyer: Buyer,
    orders: BTreeSet<OrderId>,
    strays: BTreeSet<(ConnectionId, String)>,
}

impl Desk {
    /// Every order of a buyer, by an e-mail address, a telephone number or a name. Changes nothing.
    pub fn find_customer(&self, who: &str) -> Answer<CustomerFound> {
        let room = self.room()?;
        let found = look(&room, who)?;
        let names = room.names()?;
        let orders = room.store.read(|r| {
            found.orders.iter().filter_map(|id| order_of(r, *id, &names).transpose()).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(CustomerFound {
            by: found.buyer.by().to_owned(),
            orders,
            strays: found.strays.len() as i64,
            not_reached: not_reached(&room)?,
        })
    }

    /// Takes a buyer's data out of these of their orders: closed ones at once, open ones as soon as they are closed. There is
    /// no way back. With a `receipt` what was done is written there, too.
    pub fn forget_customer(&self, who: &str, orders: &[OrderId], receipt: Option<&Path>) -> Answer<CustomerForgotten> {
        let room = self.writable()?;
        let found = look(&room, who)?;
        let chosen = chosen(&found, orders)?;
        let all = chosen.len() == found.orders.len();
        let (now_ms, chance) = (room.now_ms(), trail::chance()?);
        let by = found.buyer.by();
        // First that it was asked for, in one transaction: a crash from here on is gone on with by itself.
        let entry = room.store.write(|tx| {
            for id in &chosen {
                tx.note(&NewEvent {
                    order_id: Some(*id),
                    connection: None,
                    at_ms: now_ms,
                    author: "person".to_owned(),
                    kind: "person".to_owned(),
                    sentence: "The buyer asked to be forgotten".to_owned(),
                    detail: None,
                })?;
            }
            tx.ask_to_forget(&chosen, all.then_some(&found.buyer), &chance, now_ms)?;
            tx.note_in_trail(&json!({ "did": "forget", "by": by, "orders": chosen }), now_ms)
        })?;
        let mut strays = 0;
        if all {
            for (connection, remote_id) in &found.strays {
                strays += i64::from(room.store.write(|tx| tx.forget_stray(connection, remote_id))?);
            }
        }
        privacy::forget_asked(&room.store, now_ms)?;
        // Whom the buyer was taken for is forgotten at once, too: the engine knows it by heart.
        room.reload()?;
        let (mut blanked, mut waiting) = (Vec::new(), Vec::new());
        room.store.read(|r| {
            for id in &chosen {
                let number = r.story(*id)?.map_or_else(|| id.to_string(), |story| story.order.number);
                let done = r.forgotten(*id)?.is_some_and(|forgotten| forgotten.done_at_ms.is_some());
                let into = if done { &mut blanked } else { &mut waiting };
                into.push(number);
            }
            Ok(())
        })?;
        let head = trail::head_now(&room)?.map(|head| head.to_string()).unwrap_or_default();
        let mut done = CustomerForgotten {
            at_ms: now_ms,
            by: by.to_owned(),
            blanked,
            waiting,
            strays,
            not_reached: not_reached(&room)?,
            trail_entry: entry,
            trail_head: head,
            receipt: None,
        };
        tracing::info!(count = chosen.len(), "a buyer asked to be forgotten");
        room.nudge();
        if let Some(path) = receipt {
            done.receipt = Some(path.display().to_string());
            files::write(path, receipt_text(&done, path)?.as_bytes()).map_err(|trouble| Trouble {
                sentence: format!("The buyer was forgotten, but the receipt is missing. {}", trouble.sentence),
                ..trouble
            })?;
        }
        Ok(done)
    }

    /// Writes everything that is kept of a buyer in these of their orders: for programs to `path`, and as a page beside it.
    pub fn export_customer(&self, who: &str, orders: &[OrderId], path: &Path) -> Answer<CustomerExported> {
        let room = self.room()?;
        let found = look(&room, who)?;
        let chosen = chosen(&found, orders)?;
        let (data, page) = (path.with_extension("json"), path.with_extension("html"));
        for file in [&data, &page] {
            if file != path && file.exists() {
                return Err(Trouble::field(
                    "path",
                    format!("{} exists already, and nothing is overwritten here. Choose another name.", file.display()),
                ));
            }
        }
        let now_ms = room.now_ms();
        if room.setup.role != crate::desk::Role::Attach {
            let said = json!({ "did": "export", "by": found.buyer.by(), "orders": chosen });
            room.store.write(|tx| tx.note_in_trail(&said, now_ms))?;
        }
        let head = trail::head_now(&room)?.map(|head| head.to_string()).unwrap_or_default();
        let names = room.names()?;
        let mut kept = Vec::new();
        for id in chosen {
            // One at a time: each may bring a lot.
            kept.extend(room.store.read(|r| everything(r, id, &names))?);
        }
        let strays = room.store.read(|r| {
            let mut strays = Vec::new();
            for (connection, remote_id) in &found.strays {
                if let Some(Record::HubOrder(order)) = r.record(connection, RecordKind::HubOrder, remote_id)? {
                    let raw = r.raw(connection, RecordKind::HubOrder, remote_id)?;
                    strays.push(Stray { account: named(&names, connection), order, raw });
                }
            }
            Ok(strays)
        })?;
        let export = Export {
            made_at_ms: now_ms,
            found_by: found.buyer.by().to_owned(),
            orders: kept,
            strays,
            not_in_here: not_in_here(&room)?,
            trail_head: head.clone(),
        };
        let text = serde_json::to_string_pretty(&export)
            .map_err(|error| Trouble::internal(format!("What is kept could not be written down ({error}).")))?;
        let words = format!("What Quayside keeps of one buyer, made on {}.", paper::moment(now_ms));
        files::write(&data, text.as_bytes())?;
        files::write(&page, paper::page("Data of a buyer", &words, &body(&export)).as_bytes())?;
        Ok(CustomerExported {
            data: data.display().to_string(),
            page: page.display().to_string(),
            orders: export.orders.iter().map(|kept| kept.story.order.number.clone()).collect(),
            strays: export.strays.len() as i64,
            not_in_here: export.not_in_here,
            trail_head: head,
        })
    }
}

/// Goes through all records for a buyer.
fn look(room: &Room, who: &str) -> Answer<Found> {
    let buyer = Buyer::parse(who).ok_or_else(|| {
        Trouble::field("who", "Give the buyer's whole e-mail address, telephone number (7 digits or more) or name.")
    })?;
    let (mut orders, mut strays) = (BTreeSet::new(), BTreeSet::new());
    let mut after = Some(0);
    while let Some(from) = after {
        let (met, next) = room.store.read(|r| r.meet(&buyer, from, PIECE))?;
        for met in met {
            match met {
                Met::Order(id) => {
                    orders.insert(id);
                }
                Met::Stray(connection, remote_id) => {
                    strays.insert((connection, remote_id));
                }
            }
        }
        after = next;
    }
    Ok(Found { buyer, orders, strays })
}

/// The orders a person agreed to, if all of them are still this buyer's.
fn chosen(found: &Found, orders: &[OrderId]) -> Answer<Vec<OrderId>> {
    if orders.iter().any(|id| !found.orders.contains(id)) {
        return Err(Trouble::gone(
            "One of these orders is not this buyer's, or its data is gone already. Look for the buyer again.",
        ));
    }
    if orders.is_empty() && found.strays.is_empty() {
        return Err(Trouble::input("No order of this buyer was chosen, so nothing was done."));
    }
    Ok(orders.iter().copied().collect::<BTreeSet<_>>().into_iter().collect())
}

fn named(names: &BTreeMap<ConnectionId, String>, id: &ConnectionId) -> String {
    names.get(id).cloned().unwrap_or_else(|| id.to_string())
}

fn order_of(
    r: &Reader<'_>,
    id: OrderId,
    names: &BTreeMap<ConnectionId, String>,
) -> Result<Option<CustomerOrder>, StoreError> {
    let Some(story) = r.story(id)? else { return Ok(None) };
    let order = &story.order;
    let to = order.ship_to.as_ref();
    let customer = order.customer.clone().unwrap_or_default();
    let name = if customer.name.is_empty() { to.map(|to| to.name.clone()).unwrap_or_default() } else { customer.name };
    Ok(Some(CustomerOrder {
        id,
        number: order.number.clone(),
        store: named(names, &story.channel),
        placed_at_ms: order.placed_at_ms,
        name,
        email: customer.email,
        place: to.map(|to| format!("{} {}", to.city, to.country).trim().to_owned()).unwrap_or_default(),
        open: !r.is_closed(id)?,
        asked: r.forgotten(id)?.is_some(),
    }))
}

/// What no command here can reach, one sentence each.
fn not_reached(room: &Room) -> Answer<Vec<String>> {
    let (configs, aside) = room.store.read(|r| Ok((r.connections()?, r.set_aside_records()?.len() as i64)))?;
    let mut out = Vec::new();
    for config in configs {
        let Some(platform) = quayside_connectors::platform(&config.platform) else { continue };
        let (name, title) = (&config.name, platform.declaration.title);
        let roles = platform.declaration.roles;
        if roles.contains(&Role::Channel) || roles.contains(&Role::Hub) {
            out.push(format!("{name}: what {title} itself keeps of its orders and customers. Have it removed there."));
        }
        if roles.contains(&Role::Records) {
            out.push(format!(
                "{name}: the contact, its history and what else was written to {title}. Remove it there."
            ));
        }
    }
    if aside > 0 {
        out.push(format!(
            "{} that could not be read and were set aside: nobody knows whose they are.",
            words::count(aside, "record", "records")
        ));
    }
    let copies = old_copies(&room.setup.profile.database()).len() as i64;
    if copies > 0 {
        out.push(format!(
            "{} of the database beside it, each deleted {} days after it was made. The check-up deletes them at once.",
            words::count(copies, "older copy", "older copies"),
            privacy::COPIES_DAYS
        ));
    }
    out.push(
        "Backups you made, files you exported, reports and messages that were sent: delete or mend them where they are."
            .to_owned(),
    );
    Ok(out)
}

/// What an export leaves out.
fn not_in_here(room: &Room) -> Answer<Vec<String>> {
    let mut out = vec![
        "Answers to changes that were tried: other buyers may be in them. They stand with each order, under its tries."
            .to_owned(),
    ];
    out.extend(not_reached(room)?);
    Ok(out)
}

/// Everything that is kept of a buyer, as programs read it.
#[derive(Serialize)]
struct Export {
    made_at_ms: i64,
    found_by: String,
    orders: Vec<Kept>,
    strays: Vec<Stray>,
    not_in_here: Vec<String>,
    trail_head: String,
}

#[derive(Serialize)]
struct Kept {
    store: String,
    story: Story,
    timeline: Vec<EventRow>,
    changes: Vec<EffectRow>,
    answers: Vec<RawAnswer>,
    /// Customers of accounts who could be this buyer, and wait for a person's word.
    could_be: Vec<CustomerReview>,
    /// Who a person said this buyer is.
    taken_for: Vec<CustomerChoice>,
}

/// What a platform answered when it was read, as it came.
#[derive(Serialize)]
struct RawAnswer {
    account: String,
    kind: String,
    remote_id: String,
    text: String,
}

/// A hub order that belongs to no order here.
#[derive(Serialize)]
struct Stray {
    account: String,
    order: HubOrder,
    raw: Option<String>,
}

fn everything(r: &Reader<'_>, id: OrderId, names: &BTreeMap<ConnectionId, String>) -> Result<Option<Kept>, StoreError> {
    let Some(OrderDetail { story, events, records, .. }) = r.order_detail(id)? else { return Ok(None) };
    let mut answers = Vec::new();
    for record in records.into_iter().filter(|record| record.has_raw) {
        if let Some(text) = r.raw(&record.connection, record.kind, &record.remote_id)? {
            answers.push(RawAnswer {
                account: named(names, &record.connection),
                kind: record.kind.code().to_owned(),
                remote_id: record.remote_id,
                text,
            });
        }
    }
    let mut could_be: Vec<CustomerReview> =
        r.customer_reviews()?.into_iter().filter(|one| one.order_id == id).collect();
    // What stands on a customer who may be somebody else is that one's, and not this buyer's to have.
    could_be.iter_mut().flat_map(|one| &mut one.candidates).for_each(|like| like.facts.clear());
    let taken_for = r.customer_choices()?.into_iter().filter(|one| one.order_id == id).collect();
    let store = named(names, &story.channel);
    Ok(Some(Kept { store, story, timeline: events, changes: r.effects_of(id)?, answers, could_be, taken_for }))
}

fn receipt_text(done: &CustomerForgotten, path: &Path) -> Answer<String> {
    if paper::is_json(path) {
        return serde_json::to_string_pretty(done)
            .map_err(|error| Trouble::internal(format!("The receipt could not be written down ({error}).")));
    }
    let body = html! {
        (paper::facts(&[
            ("Asked for by", match done.by.as_str() {
                "email" => "an e-mail address",
                "phone" => "a telephone number",
                _ => "a name",
            }.to_owned()),
            ("Taken out at once", format!("{} ({})", done.blanked.len(), done.blanked.join(", "))),
            ("Open, taken out when closed", format!("{} ({})", done.waiting.len(), done.waiting.join(", "))),
            ("Others at shipping accounts", done.strays.to_string()),
            ("Entry of the trail", done.trail_entry.to_string()),
            ("Head of the trail", done.trail_head.clone()),
        ]))
        (paper::list("Not reached from here", &done.not_reached))
    };
    let words = format!("A buyer asked to be forgotten. Done by Quayside on {}.", paper::moment(done.at_ms));
    Ok(paper::page("Receipt", &words, &body))
}

fn body(export: &Export) -> Markup {
    html! {
        @for kept in &export.orders { (order(kept)) }
        @if !export.strays.is_empty() {
            h2 { "At shipping accounts, without an order here" }
            @for stray in &export.strays {
                (paper::facts(&[
                    ("Account", stray.account.clone()),
                    ("Number", stray.order.number.clone()),
                    ("To", stray.order.ship_to.as_ref().map(address).unwrap_or_default()),
                ]))
                @if let Some(raw) = &stray.raw { pre { (raw) } }
            }
        }
        (paper::list("Not in here", &export.not_in_here))
        p { "Head of the trail: " (export.trail_head) }
    }
}

fn address(address: &Address) -> String {
    let mut lines = vec![];
    lines.extend([&address.name, &address.company].into_iter().filter(|text| !text.is_empty()).cloned());
    lines.extend(
        words::address_lines(address).into_iter().filter(|line| *line != address.name && *line != address.company),
    );
    lines.extend(Some(&address.phone).filter(|text| !text.is_empty()).cloned());
    lines.join(", ")
}

/// Whom the buyer was held against in other accounts, and taken for.
fn others(kept: &Kept) -> Vec<Vec<String>> {
    let could = kept.could_be.iter().flat_map(|one| {
        let row = move |like: &CustomerLike| {
            vec![one.connection.to_string(), like.remote_id.clone(), format!("the same {}", like.by.words())]
        };
        one.candidates.iter().map(row)
    });
    let is = kept.taken_for.iter().map(|one| {
        let id = match &one.meant {
            Meant::This(id) => id.clone(),
            Meant::New => "a new one".to_owned(),
        };
        vec![one.connection.to_string(), id, "said by a person".to_owned()]
    });
    could.chain(is).collect()
}

fn order(kept: &Kept) -> Markup {
    let order: &Order = &kept.story.order;
    let customer = order.customer.clone().unwrap_or_default();
    let to = |address_of: &Option<Address>| address_of.as_ref().map(address).unwrap_or_default();
    let lines: Vec<Vec<String>> = order
        .lines
        .iter()
        .map(|line| {
            let options: Vec<String> = line.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            vec![line.sku.clone(), line.name.clone(), line.quantity.to_string(), options.join(", ")]
        })
        .collect();
    let at_hubs: Vec<Vec<String>> = kept
        .story
        .hub_orders
        .iter()
        .map(|seen| vec![seen.connection.to_string(), seen.value.number.clone(), to(&seen.value.ship_to)])
        .collect();
    let timeline: Vec<Vec<String>> =
        kept.timeline.iter().map(|event| vec![paper::moment(event.at_ms), event.sentence.clone()]).collect();
    let changes: Vec<Vec<String>> =
        kept.changes.iter().map(|effect| vec![paper::moment(effect.created_at_ms), effect.sentence.clone()]).collect();
    html! {
        h2 { "Order " (order.number) ", " (kept.store) }
        (paper::facts(&[
            ("Placed", paper::moment(order.placed_at_ms)),
            ("Name", customer.name.clone()),
            ("E-mail", customer.email.clone()),
            ("Telephone", customer.phone.clone()),
            ("Id at the store", customer.remote_id.clone().unwrap_or_default()),
            ("Goes to", to(&order.ship_to)),
            ("Paid by", to(&order.bill_to)),
            ("Address changed at the desk", to(&kept.story.choices.address)),
            ("Note", order.note.clone()),
            ("Card", order.gift_message.clone()),
        ]))
        (paper::table("Lines", &["SKU", "Name", "Units", "Options"], &lines))
        (paper::table("At the shipping account", &["Account", "Number", "To"], &at_hubs))
        (paper::table("What happened", &["When", "What"], &timeline))
        (paper::table("Changes that were planned", &["When", "What"], &changes))
        (paper::table("Could be, or is, a customer of another account", &["Account", "Id there", "Known by"], &others(kept)))
        @for answer in &kept.answers {
            h3 { "As read from " (answer.account) ": " (answer.kind) " " (answer.remote_id) }
            pre { (answer.text) }
        }
    }
}
