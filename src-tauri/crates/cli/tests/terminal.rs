//! The real binary with the real keychain, as somebody would use it in a shell.
//!
//! Needs a keychain that answers: `scripts/with-desktop cargo nextest run -p quayside-cli`.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn cli(profile: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quayside-cli"));
    command.arg("--profile").arg(profile).arg("--json").args(line);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.trim())
        .unwrap_or_else(|_| panic!("not one document: {text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

fn run(profile: &Path, line: &[&str]) -> Value {
    let output = cli(profile, line).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{line:?}: {} {}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    json(&output)
}

fn has_keychain() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let output = cli(folder.path(), &["connections"]).output().unwrap();
    if output.status.code() == Some(5) {
        // `scripts/with-desktop` brought one up: then this is a failure, not a place without.
        assert!(
            std::env::var_os("QUAYSIDE_DESKTOP").is_none(),
            "the desktop's keychain is not found: {}",
            json(&output)
        );
        eprintln!("SKIPPED: no keychain answers here; run under scripts/with-desktop to try the real one.");
        return false;
    }
    true
}

/// A process that does not outlive the test, however it ends.
struct Kept(Option<Child>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Asks a process to end and waits for it; it must not need to be killed.
fn end(mut kept: Kept, signal: &str) -> Output {
    let mut child = kept.0.take().unwrap();
    let sent = Command::new("kill").arg(signal).arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    let until = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "still there 30 s after {signal}");
        std::thread::sleep(Duration::from_millis(50));
    }
    child.wait_with_output().unwrap()
}

fn wait_for(file: &Path) {
    let until = Instant::now() + Duration::from_mins(1);
    while !file.exists() {
        assert!(Instant::now() < until, "{} was not written in 60 s", file.display());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn without_a_keychain_it_says_what_to_type() {
    let folder = tempfile::tempdir().unwrap();
    let output = cli(folder.path(), &["orders"])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("XDG_RUNTIME_DIR", folder.path())
        .output()
        .unwrap();
    if cfg!(target_os = "linux") {
        let error = json(&output)["error"].clone();
        assert_eq!((output.status.code(), error["code"].as_str()), (Some(5), Some("keychain")), "{error}");
        let sentence = error["sentence"].as_str().unwrap();
        assert!(sentence.contains("apt install gnome-keyring") && sentence.contains("never in a file"), "{sentence}");
        let files: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        assert!(!files.iter().any(|name| name.contains("key") || name == "quayside.db"), "{files:?}");
    }
}

/// `orders` on a desktop of its own, made with `option`; `None` (told aloud) where there is nothing to make one of.
fn on_a_desktop(option: &str) -> Option<(Output, Duration)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../scripts/with-desktop");
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let child = Command::new(&script)
        .args([option, "--without-notifications", env!("CARGO_BIN_EXE_quayside-cli"), "--profile"])
        .arg(folder.path().join("desk"))
        .args(["--json", "orders"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Killed if it hangs: a person would have given up by then, too.
    let mut kept = Kept(Some(child));
    while kept.0.as_mut().unwrap().try_wait().unwrap().is_none() {
        assert!(began.elapsed() < Duration::from_mins(3), "still waiting for the keychain after 3 minutes");
        std::thread::sleep(Duration::from_millis(100));
    }
    let output = kept.0.take().unwrap().wait_with_output().unwrap();
    if output.status.code() == Some(69) {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(std::env::var_os("QUAYSIDE_DESKTOP").is_none(), "no second desktop beside the first: {why}");
        eprintln!("SKIPPED: no desktop can be made here: {why}");
        return None;
    }
    Some((output, began.elapsed()))
}

#[test]
fn a_really_locked_keychain_is_told_in_time() {
    let Some((output, took)) = on_a_desktop("--locked-keychain") else { return };
    let error = json(&output)["error"].clone();
    assert_eq!((output.status.code(), error["code"].as_str()), (Some(5), Some("keychain")), "{error}");
    let sentence = error["sentence"].as_str().unwrap();
    assert!(sentence.contains("Could not") && sentence.contains("Nothing was changed"), "{sentence}");
    assert!(sentence.contains("nlock") || sentence.contains("Passwords and Keys"), "{sentence}");
    assert!(took < Duration::from_mins(2), "{took:?}: {sentence}");
}

#[test]
fn a_desktop_without_a_keychain_is_told_at_once() {
    let Some((output, took)) = on_a_desktop("--without-keychain") else { return };
    let error = json(&output)["error"].clone();
    assert_eq!((output.status.code(), error["code"].as_str()), (Some(5), Some("keychain")), "{error}");
    let sentence = error["sentence"].as_str().unwrap();
    assert!(sentence.contains("apt install gnome-keyring") && sentence.contains("never in a file"), "{sentence}");
    assert!(took < Duration::from_mins(1), "{took:?}");
}

#[test]
fn a_day_at_the_terminal() {
    if !has_keychain() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("desk");
    let ports_file = folder.path().join("ports.json");
    let sandbox = Kept(Some(
        cli(
            &profile,
            &["sandbox", "serve", "--history", "12", "--faults", "none", "--port-file", ports_file.to_str().unwrap()],
        )
        .spawn()
        .unwrap(),
    ));
    wait_for(&ports_file);
    let ports: Value = serde_json::from_str(&std::fs::read_to_string(&ports_file).unwrap()).unwrap();
    let mut secrets = Vec::new();
    for account in ports["accounts"].as_array().unwrap() {
        let (platform, title) = (account["platform"].as_str().unwrap(), account["title"].as_str().unwrap());
        let mut child = cli(
            &profile,
            &[
                "connect",
                platform,
                "--name",
                title,
                "--base-url",
                account["base_url"].as_str().unwrap(),
                "--secrets-from",
                "-",
            ],
        )
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
        child.stdin.take().unwrap().write_all(account["fields"].to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{} {}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(json(&output)["connection"]["name"], title);
        secrets.extend(
            account["fields"]
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, _)| name.contains("secret") || name.contains("token"))
                .map(|(_, value)| value.as_str().unwrap().to_owned()),
        );
    }
    run(&profile, &["go-live", "--from", "all"]);
    // Somebody buys every half minute, day and night: the first change is not far away.
    let until = Instant::now() + Duration::from_mins(3);
    loop {
        let synced = run(&profile, &["sync", "--until-idle", "--timeout", "120"]);
        if synced["sync"]["effects"]["done"].as_u64().unwrap() > 0 {
            break;
        }
        assert!(Instant::now() < until, "nothing was sent in three minutes: {synced}");
        std::thread::sleep(Duration::from_secs(3));
    }
    let orders = run(&profile, &["orders", "--view", "all"]);
    let numbers: Vec<&str> =
        orders["orders"].as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect();
    assert!(numbers.len() >= 6, "{orders}");
    assert_eq!(run(&profile, &["doctor"])["healthy"], true);

    // The headless agent ends in order when asked, and the profile is free.
    let agent = Kept(Some(cli(&profile, &["sync", "--follow"]).spawn().unwrap()));
    std::thread::sleep(Duration::from_secs(2));
    let ended = end(agent, "-TERM");
    assert_eq!(
        (ended.status.code(), json(&ended)["sync"]["end"].as_str().map(str::to_owned)),
        (Some(0), Some("interrupted".to_owned()))
    );
    run(&profile, &["connections"]);

    // Nothing of it lies around: neither in the profile's files nor in the logs.
    let served = end(sandbox, "-INT");
    assert_eq!(served.status.code(), Some(0), "{}", String::from_utf8_lossy(&served.stderr));
    assert!(json(&served)["sandbox"]["effects"].as_u64().unwrap() > 0);
    assert!(!secrets.is_empty());
    let mut looked = 0;
    for file in files(&profile) {
        let bytes = std::fs::read(&file).unwrap();
        looked += 1;
        for secret in &secrets {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{} holds a secret",
                file.display()
            );
        }
    }
    assert!(looked >= 3, "database, id and logs");

    // Forgotten means forgotten.
    for account in run(&profile, &["connections"])["connections"].as_array().unwrap() {
        run(&profile, &["disconnect", account["id"].as_str().unwrap()]);
    }
    assert_eq!(run(&profile, &["connections"])["connections"].as_array().unwrap().len(), 0);
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        if entry.path().is_dir() {
            out.extend(files(&entry.path()));
        } else {
            out.push(entry.path());
        }
    }
    out
}

/// At a terminal the program asks, and what is typed appears nowhere.
#[test]
fn a_secret_that_is_typed_is_asked_for_and_not_shown() {
    use std::io::Read as _;
    if !has_keychain() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "{} --profile {} connect shopify --secrets-from - --base-url http://127.0.0.1:9",
        env!("CARGO_BIN_EXE_quayside-cli"),
        folder.path().join("desk").display()
    );
    let spawned = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(child) = spawned else {
        eprintln!("SKIPPED: no `script` here, so nothing can be typed at a terminal");
        return;
    };
    let mut kept = Kept(Some(child));
    let child = kept.0.as_mut().unwrap();
    let (mut typing, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (send, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut seen, mut piece) = (Vec::new(), [0; 512]);
        while let Ok(n) = screen.read(&mut piece)
            && n > 0
        {
            seen.extend_from_slice(&piece[..n]);
            if send.send(String::from_utf8_lossy(&seen).into_owned()).is_err() {
                return;
            }
        }
    });
    let mut seen = String::new();
    while !seen.contains("not shown") {
        seen = told.recv_timeout(Duration::from_mins(1)).expect("it asks");
    }
    // The question stands before the echo is off for certain: a person is not quicker than this.
    std::thread::sleep(Duration::from_millis(500));
    typing.write_all(b"{\"access_token\": \"shpat_canary\"}\n").unwrap();
    while let Ok(more) = told.recv_timeout(Duration::from_mins(1)) {
        seen = more;
    }
    assert!(seen.contains("Nothing answers at http://127.0.0.1:9"), "it was read: {seen}");
    assert!(!seen.contains("canary"), "{seen}");
}
