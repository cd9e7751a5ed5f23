//! A parcel that is late, lost or coming back is a case, once for each kind of trouble.
//!
//! Late and lost are told by silence, and silence says something only where the store or the hub told of an arrival
//! before: else every parcel that was long since delivered would become a case.

use super::{
    about, carrier, day, delivered_ms, deliveries_are_told, draft, expected_ms, keep_once, keeper, number, order_key,
    toggle, worth,
};
use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::Peer;
use quayside_model::time::DAY_MS;
use quayside_model::{IntentKind, Mode, Parcel, RecordKind, RecordNoun, Role, TrackState};
use serde_json::json;

pub(crate) const ID: &str = "trouble_case";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "A case when it goes wrong",
    summary: "When a parcel is late, lost or comes back, a case is opened beside the customer with carrier, tracking and value, once per order and kind of trouble.",
    examples: &[
        (
            "A parcel was promised for Monday and nobody saw it by Wednesday.",
            "A case says that it is late, with carrier, tracking and what the order is worth.",
        ),
        ("Nothing was heard of a parcel for the days you chose.", "A case says that it seems lost."),
        ("A return label is bought.", "A case says that it comes back."),
        ("The carrier says that it lost a parcel, or cannot deliver it.", "A case says so, in the carrier's words."),
        ("The late parcel arrives after all.", "The case stays for your people; no second one is opened."),
        ("The parcel was delivered in time.", "Nothing happens."),
        ("Neither the store nor the shipping account ever told of a delivery.", "Nothing counts as late or lost."),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::Parcel), Need::Performs(Role::Records, IntentKind::PutRecord)],
    undo: "Close or delete the case there.",
    settings: &[
        toggle(
            "delayed",
            "Late parcels",
            "Past the promised day, and not delivered as far as anybody read. Only where the store or the shipping account has told of a delivery before.",
            "true",
        ),
        number("grace_days", "Late after", "Days past the promised day before it counts as late.", "1"),
        number(
            "lost_days",
            "Lost after",
            "Days after it left without a delivery. 0: never. Only where the store or the shipping account has told of a delivery before.",
            "0",
        ),
        toggle("returned", "Parcels that come back", "A return was made at the shipping account.", "true"),
        toggle(
            "told",
            "Trouble the carrier tells",
            "It lost a parcel, cannot deliver it, or brings it back. Only where the shipping account follows its parcels.",
            "true",
        ),
    ],
    look,
};

fn look(look: &mut Look<'_>) {
    let Some(keeping) = keeper(look, ID) else { return };
    let story = look.story;
    if look.policy.toggle(ID, "returned")
        && let Some(back) =
            story.parcels.iter().map(|seen| &seen.value).find(|p| p.is_return && p.voided_at_ms.is_none())
    {
        let text = format!("A parcel of {} comes back ({}).", story.order.number, day(look, back.created_at_ms));
        open(look, keeping, "returned", "comes back", back, &text);
    }
    let grace_ms = look.policy.number(ID, "grace_days").clamp(0, 365) * DAY_MS;
    let lost_ms = look.policy.number(ID, "lost_days").clamp(0, 3_650) * DAY_MS;
    for seen in story.parcels.iter().filter(|seen| seen.value.is_live()) {
        let parcel = &seen.value;
        // "Delivered" says nothing against one that comes back.
        let stands = |kind: &str| kind == "returned" || delivered_ms(look, parcel).is_none();
        let told = told(parcel).filter(|(kind, _)| stands(kind) && !story.order.is_cancelled());
        if let Some((kind, words)) = told.filter(|_| look.policy.toggle(ID, "told")) {
            let says = parcel.track.as_ref().map(|track| track.says.as_str()).filter(|says| !says.is_empty());
            let says = says.map_or_else(String::new, |says| format!(" (\"{says}\")"));
            let text = format!("The carrier says of a parcel of {}: {words}{says}.", story.order.number);
            open(look, keeping, kind, words, parcel, &text);
            continue;
        }
        let known = deliveries_are_told(look, seen);
        if !known || story.order.is_cancelled() || delivered_ms(look, parcel).is_some() {
            continue;
        }
        let expected = expected_ms(look, parcel).filter(|_| look.policy.toggle(ID, "delayed")).map(|at_ms| {
            let what = format!("was expected on {} and has not arrived as far as is known", day(look, at_ms));
            (at_ms + grace_ms, "delayed", "is late", what)
        });
        let left = parcel.shipped_at_ms.filter(|_| lost_ms > 0 && parcel.has_left()).map(|at_ms| {
            let what = format!("left on {}, and no delivery was read since", day(look, at_ms));
            (at_ms + lost_ms, "lost", "seems lost", what)
        });
        for (until_ms, kind, words, what) in expected.into_iter().chain(left) {
            if look.now_ms > until_ms {
                let text = format!("A parcel of {} {what}.", story.order.number);
                open(look, keeping, kind, words, parcel, &text);
            } else {
                look.look_again(until_ms + 1);
            }
        }
    }
}

/// What its carrier says went wrong for good: kind of the case, and words.
fn told(parcel: &Parcel) -> Option<(&'static str, &'static str)> {
    match parcel.track.as_ref()?.state {
        TrackState::Lost => Some(("lost", "is lost")),
        TrackState::Undeliverable => Some(("undeliverable", "cannot be delivered")),
        TrackState::Returned => Some(("returned", "comes back")),
        _ => None,
    }
}

fn open(look: &mut Look<'_>, keeping: (&Peer, Mode), kind: &str, words: &str, parcel: &Parcel, text: &str) {
    let order = &look.story.order;
    let (value, currency) = worth(look);
    let numbers: Vec<&str> = parcel.numbers().map(str::trim).collect();
    let facts = [
        ("title", json!(format!("{} {words}", order.number))),
        ("text", json!(text)),
        ("problem", json!(kind)),
        ("order", json!(order.number)),
        ("carrier", json!(carrier(parcel))),
        ("tracking", json!(numbers.join(", "))),
        ("url", json!(parcel.tracking_url.clone().unwrap_or_default())),
        ("value", value),
        ("currency", json!(currency)),
    ];
    let record = draft(RecordNoun::Problem, format!("{}/{kind}", order_key(look)), &facts, about(look, keeping.0));
    let sentence = format!("Open a case in {}: {} {words}", keeping.0.name, order.number);
    keep_once(look, ID, keeping, &format!("case/{kind}"), record, sentence);
}
