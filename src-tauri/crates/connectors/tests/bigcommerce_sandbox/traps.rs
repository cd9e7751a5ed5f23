//! One test per trap of the platform.
