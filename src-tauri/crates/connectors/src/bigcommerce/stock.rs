//! Stock: how many units the store may sell, by location.
//!
//! Absolute adjustments only: they can be sent twice without counting twice, and an
//! item or location that never had a level has to begin with one anyway. The store
//! applies them some time after it accepted them, so an accepted one is looked at
//! again before it counts as done. What is set is the shelf, what is sold is the
//! shelf minus the safety stock; the difference is kept.

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

/// A level as the store shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    location: i64,
    variant: i64,
    product: i64,
    available: i64,
    on_hand: i64,
}

impl BigCommerce {
    /// Sets one level.
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
        if level.available == stock.available {
            return Verdict::AlreadyDone(receipt);
        }
        if let Some(expected) =
            stock.expected.filter(|expected| *expected != level.available && task.first_sent_at_ms.is_none())
        {
            let sentence = format!(
                "{what}. The store has {} by now, and {expected} was expected: something was sold or counted meanwhile.",
                level.available
            );
            return Verdict::NeedsPerson(self.refusal(Cause::SidesDiffer, &sentence).about(stock.sku.clone()));
        }
        let units = stock.available + (level.on_hand - level.available).max(0);
        let mut sent = self.adjust(("variant_id", level.variant), level.location, units, task.priority).await;
        if let Err(CallError::Refused(refusal)) = &sent
            && refusal.said.as_deref().is_some_and(|said| said.to_lowercase().contains("by product id"))
        {
            // Tracked for the product as a whole.
            sent = self.adjust(("product_id", level.product), level.location, units, task.priority).await;
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
        units: i64,
        priority: Priority,
    ) -> Result<String, CallError> {
        let body = json!({
            "reason": "Quayside",
            "items": [{ "location_id": location, identity: id, "quantity": units }],
        });
        let call = Call::write(Api::V3, Method::PUT, "/inventory/adjustments/absolute", Some(body), priority);
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
        };
        if level.available == stock.available {
            return Confirmation::Holds(receipt(None));
        }
        let since_ms = self.client.door().now_ms() - task.first_sent_at_ms.unwrap_or(i64::MIN / 2);
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
            on_hand: place.as_ref().map_or(0, |place| place.get("total_inventory_onhand").count()),
        }))
    }
}

fn name(stock: &StockDraft) -> &str {
    if stock.sku.is_empty() { stock.item_id.as_deref().unwrap_or("an item without SKU") } else { &stock.sku }
}
