//! The connector against a network that plays a script.
#![allow(clippy::unwrap_used, clippy::expect_used)]
