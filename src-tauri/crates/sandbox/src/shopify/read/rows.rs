//! Pages of connections: `first`, `last`, `after`, `before`, `reverse`, cursors.

use super::{Thing, Value, What};
use crate::ListQuirk;
use crate::shopify::graphql::Args;
use crate::shopify::graphql::execute::{Cursor as Place, Out, Rows};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::SmallRng};
use serde::{Deserialize, Serialize};

/// No page is larger.
pub const PAGE_MAX: usize = 250;
/// A scan of one query ends after so many rows.
pub const SCAN_MAX: usize = 25_000;

/// What a list is sorted by. Ties are broken by id.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortKey {
    /// Number or moment.
    Number(i64),
    /// Text.
    Text(String),
}

/// A row before it is cut into pages.
#[derive(Clone)]
pub struct Row<'a> {
    /// Place in the list.
    pub key: SortKey,
    /// Breaks ties.
    pub id: u64,
    /// The thing.
    pub what: What<'a>,
}

/// Where a page ended. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Key of the last row.
    pub v: SortKey,
    /// Its id.
    pub i: u64,
    /// Rows given so far.
    pub n: usize,
}

impl Cursor {
    /// From the client.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&BASE64_STANDARD.decode(text).ok()?).ok()
    }
}

impl Place for Cursor {
    fn write(&self) -> String {
        BASE64_STANDARD.encode(serde_json::to_string(self).unwrap_or_default())
    }
}

/// What a client asks of a list.
pub struct Paging {
    size: usize,
    from_end: bool,
    pub(super) after: Option<Cursor>,
    before: Option<Cursor>,
    pub(super) reverse: bool,
}

impl Paging {
    /// From the arguments, or why they make no sense.
    pub fn read(args: &Args) -> Result<Self, String> {
        let number = |name: &str| args.get(name).and_then(serde_json::Value::as_i64);
        let cursor = |name: &str| match args.get(name).and_then(|value| value.as_str()) {
            None => Ok(None),
            Some(text) => {
                Cursor::read(text).map(Some).ok_or_else(|| "Invalid cursor for current pagination sort.".to_owned())
            }
        };
        let (size, from_end) = match (number("first"), number("last")) {
            (Some(_), Some(_)) => return Err("providing both first and last is not supported".to_owned()),
            (Some(first), None) => (first, false),
            (None, Some(last)) => (last, true),
            (None, None) => return Err("you must provide one of first or last".to_owned()),
        };
        let word = if from_end { "last" } else { "first" };
        let size = usize::try_from(size)
            .ok()
            .filter(|size| *size > 0)
            .ok_or_else(|| format!("{word} must be greater than zero"))?;
        if size > PAGE_MAX {
            return Err(format!("{word} cannot exceed {PAGE_MAX}"));
        }
        let reverse = args.get("reverse").and_then(serde_json::Value::as_bool).unwrap_or(false);
        Ok(Self { size, from_end, after: cursor("after")?, before: cursor("before")?, reverse })
    }

    /// Rows needed to fill a page taken from the front and to know whether there are more.
    pub(super) fn wanted(&self) -> Option<usize> {
        (!self.from_end && !self.reverse && self.before.is_none()).then_some(self.size + 1)
    }
}

impl<'a> Thing<'a> {
    /// What a client asks of a list here: a page, or in a bulk operation everything.
    pub(super) fn paging(&self, args: &Args) -> Result<Paging, String> {
        if self.view.bulk {
            return Ok(Paging { size: usize::MAX / 2, from_end: false, after: None, before: None, reverse: false });
        }
        Paging::read(args)
    }

    /// A page of parts of one thing, in the order in which they are kept.
    pub(super) fn page(&self, args: &Args, items: impl IntoIterator<Item = (u64, What<'a>)>) -> Value<'a> {
        let rows = items.into_iter().enumerate();
        let rows = rows.map(|(index, (id, what))| Row { key: SortKey::Number(index as i64), id, what }).collect();
        match self.paging(args) {
            Ok(paging) => self.cut(&paging, rows, None, None),
            Err(why) => Out::Failed(why, "BAD_REQUEST"),
        }
    }

    /// A page of sorted rows. `quirk` is what goes wrong with it on purpose; `seed` decides the wrong order.
    pub(super) fn cut(
        &self,
        paging: &Paging,
        mut rows: Vec<Row<'a>>,
        quirk: Option<ListQuirk>,
        seed: Option<u64>,
    ) -> Value<'a> {
        if paging.reverse {
            rows.reverse();
        }
        let behind = |row: &Row<'_>, cursor: &Cursor| {
            let order = row.key.partial_cmp(&cursor.v).unwrap_or(std::cmp::Ordering::Equal).then(row.id.cmp(&cursor.i));
            if paging.reverse { order.is_lt() } else { order.is_gt() }
        };
        let mut start = paging.after.as_ref().map_or(0, |cursor| rows.partition_point(|row| !behind(row, cursor)));
        let mut end = rows.len();
        if let Some(cursor) = &paging.before {
            end = rows.partition_point(|row| !behind(row, cursor) && row.id != cursor.i).max(start);
        }
        if quirk == Some(ListQuirk::DuplicatePage) {
            start -= start.min(paging.size);
        }
        let given = paging.after.as_ref().map_or(0, |cursor| cursor.n);
        let scan_max = if self.view.bulk { usize::MAX / 2 } else { SCAN_MAX };
        let size = paging.size.min(scan_max.saturating_sub(given));
        let (mut more_before, mut more_after) = (start > 0 || paging.after.is_some(), end < rows.len());
        if paging.from_end {
            more_before |= end - start > size;
            start = start.max(end.saturating_sub(size));
        } else {
            more_after |= end - start > size;
            end = end.min(start + size);
        }
        if given + size >= scan_max {
            more_after = false;
        }
        let page = rows.get(start..end).unwrap_or_default();
        let mut page: Vec<(Cursor, Thing<'a>)> = page
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let cursor = Cursor { v: row.key.clone(), i: row.id, n: given + index + 1 };
                (cursor, self.to(row.what.clone()))
            })
            .collect();
        if let (Some(ListQuirk::ReorderedPage), Some(seed)) = (quirk, seed) {
            // The rows change places, the cursors do not: a client that goes on from `endCursor` misses nothing.
            let (cursors, mut things): (Vec<_>, Vec<_>) = page.into_iter().unzip();
            things.shuffle(&mut SmallRng::seed_from_u64(seed));
            page = cursors.into_iter().zip(things).collect();
        }
        Out::Rows(Rows { rows: page, more_after, more_before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn senseless_pages_are_refused_in_the_platforms_words() {
        for (args, why) in [
            (json!({}), "you must provide one of first or last"),
            (json!({ "first": 0 }), "first must be greater than zero"),
            (json!({ "first": 251 }), "first cannot exceed 250"),
            (json!({ "first": 1, "last": 1 }), "providing both first and last is not supported"),
            (json!({ "first": 1, "after": "bogus" }), "Invalid cursor for current pagination sort."),
        ] {
            let Some(args) = args.as_object() else { continue };
            assert_eq!(Paging::read(args).err().as_deref(), Some(why));
        }
    }
}
