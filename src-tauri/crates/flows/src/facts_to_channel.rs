//! What the warehouse knows of a parcel, written onto the store's order: what its postage cost, who carries it, which
//! order at the hub it was.
//!
//! Insurance is in the cost: the shipping accounts bill one with the other, and the report of costs counts both.
//!
//! A parcel's facts follow its report: the store shows the parcel before anything is written about it, so that a store
//! which keeps costs with its shipments finds the shipment. Written once, and again where a fact changed. Facts of a
//! parcel without a number stay here: nothing in the store has their name.
//!
//! Beside the facts, if so chosen, a remark: that an order is held, refused, late or cancelled too late, or what its buyer
//! was told, for people who look at the store and not here. It is said once per order and kind of trouble, in words that name no buyer.
//! And of each parcel that is delayed, lost, cannot be delivered or comes back, once for each of these, if that is chosen.
//!
//! And a hold itself, where the store has a state for it: [`crate::shown_hold`].
//!
//! Left out: taking facts back (a voided label's stay under its own number, beside those of the label that followed),
//! and sharing a cost: a parcel of several orders that were merged is written onto each of them whole.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::records::{carrier, day, delivered_ms, deliveries_are_told, expected_ms};
use crate::shown_hold;
use crate::tracking_to_channel::fulfillment_with;
use quayside_model::time::DAY_MS;
use quayside_model::{
    Cause, Currency, EffectState, HubOrder, Intent, IntentKind, Mode, Money, Parcel, RecordKind, Role, Seen,
    SettingDecl, SettingKind, TrackState,
};

pub(crate) const ID: &str = "facts_to_channel";
/// So long past the day it was expected on a parcel is no trouble yet.
const GRACE_MS: i64 = DAY_MS;
/// What is older is nobody's news.
const NEWS_MS: i64 = 14 * DAY_MS;

const fn toggle(name: &'static str, label: &'static str, help: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Toggle, default: "false" }
}

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Facts to the store",
    summary: "Writes onto the store's order what the shipping account knows of each reported parcel (what the label cost, carrier and service, the number at the hub, the warehouse, the days it left and arrived), and remarks what keeps it. Shows holds there, if you choose that. Writes nothing until you say what.",
    examples: &[
        (
            "The store shows a parcel as shipped, and its label cost 4.25.",
            "The store's order gets the cost, with the parcel's tracking number as its name.",
        ),
        ("Two parcels of one order are reported.", "Each gets its own facts, under its own number."),
        ("The cost of a label is corrected later.", "The fact is written again."),
        (
            "A parcel arrives, and the days are chosen.",
            "The store's order gets the day, beside the day on which the parcel left.",
        ),
        ("The store does not show the parcel yet.", "Nothing is written before it does."),
        (
            "The warehouse holds the order, and remarks are chosen.",
            "The store's order gets a line: held at the hub. Once.",
        ),
        (
            "The warehouse holds the order and lets it go later, and holds are to be shown.",
            "The store's order is on hold as long, where the store has a state for that, and then stands where it stood.",
        ),
        (
            "A carrier loses a parcel, and remarks on parcels are chosen.",
            "The store's order gets a line with the carrier, the number and what is known. Once.",
        ),
        ("Nothing is chosen in the settings.", "Nothing is written."),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::Parcel), Need::Performs(Role::Channel, IntentKind::AnnotateOrder)],
    undo: "Delete the facts and remarks in the store; choose no more holds, and those shown are taken back. The order's own lines and amounts are never touched.",
    settings: &[
        toggle(
            "cost",
            "What the label cost",
            "The price of the postage, insurance included. Never the shipping the buyer paid. Only where the shipping account tells it.",
        ),
        toggle("carrier", "Carrier and service", "As the shipping account calls them."),
        toggle("hub_number", "Number at the hub", "The number of the order in the shipping account."),
        toggle(
            "warehouse",
            "Warehouse",
            "Where the shipping account packs it, as it calls the place. Only where it tells.",
        ),
        toggle(
            "days",
            "Days it left and arrived",
            "The day the parcel left, and the day the buyer had it, once its carrier or the store tells. Written again then.",
        ),
        toggle(
            "remarks",
            "Remarks",
            "A line for your team on the order: held or refused at the shipping account, late, cancelled after its label, what the buyer was told. Once for each. Buyers do not see it.",
        ),
        toggle(
            "delays",
            "Remarks on parcels",
            "A line for your team on the order when a parcel is delayed, lost, cannot be delivered or comes back. Once for each parcel and each of these. Late by silence only where the store or the shipping account has told of a delivery before.",
        ),
        toggle(
            "holds",
            "Show holds of the hub in the store",
            "While your warehouse holds an order, its state in the store is on hold, too; then it gets the state it had. Only where the store has such a state, and only over one that waits to be shipped. A store may write to the buyer when a state changes: look at its e-mail settings first.",
        ),
        SettingDecl {
            name: "cost_currency",
            label: "Currency of the postage",
            help: "Three letters (USD), for a shipping account that does not tell it. A cost without a currency is not written.",
            kind: SettingKind::Text,
            default: "",
        },
    ],
    look,
};

fn look(look: &mut Look<'_>) {
    let (story, mode) = (look.story, look.mode(ID));
    if mode == Mode::Off {
        return;
    }
    let able = |kind: IntentKind| look.channel.is_some_and(|channel| channel.performs.contains(&kind));
    let (writes, shows_holds) = (able(IntentKind::AnnotateOrder), able(IntentKind::ShowHold));
    if shows_holds {
        let chosen = look.policy.toggle(ID, "holds");
        shown_hold::look(look, ID, mode, chosen);
    }
    if !writes {
        return;
    }
    let mut remarks: Vec<(String, String)> = Vec::new();
    if look.policy.toggle(ID, "remarks") {
        remarks.extend(troubles(look).into_iter().map(|(about, note)| (about.to_owned(), note)));
        remarks.extend(told(look));
    }
    if look.policy.toggle(ID, "delays") && !story.order.is_cancelled() {
        remarks.extend(of_parcels(look));
    }
    remark(look, mode, remarks);
    if story.order.is_cancelled() {
        return;
    }
    for seen in story.parcels.iter().filter(|seen| seen.value.is_live() && !seen.value.is_return) {
        let parcel = &seen.value;
        if fulfillment_with(look, &parcel.tracking_number).is_none() {
            continue;
        }
        let fields = fields(look, seen);
        if fields.is_empty() {
            continue;
        }
        if let Some(last) = look.last(IntentKind::AnnotateOrder, &parcel.remote_id) {
            let same = matches!(&last.intent, Intent::AnnotateOrder { fields: written, .. } if *written == fields);
            if same || matches!(last.state, EffectState::Running | EffectState::Unknown) {
                continue;
            }
            look.overtake(last, "what it says has changed");
        }
        let sentence = format!("Write onto {} in the store: {}", story.order.number, words(&fields));
        let intent = Intent::AnnotateOrder {
            order_remote_id: story.order.remote_id.clone(),
            fields,
            note: String::new(),
            tags: Vec::new(),
        };
        look.plan(ID, mode, &story.channel, &parcel.remote_id, intent, sentence);
    }
}

/// Says on the order what keeps it. What was once said, or given up, is not said again, unless the store turns out not to
/// have it.
fn remark(look: &mut Look<'_>, mode: Mode, remarks: Vec<(String, String)>) {
    for (about, note) in remarks {
        if look.past(IntentKind::AnnotateOrder, &about).any(|effect| !effect.is_missing() && !effect.withdrawn) {
            continue;
        }
        let story = look.story;
        let sentence = format!("Remark on {} in the store: {note}", story.order.number);
        let intent = Intent::AnnotateOrder {
            order_remote_id: story.order.remote_id.clone(),
            fields: Vec::new(),
            note,
            tags: Vec::new(),
        };
        look.plan(ID, mode, &story.channel, &about, intent, sentence);
    }
}

/// What is wrong with parcels, by parcel and kind. A carrier's own words may name whoever lives there: they stay here.
fn of_parcels(look: &mut Look<'_>) -> Vec<(String, String)> {
    let story = look.story;
    let mut found = Vec::new();
    for seen in story.parcels.iter().filter(|seen| seen.value.is_live()) {
        let parcel = &seen.value;
        let (now_ms, arrived) = (look.now_at(&seen.connection), delivered_ms(look, parcel).is_some());
        let told = parcel.track.as_ref().and_then(|track| Some((trouble(&track.state)?, track)));
        let (kind, since_ms, what) = match told {
            // "Delivered" of one that comes back means: to the sender.
            Some(((kind, _), _)) if arrived && kind != "returned" => continue,
            Some(((kind, words), track)) => (kind, track.at_ms.unwrap_or(parcel.created_at_ms), words.to_owned()),
            None if arrived || !parcel.has_left() || !deliveries_are_told(look, seen) => continue,
            None => {
                let Some(expected_ms) = expected_ms(look, parcel) else { continue };
                let due_ms = expected_ms + GRACE_MS;
                if now_ms <= due_ms {
                    look.look_again_at(&seen.connection, due_ms + 1);
                    continue;
                }
                ("delayed", due_ms, format!("is late: it was expected on {}", day(look, expected_ms)))
            }
        };
        if now_ms >= since_ms + NEWS_MS {
            continue;
        }
        let number = parcel.tracking_number.trim();
        let number = if number.is_empty() { String::new() } else { format!(" {number}") };
        let by = Some(carrier(parcel).trim()).filter(|name| !name.is_empty());
        let by = by.map_or_else(String::new, |name| format!(" ({name})"));
        found.push((format!("remark:parcel/{}/{kind}", parcel.remote_id), format!("Parcel{number}{by} {what}.")));
    }
    found
}

/// What a carrier says that somebody has to know: kind, and words.
fn trouble(state: &TrackState) -> Option<(&'static str, &'static str)> {
    match state {
        TrackState::Held => Some(("delayed", "is held by its carrier")),
        TrackState::Exception => Some(("delayed", "is in trouble at its carrier")),
        TrackState::Lost => Some(("lost", "is lost, says its carrier")),
        TrackState::Undeliverable => Some(("undeliverable", "cannot be delivered, says its carrier")),
        TrackState::Returned => Some(("returned", "comes back, says its carrier")),
        _ => None,
    }
}

/// What the buyer was told, in words that name no buyer.
fn told(look: &Look<'_>) -> Vec<(String, String)> {
    let messages = look.story.effects.iter().filter(|effect| effect.state == EffectState::Done);
    let said = messages.filter_map(|effect| match &effect.intent {
        Intent::TellBuyer { message } => {
            let (_, about) = effect.key.split_once(":tell_buyer:")?;
            let at_ms = effect.settled_at_ms.unwrap_or(effect.created_at_ms);
            let note = format!("The buyer was told by mail on {}: {}.", day(look, at_ms), message.words);
            Some((format!("remark:told/{}", about.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':')), note))
        }
        _ => None,
    });
    said.collect()
}

/// What keeps the order, by kind, in words for the store's own team.
fn troubles(look: &Look<'_>) -> Vec<(&'static str, String)> {
    let (story, mut told) = (look.story, Vec::new());
    let hub = look.hub.map_or("the shipping account", |hub| hub.title.as_str());
    if look.findings.iter().any(|finding| finding.cause == Cause::CancelledAfterLabel) {
        told.push(("remark:cancelled_late", format!("Cancelled after {hub} had bought its label.")));
    }
    if story.order.is_cancelled() {
        return told;
    }
    let put = story.effects.iter().rev().find(|effect| effect.intent.kind() == IntentKind::PutHubOrder);
    if let Some(refusal) = put.filter(|put| put.state == EffectState::Refused).and_then(|put| put.refusal.as_ref()) {
        // The refusal's own sentence may quote the buyer's address.
        told.push(("remark:refused", format!("{hub} did not take it: {}.", lower(refusal.cause.title()))));
    }
    if shown_hold::held_at_hub(look) {
        told.push(("remark:held", format!("On hold at {hub}.")));
    }
    let waiting = story.hub_orders.iter().any(|seen| seen.value.status.is_open()) && !look.is_over();
    if let Some(by_ms) = look.ship_by_ms.filter(|by_ms| waiting && look.now_at_store() >= *by_ms) {
        let zone = look.policy.zone_of(look.channel);
        let by = chrono::DateTime::from_timestamp_millis(by_ms).unwrap_or_default().with_timezone(&zone);
        told.push(("remark:late", format!("Late: it should have left by {}.", by.format("%Y-%m-%d"))));
    }
    told
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + letters.as_str())
}

/// What is to stand on the order about a parcel, `name/tracking number → text`; the hub's number belongs to the order.
fn fields(look: &Look<'_>, seen: &Seen<Parcel>) -> Vec<(String, String)> {
    let (parcel, hub) = (&seen.value, look.policy.peers.get(&seen.connection));
    let wants = |name: &str| look.policy.toggle(ID, name);
    let number = parcel.tracking_number.trim();
    let mut fields = Vec::new();
    let mut add = |name: String, text: &str| {
        if !text.trim().is_empty() {
            fields.push((name, text.trim().to_owned()));
        }
    };
    // A cost without a currency says nothing. The label's own word goes before the account's, and that before what a
    // person said of all.
    let label = parcel.cost_currency.as_ref().map(|currency| currency.0.clone());
    let told = label.or_else(|| hub.and_then(|hub| hub.currency.clone())).filter(|code| !code.is_empty());
    let code = told.unwrap_or_else(|| look.policy.setting(ID, "cost_currency").trim().to_uppercase());
    if let (true, Some(minor), false) = (wants("cost"), parcel.cost_minor, code.is_empty()) {
        add(format!("shipping_cost/{number}"), &Money::new(minor, Currency::new(&code)).to_string());
    }
    if wants("carrier") {
        add(format!("carrier/{number}"), parcel.carrier_name.as_deref().unwrap_or(&parcel.carrier_code));
        add(format!("service/{number}"), &parcel.service);
    }
    if wants("hub_number") {
        add("hub_number".to_owned(), &parcel.order_number);
    }
    if wants("warehouse") {
        let of_it = |order: &HubOrder| Some(&order.remote_id) == parcel.hub_order_id.as_ref();
        let at_hub = look.story.hub_orders.iter().find(|one| one.connection == seen.connection && of_it(&one.value));
        add("warehouse".to_owned(), at_hub.and_then(|one| one.value.warehouse.as_deref()).unwrap_or_default());
    }
    if wants("days") {
        // A label that was only made has a day, too, and has not left.
        if let Some(left_ms) = parcel.shipped_at_ms.filter(|_| parcel.has_left()) {
            add(format!("shipped/{number}"), &day(look, left_ms));
        }
        // "Delivered" of one that comes back means: to the sender.
        let comes_back = parcel.track.as_ref().is_some_and(|track| track.state == TrackState::Returned);
        if let Some(arrived_ms) = delivered_ms(look, parcel).filter(|_| !comes_back) {
            add(format!("delivered/{number}"), &day(look, arrived_ms));
        }
    }
    fields
}

fn words(fields: &[(String, String)]) -> String {
    let one = |(name, text): &(String, String)| match name.split('/').next().unwrap_or_default() {
        "shipping_cost" => format!("label {text}"),
        "hub_number" => format!("number {text}"),
        "shipped" => format!("left {text}"),
        "delivered" => format!("arrived {text}"),
        _ => text.clone(),
    };
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}
