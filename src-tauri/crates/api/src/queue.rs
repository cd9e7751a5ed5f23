//! The queue: any view of it, searched, sorted and paged by key.

use crate::desk::{Desk, Room};
use crate::filter::{self, Is, Op, Query, Term};
use crate::trouble::Answer;
use crate::view::{QueueAsk, QueuePage, QueueRow, Trouble};
use crate::{unfulfilled, zone};
use chrono_tz::Tz;
use quayside_connectors::registry;
use quayside_model::settings::Settings;
use quayside_model::time::MINUTE_MS;
use quayside_model::{ConnectionConfig, ConnectionId, Currency, OrderId, Stage};
use quayside_store::{Compare, Condition, KeyValue, Place, QueueFilter, QueueKey, Scope, Sort, SortBy, That};
use std::collections::BTreeMap;

/// Rows of a page when nobody says how many, and at most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 500;

/// What turns a search into a filter: time, settings, accounts.
pub(crate) struct Ground {
    pub now_ms: i64,
    /// Now by the clocks of the stores, for deadlines of theirs.
    pub stores_ms: i64,
    pub settings: Settings,
    pub zone: Tz,
    pub connections: Vec<ConnectionConfig>,
}

impl Room {
    pub(crate) fn ground(&self) -> Answer<Ground> {
        let settings = self.settings()?;
        let (connections, skew_ms) = self.store.read(|r| {
            let connections = r.connections()?;
            let skew_ms = quayside_engine::policy::stores_skew_ms(r, &connections)?;
            Ok((connections, skew_ms))
        })?;
        let zone = zone::zone(&settings, connections.iter().map(|config| config.account.time_zone.as_deref()));
        let now_ms = self.now_ms();
        Ok(Ground { now_ms, stores_ms: now_ms + skew_ms, settings, zone, connections })
    }

    /// Names of all accounts there are and were: an order outlives its account.
    pub(crate) fn names(&self) -> Answer<BTreeMap<ConnectionId, String>> {
        let (now, former) = self.store.read(|r| Ok((r.connections()?, r.former_connections()?)))?;
        let mut names: BTreeMap<ConnectionId, String> =
            former.into_iter().map(|former| (former.id, former.name)).collect();
        names.extend(now.into_iter().map(|config| (config.id, config.name)));
        Ok(names)
    }
}

impl Desk {
    /// One page of the queue.
    pub fn queue(&self, ask: QueueAsk) -> Answer<QueuePage> {
        let room = self.room()?;
        let ground = room.ground()?;
        let query = filter::read(&ask.text);
        let (filter, mut hints) = understand(&ask.view, &query, &ground)?;
        let sort = sort(&ask.sort, ask.descending, &filter)?;
        let after = ask.after.as_deref().map(|text| key(text, sort.by)).transpose()?;
        let place = Place { after, skip: ask.skip as usize };
        let limit = if ask.limit == 0 { PAGE } else { (ask.limit as usize).min(PAGE_MAX) };
        let names = room.names()?;
        let (page, count, still_indexing) = room.store.read(|r| {
            Ok((r.queue_page(&filter, sort, place, limit)?, r.queue_count(&filter)?, r.is_still_indexing()?))
        })?;
        if still_indexing {
            hints.extend(still_reading(&query));
        }
        if room.store.landmarks_wanted() {
            room.survey();
        }
        if page.newest_only {
            hints.push(
                "Very many orders match these words; only the newest of them were looked at. Add a word or a filter."
                    .into(),
            );
        }
        Ok(QueuePage {
            rows: page.rows.into_iter().map(|found| row(found, &names)).collect(),
            total: count.n as i64,
            total_at_least: !count.exact,
            next: page.next.map(|key| written(&key)),
            start: page.start.map(|key| written(&key)),
            hints,
            as_of_ms: ground.now_ms,
        })
    }

    /// Orders that people call so (`#1001`, `1001`), newest first; several stores may have one.
    pub fn orders_by_number(&self, number: &str) -> Answer<Vec<QueueRow>> {
        let room = self.room()?;
        let names = room.names()?;
        let rows = room.store.read(|r| {
            let ids = r.orders_numbered(number, 20)?;
            ids.into_iter().map(|id| r.queue_row(id)).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(rows.into_iter().flatten().map(|found| row(found, &names)).collect())
    }

    /// There is such a row.
    pub fn has_order(&self, id: OrderId) -> Answer<bool> {
        Ok(self.room()?.store.read(|r| r.queue_row(id))?.is_some())
    }
}

/// Said while the words of an update are still put into the entries of older orders, where a filter hangs on them.
fn still_reading(query: &Query) -> Option<String> {
    let asks = |means: fn(&Term) -> bool| query.parts.iter().any(|part| means(&part.term));
    let what = match (asks(|term| matches!(term, Term::Warehouse(_))), asks(|term| matches!(term, Term::Carrier(_)))) {
        (true, true) => "warehouses and carriers",
        (true, false) => "warehouses",
        (false, true) => "carriers",
        (false, false) => return None,
    };
    Some(format!(
        "Still reading {what} of older orders… Those that are not read yet are missing here; that ends by itself."
    ))
}

/// A row for the screen.
pub(crate) fn row(found: quayside_store::QueueRow, names: &BTreeMap<ConnectionId, String>) -> QueueRow {
    QueueRow {
        id: found.id,
        number: found.number,
        store: names.get(&found.connection).cloned().unwrap_or_else(|| found.connection.to_string()),
        connection: found.connection,
        placed_at_ms: found.placed_at_ms,
        customer: found.customer,
        city: found.city,
        country: found.country,
        lines: found.lines,
        units: found.units,
        total_minor: found.total_minor,
        currency_exponent: Currency(found.currency.clone()).exponent(),
        currency: found.currency,
        service: found.service,
        stage: found.stage,
        ship_by_ms: found.ship_by_ms,
        badges: found.tags.iter().filter(|tag| is_badge(tag)).cloned().collect(),
        tags: found.tags,
        hub_state: found.hub_state,
        waits_on: found.waits_on,
        test: found.test,
    }
}

/// A platform gives this tag to what it promised.
fn is_badge(tag: &str) -> bool {
    registry().iter().flat_map(|platform| platform.declaration.badges).any(|badge| *badge == tag)
}

/// A place in the queue as opaque text: `17.4`, by store `t726963.17.4`; of names their bytes, so that no letter is special.
fn written(key: &QueueKey) -> String {
    let mut text = String::new();
    for value in &key.values {
        match value {
            KeyValue::Number(number) => text.push_str(&number.to_string()),
            KeyValue::Text(name) => {
                let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                text.push('t');
                text.extend(name.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
            }
        }
        text.push('.');
    }
    text + &key.id.to_string()
}

fn value(text: &str) -> Option<KeyValue> {
    let Some(hex) = text.strip_prefix('t') else { return Some(KeyValue::Number(text.parse().ok()?)) };
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect();
    Some(KeyValue::Text(String::from_utf8(bytes?).ok()?))
}

fn key(text: &str, by: SortBy) -> Answer<QueueKey> {
    let read = || {
        let (values, id) = text.rsplit_once('.')?;
        let values: Vec<KeyValue> = values.split('.').map(value).collect::<Option<_>>()?;
        let key = QueueKey { values, id: OrderId(id.parse().ok()?) };
        key.fits(by).then_some(key)
    };
    read().ok_or_else(|| {
        Trouble::field(
            "after",
            format!("\"{text}\" is no place in the queue sorted so. Begin at the first page again."),
        )
    })
}

fn sort(column: &str, descending: bool, filter: &QueueFilter) -> Answer<Sort> {
    let by = match column {
        "" if filter.scope == Scope::Open => SortBy::Due,
        "" => return Ok(Sort { by: SortBy::Placed, descending: true }),
        "ship_by" => SortBy::Due,
        "placed" => SortBy::Placed,
        "value" => SortBy::Total,
        "units" => SortBy::Units,
        "number" => SortBy::Number,
        "waits" => SortBy::Waits,
        "customer" => SortBy::Customer,
        "store" => SortBy::Store,
        "country" => SortBy::Country,
        "stage" => SortBy::Stage,
        other => {
            return Err(Trouble::field(
                "sort",
                format!(
                    "The queue has no column \"{other}\". There are ship_by, placed, value, units, number, customer, store, country, stage and waits."
                ),
            ));
        }
    };
    Ok(Sort { by, descending })
}

/// View and search text as the store's filter, with what was not understood.
pub(crate) fn understand(view: &str, query: &Query, ground: &Ground) -> Answer<(QueueFilter, Vec<String>)> {
    let mut filter = of_view(view, ground)?;
    let mut hints = query.hints.clone();
    let mut words: Vec<&str> = Vec::new();
    for part in &query.parts {
        if let (Term::Words(text), false) = (&part.term, part.not) {
            words.push(text);
            continue;
        }
        if !part.not && wants_closed(&part.term) && filter.scope == Scope::Open {
            filter.scope = Scope::All;
        }
        // What the store has an index for.
        match (&part.term, part.not) {
            (Term::Country(country), false) if filter.country.is_none() => {
                filter.country = Some(country.clone());
                continue;
            }
            (Term::Waits(code), false) if filter.waits_code.is_none() => {
                filter.waits_code = Some(code.clone());
                continue;
            }
            (Term::Stage(stage), false) if filter.stages.is_empty() => {
                filter.stages = vec![*stage];
                continue;
            }
            // The very filter of that screen, so that both count the same.
            (Term::Is(Is::Unfulfilled), false) if filter.placed_before_by_connection.is_empty() => {
                filter.paid = Some(true);
                filter.placed_before_by_connection = unfulfilled::thresholds(ground);
                if filter.scope == Scope::All {
                    filter.conditions.push(Condition { not: false, that: That::Open });
                }
                continue;
            }
            _ => {}
        }
        let that = condition(&part.term, ground, &mut hints);
        filter.conditions.push(Condition { not: part.not, that });
    }
    filter.text = words.join(" ");
    Ok((filter, hints))
}

fn of_view(view: &str, ground: &Ground) -> Answer<QueueFilter> {
    let now_ms = ground.stores_ms;
    let open = QueueFilter::default();
    let staged = |stages: &[Stage]| QueueFilter { stages: stages.to_vec(), ..QueueFilter::default() };
    Ok(match view {
        "" | "open" => open,
        "today" => QueueFilter { due_before_ms: Some(zone::day_end(now_ms, ground.zone)), ..open },
        "at_risk" => QueueFilter { due_from_ms: Some(now_ms), due_before_ms: Some(risk_until(ground)), ..open },
        "late" => QueueFilter { due_before_ms: Some(now_ms), ..open },
        "held" => staged(&[Stage::Held]),
        "unpaid" => staged(&[Stage::Unpaid]),
        "to_send" => staged(&[Stage::ToSend, Stage::Sending]),
        "packing" => staged(&[Stage::Packing, Stage::PartlyShipped]),
        "asked" => QueueFilter { conditions: vec![Condition { not: false, that: That::Asked }], ..open },
        "shipped" => QueueFilter { scope: Scope::Closed, stages: vec![Stage::Shipped], ..open },
        "all" => QueueFilter { scope: Scope::All, ..open },
        other => {
            return Err(Trouble::field(
                "view",
                format!(
                    "There is no view \"{other}\". There are open, today, at_risk, late, held, unpaid, to_send, packing, asked, shipped and all."
                ),
            ));
        }
    })
}

/// Deadlines before this moment are at risk, ms UTC.
pub(crate) fn risk_until(ground: &Ground) -> i64 {
    ground.stores_ms + i64::from(ground.settings.at_risk_min) * MINUTE_MS
}

/// The term is about orders that are through: the usual views would never show one.
fn wants_closed(term: &Term) -> bool {
    match term {
        Term::Is(is) => matches!(is, Is::Closed | Is::Shipped | Is::Cancelled),
        Term::Stage(stage) => !stage.is_open(),
        // Most of what has a parcel has left.
        Term::Carrier(_) => true,
        _ => false,
    }
}

/// Accounts that are called so; a hint if none is.
fn named(name: &str, ground: &Ground, hints: &mut Vec<String>) -> Vec<ConnectionId> {
    let name = name.to_lowercase();
    let whose = |means: &dyn Fn(&ConnectionConfig) -> bool| -> Vec<ConnectionId> {
        let found = ground.connections.iter().filter(|config| means(config));
        found.map(|config| config.id.clone()).collect()
    };
    // Its very id or name means that one alone; a part of a name means all that have it.
    let exact = whose(&|config| config.id.as_str() == name || config.name.to_lowercase() == name);
    let found = if exact.is_empty() { whose(&|config| config.name.to_lowercase().contains(&name)) } else { exact };
    if found.is_empty() {
        let known: Vec<&str> = ground.connections.iter().map(|config| config.name.as_str()).collect();
        hints.push(format!(
            "No account is called \"{name}\". There are: {}.",
            if known.is_empty() { "none yet".to_owned() } else { known.join(", ") }
        ));
    }
    found
}

fn condition(term: &Term, ground: &Ground, hints: &mut Vec<String>) -> That {
    match term {
        Term::Words(text) => That::Words(text.clone()),
        Term::Is(is) => of_state(*is, ground),
        Term::Store(name) => That::Connections(named(name, ground, hints)),
        Term::Hub(name) => That::Hubs(named(name, ground, hints)),
        Term::Sku(sku) => That::Sku(sku.clone()),
        Term::Tag(tag) => That::Tag(tag.clone()),
        Term::Country(country) => That::Country(country.clone()),
        // An age of at least two days is a placing of at most two days ago.
        Term::Age(test) => That::Placed(compare(turned(test.op)), ground.now_ms.saturating_sub(test.value)),
        Term::Value { test, currency } => That::Value(compare(test.op), test.value, currency.clone()),
        Term::Cause(cause) => That::Cause(*cause),
        Term::Waits(code) => That::Waits(code.clone()),
        Term::Warehouse(name) => That::Warehouse(name.clone()),
        Term::Carrier(name) => That::Carrier(name.clone()),
        Term::Service(service) => That::Service(service.clone()),
        Term::Stage(stage) => That::Stages(vec![*stage]),
    }
}

fn of_state(is: Is, ground: &Ground) -> That {
    let and = |that: That| Condition { not: false, that };
    match is {
        Is::Open => That::Open,
        Is::Closed => That::All(vec![Condition { not: true, that: That::Open }]),
        Is::Late => That::All(vec![and(That::Open), and(That::DueBefore(ground.stores_ms))]),
        Is::AtRisk => That::All(vec![
            and(That::Open),
            Condition { not: true, that: That::DueBefore(ground.stores_ms) },
            and(That::DueBefore(risk_until(ground))),
        ]),
        Is::Today => {
            That::All(vec![and(That::Open), and(That::DueBefore(zone::day_end(ground.stores_ms, ground.zone)))])
        }
        Is::Held => That::Stages(vec![Stage::Held]),
        Is::Unpaid => That::All(vec![Condition { not: true, that: That::Paid }]),
        Is::Paid => That::Paid,
        Is::Asked => That::Asked,
        Is::Shipped => That::Stages(vec![Stage::Shipped]),
        Is::Cancelled => That::Stages(vec![Stage::Cancelled]),
        Is::Test => That::Test,
        Is::Stuck => That::Stuck,
        Is::Vip => That::Tag("vip".to_owned()),
        Is::Unfulfilled => {
            // Any of the stores' limits: not one that none of them passes.
            let none = unfulfilled::thresholds(ground).into_iter().map(|(id, until_ms)| Condition {
                not: true,
                that: That::All(vec![and(That::Connections(vec![id])), and(That::Placed(Compare::AtMost, until_ms))]),
            });
            let waits = Condition { not: true, that: That::All(none.collect()) };
            That::All(vec![and(That::Open), and(That::Paid), waits])
        }
    }
}

fn compare(op: Op) -> Compare {
    match op {
        Op::Less => Compare::Less,
        Op::AtMost => Compare::AtMost,
        Op::Equal => Compare::Equal,
        Op::AtLeast => Compare::AtLeast,
        Op::More => Compare::More,
    }
}

fn turned(op: Op) -> Op {
    match op {
        Op::Less => Op::More,
        Op::AtMost => Op::AtLeast,
        Op::Equal => Op::Equal,
        Op::AtLeast => Op::AtMost,
        Op::More => Op::Less,
    }
}
