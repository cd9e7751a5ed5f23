//! Pure decisions: what is to be done about an order, what a person must do, and why it waits.
//!
//! `decide(story, policy, now)` is the whole room. It reads no clock, no store and
//! no network, so it can be previewed (the plan), replayed and tested as a table.
//! It is level-triggered: the same story gives the same decision, whatever
//! happened in between, so that a lost event can never lose an effect.
//!
//! Automations are written between roles. No platform has a name here: the words
//! for people ("ShipStation") come with the [`Peer`]s of the policy.
//!
//! Adding an automation is one file and one line in [`automations`].

mod acknowledgement;
pub mod api_versions;
pub mod automation;
pub mod buyer_messages;
mod buyer_zone;
mod by_hand;
pub mod calendar;
mod cancel_wish;
mod cancellations;
mod change_by_hand;
pub mod clocks;
mod delivery_trouble;
mod draft;
mod explain;
pub mod facts;
mod facts_to_channel;
pub mod field_mapping;
mod hand_entries;
mod label_terms;
mod labels;
pub mod levels;
pub mod lines;
mod lines_balance;
mod look;
pub mod money_left;
mod numbers;
mod orders_to_hub;
pub mod policy;
pub mod products;
pub mod promise;
mod proof;
pub mod quiet_channel;
pub mod rate_choice;
mod records;
mod refunds_to_hub;
pub mod replacement;
mod return_refunds;
pub mod returned;
pub mod returns;
pub mod rules;
mod same_sale;
pub mod shape;
mod shown_hold;
mod sides_agree;
pub mod sku_aliases;
pub mod sku_csv;
pub mod split;
pub mod stock;
pub mod store_clock;
mod take_back;
mod tell_buyer;
pub mod templates;
mod tracking_to_channel;
mod twins;
pub mod who_writes;
pub mod why;

pub use automation::{AutomationDecl, Need};
pub use by_hand::{csv as by_hand_csv, text as by_hand_text};
pub use change_by_hand::{Doing, HandChange, hand_changes, hand_csv, hand_text};
pub use delivery_trouble::is_in_trouble;
pub use draft::{
    Difference, PARTS_MAX, address_line, differences, first_key, hub_draft, hub_key, own_part, part_of,
    same_destination,
};
pub use hand_entries::{counts_by_hand, product_by_hand};
pub use label_terms::labels_from;
pub use lines::{LineLedger, LineRow};
pub use look::effect_stem;
pub use orders_to_hub::sent_over;
pub use policy::{
    AutomationPolicy, COPIES, COPIES_WAIT_MIN, Deliveries, HISTORY_FIELDS, HUB_OF_STORE, Peer, Policy, Refunding,
};
pub use proof::{Sight, sights};
pub use records::{customer_of, patron};
pub use return_refunds::{ID as RETURN_REFUNDS, is_for_return};
pub use same_sale::{doubts, evidence, same_sale};
pub use shape::{SHAPERS, Shape, Shapers};
pub use split::{PartSeen, Units, cannot_split, hub_drafts, seen_parts, unfit};
pub use tell_buyer::ID as TELL_BUYER;
pub use twins::{SALE_ELSEWHERE, Standing, is_one_sale, sale_doubts, standing};
pub use who_writes::{HUB_IMPORTS, Writes};

use look::Look;
use quayside_model::{Decision, Story};

/// Automations that have work with orders that left already. Where one of them is let go, those that left lately are
/// looked at like the open ones; and it has nothing to do with orders placed before its line, whoever sent them.
pub const AFTER_SHIPPING: [&str; 5] =
    [facts_to_channel::ID, tell_buyer::ID, records::shipments::ID, records::delivered::ID, records::trouble::ID];

/// Every automation, in the order in which they look at an order.
pub fn automations() -> &'static [AutomationDecl] {
    static ALL: &[AutomationDecl] = &[
        sku_aliases::AUTOMATION,
        field_mapping::AUTOMATION,
        rules::AUTOMATION,
        orders_to_hub::AUTOMATION,
        cancellations::AUTOMATION,
        sides_agree::AUTOMATION,
        tracking_to_channel::AUTOMATION,
        lines_balance::AUTOMATION,
        returns::AUTOMATION,
        // After what it adds to.
        return_refunds::AUTOMATION,
        refunds_to_hub::AUTOMATION,
        // Money: after everything that may keep an order from leaving.
        labels::AUTOMATION,
        // Said about the order, and moving nothing: the sums above do not wait for them.
        acknowledgement::AUTOMATION,
        facts_to_channel::AUTOMATION,
        tell_buyer::AUTOMATION,
        // The customer first: what comes after it hangs on it.
        records::customers::AUTOMATION,
        records::shipments::AUTOMATION,
        records::delivered::AUTOMATION,
        records::trouble::AUTOMATION,
        // The same customer at a hub that keeps them.
        records::outlets::AUTOMATION,
        // Look at customers, once a day.
        records::history::AUTOMATION,
        records::milestones::AUTOMATION,
        // Look at SKUs, not at orders.
        stock::AUTOMATION,
        products::AUTOMATION,
        // Looks at stores.
        quiet_channel::AUTOMATION,
    ];
    ALL
}

/// Off until somebody asks for it: it changes what no order needs, or costs money.
pub fn rests_at_first(id: &str) -> bool {
    matches!(id, stock::ID | products::ID | rate_choice::ID)
}

/// It keeps lists beside the orders, of products or of customers: no order depends on what it does.
pub fn beside_orders(id: &str) -> bool {
    matches!(id, products::ID | records::outlets::ID)
}

/// One automation by its stable word.
pub fn automation(id: &str) -> Option<&'static AutomationDecl> {
    automations().iter().find(|automation| automation.id == id)
}

/// What is to be done and said about one order at `now_ms` (ms UTC).
pub fn decide(story: &Story, policy: &Policy, now_ms: i64) -> Decision {
    // What was sent again for a return is a matter of its own.
    let plain = replacement::without(story);
    let mut look = Look::new(&plain, policy, now_ms);
    for automation in automations() {
        (automation.look)(&mut look);
    }
    label_terms::look(&mut look);
    delivery_trouble::look(&mut look);
    hand_entries::shelves(&mut look);
    look.report_refusals();
    replacement::report(&mut look, story);
    proof::report(&mut look);
    look.report_time();
    explain::conclude(look)
}
