//! The one door to the network: allow-list, size cap, deadlines, redacted tracing.
