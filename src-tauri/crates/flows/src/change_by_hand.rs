//! What a hub cannot be told: one exception per change, and what a person has to enter there.
//!
//! Accounts of one platform differ: one takes orders and no cancellations, another nothing at all and is filled by hand.
//! What they lack must neither be tried nor forgotten. An order that was typed in and cannot be read back is known by
//! the person's word alone: that "Enter by hand" was settled.

use crate::by_hand::{edition, quoted};
use crate::draft::{differences, draft, hub_differences, hub_key};
use crate::hand_entries;
use crate::look::Look;
use crate::orders_to_hub::last_sent_draft;
use crate::policy::Policy;
use crate::{Difference, Peer};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, HubOrder, HubOrderDraft, HubStatus, Intent, IntentKind, Money, Seen, Story};

/// What was marked as done may take so long to show.
const SHOWS_MS: i64 = 15 * MINUTE_MS;
/// Holds of one order that are told apart.
const ROUNDS: usize = 16;

/// What a person does to an order that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Brings it up to date.
    Update,
    /// Cancels it.
    Cancel,
    /// Holds it.
    Hold,
    /// Lets it go.
    Release,
    /// Writes down that money was given back.
    Refund,
    /// Sets a count.
    Count,
    /// Puts units back on the shelf.
    Restock,
    /// Makes a product that is not there.
    MakeProduct,
    /// Brings one up to date that is.
    Product,
    /// Keeps a customer.
    Customer,
}

impl Doing {
    fn code(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Cancel => "cancel",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Refund => "refund",
            Self::Count => "count",
            Self::Restock => "restock",
            Self::MakeProduct => "make",
            Self::Product => "product",
            Self::Customer => "customer",
        }
    }
    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Update => "Change the order",
            Self::Cancel => "Cancel the order",
            Self::Hold => "Hold the order",
            Self::Release => "Release the order",
            Self::Refund => "Write down the refund",
            Self::Count => "Set the count",
            Self::Restock => "Put back on the shelf",
            Self::MakeProduct => "Make the product",
            Self::Product => "Change the product",
            Self::Customer => "Keep the customer",
        }
    }
    /// What its key is, and what the id there is of.
    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Count | Self::Restock | Self::MakeProduct | Self::Product => ("SKU", "Product there"),
            Self::Update | Self::Cancel | Self::Hold | Self::Release | Self::Refund | Self::Customer => {
                ("Reference", "Order there")
            }
        }
    }
}

/// One change to be entered at a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandChange {
    /// What to do.
    pub doing: Doing,
    /// Our reference; of goods, the SKU.
    pub key: String,
    /// The store's number; empty where it is about no order.
    pub number: String,
    /// The hub's own number, where it was read; of goods, its id of the product.
    pub there: String,
    /// Field by field: as it stands there (where that is known), and as it has to be.
    pub rows: Vec<Difference>,
}

/// The order at a hub to which something is to be done.
#[derive(Clone, Copy)]
struct There<'a> {
    id: &'a str,
    key: &'a str,
    /// As last read; `None` where a person typed it in and it cannot be read.
    read: Option<&'a Seen<HubOrder>>,
}

impl There<'_> {
    /// "order 1042 there, reference hg:1".
    fn words(&self) -> String {
        match self.read.map(|seen| seen.value.number.as_str()).filter(|number| !number.is_empty()) {
            Some(number) => format!("order {number} there, reference {}", self.key),
            None => format!("reference {}", self.key),
        }
    }
}

/// A person typed this order in at a hub that takes none, and said so.
pub(crate) fn was_typed_in(look: &Look<'_>, key: &str) -> bool {
    look.story.choices.settled.contains_key(&format!("{}/{key}", Cause::EnterByHand))
}

/// The reference under which a person typed the order in, while no reading shows it.
fn typed_and_unread(look: &Look<'_>) -> Option<String> {
    let (channel, hub) = (look.channel?, look.hub?);
    if hub.performs.contains(&IntentKind::PutHubOrder) {
        return None;
    }
    let key = hub_key(channel, &look.story.order, 0);
    let read = look.story.hub_orders.iter().any(|seen| seen.value.key == key);
    (!read && was_typed_in(look, &key)).then_some(key)
}

fn settled(look: &Look<'_>, about: &str) -> Option<i64> {
    look.story.choices.settled.get(&format!("{}/{about}", Cause::ChangeByHand)).copied()
}

/// An order that is open at a hub which takes no cancellations.
pub(crate) fn cancel(look: &mut Look<'_>, hub: &str, id: &str, key: &str, why: &str) {
    let state = format!("{why} but is still open at {hub}, which takes no cancellations from outside");
    tell_cancel(look, id, key, &state);
}

fn tell_cancel(look: &mut Look<'_>, id: &str, key: &str, state: &str) {
    let story = look.story;
    let read = story.hub_orders.iter().find(|seen| seen.value.remote_id == id);
    let there = There { id, key, read };
    let (number, goods) = (&story.order.number, goods(story, read));
    let shelf =
        if goods.is_empty() { String::new() } else { format!(", and put back on the shelf: {}", goods.join(", ")) };
    let sentence = format!("{number} {state}. Cancel it there ({}){shelf}.", there.words());
    look.find(Cause::ChangeByHand, format!("{}:{id}", Doing::Cancel.code()), sentence);
}

/// The same for one that was typed in there and cannot be read.
pub(crate) fn cancel_typed(look: &mut Look<'_>, hub: &str, why: &str) {
    let Some(key) = typed_and_unread(look) else { return };
    if settled(look, &format!("{}:{key}", Doing::Cancel.code())).is_none() {
        tell_cancel(look, &key, &key, &format!("{why} after it was entered at {hub} by hand"));
    }
}

/// Holds and releases at a hub that takes neither. `reason`: why the order must wait (code, since, sentence).
pub(crate) fn hold_or_release(look: &mut Look<'_>, hub: &Peer, reason: Option<&(&'static str, i64, String)>) {
    let story = look.story;
    let typed = typed_and_unread(look);
    let mut all: Vec<There<'_>> = story
        .hub_orders
        .iter()
        .filter(|seen| seen.connection == hub.id && seen.value.status.is_open() && !seen.value.external)
        .map(|seen| There { id: &seen.value.remote_id, key: &seen.value.key, read: Some(seen) })
        .collect();
    all.extend(typed.as_deref().map(|key| There { id: key, key, read: None }));
    for there in all {
        match reason {
            Some(reason) => hold(look, &hub.title, there, reason),
            None => release(look, &hub.title, there),
        }
    }
}

fn hold(look: &mut Look<'_>, hub: &str, there: There<'_>, (code, since_ms, why): &(&'static str, i64, String)) {
    if there.read.is_some_and(|seen| seen.value.status == HubStatus::OnHold) {
        return;
    }
    // A person's holds are told apart by their moment, others by what was released since.
    let mut round = if *code == "held_by_person" { since_ms.to_string() } else { (*code).to_owned() };
    for _ in 0..ROUNDS {
        if settled(look, &format!("{}:{}:{round}", Doing::Release.code(), there.id)).is_none() {
            break;
        }
        round.push('+');
    }
    let about = format!("{}:{}:{round}", Doing::Hold.code(), there.id);
    let done_ms = settled(look, &about);
    if let Some(done_ms) = done_ms
        && there.read.is_none_or(|seen| seen.seen_at_ms <= done_ms + SHOWS_MS)
    {
        return;
    }
    let still = if done_ms.is_some() { " It was marked as done and still stands open there." } else { "" };
    let sentence = format!(
        "{} has to wait ({why}), and {hub} takes no holds from outside. Hold it there ({}), or tell the warehouse.{still}",
        look.story.order.number,
        there.words()
    );
    look.find(Cause::ChangeByHand, about, sentence).since_ms = Some(*since_ms);
}

fn release(look: &mut Look<'_>, hub: &str, there: There<'_>) {
    if there.read.is_some_and(|seen| seen.value.status != HubStatus::OnHold) {
        return;
    }
    let stem = format!("{}/{}:{}:", Cause::ChangeByHand, Doing::Hold.code(), there.id);
    let held = look.story.choices.settled.iter().filter_map(|(what, at_ms)| Some((what.strip_prefix(&stem)?, *at_ms)));
    let Some((round, _)) = held.max_by_key(|(_, at_ms)| *at_ms) else { return };
    let about = format!("{}:{}:{round}", Doing::Release.code(), there.id);
    if settled(look, &about).is_some() {
        return;
    }
    let sentence = format!(
        "{} was held at {hub} by hand, and nothing holds it any more. Release it there ({}).",
        look.story.order.number,
        there.words()
    );
    look.find(Cause::ChangeByHand, about, sentence);
}

/// Money that was given back, at a hub whose books take nothing from outside. `given_minor`: all of it so far.
pub(crate) fn refund(look: &mut Look<'_>, hub: &Peer, given_minor: i64) {
    let story = look.story;
    let typed = typed_and_unread(look);
    let read = story.hub_orders.iter().find(|seen| {
        let order = &seen.value;
        seen.connection == hub.id && !order.external && order.status != HubStatus::Gone && look.is_our_key(&order.key)
    });
    let there = match (read, typed.as_deref()) {
        (Some(seen), _) => There { id: &seen.value.remote_id, key: &seen.value.key, read: Some(seen) },
        (None, Some(key)) => There { id: key, key, read: None },
        (None, None) => return,
    };
    let entered_minor = entered_minor(story, there.id);
    if given_minor <= entered_minor {
        return;
    }
    let money = |minor: i64| Money::new(minor, story.order.currency.clone());
    let before =
        if entered_minor > 0 { format!(", {} of it entered already", money(entered_minor)) } else { String::new() };
    let sentence = format!(
        "{} of {} was given back in the store{before}, and {} takes no refunds from outside. Write it down there ({}).",
        money(given_minor),
        story.order.number,
        hub.title,
        there.words()
    );
    let about = format!("{}:{}:{given_minor}", Doing::Refund.code(), there.id);
    look.find(Cause::ChangeByHand, about, sentence);
}

/// What somebody said is in the hub's books, minor units.
fn entered_minor(story: &Story, id: &str) -> i64 {
    let stem = format!("{}/{}:{id}:", Cause::ChangeByHand, Doing::Refund.code());
    let entered = story.choices.settled.keys().filter_map(|what| what.strip_prefix(&stem)?.parse::<i64>().ok());
    entered.max().unwrap_or(0)
}

/// What to write down of all that was given back so far.
fn given_back(story: &Story, id: &str) -> Vec<Difference> {
    let order = &story.order;
    let money =
        |minor: i64| if minor > 0 { Money::new(minor, order.currency.clone()).to_string() } else { String::new() };
    let mut rows =
        vec![row("Given back in all", &money(entered_minor(story, id)), &money(order.refunded_minor.unwrap_or(0)))];
    for line in order.lines.iter().filter(|line| line.requires_shipping && line.quantity > line.current_quantity) {
        let name = if line.sku.trim().is_empty() { &line.name } else { &line.sku };
        rows.push(row(
            &format!("Units of {name} given back"),
            "",
            &(line.quantity - line.current_quantity).to_string(),
        ));
    }
    rows.push(row("For the books", "", "mark it for accounting; put back on the shelf only what came back"));
    rows
}

/// What differs at a hub that takes no orders, so no changes of them either.
pub(crate) fn update(look: &mut Look<'_>, hub: &str, seen: &Seen<HubOrder>, want: &HubOrderDraft, what: &[Difference]) {
    let there = There { id: &seen.value.remote_id, key: &seen.value.key, read: Some(seen) };
    // Addresses are made when they are asked for: a sentence would keep them in a second place.
    let said: Vec<String> =
        what.iter()
            .map(|d| {
                if is_personal(&d.field) {
                    d.field.clone()
                } else {
                    format!("{} {} → {}", d.field, d.before, d.after)
                }
            })
            .collect();
    let sentence = format!(
        "{} differs between the store and {hub}, which takes no changes from outside. Change there ({}): {}. Edition {}: it changes when the order does.",
        look.story.order.number,
        there.words(),
        said.join("; "),
        edition(want)
    );
    let about = format!("{}:{}", Doing::Update.code(), there.id);
    look.find(Cause::ChangeByHand, about, sentence).since_ms = Some(seen.value.modified_at_ms);
}

/// Fields that say who the buyer is.
fn is_personal(field: &str) -> bool {
    matches!(
        field,
        "Ship to" | "Telephone" | "E-mail" | "Bill to" | "Buyer's note" | "Gift message" | "Note for the team"
    ) || field.starts_with("Custom field")
}

/// "2 × MUG", as the hub has them where that was read.
fn goods(story: &Story, read: Option<&Seen<HubOrder>>) -> Vec<String> {
    let words = |units: i64, sku: &str, name: &str| {
        let name = if sku.trim().is_empty() { name } else { sku };
        (units > 0).then(|| format!("{units} × {name}"))
    };
    if let Some(seen) = read {
        return seen.value.lines.iter().filter_map(|line| words(line.quantity, &line.sku, &line.name)).collect();
    }
    let lines = story.order.lines.iter().filter(|line| line.requires_shipping);
    lines.filter_map(|line| words(line.quantity, &line.sku, &line.name)).collect()
}

/// What to enter for entries "To be changed by hand", by what they are about. An entry that is about nothing any more is
/// left out.
pub fn hand_changes(story: &Story, policy: &Policy, abouts: &[String], now_ms: i64) -> Vec<HandChange> {
    let mut look = Look::new(story, policy, now_ms);
    abouts.iter().filter_map(|about| change(&mut look, about)).collect()
}

fn change(look: &mut Look<'_>, about: &str) -> Option<HandChange> {
    let story = look.story;
    if let Some(effect) = story.effects.iter().find(|effect| effect.key == about) {
        return refused(look, &effect.intent);
    }
    if let Some(found) = hand_entries::of_order(look, about) {
        return Some(found);
    }
    let (code, rest) = about.split_once(':')?;
    let all = [Doing::Update, Doing::Cancel, Doing::Hold, Doing::Release, Doing::Refund];
    let doing = all.into_iter().find(|doing| doing.code() == code)?;
    let id = match doing {
        Doing::Hold | Doing::Release | Doing::Refund => rest.rsplit_once(':')?.0,
        _ => rest,
    };
    let read = story.hub_orders.iter().find(|seen| seen.value.remote_id == id);
    let sent = story.effects.iter().find_map(|effect| match (&effect.intent, &effect.receipt) {
        (Intent::PutHubOrder { order, .. }, Some(receipt)) if receipt.remote_id.as_deref() == Some(id) => {
            Some(order.key.clone())
        }
        _ => None,
    });
    let key = read.map(|seen| seen.value.key.clone()).or(sent).unwrap_or_else(|| id.to_owned());
    let rows = match doing {
        Doing::Update => {
            let want = wanted(look, &key)?;
            hub_differences(&want, &[&read?.value])
        }
        Doing::Cancel => cancelled(story, read),
        Doing::Hold => {
            let why = crate::orders_to_hub::keep_here(look).map(|(.., why)| why).unwrap_or_default();
            vec![row("State", "open", "on hold"), row("Reason", "", &why)]
        }
        Doing::Release => vec![row("State", "on hold", "open")],
        Doing::Refund => given_back(story, id),
        Doing::Count | Doing::Restock | Doing::MakeProduct | Doing::Product | Doing::Customer => return None,
    };
    Some(said(story, doing, key, read, rows))
}

/// A change that the account's connector refused because the account has no way for it.
fn refused(look: &Look<'_>, intent: &Intent) -> Option<HandChange> {
    let story = look.story;
    let read = |id: &str| story.hub_orders.iter().find(|seen| seen.value.remote_id == id);
    match intent {
        Intent::PutHubOrder { order, hub_order_id } => {
            let by_key = || story.hub_orders.iter().find(|seen| seen.value.key == order.key);
            let seen = hub_order_id.as_deref().and_then(read).or_else(by_key);
            let before = last_sent_draft(look, &order.key);
            let rows = match (&before, seen) {
                (None, Some(seen)) => hub_differences(order, &[&seen.value]),
                (before, _) => differences(before.as_ref(), order),
            };
            // Holds travel by changes of their own.
            let rows = rows.into_iter().filter(|row| row.field != "State").collect();
            Some(said(story, Doing::Update, order.key.clone(), seen, rows))
        }
        Intent::CancelHubOrder { hub_order_id, hub_order_key } => {
            let seen = read(hub_order_id);
            Some(said(story, Doing::Cancel, hub_order_key.clone(), seen, cancelled(story, seen)))
        }
        Intent::HoldHubOrder { hub_order_id, hub_order_key, until_day } => {
            let rows = vec![row("State", "open", "on hold"), row("At the latest until", "", until_day)];
            Some(said(story, Doing::Hold, hub_order_key.clone(), read(hub_order_id), rows))
        }
        Intent::ReleaseHubOrder { hub_order_id, hub_order_key } => {
            let rows = vec![row("State", "on hold", "open")];
            Some(said(story, Doing::Release, hub_order_key.clone(), read(hub_order_id), rows))
        }
        Intent::RecordRefund { hub_order_id, hub_order_key, refund } => {
            let money = Money::new(refund.total_minor, refund.currency.clone()).to_string();
            let mut rows = vec![row("Given back", "", &money)];
            rows.extend(refund.lines.iter().map(|line| {
                let shelf = if line.restock { ", back on the shelf" } else { "" };
                row(&format!("Units of {} given back", line.sku), "", &format!("{}{shelf}", line.quantity))
            }));
            Some(said(story, Doing::Refund, hub_order_key.clone(), read(hub_order_id), rows))
        }
        _ => None,
    }
}

fn said(story: &Story, doing: Doing, key: String, read: Option<&Seen<HubOrder>>, rows: Vec<Difference>) -> HandChange {
    let there = read.map(|seen| seen.value.number.clone()).unwrap_or_default();
    HandChange { doing, key, number: story.order.number.clone(), there, rows }
}

pub(crate) fn row(field: &str, before: &str, after: &str) -> Difference {
    Difference { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() }
}

/// The order as it has to be there.
fn wanted(look: &Look<'_>, key: &str) -> Option<HubOrderDraft> {
    let (channel, hub) = (look.channel?, look.hub?);
    Some(draft(look.story, look.policy, &look.shape, channel, hub, key.to_owned(), true, look.ship_by_ms))
}

fn cancelled(story: &Story, read: Option<&Seen<HubOrder>>) -> Vec<Difference> {
    let reason = match story.order.cancel_reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some(reason) => reason.to_owned(),
        None if story.order.is_cancelled() => "cancelled in the store".to_owned(),
        None => "nothing of it is to be shipped any more".to_owned(),
    };
    let mut rows = vec![row("State", "open", "cancelled"), row("Reason", "", &reason)];
    rows.extend(goods(story, read).iter().map(|goods| row("Back on the shelf", "", goods)));
    rows
}

/// Everything to enter, one thing per line, our reference first.
pub fn hand_text(change: &HandChange) -> String {
    let (key, there) = change.doing.labels();
    let mut lines = vec![change.doing.title().to_owned(), format!("{key}: {}", change.key)];
    if !change.number.is_empty() {
        lines.push(format!("Order: {}", change.number));
    }
    if !change.there.is_empty() && change.there != change.number {
        lines.push(format!("{there}: {}", change.there));
    }
    lines.extend(change.rows.iter().map(|row| match (row.before.is_empty(), row.after.is_empty()) {
        (true, _) => format!("{}: {}", row.field, row.after),
        (_, true) => format!("{}: {} → nothing", row.field, row.before),
        _ => format!("{}: {} → {}", row.field, row.before, row.after),
    }));
    lines.join("\n")
}

/// The same as a CSV file, one row per field. What says who the buyer is, is left out unless asked for: the file leaves
/// this program's encryption.
pub fn hand_csv(changes: &[HandChange], with_addresses: bool) -> String {
    let mut out = "What To Do,Reference,Order Number,Number There,Field,Now,To Be\r\n".to_owned();
    for change in changes {
        for row in &change.rows {
            let personal = is_personal(&row.field) || change.doing == Doing::Customer;
            let hidden = !with_addresses && personal;
            let value = |text: &str| if hidden && !text.is_empty() { "(left out)".to_owned() } else { text.to_owned() };
            let cells = [
                change.doing.title().to_owned(),
                change.key.clone(),
                change.number.clone(),
                change.there.clone(),
                row.field.clone(),
                value(&row.before),
                value(&row.after),
            ];
            out.push_str(&cells.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(","));
            out.push_str("\r\n");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> HandChange {
        HandChange {
            doing: Doing::Update,
            key: "hg:1".into(),
            number: "#1".into(),
            there: "SO-9".into(),
            rows: vec![
                row("Ship to", "Kai 1, Hamburg", "Kai 2, Hamburg"),
                row("Units of MUG", "2", "1"),
                row("Gift message", "", "=HYPERLINK(1), \"Ann\""),
                row("Telephone", "040", ""),
            ],
        }
    }

    #[test]
    fn a_change_is_a_text_to_type_from() {
        assert_eq!(
            hand_text(&change()),
            "Change the order\nReference: hg:1\nOrder: #1\nOrder there: SO-9\nShip to: Kai 1, Hamburg → Kai 2, Hamburg\n\
             Units of MUG: 2 → 1\nGift message: =HYPERLINK(1), \"Ann\"\nTelephone: 040 → nothing"
        );
    }

    #[test]
    fn changes_are_a_file_that_no_spreadsheet_runs_and_that_names_buyers_only_if_asked_to() {
        let head = "What To Do,Reference,Order Number,Number There,Field,Now,To Be\r\n";
        let begin = "Change the order,hg:1,#1,SO-9";
        assert_eq!(
            hand_csv(&[change()], false),
            format!(
                "{head}{begin},Ship to,(left out),(left out)\r\n{begin},Units of MUG,2,1\r\n\
                 {begin},Gift message,,(left out)\r\n{begin},Telephone,(left out),\r\n"
            )
        );
        let named = hand_csv(&[change()], true);
        assert!(named.contains("Ship to,\"Kai 1, Hamburg\",\"Kai 2, Hamburg\""), "{named}");
        assert!(named.contains(",\"'=HYPERLINK(1), \"\"Ann\"\"\"\r\n"), "{named}");
    }
}
