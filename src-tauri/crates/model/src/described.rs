//! What an account says it has: its kinds of records, their fields, the values of their lists. Offered where a setting
//! names one of them.
//!
//! Each list is told once, and each place to fill says which list it takes from and what of it does not fit: an account
//! with hundreds of fields and dozens of such places stays one small answer.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What settings of an account can name, as the account describes itself now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Described {
    /// When it was asked, ms UTC.
    pub as_of_ms: i64,
    /// What there is.
    pub lists: Vec<DescribedList>,
    /// What it can be chosen for.
    pub slots: Vec<DescribedSlot>,
}

impl Described {
    /// A list by its name.
    pub fn list(&self, name: &str) -> Option<&DescribedList> {
        self.lists.iter().find(|list| list.name == name)
    }
    /// The place a setting, or a part of one, is chosen at.
    pub fn slot(&self, setting: &str, part: &str) -> Option<&DescribedSlot> {
        self.slots.iter().find(|slot| slot.setting == setting && slot.part == part)
    }
}

/// Things of one kind: the fields of an object, the objects there are, the values of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DescribedList {
    /// Unique among the lists.
    pub name: String,
    /// For people ("Opportunity").
    pub title: String,
    /// By label.
    pub entries: Vec<DescribedEntry>,
}

/// One thing that can be named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DescribedEntry {
    /// What the setting holds when it is chosen.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// What it holds, in words ("Text, 80 characters"); may be empty.
    pub kind: String,
    /// A record cannot do without it.
    pub required: bool,
    /// The account's user may not write it.
    pub read_only: bool,
    /// Somebody added it to this account; it is not the platform's own.
    pub custom: bool,
}

/// A place to fill: a setting, or one part of a setting that names several (`part=NAME; part=NAME`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DescribedSlot {
    /// The setting.
    pub setting: String,
    /// Its part; empty: the setting as a whole.
    pub part: String,
    /// What goes there, for people.
    pub label: String,
    /// Name of the list it takes from.
    pub list: String,
    /// Nothing works without it.
    pub needed: bool,
    /// What other places offer depends on it.
    pub leads: bool,
    /// What of the list does not fit, and why.
    pub unfit: Vec<Unfit>,
}

impl DescribedSlot {
    /// Why a value does not fit here; `None`: it does, as far as the account says.
    pub fn why_not(&self, value: &str) -> Option<&str> {
        let unfit = self.unfit.iter().find(|unfit| unfit.values.iter().any(|known| known.eq_ignore_ascii_case(value)));
        unfit.map(|unfit| unfit.why.as_str())
    }
}

/// Values that do not fit for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Unfit {
    /// The reason, a few words.
    pub why: String,
    /// The values.
    pub values: Vec<String>,
}
