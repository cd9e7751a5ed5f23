//! Which desktop notifications to show, decided as values. Pure.
//!
//! One notice per topic, however many orders it is about; nothing during quiet
//! hours, and one summary when they end; nothing twice. The shell shows what it
//! is given and remembers nothing: what was told is in [`Told`], which the store keeps.
//!
//! A topic waits [`SETTLE_MS`] for its trouble to become complete (forty orders
//! rarely fail in the same second) and then keeps silent for [`PAUSE_MS`].

use crate::stake::Stakes;
use quayside_model::settings::Settings;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, ConnectionId};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::stake::Stake;

/// How long new trouble may grow before it is told.
pub const SETTLE_MS: i64 = 15 * SECOND_MS;
/// Shortest time between two notices of one topic.
pub const PAUSE_MS: i64 = 10 * MINUTE_MS;
/// "Remind me in an hour".
pub const LATER_MS: i64 = HOUR_MS;
/// How long the one summary of a day may take until all of it is told: topics settle one after the other.
const DIGEST_OPEN_MS: i64 = 2 * MINUTE_MS;
/// What was told is forgotten after so long without being seen: then it is news again.
const FORGET_MS: i64 = 7 * DAY_MS;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Accounts that need a person.
    Connections,
    /// Orders past their ship-by.
    Late,
    /// Orders that need a person.
    Exceptions,
    /// Orders soon late.
    AtRisk,
    /// The database cannot be written. Decided where it happens, not from rows: there may be none.
    Storage,
    /// Reports that make themselves could not be made.
    Reports,
    /// SKUs that run low, or out.
    Stock,
    /// What the team was to be told could not be delivered.
    Team,
}

impl Topic {
    const ALL: [Self; 7] =
        [Self::Connections, Self::Late, Self::Exceptions, Self::AtRisk, Self::Reports, Self::Stock, Self::Team];
}

/// One desktop notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Notice {
    /// What it is about; a newer notice of the same topic replaces the older one on the screen.
    pub topic: Topic,
    /// First line. No names, no addresses: a lock screen shows it to anybody.
    pub title: String,
    /// Second line.
    pub body: String,
    /// Where a click leads (`exceptions?cause=late`).
    pub place: String,
    /// How many things it is about.
    pub count: i64,
}

/// Something that may be worth telling, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is about.
    pub topic: Topic,
    /// Tells it apart from all others, and from itself when it comes back: `exception 17 @1700000000000`.
    pub key: String,
    /// Cause, for exceptions and accounts.
    pub cause: Option<Cause>,
    /// The account, for accounts.
    pub connection: Option<(ConnectionId, String)>,
    /// Order number, if it is about one.
    pub order: Option<String>,
    /// What it says, where its cause does not.
    pub says: Option<String>,
    /// What hangs on it.
    pub stake: Stake,
}

/// What is remembered between two looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Key → when it was last seen, ms UTC, for everything that was told.
    pub seen: BTreeMap<String, i64>,
    /// Key → when it was first noticed, ms UTC, for what still settles.
    pub waiting: BTreeMap<String, i64>,
    /// Topic → when it was last told, ms UTC.
    pub last: BTreeMap<Topic, i64>,
    /// Topic → end of the quiet hours for which the log already says that it waits, ms UTC.
    pub held: BTreeMap<Topic, i64>,
    /// Topic → keys that its newest notice was about.
    pub newest: BTreeMap<Topic, Vec<String>>,
    /// Key → not before then, ms UTC: somebody wanted to be reminded.
    pub later: BTreeMap<String, i64>,
    /// When the one summary of a day was begun last, ms UTC.
    pub digest_ms: i64,
}

/// What to do now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Show these.
    pub notices: Vec<Notice>,
    /// Not shown on purpose until the quiet hours end: once for the log, with that moment, ms UTC.
    pub held: Vec<(Notice, i64)>,
    /// Remember this.
    pub told: Told,
    /// Look again then even if nothing changes, ms UTC.
    pub look_again_at_ms: Option<i64>,
}

/// Decides. `items` is everything that is true now, told or not; `quiet_until_ms` is set during quiet hours.
pub fn decide(settings: &Settings, items: &[Item], told: &Told, now_ms: i64, quiet_until_ms: Option<i64>) -> Outcome {
    let wanted = |topic: Topic| {
        settings.notifications
            && match topic {
                Topic::Exceptions => settings.notify_exceptions,
                Topic::AtRisk | Topic::Late => settings.notify_at_risk,
                Topic::Connections => settings.notify_connections,
                Topic::Storage | Topic::Reports | Topic::Stock | Topic::Team => true,
            }
    };
    decide_wanted(wanted, items, told, now_ms, quiet_until_ms)
}

/// The same for whoever else is told: `wanted` says what they want to hear of.
pub fn decide_wanted(
    wanted: impl Fn(Topic) -> bool,
    items: &[Item],
    told: &Told,
    now_ms: i64,
    quiet_until_ms: Option<i64>,
) -> Outcome {
    let mut told = told.clone();
    let true_now: BTreeSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
    clock_came_back(&mut told, now_ms);
    // What has ended is no longer waiting, nor to be reminded of, and what was told stays told for a while.
    told.waiting.retain(|key, _| true_now.contains(key.as_str()));
    told.later.retain(|key, _| true_now.contains(key.as_str()));
    for item in items {
        if let Some(seen) = told.seen.get_mut(&item.key) {
            *seen = now_ms;
        }
    }
    told.seen.retain(|_, seen| now_ms - *seen < FORGET_MS);

    let is_later = |told: &Told, key: &str| told.later.get(key).is_some_and(|at_ms| *at_ms > now_ms);
    let mut outcome = Outcome {
        look_again_at_ms: told.later.values().copied().filter(|at_ms| *at_ms > now_ms).min(),
        ..Outcome::default()
    };
    for topic in Topic::ALL {
        let news: Vec<&Item> = items
            .iter()
            .filter(|item| item.topic == topic && !told.seen.contains_key(&item.key) && !is_later(&told, &item.key))
            .collect();
        if news.is_empty() {
            continue;
        }
        if !wanted(topic) {
            // Switched off: switching it on later must not pour out what is old by then.
            for item in news {
                told.waiting.remove(&item.key);
                told.later.remove(&item.key);
                told.seen.insert(item.key.clone(), now_ms);
            }
            continue;
        }
        for item in &news {
            told.waiting.entry(item.key.clone()).or_insert(now_ms);
        }
        let first_ms = news.iter().filter_map(|item| told.waiting.get(&item.key)).min().copied().unwrap_or(now_ms);
        let pause_ms = told.last.get(&topic).map_or(i64::MIN, |last| last + PAUSE_MS);
        let ready_ms = (first_ms + SETTLE_MS).max(pause_ms).max(quiet_until_ms.unwrap_or(i64::MIN));
        if ready_ms > now_ms {
            let only_quiet = (first_ms + SETTLE_MS).max(pause_ms) <= now_ms;
            if let Some(until_ms) = quiet_until_ms
                && only_quiet
                && told.held.insert(topic, until_ms) != Some(until_ms)
            {
                outcome.held.push((notice(topic, &news, now_ms), until_ms));
            }
            outcome.look_again_at_ms = Some(outcome.look_again_at_ms.map_or(ready_ms, |at| at.min(ready_ms)));
            continue;
        }
        for item in &news {
            told.waiting.remove(&item.key);
            told.later.remove(&item.key);
            told.seen.insert(item.key.clone(), now_ms);
        }
        told.last.insert(topic, now_ms);
        told.newest.insert(topic, news.iter().map(|item| item.key.clone()).collect());
        outcome.notices.push(notice(topic, &news, now_ms));
    }
    outcome.told = told;
    outcome
}

/// What was told, or put off, under an older key counts under the one of today.
pub(crate) fn rename(told: &mut Told, keys: &[(String, String)]) {
    for (old, new) in keys {
        for moments in [&mut told.seen, &mut told.later] {
            if let Some(at_ms) = moments.get(old).copied() {
                moments.entry(new.clone()).or_insert(at_ms);
            }
        }
    }
}

/// What was told by a clock that was ahead counts as told now: else its pause, and whatever settles, would last until real
/// time has caught up.
fn clock_came_back(told: &mut Told, now_ms: i64) {
    let moments = told.seen.values_mut().chain(told.waiting.values_mut()).chain(told.last.values_mut());
    for at_ms in moments {
        *at_ms = (*at_ms).min(now_ms);
    }
    for at_ms in told.later.values_mut() {
        *at_ms = (*at_ms).min(now_ms + LATER_MS);
    }
}

/// Somebody wants to be reminded of a topic's newest notice at `until_ms`: what it was about counts as not told until then.
#[must_use]
pub fn later(told: &Told, topic: Topic, until_ms: i64) -> Told {
    let mut told = told.clone();
    for key in told.newest.remove(&topic).unwrap_or_default() {
        // What was forgotten meanwhile has ended long ago.
        if told.seen.remove(&key).is_some() {
            told.later.insert(key, until_ms);
        }
    }
    told
}

/// Until when the wish for one summary a day holds everything back; `None` while it is being told. It was due last at
/// `due_ms` and is again at `next_ms`. One that a sleeping computer missed is told when it wakes.
pub fn digest_until(told: &mut Told, due_ms: i64, next_ms: i64, now_ms: i64) -> Option<i64> {
    // A clock that was set back has not told anything yet.
    if told.digest_ms < due_ms || told.digest_ms > now_ms {
        told.digest_ms = now_ms;
    }
    (now_ms >= told.digest_ms + DIGEST_OPEN_MS).then_some(next_ms)
}

/// The database cannot be written; `sentence` says why and what to do.
pub(crate) fn storage(sentence: &str) -> Notice {
    let item = Item {
        topic: Topic::Storage,
        key: "storage".into(),
        cause: None,
        connection: None,
        order: None,
        says: Some(sentence.to_owned()),
        stake: Stake::default(),
    };
    // Nothing hangs on it that a clock would change.
    notice(Topic::Storage, &[&item], 0)
}

fn notice(topic: Topic, news: &[&Item], now_ms: i64) -> Notice {
    let count = news.len() as i64;
    let money = Stakes::of(news, now_ms)
        .money()
        .map_or_else(String::new, |money| if count == 1 { format!(" {money}.") } else { format!(" {money} in all.") });
    let (title, body, place) = match topic {
        Topic::Exceptions => {
            let causes = by_cause(news, now_ms);
            let place = match causes.as_slice() {
                [(cause, _)] => format!("exceptions?cause={cause}"),
                _ => "exceptions".to_owned(),
            };
            let body = causes.iter().map(|(cause, n)| {
                if *n == count && count == 1 { cause.title().to_owned() } else { format!("{n} × {}", cause.title()) }
            });
            let body = body.collect::<Vec<_>>().join(", ");
            let stakes = Stakes::of(news, now_ms).sentence();
            let body = if stakes.is_empty() { body } else { format!("{body}. {stakes}") };
            (format!("{} you", needs(news)), body, place)
        }
        Topic::Late => (
            if count == 1 { format!("{} is late", one(news)) } else { format!("{count} orders are late") },
            format!("Past the time they should have left.{money}"),
            "queue?view=late".to_owned(),
        ),
        Topic::AtRisk => (
            if count == 1 {
                format!("{} must leave soon", one(news))
            } else {
                format!("{count} orders must leave soon")
            },
            format!("Their ship-by is near and no parcel has left.{money}"),
            "queue?view=at_risk".to_owned(),
        ),
        Topic::Connections => {
            let name = |item: &Item| item.connection.as_ref().map_or("An account", |(_, name)| name).to_owned();
            match news {
                [only] => (
                    format!(
                        "{}: {}",
                        name(only),
                        only.says.as_deref().unwrap_or_else(|| only.cause.map_or("needs a look", Cause::title))
                    ),
                    if only.says.is_some() {
                        "Make new ones at the platform and enter them under Connections.".to_owned()
                    } else {
                        "Everything that waits for it goes on once this is mended.".to_owned()
                    },
                    only.connection
                        .as_ref()
                        .map_or_else(|| "connections".to_owned(), |(id, _)| format!("connections?id={id}")),
                ),
                many => (
                    format!("{count} accounts need you"),
                    many.iter().map(|item| name(item)).collect::<Vec<_>>().join(", "),
                    "connections".to_owned(),
                ),
            }
        }
        Topic::Storage => {
            let says = news.iter().find_map(|item| item.says.clone());
            ("Quayside cannot write its database".to_owned(), says.unwrap_or_default(), "settings".to_owned())
        }
        // They were made, and did not arrive.
        Topic::Reports if news.iter().all(|item| item.says.is_some()) => (
            "The daily reports could not be delivered".to_owned(),
            news.iter().find_map(|item| item.says.clone()).unwrap_or_default(),
            "reports".to_owned(),
        ),
        Topic::Reports => (
            "The daily reports could not be made".to_owned(),
            "Reports says why, under Every day. They are tried again every hour.".to_owned(),
            "reports".to_owned(),
        ),
        Topic::Team => (
            "Your team could not be told".to_owned(),
            news.iter().find_map(|item| item.says.clone()).unwrap_or_default(),
            "settings".to_owned(),
        ),
        Topic::Stock => {
            let (name, says) = match news {
                [only] => (only.order.clone().unwrap_or_default(), only.says.clone().unwrap_or_default()),
                many => {
                    let names: Vec<&str> = many.iter().filter_map(|item| item.order.as_deref()).take(5).collect();
                    (format!("{count} SKUs"), names.join(", "))
                }
            };
            let title = if count == 1 { format!("{name} runs low") } else { format!("{name} run low") };
            (title, says, "stock?part=warned".to_owned())
        }
    };
    Notice { topic, title, body, place, count }
}

/// Counts of stock and records that nobody could read belong to no order.
fn needs(news: &[&Item]) -> String {
    let orders = news.iter().all(|item| item.order.is_some());
    match (news.len(), orders) {
        (1, true) => "1 order needs".into(),
        (1, false) => "1 entry needs".into(),
        (n, true) => format!("{n} orders need"),
        (n, false) => format!("{n} entries need"),
    }
}

fn one(news: &[&Item]) -> String {
    news.first()
        .and_then(|item| item.order.as_ref())
        .map_or_else(|| "An order".to_owned(), |number| format!("Order {number}"))
}

/// Causes with their numbers: first where promises break, then where most money waits, then the most frequent.
fn by_cause(news: &[&Item], now_ms: i64) -> Vec<(Cause, i64)> {
    let mut causes: BTreeMap<Cause, Vec<&Item>> = BTreeMap::new();
    for item in news {
        if let Some(cause) = item.cause {
            causes.entry(cause).or_default().push(item);
        }
    }
    let mut ranked: Vec<_> = causes
        .into_iter()
        .map(|(cause, items)| (Stakes::of(&items, now_ms).rank(), -(items.len() as i64), cause))
        .collect();
    ranked.sort();
    ranked.into_iter().map(|(_, n, cause)| (cause, -n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{Currency, Money};

    const NOW: i64 = 1_763_640_000_000;

    fn stuck(id: i64, cause: Cause) -> Item {
        Item {
            topic: Topic::Exceptions,
            key: format!("exception {id}"),
            cause: Some(cause),
            connection: None,
            order: Some(format!("#{id}")),
            says: None,
            stake: Stake::default(),
        }
    }
    fn late(id: i64) -> Item {
        Item {
            topic: Topic::Late,
            key: format!("late {id}"),
            cause: None,
            connection: None,
            order: Some(format!("#{id}")),
            says: None,
            stake: Stake::default(),
        }
    }

    /// Looks once to notice, and once more when it has settled.
    fn settled(items: &[Item]) -> Outcome {
        let first = decide(&Settings::default(), items, &Told::default(), NOW, None);
        assert_eq!(first.notices, vec![], "nothing is told before it settled");
        decide(&Settings::default(), items, &first.told, NOW + SETTLE_MS, None)
    }

    #[test]
    fn forty_orders_are_one_notice() {
        let items: Vec<Item> =
            (0..40).map(|id| stuck(id, if id % 4 == 0 { Cause::AddressMissing } else { Cause::UnknownSku })).collect();
        let outcome = settled(&items);
        assert_eq!(outcome.notices.len(), 1);
        assert_eq!(outcome.notices[0].title, "40 orders need you");
        assert_eq!(outcome.notices[0].body, "30 × A SKU is missing or unknown, 10 × The address is incomplete");
        assert_eq!(outcome.notices[0].place, "exceptions");
    }

    #[test]
    fn what_is_no_order_is_told_as_an_entry() {
        let order = |id| stuck(id, Cause::UnknownSku);
        let other = |id| Item { order: None, ..stuck(id, Cause::Unreadable) };
        let cases = [
            (vec![order(1)], "1 order needs you"),
            (vec![order(1), order(2)], "2 orders need you"),
            (vec![other(1)], "1 entry needs you"),
            (vec![other(1), other(2)], "2 entries need you"),
            (vec![order(1), other(2)], "2 entries need you"),
        ];
        for (items, title) in cases {
            assert_eq!(settled(&items).notices[0].title, title);
        }
    }

    #[test]
    fn one_cause_leads_to_its_own_list() {
        let outcome = settled(&[stuck(1, Cause::UnknownSku)]);
        assert_eq!(outcome.notices[0].title, "1 order needs you");
        assert_eq!(outcome.notices[0].body, "A SKU is missing or unknown");
        assert_eq!(outcome.notices[0].place, "exceptions?cause=unknown_sku");
    }

    #[test]
    fn nothing_is_told_twice() {
        let items = [stuck(1, Cause::UnknownSku), late(2)];
        let outcome = settled(&items);
        assert_eq!(outcome.notices.len(), 2);
        let again = decide(&Settings::default(), &items, &outcome.told, NOW + DAY_MS, None);
        assert_eq!(again.notices, vec![]);
        // It went away and came back under the same key within the week: still told.
        let gone = decide(&Settings::default(), &[], &again.told, NOW + 2 * DAY_MS, None);
        let back = decide(&Settings::default(), &items, &gone.told, NOW + 3 * DAY_MS, None);
        assert_eq!((back.notices, back.told.waiting.len()), (vec![], 0));
    }

    #[test]
    fn a_topic_pauses_and_then_tells_the_rest_together() {
        let outcome = settled(&[stuck(1, Cause::UnknownSku)]);
        let told_ms = NOW + SETTLE_MS;
        let items = [stuck(1, Cause::UnknownSku), stuck(2, Cause::UnknownSku), stuck(3, Cause::Unreadable)];
        let soon = decide(&Settings::default(), &items, &outcome.told, told_ms + MINUTE_MS, None);
        assert_eq!(soon.notices, vec![]);
        assert_eq!(soon.look_again_at_ms, Some(told_ms + PAUSE_MS));
        let later = decide(&Settings::default(), &items, &soon.told, told_ms + PAUSE_MS, None);
        assert_eq!(later.notices[0].title, "2 orders need you");
    }

    #[test]
    fn reports_that_cannot_be_made_are_told_once_until_they_are() {
        let failing = |since: i64| Item {
            topic: Topic::Reports,
            key: format!("reports since {since}"),
            cause: None,
            connection: None,
            order: None,
            says: None,
            stake: Stake::default(),
        };
        let told = settled(&[failing(1)]);
        assert_eq!((told.notices[0].topic, told.notices[0].place.as_str()), (Topic::Reports, "reports"));
        // The next days fail, too; then they are made, and fail anew.
        let next = decide(&Settings::default(), &[failing(1)], &told.told, NOW + 2 * DAY_MS, None);
        assert_eq!(next.notices, vec![]);
        let again = decide(&Settings::default(), &[failing(9)], &next.told, NOW + 4 * DAY_MS, None);
        let again = decide(&Settings::default(), &[failing(9)], &again.told, NOW + 4 * DAY_MS + SETTLE_MS, None);
        assert_eq!(again.notices.len(), 1);
    }

    #[test]
    fn quiet_hours_end_in_one_summary() {
        let until_ms = NOW + 8 * 60 * MINUTE_MS;
        let first = decide(&Settings::default(), &[late(1)], &Told::default(), NOW, Some(until_ms));
        let second =
            decide(&Settings::default(), &[late(1), late(2)], &first.told, NOW + 60 * MINUTE_MS, Some(until_ms));
        assert_eq!((first.notices.len(), second.notices.len()), (0, 0));
        assert_eq!(second.look_again_at_ms, Some(until_ms));
        assert_eq!((first.held.len(), second.held.len()), (0, 1), "the log says once that it waits");
        assert_eq!((second.held[0].0.count, second.held[0].1), (2, until_ms));
        let third = decide(&Settings::default(), &[late(1)], &second.told, NOW + 90 * MINUTE_MS, Some(until_ms));
        assert_eq!(third.held, vec![]);
        let morning = decide(&Settings::default(), &[late(1), late(2)], &second.told, until_ms, None);
        assert_eq!(morning.notices.len(), 1);
        assert_eq!(morning.notices[0].title, "2 orders are late");
        // What mended itself over night is not told at all.
        let mended = decide(&Settings::default(), &[], &second.told, until_ms, None);
        assert_eq!((mended.notices, mended.told.seen, mended.told.waiting), (vec![], BTreeMap::new(), BTreeMap::new()));
    }

    #[test]
    fn what_is_switched_off_is_not_poured_out_later() {
        let off = Settings { notify_exceptions: false, ..Settings::default() };
        let items = [stuck(1, Cause::UnknownSku)];
        let outcome = decide(&off, &items, &Told::default(), NOW, None);
        let on = decide(&Settings::default(), &items, &outcome.told, NOW + 60 * MINUTE_MS, None);
        assert_eq!((outcome.notices, on.notices), (vec![], vec![]));
        let all_off = Settings { notifications: false, ..Settings::default() };
        assert_eq!(decide(&all_off, &[late(1)], &Told::default(), NOW, None).notices, vec![]);
    }

    #[test]
    fn an_account_is_named_and_a_click_leads_to_it() {
        let account = |id: &str, name: &str| Item {
            topic: Topic::Connections,
            key: format!("condition {id}"),
            cause: Some(Cause::SignInNeeded),
            connection: Some((ConnectionId::new(id), name.into())),
            order: None,
            says: None,
            stake: Stake::default(),
        };
        let outcome = settled(&[account("hg", "Harbour Goods")]);
        assert_eq!(outcome.notices[0].title, "Harbour Goods: A platform wants a new sign-in");
        assert_eq!(outcome.notices[0].place, "connections?id=hg");
        let outcome = settled(&[account("hg", "Harbour Goods"), account("ss", "Shipping")]);
        assert_eq!(outcome.notices[0].title, "2 accounts need you");
        assert_eq!(outcome.notices[0].body, "Harbour Goods, Shipping");
    }

    #[test]
    fn credentials_that_end_are_said_once_per_threshold() {
        let id = ConnectionId::new("hg");
        let ends_ms = NOW + 60 * DAY_MS;
        let at = |now_ms: i64| {
            let end = crate::expiry::expiry(ends_ms, now_ms);
            let item = |says| Item {
                topic: Topic::Connections,
                key: end.key(&id),
                cause: None,
                connection: Some((id.clone(), "Harbour Goods".into())),
                order: None,
                says: Some(says),
                stake: Stake::default(),
            };
            end.words().map(item).into_iter().collect::<Vec<_>>()
        };
        let (mut told, mut titles) = (Told::default(), Vec::new());
        // Looked at four times a day, from sixty days before the end to two after it.
        for step in 0..62 * 4 {
            let now_ms = NOW + step * DAY_MS / 4;
            let outcome = decide(&Settings::default(), &at(now_ms), &told, now_ms, None);
            titles.extend(outcome.notices.into_iter().map(|notice| notice.title));
            told = outcome.told;
        }
        assert_eq!(
            titles,
            [
                "Harbour Goods: credentials end in 29 days",
                "Harbour Goods: credentials end in 6 days",
                "Harbour Goods: credentials ended"
            ],
            "each a look after it began, when it had settled"
        );
    }

    #[test]
    fn the_list_of_what_was_told_does_not_grow_for_ever() {
        let outcome = settled(&[late(1)]);
        let later = decide(&Settings::default(), &[], &outcome.told, NOW + 8 * DAY_MS, None);
        assert_eq!(later.told.seen.len(), 0);
    }

    #[test]
    fn a_notice_that_was_put_off_comes_back_with_what_is_still_true() {
        let items = [stuck(1, Cause::UnknownSku), stuck(2, Cause::UnknownSku)];
        let told = settled(&items).told;
        let asked_ms = NOW + MINUTE_MS;
        let told = later(&told, Topic::Exceptions, asked_ms + LATER_MS);
        assert_eq!((told.seen.len(), told.later.len()), (0, 2));
        // What is new meanwhile is told as usual, without what was put off.
        let more = [items[0].clone(), items[1].clone(), stuck(3, Cause::UnknownSku)];
        let soon = decide(&Settings::default(), &more, &told, asked_ms + PAUSE_MS, None);
        let soon = decide(&Settings::default(), &more, &soon.told, asked_ms + PAUSE_MS + SETTLE_MS, None);
        assert_eq!(soon.notices[0].title, "1 order needs you");
        assert_eq!(soon.look_again_at_ms, Some(asked_ms + LATER_MS));
        // One mended itself within the hour: nobody is reminded of it.
        let left = [items[0].clone(), more[2].clone()];
        let due = decide(&Settings::default(), &left, &soon.told, asked_ms + LATER_MS, None);
        let due = decide(&Settings::default(), &left, &due.told, asked_ms + LATER_MS + SETTLE_MS, None);
        assert_eq!((due.notices.len(), due.notices[0].title.as_str()), (1, "1 order needs you"));
        assert_eq!(due.told.later, BTreeMap::new());
        // Reminded once, and not every hour.
        let end = decide(&Settings::default(), &left, &due.told, asked_ms + 3 * LATER_MS, None);
        assert_eq!(end.notices, vec![]);
        // A topic that told nothing can be put off, and nothing comes of it.
        assert_eq!(later(&end.told, Topic::Stock, NOW), end.told);
    }

    /// An older version told entries by their own ids; what orders share has one key now.
    #[test]
    fn what_was_told_under_an_older_key_is_not_told_again() {
        let shared = Item { key: "exception mapping_cut hub".into(), ..stuck(7, Cause::MappingCut) };
        let keys = [7, 8].map(|id| (format!("exception {id}"), shared.key.clone()));
        for (told_before, expected) in [(Some(7), 0), (Some(8), 0), (Some(9), 1), (None, 1)] {
            let mut told = Told::default();
            told.seen.extend(told_before.map(|id| (format!("exception {id}"), NOW)));
            rename(&mut told, &keys);
            let mut shown = 0;
            for at_ms in [NOW, NOW + SETTLE_MS] {
                let outcome = decide(&Settings::default(), std::slice::from_ref(&shared), &told, at_ms, None);
                shown += outcome.notices.len();
                told = outcome.told;
            }
            assert_eq!(shown, expected, "{told_before:?}");
        }
    }

    /// Three days ahead, and set right: every pause and reminder is as long as it was meant.
    #[test]
    fn a_clock_that_was_ahead_silences_nothing() {
        let back_ms = NOW - 3 * DAY_MS;
        let noticed = decide(&Settings::default(), &[late(1)], &Told::default(), NOW, None).told;
        let told = settled(&[late(1)]).told;
        let put_off = later(&told, Topic::Late, NOW + SETTLE_MS + LATER_MS);
        for (what, told, items, again_ms) in [
            ("what had not settled", noticed, vec![late(1)], SETTLE_MS),
            ("what is new after something was told", told, vec![late(1), late(2)], PAUSE_MS.max(SETTLE_MS)),
            ("what was put off", put_off, vec![late(1)], LATER_MS),
        ] {
            let at_once = decide(&Settings::default(), &items, &told, back_ms, None);
            assert_eq!((at_once.notices.len(), at_once.look_again_at_ms), (0, Some(back_ms + again_ms)), "{what}");
            let mut known = at_once.told;
            let mut shown = 0;
            for at_ms in [back_ms + again_ms, back_ms + again_ms + SETTLE_MS] {
                let outcome = decide(&Settings::default(), &items, &known, at_ms, None);
                shown += outcome.notices.len();
                known = outcome.told;
            }
            assert_eq!(shown, 1, "{what}");
        }
    }

    #[test]
    fn causes_stand_in_the_order_of_what_hangs_on_them() {
        let at = |id, cause, minor, ship_by_ms| Item {
            stake: Stake { worth: Some(Money::new(minor, Currency::new("EUR"))), ship_by_ms },
            ..stuck(id, cause)
        };
        let many: Vec<Item> = (0..9).map(|id| at(id, Cause::UnknownSku, 1_000, None)).collect();
        let dear = at(10, Cause::AddressMissing, 191_200, None);
        let near = at(11, Cause::ServiceRefused, 1_000, Some(NOW + HOUR_MS));
        let titles = |items: &[Item]| settled(items).notices[0].body.clone();
        let (sku, address, service) =
            (Cause::UnknownSku.title(), Cause::AddressMissing.title(), Cause::ServiceRefused.title());
        assert_eq!(titles(&many), format!("9 × {sku}. EUR 90 wait."));
        let both = [many.clone(), vec![dear.clone()]].concat();
        assert_eq!(titles(&both), format!("1 × {address}, 9 × {sku}. EUR 2,002 wait."));
        let all = [many, vec![dear, near]].concat();
        assert_eq!(
            titles(&all),
            format!("1 × {service}, 1 × {address}, 9 × {sku}. 1 must leave within 4 hours, EUR 2,012 wait.")
        );
    }

    #[test]
    fn one_summary_a_day_is_told_once_also_when_it_was_missed() {
        let (due_ms, next_ms) = (NOW, NOW + DAY_MS);
        let mut told = Told { digest_ms: NOW - DAY_MS, ..Told::default() };
        for (after_ms, until) in [
            // The computer slept; it woke two hours later.
            (120 * MINUTE_MS, None),
            (121 * MINUTE_MS, None),
            (122 * MINUTE_MS, Some(next_ms)),
            (DAY_MS - MINUTE_MS, Some(next_ms)),
        ] {
            assert_eq!(digest_until(&mut told, due_ms, next_ms, NOW + after_ms), until, "{after_ms}");
        }
        assert_eq!(digest_until(&mut told, next_ms, next_ms + DAY_MS, next_ms), None, "the next day");
        // The clock was set back by a week.
        assert_eq!(digest_until(&mut told, NOW - 7 * DAY_MS, NOW - 6 * DAY_MS, NOW - 7 * DAY_MS + 1), None);
    }
}
