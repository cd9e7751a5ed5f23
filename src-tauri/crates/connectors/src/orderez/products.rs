//! Products: made under their SKU, and changed where they are there.
//!
//! A SKU is all that names a product on both sides, so the list is asked for it before anything is written: a product is
//! made once, and one that somebody made meanwhile is changed instead. A change names the version it was decided on; what
//! it does not mention stays. Products are never deleted there, only switched off.

use super::capability::mentions;
use super::client::Reply;
use super::compose;
use super::confirm::absent;
use super::hub::{Hub, NotFound};
use super::profile::Profile;
use super::request::{Filling, SYSTEM};
use super::translate;
use super::verdicts::{self, Means};
use crate::{Priority, Task};
use quayside_model::{
    Cause, Confirmation, HubOrderDraft, Product, ProductDraft, ProductFacts, ProductKeeping, Receipt, Refusal, Verdict,
};
use serde_json::{Value, json};

/// A change that lost a race is tried so often before it waits for its next turn.
const RACES_MAX: u32 = 3;

/// A product as it stands there.
struct TheirProduct {
    product: Product,
    /// For If-Match, as it came.
    version: Option<Value>,
}

/// What the profile lets be written of products.
pub(super) fn keeping(profile: &Profile) -> ProductKeeping {
    let reads_money = profile
        .entities
        .get("product")
        .is_some_and(|product| product.read.contains_key("price") && product.read.contains_key("currency"));
    ProductKeeping {
        makes: profile.operation("createProduct").is_some(),
        changes: profile.operation("updateProduct").is_some(),
        price: reads_money && mentions(profile, "createProduct", "price"),
    }
}

/// The rows of a list that is asked for one thing by its name.
pub(super) async fn rows_named(
    hub: &Hub,
    operation: &str,
    filling: &Filling<'_>,
    priority: Priority,
) -> Result<Vec<Value>, NotFound> {
    let reply = hub.call(operation, filling, priority).await?;
    let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
        return Err(NotFound::Answered(Box::new(reply)));
    };
    let rows = hub.rows(operation, json).map_err(NotFound::Unreadable)?;
    Ok(rows.into_iter().filter(|raw| !raw.is_null()).collect())
}

/// The product of a SKU; `None`: there is none.
async fn find(hub: &Hub, sku: &str, priority: Priority) -> Result<Option<TheirProduct>, NotFound> {
    let rows = rows_named(hub, "listProducts", &Filling::default().query("sku", sku), priority).await?;
    for raw in &rows {
        // A server that ignores an unknown filter answers with any products.
        let (product, _) = translate::product(&hub.profile, raw).map_err(NotFound::Unreadable)?;
        if product.sku.eq_ignore_ascii_case(sku.trim()) {
            let record = translate::canonical(&hub.profile, "product", raw).map_err(NotFound::Unreadable)?;
            let version = record.get("version").filter(|version| !version.is_null()).cloned();
            return Ok(Some(TheirProduct { product, version }));
        }
    }
    Ok(None)
}

/// Makes a product, or brings it up to date.
pub(super) async fn put(hub: &Hub, task: &Task<'_>, draft: &ProductDraft) -> Verdict {
    let what = what(draft);
    let write_id = hub.write_id(task.key);
    let record = body(&hub.profile, draft, &write_id);
    for _ in 0..RACES_MAX {
        let found = match find(hub, &draft.sku, task.priority).await {
            Ok(found) => found,
            Err(error) => return before_write(hub, error, &what, "Products"),
        };
        let reply = match &found {
            Some(found) if draft.facts.holds_in(&found.product.facts()) => {
                return Verdict::AlreadyDone(receipt(&found.product.remote_id, None));
            }
            Some(found) => {
                if hub.profile.operation("updateProduct").is_none() {
                    return Verdict::NeedsPerson(about(
                        hub.by_hand(&format!(
                            "{what}: the connection's profile has no way to change a product. Change it in Orderez by hand."
                        )),
                        draft,
                    ));
                }
                let filling = Filling::default()
                    .path("product_id", &found.product.remote_id)
                    .record(&record)
                    .version(found.version.as_ref());
                hub.write("updateProduct", &filling, &write_id, task.priority).await
            }
            None if draft.product_id.is_some() => {
                let sentence = format!("{what}: Orderez has no product of this SKU any more. Look at it there.");
                return Verdict::NeedsPerson(about(hub.speaker.refusal(Cause::UnknownSku, &sentence), draft));
            }
            None => hub.write("createProduct", &Filling::default().record(&record), &write_id, task.priority).await,
        };
        let reply = match reply {
            Ok(reply) => reply,
            Err(failure) => return failure.into_verdict(),
        };
        match verdicts::means(&hub.profile, &reply) {
            Means::Fine => {
                let made = reply.json.as_ref().and_then(|json| hub.item("createProduct", json).ok());
                let made = made.and_then(|raw| translate::product(&hub.profile, &raw).ok());
                let known = found.map(|found| found.product.remote_id);
                let id = known.or(made.map(|(product, _)| product.remote_id)).unwrap_or_default();
                return Verdict::Done(receipt(&id, Some(&reply)));
            }
            // Somebody was faster, or made it a moment ago: what there is now decides.
            Means::Moved | Means::Taken => {}
            Means::Locked => {
                let sentence = format!("{what}: Orderez does not let this product be changed. Look at it there.");
                let refusal = hub.speaker.refusal_of(&reply, Cause::ContentRefused, &sentence);
                return Verdict::NeedsPerson(about(refusal, draft));
            }
            _ => return verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, &what),
        }
    }
    Verdict::RetryLater(hub.speaker.refusal(
        Cause::PlatformTrouble,
        &format!("{what}: somebody else keeps changing it at the same moment. It is tried again."),
    ))
}

/// Does it hold?
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>, draft: &ProductDraft) -> Confirmation {
    let what = what(draft);
    match find(hub, &draft.sku, task.priority).await {
        Ok(Some(found)) if draft.facts.holds_in(&found.product.facts()) => {
            Confirmation::Holds(receipt(&found.product.remote_id, None))
        }
        // Written once more, it is no second one: the SKU is looked for first.
        Ok(Some(_)) => Confirmation::Absent,
        Ok(None) => absent(hub, task, &what),
        Err(error) => undecided(hub, error, &what, "Products"),
    }
}

/// Our record of a product, for the body: what is not meant is null, and left out.
fn body(profile: &Profile, draft: &ProductDraft, write_id: &str) -> Value {
    let ProductFacts { name, barcode, weight_g, price, active } = &draft.facts;
    let price = price.as_ref().map(
        |price| json!({"amount": compose::money(profile, price.minor, &price.currency), "currency": price.currency.0}),
    );
    json!({
        "sku": draft.sku.trim(),
        "title": name,
        "barcode": barcode,
        "weight_grams": weight_g.map(|grams| grams.round() as i64),
        "price": price,
        "active": active,
        "external_refs": [{"system": SYSTEM, "id": format!("sku:{}", draft.sku.trim())}],
        "source": compose::source(write_id),
    })
}

/// The record a dry run shows: the order's first line as a product.
pub(super) fn example(profile: &Profile, draft: &HubOrderDraft, write_id: &str) -> Value {
    let line = draft.lines.first();
    let price = line.map(|line| quayside_model::Money::new(line.unit_price_minor, draft.currency.clone()));
    let facts = ProductFacts {
        name: line.map(|line| line.name.clone()),
        barcode: line.and_then(|line| line.barcode.clone()),
        weight_g: line.and_then(|line| line.weight_g),
        price,
        active: Some(true),
    };
    let sku = line.map(|line| line.sku.clone()).unwrap_or_default();
    let product = ProductDraft { sku, product_id: None, facts, before: ProductFacts::default() };
    body(profile, &product, write_id)
}

fn what(draft: &ProductDraft) -> String {
    format!("The product {} could not be written", draft.sku)
}

fn about(refusal: Refusal, draft: &ProductDraft) -> Refusal {
    refusal.about(draft.sku.clone())
}

fn receipt(id: &str, reply: Option<&Reply>) -> Receipt {
    Receipt {
        remote_id: Some(id.to_owned()).filter(|id| !id.is_empty()),
        request_id: reply.and_then(|reply| reply.request_id.clone()),
        note: None,
        cost: None,
    }
}

/// The look before the write failed: nothing was changed. `list` is what was looked at.
pub(super) fn before_write(hub: &Hub, error: NotFound, what: &str, list: &str) -> Verdict {
    match error {
        NotFound::Gone => Verdict::NeedsPerson(verdicts::gone(&hub.speaker, what)),
        NotFound::Answered(reply) => {
            let refusal = || verdicts::read_refusal(&hub.profile, &hub.speaker, &reply, list);
            match verdicts::means(&hub.profile, &reply) {
                Means::SignIn => Verdict::SignInAgain(verdicts::sign_in(&hub.speaker, &reply)),
                Means::Trouble => Verdict::RetryLater(refusal()),
                _ => Verdict::NeedsPerson(refusal()),
            }
        }
        NotFound::Unreadable(why) => Verdict::NeedsPerson(unreadable(hub, what, &why)),
        NotFound::NoWay(why) => Verdict::NeedsPerson(hub.no_way(&why)),
        NotFound::Failed(failure) => failure.into_verdict_before_write(),
    }
}

/// The look after a lost answer failed.
pub(super) fn undecided(hub: &Hub, error: NotFound, what: &str, list: &str) -> Confirmation {
    match error {
        NotFound::Gone => Confirmation::Absent,
        NotFound::Answered(reply) => {
            Confirmation::CannotTell(verdicts::read_refusal(&hub.profile, &hub.speaker, &reply, list))
        }
        NotFound::Unreadable(why) => Confirmation::CannotTell(unreadable(hub, what, &why)),
        NotFound::NoWay(why) => Confirmation::CannotTell(hub.no_way(&why)),
        NotFound::Failed(failure) => failure.into_confirmation(),
    }
}

fn unreadable(hub: &Hub, what: &str, why: &str) -> Refusal {
    hub.speaker.refusal(
        Cause::Unreadable,
        &format!("{what}: it came in a form the connection's profile does not fit ({why}). Correct the profile."),
    )
}
