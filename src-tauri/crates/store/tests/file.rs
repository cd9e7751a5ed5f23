//! The file itself: keys, damage, versions, locks, modes, backup and restore.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

#[path = "support/past_the_store.rs"]
mod past_the_store;
mod support;

use past_the_store::past_the_store;
use quayside_model::*;
use quayside_store::*;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use support::*;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }
    fn file(&self) -> PathBuf {
        self.path("quayside.db")
    }
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    fn open(&self) -> Result<Store, OpenError> {
        Store::open(&self.file(), &key(7))
    }
    /// A closed database with `n` orders in it.
    fn filled(n: i64) -> Self {
        let place = Self::new();
        let store = place.open().unwrap();
        connect(&store);
        fill(&store, 1, n);
        place
    }
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(self.folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn fill(store: &Store, from: i64, to: i64) {
    for n in from..=to {
        sending(store, n, None);
    }
}

fn orders(store: &Store) -> u64 {
    store.read(|r| r.queue_counts(NOW, NOW)).unwrap().all
}

fn phrase(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[test]
fn what_was_written_is_there_after_opening_again() {
    let place = Place::filled(3);
    let store = place.open().unwrap();
    assert_eq!(orders(&store), 3);
    assert_eq!(store.file(), Some(place.file().as_path()));
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    store.tidy().unwrap();
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn readers_see_a_snapshot_while_a_write_is_open() {
    let place = Place::filled(1);
    let store = place.open().unwrap();
    store
        .write(|tx| {
            let id = enter(tx, &order(2));
            tx.put_decision(id, &order(2), &decision(Stage::ToSend), NOW)?;
            assert_eq!(tx.queue_counts(NOW, NOW)?.all, 2);
            assert_eq!(orders(&store), 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(orders(&store), 2);
    store
        .read(|r| {
            assert_eq!(r.queue_counts(NOW, NOW)?.all, 2);
            std::thread::scope(|scope| scope.spawn(|| fill(&store, 3, 5)).join()).unwrap();
            assert_eq!(r.queue_counts(NOW, NOW)?.all, 2);
            Ok(())
        })
        .unwrap();
    assert_eq!(orders(&store), 5);
}

#[test]
fn many_threads_share_few_readers() {
    let place = Place::filled(20);
    let store = place.open().unwrap();
    std::thread::scope(|scope| {
        for n in 0..12 {
            let store = store.clone();
            scope.spawn(move || {
                for round in 0..20 {
                    if n == 0 {
                        fill(&store, 21 + round, 21 + round);
                    }
                    assert!(orders(&store) >= 20);
                }
            });
        }
    });
    assert_eq!(orders(&store), 40);
}

#[test]
fn a_wrong_key_is_told_as_a_wrong_key() {
    let place = Place::filled(1);
    let error = Store::open(&place.file(), &key(8)).unwrap_err();
    assert!(matches!(error, OpenError::WrongKey { certain: true, .. }), "{error}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
    // Without the fingerprint beside it we cannot be certain.
    fs::remove_file(place.path("quayside.db.keycheck")).unwrap();
    assert!(matches!(Store::open(&place.file(), &key(8)), Err(OpenError::WrongKey { certain: false, .. })));
    // Nothing was harmed.
    assert_eq!(orders(&place.open().unwrap()), 1);
}

#[test]
fn damage_is_found_at_the_door_wherever_it_is() {
    let place = Place::filled(30);
    let whole = fs::read(place.file()).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 20);
    for page in [0, 1, 2, pages / 2, pages - 1] {
        let mut bytes = whole.clone();
        for byte in &mut bytes[page * 4096 + 1000..page * 4096 + 1016] {
            *byte ^= 0xff;
        }
        fs::write(place.file(), &bytes).unwrap();
        let error = place.open().unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "page {page}: {error}");
        assert!(error.to_string().contains("Restore a backup"), "{error}");
    }
    // Cut off, emptied of sense, or not encrypted at all.
    for bytes in [&whole[..whole.len() / 2 + 100], &b"not a database".repeat(1000)[..], b"SQLite format 3\0 and so on"]
    {
        fs::write(place.file(), bytes).unwrap();
        assert!(matches!(place.open(), Err(OpenError::Damaged { .. })));
    }
    fs::write(place.file(), &whole).unwrap();
    assert_eq!(orders(&place.open().unwrap()), 30);
}

#[test]
fn damage_under_a_running_store_is_told_as_damage() {
    let place = Place::filled(60);
    let store = place.open().unwrap();
    let mut bytes = fs::read(place.file()).unwrap();
    for page in 10..bytes.len() / 4096 {
        bytes[page * 4096 + 100] ^= 0xff;
    }
    let mut file = fs::OpenOptions::new().write(true).open(place.file()).unwrap();
    file.write_all(&bytes).unwrap();
    let error =
        (1..=60).find_map(|n| store.read(|r| r.record(&shop(), RecordKind::Order, &order(n).remote_id)).err()).unwrap();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert_ne!(store.integrity_check().ok(), Some(vec![]));
}

#[test]
fn a_damaged_file_is_set_aside_and_a_fresh_one_begins() {
    let place = Place::filled(3);
    let mut bytes = fs::read(place.file()).unwrap();
    bytes[5000] ^= 1;
    fs::write(place.file(), &bytes).unwrap();
    assert!(place.open().is_err());
    let salvaged = set_damaged_aside(&place.file(), NOW).unwrap();
    assert_eq!(salvaged.moved_to, place.path("quayside.db.damaged-20231114-221320"));
    assert_eq!(fs::read(&salvaged.moved_to).unwrap(), bytes);
    assert!(salvaged.to_string().contains("damaged-20231114-221320"), "{salvaged}");
    // With another key, too: the old one may be what is wrong.
    let store = Store::open(&place.file(), &key(9)).unwrap();
    assert_eq!(orders(&store), 0);
    assert!(matches!(set_damaged_aside(&place.file(), NOW), Err(OpenError::Held { .. })));
    drop(store);
    // The same second again takes another name.
    let second = set_damaged_aside(&place.file(), NOW).unwrap();
    assert_eq!(second.moved_to, place.path("quayside.db.damaged-20231114-221320-2"));
}

#[test]
fn a_newer_schema_is_refused_with_both_numbers() {
    let place = Place::filled(1);
    set_schema(&place.file(), 700);
    let before = fs::read(place.file()).unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 700, known: SCHEMA, .. }), "{error}");
    let sentence =
        format!("made by a newer Quayside (schema 700, this one knows {SCHEMA}): update Quayside, or restore a backup");
    assert!(error.to_string().contains(&sentence), "{error}");
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

fn set_schema(file: &Path, version: i64) {
    past_the_store(file).pragma_update(None, "user_version", version).unwrap();
}

#[test]
fn an_older_file_is_backed_up_then_brought_up_to_date() {
    let place = Place::new();
    {
        // The first released schema, as it was.
        let conn = past_the_store(&place.file());
        conn.execute_batch(include_str!("../src/migrations/001_accounts.sql")).unwrap();
        conn.execute("INSERT INTO setting (key, value) VALUES ('theme', '\"dark\"')", []).unwrap();
        conn.pragma_update(None, "user_version", 1).unwrap();
    }
    let store = place.open().unwrap();
    assert_eq!(store.read(|r| r.setting::<String>("theme")).unwrap().as_deref(), Some("dark"));
    connect(&store);
    fill(&store, 1, 1);
    drop(store);
    let kept = past_the_store(&place.path("quayside.db.schema-1"));
    let tables: i64 =
        kept.query_row("SELECT count(*) FROM sqlite_master WHERE name = 'orders'", [], |r| r.get(0)).unwrap();
    let theme: String = kept.query_row("SELECT value FROM setting", [], |r| r.get(0)).unwrap();
    assert_eq!((tables, theme.as_str()), (0, "\"dark\""));
}

fn checksums(file: &Path) -> String {
    past_the_store(file).query_row("PRAGMA cipher_hmac_algorithm", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_file_keeps_the_checksums_it_was_made_with_and_so_do_its_copies() {
    for former in [false, true] {
        let (place, other) = (Place::new(), Place::new());
        if former {
            // As former versions made them.
            past_the_store(&place.file())
                .execute_batch("PRAGMA user_version = 0; CREATE TABLE t (x); DROP TABLE t;")
                .unwrap();
        }
        let expected = if former { "HMAC_SHA512" } else { "HMAC_SHA256" };
        fill(&place.open().unwrap(), 1, 30);
        assert_eq!((checksums(&place.file()).as_str(), orders(&place.open().unwrap())), (expected, 30));
        // A wrong key is one with either.
        assert!(matches!(Store::open(&place.file(), &key(8)), Err(OpenError::WrongKey { certain: true, .. })));

        let backup = place.path("desk.qbackup");
        place.open().unwrap().backup(&backup, &phrase("correct horse"), |_| {}).unwrap();
        restore(&backup, &phrase("correct horse"), &other.file(), &key(7), NOW, |_| {}).unwrap();
        assert_eq!((checksums(&other.file()).as_str(), orders(&other.open().unwrap())), (expected, 30));
        let looking_on = Store::attach(&other.file(), &key(7)).unwrap();
        assert_eq!(orders(&looking_on), 30);
    }
}

#[test]
fn a_second_holder_is_refused_with_the_first_ones_number() {
    let place = Place::filled(1);
    let store = place.open().unwrap();
    let error = place.open().unwrap_err();
    let pid = std::process::id();
    assert!(matches!(error, OpenError::Held { pid: Some(held), .. } if held == pid), "{error}");
    assert!(error.to_string().contains(&format!("(process {pid})")), "{error}");
    // A clone keeps it; the last one lets go.
    let clone = store.clone();
    drop(store);
    assert!(place.open().is_err());
    drop(clone);
    place.open().unwrap();
}

#[test]
fn another_process_holds_it_until_it_dies() {
    const PLACE: &str = "QUAYSIDE_TEST_HOLD";
    if let Some(folder) = std::env::var_os(PLACE) {
        // We are the other process: take it, say so, and wait to be killed.
        let _store = Store::open(&PathBuf::from(folder).join("quayside.db"), &key(7)).unwrap();
        println!("held");
        std::thread::sleep(std::time::Duration::from_mins(1));
        return;
    }
    let place = Place::filled(2);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["another_process_holds_it_until_it_dies", "--exact", "--nocapture"])
        .env(PLACE, place.folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("held")));
    let error = place.open().unwrap_err();
    assert!(matches!(error, OpenError::Held { pid: Some(pid), .. } if pid == child.id()), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(orders(&place.open().unwrap()), 2);
}

#[test]
fn a_lock_of_another_program_is_told_as_that() {
    let place = Place::filled(2);
    // A database viewer in the middle of a change: it reads our pages (with the key) and holds the write lock.
    let viewer = past_the_store(&place.file());
    viewer.execute_batch("BEGIN IMMEDIATE;").unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, OpenError::Busy { .. }), "{error}");
    let said = error.to_string();
    assert!(
        said.starts_with("Another program has locked the database") && !said.contains("Quayside already"),
        "{said}"
    );
    drop(viewer);
    assert_eq!(orders(&place.open().unwrap()), 2);
    // A tool that wants the file for itself: not even reading goes.
    let tool = past_the_store(&place.file());
    tool.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE setting SET key = key;").unwrap();
    let error = place.open().unwrap_err();
    assert!(matches!(error, OpenError::Busy { .. }), "{error}");
    drop(tool);
    assert_eq!(orders(&place.open().unwrap()), 2);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    // Not even root may make files there; elsewhere a folder without the right to write will do.
    let read_only = PathBuf::from("/proc/sys");
    let place = Place::new();
    let folder = if read_only.is_dir() { read_only } else { no_writing(place.folder.path()) };
    let error = Store::open(&folder.join("quayside.db"), &key(7)).unwrap_err();
    assert!(matches!(error, OpenError::FolderReadOnly { .. }), "{error}");
    let missing = Store::open(&place.path("nowhere/quayside.db"), &key(7)).unwrap_err();
    assert!(matches!(missing, OpenError::FolderMissing { .. }), "{missing}");
}

fn no_writing(folder: &Path) -> PathBuf {
    let mut permissions = fs::metadata(folder).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder, permissions).unwrap();
    folder.to_owned()
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_what_we_write() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    // Even where the file was made with a wide mode.
    fs::write(place.file(), b"").unwrap();
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o666)).unwrap();
    let store = place.open().unwrap();
    connect(&store);
    fill(&store, 1, 3);
    store.backup(&place.path("copy.backup"), &phrase("harbour light"), |_| {}).unwrap();
    let names = place.names();
    for name in
        ["quayside.db", "quayside.db-wal", "quayside.db-shm", "quayside.lock", "quayside.db.keycheck", "copy.backup"]
    {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
        let mode = fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}: {mode:o}");
    }
}

#[test]
fn nothing_personal_can_be_read_from_the_disk() {
    let place = Place::new();
    let store = place.open().unwrap();
    connect(&store);
    let mut planted = order(1);
    planted.ship_to = Some(Address { name: "Wilhelmina Plantedname".into(), ..address(1) });
    planted.customer = Some(Customer { email: "planted@secret.example".into(), ..Customer::default() });
    planted.lines[0].sku = "PLANTED-SKU-77".into();
    store
        .write(|tx| {
            let id = enter(tx, &planted);
            let effects = vec![put_hub_order(&planted, id, Mode::Auto)];
            tx.put_decision(id, &planted, &Decision { effects, ..decision(Stage::Sending) }, NOW)?;
            tx.note(&NewEvent {
                order_id: Some(id),
                connection: None,
                at_ms: NOW,
                author: "quayside".into(),
                kind: "received".into(),
                sentence: "Planted sentence.".into(),
                detail: None,
            })
        })
        .unwrap();
    // A sort that needs room, while the log is still there.
    let filter = QueueFilter { text: "planted".into(), ..QueueFilter::default() };
    assert_eq!(store.read(|r| r.queue_page(&filter, Sort::default(), None, 5)).unwrap().rows.len(), 1);
    let look = |when: &str| {
        let mut looked = 0;
        for name in place.names() {
            let bytes = fs::read(place.path(&name)).unwrap();
            looked += bytes.len();
            for planted in
                ["Plantedname", "plantedname", "planted@secret", "secret", "PLANTED-SKU", "sku-77", "Planted sentence"]
            {
                let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
                assert!(!found, "{planted} stands in {name} {when}");
            }
        }
        assert!(looked > 50_000);
    };
    look("while it is open");
    store.backup(&place.path("copy.backup"), &phrase("harbour light"), |_| {}).unwrap();
    drop(store);
    look("after it was closed");
}

#[test]
fn a_backup_is_restored_under_another_key_and_the_old_database_is_kept() {
    let place = Place::filled(40);
    let store = place.open().unwrap();
    let copy = place.path("quayside.backup");
    let mut steps = Vec::new();
    let report = store.backup(&copy, &phrase("it's a quay's \"phrase\""), |p| steps.push(p)).unwrap();
    assert_eq!((report.orders, report.bytes), (40, fs::metadata(&copy).unwrap().len()));
    assert!(steps.last().is_some_and(|last| last.done == last.all && last.all > 20), "{steps:?}");
    // Work goes on and is not in the backup.
    fill(&store, 41, 45);
    // Nothing is overwritten.
    let again = store.backup(&copy, &phrase("another phrase"), |_| {}).unwrap_err();
    assert!(matches!(again, OpenError::Exists { .. }), "{again}");
    let short = store.backup(&place.path("x"), &phrase("short"), |_| {}).unwrap_err();
    assert!(matches!(short, OpenError::PassPhraseShort { .. }), "{short}");
    // Not while somebody works with it.
    let restore_into =
        |pass: &str, new_key: &StoreKey| restore(&copy, &phrase(pass), &place.file(), new_key, NOW + DAY, |_| {});
    let held = restore_into("it's a quay's \"phrase\"", &key(9)).unwrap_err();
    assert!(matches!(held, OpenError::Held { .. }), "{held}");
    drop(store);

    let wrong = restore_into("it's a quay's phrase", &key(9)).unwrap_err();
    assert!(matches!(wrong, OpenError::WrongPassPhrase { .. }), "{wrong}");
    assert_eq!(orders(&place.open().unwrap()), 45);

    let report = restore_into("it's a quay's \"phrase\"", &key(9)).unwrap();
    assert_eq!((report.orders, report.before.clone()), (40, Some(place.path("quayside.db.before-restore"))));
    assert!(matches!(place.open(), Err(OpenError::WrongKey { certain: true, .. })));
    let restored = Store::open(&place.file(), &key(9)).unwrap();
    assert_eq!(orders(&restored), 40);
    assert_eq!(restored.integrity_check().unwrap(), Vec::<String>::new());
    drop(restored);
    let before = Store::open(&report.before.unwrap(), &key(7)).unwrap();
    assert_eq!(orders(&before), 45);
    drop(before);
    // A second restore keeps both.
    restore_into("it's a quay's \"phrase\"", &key(10)).unwrap();
    let names = place.names();
    assert!(names.contains(&"quayside.db.before-restore-2".into()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains(".part") || name.contains(".restor")), "{names:?}");
}

#[test]
fn a_restored_effect_is_looked_up_before_it_is_sent() {
    let place = Place::filled(2);
    let store = place.open().unwrap();
    with_order(&store, 3, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Ask)],
        ..decision(Stage::ToSend)
    });
    store.backup(&place.path("b"), &phrase("harbour light"), |_| {}).unwrap();
    drop(store);
    restore(&place.path("b"), &phrase("harbour light"), &place.file(), &key(7), NOW + DAY, |_| {}).unwrap();
    for _ in 0..2 {
        let store = place.open().unwrap();
        let effect = |n| store.read(|r| r.effect(EffectId(n))).unwrap().unwrap();
        assert_eq!(
            (effect(1).state, effect(2).state, effect(3).state),
            (EffectState::Unknown, EffectState::Unknown, EffectState::Asked)
        );
        assert_eq!(
            (effect(1).not_before_ms, effect(1).first_sent_at_ms, effect(1).attempts),
            (NOW + DAY, Some(NOW), 1)
        );
        assert_eq!(store.write(|tx| tx.claim(&hub(), NOW + DAY, &|_| 9)).unwrap(), []);
    }
}

#[test]
fn a_restore_that_was_cut_off_is_finished_by_the_next_start() {
    let place = Place::filled(3);
    let store = place.open().unwrap();
    store.backup(&place.path("b"), &phrase("harbour light"), |_| {}).unwrap();
    fill(&store, 4, 5);
    drop(store);
    restore(&place.path("b"), &phrase("harbour light"), &place.file(), &key(9), NOW, |_| {}).unwrap();
    // As a power cut between the two renames leaves it.
    fs::rename(place.file(), place.path("quayside.db.restored")).unwrap();
    fs::rename(place.path("quayside.db.keycheck"), place.path("quayside.db.restored.keycheck")).unwrap();
    fs::write(place.path("quayside.db-wal"), b"the old log").unwrap();
    let store = Store::open(&place.file(), &key(9)).unwrap();
    assert_eq!(orders(&store), 3);
    assert_eq!(fs::read(place.path("quayside.db.before-restore-wal")).unwrap(), b"the old log");
}

#[test]
fn what_is_not_a_backup_is_told() {
    let place = Place::filled(1);
    let try_it = |name: &str| {
        restore(&place.path(name), &phrase("harbour light"), &place.file(), &key(9), NOW, |_| {}).unwrap_err()
    };
    assert!(matches!(try_it("nothing"), OpenError::NoBackup { .. }));
    fs::write(place.path("text"), "a letter to the harbour master ".repeat(500)).unwrap();
    assert!(matches!(try_it("text"), OpenError::WrongPassPhrase { .. }), "{}", try_it("text"));
    // Damaged inside.
    let store = place.open().unwrap();
    fill(&store, 2, 30);
    store.backup(&place.path("damaged"), &phrase("harbour light"), |_| {}).unwrap();
    drop(store);
    let mut bytes = fs::read(place.path("damaged")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(place.path("damaged"), bytes).unwrap();
    assert!(matches!(try_it("damaged"), OpenError::Damaged { .. }), "{}", try_it("damaged"));
    assert!(matches!(
        Store::in_memory().backup(&place.path("m"), &phrase("harbour light"), |_| {}),
        Err(OpenError::InMemory)
    ));
    // Whatever went wrong, the database is as it was and nothing lies about.
    assert_eq!(orders(&place.open().unwrap()), 30);
    let names = place.names();
    assert!(!names.iter().any(|name| name.contains(".part") || name.contains(".restor")), "{names:?}");
}

#[test]
fn a_backup_of_a_busy_store_is_one_moment() {
    let place = Place::filled(50);
    let store = place.open().unwrap();
    let mut written = 50;
    let report = store
        .backup(&place.path("b"), &phrase("harbour light"), |_| {
            // A commit between any two pieces.
            written += 1;
            fill(&store, written, written);
        })
        .unwrap();
    assert_eq!(report.orders, 50);
    assert!(orders(&store) > 50);
}

#[test]
fn a_crash_is_noticed_by_the_next_start() {
    let place = Place::filled(1);
    assert_eq!(fs::read_to_string(place.path(LOCK_FILE)).unwrap(), "");
    let store = place.open().unwrap();
    assert_eq!(fs::read_to_string(place.path(LOCK_FILE)).unwrap(), std::process::id().to_string());
    drop(store);
    assert_eq!(fs::read_to_string(place.path(LOCK_FILE)).unwrap(), "");
    // A start that fails leaves the mark of the crash before it.
    fs::write(place.path(LOCK_FILE), "4711").unwrap();
    assert!(Store::open(&place.file(), &key(8)).is_err());
    assert_ne!(fs::read_to_string(place.path(LOCK_FILE)).unwrap(), "");
    drop(place.open().unwrap());
    assert_eq!(fs::read_to_string(place.path(LOCK_FILE)).unwrap(), "");
}

#[test]
fn what_was_saved_survives_being_killed_at_any_moment() {
    const PLACE: &str = "QUAYSIDE_TEST_KILL";
    if let Some(folder) = std::env::var_os(PLACE) {
        // The other process: one order after the other, telling each that was saved.
        let store = Store::open(&PathBuf::from(folder).join("quayside.db"), &key(7)).unwrap();
        let from = orders(&store) as i64 + 1;
        for n in from.. {
            sending(&store, n, None);
            println!("saved {n}");
        }
    }
    let place = Place::filled(1);
    let mut told = 1;
    for round in 0..5_u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["what_was_saved_survives_being_killed_at_any_moment", "--exact", "--nocapture"])
            .env(PLACE, place.folder.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        let enough = told + 5 + round * 7;
        while told < enough {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, n)) = line.split_once("saved ") {
                told = n.trim().parse().unwrap();
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let store = place.open().unwrap();
        let kept = orders(&store);
        assert!(kept >= told, "{kept} kept of {told} told");
        // Each whole: row, record, effect and index entry.
        assert_eq!(store.read(|r| r.outbox_depth()).unwrap()[0].n, kept);
        let newest = store.read(|r| r.story(OrderId(kept as i64))).unwrap().unwrap();
        assert_eq!(newest.effects.len(), 1);
        let filter = QueueFilter { text: newest.order.number, ..QueueFilter::default() };
        assert_eq!(store.read(|r| r.queue_count(&filter)).unwrap().n, 1);
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
        told = kept;
    }
}
