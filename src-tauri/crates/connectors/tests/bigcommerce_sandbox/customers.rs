//! What the store's customers tell of the buyers of orders, and that nothing waits for it.

use super::common::{Talk, World, check_stream, names_what_it_disables, read_to_end};
use super::reading::ids;
use super::traps::{profile, scripted};
use super::*;
use quayside_connectors::{Ask, Connector};
use quayside_model::{CheckState, Clock, Page};
use quayside_sandbox::bigcommerce::state::Customer;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ADA: i64 = 7_700_001;
const BO: i64 = 7_700_002;
const CY: i64 = 7_700_003;
const WHOLESALE: i64 = 3;

/// Somebody with an account.
pub(crate) fn known(world: &World, id: i64, group: i64, notes: &str, category: &str) {
    let customer = Customer {
        id,
        email: format!("buyer-{id}@mail.example"),
        first_name: "Ada".into(),
        last_name: "King".into(),
        group,
        notes: notes.into(),
        tax_exempt_category: category.into(),
        changed_ms: NOW_MS - DAY_MS,
    };
    staff(world, |store, _| store.state.customers.insert(id, customer));
}

pub(crate) fn bought_by(world: &World, customer: i64) -> String {
    place_draft(world, OrderDraft { customer, ..draft(vec![LineDraft::of("MUG", 1_500, 1)]) })
}

fn orders_of(found: Vec<Incoming>) -> Vec<Order> {
    found
        .into_iter()
        .map(|one| match one.record {
            Record::Order(order) => order,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Group, notes and tax exemption of an order.
pub(crate) fn told(order: &Order) -> [Option<&str>; 3] {
    ["customer_group", "customer_notes", "tax_exempt_category"]
        .map(|name| order.attributes.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str()))
}

fn asked<'a>(talk: &'a [Talk], end: &'a str) -> Vec<&'a Talk> {
    talk.iter().filter(|one| url::Url::parse(&one.url).unwrap().path().ends_with(end)).collect()
}

/// The ids a call asked for.
fn asked_ids(talk: &Talk) -> BTreeSet<i64> {
    let url = url::Url::parse(&talk.url).unwrap();
    let list = url.query_pairs().find(|(name, _)| name == "id:in").map(|(_, list)| list.into_owned());
    list.expect("nobody is asked for without an id").split(',').map(|id| id.parse().unwrap()).collect()
}

/// Three customers and a guest.
fn four(make: fn() -> World) -> World {
    let world = make();
    known(&world, ADA, WHOLESALE, "Wants the invoice in the parcel", "Reseller");
    known(&world, BO, 0, "", "");
    known(&world, CY, 77, "", "Charity");
    for customer in [ADA, BO, CY, 0] {
        bought_by(&world, customer);
    }
    world
}

const ADAS: [Option<&str>; 3] = [Some("Wholesale"), Some("Wants the invoice in the parcel"), Some("Reseller")];

#[tokio::test]
async fn what_only_customers_tell_stands_on_their_orders() {
    let world = four(quiet);
    let orders = orders_of(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await);
    let found: Vec<_> = orders.iter().map(told).collect();
    // A group nobody names is its number.
    assert_eq!(found, [ADAS, [None; 3], [Some("77"), None, Some("Charity")], [None; 3]]);
    // Read by its id, it says the same.
    for order in &orders {
        assert_eq!(read_order(&world, &order.remote_id).await, *order);
    }
    // Names and addresses are the order's own: the customer is called otherwise.
    assert_eq!(orders[0].customer.as_ref().unwrap().name, "Søren Groß");
    assert_eq!(orders_of(read_to_end(&world, "open_orders", &mut None, NOW_MS - DAY_MS).await).len(), 4);
}

#[tokio::test]
async fn every_part_of_an_order_is_its_buyers() {
    let world = quiet();
    known(&world, ADA, WHOLESALE, "Wants the invoice in the parcel", "Reseller");
    let id = place_draft(&world, OrderDraft { customer: ADA, ..effects::two_doors() });
    let parts = orders_of(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await);
    assert_eq!(parts.len(), 2);
    for part in &parts {
        assert_eq!(told(part), ADAS, "{}", part.number);
    }
    assert_eq!(told(&read_order(&world, &second_part(&world, &id)).await), ADAS);
}

#[tokio::test]
async fn guests_cause_no_call() {
    let world = quiet();
    known(&world, ADA, WHOLESALE, "", "");
    for _ in 0..3 {
        bought_by(&world, 0);
    }
    assert_eq!(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await.len(), 3);
    read_order(&world, "101").await;
    let talk = world.talk();
    assert!(asked(&talk, "/customers").is_empty() && asked(&talk, "/customer_groups").is_empty());
}

/// What `fewest.rs` of the simulator says of an import: two calls for 250 orders.
#[tokio::test]
async fn a_list_of_orders_costs_one_call_for_its_buyers() {
    const ORDERS: usize = 700;
    let world = quiet();
    let buyers: Vec<i64> = (ADA..).take(ORDERS).collect();
    for id in &buyers {
        known(&world, *id, WHOLESALE, "", "");
        // So that no two pages share a second.
        world.clock.advance(1_000);
        let now_ms = world.clock.now_ms();
        world.sandbox.lock().unwrap().advance(now_ms);
        bought_by(&world, *id);
    }
    // Has an account and bought nothing.
    let nobody = ADA - 1;
    known(&world, nobody, WHOLESALE, "", "");
    world.clock.advance(60_000);
    let orders = orders_of(read_to_end(&world, "orders", &mut None, NOW_MS - DAY_MS).await);
    assert_eq!(orders.len(), ORDERS);
    assert!(orders.iter().all(|order| told(order) == [Some("Wholesale"), None, None]));
    let talk = world.talk();
    let (lists, customers) = (asked(&talk, "/orders").len(), asked(&talk, "/customers"));
    assert!(customers.len() <= lists, "{} calls for {lists} lists", customers.len());
    // The first lists ask for fewer rows.
    assert!(lists <= ORDERS / 250 + 3, "{lists} lists");
    let wanted: Vec<i64> = customers.iter().flat_map(|one| asked_ids(one)).collect();
    let unique: BTreeSet<i64> = wanted.iter().copied().collect();
    assert_eq!(unique, buyers.into_iter().collect(), "buyers of orders, and nobody else");
    assert!(customers.iter().all(|one| !String::from_utf8_lossy(&one.answer).contains(&nobody.to_string())));
    assert_eq!(asked(&talk, "/customer_groups").len(), 1);
    // Read again: nothing changed, nobody is asked for.
    let before = customers.len();
    let mut cursor = None;
    read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    let calls = asked(&world.talk(), "/customers").len();
    read_to_end(&world, "orders", &mut cursor, NOW_MS - DAY_MS).await;
    assert!(calls > before, "a scan from the beginning asks again");
    assert_eq!(asked(&world.talk(), "/customers").len(), calls);
}

fn orders_after(cursor: Option<&Value>) -> Ask<'_> {
    Ask { stream: "orders", cursor, next: None, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll }
}

#[tokio::test]
async fn without_the_permission_orders_are_read_just_the_same() {
    let make = || quiet_with(BigPlan::harbour_depot().without("store_v2_customers"));
    let world = four(make);
    let connector = world.open();
    let page = connector.read(&orders_after(None)).await.unwrap();
    assert_eq!((page.records.len(), page.unreadable.len()), (4, 0));
    assert!(orders_of(page.records).iter().all(|order| told(order) == [None; 3]));
    // Asked once, and not again with every page and every order.
    bought_by(&world, ADA);
    assert_eq!(connector.read(&orders_after(Some(&page.cursor))).await.unwrap().records.len(), 1);
    connector.read_one(RecordKind::Order, "101", Priority::Person).await.unwrap().unwrap();
    let talk = world.talk();
    let tried: Vec<u16> = asked(&talk, "/customers").iter().map(|one| one.status).collect();
    assert_eq!(tried, [403]);
    // The checklist says what is not to be had, and nothing else is.
    let preflight = world.open().preflight().await;
    names_what_it_disables(&preflight);
    assert!(preflight.can_connect());
    let row = preflight.checks.iter().find(|check| check.title == "Customers of orders").unwrap();
    assert_eq!(row.state, CheckState::Limited);
    assert!(row.detail.contains("Customers: read-only"), "{}", row.detail);
    assert!(row.disables.iter().any(|what| what.contains("customer groups")), "{:?}", row.disables);
    let with = quiet().open().preflight().await;
    let row = with.checks.iter().find(|check| check.title == "Customers of orders").unwrap();
    assert_eq!(row.state, CheckState::Works);
}

/// Whatever fails once, no order is read without what its customer tells.
#[tokio::test]
async fn no_single_failure_takes_a_customer_off_an_order() {
    check_stream(
        || four(quiet),
        "orders",
        NOW_MS - DAY_MS,
        |_, found| {
            assert_eq!(ids(found).len(), 4);
            for order in orders_of(found.to_vec()) {
                let of_ada = order.customer.as_ref().and_then(|one| one.remote_id.as_deref()) == Some("7700001");
                assert_eq!(told(&order) == ADAS, of_ada, "{}: {:?}", order.number, order.attributes);
            }
        },
    )
    .await;
}

/// The group on an order, read by this connector.
async fn group_of(connector: &Arc<dyn Connector>, id: &str) -> Option<String> {
    let read = connector.read_one(RecordKind::Order, id, Priority::Person).await;
    let Ok(Some(Incoming { record: Record::Order(order), .. })) = read else { panic!("{read:?}") };
    told(&order)[0].map(str::to_owned)
}

#[tokio::test]
async fn a_renamed_group_shows_with_the_orders_next_reading() {
    let world = quiet();
    known(&world, ADA, WHOLESALE, "", "");
    let id = bought_by(&world, ADA);
    let connector = world.open();
    assert_eq!(group_of(&connector, &id).await.as_deref(), Some("Wholesale"));
    staff(&world, |store, _| store.state.groups[0].1 = "Trade".into());
    // The names are read once and believed for a while.
    assert_eq!(group_of(&connector, &id).await.as_deref(), Some("Wholesale"));
    assert_eq!(asked(&world.talk(), "/customer_groups").len(), 1);
    world.clock.advance(2 * HOUR_MS);
    assert_eq!(group_of(&connector, &id).await.as_deref(), Some("Trade"));
    // A new one is asked about at once.
    staff(&world, |store, _| {
        store.state.groups.push((8, "Museums".into()));
        store.state.customers.get_mut(&ADA).unwrap().group = 8;
    });
    assert_eq!(group_of(&connector, &id).await.as_deref(), Some("Museums"));
    assert_eq!(asked(&world.talk(), "/customer_groups").len(), 3);
    // One that is in no list is asked about once.
    staff(&world, |store, _| store.state.customers.get_mut(&ADA).unwrap().group = 99);
    for _ in 0..3 {
        assert_eq!(group_of(&connector, &id).await.as_deref(), Some("99"));
    }
    assert_eq!(asked(&world.talk(), "/customer_groups").len(), 4);
}

/// An order of customer 7 or 8, as a list sends it.
pub(crate) fn row(id: i64, customer: i64) -> Value {
    json!({"id": id, "status_id": 11, "customer_id": customer, "items_total": 0, "default_currency_code": "USD",
        "total_inc_tax": "2", "date_created": "Fri, 20 Nov 2026 09:00:00 +0000",
        "date_modified": "Fri, 20 Nov 2026 09:00:00 +0000",
        "consignments": {"shipping": [], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}})
}

/// A store with two orders whose customers are answered like this.
fn answering(status: u16, customers: Value) -> Arc<dyn Connector> {
    scripted(move |url, _| {
        profile(url).unwrap_or_else(|| match url.path().rsplit('/').next() {
            Some("customers") => (status, vec![], customers.clone()),
            Some("customer_groups") => (200, vec![], json!([null, {"id": {}}, {"id": "3", "name": "Wholesale"}])),
            _ => (200, vec![], json!([row(1, 7), row(2, 8)])),
        })
    })
    .0
}

async fn page(connector: &Arc<dyn Connector>, next: Option<&Value>) -> Result<Page, ReadError> {
    let ask = Ask { stream: "orders", cursor: None, next, since_ms: NOW_MS - DAY_MS, priority: Priority::Poll };
    connector.read(&ask).await
}

#[tokio::test]
async fn an_unreadable_customer_does_not_stop_the_page() {
    let good = json!({"id": 8, "customer_group_id": 3, "notes": "Rings twice", "tax_exempt_category": ""});
    let right = [Some("Wholesale"), Some("Rings twice"), None];
    for (status, answer, second) in [
        (200, json!({"data": [{"id": 7, "customer_group_id": {"id": 3}, "notes": ["x"]}, good]}), right),
        (200, json!({"data": [null, "somebody", 7, {"notes": "whose?"}, good]}), right),
        // Somebody nobody asked for.
        (200, json!({"data": [{"id": 9, "notes": "not yours"}, good]}), right),
        (200, json!({"data": []}), [None; 3]),
        (200, json!({"data": {"8": good}}), [None; 3]),
        (200, json!("customers"), [None; 3]),
        (200, Value::Null, [None; 3]),
        (400, json!({"status": 400, "title": "Input is invalid"}), [None; 3]),
        (403, json!({"status": 403, "title": "Forbidden"}), [None; 3]),
        (404, json!({"status": 404, "title": "Not found"}), [None; 3]),
        (413, json!({"status": 413, "title": "Too large"}), [None; 3]),
        (422, json!({"status": 422, "title": "The filter is not valid."}), [None; 3]),
    ] {
        let said = format!("{status} {answer}");
        let page = page(&answering(status, answer), None).await.unwrap();
        assert!(page.unreadable.is_empty() && page.next.is_none(), "{said}: {:?}", page.unreadable);
        let orders = orders_of(page.records);
        assert_eq!(orders.iter().map(told).collect::<Vec<_>>(), [[None; 3], second], "{said}");
    }
}

/// The store answers everything but its customers: orders wait for a few tries, and come.
#[tokio::test]
async fn orders_do_not_wait_for_ever_for_their_customers() {
    let connector = answering(500, json!({"status": 500, "title": "Internal error"}));
    let first = page(&connector, None).await.unwrap();
    assert!(first.records.is_empty() && first.next.is_some(), "what was listed is kept");
    let second = page(&connector, first.next.as_ref()).await;
    assert!(matches!(second, Err(ReadError::Refused(_))), "{second:?}");
    let third = page(&connector, first.next.as_ref()).await.unwrap();
    assert_eq!((third.records.len(), third.next), (2, None));
    // Somebody who asks for one of them does not wait anew.
    assert_eq!(page(&connector, None).await.unwrap().records.len(), 2);
}

/// A store that serves fewer customers a page than it is asked for says how many pages there are.
#[tokio::test]
async fn short_pages_of_customers_are_followed_to_their_end() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let (connector, _) = scripted(move |url, _| {
        let number = |name: &str| {
            let found = url.query_pairs().find(|(known, _)| known == name);
            found.and_then(|(_, text)| text.parse::<i64>().ok()).unwrap_or(0)
        };
        profile(url).unwrap_or_else(|| match url.path().rsplit('/').next() {
            Some("customers") => {
                counted.fetch_add(1, Ordering::Relaxed);
                let meta = json!({"pagination": {"total": 2, "count": 1, "per_page": 1, "total_pages": 2, "current_page": number("page")}});
                (200, vec![], json!({"data": [{"id": 6 + number("page"), "notes": "Rings twice"}], "meta": meta}))
            }
            _ => (200, vec![], json!([row(1, 7), row(2, 8), row(3, 9)])),
        })
    });
    let orders = orders_of(page(&connector, None).await.unwrap().records);
    let rings = [None, Some("Rings twice"), None];
    assert_eq!(orders.iter().map(told).collect::<Vec<_>>(), [rings, rings, [None; 3]]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}
