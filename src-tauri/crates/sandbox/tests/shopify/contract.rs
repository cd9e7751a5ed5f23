//! The served schema is a true part of the platform's, and every answer fits it.

use crate::answers::Check;
use crate::client::Client;
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema, ast, executable};
use quayside_sandbox::shopify::graphql::schema::Schema as Served;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The platform's schemas, if they are at hand.
fn specs(file: &str) -> Option<String> {
    let root = std::env::var_os("QUAYSIDE_SPECS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs"), PathBuf::from);
    let path = root.join("shopify").join(file);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("SKIPPED: {} is missing; set QUAYSIDE_SPECS to the folder of the platforms' schemas", path.display());
    }
    text
}

fn vendor() -> Option<Valid<Schema>> {
    // The directive is part of the newest GraphQL; the reader knows the one before.
    let text = format!("directive @oneOf on INPUT_OBJECT\n{}", specs("admin-2026-07.graphql")?);
    Some(Schema::parse_and_validate(text, "admin-2026-07.graphql").expect("the platform's schema is valid"))
}

#[test]
fn every_served_signature_is_the_platforms_own() {
    let Some(vendor) = vendor() else { return };
    let served = Schema::parse(Served::text(), "schema.graphql").expect("parses");
    let mut wrong = Vec::new();
    let args = |list: &[apollo_compiler::Node<ast::InputValueDefinition>]| -> Vec<(String, String)> {
        list.iter().map(|arg| (arg.name.to_string(), arg.ty.to_string())).collect()
    };
    for (name, ty) in &served.types {
        let Some(real) = vendor.types.get(name) else {
            wrong.push(format!("{name} does not exist"));
            continue;
        };
        let pairs: Vec<_> = match (ty, real) {
            (ExtendedType::Object(mine), ExtendedType::Object(real)) => {
                mine.fields.iter().map(|(field, def)| (field, def.clone(), real.fields.get(field).cloned())).collect()
            }
            (ExtendedType::Interface(mine), ExtendedType::Interface(real)) => {
                mine.fields.iter().map(|(field, def)| (field, def.clone(), real.fields.get(field).cloned())).collect()
            }
            (ExtendedType::InputObject(mine), ExtendedType::InputObject(real)) => {
                for (field, def) in &mine.fields {
                    if real.fields.get(field).is_none_or(|real| real.ty != def.ty) {
                        wrong.push(format!("{name}.{field}: {}", def.ty));
                    }
                }
                for (field, def) in &real.fields {
                    if def.is_required() && !mine.fields.contains_key(field) {
                        wrong.push(format!("{name}.{field} is required and missing"));
                    }
                }
                continue;
            }
            (ExtendedType::Enum(mine), ExtendedType::Enum(real)) => {
                wrong.extend(
                    mine.values
                        .keys()
                        .filter(|value| !real.values.contains_key(*value))
                        .map(|value| format!("{name}.{value}")),
                );
                continue;
            }
            (ExtendedType::Scalar(_), ExtendedType::Scalar(_)) => continue,
            _ => {
                wrong.push(format!("{name} is of another kind"));
                continue;
            }
        };
        for (field, mine, real) in pairs {
            let Some(real) = real else {
                wrong.push(format!("{name}.{field} does not exist"));
                continue;
            };
            if mine.ty != real.ty {
                wrong.push(format!("{name}.{field}: {} instead of {}", mine.ty, real.ty));
            }
            let real_args = args(&real.arguments);
            wrong.extend(
                args(&mine.arguments)
                    .into_iter()
                    .filter(|arg| !real_args.contains(arg))
                    .map(|arg| format!("{name}.{field}({arg:?})")),
            );
            let missing = real
                .arguments
                .iter()
                .filter(|arg| arg.is_required() && !mine.arguments.iter().any(|one| one.name == arg.name));
            wrong.extend(missing.map(|arg| format!("{name}.{field} lacks its required argument {}", arg.name)));
        }
    }
    assert!(wrong.is_empty(), "{} signatures differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Values for the variables of the operations, from what the store holds.
fn variables(client: &mut Client, operation: &str) -> Json {
    let order = client.order(&[("MUG-HAR-1", 3), ("BEA-WOO-2", 1)]);
    let id = client.gid(order);
    let fos = client.work(order);
    let location = fos[0]["assignedLocation"]["location"]["id"].clone();
    let fo = fos[0]["id"].clone();
    let fo_line = fos[0]["lineItems"]["nodes"][0]["id"].clone();
    let line = fos[0]["lineItems"]["nodes"][0]["lineItem"]["id"].clone();
    let input = json!({ "notifyCustomer": true, "trackingInfo": { "company": "DHL Express", "numbers": ["1", "2"],
        "urls": ["https://t.example/1", "https://t.example/2"] },
        "lineItemsByFulfillmentOrder": [{ "fulfillmentOrderId": fo, "fulfillmentOrderLineItems": [{ "id": fo_line, "quantity": 2 }] }] });
    let (product, variant, item) = {
        let (product, variant) = client.shop().by_sku("MUG-HAR-1").unwrap();
        (product.id, variant.id, variant.item_id)
    };
    let place: u64 = location.as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let have = client.shop().state().variant(item).unwrap().1.levels[&place].available;
    let item = format!("gid://shopify/InventoryItem/{item}");
    let second = client.shop().state().locations[1].id;
    let key = format!("{operation}-{order}");
    match operation {
        "Preflight" | "ReturnReasons" | "Locations" => json!({}),
        "OrdersPage" => json!({ "q": "updated_at:>='2026-11-01T00:00:00Z'", "n": 1 }),
        "FulfillmentOrdersPage" => json!({ "q": "status:open", "n": 5 }),
        "InventoryItemsPage" | "ProductsPage" => json!({ "q": "updated_at:>='2020-01-01T00:00:00Z'", "n": 4 }),
        "VariantsPage" | "Deletions" | "CustomersPage" => json!({ "q": "" }),
        "LevelsAtLocation" => json!({ "loc": location, "q": "" }),
        "OrdersByIds" => json!({ "ids": [id] }),
        "CreateFulfillment" => json!({ "f": input, "msg": "hello" }),
        "SetTracking" | "CancelFulfillment" | "DeliveryEvent" | "OrderShipments" | "Returnable" | "OpenReturn"
        | "RequestReturn" | "ApproveReturn" | "DeclineReturn" | "ProcessReturn" | "DisposeReturn" | "CloseReturn"
        | "OrderReturns" => {
            let fulfillment = client.fulfil(input)["fulfillment"]["id"].clone();
            returns(client, operation, &json!(id), &fulfillment, &location)
        }
        "HoldFo" => json!({ "id": fo, "hold": { "reason": "OTHER", "reasonNotes": "wait", "handle": "q-1" } }),
        "ReleaseFo" => {
            let data = client.data(
                "mutation($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: {reason: OTHER}) { fulfillmentHold { id } userErrors { message } } }",
                json!({ "id": fo }),
            );
            json!({ "id": fo, "holds": [data["fulfillmentOrderHold"]["fulfillmentHold"]["id"]] })
        }
        "MoveFo" => {
            json!({ "id": fo, "to": format!("gid://shopify/Location/{second}"), "lines": [{ "id": fo_line, "quantity": 1 }] })
        }
        "CancelOrder" => {
            json!({ "id": id, "reason": "CUSTOMER", "restock": true, "refund": { "originalPaymentMethodsRefund": true }, "note": "changed mind" })
        }
        "CancelResult" => {
            let data = client.data(
                "mutation($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: false) { job { id } orderCancelUserErrors { message } } }",
                json!({ "id": id }),
            );
            client.wait(60_000);
            json!({ "job": data["orderCancel"]["job"]["id"], "id": id })
        }
        "UpdateOrder" => {
            json!({ "input": { "id": id, "note": "n", "tags": ["a"], "customAttributes": [{ "key": "k", "value": "v" }] } })
        }
        "AddTags" | "RemoveTags" => json!({ "id": id, "tags": ["vip", "late"] }),
        "SetMetafields" => {
            json!({ "m": [{ "ownerId": id, "namespace": "quayside", "key": "state", "type": "json", "value": "{}", "compareDigest": null }] })
        }
        "SuggestRefund" => {
            json!({ "id": id, "lines": [{ "lineItemId": line, "quantity": 1, "restockType": "CANCEL", "locationId": location }], "ship": "1.00" })
        }
        "CreateRefund" => {
            let data = client
                .data("query($id: ID!) { order(id: $id) { transactions(first: 5) { id } } }", json!({ "id": id }));
            let parent = data["order"]["transactions"][0]["id"].clone();
            json!({ "key": key, "input": { "orderId": id, "note": "Damaged", "notify": true, "currency": "EUR",
                "refundLineItems": [{ "lineItemId": line, "quantity": 1, "restockType": "CANCEL", "locationId": location }],
                "shipping": { "amount": "0.00" },
                "transactions": [{ "orderId": id, "parentId": parent, "gateway": "shopify_payments", "kind": "REFUND", "amount": "12.50" }] } })
        }
        "SetStock" => {
            json!({ "key": key, "input": { "name": "available", "reason": "correction", "referenceDocumentUri": "gid://quayside/StockSync/1",
            "quantities": [{ "inventoryItemId": item, "locationId": location, "quantity": 12, "changeFromQuantity": have }] } })
        }
        "AdjustStock" => json!({ "key": key, "input": { "name": "available", "reason": "damaged",
            "changes": [{ "inventoryItemId": item, "locationId": location, "delta": -1, "changeFromQuantity": null }] } }),
        "StockItemAt" => json!({ "item": item, "loc": location, "key": key }),
        "UpdateVariants" => {
            json!({ "product": format!("gid://shopify/Product/{product}"), "variants": [{ "id": format!("gid://shopify/ProductVariant/{variant}"),
            "price": "19.99", "barcode": "0123", "inventoryItem": { "sku": "MUG-HAR-1", "tracked": true, "measurement": { "weight": { "unit": "KILOGRAMS", "value": 0.4 } } } }] })
        }
        "UpdateItem" => json!({ "id": item, "input": { "countryCodeOfOrigin": "DE" } }),
        "StartBulk" | "BulkStatus" | "StopBulk" => {
            let doc = "{ orders { edges { node { id name lineItems { edges { node { id sku quantity } } } } } } }";
            if operation == "StartBulk" {
                return json!({ "doc": doc });
            }
            let started = client.data(
                "mutation($d: String!) { bulkOperationRunQuery(query: $d, groupObjects: false) { bulkOperation { id } userErrors { message } } }",
                json!({ "d": doc }),
            );
            if operation == "BulkStatus" {
                client.wait(60_000);
            }
            json!({ "id": started["bulkOperationRunQuery"]["bulkOperation"]["id"] })
        }
        _ => json!({ "id": id }),
    }
}

fn returns(client: &mut Client, operation: &str, order: &Json, fulfillment: &Json, location: &Json) -> Json {
    match operation {
        "SetTracking" => {
            return json!({ "id": fulfillment, "t": { "company": "UPS", "number": "1Z", "url": "https://t.example/1Z" }, "notify": false });
        }
        "CancelFulfillment" => return json!({ "id": fulfillment }),
        "DeliveryEvent" => {
            return json!({ "e": { "fulfillmentId": fulfillment, "status": "IN_TRANSIT", "happenedAt": "2026-11-20T10:00:00Z" } });
        }
        "OrderShipments" | "Returnable" => return json!({ "id": order }),
        _ => {}
    }
    let data = client.data(
        "query($id: ID!) { returnableFulfillments(orderId: $id, first: 1) { nodes { returnableFulfillmentLineItems(first: 1) { nodes { fulfillmentLineItem { id } } } } } }",
        json!({ "id": order }),
    );
    let line =
        data["returnableFulfillments"]["nodes"][0]["returnableFulfillmentLineItems"]["nodes"][0]["fulfillmentLineItem"]
            ["id"]
            .clone();
    let input = json!({ "orderId": order, "returnLineItems": [{ "fulfillmentLineItemId": line, "quantity": 1, "returnReasonDefinitionId": "gid://shopify/ReturnReasonDefinition/2" }] });
    if matches!(operation, "OpenReturn" | "RequestReturn") {
        return json!({ "input": input });
    }
    let request = matches!(operation, "ApproveReturn" | "DeclineReturn");
    let (name, arg, ty) = if request {
        ("returnRequest", "input", "ReturnRequestInput!")
    } else {
        ("returnCreate", "returnInput", "ReturnInput!")
    };
    let made = client.data(
        &format!("mutation($i: {ty}) {{ {name}({arg}: $i) {{ return {{ id returnLineItems(first: 1) {{ nodes {{ id }} }} reverseFulfillmentOrders(first: 1) {{ nodes {{ lineItems(first: 1) {{ nodes {{ id }} }} }} }} }} userErrors {{ message }} }} }}"),
        json!({ "i": input }),
    )[name]["return"]
        .clone();
    let id = made["id"].clone();
    let reverse = made["reverseFulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]["id"].clone();
    let disposition = json!({ "reverseFulfillmentOrderLineItemId": reverse, "quantity": 1, "dispositionType": "RESTOCKED", "locationId": location });
    match operation {
        "ApproveReturn" => json!({ "input": { "id": id } }),
        "DeclineReturn" => json!({ "input": { "id": id, "declineReason": "FINAL_SALE" } }),
        "ProcessReturn" => {
            json!({ "input": { "returnId": id, "returnLineItems": [{ "id": made["returnLineItems"]["nodes"][0]["id"], "quantity": 1, "dispositions": [disposition] }] } })
        }
        "DisposeReturn" => json!({ "d": [disposition] }),
        "OrderReturns" => json!({ "id": order }),
        _ => json!({ "id": id }),
    }
}

#[test]
fn every_document_of_the_guide_is_served_and_its_answer_fits_the_platforms_types() {
    let (Some(vendor), Some(text)) = (vendor(), specs("operations.graphql")) else { return };
    let document = ExecutableDocument::parse_and_validate(&vendor, &text, "operations.graphql")
        .expect("the guide's documents are valid");
    let mut wrong = Vec::new();
    for (name, operation) in &document.operations.named {
        if name == "BulkOrdersInner" {
            // Only ever sent inside StartBulk: without page sizes it is refused as a plain query.
            continue;
        }
        let mut client = Client::new();
        let variables = variables(&mut client, name);
        let alone = alone(&document, operation);
        let answer = client.ask(&alone, variables);
        if answer.get("errors").is_some() {
            wrong.push(format!("{name}: {}", answer["errors"]));
            continue;
        }
        for (field, payload) in answer["data"].as_object().unwrap() {
            let errors = payload.get("userErrors").or_else(|| payload.get("orderCancelUserErrors"));
            if errors.is_some_and(|errors| errors.as_array().is_some_and(|errors| !errors.is_empty())) {
                wrong.push(format!("{name}.{field}: {payload}"));
            }
        }
        let mut check = Check::new(&vendor, &document);
        check.set(&[&operation.selection_set], &answer["data"], name.as_str());
        assert!(check.seen > 0, "{name} answered nothing at all");
        wrong.extend(check.wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The operation and the fragments it uses, as a client would send them.
fn alone(document: &ExecutableDocument, operation: &executable::Operation) -> String {
    let mut names = BTreeSet::new();
    let mut text = operation.to_string();
    loop {
        let new: Vec<_> = document
            .fragments
            .keys()
            .filter(|name| !names.contains(*name) && text.contains(&format!("...{name}")))
            .cloned()
            .collect();
        if new.is_empty() {
            return text;
        }
        for name in new {
            text.push_str(&document.fragments[&name].to_string());
            names.insert(name);
        }
    }
}

#[test]
fn documents_cost_what_the_guide_measured() {
    let (Some(vendor), Some(text)) = (vendor(), specs("operations.graphql")) else { return };
    let document = ExecutableDocument::parse_and_validate(&vendor, &text, "operations.graphql")
        .expect("the guide's documents are valid");
    let mut client = Client::new();
    let gid = "gid://shopify/Order/1";
    for (name, variables, points) in [
        ("OrdersPage", json!({ "q": "", "n": 1 }), 505),
        ("OrdersByIds", json!({ "ids": [gid] }), 505),
        ("ProductsPage", json!({ "q": "", "n": 1 }), 201),
        ("FulfillmentOrdersPage", json!({ "q": "", "n": 1 }), 126),
        ("FulfillmentOrdersPage", json!({ "q": "", "n": 7 }), 7 * 126),
        ("InventoryItemsPage", json!({ "q": "", "n": 1 }), 63),
        ("OrderShipments", json!({ "id": gid }), 822),
        ("OrderReturns", json!({ "id": gid }), 811),
    ] {
        client.wait(60_000);
        let answer = client.ask(&alone(&document, &document.operations.named[name]), variables);
        assert_eq!(answer["extensions"]["cost"]["requestedQueryCost"], points, "{name}: {answer}");
    }
    let answer = client.ask(&alone(&document, &document.operations.named["OrdersPage"]), json!({ "q": "", "n": 2 }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "MAX_COST_EXCEEDED");
}
