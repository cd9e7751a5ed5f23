//! Quantities on offer: patched, and read back, because "accepted" is not "applied".
//!
//! Only the merchant's own stock (`DEFAULT`) is ever written: with another channel
//! code Amazon would add a second entry instead of changing the first. `merge`
//! changes the quantity and leaves handling time and restock date alone.
//! Amazon takes sold units off by itself while an order is still pending, so a live
//! quantity below what was set is a sale, not a failure. It cannot compare before
//! it writes, so what we last agreed on is not sent.

use super::Amazon;
use super::at::At;
use super::client::{Call, part};
use super::limits::Op;
use super::reports::level;
use super::verdicts::CallError;
use crate::{Priority, ReadError, Task};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Confirmation, Incoming, Receipt, Record, StockDraft, Verdict};
use serde_json::json;

/// Seller's own stock.
pub(super) const OWN_CHANNEL: &str = "DEFAULT";
/// Buyers see a new quantity after a while.
const LOOK_MS: i64 = 3 * MINUTE_MS;
/// … and if not after so long, never.
const APPLIED_MS: i64 = 45 * MINUTE_MS;

/// How one marketplace shows a SKU.
struct Offer {
    marketplace_id: String,
    product_type: String,
    /// What buyers see.
    live: Option<i64>,
    /// What was last submitted.
    submitted: Option<i64>,
    /// Only in Amazon's own warehouses.
    by_amazon: bool,
}

impl Amazon {
    pub(super) async fn set_stock(&self, task: &Task<'_>, draft: &StockDraft) -> Verdict {
        let offers = match self.offers(draft, task.priority).await {
            Ok(offers) => offers,
            Err(error) => return error.before_change(),
        };
        if let Err(refusal) = self.fit_for_stock(&offers, draft) {
            return Verdict::NeedsPerson(refusal);
        }
        let todo: Vec<&Offer> =
            offers.iter().filter(|offer| !offer.by_amazon && offer.live != Some(draft.available)).collect();
        if todo.is_empty() {
            return Verdict::AlreadyDone(Receipt { remote_id: Some(draft.sku.clone()), ..Receipt::default() });
        }
        for offer in todo {
            if let Err(verdict) = self.patch(draft, offer, task.priority).await {
                return verdict;
            }
        }
        let now_ms = self.client.door().now_ms();
        let sentence = format!("Amazon accepted the quantity of {}; buyers see it after some minutes.", draft.sku);
        Verdict::UnderWay {
            ticket: format!("stock:{now_ms}"),
            look_at_ms: now_ms + LOOK_MS,
            why: self.refusal(Cause::OutcomeUnknown, &sentence).about(draft.sku.clone()),
        }
    }

    fn fit_for_stock(&self, offers: &[Offer], draft: &StockDraft) -> Result<(), quayside_model::Refusal> {
        let refuse = |cause, why: &str| {
            let sentence = format!("Could not set the stock of {}. {why}", draft.sku);
            Err(self.refusal(cause, &sentence).about(draft.sku.clone()))
        };
        if offers.is_empty() {
            return refuse(Cause::UnknownSku, "Amazon has no offer with this SKU in your marketplaces.");
        }
        if offers.iter().all(|offer| offer.by_amazon) {
            return refuse(
                Cause::ContentRefused,
                "Its units are in Amazon's own warehouses (FBA); Amazon counts them itself.",
            );
        }
        Ok(())
    }

    async fn patch(&self, draft: &StockDraft, offer: &Offer, priority: Priority) -> Result<(), Verdict> {
        let body = json!({
            "productType": if offer.product_type.is_empty() { "PRODUCT" } else { offer.product_type.as_str() },
            "patches": [{
                "op": "merge",
                "path": "/attributes/fulfillment_availability",
                "value": [{ "fulfillment_channel_code": OWN_CHANNEL, "quantity": draft.available.max(0) }],
            }],
        });
        let call = Call {
            op: Op::PatchListing,
            method: http::Method::PATCH,
            path: self.listing_path(&draft.sku),
            query: vec![("marketplaceIds", offer.marketplace_id.clone())],
            body: Some(body),
        };
        let what = format!("set the stock of {}", draft.sku);
        let data = self.client.call(&call, priority, &what).await.map_err(CallError::into_verdict)?;
        let at = At::root(&data.body);
        match at.get("status").text().as_str() {
            "ACCEPTED" | "VALID" => Ok(()),
            "INVALID" => {
                let issues = at.get("issues").list();
                let words: Vec<String> = issues
                    .iter()
                    .map(|issue| format!("{} {}", issue.get("code").text(), issue.get("message").text()))
                    .collect();
                let sentence = format!("Could not {what}. Amazon refused the change.");
                let refusal = self.refusal(Cause::ContentRefused, &sentence).about(draft.sku.clone());
                let said = self.client.door().quotable(&words.join("; "));
                Err(Verdict::NeedsPerson(refusal.said(said).request(data.request_id)))
            }
            other => {
                let sentence = format!("Could not {what} for certain: Amazon answered \"{other}\".");
                Err(Verdict::AnswerLost(self.refusal(Cause::OutcomeUnknown, &sentence).request(data.request_id)))
            }
        }
    }

    /// The offers of a SKU, one per marketplace that has it.
    async fn offers(&self, draft: &StockDraft, priority: Priority) -> Result<Vec<Offer>, CallError> {
        let places = match &draft.location_id {
            Some(id) if super::places::marketplace(id).is_some() => vec![id.clone()],
            _ => self.marketplaces(priority).await?,
        };
        let mut offers = Vec::new();
        for marketplace_id in places {
            let query = vec![
                ("marketplaceIds", marketplace_id.clone()),
                ("includedData", "summaries,attributes,fulfillmentAvailability".to_owned()),
            ];
            let call = Call::get(Op::GetListing, self.listing_path(&draft.sku), query);
            match self.client.call(&call, priority, &format!("look at the offer of {}", draft.sku)).await {
                Ok(data) => offers.push(offer(&At::root(&data.body), marketplace_id)),
                Err(error) if error.status() == Some(404) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(offers)
    }

    /// One quantity now, by our name of it: marketplace and SKU.
    pub(super) async fn read_level(&self, id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
        let known = id.split_once('/').filter(|(place, _)| super::places::marketplace(place).is_some());
        let Some((place, sku)) = known else {
            let sentence = "Quantities come with a report of Amazon's every few hours; the exception ends with the next one that can be read.";
            return Err(ReadError::Refused(self.refusal(Cause::Unreadable, sentence).about(id)));
        };
        let query = vec![
            ("marketplaceIds", place.to_owned()),
            ("includedData", "summaries,attributes,fulfillmentAvailability".to_owned()),
        ];
        let call = Call::get(Op::GetListing, self.listing_path(sku), query);
        let data = match self.client.call(&call, priority, &format!("look at the offer of {sku}")).await {
            Ok(data) => data,
            Err(error) if error.status() == Some(404) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let offer = offer(&At::root(&data.body), place.to_owned());
        // Only in Amazon's own warehouses, or nowhere on offer.
        let Some(available) = offer.live else { return Ok(None) };
        let record = Record::Stock(level(id.to_owned(), sku, place, available));
        Ok(Some(Incoming { record, raw: data.body.to_string() }))
    }

    pub(super) fn listing_path(&self, sku: &str) -> String {
        format!("/listings/2021-08-01/items/{}/{}", part(self.seller_id()), part(sku))
    }

    pub(super) async fn confirm_stock(&self, task: &Task<'_>, draft: &StockDraft) -> Confirmation {
        let offers = match self.offers(draft, task.priority).await {
            Ok(offers) => offers,
            Err(error) => return error.into_confirmation(),
        };
        if let Err(refusal) = self.fit_for_stock(&offers, draft) {
            return Confirmation::Overtaken(refusal);
        }
        let own: Vec<&Offer> = offers.iter().filter(|offer| !offer.by_amazon).collect();
        let receipt = |note| Receipt { remote_id: Some(draft.sku.clone()), note, ..Receipt::default() };
        if own.iter().all(|offer| offer.live == Some(draft.available)) {
            return Confirmation::Holds(receipt(None));
        }
        let Some(sent_ms) = task.ticket.and_then(|ticket| ticket.strip_prefix("stock:")?.parse::<i64>().ok()) else {
            // The answer was lost. The same quantity set twice is the same quantity.
            return Confirmation::Absent;
        };
        let waited_ms = self.client.door().now_ms() - sent_ms;
        let sold = |offer: &&Offer| offer.live.is_some_and(|live| live < draft.available);
        let taken = |offer: &&Offer| offer.submitted == Some(draft.available) || offer.live == Some(draft.available);
        if waited_ms >= LOOK_MS
            && own.iter().all(|offer| offer.live == Some(draft.available) || sold(offer) && !taken(offer))
        {
            // Nothing of ours waits any more, and fewer are on offer than we set: they were bought meanwhile.
            return Confirmation::Holds(receipt(Some("some were sold meanwhile".to_owned())));
        }
        if waited_ms < APPLIED_MS {
            let sentence = format!("Amazon accepted the quantity of {} and does not show it yet.", draft.sku);
            return Confirmation::CannotTell(self.refusal(Cause::OutcomeUnknown, &sentence).about(draft.sku.clone()));
        }
        let shown: Vec<String> =
            own.iter().map(|offer| offer.live.map_or_else(|| "none".to_owned(), |live| live.to_string())).collect();
        let sentence = format!(
            "Amazon accepted {} units of {} and did not apply them: buyers see {}. Look at the offer in Seller Central, then try again.",
            draft.available,
            draft.sku,
            shown.join(", ")
        );
        Confirmation::Overtaken(self.refusal(Cause::NotUnderstood, &sentence).about(draft.sku.clone()))
    }
}

fn offer(at: &At<'_>, marketplace_id: String) -> Offer {
    let live = at.get("fulfillmentAvailability").list();
    let submitted = at.get("attributes.fulfillment_availability").list();
    let own = live.iter().find(|entry| entry.get("fulfillmentChannelCode").text() == OWN_CHANNEL);
    let ours = submitted.iter().find(|entry| entry.get("fulfillment_channel_code").text() == OWN_CHANNEL);
    Offer {
        marketplace_id,
        product_type: at
            .get("summaries")
            .list()
            .first()
            .map(|summary| summary.get("productType").text())
            .unwrap_or_default(),
        live: own.and_then(|entry| entry.get("quantity").whole()),
        submitted: ours.and_then(|entry| entry.get("quantity").whole()),
        by_amazon: own.is_none() && !live.is_empty(),
    }
}
