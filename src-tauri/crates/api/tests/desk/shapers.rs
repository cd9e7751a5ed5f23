//! Aliases, mappings and rules through the desk: kept, tried, acting, and taken back.

use crate::house::{House, NOW, hub, hub_order, order, shop};
use quayside_api::profiles::HandedText;
use quayside_api::view::GoingLive;
use quayside_flows::field_mapping::{FieldMapping, MappingRow, Target};
use quayside_flows::rules::{Op, Rule, RuleAction, RuleBook, Test};
use quayside_model::time::HOUR_MS;
use quayside_model::{
    AliasBy, AliasPart, Cause, EffectState, HubOrderDraft, HubStatus, Intent, Mode, Order, OrderId, Product, Record,
    SkuAlias, Stage,
};
use std::collections::BTreeMap;

fn alias(theirs: &str, parts: &[(&str, i64)]) -> SkuAlias {
    SkuAlias {
        store: None,
        by: AliasBy::Sku,
        theirs: theirs.into(),
        parts: parts.iter().map(|(sku, quantity)| AliasPart { sku: (*sku).into(), quantity: *quantity }).collect(),
    }
}

fn rule(id: &str, when: Test, then: Vec<RuleAction>) -> Rule {
    Rule { id: id.into(), name: id.into(), on: true, when, then }
}

fn always() -> Test {
    Test::All { tests: vec![] }
}

/// The newest draft that waits or went to the hub.
fn draft(house: &House, id: OrderId) -> HubOrderDraft {
    let story = house.store.read(|r| r.story(id)).unwrap().unwrap();
    let newest = story.effects.into_iter().rev().filter(|e| e.state != EffectState::Skipped);
    let drafts = newest.filter_map(|e| match e.intent {
        Intent::PutHubOrder { order, .. } => Some(order),
        _ => None,
    });
    drafts.into_iter().next().unwrap()
}

fn sku_of(house: &House, id: OrderId) -> String {
    house.store.read(|r| r.story(id)).unwrap().unwrap().order.lines[0].sku.clone()
}

#[test]
fn one_click_maps_a_sku_and_every_order_with_it_goes_on() {
    let house = House::new().auto();
    house.mode("sku_aliases", Mode::Auto);
    let mut settings = BTreeMap::new();
    settings.insert("unknown".to_owned(), serde_json::json!("hold"));
    house.desk.put_automation("sku_aliases", Mode::Auto, &settings).unwrap();
    let ids = [house.order(order(1)), house.order(order(2))];
    let sku = sku_of(&house, ids[0]);
    for id in ids {
        assert_eq!(house.desk.order(id).unwrap().exceptions[0].cause, Cause::UnknownSku);
    }
    let unknown = house.desk.unknown_skus().unwrap();
    let found = unknown.unknown.iter().find(|u| u.sku == sku).unwrap();
    assert_eq!((found.orders, found.waiting), (2, 2), "{found:?}");

    let before = alias(&sku, &[("HUB-MUG", 1)]);
    let others: Vec<SkuAlias> = house.store.read(|r| r.story(ids[0])).unwrap().unwrap().order.lines[1..]
        .iter()
        .map(|line| alias(&line.sku, &[(&line.sku, 1)]))
        .collect();
    for other in others {
        house.desk.put_sku_alias(other, None).unwrap();
    }
    let mapped = house.desk.put_sku_alias(before.clone(), None).unwrap();
    assert_eq!(mapped.orders, 2, "{}", mapped.sentence);
    for id in ids {
        assert_eq!(house.desk.order(id).unwrap().row.stage, Stage::Sending);
        assert_eq!(draft(&house, id).lines[0].sku, "HUB-MUG");
    }
    assert!(house.desk.unknown_skus().unwrap().unknown.iter().all(|u| u.sku != sku));
    // Changed: what was not sent yet goes with the new name.
    house.desk.put_sku_alias(alias(&sku, &[("HUB-MUG-2", 1)]), Some(before)).unwrap();
    assert_eq!(draft(&house, ids[0]).lines[0].sku, "HUB-MUG-2");
    let view = house.desk.sku_aliases("hub-mug").unwrap();
    assert_eq!((view.rows.len(), view.stores.len()), (1, 2));
    let gone = house.desk.remove_sku_alias(view.rows[0].clone()).unwrap();
    assert_eq!(gone.orders, 2, "{}", gone.sentence);
    assert!(house.desk.remove_sku_alias(view.rows[0].clone()).is_err());
}

/// A product of the hub, as its list has it.
fn product(id: &str, sku: &str, name: &str, barcode: Option<&str>) -> Product {
    Product {
        remote_id: id.into(),
        item_id: None,
        sku: sku.into(),
        listing_code: None,
        name: name.into(),
        variant: String::new(),
        barcode: barcode.map(str::to_owned),
        weight_g: None,
        price_minor: None,
        currency: None,
        active: true,
        updated_at_ms: NOW,
    }
}

/// What the shipping account has as a product needs no entry in the table, as long as it is in use there.
#[test]
fn what_the_hub_has_as_a_product_is_known() {
    let house = House::new().auto();
    let hold = BTreeMap::from([("unknown".to_owned(), serde_json::json!("hold"))]);
    house.desk.put_automation("sku_aliases", Mode::Auto, &hold).unwrap();
    let first = house.order(order(1));
    let lines: Vec<String> = house
        .store
        .read(|r| r.story(first))
        .unwrap()
        .unwrap()
        .order
        .lines
        .iter()
        .map(|line| line.sku.clone())
        .collect();
    let waits = |id: OrderId| {
        let open = house.desk.order(id).unwrap().exceptions.into_iter();
        open.filter(|one| one.cause == Cause::UnknownSku && one.resolved_at_ms.is_none()).count()
    };
    assert_eq!(waits(first), lines.len());
    // A store's own product is no word of the warehouse.
    house.read(&shop(), Record::Product(product("s1", &lines[0], "Lamp", None)));
    let second = house.order(order(2));
    assert_eq!(waits(second), lines.len());

    for (n, sku) in lines.iter().enumerate() {
        house.read(&hub(), Record::Product(product(&format!("p{n}"), &sku.to_lowercase(), "Lamp", None)));
    }
    let third = house.order(order(3));
    assert_eq!(waits(third), 0, "{:?}", house.desk.order(third).unwrap().exceptions);
    assert_eq!(house.desk.order(third).unwrap().row.stage, Stage::Sending);
    // The list of unknown SKUs says the same, and the field for an entry offers what the hub has.
    let unknown = house.desk.unknown_skus().unwrap();
    assert!(unknown.unknown.iter().all(|one| !lines.contains(&one.sku)), "{:?}", unknown.unknown);
    assert_eq!(unknown.hub_skus.len(), lines.len());

    // What is switched off there is unknown again.
    let off = Product { active: false, ..product("p0", &lines[0].to_lowercase(), "Lamp", None) };
    house.read(&hub(), Record::Product(off));
    let fourth = house.order(order(4));
    assert_eq!(waits(fourth), 1);
}

/// A store's own name of a thing is suggested to be the hub's, where another store's equal barcode says so.
#[test]
fn a_product_of_the_hub_is_suggested_by_its_barcode() {
    let house = House::new().auto();
    let id = house.order(order(1));
    let lines = house.store.read(|r| r.story(id)).unwrap().unwrap().order.lines;
    let line = lines.iter().find(|line| line.barcode.as_deref().is_some_and(|code| !code.is_empty()));
    let (sku, barcode) = if let Some(line) = line {
        (line.sku.clone(), line.barcode.clone())
    } else {
        let mut with = order(2);
        with.lines[0].barcode = Some("4006381333931".into());
        let sku = with.lines[0].sku.clone();
        house.order(with);
        (sku, Some("4006381333931".to_owned()))
    };
    house.read(&hub(), Record::Product(product("p1", "WH-LAMP", "Lamp of the warehouse", barcode.as_deref())));
    let suggested = house.desk.unknown_skus().unwrap().suggestions;
    let found = suggested.iter().find(|one| one.alias.theirs == sku).unwrap_or_else(|| panic!("{suggested:?}"));
    assert_eq!(found.alias.parts, [AliasPart { sku: "WH-LAMP".into(), quantity: 1 }]);
}

/// A marketplace's own list knows more of a thing than its orders do: barcode, code, name.
#[test]
fn what_a_store_lists_helps_to_find_the_hubs_word() {
    let house = House::new().auto();
    let mut bought = order(1);
    bought.lines.truncate(1);
    (bought.lines[0].sku, bought.lines[0].barcode) = ("9Z-AAAA-1".into(), None);
    bought.lines[0].name = "A lamp with many words for a search".into();
    house.order(bought);
    let listing = Product {
        listing_code: Some("B0LAMP0001".into()),
        ..product("9Z-AAAA-1@A1PA", "9z-aaaa-1", "Lamp, as listed", Some("4006381333931"))
    };
    let unknown = || house.desk.unknown_skus().unwrap();
    let row = || unknown().unknown.into_iter().find(|one| one.sku == "9Z-AAAA-1").unwrap();
    assert_eq!((row().listing_name, row().listing_code), (None, None));
    house.read(&shop(), Record::Product(listing.clone()));
    assert_eq!(row().listing_name.as_deref(), Some("Lamp, as listed"));
    assert_eq!(row().listing_code.as_deref(), Some("B0LAMP0001"));
    assert_eq!(unknown().suggestions, [], "it is no word of the warehouse");
    house.read(&hub(), Record::Product(product("p1", "WH-LAMP", "Lamp of the warehouse", Some("4006381333931"))));
    let suggested = unknown().suggestions;
    let [one] = suggested.as_slice() else { panic!("{suggested:?}") };
    assert_eq!((one.alias.theirs.as_str(), one.alias.parts[0].sku.as_str()), ("9Z-AAAA-1", "WH-LAMP"));
    assert!(one.because.contains("barcode 4006381333931"), "{}", one.because);
    // Another store's list says nothing of this store's SKU.
    let elsewhere = House::new().auto();
    let mut bought = order(1);
    bought.lines.truncate(1);
    (bought.lines[0].sku, bought.lines[0].barcode) = ("9Z-AAAA-1".into(), None);
    elsewhere.order(bought);
    elsewhere.read(&crate::house::outlet(), Record::Product(listing));
    assert!(elsewhere.desk.unknown_skus().unwrap().unknown.iter().all(|one| one.listing_code.is_none()));
}

#[test]
fn a_plan_tells_what_that_automation_does_and_not_what_another_one_holds() {
    let house = House::new().auto();
    house.mode("sku_aliases", Mode::Auto);
    let settings = BTreeMap::from([("unknown".to_owned(), serde_json::json!("hold"))]);
    house.desk.put_automation("sku_aliases", Mode::Auto, &settings).unwrap();
    house.order(order(1));
    let book = |text: &str| RuleBook {
        rules: vec![rule("r", always(), vec![RuleAction::Tag { text: text.into() }])],
        first_only: false,
    };
    let fields = |id: &str| -> Vec<String> {
        let items = house.desk.plan(Some(id), None, 0).unwrap().items;
        items.into_iter().flat_map(|item| item.changes).map(|change| change.field).collect()
    };
    assert!(fields("sku_aliases").iter().all(|field| field == "Waits"), "{:?}", fields("sku_aliases"));
    assert!(!fields("sku_aliases").is_empty());
    assert_eq!(fields("rules"), Vec::<String>::new(), "without rules nothing is theirs");
    house.desk.put_rules(book("For the bench")).unwrap();
    let told = fields("rules");
    assert!(!told.is_empty() && told.iter().all(|field| field != "Waits"), "{told:?}");
}

/// "From now on" leaves what was placed before alone, and the plan in the dialog says so.
#[test]
fn the_plan_of_what_shapes_keeps_the_line_that_is_being_chosen() {
    let house = House::new().auto();
    house.order(Order { placed_at_ms: NOW - 3 * HOUR_MS, ..order(1) });
    house.order(Order { placed_at_ms: NOW - HOUR_MS, ..order(2) });
    house.desk.put_sku_alias(alias("HG-LAMP-S", &[("HUB-LAMP", 1)]), None).unwrap();
    let row = MappingRow {
        id: "desk".into(),
        on: true,
        target: Target::CustomField1,
        template: "desk".into(),
        required: false,
        stores: vec![],
    };
    house.desk.put_field_mapping(FieldMapping { rows: vec![row], ..FieldMapping::default() }).unwrap();
    let tag = rule("bench", always(), vec![RuleAction::Tag { text: "For the bench".into() }]);
    house.desk.put_rules(RuleBook { rules: vec![tag], first_only: false }).unwrap();
    for id in quayside_flows::SHAPERS {
        let planned = |from_ms: Option<i64>| {
            let plan = house.desk.plan(Some(id), Some(GoingLive { mode: Mode::Auto, from_ms }), 0).unwrap();
            assert_eq!(plan.items.len() as i64, plan.per_automation[id], "{id}");
            plan.items.len()
        };
        let lines = [(None, 2), (Some(NOW - 2 * HOUR_MS), 1), (Some(NOW), 0)];
        for (from_ms, items) in lines {
            assert_eq!(planned(from_ms), items, "{id} from {from_ms:?}");
        }
    }
}

#[test]
fn a_table_travels_as_a_file() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("aliases.csv");
    house.desk.put_sku_alias(alias("=SET", &[("TEA", 2), ("MUG", 1)]), None).unwrap();
    let mut own = alias("B", &[("C", 1)]);
    own.store = Some(shop());
    house.desk.put_sku_alias(own, None).unwrap();
    assert_eq!(house.desk.export_sku_aliases(&file).unwrap(), 2);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("Harbour Goods,sku,B,C,1") && text.contains("'=SET"), "{text}");

    std::fs::write(&file, text.replace(",B,C,", ",B,D,") + "Nowhere,,X,Y,1\r\n,,NEW,N,1\r\n").unwrap();
    let tried = house.desk.import_sku_aliases(&file, false).unwrap();
    assert_eq!((tried.added, tried.changed, tried.same, tried.done), (1, 1, 1, false));
    assert!(tried.sentence.contains("1 row is left out"), "{}", tried.sentence);
    assert_eq!(house.desk.sku_aliases("").unwrap().total, 2, "looking changes nothing");
    assert!(house.desk.import_sku_aliases(&file, true).unwrap().done);
    assert_eq!(house.desk.sku_aliases("").unwrap().total, 3);
    std::fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    let trouble = house.desk.import_sku_aliases(&file, true).unwrap_err();
    assert!(trouble.sentence.contains("UTF-8"), "{trouble}");
    assert!(house.desk.import_sku_aliases(&folder.path().join("no.csv"), false).is_err());
}

#[test]
fn a_circle_of_aliases_is_refused_with_its_way() {
    let house = House::new();
    house.desk.put_sku_alias(alias("A", &[("B", 1)]), None).unwrap();
    let trouble = house.desk.put_sku_alias(alias("B", &[("A", 1)]), None).unwrap_err();
    assert!(trouble.sentence.contains("B → A → B"), "{trouble}");
}

#[test]
fn mappings_are_tried_kept_and_act() {
    let house = House::new().auto();
    house.mode("field_mapping", Mode::Auto);
    let mut first = order(1);
    first.attributes = vec![("PO number".into(), "4711".into())];
    let id = house.order(first);
    let row = |template: &str| MappingRow {
        id: "po".into(),
        on: true,
        target: Target::CustomField1,
        template: template.into(),
        required: false,
        stores: vec![],
    };
    let mapping = |template: &str| FieldMapping { rows: vec![row(template)], ..FieldMapping::default() };
    let tried = house.desk.test_field_mapping(mapping("PO {{ attributes['PO number'] }}"), None).unwrap();
    assert_eq!(tried.orders[0].fields[0].text, "PO 4711");
    // What it would change at the hub, before it is kept; what is kept changes nothing more.
    let planned = |template: &str| {
        let plan = house.desk.mapping_plan(mapping(template), 0).unwrap();
        plan.items.iter().map(|item| item.changes[0].after.clone()).collect::<Vec<String>>()
    };
    assert_eq!(planned("PO {{ attributes['PO number'] }}"), ["PO 4711"]);
    assert_eq!(planned("{{ gift_message }}"), Vec::<String>::new());
    assert!(house.desk.field_mapping().unwrap().mapping.rows.is_empty(), "trying keeps nothing");
    let wrong = house.desk.test_field_mapping(mapping("{{ po_number }}"), Some(id)).unwrap();
    assert!(wrong.problems[0].sentence.contains("no field \"po_number\""), "{:?}", wrong.problems);
    let kept = house.desk.put_field_mapping(mapping("PO {{ attributes['PO number'] }}")).unwrap();
    assert_eq!((kept.problems.len(), kept.attributes[0].0.as_str()), (0, "PO number"));
    let fresh = house.order({
        let mut second = order(2);
        second.attributes = vec![("PO number".into(), "12".into())];
        second
    });
    assert_eq!(draft(&house, fresh).custom_fields[0], "PO 12");
    for n in 3..6 {
        house.order(order(n));
    }
    let silent = house.desk.test_field_mapping(mapping("{{ attributes['Renamed'] }}"), None).unwrap();
    assert!(silent.problems[0].sentence.contains("came out empty for all"), "{:?}", silent.problems);
}

#[test]
fn a_set_of_mappings_is_planned_kept_as_planned_and_written_again() {
    let house = House::new().auto();
    let row = |id: &str, target: Target| MappingRow {
        id: id.into(),
        on: true,
        target,
        template: "{{ number }}".into(),
        required: false,
        stores: vec![],
    };
    let list = |target: Target| FieldMapping { rows: vec![row("own", target)], ..FieldMapping::default() };
    house.desk.put_field_mapping(list(Target::Tag)).unwrap();
    let text = house.desk.mapping_set_text(None).unwrap().replace("\"Mappings\"", "\"Wholesale\"");
    let handed = || HandedText { text: text.clone(), path: None };
    let import = |agreed: Option<&str>| house.desk.import_mapping_set(handed(), agreed);
    let plan = import(None).unwrap();
    assert!(!plan.kept && plan.says[0].contains("A new set \"Wholesale\" with 1 mapping"), "{plan:?}");
    assert!(house.desk.field_mapping().unwrap().mapping.sets.is_empty(), "nothing is kept by looking");
    // Somebody keeps something in between: what was shown is not what would come of it.
    house.desk.put_field_mapping(list(Target::Phone)).unwrap();
    let changed = import(Some(&plan.digest)).unwrap_err().sentence;
    assert!(changed.contains("changed since this was shown"), "{changed}");
    assert!(import(Some("")).is_err());
    let plan = import(None).unwrap();
    assert!(import(Some(&plan.digest)).unwrap().kept);
    let view = house.desk.field_mapping().unwrap();
    let sets: Vec<(&str, bool)> = view.mapping.sets.iter().map(|set| (set.name.as_str(), set.on)).collect();
    assert_eq!((sets, view.mapping.rows[0].target), (vec![("Wholesale", false)], Target::Phone));
    // By name for the terminal, and out again as it came in.
    let id = house.desk.mapping_set_named("wholesale").unwrap();
    assert_eq!(house.desk.mapping_set_text(Some(&id)).unwrap(), text);
    assert!(house.desk.mapping_set_named("retail").unwrap_err().sentence.contains("There is Wholesale."));
    assert!(house.desk.mapping_set_text(Some("none")).is_err());
    // The same once more is no change.
    assert_eq!(import(None).unwrap().says.len(), 1);
}

#[test]
fn rules_are_tested_planned_and_traced() {
    let house = House::new().auto();
    house.mode("rules", Mode::Watch);
    let id = house.order(order(1));
    let book = RuleBook {
        rules: vec![
            rule("express", always(), vec![RuleAction::Service { text: "dhl_express".into() }]),
            rule(
                "never",
                Test::Is { field: "country".into(), op: Op::Is, value: "XX".into() },
                vec![RuleAction::Priority],
            ),
        ],
        first_only: false,
    };
    let test = house.desk.test_rules(book.clone(), None, 500).unwrap();
    assert_eq!((test.looked_at, test.fired, test.per_rule["express"]), (1, 1, 1));
    assert_eq!(test.orders[0].changes[0].after, "dhl_express");
    assert!(house.desk.rule_trace(id).unwrap().is_empty());
    house.desk.put_rules(book).unwrap();
    let plan = house.desk.plan(Some("rules"), None, 0).unwrap();
    assert_eq!((plan.items.len(), plan.per_automation["rules"]), (1, 1));
    assert!(plan.items[0].effect.sentence.starts_with("Rules would change"), "{}", plan.items[0].effect.sentence);
    // Watching writes down what would be; acting does it.
    let second = house.order(order(2));
    assert_eq!(draft(&house, second).ship.service, "");
    let trace = house.desk.rule_trace(second).unwrap();
    assert_eq!((trace.len(), trace[0].rules[0].fired, trace[0].rules[1].fired), (1, true, false));
    house.desk.go_live("rules", Mode::Auto, None).unwrap();
    let third = house.order(order(3));
    assert_eq!(draft(&house, third).ship.service, "dhl_express");
    house.hub_order(hub_order(&house.key(third), "9001", 1, HubStatus::AwaitingShipment));
    assert_eq!(house.desk.rule_trace(third).unwrap().len(), 1, "the same outcome is written once");
    assert!(house.desk.rule_trace(OrderId(999)).is_err());
    let _ = (hub(), NOW);
}

#[test]
fn what_a_rule_holds_one_click_sends() {
    let house = House::new().auto();
    house.mode("rules", Mode::Auto);
    let hold = rule("look", always(), vec![RuleAction::Hold { text: "look first".into() }]);
    house.desk.put_rules(RuleBook { rules: vec![hold], first_only: false }).unwrap();
    let id = house.order(order(1));
    let row = house.desk.order(id).unwrap().row;
    assert_eq!((row.stage, row.waits_on.code.as_str()), (Stage::Held, "held_by_rule"));
    let done = house
        .desk
        .act(crate::house::act(quayside_api::view::Verb::ShipAnyway, quayside_api::view::Targets::Orders(vec![id])))
        .unwrap();
    assert_eq!(done.done, 1, "{:?}", done.refused);
    assert_eq!(house.desk.order(id).unwrap().row.stage, Stage::Sending);
}
