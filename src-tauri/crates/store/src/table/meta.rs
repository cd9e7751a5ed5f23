//! Notes of the store about itself (last check, last backup). No personal data,
//! nothing a person sets: that is `setting`.

use crate::error::{StoreError, Tried};
use crate::store::{Reader, Tx};
use rusqlite::OptionalExtension as _;

impl Reader<'_> {
    /// A note; `None` if it was never made.
    pub fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        const TRIED: &str = "read a note of the store";
        self.conn
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")
            .tried(TRIED)?
            .query_row([key], |row| row.get(0))
            .optional()
            .tried(TRIED)
    }
}

impl Tx<'_> {
    /// Makes or changes a note.
    pub fn put_meta(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        const TRIED: &str = "make a note of the store";
        self.conn
            .prepare_cached(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )
            .tried(TRIED)?
            .execute([key, value])
            .tried(TRIED)?;
        Ok(())
    }
}
