//! Customers and addresses.

use super::{Thing, Value, What, gid, id, leaf, opt, text, time};
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::Out;
use crate::shopify::state::{Address, Customer, amount};
use serde_json::{Value as Json, json};

/// A code only where it is one; the platform never sends another text in that field.
pub(super) fn country_code(address: &Address) -> Option<&str> {
    (address.country_code.len() == 2).then_some(address.country_code.as_str())
}

/// `MailingAddress`; empty parts are `null`, as the platform gives them.
pub(super) fn address_json(number: u64, address: &Address) -> Json {
    let some = |value: &str| if value.is_empty() { Json::Null } else { json!(value) };
    let formatted: Vec<String> = [
        address.company.clone(),
        address.address1.clone(),
        address.address2.clone(),
        format!("{} {}", address.zip, address.city).trim().to_owned(),
        address.country.clone(),
    ]
    .into_iter()
    .filter(|line| !line.is_empty())
    .collect();
    json!({
        "id": format!("{}?model_name=Address", gid("MailingAddress", number)),
        "name": some(&address.name()), "firstName": some(&address.first_name), "lastName": some(&address.last_name),
        "company": some(&address.company), "address1": some(&address.address1), "address2": some(&address.address2),
        "city": some(&address.city), "province": some(&address.province), "provinceCode": some(&address.province_code),
        "zip": some(&address.zip), "country": some(&address.country), "countryCode": country_code(address),
        "countryCodeV2": country_code(address), "phone": some(&address.phone), "coordinatesValidated": false,
        "latitude": null, "longitude": null, "formatted": formatted,
        "formattedArea": some(format!("{}, {}", address.city, address.country).trim_matches([',', ' '])),
    })
}

impl<'a> Thing<'a> {
    pub(super) fn address(&self, number: u64, address: Option<&Address>) -> Value<'a> {
        let visible = address.filter(|_| self.view.plan.personal_data);
        self.value("MailingAddress", visible.map_or(Json::Null, |address| address_json(number, address)))
    }

    pub(super) fn customer(&self, customer: &'a Customer, name: &str, args: &Args) -> Value<'a> {
        let personal = self.view.plan.personal_data;
        let orders = || self.view.state.orders().iter().filter(|order| order.customer == Some(customer.id));
        match name {
            "id" => id("Customer", customer.id),
            "legacyResourceId" => leaf(customer.id.to_string()),
            "displayName" if personal => {
                let full = format!("{} {}", customer.first_name, customer.last_name);
                leaf(if full.trim().is_empty() {
                    customer.email.clone().unwrap_or_default()
                } else {
                    full.trim().to_owned()
                })
            }
            "displayName" => leaf(""),
            "firstName" if personal => text(&customer.first_name),
            "lastName" if personal => text(&customer.last_name),
            "email" if personal => opt(customer.email.clone()),
            "phone" if personal => opt(customer.phone.clone()),
            "defaultEmailAddress" if personal => {
                let value = customer.email.as_ref().map(|email| json!({ "emailAddress": email }));
                self.value("CustomerEmailAddress", value.unwrap_or(Json::Null))
            }
            "defaultPhoneNumber" if personal => {
                let value = customer.phone.as_ref().map(|phone| json!({ "phoneNumber": phone }));
                self.value("CustomerPhoneNumber", value.unwrap_or(Json::Null))
            }
            "defaultAddress" => self.address(customer.id * 4 + 2, customer.address.as_ref()),
            "addressesV2" => {
                let addresses = customer.address.iter().filter(|_| personal);
                self.page(
                    args,
                    addresses.map(|address| {
                        (
                            customer.id,
                            What::Plain("MailingAddress".to_owned(), address_json(customer.id * 4 + 2, address)),
                        )
                    }),
                )
            }
            "state" => leaf("DISABLED"),
            "tags" => leaf(json!(customer.tags)),
            "note" => opt(customer.note.clone()),
            "locale" => leaf("en"),
            "numberOfOrders" => leaf(orders().count().to_string()),
            "amountSpent" => {
                let currency = &self.view.plan.currency;
                let spent = orders().map(|order| order.received_minor() - order.refunded_minor()).sum();
                self.value("MoneyV2", json!({ "amount": amount(spent, currency), "currencyCode": currency }))
            }
            "createdAt" => time(customer.created_ms),
            "updatedAt" => time(customer.updated_ms),
            "verifiedEmail" => leaf(customer.email.is_some()),
            "taxExempt" => leaf(false),
            "canDelete" => leaf(orders().next().is_none()),
            "orders" => self.orders(name, args, Some(customer.id)),
            "lastOrder" => self.maybe(orders().next_back().map(What::Order)),
            _ => Out::Null,
        }
    }
}
