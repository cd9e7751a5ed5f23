//! Bad surroundings: a wrong clock, a folder nobody may write to, a change in the middle of a write. Each ends in a
//! sentence worth reading, and nothing is lost.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Terminal, merchant_at, now_ms};
use quayside_sandbox::Moment;
use quayside_sandbox::ledger::By;
use quayside_sandbox::server::Running;
use quayside_sandbox::shopify::state::Address;
use std::process::Command;
use std::time::{Duration, Instant};

const DAY_MS: i64 = 86_400_000;

fn created(running: &Running) -> usize {
    running.with(|sandbox| {
        let entries = sandbox.ledger.entries.iter();
        entries.filter(|entry| entry.effect == "order_created" && entry.by == By::Client).count()
    })
}

/// The platforms live a day earlier or later than this computer: everything is still read and sent, once, and
/// somebody is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_wrong_by_a_day_is_told_and_loses_nothing() {
    for (off_ms, words) in [(DAY_MS, "behind"), (-DAY_MS, "ahead of")] {
        let running = merchant_at(now_ms() + off_ms, (1, 1)).await;
        let terminal = Terminal::new();
        terminal.connect(&running).await;
        terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
        terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
        assert_eq!(created(&running), 12, "{words}");
        let exceptions = terminal.json(&["exceptions"]).await.fine().to_string();
        let told = format!("This computer's clock is about 24 hours {words}");
        assert!(exceptions.contains(&told), "{exceptions}");
        terminal.json(&["sync", "--until-idle", "--timeout", "200"]).await.json();
        assert_eq!(created(&running), 12, "{words}: sent again");
        running.shut_down();
    }
}

/// The address changes while the order is on its way to the hub: the hub ends with the new one, in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_edited_while_being_pushed_ends_as_it_was_edited() {
    let running = merchant_at(now_ms(), (400, 400)).await;
    let terminal = Terminal::new();
    terminal.connect(&running).await;
    terminal.json(&["go-live", "--mode", "auto", "--from", "all"]).await.fine();
    let line = ["sync", "--until-idle", "--timeout", "200"];
    let first = terminal.json(&line);
    let edit = async {
        let until = Instant::now() + Duration::from_secs(100);
        while created(&running) == 0 {
            assert!(Instant::now() < until, "nothing was ever sent");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The hub has applied it; its answer is still on the way.
        running.with(|sandbox| {
            sandbox.scene(|scene| {
                let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
                for store in scene.stores.iter_mut() {
                    for order in store.state().orders().iter().map(|order| order.id).collect::<Vec<_>>() {
                        let street = Address {
                            first_name: "Ingrid".into(),
                            last_name: "Sørensen".into(),
                            address1: "Nordnesgaten 99".into(),
                            city: "Bergen".into(),
                            zip: "5005".into(),
                            country: "Norway".into(),
                            country_code: "NO".into(),
                            ..Address::default()
                        };
                        store.change_address(order, street, &mut moment);
                    }
                }
            });
        });
    };
    let (_, ()) = tokio::join!(first, edit);
    terminal.json(&line).await.fine();
    terminal.json(&line).await.fine();
    assert_eq!(created(&running), 12);
    let streets: Vec<String> = running.with(|sandbox| {
        let orders = sandbox.hubs[0].state.orders.values().filter(|order| !order.key.is_empty());
        orders.map(|order| order.body.ship_to.street1.clone()).collect()
    });
    assert_eq!(streets, vec!["Nordnesgaten 99"; 12]);
}

/// The tests of a build server run as root, whom no permission stops: the program is then run as nobody.
#[test]
fn a_profile_folder_that_cannot_be_written_is_told_with_a_way_out() {
    let program = tempfile::Builder::new().prefix("quayside-anybody-").tempdir().unwrap();
    let cli = program.path().join("quayside-cli");
    std::fs::copy(env!("CARGO_BIN_EXE_quayside-cli"), &cli).unwrap();
    let folder = tempfile::Builder::new().prefix("quayside-readonly-").tempdir().unwrap();
    open_to_all(program.path(), 0o755);
    open_to_all(folder.path(), 0o555);
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&cli);
        command
    } else {
        Command::new(&cli)
    };
    let output = command
        .env("QUAYSIDE_KEYCHAIN", "none")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .current_dir("/")
        .args(["--profile"])
        .arg(folder.path().join("profile"))
        .args(["orders", "--json"])
        .output()
        .unwrap_or_else(|error| panic!("setpriv (util-linux) is needed to test this as root: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("Give yourself the right to write there"), "{said}");
    assert!(said.contains("--profile"), "a way out is named: {said}");
}

fn open_to_all(folder: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
}
