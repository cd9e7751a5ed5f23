//! Labels the desk bought, counted from the shipping account's side: money leaves with each of them.

use crate::oracle::Count;
use quayside_sandbox::Sandbox;
use quayside_sandbox::ledger::{By, Entry};
use std::collections::BTreeMap;

/// An order for which the desk bought a label beside another one that nobody had voided by then.
pub(crate) fn judge(sandbox: &Sandbox, doubled: &mut Count) {
    // What an order has: labels that live, by its key there.
    let mut living: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let entries = sandbox.ledger.entries.iter();
    for entry in entries.filter(|entry| matches!(entry.effect.as_str(), "label_bought" | "label_voided")) {
        let Some(key) = key_of(entry) else { continue };
        let labels = living.entry(key).or_default();
        if entry.effect == "label_voided" {
            labels.retain(|label| *label != entry.subject);
            continue;
        }
        if entry.by == By::Client && !labels.is_empty() {
            doubled.add(|| format!("{key}: label {} was bought beside {}", entry.subject, labels.join(", ")));
        }
        labels.push(&entry.subject);
    }
}

fn key_of(entry: &Entry) -> Option<&str> {
    entry.key.as_deref().filter(|key| !key.is_empty())
}
