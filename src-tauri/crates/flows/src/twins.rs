//! One sale that two stores have: an account that sold it, and a store that carries a copy.
//!
//! Marketplaces reach a shop twice: by their own account, and as orders that another
//! store's channel made from them. The copy names the sale's number. One of the two is
//! sent, whichever was on its way first; else the one the store's setting says, which is
//! the account that sold it. A copy that is there before its sale waits for it, for a
//! while. What only a short number calls one sale, a person decides.

use crate::look::Look;
use crate::policy::{Peer, Policy};
use crate::same_sale::{same_place, same_skus};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, Mode, Order, Role, Story, Twin, TwinSide, fold_number};

/// How choices name a sale that no connected account has shown: it is not this one (`not_this`), or it is and is to be
/// waited for (`same_as`).
pub const SALE_ELSEWHERE: &str = "sale/elsewhere";

/// Letters and digits from which on a number is no accident.
const TELLING_CHARS: usize = 10;
/// How often an order that waits for its twin is looked at again.
const LOOK_MS: i64 = 15 * MINUTE_MS;

/// Who sends a sale that may be in two stores.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing<'a> {
    /// This order does, as far as other stores are concerned.
    Here,
    /// The other one does.
    Elsewhere(&'a Twin),
    /// Both were sent, and this is the one too many.
    Both(&'a Twin),
    /// Only a number says that they are one sale, and the other one would send it.
    Doubtful(&'a Twin),
    /// The account that sold it is connected and has not shown it yet; it is waited for until then, ms UTC.
    Awaited(&'a Peer, i64),
    /// The same, and that moment is over.
    NeverCame(&'a Peer),
}

/// Where this order stands. `sent`: it is at a hub, or was sent there.
pub fn standing<'a>(story: &'a Story, policy: &'a Policy, sent: bool, now_ms: i64) -> Standing<'a> {
    let name = story.name();
    let apart = |twin: &Twin| story.choices.not_this.contains(&twin.name()) || twin.choices.not_this.contains(&name);
    let agreed = |twin: &Twin| story.choices.same_as.contains(&twin.name()) || twin.choices.same_as.contains(&name);
    let (mut doubtful, mut related) = (None, false);
    for twin in &story.twins {
        if apart(twin) {
            related = true;
            continue;
        }
        let sure = agreed(twin) || evidence(&story.order, &twin.order, twin.side).is_some();
        // A short number alone is an accident, unless the copy says of which platform it is.
        if !sure && !is_named(story, policy, twin) {
            continue;
        }
        related = true;
        let yields = yields(story, policy, twin);
        match (sent, twin.sent) {
            (true, true) if sure && yields => return Standing::Both(twin),
            (true, _) => {}
            // Nobody reads an account that was removed: what it did not send, it never will.
            (false, false) if !yields || story.choices.push_anyway || !policy.peers.contains_key(&twin.connection) => {}
            // A person tied them, and the one that was to be sent never will be: nobody else would send this one.
            (false, false) if tied_only(story, twin) && twin.order.is_cancelled() => doubtful = Some(twin),
            (false, _) if sure => return Standing::Elsewhere(twin),
            (false, _) => doubtful = Some(twin),
        }
    }
    if let Some(twin) = doubtful {
        return Standing::Doubtful(twin);
    }
    if sent || related || story.choices.push_anyway {
        return Standing::Here;
    }
    let own = policy.peers.get(&story.channel);
    let platform = story.order.sold_on.as_ref().and_then(|on| on.platform.as_deref());
    let seller = platform.filter(|_| own.is_some_and(|own| !own.copies_here)).and_then(|platform| {
        let sells = |peer: &&Peer| peer.platform == platform && peer.roles.contains(&Role::Channel);
        policy.peers.values().filter(sells).find(|peer| peer.id != story.channel)
    });
    let has = |names: &[String]| names.iter().any(|name| name == SALE_ELSEWHERE);
    let Some(seller) = seller.filter(|_| !has(&story.choices.not_this)) else { return Standing::Here };
    let until_ms = story.received_at_ms + own.map_or(0, |own| own.copies_wait_min) * MINUTE_MS;
    if now_ms < until_ms || has(&story.choices.same_as) {
        Standing::Awaited(seller, until_ms.max(now_ms + LOOK_MS))
    } else {
        Standing::NeverCame(seller)
    }
}

/// Nothing but a person's word makes them one sale.
fn tied_only(story: &Story, twin: &Twin) -> bool {
    twin.side == TwinSide::Sibling
        && (story.choices.same_as.contains(&twin.name()) || twin.choices.same_as.contains(&story.name()))
}

/// The two are taken for one sale: people said so, or what they show says it and nobody said otherwise.
pub fn is_one_sale(story: &Story, policy: &Policy, twin: &Twin) -> bool {
    let name = story.name();
    !story.choices.not_this.contains(&twin.name())
        && !twin.choices.not_this.contains(&name)
        && (story.choices.same_as.contains(&twin.name())
            || twin.choices.same_as.contains(&name)
            || evidence(&story.order, &twin.order, twin.side).is_some()
            || is_named(story, policy, twin))
}

/// What speaks against two accounts' orders being one sale, a sentence each; empty if nothing does.
pub fn sale_doubts(order: &Order, other: &Order) -> Vec<String> {
    let mut doubts = Vec::new();
    if !same_skus(order, other) {
        doubts.push("SKUs or quantities differ.".to_owned());
    }
    if let (Some(ours), Some(theirs)) = (&order.ship_to, &other.ship_to)
        && !(same_place(ours, theirs) || ours.is_forgotten() || theirs.is_forgotten())
    {
        doubts.push("They go to different people or places.".to_owned());
    }
    doubts
}

/// The copy names the platform the other one is of.
fn is_named(story: &Story, policy: &Policy, twin: &Twin) -> bool {
    let (copy, original) = match twin.side {
        TwinSide::Original => (&story.order, &twin.connection),
        TwinSide::Copy => (&twin.order, &story.channel),
        TwinSide::Sibling => return false,
    };
    let platform = copy.sold_on.as_ref().and_then(|on| on.platform.as_deref());
    platform.is_some_and(|platform| policy.peers.get(original).is_some_and(|peer| peer.platform == platform))
}

/// Of two that were not sent, the other one is to be.
fn yields(story: &Story, policy: &Policy, twin: &Twin) -> bool {
    let copies_here = |id| policy.peers.get(id).is_some_and(|peer: &Peer| peer.copies_here);
    match twin.side {
        TwinSide::Original => !copies_here(&story.channel),
        TwinSide::Copy => copies_here(&twin.connection),
        TwinSide::Sibling => twin.order_id < story.order_id,
    }
}

/// Why the two are one sale, in words; `None` if nothing but a short number says so.
pub(crate) fn evidence(order: &Order, twin: &Order, side: TwinSide) -> Option<&'static str> {
    let number = match side {
        TwinSide::Original | TwinSide::Sibling => order.sold_on.as_ref().map(|on| on.number.as_str()),
        TwinSide::Copy => twin.sold_on.as_ref().map(|on| on.number.as_str()),
    };
    let goods = same_skus(order, twin);
    let recipient = match (&order.ship_to, &twin.ship_to) {
        (Some(ours), Some(theirs)) => same_place(ours, theirs),
        _ => false,
    };
    match (goods, recipient) {
        (true, _) => Some("the same number and goods"),
        (_, true) => Some("the same number and recipient"),
        _ if number.is_some_and(|number| fold_number(number).chars().count() >= TELLING_CHARS) => {
            Some("a number that no two sales share")
        }
        _ => None,
    }
}

/// Tells what keeps the order here because another account has the sale: `true` if anything does.
pub(crate) fn elsewhere(look: &mut Look<'_>, sent: bool) -> bool {
    let (story, policy) = (look.story, look.policy);
    let number = &story.order.number;
    let of = |twin: &Twin| {
        let place =
            policy.peers.get(&twin.connection).map_or_else(|| twin.connection.to_string(), |peer| peer.name.clone());
        format!("{} at {place}", twin.order.number)
    };
    let store = look.channel.map_or("the store", |channel| channel.name.as_str());
    match standing(story, policy, sent, look.now_ms) {
        Standing::Here => false,
        Standing::Both(twin) => {
            let sentence = format!(
                "{number} at {store} and {} are one sale, and both were sent. Cancel one of them at the hub before both are packed, then settle this.",
                of(twin)
            );
            look.find(Cause::SeenTwice, twin.name(), sentence);
            false
        }
        Standing::Elsewhere(twin) => {
            // Not in its queue and not sent: it is shipped by somebody else, cancelled, or over.
            let words = format!("The same sale as {}, which is sent and reported there", of(twin));
            let settled = twin.sent || !twin.open;
            look.wait(if settled { "sold_elsewhere" } else { "twin_waits" }, story.received_at_ms, words);
            if !settled {
                look.look_again(look.now_ms + LOOK_MS);
            }
            true
        }
        Standing::Doubtful(twin) if tied_only(story, twin) => {
            let sentence = format!(
                "{number} was tied to {} as one sale, and that one was cancelled before it was sent. This one was not sent either. Say that it is another sale to send it, or cancel it too.",
                of(twin)
            );
            look.wait("seen_twice", story.received_at_ms, format!("Tied to {}, which was cancelled", of(twin)));
            look.find(Cause::SeenTwice, twin.name(), sentence);
            true
        }
        Standing::Doubtful(twin) => {
            let sentence = format!(
                "{number} says it was sold as {}, but goods and recipient differ. It was not sent, so that nothing is packed twice. Say that they are one sale, or send this one too if they are two.",
                of(twin)
            );
            look.wait("seen_twice", story.received_at_ms, format!("It may be the same sale as {}", of(twin)));
            look.find(Cause::SeenTwice, twin.name(), sentence);
            true
        }
        Standing::Awaited(seller, until_ms) => {
            let words = format!("Sold on {}; waits for {} to show it", seller.title, seller.name);
            look.wait("twin_waits", story.received_at_ms, words);
            look.look_again(until_ms);
            true
        }
        // Before the go-live line, or only watched: nothing would be sent, so nothing is asked.
        Standing::NeverCame(_) if matches!(look.mode(crate::orders_to_hub::ID), Mode::Off | Mode::Watch) => false,
        Standing::NeverCame(seller) => {
            let minutes = (look.now_ms - story.received_at_ms) / MINUTE_MS;
            let as_what = story.order.sold_on.as_ref().map(|on| on.number.as_str()).filter(|number| !number.is_empty());
            let as_what = as_what.map_or_else(|| "without a number of its own there".to_owned(), |n| format!("as {n}"));
            let sentence = format!(
                "{number} was sold on {} {as_what}, and {} has not shown it so far. It was not sent, so that nothing is packed twice. Wait on, or send this one if it will not come.",
                seller.title, seller.name
            );
            look.wait(
                "seen_twice",
                story.received_at_ms,
                format!("{} has not shown it for {minutes} minutes", seller.name),
            );
            look.find(Cause::SeenTwice, SALE_ELSEWHERE, sentence);
            true
        }
    }
}
