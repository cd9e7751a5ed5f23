//! A buyer who wants out of the sale, in the ways channels tell it: a hold, a tag, an attribute.
//!
//! It is a wish and no cancellation: whether it is granted is the merchant's to say.

use quayside_model::{CANCEL_WISH, CANCEL_WISH_TAG, Hold, Order};

/// The hold stands for the wish.
pub(crate) fn is_wish(hold: &Hold) -> bool {
    hold.remote_id == CANCEL_WISH
}

/// What of the order says that its buyer wants out, as long as nobody has answered; `None`: nothing does.
pub(crate) fn says(order: &Order) -> Option<String> {
    if order.is_cancelled() {
        return None;
    }
    let hold = order.fulfillment_orders.iter().flat_map(|work| &work.holds).find(|hold| is_wish(hold));
    let attribute = || {
        let told = |value: &str| !matches!(plain(value).as_str(), "" | "false" | "no" | "0");
        order.attributes.iter().find(|(name, value)| asks(name) && told(value))
    };
    let tag = || order.tags.iter().find(|tag| tag.trim().eq_ignore_ascii_case(CANCEL_WISH_TAG) || asks(tag));
    hold.map(|hold| format!("hold: {}", hold.reason))
        .or_else(|| attribute().map(|(name, value)| format!("{name}: {value}")))
        .or_else(|| tag().map(|tag| format!("tag {tag}")))
}

/// What keeps the order in the store is the wish, and nothing else comes before it.
pub(crate) fn holds(order: &Order) -> bool {
    order.fulfillment_orders.iter().flat_map(|work| &work.holds).next().is_some_and(is_wish)
}

fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Names that apps and other tools write.
fn asks(text: &str) -> bool {
    let text = plain(text);
    ["buyerrequestedcancel", "cancelrequested", "cancellationrequested"].iter().any(|word| text.contains(word))
}
