//! The store: everything Quayside keeps, in one encrypted SQLite file.
//!
//! All SQL of the product is in this room, behind functions named by intent, so
//! that a shared server database can come behind the same functions. A caller
//! opens a [`Store`], reads with [`Store::read`] and writes with [`Store::write`];
//! what can be read is a method of [`Reader`], what can be written a method of
//! [`Tx`], and everything readable is readable inside a write.
//!
//! Time comes in as a parameter. Secrets do not come in at all: credentials live
//! in the keychain, and so does the [`StoreKey`].
//!
//! Left out on purpose: async (one writer makes it pointless; use a blocking pool),
//! an ORM (forty statements are easier to read than one), deleting orders or
//! effects (history is the product; personal data is blanked instead).

// `store.read(Reader::connections)` does not compile: a method of a type with a lifetime is not
// general over it, so the closure is needed wherever the lint would take it away.
#![allow(clippy::redundant_closure_for_method_calls)]

mod ahead;
mod audit;
mod backup;
mod bought;
mod buyer;
mod catalogue;
mod condition;
mod copies;
mod counts;
mod decide;
mod desk;
mod detail;
mod dispatch;
mod error;
mod exceptions;
mod facets;
mod forgotten;
mod groups;
mod history;
mod key;
mod labels;
mod landmarks;
mod lock;
mod open;
mod outbox;
mod pack;
mod personal;
mod plan;
mod queue;
mod reports;
mod retention;
mod returns;
mod schedule;
mod schema;
mod seal;
mod search;
mod sql;
mod store;
mod story;
pub mod table;
mod trail;
mod untied;
mod upkeep;
mod words;

pub use ahead::{Ahead, Foreseen, Packed};
pub use backup::{BackupReport, Progress, RestoreReport, Salvaged, restore, set_damaged_aside};
pub use bought::Bought;
pub use buyer::{Buyer, Met};
pub use condition::{Compare, Condition, That};
pub use copies::{OldCopy, forget_copies, old_copies};
pub use counts::{QueueCounts, UnfulfilledGroup};
pub use decide::Decided;
pub use desk::{EffectTold, EffectsDone, LATELY_MAX};
pub use detail::{OrderDetail, ParcelFilter, ParcelItem, ParcelKey, ParcelPage, RecordRef};
pub use dispatch::{Claimed, Settlement};
pub use error::{OpenError, StoreError};
pub use exceptions::{Episode, ExceptionFilter, ExceptionGroup, ExceptionItem, ExceptionPage, ExceptionState};
pub use facets::Facet;
pub use forgotten::Forgotten;
pub use groups::{GroupBy, QueueGroups};
pub use history::{HistoryFilter, HistoryItem, HistoryPage};
pub use key::StoreKey;
pub use lock::LOCK_FILE;
pub use outbox::{EffectFilter, EffectItem, EffectPage, OutboxDepth};
pub use queue::{Count, KeyValue, Place, QueueFilter, QueueKey, QueuePage, QueueRow, Scope, Sort, SortBy};
pub use reports::{Begun, Departure, Listed, Loose, Marked, Sent, Sold};
pub use retention::Purged;
pub use returns::{ReturnKey, ReturnRef};
pub use schema::SCHEMA;
pub use store::{Change, Dying, InjectedFailure, Reader, Store, Topic, Tx};
pub use table::attempt::AttemptRow;
pub use table::automation::AutomationRow;
pub use table::connection::FormerConnection;
pub use table::customer::{CustomerChoice, CustomerReview};
pub use table::effect::{EffectRow, withdrawal};
pub use table::event::{EventRow, NewEvent};
pub use table::finding::{FindingRow, FindingState};
pub use table::notification::{NewNotification, NotificationRow, Shown};
pub use table::proof::Proof;
pub use table::quarantine::SetAside;
pub use table::record::Put;
pub use table::refund_quote::{QuoteDue, QuoteSaid};
pub use table::report_run::ReportRun;
pub use table::rule_trace::TraceRow;
pub use table::shelf::{ShelfPage, ShelfPart, ShelfSpan, Shelved, StockLevel};
pub use table::stream::{StreamDue, StreamState};
pub use trail::{PAGE_ROWS as TRAIL_PAGE_ROWS, TrailCheck, TrailHead};
