//! Giving money back: a suggestion first, then exactly what was agreed.
//!
//! The store computes tax, discounts and what each payment still holds; money goes back by
//! the payments it came by and in the currency it was paid in, which need not be the shop's.
//! What leaves is never more than was suggested, and never what Shopify would choose by
//! itself: without amounts it gives everything back.
//!
//! A refund cannot be taken back, so it is guarded twice. Its note carries a mark of our own,
//! looked for on the order before anything is sent; and it has a name that the store
//! remembers, so that one whose answer was lost is answered again, not done again.
//!
//! Units go back to the shelf only if chosen: those that never left are cancelled, those that
//! did come back as returned, each at a place of the store's own. A refund without its shelf
//! leaves what is still to ship as it is.

use super::Shopify;
use super::client::Errand;
use super::documents::{Document, REFUNDS};
use super::stock::text;
use super::verdicts::{CallError, UserMeaning, by_refund_errors, user_errors};
use super::wire::{FromWire as _, Whole};
use crate::{Priority, ReadError, Task};
use quayside_model::{
    Cause, Confirmation, Currency, Money, Receipt, RefundAsk, RefundDraft, RefundQuote, Refusal, Verdict,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The permission for it.
const SCOPE: &str = "write_orders";
/// Names one refund may go by: the store never takes a name again under which it refused something.
const NAMES_MAX: usize = 5;
/// Letters of our mark.
const MARK_LETTERS: usize = 12;

/// An amount in the shop's currency and in the one that was paid in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Both {
    shop_minor: i64,
    paid_minor: i64,
}

impl Both {
    /// So much of it in the currency that was paid in, where `shop_minor` is so much of it in the shop's.
    fn part(self, shop_minor: i64) -> i64 {
        if self.shop_minor == shop_minor || self.shop_minor == 0 {
            return self.paid_minor;
        }
        let (whole, part) = (i128::from(self.shop_minor), i128::from(shop_minor));
        let twice = 2 * i128::from(self.paid_minor) * part + whole;
        i64::try_from(twice.div_euclid(2 * whole)).unwrap_or(i64::MAX)
    }
}

/// A payment that money can go back by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Payment {
    /// The transaction that took the money.
    id: String,
    gateway: String,
    /// What is suggested to go back by it.
    suggested: Both,
    /// What it still holds.
    most: Both,
    /// Nothing moves: the store records it, and people pay.
    manual: bool,
}

/// A line, as the store would give it back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    units: i64,
    /// Bought and not given back.
    left: i64,
    /// Of those, not fulfilled.
    waiting: i64,
    place: Option<String>,
}

/// A refund the order has.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    id: String,
    note: String,
    state: Moved,
}

/// What became of the money of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moved {
    Yes,
    NotYet,
    /// The payment service declined it.
    No,
}

/// What the store says of an order whose money is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    name: String,
    currency: Currency,
    paid_in: Currency,
    given: Vec<Given>,
    lines: BTreeMap<String, Line>,
    total: Both,
    tax_minor: i64,
    shipping: Both,
    payments: Vec<Payment>,
    /// All payments, with what each still holds.
    whole: Vec<Payment>,
    /// A place of the store's own that has to do with the order.
    place: Option<String>,
}

/// What is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Plan {
    total_minor: i64,
    shipping: Both,
    tax_minor: Option<i64>,
    /// Payment, gateway, amount in the currency that was paid in.
    payments: Vec<(String, String, i64)>,
    manual: bool,
}

/// Why nothing is given back. The store was asked at most; nothing was changed.
enum Hindered {
    /// The call itself.
    Call(CallError),
    /// The store does not show the order.
    Gone,
    /// What came of it, in a sentence.
    No(Cause, String),
}

impl Hindered {
    fn content(why: impl Into<String>) -> Self {
        Self::No(Cause::ContentRefused, why.into())
    }
}

impl Shopify {
    /// What giving back comes to, asked before anything is given.
    pub(super) async fn quoted_refund(&self, ask: &RefundAsk, priority: Priority) -> Result<RefundQuote, ReadError> {
        let what = "say what can be given back";
        let id = &ask.order_remote_id;
        let refuse = |cause: Cause, name: &str, why: &str| {
            let sentence = format!("Could not {what} of {name}. {why}");
            ReadError::Refused(self.refusal(cause, &sentence).about(id.clone()))
        };
        let look = match self.look_at_refund(ask, &mut Errand::new(priority)).await {
            Ok(look) => look,
            Err(Hindered::Call(error)) => return Err(error.into_read_error()),
            Err(Hindered::Gone) => return Err(ReadError::Refused(self.order_gone(id, what))),
            Err(Hindered::No(cause, why)) => return Err(refuse(cause, "the order", &why)),
        };
        let plan = plan(ask, &look).map_err(|why| refuse(Cause::ContentRefused, &look.name, &why))?;
        Ok(RefundQuote {
            total_minor: plan.total_minor,
            shipping_minor: plan.shipping.shop_minor.min(plan.total_minor),
            tax_minor: plan.tax_minor,
            recorded_only: plan.manual,
        })
    }

    /// Gives back what a person or an automation asked for: exactly so much, or nothing.
    pub(super) async fn refund(&self, task: &Task<'_>, draft: &RefundDraft) -> Verdict {
        let id = &draft.order_remote_id;
        if self.lacks_scope(SCOPE) {
            let sentence = format!(
                "Could not give the money back. The app lacks the permission {SCOPE}. Grant it in the app's settings, release the version, install it again, then test the connection; or give it back in Shopify and skip this."
            );
            return Verdict::NeedsPerson(self.refusal(Cause::ScopeMissing, &sentence).about(id.clone()));
        }
        let mut errand = Errand::new(task.priority);
        let look = match self.look_at_refund(&RefundAsk::from(draft), &mut errand).await {
            Ok(look) => look,
            Err(Hindered::Call(error)) => return error.before_change(),
            Err(Hindered::Gone) => return Verdict::NeedsPerson(self.order_gone(id, "give the money back")),
            Err(Hindered::No(cause, why)) => {
                // Perhaps because it was given back already.
                return match self.confirm_refund(task, draft).await {
                    Confirmation::Holds(receipt) => Verdict::AlreadyDone(receipt),
                    Confirmation::Overtaken(refusal) => Verdict::NeedsPerson(refusal),
                    _ => Verdict::NeedsPerson(self.no_refund(id, "the order", cause, &why)),
                };
            }
        };
        match ours(&look.given, task.key) {
            Ok(Some(known)) if known.state == Moved::No => {
                return Verdict::NeedsPerson(self.declined(id, &look.name));
            }
            Ok(Some(known)) => return Verdict::AlreadyDone(receipt(&known.id, None)),
            Ok(None) => {}
            Err(why) => return Verdict::NeedsPerson(self.no_refund(id, &look.name, Cause::OutcomeUnknown, why)),
        }
        let input = match input(draft, &look, task.key) {
            Ok(input) => input,
            Err(why) => return Verdict::NeedsPerson(self.no_refund(id, &look.name, Cause::ContentRefused, &why)),
        };
        let what = format!("Could not give the money of {} back", look.name);
        for n in 0..NAMES_MAX {
            let variables = json!({ "input": input.0, "key": name(task.key, n) });
            let sent = self.client.call(Document::CreateRefund, variables, 1, &mut errand, "give the money back").await;
            let data = match sent {
                Ok(data) => data,
                Err(error) => return error.into_verdict(),
            };
            let payload = data.data.get("refundCreate").cloned().unwrap_or_default();
            if let Some(made) = payload.get("refund").filter(|refund| refund.is_object()).and_then(given) {
                return match made.state {
                    Moved::No => Verdict::NeedsPerson(self.declined(id, &look.name)),
                    state => Verdict::Done(Receipt {
                        request_id: data.request_id,
                        ..receipt(&made.id, remark(input.1, state))
                    }),
                };
            }
            let errors = user_errors(&payload, "userErrors");
            if errors.is_empty() {
                return Verdict::AnswerLost(self.empty_answer(&what, data.request_id));
            }
            let (meaning, refusal) = by_refund_errors(self.client.door(), &errors, data.request_id, &what);
            let refusal = refusal.about(id.clone());
            match meaning {
                // Refused under this name before, for a reason that may be over: under the next one, then.
                UserMeaning::Stale => {}
                UserMeaning::Unknown => return Verdict::AnswerLost(refusal),
                UserMeaning::Already | UserMeaning::Person => return Verdict::NeedsPerson(refusal),
            }
        }
        let why = "The store refused it again and again.";
        Verdict::NeedsPerson(self.no_refund(id, &look.name, Cause::ContentRefused, why))
    }

    /// Was it given back?
    pub(super) async fn confirm_refund(&self, task: &Task<'_>, draft: &RefundDraft) -> Confirmation {
        let id = &draft.order_remote_id;
        let mut errand = Errand::new(task.priority);
        let what = "look for the refund";
        let data = match self.client.call(Document::OrderRefunds, json!({ "id": id }), 1, &mut errand, what).await {
            Ok(data) => data,
            Err(error) => return error.into_confirmation(),
        };
        let Some(order) = data.data.get("order").filter(|order| order.is_object()) else {
            return Confirmation::Overtaken(self.order_gone(id, "give the money back"));
        };
        let name = text(order, "/name").unwrap_or_else(|| id.clone());
        match ours(&all_given(order), task.key) {
            Ok(Some(known)) if known.state == Moved::No => Confirmation::Overtaken(self.declined(id, &name)),
            Ok(Some(known)) => Confirmation::Holds(receipt(&known.id, None)),
            Ok(None) => Confirmation::Absent,
            Err(why) => Confirmation::Overtaken(self.no_refund(id, &name, Cause::OutcomeUnknown, why)),
        }
    }

    /// The order, and what the store would give back of it. All of the shipping is asked for first: how much of it is
    /// left only the store knows.
    async fn look_at_refund(&self, ask: &RefundAsk, errand: &mut Errand) -> Result<Look, Hindered> {
        let wanted = ask.lines.iter().filter(|line| line.quantity > 0);
        let lines: Vec<Value> =
            wanted.map(|line| json!({ "lineItemId": line.order_line_id, "quantity": line.quantity })).collect();
        let mut variables = json!({ "id": ask.order_remote_id, "lines": lines, "all": ask.shipping_max_minor > 0 });
        let look = self.suggestion(variables.clone(), errand).await?;
        if look.shipping.shop_minor <= ask.shipping_max_minor {
            return Ok(look);
        }
        let part = Money::new(look.shipping.part(ask.shipping_max_minor), look.paid_in);
        variables["ship"] = json!(part.decimal().to_string());
        self.suggestion(variables, errand).await
    }

    async fn suggestion(&self, variables: Value, errand: &mut Errand) -> Result<Look, Hindered> {
        let what = "ask what can be given back";
        let data =
            self.client.call(Document::SuggestRefund, variables, 1, errand, what).await.map_err(Hindered::Call)?;
        let order = data.data.get("order").filter(|order| order.is_object()).ok_or(Hindered::Gone)?;
        let unreadable =
            |why: String| Hindered::No(Cause::Unreadable, format!("The store's suggestion could not be read ({why})."));
        if order.get("suggestedRefund").is_none_or(Value::is_null) {
            return Err(Hindered::content("The store lets nothing be given back of it."));
        }
        look(order).map_err(unreadable)
    }

    fn no_refund(&self, id: &str, name: &str, cause: Cause, why: &str) -> Refusal {
        let sentence =
            format!("Could not give the money of {name} back. {why} Give it back in Shopify, then skip this.");
        self.refusal(cause, &sentence).about(id)
    }

    /// The store has the refund, and the money did not go.
    fn declined(&self, id: &str, name: &str) -> Refusal {
        let sentence = format!(
            "Could not give the money of {name} back. The store recorded the refund, and the payment service declined it: no money moved. Look at the order's payments in Shopify and pay it back there, then skip this."
        );
        self.refusal(Cause::ContentRefused, &sentence).about(id)
    }
}

/// The name the store remembers a refund by.
fn name(key: &str, n: usize) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("refund {key} {n}").as_bytes()).to_string()
}

/// What stands in the note of a refund of ours.
fn mark(key: &str) -> String {
    let mut letters = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("refund {key}").as_bytes()).simple().to_string();
    letters.truncate(MARK_LETTERS);
    format!("(Quayside {letters})")
}

/// The refund of this effect, if the order has it; or why that cannot be told.
fn ours<'a>(given: &'a [Given], key: &str) -> Result<Option<&'a Given>, &'static str> {
    let mark = mark(key);
    let found = given.iter().find(|one| one.note.contains(&mark));
    if found.is_none() && given.len() >= REFUNDS {
        return Err("The order has more refunds than can be looked through for this one.");
    }
    Ok(found)
}

fn receipt(id: &str, note: Option<String>) -> Receipt {
    Receipt { remote_id: Some(id.to_owned()), request_id: None, note, cost: None }
}

/// What a person should know of a refund that was made.
fn remark(manual: bool, state: Moved) -> Option<String> {
    if manual {
        return Some("the store only recorded it: pay it back by hand".into());
    }
    (state == Moved::NotYet).then(|| "the payment service has not confirmed it yet".into())
}

/// What is given back of what was asked for, or why nothing is.
fn plan(ask: &RefundAsk, look: &Look) -> Result<Plan, String> {
    if look.currency != ask.currency {
        return Err(format!("The order is in {}, not in {}.", look.currency, ask.currency));
    }
    let mut units: BTreeMap<&str, i64> = BTreeMap::new();
    for line in ask.lines.iter().filter(|line| line.quantity > 0) {
        *units.entry(line.order_line_id.as_str()).or_default() += line.quantity;
    }
    for (line, wanted) in &units {
        let lets = look.lines.get(*line).map_or(0, |line| line.units);
        if lets < *wanted {
            return Err(format!("The store lets {lets} units of a line be given back, and {wanted} were asked for."));
        }
    }
    // Goodwill: money for the order as a whole.
    let goodwill = units.is_empty() && ask.shipping_max_minor == 0;
    let payments: Vec<(&Payment, Both)> = if goodwill {
        look.whole.iter().map(|payment| (payment, payment.most)).collect()
    } else {
        look.payments.iter().map(|payment| (payment, payment.suggested)).collect()
    };
    let most = if goodwill {
        payments.iter().fold(Both::default(), |sum, (_, one)| Both {
            shop_minor: sum.shop_minor.saturating_add(one.shop_minor),
            paid_minor: sum.paid_minor.saturating_add(one.paid_minor),
        })
    } else {
        look.total
    };
    let wanted_minor = match ask.total_minor {
        Some(total_minor) => total_minor.min(most.shop_minor),
        None if goodwill => return Err("Nothing of it was chosen.".into()),
        None => most.shop_minor,
    };
    let mut left = if wanted_minor <= 0 { 0 } else { most.part(wanted_minor) };
    let mut taken = Vec::new();
    let mut manual = true;
    for (payment, holds) in payments {
        let part = left.min(holds.paid_minor);
        if part > 0 {
            left -= part;
            manual &= payment.manual;
            taken.push((payment.id.clone(), payment.gateway.clone(), part));
        }
    }
    if left > 0 {
        return Err("The payments of the order hold less than that.".into());
    }
    Ok(Plan {
        total_minor: wanted_minor.max(0),
        shipping: look.shipping,
        tax_minor: (!goodwill && wanted_minor == most.shop_minor).then_some(look.tax_minor),
        manual: manual && !taken.is_empty(),
        payments: taken,
    })
}

/// `RefundInput`, and whether no money moves by itself; or why nothing is given back.
fn input(draft: &RefundDraft, look: &Look, key: &str) -> Result<(Value, bool), String> {
    let plan = plan(&RefundAsk::from(draft), look)?;
    if plan.total_minor != draft.total_minor || plan.total_minor == 0 {
        let theirs = Money::new(plan.total_minor, look.currency.clone());
        let wanted = Money::new(draft.total_minor, draft.currency.clone());
        return Err(format!("The store would give back {theirs}, and {wanted} was asked for."));
    }
    let decimal = |minor: i64| Money::new(minor, look.paid_in.clone()).decimal().to_string();
    let transactions: Vec<Value> = plan
        .payments
        .iter()
        .map(|(id, gateway, minor)| {
            json!({ "orderId": draft.order_remote_id, "parentId": id, "gateway": gateway, "kind": "REFUND",
                "amount": decimal(*minor) })
        })
        .collect();
    let mut input = json!({
        "orderId": draft.order_remote_id,
        "currency": look.paid_in.0,
        "note": note(draft, key),
        "notify": draft.notify_customer,
        "refundLineItems": shelf(draft, look)?,
        "transactions": transactions,
    });
    if plan.shipping.paid_minor > 0 && draft.shipping_minor > 0 {
        input["shipping"] = json!({ "amount": decimal(plan.shipping.paid_minor) });
    }
    Ok((input, plan.manual))
}

/// Why, for the store's team, with our mark.
fn note(draft: &RefundDraft, key: &str) -> String {
    let reason = match draft.reason.as_str() {
        "return" => "Goods came back",
        "customer" => "Asked for by the customer",
        "inventory" => "Out of stock",
        "fraud" => "Fraud",
        "declined" => "Payment declined",
        "staff" => "Mistake of the staff",
        _ => "Refund",
    };
    let why = draft.note.trim();
    format!("{} {}", if why.is_empty() { reason } else { why }, mark(key))
}

/// The units, and where they go. Of a line that left in part, goods that come back are those that left; else those that
/// did not leave go first.
fn shelf(draft: &RefundDraft, look: &Look) -> Result<Vec<Value>, String> {
    let mut out = Vec::new();
    for wanted in draft.lines.iter().filter(|line| line.quantity > 0) {
        let id = &wanted.order_line_id;
        if !wanted.restock {
            out.push(json!({ "lineItemId": id, "quantity": wanted.quantity, "restockType": "NO_RESTOCK" }));
            continue;
        }
        let line = look.lines.get(id).cloned().unwrap_or_default();
        let place = line.place.as_ref().or(look.place.as_ref()).ok_or_else(|| {
            "The store names no place of its own where the units could be put back. Choose not to put them back."
                .to_owned()
        })?;
        let waiting = line.waiting.clamp(0, line.left.max(0));
        let went = line.left.max(0) - waiting;
        let returned =
            if draft.reason == "return" { wanted.quantity.min(went) } else { (wanted.quantity - waiting).max(0) };
        for (word, units) in [("CANCEL", wanted.quantity - returned), ("RETURN", returned)] {
            if units > 0 {
                out.push(json!({ "lineItemId": id, "quantity": units, "restockType": word, "locationId": place }));
            }
        }
    }
    Ok(out)
}

/// Refunds of the order, as the store shows them.
fn all_given(order: &Value) -> Vec<Given> {
    let refunds = order.get("refunds").and_then(Value::as_array).into_iter().flatten();
    refunds.filter_map(given).collect()
}

fn given(refund: &Value) -> Option<Given> {
    let moved = refund.pointer("/transactions/nodes").and_then(Value::as_array).into_iter().flatten();
    let states: Vec<String> = moved.filter_map(|one| text(one, "/status")).collect();
    let any = |words: &[&str]| states.iter().any(|state| words.contains(&state.as_str()));
    let state = if any(&["FAILURE", "ERROR"]) {
        Moved::No
    } else if any(&["PENDING", "AWAITING_RESPONSE", "UNKNOWN"]) {
        Moved::NotYet
    } else {
        Moved::Yes
    };
    Some(Given { id: text(refund, "/id")?, note: text(refund, "/note").unwrap_or_default(), state })
}

fn look(order: &Value) -> Result<Look, String> {
    let demand = |at: &str| text(order, at).filter(|text| !text.is_empty()).ok_or_else(|| format!("{at}: not a text"));
    let (currency, paid_in) =
        (Currency::new(&demand("/currencyCode")?), Currency::new(&demand("/presentmentCurrencyCode")?));
    let bag = |value: &Value, at: &str| both(value, at, &currency, &paid_in);
    let payments = |at: &str| -> Result<Vec<Payment>, String> {
        let list = order.pointer(at).and_then(Value::as_array).ok_or_else(|| format!("{at}: no list"))?;
        list.iter().filter(|one| !one.is_null()).map(|one| payment(one, &bag)).collect()
    };
    let suggested = order.get("suggestedRefund").ok_or("suggestedRefund: missing")?;
    let own = |node: &Value| {
        let foreign = node.get("isFulfillmentService") == Some(&json!(true));
        text(node, "/id").filter(|_| !foreign)
    };
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    for row in suggested.get("refundLineItems").and_then(Value::as_array).into_iter().flatten() {
        let whole = |at: &str| row.pointer(at).and_then(Whole::from_wire).map_or(0, |whole| whole.0);
        let id = text(row, "/lineItem/id").ok_or("refundLineItems.lineItem.id: not a text")?;
        let line = lines.entry(id).or_default();
        line.units = line.units.saturating_add(whole("/quantity"));
        line.left = whole("/lineItem/refundableQuantity");
        line.waiting = whole("/lineItem/unfulfilledQuantity");
        line.place = line.place.take().or_else(|| own(row.get("location")?));
    }
    let mut work = order.pointer("/fulfillmentOrders/nodes").and_then(Value::as_array).into_iter().flatten();
    Ok(Look {
        name: demand("/name")?,
        given: all_given(order),
        lines,
        total: bag(suggested, "/amountSet")?,
        tax_minor: bag(suggested, "/totalTaxSet")?.shop_minor,
        shipping: bag(suggested, "/shipping/amountSet")?,
        payments: payments("/suggestedRefund/suggestedTransactions")?,
        whole: payments("/whole/suggestedTransactions")?,
        place: work.find_map(|one| own(one.pointer("/assignedLocation/location")?)),
        currency: currency.clone(),
        paid_in: paid_in.clone(),
    })
}

fn payment(one: &Value, bag: &impl Fn(&Value, &str) -> Result<Both, String>) -> Result<Payment, String> {
    let gateway = [text(one, "/gateway"), text(one, "/parentTransaction/gateway")];
    Ok(Payment {
        id: text(one, "/parentTransaction/id").ok_or("suggestedTransactions.parentTransaction.id: not a text")?,
        gateway: gateway.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_default(),
        suggested: bag(one, "/amountSet")?,
        most: if one.get("maximumRefundableSet").is_none_or(Value::is_null) {
            bag(one, "/amountSet")?
        } else {
            bag(one, "/maximumRefundableSet")?
        },
        manual: one.pointer("/parentTransaction/manualPaymentGateway") == Some(&json!(true)),
    })
}

fn both(value: &Value, at: &str, currency: &Currency, paid_in: &Currency) -> Result<Both, String> {
    let amount = |money: &str, currency: &Currency| {
        let at = format!("{at}/{money}");
        let told = text(value, &format!("{at}/currencyCode")).unwrap_or_default();
        if !told.is_empty() && Currency::new(&told) != *currency {
            return Err(format!("{at}: {told} instead of {currency}"));
        }
        let amount = text(value, &format!("{at}/amount")).ok_or_else(|| format!("{at}: no amount"))?;
        Money::parse(&amount, currency).map(|money| money.minor).map_err(|error| format!("{at}: {error}"))
    };
    Ok(Both { shop_minor: amount("shopMoney", currency)?, paid_minor: amount("presentmentMoney", paid_in)? })
}

#[cfg(test)]
#[path = "refunds_tests.rs"]
mod tests;
