//! What a client can read: every object of the served schema, field by field.
//!
//! A [`Thing`] is a reference into the store's data together with the client's
//! view of it (scopes, personal data, time). Small value objects travel as plain
//! JSON ([`What::Plain`]); wherever such JSON says `{"$ref": "gid://…"}` the thing
//! of that id is meant.

mod goods;
mod order;
mod people;
mod returns;
mod root;
mod rows;
mod search;
mod shipping;

pub use returns::{REASONS, returnable_units};
pub use search::Query;

use super::ShopPlan;
use super::graphql::Args;
use super::graphql::execute::{Out, Thing as Node};
use super::graphql::schema::Schema;
use super::state::{
    Customer, Fo, FoLine, Fulfillment, FulfillmentLine, Hold, Line, Location, Order, Product, Refund, RefundLine,
    Return, ReturnLine, State, Transaction, Variant, amount, gid, timestamp,
};
use crate::ListQuirk;
use serde_json::{Value as Json, json};
use std::cell::RefCell;

/// A client's view of a store at one moment.
pub struct View<'a> {
    /// The data.
    pub state: &'a State,
    /// The store.
    pub plan: &'a ShopPlan,
    /// Now, ms UTC.
    pub now_ms: i64,
    /// Origin under which the store is reached, for links (`http://127.0.0.1:4000`).
    pub origin: &'a str,
    /// A bulk operation looks: lists are whole.
    pub bulk: bool,
    /// How lists misbehave.
    pub quirk: Option<ListQuirk>,
    /// Search terms nobody knows: (root field, query, term).
    pub warnings: RefCell<Vec<(String, String, String)>>,
}

impl View<'_> {
    /// The app may do that.
    pub fn may(&self, scope: &str) -> bool {
        self.plan.may(scope)
    }
    /// The order lies within what the app may look at.
    pub fn sees(&self, order: &Order) -> bool {
        const WINDOW_MS: i64 = 60 * 86_400_000;
        self.may("read_orders") && (self.may("read_all_orders") || order.created_ms >= self.now_ms - WINDOW_MS)
    }
    /// The fulfillment order is one the app may look at.
    pub fn sees_fo(&self, fo: &Fo) -> bool {
        self.may(if fo.third_party {
            "read_third_party_fulfillment_orders"
        } else {
            "read_merchant_managed_fulfillment_orders"
        })
    }
}

/// Something a client can select fields of.
#[derive(Clone)]
pub struct Thing<'a> {
    /// Whose view it is.
    pub view: &'a View<'a>,
    /// What it is.
    pub what: What<'a>,
}

/// See [`Thing`].
#[derive(Clone)]
#[allow(missing_docs)] // named after the types of the schema
pub enum What<'a> {
    Root,
    /// The mutation root while one mutation is being answered.
    Answer(&'a Json),
    Shop,
    Order(&'a Order),
    Line(&'a Order, &'a Line),
    Fo(&'a Order, &'a Fo),
    FoLine(&'a Order, &'a Fo, &'a FoLine),
    Hold(&'a Hold),
    Fulfillment(&'a Order, &'a Fulfillment),
    FulfillmentLine(&'a Order, &'a FulfillmentLine),
    Refund(&'a Order, &'a Refund),
    RefundLine(&'a Order, RefundLine),
    Transaction(&'a Order, &'a Transaction),
    Return(&'a Order, &'a Return),
    ReturnLine(&'a Order, &'a Return, &'a ReturnLine),
    Reverse(&'a Order, &'a Return),
    ReverseLine(&'a Order, &'a ReturnLine),
    Returnable(&'a Order, &'a Fulfillment),
    Customer(&'a Customer),
    Location(&'a Location),
    Product(&'a Product),
    Variant(&'a Product, &'a Variant),
    Item(&'a Product, &'a Variant),
    Level(&'a Product, &'a Variant, u64),
    /// A value object of that type.
    Plain(String, Json),
}

/// What a field gives.
pub type Value<'a> = Out<Thing<'a>>;

impl<'a> Node for Thing<'a> {
    type Cursor = rows::Cursor;

    fn type_name(&self) -> &str {
        match &self.what {
            What::Root => "QueryRoot",
            What::Answer(_) => "Mutation",
            What::Shop => "Shop",
            What::Order(_) => "Order",
            What::Line(..) => "LineItem",
            What::Fo(..) => "FulfillmentOrder",
            What::FoLine(..) => "FulfillmentOrderLineItem",
            What::Hold(_) => "FulfillmentHold",
            What::Fulfillment(..) => "Fulfillment",
            What::FulfillmentLine(..) => "FulfillmentLineItem",
            What::Refund(..) => "Refund",
            What::RefundLine(..) => "RefundLineItem",
            What::Transaction(..) => "OrderTransaction",
            What::Return(..) => "Return",
            What::ReturnLine(..) => "ReturnLineItem",
            What::Reverse(..) => "ReverseFulfillmentOrder",
            What::ReverseLine(..) => "ReverseFulfillmentOrderLineItem",
            What::Returnable(..) => "ReturnableFulfillment",
            What::Customer(_) => "Customer",
            What::Location(_) => "Location",
            What::Product(_) => "Product",
            What::Variant(..) => "ProductVariant",
            What::Item(..) => "InventoryItem",
            What::Level(..) => "InventoryLevel",
            What::Plain(name, _) => name,
        }
    }

    fn field(&self, name: &str, args: &Args) -> Value<'a> {
        match &self.what {
            What::Root => self.root(name, args),
            What::Answer(payload) => self.answer(name, payload),
            What::Shop => self.shop(name),
            What::Order(order) => self.order(order, name, args),
            What::Line(order, line) => self.line(order, line, name),
            What::Fo(order, fo) => self.fo(order, fo, name, args),
            What::FoLine(order, fo, line) => self.fo_line(order, fo, line, name),
            What::Hold(hold) => self.hold(hold, name),
            What::Fulfillment(order, fulfillment) => self.fulfillment(order, fulfillment, name, args),
            What::FulfillmentLine(order, line) => self.fulfillment_line(order, line, name),
            What::Refund(order, refund) => self.refund(order, refund, name, args),
            What::RefundLine(order, line) => self.refund_line(order, line, name),
            What::Transaction(order, transaction) => self.transaction(order, transaction, name),
            What::Return(order, one) => self.a_return(order, one, name, args),
            What::ReturnLine(order, one, line) => self.return_line(order, one, line, name),
            What::Reverse(order, one) => self.reverse(order, one, name, args),
            What::ReverseLine(order, line) => self.reverse_line(order, line, name),
            What::Returnable(order, fulfillment) => self.returnable(order, fulfillment, name, args),
            What::Customer(customer) => self.customer(customer, name, args),
            What::Location(location) => self.location(location, name, args),
            What::Product(product) => self.product(product, name, args),
            What::Variant(product, variant) => self.variant(product, variant, name),
            What::Item(product, variant) => self.item(product, variant, name, args),
            What::Level(product, variant, location) => self.level(product, variant, *location, name, args),
            What::Plain(type_name, value) => self.plain(type_name, value, name),
        }
    }
}

impl<'a> Thing<'a> {
    /// Another thing in the same view.
    pub fn to(&self, what: What<'a>) -> Self {
        Thing { view: self.view, what }
    }
    fn one(&self, what: What<'a>) -> Value<'a> {
        Out::One(self.to(what))
    }
    fn maybe(&self, what: Option<What<'a>>) -> Value<'a> {
        what.map_or(Out::Null, |what| self.one(what))
    }
    fn many(&self, things: impl IntoIterator<Item = What<'a>>) -> Value<'a> {
        Out::Many(things.into_iter().map(|what| self.to(what)).collect())
    }
    /// A value object.
    fn value(&self, type_name: &str, value: Json) -> Value<'a> {
        if value.is_null() { Out::Null } else { self.one(What::Plain(type_name.to_owned(), value)) }
    }
    fn values(&self, type_name: &str, values: impl IntoIterator<Item = Json>) -> Value<'a> {
        self.many(values.into_iter().map(|value| What::Plain(type_name.to_owned(), value)))
    }
    /// An amount of an order in both currencies.
    fn money(&self, order: &Order, minor: i64) -> Value<'a> {
        self.value("MoneyBag", money_bag(order, minor))
    }

    fn answer(&self, name: &str, payload: &Json) -> Value<'a> {
        let type_name = Schema::served().field("Mutation", name).map(|def| def.ty.name().to_owned());
        type_name.map_or(Out::Null, |type_name| self.value(&type_name, payload.clone()))
    }

    /// A field of a value object: whatever the JSON holds under that name.
    fn plain(&self, type_name: &str, value: &Json, name: &str) -> Value<'a> {
        let schema = Schema::served();
        let Some(def) = schema.field(type_name, name) else { return Out::Null };
        let value = value.get(name).cloned().unwrap_or(Json::Null);
        let inner = def.ty.name();
        if !schema.is_composite(inner) {
            return if value.is_null() { Out::Null } else { Out::Leaf(value) };
        }
        match value {
            Json::Null => Out::Null,
            Json::Array(items) => {
                Out::Many(items.into_iter().filter_map(|item| self.plain_thing(inner, item)).collect())
            }
            item => self.plain_thing(inner, item).map_or(Out::Null, Out::One),
        }
    }

    fn plain_thing(&self, type_name: &str, value: Json) -> Option<Self> {
        match value.get("$ref").and_then(Json::as_str) {
            Some(id) => self.by_gid(id),
            None => Some(self.to(What::Plain(type_name.to_owned(), value))),
        }
    }
}

/// A scalar.
fn leaf<'a>(value: impl Into<Json>) -> Value<'a> {
    Out::Leaf(value.into())
}

/// A scalar that may be missing.
fn opt<'a, T: Into<Json>>(value: Option<T>) -> Value<'a> {
    value.map_or(Out::Null, |value| Out::Leaf(value.into()))
}

/// Text that may be missing; empty text is missing.
fn text<'a>(value: &str) -> Value<'a> {
    if value.is_empty() { Out::Null } else { leaf(value) }
}

/// The id field.
fn id<'a>(kind: &str, id: u64) -> Value<'a> {
    leaf(gid(kind, id))
}

/// A moment.
fn time<'a>(ms: i64) -> Value<'a> {
    leaf(timestamp(ms))
}

/// A moment that may be missing.
fn maybe_time<'a>(ms: Option<i64>) -> Value<'a> {
    opt(ms.map(timestamp))
}

/// `Weight`.
fn weight_json(weight: Option<&(f64, String)>) -> Json {
    weight.map_or(Json::Null, |(value, unit)| json!({ "value": value, "unit": unit }))
}

/// `Attribute` list.
fn attributes(pairs: &[(String, String)]) -> Vec<Json> {
    pairs.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// `MoneyBag`.
fn money_bag(order: &Order, minor: i64) -> Json {
    let (presented, currency) = order.presented(minor);
    json!({
        "shopMoney": { "amount": amount(minor, &order.currency), "currencyCode": order.currency },
        "presentmentMoney": { "amount": amount(presented, currency), "currencyCode": currency },
    })
}

/// `Count`.
fn count_json(count: usize) -> Json {
    json!({ "count": count, "precision": "EXACT" })
}

/// Number of the reason that carries an old enum word.
pub fn reason_of_word(word: &str) -> Option<u64> {
    REASONS.iter().find(|(.., old)| *old == word).map(|(id, ..)| *id)
}
