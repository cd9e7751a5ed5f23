//! The counts of a store follow those of another, or those of a hub, with the real engine and the stand-ins: they end equal,
//! whatever happens to the answers, and nothing is ever written to the count that holds. Sets follow their parts.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use quayside_engine::policy::shapers_changed;
use quayside_flows::stock;
use quayside_model::{AliasBy, AliasPart, ConnectionId, EffectState, Mode, ShelfSays, SideState, SkuAlias};
use quayside_sandbox::bigcommerce::state::{Product, Variant};
use quayside_sandbox::bigcommerce::{BigCommerce, BigPlan};
use quayside_sandbox::ledger::By;
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::orderez::Orderez;
use quayside_sandbox::shopify::state::Address;
use quayside_sandbox::shopify::{LineDraft, OrderDraft, ShopPlan};
use quayside_sandbox::{Extra, Fault, FaultPlan, Moment, SandboxPlan, Scene, extras_of};
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
                store.state.products.push(goods(700, SKU, moment.now_ms));
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
            let purchase = purchase(SKU, units);
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

    fn says(&self) -> ShelfSays {
        said(&self.house, SKU)
    }
}

/// What the stock screen says of a SKU.
fn said(house: &House, of: &str) -> ShelfSays {
    let page = house.store().read(|r| r.shelf_page(ShelfPart::All, of, None, 10)).unwrap();
    page.rows.into_iter().find_map(|(sku, says)| says.filter(|_| sku == of.to_lowercase())).expect("it was looked at")
}

/// Goods that a BigCommerce store sells and counts.
fn goods(id: i64, sku: &str, now_ms: i64) -> Product {
    Product {
        id,
        name: "Rope mat".into(),
        kind: "physical".into(),
        price_minor: 1_850,
        weight: 0.4,
        modified_ms: now_ms,
        visible: true,
        tracking: "variant".into(),
        variants: vec![Variant { id: id * 10 + 1, sku: sku.into(), label: String::new(), upc: String::new() }],
    }
}

fn purchase(sku: &str, quantity: i64) -> Purchase {
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
            sku: sku.into(),
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

const SALT: &str = "SAL-SMO";
/// A mat and two salts, sold as one.
const SET: &str = "SET-SEA";
const GOODS: &str = "harbour-goods";
const DEPOT: &str = "harbour-depot";
/// Units kept off the counts of each store.
const BUFFER: i64 = 2;
/// What the salts keep back instead of [`SAFETY`].
const SALT_SAFETY: i64 = 3;

/// Mats and salts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Units {
    mats: i64,
    salts: i64,
}

/// Stores of two platforms and a hub of a third, whose shelf holds. Nothing is packed, so what is sold stays open.
struct Mirror {
    house: House,
    shelf: Units,
    sold: Units,
}

impl Mirror {
    fn open(seed: u64, shelf: Units) -> Self {
        let plan = SandboxPlan {
            stores: vec![ShopPlan::harbour_goods()],
            hub: None,
            extras: extras_of(&["bigcommerce", "orderez"]),
            ..SandboxPlan::quiet(seed, 0)
        };
        let house = House::open(plan).unwrap();
        let part = |sku: &str, quantity: i64| AliasPart { sku: sku.into(), quantity };
        let set =
            SkuAlias { store: None, by: AliasBy::Sku, theirs: SET.into(), parts: vec![part(SKU, 1), part(SALT, 2)] };
        house
            .store()
            .write(|tx| {
                tx.put_automation(&AutomationRow {
                    id: stock::ID.to_owned(),
                    mode: Mode::Auto,
                    go_live_ms: Some(0),
                    settings: json!({
                        (stock::SAFETY): SAFETY,
                        (stock::PER_SKU): format!("{SALT},{SALT_SAFETY}"),
                    }),
                })?;
                tx.put_sku_alias(&set, 0)?;
                shapers_changed(tx, &set)?;
                for account in [GOODS, DEPOT] {
                    let mut store = tx.connection(&ConnectionId::new(account))?.unwrap();
                    store.settings.insert(stock::STORE_BUFFER.to_owned(), json!(BUFFER));
                    if account == DEPOT {
                        store.settings.insert(stock::STORE_PLACE.to_owned(), json!("1"));
                    }
                    tx.put_connection(&store)?;
                }
                Ok(())
            })
            .unwrap();
        let mirror = Self { house, shelf, sold: Units::default() };
        mirror.house.people(|scene| {
            // One place keeps the goods, as at the hub.
            let state = scene.stores[0].state_mut();
            let main =
                state.locations.iter().find(|place| place.fulfills_online && place.service.is_none()).unwrap().id;
            let variants = state.products.iter_mut().flat_map(|product| &mut product.variants);
            for variant in variants.filter(|one| matches!(one.sku.as_deref(), Some(SKU | SALT))) {
                variant.levels.retain(|place, _| *place == main);
            }
        });
        mirror.at_depot(|store, moment| {
            for (id, sku) in [(700, SKU), (710, SALT), (720, SET)] {
                store.state.products.push(goods(id, sku, moment.now_ms));
                store.state.levels.insert((id * 10 + 1, 1), 0);
            }
        });
        mirror.counts(shelf);
        mirror
    }

    fn at_depot<R>(&self, act: impl FnOnce(&mut BigCommerce, &mut Moment<'_>) -> R) -> R {
        self.house.people(|scene: &mut Scene<'_>| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn Any = scene.shops[0].as_mut();
            act(any.downcast_mut::<BigCommerce>().expect("a BigCommerce store"), &mut moment)
        })
    }

    /// Somebody counts the hub's shelf.
    fn counts(&self, shelf: Units) {
        self.house.people(|scene| {
            let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
            let any: &mut dyn Any = scene.benches[0].as_mut();
            let hub: &mut Orderez = any.downcast_mut().expect("an Orderez account");
            hub.count(SKU, shelf.mats, &mut moment);
            hub.count(SALT, shelf.salts, &mut moment);
        });
    }

    fn receives(&mut self, units: Units) {
        self.shelf = Units { mats: self.shelf.mats + units.mats, salts: self.shelf.salts + units.salts };
        self.counts(self.shelf);
    }

    /// What a store shows its buyers.
    fn level(&self, account: &str, sku: &str) -> i64 {
        if account == GOODS {
            return self.house.people(|scene| scene.stores[0].by_sku(sku).expect("it is sold there").1.available());
        }
        self.at_depot(|store, _| store.state.levels[&(Self::variant(store, sku), 1)])
    }

    fn variant(store: &BigCommerce, sku: &str) -> i64 {
        let mut variants = store.state.products.iter().flat_map(|product| &product.variants);
        variants.find(|variant| variant.sku == sku).expect("it is sold there").id
    }

    /// A buyer buys, where the store shows enough.
    fn buys(&mut self, account: &str, sku: &str, units: i64) {
        if self.level(account, sku) < units {
            return;
        }
        if account == GOODS {
            self.house.people(|scene| {
                let store = &mut scene.stores[0];
                let (product, variant) = store.by_sku(sku).expect("it is sold there");
                let draft = OrderDraft {
                    lines: vec![LineDraft::of(product, variant, units)],
                    email: Some("jane@mail.example".into()),
                    ship_to: Some(Address {
                        first_name: "Jane".into(),
                        last_name: "Roe".into(),
                        address1: "Am Kai 1".into(),
                        city: "Hamburg".into(),
                        zip: "20457".into(),
                        country: "Germany".into(),
                        country_code: "DE".into(),
                        ..Address::default()
                    }),
                    routed: true,
                    ..OrderDraft::default()
                };
                let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
                store.place(draft, &mut moment);
            });
        } else {
            self.at_depot(|store, moment| {
                store.place(&purchase(sku, units), moment).unwrap();
                let variant = Self::variant(store, sku);
                *store.state.levels.entry((variant, 1)).or_default() -= units;
            });
        }
        match sku {
            SKU => self.sold.mats += units,
            SALT => self.sold.salts += units,
            _ => {
                self.sold.mats += units;
                self.sold.salts += 2 * units;
            }
        }
    }

    /// What each store shows: mats and salts at the one; mats, salts and sets at the other.
    fn shown(&self) -> [i64; 5] {
        [(GOODS, SKU), (GOODS, SALT), (DEPOT, SKU), (DEPOT, SALT), (DEPOT, SET)]
            .map(|(account, sku)| self.level(account, sku))
    }

    /// What each should show.
    fn wanted(&self) -> [i64; 5] {
        let mats = (self.shelf.mats - self.sold.mats - SAFETY).max(0);
        let salts = (self.shelf.salts - self.sold.salts - SALT_SAFETY).max(0);
        let kept_off = |units: i64| (units - BUFFER).max(0);
        [kept_off(mats), kept_off(salts), kept_off(mats), kept_off(salts), kept_off(mats.min(salts / 2))]
    }

    /// Changes of counts by the desk: at the hub, and anywhere.
    fn written(&self) -> (usize, usize) {
        let ledger = self.house.ledger();
        let (mut hub, mut all) = (0, 0);
        for entry in ledger.of("stock_set").chain(ledger.of("stock_changed")).filter(|entry| entry.by == By::Client) {
            all += 1;
            hub += usize::from(entry.account != GOODS && entry.account != DEPOT);
        }
        (hub, all)
    }

    fn set_says(&self) -> String {
        said(&self.house, SET).sides.remove(0).sentence
    }
}

#[test]
fn a_set_gets_what_its_scarcest_part_is_enough_for() {
    let mut mirror = Mirror::open(5, Units { mats: 12, salts: 14 });
    mirror.house.work(240).unwrap();
    // Of 14 salts 3 are kept back, and 11 are enough for 5 sets.
    assert_eq!((mirror.shown(), mirror.level(DEPOT, SET)), (mirror.wanted(), 5 - BUFFER), "{}", mirror.set_says());
    assert_eq!(mirror.set_says(), "A bundle: SAL-SMO (11 to promise, 2 in each) limits it.");
    // More salts arrive: the set is decided again, and the mats limit it.
    mirror.receives(Units { mats: 0, salts: 40 });
    mirror.house.work(240).unwrap();
    assert_eq!((mirror.shown(), mirror.level(DEPOT, SET)), (mirror.wanted(), 11 - BUFFER), "{}", mirror.set_says());
    assert_eq!(mirror.set_says(), "A bundle: MAT-ROP (11 to promise) limits it.");
    // A mat is sold alone in the other store, and a set here: both take a mat from everybody.
    mirror.buys(GOODS, SKU, 1);
    mirror.buys(DEPOT, SET, 1);
    assert_eq!(mirror.sold, Units { mats: 2, salts: 2 });
    mirror.house.work(240).unwrap();
    assert_eq!((mirror.shown(), mirror.level(DEPOT, SET)), (mirror.wanted(), 9 - BUFFER), "{}", mirror.set_says());
    let written = mirror.written();
    mirror.house.work(24 * 60).unwrap();
    assert_eq!(mirror.written(), written, "it comes to rest");
    assert_eq!(written.0, 0, "nothing is written to the count that holds");
}

/// Answers are lost and writes forgotten while both platforms sell the same goods, alone and in sets, until they run out.
#[test]
fn two_platforms_and_a_hub_end_equal_and_sell_nothing_twice() {
    for seed in 1..=3 {
        let mut mirror = Mirror::open(seed, Units { mats: 30, salts: 20 });
        mirror.house.work(240).unwrap();
        assert_eq!(mirror.shown(), mirror.wanted(), "seed {seed}: {}", mirror.set_says());
        mirror.house.goes_wrong(FaultPlan::all(0.15));
        for round in 0..8 {
            // Before anything of it is read.
            mirror.buys(GOODS, SALT, 1);
            mirror.buys(DEPOT, SET, 1);
            mirror.buys(DEPOT, SALT, 1);
            if round % 2 == 0 {
                mirror.buys(GOODS, SKU, 1);
                mirror.buys(DEPOT, SKU, 2);
            }
            if round == 3 {
                mirror.house.breaks(DEPOT, Some(Fault::Forgotten));
                mirror.house.work(90).unwrap();
                mirror.house.breaks(DEPOT, None);
            }
            if round == 5 {
                mirror.receives(Units { mats: 5, salts: 10 });
            }
            mirror.house.work(360).unwrap();
            let (sold, shelf) = (mirror.sold, mirror.shelf);
            assert!(sold.mats <= shelf.mats && sold.salts <= shelf.salts, "seed {seed}: {sold:?} of {shelf:?}");
        }
        assert!(mirror.sold.salts > 10, "seed {seed}: {:?}", mirror.sold);
        mirror.house.goes_wrong(FaultPlan::default());
        mirror.house.work(24 * 60).unwrap();
        assert_eq!(mirror.shown(), mirror.wanted(), "seed {seed}: {}", mirror.set_says());
        let written = mirror.written();
        mirror.house.work(24 * 60).unwrap();
        assert_eq!(mirror.written(), written, "seed {seed}: it comes to rest");
        assert_eq!(written.0, 0, "seed {seed}: nothing is written to the count that holds");
        // Named by its path it would not be general over the reader's lifetime.
        #[allow(clippy::redundant_closure_for_method_calls)]
        let broken = mirror.house.store().read(|r| r.audit_outbox()).unwrap();
        assert_eq!(broken, Vec::<String>::new(), "seed {seed}");
    }
}
