//! The connector against a network that plays a script.
