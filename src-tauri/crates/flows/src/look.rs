//! One look at one order: what is known, and what the automations have added so far.

use crate::AFTER_SHIPPING;
use crate::calendar;
use crate::draft::own_part;
use crate::lines::LineLedger;
use crate::policy::{Peer, Policy};
use crate::promise::{self, Promise};
use crate::shape::{Shape, shape};
use crate::split;
use chrono_tz::Tz;
use quayside_model::settings::Settings;
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Cause, ConnectionId, EffectId, EffectState, Finding, HubOrder, HubStatus, Intent, IntentKind, Mode, PastEffect,
    PlannedEffect, QuoteWish, Seen, Story,
};

/// What one automation after the other works on.
pub(crate) struct Look<'a> {
    pub story: &'a Story,
    pub policy: &'a Policy,
    pub now_ms: i64,
    /// The account the order came from; `None` when it was removed.
    pub channel: Option<&'a Peer>,
    /// The account the order goes to; of an order in several parts, the first one.
    pub hub: Option<&'a Peer>,
    pub lines: LineLedger,
    /// What aliases, mappings and rules make of it.
    pub shape: Shape,
    pub ship_by_ms: Option<i64>,
    /// What the store promises of its own by the service the buyer chose.
    pub promise: Option<&'a Promise>,
    /// Why the order is not at the hub and will not go there now; the first reason wins.
    pub waits: Option<Waits>,
    pub effects: Vec<PlannedEffect>,
    pub overtaken: Vec<(EffectId, String)>,
    pub findings: Vec<Finding>,
    pub again_at_ms: Option<i64>,
    /// What the channel is to be asked before money is given back.
    pub quotes: Vec<QuoteWish>,
}

/// Why an order does not move, before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Waits {
    pub code: &'static str,
    pub sentence: String,
    pub since_ms: i64,
}

impl<'a> Look<'a> {
    pub fn new(story: &'a Story, policy: &'a Policy, now_ms: i64) -> Self {
        let channel = policy.peers.get(&story.channel);
        let (settings, zone) = (policy.settings_of(channel), policy.zone_of(channel));
        let shape = shape(story, policy);
        let promise = channel.and_then(|store| promise::of(&store.clock.promises, story.order.shipping.as_ref()));
        let ship_by_ms = ship_by(story, promise, &settings, zone);
        let ship_by_ms = mapped_ship_by(&shape, story).or(ship_by_ms);
        // Priority is a promise of its own: the next cut-off. Later than the store's it never gets.
        let ship_by_ms = if shape.ship.priority {
            let soon_ms = calendar::business_deadline(story.order.placed_at_ms, 0, &settings, zone);
            Some(ship_by_ms.map_or(soon_ms, |promised| promised.min(soon_ms)))
        } else {
            ship_by_ms
        };
        Self {
            story,
            policy,
            now_ms,
            channel,
            hub: split::first_hub(story, policy, shape.split.as_ref()),
            lines: LineLedger::of(story),
            shape,
            ship_by_ms,
            promise,
            waits: None,
            effects: Vec::new(),
            overtaken: Vec::new(),
            findings: Vec::new(),
            again_at_ms: None,
            quotes: Vec::new(),
        }
    }

    /// Nothing of it has to ship any more: what shapes an order has no say.
    pub fn is_over(&self) -> bool {
        let order = &self.story.order;
        order.is_cancelled()
            || order.closed_at_ms.is_some()
            || self.lines.rows.is_empty()
            || self.lines.all_shipped()
            || self.lines.all_told()
    }

    /// Look again at `at_ms` at the latest.
    pub fn look_again(&mut self, at_ms: i64) {
        let at_ms = at_ms.max(self.now_ms + 1);
        self.again_at_ms = Some(self.again_at_ms.map_or(at_ms, |old| old.min(at_ms)));
    }

    /// The order does not move for this reason (the first one told is kept).
    pub fn wait(&mut self, code: &'static str, since_ms: i64, sentence: impl Into<String>) {
        if self.waits.is_none() {
            self.waits = Some(Waits { code, sentence: sentence.into(), since_ms });
        }
    }

    /// How far an automation may go for this order: its mode, or Off before its go-live line.
    pub fn mode(&self, automation: &str) -> Mode {
        let Some(policy) = self.policy.automations.get(automation) else { return Mode::Watch };
        let before_line = policy.go_live_ms.is_some_and(|line| self.story.order.placed_at_ms < line);
        // What was begun is brought to its end; what is only said of an order that left was not begun by sending it.
        let begun = || self.was_sent() && !AFTER_SHIPPING.contains(&automation);
        if before_line && !self.story.choices.push_anyway && !begun() { Mode::Off } else { policy.mode }
    }

    /// We sent it to a hub, or tried to.
    pub fn was_sent(&self) -> bool {
        self.story.effects.iter().any(|e| {
            e.intent.kind() == IntentKind::PutHubOrder
                && e.state != EffectState::Skipped
                && e.first_sent_at_ms.is_some()
        })
    }

    /// A key that we give hub orders of this order.
    pub fn is_our_key(&self, key: &str) -> bool {
        self.channel.is_some_and(|channel| own_part(channel, &self.story.order, key).is_some())
    }

    /// Effects of one kind about one thing, oldest first, given-up ones too.
    pub fn past(&self, kind: IntentKind, about: &str) -> impl Iterator<Item = &'a PastEffect> {
        let stem = self.stem(kind, about);
        self.story.effects.iter().filter(move |e| e.key.starts_with(&stem))
    }

    /// The newest effect of one kind about one thing that was not given up.
    pub fn last(&self, kind: IntentKind, about: &str) -> Option<&'a PastEffect> {
        self.past(kind, about).filter(|e| e.state != EffectState::Skipped).last()
    }

    /// The same at one account: two of them may name different things alike.
    pub fn last_at(&self, connection: &ConnectionId, kind: IntentKind, about: &str) -> Option<&'a PastEffect> {
        let here = |effect: &&PastEffect| effect.state != EffectState::Skipped && effect.connection == *connection;
        self.past(kind, about).filter(here).last()
    }

    fn stem(&self, kind: IntentKind, about: &str) -> String {
        effect_stem(self.channel, &self.story.order.remote_id, kind, about)
    }

    /// Plans an effect. Its key counts the effects of the same kind about the same thing
    /// before it, so that planning twice from one story gives one key, and a later,
    /// different wish gives another.
    pub fn plan(
        &mut self,
        automation: &str,
        mode: Mode,
        connection: &ConnectionId,
        about: &str,
        intent: Intent,
        sentence: String,
    ) {
        if mode == Mode::Off {
            return;
        }
        let kind = intent.kind();
        let generation = self.past(kind, about).count();
        self.effects.push(PlannedEffect {
            key: format!("{}{generation}", self.stem(kind, about)),
            automation: automation.to_owned(),
            connection: connection.clone(),
            intent,
            mode,
            ship_by_ms: self.ship_by_ms,
            sentence,
        });
    }

    /// Newer knowledge makes an effect pointless that has not left yet.
    pub fn overtake(&mut self, effect: &PastEffect, why: impl Into<String>) {
        let already = self.overtaken.iter().any(|(id, _)| *id == effect.id);
        if !already && matches!(effect.state, EffectState::Asked | EffectState::Pending | EffectState::Refused) {
            self.overtaken.push((effect.id, why.into()));
        }
    }

    /// Something needs a person, unless a person settled exactly this.
    pub fn find(&mut self, cause: Cause, about: impl Into<String>, sentence: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding {
            cause,
            about: about.into(),
            sentence: sentence.into(),
            said: None,
            effect: None,
            since_ms: None,
        });
        let at = self.findings.len() - 1;
        &mut self.findings[at]
    }

    /// What was planned and waits for a click or its turn, and has become pointless.
    pub fn overtake_waiting(&mut self, kinds: &[IntentKind], about: &str, why: &str) {
        for kind in kinds {
            let waiting = |e: &&PastEffect| matches!(e.state, EffectState::Asked | EffectState::Pending);
            let effects: Vec<&PastEffect> = self.past(*kind, about).filter(waiting).collect();
            for effect in effects {
                self.overtake(effect, why);
            }
        }
    }

    /// The living hub order into which the warehouse put this order and others: what is done to it is done to all.
    pub fn merged_at_hub(&self) -> Option<&'a Seen<HubOrder>> {
        self.merged_hub_orders().next()
    }

    /// All such hub orders: the parts of a split order may be in several.
    pub fn merged_hub_orders(&self) -> impl Iterator<Item = &'a Seen<HubOrder>> + use<'a> {
        self.story.hub_orders.iter().filter(|seen| {
            let hub_order = &seen.value;
            let living = !matches!(hub_order.status, HubStatus::Cancelled | HubStatus::Gone);
            living && !hub_order.merged_ids.is_empty() && !hub_order.external
        })
    }

    /// The hub orders that are this order: ours by key, splits of ours, merges that took ours in.
    pub fn hub_orders(&self) -> impl Iterator<Item = &'a Seen<HubOrder>> {
        self.story.hub_orders.iter()
    }

    /// Every refused or lost effect is told, unless something newer took its place.
    pub fn report_refusals(&mut self) {
        let story = self.story;
        for effect in &story.effects {
            let overtaken = self.overtaken.iter().any(|(id, _)| *id == effect.id);
            let cause_text = match effect.state {
                EffectState::Refused if !overtaken => effect.refusal.as_ref(),
                // The platform works on it and said so: nothing is lost, and nothing is odd until the connector says so.
                EffectState::Unknown if effect.ticket.is_some() => {
                    effect.refusal.as_ref().filter(|refusal| refusal.cause != Cause::OutcomeUnknown)
                }
                EffectState::Unknown => effect.refusal.as_ref(),
                _ => None,
            };
            let Some(refusal) = cause_text else { continue };
            // A refusal is told whatever its cause: the account's own condition (a missing role, say) ends with the next
            // call that works, and this one would then lie there unsaid.
            let cause = if effect.state == EffectState::Unknown { Cause::OutcomeUnknown } else { refusal.cause };
            if self.findings.iter().any(|f| f.effect == Some(effect.id)) {
                continue;
            }
            let (said, sentence, id) = (refusal.said.clone(), refusal.sentence.clone(), effect.id);
            let since_ms = effect.settled_at_ms.or(effect.first_sent_at_ms);
            let finding = self.find(cause, effect.key.clone(), sentence);
            finding.said = said;
            finding.effect = Some(id);
            finding.since_ms = since_ms;
        }
    }

    /// By what promise of the store's own it must leave, or from which of its fields that day was read, in words; `None`:
    /// by the store's word, or by that of all orders.
    pub fn promised(&self) -> Option<String> {
        if self.shape.ship_by_ms.is_some() {
            let holds = self.ship_by_ms == self.shape.ship_by_ms;
            return self.shape.ship_by_from.clone().filter(|_| holds);
        }
        let own = self.promise.filter(|_| !self.shape.ship.priority && told_ship_by(self.story).is_none());
        own.map(Promise::words)
    }

    /// Late, soon late, and when to look again for it.
    pub fn report_time(&mut self) {
        let Some(ship_by_ms) = self.ship_by_ms else { return };
        let order = &self.story.order;
        let done = self.lines.rows.is_empty() || self.lines.all_shipped() || self.lines.all_told();
        if done || order.is_cancelled() || !order.payment.is_paid() || order.closed_at_ms.is_some() {
            return;
        }
        if matches!(
            self.waits.as_ref().map(|w| w.code),
            Some("not_ours" | "nothing_to_ship" | "test_order" | "before_go_live" | "sold_elsewhere")
        ) {
            return;
        }
        let at_risk_ms = ship_by_ms - i64::from(self.policy.settings.at_risk_min) * MINUTE_MS;
        let now_ms = self.now_at_store();
        if now_ms >= ship_by_ms {
            let number = order.number.clone();
            let promised = self.promised().map_or_else(String::new, |words| format!(": {words}"));
            let finding = self.find(
                Cause::Late,
                "ship_by",
                format!("{number} should have left by now{promised}. What it waits on stands beside it."),
            );
            finding.since_ms = Some(ship_by_ms);
        } else if now_ms >= at_risk_ms {
            // The queue shows all that is near. What counts against the whole account is told by name.
            if crate::labels_from(order).is_some() {
                let number = order.number.clone();
                let finding = self.find(
                    Cause::AtRisk,
                    "ship_by",
                    format!("{number} must leave soon: its store counts orders of its kind that leave late against your account."),
                );
                finding.since_ms = Some(at_risk_ms);
            }
            self.look_again_at_store(ship_by_ms);
        } else {
            self.look_again_at_store(at_risk_ms);
        }
    }
}

/// How the keys of all effects of one kind about one thing begin; a running number follows.
/// What a person asks for is keyed the same way, so that automations see it.
pub fn effect_stem(channel: Option<&Peer>, order_remote_id: &str, kind: IntentKind, about: &str) -> String {
    let code = channel.map_or("gone", |c| c.code.as_str());
    let tail = order_remote_id.rsplit('/').next().unwrap_or_default();
    format!("{code}-{tail}:{}:{about}:", kind.code())
}

/// When an order must leave: the channel's own promise, else the merchant's for its service, else the one for all.
fn ship_by(story: &Story, promise: Option<&Promise>, settings: &Settings, zone: Tz) -> Option<i64> {
    let days = match promise {
        Some(own) => Some(own.leaves_days),
        None => Some(settings.promise_days).filter(|days| *days > 0),
    };
    let own = || days.map(|days| calendar::business_deadline(story.order.placed_at_ms, days, settings, zone));
    told_ship_by(story).or_else(own)
}

/// The day a mapping reads from the order, which a person said is the one. Where the store counts late orders against the
/// account, its own earlier day stays.
fn mapped_ship_by(shape: &Shape, story: &Story) -> Option<i64> {
    let mapped_ms = shape.ship_by_ms?;
    let counted_ms = told_ship_by(story).filter(|_| crate::labels_from(&story.order).is_some());
    Some(counted_ms.map_or(mapped_ms, |told_ms| told_ms.min(mapped_ms)))
}

/// When an order must leave by the store's own word.
fn told_ship_by(story: &Story) -> Option<i64> {
    let order = &story.order;
    let by_work = order.fulfillment_orders.iter().filter(|fo| fo.lines.iter().any(|l| l.remaining_quantity > 0));
    order.ship_by_ms.or_else(|| by_work.filter_map(|fo| fo.fulfill_by_ms).min())
}
