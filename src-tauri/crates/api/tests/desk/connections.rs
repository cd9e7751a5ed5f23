//! Accounts: test, connect, rotate, remove, against the stand-ins in memory.

use crate::house::{Hand, House, NOW, shop};
use quayside_api::view::{ConnectionDraft, TroubleCode};
use quayside_connectors::{Wire, WireError};
use quayside_engine::SecretStore as _;
use quayside_model::{CheckState, Clock as _, ExposeSecret as _, Mode};
use quayside_sandbox::{Account, Fault, FaultPlan, Ledger, Reply, Sandbox, SandboxPlan, Scene};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The sandbox without a network: account n listens at port 7000 + n.
pub struct Stage {
    sandbox: Mutex<Sandbox>,
    accounts: Vec<Account>,
    now: Arc<Hand>,
    sent: Mutex<Vec<http::Request<Vec<u8>>>>,
    /// The next answer to a change at such an address does not arrive.
    lost: Mutex<Option<String>>,
}

/// Automations for an account that keeps records.
const RECORDS: [&str; 6] = [
    "customers_to_records",
    "shipments_to_records",
    "delivered_task",
    "trouble_case",
    "customer_history",
    "customer_milestones",
];

impl Stage {
    pub fn new() -> Arc<Self> {
        Self::of(SandboxPlan::quiet(7, NOW))
    }
    pub fn of(plan: SandboxPlan) -> Arc<Self> {
        let sandbox = Sandbox::new(plan);
        let accounts = sandbox
            .accounts()
            .into_iter()
            .enumerate()
            .map(|(n, account)| Account { base_url: format!("http://127.0.0.1:{}", 7000 + n), ..account })
            .collect();
        let now = Arc::new(Hand::default());
        now.set(NOW);
        Arc::new(Self { sandbox: Mutex::new(sandbox), accounts, now, sent: Mutex::default(), lost: Mutex::default() })
    }
    fn account(&self, name: &str) -> &Account {
        self.accounts.iter().find(|account| account.name == name).unwrap()
    }
    /// Every request that came, in order.
    pub fn sent(&self) -> Vec<http::Request<Vec<u8>>> {
        self.sent.lock().unwrap().clone()
    }
    /// A page that somebody looks at in a browser.
    pub fn visit(&self, url: &str) -> http::Response<Vec<u8>> {
        let request = http::Request::get(url).body(Vec::new()).unwrap();
        let account = &self.accounts[usize::from(request.uri().port_u16().unwrap() - 7000)];
        match self.sandbox.lock().unwrap().handle(&account.name, &request, self.now.now_ms()) {
            Reply::Answer { response, .. } => response,
            Reply::Dropped { .. } => panic!("the page does not load"),
        }
    }
    /// The next request goes wrong.
    pub fn goes_wrong(&self, fault: Fault) {
        self.sandbox.lock().unwrap().faults = FaultPlan { next: vec![fault], ..FaultPlan::none() };
    }
    /// The clock that the accounts live by.
    pub fn clock(&self) -> Arc<Hand> {
        self.now.clone()
    }
    /// Somebody does something in an account.
    pub fn people<R>(&self, act: impl FnOnce(&mut Scene<'_>) -> R) -> R {
        self.sandbox.lock().unwrap().scene(act)
    }
    /// What the accounts say happened.
    pub fn ledger(&self) -> Ledger {
        self.sandbox.lock().unwrap().ledger.clone()
    }
    /// The next answer to a change whose address ends like this, or whose body names this, gets lost.
    pub fn lose(&self, ending: &str) {
        *self.lost.lock().unwrap() = Some(ending.to_owned());
    }
    pub fn draft(&self, name: &str) -> ConnectionDraft {
        let account = self.account(name);
        ConnectionDraft {
            platform: account.platform.clone(),
            way: account.way.clone(),
            name: String::new(),
            fields: account.fields.clone(),
            base_url: Some(account.base_url.clone()),
        }
    }
}

#[async_trait::async_trait]
impl Wire for Stage {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        self.sent.lock().unwrap().push(request.clone());
        let port = request.uri().port_u16().unwrap_or(0);
        let account = self
            .accounts
            .get(usize::from(port.saturating_sub(7000)))
            .ok_or_else(|| WireError::NotSent("nobody listens".into()))?;
        match self.sandbox.lock().unwrap().handle(&account.name, &request, self.now.now_ms()) {
            Reply::Answer { response, .. } => {
                let mut lost = self.lost.lock().unwrap();
                let is_lost = |ending: &mut String| {
                    let named = || String::from_utf8_lossy(request.body()).contains(ending.as_str());
                    request.method() == http::Method::POST
                        && (request.uri().path().ends_with(ending.as_str()) || named())
                };
                if lost.take_if(is_lost).is_some() {
                    return Err(WireError::Lost("the answer got lost".into()));
                }
                Ok(response)
            }
            Reply::Dropped { .. } => Err(WireError::Lost("dropped".into())),
        }
    }
}

fn with(draft: ConnectionDraft, field: &str, value: &str) -> ConnectionDraft {
    let mut fields = draft.fields.clone();
    fields.insert(field.into(), value.into());
    ConnectionDraft { fields, ..draft }
}

/// A field of a platform's form, by being secret or not.
fn secret_field(draft: &ConnectionDraft) -> String {
    let platform = quayside_connectors::platform(&draft.platform).unwrap();
    let way = platform.declaration.ways.iter().find(|way| way.id == draft.way).unwrap();
    way.fields.iter().find(|field| field.secret && draft.fields.contains_key(field.name)).unwrap().name.to_owned()
}

#[tokio::test]
async fn an_account_is_tested_connected_and_named_after_itself() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    for name in ["harbour-goods", "harbour-outlet", "harbour-shipping"] {
        let draft = stage.draft(name);
        let result = house.desk.test_connection(draft.clone()).await.unwrap();
        assert!(result.ok, "{name}: {result:?}");
        assert_ne!(result.state, CheckState::Missing, "{name}: {result:?}");
        assert_eq!(
            house.desk.connections().unwrap().iter().filter(|view| view.base_url == draft.base_url).count(),
            0,
            "a test keeps nothing"
        );
        let view = house.desk.connect(draft).await.unwrap();
        assert!(
            !view.name.is_empty()
                && view.id.as_str().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{view:?}"
        );
        assert!(!view.activity.paused);
    }
    assert_eq!(house.desk.connections().unwrap().len(), 3);
    // It only watches; what keeps records is off until an account for them is there, and counts until somebody wants it.
    for view in house.desk.automations().unwrap() {
        let expected = match view.id.as_str() {
            id if RECORDS.contains(&id) => Mode::Off,
            // There is no account that writes to buyers; labels cost money, and many buy them at the hub.
            "stock" | "products" | "labels" | "tell_buyer" => Mode::Off,
            // Nothing goes by it without a click.
            "return_refunds" => Mode::Ask,
            _ => Mode::Watch,
        };
        assert_eq!(view.mode, expected, "{}", view.id);
    }
}

#[tokio::test]
async fn secrets_are_in_the_keychain_and_nowhere_else() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let draft = stage.draft("harbour-goods");
    let field = secret_field(&draft);
    let canary = draft.fields[&field].clone();
    let view = house.desk.connect(draft).await.unwrap();
    assert_eq!(house.keychain.secrets(&view.id).unwrap()[&field].expose_secret(), canary);
    let shown = serde_json::to_string(&(
        house.desk.connections().unwrap(),
        house.desk.activity().unwrap(),
        house.desk.history(quayside_api::view::ActivityAsk::default()).unwrap(),
    ))
    .unwrap();
    assert!(!shown.contains(&canary), "{shown}");
    let stored = house.store.read(|r| r.connection(&view.id)).unwrap().unwrap();
    assert!(!format!("{stored:?}").contains(&canary), "{stored:?}");
    assert!(!stored.fields.contains_key(&field));
}

#[tokio::test]
async fn one_account_is_connected_once() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    house.desk.connect(stage.draft("harbour-goods")).await.unwrap();
    let again = ConnectionDraft { name: "The same again".into(), ..stage.draft("harbour-goods") };
    let trouble = house.desk.connect(again.clone()).await.unwrap_err();
    assert!(
        trouble.code == TroubleCode::Input && trouble.sentence.contains("connected already as \"Harbour Goods\""),
        "{trouble}"
    );
    let tested = house.desk.test_connection(again).await.unwrap();
    assert!(!tested.ok && tested.problems[0].1.contains("connected already"), "{tested:?}");
    assert_eq!(house.desk.connections().unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_credential_is_told_and_leaves_nothing_behind() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    for name in ["harbour-goods", "harbour-shipping"] {
        let draft = stage.draft(name);
        let field = secret_field(&draft);
        let wrong: String = draft.fields[&field].chars().rev().collect();
        let draft = with(draft, &field, &wrong);
        let result = house.desk.test_connection(draft.clone()).await.unwrap();
        if result.ok {
            // A second key of the same account still works; then the test says what does not.
            assert!(result.checks.iter().any(|check| check.state != CheckState::Works), "{result:?}");
            continue;
        }
        let trouble = house.desk.connect(draft).await.unwrap_err();
        assert!(!trouble.sentence.contains(&wrong), "{trouble}");
    }
    assert_eq!(house.desk.connections().unwrap().iter().filter(|view| view.platform == "shopify").count(), 0);
}

#[tokio::test]
async fn the_way_follows_from_what_was_filled_in_and_a_stand_in_needs_no_host() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let mut draft = ConnectionDraft { way: String::new(), ..stage.draft("harbour-goods") };
    draft.fields.remove("shop");
    let view = house.desk.connect(draft).await.unwrap();
    assert_eq!(view.way, "client_credentials");
    // Without a stand-in the host is needed, and said so at its field.
    let mut draft = ConnectionDraft { base_url: None, ..stage.draft("harbour-outlet") };
    draft.fields.remove("shop");
    let result = house.desk.test_connection(draft).await.unwrap();
    assert!(!result.ok && result.problems.iter().any(|(field, _)| field == "shop"), "{result:?}");
}

/// At every platform: a secret that does not fit changes nothing, one that fits is taken while the account works on, and
/// one of another account is not.
#[tokio::test]
async fn new_credentials_are_tested_before_they_replace_the_old() {
    let mut plan = SandboxPlan::quiet(7, NOW);
    plan.extras = quayside_sandbox::extras().iter().map(|(_, extra)| *extra).collect();
    let stage = Stage::of(plan);
    let mut platforms = BTreeSet::new();
    for account in &stage.accounts {
        let house = House::empty(stage.clone());
        let draft = stage.draft(&account.name);
        let view = house.desk.connect(draft.clone()).await.unwrap();
        let (who, field) = (&account.name, secret_field(&draft));
        let kept = || house.keychain.secrets(&view.id).unwrap()[&field].expose_secret().to_owned();
        let rotate = |secret: &str| {
            let fields = BTreeMap::from([(field.clone(), secret.to_owned())]);
            house.desk.rotate(view.id.clone(), String::new(), fields)
        };
        let before = kept();

        let wrong: String = before.chars().rev().collect();
        let result = rotate(&wrong).await.unwrap();
        assert!(!result.ok, "{who}: {result:?}");
        assert_eq!(kept(), before, "{who}: the old ones stay");

        let result = rotate(&before).await.unwrap();
        assert!(result.ok, "{who}: {result:?}");
        assert_eq!(kept(), before, "{who}");

        // Credentials of another account do not slip into this one. The stand-in's address decides who answers.
        let mut other = house.store.read(|r| r.connection(&view.id)).unwrap().unwrap();
        other.account = quayside_model::Account { remote_id: "somebody-else".into(), ..Default::default() };
        house.store.write(|tx| tx.put_connection(&other)).unwrap();
        let result = rotate(&before).await.unwrap();
        assert!(!result.ok && result.problems[0].1.contains("another account"), "{who}: {result:?}");
        platforms.insert(account.platform.clone());
    }
    // A mail server has no stand-in of its own here: `letters.rs` brings letters to one.
    for platform in quayside_connectors::registry().iter().filter(|one| !one.declaration.streams.is_empty()) {
        assert!(platforms.contains(platform.declaration.platform), "{}", platform.declaration.platform);
    }
}

#[tokio::test]
async fn testing_a_connected_account_uses_what_is_stored() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let goods = house.desk.connect(stage.draft("harbour-goods")).await.unwrap();
    assert!(house.desk.test_saved(goods.id.clone()).await.unwrap().ok);
    house.keychain.lock(true);
    let trouble = house.desk.test_saved(goods.id.clone()).await.unwrap_err();
    assert_eq!(trouble.code, TroubleCode::Keychain);
    assert!(trouble.sentence.contains("locked"), "{trouble}");
    // Removing with a closed keychain would leave a credential behind: nothing happens.
    assert_eq!(house.desk.remove_connection(&goods.id).unwrap_err().code, TroubleCode::Keychain);
    assert_eq!(house.desk.connections().unwrap().len(), 1);
    house.keychain.lock(false);
    house.desk.remove_connection(&goods.id).unwrap();
    assert!(house.keychain.secrets(&goods.id).is_err());
    assert_eq!(house.desk.test_saved(goods.id).await.unwrap_err().code, TroubleCode::Gone);
}

#[tokio::test]
async fn an_id_is_never_used_twice() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let first =
        house.desk.connect(ConnectionDraft { name: "Shop".into(), ..stage.draft("harbour-goods") }).await.unwrap();
    house.desk.remove_connection(&first.id).unwrap();
    let second =
        house.desk.connect(ConnectionDraft { name: "Shop".into(), ..stage.draft("harbour-goods") }).await.unwrap();
    assert_eq!((first.id.as_str(), second.id.as_str()), ("shop", "shop-2"));
}

#[tokio::test]
async fn nothing_is_kept_when_the_keychain_or_the_disk_refuses() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    house.keychain.lock(true);
    assert_eq!(house.desk.connect(stage.draft("harbour-goods")).await.unwrap_err().code, TroubleCode::Keychain);
    house.keychain.lock(false);
    house.store.inject_failure(quayside_store::InjectedFailure::DiskFull, 1);
    let trouble = house.desk.connect(stage.draft("harbour-goods")).await.unwrap_err();
    assert!(trouble.code == TroubleCode::Storage && trouble.sentence.contains("disk is full"), "{trouble}");
    assert_eq!(house.desk.connections().unwrap(), vec![]);
    assert!(house.keychain.secrets(&quayside_model::ConnectionId::new("harbour-goods")).is_err());
}

#[test]
fn names_settings_and_pauses_are_kept() {
    let house = House::new();
    assert_eq!(house.desk.rename_connection(&shop(), "  Main   store ").unwrap().name, "Main store");
    assert_eq!(house.desk.rename_connection(&shop(), "harbour outlet").unwrap_err().field.as_deref(), Some("name"));
    assert!(house.desk.pause_connection(&shop(), true).unwrap().activity.sentence.contains("Paused"));
    let settings = |name: &str, value: serde_json::Value| BTreeMap::from([(name.to_owned(), value)]);
    let setting = quayside_connectors::platform("shopify").unwrap().declaration.settings[0].name;
    let view = house.desk.put_connection_settings(&shop(), &settings(setting, json!("2026-07"))).unwrap();
    assert_eq!(view.settings[setting], json!("2026-07"));
    assert!(house.desk.put_connection_settings(&shop(), &settings(setting, json!(null))).unwrap().settings.is_empty());
    assert_eq!(
        house.desk.put_connection_settings(&shop(), &settings("shoe_size", json!(1))).unwrap_err().field.as_deref(),
        Some("shoe_size")
    );
    assert_eq!(
        house.desk.rename_connection(&quayside_model::ConnectionId::new("gone"), "X").unwrap_err().code,
        TroubleCode::Gone
    );
}
