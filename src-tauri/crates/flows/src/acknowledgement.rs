//! Tells the store that its order was taken in, and under which number, once the hub has it.
//!
//! Some marketplaces ask for it. It is said once in an order's life: sending the order again, splitting it or
//! correcting it says nothing new.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use quayside_model::{EffectState, Intent, IntentKind, Mode, RecordKind, Role};

pub(crate) const ID: &str = "acknowledgement";
/// What the effect's key is about.
const ABOUT: &str = "order";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Acknowledgement to the store",
    summary: "Tells stores that ask for it (marketplaces) that an order was taken in, with its number at the shipping account, as soon as it is there.",
    examples: &[
        ("The hub has answered that it has the order.", "The store is told the order's number there, once."),
        ("The order is corrected, or sent to the hub again.", "Nothing is said again."),
        ("The buyer cancelled before the hub had the order.", "Nothing is said."),
        ("The store takes no acknowledgements.", "Nothing happens."),
    ],
    needs: &[
        Need::Reads(Role::Channel, RecordKind::Order),
        Need::Performs(Role::Channel, IntentKind::AcknowledgeOrder),
    ],
    undo: "An acknowledgement cannot be taken back; it moves neither goods nor money.",
    settings: &[],
    look,
};

fn look(look: &mut Look<'_>) {
    let (story, mode) = (look.story, look.mode(ID));
    let able = look.channel.is_some_and(|channel| channel.performs.contains(&IntentKind::AcknowledgeOrder));
    // Given up counts, too: it is offered once. What the store answered and does not have was not said.
    let said = look.past(IntentKind::AcknowledgeOrder, ABOUT).any(|effect| !effect.is_missing() && !effect.withdrawn);
    if mode == Mode::Off || !able || said || look.is_over() {
        return;
    }
    let number = story.effects.iter().find_map(|effect| match &effect.intent {
        Intent::PutHubOrder { order, .. } if effect.state == EffectState::Done => Some(order.number.clone()),
        _ => None,
    });
    let Some(number) = number else { return };
    let sentence = format!("Acknowledge {} to the store as {number}", story.order.number);
    let intent = Intent::AcknowledgeOrder { order_remote_id: story.order.remote_id.clone(), number };
    look.plan(ID, mode, &story.channel, ABOUT, intent, sentence);
}
