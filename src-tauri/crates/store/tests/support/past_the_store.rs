//! The database as somebody with the key sees it, past the store.
#![allow(missing_docs, clippy::unwrap_used)]

use crate::support::key;
use rusqlite::Connection;
use std::path::Path;

/// A file that is there opens with the checksums it has; a new one gets those of former versions.
pub fn past_the_store(file: &Path) -> Connection {
    let open = |more: &str| {
        let conn = Connection::open(file).unwrap();
        let pragma =
            format!("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'{}'\"; {more}", key(7).to_hex().as_str());
        conn.execute_batch(&pragma).unwrap();
        conn
    };
    let newer = open("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;");
    let there = std::fs::metadata(file).is_ok_and(|meta| meta.len() > 0);
    let fits = there && newer.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)).is_ok();
    if fits { newer } else { open("") }
}
