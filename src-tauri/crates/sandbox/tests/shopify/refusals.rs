//! A wrong client fails: wrong documents, wrong variables, missing scopes, missing keys.

use crate::client::Client;
use quayside_sandbox::shopify::ShopPlan;
use serde_json::{Value as Json, json};

fn first_error(answer: &Json) -> (String, String) {
    let error = &answer["errors"][0];
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

#[test]
fn wrong_documents_are_refused_in_the_platforms_words() {
    let mut client = Client::new();
    for (query, code, message) in [
        ("{ ordres(first: 1) { nodes { id } } }", "undefinedField", "Field 'ordres' doesn't exist on type 'QueryRoot'"),
        ("{ orders(first: 1) { nodes { id nam } } }", "undefinedField", "Field 'nam' doesn't exist on type 'Order'"),
        ("{ order { id } }", "missingRequiredArguments", "Field 'order' is missing required arguments: id"),
        ("{ shop(x: 1) { id } }", "argumentNotAccepted", "Field 'shop' doesn't accept argument 'x'"),
        (
            "{ orders(first: \"1\") { nodes { id } } }",
            "argumentLiteralsIncompatible",
            "Argument 'first' on Field 'orders'",
        ),
        (
            "{ orders(first: 1, sortKey: NEWEST) { nodes { id } } }",
            "argumentLiteralsIncompatible",
            "Argument 'sortKey'",
        ),
        ("{ orders(first: 1) }", "selectionMismatch", "Field must have selections (field 'orders'"),
        ("{ shop { name { x } } }", "selectionMismatch", "Selections can't be made on scalars (field 'name'"),
        (
            "query($id: String!) { order(id: $id) { id } }",
            "variableMismatch",
            "Type mismatch on variable $id and argument id (String! / ID!)",
        ),
        (
            "query($id: ID) { order(id: $id) { id } }",
            "variableMismatch",
            "Type mismatch on variable $id and argument id (ID / ID!)",
        ),
        (
            "query($id: ID!) { shop { id } }",
            "variableNotUsed",
            "Variable $id is declared by anonymous query but not used",
        ),
        ("{ order(id: $id) { id } }", "variableNotDefined", "Variable $id is used by query but not declared"),
        (
            "query($x: Nope) { orders(first: $x) { nodes { id } } }",
            "variableRequiresValidType",
            "Nope isn't a defined input type (on $x)",
        ),
        ("{ shop { ...A } }", "useAndDefineFragment", "Fragment A was used, but not defined"),
        ("{ shop { id } } fragment A on Shop { id }", "useAndDefineFragment", "Fragment A was defined, but not used"),
        ("{ shop { ... on Order { id } } }", "cannotSpreadFragment", "Fragment on Order can't be spread inside Shop"),
        ("{ shop { ...A } } fragment A on Shop { ...A }", "infiniteLoop", "Fragment A contains an infinite loop"),
        ("{ shop @nope { id } }", "undefinedDirective", "Directive @nope is not defined"),
        (
            "mutation { tagsAdd(tags: [\"a\"]) { userErrors { message } } }",
            "missingRequiredArguments",
            "Field 'tagsAdd' is missing required arguments: id",
        ),
        (
            "mutation { fulfillmentCreateV2(fulfillment: {}) { userErrors { message } } }",
            "undefinedField",
            "Field 'fulfillmentCreateV2' doesn't exist on type 'Mutation'",
        ),
        ("{ shop { id ", "", "syntax error"),
        ("query A { shop { id } } query B { shop { id } }", "BAD_REQUEST", "An operation name is required"),
        ("{ orders { nodes { id } } }", "BAD_REQUEST", "you must provide one of first or last"),
        ("{ orders(first: 251) { nodes { id } } }", "BAD_REQUEST", "first cannot exceed 250"),
    ] {
        let (have, text) = first_error(&client.ask(query, json!({})));
        assert_eq!(have, code, "{query}: {text}");
        assert!(text.starts_with(message), "{query}: {text}");
    }
}

#[test]
fn wrong_variables_are_refused_with_the_path_to_the_problem() {
    let mut client = Client::new();
    const CREATE: &str =
        "mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { userErrors { message } } }";
    const CANCEL: &str = "mutation($r: OrderCancelReason!, $m: OrderCancelRefundMethodInput) { orderCancel(orderId: \"gid://shopify/Order/1\", reason: $r, restock: true, refundMethod: $m) { orderCancelUserErrors { message } } }";
    let line = |id: Json, quantity: Json| {
        json!({ "f": { "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/1",
            "fulfillmentOrderLineItems": [{ "id": id, "quantity": quantity }] }] } })
    };
    for (query, variables, path, explanation) in [
        (CREATE, json!({}), json!([]), "Expected value to not be null"),
        (CREATE, json!({ "f": {} }), json!(["lineItemsByFulfillmentOrder"]), "Expected value to not be null"),
        (
            CREATE,
            json!({ "f": { "lineItemsByFulfillmentOrder": [], "trackingInfo": { "url": "dhl.de/1" } } }),
            json!(["trackingInfo", "url"]),
            "Invalid url",
        ),
        (
            CREATE,
            json!({ "f": { "lineItemsByFulfillmentOrder": [], "trackingNumber": "1" } }),
            json!(["trackingNumber"]),
            "Field is not defined on FulfillmentInput",
        ),
        (
            CREATE,
            line(json!("gid://x"), json!("2")),
            json!(["lineItemsByFulfillmentOrder", 0, "fulfillmentOrderLineItems", 0, "quantity"]),
            "Could not coerce value \"2\" to Int",
        ),
        (
            CREATE,
            line(json!("gid://x"), json!(1.5)),
            json!(["lineItemsByFulfillmentOrder", 0, "fulfillmentOrderLineItems", 0, "quantity"]),
            "Could not coerce value 1.5 to Int",
        ),
        (CANCEL, json!({ "r": "BORED" }), json!([]), "Expected \"BORED\" to be one of: CUSTOMER"),
        (
            CANCEL,
            json!({ "r": "OTHER", "m": {} }),
            json!([]),
            "'OrderCancelRefundMethodInput' requires exactly one argument",
        ),
    ] {
        let answer = client.ask(query, variables);
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "INVALID_VARIABLE", "{answer}");
        let problem = &error["extensions"]["problems"][0];
        assert_eq!(problem["path"], path, "{answer}");
        assert!(problem["explanation"].as_str().unwrap().starts_with(explanation), "{problem}");
    }
}

#[test]
fn a_missing_scope_is_an_error_for_orders_and_an_empty_list_for_their_work() {
    let denied = |scope: &str, query: &str| {
        let mut client = Client::of(ShopPlan::harbour_goods().without(scope));
        let order = client.order(&[("MUG-HAR-1", 1)]);
        let id = client.gid(order);
        client.ask(query, json!({ "id": id }))
    };
    const ORDER: &str = "query($id: ID!) { order(id: $id) { id customer { id } returns(first: 1) { nodes { id } } fulfillmentOrders(first: 1) { nodes { id } } } }";
    let answer = denied("read_orders", "query($id: ID!) { order(id: $id) { id } }");
    assert_eq!(first_error(&answer).0, "ACCESS_DENIED");
    assert_eq!((&answer["errors"][0]["path"], &answer["data"]["order"]), (&json!(["order"]), &Json::Null));
    let answer = denied("read_customers", ORDER);
    assert_eq!(answer["errors"][0]["path"], json!(["order", "customer"]), "the rest of the order is there: {answer}");
    assert!(answer["data"]["order"]["id"].is_string());
    let answer = denied("read_returns", ORDER);
    assert_eq!(answer["errors"][0]["path"], json!(["order", "returns"]));
    assert!(answer["data"]["order"].is_null(), "a promise was broken, so the order went with it: {answer}");
    let answer = denied(
        "read_merchant_managed_fulfillment_orders",
        "query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 5) { nodes { id } } } }",
    );
    assert!(answer.get("errors").is_none(), "no error at all: the trap");
    assert_eq!(answer["data"]["order"]["fulfillmentOrders"]["nodes"], json!([]));
    let answer =
        denied("write_orders", "mutation($id: ID!) { tagsAdd(id: $id, tags: [\"a\"]) { userErrors { message } } }");
    assert_eq!(
        first_error(&answer),
        (
            "ACCESS_DENIED".into(),
            "Access denied for tagsAdd field. Required access: `write_orders` access scope.".into()
        )
    );
}

#[test]
fn hidden_personal_data_is_null_and_no_error() {
    let mut plan = ShopPlan::harbour_goods();
    plan.personal_data = false;
    let mut client = Client::of(plan);
    let order = client.order(&[("MUG-HAR-1", 1)]);
    let id = client.gid(order);
    let data = client.data(
        "query($id: ID!) { order(id: $id) { email shippingAddress { city } customer { id } requiresShipping } }",
        json!({ "id": id }),
    );
    assert_eq!(
        data["order"],
        json!({ "email": null, "shippingAddress": null, "customer": null, "requiresShipping": true })
    );
}

#[test]
fn keys_and_old_quantities_are_insisted_on_at_the_top() {
    let mut client = Client::new();
    let (item, place, have) = {
        let state = client.shop().state();
        let (_, variant) = client.shop().by_sku("MUG-HAR-2").unwrap();
        let (place, level) = variant.levels.iter().next().unwrap();
        let _ = state;
        (
            format!("gid://shopify/InventoryItem/{}", variant.item_id),
            format!("gid://shopify/Location/{place}"),
            level.available,
        )
    };
    let set = |key: &str, row: Json| {
        let directive = if key.is_empty() { String::new() } else { format!("@idempotent(key: \"{key}\")") };
        (
            format!(
                "mutation($i: InventorySetQuantitiesInput!) {{ inventorySetQuantities(input: $i) {directive} {{ inventoryAdjustmentGroup {{ id changes {{ delta quantityAfterChange item {{ sku }} }} }} userErrors {{ code message }} }} }}"
            ),
            json!({ "i": { "name": "available", "reason": "correction", "quantities": [row] } }),
        )
    };
    let row = |from: Json, to: i64| json!({ "inventoryItemId": item, "locationId": place, "quantity": to, "changeFromQuantity": from });
    let ask = |client: &mut Client, (query, variables): (String, Json)| client.ask(&query, variables);

    let answer = ask(&mut client, set("", row(json!(have), 5)));
    assert_eq!(first_error(&answer).0, "BAD_REQUEST");
    let without = json!({ "inventoryItemId": item, "locationId": place, "quantity": 5 });
    assert_eq!(first_error(&ask(&mut client, set("k1", without))).0, "INVALID_FIELD_ARGUMENTS");
    let payload = |answer: &Json| answer["data"]["inventorySetQuantities"].clone();
    let stale = payload(&ask(&mut client, set("k2", row(json!(have + 1), 5))));
    assert_eq!(stale["userErrors"][0]["code"], "CHANGE_FROM_QUANTITY_STALE");
    let done = payload(&ask(&mut client, set("k3", row(json!(have), 5))));
    assert_eq!(
        done["inventoryAdjustmentGroup"]["changes"][0],
        json!({ "delta": 5 - have, "quantityAfterChange": 5, "item": { "sku": "MUG-HAR-2" } })
    );
    let again = payload(&ask(&mut client, set("k3", row(json!(have), 5))));
    assert_eq!(again, done, "the same key gives the same answer");
    let other = payload(&ask(&mut client, set("k3", row(Json::Null, 9))));
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    let failed = payload(&ask(&mut client, set("k2", row(json!(have + 1), 5))));
    assert_eq!(failed["userErrors"][0]["code"], "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED");
    assert_eq!(client.ledger().of("stock_changed").count(), 1, "counted from this side");
    let overwrite = payload(&ask(&mut client, set("k4", row(Json::Null, 9))));
    assert!(overwrite["userErrors"].as_array().unwrap().is_empty(), "an explicit null overwrites");
}
