//! A parcel that is late, lost or coming back is a case, once for each kind of trouble; every parcel in it is named, and one
//! that gets into the same trouble later has a case of its own. A return that a buyer asks for is one, too, if so chosen.
//!
//! Late and lost are told by silence, and silence says something only where the store or the hub told of an arrival
//! before: else every parcel that was long since delivered would become a case.

use super::{
    about, carrier, day, delivered_ms, deliveries_are_told, draft, expected_ms, given_up, keep_once, keeper, number,
    order_key, toggle, worth,
};
use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::Peer;
use crate::returned::backs;
use crate::returns::words as goods_of;
use quayside_model::time::DAY_MS;
use quayside_model::{Intent, IntentKind, Mode, Parcel, RecordKind, RecordNoun, Role, TrackState};
use serde_json::{Value, json};

pub(crate) const ID: &str = "trouble_case";
/// A return that was asked for longer ago is nobody's news.
const NEWS_MS: i64 = 60 * DAY_MS;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "A case when it goes wrong",
    summary: "When a parcel is late, lost or comes back, a case is opened beside the customer with carrier, tracking and value, once per order and kind of trouble. Whose it is, the account's settings say.",
    examples: &[
        (
            "A parcel was promised for Monday and nobody saw it by Wednesday.",
            "A case says that it is late, with carrier, tracking and what the order is worth.",
        ),
        ("Nothing was heard of a parcel for the days you chose.", "A case says that it seems lost."),
        ("A return label is bought.", "A case says that it comes back."),
        (
            "Two parcels of an order are late, and a third one a week later.",
            "One case names the two, another the third.",
        ),
        (
            "A buyer asks in the store to send something back, and you want cases of that.",
            "A case says what comes back and why.",
        ),
        ("The carrier says that it lost a parcel, or cannot deliver it.", "A case says so, in the carrier's words."),
        ("The late parcel arrives after all.", "The case stays for your people; no second one is opened."),
        ("The parcel was delivered in time.", "Nothing happens."),
        ("Neither the store nor the shipping account ever told of a delivery.", "Nothing counts as late or lost."),
    ],
    needs: &[Need::Reads(Role::Hub, RecordKind::Parcel), Need::Performs(Role::Records, IntentKind::PutRecord)],
    undo: "Close or delete the case there.",
    settings: &[
        toggle(
            "delayed",
            "Late parcels",
            "Past the promised day, and not delivered as far as anybody read. Only where the store or the shipping account has told of a delivery before.",
            "true",
        ),
        number("grace_days", "Late after", "Days past the promised day before it counts as late.", "1"),
        number(
            "lost_days",
            "Lost after",
            "Days after it left without a delivery. 0: never. Only where the store or the shipping account has told of a delivery before.",
            "0",
        ),
        toggle("returned", "Parcels that come back", "A return was made at the shipping account.", "true"),
        toggle(
            "asked",
            "Returns that are asked for",
            "A buyer asks in the store to send something back. Only stores that tell their returns; a label for it at the shipping account is no second case then.",
            "false",
        ),
        toggle(
            "told",
            "Trouble the carrier tells",
            "It lost a parcel, cannot deliver it, or brings it back. Only where the shipping account follows its parcels.",
            "true",
        ),
    ],
    look,
};

/// A parcel in one kind of trouble.
struct Trouble<'a> {
    kind: &'static str,
    words: &'static str,
    parcel: &'a Parcel,
    text: String,
}

fn look(look: &mut Look<'_>) {
    let Some(keeping) = keeper(look, ID) else { return };
    let asked = asked(look, keeping);
    let mut troubles = Vec::new();
    if look.policy.toggle(ID, "returned") && !asked {
        troubles.extend(come_back(look));
    }
    troubles.extend(on_the_way(look));
    for kind in ["returned", "undeliverable", "lost", "delayed"] {
        let of_kind: Vec<&Trouble<'_>> = troubles.iter().filter(|trouble| trouble.kind == kind).collect();
        open_each(look, keeping, kind, &of_kind);
    }
}

/// Parcels with a label back.
fn come_back<'a>(look: &Look<'a>) -> Vec<Trouble<'a>> {
    let story = look.story;
    let back = story.parcels.iter().map(|seen| &seen.value).filter(|p| p.is_return && p.voided_at_ms.is_none());
    back.map(|parcel| {
        let text = format!("{} comes back ({}).", named(look, parcel), day(look, parcel.created_at_ms));
        Trouble { kind: "returned", words: "comes back", parcel, text }
    })
    .collect()
}

/// Parcels that do not arrive as they should.
fn on_the_way<'a>(look: &mut Look<'a>) -> Vec<Trouble<'a>> {
    let story = look.story;
    let mut troubles = Vec::new();
    let grace_ms = look.policy.number(ID, "grace_days").clamp(0, 365) * DAY_MS;
    let lost_ms = look.policy.number(ID, "lost_days").clamp(0, 3_650) * DAY_MS;
    for seen in story.parcels.iter().filter(|seen| seen.value.is_live()) {
        let parcel = &seen.value;
        // "Delivered" says nothing against one that comes back.
        let stands = |kind: &str| kind == "returned" || delivered_ms(look, parcel).is_none();
        let told = told(parcel).filter(|(kind, _)| stands(kind) && !story.order.is_cancelled());
        if let Some((kind, words)) = told.filter(|_| look.policy.toggle(ID, "told")) {
            let says = parcel.track.as_ref().map(|track| track.says.as_str()).filter(|says| !says.is_empty());
            let says = says.map_or_else(String::new, |says| format!(" (\"{says}\")"));
            let text = format!("{}, says its carrier, {words}{says}.", named(look, parcel));
            troubles.push(Trouble { kind, words, parcel, text });
            continue;
        }
        let known = deliveries_are_told(look, seen);
        if !known || story.order.is_cancelled() || delivered_ms(look, parcel).is_some() {
            continue;
        }
        let expected = expected_ms(look, parcel).filter(|_| look.policy.toggle(ID, "delayed")).map(|at_ms| {
            let what = format!("was expected on {} and has not arrived as far as is known", day(look, at_ms));
            (at_ms + grace_ms, "delayed", "is late", what)
        });
        let left = parcel.shipped_at_ms.filter(|_| lost_ms > 0 && parcel.has_left()).map(|at_ms| {
            let what = format!("left on {}, and no delivery was read since", day(look, at_ms));
            (at_ms + lost_ms, "lost", "seems lost", what)
        });
        for (until_ms, kind, words, what) in expected.into_iter().chain(left) {
            if look.now_at(&seen.connection) > until_ms {
                let text = format!("{} {what}.", named(look, parcel));
                troubles.push(Trouble { kind, words, parcel, text });
            } else {
                look.look_again_at(&seen.connection, until_ms + 1);
            }
        }
    }
    troubles
}

/// What its carrier says went wrong for good: kind of the case, and words.
fn told(parcel: &Parcel) -> Option<(&'static str, &'static str)> {
    match parcel.track.as_ref()?.state {
        TrackState::Lost => Some(("lost", "is lost")),
        TrackState::Undeliverable => Some(("undeliverable", "cannot be delivered")),
        TrackState::Returned => Some(("returned", "comes back")),
        _ => None,
    }
}

/// `Parcel TRACK1 of #1001`.
fn named(look: &Look<'_>, parcel: &Parcel) -> String {
    let numbers = numbers_of(&[parcel]);
    let number = if numbers.is_empty() { String::new() } else { format!(" {numbers}") };
    format!("Parcel{number} of {}", look.story.order.number)
}

fn numbers_of(parcels: &[&Parcel]) -> String {
    parcels.iter().flat_map(|parcel| parcel.numbers()).map(str::trim).collect::<Vec<_>>().join(", ")
}

/// It was opened, is about to be, or a person said no to it.
fn stands(look: &Look<'_>, about: &str) -> bool {
    look.last(IntentKind::PutRecord, about).is_some() || given_up(look, about)
}

/// The case of a kind names all parcels that are in it by then; those that follow have one each.
fn open_each(look: &mut Look<'_>, keeping: (&Peer, Mode), kind: &str, troubles: &[&Trouble<'_>]) {
    let first = format!("case/{kind}");
    let own = |parcel: &Parcel| format!("case/{kind}/{}", parcel.remote_id);
    if !stands(look, &first) {
        let new: Vec<&Trouble<'_>> = troubles.iter().filter(|one| !stands(look, &own(one.parcel))).copied().collect();
        let name = format!("{}/{kind}", order_key(look));
        open(look, keeping, (kind, first.as_str(), name), &new);
        return;
    }
    let said = said_in(look, &first);
    for trouble in troubles {
        let parcel = trouble.parcel;
        let mut numbers = parcel.numbers().map(str::trim).peekable();
        // One without a number cannot be told from those that are named.
        let known = numbers.peek().is_none() || numbers.any(|number| said.iter().any(|one| one == number));
        if !known && !said.is_empty() {
            let name = format!("{}/{kind}/{}", order_key(look), parcel.remote_id);
            open(look, keeping, (kind, own(parcel).as_str(), name), &[trouble]);
        }
    }
}

/// How cases of older versions begin: each was of one parcel, and stood for all of its order.
const FOR_ALL: [&str; 2] = ["A parcel of ", "The carrier says of a parcel of "];

/// The numbers that the case names. None of one whose words were taken out, and of one that stands for all.
fn said_in(look: &Look<'_>, about: &str) -> Vec<String> {
    let newest = look.past(IntentKind::PutRecord, about).last();
    let said = newest.and_then(|effect| match &effect.intent {
        Intent::PutRecord { record } => {
            let text = record.fact("text").unwrap_or_default();
            let for_all = FOR_ALL.iter().any(|begins| text.starts_with(begins));
            record.fact("tracking").filter(|_| !for_all)
        }
        _ => None,
    });
    said.unwrap_or_default().split(", ").map(|number| number.trim().to_owned()).filter(|n| !n.is_empty()).collect()
}

fn open(
    look: &mut Look<'_>,
    keeping: (&Peer, Mode),
    (kind, thing, name): (&str, &str, String),
    troubles: &[&Trouble<'_>],
) {
    let Some(trouble) = troubles.first() else { return };
    let parcels: Vec<&Parcel> = troubles.iter().map(|one| one.parcel).collect();
    let mut carriers: Vec<&str> = parcels.iter().map(|parcel| carrier(parcel)).collect();
    carriers.sort_unstable();
    carriers.dedup();
    let text = troubles.iter().map(|one| one.text.as_str()).collect::<Vec<_>>().join("\n");
    let url = parcels.iter().find_map(|parcel| parcel.tracking_url.clone()).unwrap_or_default();
    let way = [("carrier", json!(carriers.join(", "))), ("tracking", json!(numbers_of(&parcels))), ("url", json!(url))];
    put(look, keeping, (kind, trouble.words, thing, name), &text, way);
}

/// Returns that buyers ask for in the store; whether there is a case of one.
fn asked(look: &mut Look<'_>, keeping: (&Peer, Mode)) -> bool {
    if !look.policy.toggle(ID, "asked") {
        return false;
    }
    let (story, now_ms) = (look.story, look.now_at_store());
    // What a buyer wrote belongs to the buyer.
    let forgets = look.channel.is_none_or(|channel| channel.forgets_buyers);
    let mut any = false;
    for back in backs(story) {
        let tail = back.value.remote_id.rsplit('/').next().unwrap_or_default();
        let (record, thing) = (format!("{}/return/{tail}", order_key(look)), format!("case/return/{tail}"));
        let is_news = back.state.is_open() && now_ms - back.value.requested_at_ms < NEWS_MS;
        any |= is_news || stands(look, &thing);
        if !is_news {
            continue;
        }
        let goods = if forgets { "goods".to_owned() } else { goods_of(&story.order, back.value) };
        let (number, name) = (&story.order.number, &back.value.number);
        let text = format!("The buyer of {number} sends back {goods} (return {name}).");
        let way = [("carrier", json!("")), ("tracking", json!(back.value.tracking_number.trim())), ("url", json!(""))];
        put(look, keeping, ("returned", "is sent back", thing.as_str(), record), &text, way);
    }
    any
}

fn put(
    look: &mut Look<'_>,
    keeping: (&Peer, Mode),
    (kind, words, thing, name): (&str, &str, &str, String),
    text: &str,
    way: [(&str, Value); 3],
) {
    let order = &look.story.order;
    let (value, currency) = worth(look);
    let [by, tracking, url] = way;
    let facts = [
        ("title", json!(format!("{} {words}", order.number))),
        ("text", json!(text)),
        ("problem", json!(kind)),
        ("order", json!(order.number)),
        by,
        tracking,
        url,
        ("value", value),
        ("currency", json!(currency)),
    ];
    let record = draft(RecordNoun::Problem, name, &facts, about(look, keeping.0));
    let sentence = format!("Open a case in {}: {} {words}", keeping.0.name, order.number);
    keep_once(look, ID, keeping, thing, record, sentence);
}
