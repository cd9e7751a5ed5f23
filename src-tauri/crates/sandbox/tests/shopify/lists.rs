//! Lists: search, the date trap, pages, quirks, the window of sixty days.

use crate::client::{Client, NOON_MS};
use quayside_sandbox::shopify::ShopPlan;
use quayside_sandbox::shopify::state::timestamp;
use quayside_sandbox::{Fault, FaultPlan};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const PAGE: &str =
    "query($n: Int!, $after: String, $q: String) { orders(first: $n, after: $after, sortKey: UPDATED_AT, query: $q) {
    nodes { name updatedAt } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn names(page: &Json) -> Vec<String> {
    page["orders"]["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect()
}

/// Ten orders, ten minutes apart.
fn ten() -> Client {
    let mut client = Client::new();
    for _ in 0..10 {
        client.order(&[("BEA-WOO-1", 1)]);
        client.wait(600_000);
    }
    client
}

fn search(client: &mut Client, query: &str) -> Vec<String> {
    names(&client.data(PAGE, json!({ "n": 50, "q": query })))
}

#[test]
fn a_scan_in_pages_sees_each_order_once_and_a_change_on_the_way_moves_it_to_the_end() {
    let mut client = ten();
    let first = client.data(PAGE, json!({ "n": 4 }));
    assert_eq!(names(&first), ["#1001", "#1002", "#1003", "#1004"]);
    assert_eq!(first["orders"]["pageInfo"]["hasNextPage"], true);
    let changed = client.shop().by_name("#1006").unwrap().id;
    client.person(|shop, moment| shop.annotate(changed, &["late"], None, moment));
    let mut after = first["orders"]["pageInfo"]["endCursor"].clone();
    let mut seen = Vec::new();
    loop {
        let page = client.data(PAGE, json!({ "n": 3, "after": after }));
        seen.extend(names(&page));
        if page["orders"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["orders"]["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(seen, ["#1005", "#1007", "#1008", "#1009", "#1010", "#1006"]);
}

#[test]
fn backwards_and_reversed_pages_agree_with_forward_ones() {
    let mut client = ten();
    let list = |client: &mut Client, args: &str| {
        let data = client.data(&format!("{{ orders(sortKey: ORDER_NUMBER, {args}) {{ edges {{ cursor node {{ name }} }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}"), json!({}));
        let edges = data["orders"]["edges"].as_array().unwrap().clone();
        let names: Vec<String> = edges.iter().map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect();
        let info = (
            data["orders"]["pageInfo"]["hasPreviousPage"].as_bool().unwrap(),
            data["orders"]["pageInfo"]["hasNextPage"].as_bool().unwrap(),
        );
        (names, edges.last().map(|edge| edge["cursor"].as_str().unwrap().to_owned()).unwrap_or_default(), info)
    };
    assert_eq!(list(&mut client, "last: 2").0, ["#1009", "#1010"]);
    let (names, cursor, info) = list(&mut client, "first: 3, reverse: true");
    assert_eq!((names, info), (vec!["#1010".into(), "#1009".into(), "#1008".into()], (false, true)));
    assert_eq!(
        list(&mut client, &format!("first: 3, reverse: true, after: \"{cursor}\"")).0,
        ["#1007", "#1006", "#1005"]
    );
    let (_, third, _) = list(&mut client, "first: 3");
    let (names, _, info) = list(&mut client, &format!("last: 2, before: \"{third}\""));
    assert_eq!((names, info), (vec!["#1001".into(), "#1002".into()], (false, true)));
}

#[test]
fn an_unquoted_moment_loses_its_time_and_a_quoted_one_does_not() {
    let mut client = ten();
    let moment = timestamp(NOON_MS + 4 * 600_000);
    assert_eq!(search(&mut client, &format!("updated_at:>='{moment}'")).len(), 6);
    assert_eq!(search(&mut client, &format!("updated_at:>={moment}")).len(), 10, "the whole day comes back");
    assert_eq!(
        search(&mut client, &format!("updated_at:>'{moment}' updated_at:<'{}'", timestamp(NOON_MS + 8 * 600_000)))
            .len(),
        3
    );
}

#[test]
fn filters_hold_and_unknown_ones_are_ignored_with_a_warning() {
    let mut client = ten();
    let second = client.shop().by_name("#1002").unwrap().id;
    client.person(|shop, moment| shop.cancel(second, "CUSTOMER", moment));
    let third = client.shop().by_name("#1003").unwrap().id;
    client.person(|shop, moment| shop.annotate(third, &["VIP"], None, moment));
    let mut draft = client.draft(&[("BEA-WOO-1", 1)]);
    draft.test = true;
    client.person(|shop, moment| shop.place(draft, moment));
    for (query, count) in [
        ("", 11),
        ("name:#1004", 1),
        ("name:1004", 1),
        ("status:cancelled", 1),
        ("status:open", 10),
        ("tag:vip", 1),
        ("tag_not:vip", 10),
        ("test:true", 1),
        ("financial_status:paid", 10),
        ("fulfillment_status:unshipped", 11),
        ("fulfillment_status:shipped", 0),
        ("sku:BEA-WOO-1", 11),
        ("name:1004 OR name:1005", 2),
        ("NOT status:cancelled test:false", 9),
        ("colour:red", 11),
    ] {
        assert_eq!(search(&mut client, query).len(), count, "{query}");
    }
    let id = client.shop().by_name("#1004").unwrap().id;
    assert_eq!(search(&mut client, &format!("id:>={id}")).len(), 8);
    let answer = client.ask(PAGE, json!({ "n": 1, "q": "colour:red" }));
    assert_eq!(answer["extensions"]["search"][0]["warnings"][0]["field"], "colour");
}

#[test]
fn pages_may_repeat_lag_or_be_shuffled_and_a_patient_reader_still_sees_all() {
    for fault in [Fault::DuplicatePage, Fault::ReorderedPage, Fault::LateIndex] {
        let mut client = ten();
        let mut seen = BTreeSet::new();
        let mut rows = 0;
        let mut after = Json::Null;
        for page_number in 0.. {
            if page_number == 1 {
                client.sandbox.faults = FaultPlan::once([fault], "orders");
            }
            let page = client.data(PAGE, json!({ "n": 3, "after": after }));
            rows += names(&page).len();
            seen.extend(names(&page));
            if page["orders"]["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["orders"]["pageInfo"]["endCursor"].clone();
            assert!(page_number < 20, "{fault:?} never ends");
        }
        assert_eq!(seen.len(), 10, "{fault:?}");
        assert_eq!(rows > 10, fault == Fault::DuplicatePage, "{fault:?}: {rows}");
    }
    let mut client = ten();
    client.order(&[("BEA-WOO-1", 1)]);
    client.sandbox.faults = FaultPlan::once([Fault::LateIndex], "orders");
    assert_eq!(search(&mut client, "").len(), 10, "the newest is not in the index yet");
    assert_eq!(search(&mut client, "").len(), 11);
}

#[test]
fn without_the_scope_for_all_orders_old_ones_look_missing() {
    let mut client = Client::of(ShopPlan::harbour_goods().without("read_all_orders"));
    let order = client.order(&[("BEA-WOO-1", 1)]);
    let id = client.gid(order);
    client.wait(61 * 86_400_000);
    let plan = client.shop().plan().clone();
    client.token = client.sign_in(&plan.client_id, &plan.client_secret).1["access_token"].as_str().unwrap().to_owned();
    assert_eq!(search(&mut client, "").len(), 0);
    let data = client.data("query($id: ID!) { order(id: $id) { id } nodes(ids: [$id]) { id } }", json!({ "id": id }));
    assert_eq!(data, json!({ "order": null, "nodes": [null] }));
}

#[test]
fn exactly_what_was_asked_comes_back_under_the_names_asked() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 2)]);
    let id = client.gid(order);
    let data = client.data(
        "query Q($id: ID!, $no: Boolean = false) { __typename a: order(id: $id) { ...F } b: node(id: $id) { __typename ... on Order { number } ... on Product { title } } }
         fragment F on Order { call: name lineItems(first: 1) { nodes { quantity } } lineItems(first: 1) { nodes { sku } } note @include(if: $no) test @skip(if: $no) }",
        json!({ "id": id }),
    );
    assert_eq!(
        data,
        json!({ "__typename": "QueryRoot",
            "a": { "call": "#1001", "lineItems": { "nodes": [{ "quantity": 2, "sku": "MUG-HAR-1" }] }, "test": false },
            "b": { "__typename": "Order", "number": 1001 } })
    );
}
