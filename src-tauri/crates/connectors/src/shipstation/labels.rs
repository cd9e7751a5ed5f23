//! Labels: bought once, found again, fetched.
//!
//! Money leaves with one call, so everything else stands before it: the order is looked at, its labels are, the offers
//! are asked for anew and compared with what was agreed. Whatever was sent and not answered is looked up by the order's
//! id: one that has a label gets no second one from here, whoever bought the first. Nothing says that a return label is
//! listed under that id: one whose answer was lost is never asked for again by itself.

use super::choose::{Need, Route, choose};
use super::client::{Api, Call, Failure, Reply, segment};
use super::hub::{Found, Hub, NotFound};
use super::ids::{self, ParcelId};
use super::perform::{before_write, locked, notes, state_words};
use super::rates::{self, NoOffers, Offer};
use super::verdicts::{self, Means};
use super::wire::Listing;
use super::wire_v2::{DownloadV2, LabelV2};
use super::{compose_v2, put_v2, translate, wire};
use crate::{Priority, ReadError, Task};
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{
    Cause, Confirmation, HubStatus, LabelDraft, LabelForm, LabelWish, Money, ParcelSize, Receipt, Refusal, Verdict,
};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// A list may not show a label yet that was bought this long ago.
const SHOWN_AFTER_MS: i64 = 90 * SECOND_MS;
/// The order says that it has a label, and the list does not show it: after so long the list is believed. A return label
/// that it does not show by then is left to a person.
const LIST_LAGS_MS: i64 = 15 * MINUTE_MS;
/// Carriers that answer slowly are waited for as long: whoever is missing may be the cheapest.
const CARRIERS_MS: i64 = 5 * MINUTE_MS;
/// Their clock and ours.
const CLOCKS_MS: i64 = 5 * MINUTE_MS;
/// Where V2 keeps its files.
const DOWNLOADS: &str = "/v2/downloads/";

/// A label as the list shows it, with what it was.
struct Seen {
    label: LabelV2,
    created_at_ms: i64,
}

impl Seen {
    fn is_live(&self) -> bool {
        let word = self.label.status.trim();
        !self.label.voided && !word.eq_ignore_ascii_case("voided") && !word.eq_ignore_ascii_case("error")
    }
    fn id(&self) -> String {
        ids::label(self.label.label_id.as_deref().unwrap_or_default())
    }
}

fn what(draft: &LabelDraft) -> String {
    format!("The label of order {} could not be bought", draft.hub_order_id)
}

/// Buys the label of an order, unless it has one.
pub(super) async fn buy(hub: &Hub, draft: &LabelDraft, task: &Task<'_>) -> Verdict {
    let what = what(draft);
    if let Route::Nobody(why) = choose(Need::BuyLabel, hub.has) {
        return Verdict::NeedsPerson(hub.speaker.refusal(Cause::ScopeMissing, &format!("{what}: {why}")));
    }
    let found = match hub.order(Api::V2, &draft.hub_order_id, task.priority).await {
        Ok(found) => found,
        Err(error) => return before_write(hub, error, &what),
    };
    if !draft.test {
        match labels_of(hub, &draft.hub_order_id, task.priority).await {
            Ok(labels) => {
                if let Some(seen) = labels.iter().find(|seen| seen.is_live() && !seen.label.is_return_label) {
                    return Verdict::AlreadyDone(there_already(hub, seen, task.first_sent_at_ms.is_some()));
                }
            }
            Err(error) => return error.into_verdict(hub, &what),
        }
    }
    match found.order.status {
        HubStatus::AwaitingShipment => {}
        HubStatus::OnHold | HubStatus::AwaitingPayment => {
            let state = state_words(&found.order.status);
            let sentence = format!(
                "{what}: the order is {state} in ShipStation. Release it there, then retry. Nothing was bought."
            );
            return Verdict::NeedsPerson(hub.speaker.refusal(Cause::LabelNotBought, &sentence));
        }
        _ => return locked(hub, &found, &what, task.priority).await,
    }
    let found = match measured(hub, found, draft, &what, task.priority).await {
        Ok(found) => found,
        Err(verdict) => return verdict,
    };
    // What is bought for the order is asked for by the order, as it is there now.
    let there = rates::size_of(&found.raw);
    let size = if draft.test { rates::merged(there, draft.size) } else { there };
    let (offer, because) = match chosen(hub, &found, size, draft, &what, task).await {
        Ok(chosen) => chosen,
        Err(verdict) => return verdict,
    };
    if draft.test {
        buy_test(hub, &found, size, &offer, &what, task.priority).await
    } else {
        buy_offer(hub, &offer, &because, &what, task.priority).await
    }
}

/// What was there before: by somebody else where we had not sent anything, and then no cost of ours.
fn there_already(hub: &Hub, seen: &Seen, sent_before: bool) -> Receipt {
    if sent_before {
        return receipt(hub, &seen.label, None, None);
    }
    let note = "it had a label already, and no second one was bought".to_owned();
    Receipt { cost: None, ..receipt(hub, &seen.label, None, Some(note)) }
}

/// Why an order's labels are not known.
enum Unlisted {
    /// There was no answer.
    Failed(Failure),
    /// The answer was no list.
    Answered(Box<Reply>),
    /// One of them cannot be read: it may be the one.
    Unreadable(Refusal),
}

impl Unlisted {
    /// Before a write: nothing was changed.
    fn into_verdict(self, hub: &Hub, what: &str) -> Verdict {
        match self {
            Self::Failed(failure) => failure.into_verdict_before_write(),
            Self::Answered(reply) => not_yet(hub, &reply, what),
            Self::Unreadable(refusal) => Verdict::NeedsPerson(refusal),
        }
    }
    /// For a question about a write.
    fn into_confirmation(self, hub: &Hub) -> Confirmation {
        match self {
            Self::Failed(failure) => failure.into_confirmation(),
            Self::Answered(reply) => verdicts::cannot_tell(&hub.speaker, &reply, "The labels of an order"),
            Self::Unreadable(refusal) => Confirmation::CannotTell(refusal),
        }
    }
}

/// The order with the weight and the measures that were typed; for a test label it stays as it is. `Err`: nothing was
/// bought, and this is why.
async fn measured(
    hub: &Hub,
    found: Found,
    draft: &LabelDraft,
    what: &str,
    priority: Priority,
) -> Result<Found, Verdict> {
    let there = rates::size_of(&found.raw);
    let wanted = rates::merged(there, draft.size);
    if wanted == there {
        return Ok(found);
    }
    if rates::is_several_boxes(&found.raw) {
        let sentence = format!("{what}: {} Nothing was bought.", rates::SEVERAL_BOXES);
        return Err(Verdict::NeedsPerson(hub.speaker.refusal(Cause::LabelNotBought, &sentence)));
    }
    if draft.test {
        return Ok(found);
    }
    let boxes = ("packages", rates::packages(&found.raw, wanted));
    let body = put_v2::changed(&found.raw, boxes, &hub.fillers).map_err(|why| {
        let sentence = format!("{what}: {why} Nothing was bought.");
        Verdict::NeedsPerson(hub.speaker.refusal(Cause::AddressRefused, &sentence))
    })?;
    let call = Call::put(format!("/v2/shipments/{}", segment(&ids::to_v2(&draft.hub_order_id))), Some(body), priority);
    // Weighing twice changes nothing: a lost answer is no lost label.
    let reply = hub.client.call(call).await.map_err(Failure::into_verdict_before_write)?;
    if !reply.is_success() {
        return Err(not_yet(hub, &reply, what));
    }
    hub.order(Api::V2, &draft.hub_order_id, priority).await.map_err(|error| before_write(hub, error, what))
}

/// An answer before anything was bought: trouble is tried again, the rest is said.
fn not_yet(hub: &Hub, reply: &Reply, what: &str) -> Verdict {
    match verdicts::means(reply) {
        Means::Trouble | Means::Fine => {
            Verdict::RetryLater(verdicts::read_refusal(&hub.speaker, reply, "What carriers offer"))
        }
        _ => verdicts::write_verdict(&hub.speaker, reply, what),
    }
}

/// The offer that is taken now, at today's price. `Err`: nothing was bought, and this is why.
async fn chosen(
    hub: &Hub,
    found: &Found,
    size: ParcelSize,
    draft: &LabelDraft,
    what: &str,
    task: &Task<'_>,
) -> Result<(Offer, String), Verdict> {
    let only = match &draft.wish {
        LabelWish::Chosen { carrier_id, service, .. } => Some((carrier_id.as_str(), service.as_str())),
        _ => None,
    };
    let offers = rates::offers(hub, found, size, only, task.priority).await.map_err(|error| match error {
        NoOffers::Answered(reply) => not_yet(hub, &reply, what),
        NoOffers::Failed(failure) => failure.into_verdict_before_write(),
        NoOffers::Told(cause, why) => Verdict::NeedsPerson(hub.speaker.refusal(cause, &format!("{what}: {why}"))),
    })?;
    let now_ms = hub.client.now_ms();
    let is_new = || task.first_sent_at_ms.is_none_or(|sent_ms| (0..CARRIERS_MS).contains(&(now_ms - sent_ms)));
    if offers.unfinished && (offers.list.is_empty() || only.is_none() && is_new()) {
        // One label's trouble, and not the account's: everything else goes on.
        return Err(Verdict::RetryLater(hub.speaker.refusal(
            Cause::LabelNotBought,
            &format!("{what} yet: not all carriers have answered what they offer. They are asked again."),
        )));
    }
    let not_bought = |why: &str| {
        let sentence = format!("{what}: {why}. Nothing was bought.");
        let refusal = hub.speaker.refusal(Cause::LabelNotBought, &sentence);
        Verdict::NeedsPerson(refusal.said(offers.not_offered.join(" ")))
    };
    let quotes: Vec<_> = offers.list.iter().map(|offer| offer.quote.clone()).collect();
    let draft = &draft.in_money_of(&quotes).map_err(|why| not_bought(&why))?;
    let (quote, because) = quayside_model::rates::pick(&quotes, draft).map_err(|why| not_bought(&why))?;
    if let Some(left_minor) = draft.day_left_minor
        && quote.total_minor() > left_minor
    {
        let left = Money::new(left_minor, draft.currency.clone());
        return Err(not_bought(&format!(
            "{} costs {}, and {left} are left of what may be spent on labels today. Raise the limit in the settings of \"Labels\", or retry tomorrow",
            quote.words(),
            quote.total()
        )));
    }
    let offer = offers.list.iter().find(|offer| offer.quote == *quote).cloned();
    offer.map(|offer| (offer, because)).ok_or_else(|| not_bought("its offer is gone"))
}

async fn buy_offer(hub: &Hub, offer: &Offer, because: &str, what: &str, priority: Priority) -> Verdict {
    let path = format!("/v2/labels/rates/{}", segment(&offer.rate_id));
    let reply = match hub.client.call(Call::post(Api::V2, path, json!({}), priority)).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    if let Some(label) = bought(&reply) {
        hub.bought.store(true, Ordering::Relaxed);
        let mut receipt = receipt(hub, &label, Some(&reply), Some(because.to_owned()));
        // An answer that does not say what it cost is not for nothing: what was offered counts against the day's limit.
        if receipt.cost.as_ref().is_none_or(|cost| cost.minor <= 0) {
            receipt.cost = Some(offer.quote.total());
        }
        return Verdict::Done(receipt);
    }
    let gone = verdicts::means(&reply) == Means::Missing
        || (verdicts::means(&reply) == Means::Refused
            && reply.said.codes.iter().any(|code| code == "invalid_identifier"));
    if gone {
        let sentence = format!("{what} yet: the offer ran out before it was taken. It is asked for anew.");
        return Verdict::RetryLater(hub.speaker.refusal_of(&reply, Cause::LabelNotBought, &sentence));
    }
    verdicts::write_verdict(&hub.speaker, &reply, what)
}

/// Nobody pays a test label and no carrier takes it: it is bought beside the order, which stays as it is.
async fn buy_test(
    hub: &Hub,
    found: &Found,
    size: ParcelSize,
    offer: &Offer,
    what: &str,
    priority: Priority,
) -> Verdict {
    let mut shipment = found.raw.as_object().cloned().unwrap_or_default();
    compose_v2::drop_read_only(&mut shipment);
    if let Err(why) = compose_v2::complete(&mut shipment, &hub.fillers) {
        let sentence = format!("{what}: {why} Nothing was bought.");
        return Verdict::NeedsPerson(hub.speaker.refusal(Cause::AddressRefused, &sentence));
    }
    for name in ["external_shipment_id", "external_order_id", "shipment_number", "create_sales_order", "store_id"] {
        shipment.remove(name);
    }
    if size != rates::size_of(&found.raw) {
        shipment.insert("packages".into(), rates::packages(&found.raw, size));
    }
    shipment.insert("carrier_id".into(), json!(offer.quote.carrier_id));
    shipment.insert("service_code".into(), json!(offer.quote.service));
    let body = json!({"test_label": true, "label_format": "pdf", "shipment": shipment});
    let reply = match hub.client.call(Call::post(Api::V2, "/v2/labels", body, priority)).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    match bought(&reply) {
        Some(label) => {
            let note = "a test label: nobody pays it, and no carrier takes it".to_owned();
            Verdict::Done(Receipt { cost: None, ..receipt(hub, &label, Some(&reply), Some(note)) })
        }
        None => verdicts::write_verdict(&hub.speaker, &reply, what),
    }
}

/// The label in an answer. One that says that it failed is none.
fn bought(reply: &Reply) -> Option<LabelV2> {
    let label = wire::record::<LabelV2>(reply.json.as_ref().filter(|_| reply.is_success())?).ok()?;
    let made = label.label_id.is_some() && !label.status.trim().eq_ignore_ascii_case("error");
    made.then_some(label)
}

/// What a label is and costs.
fn receipt(hub: &Hub, label: &LabelV2, reply: Option<&Reply>, note: Option<String>) -> Receipt {
    let cost = translate::cost_v2(label.shipment_cost.as_ref(), label.insurance_cost.as_ref());
    let words = |text: &str| Some(hub.client.quotable(text.trim())).filter(|text| !text.is_empty());
    let parts = [words(&label.service_code), cost.as_ref().map(Money::to_string), words(&label.tracking_number), note];
    Receipt {
        remote_id: label.label_id.as_deref().map(ids::label),
        request_id: reply.and_then(Reply::request_id),
        note: notes(parts),
        cost,
    }
}

/// The rows of a list of labels.
async fn listed(hub: &Hub, call: Call) -> Result<Vec<Value>, Unlisted> {
    let reply = hub.client.call(call).await.map_err(Unlisted::Failed)?;
    let listing = reply.json.as_ref().filter(|_| reply.is_success()).and_then(|body| Listing::of(body, "labels"));
    let rows = listing.map(|listing| listing.rows.into_iter().filter(|row| !row.is_null()).collect());
    rows.ok_or_else(|| Unlisted::Answered(Box::new(reply)))
}

/// Labels of an order, those that come back and voided ones, too.
async fn labels_of(hub: &Hub, order_id: &str, priority: Priority) -> Result<Vec<Seen>, Unlisted> {
    let call = Call::get(Api::V2, "/v2/labels", priority)
        .with("shipment_id", ids::to_v2(order_id))
        .with("page", 1)
        .with("page_size", 100);
    let rows = listed(hub, call).await?;
    let unreadable = || {
        let sentence = format!(
            "A label of order {order_id} came in a form Quayside does not understand. No label is bought beside it; look at the order in ShipStation."
        );
        Unlisted::Unreadable(hub.speaker.refusal(Cause::NotUnderstood, &sentence))
    };
    let mut labels = Vec::new();
    for row in &rows {
        let label = wire::record::<LabelV2>(row).map_err(|_| unreadable())?;
        // A server that ignores the filter must not lend us strangers' labels.
        if label.shipment_id.as_deref().map(ids::from_v2).as_deref() != Some(order_id) {
            continue;
        }
        let created_at_ms = translate::utc(&label.created_at).ok_or_else(unreadable)?;
        labels.push(Seen { label, created_at_ms });
    }
    Ok(labels)
}

/// Makes a label with which a parcel comes back, unless there is one that was not known.
pub(super) async fn buy_return(
    hub: &Hub,
    order_id: &str,
    parcel_id: &str,
    known: &[String],
    task: &Task<'_>,
) -> Verdict {
    let what = format!("A return label for order {order_id} could not be made");
    if let Route::Nobody(why) = choose(Need::BuyLabel, hub.has) {
        return Verdict::NeedsPerson(hub.speaker.refusal(Cause::ScopeMissing, &format!("{what}: {why}")));
    }
    let Some(ParcelId::Label(id)) = ParcelId::parse(parcel_id) else {
        let sentence = format!("{what}: the parcel's label was bought elsewhere. Make one where that was bought.");
        return Verdict::NeedsPerson(hub.speaker.refusal(Cause::ContentRefused, &sentence));
    };
    match way_back(hub, order_id, id, known, task).await {
        Ok(Some(seen)) => {
            return Verdict::AlreadyDone(there_already(hub, &seen, task.first_sent_at_ms.is_some()));
        }
        Ok(None) => {}
        Err(error) => return error.into_verdict(hub, &what),
    }
    let path = format!("/v2/labels/{}/return", segment(&ids::to_v2(id)));
    let body = json!({"charge_event": "carrier_default"});
    let reply = match hub.client.call(Call::post(Api::V2, path, body, task.priority)).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    match bought(&reply) {
        Some(label) => Verdict::Done(receipt(hub, &label, Some(&reply), None)),
        None if verdicts::means(&reply) == Means::Missing => Verdict::NeedsPerson(hub.speaker.refusal_of(
            &reply,
            Cause::HubLocked,
            &format!("{what}: ShipStation has no such label any more. Look at the order there."),
        )),
        None if verdicts::means(&reply) == Means::Refused => {
            let said = &reply.said;
            let sentence = format!(
                "{what}: ShipStation did not accept it. Return labels are for parcels inside one country, and not every carrier has them."
            );
            let refusal = hub.speaker.refusal(Cause::ServiceRefused, &sentence).said(said.message.clone());
            Verdict::NeedsPerson(refusal.request(reply.request_id()).status(reply.status))
        }
        None => verdicts::write_verdict(&hub.speaker, &reply, &what),
    }
}

/// The order's label that comes back and that nobody knew of when it was planned. It may stand under a shipment of its
/// own: what was made since ours was sent is looked through, too, for one that names the label it belongs to.
async fn way_back(
    hub: &Hub,
    order_id: &str,
    outbound_id: &str,
    known: &[String],
    task: &Task<'_>,
) -> Result<Option<Seen>, Unlisted> {
    let comes_back = |seen: &Seen| seen.label.is_return_label && seen.is_live() && !known.contains(&seen.id());
    let labels = labels_of(hub, order_id, task.priority).await?;
    if let Some(seen) = labels.into_iter().find(comes_back) {
        return Ok(Some(seen));
    }
    let Some(sent_ms) = task.first_sent_at_ms else { return Ok(None) };
    let call = Call::get(Api::V2, "/v2/labels", task.priority)
        .with("created_at_start", compose_v2::utc(made_since_ms(hub, sent_ms)))
        .with("sort_by", "created_at")
        .with("sort_dir", "asc")
        .with("page", 1)
        .with("page_size", 100);
    let rows = listed(hub, call).await?;
    // What cannot be read is another order's, or is not found: either way nothing is bought because of it.
    let mut labels = rows.iter().filter_map(|row| {
        let label = wire::record::<LabelV2>(row).ok()?;
        let created_at_ms = translate::utc(&label.created_at)?;
        Some(Seen { label, created_at_ms })
    });
    let of_ours =
        |label: &LabelV2| label.outbound_label_id.as_deref().map(ids::from_v2).as_deref() == Some(outbound_id);
    Ok(labels.find(|seen| of_ours(&seen.label) && comes_back(seen)))
}

/// Since when a label that was sent for at a moment of our clock may have been made, by theirs.
fn made_since_ms(hub: &Hub, sent_ms: i64) -> i64 {
    sent_ms.min(hub.client.now_ms()) + hub.client.sure_skew_ms() - CLOCKS_MS
}

/// Whether a label was bought. Absent only where the order has none, long enough after it was sent.
pub(super) async fn confirm_buy(hub: &Hub, draft: &LabelDraft, task: &Task<'_>) -> Result<Confirmation, Confirmation> {
    // Nobody pays it: once more does no harm, and it belongs to no order by which it could be found.
    if draft.test {
        return Ok(Confirmation::Absent);
    }
    let labels =
        labels_of(hub, &draft.hub_order_id, task.priority).await.map_err(|error| error.into_confirmation(hub))?;
    let since_ms = task.first_sent_at_ms.map_or(i64::MAX, |sent_ms| made_since_ms(hub, sent_ms));
    let outbound = || labels.iter().filter(|seen| !seen.label.is_return_label);
    // One that was voided since was bought all the same.
    let voided = || outbound().find(|seen| seen.label.voided && seen.created_at_ms >= since_ms);
    if let Some(seen) = outbound().find(|seen| seen.is_live()).or_else(voided) {
        return Ok(Confirmation::Holds(receipt(hub, &seen.label, None, None)));
    }
    let what = what(draft);
    let found = match hub.order(Api::V2, &draft.hub_order_id, task.priority).await {
        Ok(found) => found,
        Err(NotFound::Gone) => return Ok(Confirmation::Overtaken(verdicts::gone(&hub.speaker, &what))),
        Err(NotFound::Failed(failure)) => return Err(failure.into_confirmation()),
        Err(NotFound::Answered(reply)) => return Err(verdicts::cannot_tell(&hub.speaker, &reply, "The order")),
        Err(NotFound::Unreadable(why)) => {
            let sentence = format!("{what}: ShipStation's order came in a form Quayside does not understand ({why}).");
            return Err(Confirmation::CannotTell(hub.speaker.refusal(Cause::Unreadable, &sentence)));
        }
    };
    let age_ms = age_ms(hub, task);
    match found.order.status {
        // The order knows of a label, and the list does not show it yet.
        HubStatus::Shipped if age_ms < LIST_LAGS_MS => Err(Confirmation::CannotTell(not_listed(hub, &what))),
        HubStatus::Cancelled | HubStatus::WithProvider => {
            Ok(Confirmation::Overtaken(verdicts::locked(&hub.speaker, &what, &state_words(&found.order.status), None)))
        }
        _ if age_ms < SHOWN_AFTER_MS => Err(Confirmation::CannotTell(not_listed(hub, &what))),
        _ => Ok(Confirmation::Absent),
    }
}

fn not_listed(hub: &Hub, what: &str) -> Refusal {
    hub.speaker.refusal(
        Cause::OutcomeUnknown,
        &format!(
            "{what} for certain: ShipStation does not list it yet. It is looked up again before anything is bought."
        ),
    )
}

/// Since it was sent last.
fn age_ms(hub: &Hub, task: &Task<'_>) -> i64 {
    let sent_ms = task.last_sent_at_ms.max(task.first_sent_at_ms);
    // A clock that was set back makes it no older.
    sent_ms.map_or(i64::MAX, |sent_ms| (hub.client.now_ms() - sent_ms).max(0))
}

/// Whether a return label was made. Nothing tells for certain that none was: it is never sent again by itself.
pub(super) async fn confirm_return(
    hub: &Hub,
    order_id: &str,
    parcel_id: &str,
    known: &[String],
    task: &Task<'_>,
) -> Result<Confirmation, Confirmation> {
    let outbound_id = match ParcelId::parse(parcel_id) {
        Some(ParcelId::Label(id)) => id,
        _ => "",
    };
    let found = way_back(hub, order_id, outbound_id, known, task).await;
    if let Some(seen) = found.map_err(|error| error.into_confirmation(hub))? {
        return Ok(Confirmation::Holds(receipt(hub, &seen.label, None, None)));
    }
    // The order's state does not change with it: nothing but the list shows it.
    if age_ms(hub, task) < LIST_LAGS_MS {
        let what = format!("A return label for order {order_id} could not be made");
        return Err(Confirmation::CannotTell(not_listed(hub, &what)));
    }
    let sentence = format!(
        "A return label for order {order_id} may have been bought: it was asked for, no answer came, and ShipStation lists none. It is not bought a second time by itself. Look at the order's labels in ShipStation; if there is none that comes back, retry it here."
    );
    Ok(Confirmation::Overtaken(hub.speaker.refusal(Cause::NotUnderstood, &sentence)))
}

/// A label's file, as it lies at ShipStation.
pub(super) async fn file(
    hub: &Hub,
    parcel_id: &str,
    form: LabelForm,
    priority: Priority,
) -> Result<Vec<u8>, ReadError> {
    let no = |why: &str| ReadError::Refused(hub.speaker.refusal(Cause::ContentRefused, why));
    let Some(ParcelId::Label(id)) = ParcelId::parse(parcel_id) else {
        return Err(no("The parcel's label was bought elsewhere: print it where it was bought."));
    };
    if !hub.has.v2 {
        return Err(no("V1 hands a label out once, when it is bought. Print it in ShipStation, or add a V2 key."));
    }
    let path = format!("/v2/labels/{}", segment(&ids::to_v2(id)));
    let reply = hub.client.call(Call::get(Api::V2, path, priority)).await.map_err(Failure::into_read_error)?;
    let label = reply
        .json
        .as_ref()
        .filter(|_| reply.is_success())
        .and_then(|json| wire::record::<LabelV2>(json).ok())
        .ok_or_else(|| verdicts::read_error(&hub.speaker, &reply, "The label"))?;
    let files: DownloadV2 =
        label.label_download.as_ref().and_then(|files| wire::record(files).ok()).unwrap_or_default();
    let url = match form {
        LabelForm::Pdf if files.pdf.is_empty() && is_pdf(&files.href) => &files.href,
        LabelForm::Pdf => &files.pdf,
        LabelForm::Zpl => &files.zpl,
        LabelForm::Png => &files.png,
    };
    let missing = format!("ShipStation has no {} of this label. Try another form, or print it there.", form.code());
    let path = download_path(url).ok_or_else(|| no(&missing))?;
    let answer = hub.client.file(&path, priority).await.map_err(Failure::into_read_error)?;
    if !answer.is_success() || answer.is_html || answer.body.is_empty() {
        return Err(ReadError::Refused(
            hub.speaker
                .refusal(
                    Cause::PlatformTrouble,
                    "ShipStation did not hand the label's file out. Try again in a moment, or print it there.",
                )
                .status(answer.status),
        ));
    }
    Ok(answer.body)
}

/// The path of a file of V2's own: the key goes nowhere else, whatever an address says.
fn download_path(url: &str) -> Option<String> {
    let url = url::Url::parse(url.trim()).ok()?;
    let path = url.path();
    let plain = path.starts_with(DOWNLOADS) && !path.contains("..");
    plain.then(|| path.to_owned())
}

fn is_pdf(url: &str) -> bool {
    std::path::Path::new(url).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_to_v2s_own_files_alone() {
        for (url, path) in [
            ("https://api.shipstation.com/v2/downloads/10/abc/label-1.pdf", Some("/v2/downloads/10/abc/label-1.pdf")),
            ("http://127.0.0.1:4100/v2/downloads/10/7/label-7.zpl", Some("/v2/downloads/10/7/label-7.zpl")),
            ("https://api.shipstation.com/v2/labels/se-1", None),
            ("https://files.example.com/label.pdf", None),
            ("label.pdf", None),
            ("", None),
        ] {
            assert_eq!(download_path(url).as_deref(), path, "{url}");
        }
    }
}
