//! How fast the store is, measured on an encrypted file, one JSON line per figure.
//!
//! `cargo bench -p quayside-store` measures at 100,000 orders;
//! `QUAYSIDE_BENCH_ORDERS=1000000` (or that number as an argument) at as many, and
//! several numbers separated by commas one after the other.
//! Every call of a screen is timed by itself: p50, p99 and the worst, and `p99_on_core_ms` without the time the thread
//! waited for a core, which is what a busy machine adds. What misses its goal is `missed`, for a call of a screen by
//! `p99_on_core_ms`; the run goes on. When several sizes were measured, the growth between the first and the last
//! follows, and the slowest of all.
//! `QUAYSIDE_BENCH_FOLDER` keeps the filled store for the next run, `QUAYSIDE_BENCH_ONLY` asks only the questions whose
//! names have one of its words in them (`far,tag`).
//! Own timing instead of a framework: the goals are percentiles of single calls on one
//! large file, and a rate over a long run, neither of which a sampler measures.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::wildcard_imports,
    clippy::redundant_closure_for_method_calls,
    missing_docs
)]

#[path = "../tests/support/mod.rs"]
mod support;

use quayside_model::*;
use quayside_store::*;
use rusqlite::types::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use support::*;

/// Orders per transaction: a page of a platform.
/// As the programs have it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAGE: i64 = 250;
const SAMPLES: i64 = 400;
/// A screen that answers within a frame of 60 a second feels immediate.
const GOAL_MS: f64 = 16.0;
/// Orders read, kept and planned in a second.
const GOAL_PER_S: u32 = 5_000;

fn main() {
    let mut sizes: Vec<i64> = std::env::args()
        .skip(1)
        .chain(std::env::var("QUAYSIDE_BENCH_ORDERS").ok())
        .flat_map(|text| text.split(',').filter_map(|n| n.trim().parse().ok()).collect::<Vec<i64>>())
        .collect();
    if sizes.is_empty() {
        sizes.push(100_000);
    }
    if std::env::var_os("QUAYSIDE_BENCH_ONLY").is_none() {
        ingest(std::env::var("QB_N").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000));
    }
    // 0: the ingest alone.
    let measured: Vec<(i64, Figures)> =
        sizes.into_iter().filter(|size| *size > 0).map(|size| (size, queries(size))).collect();
    for (size, figures) in &measured {
        let slowest = |key: fn(&Figure) -> f64| {
            let (name, figure) = figures.iter().max_by(|a, b| key(a.1).total_cmp(&key(b.1))).unwrap();
            (name.clone(), key(figure))
        };
        let (wall, on_core) = (slowest(|figure| figure.p99), slowest(|figure| figure.p99_on_core));
        let over: Vec<&String> = figures.iter().filter(|(_, figure)| figure.missed()).map(|(name, _)| name).collect();
        println!(
            "{}",
            json!({ "bench": "slowest_of_all", "orders": size, "calls": figures.len(), "goal_ms": GOAL_MS,
                    "p99_ms": wall.1, "p99_of": wall.0, "p99_on_core_ms": on_core.1, "p99_on_core_of": on_core.0,
                    "over_goal": over, "missed": !over.is_empty() })
        );
    }
    if let [(few, before), .., (many, after)] = measured.as_slice() {
        let growth = |key: fn(&Figure) -> f64| -> BTreeMap<&String, f64> {
            let ratio = |name: &String| (key(&after[name]) / key(&before[name]).max(0.01) * 10.0).round() / 10.0;
            before.keys().map(|name| (name, ratio(name))).collect()
        };
        println!(
            "{}",
            json!({ "bench": "growth", "orders": [few, many], "p50": growth(|figure| figure.p50),
                    "p99_on_core": growth(|figure| figure.p99_on_core) })
        );
    }
}

/// How long the calls of one kind took, ms.
struct Figure {
    p50: f64,
    p99: f64,
    p99_on_core: f64,
}

impl Figure {
    fn missed(&self) -> bool {
        self.p99_on_core >= GOAL_MS
    }
}

type Figures = BTreeMap<String, Figure>;

/// How long a call took, and how much of it without waiting for a core.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    on_core: Duration,
}

fn timed(call: impl FnOnce()) -> Took {
    let (waited, begun) = (waited(), Instant::now());
    call();
    let wall = begun.elapsed();
    Took { wall, on_core: wall.saturating_sub(self::waited().saturating_sub(waited)) }
}

/// Where an order of the bench stands: half of them open, in all stages, whoever bought it: names and numbers repeat by
/// small divisors, and stages by the same would leave whole names without an order in some stage.
fn decide(order: &Order, id: OrderId, n: i64, every: i64) -> Decision {
    let mixed = (n.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 34).cast_signed();
    let promised = mixed / 1_000 % 4;
    let stage = match mixed % 20 {
        0 => Stage::Unpaid,
        1..=3 => Stage::ToSend,
        4 => Stage::Sending,
        5..=7 => Stage::Packing,
        8 if mixed % 1_000 == 8 => Stage::Held,
        8 => Stage::PartlyShipped,
        9 => Stage::Telling,
        10 => Stage::Cancelled,
        _ => Stage::Shipped,
    };
    Decision {
        effects: if n % every == 0 { vec![put_hub_order(order, id, Mode::Auto)] } else { vec![] },
        waits_on: WaitsOn { since_ms: NOW - n % 100_000, ..waits(&format!("cause:{}", mixed / 4_000 % 7)) },
        // Promised one to three days after it was placed, as shops do.
        ship_by_ms: (promised != 0).then_some(order.placed_at_ms + promised * DAY),
        ..decision(stage)
    }
}

/// One page of new orders, as the engine does it: record, row, event, story, decision.
/// Every `every`th order gets an effect.
fn page(store: &Store, from: i64, orders: &[(Order, String)], every: i64) {
    let page: Vec<_> =
        orders.iter().map(|(order, raw)| Incoming { record: Record::Order(order.clone()), raw: raw.clone() }).collect();
    let write = |ahead: &Ahead| {
        store.write(|tx| {
            for (i, ((n, (order, _)), incoming)) in (from..).zip(orders).zip(&page).enumerate() {
                let put = tx.put_packed(&shop(), incoming, ahead.take(i), NOW)?;
                assert_eq!(put, Put::New);
                assert_eq!(tx.order_id(&shop(), &order.remote_id)?, None);
                let id = tx.next_order_id()?;
                let mut foreseen = Foreseen::from(decide(order, id, n, every));
                tx.enter(id, &shop(), order, &mut foreseen, NOW)?;
                tx.note(&NewEvent {
                    order_id: Some(id),
                    connection: Some(shop()),
                    at_ms: NOW,
                    author: "quayside".into(),
                    kind: "received".into(),
                    sentence: format!("Received {} from Harbour Goods: 2 lines, 138.20 EUR", order.number),
                    detail: None,
                })?;
                let planned = tx.carry_out_first(id, &foreseen, NOW)?;
                assert_eq!(planned.len(), usize::from(n % every == 0));
            }
            Ok(())
        })
    };
    store.pack_ahead(&page, |_| None, write).unwrap();
}

fn made(from: i64, to: i64) -> Vec<(Order, String)> {
    (from..to)
        .map(|n| {
            let order = order(n);
            let raw = raw(&order);
            (order, raw)
        })
        .collect()
}

/// What this thread worked so far: tells a slow store from a busy machine. Zero where the
/// system does not say.
fn cpu() -> Duration {
    schedstat(0)
}

/// How long this thread waited for a core so far.
fn waited() -> Duration {
    schedstat(1)
}

fn schedstat(field: usize) -> Duration {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().nth(field)?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_nanos)
}

fn rate(n: i64, took: Duration) -> f64 {
    (n as f64 / took.as_secs_f64()).round()
}

fn ingest(n: i64) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ingest.db");
    let store = Store::open(&file, &key(7)).unwrap();
    connect(&store);
    let (mut took, mut worked) = (Duration::ZERO, Duration::ZERO);
    for from in (0..n).step_by(PAGE as usize) {
        let orders = made(from, from + PAGE);
        let (begun, cpu) = (Instant::now(), cpu());
        page(&store, from, &orders, 1);
        took += begun.elapsed();
        worked += self::cpu().saturating_sub(cpu);
    }
    let ours = rate(n, took);
    println!(
        "{}",
        json!({ "bench": "ingest_and_plan", "orders": n, "orders_per_s": ours, "goal": GOAL_PER_S,
                "missed": ours < f64::from(GOAL_PER_S),
                "cpu_us_per_order": (worked.as_secs_f64() * 1e6 / n as f64).round() })
    );

    if std::env::var_os("QB_N").is_some() {
        std::process::exit(0);
    }
    let (mut unchanged, mut claimed) = (Duration::ZERO, Duration::ZERO);
    for from in (0..n).step_by(PAGE as usize) {
        let orders: Vec<_> = made(from, from + PAGE)
            .into_iter()
            .map(|(order, raw)| Incoming { record: Record::Order(order), raw })
            .collect();
        let begun = Instant::now();
        store
            .write(|tx| {
                for order in &orders {
                    assert_eq!(tx.put_record(&shop(), order, NOW)?, Put::Unchanged);
                }
                Ok(())
            })
            .unwrap();
        unchanged += begun.elapsed();
    }
    println!("{}", json!({ "bench": "unchanged", "orders": n, "orders_per_s": rate(n, unchanged) }));
    let mut calls = Vec::new();
    for _ in 0..n / 100 {
        let begun = Instant::now();
        let mut batch = Vec::new();
        calls.push(timed(|| batch = store.write(|tx| tx.claim(&hub(), NOW, &|_| 100)).unwrap()));
        assert_eq!(batch.len(), 100);
        store
            .write(|tx| {
                for effect in &batch {
                    let done = Settlement::Done { receipt: Receipt::default(), already: false };
                    assert!(tx.settle(effect.id, &done, NOW, 100)?);
                }
                Ok(())
            })
            .unwrap();
        claimed += begun.elapsed();
    }
    println!("{}", json!({ "bench": "claim_and_settle", "effects": n, "effects_per_s": rate(n, claimed) }));
    percentiles("claim_100", n, &mut calls, false);
    drop(store);

    let bare = bare(&file, &folder.path().join("bare.db"));
    println!(
        "{}",
        json!({ "bench": "bare_inserts", "orders": n, "orders_per_s": bare, "ratio_ingest_to_bare": (ours / bare * 100.0).round() / 100.0 })
    );
}

/// The rows the store made, put into a bare encrypted file: same columns, same key columns,
/// the full-text index, one transaction per page; no decisions, no other index, no checks.
fn bare(made_by_store: &Path, file: &Path) -> f64 {
    let open = |path: &Path| {
        let conn = rusqlite::Connection::open(path).unwrap();
        let key =
            format!("PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;", key(7).to_hex().as_str());
        conn.execute_batch(&key).unwrap();
        conn
    };
    let source = open(made_by_store);
    let tables = ["record", "orders", "effect", "event", "hub_key"];
    let rows: Vec<Vec<Vec<Value>>> = tables
        .iter()
        .map(|table| {
            let mut statement = source.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| (0..columns).map(|i| row.get(i)).collect()).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        })
        .collect();
    let conn = open(file);
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -24576; PRAGMA wal_autocheckpoint = 8000;")
        .unwrap();
    let inserts: Vec<String> = tables
        .iter()
        .zip(&rows)
        .map(|(table, rows)| {
            let columns = rows[0].len();
            let list: Vec<_> = (0..columns).map(|i| format!("c{i}")).collect();
            let marks = vec!["?"; columns].join(", ");
            conn.execute_batch(&format!(
                "CREATE TABLE {table} ({})",
                list.join(", ").replacen("c0", "c0 PRIMARY KEY", 1)
            ))
            .unwrap();
            format!("INSERT INTO {table} VALUES ({marks})")
        })
        .collect();
    conn.execute_batch(
        "CREATE VIRTUAL TABLE search USING fts5 (number, customer, email, sku, tracking, place, remote, tag, country,
            content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2')",
    )
    .unwrap();
    let n = rows[1].len();
    let texts: Vec<[String; 6]> = (0..n as i64)
        .map(|i| {
            let order = order(i);
            let (buyer, to) = (order.customer.unwrap(), order.ship_to.unwrap());
            let skus = order.lines.iter().map(|line| line.sku.clone()).collect::<Vec<_>>().join(" ");
            [order.number, buyer.name, buyer.email, skus, format!("{} {}", to.city, to.postcode), to.country]
        })
        .collect();
    let begun = Instant::now();
    for from in (0..n).step_by(PAGE as usize) {
        let tx = conn.unchecked_transaction().unwrap();
        for i in from..(from + PAGE as usize).min(n) {
            for (insert, rows) in inserts.iter().zip(&rows) {
                tx.prepare_cached(insert).unwrap().execute(rusqlite::params_from_iter(&rows[i])).unwrap();
            }
            tx.prepare_cached(
                "INSERT INTO search (rowid, number, customer, email, sku, place, country, tracking, remote, tag) VALUES (?, ?, ?, ?, ?, ?, ?, '', '', '')",
            )
            .unwrap()
            .execute(rusqlite::params_from_iter(
                std::iter::once(Value::Integer(i as i64 + 1)).chain(texts[i].iter().map(|text| Value::Text(text.clone()))),
            ))
            .unwrap();
        }
        tx.commit().unwrap();
    }
    rate(n as i64, begun.elapsed())
}

/// `of_screen`: somebody waits for the call, so it has a goal.
fn percentiles(what: &str, orders: i64, times: &mut [Took], of_screen: bool) -> Figure {
    let mut at = |key: fn(&Took) -> Duration, share: f64| {
        times.sort_unstable_by_key(key);
        let index = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len()) - 1;
        (key(&times[index]).as_secs_f64() * 1e5).round() / 100.0
    };
    let figure = Figure { p50: at(|t| t.wall, 0.5), p99: at(|t| t.wall, 0.99), p99_on_core: at(|t| t.on_core, 0.99) };
    let max = at(|t| t.wall, 1.0);
    let mut line = json!({ "bench": what, "orders": orders, "samples": times.len(), "p50_ms": figure.p50,
                "p99_ms": figure.p99, "p99_on_core_ms": figure.p99_on_core, "max_ms": max });
    if of_screen {
        line["goal_ms"] = json!(GOAL_MS);
        line["missed"] = json!(figure.missed());
    }
    println!("{line}");
    figure
}

/// The store the questions are asked of. Filling it with a million orders takes minutes: with `QUAYSIDE_BENCH_FOLDER`
/// it is kept there for the next run.
fn filled(n: i64, folder: &Path) -> Store {
    let file = folder.join(format!("queue-{n}.db"));
    if file.exists() {
        return Store::open(&file, &key(7)).unwrap();
    }
    let store = Store::open(&file, &key(7)).unwrap();
    connect(&store);
    let mut took = Duration::ZERO;
    for from in (0..n).step_by(PAGE as usize) {
        let orders = made(from, from + PAGE);
        let begun = Instant::now();
        page(&store, from, &orders, 20);
        took += begun.elapsed();
    }
    let begun = Instant::now();
    drop(store);
    let closed = begun.elapsed();
    let bytes = std::fs::metadata(&file).unwrap().len();
    let begun = Instant::now();
    let store = Store::open(&file, &key(7)).unwrap();
    println!(
        "{}",
        json!({ "bench": "fill", "orders": n, "orders_per_s": rate(n, took), "bytes": bytes, "bytes_per_order": bytes / n.unsigned_abs(),
                "close_ms": closed.as_millis() as u64, "open_ms": begun.elapsed().as_millis() as u64 })
    );
    store
}

fn queries(n: i64) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("QUAYSIDE_BENCH_FOLDER").map(std::path::PathBuf::from);
    let store = filled(n, kept.as_deref().unwrap_or(folder.path()));

    let everything = QueueFilter::default();
    let figures = std::cell::RefCell::new(Figures::new());
    let only = std::env::var("QUAYSIDE_BENCH_ONLY").unwrap_or_default();
    let measure = |what: &str, call: &dyn Fn(i64)| {
        if !only.split(',').any(|part| what.contains(part)) {
            return;
        }
        let mut times: Vec<Took> = (0..SAMPLES).map(|i| timed(|| call(i))).collect();
        figures.borrow_mut().insert(what.to_owned(), percentiles(what, n, &mut times, true));
    };
    // A deterministic walk through the orders, so that pages are cold as often as warm.
    let some = |i: i64| (i * 7_919 * 31) % n;
    for sort in SortBy::ALL {
        measure(&format!("queue_page_by_{sort:?}").to_lowercase(), &|i| {
            let after = (i > 0).then(|| {
                let row = store.read(|r| r.queue_row(OrderId(some(i) + 1))).unwrap().unwrap();
                let due = KeyValue::Number(row.ship_by_ms.unwrap_or(i64::MAX));
                let rank = Stage::ALL.iter().position(|stage| *stage == row.stage).unwrap() as i64;
                let values = match sort {
                    SortBy::Due => vec![due],
                    SortBy::Placed => vec![KeyValue::Number(row.placed_at_ms)],
                    SortBy::Total => vec![KeyValue::Number(row.total_minor)],
                    SortBy::Units => vec![KeyValue::Number(row.units)],
                    SortBy::Number => vec![KeyValue::Number(1000 + some(i))],
                    SortBy::Waits => vec![KeyValue::Number(row.waits_on.since_ms)],
                    SortBy::Customer => vec![KeyValue::Text(row.customer)],
                    SortBy::Store => vec![KeyValue::Text(row.connection.0), due],
                    SortBy::Country => vec![KeyValue::Text(row.country), due],
                    SortBy::Stage => vec![KeyValue::Number(rank), due],
                };
                QueueKey { values, id: row.id }
            });
            let sort = Sort { by: sort, descending: i % 2 == 1 };
            store.read(|r| r.queue_page(&everything, sort, after, 100)).unwrap();
        });
    }
    // The first far jump in a list just opened: everything before is passed over.
    let far = |i: i64| {
        let by = SortBy::ALL[(i / 2) as usize % SortBy::ALL.len()];
        let place = Place { after: None, skip: (some(i) / 4).unsigned_abs() as usize };
        store.read(|r| r.queue_page(&everything, Sort { by, descending: i % 2 == 1 }, place.clone(), 200)).unwrap();
    };
    if only.split(',').any(|part| "queue_page_far".contains(part)) {
        percentiles(
            "queue_page_far_before_survey",
            n,
            &mut (0..20).map(|i| timed(|| far(i))).collect::<Vec<_>>(),
            false,
        );
        // The window's own thread does this while a person looks at the first rows.
        let begun = Instant::now();
        let lists = store.survey().unwrap();
        println!(
            "{}",
            json!({ "bench": "survey", "orders": n, "lists": lists, "ms_per_list": begun.elapsed().as_millis() as u64 / lists.max(1) as u64 })
        );
    }
    // A scroll bar that is let go anywhere between the front and the middle; from there the end is nearer.
    measure("queue_page_far", &far);
    // The same from a place known already.
    let known: Vec<Option<QueueKey>> = SortBy::ALL
        .iter()
        .map(|by| {
            store.read(|r| r.queue_page(&everything, Sort { by: *by, descending: false }, None, 300)).unwrap().next
        })
        .collect();
    measure("queue_page_far_from_known", &|i| {
        let at = i as usize % SortBy::ALL.len();
        let place = Place { after: known[at].clone(), skip: (some(i) / 4).unsigned_abs() as usize };
        let sort = Sort { by: SortBy::ALL[at], descending: false };
        store.read(|r| r.queue_page(&everything, sort, place.clone(), 200)).unwrap();
    });
    for (what, filter) in [
        ("queue_page_one_stage", QueueFilter { stages: vec![Stage::Packing], ..everything.clone() }),
        ("queue_page_rare_stage", QueueFilter { held: true, ..everything.clone() }),
        ("queue_page_one_cause", QueueFilter { waits_code: Some("cause:3".into()), ..everything.clone() }),
        ("queue_page_late", QueueFilter { due_before_ms: Some(NOW + DAY), ..everything.clone() }),
        ("queue_page_tag", QueueFilter { tag: Some("vip".into()), ..everything.clone() }),
        ("queue_page_country", QueueFilter { country: Some("PT".into()), ..everything.clone() }),
    ] {
        measure(what, &|i| {
            // Every column of a table can be clicked.
            let by = SortBy::ALL[(i / 2) as usize % SortBy::ALL.len()];
            store.read(|r| r.queue_page(&filter, Sort { by, descending: i % 2 == 1 }, None, 100)).unwrap();
        });
        measure(&what.replace("page", "count"), &|_| {
            store.read(|r| r.queue_count(&filter)).unwrap();
        });
    }
    measure("queue_counts", &|_| {
        store.read(|r| r.queue_counts(NOW, NOW + DAY)).unwrap();
    });
    // The page and, as the screen says it, how many there are.
    let search = |what: &str, word: &dyn Fn(i64) -> String| {
        let filter = |i: i64| QueueFilter {
            text: word(i),
            scope: if i % 2 == 0 { Scope::Open } else { Scope::All },
            ..everything.clone()
        };
        measure(what, &|i| {
            store.read(|r| r.queue_page(&filter(i), Sort::default(), None, 100)).unwrap();
        });
        measure(&what.replace("search", "search_count"), &|i| {
            store.read(|r| r.queue_count(&filter(i))).unwrap();
        });
    };
    search("search_number", &|i| format!("#{}", 1000 + some(i)));
    search("search_number_prefix", &|i| (1000 + some(i)).to_string().chars().take(3 + (i % 3) as usize).collect());
    // The beginning that every one of the platform's own ids has in common.
    search("search_shared_prefix", &|i| "5000000".chars().take(4 + (i % 4) as usize).collect());
    search("search_buyer", &|i| address(some(i)).name.to_lowercase());
    search("search_name_prefix", &|i| address(some(i)).name.chars().take(2 + (i % 4) as usize).collect());
    search("search_email", &|i| order(some(i)).customer.unwrap().email);
    search("search_sku", &|i| order(some(i)).lines[0].sku.clone());
    search("search_city", &|i| address(some(i)).city);
    search("search_domain", &|i| format!("@mail{}.example", some(i) % 300));
    search("search_inside_code", &|i| order(some(i)).lines[0].sku.split_once('-').unwrap().1.to_owned());
    search("search_everybody", &|_| "hg".into());
    search("search_nobody", &|i| format!("nobody{i}"));
    measure("order_detail", &|i| {
        store.read(|r| r.order_detail(OrderId(some(i) + 1))).unwrap().unwrap();
    });
    measure("unfulfilled", &|_| {
        store.read(|r| r.unfulfilled(&[(shop(), NOW - DAY + n / 10 * 1000)])).unwrap();
    });
    measure("outbox_depth", &|_| {
        store.read(|r| r.outbox_depth()).unwrap();
    });
    measure("open_worth", &|_| {
        store.read(|r| r.open_worth()).unwrap();
    });
    // Ten thousand orders a day is a large merchant.
    measure("placed_since", &|_| {
        store.read(|r| r.placed_since(NOW - DAY + (n - 10_000).max(0) * 1000)).unwrap();
    });
    if !only.is_empty() {
        return figures.into_inner();
    }
    let begun = Instant::now();
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
    println!("{}", json!({ "bench": "integrity_check", "orders": n, "ms": begun.elapsed().as_millis() as u64 }));
    figures.into_inner()
}
