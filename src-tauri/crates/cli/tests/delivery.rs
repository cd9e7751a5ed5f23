//! Reports leave by typing: as files with types, and by a way that was set up in the window.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use async_trait::async_trait;
use common::{Terminal, merchant};
use quayside_api::reports::deliver::{ReportWays, ReportWaysDraft, WebhookWay};
use quayside_connectors::messages::webhook;
use quayside_connectors::{ReqwestWire, Wire, WireError};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const RECEIVER: &str = "erp.example.com";
const SIGNING: &str = "canary-signing-secret";

/// The network, and a receiver of reports in it.
struct Net {
    outside: ReqwestWire,
    answers: Mutex<u16>,
    /// Key and body of what arrived.
    posted: Mutex<Vec<(String, Value)>>,
}

#[async_trait]
impl Wire for Net {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        if request.uri().host() != Some(RECEIVER) {
            return self.outside.send(request, timeout).await;
        }
        let key = request.headers()[webhook::KEY].to_str().unwrap().to_owned();
        self.posted.lock().unwrap().push((key, serde_json::from_slice(request.body()).unwrap()));
        Ok(http::Response::builder().status(*self.answers.lock().unwrap()).body(Vec::new()).unwrap())
    }
}

async fn set_up() -> (Terminal, Arc<Net>) {
    let running = merchant().await;
    let outside = ReqwestWire::new().unwrap();
    let net = Arc::new(Net { outside, answers: Mutex::new(200), posted: Mutex::default() });
    let terminal = Terminal { wire: Some(net.clone()), ..Terminal::new() };
    terminal.connect(&running).await;
    terminal.json(&["sync", "--once"]).await.fine();
    (terminal, net)
}

/// As the window does it.
async fn window_sets_up_the_webhook(terminal: &Terminal) {
    let desk = terminal.world("").changing(Some(terminal.profile())).unwrap_or_else(|_| panic!("the profile opens"));
    let webhook = WebhookWay { on: true, url: format!("https://{RECEIVER}/quayside") };
    let ways = ReportWays { webhook, ..desk.report_ways().unwrap().ways };
    let (mail_password, slack_address, webhook_secret) = (String::new(), String::new(), SIGNING.into());
    desk.put_report_ways(ReportWaysDraft { ways, mail_password, slack_address, webhook_secret }).await.unwrap();
}

#[tokio::test]
async fn a_report_is_sent_by_typing_and_again_under_the_same_name() {
    let (terminal, net) = set_up().await;
    window_sets_up_the_webhook(&terminal).await;
    let sent = terminal.json(&["report-send", "webhook", "performance"]).await.fine()["sent"].clone();
    assert_eq!((sent.as_array().unwrap().len(), sent[0]["state"].as_str()), (1, Some("delivered")), "{sent}");
    let said = terminal.typed(&["report-send", "webhook", "performance"], "").await;
    assert!(said.exit == 0 && said.out.starts_with("Delivered: performance of "), "{}{}", said.out, said.err);

    let posted = net.posted.lock().unwrap().clone();
    let [(first, body), (again, _)] = posted.as_slice() else { panic!("{posted:?}") };
    assert_eq!(first, again, "the receiver takes a key once");
    assert_eq!((body["event"].as_str(), body["report"]["kind"].as_str()), (Some("report"), Some("performance")));
    let all = format!("{sent}{}{}{body}", said.out, said.err);
    assert!(!all.contains(SIGNING), "the secret is in no output and in no report");
}

#[tokio::test]
async fn all_that_make_themselves_are_sent_without_a_name() {
    let (terminal, net) = set_up().await;
    window_sets_up_the_webhook(&terminal).await;
    let folder = terminal.profile().join("reports");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.display().to_string();
    let plan = ["report-plan", "--folder", &folder, "--report", "shipping_cost", "--report", "unfulfilled"];
    terminal.json(&plan).await.fine();
    terminal.json(&["report-send", "webhook"]).await.fine();
    let mut kinds: Vec<String> = net
        .posted
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| body["report"]["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["shipping_cost", "unfulfilled"]);
}

#[tokio::test]
async fn what_cannot_be_sent_says_what_a_person_can_do() {
    let (terminal, net) = set_up().await;
    let not_set_up = terminal.json(&["report-send", "webhook", "performance"]).await;
    let no_slack = terminal.json(&["report-send", "slack"]).await;
    let no_mail = terminal.json(&["report-send", "mail"]).await;
    let no_way = terminal.json(&["report-send", "pigeon"]).await;
    let no_report = terminal.json(&["report-send", "webhook", "weather"]).await;
    let no_day = terminal.json(&["report-send", "webhook", "performance", "--day", "soon"]).await;
    assert!(net.posted.lock().unwrap().is_empty());
    window_sets_up_the_webhook(&terminal).await;
    *net.answers.lock().unwrap() = 503;
    let refused = terminal.json(&["report-send", "webhook", "performance"]).await;
    for (ran, says) in [
        (not_set_up, "No address is set under Reports, Deliver."),
        (no_slack, "Enter it under Reports, Deliver"),
        (no_mail, "No mail server is set under Reports, Deliver."),
        (no_way, "There are: mail, slack, webhook."),
        (no_report, "There are: unfulfilled"),
        (no_day, "soon"),
        (refused, "503"),
    ] {
        let sentence = ran.json()["error"]["sentence"].as_str().unwrap_or_default().to_owned();
        assert!(ran.exit != 0 && sentence.contains(says), "{says}: exit {}, {}{}", ran.exit, ran.out, ran.err);
    }
    assert_eq!(net.posted.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_report_becomes_a_file_with_types() {
    let (terminal, _net) = set_up().await;
    let file = terminal.profile().join("orders.parquet");
    let line = ["report", "performance", "--parquet", file.to_str().unwrap()];
    terminal.json(&line).await.fine();
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"), "{} bytes", bytes.len());
    let form = terminal.json(&["report-plan", "--folder", "x", "--form", "papyrus"]).await;
    let sentence = form.json()["error"]["sentence"].as_str().unwrap().to_owned();
    assert!(form.exit != 0 && sentence.contains("page, csv, parquet"), "{sentence}");
}
