//! What a person arranged for themselves: saved views, columns, grouping, causes that are muted.
//!
//! Kept in the profile's store, not in the window: a second window or a restored
//! backup shows the same desk, and two profiles never share a view. Names and
//! filter texts only, nothing about any order.

use crate::desk::Desk;
use crate::exceptions::needs_person;
use crate::trouble::Answer;
use crate::verbs::person;
use crate::view::Trouble;
use quayside_model::Cause;
use quayside_store::{Reader, StoreError};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Where the store keeps the arrangement.
const KEY: &str = "console";
/// Where the store keeps what is muted.
const MUTED_KEY: &str = "console.muted";
/// More views than a person finds again.
const VIEWS_MAX: usize = 100;
/// Longest name and filter, letters.
const NAME_MAX: usize = 60;
const TEXT_MAX: usize = 500;
/// Narrowest and widest column, pixels.
const WIDTH: std::ops::RangeInclusive<u32> = 40..=900;

/// A view a person made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct SavedView {
    /// Stable word, unique among them.
    pub id: String,
    /// Its tab.
    pub label: String,
    /// The ready-made view underneath (`open`).
    pub view: String,
    /// The filter as typed.
    pub text: String,
    /// Sorted by; empty: the usual.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Grouped by; empty: not.
    pub group: String,
}

/// One column of the queue as a person wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ColumnChoice {
    /// Which.
    pub id: String,
    /// Shown.
    pub shown: bool,
    /// Width in pixels; 0: the usual.
    pub width_px: u32,
    /// Stays when there is no room for all.
    pub pinned: bool,
}

/// The arrangement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Console {
    /// Views, in the order of their tabs.
    pub views: Vec<SavedView>,
    /// Columns in their order; empty: as the program has them.
    pub columns: Vec<ColumnChoice>,
    /// The view that was open last.
    pub last_view: String,
    /// When a plan was looked at for the first time, ms UTC.
    pub plan_seen_at_ms: Option<i64>,
    /// The first steps are not shown any more.
    pub steps_hidden: bool,
}

/// A cause that is kept quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Mute {
    /// Since, ms UTC.
    pub since_ms: i64,
    /// Until, ms UTC; `None`: until a person says otherwise.
    pub until_ms: Option<i64>,
}

/// Causes that are muted at a moment.
pub(crate) fn muted(r: &Reader<'_>, now_ms: i64) -> Result<BTreeMap<Cause, Mute>, StoreError> {
    let mut muted: BTreeMap<Cause, Mute> = r.setting(MUTED_KEY)?.unwrap_or_default();
    muted.retain(|_, mute| mute.until_ms.is_none_or(|until_ms| until_ms > now_ms));
    Ok(muted)
}

impl Desk {
    /// The arrangement as it is.
    pub fn console(&self) -> Answer<Console> {
        Ok(self.room()?.store.read(|r| r.setting(KEY))?.unwrap_or_default())
    }

    /// Keeps an arrangement, whole.
    pub fn put_console(&self, console: Console) -> Answer<Console> {
        let room = self.writable()?;
        let console = check(console)?;
        room.store.write(|tx| tx.put_setting(KEY, &console))?;
        Ok(console)
    }

    /// Keeps a cause quiet, or lets it be heard again. Its entries stay on the list, under "Muted";
    /// nothing is notified and nothing is counted in red.
    pub fn mute_cause(&self, cause: Cause, muted: bool, until_ms: Option<i64>) -> Answer<()> {
        let room = self.writable()?;
        let now_ms = room.now_ms();
        if muted && until_ms.is_some_and(|until_ms| until_ms <= now_ms) {
            return Err(Trouble::field("until_ms", "That moment has passed already. Choose a later one."));
        }
        if muted && !needs_person(cause) {
            return Err(Trouble::input(format!("\"{}\" passes by itself and is never notified.", cause.title())));
        }
        room.store.write(|tx| {
            let mut known: BTreeMap<Cause, Mute> = tx.setting(MUTED_KEY)?.unwrap_or_default();
            known.retain(|_, mute| mute.until_ms.is_none_or(|until_ms| until_ms > now_ms));
            let sentence = if muted {
                known.insert(cause, Mute { since_ms: now_ms, until_ms });
                format!("Muted \"{}\"", cause.title())
            } else {
                known.remove(&cause);
                format!("Listens to \"{}\" again", cause.title())
            };
            tx.put_setting(MUTED_KEY, &known)?;
            person(tx, None, None, now_ms, sentence)
        })?;
        Ok(())
    }
}

/// The arrangement if it makes sense, else which field does not.
fn check(mut console: Console) -> Answer<Console> {
    if console.views.len() > VIEWS_MAX {
        return Err(Trouble::field("views", format!("{VIEWS_MAX} views are the most. Delete one you no longer use.")));
    }
    let mut seen = std::collections::BTreeSet::new();
    for view in &mut console.views {
        view.label = view.label.trim().to_owned();
        if view.label.is_empty() || view.label.chars().count() > NAME_MAX {
            return Err(Trouble::field("label", format!("A view needs a name of 1 to {NAME_MAX} letters.")));
        }
        if view.text.chars().count() > TEXT_MAX {
            return Err(Trouble::field(
                "text",
                format!("The filter of \"{}\" is longer than {TEXT_MAX} letters.", view.label),
            ));
        }
        if view.id.is_empty() || !seen.insert(view.id.clone()) {
            return Err(Trouble::field(
                "id",
                format!("Two views are called \"{}\". Give one another name.", view.label),
            ));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    console.columns.retain(|column| !column.id.is_empty() && seen.insert(column.id.clone()));
    for column in &mut console.columns {
        if column.width_px != 0 {
            column.width_px = column.width_px.clamp(*WIDTH.start(), *WIDTH.end());
        }
    }
    Ok(console)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn view(id: &str, label: &str) -> SavedView {
        SavedView { id: id.into(), label: label.into(), ..SavedView::default() }
    }

    #[test]
    fn an_arrangement_is_tidied_or_names_what_is_wrong() {
        let column = |id: &str, width_px| ColumnChoice { id: id.into(), width_px, ..ColumnChoice::default() };
        let kept = check(Console {
            views: vec![view("eu", "  EU  ")],
            columns: vec![column("to", 5), column("to", 90), column("", 1), column("value", 0)],
            ..Console::default()
        })
        .unwrap();
        assert_eq!(kept.views[0].label, "EU");
        assert_eq!(kept.columns, [column("to", 40), column("value", 0)]);
        for (views, field) in [
            (vec![view("a", " ")], "label"),
            (vec![view("a", &"x".repeat(61))], "label"),
            (vec![view("a", "A"), view("a", "B")], "id"),
            (vec![SavedView { text: "x".repeat(501), ..view("a", "A") }], "text"),
            ((0..101).map(|n| view(&n.to_string(), "A")).collect(), "views"),
        ] {
            let trouble = check(Console { views, ..Console::default() }).unwrap_err();
            assert_eq!(trouble.field.as_deref(), Some(field), "{trouble}");
        }
    }
}
