//! The key of the database: 32 random bytes that live in the keychain.
//! Making randomness is left out on purpose: whoever owns the keychain hands the bytes in.

use zeroize::{Zeroize, Zeroizing};

/// A database key. Wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// From 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From the 64 hexadecimal digits a keychain keeps; `None` if it is anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut key = Self([0; 32]);
        for (byte, pair) in key.0.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16);
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Some(key)
    }

    /// For the keychain.
    pub fn to_hex(&self) -> Zeroizing<String> {
        use std::fmt::Write as _;
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in self.0 {
            // Writing to a String cannot fail.
            let _ = write!(*text, "{byte:02x}");
        }
        text
    }

    /// A fingerprint that tells a wrong key from a damaged file and gives nothing away.
    pub(crate) fn check(&self) -> String {
        let mut derived = blake3::derive_key("quayside 2025 store key check", &self.0);
        let check = blake3::hash(&derived).to_hex().to_string();
        derived.zeroize();
        check
    }

    /// As SQLCipher wants a raw key: no derivation, so opening costs nothing.
    pub(crate) fn pragma(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("\"x'{}'\"", self.to_hex().as_str()))
    }
}

impl Drop for StoreKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKey(…)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_keychain_text_comes_back() {
        let key = StoreKey::new(std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(StoreKey::from_hex(&key.to_hex()).unwrap(), key);
        assert_eq!(StoreKey::from_hex(&format!(" {}\n", key.to_hex().to_uppercase())).unwrap(), key);
    }

    #[test]
    fn anything_else_is_no_key() {
        for text in ["", "00", &"0".repeat(63), &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(StoreKey::from_hex(text), None, "{text}");
        }
    }

    #[test]
    fn printing_gives_nothing_away() {
        assert_eq!(format!("{:?}", StoreKey::new([7; 32])), "StoreKey(…)");
    }
}
