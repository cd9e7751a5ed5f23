//! A merchant's days in seconds: the real engine, store and connectors against the sandbox,
//! under virtual time, with faults, and with the process dying in the middle of it.
//!
//! One seed is one run, bit for bit. Afterwards an oracle compares what the stand-ins hold,
//! what is true, and what the store believes.
//!
//! Not here: the network, the keychain, the encrypted file. They are tried on the real
//! process (`tests/`).

mod backlog;
mod clock;
mod contents;
mod house;
mod invariants;
mod keys;
mod life;
mod oracle;
mod wire;

pub use backlog::{Drained, drain};
pub use clock::VirtualClock;
pub use house::House;
pub use life::{Faults, SimPlan, SimReport, SimTrouble, poll_s_of, run, signs_in_by_browser};
pub use oracle::{Count, Verdicts};
pub use wire::{MemoryWire, Sent};
