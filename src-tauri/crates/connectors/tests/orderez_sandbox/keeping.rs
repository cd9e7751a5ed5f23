//! What is kept beside orders: products, customers, and counts that are moved; each change once.

use super::common::{EffectCase, Mishap, Outcome, World, check_effect, run};
use super::{HOUR_MS, contract, described_by, people, quiet, task};
use quayside_model::{
    Cause, Confirmation, Currency, CustomerDoubt, Intent, MatchKey, Meant, Money, ProductDraft, ProductFacts,
    RecordDraft, RecordNoun, StockDraft, Verdict,
};
use quayside_sandbox::Fault;
use serde_json::{Value, json};

pub(super) fn product(id: Option<&str>, facts: ProductFacts) -> Intent {
    let product =
        ProductDraft { sku: "MUG".into(), product_id: id.map(str::to_owned), facts, before: ProductFacts::default() };
    Intent::PutProduct { product }
}

pub(super) fn mug() -> ProductFacts {
    ProductFacts {
        name: Some("Mug · Blue".into()),
        barcode: Some("4006381333931".into()),
        weight_g: Some(349.6),
        price: Some(Money::new(1_850, Currency::new("EUR"))),
        active: Some(true),
    }
}

/// An account that has the product, lighter than it is.
fn stocked() -> World {
    let world = quiet();
    people(&world, |oz, _| {
        let record = json!({"id": "prod_7", "sku": "MUG", "title": "Mug", "weight_grams": 300, "active": true,
            "price": {"amount": "18.50", "currency": "EUR"}, "version": 3, "updated_at": "2026-11-20T09:00:00Z"});
        oz.state.products.insert("prod_7".into(), record);
    });
    world
}

fn the_product(world: &World) -> Value {
    people(world, |oz, _| oz.state.products.values().find(|one| one["sku"] == "MUG").cloned().unwrap())
}

#[tokio::test]
async fn a_product_is_made_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (quiet(), product(None, mug())),
        count: |ledger| ledger.of("product_created").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
    let world = quiet();
    assert_eq!(run(&world, &product(None, mug()), HOUR_MS, None).await, Outcome::Holds);
    let made = the_product(&world);
    assert_eq!(
        (&made["title"], &made["barcode"], &made["weight_grams"], &made["price"]["amount"], &made["active"]),
        (&json!("Mug · Blue"), &json!("4006381333931"), &json!(350), &json!("18.50"), &json!(true))
    );
}

#[tokio::test]
async fn only_what_is_meant_of_a_product_changes_and_once() {
    let heavier = || product(Some("prod_7"), ProductFacts { weight_g: Some(350.0), ..ProductFacts::default() });
    check_effect(&EffectCase {
        make: || {
            let facts = ProductFacts { weight_g: Some(350.0), ..ProductFacts::default() };
            (stocked(), product(Some("prod_7"), facts))
        },
        count: |ledger| ledger.of("product_updated").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
    let world = stocked();
    assert_eq!(run(&world, &heavier(), HOUR_MS, None).await, Outcome::Holds);
    let now = the_product(&world);
    assert_eq!((&now["title"], &now["weight_grams"]), (&json!("Mug"), &json!(350)));
    // One that somebody made meanwhile is changed, not made a second time; one that is gone is told.
    assert_eq!(run(&world, &product(None, mug()), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(people(&world, |oz, _| oz.state.products.len()), 1);
    people(&world, |oz, _| oz.state.products.clear());
    let Outcome::Person(refusal) = run(&world, &heavier(), HOUR_MS, None).await else { panic!() };
    assert_eq!((refusal.cause, refusal.about.as_deref()), (Cause::UnknownSku, Some("MUG")));
}

pub(super) fn ada(facts: &[(&str, &str)]) -> Intent {
    let fields = facts.iter().map(|(name, word)| ((*name).to_owned(), json!(word).to_string())).collect();
    Intent::PutRecord {
        record: RecordDraft {
            noun: RecordNoun::Customer,
            object: String::new(),
            external_id_field: String::new(),
            external_id: "customer-1f".into(),
            fields,
        },
    }
}

/// Ada, of whom a person said who is meant.
pub(super) fn chosen(meant: &Meant) -> Intent {
    let Intent::PutRecord { mut record } = ada(&ADA) else { unreachable!() };
    record.fields.push(meant.fact());
    Intent::PutRecord { record }
}

async fn doubt(world: &World, intent: &Intent) -> CustomerDoubt {
    match world.open().perform(&[task(intent)]).await.remove(0) {
        Verdict::WhichCustomer(doubt) => *doubt,
        other => panic!("{other:?}"),
    }
}

pub(super) const ADA: [(&str, &str); 6] = [
    ("name", "Ada O'Neil"),
    ("email", "ada@mail.example"),
    ("phone", "+49 40 5550100"),
    ("street", "1 Quay St"),
    ("city", "Hamburg"),
    ("country", "DE"),
];

/// An account with these customers: id, name, e-mail, telephone, postcode.
fn with(customers: &[(&str, &str, &str, &str, &str)]) -> World {
    let world = quiet();
    people(&world, |oz, _| {
        for (id, name, email, phone, postcode) in customers {
            let record = json!({"id": id, "name": name, "email": email, "phone": phone, "version": 1,
                "default_address": {"address1": "x", "city": "y", "country": "DE", "postal_code": postcode},
                "updated_at": "2026-11-20T09:00:00Z"});
            oz.state.customers.insert((*id).to_owned(), record);
        }
    });
    world
}

#[tokio::test]
async fn a_customer_is_made_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (quiet(), ada(&ADA)),
        count: |ledger| ledger.of("customer_created").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
    let world = quiet();
    assert_eq!(run(&world, &ada(&ADA), HOUR_MS, None).await, Outcome::Holds);
    let made = people(&world, |oz, _| oz.state.customers.values().next().cloned().unwrap());
    assert_eq!(made["external_refs"], json!([{"system": "quayside", "id": "customer-1f", "number": "made"}]));
    assert_eq!(made["default_address"]["address1"], json!("1 Quay St"));
    // The same person, moved.
    let moved = [
        ("name", "Ada O'Neil"),
        ("email", "ada@mail.example"),
        ("street", "2 Dock Rd"),
        ("city", "Bremen"),
        ("country", "DE"),
    ];
    assert_eq!(world.run_with_key("effect-2", &ada(&moved)).await, Outcome::Holds);
    let all = people(&world, |oz, _| oz.state.customers.clone());
    assert_eq!(all.len(), 1);
    assert_eq!(all.values().next().unwrap()["default_address"]["city"], json!("Bremen"));
}

#[tokio::test]
async fn somebody_is_known_again_by_what_names_them_first() {
    type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);
    // Who is there, and which of them is met; what people wrote there stays.
    let met: [(&[Row], &str); 2] = [
        (&[("cus_1", "A. O'Neil", "ADA@mail.example", "", ""), ("cus_2", "Ada O'Neil", "", "", "")], "cus_1"),
        (&[("cus_1", "Ada O'Neil", "other@mail.example", "", "20457")], "new"),
    ];
    let facts =
        [("name", "Ada O'Neil"), ("email", "ada@mail.example"), ("phone", "+49 40 5550100"), ("postcode", "20457")];
    for (there, expected) in met {
        let world = with(there);
        assert_eq!(run(&world, &ada(&facts), HOUR_MS, None).await, Outcome::Holds, "{there:?}");
        let all = people(&world, |oz, _| oz.state.customers.clone());
        let ours = all.values().find(|one| one["external_refs"][0]["id"] == "customer-1f").unwrap();
        if expected == "new" {
            assert_eq!(all.len(), there.len() + 1, "{there:?}");
            continue;
        }
        assert_eq!((ours["id"].as_str(), all.len()), (Some(expected), there.len()), "{there:?}");
        let before = there.iter().find(|row| row.0 == expected).unwrap();
        assert_eq!(ours["name"], json!(before.1), "what people wrote stays");
        assert_eq!(ours["email"].as_str().unwrap().to_lowercase(), "ada@mail.example", "what it lacked is there");
    }
}

/// Ada, who has moved, married and changed her number.
const NEW_ADA: [(&str, &str); 8] = [
    ("name", "Ada Lovelace"),
    ("company", "Engines Ltd"),
    ("email", "ada@mail.example"),
    ("phone", "+49 421 777777"),
    ("street", "2 Dock Rd"),
    ("city", "Bremen"),
    ("postcode", "28195"),
    ("country", "DE"),
];

/// Somebody people wrote down, without a telephone number.
fn met() -> World {
    with(&[("cus_1", "A. O'Neil", "ADA@mail.example", "", "20457")])
}

fn first_customer(world: &World) -> Value {
    people(world, |oz, _| {
        assert_eq!(oz.state.customers.len(), 1);
        oz.state.customers.values().next().cloned().unwrap()
    })
}

#[tokio::test]
async fn somebody_who_was_met_is_completed_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (met(), ada(&ADA)),
        count: |ledger| ledger.of("customer_updated").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

/// The second write and every later one, a write after a lost answer, and a reference that a person entered: what people
/// wrote stays.
#[tokio::test]
async fn somebody_who_was_met_is_never_written_over() {
    let wrote = met();
    let before = first_customer(&wrote);
    for fault in [None, Some(Fault::LostAfterCommit), Some(Fault::LostBeforeCommit)] {
        for entered in [false, true] {
            let world = met();
            if entered {
                people(&world, |oz, _| {
                    let one = oz.state.customers.get_mut("cus_1").unwrap();
                    one["external_refs"] = json!([{"system": "quayside", "id": "customer-1f"}]);
                });
            }
            // The write is the last exchange of the first run.
            if let Some(fault) = fault {
                let trial = met();
                assert_eq!(run(&trial, &ada(&ADA), HOUR_MS, None).await, Outcome::Holds);
                let exchange = if entered { 1 } else { trial.exchanges() - 1 };
                world.plan_mishap(Some(Mishap { exchange, fault }));
            }
            assert_eq!(run(&world, &ada(&ADA), HOUR_MS, None).await, Outcome::Holds, "{fault:?} {entered}");
            for (at, facts) in [&NEW_ADA[..], &ADA[..], &NEW_ADA[..]].into_iter().enumerate() {
                let key = format!("effect-{}", at + 2);
                assert_eq!(world.run_with_key(&key, &ada(facts)).await, Outcome::Holds, "{fault:?} {entered}");
            }
            let now = first_customer(&world);
            for field in ["name", "email", "default_address"] {
                assert_eq!(now[field], before[field], "{fault:?} {entered}");
            }
            assert_eq!(now["phone"], json!("+49 40 5550100"), "what it lacked, once: {fault:?} {entered}");
            assert_eq!(now["company"], json!("Engines Ltd"), "what it lacked: {fault:?} {entered}");
            assert_eq!(now["external_refs"], json!([{"system": "quayside", "id": "customer-1f"}]));
        }
    }
}

#[tokio::test]
async fn somebody_who_was_made_follows_also_after_a_lost_answer() {
    for fault in [None, Some(Fault::LostAfterCommit), Some(Fault::LostBeforeCommit)] {
        let world = quiet();
        assert_eq!(run(&world, &ada(&ADA), HOUR_MS, None).await, Outcome::Holds);
        // Asked for our reference, then written.
        world.plan_mishap(fault.map(|fault| Mishap { exchange: world.exchanges() + 1, fault }));
        // Only the street is another one: that, too, is missed where it is not there.
        let moved = ADA.map(|(name, word)| (name, if name == "street" { "9 Mole" } else { word }));
        assert_eq!(world.run_with_key("effect-2", &ada(&moved)).await, Outcome::Holds, "{fault:?}");
        assert_eq!(first_customer(&world)["default_address"]["address1"], json!("9 Mole"), "{fault:?}");
        assert_eq!(world.run_with_key("effect-3", &ada(&NEW_ADA)).await, Outcome::Holds, "{fault:?}");
        let now = first_customer(&world);
        assert_eq!(
            (&now["name"], &now["company"], &now["phone"], &now["default_address"]["city"]),
            (&json!("Ada Lovelace"), &json!("Engines Ltd"), &json!("+49 421 777777"), &json!("Bremen")),
            "{fault:?}"
        );
        assert_eq!(now["external_refs"][0]["number"], json!("made"), "the mark stays");
    }
}

/// Profiles that tell less: one that can only replace a customer as a whole leaves whom it met alone; one that does not
/// read the mark fills in, and writes nothing over.
#[tokio::test]
async fn a_profile_that_tells_less_writes_nothing_over() {
    let replaces = contract().replace("updateCustomer: {method: PATCH", "updateCustomer: {method: PUT");
    let markless = contract().replace(
        "postal_code, country: country}\", external_refs: \"external_refs[].{system: system, id: id, number: number}\"",
        "postal_code, country: country}\", external_refs: \"external_refs[].{system: system, id: id}\"",
    );
    assert!(replaces != contract() && markless != contract());
    let mut world = met();
    world.disguise = Some(described_by(replaces));
    let before = first_customer(&world);
    assert_eq!(run(&world, &ada(&ADA), HOUR_MS, None).await, Outcome::Holds);
    assert_eq!(first_customer(&world), before);

    let mut world = quiet();
    world.disguise = Some(described_by(markless));
    let made = ada(&ADA);
    let Verdict::Done(receipt) = world.open().perform(&[task(&made)]).await.remove(0) else { panic!() };
    assert!(receipt.note.unwrap_or_default().contains("only filled in where it is empty"));
    assert_eq!(world.run_with_key("effect-2", &ada(&NEW_ADA)).await, Outcome::Holds);
    let now = first_customer(&world);
    assert_eq!((&now["name"], &now["company"]), (&json!("Ada O'Neil"), &json!("Engines Ltd")));
}

#[tokio::test]
async fn several_that_could_be_meant_are_a_persons_to_tell_apart() {
    type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);
    let mail = [("cus_1", "Ada", "ada@mail.example", "", ""), ("cus_2", "A. O.", "ada@mail.example", "", "")];
    let phones = [("cus_1", "Quay Ltd", "", "0049 40 5550100", ""), ("cus_2", "Quay Ltd", "", "+49405550100", "20457")];
    let cases: [(&[Row], MatchKey, usize); 4] = [
        (&mail, MatchKey::Email, 2),
        (&phones, MatchKey::Phone, 2),
        // What people share links nobody, though it is one only.
        (&phones[..1], MatchKey::Phone, 1),
        (&[("cus_1", "ada  o'neil", "", "", "20457")], MatchKey::NamePostcode, 1),
    ];
    let facts =
        [("name", "Ada O'Neil"), ("email", "ada@mail.example"), ("phone", "+49 40 5550100"), ("postcode", "20457")];
    for (there, by, many) in cases {
        let world = with(there);
        let doubt = doubt(&world, &ada(&facts)).await;
        assert_eq!((doubt.refusal.cause, doubt.customer.as_str()), (Cause::WhichCustomer, "customer-1f"), "{there:?}");
        assert!(doubt.refusal.sentence.contains("Ada O'Neil"), "{}", doubt.refusal);
        assert_eq!((doubt.candidates.len(), doubt.candidates[0].by), (many, by), "{there:?}");
        let name = doubt.candidates[0].facts.iter().find(|(fact, _)| fact == "name").unwrap();
        assert_eq!(name.1, there[0].1, "as people wrote it");
        assert_eq!(people(&world, |oz, _| oz.state.customers.len()), there.len(), "nothing was written");
    }
    let world = with(&mail);
    assert!(matches!(run(&world, &ada(&ADA), HOUR_MS, None).await, Outcome::Person(_)));
    // Another kind of record is none of its business.
    let Intent::PutRecord { record } = ada(&ADA) else { unreachable!() };
    let shipment = Intent::PutRecord { record: RecordDraft { noun: RecordNoun::Shipment, ..record } };
    assert!(matches!(run(&world, &shipment, HOUR_MS, None).await, Outcome::Person(_)));
}

/// Whom a person chose gets our reference and what it lacks, once; a new one is made once. What was made meanwhile under
/// our reference is not made a second time, whatever is chosen afterwards.
#[tokio::test]
async fn what_a_person_said_is_done_once() {
    let two = || with(&[("cus_1", "Ada", "ada@mail.example", "", ""), ("cus_2", "A. O.", "ada@mail.example", "", "")]);
    let second = Meant::This("cus_2".into());
    let world = two();
    assert_eq!(run(&world, &chosen(&second), HOUR_MS, None).await, Outcome::Holds);
    let all = people(&world, |oz, _| oz.state.customers.clone());
    assert_eq!(all["cus_2"]["external_refs"], json!([{"system": "quayside", "id": "customer-1f"}]));
    assert_eq!((&all["cus_2"]["name"], &all["cus_1"]["external_refs"]), (&json!("A. O."), &Value::Null));
    // The next order is known by our reference, and a choice for another one is no second reference.
    assert_eq!(world.run_with_key("effect-2", &ada(&ADA)).await, Outcome::Holds);
    let other = chosen(&Meant::This("cus_1".into()));
    let Outcome::Person(refusal) = world.run_with_key("effect-3", &other).await else { panic!() };
    assert!(refusal.sentence.contains("stands on cus_2 already"), "{refusal}");
    assert_eq!(people(&world, |oz, _| oz.state.customers.len()), 2);

    let world = two();
    for key in ["effect-1", "effect-2"] {
        assert_eq!(world.run_with_key(key, &chosen(&Meant::New)).await, Outcome::Holds);
    }
    assert_eq!(people(&world, |oz, _| oz.state.customers.len()), 3);

    // Whom a person chose is gone: asked anew.
    let doubt = doubt(&two(), &chosen(&Meant::This("cus_9".into()))).await;
    assert_eq!(doubt.candidates.len(), 2);
    assert!(doubt.refusal.sentence.contains("is not there any more"), "{}", doubt.refusal);
}

#[tokio::test]
async fn whom_a_person_chose_is_written_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (met(), chosen(&Meant::This("cus_1".into()))),
        count: |ledger| ledger.of("customer_updated").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
}

pub(super) fn moved(by: i64) -> Intent {
    let stock = StockDraft {
        sku: "MUG".into(),
        item_id: Some("MUG".into()),
        location_id: Some("wh_quay".into()),
        available: 10 + by,
        expected: Some(10),
        moves: true,
    };
    Intent::SetStock { stock }
}

fn ten() -> World {
    let world = quiet();
    people(&world, |oz, moment| oz.count("MUG", 10, moment));
    world
}

#[tokio::test]
async fn units_are_added_exactly_once_whatever_happens() {
    check_effect(&EffectCase {
        make: || (ten(), moved(2)),
        count: |ledger| ledger.of("stock_adjusted").count(),
        expected: 1,
        patience_ms: 2 * HOUR_MS,
    })
    .await;
    let world = ten();
    // Something is packed in the same moment: it stays packed.
    people(&world, |oz, moment| oz.count("MUG", 9, moment));
    assert_eq!(run(&world, &moved(2), HOUR_MS, None).await, Outcome::Holds);
    let on_hand = people(&world, |oz, _| oz.state.levels[&("wh_quay".to_owned(), "MUG".to_owned())].on_hand);
    assert_eq!((on_hand, world.applied(|ledger| ledger.of("stock_set").count())), (11, 0));
    let add = moved(2);
    assert!(matches!(world.open().confirm(&task(&add)).await, Confirmation::Holds(_)));
    let verdict = world.open().perform(&[task(&add)]).await.remove(0);
    assert!(matches!(verdict, Verdict::AlreadyDone(_)), "{verdict:?}");
    // More than is there cannot be taken away.
    let Outcome::Person(refusal) = world.run_with_key("effect-3", &moved(-12)).await else { panic!() };
    assert!(refusal.sentence.contains("MUG"), "{refusal}");
}

/// What a person mends there stays, of one that was made here, too; what the desk wrote last follows.
#[tokio::test]
async fn what_people_mend_on_somebody_who_was_made_stays() {
    let world = quiet();
    let connector = world.open();
    assert!(matches!(connector.perform(&[task(&ada(&ADA))]).await.remove(0), Verdict::Done(_)));
    let written = connector.written().remove(0);
    people(&world, |oz, _| {
        for one in oz.state.customers.values_mut() {
            one["phone"] = json!("mended");
        }
    });
    let Intent::PutRecord { mut record } = ada(&NEW_ADA) else { unreachable!() };
    record.fields.push(written.fact());
    let next = Intent::PutRecord { record };
    let verdict = connector.perform(&[task(&next)]).await.remove(0);
    assert!(matches!(verdict, Verdict::Done(_)), "{verdict:?}");
    let now = first_customer(&world);
    assert_eq!(
        (&now["name"], &now["phone"], &now["default_address"]["city"]),
        (&json!("Ada Lovelace"), &json!("mended"), &json!("Bremen"))
    );
}
