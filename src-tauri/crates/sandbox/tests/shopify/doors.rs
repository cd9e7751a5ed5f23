//! The way in: sign-in, tokens, versions, headers, limits, closed shops.

use crate::client::Client;
use http::Request;
use quayside_sandbox::shopify::ShopPlan;
use quayside_sandbox::{Fault, FaultPlan, Reply};
use serde_json::{Value as Json, json};

const ANY: &str = "{ shop { name } }";

#[test]
fn only_the_right_credentials_of_an_installed_app_give_a_token() {
    let mut client = Client::new();
    let plan = client.shop().plan().clone();
    let (id, secret) = (plan.client_id.as_str(), plan.client_secret.as_str());
    let (status, answer) = client.sign_in(id, secret);
    assert_eq!((status, &answer["expires_in"]), (200, &json!(86_399)));
    assert!(answer["scope"].as_str().unwrap().contains("read_orders"));
    for (id, secret, status, error) in [
        (secret, id, 400, "application_cannot_be_found"),
        (id, "shpss_wrong", 401, "invalid_client"),
        ("", "", 400, "application_cannot_be_found"),
    ] {
        let (have, answer) = client.sign_in(id, secret);
        assert_eq!((have, answer["error"].as_str()), (status, Some(error)));
    }
    client.shop_mut().plan_mut().installed = false;
    let (status, answer) = client.sign_in(&plan.client_id, &plan.client_secret);
    assert_eq!((status, answer["error"].as_str()), (400, Some("app_not_installed")));
    assert_eq!(
        client.post("2026-07", &json!({ "query": ANY }).to_string()).status(),
        401,
        "its old token died with it"
    );
}

#[test]
fn a_token_lives_a_day() {
    let mut client = Client::new();
    client.wait(86_300_000);
    assert_eq!(client.data(ANY, json!({}))["shop"]["name"], "Harbour Goods");
    client.wait(100_000);
    let response = client.post("2026-07", &json!({ "query": ANY }).to_string());
    assert_eq!(response.status(), 401);
    let body: Json = serde_json::from_slice(response.body()).unwrap();
    assert!(
        body["errors"].as_str().unwrap().starts_with("[API] Invalid API key or access token"),
        "a bare string, as the platform does"
    );
}

#[test]
fn a_legacy_store_takes_its_permanent_token_and_no_other_way() {
    let mut client = Client::of(ShopPlan::harbour_us());
    client.wait(40 * 86_400_000);
    assert_eq!(
        client.data("{ shop { currencyCode ianaTimezone } }", json!({}))["shop"],
        json!({ "currencyCode": "USD", "ianaTimezone": "America/New_York" })
    );
    let plan = client.shop().plan().clone();
    assert_eq!(client.sign_in(&plan.client_id, &plan.client_secret).1["error"], "shop_not_permitted");
    client.token.push('x');
    assert_eq!(client.post("2026-07", &json!({ "query": ANY }).to_string()).status(), 401);
}

#[test]
fn versions_fall_forward_and_nonsense_is_not_found() {
    let mut client = Client::new();
    let body = json!({ "query": ANY }).to_string();
    for (asked, served) in
        [("2026-07", "2026-07"), ("2026-10", "2026-10"), ("2024-01", "2026-01"), ("2025-10", "2026-01")]
    {
        let response = client.post(asked, &body);
        assert_eq!(
            (response.status().as_u16(), response.headers()["x-shopify-api-version"].to_str().unwrap()),
            (200, served)
        );
    }
    for asked in ["2027-01", "2026-13", "v1", "2018-01"] {
        assert_eq!(client.post(asked, &body).status(), 404, "{asked}");
    }
}

#[test]
fn a_request_has_to_be_a_graphql_request() {
    let mut client = Client::new();
    let token = client.token.clone();
    let send = |client: &mut Client, method: &str, path: &str, header: (&str, &str), body: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-shopify-access-token", &token)
            .header(header.0, header.1);
        client.send(request.body(body.as_bytes().to_vec()).unwrap()).status().as_u16()
    };
    const PATH: &str = "/admin/api/2026-07/graphql.json";
    let good = json!({ "query": ANY }).to_string();
    for (method, path, header, body, status) in [
        ("POST", PATH, ("content-type", "application/json"), good.as_str(), 200),
        ("POST", PATH, ("content-type", "application/graphql"), ANY, 200),
        ("GET", PATH, ("content-type", "application/json"), good.as_str(), 404),
        ("POST", "/admin/api/2026-07/orders.json", ("content-type", "application/json"), good.as_str(), 404),
        ("POST", PATH, ("content-type", "text/plain"), good.as_str(), 400),
        ("POST", PATH, ("content-type", "application/json"), "{", 400),
        ("POST", PATH, ("content-type", "application/json"), "{\"variables\":{}}", 400),
        (
            "POST",
            PATH,
            ("content-type", "application/json"),
            "{\"query\":\"{ shop { name } }\",\"variables\":[1]}",
            400,
        ),
        ("POST", PATH, ("accept", "text/html"), good.as_str(), 406),
    ] {
        assert_eq!(send(&mut client, method, path, header, body), status, "{method} {path} {header:?} {body}");
    }
    let bearer = Request::post(PATH)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"));
    assert_eq!(
        client.send(bearer.body(good.into_bytes()).unwrap()).status(),
        401,
        "the token goes into its own header"
    );
}

#[test]
fn a_closed_shop_answers_with_its_status() {
    for status in [402, 403, 423] {
        let mut client = Client::new();
        client.shop_mut().plan_mut().closed_with = Some(status);
        assert_eq!(client.post("2026-07", &json!({ "query": ANY }).to_string()).status(), status);
    }
}

#[test]
fn points_are_reserved_given_back_and_run_out_as_a_200() {
    let mut plan = ShopPlan::harbour_goods();
    (plan.points_max, plan.points_per_s) = (1000.0, 50.0);
    let mut client = Client::of(plan);
    client.order(&[("MUG-HAR-1", 1)]);
    let wide = "query($n: Int!) { orders(first: $n) { nodes { id lineItems(first: 10) { nodes { id } } } } }";
    let answer = client.ask(wide, json!({ "n": 50 }));
    let cost = &answer["extensions"]["cost"];
    assert_eq!((cost["requestedQueryCost"].as_u64(), cost["actualQueryCost"].as_u64()), (Some(550), Some(2)));
    assert!(cost["throttleStatus"]["currentlyAvailable"].as_u64().unwrap() >= 998, "the rest came back: {cost}");
    let answer = client.ask(wide, json!({ "n": 100 }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "MAX_COST_EXCEEDED");
    assert_eq!(answer["errors"][0]["extensions"]["cost"], 1100);
    client.sandbox.faults = FaultPlan::once([Fault::Throttled], "graphql");
    let answer = client.ask(ANY, json!({}));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "THROTTLED");
    assert!(answer["data"].is_null() && answer["extensions"]["cost"]["actualQueryCost"].is_null());
    let answer = client.ask(wide, json!({ "n": 20 }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "THROTTLED", "somebody else used the points up");
    client.wait(6_000);
    assert!(client.ask(wide, json!({ "n": 20 })).get("errors").is_none(), "50 points a second came back");
}

#[test]
fn faults_happen_around_the_platform_and_say_truly_whether_it_was_applied() {
    let mut client = Client::new();
    let order = client.order(&[("MUG-HAR-1", 1)]);
    let id = client.gid(order);
    let body = json!({ "query": "mutation($id: ID!) { tagsAdd(id: $id, tags: [\"x\"]) { userErrors { message } } }", "variables": { "id": id } });
    let account = client.shop().plan().account.clone();
    for (fault, applied) in [
        (Fault::LostBeforeCommit, false),
        (Fault::LostAfterCommit, true),
        (Fault::ServerError, false),
        (Fault::ServerErrorAfterCommit, true),
        (Fault::Slow, true),
        (Fault::Throttled, false),
        (Fault::Truncated, true),
        (Fault::ExpiredToken, false),
    ] {
        client.sandbox.faults = FaultPlan::once([fault], "tagsAdd");
        let before = client.ledger().of("tags_added").count();
        let request = Request::post("/admin/api/2026-07/graphql.json")
            .header("content-type", "application/json")
            .header("x-shopify-access-token", &client.token)
            .body(body.to_string().into_bytes())
            .unwrap();
        client.now_ms += 1000;
        let reply = client.sandbox.handle(&account, &request, client.now_ms);
        assert_eq!(client.ledger().of("tags_added").count() > before, applied, "{fault:?}");
        match (fault, reply) {
            (Fault::LostBeforeCommit | Fault::LostAfterCommit, Reply::Dropped { .. }) => {}
            (Fault::Slow, Reply::Answer { after_ms, .. }) => assert!((5_000..=40_000).contains(&after_ms)),
            (Fault::ServerError | Fault::ServerErrorAfterCommit, Reply::Answer { response, .. }) => {
                assert!(response.status().is_server_error());
            }
            (Fault::Truncated, Reply::Answer { response, .. }) => {
                assert!(serde_json::from_slice::<Json>(response.body()).is_err());
            }
            (Fault::ExpiredToken, Reply::Answer { response, .. }) => {
                assert_eq!(response.status(), 401);
                let plan = client.shop().plan().clone();
                client.token =
                    client.sign_in(&plan.client_id, &plan.client_secret).1["access_token"].as_str().unwrap().to_owned();
            }
            (Fault::Throttled, Reply::Answer { response, .. }) => assert_eq!(response.status(), 200),
            (fault, reply) => panic!("{fault:?}: {reply:?}"),
        }
    }
}
