//! Payloads of a page, made by a second core while the first one writes: JSON, its hash and the compressed forms
//! are an eighth of what taking an order in costs, and need nothing from the database.
//! Nobody waits for anybody: what is not ready when its turn comes is made on the spot.

use crate::error::StoreError;
use crate::pack::{Zip, hash16};
use crate::store::{Store, lock};
use crate::table::record::body_json;
use quayside_model::Incoming;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A shorter page is written before a second thread has started.
const WORTH_A_THREAD: usize = 20;

/// One record as its row holds it.
#[derive(Debug)]
pub struct Packed {
    pub(crate) hash: [u8; 16],
    pub(crate) body: Vec<u8>,
    pub(crate) raw: Vec<u8>,
}

impl Packed {
    pub(crate) fn of(incoming: &Incoming, zip: &mut Zip) -> Result<Self, StoreError> {
        let json = body_json(&incoming.record)?;
        Ok(Self { hash: hash16(&json), body: zip.zip(&json)?, raw: zip.zip(incoming.raw.as_bytes())? })
    }
}

/// The payloads of one page as far as they are made.
#[derive(Debug, Default)]
pub struct Ahead {
    made: Vec<OnceLock<Packed>>,
    /// The first record that nobody asked for yet; `usize::MAX` once nobody will ask again.
    asked: AtomicUsize,
}

impl Ahead {
    /// What was made of the page's `n`th record; `None` if it is not ready, and never will be.
    pub fn take(&self, n: usize) -> Option<&Packed> {
        self.asked.fetch_max(n + 1, Ordering::Relaxed);
        self.made.get(n)?.get()
    }

    fn work(&self, records: &[Incoming], zip: &mut Zip) {
        let mut n = 0;
        loop {
            n = n.max(self.asked.load(Ordering::Relaxed));
            let (Some(incoming), Some(slot)) = (records.get(n), self.made.get(n)) else { return };
            // What cannot be made is tried again where there is somebody to tell.
            if let Ok(packed) = Packed::of(incoming, zip) {
                let _ = slot.set(packed);
            }
            n += 1;
        }
    }

    fn stop(&self) {
        self.asked.store(usize::MAX, Ordering::Relaxed);
    }
}

/// Ends the second thread however `f` is left.
struct Stop<'a>(&'a Ahead);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Store {
    /// Runs `f` while the payloads of `records` are made beside it.
    pub fn pack_ahead<T>(&self, records: &[Incoming], f: impl FnOnce(&Ahead) -> T) -> T {
        if records.len() < WORTH_A_THREAD {
            return f(&Ahead::default());
        }
        let ahead = Ahead { made: records.iter().map(|_| OnceLock::new()).collect(), asked: AtomicUsize::new(0) };
        std::thread::scope(|threads| {
            let stop = Stop(&ahead);
            // Without a thread everything is made on the spot.
            let _ = std::thread::Builder::new().name("payloads".into()).spawn_scoped(threads, || {
                let spare = lock(&self.inner.spare_zip).take();
                let Some(mut zip) = spare.or_else(|| Zip::new().ok()) else { return };
                ahead.work(records, &mut zip);
                *lock(&self.inner.spare_zip) = Some(zip);
            });
            let out = f(&ahead);
            drop(stop);
            out
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_model::{Product, Record};

    fn page(n: usize) -> Vec<Incoming> {
        let product = |n: usize| Product {
            remote_id: n.to_string(),
            item_id: None,
            sku: format!("HG-{n}"),
            listing_code: None,
            name: "Rope mat".into(),
            variant: String::new(),
            barcode: None,
            weight_g: Some(900.0),
            price_minor: Some(1_850),
            currency: None,
            active: true,
            updated_at_ms: 5,
        };
        (0..n).map(|n| Incoming { record: Record::Product(product(n)), raw: format!("{{\"id\":{n}}}") }).collect()
    }

    #[test]
    fn what_is_ready_is_what_would_be_made_on_the_spot() {
        let (store, page) = (Store::in_memory(), page(300));
        let mut zip = Zip::new().unwrap();
        store.pack_ahead(&page, |ahead| {
            while ahead.made[299].get().is_none() {
                std::thread::yield_now();
            }
            for (n, incoming) in page.iter().enumerate() {
                let (ready, now) = (ahead.take(n).unwrap(), Packed::of(incoming, &mut zip).unwrap());
                assert_eq!((ready.hash, &ready.body, &ready.raw), (now.hash, &now.body, &now.raw));
            }
        });
    }

    #[test]
    fn what_was_asked_for_is_not_made_any_more() {
        let page = page(40);
        let ahead = Ahead { made: page.iter().map(|_| OnceLock::new()).collect(), asked: AtomicUsize::new(0) };
        assert!(ahead.take(29).is_none());
        ahead.work(&page, &mut Zip::new().unwrap());
        assert_eq!(ahead.made.iter().position(|slot| slot.get().is_some()), Some(30));
        assert!(ahead.take(39).is_some());
        assert!(ahead.take(40).is_none());
    }

    #[test]
    fn a_short_page_and_a_panic_end_the_second_thread() {
        let (store, page) = (Store::in_memory(), page(60));
        assert!(store.pack_ahead(&page[..5], |ahead| ahead.take(0).is_none()));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.pack_ahead(&page, |_| panic!("in the middle"));
        }));
        assert!(panicked.is_err());
    }
}
