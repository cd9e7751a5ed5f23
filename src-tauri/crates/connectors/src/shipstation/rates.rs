//! What carriers ask for a parcel: V2's rates, for an order that is there.
//!
//! An offer is good for minutes, so it is asked for anew whenever one is bought; what a person chose is found again by
//! carrier, service and kind of package.

use super::choose::{Need, Route, choose};
use super::client::{Api, Call, Failure, Reply};
use super::compose_v2::Fillers;
use super::hub::{Found, Hub, NotFound};
use super::verdicts;
use super::wire::{self, Listing};
use super::wire_v2::{AmountV2, CarrierV2, RateV2};
use super::{compose_v2, ids};
use crate::{Priority, ReadError};
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{Cause, Currency, LabelAsk, LabelQuote, LabelQuotes, Money, ParcelSize};
use serde_json::{Map, Value, json};
use std::sync::PoisonError;

/// Carriers of an account change rarely.
const CARRIERS_KEEP_MS: i64 = HOUR_MS;
/// A carrier that says more days than this says nothing.
const DAYS_MAX: f64 = 365.0;
/// Sentences about what is not offered; a carrier may name dozens of services.
const NOT_OFFERED_MAX: usize = 12;

/// An offer, and the name under which it is bought.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offer {
    pub rate_id: String,
    pub quote: LabelQuote,
}

/// What carriers answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Offers {
    pub list: Vec<Offer>,
    /// What cannot be bought, and why, in sentences.
    pub not_offered: Vec<String>,
    /// Some carriers have not answered yet.
    pub unfinished: bool,
}

/// Why there are no offers to look at. Asking changes nothing.
#[derive(Debug, Clone)]
pub(super) enum NoOffers {
    /// The answer was a refusal.
    Answered(Box<Reply>),
    /// There was no answer.
    Failed(Failure),
    /// A sentence says what is missing.
    Told(Cause, &'static str),
}

impl From<Failure> for NoOffers {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Offers for an order, for somebody who looks at them. Changes nothing.
pub(super) async fn quotes(hub: &Hub, ask: &LabelAsk, priority: Priority) -> Result<LabelQuotes, ReadError> {
    if let Route::Nobody(why) = choose(Need::BuyLabel, hub.has) {
        return Err(ReadError::Refused(hub.speaker.refusal(Cause::ScopeMissing, why)));
    }
    let found = hub.order(Api::V2, &ask.hub_order_id, priority).await.map_err(|error| match error {
        NotFound::Gone => ReadError::Refused(verdicts::gone(&hub.speaker, "Offers could not be asked for")),
        NotFound::Answered(reply) => verdicts::read_error(&hub.speaker, &reply, "The order"),
        NotFound::Unreadable(why) => ReadError::Refused(hub.speaker.refusal(
            Cause::Unreadable,
            &format!("ShipStation's order came in a form Quayside does not understand ({why})."),
        )),
        NotFound::Failed(failure) => failure.into_read_error(),
    })?;
    let there = size_of(&found.raw);
    let size = merged(there, ask.size);
    if size != there && is_several_boxes(&found.raw) {
        let sentence = format!("Offers could not be asked for: {SEVERAL_BOXES}");
        return Err(ReadError::Refused(hub.speaker.refusal(Cause::ContentRefused, &sentence)));
    }
    let offers = offers(hub, &found, size, None, priority).await.map_err(|error| match error {
        NoOffers::Answered(reply) => refused(hub, &reply),
        NoOffers::Failed(failure) => failure.into_read_error(),
        NoOffers::Told(cause, why) => ReadError::Refused(hub.speaker.refusal(cause, why)),
    })?;
    let mut quotes: Vec<LabelQuote> = offers.list.into_iter().map(|offer| offer.quote).collect();
    quotes.sort_by_key(LabelQuote::total_minor);
    let mut not_offered = offers.not_offered;
    if offers.unfinished {
        not_offered.push("Some carriers have not answered yet: ask again in a moment.".to_owned());
    }
    Ok(LabelQuotes { quotes, not_offered, size })
}

/// A refused question is about what is in it: an address, a weight.
fn refused(hub: &Hub, reply: &Reply) -> ReadError {
    match verdicts::means(reply) {
        verdicts::Means::Refused | verdicts::Means::Locked | verdicts::Means::Taken => {
            ReadError::Refused(verdicts::content_refused(
                &hub.speaker,
                &reply.said.message,
                &reply.said.fields,
                "Carriers could not be asked what they offer",
            ))
        }
        _ => verdicts::read_error(&hub.speaker, reply, "The list of offers"),
    }
}

/// Offers for an order, or only those of one service of one carrier.
pub(super) async fn offers(
    hub: &Hub,
    found: &Found,
    size: ParcelSize,
    only: Option<(&str, &str)>,
    priority: Priority,
) -> Result<Offers, NoOffers> {
    let carriers = match only {
        Some((carrier_id, _)) => vec![carrier_id.to_owned()],
        None => carriers(hub, priority).await?,
    };
    if carriers.is_empty() {
        return Err(NoOffers::Told(
            Cause::LabelNotBought,
            "The account has no carriers. Connect one in ShipStation under Settings, Shipping, Carriers.",
        ));
    }
    let service = only.map(|(_, service)| service);
    let body = question(found, size, &carriers, service, &hub.fillers)
        .map_err(|why| NoOffers::Told(Cause::AddressRefused, why))?;
    let reply = hub.client.call(Call::post(Api::V2, "/v2/rates", body, priority)).await?;
    match reply.json.as_ref().filter(|_| reply.is_success()) {
        Some(json) => Ok(read(json, hub.client.now_ms(), |text| hub.client.quotable(text))),
        None => Err(NoOffers::Answered(Box::new(reply))),
    }
}

/// Asked by the order's id; with other measures than it has there, by the order as it would be.
/// `Err`: what its address lacks.
fn question(
    found: &Found,
    size: ParcelSize,
    carriers: &[String],
    service: Option<&str>,
    fillers: &Fillers,
) -> Result<Value, &'static str> {
    let mut options = Map::new();
    options.insert("carrier_ids".into(), json!(carriers));
    if let Some(service) = service {
        options.insert("service_codes".into(), json!([service]));
    }
    if size == size_of(&found.raw) {
        return Ok(json!({"shipment_id": ids::to_v2(&found.order.remote_id), "rate_options": options}));
    }
    let mut shipment = found.raw.as_object().cloned().unwrap_or_default();
    compose_v2::drop_read_only(&mut shipment);
    shipment.retain(|_, value| !value.is_null());
    compose_v2::complete(&mut shipment, fillers)?;
    shipment.insert("packages".into(), packages(&found.raw, size));
    Ok(json!({"shipment": shipment, "rate_options": options}))
}

/// Ids of the account's carriers, read once an hour.
async fn carriers(hub: &Hub, priority: Priority) -> Result<Vec<String>, NoOffers> {
    let now_ms = hub.client.now_ms();
    let known = hub.carriers.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((read_at_ms, ids)) = known
        && (0..CARRIERS_KEEP_MS).contains(&(now_ms - read_at_ms))
    {
        return Ok(ids);
    }
    let reply = hub.client.call(Call::get(Api::V2, "/v2/carriers", priority)).await?;
    let listing = reply.json.as_ref().filter(|_| reply.is_success()).and_then(|body| Listing::of(body, "carriers"));
    let Some(listing) = listing else { return Err(NoOffers::Answered(Box::new(reply))) };
    let ids: Vec<String> = listing
        .rows
        .iter()
        .filter_map(|row| wire::record::<CarrierV2>(row).ok()?.carrier_id)
        .map(|id| ids::to_v2(&id))
        .collect();
    if !ids.is_empty() {
        *hub.carriers.lock().unwrap_or_else(PoisonError::into_inner) = Some((now_ms, ids.clone()));
    }
    Ok(ids)
}

/// The offers of an answer. `quotable` makes what carriers say fit to be shown.
pub(super) fn read(json: &Value, now_ms: i64, quotable: impl Fn(&str) -> String) -> Offers {
    let response = json.get("rate_response").unwrap_or(json);
    let rows = |name: &str| response.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let rates =
        |name: &str| -> Vec<RateV2> { rows(name).iter().filter_map(|row| wire::record::<RateV2>(row).ok()).collect() };
    let (mut offers, mut not_offered) = (Vec::new(), Vec::new());
    let mut decline = |rate: &RateV2, why: &str| {
        let sentence = quotable(&format!("{}: {why}", name_of(rate)));
        if not_offered.len() < NOT_OFFERED_MAX && !not_offered.contains(&sentence) {
            not_offered.push(sentence);
        }
    };
    for rate in rates("rates") {
        match offer(&rate, now_ms, &quotable) {
            Ok(offer) if rate.validation_status != "invalid" => offers.push(offer),
            Ok(_) => decline(&rate, &said(&rate.error_messages).unwrap_or_else(|| "not offered.".into())),
            Err(why) => decline(&rate, why),
        }
    }
    for rate in rates("invalid_rates") {
        decline(&rate, &said(&rate.error_messages).unwrap_or_else(|| "not offered.".into()));
    }
    for error in rows("errors") {
        let text = error.get("message").and_then(Value::as_str).or_else(|| error.as_str()).unwrap_or_default();
        let text = quotable(text);
        if !text.trim().is_empty() && not_offered.len() < NOT_OFFERED_MAX && !not_offered.contains(&text) {
            not_offered.push(text);
        }
    }
    let unfinished = response.get("status").and_then(Value::as_str) == Some("working");
    Offers { list: offers, not_offered, unfinished }
}

fn name_of(rate: &RateV2) -> String {
    let carrier = if rate.carrier_friendly_name.is_empty() { &rate.carrier_code } else { &rate.carrier_friendly_name };
    let service = if rate.service_type.is_empty() { &rate.service_code } else { &rate.service_type };
    format!("{carrier} {service}").trim().to_owned()
}

fn said(messages: &[Value]) -> Option<String> {
    let texts: Vec<&str> = messages.iter().filter_map(Value::as_str).map(str::trim).filter(|t| !t.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// `Err`: why it cannot be compared with others.
fn offer(rate: &RateV2, now_ms: i64, quotable: &impl Fn(&str) -> String) -> Result<Offer, &'static str> {
    let rate_id = rate.rate_id.clone().ok_or("it has no name to buy it by.")?;
    let carrier_id = rate.carrier_id.as_deref().map(ids::to_v2).ok_or("its carrier is not named.")?;
    let shipping = rate.shipping_amount.as_ref().ok_or("it has no price.")?;
    let currency = Some(shipping.currency.trim()).filter(|code| !code.is_empty()).map(Currency::new);
    let currency = currency.ok_or("its price has no currency.")?;
    let shipping_minor = minor(Some(shipping), &currency).ok_or("its price is no amount.")?;
    let extras = [&rate.insurance_amount, &rate.confirmation_amount, &rate.other_amount, &rate.tax_amount];
    let mut extras_minor = 0;
    for amount in extras.into_iter().flatten() {
        extras_minor += minor(Some(amount), &currency).ok_or("a part of its price is in another currency.")?;
    }
    let days = rate.delivery_days.filter(|days| (0.0..=DAYS_MAX).contains(days)).map(|days| days.ceil() as i64);
    let told =
        rate.estimated_delivery_date.get(..10).and_then(|day| chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
    let counted = || chrono::DateTime::from_timestamp_millis(now_ms + days? * DAY_MS).map(|at| at.date_naive());
    let arrives = told.or_else(counted).map(|day| day.format("%Y-%m-%d").to_string());
    let carrier =
        if rate.carrier_friendly_name.trim().is_empty() { &rate.carrier_code } else { &rate.carrier_friendly_name };
    let service_name = if rate.service_type.trim().is_empty() { &rate.service_code } else { &rate.service_type };
    let quote = LabelQuote {
        carrier_id,
        carrier_code: rate.carrier_code.trim().to_owned(),
        carrier: quotable(carrier.trim()),
        service: rate.service_code.trim().to_owned(),
        service_name: quotable(service_name.trim()),
        package: rate.package_type.trim().to_owned(),
        shipping_minor,
        extras_minor,
        currency,
        days,
        arrives,
        notes: said(&rate.warning_messages).map(|text| quotable(&text)).into_iter().collect(),
    };
    Ok(Offer { rate_id, quote })
}

/// In minor units; `None`: no amount, or one in another currency than the rest.
fn minor(amount: Option<&AmountV2>, currency: &Currency) -> Option<i64> {
    let amount = amount?;
    let value = amount.amount.filter(|value| value.is_finite() && *value >= 0.0)?;
    let same = amount.currency.trim().is_empty() || Currency::new(&amount.currency) == *currency;
    if value > 0.0 && !same {
        return None;
    }
    Money::parse(&format!("{value:.4}"), currency).ok().map(|money| money.minor)
}

/// Why a size that was typed cannot be taken for an order of several boxes.
pub(super) const SEVERAL_BOXES: &str = "the order is several boxes in ShipStation, and one size cannot stand for all of them. Weigh them there, and leave the size out here.";

/// It is more than one box there.
pub(super) fn is_several_boxes(raw: &Value) -> bool {
    raw.get("packages").and_then(Value::as_array).is_some_and(|boxes| boxes.len() > 1)
}

/// What the order weighs and measures there: where it is one box.
pub(super) fn size_of(raw: &Value) -> ParcelSize {
    let boxes = raw.get("packages").and_then(Value::as_array);
    let Some([only]) = boxes.map(Vec::as_slice) else { return ParcelSize::default() };
    let number = |at: &str| only.pointer(at).and_then(Value::as_f64).filter(|value| value.is_finite() && *value > 0.0);
    let word = |at: &str| only.pointer(at).and_then(Value::as_str).unwrap_or_default().trim().to_lowercase();
    let grams_each = match word("/weight/unit").trim_end_matches('s') {
        "pound" => 453.592_37,
        "ounce" => 28.349_523_125,
        "kilogram" => 1_000.0,
        _ => 1.0,
    };
    let mm_each = if word("/dimensions/unit").starts_with("inch") { 25.4 } else { 10.0 };
    let side = |name: &str| number(&format!("/dimensions/{name}")).map(|value| (value * mm_each).round() as i64);
    ParcelSize {
        weight_g: number("/weight/value").map(|value| (value * grams_each).round().max(1.0) as i64),
        length_mm: side("length"),
        width_mm: side("width"),
        height_mm: side("height"),
    }
}

/// What is known there, and better here.
pub(super) fn merged(there: ParcelSize, here: ParcelSize) -> ParcelSize {
    ParcelSize {
        weight_g: here.weight_g.or(there.weight_g),
        length_mm: here.length_mm.or(there.length_mm),
        width_mm: here.width_mm.or(there.width_mm),
        height_mm: here.height_mm.or(there.height_mm),
    }
}

/// The order's boxes with these measures: where it is several, they stay.
pub(super) fn packages(raw: &Value, size: ParcelSize) -> Value {
    let boxes = raw.get("packages").and_then(Value::as_array).cloned().unwrap_or_default();
    if boxes.len() > 1 {
        return Value::Array(boxes);
    }
    let mut only = boxes.first().and_then(Value::as_object).cloned().unwrap_or_default();
    only.retain(|_, value| !value.is_null());
    only.remove("shipment_package_id");
    if let Some(grams) = size.weight_g {
        only.insert("weight".into(), json!({"value": grams, "unit": "gram"}));
    }
    if let Some((length, width, height)) = size.sides_mm() {
        let centimetres = |mm: i64| mm as f64 / 10.0;
        only.insert(
            "dimensions".into(),
            json!({
                "unit": "centimeter",
                "length": centimetres(length),
                "width": centimetres(width),
                "height": centimetres(height),
            }),
        );
    }
    json!([only])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// 2026-03-02T16:00:00Z.
    const NOW_MS: i64 = 1_772_467_200_000;

    fn rate(change: Value) -> Value {
        let amount = |amount: f64| json!({"currency": "usd", "amount": amount});
        let mut rate = json!({
            "rate_id": "se-1", "carrier_id": "se-5", "carrier_code": "ups", "carrier_friendly_name": "UPS",
            "service_code": "ups_ground", "service_type": "UPS Ground", "package_type": "package",
            "shipping_amount": amount(8.4), "insurance_amount": amount(0.0), "confirmation_amount": amount(1.25),
            "other_amount": amount(0.0), "delivery_days": 3, "validation_status": "valid",
        });
        if let (Value::Object(rate), Value::Object(change)) = (&mut rate, change) {
            rate.extend(change);
        }
        rate
    }

    fn read_one(change: Value) -> Offers {
        read(&json!({"rate_response": {"rates": [rate(change)], "status": "completed"}}), NOW_MS, str::to_owned)
    }

    #[test]
    fn an_offer_is_all_that_is_paid_and_when_it_arrives() {
        for (change, total_minor, arrives) in [
            (json!({}), 965, Some("2026-03-05")),
            (json!({"estimated_delivery_date": "2026-03-04T00:00:00Z"}), 965, Some("2026-03-04")),
            (json!({"delivery_days": null}), 965, None),
            (json!({"delivery_days": -4}), 965, None),
            (json!({"delivery_days": 1e300, "estimated_delivery_date": "soon"}), 965, None),
            (json!({"tax_amount": {"currency": "USD", "amount": "2.10"}}), 1_175, Some("2026-03-05")),
            // Nothing of another currency is nothing.
            (json!({"other_amount": {"currency": "cad", "amount": 0}}), 965, Some("2026-03-05")),
        ] {
            let offers = read_one(change.clone()).list;
            let [only] = offers.as_slice() else { panic!("{change}: {offers:?}") };
            assert_eq!((only.quote.total_minor(), only.quote.arrives.as_deref()), (total_minor, arrives), "{change}");
            assert_eq!((only.rate_id.as_str(), only.quote.carrier_id.as_str()), ("se-1", "se-5"));
        }
    }

    #[test]
    fn what_cannot_be_compared_or_bought_is_said() {
        for (change, says) in [
            (json!({"rate_id": null}), "no name to buy it by"),
            (json!({"carrier_id": null}), "its carrier is not named"),
            (json!({"shipping_amount": null}), "no price"),
            (json!({"shipping_amount": {"currency": "", "amount": 1}}), "no currency"),
            (json!({"shipping_amount": {"currency": "usd", "amount": -1}}), "no amount"),
            (json!({"shipping_amount": {"currency": "usd", "amount": 1e300}}), "no amount"),
            (json!({"other_amount": {"currency": "cad", "amount": 1}}), "another currency"),
            (json!({"validation_status": "invalid", "error_messages": ["Too heavy."]}), "Too heavy."),
        ] {
            let offers = read_one(change.clone());
            assert!(offers.list.is_empty(), "{change}");
            assert!(offers.not_offered[0].contains(says), "{change}: {:?}", offers.not_offered);
            assert!(offers.not_offered[0].starts_with("UPS UPS Ground: "), "{:?}", offers.not_offered);
        }
        let odd = json!({"rates": [7, null], "errors": [{"message": "DPD does not answer."}], "status": "working"});
        let offers = read(&odd, NOW_MS, str::to_owned);
        assert!(offers.list.is_empty() && offers.unfinished);
        assert_eq!(offers.not_offered, ["DPD does not answer."]);
    }

    #[test]
    fn measures_are_read_in_every_unit_and_written_in_ours() {
        let boxed = |package: Value| json!({"packages": [package]});
        let inches = json!({"unit": "inch", "length": 10, "width": 5, "height": 2});
        for (raw, words) in [
            (boxed(json!({"weight": {"value": 9.0, "unit": "ounce"}})), "255 g"),
            (
                boxed(json!({"weight": {"value": 2, "unit": "pound"}, "dimensions": inches})),
                "907 g, 25.4 × 12.7 × 5.1 cm",
            ),
            (boxed(json!({"weight": {"value": 640, "unit": "gram"}})), "640 g"),
            (boxed(json!({"weight": {"value": 0, "unit": "gram"}})), ""),
            (json!({"packages": [{}, {}]}), ""),
            (json!({}), ""),
        ] {
            assert_eq!(size_of(&raw).words(), words, "{raw}");
        }
        let size = ParcelSize { weight_g: Some(640), length_mm: Some(300), width_mm: Some(205), height_mm: Some(100) };
        let written = json!({"packages": packages(&json!({"packages": [{"shipment_package_id": "se-5", "package_code": "package", "weight": null}]}), size)});
        assert_eq!(size_of(&written), size);
        assert_eq!(written["packages"][0].get("shipment_package_id"), None);
        assert_eq!(written["packages"][0]["package_code"], "package");
        for (raw, several) in [(json!({"packages": [{}, {}]}), true), (boxed(json!({})), false), (json!({}), false)] {
            assert_eq!(is_several_boxes(&raw), several, "{raw}");
        }
    }
}
