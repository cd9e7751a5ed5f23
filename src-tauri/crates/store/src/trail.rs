//! The trail: a chain of digests over everything that happened, so that nobody can change it unseen.
//!
//! ```text
//! digest of a row  = SHA-256(its facts, SHA-256(its text, salt))      digest of a page = SHA-256(digests of its rows)
//! link             = SHA-256(link before, number, time, kind, rows, what was done, digest)
//! ```
//!
//! Sealed are the lines of the timeline, the changes that were ever planned (key, account, kind, sentence) and every try
//! (moment, outcome, the platform's name of the request, and as digests what was sent and what was said against it). It costs taking orders in nothing: rows are sealed in quiet
//! moments, a page of up to [`PAGE_ROWS`] at a time, in tables of their own.
//!
//! Personal data can still go. What a person might be told by is in the *text* of a row; when it is taken out, the salt
//! goes with it and the digest of the text stays (`trail_gone`), so the chain holds and nobody can try what stood there.
//! Old lines can be forgotten, too. Both are entries of the chain themselves, and a row without its text counts only if an
//! entry says so.
//!
//! What it cannot do: whoever has the file *and* its key can make the whole chain anew, unless somebody kept a head
//! ([`TrailHead`]) elsewhere. What is not sealed yet is protected by nothing. What a row says after its text was taken out
//! is not sealed.

use crate::error::{StoreError, Tried};
use crate::pack::from_json;
use crate::store::{Reader, Store, Tx};
use quayside_model::{EffectId, OrderId};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a page at most: few enough that a click does not wait for one.
pub const PAGE_ROWS: usize = 512;
/// Entries looked at in one snapshot.
const PIECE: usize = 64;
/// Breaks that are told one by one.
const BREAKS_MAX: usize = 20;

type Sum = [u8; 32];
pub(crate) type Salt = [u8; 16];
/// What the first link follows.
const START: Sum = [0; 32];

/// The end of the chain. Kept outside (on paper, in a backup's note, with an order's evidence), it shows later that
/// everything before it is what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailHead {
    /// Entries so far.
    pub n: i64,
    /// When the last one was made, ms UTC.
    pub at_ms: i64,
    /// The last link, as hexadecimal digits.
    pub link: String,
}

impl std::fmt::Display for TrailHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.n, self.link)
    }
}

/// What a look through the trail found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TrailCheck {
    /// Its end.
    pub head: Option<TrailHead>,
    /// Entries whose links were followed: all there are.
    pub entries: i64,
    /// Rows that were compared with their digests, whole.
    pub rows: i64,
    /// Rows whose text was taken out; the rest of each was compared.
    pub blanked: i64,
    /// Rows that were forgotten in time.
    pub purged: i64,
    /// Rows that are not sealed yet.
    pub unsealed: i64,
    /// What does not fit, one sentence each; the first of them if there are many.
    pub breaks: Vec<String>,
}

impl TrailCheck {
    fn broken(&mut self, sentence: String) {
        if self.breaks.len() < BREAKS_MAX {
            self.breaks.push(sentence);
        }
    }
}

/// The tables whose rows are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Events,
    Effects,
    Attempts,
}

impl Kept {
    const ALL: [Self; 3] = [Self::Events, Self::Effects, Self::Attempts];

    /// In the column `kind`.
    fn code(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Effects => "effects",
            Self::Attempts => "attempts",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kept| kept.code() == code)
    }

    fn title(self) -> &'static str {
        match self {
            Self::Events => "lines of the timeline",
            Self::Effects => "planned changes",
            Self::Attempts => "tries",
        }
    }

    /// Rows behind ?1 up to ?2, at most ?3 of them: the id, facts, and last what may tell of a person.
    fn sql(self) -> &'static str {
        match self {
            Self::Events => {
                "SELECT id, at_ms, author, kind, order_id, connection_id, sentence, detail FROM event
                 WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3"
            }
            Self::Effects => {
                "SELECT id, created_at_ms, key, kind, automation, order_id, subject, connection_id, sentence FROM effect
                 WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3"
            }
            Self::Attempts => {
                "SELECT t.id, a.at_ms, e.key, a.effect_id, a.n, a.duration_ms, a.looked, a.outcome, a.request_id, s.sent, s.refused
                 FROM trail_attempt t JOIN attempt a ON a.effect_id = t.effect_id AND a.n = t.n
                      JOIN effect e ON e.id = t.effect_id
                      LEFT JOIN attempt_said s ON s.effect_id = t.effect_id AND s.n = t.n
                 WHERE t.id > ?1 AND t.id <= ?2 ORDER BY t.id LIMIT ?3"
            }
        }
    }

    /// So many columns at the end of [`Self::sql`] are text that may go.
    fn texts(self) -> usize {
        match self {
            Self::Events => 2,
            Self::Effects => 1,
            Self::Attempts => 0,
        }
    }

    /// So many facts at the end are left out where there are none: rows from before they were kept have none.
    fn later_facts(self) -> usize {
        match self {
            Self::Events | Self::Effects => 0,
            Self::Attempts => 2,
        }
    }

    /// How many rows stand behind ?1, counted up to ?2.
    fn waiting_sql(self) -> &'static str {
        match self {
            Self::Events => "SELECT count(*) FROM (SELECT 1 FROM event WHERE id > ?1 LIMIT ?2)",
            Self::Effects => "SELECT count(*) FROM (SELECT 1 FROM effect WHERE id > ?1 LIMIT ?2)",
            Self::Attempts => "SELECT count(*) FROM (SELECT 1 FROM trail_attempt WHERE id > ?1 LIMIT ?2)",
        }
    }
}

/// A digest in the making: each value with its length before it, so that no two rows read the same.
#[derive(Clone)]
struct Facts(Sha256);

impl Facts {
    fn of(what: &str) -> Self {
        let mut facts = Self(Sha256::new());
        facts.bytes(Some(what.as_bytes()));
        facts
    }

    fn bytes(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            None => self.0.update([0_u8]),
            Some(bytes) => {
                self.0.update([1_u8]);
                self.0.update((bytes.len() as u64).to_le_bytes());
                self.0.update(bytes);
            }
        }
    }

    fn number(&mut self, number: Option<i64>) {
        self.bytes(number.map(i64::to_le_bytes).as_ref().map(|bytes| &bytes[..]));
    }

    fn value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.bytes(None),
            ValueRef::Integer(number) => self.number(Some(number)),
            ValueRef::Real(number) => self.bytes(Some(&number.to_le_bytes())),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => self.bytes(Some(bytes)),
        }
    }

    fn sum(self) -> Sum {
        let mut sum = [0; 32];
        sum.copy_from_slice(&self.0.finalize());
        sum
    }
}

/// A row, read but not yet one digest.
struct Line {
    id: i64,
    facts: Facts,
    text: Facts,
}

impl Line {
    fn text_sum(&self, salt: &Salt) -> Sum {
        let mut text = self.text.clone();
        text.bytes(Some(salt));
        text.sum()
    }

    /// `text`: the digest of its text, if it has any.
    fn sum(&self, text: Option<&Sum>) -> Sum {
        let mut facts = self.facts.clone();
        facts.bytes(text.map(|sum| &sum[..]));
        facts.sum()
    }
}

/// The rows of a page and what was mixed into each.
struct Salts(Vec<(i64, Salt)>);

/// Bytes of a row in it: its id and its salt.
const SALT_ROW: usize = 24;

impl Salts {
    fn read(bytes: &[u8]) -> Self {
        let number = |bytes: &[u8]| {
            let mut id = [0; 8];
            id.copy_from_slice(bytes);
            i64::from_le_bytes(id)
        };
        Self(
            bytes
                .chunks_exact(SALT_ROW)
                .map(|row| {
                    let mut salt = [0; 16];
                    salt.copy_from_slice(&row[8..]);
                    (number(&row[..8]), salt)
                })
                .collect(),
        )
    }

    fn write(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(id, salt)| id.to_le_bytes().into_iter().chain(*salt)).collect()
    }

    /// The salt of a row, which is gone from here.
    fn take(&mut self, id: i64) -> Option<Salt> {
        let at = self.0.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(std::mem::take(&mut self.0[at].1))
    }
}

/// Rows that lost their text, or what their digests are of.
#[derive(Default)]
pub(crate) struct Blanked {
    pub events: Vec<i64>,
    pub effects: Vec<i64>,
    /// By their place in the trail.
    pub attempts: Vec<i64>,
}

/// What stands in for a row, or for its text.
struct Gone {
    /// The row is not there any more.
    whole: bool,
    sum: Sum,
    /// The entry that says so.
    entry: i64,
}

/// A page, or something that was done.
struct Entry {
    n: i64,
    at_ms: i64,
    kind: String,
    span: Option<(i64, i64)>,
    held: i64,
    body: Option<String>,
    digest: Sum,
}

impl Entry {
    fn link(&self, before: &Sum) -> Sum {
        let mut facts = Facts::of("link");
        facts.bytes(Some(before));
        facts.number(Some(self.n));
        facts.number(Some(self.at_ms));
        facts.bytes(Some(self.kind.as_bytes()));
        facts.number(self.span.map(|(first, _)| first));
        facts.number(self.span.map(|(_, last)| last));
        facts.number(Some(self.held));
        facts.bytes(self.body.as_deref().map(str::as_bytes));
        facts.bytes(Some(&self.digest));
        facts.sum()
    }

    /// "page 12 (512 lines of the timeline, sealed on 2026-11-03 at 10:05 UTC)".
    fn named(&self, kept: Kept) -> String {
        let day = chrono::DateTime::from_timestamp_millis(self.at_ms).unwrap_or_default();
        format!(
            "entry {} of the trail ({} {}, sealed on {} UTC)",
            self.n,
            self.held,
            kept.title(),
            day.format("%Y-%m-%d at %H:%M")
        )
    }
}

fn body_sum(body: &str) -> Sum {
    let mut facts = Facts::of("entry");
    facts.bytes(Some(body.as_bytes()));
    facts.sum()
}

/// What a try sent, or what was said against it: `None` if nothing was.
pub(crate) fn said_sum(what: &str, said: Option<&[u8]>, salt: &Salt) -> Sum {
    let mut facts = Facts::of(what);
    facts.bytes(said);
    facts.bytes(Some(salt));
    facts.sum()
}

/// What became of something that a digest is of.
enum Tampered {
    No,
    Changed,
    /// It is gone, and no entry says so.
    Unsaid,
}

fn page_sum(kept: Kept) -> Facts {
    Facts::of(kept.code())
}

fn hex(sum: &Sum) -> String {
    blake3::Hash::from(*sum).to_hex().to_string()
}

/// How far a look through the trail is.
struct Walk {
    n: i64,
    link: Sum,
    /// The last row of the last page of each table.
    last: [i64; 3],
    /// What entries say is gone: (entry, table) to its rows.
    said: BTreeMap<(i64, &'static str), BTreeSet<i64>>,
    /// Pages that were forgotten whole, as far as anybody asked.
    forgotten: BTreeSet<i64>,
}

impl Reader<'_> {
    /// The end of the chain; `None` if nothing is sealed yet.
    pub fn trail_head(&self) -> Result<Option<TrailHead>, StoreError> {
        const TRIED: &str = "read the end of the trail";
        self.conn
            .prepare_cached("SELECT n, at_ms, link FROM trail ORDER BY n DESC LIMIT 1")
            .tried(TRIED)?
            .query_row([], |row| {
                Ok(TrailHead { n: row.get(0)?, at_ms: row.get(1)?, link: hex(&row.get::<_, Sum>(2)?) })
            })
            .optional()
            .tried(TRIED)
    }

    /// The link an entry has, as hexadecimal digits: to be compared with a head that was kept. `None`: there is no such entry.
    pub fn trail_link(&self, n: i64) -> Result<Option<String>, StoreError> {
        const TRIED: &str = "read a link of the trail";
        self.conn
            .prepare_cached("SELECT link FROM trail WHERE n = ?1")
            .tried(TRIED)?
            .query_row([n], |row| Ok(hex(&row.get::<_, Sum>(0)?)))
            .optional()
            .tried(TRIED)
    }

    /// The entry of the trail that holds a line of the timeline; `None` if it is not sealed yet.
    pub fn trail_entry_of_event(&self, event: i64) -> Result<Option<i64>, StoreError> {
        Ok(self.page_of(Kept::Events, event)?.map(|(page, ..)| page))
    }

    fn trail_end(&self) -> Result<(i64, Sum), StoreError> {
        const TRIED: &str = "read the end of the trail";
        let end = self
            .conn
            .prepare_cached("SELECT n, link FROM trail ORDER BY n DESC LIMIT 1")
            .tried(TRIED)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .tried(TRIED)?;
        Ok(end.unwrap_or((0, START)))
    }

    fn sealed_to(&self, kept: Kept) -> Result<i64, StoreError> {
        const TRIED: &str = "find where the trail ends";
        self.conn
            .prepare_cached("SELECT ifnull(max(last_id), 0) FROM trail WHERE kind = ?1")
            .tried(TRIED)?
            .query_row([kept.code()], |row| row.get(0))
            .tried(TRIED)
    }

    /// Rows that are not sealed yet, counted up to `most`.
    fn waiting_to_be_sealed(&self, kept: Kept, most: i64) -> Result<i64, StoreError> {
        const TRIED: &str = "count what is not sealed yet";
        self.conn
            .prepare_cached(kept.waiting_sql())
            .tried(TRIED)?
            .query_row([self.sealed_to(kept)?, most], |row| row.get(0))
            .tried(TRIED)
    }

    fn lines(&self, kept: Kept, after: i64, last: i64, limit: i64) -> Result<Vec<Line>, StoreError> {
        const TRIED: &str = "read what the trail is about";
        let mut statement = self.conn.prepare_cached(kept.sql()).tried(TRIED)?;
        let columns = statement.column_count();
        let facts = columns - kept.texts();
        let later = facts - kept.later_facts()..facts;
        let mut rows = statement.query([after, last, limit]).tried(TRIED)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().tried(TRIED)? {
            let mut line =
                Line { id: row.get(0).tried(TRIED)?, facts: Facts::of(kept.code()), text: Facts::of("text") };
            for at in 0..columns {
                let value = row.get_ref(at).tried(TRIED)?;
                if later.contains(&at) && matches!(value, ValueRef::Null) {
                    continue;
                }
                let into = if at < facts { &mut line.facts } else { &mut line.text };
                into.value(value);
            }
            lines.push(line);
        }
        Ok(lines)
    }

    /// The page a row is sealed in: its number, its first and its last row.
    fn page_of(&self, kept: Kept, id: i64) -> Result<Option<(i64, i64, i64)>, StoreError> {
        const TRIED: &str = "find a page of the trail";
        let page: Option<(i64, i64, i64)> = self
            .conn
            .prepare_cached(
                "SELECT n, first_id, last_id FROM trail WHERE kind = ?1 AND last_id >= ?2 ORDER BY last_id LIMIT 1",
            )
            .tried(TRIED)?
            .query_row(params![kept.code(), id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()
            .tried(TRIED)?;
        Ok(page.filter(|(_, first, _)| *first <= id))
    }

    fn salts(&self, page: i64) -> Result<Option<Salts>, StoreError> {
        const TRIED: &str = "read a page of the trail";
        let bytes: Option<Vec<u8>> = self
            .conn
            .prepare_cached("SELECT salts FROM trail_salt WHERE page = ?1")
            .tried(TRIED)?
            .query_row([page], |row| row.get(0))
            .optional()
            .tried(TRIED)?;
        Ok(bytes.map(|bytes| Salts::read(&bytes)))
    }

    fn gone_between(&self, kept: Kept, first: i64, last: i64) -> Result<BTreeMap<i64, Gone>, StoreError> {
        const TRIED: &str = "read what is gone from the trail";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, whole, digest, entry FROM trail_gone WHERE kind = ?1 AND id >= ?2 AND id <= ?3 ORDER BY id",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![kept.code(), first, last], |row| {
                Ok((row.get::<_, i64>(0)?, Gone { whole: row.get(1)?, sum: row.get(2)?, entry: row.get(3)? }))
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// The rows of a table, or the pages, that an entry says are gone.
    fn said_gone(&self, entry: i64, what: &str) -> Result<BTreeSet<i64>, StoreError> {
        const TRIED: &str = "read an entry of the trail";
        let body: Option<String> = self
            .conn
            .prepare_cached("SELECT body FROM trail WHERE n = ?1 AND kind IN ('blanked', 'purged')")
            .tried(TRIED)?
            .query_row([entry], |row| row.get(0))
            .optional()
            .tried(TRIED)?
            .flatten();
        let Some(body) = body else { return Ok(BTreeSet::new()) };
        let body: Value = from_json(&body)?;
        Ok(body.get(what).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect())
    }

    fn pages_forgotten(&self) -> Result<BTreeSet<i64>, StoreError> {
        const TRIED: &str = "read what was forgotten in time";
        let mut statement = self.conn.prepare_cached("SELECT n FROM trail WHERE kind = 'purged'").tried(TRIED)?;
        let entries: Vec<i64> =
            statement.query_map([], |row| row.get(0)).tried(TRIED)?.collect::<Result<_, _>>().tried(TRIED)?;
        let mut pages = BTreeSet::new();
        for entry in entries {
            pages.extend(self.said_gone(entry, "pages")?);
        }
        Ok(pages)
    }

    fn entries_after(&self, n: i64) -> Result<Vec<(Entry, Sum)>, StoreError> {
        const TRIED: &str = "follow the trail";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT n, at_ms, kind, first_id, last_id, held, body, digest, link FROM trail WHERE n > ?1 ORDER BY n LIMIT ?2",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([n, PIECE as i64], |row| {
                let (first, last): (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
                let entry = Entry {
                    n: row.get(0)?,
                    at_ms: row.get(1)?,
                    kind: row.get(2)?,
                    span: first.zip(last),
                    held: row.get(5)?,
                    body: row.get(6)?,
                    digest: row.get(7)?,
                };
                Ok((entry, row.get::<_, Sum>(8)?))
            })
            .tried(TRIED)?;
        rows.collect::<Result<_, _>>().tried(TRIED)
    }

    /// Follows the next piece of the trail. `from`: pages behind this entry are compared row by row. False at the end.
    fn check_piece(&self, walk: &mut Walk, from: i64, check: &mut TrailCheck) -> Result<bool, StoreError> {
        let entries = self.entries_after(walk.n)?;
        let more = entries.len() == PIECE;
        for (entry, link) in entries {
            if entry.n != walk.n + 1 || entry.link(&walk.link) != link {
                check.broken(format!(
                    "Entry {} of the trail does not follow from the one before it: one of them was changed, or something between them was taken out.",
                    entry.n
                ));
            }
            (walk.n, walk.link) = (entry.n, link);
            check.entries += 1;
            match (Kept::from_code(&entry.kind), entry.span) {
                (Some(kept), Some((first, last))) => {
                    let before = &mut walk.last[kept as usize];
                    if first != *before + 1 {
                        check.broken(format!(
                            "Something is left out between {} and the page before.",
                            entry.named(kept)
                        ));
                    }
                    *before = last;
                    if entry.n > from
                        && let Some(why) = self.check_page(&entry, kept, (first, last), walk, check)?
                    {
                        check.broken(format!("In {} {why}.", entry.named(kept)));
                    }
                }
                _ => {
                    if entry.body.as_deref().map(body_sum) != Some(entry.digest) {
                        check.broken(format!("What entry {} of the trail says was changed.", entry.n));
                    }
                }
            }
        }
        Ok(more)
    }

    /// Compares a page with its rows. What is wrong with it, if anything is.
    fn check_page(
        &self,
        page: &Entry,
        kept: Kept,
        (first, last): (i64, i64),
        walk: &mut Walk,
        check: &mut TrailCheck,
    ) -> Result<Option<&'static str>, StoreError> {
        const MISSING: &str = "a row is missing";
        const PUT_IN: &str = "a row was put in";
        const CHANGED: &str = "a row was changed";
        const UNSAID: &str = "a row is gone, and no entry says why";
        let lines = self.lines(kept, first - 1, last, -1)?;
        let mut sums = page_sum(kept);
        if kept == Kept::Attempts {
            check.rows += lines.len() as i64;
            for line in &lines {
                sums.bytes(Some(&line.sum(None)));
            }
            return Ok(match (lines.len() as i64).cmp(&page.held) {
                std::cmp::Ordering::Less => Some(MISSING),
                std::cmp::Ordering::Greater => Some(PUT_IN),
                std::cmp::Ordering::Equal if sums.sum() != page.digest => Some(CHANGED),
                std::cmp::Ordering::Equal => match self.look_at_said((first, last), walk, check)? {
                    Tampered::No => None,
                    Tampered::Changed => Some(CHANGED),
                    Tampered::Unsaid => Some(UNSAID),
                },
            });
        }
        let Some(salts) = self.salts(page.n)? else {
            check.purged += page.held;
            if !walk.forgotten.contains(&page.n) {
                walk.forgotten = self.pages_forgotten()?;
            }
            return Ok(match (walk.forgotten.contains(&page.n), lines.is_empty()) {
                (true, true) => None,
                (true, false) => Some(PUT_IN),
                (false, _) => Some(UNSAID),
            });
        };
        let gone = self.gone_between(kept, first, last)?;
        let mut lines: BTreeMap<i64, Line> = lines.into_iter().map(|line| (line.id, line)).collect();
        for (id, salt) in &salts.0 {
            let gone = gone.get(id);
            if let Some(gone) = gone {
                let name = (gone.entry, kept.code());
                let said = match walk.said.entry(name) {
                    Slot::Occupied(known) => known.into_mut(),
                    Slot::Vacant(free) => free.insert(self.said_gone(gone.entry, kept.code())?),
                };
                if !said.contains(id) {
                    return Ok(Some(UNSAID));
                }
            }
            let sum = match (lines.remove(id), gone) {
                (Some(line), None) => {
                    check.rows += 1;
                    line.sum(Some(&line.text_sum(salt)))
                }
                (Some(line), Some(gone)) if !gone.whole => {
                    check.blanked += 1;
                    line.sum(Some(&gone.sum))
                }
                (None, Some(gone)) if gone.whole => {
                    check.purged += 1;
                    gone.sum
                }
                (Some(_), _) => return Ok(Some(PUT_IN)),
                (None, _) => return Ok(Some(MISSING)),
            };
            sums.bytes(Some(&sum));
        }
        if !lines.is_empty() {
            return Ok(Some(PUT_IN));
        }
        Ok((sums.sum() != page.digest).then_some(CHANGED))
    }

    /// Compares what tries sent, and what was said against them, with their digests: those of the tries are sealed. What
    /// was sent by a try that was not the last, or that was refused, may have been mended since.
    fn look_at_said(
        &self,
        (first, last): (i64, i64),
        walk: &mut Walk,
        check: &mut TrailCheck,
    ) -> Result<Tampered, StoreError> {
        const TRIED: &str = "read what tries sent";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT t.id, s.salt, s.sent, s.refused, ifnull(s.entry, 0), a.refusal, e.intent,
                        a.outcome IN ('done', 'already', 'unknown')
                            AND a.n = (SELECT max(n) FROM attempt WHERE effect_id = t.effect_id)
                 FROM trail_attempt t JOIN attempt a ON a.effect_id = t.effect_id AND a.n = t.n
                      JOIN effect e ON e.id = t.effect_id
                      JOIN attempt_said s ON s.effect_id = t.effect_id AND s.n = t.n
                 WHERE t.id >= ?1 AND t.id <= ?2 ORDER BY t.id",
            )
            .tried(TRIED)?;
        let mut rows = statement.query([first, last]).tried(TRIED)?;
        while let Some(row) = rows.next().tried(TRIED)? {
            let id: i64 = row.get(0).tried(TRIED)?;
            let Some(salt) = row.get::<_, Option<Salt>>(1).tried(TRIED)? else {
                let entry: i64 = row.get(4).tried(TRIED)?;
                let said = match walk.said.entry((entry, Kept::Attempts.code())) {
                    Slot::Occupied(known) => known.into_mut(),
                    Slot::Vacant(free) => free.insert(self.said_gone(entry, Kept::Attempts.code())?),
                };
                if !said.contains(&id) {
                    return Ok(Tampered::Unsaid);
                }
                check.blanked += 1;
                continue;
            };
            let (sent, refused): (Sum, Sum) = (row.get(2).tried(TRIED)?, row.get(3).tried(TRIED)?);
            let refusal: Option<String> = row.get(5).tried(TRIED)?;
            let (intent, stands): (Vec<u8>, bool) = (row.get(6).tried(TRIED)?, row.get(7).tried(TRIED)?);
            if said_sum("refused", refusal.as_deref().map(str::as_bytes), &salt) != refused
                || stands && said_sum("sent", Some(&intent), &salt) != sent
            {
                return Ok(Tampered::Changed);
            }
        }
        Ok(Tampered::No)
    }

    /// Rows that no page can hold.
    fn outside_the_trail(&self) -> Result<bool, StoreError> {
        const TRIED: &str = "look for rows outside of the trail";
        self.conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM event WHERE id < 1) OR EXISTS (SELECT 1 FROM effect WHERE id < 1)
                     OR (SELECT count(*) FROM attempt) <> (SELECT count(*) FROM trail_attempt)",
            )
            .tried(TRIED)?
            .query_row([], |row| row.get(0))
            .tried(TRIED)
    }
}

impl Tx<'_> {
    /// Adds to the chain that something was done, in words of the caller's and without anybody's data. Its number.
    pub fn note_in_trail(&mut self, body: &Value, now_ms: i64) -> Result<i64, StoreError> {
        self.append_entry("note", 0, body, now_ms)
    }

    fn append_entry(&mut self, kind: &str, held: i64, body: &Value, now_ms: i64) -> Result<i64, StoreError> {
        let body = body.to_string();
        let digest = body_sum(&body);
        self.append(kind, None, held, Some(body), digest, now_ms)
    }

    fn append(
        &mut self,
        kind: &str,
        span: Option<(i64, i64)>,
        held: i64,
        body: Option<String>,
        digest: Sum,
        now_ms: i64,
    ) -> Result<i64, StoreError> {
        const TRIED: &str = "add to the trail";
        let (n, before) = self.trail_end()?;
        let entry = Entry { n: n + 1, at_ms: now_ms, kind: kind.to_owned(), span, held, body, digest };
        let link = entry.link(&before);
        self.conn
            .prepare_cached(
                "INSERT INTO trail (n, at_ms, kind, first_id, last_id, held, body, digest, link)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .tried(TRIED)?
            .execute(params![
                entry.n,
                entry.at_ms,
                entry.kind,
                span.map(|(first, _)| first),
                span.map(|(_, last)| last),
                entry.held,
                entry.body,
                entry.digest,
                link
            ])
            .tried(TRIED)?;
        Ok(entry.n)
    }

    /// Seals the next page of a table. True if there may be another.
    fn seal_page(&mut self, kept: Kept, least: usize, chance: &[u8; 32], now_ms: i64) -> Result<bool, StoreError> {
        let after = self.sealed_to(kept)?;
        let lines = self.lines(kept, after, i64::MAX, PAGE_ROWS as i64)?;
        let Some(last) = lines.last().map(|line| line.id).filter(|_| lines.len() >= least.min(PAGE_ROWS)) else {
            return Ok(false);
        };
        let mut salts = Salts(Vec::new());
        if kept != Kept::Attempts {
            // One draw is enough for all of them: nobody keeps it.
            let mut drawn = vec![0; lines.len() * size_of::<Salt>()];
            let mut source = blake3::Hasher::new_keyed(chance);
            source.update(kept.code().as_bytes()).update(&after.to_le_bytes());
            source.finalize_xof().fill(&mut drawn);
            salts.0.extend(lines.iter().zip(drawn.chunks_exact(size_of::<Salt>())).map(|(line, drawn)| {
                let mut salt = Salt::default();
                salt.copy_from_slice(drawn);
                (line.id, salt)
            }));
        }
        let mut sums = page_sum(kept);
        for (at, line) in lines.iter().enumerate() {
            let text = salts.0.get(at).map(|(_, salt)| line.text_sum(salt));
            sums.bytes(Some(&line.sum(text.as_ref())));
        }
        let page = self.append(kept.code(), Some((after + 1, last)), lines.len() as i64, None, sums.sum(), now_ms)?;
        if kept != Kept::Attempts {
            self.put_salts(page, &salts)?;
        }
        Ok(lines.len() == PAGE_ROWS)
    }

    fn put_salts(&mut self, page: i64, salts: &Salts) -> Result<(), StoreError> {
        const TRIED: &str = "write a page of the trail";
        self.conn
            .prepare_cached(
                "INSERT INTO trail_salt (page, salts) VALUES (?1, ?2) ON CONFLICT (page) DO UPDATE SET salts = excluded.salts",
            )
            .tried(TRIED)?
            .execute(params![page, salts.write()])
            .tried(TRIED)?;
        Ok(())
    }

    fn put_gone(&mut self, kept: Kept, id: i64, gone: &Gone) -> Result<(), StoreError> {
        const TRIED: &str = "write what is gone from the trail";
        self.conn
            .prepare_cached(
                "INSERT INTO trail_gone (kind, id, whole, digest, entry) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (kind, id) DO UPDATE SET whole = excluded.whole, digest = excluded.digest, entry = excluded.entry",
            )
            .tried(TRIED)?
            .execute(params![kept.code(), id, gone.whole, gone.sum, gone.entry])
            .tried(TRIED)?;
        Ok(())
    }

    /// To be called before the text of a row is taken out: keeps the text's digest and drops its salt. True if that is to be
    /// said in the trail ([`Self::say_blanked`], before anything else is added to it); not if the row is not sealed, or
    /// had lost its text before.
    pub(crate) fn lift_text(&mut self, kept: Kept, id: i64) -> Result<bool, StoreError> {
        let Some((page, ..)) = self.page_of(kept, id)? else { return Ok(false) };
        if !self.gone_between(kept, id, id)?.is_empty() {
            return Ok(false);
        }
        let Some(mut salts) = self.salts(page)? else { return Ok(false) };
        let Some(salt) = salts.take(id) else { return Ok(false) };
        let Some(line) = self.lines(kept, id - 1, id, 1)?.pop() else { return Ok(false) };
        let entry = self.trail_end()?.0 + 1;
        self.put_gone(kept, id, &Gone { whole: false, sum: line.text_sum(&salt), entry })?;
        self.put_salts(page, &salts)?;
        Ok(true)
    }

    /// To be called when what a change sent, or what was said against it, is taken out: nobody can try any more what its
    /// tries were sealed with. The sealed ones are given back, to be said in the trail as with [`Self::lift_text`]; the
    /// others are sealed without.
    pub(crate) fn lift_said(&mut self, effect: EffectId) -> Result<Vec<i64>, StoreError> {
        let tried = || format!("take out what the attempts of effect {effect} said");
        let (sealed_to, entry) = (self.sealed_to(Kept::Attempts)?, self.trail_end()?.0 + 1);
        let tries: Vec<(i64, i64)> = {
            let mut statement = self
                .conn
                .prepare_cached(
                    "SELECT t.id, t.n FROM trail_attempt t JOIN attempt_said s ON s.effect_id = t.effect_id AND s.n = t.n
                     WHERE t.effect_id = ?1 AND s.salt IS NOT NULL ORDER BY t.id",
                )
                .tried(tried)?;
            let rows = statement.query_map([effect.0], |row| Ok((row.get(0)?, row.get(1)?))).tried(tried)?;
            rows.collect::<Result<_, _>>().tried(tried)?
        };
        let mut lifted = Vec::new();
        for (id, n) in tries {
            if id > sealed_to {
                self.conn
                    .prepare_cached("DELETE FROM attempt_said WHERE effect_id = ?1 AND n = ?2")
                    .tried(tried)?
                    .execute([effect.0, n])
                    .tried(tried)?;
                continue;
            }
            self.conn
                .prepare_cached("UPDATE attempt_said SET salt = NULL, entry = ?3 WHERE effect_id = ?1 AND n = ?2")
                .tried(tried)?
                .execute([effect.0, n, entry])
                .tried(tried)?;
            lifted.push(id);
        }
        Ok(lifted)
    }

    /// Says that these rows of an order have lost their text.
    pub(crate) fn say_blanked(&mut self, order: OrderId, gone: &Blanked, now_ms: i64) -> Result<(), StoreError> {
        let Blanked { events, effects, attempts } = gone;
        let held = (events.len() + effects.len() + attempts.len()) as i64;
        if held == 0 {
            return Ok(());
        }
        let body = json!({ "order": order, "events": events, "effects": effects, "attempts": attempts });
        self.append_entry("blanked", held, &body, now_ms).map(|_| ())
    }

    /// To be called before lines of the timeline are deleted because they are old (`ids`, sorted): keeps the digest of each,
    /// or nothing where a whole page goes, and says so.
    pub(crate) fn say_purged(&mut self, ids: &[i64], before_ms: i64, now_ms: i64) -> Result<(), StoreError> {
        const TRIED: &str = "write what is forgotten from the trail";
        const KEPT: Kept = Kept::Events;
        let entry = self.trail_end()?.0 + 1;
        let (mut pages, mut single, mut held) = (Vec::new(), Vec::new(), 0);
        let mut rest = ids;
        while let Some(id) = rest.first() {
            // Pages hold rows without a gap, so nothing behind this one is sealed either.
            let Some((page, first, last)) = self.page_of(KEPT, *id)? else { break };
            let (here, later) = rest.split_at(rest.partition_point(|id| *id <= last));
            rest = later;
            let Some(mut salts) = self.salts(page)? else { continue };
            let gone = self.gone_between(KEPT, first, last)?;
            let stays = |id: &i64| here.binary_search(id).is_err() && gone.get(id).is_none_or(|gone| !gone.whole);
            held += here.len() as i64;
            if !salts.0.iter().any(|(id, _)| stays(id)) {
                self.conn
                    .prepare_cached("DELETE FROM trail_salt WHERE page = ?1")
                    .tried(TRIED)?
                    .execute([page])
                    .tried(TRIED)?;
                self.conn
                    .prepare_cached("DELETE FROM trail_gone WHERE kind = ?1 AND id >= ?2 AND id <= ?3")
                    .tried(TRIED)?
                    .execute(params![KEPT.code(), first, last])
                    .tried(TRIED)?;
                pages.push(page);
                continue;
            }
            for line in self.lines(KEPT, first - 1, last, -1)? {
                if here.binary_search(&line.id).is_err() {
                    continue;
                }
                let Some(salt) = salts.take(line.id) else { continue };
                let text = gone.get(&line.id).map_or_else(|| line.text_sum(&salt), |gone| gone.sum);
                self.put_gone(KEPT, line.id, &Gone { whole: true, sum: line.sum(Some(&text)), entry })?;
                single.push(line.id);
            }
            self.put_salts(page, &salts)?;
        }
        if held == 0 {
            return Ok(());
        }
        let body = json!({ "before_ms": before_ms, "pages": pages, "events": single });
        self.append_entry("purged", held, &body, now_ms).map(|_| ())
    }
}

impl Store {
    /// Seals the next rows of each table, a page at most, as soon as there are `least` of them. `chance`: random bytes that
    /// nobody keeps. True if there may be more to seal. Tells nobody: no screen shows it.
    pub fn seal_trail(&self, least: usize, chance: &[u8; 32], now_ms: i64) -> Result<bool, StoreError> {
        let least = least.clamp(1, PAGE_ROWS);
        let due = self.read(|r| {
            for kept in Kept::ALL {
                if r.waiting_to_be_sealed(kept, least as i64)? == least as i64 {
                    return Ok(true);
                }
            }
            Ok(false)
        })?;
        if !due {
            return Ok(false);
        }
        self.write(|tx| {
            let mut more = false;
            for kept in Kept::ALL {
                more |= tx.seal_page(kept, least, chance, now_ms)?;
            }
            Ok(more)
        })
    }

    /// Follows the whole chain, and compares the rows of its last `entries` with their digests; all rows for `None`. Looks
    /// in pieces, so that nobody waits.
    pub fn check_trail(&self, entries: Option<i64>) -> Result<TrailCheck, StoreError> {
        let (head, unsealed, outside) = self.read(|r| {
            let mut unsealed = 0;
            for kept in Kept::ALL {
                unsealed += r.waiting_to_be_sealed(kept, i64::MAX)?;
            }
            let outside = entries.is_none() && r.outside_the_trail()?;
            Ok((r.trail_head()?, unsealed, outside))
        })?;
        let end = head.as_ref().map_or(0, |head| head.n);
        let from = entries.map_or(0, |last| end.saturating_sub(last).max(0));
        let mut check = TrailCheck { head, unsealed, ..TrailCheck::default() };
        if outside {
            check.broken("There are rows that the trail does not know: they were not written by Quayside.".to_owned());
        }
        let mut walk = Walk { n: 0, link: START, last: [0; 3], said: BTreeMap::new(), forgotten: BTreeSet::new() };
        while self.read(|r| r.check_piece(&mut walk, from, &mut check))? {}
        Ok(check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that would read the same without their lengths.
    #[test]
    fn no_two_rows_have_one_digest() {
        let sum = |values: &[Option<&str>]| {
            let mut facts = Facts::of("x");
            for value in values {
                facts.bytes(value.map(str::as_bytes));
            }
            facts.sum()
        };
        let rows: [&[Option<&str>]; 7] = [
            &[Some("ab"), Some("c")],
            &[Some("a"), Some("bc")],
            &[Some("abc")],
            &[Some("abc"), None],
            &[Some("abc"), Some("")],
            &[None, Some("abc")],
            &[],
        ];
        let sums: BTreeSet<Sum> = rows.iter().map(|row| sum(row)).collect();
        assert_eq!(sums.len(), rows.len());
    }

    #[test]
    fn a_salt_is_taken_once_and_the_others_stay() {
        let salts = Salts(vec![(3, [1; 16]), (7, [2; 16]), (-9, [3; 16])]);
        let mut read = Salts::read(&salts.write());
        assert_eq!(read.0, salts.0);
        read.0.sort_unstable();
        assert_eq!((read.take(7), read.take(7), read.take(8)), (Some([2; 16]), Some([0; 16]), None));
        assert_eq!(read.take(3), Some([1; 16]));
    }

    #[test]
    fn a_head_is_one_word() {
        let head = TrailHead { n: 12, at_ms: 0, link: hex(&[0xab; 32]) };
        assert_eq!(head.to_string(), format!("12-{}", "ab".repeat(32)));
    }
}
