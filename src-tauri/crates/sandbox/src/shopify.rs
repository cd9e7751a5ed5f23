//! One Shopify store, as its Admin GraphQL API shows it to a client.

use crate::{ListQuirk, Moment, StandIn};
use serde::{Deserialize, Serialize};

/// What kind of store it is and how a client gets in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShopPlan {
    /// Account name and first label of its domain (`harbour-goods`).
    pub account: String,
    /// For people ("Harbour Goods").
    pub title: String,
}

impl ShopPlan {
    /// The merchant's main store: euros, Berlin.
    pub fn harbour_goods() -> Self {
        Self { account: "harbour-goods".into(), title: "Harbour Goods".into() }
    }
    /// The outlet: pounds, London.
    pub fn harbour_outlet() -> Self {
        Self { account: "harbour-outlet".into(), title: "Harbour Outlet".into() }
    }
}

/// One store.
pub struct Shopify {
    plan: ShopPlan,
}

impl Shopify {
    /// An empty store.
    pub fn new(plan: ShopPlan, _seed: u64, _start_ms: i64) -> Self {
        Self { plan }
    }
}

impl StandIn for Shopify {
    fn platform(&self) -> &'static str {
        "shopify"
    }
    fn account(&self) -> &str {
        &self.plan.account
    }
    fn handle(&mut self, _request: &http::Request<Vec<u8>>, _moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        crate::sandbox::plain(404, "text/plain", "Not Found")
    }
    fn throttled(&mut self, _request: &http::Request<Vec<u8>>, _moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        crate::sandbox::plain(429, "text/plain", "")
    }
    fn unauthorized(&mut self, _request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        crate::sandbox::plain(401, "text/plain", "")
    }
    fn set_list_quirk(&mut self, _quirk: Option<ListQuirk>) {}
}
