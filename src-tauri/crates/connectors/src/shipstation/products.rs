//! Products the account has: read, changed where they differ, and written back whole.
//!
//! V1 takes a product only as a whole, so what it answered goes back with what is meant changed in it. It makes none: a
//! product appears there with the first order that names its SKU. Left out: the price, which has no currency there, and
//! measures, whose unit the account does not say. V2 reads products and changes none.

use super::client::{Api, Call, Reply};
use super::hub::{Hub, NotFound};
use super::perform::receipt;
use super::verdicts::{self, Means};
use super::wire_v1::{AckV1, ProductV1};
use super::{ids, translate, wire};
use crate::{Priority, Task};
use quayside_model::{Cause, Confirmation, Product, ProductDraft, ProductKeeping, Refusal, Verdict};
use serde_json::{Value, json};

/// Grams of an ounce.
const OUNCE_G: f64 = 28.349_523_125;

/// What V1 lets be written of products.
pub(super) const KEEPING: ProductKeeping = ProductKeeping { makes: false, changes: true, price: false };

/// The product as it stands there, and as it came.
async fn read(hub: &Hub, number: i64, priority: Priority) -> Result<(Product, Value), NotFound> {
    let reply = hub.client.call(Call::get(Api::V1, format!("/products/{number}"), priority)).await?;
    match verdicts::means(&reply) {
        Means::Fine => {
            let raw = reply.json.unwrap_or(Value::Null);
            let known = wire::record::<ProductV1>(&raw).map_err(NotFound::Unreadable)?;
            let product = translate::product_v1(&known).map_err(NotFound::Unreadable)?;
            Ok((product, raw))
        }
        Means::Missing => Err(NotFound::Gone),
        _ => Err(NotFound::Answered(Box::new(reply))),
    }
}

/// Brings a product up to date.
pub(super) async fn put(hub: &Hub, task: &Task<'_>, draft: &ProductDraft) -> Verdict {
    let what = what(draft);
    let number = match number(hub, draft, &what) {
        Ok(number) => number,
        Err(refusal) => return Verdict::NeedsPerson(refusal),
    };
    let (product, raw) = match read(hub, number, task.priority).await {
        Ok(found) => found,
        Err(error) => return before_write(hub, error, draft, &what),
    };
    if holds(draft, &product) {
        return Verdict::AlreadyDone(receipt(None, draft.product_id.as_deref(), None));
    }
    let Some(body) = changed(raw, draft) else {
        return before_write(hub, NotFound::Unreadable("it is no object".into()), draft, &what);
    };
    let call = Call { api: Api::V1, ..Call::put(format!("/products/{number}"), Some(body), task.priority) };
    let reply = match hub.client.call(call).await {
        Ok(reply) => reply,
        Err(failure) => return failure.into_verdict(),
    };
    said(hub, draft, &reply, &what)
}

/// What the answer to a change means.
fn said(hub: &Hub, draft: &ProductDraft, reply: &Reply, what: &str) -> Verdict {
    if !reply.is_success() {
        return verdicts::write_verdict(&hub.speaker, reply, what);
    }
    match reply.json.as_ref().and_then(|json| wire::record::<AckV1>(json).ok()) {
        Some(ack) if !ack.success => {
            let refusal = hub.speaker.refusal_of(
                reply,
                Cause::ContentRefused,
                &format!("{what}: ShipStation did not take it. Look at the product there."),
            );
            Verdict::NeedsPerson(refusal.said(hub.client.quotable(&ack.message)).about(draft.sku.clone()))
        }
        Some(_) => Verdict::Done(receipt(Some(reply), draft.product_id.as_deref(), None)),
        None => verdicts::write_verdict(&hub.speaker, reply, what),
    }
}

/// Does it hold?
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>, draft: &ProductDraft) -> Confirmation {
    let what = what(draft);
    let number = match number(hub, draft, &what) {
        Ok(number) => number,
        Err(refusal) => return Confirmation::CannotTell(refusal),
    };
    match read(hub, number, task.priority).await {
        Ok((product, _)) if holds(draft, &product) => {
            Confirmation::Holds(receipt(None, draft.product_id.as_deref(), None))
        }
        Ok(_) => Confirmation::Absent,
        Err(NotFound::Gone) => Confirmation::Overtaken(gone(hub, draft, &what)),
        Err(NotFound::Answered(reply)) => verdicts::cannot_tell(&hub.speaker, &reply, "The product"),
        Err(NotFound::Unreadable(why)) => Confirmation::CannotTell(unreadable(hub, &what, &why)),
        Err(NotFound::Failed(failure)) => failure.into_confirmation(),
    }
}

/// The product's number in V1.
fn number(hub: &Hub, draft: &ProductDraft, what: &str) -> Result<i64, Refusal> {
    if !hub.has.v1 {
        let why = format!("{what}: V2 changes no products. Add a V1 key pair to this connection, or change it there.");
        return Err(hub.speaker.refusal(Cause::ScopeMissing, &why));
    }
    let known = draft.product_id.as_deref().and_then(ids::to_v1);
    known.ok_or_else(|| {
        let why = format!("{what}: ShipStation makes products of the orders it gets, and of nothing else.");
        hub.speaker.refusal(Cause::ContentRefused, &why).about(draft.sku.clone())
    })
}

/// What is meant, without what is never written here.
fn holds(draft: &ProductDraft, product: &Product) -> bool {
    let mut meant = draft.facts.clone();
    meant.price = None;
    meant.holds_in(&product.facts())
}

/// The whole product with what is meant changed in it.
fn changed(raw: Value, draft: &ProductDraft) -> Option<Value> {
    let Value::Object(mut fields) = raw else { return None };
    let facts = &draft.facts;
    if let Some(name) = &facts.name {
        fields.insert("name".into(), json!(name));
    }
    if let Some(barcode) = &facts.barcode {
        fields.insert("upc".into(), json!(barcode));
    }
    if let Some(grams) = facts.weight_g {
        // Two decimals are what its screens show.
        fields.insert("weightOz".into(), json!((grams / OUNCE_G * 100.0).round() / 100.0));
    }
    if let Some(active) = facts.active {
        fields.insert("active".into(), json!(active));
    }
    Some(Value::Object(fields))
}

fn what(draft: &ProductDraft) -> String {
    format!("The product {} could not be written", draft.sku)
}

fn gone(hub: &Hub, draft: &ProductDraft, what: &str) -> Refusal {
    let why = format!("{what}: ShipStation has no such product any more. Look at it there.");
    hub.speaker.refusal(Cause::UnknownSku, &why).about(draft.sku.clone())
}

fn unreadable(hub: &Hub, what: &str, why: &str) -> Refusal {
    hub.speaker.refusal(
        Cause::NotUnderstood,
        &format!(
            "{what}: ShipStation's product came in a form Quayside does not understand ({why}). Look at it there."
        ),
    )
}

/// The look before the write failed: nothing was changed.
fn before_write(hub: &Hub, error: NotFound, draft: &ProductDraft, what: &str) -> Verdict {
    match error {
        NotFound::Gone => Verdict::NeedsPerson(gone(hub, draft, what)),
        NotFound::Unreadable(why) => Verdict::NeedsPerson(unreadable(hub, what, &why)),
        other => super::perform::before_write(hub, other, what),
    }
}
