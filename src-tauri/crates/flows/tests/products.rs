//! Products to the hub: what is written, what is left alone, and what is told.
#![allow(clippy::unwrap_used)]

mod common;

use common::{channel, hub, policy};
use quayside_flows::products::{Catalogue, ID, TRUTH, Wanted, decide, left_to_orders, wanted, weight_words};
use quayside_flows::sku_aliases::AliasBook;
use quayside_flows::{Peer, Policy, Shapers, hand_text, product_by_hand};
use quayside_model::*;
use std::sync::Arc;

const READ_MS: i64 = 1_000_000_000;

fn other() -> ConnectionId {
    ConnectionId::new("outlet")
}

/// A store and a hub that makes products; a second store beside.
fn setting() -> Policy {
    let mut policy = policy(Mode::Auto);
    let outlet = Peer { id: other(), name: "Harbour Outlet".into(), ..policy.peers[&channel()].clone() };
    policy.peers.insert(other(), outlet);
    policy.peers.get_mut(&hub()).unwrap().products = Some(ProductKeeping { makes: true, changes: true, price: true });
    policy
}

fn mug() -> Product {
    Product {
        remote_id: "7".into(),
        item_id: None,
        sku: "MUG-BLUE".into(),
        listing_code: None,
        name: "Mug".into(),
        variant: "Blue".into(),
        barcode: Some("4006381333931".into()),
        weight_g: Some(350.0),
        price_minor: Some(1_850),
        currency: Some(Currency::new("EUR")),
        active: true,
        updated_at_ms: 0,
    }
}

/// The same at the hub.
fn there() -> Product {
    Product { remote_id: "p7".into(), name: "Mug · Blue".into(), variant: String::new(), ..mug() }
}

fn catalogue(listed: Vec<(ConnectionId, Product)>, held: Vec<Product>) -> Catalogue {
    Catalogue {
        listed,
        held: held.into_iter().map(|product| (hub(), product)).collect(),
        read_ms: [channel(), other(), hub()].into_iter().map(|id| (id, READ_MS)).collect(),
    }
}

/// What comes of it, in a line.
fn told(all: &[Wanted]) -> String {
    let line = |one: &Wanted| match &one.draft {
        Some(draft) => {
            let facts = quayside_flows::products::fact_words(&draft.facts);
            let facts: Vec<String> = facts.into_iter().map(|(what, word)| format!("{what} {word}")).collect();
            let verb = if draft.product_id.is_some() { "change" } else { "make" };
            format!("{verb} {}: {}", one.sku, facts.join(", "))
        }
        None => format!("{}?", one.sku),
    };
    let lines = all.iter().map(|one| {
        let differ = one.differ.join("; ");
        if differ.is_empty() { line(one) } else { format!("{} | {differ}", line(one)) }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_differs_is_written_and_nothing_else() {
    let here = |product: Product| vec![(channel(), product)];
    let table = [
        (
            "new",
            here(mug()),
            vec![],
            "make MUG-BLUE: Name Mug · Blue, Barcode 4006381333931, Weight 350 g (12.35 oz), Price 18.50 EUR, Sold yes",
        ),
        ("as it is", here(mug()), vec![there()], ""),
        (
            "heavier than the hub thinks",
            here(mug()),
            vec![Product { weight_g: Some(300.0), ..there() }],
            "change MUG-BLUE: Weight 350 g (12.35 oz)",
        ),
        ("rounded in ounces", here(mug()), vec![Product { weight_g: Some(350.1), ..there() }], ""),
        ("the store does not know", here(Product { weight_g: None, barcode: None, ..mug() }), vec![there()], ""),
        ("another currency", here(Product { currency: Some(Currency::new("USD")), ..mug() }), vec![there()], ""),
        ("not sold any more", here(Product { active: false, ..mug() }), vec![there()], "change MUG-BLUE: Sold no"),
        ("not sold, and not there", here(Product { active: false, ..mug() }), vec![], ""),
        ("no SKU", here(Product { sku: " ".into(), ..mug() }), vec![], ""),
        ("another case of its SKU", here(Product { sku: "mug-blue".into(), ..mug() }), vec![there()], ""),
        (
            "twice at the hub",
            here(mug()),
            vec![there(), Product { remote_id: "p8".into(), ..there() }],
            "MUG-BLUE? | Main warehouse has 2 products of this SKU",
        ),
    ];
    for (what, listed, held, expected) in table {
        assert_eq!(told(&wanted(&catalogue(listed, held), &setting())), expected, "{what}");
    }
}

#[test]
fn what_a_hub_takes_no_products_for_is_entered_by_hand() {
    let mut policy = setting();
    let peer = policy.peers.get_mut(&hub()).unwrap();
    peer.performs.retain(|kind| *kind != IntentKind::PutProduct);
    (peer.lacks, peer.products) = (vec![IntentKind::PutProduct], None);
    let light = Product { weight_g: Some(300.0), ..there() };
    let change = "Main warehouse takes no products from outside. Change MUG-BLUE there: weight 350 g (12.35 oz).";
    let changed = "Change the product\nSKU: MUG-BLUE\nProduct there: p7\nWeight: 300 g (10.58 oz) → 350 g (12.35 oz)";
    let table = [
        (
            vec![],
            "Main warehouse takes no products from outside. Make MUG-BLUE there: name Mug · Blue, barcode 4006381333931, weight 350 g (12.35 oz), price 18.50 EUR, sold yes.",
            "Make the product\nSKU: MUG-BLUE\nName: Mug · Blue\nBarcode: 4006381333931\nWeight: 350 g (12.35 oz)\nPrice: 18.50 EUR\nSold: yes",
        ),
        (vec![light.clone()], change, changed),
        // Nobody could see whether a price was entered where none is shown.
        (vec![Product { price_minor: None, ..light.clone() }], change, changed),
    ];
    for (held, sentence, text) in table {
        let found = wanted(&catalogue(vec![(channel(), mug())], held), &policy).remove(0);
        let decision = decide(&found, &[], 0, Some(READ_MS), &policy);
        assert_eq!((decision.write, decision.overtaken), (None, vec![]));
        assert_eq!(decision.findings.len(), 1, "{:?}", decision.findings);
        let finding = &decision.findings[0];
        assert_eq!((finding.cause, finding.about.as_str()), (Cause::ChangeByHand, "product:mug-blue"));
        assert_eq!(finding.sentence, sentence);
        assert_eq!(hand_text(&product_by_hand(&found).unwrap()), text);
    }
    // What agrees, what was never read, and a hub of a kind that takes none: nobody is asked.
    let listed = || vec![(channel(), mug())];
    assert_eq!(told(&wanted(&catalogue(listed(), vec![there()]), &policy)), "");
    let mut unread = catalogue(listed(), vec![]);
    unread.read_ms.remove(&hub());
    assert_eq!(told(&wanted(&unread, &policy)), "");
    policy.peers.get_mut(&hub()).unwrap().lacks.clear();
    assert_eq!(told(&wanted(&catalogue(listed(), vec![light]), &policy)), "");
}

#[test]
fn two_stores_have_to_agree_unless_one_of_them_holds() {
    let both = |product: Product| vec![(channel(), mug()), (other(), product)];
    let heavier = Product { weight_g: Some(400.0), ..mug() };
    let light = || vec![Product { weight_g: Some(300.0), ..there() }];
    let conflict = "MUG-BLUE? | weight: 350 g (12.35 oz) at Harbour Goods, 400 g (14.11 oz) at Harbour Outlet";
    let mut policy = setting();
    assert_eq!(told(&wanted(&catalogue(both(heavier.clone()), light()), &policy)), conflict);
    // A name is left as it is where the hub has one of the two.
    let renamed = Product { name: "Cup".into(), ..mug() };
    assert_eq!(told(&wanted(&catalogue(both(renamed.clone()), vec![there()]), &policy)), "");
    let unnamed = told(&wanted(&catalogue(both(renamed), vec![]), &policy));
    assert_eq!(unnamed, "MUG-BLUE? | name: \"Mug · Blue\" at Harbour Goods, \"Cup · Blue\" at Harbour Outlet");
    // Sold in one of them is sold; what is not sold says nothing besides.
    let resting = Product { active: false, weight_g: Some(1.0), ..mug() };
    assert_eq!(told(&wanted(&catalogue(both(resting), vec![there()]), &policy)), "");
    let choose = |policy: &mut Policy, word: &str| {
        policy.automations.get_mut(ID).unwrap().settings.insert(TRUTH.into(), word.into());
    };
    for (word, expected) in [
        ("outlet", "change MUG-BLUE: Weight 400 g (14.11 oz)"),
        ("harbour goods", "change MUG-BLUE: Weight 350 g (12.35 oz)"),
        ("nobody", conflict),
    ] {
        choose(&mut policy, word);
        assert_eq!(told(&wanted(&catalogue(both(heavier.clone()), light()), &policy)), expected, "{word}");
    }
}

#[test]
fn what_a_hub_lets_be_written_and_what_was_read_decide() {
    let new = || catalogue(vec![(channel(), mug())], vec![]);
    let old = || catalogue(vec![(channel(), mug())], vec![Product { weight_g: None, price_minor: None, ..there() }]);
    let with = |products: Option<ProductKeeping>| {
        let mut policy = setting();
        policy.peers.get_mut(&hub()).unwrap().products = products;
        policy
    };
    let known = Some(ProductKeeping { makes: false, changes: true, price: false });
    assert_eq!(told(&wanted(&new(), &with(known))), "", "its facts travel on the lines of orders");
    for (products, catalogue, expected) in
        [(known, new(), Some(1)), (known, old(), None), (setting().peers[&hub()].products, new(), None)]
    {
        let left = left_to_orders(&catalogue, &with(products));
        assert_eq!(left.get(&hub()).copied(), expected, "{products:?}");
    }
    assert_eq!(told(&wanted(&old(), &with(known))), "change MUG-BLUE: Weight 350 g (12.35 oz)");
    assert_eq!(told(&wanted(&old(), &with(None))), "");
    // A list that was never read to its end says nothing, least of all that something is not there.
    for account in [channel(), hub()] {
        let mut unread = new();
        unread.read_ms.remove(&account);
        assert_eq!(told(&wanted(&unread, &setting())), "", "{account}");
    }
    // Nor that nobody sells it any more.
    let off = || Product { active: false, ..mug() };
    let mut unread = catalogue(vec![(channel(), off())], vec![there()]);
    assert_eq!(told(&wanted(&unread, &setting())), "change MUG-BLUE: Sold no");
    unread.read_ms.remove(&other());
    assert_eq!(told(&wanted(&unread, &setting())), "");
}

#[test]
fn the_table_of_aliases_holds_for_products() {
    let alias = |sku: &str, parts: &[(&str, i64)]| SkuAlias {
        store: None,
        by: AliasBy::Sku,
        theirs: sku.into(),
        parts: parts.iter().map(|(sku, quantity)| AliasPart { sku: (*sku).into(), quantity: *quantity }).collect(),
    };
    let mut policy = setting();
    policy.shapers = Arc::new(Shapers {
        aliases: AliasBook::new(vec![alias("SHOP-MUG", &[("MUG-BLUE", 1)]), alias("SIX-PACK", &[("MUG-BLUE", 6)])]),
        ..Shapers::default()
    });
    let listed = |sku: &str| vec![(channel(), Product { sku: sku.into(), weight_g: Some(360.0), ..mug() })];
    let change = "change MUG-BLUE: Weight 360 g (12.70 oz)";
    assert_eq!(told(&wanted(&catalogue(listed("SHOP-MUG"), vec![there()]), &policy)), change);
    assert_eq!(told(&wanted(&catalogue(listed("SIX-PACK"), vec![there()]), &policy)), "", "a bundle is no product");
}

/// A change as the outbox has it.
fn past(id: i64, wanted: &Wanted, state: EffectState) -> PastEffect {
    PastEffect {
        id: EffectId(id),
        key: format!("k:{id}"),
        automation: ID.into(),
        connection: hub(),
        intent: Intent::PutProduct { product: wanted.draft.clone().unwrap() },
        state,
        attempts: 1,
        created_at_ms: 1,
        not_before_ms: 1,
        first_sent_at_ms: Some(1),
        settled_at_ms: (state == EffectState::Done).then_some(READ_MS),
        refused_at_ms: None,
        refusal: (state == EffectState::Refused).then(|| Refusal::new(Cause::ContentRefused, "No.")),
        receipt: None,
        ticket: None,
        withdrawn: false,
    }
}

#[test]
fn what_was_written_is_not_written_again() {
    let policy = setting();
    let one = |weight_g: f64| {
        let heavy = Product { weight_g: Some(weight_g), ..mug() };
        let light = Product { weight_g: Some(300.0), ..there() };
        wanted(&catalogue(vec![(channel(), heavy)], vec![light]), &policy).remove(0)
    };
    let now = one(350.0);
    let (long_after, at_once) = (Some(READ_MS + 3_600_000), Some(READ_MS + 1));
    let done = || past(1, &now, EffectState::Done);
    // What there was, when the hub was read, and: is it planned, how much is taken back, what is told.
    let table = [
        ("never", vec![], at_once, true, 0, None),
        ("waits for a click", vec![past(1, &now, EffectState::Asked)], at_once, false, 0, None),
        ("on its way", vec![past(1, &one(340.0), EffectState::Running)], at_once, false, 0, None),
        ("done a moment ago", vec![done()], at_once, false, 0, None),
        ("another one waits", vec![past(1, &one(340.0), EffectState::Asked)], at_once, true, 1, None),
        ("another one was done", vec![past(1, &one(340.0), EffectState::Done)], at_once, true, 0, None),
        ("refused", vec![past(1, &now, EffectState::Refused)], at_once, false, 0, Some(Cause::ContentRefused)),
        ("given up", vec![past(1, &now, EffectState::Skipped)], at_once, false, 0, None),
        ("answered, and not there", vec![done()], long_after, true, 0, None),
        ("three times not there", vec![done(), done(), done()], long_after, false, 0, Some(Cause::Forgotten)),
    ];
    for (what, before, read_ms, planned, taken_back, cause) in table {
        let found = decide(&now, &before, before.len(), read_ms, &policy);
        assert_eq!(
            (found.write.is_some(), found.overtaken.len(), found.findings.first().map(|finding| finding.cause)),
            (planned, taken_back, cause),
            "{what}"
        );
    }
    // Somebody at the hub wrote something else since: that stays.
    let corrected = Wanted {
        draft: now.draft.clone().map(|draft| ProductDraft {
            before: ProductFacts { weight_g: Some(320.0), ..draft.before.clone() },
            ..draft
        }),
        ..now.clone()
    };
    assert!(decide(&corrected, &[done()], 1, long_after, &policy).write.is_none());
    // So it does when something else is news, and after that was written.
    let with_name = |weight_there: Option<f64>, name: bool| {
        let name = |word: &str| name.then(|| word.to_owned());
        let facts = ProductFacts { name: name("Mug · Blue"), weight_g: Some(350.0), ..ProductFacts::default() };
        let before = ProductFacts { name: name("Cup"), weight_g: weight_there, ..ProductFacts::default() };
        let draft = now.draft.clone().map(|draft| ProductDraft { facts, before, ..draft });
        Wanted { draft, ..now.clone() }
    };
    let planned = |wanted: &Wanted, before: &[PastEffect]| {
        let write = decide(wanted, before, before.len(), long_after, &policy).write?;
        let Intent::PutProduct { product } = write.intent else { return None };
        Some((product.facts.name.is_some(), product.facts.weight_g))
    };
    assert_eq!(planned(&with_name(Some(320.0), true), &[done()]), Some((true, None)));
    let renamed = ProductFacts { name: Some("Mug · Blue".into()), ..ProductFacts::default() };
    let renamed = now.draft.clone().map(|draft| ProductDraft { facts: renamed, ..draft });
    let renamed = past(2, &Wanted { draft: renamed, ..now.clone() }, EffectState::Done);
    assert_eq!(planned(&with_name(Some(320.0), false), &[done(), renamed]), None);
    // What the hub did not keep when the product was made there is no correction.
    let made =
        now.draft.clone().map(|draft| ProductDraft { product_id: None, before: ProductFacts::default(), ..draft });
    let made = || past(1, &Wanted { draft: made.clone(), ..now.clone() }, EffectState::Done);
    assert_eq!(planned(&with_name(None, false), &[made()]), Some((false, Some(350.0))));
    assert_eq!(planned(&with_name(Some(320.0), false), &[made()]), None);
}

#[test]
fn a_change_says_what_it_does_under_a_key_of_its_own() {
    let found = wanted(&catalogue(vec![(channel(), mug())], vec![]), &setting()).remove(0);
    let write = decide(&found, &[], 2, None, &setting()).write.unwrap();
    assert_eq!(write.key, "beef0001-product:mug-blue:put_product:2");
    assert!(write.sentence.starts_with("Make MUG-BLUE at Main warehouse: name Mug · Blue"), "{}", write.sentence);
    assert_eq!((write.name.as_str(), write.mode), ("MUG-BLUE", Mode::Auto));
    let differ = Wanted { draft: None, differ: vec!["weight: 1 g at A, 2 g at B".into()], ..found };
    let told = decide(&differ, &[], 0, None, &setting()).findings.remove(0);
    assert_eq!((told.cause, told.about.as_str()), (Cause::ProductsDiffer, "product:mug-blue"));
    assert!(told.sentence.contains("1 g at A, 2 g at B") && told.sentence.contains("whose word holds"), "{told:?}");
}

#[test]
fn a_weight_is_told_in_both_units() {
    for (grams, expected) in
        [(350.0, "350 g (12.35 oz)"), (28.349_523_125, "28.3 g (1.00 oz)"), (0.5, "0.5 g (0.02 oz)")]
    {
        assert_eq!(weight_words(grams), expected);
    }
}
