//! Aliases, mappings and rules: what they make of an order. Each case says only what is different.
#![allow(missing_docs, clippy::unwrap_used, clippy::format_push_string, clippy::needless_pass_by_value)]

mod common;
use common::*;
use expect_test::{Expect, expect};
use quayside_flows::field_mapping::drift::{self, Told};
use quayside_flows::field_mapping::{FieldMapping, MappingRow, MappingSet, ReadyMapping, Target, preview};
use quayside_flows::rules::{Op, ReadyRules, Rule, RuleAction, RuleBook, Test, ready_made};
use quayside_flows::sku_aliases::AliasBook;
use quayside_flows::{AutomationPolicy, LineLedger, Policy, Shapers, decide, facts::Facts, promise};
use quayside_model::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn alias(theirs: &str, parts: &[(&str, i64)]) -> SkuAlias {
    SkuAlias {
        store: None,
        by: AliasBy::Sku,
        theirs: theirs.into(),
        parts: parts.iter().map(|(sku, quantity)| AliasPart { sku: (*sku).into(), quantity: *quantity }).collect(),
    }
}

fn with(mut policy: Policy, change: impl FnOnce(&mut Shapers)) -> Policy {
    change(Arc::make_mut(&mut policy.shapers));
    policy
}

fn aliases(rows: &[SkuAlias]) -> Policy {
    with(policy(Mode::Auto), |s| s.aliases = AliasBook::new(rows.iter().cloned()))
}

fn row(target: Target, template: &str) -> MappingRow {
    let id = format!("{target:?}");
    MappingRow { id, on: true, target, template: template.into(), required: false, stores: vec![] }
}

fn mapping(rows: Vec<MappingRow>) -> Policy {
    let zones = BTreeMap::from([("NO".to_owned(), "Zone 3".to_owned())]);
    let tables = BTreeMap::from([("zones".to_owned(), zones)]);
    with(policy(Mode::Auto), |s| s.mapping = ReadyMapping::new(FieldMapping { rows, tables, sets: vec![] }))
}

fn is(field: &str, op: Op, value: &str) -> Test {
    Test::Is { field: field.into(), op, value: value.into() }
}

fn rule(name: &str, when: Test, then: Vec<RuleAction>) -> Rule {
    Rule { id: name.to_lowercase().replace(' ', "-"), name: name.into(), on: true, when, then }
}

fn text(text: &str) -> String {
    text.into()
}

fn rules(rules: Vec<Rule>) -> Policy {
    with(policy(Mode::Auto), |s| s.rules = ReadyRules::new(RuleBook { rules, first_only: false }, &BTreeMap::new()))
}

fn draft_of(story: &Story, policy: &Policy) -> HubOrderDraft {
    let decision = decide(story, policy, NOW);
    let found = decision.effects.into_iter().find_map(|e| match e.intent {
        Intent::PutHubOrder { order, .. } => Some(order),
        _ => None,
    });
    found.unwrap()
}

fn trace(story: &Story, policy: &Policy, expected: Expect) {
    let mut out = String::new();
    for rule in decide(story, policy, NOW).trace {
        out += &format!("{} {}: {}\n", if rule.fired { "+" } else { "-" }, rule.name, rule.why);
        for did in rule.did {
            out += &format!("    {did}\n");
        }
    }
    expected.assert_eq(&out);
}

// --- SKU aliases ---------------------------------------------------------------------------------

#[test]
fn a_line_goes_under_the_name_the_warehouse_knows() {
    let draft = draft_of(&story(), &aliases(&[alias("sku-1", &[("MUG-BLUE", 1)])]));
    let lines: Vec<_> = draft.lines.iter().map(|l| (l.line_key.as_str(), l.sku.as_str(), l.quantity)).collect();
    assert_eq!(lines, [("line/1", "MUG-BLUE", 2), ("line/2", "SKU-2", 1)]);
}

#[test]
fn a_correction_of_this_order_goes_before_the_table() {
    let mut mended = story();
    mended.choices.skus.insert("line/1".into(), "BY-HAND".into());
    assert_eq!(draft_of(&mended, &aliases(&[alias("SKU-1", &[("MUG", 1)])])).lines[0].sku, "BY-HAND");
}

#[test]
fn in_watch_nothing_is_renamed_and_in_ask_a_person_is_asked() {
    let rows = [alias("SKU-1", &[("MUG", 1)])];
    for (mode, sku, effect) in
        [(Mode::Off, "SKU-1", Mode::Auto), (Mode::Watch, "SKU-1", Mode::Auto), (Mode::Ask, "MUG", Mode::Ask)]
    {
        let mut policy = aliases(&rows);
        policy.automations.get_mut("sku_aliases").unwrap().mode = mode;
        assert_eq!(draft_of(&story(), &policy).lines[0].sku, sku, "{mode:?}");
        assert_eq!(decide(&story(), &policy, NOW).effects[0].mode, effect, "{mode:?}");
    }
    let mut late = aliases(&rows);
    late.automations.get_mut("sku_aliases").unwrap().go_live_ms = Some(NOW);
    assert_eq!(draft_of(&story(), &late).lines[0].sku, "SKU-1", "placed before its go-live line");
}

#[test]
fn an_unknown_sku_waits_when_a_person_wants_it_so() {
    let policy = set(aliases(&[alias("SKU-1", &[("MUG", 1)])]), "sku_aliases", "unknown", "hold");
    check(
        &story(),
        &policy,
        expect![[r#"
            to_send · cause:unknown_sku · #1001 waits: The SKU SKU-2 is not in your table. Map it once; every order with it goes on.
            ! unknown_sku: #1001 waits: The SKU SKU-2 is not in your table. Map it once; every order with it goes on.
        "#]],
    );
    let mapped =
        set(aliases(&[alias("SKU-1", &[("MUG", 1)]), alias("x", &[("SKU-2", 1)])]), "sku_aliases", "unknown", "hold");
    assert!(decide(&story(), &mapped, NOW).findings.is_empty(), "what stands on the right side is known, too");
}

/// An order for 2 sets, each 1 × MUG and 2 × TEA, at the hub.
fn sets() -> (Story, Policy) {
    bundled(1_000, &[("MUG", 1), ("TEA", 2)])
}

/// An order for 2 bundles at this price, at the hub.
fn bundled(price_minor: i64, parts: &[(&str, i64)]) -> (Story, Policy) {
    let policy = aliases(&[alias("SKU-1", parts)]);
    let mut story = story();
    story.order.lines.truncate(1);
    story.order.lines[0].unit_price_minor = price_minor;
    story.order.fulfillment_orders = vec![work(&story.order.lines.clone())];
    perform(&mut story, &policy, NOW - 45 * MIN, EffectState::Done);
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW - 30 * MIN);
    let lines = match &story.effects[0].intent {
        Intent::PutHubOrder { order, .. } => order.lines.clone(),
        _ => unreachable!(),
    };
    story.hub_orders[0].value.lines = lines
        .into_iter()
        .map(|l| HubLine { line_key: Some(l.line_key), sku: l.sku, name: l.name, quantity: l.quantity })
        .collect();
    (story, policy)
}

fn box_of(n: i64, contents: &[(Option<&str>, &str, i64)]) -> Parcel {
    let mut parcel = parcel(n, &[]);
    parcel.created_at_ms += n;
    parcel.lines = Some(
        contents
            .iter()
            .map(|(key, sku, quantity)| ParcelLine {
                line_key: key.map(|key| format!("line/1~{key}")),
                sku: (*sku).into(),
                quantity: *quantity,
            })
            .collect(),
    );
    parcel
}

#[test]
fn a_bundle_at_the_hub_is_the_stores_line() {
    let (story, policy) = sets();
    check(
        &story,
        &policy,
        expect![[r#"
            packing · packing · In Hub since {since}, waits for packing
        "#]],
    );
    let row = &LineLedger::of(&story).rows[0];
    assert_eq!((row.ordered, row.sent, row.at_hub, row.shipped), (2, 2, 2, 0));
}

#[test]
fn the_parcel_that_completes_a_bundle_is_told_and_the_others_join_it() {
    let (mut story, policy) = sets();
    ship(&mut story, box_of(1, &[(Some("1.2.1"), "MUG", 2)]));
    let decision = decide(&story, &policy, NOW);
    assert!(decision.effects.is_empty(), "mugs without tea are no set: {:?}", decision.effects);
    assert_eq!(decision.stage, Stage::PartlyShipped);
    // Tea for one set only, without our keys: what we sent as TEA is TEA.
    ship(&mut story, box_of(2, &[(None, "TEA", 2)]));
    ship(&mut story, box_of(3, &[(Some("2.2.2"), "TEA", 2)]));
    let ledger = LineLedger::of(&story);
    let units: Vec<i64> = ledger.parcels.values().map(|lines| lines["line/1"]).collect();
    assert_eq!((units, ledger.rows[0].shipped), (vec![0, 1, 1], 2));
    check(
        &story,
        &policy,
        expect![[r#"
            telling · telling · Left; Shop does not know yet
            auto: Report a parcel of #1001 to the store: 1 unit, UPS TRACK2 [cafe0001-1001:fulfill:label:2:0]
            auto: Report a parcel of #1001 to the store: 1 unit, UPS TRACK3 [cafe0001-1001:fulfill:label:3:0]
        "#]],
    );
    perform(&mut story, &policy, NOW, EffectState::Done);
    told(&mut story, "fulfillment/2", &["TRACK2"], &[(1, 1)]);
    told(&mut story, "fulfillment/3", &["TRACK3"], &[(1, 1)]);
    check(
        &story,
        &policy,
        expect![[r#"
            shipped · shipped · Shipped
            auto: Extend the tracking of #1001 in the store: UPS TRACK1 [cafe0001-1001:replace_tracking:label:1:0]
        "#]],
    );
}

#[test]
fn a_voided_piece_makes_the_bundle_incomplete_again() {
    let (mut story, _) = sets();
    ship(&mut story, box_of(1, &[(Some("1.2.1"), "MUG", 2), (Some("2.2.2"), "TEA", 4)]));
    assert_eq!(LineLedger::of(&story).rows[0].shipped, 2);
    story.parcels[0].value.voided_at_ms = Some(NOW);
    let ledger = LineLedger::of(&story);
    assert_eq!((ledger.rows[0].shipped, ledger.parcels["label:1"]["line/1"]), (0, 2));
}

#[test]
fn a_part_whose_price_stands_on_two_lines_is_one_part() {
    for keyed in [true, false] {
        let (mut story, policy) = bundled(1_000, &[("EGG", 7)]);
        let lines = &mut story.hub_orders[0].value.lines;
        let shown: Vec<_> = lines.iter().map(|l| (l.line_key.as_deref(), l.quantity)).collect();
        assert_eq!(shown, [(Some("line/1~1.1.7"), 12), (Some("line/1~1.1.7+"), 2)]);
        if !keyed {
            for line in lines.iter_mut() {
                line.line_key = None;
            }
        }
        let decision = decide(&story, &policy, NOW);
        assert_eq!((decision.effects.len(), decision.findings), (0, vec![]), "keyed: {keyed}");
        let row = |story: &Story| LineLedger::of(story).rows[0].clone();
        let count = row(&story);
        assert_eq!((count.ordered, count.sent, count.at_hub, count.shipped), (2, 2, 2, 0), "keyed: {keyed}");
        let key = |key: &'static str| keyed.then_some(key);
        ship(&mut story, box_of(1, &[(key("1.1.7"), "EGG", 7)]));
        assert_eq!(row(&story).shipped, 1, "keyed: {keyed}");
        ship(&mut story, box_of(2, &[(key("1.1.7"), "EGG", 5), (key("1.1.7+"), "EGG", 2)]));
        assert_eq!(row(&story).shipped, 2, "keyed: {keyed}");
        // One unit taken off at the hub is seen on either line.
        let (mut story, policy) = bundled(1_000, &[("EGG", 7)]);
        let lines = &mut story.hub_orders[0].value.lines;
        lines[1].quantity = 1;
        if !keyed {
            for line in lines.iter_mut() {
                line.line_key = None;
            }
        }
        let found = decide(&story, &policy, NOW).findings;
        let differ = found.iter().filter(|finding| finding.cause == Cause::SidesDiffer).count();
        assert_eq!(differ, 1, "keyed: {keyed}: {found:?}");
    }
}

// --- Field mapping -------------------------------------------------------------------------------

#[test]
fn any_field_goes_anywhere() {
    let mut order = story();
    order.order.attributes = vec![("PO number".into(), " 4711 ".into()), ("Gift wrap".into(), "yes".into())];
    order.order.tags = vec!["vip".into(), "b2b".into()];
    order.order.note = "Ring twice".into();
    let policy = mapping(vec![
        row(Target::CustomField1, "{{ attributes['PO number']|trim }}"),
        row(Target::CustomField2, "{{ country|lookup('zones') }}/{{ 'XX'|lookup('zones', otherwise='?') }}"),
        row(
            Target::CustomField3,
            "{{ value|number(2, ',') }} {{ currency }} · {{ placed_date|date('%d.%m.') }} · {{ tags|join('+')|upper }}",
        ),
        row(Target::InternalNote, "{% for line in lines %}{{ line.quantity }}×{{ line.sku }} {% endfor %}"),
        row(Target::Tag, "{{ 'gift, wrapped' if attributes['Gift wrap'] == 'yes' }}"),
        row(Target::BuyersNote, "{{ note|cut(4) }}"),
        row(Target::Phone, "{{ phone or '+47 000' }}"),
        row(Target::Company, "{{ company }}"),
        row(Target::RequestedService, "{{ service }} {{ weight_g }}g"),
    ]);
    let draft = draft_of(&order, &policy);
    expect![[r#"
        ["4711", "Zone 3/?", "35,00 EUR · 20.11. · VIP+B2B"]
        "2×SKU-1 1×SKU-2" ["Harbour Goods", "vip", "b2b", "gift", "wrapped"]
        "Ring" "+47 000" "" "Express 1200g""#]]
    .assert_eq(&format!(
        "{:?}\n{:?} {:?}\n{:?} {:?} {:?} {:?}",
        draft.custom_fields,
        draft.internal_note,
        draft.tags,
        draft.customer_note,
        draft.ship_to.phone,
        draft.ship_to.company,
        draft.requested_service
    ));
}

#[test]
fn what_gives_nothing_loses_no_order_and_what_is_required_waits() {
    let nothing = row(Target::CustomField1, "{{ attributes['PO number'] }}");
    let required = MappingRow { required: true, ..nothing.clone() };
    assert_eq!(draft_of(&story(), &mapping(vec![nothing])).custom_fields[0], "");
    check(
        &story(),
        &mapping(vec![required]),
        expect![[r#"
            to_send · cause:mapping_failed · #1001: "Custom field 1" is required and came out empty. The order waits until it does.
            ! mapping_failed: #1001: "Custom field 1" is required and came out empty. The order waits until it does.
        "#]],
    );
    check(
        &story(),
        &mapping(vec![row(Target::CustomField1, "{{ number|number }}")]),
        expect![[r##"
            sending · cause:mapping_failed · #1001: The template could not be worked out for this order: "#1001" is not a number to be formatted. The order goes without it.
            auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
            ! mapping_failed: #1001: The template could not be worked out for this order: "#1001" is not a number to be formatted. The order goes without it.
        "##]],
    );
}

/// A template is what the merchant wrote; what a buyer wrote is only ever a value in it.
#[test]
fn what_a_buyer_writes_is_never_an_expression() {
    for hostile in [
        "{{ 7 * 7 }}",
        "{% for i in range(9999) %}x{% endfor %}",
        "{{ recipient }} {# #}",
        "}} {{ order.note",
        "'); DROP TABLE orders; --",
        "${7*7} #{7*7} <%= 7*7 %> `id` $(id)",
        "@.lines[*] | length(@)",
    ] {
        let mut written = story();
        written.order.note = hostile.into();
        written.order.attributes = vec![("gate".into(), hostile.into())];
        let policy = mapping(vec![
            row(Target::CustomField1, "{{ attributes.gate }}"),
            row(Target::InternalNote, "<{{ note }}>"),
        ]);
        let draft = draft_of(&written, &policy);
        assert_eq!(draft.custom_fields[0], hostile);
        assert!(draft.internal_note.contains(&format!("<{hostile}>")), "{draft:?}");
    }
}

#[test]
fn a_loop_without_an_end_is_a_sentence() {
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    let policy = mapping(vec![row(Target::CustomField1, endless)]);
    let said = decide(&story(), &policy, NOW).findings.remove(0).sentence;
    assert!(said.contains("never comes to an end"), "{said}");
}

#[test]
fn the_preview_warns_of_what_would_be_lost() {
    let story = story();
    let policy = policy(Mode::Auto);
    let rows = vec![
        row(Target::CustomField1, "{{ 'x' * 0 }}{% for i in range(120) %}x{% endfor %}"),
        row(Target::CustomField2, "a\nb"),
        MappingRow { required: true, ..row(Target::CustomField3, "{{ gift_message }}") },
        row(Target::Tag, "{{ contry }}"),
        row(Target::Company, "{{ city }}"),
    ];
    let ready = ReadyMapping::new(FieldMapping { rows, ..FieldMapping::default() });
    let shown: Vec<String> = preview(&ready, &Facts::of(&story, &policy))
        .into_iter()
        .map(|field| format!("{}: {}", field.target, field.warning.unwrap_or(field.text)))
        .collect();
    expect![[r#"
        Custom field 1: 120 characters; a hub keeps 100, so 20 are lost. Shorten it with |cut(100).
        Custom field 2: It has several lines; this field shows only one.
        Custom field 3: Gives nothing for this order, and it is required: the order would wait.
        Tag: Tag: There is no field "contry". Did you mean "country"?
        Company of the address: Bergen"#]]
    .assert_eq(&shown.join("\n"));
}

/// Fields of the hub's order that only some hubs have.
#[test]
fn mappings_fill_how_it_is_shipped_and_what_stands_on_lines() {
    let mut order = story();
    order.order.attributes = vec![("Day".into(), "2026-12-24".into()), ("Box".into(), "large".into())];
    order.order.lines[0].options = vec![("Engraving".into(), "Ida".into())];
    let rows = || {
        vec![
            row(Target::AddressLine2, "c/o {{ customer or 'the desk' }}"),
            row(Target::Carrier, "ups"),
            row(Target::Service, "{{ 'ups_express' if service == 'Express' }}"),
            row(Target::Package, "{{ attributes.Box }}"),
            row(Target::Confirmation, "signature"),
            row(Target::Warehouse, "{{ country|lookup('zones') }}"),
            row(Target::ShipBy, "{{ attributes.Day }}"),
            row(Target::LineNote, "{{ 'engrave' if line.options.Engraving }}"),
            row(Target::LineOption, "{% if line.sku == 'SKU-2' %}Shelf: {{ line.sku|lower }}{% endif %}"),
        ]
    };
    let draft = draft_of(&order, &mapping(rows()));
    let ship = &draft.ship;
    let lines: Vec<String> = draft.lines.iter().map(|line| format!("{}: {:?}", line.sku, line.options)).collect();
    expect![[r#"
        ups/ups_express/large/signature from Zone 3, by Some("2026-12-24T22:59:00+00:00")
        SKU-1: [("Engraving", "Ida"), ("Note", "engrave")]
        SKU-2: [("Shelf", "sku-2")]"#]]
    .assert_eq(&format!(
        "{}/{}/{}/{} from {}, by {:?}\n{}",
        ship.carrier,
        ship.service,
        ship.package,
        ship.confirmation,
        ship.warehouse,
        draft.ship_by_ms.and_then(chrono::DateTime::from_timestamp_millis).map(|at| at.to_rfc3339()),
        lines.join("\n")
    ));
    assert!(draft.ship_to.line2.starts_with("c/o "), "{:?}", draft.ship_to);
    // What a person wrote for this one order is meant as it stands.
    let mut corrected = order.clone();
    corrected.choices.address = Some(address());
    assert_eq!(draft_of(&corrected, &mapping(rows())).ship_to.line2, address().line2);
}

/// The day a mapping reads is the day of the desk's own clock, as long as the mapping acts, and it says where it was read.
#[test]
fn a_mapped_day_moves_the_clock_and_says_from_where() {
    let mut order = story();
    order.order.attributes = vec![("Day".into(), "2026-12-24".into()), ("Hour".into(), "none".into())];
    let day = |story: &Story, policy: &Policy| {
        let at_ms = decide(story, policy, NOW).ship_by_ms.unwrap();
        let from = promise::ship_by_from(story, policy, NOW).unwrap_or_default();
        format!("{} {from}", chrono::DateTime::from_timestamp_millis(at_ms).unwrap().format("%m-%d")).trim().to_owned()
    };
    let read = |template: &str| mapping(vec![row(Target::ShipBy, template)]);
    let plain = day(&order, &policy(Mode::Auto));
    let mut watched = read("{{ attributes.Day }}");
    watched.automations.insert("field_mapping".into(), AutomationPolicy::default());
    for (policy, said) in [
        (read("{{ attributes.Day }}"), "12-24 from the field \"Day\" of the order"),
        (read("2026-12-23"), "12-23 as a mapping of yours says"),
        // What gives nothing, cannot be read, is only watched or was taken out leaves the day as it was.
        (read("{{ attributes.Nothing }}"), plain.as_str()),
        (read("{{ attributes.Hour }}"), plain.as_str()),
        (watched, plain.as_str()),
        (mapping(vec![]), plain.as_str()),
    ] {
        assert_eq!(day(&order, &policy), said);
    }
    // The store's own word gives way to it, unless the store counts late orders against the account.
    order.order.ship_by_ms = Some(NOW + 60 * MIN);
    assert!(day(&order, &read("{{ attributes.Day }}")).starts_with("12-24"));
    order.order.attributes.push((LABELS_FROM.into(), "Somebody".into()));
    let told = decide(&order, &read("{{ attributes.Day }}"), NOW).ship_by_ms;
    assert_eq!(told, Some(NOW + 60 * MIN));
    // Late by that day, and the sentence says by which.
    let mut late = sent();
    late.order.attributes = vec![("Day".into(), "2026-11-19".into())];
    late.order.placed_at_ms = NOW - 3 * 24 * 60 * MIN;
    let decision = decide(&late, &read("{{ attributes.Day }}"), NOW);
    let late = decision.findings.iter().find(|finding| finding.cause == Cause::Late).unwrap();
    assert!(late.sentence.contains("from the field \"Day\" of the order"), "{}", late.sentence);
}

/// A template that means something else than it says is a sentence, and the order goes without it.
#[test]
fn what_no_field_takes_is_said() {
    for (target, template, says) in [
        (Target::ShipBy, "soon", "\"soon\" is no day to ship by"),
        (Target::ShipBy, "2062-12-24", "years after it"),
        (Target::ShipBy, "2006-12-24", "before the order"),
        (Target::Tag, "{{ line.sku }}", "\"line\" is known only where each line"),
        (Target::LineNote, "{{ lin.sku }}", "no field \"lin\""),
        (Target::CustomField1, "{{ warehouse_name }}", "no field \"warehouse_name\""),
        (Target::CustomField1, "{{ country|lookup('rivers') }}", "no table \"rivers\""),
    ] {
        let decision = decide(&story(), &mapping(vec![row(target, template)]), NOW);
        let told: Vec<&Finding> = decision.findings.iter().filter(|f| f.cause == Cause::MappingFailed).collect();
        assert_eq!(told.len(), 1, "{template}: {:?}", decision.findings);
        assert!(told[0].sentence.contains(says) && told[0].sentence.contains("goes without it"), "{:?}", told[0]);
        assert_eq!(decision.effects.len(), 1, "{template}: nothing is lost");
    }
}

/// A hub without the field is not sent it, and no order waits for that: it went there before the desk knew.
#[test]
fn what_the_hub_has_no_place_for_is_not_sent_there() {
    const NONE: &[FieldKept] =
        &[FieldKept::left_out(Target::Carrier, "It has no carriers."), FieldKept::cut(Target::CustomField1, 5)];
    let keeping = |rows: Vec<MappingRow>| {
        let mut policy = mapping(rows);
        policy.peers.get_mut(&hub()).unwrap().keeps = NONE;
        policy
    };
    let carrier = row(Target::Carrier, "ups");
    assert_eq!(draft_of(&story(), &keeping(vec![carrier.clone()])).ship.carrier, "");
    let shown = preview(
        &ReadyMapping::new(FieldMapping { rows: vec![carrier.clone()], ..FieldMapping::default() }),
        &Facts::of(&story(), &keeping(vec![])),
    );
    assert_eq!(shown[0].warning.as_deref(), Some("Main warehouse has no place for it. It has no carriers."));
    let required = keeping(vec![MappingRow { required: true, ..carrier }]);
    let decision = decide(&story(), &required, NOW);
    assert_eq!(decision.effects.len(), 1, "{:?}", decision.effects);
    assert!(decision.findings.iter().all(|f| f.cause != Cause::MappingFailed), "{:?}", decision.findings);
    // Longer than it keeps: the order goes, and an entry per mapping says what is lost.
    let long = keeping(vec![
        row(Target::CustomField1, "1234567"),
        MappingRow { id: "second".into(), ..row(Target::CustomField1, "12345678") },
        row(Target::CustomField2, "{% for i in range(120) %}x{% endfor %}"),
    ]);
    let decision = decide(&story(), &long, NOW);
    let cut: Vec<&Finding> = decision.findings.iter().filter(|f| f.cause == Cause::MappingCut).collect();
    assert_eq!((decision.effects.len(), cut.len()), (1, 3), "{:?}", decision.findings);
    for says in ["has 7 characters, and Main warehouse keeps 5: 2 are lost", "keeps 100: 20 are lost"] {
        assert!(cut.iter().any(|finding| finding.sentence.contains(says)), "{says}: {cut:?}");
    }
    let mut rows: Vec<&str> = cut.iter().map(|finding| finding.about.as_str()).collect();
    rows.dedup();
    assert_eq!(rows.len(), cut.len(), "each mapping has a name of its own: {rows:?}");
    assert!(!decision.waits_on.code.contains("mapping"), "it waits for nobody: {:?}", decision.waits_on);
    // What fits one by one and not together.
    let notes = ["a", "b"]
        .map(|id| MappingRow { id: id.into(), ..row(Target::InternalNote, "{% for i in range(1500) %}x{% endfor %}") });
    let decision = decide(&story(), &keeping(notes.to_vec()), NOW);
    assert!(decision.findings.iter().any(|f| f.cause == Cause::MappingCut), "{:?}", decision.findings);
}

#[test]
fn a_set_is_worked_out_for_its_stores_while_it_is_on() {
    let set = |id: &str, on: bool, stores: Vec<ConnectionId>, text: &str| {
        let rows = vec![MappingRow { id: format!("{id}/1"), ..row(Target::CustomField1, text) }];
        MappingSet { id: id.into(), name: id.into(), on, stores, rows }
    };
    let field = |sets: Vec<MappingSet>| {
        let own = row(Target::CustomField1, "own");
        let policy = with(policy(Mode::Auto), |s| {
            s.mapping = ReadyMapping::new(FieldMapping { rows: vec![own], sets, ..FieldMapping::default() });
        });
        draft_of(&story(), &policy).custom_fields[0].clone()
    };
    let other = || vec![ConnectionId::new("other")];
    for (sets, given) in [
        (vec![], "own"),
        (vec![set("a", true, vec![], "all")], "all"),
        (vec![set("a", false, vec![], "all")], "own"),
        (vec![set("a", true, vec![channel()], "mine"), set("b", true, other(), "theirs")], "mine"),
        (vec![set("a", true, vec![channel()], "first"), set("b", true, vec![channel()], "second")], "second"),
    ] {
        assert_eq!(field(sets), given);
    }
    // Lists from before there were sets are read as they are.
    let old = r#"{"rows":[{"id":"a","on":true,"target":"custom_field1","template":"x","required":false,"stores":[]}],"tables":{}}"#;
    let read: FieldMapping = serde_json::from_str(old).unwrap();
    assert_eq!((read.rows.len(), read.sets.len()), (1, 0));
    // Ids and names are one's own over all sets.
    let both = |a: MappingSet, b: MappingSet| FieldMapping { sets: vec![a, b], ..FieldMapping::default() };
    let plain = |id: &str| set(id, true, vec![], "x");
    assert!(quayside_flows::field_mapping::check(&both(plain("a"), plain("b"))).is_ok());
    for (sets, says) in [
        (both(plain("a"), plain("a")), "are called \"a\""),
        (both(plain("a"), MappingSet { name: "b".into(), ..plain("a") }), "sets of mappings have the same id"),
        (both(plain("a"), MappingSet { rows: plain("a").rows, ..plain("b") }), "mappings have the same id"),
        (both(plain("a"), MappingSet { name: " ".into(), ..plain("b") }), "has no name"),
    ] {
        let why = quayside_flows::field_mapping::check(&sets).unwrap_err();
        assert!(why.contains(says), "{says}: {why}");
    }
}

/// A store that renames what a mapping reads is told of once, by field, and no longer than it lasts.
#[test]
fn a_field_that_vanishes_under_a_mapping_is_told_once() {
    let policy = mapping(vec![
        row(Target::CustomField1, "PO {{ attributes['PO number'] }}"),
        row(Target::InternalNote, "{{ attributes[\"PO number\"] }} {{ country }} {{ gift_message }}"),
    ]);
    let store = policy.peers[&channel()].clone();
    let stories = |with_po: std::ops::Range<i64>, all: i64| -> Vec<Story> {
        let one = |n: i64| {
            let mut order = story();
            order.order_id = OrderId(n);
            order.order.placed_at_ms = NOW + n * MIN;
            if with_po.contains(&n) {
                order.order.attributes = vec![("PO number".into(), format!("PO {n}"))];
            }
            order
        };
        (0..all).map(one).collect()
    };
    let look = |stories: &[Story], told: &[Told]| drift::look(&store, &policy, stories, told);
    assert_eq!(look(&stories(0..20, 20), &[]), []);
    let found = look(&stories(0..20, 26), &[]);
    let [one] = found.as_slice() else { panic!("{found:?}") };
    expect![[r#"Attribute "PO number" is empty or gone on the newest 6 orders of Harbour Goods, since 20 Nov 2026; 20 of the 20 before had it. It fills Custom field 1, Note for the team. Look what the field is called in the store now, and change the mapping under Automations. The entry goes when the field is back."#]]
        .assert_eq(&one.sentence);
    let told = |over_by_person: Option<bool>| Told {
        about: one.about.clone(),
        sentence: one.sentence.clone(),
        over_by_person,
    };
    // It stands, with the same words, when nobody can see any more how it was.
    assert_eq!(look(&stories(0..0, 200), &[told(None)]), vec![one.clone()]);
    assert_eq!(look(&stories(0..0, 200), &[]), []);
    // Back with the first order that has it; settled by a person it is not told again, by itself it is.
    assert_eq!(look(&stories(0..40, 40), &[told(None)]), []);
    assert_eq!(look(&stories(0..20, 30), &[told(Some(true))]), []);
    assert_eq!(look(&stories(0..20, 30), &[told(Some(false))]).len(), 1);
    // No mapping reads it any more.
    let none = drift::look(&store, &mapping(vec![row(Target::Tag, "x")]), &stories(0..20, 26), &[told(None)]);
    assert_eq!(none, []);
}

// --- Rules ---------------------------------------------------------------------------------------

#[test]
fn a_rule_shapes_the_order_and_says_why() {
    let mut vip = story();
    vip.order.tags = vec!["VIP".into()];
    let policy = rules(vec![
        rule("Heavy", is("weight_g", Op::MoreThan, "20000"), vec![RuleAction::Service { text: text("freight") }]),
        rule(
            "VIP",
            Test::All {
                tests: vec![
                    is("tags", Op::Contains, "vip"),
                    Test::Not { test: Box::new(is("country", Op::OneOf, "DE, AT")) },
                ],
            },
            vec![
                RuleAction::Priority,
                RuleAction::RequestedService { text: text("Express") },
                RuleAction::Tag { text: text("VIP ") },
                RuleAction::Tag { text: text("Loyal") },
                RuleAction::Carrier { text: text("ups") },
                RuleAction::CustomField { n: 2, text: text("{{ customer|upper }}") },
                RuleAction::Note { text: text("Be kind to {{ recipient }}") },
                RuleAction::Alert { text: text("{{ value|number(2) }} {{ currency }} of a VIP") },
            ],
        ),
        rule("Off", Test::All { tests: vec![] }, vec![RuleAction::Note { text: text("every order") }]),
    ]);
    trace(
        &vip,
        &policy,
        expect![[r#"
            - Heavy: Weight is "1200"; wanted: is more than 20000
            + VIP: Tags ("VIP") contains vip and Country is "NO"; wanted: is one of DE, AT
                To the front of the line
                Service asked for: Express
                Tag "VIP"
                Tag "Loyal"
                Carrier ups
                Custom field 2: INGRID SØRENSEN
                Note: Be kind to Ingrid Sørensen
                Tells you: 35.00 EUR of a VIP
            + Off: It holds for every order
                Note: every order
        "#]],
    );
    let draft = draft_of(&vip, &policy);
    assert_eq!(draft.tags, ["Harbour Goods", "VIP", "Loyal"]);
    assert_eq!(
        (draft.ship.priority, draft.ship.carrier.as_str(), draft.requested_service.as_str()),
        (true, "ups", "Express")
    );
    assert_eq!(draft.internal_note, "Be kind to Ingrid Sørensen every order");
    let decision = decide(&vip, &policy, NOW);
    let plain = decide(&vip, &common::policy(Mode::Auto), NOW);
    assert!(decision.ship_by_ms < plain.ship_by_ms, "to the front: due by the next cut-off");
    assert_eq!(decision.findings[0].cause, Cause::RuleAlert);
    assert_eq!(decision.waits_on, plain.waits_on, "being told of an order keeps nothing back");
    assert!(plain.trace.is_empty());
}

#[test]
fn a_later_rule_takes_an_order_back_from_the_front() {
    let plain = decide(&story(), &policy(Mode::Auto), NOW).ship_by_ms;
    let first = || rule("First", is("country", Op::Is, "no"), vec![RuleAction::Priority]);
    let heavy = |grams: &str| rule("Heavy", is("weight_g", Op::MoreThan, grams), vec![RuleAction::Standard]);
    for (what, book, priority) in [
        ("heavy", vec![first(), heavy("1000")], false),
        ("light", vec![first(), heavy("20000")], true),
        ("the later one has the word", vec![heavy("1000"), first()], true),
        ("alone", vec![heavy("1000")], false),
    ] {
        let policy = rules(book);
        assert_eq!(draft_of(&story(), &policy).ship.priority, priority, "{what}");
        assert_eq!(decide(&story(), &policy, NOW).ship_by_ms < plain, priority, "{what}");
    }
}

#[test]
fn the_first_that_holds_may_be_the_last_that_looks() {
    let mut policy = rules(vec![
        rule("First", is("country", Op::Is, "no"), vec![RuleAction::Service { text: text("a") }]),
        rule("Second", is("country", Op::Is, "no"), vec![RuleAction::Service { text: text("b") }]),
    ]);
    assert_eq!(draft_of(&story(), &policy).ship.service, "b", "all look: the later one wins");
    let mut book = policy.shapers.rules.source.clone();
    book.first_only = true;
    policy = with(policy, |s| s.rules = ReadyRules::new(book, &BTreeMap::new()));
    assert_eq!(draft_of(&story(), &policy).ship.service, "a");
    trace(
        &story(),
        &policy,
        expect![[r#"
            + First: Country ("NO") is no
                Service a
            - Second: Did not look: "First" came first
        "#]],
    );
}

#[test]
fn a_rules_hold_waits_for_a_click() {
    let policy = rules(vec![rule(
        "Valuable",
        is("value", Op::AtLeast, "35"),
        vec![RuleAction::Hold { text: text("worth {{ value }}, look first") }],
    )]);
    check(
        &story(),
        &policy,
        expect![[r#"
            held · held_by_rule · Held by your rule "Valuable": worth 35, look first
        "#]],
    );
    let mut anyway = story();
    anyway.choices.push_anyway = true;
    assert_eq!(decide(&anyway, &policy, NOW).effects.len(), 1);
}

#[test]
fn in_watch_rules_only_write_down_what_they_would_do() {
    let mut policy = rules(vec![rule("All", Test::All { tests: vec![] }, vec![RuleAction::Hold { text: text("no") }])]);
    policy.automations.get_mut("rules").unwrap().mode = Mode::Watch;
    let decision = decide(&story(), &policy, NOW);
    assert_eq!(decision.trace[0].did, ["Holds it: no"]);
    assert_eq!(decision.effects.len(), 1, "nothing is held");
}

#[test]
fn a_rule_that_cannot_work_rests_and_says_why() {
    let broken = [
        (rule("A", is("stock_level", Op::Is, "1"), vec![RuleAction::Priority]), "no field \"stock_level\""),
        (rule("B", is("contry", Op::Is, "1"), vec![RuleAction::Priority]), "mean \"country\""),
        (rule("C", is("value", Op::MoreThan, "a lot"), vec![RuleAction::Priority]), "wants a number, not \"a lot\""),
        (rule("D", is("country", Op::OneOf, " , "), vec![RuleAction::Priority]), "nothing to compare"),
        (rule("E", Test::Any { tests: vec![] }, vec![RuleAction::Priority]), "could never hold"),
        (rule("F", Test::All { tests: vec![] }, vec![]), "does nothing"),
        (rule("G", Test::All { tests: vec![] }, vec![RuleAction::Tag { text: text(" ") }]), "says nothing"),
        (
            rule("H", Test::All { tests: vec![] }, vec![RuleAction::Note { text: text("{{ nobody }}") }]),
            "no field \"nobody\"",
        ),
        (
            rule("I", Test::All { tests: vec![] }, vec![RuleAction::CustomField { n: 4, text: text("x") }]),
            "no custom field 4",
        ),
        (rule("J", is("test", Op::Is, "perhaps"), vec![RuleAction::Priority]), "yes or no"),
        (
            rule("K", is("value", Op::MoreThan, "1,000"), vec![RuleAction::Priority]),
            "1,000 can be read as 1000 or as 1. Write it without the mark, or as 1.0.",
        ),
    ];
    let fine = rule("Z", Test::All { tests: vec![] }, vec![RuleAction::Service { text: text("z") }]);
    let policy = rules(broken.iter().map(|(rule, _)| rule.clone()).chain([fine]).collect());
    let problems = &policy.shapers.rules.problems;
    assert_eq!(problems.len(), broken.len());
    for ((rule, says), problem) in broken.iter().zip(problems) {
        assert!(problem.rule == rule.id && problem.sentence.contains(says), "{}: {}", rule.name, problem.sentence);
    }
    assert_eq!(draft_of(&story(), &policy).ship.service, "z", "the others go on");
}

#[test]
fn every_way_of_comparing() {
    let mut order = story();
    order.order.tags = vec!["Summer sale".into(), "b2b".into()];
    order.order.attributes = vec![("Pallets".into(), "3".into()), ("Worth".into(), "1,200".into())];
    for (field, op, value, holds) in [
        ("country", Op::Is, " no ", true),
        ("country", Op::IsNot, "NO", false),
        ("tags", Op::Is, "B2B", true),
        ("tags", Op::IsNot, "b2b", false),
        ("tags", Op::Contains, "sale", true),
        ("tags", Op::ContainsNot, "sale", false),
        ("tags", Op::StartsWith, "summer", true),
        ("postcode", Op::EndsWith, "13", true),
        ("postcode", Op::StartsWith, "50", true),
        ("country", Op::OneOf, "DE, no", true),
        ("country", Op::NoneOf, "DE, no", false),
        ("company", Op::NoneOf, "X", true),
        ("company", Op::Is, "X", false),
        ("company", Op::IsNot, "X", true),
        ("company", Op::Absent, "", true),
        ("company", Op::Present, "", false),
        ("units", Op::Is, "3", true),
        ("units", Op::MoreThan, "3", false),
        ("units", Op::AtLeast, "3", true),
        ("units", Op::LessThan, "3,5", true),
        ("units", Op::AtMost, "2.9", false),
        ("attribute:pallets", Op::MoreThan, "2", true),
        ("attribute:none", Op::MoreThan, "2", false),
        ("attribute:worth", Op::MoreThan, "1000", true),
        ("attribute:worth", Op::MoreThan, "1,199.50", true),
        ("test", Op::Is, "no", true),
        ("guest", Op::IsNot, "yes", false),
        ("placed_weekday", Op::Is, "friday", true),
        ("placed_hour", Op::AtLeast, "8", true),
        ("skus", Op::OneOf, "SKU-9, sku-2", true),
    ] {
        let policy = rules(vec![rule("R", is(field, op, value), vec![RuleAction::Priority])]);
        assert!(policy.shapers.rules.problems.is_empty(), "{:?}", policy.shapers.rules.problems);
        assert_eq!(decide(&order, &policy, NOW).trace[0].fired, holds, "{field} {op:?} {value}");
    }
}

#[test]
fn ready_made_rules_work_once_they_are_filled_in() {
    for made in ready_made() {
        let mut rule = made.rule.clone();
        rule.on = true;
        let ready = ReadyRules::new(RuleBook { rules: vec![rule], first_only: false }, &BTreeMap::new());
        assert_eq!(ready.problems, [], "{}", made.rule.name);
        let marks = serde_json::to_string(&made.rule).unwrap().contains("FILL-IN");
        assert!(!marks || !made.fill_in.is_empty(), "{}: what has to be filled in is told", made.rule.name);
    }
    let mut prime = story();
    prime.order.shipping = Some(ShippingChoice { title: "Standard".into(), code: "NextDay".into() });
    let mut made = ready_made().remove(0).rule;
    made.on = true;
    let decision = decide(&prime, &rules(vec![made]), NOW);
    assert!(decision.trace[0].fired && decision.findings.iter().any(|f| f.cause == Cause::RuleAlert));
}

#[test]
fn a_vip_is_known_by_the_order_or_by_who_bought() {
    let mut rule = ready_made().into_iter().find(|made| made.rule.id == "vip").unwrap().rule;
    rule.on = true;
    let policy = rules(vec![rule]);
    for (tags, attribute, holds) in [
        (vec!["VIP"], None, true),
        (vec![], Some(("customer_tags", "wholesale, VIP")), true),
        (vec![], Some(("customer_group", "VIPs")), true),
        (vec![], Some(("customer_notes", "vip")), false),
        (vec!["gift"], None, false),
    ] {
        let mut bought = story();
        bought.order.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        bought.order.attributes =
            attribute.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(decide(&bought, &policy, NOW).trace[0].fired, holds, "{tags:?} {attribute:?}");
    }
}

#[test]
fn what_is_gone_or_cancelled_is_left_alone_by_rules() {
    let policy = rules(vec![rule("All", Test::All { tests: vec![] }, vec![RuleAction::Alert { text: text("x") }])]);
    let mut gone = sent();
    ship(&mut gone, parcel(1, &[(1, 2), (2, 1)]));
    assert!(decide(&gone, &policy, NOW).findings.is_empty());
    let mut cancelled = story();
    cancelled.order.cancelled_at_ms = Some(NOW);
    assert!(decide(&cancelled, &policy, NOW).trace.is_empty());
}

#[test]
fn a_hold_without_its_words_holds_all_the_same() {
    let no_such = "{{ attributes[\"Reason\"] }}";
    for words in [no_such, "{{ \"soon\"|date(\"%d\") }}"] {
        let held = rule("Look first", Test::All { tests: vec![] }, vec![RuleAction::Hold { text: text(words) }]);
        let decision = decide(&story(), &rules(vec![held]), NOW);
        assert!(decision.effects.is_empty(), "{words}");
        let why = decision.waits_on.sentence;
        assert!(why.contains("Look first") && why.contains("came out empty"), "{why}");
    }
}

#[test]
fn rules_look_things_up_in_the_tables_of_the_mapping() {
    let places = BTreeMap::from([("NO".to_owned(), "Leipzig".to_owned())]);
    let tables = BTreeMap::from([("places".to_owned(), places)]);
    let then = vec![RuleAction::Warehouse { text: text("{{ country|lookup(\"places\") }}") }];
    let book = RuleBook { rules: vec![rule("Nearest", Test::All { tests: vec![] }, then)], first_only: false };
    let policy = with(policy(Mode::Auto), |s| s.rules = ReadyRules::new(book, &tables));
    assert_eq!(policy.shapers.rules.problems, []);
    assert_eq!(draft_of(&story(), &policy).ship.warehouse, "Leipzig");
}

#[test]
fn a_weight_that_is_known_in_part_is_no_weight() {
    let light = rule("Letter", is("weight_g", Op::LessThan, "500"), vec![RuleAction::Service { text: text("letter") }]);
    let policy = rules(vec![light]);
    let mut all = story();
    for line in &mut all.order.lines {
        line.weight_g = Some(20.0);
    }
    assert_eq!(draft_of(&all, &policy).ship.service, "letter");
    let mut one = all.clone();
    one.order.lines[1].weight_g = None;
    assert_eq!(draft_of(&one, &policy).ship.service, "", "an anvil nobody weighed is no letter");
    let known = rule("Known", is("weight_known_g", Op::AtLeast, "1"), vec![RuleAction::Service { text: text("some") }]);
    assert_eq!(draft_of(&one, &rules(vec![known])).ship.service, "some");
}
