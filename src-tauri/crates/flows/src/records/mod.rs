//! Orders in the account that keeps customers and cases: who bought, what is on its way, what a colleague has to do.
//!
//! Seven automations, one file each (one of them, `outlets.rs`, keeps customers at a hub instead). They say what is known in words of the trade; which object and which field
//! holds it is the account's own affair and stands in its settings. Every record has a name of ours (an external id),
//! so that writing it twice, from two computers or after a lost answer, leaves one.
//!
//! Left out: reading such records back (they are never evidence for or against shipping), deleting them, and buyers
//! whose marketplace wants their data forgotten: those never leave this desk.

pub(crate) mod customers;
pub(crate) mod delivered;
pub(crate) mod history;
pub(crate) mod milestones;
pub(crate) mod outlets;
pub mod patron;
pub(crate) mod shipments;
pub(crate) mod trouble;

use crate::look::Look;
use crate::policy::{Deliveries, Peer, Policy};
use crate::promise;
use chrono::DateTime;
use quayside_model::time::DAY_MS;
use quayside_model::{
    CUSTOMER_FACT, ConnectionId, DEAL_FACT, EffectState, Expected, ExpectedBy, Intent, IntentKind, Mode, Money, Parcel,
    PastEffect, RecordDraft, RecordNoun, Seen, SettingDecl, SettingKind, Story, is_sign,
};
use serde_json::json;

/// Which account, where there are several. One choice for all of these automations.
pub(crate) const RECORDS_SETTING: &str = "records";

pub(crate) const fn number(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    default: &'static str,
) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Number, default }
}

pub(crate) const fn toggle(
    name: &'static str,
    label: &'static str,
    help: &'static str,
    default: &'static str,
) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Toggle, default }
}

/// Our id of whoever an order goes to, where somebody is named and may be kept.
pub fn customer_of(story: &Story, policy: &Policy) -> Option<String> {
    customers::who(&Look::new(story, policy, story.seen_at_ms)).map(|who| who.key())
}

/// The account that keeps records of this order, and how far an automation may go there.
pub(crate) fn keeper<'a>(look: &Look<'a>, automation: &str) -> Option<(&'a Peer, Mode)> {
    let mode = look.mode(automation);
    let order = &look.story.order;
    if mode == Mode::Off || order.test || look.channel.is_none() {
        return None;
    }
    // A copy of a sale that another account made: its own order says all this.
    if order.sold_on.is_some() && !look.was_sent() {
        return None;
    }
    look.policy.records_of(look.story).map(|peer| (peer, mode))
}

/// The order's name for ids of ours; the same on every computer.
pub(crate) fn order_key(look: &Look<'_>) -> String {
    let code = look.channel.map_or("gone", |channel| channel.code.as_str());
    format!("{code}-{}", look.story.order.remote_id.rsplit('/').next().unwrap_or_default())
}

/// The customer and the sale a record is about, as far as the account knows them.
pub(crate) fn about(look: &Look<'_>, keeper: &Peer) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if keeper.id == look.story.channel {
        facts.push((DEAL_FACT.to_owned(), json!(look.story.order.remote_id).to_string()));
    } else if let Some(who) = customers::who(look) {
        facts.push((CUSTOMER_FACT.to_owned(), json!(who.key()).to_string()));
    }
    facts
}

/// Facts in the order of the noun; empty ones are cleared, so that what is gone here is gone there.
pub(crate) fn draft(
    noun: RecordNoun,
    external_id: String,
    facts: &[(&str, serde_json::Value)],
    about: Vec<(String, String)>,
) -> RecordDraft {
    let text = |name: &str, value: &serde_json::Value| match value {
        serde_json::Value::String(text) if text.trim().is_empty() => "null".to_owned(),
        // An amount as people write it: 35.00, never 35.
        serde_json::Value::String(text) if matches!(name, "value" | "average" | "total") => text.clone(),
        value => value.to_string(),
    };
    let mut fields: Vec<(String, String)> =
        facts.iter().map(|(name, value)| ((*name).to_owned(), text(name, value))).collect();
    fields.extend(about);
    RecordDraft { noun, object: String::new(), external_id_field: String::new(), external_id, fields }
}

/// Written, and again where what it says has changed.
pub(crate) fn keep(
    look: &mut Look<'_>,
    automation: &str,
    (keeper, mode): (&Peer, Mode),
    about: &str,
    record: RecordDraft,
    sentence: String,
) {
    if given_up(look, about) {
        return;
    }
    if let Some(last) = look.last(IntentKind::PutRecord, about) {
        let says = matches!(&last.intent, Intent::PutRecord { record: written }
            if written.is_blanked() || says_all(written, &record) && still_meant(last, written, &record));
        if says || matches!(last.state, EffectState::Running | EffectState::Unknown) {
            return;
        }
        // What is only shown takes nothing's place: else nothing would be left to go once it is let go.
        if matches!(mode, Mode::Ask | Mode::Auto) {
            look.overtake(last, "what it says has changed");
        }
    }
    look.plan(automation, mode, &keeper.id, about, Intent::PutRecord { record }, sentence);
}

/// Facts that records written by older versions do not have: by themselves they are no reason to write again.
const ADDED: [&str; 2] = ["expected_by", "verified"];

/// What was written says all that is to be said.
fn says_all(written: &RecordDraft, record: &RecordDraft) -> bool {
    let knows = |name: &str| !ADDED.contains(&name) || written.fields.iter().any(|(known, _)| known == name);
    let wanted = record.fields.iter().filter(|(name, _)| knows(name) && !is_sign(name));
    let said = written.fields.iter().filter(|(name, _)| !is_sign(name));
    written.external_id == record.external_id && said.eq(wanted)
}

/// Whom a person said is meant since holds for what was not written yet: it is tried again by that. What is written is
/// found by our id.
fn still_meant(last: &PastEffect, written: &RecordDraft, wanted: &RecordDraft) -> bool {
    last.state == EffectState::Done || written.meant() == wanted.meant()
}

/// Written once in the order's life: what a colleague did with it since is theirs.
pub(crate) fn keep_once(
    look: &mut Look<'_>,
    automation: &str,
    (keeper, mode): (&Peer, Mode),
    about: &str,
    record: RecordDraft,
    sentence: String,
) {
    if given_up(look, about) || look.last(IntentKind::PutRecord, about).is_some() {
        return;
    }
    look.plan(automation, mode, &keeper.id, about, Intent::PutRecord { record }, sentence);
}

/// A person gave it up: it is offered once. What the account answered for and then did not have is no such thing.
fn given_up(look: &Look<'_>, about: &str) -> bool {
    let newest = look.past(IntentKind::PutRecord, about).last();
    newest.is_some_and(|effect| {
        effect.state == EffectState::Skipped
            && effect.receipt.is_none()
            && !effect.withdrawn
            && !look.past(IntentKind::PutRecord, about).any(|other| other.state == EffectState::Done)
    })
}

/// A moment as a day of the store.
pub(crate) fn day(look: &Look<'_>, at_ms: i64) -> String {
    let moment = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    moment.with_timezone(&look.policy.zone_of(look.channel)).format("%Y-%m-%d").to_string()
}

/// What the order is worth now.
pub(crate) fn worth(look: &Look<'_>) -> (serde_json::Value, String) {
    let order = &look.story.order;
    let money = Money::new(order.current_total_minor, order.currency.clone());
    (json!(money.decimal().to_string()), order.currency.0.clone())
}

pub(crate) fn carrier(parcel: &Parcel) -> &str {
    parcel.carrier_name.as_deref().unwrap_or(&parcel.carrier_code)
}

/// When the buyer had the parcel, from whoever says so.
pub(crate) fn delivered_ms(look: &Look<'_>, parcel: &Parcel) -> Option<i64> {
    let told = crate::tracking_to_channel::fulfillment_with(look, &parcel.tracking_number);
    parcel.delivered_at_ms.or_else(|| told.and_then(|told| told.delivered_at_ms))
}

/// The store has told of a parcel that arrived, or this hub has of those it follows: so that silence means one that did
/// not.
pub(crate) fn deliveries_are_told(look: &Look<'_>, seen: &Seen<Parcel>) -> bool {
    tells(look, &look.story.channel) || seen.value.is_followed() && tells(look, &seen.connection)
}

fn tells(look: &Look<'_>, id: &ConnectionId) -> bool {
    look.policy.peers.get(id).is_some_and(|peer| peer.deliveries == Deliveries::Told)
}

/// A label is bought first and its way read later: so long its day is not taken for the day it left.
pub(crate) const UNREAD_MS: i64 = 2 * DAY_MS;

/// Its carrier had it, as far as anybody told.
pub(crate) fn has_left(look: &Look<'_>, seen: &Seen<Parcel>) -> bool {
    let parcel = &seen.value;
    let unread = parcel.track.is_none() && parcel.is_followed() && tells(look, &seen.connection);
    parcel.has_left() && !(unread && look.now_at(&seen.connection) - parcel.created_at_ms < UNREAD_MS)
}

/// By when it should be there: what the buyer was promised, else the usual days on the road. A carrier that means to come
/// later makes it no less late.
pub(crate) fn expected_ms(look: &Look<'_>, parcel: &Parcel) -> Option<i64> {
    promised(look, parcel).map(|promised| promised.at_ms)
}

/// The day it is expected, and whose word that is: the carrier knows best.
pub(crate) fn expected(look: &Look<'_>, parcel: &Parcel) -> Option<Expected> {
    let told = parcel.track.as_ref().and_then(|track| track.expected_ms);
    told.map(|at_ms| Expected { at_ms, by: ExpectedBy::Carrier }).or_else(|| promised(look, parcel))
}

fn promised(look: &Look<'_>, parcel: &Parcel) -> Option<Expected> {
    let own = |at_ms: i64| Expected { at_ms, by: ExpectedBy::Own };
    let by_days = || {
        let days = look.policy.number(shipments::ID, shipments::TRANSIT_DAYS);
        parcel.shipped_at_ms.filter(|_| days > 0).map(|at_ms| at_ms + days * DAY_MS)
    };
    let told = look.story.order.deliver_by_ms.map(|at_ms| Expected { at_ms, by: ExpectedBy::Store });
    told.or_else(|| promise::arrives_ms(look.story, look.policy).or_else(by_days).map(own))
}
