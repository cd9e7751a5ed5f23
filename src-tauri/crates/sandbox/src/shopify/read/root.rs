//! The query root: single records, lists with search, the shop, preflight.

use super::rows::{Row, SortKey};
use super::search::{Query, Term};
use super::{Thing, Value, What, count_json, gid, id, leaf, maybe_time, opt, time};
use crate::ListQuirk;
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::Out;
use crate::shopify::state::{Order, Work, parse_gid, timestamp};
use serde_json::{Value as Json, json};

fn arg<'j>(args: &'j Args, name: &str) -> &'j str {
    args.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn flag(args: &Args, name: &str) -> bool {
    args.get(name).and_then(Json::as_bool).unwrap_or(false)
}

impl<'a> Thing<'a> {
    pub(super) fn root(&self, name: &str, args: &Args) -> Value<'a> {
        let view = self.view;
        match name {
            "shop" => self.one(What::Shop),
            "app" => self.value("App", app_json(self)),
            "currentAppInstallation" => self.value("AppInstallation", installation_json(self)),
            "publicApiVersions" => {
                let versions = view.plan.api_versions.iter();
                self.values(
                    "ApiVersion",
                    versions.map(|handle| json!({ "handle": handle, "displayName": handle, "supported": true })),
                )
            }
            "node" | "bulkOperation" => self.by_gid(arg(args, "id")).map_or(Out::Null, Out::One),
            "nodes" => {
                let ids = args.get("ids").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
                Out::Some(ids.iter().map(|id| self.by_gid(id.as_str().unwrap_or_default())).collect())
            }
            "order" | "refund" | "return" | "fulfillment" | "fulfillmentOrder" | "product" | "productVariant"
            | "inventoryItem" | "inventoryLevel" | "customer" => self.single(name, arg(args, "id")),
            "location" => match args.get("id").and_then(Json::as_str) {
                Some(wanted) => self.single(name, wanted),
                None => self.maybe(view.state.locations.first().map(What::Location)),
            },
            "job" => self.job(arg(args, "id")),
            "orders" => self.orders(name, args, None),
            "ordersCount" => self.orders_count(args),
            "fulfillmentOrders" => self.fulfillment_orders(name, args),
            "locations" => self.locations(name, args),
            "products" => self.products(name, args),
            "productVariants" => self.variants(name, args),
            "inventoryItems" => self.items(name, args),
            "customers" => self.customers(name, args),
            "events" => self.events(name, args),
            "returnableFulfillments" => self.returnables(arg(args, "orderId"), args),
            "returnReasonDefinitions" => self.reasons(args),
            _ => Out::Null,
        }
    }

    /// One record of the type the root field promises; another type's id is not found.
    fn single(&self, field: &str, wanted: &str) -> Value<'a> {
        let (kind, scope) = match field {
            "order" => ("Order", "read_orders"),
            "refund" => ("Refund", "read_orders"),
            "return" => ("Return", "read_returns"),
            "fulfillment" => ("Fulfillment", "read_orders"),
            "fulfillmentOrder" => ("FulfillmentOrder", ""),
            "product" => ("Product", "read_products"),
            "productVariant" => ("ProductVariant", "read_products"),
            "inventoryItem" => ("InventoryItem", "read_inventory"),
            "inventoryLevel" => ("InventoryLevel", "read_inventory"),
            "location" => ("Location", "read_locations"),
            _ => ("Customer", "read_customers"),
        };
        if !scope.is_empty() && !self.view.may(scope) {
            return denied(scope);
        }
        match parse_gid(wanted) {
            Some((have, _)) if have == kind => self.by_gid(wanted).map_or(Out::Null, Out::One),
            Some(_) => Out::Null,
            None => Out::Failed(format!("Invalid global id '{wanted}'"), "argumentLiteralsIncompatible"),
        }
    }

    /// Whatever has that id and may be seen.
    pub(super) fn by_gid(&self, wanted: &str) -> Option<Self> {
        let (kind, number) = parse_gid(wanted)?;
        let state = self.view.state;
        let order = match kind {
            "Order" => state.order(number),
            _ => state.owner(number),
        };
        let order = order.filter(|order| self.view.sees(order));
        let what = match kind {
            "Order" => What::Order(order?),
            "LineItem" => What::Line(order?, order?.line(number)?),
            "FulfillmentOrder" => What::Fo(order?, order?.fo(number).filter(|fo| self.view.sees_fo(fo))?),
            "FulfillmentOrderLineItem" => {
                let fo = order?.fos.iter().find(|fo| fo.lines.iter().any(|line| line.id == number))?;
                What::FoLine(order?, fo, fo.lines.iter().find(|line| line.id == number)?)
            }
            "FulfillmentHold" => What::Hold(order?.fos.iter().flat_map(|fo| &fo.holds).find(|hold| hold.id == number)?),
            "Fulfillment" => What::Fulfillment(order?, order?.fulfillments.iter().find(|one| one.id == number)?),
            "FulfillmentLineItem" => What::FulfillmentLine(order?, order?.fulfillment_line(number)?.1),
            "Refund" => What::Refund(order?, order?.refunds.iter().find(|refund| refund.id == number)?),
            "OrderTransaction" => What::Transaction(order?, order?.transactions.iter().find(|one| one.id == number)?),
            "Return" => What::Return(order?, order?.returns.iter().find(|one| one.id == number)?),
            "ReturnLineItem" => {
                let one = order?.returns.iter().find(|one| one.lines.iter().any(|line| line.id == number))?;
                What::ReturnLine(order?, one, one.lines.iter().find(|line| line.id == number)?)
            }
            "ReverseFulfillmentOrder" => {
                What::Reverse(order?, order?.returns.iter().find(|one| one.reverse == Some(number))?)
            }
            "ReverseFulfillmentOrderLineItem" => {
                let mut lines = order?.returns.iter().flat_map(|one| &one.lines);
                What::ReverseLine(order?, lines.find(|line| line.reverse_line == number)?)
            }
            "Metafield" => {
                let metafield = order?.metafields.iter().find(|metafield| metafield.id == number)?;
                What::Plain("Metafield".to_owned(), super::order::metafield_json(metafield))
            }
            "FulfillmentEvent" => {
                let mut events = order?.fulfillments.iter().flat_map(|fulfillment| &fulfillment.events);
                What::Plain(
                    "FulfillmentEvent".to_owned(),
                    super::shipping::event_json(events.find(|event| event.id == number)?),
                )
            }
            "Customer" if self.view.may("read_customers") => What::Customer(state.customer(number)?),
            "Location" if self.view.may("read_locations") => What::Location(state.location(number)?),
            "Product" => What::Product(state.products.iter().find(|product| product.id == number)?),
            "ProductVariant" => state.variant(number).map(|(product, variant)| What::Variant(product, variant))?,
            "InventoryItem" => state.variant(number).map(|(product, variant)| What::Item(product, variant))?,
            "InventoryLevel" => {
                let item = wanted.split("inventory_item_id=").nth(1)?.parse().ok()?;
                let (product, variant) = state.variant(item)?;
                variant.levels.contains_key(&number).then_some(What::Level(product, variant, number))?
            }
            "BulkOperation" => {
                let bulk = state.bulk.iter().find(|bulk| bulk.id == number)?;
                What::Plain("BulkOperation".to_owned(), super::goods::bulk_json(bulk, self.view.origin))
            }
            "InventoryAdjustmentGroup" => {
                let group = state.adjustments.iter().find(|group| group.id == number)?;
                What::Plain("InventoryAdjustmentGroup".to_owned(), super::goods::adjustment_json(group))
            }
            "Shop" => What::Shop,
            _ => return None,
        };
        Some(self.to(what))
    }

    fn job(&self, wanted: &str) -> Value<'a> {
        let job = parse_gid(wanted).and_then(|(_, number)| self.view.state.jobs.get(&number));
        let job = job.filter(|job| matches!(job.work, Work::Cancel { .. }));
        // A job nobody knows any more is a job that is done.
        self.value("Job", json!({ "id": wanted, "done": job.is_none_or(|job| job.done) }))
    }

    /// The search of a list; terms nobody knows go to the warnings.
    fn search(&self, field: &str, args: &Args, known: &[&str]) -> Query {
        let text = arg(args, "query");
        let query = Query::parse(text);
        for term in query.terms() {
            if !term.field.is_empty() && !known.contains(&term.field.as_str()) {
                self.view.warnings.borrow_mut().push((field.to_owned(), text.to_owned(), term.field.clone()));
            }
        }
        query
    }

    /// Rows of a root list: sorted, cut, made to misbehave.
    fn list(&self, args: &Args, mut rows: Vec<Row<'a>>) -> Value<'a> {
        rows.sort_by(|one, other| {
            one.key.partial_cmp(&other.key).unwrap_or(std::cmp::Ordering::Equal).then(one.id.cmp(&other.id))
        });
        match self.paging(args) {
            Ok(paging) => self.cut(&paging, rows, self.view.quirk, Some(self.view.now_ms.unsigned_abs())),
            Err(why) => Out::Failed(why, "BAD_REQUEST"),
        }
    }

    /// Changed too recently for a late index.
    fn late(&self, updated_ms: i64) -> bool {
        self.view.quirk == Some(ListQuirk::LateIndex) && updated_ms > self.view.now_ms - ListQuirk::LATE_MS
    }

    pub(super) fn orders(&self, field: &str, args: &Args, customer: Option<u64>) -> Value<'a> {
        if !self.view.may("read_orders") {
            return denied("read_orders");
        }
        let query = self.search(field, args, super::order::SEARCHED);
        let sort = arg(args, "sortKey").to_owned();
        let wanted = |order: &&'a Order| {
            customer.is_none_or(|id| order.customer == Some(id))
                && self.view.sees(order)
                && !self.late(order.updated_ms)
                && query.matches(&|term| self.order_term(order, term))
        };
        let row = |order: &'a Order| Row { key: order_key(order, &sort), id: order.id, what: What::Order(order) };
        let orders = self.view.state;
        if sort == "UPDATED_AT" {
            // The usual poll: only what changed since, and no more of it than the page needs.
            let paging = match self.paging(args) {
                Ok(paging) => paging,
                Err(why) => return Out::Failed(why, "BAD_REQUEST"),
            };
            if let (Some(limit), None) = (paging.wanted(), self.view.quirk) {
                let after = paging.after.as_ref().and_then(|cursor| match cursor.v {
                    SortKey::Number(ms) => Some((ms, cursor.i)),
                    SortKey::Text(_) => None,
                });
                let from_ms = query.not_before("updated_at").unwrap_or(i64::MIN);
                let found = orders.orders_updated_from(from_ms, after).filter(wanted).take(limit).map(row).collect();
                return self.cut(&paging, found, None, None);
            }
        }
        self.list(args, orders.orders().iter().filter(wanted).map(row).collect())
    }

    fn orders_count(&self, args: &Args) -> Value<'a> {
        if !self.view.may("read_orders") {
            return denied("read_orders");
        }
        let query = self.search("ordersCount", args, super::order::SEARCHED);
        let matches = |order: &&Order| self.view.sees(order) && query.matches(&|term| self.order_term(order, term));
        let count = self.view.state.orders().iter().filter(matches).count();
        if count > super::rows::SCAN_MAX {
            return self.value("Count", json!({ "count": super::rows::SCAN_MAX + 1, "precision": "AT_LEAST" }));
        }
        self.value("Count", count_json(count))
    }

    fn fulfillment_orders(&self, field: &str, args: &Args) -> Value<'a> {
        const KNOWN: &[&str] = &["assigned_location_id", "id", "status", "updated_at"];
        let query = self.search(field, args, KNOWN);
        let closed = flag(args, "includeClosed");
        let now_ms = self.view.now_ms;
        let by_update = arg(args, "sortKey") == "UPDATED_AT";
        let mut rows = Vec::new();
        let from_ms = query.not_before("updated_at").unwrap_or(i64::MIN);
        for order in self.view.state.orders_worked_from(from_ms) {
            for fo in order.fos.iter().filter(|fo| fo.updated_ms >= from_ms && self.view.sees(order)) {
                let term = |term: &Term| match term.field.as_str() {
                    "assigned_location_id" => Some(term.number(fo.location as i64)),
                    "id" => Some(term.number(fo.id as i64)),
                    "status" => Some(term.one_of(fo.status(now_ms).word())),
                    "updated_at" => Some(term.time(fo.updated_ms)),
                    _ => None,
                };
                if (closed || !fo.is_final())
                    && self.view.sees_fo(fo)
                    && !self.late(fo.updated_ms)
                    && query.matches(&term)
                {
                    let key = SortKey::Number(if by_update { fo.updated_ms } else { fo.id as i64 });
                    rows.push(Row { key, id: fo.id, what: What::Fo(order, fo) });
                }
            }
        }
        self.list(args, rows)
    }

    fn locations(&self, field: &str, args: &Args) -> Value<'a> {
        if !self.view.may("read_locations") {
            return denied("read_locations");
        }
        let query = self.search(field, args, &["id", "name", "active", "location_id"]);
        let by_name = arg(args, "sortKey") != "ID";
        let wanted = self.view.state.locations.iter().filter(|location| {
            (location.active || flag(args, "includeInactive"))
                && (location.service.is_none() || flag(args, "includeLegacy"))
                && query.matches(&|term| match term.field.as_str() {
                    "id" | "location_id" => Some(term.number(location.id as i64)),
                    "name" | "" => Some(term.word(&location.name)),
                    "active" => Some(term.flag(location.active)),
                    _ => None,
                })
        });
        let rows = wanted.map(|location| Row {
            key: if by_name { SortKey::Text(location.name.clone()) } else { SortKey::Number(location.id as i64) },
            id: location.id,
            what: What::Location(location),
        });
        self.list(args, rows.collect())
    }

    fn products(&self, field: &str, args: &Args) -> Value<'a> {
        if !self.view.may("read_products") {
            return denied("read_products");
        }
        let known = &["id", "updated_at", "created_at", "status", "title", "vendor", "sku", "tag", "product_type"];
        let query = self.search(field, args, known);
        let sort = arg(args, "sortKey").to_owned();
        let wanted = self.view.state.products.iter().filter(|product| {
            !self.late(product.updated_ms)
                && query.matches(&|term| match term.field.as_str() {
                    "id" => Some(term.number(product.id as i64)),
                    "updated_at" => Some(term.time(product.updated_ms)),
                    "created_at" => Some(term.time(product.created_ms)),
                    "status" => Some(term.one_of(product.status.word())),
                    "title" | "" => Some(term.word(&product.title)),
                    "vendor" => Some(term.word(&product.vendor)),
                    "product_type" => Some(term.word(&product.product_type)),
                    "sku" => Some(
                        product.variants.iter().filter_map(|variant| variant.sku.as_ref()).any(|sku| term.word(sku)),
                    ),
                    "tag" => Some(product.tags.iter().any(|tag| term.word(tag))),
                    _ => None,
                })
        });
        let rows = wanted.map(|product| Row {
            key: match sort.as_str() {
                "UPDATED_AT" => SortKey::Number(product.updated_ms),
                "CREATED_AT" => SortKey::Number(product.created_ms),
                "TITLE" => SortKey::Text(product.title.clone()),
                "VENDOR" => SortKey::Text(product.vendor.clone()),
                _ => SortKey::Number(product.id as i64),
            },
            id: product.id,
            what: What::Product(product),
        });
        self.list(args, rows.collect())
    }

    fn variants(&self, field: &str, args: &Args) -> Value<'a> {
        if !self.view.may("read_products") {
            return denied("read_products");
        }
        let query = self.search(field, args, &["id", "sku", "updated_at", "product_id", "barcode", "title"]);
        let by_sku = arg(args, "sortKey") == "SKU";
        let all = self
            .view
            .state
            .products
            .iter()
            .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)));
        let wanted = all.filter(|(product, variant)| {
            query.matches(&|term| match term.field.as_str() {
                "id" => Some(term.number(variant.id as i64)),
                "product_id" => Some(term.number(product.id as i64)),
                "sku" => Some(variant.sku.as_ref().is_some_and(|sku| term.word(sku))),
                "barcode" => Some(variant.barcode.as_ref().is_some_and(|barcode| term.word(barcode))),
                "title" | "" => Some(term.word(&variant.title)),
                "updated_at" => Some(term.time(variant.updated_ms)),
                _ => None,
            })
        });
        let rows = wanted.map(|(product, variant)| Row {
            key: if by_sku {
                SortKey::Text(variant.sku.clone().unwrap_or_default())
            } else {
                SortKey::Number(variant.id as i64)
            },
            id: variant.id,
            what: What::Variant(product, variant),
        });
        self.list(args, rows.collect())
    }

    fn items(&self, field: &str, args: &Args) -> Value<'a> {
        if !self.view.may("read_inventory") {
            return denied("read_inventory");
        }
        let query = self.search(field, args, &["id", "sku", "updated_at", "created_at"]);
        let all = self
            .view
            .state
            .products
            .iter()
            .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)));
        let wanted = all.filter(|(product, variant)| {
            query.matches(&|term| match term.field.as_str() {
                "id" => Some(term.number(variant.item_id as i64)),
                "sku" => Some(variant.sku.as_ref().is_some_and(|sku| term.word(sku))),
                "updated_at" => Some(term.time(variant.updated_ms)),
                "created_at" => Some(term.time(product.created_ms)),
                _ => None,
            })
        });
        let rows = wanted.map(|(product, variant)| Row {
            key: SortKey::Number(variant.item_id as i64),
            id: variant.item_id,
            what: What::Item(product, variant),
        });
        self.list(args, rows.collect())
    }

    fn customers(&self, field: &str, args: &Args) -> Value<'a> {
        if !self.view.may("read_customers") {
            return denied("read_customers");
        }
        let query =
            self.search(field, args, &["id", "updated_at", "email", "tag", "first_name", "last_name", "customer_date"]);
        let by_update = arg(args, "sortKey") == "UPDATED_AT";
        let wanted = self.view.state.customers.iter().filter(|customer| {
            !self.late(customer.updated_ms)
                && query.matches(&|term| match term.field.as_str() {
                    "id" => Some(term.number(customer.id as i64)),
                    "updated_at" => Some(term.time(customer.updated_ms)),
                    "customer_date" => Some(term.time(customer.created_ms)),
                    "email" => Some(customer.email.as_ref().is_some_and(|email| term.word(email))),
                    "first_name" | "" => Some(term.word(&customer.first_name)),
                    "last_name" => Some(term.word(&customer.last_name)),
                    "tag" => Some(customer.tags.iter().any(|tag| term.word(tag))),
                    _ => None,
                })
        });
        let rows = wanted.map(|customer| Row {
            key: SortKey::Number(if by_update { customer.updated_ms } else { customer.id as i64 }),
            id: customer.id,
            what: What::Customer(customer),
        });
        self.list(args, rows.collect())
    }

    fn events(&self, field: &str, args: &Args) -> Value<'a> {
        let query = self.search(field, args, &["id", "action", "subject_type", "created_at"]);
        let wanted = self.view.state.deletions.iter().filter(|event| {
            query.matches(&|term| match term.field.as_str() {
                "id" => Some(term.number(event.id as i64)),
                "action" => Some(term.word("destroy")),
                "subject_type" => Some(term.one_of(event.subject_type)),
                "created_at" => Some(term.time(event.at_ms)),
                _ => None,
            })
        });
        let rows = wanted.map(|event| {
            let value = json!({
                "id": gid("BasicEvent", event.id), "action": "destroy", "createdAt": timestamp(event.at_ms),
                "message": "A product was deleted.", "appTitle": null, "subjectId": event.subject,
                "subjectType": event.subject_type, "attributeToApp": false, "attributeToUser": true, "criticalAlert": false,
            });
            let key = SortKey::Number(event.id as i64);
            Row { key, id: event.id, what: What::Plain("BasicEvent".to_owned(), value) }
        });
        self.list(args, rows.collect())
    }

    pub(super) fn shop(&self, name: &str) -> Value<'a> {
        let plan = self.view.plan;
        let offset = plan.utc_offset_minutes(self.view.now_ms);
        match name {
            "id" => id("Shop", plan.shop_id()),
            "name" => leaf(plan.title.as_str()),
            "email" | "contactEmail" => leaf(format!("office@{}.example", plan.account)),
            "shopOwnerName" => leaf("Ada Quay"),
            "myshopifyDomain" => leaf(plan.domain()),
            "url" => leaf(format!("https://{}", plan.domain())),
            "primaryDomain" => {
                let host = format!("shop.{}.example", plan.account);
                let url = format!("https://{host}");
                self.value("Domain", json!({ "id": gid("Domain", plan.shop_id()), "host": host, "url": url, "sslEnabled": true }))
            }
            "currencyCode" => leaf(plan.currency.as_str()),
            "enabledPresentmentCurrencies" => leaf(json!([plan.currency])),
            "ianaTimezone" => leaf(plan.zone.as_str()),
            "timezoneAbbreviation" => leaf(plan.zone.rsplit('/').next().unwrap_or_default()),
            "timezoneOffset" => leaf(format!("{}{:02}{:02}", if offset < 0 { '-' } else { '+' }, offset.abs() / 60, offset.abs() % 60)),
            "timezoneOffsetMinutes" => leaf(offset),
            "weightUnit" => leaf("KILOGRAMS"),
            "unitSystem" => leaf("METRIC_SYSTEM"),
            "taxesIncluded" => leaf(plan.taxes_included),
            "taxShipping" | "setupRequired" => leaf(false),
            "orderNumberFormatPrefix" => leaf("#"),
            "orderNumberFormatSuffix" => leaf(""),
            "createdAt" => time(plan.opened_ms),
            "updatedAt" => maybe_time(Some(plan.opened_ms)),
            "plan" => self.value(
                "ShopPlan",
                json!({
                    "displayName": plan.plan_name, "publicDisplayName": plan.plan_name,
                    "shopifyPlus": plan.plan_name == "Shopify Plus", "partnerDevelopment": plan.plan_name == "Developer Preview",
                }),
            ),
            _ => opt(None::<String>),
        }
    }
}

pub(super) fn denied<'a>(scope: &str) -> Value<'a> {
    Out::Denied(format!("`{scope}` access scope."))
}

fn order_key(order: &Order, sort: &str) -> SortKey {
    match sort {
        "UPDATED_AT" => SortKey::Number(order.updated_ms),
        "CREATED_AT" | "PROCESSED_AT" => SortKey::Number(order.created_ms),
        "ORDER_NUMBER" => SortKey::Number(order.number),
        "TOTAL_PRICE" => SortKey::Number(order.placed_total_minor),
        "CURRENT_TOTAL_PRICE" => SortKey::Number(order.current_totals().total),
        "CUSTOMER_NAME" => {
            SortKey::Text(order.ship_to.as_ref().map(super::super::state::Address::name).unwrap_or_default())
        }
        _ => SortKey::Number(order.id as i64),
    }
}

fn app_json(thing: &Thing<'_>) -> Json {
    let plan = thing.view.plan;
    json!({ "id": gid("App", plan.shop_id() + 1), "title": "Quayside", "handle": "quayside", "apiKey": plan.client_id })
}

fn installation_json(thing: &Thing<'_>) -> Json {
    let plan = thing.view.plan;
    let scopes = plan.scopes.iter();
    let scopes: Vec<Json> =
        scopes.map(|scope| json!({ "handle": scope, "description": scope.replace('_', " ") })).collect();
    json!({ "id": gid("AppInstallation", plan.shop_id() + 2), "accessScopes": scopes, "app": app_json(thing) })
}
