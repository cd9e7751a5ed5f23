//! What kind of store it is, and how a client gets in.

use crate::Account;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every permission a shipping desk asks for, in the platform's own words.
pub const SCOPES: &[&str] = &[
    "store_v2_orders",
    "store_v2_transactions",
    "store_v2_products_read_only",
    "store_v2_information_read_only",
    "store_channel_settings_read_only",
    "store_inventory",
    "store_locations_read_only",
    "store_v2_customers_read_only",
];

/// Which way a store goes where the documentation leaves it open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub struct Habits {
    /// `min_date_modified` includes its own second.
    pub bound_inclusive: bool,
    /// A shipment moves the order's status by itself.
    pub status_follows_shipment: bool,
    /// A shipment or a note moves the order's `date_modified`.
    pub shipment_touches_order: bool,
    /// Included lines that were cut at 50 say so with a `__warning__`.
    pub warns_of_cut: bool,
    /// A shipping consignment's id is the address's.
    pub consignment_id_is_address: bool,
    /// Putting an order to "Shipped" by hand counts its units as shipped.
    pub status_ships_units: bool,
    /// Included lines come without sizes, as some stores sent them.
    pub included_without_sizes: bool,
    /// `order_address_id` is sent as text.
    pub address_id_as_text: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            bound_inclusive: true,
            status_follows_shipment: true,
            shipment_touches_order: true,
            warns_of_cut: true,
            consignment_id_is_address: true,
            status_ships_units: false,
            included_without_sizes: false,
            address_id_as_text: false,
        }
    }
}

impl Habits {
    /// The other side of every question.
    pub fn other() -> Self {
        Self {
            bound_inclusive: false,
            status_follows_shipment: false,
            shipment_touches_order: false,
            warns_of_cut: false,
            consignment_id_is_address: false,
            status_ships_units: true,
            included_without_sizes: true,
            address_id_as_text: true,
        }
    }
}

/// What kind of store it is and how a client gets in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BigPlan {
    /// Account name in the sandbox (`harbour-depot`).
    pub account: String,
    /// For people.
    pub title: String,
    /// Word in the path.
    pub hash: String,
    /// Access token.
    pub token: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// ISO 4217.
    pub currency: String,
    /// IANA zone.
    pub zone: String,
    /// ISO 3166 two letters, where the merchant sits.
    pub country: String,
    /// Prices contain tax.
    pub taxes_included: bool,
    /// Tax rate.
    pub tax_rate: f64,
    /// Display word of the unit of weight.
    pub weight_units: String,
    /// Plan as merchants call it.
    pub plan_name: String,
    /// Calls per window, all apps together.
    pub quota: u32,
    /// Calls in each window that other apps make.
    pub calls_by_others: u32,
    /// Length of a window, ms.
    pub window_ms: i64,
    /// Storefronts and other channels: number, name, type, platform.
    pub channels: Vec<(i64, String, String, String)>,
    /// Units go back to the shelf on a refund or a cancellation.
    pub restocks: bool,
    /// Buyers get one mail for shipment and status.
    pub combined_mail: bool,
    /// Answers everything with 503: maintenance.
    pub maintenance: bool,
    /// Sheds load: 429 without any header.
    pub sheds_load: bool,
    /// Which way it goes where the documentation leaves it open.
    pub habits: Habits,
}

impl BigPlan {
    /// A store of that name.
    pub fn new(account: &str, title: &str, currency: &str, zone: &str, country: &str) -> Self {
        let letters =
            account.bytes().fold(0x2b99_2ddf_u64, |hash, byte| hash.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let text = |text: &str| text.to_owned();
        Self {
            account: text(account),
            title: text(title),
            hash: format!("{:010x}", letters % 0x00ff_ffff_ffff),
            token: format!("{:031x}", u128::from(letters).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060) >> 4),
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            currency: text(currency),
            zone: text(zone),
            country: text(country),
            taxes_included: country != "US",
            tax_rate: if country == "US" { 0.0825 } else { 0.20 },
            weight_units: text(if country == "US" { "Ounces" } else { "KGS" }),
            plan_name: text("Plus"),
            quota: 150,
            calls_by_others: 0,
            window_ms: 30_000,
            channels: vec![
                (1, text(title), text("storefront"), text("bigcommerce")),
                (667_159, format!("{title} Outlet"), text("storefront"), text("bigcommerce")),
                (667_160, text("Amazon"), text("marketplace"), text("amazon")),
            ],
            restocks: true,
            combined_mail: true,
            maintenance: false,
            sheds_load: false,
            habits: Habits::default(),
        }
    }
    /// The merchant's store in the United States.
    pub fn harbour_depot() -> Self {
        Self::new("harbour-depot", "Harbour Depot", "USD", "America/Chicago", "US")
    }
    /// The token may do that; a right to change includes reading.
    pub fn may(&self, scope: &str) -> bool {
        let has = |scope: &str| self.scopes.iter().any(|have| have == scope);
        has(scope) || scope.strip_suffix("_read_only").is_some_and(has)
    }
    /// Without this permission, whatever its level.
    #[must_use]
    pub fn without(mut self, scope: &str) -> Self {
        let stem = scope.trim_end_matches("_read_only");
        self.scopes.retain(|have| have.trim_end_matches("_read_only") != stem);
        self
    }
    /// What a client needs to get in.
    pub fn card(&self) -> Account {
        let fields = [
            ("store_hash", format!("https://api.bigcommerce.com/stores/{}/v3/", self.hash)),
            ("access_token", self.token.clone()),
        ];
        Account {
            platform: "bigcommerce".to_owned(),
            name: self.account.clone(),
            title: self.title.clone(),
            base_url: format!("http://{}.sandbox", self.account),
            way: "api_account".to_owned(),
            fields: fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect::<BTreeMap<_, _>>(),
        }
    }
}
