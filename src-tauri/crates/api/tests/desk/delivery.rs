//! Reports that are delivered: by mail to a server on this computer, into Slack and to a webhook that play a script.

use crate::house::{House, NOW};
use quayside_api::notices::Topic;
use quayside_api::reports::deliver::alerts::{TeamAlert, TeamAlerts};
use quayside_api::reports::deliver::{
    DeliveryState, MailWay, ReportWay, ReportWays, ReportWaysDraft, ReportWaysView, SlackWay, WebhookWay,
};
use quayside_api::reports::plan::ReportPlan;
use quayside_api::reports::schedule::{Cadence, ReportSchedule, ReportWindow};
use quayside_api::reports::{ReportForm, ReportKind};
use quayside_api::view::TroubleCode;
use quayside_connectors::messages::mail::MailEncryption;
use quayside_connectors::messages::webhook;
use quayside_connectors::{Wire, WireError};
use quayside_model::SecretString;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_sandbox::post_office::{PostOffice, Temper};
use quayside_store::{InjectedFailure, Store};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PASSWORD: &str = "canary-password-1";
const SLACK: &str = "https://hooks.slack.com/services/T0/B0/canary-slack-address";
const SIGNING: &str = "canary-signing-secret";
const WEBHOOK: &str = "https://erp.example.com/quayside";

/// What left, and what is answered: to Slack "ok", to the webhook what was set.
struct Net {
    sent: Mutex<Vec<(String, http::HeaderMap, Vec<u8>)>>,
    answer: Mutex<(u16, &'static str, &'static str)>,
    lost: Mutex<bool>,
    /// The disk of this store is full at the moment something was sent, once.
    breaks: Mutex<Option<Store>>,
}

impl Net {
    fn new() -> Arc<Self> {
        let answer = Mutex::new((200, "text/plain", "ok"));
        Arc::new(Self { sent: Mutex::default(), answer, lost: Mutex::default(), breaks: Mutex::default() })
    }
    fn answers(&self, status: u16, media: &'static str, body: &'static str) {
        *self.answer.lock().unwrap() = (status, media, body);
    }
    fn to(&self, host: &str) -> Vec<(http::HeaderMap, Vec<u8>)> {
        let sent = self.sent.lock().unwrap();
        sent.iter().filter(|(url, ..)| url.contains(host)).map(|(_, head, body)| (head.clone(), body.clone())).collect()
    }
    fn keys(&self) -> Vec<String> {
        self.to("erp").iter().map(|(head, _)| head[webhook::KEY].to_str().unwrap().to_owned()).collect()
    }
}

#[async_trait::async_trait]
impl Wire for Net {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let (head, body) = request.into_parts();
        self.sent.lock().unwrap().push((head.uri.to_string(), head.headers, body));
        if let Some(store) = self.breaks.lock().unwrap().take() {
            store.inject_failure(InjectedFailure::DiskFull, 1);
        }
        if *self.lost.lock().unwrap() {
            return Err(WireError::Lost("reset".into()));
        }
        let (status, media, body) = *self.answer.lock().unwrap();
        // Each says what it was told: the signing secret never left.
        let told = if head.uri.host() == Some("hooks.slack.com") { "canary-slack-address" } else { "a signature" };
        let answer = http::Response::builder().status(status).header("content-type", media);
        Ok(answer.body(body.replace(TOLD, told).into_bytes()).unwrap())
    }
}

/// In an answer: what the client told.
const TOLD: &str = "{told}";

fn temper() -> Temper {
    Temper { user: Some(("desk".into(), PASSWORD.into())), ..Temper::default() }
}

fn draft(port: u16, on: &[ReportWay]) -> ReportWaysDraft {
    let is_on = |way| on.contains(&way);
    ReportWaysDraft {
        ways: ReportWays {
            mail: MailWay {
                on: is_on(ReportWay::Mail),
                server: "127.0.0.1".into(),
                port,
                encryption: MailEncryption::None,
                user: "desk".into(),
                from: "Desk <desk@harbour.example>".into(),
                to: "ann@harbour.example, ben@harbour.example".into(),
            },
            slack: SlackWay { on: is_on(ReportWay::Slack) },
            webhook: WebhookWay { on: is_on(ReportWay::Webhook), url: WEBHOOK.into() },
        },
        mail_password: PASSWORD.into(),
        slack_address: SLACK.into(),
        webhook_secret: SIGNING.into(),
    }
}

/// Every day at six, nowhere but by these ways. Gives when they are due first, ms UTC.
async fn planned(house: &House, port: u16, on: &[ReportWay]) -> i64 {
    house.desk.put_report_ways(draft(port, on)).await.unwrap();
    let kinds = vec![ReportKind::Unfulfilled, ReportKind::Performance, ReportKind::ShippingCost];
    let forms = vec![ReportForm::Csv, ReportForm::Parquet];
    let plan = ReportPlan { on: true, kinds, forms, ..ReportPlan::default() };
    house.desk.put_report_plan(&plan).unwrap().next_ms.unwrap()
}

fn stands(view: &ReportWaysView) -> Vec<String> {
    let mut out: Vec<String> = view
        .deliveries
        .iter()
        .map(|one| {
            let key = &one.delivery.key;
            format!("{} {} {} {:?}", key.day, key.kind.code(), key.way.code(), one.delivery.state)
        })
        .collect();
    out.sort();
    out
}

fn only(house: &House, way: ReportWay) -> quayside_api::reports::deliver::Delivery {
    let view = house.desk.report_ways().unwrap();
    let of = |one: &&quayside_api::reports::deliver::DeliveryView| {
        one.delivery.key.way == way && one.delivery.key.kind == ReportKind::Performance
    };
    view.deliveries.iter().find(of).unwrap().delivery.clone()
}

#[tokio::test]
async fn each_report_of_a_day_goes_by_each_way_once() {
    let office = PostOffice::open(temper()).await.unwrap();
    let net = Net::new();
    let house = House::empty(net.clone());
    let due_ms = planned(&house, office.port, &ReportWay::ALL).await;
    assert_eq!(house.desk.deliver_due().await.unwrap(), [], "six o'clock is over for today");
    house.clock.set(due_ms + 5);
    assert_eq!(house.desk.deliver_due().await.unwrap().len(), 9);
    assert_eq!(house.desk.deliver_due().await.unwrap(), []);
    assert_eq!(house.desk.make_due_reports().unwrap(), None, "no folder was chosen");
    let view = house.desk.report_ways().unwrap();
    let day = |day: &str, stands: &str, way: &str| {
        [
            format!("{day} performance {way} Delivered"),
            format!("{day} shipping_cost {way} Delivered"),
            format!("{stands} unfulfilled {way} Delivered"),
        ]
    };
    let mut all: Vec<String> =
        ["mail", "slack", "webhook"].iter().flat_map(|way| day("2026-11-20", "2026-11-21", way)).collect();
    all.sort();
    assert_eq!(stands(&view), all);
    assert!(view.deliveries.iter().all(|one| one.delivery.words.is_empty() && one.next_ms.is_none()));
    assert_eq!(only(&house, ReportWay::Mail).place, "ann@harbour.example, ben@harbour.example");

    let letters = office.letters();
    assert_eq!((letters.len(), letters[0].to.len()), (3, 2));
    let performance = letters.iter().find(|letter| letter.text.contains("Subject: Performance, 2026-11-20")).unwrap();
    for part in [
        "2026-11-20 performance orders.csv",
        "2026-11-20 performance orders.parquet",
        "Message-ID: <quayside.performance.2026-11-20.",
        "@harbour.example>",
    ] {
        assert!(performance.text.contains(part), "{part}: {}", performance.text);
    }
    assert!(!performance.text.contains(".html"), "a page was not asked for");

    assert_eq!(net.to("hooks.slack.com").len(), 3);
    let sent = net.to("erp");
    assert_eq!(sent.len(), 3);
    for (head, body) in &sent {
        let at_s: i64 = head[webhook::TIMESTAMP].to_str().unwrap().parse().unwrap();
        let signed = webhook::signature(&SecretString::from(SIGNING), at_s, body);
        assert_eq!(head[webhook::SIGNATURE], format!("sha256={signed}"));
        let document: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(document["key"], head[webhook::KEY].to_str().unwrap());
        assert_eq!(
            document["report"]["kind"].as_str().map(|kind| document["key"].as_str().unwrap().starts_with(kind)),
            Some(true)
        );
    }

    // Asleep for three days: each of them once, the oldest first; what is as it stands now stands once.
    house.clock.set(due_ms + 3 * DAY_MS + HOUR_MS);
    assert_eq!(house.desk.deliver_due().await.unwrap().len(), 3 * (3 * 2 + 1));
    assert_eq!(house.desk.deliver_due().await.unwrap(), []);
    let mut keys = net.keys();
    keys.dedup();
    assert_eq!(keys.len(), 3 + 7, "{keys:?}");
    let performance: Vec<&str> =
        keys.iter().filter_map(|key| key.strip_prefix("performance.")?.split('.').next()).collect();
    assert_eq!(performance, ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]);
}

#[tokio::test]
async fn what_is_refused_is_told_tried_every_hour_and_lost_by_no_way() {
    let office =
        PostOffice::open(Temper { user: Some(("desk".into(), "another".into())), ..Temper::default() }).await.unwrap();
    let net = Net::new();
    let house = House::empty(net.clone());
    let due_ms = planned(&house, office.port, &[ReportWay::Mail, ReportWay::Webhook]).await;
    let mut now_ms = due_ms;
    for (status, media, body, words) in [
        (500, "application/json", "{\"error\": \"boom\"}", "has trouble (status 500)"),
        (200, "text/html", "<html>Please sign in</html>", "A web page came back"),
        (401, "application/json", "no", "does not accept the signature"),
    ] {
        net.answers(status, media, body);
        house.clock.set(now_ms);
        assert_eq!(house.desk.deliver_due().await.unwrap().len(), 6, "{words}");
        assert_eq!(house.desk.deliver_due().await.unwrap(), [], "{words}: not before an hour is over");
        let waits = only(&house, ReportWay::Webhook);
        assert!(waits.state == DeliveryState::Waiting && waits.words.contains(words), "{words}: {waits:?}");
        now_ms += HOUR_MS;
    }
    let waits = only(&house, ReportWay::Mail);
    assert!(waits.words.contains("does not let desk in") && waits.tries == 3, "{waits:?}");
    let view = house.desk.report_ways().unwrap();
    assert!(view.deliveries.iter().all(|one| one.next_ms == Some(now_ms)), "{view:?}");
    // The receiver is well again; the password is mended a minute later, and tried at once.
    net.answers(204, "text/plain", "");
    house.clock.set(now_ms);
    house.desk.deliver_due().await.unwrap();
    assert_eq!(only(&house, ReportWay::Webhook).state, DeliveryState::Delivered);
    let keys = net.keys();
    assert_eq!(
        (keys.len(), keys.iter().collect::<std::collections::BTreeSet<_>>().len()),
        (12, 3),
        "each under its one key"
    );
    office.set(temper());
    house.clock.set(now_ms + 1);
    house.desk.put_report_ways(draft(office.port, &[ReportWay::Mail, ReportWay::Webhook])).await.unwrap();
    house.clock.set(now_ms + 2);
    assert_eq!(house.desk.deliver_due().await.unwrap().len(), 3);
    assert_eq!(office.letters().len(), 3);
    assert!(stands(&house.desk.report_ways().unwrap()).iter().all(|one| one.ends_with("Delivered")));
}

#[tokio::test]
async fn an_answer_that_was_lost_is_repeated_only_where_a_second_copy_is_known() {
    let office = PostOffice::open(Temper { hangs_up: true, ..temper() }).await.unwrap();
    let net = Net::new();
    *net.lost.lock().unwrap() = true;
    let house = House::empty(net.clone());
    let due_ms = planned(&house, office.port, &ReportWay::ALL).await;
    house.clock.set(due_ms);
    house.desk.deliver_due().await.unwrap();
    let states = [ReportWay::Mail, ReportWay::Slack, ReportWay::Webhook].map(|way| only(&house, way).state);
    assert_eq!(states, [DeliveryState::Waiting, DeliveryState::Unsure, DeliveryState::Waiting]);
    assert!(only(&house, ReportWay::Slack).words.contains("Look into the channel"));
    *net.lost.lock().unwrap() = false;
    office.set(temper());
    house.clock.set(due_ms + HOUR_MS);
    house.desk.deliver_due().await.unwrap();
    let states = [ReportWay::Mail, ReportWay::Slack, ReportWay::Webhook].map(|way| only(&house, way).state);
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Unsure, DeliveryState::Delivered]);
    assert_eq!(net.to("hooks.slack.com").len(), 3, "no message went a second time by itself");
    let ids: std::collections::BTreeSet<String> =
        office.letters().iter().map(|letter| message_id(&letter.text)).collect();
    assert_eq!((office.letters().len(), ids.len()), (6, 3), "under the same names");
    // A person looked, and it is not there.
    house.desk.send_reports(ReportWay::Slack, Some(ReportKind::Performance), "2026-11-20").await.unwrap();
    assert_eq!(only(&house, ReportWay::Slack).state, DeliveryState::Delivered);
}

fn message_id(letter: &str) -> String {
    letter.lines().find(|line| line.starts_with("Message-ID:")).unwrap_or_default().to_owned()
}

/// A process that ended between sending and writing it down, and a disk that was full at that moment.
#[tokio::test]
async fn what_was_sent_and_could_not_be_written_down_is_not_forgotten() {
    let office = PostOffice::open(temper()).await.unwrap();
    let net = Net::new();
    let house = House::empty(net.clone());
    let due_ms = planned(&house, office.port, &ReportWay::ALL).await;
    house.clock.set(due_ms);
    let note = |way: &str| {
        json!({
            "key": { "kind": "performance", "day": "2026-11-20", "way": way }, "state": "sending",
            "since_ms": due_ms - 5, "at_ms": due_ms - 5, "tries": 1, "copies": 0, "place": "", "words": "",
        })
    };
    let left = [note("mail"), note("slack"), note("webhook")];
    house.store.write(|tx| tx.put_setting("reports.deliveries", &left)).unwrap();
    house.desk.deliver_due().await.unwrap();
    assert_eq!(only(&house, ReportWay::Slack).state, DeliveryState::Unsure);
    assert_eq!((net.to("hooks.slack.com").len(), net.to("erp").len(), office.letters().len()), (2, 3, 3));

    house.clock.set(due_ms + DAY_MS);
    // The first letter is noted; then a message is in the channel, and the note of that cannot be written.
    *net.breaks.lock().unwrap() = Some(house.store.clone());
    assert_eq!(house.desk.deliver_due().await.unwrap_err().code, TroubleCode::Storage);
    assert_eq!((office.letters().len(), net.to("hooks.slack.com").len()), (4, 3));
    assert_eq!(only(&house, ReportWay::Slack).state, DeliveryState::Delivered, "remembered");
    house.desk.deliver_due().await.unwrap();
    assert_eq!(
        (office.letters().len(), net.to("hooks.slack.com").len(), net.to("erp").len()),
        (6, 5, 6),
        "nothing went twice"
    );
    let stored: Vec<Value> = house.store.read(|r| r.setting("reports.deliveries")).unwrap().unwrap();
    assert_eq!(stored.iter().filter(|note| note["state"] == "sending").count(), 0);
}

#[tokio::test]
async fn a_person_sends_now_and_again() {
    let office = PostOffice::open(temper()).await.unwrap();
    let net = Net::new();
    let house = House::empty(net.clone());
    let refused = house.desk.send_reports(ReportWay::Mail, None, "").await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (TroubleCode::Input, Some("mail_server")));
    house.desk.put_report_ways(draft(office.port, &[])).await.unwrap();
    // No plan, and no way that is on: a click is a click.
    let all = ReportKind::ALL.len();
    assert_eq!(house.desk.send_reports(ReportWay::Mail, None, "").await.unwrap().len(), all);
    let view = house.desk.report_ways().unwrap();
    assert_eq!(stands(&view).len(), all);
    assert!(!view.planned && view.deliveries.iter().all(|one| one.delivery.state == DeliveryState::Delivered));
    for _ in 0..2 {
        house.desk.send_reports(ReportWay::Mail, Some(ReportKind::Performance), "2026-11-19").await.unwrap();
        house.desk.send_reports(ReportWay::Webhook, Some(ReportKind::Performance), "2026-11-19").await.unwrap();
    }
    let performance: Vec<String> = office
        .letters()
        .iter()
        .filter(|letter| letter.text.contains("Subject: Performance"))
        .map(|letter| message_id(&letter.text))
        .collect();
    assert_eq!((performance.len(), performance.iter().collect::<std::collections::BTreeSet<_>>().len()), (3, 3));
    let keys = net.keys();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]), "the receiver knows what it has");
    // What is as it stands now is of today, whatever day is asked for.
    let sent = house.desk.send_reports(ReportWay::Slack, Some(ReportKind::Unfulfilled), "2026-01-01").await.unwrap();
    assert_eq!((sent[0].key.day.as_str(), sent[0].state), ("2026-11-20", DeliveryState::Delivered));
    let refused = house.desk.send_reports(ReportWay::Slack, Some(ReportKind::Performance), "soon").await.unwrap_err();
    assert!(refused.field.as_deref() == Some("day") && refused.sentence.contains("\"soon\" is no day"), "{refused}");
}

#[tokio::test]
async fn a_way_is_tried_before_it_is_kept() {
    let office = PostOffice::open(temper()).await.unwrap();
    let net = Net::new();
    let house = House::empty(net.clone());
    for (way, words) in [
        (ReportWay::Mail, "127.0.0.1 took a letter for ann@harbour.example"),
        (ReportWay::Slack, "Slack took a message"),
        (ReportWay::Webhook, "https://erp.example.com/quayside took a signed test"),
    ] {
        let said = house.desk.test_report_way(way, draft(office.port, &[])).await.unwrap();
        assert!(said.starts_with(words), "{said}");
    }
    assert_eq!(house.desk.report_ways().unwrap().kept, [], "nothing was kept");
    net.answers(500, "text/plain", "canary-signing-secret");
    let refused = house.desk.test_report_way(ReportWay::Webhook, draft(office.port, &[])).await.unwrap_err();
    assert!(refused.sentence.contains("status 500") && !refused.sentence.contains("canary"), "{refused}");
    let document: Value = serde_json::from_slice(&net.to("erp")[0].1).unwrap();
    assert_eq!(document["event"], "test");
    // A form that is half filled in elsewhere does not keep this one from being tried.
    let half = ReportWaysDraft { slack_address: "nonsense".into(), ..draft(office.port, &ReportWay::ALL) };
    house.desk.test_report_way(ReportWay::Mail, half).await.unwrap();
    assert_eq!(office.letters().len(), 2);
}

#[tokio::test]
async fn mistakes_name_their_field_and_a_password_stays_with_its_server() {
    let house = House::empty(Net::new());
    let on = |way| draft(25, &[way]);
    let mail = |change: fn(&mut MailWay)| {
        let mut draft = on(ReportWay::Mail);
        change(&mut draft.ways.mail);
        draft
    };
    let hook = |url: &str| {
        let mut draft = on(ReportWay::Webhook);
        url.clone_into(&mut draft.ways.webhook.url);
        draft
    };
    for (draft, field) in [
        (mail(|mail| mail.server.clear()), "mail_server"),
        (mail(|mail| mail.server = "smtp.example.org/x".into()), "mail_server"),
        (mail(|mail| mail.port = 0), "mail_port"),
        (mail(|mail| mail.server = "smtp.example.org".into()), "mail_encryption"),
        (mail(|mail| mail.from = "desk".into()), "mail_from"),
        (mail(|mail| mail.to = " , ".into()), "mail_to"),
        (mail(|mail| mail.to = "ann@harbour.example, ben".into()), "mail_to"),
        (ReportWaysDraft { mail_password: String::new(), ..on(ReportWay::Mail) }, "mail_password"),
        (
            ReportWaysDraft { slack_address: "https://evil.example/services/x".into(), ..on(ReportWay::Slack) },
            "slack_address",
        ),
        (ReportWaysDraft { slack_address: String::new(), ..on(ReportWay::Slack) }, "slack_address"),
        (hook("http://erp.example.com/"), "webhook_url"),
        (ReportWaysDraft { webhook_secret: "short".into(), ..on(ReportWay::Webhook) }, "webhook_secret"),
        (ReportWaysDraft { webhook_secret: String::new(), ..on(ReportWay::Webhook) }, "webhook_secret"),
    ] {
        let trouble = house.desk.put_report_ways(draft.clone()).await.unwrap_err();
        assert_eq!((trouble.code, trouble.field.as_deref()), (TroubleCode::Input, Some(field)), "{trouble}");
        assert!(!format!("{trouble:?} {draft:?}").contains("canary"), "{trouble:?} {draft:?}");
    }
    house.desk.put_report_ways(on(ReportWay::Mail)).await.unwrap();
    let kept = ReportWaysDraft { mail_password: String::new(), ..on(ReportWay::Mail) };
    house.desk.put_report_ways(kept.clone()).await.unwrap();
    // Whoever sits at the desk for a moment cannot have the password sent to a server of theirs.
    let mut moved = kept;
    moved.ways.mail.server = "localhost".into();
    let trouble = house.desk.put_report_ways(moved.clone()).await.unwrap_err();
    assert!(
        trouble.field.as_deref() == Some("mail_password") && trouble.sentence.contains("another server"),
        "{trouble}"
    );
    assert!(house.desk.test_report_way(ReportWay::Mail, moved).await.is_err());
    let view = house.desk.forget_report_way(ReportWay::Mail).await.unwrap();
    assert!(!view.ways.mail.on && !view.kept.contains(&ReportWay::Mail));
}

#[tokio::test]
async fn secrets_are_in_the_keychain_and_nowhere_else() {
    let lines = Lines::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    let quiet = tracing::subscriber::set_default(subscriber);
    // Servers that repeat what they were told.
    let office =
        PostOffice::open(Temper { user: Some(("desk".into(), "another".into())), ..Temper::default() }).await.unwrap();
    let net = Net::new();
    net.answers(403, "text/plain", TOLD);
    let house = House::empty(net);
    let due_ms = planned(&house, office.port, &ReportWay::ALL).await;
    house.clock.set(due_ms);
    let tried = house.desk.deliver_due().await.unwrap();
    assert_eq!(tried.len(), 9);
    house.keychain.lock(true);
    house.clock.set(due_ms + HOUR_MS);
    let closed = house.desk.deliver_due().await.unwrap();
    assert!(closed.iter().all(|note| note.words.contains("keychain")), "{closed:?}");
    drop(quiet);
    let stored: Vec<Option<Value>> = ["reports.ways", "reports.deliveries", "reports.plan"]
        .into_iter()
        .map(|key| house.store.read(|r| r.setting(key)).unwrap())
        .collect();
    let view = serde_json::to_string(&house.desk.report_ways().unwrap()).unwrap();
    let events = format!("{:?}", house.events.lock().unwrap());
    let all = format!("{tried:?} {closed:?} {stored:?} {view} {events} {}", lines.text());
    assert!(lines.text().contains("asked Slack"), "the log was looked at: {}", lines.text());
    for secret in ["canary", "Y2FuYXJ5"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A report of its own: in its folder and at its program once, by hand again under the same name, and gone with a click.
#[tokio::test]
async fn a_report_on_a_schedule_is_made_and_delivered_once_for_each_period_that_was_slept_over() {
    let net = Net::new();
    let house = House::empty(net.clone());
    let folder = tempfile::tempdir().unwrap();
    let weekly = ReportSchedule {
        id: String::new(),
        on: true,
        kind: ReportKind::ShippingCost,
        cadence: Cadence::Week { weekday: 1 },
        minute: 360,
        zone: "America/New_York".into(),
        window: ReportWindow::LastWeek,
        folder: folder.path().display().to_string(),
        forms: vec![ReportForm::Csv],
        ways: vec![ReportWay::Webhook],
    };
    let unready = house.desk.put_report_schedule(&weekly).unwrap_err();
    assert_eq!(unready.field.as_deref(), Some("webhook_url"), "{unready}");
    // The way is set up, and what is made every day does not use it.
    house.desk.put_report_ways(draft(25, &[ReportWay::Webhook])).await.unwrap();
    house.desk.put_report_ways(ReportWaysDraft { webhook_secret: String::new(), ..draft(25, &[]) }).await.unwrap();
    for (wrong, field) in [
        (ReportSchedule { zone: "Mars/Olympus".into(), ..weekly.clone() }, "zone"),
        (ReportSchedule { cadence: Cadence::Week { weekday: 8 }, ..weekly.clone() }, "cadence"),
        (ReportSchedule { cadence: Cadence::Month { day: 0 }, ..weekly.clone() }, "cadence"),
        (ReportSchedule { minute: 1_440, ..weekly.clone() }, "minute"),
        (ReportSchedule { forms: vec![], ..weekly.clone() }, "forms"),
        (ReportSchedule { folder: "reports".into(), ..weekly.clone() }, "folder"),
        (ReportSchedule { folder: String::new(), ways: vec![], ..weekly.clone() }, "folder"),
    ] {
        let trouble = house.desk.put_report_schedule(&wrong).unwrap_err();
        assert_eq!(trouble.field.as_deref(), Some(field), "{trouble}");
    }
    let gone = house.desk.put_report_schedule(&ReportSchedule { id: "none".into(), ..weekly.clone() }).unwrap_err();
    assert_eq!(gone.code, TroubleCode::Gone);

    // Friday the 20th: due on Monday, at six in New York.
    let set = house.desk.put_report_schedule(&weekly).unwrap();
    let (id, due_ms) = (set[0].schedule.id.clone(), set[0].next_ms.unwrap());
    assert_eq!(due_ms, NOW + 3 * DAY_MS + 2 * HOUR_MS);
    assert_eq!(set[0].title, "Shipping cost, last week");
    house.clock.set(due_ms - 1);
    assert_eq!(house.desk.make_due_schedules().unwrap(), []);
    assert_eq!(house.desk.deliver_due().await.unwrap(), []);
    // Three Mondays later.
    house.clock.set(due_ms + 14 * DAY_MS + HOUR_MS);
    let runs = house.desk.make_due_schedules().unwrap();
    assert_eq!((runs.len(), runs[0].due_ms, runs[0].trouble.clone()), (1, due_ms + 14 * DAY_MS, None));
    assert_eq!(house.desk.make_due_schedules().unwrap(), [], "once");
    let mut names: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "2026-11-16 to 2026-11-22 America-New_York shipping_cost labels.csv",
            "2026-11-23 to 2026-11-29 America-New_York shipping_cost labels.csv",
            "2026-11-30 to 2026-12-06 America-New_York shipping_cost labels.csv",
        ]
    );
    let view = house.desk.report_schedules().unwrap();
    assert_eq!(view[0].made_up, "It also made up for 2 that were due from 2026-11-23 to 2026-11-30.");

    assert_eq!(house.desk.deliver_due().await.unwrap().len(), 3);
    assert_eq!(house.desk.deliver_due().await.unwrap(), [], "once");
    assert_eq!(house.desk.send_schedule(&id, None, "").await.unwrap().len(), 1, "a person's wish");
    assert_eq!(house.desk.deliver_due().await.unwrap(), []);
    let days: Vec<String> = net.keys().iter().map(|key| key.split('.').take(3).collect::<Vec<_>>().join(" ")).collect();
    let key = |day: &str| format!("shipping_cost {day} {id}");
    assert_eq!(days, [key("2026-11-23"), key("2026-11-30"), key("2026-12-07"), key("2026-12-07")]);
    let newest: Value = serde_json::from_slice(&net.to("erp")[2].1).unwrap();
    let (report, day) = (&newest["report"], &newest["day"]);
    assert_eq!(
        (&report["from_day"], &report["to_day"], day),
        (&json!("2026-11-30"), &json!("2026-12-06"), &json!("2026-12-07"))
    );
    assert_eq!((&report["zone"], &newest["schedule"]), (&json!("America/New_York"), &json!(id)));

    // The plan of every day knows nothing of it, and what is removed is asked for by nobody.
    assert!(!house.desk.report_plan().unwrap().plan.on);
    assert_eq!(house.desk.forget_report_schedule(&id).unwrap(), []);
    house.clock.set(due_ms + 30 * DAY_MS);
    assert_eq!(house.desk.make_due_schedules().unwrap(), []);
    assert_eq!(house.desk.deliver_due().await.unwrap(), []);
    assert_eq!(house.desk.send_schedule(&id, None, "").await.unwrap_err().code, TroubleCode::Gone);
}

/// A plan of before there was a choice of files writes what it always wrote.
#[test]
fn a_plan_without_forms_writes_pages_and_csv_and_parquet_is_chosen_beside_them() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let old = json!({ "on": true, "folder": folder.path(), "minute": 360, "kinds": ["performance"], "since_ms": NOW });
    house.store.write(|tx| tx.put_setting("reports.plan", &old)).unwrap();
    let view = house.desk.report_plan().unwrap();
    assert_eq!(view.plan.forms, [ReportForm::Csv, ReportForm::Page]);
    let forms = vec![ReportForm::Parquet, ReportForm::Page, ReportForm::Csv, ReportForm::Page];
    house.desk.put_report_plan(&ReportPlan { forms, ..view.plan }).unwrap();
    house.clock.set(view.next_ms.unwrap());
    assert_eq!(house.desk.make_due_reports().unwrap().unwrap().trouble, None);
    let mut names: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(
        names,
        ["2026-11-20 performance orders.csv", "2026-11-20 performance orders.parquet", "2026-11-20 performance.html"]
    );
    let bytes = std::fs::read(folder.path().join(&names[1])).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    assert!(
        house
            .desk
            .report_text(
                &quayside_api::reports::ReportAsk::days(ReportKind::Performance, "", ""),
                ReportForm::Parquet,
                ""
            )
            .is_err()
    );
}

fn alert(id: i64, way: ReportWay, topic: Topic, title: &str) -> TeamAlert {
    TeamAlert {
        id,
        way,
        topic,
        title: title.into(),
        body: "Past the time they should have left.".into(),
        since_ms: NOW,
        at_ms: NOW,
        tries: 0,
        state: DeliveryState::Waiting,
        place: String::new(),
        words: String::new(),
    }
}

#[tokio::test]
async fn the_team_is_told_at_once_together_again_after_a_failure_and_never_at_night() {
    let office = PostOffice::open(temper()).await.unwrap();
    let net = Net::new();
    let house = House::empty(net.clone());
    let chosen = TeamAlerts { mail: vec![Topic::Late], slack: vec![Topic::Exceptions, Topic::Late] };
    let refused = house.desk.put_team_alerts(chosen.clone()).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("mail_server"), "{refused:?}");
    assert!(house.desk.team_alerts().unwrap().ready.is_empty());
    // Set up, and not used for reports: the team is told all the same.
    house.desk.put_report_ways(draft(office.port, &[])).await.unwrap();
    let view = house.desk.put_team_alerts(chosen.clone()).unwrap();
    assert_eq!((view.alerts, view.ready.len(), view.told.len()), (chosen, 2, 0));
    assert_eq!(house.desk.deliver_alerts().await.unwrap(), []);

    let waiting = vec![
        alert(1, ReportWay::Slack, Topic::Late, "2 orders are late"),
        alert(2, ReportWay::Slack, Topic::Exceptions, "3 orders need you"),
        alert(3, ReportWay::Mail, Topic::Late, "2 orders are late"),
    ];
    house.store.write(|tx| tx.put_setting("alerts.notes", &waiting)).unwrap();
    net.answers(500, "text/plain", "boom");
    assert_eq!(house.desk.deliver_alerts().await.unwrap().len(), 3);
    assert_eq!(house.desk.deliver_alerts().await.unwrap(), [], "not before a minute is over");
    let told = house.desk.team_alerts().unwrap().told;
    let stands: Vec<_> =
        told.iter().map(|one| (one.alert.id, one.alert.state, one.next_ms.map(|at| at - NOW))).collect();
    let (there, waits) = (DeliveryState::Delivered, DeliveryState::Waiting);
    assert_eq!(stands, [(3, there, None), (2, waits, Some(60_000)), (1, waits, Some(60_000))]);
    assert!(told[1].alert.words.contains("Slack has trouble"), "{:?}", told[1]);
    assert!(told[1].why.contains("Orders and entries that need somebody"), "{:?}", told[1]);
    let letters = office.letters();
    assert_eq!(letters.len(), 1);
    for part in ["Subject: 2 orders are late", "Message-ID: <quayside.alert.3-3."] {
        assert!(letters[0].text.contains(part), "{part}: {}", letters[0].text);
    }

    net.answers(200, "text/plain", "ok");
    house.clock.set(NOW + 12 * HOUR_MS);
    assert_eq!(house.desk.deliver_alerts().await.unwrap(), [], "it is night");
    house.clock.set(NOW + 22 * HOUR_MS);
    assert_eq!(house.desk.deliver_alerts().await.unwrap().len(), 2);
    assert_eq!(house.desk.deliver_alerts().await.unwrap(), []);
    let sent = net.to("hooks.slack.com");
    assert_eq!(sent.len(), 2, "one message for both, each time");
    let message: Value = serde_json::from_slice(&sent[1].1).unwrap();
    assert_eq!(message["text"], "2 things need a look");
    let lines: Vec<&str> =
        message["blocks"].as_array().unwrap().iter().filter_map(|block| block["text"]["text"].as_str()).collect();
    assert_eq!(
        lines,
        [
            "2 orders are late\nPast the time they should have left.",
            "3 orders need you\nPast the time they should have left."
        ]
    );
    let view = house.desk.team_alerts().unwrap();
    assert!(view.told.iter().all(|one| one.alert.state == DeliveryState::Delivered), "{view:?}");
    assert!(!format!("{view:?}").contains("canary"), "no secret is in it");
}

#[tokio::test]
async fn an_alert_whose_answer_was_lost_is_looked_for_by_a_person() {
    let net = Net::new();
    let house = House::empty(net.clone());
    house.desk.put_report_ways(draft(25, &[])).await.unwrap();
    house.desk.put_team_alerts(TeamAlerts { mail: vec![], slack: vec![Topic::Late] }).unwrap();
    let waiting = vec![alert(1, ReportWay::Slack, Topic::Late, "An order is late")];
    house.store.write(|tx| tx.put_setting("alerts.notes", &waiting)).unwrap();
    *net.lost.lock().unwrap() = true;
    assert_eq!(house.desk.deliver_alerts().await.unwrap()[0].state, DeliveryState::Unsure);
    *net.lost.lock().unwrap() = false;
    house.clock.set(NOW + HOUR_MS);
    assert_eq!(house.desk.deliver_alerts().await.unwrap(), [], "in a channel a second copy is one more message");
    assert_eq!(net.to("hooks.slack.com").len(), 1);
}
