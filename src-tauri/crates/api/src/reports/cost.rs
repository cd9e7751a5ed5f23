//! Shipping cost: what carriage came to, label by label.

use super::{Cell, Ground, Holds, Kind, Made, READ_MAX, Table, columns, figure, span_words};
use crate::desk::Room;
use crate::trouble::Answer;
use quayside_model::{Currency, Parcel, ParcelOrigin};
use quayside_store::{Listed, Sent};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    code: "shipping_cost",
    title: "Shipping cost",
    about: "What carriage cost, by carrier, store and country, and label by label for the accountant.",
    timed: true,
    detail: "labels",
    make,
};

/// "No currency" of ISO 4217: an amount is an amount, even where nobody says of what.
const NO_CURRENCY: &str = "XXX";

/// Said where labels have a price and nobody says of what.
pub(super) const NAME_IT: &str = " Some labels do not say in which currency they were paid: name it under Automations, Facts to the store, Currency of the postage.";

fn make(room: &Room, ground: &Ground) -> Answer<Made> {
    let sent = room.store.read(|r| r.sent_between(ground.from_ms, ground.to_ms, READ_MAX))?;
    Ok(of(&sent, ground))
}

/// The carrier as people know it.
pub(super) fn carrier(parcel: &Parcel) -> String {
    match &parcel.carrier_name {
        Some(name) if !name.trim().is_empty() => name.clone(),
        _ if parcel.carrier_code.trim().is_empty() => "no carrier named".to_owned(),
        _ => parcel.carrier_code.clone(),
    }
}

/// What a label cost, and of which currency that is, as far as anybody says it. A voided one costs nothing.
pub(super) fn priced<'a>(one: &'a Sent, ground: &'a Ground) -> (Option<i64>, Option<&'a Currency>) {
    let said = one.parcel.cost_currency.as_ref().or_else(|| ground.currencies.get(&one.hub));
    (one.parcel.cost_minor.filter(|_| one.parcel.voided_at_ms.is_none()), said.or(ground.cost_currency.as_ref()))
}

/// The currency of amounts of which nobody says one.
pub(super) fn no_currency() -> Currency {
    Currency::new(NO_CURRENCY)
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
    let mut unnamed = 0;
    let mut rows = Vec::new();
    // What was marked as shipped elsewhere is no label of the account, unless the account says what it cost.
    let labels = |one: &&Sent| one.parcel.origin == ParcelOrigin::Label || one.parcel.cost_minor.is_some();
    for one in sent.items.iter().filter(labels) {
        let parcel = &one.parcel;
        let (cost, said) = priced(one, ground);
        unnamed += usize::from(cost.is_some() && said.is_none());
        let currency = said.cloned().unwrap_or_else(no_currency);
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
        rows.push(vec![
            Cell::Moment { at_ms: parcel.created_at_ms },
            order.map_or_else(|| Cell::text(&parcel.order_number), |order| Cell::order(order.id, &order.number)),
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
    let each = match (all.cost.iter().next(), all.cost.len()) {
        (Some((currency, minor)), 1) if all.labels > unpriced => {
            Cell::money(minor / (all.labels - unpriced) as i64, currency)
        }
        _ => Cell::Empty,
    };
    let notes = [(voided, "voided not counted"), (unpriced, "without a price"), (unnamed, "of no currency")];
    let notes = notes.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}"));
    let note = notes.collect::<Vec<_>>().join(", ");
    let hint = if unnamed > 0 { NAME_IT } else { "" };
    let table = |code: &str, title: &str, column: &str, sums: Sums| {
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(name, sum)| {
            (std::cmp::Reverse(sum.cost.values().copied().max().unwrap_or(0)), name.clone())
        });
        Table {
            code: code.into(),
            title: title.into(),
            words: String::new(),
            columns: columns(&[(column, Holds::Text), ("Labels", Holds::Count), ("Cost", Holds::Money)]),
            rows: sums
                .into_iter()
                .map(|(name, sum)| vec![Cell::text(name), Cell::count(sum.labels), Cell::sums(&sum.cost)])
                .collect(),
        }
    };
    Made {
        words: format!(
            "{}, by the day the label was made known. What the hubs were charged, in their currency; voided labels cost nothing, and parcels marked as shipped elsewhere have no label here.{hint}",
            span_words(ground)
        ),
        cut: sent.cut,
        figures: vec![
            figure("Cost", Cell::sums(&all.cost), "").counting("labels", &["Cost"], &[]),
            figure("Labels", Cell::count(all.labels), note).counting("labels", &[], &[]),
            figure("Each", each, "on average").counting("labels", &["Cost"], &[]),
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
                words: String::new(),
                columns: columns(&[
                    ("Label made", Holds::Moment),
                    ("Order", Holds::Order),
                    ("Store", Holds::Text),
                    ("Account", Holds::Text),
                    ("Carrier", Holds::Text),
                    ("Service", Holds::Text),
                    ("Tracking", Holds::Text),
                    ("Country", Holds::Text),
                    ("Cost", Holds::Money),
                    ("Note", Holds::Text),
                ]),
                rows,
            },
        ],
    }
}

fn service(parcel: &Parcel) -> &str {
    if parcel.service.trim().is_empty() { "no service named" } else { &parcel.service }
}
