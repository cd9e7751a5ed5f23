//! Lists, page by page, in whichever style a profile says. Pure: tokens in, tokens out.
//!
//! A scan reads from the watermark to the end; only the whole scan earns a new
//! watermark, because no list but one promises an order. An account that cannot
//! filter by time of change is read whole each time; unchanged records stop at
//! the store's hash.

use super::profile::{PagingStyle, Profile, as_text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far the watermark stays behind the newest change seen, ms: indexes are late by up to two minutes.
pub(super) const OVERLAP_MS: i64 = 150_000;
/// A cursor that expired begins the scan anew so many times.
const RESTARTS_MAX: u32 = 3;
/// Most pages of one scan: an API that never ends its list ends here.
const PAGES_MAX: u32 = 20_000;

/// How far a stream has been read and saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// Everything changed before this moment is in the store, ms UTC by their clock.
    pub updated_since_ms: i64,
}

/// A scan under way. Lives in memory only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scan {
    /// Where it began to look, ms UTC.
    pub since_ms: i64,
    /// When it began, ms UTC by their clock.
    pub began_ms: i64,
    /// Newest change seen, ms UTC.
    pub newest_ms: i64,
    /// Where the next page is: cursor, page number, offset or link.
    pub place: Option<String>,
    /// Pages read.
    pub pages: u32,
    /// How often it began anew.
    pub restarts: u32,
}

impl Scan {
    /// A scan from a cursor, or from `since_ms` where there is none.
    pub(super) fn begin(cursor: Option<Cursor>, since_ms: i64, now_ms: i64) -> Self {
        let since_ms = cursor.map_or(since_ms, |cursor| cursor.updated_since_ms);
        // A clock that was set back must not skip what happened meanwhile.
        let since_ms = since_ms.min(now_ms);
        Self { since_ms, began_ms: now_ms, newest_ms: i64::MIN, place: None, pages: 0, restarts: 0 }
    }

    /// The same from its start, once more; `None` when that was tried often enough.
    pub(super) fn again(&self, now_ms: i64) -> Option<Self> {
        let restarts = self.restarts + 1;
        (restarts <= RESTARTS_MAX).then(|| Self {
            restarts,
            began_ms: now_ms.min(self.began_ms),
            place: None,
            pages: 0,
            newest_ms: i64::MIN,
            ..self.clone()
        })
    }

    /// What a finished scan earns.
    pub(super) fn earned(&self, before: Option<Cursor>) -> Cursor {
        let reached = self.newest_ms.min(self.began_ms).saturating_sub(OVERLAP_MS);
        Cursor { updated_since_ms: reached.max(before.map_or(self.since_ms, |cursor| cursor.updated_since_ms)) }
    }
}

/// Their parameters for the page a scan stands at.
pub(super) fn parameters(profile: &Profile, place: Option<&str>) -> Vec<(String, String)> {
    let paging = &profile.paging;
    let mut query = Vec::new();
    if let (Some(name), Some(limit)) = (&paging.limit_param, paging.limit) {
        query.push((name.clone(), limit.to_string()));
    }
    let (name, first) = match paging.style {
        PagingStyle::Cursor => (&paging.cursor_param, None),
        PagingStyle::Page => (&paging.page_param, Some(paging.first_page.unwrap_or(1).to_string())),
        PagingStyle::Offset => (&paging.offset_param, Some("0".to_owned())),
        PagingStyle::Link | PagingStyle::None => return query,
    };
    if let (Some(name), Some(value)) = (name, place.map(str::to_owned).or(first)) {
        query.push((name.clone(), value));
    }
    query
}

/// Where the page after this one is; `None` when this was the last.
pub(super) fn next_place(
    profile: &Profile,
    scan: &Scan,
    answer: &Value,
    link: Option<&str>,
    rows: usize,
) -> Result<Option<String>, String> {
    let paging = &profile.paging;
    if scan.pages + 1 >= PAGES_MAX {
        return Err(format!("the list did not end after {PAGES_MAX} pages"));
    }
    let more = match &paging.more {
        Some(more) => Some(truthy(&profile.eval(more, answer)?)),
        None => None,
    };
    if more == Some(false) || paging.style == PagingStyle::None {
        return Ok(None);
    }
    let told = profile.text(paging.next.as_ref(), answer);
    let full = paging.limit.is_none_or(|limit| rows as u64 >= limit);
    let counted =
        |current: i64, step: i64| (rows > 0 && (more == Some(true) || full)).then(|| (current + step).to_string());
    let place = match paging.style {
        PagingStyle::Cursor => told,
        PagingStyle::Link => told.or_else(|| link.map(str::to_owned)),
        PagingStyle::Page => {
            let current =
                scan.place.as_deref().and_then(|place| place.parse().ok()).unwrap_or(paging.first_page.unwrap_or(1));
            match &paging.next {
                Some(_) => told,
                None => counted(current, 1),
            }
        }
        PagingStyle::Offset => {
            let current: i64 = scan.place.as_deref().and_then(|place| place.parse().ok()).unwrap_or(0);
            match &paging.next {
                Some(_) => told,
                None => counted(current, i64::try_from(rows).unwrap_or(0)),
            }
        }
        PagingStyle::None => None,
    };
    // A page that names itself as the next one would be read for ever.
    if place.is_some() && place == scan.place {
        return Err("a page names itself as the next one".to_owned());
    }
    Ok(place)
}

/// `<url>; rel="next"` of a Link header.
pub(super) fn link_next(header: &str) -> Option<String> {
    header.split(',').find_map(|part| {
        let (target, rest) = part.trim().strip_prefix('<')?.split_once('>')?;
        rest.split(';').any(|word| matches!(word.trim(), "rel=next" | "rel=\"next\"")).then(|| target.to_owned())
    })
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Null => false,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        other => as_text(other).is_some_and(|text| !matches!(text.as_str(), "false" | "0" | "no")),
    }
}
