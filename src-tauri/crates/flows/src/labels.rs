//! Labels, bought when an order is at the hub and nothing keeps it from leaving.
//!
//! They cost money, so nothing happens until somebody lets it go and says which offer is to be taken; and whatever
//! is odd about an order leaves the label to a person. One that has a label, had one, or was bought one for that is not to
//! be seen gets none from here: a second one is somebody's decision.

use crate::automation::{AutomationDecl, Need};
use crate::label_terms::labels_from;
use crate::look::Look;
use crate::rate_choice::{self, CARRIER, DEARER, ID, POLICY, PRICE_MAX, SPEND, TEST, Typed, WITHIN};
use quayside_model::{
    Cause, EffectState, HubOrder, HubStatus, Intent, IntentKind, Mode, ParcelOrigin, PastEffect, RecordKind, Role,
    Seen, SettingDecl, SettingKind,
};

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Labels",
    summary: "Buys the label of an order that is at your shipping account and ready to leave: asks its carriers what they offer, takes the one you said, and never more than you said a day.",
    examples: &[
        (
            "An order is at the hub, and the cheapest offer that arrives in time is to be taken.",
            "Its label is bought for that price; the parcel and its number follow with the next reading.",
        ),
        ("It has a label already, whoever bought it.", "None is bought."),
        ("It is on hold, cancelled, not paid, or the store and the hub disagree about it.", "None is bought."),
        (
            "The answer to a purchase is lost.",
            "The hub is asked by the order's id first; a label is never bought twice.",
        ),
        ("The limit for the day is reached.", "Nothing is bought, and an exception says so."),
        ("Its label was voided.", "None is bought by itself: a new one is your decision."),
        (
            "Its marketplace says where its label is to be bought, and counts others against you.",
            "None is bought by itself: choose the offer.",
        ),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::HubOrder), Need::Performs(Role::Hub, IntentKind::BuyLabel)],
    undo: "Void the label while the parcel is here: the postage comes back, as its carrier allows.",
    settings: &[
        SettingDecl {
            name: POLICY,
            label: "Take",
            help: "Nothing is bought by itself until this is said.",
            kind: SettingKind::Choice(&[
                ("", "nothing yet"),
                ("arrive_by", "the cheapest that arrives by the promised day"),
                ("cheapest", "the cheapest"),
                ("fastest_under", "the fastest up to the highest price"),
                ("preferred", "the preferred carrier, unless it is too dear"),
            ]),
            default: "",
        },
        SettingDecl {
            name: PRICE_MAX,
            label: "Highest price of a label",
            help: "In the shipping account's currency. Nothing dearer is bought by itself. Empty: no such limit.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: CARRIER,
            label: "Preferred carrier",
            help: "Its name as the offers show it.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: DEARER,
            label: "May be dearer by, per cent",
            help: "The preferred carrier is taken as long as it is not dearer than the cheapest offer by more than this.",
            kind: SettingKind::Number,
            default: "10",
        },
        SettingDecl {
            name: WITHIN,
            label: "Promised within, days",
            help: "For stores that do not say by when a buyer has it: days from the order on. 0: nothing is promised.",
            kind: SettingKind::Number,
            default: "0",
        },
        SettingDecl {
            name: SPEND,
            label: "Limit for a day",
            help: "Of all labels bought from here, by hand or by itself, per shipping account and in its currency. Past it nothing is bought. Empty: no limit.",
            kind: SettingKind::Text,
            default: "100",
        },
        SettingDecl {
            name: TEST,
            label: "Test labels",
            help: "Labels that cost nothing and that no carrier takes, to try a printer. Not every account has them.",
            kind: SettingKind::Toggle,
            default: "false",
        },
    ],
    look,
};

fn look(look: &mut Look<'_>) {
    // Whoever wanted it: nothing is paid for what does not leave.
    if look.story.order.is_cancelled() {
        overtake_waiting(look, "it was cancelled", |_| true);
    }
    let Some(hub) = look.hub else { return };
    let mode = look.mode(ID);
    // A test label says nothing of an order: they are bought by hand.
    let by_itself = mode != Mode::Off && rate_choice::is_chosen(look.policy) && !look.policy.toggle(ID, TEST);
    let waits = look.story.effects.iter().any(|effect| is_waiting(effect) && is_own(effect));
    if !by_itself && !waits {
        return;
    }
    let seen = match standing(look) {
        Ok(seen) => seen,
        Err(NotNow { over, why }) => {
            if over {
                overtake_waiting(look, why, is_own);
            }
            return;
        }
    };
    if !by_itself || !hub.performs.contains(&IntentKind::BuyLabel) || hub.id != seen.connection {
        return;
    }
    let about = seen.value.remote_id.as_str();
    // Bought, refused, given up, voided since: whatever there was, another one is a person's decision. What went with a
    // lowered mode never was.
    if look.past(IntentKind::BuyLabel, about).any(|effect| !effect.withdrawn) {
        return;
    }
    let draft = match rate_choice::draft(look.story, look.policy, hub, &seen.value, &Typed::default(), look.now_ms) {
        Ok(draft) => draft,
        // Whoever only watches is not bothered.
        Err(_) if mode == Mode::Watch => return,
        Err(why) => {
            let number = look.story.order.number.clone();
            look.find(Cause::LabelNotBought, "settings", format!("{number}: its label is not bought. {why}"));
            return;
        }
    };
    let sentence = format!("Buy the label of {} at {}", look.story.order.number, hub.title);
    let connection = hub.id.clone();
    // It was taken back once: money that may be months late waits for a click.
    let waited = look.past(IntentKind::BuyLabel, about).next().is_some();
    let mode = if waited && mode == Mode::Auto { Mode::Ask } else { mode };
    look.plan(ID, mode, &connection, about, Intent::BuyLabel { label: draft }, sentence);
}

/// What was planned and nobody sent yet has become pointless.
fn overtake_waiting(look: &mut Look<'_>, why: &str, whose: fn(&PastEffect) -> bool) {
    let story = look.story;
    for effect in story.effects.iter().filter(|effect| is_waiting(effect) && whose(effect)) {
        look.overtake(effect, why);
    }
}

fn is_waiting(effect: &PastEffect) -> bool {
    effect.intent.kind() == IntentKind::BuyLabel && matches!(effect.state, EffectState::Asked | EffectState::Pending)
}

/// The automation planned it; a person's own click stays as long as the order does.
fn is_own(effect: &PastEffect) -> bool {
    effect.automation == ID
}

/// Why no label is bought now.
struct NotNow {
    /// Nor later: what waits for a click has become pointless.
    over: bool,
    why: &'static str,
}

fn later(why: &'static str) -> NotNow {
    NotNow { over: false, why }
}

fn never(why: &'static str) -> NotNow {
    NotNow { over: true, why }
}

/// The order at the hub that wants a label, or why none does.
fn standing<'a>(look: &Look<'a>) -> Result<&'a Seen<HubOrder>, NotNow> {
    let (story, order) = (look.story, &look.story.order);
    if order.is_cancelled() {
        return Err(never("it was cancelled"));
    }
    if order.test || order.is_others() || look.is_over() {
        return Err(never("there is nothing of it to ship from here"));
    }
    let held = story.choices.hold.as_ref().filter(|hold| hold.until_ms.is_none_or(|until_ms| until_ms > look.now_ms));
    if held.is_some() || look.waits.is_some() {
        return Err(later("it is on hold, or waits for something else"));
    }
    if !order.payment.is_paid() {
        return Err(later("it is not paid"));
    }
    if labels_from(order).is_some() {
        return Err(never("its store says where its label is to be bought"));
    }
    if story.parcels.iter().any(|seen| seen.value.is_live() || seen.value.origin == ParcelOrigin::Label) {
        return Err(never("it has a label"));
    }
    // Something about it needs a person, or is under way.
    let told = |cause| matches!(cause, Cause::RuleAlert | Cause::MappingCut | Cause::AtRisk | Cause::Late);
    if look.findings.iter().any(|finding| !told(finding.cause)) {
        return Err(later("something about it needs a person"));
    }
    let moves = |kind: IntentKind| {
        matches!(
            kind,
            IntentKind::PutHubOrder
                | IntentKind::CancelHubOrder
                | IntentKind::HoldHubOrder
                | IntentKind::ReleaseHubOrder
                | IntentKind::CancelChannelOrder
        )
    };
    let under_way = |effect: &PastEffect| moves(effect.intent.kind()) && !effect.state.is_final();
    if look.effects.iter().any(|planned| moves(planned.intent.kind())) || story.effects.iter().any(under_way) {
        return Err(later("it is being changed"));
    }
    // A part that was taken off again, or a copy that was made anew, is no order any more.
    let over = |status: &HubStatus| matches!(status, HubStatus::Gone | HubStatus::Cancelled);
    let mut open = story.hub_orders.iter().filter(|seen| !over(&seen.value.status));
    match (open.next(), open.next()) {
        // Several parcels, several orders in one: which label is whose, a person says.
        (Some(_), Some(_)) => Err(never("it is several orders there")),
        (Some(seen), None) if !seen.value.merged_ids.is_empty() || seen.value.external => {
            Err(never("it is part of another order there"))
        }
        (Some(seen), None) if seen.value.status == HubStatus::AwaitingShipment => Ok(seen),
        (Some(seen), None) if seen.value.status.is_open() => Err(later("it is on hold there, or waits for payment")),
        (None, _) if story.hub_orders.is_empty() => Err(never("it is not there")),
        (Some(_), None) | (None, _) => Err(never("it is not open there any more")),
    }
}
