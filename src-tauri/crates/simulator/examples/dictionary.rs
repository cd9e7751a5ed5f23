//! Makes the dictionary that the store compresses with: what our own records and changes, and the answers of all
//! platforms, have in common. Written to the file that is named:
//! `cargo run --release -p quayside-simulator --example dictionary -- payload.dict`.
//!
//! A dictionary that was released is never made again: what was written with it is read with it. A new one is a further
//! file with an id of its own (see `pack.rs` of the store).
#![allow(clippy::print_stderr)]

use quayside_model::{OrderId, Record, RecordKind};
use quayside_simulator::{FLOORS, Role, Yard};
use quayside_store::{Store, StoreError};
use std::collections::BTreeSet;
use std::error::Error;

/// Bytes of the dictionary. A larger one says more and is slower to look things up in.
const SIZE: usize = 24 << 10;
/// Orders of each platform: more of them say the same again.
const ORDERS: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("Name the file that is to be written.")?;
    let (mut samples, mut seen): (Vec<Vec<u8>>, BTreeSet<&str>) = (Vec::new(), BTreeSet::new());
    for floor in FLOORS.iter().filter(|floor| seen.insert(floor.platform)) {
        let yard = Yard::open(floor.role, floor.platform, ORDERS)?;
        yard.import()?;
        yard.orders_in()?;
        yard.parcels_out()?;
        if floor.role == Role::Channel {
            yard.write_back(true)?;
        }
        let before = samples.len();
        samples.extend(payloads(yard.house().store())?);
        eprintln!("{}: {} payloads", floor.platform, samples.len() - before);
    }
    std::fs::write(file, zstd::dict::from_samples(&samples, SIZE)?)?;
    Ok(())
}

/// What the store would compress: records, the platform's own text of each, and what changes say.
fn payloads(store: &Store) -> Result<Vec<Vec<u8>>, StoreError> {
    store.read(|reader| {
        let mut payloads = Vec::new();
        for account in reader.connections()? {
            for kind in RecordKind::ALL {
                for (_, record) in reader.records_of_kind(&account.id, kind, 0, ORDERS)? {
                    payloads.extend(reader.raw(&account.id, kind, record.remote_id())?.map(String::into_bytes));
                    payloads.extend(json(&record));
                }
            }
        }
        for order in reader.open_orders(OrderId(0), usize::MAX)?.into_iter().chain(reader.newest_orders(ORDERS)?) {
            payloads
                .extend(reader.effects_of(order)?.iter().filter_map(|effect| serde_json::to_vec(&effect.intent).ok()));
        }
        Ok(payloads)
    })
}

fn json(record: &Record) -> Option<Vec<u8>> {
    match record {
        Record::Order(one) => serde_json::to_vec(one),
        Record::HubOrder(one) => serde_json::to_vec(one),
        Record::Parcel(one) => serde_json::to_vec(one),
        Record::Stock(one) => serde_json::to_vec(one),
        Record::Product(one) => serde_json::to_vec(one),
        Record::Return(one) => serde_json::to_vec(one),
        Record::Track(one) => serde_json::to_vec(one),
    }
    .ok()
}
