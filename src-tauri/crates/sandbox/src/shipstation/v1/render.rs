//! Orders and parcels in the words of the older API.

use crate::shipstation::pacific::Wall;
use crate::shipstation::state::{Address, Customer, Fulfillment, Item, Label, Order, Product, Weight};
use crate::shipstation::wire::{minor, money, number, text_or_null};
use serde_json::{Value, json};

fn wall(utc_ms: i64) -> String {
    Wall::of(utc_ms).long()
}

fn amount(value: Option<f64>) -> Value {
    value.map_or(Value::Null, money)
}

/// An order.
pub fn order(order: &Order) -> Value {
    let body = &order.body;
    let lines = body.items.iter().map(|item| item.unit_price.unwrap_or_default() * item.quantity as f64).sum::<f64>();
    let total = lines + body.tax_amount.unwrap_or_default() + body.shipping_amount.unwrap_or_default();
    let mut value = json!({
        "orderId": order.id,
        "orderNumber": body.number,
        "orderKey": order.key,
        "orderDate": body.placed.long(),
        "createDate": wall(order.created_ms),
        "modifyDate": wall(order.modified_ms),
        "paymentDate": body.paid.map(Wall::long),
        "shipByDate": body.ship_by.map(Wall::long),
        "orderStatus": body.status.code(),
        "customerId": order.customer_id,
        "customerUsername": text_or_null(&body.username),
        "customerEmail": text_or_null(&body.email),
        "billTo": address(&body.bill_to, false),
        "shipTo": address(&body.ship_to, true),
        "items": body.items.iter().map(item).collect::<Vec<_>>(),
        "orderTotal": money(total),
        "amountPaid": money(body.amount_paid.unwrap_or_default()),
        "taxAmount": money(body.tax_amount.unwrap_or_default()),
        "shippingAmount": money(body.shipping_amount.unwrap_or_default()),
        "customerNotes": text_or_null(&body.customer_notes),
        "internalNotes": text_or_null(&body.internal_notes),
        "gift": body.gift,
        "giftMessage": text_or_null(&body.gift_message),
        "paymentMethod": text_or_null(&body.payment_method),
        "requestedShippingService": text_or_null(&body.requested_service),
        "carrierCode": text_or_null(&body.carrier_code),
        "serviceCode": text_or_null(&body.service_code),
        "packageCode": text_or_null(&body.package_code),
        "confirmation": if body.confirmation.is_empty() { "none" } else { &body.confirmation },
        "shipDate": body.ship_date.map(Wall::day),
        "holdUntilDate": order.hold_until.map(Wall::day),
        "weight": order_weight(order),
        "dimensions": body.dimensions,
    });
    // serde_json's macro has a depth limit; the rest goes in by hand.
    let rest = json!({
        "insuranceOptions": or(&body.insurance, json!({ "provider": null, "insureShipment": false, "insuredValue": 0 })),
        "internationalOptions": or(&body.international, json!({ "contents": null, "customsItems": null, "nonDelivery": null })),
        "advancedOptions": advanced(order),
        "tagIds": if order.tags.is_empty() { Value::Null } else { json!(order.tags) },
        "userId": order.user_id,
        "externallyFulfilled": order.external_by.is_some(),
        "externallyFulfilledBy": order.external_by,
        "externallyFulfilledById": Value::Null,
        "externallyFulfilledByName": order.external_by,
        "labelMessages": Value::Null,
    });
    if let (Value::Object(value), Value::Object(rest)) = (&mut value, rest) {
        value.extend(rest);
    }
    value
}

fn or(value: &Value, otherwise: Value) -> Value {
    if value.is_null() { otherwise } else { value.clone() }
}

fn order_weight(order: &Order) -> Value {
    match &order.body.weight {
        Some(set) => weight(Some(set)),
        None => weight(Some(&Weight::of_grams(order.grams()))),
    }
}

fn advanced(order: &Order) -> Value {
    let body = &order.body;
    let billing = |name: &str| body.billing.get(name).cloned().unwrap_or(Value::Null);
    let [one, two, three] = &body.custom;
    json!({
        "warehouseId": body.warehouse_id,
        "nonMachinable": body.non_machinable,
        "saturdayDelivery": body.saturday_delivery,
        "containsAlcohol": body.contains_alcohol,
        "storeId": body.store_id,
        "customField1": text_or_null(one),
        "customField2": text_or_null(two),
        "customField3": text_or_null(three),
        "source": text_or_null(&body.source),
        "mergedOrSplit": order.merged_or_split,
        "mergedIds": order.merged_ids,
        "parentId": order.parent_id,
        "billToParty": billing("billToParty"),
        "billToAccount": billing("billToAccount"),
        "billToPostalCode": billing("billToPostalCode"),
        "billToCountryCode": billing("billToCountryCode"),
        "billToMyOtherAccount": billing("billToMyOtherAccount"),
    })
}

/// A line.
pub fn item(item: &Item) -> Value {
    let option = |(name, value): &(String, String)| json!({ "name": name, "value": text_or_null(value) });
    json!({
        "orderItemId": item.id,
        "lineItemKey": text_or_null(&item.line_key),
        "sku": text_or_null(&item.sku),
        "name": item.name,
        "imageUrl": text_or_null(&item.image_url),
        "weight": weight(item.weight.as_ref()),
        "quantity": item.quantity,
        "unitPrice": amount(item.unit_price),
        "taxAmount": amount(item.tax_amount),
        "shippingAmount": amount(item.shipping_amount),
        "warehouseLocation": text_or_null(&item.warehouse_location),
        "options": item.options.iter().map(option).collect::<Vec<_>>(),
        "productId": item.product_id,
        "fulfillmentSku": text_or_null(&item.fulfillment_sku),
        "adjustment": item.adjustment,
        "upc": text_or_null(&item.upc),
        "createDate": short(item.created_ms),
        "modifyDate": short(item.modified_ms),
    })
}

/// Lines carry three digits where orders carry seven.
fn short(utc_ms: i64) -> String {
    let mut text = wall(utc_ms);
    text.truncate("2026-03-02T09:14:27.503".len());
    text
}

fn weight(weight: Option<&Weight>) -> Value {
    let Some(weight) = weight else { return Value::Null };
    let twin = match weight.units.as_str() {
        "pounds" => 0,
        "ounces" => 1,
        _ => 2,
    };
    json!({ "value": number(weight.value), "units": weight.units, "WeightUnits": twin })
}

/// An address; where parcels go, with what became of its validation.
pub fn address(address: &Address, checked: bool) -> Value {
    let verdict = match (checked, address.missing()) {
        (false, _) => Value::Null,
        (true, Some(_)) => json!("Address validation failed"),
        (true, None) => json!("Address validated successfully"),
    };
    json!({
        "name": text_or_null(&address.name),
        "company": text_or_null(&address.company),
        "street1": text_or_null(&address.street1),
        "street2": text_or_null(&address.street2),
        "street3": text_or_null(&address.street3),
        "city": text_or_null(&address.city),
        "state": text_or_null(&address.state),
        "postalCode": text_or_null(&address.postal_code),
        "country": text_or_null(&address.country),
        "phone": text_or_null(&address.phone),
        "residential": address.residential,
        "addressVerified": verdict,
    })
}

/// A label; its lines only when they were asked for.
pub fn shipment(label: &Label, with_items: bool) -> Value {
    let items = || label.items.iter().map(item).collect::<Vec<_>>();
    json!({
        "shipmentId": label.id,
        "orderId": label.order_id,
        "orderKey": text_or_null(&label.order_key),
        "userId": Value::Null,
        "customerEmail": text_or_null(&label.email),
        "orderNumber": text_or_null(&label.order_number),
        "createDate": wall(label.created_ms),
        "shipDate": label.ship_day.day(),
        "shipmentCost": minor(label.cost_minor),
        "insuranceCost": minor(label.insurance_minor),
        "trackingNumber": label.tracking_number,
        "isReturnLabel": label.is_return,
        "batchNumber": Value::Null,
        "carrierCode": label.carrier_code,
        "serviceCode": label.service_code,
        "packageCode": label.package_code,
        "confirmation": label.confirmation,
        "warehouseId": label.warehouse_id,
        "voided": label.voided_ms.is_some(),
        "voidDate": label.voided_ms.map(wall),
        "marketplaceNotified": label.notified,
        "notifyErrorMessage": text_or_null(&label.notify_error),
        "shipTo": address(&label.ship_to, false),
        "weight": weight(Some(&Weight::of_grams(label.grams))),
        "dimensions": label.dimensions,
        "insuranceOptions": { "provider": null, "insureShipment": false, "insuredValue": 0 },
        "advancedOptions": Value::Null,
        "shipmentItems": if with_items { json!(items()) } else { Value::Null },
        "labelData": Value::Null,
        "formData": Value::Null,
    })
}

/// A marked-as-shipped record. It has no lines on the wire.
pub fn fulfillment(record: &Fulfillment) -> Value {
    json!({
        "fulfillmentId": record.id,
        "orderId": record.order_id,
        "orderNumber": record.order_number,
        "userId": Value::Null,
        "customerEmail": text_or_null(&record.email),
        "trackingNumber": text_or_null(&record.tracking_number),
        "createDate": wall(record.created_ms),
        "shipDate": record.ship_date.long(),
        "voidDate": record.voided_ms.map(wall),
        "deliveryDate": record.delivered_ms.map(wall),
        "carrierCode": record.carrier_code,
        "sellerFillProviderId": Value::Null,
        "sellerFillProviderName": Value::Null,
        "fulfillmentProviderCode": Value::Null,
        "fulfillmentServiceCode": Value::Null,
        "fulfillmentFee": 0,
        "voidRequested": record.voided_ms.is_some(),
        "voided": record.voided_ms.is_some(),
        "marketplaceNotified": record.notified,
        "notifyErrorMessage": text_or_null(&record.notify_error),
        "shipTo": address(&record.ship_to, false),
    })
}

/// A product.
pub fn product(product: &Product) -> Value {
    let mut value = json!({
        "productId": product.id,
        "sku": product.sku,
        "createDate": wall(product.created_ms),
        "modifyDate": wall(product.modified_ms),
    });
    if let Value::Object(fields) = &mut value {
        fields.extend(product.fields.clone());
    }
    value
}

/// A customer.
pub fn customer(customer: &Customer) -> Value {
    let at = &customer.address;
    json!({
        "customerId": customer.id,
        "createDate": wall(customer.created_ms),
        "modifyDate": wall(customer.modified_ms),
        "name": text_or_null(&at.name),
        "company": text_or_null(&at.company),
        "street1": text_or_null(&at.street1),
        "street2": text_or_null(&at.street2),
        "city": text_or_null(&at.city),
        "state": text_or_null(&at.state),
        "postalCode": text_or_null(&at.postal_code),
        "countryCode": text_or_null(&at.country),
        "phone": text_or_null(&at.phone),
        "email": text_or_null(&customer.email),
        "addressVerified": "Unverified",
        "marketplaceUsernames": [{
            "customerUserId": customer.id + 1_000_000,
            "customerId": customer.id,
            "createDate": wall(customer.created_ms),
            "modifyDate": wall(customer.modified_ms),
            "marketplaceId": 0,
            "marketplace": "ShipStation",
            "username": customer.username,
        }],
        "tags": Value::Null,
    })
}
