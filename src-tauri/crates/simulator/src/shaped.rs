//! What people set so that orders are shaped on their way: another name for a SKU, a field that is filled, a rule that holds
//! and one that hurries. Every fifth of the later seeds lives with that, under whatever goes wrong in it, and the hub is
//! looked at from the other side: its own names, its own fields, nothing that was to be held.
//!
//! On the further platforms some seeds play it, too (`plays`). Left out: facts told to stores (`tests/pairs.rs`).

use crate::life::SimTrouble;
use crate::oracle::{Told, Verdicts, how_it_went, order_of_key};
use quayside_engine::policy::{MAPPING_KEY, RULES_KEY, shapers_changed};
use quayside_flows::field_mapping::{FieldMapping, MappingRow, Target};
use quayside_flows::rules::{Op, Rule, RuleAction, RuleBook, Test};
use quayside_model::time::HOUR_MS;
use quayside_model::{AliasBy, AliasPart, ConnectionId, Record, RecordKind, SkuAlias};
use quayside_sandbox::Sandbox;
use quayside_sandbox::ledger::By;
use quayside_store::{Store, StoreError};
use std::collections::BTreeSet;

/// Seeds up to this one live as they did when they were counted.
const OLD_SEEDS: u64 = 100;
/// What stores call it, and what the hub does.
const OTHER_SKU: (&str, &str) = ("MAT-ROP", "WH-MAT-ROP");
/// So many units are looked at by somebody first.
const MANY: i64 = 9;
/// What happened since is not judged.
const SETTLED_MS: i64 = 6 * HOUR_MS;

/// Whether the merchant of a seed has set such things.
pub(crate) fn has_tables(seed: u64, platforms: &[String]) -> bool {
    seed > OLD_SEEDS && seed.is_multiple_of(5) && platforms.is_empty()
}

/// A person fills the tables.
pub(crate) fn set(store: &Store, now_ms: i64) -> Result<(), SimTrouble> {
    let rule = |id: &str, field: &str, op: Op, value: &str, then: RuleAction| Rule {
        id: id.to_owned(),
        name: id.to_owned(),
        on: true,
        when: Test::Is { field: field.to_owned(), op, value: value.to_owned() },
        then: vec![then],
    };
    let many = MANY.to_string();
    let rules = RuleBook {
        rules: vec![
            rule(
                "many",
                "units",
                Op::AtLeast,
                &many,
                RuleAction::Hold { text: "Somebody looks at so many first.".into() },
            ),
            rule("express", "service", Op::Contains, "express", RuleAction::Priority),
        ],
        first_only: false,
    };
    let row = MappingRow {
        id: "number".to_owned(),
        on: true,
        target: Target::CustomField1,
        template: "{{ number }}".to_owned(),
        required: true,
        stores: Vec::new(),
    };
    let mapping = FieldMapping { rows: vec![row], ..FieldMapping::default() };
    let (theirs, ours) = OTHER_SKU;
    let alias = SkuAlias {
        store: None,
        by: AliasBy::Sku,
        theirs: theirs.to_owned(),
        parts: vec![AliasPart { sku: ours.to_owned(), quantity: 1 }],
    };
    store.write(|tx| {
        tx.put_sku_alias(&alias, now_ms)?;
        tx.put_setting(RULES_KEY, &rules)?;
        tx.put_setting(MAPPING_KEY, &mapping)?;
        shapers_changed(tx, &(&alias, &rules, &mapping))
    })?;
    Ok(())
}

/// Looks at the hub, and counts the orders there that were shaped as they should be.
pub(crate) fn judge(
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<usize, StoreError> {
    let by_us: BTreeSet<&str> = sandbox
        .ledger
        .of("order_created")
        .filter(|entry| entry.by == By::Client && now_ms - entry.at_ms > SETTLED_MS)
        .filter_map(|entry| entry.key.as_deref())
        .collect();
    let mut shaped = 0;
    let orders = sandbox.hubs.iter().flat_map(|hub| hub.state.orders.values());
    for order in orders.filter(|order| !order.deleted && by_us.contains(order.key.as_str())) {
        let Some((id, truth)) = order_of_key(&sandbox.truth, &order.key) else { continue };
        let rests = truth.edited_at_ms.is_none() && truth.cancelled_at_ms.is_none();
        let account = ConnectionId::new(&truth.account);
        let Some(Record::Order(known)) = store.read(|r| r.record(&account, RecordKind::Order, id))? else { continue };
        if told.contains_key(id) || !rests {
            continue;
        }
        let story = || how_it_went(sandbox, store, id);
        let units: i64 = known.lines_ours().map(|(_, units)| units).sum();
        if units >= MANY {
            verdicts.wrong.add(|| format!("{}: {units} units were to be held by a rule; {}", truth.name, story()));
            continue;
        }
        // What left is as it was when it was packed; people may have written into it by hand.
        let is_open = order.body.status.is_open();
        let mut mine = order.body.items.iter().filter(|item| !item.adjustment && !item.line_key.is_empty());
        if let Some(item) = mine.find(|item| is_open && item.sku.eq_ignore_ascii_case(OTHER_SKU.0)) {
            verdicts
                .wrong
                .add(|| format!("{}: the hub is to pick {} by the store's name; {}", truth.name, item.sku, story()));
        }
        if order.body.custom[0] == known.number {
            shaped += 1;
        } else if is_open {
            let found = &order.body.custom[0];
            verdicts.wrong.add(|| format!("{}: its first field at the hub is {found:?}; {}", truth.name, story()));
        }
    }
    Ok(shaped)
}
