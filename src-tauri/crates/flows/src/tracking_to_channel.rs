//! Every parcel becomes one fulfillment in the channel, with the lines and units that are in it.

use crate::automation::{AutomationDecl, Need};
use crate::draft::count;
use crate::look::Look;
use crate::records::expected;
use crate::take_back;
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Cause, EffectState, Fulfillment, FulfillmentDraft, FulfillmentLine, FulfillmentOrderLine, Intent, IntentKind, Mode,
    Parcel, PastEffect, RecordKind, Role, Seen, SettingDecl, SettingKind, Tracking,
};
use std::collections::BTreeMap;

pub(crate) const ID: &str = "tracking_to_channel";

/// The hub says it told the channel itself: so long we wait for it to show there.
const HUB_TOLD_MS: i64 = 15 * MINUTE_MS;
/// Reports of one parcel that may follow a refusal for a hold which the channel does not show.
const RELEASES_MAX: usize = 5;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Tracking to the store",
    summary: "Reports each parcel of the shipping account to the store: the right lines and units, carrier, number and link. The order is fulfilled when all of it has left.",
    examples: &[
        (
            "The warehouse buys a label for the whole order.",
            "The store gets one fulfillment with its tracking, and the customer is told.",
        ),
        (
            "Two of three lines leave today, one next week.",
            "Two fulfillments, each with its own lines; the order is fulfilled after the second.",
        ),
        (
            "A label is voided and bought anew.",
            "The store's tracking is corrected instead of reporting the goods twice.",
        ),
        ("A label is voided and nothing follows.", "After a while the fulfillment is taken back in the store."),
        (
            "Somebody fulfilled the order in the store by hand.",
            "Nothing is reported again; a missing tracking number is filled in.",
        ),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::Parcel), Need::Performs(Role::Channel, IntentKind::Fulfill)],
    undo: "Take the fulfillment back in the store. A message the buyer got cannot be undone.",
    settings: &[
        SettingDecl {
            name: "notify",
            label: "Tell the customer",
            help: "The store sends its shipping e-mail with the first report of a parcel.",
            kind: SettingKind::Toggle,
            default: "true",
        },
        SettingDecl {
            name: "take_back_min",
            label: "Take a voided label back after",
            help: "Minutes to wait for a new label before the fulfillment is taken back in the store. 0 leaves it to you.",
            kind: SettingKind::Number,
            default: "60",
        },
        SettingDecl {
            name: "trust_hub",
            label: "Leave it to the hub where it tells the store itself",
            help: "Quayside looks whether it arrived, and reports it after 15 minutes if not.",
            kind: SettingKind::Toggle,
            default: "true",
        },
    ],
    look,
};

fn look(look: &mut Look<'_>) {
    let story = look.story;
    if look.channel.is_none() || look.lines.rows.is_empty() && story.parcels.is_empty() {
        return;
    }
    for (parcel_id, sku, units) in look.lines.strangers.clone() {
        if story.parcels.iter().any(|p| p.value.remote_id == parcel_id && !told_by_number(look, &p.value)) {
            let what = if sku.is_empty() { "an item without SKU".to_owned() } else { format!("SKU {sku}") };
            let sentence = format!(
                "A parcel of {} carries {units} × {what}, which the store's order does not have. The store is told of the other lines only.",
                story.order.number
            );
            look.find(Cause::ParcelDoesNotFit, format!("{parcel_id}/{sku}"), sentence);
        }
    }
    // What is planned in this look is no longer open for the next parcel.
    let mut planned: BTreeMap<String, i64> = BTreeMap::new();
    for effect in story.effects.iter().filter(|e| is_under_way(e)) {
        if let Intent::Fulfill { fulfillment } = &effect.intent
            && !fulfillment.parcel_ids.iter().any(|id| parcel_told_elsewhere(look, id))
            && !take_back::was_taken_back(look, effect)
        {
            for line in &fulfillment.lines {
                *planned.entry(line.order_line_id.clone()).or_default() += line.quantity;
            }
        }
    }
    for seen in &story.parcels {
        if seen.value.is_return {
            continue;
        }
        if seen.value.is_live() {
            tell(look, seen, &mut planned);
        } else {
            take_back::take_back(look, seen);
        }
    }
}

fn is_under_way(effect: &PastEffect) -> bool {
    matches!(effect.state, EffectState::Asked | EffectState::Pending | EffectState::Running | EffectState::Unknown)
        || (effect.state == EffectState::Done && effect.settled_at_ms.is_some())
}

fn parcel_told_elsewhere(look: &Look<'_>, parcel_id: &str) -> bool {
    look.story.parcels.iter().any(|p| p.value.remote_id == parcel_id && told_by_number(look, &p.value))
}

/// The channel shows this parcel's tracking number on a live fulfillment.
pub(crate) fn told_by_number(look: &Look<'_>, parcel: &Parcel) -> bool {
    fulfillment_with(look, &parcel.tracking_number).is_some()
}

pub(crate) fn fulfillment_with<'a>(look: &Look<'a>, number: &str) -> Option<&'a Fulfillment> {
    let same = |n: &String| n.trim().eq_ignore_ascii_case(number.trim());
    look.story
        .order
        .fulfillments
        .iter()
        .filter(|f| f.live && !number.trim().is_empty())
        .find(|f| f.tracking_numbers.iter().any(same))
}

fn tell(look: &mut Look<'_>, seen: &Seen<Parcel>, planned: &mut BTreeMap<String, i64>) {
    let story = look.story;
    let parcel = &seen.value;
    if story.order.is_cancelled() {
        return; // `cancellations` asks what to do.
    }
    let mode = mode(look);
    if mode == Mode::Off {
        return;
    }
    if let Some(fulfillment) = fulfillment_with(look, &parcel.tracking_number) {
        return late_numbers(look, parcel, fulfillment, mode);
    }
    if let Some(effect) = look.last(IntentKind::Fulfill, &parcel.remote_id) {
        let id = effect.receipt.as_ref().and_then(|r| r.remote_id.as_deref()).unwrap_or_default();
        return match story.order.fulfillments.iter().find(|f| f.live && f.remote_id == id) {
            Some(fulfillment) => late_numbers(look, parcel, fulfillment, mode),
            None => tell_again(look, seen, effect, mode),
        };
    }
    if look.last(IntentKind::ReplaceTracking, &parcel.remote_id).is_some() {
        return; // joined to, or put in place of, another parcel's report
    }
    // The hub told the channel itself; believe it, then look.
    if parcel.channel_notified && parcel.notify_error.is_none() && look.policy.toggle(ID, "trust_hub") {
        let until_ms =
            parcel.created_at_ms.max(seen.seen_at_ms.min(look.now_ms)).min(parcel.created_at_ms + HUB_TOLD_MS);
        if look.now_at(&seen.connection) < until_ms.max(parcel.created_at_ms + HUB_TOLD_MS) {
            look.look_again_at(&seen.connection, parcel.created_at_ms + HUB_TOLD_MS);
            return;
        }
    }
    let contents = look.lines.parcels.get(&parcel.remote_id).cloned().unwrap_or_default();
    if contents.is_empty() {
        return;
    }
    // What of it the channel does not know yet.
    let mut lines: Vec<FulfillmentLine> = Vec::new();
    let mut too_many: Vec<String> = Vec::new();
    for (line_id, units) in &contents {
        let Some(line) = story.order.lines.iter().find(|l| l.remote_id == *line_id) else { continue };
        let told = story.order.units_told(line_id);
        let settled_but_unseen = planned.get(line_id).copied().unwrap_or(0) - told_by_our_seen_effects(look, line_id);
        let open = (line.current_quantity - told - settled_but_unseen.max(0)).max(0);
        // A piece of a bundle that is not whole yet is nothing the store could be told of.
        if open > 0 && *units > 0 {
            lines.push(FulfillmentLine { order_line_id: line_id.clone(), quantity: (*units).min(open) });
        }
        if *units > open {
            too_many.push(format!("{} × {}", units - open, if line.sku.is_empty() { &line.name } else { &line.sku }));
        }
    }
    if lines.is_empty() {
        return another_number(look, seen, &contents, mode);
    }
    if !too_many.is_empty() {
        let sentence = format!(
            "A parcel of {} carries more than the store still expects: {} too many. The store is told of what it expects.",
            story.order.number,
            too_many.join(", ")
        );
        look.find(Cause::ParcelDoesNotFit, format!("{}/more", parcel.remote_id), sentence);
    }
    if let Some(reason) = held_lines(look, &lines) {
        look.find(Cause::HeldInChannel, parcel.remote_id.clone(), format!(
            "The parcel of {} cannot be reported: the store holds its lines{reason}. Release the hold in the store; Quayside notices.", story.order.number));
        return;
    }
    for line in &lines {
        *planned.entry(line.order_line_id.clone()).or_default() += line.quantity;
    }
    let units: i64 = lines.iter().map(|l| l.quantity).sum();
    let sentence = format!(
        "Report a parcel of {} to the store: {}, {}",
        story.order.number,
        count(units, "unit"),
        tracking_words(parcel)
    );
    let draft = FulfillmentDraft {
        order_remote_id: story.order.remote_id.clone(),
        parcel_ids: vec![parcel.remote_id.clone()],
        lines,
        tracking: tracking(&[parcel]),
        notify_customer: look.policy.toggle(ID, "notify"),
        shipped_at_ms: parcel.shipped_at_ms,
        known_fulfillment_ids: story.order.fulfillments.iter().map(|f| f.remote_id.clone()).collect(),
        expected: expected(look, parcel),
    };
    look.plan(ID, mode, &story.channel, &parcel.remote_id, Intent::Fulfill { fulfillment: draft }, sentence);
}

/// Tracking follows orders we sent, and orders after this automation's own go-live line.
pub(crate) fn mode(look: &Look<'_>) -> Mode {
    match look.mode(ID) {
        Mode::Off if look.was_sent() => look.policy.automations.get(ID).map_or(Mode::Watch, |a| a.mode),
        mode => mode,
    }
}

/// Units of a line that our own settled reports and the channel's reading both count.
fn told_by_our_seen_effects(look: &Look<'_>, line_id: &str) -> i64 {
    look.story
        .effects
        .iter()
        .filter(|e| e.state == EffectState::Done && !take_back::was_taken_back(look, e))
        .filter_map(|e| match (&e.intent, e.receipt.as_ref().and_then(|r| r.remote_id.as_deref())) {
            (Intent::Fulfill { fulfillment }, Some(id)) => Some((fulfillment, id)),
            _ => None,
        })
        // A report the channel shows, live or cancelled, is no longer "settled but unseen".
        .filter(|(draft, id)| {
            look.story.order.fulfillments.iter().any(|f| f.remote_id == *id)
                || draft.tracking.numbers.iter().any(|n| fulfillment_with(look, n).is_some())
        })
        .filter(|(draft, _)| !draft.parcel_ids.iter().any(|id| parcel_told_elsewhere(look, id)))
        .flat_map(|(draft, _)| &draft.lines)
        .filter(|line| line.order_line_id == line_id)
        .map(|line| line.quantity)
        .sum()
}

/// The channel knows of the parcel, but not of all its numbers: one was written down after the parcel was reported, or
/// a further package of the same shipment got one.
fn late_numbers(look: &mut Look<'_>, parcel: &Parcel, fulfillment: &Fulfillment, mode: Mode) {
    let story = look.story;
    let shown =
        |number: &str| fulfillment.tracking_numbers.iter().any(|n| n.trim().eq_ignore_ascii_case(number.trim()));
    let missing: Vec<&str> = parcel.numbers().filter(|number| !shown(number)).collect();
    if missing.is_empty() {
        return;
    }
    // Sent already: the channel may show fewer numbers than it was told, and is not told again.
    let told = |numbers: &[String]| missing.iter().all(|number| numbers.iter().any(|n| n == number));
    let sent = story.effects.iter().filter(|e| e.state != EffectState::Skipped).any(|e| match &e.intent {
        Intent::Fulfill { fulfillment } => {
            fulfillment.parcel_ids.contains(&parcel.remote_id) && told(&fulfillment.tracking.numbers)
        }
        Intent::ReplaceTracking { fulfillment_id, tracking, .. } => {
            *fulfillment_id == fulfillment.remote_id && told(&tracking.numbers)
        }
        _ => false,
    });
    let of_this = |e: &Intent| matches!(e, Intent::ReplaceTracking { fulfillment_id, .. } if *fulfillment_id == fulfillment.remote_id);
    let under_way =
        story.effects.iter().any(|e| of_this(&e.intent) && !e.state.is_final() && e.state != EffectState::Refused);
    if sent || under_way || look.effects.iter().any(|e| of_this(&e.intent)) {
        return;
    }
    let beside = story
        .parcels
        .iter()
        .map(|p| &p.value)
        .filter(|p| p.is_live() && p.remote_id != parcel.remote_id && p.numbers().any(shown));
    let parcels: Vec<&Parcel> = beside.chain([parcel]).collect();
    let sentence = format!("Add the tracking of {} in the store: {}", story.order.number, missing.join(", "));
    let intent = Intent::ReplaceTracking {
        order_remote_id: story.order.remote_id.clone(),
        fulfillment_id: fulfillment.remote_id.clone(),
        tracking: tracking(&parcels),
        notify_customer: look.policy.toggle(ID, "notify"),
    };
    look.plan(ID, mode, &story.channel, &parcel.remote_id, intent, sentence);
}

/// We reported this parcel before and the channel does not show it (any more).
fn tell_again(look: &mut Look<'_>, seen: &Seen<Parcel>, effect: &PastEffect, mode: Mode) {
    let story = look.story;
    if effect.state == EffectState::Refused {
        // The order changed in the channel since (a hold released, a location changed): the same report may go now.
        let Intent::Fulfill { fulfillment } = &effect.intent else { return };
        let refused_ms = effect.refused_at_ms.unwrap_or(effect.created_at_ms);
        // A released hold does not always move the order's own date: then a later reading without the hold counts, a
        // few times at most, should the channel refuse for a hold it does not show.
        let released = effect.refusal.as_ref().is_some_and(|r| r.cause == Cause::HeldInChannel)
            && story.seen_at_ms > refused_ms
            && look.past(IntentKind::Fulfill, &seen.value.remote_id).count() < RELEASES_MAX;
        if (released || story.order.updated_at_ms > refused_ms) && held_lines(look, &fulfillment.lines).is_none() {
            look.overtake(effect, "the order changed in the store; reported anew");
            let sentence = format!(
                "Report a parcel of {} to the store again: {}",
                story.order.number,
                tracking_words(&seen.value)
            );
            let mut draft = fulfillment.clone();
            draft.known_fulfillment_ids = story.order.fulfillments.iter().map(|f| f.remote_id.clone()).collect();
            draft.expected = expected(look, &seen.value);
            look.plan(
                ID,
                mode,
                &story.channel,
                &seen.value.remote_id,
                Intent::Fulfill { fulfillment: draft },
                sentence,
            );
        }
        return;
    }
    if effect.state != EffectState::Done {
        return;
    }
    // Done, but cancelled in the channel since: a person took it back there. Say so, do not fight.
    let id = effect.receipt.as_ref().and_then(|r| r.remote_id.as_deref()).unwrap_or_default();
    let taken_back = story.order.fulfillments.iter().any(|f| f.remote_id == id && !f.live);
    let by_us = look.last(IntentKind::CancelFulfillment, id).is_some();
    if taken_back && !by_us {
        let sentence = format!(
            "The report of a parcel of {} ({}) was cancelled in the store, but the parcel is on its way. Report it again, or void the label.",
            story.order.number,
            tracking_words(&seen.value)
        );
        let finding = look.find(Cause::FulfillmentRefused, format!("{}/cancelled", seen.value.remote_id), sentence);
        finding.effect = Some(effect.id);
    }
}

/// Nothing of the parcel is open in the channel: a further box of the same goods, a new label for
/// a voided one, or the order was fulfilled by hand without a number.
fn another_number(look: &mut Look<'_>, seen: &Seen<Parcel>, contents: &BTreeMap<String, i64>, mode: Mode) {
    let story = look.story;
    let parcel = &seen.value;
    if parcel.tracking_number.trim().is_empty() {
        return;
    }
    // One that is being taken back, or was and still shows, is no place for a number.
    let carries = |f: &&Fulfillment| {
        f.live
            && f.lines.iter().any(|l| contents.contains_key(&l.order_line_id))
            && !take_back::is_leaving(look, &f.remote_id)
    };
    // A live fulfillment whose only numbers belong to voided parcels: its label was replaced.
    let voided: Vec<&str> = story
        .parcels
        .iter()
        .filter(|p| p.value.voided_at_ms.is_some())
        .map(|p| p.value.tracking_number.as_str())
        .collect();
    let live: Vec<&Parcel> = story.parcels.iter().map(|p| &p.value).filter(|p| p.is_live()).collect();
    let fulfillments: Vec<&Fulfillment> = story.order.fulfillments.iter().filter(carries).collect();
    let replaced = fulfillments
        .iter()
        .find(|f| !f.tracking_numbers.is_empty() && f.tracking_numbers.iter().all(|n| voided.contains(&n.as_str())));
    let unnumbered = fulfillments.iter().find(|f| f.tracking_numbers.is_empty());
    let sibling = fulfillments.iter().find(|f| {
        f.tracking_numbers
            .iter()
            .any(|n| live.iter().any(|p| p.tracking_number == *n && p.hub_order_id == parcel.hub_order_id))
    });
    let (fulfillment, parcels, words) = if let Some(f) = replaced.or(unnumbered) {
        (*f, vec![parcel], if replaced.is_some() { "Correct" } else { "Add" })
    } else if let Some(f) = sibling {
        let mut parcels: Vec<&Parcel> =
            live.iter().filter(|p| f.tracking_numbers.contains(&p.tracking_number)).copied().collect();
        parcels.push(parcel);
        (*f, parcels, "Extend")
    } else {
        return; // fulfilled by hand with a number of its own: theirs stands
    };
    // One correction per fulfillment at a time.
    if look.effects.iter().any(|e| matches!(&e.intent, Intent::ReplaceTracking { fulfillment_id, .. } if *fulfillment_id == fulfillment.remote_id)) {
        return;
    }
    let sentence = format!("{words} the tracking of {} in the store: {}", story.order.number, tracking_words(parcel));
    let intent = Intent::ReplaceTracking {
        order_remote_id: story.order.remote_id.clone(),
        fulfillment_id: fulfillment.remote_id.clone(),
        tracking: tracking(&parcels),
        notify_customer: look.policy.toggle(ID, "notify") && replaced.is_some(),
    };
    look.plan(ID, mode, &story.channel, &parcel.remote_id, intent, sentence);
}

/// The channel holds all work these lines belong to: the reason, as a tail of a sentence.
fn held_lines(look: &Look<'_>, lines: &[FulfillmentLine]) -> Option<String> {
    for line in lines {
        let mut any = false;
        let mut reason = None;
        for fo in &look.story.order.fulfillment_orders {
            let of_line = |l: &FulfillmentOrderLine| l.order_line_id == line.order_line_id && l.remaining_quantity > 0;
            if !fo.lines.iter().any(of_line) {
                continue;
            }
            any = true;
            if fo.can_fulfill {
                reason = None;
                break;
            }
            if !fo.holds.is_empty() || fo.status == "on_hold" {
                reason = Some(fo.holds.first().map(|h| format!(" ({})", h.reason)).unwrap_or_default());
            }
        }
        if any && reason.is_some() {
            return reason;
        }
    }
    None
}

pub(crate) fn tracking(parcels: &[&Parcel]) -> Tracking {
    let numbered: Vec<&&Parcel> = parcels.iter().filter(|p| !p.tracking_number.trim().is_empty()).collect();
    let first = numbered.first().copied().or(parcels.first());
    Tracking {
        carrier_code: first.map(|p| p.carrier_code.clone()).unwrap_or_default(),
        carrier_name: first.and_then(|p| p.carrier_name.clone()).unwrap_or_default(),
        numbers: numbered.iter().flat_map(|p| p.numbers()).map(|number| number.trim().to_owned()).collect(),
        urls: numbered.iter().flat_map(|p| links(p)).collect(),
    }
}

/// Links by the position of [`Parcel::numbers`].
fn links(parcel: &Parcel) -> Vec<String> {
    let further = parcel.further.iter().filter(|package| !package.tracking_number.trim().is_empty());
    let further = further.map(|package| package.tracking_url.clone().unwrap_or_default());
    std::iter::once(parcel.tracking_url.clone().unwrap_or_default()).chain(further).collect()
}

pub(crate) fn tracking_words(parcel: &Parcel) -> String {
    let carrier = parcel.carrier_name.as_deref().unwrap_or(&parcel.carrier_code);
    match (carrier.is_empty(), parcel.tracking_number.trim().is_empty()) {
        (_, true) if carrier.is_empty() => "without a tracking number".to_owned(),
        (_, true) => format!("{carrier}, without a tracking number"),
        (true, false) => parcel.tracking_number.clone(),
        (false, false) => format!("{carrier} {}", parcel.tracking_number),
    }
}
