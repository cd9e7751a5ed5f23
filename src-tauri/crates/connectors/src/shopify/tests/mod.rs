//! What this connector says to Shopify, and what it makes of the answers.
#![allow(clippy::unwrap_used, clippy::expect_used)]
