//! Buyers are told when something happens to their order: it leaves late, waits for stock, or its parcel is delayed,
//! lost, cannot be delivered or comes back.
//!
//! Once for each order or parcel and kind of happening, ever: what was said, refused, given up or may have been said is
//! not said again. A message that still waits and is not true any more is given up; one that waits for a click is written
//! anew where its text was changed. Hours in which the buyer sleeps travel with it: whoever sends it waits for the
//! morning. What was said is remarked on the store's own order ([`crate::facts_to_channel`]).
//!
//! Not written to: buyers of test orders, of orders that ended, of stores whose rules forbid it and of sales made
//! elsewhere (their addresses are relays), those with a tag that says so, and those of whom no address is known, which
//! is also so once their data was taken out.

use crate::automation::{AutomationDecl, Need};
use crate::buyer_messages::{Happening, written};
use crate::buyer_zone;
use crate::cancel_wish;
use crate::facts::Facts;
use crate::look::{Look, effect_stem};
use crate::orders_to_hub::keep_here;
use crate::policy::Policy;
use crate::records::{carrier, day, delivered_ms, deliveries_are_told, expected_ms, number};
use crate::shown_hold::held_at_hub;
use crate::templates::Further;
use quayside_model::time::{DAY_MS, HOUR_MS};
use quayside_model::{
    BuyerMessage, Cause, EffectState, Intent, IntentKind, Mode, NO_NEWS_NOW, Parcel, PastEffect, Payment, QuietHours,
    RecordKind, Role, Seen, SettingDecl, SettingKind, Story, TrackState,
};
use std::collections::BTreeSet;

/// Its stable word.
pub const ID: &str = "tell_buyer";
/// Which account writes, where there are several.
pub(crate) const MESSAGES_SETTING: &str = "messages";
/// What is older than this nobody wants to hear any more.
const NEWS_MS: i64 = 14 * DAY_MS;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Buyers are told",
    summary: "Writes to the buyer by mail when the order leaves late or waits for stock, or when its parcel is delayed, lost, cannot be delivered or comes back. Once for each, in your words, and not at night.",
    examples: &[
        ("The carrier says that a parcel is lost.", "The buyer gets a message that says so, once."),
        (
            "The carrier says on the next day that it is lost, again.",
            "Nothing: the buyer was told, whatever came of the message.",
        ),
        ("An order is a day past its ship-by.", "The buyer is told that it leaves later."),
        ("You or a rule hold the order.", "The buyer is told nothing of it, unless you set it so."),
        ("It is three at night where the buyer lives.", "The message leaves in the morning."),
        ("The parcel moves on before the message left.", "The message is given up."),
        ("The order is a test, or was sold on a marketplace.", "Nobody is written to."),
        ("The mail server took the message and did not answer.", "It is not sent again by itself: a person decides."),
    ],
    needs: &[
        Need::Reads(Role::Channel, RecordKind::Order),
        Need::BuyersMayBeWritten,
        Need::Performs(Role::Messages, IntentKind::TellBuyer),
    ],
    undo: "What was said cannot be taken back.",
    settings: &[
        SettingDecl {
            name: MESSAGES_SETTING,
            label: "Account that writes",
            help: "The mail server the messages leave by. Empty means the only one there is.",
            kind: SettingKind::Text,
            default: "",
        },
        number("quiet_from", "Not written to from", "Hour of the buyer's day, 0 to 23.", "21"),
        number("quiet_to", "… until", "Hour of the buyer's day. The same as above: at any hour.", "8"),
        number(
            "late_hours",
            "Late after",
            "Hours past the ship-by before the buyer is told that it leaves late.",
            "24",
        ),
        number(
            "stock_hours",
            "Out of stock after",
            "Hours after the order was placed before the buyer is told that it waits for stock.",
            "24",
        ),
        number(
            "delayed_days",
            "Delayed after",
            "Days past the day a parcel was expected on. Only where the store or the shipping account has told of a delivery before.",
            "1",
        ),
        SettingDecl {
            name: "held_late",
            label: "Also while it is on hold",
            help: "Tell the buyer that it leaves late although somebody, a rule or the store's check of risk keeps it.",
            kind: SettingKind::Toggle,
            default: "false",
        },
        SettingDecl {
            name: "stop_tag",
            label: "Tag that stops it",
            help: "Buyers of orders with this tag in the store are never written to.",
            kind: SettingKind::Text,
            default: "no mail",
        },
    ],
    look,
};

/// Something to tell, before it is put into words.
struct News {
    about: String,
    happening: Happening,
    words: String,
    further: Further,
}

fn look(look: &mut Look<'_>) {
    let Some((messenger, name)) = look.policy.messenger().map(|peer| (peer.id.clone(), peer.name.clone())) else {
        return;
    };
    // Without a row of its own its usual mode counts.
    let known = look.policy.automations.contains_key(ID);
    let mode = if known { look.mode(ID) } else { look.policy.automation(ID).mode };
    let to = (mode != Mode::Off).then(|| address(look)).flatten();
    let news = if to.is_some() { news(look) } else { Vec::new() };
    give_up(look, &news);
    let Some(to) = to else { return };
    let (story, policy) = (look.story, look.policy);
    let facts = Facts::of(story, policy);
    let quiet = quiet(look);
    let mut numbers = BTreeSet::new();
    for one in news {
        // What went with a lowered mode, or while somebody held the order, was neither said nor given up by anybody.
        let past = look.past(IntentKind::TellBuyer, &one.about).last().filter(|past| !past.withdrawn);
        if past.is_some_and(|past| past.state != EffectState::Asked && !goes_elsewhere(past, &to)) {
            continue;
        }
        // One parcel may stand in two records, a label and the same number told by hand: it is told of once.
        let is_new = number_of(&one).is_none_or(|number| numbers.insert((one.happening, number)));
        if past.is_none() && (!is_new || was_told(look, &one)) {
            continue;
        }
        let text = policy.shapers.messages.of(one.happening);
        let (subject, body) = match written(&text, &facts, &one.further) {
            Ok(written) => written,
            Err(why) => {
                let number = &story.order.number;
                let sentence = format!(
                    "The buyer of {number} could not be told that {}. {why} Mend the message under Automations, \"{}\".",
                    one.words, AUTOMATION.title
                );
                if matches!(mode, Mode::Ask | Mode::Auto) && past.is_none() {
                    look.find(Cause::BuyerNotTold, format!("told/{}", one.about), sentence);
                }
                continue;
            }
        };
        let message = BuyerMessage {
            to: to.clone(),
            subject,
            body,
            about: one.happening.code().to_owned(),
            words: one.words.clone(),
            quiet: quiet.clone(),
        };
        if let Some(past) = past {
            if past.connection == messenger && says_the_same(past, &message) {
                continue;
            }
            look.overtake(past, "what it says, to whom or when has changed");
        }
        let sentence = format!("Write to the buyer of {} by {name}: {}", story.order.number, one.words);
        look.plan(ID, mode, &messenger, &one.about, Intent::TellBuyer { message }, sentence);
    }
}

fn says_the_same(past: &PastEffect, message: &BuyerMessage) -> bool {
    matches!(&past.intent, Intent::TellBuyer { message: said }
        if said.to == message.to && said.subject == message.subject && said.body == message.body
            && said.quiet == message.quiet)
}

/// It waits for the morning or for its server, and the buyer has another address by now.
fn goes_elsewhere(past: &PastEffect, to: &str) -> bool {
    past.state == EffectState::Pending && matches!(&past.intent, Intent::TellBuyer { message } if message.to != to)
}

/// The number of the parcel it is about.
fn number_of(one: &News) -> Option<String> {
    one.further.get("tracking_number").map(|number| number.trim().to_uppercase()).filter(|number| !number.is_empty())
}

/// The same is or was to be said of the same parcel, by another record of it.
fn was_told(look: &Look<'_>, one: &News) -> bool {
    let own = effect_stem(look.channel, &look.story.order.remote_id, IntentKind::TellBuyer, &one.about);
    let others = |effect: &&PastEffect| !effect.withdrawn && !effect.key.starts_with(&own);
    number_of(one).is_some()
        && look.story.effects.iter().filter(others).any(|effect| {
            matches!(&effect.intent, Intent::TellBuyer { message }
                if message.about == one.happening.code() && message.words == one.words)
        })
}

/// What waits, or was refused, and is no news any more.
fn give_up(look: &mut Look<'_>, news: &[News]) {
    let (story, channel) = (look.story, look.channel);
    let stem = |about: &str| effect_stem(channel, &story.order.remote_id, IntentKind::TellBuyer, about);
    let stems: Vec<String> = news.iter().map(|one| stem(&one.about)).collect();
    for effect in story.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::TellBuyer) {
        if !stems.iter().any(|stem| effect.key.starts_with(stem.as_str())) {
            // What was refused may have been said: that is given up for good.
            let may_be_said = effect.state == EffectState::Refused;
            let why = if may_be_said { "it is not so any more, or nobody is to be told" } else { NO_NEWS_NOW };
            look.overtake(effect, why);
        }
    }
}

/// The buyer's address, where the buyer may be written to.
fn address(look: &Look<'_>) -> Option<String> {
    let order = &look.story.order;
    let over = order.test || order.is_cancelled() || order.is_others();
    let unpaid = matches!(order.payment, Payment::Refunded | Payment::Voided | Payment::Expired);
    // A sale made elsewhere has a relay's address, and is its marketplace's to speak about.
    let elsewhere = order.sold_on.is_some() || look.channel.is_none_or(|channel| channel.no_buyer_mail);
    let stop = look.policy.setting(ID, "stop_tag");
    let stopped = order.tags.iter().any(|tag| tag.trim().eq_ignore_ascii_case(stop.trim()));
    if over || unpaid || elsewhere || stopped {
        return None;
    }
    let email = order.customer.as_ref()?.email.trim();
    email.contains('@').then(|| email.to_owned())
}

/// When the buyer sleeps.
fn quiet(look: &Look<'_>) -> Option<QuietHours> {
    let hour = |name: &str| u32::try_from(look.policy.number(ID, name).clamp(0, 23)).unwrap_or(0);
    let (from, to) = (hour("quiet_from"), hour("quiet_to"));
    let place = look.story.choices.address.as_ref().or(look.story.order.ship_to.as_ref());
    let zone = place.and_then(buyer_zone::zone_of).unwrap_or_else(|| look.policy.zone_of(look.channel));
    (from != to).then(|| QuietHours { zone: zone.name().to_owned(), from_min: from * 60, to_min: to * 60 })
}

/// All there is to tell now.
fn news(look: &mut Look<'_>) -> Vec<News> {
    let mut all: Vec<News> = of_order(look).into_iter().collect();
    let story = look.story;
    all.extend(story.parcels.iter().filter(|seen| seen.value.is_live()).filter_map(|seen| of_parcel(look, seen)));
    all.retain(|one| look.policy.shapers.messages.of(one.happening).on);
    all
}

/// That it did not leave. What left in part is told by its parcels.
fn of_order(look: &mut Look<'_>) -> Option<News> {
    let order = &look.story.order;
    let none_left = look.story.parcels.iter().all(|seen| !seen.value.is_live()) && look.lines.told() == 0;
    // To whoever asked to cancel it, that it is being worked on is no news.
    if look.is_over() || !order.payment.is_paid() || !none_left || cancel_wish::says(order).is_some() {
        return None;
    }
    let code = look.waits.as_ref().map(|waits| waits.code);
    if matches!(code, Some("not_ours" | "nothing_to_ship" | "test_order" | "before_go_live" | "sold_elsewhere")) {
        return None;
    }
    let hours_ms = |name: &str| look.policy.number(ID, name).clamp(0, 24 * 60) * HOUR_MS;
    let mut holds = order.fulfillment_orders.iter().flat_map(|work| &work.holds);
    let no_stock = code == Some("held_in_channel")
        && holds.any(|hold| speaks_of_stock(&format!("{} {}", hold.reason, hold.notes)));
    let (happening, since_ms, due_ms, words) = if no_stock {
        let since_ms = order.placed_at_ms;
        (Happening::BackOrdered, since_ms, since_ms + hours_ms("stock_hours"), "something is not in stock")
    } else {
        // Who keeps it back has a reason, and may not want the buyer to hear of it yet.
        if !look.policy.toggle(ID, "held_late") && is_kept(look) {
            return None;
        }
        // Sold to leave on a day of its own, it is not late by the days other orders have.
        let released_ms = order.our_work().filter(|work| work.is_open()).filter_map(|work| work.fulfill_at_ms).max();
        let by_ms = look.ship_by_ms.filter(|by_ms| released_ms.is_none_or(|at_ms| at_ms <= *by_ms))?;
        (Happening::Late, by_ms, by_ms + hours_ms("late_hours"), "it leaves late")
    };
    let now_ms = look.now_at_store();
    if now_ms < due_ms {
        look.look_again_at_store(due_ms);
        return None;
    }
    if now_ms >= due_ms + NEWS_MS {
        return None;
    }
    look.look_again_at_store(due_ms + NEWS_MS);
    let about = format!("order/{}", happening.code());
    Some(News { about, happening, words: words.to_owned(), further: said_of(look, None, since_ms) })
}

/// Somebody holds it, here, in the store or at the hub, or a rule or its risk does.
fn is_kept(look: &mut Look<'_>) -> bool {
    let kept = keep_here(look)
        .is_some_and(|(code, ..)| matches!(code, "held_by_person" | "held_by_rule" | "held_in_channel" | "risk"));
    kept || held_at_hub(look)
}

/// A hold's own words say that goods are missing.
pub(crate) fn speaks_of_stock(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["stock", "inventory", "backorder", "back-order", "back order"].iter().any(|word| reason.contains(word))
}

/// What its carrier says of a parcel, or that nobody saw it in time.
fn of_parcel(look: &mut Look<'_>, seen: &Seen<Parcel>) -> Option<News> {
    let parcel = &seen.value;
    let told = parcel.track.as_ref().and_then(|track| Some((trouble(&track.state)?, track)));
    let arrived = delivered_ms(look, parcel).is_some();
    let (happening, since_ms) = match told {
        // "Delivered" of one that comes back means: to the sender.
        Some((happening, _)) if arrived && happening != Happening::Returned => return None,
        Some((happening, track)) => (happening, track.at_ms.unwrap_or(parcel.created_at_ms)),
        None if arrived || !deliveries_are_told(look, seen) || !parcel.has_left() => return None,
        None => {
            let days = look.policy.number(ID, "delayed_days").clamp(0, 60);
            let due_ms = expected_ms(look, parcel)? + days * DAY_MS;
            if look.now_at(&seen.connection) <= due_ms {
                look.look_again_at(&seen.connection, due_ms + 1);
                return None;
            }
            (Happening::Delayed, due_ms)
        }
    };
    if look.now_at(&seen.connection) >= since_ms + NEWS_MS {
        return None;
    }
    look.look_again_at(&seen.connection, since_ms + NEWS_MS);
    let tracking = parcel.tracking_number.trim();
    let what = if tracking.is_empty() { "the parcel".to_owned() } else { format!("parcel {tracking}") };
    let words = match happening {
        Happening::Lost => format!("{what} is lost"),
        Happening::Undeliverable => format!("{what} cannot be delivered"),
        Happening::Returned => format!("{what} comes back"),
        _ => format!("{what} is delayed"),
    };
    let about = format!("{}/{}", parcel.remote_id, happening.code());
    Some(News { about, happening, words, further: said_of(look, Some(parcel), since_ms) })
}

fn trouble(state: &TrackState) -> Option<Happening> {
    match state {
        TrackState::Lost => Some(Happening::Lost),
        TrackState::Undeliverable => Some(Happening::Undeliverable),
        TrackState::Returned => Some(Happening::Returned),
        TrackState::Held | TrackState::Exception => Some(Happening::Delayed),
        _ => None,
    }
}

/// What stands under the names of [`crate::buyer_messages::FURTHER`].
fn said_of(look: &Look<'_>, parcel: Option<&Parcel>, since_ms: i64) -> Further {
    let mut further = Further::new();
    let mut add = |name: &'static str, text: Option<String>| {
        if let Some(text) = text {
            further.insert(name, text);
        }
    };
    let on = |at_ms: Option<i64>| at_ms.map(|at_ms| day(look, at_ms));
    add("happened_on", on(Some(since_ms)));
    add("ship_by", on(look.ship_by_ms));
    if let Some(parcel) = parcel {
        add("carrier", Some(carrier(parcel).to_owned()));
        add("tracking_number", Some(parcel.tracking_number.clone()));
        add("tracking_link", parcel.tracking_url.clone());
        add("left_on", on(parcel.shipped_at_ms));
        add("expected_on", on(expected_ms(look, parcel)));
    }
    further
}

/// The same, as if it had just happened to the order's newest parcel: for the preview.
pub(crate) fn as_if(happening: Happening, story: &Story, policy: &Policy, now_ms: i64) -> Further {
    let look = Look::new(story, policy, now_ms);
    let of_order = matches!(happening, Happening::Late | Happening::BackOrdered);
    let parcel = story.parcels.iter().map(|seen| &seen.value).rfind(|parcel| parcel.is_live());
    said_of(&look, parcel.filter(|_| !of_order), now_ms)
}
