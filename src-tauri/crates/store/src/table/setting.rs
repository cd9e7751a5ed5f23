//! What a person set, by key. Shapes belong to whoever owns the key.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json, json_text};
use crate::store::{Reader, Topic, Tx};
use rusqlite::OptionalExtension as _;
use serde::{Serialize, de::DeserializeOwned};

impl Reader<'_> {
    /// A setting; `None` if it was never set.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let tried = || format!("read the setting {key}");
        self.conn
            .prepare_cached("SELECT value FROM setting WHERE key = ?1")
            .tried(tried)?
            .query_row([key], |row| row.get::<_, String>(0))
            .optional()
            .tried(tried)?
            .map(|value| from_json(&value))
            .transpose()
    }
}

impl Tx<'_> {
    /// Sets it.
    pub fn put_setting<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), StoreError> {
        let tried = || format!("save the setting {key}");
        self.conn
            .prepare_cached(
                "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )
            .tried(tried)?
            .execute([key, &json_text(value)?])
            .tried(tried)?;
        self.touch(Topic::Settings);
        Ok(())
    }
}
