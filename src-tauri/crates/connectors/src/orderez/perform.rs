//! Effects: an order made, changed, routed, held, released, cancelled.
//!
//! Every change of an order that exists begins with reading it: its version goes
//! along, and a change that lost the race is decided anew. What the contract has
//! no words for (more units, other lines) becomes a sentence, never a guess.

use super::capability::{has, mentions};
use super::client::Reply;
use super::compose;
use super::customers;
use super::hub::{Hub, NotFound};
use super::products;
use super::profile::IdempotencyStyle;
use super::refunds;
use super::request::Filling;
use super::stock;
use super::translate::{self, TheirOrder};
use super::verdicts::{self, Means};
use super::warehouses;
use crate::{Priority, Task};
use quayside_model::{Cause, HubOrderDraft, HubStatus, Intent, Receipt, Verdict};
use serde_json::{Value, json};

/// A change that lost a race is tried so often before it waits for its next turn.
const RACES_MAX: u32 = 3;

/// Performs one effect: the contract has no batch.
pub(super) async fn perform(hub: &Hub, task: &Task<'_>) -> Verdict {
    let act = Act { hub, write_id: hub.write_id(task.key), priority: task.priority };
    match task.intent {
        Intent::PutHubOrder { order, hub_order_id } => act.put(order, hub_order_id.as_deref()).await,
        Intent::CancelHubOrder { hub_order_id, .. } => act.cancel(hub_order_id).await,
        Intent::HoldHubOrder { hub_order_id, until_day, .. } => act.hold(hub_order_id, Some(until_day)).await,
        Intent::ReleaseHubOrder { hub_order_id, .. } => act.hold(hub_order_id, None).await,
        Intent::SetStock { stock } => stock::set(hub, task, stock).await,
        Intent::PutProduct { product } => products::put(hub, task, product).await,
        Intent::PutRecord { record } => customers::put(hub, task, record).await,
        Intent::RecordRefund { hub_order_id, refund, .. } => refunds::record(hub, task, hub_order_id, refund).await,
        Intent::VoidLabel { parcel_id } => Verdict::NeedsPerson(hub.speaker.refusal(
            Cause::ContentRefused,
            &format!("Parcel {parcel_id} cannot be taken back from outside: its label was not bought in Orderez. Void it where it was bought."),
        )),
        _ => Verdict::NeedsPerson(hub.speaker.refusal(Cause::NotUnderstood, "Orderez does not perform this.")),
    }
}

/// With what is done stands which text of the profile it was done by: a later one may say it otherwise.
pub(super) fn under_revision(mut verdict: Verdict, revision: &str) -> Verdict {
    if let Verdict::Done(receipt) | Verdict::AlreadyDone(receipt) = &mut verdict {
        let by = format!("By profile revision {revision}.");
        receipt.note = Some(receipt.note.take().map_or_else(|| by.clone(), |note| format!("{note} {by}")));
    }
    verdict
}

/// How a sentence about an order begins.
pub(super) fn what(draft: &HubOrderDraft) -> String {
    format!("{} could not be sent", draft.number)
}

/// A state in words.
pub(super) fn state_words(status: &HubStatus) -> String {
    match status {
        HubStatus::AwaitingPayment => "waiting for payment".into(),
        HubStatus::AwaitingShipment => "open".into(),
        HubStatus::OnHold => "held".into(),
        HubStatus::Shipped => "shipped".into(),
        HubStatus::Cancelled => "cancelled".into(),
        HubStatus::WithProvider => "with another provider".into(),
        HubStatus::Gone => "gone".into(),
        HubStatus::Unknown(word) => format!("\"{word}\""),
    }
}

pub(super) fn receipt(reply: Option<&Reply>, id: &str, note: Option<String>) -> Receipt {
    Receipt {
        remote_id: Some(id.to_owned()),
        request_id: reply.and_then(|reply| reply.request_id.clone()),
        note,
        cost: None,
    }
}

/// What to do about lines that differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LineChange {
    /// Their line id, units to take off.
    pub less: Vec<(String, i64)>,
    /// What would have to be added, in words.
    pub more: Vec<String>,
    /// What would have to be taken off but has left, in words.
    pub left: Vec<String>,
}

impl LineChange {
    /// Both sides have the same units.
    pub(super) fn is_none(&self) -> bool {
        self.less.is_empty() && self.more.is_empty() && self.left.is_empty()
    }
}

/// Compares lines by our key; where theirs carry none, by a SKU that stands on one line only.
pub(super) fn line_change(draft: &HubOrderDraft, theirs: &[translate::Line]) -> LineChange {
    let mut change = LineChange::default();
    let mut seen = vec![false; theirs.len()];
    for line in &draft.lines {
        let by_key = theirs.iter().position(|other| other.key.as_deref() == Some(line.line_key.as_str()));
        let by_sku = || {
            let mut same = theirs
                .iter()
                .enumerate()
                .filter(|(_, other)| other.key.is_none() && !line.sku.is_empty() && other.sku == line.sku);
            match (same.next(), same.next()) {
                (Some((at, _)), None) => Some(at),
                _ => None,
            }
        };
        let name = if line.sku.is_empty() { &line.name } else { &line.sku };
        let Some(at) = by_key.or_else(by_sku) else {
            change.more.push(format!("{} × {name}", line.quantity));
            continue;
        };
        seen[at] = true;
        let other = &theirs[at];
        if other.sku != line.sku {
            change.more.push(format!("{} × {name} instead of {}", line.quantity, other.sku));
            continue;
        }
        let there = other.wanted();
        if line.quantity > there {
            change.more.push(format!("{} × {name}", line.quantity.saturating_sub(there)));
        } else if line.quantity < there {
            take_off(&mut change, other, there.saturating_sub(line.quantity));
        }
    }
    for other in theirs.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(other, _)| other) {
        let there = other.wanted();
        if there > 0 {
            take_off(&mut change, other, there);
        }
    }
    change
}

fn take_off(change: &mut LineChange, line: &translate::Line, units: i64) {
    let open = units.min(line.open());
    if open > 0 {
        change.less.push((line.remote_id.clone(), open));
    }
    if units > open {
        change.left.push(format!("{} × {}", units - open, line.sku));
    }
}

/// Where it goes, read back, is what would be sent. A profile that does not read addresses cannot tell: then it counts as the same.
pub(super) fn same_address(hub: &Hub, draft: &HubOrderDraft, found: &TheirOrder) -> bool {
    if !reads(hub, "ship_to") {
        return true;
    }
    let sent = translate::address(&compose::address(&draft.ship_to));
    found.order.ship_to.as_ref() == Some(&sent)
}

/// As [`same_address`], for the note.
pub(super) fn same_note(hub: &Hub, draft: &HubOrderDraft, found: &TheirOrder) -> bool {
    !reads(hub, "note") || found.note.as_deref().unwrap_or_default().trim() == compose::note(draft).trim()
}

/// The warehouse that a rule chose, where the account takes it and nobody there has chosen yet: what the warehouse did stays.
pub(super) fn place<'d>(hub: &Hub, draft: &'d HubOrderDraft, found: &TheirOrder) -> Option<&'d str> {
    let chosen = draft.ship.warehouse.trim();
    let free = found.order.warehouse.is_none() && found.is_open() && found.lines.iter().any(|line| line.open() > 0);
    (!chosen.is_empty() && free && has(&hub.profile, "orders.assign")).then_some(chosen)
}

/// What the account could not be told of a rule's choice, for the trail.
fn unrouted(hub: &Hub, draft: &HubOrderDraft) -> Option<String> {
    let chosen = draft.ship.warehouse.trim();
    (!chosen.is_empty() && !has(&hub.profile, "orders.assign"))
        .then(|| format!("The account takes no warehouse from outside: \"{chosen}\" was not told."))
}

fn reads(hub: &Hub, field: &str) -> bool {
    hub.profile.entities.get("order").is_some_and(|order| order.read.contains_key(field))
}

/// One effect under way.
struct Act<'a> {
    hub: &'a Hub,
    write_id: String,
    priority: Priority,
}

/// One try: what came of it, or that somebody else was quicker.
enum Try {
    Ended(Verdict),
    Raced,
}

impl Act<'_> {
    async fn put(&self, draft: &HubOrderDraft, hub_order_id: Option<&str>) -> Verdict {
        let hub = self.hub;
        let what = what(draft);
        if let Some((cause, why, about)) = refusal_before_sending(draft) {
            return Verdict::NeedsPerson(hub.speaker.refusal(cause, &format!("{what}: {why}")).about(about));
        }
        if let Some(id) = hub_order_id {
            return self.change(draft, id, &what).await;
        }
        // Without a key against doubles the order is looked for before it is made.
        if hub.profile.idempotency.style != IdempotencyStyle::Header && hub.finds_by_key() {
            match hub.order_by_key(&draft.key, self.priority).await {
                Ok(Some(found)) => return self.change(draft, &found.order.remote_id, &what).await,
                Ok(None) => {}
                Err(error) => return hub.before_write(error, &what),
            }
        }
        self.create(draft, &what).await
    }

    async fn create(&self, draft: &HubOrderDraft, what: &str) -> Verdict {
        let hub = self.hub;
        let record = compose::order(&hub.profile, draft, &self.write_id);
        let filling = Filling::default().record(&record);
        let reply = match hub.write("createOrder", &filling, &self.write_id, self.priority).await {
            Ok(reply) => reply,
            Err(failure) => return failure.into_verdict(),
        };
        match verdicts::means(&hub.profile, &reply) {
            Means::Fine => {}
            Means::Taken => return self.known_after_all(draft, &reply, what).await,
            _ => return verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, what),
        }
        let made = reply.json.as_ref().and_then(|json| hub.item("createOrder", json).ok());
        let Some(made) = made.and_then(|raw| translate::order(&hub.profile, &raw).ok()) else {
            // Made, and unreadable: its reference finds it.
            return Verdict::AnswerLost(hub.speaker.refusal_of(
                &reply,
                Cause::OutcomeUnknown,
                &format!(
                    "{what} for certain: the answer was not readable. It is looked up before anything is sent again."
                ),
            ));
        };
        hub.remember(&made);
        let id = made.order.remote_id.clone();
        // A repeated answer tells of the moment it was made; much may have happened since.
        if reply.replayed || !draft.ready || place(hub, draft, &made).is_some() {
            return match self.change_found(draft, &id, what).await {
                Err(NotFound::Gone) if !reply.replayed => hub.forgotten(what, &id),
                Err(error) => hub.before_write(error, what),
                Ok(Verdict::AlreadyDone(_)) if !reply.replayed => Verdict::Done(receipt(Some(&reply), &id, None)),
                Ok(other) => other,
            };
        }
        Verdict::Done(receipt(Some(&reply), &id, unrouted(hub, draft)))
    }

    /// The reference was taken: an earlier send went through.
    async fn known_after_all(&self, draft: &HubOrderDraft, reply: &Reply, what: &str) -> Verdict {
        let hub = self.hub;
        if let Some(id) = &reply.said.existing_id {
            return self.change(draft, id, what).await;
        }
        match hub.order_by_key(&draft.key, self.priority).await {
            Ok(Some(found)) => self.change(draft, &found.order.remote_id, what).await,
            Ok(None) | Err(NotFound::NoWay(_)) => verdicts::write_verdict(&hub.profile, &hub.speaker, reply, what),
            Err(error) => hub.before_write(error, what),
        }
    }

    /// Brings an order that exists to the shape of the draft.
    async fn change(&self, draft: &HubOrderDraft, id: &str, what: &str) -> Verdict {
        self.change_found(draft, id, what).await.unwrap_or_else(|error| self.hub.before_write(error, what))
    }

    /// As [`Self::change`]; an order that cannot be had is the caller's to judge. Nothing was changed then.
    async fn change_found(&self, draft: &HubOrderDraft, id: &str, what: &str) -> Result<Verdict, NotFound> {
        for _ in 0..RACES_MAX {
            let found = self.hub.order(id, self.priority).await?;
            match self.change_once(draft, &found, what).await {
                Try::Ended(verdict) => return Ok(verdict),
                Try::Raced => {}
            }
        }
        Ok(self.raced(what))
    }

    fn raced(&self, what: &str) -> Verdict {
        Verdict::RetryLater(self.hub.speaker.refusal(
            Cause::PlatformTrouble,
            &format!("{what}: somebody else keeps changing the order at the same moment. It is tried again."),
        ))
    }

    async fn change_once(&self, draft: &HubOrderDraft, found: &TheirOrder, what: &str) -> Try {
        let hub = self.hub;
        let id = &found.order.remote_id;
        if found.is_ours() && found.order.key != draft.key {
            return Try::Ended(Verdict::NeedsPerson(hub.speaker.refusal(
                Cause::HubLocked,
                &format!(
                    "{what}: order {id} in Orderez carries the reference {} of another order. Look at both there.",
                    found.order.key
                ),
            )));
        }
        let lines = line_change(draft, &found.lines);
        // This very effect wrote it last: where its words stand otherwise, that is the account's own spelling.
        let ours = found.is_written_by(&self.write_id);
        let (address, note) = (ours || same_address(hub, draft, found), ours || same_note(hub, draft, found));
        let hold = !draft.ready && found.order.status != HubStatus::OnHold && found.is_open();
        let same = lines.is_none() && address && note && !hold && found.order.status != HubStatus::Cancelled;
        let place = place(hub, draft, found);
        if same {
            return match place {
                Some(place) => self.assign(place, draft, found, &[], found.version.as_ref()).await,
                None => Try::Ended(Verdict::AlreadyDone(receipt(None, id, None))),
            };
        }
        if !found.is_open() {
            return Try::Ended(Verdict::NeedsPerson(verdicts::locked(
                &hub.speaker,
                what,
                &state_words(&found.order.status),
            )));
        }
        if !lines.more.is_empty() || !lines.left.is_empty() {
            return Try::Ended(Verdict::NeedsPerson(self.cannot_change_lines(&lines, found, what)));
        }
        if !lines.less.is_empty() && hub.profile.operation("cancelOrder").is_none() {
            let name = |id: &str| {
                found.lines.iter().find(|line| line.remote_id == id).map_or(id, |line| line.sku.as_str()).to_owned()
            };
            let off: Vec<String> = lines.less.iter().map(|(id, units)| format!("{units} × {}", name(id))).collect();
            return Try::Ended(Verdict::NeedsPerson(hub.by_hand(&format!(
                "{what}: {} must be taken off, and the connection's profile has no way to do that. Take them off in Orderez by hand ({}).",
                off.join(", "),
                in_orderez(found)
            ))));
        }
        let wanted = compose::order(&hub.profile, draft, &self.write_id);
        let mut fields: Vec<&str> = Vec::new();
        fields.extend((!address).then_some("ship_to"));
        fields.extend((!note).then_some("note"));
        fields.extend(hold.then_some("on_hold"));
        let mut version = found.version.clone();
        let mut last = None;
        if !fields.is_empty() {
            let missing: Vec<&str> = fields
                .iter()
                .filter(|field| !mentions(&hub.profile, "updateOrder", field))
                .map(|field| match *field {
                    "ship_to" => "the address",
                    "on_hold" => "a hold",
                    _ => "the note",
                })
                .collect();
            // Before anything of it is sent: half a change by us and half by hand is more to look after than the whole.
            if !missing.is_empty() {
                return Try::Ended(Verdict::NeedsPerson(hub.by_hand(&format!(
                    "{what}: the connection's profile has no way to change {} of an order that exists. Change it in Orderez by hand ({}).",
                    missing.join(" and "),
                    in_orderez(found)
                ))));
            }
            let mut record = compose::only(&wanted, &fields);
            if hold && let Some(record) = record.as_object_mut() {
                record.insert("hold_reason".into(), json!("not to be shipped yet"));
            }
            let filling = Filling::default().path("order_id", id).record(&record).version(version.as_ref());
            match self.sent("updateOrder", &filling, what).await {
                Ok(reply) => {
                    let now = reply.json.as_ref().and_then(|json| hub.item("updateOrder", json).ok());
                    version =
                        now.and_then(|raw| translate::order(&hub.profile, &raw).ok()).and_then(|order| order.version);
                    last = Some(reply);
                }
                Err(other) => return other,
            }
        }
        if !lines.less.is_empty() {
            let record = json!({
                "reason": hub.profile.word_out("cancel_reason", "customer"),
                "restock": true,
                "lines": lines.less.iter().map(|(line_id, quantity)| json!({"line_id": line_id, "quantity": quantity})).collect::<Vec<_>>(),
                "source": compose::source(&self.write_id),
            });
            let filling = Filling::default().path("order_id", id).record(&record).version(version.as_ref());
            match self.sent("cancelOrder", &filling, what).await {
                Ok(reply) => {
                    let now = reply.json.as_ref().and_then(|json| hub.item("cancelOrder", json).ok());
                    version =
                        now.and_then(|raw| translate::order(&hub.profile, &raw).ok()).and_then(|order| order.version);
                    last = Some(reply);
                }
                Err(other) => return other,
            }
        }
        // Routed is what is left after that.
        if let Some(place) = place {
            return self.assign(place, draft, found, &lines.less, version.as_ref()).await;
        }
        Try::Ended(Verdict::Done(receipt(last.as_ref(), id, None)))
    }

    /// Gives everything that is still to be packed to one warehouse.
    async fn assign(
        &self,
        warehouse: &str,
        draft: &HubOrderDraft,
        found: &TheirOrder,
        less: &[(String, i64)],
        version: Option<&Value>,
    ) -> Try {
        let (id, what) = (&found.order.remote_id, format!("{} could not be routed to {warehouse}", draft.number));
        let off = |id: &str| less.iter().filter(|(line, _)| line == id).map(|(_, units)| units).sum::<i64>();
        let open = found.lines.iter().map(|line| (&line.remote_id, line.open() - off(&line.remote_id)));
        let lines: Vec<Value> = open
            .filter(|(_, units)| *units > 0)
            .map(|(line_id, units)| json!({"line_id": line_id, "quantity": units}))
            .collect();
        if lines.is_empty() {
            return Try::Ended(Verdict::Done(receipt(None, id, None)));
        }
        let place = match warehouses::id_of(self.hub, warehouse, &what, self.priority).await {
            Ok(place) => place,
            Err(verdict) => return Try::Ended(verdict),
        };
        let record = json!({"assignments": [{"warehouse_id": place, "lines": lines}]});
        let filling = Filling::default().path("order_id", id).record(&record).version(version);
        match self.sent("assignOrder", &filling, &what).await {
            Ok(reply) => {
                let note = Some(format!("Packed in {place}."));
                Try::Ended(Verdict::Done(receipt(Some(&reply), id, note)))
            }
            Err(other) => other,
        }
    }

    /// A write on an order that exists: its answer, or how the try ended.
    async fn sent(&self, operation: &str, filling: &Filling<'_>, what: &str) -> Result<Reply, Try> {
        let hub = self.hub;
        let reply = match hub.write(operation, filling, &self.write_id, self.priority).await {
            Ok(reply) => reply,
            Err(failure) => return Err(Try::Ended(failure.into_verdict())),
        };
        match verdicts::means(&hub.profile, &reply) {
            Means::Fine => Ok(reply),
            Means::Moved => Err(Try::Raced),
            _ => Err(Try::Ended(verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, what))),
        }
    }

    fn cannot_change_lines(&self, lines: &LineChange, found: &TheirOrder, what: &str) -> quayside_model::Refusal {
        if lines.more.is_empty() {
            let sentence = format!("{what}: {} should be taken off, but left already.", lines.left.join(", "));
            return self.hub.speaker.refusal(Cause::HubLocked, &sentence).about("lines");
        }
        let sentence = format!(
            "{what}: Orderez takes no further lines or units on an order it has ({} more). Add them there by hand ({}), or cancel the order there and send it again.",
            lines.more.join(", "),
            in_orderez(found)
        );
        self.hub.by_hand(&sentence).about("lines")
    }

    async fn cancel(&self, id: &str) -> Verdict {
        let what = format!("Order {id} could not be cancelled");
        let hub = self.hub;
        for _ in 0..RACES_MAX {
            let found = match hub.order(id, self.priority).await {
                Ok(found) => found,
                // What is not there is packed by nobody. (Should it turn up after all, a reading shows it open, and it is
                // asked about again.)
                Err(NotFound::Gone) => {
                    return Verdict::AlreadyDone(receipt(None, id, Some("it is not there".to_owned())));
                }
                Err(error) => return hub.before_write(error, &what),
            };
            if is_off(&found) {
                return Verdict::AlreadyDone(receipt(None, id, None));
            }
            if matches!(found.order.status, HubStatus::Shipped | HubStatus::WithProvider) {
                return Verdict::NeedsPerson(verdicts::locked(&hub.speaker, &what, &state_words(&found.order.status)));
            }
            let record = json!({
                "reason": hub.profile.word_out("cancel_reason", "customer"),
                "restock": true,
                "source": compose::source(&self.write_id),
            });
            let filling = Filling::default().path("order_id", id).record(&record).version(found.version.as_ref());
            match self.sent("cancelOrder", &filling, &what).await {
                Ok(reply) => {
                    let note = found
                        .partly_shipped
                        .then(|| "what was not packed yet was cancelled; the rest has left".to_owned());
                    return Verdict::Done(receipt(Some(&reply), id, note));
                }
                Err(Try::Raced) => {}
                // Refused for its state: the state says why.
                Err(Try::Ended(Verdict::NeedsPerson(refusal))) if refusal.cause == Cause::HubLocked => {
                    return match hub.order(id, self.priority).await {
                        Ok(now) if is_off(&now) => Verdict::AlreadyDone(receipt(None, id, None)),
                        Ok(now) if !now.is_open() => {
                            Verdict::NeedsPerson(verdicts::locked(&hub.speaker, &what, &state_words(&now.order.status)))
                        }
                        _ => Verdict::NeedsPerson(refusal),
                    };
                }
                Err(Try::Ended(verdict)) => return verdict,
            }
        }
        self.raced(&what)
    }

    /// Holds, or releases where there is no day. The contract's holds have no end: ours are released by us.
    async fn hold(&self, id: &str, until_day: Option<&str>) -> Verdict {
        let hub = self.hub;
        let verb = if until_day.is_some() { "held" } else { "released" };
        let what = format!("Order {id} could not be {verb}");
        for _ in 0..RACES_MAX {
            let found = match hub.order(id, self.priority).await {
                Ok(found) => found,
                Err(error) => return hub.before_write(error, &what),
            };
            if !found.is_open() {
                return Verdict::NeedsPerson(verdicts::locked(&hub.speaker, &what, &state_words(&found.order.status)));
            }
            if (found.order.status == HubStatus::OnHold) == until_day.is_some() {
                return Verdict::AlreadyDone(receipt(None, id, None));
            }
            let record = match until_day {
                Some(day) => {
                    json!({"on_hold": true, "hold_reason": format!("held by Quayside, at the latest until {day}")})
                }
                None => json!({"on_hold": false}),
            };
            let filling = Filling::default().path("order_id", id).record(&record).version(found.version.as_ref());
            match self.sent("updateOrder", &filling, &what).await {
                Ok(reply) => return Verdict::Done(receipt(Some(&reply), id, None)),
                Err(Try::Raced) => {}
                Err(Try::Ended(verdict)) => return verdict,
            }
        }
        self.raced(&what)
    }
}

/// How a person finds it there.
fn in_orderez(found: &TheirOrder) -> String {
    let number = if found.order.number.is_empty() { &found.order.remote_id } else { &found.order.number };
    format!("order {number} there")
}

/// Nothing of it will be packed any more, because it was cancelled.
pub(super) fn is_off(found: &TheirOrder) -> bool {
    let rest_cancelled = !found.lines.is_empty()
        && found.lines.iter().all(|line| line.open() == 0)
        && found.lines.iter().any(|line| line.cancelled > 0);
    found.order.status == HubStatus::Cancelled || rest_cancelled
}

/// What the contract insists on and the draft lacks.
fn refusal_before_sending(draft: &HubOrderDraft) -> Option<(Cause, String, &'static str)> {
    let missing = draft.ship_to.missing();
    if !missing.is_empty() {
        return Some((
            Cause::AddressMissing,
            format!("the address has no {}. Complete it; the order is then sent.", missing.join(", no ")),
            "address",
        ));
    }
    if draft.lines.is_empty() {
        return Some((Cause::ContentRefused, "it has no lines a warehouse could pack.".into(), "lines"));
    }
    let nameless = draft.lines.iter().find(|line| line.sku.trim().is_empty())?;
    let why = format!(
        "\"{}\" has no SKU, and Orderez knows products by nothing else. Fill it in, then retry.",
        nameless.name
    );
    Some((Cause::UnknownSku, why, "sku"))
}

/// The JSON a person would see in a dry run, for the mapping screen.
pub(super) fn example_record(profile: &super::profile::Profile, operation: &str, draft: &HubOrderDraft) -> Value {
    let order = compose::order(profile, draft, "00000000-0000-5000-8000-000000000000");
    let source = compose::source("00000000-0000-5000-8000-000000000000");
    match operation {
        "setInventory" => {
            let line = draft.lines.first();
            let (sku, units) = line.map_or_else(Default::default, |line| (line.sku.clone(), line.quantity));
            json!({"sku": sku, "on_hand": units, "available": units, "reason": "sync", "source": source})
        }
        "createProduct" | "updateProduct" => products::example(profile, draft, "00000000-0000-5000-8000-000000000000"),
        "adjustInventory" => {
            let line = draft.lines.first();
            let sku = line.map_or_else(String::new, |line| line.sku.clone());
            json!({"reason": "correction", "lines": [{"warehouse_id": "id-of-warehouse", "sku": sku, "delta": 1}],
                "source": source})
        }
        "createRefund" => refunds::example(profile, draft, "00000000-0000-5000-8000-000000000000"),
        "assignOrder" => {
            let lines = draft.lines.iter().map(|line| json!({"line_id": line.line_key, "quantity": line.quantity}));
            let warehouse = match draft.ship.warehouse.trim() {
                "" => "id-of-warehouse",
                chosen => chosen,
            };
            json!({"assignments": [{"warehouse_id": warehouse, "lines": lines.collect::<Vec<_>>()}]})
        }
        "cancelOrder" => {
            json!({"reason": profile.word_out("cancel_reason", "customer"), "restock": true, "source": source})
        }
        "updateOrder" => {
            let mut record = compose::only(&order, &["ship_to", "note", "on_hold"]);
            if let Some(record) = record.as_object_mut() {
                record.insert("hold_reason".into(), json!("held by Quayside"));
            }
            record
        }
        _ => order,
    }
}
