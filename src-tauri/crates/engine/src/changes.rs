//! What changed between two readings of a record, in sentences for the timeline. Pure.

use quayside_model::{
    HubOrder, HubStatus, Money, Order, Parcel, Payment, Record, Return, ReturnStatus, Track, TrackState,
};

/// A line for the timeline: kind (chooses the icon) and sentence.
pub type Change = (&'static str, String);

/// What a first reading says.
pub fn first_seen(record: &Record) -> Change {
    match record {
        Record::Order(order) => {
            let total = Money::new(order.total_minor, order.currency.clone());
            ("received", format!("Placed; {}, {total}", payment_word(&order.payment)))
        }
        Record::HubOrder(order) => ("changed", format!("Seen at the hub: {}", hub_word(&order.status))),
        Record::Parcel(parcel) => ("shipped", parcel_words(parcel)),
        Record::Stock(stock) => ("changed", format!("{}: {} in stock", stock.sku, stock.available)),
        Record::Product(product) => ("changed", format!("{} is sold as {}", product.name, product.sku)),
        Record::Return(back) => ("changed", return_words(back)),
        Record::Track(tracked) => ("changed", track_words(&tracked.track)),
    }
}

/// Where a return stands, in words.
fn return_words(back: &Return) -> String {
    let what = return_lines(back);
    match &back.status {
        ReturnStatus::Requested => format!("The buyer asks to send back {what} (return {})", back.number),
        ReturnStatus::Open => format!("The buyer sends back {what} (return {})", back.number),
        ReturnStatus::Declined => format!("Return {} was declined", back.number),
        ReturnStatus::Cancelled => format!("Return {} was called off", back.number),
        ReturnStatus::Closed => format!("Return {} is done", back.number),
        ReturnStatus::Unknown(word) => format!("Return {}: {word}", back.number),
    }
}

/// `1 × MUG (defective), 2 × PLATE`.
fn return_lines(back: &Return) -> String {
    let line = |line: &quayside_model::ReturnLine| {
        let why = if line.reason.is_empty() { String::new() } else { format!(" ({})", line.reason) };
        let name = if line.sku.is_empty() { "a line without a SKU" } else { &line.sku };
        format!("{} × {name}{why}", line.quantity)
    };
    back.lines.iter().map(line).collect::<Vec<_>>().join(", ")
}

/// What changed about a return.
fn returned(before: &Return, after: &Return) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    if before.status != after.status {
        out.push(("changed", return_words(after)));
    }
    if before.received_at_ms.is_none() && after.received_at_ms.is_some() {
        out.push((
            "changed",
            format!("What the buyer sent back has arrived: {} (return {})", return_lines(after), after.number),
        ));
    }
    if let Some(money) =
        after.refunded.as_ref().filter(|money| money.minor > 0 && before.refunded.as_ref() != Some(*money))
    {
        out.push(("changed", format!("The store says that {money} were given back for return {}", after.number)));
    }
    out
}

/// What a later reading says that the earlier did not. Empty when only bookkeeping moved.
pub fn between(before: &Record, after: &Record) -> Vec<Change> {
    match (before, after) {
        (Record::Order(before), Record::Order(after)) => order(before, after),
        (Record::HubOrder(before), Record::HubOrder(after)) => hub_order(before, after),
        (Record::Parcel(before), Record::Parcel(after)) => parcel(before, after),
        (Record::Return(before), Record::Return(after)) => returned(before, after),
        _ => Vec::new(),
    }
}

fn order(before: &Order, after: &Order) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    let mut say = |kind: &'static str, sentence: String| out.push((kind, sentence));
    if before.payment != after.payment {
        say("changed", format!("Payment: {} became {}", payment_word(&before.payment), payment_word(&after.payment)));
    }
    if let (None, Some(_)) = (before.cancelled_at_ms, after.cancelled_at_ms) {
        let reason = after.cancel_reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
        say("changed", format!("Cancelled in the store{reason}"));
    }
    if before.ship_to != after.ship_to {
        say("changed", "Address changed in the store".to_owned());
    }
    for line in &after.lines {
        let label = if line.sku.is_empty() { &line.name } else { &line.sku };
        match before.lines.iter().find(|l| l.remote_id == line.remote_id) {
            None => say("changed", format!("Line added: {} × {label}", line.current_quantity)),
            Some(old) if old.current_quantity != line.current_quantity => {
                say("changed", format!("{label}: {} became {} units", old.current_quantity, line.current_quantity));
            }
            Some(_) => {}
        }
    }
    let holds = |o: &Order| o.fulfillment_orders.iter().map(|fo| fo.holds.len()).sum::<usize>();
    match (holds(before), holds(after)) {
        (old, new) if new > old => say("changed", "Put on hold in the store".to_owned()),
        (old, new) if new < old => say("changed", "Released in the store".to_owned()),
        _ => {}
    }
    for fulfillment in &after.fulfillments {
        let numbers = fulfillment.tracking_numbers.join(", ");
        let numbers = if numbers.is_empty() { "no tracking number".to_owned() } else { numbers };
        match before.fulfillments.iter().find(|f| f.remote_id == fulfillment.remote_id) {
            None => say("told", format!("The store shows a fulfillment: {numbers}")),
            Some(old) if old.live && !fulfillment.live => {
                say("changed", format!("Fulfillment cancelled in the store: {numbers}"));
            }
            Some(old) if old.delivered_at_ms.is_none() && fulfillment.delivered_at_ms.is_some() => {
                say("shipped", format!("Delivered: {numbers}"));
            }
            Some(old) if old.tracking_numbers != fulfillment.tracking_numbers => {
                say("changed", format!("The store now shows the tracking {numbers}"));
            }
            Some(_) => {}
        }
    }
    if before.note != after.note || before.gift_message != after.gift_message || before.attributes != after.attributes {
        say("changed", "Notes or attributes changed in the store".to_owned());
    }
    if before.tags != after.tags {
        say(
            "changed",
            format!("Tags: {}", if after.tags.is_empty() { "none".to_owned() } else { after.tags.join(", ") }),
        );
    }
    if before.closed_at_ms.is_none() && after.closed_at_ms.is_some() {
        say("changed", "Archived in the store".to_owned());
    }
    out
}

fn hub_order(before: &HubOrder, after: &HubOrder) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    if before.status != after.status {
        out.push(("changed", format!("At the hub: {} became {}", hub_word(&before.status), hub_word(&after.status))));
    }
    if before.ship_to != after.ship_to {
        out.push(("changed", "Address at the hub changed".to_owned()));
    }
    let units = |o: &HubOrder| o.lines.iter().map(|l| l.quantity).sum::<i64>();
    if units(before) != units(after) {
        out.push(("changed", format!("Units at the hub: {} became {}", units(before), units(after))));
    }
    out
}

fn parcel(before: &Parcel, after: &Parcel) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    if before.voided_at_ms.is_none() && after.voided_at_ms.is_some() {
        out.push(("changed", format!("Label voided: {}", number(after))));
    }
    if before.tracking_number != after.tracking_number {
        out.push(("changed", format!("Tracking {} became {}", number(before), number(after))));
    }
    if before.delivered_at_ms.is_none() && after.delivered_at_ms.is_some() {
        out.push(("shipped", format!("Delivered: {}", number(after))));
    }
    if let Some(track) = &after.track
        && before.track.as_ref().map(|before| &before.state) != Some(&track.state)
        && !matches!(track.state, TrackState::LabelMade | TrackState::Delivered)
    {
        out.push(("shipped", format!("{}: {}", number(after), track_words(track))));
    }
    if let (None, Some(error)) = (&before.notify_error, &after.notify_error) {
        out.push(("changed", format!("The hub could not tell the store: \"{error}\"")));
    }
    out
}

/// Where a parcel is, with the carrier's own words if there are any.
fn track_words(track: &Track) -> String {
    let state = track.state.words();
    if track.says.is_empty() { state.to_owned() } else { format!("{state} (\"{}\")", track.says) }
}

fn number(parcel: &Parcel) -> &str {
    if parcel.tracking_number.is_empty() { "without a number" } else { &parcel.tracking_number }
}

fn parcel_words(parcel: &Parcel) -> String {
    let carrier = parcel.carrier_name.as_deref().unwrap_or(&parcel.carrier_code);
    let verb = match parcel.origin {
        quayside_model::ParcelOrigin::Label if parcel.is_return => "Return label made",
        quayside_model::ParcelOrigin::Label => "Label bought",
        quayside_model::ParcelOrigin::External => "Marked as shipped",
    };
    format!("{verb}: {carrier} {}", number(parcel))
}

/// A hub's state for people.
pub fn hub_word(status: &HubStatus) -> &str {
    match status {
        HubStatus::AwaitingPayment => "awaiting payment",
        HubStatus::AwaitingShipment => "awaiting shipment",
        HubStatus::OnHold => "on hold",
        HubStatus::Shipped => "shipped",
        HubStatus::Cancelled => "cancelled",
        HubStatus::WithProvider => "with another provider",
        HubStatus::Gone => "gone",
        HubStatus::Unknown(word) => word,
    }
}

/// A payment state for people.
pub fn payment_word(payment: &Payment) -> &str {
    match payment {
        Payment::Pending => "unpaid",
        Payment::Authorized => "authorised",
        Payment::PartiallyPaid => "partly paid",
        Payment::Paid => "paid",
        Payment::PartiallyRefunded => "partly refunded",
        Payment::Refunded => "refunded",
        Payment::Voided => "payment voided",
        Payment::Expired => "authorisation ended",
        Payment::Unknown(word) => word,
    }
}
