//! Customers, once a day: those with an order to which something happened since the day before; all of them where what is
//! done about them changed.
//!
//! How far that is stands in a note of the store, put down with what was planned: a program that ends half way goes on
//! there, and a computer that slept over several days does in one look what there is to do.

use quayside_flows::Policy;
use quayside_flows::patron::{self, Patron, PatronDecision, Purchase};
use quayside_model::OrderId;
use quayside_store::{Bought, EffectRow, Reader, Store, StoreError};
use std::collections::BTreeSet;

/// Customers of one look: few enough that a person's write never waits long.
const AT_ONCE: usize = 50;
/// Lines of the history of one look; most tell of the same few orders.
const LINES: usize = 500;
/// An e-mail with more orders is no person's: a marketplace's, or the till's.
const ORDERS_MAX: usize = 1_000;
const NOTE: &str = "patrons_looked_at";
/// In the place of a day: none is over yet.
const NO_DAY: &str = "-";

/// How far the look is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    /// What is done about customers.
    word: String,
    /// The last day that is over.
    day: String,
    /// Up to this line of the history.
    lines: i64,
    /// All orders are gone through, up to this one; `None`: only those something happened to.
    orders: Option<i64>,
}

impl Note {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ').map(str::to_owned);
        let (word, day) = (parts.next()?, parts.next()?);
        let lines = parts.next()?.parse().ok()?;
        Some(Self { word, day, lines, orders: parts.next().and_then(|row| row.parse().ok()) })
    }

    fn text(&self) -> String {
        let orders = self.orders.map(|row| format!(" {row}")).unwrap_or_default();
        format!("{} {} {}{orders}", self.word, self.day, self.lines)
    }
}

/// The next few customers that are due; how many changes that planned. `None`: nobody is due today any more.
pub(crate) fn look(store: &Store, policy: &Policy, now_ms: i64) -> Result<Option<usize>, StoreError> {
    let word = patron::word(policy);
    let known = store.read(|r| r.meta(NOTE))?.unwrap_or_default();
    if word.is_empty() {
        if !known.is_empty() {
            // What happens from here on is looked at when it is let go again, with everything else.
            store.write(|tx| tx.put_meta(NOTE, ""))?;
        }
        return Ok(None);
    }
    let today = patron::today(policy, now_ms);
    let mut note = match Note::parse(&known).filter(|note| note.word == word) {
        Some(note) if note.day == today => return Ok(None),
        Some(note) => note,
        None => Note { word, day: NO_DAY.to_owned(), lines: store.read(|r| r.last_event())?, orders: Some(0) },
    };
    let (decided, next) = store.read(|r| {
        let (orders, next) = due(r, &note)?;
        Ok((decide_customers(r, policy, orders, note.orders.is_some(), now_ms)?, next))
    })?;
    let over = next == note;
    note = next;
    if over {
        note.day = today;
        note.orders = None;
    }
    let planned = store.write(|tx| {
        let mut planned = 0;
        for decision in &decided {
            planned += tx.plan_besides(&decision.effects, &decision.overtaken, now_ms)?;
        }
        tx.put_meta(NOTE, &note.text())?;
        Ok(planned)
    })?;
    Ok(Some(planned))
}

/// What is to be done about the customers of these orders, each once. `all`: all orders there are are gone through, and
/// everybody is met at their newest one.
pub fn decide_customers(
    reader: &Reader<'_>,
    policy: &Policy,
    orders: Vec<OrderId>,
    all: bool,
    now_ms: i64,
) -> Result<Vec<PatronDecision>, StoreError> {
    let mut decided = Vec::new();
    let mut seen = BTreeSet::new();
    // Newest first, so that who has several of them is met at the newest.
    for order in orders.into_iter().rev() {
        let Some(email) = reader.email_of(order)? else { continue };
        if !seen.insert(email.clone()) {
            continue;
        }
        let Some(bought) = reader.bought_by(&email, ORDERS_MAX)? else { continue };
        if all && bought.iter().map(|one| one.id).max() != Some(order) {
            continue;
        }
        if let Some(patron) = known_of(reader, &email, bought)? {
            decided.push(patron::decide(&patron, policy, now_ms));
        }
    }
    Ok(decided)
}

/// The orders that are due next, and how far the look is after them; as far as before: that was all.
fn due(reader: &Reader<'_>, note: &Note) -> Result<(Vec<OrderId>, Note), StoreError> {
    let mut next = note.clone();
    if let Some(after) = note.orders {
        let orders = reader.orders_after(OrderId(after), AT_ONCE)?;
        next.orders = orders.last().map_or(Some(after), |last| Some(last.0));
        return Ok((orders, next));
    }
    let mut orders = BTreeSet::new();
    for (line, order) in reader.orders_told_of(note.lines, LINES)? {
        if orders.len() >= AT_ONCE {
            break;
        }
        next.lines = line;
        orders.extend(order);
    }
    Ok((orders.into_iter().collect(), next))
}

/// All that is known of a customer.
fn known_of(reader: &Reader<'_>, email: &str, bought: Vec<Bought>) -> Result<Option<Patron>, StoreError> {
    let Some(key) = patron::key(email) else { return Ok(None) };
    let mut kept_in = Vec::new();
    // Newest first: nearly always the first one says it.
    for one in &bought {
        let changes = reader.effects_of(one.id)?.into_iter().map(EffectRow::past);
        kept_in.extend(changes.filter(|change| patron::keeps(change, &key)).map(|change| change.connection));
        if !kept_in.is_empty() {
            break;
        }
    }
    let past = reader.effects_called(&format!("{key}:"))?.into_iter().map(EffectRow::past).collect();
    let purchases = bought
        .into_iter()
        .map(|one| Purchase { order_id: one.id, store: one.store, order: one.order, parcels: one.parcels })
        .collect();
    Ok(Some(Patron { key, purchases, kept_in, past }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use quayside_model::time::DAY_MS;
    use quayside_model::{
        ConnectionConfig, ConnectionId, Customer, EffectState, Incoming, Intent, IntentKind, Mode, Order,
        PlannedEffect, Receipt, Record, RecordDraft, RecordNoun,
    };
    use quayside_store::{AutomationRow, NewEvent, Settlement};
    use std::collections::BTreeMap;

    const NOW: i64 = 1_800_000_000_000;
    const MAIL: &str = "ingrid@mail.example";

    fn shop() -> ConnectionId {
        ConnectionId::new("shop")
    }

    fn crm() -> ConnectionId {
        ConnectionId::new("crm")
    }

    fn config(id: ConnectionId, platform: &str, settings: &[(&str, &str)]) -> ConnectionConfig {
        ConnectionConfig {
            name: id.to_string(),
            id,
            platform: platform.into(),
            way: String::new(),
            fields: BTreeMap::new(),
            base_url: None,
            account: quayside_model::Account::default(),
            settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
            paused: false,
            created_at_ms: 0,
        }
    }

    fn order(n: i64, email: &str) -> Order {
        Order {
            remote_id: n.to_string(),
            number: format!("#{n}"),
            placed_at_ms: NOW - DAY_MS + n,
            updated_at_ms: 1,
            cancelled_at_ms: None,
            cancel_reason: None,
            closed_at_ms: None,
            test: false,
            payment: quayside_model::Payment::Paid,
            delivery: quayside_model::Delivery::Shipping,
            risk: None,
            currency: quayside_model::Currency::new("EUR"),
            subtotal_minor: 0,
            discount_minor: 0,
            shipping_minor: 0,
            tax_minor: 0,
            total_minor: 1_000,
            current_total_minor: 1_000,
            refunded_minor: None,
            taxes_included: true,
            customer: Some(Customer { email: email.into(), ..Customer::default() }),
            ship_to: None,
            bill_to: None,
            shipping: None,
            lines: vec![],
            fulfillment_orders: vec![],
            fulfillments: vec![],
            note: String::new(),
            gift_message: String::new(),
            tags: vec![],
            attributes: vec![],
            deliver_by_ms: None,
            ship_by_ms: None,
            sold_on: None,
            admin_url: None,
        }
    }

    /// A desk whose history of customers is on, with nobody in it.
    fn desk() -> (Store, Policy) {
        let store = Store::in_memory();
        let policy = store
            .write(|tx| {
                tx.put_connection(&config(shop(), "shopify", &[]))?;
                tx.put_connection(&config(crm(), "salesforce", &[("history_fields", "orders=Orders__c")]))?;
                let settings = serde_json::json!({});
                tx.put_automation(&AutomationRow {
                    id: "customer_history".into(),
                    mode: Mode::Auto,
                    go_live_ms: None,
                    settings,
                })?;
                crate::policy::load(tx)
            })
            .unwrap();
        (store, policy)
    }

    fn take_in(store: &Store, policy: &Policy, order: &Order) -> OrderId {
        let incoming = Incoming { record: Record::Order(order.clone()), raw: "{}".into() };
        store
            .write(|tx| {
                tx.put_record(&shop(), &incoming, NOW)?;
                let (id, _) = tx.order_for(&shop(), order, NOW)?;
                crate::redecide(tx, policy, id, NOW)?;
                tx.note(&NewEvent {
                    order_id: Some(id),
                    connection: Some(shop()),
                    at_ms: NOW,
                    author: "shop".into(),
                    kind: "read".into(),
                    sentence: "Received".into(),
                    detail: None,
                })?;
                Ok(id)
            })
            .unwrap()
    }

    /// The account answered that it keeps whoever has this e-mail.
    fn kept(store: &Store, order: OrderId, email: &str) {
        let record = RecordDraft {
            noun: RecordNoun::Customer,
            object: String::new(),
            external_id_field: String::new(),
            external_id: patron::key(email).unwrap(),
            fields: vec![("name".into(), "\"Ingrid\"".into())],
        };
        let effect = PlannedEffect {
            key: format!("shop-{order}:put_record:customer:0"),
            automation: "customers_to_records".into(),
            connection: crm(),
            intent: Intent::PutRecord { record },
            mode: Mode::Auto,
            ship_by_ms: None,
            sentence: "Keep a customer".into(),
        };
        store
            .write(|tx| {
                tx.plan_besides(&[(order, effect)], &[], NOW)?;
                for claimed in tx.claim(&crm(), NOW, &|_: IntentKind| 10)? {
                    let settlement = Settlement::Done { receipt: Receipt::default(), already: false };
                    assert!(tx.settle(claimed.id, &settlement, NOW, 1)?);
                }
                Ok(())
            })
            .unwrap();
    }

    /// Everything that is due at a moment; how many changes that planned.
    fn all(store: &Store, policy: &Policy, now_ms: i64) -> usize {
        let mut planned = 0;
        for _ in 0..100 {
            match look(store, policy, now_ms).unwrap() {
                Some(some) => planned += some,
                None => return planned,
            }
        }
        panic!("it comes to an end");
    }

    fn histories(store: &Store, email: &str) -> Vec<(EffectState, String)> {
        let key = format!("{}:", patron::key(email).unwrap());
        let effects = store.read(|r| r.effects_called(&key)).unwrap();
        effects
            .into_iter()
            .map(|effect| match &effect.intent {
                Intent::PutRecord { record } => (effect.state, record.fact("orders").unwrap_or_default()),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_day_without_change_plans_nothing_and_a_day_with_one_looks_at_that_customer() {
        let (store, policy) = desk();
        for n in 1..=120 {
            take_in(&store, &policy, &order(n, &format!("somebody{n}@mail.example")));
        }
        let first = take_in(&store, &policy, &order(121, MAIL));
        let second = take_in(&store, &policy, &order(122, "Ingrid@MAIL.example"));
        kept(&store, first, MAIL);
        assert_eq!(all(&store, &policy, NOW), 1, "nobody else is kept there");
        assert_eq!(histories(&store, MAIL), [(EffectState::Pending, "2".to_owned())]);
        let of = store.read(|r| r.effects_called(&format!("{}:", patron::key(MAIL).unwrap()))).unwrap();
        assert_eq!(of[0].order_id, Some(second), "it belongs to the newest order");
        // The same day, and the next ones, asleep in between or not.
        take_in(&store, &policy, &order(121, MAIL));
        for later_ms in [1, DAY_MS, DAY_MS + 1, 9 * DAY_MS] {
            assert_eq!(all(&store, &policy, NOW + later_ms), 0, "{later_ms}");
        }
        // She buys again: once a day, and what waits gives way.
        take_in(&store, &policy, &order(123, MAIL));
        assert_eq!(all(&store, &policy, NOW + 9 * DAY_MS), 0, "tomorrow");
        assert_eq!(all(&store, &policy, NOW + 10 * DAY_MS), 1);
        let both = [(EffectState::Skipped, "2".to_owned()), (EffectState::Pending, "3".to_owned())];
        assert_eq!(histories(&store, MAIL), both);
    }

    #[test]
    fn switched_off_and_on_again_everybody_is_looked_at_and_nothing_is_said_twice() {
        let (store, policy) = desk();
        let only = take_in(&store, &policy, &order(1, MAIL));
        kept(&store, only, MAIL);
        assert_eq!(all(&store, &policy, NOW), 1);
        let mut off = policy.clone();
        off.automations.get_mut("customer_history").unwrap().mode = Mode::Off;
        assert_eq!(look(&store, &off, NOW + DAY_MS).unwrap(), None);
        take_in(&store, &policy, &order(2, MAIL));
        assert_eq!(look(&store, &off, NOW + 2 * DAY_MS).unwrap(), None);
        assert_eq!(all(&store, &policy, NOW + 2 * DAY_MS), 1, "at once, and not tomorrow");
        assert_eq!(histories(&store, MAIL).len(), 2);
    }

    #[test]
    fn a_buyer_who_asked_to_be_forgotten_is_not_looked_at() {
        let (store, policy) = desk();
        let only = take_in(&store, &policy, &order(1, MAIL));
        take_in(&store, &policy, &order(2, MAIL));
        kept(&store, only, MAIL);
        assert!(store.read(|r| r.bought_by(MAIL, 10)).unwrap().is_some_and(|all| all.len() == 2));
        assert_eq!(store.read(|r| r.bought_by(MAIL, 1)).unwrap(), None, "nobody buys so often");
        store.write(|tx| tx.ask_to_forget(&[only], None, &[7; 32], NOW)).unwrap();
        assert_eq!(store.read(|r| r.bought_by(MAIL, 10)).unwrap(), None);
        assert_eq!(all(&store, &policy, NOW), 0);
        assert_eq!(histories(&store, MAIL), []);
    }

    #[test]
    fn how_far_it_is_is_read_as_it_was_written() {
        for orders in [None, Some(0), Some(7)] {
            let note = Note { word: "abc".into(), day: "2026-11-20".into(), lines: 9, orders };
            assert_eq!(Note::parse(&note.text()), Some(note.clone()), "{orders:?}");
        }
        for text in ["", "abc", "abc 2026-11-20", "abc 2026-11-20 many"] {
            assert_eq!(Note::parse(text), None, "{text}");
        }
    }
}
