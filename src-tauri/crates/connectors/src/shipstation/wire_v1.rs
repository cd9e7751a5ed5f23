//! V1's JSON as it arrives. Only what Quayside uses is named; the raw answer is kept beside it.

use super::wire::{flag, id, ids, list, maybe_list, number, text};
use serde::Deserialize;

/// `GET /orders`, one entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct OrderV1 {
    #[serde(deserialize_with = "id")]
    pub order_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub order_number: String,
    #[serde(deserialize_with = "text")]
    pub order_key: String,
    #[serde(deserialize_with = "text")]
    pub order_status: String,
    #[serde(deserialize_with = "text")]
    pub modify_date: String,
    #[serde(deserialize_with = "text")]
    pub create_date: String,
    #[serde(deserialize_with = "text")]
    pub hold_until_date: String,
    pub ship_to: Option<AddressV1>,
    #[serde(deserialize_with = "list")]
    pub items: Vec<ItemV1>,
    #[serde(deserialize_with = "text")]
    pub service_code: String,
    pub advanced_options: Option<AdvancedV1>,
    #[serde(deserialize_with = "flag")]
    pub externally_fulfilled: bool,
    #[serde(deserialize_with = "ids")]
    pub tag_ids: Vec<String>,
}

/// A postal address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AddressV1 {
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub company: String,
    #[serde(deserialize_with = "text")]
    pub street1: String,
    #[serde(deserialize_with = "text")]
    pub street2: String,
    #[serde(deserialize_with = "text")]
    pub street3: String,
    #[serde(deserialize_with = "text")]
    pub city: String,
    #[serde(deserialize_with = "text")]
    pub state: String,
    #[serde(deserialize_with = "text")]
    pub postal_code: String,
    #[serde(deserialize_with = "text")]
    pub country: String,
    #[serde(deserialize_with = "text")]
    pub address_verified: String,
    #[serde(deserialize_with = "text")]
    pub phone: String,
}

/// A line of an order or of a shipment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ItemV1 {
    #[serde(deserialize_with = "id")]
    pub line_item_key: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sku: String,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "number")]
    pub quantity: Option<f64>,
    #[serde(deserialize_with = "flag")]
    pub adjustment: bool,
}

/// `advancedOptions`, the read-only part and the store.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AdvancedV1 {
    #[serde(deserialize_with = "id")]
    pub store_id: Option<String>,
    #[serde(deserialize_with = "ids")]
    pub merged_ids: Vec<String>,
    #[serde(deserialize_with = "id")]
    pub parent_id: Option<String>,
}

/// `GET /shipments`, one entry: a label made in ShipStation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ShipmentV1 {
    #[serde(deserialize_with = "id")]
    pub shipment_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub order_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub order_key: Option<String>,
    #[serde(deserialize_with = "text")]
    pub order_number: String,
    #[serde(deserialize_with = "text")]
    pub create_date: String,
    #[serde(deserialize_with = "text")]
    pub ship_date: String,
    #[serde(deserialize_with = "number")]
    pub shipment_cost: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub insurance_cost: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub tracking_number: String,
    #[serde(deserialize_with = "flag")]
    pub is_return_label: bool,
    #[serde(deserialize_with = "text")]
    pub carrier_code: String,
    #[serde(deserialize_with = "text")]
    pub service_code: String,
    #[serde(deserialize_with = "flag")]
    pub voided: bool,
    #[serde(deserialize_with = "text")]
    pub void_date: String,
    #[serde(deserialize_with = "flag")]
    pub marketplace_notified: bool,
    #[serde(deserialize_with = "text")]
    pub notify_error_message: String,
    #[serde(deserialize_with = "maybe_list")]
    pub shipment_items: Option<Vec<ItemV1>>,
}

/// `GET /fulfillments`, one entry: something shipped elsewhere.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FulfillmentV1 {
    #[serde(deserialize_with = "id")]
    pub fulfillment_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub order_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub order_number: String,
    #[serde(deserialize_with = "text")]
    pub tracking_number: String,
    #[serde(deserialize_with = "text")]
    pub create_date: String,
    #[serde(deserialize_with = "text")]
    pub ship_date: String,
    #[serde(deserialize_with = "text")]
    pub void_date: String,
    #[serde(deserialize_with = "text")]
    pub delivery_date: String,
    #[serde(deserialize_with = "text")]
    pub carrier_code: String,
    #[serde(deserialize_with = "text")]
    pub fulfillment_service_code: String,
    #[serde(deserialize_with = "flag")]
    pub voided: bool,
    #[serde(deserialize_with = "flag")]
    pub marketplace_notified: bool,
    #[serde(deserialize_with = "text")]
    pub notify_error_message: String,
}

/// `GET /stores`, one entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct StoreV1 {
    #[serde(deserialize_with = "id")]
    pub store_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub store_name: String,
    /// 0 is the manual kind: orders come in by hand or through the API.
    #[serde(deserialize_with = "number")]
    pub marketplace_id: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub marketplace_name: String,
    #[serde(deserialize_with = "text")]
    pub company_name: String,
    /// Absent means active: only `showInactive` brings others.
    pub active: Option<bool>,
}

/// `GET /accounts/listtags`, one entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TagV1 {
    #[serde(deserialize_with = "id")]
    pub tag_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub name: String,
}

/// `POST /orders/createorders`, the answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct BulkAnswerV1 {
    #[serde(deserialize_with = "list")]
    pub results: Vec<ResultV1>,
}

/// What became of one order of a batch.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ResultV1 {
    #[serde(deserialize_with = "id")]
    pub order_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub order_number: Option<String>,
    #[serde(deserialize_with = "id")]
    pub order_key: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub success: bool,
    #[serde(deserialize_with = "text")]
    pub error_message: String,
}

/// `{success, message}`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AckV1 {
    #[serde(deserialize_with = "flag")]
    pub success: bool,
    #[serde(deserialize_with = "text")]
    pub message: String,
}

/// `GET /products`, one entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ProductV1 {
    #[serde(deserialize_with = "id")]
    pub product_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sku: String,
    #[serde(deserialize_with = "text")]
    pub name: String,
    #[serde(deserialize_with = "text")]
    pub upc: String,
    #[serde(deserialize_with = "number")]
    pub weight_oz: Option<f64>,
    /// Null counts as on: it is only ever said of those that were switched off.
    pub active: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub create_date: String,
    #[serde(deserialize_with = "text")]
    pub modify_date: String,
}
