//! Collections become profiles.

use super::super::KIT;
use super::super::profile::Profile;
use serde_json::json;

#[test]
fn a_postman_collection_fills_paths_in() {
    let list = json!({"data": [{"id": "o1", "orderNumber": "A-1", "status": "pending", "updatedAt": "2026-11-20T09:00:00Z",
        "items": [{"id": "i1", "sku": "S", "name": "Salt", "qty": 2}]}], "meta": {"nextPage": null}});
    let collection = json!({
        "info": {"name": "Supplier [Partner]", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [
            {"name": "Orders", "item": [
                {"name": "List orders", "request": {"method": "GET", "url": {"raw": "{{baseUrl}}/distributor/orders?page=1&per_page=20&updatedSince="}},
                    "response": [{"body": list.to_string()}]},
                {"name": "One order", "request": {"method": "GET", "url": "{{baseUrl}}/distributor/orders/:orderId"}, "response": []},
                {"name": "Cancel", "request": {"method": "POST", "url": {"raw": "{{baseUrl}}/distributor/orders/:orderId/cancel"}, "body": {"raw": "{\"reason\": \"x\"}"}}},
            ]},
            {"name": "Categories", "request": {"method": "GET", "url": {"raw": "https://api-staging.example.com/distributor/categories"}}},
        ],
    });
    let imported = (KIT.import)(&collection.to_string()).unwrap();
    let profile = Profile::parse(&imported.profile).unwrap_or_else(|faults| panic!("{faults:?}\n{}", imported.profile));
    assert_eq!(profile.name, "supplier-partner");
    assert_eq!(profile.operations["listOrders"].path.as_deref(), Some("/distributor/orders"));
    assert_eq!(profile.operations["getOrder"].path.as_deref(), Some("/distributor/orders/{order_id}"));
    assert_eq!(profile.operations["cancelOrder"].path.as_deref(), Some("/distributor/orders/{order_id}/cancel"));
    assert_eq!(profile.operations["listOrders"].query["updated_since"], "updatedSince");
    assert_eq!(profile.entities["order"].read["number"].path(), "orderNumber");
    assert_eq!(
        profile.entities["order"].read["lines"].path(),
        "items[].{remote_id: id, sku: sku, title: name, quantity: qty}"
    );
    assert_eq!(imported.unknown.len(), 1, "{:?}", imported.unknown);
    // Reading is on, since its path is known; nothing that writes is.
    let report = (KIT.check)(&imported.profile);
    let on: Vec<&str> =
        report.abilities.iter().filter(|ability| ability.on).map(|ability| ability.name.as_str()).collect();
    assert_eq!(on, ["orders.read", "reconcile"]);
    assert!(
        imported.notes.iter().any(|note| note.contains("cancelOrder: the body is the vendor's sample")),
        "{:?}",
        imported.notes
    );
    // The sample can be looked at through the profile at once.
    let preview = (KIT.preview)(&imported.profile, "order", &imported.samples["listOrders"]).unwrap();
    assert!(preview.ok, "{}", preview.sentence);
}

#[test]
fn an_openapi_file_fills_paths_in() {
    let file = "openapi: 3.1.0\ninfo: {title: Warehouse API, version: '1'}\nservers: [{url: https://wh.example.com/v2}]\npaths:\n  /shipments:\n    get:\n      operationId: list\n      parameters: [{$ref: '#/components/parameters/cursor'}]\n      responses: {'200': {content: {application/json: {example: {data: []}}}}}\n  /orders:\n    post: {operationId: make, requestBody: {content: {application/json: {example: {a: 1}}}}, responses: {}}\ncomponents: {parameters: {cursor: {name: cursor, in: query}}}\n";
    let imported = (KIT.import)(file).unwrap();
    let profile = Profile::parse(&imported.profile).unwrap_or_else(|faults| panic!("{faults:?}\n{}", imported.profile));
    assert_eq!(profile.operations["listFulfillments"].path.as_deref(), Some("/v2/shipments"));
    assert_eq!(profile.operations["createOrder"].path.as_deref(), Some("/v2/orders"));
    assert!(imported.profile.contains("wh.example.com"));
}

#[test]
fn what_is_no_collection_says_so() {
    for (text, expected) in [
        ("{}", "neither a Postman collection"),
        ("{\"item\": []}", "holds no requests"),
        ("{\"openapi\": \"3.1.0\", \"paths\": {}}", "holds no requests"),
        ("{broken", "not readable as JSON"),
    ] {
        let said = (KIT.import)(text).unwrap_err();
        assert!(said.contains(expected), "{text}: {said}");
    }
}
