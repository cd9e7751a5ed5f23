//! Shopify's JSON as it is sent, every field tolerant.
//!
//! Nothing here fails: a field that is absent, `null` or of an odd type becomes a
//! [`Loose`] that remembers so, and `translate.rs` decides whether that matters
//! and says where it was. Numbers may come as text (`Money`, `UnsignedInt64`).

use serde_json::Value;
use std::sync::LazyLock;

/// A field as it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Loose<T> {
    /// Absent or `null`.
    #[default]
    Missing,
    /// There.
    Have(T),
    /// There, but not what it should be: what it was, shortened.
    Odd(String),
}

/// Can be read from JSON. Not serde's: a field that is odd must not spoil its neighbours, and serde can only try a field
/// on a copy of it, with a copy of every field inside it, and so on.
pub trait FromWire: Sized {
    /// `None`: it is something else.
    fn from_wire(value: &Value) -> Option<Self>;
}

impl<T: FromWire> Loose<T> {
    /// A field, or its absence.
    pub fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Missing,
            // The kind of the value, not the value: it may be somebody's name.
            Some(value) => T::from_wire(value).map_or_else(|| Self::Odd(kind(value)), Self::Have),
        }
    }
}

impl<T: FromWire> FromWire for Loose<T> {
    fn from_wire(value: &Value) -> Option<Self> {
        Some(Self::of(Some(value)))
    }
}

impl<T: FromWire> FromWire for Vec<T> {
    fn from_wire(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::from_wire).collect()
    }
}

impl FromWire for bool {
    fn from_wire(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(_) => "a yes or no".into(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".into(),
    }
}

impl<T> Loose<T> {
    /// What is there, if it is as it should be.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Have(value) => Some(value),
            Self::Missing | Self::Odd(_) => None,
        }
    }
}

impl<T> Loose<Vec<T>> {
    /// The entries; none if it is no list.
    pub fn list(&self) -> &[T] {
        self.get().map_or(&[], Vec::as_slice)
    }
}

impl Loose<Text> {
    /// The text, empty if there is none.
    pub fn text(&self) -> &str {
        self.get().map_or("", |text| text.0.as_str())
    }
}

/// Text; numbers count as their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Text(pub String);

impl FromWire for Text {
    fn from_wire(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self(text.clone())),
            Value::Number(number) => Some(Self(number.to_string())),
            _ => None,
        }
    }
}

/// A whole number, also as text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Whole(pub i64);

impl FromWire for Whole {
    fn from_wire(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                number.as_i64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))
            }
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .map(Self)
    }
}

/// A number with decimals, also as text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Real(pub f64);

impl FromWire for Real {
    fn from_wire(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|n| n.is_finite())
        .map(Self)
    }
}

/// `country_code_v2` as Shopify writes it: `countryCodeV2`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut text = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

macro_rules! wire {
    ($( $(#[$doc:meta])* $name:ident { $( $field:ident : $ty:ty ),* $(,)? } )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq)]
            #[allow(missing_docs, clippy::struct_field_names)] // named as Shopify names them
            pub struct $name { $( pub $field: Loose<$ty>, )* }

            impl FromWire for $name {
                fn from_wire(value: &Value) -> Option<Self> {
                    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| vec![$( camel(stringify!($field)) ),*]);
                    let fields = value.as_object()?;
                    let mut names = NAMES.iter();
                    // The fields of a struct expression are read in the order they are written in.
                    Some(Self { $( $field: Loose::of(names.next().and_then(|name| fields.get(name))), )* })
                }
            }
        )*
    };
}

wire! {
    /// `Order`
    Order {
        id: Text, legacy_resource_id: Text, name: Text,
        created_at: Text, processed_at: Text, updated_at: Text, closed_at: Text, cancelled_at: Text, cancel_reason: Text,
        test: bool, display_financial_status: Text, display_fulfillment_status: Text, requires_shipping: bool,
        tags: Vec<Text>, note: Text, email: Text, phone: Text, source_name: Text, source_identifier: Text, retail_location: Id,
        custom_attributes: Vec<Attribute>, currency_code: Text, taxes_included: bool,
        subtotal_price_set: MoneyBag, total_discounts_set: MoneyBag, total_shipping_price_set: MoneyBag,
        total_tax_set: MoneyBag, total_price_set: MoneyBag, current_total_price_set: MoneyBag,
        total_refunded_set: MoneyBag,
        risk: Risk, customer: Customer, shipping_address: Address, billing_address: Address,
        shipping_lines: Nodes<ShippingLine>, metafields: Nodes<Metafield>, line_items: Nodes<Line>,
        fulfillment_orders: Nodes<FulfillmentOrder>, fulfillments: Vec<Fulfillment>,
    }
    /// Anything of which only the id matters.
    Id { id: Text }
    /// `Attribute`
    Attribute { key: Text, value: Text }
    /// `MoneyBag`
    MoneyBag { shop_money: MoneyV2 }
    /// `MoneyV2`
    MoneyV2 { amount: Text, currency_code: Text }
    /// `OrderRiskSummary`
    Risk { recommendation: Text }
    /// `Customer`
    Customer { id: Text, display_name: Text, tags: Vec<Text>, default_email_address: Email, default_phone_number: Phone }
    /// `CustomerEmailAddress`
    Email { email_address: Text }
    /// `CustomerPhoneNumber`
    Phone { phone_number: Text }
    /// `MailingAddress`
    Address {
        name: Text, first_name: Text, last_name: Text, company: Text, address1: Text, address2: Text, city: Text,
        province: Text, province_code: Text, zip: Text, country_code_v2: Text, phone: Text,
    }
    /// `ShippingLine`
    ShippingLine { title: Text, code: Text, is_removed: bool }
    /// `Metafield`
    Metafield { namespace: Text, key: Text, value: Text }
    /// `LineItem`
    Line {
        id: Text, name: Text, title: Text, variant_title: Text, sku: Text, quantity: Whole, current_quantity: Whole, unfulfilled_quantity: Whole,
        requires_shipping: bool, is_gift_card: bool, weight: Weight, custom_attributes: Vec<Attribute>,
        original_unit_price_set: MoneyBag, discounted_unit_price_after_all_discounts_set: MoneyBag,
        tax_lines: Vec<TaxLine>, variant: Variant,
    }
    /// `TaxLine`
    TaxLine { price_set: MoneyBag }
    /// `Weight`
    Weight { value: Real, unit: Text }
    /// `ProductVariant`
    Variant { id: Text, barcode: Text, product: VariantProduct, inventory_item: InventoryItem }
    /// `Product`, as much of it as a variant is asked for
    VariantProduct { product_type: Text }
    /// `InventoryItem`
    InventoryItem { measurement: Measurement }
    /// `InventoryItemMeasurement`
    Measurement { weight: Weight }
    /// `FulfillmentOrder`
    FulfillmentOrder {
        id: Text, status: Text, request_status: Text, updated_at: Text, fulfill_at: Text, fulfill_by: Text,
        supported_actions: Vec<SupportedAction>, delivery_method: DeliveryMethod, fulfillment_holds: Vec<Hold>,
        assigned_location: AssignedLocation, line_items: Nodes<FulfillmentOrderLine>,
    }
    /// `FulfillmentOrderSupportedAction`
    SupportedAction { action: Text }
    /// `DeliveryMethod`
    DeliveryMethod { method_type: Text }
    /// `FulfillmentHold`
    Hold { id: Text, display_reason: Text, reason: Text, reason_notes: Text, held_by_requesting_app: bool }
    /// `FulfillmentOrderAssignedLocation`
    AssignedLocation { name: Text, location: Location }
    /// `Location`
    Location { id: Text, is_fulfillment_service: bool }
    /// `FulfillmentOrderLineItem`
    FulfillmentOrderLine { id: Text, total_quantity: Whole, remaining_quantity: Whole, line_item: Id }
    /// `Fulfillment`
    Fulfillment {
        id: Text, name: Text, status: Text, display_status: Text, created_at: Text, updated_at: Text, delivered_at: Text,
        tracking_info: Vec<Tracking>, fulfillment_line_items: Nodes<FulfillmentLine>,
    }
    /// `FulfillmentTrackingInfo`
    Tracking { company: Text, number: Text, url: Text }
    /// `FulfillmentLineItem`
    FulfillmentLine { id: Text, quantity: Whole, line_item: Id }
}

/// A connection; only its nodes matter here, paging is `assemble.rs`'s.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodes<T> {
    /// The entries.
    pub nodes: Loose<Vec<Loose<T>>>,
}

impl<T: FromWire> FromWire for Nodes<T> {
    fn from_wire(value: &Value) -> Option<Self> {
        Some(Self { nodes: Loose::of(value.as_object()?.get("nodes")) })
    }
}

impl<T> Default for Nodes<T> {
    fn default() -> Self {
        Self { nodes: Loose::Missing }
    }
}

impl<T> Nodes<T> {
    /// The entries that are something; `null` among them is nothing.
    pub fn entries(&self) -> impl Iterator<Item = &Loose<T>> {
        self.nodes.list().iter().filter(|entry| !matches!(entry, Loose::Missing))
    }
    /// The entries that are as they should be.
    pub fn good(&self) -> impl Iterator<Item = &T> {
        self.nodes.list().iter().filter_map(Loose::get)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read<T: FromWire>(text: &str) -> T {
        T::from_wire(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn trap_13_names_are_written_as_shopify_writes_them() {
        for (ours, theirs) in [("id", "id"), ("country_code_v2", "countryCodeV2"), ("address1", "address1")] {
            assert_eq!(camel(ours), theirs);
        }
    }

    #[test]
    fn odd_fields_do_not_spoil_their_neighbours() {
        let line: Line = read(
            r#"{"id":"gid://shopify/LineItem/1","sku":null,"quantity":"3","currentQuantity":2.0,"unfulfilledQuantity":[],"weight":7,"variant":"gone"}"#,
        );
        assert_eq!(line.sku, Loose::Missing);
        assert_eq!(line.quantity, Loose::Have(Whole(3)));
        assert_eq!(line.current_quantity, Loose::Have(Whole(2)));
        assert_eq!(line.unfulfilled_quantity, Loose::Odd("a list of 0".into()));
        assert_eq!(line.weight, Loose::Odd("the number 7".into()));
        assert_eq!(line.variant, Loose::Odd("a text of 4 characters".into()));
    }

    #[test]
    fn null_entries_of_a_list_are_nothing() {
        let order: Order = read(r#"{"lineItems":{"nodes":[null,{"id":"a"}]},"tags":null,"fulfillments":null}"#);
        assert_eq!(order.line_items.get().unwrap().entries().count(), 1);
        assert!(order.tags.list().is_empty());
    }
}
