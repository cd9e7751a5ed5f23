//! One file per table: its row type, and how it is read and written.
//! Reads are methods of [`crate::Reader`], writes of [`crate::Tx`]; their SQL is in
//! the same file, their shape in `migrations/`.

pub mod alias;
pub mod answer;
pub mod attempt;
pub mod automation;
pub mod bucket;
pub mod choice;
pub mod connection;
pub mod customer;
pub mod drift;
pub mod effect;
pub mod event;
pub mod finding;
pub mod link;
pub mod meta;
pub mod notification;
pub mod orders;
pub mod proof;
pub mod quarantine;
pub mod record;
pub mod refund_quote;
pub mod report_run;
pub mod rule_trace;
pub mod setting;
pub mod shelf;
pub mod stream;
pub mod tally;
