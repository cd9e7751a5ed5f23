//! A client that says exactly what a test tells it to.

use http::Request;
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan, Shopify};
use quayside_sandbox::{Ledger, Moment, Reply, Sandbox, SandboxPlan};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value as Json, json};

/// 2026-11-20T09:00:00Z.
pub const NOON_MS: i64 = 1_795_165_200_000;

pub struct Client {
    pub sandbox: Sandbox,
    pub now_ms: i64,
    pub token: String,
}

impl Client {
    pub fn new() -> Self {
        Self::of(ShopPlan::harbour_goods())
    }

    /// A store in which nothing happens by itself, signed in.
    pub fn of(plan: ShopPlan) -> Self {
        let plan = SandboxPlan { stores: vec![plan], hub: None, ..SandboxPlan::quiet(7, NOON_MS) };
        let mut client = Self { sandbox: Sandbox::new(plan), now_ms: NOON_MS, token: String::new() };
        let shop = client.shop().plan().clone();
        client.token = match shop.legacy_token {
            Some(token) => token,
            None => client.sign_in(&shop.client_id, &shop.client_secret).1["access_token"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        };
        client
    }

    pub fn shop(&self) -> &Shopify {
        &self.sandbox.stores[0]
    }

    pub fn shop_mut(&mut self) -> &mut Shopify {
        &mut self.sandbox.stores[0]
    }

    pub fn sign_in(&mut self, id: &str, secret: &str) -> (u16, Json) {
        let body = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request =
            Request::post("/admin/oauth/access_token").header("content-type", "application/x-www-form-urlencoded");
        let response = self.send(request.body(body.into_bytes()).unwrap());
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    pub fn send(&mut self, request: Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        let account = self.shop().plan().account.clone();
        self.now_ms += 50;
        match self.sandbox.handle(&account, &request, self.now_ms) {
            Reply::Answer { response, .. } => response,
            Reply::Dropped { .. } => panic!("dropped"),
        }
    }

    pub fn post(&mut self, version: &str, body: &str) -> http::Response<Vec<u8>> {
        let request = Request::post(format!("/admin/api/{version}/graphql.json"))
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("x-shopify-access-token", &self.token);
        self.send(request.body(body.as_bytes().to_vec()).unwrap())
    }

    /// The whole answer.
    pub fn ask(&mut self, query: &str, variables: Json) -> Json {
        let response = self.post("2026-07", &json!({ "query": query, "variables": variables }).to_string());
        assert_eq!(response.status(), 200, "{}", String::from_utf8_lossy(response.body()));
        serde_json::from_slice(response.body()).unwrap()
    }

    /// Only the data; errors fail the test.
    pub fn data(&mut self, query: &str, variables: Json) -> Json {
        let answer = self.ask(query, variables);
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].clone()
    }

    /// Lets so much time pass.
    pub fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
        self.sandbox.advance(self.now_ms);
    }

    /// A shopper or somebody of the staff does something.
    pub fn person<R>(&mut self, act: impl FnOnce(&mut Shopify, &mut Moment<'_>) -> R) -> R {
        let now_ms = self.now_ms;
        self.sandbox.advance(now_ms);
        let mut rng = SmallRng::seed_from_u64(1);
        let mut moment = Moment { now_ms, rng: &mut rng, ledger: &mut self.sandbox.ledger };
        act(&mut self.sandbox.stores[0], &mut moment)
    }

    /// A paid and routed order of these SKUs.
    pub fn order(&mut self, skus: &[(&str, i64)]) -> u64 {
        let draft = self.draft(skus);
        self.person(|shop, moment| shop.place(draft, moment))
    }

    pub fn draft(&self, skus: &[(&str, i64)]) -> OrderDraft {
        let lines = skus.iter().map(|(sku, quantity)| {
            let (product, variant) = self.shop().by_sku(sku).unwrap_or_else(|| panic!("no {sku}"));
            LineDraft::of(product, variant, *quantity)
        });
        OrderDraft {
            lines: lines.collect(),
            email: Some("søren@mail.example".into()),
            ship_to: Some(Address {
                first_name: "Søren".into(),
                last_name: "Ødegård".into(),
                address1: "Bryggen 9".into(),
                city: "Bergen".into(),
                zip: "5003".into(),
                country: "Norway".into(),
                country_code: "NO".into(),
                ..Address::default()
            }),
            shipping: Some(("DHL Paket".into(), "standard".into(), 490)),
            routed: true,
            ..OrderDraft::default()
        }
    }

    #[allow(clippy::unused_self)] // reads better at the call site
    pub fn gid(&self, order: u64) -> String {
        format!("gid://shopify/Order/{order}")
    }

    /// The order's pieces of work, as a client with all scopes reads them.
    pub fn work(&mut self, order: u64) -> Vec<Json> {
        let id = self.gid(order);
        let data = self.data(
            "query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes { id status requestStatus
               supportedActions { action } assignedLocation { name location { id } } deliveryMethod { methodType }
               fulfillmentHolds { id reason heldByRequestingApp }
               lineItems(first: 20) { nodes { id totalQuantity remainingQuantity lineItem { id sku } } } } } } }",
            json!({ "id": id }),
        );
        data["order"]["fulfillmentOrders"]["nodes"].as_array().unwrap().clone()
    }

    /// `fulfillmentCreate` with that input: payload.
    pub fn fulfil(&mut self, input: Json) -> Json {
        let data = self.data(
            "mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) { fulfillment { id status totalQuantity
               trackingInfo(first: 5) { company number url } } userErrors { field message } } }",
            json!({ "f": input }),
        );
        data["fulfillmentCreate"].clone()
    }

    pub fn ledger(&self) -> &Ledger {
        &self.sandbox.ledger
    }
}

/// All messages of a payload's user errors.
pub fn complaints(payload: &Json) -> String {
    let errors = payload["userErrors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error["message"].as_str()).collect::<Vec<_>>().join("; ")
}
