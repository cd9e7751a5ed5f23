//! An order and its parts as V2 writes them: amounts as text, times in RFC 2822,
//! unset times as `""`.

use super::BigCommerce;
use super::plan::BigPlan;
use super::state::{Address, Line, Order, ShipTo, Shipment};
use serde_json::{Map, Value as Json, json};

/// Lines an inclusion carries at most.
const INCLUDED_MAX: usize = 50;

/// Sums of an order, minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines without tax.
    pub sub_ex: i64,
    /// Lines with tax.
    pub sub_inc: i64,
    /// Shipping without tax.
    pub ship_ex: i64,
    /// Shipping with tax.
    pub ship_inc: i64,
    /// Gift wrap without tax.
    pub wrap_ex: i64,
    /// Gift wrap with tax.
    pub wrap_inc: i64,
    /// Discounts on lines, without the coupon.
    pub discount: i64,
    /// Everything, with tax.
    pub total_inc: i64,
    /// Tax in it.
    pub tax: i64,
}

impl BigPlan {
    /// An entered amount without and with tax.
    pub fn split(&self, entered: i64) -> (i64, i64) {
        let rate = self.tax_rate;
        if self.taxes_included {
            ((entered as f64 / (1.0 + rate)).round() as i64, entered)
        } else {
            (entered, (entered as f64 * (1.0 + rate)).round() as i64)
        }
    }
    /// How many decimals the store's currency has.
    pub fn decimals(&self) -> usize {
        if self.currency == "JPY" { 0 } else { 2 }
    }
    /// An amount as V2 writes it: four decimals.
    pub fn amount(&self, minor: i64) -> String {
        if self.decimals() == 0 {
            format!("{minor}.0000")
        } else {
            format!("{}{}.{:02}00", sign(minor), minor.abs() / 100, minor.abs() % 100)
        }
    }
    /// An amount as V3 writes it: a number.
    pub fn number(&self, minor: i64) -> Json {
        let text = if self.decimals() == 0 {
            minor.to_string()
        } else {
            format!("{}{}.{:02}", sign(minor), minor.abs() / 100, minor.abs() % 100)
        };
        serde_json::from_str(&text).unwrap_or_default()
    }
    /// A V3 number in minor units.
    pub fn minor(&self, number: &Json) -> Option<i64> {
        let scale = if self.decimals() == 0 { 1.0 } else { 100.0 };
        let number = number.as_f64()?;
        Some((number * scale).round() as i64)
    }
}

fn sign(minor: i64) -> &'static str {
    if minor < 0 { "-" } else { "" }
}

/// RFC 2822 in UTC.
pub fn when(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// ISO 8601 in UTC.
pub fn iso(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Name of a status.
pub fn status_name(id: i64) -> Option<&'static str> {
    const NAMES: [&str; 15] = [
        "Incomplete",
        "Pending",
        "Shipped",
        "Partially Shipped",
        "Refunded",
        "Cancelled",
        "Declined",
        "Awaiting Payment",
        "Awaiting Pickup",
        "Awaiting Shipment",
        "Completed",
        "Awaiting Fulfillment",
        "Manual Verification Required",
        "Disputed",
        "Partially Refunded",
    ];
    usize::try_from(id).ok().and_then(|id| NAMES.get(id).copied())
}

/// Sums of an order.
pub fn totals(order: &Order, plan: &BigPlan) -> Totals {
    let mut t = Totals::default();
    for line in &order.lines {
        let (ex, inc) = plan.split(line.price_minor);
        t.sub_ex += ex * line.quantity;
        t.sub_inc += inc * line.quantity;
        t.discount += line.discount_minor;
        if let Some((_, cost, _)) = &line.wrapping {
            let (ex, inc) = plan.split(*cost);
            t.wrap_ex += ex * line.quantity;
            t.wrap_inc += inc * line.quantity;
        }
    }
    for address in &order.addresses {
        let (ex, inc) = plan.split(address.cost_minor);
        t.ship_ex += ex;
        t.ship_inc += inc;
    }
    let off = t.discount + order.coupon_minor;
    t.total_inc = (t.sub_inc + t.ship_inc + t.wrap_inc - off).max(0);
    t.tax = (t.sub_inc - t.sub_ex) + (t.ship_inc - t.ship_ex) + (t.wrap_inc - t.wrap_ex);
    t
}

fn fields(address: &Address) -> Map<String, Json> {
    let a = address;
    let pairs = [
        ("first_name", &a.first_name),
        ("last_name", &a.last_name),
        ("company", &a.company),
        ("street_1", &a.street_1),
        ("street_2", &a.street_2),
        ("city", &a.city),
        ("state", &a.state),
        ("zip", &a.zip),
        ("country", &a.country),
        ("country_iso2", &a.country_iso2),
        ("phone", &a.phone),
        ("email", &a.email),
    ];
    pairs.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect()
}

fn form_fields(address: &Address) -> Json {
    address.form_fields.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

impl BigCommerce {
    fn link(&self, resource: &str) -> Json {
        json!({ "url": format!("https://api.bigcommerce.com/stores/{}/v2{resource}", self.plan.hash), "resource": resource })
    }

    /// An order. `include` as asked for; `object`: consignments in the supported form.
    pub(super) fn order_json(&self, order: &Order, include: &[&str], object: bool) -> Json {
        let (plan, t) = (&self.plan, totals(order, &self.plan));
        let units = |f: fn(&Line) -> i64| order.lines.iter().map(f).sum::<i64>();
        let base = format!("/orders/{}", order.id);
        let mut billing = fields(&order.billing);
        billing.insert("form_fields".into(), form_fields(&order.billing));
        let m = |minor: i64| json!(plan.amount(minor));
        let mut json = json!({
            "id": order.id, "customer_id": order.customer, "date_created": when(order.created_ms),
            "date_modified": when(order.modified_ms), "date_shipped": order.shipped_ms.map_or_else(String::new, when),
            "status_id": order.status, "status": status_name(order.status), "custom_status": status_name(order.status),
            "is_deleted": order.archived, "payment_method": order.payment_method, "payment_provider_id": null,
            "payment_status": order.payment_status, "subtotal_ex_tax": m(t.sub_ex), "subtotal_inc_tax": m(t.sub_inc),
            "subtotal_tax": m(t.sub_inc - t.sub_ex), "shipping_cost_ex_tax": m(t.ship_ex), "shipping_cost_inc_tax": m(t.ship_inc),
            "shipping_cost_tax": m(t.ship_inc - t.ship_ex), "base_shipping_cost": m(if plan.taxes_included { t.ship_inc } else { t.ship_ex }),
            "handling_cost_ex_tax": m(0), "handling_cost_inc_tax": m(0), "handling_cost_tax": m(0), "base_handling_cost": m(0),
            "wrapping_cost_ex_tax": m(t.wrap_ex), "wrapping_cost_inc_tax": m(t.wrap_inc), "wrapping_cost_tax": m(t.wrap_inc - t.wrap_ex),
            "base_wrapping_cost": m(if plan.taxes_included { t.wrap_inc } else { t.wrap_ex }),
            "total_ex_tax": m(t.total_inc - t.tax), "total_inc_tax": m(t.total_inc), "total_tax": m(t.tax),
            "discount_amount": m(t.discount), "coupon_discount": m(order.coupon_minor), "store_credit_amount": m(0),
            "gift_certificate_amount": m(0), "is_tax_inclusive_pricing": plan.taxes_included, "refunded_amount": m(0),
        });
        let more = json!({
            "default_currency_code": plan.currency, "default_currency_id": 1, "currency_code": plan.currency, "currency_id": 1,
            "currency_exchange_rate": "1.0000000000", "store_default_currency_code": plan.currency,
            "store_default_to_transactional_exchange_rate": "1.0000000000", "items_total": units(|line| line.quantity),
            "items_shipped": units(|line| line.shipped), "order_is_digital": order.lines.iter().all(|line| line.kind == "digital"),
            "shipping_address_count": order.addresses.len(), "staff_notes": order.staff_notes, "customer_message": order.customer_message,
            "channel_id": order.channel, "order_source": order.source, "external_source": null, "external_id": order.external_id,
            "external_merchant_id": null, "external_order_id": order.external_order_id, "cart_id": null,
            "customer_locale": "en", "ip_address": "192.0.2.7", "ip_address_v6": "", "geoip_country": "", "geoip_country_iso2": "",
            "tax_provider_id": "BasicTaxProvider", "is_email_opt_in": false, "ebay_order_id": "0",
            "billing_address": billing, "products": self.link(&format!("{base}/products")),
            // Rows written years ago link to a path that is no longer served.
            "shipping_addresses": self.link(&format!("{base}/shippingaddresses")),
            "coupons": self.link(&format!("{base}/coupons")), "consignments": self.link(&format!("{base}/consignments")),
            "fees": self.link(&format!("{base}/fees")),
        });
        if let (Some(json), Json::Object(more)) = (json.as_object_mut(), more) {
            json.extend(more);
        }
        let with_lines = include.contains(&"consignments.line_items");
        if with_lines || include.contains(&"consignments") {
            json["consignments"] = self.consignments(order, with_lines);
            if !object {
                // The form of old: a list.
                json["consignments"] = json!([json["consignments"]["shipping"]]);
            }
        }
        json
    }

    /// `GET .../consignments`.
    pub(super) fn consignments(&self, order: &Order, with_lines: bool) -> Json {
        let habits = &self.plan.habits;
        let group = |lines: Vec<&Line>| -> (Json, bool) {
            let cut = lines.len() > INCLUDED_MAX && with_lines;
            let rows = lines.iter().take(if with_lines { INCLUDED_MAX } else { usize::MAX }).map(|line| {
                if !with_lines {
                    return self.link(&format!("/orders/{}/products/{}", order.id, line.id));
                }
                let mut json = self.line_json(order, line);
                if habits.included_without_sizes
                    && let Some(object) = json.as_object_mut()
                {
                    for size in ["weight", "width", "height", "depth"] {
                        object.remove(size);
                    }
                }
                json
            });
            (rows.collect(), cut && habits.warns_of_cut)
        };
        let put = |mut consignment: Map<String, Json>, lines: Vec<&Line>| -> Json {
            let (rows, warned) = group(lines);
            consignment.insert("line_items".into(), rows);
            if warned {
                consignment.insert("__warning__".into(), json!("line_items holds the first 50 only"));
            }
            Json::Object(consignment)
        };
        let shipping: Vec<Json> = order
            .addresses
            .iter()
            .map(|ship_to| {
                let mut one = self.address_fields(order, ship_to);
                let id = if habits.consignment_id_is_address { ship_to.id } else { ship_to.id + 700_000 };
                one.insert("id".into(), json!(id));
                // Numbers here, text in the address list.
                let (ex, inc) = self.plan.split(ship_to.cost_minor);
                for (name, minor) in [
                    ("base_cost", ship_to.cost_minor),
                    ("cost_ex_tax", ex),
                    ("cost_inc_tax", inc),
                    ("cost_tax", inc - ex),
                ] {
                    one.insert(name.into(), self.plan.number(minor));
                }
                for name in ["base_handling_cost", "handling_cost_ex_tax", "handling_cost_inc_tax", "handling_cost_tax"]
                {
                    one.insert(name.into(), json!(0));
                }
                one.remove("order_id");
                let lines = order.lines.iter().filter(|line| line.address == ship_to.id && line.pickup == 0).collect();
                put(one, lines)
            })
            .collect();
        let fetched: Vec<&Line> = order.lines.iter().filter(|line| line.pickup > 0).collect();
        let pickups = if fetched.is_empty() {
            vec![]
        } else {
            let one = json!({
                "id": order.id + 900_000, "pickup_method_id": 1, "pickup_method_display_name": "Pick up",
                "collection_instructions": "Bring your ID", "collection_time_description": "9am - 6pm",
                "location": { "id": 1, "name": "Default location", "code": "BC-LOCATION-1", "address_line_1": "1 Dock Road",
                    "address_line_2": "", "city": "Austin", "state": "Texas", "postal_code": "78726", "country_alpha2": "US",
                    "email": "dock@example.com", "phone": "+1 111" },
            });
            vec![put(one.as_object().cloned().unwrap_or_default(), fetched)]
        };
        let of_kind = |kind: &str| -> Vec<&Line> {
            order.lines.iter().filter(|line| line.kind == kind && line.pickup == 0).collect()
        };
        let mail = |lines: Vec<&Line>| {
            if lines.is_empty() {
                return vec![];
            }
            let one = Map::from_iter([("recipient_email".to_owned(), json!(order.billing.email))]);
            vec![put(one, lines)]
        };
        // Something physical without an address is in no consignment at all.
        json!({ "shipping": shipping, "pickups": pickups, "downloads": mail(of_kind("digital")),
            "email": { "gift_certificates": mail(of_kind("giftcertificate")) } })
    }

    fn address_fields(&self, order: &Order, ship_to: &ShipTo) -> Map<String, Json> {
        let lines = || order.lines.iter().filter(|line| line.address == ship_to.id);
        let mut one = fields(&ship_to.address);
        let more = json!({
            "id": ship_to.id, "order_id": order.id, "items_total": lines().map(|line| line.quantity).sum::<i64>(),
            "items_shipped": lines().map(|line| line.shipped).sum::<i64>(), "shipping_method": ship_to.method,
            "shipping_zone_id": 1, "shipping_zone_name": "Everywhere", "cost_tax_class_id": 2, "handling_cost_tax_class_id": 2,
            "form_fields": form_fields(&ship_to.address),
            "shipping_quotes": self.link(&format!("/orders/{}/shipping_addresses/{}/shipping_quotes", order.id, ship_to.id)),
        });
        one.extend(more.as_object().cloned().unwrap_or_default());
        one
    }

    /// A row of `GET .../shipping_addresses`.
    pub(super) fn address_json(&self, order: &Order, ship_to: &ShipTo) -> Json {
        let mut one = self.address_fields(order, ship_to);
        let (ex, inc) = self.plan.split(ship_to.cost_minor);
        let amounts = [
            ("base_cost", ship_to.cost_minor),
            ("cost_ex_tax", ex),
            ("cost_inc_tax", inc),
            ("cost_tax", inc - ex),
            ("base_handling_cost", 0),
            ("handling_cost_ex_tax", 0),
            ("handling_cost_inc_tax", 0),
            ("handling_cost_tax", 0),
        ];
        for (name, minor) in amounts {
            one.insert(name.into(), json!(self.plan.amount(minor)));
        }
        Json::Object(one)
    }

    /// A row of `GET .../products`.
    pub(super) fn line_json(&self, order: &Order, line: &Line) -> Json {
        let plan = &self.plan;
        let (ex, inc) = plan.split(line.price_minor);
        let m = |minor: i64| json!(plan.amount(minor));
        let (wrap_ex, wrap_inc) = plan.split(line.wrapping.as_ref().map_or(0, |(_, cost, _)| *cost));
        let address =
            if plan.habits.address_id_as_text { json!(line.address.to_string()) } else { json!(line.address) };
        let choices: Vec<Json> = line
            .choices
            .iter()
            .enumerate()
            .map(|(i, choice)| {
                json!({ "id": line.id * 10 + i as i64, "option_id": i, "order_product_id": line.id, "product_option_id": 100 + i,
                    "display_name": choice.name, "display_value": choice.shown, "value": choice.value, "type": choice.kind,
                    "name": choice.name, "display_style": "", "display_name_customer": choice.name, "display_name_merchant": choice.name,
                    "display_value_customer": choice.shown, "display_value_merchant": choice.shown })
            })
            .collect();
        let discounts = if line.discount_minor > 0 {
            json!([{ "id": "coupon", "amount": plan.amount(line.discount_minor), "name": "Spring sale", "code": null, "target": "product" }])
        } else {
            json!([])
        };
        let mut json = json!({
            "id": line.id, "order_id": order.id, "product_id": line.product, "variant_id": line.variant, "order_address_id": address,
            "order_pickup_method_id": line.pickup, "name": line.name, "name_customer": line.name, "name_merchant": line.name,
            "sku": line.sku, "upc": line.upc, "type": line.kind, "quantity": line.quantity, "quantity_shipped": line.shipped,
            "quantity_refunded": line.refunded, "is_refunded": line.refunded >= line.quantity, "refund_amount": m(0), "return_id": 0,
            "base_price": m(line.price_minor), "price_ex_tax": m(ex), "price_inc_tax": m(inc), "price_tax": m(inc - ex),
            "base_total": m(line.price_minor * line.quantity), "total_ex_tax": m(ex * line.quantity), "total_inc_tax": m(inc * line.quantity),
            "total_tax": m((inc - ex) * line.quantity), "discounted_total_inc_tax": m(inc * line.quantity - line.discount_minor),
            "base_cost_price": m(0), "cost_price_ex_tax": m(0), "cost_price_inc_tax": m(0), "cost_price_tax": m(0),
        });
        let more = json!({
            "weight": format!("{:.4}", line.weight), "width": "1.0000", "height": "1.0000", "depth": "1.0000",
            "wrapping_id": i64::from(line.wrapping.is_some()), "wrapping_name": line.wrapping.as_ref().map(|(name, ..)| name),
            "wrapping_message": line.wrapping.as_ref().map_or("", |(.., message)| message), "base_wrapping_cost": m(if plan.taxes_included { wrap_inc } else { wrap_ex }),
            "wrapping_cost_ex_tax": m(wrap_ex), "wrapping_cost_inc_tax": m(wrap_inc), "wrapping_cost_tax": m(wrap_inc - wrap_ex),
            "event_name": null, "event_date": null, "fixed_shipping_cost": m(0), "ebay_item_id": "", "ebay_transaction_id": "",
            "option_set_id": null, "parent_order_product_id": line.parent, "is_bundled_product": line.parent.is_some(),
            "bin_picking_number": "", "external_id": line.external_id, "brand": "", "gift_certificate_id": null,
            "applied_discounts": discounts, "product_options": choices, "configurable_fields": [],
        });
        if let (Some(json), Json::Object(more)) = (json.as_object_mut(), more) {
            json.extend(more);
        }
        json
    }

    /// A shipment.
    pub(super) fn shipment_json(order: &Order, shipment: &Shipment) -> Json {
        let to = order.addresses.iter().find(|ship_to| ship_to.id == shipment.address).map(|to| fields(&to.address));
        let items: Vec<Json> = shipment
            .items
            .iter()
            .map(|(line, units)| {
                let product = order.line(*line).map_or(0, |line| line.product);
                json!({ "order_product_id": line, "product_id": product, "quantity": units })
            })
            .collect();
        let word = if shipment.carrier.is_empty() { &shipment.provider } else { &shipment.carrier };
        let link = if !shipment.link.is_empty() {
            shipment.link.clone()
        } else if word.is_empty() || word == "custom" || shipment.number.is_empty() {
            String::new()
        } else {
            format!("https://track.example/{word}/{}", shipment.number)
        };
        json!({
            "id": shipment.id, "order_id": order.id, "customer_id": order.customer, "order_address_id": shipment.address,
            "date_created": when(shipment.created_ms), "tracking_number": shipment.number, "merchant_shipping_cost": shipment.cost,
            "shipping_method": shipment.method, "shipping_provider": shipment.provider, "tracking_carrier": shipment.carrier,
            "tracking_link": shipment.link, "comments": shipment.comments, "billing_address": fields(&order.billing),
            "shipping_address": to, "items": items, "shipping_provider_display_name": word, "generated_tracking_link": link,
        })
    }
}
