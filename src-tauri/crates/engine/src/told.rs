//! What the customer heard of a parcel, for the story of the order. Pure.
//!
//! It goes by the change as it was sent, never by how the automation is set now. Where a store does not let that be
//! chosen, what it declares about itself stands in its place; where nothing was sent, nothing is claimed.

use crate::changes::Change;
use quayside_model::{Choice, Declaration, Intent};
use quayside_store::Settlement;

/// The line for the timeline once a change holds. `None`: it does not hold, or it is none that a customer hears of.
/// `looked`: its answer was lost, and the store was asked whether it holds.
pub fn customer(
    intent: &Intent,
    settlement: &Settlement,
    looked: bool,
    store: &str,
    platform: Option<&Declaration>,
) -> Option<Change> {
    let Settlement::Done { already, .. } = settlement else { return None };
    if let Intent::TellBuyer { message } = intent {
        return Some(("told", format!("Buyer told by {store}: {}", message.words)));
    }
    let (what, wanted) = match intent {
        Intent::Fulfill { fulfillment } => ("", fulfillment.notify_customer),
        Intent::ReplaceTracking { notify_customer, .. } => (" of the new tracking", *notify_customer),
        _ => return None,
    };
    if *already && !looked {
        let sentence = format!("{store} had it before: whether the customer was told{what}, only {store} knows");
        return Some(("changed", sentence));
    }
    if let Some(instead) = platform.and_then(|platform| platform.instead(intent.kind(), Choice::Notify)) {
        return Some(("changed", format!("Whether the customer is told{what} is up to {store}. {instead}")));
    }
    Some(match (wanted, looked) {
        (true, false) => ("told", format!("The customer was told{what} by {store}")),
        (true, true) => (
            "told",
            format!("{store} was asked to tell the customer{what}; the answer was lost, and it shows the parcel"),
        ),
        // A correction may be no news to the customer, whatever the setting says.
        (false, _) if !what.is_empty() => ("changed", format!("Nobody was told{what}")),
        (false, _) => ("changed", "Nobody was told: notifying is off".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_connectors::platform;
    use quayside_model::{BuyerMessage, Cause, FulfillmentDraft, Receipt, Refusal, Tracking};

    fn report(notify_customer: bool) -> Intent {
        Intent::Fulfill {
            fulfillment: FulfillmentDraft {
                order_remote_id: "1".into(),
                parcel_ids: vec![],
                lines: vec![],
                tracking: Tracking::default(),
                notify_customer,
                shipped_at_ms: None,
                known_fulfillment_ids: vec![],
                expected: None,
            },
        }
    }

    fn correction(notify_customer: bool) -> Intent {
        Intent::ReplaceTracking {
            order_remote_id: "1".into(),
            fulfillment_id: "2".into(),
            tracking: Tracking::default(),
            notify_customer,
        }
    }

    const SENT: (bool, bool) = (false, false);
    const LOST: (bool, bool) = (true, true);
    const WAS_SO: (bool, bool) = (true, false);

    #[test]
    fn the_story_says_whether_the_customer_was_told_by_what_was_sent() {
        #[rustfmt::skip] // a table
        let cases = [
            ("shopify", report(true), SENT, "told", "The customer was told by Example Shop"),
            ("shopify", report(false), SENT, "changed", "Nobody was told: notifying is off"),
            ("shopify", report(true), LOST, "told", "Example Shop was asked to tell the customer; the answer was lost, and it shows the parcel"),
            ("shopify", report(false), LOST, "changed", "Nobody was told: notifying is off"),
            ("shopify", report(true), WAS_SO, "changed", "Example Shop had it before: whether the customer was told, only Example Shop knows"),
            ("shopify", correction(true), SENT, "told", "The customer was told of the new tracking by Example Shop"),
            ("shopify", correction(false), SENT, "changed", "Nobody was told of the new tracking"),
            ("bigcommerce", report(true), SENT, "changed", "Whether the customer is told is up to Example Shop. The buyer is written to as the order e-mail settings of the store at BigCommerce say."),
            ("bigcommerce", report(false), SENT, "changed", "Whether the customer is told is up to Example Shop. The buyer is written to as the order e-mail settings of the store at BigCommerce say."),
            ("amazon", report(false), LOST, "changed", "Whether the customer is told is up to Example Shop. Amazon itself writes to the buyer."),
            ("salesforce", correction(true), SENT, "changed", "Whether the customer is told of the new tracking is up to Example Shop. Through Salesforce nobody is written to; flows of your own org may do so."),
        ];
        for (of, intent, (already, looked), kind, sentence) in cases {
            let done = Settlement::Done { receipt: Receipt::default(), already };
            let said = customer(&intent, &done, looked, "Example Shop", platform(of).map(|it| it.declaration));
            assert_eq!(said, Some((kind, sentence.to_owned())), "{of} {intent:?}");
        }
    }

    #[test]
    fn what_the_buyer_was_told_is_said_without_the_buyer() {
        let message = BuyerMessage {
            to: "jane@mail.example".into(),
            subject: "Jane, your parcel".into(),
            body: "Hello Jane".into(),
            about: "lost".into(),
            words: "parcel 1Z1 is lost".into(),
            quiet: None,
        };
        let done = Settlement::Done { receipt: Receipt::default(), already: false };
        let said = customer(&Intent::TellBuyer { message }, &done, false, "Orders mail", None);
        assert_eq!(said, Some(("told", "Buyer told by Orders mail: parcel 1Z1 is lost".to_owned())));
    }

    #[test]
    fn nothing_is_claimed_of_what_does_not_hold_or_is_no_message() {
        let done = Settlement::Done { receipt: Receipt::default(), already: false };
        let refused = Settlement::Refused(Refusal::new(Cause::FulfillmentRefused, "no"));
        let void = Intent::VoidLabel { parcel_id: "3".into() };
        for (intent, settlement) in [(report(true), &refused), (correction(true), &refused), (void, &done)] {
            assert_eq!(customer(&intent, settlement, false, "Example Shop", None), None, "{intent:?}");
        }
    }
}
