//! The closed list of reasons: stable word, who can mend it, headline, what to do.
//!
//! `docs/automations.md` is made of it; a reason no story gives is told by a test.

use quayside_model::Fixer;

/// An entry of the closed list.
pub(super) struct Known {
    pub code: &'static str,
    pub title: &'static str,
    pub fixer: Fixer,
    pub help: &'static str,
}

macro_rules! known {
    ($($code:literal, $fixer:ident, $title:literal, $help:literal;)*) => {
        pub(super) const KNOWN: &[Known] = &[$(Known { code: $code, title: $title, fixer: Fixer::$fixer, help: $help }),*];
    };
}

known! {
    "unpaid", Buyer, "Not paid", "It goes as soon as the store says it is paid.";
    "part_paid", Buyer, "Only a part is paid", "It goes as soon as the rest is paid; you may send it by hand.";
    "authorised", Merchant, "Authorised, not captured", "Capture the payment in the store, or let authorised orders go in the settings.";
    "payment_gone", Merchant, "The payment came to nothing", "Ask the buyer to pay again, or cancel the order in the store.";
    "fraud_review", Merchant, "The store advises against shipping", "Look at the order; send it anyway, or cancel it.";
    "test_order", Merchant, "A test order", "It stays here unless test orders are sent.";
    "not_routed", Platform, "The store has not assigned it yet", "The store gives it to a location within minutes.";
    "scheduled", Time, "Scheduled for a later day", "The store releases it on its day.";
    "filtered_by_rule", Merchant, "Held by one of your rules", "Send it anyway, or change the rule.";
    "before_go_live", Merchant, "Placed before the go-live line", "Ship it as before, or send it by hand.";
    "automation_off", Merchant, "Nothing sends it", "Switch \"Orders to the hub\" on.";
    "only_watching", Merchant, "Quayside only watches", "Look at the plan, then let the automation act.";
    "waits_for_click", Merchant, "Waits for your click", "Approve it, or give it up.";
    "no_hub", Merchant, "No shipping account", "Connect one.";
    "seen_twice", Merchant, "The same sale may be there already", "Use what is there, or send ours too.";
    "hub_imports", Time, "The hub imports it by itself", "Its copy comes with the next reading; look at the hub if it does not.";
    "who_writes", Merchant, "Nobody said who writes it to the hub", "Say it once per store, under Connections: Quayside, or the hub by a link of its own.";
    "sold_elsewhere", Time, "Another account sold it and sends it", "There is nothing to do here; say so if it is another sale.";
    "twin_waits", Time, "The account that sold it comes first", "It is sent from there; send this one too only if it is another sale.";
    "store_removed", Merchant, "Its store was removed", "Connect the store again.";
    "sign_in", Merchant, "An account wants a new sign-in", "Enter new credentials; everything that waits goes on.";
    "scope_missing", Merchant, "A permission is missing", "Grant it at the platform, then test the connection.";
    "account_unreachable", Platform, "An account does not answer", "Quayside keeps trying and sends nothing twice.";
    "rate_budget", Time, "The platform's limit is used up", "It goes on by itself when the platform allows.";
    "account_paused", Merchant, "You paused the account", "Resume it.";
    "unknown_sku", Merchant, "A SKU nobody knows", "Map it once for all orders.";
    "address_incomplete", Merchant, "The address is incomplete", "Complete it; the order is then sent.";
    "address_refused", Merchant, "The address was refused", "Correct it, then retry.";
    "service_refused", Merchant, "The shipping service was refused", "Choose another, then retry.";
    "hub_refused", Merchant, "The hub refused it", "Mend what it names, then retry.";
    "by_hand", Merchant, "Somebody has to enter it at the hub", "Copy what to enter, enter it there, then settle the entry.";
    "mapping_failed", Merchant, "A required field mapping gives nothing", "Mend the mapping, or the order.";
    "held_by_you", Merchant, "On hold by you", "Release it.";
    "held_in_store", Merchant, "Held in the store", "Release the hold there.";
    "back_ordered", Warehouse, "Not in stock", "It goes when the goods arrive, or in parts.";
    "held_at_hub", Warehouse, "On hold at the hub", "Release it there.";
    "on_its_way", Time, "On its way to the hub", "A matter of minutes.";
    "to_send", Time, "Waits to be sent", "A matter of minutes.";
    "outcome_unknown", Platform, "An answer was lost", "Quayside asks the platform before it sends anything again.";
    "picking", Warehouse, "Waits to be picked and packed", "The warehouse has it.";
    "parcel_not_read", Time, "Shipped at the hub, parcel not read yet", "The next reading brings it.";
    "label_not_scanned", Warehouse, "The label was bought; no scan yet", "The parcel may still stand on the bench: hand it over.";
    "label_voided", Warehouse, "Its label was voided", "Buy a new label.";
    "label_elsewhere", Merchant, "Its label is not from where the store wants it", "Void it and buy one there while the parcel is here.";
    "tracking_not_reported", Merchant, "Left, and the store does not know", "Let \"Tracking to the store\" act; it reports the parcel.";
    "report_refused", Merchant, "The store refused the tracking", "Mend what the store names, then retry.";
    "merged", Warehouse, "Shipped together with another order", "Look at the order it was merged into.";
    "split_open", Warehouse, "Split; one part is still open", "The rest waits at the hub.";
    "partly_shipped", Warehouse, "A part has left", "The rest is still to ship.";
    "cancelled_one_side", Merchant, "Cancelled on one side only", "Cancel it on the other side, or ship it knowingly.";
    "cancelled_after_label", Merchant, "Cancelled after its label was bought", "Void the label, or ship anyway.";
    "edited_too_late", Merchant, "Changed after its label was bought", "The parcel carries the old content: open it, or write to the buyer.";
    "another_address", Merchant, "Labelled to another address", "Void the label while the parcel is here, or settle it if the change is right.";
    "sides_differ", Merchant, "Store and hub disagree", "Send the store's version again, or ship as it is.";
    "lines_do_not_balance", Merchant, "The units do not add up", "Look at the sum of the line; somebody has to ship or refund the difference.";
    "digital_only", Time, "Nothing in it needs a carrier", "There is nothing to do.";
    "pickup", Buyer, "The buyer fetches it", "Hand it over in the shop and fulfil it in the store.";
    "own_delivery", Merchant, "You deliver it yourself", "Deliver it and fulfil it in the store.";
    "over_the_counter", Time, "Sold over the counter", "There is nothing to do.";
    "fulfilled_by_others", Platform, "Somebody else ships it", "The marketplace or another service fulfils it.";
    "buyer_asked_cancel", Merchant, "The buyer asked to cancel", "Cancel it in the store, or ship it knowingly.";
    "past_ship_by", Warehouse, "Past its ship-by", "Ship it first.";
    "ship_by_near", Warehouse, "Must leave soon", "Pack it next.";
    "carrier_delay", Platform, "Later than promised at the carrier", "Ask the carrier; tell the buyer.";
    "carrier_trouble", Merchant, "The carrier has trouble with it", "Open its tracking page; tell the buyer, then send again or give the money back.";
    "returned", Merchant, "It comes back", "When it is there, give the money back or send again.";
    "archived", Merchant, "Archived in the store", "Open it again in the store if it has to ship.";
    "another_reason", Merchant, "Something else keeps it", "The sentence says what.";
    "shipped", Time, "Shipped", "There is nothing to do.";
    "cancelled", Time, "Cancelled", "There is nothing to do.";
}

/// Codes and titles of all reasons, for the manual.
pub fn reasons() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    KNOWN.iter().map(|known| (known.code, known.title, known.help))
}
