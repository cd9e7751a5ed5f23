//! Goods that came back are paid back: planned as soon as they are here, for the units that are here, and no others.
//!
//! One key stands for one return and all of its units that are here so far: planned once, and whatever becomes of it, never
//! planned again for them. While any money of the order is under way nothing is planned, so that no sum is worked out twice;
//! no more is planned than is left of what was paid. A store that says beforehand what it would give back is asked first;
//! for the others it is computed from what was paid. Either way the store has the last word when it is sent: exactly that
//! sum, or nothing.
//!
//! Units go back on the shelf in the store's own refund where that is offered, and nowhere else; where it is not, whoever
//! says that goods are here adds them to the count that holds.

use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::money_left::{gives_back, is_owed, shipping_left_minor, units_left, units_paid_beside};
use crate::policy::Peer;
use crate::returned::{Back, BackLine, backs, units_due};
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{
    Cause, EffectState, Intent, IntentKind, Mode, Money, PastEffect, QuoteWish, RecordKind, RefundAsk, RefundDraft,
    RefundLineDraft, RefundQuote, Role, SettingDecl, SettingKind, Story,
};

/// Stable word.
pub const ID: &str = "return_refunds";
/// What came longer ago was dealt with by somebody, or never will be.
const WORTH_MS: i64 = 60 * DAY_MS;
/// How soon it is looked again after money was given back that no reading shows yet.
const AGAIN_MS: i64 = 30 * MINUTE_MS;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Refunds for returns",
    summary: "Prepares the refund as soon as goods of a return are here, told by the store or said by you: the units that arrived, with what the store says they come to. It waits for your click; in Auto it goes by itself up to a limit.",
    examples: &[
        (
            "The store says that the mug is back.",
            "A refund of what was paid for the mug waits for your click, with its amount.",
        ),
        ("You say that one of two mugs is here, and later the other.", "Each is given back once, on its own."),
        (
            "A return of 80.00 arrives, Auto goes up to 50, and another of 20.00.",
            "The second is given back by itself; the first waits for your click.",
        ),
        (
            "You give the money back in your own way while the prepared refund waits.",
            "Yours is sent, and the prepared one is given up.",
        ),
        ("The buyer is to get a replacement.", "No refund is prepared for those units."),
        ("You mark the return as settled.", "What waited is given up, and nothing is prepared for it."),
        (
            "Money of the order is being given back already.",
            "Nothing is prepared before that is done and the store was read again.",
        ),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Return), Need::Performs(Role::Channel, IntentKind::Refund)],
    undo: "Money that was given back does not come back. What still waits can be given up.",
    settings: &[
        SettingDecl {
            name: "limit",
            label: "In Auto up to",
            help: "Whole units of the order's currency: 50 is 50.00. What comes to more waits for your click.",
            kind: SettingKind::Number,
            default: "50",
        },
        SettingDecl {
            name: "shipping",
            label: "Shipping the buyer paid",
            help: "Given back beside the goods, as far as it was not yet.",
            kind: SettingKind::Choice(&[
                ("keep", "Is kept"),
                ("whole", "When all of the order came back"),
                ("always", "With the first return"),
            ]),
            default: "keep",
        },
        SettingDecl {
            name: "restock",
            label: "Put them back on the shelf",
            help: "In the store, with its refund, where it does that. Of goods that somebody at the desk held, what was said there counts instead; what the store put back itself, or kept off, stays as it is.",
            kind: SettingKind::Toggle,
            default: "false",
        },
        SettingDecl {
            name: "notify",
            label: "Let the store tell the buyer",
            help: "By the store's own message about a refund, where that can be chosen.",
            kind: SettingKind::Toggle,
            default: "true",
        },
        SettingDecl {
            name: "remark",
            label: "Remark on the order",
            help: "A line for your team on the store's order: goods of a return are here. Once for each return. Buyers do not see it.",
            kind: SettingKind::Toggle,
            default: "false",
        },
    ],
    look,
};

/// Units of a return that are here and not settled.
struct Due<'a> {
    back: Back<'a>,
    /// What its keys begin with.
    stem: String,
    about: String,
    lines: Vec<RefundLineDraft>,
}

fn look(look: &mut Look<'_>) {
    let (story, mode) = (look.story, mode(look));
    let Some(channel) = look.channel.filter(|_| mode != Mode::Off) else { return };
    remark(look, channel, mode);
    if !channel.performs.contains(&IntentKind::Refund) {
        return;
    }
    let dues: Vec<Due<'_>> =
        if is_owed(story) { backs(story).into_iter().filter_map(|back| due(look, back)).collect() } else { Vec::new() };
    // What came back has changed, or was settled in another way: what waits for a click says the wrong thing.
    for effect in story.effects.iter().filter(|effect| effect.automation == ID && is_waiting(effect)) {
        if !dues.iter().any(|due| is_about(look, effect, &due.about)) && effect.intent.kind() == IntentKind::Refund {
            look.overtake(effect, "what came back has changed, or was settled in another way");
        }
    }
    tell_of_store(look);
    for due in dues {
        if prepare(look, channel, mode, &due) {
            // One at a time: what is left of the money is known once this one is done.
            return;
        }
    }
}

/// The refund was prepared for this return.
pub fn is_for_return(effect: &PastEffect, return_id: &str) -> bool {
    effect.automation == ID
        && effect.intent.kind() == IntentKind::Refund
        && effect.key.contains(&format!(":{}-", stem_of(return_id)))
}

fn stem_of(return_id: &str) -> String {
    format!("return-{}", digest(return_id))
}

/// Strictly from the go-live line on.
fn mode(look: &Look<'_>) -> Mode {
    let policy = look.policy.automation(ID);
    let before = policy.go_live_ms.is_some_and(|line_ms| look.story.order.placed_at_ms < line_ms);
    if before { Mode::Off } else { policy.mode }
}

/// Not sent yet, and whatever comes of it has to be decided here.
fn is_waiting(effect: &PastEffect) -> bool {
    matches!(effect.state, EffectState::Asked | EffectState::Pending | EffectState::Refused)
}

fn is_about(look: &Look<'_>, effect: &PastEffect, about: &str) -> bool {
    look.past(IntentKind::Refund, about).any(|past| past.id == effect.id)
}

/// Short and the same on every computer.
fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..12].to_owned()
}

fn due<'a>(look: &Look<'_>, back: Back<'a>) -> Option<Due<'a>> {
    let wants = back.value.resolution.to_lowercase();
    let recent = back.here_ms.is_some_and(|at_ms| look.now_ms - at_ms < WORTH_MS);
    if !back.state.is_open() || !recent || wants.contains("replac") || wants.contains("exchange") {
        return None;
    }
    let by_setting = look.policy.toggle(ID, "restock");
    let mut lines: Vec<RefundLineDraft> = Vec::new();
    let mut here: Vec<String> = Vec::new();
    for one in &back.lines {
        let Some(line) = one.line else { continue };
        here.push(format!("{}={}", line.remote_id, one.here));
        let taken: i64 =
            lines.iter().filter(|draft| draft.order_line_id == line.remote_id).map(|draft| draft.quantity).sum();
        let paid = units_paid_beside(look.story, line);
        let quantity = one.due().min(units_due(&back, &line.remote_id) - paid - taken);
        let quantity = quantity.min(units_left(look.story, line) - taken);
        if quantity <= 0 {
            continue;
        }
        // What the store put on its shelf, or kept off it, is decided: a refund that puts it back would count it twice.
        let restock = one.restock.unwrap_or(by_setting) && !one.is_shelved();
        match lines.iter_mut().find(|draft| draft.order_line_id == line.remote_id) {
            Some(draft) => {
                draft.quantity += quantity;
                draft.restock &= restock;
            }
            None => lines.push(RefundLineDraft { order_line_id: line.remote_id.clone(), quantity, restock }),
        }
    }
    if lines.is_empty() {
        return None;
    }
    // What was taken back and is said anew is asked anew.
    let said = look.story.choices.goods.iter().filter(|goods| goods.return_id == back.value.remote_id);
    here.extend(said.map(|goods| format!("said {}", goods.at_ms)));
    here.sort_unstable();
    let stem = stem_of(&back.value.remote_id);
    let about = format!("{stem}-{}", digest(&here.join("\n")));
    Some(Due { back, stem, about, lines })
}

/// Plans the refund, or what has to come before it. `true`: nothing else of the order's money is to be planned now.
fn prepare(look: &mut Look<'_>, channel: &Peer, mode: Mode, due: &Due<'_>) -> bool {
    let story = look.story;
    // What went with a lowered mode was decided by nobody.
    let newest = look.past(IntentKind::Refund, &due.about).last().filter(|effect| !effect.withdrawn);
    match newest.map(|effect| effect.state) {
        // Sent, or given up by a person: never once more for these units.
        Some(EffectState::Done | EffectState::Skipped) => return false,
        Some(EffectState::Running | EffectState::Unknown) => return true,
        Some(EffectState::Asked | EffectState::Pending | EffectState::Refused) | None => {}
    }
    if let Some(other) = under_way(look, newest) {
        if other.settled_at_ms.is_some() {
            look.look_again(look.now_ms + AGAIN_MS);
        }
        return true;
    }
    let ask = ask(look, due);
    let quote = if channel.refunds.quoted {
        let known = story.quotes.iter().find(|seen| seen.about == due.about && seen.ask == ask);
        look.quotes.push(QuoteWish { about: due.about.clone(), ask: ask.clone() });
        if let Some(why) = known.and_then(|seen| seen.refused.as_ref()) {
            tell(look, due, &format!("{} does not say what it comes to: {why}", channel.title));
        }
        let Some(quote) = known.and_then(|seen| seen.quote.clone()) else { return true };
        quote
    } else {
        computed(story, &ask)
    };
    let money = |minor: i64| Money::new(minor, story.order.currency.clone());
    if quote.total_minor <= 0 || quote.total_minor > left_minor(story) {
        let left = money(left_minor(story));
        let sum = money(quote.total_minor);
        tell(look, due, &format!("It comes to {sum}, and {left} of the order are left: give it back by hand."));
        return false;
    }
    let draft = draft(story, channel, due, &quote, look.policy.toggle(ID, "notify"));
    if let Some(effect) = newest {
        let same = matches!(&effect.intent, Intent::Refund { refund } if is_same(refund, &draft));
        if same {
            if effect.state == EffectState::Asked {
                tell(look, due, &format!("{} wait for your click.", money(quote.total_minor)));
            }
            return true;
        }
        look.overtake(effect, "what is given back has changed");
    }
    let mode = allowed(look, mode, due, &quote);
    if mode == Mode::Ask {
        tell(look, due, &format!("{} wait for your click.", money(quote.total_minor)));
    }
    let recorded = if quote.recorded_only { ". The store only records it: pay it by hand" } else { "" };
    let sentence = format!(
        "Give back {} of {} for {} (return {}){recorded}",
        money(quote.total_minor),
        story.order.number,
        words(story, &due.lines),
        due.back.value.number
    );
    look.plan(ID, mode, &story.channel, &due.about, Intent::Refund { refund: draft }, sentence);
    true
}

/// Money of the order that is on its way, or was given back and is not shown by a reading yet; `but` is not meant.
fn under_way<'a>(look: &Look<'a>, but: Option<&PastEffect>) -> Option<&'a PastEffect> {
    let story = look.story;
    let overtaken = |effect: &PastEffect| look.overtaken.iter().any(|(id, _)| *id == effect.id);
    story.effects.iter().filter(|effect| gives_back(&effect.intent)).find(|effect| {
        let meant = but.is_none_or(|but| but.id != effect.id) && !overtaken(effect);
        meant
            && match effect.state {
                EffectState::Done => effect.settled_at_ms.is_some_and(|at_ms| at_ms >= story.seen_at_ms),
                EffectState::Skipped => false,
                EffectState::Asked
                | EffectState::Pending
                | EffectState::Running
                | EffectState::Unknown
                | EffectState::Refused => true,
            }
    })
}

fn ask(look: &Look<'_>, due: &Due<'_>) -> RefundAsk {
    let story = look.story;
    let of_line =
        |id: &str| due.lines.iter().filter(|line| line.order_line_id == id).map(|line| line.quantity).sum::<i64>();
    let whole = || story.order.lines.iter().all(|line| units_left(story, line) <= of_line(&line.remote_id));
    let with_shipping = match look.policy.setting(ID, "shipping").as_str() {
        "always" => true,
        "whole" => whole(),
        _ => false,
    };
    RefundAsk {
        order_remote_id: story.order.remote_id.clone(),
        // The shelf has no price: what is put back there changes no question.
        lines: due.lines.iter().map(|line| RefundLineDraft { restock: false, ..line.clone() }).collect(),
        shipping_max_minor: if with_shipping { shipping_left_minor(story) } else { 0 },
        total_minor: None,
        currency: story.order.currency.clone(),
    }
}

/// What was paid for it, where the store does not say.
fn computed(story: &Story, ask: &RefundAsk) -> RefundQuote {
    let order = &story.order;
    let paid = |wanted: &RefundLineDraft| {
        let line = order.lines.iter().find(|line| line.remote_id == wanted.order_line_id);
        line.map_or(0, |line| line.paid_minor(wanted.quantity, order.taxes_included))
    };
    let goods_minor: i64 = ask.lines.iter().map(paid).sum();
    let total_minor = (goods_minor + ask.shipping_max_minor).min(left_minor(story));
    RefundQuote {
        total_minor,
        shipping_minor: ask.shipping_max_minor.min(total_minor),
        tax_minor: None,
        recorded_only: false,
    }
}

fn draft(story: &Story, channel: &Peer, due: &Due<'_>, quote: &RefundQuote, notify: bool) -> RefundDraft {
    let receipts = story.effects.iter().filter(|effect| effect.intent.kind() == IntentKind::Refund);
    RefundDraft {
        order_remote_id: story.order.remote_id.clone(),
        lines: due
            .lines
            .iter()
            .map(|line| RefundLineDraft { restock: line.restock && channel.refunds.restocks, ..line.clone() })
            .collect(),
        shipping_minor: quote.shipping_minor,
        total_minor: quote.total_minor,
        currency: story.order.currency.clone(),
        reason: "return".to_owned(),
        note: String::new(),
        notify_customer: notify && channel.refunds.notifies,
        known_refund_ids: receipts.filter_map(|effect| effect.receipt.as_ref()?.remote_id.clone()).collect(),
    }
}

/// The same money for the same units.
fn is_same(planned: &RefundDraft, now: &RefundDraft) -> bool {
    let of = |refund: &RefundDraft| RefundDraft { known_refund_ids: Vec::new(), ..refund.clone() };
    of(planned) == of(now)
}

/// Auto goes up to its limit, and not where part of it was given up before, or a person has to pay by hand. What a lowered
/// mode took back counts as well: nobody expects last month's refund to leave the moment the switch goes up.
fn allowed(look: &Look<'_>, mode: Mode, due: &Due<'_>, quote: &RefundQuote) -> Mode {
    let exponent = look.story.order.currency.exponent();
    let limit_minor = look.policy.number(ID, "limit").max(0).saturating_mul(10_i64.saturating_pow(exponent));
    let gave_up = look.story.effects.iter().any(|effect| {
        effect.state == EffectState::Skipped && effect.automation == ID && effect.key.contains(&due.stem)
    });
    let asks = quote.total_minor > limit_minor || quote.recorded_only || gave_up;
    if mode == Mode::Auto && asks { Mode::Ask } else { mode }
}

/// What is left, by whatever the store says of what was given back.
fn left_minor(story: &Story) -> i64 {
    let told_minor = story.order.refunded_minor.unwrap_or(0).max(0);
    crate::money_left::left_minor(story).min(story.order.total_minor - told_minor)
}

/// Money that somebody gave back in the store may be for what is here: that nobody can tell but a person.
fn tell_of_store(look: &mut Look<'_>) {
    let story = look.story;
    let paid = |one: &BackLine<'_>| {
        let line = one.line.filter(|_| one.due() > 0)?;
        let units = units_paid_beside(story, line);
        (units > 0).then(|| format!("{units} × {}", if line.sku.is_empty() { &line.name } else { &line.sku }))
    };
    for back in backs(story).into_iter().filter(|back| back.state.is_open()) {
        let mut units: Vec<String> = back.lines.iter().filter_map(paid).collect();
        units.dedup();
        if !units.is_empty() {
            let more = format!(
                "The store gave money back for {} and does not say for which return: no refund is prepared for them.",
                units.join(", ")
            );
            tell_return(look, &back.value.remote_id, &more);
        }
    }
}

/// Adds to what is said of the return, where it is told.
fn tell(look: &mut Look<'_>, due: &Due<'_>, more: &str) {
    tell_return(look, &due.back.value.remote_id, more);
}

fn tell_return(look: &mut Look<'_>, about: &str, more: &str) {
    let told = look.findings.iter_mut().find(|finding| finding.cause == Cause::Returned && finding.about == about);
    if let Some(finding) = told {
        finding.sentence = format!("{} {more}", finding.sentence);
    }
}

/// `1 × MUG, 2 × PLATE`.
fn words(story: &Story, lines: &[RefundLineDraft]) -> String {
    let one = |draft: &RefundLineDraft| {
        let line = story.order.lines.iter().find(|line| line.remote_id == draft.order_line_id);
        let name = line.map_or("?", |line| if line.sku.is_empty() { &line.name } else { &line.sku });
        format!("{} × {name}", draft.quantity)
    };
    lines.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Says on the store's order that goods are here. Once for each return, whatever became of it.
fn remark(look: &mut Look<'_>, channel: &Peer, mode: Mode) {
    if !channel.performs.contains(&IntentKind::AnnotateOrder) || !look.policy.toggle(ID, "remark") {
        return;
    }
    let story = look.story;
    for back in backs(story) {
        let about = format!("remark:return-{}", digest(&back.value.remote_id));
        let recent = back.here_ms.is_some_and(|at_ms| look.now_ms - at_ms < WORTH_MS);
        if !recent
            || look.past(IntentKind::AnnotateOrder, &about).any(|effect| !effect.is_missing() && !effect.withdrawn)
        {
            continue;
        }
        let note = format!("Return {}: goods are here.", back.value.number);
        let sentence = format!("Remark on {} in the store: {note}", story.order.number);
        let intent = Intent::AnnotateOrder {
            order_remote_id: story.order.remote_id.clone(),
            fields: Vec::new(),
            note,
            tags: Vec::new(),
        };
        look.plan(ID, mode, &story.channel, &about, intent, sentence);
    }
}
