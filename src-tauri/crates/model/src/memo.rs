//! What some bytes meant the last time: streams overlap and orders are looked at again, so most of
//! what is read was read before.
//!
//! For pure translations only: equal bytes, equal meaning. Two generations instead of exact ages:
//! when the younger one is full the older one is forgotten, which is cheap, and good enough for
//! rows that come again every few minutes or not at all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// First half of a keyed hash: no accident within an account.
type Key = [u8; 16];

/// Bytes and what they meant.
pub struct Memo<T> {
    /// Entries of one generation; there are two.
    half: usize,
    known: Mutex<Generations<T>>,
}

impl<T> std::fmt::Debug for Memo<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo").field("half", &self.half).finish_non_exhaustive()
    }
}

struct Generations<T> {
    young: HashMap<Key, T>,
    old: HashMap<Key, T>,
}

impl<T: Clone> Memo<T> {
    /// Remembers about `most` of them.
    pub fn new(most: usize) -> Self {
        let known = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { half: (most / 2).max(1), known: Mutex::new(known) }
    }

    /// What `bytes` mean as a `kind`; asks `read` when they are new. Failures are not remembered.
    pub fn get_or<E>(&self, kind: &str, bytes: &[u8], read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let key = key(kind, bytes);
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = known.young.get(&key) {
                return Ok(value.clone());
            }
            if let Some(value) = known.old.remove(&key) {
                self.keep(&mut known, key, value.clone());
                return Ok(value);
            }
        }
        let value = read()?;
        self.keep(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner), key, value.clone());
        Ok(value)
    }

    fn keep(&self, known: &mut Generations<T>, key: Key, value: T) {
        if known.young.len() >= self.half {
            known.old = std::mem::take(&mut known.young);
        }
        known.young.insert(key, value);
    }
}

fn key(kind: &str, bytes: &[u8]) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_bytes()).update(&[0]).update(bytes);
    let mut key = Key::default();
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_once_and_forgotten_in_time() {
        let memo = Memo::new(4);
        let mut reads = Vec::new();
        let mut ask = |kind: &str, text: &str| {
            memo.get_or(kind, text.as_bytes(), || {
                reads.push(format!("{kind} {text}"));
                Ok::<_, ()>(text.len())
            })
            .unwrap()
        };
        for (kind, text) in
            [("a", "x"), ("a", "x"), ("b", "x"), ("a", "y"), ("a", "x"), ("a", "z"), ("a", "w"), ("b", "x")]
        {
            assert_eq!(ask(kind, text), 1);
        }
        assert_eq!(reads, ["a x", "b x", "a y", "a z", "a w", "b x"]);
    }

    #[test]
    fn a_failure_is_asked_again() {
        let memo = Memo::new(4);
        assert_eq!(memo.get_or("a", b"x", || Err::<i32, _>("no")), Err("no"));
        assert_eq!(memo.get_or("a", b"x", || Ok::<_, &str>(7)), Ok(7));
    }
}
