//! "Orders to the hub": each case is one story and what is decided about it.
#![allow(missing_docs, clippy::unwrap_used, clippy::format_push_string, clippy::type_complexity)]

mod common;
use common::*;
use expect_test::expect;
use quayside_model::*;

#[test]
fn a_paid_order_is_sent() {
    check(
        &story(),
        &policy(Mode::Auto),
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
}

#[test]
fn modes_decide_how_far_it_goes() {
    check(
        &story(),
        &policy(Mode::Watch),
        expect![[r#"
        to_send · watching · Would be sent to Hub (only watching)
        watch: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
    check(
        &story(),
        &policy(Mode::Ask),
        expect![[r#"
        to_send · approval · Waits for your click: send the order
        ask: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
    check(
        &story(),
        &policy(Mode::Off),
        expect![[r#"
        to_send · automation_off · "Orders to the hub" is switched off.
    "#]],
    );
}

#[test]
fn before_the_go_live_line_nothing_is_sent_unless_a_person_says_so() {
    let mut late = policy(Mode::Auto);
    late.automations.get_mut("orders_to_hub").unwrap().go_live_ms = Some(NOW);
    check(
        &story(),
        &late,
        expect![[r#"
        ignored · before_go_live · Placed before the go-live line; Quayside leaves it to you.
    "#]],
    );
    let mut anyway = story();
    anyway.choices.push_anyway = true;
    check(
        &anyway,
        &late,
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
}

#[test]
fn what_must_not_go_says_why() {
    let cases: [(&str, fn(&mut Story)); 15] = [
        ("unpaid", |s| s.order.payment = Payment::Pending),
        ("authorised", |s| s.order.payment = Payment::Authorized),
        ("new word", |s| s.order.payment = Payment::Unknown("LAYAWAY".into())),
        ("test", |s| s.order.test = true),
        ("pickup", |s| s.order.delivery = Delivery::Pickup),
        ("counter", |s| s.order.delivery = Delivery::Retail),
        ("digital only", |s| s.order.lines.iter_mut().for_each(|l| l.requires_shipping = false)),
        ("gift cards only", |s| s.order.lines.iter_mut().for_each(|l| l.gift_card = true)),
        ("zero units", |s| s.order.lines.iter_mut().for_each(|l| l.current_quantity = 0)),
        ("risky", |s| s.order.risk = Some("cancel".into())),
        ("held in the store", |s| {
            s.order.fulfillment_orders[0].status = "on_hold".into();
            s.order.fulfillment_orders[0].can_fulfill = false;
            s.order.fulfillment_orders[0].holds = vec![Hold {
                remote_id: "h".into(),
                reason: "awaiting payment".into(),
                notes: String::new(),
                ours: false,
            }];
        }),
        ("not routed yet", |s| {
            s.order.fulfillment_orders.clear();
            s.order.placed_at_ms = NOW - MIN;
            s.received_at_ms = NOW - MIN;
        }),
        ("another service", |s| s.order.fulfillment_orders[0].third_party = true),
        ("another service, and a gift card of ours (week 16)", |s| {
            s.order.lines[1].gift_card = true;
            let mut theirs = work(&s.order.lines[..1]);
            theirs.third_party = true;
            s.order.fulfillment_orders = vec![theirs, work(&s.order.lines[1..])];
        }),
        ("held by a person", |s| {
            s.choices.hold = Some(PersonHold { reason: "call first".into(), until_ms: None, since_ms: NOW - MIN });
        }),
    ];
    let mut out = String::new();
    for (name, change) in cases {
        let mut story = story();
        change(&mut story);
        out += &format!("{name}: {}", words(&story, &policy(Mode::Auto), NOW));
    }
    expect![[r#"
        unpaid: unpaid · payment · Not paid yet
        authorised: unpaid · payment · Payment is only authorised, not captured
        new word: unpaid · payment · Payment state "LAYAWAY" is new to Quayside; it waits to be safe
        test: ignored · test_order · A test order; it stays here.
        pickup: nothing_to_ship · nothing_to_ship · The buyer fetches it.
        counter: nothing_to_ship · nothing_to_ship · Sold over the counter.
        digital only: nothing_to_ship · nothing_to_ship · Nothing in it needs a carrier.
        gift cards only: nothing_to_ship · nothing_to_ship · Nothing in it needs a carrier.
        zero units: nothing_to_ship · nothing_to_ship · Nothing in it needs a carrier.
        risky: held · risk · The store rates this order as risky (cancel); check it, then send it
        held in the store: held · held_in_channel · Held in the store: awaiting payment
        not routed yet: to_send · routing · The store has not assigned it to a location yet
        another service: ignored · not_ours · Another fulfillment service ships it.
        another service, and a gift card of ours (week 16): ignored · not_ours · Another fulfillment service ships it.
        held by a person: held · held_by_person · On hold by you: "call first"
    "#]]
    .assert_eq(&out);
}

#[test]
fn only_what_is_ours_to_ship_goes_to_the_hub() {
    let split = |theirs: i64, change: fn(&mut FulfillmentOrder)| {
        let mut story = story();
        let mut lines = story.order.lines.clone();
        lines[0].quantity = theirs;
        let mut elsewhere = work(&lines[..1]);
        elsewhere.remote_id = "fo-elsewhere".into();
        change(&mut elsewhere);
        lines[0].quantity = story.order.lines[0].quantity - theirs;
        story.order.fulfillment_orders = vec![elsewhere, work(&lines)];
        story
    };
    let sent = |story: &Story| {
        let decided = quayside_flows::decide(story, &policy(Mode::Auto), NOW);
        let put = decided.effects.iter().find_map(|effect| match &effect.intent {
            Intent::PutHubOrder { order, .. } => Some(order),
            _ => None,
        });
        put.map(|order| order.lines.iter().map(|line| format!("{} {}", line.quantity, line.sku)).collect::<Vec<_>>())
    };
    let third = |fo: &mut FulfillmentOrder| fo.third_party = true;
    let fetched = |fo: &mut FulfillmentOrder| fo.delivery = Delivery::Pickup;
    let gone = |fo: &mut FulfillmentOrder| {
        fo.third_party = true;
        fo.status = "closed".into();
        fo.lines[0].remaining_quantity = 0;
    };
    // Given to another service, refused there and given back: the closed piece counts nothing.
    let given_back = |fo: &mut FulfillmentOrder| {
        fo.third_party = true;
        fo.status = "closed".into();
    };
    let cases = [
        ("a line of two", split(2, third)),
        ("one unit of two", split(1, third)),
        ("the buyer fetches a line", split(2, fetched)),
        ("one unit left by their hands", split(1, gone)),
        ("given back", split(0, given_back)),
    ];
    let mut out = String::new();
    for (name, story) in &cases {
        out += &format!("{name}: {}\n", sent(story).map_or_else(|| "nothing".into(), |lines| lines.join(", ")));
    }
    // The store shows what the other service shipped; it is not taken off our part a second time.
    let mut told_of = split(1, gone);
    told(&mut told_of, "f-theirs", &["THEIRS"], &[(1, 1)]);
    out += &format!("and the store was told of it: {}\n", sent(&told_of).unwrap().join(", "));
    expect![[r#"
        a line of two: 1 SKU-2
        one unit of two: 1 SKU-1, 1 SKU-2
        the buyer fetches a line: 1 SKU-2
        one unit left by their hands: 1 SKU-1, 1 SKU-2
        given back: 2 SKU-1, 1 SKU-2
        and the store was told of it: 1 SKU-1, 1 SKU-2
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_moved_to_another_service_after_it_was_sent_comes_off_the_hub() {
    let mut story = sent();
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW);
    for work in &mut story.order.fulfillment_orders {
        work.third_party = true;
    }
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        held · not_ours · Another fulfillment service ships it.
        auto: Cancel #1001 at Hub: it was given to another fulfillment service [cafe0001-1001:cancel_hub_order:hub/1:0]
    "#]],
    );
}

#[test]
fn a_hold_with_an_end_ends() {
    let mut held = story();
    held.choices.hold = Some(PersonHold { reason: String::new(), until_ms: Some(NOW + MIN), since_ms: NOW - MIN });
    assert_eq!(quayside_flows::decide(&held, &policy(Mode::Auto), NOW).look_again_at_ms, Some(NOW + MIN));
    expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]]
    .assert_eq(&words(&held, &policy(Mode::Auto), NOW + MIN));
}

#[test]
fn an_address_a_carrier_cannot_use_is_an_exception_and_a_correction_mends_it() {
    let mut incomplete = story();
    incomplete.order.ship_to.as_mut().unwrap().line1 = String::new();
    incomplete.order.ship_to.as_mut().unwrap().city = " ".into();
    check(
        &incomplete,
        &policy(Mode::Auto),
        expect![[r#"
        to_send · cause:address_missing · #1001 cannot be sent: the address has no street, no city. Complete it; the order is then sent.
        ! address_missing: #1001 cannot be sent: the address has no street, no city. Complete it; the order is then sent.
    "#]],
    );
    let mut hidden = story();
    hidden.order.ship_to = None;
    check(
        &hidden,
        &policy(Mode::Auto),
        expect![[r#"
        to_send · cause:address_missing · #1001 has no address Quayside may see. Fill one in, or grant access to customer data at the store.
        ! address_missing: #1001 has no address Quayside may see. Fill one in, or grant access to customer data at the store.
    "#]],
    );
    incomplete.choices.address = Some(address());
    check(
        &incomplete,
        &policy(Mode::Auto),
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
}

#[test]
fn a_line_without_sku_is_sent_by_name_unless_the_setting_says_hold() {
    let mut custom = story();
    custom.order.lines[0].sku = String::new();
    check(
        &custom,
        &policy(Mode::Auto),
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
    check(
        &custom,
        &set(policy(Mode::Auto), "orders_to_hub", "require_sku", "true"),
        expect![[r#"
        to_send · cause:unknown_sku · #1001: the line "Thing 1" has no SKU, and you asked to hold such orders. Fill the SKU in.
        ! unknown_sku: #1001: the line "Thing 1" has no SKU, and you asked to hold such orders. Fill the SKU in.
    "#]],
    );
}

#[test]
fn digital_lines_and_gift_cards_stay_home() {
    let mut mixed = story();
    mixed.order.lines[1].requires_shipping = false;
    check(
        &mixed,
        &policy(Mode::Auto),
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 1 line, 2 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:0]
    "#]],
    );
}

#[test]
fn planned_once_it_is_not_planned_again() {
    for state in
        [EffectState::Pending, EffectState::Running, EffectState::Unknown, EffectState::Done, EffectState::Refused]
    {
        let mut story = story();
        perform(&mut story, &policy(Mode::Auto), NOW, state);
        assert_eq!(story.effects.len(), 1);
        perform(&mut story, &policy(Mode::Auto), NOW, state);
        assert_eq!(story.effects.len(), 1, "{state:?}");
    }
}

#[test]
fn an_edit_before_it_left_replaces_the_plan() {
    let mut edited = story();
    perform(&mut edited, &policy(Mode::Auto), NOW - MIN, EffectState::Pending);
    edited.order.lines[0].current_quantity = 1;
    check(
        &edited,
        &policy(Mode::Auto),
        expect![[r#"
        sending · sending · On its way to Hub
        auto: Send #1001 to Hub: 2 lines, 2 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:1]
        overtaken 1: the order changed before it was sent
    "#]],
    );
}

#[test]
fn an_edit_while_it_is_on_its_way_waits_for_the_answer() {
    for state in [EffectState::Running, EffectState::Unknown] {
        let mut edited = story();
        perform(&mut edited, &policy(Mode::Auto), NOW - MIN, state);
        edited.order.lines[0].current_quantity = 1;
        assert!(quayside_flows::decide(&edited, &policy(Mode::Auto), NOW).effects.is_empty());
    }
}

#[test]
fn an_edit_at_the_hub_before_packing_is_carried_there() {
    let mut edited = sent();
    edited.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    check(
        &edited,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
        auto: Bring #1001 up to date at Hub: 2 lines, 3 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:1]
    "#]],
    );
    let mut refunded = sent();
    refunded.order.lines[1].current_quantity = 0;
    check(
        &refunded,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
        auto: Bring #1001 up to date at Hub: 1 line, 2 units, Express [cafe0001-1001:put_hub_order:cafe0001-1001:1]
    "#]],
    );
}

#[test]
fn an_edit_and_its_undoing_before_packing_end_where_they_began() {
    let mut story = sent();
    let was = story.order.ship_to.clone();
    story.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    perform(&mut story, &policy(Mode::Auto), NOW - 20 * MIN, EffectState::Done);
    story.order.ship_to = was;
    perform(&mut story, &policy(Mode::Auto), NOW - 10 * MIN, EffectState::Done);
    let keys: Vec<&str> = story.effects.iter().map(|e| e.key.as_str()).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    at_hub(&mut story, HubStatus::AwaitingShipment, NOW);
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
    "#]],
    );
}

#[test]
fn an_edit_after_the_label_is_an_exception() {
    let mut late = sent();
    ship(&mut late, parcel(1, &[(1, 2), (2, 1)]));
    late.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    late.order.lines[0].current_quantity = 3;
    check(
        &late,
        &policy(Mode::Auto),
        expect![[r#"
            partly_shipped · cause:edited_too_late · #1001 was changed after its label was bought. Ship to: "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO" became "Ingrid Sørensen, Strandgaten 7, 5013, Bergen, NO"; Line SKU-1: "2 × Thing 1" became "3 × Thing 1". The parcel carries the old content.
            auto: Report a parcel of #1001 to the store: 3 units, UPS TRACK1 [cafe0001-1001:fulfill:label:1:0]
            ! edited_too_late: #1001 was changed after its label was bought. Ship to: "Ingrid Sørensen, Strandgaten 5, 5013, Bergen, NO" became "Ingrid Sørensen, Strandgaten 7, 5013, Bergen, NO"; Line SKU-1: "2 × Thing 1" became "3 × Thing 1". The parcel carries the old content.
        "#]],
    );
}

#[test]
fn an_order_another_computer_sent_is_not_sent_again() {
    let mut theirs = story();
    at_hub(&mut theirs, HubStatus::AwaitingShipment, NOW - MIN);
    check(
        &theirs,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
    "#]],
    );
}

#[test]
fn equal_numbers_of_two_stores_have_two_keys() {
    let (policy, story) = (policy(Mode::Auto), story());
    let one = &policy.peers[&channel()];
    let other = quayside_flows::Peer { code: "cafe0002".into(), ..one.clone() };
    assert_ne!(quayside_flows::hub_key(one, &story.order, 0), quayside_flows::hub_key(&other, &story.order, 0));
    let mut long = story.order;
    long.remote_id = "x".repeat(300);
    assert!(quayside_flows::hub_key(one, &long, 0).len() <= 50);
}

#[test]
fn late_is_told_and_looked_for_in_time() {
    let mut story = sent();
    story.order.ship_by_ms = Some(NOW - MIN);
    check(
        &story,
        &policy(Mode::Auto),
        expect![[r#"
        packing · packing · In Hub since {since}, waits for packing
        ! late: #1001 should have left by now. What it waits on stands beside it.
    "#]],
    );
    story.order.ship_by_ms = Some(NOW + 400 * MIN);
    let soon = quayside_flows::decide(&story, &policy(Mode::Auto), NOW).look_again_at_ms;
    assert_eq!(soon, Some(NOW + 220 * MIN), "at risk three hours before");
}

/// Accounts of one platform differ: this one takes no orders from outside.
#[test]
fn what_the_account_cannot_take_is_entered_by_hand() {
    let mut policy = policy(Mode::Auto);
    for peer in policy.peers.values_mut().filter(|peer| peer.roles.contains(&Role::Hub)) {
        peer.performs = vec![];
    }
    let decision = quayside_flows::decide(&story(), &policy, NOW);
    assert!(decision.effects.is_empty(), "{decision:?}");
    let finding = &decision.findings[0];
    assert_eq!((finding.cause, finding.about.as_str()), (Cause::EnterByHand, KEY));
    for words in ["by hand", KEY] {
        assert!(finding.sentence.contains(words), "{words}: {}", finding.sentence);
    }
    // Settled once it was typed in, it comes back when there is something else to type; and it repeats no address.
    let mut moved = story();
    moved.order.ship_to.as_mut().unwrap().line1 = "Elsewhere 7".into();
    let again = quayside_flows::decide(&moved, &policy, NOW);
    assert_ne!(again.findings[0].sentence, finding.sentence);
    assert!(!again.findings[0].sentence.contains("Elsewhere"), "{}", again.findings[0].sentence);
    // Cancelled in the store while it is open there: said, not sent.
    let mut cancelled = sent();
    cancelled.order.cancelled_at_ms = Some(NOW);
    let decision = quayside_flows::decide(&cancelled, &policy, NOW);
    assert!(decision.effects.is_empty(), "{decision:?}");
    assert!(
        decision.findings.iter().any(|f| f.sentence.contains("takes no cancellations from outside")),
        "{decision:?}"
    );
}

/// A week of the simulator sent an order that the store gave to another service, because nothing was read in between.
#[test]
fn an_order_that_was_read_once_before_it_was_routed_is_not_sent_on_that_reading() {
    let mut story = story();
    story.order.fulfillment_orders.clear();
    (story.order.placed_at_ms, story.received_at_ms) = (NOW - MIN, NOW - MIN);
    let waits = |story: &Story, after_min: i64| {
        quayside_flows::decide(story, &policy(Mode::Auto), NOW + after_min * MIN).waits_on.code == "routing"
    };
    story.seen_at_ms = NOW - MIN;
    assert_eq!([8, 12, 58, 60].map(|after_min| waits(&story, after_min)), [true, true, true, false], "read once");
    story.seen_at_ms = NOW + 5 * MIN;
    assert_eq!([8, 12].map(|after_min| waits(&story, after_min)), [true, false], "read again, still not routed");
}

/// All of it left, its store is not told yet, and the buyer's data was taken out of everything that was known.
fn forgotten() -> Story {
    let country = |address: &mut Address| {
        *address = Address { country: std::mem::take(&mut address.country), ..Address::default() };
    };
    let mut story = sent();
    ship(&mut story, parcel(1, &[(1, 2), (2, 1)]));
    story.order.ship_to.iter_mut().for_each(country);
    story.order.customer = Some(Customer::default());
    for effect in &mut story.effects {
        if let Intent::PutHubOrder { order, .. } = &mut effect.intent {
            country(&mut order.ship_to);
            country(&mut order.bill_to);
            order.customer_ref.clear();
        }
    }
    story.hub_orders[0].value.ship_to.iter_mut().for_each(country);
    story
}

/// What stands where an address stood is no address somebody changed: (what was read again since, what is said of it).
#[test]
fn an_address_that_was_taken_out_is_no_change_of_address() {
    let told = |story: &Story| {
        let decision = quayside_flows::decide(story, &policy(Mode::Auto), NOW);
        let written = decision.effects.iter().map(|effect| effect.intent.kind());
        let written = written.filter(|kind| matches!(kind, IntentKind::PutHubOrder | IntentKind::HoldHubOrder)).count();
        let about = [Cause::AddressMissing, Cause::SidesDiffer, Cause::EditedTooLate, Cause::AnotherAddress];
        let causes: Vec<Cause> = decision.findings.iter().map(|f| f.cause).filter(|c| about.contains(c)).collect();
        (decision.stage, written, causes)
    };
    let cases: [(&str, fn(&mut Story)); 5] = [
        ("nothing", |_| {}),
        ("the order", |s| s.order.ship_to = Some(address())),
        ("the hub's order", |s| s.hub_orders[0].value.ship_to = Some(address())),
        ("the hub's order, open", |s| {
            s.hub_orders[0].value.ship_to = Some(address());
            s.hub_orders[0].value.status = HubStatus::AwaitingShipment;
        }),
        ("the order, open at the hub", |s| {
            s.order.ship_to = Some(address());
            s.hub_orders[0].value.status = HubStatus::AwaitingShipment;
        }),
    ];
    for (what, read) in cases {
        let mut story = forgotten();
        read(&mut story);
        assert_eq!(told(&story), (Stage::Telling, 0, vec![]), "{what}");
    }
    // An address that is there and changed is told.
    let mut changed = sent();
    ship(&mut changed, parcel(1, &[(1, 2), (2, 1)]));
    changed.order.ship_to.as_mut().unwrap().line1 = "Strandgaten 7".into();
    assert_eq!(told(&changed).2, [Cause::EditedTooLate]);
    // Its label is voided, and it is to leave after all: nothing goes without an address.
    let mut again = forgotten();
    again.parcels[0].value.voided_at_ms = Some(NOW - MIN);
    again.hub_orders[0].value.status = HubStatus::AwaitingShipment;
    let (_, written, causes) = told(&again);
    assert_eq!((written, causes), (0, vec![Cause::AddressMissing]));
}
