//! Money given back from end to end: what can be, what it would come to, done once although the answer got lost, and
//! counted from the store's side.

use crate::connections::Stage;
use crate::house::act;
use quayside_api::desk::{Desk, OpenDesk};
use quayside_api::view::{Act, ExceptionView, ExceptionsAsk, OrderDetail, SyncScope, Targets, Verb};
use quayside_api::{MemoryKeychain, Profile};
use quayside_model::cause::Action;
use quayside_model::time::HOUR_MS;
use quayside_model::{
    Cause, ConnectionId, EffectState, Incoming, IntentKind, OrderId, Page, Record, RecordKind, Return, ReturnLine,
    ReturnStatus,
};
use quayside_sandbox::amazon::Amazon;
use quayside_sandbox::bigcommerce::{Address, BigCommerce, LineDraft, OrderDraft};
use quayside_sandbox::merchant::shop::{Place, Purchase, PurchaseLine, Shop};
use quayside_sandbox::{Extra, Ledger, Moment, SandboxPlan, Scene, shopify};
use quayside_store::Store;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;

/// A store that gives money back, with one order of two mugs and a plate that can be.
struct Case {
    /// `None`: the first of the stores that the sandbox plays anyway.
    extra: Option<Extra>,
    sell: fn(&mut Scene<'_>) -> String,
    /// Whose answer gets lost.
    lost: &'static str,
    /// What the ledger calls a refund.
    noted: &'static str,
    /// Who says beforehand what it comes to.
    by: Option<&'static str>,
    /// One mug with all of the shipping, and of it the shipping.
    comes_to: (&'static str, i64),
    /// So much of the mug's price is tax, where the store says.
    tax_minor: Option<i64>,
    /// Shelf and mail can be chosen.
    honours: bool,
}

fn of<T: 'static>(shop: &mut dyn Shop) -> &mut T {
    let any: &mut dyn std::any::Any = shop;
    any.downcast_mut().unwrap()
}

fn at_bigcommerce(scene: &mut Scene<'_>) -> String {
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    let draft = OrderDraft {
        lines: vec![LineDraft::of("MUG", 1_500, 2), LineDraft::of("PLATE", 900, 1)],
        ship_to: vec![(Address::default(), "Ground".into(), 750)],
        ..OrderDraft::default()
    };
    of::<BigCommerce>(scene.shops[0].as_mut()).buy(draft, &mut moment).to_string()
}

fn at_shopify(scene: &mut Scene<'_>) -> String {
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    let line = |sku: &str, price_minor: i64, quantity: i64| shopify::LineDraft {
        sku: Some(sku.into()),
        ..shopify::LineDraft::custom(sku, price_minor, quantity)
    };
    let draft = shopify::OrderDraft {
        lines: vec![line("MUG", 1_500, 2), line("PLATE", 900, 1)],
        ship_to: Some(shopify::state::Address { country_code: "DE".into(), ..Default::default() }),
        shipping: Some(("Ground".into(), "GROUND".into(), 490)),
        routed: true,
        ..shopify::OrderDraft::default()
    };
    shopify::state::gid("Order", scene.stores[0].place(draft, &mut moment))
}

fn at_amazon(scene: &mut Scene<'_>) -> String {
    let line = |sku: &str, quantity: i64, unit_price_minor: i64| PurchaseLine {
        sku: sku.into(),
        name: sku.into(),
        variant: String::new(),
        quantity,
        unit_price_minor,
        weight_g: Some(400.0),
        options: vec![],
    };
    let purchase = Purchase {
        email: "jane@mail.example".into(),
        ship_to: Place { country: "DE".into(), city: "Hamburg".into(), line1: "Am Kai 1".into(), ..Place::default() },
        bill_to: None,
        lines: vec![line("MUG", 2, 1_850), line("PLATE", 1, 900)],
        shipping_minor: 490,
        express: false,
        paid: true,
        note: String::new(),
        gift_message: String::new(),
    };
    let mut moment = Moment { now_ms: scene.now_ms, rng: scene.rng, ledger: scene.ledger };
    let seller = of::<Amazon>(scene.shops[0].as_mut());
    seller.plan_mut().feed_minutes = (1, 1);
    let like = seller.state().listings.values().next().unwrap().clone();
    for sku in ["MUG", "PLATE"] {
        seller.state_mut().listings.insert(sku.into(), like.clone());
    }
    let id = seller.place_released(&purchase, &mut moment).unwrap();
    let items: Vec<(String, i64)> =
        seller.state().orders[&id].items.iter().map(|item| (item.id.clone(), item.quantity)).collect();
    assert!(seller.confirm_by_hand(&id, "1", "UPS", "1Z", &items, &mut moment));
    id
}

fn cases() -> [Case; 3] {
    [
        Case {
            extra: Some(Extra::Shop(quayside_sandbox::bigcommerce::extra)),
            sell: at_bigcommerce,
            lost: "/payment_actions/refunds",
            noted: "refund_created",
            by: Some("BigCommerce"),
            comes_to: ("24.36 USD", 812),
            tax_minor: Some(0),
            honours: false,
        },
        Case {
            extra: None,
            sell: at_shopify,
            lost: "refundCreate",
            noted: "refund_created",
            by: Some("Shopify"),
            comes_to: ("19.90 EUR", 490),
            tax_minor: Some(0),
            honours: true,
        },
        Case {
            extra: Some(Extra::Shop(quayside_sandbox::amazon::extra)),
            sell: at_amazon,
            lost: "/feeds",
            noted: "order_refunded",
            by: None,
            comes_to: ("23.40 EUR", 490),
            tax_minor: None,
            honours: false,
        },
    ]
}

/// A working desk whose clock goes on while it is waited for.
struct Play {
    stage: Arc<Stage>,
    desk: Desk,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Drop for Play {
    fn drop(&mut self) {
        self.desk.stop();
    }
}

impl Play {
    fn of(case: &Case) -> (Self, String) {
        let mut plan = SandboxPlan::quiet(5, crate::house::NOW);
        plan.stores.truncate(usize::from(case.extra.is_none()));
        plan.hub = None;
        plan.extras = case.extra.into_iter().collect();
        let stage = Stage::of(plan);
        let sold = stage.people(case.sell);
        let (folder, store) = (tempfile::tempdir().unwrap(), Store::in_memory());
        let profile = Profile::at(folder.path()).unwrap();
        let keychain: Arc<MemoryKeychain> = Arc::default();
        let setup =
            OpenDesk { store: Some(store.clone()), ..OpenDesk::new(profile, keychain, stage.clone(), stage.clock()) };
        let desk = Desk::open_with(setup, Arc::new(|_| {})).unwrap();
        (Self { stage, desk, store, _folder: folder }, sold)
    }

    /// Waits for `ready` while time goes on by `step_ms` a turn and the desk is nudged.
    async fn until<T>(&self, step_ms: i64, nudge: impl Fn(&Desk), mut ready: impl FnMut() -> Option<T>) -> T {
        use quayside_model::Clock as _;
        let begun = Instant::now();
        loop {
            if let Some(found) = ready() {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(90), "it never comes");
            let clock = self.stage.clock();
            clock.set(clock.now_ms() + step_ms);
            nudge(&self.desk);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn detail(&self, id: OrderId) -> OrderDetail {
        self.desk.order(id).unwrap()
    }
}

fn refund_of(id: OrderId) -> Act {
    Act { reason: "return".into(), ..act(Verb::Refund, Targets::Orders(vec![id])) }
}

fn given(ledger: &Ledger, noted: &str) -> usize {
    ledger.of(noted).filter(|entry| entry.by == quayside_sandbox::ledger::By::Client).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_quoted_given_back_once_although_the_answer_got_lost_and_seen_in_the_timeline() {
    for case in cases() {
        let (play, sold) = Play::of(&case);
        let account = play.stage.people(|scene| match scene.shops.first() {
            Some(shop) => shop.account().to_owned(),
            None => scene.stores[0].plan().account.clone(),
        });
        let made = play.desk.connect(play.stage.draft(&account)).await.unwrap();
        let connection: ConnectionId = made.id;
        let sync = |desk: &Desk| drop(desk.sync_now(SyncScope::Everything));
        let id = play.until(SECOND_MS, sync, || play.store.read(|r| r.order_id(&connection, &sold)).unwrap()).await;

        let offer = play.detail(id).actions.into_iter().find(|offer| offer.verb == Verb::Refund).expect("is offered");
        assert_eq!((offer.disabled_because, offer.warning.is_some()), (None, true));
        let can = play.desk.refundable(id).unwrap();
        assert_eq!(
            can.lines.iter().map(|line| (line.sku.as_str(), line.left)).collect::<Vec<_>>(),
            [("MUG", 2), ("PLATE", 1)]
        );
        assert_eq!(can.choices.len(), 2);
        for offer in &can.choices {
            assert_eq!((offer.honoured, offer.instead.is_empty()), (case.honours, case.honours), "{offer:?}");
        }
        assert_eq!(can.quoted, case.by.is_some());

        // Nothing chosen, too much, a choice that does not hold: said before anything is asked.
        for (fields, notify, word) in [
            (vec![], false, "Choose what is given back"),
            (vec![("total", "9999")], false, "are left"),
            (vec![("line.MUG", "3")], false, "2 were ordered"),
            (vec![("line.MUG", "1")], true, "Telling the buyer cannot be chosen"),
        ] {
            if notify && case.honours {
                continue;
            }
            let fields = fields.into_iter().map(|(name, text): (&str, &str)| (name.to_owned(), text.to_owned()));
            let trouble =
                play.desk.refund_quote(Act { fields: fields.collect(), notify, ..refund_of(id) }).await.unwrap_err();
            assert!(trouble.sentence.contains(word), "{trouble}");
        }
        let chosen = [("line.MUG", "1"), ("shipping", "all")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        let quote = play.desk.refund_quote(Act { fields: chosen.into(), ..refund_of(id) }).await.unwrap();
        assert_eq!(
            (quote.by.as_deref(), quote.total.as_str(), quote.shipping_minor),
            (case.by, case.comes_to.0, case.comes_to.1)
        );
        assert_eq!(quote.tax_minor.map(|_| 0), case.tax_minor);
        let told = quote.changes.iter().any(|change| change.field == "Buyer" && change.after.contains("writ"));
        assert!(told || case.honours, "{quote:?}");
        assert_eq!(given(&play.stage.ledger(), case.noted), 0, "asking gives nothing");

        play.stage.lose(case.lost);
        let click = Act { fields: quote.fields.clone(), ..refund_of(id) };
        assert_eq!(play.desk.act(click.clone()).unwrap().done, 1);
        let again = play.desk.act(click.clone()).unwrap();
        assert!(again.refused[0].sentence.contains("being given back already"), "{again:?}");
        let look = |desk: &Desk| drop(desk.act(act(Verb::LookNow, Targets::Orders(vec![id]))));
        play.until(MINUTE_MS, look, || {
            let effects = play.store.read(|r| r.effects_of(id)).unwrap();
            let refund = effects.into_iter().find(|effect| effect.intent.kind() == IntentKind::Refund).unwrap();
            assert!(refund.state != EffectState::Refused, "{refund:?}");
            (refund.state == EffectState::Done).then_some(())
        })
        .await;
        assert_eq!(given(&play.stage.ledger(), case.noted), 1);
        let told = play.detail(id).timeline;
        let said = |word: &str| told.iter().any(|entry| entry.sentence.contains(word));
        assert!(said(&format!("Give back {}", case.comes_to.0)) && said("Outcome unknown"), "{told:?}");

        // Read again: what was given back is gone from what is left, and the rest may go.
        let read = |desk: &Desk| drop(desk.sync_now(SyncScope::Order(id)));
        let left =
            play.until(MINUTE_MS, read, || play.desk.refundable(id).ok().filter(|can| can.lines[0].left == 1)).await;
        assert!(left.left_minor < can.left_minor);
        let rest = [("line.MUG", "2")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        let trouble = play.desk.refund_quote(Act { fields: rest.into(), ..refund_of(id) }).await.unwrap_err();
        assert!(trouble.sentence.contains("1 were ordered and not given back"), "{trouble}");
    }
}

#[test]
fn what_cannot_be_given_back_is_not_offered() {
    let house = crate::house::House::new();
    let store = ConnectionId::new("further");
    let config = crate::house::config(&store, "Further", "salesforce", "EUR");
    house.store.write(|tx| tx.put_connection(&config)).unwrap();
    let id = house.order_at(&store, crate::house::order(1));
    assert!(house.desk.order(id).unwrap().actions.iter().all(|offer| offer.verb != Verb::Refund), "it takes none");
    assert!(house.desk.refundable(id).unwrap_err().sentence.contains("takes no refunds"));
}

/// What is open about returns.
fn open_returns(desk: &Desk) -> Vec<ExceptionView> {
    let page = desk.exceptions(ExceptionsAsk { cause: Some(Cause::Returned), ..ExceptionsAsk::default() }).unwrap();
    page.groups.into_iter().flat_map(|group| group.entries).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_return_at_the_marketplace_leads_to_its_refund_and_ends_with_it() {
    let [_, _, case] = cases();
    let (play, sold) = Play::of(&case);
    play.stage.people(|scene| {
        let asked_ms = scene.now_ms - HOUR_MS;
        let seller = of::<Amazon>(scene.shops[0].as_mut());
        let item = seller.state().orders[&sold].items[0].id.clone();
        seller.state_mut().returns.push(quayside_sandbox::amazon::state::Return {
            rma: "DRMA1".into(),
            order: sold.clone(),
            item,
            quantity: 1,
            reason: "DEFECTIVE".into(),
            status: "Approved".into(),
            asked_ms,
            received_ms: None,
        });
    });
    let account = play.stage.people(|scene| scene.shops[0].account().to_owned());
    let connection: ConnectionId = play.desk.connect(play.stage.draft(&account)).await.unwrap().id;
    let sync = |desk: &Desk| drop(desk.sync_now(SyncScope::Everything));
    let entry = play.until(MINUTE_MS, sync, || open_returns(&play.desk).pop()).await;
    let id = play.store.read(|r| r.order_id(&connection, &sold)).unwrap().unwrap();

    assert!(entry.sentence.contains("sends back 1 × MUG (DEFECTIVE)") && entry.sentence.contains("DRMA1"), "{entry:?}");
    assert_eq!((entry.actions[0], entry.order.as_ref().map(|row| row.id)), (Action::Refund, Some(id)));
    assert!(entry.actions.contains(&Action::Resolve) && !entry.actions.contains(&Action::Retry), "{:?}", entry.actions);
    let detail = play.detail(id);
    assert_eq!(detail.row.stage, quayside_model::Stage::Shipped, "what left stays shipped");
    assert!(detail.timeline.iter().any(|line| line.sentence.contains("sends back 1 × MUG (DEFECTIVE)")));
    let why = play.desk.explain(id).unwrap();
    assert!(why.reasons.iter().any(|reason| reason.code == "returned" && reason.evidence[0].record.contains("DRMA1")));

    // The refund knows what comes back; what is given is one unit, once.
    let can = play.desk.refundable(id).unwrap();
    let lines: Vec<_> = can.lines.iter().map(|line| (line.sku.as_str(), line.left, line.returned)).collect();
    assert_eq!(lines, [("MUG", 2, 1), ("PLATE", 1, 0)]);
    let unit = [(format!("line.{}", can.lines[0].line_id), "1".to_owned())];
    let quote = play.desk.refund_quote(Act { fields: unit.into(), ..refund_of(id) }).await.unwrap();
    let click = Act { fields: quote.fields.clone(), ..refund_of(id) };
    assert_eq!(play.desk.act(click.clone()).unwrap().done, 1);
    assert_eq!(play.desk.act(click).unwrap().done, 0, "not twice");
    assert_eq!(open_returns(&play.desk).len(), 1, "until it is done");
    let look = |desk: &Desk| drop(desk.act(act(Verb::LookNow, Targets::Orders(vec![id]))));
    play.until(MINUTE_MS, look, || open_returns(&play.desk).is_empty().then_some(())).await;
    assert_eq!(given(&play.stage.ledger(), case.noted), 1);
    // Later reports say what was given back for it: nothing is opened anew, and nothing is left of that unit.
    let read = |desk: &Desk| drop(desk.sync_now(SyncScope::Everything));
    let known = || play.store.read(|r| r.story(id)).unwrap().unwrap().returns[0].value.refunded.clone();
    let money = play.until(10 * MINUTE_MS, read, known).await;
    assert_eq!(money.minor, quote.total_minor);
    assert_eq!(open_returns(&play.desk).len(), 0);
    let left = play.until(MINUTE_MS, read, || play.desk.refundable(id).ok()).await;
    assert_eq!((left.lines[0].left, left.lines[0].returned), (1, 0));
    assert_eq!(left.left_minor, can.left_minor - quote.total_minor, "counted once, although both sides tell it");
}

/// A return as any store may tell it; the store's name decides nothing.
#[test]
fn a_return_read_before_its_order_is_told_with_it_and_settled_by_hand() {
    for (platform, gives) in [("salesforce", false), ("shopify", true), ("amazon", true)] {
        let house = crate::house::House::new();
        let store = ConnectionId::new("further");
        let config = crate::house::config(&store, "Further", platform, "EUR");
        house.store.write(|tx| tx.put_connection(&config)).unwrap();
        let order = crate::house::order(7);
        let back = |status: ReturnStatus| Return {
            remote_id: "r7".into(),
            order_remote_id: order.remote_id.clone(),
            number: "R7".into(),
            status,
            lines: vec![ReturnLine {
                order_line_id: Some(order.lines[0].remote_id.clone()),
                sku: String::new(),
                quantity: 1,
                reason: String::new(),
                received: None,
                shelved: None,
            }],
            tracking_number: String::new(),
            requested_at_ms: crate::house::NOW,
            received_at_ms: None,
            resolution: String::new(),
            refunded: None,
            updated_at_ms: crate::house::NOW,
        };
        let read = |status: ReturnStatus| {
            let page = Page {
                records: vec![Incoming { record: Record::Return(back(status)), raw: "{}".into() }],
                unreadable: vec![],
                cursor: serde_json::json!({}),
                next: None,
                mended: vec![],
                total: None,
                findings: None,
                asked: true,
            };
            let policy = house.store_policy();
            quayside_engine::ingest(&house.store, &policy, &store, RecordKind::Return, &page, None, crate::house::NOW)
                .unwrap();
        };
        read(ReturnStatus::Requested);
        assert_eq!(open_returns(&house.desk).len(), 0, "{platform}: nobody knows its order");
        house.order_at(&store, order.clone());
        let entry = open_returns(&house.desk).remove(0);
        assert!(entry.sentence.contains("asks to send back"), "{platform}: {}", entry.sentence);
        assert_eq!(entry.actions.contains(&Action::Refund), gives, "{platform}: {:?}", entry.actions);
        let settle = || house.desk.act(act(Verb::Resolve, Targets::Exceptions(vec![open_returns(&house.desk)[0].id])));
        assert_eq!(settle().unwrap().done, 1);
        read(ReturnStatus::Requested);
        assert_eq!(open_returns(&house.desk).len(), 0, "{platform}: settled, and nothing is new");
        read(ReturnStatus::Open);
        assert_eq!(open_returns(&house.desk).len(), 1, "{platform}: agreed, so the goods come");
        read(ReturnStatus::Closed);
        assert_eq!(open_returns(&house.desk).len(), 0, "{platform}: dealt with in the store");
    }
}
