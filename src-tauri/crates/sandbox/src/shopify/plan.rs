//! What kind of store it is, and how a client gets in.

use crate::Account;
use chrono::{Offset, TimeZone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every scope a fulfillment desk asks for.
pub const SCOPES: &[&str] = &[
    "read_all_orders",
    "read_customers",
    "read_fulfillments",
    "read_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "read_orders",
    "read_products",
    "read_returns",
    "read_third_party_fulfillment_orders",
    "write_fulfillments",
    "write_inventory",
    "write_merchant_managed_fulfillment_orders",
    "write_orders",
    "write_products",
    "write_returns",
    "write_third_party_fulfillment_orders",
];

/// What kind of store it is and how a client gets in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShopPlan {
    /// Account name and first label of its domain (`harbour-goods`).
    pub account: String,
    /// For people ("Harbour Goods").
    pub title: String,
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
    /// Plan as merchants call it.
    pub plan_name: String,
    /// Largest number of query points.
    pub points_max: f64,
    /// Query points that come back each second.
    pub points_per_s: f64,
    /// What the app may do.
    pub scopes: Vec<String>,
    /// Names and addresses are visible to the app.
    pub personal_data: bool,
    /// Id of the app.
    pub client_id: String,
    /// Secret of the app.
    pub client_secret: String,
    /// The app is installed in the store.
    pub installed: bool,
    /// Permanent token of an app made in the store's admin. With it, client credentials are not offered.
    pub legacy_token: Option<String>,
    /// Versions that are supported, oldest first.
    pub api_versions: Vec<String>,
    /// Answers everything with this status: 402 frozen, 403 flagged, 423 locked.
    pub closed_with: Option<u16>,
    /// Orders are archived once they are paid and fulfilled.
    pub archives: bool,
    /// Keeps a part of its goods at another company's warehouse.
    pub third_party: bool,
    /// When the store was opened, ms UTC.
    pub opened_ms: i64,
}

impl ShopPlan {
    /// A store of that name with all scopes, entered by client credentials.
    pub fn new(account: &str, title: &str, currency: &str, zone: &str, country: &str) -> Self {
        let letters =
            account.bytes().fold(0x51ed_270b_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self {
            account: account.to_owned(),
            title: title.to_owned(),
            currency: currency.to_owned(),
            zone: zone.to_owned(),
            country: country.to_owned(),
            taxes_included: country != "US",
            tax_rate: match country {
                "DE" => 0.19,
                "US" => 0.0825,
                "JP" => 0.10,
                _ => 0.20,
            },
            plan_name: "Basic".to_owned(),
            points_max: 2000.0,
            points_per_s: 100.0,
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            personal_data: true,
            client_id: format!("{:032x}", u128::from(letters).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060)),
            client_secret: format!("shpss_{:032x}", u128::from(letters).wrapping_mul(0xd1b5_4a32_d192_ed03_8d4e_3f1b)),
            installed: true,
            legacy_token: None,
            api_versions: ["2026-01", "2026-04", "2026-07", "2026-10"].map(str::to_owned).to_vec(),
            closed_with: None,
            archives: true,
            third_party: false,
            opened_ms: 0,
        }
    }
    /// The merchant's main store: euros, Berlin, some goods at another company's warehouse.
    pub fn harbour_goods() -> Self {
        Self { third_party: true, ..Self::new("harbour-goods", "Harbour Goods", "EUR", "Europe/Berlin", "DE") }
    }
    /// The outlet: pounds, London.
    pub fn harbour_outlet() -> Self {
        Self::new("harbour-outlet", "Harbour Outlet", "GBP", "Europe/London", "GB")
    }
    /// The overseas store: dollars, New York, entered with a permanent token.
    pub fn harbour_us() -> Self {
        let plan = Self::new("harbour-us", "Harbour US", "USD", "America/New_York", "US");
        let token = format!("shpat_{}", plan.client_secret.trim_start_matches("shpss_"));
        Self { legacy_token: Some(token), ..plan }
    }

    /// `harbour-goods.myshopify.com`.
    pub fn domain(&self) -> String {
        format!("{}.myshopify.com", self.account)
    }
    /// Number of the shop.
    pub fn shop_id(&self) -> u64 {
        self.account.bytes().fold(60_000_000_000, |hash, byte| hash + u64::from(byte) * 7919)
    }
    /// The app may do that; a write scope includes reading.
    pub fn may(&self, scope: &str) -> bool {
        let has = |scope: &str| self.scopes.iter().any(|have| have == scope);
        has(scope)
            || scope.strip_prefix("read_").is_some_and(|rest| rest != "all_orders" && has(&format!("write_{rest}")))
    }
    /// Without this scope.
    #[must_use]
    pub fn without(mut self, scope: &str) -> Self {
        let write = scope.replacen("read_", "write_", 1);
        self.scopes.retain(|have| have != scope && *have != write);
        self
    }
    /// Minutes east of UTC at that moment.
    pub fn utc_offset_minutes(&self, now_ms: i64) -> i32 {
        let zone: chrono_tz::Tz = self.zone.parse().unwrap_or(chrono_tz::UTC);
        let moment = chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
        zone.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc() / 60
    }
    /// What a client needs to get in.
    pub fn card(&self) -> Account {
        let mut fields = BTreeMap::from([("shop".to_owned(), self.domain())]);
        let way = if let Some(token) = &self.legacy_token {
            fields.insert("access_token".to_owned(), token.clone());
            "legacy_token"
        } else {
            fields.insert("client_id".to_owned(), self.client_id.clone());
            fields.insert("client_secret".to_owned(), self.client_secret.clone());
            "client_credentials"
        };
        Account {
            platform: "shopify".to_owned(),
            name: self.account.clone(),
            title: self.title.clone(),
            base_url: format!("http://{}.sandbox", self.account),
            way: way.to_owned(),
            fields,
        }
    }
}
