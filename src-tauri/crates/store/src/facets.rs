//! Values that open orders have in common (tags, countries, SKUs), for whoever types a filter.
//!
//! Asked with every key that is pressed, so nothing here walks the orders: what has an index is walked from value to
//! value, and counted no further than people read; the rest is seen in the orders that leave next.

use crate::error::{StoreError, Tried};
use crate::queue::Count;
use crate::store::Reader;
use quayside_model::{ConnectionId, OrderId, Record, RecordKind};
use rusqlite::{OptionalExtension as _, params};
use std::collections::{BTreeMap, BTreeSet};

/// Values given at most.
const GIVEN: usize = 8;
/// Values of an index that are looked at, from the first that fits.
const LEAVES: usize = 64;
/// Orders of a value that are counted.
const COUNTED: u64 = 500;
/// Orders that are looked into, the next to leave; parcels, the last that changed.
const SAMPLE: usize = 200;

const TRIED: &str = "find what a filter could be about";

/// What orders have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// A tag of the channel.
    Tag,
    /// Where it goes, two letters.
    Country,
    /// What a line is.
    Sku,
    /// The shipping the buyer chose.
    Service,
    /// Where it is packed.
    Warehouse,
    /// Who moves its parcels.
    Carrier,
}

/// An index over values: the first value from a text on, and how many open orders have one.
struct Index {
    next: &'static str,
    count: &'static str,
}

const TAGS: Index = Index {
    next: "SELECT tag FROM order_tag WHERE tag >= ?1 ORDER BY tag LIMIT 1",
    count: "SELECT count(*) FROM (SELECT 1 FROM order_tag WHERE tag = ?1 LIMIT ?2)",
};
const COUNTRIES: Index = Index {
    next: "SELECT country FROM orders INDEXED BY orders_open_country_due
           WHERE open = 1 AND country >= ?1 ORDER BY country LIMIT 1",
    count: "SELECT count(*) FROM (SELECT 1 FROM orders INDEXED BY orders_open_country_due
            WHERE open = 1 AND country = ?1 LIMIT ?2)",
};

/// A value, and the orders seen with it.
type Found = Vec<(String, Count)>;

impl Reader<'_> {
    /// Values of open orders that what was typed could go on to, the most frequent first: a few of them. A count that is
    /// not exact is what was seen of more; zero is a value of which no order was seen.
    pub fn frequent(&self, facet: Facet, typed: &str) -> Result<Found, StoreError> {
        let typed = typed.trim();
        let mut found = match facet {
            Facet::Tag => self.walked(&TAGS, typed)?,
            Facet::Country => self.walked(&COUNTRIES, typed)?,
            Facet::Sku | Facet::Service | Facet::Warehouse | Facet::Carrier => self.sampled(facet, typed)?,
        };
        if facet == Facet::Sku && found.len() < GIVEN {
            self.add_counted_skus(typed, &mut found)?;
        }
        found.sort_by(|(a, few), (b, many)| many.n.cmp(&few.n).then_with(|| a.cmp(b)));
        found.truncate(GIVEN);
        Ok(found)
    }

    /// From value to value of an index, each by one search of it.
    fn walked(&self, index: &Index, typed: &str) -> Result<Found, StoreError> {
        let mut next = self.conn.prepare_cached(index.next).tried(TRIED)?;
        let mut count = self.conn.prepare_cached(index.count).tried(TRIED)?;
        let mut found: Found = Vec::new();
        for start in spellings(typed) {
            let mut from = start.clone();
            for _ in 0..LEAVES {
                let value: Option<String> =
                    next.query_row([from.as_str()], |row| row.get(0)).optional().tried(TRIED)?;
                let Some(value) = value.filter(|value| value.starts_with(&start)) else { break };
                from = format!("{value}\u{1}");
                if value.is_empty() || found.iter().any(|(known, _)| *known == value) {
                    continue;
                }
                let n: u64 = count
                    .query_row(params![value, COUNTED as i64 + 1], |row| row.get::<_, i64>(0))
                    .tried(TRIED)?
                    .unsigned_abs();
                found.push((value, Count { n: n.min(COUNTED), exact: n <= COUNTED }));
            }
        }
        Ok(found)
    }

    /// What the orders that leave next have, each value once per order, however it is written.
    fn sampled(&self, facet: Facet, typed: &str) -> Result<Found, StoreError> {
        let seen = if facet == Facet::Carrier { self.carriers_of_parcels()? } else { self.values_of_orders(facet)? };
        let exact = seen.len() < SAMPLE;
        let typed = typed.to_lowercase();
        let mut found: BTreeMap<String, (String, u64)> = BTreeMap::new();
        for values in seen {
            let folded: BTreeMap<String, String> =
                values.into_iter().map(|value| (value.trim().to_lowercase(), value.trim().to_owned())).collect();
            for (folded, value) in folded {
                if !folded.is_empty() && folded.contains(&typed) {
                    found.entry(folded).or_insert((value, 0)).1 += 1;
                }
            }
        }
        Ok(found.into_values().map(|(value, n)| (value, Count { n, exact })).collect())
    }

    fn values_of_orders(&self, facet: Facet) -> Result<Vec<Vec<String>>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, connection_id, remote_id, service FROM orders INDEXED BY orders_open_due
                 WHERE open = 1 ORDER BY due_ms, id LIMIT ?1",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([SAMPLE as i64], |row| {
                Ok((
                    OrderId(row.get(0)?),
                    ConnectionId(row.get(1)?),
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                ))
            })
            .tried(TRIED)?;
        let rows = rows.collect::<Result<Vec<_>, _>>().tried(TRIED)?;
        rows.into_iter()
            .map(|(id, connection, remote_id, service)| {
                Ok(match facet {
                    Facet::Sku => match self.record(&connection, RecordKind::Order, &remote_id)? {
                        Some(Record::Order(order)) => order.lines.into_iter().map(|line| line.sku).collect(),
                        _ => Vec::new(),
                    },
                    Facet::Warehouse => self.places_of(id, &connection, &remote_id)?,
                    _ => vec![service],
                })
            })
            .collect()
    }

    /// Where an order is packed: what the channel asks for, what hubs say, and what they were told. Of the channel's
    /// places the names only.
    fn places_of(&self, id: OrderId, connection: &ConnectionId, remote_id: &str) -> Result<Vec<String>, StoreError> {
        let mut places = self.places_told(id, &[])?;
        if let Some(Record::Order(order)) = self.record(connection, RecordKind::Order, remote_id)? {
            let asked = order.fulfillment_orders.into_iter().filter(|work| work.status != "cancelled");
            places.extend(asked.map(|work| work.location_name));
        }
        for record in self.linked_records(id)? {
            if let Record::HubOrder(hub) = record {
                places.extend(hub.warehouse.iter().flat_map(|several| several.split(", ")).map(str::to_owned));
            }
        }
        Ok(places)
    }

    fn carriers_of_parcels(&self) -> Result<Vec<Vec<String>>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT connection_id, remote_id FROM record INDEXED BY record_parcels
                 WHERE kind = 'parcel' ORDER BY remote_at_ms DESC, id DESC LIMIT ?1",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map([SAMPLE as i64], |row| Ok((ConnectionId(row.get(0)?), row.get::<_, String>(1)?)))
            .tried(TRIED)?;
        let rows = rows.collect::<Result<Vec<_>, _>>().tried(TRIED)?;
        rows.into_iter()
            .map(|(connection, remote_id)| {
                Ok(match self.record(&connection, RecordKind::Parcel, &remote_id)? {
                    Some(Record::Parcel(parcel)) if parcel.is_live() => {
                        let name = parcel.carrier_name.filter(|name| !name.trim().is_empty());
                        vec![name.unwrap_or(parcel.carrier_code)]
                    }
                    _ => Vec::new(),
                })
            })
            .collect()
    }

    /// SKUs that accounts count and that nobody who waits has ordered: they may be looked for, too.
    fn add_counted_skus(&self, typed: &str, found: &mut Found) -> Result<(), StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT sku FROM stock WHERE sku >= ?1 ORDER BY sku LIMIT ?2").tried(TRIED)?;
        let mut known: BTreeSet<String> = found.iter().map(|(sku, _)| sku.to_lowercase()).collect();
        for start in spellings(typed) {
            let rows = statement.query_map(params![start, GIVEN as i64], |row| row.get::<_, String>(0)).tried(TRIED)?;
            for sku in rows.collect::<Result<Vec<_>, _>>().tried(TRIED)? {
                if sku.starts_with(&start) && known.insert(sku.to_lowercase()) {
                    found.push((sku, Count { n: 0, exact: false }));
                }
            }
        }
        Ok(())
    }
}

/// How a value may be written that begins as typed: an index knows one case only.
fn spellings(typed: &str) -> BTreeSet<String> {
    let mut letters = typed.chars();
    let capital: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    BTreeSet::from([typed.to_owned(), typed.to_lowercase(), typed.to_uppercase(), capital])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_looked_for_as_it_may_be_written() {
        for (typed, expected) in [
            ("", &[""][..]),
            ("de", &["DE", "De", "de"]),
            ("VIP", &["VIP", "vip"]),
            ("ärmel", &["ÄRMEL", "Ärmel", "ärmel"]),
            ("12", &["12"]),
        ] {
            let expected: BTreeSet<String> = expected.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(spellings(typed), expected, "{typed}");
        }
    }
}
