//! V2's JSON as it arrives. The vendor's schema is wrong in places (see the
//! brief), so nothing here is stricter than what Quayside needs.

use super::wire::{flag, id, list, number, text};
use serde::Deserialize;
use serde_json::Value;

/// A shipment: what V1 and the screens call an order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShipmentV2 {
    #[serde(deserialize_with = "id")]
    pub shipment_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub shipment_number: String,
    #[serde(deserialize_with = "text")]
    pub external_shipment_id: String,
    #[serde(deserialize_with = "text")]
    pub shipment_status: String,
    #[serde(deserialize_with = "text")]
    pub modified_at: String,
    #[serde(deserialize_with = "text")]
    pub created_at: String,
    #[serde(deserialize_with = "text")]
    pub hold_until_date: String,
    pub ship_to: Option<AddressV2>,
    #[serde(deserialize_with = "list")]
    pub items: Vec<ItemV2>,
    #[serde(deserialize_with = "id")]
    pub store_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub service_code: String,
}

/// A postal address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct AddressV2 {
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub company_name: String,
    #[serde(deserialize_with = "text")]
    pub address_line1: String,
    #[serde(deserialize_with = "text")]
    pub address_line2: String,
    #[serde(deserialize_with = "text")]
    pub address_line3: String,
    #[serde(deserialize_with = "text")]
    pub city_locality: String,
    #[serde(deserialize_with = "text")]
    pub state_province: String,
    #[serde(deserialize_with = "text")]
    pub postal_code: String,
    #[serde(deserialize_with = "text")]
    pub country_code: String,
    #[serde(deserialize_with = "text")]
    pub phone: String,
}

/// A line of a shipment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ItemV2 {
    #[serde(deserialize_with = "id")]
    pub external_order_item_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sku: String,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "number")]
    pub quantity: Option<f64>,
}

/// A label: what V1 calls a shipment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct LabelV2 {
    #[serde(deserialize_with = "id")]
    pub label_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub shipment_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub external_shipment_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub external_order_id: String,
    #[serde(deserialize_with = "text")]
    pub status: String,
    #[serde(deserialize_with = "text")]
    pub created_at: String,
    #[serde(deserialize_with = "text")]
    pub ship_date: String,
    pub shipment_cost: Option<AmountV2>,
    pub insurance_cost: Option<AmountV2>,
    #[serde(deserialize_with = "text")]
    pub tracking_number: String,
    #[serde(deserialize_with = "text")]
    pub tracking_url: String,
    /// Where the parcel is, in four coarse words.
    #[serde(deserialize_with = "text")]
    pub tracking_status: String,
    /// Whether its carrier tells where it is; absent: it may.
    pub trackable: Option<Value>,
    #[serde(deserialize_with = "flag")]
    pub is_return_label: bool,
    /// The label that went out; described for requests only, so it may be missing.
    #[serde(deserialize_with = "id")]
    pub outbound_label_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub carrier_code: String,
    #[serde(deserialize_with = "text")]
    pub service_code: String,
    #[serde(deserialize_with = "flag")]
    pub voided: bool,
    #[serde(deserialize_with = "text")]
    pub voided_at: String,
    /// Its files. Anything but an object is none.
    pub label_download: Option<Value>,
}

/// `GET /v2/labels/{id}/track`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackV2 {
    #[serde(deserialize_with = "text")]
    pub status_code: String,
    #[serde(deserialize_with = "text")]
    pub status_detail_code: String,
    #[serde(deserialize_with = "text")]
    pub status_detail_description: String,
    #[serde(deserialize_with = "text")]
    pub carrier_status_description: String,
    #[serde(deserialize_with = "text")]
    pub exception_description: String,
    #[serde(deserialize_with = "text")]
    pub estimated_delivery_date: String,
    #[serde(deserialize_with = "text")]
    pub actual_delivery_date: String,
    #[serde(deserialize_with = "list")]
    pub events: Vec<TrackEventV2>,
}

/// A scan. Its towns and signatures stay where they are: nobody here needs them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackEventV2 {
    #[serde(deserialize_with = "text")]
    pub occurred_at: String,
}

/// An amount with its currency.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct AmountV2 {
    #[serde(deserialize_with = "text")]
    pub currency: String,
    #[serde(deserialize_with = "number")]
    pub amount: Option<f64>,
}

/// Something shipped elsewhere.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct FulfillmentV2 {
    #[serde(deserialize_with = "id")]
    pub fulfillment_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub shipment_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub shipment_number: String,
    #[serde(deserialize_with = "text")]
    pub tracking_number: String,
    #[serde(deserialize_with = "text")]
    pub created_at: String,
    #[serde(deserialize_with = "text")]
    pub ship_date: String,
    #[serde(deserialize_with = "text")]
    pub voided_at: String,
    #[serde(deserialize_with = "text")]
    pub delivered_at: String,
    #[serde(deserialize_with = "text")]
    pub fulfillment_carrier_friendly_name: String,
    #[serde(deserialize_with = "text")]
    pub fulfillment_service_code: String,
    #[serde(deserialize_with = "flag")]
    pub voided: bool,
    #[serde(deserialize_with = "flag")]
    pub order_source_notified: bool,
    #[serde(deserialize_with = "text")]
    pub notification_error_message: String,
}

/// A carrier account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CarrierV2 {
    #[serde(deserialize_with = "id")]
    pub carrier_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub friendly_name: String,
}

/// An offer of a carrier.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RateV2 {
    #[serde(deserialize_with = "id")]
    pub rate_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub carrier_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub carrier_code: String,
    #[serde(deserialize_with = "text")]
    pub carrier_friendly_name: String,
    #[serde(deserialize_with = "text")]
    pub service_code: String,
    #[serde(deserialize_with = "text")]
    pub service_type: String,
    #[serde(deserialize_with = "text")]
    pub package_type: String,
    pub shipping_amount: Option<AmountV2>,
    pub insurance_amount: Option<AmountV2>,
    pub confirmation_amount: Option<AmountV2>,
    pub other_amount: Option<AmountV2>,
    pub tax_amount: Option<AmountV2>,
    #[serde(deserialize_with = "number")]
    pub delivery_days: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub estimated_delivery_date: String,
    #[serde(deserialize_with = "text")]
    pub validation_status: String,
    #[serde(deserialize_with = "list")]
    pub warning_messages: Vec<Value>,
    #[serde(deserialize_with = "list")]
    pub error_messages: Vec<Value>,
}

/// Where a label's file lies, by its form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct DownloadV2 {
    #[serde(deserialize_with = "text")]
    pub href: String,
    #[serde(deserialize_with = "text")]
    pub pdf: String,
    #[serde(deserialize_with = "text")]
    pub zpl: String,
    #[serde(deserialize_with = "text")]
    pub png: String,
}

/// Answer to a void.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct VoidAnswer {
    #[serde(deserialize_with = "flag")]
    pub approved: bool,
    #[serde(deserialize_with = "text")]
    pub message: String,
    /// V2 only.
    #[serde(deserialize_with = "text")]
    pub reason_code: String,
}

/// `GET /v2/products`, one entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProductV2 {
    #[serde(deserialize_with = "id")]
    pub product_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sku: String,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub upc: String,
    pub price: Option<AmountV2>,
    pub weight: Option<WeightV2>,
    /// As V1's.
    pub active: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub create_date: String,
    #[serde(deserialize_with = "text")]
    pub modify_date: String,
}

/// `GET /v2/inventory`, one entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct LevelV2 {
    #[serde(deserialize_with = "text")]
    pub sku: String,
    #[serde(deserialize_with = "number")]
    pub on_hand: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub available: Option<f64>,
    #[serde(deserialize_with = "id")]
    pub inventory_warehouse_id: Option<String>,
}

/// A weight with its unit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WeightV2 {
    #[serde(deserialize_with = "number")]
    pub value: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub unit: String,
}
