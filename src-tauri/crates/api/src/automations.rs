//! Automations: their cards, how far each may go, and the line from which on.
//!
//! Raising an automation to Ask or Auto for the first time goes through
//! [`Desk::go_live`], which a door calls after the plan was seen. Lowering takes
//! effect at once: what was planned and not sent is taken back.

use crate::connections::check_setting;
use crate::desk::{Desk, Room, locked};
use crate::plan::{self, unknown_automation};
use crate::trouble::Answer;
use crate::view::{AutomationView, DidLately, SettingField, Trouble};
use quayside_flows::{
    AutomationDecl, Need, Peer, Policy, RETURN_REFUNDS, TELL_BUYER, automations, patron, products, rate_choice,
    rests_at_first, stock,
};
use quayside_model::{Cause, EffectState, IntentKind, Mode, RecordKind, Role, SettingDecl, SettingKind};
use quayside_store::{AutomationRow, EffectRow, EffectTold, NewEvent, StoreError, Tx, withdrawal};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The automation that sends orders to a hub.
pub(crate) const ORDERS_TO_HUB: &str = "orders_to_hub";
/// Open orders that the small "would do" number on a card looks at; the plan looks at all.
const CARD_ORDERS_MAX: usize = 3_000;
/// How old that number may be: screens ask after every change.
const CARD_FRESH_MS: i64 = 5_000;

impl Desk {
    /// The cards, in the order in which automations look at an order.
    pub fn automations(&self) -> Answer<Vec<AutomationView>> {
        let room = self.room()?;
        let policy = room.policy()?;
        let zone = crate::home::zone_of(&room)?;
        let since_ms = crate::zone::day_start(room.now_ms(), zone);
        let watches = automations().iter().any(|declared| policy.automation(declared.id).mode == Mode::Watch);
        let would = if watches { would_do(&room, &policy)? } else { BTreeMap::new() };
        let (done, asked) = (room.done_since(since_ms)?, room.store.read(|r| r.asked_per_automation())?);
        let told: BTreeMap<&str, Vec<EffectTold>> = room.store.read(|r| {
            let each = done.lately.iter();
            each.map(|(automation, events)| Ok((automation.as_str(), r.effects_told(events)?)))
                .collect::<Result<_, StoreError>>()
        })?;
        Ok(automations()
            .iter()
            .map(|declared| {
                let row = policy.automation(declared.id);
                AutomationView {
                    id: declared.id.to_owned(),
                    title: declared.title.to_owned(),
                    summary: declared.summary.to_owned(),
                    examples: declared
                        .examples
                        .iter()
                        .map(|(when, then)| ((*when).to_owned(), (*then).to_owned()))
                        .collect(),
                    mode: row.mode,
                    go_live_ms: row.go_live_ms,
                    settings: declared
                        .settings
                        .iter()
                        .map(|setting| field(&room, setting, row.settings.get(setting.name)))
                        .collect(),
                    done_today: done.by_automation.get(declared.id).map_or(0, |n| *n as i64),
                    lately: told.get(declared.id).into_iter().flatten().map(did_lately).collect(),
                    asked: asked.get(declared.id).map_or(0, |n| *n as i64),
                    by_hand: by_hand(declared, &policy),
                    would_do: if row.mode == Mode::Watch { would.get(declared.id).copied().unwrap_or(0) } else { 0 },
                }
            })
            .collect())
    }

    fn automation_view(&self, id: &str) -> Answer<AutomationView> {
        self.automations()?.into_iter().find(|view| view.id == id).ok_or_else(|| unknown_automation(id))
    }

    /// Settings of an automation, and its mode as far as that needs no look at the plan.
    pub fn put_automation(&self, id: &str, mode: Mode, settings: &BTreeMap<String, Value>) -> Answer<AutomationView> {
        let room = self.writable()?;
        let declared = quayside_flows::automation(id).ok_or_else(|| unknown_automation(id))?;
        let checked = check(declared, settings)?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            let before = row(tx, id)?;
            // One that asks from the beginning has shown no plan by that.
            let first_alone = matches!(id, RETURN_REFUNDS | TELL_BUYER) && mode == Mode::Auto && before.mode != mode;
            let raises = acts(mode) && !acts(before.mode) || first_alone;
            if raises && tx.meta(&went_live(id))?.is_none() {
                return Err(StoreError::abandoned(format!(
                    "\"{}\" has only watched so far. Look at the plan first and say from which order on it applies; then it may act.",
                    declared.title
                )));
            }
            let mut all = before.settings.as_object().cloned().unwrap_or_default();
            merge(&mut all, checked);
            let after = AutomationRow { id: declared.id.to_owned(), mode, go_live_ms: before.go_live_ms, settings: Value::Object(all) };
            put(tx, declared, &before, &after, now_ms)
        })?;
        room.reload()?;
        self.automation_view(declared.id)
    }

    /// Lets an automation go as far as `mode` for orders placed at or after `from_ms` (`None`: all open orders).
    pub fn go_live(&self, id: &str, mode: Mode, from_ms: Option<i64>) -> Answer<AutomationView> {
        let room = self.writable()?;
        let declared = quayside_flows::automation(id).ok_or_else(|| unknown_automation(id))?;
        let now_ms = room.now_ms();
        if from_ms.is_some_and(|from_ms| from_ms > now_ms + 366 * quayside_model::time::DAY_MS) {
            return Err(Trouble::field(
                "from_ms",
                "The go-live line lies more than a year ahead. Choose a nearer day, or leave the automation watching.",
            ));
        }
        let policy = room.policy()?;
        room.store.write(|tx| {
            let before = row(tx, id)?;
            let policy = quayside_engine::policy::without_old_skews(tx, policy, now_ms)?;
            // A line that is kept was said by the stores' clocks already.
            let kept = from_ms == before.go_live_ms;
            let from_ms = from_ms.map(|chosen_ms| if kept { chosen_ms } else { policy.line_ms(chosen_ms, now_ms) });
            let after = AutomationRow {
                id: declared.id.to_owned(),
                mode,
                go_live_ms: from_ms,
                settings: before.settings.clone(),
            };
            if acts(mode) {
                tx.put_meta(&went_live(id), &now_ms.to_string())?;
            }
            put(tx, declared, &before, &after, now_ms)
        })?;
        tracing::info!(mode = mode.code(), kind = declared.id, "an automation changed how far it may go");
        room.reload()?;
        self.automation_view(declared.id)
    }
}

/// What hubs that stores send to lack for an automation, where that becomes work for a person.
fn by_hand(declared: &AutomationDecl, policy: &Policy) -> Vec<String> {
    let stores = policy.peers.values().filter(|peer| peer.roles.contains(&Role::Channel));
    let mut hubs: Vec<&Peer> = stores.filter_map(|store| policy.hub_of_store(store)).collect();
    hubs.sort_by(|a, b| a.name.cmp(&b.name));
    hubs.dedup_by(|a, b| a.id == b.id);
    let mut told = Vec::new();
    for hub in hubs {
        let lacks: Vec<IntentKind> = declared
            .needs
            .iter()
            .filter_map(|need| match need {
                Need::Performs(Role::Hub, kind) => Some(*kind),
                Need::SetsAnywhere(kind) if hub.takes_by_hand(*kind) => Some(*kind),
                _ => None,
            })
            .filter(|kind| !hub.performs.contains(kind))
            // Labels are bought elsewhere; and nobody enters a catalogue or an address book at a hub of a kind that takes none.
            .filter(|kind| match kind {
                IntentKind::BuyLabel | IntentKind::ReturnLabel => false,
                IntentKind::PutProduct | IntentKind::PutRecord => hub.takes_by_hand(*kind),
                _ => true,
            })
            .collect();
        if lacks.is_empty() {
            continue;
        }
        let phrases: Vec<&str> = lacks.iter().map(|kind| kind.phrase()).collect();
        let cause = if lacks.contains(&IntentKind::PutHubOrder) { Cause::EnterByHand } else { Cause::ChangeByHand };
        // What is compared with the account's own list is nothing where it shows none.
        let listed = lacks.iter().any(|kind| matches!(kind, IntentKind::SetStock | IntentKind::PutProduct));
        let each = if listed { "what differs from what it shows becomes" } else { "each becomes" };
        let else_none = if listed { "; where it shows none, nobody is asked" } else { "" };
        told.push(format!(
            "Nobody but a person can {} at {} ({}): {each} an exception \"{}\", with what to enter{else_none}.",
            phrases.join(" or "),
            hub.name,
            hub.title,
            cause.title()
        ));
    }
    told
}

/// Numbers for the cards: looked up anew when what decides changed, else every few seconds at most.
fn would_do(room: &Room, policy: &Policy) -> Answer<BTreeMap<String, i64>> {
    let now_ms = room.now_ms();
    let mut kept = locked(&room.would_do);
    if let Some((at_ms, of, numbers)) = &*kept
        && of == policy
        && (0..CARD_FRESH_MS).contains(&(now_ms - at_ms))
    {
        return Ok(numbers.clone());
    }
    let numbers = plan::make(room, policy, None, CARD_ORDERS_MAX, 0)?.per_automation;
    *kept = Some((now_ms, policy.clone(), numbers.clone()));
    Ok(numbers)
}

fn acts(mode: Mode) -> bool {
    matches!(mode, Mode::Ask | Mode::Auto)
}

fn went_live(id: &str) -> String {
    format!("went_live.{id}")
}

/// The row, or what a missing one means.
fn row(tx: &Tx<'_>, id: &str) -> Result<AutomationRow, StoreError> {
    let row = tx.automations()?.into_iter().find(|row| row.id == id);
    Ok(row.unwrap_or_else(|| AutomationRow {
        id: id.to_owned(),
        // Counts and products are left alone until somebody asks for it.
        mode: match id {
            _ if rests_at_first(id) => Mode::Off,
            RETURN_REFUNDS | TELL_BUYER => Mode::Ask,
            _ => Mode::Watch,
        },
        go_live_ms: None,
        settings: Value::Object(Map::new()),
    }))
}

/// Writes the row and brings what waits in the outbox in line with it.
fn put(
    tx: &mut Tx<'_>,
    declared: &AutomationDecl,
    before: &AutomationRow,
    after: &AutomationRow,
    now_ms: i64,
) -> Result<(), StoreError> {
    tx.put_automation(after)?;
    // Orders are added up for counts while somebody wants to know, and from the beginning whenever somebody does again.
    if declared.id == stock::ID && (before.mode == Mode::Off) != (after.mode == Mode::Off) {
        tx.forget_held()?;
    }
    let mut keep_waiting = 0;
    if before.mode != after.mode {
        let mut waiting = tx.effects_standing(Some(declared.id), EffectState::Asked, usize::MAX >> 1)?;
        waiting.extend(tx.effects_standing(Some(declared.id), EffectState::Pending, usize::MAX >> 1)?);
        match (before.mode, after.mode) {
            // Whoever lets it act by itself has approved what waited for a click, but for what costs money: refunds go by
            // themselves up to a limit only, and a label's price may have changed. That waits for its own click.
            (Mode::Ask, Mode::Auto) => {
                for effect in waiting.iter().filter(|effect| effect.state == EffectState::Asked) {
                    if costs_money(declared, effect) {
                        keep_waiting += 1;
                    } else {
                        tx.approve(effect.id, now_ms)?;
                    }
                }
            }
            // Lowered: nothing that was not sent yet goes out; what is still wanted is planned anew under the new mode.
            _ if lower(after.mode, before.mode) => {
                let why = withdrawal(declared.title, before.mode, after.mode);
                for effect in waiting.iter().filter(|effect| never_sent(effect)) {
                    tx.skip_effect(effect.id, &why, now_ms)?;
                }
            }
            _ => {}
        }
    }
    if before.mode != after.mode || before.go_live_ms != after.go_live_ms {
        let line = if before.go_live_ms == after.go_live_ms { String::new() } else { line_words(after.go_live_ms) };
        tx.note(&NewEvent {
            order_id: None,
            connection: None,
            at_ms: now_ms,
            author: "person".into(),
            kind: "person".into(),
            sentence: format!(
                "\"{}\": {} became {}{line}{}",
                declared.title,
                before.mode.code(),
                after.mode.code(),
                waits_on(keep_waiting)
            ),
            detail: after.go_live_ms.map(|at_ms| serde_json::json!({ "go_live_ms": at_ms })),
        })?;
    }
    Ok(())
}

/// Money that waits for a click waits for its own.
fn costs_money(declared: &AutomationDecl, effect: &EffectRow) -> bool {
    match effect.intent.kind() {
        IntentKind::BuyLabel | IntentKind::ReturnLabel => true,
        IntentKind::Refund => declared.id == RETURN_REFUNDS,
        _ => false,
    }
}

fn waits_on(n: usize) -> String {
    match n {
        0 => String::new(),
        n => format!("; what costs money and waited for a click still waits for it ({n})"),
    }
}

fn line_words(go_live_ms: Option<i64>) -> String {
    match go_live_ms {
        Some(at_ms) => format!(
            ", for orders placed from {} UTC on",
            crate::zone::local(at_ms, chrono_tz::Tz::UTC).format("%Y-%m-%d %H:%M")
        ),
        None => ", for all open orders".to_owned(),
    }
}

/// Nothing of it left. A message was looked at when it was due, and may wait for the morning since; a label that waits was
/// not bought, however often it was taken out of the line and held back.
fn never_sent(effect: &EffectRow) -> bool {
    let kinds = [IntentKind::TellBuyer, IntentKind::BuyLabel];
    effect.first_sent_at_ms.is_none() || kinds.contains(&effect.intent.kind())
}

fn lower(after: Mode, before: Mode) -> bool {
    let rank = |mode| match mode {
        Mode::Off => 0,
        Mode::Watch => 1,
        Mode::Ask => 2,
        Mode::Auto => 3,
    };
    rank(after) < rank(before)
}

fn check(declared: &AutomationDecl, settings: &BTreeMap<String, Value>) -> Answer<BTreeMap<String, Value>> {
    settings
        .iter()
        .map(|(name, value)| {
            let setting = declared.settings.iter().find(|setting| setting.name == name);
            let setting = setting
                .ok_or_else(|| Trouble::field(name, format!("\"{}\" has no setting \"{name}\".", declared.title)))?;
            // A table of its own is longer than anything else that is typed.
            if setting.name == stock::PER_SKU
                && let Value::String(typed) = value
            {
                let kept = stock::check_per_sku(typed).map_err(|why| Trouble::field(name, why))?;
                return Ok((name.clone(), Value::String(kept)));
            }
            if let Value::String(typed) = value {
                patron::check_setting(declared.id, setting.name, typed).map_err(|why| Trouble::field(name, why))?;
                rate_choice::check_setting(declared.id, setting.name, typed)
                    .map_err(|why| Trouble::field(name, why))?;
            }
            Ok((name.clone(), check_setting(setting.name, setting.label, &setting.kind, value)?))
        })
        .collect()
}

fn merge(all: &mut Map<String, Value>, changed: BTreeMap<String, Value>) {
    for (name, value) in changed {
        match value {
            Value::Null => drop(all.remove(&name)),
            value => drop(all.insert(name, value)),
        }
    }
}

/// A setting as a form field, with its value now.
fn field(room: &Room, setting: &SettingDecl, chosen: Option<&Value>) -> SettingField {
    let value = match chosen {
        Some(value) if !value.is_null() => value.clone(),
        _ => default_value(setting),
    };
    let mut field = setting_field(setting, value);
    if setting.name == stock::PER_SKU {
        "rows".clone_into(&mut field.kind);
    }
    if setting.name == stock::TRUTH {
        let counting = room.store.read(|r| r.connections()).unwrap_or_default().into_iter().filter(|config| {
            quayside_connectors::platform(&config.platform).is_some_and(|platform| {
                let mut streams = platform.declaration.streams.iter();
                streams.any(|stream| stream.record == RecordKind::Stock && config.reads(stream.name))
            })
        });
        "choice".clone_into(&mut field.kind);
        field.options = std::iter::once((String::new(), "the hub's, if it reads stock".to_owned()))
            .chain(counting.map(|config| (config.id.0, config.name)))
            .collect();
        return field;
    }
    if setting.name == products::TRUTH {
        let stores = room.store.read(|r| r.connections()).unwrap_or_default().into_iter().filter(|config| {
            quayside_connectors::platform(&config.platform)
                .is_some_and(|platform| platform.declaration.roles.contains(&Role::Channel))
        });
        "choice".clone_into(&mut field.kind);
        field.options = std::iter::once((String::new(), "nobody's: they have to agree".to_owned()))
            .chain(stores.map(|store| (store.id.0, store.name)))
            .collect();
        return field;
    }
    // "Which account" is typed nowhere: it is chosen from those that play the part.
    let part = match setting.name {
        "hub" => Some(Role::Hub),
        "records" => Some(Role::Records),
        "messages" => Some(Role::Messages),
        _ => None,
    };
    if let Some(part) = part {
        let hubs = room.store.read(|r| r.connections()).unwrap_or_default().into_iter().filter(|config| {
            quayside_connectors::platform(&config.platform)
                .is_some_and(|platform| platform.declaration.roles.contains(&part))
        });
        "choice".clone_into(&mut field.kind);
        field.options = std::iter::once((String::new(), "the only one there is".to_owned()))
            .chain(hubs.map(|hub| (hub.id.0, hub.name)))
            .collect();
    }
    field
}

/// A line of the history, for an automation's card.
fn did_lately(told: &EffectTold) -> DidLately {
    DidLately { at_ms: told.at_ms, order_id: told.order_id, sentence: told.sentence.clone() }
}

/// A declared setting as a form field.
pub(crate) fn setting_field(setting: &SettingDecl, value: Value) -> SettingField {
    let (kind, options) = match &setting.kind {
        SettingKind::Toggle => ("toggle", Vec::new()),
        SettingKind::Number => ("number", Vec::new()),
        SettingKind::Text => ("text", Vec::new()),
        SettingKind::Described => ("described", Vec::new()),
        SettingKind::Choice(options) => {
            ("choice", options.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect())
        }
    };
    SettingField {
        name: setting.name.to_owned(),
        label: setting.label.to_owned(),
        help: setting.help.to_owned(),
        kind: kind.to_owned(),
        options,
        value,
    }
}

pub(crate) fn default_value(setting: &SettingDecl) -> Value {
    match setting.kind {
        SettingKind::Toggle => Value::Bool(setting.default == "true"),
        SettingKind::Number => setting.default.parse::<i64>().map_or(Value::Null, Value::from),
        SettingKind::Text | SettingKind::Described | SettingKind::Choice(_) => Value::from(setting.default),
    }
}
