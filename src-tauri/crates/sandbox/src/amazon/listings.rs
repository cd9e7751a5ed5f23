//! Quantities on offer. "Accepted" is not "applied", and the path and the channel code decide what is changed.

#![allow(clippy::result_large_err)] // a refusal *is* the answer, made once per request

use super::Amazon;
use super::door::{Call, denied, invalid, json_answer, not_found, time};
use super::feeds::entry;
use crate::Moment;
use crate::ledger::By;
use http::Response;
use rand::Rng;
use serde_json::{Value, json};

impl Amazon {
    /// The account's own path and its marketplaces; else the refusal.
    fn listing_door(&self, call: &Call<'_>) -> Result<(String, String), Response<Vec<u8>>> {
        if call.path.get(3) != Some(&self.plan.seller_id) {
            return Err(denied());
        }
        let marketplaces = call.list("marketplaceIds");
        match marketplaces.as_slice() {
            [one] if self.plan.sells_in(one) => Ok((one.clone(), call.path.get(4).cloned().unwrap_or_default())),
            [_] => Err(denied()),
            _ => Err(invalid("marketplaceIds takes exactly one id.")),
        }
    }

    pub(super) fn get_listing(&mut self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let (marketplace, sku) = match self.listing_door(call) {
            Ok(found) => found,
            Err(refusal) => return refusal,
        };
        self.apply_quantities(now_ms);
        let Some(listing) = self.state.listings.get(&sku) else { return not_found("The SKU") };
        let data = call.list("includedData");
        let has = |set: &str| data.iter().any(|one| one == set);
        let channel = if listing.by_amazon { "AMAZON_EU" } else { "DEFAULT" };
        let mut out = json!({ "sku": sku });
        if data.is_empty() || has("summaries") {
            out["summaries"] = json!([{
                "marketplaceId": marketplace, "asin": listing.asin, "productType": "KITCHEN", "itemName": listing.title,
                "status": ["BUYABLE", "DISCOVERABLE"], "createdDate": time(now_ms), "lastUpdatedDate": time(now_ms),
            }]);
        }
        if has("fulfillmentAvailability") {
            out["fulfillmentAvailability"] = json!([{ "fulfillmentChannelCode": channel, "quantity": listing.live }]);
        }
        if has("attributes") {
            let mut entry = json!({
                "fulfillment_channel_code": channel, "quantity": listing.submitted.unwrap_or(listing.live),
                "marketplace_id": marketplace,
            });
            if let Some(days) = listing.handling_days {
                entry["lead_time_to_ship_max_days"] = json!(days);
            }
            out["attributes"] = json!({ "fulfillment_availability": [entry] });
        }
        json_answer(200, &out)
    }

    pub(super) fn patch_listing(&mut self, call: &Call<'_>, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let (marketplace, sku) = match self.listing_door(call) {
            Ok(found) => found,
            Err(refusal) => return refusal,
        };
        let Some(body) = call.json() else { return invalid("The body is no JSON.") };
        if body.get("productType").and_then(Value::as_str).is_none() {
            return invalid("productType is required.");
        }
        let submission = format!("{:032x}", self.rng.random::<u128>());
        let answer = |status: &str, issues: Value| {
            json_answer(200, &json!({ "sku": sku, "status": status, "submissionId": submission, "issues": issues }))
        };
        let issue = |code: &str, message: &str| json!([{ "code": code, "message": message, "severity": "ERROR", "attributeNames": ["fulfillment_availability"], "categories": ["INVALID_ATTRIBUTE"] }]);
        let Some(listing) = self.state.listings.get_mut(&sku) else {
            return answer("INVALID", issue("13013", "The SKU does not exist in the catalogue."));
        };
        let Some([patch]) = body.get("patches").and_then(Value::as_array).map(Vec::as_slice) else {
            return invalid("patches is required.");
        };
        let path = patch.get("path").and_then(Value::as_str).unwrap_or_default();
        if path != "/attributes/fulfillment_availability" {
            return answer("INVALID", issue("90000900", "The attribute does not exist in the schema."));
        }
        let value = patch.pointer("/value/0").cloned().unwrap_or_default();
        let Some(channel) = value.get("fulfillment_channel_code").and_then(Value::as_str) else {
            return answer("INVALID", issue("4000003", "Invalid parameters provided."));
        };
        let quantity = value.get("quantity").and_then(Value::as_i64).filter(|n| *n >= 0);
        let Some(quantity) = quantity else { return answer("INVALID", issue("99022", "The quantity is invalid.")) };
        match patch.get("op").and_then(Value::as_str) {
            Some("merge") => {}
            // The whole entry is swapped: what is not in it is gone.
            Some("replace") => listing.handling_days = value.get("lead_time_to_ship_max_days").and_then(Value::as_i64),
            _ => return invalid("op is invalid."),
        }
        if channel == "DEFAULT" && !listing.by_amazon {
            listing.submitted = Some(quantity);
            listing.shows_ms = moment.now_ms + 1000 * self.rng.random_range(40..240);
            let account = self.plan.account.clone();
            let detail = json!({ "sku": sku, "quantity": quantity, "marketplace": marketplace });
            moment.ledger.note(entry(moment.now_ms, &account, "stock_set", &sku, detail, By::Client));
        }
        answer("ACCEPTED", json!([]))
    }

    /// What was submitted becomes what buyers see.
    pub(super) fn apply_quantities(&mut self, now_ms: i64) {
        if self.plan.listings_ignore {
            return;
        }
        for listing in self.state.listings.values_mut() {
            if let Some(quantity) = listing.submitted.filter(|_| now_ms >= listing.shows_ms) {
                listing.live = quantity;
                listing.submitted = None;
            }
        }
    }
}
