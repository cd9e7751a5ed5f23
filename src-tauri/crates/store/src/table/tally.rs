//! How many orders stand where. Kept by triggers on `orders`; read here.

use crate::error::{StoreError, Tried};
use crate::store::Reader;
use crate::words;
use quayside_model::{ConnectionId, Stage};

/// Orders of one account that stand in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub connection: ConnectionId,
    pub stage: Stage,
    pub waits_code: String,
    pub n: u64,
}

impl Reader<'_> {
    pub(crate) fn tallies(&self) -> Result<Vec<Tally>, StoreError> {
        const TRIED: &str = "count the orders";
        let mut statement = self
            .conn
            .prepare_cached("SELECT connection_id, stage, waits_code, n FROM tally WHERE n > 0")
            .tried(TRIED)?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, i64>(3)?)))
            .tried(TRIED)?;
        rows.map(|row| {
            let (connection, stage, waits_code, n) = row.tried(TRIED)?;
            Ok(Tally {
                connection: ConnectionId(connection),
                stage: words::stage(&stage)?,
                waits_code,
                n: n.unsigned_abs(),
            })
        })
        .collect()
    }
}
