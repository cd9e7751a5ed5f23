//! What stands in the widest column: how far an order is, and what it waits on.

use crate::cancel_wish;
use crate::hand_entries::is_beside;
use crate::look::Look;
use quayside_model::{
    Action, Cause, Decision, EffectState, Finding, HubOrder, HubStatus, IntentKind, Mode, PastEffect, Stage, Tone,
    WaitsOn,
};

/// Ends a look: stage, the sentence, and everything collected on the way.
pub(crate) fn conclude(mut look: Look<'_>) -> Decision {
    let prove = crate::proof::unseen(&mut look);
    let stage = stage(&look);
    let waits_on = waits_on(&look, stage);
    let hub_state = hub_state(&look);
    let held = crate::stock::adds_up(look.policy).then(|| crate::stock::held(&look));
    let Look { effects, overtaken, findings, ship_by_ms, again_at_ms, shape, quotes, .. } = look;
    let (look_again_at_ms, trace) = (again_at_ms, shape.trace);
    let assignee = shape.assignee.unwrap_or_default();
    Decision {
        effects,
        overtaken,
        findings,
        stage,
        waits_on,
        ship_by_ms,
        look_again_at_ms,
        hub_state,
        prove,
        assignee,
        trace,
        held,
        quotes,
    }
}

fn stage(look: &Look<'_>) -> Stage {
    let story = look.story;
    let order = &story.order;
    let code = look.waits.as_ref().map(|w| w.code);
    // A merged hub order out of which this one's lines were taken is the other orders' alone.
    let nothing_wanted = order.is_cancelled() || look.lines.ordered() == 0;
    let is_here = |h: &HubOrder| h.status.is_open() && !(nothing_wanted && crate::lines::is_without(h, order));
    let at_hub = story.hub_orders.iter().any(|h| is_here(&h.value));
    let live_parcels = story.parcels.iter().any(|p| p.value.is_live());
    if order.is_cancelled() {
        let moving = story.effects.iter().any(|e| under_way(look, e) && moves(e.intent.kind()))
            || look.effects.iter().any(|e| moves(e.intent.kind()))
            || look.findings.iter().any(|f| {
                !matches!(
                    f.cause,
                    Cause::Returned
                        | Cause::LabelElsewhere
                        | Cause::CarrierTrouble
                        | Cause::Forgotten
                        | Cause::WhichCustomer
                ) && !is_beside(f)
            });
        return if at_hub || moving { Stage::Held } else { Stage::Cancelled };
    }
    if order.is_others() && !at_hub && !live_parcels {
        return if order.is_fulfilled() { Stage::Shipped } else { Stage::Ignored };
    }
    // Nothing is left to ship, but the hub does not know yet.
    if look.lines.ordered() == 0 && at_hub {
        return Stage::Held;
    }
    if look.lines.rows.is_empty() || code == Some("nothing_to_ship") {
        return Stage::NothingToShip;
    }
    if look.lines.all_told() {
        // Told, and nothing about it is still moving.
        // Money for what came back waits for its click without keeping the order open: nothing of it is to leave.
        let proposed = |e: &PastEffect| e.state == EffectState::Asked && e.automation == crate::return_refunds::ID;
        let telling = story.effects.iter().any(|e| under_way(look, e) && is_channel(e.intent.kind()) && !proposed(e));
        return if telling { Stage::Telling } else { Stage::Shipped };
    }
    if look.lines.all_shipped() {
        return Stage::Telling;
    }
    if live_parcels || look.lines.told() > 0 {
        return Stage::PartlyShipped;
    }
    match code {
        Some("payment") if !at_hub => return Stage::Unpaid,
        Some("test_order" | "not_ours" | "before_go_live" | "sold_elsewhere") if !at_hub => return Stage::Ignored,
        Some("held_by_person" | "held_in_channel" | "held_by_rule" | "risk" | "scheduled") => return Stage::Held,
        _ => {}
    }
    if order.closed_at_ms.is_some() && !at_hub {
        return Stage::Ignored;
    }
    let held = story.hub_orders.iter().any(|h| h.value.status == HubStatus::OnHold);
    let is_put = |kind: IntentKind| kind == IntentKind::PutHubOrder;
    let gone = |effect: &PastEffect| look.overtaken.iter().any(|(id, _)| *id == effect.id);
    let mut puts = story.effects.iter().filter(|e| is_put(e.intent.kind()) && e.state != EffectState::Skipped);
    let put = puts.rfind(|e| !gone(e));
    let goes_now = look.effects.iter().any(|e| e.mode == Mode::Auto && is_put(e.intent.kind()));
    match put.map(|e| e.state) {
        _ if held => Stage::Held,
        _ if at_hub => Stage::Packing,
        _ if goes_now => Stage::Sending,
        Some(EffectState::Done) if story.hub_orders.is_empty() => Stage::Packing,
        Some(EffectState::Pending | EffectState::Running | EffectState::Unknown) => Stage::Sending,
        _ if story.hub_orders.iter().any(|h| h.value.status == HubStatus::Shipped) => Stage::Packing,
        _ => Stage::ToSend,
    }
}

/// Not ended, and not ended by this very look.
fn under_way(look: &Look<'_>, effect: &PastEffect) -> bool {
    !effect.state.is_final() && !look.overtaken.iter().any(|(id, _)| *id == effect.id)
}

/// An order may wait on it. What is written down about it elsewhere keeps it from nothing.
fn moves(kind: IntentKind) -> bool {
    !matches!(kind, IntentKind::PutRecord | IntentKind::RecordRefund | IntentKind::TellBuyer)
}

/// It tells the channel where the goods or the money are. What is only said about an order (facts, that it was taken in, that
/// it is held) keeps none open.
fn is_channel(kind: IntentKind) -> bool {
    matches!(
        kind,
        IntentKind::Fulfill
            | IntentKind::ReplaceTracking
            | IntentKind::CancelFulfillment
            | IntentKind::CancelChannelOrder
            | IntentKind::Refund
    )
}

fn hub_state(look: &Look<'_>) -> String {
    let newest = look.story.hub_orders.iter().max_by_key(|h| (h.value.status.is_open(), h.value.modified_at_ms));
    let Some(seen) = newest else {
        let sent = look
            .story
            .effects
            .iter()
            .any(|e| e.intent.kind() == IntentKind::PutHubOrder && e.state == EffectState::Done);
        return if sent { "sent".to_owned() } else { String::new() };
    };
    match &seen.value.status {
        HubStatus::AwaitingPayment => "awaiting payment".into(),
        HubStatus::AwaitingShipment => "awaiting shipment".into(),
        HubStatus::OnHold => "on hold".into(),
        HubStatus::Shipped => "shipped".into(),
        HubStatus::Cancelled => "cancelled".into(),
        HubStatus::WithProvider => "with another provider".into(),
        HubStatus::Gone => "gone".into(),
        HubStatus::Unknown(word) => word.clone(),
    }
}

/// The finding a person should see first: the loudest, then the oldest in the table. Late alone
/// does not explain anything, so any other reason goes before it; and a rule that tells keeps nothing back, nor does
/// what left and comes back, nor who the buyer is in a list of customers, nor what somebody enters beside the order.
fn loudest(findings: &[Finding]) -> Option<&Finding> {
    let told = |cause| {
        matches!(
            cause,
            Cause::Late | Cause::AtRisk | Cause::RuleAlert | Cause::MappingCut | Cause::Returned | Cause::WhichCustomer
        )
    };
    let keeps = |f: &&Finding| !told(f.cause) && !is_beside(f);
    findings.iter().filter(keeps).min_by_key(|f| {
        let loudness = match f.cause.tone() {
            Tone::Danger => 0,
            Tone::Warning => 1,
            Tone::Hold => 2,
            Tone::Info | Tone::Neutral | Tone::Success => 3,
        };
        (loudness, f.cause)
    })
}

fn cancels_there(look: &Look<'_>) -> bool {
    look.channel.is_some_and(|channel| channel.performs.contains(&IntentKind::CancelChannelOrder))
}

fn waits_on(look: &Look<'_>, stage: Stage) -> WaitsOn {
    let story = look.story;
    let order = &story.order;
    let waits = |code: &str, sentence: String, icon: &str, tone: Tone, since_ms: i64, action: Option<Action>| WaitsOn {
        code: code.to_owned(),
        sentence,
        icon: icon.to_owned(),
        tone,
        since_ms,
        action,
    };
    if let Some(finding) = loudest(&look.findings) {
        let cause = finding.cause;
        return waits(
            &format!("cause:{}", cause.code()),
            finding.sentence.clone(),
            cause.icon(),
            cause.tone(),
            finding.since_ms.unwrap_or(order.updated_at_ms),
            cause.actions().first().copied(),
        );
    }
    let apart = crate::split::standing_words(look);
    let hub = look.hub.map_or("the hub", |h| h.title.as_str());
    let channel = look.channel.map_or("the store", |c| c.title.as_str());
    match stage {
        Stage::Shipped => {
            let at = order
                .fulfillments
                .iter()
                .filter(|f| f.live)
                .map(|f| f.created_at_ms)
                .max()
                .unwrap_or(order.updated_at_ms);
            return waits("shipped", "Shipped".into(), "check", Tone::Success, at, None);
        }
        Stage::Cancelled => {
            return waits(
                "cancelled",
                "Cancelled".into(),
                "undo",
                Tone::Neutral,
                order.cancelled_at_ms.unwrap_or(order.updated_at_ms),
                None,
            );
        }
        _ => {}
    }
    // Asked effects wait for a click, whatever stage the order is in.
    let asked = story
        .effects
        .iter()
        .find(|e| e.state == EffectState::Asked && under_way(look, e) && moves(e.intent.kind()))
        .map(|e| (e.intent.kind(), e.created_at_ms));
    let asks = || {
        look.effects
            .iter()
            .find(|e| e.mode == Mode::Ask && moves(e.intent.kind()))
            .map(|e| (e.intent.kind(), look.now_ms))
    };
    if let Some((kind, since_ms)) = asked.or_else(asks) {
        let sentence = format!("Waits for your click: {}", kind.phrase());
        return waits("approval", sentence, "hand", Tone::Warning, since_ms, Some(Action::Approve));
    }
    if let Some(w) = &look.waits {
        let (icon, tone, action) = match w.code {
            "payment" => ("card", Tone::Neutral, None),
            "held_by_person" => ("pause", Tone::Hold, Some(Action::Release)),
            // A wish to cancel is granted here; any other hold is lifted there.
            "held_in_channel" if cancel_wish::holds(order) && cancels_there(look) => {
                ("pause", Tone::Hold, Some(Action::CancelInChannel))
            }
            "held_in_channel" => ("pause", Tone::Hold, Some(Action::OpenChannel)),
            "held_by_rule" => ("pause", Tone::Hold, Some(Action::ShipAnyway)),
            "risk" => ("warning", Tone::Warning, Some(Action::ShipAnyway)),
            "no_hub" => ("plug", Tone::Warning, Some(Action::Connect)),
            "automation_off" => ("pause", Tone::Warning, Some(Action::SwitchOn)),
            "seen_twice" => ("copy", Tone::Warning, Some(Action::Link)),
            "who_writes" => ("hand", Tone::Warning, Some(Action::WhoWrites)),
            _ => ("clock", Tone::Neutral, None),
        };
        let beside_the_point = (w.code == "payment" && matches!(stage, Stage::PartlyShipped | Stage::Telling))
            || (w.code == "nothing_to_ship" && stage == Stage::Held);
        if !beside_the_point {
            return waits(w.code, w.sentence.clone(), icon, tone, w.since_ms, action);
        }
    }
    let running = story
        .effects
        .iter()
        .filter(|e| moves(e.intent.kind()))
        .find(|e| matches!(e.state, EffectState::Pending | EffectState::Running | EffectState::Unknown));
    match stage {
        Stage::PartlyShipped => {
            let (shipped, ordered) = (look.lines.shipped().max(look.lines.told()), look.lines.ordered());
            let since = story.parcels.iter().map(|p| p.value.created_at_ms).max().unwrap_or(order.updated_at_ms);
            let mut sentence = format!("{shipped} of {ordered} units left; {} still to ship", ordered - shipped);
            if let Some(words) = &apart {
                sentence = format!("{sentence}. {words}");
            }
            waits("rest", sentence, "split", Tone::Info, since, None)
        }
        Stage::Telling => {
            let since = story
                .parcels
                .iter()
                .filter(|p| p.value.is_live())
                .map(|p| p.value.created_at_ms)
                .max()
                .unwrap_or(order.updated_at_ms);
            let sentence = if look.effects.iter().any(|e| e.mode == Mode::Watch && moves(e.intent.kind())) {
                format!("Left; {channel} would be told (only watching)")
            } else {
                format!("Left; {channel} does not know yet")
            };
            waits("telling", sentence, "arrow", Tone::Info, since, None)
        }
        Stage::Packing | Stage::Held => {
            let seen =
                story.hub_orders.iter().filter(|h| h.value.status.is_open()).min_by_key(|h| h.value.modified_at_ms);
            let sent_ms = story
                .effects
                .iter()
                .filter(|e| e.intent.kind() == IntentKind::PutHubOrder && e.state == EffectState::Done)
                .filter_map(|e| e.settled_at_ms)
                .min();
            let since = sent_ms.or(seen.map(|h| h.value.modified_at_ms)).unwrap_or(order.updated_at_ms);
            let place = seen.and_then(|h| h.value.warehouse.as_deref());
            let place = place.map_or_else(String::new, |place| format!(" ({place})"));
            match (stage, seen.map(|h| &h.value)) {
                (Stage::Held, _)
                    if (order.is_cancelled() || look.lines.ordered() == 0)
                        && only_watches(look, IntentKind::CancelHubOrder) =>
                {
                    waits(
                        "cancelling",
                        format!(
                            "{} in the store, still open at {hub}: \"Cancellations\" only watches",
                            if order.is_cancelled() { "Cancelled" } else { "Refunded" }
                        ),
                        "warning",
                        Tone::Warning,
                        order.cancelled_at_ms.unwrap_or(order.updated_at_ms),
                        Some(Action::OpenHub),
                    )
                }
                (Stage::Held, _) if order.is_cancelled() || look.lines.ordered() == 0 => waits(
                    "cancelling",
                    format!(
                        "{} in the store; {hub} is being told",
                        if order.is_cancelled() { "Cancelled" } else { "Refunded" }
                    ),
                    "sync",
                    Tone::Info,
                    order.cancelled_at_ms.unwrap_or(order.updated_at_ms),
                    None,
                ),
                (Stage::Held, Some(h)) => waits(
                    "held_at_hub",
                    apart.unwrap_or_else(|| format!("On hold at {hub}")),
                    "pause",
                    Tone::Hold,
                    h.modified_at_ms,
                    Some(Action::OpenHub),
                ),
                _ if story.hub_orders.iter().any(|h| h.value.status == HubStatus::Shipped) => waits(
                    "parcel",
                    apart.unwrap_or_else(|| format!("{hub} says shipped; its parcel has not been read yet")),
                    "clock",
                    Tone::Neutral,
                    since,
                    None,
                ),
                _ => waits(
                    "packing",
                    apart.unwrap_or_else(|| format!("In {hub}{place} since {{since}}, waits for packing")),
                    "clock",
                    Tone::Neutral,
                    since,
                    None,
                ),
            }
        }
        Stage::Sending => {
            let since = running.map_or(order.updated_at_ms, |e| e.created_at_ms);
            if let Some(refusal) = running.and_then(|e| e.refusal.as_ref()) {
                waits("sending", format!("On its way to {hub}: {}", refusal.sentence), "sync", Tone::Info, since, None)
            } else {
                let sentence = apart.unwrap_or_else(|| format!("On its way to {hub}"));
                waits("sending", sentence, "arrow", Tone::Neutral, since, None)
            }
        }
        Stage::ToSend if look.effects.iter().any(|e| e.mode == Mode::Watch && moves(e.intent.kind())) => waits(
            "watching",
            format!("Would be sent to {hub} (only watching)"),
            "clock",
            Tone::Neutral,
            story.received_at_ms,
            None,
        ),
        Stage::NothingToShip => waits(
            "nothing_to_ship",
            "Nothing in it needs a carrier".into(),
            "check",
            Tone::Neutral,
            order.placed_at_ms,
            None,
        ),
        Stage::Ignored => waits(
            "archived",
            "Archived in the store".into(),
            "check",
            Tone::Neutral,
            order.closed_at_ms.unwrap_or(order.updated_at_ms),
            None,
        ),
        _ => waits("to_send", format!("Waits to be sent to {hub}"), "clock", Tone::Neutral, story.received_at_ms, None),
    }
}

/// An automation would do this, and may not: it only watches.
fn only_watches(look: &Look<'_>, kind: IntentKind) -> bool {
    look.effects.iter().any(|e| e.mode == Mode::Watch && e.intent.kind() == kind)
}
