//! shipstation

use crate::{Moment, StandIn};

/// What the account has.
#[derive(Debug, Clone, Default)]
pub struct ShipStationPlan {}

/// One account.
pub struct ShipStation {}

impl ShipStation {
    /// An empty account.
    pub fn new(_plan: ShipStationPlan) -> Self {
        Self {}
    }
}

impl StandIn for ShipStation {
    fn platform(&self) -> &'static str {
        "shipstation"
    }
    fn account(&self) -> &str {
        "harbour-shipping"
    }
    fn handle(&mut self, _request: &http::Request<Vec<u8>>, _moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        crate::sandbox::plain(404, "text/plain", "Not Found")
    }
    fn throttled(&mut self, _request: &http::Request<Vec<u8>>, _moment: &mut Moment<'_>) -> http::Response<Vec<u8>> {
        crate::sandbox::plain(429, "application/json", "{\"message\":\"Too Many Requests\"}")
    }
    fn unauthorized(&mut self, _request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        crate::sandbox::plain(401, "text/html", "Unauthorized")
    }
}
