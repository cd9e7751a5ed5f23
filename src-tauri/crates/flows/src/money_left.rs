//! What is left of an order's money and units, by the store's word and by ours: no more can be given back.
//!
//! Not every store shows what was given back, and what it says of returns may be what we gave for them: of the two the
//! larger counts.

use crate::{replacement, returns};
use quayside_model::{EffectState, Intent, Order, OrderLine, Payment, RefundDraft, Story};

/// Money was taken, and some of it is left.
pub fn is_owed(story: &Story) -> bool {
    was_paid(&story.order) && is_left(story)
}

/// Money was taken.
pub fn was_paid(order: &Order) -> bool {
    !matches!(order.payment, Payment::Pending | Payment::Authorized | Payment::Voided | Payment::Expired)
}

/// Some of it was not given back.
pub fn is_left(story: &Story) -> bool {
    story.order.payment != Payment::Refunded && left_minor(story) > 0
}

/// What this program gave back, as far as the platform said that it is done.
fn given(story: &Story) -> impl Iterator<Item = &RefundDraft> {
    story.effects.iter().filter(|effect| effect.state == EffectState::Done).filter_map(|effect| match &effect.intent {
        Intent::Refund { refund } => Some(refund),
        _ => None,
    })
}

/// What is left of the money, minor units of the order's currency.
pub fn left_minor(story: &Story) -> i64 {
    let given_minor: i64 = given(story).map(|refund| refund.total_minor).sum();
    let given_minor = given_minor.max(returns::paid_back_minor(story));
    story.order.current_total_minor.min(story.order.total_minor - given_minor)
}

/// What is left of the shipping, as far as is known here.
pub fn shipping_left_minor(story: &Story) -> i64 {
    let given_minor: i64 = given(story).map(|refund| refund.shipping_minor).sum();
    (story.order.shipping_minor - given_minor).clamp(0, left_minor(story).max(0))
}

/// Units of a line that were not given back yet, and for which nothing else was sent instead.
pub fn units_left(story: &Story, line: &OrderLine) -> i64 {
    let ours = given(story).flat_map(|refund| &refund.lines).filter(|given| given.order_line_id == line.remote_id);
    let given = ours.map(|given| given.quantity).sum::<i64>().max(returns::units_paid_back(story, line));
    let replaced = units_replaced(story, &line.remote_id);
    (line.current_quantity - replaced).min(line.quantity - given - replaced)
}

/// Units of a line that had left and whose money somebody gave back in the store, past what we gave and what its returns say.
/// Which return they were for it does not tell.
pub fn units_paid_beside(story: &Story, line: &OrderLine) -> i64 {
    let left = story.order.units_told(&line.remote_id);
    let off = left - (line.current_quantity - line.unfulfilled_quantity).max(0);
    // Of ours those that had left: what neither left nor waits was taken off before.
    let never_left = (line.quantity - left - line.unfulfilled_quantity).max(0);
    let ours = given(story).flat_map(|refund| &refund.lines).filter(|given| given.order_line_id == line.remote_id);
    let ours = ours.map(|given| given.quantity).sum::<i64>() - never_left;
    (off - ours.max(0) - returns::units_paid_by_others(story, line)).max(0)
}

/// Units of a line for which the same was sent again.
pub fn units_replaced(story: &Story, line_id: &str) -> i64 {
    let lines = replacement::standing(story).flat_map(|one| &one.lines);
    lines.filter(|(id, _)| id == line_id).map(|(_, units)| units).sum()
}

/// It gives money back, whatever for.
pub fn gives_back(intent: &Intent) -> bool {
    match intent {
        Intent::Refund { .. } => true,
        Intent::CancelChannelOrder { refund, .. } => *refund,
        _ => false,
    }
}
