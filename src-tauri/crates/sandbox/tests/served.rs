//! The sandbox over HTTP, seen by a client that speaks bare HTTP/1.1.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use quayside_sandbox::server::{Cut, Running, SandboxClock, serve};
use quayside_sandbox::{Fault, FaultPlan, Sandbox, SandboxPlan};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const START_MS: i64 = 1_795_165_200_000;

async fn start(plan: SandboxPlan, speed: f64) -> Running {
    serve(Sandbox::new(plan), SandboxClock::fast(START_MS, speed)).await.unwrap()
}

/// Status and body; `None` when the connection ended without an answer.
async fn send(base_url: &str, method: &str, path: &str, headers: &str, body: &str) -> Option<(u16, String)> {
    let address = base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

async fn token(running: &Running) -> String {
    let account = &running.accounts[0];
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        account.fields["client_id"], account.fields["client_secret"]
    );
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let (status, body) = send(&account.base_url, "POST", "/admin/oauth/access_token", form, &body).await.unwrap();
    assert_eq!(status, 200);
    serde_json::from_str::<Json>(&body).unwrap()["access_token"].as_str().unwrap().to_owned()
}

async fn ask(running: &Running, token: &str, query: &str) -> Option<(u16, String)> {
    let headers = format!("content-type: application/json\r\nx-shopify-access-token: {token}\r\n");
    let body = json!({ "query": query }).to_string();
    send(&running.accounts[0].base_url, "POST", "/admin/api/2026-07/graphql.json", &headers, &body).await
}

async fn steer(running: &Running, method: &str, path: &str, body: &str) -> (u16, Json) {
    let headers = format!("authorization: Bearer {}\r\n", running.control.token);
    let (status, body) = send(&running.control.base_url, method, path, &headers, body).await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Json::Null))
}

#[tokio::test]
async fn every_account_has_its_own_port_and_answers_a_client() {
    let running = start(SandboxPlan::quiet(1, START_MS), 1.0).await;
    let mut ports: Vec<&str> = running.accounts.iter().map(|account| account.base_url.as_str()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), running.accounts.len());
    assert!(ports.iter().all(|port| port.starts_with("http://127.0.0.1:")));
    let token = token(&running).await;
    let (status, body) = ask(&running, &token, "{ shop { name } }").await.unwrap();
    assert_eq!(
        (status, serde_json::from_str::<Json>(&body).unwrap()["data"]["shop"]["name"].as_str()),
        (200, Some("Harbour Goods"))
    );
    running.shut_down();
}

#[tokio::test]
async fn a_dropped_reply_is_a_broken_connection_and_the_next_one_works() {
    let running = start(SandboxPlan::quiet(1, START_MS), 1.0).await;
    let token = token(&running).await;
    running.with(|sandbox| sandbox.faults = FaultPlan { next: vec![Fault::LostAfterCommit], ..FaultPlan::none() });
    assert_eq!(ask(&running, &token, "{ shop { name } }").await, None, "not a byte came back");
    assert!(ask(&running, &token, "{ shop { name } }").await.is_some());
}

#[tokio::test]
async fn a_slow_answer_takes_its_time_by_the_sandboxs_clock() {
    let running = start(SandboxPlan::quiet(1, START_MS), 200.0).await;
    let token = token(&running).await;
    running.with(|sandbox| sandbox.faults = FaultPlan { next: vec![Fault::Slow], ..FaultPlan::none() });
    let before = Instant::now();
    assert!(ask(&running, &token, "{ shop { name } }").await.is_some());
    let took = before.elapsed();
    assert!(took >= Duration::from_millis(25), "5 s at 200-fold speed are 25 ms, took {took:?}");
}

#[tokio::test]
async fn another_process_can_steer_and_look_with_the_token_only() {
    let running = start(SandboxPlan::demo(4, START_MS), 1.0).await;
    let (status, _) = send(&running.control.base_url, "GET", "/ledger", "", "").await.unwrap();
    assert_eq!(status, 401);
    let (status, _) =
        send(&running.control.base_url, "GET", "/truth", "authorization: Bearer guess\r\n", "").await.unwrap();
    assert_eq!(status, 401);
    let (_, truth) = steer(&running, "GET", "/truth", "").await;
    let before = truth["orders"].as_object().unwrap().len();
    let (status, now) = steer(&running, "POST", "/advance", "{\"ms\":3600000}").await;
    assert!(status == 200 && now["nowMs"].as_i64().unwrap() >= START_MS + 3_600_000);
    let (_, truth) = steer(&running, "GET", "/truth", "").await;
    assert!(truth["orders"].as_object().unwrap().len() > before + 50, "an hour of shopping");
    let (_, ledger) = steer(&running, "GET", "/ledger", "").await;
    assert!(
        ledger["entries"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["effect"] == "order_placed" && entry["by"] == "merchant")
    );
    let plan = serde_json::to_string(&FaultPlan { next: vec![Fault::ServerError], ..FaultPlan::none() }).unwrap();
    let wish = r#"{"account":"harbour-goods","sku":"BAL-BEE","shown_sku":"bal-bee-OLD","tags":["vip"]}"#;
    let (status, bought) = steer(&running, "POST", "/buy", wish).await;
    assert_eq!(status, 200);
    let id = bought["id"].as_str().unwrap_or_default().to_owned();
    let units = running.with(|sandbox| sandbox.truth.orders[&id].units_total());
    assert_eq!(units, 1, "{bought}");
    let hostile = r#"{"account":"harbour-goods","sku":"BAL-BEE","words":"=1+1<b>\u202e"}"#;
    assert_eq!(steer(&running, "POST", "/buy", hostile).await.0, 200);
    let unknown = r#"{"account":"harbour-goods","sku":"NO-SUCH-THING"}"#;
    assert_eq!(steer(&running, "POST", "/buy", unknown).await.0, 404);

    assert_eq!(steer(&running, "POST", "/faults", &plan).await.0, 204);
    assert_eq!(steer(&running, "POST", "/faults", "{").await.0, 400);
    assert_eq!(running.with(|sandbox| sandbox.faults.next.clone()), [Fault::ServerError]);
    let file = serde_json::to_value(running.port_file()).unwrap();
    assert_eq!(file["accounts"][0]["name"], "harbour-goods");
    assert_eq!(file["control"]["token"], running.control.token);
}

/// Every byte that comes back to one question on a connection of its own; an error where nobody listens.
async fn bytes(running: &Running) -> std::io::Result<Vec<u8>> {
    let address = running.accounts[0].base_url.strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).await?;
    // A path nobody has: it needs no token, and its answer is as whole as any.
    let text = format!(
        "POST /admin/nothing HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 400\r\n\r\n{}",
        "x".repeat(400)
    );
    stream.write_all(text.as_bytes()).await?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    Ok(answer)
}

#[tokio::test]
async fn a_network_that_refuses_listens_again_at_the_same_place() {
    let running = start(SandboxPlan::quiet(1, START_MS), 1.0).await;
    let whole = bytes(&running).await.unwrap();
    assert!(whole.starts_with(b"HTTP/1.1 404"), "{}", String::from_utf8_lossy(&whole));
    for _ in 0..3 {
        running.cut(Cut::Refuse);
        let mut refused = bytes(&running).await.err().map(|error| error.kind());
        // The port closes a moment after it is said.
        for _ in 0..100 {
            if refused == Some(std::io::ErrorKind::ConnectionRefused) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            refused = bytes(&running).await.err().map(|error| error.kind());
        }
        assert_eq!(refused, Some(std::io::ErrorKind::ConnectionRefused));
        let (status, _) = steer(&running, "GET", "/now", "").await;
        assert_eq!(status, 200, "it can be steered all the while");
        running.mend();
        let mut answer = bytes(&running).await;
        for _ in 0..100 {
            if answer.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            answer = bytes(&running).await;
        }
        assert_eq!(answer.unwrap().len(), whole.len());
    }
}

#[tokio::test]
async fn a_black_hole_accepts_and_says_nothing_until_it_is_mended() {
    let running = start(SandboxPlan::quiet(1, START_MS), 1.0).await;
    let whole = bytes(&running).await.unwrap();
    running.cut(Cut::Silent);
    let mut asked = Box::pin(bytes(&running));
    let waited = tokio::time::timeout(Duration::from_millis(300), &mut asked).await;
    assert!(waited.is_err(), "{waited:?}");
    running.mend();
    let answer = tokio::time::timeout(Duration::from_secs(10), asked).await.unwrap().unwrap();
    assert_eq!(answer.len(), whole.len(), "it goes on where it stood");
}

#[tokio::test]
async fn a_cut_in_the_middle_loses_half_of_a_question_or_of_an_answer() {
    let running = start(SandboxPlan::quiet(1, START_MS), 1.0).await;
    let whole = bytes(&running).await.unwrap();
    running.cut(Cut::Reset);
    let mut came = Vec::new();
    for _ in 0..6 {
        came.push(bytes(&running).await.unwrap().len());
    }
    // Half a question has no answer; half an answer is shorter than a whole one.
    let unanswered = came.iter().filter(|n| **n == 0).count();
    let half = came.iter().filter(|n| (1..whole.len()).contains(*n)).count();
    assert_eq!((unanswered, half), (3, 3), "{came:?} of {}", whole.len());
    running.mend();
    assert_eq!(bytes(&running).await.unwrap().len(), whole.len());
}
