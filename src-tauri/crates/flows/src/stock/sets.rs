//! Bundles: several goods sold as one, by the table of SKU aliases.
//!
//! A bundle lies on no shelf. There are as many of it as its scarcest part is enough for, and what can be promised of a part
//! is worked out as for any SKU: the count that holds, less what orders hold, less its safety stock. So a bundle that is
//! sold holds its parts, and a part that is sold alone takes from the bundles.

use super::{Shelf, per_sku};
use crate::policy::Policy;
use quayside_model::alias::fold;
use quayside_model::{AliasPart, Count, PartSays, ShelfFacts};

/// What one unit of a count is made of; nothing where the table of aliases has no word for it.
pub fn parts_of<'a>(policy: &'a Policy, count: &Count) -> &'a [AliasPart] {
    let aliases = &policy.shapers.aliases;
    aliases.parts_by_name(&count.connection, &count.sku, Some(&count.item_id)).unwrap_or_default()
}

/// Units of a SKU that can be promised; why that is not known, a sentence.
pub fn promise(facts: &ShelfFacts, policy: &Policy, now_ms: i64) -> Result<i64, String> {
    Shelf::new(facts, policy, now_ms).work_out()
}

/// A bundle was decided when another number of this part could be promised.
pub fn has_moved(part: &PartSays, now: &Result<i64, String>) -> bool {
    part.available != now.as_ref().ok().copied() || part.why.as_ref() != now.as_ref().err()
}

/// Nothing of this name is counted but bundles.
pub(super) fn only_sets(facts: &ShelfFacts) -> bool {
    !facts.counts.is_empty() && facts.counts.iter().all(|count| count.bundle)
}

/// How many sets there can be of these parts; `None`: it is not known of each of them.
fn enough_for(parts: &[PartSays]) -> Option<i64> {
    let each: Option<Vec<i64>> = parts.iter().map(|part| part.sets).collect();
    each?.into_iter().min()
}

impl Shelf<'_> {
    /// What a bundle is made of at its account, and how many sets each part is enough for.
    pub(super) fn parts(&mut self, count: &Count) -> Vec<PartSays> {
        let (facts, policy, now_ms) = (self.facts, self.policy, self.now_ms);
        let mut parts = Vec::new();
        for part in parts_of(policy, count) {
            let sku = fold(&part.sku);
            let promised = match facts.parts.iter().find(|known| known.sku == sku) {
                Some(known) => {
                    let mut shelf = Shelf::new(known, policy, now_ms);
                    let promised = shelf.work_out();
                    if let Some(at_ms) = shelf.decision.look_again_at_ms {
                        self.look_again(at_ms);
                    }
                    promised
                }
                None => Err("It is looked at in a moment.".to_owned()),
            };
            let available = promised.as_ref().ok().copied();
            parts.push(PartSays {
                sku: part.sku.trim().to_owned(),
                quantity: part.quantity,
                available,
                sets: available.map(|units| units / part.quantity.max(1)),
                limits: false,
                why: promised.err(),
            });
        }
        let least = enough_for(&parts);
        for part in &mut parts {
            part.limits = least.is_some() && part.sets == least;
        }
        parts
    }

    /// Sets that can be promised. Parts keep their safety stock; a bundle has one only where it was given one of its own.
    pub(super) fn sets(&self, parts: &[PartSays]) -> Option<i64> {
        let own = per_sku::own(self.policy, &self.facts.sku).safety.unwrap_or(0);
        enough_for(parts).map(|sets| (sets - own).max(0))
    }
}

/// Why it is not known how many sets there can be.
pub(super) fn why_unknown(parts: &[PartSays]) -> String {
    let unknown = parts.iter().find_map(|part| part.why.as_ref().map(|why| (&part.sku, why)));
    unknown.map_or_else(
        || "It is a bundle, and the table of SKU aliases does not say any more of what.".to_owned(),
        |(sku, why)| format!("It is a bundle, and what can be promised of its part {sku} is not known. {why}"),
    )
}

/// Which parts there are fewest of, in words.
pub(super) fn limit(parts: &[PartSays]) -> String {
    let named = parts.iter().filter(|part| part.limits).map(|part| {
        let units = part.available.unwrap_or(0);
        let each = if part.quantity == 1 { String::new() } else { format!(", {} in each", part.quantity) };
        format!("{} ({units} to promise{each})", part.sku)
    });
    let named: Vec<String> = named.collect();
    let limits = if named.len() == 1 { "limits" } else { "limit" };
    format!("A bundle: {} {limits} it.", named.join(" and "))
}
