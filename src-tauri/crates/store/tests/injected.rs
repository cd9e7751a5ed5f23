//! What goes wrong on request: a commit that took and was told as failed, and the death of the process in a write.
#![allow(clippy::unwrap_used, missing_docs)]

use quayside_store::{Dying, InjectedFailure, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn put(store: &Store, key: &str) -> Result<(), StoreError> {
    store.write(|tx| tx.put_setting(key, &1))
}

fn is_there(store: &Store, key: &str) -> bool {
    store.read(|r| r.setting::<i64>(key)).unwrap().is_some()
}

#[test]
fn a_commit_told_as_failed_is_there_and_the_next_one_is_itself() {
    let store = Store::in_memory();
    store.inject_failure(InjectedFailure::SaidNot, 1);
    assert!(put(&store, "a").unwrap_err().passes());
    assert!(is_there(&store, "a"));
    put(&store, "b").unwrap();
    assert!(is_there(&store, "b"));
}

#[test]
fn whoever_dies_in_a_write_writes_no_more() {
    for (moment, kept) in [(Dying::Before, false), (Dying::After, true)] {
        let store = Store::in_memory();
        let heard = Arc::new(AtomicUsize::new(0));
        let told = heard.clone();
        store.die_at(2, moment, move || {
            told.fetch_add(1, Ordering::Relaxed);
        });
        put(&store, "first").unwrap();
        assert!(put(&store, "second").is_err());
        assert!(put(&store, "third").is_err());
        assert_eq!(heard.load(Ordering::Relaxed), 1, "told once, {moment:?}");
        let there = ["first", "second", "third"].map(|key| is_there(&store, key));
        assert_eq!(there, [true, kept, false], "{moment:?}");
        assert!(store.revive(), "it had died");
        put(&store, "fourth").unwrap();
        assert!(is_there(&store, "fourth"));
        assert_eq!(store.writes(), 4);
        assert!(!store.revive(), "and lives");
    }
}

/// A write that fails by itself commits nothing, so nobody can die after it.
#[test]
fn death_after_a_commit_waits_for_one() {
    let store = Store::in_memory();
    store.die_at(1, Dying::After, || {});
    let failed = store.write(|_| Err::<(), _>(StoreError::abandoned("Not today.")));
    assert_eq!(failed.unwrap_err().to_string(), "Not today.");
    assert!(put(&store, "a").is_err());
    assert!(is_there(&store, "a") && store.revive());
}
