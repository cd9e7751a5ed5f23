//! What the warehouse knows of a parcel, written onto the store's order: what its postage cost, who carries it, which
//! order at the hub it was.
//!
//! A parcel's facts follow its report: the store shows the parcel before anything is written about it, so that a store
//! which keeps costs with its shipments finds the shipment. Written once, and again where a fact changed. Facts of a
//! parcel without a number stay here: nothing in the store has their name.
//!
//! Left out: taking facts back (a voided label's stay under its own number, beside those of the label that followed),
//! and sharing a cost: a parcel of several orders that were merged is written onto each of them whole.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::tracking_to_channel::fulfillment_with;
use quayside_model::{
    Currency, EffectState, Intent, IntentKind, Mode, Money, Parcel, RecordKind, Role, Seen, SettingDecl, SettingKind,
};

pub(crate) const ID: &str = "facts_to_channel";

const fn toggle(name: &'static str, label: &'static str, help: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Toggle, default: "false" }
}

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Facts to the store",
    summary: "Writes onto the store's order what the shipping account knows of each reported parcel: what the label cost, carrier and service, the number at the hub. Writes nothing until you say what.",
    examples: &[
        (
            "The store shows a parcel as shipped, and its label cost 4.25.",
            "The store's order gets the cost, with the parcel's tracking number as its name.",
        ),
        ("Two parcels of one order are reported.", "Each gets its own facts, under its own number."),
        ("The cost of a label is corrected later.", "The fact is written again."),
        ("The store does not show the parcel yet.", "Nothing is written before it does."),
        ("Nothing is chosen in the settings.", "Nothing is written."),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::Parcel), Need::Performs(Role::Channel, IntentKind::AnnotateOrder)],
    undo: "Delete the facts in the store. The order's own lines and amounts are never touched.",
    settings: &[
        toggle(
            "cost",
            "What the label cost",
            "The price of the postage. Never the shipping the buyer paid. Only where the shipping account tells it.",
        ),
        toggle("carrier", "Carrier and service", "As the shipping account calls them."),
        toggle("hub_number", "Number at the hub", "The number of the order in the shipping account."),
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
    let able = look.channel.is_some_and(|channel| channel.performs.contains(&IntentKind::AnnotateOrder));
    if mode == Mode::Off || !able || story.order.is_cancelled() {
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
    fields
}

fn words(fields: &[(String, String)]) -> String {
    let one = |(name, text): &(String, String)| match name.split('/').next().unwrap_or_default() {
        "shipping_cost" => format!("label {text}"),
        "hub_number" => format!("number {text}"),
        _ => text.clone(),
    };
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}
