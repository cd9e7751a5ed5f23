//! An order is read in pieces: the inner pages of the detail document are small,
//! so that many orders fit into one call, and what exceeds them is asked for after.
//!
//! Two pure functions: what is still missing from this JSON ([`next_need`]), and
//! putting an answer where it belongs ([`merge`]). Alternating them ends, because
//! every answer either brings a piece or closes its page.
//!
//! Left out on purpose: restarting when the order changes between two pieces. Its
//! `updatedAt` moves then, and the next poll reads it again.

use super::documents::{Document, SHIPMENTS, TRACKINGS};
use serde_json::{Value, json};

/// The next thing to ask about one order.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// More lines.
    Lines {
        /// From here.
        after: String,
    },
    /// More fulfillment orders.
    FulfillmentOrders {
        /// From here.
        after: String,
    },
    /// More lines of one fulfillment order.
    WorkLines {
        /// Which.
        id: String,
        /// From here.
        after: String,
    },
    /// The ids of all fulfillments: there are more than the first read gives.
    ShipmentIds {
        /// How many there are.
        count: u64,
    },
    /// Fulfillments of which only the ids are known.
    Shipments {
        /// Which, a call's worth.
        ids: Vec<String>,
    },
    /// The rest of one fulfillment: lines from here (from the start if `None`), and all tracking.
    ShipmentLines {
        /// Which.
        id: String,
        /// From here.
        after: Option<String>,
    },
}

/// Fulfillments of one order that are read at most. Nobody ships an order in more parcels.
const SHIPMENTS_MAX: u64 = 250;
/// Fulfillments read by id in one call.
const SHIPMENTS_AT_ONCE: usize = 25;

impl Need {
    /// The document and variables that ask for it.
    pub fn question(&self, order_id: &str) -> (Document, Value, usize) {
        match self {
            Self::Lines { after } => (Document::OrderLines, json!({ "id": order_id, "after": after }), 1),
            Self::FulfillmentOrders { after } => {
                (Document::OrderFulfillmentOrders, json!({ "id": order_id, "after": after }), 1)
            }
            Self::WorkLines { id, after } => {
                (Document::FulfillmentOrderLines, json!({ "ids": [id], "after": after }), 1)
            }
            Self::ShipmentIds { count } => {
                (Document::OrderShipments, json!({ "id": order_id, "n": count }), *count as usize)
            }
            Self::Shipments { ids } => (Document::Shipments, json!({ "ids": ids }), ids.len()),
            Self::ShipmentLines { id, after } => (Document::ShipmentLines, json!({ "ids": [id], "after": after }), 1),
        }
    }
}

/// What is still missing from `order`, if anything.
pub fn next_need(order: &Value) -> Option<Need> {
    if let Some(after) = more(order.get("lineItems")) {
        return Some(Need::Lines { after });
    }
    if let Some(after) = more(order.get("fulfillmentOrders")) {
        return Some(Need::FulfillmentOrders { after });
    }
    for fo in nodes(order.get("fulfillmentOrders")) {
        if let (Some(after), Some(id)) = (more(fo.get("lineItems")), text(fo, "id")) {
            return Some(Need::WorkLines { id, after });
        }
    }
    let shipments = order.get("fulfillments").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let count = order.pointer("/fulfillmentsCount/count").and_then(Value::as_u64).unwrap_or(0).min(SHIPMENTS_MAX);
    // `quaysideAsked` marks that the full list was asked for, whatever it brought.
    let asked = order.get("quaysideAskedShipments").is_some();
    if !asked
        && (count > shipments.len() as u64
            || (order.get("fulfillmentsCount").is_none() && shipments.len() >= SHIPMENTS))
    {
        return Some(Need::ShipmentIds { count: count.max(50) });
    }
    let bare = shipments
        .iter()
        .filter(|shipment| shipment.get("status").is_none())
        .filter_map(|shipment| text(shipment, "id"));
    let bare: Vec<String> = bare.take(SHIPMENTS_AT_ONCE).collect();
    if !bare.is_empty() {
        return Some(Need::Shipments { ids: bare });
    }
    for shipment in shipments {
        let Some(id) = text(shipment, "id") else { continue };
        if let Some(after) = more(shipment.get("fulfillmentLineItems")) {
            return Some(Need::ShipmentLines { id, after: Some(after) });
        }
        let tracking_full =
            shipment.get("trackingInfo").and_then(Value::as_array).is_some_and(|list| list.len() == TRACKINGS);
        if tracking_full && shipment.get("quaysideAskedTracking").is_none() {
            return Some(Need::ShipmentLines { id, after: None });
        }
    }
    None
}

/// Puts the answer to `need` into `order`. `false`: the answer holds nothing of the kind (the order or piece is gone).
pub fn merge(order: &mut Value, need: &Need, data: &Value) -> bool {
    match need {
        Need::Lines { .. } => append(order.get_mut("lineItems"), data.pointer("/order/lineItems")),
        Need::FulfillmentOrders { .. } => {
            append(order.get_mut("fulfillmentOrders"), data.pointer("/order/fulfillmentOrders"))
        }
        Need::WorkLines { id, .. } => {
            let fo = order.pointer_mut("/fulfillmentOrders/nodes").and_then(Value::as_array_mut);
            let fo = fo.and_then(|list| list.iter_mut().find(|fo| fo.get("id").and_then(Value::as_str) == Some(id)));
            append(fo.and_then(|fo| fo.get_mut("lineItems")), data.pointer("/nodes/0/lineItems"))
        }
        Need::ShipmentIds { .. } => {
            order["quaysideAskedShipments"] = Value::Bool(true);
            let Some(ids) = data.pointer("/order/fulfillments").and_then(Value::as_array) else { return false };
            let Some(known) = order.get_mut("fulfillments").and_then(Value::as_array_mut) else { return false };
            for shipment in ids {
                if !known.iter().any(|k| k.get("id") == shipment.get("id")) {
                    known.push(shipment.clone());
                }
            }
            true
        }
        Need::Shipments { ids } => {
            let nodes = data.get("nodes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            let Some(known) = order.get_mut("fulfillments").and_then(Value::as_array_mut) else { return false };
            for shipment in known.iter_mut() {
                if let Some(whole) =
                    nodes.iter().find(|node| node.get("id").is_some() && node.get("id") == shipment.get("id"))
                {
                    *shipment = whole.clone();
                }
            }
            // All or nothing: one that is gone would be asked for again for ever.
            known
                .iter()
                .filter(|s| ids.iter().any(|id| s.get("id").and_then(Value::as_str) == Some(id)))
                .all(|s| s.get("status").is_some())
        }
        Need::ShipmentLines { id, after } => {
            let list = order.get_mut("fulfillments").and_then(Value::as_array_mut);
            let Some(shipment) =
                list.and_then(|list| list.iter_mut().find(|s| s.get("id").and_then(Value::as_str) == Some(id)))
            else {
                return false;
            };
            shipment["quaysideAskedTracking"] = Value::Bool(true);
            let Some(answer) = data.pointer("/nodes/0").filter(|node| node.is_object()) else { return false };
            if let Some(tracking @ Value::Array(_)) = answer.get("trackingInfo") {
                shipment["trackingInfo"] = tracking.clone();
            }
            if after.is_none() {
                if let Some(lines) = answer.get("fulfillmentLineItems") {
                    shipment["fulfillmentLineItems"] = lines.clone();
                }
                return true;
            }
            append(shipment.get_mut("fulfillmentLineItems"), answer.get("fulfillmentLineItems"))
        }
    }
}

/// Removes our own marks: what is kept is Shopify's.
pub fn finish(order: &mut Value) {
    if let Some(fields) = order.as_object_mut() {
        fields.remove("quaysideAskedShipments");
    }
    for shipment in order.get_mut("fulfillments").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(fields) = shipment.as_object_mut() {
            fields.remove("quaysideAskedTracking");
        }
    }
}

/// Appends the nodes of `more` and takes over its page info. `false` if there is nothing to append to or from.
fn append(target: Option<&mut Value>, more: Option<&Value>) -> bool {
    let (Some(target), Some(more)) = (target, more.filter(|more| more.is_object())) else { return false };
    let (Some(list), Some(nodes)) =
        (target.get_mut("nodes").and_then(Value::as_array_mut), more.get("nodes").and_then(Value::as_array))
    else {
        return false;
    };
    list.extend(nodes.iter().cloned());
    // A page that brings nothing ends the list, whatever it claims: otherwise it would be asked for again for ever.
    target["pageInfo"] = if nodes.is_empty() {
        json!({ "hasNextPage": false })
    } else {
        more.get("pageInfo").cloned().unwrap_or_default()
    };
    true
}

fn more(connection: Option<&Value>) -> Option<String> {
    let info = connection?.get("pageInfo")?;
    if info.get("hasNextPage")?.as_bool()? { text(info, "endCursor") } else { None }
}

fn nodes(connection: Option<&Value>) -> &[Value] {
    connection.and_then(|c| c.get("nodes")).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn page(ids: &[u32], next: Option<&str>) -> Value {
        let nodes: Vec<Value> = ids.iter().map(|id| json!({ "id": id.to_string() })).collect();
        json!({ "nodes": nodes, "pageInfo": { "hasNextPage": next.is_some(), "endCursor": next } })
    }

    #[test]
    fn everything_beyond_the_first_pages_is_asked_for_and_lands_in_its_place() {
        let mut order = json!({
            "id": "o", "lineItems": page(&[1], Some("l1")),
            "fulfillmentOrders": page(&[], Some("f1")),
            "fulfillmentsCount": { "count": 2 }, "fulfillments": [],
        });
        let shipment = |id: &str, lines: Value, numbers: usize| json!({ "id": id, "status": "SUCCESS", "fulfillmentLineItems": lines, "trackingInfo": vec![json!({ "number": "n" }); numbers] });
        let answers = [
            json!({ "order": { "lineItems": page(&[2], Some("l2")) } }),
            json!({ "order": { "lineItems": page(&[3], None) } }),
            json!({ "order": { "fulfillmentOrders": { "nodes": [{ "id": "fo", "lineItems": page(&[10], Some("w1")) }], "pageInfo": { "hasNextPage": false } } } }),
            json!({ "nodes": [{ "id": "fo", "lineItems": page(&[11], None) }] }),
            json!({ "order": { "fulfillments": [{ "id": "s1" }, { "id": "s2" }] } }),
            json!({ "nodes": [shipment("s1", page(&[20], Some("x")), 1), shipment("s2", page(&[21], None), TRACKINGS)] }),
            json!({ "nodes": [{ "id": "s1", "trackingInfo": [{ "number": "a" }], "fulfillmentLineItems": page(&[22], None) }] }),
            json!({ "nodes": [{ "id": "s2", "trackingInfo": vec![json!({ "number": "b" }); 9], "fulfillmentLineItems": page(&[21], None) }] }),
        ];
        let mut documents = Vec::new();
        for answer in &answers {
            let need = next_need(&order).unwrap();
            documents.push(need.question("o").0);
            assert!(merge(&mut order, &need, answer), "{need:?}");
        }
        assert_eq!(next_need(&order), None);
        finish(&mut order);
        assert!(!order.to_string().contains("quayside"));
        assert_eq!(
            documents,
            [
                Document::OrderLines,
                Document::OrderLines,
                Document::OrderFulfillmentOrders,
                Document::FulfillmentOrderLines,
                Document::OrderShipments,
                Document::Shipments,
                Document::ShipmentLines,
                Document::ShipmentLines
            ]
        );
        assert_eq!(order.pointer("/lineItems/nodes").unwrap().as_array().unwrap().len(), 3);
        assert_eq!(order.pointer("/fulfillmentOrders/nodes/0/lineItems/nodes").unwrap().as_array().unwrap().len(), 2);
        assert_eq!(order.pointer("/fulfillments/0/fulfillmentLineItems/nodes").unwrap().as_array().unwrap().len(), 2);
        assert_eq!(order.pointer("/fulfillments/1/trackingInfo").unwrap().as_array().unwrap().len(), 9);
    }

    #[test]
    fn a_page_that_brings_nothing_ends() {
        let mut order = json!({ "id": "o", "lineItems": page(&[1], Some("l1")) });
        let need = next_need(&order).unwrap();
        assert!(merge(&mut order, &need, &json!({ "order": { "lineItems": page(&[], Some("l1")) } })));
        assert_eq!(next_need(&order), None);
    }
}
