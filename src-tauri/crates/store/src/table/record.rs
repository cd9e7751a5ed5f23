//! Things as the platforms have them: compressed JSON of the model, and the
//! platform's own text beside it. A hash of the JSON tells changed from unchanged.

use crate::ahead::Packed;
use crate::error::{StoreError, Tried};
use crate::pack::{Pack, hash16, json_bytes};
use crate::store::{Reader, Topic, Tx};
use quayside_model::time::is_ahead;
use quayside_model::{ConnectionId, HubOrder, Incoming, Order, Parcel, Product, Record, RecordKind, Return, Stock};
use rusqlite::{OptionalExtension as _, params};
use std::borrow::Cow;

/// What [`Tx::put_record`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Put {
    /// The same as last time.
    Unchanged,
    /// Never seen before.
    New,
    /// Different.
    Changed {
        /// As it was.
        before: Box<Record>,
    },
}

/// An unchanged record refreshes `seen_at_ms` only this often: overlapping windows
/// read the same records again and again, and a write costs a page.
const SEEN_STEP_MS: i64 = 15 * 60 * 1000;

/// The body without the enum around it: the column `kind` says which, and a plain
/// struct is read twice as fast as a tagged one.
pub(crate) fn body_json(record: &Record) -> Result<Vec<u8>, StoreError> {
    match record {
        Record::Order(order) => json_bytes(order),
        Record::HubOrder(order) => json_bytes(order),
        Record::Parcel(parcel) => json_bytes(parcel),
        Record::Stock(stock) => json_bytes(stock),
        Record::Product(product) => json_bytes(product),
        Record::Return(back) => json_bytes(back),
        Record::Track(tracked) => json_bytes(tracked),
    }
}

/// What goes into the row, made ahead or to be made if the record turns out to be news.
enum Form<'a> {
    Ready(&'a Packed),
    Json(Vec<u8>),
}

impl Form<'_> {
    fn hash(&self) -> [u8; 16] {
        match self {
            Self::Ready(packed) => packed.hash,
            Self::Json(json) => hash16(json),
        }
    }

    fn body(&self, pack: &Pack) -> Result<Cow<'_, [u8]>, StoreError> {
        match self {
            Self::Ready(packed) => Ok(Cow::Borrowed(&packed.body)),
            Self::Json(json) => pack.zip(json).map(Cow::Owned),
        }
    }

    fn raw(&self, pack: &Pack, incoming: &Incoming) -> Result<Cow<'_, [u8]>, StoreError> {
        match self {
            Self::Ready(packed) => Ok(Cow::Borrowed(&packed.raw)),
            Self::Json(_) => pack.zip(incoming.raw.as_bytes()).map(Cow::Owned),
        }
    }
}

pub(crate) fn record_from(pack: &Pack, kind: RecordKind, body: &[u8]) -> Result<Record, StoreError> {
    pack.records.get_or(kind.code(), body, || {
        Ok(match kind {
            RecordKind::Order => Record::Order(pack.unzip_json::<Order>(body)?),
            RecordKind::HubOrder => Record::HubOrder(pack.unzip_json::<HubOrder>(body)?),
            RecordKind::Parcel => Record::Parcel(pack.unzip_json::<Parcel>(body)?),
            RecordKind::Stock => Record::Stock(pack.unzip_json::<Stock>(body)?),
            RecordKind::Product => Record::Product(pack.unzip_json::<Product>(body)?),
            RecordKind::Return => Record::Return(pack.unzip_json::<Return>(body)?),
        })
    })
}

fn remote_at_ms(record: &Record) -> i64 {
    match record {
        Record::Order(order) => order.updated_at_ms,
        Record::HubOrder(order) => order.modified_at_ms,
        Record::Parcel(parcel) => parcel.created_at_ms,
        Record::Stock(stock) => stock.updated_at_ms,
        Record::Product(product) => product.updated_at_ms,
        Record::Return(back) => back.updated_at_ms,
        Record::Track(tracked) => tracked.track.at_ms.unwrap_or(0),
    }
}

/// Of a parcel: it goes out and is not voided.
fn live(record: &Record) -> Option<bool> {
    match record {
        Record::Parcel(parcel) => Some(parcel.is_live()),
        _ => None,
    }
}

fn name(connection: &ConnectionId, kind: RecordKind, remote_id: &str) -> String {
    let kind = kind.code();
    let mut name = String::with_capacity(connection.as_str().len() + kind.len() + remote_id.len() + 2);
    for (i, part) in [connection.as_str(), kind, remote_id].into_iter().enumerate() {
        if i > 0 {
            name.push('\0');
        }
        name.push_str(part);
    }
    name
}

impl Reader<'_> {
    /// A record as last read.
    pub fn record(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Option<Record>, StoreError> {
        Ok(self.record_seen(connection, kind, remote_id)?.map(|(record, _)| record))
    }

    /// The same, with when it was read.
    pub(crate) fn record_seen(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Option<(Record, i64)>, StoreError> {
        let tried = || format!("read {} {remote_id} of {connection}", kind.code());
        {
            let fresh = self.fresh.borrow();
            if !fresh.is_empty()
                && let Some(fresh) = fresh.get(&name(connection, kind, remote_id))
            {
                return Ok(Some((fresh.record.clone(), fresh.seen_at_ms)));
            }
        }
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT body, seen_at_ms FROM record WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
            )
            .tried(tried)?;
        let mut rows = statement.query(params![connection.as_str(), kind.code(), remote_id]).tried(tried)?;
        let Some(row) = rows.next().tried(tried)? else { return Ok(None) };
        let body = row.get_ref(0).and_then(|body| Ok(body.as_blob()?)).tried(tried)?;
        let (record, seen_at_ms) = (record_from(self.pack, kind, body)?, row.get(1).tried(tried)?);
        Ok(Some((record, seen_at_ms)))
    }

    /// Things of one kind that an account has, by row; `after` is the row of the piece before (0 to begin).
    pub fn records_of_kind(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Record)>, StoreError> {
        let tried = || format!("read the {} records of {connection}", kind.code());
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, body FROM record WHERE connection_id = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4",
            )
            .tried(tried)?;
        let mut rows = statement.query(params![connection.as_str(), kind.code(), after, limit as i64]).tried(tried)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().tried(tried)? {
            let body = row.get_ref(1).and_then(|body| Ok(body.as_blob()?)).tried(tried)?;
            out.push((row.get(0).tried(tried)?, record_from(self.pack, kind, body)?));
        }
        Ok(out)
    }

    /// Things of one kind that an account has and that no reading has shown since `since_ms`. That something was seen is
    /// noted every quarter of an hour only, and that is allowed for.
    pub fn records_unseen(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        since_ms: i64,
    ) -> Result<Vec<Record>, StoreError> {
        let tried = || format!("find the {} records of {connection} that are gone", kind.code());
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT body FROM record WHERE connection_id = ?1 AND kind = ?2 AND seen_at_ms < ?3 ORDER BY id",
            )
            .tried(tried)?;
        let before_ms = since_ms - SEEN_STEP_MS;
        let mut rows = statement.query(params![connection.as_str(), kind.code(), before_ms]).tried(tried)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().tried(tried)? {
            let body = row.get_ref(0).and_then(|body| Ok(body.as_blob()?)).tried(tried)?;
            out.push(record_from(self.pack, kind, body)?);
        }
        Ok(out)
    }

    /// The platform's own text for a record; `None` if there is no such record or retention took it.
    pub fn raw(
        &self,
        connection: &ConnectionId,
        kind: RecordKind,
        remote_id: &str,
    ) -> Result<Option<String>, StoreError> {
        let tried = || format!("read the raw answer for {} {remote_id} of {connection}", kind.code());
        let raw: Option<Option<Vec<u8>>> = self
            .conn
            .prepare_cached("SELECT raw FROM record WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")
            .tried(tried)?
            .query_row(params![connection.as_str(), kind.code(), remote_id], |row| row.get(0))
            .optional()
            .tried(tried)?;
        raw.flatten().map(|raw| Ok(String::from_utf8_lossy(&self.pack.unzip(&raw)?).into_owned())).transpose()
    }
}

impl Tx<'_> {
    /// Stores what was read, unless it is what we have.
    pub fn put_record(
        &mut self,
        connection: &ConnectionId,
        incoming: &Incoming,
        now_ms: i64,
    ) -> Result<Put, StoreError> {
        self.put_packed(connection, incoming, None, now_ms)
    }

    /// The same; `packed` is what was made of it ahead, if it is ready.
    pub fn put_packed(
        &mut self,
        connection: &ConnectionId,
        incoming: &Incoming,
        packed: Option<&Packed>,
        now_ms: i64,
    ) -> Result<Put, StoreError> {
        let record = &incoming.record;
        let (kind, remote_id) = (record.kind(), record.remote_id());
        let tried = || format!("store {} {remote_id} of {connection}", kind.code());
        let form = match packed {
            Some(packed) => Form::Ready(packed),
            None => Form::Json(body_json(record)?),
        };
        let hash = form.hash();
        self.take_back(connection, kind, remote_id, now_ms)?;

        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, hash, seen_at_ms, body FROM record WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
            )
            .tried(tried)?;
        let mut rows = statement.query(params![connection.as_str(), kind.code(), remote_id]).tried(tried)?;
        let put = match rows.next().tried(tried)? {
            None => {
                self.conn
                    .prepare_cached(
                        "INSERT INTO record (connection_id, kind, remote_id, hash, remote_at_ms, seen_at_ms, body, raw, live)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )
                    .tried(tried)?
                    .execute(params![
                        connection.as_str(),
                        kind.code(),
                        remote_id,
                        hash,
                        remote_at_ms(record),
                        now_ms,
                        &*form.body(self.pack)?,
                        &*form.raw(self.pack, incoming)?,
                        live(record)
                    ])
                    .tried(tried)?;
                Put::New
            }
            Some(row) => {
                let id: i64 = row.get(0).tried(tried)?;
                let known = row.get_ref(1).and_then(|hash| Ok(hash.as_blob()?)).tried(tried)?;
                if known == hash {
                    let seen_at_ms: i64 = row.get(2).tried(tried)?;
                    if now_ms - seen_at_ms >= SEEN_STEP_MS || is_ahead(seen_at_ms, now_ms) {
                        self.conn
                            .prepare_cached("UPDATE record SET seen_at_ms = ?2 WHERE id = ?1")
                            .tried(tried)?
                            .execute([id, now_ms])
                            .tried(tried)?;
                    }
                    return Ok(Put::Unchanged);
                }
                let body = row.get_ref(3).and_then(|body| Ok(body.as_blob()?)).tried(tried)?;
                let before = Box::new(record_from(self.pack, kind, body)?);
                self.conn
                    .prepare_cached(
                        "UPDATE record SET hash = ?2, remote_at_ms = ?3, seen_at_ms = ?4, body = ?5, raw = ?6, live = ?7
                         WHERE id = ?1",
                    )
                    .tried(tried)?
                    .execute(params![
                        id,
                        hash,
                        remote_at_ms(record),
                        now_ms,
                        &*form.body(self.pack)?,
                        &*form.raw(self.pack, incoming)?,
                        live(record)
                    ])
                    .tried(tried)?;
                Put::Changed { before }
            }
        };
        drop(rows);
        drop(statement);
        if matches!(put, Put::Changed { .. })
            && matches!(kind, RecordKind::Order | RecordKind::HubOrder | RecordKind::Parcel | RecordKind::Return)
        {
            for order in self.orders_linked_to(connection, kind, remote_id)? {
                self.personal_again(order)?;
            }
        }
        // A new order is decided of from what was read: nobody looks it up in this transaction.
        if !(matches!(put, Put::New) && kind == RecordKind::Order) {
            self.keep_fresh(name(connection, kind, remote_id), record, now_ms);
        }
        self.touch(Topic::Orders);
        Ok(put)
    }

    /// Replaces the body of a known record and drops its raw answer, keeping the hash of
    /// what was read: reading the same again changes nothing.
    pub(crate) fn overwrite(&mut self, connection: &ConnectionId, record: &Record) -> Result<(), StoreError> {
        let (kind, remote_id) = (record.kind(), record.remote_id());
        let tried = || format!("rewrite {} {remote_id} of {connection}", kind.code());
        let body = self.pack.zip(&body_json(record)?)?;
        self.conn
            .prepare_cached(
                "UPDATE record SET body = ?4, raw = NULL WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
            )
            .tried(tried)?
            .execute(params![connection.as_str(), kind.code(), remote_id, body])
            .tried(tried)?;
        self.forget_fresh();
        Ok(())
    }
}
