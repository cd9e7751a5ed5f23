//! JSON, compression and hashing of what rows carry. One set of contexts per
//! database connection, reused for every row: making them costs more than using them.

use crate::error::{StoreError, Tried};
use quayside_model::memo::Memo;
use quayside_model::{Intent, Record};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::RefCell;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Order-sized payloads gain nothing from higher levels.
const LEVEL: i32 = 1;
/// What our payloads and the platforms' answers have in common: field names, and how often which letter comes. A small order
/// takes two fifths of the bytes and half of the work that way. Made by `examples/dictionary.rs` of the
/// simulator, once: what was written with it is only read with it, so the file never changes. A new one is a further file,
/// told apart by the id that each payload names.
const WORDS: &[u8] = include_bytes!("payload.dict");
static TO_ZIP: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(WORDS, LEVEL));
static TO_UNZIP: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(WORDS));
/// No record is larger; a frame that claims more is damage.
const SIZE_MAX: u64 = 256 << 20;

/// A compressor that knows the words.
pub(crate) struct Zip(Compressor<'static>);

impl Zip {
    pub fn new() -> std::io::Result<Self> {
        Compressor::with_prepared_dictionary(&TO_ZIP).map(Self)
    }

    pub fn zip(&mut self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.0.compress(bytes).tried("compress a payload")
    }
}

/// Compressor and decompressor of one connection.
pub(crate) struct Pack {
    zip: RefCell<Zip>,
    unzip: RefCell<Decompressor<'static>>,
    /// Bodies of records as last unpacked: an order under way is looked at many times.
    pub records: Memo<Record>,
    /// The same for what effects say.
    pub intents: Memo<Intent>,
}

/// Unpacked bodies the writer's connection keeps, a few kB each: decisions are made there.
pub(crate) const KEPT: usize = 1_000;
/// The same for a connection that only reads: people look at one order at a time.
pub(crate) const KEPT_TO_READ: usize = 50;

impl Pack {
    /// Keeps up to so many unpacked records, and as many intents.
    pub fn new(kept: usize) -> std::io::Result<Self> {
        Ok(Self {
            zip: RefCell::new(Zip::new()?),
            // Reads payloads from before there was a dictionary as well.
            unzip: RefCell::new(Decompressor::with_prepared_dictionary(&TO_UNZIP)?),
            records: Memo::new(kept),
            intents: Memo::new(kept),
        })
    }

    pub fn zip(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.zip.borrow_mut().zip(bytes)
    }

    pub fn unzip(&self, packed: &[u8]) -> Result<Vec<u8>, StoreError> {
        const TRIED: &str = "unpack a payload";
        let size = match zstd::zstd_safe::get_frame_content_size(packed) {
            Ok(Some(size)) if size <= SIZE_MAX => size as usize,
            _ => return Err(StoreError::unreadable(TRIED, "not a compressed payload")),
        };
        self.unzip.borrow_mut().decompress(packed, size).map_err(|error| StoreError::unreadable(TRIED, error))
    }

    pub fn zip_json<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, StoreError> {
        self.zip(&json_bytes(value)?)
    }

    pub fn unzip_intent(&self, packed: &[u8]) -> Result<Intent, StoreError> {
        self.intents.get_or("", packed, || self.unzip_json(packed))
    }

    pub fn unzip_json<T: DeserializeOwned>(&self, packed: &[u8]) -> Result<T, StoreError> {
        serde_json::from_slice(&self.unzip(packed)?).tried("read a stored payload")
    }
}

/// The canonical JSON: fields in the order of their declaration, maps sorted.
pub(crate) fn json_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(4096);
    serde_json::to_writer(&mut bytes, value).tried("write a payload")?;
    Ok(bytes)
}

pub(crate) fn json_text<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).tried("write a value")
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).tried("read a stored value")
}

pub(crate) fn from_json_opt<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    text.map(|text| from_json(&text)).transpose()
}

/// What tells a changed record from an unchanged one.
pub(crate) fn hash16(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    short
}

/// The same for columns: half as long, still no accident within one order.
pub(crate) fn hash8(bytes: &[u8]) -> i64 {
    let mut short = [0; 8];
    short.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    i64::from_le_bytes(short)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let pack = Pack::new(KEPT).unwrap();
        for text in ["", "a", &"harbour ".repeat(10_000)] {
            assert_eq!(pack.unzip(&pack.zip(text.as_bytes()).unwrap()).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn payloads_from_before_the_dictionary_are_read() {
        let text = br#"{"remote_id":"1","number":"R1001","ship_to":{"name":"Jane Roe","city":"Hamburg"}}"#;
        let before = Compressor::new(LEVEL).unwrap().compress(text).unwrap();
        assert_eq!(Pack::new(KEPT).unwrap().unzip(&before).unwrap(), text);
    }

    /// Made anew, it would not read what any database holds.
    #[test]
    fn the_dictionary_is_the_one_that_was_released() {
        assert_eq!(
            blake3::hash(WORDS).to_hex().as_str(),
            "823faf377207e8c50abfb3b0de3d7d617871b9088b1d9a94f59fb3a92220cf6a"
        );
        let id = zstd::zstd_safe::get_dict_id(WORDS).map(std::num::NonZeroU32::get);
        let packed = Pack::new(KEPT).unwrap().zip(b"harbour").unwrap();
        assert_eq!(
            (id, zstd::zstd_safe::get_dict_id_from_frame(&packed).map(std::num::NonZeroU32::get)),
            (Some(73_096_702), Some(73_096_702))
        );
    }

    #[test]
    fn what_all_records_say_takes_little_room() {
        let text = br#"{"remote_id":"gid://shop/Order/77","number":"R1001","placed_at_ms":1700000000000,"updated_at_ms":1700000000000,
            "cancelled_at_ms":null,"cancel_reason":null,"closed_at_ms":null,"test":false,"payment":"paid","delivery":"shipping",
            "risk":null,"currency":"EUR","subtotal_minor":1850,"discount_minor":0,"shipping_minor":590,"tax_minor":390,
            "total_minor":2440,"ship_to":{"name":"Jane Roe","line1":"Am Kai 1","city":"Hamburg","postcode":"20457","country":"DE"},
            "lines":[{"remote_id":"gid://shop/LineItem/78","sku":"MAT-ROP","name":"Rope mat","variant":"","quantity":1,
            "current_quantity":1,"unfulfilled_quantity":1,"requires_shipping":true,"gift_card":false,"unit_price_minor":1850,
            "discounted_unit_price_minor":1850,"tax_minor":295,"weight_g":900.0,"options":[],"barcode":null,"variant_id":null}]}"#;
        let with = Pack::new(KEPT).unwrap().zip(text).unwrap().len();
        let without = Compressor::new(LEVEL).unwrap().compress(text).unwrap().len();
        assert!(with * 3 < without * 2, "{with} bytes of {}, {without} without the dictionary", text.len());
    }

    #[test]
    fn damage_is_told_as_damage() {
        let pack = Pack::new(KEPT).unwrap();
        let mut packed = pack.zip("harbour goods ".repeat(50).as_bytes()).unwrap();
        let middle = packed.len() / 2;
        packed.truncate(middle);
        for bytes in [&packed[..], b"", b"not a frame at all"] {
            assert!(matches!(pack.unzip(bytes), Err(StoreError::Corrupt { .. })));
        }
    }
}
