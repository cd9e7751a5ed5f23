//! The desk on disk: keys, locks, damage, backup and restore.

use crate::house::{Hand, NOW, Silence};
use quayside_api::desk::{Desk, OpenDesk, Role};
use quayside_api::keychain::{Keychain as _, MemoryKeychain};
use quayside_api::profile::Profile;
use quayside_api::view::{DeskState, Mend, Settings, TroubleCode, WayOut};
use std::path::Path;
use std::sync::Arc;

/// Stopped in order when a test is over: no thread works with the database while the process ends under it.
struct Kept(Desk);

impl std::ops::Deref for Kept {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.stop();
    }
}

struct Disk {
    folder: tempfile::TempDir,
    keychain: Arc<MemoryKeychain>,
    clock: Arc<Hand>,
}

impl Disk {
    fn new() -> Self {
        let clock = Arc::new(Hand::default());
        clock.set(NOW);
        Self { folder: tempfile::tempdir().unwrap(), keychain: Arc::default(), clock }
    }
    fn setup(&self, role: Role) -> OpenDesk {
        let profile = Profile::at(self.folder.path()).unwrap();
        OpenDesk { role, ..OpenDesk::new(profile, self.keychain.clone(), Arc::new(Silence), self.clock.clone()) }
    }
    fn open(&self, role: Role) -> Kept {
        Kept(Desk::open(self.setup(role)).unwrap())
    }
    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("quayside.db")
    }
    fn state(&self) -> (Kept, DeskState) {
        let desk = Kept(Desk::new(Arc::new(|_| {})));
        let _ = desk.start(self.setup(Role::Quiet));
        let state = desk.desk_state();
        (desk, state)
    }
}

fn theme(desk: &Desk) -> String {
    desk.settings().unwrap().theme
}

fn paint(desk: &Desk, theme: &str) {
    desk.put_settings(Settings { theme: theme.into(), ..desk.settings().unwrap() }).unwrap();
}

fn spoil(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 4096.min(middle)] {
        *byte ^= 0x5a;
    }
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn a_first_start_makes_a_key_and_an_encrypted_file() {
    let disk = Disk::new();
    let desk = disk.open(Role::Quiet);
    assert!(matches!(desk.desk_state(), DeskState::Ready { first_run: true, sandbox: false, .. }));
    paint(&desk, "dark");
    desk.stop();
    assert!(disk.keychain.database_key().unwrap().is_some());
    let bytes = std::fs::read(disk.database()).unwrap();
    assert!(!bytes.starts_with(b"SQLite format 3"), "the file is not encrypted");
    assert_eq!(theme(&disk.open(Role::Quiet)), "dark");
}

#[test]
fn a_second_process_is_told_who_holds_the_profile_and_may_look_on() {
    let disk = Disk::new();
    let first = disk.open(Role::Quiet);
    paint(&first, "dark");
    let trouble = Desk::open(disk.setup(Role::Quiet)).map(|_| ()).unwrap_err();
    assert_eq!(trouble.code, TroubleCode::HeldElsewhere);
    assert!(trouble.sentence.contains(&format!("process {}", std::process::id())), "{trouble}");
    let second = disk.open(Role::Attach);
    assert_eq!(theme(&second), "dark");
    assert_eq!(second.put_settings(Settings::default()).unwrap_err().code, TroubleCode::HeldElsewhere);
    paint(&first, "light");
    assert_eq!(theme(&second), "light", "who looks on sees what the other does");
    first.stop();
    second.stop();
    disk.open(Role::Quiet).stop();
}

#[test]
fn a_closed_keychain_is_a_state_that_passes() {
    let disk = Disk::new();
    disk.open(Role::Quiet).stop();
    disk.keychain.lock(true);
    let (desk, state) = disk.state();
    let DeskState::Broken { trouble, ways_out } = state else { panic!("{state:?}") };
    assert_eq!(
        (trouble.code, ways_out),
        (TroubleCode::Keychain, vec![WayOut::TryAgain]),
        "starting fresh would throw the database away"
    );
    assert!(desk.open_fresh().unwrap_err().sentence.contains("nothing was set aside"));
    assert_eq!(desk.counts().unwrap_err().code, TroubleCode::Keychain);
    disk.keychain.lock(false);
    desk.try_again().unwrap();
    assert!(matches!(desk.desk_state(), DeskState::Ready { .. }));
}

#[test]
fn a_database_without_its_key_can_be_set_aside() {
    let disk = Disk::new();
    disk.open(Role::Quiet).stop();
    let other = Disk { folder: disk.folder, keychain: Arc::default(), clock: disk.clock };
    let (desk, state) = other.state();
    let DeskState::Broken { trouble, ways_out } = state else { panic!("{state:?}") };
    assert!(trouble.sentence.contains("holds no key for it"), "{trouble}");
    assert!(ways_out.contains(&WayOut::StartFresh) && ways_out.contains(&WayOut::Restore));
    desk.open_fresh().unwrap();
    assert!(matches!(desk.desk_state(), DeskState::Ready { first_run: true, .. }));
    let kept = std::fs::read_dir(other.folder.path())
        .unwrap()
        .filter_map(Result::ok)
        .any(|entry| entry.file_name().to_string_lossy().contains(".damaged-"));
    assert!(kept, "the old file is kept");
}

#[test]
fn a_damaged_database_is_told_and_can_be_left_behind() {
    let disk = Disk::new();
    let desk = disk.open(Role::Quiet);
    paint(&desk, "dark");
    desk.stop();
    drop(desk);
    spoil(&disk.database());
    let (desk, state) = disk.state();
    let DeskState::Broken { trouble, ways_out } = state else { panic!("{state:?}") };
    assert!(trouble.code == TroubleCode::Storage && trouble.sentence.contains("Nothing was changed"), "{trouble}");
    assert!(ways_out.contains(&WayOut::StartFresh));
    desk.open_fresh().unwrap();
    assert_eq!(theme(&desk), "system");
}

#[test]
fn a_backup_comes_back_on_another_computer() {
    let disk = Disk::new();
    let file = disk.folder.path().join("desk.quayside");
    let desk = disk.open(Role::Quiet);
    paint(&desk, "dark");
    desk.backup(&file, "correct horse battery").unwrap();
    assert!(desk.backup(&file, "correct horse battery").unwrap_err().sentence.contains("exists already"));
    assert_eq!(desk.backup(&file.with_extension("2"), "short").unwrap_err().code, TroubleCode::Input);
    paint(&desk, "light");

    // Back on the same desk, while it is open: the later state is kept beside it.
    let kept = desk.restore(&file, "correct horse battery").unwrap();
    assert!(kept.is_some_and(|kept| kept.exists()));
    assert_eq!(theme(&desk), "dark");

    let trouble = desk.restore(&file, "wrong horse battery").unwrap_err();
    assert_eq!((trouble.code, trouble.field.as_deref()), (TroubleCode::Input, Some("pass_phrase")));
    assert_eq!(theme(&desk), "dark", "a wrong pass phrase ends nobody's work");
    assert_eq!(desk.restore(Path::new("/nowhere/x"), "x").unwrap_err().field.as_deref(), Some("path"));

    let elsewhere = Disk::new();
    let other = elsewhere.open(Role::Quiet);
    other.restore(&file, "correct horse battery").unwrap();
    assert_eq!(theme(&other), "dark");
}

#[test]
fn a_desk_that_does_not_open_is_restored() {
    let disk = Disk::new();
    let file = disk.folder.path().join("desk.quayside");
    let desk = disk.open(Role::Quiet);
    paint(&desk, "dark");
    desk.backup(&file, "correct horse battery").unwrap();
    desk.stop();
    drop(desk);
    spoil(&disk.database());
    let (desk, _) = disk.state();
    desk.restore(&file, "correct horse battery").unwrap();
    assert_eq!(theme(&desk), "dark");
}

#[tokio::test]
async fn the_doctor_looks_at_everything() {
    let disk = Disk::new();
    let desk = disk.open(Role::Quiet);
    let found = desk.doctor().await.unwrap();
    let titles: Vec<&str> = found.iter().map(|line| line.title.as_str()).collect();
    assert_eq!(titles, ["Version", "Keychain", "Profile", "Database", "Trail", "Clock", "Accounts", "Outbox"]);
    assert!(found.iter().all(|line| line.state != quayside_model::CheckState::Missing), "{found:?}");
    // A folder that others can open, and a copy from before an update: both can be mended here and now.
    let copy = disk.folder.path().join("quayside.db.schema-3");
    std::fs::write(&copy, b"as it was").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(disk.folder.path(), std::fs::Permissions::from_mode(0o750)).unwrap();
    }
    let offered: Vec<Mend> = desk.doctor().await.unwrap().into_iter().filter_map(|line| line.mend).collect();
    let expected = if cfg!(unix) { vec![Mend::CloseFolder, Mend::ForgetCopies] } else { vec![Mend::ForgetCopies] };
    assert_eq!(offered, expected);
    for mend in &offered {
        desk.mend(mend).unwrap();
    }
    assert!(!copy.exists() && disk.database().exists());
    assert!(desk.doctor().await.unwrap().iter().all(|line| line.mend.is_none()));
    disk.keychain.lock(true);
    let found = desk.doctor().await.unwrap();
    assert_eq!(found.iter().find(|line| line.title == "Keychain").unwrap().state, quayside_model::CheckState::Missing);
    let closed = quayside_api::doctor::closed(&disk.setup(Role::Quiet), "It does not open.");
    assert!(closed.iter().any(|line| line.detail == "It does not open."));
}
