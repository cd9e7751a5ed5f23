//! The order's lines must balance: placed, taken off, sent, shipped and reported.
//!
//! Everything here looks only once the order is at rest: nothing on its way, both sides
//! read after the last change. A sum that is off then will not mend itself, and nobody
//! would ship the difference.

use crate::automation::{AutomationDecl, Need};
use crate::lines::LineRow;
use crate::look::Look;
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, HubStatus, Mode, RecordKind, Role, Story};

pub(crate) const ID: &str = "lines_balance";

/// Hubs make parcels known a little after their orders.
const REST_MS: i64 = 30 * MINUTE_MS;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Units add up",
    summary: "Adds up every line of every order: placed, cancelled or refunded, sent to the hub, shipped, reported, returned. What does not balance becomes an exception that shows the sum.",
    examples: &[
        (
            "Three were ordered, the hub says shipped, and its parcels carry two.",
            "An exception shows 3 ordered, 2 shipped, 1 missing.",
        ),
        ("The store counts two units open and was told of all.", "An exception shows both counts."),
        ("A unit was refunded and the other two left.", "2 wanted, 2 shipped, 2 reported: it balances."),
        ("Two come back of a line of which one left.", "An exception shows 1 shipped, 2 returned."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Reads(Role::Hub, RecordKind::Parcel)],
    undo: "It changes nothing.",
    settings: &[],
    look,
};

fn look(look: &mut Look<'_>) {
    let order = &look.story.order;
    if look.mode(ID) == Mode::Off || order.is_cancelled() || look.lines.rows.is_empty() {
        return;
    }
    if !look.effects.is_empty() || look.story.effects.iter().any(|effect| !effect.state.is_final()) {
        return;
    }
    let number = order.number.clone();
    for row in look.lines.rows.clone() {
        let Some((what, since_ms)) = imbalance(look, &row) else { continue };
        if look.now_ms < since_ms + REST_MS {
            look.look_again(since_ms + REST_MS);
            continue;
        }
        let name = if row.sku.is_empty() { "a line without a SKU".to_owned() } else { row.sku.clone() };
        let sentence = format!("{number}: {name} does not add up. {what} {}", sum(&row));
        let finding = look.find(Cause::LinesDoNotBalance, row.line_id.clone(), sentence);
        finding.since_ms = Some(since_ms);
    }
}

/// The whole sum of one line, for people.
pub(crate) fn sum(row: &LineRow) -> String {
    let elsewhere = if row.elsewhere == 0 { String::new() } else { format!("others ship {}, ", row.elsewhere) };
    let returned = if row.returned == 0 { String::new() } else { format!(", returned {}", row.returned) };
    format!(
        "Placed {}, cancelled or refunded {}, {elsewhere}wanted {}, sent {}, at the hub {}, shipped {}, reported {}{returned}.",
        row.placed, row.taken_off, row.ordered, row.sent, row.at_hub, row.shipped, row.told
    )
}

/// What is off, and since when.
fn imbalance(look: &Look<'_>, row: &LineRow) -> Option<(String, i64)> {
    let story = look.story;
    if row.taken_off < 0 || row.ordered < 0 {
        let what = format!("The store wants {} units of a line that was placed with {}.", row.ordered, row.placed);
        return Some((what, story.order.updated_at_ms));
    }
    let line = story.order.lines.iter().find(|line| line.remote_id == row.line_id)?;
    // What the store counts as gone, it counts whoever sent it.
    let gone = (line.quantity - line.unfulfilled_quantity).max(row.shipped).max(row.told) + row.elsewhere;
    if row.returned > gone {
        let what = format!("{} came back, and {gone} left: look at what the parcel holds.", row.returned);
        return Some((what, story.order.updated_at_ms.max(newest_return_ms(story))));
    }
    let open = (row.ordered - row.told).max(0);
    let voided = story.parcels.iter().any(|parcel| parcel.value.voided_at_ms.is_some());
    if line.unfulfilled_quantity < open && !voided {
        let what = format!(
            "The store counts {} units as open, but of {} wanted it was told of {} only: {} would never ship.",
            line.unfulfilled_quantity.max(0),
            row.ordered,
            row.told,
            open - line.unfulfilled_quantity.max(0)
        );
        return Some((what, story.order.updated_at_ms));
    }
    // The hub is done with it and its parcels carry less than is wanted: nobody ships the rest.
    let mut ours = story.hub_orders.iter().filter(|hub| !hub.value.external).peekable();
    ours.peek()?;
    let done = |status: &HubStatus| matches!(status, HubStatus::Shipped | HubStatus::Cancelled | HubStatus::Gone);
    let shipped = story.hub_orders.iter().any(|hub| hub.value.status == HubStatus::Shipped);
    let live = story.parcels.iter().any(|parcel| parcel.value.is_live());
    let left = row.shipped.max(row.told);
    let over = shipped && live && ours.all(|hub| done(&hub.value.status)) && left < row.ordered && row.at_hub > 0;
    // A part that was never sent, or is to be sent again, is told by itself.
    if over && !crate::split::is_waiting(look) {
        let since_ms = story
            .hub_orders
            .iter()
            .map(|hub| hub.value.modified_at_ms.max(hub.seen_at_ms))
            .chain(story.parcels.iter().map(|parcel| parcel.seen_at_ms))
            .max()?;
        let what =
            format!("The hub is done with it, and {} of {} units are in no parcel.", row.ordered - left, row.ordered);
        return Some((what, since_ms));
    }
    None
}

/// When a return last changed, ms UTC; 0 without one.
fn newest_return_ms(story: &Story) -> i64 {
    let told = story.returns.iter().map(|seen| seen.value.updated_at_ms);
    told.chain(story.choices.goods.iter().map(|goods| goods.at_ms)).max().unwrap_or(0)
}
