//! A buyer whom an account cannot tell from its customers: asked, compared, said once or always, and gone with the buyer.

use crate::house::{House, NOW, config, order};
use quayside_api::view::ExceptionsAsk;
use quayside_api::who_is_it::CustomerPick;
use quayside_model::{
    Action, Cause, ConnectionId, CustomerDoubt, CustomerLike, EffectState, Intent, MatchKey, Meant, Mode, OrderId,
    RecordDraft, Refusal, Written,
};
use quayside_store::Settlement;

const CUSTOMERS: &str = "customers_to_records";

fn crm() -> ConnectionId {
    ConnectionId::new("harbour-crm")
}

fn house(mode: Mode) -> House {
    let house = House::new();
    house.store.write(|tx| tx.put_connection(&config(&crm(), "Harbour CRM", "salesforce", "EUR"))).unwrap();
    house.mode(CUSTOMERS, mode);
    house
}

fn like(id: &str, name: &str) -> CustomerLike {
    let facts = [("name", name), ("email", "anna@example.org"), ("city", "Bremen")];
    CustomerLike {
        remote_id: id.into(),
        by: MatchKey::Email,
        facts: facts.map(|(fact, text)| (fact.to_owned(), text.to_owned())).to_vec(),
        url: None,
    }
}

/// What is due there is refused, because two could be meant; as the lane writes it down.
fn unclear(house: &House) -> usize {
    let claimed = house
        .store
        .write(|tx| {
            let claimed = tx.claim(&crm(), NOW, &|_| 100)?;
            for one in &claimed {
                let refusal = Refusal::new(Cause::WhichCustomer, "Anna Larsen could be any of 2 customers.");
                tx.settle(one.id, &Settlement::Refused(refusal.clone()), NOW, 5)?;
                let doubt = CustomerDoubt {
                    refusal,
                    customer: customer_of(&one.intent).external_id.clone(),
                    candidates: vec![like("003A", "Anna Larsen"), like("003B", "A. Larsen-Roe")],
                };
                tx.put_customer_review(one.id, one.order_id.unwrap(), &crm(), &doubt, NOW)?;
            }
            Ok(claimed)
        })
        .unwrap();
    let policy = house.store.read(quayside_engine::policy::load).unwrap();
    for order in claimed.iter().filter_map(|one| one.order_id) {
        house.store.write(|tx| quayside_engine::redecide(tx, &policy, order, NOW)).unwrap();
    }
    claimed.len()
}

fn customer_of(intent: &Intent) -> &RecordDraft {
    let Intent::PutRecord { record } = intent else { panic!("{intent:?}") };
    record
}

/// The customer's changes of an order: where each stands, and whom it means.
fn changes(house: &House, id: OrderId) -> Vec<(EffectState, Option<Meant>)> {
    let effects = house.store.read(|r| r.effects_of(id)).unwrap();
    effects.iter().map(|effect| (effect.state, customer_of(&effect.intent).meant())).collect()
}

fn pick(house: &House, remote_id: Option<&str>, always: bool) -> CustomerPick {
    let customer = house.desk.customer_reviews().unwrap().open[0].customer.clone();
    CustomerPick { connection: crm(), customer, remote_id: remote_id.map(str::to_owned), always }
}

fn told(house: &House) -> Vec<Vec<Action>> {
    let ask = ExceptionsAsk { view: "needs_me".into(), cause: Some(Cause::WhichCustomer), ..ExceptionsAsk::default() };
    let page = house.desk.exceptions(ask).unwrap();
    page.groups.into_iter().flat_map(|group| group.entries).map(|entry| entry.actions).collect()
}

#[test]
fn a_buyer_is_told_apart_once_and_every_later_order_goes_through() {
    let house = house(Mode::Auto);
    let first = house.order(order(1));
    assert_eq!(unclear(&house), 1);
    assert_eq!(changes(&house, first), [(EffectState::Refused, None)]);
    assert_eq!(told(&house)[0][0], Action::ChooseCustomer);
    let reviews = house.desk.customer_reviews().unwrap();
    let open = &reviews.open[0];
    assert_eq!((reviews.open.len(), &open.orders[..]), (1, &[(first, "#1".to_owned())][..]));
    assert_eq!((open.name.as_str(), open.account.as_str()), ("Anna Larsen", "Harbour CRM"));
    let row = |label: &str| open.rows.iter().find(|row| row.label == label).unwrap();
    assert_eq!(row("Name").theirs.iter().map(|one| one.same).collect::<Vec<_>>(), [Some(true), Some(false)]);
    assert_eq!((row("City").ours.as_str(), row("City").theirs[0].same), ("Hamburg", Some(false)));

    // What cannot be said.
    for (wrong, says) in [
        (pick(&house, Some("003X"), false), "none of those"),
        (pick(&house, None, true), "Always"),
        (CustomerPick { customer: "customer-0".into(), ..pick(&house, Some("003A"), false) }, "Nobody waits"),
    ] {
        let trouble = house.desk.choose_customer(wrong).unwrap_err();
        assert!(trouble.sentence.contains(says), "{}", trouble.sentence);
    }
    let always = pick(&house, Some("003B"), true);
    let picked = house.desk.choose_customer(always.clone()).unwrap();
    assert_eq!(picked.tried, 1, "{}", picked.sentence);
    let meant = Some(Meant::This("003B".into()));
    assert_eq!(changes(&house, first), [(EffectState::Skipped, None), (EffectState::Pending, meant.clone())]);
    assert!(told(&house).is_empty());
    // Another window shows it still.
    let late = house.desk.choose_customer(CustomerPick { remote_id: Some("003A".into()), ..always }).unwrap_err();
    assert!(late.sentence.contains("answered already"), "{}", late.sentence);
    assert_eq!(house.done(&crm(), "003B"), 1);
    assert_eq!(changes(&house, first).len(), 2, "written once");

    // The next order of the same buyer means the same customer by itself.
    let second = house.order(order(2));
    assert_eq!(changes(&house, second), [(EffectState::Pending, meant)]);
    assert_eq!(house.done(&crm(), "003B"), 1);
    let said = house.desk.customer_reviews().unwrap();
    assert_eq!((said.open.len(), said.said.len(), said.said[0].always), (0, 1, true));
    assert_eq!(said.said[0].theirs, "A. Larsen-Roe");

    // Taken back: what is written stays as it is, later orders are matched anew.
    house.desk.unlink_customer(crm(), &said.said[0].customer).unwrap();
    assert_eq!(changes(&house, second).len(), 1);
    let third = house.order(order(3));
    assert_eq!(changes(&house, third), [(EffectState::Pending, None)]);
    assert!(house.desk.unlink_customer(crm(), &said.said[0].customer).is_err());
}

#[test]
fn what_is_said_once_goes_with_the_change_and_is_the_click() {
    for remote_id in [Some("003A"), None] {
        let house = house(Mode::Ask);
        let id = house.order(order(1));
        let asked = house.store.read(|r| r.effects_of(id)).unwrap()[0].id;
        house.store.write(|tx| tx.approve(asked, NOW)).unwrap();
        assert_eq!(unclear(&house), 1);
        house.desk.choose_customer(pick(&house, remote_id, false)).unwrap();
        let meant = Some(remote_id.map_or(Meant::New, |id| Meant::This(id.into())));
        assert_eq!(changes(&house, id)[1], (EffectState::Pending, meant));
        assert_eq!(house.desk.customer_reviews().unwrap().said.len(), 1);
        // As the lane writes it down.
        house
            .store
            .write(|tx| {
                let claimed = tx.claim(&crm(), NOW, &|_| 1)?.remove(0);
                let receipt = quayside_model::Receipt::default();
                tx.settle(claimed.id, &Settlement::Done { receipt, already: false }, NOW, 1)?;
                tx.customer_is_written(&crm(), &claimed.intent)
            })
            .unwrap();
        assert!(house.desk.customer_reviews().unwrap().said.is_empty());
        let policy = house.store.read(quayside_engine::policy::load).unwrap();
        house.store.write(|tx| quayside_engine::redecide(tx, &policy, id, NOW)).unwrap();
        assert_eq!(changes(&house, id).len(), 2, "nothing more is written");
    }
}

/// Else the second order would be asked for once more as soon as the first one is through.
#[test]
fn what_is_said_once_holds_for_all_orders_that_waited() {
    let house = house(Mode::Ask);
    let both = [house.order(order(1)), house.order(order(2))];
    for id in both {
        let asked = house.store.read(|r| r.effects_of(id)).unwrap()[0].id;
        house.store.write(|tx| tx.approve(asked, NOW)).unwrap();
    }
    assert_eq!(unclear(&house), 2);
    // One entry for the buyer, with both orders behind it.
    let ask = ExceptionsAsk { view: "needs_me".into(), cause: Some(Cause::WhichCustomer), ..ExceptionsAsk::default() };
    let page = house.desk.exceptions(ask).unwrap();
    let entry = &page.groups[0].entries[0];
    let mut behind: Vec<OrderId> = entry.orders.iter().map(|(id, _)| *id).collect();
    behind.sort_unstable();
    assert_eq!((page.groups[0].count, page.groups[0].entries.len(), entry.all.len()), (1, 1, 2));
    assert_eq!(behind, both);
    assert_eq!(house.desk.choose_customer(pick(&house, Some("003A"), false)).unwrap().tried, 2);
    // As the lane writes it down; true: what was said is done with.
    let written = || {
        let done = house.store.write(|tx| {
            let claimed = tx.claim(&crm(), NOW, &|_| 1)?.remove(0);
            let receipt = quayside_model::Receipt::default();
            tx.settle(claimed.id, &Settlement::Done { receipt, already: false }, NOW, 1)?;
            tx.customer_is_written(&crm(), &claimed.intent)
        });
        let policy = house.store.read(quayside_engine::policy::load).unwrap();
        for id in both {
            house.store.write(|tx| quayside_engine::redecide(tx, &policy, id, NOW)).unwrap();
        }
        done.unwrap()
    };
    assert!(!written());
    let goes = |id: OrderId| changes(&house, id).iter().any(|(state, _)| *state == EffectState::Pending);
    assert_eq!(both.map(goes).into_iter().filter(|goes| *goes).count(), 1, "it needs no second click");
    assert!(written());
    assert!(house.desk.customer_reviews().unwrap().said.is_empty());
}

/// A change of the same buyer is on its way, and may make whom the person means.
#[test]
fn nothing_is_said_while_a_change_of_the_buyer_is_on_its_way() {
    let house = house(Mode::Auto);
    house.order(order(1));
    assert_eq!(unclear(&house), 1);
    let second = house.order(order(2));
    let running = house.store.write(|tx| tx.claim(&crm(), NOW, &|_| 100)).unwrap().remove(0);
    let trouble = house.desk.choose_customer(pick(&house, Some("003A"), true)).unwrap_err();
    assert!(trouble.sentence.contains("on its way"), "{}", trouble.sentence);
    assert_eq!(changes(&house, second), [(EffectState::Running, None)]);
    let receipt = quayside_model::Receipt { remote_id: Some("003N".into()), ..quayside_model::Receipt::default() };
    let done = Settlement::Done { receipt, already: false };
    house.store.write(|tx| tx.settle(running.id, &done, NOW, 1)).unwrap();
    assert!(house.desk.choose_customer(pick(&house, Some("003A"), true)).is_ok());
}

/// Whoever could be meant may be somebody else: their name and address are not this buyer's to have.
#[test]
fn what_is_written_down_for_a_buyer_tells_nothing_of_other_customers() {
    let house = house(Mode::Auto);
    let id = house.order(order(1));
    assert_eq!(unclear(&house), 1);
    let file = house.folder.path().join("buyer.json");
    let saved = house.desk.export_customer("anna@example.org", &[id], &file).unwrap();
    for path in [saved.data, saved.page] {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("003B") && !text.contains("Larsen-Roe"), "{text}");
    }
}

/// The answer was on its way when the buyer's data went.
#[test]
fn an_answer_after_the_buyer_is_gone_keeps_nobody() {
    let house = house(Mode::Auto);
    let id = house.order(order(1));
    let claimed = house.store.write(|tx| tx.claim(&crm(), NOW, &|_| 100)).unwrap().remove(0);
    house.store.write(|tx| tx.blank_personal(id, NOW)).unwrap();
    let refusal = Refusal::new(Cause::WhichCustomer, "The buyer could be any of 2 customers.");
    let doubt = CustomerDoubt {
        refusal: refusal.clone(),
        customer: customer_of(&claimed.intent).external_id.clone(),
        candidates: vec![like("003A", "Anna Larsen")],
    };
    house
        .store
        .write(|tx| {
            tx.settle(claimed.id, &Settlement::Refused(refusal), NOW, 5)?;
            tx.put_customer_review(claimed.id, id, &crm(), &doubt, NOW)
        })
        .unwrap();
    assert!(house.store.read(|r| r.customer_reviews()).unwrap().is_empty());
}

#[test]
fn who_it_could_be_goes_with_the_buyer() {
    for forgotten in [false, true] {
        let house = house(Mode::Auto);
        let (first, second) = (house.order(order(1)), house.order(order(2)));
        assert_eq!(unclear(&house), 2);
        assert_eq!(house.desk.customer_reviews().unwrap().open[0].orders.len(), 2, "one buyer, two orders");
        house.desk.choose_customer(pick(&house, Some("003B"), true)).unwrap();
        let kept = || house.desk.customer_reviews().unwrap();
        assert_eq!(kept().said[0].name, "Anna Larsen");
        let said_about = kept().said[0].order;
        assert!([first, second].contains(&said_about));
        let key = kept().said[0].customer.clone();
        let fields = [("Contact.Phone".to_owned(), "word".to_owned())].into();
        let of = Written { customer: key.clone(), fields };
        house.store.write(|tx| tx.put_customer_written(said_about, &crm(), &of, NOW)).unwrap();
        house
            .store
            .write(|tx| if forgotten { tx.forget_asked(said_about, NOW) } else { tx.blank_personal(said_about, NOW) })
            .unwrap();
        let said = kept().said;
        let written = || house.store.read(|r| r.customer_written(&crm(), &key)).unwrap();
        if forgotten {
            assert!(said.is_empty() && written().is_none());
        } else {
            // The link holds for later orders; whom it is about stands there no more.
            assert_eq!((said.len(), said[0].name.as_str(), said[0].theirs.as_str()), (1, "", ""));
            assert!(written().is_none(), "it goes with the data of the order that wrote it");
        }
    }
}
