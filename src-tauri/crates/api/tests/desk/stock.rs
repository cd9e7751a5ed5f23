//! Counts: what they should be before anything is kept for it, and what becomes of a change that was refused.

use crate::house::{House, NOW, act, config, order};
use quayside_api::stock::{StockAdjust, StockAsk};
use quayside_api::view::{ExceptionGroup, ExceptionsAsk, GoingLive, Targets, Verb};
use quayside_engine::{decide_shelf, policy, redecide};
use quayside_flows::stock;
use quayside_model::cause::Action;
use quayside_model::time::HOUR_MS;
use quayside_model::{
    AliasBy, AliasPart, Cause, Clock, ConnectionId, EffectState, Mode, OrderId, Record, ShelfSays, SideState, SkuAlias,
    Stock,
};
use quayside_store::EffectFilter;
use serde_json::json;
use std::collections::BTreeMap;

const SKU: &str = "HG-LAMP-S";
const LINE: Option<i64> = Some(NOW - HOUR_MS);
const CHANGE: &str = "Set HG-LAMP-S at Harbour Annex (Main) from 14 to 8";

fn depot() -> ConnectionId {
    ConnectionId::new("harbour-depot")
}
fn annex() -> ConnectionId {
    ConnectionId::new("harbour-annex")
}

/// Two stores that count: the depot's ten hold, the annex shows fourteen, and two of them are sold there.
fn two_stores() -> (House, OrderId) {
    let house = House::new();
    house
        .store
        .write(|tx| {
            tx.put_connection(&config(&depot(), "Harbour Depot", "bigcommerce", "EUR"))?;
            tx.put_connection(&config(&annex(), "Harbour Annex", "bigcommerce", "EUR"))
        })
        .unwrap();
    let settings = [(stock::TRUTH, json!("harbour-depot")), (stock::CONTAINS, json!("orders"))];
    let settings: BTreeMap<_, _> = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    house.desk.put_automation(stock::ID, Mode::Off, &settings).unwrap();
    let id = house.order_at(&annex(), order(1));
    for (account, available) in [(depot(), 10), (annex(), 14)] {
        let stock = Stock {
            remote_id: "7:1".into(),
            sku: SKU.into(),
            item_id: "7".into(),
            location_id: Some("1".into()),
            location_name: "Main".into(),
            available,
            on_hand: None,
            updated_at_ms: NOW,
        };
        house.read(&account, Record::Stock(stock));
    }
    (house, id)
}

/// The SKU is looked at, as the engine does when something about it changed.
fn look(house: &House) -> ShelfSays {
    let policy = house.store.read(policy::load).unwrap();
    house.store.write(|tx| decide_shelf(tx, &policy, &SKU.to_lowercase(), house.clock.now_ms())).unwrap();
    let page = house.desk.stock(&StockAsk::default()).unwrap();
    page.rows.into_iter().find_map(|row| row.says).unwrap()
}

/// Every order is looked at, as the engine does when settings change.
fn sweep(house: &House, order: OrderId) -> ShelfSays {
    let policy = house.store.read(policy::load).unwrap();
    house.store.write(|tx| redecide(tx, &policy, order, NOW)).unwrap();
    house.store.write(|tx| tx.held_is_whole(NOW)).unwrap();
    look(house)
}

fn changes(house: &House) -> Vec<(String, EffectState)> {
    let page = house.store.read(|r| r.effect_page(&EffectFilter::default(), None, 10)).unwrap();
    page.items.into_iter().map(|item| (item.sentence, item.state)).collect()
}

/// Orders of which nothing is kept.
fn uncounted(house: &House) -> usize {
    house.store.read(|r| r.orders_without_share((0, OrderId(0)), 9)).unwrap().len()
}

#[test]
fn what_is_off_keeps_nothing_and_its_preview_is_what_comes_of_it() {
    let (house, id) = two_stores();
    let says = look(&house);
    assert_eq!((says.held, says.available, says.per_day_hundredths), (None, None, None));
    assert_eq!(says.why.as_deref(), Some("\"Stock\" is off, so what orders hold is not added up."));
    assert_eq!((uncounted(&house), house.store.read(|r| r.held_whole_ms()).unwrap()), (1, None));
    assert_eq!(house.desk.plan(None, None, 0).unwrap().per_automation[stock::ID], 0);

    let going = GoingLive { mode: Mode::Ask, from_ms: LINE };
    let plan = house.desk.plan(Some(stock::ID), Some(going), 0).unwrap();
    let told: Vec<&str> = plan.items.iter().map(|item| item.effect.sentence.as_str()).collect();
    assert_eq!(told, [CHANGE]);
    assert_eq!((plan.items[0].order_id, plan.items[0].order_number.as_str()), (None, SKU));
    assert_eq!((changes(&house), uncounted(&house)), (vec![], 1), "a preview keeps nothing");

    house.desk.go_live(stock::ID, Mode::Ask, LINE).unwrap();
    let says = sweep(&house, id);
    assert_eq!((says.held, says.available, says.sides[0].state), (Some(2), Some(8), SideState::Changing));
    assert_eq!((changes(&house), uncounted(&house)), (vec![(CHANGE.to_owned(), EffectState::Asked)], 0));

    house.desk.put_automation(stock::ID, Mode::Off, &BTreeMap::new()).unwrap();
    assert_eq!(changes(&house), [(CHANGE.to_owned(), EffectState::Skipped)]);
    assert_eq!((uncounted(&house), house.store.read(|r| r.held_whole_ms()).unwrap()), (1, None), "and it is forgotten");
}

fn listed(house: &House) -> Vec<ExceptionGroup> {
    let ask = ExceptionsAsk { view: "needs_me".into(), cause: Some(Cause::ContentRefused), text: String::new() };
    house.desk.exceptions(ask).unwrap().groups
}

#[test]
fn a_count_that_was_refused_is_an_exception_with_its_buttons() {
    let (house, id) = two_stores();
    house.desk.go_live(stock::ID, Mode::Auto, LINE).unwrap();
    sweep(&house, id);
    let refuse = || {
        assert_eq!(house.refuse(&annex(), Cause::ContentRefused, "The store keeps no count of this item.", SKU), 1);
        assert_eq!(look(&house).sides[0].state, SideState::Refused);
        let mut groups = listed(&house);
        assert_eq!((groups.len(), groups[0].count, groups[0].summary.as_str()), (1, 1, "Harbour Annex"));
        groups.remove(0).entries.remove(0)
    };
    let entry = refuse();
    assert_eq!((entry.counted.as_deref(), entry.order.is_none(), entry.connection), (Some(SKU), true, Some(annex())));
    assert_eq!(
        (entry.sentence.as_str(), entry.said.as_deref()),
        ("The store keeps no count of this item.", Some("nope"))
    );
    assert_eq!(entry.actions, [Action::Retry, Action::Skip]);

    // Tried again: it is over until it is refused anew.
    let tried = house.desk.act(act(Verb::Retry, Targets::Exceptions(vec![entry.id]))).unwrap();
    assert_eq!((tried.done, tried.took), (1, vec![SKU.to_owned()]));
    look(&house);
    assert_eq!((changes(&house), listed(&house).len()), (vec![(CHANGE.to_owned(), EffectState::Pending)], 0));
    let again = refuse();
    assert_ne!(again.id, entry.id);

    let given_up = house.desk.act(act(Verb::Skip, Targets::Exceptions(vec![again.id]))).unwrap();
    assert_eq!(given_up.done, 1);
    assert_eq!(look(&house).sides[0].sentence, "You gave 8 up. Another number is planned when it is wanted.");
    assert_eq!(listed(&house).len(), 0);
}

#[test]
fn what_was_refused_goes_with_the_account() {
    let (house, id) = two_stores();
    house.desk.go_live(stock::ID, Mode::Auto, LINE).unwrap();
    sweep(&house, id);
    assert_eq!(house.refuse(&annex(), Cause::ContentRefused, "The store keeps no count of this item.", SKU), 1);
    look(&house);
    assert_eq!(listed(&house).len(), 1);
    house.desk.remove_connection(&annex()).unwrap();
    assert_eq!(listed(&house).len(), 0);
    assert_eq!(changes(&house), [(CHANGE.to_owned(), EffectState::Skipped)]);
    assert_eq!(look(&house).sides, []);
}

fn adjust(by: i64, shown: i64, preview: bool) -> StockAdjust {
    StockAdjust {
        sku: SKU.to_lowercase(),
        connection: depot(),
        remote_id: "7:1".into(),
        by,
        shown,
        reason: "broken".into(),
        preview,
    }
}

const TAKEN: &str = "Take 2 from HG-LAMP-S at Harbour Depot (Main): 10 becomes 8 (broken)";

/// The count that holds, which no automation writes, is a person's to adjust, whether anything acts or not.
#[test]
fn a_count_is_adjusted_once_it_was_said_what_comes_of_it() {
    let (house, _) = two_stores();
    let preview = house.desk.adjust_stock(&adjust(-2, 10, true)).unwrap();
    assert_eq!((preview.sentence.trim_end_matches('.'), preview.before, preview.after), (TAKEN, 10, 8));
    assert!(preview.undo.is_none() && changes(&house).is_empty(), "a preview keeps nothing");
    for (ask, why) in [
        (adjust(-2, 11, false), "shows 10 of HG-LAMP-S by now"),
        (adjust(-11, 10, false), "11 cannot be taken away"),
        (adjust(0, 10, false), "how many units"),
        (StockAdjust { remote_id: "9:1".into(), ..adjust(1, 10, false) }, "no such count"),
        (StockAdjust { reason: "x".repeat(201), ..adjust(1, 10, false) }, "Shorten it"),
    ] {
        let trouble = house.desk.adjust_stock(&ask).unwrap_err();
        assert!(trouble.sentence.contains(why), "{trouble:?}");
    }
    assert!(changes(&house).is_empty());

    let done = house.desk.adjust_stock(&adjust(-2, 10, false)).unwrap();
    assert_eq!(changes(&house), [(TAKEN.to_owned(), EffectState::Pending)]);
    // No look of the program takes it back, and no second one joins it.
    look(&house);
    assert_eq!(changes(&house), [(TAKEN.to_owned(), EffectState::Pending)]);
    assert!(house.desk.adjust_stock(&adjust(-1, 10, false)).unwrap_err().sentence.contains("under way"));
    // Not sent yet: given up.
    let back = house.desk.undo(&done.undo.unwrap()).unwrap();
    assert_eq!((back.done, back.took), (1, vec![SKU.to_owned()]));
    assert_eq!(changes(&house), [(TAKEN.to_owned(), EffectState::Skipped)]);
}

/// What a person adjusted and the account refused is on the list, with both numbers, and tried again or given up there.
#[test]
fn an_adjustment_that_was_refused_is_told() {
    let (house, _) = two_stores();
    house.desk.adjust_stock(&adjust(-2, 10, false)).unwrap();
    assert_eq!(house.refuse(&depot(), Cause::ContentRefused, "The store has 9 by now, and 10 was expected.", SKU), 1);
    look(&house);
    let groups = listed(&house);
    assert_eq!((groups.len(), groups[0].count), (1, 1));
    let entry = &groups[0].entries[0];
    assert_eq!((entry.counted.as_deref(), entry.connection.as_ref()), (Some(SKU), Some(&depot())));
    let given_up = house.desk.act(act(Verb::Skip, Targets::Exceptions(vec![entry.id]))).unwrap();
    assert_eq!(given_up.done, 1);
    look(&house);
    assert_eq!(listed(&house).len(), 0);
}

#[test]
fn what_single_skus_have_of_their_own_is_checked_when_it_is_kept() {
    let house = House::new();
    let put = |typed: &str| {
        let settings = BTreeMap::from([(stock::PER_SKU.to_owned(), json!(typed))]);
        house.desk.put_automation(stock::ID, Mode::Off, &settings)
    };
    let trouble = put("MUG,three").unwrap_err();
    assert_eq!(trouble.field.as_deref(), Some(stock::PER_SKU));
    assert!(trouble.sentence.starts_with("Line 1: \"three\" is no safety stock of MUG."), "{trouble:?}");
    let card = put("MUG,3\n\nTEA,0\n").unwrap();
    let field = card.settings.iter().find(|field| field.name == stock::PER_SKU).unwrap();
    assert_eq!((field.kind.as_str(), &field.value), ("rows", &json!("MUG,3\nTEA,0")));
    // It may be longer than any other text.
    let many: Vec<String> = (0..500).map(|n| format!("SKU-{n},{n}")).collect();
    assert!(put(&many.join("\n")).is_ok());
}

/// A set of the annex: its count is decided again when the depot's lamps are, and not because time passed.
#[test]
fn a_set_is_looked_at_again_when_its_part_is() {
    let (house, id) = two_stores();
    let set = "LAMP-PAIR";
    let alias = SkuAlias {
        store: None,
        by: AliasBy::Sku,
        theirs: set.into(),
        parts: vec![AliasPart { sku: SKU.into(), quantity: 2 }],
    };
    house.desk.put_sku_alias(alias, None).unwrap();
    house.desk.go_live("sku_aliases", Mode::Auto, None).unwrap();
    house.desk.go_live(stock::ID, Mode::Watch, LINE).unwrap();
    let counts = |account: &ConnectionId, name: &str, sku: &str, available: i64| {
        let (item, _) = name.split_once(':').unwrap();
        let stock = Stock {
            remote_id: name.into(),
            sku: sku.into(),
            item_id: item.into(),
            location_id: Some("1".into()),
            location_name: "Main".into(),
            available,
            on_hand: None,
            updated_at_ms: NOW,
        };
        house.read(account, Record::Stock(stock));
    };
    counts(&annex(), "9:1", set, 1);
    sweep(&house, id);
    let policy = house.store.read(policy::load).unwrap();
    let due = || house.store.read(|r| r.shelves_to_look_at(NOW, 9)).unwrap();
    let decide = |sku: &str| house.store.write(|tx| decide_shelf(tx, &policy, sku, NOW)).unwrap();
    decide("lamp-pair");
    assert_eq!(due(), Vec::<String>::new());
    let says = || house.store.read(|r| r.shelf_says("lamp-pair")).unwrap().unwrap();
    // Ten lamps, two of them sold.
    assert_eq!((says().available, says().sides[0].wanted), (Some(4), Some(4)), "{:?}", says());
    counts(&depot(), "7:1", SKU, 5);
    assert_eq!(due(), [SKU.to_lowercase()]);
    decide(&SKU.to_lowercase());
    assert_eq!(due(), ["lamp-pair"], "its part can be promised less often");
    decide("lamp-pair");
    assert_eq!((says().sides[0].wanted, due()), (Some(1), vec![]));
    assert_eq!(says().sides[0].sentence, "A bundle: HG-LAMP-S (3 to promise, 2 in each) limits it.");
}
