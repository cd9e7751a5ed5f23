//! The schema: forward-only migrations, numbered files, never edited once released.
//! Additive by default; an older build refuses a newer file with a sentence.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

const FILES: [&str; 23] = [
    include_str!("migrations/001_accounts.sql"),
    include_str!("migrations/002_orders.sql"),
    include_str!("migrations/003_outbox.sql"),
    include_str!("migrations/004_findings.sql"),
    include_str!("migrations/005_ticket.sql"),
    include_str!("migrations/006_proof.sql"),
    include_str!("migrations/007_console.sql"),
    include_str!("migrations/008_late.sql"),
    include_str!("migrations/009_automations.sql"),
    include_str!("migrations/010_kept.sql"),
    include_str!("migrations/011_sorted.sql"),
    include_str!("migrations/012_urgent.sql"),
    include_str!("migrations/013_sold_on.sql"),
    include_str!("migrations/014_places.sql"),
    include_str!("migrations/015_found.sql"),
    include_str!("migrations/016_compared.sql"),
    include_str!("migrations/017_born.sql"),
    include_str!("migrations/018_stock.sql"),
    include_str!("migrations/019_answers.sql"),
    include_str!("migrations/020_trail.sql"),
    include_str!("migrations/021_labels_returns_said.sql"),
    include_str!("migrations/022_customer_review.sql"),
    include_str!("migrations/023_by_hand_and_written.sql"),
];

/// The newest schema this build knows.
pub const SCHEMA: i64 = FILES.len() as i64;

/// What the file says it is; 0 for a fresh one.
pub(crate) fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings the file to `to`, one transaction per migration.
pub(crate) fn migrate(conn: &mut Connection, to: i64) -> Result<(), rusqlite_migration::Error> {
    let steps: Vec<M<'static>> = FILES.iter().map(|sql| M::up(sql)).collect();
    Migrations::new(steps).to_version(conn, to as usize)
}

/// The schema as text, in a stable order.
#[cfg(test)]
fn dump(conn: &Connection) -> String {
    let mut statement = conn
        .prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, name")
        .expect("the schema can be read");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("the schema can be read");
    rows.map(|sql| sql.expect("a definition is text") + ";\n").collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_schema_equals_all_migrations_step_by_step() {
        let mut stepwise = Connection::open_in_memory().unwrap();
        for to in 1..=SCHEMA {
            migrate(&mut stepwise, to).unwrap();
            assert_eq!(version(&stepwise).unwrap(), to);
        }
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh, SCHEMA).unwrap();
        assert_eq!(dump(&fresh), dump(&stepwise));
        // The committed picture of the schema: a released migration that is edited shows up here.
        expect_test::expect_file!["schema.sql"].assert_eq(&dump(&fresh));
    }

    /// The line in front of an account is walked in its order: nothing is sorted, however long it is.
    #[test]
    fn the_outbox_is_walked_along_its_index() {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, SCHEMA).unwrap();
        let plan: Vec<String> = conn
            .prepare(
                "EXPLAIN QUERY PLAN SELECT e.kind FROM effect e INDEXED BY effect_due
                 WHERE e.connection_id = 'a' AND e.state = 'pending' AND e.not_before_ms <= 1
                 ORDER BY e.urgent DESC, e.due_ms, e.id LIMIT 1",
            )
            .unwrap()
            .query_map([], |row| row.get("detail"))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(plan, ["SEARCH e USING INDEX effect_due (connection_id=?)"]);
    }

    #[test]
    fn every_file_is_numbered_in_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/migrations");
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names.len(), FILES.len());
        for (i, name) in names.iter().enumerate() {
            assert!(name.starts_with(&format!("{:03}_", i + 1)), "{name}");
        }
    }
}
