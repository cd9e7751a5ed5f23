//! What a page needs besides the database, made by a second core while the first one writes: payloads (JSON, its hash,
//! the compressed forms), and, once the page turns out to bring new orders, what is decided of those to come, ready for
//! its rows. Together that is a third of what taking an order in costs.
//! Nobody waits for anybody: what is not ready when its turn comes is made on the spot.

use crate::error::StoreError;
use crate::pack::{Zip, hash16, json_bytes};
use crate::search::{Doc, places_planned};
use crate::store::{Store, lock};
use crate::table::record::body_json;
use quayside_model::{Decision, Incoming, Record};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

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

/// What is decided of an order that nobody knew before, as the rows hold it.
#[derive(Debug)]
pub struct Foreseen {
    /// The decision.
    pub decision: Decision,
    /// What its effects say, one by one; none: to be packed on the spot.
    pub(crate) intents: Vec<Vec<u8>>,
    /// Its entry in the index; `None`: to be made on the spot.
    pub(crate) doc: Option<Doc>,
}

impl From<Decision> for Foreseen {
    fn from(decision: Decision) -> Self {
        Self { decision, intents: Vec::new(), doc: None }
    }
}

impl Foreseen {
    fn of(incoming: &Incoming, decision: Decision, zip: &mut Zip) -> Result<Self, StoreError> {
        let doc = match &incoming.record {
            Record::Order(order) => Some(Doc::of(order, &[]).packed_at(&places_planned(&decision.effects))),
            _ => None,
        };
        let intents = decision.effects.iter().map(|effect| zip.zip(&json_bytes(&effect.intent)?));
        Ok(Self { intents: intents.collect::<Result<_, _>>()?, doc, decision })
    }
}

/// What is made of one page, as far as it is made.
#[derive(Debug, Default)]
pub struct Ahead {
    made: Vec<OnceLock<Packed>>,
    foreseen: Vec<Mutex<Option<Foreseen>>>,
    /// The first record that nobody asked for yet; `usize::MAX` once nobody will ask again.
    asked: AtomicUsize,
    /// The page brings orders that nobody knew: what is decided of the next ones will be asked for.
    newborn: AtomicBool,
}

impl Ahead {
    fn of(records: &[Incoming]) -> Self {
        Self {
            made: records.iter().map(|_| OnceLock::new()).collect(),
            foreseen: records.iter().map(|_| Mutex::default()).collect(),
            ..Self::default()
        }
    }

    /// What was made of the page's `n`th record; `None` if it is not ready, and never will be.
    pub fn take(&self, n: usize) -> Option<&Packed> {
        self.asked.fetch_max(n + 1, Ordering::Relaxed);
        self.made.get(n)?.get()
    }

    /// The page's `n`th record is an order that nobody knew: what was decided of it, if that is ready.
    pub fn take_foreseen(&self, n: usize) -> Option<Foreseen> {
        self.newborn.store(true, Ordering::Relaxed);
        lock(self.foreseen.get(n)?).take()
    }

    fn work(&self, records: &[Incoming], zip: &mut Zip, foresee: impl Fn(&Incoming) -> Option<Decision>) {
        self.each(records, |n, incoming| {
            // What cannot be made is tried again where there is somebody to tell.
            if let (Some(slot), Ok(packed)) = (self.made.get(n), Packed::of(incoming, zip)) {
                let _ = slot.set(packed);
            }
        });
        if !self.newborn.load(Ordering::Relaxed) {
            return;
        }
        self.each(records, |n, incoming| {
            let Some(decision) = foresee(incoming) else { return };
            if let (Some(slot), Ok(foreseen)) = (self.foreseen.get(n), Foreseen::of(incoming, decision, zip)) {
                *lock(slot) = Some(foreseen);
            }
        });
    }

    /// Every record that nobody asked for yet.
    fn each(&self, records: &[Incoming], mut make: impl FnMut(usize, &Incoming)) {
        let mut n = 0;
        loop {
            n = n.max(self.asked.load(Ordering::Relaxed));
            let Some(incoming) = records.get(n) else { return };
            make(n, incoming);
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
    /// Runs `f` while payloads are made of `records` beside it, and decisions of those that are orders by `foresee`,
    /// which sees each as one that nobody knew.
    pub fn pack_ahead<T>(
        &self,
        records: &[Incoming],
        foresee: impl Fn(&Incoming) -> Option<Decision> + Sync,
        f: impl FnOnce(&Ahead) -> T,
    ) -> T {
        if records.len() < WORTH_A_THREAD {
            return f(&Ahead::default());
        }
        let ahead = Ahead::of(records);
        std::thread::scope(|threads| {
            let stop = Stop(&ahead);
            // Without a thread everything is made on the spot.
            let _ = std::thread::Builder::new().name("payloads".into()).spawn_scoped(threads, || {
                let spare = lock(&self.inner.spare_zip).take();
                let Some(mut zip) = spare.or_else(|| Zip::new().ok()) else { return };
                ahead.work(records, &mut zip, &foresee);
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
    use quayside_model::{Product, Record, Stage, Tone, WaitsOn};

    fn decision() -> Decision {
        let waits_on = WaitsOn {
            code: "to_send".into(),
            sentence: "Waits to be sent".into(),
            icon: String::new(),
            tone: Tone::Neutral,
            since_ms: 5,
            action: None,
        };
        Decision {
            effects: vec![],
            overtaken: vec![],
            findings: vec![],
            stage: Stage::ToSend,
            waits_on,
            ship_by_ms: None,
            look_again_at_ms: None,
            hub_state: String::new(),
            prove: vec![],
            assignee: String::new(),
            trace: vec![],
            held: None,
            quotes: vec![],
        }
    }

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
        store.pack_ahead(
            &page,
            |_| None,
            |ahead| {
                while ahead.made[299].get().is_none() {
                    std::thread::yield_now();
                }
                for (n, incoming) in page.iter().enumerate() {
                    let (ready, now) = (ahead.take(n).unwrap(), Packed::of(incoming, &mut zip).unwrap());
                    assert_eq!((ready.hash, &ready.body, &ready.raw), (now.hash, &now.body, &now.raw));
                }
            },
        );
    }

    #[test]
    fn what_was_asked_for_is_not_made_any_more() {
        let page = page(40);
        let ahead = Ahead::of(&page);
        assert!(ahead.take(29).is_none());
        ahead.work(&page, &mut Zip::new().unwrap(), |_| None);
        assert_eq!(ahead.made.iter().position(|slot| slot.get().is_some()), Some(30));
        assert!(ahead.take(39).is_some());
        assert!(ahead.take(40).is_none());
    }

    #[test]
    fn what_is_decided_of_those_to_come_is_made_once_somebody_wants_it() {
        let (page, mut zip) = (page(40), Zip::new().unwrap());
        let decided = |incoming: &Incoming| (incoming.record.remote_id() != "33").then(decision);
        let nobody_new = Ahead::of(&page);
        nobody_new.work(&page, &mut zip, decided);
        assert!(
            nobody_new.foreseen.iter().all(|slot| lock(slot).is_none()),
            "a page of known orders is not decided of"
        );

        let ahead = Ahead::of(&page);
        ahead.take(29);
        assert!(ahead.take_foreseen(29).is_none(), "it was not ready");
        ahead.work(&page, &mut zip, decided);
        let ready = (0..41).filter(|n| ahead.take_foreseen(*n).is_some()).collect::<Vec<_>>();
        assert_eq!(
            ready,
            (30..40).filter(|n| *n != 33).collect::<Vec<_>>(),
            "those to come, but what nobody decides of"
        );
        assert!((0..41).all(|n| ahead.take_foreseen(n).is_none()), "each is taken once");
    }

    #[test]
    fn a_short_page_and_a_panic_end_the_second_thread() {
        let (store, page) = (Store::in_memory(), page(60));
        assert!(store.pack_ahead(&page[..5], |_| None, |ahead| ahead.take(0).is_none()));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.pack_ahead(&page, |_| None, |_| panic!("in the middle"));
        }));
        assert!(panicked.is_err());
    }
}
