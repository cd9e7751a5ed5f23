//! Fulfillment orders and fulfillments.

use super::{Thing, Value, What, gid, id, leaf, maybe_time, opt, text, time, weight_json};
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::Out;
use crate::shopify::state::{Fo, FoLine, FoStatus, Fulfillment, FulfillmentLine, Hold, Order, ShipEvent, timestamp};
use serde_json::{Value as Json, json};

/// What a client may do with a fulfillment order now, in the platform's words.
pub fn supported_actions(fo: &Fo, now_ms: i64) -> Vec<&'static str> {
    if fo.third_party {
        return match (fo.is_final(), fo.request) {
            (true, _) => Vec::new(),
            (false, crate::shopify::state::RequestStatus::Unsubmitted) => vec!["REQUEST_FULFILLMENT", "MOVE"],
            (false, _) => vec!["REQUEST_CANCELLATION"],
        };
    }
    match fo.status(now_ms) {
        FoStatus::Open => vec!["CREATE_FULFILLMENT", "HOLD", "MOVE", "SPLIT"],
        FoStatus::InProgress => vec!["CREATE_FULFILLMENT", "HOLD"],
        FoStatus::OnHold => vec!["RELEASE_HOLD", "HOLD", "MOVE"],
        FoStatus::Scheduled => vec!["MARK_AS_OPEN", "MOVE"],
        FoStatus::Incomplete | FoStatus::Cancelled | FoStatus::Closed => Vec::new(),
    }
}

impl<'a> Thing<'a> {
    pub(super) fn fo(&self, order: &'a Order, fo: &'a Fo, name: &str, args: &Args) -> Value<'a> {
        let now_ms = self.view.now_ms;
        match name {
            "id" => id("FulfillmentOrder", fo.id),
            "status" => leaf(fo.status(now_ms).word()),
            "requestStatus" => leaf(fo.request.word()),
            "order" => self.one(What::Order(order)),
            "orderId" => id("Order", order.id),
            "orderName" => leaf(order.name.as_str()),
            "orderProcessedAt" => time(order.created_ms),
            "createdAt" => time(fo.created_ms),
            "updatedAt" => time(fo.updated_ms),
            "fulfillAt" => maybe_time(fo.fulfill_at_ms),
            "fulfillBy" => maybe_time(fo.fulfill_by_ms),
            "assignedLocation" => self.assigned_location(fo),
            "supportedActions" => {
                let actions = supported_actions(fo, now_ms).into_iter();
                self.values(
                    "FulfillmentOrderSupportedAction",
                    actions.map(|action| json!({ "action": action, "externalUrl": null })),
                )
            }
            "deliveryMethod" => self.value(
                "DeliveryMethod",
                json!({
                    "id": gid("DeliveryMethod", fo.id), "methodType": fo.delivery.word(), "presentedName": fo.presented,
                    "serviceCode": order.shipping.first().map(|line| &line.code),
                    "minDeliveryDateTime": null, "maxDeliveryDateTime": null,
                }),
            ),
            "destination" => {
                let address = order.ship_to.as_ref().filter(|_| self.view.plan.personal_data);
                self.value("FulfillmentOrderDestination", address.map_or(Json::Null, |address| {
                    json!({
                        "id": gid("FulfillmentOrderDestination", fo.id), "firstName": address.first_name,
                        "lastName": address.last_name, "company": address.company, "address1": address.address1,
                        "address2": address.address2, "city": address.city, "province": address.province, "zip": address.zip,
                        "countryCode": super::people::country_code(address), "phone": address.phone, "email": order.email,
                    })
                }))
            }
            "fulfillmentHolds" => self.many(fo.holds.iter().map(What::Hold)),
            "lineItems" => self.page(args, fo.lines.iter().map(|line| (line.id, What::FoLine(order, fo, line)))),
            "fulfillments" => {
                let mine = order.fulfillments.iter().filter(|one| one.lines.iter().any(|line| line.fo == fo.id));
                self.page(args, mine.map(|one| (one.id, What::Fulfillment(order, one))))
            }
            _ => Out::Null,
        }
    }

    fn assigned_location(&self, fo: &Fo) -> Value<'a> {
        let Some(location) = self.view.state.location(fo.location) else { return Out::Null };
        let address = &location.address;
        let reference = self.view.may("read_locations").then(|| json!({ "$ref": gid("Location", location.id) }));
        self.value(
            "FulfillmentOrderAssignedLocation",
            json!({
                "name": location.name, "countryCode": address.country_code, "address1": address.address1,
                "address2": address.address2, "city": address.city, "province": address.province, "zip": address.zip,
                "phone": address.phone, "location": reference,
            }),
        )
    }

    pub(super) fn fo_line(&self, order: &'a Order, _fo: &'a Fo, line: &'a FoLine, name: &str) -> Value<'a> {
        let Some(item) = order.line(line.line) else { return Out::Null };
        let variant = item.product.and_then(|(_, variant)| self.view.state.variant(variant));
        match name {
            "id" => id("FulfillmentOrderLineItem", line.id),
            "totalQuantity" => leaf(line.total),
            "remainingQuantity" => leaf(line.remaining),
            "lineItem" => self.one(What::Line(order, item)),
            "sku" => opt(item.sku.clone()),
            "productTitle" => leaf(item.title.as_str()),
            "variantTitle" => opt(item.variant_title.clone()),
            "vendor" => opt(item.vendor.clone()),
            "requiresShipping" => leaf(item.requires_shipping),
            "weight" => self.value("Weight", weight_json(item.weight.as_ref())),
            "inventoryItemId" => opt(variant.map(|(_, variant)| gid("InventoryItem", variant.item_id))),
            "variant" => self.maybe(variant.map(|(product, variant)| What::Variant(product, variant))),
            _ => Out::Null,
        }
    }

    pub(super) fn hold(&self, hold: &'a Hold, name: &str) -> Value<'a> {
        match name {
            "id" => id("FulfillmentHold", hold.id),
            "reason" => leaf(hold.reason.as_str()),
            "reasonNotes" => opt(hold.notes.clone()),
            "displayReason" => {
                let mut words = hold.reason.to_lowercase().replace('_', " ");
                if let Some(first) = words.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                leaf(words)
            }
            "handle" => opt(hold.handle.clone()),
            "heldByRequestingApp" => leaf(hold.ours),
            "heldByApp" if hold.ours => self.value(
                "App",
                json!({ "id": gid("App", self.view.plan.shop_id() + 1), "title": "Quayside", "handle": "quayside", "apiKey": self.view.plan.client_id }),
            ),
            _ => Out::Null,
        }
    }

    pub(super) fn fulfillments(&self, order: &'a Order, args: &Args) -> Value<'a> {
        let query = super::Query::parse(args.get("query").and_then(Json::as_str).unwrap_or_default());
        let first = args.get("first").and_then(Json::as_u64).unwrap_or(u64::MAX) as usize;
        let wanted = order.fulfillments.iter().filter(|one| {
            query.matches(&|term| match term.field.as_str() {
                "updated_at" => Some(term.time(one.updated_ms)),
                "created_at" => Some(term.time(one.created_ms)),
                "id" => Some(term.number(one.id as i64)),
                _ => None,
            })
        });
        self.many(wanted.take(first).map(|one| What::Fulfillment(order, one)))
    }

    pub(super) fn fulfillment(&self, order: &'a Order, one: &'a Fulfillment, name: &str, args: &Args) -> Value<'a> {
        let last =
            |status: &str| one.events.iter().rev().find(|event| event.status == status).map(|event| event.happened_ms);
        match name {
            "id" => id("Fulfillment", one.id),
            "legacyResourceId" => leaf(one.id.to_string()),
            "name" => leaf(one.name.as_str()),
            "status" => leaf(if one.cancelled { "CANCELLED" } else { "SUCCESS" }),
            "displayStatus" => leaf(display_status(one)),
            "createdAt" => time(one.created_ms),
            "updatedAt" => time(one.updated_ms),
            "inTransitAt" => maybe_time(last("IN_TRANSIT")),
            "deliveredAt" => maybe_time(last("DELIVERED")),
            "estimatedDeliveryAt" => maybe_time(one.events.iter().rev().find_map(|event| event.estimate_ms)),
            "totalQuantity" => leaf(one.lines.iter().map(|line| line.quantity).sum::<i64>()),
            "requiresShipping" => {
                leaf(one.lines.iter().filter_map(|line| order.line(line.line)).any(|line| line.requires_shipping))
            }
            "order" => self.one(What::Order(order)),
            "location" if !self.view.may("read_locations") => Out::Null,
            "location" => self.maybe(self.view.state.location(one.location).map(What::Location)),
            "service" => {
                let location = self.view.state.location(one.location);
                self.value("FulfillmentService", super::goods::service_json(location, self.view.plan.shop_id()))
            }
            "trackingInfo" => {
                let first = args.get("first").and_then(Json::as_u64).unwrap_or(u64::MAX) as usize;
                let count = one.numbers.len().max(one.urls.len());
                let rows = (0..count).take(first).map(|index| {
                    json!({ "company": one.company, "number": one.numbers.get(index), "url": one.urls.get(index).cloned().or_else(|| {
                        known_link(one.company.as_deref()?, one.numbers.get(index)?)
                    }) })
                });
                self.values("FulfillmentTrackingInfo", rows)
            }
            "fulfillmentLineItems" => {
                self.page(args, one.lines.iter().map(|line| (line.id, What::FulfillmentLine(order, line))))
            }
            "fulfillmentOrders" => {
                let fos = order
                    .fos
                    .iter()
                    .filter(|fo| self.view.sees_fo(fo) && one.lines.iter().any(|line| line.fo == fo.id));
                self.page(args, fos.map(|fo| (fo.id, What::Fo(order, fo))))
            }
            "events" => {
                let events = one.events.iter();
                self.page(
                    args,
                    events.map(|event| (event.id, What::Plain("FulfillmentEvent".to_owned(), event_json(event)))),
                )
            }
            _ => Out::Null,
        }
    }

    pub(super) fn fulfillment_line(&self, order: &'a Order, line: &'a FulfillmentLine, name: &str) -> Value<'a> {
        let item = order.line(line.line);
        match name {
            "id" => id("FulfillmentLineItem", line.id),
            "quantity" => leaf(line.quantity),
            "lineItem" => self.maybe(item.map(|item| What::Line(order, item))),
            "originalTotalSet" => self.money(order, item.map_or(0, |item| item.price_minor * line.quantity)),
            "discountedTotalSet" => self.money(order, item.map_or(0, |item| item.share_minor(line.quantity))),
            _ => text(""),
        }
    }
}

fn display_status(one: &Fulfillment) -> &'static str {
    if one.cancelled {
        return "CANCELED";
    }
    match one.events.last().map(|event| event.status.as_str()) {
        Some("LABEL_PURCHASED") => "LABEL_PURCHASED",
        Some("LABEL_PRINTED") => "LABEL_PRINTED",
        Some("CONFIRMED") => "CONFIRMED",
        Some("CARRIER_PICKED_UP") => "CARRIER_PICKED_UP",
        Some("IN_TRANSIT") => "IN_TRANSIT",
        Some("OUT_FOR_DELIVERY") => "OUT_FOR_DELIVERY",
        Some("ATTEMPTED_DELIVERY") => "ATTEMPTED_DELIVERY",
        Some("DELAYED") => "DELAYED",
        Some("DELIVERED") => "DELIVERED",
        Some("FAILURE") => "FAILURE",
        _ => "FULFILLED",
    }
}

/// A carrier the platform knows gets a link even when the client sent none.
fn known_link(company: &str, number: &str) -> Option<String> {
    let base = match company {
        "DHL Express" | "DHL eCommerce" => "https://www.dhl.com/en/express/tracking.html?AWB=",
        "Royal Mail" => "https://www.royalmail.com/track-your-item#/tracking-results/",
        "UPS" => "https://www.ups.com/WebTracking?loc=en_US&requester=ST&trackNums=",
        "USPS" => "https://tools.usps.com/go/TrackConfirmAction.action?tLabels=",
        "FedEx" => "https://www.fedex.com/fedextrack/?trknbr=",
        "DPD" | "DPD UK" => "https://track.dpd.co.uk/parcels/",
        "Evri" => "https://www.evri.com/track/parcel/",
        "GLS" => "https://gls-group.eu/track/",
        _ => return None,
    };
    Some(format!("{base}{number}"))
}

/// `FulfillmentEvent`.
pub(super) fn event_json(event: &ShipEvent) -> Json {
    json!({
        "id": gid("FulfillmentEvent", event.id), "status": event.status, "happenedAt": timestamp(event.happened_ms),
        "createdAt": timestamp(event.created_ms), "message": event.message,
        "estimatedDeliveryAt": event.estimate_ms.map(timestamp),
    })
}
