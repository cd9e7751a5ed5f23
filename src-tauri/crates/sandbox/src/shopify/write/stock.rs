//! Stock, variants and inventory items.

use super::{Args, Hand, Json, Written, at, done, id_of, json, list, refuse, refuse_as, text_of};
use crate::shopify::graphql::errors::request_error;
use crate::shopify::state::{Adjustment, Level, Variant, gid, minor};

const PAYLOAD: &str = "inventoryAdjustmentGroup";
/// Rows in one call.
const ROWS_MAX: usize = 250;
const REASONS: &[&str] = &[
    "correction",
    "cycle_count_available",
    "damaged",
    "movement_created",
    "movement_updated",
    "movement_received",
    "movement_canceled",
    "other",
    "promotion",
    "quality_control",
    "received",
    "reservation_created",
    "reservation_deleted",
    "reservation_updated",
    "restock",
    "safety_stock",
    "shrinkage",
];

/// One wanted change: (item, location, from, to or by).
struct Row {
    item: u64,
    place: u64,
    from: Option<i64>,
    number: i64,
}

/// Reads the rows; `changeFromQuantity` has to be there, be it `null`.
fn rows(rows: &[Json], number: &str) -> Result<Vec<Row>, Json> {
    let mut read = Vec::new();
    for row in rows {
        if row.get("changeFromQuantity").is_none() {
            let message = "InventoryQuantityInput must include the following argument: changeFromQuantity.";
            return Err(request_error(message, "INVALID_FIELD_ARGUMENTS"));
        }
        read.push(Row {
            item: id_of(&row["inventoryItemId"], "InventoryItem")?,
            place: id_of(&row["locationId"], "Location")?,
            from: row["changeFromQuantity"].as_i64(),
            number: row[number].as_i64().unwrap_or_default(),
        });
    }
    Ok(read)
}

fn quantity(level: &Level, name: &str) -> i64 {
    match name {
        "on_hand" => level.available + level.committed,
        "committed" => level.committed,
        "incoming" => level.incoming,
        _ => level.available,
    }
}

/// Why a row cannot be applied: code and message.
fn obstacle(hand: &Hand<'_>, name: &str, row: &Row) -> Option<(&'static str, &'static str)> {
    let Some((_, variant)) = hand.state.variant(row.item).filter(|(_, variant)| variant.item_id == row.item) else {
        return Some(("INVALID_INVENTORY_ITEM", "The specified inventory item could not be found."));
    };
    if hand.state.location(row.place).is_none() {
        return Some(("INVALID_LOCATION", "The specified location could not be found."));
    }
    let Some(level) = variant.levels.get(&row.place) else {
        return Some(("ITEM_NOT_STOCKED_AT_LOCATION", "The specified inventory item is not stocked at the location."));
    };
    (row.from.is_some_and(|from| from != quantity(level, name))).then_some((
        "CHANGE_FROM_QUANTITY_STALE",
        "The changeFromQuantity value does not match the persisted quantity.",
    ))
}

fn apply(hand: &mut Hand<'_>, args: &Args, wanted: &[Row], to: impl Fn(i64, i64) -> i64) -> Written {
    let input = at(args, "input").clone();
    let name = text_of(&input["name"]).unwrap_or_default();
    let reason = text_of(&input["reason"]).unwrap_or_default();
    let no = |code: &str, field: &[&str], message: &str| Ok(refuse_as(PAYLOAD, code, field, message));
    if !REASONS.contains(&reason.as_str()) {
        return no("INVALID_REASON", &["input", "reason"], "The specified reason is invalid.");
    }
    if wanted.len() > ROWS_MAX {
        return no("INVALID_QUANTITY_TOO_HIGH", &["input"], "The input must not contain more than 250 rows.");
    }
    for (index, row) in wanted.iter().enumerate() {
        if wanted.iter().take(index).any(|other| other.item == row.item && other.place == row.place) {
            return no(
                "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
                &["input"],
                "The combination of item and location must be unique.",
            );
        }
        if let Some((code, message)) = obstacle(hand, &name, row) {
            return no(code, &["input", "quantities", &index.to_string()], message);
        }
    }
    let now_ms = hand.now_ms;
    let mut changes = Vec::new();
    for row in wanted {
        let level = hand.state.variant_mut(row.item).and_then(|variant| variant.levels.get_mut(&row.place));
        let Some(level) = level else { continue };
        let before = quantity(level, &name);
        let delta = to(before, row.number) - before;
        match name.as_str() {
            "incoming" => level.incoming += delta,
            "committed" => level.committed += delta,
            _ => level.available += delta,
        }
        level.updated_ms = crate::shopify::state::seconds(now_ms);
        if delta != 0 {
            changes.push((name.clone(), row.item, row.place, delta, quantity(level, &name)));
        }
    }
    if changes.is_empty() {
        return Ok(json!({ PAYLOAD: null, "userErrors": [] }));
    }
    let id = hand.state.id();
    let listed: Vec<Json> = changes
        .iter()
        .map(|(name, item, place, delta, after)| {
            json!({ "name": name, "item": gid("InventoryItem", *item), "location": gid("Location", *place), "delta": delta, "after": after })
        })
        .collect();
    hand.state.adjustments.push(Adjustment {
        id,
        at_ms: now_ms,
        reason,
        reference: text_of(&input["referenceDocumentUri"]),
        changes,
    });
    hand.note("stock_changed", gid("InventoryAdjustmentGroup", id), None, json!({ "changes": listed }));
    Ok(done(PAYLOAD, "InventoryAdjustmentGroup", id))
}

/// `inventorySetQuantities`.
pub fn set(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = at(args, "input").clone();
    let wanted = rows(list(&input["quantities"]), "quantity")?;
    if !matches!(input["name"].as_str(), Some("available" | "on_hand")) {
        let message = "The quantity name must be either 'available' or 'on_hand'.";
        return Ok(refuse_as(PAYLOAD, "INVALID_NAME", &["input", "name"], message));
    }
    if wanted.iter().any(|row| row.number < 0) {
        return Ok(refuse_as(
            PAYLOAD,
            "INVALID_QUANTITY_NEGATIVE",
            &["input", "quantities"],
            "The quantity can't be negative.",
        ));
    }
    apply(hand, args, &wanted, |_, to| to)
}

/// `inventoryAdjustQuantities`.
pub fn adjust(hand: &mut Hand<'_>, args: &Args) -> Written {
    let input = at(args, "input").clone();
    let wanted = rows(list(&input["changes"]), "delta")?;
    let name = input["name"].as_str().unwrap_or_default();
    if !["available", "damaged", "incoming", "quality_control", "reserved", "safety_stock"].contains(&name) {
        return Ok(refuse_as(
            PAYLOAD,
            "INVALID_QUANTITY_NAME",
            &["input", "name"],
            "The specified quantity name is invalid.",
        ));
    }
    for row in list(&input["changes"]) {
        let document = row["ledgerDocumentUri"].as_str();
        if name == "available" && document.is_some() {
            let message = "A ledger document URI is not allowed when adjusting available.";
            return Ok(refuse_as(PAYLOAD, "INVALID_AVAILABLE_DOCUMENT", &["input", "changes"], message));
        }
        if name != "available" && document.is_none_or(|uri| uri.starts_with("gid://shopify/")) {
            let message = "A ledger document URI of the app is required except when adjusting available.";
            return Ok(refuse_as(PAYLOAD, "INVALID_QUANTITY_DOCUMENT", &["input", "changes"], message));
        }
    }
    apply(hand, args, &wanted, |before, by| before + by)
}

/// `inventoryActivate`.
pub fn activate(hand: &mut Hand<'_>, args: &Args) -> Written {
    let item = id_of(at(args, "inventoryItemId"), "InventoryItem")?;
    let place = id_of(at(args, "locationId"), "Location")?;
    if hand.state.location(place).is_none() {
        return Ok(refuse("inventoryLevel", &["locationId"], "The location could not be found."));
    }
    let available = at(args, "available").as_i64().unwrap_or_default();
    let updated_ms = crate::shopify::state::seconds(hand.now_ms);
    let Some(variant) = hand.state.variant_mut(item).filter(|variant| variant.item_id == item) else {
        return Ok(refuse("inventoryLevel", &["inventoryItemId"], "The inventory item could not be found."));
    };
    if variant.levels.contains_key(&place) && !at(args, "available").is_null() {
        return Ok(refuse(
            "inventoryLevel",
            &["available"],
            "Not allowed to set available quantity when the item is already active at the location.",
        ));
    }
    variant.levels.entry(place).or_insert(Level { available, committed: 0, incoming: 0, updated_ms });
    let level = format!("{}?inventory_item_id={item}", gid("InventoryLevel", place));
    hand.note("stock_activated", level.clone(), None, json!({ "available": available }));
    Ok(json!({ "inventoryLevel": { "$ref": level }, "userErrors": [] }))
}

/// Fields of an `InventoryItemInput` on a variant; an explicit `null` clears.
fn change_item(variant: &mut Variant, input: &Json, currency: &str) {
    if let Some(sku) = input.get("sku") {
        variant.sku = text_of(sku);
    }
    if let Some(tracked) = input.get("tracked").and_then(Json::as_bool) {
        variant.tracked = tracked;
    }
    if let Some(physical) = input.get("requiresShipping").and_then(Json::as_bool) {
        variant.requires_shipping = physical;
    }
    if let Some(code) = input.get("harmonizedSystemCode") {
        variant.hs_code = text_of(code);
    }
    if let Some(country) = input.get("countryCodeOfOrigin") {
        variant.origin = text_of(country);
    }
    if let Some(cost) = input.get("cost") {
        variant.cost_minor = cost.as_str().and_then(|text| minor(text, currency));
    }
    if let Some(weight) = input.get("measurement").and_then(|one| one.get("weight")) {
        variant.weight = weight["value"].as_f64().zip(text_of(&weight["unit"]));
    }
}

/// `inventoryItemUpdate`.
pub fn update_item(hand: &mut Hand<'_>, args: &Args) -> Written {
    let id = id_of(at(args, "id"), "InventoryItem")?;
    let (now_ms, currency) = (crate::shopify::state::seconds(hand.now_ms), hand.plan.currency.clone());
    let Some(variant) = hand.state.variant_mut(id).filter(|variant| variant.item_id == id) else {
        return Ok(refuse("inventoryItem", &["id"], "Inventory item does not exist"));
    };
    change_item(variant, at(args, "input"), &currency);
    variant.updated_ms = now_ms;
    hand.note("item_updated", gid("InventoryItem", id), None, at(args, "input").clone());
    Ok(done("inventoryItem", "InventoryItem", id))
}

/// `productVariantsBulkUpdate`: all or nothing, whatever the client says of partial updates.
pub fn update_variants(hand: &mut Hand<'_>, args: &Args) -> Written {
    let product_id = id_of(at(args, "productId"), "Product")?;
    let wanted = list(at(args, "variants")).to_vec();
    let no = |code: &str, message: &str| Ok(refuse_as("productVariants", code, &["variants"], message));
    let (now_ms, currency) = (crate::shopify::state::seconds(hand.now_ms), hand.plan.currency.clone());
    let Some(product) = hand.state.products.iter_mut().find(|product| product.id == product_id) else {
        return no("PRODUCT_DOES_NOT_EXIST", "Product does not exist");
    };
    for one in &wanted {
        let Some(id) = one["id"].as_str() else {
            return no("PRODUCT_VARIANT_ID_MISSING", "Product variant is missing ID attribute");
        };
        let id = id_of(&Json::from(id), "ProductVariant")?;
        if !product.variants.iter().any(|variant| variant.id == id) {
            return no("PRODUCT_VARIANT_DOES_NOT_EXIST", "Product variant does not exist");
        }
        if !list(&one["inventoryQuantities"]).is_empty() {
            let message = "Inventory quantities can only be provided during create.";
            return no("NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE", message);
        }
        if one["price"].as_str().is_some_and(|price| minor(price, &currency).is_none_or(|price| price < 0)) {
            return no("NEGATIVE_PRICE_VALUE", "Price must be greater than or equal to 0");
        }
    }
    let mut changed = Vec::new();
    for one in &wanted {
        let id = id_of(&one["id"], "ProductVariant")?;
        let Some(variant) = product.variants.iter_mut().find(|variant| variant.id == id) else { continue };
        if let Some(price) = one["price"].as_str().and_then(|text| minor(text, &currency)) {
            variant.price_minor = price;
        }
        if let Some(compare) = one.get("compareAtPrice") {
            variant.compare_minor = compare.as_str().and_then(|text| minor(text, &currency));
        }
        if let Some(barcode) = one.get("barcode") {
            variant.barcode = text_of(barcode);
        }
        if let Some(policy) = one["inventoryPolicy"].as_str() {
            variant.oversell = policy == "CONTINUE";
        }
        if let Some(item) = one.get("inventoryItem") {
            change_item(variant, item, &currency);
        }
        variant.updated_ms = now_ms;
        changed.push(super::reference("ProductVariant", id));
    }
    product.updated_ms = now_ms;
    hand.note("variants_updated", gid("Product", product_id), None, json!({ "variants": wanted }));
    Ok(json!({ "productVariants": changed, "userErrors": [] }))
}
