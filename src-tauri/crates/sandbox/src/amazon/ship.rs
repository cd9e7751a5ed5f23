//! confirmShipment (v0): one package, named by the seller; the same name again edits it.

use super::Amazon;
use super::door::{Call, error, invalid, not_found, parse_time};
use super::state::Package;
use crate::Moment;
use crate::ledger::{By, Entry};
use http::Response;
use rand::Rng;
use serde_json::{Value, json};

const DELIVERY_MS: i64 = 2 * 86_400_000;

impl Amazon {
    pub(super) fn confirm_shipment(&mut self, call: &Call<'_>, id: &str, moment: &mut Moment<'_>) -> Response<Vec<u8>> {
        let Some(body) = call.json() else { return invalid("The body is no JSON.") };
        let package = match read(&body, moment.now_ms) {
            Ok(package) => package,
            Err(message) => return invalid(&message),
        };
        let Some(order) = self.state.orders.get(id) else { return not_found("The order") };
        if body.get("marketplaceId").and_then(Value::as_str) != Some(order.marketplace.as_str()) {
            return invalid("The marketplaceId does not belong to the order.");
        }
        if order.by_amazon {
            return invalid("The order is not fulfilled by the merchant.");
        }
        if order.programs.iter().any(|program| program == "FBM_SHIP_PLUS") {
            return invalid("Shipments of this order cannot be confirmed by the seller.");
        }
        if order.cancelled.is_some() || order.is_pending(moment.now_ms) {
            return invalid("The order is not in a state that allows to confirm a shipment.");
        }
        if package.items.iter().any(|(item, _)| !order.items.iter().any(|known| known.id == *item)) {
            return invalid("OrderItemId is invalid for this order.");
        }
        let edited = order.packages.iter().find(|known| known.reference == package.reference);
        for (item, units) in &package.items {
            let ordered = order.items.iter().find(|known| known.id == *item).map_or(0, |known| known.quantity);
            let own: i64 = edited.iter().flat_map(|p| &p.items).filter(|(i, _)| i == item).map(|(_, n)| n).sum();
            let free = ordered - (order.confirmed(item) - own);
            if free <= 0 {
                return error(400, "InvalidInput", "PackageToUpdateNotFound", "The order is already fulfilled.");
            }
            if *units > free {
                return invalid("The quantity is larger than what is left to ship.");
            }
        }
        self.keep_package(id, package, By::Client, moment);
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = http::StatusCode::NO_CONTENT;
        answer
    }

    /// Keeps a package, new or edited; it shows up later.
    pub(super) fn keep_package(&mut self, id: &str, mut package: Package, by: By, moment: &mut Moment<'_>) {
        let (from, to) = self.plan.shows_after_s;
        let now_ms = moment.now_ms;
        package.shows_ms = now_ms + self.rng.random_range(from..=to.max(from)) * 1000;
        package.delivered_ms = Some(package.shipped_ms.max(now_ms) + DELIVERY_MS);
        let account = self.plan.account.clone();
        let Some(order) = self.state.orders.get_mut(id) else { return };
        let known = order.packages.iter_mut().find(|known| known.reference == package.reference);
        let effect = if let Some(known) = known {
            let same =
                known.carrier == package.carrier && known.number == package.number && known.items == package.items;
            if same {
                return;
            }
            package.made_ms = known.made_ms;
            package.before = Some(Box::new(known.clone()));
            *known = package.clone();
            "package_edited"
        } else {
            order.packages.push(package.clone());
            "package_confirmed"
        };
        order.touch(package.shows_ms);
        if let Some(at_ms) = package.delivered_ms {
            order.touch(at_ms);
        }
        let lines: Vec<Value> =
            package.items.iter().map(|(item, units)| json!({ "line": item, "quantity": units })).collect();
        moment.ledger.note(Entry {
            at_ms: now_ms,
            platform: "amazon".to_owned(),
            account,
            effect: effect.to_owned(),
            subject: id.to_owned(),
            key: Some(package.reference.clone()),
            detail: json!({ "orderId": id, "lines": lines, "trackingNumbers": [package.number], "company": package.carrier }),
            by,
        });
    }
}

fn read(body: &Value, now_ms: i64) -> Result<Package, String> {
    let detail = body.get("packageDetail").filter(|detail| detail.is_object()).ok_or("packageDetail is required.")?;
    let text = |name: &str| detail.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let reference = text("packageReferenceId")
        .filter(|text| text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u64>().is_ok_and(|n| n > 0))
        .ok_or("PackageReferenceId: is invalid, must be a positive numeric value")?;
    let code = text("carrierCode").ok_or("carrierCode is required.")?;
    let carrier = match (code, text("carrierName")) {
        ("Other", None) => return Err("carrierName is required where carrierCode is Other.".into()),
        ("Other", Some(name)) => name,
        (code, _) => code,
    };
    let number = text("trackingNumber").ok_or("trackingNumber is required.")?;
    let shipped_ms = text("shipDate").and_then(parse_time).ok_or("shipDate is not ISO 8601.")?;
    if shipped_ms > now_ms + 60_000 {
        return Err("shipDate lies in the future.".into());
    }
    let list = detail.get("orderItems").and_then(Value::as_array).ok_or("OrderItemId is invalid.")?;
    let mut items = Vec::new();
    for item in list {
        let id = item.get("orderItemId").and_then(Value::as_str).ok_or("OrderItemId is invalid.")?;
        let units = item.get("quantity").and_then(Value::as_i64).filter(|n| *n > 0).ok_or("quantity is invalid.")?;
        items.push((id.to_owned(), units));
    }
    if items.is_empty() {
        return Err("orderItems must not be empty.".into());
    }
    Ok(Package {
        reference: reference.to_owned(),
        carrier: carrier.to_owned(),
        number: number.to_owned(),
        shipped_ms,
        made_ms: now_ms,
        shows_ms: now_ms,
        delivered_ms: None,
        items,
        before: None,
    })
}
