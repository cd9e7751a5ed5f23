//! Where a parcel is by now, put to what is known of it.
//!
//! Labels come from one list and their way from another, and the first says nothing of the second: each reading of a
//! label would wipe out what its carrier told. What is told of a way belongs to a parcel that was read before; without
//! one it is left alone, because it is told again.

use quayside_model::{ConnectionId, Incoming, Parcel, Record, RecordKind};
use quayside_store::{StoreError, Tx};

/// What is to be stored of a record that was read.
pub(crate) enum Told {
    /// The record as it is.
    AsRead,
    /// This, in its place.
    Instead(Box<Incoming>),
    /// Nothing: it is no news, or of nothing we have.
    Nothing,
}

/// What is to be stored, with what is known of the parcel's way.
pub(crate) fn put_together(
    tx: &Tx<'_>,
    connection: &ConnectionId,
    incoming: &Incoming,
    now_ms: i64,
) -> Result<Told, StoreError> {
    match &incoming.record {
        Record::Track(told) => {
            let Some(Record::Parcel(known)) = tx.record(connection, RecordKind::Parcel, &told.parcel_id)? else {
                return Ok(Told::Nothing);
            };
            let track = told.track.clone().after(known.track.as_ref(), now_ms);
            if known.track.as_ref() == Some(&track) {
                return Ok(Told::Nothing);
            }
            // The answer it was read from stays the one of the parcel.
            let raw = tx.raw(connection, RecordKind::Parcel, &told.parcel_id)?.unwrap_or_else(|| "{}".to_owned());
            Ok(Told::Instead(Box::new(Incoming { record: Record::Parcel(known.tracked(track)), raw })))
        }
        Record::Parcel(parcel) if parcel.track.is_none() => {
            let known = tx.record(connection, RecordKind::Parcel, &parcel.remote_id)?;
            let Some(Record::Parcel(Parcel { track: Some(track), .. })) = known else { return Ok(Told::AsRead) };
            let record = Record::Parcel(parcel.clone().tracked(track));
            Ok(Told::Instead(Box::new(Incoming { record, raw: incoming.raw.clone() })))
        }
        _ => Ok(Told::AsRead),
    }
}
