//! Whoever goods go to is a customer at the hub, too, where it keeps customers ("outlets").
//!
//! What is written and who it is are those of "Customers to the records"; which of the hub's customers is meant, the hub's
//! own list tells: our id, the e-mail, the telephone number, name and postcode, in this order; where it cannot tell, a
//! person does. The order itself names its buyer as before and waits for nothing of this.

use super::customers::{Who, facts_of, found_by, who};
use super::{draft, keep, says_all};
use crate::automation::{AutomationDecl, Need};
use crate::hand_entries;
use crate::look::Look;
use crate::policy::Peer;
use quayside_model::{EffectState, Intent, IntentKind, Mode, RecordDraft, RecordKind, RecordNoun, Role};

pub(crate) const ID: &str = "customers_to_hub";
const ABOUT: &str = "outlet";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Customers to the hub",
    summary: "Keeps a customer at the shipping account for everybody a paid order goes to, where that account keeps customers: found by our id, else by e-mail, telephone number, order number, or name and postcode, as far as the account can be asked; made where there is none. What several people may share links nobody before you said so.",
    examples: &[
        (
            "Somebody buys for the first time.",
            "A customer is made at the hub, with name, address, e-mail and telephone.",
        ),
        (
            "The same person, whom Quayside made a customer, buys again and has moved.",
            "The same customer gets the new address; there is no second one.",
        ),
        (
            "The hub has one customer with that e-mail.",
            "It gets our id and what it lacks; what people wrote there stays.",
        ),
        (
            "Two customers there have that e-mail, or one has only the telephone number or the name and postcode.",
            "Nothing is written. Both sides are shown, and you say who is meant: this once, or always.",
        ),
        ("The marketplace wants its buyers' data forgotten.", "Nothing is written."),
        ("The hub keeps no customers.", "Nothing happens: the order carries its buyer."),
        (
            "The hub is of a kind that keeps customers, and this account takes none from outside.",
            "An exception says what to enter there: one per customer, at the newest of their orders, and anew when they move.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::PutRecord)],
    undo: "Delete the customer at the hub. Switched off, nothing more is written.",
    settings: &[],
    look,
};

fn look(look: &mut Look<'_>) {
    let mode = look.mode(ID);
    let order = &look.story.order;
    let Some(hub) = look.hub.filter(|_| mode != Mode::Off) else { return };
    let writes = hub.keeps_customers && hub.performs.contains(&IntentKind::PutRecord);
    // Whoever only watches is not asked to type.
    let by_hand = hub.takes_by_hand(IntentKind::PutRecord) && matches!(mode, Mode::Ask | Mode::Auto);
    let elsewhere = order.sold_on.is_some() && !look.was_sent();
    let stands = order.payment.is_paid() && !order.is_cancelled() && !order.test && !elsewhere;
    if !stands || !(writes || by_hand) || look.lines.rows.is_empty() {
        return;
    }
    let Some(who) = who(look) else { return };
    let record = draft(RecordNoun::Customer, who.key(), &facts_of(&who), found_by(look, &hub.id, &who));
    if by_hand {
        return enter(look, hub, &who, &record);
    }
    let known = look.last(IntentKind::PutRecord, ABOUT).is_some();
    let verb = if known { "Bring up to date" } else { "Keep" };
    let sentence = format!("{verb} {}, who gets {}, in {}", who.name(), order.number, hub.name);
    keep(look, ID, (hub, mode), ABOUT, record, sentence);
}

/// At a hub that takes none from outside. What was written while it did, and says the same, is there.
fn enter(look: &mut Look<'_>, hub: &Peer, who: &Who<'_>, record: &RecordDraft) {
    if let Some(last) = look.last(IntentKind::PutRecord, ABOUT).filter(|last| last.connection == hub.id) {
        let says = matches!(&last.intent, Intent::PutRecord { record: written } if says_all(written, record));
        match last.state {
            // Its answer first.
            EffectState::Running | EffectState::Unknown => return,
            EffectState::Done if says => return,
            EffectState::Done | EffectState::Skipped => {}
            EffectState::Asked | EffectState::Pending | EffectState::Refused => {
                look.overtake(last, format!("{} takes no customers from outside", hub.name));
            }
        }
    }
    hand_entries::customer(look, hub, who);
}
