//! Orders whose marketplace says where their label is to be bought: one that leaves late, or with another label, counts
//! against the seller and not only against the order.
//!
//! Where a carrier was typed in at the hub by hand nobody knows who sold the label: nothing is said of those.

use crate::look::Look;
use quayside_model::time::DAY_MS;
use quayside_model::{Cause, LABELS_FROM, Order, ParcelOrigin};

/// After so long the parcel has left, and nothing about its label can be mended.
const MENDABLE_MS: i64 = DAY_MS;

/// Where the marketplace wants the label of this order to be bought.
pub fn labels_from(order: &Order) -> Option<&str> {
    let told = order.attributes.iter().find(|(name, _)| name == LABELS_FROM);
    told.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// Labels of the order that were bought elsewhere, while that can still be mended.
pub(crate) fn look(look: &mut Look<'_>) {
    let story = look.story;
    let Some(wanted) = labels_from(&story.order) else { return };
    if story.order.is_cancelled() || story.order.is_others() {
        return;
    }
    for seen in story.parcels.iter().filter(|seen| seen.value.is_live() && !seen.value.is_return) {
        let parcel = &seen.value;
        let carrier = parcel.carrier_name.as_deref().unwrap_or(&parcel.carrier_code);
        let theirs = is_of(wanted, &parcel.carrier_code) || is_of(wanted, carrier);
        let ends_ms = parcel.created_at_ms + MENDABLE_MS;
        let over = look.now_at(&seen.connection) >= ends_ms;
        if theirs || parcel.origin != ParcelOrigin::Label || parcel.delivered_at_ms.is_some() || over {
            continue;
        }
        let (number, carrier) = (&story.order.number, if carrier.is_empty() { "another carrier" } else { carrier });
        let sentence = format!(
            "{number}: its label was bought with {carrier}, and the store wants labels of such orders from {wanted}. It counts against your account. If the parcel is still here, void the label and buy one there; else mark this settled."
        );
        let finding = look.find(Cause::LabelElsewhere, parcel.remote_id.clone(), sentence);
        finding.since_ms = Some(parcel.created_at_ms);
        look.look_again_at(&seen.connection, ends_ms);
    }
}

/// A carrier of that house, however it is written: the first word of `wanted` names the house, whose own carrier counts, too.
fn is_of(wanted: &str, carrier: &str) -> bool {
    let fold = |text: &str| text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let house = fold(wanted.split_whitespace().next().unwrap_or_default());
    !house.is_empty() && fold(carrier).contains(&house)
}
