//! What people and programs can ask and do. Every door, window or terminal, calls this.
//!
//! ```text
//! desk.rs      the handle: opens, closes, breaks, mends        view.rs   the shapes that cross the door
//! queue, groups, orders, exceptions, cause, unfulfilled        what is shown
//! activity, home, notified, checklist                          how it goes
//! act, aim, verbs, offers, choices, quotes, undo, putback      what is done
//! connections, form, automations, plan, settings, sync, console  what is set
//! customer, evidence, trail, privacy                          what the law and a dispute ask for
//! who_is_it                                                   whom an account could not tell apart
//! backup, doctor, logging, keychain, profile, feed, notices    what keeps it running
//! ```
//!
//! No Tauri, no terminal, no platform's name. Time, network and keychain come in
//! with [`desk::OpenDesk`]. Every function answers with a value ready to be shown,
//! or with a [`view::Trouble`] whose sentence says what to do.

#![allow(clippy::redundant_closure_for_method_calls)] // `|r| r.connections()` cannot become a path: `Reader<'_>` has a lifetime of its own
#![allow(clippy::needless_pass_by_value)] // doors hand over what they were sent

pub mod act;
pub mod activity;
mod ailing;
mod aim;
pub mod aliases;
pub mod automations;
pub mod backup;
mod browser;
mod bulk;
mod bundle;
pub mod buyer_messages;
mod by_hand;
pub mod cause;
pub mod changes;
pub mod checklist;
mod choices;
mod cipher;
pub mod connections;
pub mod console;
pub mod crash;
mod credentials;
mod customer;
pub mod cycles;
mod described;
pub mod desk;
pub mod doctor;
mod edit_preview;
pub mod editable;
mod evidence;
pub mod exceptions;
pub mod expiry;
pub mod explain;
mod feed;
mod files;
pub mod filter;
pub mod filter_values;
pub mod form;
mod gathered;
pub mod groups;
pub mod home;
pub mod keychain;
pub mod labels;
pub mod links;
pub mod logging;
pub mod manual;
pub mod mapping_sets;
pub mod mappings;
pub mod notices;
pub mod notified;
pub mod offers;
mod offline;
pub mod orders;
mod paper;
mod pausing;
pub mod plan;
mod privacy;
pub mod profile;
pub mod profiles;
mod putback;
pub mod queue;
mod quotes;
pub mod recording;
mod refunds;
pub mod reports;
pub mod returns;
pub mod rules;
mod sales;
pub mod settings;
pub mod sides;
pub mod split;
mod stake;
mod stand_ins;
pub mod standing;
pub mod stock;
mod store_settings;
pub mod sync;
pub mod trail;
mod trend;
mod tries;
pub mod trouble;
mod tying;
pub mod undo;
pub mod unfulfilled;
mod verbs;
pub mod view;
pub mod waits;
pub mod who_is_it;
mod wire_words;
pub mod words;
pub mod zone;

pub use desk::{Desk, DeskEvent, Listener, OpenDesk, Role, WallClock};
pub use keychain::{Keychain, MemoryKeychain, SystemKeychain};
pub use notices::Notice;
pub use profile::Profile;
pub use trouble::Answer;
