//! Customers and their groups, to read.

use super::BigCommerce;
use super::door::{Answer, Call, list_v3, no_v2, no_v3};
use super::shape::{iso, when};
use super::state::Customer;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Largest page of customers.
const CUSTOMERS_MAX: usize = 250;
/// What a client may ask customers by here. The platform knows more; a name it does not know is refused there too.
const CUSTOMER_PARAMS: &[&str] = &["page", "limit", "id:in"];
/// The same for groups.
const GROUP_PARAMS: &[&str] = &["page", "limit"];

impl BigCommerce {
    /// `GET /v3/customers`. Without an id it is everybody, an empty list of ids included: that is how a client that
    /// meant nobody gets all.
    pub(super) fn customers(&self, call: &Call<'_>) -> Answer {
        let invalid = |name: &str| no_v3(422, "The filter is not valid.", &json!({ name: "error.expected" }));
        if let Some(name) = call.query.keys().find(|name| !CUSTOMER_PARAMS.contains(&name.as_str())) {
            return invalid(name);
        }
        let mut wanted = BTreeSet::new();
        for id in call.set("id:in") {
            match id.parse::<i64>() {
                Ok(id) if id > 0 => _ = wanted.insert(id),
                _ => return invalid("id:in"),
            }
        }
        let customers = self.state.customers.values();
        let shown = customers.filter(|one| wanted.is_empty() || wanted.contains(&one.id)).map(customer_json);
        list_v3(shown.collect(), call, CUSTOMERS_MAX)
    }

    /// Rows of `GET /v2/customer_groups`.
    pub(super) fn groups(&self, call: &Call<'_>) -> Result<Vec<Json>, Answer> {
        if let Some(name) = call.query.keys().find(|name| !GROUP_PARAMS.contains(&name.as_str())) {
            return Err(no_v2(400, &format!("The field '{name}' is not valid for this resource")));
        }
        let row = |(id, name): &(i64, String)| {
            json!({ "id": id, "name": name, "is_default": false, "category_access": { "type": "all" }, "discount_rules": [],
                "is_group_for_guests": false, "date_created": when(0), "date_modified": when(0) })
        };
        Ok(self.state.groups.iter().map(row).collect())
    }
}

fn customer_json(one: &Customer) -> Json {
    json!({ "id": one.id, "email": one.email, "first_name": one.first_name, "last_name": one.last_name, "company": "",
        "phone": "", "registration_ip_address": "", "notes": one.notes, "tax_exempt_category": one.tax_exempt_category,
        "customer_group_id": one.group, "date_created": iso(one.changed_ms), "date_modified": iso(one.changed_ms),
        "address_count": 0, "attribute_count": 0, "authentication": { "force_password_reset": false },
        "accepts_product_review_abandoned_cart_emails": false, "origin_channel_id": 1, "channel_ids": [1] })
}
