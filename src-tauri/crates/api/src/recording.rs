//! A bug report that is a file: what the desk knew of the orders something happened to lately, what people set, and what was
//! decided of it. Whoever has the file decides the same again, on any computer.
//!
//! Nobody is in it by name: people, addresses and mails have stand-ins ([`crate::stand_ins`]), the same ones wherever the
//! same stood, so that what matched still matches. Keys, tokens and passwords are in no store and so in no recording; the
//! fields accounts were entered with are left out as well.
//!
//! Left out: raw answers (they are kept beside each try, `order --answers`), counts of stock, and orders nothing happened to.

use crate::cipher::Cipher;
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::{files, stand_ins::StandIns, trail};
use quayside_engine::policy::{self, MAPPING_KEY, MESSAGES_KEY, RULES_KEY, SETTINGS_KEY, shapers_changed};
use quayside_flows::buyer_messages::BuyerMessages;
use quayside_flows::field_mapping::FieldMapping;
use quayside_flows::rules::RuleBook;
use quayside_flows::{Deliveries, Policy, customer_of, decide};
use quayside_model::settings::Settings;
use quayside_model::{Account, ConnectionConfig, ConnectionId, Decision, Mode, PastEffect, SkuAlias, Story};
use quayside_store::{AutomationRow, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What this program reads.
const FORMAT: u32 = 1;
/// What our ids of customers begin with. All of them are equally long.
const CUSTOMER: &str = "customer-";
/// More orders are no bug report.
const ORDERS_MAX: usize = 2_000;
/// Newest orders that are looked through for them.
const LOOKED_AT: usize = 20_000;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Where.
    pub path: String,
    /// Orders in it.
    pub orders: usize,
    /// Something happened to more than are in it.
    pub cut: bool,
}

/// All of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Recording {
    format: u32,
    quayside: String,
    from_ms: i64,
    /// When it was decided, ms UTC.
    at_ms: i64,
    settings: Settings,
    automations: Vec<Automation>,
    connections: Vec<ConnectionConfig>,
    /// Accounts that told of a parcel that arrived.
    tell_delivery: Vec<ConnectionId>,
    /// How far the clocks of accounts were from the computer's, ms, where it counted.
    #[serde(default)]
    skews_ms: BTreeMap<ConnectionId, i64>,
    rules: RuleBook,
    mapping: FieldMapping,
    messages: BuyerMessages,
    aliases: Vec<SkuAlias>,
    stories: Vec<Story>,
    /// What the desk decided of each, by its row.
    decided: BTreeMap<String, Outcome>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Automation {
    id: String,
    mode: Mode,
    go_live_ms: Option<i64>,
    settings: Value,
}

/// What a decision comes to, without a word of anybody's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Outcome {
    stage: Value,
    waits_on: String,
    ship_by_ms: Option<i64>,
    effects: Vec<String>,
    overtaken: Vec<i64>,
    exceptions: Vec<String>,
}

impl Outcome {
    fn of(decision: &Decision) -> Self {
        Self {
            stage: json!(decision.stage),
            waits_on: decision.waits_on.code.clone(),
            ship_by_ms: decision.ship_by_ms,
            effects: decision.effects.iter().map(|effect| effect.key.clone()).collect(),
            overtaken: decision.overtaken.iter().map(|(id, _)| id.0).collect(),
            exceptions: decision.findings.iter().map(|finding| finding.cause.code().to_owned()).collect(),
        }
    }
}

impl Desk {
    /// Writes down what the desk knows and decides of every order to which something happened within so many milliseconds.
    pub fn record(&self, last_ms: i64, path: &Path) -> Answer<Recorded> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let (recording, cut) = gather(&room, now_ms - last_ms.max(0), now_ms)?;
        let orders = recording.stories.len();
        let text = written(&recording)?;
        files::write(path, text.as_bytes())?;
        Ok(Recorded { path: path.display().to_string(), orders, cut })
    }
}

/// A recording as it stands in the file: with stand-ins. What is called after a person by a hash is called after the stand-in,
/// else nothing that was written of anybody would be found again.
fn written(recording: &Recording) -> Answer<String> {
    let failed = |error: serde_json::Error| Trouble::internal(format!("The recording could not be written ({error})."));
    let mut document = serde_json::to_value(recording).map_err(failed)?;
    StandIns::put(&mut document, Cipher::new(trail::chance()?));
    let mut stood_in: Recording = serde_json::from_value(document).map_err(failed)?;
    let (then, now) = (policy_of(recording)?, policy_of(&stood_in)?);
    for story in &mut stood_in.stories {
        let decided = recording.decided.get(&row(story));
        as_it_would_be_sent(story, &now, recording.at_ms, decided.map_or(&[], |outcome| &outcome.effects));
    }
    let text = serde_json::to_string_pretty(&stood_in).map_err(failed)?;
    let both = recording.stories.iter().zip(&stood_in.stories);
    let names = both.filter_map(|(before, after)| customer_of(before, &then).zip(customer_of(after, &now))).collect();
    Ok(renamed(&text, &names))
}

/// Texts that were made of several others (a note of a note and a gift message) have a stand-in of their own, which nobody
/// makes of the stand-ins of the others: by it, what was sent would read as changed. It gets the text it would have now.
fn as_it_would_be_sent(story: &mut Story, policy: &Policy, now_ms: i64, planned_then: &[String]) {
    let subject = |key: &str| key.rsplit_once(':').map(|(subject, _)| subject.to_owned());
    for planned in decide(story, policy, now_ms).effects {
        if planned_then.contains(&planned.key) {
            continue;
        }
        let of_the_same = |past: &&mut PastEffect| {
            past.connection == planned.connection
                && past.intent.kind() == planned.intent.kind()
                && subject(&past.key) == subject(&planned.key)
        };
        if let Some(past) = story.effects.iter_mut().rfind(of_the_same) {
            past.intent = planned.intent;
        }
    }
}

/// `text` with our ids of customers replaced.
fn renamed(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(CUSTOMER) {
        let found = names.iter().next().and_then(|(name, _)| text.get(at..at + name.len()));
        if let Some((name, stand_in)) = found.and_then(|found| names.get_key_value(found)) {
            out.push_str(&text[from..at]);
            out.push_str(stand_in);
            from = at + name.len();
        }
    }
    out.push_str(&text[from..]);
    out
}

fn gather(room: &Room, from_ms: i64, now_ms: i64) -> Answer<(Recording, bool)> {
    let policy = room.policy()?;
    let mut stories = Vec::new();
    let mut cut = false;
    for id in room.store.read(|r| r.newest_orders(LOOKED_AT))? {
        let Some(story) = room.store.read(|r| r.story(id))? else { continue };
        if last_touched_ms(&story) < from_ms {
            continue;
        }
        if stories.len() == ORDERS_MAX {
            cut = true;
            break;
        }
        stories.push(story);
    }
    stories.sort_by_key(|story| story.order_id.0);
    let decided = stories.iter().map(|story| (row(story), Outcome::of(&decide(story, &policy, now_ms)))).collect();
    let tell_delivery = policy.peers.values().filter(|peer| peer.deliveries == Deliveries::Told);
    let tell_delivery = tell_delivery.map(|peer| peer.id.clone()).collect();
    let skewed = policy.peers.values().filter(|peer| peer.skew_ms != 0);
    let skews_ms = skewed.map(|peer| (peer.id.clone(), peer.skew_ms)).collect();
    let recording = room.store.read(|r| {
        Ok(Recording {
            format: FORMAT,
            quayside: env!("CARGO_PKG_VERSION").to_owned(),
            from_ms,
            at_ms: now_ms,
            settings: r.setting(SETTINGS_KEY)?.unwrap_or_default(),
            automations: r
                .automations()?
                .into_iter()
                .map(|AutomationRow { id, mode, go_live_ms, settings }| Automation { id, mode, go_live_ms, settings })
                .collect(),
            connections: r.connections()?.into_iter().map(without_its_door).collect(),
            tell_delivery,
            skews_ms,
            rules: r.setting(RULES_KEY)?.unwrap_or_default(),
            mapping: r.setting(MAPPING_KEY)?.unwrap_or_default(),
            messages: r.setting(MESSAGES_KEY)?.unwrap_or_default(),
            aliases: r.sku_aliases()?,
            stories,
            decided,
        })
    })?;
    Ok((recording, cut))
}

fn row(story: &Story) -> String {
    story.order_id.0.to_string()
}

/// An account as decisions see it: how it is entered, and where it is, is nobody's business.
fn without_its_door(config: ConnectionConfig) -> ConnectionConfig {
    let account = Account { name: String::new(), ..config.account };
    ConnectionConfig { fields: BTreeMap::new(), base_url: None, account, ..config }
}

/// When something about an order was last read, planned, tried or settled.
fn last_touched_ms(story: &Story) -> i64 {
    let effects = story.effects.iter().flat_map(|effect| {
        [Some(effect.created_at_ms), effect.first_sent_at_ms, effect.settled_at_ms, effect.refused_at_ms]
    });
    let read = story.hub_orders.iter().map(|seen| seen.seen_at_ms);
    let parcels = story.parcels.iter().map(|seen| seen.seen_at_ms);
    let returns = story.returns.iter().map(|seen| seen.seen_at_ms);
    effects.flatten().chain(read).chain(parcels).chain(returns).fold(story.seen_at_ms, i64::max)
}

/// Decides again what a recording holds, on a store of its own that is gone afterwards: decisions, effects and exceptions, and
/// where they are not what was decided then. The same text gives the same document, always.
pub fn replay(text: &str) -> Answer<Value> {
    let recording: Recording = serde_json::from_str(text).map_err(|error| {
        Trouble::field(
            "file",
            format!("This is no recording that this Quayside can read ({error}). It is made with: record --to FILE."),
        )
    })?;
    if recording.format != FORMAT {
        return Err(Trouble::field(
            "file",
            format!(
                "The recording was made by Quayside {} in a form this one does not know. Use that version to replay it.",
                recording.quayside
            ),
        ));
    }
    let policy = policy_of(&recording)?;
    let (mut decisions, mut effects, mut exceptions, mut differs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for story in &recording.stories {
        let decision = decide(story, &policy, recording.at_ms);
        let order = &story.order.number;
        let now = Outcome::of(&decision);
        if let Some(then) = recording.decided.get(&row(story)).filter(|then| **then != now) {
            differs.push(json!({ "order": order, "then": then, "now": now }));
        }
        decisions.push(json!({
            "order": order, "row": story.order_id.0, "stage": decision.stage, "waits_on": decision.waits_on.code,
            "because": decision.waits_on.sentence, "ship_by_ms": decision.ship_by_ms,
        }));
        effects.extend(decision.effects.iter().map(|effect| {
            json!({
                "order": order, "key": effect.key, "kind": effect.intent.kind().code(), "account": effect.connection,
                "automation": effect.automation, "mode": effect.mode.code(), "sentence": effect.sentence,
            })
        }));
        exceptions.extend(decision.findings.iter().map(|finding| {
            json!({ "order": order, "cause": finding.cause.code(), "about": finding.about, "sentence": finding.sentence })
        }));
    }
    Ok(json!({
        "quayside": recording.quayside, "at_ms": recording.at_ms, "orders": decisions.len(), "decisions": decisions,
        "effects": effects, "exceptions": exceptions, "differs": differs,
    }))
}

/// What decisions hang on, from a fresh store that holds what the recording says people set.
fn policy_of(recording: &Recording) -> Answer<Policy> {
    let store = Store::in_memory();
    store.write(|tx| {
        tx.put_setting(SETTINGS_KEY, &recording.settings)?;
        for config in &recording.connections {
            tx.put_connection(config)?;
        }
        for Automation { id, mode, go_live_ms, settings } in &recording.automations {
            let (id, settings) = (id.clone(), settings.clone());
            tx.put_automation(&AutomationRow { id, mode: *mode, go_live_ms: *go_live_ms, settings })?;
        }
        for alias in &recording.aliases {
            tx.put_sku_alias(alias, recording.at_ms)?;
        }
        tx.put_setting(RULES_KEY, &recording.rules)?;
        tx.put_setting(MAPPING_KEY, &recording.mapping)?;
        tx.put_setting(MESSAGES_KEY, &recording.messages)?;
        shapers_changed(tx, &(&recording.rules, &recording.mapping, &recording.aliases, &recording.messages))
    })?;
    let mut policy = store.read(policy::load)?;
    for (id, skew_ms) in &recording.skews_ms {
        if let Some(peer) = policy.peers.get_mut(id) {
            peer.skew_ms = *skew_ms;
        }
    }
    for id in &recording.tell_delivery {
        if let Some(peer) = policy.peers.get_mut(id) {
            peer.deliveries = Deliveries::Told;
        }
    }
    Ok(policy)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_customers_are_replaced_in_one_go() {
        let names: BTreeMap<String, String> =
            [("customer-aa", "customer-11"), ("customer-bb", "customer-22")].map(|(a, b)| (a.into(), b.into())).into();
        assert_eq!(
            renamed("x customer-aa, customer-bb customer-cc customer", &names),
            "x customer-11, customer-22 customer-cc customer"
        );
        assert_eq!(renamed("customer-aa", &BTreeMap::new()), "customer-aa");
    }

    #[test]
    fn what_is_no_recording_is_said() {
        for text in ["", "{}", "[1]", "{\"format\": 1}"] {
            let trouble = replay(text).unwrap_err();
            assert!(trouble.sentence.contains("no recording"), "{text}: {}", trouble.sentence);
        }
    }
}
