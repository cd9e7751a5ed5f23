//! Groups of "what orders wait on": one table from the stable word to title, icon and tone.
//!
//! The sentence beside an order is its own; these are the headlines above many of them.

use quayside_model::{Cause, Tone};

/// Title, icon and tone of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitsGroup {
    /// Headline.
    pub title: &'static str,
    /// Icon name.
    pub icon: &'static str,
    /// How loud.
    pub tone: Tone,
}

const fn group(title: &'static str, icon: &'static str, tone: Tone) -> WaitsGroup {
    WaitsGroup { title, icon, tone }
}

/// The group of a stable word. A word nobody knows is shown as it is, quietly.
pub fn of(code: &str) -> Option<WaitsGroup> {
    if let Some(cause) = code.strip_prefix("cause:").and_then(Cause::from_code) {
        return Some(group(cause.title(), cause.icon(), cause.tone()));
    }
    Some(match code {
        "packing" => group("Waits for packing", "clock", Tone::Neutral),
        "payment" => group("Waits for payment", "card", Tone::Neutral),
        "approval" => group("Waits for your click", "hand", Tone::Warning),
        "held_by_person" => group("On hold by you", "pause", Tone::Hold),
        "held_by_rule" => group("Held by a rule of yours", "pause", Tone::Hold),
        "held_in_channel" => group("Held in the store", "pause", Tone::Hold),
        "held_at_hub" => group("On hold at the hub", "pause", Tone::Hold),
        "risk" => group("Rated as risky by the store", "warning", Tone::Warning),
        "no_hub" => group("No shipping account is connected", "plug", Tone::Warning),
        "seen_twice" => group("It may be there already", "copy", Tone::Warning),
        "hub_imports" => group("The hub imports it by itself", "clock", Tone::Neutral),
        "who_writes" => group("Who writes?", "hand", Tone::Warning),
        "sold_elsewhere" => group("Sold and sent by another account", "copy", Tone::Neutral),
        "twin_waits" => group("Waits for the account that sold it", "clock", Tone::Neutral),
        "automation_off" => group("\"Orders to the hub\" is switched off", "pause", Tone::Warning),
        "watching" => group("Would be sent (only watching)", "clock", Tone::Neutral),
        "to_send" => group("Waits to be sent to the hub", "clock", Tone::Neutral),
        "sending" => group("On its way to the hub", "arrow", Tone::Neutral),
        "routing" => group("The store has not assigned a location yet", "clock", Tone::Neutral),
        "scheduled" => group("Scheduled for a later day", "clock", Tone::Neutral),
        "rest" => group("The rest is still to ship", "split", Tone::Info),
        "telling" => group("Left; the store does not know yet", "arrow", Tone::Info),
        "parcel" => group("Shipped at the hub; the parcel has not been read yet", "clock", Tone::Neutral),
        "cancelling" => group("Cancelled; the hub is being told", "sync", Tone::Info),
        "test_order" => group("Test orders", "check", Tone::Neutral),
        "before_go_live" => group("Placed before the go-live line", "check", Tone::Neutral),
        "not_ours" => group("Shipped by somebody else", "check", Tone::Neutral),
        "nothing_to_ship" => group("Nothing in it needs a carrier", "check", Tone::Neutral),
        "archived" => group("Archived in the store", "check", Tone::Neutral),
        "shipped" => group("Shipped", "check", Tone::Success),
        "cancelled" => group("Cancelled", "undo", Tone::Neutral),
        _ => return None,
    })
}

/// The headline, whatever the word.
pub fn title(code: &str) -> String {
    of(code).map_or_else(|| code.replace('_', " "), |group| group.title.to_owned())
}
