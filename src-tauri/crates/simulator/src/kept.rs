//! What an account that keeps records holds, and what marketplaces were told besides, beside what happened.
//!
//! Judged by the parcels that left and by the people who bought, not by what the desk believes it wrote. Left out: orders
//! a person is being told about, what happened within the last hours, cancelled orders, and buyers whose marketplace
//! wants them forgotten.

use crate::oracle::{Told, Verdicts, how_it_went, order_of_key};
use quayside_model::time::HOUR_MS;
use quayside_model::{ConnectionId, Record, RecordKind};
use quayside_sandbox::Sandbox;
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::Shop;
use quayside_sandbox::merchant::truth::OrderTruth;
use quayside_sandbox::salesforce::Salesforce;
use quayside_sandbox::salesforce::state::State;
use quayside_store::{Store, StoreError};
use std::any::Any;
use std::collections::BTreeMap;

const SETTLED_MS: i64 = 6 * HOUR_MS;

/// Our ids of people and of events there.
const CONTACT_ID: &str = "Quayside_Contact_Id__c";
const EVENT_ID: &str = "Quayside_Event_Id__c";
const CASE_ID: &str = "Quayside_Exception_Id__c";

pub(crate) fn judge(
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    acknowledged(sandbox, store, told, now_ms, verdicts);
    let orgs: Vec<(&str, &Salesforce)> =
        sandbox.shops.iter().filter_map(|shop| Some((shop.account(), of::<Salesforce>(shop.as_ref())?))).collect();
    // With several, which of them keeps an order's records is a setting that no simulated merchant makes.
    let [(own, org)] = orgs.as_slice() else { return Ok(()) };
    let judged = |id: &str, truth: &OrderTruth| {
        truth.account != *own && truth.belongs_at_hub() && truth.cancelled_at_ms.is_none() && !told.contains_key(id)
    };
    cases(org.state(), verdicts);
    parcels(sandbox, store, org.state(), &judged, now_ms, verdicts);
    people(sandbox, store, org.state(), &judged, now_ms, verdicts)
}

fn of<T: Any>(shop: &dyn Shop) -> Option<&T> {
    let any: &dyn Any = shop;
    any.downcast_ref()
}

/// Text of a field for every record of an object that has an id of ours: id, text.
fn ours<'a>(
    state: &'a State,
    object: &'a str,
    key: &'a str,
    field: &'a str,
) -> impl Iterator<Item = (String, String)> + 'a {
    let live = state.of(object).filter(|record| !record.deleted);
    live.map(move |record| (state.text(&record.id, key), state.text(&record.id, field)))
        .filter(|(id, _)| !id.is_empty())
}

/// A parcel in trouble is in one case of its kind, not in two.
fn cases(state: &State, verdicts: &mut Verdicts) {
    let mut named: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (id, text) in ours(state, "Case", CASE_ID, "Description") {
        let kind = id.split('/').take(2).collect::<Vec<_>>().join("/");
        let numbers = text.lines().filter_map(|line| line.strip_prefix("Tracking numbers: "));
        for number in numbers.flat_map(|all| all.split(", ")) {
            *named.entry((kind.clone(), number.to_owned())).or_default() += 1;
        }
    }
    for ((kind, number), cases) in named.into_iter().filter(|(_, cases)| *cases > 1) {
        verdicts.doubled.add(|| format!("{kind}: {cases} cases name the parcel {number}"));
    }
}

/// A record per parcel that left, which says what became of it.
fn parcels(
    sandbox: &Sandbox,
    store: &Store,
    state: &State,
    judged: &dyn Fn(&str, &OrderTruth) -> bool,
    now_ms: i64,
    verdicts: &mut Verdicts,
) {
    let written: Vec<(String, String)> = ours(state, "Task", EVENT_ID, "Description").collect();
    for parcel in sandbox.truth.parcels.iter().filter(|parcel| now_ms - parcel.at_ms > SETTLED_MS) {
        for (id, truth) in parcel.order_keys.iter().filter_map(|key| order_of_key(&sandbox.truth, key)) {
            if !judged(id, truth) {
                continue;
            }
            let tail = format!("-{}/", id.rsplit('/').next().unwrap_or(id));
            let of_it: Vec<&str> = written
                .iter()
                .filter(|(key, text)| key.contains(&tail) && text.contains(&parcel.tracking))
                .map(|(_, text)| text.as_str())
                .collect();
            let (name, number) = (&truth.name, &parcel.tracking);
            let voided_ms = parcel.voided_at_ms;
            match (of_it.as_slice(), voided_ms) {
                // What was voided before anybody wrote of it is nobody's news.
                ([], Some(_)) => {}
                ([], None) => verdicts.lost.add(|| {
                    format!("{name} ({id}): no record of the parcel {number}; {}", how_it_went(sandbox, store, id))
                }),
                ([text], _) => {
                    let says = text.contains("State: Voided");
                    if says != voided_ms.is_some() && voided_ms.is_none_or(|at_ms| now_ms - at_ms > SETTLED_MS) {
                        verdicts.wrong.add(|| {
                            format!(
                                "{name} ({id}): the record of the parcel {number} (voided {voided_ms:?}) says {text:?}"
                            )
                        });
                    }
                }
                (several, _) => {
                    verdicts.doubled.add(|| format!("{name} ({id}): {} records of the parcel {number}", several.len()));
                }
            }
        }
    }
}

/// One contact for everybody who bought for themselves, found by the e-mail.
fn people(
    sandbox: &Sandbox,
    store: &Store,
    state: &State,
    judged: &dyn Fn(&str, &OrderTruth) -> bool,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    let mut contacts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, email) in ours(state, "Contact", CONTACT_ID, "Email").filter(|(_, email)| !email.is_empty()) {
        *contacts.entry(email.to_lowercase()).or_default() += 1;
    }
    for (email, n) in contacts.iter().filter(|(_, n)| **n > 1) {
        verdicts.doubled.add(|| format!("{n} contacts of ours have the e-mail {email}"));
    }
    for (id, truth) in &sandbox.truth.orders {
        let rests = truth.paid_at_ms.is_some_and(|at_ms| now_ms - at_ms > SETTLED_MS)
            && truth.edited_at_ms.is_none_or(|at_ms| now_ms - at_ms > SETTLED_MS);
        if !judged(id, truth) || !rests {
            continue;
        }
        let account = ConnectionId::new(&truth.account);
        let Some(Record::Order(order)) = store.read(|r| r.record(&account, RecordKind::Order, id))? else { continue };
        let forgets = store
            .read(|r| r.connection(&account))?
            .and_then(|config| quayside_connectors::platform(&config.platform))
            .is_none_or(|platform| platform.declaration.personal_data_days.is_some());
        let Some((buyer, address)) = order.customer.as_ref().zip(order.ship_to.as_ref()).filter(|_| !forgets) else {
            continue;
        };
        // A copy of a marketplace's sale is that marketplace's; a present goes to somebody without an e-mail.
        if order.sold_on.is_some() || buyer.email.is_empty() || buyer.name != address.name {
            continue;
        }
        if !contacts.contains_key(&buyer.email.to_lowercase()) {
            verdicts.lost.add(|| {
                let how = how_it_went(sandbox, store, id);
                format!("{} ({id}): its buyer {} is no contact; {how}", truth.name, buyer.email)
            });
        }
    }
    Ok(())
}

/// Who asks to be told that an order was taken in is told once.
fn acknowledged(sandbox: &Sandbox, store: &Store, told: &Told, now_ms: i64, verdicts: &mut Verdicts) {
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in sandbox.ledger.of("order_acknowledged").filter(|entry| entry.by == By::Client) {
        *said.entry(entry.subject.as_str()).or_default() += 1;
    }
    for (order, n) in said.iter().filter(|(_, n)| **n > 1) {
        verdicts.doubled.add(|| format!("{order} was acknowledged {n} times, under different numbers"));
    }
    let asks: Vec<&str> =
        sandbox.shops.iter().filter(|shop| of::<Amazon>(shop.as_ref()).is_some()).map(|shop| shop.account()).collect();
    for entry in sandbox.ledger.of("order_created").filter(|entry| entry.by == By::Client) {
        let key = entry.key.as_deref().unwrap_or_default();
        let Some((id, truth)) = order_of_key(&sandbox.truth, key) else { continue };
        let settled = now_ms - entry.at_ms > SETTLED_MS;
        if settled
            && asks.contains(&truth.account.as_str())
            && truth.belongs_at_hub()
            && !told.contains_key(id)
            && !said.contains_key(id.as_str())
        {
            verdicts.lost.add(|| {
                let how = how_it_went(sandbox, store, id);
                format!("{} ({id}) was taken in and never acknowledged; {how}", truth.name)
            });
        }
    }
}
