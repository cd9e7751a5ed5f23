//! Labels that were voided after the channel was told: the report is corrected by a new label, or taken back.
//!
//! Some platforms keep a report that was taken back and say so, others delete it: then it is simply not there any more.
//! What we took back ourselves is known from our own effect, so that the goods' next label is reported like a first one.

use crate::look::Look;
use crate::orders_to_hub::ID as ORDERS;
use crate::tracking_to_channel::{ID, fulfillment_with, mode, told_by_number, tracking, tracking_words};
use quayside_model::time::MINUTE_MS;
use quayside_model::{Cause, EffectState, Fulfillment, Intent, IntentKind, Mode, Parcel, PastEffect, Seen};

/// We took this report back, and the channel answered that it is gone.
pub(crate) fn is_taken_back(look: &Look<'_>, fulfillment_id: &str) -> bool {
    look.last(IntentKind::CancelFulfillment, fulfillment_id).is_some_and(|effect| effect.state == EffectState::Done)
}

/// The same, or we are about to hear so: no place for a new number.
pub(crate) fn is_leaving(look: &Look<'_>, fulfillment_id: &str) -> bool {
    let gone = |state| matches!(state, EffectState::Running | EffectState::Unknown | EffectState::Done);
    look.last(IntentKind::CancelFulfillment, fulfillment_id).is_some_and(|effect| gone(effect.state))
}

/// What this effect reported was taken back by us.
pub(crate) fn was_taken_back(look: &Look<'_>, effect: &PastEffect) -> bool {
    let by_receipt =
        effect.receipt.as_ref().and_then(|r| r.remote_id.as_deref()).is_some_and(|id| is_taken_back(look, id));
    by_receipt || all_reports_gone(look, effect)
}

/// One parcel may have become several reports (a location each), and the receipt names one of them. Where the others
/// were taken back and none stands, the one that was never shown does not stand either.
fn all_reports_gone(look: &Look<'_>, effect: &PastEffect) -> bool {
    let Intent::Fulfill { fulfillment } = &effect.intent else { return false };
    let numbers = &fulfillment.tracking.numbers;
    let ours = |f: &&Fulfillment| {
        f.tracking_numbers.iter().any(|n| numbers.iter().any(|own| own.trim().eq_ignore_ascii_case(n.trim())))
    };
    let mut reports = look.story.order.fulfillments.iter().filter(ours).peekable();
    reports.peek().is_some() && reports.all(|f| !f.live && is_taken_back(look, &f.remote_id))
}

/// A report names a voided label beside, or instead of, a living one: only the living stays. One parcel may
/// be several reports (its lines belong to several locations), so each is looked at by itself.
fn strike_out(look: &mut Look<'_>, fulfillment: &Fulfillment) {
    let story = look.story;
    if is_leaving(look, &fulfillment.remote_id) {
        return; // what it reported is reported anew once it is gone
    }
    let living =
        || story.parcels.iter().map(|p| &p.value).filter(|p| p.is_live() && !p.tracking_number.trim().is_empty());
    let known = |n: &String| story.parcels.iter().any(|p| p.value.numbers().any(|number| number == n));
    if !fulfillment.tracking_numbers.iter().all(known) {
        return; // somebody added a number of their own: theirs to mend
    }
    let mut keep: Vec<&Parcel> =
        living().filter(|p| fulfillment.tracking_numbers.contains(&p.tracking_number)).collect();
    if keep.is_empty() {
        let carries = |p: &&Parcel| {
            let contents = look.lines.parcels.get(&p.remote_id);
            contents.is_some_and(|c| fulfillment.lines.iter().any(|line| c.contains_key(&line.order_line_id)))
        };
        keep = living().filter(carries).collect();
    }
    let about = &fulfillment.remote_id;
    let of_this =
        |intent: &Intent| matches!(intent, Intent::ReplaceTracking { fulfillment_id, .. } if fulfillment_id == about);
    let planned = look.effects.iter().any(|e| of_this(&e.intent));
    let voided = |n: &String| !living().any(|p| p.numbers().any(|number| number == n));
    // What was sent before this label was known to be voided names it, so no reading of it would be the end. A store that
    // shows one number a report may even have found it there and left it at that: then nothing changes, and no reading
    // comes.
    let names_voided = |intent: &Intent| matches!(intent, Intent::ReplaceTracking { tracking, .. } if tracking.numbers.iter().any(voided));
    // Under way, refused, or done after this reading: wait, or leave it to a person.
    let unread = |e: &PastEffect| e.settled_at_ms.is_none_or(|at| story.seen_at_ms <= at);
    let earlier = story
        .effects
        .iter()
        .filter(|e| of_this(&e.intent) && e.state != EffectState::Skipped)
        .any(|e| e.state != EffectState::Done || unread(e) && !names_voided(&e.intent));
    let mode = mode(look);
    if keep.is_empty() || planned || earlier || mode == Mode::Off || !fulfillment.tracking_numbers.iter().any(voided) {
        return;
    }
    let news = keep.iter().find(|p| !fulfillment.tracking_numbers.contains(&p.tracking_number));
    let number = keep.first().map(|p| tracking_words(p)).unwrap_or_default();
    let sentence = format!("Correct the tracking of {} in the store: {number}; a label was voided", story.order.number);
    let intent = Intent::ReplaceTracking {
        order_remote_id: story.order.remote_id.clone(),
        fulfillment_id: about.clone(),
        tracking: tracking(&keep),
        // A number that only goes is not worth a mail; one that comes is.
        notify_customer: news.is_some() && look.policy.toggle(ID, "notify"),
    };
    look.plan(ID, mode, &story.channel, about, intent, sentence);
}

/// A voided label: nothing told, nothing to do; told, it is corrected by a new label or taken back.
pub(crate) fn take_back(look: &mut Look<'_>, seen: &Seen<Parcel>) {
    let story = look.story;
    let parcel = &seen.value;
    if let Some(effect) = look.last(IntentKind::Fulfill, &parcel.remote_id) {
        look.overtake(effect, "the label was voided");
    }
    let Some(fulfillment) = fulfillment_with(look, &parcel.tracking_number) else { return };
    let (id, numbers) = (fulfillment.remote_id.clone(), fulfillment.tracking_numbers.clone());
    // Another box of the same report still counts, or a new label is about to correct it.
    let live_number =
        numbers.iter().any(|n| story.parcels.iter().any(|p| p.value.is_live() && p.value.tracking_number == *n));
    let correcting = look
        .effects
        .iter()
        .map(|e| &e.intent)
        .chain(story.effects.iter().filter(|e| !e.state.is_final()).map(|e| &e.intent))
        .any(|intent| matches!(intent, Intent::ReplaceTracking { fulfillment_id, .. } if *fulfillment_id == id));
    let contents = look.lines.parcels.get(&parcel.remote_id).cloned().unwrap_or_default();
    let replacement = story.parcels.iter().any(|p| {
        p.value.is_live()
            && !told_by_number(look, &p.value)
            && look
                .lines
                .parcels
                .get(&p.value.remote_id)
                .is_some_and(|c| c.keys().any(|line| contents.contains_key(line)))
    });
    if live_number || replacement {
        if let Some(effect) = look.last(IntentKind::CancelFulfillment, &id) {
            look.overtake(effect, "a new label followed");
        }
        for fulfillment in
            story.order.fulfillments.iter().filter(|f| f.live && f.tracking_numbers.contains(&parcel.tracking_number))
        {
            strike_out(look, fulfillment);
        }
    }
    if live_number || correcting || replacement || !parcel_was_ours(look, parcel) {
        return;
    }
    let mode = mode(look);
    if look.last(IntentKind::CancelFulfillment, &id).is_some() {
        return;
    }
    let minutes = look.policy.number(ID, "take_back_min");
    let voided_ms = parcel.voided_at_ms.filter(|ms| *ms > 0).unwrap_or(seen.seen_at_ms);
    let due_ms = voided_ms + minutes * MINUTE_MS;
    let cannot = look.channel.filter(|channel| !channel.performs.contains(&IntentKind::CancelFulfillment));
    if cannot.is_some() || minutes == 0 || mode == Mode::Off || look.now_ms < due_ms {
        let what = if let Some(channel) = cannot {
            format!(
                "{} lets nobody take a report back. Buy a new label, and Quayside corrects the number there; if none will follow, tell the buyer.",
                channel.title
            )
        } else if minutes == 0 || mode == Mode::Off {
            "Take it back in the store, or buy a new label.".to_owned()
        } else {
            look.look_again(due_ms);
            "If no new label follows, Quayside takes the report back in the store.".to_owned()
        };
        let sentence = format!(
            "The label of {} ({}) was voided after the store was told. {what}",
            story.order.number,
            tracking_words(parcel)
        );
        let finding = look.find(Cause::LabelVoided, parcel.remote_id.clone(), sentence);
        finding.since_ms = Some(voided_ms);
        return;
    }
    let sentence = format!(
        "Take back the report of {} in the store: its label was voided and no new one followed",
        story.order.number
    );
    let intent =
        Intent::CancelFulfillment { order_remote_id: story.order.remote_id.clone(), fulfillment_id: id.clone() };
    look.plan(ID, mode, &story.channel, &id, intent, sentence);
}

/// We, or the hub for us, told the channel of this parcel.
fn parcel_was_ours(look: &Look<'_>, parcel: &Parcel) -> bool {
    look.past(IntentKind::Fulfill, &parcel.remote_id).next().is_some()
        || look.past(IntentKind::ReplaceTracking, &parcel.remote_id).next().is_some()
        || parcel.channel_notified
        || look.policy.automations.contains_key(ORDERS)
}
