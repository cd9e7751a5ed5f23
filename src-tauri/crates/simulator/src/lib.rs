//! A merchant's days in seconds: the real engine, store and connectors against the sandbox,
//! under virtual time, with faults, and with the process dying in the middle of it.
//!
//! One seed is one run, bit for bit. Afterwards an oracle compares what the stand-ins hold,
//! what is true, and what the store believes.
//!
//! Not here: the network, the keychain, the encrypted file. They are tried on the real
//! process (`tests/`).

mod asked;
mod clock;
mod contents;
mod dying;
mod faults;
mod fewest;
mod given_back;
mod house;
mod invariants;
mod kept;
mod keys;
mod labels;
mod life;
mod mishaps;
mod oracle;
mod peak;
mod plays;
mod sequence;
mod shaped;
mod traffic;
mod wire;

pub use clock::VirtualClock;
pub use dying::{SmallLife, small_life};
pub use faults::{Faults, KINDS, Kind};
pub use fewest::{CELLS, Cell, FLOORS, Floor, Waits, Work};
pub use house::House;
pub use life::{SimPlan, SimReport, SimTrouble, poll_s_of, run, run_returning, signs_in_by_browser};
pub use oracle::{Count, Verdicts};
pub use peak::{PEAK_ORDERS, Peak, Said, peak};
pub use plays::{PLAYS, Play, Plays};
pub use quayside_sandbox::Only;
pub use traffic::{Freshness, Role, Traffic, Yard, freshness};
pub use wire::{MemoryWire, Sent};
