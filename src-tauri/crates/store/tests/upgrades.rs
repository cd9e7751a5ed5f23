//! Databases of every schema version open, whole, with everything that was in them.
//!
//! `schemas/NNN.sql` is a database of schema version NNN as text: its definitions as they were (not as the
//! migrations say today), its rows, its version. A file is written once, when its version is the newest, and never
//! again: later code has to read what earlier code wrote. The packed columns hold what the program packed.
//!
//! After a new migration: `cargo nextest run -p quayside-store --run-ignored only -E 'test(write_what_is_missing)'`
//! writes the one file that is missing. Versions 1 to 12 were written together with 13, before the first release:
//! the rows of the newest version, those of their columns that the older version had.
#![allow(clippy::unwrap_used, clippy::redundant_closure_for_method_calls, missing_docs)]

#[path = "support/past_the_store.rs"]
mod past_the_store;
mod support;

use past_the_store::past_the_store;
use quayside_model::*;
use quayside_store::*;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use support::*;

fn file_of(version: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(format!("{version:03}.sql"))
}

/// A folder with the database of `version` in it, not yet opened by this build.
fn laid_out(version: i64) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quayside.db");
    let text = std::fs::read_to_string(file_of(version)).unwrap_or_else(|error| {
        panic!("There is no database of schema {version} ({error}). The head of this file says how it is made.")
    });
    // Rows stand table by table, in the order in which the tables came: one may name another that follows.
    past_the_store(&file).execute_batch(&format!("PRAGMA foreign_keys = OFF; {text}")).unwrap();
    (folder, file)
}

fn definitions(file: &Path) -> Vec<String> {
    let conn = past_the_store(file);
    let mut statement = conn.prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").unwrap();
    let rows = statement.query_map([], |row| {
        let sql: String = row.get(2)?;
        let sql = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
        Ok(format!("{} {}: {}", row.get::<_, String>(0)?, row.get::<_, String>(1)?, words(&sql)))
    });
    let mut all: Vec<String> = rows.unwrap().collect::<Result<_, _>>().unwrap();
    all.sort();
    all
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a person finds in it, table by table; what came with a later version is not asked for.
fn told(store: &Store, version: i64) -> String {
    let mut told = String::new();
    store
        .read(|r| {
            for account in r.connections()? {
                writeln!(told, "account {}: {}", account.id, account.name).unwrap();
            }
            for automation in r.automations()? {
                writeln!(told, "automation {}: {:?}", automation.id, automation.mode).unwrap();
            }
            let theme: Option<String> = r.setting("theme")?;
            let cursor = r.stream(&shop(), "orders")?.and_then(|stream| stream.cursor);
            writeln!(told, "theme {theme:?}, cursor {cursor:?}, {} buckets", r.buckets(&shop())?.len()).unwrap();
            if version < 2 {
                return Ok(());
            }
            let counts = r.queue_counts(NOW, NOW + DAY)?;
            writeln!(told, "{} orders, {} open, stages {:?}", counts.all, counts.open, counts.by_stage).unwrap();
            for n in 1..=counts.all {
                let id = OrderId(n as i64);
                let story = r.story(id)?.unwrap();
                let row = r.queue_row(id)?.unwrap();
                let filter = QueueFilter { text: row.customer.clone(), scope: Scope::All, ..QueueFilter::default() };
                let found = r.queue_count(&filter)?.n;
                let (place, sides) =
                    (story.order.ship_to.map(|to| to.city).unwrap_or_default(), story.hub_orders.len());
                writeln!(
                    told,
                    "order {}: {} in {place}, {} lines, {:?}, {sides} at the hub, {} parcels, found {found}",
                    row.number,
                    row.customer,
                    story.order.lines.len(),
                    row.stage,
                    story.parcels.len(),
                )
                .unwrap();
                if version >= 3 {
                    for effect in r.effects_of(id)? {
                        let attempts = r.attempts_of(effect.id)?.len();
                        let (key, kind) = (&effect.key, effect.intent.kind());
                        writeln!(told, "  effect {key}: {kind:?} {:?}, {attempts} attempts", effect.state).unwrap();
                        if let Some(answer) = r.answer(effect.id, 1)? {
                            writeln!(told, "    answered {answer}").unwrap();
                        }
                    }
                }
                if version >= 4 {
                    for finding in r.findings_of(id)? {
                        writeln!(told, "  exception {:?}: {}", finding.cause, finding.sentence).unwrap();
                    }
                    for event in r.events_of(id)?.iter().filter(|event| event.kind == "received") {
                        writeln!(told, "  event {}: {}", event.kind, event.sentence).unwrap();
                    }
                }
                if version >= 9 {
                    writeln!(told, "  {} rule traces", r.rule_traces(id)?.len()).unwrap();
                }
            }
            writeln!(told, "set aside: {}", r.set_aside_records()?.len()).unwrap();
            if version >= 3 {
                let depth: Vec<_> = r.outbox_depth()?.into_iter().map(|line| (line.kind, line.state, line.n)).collect();
                writeln!(told, "outbox {depth:?}").unwrap();
                assert_eq!(r.audit_outbox()?, Vec::<String>::new());
            }
            if version >= 4 {
                writeln!(told, "notifications: {}", r.notifications(None, 9)?.len()).unwrap();
            }
            if version >= 9 {
                writeln!(told, "aliases {:?}", r.sku_aliases()?.iter().map(|a| &a.theirs).collect::<Vec<_>>()).unwrap();
                writeln!(told, "reports {:?}", r.last_report_run("monday")?.map(|run| run.file)).unwrap();
            }
            let tagged = QueueFilter { tag: Some("vip".into()), ..QueueFilter::default() };
            writeln!(told, "tagged: {}", r.queue_count(&tagged)?.n).unwrap();
            if version >= 18 {
                let page = r.shelf_page(ShelfPart::All, "", None, 9)?;
                let skus: Vec<_> = page.rows.iter().map(|(sku, says)| (sku, says.is_some())).collect();
                let due = r.shelves_to_look_at(i64::MAX, 9)?;
                writeln!(
                    told,
                    "stock {skus:?}, due {due:?}, without share {}",
                    r.orders_without_share((0, OrderId(0)), 99)?.len()
                )
                .unwrap();
            }
            if version >= 20 {
                let asked: Vec<_> =
                    (1..=counts.all).map(|n| r.forgotten(OrderId(n as i64))).collect::<Result<_, _>>()?;
                writeln!(told, "forgotten {:?}", asked.into_iter().flatten().collect::<Vec<_>>()).unwrap();
            }
            if version >= 22 {
                for one in r.customer_choices()? {
                    writeln!(told, "customer {}: {:?}, always {}", one.name, one.meant, one.always).unwrap();
                }
            }
            Ok(())
        })
        .unwrap();
    if version >= 20 {
        let check = store.check_trail(None).unwrap();
        writeln!(told, "trail {} entries, {} rows, breaks {:?}", check.entries, check.rows, check.breaks).unwrap();
    }
    told
}

#[test]
fn a_database_of_every_version_opens_with_all_that_was_in_it() {
    let fresh = tempfile::tempdir().unwrap();
    let fresh = fresh.path().join("quayside.db");
    drop(Store::open(&fresh, &key(7)).unwrap());
    let wanted = definitions(&fresh);
    for version in 1..=SCHEMA {
        let (_folder, file) = laid_out(version);
        let store = Store::open(&file, &key(7)).unwrap_or_else(|error| panic!("schema {version}: {error}"));
        let name = format!("tests/schemas/{version:03}.txt");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        expect_test::expect_file![path].assert_eq(&told(&store, version));
        assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new(), "schema {version}");
        // It works on: an order more, an effect more.
        let before = store.read(|r| r.queue_counts(NOW, NOW)).unwrap().all;
        if version == 1 {
            connect(&store);
        }
        sending(&store, 77, Some(NOW + DAY));
        assert_eq!(store.read(|r| r.queue_counts(NOW, NOW)).unwrap().all, before + 1);
        assert_eq!(store.write(|tx| tx.claim(&hub(), NOW + DAY, &|_| 9)).unwrap().len(), 1 + waiting(version));
        // What happened before there was a trail is sealed as it was found.
        while store.seal_trail(1, &[3; 32], NOW).unwrap() {}
        let check = store.check_trail(None).unwrap();
        assert_eq!((check.breaks, check.unsealed), (vec![], 0), "schema {version}");
        drop(store);
        let found = definitions(&file);
        let differ: Vec<_> = found.iter().filter(|one| !wanted.contains(one)).collect();
        assert_eq!(
            (differ, found.len()),
            (vec![], wanted.len()),
            "A database of schema {version} does not become what a fresh one is. \
             A migration that was released is never edited: write the next one instead."
        );
    }
}

/// Effects that wait in the files, from the version on that has an outbox.
fn waiting(version: i64) -> usize {
    usize::from(version >= 3)
}

#[test]
fn what_was_kept_before_an_upgrade_can_be_put_back() {
    for version in 1..SCHEMA {
        let (folder, file) = laid_out(version);
        let before = definitions(&file);
        drop(Store::open(&file, &key(7)).unwrap());
        let kept = folder.path().join(format!("quayside.db.schema-{version}"));
        // As it was, for the build that wrote it.
        let found: i64 = past_the_store(&kept).query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!((found, definitions(&kept)), (version, before));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
        }
        // And put back, it is brought up to date again.
        let other = tempfile::tempdir().unwrap();
        let put_back = other.path().join("quayside.db");
        std::fs::copy(&kept, &put_back).unwrap();
        let store = Store::open(&put_back, &key(7)).unwrap();
        let name = format!("tests/schemas/{version:03}.txt");
        let known = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        assert_eq!(told(&store, version), known);
    }
    let (folder, file) = laid_out(SCHEMA);
    drop(Store::open(&file, &key(7)).unwrap());
    assert!(!folder.path().join(format!("quayside.db.schema-{SCHEMA}")).exists(), "nothing was to be upgraded");
}

#[test]
fn an_upgrade_that_was_cut_off_goes_on() {
    // Each migration is a transaction of its own: whichever were done, the next start does the rest.
    let (_folder, file) = laid_out(2);
    let sql = std::fs::read_to_string(migrations().remove(2)).unwrap();
    past_the_store(&file).execute_batch(&format!("BEGIN; {sql}; ROLLBACK;")).unwrap();
    drop(Store::open(&file, &key(7)).unwrap());
    let (_folder, file) = laid_out(2);
    past_the_store(&file).execute_batch(&format!("BEGIN; {sql}; PRAGMA user_version = 3; COMMIT;")).unwrap();
    assert_eq!(Store::open(&file, &key(7)).unwrap().integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_database_of_a_newer_version_is_refused_by_every_door() {
    let (folder, file) = laid_out(SCHEMA);
    past_the_store(&file).pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    let before = std::fs::read(&file).unwrap();
    let sentence = format!(
        "was made by a newer Quayside (schema {}, this one knows {SCHEMA}): update Quayside, or restore a backup made \
         by this version.",
        SCHEMA + 1
    );
    for error in [Store::open(&file, &key(7)).unwrap_err(), Store::attach(&file, &key(7)).unwrap_err()] {
        assert!(error.to_string().contains(&sentence), "{error}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before, "refused, and touched nevertheless");
    assert!(!folder.path().join(format!("quayside.db.schema-{}", SCHEMA + 1)).exists());
}

#[test]
fn looking_on_at_an_older_version_is_refused_instead_of_failing_here_and_there() {
    for version in 1..SCHEMA {
        let (_folder, file) = laid_out(version);
        let error = Store::attach(&file, &key(7)).unwrap_err();
        assert!(matches!(error, OpenError::Older { found, known: SCHEMA, .. } if found == version), "{error}");
        assert!(error.to_string().contains("Close the other Quayside"), "{error}");
    }
}

/// Search entries that an older build wrote know less: they are written anew in pieces, once, and a program that ends
/// in between goes on where it was.
#[test]
fn search_entries_of_an_older_build_are_written_anew() {
    let (folder, file) = (tempfile::tempdir().unwrap(), "quayside.db");
    let file = folder.path().join(file);
    let store = Store::open(&file, &key(7)).unwrap();
    connect(&store);
    let ids: Vec<OrderId> = (1..=8).map(|n| with_order(&store, n, |_, _| decision(Stage::ToSend))).collect();
    let sent = ids[2];
    store
        .write(|tx| {
            let record = Record::HubOrder(hub_order(3, "harbour-goods-5000000003"));
            tx.put_record(&hub(), &Incoming { record, raw: "{}".into() }, NOW)?;
            tx.link(sent, &hub(), RecordKind::HubOrder, "900003")?;
            tx.put_decision(sent, &order(3), &decision(Stage::Packing), NOW)
        })
        .unwrap();
    let found = |store: &Store, text: &str| {
        let filter = QueueFilter { text: text.into(), scope: Scope::All, ..QueueFilter::default() };
        let page = store.read(|r| r.queue_page(&filter, Sort::default(), None, 50)).unwrap();
        page.rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&store, "harbour-goods-5000000003"), [sent]);
    drop(store);
    past_the_store(&file)
        .execute_batch(
            "DELETE FROM order_search; INSERT INTO order_search (rowid, number) SELECT id, number FROM orders;
             UPDATE orders SET search_hash = 1; DELETE FROM meta WHERE key = 'search.indexed';",
        )
        .unwrap();

    let store = Store::open(&file, &key(7)).unwrap();
    assert_eq!(found(&store, "harbour-goods-5000000003"), []);
    assert_eq!(found(&store, "#1003"), [sent], "what the older build knew is found meanwhile");
    assert!(store.reindex(3).unwrap());
    drop(store);
    let store = Store::open(&file, &key(7)).unwrap();
    assert_eq!(found(&store, "harbour-goods-5000000003"), [sent], "the first three are done");
    assert_eq!(found(&store, "5000000008"), []);
    assert!(store.reindex(3).unwrap());
    assert!(!store.reindex(3).unwrap(), "two were left");
    assert_eq!(found(&store, "5000000008"), [ids[7]]);
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    // Once is enough.
    let heard = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let ears = heard.clone();
    store.on_change(move |_| {
        ears.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    });
    assert!(!store.reindex(3).unwrap());
    assert_eq!(heard.load(std::sync::atomic::Ordering::Relaxed), 0);
}

// --- How the files are made -----------------------------------------------------------------------

/// A database in which every table has rows.
/// What giving one of its units back would come to.
fn quote_wish(order: &Order) -> QuoteWish {
    QuoteWish {
        about: "return/1".into(),
        ask: RefundAsk {
            order_remote_id: order.remote_id.clone(),
            lines: vec![],
            shipping_max_minor: 0,
            total_minor: None,
            currency: order.currency.clone(),
        },
    }
}

/// Somebody who could be one of two at the warehouse, and somebody of whom a person said who it is.
fn told_apart(store: &Store, order: OrderId) {
    let like = |id: &str| CustomerLike {
        remote_id: id.into(),
        by: MatchKey::Phone,
        facts: vec![("name".into(), "Björn Castell".into())],
        url: None,
    };
    let doubt = CustomerDoubt {
        refusal: Refusal::new(Cause::WhichCustomer, "Several could be meant."),
        customer: "customer-1f".into(),
        candidates: vec![like("cus_1"), like("cus_2")],
    };
    let choice = CustomerChoice {
        connection: hub(),
        customer: "customer-2f".into(),
        meant: Meant::This("cus_3".into()),
        always: true,
        name: "Björn Castell".into(),
        theirs: "B. Castell".into(),
        order_id: order,
        at_ms: NOW,
    };
    store
        .write(|tx| {
            let effect = tx.effects_of(order)?.first().map(|effect| effect.id).unwrap();
            tx.put_customer_review(effect, order, &hub(), &doubt, NOW)?;
            tx.put_customer_choice(&choice)
        })
        .unwrap();
}

fn fill(store: &Store) {
    connect(store);
    store
        .write(|tx| {
            tx.put_setting("theme", "dark")?;
            tx.put_automation(&AutomationRow {
                id: "orders_to_hub".into(),
                mode: Mode::Auto,
                go_live_ms: Some(NOW - DAY),
                settings: serde_json::json!({ "hub": "warehouse" }),
            })?;
            tx.put_stream(&StreamState {
                cursor: Some(serde_json::json!("c-17")),
                ..StreamState::new(&shop(), "orders")
            })?;
            tx.put_buckets(&shop(), &[serde_json::json!({ "name": "graphql", "left": 17 })])?;
            tx.put_sku_alias(
                &SkuAlias {
                    store: None,
                    by: AliasBy::Sku,
                    theirs: "LAMP-SET".into(),
                    parts: vec![AliasPart { sku: "HG-LAMP-1".into(), quantity: 2 }],
                },
                NOW,
            )?;
            tx.put_report_run(&ReportRun {
                schedule: "monday".into(),
                due_ms: NOW,
                made_at_ms: NOW + 5,
                file: Some("monday.csv".into()),
                trouble: None,
            })?;
            tx.log_notification(&NewNotification {
                at_ms: NOW,
                topic: "late".into(),
                title: "1 order is late".into(),
                body: "#1001".into(),
                target: Some(serde_json::json!({ "screen": "queue" })),
                orders: 1,
                shown: Shown::Shown,
            })?;
            tx.set_aside(
                &shop(),
                RecordKind::Order,
                &Unreadable {
                    remote_id: "gid://shop/Order/99".into(),
                    number: Some("#1099".into()),
                    why: "lines: not a list".into(),
                    raw: "{}".into(),
                },
                NOW,
            )
        })
        .unwrap();
    // Done, waiting to be seen at the platform; unknown, with a ticket; refused; asked; pending.
    let done = sending(store, 1, Some(NOW + HOUR));
    let claim = || store.write(|tx| tx.claim(&hub(), NOW, &|_| 1)).unwrap().remove(0);
    let settle = |id, to: &Settlement| assert!(store.write(|tx| tx.settle(id, to, NOW, 120)).unwrap());
    let first = claim();
    settle(
        first.id,
        &Settlement::Done { receipt: Receipt { remote_id: Some("77".into()), ..Receipt::default() }, already: false },
    );
    let said = r#"{"exchanges":[{"status":200,"body":{"orderId":77}}]}"#;
    store.write(|tx| tx.keep_answer(&[first.id], said, NOW)).unwrap();
    sending(store, 2, None);
    settle(
        claim().id,
        &Settlement::UnderWay {
            ticket: "feed 7".into(),
            refusal: Refusal::new(Cause::OutcomeUnknown, "The platform works on it."),
            look_at_ms: NOW + DAY,
        },
    );
    sending(store, 3, None);
    settle(claim().id, &Settlement::Refused(Refusal::new(Cause::AddressRefused, "The postcode is not valid.")));
    with_order(store, 10, |order, id| Decision {
        effects: vec![put_hub_order(order, id, Mode::Ask)],
        findings: vec![finding(Cause::AddressRefused, "postcode", "The postcode of #1010 is not valid.")],
        trace: vec![RuleTrace {
            rule: "r1".into(),
            name: "Express first".into(),
            fired: true,
            why: "service is Express 24 h".into(),
            did: vec!["Adds the tag express.".into()],
        }],
        quotes: vec![quote_wish(order)],
        ..decision(Stage::ToSend)
    });
    sending(store, 5, None);
    told_apart(store, done);
    store
        .write(|tx| {
            let record = Record::HubOrder(hub_order(1, &format!("q-{done}")));
            tx.put_record(&hub(), &Incoming { record, raw: "{\"orderId\":900001}".into() }, NOW)?;
            tx.link(done, &hub(), RecordKind::HubOrder, "900001")?;
            let record = Record::Parcel(parcel(1, "1Z0001"));
            tx.put_record(&hub(), &Incoming { record, raw: "{\"shipmentId\":1}".into() }, NOW)?;
            tx.link(done, &hub(), RecordKind::Parcel, "label:1")?;
            tx.stray("#4711", &hub(), "label:2")?;
            tx.put_choices(done, &Choices { address: Some(address(4)), ..Choices::default() })?;
            let held = vec![Held { sku: "lamp-1".into(), units: 2, open: 2, hub: None }];
            tx.put_decision(
                done,
                &order(1),
                &Decision { prove: vec![first.id], held: Some(held), ..decision(Stage::Packing) },
                NOW,
            )?;
            let count = Stock {
                remote_id: "7:1".into(),
                sku: "LAMP-1".into(),
                item_id: "7".into(),
                location_id: Some("1".into()),
                location_name: "Main".into(),
                available: 9,
                on_hand: None,
                updated_at_ms: NOW,
            };
            tx.put_count(&shop(), &count, ("lamp-1", false), NOW)?;
            let write = PlannedWrite {
                key: "c-7:1:set_stock:0".into(),
                automation: "stock".into(),
                connection: shop(),
                subject: "7:1".into(),
                name: "LAMP-1".into(),
                intent: Intent::SetStock {
                    stock: StockDraft {
                        sku: "LAMP-1".into(),
                        item_id: Some("7".into()),
                        location_id: Some("1".into()),
                        available: 7,
                        expected: Some(9),
                        moves: false,
                    },
                },
                mode: Mode::Ask,
                sentence: "Set LAMP-1 at Harbour Goods from 9 to 7".into(),
            };
            let truth = TruthSays {
                connection: hub(),
                place: String::new(),
                remote_id: String::new(),
                units: 9,
                read_at_ms: NOW,
                changed_at_ms: NOW,
            };
            let written = Written {
                customer: "customer-1".into(),
                fields: BTreeMap::from([("Email".to_owned(), "5f1c0a".to_owned())]),
            };
            tx.put_customer_written(done, &hub(), &written, NOW)?;
            let decided = ShelfDecision {
                writes: vec![write],
                overtaken: vec![],
                read: vec![],
                agreed: vec![],
                findings: vec![(
                    shop(),
                    Finding {
                        cause: Cause::ContentRefused,
                        about: "7:1".into(),
                        sentence: "The store keeps no count of LAMP-1.".into(),
                        said: None,
                        effect: None,
                        since_ms: None,
                    },
                )],
                says: ShelfSays { sku: "LAMP-1".into(), truth: Some(truth), ..ShelfSays::default() },
                look_again_at_ms: None,
            };
            tx.put_shelf("lamp-1", &decided, NOW)?;
            tx.note(&NewEvent {
                order_id: Some(done),
                connection: Some(shop()),
                at_ms: NOW,
                author: "quayside".into(),
                kind: "received".into(),
                sentence: "Read from Harbour Goods.".into(),
                detail: None,
            })
        })
        .unwrap();
    // Sealed, and then a buyer asks to be forgotten: one order is closed, another waits.
    let closed = with_order(store, 20, |_, _| decision(Stage::Shipped));
    let buyer = Buyer::parse(&order(20).customer.unwrap().email).unwrap();
    store
        .write(|tx| {
            tx.note(&NewEvent {
                order_id: Some(closed),
                connection: None,
                at_ms: NOW,
                author: "person".into(),
                kind: "person".into(),
                sentence: format!("Called {}.", address(20).name),
                detail: None,
            })
        })
        .unwrap();
    while store.seal_trail(1, &[3; 32], NOW).unwrap() {}
    store
        .write(|tx| {
            tx.ask_to_forget(&[closed, done], Some(&buyer), &[5; 32], NOW)?;
            tx.forget_asked(closed, NOW)
        })
        .unwrap();
}

fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/migrations");
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn list(conn: &Connection, sql: &str) -> Vec<String> {
    conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A database of `version` with the rows of `full`, as far as it knows their tables and columns.
fn as_text(version: i64, full: &Connection) -> String {
    let shape = Connection::open_in_memory().unwrap();
    for file in migrations().iter().take(version as usize) {
        shape.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    let mut text =
        format!("-- A database of schema {version}: tests/upgrades.rs. Never edited, never written again.\n");
    let index = list(&shape, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'");
    let of_index =
        |table: &str| index.iter().any(|index| table.strip_prefix(index).is_some_and(|rest| rest.starts_with('_')));
    let tables = list(&shape, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid");
    for table in tables.iter().filter(|table| !of_index(table)) {
        let sql = list(&shape, &format!("SELECT sql FROM sqlite_master WHERE name = '{table}'"));
        writeln!(text, "{};", sql[0]).unwrap();
    }
    let mut empty = BTreeSet::new();
    for table in tables.iter().filter(|table| !index.contains(table)) {
        // `hidden` leaves generated columns out.
        let columns = list(&shape, &format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0"));
        let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let rows = list(full, &format!("SELECT {} FROM \"{table}\"", quoted.join(" || ', ' || ")));
        if rows.is_empty() {
            empty.insert(table.as_str());
        }
        let verb = if of_index(table) { "REPLACE" } else { "INSERT" };
        for row in rows {
            writeln!(text, "{verb} INTO \"{table}\" ({}) VALUES ({row});", columns.join(", ")).unwrap();
        }
    }
    empty.remove("meta");
    assert!(empty.is_empty(), "nothing of these would be tried: {empty:?}");
    for sql in list(&shape, "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL") {
        writeln!(text, "{sql};").unwrap();
    }
    writeln!(text, "PRAGMA user_version = {version};").unwrap();
    text
}

#[test]
#[ignore = "writes into the source tree: once for every new schema version"]
fn write_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quayside.db");
    let store = Store::open(&file, &key(7)).unwrap();
    fill(&store);
    drop(store);
    let full = past_the_store(&file);
    std::fs::create_dir_all(file_of(1).parent().unwrap()).unwrap();
    for version in (1..=SCHEMA).filter(|version| !file_of(*version).exists()) {
        std::fs::write(file_of(version), as_text(version, &full)).unwrap();
    }
}
