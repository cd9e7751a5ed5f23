//! What an effect would change, field by field: before and after. Pure.
//!
//! This is what "never surprises" rests on: the plan, the approve dialog and the
//! terminal all show these lines and nothing else.

use crate::view::Change;
use crate::{words, zone};
use chrono_tz::Tz;
use quayside_flows::differences;
use quayside_flows::products::fact_words;
use quayside_model::{
    CUSTOMER_FACT, Choice, DEAL_FACT, Declaration, EffectState, HubOrderDraft, Intent, IntentKind, LabelDraft,
    LabelWish, Meant, Money, RecordDraft, RefundDraft, Story, is_sign,
};

/// A moment of a hub order, ms UTC.
type Moment = fn(&HubOrderDraft) -> Option<i64>;

/// Field by field. Without a story (the order is gone) there is no "before".
/// Moments are written in `zone`, the store's. `account` says which choices hold where the change goes: of the others
/// it is said what happens instead.
pub fn changes(intent: &Intent, story: Option<&Story>, account: Option<&Declaration>, zone: Tz) -> Vec<Change> {
    match intent {
        Intent::PutHubOrder { order, .. } => {
            let before = story.and_then(|story| last_sent(story, &order.key));
            let mut out: Vec<Change> = differences(before, order)
                .into_iter()
                .map(|difference| change(difference.field, difference.before, difference.after))
                .collect();
            let moments: [(&str, Moment); 3] = [
                ("Ordered", |order| Some(order.placed_at_ms)),
                ("Paid", |order| order.paid_at_ms),
                ("Ship by", |order| order.ship_by_ms),
            ];
            for (field, moment) in moments {
                let words = |order: &HubOrderDraft| {
                    moment(order).map(|at_ms| zone::moment_words(at_ms, zone)).unwrap_or_default()
                };
                let (was, is) = (before.map(words).unwrap_or_default(), words(order));
                if was != is {
                    out.push(change(field, was, is));
                }
            }
            out
        }
        Intent::CancelHubOrder { hub_order_id, .. } => {
            vec![change("State at the hub", hub_state(story, hub_order_id), "cancelled")]
        }
        Intent::HoldHubOrder { hub_order_id, until_day, .. } => {
            vec![change("State at the hub", hub_state(story, hub_order_id), format!("on hold until {until_day}"))]
        }
        Intent::ReleaseHubOrder { hub_order_id, .. } => {
            vec![change("State at the hub", hub_state(story, hub_order_id), "ready to pack")]
        }
        Intent::VoidLabel { parcel_id } => {
            let number = story
                .and_then(|story| story.parcels.iter().find(|parcel| parcel.value.remote_id == *parcel_id))
                .map_or("", |parcel| parcel.value.tracking_number.as_str());
            vec![change("Label", if number.is_empty() { parcel_id } else { number }, "voided, postage given back")]
        }
        Intent::BuyLabel { label } => label_changes(label),
        Intent::ReturnLabel { parcel_id, .. } => {
            let number = story
                .and_then(|story| story.parcels.iter().find(|parcel| parcel.value.remote_id == *parcel_id))
                .map_or("", |parcel| parcel.value.tracking_number.as_str());
            let of = if number.is_empty() { parcel_id.as_str() } else { number };
            vec![change("Return label", "", format!("made, for {of} to come back; its carrier may charge it at once"))]
        }
        Intent::Fulfill { fulfillment } => {
            let mut out = Vec::new();
            for line in &fulfillment.lines {
                let told = story.map_or(0, |story| story.order.units_told(&line.order_line_id));
                let label = story
                    .map_or_else(|| line.order_line_id.clone(), |story| words::line_label(story, &line.order_line_id));
                out.push(change(
                    format!("Told the store: {label}"),
                    told.to_string(),
                    (told + line.quantity).to_string(),
                ));
            }
            out.push(change(
                "Tracking",
                "",
                tracking_words(
                    &fulfillment.tracking.carrier_name,
                    &fulfillment.tracking.carrier_code,
                    &fulfillment.tracking.numbers,
                ),
            ));
            let told =
                if fulfillment.notify_customer { "gets the store's shipping message" } else { "is not written to" };
            out.push(change("Buyer", "", told_or_instead(intent, account, told)));
            out
        }
        Intent::ReplaceTracking { fulfillment_id, tracking, notify_customer, .. } => {
            let before =
                story.and_then(|story| story.order.fulfillments.iter().find(|told| told.remote_id == *fulfillment_id));
            let told =
                if *notify_customer { "gets the store's message about the new tracking" } else { "is not written to" };
            vec![
                change(
                    "Tracking",
                    before.map_or_else(String::new, |told| tracking_words(&told.carrier, "", &told.tracking_numbers)),
                    tracking_words(&tracking.carrier_name, &tracking.carrier_code, &tracking.numbers),
                ),
                change("Buyer", "", told_or_instead(intent, account, told)),
            ]
        }
        Intent::CancelFulfillment { fulfillment_id, .. } => {
            let before =
                story.and_then(|story| story.order.fulfillments.iter().find(|told| told.remote_id == *fulfillment_id));
            let tracking =
                before.map_or_else(String::new, |told| tracking_words(&told.carrier, "", &told.tracking_numbers));
            vec![change("Told the store", tracking, "taken back; the lines are open again")]
        }
        Intent::CancelChannelOrder { reason, restock, refund, notify_customer, staff_note, .. } => {
            let comes = |choice: Choice, words: &'static str| {
                let instead = account.and_then(|account| account.instead(IntentKind::CancelChannelOrder, choice));
                instead.unwrap_or(words)
            };
            let money = if *refund { "given back" } else { "stays with you; refund it in the store if it is owed" };
            let mut out = vec![
                change("State in the store", "open", format!("cancelled ({reason})")),
                change("Money", "", comes(Choice::Refund, money)),
                change(
                    "Units",
                    "",
                    comes(Choice::Restock, if *restock { "back on the shelf" } else { "not restocked" }),
                ),
                change(
                    "Buyer",
                    "",
                    comes(
                        Choice::Notify,
                        if *notify_customer { "gets the store's cancellation message" } else { "is not written to" },
                    ),
                ),
            ];
            if !staff_note.is_empty() {
                out.push(change("Note for the team", "", staff_note.as_str()));
            }
            out
        }
        Intent::Refund { refund } => refund_changes(refund, story, account),
        Intent::RecordRefund { refund, .. } => {
            let money = |minor: i64| Money::new(minor, refund.currency.clone()).to_string();
            let known_minor = refund.through_minor - refund.total_minor;
            let known = if known_minor > 0 { money(known_minor) } else { String::new() };
            let mut out = vec![change("Given back, in the hub's books", known, money(refund.through_minor))];
            out.extend(refund.lines.iter().map(|line| {
                let label =
                    story.map_or_else(|| line.line_key.clone(), |story| words::line_label(story, &line.line_key));
                let shelf = if line.restock { "back on the shelf" } else { "not restocked by this" };
                change(label, "", format!("{} given back, {shelf}", line.quantity))
            }));
            out
        }
        Intent::AcknowledgeOrder { number, .. } => vec![change("Known to the store as", "", number.as_str())],
        Intent::AnnotateOrder { fields, note, tags, .. } => {
            let mut out: Vec<_> = fields.iter().map(|(name, text)| change(name, "", text.as_str())).collect();
            if !note.is_empty() {
                out.push(change("Note for the team", "", note.as_str()));
            }
            if !tags.is_empty() {
                out.push(change("Tags", "", tags.join(", ")));
            }
            out
        }
        Intent::ShowHold { held, .. } => vec![if *held {
            change("State in the store", "as it is", "on hold, until the hub lets it go")
        } else {
            change("State in the store", "on hold for the hub's sake", "as it was before")
        }],
        Intent::AnswerReturn { decline, note, notify_customer, .. } => {
            let answer = decline.map_or("agreed to".to_owned(), |why| format!("declined: {}", why.words()));
            let mut out = vec![change("Return request", "asked for", answer)];
            if !note.is_empty() {
                out.push(change("Words for the buyer", "", note.as_str()));
            }
            out.push(change(
                "The buyer",
                "",
                if *notify_customer { "is told by the store" } else { "is told nothing" },
            ));
            out
        }
        Intent::SetStock { stock } => vec![change(
            &stock.sku,
            stock.expected.map_or_else(String::new, |units| format!("{units} in stock")),
            match stock.difference() {
                Some(by) => format!("{} in stock ({by:+})", stock.available),
                None => format!("{} in stock", stock.available),
            },
        )],
        Intent::PutProduct { product } => {
            let before = fact_words(&product.before);
            let was =
                |what: &str| before.iter().find(|(known, _)| *known == what).map_or("", |(_, word)| word.as_str());
            let made =
                product.product_id.is_none().then(|| change("Product", "", format!("{}, made anew", product.sku)));
            let facts = fact_words(&product.facts).into_iter().map(|(what, word)| change(what, was(what), word));
            made.into_iter().chain(facts).collect()
        }
        Intent::PutRecord { record } => record_changes(record, story),
        Intent::TellBuyer { message } => vec![
            change("Buyer", "", message.to.as_str()),
            change("Subject", "", message.subject.as_str()),
            change("Message", "", message.body.as_str()),
        ],
    }
}

/// A label that is bought: which, and for how much.
fn label_changes(label: &LabelDraft) -> Vec<Change> {
    let which = match &label.wish {
        LabelWish::Chosen { service, .. } => service.clone(),
        LabelWish::Cheapest | LabelWish::ArriveBy { day: None } => "the cheapest".to_owned(),
        LabelWish::ArriveBy { day: Some(day) } => format!("the cheapest that arrives by {day}"),
        LabelWish::Fastest => "the fastest within the price".to_owned(),
        LabelWish::Preferred { carrier, dearer_percent } => {
            format!("{carrier}, unless it is more than {dearer_percent} % dearer than the cheapest")
        }
    };
    let mut out = vec![change("Label", "", if label.test { format!("{which} (a test, not paid)") } else { which })];
    if let Some(most_minor) = label.most_minor {
        out.push(change("Price", "", format!("at most {}", Money::new(most_minor, label.currency.clone()))));
    }
    let size = label.size.words();
    if !size.is_empty() {
        out.push(change("Parcel", "", size));
    }
    out
}

/// What the buyer hears; where the store does not let that be chosen, what it does.
fn told_or_instead(intent: &Intent, account: Option<&Declaration>, told: &'static str) -> &'static str {
    account.and_then(|account| account.instead(intent.kind(), Choice::Notify)).unwrap_or(told)
}

/// A record fact by fact, beside what was written of it last.
fn record_changes(record: &RecordDraft, story: Option<&Story>) -> Vec<Change> {
    let same = |known: &&RecordDraft| known.noun == record.noun && known.external_id == record.external_id;
    let done = story.into_iter().flat_map(|story| story.effects.iter().rev());
    let before = done.filter(|effect| effect.state == EffectState::Done).find_map(|effect| match &effect.intent {
        Intent::PutRecord { record } => Some(record).filter(same),
        _ => None,
    });
    let words = |record: &RecordDraft, name: &str| record.fact(name).unwrap_or_default();
    let label = |name: &str| match name {
        CUSTOMER_FACT => "Belongs to the customer with our id".to_owned(),
        DEAL_FACT => "Belongs to".to_owned(),
        name => {
            let known = record.noun.facts().iter().find(|(fact, _)| *fact == name);
            known.map_or_else(|| name.to_owned(), |(_, label)| (*label).to_owned())
        }
    };
    let mut out = vec![change("Written", "", format!("{}, by our id {}", record.noun.words(), record.external_id))];
    match record.meant() {
        Some(Meant::This(id)) => out.push(change("You said who it is", "", id)),
        Some(Meant::New) => out.push(change("You said who it is", "", "a new customer")),
        None => {}
    }
    // What somebody is only found by is not written.
    for (name, _) in record.fields.iter().filter(|(name, _)| !is_sign(name)) {
        let (was, is) = (before.map(|before| words(before, name)).unwrap_or_default(), words(record, name));
        if was != is {
            out.push(change(label(name), was, is));
        }
    }
    out
}

/// What is sent with a refund, line by line.
pub(crate) fn refund_changes(
    refund: &RefundDraft,
    story: Option<&Story>,
    account: Option<&Declaration>,
) -> Vec<Change> {
    let name = |id: &str| {
        let line = story.and_then(|story| story.order.lines.iter().find(|line| line.remote_id == id));
        line.map_or_else(
            || id.to_owned(),
            |line| if line.sku.is_empty() { line.name.clone() } else { line.sku.clone() },
        )
    };
    let instead = |choice: Choice| account.and_then(|account| account.instead(IntentKind::Refund, choice));
    let money = |minor: i64| Money::new(minor, refund.currency.clone()).to_string();
    let mut out = vec![change("Money", "", format!("{} given back", money(refund.total_minor)))];
    if refund.shipping_minor > 0 {
        out.push(change("Of it shipping", "", money(refund.shipping_minor)));
    }
    for line in &refund.lines {
        let units = match (instead(Choice::Restock), line.restock) {
            (Some(_), _) => format!("{} given back", line.quantity),
            (None, true) => format!("{} given back, back on the shelf", line.quantity),
            (None, false) => format!("{} given back, not restocked", line.quantity),
        };
        out.push(change(name(&line.order_line_id), "", units));
    }
    if let Some(instead) = instead(Choice::Restock).filter(|_| !refund.lines.is_empty()) {
        out.push(change("Units", "", instead));
    }
    let told = if refund.notify_customer { "gets the store's refund message" } else { "is not written to" };
    out.push(change("Buyer", "", instead(Choice::Notify).unwrap_or(told)));
    out
}

fn change(field: impl Into<String>, before: impl Into<String>, after: impl Into<String>) -> Change {
    Change { field: field.into(), before: before.into(), after: after.into() }
}

/// What the hub was last sent under this key.
fn last_sent<'a>(story: &'a Story, key: &str) -> Option<&'a HubOrderDraft> {
    story.effects.iter().rev().filter(|effect| effect.state == EffectState::Done).find_map(|effect| {
        match &effect.intent {
            Intent::PutHubOrder { order, .. } if order.key == key => Some(order),
            _ => None,
        }
    })
}

fn hub_state(story: Option<&Story>, hub_order_id: &str) -> String {
    story
        .and_then(|story| story.hub_orders.iter().find(|hub| hub.value.remote_id == hub_order_id))
        .map_or_else(String::new, |hub| words::hub_status(&hub.value.status))
}

fn tracking_words(name: &str, code: &str, numbers: &[String]) -> String {
    let carrier = if name.is_empty() { code } else { name };
    let numbers = numbers.iter().filter(|number| !number.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    match (carrier.is_empty(), numbers.is_empty()) {
        (_, true) if carrier.is_empty() => "no tracking number".into(),
        (_, true) => format!("{carrier}, no tracking number"),
        (true, false) => numbers,
        (false, false) => format!("{carrier} {numbers}"),
    }
}
