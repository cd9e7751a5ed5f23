//! The keyed checksum on every page of a file. Files made from now on carry HMAC-SHA256, which common processors compute
//! in hardware; SHA-512, SQLCipher's default and ours before, was a tenth of what taking an order in costs. A file keeps
//! what it was made with, and so do its copies: SQLite copies pages, and pages with another checksum differ in length.

use crate::error::OpenError;
use crate::open::sick;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;

/// Which checksum a file's pages carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    Sha256,
    /// Of files made before there was a choice.
    Sha512,
}

impl Seal {
    /// Of a file that is made now.
    pub const NEW: Self = Self::Sha256;

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "HMAC_SHA256",
            Self::Sha512 => "HMAC_SHA512",
        }
    }

    /// What an open connection reads and writes.
    pub fn of(conn: &Connection) -> rusqlite::Result<Self> {
        let name: String = conn.query_row("PRAGMA cipher_hmac_algorithm", [], |row| row.get(0))?;
        Ok(if name == Self::Sha512.name() { Self::Sha512 } else { Self::Sha256 })
    }

    /// Tells a connection that has its key and has read nothing yet.
    fn tell(self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch(&format!("PRAGMA cipher_hmac_algorithm = {};", self.name()))
    }
}

/// Opens `file` by `open`, which gives a connection its key, with the checksum that its pages carry: `known`, or found by
/// reading the first page. Where neither fits, the connection is the one of a new file, and the key is wrong.
pub(crate) fn sealed(
    file: &Path,
    known: Option<Seal>,
    open: impl Fn() -> Result<Connection, OpenError>,
) -> Result<Connection, OpenError> {
    let with = |seal: Seal| {
        let conn = open()?;
        seal.tell(&conn).map_err(|error| sick(file, &error))?;
        Ok(conn)
    };
    let empty = std::fs::metadata(file).map_or(true, |meta| meta.len() == 0);
    if known.is_some() || empty {
        return with(known.unwrap_or(Seal::NEW));
    }
    for seal in [Seal::Sha256, Seal::Sha512] {
        let conn = with(seal)?;
        if !is_foreign(&conn) {
            return Ok(conn);
        }
    }
    // A connection that could not read its first page says something else from then on.
    with(Seal::NEW)
}

/// The first page is nothing this connection can read. Any other trouble is told by whoever reads next.
fn is_foreign(conn: &Connection) -> bool {
    let first = conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0));
    matches!(first, Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::NotADatabase)
}
