//! Every parcel of an order stands in the account that keeps records: carrier, number, link, when it is expected.

use super::{
    UNREAD_MS, about, carrier, day, delivered_ms, draft, expected, has_left, keep, keeper, number, order_key, worth,
};
use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use quayside_model::{Intent, IntentKind, Parcel, RecordKind, RecordNoun, Role};
use serde_json::json;

pub(crate) const ID: &str = "shipments_to_records";
/// Usual days on the road.
pub(crate) const TRANSIT_DAYS: &str = "transit_days";

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Shipments to the records",
    summary: "Keeps a record per parcel beside the customer: carrier, tracking numbers and link, what is in it, when it left, is expected and was delivered.",
    examples: &[
        (
            "A parcel of an order leaves.",
            "A shipment is written down with its tracking, the day it is expected, and whose word that is: the carrier's, the store's, or your own.",
        ),
        (
            "Its label is bought, and the carrier has not seen it yet.",
            "Where the hub follows its parcels, the record says \"Label bought\" until the carrier has it.",
        ),
        ("It is delivered.", "The same record says so, with the day."),
        ("Its label is voided.", "The same record says so."),
        ("Two parcels of one order leave.", "Two records."),
        ("The order came from there.", "Nothing is written here: its parcels go back to it as to any store."),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::Parcel), Need::Performs(Role::Records, IntentKind::PutRecord)],
    undo: "Delete the records there. The order itself is never touched.",
    settings: &[number(
        TRANSIT_DAYS,
        "Days on the road",
        "A parcel is expected so many days after it left, where neither its carrier nor its store names a day and the store's promises by service name none. 0 says nothing.",
        "0",
    )],
    look,
};

fn look(look: &mut Look<'_>) {
    let Some((keeper, mode)) = keeper(look, ID) else { return };
    if keeper.id == look.story.channel {
        return; // Tracking to the store writes it, and the stage of the sale.
    }
    let story = look.story;
    for seen in story.parcels.iter().filter(|seen| !seen.value.is_return) {
        let parcel = &seen.value;
        let thing = format!("shipment/{}", parcel.remote_id);
        // A label that was voided before anybody was told of it is nobody's news.
        if !parcel.is_live() && look.last(IntentKind::PutRecord, &thing).is_none() {
            continue;
        }
        let (value, currency) = worth(look);
        let delivered = delivered_ms(look, parcel);
        let left = has_left(look, seen) || was_said_to_have_left(look, &thing);
        // Where nobody tells its way after all, the day on its label counts.
        let again_ms = parcel.created_at_ms + UNREAD_MS;
        if !left && parcel.track.is_none() && again_ms > look.now_at(&seen.connection) {
            look.look_again_at(&seen.connection, again_ms);
        }
        let state = match (parcel.is_live(), delivered, left) {
            (false, ..) => "Voided",
            (_, Some(_), _) => "Delivered",
            (_, None, true) => "Shipped",
            (_, None, false) => "Label bought",
        };
        let expected = expected(look, parcel);
        let date = |at_ms: Option<i64>| at_ms.map_or(serde_json::Value::Null, |at_ms| json!(day(look, at_ms)));
        let numbers: Vec<&str> = parcel.numbers().map(str::trim).collect();
        let facts = [
            ("title", json!(format!("Parcel of {}", story.order.number))),
            ("order", json!(story.order.number)),
            ("state", json!(state)),
            ("carrier", json!(carrier(parcel))),
            ("service", json!(parcel.service)),
            ("tracking", json!(numbers.join(", "))),
            ("url", json!(parcel.tracking_url.clone().unwrap_or_default())),
            ("shipped", date(parcel.shipped_at_ms.filter(|_| left || delivered.is_some()))),
            ("expected", date(expected.map(|expected| expected.at_ms))),
            ("expected_by", json!(expected.map_or("", |expected| expected.by.words()))),
            ("delivered", date(delivered)),
            ("contents", json!(contents(look, parcel))),
            ("value", value),
            ("currency", json!(currency)),
        ];
        let key = format!("{}/{}", order_key(look), parcel.remote_id);
        let record = draft(RecordNoun::Shipment, key, &facts, about(look, keeper));
        let sentence = format!(
            "Write a parcel of {} down in {}: {}, {}",
            story.order.number,
            keeper.name,
            state.to_lowercase(),
            crate::tracking_to_channel::tracking_words(parcel)
        );
        keep(look, ID, (keeper, mode), &thing, record, sentence);
    }
}

/// A record that says so does not go back to its label: the carrier's silence came later than the word.
fn was_said_to_have_left(look: &Look<'_>, thing: &str) -> bool {
    let said = look.last(IntentKind::PutRecord, thing).and_then(|last| match &last.intent {
        Intent::PutRecord { record } => record.fact("state"),
        _ => None,
    });
    said.as_deref() == Some("Shipped")
}

/// What is in it, a line each.
fn contents(look: &Look<'_>, parcel: &Parcel) -> String {
    let units = look.lines.parcels.get(&parcel.remote_id).cloned().unwrap_or_default();
    let words = |(id, units): (&String, &i64)| {
        let line = look.story.order.lines.iter().find(|line| line.remote_id == *id)?;
        let sku = if line.sku.is_empty() { String::new() } else { format!(" ({})", line.sku) };
        Some(format!("{units} × {}{sku}", line.name))
    };
    units.iter().filter_map(words).collect::<Vec<_>>().join("\n")
}
