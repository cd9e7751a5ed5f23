//! Credentials of connected accounts: replaced in part, moved to another way, tested again; and whose they are.

use crate::connections::Stage;
use crate::house::{Hand, House, NOW, Silence};
use quayside_api::desk::{Desk, OpenDesk, Role};
use quayside_api::keychain::MemoryKeychain;
use quayside_api::profile::Profile;
use quayside_api::view::{ConnectionDraft, ConnectionView, DeskState, TroubleCode};
use quayside_connectors::{Wire, WireError};
use quayside_engine::SecretStore as _;
use quayside_model::{ConnectionId, ExposeSecret as _};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::{SandboxPlan, extras_of};
use quayside_store::Store;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HUB: &str = "harbour-shipping";

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The shipping account, signed in one way, with only the fields of that way.
async fn connect(house: &House, stage: &Stage, way: &str) -> ConnectionView {
    let draft = stage.draft(HUB);
    let platform = quayside_connectors::platform(&draft.platform).unwrap();
    let wanted = platform.declaration.ways.iter().find(|one| one.id == way).unwrap().fields;
    let fields = draft.fields.clone().into_iter().filter(|(name, _)| wanted.iter().any(|field| field.name == name));
    house.desk.connect(ConnectionDraft { way: way.into(), fields: fields.collect(), ..draft }).await.unwrap()
}

fn kept(house: &House, id: &ConnectionId) -> BTreeMap<String, String> {
    let secrets = house.keychain.secrets(id).unwrap();
    secrets.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect()
}

fn now(house: &House, id: &ConnectionId) -> ConnectionView {
    house.desk.connections().unwrap().into_iter().find(|view| view.id == *id).unwrap()
}

#[tokio::test]
async fn one_key_is_renewed_without_typing_the_others() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let hub = connect(&house, &stage, "both").await;
    let before = kept(&house, &hub.id);
    // As the window sends it: what was left empty is sent empty.
    let typed = fields(&[("key", ""), ("secret", " "), ("v2_key", &before["v2_key"])]);
    let result = house.desk.rotate(hub.id.clone(), "both".into(), typed).await.unwrap();
    assert!(result.ok, "{result:?}");
    assert_eq!(kept(&house, &hub.id), before);
    // One that is wrong is told, and nothing is kept of it.
    let result =
        house.desk.rotate(hub.id.clone(), String::new(), fields(&[("secret", "wrongwrongwrong")])).await.unwrap();
    assert!(result.checks.iter().any(|check| check.detail.contains("V1 key pair is not accepted")), "{result:?}");
    assert!(
        !result.ok && result.problems[0].1.contains("would lose what the old ones still allow: Sign in to V1"),
        "{result:?}"
    );
    assert_eq!(kept(&house, &hub.id), before);
}

#[tokio::test]
async fn a_second_key_is_added_to_an_account_that_had_one() {
    for (before, added) in [("v1", &["v2_key"][..]), ("v2", &["key", "secret"][..])] {
        for way in ["both", ""] {
            let stage = Stage::new();
            let house = House::empty(stage.clone());
            let hub = connect(&house, &stage, before).await;
            let all = stage.draft(HUB).fields;
            let typed = added.iter().map(|name| ((*name).to_owned(), all[*name].clone())).collect();
            let result = house.desk.rotate(hub.id.clone(), way.into(), typed).await.unwrap();
            assert!(result.ok, "{before} {way}: {result:?}");
            let view = now(&house, &hub.id);
            assert_eq!((view.way.as_str(), view.abilities.join(" ").as_str()), ("both", "v1 v2"), "{before} {way}");
            assert_eq!(kept(&house, &hub.id).len(), 3);
            // The stronger name of the account is its name from now on: it cannot be connected a second time.
            let again = ConnectionDraft { name: "Again".into(), ..stage.draft(HUB) };
            let trouble = house.desk.connect(again).await.unwrap_err();
            assert!(trouble.sentence.contains("connected already"), "{before} {way}: {trouble}");
        }
    }
}

#[tokio::test]
async fn another_account_stays_another() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let hub = connect(&house, &stage, "both").await;
    let mut other = house.store.read(|r| r.connection(&hub.id)).unwrap().unwrap();
    other.account.remote_id = "store:1".into();
    other.account.facts.insert(quayside_model::FACT_IDENTITIES.into(), "store:1 carrier:se-none key:none".into());
    house.store.write(|tx| tx.put_connection(&other)).unwrap();
    let key = kept(&house, &hub.id)["v2_key"].clone();
    let result = house.desk.rotate(hub.id.clone(), String::new(), fields(&[("v2_key", &key)])).await.unwrap();
    assert!(!result.ok && result.problems[0].1.contains("another account"), "{result:?}");
    // An account that was known by its key only may have a new one.
    other.account.remote_id = "key:none".into();
    other.account.facts.insert(quayside_model::FACT_IDENTITIES.into(), "key:none".into());
    house.store.write(|tx| tx.put_connection(&other)).unwrap();
    let result = house.desk.rotate(hub.id.clone(), String::new(), fields(&[("v2_key", &key)])).await.unwrap();
    assert!(result.ok, "{result:?}");
    let account = house.store.read(|r| r.connection(&hub.id)).unwrap().unwrap().account;
    assert!(account.remote_id.starts_with("store:"), "{account:?}");
}

#[tokio::test]
async fn an_optional_field_can_be_cleared_and_stays_when_it_is_not_given() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let hub = connect(&house, &stage, "both").await;
    let rotate = |typed: &[(&str, &str)]| house.desk.rotate(hub.id.clone(), String::new(), fields(typed));
    assert!(rotate(&[("expires_on", "2027-03-31")]).await.unwrap().ok);
    assert_eq!(now(&house, &hub.id).fields["expires_on"], "2027-03-31");
    let key = kept(&house, &hub.id)["key"].clone();
    assert!(rotate(&[("key", &key)]).await.unwrap().ok);
    assert_eq!(now(&house, &hub.id).fields["expires_on"], "2027-03-31");
    assert!(rotate(&[("expires_on", "")]).await.unwrap().ok);
    assert_eq!(now(&house, &hub.id).fields.get("expires_on"), None);
}

/// A seller's account whose secret ended long ago by what was written down, and its new secret.
async fn with_an_old_secret(stage: &Arc<Stage>, house: &House) -> (ConnectionView, String) {
    let view = house.desk.connect(stage.draft("harbour-amazon")).await.unwrap();
    let day = fields(&[("secret_made_on", "2026-04-11")]);
    assert!(house.desk.rotate(view.id.clone(), String::new(), day).await.unwrap().ok);
    let fresh = "amzn1.oa2-cs.v1.0123456701234567012345670123456701234567";
    accepts(stage, fresh);
    (view, fresh.to_owned())
}

/// From now on the seller's account opens with this secret.
fn accepts(stage: &Stage, secret: &str) {
    stage.people(|scene| {
        let mut seller = scene.shops.iter_mut().find_map(|shop| {
            let any: &mut dyn std::any::Any = &mut **shop;
            any.downcast_mut::<Amazon>()
        });
        secret.clone_into(&mut seller.as_mut().unwrap().plan_mut().client_secret);
    });
}

fn sellers() -> Arc<Stage> {
    Stage::of(SandboxPlan { extras: extras_of(&["amazon"]), ..SandboxPlan::quiet(7, NOW) })
}

/// A field of the platform's form says that a day belongs to a secret.
#[tokio::test]
async fn a_new_secret_does_not_keep_the_day_of_the_old_one() {
    for (name, typed, day, says_so) in [
        ("the secret alone", &[][..], "2026-11-20", true),
        ("as the window sends an emptied day", &[("secret_made_on", " ")][..], "2026-11-20", true),
        ("with its day", &[("secret_made_on", "19.11.2026")][..], "2026-11-19", false),
    ] {
        let stage = sellers();
        let house = House::empty(stage.clone());
        let (seller, fresh) = with_an_old_secret(&stage, &house).await;
        let ended = now(&house, &seller.id).expiry.unwrap();
        assert_eq!(ended.days, 0, "{name}: {ended:?}");
        let given = [&[("client_secret", fresh.as_str())][..], typed].concat();
        let result = house.desk.rotate(seller.id.clone(), String::new(), fields(&given)).await.unwrap();
        assert!(result.ok, "{name}: {result:?}");
        let view = now(&house, &seller.id);
        assert_eq!(view.fields["secret_made_on"], day, "{name}");
        assert!(view.expiry.unwrap().days > 170, "{name}: the clock runs anew");
        assert_eq!(kept(&house, &seller.id)["client_secret"], fresh);
        let told = result.checks.iter().filter(|check| check.title == "Client secret made on");
        let told: Vec<&str> = told.map(|check| check.detail.as_str()).collect();
        assert_eq!(told.len(), usize::from(says_so), "{name}: {told:?}");
        assert!(told.iter().all(|one| one.contains("today is taken (2026-11-20)") && one.contains("2026-04-11")));
    }
}

#[tokio::test]
async fn the_day_of_a_secret_stays_while_the_secret_does() {
    let stage = sellers();
    let house = House::empty(stage.clone());
    let (seller, _) = with_an_old_secret(&stage, &house).await;
    let before = stage.draft("harbour-amazon").fields;
    accepts(&stage, &before["client_secret"]);
    for same in ["refresh_token", "client_secret"] {
        let typed = fields(&[(same, &before[same])]);
        let result = house.desk.rotate(seller.id.clone(), String::new(), typed).await.unwrap();
        assert!(result.ok && result.checks.iter().all(|check| check.title != "Client secret made on"), "{result:?}");
        assert_eq!(now(&house, &seller.id).fields["secret_made_on"], "2026-04-11", "{same}");
    }
}

#[tokio::test]
async fn a_closed_keychain_is_told_as_that() {
    let stage = Stage::new();
    let house = House::empty(stage.clone());
    let hub = connect(&house, &stage, "both").await;
    let key = kept(&house, &hub.id)["v2_key"].clone();
    house.keychain.lock(true);
    let typed = fields(&[("v2_key", &key)]);
    let trouble = house.desk.rotate(hub.id.clone(), String::new(), typed.clone()).await.unwrap_err();
    assert!(trouble.code == TroubleCode::Keychain && trouble.sentence.contains("nlock"), "{trouble}");
    house.keychain.lock(false);
    // An entry that is gone is what new credentials mend, given whole.
    house.keychain.forget_secrets(&hub.id).unwrap();
    let result = house.desk.rotate(hub.id.clone(), String::new(), typed).await.unwrap();
    assert!(!result.ok && result.problems.iter().any(|(field, _)| field == "key"), "{result:?}");
    let result = house.desk.rotate(hub.id.clone(), String::new(), stage.draft(HUB).fields).await.unwrap();
    assert!(result.ok, "{result:?}");
}

/// Somebody changes an account while a test of it waits for the network.
struct Meddler {
    stage: Arc<Stage>,
    store: Mutex<Option<Store>>,
}

#[async_trait::async_trait]
impl Wire for Meddler {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let store = self.store.lock().unwrap().clone();
        if let Some(store) = store {
            let mut config = store.read(|r| r.connections()).unwrap().remove(0);
            config.name = "Renamed meanwhile".into();
            config.paused = true;
            store.write(|tx| tx.put_connection(&config)).unwrap();
        }
        self.stage.send(request, timeout).await
    }
}

#[tokio::test]
async fn what_is_changed_while_credentials_are_tested_is_kept() {
    let stage = Stage::new();
    let wire = Arc::new(Meddler { stage: stage.clone(), store: Mutex::default() });
    let house = House::empty(wire.clone());
    let hub = connect(&house, &stage, "both").await;
    for rotated in [false, true] {
        let mut config = house.store.read(|r| r.connection(&hub.id)).unwrap().unwrap();
        (config.name, config.paused) = ("Hub".into(), false);
        house.store.write(|tx| tx.put_connection(&config)).unwrap();
        *wire.store.lock().unwrap() = Some(house.store.clone());
        let result = if rotated {
            house.desk.rotate(hub.id.clone(), String::new(), fields(&[("expires_on", "2027-03-31")])).await.unwrap()
        } else {
            house.desk.test_saved(hub.id.clone()).await.unwrap()
        };
        *wire.store.lock().unwrap() = None;
        assert!(result.ok, "{result:?}");
        let config = house.store.read(|r| r.connection(&hub.id)).unwrap().unwrap();
        assert_eq!((config.name.as_str(), config.paused), ("Renamed meanwhile", true), "rotated: {rotated}");
    }
}

#[test]
fn the_sandbox_takes_the_place_of_no_real_account() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let setup = OpenDesk::new(
        Profile::at(folder.path()).unwrap(),
        Arc::new(MemoryKeychain::default()),
        Arc::new(Silence),
        Arc::new(Hand::default()),
    );
    let desk = Desk::new(Arc::new(|_| {}));
    let sandbox = |store: Store| OpenDesk { sandbox: true, role: Role::Quiet, store: Some(store), ..setup.clone() };
    let before = house.store.read(|r| r.connections()).unwrap();
    let trouble = desk.start(sandbox(house.store.clone())).unwrap_err();
    assert!(trouble.sentence.contains("holds real accounts (Harbour Goods, Harbour Outlet"), "{trouble}");
    assert!(trouble.sentence.contains("another folder"), "{trouble}");
    assert!(matches!(desk.desk_state(), DeskState::Broken { .. }));
    assert_eq!(house.store.read(|r| r.connections()).unwrap(), before, "nothing was removed");
    // Stand-ins of an earlier start are no reason to refuse.
    for mut config in before {
        config.base_url = Some("http://127.0.0.1:9".into());
        house.store.write(|tx| tx.put_connection(&config)).unwrap();
    }
    desk.start(sandbox(house.store.clone())).unwrap();
}
