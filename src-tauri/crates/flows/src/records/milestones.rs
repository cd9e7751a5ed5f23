//! A customer who has bought so often, or so much, is worth a call: a task, or an opportunity, once for each such mark.
//!
//! The mark is the key: an order that is cancelled and one that makes up for it reach it a second time, and nothing
//! follows. Of several marks passed at once the highest counts; those below it were never news.

use super::patron::{Bought, Patron, PatronDecision, Purchase, change, day, due_day, stem};
use super::{draft, number};
use crate::automation::{AutomationDecl, Need};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use quayside_model::time::DAY_MS;
use quayside_model::{
    CUSTOMER_FACT, Currency, IntentKind, Mode, Money, RecordKind, RecordNoun, Role, SettingDecl, SettingKind,
};
use serde_json::{Value, json};

pub(crate) const ID: &str = "customer_milestones";
const ORDERS: &str = "orders";
const SPENT: &str = "spent";
const OFFER: &str = "offer";
const MAKES: &str = "makes";
const WORTH: &str = "worth";
/// Marks that are read of one setting.
const MARKS_MAX: usize = 20;

pub(crate) const AUTOMATION: AutomationDecl = AutomationDecl {
    id: ID,
    title: "Milestones of customers",
    summary: "When a customer's orders reach a number or an amount of yours, the owner of the customer gets a task to offer a renewal or more, or an opportunity is made for it, once for each mark.",
    examples: &[
        (
            "Your mark is 10 orders, and a customer's tenth is paid.",
            "The next day the owner of the account gets a task.",
        ),
        (
            "That order is cancelled, and another makes up for it.",
            "Nothing: the mark was reached, and is not reached again.",
        ),
        ("A customer passes two marks at once.", "One task, for the higher one."),
        ("The mark was reached before the go-live line.", "Nothing; the next mark counts."),
        (
            "Your mark is 1000 spent, and the customer buys in two currencies.",
            "Amounts are those of the newest order's currency.",
        ),
        (
            "You want opportunities instead of tasks.",
            "One is made at the stage the account's settings name, closing so many days from now, with the average value of the customer's orders if you choose that.",
        ),
        ("The task or the opportunity was deleted, or done, or you chose the other since.", "No second one is made."),
        ("The marketplace wants its buyers' data forgotten, or the buyer asked for it.", "Nothing happens."),
    ],
    needs: &[Need::Reads(Role::Channel, RecordKind::Order), Need::Performs(Role::Records, IntentKind::PutRecord)],
    undo: "Delete the task or the opportunity there. The mark stays reached: it cannot be undone.",
    settings: &[
        text(ORDERS, "Orders", "Numbers of orders, with a space between: 5 10 25. Empty: none.", ""),
        text(
            SPENT,
            "Spent in all",
            "Whole amounts in the currency people buy in, with a space between: 500 1000. Empty: none.",
            "",
        ),
        text(
            OFFER,
            "What is to be done",
            "The words of the task or of the opportunity.",
            "Offer a renewal, or something that goes with it.",
        ),
        SettingDecl {
            name: MAKES,
            label: "Make",
            help: "An opportunity only where the account that keeps records has them and its settings name a stage for new ones.",
            kind: SettingKind::Choice(&[("task", "a task"), ("offer", "an opportunity")]),
            default: "task",
        },
        number(
            "close_days",
            "Closes after",
            "Days from the day it is noticed to the day the opportunity closes.",
            "30",
        ),
        SettingDecl {
            name: WORTH,
            label: "Value of the opportunity",
            help: "In the currency of the customer's newest order.",
            kind: SettingKind::Choice(&[
                ("", "none"),
                ("average", "the average of the customer's orders"),
                ("last", "that of the newest order"),
            ]),
            default: "",
        },
        number("due_days", "Due after", "Working days from the day it is noticed to the day the task is due.", "3"),
    ],
    look: nothing,
};

const fn text(name: &'static str, label: &'static str, help: &'static str, default: &'static str) -> SettingDecl {
    SettingDecl { name, label, help, kind: SettingKind::Text, default }
}

/// It is about customers, not about one order: the engine asks [`super::patron::decide`] once a day.
fn nothing(_: &mut Look<'_>) {}

/// There is a mark somebody can reach.
pub(super) fn any(policy: &Policy) -> bool {
    [ORDERS, SPENT].into_iter().any(|name| !marks(&policy.setting(ID, name)).is_empty())
}

/// Whether every word of it is a mark; a sentence for whoever typed it where one is not.
pub(super) fn check(setting: &str, typed: &str) -> Result<(), String> {
    let is_mark = |word: &&str| word.trim_matches(',').parse::<i64>().is_ok_and(|mark| mark > 0);
    let mut words = typed.split(|c: char| c.is_whitespace() || c == ';').filter(|word| !word.is_empty());
    match words.find(|word| !is_mark(word)).filter(|_| matches!(setting, ORDERS | SPENT)) {
        None => Ok(()),
        Some(word) => {
            Err(format!("\"{word}\" is no whole number above 0. Write digits only, with a space between: 5 10 1000."))
        }
    }
}

/// Whole numbers, the highest last. What is none is left out: a comma may mean two things, so nothing is made of it.
fn marks(text: &str) -> Vec<i64> {
    let words = text.split(|c: char| c.is_whitespace() || c == ';').map(|word| word.trim_matches(','));
    let mut marks: Vec<i64> = words.filter_map(|word| word.parse().ok()).filter(|mark| *mark > 0).collect();
    marks.sort_unstable();
    marks.dedup();
    marks.truncate(MARKS_MAX);
    marks
}

/// A mark that a customer has reached.
struct Reached<'a> {
    /// Which of the customer's marks: `orders`, or `spent` with its currency.
    family: String,
    mark: i64,
    /// With this order.
    by: &'a Purchase,
    title: String,
}

pub(super) fn plan(
    patron: &Patron,
    bought: &Bought<'_>,
    policy: &Policy,
    keeper: &Peer,
    now_ms: i64,
    decision: &mut PatronDecision,
) {
    let set = policy.automation(ID);
    if set.mode == Mode::Off {
        return;
    }
    for reached in [by_orders(bought, policy), by_amount(bought, policy)].into_iter().flatten() {
        // Never again, and nothing below it: what was reached once is known.
        let stem = format!("{}/", stem(patron, &format!("milestone/{}", reached.family)));
        let past = patron.past.iter().filter_map(|effect| Some((effect, marked(&effect.key, &stem)?)));
        let past: Vec<_> = past.collect();
        let told = past.iter().filter(|(effect, _)| !effect.withdrawn).map(|(_, mark)| *mark).max();
        let before_line = set.go_live_ms.is_some_and(|line_ms| reached.by.order.placed_at_ms < line_ms);
        if before_line || told.is_some_and(|told| told >= reached.mark) {
            continue;
        }
        let order = &reached.by.order;
        let store = policy.peers.get(&reached.by.store);
        let offers = policy.setting(ID, MAKES) == "offer";
        let due = if offers {
            day(policy, store, now_ms + policy.number(ID, "close_days").clamp(0, 3_650) * DAY_MS)
        } else {
            due_day(policy, store, now_ms, policy.number(ID, "due_days"))
        };
        let words = format!("{} with {}. {}", reached.title, order.number, policy.setting(ID, OFFER).trim());
        let mut facts = vec![
            ("title", json!(reached.title)),
            ("text", json!(words.trim())),
            ("due", json!(due)),
            ("order", json!(order.number)),
        ];
        if offers {
            facts.extend(worth(bought, &policy.setting(ID, WORTH)));
        }
        let about = vec![(CUSTOMER_FACT.to_owned(), json!(patron.key).to_string())];
        let name = format!("{}/{}-{}", patron.key, reached.family, reached.mark);
        let (noun, what) =
            if offers { (RecordNoun::Offer, "an opportunity") } else { (RecordNoun::FollowUp, "a task") };
        let record = draft(noun, name, &facts, about);
        let when = if offers { "closes" } else { "due" };
        let sentence = format!("Make {what} in {}: {} with {}; {when} {due}", keeper.name, reached.title, order.number);
        // What went with a lowered mode is planned anew, under a key of its own.
        let generation = past.iter().filter(|(_, mark)| *mark == reached.mark).count();
        let effect = change(format!("{stem}{}:{generation}", reached.mark), ID, (keeper, set.mode), record, sentence);
        decision.effects.push((reached.by.order_id, effect));
    }
}

/// What the next sale may come to, by what the customer paid so far; nothing where nobody is to guess.
fn worth(bought: &Bought<'_>, chosen: &str) -> Vec<(&'static str, Value)> {
    let sums = bought.sums();
    let minor = match chosen {
        "average" => i64::try_from(sums.len())
            .ok()
            .filter(|orders| *orders > 0)
            .zip(sums.last())
            .map(|(orders, (_, total_minor))| total_minor.saturating_add(orders / 2).div_euclid(orders)),
        "last" => Some(bought.newest.order.current_total_minor),
        _ => None,
    };
    let currency = bought.currency();
    let amount = |minor: i64| json!(Money::new(minor, currency.clone()).decimal().to_string());
    minor.map_or_else(Vec::new, |minor| vec![("value", amount(minor)), ("currency", json!(currency.0))])
}

/// The mark a key is about.
fn marked(key: &str, stem: &str) -> Option<i64> {
    key.strip_prefix(stem)?.split(':').next()?.parse().ok()
}

fn by_orders<'a>(bought: &Bought<'a>, policy: &Policy) -> Option<Reached<'a>> {
    let at = |mark: i64| bought.orders.get(usize::try_from(mark).ok()?.checked_sub(1)?).copied();
    let (mark, by) = marks(&policy.setting(ID, ORDERS)).into_iter().rev().find_map(|mark| Some((mark, at(mark)?)))?;
    let title =
        if mark == 1 { "A customer's first order".to_owned() } else { format!("A customer has reached {mark} orders") };
    Some(Reached { family: ORDERS.to_owned(), mark, by, title })
}

fn by_amount<'a>(bought: &Bought<'a>, policy: &Policy) -> Option<Reached<'a>> {
    let sums = bought.sums();
    let currency = bought.currency();
    // What it comes to now counts, not what it came to once: a refund takes from it.
    let now_minor = sums.last().map(|(_, total_minor)| *total_minor)?;
    let (mark, least) = marks(&policy.setting(ID, SPENT))
        .into_iter()
        .rev()
        .filter_map(|mark| Some((mark, in_minor(mark, currency)?)))
        .find(|(_, least)| now_minor >= *least)?;
    let by = sums.iter().find(|(_, total_minor)| *total_minor >= least).map(|(by, _)| *by)?;
    let title = format!("A customer has spent {mark} {currency}");
    Some(Reached { family: format!("{SPENT}/{currency}"), mark, by, title })
}

fn in_minor(mark: i64, currency: &Currency) -> Option<i64> {
    mark.checked_mul(10_i64.checked_pow(currency.exponent())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_whole_numbers_with_a_space_between() {
        let cases: [(&str, &[i64]); 7] = [
            ("", &[]),
            ("5 10 25", &[5, 10, 25]),
            ("25; 5, 10", &[5, 10, 25]),
            ("10 10 0 -3", &[10]),
            // One number or two: nobody knows.
            ("1,000", &[]),
            ("5,10", &[]),
            ("ten 20", &[20]),
        ];
        for (text, expected) in cases {
            assert_eq!(marks(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_mark_is_said_where_it_is_typed() {
        for (setting, typed, fine) in [
            (ORDERS, "", true),
            (ORDERS, "5, 10; 25", true),
            (ORDERS, "1,000", false),
            (SPENT, "5.50", false),
            (SPENT, "0", false),
            (OFFER, "Call 1,000 people", true),
        ] {
            assert_eq!(check(setting, typed).is_ok(), fine, "{setting}: {typed}");
        }
    }

    #[test]
    fn amounts_are_counted_in_the_currencys_own_units() {
        for (mark, currency, minor) in [(500, "EUR", Some(50_000)), (500, "JPY", Some(500)), (i64::MAX, "EUR", None)] {
            assert_eq!(in_minor(mark, &Currency::new(currency)), minor, "{mark} {currency}");
        }
    }
}
