//! Reading a shipment that a client wants to have. What is left out is gone
//! afterwards; what the platform alone writes is passed over in silence.
//!
//! Left out on purpose: customs declarations, dangerous goods and all options of
//! single carriers. They are accepted and forgotten.

use super::{Wrong, read_id};
use crate::shipstation::carriers;
use crate::shipstation::pacific::{Wall, parse_iso};
use crate::shipstation::state::{Address, Body, Item, Status, Weight};
use serde_json::{Map, Value, json};

/// A shipment as a client wants it.
pub struct Wish {
    /// External id; empty when none was given.
    pub key: String,
    /// What goes into the order.
    pub body: Body,
    /// Day the hold ends.
    pub hold_until: Option<Wall>,
    /// Names of tags; obeyed only when the shipment is created.
    pub tags: Vec<String>,
}

struct Reader<'a> {
    fields: &'a Map<String, Value>,
    prefix: String,
    wrongs: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    fn new(fields: &'a Map<String, Value>, prefix: impl Into<String>) -> Self {
        Self { fields, prefix: prefix.into(), wrongs: Vec::new() }
    }
    fn path(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}.{name}", self.prefix) }
    }
    fn given(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }
    fn wrong(&mut self, code: &'static str, name: &str, message: String) {
        let path = self.path(name);
        self.wrongs.push(Wrong::field(code, path, message));
    }
    fn bad<T>(&mut self, name: &str, wanted: &str) -> Option<T> {
        let message = format!("'{}' must be {wanted}.", self.path(name));
        self.wrong("invalid_field_value", name, message);
        None
    }
    fn missing(&mut self, name: &str) {
        let path = self.path(name);
        self.wrongs.push(Wrong::missing(path));
    }
    fn text(&mut self, name: &str) -> String {
        match self.given(name) {
            Some(Value::String(text)) => text.clone(),
            Some(_) => self.bad(name, "text").unwrap_or_default(),
            None => String::new(),
        }
    }
    fn short(&mut self, name: &str, max: usize) -> String {
        let text = self.text(name);
        if text.chars().count() > max {
            let message = format!("'{}' must not be longer than {max} characters.", self.path(name));
            self.wrong("invalid_string_length", name, message);
        }
        text
    }
    fn required(&mut self, name: &str) -> String {
        let text = self.text(name);
        if text.trim().is_empty() {
            self.missing(name);
        }
        text
    }
    fn flag(&mut self, name: &str) -> bool {
        match self.given(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(_) => self.bad(name, "true or false").unwrap_or_default(),
            None => false,
        }
    }
    fn decimal(&mut self, name: &str) -> Option<f64> {
        let value = self.given(name)?.as_f64().filter(|value| *value >= 0.0);
        if value.is_none() {
            return self.bad(name, "a number that is not negative");
        }
        value
    }
    fn moment(&mut self, name: &str) -> Option<Wall> {
        let at = self.given(name)?.as_str().and_then(parse_iso);
        match at {
            Some(at) => Some(Wall::of(at)),
            None => self.bad(name, "an ISO 8601 date"),
        }
    }
    /// A day; the time in it is ignored.
    fn day(&mut self, name: &str) -> Option<Wall> {
        let text = self.given(name)?.as_str().unwrap_or_default();
        match Wall::parse(text.get(..10).unwrap_or(text)) {
            Some(day) => Some(day),
            None => self.bad(name, "an ISO 8601 date"),
        }
    }
    fn id(&mut self, name: &str) -> Option<i64> {
        let text = self.given(name)?.as_str().unwrap_or_default();
        match read_id(text).or_else(|| text.parse().ok().filter(|_| name == "store_id")) {
            Some(id) => Some(id),
            None => self.bad(name, "an identifier such as se-123"),
        }
    }
    fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.given(name)? {
            Value::Object(fields) => Some(fields),
            _ => self.bad(name, "an object"),
        }
    }
    fn array(&mut self, name: &str) -> &'a [Value] {
        match self.given(name) {
            Some(Value::Array(rows)) => rows,
            Some(_) => self.bad(name, "an array").unwrap_or_default(),
            None => &[],
        }
    }
    fn below<T>(&mut self, name: &str, fields: &'a Map<String, Value>, read: impl FnOnce(&mut Reader<'a>) -> T) -> T {
        let mut below = Reader::new(fields, self.path(name));
        let value = read(&mut below);
        self.wrongs.append(&mut below.wrongs);
        value
    }
    fn money(&mut self, name: &str) -> Option<f64> {
        let fields = self.object(name)?;
        self.below(name, fields, |r| {
            r.required("currency");
            let amount = r.decimal("amount");
            if amount.is_none() && r.given("amount").is_none() {
                r.missing("amount");
            }
            amount
        })
    }
    fn weight(&mut self, name: &str) -> Option<Weight> {
        let fields = self.object(name)?;
        self.below(name, fields, |r| {
            let value = r.decimal("value");
            if value.is_none() && r.given("value").is_none() {
                r.missing("value");
            }
            let value = value.unwrap_or_default();
            match r.text("unit").as_str() {
                "pound" => Some(Weight { value, units: "pounds".to_owned() }),
                "ounce" => Some(Weight { value, units: "ounces".to_owned() }),
                "gram" => Some(Weight { value, units: "grams".to_owned() }),
                "kilogram" => Some(Weight { value: value * 1000.0, units: "grams".to_owned() }),
                _ => r.bad("unit", "pound, ounce, gram or kilogram"),
            }
        })
    }
    fn address(&mut self, name: &str) -> (Address, String) {
        let Some(fields) = self.object(name) else { return (Address::default(), String::new()) };
        self.below(name, fields, |r| {
            let country = r.required("country_code");
            if !country.is_empty() && country.len() != 2 {
                let _: Option<()> = r.bad("country_code", "a 2-letter code");
            }
            let residential = match r.required("address_residential_indicator").as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                "unknown" | "" => None,
                _ => r.bad("address_residential_indicator", "yes, no or unknown"),
            };
            let address = Address {
                name: r.required("name"),
                company: r.text("company_name"),
                street1: r.required("address_line1"),
                street2: r.text("address_line2"),
                street3: r.text("address_line3"),
                city: r.required("city_locality"),
                state: r.required("state_province"),
                postal_code: r.required("postal_code"),
                phone: r.required("phone"),
                country,
                residential,
            };
            (address, r.text("email"))
        })
    }
}

/// Reads one shipment. `long_ids_are_cut` is the account's habit with external ids longer than 50 characters.
pub fn read(
    fields: &Map<String, Value>,
    prefix: &str,
    now_ms: i64,
    long_ids_are_cut: bool,
) -> Result<Wish, Vec<Wrong>> {
    let mut reader = Reader::new(fields, prefix);
    let r = &mut reader;
    let key = if long_ids_are_cut {
        super::render::cut(&r.text("external_shipment_id"))
    } else {
        r.short("external_shipment_id", 50)
    };
    if r.given("ship_to").is_none() {
        r.missing("ship_to");
    }
    let (ship_to, email) = r.address("ship_to");
    let provider = r.id("carrier_id").and_then(|id| {
        let carrier = carriers::carrier_by_id(id);
        if carrier.is_none() {
            r.wrong("carrier_not_connected", "carrier_id", "The carrier is not connected to this account.".to_owned());
        }
        carrier
    });
    let service_code = r.text("service_code");
    if let Some(carrier) = provider
        && !service_code.is_empty()
        && carrier.service(&service_code).is_none()
    {
        r.wrong("invalid_field_value", "service_code", format!("{} has no service '{service_code}'.", carrier.name));
    }
    let status = match r.text("shipment_status").as_str() {
        "awaiting_payment" => Status::AwaitingPayment,
        "on_hold" => Status::OnHold,
        "cancelled" => Status::Cancelled,
        _ => Status::AwaitingShipment,
    };
    let mut body = Body {
        number: r.short("shipment_number", 50),
        status,
        placed: Wall::of(now_ms),
        ship_by: r.moment("ship_by_date"),
        deliver_by: r.moment("deliver_by_date"),
        email,
        bill_to: ship_to.clone(),
        ship_to,
        amount_paid: r.money("amount_paid"),
        shipping_amount: r.money("shipping_paid"),
        tax_amount: r.money("tax_paid"),
        customer_notes: r.text("notes_from_buyer"),
        notes_to_buyer: r.text("notes_to_buyer"),
        internal_notes: r.text("internal_notes"),
        gift: r.flag("is_gift"),
        gift_message: r.text("notes_for_gift"),
        requested_service: r.text("requested_shipment_service"),
        carrier_code: provider.map_or_else(String::new, |carrier| carrier.code.to_owned()),
        service_code,
        confirmation: r.text("confirmation"),
        ship_date: r.day("ship_date"),
        warehouse_id: r.id("warehouse_id"),
        store_id: r.id("store_id"),
        ..Body::default()
    };
    for (index, row) in r.array("items").iter().enumerate() {
        if let Value::Object(fields) = row {
            body.items.push(r.below(&format!("items[{index}]"), fields, read_item));
        }
    }
    let packages = r.array("packages");
    if let Some(Value::Object(fields)) = packages.first() {
        r.below("packages[0]", fields, |r| read_package(r, &mut body));
    }
    if let Some(advanced) = r.object("advanced_options") {
        r.below("advanced_options", advanced, |r| {
            body.custom = [r.short("custom_field1", 100), r.short("custom_field2", 100), r.short("custom_field3", 100)];
            body.non_machinable = r.flag("non_machinable");
            body.saturday_delivery = r.flag("saturday_delivery");
            body.contains_alcohol = r.flag("contains_alcohol");
        });
    }
    let tag = |row: &Value| row.get("name").and_then(Value::as_str).map(str::to_owned);
    let tags = r.array("tags").iter().filter_map(tag).collect();
    let hold_until = r.day("hold_until_date");
    if reader.wrongs.is_empty() { Ok(Wish { key, body, hold_until, tags }) } else { Err(reader.wrongs) }
}

fn read_item(r: &mut Reader<'_>) -> Item {
    let quantity = r.given("quantity").and_then(Value::as_i64).filter(|units| *units >= 0);
    if quantity.is_none() {
        let _: Option<()> = r.bad("quantity", "a whole number that is not negative");
    }
    let option = |row: &Value| {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("name"), text("value"))
    };
    Item {
        line_key: r.text("external_order_item_id"),
        sku: r.text("sku"),
        name: r.text("name"),
        image_url: r.text("image_url"),
        weight: r.weight("weight"),
        quantity: quantity.unwrap_or_default(),
        unit_price: r.decimal("unit_price"),
        tax_amount: r.decimal("tax_amount"),
        shipping_amount: r.decimal("shipping_amount"),
        warehouse_location: r.text("inventory_location"),
        options: r.array("options").iter().map(option).collect(),
        fulfillment_sku: r.text("fullfilment_sku"),
        upc: r.text("upc"),
        ..Item::default()
    }
}

fn read_package(r: &mut Reader<'_>, body: &mut Body) {
    if r.given("weight").is_none() {
        r.missing("weight");
    }
    // A weight of nothing is how clients leave it to the lines.
    body.weight = r.weight("weight").filter(|weight| weight.value > 0.0);
    body.package_code = r.text("package_code");
    if let Some(size) = r.object("dimensions") {
        let side = |name: &str| size.get(name).and_then(Value::as_f64).unwrap_or_default();
        let units = if size.get("unit").and_then(Value::as_str) == Some("inch") { "inches" } else { "centimeters" };
        body.dimensions =
            json!({ "length": side("length"), "width": side("width"), "height": side("height"), "units": units });
    }
}
