//! The counts of a store follow those of another, with the real engine and the stand-ins: they end equal, whatever
//! happens to the answers, and nothing is ever written to the count that holds.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quayside_flows::stock;
use quayside_model::{ConnectionId, EffectState, Mode, SideState};
use quayside_sandbox::bigcommerce::state::{Product, Variant};
use quayside_sandbox::bigcommerce::{BigCommerce, BigPlan};
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::{Extra, Fault, FaultPlan, Moment, SandboxPlan, Scene};
use quayside_simulator::House;
use quayside_store::{AutomationRow, EffectFilter, ShelfPart};
use serde_json::json;
use std::any::Any;

const SKU: &str = "MAT-ROP";
const SAFETY: i64 = 1;

fn outlet(_seed: u64, _start_ms: i64) -> Box<dyn Shop> {
    let depot = BigPlan::harbour_depot();
    Box::new(BigCommerce::new(BigPlan::new(
        "harbour-outlet",
        "Harbour Outlet",
        &depot.currency,
        &depot.zone,
        &depot.country,
    )))
}

/// Two stores of the same goods; the depot's count holds.
struct Two {
    house: House,
}

impl Two {
    fn open(seed: u64, mode: Mode) -> Self {
        let plan = SandboxPlan {
            stores: vec![],
            hub: None,
            extras: vec![Extra::Shop(quayside_sandbox::bigcommerce::extra), Extra::Shop(outlet)],
            ..SandboxPlan::quiet(seed, 0)
        };
        let two = Self { house: House::open(plan).unwrap() };
        two.house
            .store()
            .write(|tx| {
                tx.put_automation(&AutomationRow {
                    id: stock::ID.to_owned(),
                    mode,
                    go_live_ms: Some(0),
                    settings: json!({
                        (stock::TRUTH): "harbour-depot",
                        (stock::CONTAINS): "orders",
                        (stock::SAFETY): SAFETY,
                        (stock::PLACE): "1",
                    }),
                })?;
                let mut outlet = tx.connection(&ConnectionId::new("harbour-outlet"))?.unwrap();
                outlet.settings.insert(stock::STORE_PLACE.to_owned(), json!("1"));
                tx.put_connection(&outlet)
            })
            .unwrap();
        for account in ["harbour-depot", "harbour-outlet"] {
            two.at(account, |store, moment| {
                let variant = Variant { id: 7_001, sku: SKU.into(), label: String::new(), upc: String::new() };
                store.state.products.push(Product {
                    id: 700,
                    name: "Rope mat".into(),
                    kind: "physical".into(),
                    price_minor: 1_850,
                    weight: 0.4,
                    modified_ms: moment.now_ms,
                    visible: true,
                    tracking: "variant".into(),
                    variants: vec![variant],
                });
            });
        }
        two.set("harbour-depot", 40);
        two.set("harbour-outlet", 7);
        two
    }

    fn at<R>(&self, account: &str, act: impl FnOnce(&mut BigCommerce, &mut Moment<'_>) -> R) -> R {
        self.house.people(|scene: &mut Scene<'_>| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let shop = scene.shops.iter_mut().find(|shop| shop.account() == account).expect("connected");
            let any: &mut dyn Any = shop.as_mut();
            act(any.downcast_mut::<BigCommerce>().expect("a BigCommerce store"), &mut moment)
        })
    }

    fn variant(store: &BigCommerce) -> i64 {
        let variants = store.state.products.iter().flat_map(|product| &product.variants);
        variants
            .filter(|variant| variant.sku == SKU)
            .map(|variant| variant.id)
            .next()
            .expect("the goods are sold there")
    }

    /// Somebody counts.
    fn set(&self, account: &str, units: i64) {
        self.at(account, |store, _| {
            let variant = Self::variant(store);
            store.state.levels.insert((variant, 1), units);
        });
    }

    fn level(&self, account: &str) -> i64 {
        self.at(account, |store, _| store.state.levels[&(Self::variant(store), 1)])
    }

    /// A buyer buys, and the store takes it off its own count.
    fn buy(&self, account: &str, units: i64) {
        self.at(account, |store, moment| {
            let purchase = purchase(units);
            store.place(&purchase, moment).unwrap();
            let variant = Self::variant(store);
            *store.state.levels.entry((variant, 1)).or_default() -= units;
        });
    }

    /// Changes of counts that an account applied.
    fn written(&self, account: &str) -> usize {
        let ledger = self.house.ledger();
        let ours = ledger.of("stock_set").filter(|entry| entry.by == By::Client && entry.account == account);
        ours.count()
    }

    fn says(&self) -> quayside_model::ShelfSays {
        let page = self.house.store().read(|r| r.shelf_page(ShelfPart::All, SKU, None, 10)).unwrap();
        page.rows
            .into_iter()
            .find_map(|(sku, says)| says.filter(|_| sku == SKU.to_lowercase()))
            .expect("it was looked at")
    }
}

fn purchase(quantity: i64) -> Purchase {
    Purchase {
        email: "jane@mail.example".into(),
        ship_to: Place {
            first_name: "Jane".into(),
            last_name: "Roe".into(),
            line1: "Am Kai 1".into(),
            postcode: "20457".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
            country_name: "Germany".into(),
            ..Place::default()
        },
        bill_to: None,
        lines: vec![PurchaseLine {
            sku: SKU.into(),
            name: "Rope mat".into(),
            variant: String::new(),
            quantity,
            unit_price_minor: 1_850,
            weight_g: Some(400.0),
            options: vec![],
        }],
        shipping_minor: 490,
        express: false,
        paid: true,
        note: String::new(),
        gift_message: String::new(),
    }
}

#[test]
fn a_store_follows_the_count_that_holds() {
    let two = Two::open(1, Mode::Auto);
    two.house.work(120).unwrap();
    assert_eq!(two.level("harbour-outlet"), 40 - SAFETY, "{:?}", two.says());
    assert_eq!(two.written("harbour-outlet"), 1, "{:?}", two.says());
    // What was written is read back, and agreed on.
    let says = two.says();
    assert_eq!((says.sides[0].state, says.sides[0].agreed), (SideState::Agrees, Some(39)), "{says:?}");
    assert!(says.sides[0].by_us);
    // A sale at the store: its own count is right already, and nothing is written.
    two.buy("harbour-outlet", 2);
    two.house.work(240).unwrap();
    assert_eq!((two.level("harbour-outlet"), two.written("harbour-outlet")), (37, 1), "{:?}", two.says());
    // A sale where the count holds: the other store follows.
    two.buy("harbour-depot", 3);
    two.house.work(240).unwrap();
    assert_eq!(two.level("harbour-outlet"), 37 - 2 - SAFETY, "{:?}", two.says());
    // Nothing happens any more, and nothing is written any more.
    let written = two.written("harbour-outlet");
    two.house.work(24 * 60).unwrap();
    assert_eq!(two.written("harbour-outlet"), written);
    assert_eq!(two.written("harbour-depot"), 0, "nothing is written to the count that holds");
}

#[test]
fn it_waits_for_a_click_or_only_watches() {
    let asks = Two::open(2, Mode::Ask);
    asks.house.work(120).unwrap();
    assert_eq!((asks.level("harbour-outlet"), asks.says().sides[0].state), (7, SideState::Changing));
    let asked = asks.house.store().read(|r| r.effects_standing(Some(stock::ID), EffectState::Asked, 10)).unwrap();
    let ours: Vec<_> = asked.iter().filter(|effect| effect.sentence.contains(SKU)).collect();
    assert_eq!(ours.len(), 1, "{asked:?}");
    let id = ours[0].id;
    asks.house.store().write(|tx| tx.approve(id, asks.house.clock().true_ms())).unwrap();
    asks.house.work(120).unwrap();
    assert_eq!(asks.level("harbour-outlet"), 39);

    for mode in [Mode::Watch, Mode::Off] {
        let quiet = Two::open(3, mode);
        quiet.house.work(120).unwrap();
        // Off, nobody adds up what orders hold, so nobody knows what it should be.
        let expected = if mode == Mode::Off { (SideState::NotWritten, None) } else { (SideState::Differs, Some(39)) };
        let side = quiet.says().sides.remove(0);
        assert_eq!((quiet.level("harbour-outlet"), (side.state, side.wanted)), (7, expected));
        let page = quiet.house.store().read(|r| r.effect_page(&EffectFilter::default(), None, 10)).unwrap();
        assert_eq!(page.items, [], "{mode:?}");
    }
}

/// Answers are lost and writes forgotten, while both stores sell and somebody counts.
#[test]
fn it_ends_equal_whatever_happens_to_the_answers() {
    for seed in 1..=4 {
        let two = Two::open(seed, Mode::Auto);
        two.house.goes_wrong(FaultPlan::all(0.15));
        let (mut truth, mut sold) = (40, 0);
        for day in 0..6 {
            let units = 1 + (seed as i64 + day) % 3;
            if day % 2 == 0 {
                if two.level("harbour-outlet") >= units {
                    two.buy("harbour-outlet", units);
                    sold += units;
                }
            } else {
                two.buy("harbour-depot", units);
                truth -= units;
            }
            if day == 3 {
                truth += 20;
                let now = two.level("harbour-depot");
                two.set("harbour-depot", now + 20);
            }
            if day == 4 {
                two.house.breaks("harbour-outlet", Some(Fault::Forgotten));
                two.house.work(90).unwrap();
                two.house.breaks("harbour-outlet", None);
            }
            two.house.work(180).unwrap();
        }
        two.house.goes_wrong(FaultPlan::default());
        two.house.work(24 * 60).unwrap();
        assert_eq!(two.level("harbour-depot"), truth, "seed {seed}");
        assert_eq!(two.level("harbour-outlet"), truth - sold - SAFETY, "seed {seed}: {:?}", two.says());
        assert_eq!(two.written("harbour-depot"), 0, "seed {seed}");
        let written = two.written("harbour-outlet");
        two.house.work(24 * 60).unwrap();
        assert_eq!(two.written("harbour-outlet"), written, "seed {seed}: it comes to rest");
        // Named by its path it would not be general over the reader's lifetime.
        #[allow(clippy::redundant_closure_for_method_calls)]
        let broken = two.house.store().read(|r| r.audit_outbox()).unwrap();
        assert_eq!(broken, Vec::<String>::new(), "seed {seed}");
    }
}
