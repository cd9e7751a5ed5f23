//! A hold at the hub, shown in the store: status 12 over an order that merely waits to be shipped.
//!
//! The status alone would come back as the store's own hold and keep the order held after the hub had let it go. So a
//! field of ours says first which status it was set over, and an order in 12 that carries it stands, here, where it stood
//! before ([`before`]), with a hold that is told as ours and keeps nothing. Released, the order gets that status back (what has left meanwhile counts), and then the field
//! goes: at no moment is there a 12 of ours without it.
//!
//! Nobody can tell who set a 12 over a 12: while ours stands, a person's is taken for it. Everything but 9 and 11 is left
//! alone, and so is an order with several addresses, whose one status speaks of all of them.

use super::BigCommerce;
use super::annotate::NAMESPACE;
use super::client::{Api, Call};
use super::gather::id_of;
use super::json::At;
use super::parts::Part;
use super::status::{self, AWAITING_FULFILLMENT, AWAITING_SHIPMENT, HELD};
use super::verdicts::CallError;
use crate::Priority;
use http::Method;
use quayside_model::{Cause, Confirmation, Receipt, Verdict};
use serde_json::{Value, json};

/// What the field is called.
const KEY: &str = "held";

/// The status an order had before a hold of ours; `None`: it is no hold of ours.
pub fn before(status_id: i64, field: Option<&Value>) -> Option<i64> {
    if status_id != HELD {
        return None;
    }
    let kept: i64 = At::root(field?, "hold").get("value").text().parse().ok()?;
    waits(kept).then_some(kept)
}

/// It merely waits to be shipped.
fn waits(status_id: i64) -> bool {
    matches!(status_id, AWAITING_SHIPMENT | AWAITING_FULFILLMENT)
}

/// An order as far as a hold of ours goes.
struct Standing {
    id: i64,
    status_id: i64,
    /// It goes to several addresses.
    several: bool,
    /// Fields of that name, and the status each keeps: another API account may have one, too.
    fields: Vec<(i64, String)>,
}

impl Standing {
    /// The status before a hold of ours, as the field says.
    fn kept(&self) -> Option<i64> {
        self.fields.iter().filter_map(|(_, kept)| kept.parse::<i64>().ok()).find(|kept| waits(*kept))
    }

    /// It is on hold, and the hold is ours.
    fn is_ours(&self) -> bool {
        self.status_id == HELD && self.kept().is_some()
    }

    /// Why no hold is shown on it, as a note; `None`: one can be.
    fn left_alone(&self) -> Option<String> {
        if self.several {
            return Some(
                "it goes to several addresses, and its status speaks of all of them: left as it is".to_owned(),
            );
        }
        let name = status::status(self.status_id).name;
        (!self.is_ours() && !waits(self.status_id)).then(|| format!("its status is \"{name}\" and stays"))
    }
}

impl BigCommerce {
    /// Shows a hold of the hub, or takes it back.
    pub(super) async fn show_hold(&self, order_id: &str, held: bool, priority: Priority) -> Verdict {
        let standing = match self.standing(order_id, priority).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return Verdict::NeedsPerson(self.order_gone(order_id, "show the hold in the store")),
            Err(error) => return error.before_change(),
        };
        if held {
            self.put_hold(order_id, &standing, priority).await
        } else {
            self.end_hold(order_id, &standing, priority).await
        }
    }

    async fn put_hold(&self, order_id: &str, standing: &Standing, priority: Priority) -> Verdict {
        if let Some(note) = standing.left_alone() {
            return Verdict::AlreadyDone(Receipt { note: Some(note), ..receipt(order_id) });
        }
        let id = standing.id;
        if standing.is_ours() {
            return Verdict::AlreadyDone(receipt(order_id));
        }
        let value = standing.status_id.to_string();
        if standing.fields.iter().all(|(_, kept)| *kept != value) {
            let path = format!("/orders/{id}/metafields");
            let body = json!({ "permission_set": "read", "namespace": NAMESPACE, "key": KEY, "value": value });
            let (method, path) = match standing.fields.first() {
                Some((field, _)) => (Method::PUT, format!("{path}/{field}")),
                None => (Method::POST, path),
            };
            let call = Call::write(Api::V3, method, path, Some(body), priority);
            if let Err(error) = self.client.send(call, "note which status the order had").await {
                return self.field_verdict(error, order_id);
            }
        }
        match self.set_status(id, HELD, priority).await {
            Ok(()) => Verdict::Done(receipt(order_id)),
            Err(error) => error.into_verdict(),
        }
    }

    async fn end_hold(&self, order_id: &str, standing: &Standing, priority: Priority) -> Verdict {
        if standing.fields.is_empty() {
            return Verdict::AlreadyDone(receipt(order_id));
        }
        if let Some(kept) = standing.kept().filter(|_| standing.is_ours()) {
            let wanted = match self.after_hold(order_id, standing.id, kept, priority).await {
                Ok(wanted) => wanted,
                Err(error) => return error.before_change(),
            };
            if let Err(error) = self.set_status(standing.id, wanted, priority).await {
                return error.into_verdict();
            }
        }
        for (field, _) in &standing.fields {
            let path = format!("/orders/{}/metafields/{field}", standing.id);
            let call = Call::write(Api::V3, Method::DELETE, path, None, priority);
            match self.client.send(call, "take the hold off the order").await {
                Ok(_) | Err(CallError::Gone(_)) => {}
                Err(error) => return self.field_verdict(error, order_id),
            }
        }
        Verdict::Done(receipt(order_id))
    }

    /// Where an order stands that is no longer held: where it stood, unless some of it has left meanwhile.
    async fn after_hold(&self, order_id: &str, id: i64, kept: i64, priority: Priority) -> Result<i64, CallError> {
        if self.shipments(id, priority).await?.is_empty() {
            return Ok(kept);
        }
        let work = self.work(order_id, priority).await?;
        Ok(work.and_then(|work| status::after_shipment(kept, work.everything_left())).unwrap_or(kept))
    }

    /// Does it hold?
    pub(super) async fn confirm_hold(&self, order_id: &str, held: bool, priority: Priority) -> Confirmation {
        let standing = match self.standing(order_id, priority).await {
            Ok(Some(standing)) => standing,
            Ok(None) => return Confirmation::Overtaken(self.order_gone(order_id, "show the hold in the store")),
            Err(error) => return error.into_confirmation(),
        };
        let note = standing.left_alone().filter(|_| held);
        let holds = if held { note.is_some() || standing.is_ours() } else { standing.fields.is_empty() };
        // Done in part counts as absent: performing it again does only what is left.
        if holds { Confirmation::Holds(Receipt { note, ..receipt(order_id) }) } else { Confirmation::Absent }
    }

    /// The order and our fields on it, read now. `None`: it is not there.
    async fn standing(&self, order_id: &str, priority: Priority) -> Result<Option<Standing>, CallError> {
        let Some(Part { order: id, address }) = Part::of(order_id) else { return Ok(None) };
        let call = Call::get(Api::V2, format!("/orders/{id}"), priority);
        let order = match self.client.send(call, "look at the order").await {
            Ok(reply) => reply.json,
            Err(CallError::Gone(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(status_id) = id_of(&order, "status_id") else {
            let sentence = "The store's answer about the order names no status.";
            return Err(CallError::Refused(self.refusal(Cause::Unreadable, sentence).about(order_id)));
        };
        let fields = self.hold_fields(id, priority).await?;
        let fields = fields.iter().map(|field| At::root(field, "metafield"));
        let fields = fields.map(|field| (field.get("id").count(), field.get("value").text()));
        let several = address.is_some() || At::root(&order, "order").get("shipping_address_count").count() > 1;
        Ok(Some(Standing { id, status_id, several, fields: fields.collect() }))
    }

    /// The field that says that the hold an order stands in is ours. Only of an order in that status is anything asked.
    pub(super) async fn own_hold(&self, order: &Value, priority: Priority) -> Result<Option<Value>, CallError> {
        let Some(id) = id_of(order, "id").filter(|_| id_of(order, "status_id") == Some(HELD)) else { return Ok(None) };
        match self.hold_fields(id, priority).await {
            Ok(fields) => Ok(fields.into_iter().find(|field| before(HELD, Some(field)).is_some())),
            // Whose it is may not be asked: then it is the store's own, and nothing leaves.
            Err(CallError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn hold_fields(&self, id: i64, priority: Priority) -> Result<Vec<Value>, CallError> {
        let call = Call::get(Api::V3, format!("/orders/{id}/metafields"), priority)
            .with("namespace", NAMESPACE)
            .with("key", KEY);
        match self.client.send(call, "look whose hold it is").await {
            Ok(reply) => Ok(reply.data_rows().map(<[Value]>::to_vec).unwrap_or_default()),
            Err(CallError::Gone(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// A refused change of the field: only the API account that made one may touch it.
    fn field_verdict(&self, error: CallError, order_id: &str) -> Verdict {
        match error {
            CallError::Refused(mut refusal) if refusal.status == Some(403) => {
                refusal.sentence = self.refusal(Cause::ScopeMissing, "Could not show the hold in the store. The order's field \"held\" was written with another API account, which alone may change it, or the permission to change orders is missing. Delete the field in the store, then retry.").sentence;
                Verdict::NeedsPerson(refusal.about(order_id))
            }
            other => other.into_verdict(),
        }
    }
}

fn receipt(order_id: &str) -> Receipt {
    Receipt { remote_id: Some(order_id.to_owned()), ..Receipt::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_twelve_with_our_field_is_ours() {
        for (status_id, value, expected) in [
            (12, Some(json!("11")), Some(11)),
            (12, Some(json!("9")), Some(9)),
            (12, Some(json!(9)), Some(9)),
            (12, None, None),
            // Nothing we would have written.
            (12, Some(json!("2")), None),
            (12, Some(json!("soon")), None),
            (12, Some(json!(null)), None),
            // Somebody has moved it on.
            (11, Some(json!("11")), None),
            (13, Some(json!("11")), None),
        ] {
            let field = value.as_ref().map(|value| json!({ "id": 5, "key": "held", "value": value }));
            assert_eq!(before(status_id, field.as_ref()), expected, "{status_id} {value:?}");
        }
    }
}
