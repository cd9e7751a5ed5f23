//! Stock: how many units the store may sell, by location.
//!
//! A count is an absolute adjustment: it can be sent twice without counting twice, and
//! an item or location that never had a level has to begin with one anyway. A change
//! by so many units is a relative one, which leaves alone what is sold at the
//! same moment. It is sent only from the level it was agreed on, and never again unless
//! the store shows that very level long after: whether it was applied cannot be asked.
//! The store applies both some time after it accepted them, so an accepted one is
//! looked at again before it counts as done. What is set is the shelf, what is sold is
//! the shelf minus the safety stock; the difference is kept.

use super::BigCommerce;
use super::client::{Api, Call};
use super::json::At;
use super::verdicts::CallError;
use crate::{Priority, Task};
use http::Method;
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Confirmation, Intent, Receipt, StockDraft, Verdict};
use serde_json::{Value, json};

/// The store's own first location.
const DEFAULT_LOCATION: i64 = 1;
/// Accepted levels are looked at again after this.
const APPLIES_MS: i64 = 8 * SECOND_MS;
/// After this an accepted level counts as applied, whatever is sold meanwhile.
const APPLIED_MS: i64 = 2 * MINUTE_MS;
/// After this a difference whose answer was lost, and which the level does not show, was not applied. Longer than a level
/// takes, because a difference that is sent too early counts twice.
const NEVER_APPLIED_MS: i64 = 30 * MINUTE_MS;

/// A level as the store shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    location: i64,
    variant: i64,
    product: i64,
    available: i64,
    on_hand: i64,
    /// The place has a level at all: nothing can be added to one that has none.
    known: bool,
}

/// What an adjustment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// That many units are there.
    To(i64),
    /// So many more, or fewer.
    By(i64),
}

impl BigCommerce {
    /// Sets or moves one level.
    pub(super) async fn set_stock(&self, task: &Task<'_>) -> Verdict {
        let Intent::SetStock { stock } = task.intent else { return Verdict::NeedsPerson(self.not_ours(task.intent)) };
        let what = format!("Could not set the stock of {}", name(stock));
        let level = match self.level(stock, task.priority).await {
            Ok(Some(level)) => level,
            Ok(None) => {
                let sentence = format!(
                    "{what}. The store does not track it, or does not know it. Check its SKU and its inventory tracking in BigCommerce."
                );
                return Verdict::NeedsPerson(self.refusal(Cause::UnknownSku, &sentence).about(stock.sku.clone()));
            }
            Err(error) => return error.before_change(),
        };
        let receipt =
            Receipt { remote_id: Some(format!("{}:{}", level.variant, level.location)), ..Receipt::default() };
        let (first, by) = (task.first_sent_at_ms.is_none(), stock.difference());
        // A difference that was never sent is not there yet, whatever the store shows: others sell and count, too.
        if level.available == stock.available && !(first && by.is_some()) {
            return Verdict::AlreadyDone(receipt);
        }
        // A count that is sent again overwrites what happened meanwhile, which is what a count is for.
        if let Some(expected) = stock.expected.filter(|_| first || by.is_some())
            && expected != level.available
        {
            let sentence = format!(
                "{what}. The store has {} by now, and {expected} was expected: something was sold or counted meanwhile.",
                level.available
            );
            return Verdict::NeedsPerson(self.refusal(Cause::SidesDiffer, &sentence).about(stock.sku.clone()));
        }
        let shelf = Change::To(stock.available + (level.on_hand - level.available).max(0));
        let mut change = by.filter(|_| level.known).map_or(shelf, Change::By);
        let mut item = ("variant_id", level.variant);
        let mut sent = self.adjust(item, level.location, change, task.priority).await;
        // Each refusal changes nothing, and says how the store keeps this product.
        for _ in 0..2 {
            let Err(CallError::Refused(refusal)) = &sent else { break };
            let said = refusal.said.as_deref().unwrap_or_default().to_lowercase();
            if said.contains("by product id") && item.0 != "product_id" {
                // Tracked for the product as a whole.
                item = ("product_id", level.product);
            } else if said.contains("absolute adjustment before relative") && change != shelf {
                change = shelf;
            } else {
                break;
            }
            sent = self.adjust(item, level.location, change, task.priority).await;
        }
        match sent {
            Ok(ticket) => Verdict::UnderWay {
                ticket,
                look_at_ms: self.client.door().now_ms() + APPLIES_MS,
                why: self.refusal(
                    Cause::OutcomeUnknown,
                    &format!("The store accepted the stock of {} and applies it in a moment.", name(stock)),
                ),
            },
            Err(error) => error.into_verdict(),
        }
    }

    async fn adjust(
        &self,
        (identity, id): (&str, i64),
        location: i64,
        change: Change,
        priority: Priority,
    ) -> Result<String, CallError> {
        let (method, path, units) = match change {
            Change::To(units) => (Method::PUT, "/inventory/adjustments/absolute", units),
            Change::By(units) => (Method::POST, "/inventory/adjustments/relative", units),
        };
        let body = json!({
            "reason": "Quayside",
            "items": [{ "location_id": location, identity: id, "quantity": units }],
        });
        let call = Call::write(Api::V3, method, path, Some(body), priority);
        let reply = self.client.send(call, "set the stock").await?;
        Ok(At::root(&reply.json, "answer").get("transaction_id").text())
    }

    /// Does a level hold?
    pub(super) async fn confirm_stock(&self, task: &Task<'_>, stock: &StockDraft) -> Confirmation {
        let level = match self.level(stock, task.priority).await {
            Ok(level) => level,
            Err(error) => return error.into_confirmation(),
        };
        let Some(level) = level else { return Confirmation::Absent };
        let receipt = |note: Option<String>| Receipt {
            remote_id: Some(format!("{}:{}", level.variant, level.location)),
            request_id: None,
            note,
            cost: None,
        };
        if level.available == stock.available {
            return Confirmation::Holds(receipt(None));
        }
        let since_ms = self.client.door().now_ms() - task.last_sent_at_ms.unwrap_or(i64::MIN / 2);
        if since_ms < APPLIED_MS {
            let sentence = format!(
                "The store shows {} of {} so far; levels are applied some time after they are accepted.",
                level.available,
                name(stock)
            );
            return Confirmation::CannotTell(self.refusal(Cause::OutcomeUnknown, &sentence).about(stock.sku.clone()));
        }
        // Accepted for sure, and long enough ago: what differs was sold or counted since.
        if task.ticket.is_some() {
            return Confirmation::Holds(receipt(Some(format!("the store shows {} by now", level.available))));
        }
        let (Some(by), Some(expected)) = (stock.difference(), stock.expected) else { return Confirmation::Absent };
        if level.available != expected {
            let sentence = format!(
                "Whether the stock of {} was changed by {by:+} is not known: the answer was lost, and the store went from {expected} to {}, where {} was meant. Look at it in BigCommerce and set the count.",
                name(stock),
                level.available,
                stock.available
            );
            return Confirmation::Overtaken(self.refusal(Cause::SidesDiffer, &sentence).about(stock.sku.clone()));
        }
        if since_ms < NEVER_APPLIED_MS {
            let sentence = format!(
                "The store shows {expected} of {} as before. A change that is sent twice counts twice, so half an hour is waited first.",
                name(stock)
            );
            return Confirmation::CannotTell(self.refusal(Cause::OutcomeUnknown, &sentence).about(stock.sku.clone()));
        }
        Confirmation::Absent
    }

    /// What the store shows now; `None`: it does not track such a thing.
    async fn level(&self, stock: &StockDraft, priority: Priority) -> Result<Option<Level>, CallError> {
        let location = stock.location_id.as_deref().and_then(|id| id.parse().ok()).unwrap_or(DEFAULT_LOCATION);
        let call = Call::get(Api::V3, "/inventory/items", priority).with("location_id:in", location);
        let call = match stock.item_id.as_deref().filter(|id| id.parse::<i64>().is_ok()) {
            Some(id) => call.with("variant_id:in", id),
            None => call.with("sku:in", &stock.sku),
        };
        let reply = self.client.send(call, "look at the stock").await?;
        let Some(row) = reply.data_rows().and_then(<[Value]>::first) else { return Ok(None) };
        let at = At::root(row, "item");
        let identity = at.get("identity");
        let place =
            at.get("locations").entries().into_iter().find(|place| place.get("location_id").count() == location);
        Ok(Some(Level {
            location,
            variant: identity.get("variant_id").count(),
            product: identity.get("product_id").count(),
            available: place.as_ref().map_or(0, |place| place.get("available_to_sell").count()),
            known: place.is_some(),
            on_hand: place.as_ref().map_or(0, |place| place.get("total_inventory_onhand").count()),
        }))
    }
}

fn name(stock: &StockDraft) -> &str {
    if stock.sku.is_empty() { stock.item_id.as_deref().unwrap_or("an item without SKU") } else { &stock.sku }
}
