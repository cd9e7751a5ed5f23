//! Backup and restore.

use crate::error::OpenError;
use crate::key::StoreKey;
use rusqlite::Connection;
use std::path::Path;

pub(crate) fn before_migration(
    _file: &Path,
    _conn: &Connection,
    _key: &StoreKey,
    _found: i64,
) -> Result<(), OpenError> {
    Ok(())
}
