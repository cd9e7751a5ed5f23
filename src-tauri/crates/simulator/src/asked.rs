//! What nobody takes back, counted from the other side beside what was asked for: money that was given back or written down as
//! given back, and customers that were made. Never more often than a change was sent for it, never more money than was asked.
//!
//! Left out: letters, for no stand-in takes mail (`connectors/src/smtp_mail` counts them), and products, of which a hub that
//! makes them refuses a second one itself; that none is missing shows in what is packed.

use crate::oracle::{Count, Verdicts, order_of_key};
use quayside_model::{ConnectionId, Intent, OrderId, PastEffect};
use quayside_sandbox::Sandbox;
use quayside_sandbox::ledger::{By, Entry};
use quayside_store::{Store, StoreError};
use std::collections::BTreeMap;

/// As much as a store likes.
const UNSAID_MINOR: i64 = i64::MAX / 1_024;

/// Times and money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    times: usize,
    minor: i64,
}

impl Sum {
    fn add(&mut self, minor: i64) {
        self.times += 1;
        self.minor += minor;
    }
}

pub(crate) fn judge(sandbox: &Sandbox, store: &Store, verdicts: &mut Verdicts) -> Result<(), StoreError> {
    let by_us: Vec<&Entry> = sandbox.ledger.entries.iter().filter(|entry| entry.by == By::Client).collect();
    for ((account, order), done) in given_back(&by_us) {
        let account = ConnectionId::new(account);
        let id = store.read(|r| r.order_id(&account, order))?;
        let asked = asked(store, id, |effect| match &effect.intent {
            Intent::Refund { refund } => Some(refund.total_minor),
            // Where a store gives back what was paid with a cancellation, it says how much.
            Intent::CancelChannelOrder { .. } => Some(UNSAID_MINOR),
            _ => None,
        })?;
        compare(&format!("{account}: {order}: money was given back"), done, asked, verdicts);
    }
    for ((account, hub_order, key), done) in written_down(&by_us) {
        let known = order_of_key(&sandbox.truth, key);
        let Some((remote_id, truth)) = known else { continue };
        let id = store.read(|r| r.order_id(&ConnectionId::new(&truth.account), remote_id))?;
        let asked = asked(store, id, |effect| match &effect.intent {
            Intent::RecordRefund { hub_order_id, .. } if hub_order_id == hub_order => Some(0),
            _ => None,
        })?;
        compare(&format!("{account}: {hub_order}: a refund was written down"), done, asked, verdicts);
    }
    customers(&by_us, &mut verdicts.doubled);
    Ok(())
}

/// What was sent for an order, by what it comes to.
fn asked(
    store: &Store,
    order: Option<OrderId>,
    comes_to: impl Fn(&PastEffect) -> Option<i64>,
) -> Result<Sum, StoreError> {
    let mut sum = Sum::default();
    let Some(order) = order else { return Ok(sum) };
    let story = store.read(|r| r.story(order))?;
    let sent = story.iter().flat_map(|story| &story.effects).filter(|effect| effect.first_sent_at_ms.is_some());
    sent.filter_map(comes_to).for_each(|minor| sum.add(minor));
    Ok(sum)
}

fn compare(what: &str, done: Sum, asked: Sum, verdicts: &mut Verdicts) {
    if done.times > asked.times {
        verdicts.doubled.add(|| format!("{what} {} times, and was sent {} times", done.times, asked.times));
    } else if done.minor > asked.minor {
        verdicts.wrong.add(|| format!("{what}, {} in all, and {} were asked for", done.minor, asked.minor));
    }
}

/// Refunds that arrived at stores, by account and order.
fn given_back<'a>(by_us: &[&'a Entry]) -> BTreeMap<(&'a str, &'a str), Sum> {
    let mut sums: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
    for entry in by_us.iter().filter(|entry| matches!(entry.effect.as_str(), "refund_created" | "order_refunded")) {
        let Some(order) = entry.detail["orderId"].as_str() else { continue };
        let minor = entry.detail["minor"].as_i64().or(entry.detail["totalMinor"].as_i64()).unwrap_or_default();
        sums.entry((&entry.account, order)).or_default().add(minor);
    }
    sums
}

/// Refunds that were written into a hub's books, by account, its order and our key on that.
fn written_down<'a>(by_us: &[&'a Entry]) -> BTreeMap<(&'a str, &'a str, &'a str), Sum> {
    let mut sums: BTreeMap<(&str, &str, &str), Sum> = BTreeMap::new();
    for entry in by_us.iter().filter(|entry| entry.effect == "refund_recorded") {
        let Some(key) = entry.key.as_deref() else { continue };
        sums.entry((&entry.account, &entry.subject, key)).or_default().add(0);
    }
    sums
}

/// One person is one customer: the desk looks for a mail address before it makes one.
fn customers(by_us: &[&Entry], doubled: &mut Count) {
    let mut made: BTreeMap<(&str, String), &str> = BTreeMap::new();
    for entry in by_us.iter().filter(|entry| entry.effect == "customer_created") {
        let mail = entry.detail["email"].as_str().unwrap_or_default().trim().to_lowercase();
        if mail.is_empty() {
            continue;
        }
        if let Some(first) = made.insert((&entry.account, mail), &entry.subject) {
            doubled.add(|| {
                format!("{}: customer {} was made beside {first}, with one address", entry.account, entry.subject)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn entry(effect: &str, subject: &str, detail: Value) -> Entry {
        Entry {
            at_ms: 0,
            platform: "any".into(),
            account: "shop".into(),
            effect: effect.into(),
            subject: subject.into(),
            key: Some("cafe0001-1".into()),
            detail,
            by: By::Client,
        }
    }

    #[test]
    fn more_than_was_asked_for_is_doubled_and_more_money_is_wrong() {
        let refund = |minor: i64| entry("refund_created", "r", json!({ "orderId": "1", "minor": minor }));
        for (done, asked, doubled, wrong) in [
            (vec![], vec![], 0, 0),
            (vec![500], vec![500], 0, 0),
            (vec![500], vec![500, 500], 0, 0),
            (vec![500, 500], vec![500], 1, 0),
            (vec![500], vec![], 1, 0),
            (vec![501], vec![500], 0, 1),
            (vec![500, 300], vec![500, 300], 0, 0),
        ] {
            let entries: Vec<Entry> = done.iter().map(|minor| refund(*minor)).collect();
            let by_us: Vec<&Entry> = entries.iter().collect();
            let mut sent = Sum::default();
            for minor in &asked {
                sent.add(*minor);
            }
            let mut verdicts = Verdicts::default();
            let sums = given_back(&by_us);
            for done in sums.into_values() {
                compare("it", done, sent, &mut verdicts);
            }
            assert_eq!((verdicts.doubled.n, verdicts.wrong.n), (doubled, wrong), "{done:?} of {asked:?}");
        }
    }

    #[test]
    fn a_marketplaces_refund_and_a_hubs_books_are_read_as_well() {
        let entries = [
            entry("order_refunded", "1", json!({ "orderId": "1", "totalMinor": 700 })),
            entry("refund_recorded", "ord_1", json!({})),
            entry("refund_recorded", "ord_1", json!({})),
            entry("order_updated", "ord_1", json!({ "orderId": "1", "minor": 700 })),
        ];
        let by_us: Vec<&Entry> = entries.iter().collect();
        assert_eq!(given_back(&by_us).into_values().collect::<Vec<_>>(), [Sum { times: 1, minor: 700 }]);
        assert_eq!(written_down(&by_us).into_values().collect::<Vec<_>>(), [Sum { times: 2, minor: 0 }]);
    }

    #[test]
    fn two_customers_with_one_address_are_one_too_many() {
        for (mails, doubled) in [
            (["jane@mail.test", "jane@mail.test"], 1),
            (["jane@mail.test", "JANE@mail.test "], 1),
            (["jane@mail.test", "jim@mail.test"], 0),
            (["", ""], 0),
        ] {
            let entries = mails.map(|mail| entry("customer_created", mail, json!({ "email": mail })));
            let mut count = Count::default();
            customers(&entries.iter().collect::<Vec<_>>(), &mut count);
            assert_eq!(count.n, doubled, "{mails:?}");
        }
    }
}
