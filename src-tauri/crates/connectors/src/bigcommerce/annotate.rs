//! Facts and remarks on an order: metafields of our own, a line in the staff notes, the label's cost on its shipment.
//!
//! Metafields are named, so writing one twice leaves one. Staff notes are one text
//! that a write replaces whole: they are read just before, a line that is there
//! already is not added again, and nothing of what people wrote is ever cut.
//!
//! A field called `shipping_cost/<tracking number>` (`4.25 USD`) is what the merchant
//! paid for that parcel: it goes onto the shipment where the currency is the store's,
//! because the shipment's own field names none; else it stays a metafield. Never into
//! the order's shipping cost, which is what the buyer owes.
//!
//! The order has one set of fields and one text of notes. What is said about one of its
//! addresses ([`Part`]) has the address in its name (`hub_number/77`), so that parts do
//! not write over each other.

use super::BigCommerce;
use super::client::{Api, Call};
use super::gather::id_of;
use super::json::At;
use super::parts::Part;
use super::shipments::fold;
use super::verdicts::CallError;
use crate::Priority;
use http::Method;
use quayside_model::{Cause, Confirmation, Currency, Money, Receipt, Refusal, Verdict};
use serde_json::json;

/// Whose fields they are.
pub(super) const NAMESPACE: &str = "quayside";
/// What a field is called that holds the cost of a parcel; its tracking number follows.
const COST: &str = "shipping_cost/";
/// Longest staff notes, characters.
const NOTES_MAX: usize = 65_535;
/// Longest key of a metafield, characters.
const KEY_MAX: usize = 64;

/// What is still to be written.
#[derive(Debug, Default)]
struct Todo {
    /// Key → value, and the metafield it is in already.
    fields: Vec<(String, String, Option<i64>)>,
    /// Shipment → cost as the platform writes it.
    costs: Vec<(i64, String)>,
    /// The whole new text.
    notes: Option<String>,
}

impl BigCommerce {
    /// Writes facts and remarks onto an order.
    pub(super) async fn annotate(
        &self,
        order_id: &str,
        fields: &[(String, String)],
        note: &str,
        tags: &[String],
        priority: Priority,
    ) -> Verdict {
        let todo = match self.to_annotate(order_id, fields, note, tags, priority).await {
            Ok(Some(todo)) => todo,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "write the facts onto the order")),
            Err(Ok(error)) => return error.before_change(),
            Err(Err(refusal)) => return Verdict::NeedsPerson(refusal),
        };
        let receipt = Receipt { remote_id: Some(order_id.to_owned()), ..Receipt::default() };
        let id = Part::of(order_id).map_or(0, |part| part.order);
        if todo.fields.is_empty() && todo.costs.is_empty() && todo.notes.is_none() {
            return Verdict::AlreadyDone(receipt);
        }
        let mut calls = Vec::new();
        for (key, value, known) in todo.fields {
            let path = format!("/orders/{id}/metafields");
            // All of it every time: a change is described with the same required fields as a new one.
            let body = json!({ "permission_set": "read", "namespace": NAMESPACE, "key": key, "value": value });
            let (method, path) = match known {
                Some(id) => (Method::PUT, format!("{path}/{id}")),
                None => (Method::POST, path),
            };
            calls.push(Call::write(Api::V3, method, path, Some(body), priority));
        }
        for (shipment, cost) in todo.costs {
            let path = format!("/orders/{id}/shipments/{shipment}");
            let body = json!({ "merchant_shipping_cost": cost });
            calls.push(Call::write(Api::V2, Method::PUT, path, Some(body), priority));
        }
        if let Some(notes) = todo.notes {
            let body = json!({ "staff_notes": notes });
            calls.push(Call::write(Api::V2, Method::PUT, format!("/orders/{id}"), Some(body), priority));
        }
        for call in calls {
            if let Err(error) = self.client.send(call, "write the facts onto the order").await {
                return match error {
                    CallError::Refused(mut refusal) if refusal.status == Some(403) => {
                        refusal.sentence = self.refusal(Cause::ScopeMissing, "Could not write the facts onto the order. They were written with another API account, which alone may change them, or the permission to change orders is missing. Delete the old fields in the store, or go on without.").sentence;
                        Verdict::NeedsPerson(refusal.about(order_id))
                    }
                    other => other.into_verdict(),
                };
            }
        }
        Verdict::Done(receipt)
    }

    /// Does everything stand there?
    pub(super) async fn confirm_annotation(
        &self,
        order_id: &str,
        fields: &[(String, String)],
        note: &str,
        tags: &[String],
        priority: Priority,
    ) -> Confirmation {
        match self.to_annotate(order_id, fields, note, tags, priority).await {
            Ok(Some(todo)) if todo.fields.is_empty() && todo.costs.is_empty() && todo.notes.is_none() => {
                Confirmation::Holds(Receipt { remote_id: Some(order_id.to_owned()), ..Receipt::default() })
            }
            // Written in part counts as absent: performing it again writes what is missing.
            Ok(Some(_)) => Confirmation::Absent,
            Ok(None) => Confirmation::Overtaken(self.order_gone(order_id, "write the facts onto the order")),
            Err(Ok(error)) => error.into_confirmation(),
            Err(Err(refusal)) => Confirmation::Overtaken(refusal),
        }
    }

    /// What of it is not there yet. The inner error is a refusal of our own.
    async fn to_annotate(
        &self,
        order_id: &str,
        fields: &[(String, String)],
        note: &str,
        tags: &[String],
        priority: Priority,
    ) -> Result<Option<Todo>, Result<CallError, Refusal>> {
        let Some(Part { order: id, address }) = Part::of(order_id) else { return Ok(None) };
        let named = |key: &str| address.map_or_else(|| key.to_owned(), |address| format!("{key}/{address}"));
        let what = "look at the order";
        let order = match self.client.send(Call::get(Api::V2, format!("/orders/{id}"), priority), what).await {
            Ok(reply) => reply.json,
            Err(CallError::Gone(_)) => return Ok(None),
            Err(error) => return Err(Ok(error)),
        };
        let at = At::root(&order, "order");
        let mut todo = Todo::default();
        let mut facts: Vec<(String, String)> = Vec::new();
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            match key.strip_prefix(COST) {
                Some(number) => match self.cost_of(id, &at, number, value, priority).await.map_err(Ok)? {
                    Placed::There => {}
                    Placed::On(shipment, cost) => todo.costs.push((shipment, cost)),
                    Placed::Nowhere => facts.push((key.clone(), value.clone())),
                },
                None => facts.push((named(key), value.clone())),
            }
        }
        if !tags.is_empty() {
            facts.push((named("tags"), tags.join(", ")));
        }
        if !facts.is_empty() {
            let call = Call::get(Api::V3, format!("/orders/{id}/metafields"), priority)
                .with("namespace", NAMESPACE)
                .with("limit", 250);
            let reply = self.client.send(call, "look at the order's fields").await.map_err(Ok)?;
            let known = At::root(&reply.json, "metafields").get("data").entries();
            for (key, value) in facts {
                let key: String = key.chars().take(KEY_MAX).collect();
                let mut same = known.iter().filter(|field| field.get("key").text() == key);
                // Two API accounts may each have one of the name: any that says it is enough.
                if same.clone().any(|field| field.get("value").text() == value.trim()) {
                    continue;
                }
                let id = same.next().and_then(|field| field.get("id").whole().ok().flatten());
                todo.fields.push((key, value, id));
            }
        }
        let note = note.trim();
        let notes = at.get("staff_notes").text();
        if !note.is_empty() && !notes.lines().any(|line| line.trim() == note) && !notes.contains(note) {
            let whole = if notes.is_empty() { note.to_owned() } else { format!("{notes}\n{note}") };
            if whole.chars().count() > NOTES_MAX {
                let sentence = format!(
                    "Could not write a remark onto {order_id}. Its staff notes are full ({NOTES_MAX} characters). Shorten them in BigCommerce, then retry."
                );
                return Err(Err(self.refusal(Cause::ContentRefused, &sentence).about(order_id)));
            }
            todo.notes = Some(whole);
        }
        Ok(Some(todo))
    }

    /// Where the cost of a parcel belongs.
    async fn cost_of(
        &self,
        id: i64,
        order: &At<'_>,
        number: &str,
        text: &str,
        priority: Priority,
    ) -> Result<Placed, CallError> {
        let (amount, code) = text.trim().rsplit_once(' ').unwrap_or((text.trim(), ""));
        let currency = Currency::new(code);
        let stores = Currency::new(&order.get("store_default_currency_code").text());
        let Some(cost) = Money::parse(amount, &currency).ok().filter(|_| currency == stores) else {
            return Ok(Placed::Nowhere);
        };
        let shipments = self.shipments(id, priority).await?;
        let found = shipments.iter().find(|row| {
            let row = At::root(row, "shipment");
            let numbers = super::carriers::numbers_of(&row.get("tracking_number").text(), &row.get("comments").text());
            numbers.iter().any(|known| fold(known) == fold(number))
        });
        let Some(row) = found else { return Ok(Placed::Nowhere) };
        if At::root(row, "shipment").get("merchant_shipping_cost").money(&currency).ok().flatten() == Some(cost.minor) {
            return Ok(Placed::There);
        }
        Ok(id_of(row, "id").map_or(Placed::Nowhere, |id| Placed::On(id, format!("{:.4}", cost.decimal()))))
    }
}

/// Where a cost belongs.
enum Placed {
    /// It stands there.
    There,
    /// On this shipment.
    On(i64, String),
    /// On none: another currency, or no such shipment.
    Nowhere,
}
