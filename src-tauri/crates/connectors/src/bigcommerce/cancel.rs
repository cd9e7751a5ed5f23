//! Cancelling an order: the status, then the money.
//!
//! Status 5 alone moves no money. A reserved payment is voided; a taken one is given
//! back with a refund that follows the platform's own quote to the cent, because any
//! other amount is refused. Each step is read before it is done, so an interrupted
//! cancellation goes on where it stopped: what was given back already is not left to
//! give back, and the quote says so.
//!
//! One address of several has no status of its own: while goods for the others are wanted, it is
//! cancelled by giving back its lines and its shipping, which are wanted no more then.
//!
//! Stock is not touched: the store puts units back by itself if it is set to
//! (`refund_order_stock_adjustment`), the platform's texts disagree on when, and a
//! relative adjustment sent twice counts twice. The receipt says what the store does, and
//! leads to the adjustment a person makes.

use super::BigCommerce;
use super::client::{Api, Call};
use super::gather::{Whole, id_of};
use super::json::At;
use super::parts::{self, Part};
use super::status::{self, Stage};
use super::translate::{refunded, was_given};
use super::verdicts::CallError;
use crate::{Priority, Task};
use http::Method;
use quayside_model::{Cause, Confirmation, Currency, Intent, Money, Receipt, Verdict};
use serde_json::{Value, json};

/// What is left to do of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Nothing: no payment, or all of it is back.
    Nothing,
    /// Let a reserved payment go.
    Void,
    /// Give so much back, minor units.
    GiveBack(i64),
}

impl BigCommerce {
    /// Cancels an order.
    pub(super) async fn cancel_order(&self, task: &Task<'_>) -> Verdict {
        let Intent::CancelChannelOrder { order_remote_id, refund, reason, staff_note, .. } = task.intent else {
            return Verdict::NeedsPerson(self.not_ours(task.intent));
        };
        let whole = match self.whole_for_cancel(order_remote_id, task.priority).await {
            Ok(Some(whole)) => whole,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_remote_id, "cancel the order")),
            Err(error) => return error.before_change(),
        };
        let id = id_of(&whole.order, "id").unwrap_or_default();
        let what = format!("Could not cancel {id}");
        if let Some(own) = part_of_more(order_remote_id, &whole)
            && !(is_off(&whole) && (!*refund || matches!(Self::due(&whole), Ok(Due::Nothing))))
        {
            let why = if staff_note.is_empty() { reason } else { staff_note };
            return self
                .cancel_part(order_remote_id, &own, &whole, refund.then_some(why.as_str()), task.priority)
                .await;
        }
        let mut changed = false;
        if !is_off(&whole) {
            let left = whole.lines.iter().any(|line| id_of(line, "quantity_shipped").is_some_and(|units| units > 0));
            if left || !whole.shipments.is_empty() {
                let sentence = format!(
                    "{what}. Some of it has left already. Take the shipment back first, or refund the order in BigCommerce."
                );
                return Verdict::NeedsPerson(
                    self.refusal(Cause::ContentRefused, &sentence).about(order_remote_id.clone()),
                );
            }
            match self.set_status(id, status::CANCELLED, task.priority).await {
                Ok(()) => changed = true,
                // Looked up before anything else: setting it again would mail again.
                Err(error) => return error.into_verdict(),
            }
        }
        let due = if *refund { Self::due(&whole) } else { Ok(Due::Nothing) };
        let mut note = Vec::new();
        match due {
            Ok(Due::Nothing) => {}
            Ok(Due::Void) => match self.void(id, task.priority).await {
                Ok(()) => note.push("the reserved payment was let go".to_owned()),
                Err(error) => return error.into_verdict(),
            },
            Ok(Due::GiveBack(at_most_minor)) => {
                let why = if staff_note.is_empty() { reason } else { staff_note };
                match self.give_back_all(&whole, at_most_minor, why, task.priority).await {
                    Ok(words) => note.push(words),
                    Err(verdict) => return verdict,
                }
            }
            Err(why) => {
                let sentence = format!(
                    "{what}. It is cancelled in the store, but what was paid could not be read ({why}). Give the money back in BigCommerce."
                );
                return Verdict::NeedsPerson(self.refusal(Cause::Unreadable, &sentence).about(order_remote_id.clone()));
            }
        }
        if changed && self.config.account.facts.get("restocks").is_some_and(|fact| fact == "false") {
            note.push("the store does not put units back by itself: adjust its count under Stock".to_owned());
        }
        let receipt = Receipt {
            remote_id: Some(order_remote_id.clone()),
            request_id: None,
            note: Some(note.join("; ")).filter(|note| !note.is_empty()),
            cost: None,
        };
        if changed || receipt.note.is_some() { Verdict::Done(receipt) } else { Verdict::AlreadyDone(receipt) }
    }

    /// Cancels what goes to one of several addresses, while goods for others are still wanted. The store has no status for
    /// that: what is given back is wanted no more. `why`: with its money.
    async fn cancel_part(
        &self,
        order_remote_id: &str,
        own: &Whole,
        whole: &Whole,
        why: Option<&str>,
        priority: Priority,
    ) -> Verdict {
        let id = id_of(&whole.order, "id").unwrap_or_default();
        let all = parts::doors(whole).len();
        let no = |cause: Cause, sentence: String| {
            Verdict::NeedsPerson(self.refusal(cause, &sentence).about(order_remote_id.to_owned()))
        };
        let what = format!("Could not cancel one address of {id}. The order holds {all} addresses");
        let left = own.lines.iter().any(|line| id_of(line, "quantity_shipped").is_some_and(|units| units > 0));
        if is_given_back(own, &whole.refunds) {
            let receipt = Receipt { remote_id: Some(order_remote_id.to_owned()), ..Receipt::default() };
            return Verdict::AlreadyDone(receipt);
        }
        if left || !own.shipments.is_empty() {
            let sentence = format!(
                "{what}, and some of what goes to this one has left already. Take the shipment back first, or refund it."
            );
            return no(Cause::ContentRefused, sentence);
        }
        let by_hand = "Take its lines out of the order in BigCommerce, then skip this";
        if own.lines.iter().any(|line| id_of(line, "parent_order_product_id").is_some_and(|parent| parent > 0)) {
            let sentence =
                format!("{what}, and this one holds a bundle, of which the store gives back no parts. {by_hand}.");
            return no(Cause::ContentRefused, sentence);
        }
        let Some(why) = why else {
            let sentence = format!(
                "{what}, and the store takes one out only with its money. Cancel it with its money, or do it by hand. {by_hand}."
            );
            return no(Cause::ContentRefused, sentence);
        };
        let at_most_minor = match Self::due(whole) {
            Ok(Due::GiveBack(at_most_minor)) => at_most_minor,
            Ok(Due::Void) => {
                let sentence = format!(
                    "{what}, and its payment is only reserved: of that the store gives no part back. Capture it first, or do it by hand. {by_hand}."
                );
                return no(Cause::ContentRefused, sentence);
            }
            Ok(Due::Nothing) => {
                let sentence = format!("{what}, and no money was taken that could be given back. {by_hand}.");
                return no(Cause::ContentRefused, sentence);
            }
            Err(why) => {
                return no(
                    Cause::Unreadable,
                    format!("{what}, and what was paid could not be read ({why}). {by_hand}."),
                );
            }
        };
        let currency = currency_of(&At::root(&whole.order, "order"));
        let items = match items_left(own, &whole.refunds, true, &currency, why) {
            Ok(items) => items,
            Err(why) => {
                return no(Cause::Unreadable, format!("{what}, and this one could not be read ({why}). {by_hand}."));
            }
        };
        let given = match self.refund_by_quote(id, items, at_most_minor, &currency, priority).await {
            Ok(given) => given,
            Err(verdict) => return verdict,
        };
        if given.minor <= 0 {
            return no(
                Cause::ContentRefused,
                format!("{what}, and the store would give nothing back for this one. {by_hand}."),
            );
        }
        let mut note = format!("{} given back for this address", Money::new(given.minor, currency));
        if given.offline {
            note.push_str("; the store only recorded it: pay it back by hand");
        }
        if self.config.account.facts.get("restocks").is_some_and(|fact| fact == "false") {
            note.push_str("; the store does not put units back by itself: adjust its count under Stock");
        }
        Verdict::Done(Receipt {
            remote_id: Some(order_remote_id.to_owned()),
            request_id: None,
            note: Some(note),
            cost: None,
        })
    }

    /// Does a cancellation hold, money included?
    pub(super) async fn confirm_cancel(&self, order_id: &str, refund: bool, priority: Priority) -> Confirmation {
        let whole = match self.whole_for_cancel(order_id, priority).await {
            Ok(Some(whole)) => whole,
            Ok(None) => return Confirmation::Overtaken(self.order_gone(order_id, "cancel the order")),
            Err(error) => return error.into_confirmation(),
        };
        if part_of_more(order_id, &whole).is_some_and(|own| is_given_back(&own, &whole.refunds)) {
            return Confirmation::Holds(Receipt { remote_id: Some(order_id.to_owned()), ..Receipt::default() });
        }
        let money_done = !refund || matches!(Self::due(&whole), Ok(Due::Nothing));
        if is_off(&whole) && money_done {
            Confirmation::Holds(Receipt { remote_id: Some(order_id.to_owned()), ..Receipt::default() })
        } else {
            // Done in part counts as absent: performing it again does what is left.
            Confirmation::Absent
        }
    }

    /// The order with everything a cancellation looks at: refunds are asked for whatever the order's words say.
    async fn whole_for_cancel(&self, order_id: &str, priority: Priority) -> Result<Option<Whole>, CallError> {
        let Some(part) = Part::of(order_id) else { return Ok(None) };
        let Some(mut whole) = self.read_whole(part.order, priority).await? else { return Ok(None) };
        if whole.refunds.is_empty() && payment_word(&whole) != "authorized" {
            whole.refunds = self.refunds_of(part.order, priority).await?;
        }
        Ok(Some(whole))
    }

    /// What of the money is still to be moved.
    fn due(whole: &Whole) -> Result<Due, String> {
        let at = At::root(&whole.order, "order");
        let currency = currency_of(&at);
        let total_minor = at.get("total_inc_tax").money(&currency)?.ok_or("order.total_inc_tax: missing")?;
        let paid_elsewhere =
            at.get("store_credit_amount").amount(&currency)? + at.get("gift_certificate_amount").amount(&currency)?;
        let left_minor = total_minor - refunded(&whole.refunds, &currency)?;
        Ok(match payment_word(whole).as_str() {
            "authorized" => Due::Void,
            "captured" | "paid" | "partially refunded" if left_minor > 0 => Due::GiveBack(left_minor),
            // Paid with store credit or a gift certificate alone: no payment has a state, the money is there all the same.
            "" if paid_elsewhere > 0 && left_minor > 0 => Due::GiveBack(left_minor),
            _ => Due::Nothing,
        })
    }

    async fn void(&self, id: i64, priority: Priority) -> Result<(), CallError> {
        let path = format!("/orders/{id}/payment_actions/void");
        let call = Call::write(Api::V3, Method::POST, path, None, priority);
        self.client.send(call, "let the reserved payment go").await.map(drop)
    }

    /// Gives back whatever is left of an order: its lines, wrapping, shipping and handling.
    async fn give_back_all(
        &self,
        whole: &Whole,
        at_most_minor: i64,
        reason: &str,
        priority: Priority,
    ) -> Result<String, Verdict> {
        let at = At::root(&whole.order, "order");
        let currency = currency_of(&at);
        let id = id_of(&whole.order, "id").unwrap_or_default();
        let several = parts::doors(whole).len() > 1;
        let items = items_left(whole, &whole.refunds, several, &currency, reason).map_err(|why| {
            Verdict::NeedsPerson(self.refusal(
                Cause::Unreadable,
                &format!("Could not give the money of {id} back ({why}). Give it back in BigCommerce."),
            ))
        })?;
        let given = self.refund_by_quote(id, items, at_most_minor, &currency, priority).await?;
        let mut words = format!("{} given back", Money::new(given.minor, currency.clone()));
        if given.minor < at_most_minor {
            words = format!("{words} of {}", Money::new(at_most_minor, currency));
        }
        if given.offline {
            words.push_str("; the store only recorded it: pay it back by hand");
        }
        Ok(words)
    }
}

/// The order is off: nothing of it will be shipped.
fn is_off(whole: &Whole) -> bool {
    let id = id_of(&whole.order, "status_id").unwrap_or(-1);
    matches!(status::status(id).stage, Stage::Cancelled(_) | Stage::Refunded)
}

fn payment_word(whole: &Whole) -> String {
    At::root(&whole.order, "order").get("payment_status").text()
}

fn currency_of(at: &At<'_>) -> Currency {
    Currency::new(&at.get("default_currency_code").text())
}

/// What this is of the order, while goods for other addresses of it are still wanted.
fn part_of_more(order_remote_id: &str, whole: &Whole) -> Option<Whole> {
    let part = Part::of(order_remote_id)?;
    if parts::others_wanted(whole, part) == 0 {
        return None;
    }
    parts::of_part(whole, part)
}

/// All of it was given back already: nothing of it is wanted.
fn is_given_back(own: &Whole, refunds: &[Value]) -> bool {
    own.lines.iter().all(|line| {
        let at = At::root(line, "line");
        at.get("quantity").count() <= units_back(&at, refunds)
    })
}

/// Units of a line whose money went back: by the line's own word, or by the refunds, whichever knows of more. One of them
/// may lag behind the other.
fn units_back(line: &At<'_>, refunds: &[Value]) -> i64 {
    let id = line.get("id").count();
    let given = refunds.iter().map(|refund| At::root(refund, "refund")).filter(was_given);
    let items = given.flat_map(|refund| refund.get("items").entries());
    let of_it = items.filter(|item| item.get("item_type").text() == "PRODUCT" && item.get("item_id").count() == id);
    let told: i64 = of_it.map(|item| item.get("quantity").count()).sum();
    told.max(line.get("quantity_refunded").count())
}

/// Refund items for everything that is left of an order, or of one address of `several`.
fn items_left(
    whole: &Whole,
    refunds: &[Value],
    several: bool,
    currency: &Currency,
    reason: &str,
) -> Result<Vec<Value>, String> {
    let mut items = Vec::new();
    let reason: String = reason.chars().take(1000).collect();
    for (i, line) in whole.lines.iter().enumerate() {
        let at = At::root(line, &format!("products[{i}]"));
        let units = at.get("quantity").demand_whole()? - units_back(&at, refunds);
        // Parts of a bundle go back with the bundle.
        if units <= 0 || at.get("parent_order_product_id").count() > 0 {
            continue;
        }
        let id = at.get("id").demand_whole()?;
        items.push(json!({ "item_type": "PRODUCT", "item_id": id, "quantity": units, "reason": reason }));
        if at.get("wrapping_cost_ex_tax").amount(currency)? > 0 {
            items.push(json!({ "item_type": "GIFT_WRAPPING", "item_id": id, "quantity": units, "reason": reason }));
        }
    }
    if !several && !refunds.is_empty() {
        // What of shipping went back before is not in the order: only the quote of the goods is certain.
        return Ok(items);
    }
    for (id, address) in &whole.addresses {
        if several && parts::is_shipping_touched(refunds, *id) {
            continue;
        }
        let at = At::root(address, "shipping_address");
        for (kind, field) in [("SHIPPING", "cost_inc_tax"), ("HANDLING", "handling_cost_inc_tax")] {
            let minor = at.get(field).amount(currency)?;
            if minor > 0 {
                items.push(
                    json!({ "item_type": kind, "item_id": id, "amount": number(minor, currency), "reason": reason }),
                );
            }
        }
    }
    Ok(items)
}

/// An amount as the JSON number V3 wants.
pub(super) fn number(minor: i64, currency: &Currency) -> Value {
    let decimal = Money::new(minor, currency.clone()).decimal().normalize().to_string();
    serde_json::from_str(&decimal).unwrap_or_else(|_| json!(decimal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_to_the_cent() {
        for (minor, code, expected) in [
            (1850, "EUR", "18.5"),
            (7, "EUR", "0.07"),
            (1200, "JPY", "1200"),
            (0, "EUR", "0"),
            (99_999_999, "USD", "999999.99"),
        ] {
            assert_eq!(number(minor, &Currency::new(code)).to_string(), expected);
        }
    }
}
