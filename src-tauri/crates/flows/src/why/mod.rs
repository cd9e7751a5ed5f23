//! `explain`: why an order is not shipped, with the evidence and who can mend it.
//!
//! The decision already says what an order waits on; this is the long answer to a person
//! who asks. It names one of a closed list of reasons, says which record shows it, and adds
//! whatever else is true of the order. It decides nothing and plans nothing.

mod known;

pub use known::reasons;

use crate::calendar;
use crate::cancel_wish;
use crate::facts::payment;
use crate::look::Look;
use crate::policy::{Peer, Policy};
use crate::same_sale::{evidence, same_sale};
use crate::split;
use crate::who_writes;
use crate::{LineLedger, decide, lines_balance};
use chrono_tz::Tz;
use known::KNOWN;
use quayside_model::time::DAY_MS;
use quayside_model::{
    Action, Cause, ConnectionId, Decision, Delivery, EffectState, Fixer, HubStatus, IntentKind, Parcel, Payment,
    ReturnStatus, Seen, Stage, Story,
};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A hold that is dated further ahead has no end of its own.
const HELD_OPEN_MS: i64 = 365 * DAY_MS;

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Explanation {
    /// How far it is.
    pub stage: Stage,
    /// The reason that counts, and whatever else is true, in that order. Never empty.
    pub reasons: Vec<Reason>,
    /// The sum of every line.
    pub lines: Vec<(String, String)>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Reason {
    /// Stable word.
    pub code: String,
    /// Headline.
    pub title: String,
    /// For this order, in a sentence.
    pub sentence: String,
    /// Since when, ms UTC.
    pub since_ms: i64,
    /// Which record says so.
    pub evidence: Vec<Evidence>,
    /// Who can mend it.
    pub fixer: Fixer,
    /// What to do.
    pub help: String,
    /// The button that does it, if one does.
    pub action: Option<Action>,
    /// What it is about, in the queue's words: `cause:unknown_sku` for an exception, `packing` for what the
    /// order waits on. Empty for what is true besides.
    pub about: String,
    /// The account it is about, where an account is the reason.
    pub connection: Option<ConnectionId>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Evidence {
    /// Which ("Order at Harbour Goods").
    pub record: String,
    /// What it says ("payment: authorized").
    pub says: String,
    /// When it was read, ms UTC.
    pub at_ms: i64,
}

/// Trouble of an account as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountTrouble {
    /// The account.
    pub connection: ConnectionId,
    /// What kind.
    pub cause: Cause,
    /// In a sentence.
    pub sentence: String,
    /// Since when, ms UTC.
    pub since_ms: i64,
}

struct Why<'a> {
    story: &'a Story,
    policy: &'a Policy,
    decision: Decision,
    found: Vec<Reason>,
}

/// Why this order stands where it does.
pub fn explain(story: &Story, policy: &Policy, accounts: &[AccountTrouble], now_ms: i64) -> Explanation {
    let mut why = Why { story, policy, decision: decide(story, policy, now_ms), found: Vec::new() };
    let over = matches!(why.decision.stage, Stage::Shipped | Stage::Cancelled);
    if !over {
        why.accounts(accounts);
        why.buyers_wish();
    }
    why.findings();
    why.waits(now_ms);
    why.parcels(now_ms);
    // One reason is told once, the weightier first: accounts stop everything, lateness explains nothing.
    let mut told: Vec<Reason> = Vec::new();
    for reason in why.found {
        // Each return is one of its own; a label for it that the hub made is the same goods once more.
        let is_return = reason.code == "returned" && !reason.about.is_empty();
        match told.iter_mut().find(|earlier| earlier.code == reason.code && !is_return) {
            // An account's trouble that became an exception of the order is that exception.
            Some(earlier) if earlier.about.is_empty() => earlier.about = reason.about,
            Some(_) => {}
            None => told.push(reason),
        }
    }
    told.sort_by_key(|reason| matches!(reason.code.as_str(), "past_ship_by" | "ship_by_near"));
    let lines = LineLedger::of(story).rows.iter().map(|row| (row.sku.clone(), lines_balance::sum(row))).collect();
    Explanation { stage: why.decision.stage, reasons: told, lines }
}

impl Why<'_> {
    fn peer(&self, id: &ConnectionId) -> String {
        self.policy.peers.get(id).map_or_else(|| id.to_string(), |peer| peer.name.clone())
    }

    fn of_order(&self, says: impl Into<String>) -> Evidence {
        let record = format!("Order {} at {}", self.story.order.number, self.peer(&self.story.channel));
        Evidence { record, says: says.into(), at_ms: self.story.seen_at_ms }
    }

    fn add(
        &mut self,
        about: &str,
        code: &str,
        sentence: impl Into<String>,
        since_ms: i64,
        evidence: Vec<Evidence>,
        action: Option<Action>,
    ) {
        let fallback = &KNOWN[KNOWN.len() - 3];
        let known = KNOWN.iter().find(|known| known.code == code).unwrap_or(fallback);
        self.found.push(Reason {
            code: known.code.to_owned(),
            title: known.title.to_owned(),
            sentence: sentence.into(),
            since_ms,
            evidence,
            fixer: known.fixer,
            help: known.help.to_owned(),
            action,
            about: about.to_owned(),
            connection: None,
        });
    }

    /// The reason added last is about this account.
    fn of_account(&mut self, id: &ConnectionId) {
        if let Some(last) = self.found.last_mut() {
            last.connection = Some(id.clone());
        }
    }

    /// Accounts that this order waits for, and that do not work.
    fn accounts(&mut self, accounts: &[AccountTrouble]) {
        let needs: Vec<ConnectionId> = match self.decision.stage {
            Stage::ToSend | Stage::Sending | Stage::Packing | Stage::Held | Stage::PartlyShipped => {
                let mut hubs = split::places(self.story);
                hubs.extend(self.policy.hub_of(self.story).map(|hub| hub.id.clone()));
                hubs.into_iter().chain([self.story.channel.clone()]).collect()
            }
            Stage::Telling | Stage::Unpaid => vec![self.story.channel.clone()],
            _ => Vec::new(),
        };
        for trouble in accounts.iter().filter(|trouble| needs.contains(&trouble.connection)) {
            let code = match trouble.cause {
                Cause::SignInNeeded | Cause::KeychainClosed => "sign_in",
                Cause::ScopeMissing => "scope_missing",
                Cause::RateLimited => "rate_budget",
                _ => "account_unreachable",
            };
            let record = format!("Connection {}", self.peer(&trouble.connection));
            let evidence = Evidence { record, says: trouble.cause.title().to_owned(), at_ms: trouble.since_ms };
            let action = trouble.cause.actions().first().copied();
            self.add("", code, trouble.sentence.clone(), trouble.since_ms, vec![evidence], action);
            self.of_account(&trouble.connection);
        }
        let paused: Vec<Peer> =
            needs.iter().filter_map(|id| self.policy.peers.get(id)).filter(|peer| peer.paused).cloned().collect();
        for peer in paused {
            let evidence = Evidence {
                record: format!("Connection {}", peer.name),
                says: "paused".into(),
                at_ms: self.story.seen_at_ms,
            };
            self.add(
                "",
                "account_paused",
                format!("{} is paused, so nothing is read from it or sent to it.", peer.name),
                self.story.seen_at_ms,
                vec![evidence],
                None,
            );
            self.of_account(&peer.id);
        }
    }

    /// The buyer wants out: whatever else is true, somebody has to answer that.
    fn buyers_wish(&mut self) {
        let Some(says) = cancel_wish::says(&self.story.order) else { return };
        let (order, channel) = (&self.story.order, self.policy.peers.get(&self.story.channel));
        let (sentence, since_ms) = (format!("The buyer of {} asked to cancel it.", order.number), order.updated_at_ms);
        let cancels = channel.is_some_and(|channel| channel.performs.contains(&IntentKind::CancelChannelOrder));
        let action = if cancels { Action::CancelInChannel } else { Action::OpenChannel };
        let evidence = self.of_order(says);
        self.add("", "buyer_asked_cancel", sentence, since_ms, vec![evidence], Some(action));
    }

    /// What the decision found, each with the record behind it.
    fn findings(&mut self) {
        for finding in self.decision.findings.clone() {
            let code = match finding.cause {
                Cause::AddressMissing => "address_incomplete",
                Cause::AddressRefused => "address_refused",
                Cause::UnknownSku => "unknown_sku",
                Cause::SeenTwice => "seen_twice",
                Cause::WhoWrites => "who_writes",
                Cause::ServiceRefused => "service_refused",
                Cause::ContentRefused | Cause::NotUnderstood | Cause::HubLocked | Cause::LabelNotBought => {
                    "hub_refused"
                }
                _ if crate::hand_entries::is_beside(&finding) => continue,
                Cause::EnterByHand | Cause::ChangeByHand => "by_hand",
                Cause::MappingFailed => "mapping_failed",
                Cause::SignInNeeded | Cause::KeychainClosed => "sign_in",
                Cause::ScopeMissing => "scope_missing",
                Cause::RuleAlert | Cause::MappingCut | Cause::BuyerNotTold | Cause::WhichCustomer => continue,
                Cause::EditedTooLate => "edited_too_late",
                Cause::AnotherAddress => "another_address",
                Cause::CancelledAfterLabel => "cancelled_after_label",
                Cause::CancelledAtHub => "cancelled_one_side",
                Cause::SidesDiffer if self.story.order.is_cancelled() => "cancelled_one_side",
                Cause::SidesDiffer | Cause::ParcelDoesNotFit => "sides_differ",
                Cause::LinesDoNotBalance => "lines_do_not_balance",
                Cause::FulfillmentRefused => "report_refused",
                Cause::HeldInChannel => "held_in_store",
                Cause::LabelVoided => "label_voided",
                Cause::OutcomeUnknown => "outcome_unknown",
                Cause::Late => "past_ship_by",
                Cause::AtRisk => "ship_by_near",
                Cause::LabelElsewhere => "label_elsewhere",
                Cause::CarrierTrouble => "carrier_trouble",
                Cause::Returned => "returned",
                _ => "another_reason",
            };
            let since_ms = finding.since_ms.unwrap_or(self.story.order.updated_at_ms);
            let effect = finding.effect.and_then(|id| self.story.effects.iter().find(|effect| effect.id == id));
            let evidence = match effect {
                Some(effect) => Evidence {
                    record: format!("Change at {}: {}", self.peer(&effect.connection), effect.intent.kind().phrase()),
                    says: finding.said.clone().unwrap_or_else(|| {
                        if effect.is_missing() { "answered as done" } else { effect.state.code() }.to_owned()
                    }),
                    at_ms: effect
                        .settled_at_ms
                        .or(effect.refused_at_ms)
                        .or(effect.first_sent_at_ms)
                        .unwrap_or(effect.created_at_ms),
                },
                None if matches!(finding.cause, Cause::Late | Cause::AtRisk) => {
                    let by = self.decision.ship_by_ms.unwrap_or(since_ms);
                    let at = chrono::DateTime::from_timestamp_millis(by).unwrap_or_default();
                    let own = Look::new(self.story, self.policy, since_ms).promised();
                    let own = own.map_or_else(String::new, |words| format!("; {words}"));
                    self.of_order(format!("ship by {} UTC{own}", at.format("%Y-%m-%d %H:%M")))
                }
                None if finding.cause == Cause::LabelElsewhere => {
                    let parcel = self.story.parcels.iter().find(|seen| seen.value.remote_id == finding.about);
                    parcel.map_or_else(
                        || self.of_order("a label"),
                        |seen| Evidence {
                            record: format!("Parcel {} at {}", seen.value.tracking_number, self.peer(&seen.connection)),
                            says: format!("carrier: {}", seen.value.carrier_code),
                            at_ms: seen.seen_at_ms,
                        },
                    )
                }
                None if finding.cause == Cause::CarrierTrouble => self.of_way(&finding.about),
                None if finding.cause == Cause::Returned => self.of_return(&finding.about),
                None => self.of_hub_or_order(finding.cause, &finding.about),
            };
            let mut actions = finding.cause.actions().iter().copied();
            let action = actions.find(|action| match action {
                Action::Refund => self.gives_back(),
                Action::OpenTracking => {
                    self.parcel_of(&finding.about).is_some_and(|seen| seen.value.tracking_url.is_some())
                }
                _ => true,
            });
            let about = format!("cause:{}", finding.cause.code());
            self.add(&about, code, finding.sentence, since_ms, vec![evidence], action);
        }
    }

    /// The parcel whose trouble is told.
    fn parcel_of(&self, about: &str) -> Option<&Seen<Parcel>> {
        self.story.parcels.iter().find(|seen| crate::delivery_trouble::is_in_trouble(&seen.value, about))
    }

    /// What the carrier says of it.
    fn of_way(&self, about: &str) -> Evidence {
        let Some(seen) = self.parcel_of(about) else { return self.of_order("a parcel") };
        let Some(track) = &seen.value.track else { return self.of_order("a parcel") };
        let state = track.state.words();
        Evidence {
            record: format!("Parcel {} at {}", seen.value.tracking_number, self.peer(&seen.connection)),
            says: if track.says.is_empty() { state.to_owned() } else { format!("{state}: {}", track.says) },
            at_ms: track.at_ms.unwrap_or(seen.seen_at_ms),
        }
    }

    /// The store gives money back when it is told to.
    fn gives_back(&self) -> bool {
        let channel = self.policy.peers.get(&self.story.channel);
        channel.is_some_and(|channel| channel.performs.contains(&IntentKind::Refund))
    }

    /// What the store's record of a return says.
    fn of_return(&self, id: &str) -> Evidence {
        let Some(seen) = self.story.returns.iter().find(|seen| seen.value.remote_id == id) else {
            return self.of_order("a return");
        };
        let back = &seen.value;
        let mut says = vec![format!("status: {}", return_word(&back.status))];
        let here = crate::returned::here_ms(self.story, back).is_some();
        says.push(if here { "arrived".into() } else { "not arrived yet".into() });
        if !back.tracking_number.is_empty() {
            says.push(format!("tracking {}", back.tracking_number));
        }
        let record = format!("Return {} at {}", back.number, self.peer(&seen.connection));
        Evidence { record, says: says.join(", "), at_ms: seen.seen_at_ms }
    }

    /// The hub's own copy of the order, if there is one.
    fn copy_at_hub(&self) -> Option<Evidence> {
        same_sale(self.story).first().map(|stray| Evidence {
            record: format!("Order {} at {}", stray.value.number, self.peer(&stray.connection)),
            says: evidence(&self.story.order, &stray.value).unwrap_or_default().to_owned(),
            at_ms: stray.seen_at_ms,
        })
    }

    /// What the hub's account shows of links to the store.
    fn link_evidence(&self) -> Option<Evidence> {
        let (store, hub) = (self.policy.peers.get(&self.story.channel)?, self.policy.hub_of(self.story)?);
        let links = who_writes::question(self.policy, store, hub)?;
        let says = match links.as_slice() {
            [] => "cannot show links of its own".to_owned(),
            links => format!("links of its own: {}", who_writes::names(links)),
        };
        Some(Evidence { record: format!("Stores of {}", hub.name), says, at_ms: self.story.seen_at_ms })
    }

    fn of_hub_or_order(&self, cause: Cause, about: &str) -> Evidence {
        if let Some(links) = self.link_evidence().filter(|_| cause == Cause::WhoWrites) {
            return links;
        }
        if let Some(copy) = self.copy_at_hub().filter(|_| cause == Cause::SeenTwice) {
            return copy;
        }
        let about_hub = matches!(
            cause,
            Cause::SidesDiffer
                | Cause::AnotherAddress
                | Cause::ChangeByHand
                | Cause::CancelledAtHub
                | Cause::LabelVoided
                | Cause::LinesDoNotBalance
        );
        match self.story.hub_orders.iter().max_by_key(|hub| hub.seen_at_ms).filter(|_| about_hub) {
            Some(hub) => Evidence {
                record: format!("Order {} at {}", hub.value.number, self.peer(&hub.connection)),
                says: format!("status: {}", status_word(&hub.value.status)),
                at_ms: hub.seen_at_ms,
            },
            None => self.of_order(self.read_of(cause, about)),
        }
    }

    /// What the store's order says about it.
    fn read_of(&self, cause: Cause, about: &str) -> String {
        let order = &self.story.order;
        if matches!(cause, Cause::AddressMissing | Cause::AddressRefused) {
            let address = self.story.choices.address.as_ref().or(order.ship_to.as_ref());
            let parts: Vec<&str> = address
                .map(|a| [&a.line1, &a.line2, &a.postcode, &a.city, &a.region, &a.country])
                .into_iter()
                .flatten()
                .map(|part| part.trim())
                .filter(|part| !part.is_empty())
                .collect();
            let shown = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
            return format!("delivery address: {shown}");
        }
        let line = order.lines.iter().find(|line| line.remote_id == about);
        match line {
            Some(line) if line.sku.trim().is_empty() => format!("line {} has no SKU", line.name),
            Some(line) => format!("line {}: {}", line.sku, line.name),
            None => match order.lines.len() {
                1 => "1 line, as last read".to_owned(),
                lines => format!("{lines} lines, as last read"),
            },
        }
    }

    /// How an automation is set.
    fn of_automation(&self, title: &str, says: &str) -> Evidence {
        Evidence { record: format!("Automation \"{title}\""), says: says.to_owned(), at_ms: self.story.seen_at_ms }
    }

    /// What the decision waits on, where no finding said more.
    fn waits(&mut self, now_ms: i64) {
        let order = &self.story.order;
        let waits = self.decision.waits_on.clone();
        let (since_ms, action) = (waits.since_ms, waits.action);
        if waits.code.starts_with("cause:") {
            return;
        }
        let until = self.held_until(&waits.code, now_ms);
        let until = until.map_or_else(String::new, |until| format!(", until {until}"));
        let sentence = format!("{}{until}", waits.sentence);
        let hub_seen = self
            .story
            .hub_orders
            .iter()
            .filter(|hub| hub.value.status.is_open())
            .min_by_key(|hub| hub.value.modified_at_ms);
        let hub_evidence = hub_seen.map(|hub| Evidence {
            record: format!("Order {} at {}", hub.value.number, self.peer(&hub.connection)),
            says: format!("status: {}", status_word(&hub.value.status)),
            at_ms: hub.seen_at_ms,
        });
        let hold_reason = order
            .fulfillment_orders
            .iter()
            .flat_map(|work| &work.holds)
            .map(|hold| format!("{} {}", hold.reason, hold.notes))
            .next();
        let no_stock = hold_reason.as_deref().is_some_and(crate::tell_buyer::speaks_of_stock);
        let (code, evidence): (&str, Option<Evidence>) = match waits.code.as_str() {
            "payment" => {
                let code = match order.payment {
                    Payment::PartiallyPaid => "part_paid",
                    Payment::Authorized => "authorised",
                    Payment::Expired | Payment::Voided | Payment::Refunded => "payment_gone",
                    _ => "unpaid",
                };
                (code, Some(self.of_order(format!("payment: {}", payment(order).replace('_', " ")))))
            }
            "risk" => {
                ("fraud_review", Some(self.of_order(format!("risk: {}", order.risk.clone().unwrap_or_default()))))
            }
            "test_order" => ("test_order", Some(self.of_order("test: yes"))),
            "routing" => ("not_routed", Some(self.of_order("no location yet"))),
            "scheduled" => ("scheduled", Some(self.of_order("fulfil at a later day"))),
            "held_by_rule" => (
                "filtered_by_rule",
                self.decision.trace.iter().find(|rule| rule.fired).map(|rule| Evidence {
                    record: format!("Rule \"{}\"", rule.name),
                    says: rule.why.clone(),
                    at_ms: now_ms,
                }),
            ),
            "before_go_live" => ("before_go_live", Some(self.of_order("placed before the line"))),
            "automation_off" => ("automation_off", Some(self.of_automation("Orders to the hub", "mode: Off"))),
            "watching" => ("only_watching", Some(self.of_automation("Orders to the hub", "mode: Watch"))),
            "approval" => ("waits_for_click", self.effect_evidence(EffectState::Asked)),
            "no_hub" => ("no_hub", None),
            // Settled by hand, and still here.
            "seen_twice" => ("seen_twice", self.copy_at_hub().or_else(|| self.twin_evidence())),
            "sold_elsewhere" => ("sold_elsewhere", self.twin_evidence()),
            "twin_waits" => ("twin_waits", self.twin_evidence()),
            "who_writes" => ("who_writes", self.link_evidence()),
            "hub_imports" => ("hub_imports", Some(self.of_order("the store's setting: the hub imports it"))),
            "held_by_person" => (
                "held_by_you",
                self.story.choices.hold.as_ref().map(|hold| Evidence {
                    record: "Your hold".into(),
                    says: if hold.reason.is_empty() {
                        format!("without a reason{until}")
                    } else {
                        format!("{}{until}", hold.reason)
                    },
                    at_ms: hold.since_ms,
                }),
            ),
            "held_in_channel" if cancel_wish::holds(order) => {
                ("buyer_asked_cancel", cancel_wish::says(order).map(|says| self.of_order(says)))
            }
            "held_in_channel" if no_stock => {
                ("back_ordered", Some(self.of_order(format!("hold: {}", hold_reason.unwrap_or_default()))))
            }
            "held_in_channel" => {
                ("held_in_store", Some(self.of_order(format!("hold: {}", hold_reason.unwrap_or_default()))))
            }
            "held_at_hub" => (
                "held_at_hub",
                hub_evidence.map(|evidence| Evidence { says: format!("{}{until}", evidence.says), ..evidence }),
            ),
            "sending" => (
                "on_its_way",
                self.effect_evidence(EffectState::Pending).or_else(|| self.effect_evidence(EffectState::Running)),
            ),
            "to_send" => ("to_send", None),
            "packing" => ("picking", hub_evidence),
            "parcel" => ("parcel_not_read", None),
            "rest" if self.story.hub_orders.iter().any(|hub| hub.value.parent_id.is_some()) => {
                ("split_open", hub_evidence)
            }
            "rest" => ("partly_shipped", hub_evidence),
            "telling" => ("tracking_not_reported", self.parcel_evidence()),
            "cancelling" => ("cancelled_one_side", hub_evidence),
            "nothing_to_ship" => match order.delivery {
                Delivery::Pickup => ("pickup", Some(self.of_order("delivery: pickup"))),
                Delivery::Local => ("own_delivery", Some(self.of_order("delivery: local"))),
                Delivery::Retail => ("over_the_counter", Some(self.of_order("delivery: counter"))),
                _ => ("digital_only", Some(self.of_order("no line needs shipping"))),
            },
            "not_ours" if self.policy.peers.contains_key(&self.story.channel) => {
                ("fulfilled_by_others", Some(self.of_order("given to another service")))
            }
            "not_ours" => ("store_removed", None),
            "archived" => ("archived", Some(self.of_order("archived"))),
            "shipped" => ("shipped", self.parcel_evidence()),
            "cancelled" => ("cancelled", Some(self.of_order("cancelled"))),
            _ => ("another_reason", None),
        };
        let merged = self.story.hub_orders.iter().find(|hub| !hub.value.merged_ids.is_empty());
        if let Some(hub) = merged.filter(|_| !matches!(code, "shipped" | "cancelled")) {
            let evidence = Evidence {
                record: format!("Order {} at {}", hub.value.number, self.peer(&hub.connection)),
                says: format!("merged from {} orders", hub.value.merged_ids.len()),
                at_ms: hub.seen_at_ms,
            };
            let sentence = format!(
                "{} was merged with others into {} at {}.",
                order.number,
                hub.value.number,
                self.peer(&hub.connection)
            );
            self.add("", "merged", sentence, hub.value.modified_at_ms, vec![evidence], Some(Action::OpenHub));
        }
        self.add(&waits.code, code, sentence, since_ms, evidence.into_iter().collect(), action);
    }

    /// When a hold ends by itself, as far as somebody said so.
    fn held_until(&self, code: &str, now_ms: i64) -> Option<String> {
        let shown = |at_ms: i64, zone: Tz, shape: &str| {
            let at = chrono::DateTime::from_timestamp_millis(at_ms)?;
            Some(at.with_timezone(&zone).format(shape).to_string())
        };
        if code == "held_by_person" {
            let until_ms = self.story.choices.hold.as_ref()?.until_ms?;
            let zone = self.policy.zone_of(self.policy.peers.get(&self.story.channel));
            return shown(until_ms, zone, "%-d %b %Y, %H:%M");
        }
        let on_hold = self.story.hub_orders.iter().filter(|hub| hub.value.status == HubStatus::OnHold);
        let ends = on_hold.filter_map(|hub| Some((hub.value.hold_until_ms?, &hub.connection)));
        let (until_ms, hub) = ends.max_by_key(|(at_ms, _)| *at_ms).filter(|_| code == "held_at_hub")?;
        // Dated years ahead it is held until somebody releases it.
        if until_ms <= now_ms || until_ms - now_ms > HELD_OPEN_MS {
            return None;
        }
        // Hubs hold until a day. One that says it without a zone means no other day than it says.
        let account = self.policy.peers.get(hub).and_then(|peer| peer.time_zone.as_deref());
        let zone = if until_ms % DAY_MS == 0 { Tz::UTC } else { calendar::zone(&self.policy.settings, account) };
        shown(until_ms, zone, "%-d %b %Y")
    }

    /// The other store's order of the same sale; where none was read, what this one says of it.
    fn twin_evidence(&self) -> Option<Evidence> {
        let Some(twin) = self.story.twins.first() else {
            let on = self.story.order.sold_on.as_ref()?;
            let number = if on.number.is_empty() { "no number" } else { &on.number };
            return Some(self.of_order(format!("sold on {}: {number}", on.source)));
        };
        let by_hand = self.story.choices.same_as.contains(&twin.name());
        let why = crate::twins::evidence(&self.story.order, &twin.order, twin.side).filter(|_| !by_hand);
        Some(Evidence {
            record: format!("Order {} at {}", twin.order.number, self.peer(&twin.connection)),
            says: format!("one sale by {}", why.unwrap_or("your word")),
            at_ms: twin.order.updated_at_ms,
        })
    }

    fn effect_evidence(&self, state: EffectState) -> Option<Evidence> {
        let effect = self.story.effects.iter().rev().find(|effect| effect.state == state)?;
        Some(Evidence {
            record: format!("Change at {}: {}", self.peer(&effect.connection), effect.intent.kind().phrase()),
            says: state.code().to_owned(),
            at_ms: effect.created_at_ms,
        })
    }

    fn parcel_evidence(&self) -> Option<Evidence> {
        let seen = self
            .story
            .parcels
            .iter()
            .filter(|seen| seen.value.is_live())
            .max_by_key(|seen| seen.value.created_at_ms)?;
        let number =
            if seen.value.tracking_number.is_empty() { "without a number" } else { &seen.value.tracking_number };
        Some(Evidence {
            record: format!("Parcel {number} at {}", self.peer(&seen.connection)),
            says: "label bought".into(),
            at_ms: seen.value.created_at_ms,
        })
    }

    /// What parcels tell that the decision does not wait for.
    fn parcels(&mut self, now_ms: i64) {
        let number = self.story.order.number.clone();
        let live: Vec<_> = self.story.parcels.iter().filter(|seen| seen.value.is_live()).cloned().collect();
        let told =
            self.story.order.fulfillments.iter().filter(|told| told.live).any(|told| told.delivered_at_ms.is_some());
        let delivered = told || live.iter().any(|seen| seen.value.delivered_at_ms.is_some());
        if let Some(seen) =
            self.story.parcels.iter().find(|seen| seen.value.is_return && seen.value.voided_at_ms.is_none()).cloned()
        {
            let record = format!("Return label {} at {}", seen.value.tracking_number, self.peer(&seen.connection));
            let evidence = Evidence { record, says: "goods come back".into(), at_ms: seen.seen_at_ms };
            self.add(
                "",
                "returned",
                format!("A return of {number} is on its way back."),
                seen.value.created_at_ms,
                vec![evidence],
                Some(Action::OpenHub),
            );
        }
        if delivered || live.is_empty() {
            return;
        }
        let evidence: Vec<Evidence> = self.parcel_evidence().into_iter().collect();
        let since_ms = live.iter().map(|seen| seen.value.created_at_ms).max().unwrap_or(now_ms);
        let store_ms = self.policy.by_clock_of(&self.story.channel, now_ms);
        if self.story.order.deliver_by_ms.is_some_and(|by_ms| by_ms < store_ms) {
            let sentence = format!("{number} was promised to be there by now, and no delivery was read.");
            self.add("", "carrier_delay", sentence, self.story.order.deliver_by_ms.unwrap_or(since_ms), evidence, None);
        } else if let Some(seen) = live.iter().find(|seen| !seen.value.has_left()) {
            let sentence = format!("A label of {number} was bought, and nobody has said that the parcel left.");
            let says = if seen.value.track.is_some() { "the carrier has not seen it" } else { "label bought" };
            let number = match seen.value.tracking_number.trim() {
                "" => "without a number",
                number => number,
            };
            let evidence = Evidence {
                record: format!("Parcel {number} at {}", self.peer(&seen.connection)),
                says: says.to_owned(),
                at_ms: seen.value.created_at_ms,
            };
            let bought_ms = seen.value.created_at_ms;
            self.add("", "label_not_scanned", sentence, bought_ms, vec![evidence], Some(Action::OpenHub));
        }
    }
}

fn return_word(status: &ReturnStatus) -> &str {
    match status {
        ReturnStatus::Requested => "asked for",
        ReturnStatus::Open => "agreed",
        ReturnStatus::Declined => "declined",
        ReturnStatus::Cancelled => "called off",
        ReturnStatus::Closed => "done",
        ReturnStatus::Unknown(word) => word,
    }
}

fn status_word(status: &HubStatus) -> &str {
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
