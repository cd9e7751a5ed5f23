//! Giving money back: a quote first, then exactly what it says.
//!
//! The platform computes tax, discounts and what each payment still holds; a refund
//! with any other amount is refused. One refund at a time per order.

use super::BigCommerce;
use super::client::{Api, Call};
use super::json::At;
use super::verdicts::CallError;
use crate::Priority;
use http::Method;
use quayside_model::{Cause, Currency, Money, Verdict};
use serde_json::{Value, json};

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
        let path = format!("/orders/{id}/payment_actions/refund_quotes");
        let call = Call::write(Api::V3, Method::POST, path, Some(json!({ "items": items })), priority);
        // A quote changes nothing, whatever becomes of its answer.
        let quote = self.client.send(call, "ask what can be given back").await.map_err(CallError::before_change)?;
        let quote = At::root(&quote.json, "quote").get("data");
        let refuse = |cause, why: String| {
            let sentence =
                format!("Could not give the money of {id} back. {why} Give it back in BigCommerce, then skip this.");
            Verdict::NeedsPerson(self.refusal(cause, &sentence).about(id.to_string()))
        };
        let minor = quote
            .get("total_refund_amount")
            .money(currency)
            .ok()
            .flatten()
            .ok_or_else(|| refuse(Cause::Unreadable, "The store's quote could not be read.".into()))?;
        if minor > at_most_minor {
            let amounts = (Money::new(minor, currency.clone()), Money::new(at_most_minor, currency.clone()));
            return Err(refuse(
                Cause::ContentRefused,
                format!("The store would give back {}, and at most {} may go.", amounts.0, amounts.1),
            ));
        }
        if minor <= 0 {
            return Ok(Given { minor: 0, offline: false, id: None });
        }
        let (payments, offline) = choose(&quote)
            .ok_or_else(|| refuse(Cause::ContentRefused, "The store offers no way to give it back.".into()))?;
        let path = format!("/orders/{id}/payment_actions/refunds");
        let body = json!({ "items": items, "payments": payments });
        let call = Call::write(Api::V3, Method::POST, path, Some(body), priority);
        let reply = self.client.send(call, "give the money back").await.map_err(CallError::into_verdict)?;
        let data = At::root(&reply.json, "refund").get("data");
        let declined = data.get("payments").entries().iter().find(|payment| payment.get("is_declined").flag()).cloned();
        if let Some(declined) = declined {
            let said = self.client.door().quotable(&declined.get("declined_message").text());
            let refusal = self
                .refusal(Cause::ContentRefused, &format!("Could not give the money of {id} back. The payment service declined it. Give it back in BigCommerce, then skip this."))
                .said(said);
            return Err(Verdict::NeedsPerson(refusal.about(id.to_string())));
        }
        Ok(Given { minor, offline, id: data.get("id").whole().ok().flatten() })
    }
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
