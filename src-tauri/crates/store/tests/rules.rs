//! What the database itself refuses, whatever the code above it does.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

#[path = "support/past_the_store.rs"]
mod past_the_store;
mod support;

use past_the_store::past_the_store;
use quayside_model::*;
use quayside_store::*;
use rusqlite::Connection;
use support::*;

/// A file with one order, one pending and one ended effect and one finding, opened past the store.
fn behind_the_door() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quayside.db");
    {
        let store = Store::open(&file, &key(7)).unwrap();
        connect(&store);
        with_order(&store, 1, |order, id| Decision {
            effects: vec![put_hub_order(order, id, Mode::Auto), cancel(id, 1)],
            findings: vec![finding(Cause::Late, "", "Late.")],
            ..decision(Stage::Sending)
        });
        store
            .write(|tx| {
                let id = tx.claim(&hub(), NOW, &|_| 1)?[0].id;
                tx.settle(id, &Settlement::Done { receipt: Receipt::default(), already: false }, NOW, 1)
            })
            .unwrap();
    }
    let conn = past_the_store(&file);
    conn.execute_batch("PRAGMA foreign_keys = ON;").unwrap();
    (folder, conn)
}

#[test]
fn impossible_rows_are_refused() {
    let (_folder, conn) = behind_the_door();
    for sql in [
        // End states.
        "UPDATE effect SET state = 'pending', settled_at_ms = NULL, receipt = NULL WHERE id = 1",
        "UPDATE effect SET state = 'running' WHERE id = 1",
        "DELETE FROM effect WHERE id = 1",
        // Identity.
        "UPDATE effect SET key = 'other' WHERE id = 2",
        "UPDATE effect SET order_id = 1, connection_id = 'other' WHERE id = 2",
        "INSERT INTO effect (key, order_id, connection_id, kind, automation, sentence, intent, state, created_at_ms, not_before_ms)
            SELECT key, order_id, connection_id, kind, automation, sentence, intent, 'pending', 1, 1 FROM effect WHERE id = 2",
        // Births and steps.
        "INSERT INTO effect (key, order_id, connection_id, kind, automation, sentence, intent, state, created_at_ms, not_before_ms, settled_at_ms, receipt)
            VALUES ('new', 1, 'c', 'k', 'a', 's', x'00', 'done', 1, 1, 1, '{}')",
        "INSERT INTO effect (key, order_id, connection_id, kind, automation, sentence, intent, state, created_at_ms, not_before_ms)
            VALUES ('new', 77, 'c', 'k', 'a', 's', x'00', 'pending', 1, 1)",
        "INSERT INTO effect (key, connection_id, kind, automation, sentence, intent, state, created_at_ms, not_before_ms)
            VALUES ('new', 'c', 'k', 'a', 's', x'00', 'pending', 1, 1)",
        "INSERT INTO effect (key, order_id, subject, subject_name, connection_id, kind, automation, sentence, intent, state, created_at_ms, not_before_ms)
            VALUES ('new', 1, '7:1', 'MUG', 'c', 'k', 'a', 's', x'00', 'pending', 1, 1)",
        "UPDATE effect SET order_id = NULL, subject = '7:1', subject_name = 'MUG' WHERE id = 2",
        "UPDATE effect SET state = 'done', settled_at_ms = 1, receipt = '{}' WHERE id = 2",
        "UPDATE effect SET state = 'refused', refusal = '{}' WHERE id = 2",
        "UPDATE effect SET state = 'asked' WHERE id = 2",
        "UPDATE effect SET state = 'gone' WHERE id = 2",
        // Columns that belong to states.
        "UPDATE effect SET state = 'running' WHERE id = 2",
        "UPDATE effect SET state = 'running', attempts = 1 WHERE id = 2",
        "UPDATE effect SET state = 'skipped', settled_at_ms = 1 WHERE id = 2",
        "UPDATE effect SET state = 'skipped', skip_reason = 'x' WHERE id = 2",
        "UPDATE effect SET receipt = '{}' WHERE id = 2",
        "UPDATE effect SET attempts = -1 WHERE id = 2",
        "UPDATE effect SET attempts = 'many' WHERE id = 2",
        // Attempts.
        "INSERT INTO attempt (effect_id, n, at_ms, duration_ms, looked, outcome) VALUES (1, 1, 1, 1, 0, 'done')",
        "INSERT INTO attempt (effect_id, n, at_ms, duration_ms, looked, outcome) VALUES (1, 9, 1, 1, 0, 'perhaps')",
        "INSERT INTO attempt (effect_id, n, at_ms, duration_ms, looked, outcome) VALUES (1, 9, 1, 1, 0, 'refused')",
        "INSERT INTO attempt (effect_id, n, at_ms, duration_ms, looked, outcome) VALUES (99, 1, 1, 1, 0, 'done')",
        // Orders.
        "DELETE FROM orders WHERE id = 1",
        "UPDATE orders SET stage = 'lost' WHERE id = 1",
        "UPDATE orders SET stage = NULL WHERE id = 1",
        "UPDATE orders SET waits_code = NULL WHERE id = 1",
        "UPDATE orders SET open = 0 WHERE id = 1",
        "UPDATE orders SET test = 2 WHERE id = 1",
        "UPDATE tally SET n = -1",
        "UPDATE open_tally SET n = -1",
        "UPDATE effect_tally SET n = -1",
        // Findings.
        "UPDATE finding SET state = 'resolved' WHERE id = 1",
        "UPDATE finding SET state = 'snoozed' WHERE id = 1",
        "UPDATE finding SET resolved_by = 'itself' WHERE id = 1",
        "UPDATE finding SET order_id = NULL WHERE id = 1",
        "UPDATE finding SET count = 0 WHERE id = 1",
        "INSERT INTO finding (owner, order_id, cause, about, sentence, state, opened_at_ms, last_seen_at_ms)
            VALUES ('decision', 1, 'late', '', 'Again.', 'open', 1, 1)",
        "INSERT INTO finding (owner, order_id, cause, about, sentence, state, opened_at_ms, last_seen_at_ms)
            VALUES ('nobody', 1, 'late', 'x', 'Again.', 'open', 1, 1)",
        // Accounts.
        "INSERT INTO connection (id, name, platform, account_remote_id, config) VALUES ('twin', 'T', 'hub', 'h1', '{}')",
        "UPDATE connection SET removed = 1",
        "UPDATE connection SET config = 'not json'",
        "INSERT INTO automation (id, mode, settings) VALUES ('a', 'perhaps', '{}')",
        "INSERT INTO record (connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body) VALUES ('c', 'order', '1', x'00', 1, 1, x'00')",
        "INSERT INTO record (connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body) VALUES ('c', 'letter', '1', zeroblob(16), 1, 1, x'00')",
    ] {
        let result = conn.execute(sql, []);
        assert!(result.is_err(), "was let through: {sql}");
        let code = result.unwrap_err().to_string();
        assert!(!code.contains("no such") && !code.contains("syntax"), "{sql}: {code}");
    }
    // The allowed steps work, so that the refusals above mean something.
    for sql in [
        "UPDATE effect SET state = 'running', attempts = 1, first_sent_at_ms = 5 WHERE id = 2",
        "UPDATE effect SET state = 'unknown', refusal = '{}' WHERE id = 2",
        "UPDATE effect SET state = 'pending' WHERE id = 2",
        "UPDATE effect SET state = 'skipped', settled_at_ms = 1, skip_reason = 'x' WHERE id = 2",
        "UPDATE finding SET state = 'snoozed', snoozed_until_ms = 9 WHERE id = 1",
        "UPDATE finding SET state = 'resolved', snoozed_until_ms = NULL, resolved_at_ms = 9, resolved_by = 'person' WHERE id = 1",
        "INSERT INTO finding (owner, order_id, cause, about, sentence, state, opened_at_ms, last_seen_at_ms)
            VALUES ('decision', 1, 'late', '', 'Again.', 'open', 1, 1)",
    ] {
        assert_eq!(conn.execute(sql, []).unwrap(), 1, "{sql}");
    }
}

#[test]
fn the_models_words_are_the_schemas_words() {
    let (_folder, conn) = behind_the_door();
    // Every stage can be stored, and the schema agrees which are open.
    for stage in Stage::ALL {
        conn.execute("UPDATE orders SET stage = ?1 WHERE id = 1", [stage.code()]).unwrap();
        let open: bool = conn.query_row("SELECT open FROM orders WHERE id = 1", [], |r| r.get(0)).unwrap();
        assert_eq!(open, stage.is_open(), "{stage:?}");
    }
    let schema: String = conn
        .query_row("SELECT sql FROM sqlite_master WHERE name = 'effect' AND type = 'table'", [], |r| r.get(0))
        .unwrap();
    let states: Vec<_> = EffectState::ALL.iter().map(|state| format!("state = '{}'", state.code())).collect();
    assert!(schema.contains(&format!("({})", states.join(" OR "))), "{schema}");
    let kinds: Vec<_> = RecordKind::ALL.iter().map(|kind| format!("kind = '{}'", kind.code())).collect();
    let records: String =
        conn.query_row("SELECT sql FROM sqlite_master WHERE name = 'record'", [], |r| r.get(0)).unwrap();
    assert!(records.contains(&format!("({})", kinds.join(" OR "))), "{records}");
    let modes: String =
        conn.query_row("SELECT sql FROM sqlite_master WHERE name = 'automation'", [], |r| r.get(0)).unwrap();
    for mode in [Mode::Off, Mode::Watch, Mode::Ask, Mode::Auto] {
        assert!(modes.contains(&format!("'{}'", mode.code())), "{modes}");
    }
}

/// SQLite builds a table of a list of more than two words each time it looks into it: once or more for each row written.
#[test]
fn what_each_order_passes_compares_and_builds_no_lists() {
    let (_folder, conn) = behind_the_door();
    let mut definitions = conn
        .prepare(
            "SELECT name, sql FROM sqlite_master
             WHERE sql IS NOT NULL AND tbl_name IN ('orders', 'record', 'link', 'effect', 'attempt', 'finding', 'order_tag')",
        )
        .unwrap();
    let mut rows = definitions.query([]).unwrap();
    let mut seen = 0;
    while let Some(row) = rows.next().unwrap() {
        let (name, sql): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        for list in sql.split(" IN ('").skip(1) {
            let words = list.split(')').next().unwrap().split(',').count();
            assert!(words <= 2, "{name} has a list of {words} words: {sql}");
        }
        seen += 1;
    }
    assert!(seen > 40, "{seen} definitions");
}
