//! Shipping cost: what carriage came to, label by label.

use super::{Cell, Ground, Made, Table, columns, figure, span_words};
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use quayside_model::{Currency, Parcel};
use quayside_store::{Listed, Sent};
use std::collections::BTreeMap;

/// Parcels a report reads at most.
pub(super) const PARCELS_MAX: usize = 200_000;
/// Rows of the longest table.
const ROWS_MAX: usize = 50_000;

pub(super) fn make(_desk: &Desk, room: &Room, ground: &Ground) -> Answer<Made> {
    let sent = room.store.read(|r| r.sent_between(ground.from_ms, ground.to_ms, PARCELS_MAX))?;
    Ok(of(&sent, ground))
}

/// What is said where a list was longer than a report reads.
pub(super) fn cut_words(cut: bool) -> &'static str {
    if cut { " There were more than a report reads at once: choose a shorter time." } else { "" }
}

/// The carrier as people know it.
pub(super) fn carrier(parcel: &Parcel) -> String {
    match &parcel.carrier_name {
        Some(name) if !name.trim().is_empty() => name.clone(),
        _ if parcel.carrier_code.trim().is_empty() => "no carrier named".to_owned(),
        _ => parcel.carrier_code.clone(),
    }
}

#[derive(Default)]
struct Sum {
    labels: usize,
    cost: BTreeMap<Currency, i64>,
}

type Sums = BTreeMap<String, Sum>;

fn of(sent: &Listed<Sent>, ground: &Ground) -> Made {
    let (mut carriers, mut stores, mut countries, mut hubs) = (Sums::new(), Sums::new(), Sums::new(), Sums::new());
    let (mut all, mut returns, mut voided, mut unpriced) = (Sum::default(), Sum::default(), 0, 0);
    let mut rows = Vec::new();
    for one in &sent.items {
        let parcel = &one.parcel;
        let currency = ground.currencies.get(&one.hub).cloned().unwrap_or_else(|| Currency::new("USD"));
        let cost = parcel.cost_minor.filter(|_| parcel.voided_at_ms.is_none());
        let carrier_name = carrier(parcel);
        let order = one.order.as_ref();
        let store = order.map_or_else(|| "no order known".to_owned(), |order| ground.name(&order.store));
        let country = order.map(|order| order.country.clone()).filter(|country| !country.is_empty());
        let country = country.unwrap_or_else(|| "not known".to_owned());
        if parcel.voided_at_ms.is_some() {
            voided += 1;
        } else {
            unpriced += usize::from(cost.is_none());
            let add = |sum: &mut Sum| {
                sum.labels += 1;
                if let Some(minor) = cost {
                    *sum.cost.entry(currency.clone()).or_default() += minor;
                }
            };
            add(&mut all);
            if parcel.is_return {
                add(&mut returns);
            }
            add(carriers.entry(format!("{carrier_name}, {}", service(parcel))).or_default());
            add(stores.entry(store.clone()).or_default());
            add(countries.entry(country.clone()).or_default());
            add(hubs.entry(ground.name(&one.hub)).or_default());
        }
        if rows.len() < ROWS_MAX {
            rows.push(vec![
                Cell::Moment { at_ms: parcel.shipped_at_ms.unwrap_or(parcel.created_at_ms) },
                order.map_or_else(
                    || Cell::text(&parcel.order_number),
                    |order| Cell::Order { id: order.id, number: order.number.clone() },
                ),
                Cell::text(store),
                Cell::text(ground.name(&one.hub)),
                Cell::text(carrier_name),
                Cell::text(service(parcel)),
                Cell::text(&parcel.tracking_number),
                Cell::text(country),
                cost.map_or(Cell::Empty, |minor| Cell::money(minor, &currency)),
                Cell::text(if parcel.voided_at_ms.is_some() {
                    "voided"
                } else if parcel.is_return {
                    "return"
                } else {
                    ""
                }),
            ]);
        }
    }
    let each = match (all.cost.iter().next(), all.cost.len()) {
        (Some((currency, minor)), 1) if all.labels > unpriced => {
            Cell::money(minor / (all.labels - unpriced) as i64, currency)
        }
        _ => Cell::Empty,
    };
    let note = match (voided, unpriced) {
        (0, 0) => String::new(),
        (0, unpriced) => format!("{unpriced} without a price"),
        (voided, 0) => format!("{voided} voided not counted"),
        (voided, unpriced) => format!("{voided} voided not counted, {unpriced} without a price"),
    };
    let table = |code: &str, title: &str, column: &str, sums: Sums| {
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(name, sum)| {
            (std::cmp::Reverse(sum.cost.values().copied().max().unwrap_or(0)), name.clone())
        });
        Table {
            code: code.into(),
            title: title.into(),
            words: String::new(),
            columns: columns(&[(column, false), ("Labels", true), ("Cost", true)]),
            rows: sums
                .into_iter()
                .map(|(name, sum)| vec![Cell::text(name), Cell::count(sum.labels), Cell::sums(&sum.cost)])
                .collect(),
        }
    };
    let total = sent.items.len();
    Made {
        words: format!(
            "{}, by the day the label was made known. What the hubs were charged, in their currency; voided labels cost nothing.{}",
            span_words(ground),
            cut_words(sent.cut)
        ),
        figures: vec![
            figure("Cost", Cell::sums(&all.cost), ""),
            figure("Labels", Cell::count(all.labels), note),
            figure("Each", each, "on average"),
            figure("Of it returns", Cell::sums(&returns.cost), format!("{} labels", returns.labels)),
        ],
        tables: vec![
            table("carriers", "By carrier and service", "Carrier and service", carriers),
            table("stores", "By store", "Store", stores),
            table("countries", "By country", "Country", countries),
            table("warehouses", "By shipping account", "Account", hubs),
            Table {
                code: "labels".into(),
                title: "Labels".into(),
                words: if rows.len() < total { format!("The first {ROWS_MAX} of {total}.") } else { String::new() },
                columns: columns(&[
                    ("Shipped", false),
                    ("Order", false),
                    ("Store", false),
                    ("Account", false),
                    ("Carrier", false),
                    ("Service", false),
                    ("Tracking", false),
                    ("Country", false),
                    ("Cost", true),
                    ("Note", false),
                ]),
                rows,
            },
        ],
    }
}

fn service(parcel: &Parcel) -> &str {
    if parcel.service.trim().is_empty() { "no service named" } else { &parcel.service }
}
