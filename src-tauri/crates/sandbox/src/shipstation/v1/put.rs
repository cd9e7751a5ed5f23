//! Creating and replacing orders. The whole order travels every time: what is
//! left out is gone afterwards.
//!
//! The answer never shows tags, even when the request set some; a later read does.

use super::{Answered, Desk, invalid, invalid_all, refused, render, sentence};
use crate::shipstation::pacific::Wall;
use crate::shipstation::state::{Address, Body, Item, Status, Weight};
use crate::shipstation::wire::{Answer, Call};
use serde_json::{Map, Value, json};

/// Most orders in one call.
const MANY: usize = 100;
/// Longest number people see.
const NUMBER_MAX: usize = 50;

/// `POST /orders/createorder`
pub fn one(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let Some(Value::Object(fields)) = call.json() else {
        return Err(invalid("apiOrder", "An order is required in the body."));
    };
    let wish = read(&fields).map_err(invalid_all)?;
    let (state, mut pen) = desk.writing();
    let (id, _) = state.put(&mut pen, wish.order_id, wish.key.as_deref(), wish.body, &wish.tags).map_err(refused)?;
    let Some(order) = state.order(id) else { return Err(super::not_found()) };
    let mut answer = render::order(order);
    if let Some(tags) = answer.get_mut("tagIds") {
        *tags = Value::Null;
    }
    Ok(Answer::ok(answer))
}

/// `POST /orders/createorders`: a bare array; every order succeeds or fails for itself.
pub fn many(desk: &mut Desk<'_, '_>, call: &Call<'_>) -> Answered {
    let Some(Value::Array(orders)) = call.json() else {
        return Err(invalid("apiOrders", "The body must be an array of orders."));
    };
    if orders.is_empty() || orders.len() > MANY {
        return Err(invalid("apiOrders", format!("{} orders were sent; 1 to {MANY} are possible.", orders.len())));
    }
    let results: Vec<Value> = orders.iter().map(|order| result(desk, order)).collect();
    let failed = results.iter().any(|result| result.get("success") == Some(&Value::Bool(false)));
    Ok(Answer::ok(json!({ "hasErrors": failed, "results": results })))
}

fn result(desk: &mut Desk<'_, '_>, order: &Value) -> Value {
    let empty = Map::new();
    let fields = order.as_object().unwrap_or(&empty);
    let outcome = match read(fields) {
        Ok(wish) => {
            let (state, mut pen) = desk.writing();
            state
                .put(&mut pen, wish.order_id, wish.key.as_deref(), wish.body, &wish.tags)
                .map_err(|deny| sentence(deny).1)
        }
        Err(problems) => Err(problems.into_iter().map(|(_, problem)| problem).collect::<Vec<_>>().join(" ")),
    };
    match outcome {
        Ok((id, _)) => json!({
            "orderId": id,
            "orderNumber": desk.state.order(id).map(|order| order.body.number.clone()),
            "orderKey": desk.state.order(id).map(|order| order.key.clone()),
            "success": true,
            "errorMessage": null,
        }),
        Err(problem) => json!({
            "orderId": fields.get("orderId").filter(|id| id.is_i64()).cloned().unwrap_or(Value::Null),
            "orderNumber": fields.get("orderNumber").filter(|text| text.is_string()).cloned().unwrap_or(Value::Null),
            "orderKey": fields.get("orderKey").filter(|text| text.is_string()).cloned().unwrap_or(Value::Null),
            "success": false,
            "errorMessage": problem,
        }),
    }
}

/// An order as a client wants it.
struct Wish {
    order_id: Option<i64>,
    key: Option<String>,
    body: Body,
    tags: Vec<i64>,
}

/// Reads fields one by one and remembers everything that is wrong.
struct Reader<'a> {
    fields: &'a Map<String, Value>,
    prefix: String,
    problems: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    fn new(fields: &'a Map<String, Value>, prefix: impl Into<String>) -> Self {
        Self { fields, prefix: prefix.into(), problems: Vec::new() }
    }
    fn given(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }
    fn wrong(&mut self, name: &str, problem: impl Into<String>) {
        self.problems.push((format!("{}.{name}", self.prefix), problem.into()));
    }
    fn required(&mut self, name: &str) {
        self.wrong(name, format!("The {name} field is required."));
    }
    fn type_error<T>(&mut self, name: &str, wanted: &str) -> Option<T> {
        self.wrong(name, format!("Error converting value of {name}: {wanted} expected."));
        None
    }
    fn text(&mut self, name: &str) -> String {
        match self.given(name) {
            Some(Value::String(text)) => text.clone(),
            Some(_) => self.type_error(name, "text").unwrap_or_default(),
            None => String::new(),
        }
    }
    fn flag(&mut self, name: &str) -> bool {
        match self.given(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(_) => self.type_error(name, "true or false").unwrap_or_default(),
            None => false,
        }
    }
    fn decimal(&mut self, name: &str) -> Option<f64> {
        match self.given(name)? {
            Value::Number(number) => number.as_f64(),
            _ => self.type_error(name, "a number"),
        }
    }
    fn whole(&mut self, name: &str) -> Option<i64> {
        match self.given(name)? {
            Value::Number(number) if number.is_i64() => number.as_i64(),
            // 2.0 is what some clients write for 2.
            Value::Number(number) => match number.as_f64().filter(|value| value.fract() == 0.0) {
                Some(value) => Some(value as i64),
                None => self.type_error(name, "a whole number"),
            },
            _ => self.type_error(name, "a whole number"),
        }
    }
    fn time(&mut self, name: &str) -> Option<Wall> {
        match self.given(name)? {
            Value::String(text) => match Wall::parse(text) {
                Some(wall) => Some(wall),
                None => self.type_error(name, "a date"),
            },
            _ => self.type_error(name, "a date"),
        }
    }
    fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.given(name)? {
            Value::Object(fields) => Some(fields),
            _ => self.type_error(name, "an object"),
        }
    }
    fn shape(&mut self, name: &str) -> Value {
        self.object(name).map_or(Value::Null, |fields| Value::Object(fields.clone()))
    }
    fn array(&mut self, name: &str) -> &'a [Value] {
        match self.given(name) {
            Some(Value::Array(rows)) => rows,
            Some(_) => self.type_error(name, "an array").unwrap_or_default(),
            None => &[],
        }
    }
    fn below(&mut self, name: &str, fields: &'a Map<String, Value>, read: impl FnOnce(&mut Reader<'a>)) {
        let mut below = Reader::new(fields, format!("{}.{name}", self.prefix));
        read(&mut below);
        self.problems.append(&mut below.problems);
    }
    fn weight(&mut self, name: &str) -> Option<Weight> {
        let fields = self.object(name)?;
        let mut weight = Weight::of_grams(0.0);
        self.below(name, fields, |reader| {
            weight.value = reader.decimal("value").unwrap_or_default();
            weight.units = reader.text("units").to_lowercase();
            if !matches!(weight.units.as_str(), "pounds" | "ounces" | "grams") {
                reader.wrong("units", "Weight units must be pounds, ounces or grams.");
            }
            if weight.value < 0.0 {
                reader.wrong("value", "A weight can not be negative.");
            }
        });
        Some(weight)
    }
    fn address(&mut self, name: &str, name_needed: bool) -> Address {
        let Some(fields) = self.object(name) else {
            if self.given(name).is_none() {
                self.required(name);
            }
            return Address::default();
        };
        let mut address = Address::default();
        self.below(name, fields, |reader| {
            address = Address {
                name: reader.text("name"),
                company: reader.text("company"),
                street1: reader.text("street1"),
                street2: reader.text("street2"),
                street3: reader.text("street3"),
                city: reader.text("city"),
                state: reader.text("state"),
                postal_code: reader.text("postalCode"),
                country: reader.text("country"),
                phone: reader.text("phone"),
                residential: reader.given("residential").and_then(Value::as_bool),
            };
            let country = address.country.as_str();
            let two_letters = country.len() == 2 && country.chars().all(|letter| letter.is_ascii_alphabetic());
            if !country.is_empty() && !two_letters {
                reader.wrong("country", format!("'{country}' is not a valid country: a 2-letter code is required."));
            }
            if name_needed && address.name.trim().is_empty() {
                reader.required("name");
            }
        });
        address
    }
}

fn read(fields: &Map<String, Value>) -> Result<Wish, Vec<(String, String)>> {
    let mut reader = Reader::new(fields, "apiOrder");
    let r = &mut reader;
    let number = r.text("orderNumber");
    if number.trim().is_empty() {
        r.required("orderNumber");
    } else if number.chars().count() > NUMBER_MAX {
        r.wrong("orderNumber", format!("The orderNumber must be at most {NUMBER_MAX} characters long."));
    }
    let placed = r.time("orderDate");
    if placed.is_none() && r.given("orderDate").is_none() {
        r.required("orderDate");
    }
    let status = r.text("orderStatus");
    let status = match status.as_str() {
        "awaiting_payment" | "awaiting_shipment" | "on_hold" | "shipped" | "cancelled" => Status::from_code(&status),
        "" => {
            r.required("orderStatus");
            None
        }
        other => {
            let problem = format!("The value '{other}' is not valid for orderStatus.");
            r.wrong("orderStatus", problem);
            None
        }
    };
    let key = Some(r.text("orderKey")).filter(|key| !key.is_empty());
    let mut body = Body {
        number,
        status: status.unwrap_or(Status::AwaitingShipment),
        placed: placed.unwrap_or(Wall(0)),
        paid: r.time("paymentDate"),
        ship_by: r.time("shipByDate"),
        username: r.text("customerUsername"),
        email: r.text("customerEmail"),
        bill_to: r.address("billTo", true),
        ship_to: r.address("shipTo", false),
        items: Vec::new(),
        amount_paid: r.decimal("amountPaid"),
        tax_amount: r.decimal("taxAmount"),
        shipping_amount: r.decimal("shippingAmount"),
        customer_notes: r.text("customerNotes"),
        internal_notes: r.text("internalNotes"),
        gift: r.flag("gift"),
        gift_message: r.text("giftMessage"),
        payment_method: r.text("paymentMethod"),
        requested_service: r.text("requestedShippingService"),
        carrier_code: r.text("carrierCode"),
        service_code: r.text("serviceCode"),
        package_code: r.text("packageCode"),
        confirmation: r.text("confirmation"),
        ship_date: r.time("shipDate"),
        weight: r.weight("weight"),
        dimensions: r.shape("dimensions"),
        insurance: r.shape("insuranceOptions"),
        international: r.shape("internationalOptions"),
        ..Body::default()
    };
    if let Some(advanced) = r.object("advancedOptions") {
        r.below("advancedOptions", advanced, |r| read_advanced(r, &mut body));
    }
    for (index, row) in r.array("items").iter().enumerate() {
        let name = format!("items[{index}]");
        match row {
            Value::Object(fields) => r.below(&name, fields, |r| body.items.push(read_item(r))),
            _ => r.wrong(&name, "A line must be an object."),
        }
    }
    let tags = r.array("tagIds").iter().filter_map(Value::as_i64).collect();
    let order_id = r.whole("orderId");
    if reader.problems.is_empty() { Ok(Wish { order_id, key, body, tags }) } else { Err(reader.problems) }
}

fn read_advanced(r: &mut Reader<'_>, body: &mut Body) {
    body.warehouse_id = r.whole("warehouseId");
    body.store_id = r.whole("storeId");
    body.custom = [r.text("customField1"), r.text("customField2"), r.text("customField3")];
    body.source = r.text("source");
    body.non_machinable = r.flag("nonMachinable");
    body.saturday_delivery = r.flag("saturdayDelivery");
    body.contains_alcohol = r.flag("containsAlcohol");
    let billing = ["billToParty", "billToAccount", "billToPostalCode", "billToCountryCode", "billToMyOtherAccount"];
    let given = billing.into_iter().filter_map(|name| Some((name.to_owned(), r.given(name)?.clone())));
    body.billing = Value::Object(given.collect());
}

fn read_item(r: &mut Reader<'_>) -> Item {
    let name = r.text("name");
    if r.given("name").is_none() {
        r.required("name");
    }
    let quantity = r.whole("quantity");
    if quantity.is_none() && r.given("quantity").is_none() {
        r.required("quantity");
    }
    let adjustment = r.flag("adjustment");
    if quantity.is_some_and(|units| units < 0) && !adjustment {
        r.wrong("quantity", "A quantity can not be negative.");
    }
    let option = |row: &Value| {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        (text("name"), text("value"))
    };
    Item {
        line_key: r.text("lineItemKey"),
        sku: r.text("sku"),
        name,
        image_url: r.text("imageUrl"),
        weight: r.weight("weight"),
        quantity: quantity.unwrap_or_default(),
        unit_price: r.decimal("unitPrice"),
        tax_amount: r.decimal("taxAmount"),
        shipping_amount: r.decimal("shippingAmount"),
        warehouse_location: r.text("warehouseLocation"),
        options: r.array("options").iter().map(option).collect(),
        product_id: r.whole("productId"),
        fulfillment_sku: r.text("fulfillmentSku"),
        adjustment,
        upc: r.text("upc"),
        ..Item::default()
    }
}
