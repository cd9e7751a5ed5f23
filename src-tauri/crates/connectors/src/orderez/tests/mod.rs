//! Tests of the pure parts, and of the client against scripted answers.
#![allow(clippy::unwrap_used)]

mod csv;
mod editing;
mod effects;
mod forms;
mod importing;
mod mapping;
mod profiles;
mod reading;
mod requests;
mod settings;
mod stock;
mod verdicts;

use super::profile::Profile;
use crate::testing::{Script, StandingClock};
use crate::{Connector, Setup};
use quayside_model::{Address, ConnectionConfig, ConnectionId, Currency, HubLineDraft, HubOrderDraft, SecretString};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-11-20T10:00:00Z.
pub(super) const NOW_MS: i64 = 1_795_168_800_000;

pub(super) fn assumed() -> Profile {
    Profile::parse(Profile::shipped("assumed-contract").unwrap()).unwrap()
}

pub(super) fn draft() -> HubOrderDraft {
    let ship_to = Address {
        name: "Ana Ruiz".into(),
        line1: "1 Quay St".into(),
        city: "Portland".into(),
        region: "ME".into(),
        postcode: "04101".into(),
        country: "US".into(),
        ..Address::default()
    };
    HubOrderDraft {
        key: "cafe0001-5001".into(),
        number: "#1001".into(),
        placed_at_ms: NOW_MS - 3_600_000,
        paid_at_ms: Some(NOW_MS - 3_600_000),
        ship_by_ms: None,
        ready: true,
        bill_to: ship_to.clone(),
        ship_to,
        email: "ana@example.com".into(),
        customer_ref: "Ana Ruiz".into(),
        requested_service: "Ground".into(),
        lines: vec![HubLineDraft {
            line_key: "9001".into(),
            sku: "BEAN-1KG".into(),
            name: "House beans 1 kg".into(),
            quantity: 2,
            unit_price_minor: 1850,
            tax_minor: 204,
            weight_g: Some(1050.0),
            options: vec![],
            barcode: None,
        }],
        currency: Currency::new("USD"),
        total_minor: 4404,
        tax_minor: 204,
        shipping_minor: 500,
        discount_minor: 0,
        customer_note: String::new(),
        internal_note: String::new(),
        gift: false,
        gift_message: String::new(),
        custom_fields: Default::default(),
        source: "Harbour Goods".into(),
        tags: vec![],
        store_id: None,
        ship: quayside_model::ShipChoice::default(),
    }
}

pub(super) fn connector(script: &Arc<Script>, clock: &Arc<StandingClock>) -> Arc<dyn Connector> {
    connector_of("assumed-contract", None, script, clock)
}

pub(super) fn connector_of(
    way: &str,
    profile: Option<&str>,
    script: &Arc<Script>,
    clock: &Arc<StandingClock>,
) -> Arc<dyn Connector> {
    let mut fields = BTreeMap::from([("host".to_owned(), "api.harbour.example".to_owned())]);
    fields.extend(profile.map(|text| ("profile".to_owned(), text.to_owned())));
    let config = ConnectionConfig {
        id: ConnectionId::new("harbour-supply"),
        name: "Harbour Supply".into(),
        platform: "orderez".into(),
        way: way.into(),
        fields,
        base_url: None,
        account: quayside_model::Account::default(),
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: NOW_MS,
    };
    let secrets = BTreeMap::from([("api_key".to_owned(), SecretString::from("canary-key-0123456789"))]);
    (super::PLATFORM.open)(Setup { config, secrets, wire: script.clone(), clock: clock.clone(), buckets: vec![] })
        .unwrap()
}
