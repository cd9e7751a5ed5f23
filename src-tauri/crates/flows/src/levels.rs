//! What is in stock where, as the accounts counted it last: for rules that ask.
//!
//! Read once with the policy, and only where a rule asks. A count nobody has is no stock: what is unknown is treated as
//! not there, so that nothing is promised from a shelf nobody has looked at.

use crate::policy::Policy;
use crate::shape::acting_parts;
use quayside_model::alias::fold;
use quayside_model::{AliasPart, ConnectionId, Story};
use std::collections::BTreeMap;

/// Units in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The account's id of the place; empty where it names none.
    pub place: String,
    /// What people call it.
    pub name: String,
    /// Units that may be sold from there.
    pub available: i64,
}

/// All counts, by account and SKU.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    by_account: BTreeMap<ConnectionId, BTreeMap<String, Vec<Level>>>,
}

impl Levels {
    /// From rows: account, SKU as names are compared, and the count.
    pub fn new(rows: impl IntoIterator<Item = (ConnectionId, String, Level)>) -> Self {
        let mut levels = Self::default();
        for (account, sku, level) in rows {
            levels.by_account.entry(account).or_default().entry(sku).or_default().push(level);
        }
        levels
    }

    /// Counts of a SKU at an account, place by place.
    fn of(&self, account: &ConnectionId, sku: &str) -> &[Level] {
        self.by_account.get(account).and_then(|skus| skus.get(sku)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What an order needs, beside what the account that packs it has.
pub(crate) struct Needs<'a> {
    levels: &'a Levels,
    account: &'a ConnectionId,
    /// Units by SKU, as the hub picks them.
    units: BTreeMap<String, i64>,
    /// A line without a SKU: of it nothing can be counted.
    nameless: bool,
    /// The store counts, and not who packs it: its places are no warehouses of the hub's.
    pub by_store: bool,
}

/// The hub counts, else the store; `None` where neither does or no rule asks.
pub(crate) fn needs<'a>(story: &'a Story, policy: &'a Policy) -> Option<Needs<'a>> {
    let levels = policy.levels.as_deref()?;
    let counts = |account: &&ConnectionId| levels.by_account.contains_key(*account);
    let account = policy.hub_of(story).map(|hub| &hub.id).into_iter().chain([&story.channel]).find(counts)?;
    let parts = acting_parts(story, policy);
    let by_store = *account == story.channel;
    let mut needs = Needs { levels, account, units: BTreeMap::new(), nameless: false, by_store };
    for (line, units) in story.order.lines_ours() {
        for part in picks(story, &parts, &line.remote_id, &line.sku) {
            needs.nameless |= part.sku.is_empty();
            *needs.units.entry(part.sku).or_default() += units * part.quantity;
        }
    }
    Some(needs)
}

/// What the hub picks for one unit of a line, with SKUs as names are compared.
pub(crate) fn picks(
    story: &Story,
    parts: &BTreeMap<String, Vec<AliasPart>>,
    line_id: &str,
    sku: &str,
) -> Vec<AliasPart> {
    let own = || AliasPart { sku: story.choices.skus.get(line_id).map_or(sku, String::as_str).to_owned(), quantity: 1 };
    let picked = parts.get(line_id).cloned().unwrap_or_else(|| vec![own()]);
    picked.into_iter().map(|part| AliasPart { sku: fold(&part.sku), ..part }).collect()
}

impl Needs<'_> {
    /// Units of a SKU in all places together.
    pub fn available(&self, sku: &str) -> i64 {
        self.levels.of(self.account, sku).iter().map(|level| level.available.max(0)).sum()
    }

    /// SKUs of which there is less than the order needs, in all places together.
    pub fn short(&self) -> Vec<&str> {
        let is_short = |(sku, units): &(&String, &i64)| self.available(sku) < **units;
        self.units.iter().filter(is_short).map(|(sku, _)| sku.as_str()).collect()
    }

    /// Places that have all of it, by name: id and name.
    pub fn places(&self) -> Vec<(&str, &str)> {
        let Some(first) = self.units.keys().next().filter(|_| !self.nameless) else { return Vec::new() };
        let has_all = |place: &str| {
            self.units.iter().all(|(sku, units)| {
                let here = self.levels.of(self.account, sku).iter().filter(|level| level.place == place);
                here.map(|level| level.available).sum::<i64>() >= *units
            })
        };
        let mut places: Vec<(&str, &str)> = self
            .levels
            .of(self.account, first)
            .iter()
            .filter(|level| has_all(&level.place))
            .map(|level| (level.place.as_str(), level.name.as_str()))
            .collect();
        places.sort_by_key(|(place, name)| (*name, *place));
        places.dedup();
        places
    }
}
