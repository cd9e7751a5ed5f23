//! The trail notices whatever is changed past the program, and lets go what has to go.
#![allow(clippy::unwrap_used, clippy::panic, clippy::redundant_closure_for_method_calls, missing_docs)]

#[path = "support/past_the_store.rs"]
mod past_the_store;
mod support;

use past_the_store::past_the_store;
use quayside_model::*;
use quayside_store::*;
use std::path::{Path, PathBuf};
use support::*;

fn seal(store: &Store) {
    while store.seal_trail(1, &[9; 32], NOW).unwrap() {}
}

fn line(order: Option<OrderId>, at_ms: i64, sentence: &str) -> NewEvent {
    NewEvent {
        order_id: order,
        connection: None,
        at_ms,
        author: "quayside".into(),
        kind: "read".into(),
        sentence: sentence.into(),
        detail: None,
    }
}

/// A closed order whose timeline names its buyer, one change that was refused, and a trail over all of it.
fn lived(file: &Path) -> OrderId {
    let store = Store::open(file, &key(7)).unwrap();
    connect(&store);
    let id = with_order(&store, 1, |_, _| decision(Stage::Shipped));
    sending(&store, 2, None);
    let claimed = store.write(|tx| tx.claim(&hub(), NOW, &|_| 1)).unwrap().remove(0);
    let refused = Settlement::Refused(Refusal::new(Cause::AddressRefused, "No such postcode."));
    let who = address(1).name;
    store
        .write(|tx| {
            tx.settle(claimed.id, &refused, NOW, 12)?;
            tx.note(&line(Some(id), NOW - DAY, &format!("Called {who}.")))?;
            tx.note(&line(Some(id), NOW, "Shipped."))
        })
        .unwrap();
    seal(&store);
    id
}

fn checked(file: &Path) -> TrailCheck {
    Store::open(file, &key(7)).unwrap().check_trail(None).unwrap()
}

fn a_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quayside.db");
    (folder, file)
}

#[test]
fn whatever_is_changed_past_the_program_is_noticed() {
    let (_folder, file) = a_file();
    lived(&file);
    let fine = checked(&file);
    assert_eq!((fine.breaks.clone(), fine.unsealed, fine.entries), (vec![], 0, 3));
    assert!(fine.rows >= 5, "{fine:?}");
    let whole = std::fs::read(&file).unwrap();
    for (sql, says) in [
        ("UPDATE event SET sentence = 'Nothing of the kind.' WHERE id = 1", "a row was changed"),
        ("UPDATE event SET at_ms = at_ms - 60000 WHERE id = 1", "a row was changed"),
        ("UPDATE event SET author = 'person' WHERE id = 1", "a row was changed"),
        ("UPDATE event SET order_id = NULL WHERE id = 1", "a row was changed"),
        ("UPDATE event SET detail = '{}' WHERE id = 2", "a row was changed"),
        ("DELETE FROM event WHERE id = 1", "a row is missing"),
        (
            "DELETE FROM event WHERE id = 1; INSERT INTO event (id, at_ms, author, kind, sentence) VALUES (1, 1, 'x', 'x', 'x')",
            "a row was changed",
        ),
        (
            "UPDATE event SET id = 99 WHERE id = 1; UPDATE event SET id = 1 WHERE id = 2; UPDATE event SET id = 2 WHERE id = 99",
            "a row was changed",
        ),
        ("INSERT INTO event (id, at_ms, author, kind, sentence) VALUES (-3, 1, 'x', 'x', 'x')", "does not know"),
        ("UPDATE effect SET created_at_ms = 5 WHERE id = 1", "a row was changed"),
        ("UPDATE effect SET sentence = 'Something else' WHERE id = 1", "a row was changed"),
        ("UPDATE effect SET automation = 'person' WHERE id = 1", "a row was changed"),
        ("UPDATE attempt SET outcome = 'done', refusal = NULL", "a row was changed"),
        ("UPDATE attempt SET request_id = 'r-2'", "a row was changed"),
        ("DELETE FROM attempt", "a row is missing"),
        (
            "DROP TRIGGER trail_of_attempts; INSERT INTO attempt SELECT effect_id, n + 1, at_ms, duration_ms, looked, outcome, refusal, request_id, answer_id FROM attempt",
            "does not know",
        ),
        ("DROP TRIGGER trail_holds; UPDATE trail SET at_ms = at_ms + 1 WHERE n = 2", "does not follow"),
        ("DROP TRIGGER trail_holds; UPDATE trail SET digest = zeroblob(32) WHERE n = 1", "does not follow"),
        ("DROP TRIGGER trail_stays; DELETE FROM trail WHERE n = 2", "does not follow"),
        ("DELETE FROM trail_salt WHERE page = 1", "no entry says why"),
        (
            "INSERT INTO trail_gone (kind, id, whole, digest, entry) VALUES ('events', 1, 0, zeroblob(32), 2)",
            "no entry says why",
        ),
    ] {
        past_the_store(&file).execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
        let check = checked(&file);
        assert!(check.breaks.iter().any(|sentence| sentence.contains(says)), "{sql}: {:?}", check.breaks);
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
        }
        std::fs::write(&file, &whole).unwrap();
    }
    assert_eq!(checked(&file), fine, "and the original is what it was");
}

/// Two orders on their way to the hub: one was taken, one was refused; and a trail over it.
fn sent(file: &Path) -> [OrderId; 2] {
    let store = Store::open(file, &key(7)).unwrap();
    connect(&store);
    let orders = [sending(&store, 1, None), sending(&store, 2, None)];
    let claimed = store.write(|tx| tx.claim(&hub(), NOW, &|_| 2)).unwrap();
    let done = Settlement::Done { receipt: Receipt::default(), already: false };
    let refused = Settlement::Refused(Refusal::new(Cause::AddressRefused, "No such postcode."));
    store
        .write(|tx| {
            tx.settle(claimed[0].id, &done, NOW, 12)?;
            tx.settle(claimed[1].id, &refused, NOW, 12)
        })
        .unwrap();
    seal(&store);
    orders
}

#[test]
fn what_was_sent_and_what_was_said_against_it_are_sealed() {
    let (_folder, file) = a_file();
    sent(&file);
    let fine = checked(&file);
    assert_eq!((fine.breaks.clone(), fine.unsealed), (vec![], 0));
    let whole = std::fs::read(&file).unwrap();
    for (sql, says) in [
        ("UPDATE effect SET intent = zeroblob(9) WHERE state = 'done'", "a row was changed"),
        (
            "UPDATE effect SET intent = (SELECT intent FROM effect WHERE state = 'refused') WHERE state = 'done'",
            "a row was changed",
        ),
        (
            "UPDATE attempt SET refusal = json_set(refusal, '$.sentence', 'Nothing.') WHERE refusal IS NOT NULL",
            "a row was changed",
        ),
        ("UPDATE attempt SET refusal = '{}' WHERE refusal IS NULL", "a row was changed"),
        ("UPDATE attempt_said SET sent = zeroblob(32)", "a row was changed"),
        ("UPDATE attempt_said SET refused = zeroblob(32)", "a row was changed"),
        ("UPDATE attempt_said SET salt = zeroblob(16)", "a row was changed"),
        ("DELETE FROM attempt_said", "a row was changed"),
        ("UPDATE attempt_said SET salt = NULL, entry = 1", "no entry says why"),
        ("UPDATE attempt_said SET salt = NULL, entry = 99", "no entry says why"),
    ] {
        past_the_store(&file).execute_batch(sql).unwrap();
        let check = checked(&file);
        assert!(check.breaks.iter().any(|sentence| sentence.contains(says)), "{sql}: {:?}", check.breaks);
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{ending}", file.display()));
        }
        std::fs::write(&file, &whole).unwrap();
    }
    assert_eq!(checked(&file), fine, "and the original is what it was");
}

/// What is mended after a refusal was not sent by the try that was refused.
#[test]
fn what_is_mended_and_sent_again_breaks_nothing() {
    let (_folder, file) = a_file();
    let [_, refused] = sent(&file);
    let store = Store::open(&file, &key(7)).unwrap();
    let effect = store.read(|r| r.story(refused)).unwrap().unwrap().effects[0].clone();
    let Intent::PutHubOrder { order, hub_order_id } = effect.intent else { panic!("an order for the hub") };
    let mended = HubOrderDraft { ship_to: address(3), ..order };
    let mended = Intent::PutHubOrder { order: mended, hub_order_id };
    assert!(store.write(|tx| tx.replace_intent(effect.id, &mended)).unwrap());
    assert_eq!(store.check_trail(None).unwrap().breaks, Vec::<String>::new());
}

#[test]
fn what_tries_sent_goes_with_the_buyers_data_and_the_trail_holds() {
    let (_folder, file) = a_file();
    let orders = sent(&file);
    let store = Store::open(&file, &key(7)).unwrap();
    let salts = |file: &Path| {
        let conn = past_the_store(file);
        conn.query_row("SELECT count(salt) FROM attempt_said", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(store.write(|tx| tx.blank_personal(orders[0], NOW + DAY)).unwrap());
    let check = store.check_trail(None).unwrap();
    assert_eq!(check.breaks, Vec::<String>::new());
    assert!(check.blanked >= 1, "{check:?}");
    // Once more takes nothing out, and says nothing.
    assert!(store.write(|tx| tx.blank_personal(orders[0], NOW + DAY)).unwrap());
    assert_eq!(store.check_trail(None).unwrap(), check);
    drop(store);
    assert_eq!(salts(&file), 1, "nobody can try any more what the first order sent");
    // Whoever takes it out past the program has no entry for it.
    past_the_store(&file).execute_batch("DROP TRIGGER trail_stays; DELETE FROM trail WHERE kind = 'blanked'").unwrap();
    assert!(checked(&file).breaks.iter().any(|sentence| sentence.contains("no entry says why")));
}

/// The database itself refuses what must never be written.
#[test]
fn the_trail_only_grows() {
    let (_folder, file) = a_file();
    lived(&file);
    let conn = past_the_store(&file);
    for sql in [
        "UPDATE trail SET at_ms = 1",
        "DELETE FROM trail",
        "DELETE FROM trail WHERE n = (SELECT max(n) FROM trail)",
        "INSERT INTO trail (n, at_ms, kind, held, body, digest, link) VALUES (77, 1, 'note', 0, '{}', zeroblob(32), zeroblob(32))",
        "INSERT OR REPLACE INTO trail (n, at_ms, kind, held, body, digest, link) VALUES (1, 1, 'note', 0, '{}', zeroblob(32), zeroblob(32))",
        "INSERT INTO trail (n, at_ms, kind, held, digest, link) VALUES (4, 1, 'note', 0, zeroblob(32), zeroblob(32))",
        "INSERT INTO trail (n, at_ms, kind, held, body, digest, link) VALUES (4, 1, 'gossip', 0, '{}', zeroblob(32), zeroblob(32))",
        "INSERT INTO trail (n, at_ms, kind, held, body, digest, link) VALUES (4, 1, 'note', 0, '{}', x'00', zeroblob(32))",
    ] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn personal_data_goes_and_the_trail_holds() {
    let (_folder, file) = a_file();
    let id = lived(&file);
    let store = Store::open(&file, &key(7)).unwrap();
    let before = store.read(|r| r.trail_head()).unwrap().unwrap();
    assert!(store.write(|tx| tx.blank_personal(id, NOW + DAY)).unwrap());
    let check = store.check_trail(None).unwrap();
    assert_eq!(check.breaks, Vec::<String>::new());
    assert_eq!(
        (check.blanked, check.entries),
        (1, before.n + 1),
        "the line that named the buyer, and the entry that says so"
    );
    // Once more changes nothing: there is nothing left to take out.
    assert!(store.write(|tx| tx.blank_personal(id, NOW + 2 * DAY)).unwrap());
    assert_eq!(store.check_trail(None).unwrap(), check);
    // The head from before is still a part of it.
    assert_eq!(store.read(|r| r.trail_link(before.n)).unwrap(), Some(before.link.clone()));
    assert_eq!(store.read(|r| r.trail_link(before.n + 2)).unwrap(), None);
    drop(store);
    // Without the salt nobody can try whose name stood there.
    let conn = past_the_store(&file);
    let id: i64 = conn
        .query_row("SELECT id FROM event WHERE sentence LIKE 'Personal data was removed%'", [], |row| row.get(0))
        .unwrap();
    let salts: Vec<u8> = conn.query_row("SELECT salts FROM trail_salt WHERE page = 1", [], |row| row.get(0)).unwrap();
    for row in salts.chunks_exact(24) {
        let here = row[..8] == id.to_le_bytes();
        assert_eq!(here, row[8..] == [0; 16], "only the salt of what is gone is gone");
    }
    // Whoever takes a name out past the program has no entry for it.
    conn.execute_batch("DROP TRIGGER trail_stays; DELETE FROM trail WHERE kind = 'blanked'").unwrap();
    drop(conn);
    assert!(checked(&file).breaks.iter().any(|sentence| sentence.contains("no entry says why")));
}

#[test]
fn old_lines_are_forgotten_one_by_one_or_by_the_page() {
    let (_folder, file) = a_file();
    let store = Store::open(&file, &key(7)).unwrap();
    let n = 2 * TRAIL_PAGE_ROWS + 10;
    store.write(|tx| (0..n).try_for_each(|at| tx.note(&line(None, NOW + at as i64, "Read.")))).unwrap();
    // Only whole pages: what is left over waits.
    while store.seal_trail(TRAIL_PAGE_ROWS, &[9; 32], NOW).unwrap() {}
    let check = store.check_trail(None).unwrap();
    assert_eq!((check.entries, check.rows, check.unsealed), (2, 2 * TRAIL_PAGE_ROWS as i64, 10));
    seal(&store);
    let purge = |before_ms| {
        let mut after = Some(0);
        while let Some(from) = after {
            after = store.write(|tx| tx.purge_events(before_ms, from, 300, NOW + DAY)).unwrap().next;
        }
        store.check_trail(None).unwrap()
    };
    let page = TRAIL_PAGE_ROWS as i64;
    for gone in [5, page - 1, page, page + 7] {
        let check = purge(NOW + gone);
        assert_eq!((check.breaks, check.purged), (vec![], gone), "{gone}");
    }
    // All of it is old: the last line stays, because ids are never given twice.
    let check = purge(NOW + 10 * DAY);
    assert_eq!((check.breaks, check.purged, check.rows), (vec![], n as i64 - 1, 1));
    drop(store);
    let conn = past_the_store(&file);
    let count = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM trail_salt"), 1, "of pages that are gone whole nothing is kept");
    assert_eq!(count("SELECT count(*) FROM trail_gone"), 9);
    // What was forgotten does not come back by another way.
    conn.execute_batch("INSERT INTO event (id, at_ms, author, kind, sentence) VALUES (3, 1, 'x', 'x', 'x')").unwrap();
    drop(conn);
    assert!(checked(&file).breaks.iter().any(|sentence| sentence.contains("a row was put in")));
}

#[test]
fn a_look_at_the_last_entries_follows_all_links() {
    let (_folder, file) = a_file();
    let store = Store::open(&file, &key(7)).unwrap();
    for at in 0..5 {
        store.write(|tx| tx.note(&line(None, NOW + at, "Read."))).unwrap();
        seal(&store);
    }
    let entry = store.write(|tx| tx.note_in_trail(&serde_json::json!({ "did": "evidence" }), NOW)).unwrap();
    assert_eq!(entry, 6);
    let check = store.check_trail(Some(3)).unwrap();
    assert_eq!((check.entries, check.rows, check.breaks), (6, 2, vec![]));
    assert_eq!(store.read(|r| r.trail_entry_of_event(2)).unwrap(), Some(2));
    assert_eq!(store.read(|r| r.trail_entry_of_event(99)).unwrap(), None);
    drop(store);
    past_the_store(&file)
        .execute_batch("DROP TRIGGER trail_holds; UPDATE trail SET body = '{\"did\":\"nothing\"}' WHERE n = 6")
        .unwrap();
    let store = Store::open(&file, &key(7)).unwrap();
    let breaks = store.check_trail(Some(0)).unwrap().breaks;
    assert!(breaks.iter().any(|sentence| sentence.contains("What entry 6")), "{breaks:?}");
}
