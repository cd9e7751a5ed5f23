//! What a profile switches on, and what happens instead of what it lacks.
//!
//! One table: an ability of the account, the operations it needs, what of ours
//! hangs on it, and the way out where it is missing.

use super::customers;
use super::profile::{IdempotencyStyle, Profile};
use quayside_model::IntentKind;
use serde::Serialize;
use serde_json::Value;

/// Stream of orders.
pub(super) const ORDERS: &str = "orders";
/// Stream of parcels.
pub(super) const FULFILLMENTS: &str = "fulfillments";
/// Stream of what the account knows by its SKU.
pub(super) const PRODUCTS: &str = "products";
/// Stream of counts.
pub(super) const STOCK: &str = "stock";

/// Entity of the format: one count.
pub(super) const LEVEL: &str = "inventory_level";
/// Entity of the format: a place where goods are packed.
pub(super) const WAREHOUSE: &str = "warehouse";
/// Entity of the format: a refund in their books.
pub(super) const REFUND: &str = "refund";

/// One ability.
pub(super) struct Capability {
    pub name: &'static str,
    /// As a check of the preflight says it.
    pub title: &'static str,
    /// Operations without which it is nothing.
    pub needs: &'static [&'static str],
    pub intents: &'static [IntentKind],
    pub streams: &'static [&'static str],
    /// What a person does, or what we do, where it is missing; of what is never used, why not.
    pub fallback: &'static str,
    /// What is not there without it, in words that stand after "no".
    pub off: &'static [&'static str],
    /// Quayside uses it; others are only told about.
    pub used: bool,
}

/// All of them.
pub(super) const CAPABILITIES: &[Capability] = &[
    Capability {
        name: "orders.read",
        title: "Read orders",
        needs: &["listOrders"],
        intents: &[],
        streams: &[ORDERS],
        fallback: "Import the account's order export (CSV) instead: its columns are mapped once.",
        off: &["reading orders: what is there, and what somebody changes there"],
        used: true,
    },
    Capability {
        name: "orders.write",
        title: "Send orders",
        needs: &["createOrder"],
        intents: &[IntentKind::PutHubOrder],
        streams: &[],
        fallback: "Each order becomes an entry \"Enter by hand\" with a text to copy and a CSV file.",
        off: &["orders sent by itself"],
        used: true,
    },
    Capability {
        name: "orders.cancel",
        title: "Cancel orders",
        needs: &["cancelOrder", "getOrder"],
        intents: &[IntentKind::CancelHubOrder],
        streams: &[],
        fallback: "A cancellation becomes an entry \"To be changed by hand\" with its reason and the units to put back, as a text to copy and a CSV file.",
        off: &["cancelling and taking units off by itself"],
        used: true,
    },
    // Not a word of the format either: it stands or falls with sending.
    Capability {
        name: "orders.update",
        title: "Change orders that are there",
        needs: &["updateOrder", "getOrder"],
        intents: &[],
        streams: &[],
        fallback: "A later change of an order becomes an entry \"To be changed by hand\" with what it was and what it has to be.",
        off: &["bringing orders up to date by itself"],
        used: true,
    },
    // Not a word of the format: an update that can hold. It stands or falls with sending.
    Capability {
        name: "orders.hold",
        title: "Hold and release orders",
        needs: &["updateOrder", "getOrder"],
        intents: &[IntentKind::HoldHubOrder, IntentKind::ReleaseHubOrder],
        streams: &[],
        fallback: "A hold, and its release, become entries \"To be changed by hand\": hold the order there, or tell the warehouse.",
        off: &["holding and releasing by itself"],
        used: true,
    },
    Capability {
        name: "fulfillments.read",
        title: "Read parcels and tracking",
        needs: &["listFulfillments"],
        intents: &[],
        streams: &[FULFILLMENTS],
        fallback: "Parcels and tracking numbers do not come from this account.",
        off: &["parcels and tracking from this account"],
        used: true,
    },
    Capability {
        name: "reconcile",
        title: "Compare a range of days",
        needs: &["reconcileOrders"],
        intents: &[],
        streams: &[],
        fallback: "Orders are read as they change, and the reconciliation of a range of days compares what was read: a second list of the same orders costs calls and names no lines. Where orders cannot be read, import the account's order export (CSV), and that is compared.",
        off: &[],
        used: false,
    },
    Capability {
        name: "inventory.read",
        title: "Read stock",
        needs: &["listInventory"],
        intents: &[],
        streams: &[STOCK],
        fallback: "Stock of this account is not shown, and no other count follows it.",
        off: &["stock of this account, and counts that follow it"],
        used: true,
    },
    Capability {
        name: "inventory.write",
        title: "Set stock",
        needs: &["setInventory", "getInventory"],
        intents: &[IntentKind::SetStock],
        streams: &[],
        fallback: "Where its stock is read and \"Stock\" asks or acts, each count that should be another becomes an entry \"To be changed by hand\" with the number to set; else stock is set there without being asked for.",
        off: &["setting its counts by itself"],
        used: true,
    },
    Capability {
        name: "inventory.adjust",
        title: "Add to stock and take from it",
        needs: &["adjustInventory", "getInventory"],
        intents: &[],
        streams: &[],
        fallback: "What a person adds to a count or takes from it is set as a whole, and refused where the count moved meanwhile. Without setting stock, too, goods that came back become an entry \"To be changed by hand\" with the units to add.",
        off: &["adding to a count while goods are packed"],
        used: true,
    },
    Capability {
        name: "products.read",
        title: "Read products",
        needs: &["listProducts"],
        intents: &[],
        streams: &[PRODUCTS],
        fallback: "SKUs are not compared with this account's.",
        off: &["products of this account, and comparing SKUs with them"],
        used: true,
    },
    Capability {
        name: "warehouses.read",
        title: "Read warehouses",
        needs: &["listWarehouses"],
        intents: &[],
        streams: &[],
        fallback: "Rules name a warehouse by the id it has there, and nothing else.",
        off: &["naming its warehouses by code or name"],
        used: true,
    },
    Capability {
        name: "fulfillments.write",
        title: "Report parcels there",
        needs: &["createFulfillment"],
        intents: &[],
        streams: &[],
        fallback: "An order, or a part of it, goes to one shipping account, and what is fulfilled in the store is taken off its order here (fewer units, or a cancellation), so nothing is packed twice; both together would take it off twice. A shipment that is written there says that its own warehouse packed it, and takes the units off its shelf.",
        off: &[],
        used: false,
    },
    Capability {
        name: "orders.refund",
        title: "Record refunds",
        needs: &["createRefund", "listRefunds", "getOrder"],
        intents: &[IntentKind::RecordRefund],
        streams: &[],
        fallback: "A refund becomes an entry \"To be changed by hand\" with the amount and the units, once \"Refunds to the hub\" asks or acts.",
        off: &["writing refunds into its books by itself"],
        used: true,
    },
    Capability {
        name: "orders.assign",
        title: "Route to warehouses",
        needs: &["assignOrder", "getOrder"],
        intents: &[],
        streams: &[],
        fallback: "The warehouse that a rule chose is not told to this account: the trail of what was sent says so.",
        off: &["telling it the warehouse that a rule chose"],
        used: true,
    },
    Capability {
        name: "products.write",
        title: "Change products",
        needs: &["createProduct", "listProducts"],
        intents: &[IntentKind::PutProduct],
        streams: &[],
        fallback: "Where its products are read and \"Products to the hub\" asks or acts, each that is new or differs becomes an entry \"To be changed by hand\" with what to enter; else nobody is asked, and what is packed is named on the lines of orders.",
        off: &["writing its products by itself"],
        used: true,
    },
    Capability {
        name: "customers.read",
        title: "Read customers",
        needs: &["listCustomers"],
        intents: &[],
        streams: &[],
        fallback: "Nobody is looked for among this account's customers; keeping them is off with it.",
        off: &["finding its customers"],
        used: true,
    },
    Capability {
        name: "customers.write",
        title: "Keep customers",
        needs: &["createCustomer", "listCustomers"],
        intents: &[IntentKind::PutRecord],
        streams: &[],
        fallback: "Once \"Customers to the hub\" asks or acts, each customer becomes an entry \"To be changed by hand\" with what to enter.",
        off: &["keeping its customers by itself"],
        used: true,
    },
];

/// An ability of an account, and why it is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// Word of the format (`orders.write`).
    pub name: String,
    /// For people.
    pub title: String,
    /// It can be used.
    pub on: bool,
    /// Why not; empty if it can.
    pub why_off: String,
    /// What happens instead; of what is never used, why not.
    pub fallback: String,
    /// What is not there without it, in words that stand after "no".
    pub off: Vec<String>,
    /// The word of the file that switches it.
    pub switch: String,
    /// Quayside makes use of it.
    pub used: bool,
}

/// Operations that abilities in use need, and their usual method.
pub(super) fn needed() -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<(&str, &str)> = Vec::new();
    for name in CAPABILITIES.iter().filter(|capability| capability.used).flat_map(|capability| capability.needs) {
        if !all.iter().any(|(known, _)| known == name) {
            let method = match *name {
                "updateOrder" => "PATCH",
                "setInventory" | "assignOrder" => "PUT",
                name if name.starts_with("create") || name.starts_with("cancel") || name == "adjustInventory" => "POST",
                _ => "GET",
            };
            all.push((name, method));
        }
    }
    all
}

/// Every ability, on or off.
pub(super) fn offered(profile: &Profile) -> Vec<Offered> {
    CAPABILITIES
        .iter()
        .map(|capability| {
            let why_off = why_off(profile, capability).unwrap_or_default();
            Offered {
                name: capability.name.to_owned(),
                title: capability.title.to_owned(),
                on: why_off.is_empty(),
                fallback: capability.fallback.to_owned(),
                off: capability.off.iter().map(|what| (*what).to_owned()).collect(),
                switch: switch(capability).to_owned(),
                used: capability.used,
                why_off,
            }
        })
        .collect()
}

/// The word of the format that switches an ability.
fn switch(capability: &Capability) -> &'static str {
    if matches!(capability.name, "orders.hold" | "orders.update") { "orders.write" } else { capability.name }
}

fn why_off(profile: &Profile, capability: &Capability) -> Option<String> {
    if profile.capabilities.get(switch(capability)) != Some(&true) {
        return Some(format!("The profile \"{}\" says that the account cannot do it.", profile.title()));
    }
    let unknown: Vec<&str> =
        capability.needs.iter().copied().filter(|operation| profile.operation(operation).is_none()).collect();
    if !unknown.is_empty() {
        return Some(format!("The profile \"{}\" knows no path for {}.", profile.title(), unknown.join(" and ")));
    }
    if capability.name == "orders.hold" && !mentions(profile, "updateOrder", "on_hold") {
        return Some(format!("The profile \"{}\" has no word for a hold in updateOrder.", profile.title()));
    }
    if matches!(capability.name, "inventory.read" | "inventory.write") && !profile.entities.contains_key(LEVEL) {
        return Some(format!("The profile \"{}\" does not say how to read a count ({LEVEL}).", profile.title()));
    }
    match capability.name {
        "warehouses.read" if !profile.entities.contains_key(WAREHOUSE) => {
            Some(format!("The profile \"{}\" does not say how to read a warehouse ({WAREHOUSE}).", profile.title()))
        }
        "orders.refund" => no_name_of_refunds(profile),
        "orders.assign" => no_word_for_warehouses(profile),
        "inventory.adjust" => no_key_against_doubles(profile),
        "products.write" => no_look_by_sku(profile),
        "customers.write" => customers::cannot_keep(profile),
        _ => None,
    }
}

/// A refund is known again by our reference: without it a lost one would be written into the books twice.
fn no_name_of_refunds(profile: &Profile) -> Option<String> {
    if !mentions(profile, "createRefund", "external_ref") {
        return Some(format!("The profile \"{}\" has no word for our reference in createRefund.", profile.title()));
    }
    let reads = profile.entities.get(REFUND).is_some_and(|refund| refund.read.contains_key("reference"));
    (!reads).then(|| {
        format!(
            "The profile \"{}\" does not say where our reference of a refund stands ({REFUND}.reference).",
            profile.title()
        )
    })
}

/// A difference that is sent twice counts twice.
fn no_key_against_doubles(profile: &Profile) -> Option<String> {
    (profile.idempotency.style != IdempotencyStyle::Header).then(|| {
        format!(
            "The profile \"{}\" has no key against doubles (idempotency: header), and a difference that is sent twice counts twice.",
            profile.title()
        )
    })
}

/// A product is known by its SKU: without asking for it, it would be made a second time.
fn no_look_by_sku(profile: &Profile) -> Option<String> {
    if !profile.takes("listProducts", "sku") {
        return Some(format!("The profile \"{}\" cannot ask listProducts for one SKU.", profile.title()));
    }
    (!mentions(profile, "createProduct", "sku"))
        .then(|| format!("The profile \"{}\" has no word for the SKU in createProduct.", profile.title()))
}

/// What was assigned is read back: else nobody knows whether somebody there chose already.
fn no_word_for_warehouses(profile: &Profile) -> Option<String> {
    if !mentions(profile, "assignOrder", "assignments") {
        return Some(format!("The profile \"{}\" has no word for assignments in assignOrder.", profile.title()));
    }
    let reads = profile.entities.get("order").is_some_and(|order| order.read.contains_key("assignments"));
    (!reads).then(|| {
        format!("The profile \"{}\" does not say where an order is packed (order.assignments).", profile.title())
    })
}

/// The template of an operation uses a field of ours.
pub(super) fn mentions(profile: &Profile, operation: &str, field: &str) -> bool {
    let body = profile.operation(operation).and_then(|known| known.body.as_ref());
    body.is_some_and(|body| uses(body, field))
}

fn uses(template: &Value, field: &str) -> bool {
    match template {
        Value::String(text) => text.strip_prefix('=').is_some_and(|expression| names(expression, field)),
        Value::Array(items) => items.iter().any(|item| uses(item, field)),
        Value::Object(fields) => fields.values().any(|template| uses(template, field)),
        _ => false,
    }
}

/// An expression reads `field` of the record itself: neither a part of something else (`.field`) nor a key it makes (`field:`).
fn names(expression: &str, field: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    expression.match_indices(field).any(|(at, _)| {
        let before = expression[..at].chars().next_back();
        let after = &expression[at + field.len()..];
        !before.is_some_and(|c| in_word(c) || c == '.')
            && !after.starts_with(in_word)
            && !after.trim_start().starts_with(':')
    })
}

/// An ability can be used.
pub(super) fn has(profile: &Profile, name: &str) -> bool {
    CAPABILITIES.iter().any(|capability| capability.name == name && why_off(profile, capability).is_none())
}

/// What the account performs.
pub(super) fn performs(profile: &Profile) -> Vec<IntentKind> {
    let on = CAPABILITIES.iter().filter(|capability| why_off(profile, capability).is_none());
    on.flat_map(|capability| capability.intents).copied().collect()
}

/// What the account is read for.
pub(super) fn streams(profile: &Profile) -> Vec<String> {
    let on = CAPABILITIES.iter().filter(|capability| why_off(profile, capability).is_none());
    on.flat_map(|capability| capability.streams).map(|name| (*name).to_owned()).collect()
}
