//! Returns: what buyers send back, read by the orders they belong to.
//!
//! No list of returns exists. Orders that changed and have a return are listed as orders
//! are (`streams.rs`), and their returns read whole. A return has no time of change of its
//! own: what is kept is the latest time it names, so that one that did not change is equal
//! to what was read before, whatever else happened to its order.
//!
//! The goods count as received when each unit that is to come back was dealt with, and not
//! as missing. Unit by unit that is told where one line comes back; of several, a missing unit
//! says nothing of whose it is, so then nobody's counts as here until a person says so. What was given back is the sum of the refunds that name the return; a refund
//! made here names its order only.

use super::Shopify;
use super::client::Errand;
use super::documents::Document;
use super::stock::{next_page, text};
use super::streams::{Batch, Pending};
use super::translate::parse_time;
use super::verdicts::CallError;
use super::wire::{FromWire as _, Whole};
use crate::{Priority, ReadError};
use quayside_model::{Cause, Currency, Incoming, Money, Record, Return, ReturnLine, ReturnStatus, Unreadable};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Returns of changed orders.
pub const RETURNS: &str = "returns";
/// Orders whose returns are asked for in the first call of an account; measured prices take over.
const BATCH_FIRST: usize = 2;
/// Orders of one call at most.
const BATCH_MAX: usize = 25;
/// Lines whose goods are asked for (`Back` in `documents.rs`): of a return with more, some may not be shown.
const DEALT_MAX: usize = 10;

impl Shopify {
    /// Reads the returns of the first few of `pending`.
    pub(super) async fn read_returns(&self, pending: &mut Vec<Pending>, priority: Priority) -> Batch {
        let mut batch = Batch::default();
        if pending.is_empty() {
            return batch;
        }
        let mut errand = Errand::new(priority);
        let (todo, data) = loop {
            let n = self.client.size(Document::Returns, BATCH_FIRST, BATCH_MAX).min(pending.len());
            let ids: Vec<&str> = pending[..n].iter().map(|p| p.order.as_str()).collect();
            match self.client.call(Document::Returns, json!({ "ids": ids }), n, &mut errand, "read returns").await {
                Ok(data) => break (pending.drain(..n).collect::<Vec<_>>(), data.data),
                Err(CallError::TooCostly(_)) if n > 1 => {}
                Err(error) => {
                    batch.stopped = Some(error);
                    return batch;
                }
            }
        };
        let nodes = data.get("nodes").and_then(Value::as_array).into_iter().flatten();
        let mut nodes: BTreeMap<String, Value> =
            nodes.filter_map(|node| Some((text(node, "/id")?, node.clone()))).collect();
        for wanted in todo {
            // Deleted meanwhile, or beyond what this app may see.
            let Some(order) = nodes.remove(&wanted.order) else {
                batch.done.push(wanted);
                continue;
            };
            match self.whole_returns(&wanted.order, &order, &mut errand).await {
                Ok(backs) => {
                    for back in &backs {
                        match incoming(back) {
                            Ok(incoming) => batch.records.push(incoming),
                            Err(unreadable) => batch.unreadable.push(unreadable),
                        }
                    }
                    batch.done.push(wanted);
                }
                Err(error) => {
                    batch.stopped.get_or_insert(error);
                    batch.left.push(wanted);
                }
            }
        }
        batch
    }

    /// All returns of an order, with all their lines.
    async fn whole_returns(&self, id: &str, order: &Value, errand: &mut Errand) -> Result<Vec<Value>, CallError> {
        let mut list = order.get("returns").cloned().unwrap_or_default();
        let mut backs = nodes_of(&list);
        while let Some(after) = next_page(Some(&list)) {
            let variables = json!({ "id": id, "after": after });
            let data = self.client.call(Document::MoreReturns, variables, 1, errand, "read returns").await?;
            let more = data.data.pointer("/order/returns").cloned().unwrap_or_default();
            backs.extend(nodes_of(&more));
            // The same page again and again has no end.
            if next_page(Some(&more)).as_ref() == Some(&after) {
                break;
            }
            list = more;
        }
        for back in &mut backs {
            self.all_lines(back, errand).await?;
        }
        Ok(backs)
    }

    async fn all_lines(&self, back: &mut Value, errand: &mut Errand) -> Result<(), CallError> {
        while let (Some(id), Some(after)) = (text(back, "/id"), next_page(back.get("returnLineItems"))) {
            let variables = json!({ "id": id, "after": after });
            let data =
                self.client.call(Document::ReturnLines, variables, 1, errand, "read the lines of a return").await?;
            let more = data.data.pointer("/return/returnLineItems").cloned().unwrap_or_default();
            let goes_on = next_page(Some(&more)).is_some_and(|next| next != after);
            if let Some(nodes) = back.pointer_mut("/returnLineItems/nodes").and_then(Value::as_array_mut) {
                nodes.extend(nodes_of(&more));
            }
            if let Some(info) = back.pointer_mut("/returnLineItems/pageInfo") {
                *info = if goes_on { more.get("pageInfo").cloned().unwrap_or_default() } else { Value::Null };
            }
        }
        Ok(())
    }

    /// One return now, by its id.
    pub(super) async fn read_return(&self, id: &str, priority: Priority) -> Result<Option<Incoming>, ReadError> {
        if !id.contains("/Return/") {
            let sentence = "The return that could not be read names none, so there is none to read again. The exception ends when its order changes and its returns can be read.";
            return Err(ReadError::Refused(self.refusal(Cause::Unreadable, sentence).about(id)));
        }
        let mut errand = Errand::new(priority);
        let what = "look at the return";
        let data = self.client.call(Document::OneReturn, json!({ "id": id }), 1, &mut errand, what).await?;
        let Some(mut back) = data.data.get("return").filter(|node| node.is_object()).cloned() else { return Ok(None) };
        self.all_lines(&mut back, &mut errand).await?;
        incoming(&back).map(Some).map_err(|odd| {
            let name = odd.number.as_deref().unwrap_or(id);
            let sentence = format!("The return {name} could not be read: {}.", odd.why);
            ReadError::Refused(self.refusal(Cause::Unreadable, &sentence).about(id))
        })
    }
}

/// Entries of a list; `null` among them is nothing.
fn nodes_of(list: &Value) -> Vec<Value> {
    let nodes = list.get("nodes").and_then(Value::as_array).into_iter().flatten();
    nodes.filter(|node| !node.is_null()).cloned().collect()
}

/// A return as a record.
fn incoming(node: &Value) -> Result<Incoming, Unreadable> {
    let raw = node.to_string();
    match returned(node) {
        Ok(back) => Ok(Incoming { record: Record::Return(back), raw }),
        Err(why) => {
            let hash = || Uuid::new_v5(&Uuid::NAMESPACE_OID, raw.as_bytes()).to_string();
            let remote_id = text(node, "/id").filter(|id| !id.is_empty()).unwrap_or_else(hash);
            Err(Unreadable { remote_id, number: text(node, "/name"), why, raw })
        }
    }
}

fn returned(node: &Value) -> Result<Return, String> {
    let demand = |at: &str| {
        let found = text(node, at).filter(|text| !text.is_empty());
        found.ok_or_else(|| format!("{}: not a text", at.trim_start_matches('/').replace('/', ".")))
    };
    let time = |at: &str| text(node, at).as_deref().and_then(parse_time);
    let remote_id = demand("/id")?;
    let requested_at_ms = parse_time(&demand("/createdAt")?).ok_or("createdAt: not a time")?;
    let received_at_ms = received(node);
    let later = [time("/closedAt"), time("/requestApprovedAt"), received_at_ms];
    let lines = node.pointer("/returnLineItems/nodes").and_then(Value::as_array).ok_or("returnLineItems: no list")?;
    let shown: Vec<&Value> = lines.iter().filter(|line| !line.is_null()).collect();
    let lines = lines.iter().enumerate().filter(|(_, line)| !line.is_null());
    let lines: Result<Vec<ReturnLine>, String> = lines.map(|(i, line)| return_line(line, i)).collect();
    let mut lines = lines?;
    let (here, missing) = dealt_with(node);
    let told: Vec<Option<String>> = shown.iter().map(|line| text(line, "/fulfillmentLineItem/id")).collect();
    let shelved = shelved(node);
    for (line, of) in lines.iter_mut().zip(&told) {
        // What names no line of the return may be of each.
        let may_be = |name: &Option<String>| name.is_none() || name == of || !told.contains(name);
        let units = shelved.iter().filter(|(name, _)| may_be(name)).map(|(_, units)| *units);
        let units = units.fold(0_i64, i64::saturating_add);
        line.shelved = (units > 0).then(|| units.min(line.quantity));
    }
    if let [only] = lines.as_mut_slice() {
        only.received = Some(here.min(only.quantity));
    } else if missing {
        for line in &mut lines {
            line.received = Some(0);
        }
    }
    let digits = || remote_id.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Return {
        order_remote_id: demand("/order/id")?,
        number: text(node, "/name").filter(|name| !name.is_empty()).unwrap_or_else(digits),
        status: status(&text(node, "/status").unwrap_or_default()),
        lines,
        tracking_number: String::new(),
        requested_at_ms,
        received_at_ms,
        resolution: String::new(),
        refunded: refunded(node),
        updated_at_ms: later.into_iter().flatten().max().unwrap_or(requested_at_ms).max(requested_at_ms),
        remote_id,
    })
}

fn return_line(line: &Value, i: usize) -> Result<ReturnLine, String> {
    let quantity = line.get("quantity").and_then(Whole::from_wire);
    let reason = [text(line, "/returnReasonDefinition/name"), text(line, "/returnReasonNote")];
    Ok(ReturnLine {
        order_line_id: text(line, "/fulfillmentLineItem/lineItem/id").filter(|id| !id.is_empty()),
        sku: text(line, "/fulfillmentLineItem/lineItem/sku").unwrap_or_default().trim().to_owned(),
        quantity: quantity.ok_or_else(|| format!("returnLineItems[{i}].quantity: not a whole number"))?.0,
        reason: reason.into_iter().flatten().find(|text| !text.trim().is_empty()).unwrap_or_default(),
        received: None,
        shelved: None,
    })
}

/// Shopify's words for where a return stands.
fn status(word: &str) -> ReturnStatus {
    match word {
        "REQUESTED" => ReturnStatus::Requested,
        "OPEN" => ReturnStatus::Open,
        "CLOSED" => ReturnStatus::Closed,
        "DECLINED" => ReturnStatus::Declined,
        "CANCELED" => ReturnStatus::Cancelled,
        other => ReturnStatus::Unknown(other.to_lowercase()),
    }
}

/// Units that were dealt with and are there, and whether any is missing.
fn dealt_with(node: &Value) -> (i64, bool) {
    let parts = node.pointer("/reverseFulfillmentOrders/nodes").and_then(Value::as_array).into_iter().flatten();
    let lines = parts.filter_map(|part| part.pointer("/lineItems/nodes")?.as_array()).flatten();
    let (mut here, mut missing) = (0_i64, false);
    for one in lines.filter_map(|line| line.get("dispositions")?.as_array()).flatten() {
        if text(one, "/type").as_deref() == Some("MISSING") {
            missing = true;
        } else {
            here = here.saturating_add(one.get("quantity").and_then(Whole::from_wire).map_or(0, |whole| whole.0));
        }
    }
    (here, missing)
}

/// Units whose shelf was decided in the store (put back on it, or kept off), by the line that left. What is still to be looked
/// at is neither.
fn shelved(node: &Value) -> Vec<(Option<String>, i64)> {
    let parts = node.pointer("/reverseFulfillmentOrders/nodes").and_then(Value::as_array).into_iter().flatten();
    let lines = parts.filter_map(|part| part.pointer("/lineItems/nodes")?.as_array()).flatten();
    let units = |one: &Value| one.get("quantity").and_then(Whole::from_wire).map_or(0, |whole| whole.0.max(0));
    lines
        .filter_map(|line| {
            let dealt = line.get("dispositions")?.as_array()?.iter();
            let decided =
                dealt.filter(|one| matches!(text(one, "/type").as_deref(), Some("RESTOCKED" | "NOT_RESTOCKED")));
            let sum = decided.fold(0_i64, |sum, one| sum.saturating_add(units(one)));
            Some((text(line, "/fulfillmentLineItem/id").filter(|id| !id.is_empty()), sum))
        })
        .collect()
}

/// When the last of the goods was dealt with, ms UTC; `None` while any is to come, or where all of it is missing.
fn received(node: &Value) -> Option<i64> {
    let parts = node.pointer("/reverseFulfillmentOrders/nodes").and_then(Value::as_array)?;
    let shown = |part: &Value| part.pointer("/lineItems/nodes").and_then(Value::as_array).map_or(0, Vec::len);
    // What is not shown may still be on its way.
    if parts.iter().any(|part| shown(part) >= DEALT_MAX) {
        return None;
    }
    let lines = parts.iter().filter_map(|part| part.pointer("/lineItems/nodes")?.as_array()).flatten();
    let mut latest_ms = None;
    for line in lines {
        let done = line.get("dispositions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let units = |value: &Value, name: &str| value.get(name).and_then(Whole::from_wire).map_or(0, |whole| whole.0);
        let dealt_with = done.iter().fold(0_i64, |sum, one| sum.saturating_add(units(one, "quantity")));
        if dealt_with < units(line, "totalQuantity") {
            return None;
        }
        let here = done.iter().filter(|one| text(one, "/type").as_deref() != Some("MISSING"));
        latest_ms = here.filter_map(|one| parse_time(&text(one, "/createdAt")?)).max().max(latest_ms);
    }
    latest_ms
}

/// What was given back for it; `None` if nothing, or the refunds do not add up to one currency.
fn refunded(node: &Value) -> Option<Money> {
    let refunds = node.pointer("/refunds/nodes").and_then(Value::as_array)?;
    let mut sum: Option<Money> = None;
    for refund in refunds {
        let currency = Currency::new(&text(refund, "/totalRefundedSet/shopMoney/currencyCode")?);
        let money = Money::parse(&text(refund, "/totalRefundedSet/shopMoney/amount")?, &currency).ok()?;
        let so_far = sum.get_or_insert_with(|| Money::new(0, currency.clone()));
        if so_far.currency != currency {
            return None;
        }
        so_far.minor = so_far.minor.saturating_add(money.minor);
    }
    sum.filter(|money| money.minor > 0)
}

#[cfg(test)]
#[path = "returns_tests.rs"]
mod tests;
