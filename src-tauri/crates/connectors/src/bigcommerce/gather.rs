//! One order in its parts: the row, its lines, where they go, what left.
//!
//! A list row can bring lines and addresses along (`include=consignments.line_items`),
//! which makes one call do for hundreds of orders. But it stops at 50 lines, with or
//! without a `__warning__`, and some stores sent it with empty or half-filled lines.
//! So what was included is believed only if it adds up; else the lines are asked for.

use super::BigCommerce;
use super::client::{Api, Call};
use super::verdicts::CallError;
use crate::Priority;
use quayside_model::Cause;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows per call of a V2 list; the platform's own guide uses it.
pub const ROWS: usize = 250;
/// Lines an inclusion carries at most.
const INCLUDED_LINES_MAX: usize = 50;
/// Pages of one order's list before something is wrong: no order has 25,000 lines.
const PAGES_MAX: usize = 100;

/// One order, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// `GET /orders/{id}`.
    pub order: Value,
    /// Its lines.
    pub lines: Vec<Value>,
    /// Ship-to addresses: `order_address_id` → address.
    pub addresses: BTreeMap<i64, Value>,
    /// What left.
    pub shipments: Vec<Value>,
    /// Money given back.
    pub refunds: Vec<Value>,
    /// Our own field of an order that we hold for the hub's sake ([`super::hold`]).
    pub hold: Option<Value>,
}

impl Whole {
    /// A row of which nothing more is known.
    pub fn bare(order: Value) -> Self {
        Self { order, lines: vec![], addresses: BTreeMap::new(), shipments: vec![], refunds: vec![], hold: None }
    }
    /// All of it in one text, for "raw answers".
    pub fn raw(&self) -> String {
        json!({
            "order": self.order, "products": self.lines, "shipping_addresses": self.addresses,
            "shipments": self.shipments, "refunds": self.refunds, "hold": self.hold,
        })
        .to_string()
    }
}

/// Parameters that bring lines and addresses along with an order.
pub fn including(call: Call) -> Call {
    call.with("include", "consignments.line_items").with("consignment_structure", "object")
}

/// Lines and addresses that came along with an order, if they add up.
#[derive(Debug, Default, PartialEq)]
pub struct Included {
    /// Lines; `None`: have to be asked for.
    pub lines: Option<Vec<Value>>,
    /// Addresses; `None`: have to be asked for.
    pub addresses: Option<BTreeMap<i64, Value>>,
}

/// Looks into an order's inclusion.
pub fn included(order: &Value) -> Included {
    let Some(consignments) = order.get("consignments").filter(|c| c.is_object() && c.get("url").is_none()) else {
        return Included::default();
    };
    let mut lines = Vec::new();
    let mut addresses = BTreeMap::new();
    let mut whole = !mentions_warning(consignments);
    let mut known_addresses = true;
    let groups = [list(consignments, "shipping"), list(consignments, "pickups"), list(consignments, "downloads")];
    for (kind, group) in groups.iter().enumerate() {
        for consignment in group {
            let Some(own) = lines_of(consignment) else {
                whole = false;
                known_addresses &= kind != 0;
                continue;
            };
            whole &= own.len() < INCLUDED_LINES_MAX;
            if kind == 0 {
                known_addresses &= consignment.get("street_1").is_some();
                // The consignment's own id need not be the address's; the lines know.
                match own.iter().find_map(|line| id_of(line, "order_address_id").filter(|id| *id > 0)) {
                    Some(id) => drop(addresses.insert(id, address_of(consignment))),
                    None => known_addresses = false,
                }
            }
            lines.extend(own);
        }
    }
    for gift in consignments.get("email").map(|email| list(email, "gift_certificates")).unwrap_or_default() {
        match lines_of(&gift) {
            Some(own) => lines.extend(own),
            None => whole = false,
        }
    }
    whole &= adds_up(order, &lines);
    Included { lines: whole.then_some(lines), addresses: known_addresses.then_some(addresses) }
}

/// The lines hold as many units as the order says, and what a parcel needs.
fn adds_up(order: &Value, lines: &[Value]) -> bool {
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    let units: Option<i64> = lines.iter().map(|line| number(line.get("quantity")?)).sum();
    let total = order.get("items_total").and_then(number);
    let complete = lines.iter().all(|line| {
        ["id", "type", "order_address_id", "quantity_shipped"].iter().all(|field| line.get(*field).is_some())
            && (line.get("type").and_then(Value::as_str) != Some("physical") || line.get("weight").is_some())
    });
    complete && units.is_some() && total.is_none_or(|total| Some(total) == units)
}

fn list(value: &Value, name: &str) -> Vec<Value> {
    value.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A consignment's lines, if they came whole and not as links.
fn lines_of(consignment: &Value) -> Option<Vec<Value>> {
    let lines = consignment.get("line_items")?.as_array()?;
    lines.iter().all(|line| line.get("id").is_some()).then(|| lines.clone())
}

/// A consignment without its lines: an address.
fn address_of(consignment: &Value) -> Value {
    let mut address = consignment.clone();
    if let Some(object) = address.as_object_mut() {
        object.remove("line_items");
    }
    address
}

/// Where the platform puts its warning is not settled: anywhere counts.
fn mentions_warning(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.iter().any(|(name, inner)| name == "__warning__" || mentions_warning(inner)),
        Value::Array(list) => list.iter().any(mentions_warning),
        _ => false,
    }
}

/// An id, whatever clothes it wears.
pub fn id_of(value: &Value, name: &str) -> Option<i64> {
    let field = value.get(name)?;
    field.as_i64().or_else(|| field.as_str()?.trim().parse().ok())
}

impl BigCommerce {
    /// The missing parts of an order whose row was just read.
    pub(super) async fn complete(&self, mut order: Value, priority: Priority) -> Result<Whole, CallError> {
        let id = id_of(&order, "id").unwrap_or_default();
        let included = included(&order);
        if let Some(object) = order.as_object_mut() {
            // Kept once, as lines and addresses.
            object.remove("consignments");
        }
        let lines = match included.lines {
            Some(lines) => lines,
            None => self.all_rows(&format!("/orders/{id}/products"), "read the order's lines", priority).await?,
        };
        let known = included.addresses.unwrap_or_default();
        let mut named = lines.iter().filter_map(|line| id_of(line, "order_address_id")).filter(|id| *id > 0);
        let addresses = if named.all(|id| known.contains_key(&id)) {
            known
        } else {
            let path = format!("/orders/{id}/shipping_addresses");
            let rows = self.all_rows(&path, "read where the order goes", priority).await?;
            rows.into_iter().filter_map(|row| Some((id_of(&row, "id")?, row))).collect()
        };
        let left = id_of(&order, "items_shipped").is_some_and(|units| units > 0)
            || lines.iter().any(|line| id_of(line, "quantity_shipped").is_some_and(|units| units > 0));
        let shipments = if left { self.shipments(id, priority).await? } else { Vec::new() };
        let refunds = if gives_back(&order, &lines) { self.refunds_of(id, priority).await? } else { Vec::new() };
        let hold = self.own_hold(&order, priority).await?;
        Ok(Whole { order, lines, addresses, shipments, refunds, hold })
    }

    /// One order now, whole; `None` if it is not there.
    pub(super) async fn read_whole(&self, id: i64, priority: Priority) -> Result<Option<Whole>, CallError> {
        let call = including(Call::get(Api::V2, format!("/orders/{id}"), priority));
        match self.client.send(call, "read the order").await {
            Ok(reply) if reply.json.is_object() => self.complete(reply.json, priority).await.map(Some),
            Ok(_) | Err(CallError::Gone(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All shipments of an order.
    pub(super) async fn shipments(&self, id: i64, priority: Priority) -> Result<Vec<Value>, CallError> {
        self.all_rows(&format!("/orders/{id}/shipments"), "read what has left", priority).await
    }

    /// A V2 list to its end: 204 or a page that is not full.
    pub(super) async fn all_rows(&self, path: &str, what: &str, priority: Priority) -> Result<Vec<Value>, CallError> {
        let mut all: Vec<Value> = Vec::new();
        for page in 1..=PAGES_MAX {
            let call = Call::get(Api::V2, path, priority).with("page", page).with("limit", ROWS);
            let reply = self.client.send(call, what).await?;
            let Some(rows) = reply.rows() else {
                return Err(CallError::NotExecuted(
                    self.refusal(Cause::PlatformTrouble, &format!("Could not {what}. The answer is no list.")),
                ));
            };
            let full = rows.len() >= ROWS;
            for row in rows {
                // A page that begins with rows of the page before repeats them; each counts once.
                let id = id_of(row, "id");
                if id.is_none() || !all.iter().any(|known| id_of(known, "id") == id) {
                    all.push(row.clone());
                }
            }
            if !full {
                return Ok(all);
            }
        }
        Err(CallError::NotExecuted(
            self.refusal(Cause::PlatformTrouble, &format!("Could not {what}. The store's list has no end.")),
        ))
    }

    /// All refunds of an order. The list says nothing of its length: it ends with a page that is not full.
    pub(super) async fn refunds_of(&self, id: i64, priority: Priority) -> Result<Vec<Value>, CallError> {
        let what = "read the order's refunds";
        let call = Call::get(Api::V3, format!("/orders/{id}/payment_actions/refunds"), priority);
        match self.client.send(call, what).await {
            Ok(reply) => reply.data_rows().map(<[Value]>::to_vec).ok_or_else(|| {
                CallError::NotExecuted(
                    self.refusal(Cause::PlatformTrouble, &format!("Could not {what}. The answer is no list.")),
                )
            }),
            Err(CallError::Gone(_)) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

/// Money went back, as far as the order itself tells (its own `refunded_amount` is documented as always 0).
fn gives_back(order: &Value, lines: &[Value]) -> bool {
    let word = order.get("payment_status").and_then(Value::as_str).unwrap_or_default();
    matches!(id_of(order, "status_id"), Some(super::status::REFUNDED | super::status::PARTLY_REFUNDED))
        || matches!(word, "refunded" | "partially refunded")
        || lines.iter().any(|line| id_of(line, "quantity_refunded").is_some_and(|units| units > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, address: i64, quantity: i64) -> Value {
        json!({"id": id, "order_address_id": address, "quantity": quantity, "quantity_shipped": 0, "type": "physical", "weight": "1"})
    }

    #[test]
    fn what_adds_up_is_believed() {
        let order = json!({"items_total": 3, "consignments": {"shipping": [
            {"id": 90, "street_1": "Quay 1", "line_items": [line(1, 7, 2), line(2, 7, 1)]}], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}});
        let found = included(&order);
        assert_eq!(found.lines.map(|lines| lines.len()), Some(2));
        // The address is the one the lines name, not the consignment's own id.
        assert_eq!(found.addresses, Some(BTreeMap::from([(7, json!({"id": 90, "street_1": "Quay 1"}))])));
    }

    #[test]
    fn what_does_not_is_asked_for() {
        let fifty: Vec<Value> = (0..50).map(|n| line(n, 7, 1)).collect();
        let mut bare = line(1, 7, 1);
        bare.as_object_mut().map(|line| line.remove("weight"));
        for (order, why) in [
            (
                json!({"items_total": 5, "consignments": {"shipping": [{"id": 7, "line_items": [line(1, 7, 2)]}]}}),
                "units are missing",
            ),
            (
                json!({"items_total": 50, "consignments": {"shipping": [{"id": 7, "line_items": fifty}]}}),
                "fifty lines may be the cap",
            ),
            (
                json!({"items_total": 1, "consignments": {"shipping": [{"id": 7, "line_items": [line(1, 7, 1)], "__warning__": "more"}]}}),
                "a warning",
            ),
            (json!({"items_total": 1, "consignments": {"shipping": [{"id": 7, "line_items": [bare]}]}}), "no weight"),
            (
                json!({"items_total": 1, "consignments": {"shipping": [{"id": 7, "line_items": [{"url": "u", "resource": "r"}]}]}}),
                "links",
            ),
            (json!({"items_total": 1, "consignments": [{"id": 7, "line_items": [line(1, 7, 1)]}]}), "the old form"),
            (json!({"items_total": 1, "consignments": {"url": "u", "resource": "r"}}), "a link"),
            (json!({"items_total": 1}), "nothing"),
            (json!({"items_total": 1, "consignments": {"shipping": [{"id": 7, "line_items": []}]}}), "empty lines"),
        ] {
            assert_eq!(included(&order).lines, None, "{why}");
        }
    }
}
