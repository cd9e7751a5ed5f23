//! Giving money back: a quote first, then exactly what it says.
//!
//! The platform computes tax, discounts and what each payment still holds; a refund
//! with any other amount is refused. One refund at a time per order; of an order with several
//! addresses it names the lines and the shipping of the one it is about. Whether units go
//! back to the shelf is the store's own setting; it cannot be chosen per refund.

use super::BigCommerce;
use super::cancel::number;
use super::client::{Api, Call};
use super::gather::{Whole, id_of};
use super::json::At;
use super::parts::{self, Part};
use super::verdicts::CallError;
use crate::{Priority, ReadError};
use http::Method;
use quayside_model::time::is_ahead;
use quayside_model::{
    Cause, Confirmation, Currency, Money, Receipt, RefundAsk, RefundDraft, RefundQuote, Refusal, Verdict,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given {
    /// So much, minor units.
    pub minor: i64,
    /// The store only recorded it; the money moves by other ways.
    pub offline: bool,
    /// The refund's id, if the store said.
    pub id: Option<i64>,
}

/// What the store would give back, and what it has to be asked for then.
struct Quoted {
    items: Vec<Value>,
    /// So much, minor units.
    minor: i64,
    /// The store's answer.
    answer: Value,
}

/// Why nothing is given back. The store was asked at most; nothing was changed.
enum Hindered {
    /// The call itself.
    Call(CallError),
    /// What came of it, in a sentence.
    No(Cause, String),
}

impl Hindered {
    fn content(why: impl Into<String>) -> Self {
        Self::No(Cause::ContentRefused, why.into())
    }
}

impl BigCommerce {
    /// Asks for a quote of `items` and gives back what it says, never more than `at_most_minor`.
    pub(super) async fn refund_by_quote(
        &self,
        id: i64,
        items: Vec<Value>,
        at_most_minor: i64,
        currency: &Currency,
        priority: Priority,
    ) -> Result<Given, Verdict> {
        let quoted = self.quote(id, items, currency, priority).await.map_err(|why| self.hindered(id, why))?;
        if quoted.minor > at_most_minor {
            let theirs = Money::new(quoted.minor, currency.clone());
            let ours = Money::new(at_most_minor, currency.clone());
            let why = format!("The store would give back {theirs}, and at most {ours} may go.");
            return Err(self.no_refund(id, Cause::ContentRefused, &why));
        }
        if quoted.minor <= 0 {
            return Ok(Given { minor: 0, offline: false, id: None });
        }
        self.give(id, quoted, priority).await
    }

    /// What the store would give back for `items`. Changes nothing, whatever becomes of its answer.
    async fn quote(
        &self,
        id: i64,
        items: Vec<Value>,
        currency: &Currency,
        priority: Priority,
    ) -> Result<Quoted, Hindered> {
        let path = format!("/orders/{id}/payment_actions/refund_quotes");
        let call = Call::write(Api::V3, Method::POST, path, Some(json!({ "items": items })), priority);
        let mut reply = self.client.send(call, "ask what can be given back").await.map_err(Hindered::Call)?;
        let answer = reply.json.get_mut("data").map(Value::take).unwrap_or_default();
        let minor = At::root(&answer, "quote").get("total_refund_amount").money(currency).ok().flatten();
        let unreadable = || Hindered::No(Cause::Unreadable, "The store's quote could not be read.".into());
        Ok(Quoted { items, minor: minor.ok_or_else(unreadable)?, answer })
    }

    /// The quote of what is asked for. Where less was agreed on than the goods are worth, they get an adjustment.
    async fn quote_of(
        &self,
        ask: &RefundAsk,
        why: &str,
        whole: &Whole,
        priority: Priority,
    ) -> Result<Quoted, Hindered> {
        let id = id_of(&whole.order, "id").unwrap_or_default();
        let own = own_part(&ask.order_remote_id, whole);
        let scope = own.as_ref().unwrap_or(whole);
        if let Some(why) = own.as_ref().and_then(|own| outside(ask, own)) {
            return Err(Hindered::content(why));
        }
        let code = At::root(&whole.order, "order").get("default_currency_code").text();
        if Currency::new(&code) != ask.currency {
            return Err(Hindered::content(format!("The order was paid in {code}, not in {}.", ask.currency)));
        }
        let items = items_of(ask, why, scope, &whole.refunds, id);
        if items.is_empty() {
            return Err(Hindered::content("Nothing of it was chosen, or its shipping was given back before."));
        }
        let mut quoted = self.quote(id, items, &ask.currency, priority).await?;
        let more_minor = ask.total_minor.map_or(0, |total_minor| quoted.minor - total_minor);
        let first = quoted.items.iter_mut().find(|item| item["item_type"] == "PRODUCT");
        if let (1.., Some(first)) = (more_minor, first) {
            first["adjustments"] =
                json!([{ "amount": number(-more_minor, &ask.currency), "description": "Agreed amount" }]);
            quoted = self.quote(id, quoted.items, &ask.currency, priority).await?;
        }
        Ok(quoted)
    }

    /// What giving back comes to, asked before anything is given.
    pub(super) async fn quoted_refund(&self, ask: &RefundAsk, priority: Priority) -> Result<RefundQuote, ReadError> {
        let order_id = &ask.order_remote_id;
        let Some(whole) = self.whole_for_refund(order_id, priority).await.map_err(CallError::into_read_error)? else {
            return Err(ReadError::Refused(self.order_gone(order_id, "say what can be given back")));
        };
        let quoted = self.quote_of(ask, "", &whole, priority).await.map_err(|why| match why {
            Hindered::Call(error) => error.into_read_error(),
            Hindered::No(cause, why) => {
                let sentence = format!("Could not say what can be given back of {order_id}. {why}");
                ReadError::Refused(self.refusal(cause, &sentence).about(order_id.clone()))
            }
        })?;
        let at = At::root(&quoted.answer, "quote");
        let shipping = quoted.items.iter().filter(|item| item["item_type"] == "SHIPPING");
        Ok(RefundQuote {
            total_minor: quoted.minor,
            shipping_minor: shipping
                .filter_map(|item| At::root(item, "item").get("amount").money(&ask.currency).ok().flatten())
                .sum(),
            tax_minor: at.get("total_refund_tax_amount").money(&ask.currency).ok().flatten(),
            recorded_only: choose(&at).is_some_and(|(_, offline)| offline),
        })
    }

    fn hindered(&self, id: i64, why: Hindered) -> Verdict {
        match why {
            Hindered::Call(error) => error.before_change(),
            Hindered::No(cause, why) => self.no_refund(id, cause, &why),
        }
    }

    fn no_refund(&self, id: i64, cause: Cause, why: &str) -> Verdict {
        let sentence =
            format!("Could not give the money of {id} back. {why} Give it back in BigCommerce, then skip this.");
        Verdict::NeedsPerson(self.refusal(cause, &sentence).about(id.to_string()))
    }

    /// Gives back exactly what was quoted.
    async fn give(&self, id: i64, quoted: Quoted, priority: Priority) -> Result<Given, Verdict> {
        let Quoted { items, minor, answer } = quoted;
        let (payments, offline) = choose(&At::root(&answer, "quote"))
            .ok_or_else(|| self.no_refund(id, Cause::ContentRefused, "The store offers no way to give it back."))?;
        let path = format!("/orders/{id}/payment_actions/refunds");
        let body = json!({ "items": items, "payments": payments });
        let call = Call::write(Api::V3, Method::POST, path, Some(body), priority);
        let reply = self.client.send(call, "give the money back").await.map_err(CallError::into_verdict)?;
        let data = At::root(&reply.json, "refund").get("data");
        let declined = data.get("payments").entries().iter().find(|payment| payment.get("is_declined").flag()).cloned();
        if let Some(declined) = declined {
            let said = self.client.door().quotable(&declined.get("declined_message").text());
            let sentence = format!(
                "Could not give the money of {id} back. The payment service declined it. Give it back in BigCommerce, then skip this."
            );
            let refusal = self.refusal(Cause::ContentRefused, &sentence).said(said);
            return Err(Verdict::NeedsPerson(refusal.about(id.to_string())));
        }
        Ok(Given { minor, offline, id: data.get("id").whole().ok().flatten() })
    }

    /// Gives back what a person or an automation asked for: exactly so much, or nothing.
    pub(super) async fn refund(
        &self,
        draft: &RefundDraft,
        first_sent_at_ms: Option<i64>,
        priority: Priority,
    ) -> Verdict {
        let order_id = &draft.order_remote_id;
        let whole = match self.whole_for_refund(order_id, priority).await {
            Ok(Some(whole)) => whole,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "give the money back")),
            Err(error) => return error.before_change(),
        };
        let id = id_of(&whole.order, "id").unwrap_or_default();
        if let Some(known) = ours(draft, &whole, self.not_before_ms(first_sent_at_ms)) {
            return Verdict::AlreadyDone(Receipt { remote_id: Some(known), ..Receipt::default() });
        }
        let wanted = Money::new(draft.total_minor, draft.currency.clone());
        let why = if draft.note.is_empty() { &draft.reason } else { &draft.note };
        let quoted = match self.quote_of(&RefundAsk::from(draft), why, &whole, priority).await {
            Ok(quoted) => quoted,
            Err(why) => return self.hindered(id, why),
        };
        if quoted.minor != draft.total_minor {
            let theirs = Money::new(quoted.minor, draft.currency.clone());
            return self.no_refund(
                id,
                Cause::ContentRefused,
                &format!("The store would give back {theirs}, and {wanted} was asked for."),
            );
        }
        match self.give(id, quoted, priority).await {
            Ok(given) => {
                let note = given.offline.then(|| "the store only recorded it: pay it back by hand".to_owned());
                Verdict::Done(Receipt {
                    remote_id: given.id.map(|id| id.to_string()),
                    request_id: None,
                    note,
                    cost: None,
                })
            }
            Err(verdict) => verdict,
        }
    }

    /// No refund of ours is older than this, by the platform's clock, ms UTC. What was never sent begins now.
    fn not_before_ms(&self, first_sent_at_ms: Option<i64>) -> i64 {
        let Some(at_ms) = first_sent_at_ms else { return self.their_now_ms() - CLOCKS_APART_MS };
        // It was sent by a clock that was ahead and was set right since: nobody knows when that was.
        if is_ahead(at_ms, self.client.door().now_ms()) {
            return i64::MIN;
        }
        at_ms + self.client.door().sure_skew_ms() - CLOCKS_APART_MS
    }

    /// Was it given back?
    pub(super) async fn confirm_refund(
        &self,
        draft: &RefundDraft,
        first_sent_at_ms: Option<i64>,
        priority: Priority,
    ) -> Confirmation {
        match self.whole_for_refund(&draft.order_remote_id, priority).await {
            // What is asked first tells how far apart the clocks are.
            Ok(Some(whole)) => {
                match ours(draft, &whole, self.not_before_ms(first_sent_at_ms)) {
                    Some(id) => Confirmation::Holds(Receipt { remote_id: Some(id), ..Receipt::default() }),
                    // One that nobody knew, made before this was sent: or this computer's clock was wrong then.
                    None if ours(draft, &whole, i64::MIN).is_some() => Confirmation::Overtaken(self.uncertain(draft)),
                    None => Confirmation::Absent,
                }
            }
            Ok(None) => Confirmation::Overtaken(self.order_gone(&draft.order_remote_id, "give the money back")),
            Err(error) => error.into_confirmation(),
        }
    }

    fn uncertain(&self, draft: &RefundDraft) -> Refusal {
        let id = &draft.order_remote_id;
        let sentence = format!(
            "Whether the money of {id} was given back is uncertain: the answer was lost, and the store shows the same refund, made before this one was sent. It is not sent again by itself. Look at the order's refunds in BigCommerce: skip this if it is there, else try again."
        );
        self.refusal(Cause::NotUnderstood, &sentence).about(id.clone())
    }

    /// The order with all its refunds, whatever its own words say of them.
    async fn whole_for_refund(&self, order_id: &str, priority: Priority) -> Result<Option<Whole>, CallError> {
        let Some(part) = Part::of(order_id) else { return Ok(None) };
        let Some(mut whole) = self.read_whole(part.order, priority).await? else { return Ok(None) };
        if whole.refunds.is_empty() {
            whole.refunds = self.refunds_of(part.order, priority).await?;
        }
        Ok(Some(whole))
    }
}

/// What of the order this is about, where it goes to several addresses.
fn own_part(order_remote_id: &str, whole: &Whole) -> Option<Whole> {
    parts::of_part(whole, Part::of(order_remote_id)?)
}

/// Why what is asked of one address is not that address's. Discounts are in the store's quote.
fn outside(ask: &RefundAsk, own: &Whole) -> Option<String> {
    let is_own = |id: &str| own.lines.iter().any(|line| At::root(line, "line").get("id").text() == id);
    let mut chosen = ask.lines.iter().filter(|line| line.quantity > 0);
    if chosen.clone().any(|line| !is_own(&line.order_line_id)) {
        return Some("Some of it goes to another address of the order: give that back there.".to_owned());
    }
    let part = Part::of(&ask.order_remote_id).filter(|part| part.address.is_some())?;
    (chosen.next().is_none() && ask.shipping_max_minor == 0).then(|| {
        format!("An amount without goods is the whole order's: give it back of {}, its first address.", part.order)
    })
}

/// Clocks are set to the minute: a refund so long before ours was first sent may still be ours.
const CLOCKS_APART_MS: i64 = 5 * quayside_model::time::MINUTE_MS;

/// The refund that gives back what `draft` asks for and was not there when it was planned, nor made before it was first
/// sent (`not_before_ms`, by the platform's clock): two units that come back one after the other look the same.
fn ours(draft: &RefundDraft, whole: &Whole, not_before_ms: i64) -> Option<String> {
    let own = own_part(&draft.order_remote_id, whole);
    // Two addresses may get the same shipping back, and only the first one has what is the whole order's.
    let second = Part::of(&draft.order_remote_id).is_some_and(|part| part.address.is_some());
    let others = |item: &At<'_>| match (item.get("item_type").text().as_str(), &own) {
        ("SHIPPING" | "HANDLING", Some(own)) => !own.addresses.contains_key(&item.get("item_id").count()),
        ("ORDER", Some(_)) => second,
        _ => false,
    };
    let wanted: BTreeMap<String, i64> = draft
        .lines
        .iter()
        .filter(|line| line.quantity > 0)
        .map(|line| (line.order_line_id.clone(), line.quantity))
        .collect();
    whole.refunds.iter().find_map(|refund| {
        let at = At::root(refund, "refund");
        let id = at.get("id").text();
        let lines: BTreeMap<String, i64> = at
            .get("items")
            .entries()
            .iter()
            .filter(|item| item.get("item_type").text() == "PRODUCT")
            .map(|item| (item.get("item_id").text(), item.get("quantity").count()))
            .collect();
        let minor = at.get("total_amount").money(&draft.currency).ok().flatten()?;
        // One without a readable time counts: giving money back twice would be worse than not at all.
        let created_ms = at.get("created").time().ok().flatten();
        if created_ms.is_some_and(|created_ms| created_ms < not_before_ms) {
            return None;
        }
        if at.get("items").entries().iter().any(others) {
            return None;
        }
        (!draft.known_refund_ids.contains(&id) && lines == wanted && minor == draft.total_minor).then_some(id)
    })
}

/// Refund items of what is asked for: its lines, and its shipping spread over the addresses it was paid for, as far as it
/// did not go back before.
fn items_of(ask: &RefundAsk, why: &str, whole: &Whole, refunds: &[Value], id: i64) -> Vec<Value> {
    let reason: String = why.chars().take(1000).collect();
    let lines = ask.lines.iter().filter(|line| line.quantity > 0);
    let mut items: Vec<Value> = lines
        .map(|line| {
            json!({ "item_type": "PRODUCT", "item_id": line.order_line_id.parse::<i64>().unwrap_or_default(),
                "quantity": line.quantity, "reason": reason })
        })
        .collect();
    let mut left_minor = ask.shipping_max_minor;
    let mut was_back = false;
    for (address, row) in &whole.addresses {
        let paid_minor = At::root(row, "shipping_address").get("cost_inc_tax").amount(&ask.currency).unwrap_or(0);
        let back_minor = parts::shipping_back(refunds, *address, &ask.currency);
        was_back |= back_minor > 0 && ask.shipping_max_minor > 0;
        let part_minor = left_minor.min(paid_minor - back_minor);
        if part_minor > 0 {
            items.push(json!({ "item_type": "SHIPPING", "item_id": address, "amount": number(part_minor, &ask.currency), "reason": reason }));
            left_minor -= part_minor;
        }
    }
    // Shipping that is asked for twice is no goodwill.
    if let (true, Some(total_minor)) = (items.is_empty() && !was_back, ask.total_minor) {
        // Goodwill: money for the order as a whole.
        items.push(json!({ "item_type": "ORDER", "item_id": id, "amount": number(total_minor, &ask.currency), "reason": reason }));
    }
    items
}

/// The payments to send: the first alternative whose money really moves, else the first one.
fn choose(quote: &At<'_>) -> Option<(Vec<Value>, bool)> {
    let alternatives: Vec<(Vec<Value>, bool)> = quote
        .get("refund_methods")
        .entries()
        .iter()
        .map(|alternative| {
            let payments = alternative.entries();
            let offline = payments.iter().any(|payment| payment.get("offline").flag());
            let rows = payments.iter().map(|payment| {
                json!({
                    "provider_id": payment.get("provider_id").text(),
                    // As it was quoted, digit for digit.
                    "amount": payment.get("amount").value(),
                    "offline": payment.get("offline").flag(),
                })
            });
            (rows.collect(), offline)
        })
        .filter(|(rows, _): &(Vec<Value>, bool)| !rows.is_empty())
        .collect();
    alternatives.iter().find(|(_, offline)| !offline).or(alternatives.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_that_moves_goes_before_money_that_is_recorded() {
        let quote = json!({"refund_methods": [
            [{"provider_id": "custom", "amount": 10.5, "offline": true}],
            [{"provider_id": "storecredit", "amount": 4, "offline": false}, {"provider_id": "card", "amount": 6.5, "offline": false}],
        ]});
        let (payments, offline) = choose(&At::root(&quote, "quote")).unwrap_or_default();
        assert_eq!((payments.len(), offline), (2, false));
        assert_eq!(payments[1], json!({"provider_id": "card", "amount": 6.5, "offline": false}));
        let only = json!({"refund_methods": [[{"provider_id": "custom", "amount": 10.5, "offline": true}]]});
        assert_eq!(choose(&At::root(&only, "quote")).map(|(_, offline)| offline), Some(true));
        assert_eq!(choose(&At::root(&json!({}), "quote")), None);
    }
}
