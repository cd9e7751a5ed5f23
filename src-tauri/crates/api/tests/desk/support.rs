//! When something is wrong: what the check-up offers to mend, what fell over, what goes into a support bundle.

use crate::house::{House, NOW, order, outlet, shop};
use quayside_api::view::{Diagnosis, Mend};
use quayside_connectors::Secrets;
use quayside_engine::SecretStore as _;
use quayside_model::{AccountFinding, AccountFindings, Cause, CheckState, Refusal};

async fn line(house: &House, title: &str) -> Option<Diagnosis> {
    house.desk.doctor().await.unwrap().into_iter().find(|line| line.title == title)
}

fn report(house: &House, moment: &str, place: &str) {
    let logs = house.folder.path().join("logs");
    std::fs::create_dir_all(&logs).unwrap();
    let text = format!("Quayside 1 on linux\nWhen:   2026-11-20T09:00:00Z\nWhere:  {place}\nThread: engine\n");
    std::fs::write(logs.join(format!("crash-{moment}-1.txt")), text).unwrap();
}

#[tokio::test]
async fn a_paused_account_is_resumed_from_the_check_up() {
    let house = House::new();
    house.keychain.put_secrets(&shop(), &Secrets::default()).unwrap();
    house.desk.pause_connection(&shop(), true).unwrap();
    let found = line(&house, "Account Harbour Goods").await.unwrap();
    assert_eq!(found.mend, Some(Mend::Resume { connection: shop() }));
    house.desk.mend(&found.mend.unwrap()).unwrap();
    assert_eq!(line(&house, "Account Harbour Goods").await.unwrap().mend, None);
    assert!(house.store.read(|r| r.connections()).unwrap().iter().all(|config| !config.paused));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_is_open_to_others_is_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let folder = house.folder.path();
    let mode = || std::fs::metadata(folder).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    // A store in memory has no folder to look at; the desk on disk is asked as `closed` asks it.
    house.desk.mend(&Mend::CloseFolder).unwrap();
    assert_eq!(mode(), 0o700);
}

#[tokio::test]
async fn what_fell_over_is_told_until_somebody_knows_and_again_when_it_happens_again() {
    let house = House::new();
    assert_eq!(house.desk.fallen().unwrap(), None);
    report(&house, "20261120T085900.000Z", "src/old.rs:1:1");
    report(&house, "20261120T090000.000Z", "src/lane.rs:17:3");
    let fallen = house.desk.fallen().unwrap().unwrap();
    assert_eq!((fallen.times, fallen.place.as_str(), fallen.at_ms), (2, "src/lane.rs:17:3", 1_795_165_200_000));
    assert!(fallen.report.contains("Thread: engine"));
    house.desk.fallen_known().unwrap();
    assert_eq!(house.desk.fallen().unwrap(), None);
    report(&house, "20261121T090000.000Z", "src/wire.rs:5:5");
    assert_eq!(house.desk.fallen().unwrap().unwrap().times, 1);
    let found = line(&house, "Crashes").await.unwrap();
    assert!(found.detail.contains("3 times") && found.mend == Some(Mend::ForgetCrashes), "{found:?}");
    house.desk.mend(&Mend::ForgetCrashes).unwrap();
    assert_eq!((line(&house, "Crashes").await, house.desk.fallen().unwrap()), (None, None));
}

#[tokio::test]
async fn a_wrong_clock_has_a_line_of_its_own() {
    let house = House::new();
    assert_eq!(line(&house, "Clock").await.unwrap().state, CheckState::Works);
    let refusal = Refusal::new(Cause::ClockWrong, "This computer's clock is 1 day behind.");
    house.store.write(|tx| tx.open_condition(&shop(), &refusal, 1)).unwrap();
    let found = line(&house, "Clock").await.unwrap();
    assert_eq!((found.state, found.detail.as_str()), (CheckState::Missing, "This computer's clock is 1 day behind."));
}

#[tokio::test]
async fn an_account_says_how_long_its_credentials_are_good_for() {
    let house = House::new();
    house.keychain.put_secrets(&shop(), &Secrets::default()).unwrap();
    let day_ms = 86_400_000;
    for (way, expires_at_ms, says, lasting) in [
        ("client_credentials", None, "Its credentials do not end by themselves.", "do not end by themselves"),
        ("client_credentials", Some(NOW + 200 * day_ms), "Its credentials are good until 2027-06-08.", ""),
        ("no_way", None, "Its credentials may end one day; the platform does not say whether or when.", ""),
    ] {
        let change = |tx: &mut quayside_store::Tx<'_>| {
            let mut config = tx.connection(&shop())?.unwrap();
            config.way = way.to_owned();
            config.account.expires_at_ms = expires_at_ms;
            tx.put_connection(&config)
        };
        house.store.write(change).unwrap();
        let found = line(&house, "Account Harbour Goods").await.unwrap();
        assert_eq!(found.state, CheckState::Works, "{found:?}");
        assert!(found.detail.ends_with(says), "{way}: {}", found.detail);
        let view = house.desk.connections().unwrap().into_iter().find(|view| view.id == shop()).unwrap();
        assert_eq!(view.lasting, lasting, "{way}");
    }
}

#[tokio::test]
async fn a_version_of_an_api_that_ends_is_told_and_else_the_versions_are() {
    let house = House::new();
    let found = line(&house, "APIs").await.unwrap();
    assert_eq!(found.state, CheckState::Works);
    assert!(found.detail.contains("Shopify Admin API 2026-07, served until 2027-07-01"), "{}", found.detail);
    let tell = |found: Vec<AccountFinding>| {
        let found = AccountFindings { cause: Cause::VersionEnds, found };
        house.store.write(|tx| tx.put_account_findings(&shop(), &found, 1)).unwrap();
    };
    tell(vec![AccountFinding { about: "served Admin API".into(), sentence: "Another version answered.".into() }]);
    let found = line(&house, "API of Harbour Goods").await.unwrap();
    assert_eq!((found.state, found.detail.as_str()), (CheckState::Limited, "Another version answered."));
    assert_eq!(line(&house, "APIs").await, None);
    tell(vec![]);
    assert_eq!(line(&house, "API of Harbour Goods").await, None);
}

#[tokio::test]
async fn a_bundle_helps_and_names_nobody() {
    let house = House::new();
    house.order(order(1));
    report(&house, "20261120T090000.000Z", "src/lane.rs:17:3");
    let logs = house.folder.path().join("logs");
    let line = |id: &str| format!("{{\"said\":\"a page of {id} was read\",\"connection\":\"{id}\"}}\n");
    std::fs::write(logs.join("quayside.log"), line("harbour-goods") + &line("harbour-outlet")).unwrap();
    // The log knows it longer than the desk does.
    house.desk.remove_connection(&outlet()).unwrap();
    let said = Refusal::new(Cause::SignInNeeded, "Harbour Goods no longer lets Quayside in.")
        .said("anna@example.org is not allowed");
    house.store.write(|tx| tx.open_condition(&shop(), &said, 1)).unwrap();
    let file = house.folder.path().join("help.txt");
    let saved = house.desk.save_bundle(&file).await.unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(saved.lines, text.lines().count() as i64);
    for helps in [
        "Quayside ",
        "== Check-up",
        "broken   Account shopify 1",
        "open: SignInNeeded",
        "1 orders, 1 open",
        "src/lane.rs:17:3",
        "a page of shopify 1 was read",
        "a page of a removed account was read",
        "keep_raw_days",
    ] {
        assert!(text.contains(helps), "{helps:?} is missing in {text}");
    }
    let buyer = order(1);
    let to = buyer.ship_to.unwrap();
    for never in [
        "Harbour Goods",
        "harbour-goods",
        "Harbour Outlet",
        "harbour-outlet",
        "anna@",
        "#1001",
        &to.name,
        &to.line1,
        &buyer.remote_id,
    ] {
        assert!(!text.contains(never), "{never:?} stands in {text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
