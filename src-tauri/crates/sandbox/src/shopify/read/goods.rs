//! Products, variants, stock, locations, bulk results.

use super::{Thing, Value, What, count_json, gid, id, leaf, opt, time, weight_json};
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::Out;
use crate::shopify::state::{Adjustment, Bulk, Location, Product, Variant, amount, timestamp};
use serde_json::{Value as Json, json};

impl<'a> Thing<'a> {
    pub(super) fn location(&self, location: &'a Location, name: &str, args: &Args) -> Value<'a> {
        let address = &location.address;
        match name {
            "id" => id("Location", location.id),
            "legacyResourceId" => leaf(location.id.to_string()),
            "name" => leaf(location.name.as_str()),
            "isPrimary" => leaf(self.view.state.locations.first().is_some_and(|first| first.id == location.id)),
            "activatable" => leaf(!location.active),
            "isActive" | "deactivatable" | "shipsInventory" | "hasActiveInventory" => leaf(location.active),
            "addressVerified" => leaf(true),
            "fulfillsOnlineOrders" => leaf(location.fulfills_online),
            "isFulfillmentService" => leaf(location.service.is_some()),
            "fulfillmentService" if location.service.is_none() => Out::Null,
            "fulfillmentService" => {
                self.value("FulfillmentService", service_json(Some(location), self.view.plan.shop_id()))
            }
            "createdAt" | "updatedAt" => time(location.created_ms),
            "address" => self.value(
                "LocationAddress",
                json!({
                    "address1": address.address1, "address2": null, "city": address.city, "province": null,
                    "provinceCode": null, "zip": address.zip, "country": address.country,
                    "countryCode": address.country_code, "phone": address.phone,
                    "formatted": [address.address1, format!("{} {}", address.zip, address.city), address.country],
                }),
            ),
            "inventoryLevels" if !self.view.may("read_inventory") => super::root::denied("read_inventory"),
            "inventoryLevels" => {
                let query = super::Query::parse(args.get("query").and_then(Json::as_str).unwrap_or_default());
                let all = self
                    .view
                    .state
                    .products
                    .iter()
                    .flat_map(|product| product.variants.iter().map(move |one| (product, one)));
                let here = all.filter(|(_, variant)| {
                    variant.levels.get(&location.id).is_some_and(|level| {
                        query.matches(&|term| match term.field.as_str() {
                            "updated_at" => Some(term.time(level.updated_ms)),
                            "inventory_item_id" => Some(term.number(variant.item_id as i64)),
                            _ => None,
                        })
                    })
                });
                self.page(
                    args,
                    here.map(|(product, variant)| (variant.item_id, What::Level(product, variant, location.id))),
                )
            }
            _ => Out::Null,
        }
    }

    pub(super) fn product(&self, product: &'a Product, name: &str, args: &Args) -> Value<'a> {
        match name {
            "id" => id("Product", product.id),
            "legacyResourceId" => leaf(product.id.to_string()),
            "title" => leaf(product.title.as_str()),
            "handle" => leaf(product.handle()),
            "vendor" => leaf(product.vendor.as_str()),
            "productType" => leaf(product.product_type.as_str()),
            "status" => leaf(product.status.word()),
            "tags" => leaf(json!(product.tags)),
            "description" | "descriptionHtml" => leaf(format!("{} by {}.", product.title, product.vendor)),
            "isGiftCard" => leaf(product.gift_card),
            "hasOnlyDefaultVariant" => leaf(product.variants.len() == 1),
            "hasOutOfStockVariants" => {
                leaf(product.variants.iter().any(|variant| variant.tracked && variant.available() <= 0))
            }
            "totalInventory" => {
                leaf(product.variants.iter().filter(|one| one.tracked).map(Variant::available).sum::<i64>())
            }
            "tracksInventory" => leaf(product.variants.iter().any(|variant| variant.tracked)),
            "createdAt" | "publishedAt" => time(product.created_ms),
            "updatedAt" => time(product.updated_ms),
            "variantsCount" => self.value("Count", count_json(product.variants.len())),
            "variants" => {
                self.page(args, product.variants.iter().map(|variant| (variant.id, What::Variant(product, variant))))
            }
            _ => Out::Null,
        }
    }

    pub(super) fn variant(&self, product: &'a Product, variant: &'a Variant, name: &str) -> Value<'a> {
        let currency = &self.view.plan.currency;
        match name {
            "id" => id("ProductVariant", variant.id),
            "legacyResourceId" => leaf(variant.id.to_string()),
            "title" => leaf(variant.title.as_str()),
            "displayName" => leaf(format!("{} - {}", product.title, variant.title)),
            "sku" => opt(variant.sku.clone()),
            "barcode" => opt(variant.barcode.clone()),
            "price" => leaf(amount(variant.price_minor, currency)),
            "compareAtPrice" => opt(variant.compare_minor.map(|minor| amount(minor, currency))),
            "inventoryPolicy" => leaf(if variant.oversell { "CONTINUE" } else { "DENY" }),
            "inventoryQuantity" | "sellableOnlineQuantity" => leaf(variant.available()),
            "availableForSale" => leaf(!variant.tracked || variant.oversell || variant.available() > 0),
            "taxable" => leaf(variant.taxable),
            "position" => leaf(product.variants.iter().position(|one| one.id == variant.id).unwrap_or_default() + 1),
            "selectedOptions" => {
                let names = ["Colour", "Size", "Style"];
                let parts = variant.title.split(" / ").zip(names);
                self.values("SelectedOption", parts.map(|(value, name)| json!({ "name": name, "value": value })))
            }
            "createdAt" => time(product.created_ms),
            "updatedAt" => time(variant.updated_ms),
            "product" => self.one(What::Product(product)),
            "inventoryItem" => self.one(What::Item(product, variant)),
            _ => Out::Null,
        }
    }

    pub(super) fn item(&self, product: &'a Product, variant: &'a Variant, name: &str, args: &Args) -> Value<'a> {
        let currency = &self.view.plan.currency;
        match name {
            "id" => id("InventoryItem", variant.item_id),
            "legacyResourceId" => leaf(variant.item_id.to_string()),
            "sku" => opt(variant.sku.clone()),
            "tracked" => leaf(variant.tracked),
            "requiresShipping" => leaf(variant.requires_shipping),
            "countryCodeOfOrigin" => opt(variant.origin.clone()),
            "harmonizedSystemCode" => opt(variant.hs_code.clone()),
            "createdAt" => time(product.created_ms),
            "updatedAt" => time(variant.updated_ms),
            "duplicateSkuCount" => {
                let all = self.view.state.products.iter().flat_map(|one| &one.variants);
                leaf(all.filter(|one| one.sku.is_some() && one.sku == variant.sku && one.id != variant.id).count())
            }
            "unitCost" => {
                let cost = variant.cost_minor.map(|minor| json!({ "amount": amount(minor, currency), "currencyCode": currency }));
                self.value("MoneyV2", cost.unwrap_or(Json::Null))
            }
            "measurement" => self.value(
                "InventoryItemMeasurement",
                json!({ "id": gid("InventoryItemMeasurement", variant.item_id), "weight": weight_json(variant.weight.as_ref()) }),
            ),
            "variant" => self.one(What::Variant(product, variant)),
            "locationsCount" => self.value("Count", count_json(variant.levels.len())),
            "inventoryLevel" => {
                let wanted = args.get("locationId").and_then(Json::as_str);
                let wanted = wanted.and_then(|id| crate::shopify::state::digits_of(id, "Location"));
                self.maybe(wanted.filter(|id| variant.levels.contains_key(id)).map(|id| What::Level(product, variant, id)))
            }
            "inventoryLevels" => {
                self.page(args, variant.levels.keys().map(|location| (*location, What::Level(product, variant, *location))))
            }
            _ => Out::Null,
        }
    }

    pub(super) fn level(
        &self,
        product: &'a Product,
        variant: &'a Variant,
        place: u64,
        name: &str,
        args: &Args,
    ) -> Value<'a> {
        let Some(level) = variant.levels.get(&place) else { return Out::Null };
        match name {
            "id" => leaf(format!("{}?inventory_item_id={}", gid("InventoryLevel", place), variant.item_id)),
            "isActive" => leaf(true),
            "createdAt" => time(product.created_ms),
            "updatedAt" => time(level.updated_ms),
            "location" => self.maybe(self.view.state.location(place).map(What::Location)),
            "item" => self.one(What::Item(product, variant)),
            "quantities" => {
                let names = args.get("names").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
                let rows = names.iter().filter_map(Json::as_str).map(|name| {
                    let quantity = match name {
                        "available" => level.available,
                        "on_hand" => level.available + level.committed,
                        "committed" => level.committed,
                        "incoming" => level.incoming,
                        _ => 0,
                    };
                    let row = format!("{}?name={name}&item={}", gid("InventoryQuantity", place), variant.item_id);
                    json!({ "id": row, "name": name, "quantity": quantity, "updatedAt": timestamp(level.updated_ms) })
                });
                self.values("InventoryQuantity", rows)
            }
            _ => Out::Null,
        }
    }
}

/// `FulfillmentService` of a location; the merchant's own hands where there is none.
pub(super) fn service_json(location: Option<&Location>, shop: u64) -> Json {
    match location.and_then(|location| Some((location, location.service.as_ref()?))) {
        Some((location, (handle, name))) => json!({
            "id": gid("FulfillmentService", location.id), "handle": handle, "serviceName": name, "type": "THIRD_PARTY",
            "callbackUrl": format!("https://{handle}.example/shopify"), "inventoryManagement": true,
            "location": { "$ref": gid("Location", location.id) },
        }),
        None => json!({
            "id": format!("{}?id=true", gid("FulfillmentService", shop)), "handle": "manual", "serviceName": "Manual",
            "type": "MANUAL", "callbackUrl": null, "inventoryManagement": false, "location": null,
        }),
    }
}

/// `BulkOperation`.
pub(super) fn bulk_json(bulk: &Bulk, origin: &str) -> Json {
    let url = (bulk.status == "COMPLETED" && bulk.objects > 0).then(|| format!("{origin}/bulk/{}.jsonl", bulk.id));
    json!({
        "id": gid("BulkOperation", bulk.id), "status": bulk.status, "type": "QUERY", "query": bulk.query,
        "createdAt": timestamp(bulk.created_ms), "completedAt": bulk.completed_ms.map(timestamp),
        "errorCode": null, "objectCount": bulk.objects.to_string(), "rootObjectCount": bulk.roots.to_string(),
        "fileSize": (bulk.status == "COMPLETED").then(|| bulk.result.len().to_string()), "url": url, "partialDataUrl": null,
    })
}

/// `InventoryAdjustmentGroup`.
pub(super) fn adjustment_json(group: &Adjustment) -> Json {
    let changes = group.changes.iter().map(|(name, item, location, delta, after)| {
        json!({
            "name": name, "delta": delta, "quantityAfterChange": after,
            "item": { "$ref": gid("InventoryItem", *item) }, "location": { "$ref": gid("Location", *location) },
        })
    });
    json!({
        "id": gid("InventoryAdjustmentGroup", group.id), "createdAt": timestamp(group.at_ms), "reason": group.reason,
        "referenceDocumentUri": group.reference, "changes": changes.collect::<Vec<_>>(),
    })
}
