//! Feeds: announced, put, named, worked through in Amazon's own time, reported on.

use super::Amazon;
use super::door::{Call, invalid, json_answer, not_found, parse_time, time};
use super::state::{Document, Feed};
use super::xml::{Element, parse};
use crate::Moment;
use crate::ledger::{By, Entry};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Response;
use rand::Rng;
use serde_json::{Value, json};
use std::io::Write as _;

const LINK_MS: i64 = 5 * 60_000;
const KINDS: &[&str] =
    &["POST_ORDER_ACKNOWLEDGEMENT_DATA", "POST_PAYMENT_ADJUSTMENT_DATA", "POST_ORDER_FULFILLMENT_DATA"];
/// Ended in July 2025: taken, and always FATAL.
const DEAD: &[&str] = &["POST_INVENTORY_AVAILABILITY_DATA", "POST_PRODUCT_DATA", "POST_PRODUCT_PRICING_DATA"];
const CANCEL_REASONS: &[&str] = &[
    "NoInventory",
    "ShippingAddressUndeliverable",
    "CustomerExchange",
    "BuyerCanceled",
    "GeneralAdjustment",
    "CarrierCreditDecision",
    "RiskAssessmentInformationNotValid",
    "CarrierCoverageFailure",
    "CustomerReturn",
    "MerchandiseNotReceived",
    "CannotVerifyInformation",
    "PricingError",
    "RejectOrder",
    "WeatherDelay",
];
const ADJUST_REASONS: &[&str] = &[
    "NoInventory",
    "CustomerReturn",
    "GeneralAdjustment",
    "CouldNotShip",
    "DifferentItem",
    "Abandoned",
    "CustomerCancel",
    "PriceError",
    "ProductOutofStock",
    "CustomerAddressIncorrect",
    "Exchange",
    "Other",
    "CarrierCreditDecision",
    "RiskAssessmentInformationNotValid",
    "CarrierCoverageFailure",
    "TransactionRecord",
    "Undeliverable",
    "RefusedDelivery",
];
const COMPONENTS: &[&str] = &[
    "Principal",
    "Shipping",
    "Tax",
    "ShippingTax",
    "RestockingFee",
    "RestockingFeeTax",
    "GiftWrap",
    "GiftWrapTax",
    "Surcharge",
    "ReturnShipping",
    "Goodwill",
    "ExportCharge",
    "COD",
    "CODTax",
    "Other",
    "FreeReplacementReturnShipping",
];

/// What a message came to: an error, if any.
type Outcome = Result<(), String>;

impl Amazon {
    pub(super) fn create_feed_document(&mut self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let content_type = call.json().and_then(|body| body.get("contentType")?.as_str().map(str::to_owned));
        let Some(content_type) = content_type.filter(|text| !text.is_empty()) else {
            return invalid("contentType is required.");
        };
        let id = format!("amzn1.tortuga.4.eu.{:016x}", self.rng.random::<u64>());
        let document = Document { content_type, input: true, ..Document::default() };
        self.state.documents.insert(id.clone(), document);
        let url = self.link(&id, call, now_ms);
        json_answer(201, &json!({ "feedDocumentId": id, "url": url }))
    }

    /// A fresh link to a file.
    pub(super) fn link(&mut self, id: &str, call: &Call<'_>, now_ms: i64) -> String {
        let signature = format!("{:032x}", self.rng.random::<u128>());
        if let Some(document) = self.state.documents.get_mut(id) {
            document.signature.clone_from(&signature);
            document.link_ends_ms = now_ms + LINK_MS;
        }
        format!("{}/files/{id}/{signature}", call.files)
    }

    pub(super) fn create_feed(&mut self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let Some(body) = call.json() else { return invalid("") };
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (kind, document) = (text("feedType"), text("inputFeedDocumentId"));
        let marketplaces: Vec<String> = body
            .get("marketplaceIds")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        let known = KINDS.contains(&kind.as_str()) || DEAD.contains(&kind.as_str());
        // Whatever is wrong, Amazon says no more than this.
        if !known || marketplaces.is_empty() || marketplaces.iter().any(|id| !self.plan.sells_in(id)) {
            return invalid("");
        }
        let uploaded = self.state.documents.get(&document).is_some_and(|file| file.input && file.bytes.is_some());
        if !uploaded || self.state.feeds.iter().any(|feed| feed.document == document) {
            return invalid("");
        }
        // Feeds of one kind are worked through one after the other.
        let after_ms =
            self.state.feeds.iter().filter(|feed| feed.kind == kind).map(|feed| feed.ends_ms).max().unwrap_or(0);
        let (from, to) = self.plan.feed_minutes;
        let begins_ms = after_ms.max(now_ms + 20_000);
        let ends_ms = if self.plan.feeds_hang {
            i64::MAX
        } else {
            begins_ms + self.rng.random_range(from * 60_000..=to.max(from) * 60_000)
        };
        let id = (50_000_000_000 + self.state.number()).to_string();
        let feed =
            Feed { id: id.clone(), kind, marketplaces, document, made_ms: now_ms, begins_ms, ends_ms, result: None };
        self.state.feeds.push(feed);
        json_answer(202, &json!({ "feedId": id }))
    }

    pub(super) fn get_feed(&self, id: &str, now_ms: i64) -> Response<Vec<u8>> {
        match self.state.feeds.iter().find(|feed| feed.id == id) {
            Some(feed) => json_answer(200, &render(feed, now_ms)),
            None => not_found("The feed"),
        }
    }

    pub(super) fn get_feeds(&self, call: &Call<'_>, now_ms: i64) -> Response<Vec<u8>> {
        let kinds = call.list("feedTypes");
        let since_ms = match call.query.get("createdSince").map(|text| parse_time(text)) {
            None => now_ms - 90 * 86_400_000,
            Some(Some(at)) if at <= now_ms => at,
            Some(_) => return invalid("createdSince is not a moment in the past."),
        };
        if kinds.is_empty() {
            return invalid("feedTypes is required where there is no nextToken.");
        }
        let feeds: Vec<Value> = self
            .state
            .feeds
            .iter()
            .rev()
            .filter(|feed| kinds.contains(&feed.kind) && feed.made_ms >= since_ms)
            .take(100)
            .map(|feed| render(feed, now_ms))
            .collect();
        json_answer(200, &json!({ "feeds": feeds }))
    }

    pub(super) fn get_document(
        &mut self,
        call: &Call<'_>,
        id: &str,
        operation: &str,
        now_ms: i64,
    ) -> Response<Vec<u8>> {
        let Some(document) = self.state.documents.get(id) else { return not_found("The document") };
        let gzip = document.gzip;
        let url = self.link(id, call, now_ms);
        let name = if operation == "getFeedDocument" { "feedDocumentId" } else { "reportDocumentId" };
        let mut body = json!({ name: id, "url": url });
        if gzip {
            body["compressionAlgorithm"] = json!("GZIP");
        }
        json_answer(200, &body)
    }

    /// Works through a feed that is due.
    pub(super) fn finish_feed(&mut self, index: usize, moment: &mut Moment<'_>) {
        let Some(feed) = self.state.feeds.get(index).cloned() else { return };
        let bytes = self.state.documents.get(&feed.document).and_then(|file| file.bytes.clone()).unwrap_or_default();
        let result = match parse(&bytes).filter(|root| root.name == "AmazonEnvelope") {
            Some(root) if !DEAD.contains(&feed.kind.as_str()) => {
                let (status, rows, messages) = self.work_through(&feed, &root, moment);
                let report = report(&feed.id, &rows, messages);
                (status, Some(self.keep(report.into_bytes(), "text/xml; charset=UTF-8", true)))
            }
            _ => {
                let rows = vec![(0, "90210".to_owned(), "The feed cannot be processed.".to_owned())];
                let report = report(&feed.id, &rows, 0);
                ("FATAL".to_owned(), Some(self.keep(report.into_bytes(), "text/xml; charset=UTF-8", false)))
            }
        };
        if let Some(feed) = self.state.feeds.get_mut(index) {
            feed.result = Some(result);
        }
    }

    /// Keeps a file Amazon made. Its id.
    pub(super) fn keep(&mut self, bytes: Vec<u8>, content_type: &str, gzip: bool) -> String {
        let id = format!("amzn1.spdoc.1.4.eu.{:016x}", self.rng.random::<u64>());
        let bytes = if gzip { packed(&bytes) } else { bytes };
        let document =
            Document { content_type: content_type.to_owned(), bytes: Some(bytes), gzip, ..Document::default() };
        self.state.documents.insert(id.clone(), document);
        id
    }

    fn work_through(
        &mut self,
        feed: &Feed,
        root: &Element,
        moment: &mut Moment<'_>,
    ) -> (String, Vec<(u64, String, String)>, usize) {
        let header = root.child("Header");
        let seller = header.map_or("", |header| header.text_of("MerchantIdentifier"));
        if seller != self.plan.seller_id || header.map(|h| h.text_of("DocumentVersion")) != Some("1.01") {
            let words = "The merchant identifier does not belong to this account.";
            return ("FATAL".to_owned(), vec![(0, "5000".to_owned(), words.to_owned())], 0);
        }
        if self.plan.feeds_do_nothing {
            return ("DONE".to_owned(), vec![], root.all("Message").count());
        }
        let mut rows = Vec::new();
        let mut count = 0;
        for message in root.all("Message") {
            count += 1;
            let number: u64 = message.text_of("MessageID").parse().unwrap_or(0);
            let outcome = match feed.kind.as_str() {
                "POST_ORDER_ACKNOWLEDGEMENT_DATA" => self.acknowledge(message.child("OrderAcknowledgement"), moment),
                "POST_PAYMENT_ADJUSTMENT_DATA" => self.adjust(message.child("OrderAdjustment"), moment),
                _ => Err("This kind of message is not served.".to_owned()),
            };
            if let Err(words) = outcome {
                rows.push((number, "18028".to_owned(), words));
            }
        }
        ("DONE".to_owned(), rows, count)
    }

    fn acknowledge(&mut self, message: Option<&Element>, moment: &mut Moment<'_>) -> Outcome {
        let message = message.ok_or("The message holds no OrderAcknowledgement.")?;
        let order_of = ["AmazonOrderID", "MerchantOrderID", "StatusCode", "Item"];
        in_order(&message.sequence(), &order_of)?;
        let id = message.text_of("AmazonOrderID").to_owned();
        let now_ms = moment.now_ms;
        let account = self.plan.account.clone();
        let order = self.state.orders.get_mut(&id).ok_or(format!("The order {id} does not exist."))?;
        for item in message.all("Item") {
            let code = item.text_of("AmazonOrderItemCode");
            if !order.items.iter().any(|known| known.id == code) {
                return Err(format!("The item {code} does not belong to the order {id}."));
            }
        }
        match message.text_of("StatusCode") {
            "Success" => {
                let own = message.text_of("MerchantOrderID");
                if !own.is_empty() && order.own_number.as_deref() != Some(own) {
                    order.own_number = Some(own.to_owned());
                    order.touch(now_ms);
                    let detail = json!({ "orderId": id, "number": own });
                    moment.ledger.note(entry(now_ms, &account, "order_acknowledged", &id, detail, By::Client));
                }
                Ok(())
            }
            "Failure" => {
                if order.status(now_ms) == "CANCELLED" {
                    return Err(format!("The order {id} is cancelled already."));
                }
                if order.by_amazon || order.status(now_ms) != "UNSHIPPED" || !order.packages.is_empty() {
                    return Err(format!("The order {id} cannot be cancelled in its present state."));
                }
                for item in &order.items {
                    let named = message.all("Item").find(|one| one.text_of("AmazonOrderItemCode") == item.id);
                    let reason = named.map_or("", |one| one.text_of("CancelReason"));
                    if !CANCEL_REASONS.contains(&reason) {
                        return Err(format!("The cancel reason of item {} is missing or invalid.", item.id));
                    }
                }
                order.cancelled = Some(("MERCHANT".to_owned(), now_ms));
                order.touch(now_ms);
                let detail = json!({ "orderId": id });
                moment.ledger.note(entry(now_ms, &account, "order_cancelled", &id, detail, By::Client));
                Ok(())
            }
            other => Err(format!("The status code {other} is invalid.")),
        }
    }

    fn adjust(&mut self, message: Option<&Element>, moment: &mut Moment<'_>) -> Outcome {
        let message = message.ok_or("The message holds no OrderAdjustment.")?;
        in_order(&message.sequence(), &["AmazonOrderID", "ActionType", "AdjustedItem"])?;
        let id = message.text_of("AmazonOrderID").to_owned();
        let now_ms = moment.now_ms;
        let account = self.plan.account.clone();
        let order = self.state.orders.get_mut(&id).ok_or(format!("The order {id} does not exist."))?;
        if message.text_of("ActionType") != "Refund" {
            return Err("The action type is invalid.".to_owned());
        }
        if !matches!(order.status(now_ms), "SHIPPED" | "PARTIALLY_SHIPPED") {
            return Err(format!("The order {id} was not shipped and cannot be refunded."));
        }
        let mut refunds = Vec::new();
        for item in message.all("AdjustedItem") {
            in_order(
                &item.sequence(),
                &[
                    "AmazonOrderItemCode",
                    "MerchantAdjustmentItemID",
                    "AdjustmentReason",
                    "ItemPriceAdjustments",
                    "PromotionAdjustments",
                    "Quantity",
                ],
            )?;
            let code = item.text_of("AmazonOrderItemCode");
            if !order.items.iter().any(|known| known.id == code) {
                return Err(format!("The item {code} does not belong to the order {id}."));
            }
            if !ADJUST_REASONS.contains(&item.text_of("AdjustmentReason")) {
                return Err("The adjustment reason is invalid.".to_owned());
            }
            let mut net = 0;
            for component in item.child("ItemPriceAdjustments").into_iter().flat_map(|all| all.all("Component")) {
                let kind = component.text_of("Type");
                if !COMPONENTS.contains(&kind) {
                    return Err(format!("The component {kind} is invalid."));
                }
                if order.currency == "JPY" && matches!(kind, "Tax" | "ShippingTax") {
                    return Err("Tax components are not accepted in this marketplace.".to_owned());
                }
                let amount = component.child("Amount").ok_or("A component has no amount.")?;
                if !amount.attributes.iter().any(|(name, value)| name == "currency" && *value == order.currency) {
                    return Err("The currency does not match the order.".to_owned());
                }
                let value: f64 = amount.text.parse().map_err(|_| "An amount is no number.".to_owned())?;
                let minor = (value * if order.currency == "JPY" { 1.0 } else { 100.0 }).round() as i64;
                net += minor;
                refunds.push((code.to_owned(), kind.to_owned(), minor));
            }
            if net <= 0 {
                return Err("The net amount must be a credit to the buyer.".to_owned());
            }
        }
        if refunds.is_empty() {
            return Err("Nothing is adjusted.".to_owned());
        }
        let paid: i64 =
            order.items.iter().map(|item| item.unit_minor * item.quantity).sum::<i64>() + order.shipping_minor;
        let given: i64 = order.refunds.iter().chain(&refunds).map(|(.., minor)| minor).sum();
        if given > paid {
            return Err("The refund exceeds what the buyer paid.".to_owned());
        }
        let total: i64 = refunds.iter().map(|(.., minor)| minor).sum();
        order.refunds.extend(refunds);
        order.touch(now_ms);
        let detail = json!({ "orderId": id, "totalMinor": total });
        moment.ledger.note(entry(now_ms, &account, "order_refunded", &id, detail, By::Client));
        Ok(())
    }
}

/// The elements come in the order of the schema.
fn in_order(found: &[&str], wanted: &[&str]) -> Outcome {
    let mut last = 0;
    for name in found {
        let at = wanted.iter().position(|known| known == name).ok_or(format!("The element {name} is unexpected."))?;
        if at < last {
            return Err(format!("The element {name} is in the wrong place."));
        }
        last = at;
    }
    Ok(())
}

/// A line of the ledger.
pub fn entry(at_ms: i64, account: &str, effect: &str, subject: &str, detail: Value, by: By) -> Entry {
    Entry {
        at_ms,
        platform: "amazon".to_owned(),
        account: account.to_owned(),
        effect: effect.to_owned(),
        subject: subject.to_owned(),
        key: None,
        detail,
        by,
    }
}

fn render(feed: &Feed, now_ms: i64) -> Value {
    let mut out = json!({
        "feedId": feed.id, "feedType": feed.kind, "marketplaceIds": feed.marketplaces, "createdTime": time(feed.made_ms),
    });
    let status = match &feed.result {
        Some((status, document)) => {
            out["processingStartTime"] = json!(time(feed.begins_ms));
            out["processingEndTime"] = json!(time(feed.ends_ms));
            if let Some(document) = document {
                out["resultFeedDocumentId"] = json!(document);
            }
            status.as_str()
        }
        None if now_ms >= feed.begins_ms => "IN_PROGRESS",
        None => "IN_QUEUE",
    };
    out["processingStatus"] = json!(status);
    out
}

fn report(feed: &str, rows: &[(u64, String, String)], messages: usize) -> String {
    let wrong = rows.len();
    let results: Vec<String> = rows
        .iter()
        .map(|(message, code, words)| {
            format!(
                "<Result><MessageID>{message}</MessageID><ResultCode>Error</ResultCode><ResultMessageCode>{code}</ResultMessageCode><ResultDescription>{}</ResultDescription></Result>",
                quick_xml::escape::escape(words)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><AmazonEnvelope><Header><DocumentVersion>1.02</DocumentVersion></Header><MessageType>ProcessingReport</MessageType><Message><MessageID>1</MessageID><ProcessingReport><DocumentTransactionID>{feed}</DocumentTransactionID><StatusCode>Complete</StatusCode><ProcessingSummary><MessagesProcessed>{messages}</MessagesProcessed><MessagesSuccessful>{}</MessagesSuccessful><MessagesWithError>{wrong}</MessagesWithError><MessagesWithWarning>0</MessagesWithWarning></ProcessingSummary>{}</ProcessingReport></Message></AmazonEnvelope>",
        messages.saturating_sub(wrong),
        results.concat()
    )
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    if encoder.write_all(bytes).is_err() {
        return bytes.to_vec();
    }
    encoder.finish().unwrap_or_default()
}
