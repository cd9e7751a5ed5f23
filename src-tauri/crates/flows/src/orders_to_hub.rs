//! Paid, shippable orders become hub orders, and stay what the channel says until a label exists.

use crate::automation::{AutomationDecl, Need};
use crate::draft::{count, draft_of_part, same_lines, same_order};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use crate::split::{self, Part, Stand};
use crate::who_writes::Writes;
use quayside_model::time::MINUTE_MS;
use quayside_model::{
    Address, Cause, Delivery, EffectState, HubOrder, HubOrderDraft, HubStatus, Intent, IntentKind, Mode, PastEffect,
    Payment, RecordKind, Role, Seen, SentOver, SettingDecl, SettingKind, Story,
};

/// How long a channel may take to route a new order to a location before we stop waiting for it.
const ROUTING_MS: i64 = 10 * MINUTE_MS;
/// The same while the order was not read again: readings may be late, and routing may have happened since.
const ROUTING_UNSEEN_MS: i64 = 60 * MINUTE_MS;

pub(crate) const ID: &str = "orders_to_hub";
/// Reasons to keep an order here that a person may overrule.
const EXCUSABLE: [&str; 5] = ["payment", "risk", "held_by_rule", "held_in_channel", "scheduled"];

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Orders to the hub",
    summary: "Sends every paid order that a carrier must take from your stores to your shipping account, and carries later edits there until the label is bought.",
    examples: &[
        (
            "An order is paid.",
            "It is created at the hub with its lines, options, weights, address, notes, requested service and ship-by.",
        ),
        (
            "The buyer changes the address before the label is bought.",
            "The hub's order is brought up to date; the plan shows the difference.",
        ),
        (
            "The same edit comes after the label was bought.",
            "Nothing is sent. An exception shows what the parcel carries and what the store now says.",
        ),
        ("The order has only a gift card and a download.", "Nothing is sent: there is nothing for a carrier."),
        (
            "Two stores both have an order #1001.",
            "The hub gets two orders; they never merge, because each has a key of its own.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Hub, IntentKind::PutHubOrder)],
    undo: "Cancel the order at the hub; what was packed stays packed.",
    settings: &[
        SettingDecl {
            name: "hub",
            label: "Shipping account",
            help: "Where orders go. Empty means the only one there is.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: "when",
            label: "Send an order when it is",
            help: "Authorised payments are reserved but not yet yours.",
            kind: SettingKind::Choice(&[
                ("paid", "paid"),
                ("authorized", "paid or authorised"),
                ("any", "placed, whatever its payment"),
            ]),
            default: "paid",
        },
        SettingDecl {
            name: "test_orders",
            label: "Send test orders",
            help: "Orders made with a test payment are shown but normally stay here.",
            kind: SettingKind::Toggle,
            default: "false",
        },
        SettingDecl {
            name: "hold_risky",
            label: "Hold orders the store rates as risky",
            help: "They wait for your click instead of being sent.",
            kind: SettingKind::Toggle,
            default: "true",
        },
        SettingDecl {
            name: "require_sku",
            label: "Hold orders with a line that has no SKU",
            help: "Otherwise such lines are sent by name.",
            kind: SettingKind::Toggle,
            default: "false",
        },
        SettingDecl {
            name: "tag_store",
            label: "Tag with the store's name",
            help: "So that the warehouse sees where it was bought.",
            kind: SettingKind::Toggle,
            default: "true",
        },
        SettingDecl {
            name: "send_tags",
            label: "Send the store's tags",
            help: "Tags the hub does not know, and that cannot be made there, go into its notes for the team.",
            kind: SettingKind::Toggle,
            default: "true",
        },
        SettingDecl {
            name: "number_prefix",
            label: "Put the store's initials before the number",
            help: "Some shipping accounts insist on numbers that are unique over all stores.",
            kind: SettingKind::Choice(&[
                ("auto", "where the account needs it"),
                ("always", "always"),
                ("never", "never"),
            ]),
            default: "auto",
        },
        SettingDecl {
            name: "custom_field_1",
            label: "Custom field 1",
            help: "Name of an order attribute or metafield, or: tags, note.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: "custom_field_2",
            label: "Custom field 2",
            help: "As above.",
            kind: SettingKind::Text,
            default: "",
        },
        SettingDecl {
            name: "custom_field_3",
            label: "Custom field 3",
            help: "As above.",
            kind: SettingKind::Text,
            default: "",
        },
    ],
    look,
};

fn look(look: &mut Look<'_>) {
    let story = look.story;
    let order = &story.order;
    if order.is_cancelled() {
        return; // `cancellations` has the word.
    }
    let Some(channel) = look.channel else {
        look.wait("not_ours", story.seen_at_ms, "The account this order came from was removed.");
        return;
    };
    let Some(hub) = look.hub else {
        if keep_here(look).is_none() {
            look.wait("no_hub", story.received_at_ms, "No shipping account is connected.");
        }
        return;
    };

    let parts = split::parts(look);
    let alone = parts.len() == 1;
    let mut stands: Vec<Stand<'_>> = parts.iter().map(|part| split::stand(look, part.n, alone)).collect();
    for stand in &mut stands {
        let never_was = |effect: &&PastEffect| stand.existing.is_none() && changes_what_never_was(story, effect);
        if let Some(effect) = stand.last.filter(never_was) {
            look.overtake(effect, "the order it was to change had never been kept there");
            stand.last = None;
        }
    }
    let at_hub = stands.iter().any(Stand::at_hub);
    let was_sent = stands.iter().any(Stand::was_sent);
    if !look.is_over() && order.units_to_ship() > 0 && crate::twins::elsewhere(look, was_sent) {
        give_up(look, &stands, false, "another account sends this sale");
        return;
    }
    if split::told_twice(look) {
        give_up(look, &stands, false, "a part of the order stands at two accounts");
        return;
    }
    let reason = keep_here(look);
    if let Some((code, since_ms, sentence)) = reason {
        look.wait(code, since_ms, sentence);
        // At the hub already: an open order that must wait is kept on hold there by `sides_agree`.
        give_up(look, &stands, true, "the order is no longer ready to be sent");
        return;
    }
    if look.is_over() {
        // Nothing of it ships any more: a copy at the hub does no harm.
        if buyer_is_gone(story) {
            // Nor is there anything to hold against what was sent: all it said of the buyer is gone.
            give_up(look, &stands, false, "the buyer's data is gone");
            return;
        }
    } else if crate::same_sale::adopted(look).is_some() {
        give_up(look, &stands, true, "the hub's own copy is used");
        return;
    } else if !story.choices.push_anyway {
        let sent_before = |stand: &Stand<'_>| stand.last.is_some_and(|e| e.first_sent_at_ms.is_some());
        if crate::same_sale::tell(look, at_hub || stands.iter().any(sent_before)) {
            give_up(look, &stands, false, "the hub already has the order by itself");
            return;
        }
        if channel.writes == Writes::Hub && !at_hub {
            give_up(look, &stands, false, "the shipping account imports this store itself");
            let words = format!("{} imports this store itself; its copy has not been read yet", hub.title);
            look.wait("hub_imports", story.received_at_ms, words);
            return;
        }
        if !was_sent {
            let mut unsaid = false;
            for account in split::accounts(look, &parts) {
                unsaid |= crate::who_writes::keeps_here(look, channel, account);
            }
            if unsaid {
                give_up(look, &stands, false, "nobody has said who writes the store's orders");
                return;
            }
        }
    }

    let draft = |look: &Look<'_>, hub: &Peer, part: &Part, stand: &Stand<'_>| {
        // Whoever holds it at the hub goes on holding it: an update must not release it.
        let ready = stand.existing.is_none_or(|h| h.status != HubStatus::OnHold);
        draft_of_part(story, look.policy, &look.shape, channel, hub, stand.key.clone(), ready, look.ship_by_ms, part)
    };
    let whole = draft(look, hub, &Part::whole(), &stands[0]);
    if whole.lines.is_empty() {
        return; // everything left without the hub; `cancellations` clears up.
    }
    if !problems(look, &whole) {
        give_up(look, &stands, true, "the order is incomplete");
        return;
    }

    let mode = match look.mode(ID) {
        // What was shaped by something that asks, asks.
        Mode::Auto if look.shape.asks && !story.choices.push_anyway => Mode::Ask,
        mode => mode,
    };
    if mode == Mode::Off && !at_hub {
        let before = look.policy.automations.get(ID).is_some_and(|a| a.mode != Mode::Off);
        let (code, words) = if before {
            ("before_go_live", "Placed before the go-live line; Quayside leaves it to you.")
        } else {
            ("automation_off", "\"Orders to the hub\" is switched off.")
        };
        look.wait(code, story.received_at_ms, words);
        return;
    }

    // This account takes no orders from outside: a person carries it there.
    if alone && !hub.performs.contains(&IntentKind::PutHubOrder) {
        if !at_hub {
            give_up(look, &stands, false, "the account takes no orders from outside");
            let (key, title, since_ms) = (stands[0].key.clone(), hub.title.clone(), story.received_at_ms);
            look.wait("enter_by_hand", since_ms, format!("Has to be entered at {title} by hand"));
            // What to type is made when it is asked for (`by_hand`): a sentence would keep the address in a second place.
            let sentence = format!(
                "{} has to be entered at {title} by hand, which takes no orders from outside. Copy the order into it and quote the reference {key}. Edition {}: it changes when the order does.",
                order.number,
                crate::by_hand::edition(&whole)
            );
            look.find(Cause::EnterByHand, key, sentence);
        }
        return;
    }

    if alone {
        put(look, hub, &parts[0], &stands[0], whole, mode);
        return;
    }
    // Whoever moves goods between parts by hand wants them moved, all of them, whatever the mode. What the store changes
    // of such an order goes by the mode like that of any other.
    let by_hand = story.choices.split.is_some() && at_hub;
    for (part, stand) in parts.iter().zip(&stands) {
        let moved = if by_hand && split::is_moved(look, &parts, &stands, part.n) { Mode::Auto } else { mode };
        let Some(hub) = able(look, part) else {
            // It would stand before everything else of the order, and nobody is there to send it.
            if let Some(effect) = stand.last {
                look.overtake(effect, "its account is not there, or takes no orders any more");
            }
            continue;
        };
        if part.is_empty() {
            split::take_off(look, hub, stand, moved);
            continue;
        }
        let want = draft(look, hub, &split::with_room(look, &parts, &stands, part.n), stand);
        if want.lines.is_empty() {
            // All of it still lies in other parts, which let go of it first. Where each waits for the other, a further
            // part goes and is made anew.
            if part.n > 0 && stand.at_hub() {
                split::take_off(look, hub, stand, moved);
            }
        } else {
            let moves = last_sent_draft(look, &stand.key).is_none_or(|sent| !same_lines(&sent, &want));
            put(look, hub, part, stand, want, if moves { moved } else { mode });
        }
    }
}

/// The buyer's data was taken out of the order, of what was sent, or of what the hub showed. Where one of them was read
/// again since, it stands beside what is left of the others.
fn buyer_is_gone(story: &Story) -> bool {
    let sent = story.effects.iter().filter_map(|effect| draft_of(&effect.intent)).map(|draft| &draft.ship_to);
    let there = story.hub_orders.iter().filter_map(|seen| seen.value.ship_to.as_ref());
    story.order.ship_to.iter().chain(sent).chain(there).any(Address::is_forgotten)
}

/// The account of a part, as long as it is there and takes orders. Its goods go nowhere else by themselves: it may have
/// them already.
fn able<'a>(look: &mut Look<'a>, part: &Part) -> Option<&'a Peer> {
    let (n, since_ms) = (part.n + 1, look.story.received_at_ms);
    match split::hub_of(look, part) {
        Some(hub) if part.is_empty() || hub.performs.contains(&IntentKind::PutHubOrder) => Some(hub),
        _ if part.is_empty() => None,
        Some(hub) => {
            let title = &hub.title;
            look.wait(
                "no_hub",
                since_ms,
                format!("Part {n} goes to {title}, which takes no orders from outside any more"),
            );
            None
        }
        None => {
            let words = format!(
                "Part {n} belongs to an account that was removed. Connect it again if the part is there already; else put the parts together"
            );
            look.wait("no_hub", since_ms, words);
            None
        }
    }
}

/// What was planned and has not left yet goes no more. `away_only`: parts that are at the hub keep what is planned.
fn give_up(look: &mut Look<'_>, stands: &[Stand<'_>], away_only: bool, why: &str) {
    for stand in stands.iter().filter(|stand| !away_only || !stand.at_hub()) {
        if let Some(effect) = stand.last {
            look.overtake(effect, why);
        }
    }
}

/// Sends one hub order, or brings it up to date.
fn put(look: &mut Look<'_>, hub: &Peer, part: &Part, stand: &Stand<'_>, want: HubOrderDraft, mode: Mode) {
    let story = look.story;
    let order = &story.order;
    let (key, existing, last, merged) = (&stand.key, stand.existing, stand.last, stand.merged);
    let alone = part.units.is_none();
    let hub_order_id = stand.hub_order_id();
    let locked = if alone {
        existing.is_some_and(|h| !h.status.is_open()) || story.parcels.iter().any(|p| p.value.is_live())
    } else {
        split::is_packed(look, stand)
    };
    if !alone && let Some(id) = &hub_order_id {
        // It was to be taken off and is wanted after all, or its label was faster.
        look.overtake_waiting(&[IntentKind::CancelHubOrder], id, "goods lie in it again");
        if let Some(refused) =
            look.last_at(&hub.id, IntentKind::CancelHubOrder, id).filter(|e| e.state == EffectState::Refused)
        {
            look.overtake(refused, "it stays where it is");
        }
    }
    let about = if part.n == 0 { "content".to_owned() } else { format!("content-p{}", part.n + 1) };
    let sent = last_sent_draft(look, key);
    // "Send the store's version again": what was sent before that click no longer counts as sent.
    let again = story.choices.resend_ms.is_some_and(|ms| last.is_none_or(|e| e.created_at_ms < ms));
    // Planned for an account it is not to go to any more, and never sent there.
    let astray = |e: &PastEffect| {
        let waits = matches!(e.state, EffectState::Asked | EffectState::Pending);
        waits && e.first_sent_at_ms.is_none() && e.connection != hub.id
    };

    match last {
        Some(effect) if matches!(effect.state, EffectState::Running | EffectState::Unknown) => {}
        // What still waits for its click is of no use to a parcel that is made, and would stand before its report.
        Some(effect) if locked && matches!(effect.state, EffectState::Asked | EffectState::Pending) => {
            look.overtake(effect, "the label is bought");
            too_late(look, sent.as_ref(), &want, about);
        }
        // The label was faster than the wish to take goods out of it.
        Some(effect) if locked && !alone && effect.state == EffectState::Refused && sent.is_some() => {
            look.overtake(effect, "its label was bought before goods could be taken out of it");
            too_late(look, sent.as_ref(), &want, about);
        }
        Some(effect) if !again && !astray(effect) && draft_of(&effect.intent).is_some_and(|d| same_order(d, &want)) => {
        }
        _ if merged.is_some_and(|h| h.value.status.is_open()) => merged_away(look, sent.as_ref(), &want, &hub.title),
        _ if locked => too_late(look, sent.as_ref(), &want, about),
        // An order the hub already has with our key, made by another computer or an earlier install: it counts as sent.
        None if existing.is_some_and(|h| !split::differs(h, part)) && sent.is_none() && !again => {}
        // Its account was removed, say: whoever has it there, another account is not to pack it too.
        _ if stand.home.is_some_and(|home| *home != hub.id) => {
            let words = format!(
                "It was sent to another account than {}, and is not sent twice. Connect that one again if it was removed",
                hub.title
            );
            look.wait("no_hub", story.received_at_ms, words);
        }
        _ => {
            if let Some(effect) = last {
                look.overtake(effect, "the order changed before it was sent");
            }
            // Back to exactly what the hub has: nothing to send.
            if !again && sent.as_ref().is_some_and(|d| same_order(d, &want)) {
                return;
            }
            let known = stand.at_hub() || sent.is_some();
            let verb = if known { "Bring" } else { "Send" };
            let tail = if known { format!("up to date at {}", hub.title) } else { format!("to {}", hub.title) };
            let units: i64 = want.lines.iter().map(|l| l.quantity).sum();
            let service =
                if want.requested_service.is_empty() { String::new() } else { format!(", {}", want.requested_service) };
            let what = if alone { order.number.clone() } else { format!("part {} of {}", part.n + 1, order.number) };
            let sentence = format!(
                "{verb} {what} {tail}: {}, {}{service}",
                count(want.lines.len() as i64, "line"),
                count(units, "unit")
            );
            look.plan(ID, mode, &hub.id, key, Intent::PutHubOrder { order: want, hub_order_id }, sentence);
        }
    }
}

/// The hub answered for an order that it does not have, and then refused to change it. What it was asked about by name
/// and does not have is shown as given up, with the receipt it once gave.
fn changes_what_never_was(story: &Story, effect: &PastEffect) -> bool {
    let Intent::PutHubOrder { hub_order_id: Some(id), .. } = &effect.intent else { return false };
    let answered = |e: &PastEffect| e.receipt.as_ref().and_then(|receipt| receipt.remote_id.as_ref()) == Some(id);
    let never_was = |e: &PastEffect| e.state == EffectState::Skipped && answered(e);
    effect.state == EffectState::Refused && story.effects.iter().any(never_was)
}

/// Why the order must not go to the hub (now): stable word, since when, sentence.
pub(crate) fn keep_here(look: &mut Look<'_>) -> Option<(&'static str, i64, String)> {
    let story = look.story;
    let order = &story.order;
    let anyway = story.choices.push_anyway;
    if order.units_to_ship() == 0 {
        return Some(("nothing_to_ship", order.placed_at_ms, "Nothing in it needs a carrier.".into()));
    }
    match &order.delivery {
        Delivery::Shipping | Delivery::Unknown(_) => {}
        Delivery::Local => return Some(("nothing_to_ship", order.placed_at_ms, "You deliver it yourself.".into())),
        Delivery::Pickup => return Some(("nothing_to_ship", order.placed_at_ms, "The buyer fetches it.".into())),
        Delivery::Retail => return Some(("nothing_to_ship", order.placed_at_ms, "Sold over the counter.".into())),
        Delivery::None => {
            return Some(("nothing_to_ship", order.placed_at_ms, "Nothing in it needs a carrier.".into()));
        }
    }
    if order.test && !anyway && !look.policy.toggle(ID, "test_orders") {
        return Some(("test_order", order.placed_at_ms, "A test order; it stays here.".into()));
    }
    if let Some(hold) = &story.choices.hold {
        match hold.until_ms {
            Some(until_ms) if until_ms <= look.now_ms => {}
            until_ms => {
                if let Some(until_ms) = until_ms {
                    look.look_again(until_ms);
                }
                let reason = if hold.reason.is_empty() { String::new() } else { format!(": \"{}\"", hold.reason) };
                return Some(("held_by_person", hold.since_ms, format!("On hold by you{reason}")));
            }
        }
    }
    // A person who sends it anyway sends it over what was known then, not over what comes later.
    let over = |code: &str| anyway && story.choices.over.as_ref().is_none_or(|over| over.excuses(code));
    let when = look.policy.setting(ID, "when");
    let paid =
        order.payment.is_paid() || (when == "authorized" && order.payment == Payment::Authorized) || when == "any";
    if !paid && !over("payment") {
        let sentence = match &order.payment {
            Payment::Authorized => "Payment is only authorised, not captured".to_owned(),
            Payment::PartiallyPaid => "Only a part is paid".to_owned(),
            Payment::Pending => "Not paid yet".to_owned(),
            Payment::Expired => "The authorisation of the payment ended; ask for payment again".to_owned(),
            Payment::Refunded => "All money was given back".to_owned(),
            Payment::Voided => "The payment was voided".to_owned(),
            Payment::Unknown(word) => format!("Payment state \"{word}\" is new to Quayside; it waits to be safe"),
            Payment::Paid | Payment::PartiallyRefunded => String::new(),
        };
        return Some(("payment", order.placed_at_ms, sentence));
    }
    if let Some(risk) = order.risk.as_ref().filter(|_| !over("risk") && look.policy.toggle(ID, "hold_risky")) {
        return Some((
            "risk",
            order.placed_at_ms,
            format!("The store rates this order as risky ({risk}); check it, then send it"),
        ));
    }
    if let Some((rule, why)) = look.shape.hold.as_ref().filter(|_| !over("held_by_rule")) {
        return Some(("held_by_rule", order.placed_at_ms, format!("Held by your rule \"{rule}\": {why}")));
    }
    // What another service ships, or the buyer fetches, may be held or scheduled as it likes.
    let open_work = || order.our_work().filter(|fo| fo.lines.iter().any(|l| l.remaining_quantity > 0));
    if order.fulfillment_orders.is_empty() && order.fulfillments.is_empty() && !anyway {
        // Read once, right after it was bought, and not since: the store may have given it to somebody else meanwhile.
        let read_again = story.seen_at_ms > story.received_at_ms + MINUTE_MS;
        let patience_ms = if read_again { ROUTING_MS } else { ROUTING_UNSEEN_MS };
        // Placed by the store's clock, received by ours.
        let placed_ms = order.placed_at_ms.saturating_sub(look.now_at_store() - look.now_ms);
        let ready_ms = placed_ms.max(story.received_at_ms) + patience_ms;
        if look.now_ms < ready_ms {
            look.look_again(ready_ms);
            return Some(("routing", story.received_at_ms, "The store has not assigned it to a location yet".into()));
        }
    }
    // A hold that shows the hub's own there keeps nothing from the hub.
    let held = || open_work().find(|fo| fo.holds.iter().any(|hold| !hold.ours) || fo.status == "on_hold");
    if let Some(fo) = held().filter(|_| !over("held_in_channel")) {
        let reason = fo.holds.first().map(|h| h.reason.clone()).unwrap_or_default();
        let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        return Some(("held_in_channel", order.updated_at_ms, format!("Held in the store{reason}")));
    }
    if let Some(at_ms) = open_work().filter(|fo| !fo.can_fulfill).filter_map(|fo| fo.fulfill_at_ms).min()
        && at_ms > look.now_at_store()
        && !over("scheduled")
    {
        look.look_again_at_store(at_ms);
        return Some(("scheduled", order.placed_at_ms, "Scheduled by the store for a later day".into()));
    }
    if order.is_others() && !anyway {
        return Some(("not_ours", order.placed_at_ms, "Another fulfillment service ships it.".into()));
    }
    None
}

/// What a click on "send it anyway" is said over, now.
pub fn sent_over(story: &Story, policy: &Policy, now_ms: i64) -> SentOver {
    let gone = |h: &&Seen<HubOrder>| matches!(h.value.status, HubStatus::Cancelled | HubStatus::Gone);
    let hub_orders = story.hub_orders.iter().filter(gone).map(|h| h.value.remote_id.clone()).collect();
    let mut asked = story.clone();
    asked.choices.push_anyway = true;
    asked.choices.hold = None;
    asked.choices.over = Some(SentOver { reasons: Vec::new(), hub_orders });
    // Each reason that is excused brings the next one to light.
    loop {
        let next = keep_here(&mut Look::new(&asked, policy, now_ms)).map(|(code, ..)| code);
        let over = asked.choices.over.get_or_insert_default();
        match next.filter(|code| EXCUSABLE.contains(code) && !over.excuses(code)) {
            Some(code) => over.reasons.push(code.to_owned()),
            None => return over.clone(),
        }
    }
}

/// What makes the order unshippable as it is. `true`: nothing does.
fn problems(look: &mut Look<'_>, want: &HubOrderDraft) -> bool {
    let number = look.story.order.number.clone();
    let mut fine = true;
    let missing = want.ship_to.missing();
    if !missing.is_empty() {
        let sentence = if look.story.order.ship_to.is_none() && look.story.choices.address.is_none() {
            format!(
                "{number} has no address Quayside may see. Fill one in, or grant access to customer data at the store."
            )
        } else {
            format!(
                "{number} cannot be sent: the address has no {}. Complete it; the order is then sent.",
                missing.join(", no ")
            )
        };
        look.find(Cause::AddressMissing, "ship_to", sentence);
        fine = false;
    }
    // A person who sends it by hand sends it as it is.
    if !look.story.choices.push_anyway {
        for (line, sku) in look.shape.unknown.clone() {
            let what = if sku.trim().is_empty() {
                "A line has no SKU".to_owned()
            } else {
                format!("The SKU {sku} is not in your table")
            };
            let sentence = format!("{number} waits: {what}. Map it once; every order with it goes on.");
            look.find(Cause::UnknownSku, line, sentence);
            fine = false;
        }
        let mapping = &look.policy.shapers.mapping;
        fine &= !look.shape.lacking.iter().any(|(row, _)| mapping.requires(row));
    }
    if look.policy.toggle(ID, "require_sku") {
        let told = look.shape.unknown.clone();
        let told = |key: &str| told.iter().any(|(line, _)| line == key);
        for line in want.lines.iter().filter(|line| line.sku.trim().is_empty() && !told(&line.line_key)) {
            let sentence = format!(
                "{number}: the line \"{}\" has no SKU, and you asked to hold such orders. Fill the SKU in.",
                line.name
            );
            look.find(Cause::UnknownSku, line.line_key.clone(), sentence);
            fine = false;
        }
    }
    fine
}

/// The channel changed what the warehouse merged with other orders: a change would take the others' lines away.
fn merged_away(look: &mut Look<'_>, sent: Option<&HubOrderDraft>, want: &HubOrderDraft, hub: &str) {
    let Some(sent) = sent.filter(|sent| !sent.ship_to.is_forgotten()) else { return };
    let what: Vec<String> = crate::draft::differences(Some(sent), want)
        .into_iter()
        .map(|d| format!("{}: \"{}\" became \"{}\"", d.field, d.before, d.after))
        .collect();
    if what.is_empty() {
        return;
    }
    let sentence = format!(
        "{} was changed after {hub} merged it with another order, and a merged order is not changed from here. {}. Change it there.",
        look.story.order.number,
        what.join("; ")
    );
    look.find(Cause::SidesDiffer, "merged", sentence);
}

/// The channel changed what is already in a parcel (or on its label).
fn too_late(look: &mut Look<'_>, sent: Option<&HubOrderDraft>, want: &HubOrderDraft, about: String) {
    let Some(sent) = sent.filter(|sent| !sent.ship_to.is_forgotten()) else {
        return packed_otherwise(look, want, about);
    };
    if same_lines(sent, want) && sent.ship_to.same_place(&want.ship_to) {
        return; // notes and services no longer matter once the parcel is made
    }
    let what: Vec<String> = crate::draft::differences(Some(sent), want)
        .into_iter()
        .filter(|d| d.field == "Ship to" || d.field.starts_with("Line"))
        .map(|d| match (d.before.is_empty(), d.after.is_empty()) {
            (true, _) => format!("{} was added ({})", d.field, d.after),
            (_, true) => format!("{} was removed", d.field),
            _ => format!("{}: \"{}\" became \"{}\"", d.field, d.before, d.after),
        })
        .collect();
    let number = &look.story.order.number;
    let sentence = format!(
        "{number} was changed after its label was bought. {}. The parcel carries the old content.",
        what.join("; ")
    );
    look.find(Cause::EditedTooLate, about, sentence);
}

/// The same where the hub's order was made by another computer or an earlier install: what was sent is not known here,
/// what was packed is.
fn packed_otherwise(look: &mut Look<'_>, want: &HubOrderDraft, about: String) {
    let packed: Vec<&HubOrder> = look
        .hub_orders()
        .map(|seen| &seen.value)
        .filter(|h| !matches!(h.status, HubStatus::Cancelled | HubStatus::Gone))
        .collect();
    if packed.iter().any(|h| !h.merged_ids.is_empty() || h.external) {
        return;
    }
    let short = |before: &str, after: &str| before.parse::<i64>().unwrap_or(0) < after.parse::<i64>().unwrap_or(0);
    let what: Vec<String> = crate::draft::hub_differences(want, &packed)
        .into_iter()
        // Fewer units wanted than packed: they were given back since, or shipped knowingly.
        .filter(|d| d.field == "Ship to" || short(&d.before, &d.after))
        .map(|d| format!("{}: packed as \"{}\", now \"{}\"", d.field, d.before, d.after))
        .collect();
    if what.is_empty() {
        return;
    }
    let sentence = format!(
        "{} differs from what was packed. {}. The parcel carries the old content.",
        look.story.order.number,
        what.join("; ")
    );
    look.find(Cause::EditedTooLate, about, sentence);
}

pub(crate) fn draft_of(intent: &Intent) -> Option<&HubOrderDraft> {
    match intent {
        Intent::PutHubOrder { order, .. } => Some(order),
        _ => None,
    }
}

/// What the hub has by our knowledge: the newest draft that holds.
pub(crate) fn last_sent_draft(look: &Look<'_>, key: &str) -> Option<HubOrderDraft> {
    look.past(IntentKind::PutHubOrder, key)
        .filter(|e| e.state == EffectState::Done)
        .last()
        .and_then(|e| draft_of(&e.intent))
        .cloned()
}
