//! Everything that reads a text from outside, as functions of bytes: answers of platforms, the search box, tables,
//! profile files, mappings. A target must neither panic nor hang, whatever it is given, and must not repeat a secret.
//!
//! The same functions run under libFuzzer (`fuzz_targets/`) and under the bounded runner (`main.rs`).

// To panic is how a target says that something is broken.
#![allow(clippy::expect_used)]

mod bend;
mod connectors;
mod house;
pub mod samples;
mod texts;

/// Reads `data`.
type Target = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Target); 10] = [
    ("amazon", |data| connectors::answers("amazon", data)),
    ("bigcommerce", |data| connectors::answers("bigcommerce", data)),
    ("orderez", |data| connectors::answers("orderez", data)),
    ("salesforce", |data| connectors::answers("salesforce", data)),
    ("shipstation", |data| connectors::answers("shipstation", data)),
    ("shopify", |data| connectors::answers("shopify", data)),
    ("search", texts::search),
    ("csv", texts::csv),
    ("profile", texts::profile),
    ("mapping", texts::mapping),
];

/// Runs one target.
pub fn run(name: &str, data: &[u8]) {
    if let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) {
        target(data);
    }
}
