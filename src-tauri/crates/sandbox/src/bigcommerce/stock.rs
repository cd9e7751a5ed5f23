//! Levels by location, and what can be sold.

use super::BigCommerce;
use super::door::{Answer, Call, list_v3, no_v3, ok};
use super::shape::iso;
use super::state::{Change, Product, Variant};
use crate::Moment;
use crate::ledger::By;
use chrono::DateTime;
use http::Method;
use rand::Rng;
use serde_json::{Value as Json, json};

/// Items of one adjustment.
const ITEMS_MAX: usize = 2_000;
/// An adjustment is applied some time after it was accepted, ms.
const APPLY_MS: (i64, i64) = (500, 6_000);

impl BigCommerce {
    pub(super) fn inventory(&mut self, rest: &[&str], call: &Call<'_>, moment: &mut Moment<'_>) -> Answer {
        match (call.method, rest) {
            (&Method::GET, ["locations"]) => {
                let row = |(id, code, name): &(i64, String, String)| {
                    json!({ "id": id, "code": code, "label": name, "type_id": "PHYSICAL", "enabled": true, "managed_by_external_source": false,
                        "storefront_visibility": true, "special_hours": [], "time_zone": self.plan.zone,
                        "address": { "address1": "1 Dock Road", "city": "Austin", "state": "Texas", "zip": "78726", "email": "dock@example.com",
                            "geo_coordinates": { "latitude": 30.4, "longitude": -97.8 }, "country_code": "USA" } })
                };
                list_v3(self.state.locations.iter().map(row).collect(), call, 1000)
            }
            (&Method::GET, ["items"]) => self.levels(call),
            (&Method::PUT, ["adjustments", "absolute"]) => self.adjust(call, true, moment),
            (&Method::POST, ["adjustments", "relative"]) => self.adjust(call, false, moment),
            _ => no_v3(404, "The resource at that URL is not found.", &json!({})),
        }
    }

    fn levels(&self, call: &Call<'_>) -> Answer {
        let (skus, variants, places) = (call.set("sku:in"), call.set("variant_id:in"), call.set("location_id:in"));
        let mut rows = Vec::new();
        for product in self.state.products.iter().filter(|product| product.tracking != "none") {
            for Variant { id: variant, sku, .. } in &product.variants {
                let wanted = (skus.is_empty() || skus.iter().any(|known| known.eq_ignore_ascii_case(sku)))
                    && (variants.is_empty() || variants.contains(&variant.to_string().as_str()));
                if !wanted {
                    continue;
                }
                let at = self
                    .state
                    .locations
                    .iter()
                    .filter(|(id, ..)| places.is_empty() || places.contains(&id.to_string().as_str()));
                let levels: Vec<Json> = at
                    .map(|(id, code, name)| {
                        let units = self.state.levels.get(&(*variant, *id)).copied().unwrap_or(0);
                        json!({ "location_id": id, "location_code": code, "location_name": name, "location_enabled": true,
                            "available_to_sell": units, "total_inventory_onhand": units,
                            "settings": { "safety_stock": 0, "is_in_stock": units > 0, "warning_level": 0, "bin_picking_number": "" } })
                    })
                    .collect();
                rows.push(json!({ "identity": { "sku": sku, "variant_id": variant, "product_id": product.id, "sku_id": variant }, "locations": levels }));
            }
        }
        list_v3(rows, call, 1000)
    }

    fn adjust(&mut self, call: &Call<'_>, absolute: bool, moment: &mut Moment<'_>) -> Answer {
        let invalid =
            |field: &str| no_v3(422, "JSON data is missing or invalid", &json!({ field: "error.path.missing" }));
        let Some(items) = call.body.get("items").and_then(Json::as_array).filter(|items| !items.is_empty()) else {
            return invalid("items");
        };
        if items.len() > ITEMS_MAX {
            return no_v3(422, "Too many items.", &json!({}));
        }
        let mut changes = Vec::new();
        for item in items {
            let Some(place) = item.get("location_id").and_then(Json::as_i64) else { return invalid("location_id") };
            let Some(units) = item.get("quantity").and_then(Json::as_i64) else { return invalid("quantity") };
            if !self.state.locations.iter().any(|(id, ..)| *id == place) {
                return no_v3(422, "The location does not exist.", &json!({}));
            }
            let named = ["sku", "variant_id", "product_id"].iter().filter(|name| item.get(**name).is_some()).count();
            if named != 1 {
                return no_v3(422, "Exactly one of sku, variant_id, product_id is needed.", &json!({}));
            }
            let found = self.state.products.iter().find_map(|product| {
                let variant = product.variants.iter().find(|Variant { id, sku, .. }| {
                    item.get("variant_id").and_then(Json::as_i64) == Some(*id)
                        || item.get("sku").and_then(Json::as_str).is_some_and(|text| text.eq_ignore_ascii_case(sku))
                        || item.get("product_id").and_then(Json::as_i64) == Some(product.id)
                })?;
                Some((product, variant.id))
            });
            let Some((product, variant)) = found else { return no_v3(422, "The item does not exist.", &json!({})) };
            match product.tracking.as_str() {
                "none" => return no_v3(422, "The product's inventory is not tracked", &json!({})),
                "product" if item.get("product_id").is_none() && product.variants.len() > 1 => {
                    return no_v3(
                        422,
                        "Inventory is tracked by product, please update stock by product id",
                        &json!({}),
                    );
                }
                _ => {}
            }
            let known = self.state.levels.get(&(variant, place)).copied();
            let change = if absolute {
                Change::Set(units)
            } else {
                let Some(level) = known else {
                    return no_v3(422, "The item requires absolute adjustment before relative", &json!({}));
                };
                if level + units < 0 {
                    return no_v3(422, "Insufficient stock", &json!({}));
                }
                Change::Add(units)
            };
            changes.push((variant, place, change, units));
        }
        let due_ms = moment.now_ms + moment.rng.random_range(APPLY_MS.0..=APPLY_MS.1);
        for (variant, place, change, units) in changes {
            self.state.pending.push((due_ms, variant, place, change));
            let sku = self.state.variant(variant).map(|(_, variant)| variant.sku.clone());
            let detail = json!({ "sku": sku, "location": place, "units": units, "absolute": absolute });
            self.hand(moment, By::Client).note("stock_set", variant, sku, detail);
        }
        ok(200, &json!({ "transaction_id": format!("{:032x}", moment.rng.random::<u128>()) }))
    }

    pub(super) fn products(&self, call: &Call<'_>) -> Answer {
        let most =
            if call.set("include").iter().any(|part| matches!(*part, "options" | "modifiers")) { 10 } else { 250 };
        let since = call.query.get("date_modified:min").and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        if call.query.contains_key("date_modified:min") && since.is_none() {
            return no_v3(422, "The filter date_modified:min is invalid.", &json!({}));
        }
        let same = call.query.get("date_modified");
        let mut products: Vec<&Product> = self
            .state
            .products
            .iter()
            // Without `:min` it means equality.
            .filter(|product| call.query.get("id").is_none_or(|id| product.id.to_string() == *id))
            .filter(|product| same.is_none_or(|text| iso(product.modified_ms) == *text))
            .filter(|product| since.is_none_or(|since| product.modified_ms >= since.timestamp_millis()))
            .collect();
        if call.param("sort") == "date_modified" {
            products.sort_by_key(|product| (product.modified_ms, product.id));
        }
        let with_variants = call.set("include").contains(&"variants");
        let rows = products.iter().map(|product| self.product_json(product, with_variants)).collect();
        list_v3(rows, call, most)
    }

    fn product_json(&self, product: &Product, with_variants: bool) -> Json {
        let base = product.variants.first();
        let mut json = json!({
            "id": product.id, "name": product.name, "type": product.kind, "sku": base.map_or("", |variant| variant.sku.as_str()),
            "weight": product.weight, "width": 1.0, "height": 1.0, "depth": 1.0, "price": self.plan.number(product.price_minor), "cost_price": 0,
            "inventory_level": 0, "inventory_tracking": product.tracking, "bin_picking_number": "", "upc": "", "gtin": "", "mpn": "",
            "availability": "available", "is_visible": product.visible, "date_created": iso(product.modified_ms), "date_modified": iso(product.modified_ms),
            "base_variant_id": if product.variants.len() == 1 { json!(base.map(|variant| variant.id)) } else { Json::Null },
        });
        if with_variants {
            json["variants"] = product.variants.iter().map(|variant| Self::variant_json(product, variant)).collect();
        }
        json
    }

    fn variant_json(product: &Product, Variant { id, sku, label, upc }: &Variant) -> Json {
        let values: Vec<Json> = label
            .split(" / ")
            .filter(|label| !label.is_empty())
            .enumerate()
            .map(|(i, label)| json!({ "id": i, "label": label, "option_id": i, "option_display_name": "Kind" }))
            .collect();
        json!({ "id": id, "product_id": product.id, "sku": sku, "sku_id": id, "price": null, "calculated_price": 0, "weight": null,
            "calculated_weight": product.weight, "width": null, "height": null, "depth": null, "cost_price": 0, "upc": upc, "mpn": "", "gtin": "",
            "inventory_level": 0, "inventory_warning_level": 0, "bin_picking_number": "", "image_url": "", "purchasing_disabled": false,
            "purchasing_disabled_message": "", "option_values": values })
    }

    pub(super) fn variants(&self, call: &Call<'_>) -> Answer {
        let wanted = call.set("product_id:in");
        let products = self
            .state
            .products
            .iter()
            .filter(|product| wanted.is_empty() || wanted.contains(&product.id.to_string().as_str()));
        let rows = products
            .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)))
            .filter(|(_, variant)| call.query.get("id").is_none_or(|id| variant.id.to_string() == *id))
            .map(|(product, variant)| Self::variant_json(product, variant))
            .collect();
        list_v3(rows, call, 250)
    }
}
