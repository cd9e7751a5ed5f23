//! No report names a buyer: files lie about, and go out by mail. Sentences about orders are made for the desk and may
//! hold an address; those do not leave it.

use quayside_model::{Address, Cause, Story};

/// Letters from which on a name is no accident in a sentence.
const TELLING_CHARS: usize = 3;

/// The sentence, or only its headline where it names the buyer. `code`: the stable word of what the order waits on.
pub(super) fn told(sentence: &str, code: &str, story: &Story) -> String {
    if !names_buyer(sentence, story) {
        return sentence.to_owned();
    }
    let cause = code.strip_prefix("cause:").and_then(Cause::from_code);
    let title = cause.map_or_else(|| crate::waits::title(code), |cause| cause.title().to_owned());
    format!("{title}. The order says more.")
}

fn names_buyer(sentence: &str, story: &Story) -> bool {
    let order = &story.order;
    let addresses = [&order.ship_to, &order.bill_to, &story.choices.address].into_iter().flatten();
    let at_hubs = story.hub_orders.iter().filter_map(|seen| seen.value.ship_to.as_ref());
    let mut parts: Vec<&str> = addresses.chain(at_hubs).flat_map(personal).collect();
    if let Some(customer) = &order.customer {
        parts.extend([customer.name.as_str(), &customer.email, &customer.phone]);
    }
    let sentence = sentence.to_lowercase();
    let telling = |part: &&str| part.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING_CHARS;
    parts.into_iter().map(str::trim).filter(telling).any(|part| sentence.contains(&part.to_lowercase()))
}

/// What of an address is a person's. Town and country are nobody's in particular.
fn personal(address: &Address) -> [&str; 6] {
    [&address.name, &address.company, &address.line1, &address.line2, &address.line3, &address.phone]
}
