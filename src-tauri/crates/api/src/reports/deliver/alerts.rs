//! What the team is told by mail and into Slack, besides what stands on the desktop.
//!
//! The same notices as there ([`crate::notices`]), decided in the same way for each way by itself: grouped, never twice,
//! after the quiet hours. What is decided is noted in the transaction that remembers it as told, and leaves by the ways of
//! the reports: once, tried again with growing pauses, and let go after a day, because an alert of yesterday is none.
//! What waits leaves together. Nothing of a buyer is in it: order numbers, stores and counts.

use super::contents;
use super::ledger::DeliveryState;
use super::ways::{self, Kept, ReportWay, place};
use super::{Message, bring, secret};
use crate::desk::{Desk, Room};
use crate::notices::{self, Item, Notice, Told, Topic};
use crate::reports::plan::Look;
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::zone;
use quayside_connectors::messages::Undelivered;
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_store::{Reader, Store, StoreError, Tx};
use serde::{Deserialize, Serialize};
use specta::Type;

const CHOSEN_KEY: &str = "alerts.team";
const NOTES_KEY: &str = "alerts.notes";
/// Notes that are kept.
const NOTES_MAX: usize = 200;
/// Notes that are shown.
const SHOWN: usize = 50;
/// The first pause before another try; it doubles.
const AGAIN_MS: i64 = MINUTE_MS;
/// How often it doubles: half an hour and no more.
const DOUBLES_MAX: u32 = 5;
/// So long something is tried.
const GIVE_UP_MS: i64 = DAY_MS;
/// The ways to people. Programs get reports.
const WAYS: [ReportWay; 2] = [ReportWay::Mail, ReportWay::Slack];

/// What can be told, and what a person calls it. That the team cannot be told is told here alone.
const KINDS: [(Topic, &str); 6] = [
    (Topic::Exceptions, "Orders and entries that need somebody"),
    (Topic::Late, "Orders that are late"),
    (Topic::AtRisk, "Orders soon late"),
    (Topic::Connections, "Accounts that need a sign-in or another mend"),
    (Topic::Stock, "SKUs that run low"),
    (Topic::Reports, "Reports that could not be made or delivered"),
];

/// What the team is told, by way; nothing by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TeamAlerts {
    /// By mail.
    pub mail: Vec<Topic>,
    /// Into Slack.
    pub slack: Vec<Topic>,
}

impl TeamAlerts {
    fn of(&self, way: ReportWay) -> &[Topic] {
        match way {
            ReportWay::Mail => &self.mail,
            ReportWay::Slack => &self.slack,
            ReportWay::Webhook => &[],
        }
    }
    fn read(r: &Reader<'_>) -> Result<Self, StoreError> {
        Ok(r.setting(CHOSEN_KEY)?.unwrap_or_default())
    }
}

/// One thing the team is told by one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TeamAlert {
    /// Its number.
    pub id: i64,
    /// By which way.
    pub way: ReportWay,
    /// What it is about.
    pub topic: Topic,
    /// First line.
    pub title: String,
    /// Second line.
    pub body: String,
    /// When it was decided, ms UTC.
    pub since_ms: i64,
    /// When it was tried last, ms UTC.
    pub at_ms: i64,
    /// How often it was tried.
    pub tries: u32,
    /// Where it stands.
    pub state: DeliveryState,
    /// Where to, as it may be shown.
    pub place: String,
    /// Why it is not there; empty if it is, or was not tried yet.
    pub words: String,
}

/// The same, to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TeamAlertView {
    /// It.
    pub alert: TeamAlert,
    /// Why it was told.
    pub why: String,
    /// When it is tried again by itself, ms UTC.
    pub next_ms: Option<i64>,
}

/// A kind of notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TeamKind {
    /// It.
    pub topic: Topic,
    /// What it is called.
    pub label: String,
}

/// A way that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TeamWay {
    /// It.
    pub way: ReportWay,
    /// Where it leads.
    pub place: String,
}

/// What the team is told, and how it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct TeamAlertsView {
    /// As it was set.
    pub alerts: TeamAlerts,
    /// What can be told.
    pub kinds: Vec<TeamKind>,
    /// Ways that are set up under Reports, Deliver.
    pub ready: Vec<TeamWay>,
    /// What was told or could not be, newest first.
    pub told: Vec<TeamAlertView>,
}

/// What decides when something is sent. Pure.
struct Frame<'a> {
    now_ms: i64,
    chosen: &'a TeamAlerts,
    /// When each way was changed last, ms UTC.
    changed_ms: [(ReportWay, i64); 2],
}

impl Frame<'_> {
    /// When a note that waits is tried, ms UTC; `None`: not by itself.
    fn next_ms(&self, note: &TeamAlert) -> Option<i64> {
        if note.state != DeliveryState::Waiting || self.chosen.of(note.way).is_empty() {
            return None;
        }
        let changed_ms = self.changed_ms.iter().find(|(way, _)| *way == note.way).map_or(0, |(_, at_ms)| *at_ms);
        // A clock that was set back keeps nothing waiting, and what was mended is tried at once.
        let at_once = note.tries == 0 || changed_ms > note.at_ms || note.at_ms > self.now_ms;
        let pause_ms = AGAIN_MS << note.tries.saturating_sub(1).min(DOUBLES_MAX);
        Some(if at_once { self.now_ms } else { note.at_ms + pause_ms })
    }

    /// What a crash left behind and what is over, put right: gives the notes that change. Nobody may be sending meanwhile.
    fn settle(&self, notes: &[TeamAlert]) -> Vec<TeamAlert> {
        let changed = |note: &TeamAlert| {
            let to = |state: DeliveryState, words: String| Some(TeamAlert { state, words, ..note.clone() });
            match note.state {
                // A second copy in a channel is one more message; a mailbox knows it by its name.
                DeliveryState::Sending if note.way == ReportWay::Slack => {
                    to(DeliveryState::Unsure, "Quayside ended while it was sent. Look into the channel.".to_owned())
                }
                DeliveryState::Sending => to(
                    DeliveryState::Waiting,
                    "Quayside ended while it was sent. It is sent again under the same name.".to_owned(),
                ),
                DeliveryState::Waiting if self.chosen.of(note.way).is_empty() => {
                    to(DeliveryState::Dropped, format!("Nothing is told by this way any more. {}", note.words))
                }
                DeliveryState::Waiting if self.now_ms - note.since_ms > GIVE_UP_MS => {
                    to(DeliveryState::Dropped, format!("Not tried any more after a day. {}", note.words))
                }
                _ => None,
            }
        };
        notes.iter().filter_map(changed).collect()
    }

    /// What leaves by a way now, oldest first. What waits for another try goes along with what is due.
    fn due(&self, notes: &[TeamAlert], way: ReportWay) -> Vec<TeamAlert> {
        let is_due = |note: &TeamAlert| self.next_ms(note).is_some_and(|at_ms| at_ms <= self.now_ms);
        let waits = |note: &&TeamAlert| note.way == way && self.next_ms(note).is_some();
        let waiting: Vec<TeamAlert> = notes.iter().filter(waits).cloned().collect();
        if waiting.iter().any(is_due) { waiting } else { Vec::new() }
    }
}

/// Why something is told.
fn why(topic: Topic, way: ReportWay) -> String {
    let kind = KINDS.iter().find(|(one, _)| *one == topic).map_or("This", |(_, label)| *label);
    let way = if way == ReportWay::Slack { "Slack" } else { "e-mail" };
    format!("\"{kind}\" is on for {way} in the settings.")
}

/// Puts notes in the place of those before them; of too many the oldest that are over go.
fn put_all(tx: &mut Tx<'_>, changed: &[TeamAlert]) -> Result<(), StoreError> {
    let mut notes = stored(tx)?;
    for note in changed {
        match notes.iter_mut().find(|one| one.id == note.id) {
            Some(known) => known.clone_from(note),
            None => notes.push(note.clone()),
        }
    }
    while notes.len() > NOTES_MAX {
        let over = notes.iter().position(|one| !matches!(one.state, DeliveryState::Sending | DeliveryState::Waiting));
        notes.remove(over.unwrap_or(0));
    }
    tx.put_setting(NOTES_KEY, &notes)
}

fn stored(r: &Reader<'_>) -> Result<Vec<TeamAlert>, StoreError> {
    Ok(r.setting(NOTES_KEY)?.unwrap_or_default())
}

/// Where it is remembered what was told by a way.
fn told_key(way: ReportWay) -> String {
    format!("alerts.told.{}", way.code())
}

/// Decides what the team is told now and notes it: both or nothing. Gives when to look again, ms UTC.
///
/// `items` is everything that is true now; `renamed`: keys of an older version, with those of today. What was there before a way or a kind was switched on is old.
pub(crate) fn tell_team(
    store: &Store,
    items: &[Item],
    renamed: &[(String, String)],
    now_ms: i64,
    quiet_until_ms: Option<i64>,
) -> Result<Option<i64>, StoreError> {
    let (chosen, known) = store.read(|r| {
        let known = WAYS.map(|way| r.meta(&told_key(way)));
        Ok((TeamAlerts::read(r)?, known))
    })?;
    let items: Vec<Item> = items.iter().filter(|item| item.topic != Topic::Team).cloned().collect();
    let mut look_again_at_ms: Option<i64> = None;
    for (way, known) in WAYS.into_iter().zip(known) {
        let known = known?.filter(|text| !text.is_empty());
        let topics = chosen.of(way);
        if topics.is_empty() {
            if known.is_some() {
                store.write(|tx| tx.put_meta(&told_key(way), ""))?;
            }
            continue;
        }
        // A note that cannot be read counts as none: rather nothing is told than everything once more.
        let known: Option<Told> = known.and_then(|text| serde_json::from_str(&text).ok());
        let wanted = |topic: Topic| known.is_some() && topics.contains(&topic);
        let mut before = known.clone().unwrap_or_default();
        notices::rename(&mut before, renamed);
        let outcome = notices::decide_wanted(wanted, &items, &before, now_ms, quiet_until_ms);
        look_again_at_ms = look_again_at_ms.into_iter().chain(outcome.look_again_at_ms).min();
        if known.as_ref() == Some(&outcome.told) && outcome.notices.is_empty() {
            continue;
        }
        let text = serde_json::to_string(&outcome.told).unwrap_or_default();
        store.write(|tx| {
            tx.put_meta(&told_key(way), &text)?;
            if outcome.notices.is_empty() {
                return Ok(());
            }
            let first = stored(tx)?.iter().map(|note| note.id).max().unwrap_or(0) + 1;
            let notes: Vec<TeamAlert> =
                (first..).zip(&outcome.notices).map(|(id, notice)| noted(id, way, notice, now_ms)).collect();
            put_all(tx, &notes)
        })?;
    }
    Ok(look_again_at_ms)
}

fn noted(id: i64, way: ReportWay, notice: &Notice, now_ms: i64) -> TeamAlert {
    TeamAlert {
        id,
        way,
        topic: notice.topic,
        title: notice.title.clone(),
        body: notice.body.clone(),
        since_ms: now_ms,
        at_ms: now_ms,
        tries: 0,
        state: DeliveryState::Waiting,
        place: String::new(),
        words: String::new(),
    }
}

/// Since when something does not arrive, ms UTC.
pub(crate) fn failing_since(r: &Reader<'_>, now_ms: i64) -> Result<Option<i64>, StoreError> {
    let chosen = TeamAlerts::read(r)?;
    let open = stored(r)?.into_iter().filter(|note| {
        !chosen.of(note.way).is_empty()
            && match note.state {
                DeliveryState::Waiting => note.tries > 0,
                DeliveryState::Unsure => now_ms - note.at_ms < DAY_MS,
                _ => false,
            }
    });
    Ok(open.map(|note| note.since_ms).min())
}

/// What came of a look, for the log.
pub(crate) fn told(tried: &[TeamAlert]) -> Look {
    if tried.is_empty() {
        return Look::Nothing;
    }
    let failed = tried.iter().find(|note| note.state != DeliveryState::Delivered);
    Look::Done { trouble: failed.map(|note| format!("by {}: {}", note.way.code(), note.words)) }
}

impl Desk {
    /// What the team is told, and how it goes.
    pub fn team_alerts(&self) -> Answer<TeamAlertsView> {
        let room = self.room()?;
        let (chosen, kept, notes) = read(&room)?;
        let frame = frame(&room, &chosen, &kept);
        let view = |alert: TeamAlert| TeamAlertView {
            why: why(alert.topic, alert.way),
            next_ms: frame.next_ms(&alert),
            alert,
        };
        let ready = WAYS.into_iter().filter(|way| ways::complete(&kept, *way).is_ok());
        Ok(TeamAlertsView {
            kinds: KINDS.iter().map(|(topic, label)| TeamKind { topic: *topic, label: (*label).to_owned() }).collect(),
            ready: ready.map(|way| TeamWay { way, place: place(&kept.ways, way) }).collect(),
            told: notes.into_iter().rev().take(SHOWN).map(view).collect(),
            alerts: chosen.clone(),
        })
    }

    /// Sets what the team is told. A way that is not set up is refused now and not at night.
    pub fn put_team_alerts(&self, alerts: TeamAlerts) -> Answer<TeamAlertsView> {
        let room = self.writable()?;
        let kept = room.store.read(Kept::read)?;
        let in_order = |topics: &[Topic]| -> Vec<Topic> {
            KINDS.iter().map(|(topic, _)| *topic).filter(|topic| topics.contains(topic)).collect()
        };
        let chosen = TeamAlerts { mail: in_order(&alerts.mail), slack: in_order(&alerts.slack) };
        for way in WAYS.into_iter().filter(|way| !chosen.of(*way).is_empty()) {
            ways::complete(&kept, way)?;
        }
        room.store.write(|tx| tx.put_setting(CHOSEN_KEY, &chosen))?;
        self.team_alerts()
    }

    /// Tells the team what is due. The desk's own clock calls it; gives what was tried.
    pub async fn deliver_alerts(&self) -> Answer<Vec<TeamAlert>> {
        let room = self.writable()?;
        // Nothing else is being sent: what stands as on its way is what a crash left behind.
        let _turn = room.delivering.lock().await;
        let (chosen, kept, notes) = read(&room)?;
        let settled = frame(&room, &chosen, &kept).settle(&notes);
        if !settled.is_empty() {
            room.store.write(|tx| put_all(tx, &settled))?;
        }
        // What was decided before the night and could not leave then waits for the morning, too.
        if is_quiet(&room)? {
            return Ok(Vec::new());
        }
        let mut tried = Vec::new();
        for way in WAYS {
            let notes = room.store.read(stored)?;
            let mut batch = frame(&room, &chosen, &kept).due(&notes, way);
            if batch.is_empty() {
                continue;
            }
            for note in &mut batch {
                (note.state, note.at_ms, note.tries) = (DeliveryState::Sending, room.now_ms(), note.tries + 1);
                note.place = place(&kept.ways, way);
            }
            // On disk before anything leaves: what cannot be noted is not sent.
            room.store.write(|tx| put_all(tx, &batch))?;
            let (state, words) = match send(&room, &kept, way, &batch).await {
                Ok(()) => (DeliveryState::Delivered, String::new()),
                Err((true, why)) if way == ReportWay::Slack => (DeliveryState::Unsure, why),
                Err((_, why)) => (DeliveryState::Waiting, why),
            };
            for note in &mut batch {
                note.state = state;
                note.words.clone_from(&words);
            }
            room.store.write(|tx| put_all(tx, &batch))?;
            tried.extend(batch);
        }
        Ok(tried)
    }
}

fn read(room: &Room) -> Answer<(TeamAlerts, Kept, Vec<TeamAlert>)> {
    Ok(room.store.read(|r| Ok((TeamAlerts::read(r)?, Kept::read(r)?, stored(r)?)))?)
}

fn frame<'a>(room: &Room, chosen: &'a TeamAlerts, kept: &Kept) -> Frame<'a> {
    Frame { now_ms: room.now_ms(), chosen, changed_ms: WAYS.map(|way| (way, kept.changed_ms(way))) }
}

/// By the clock of the person at this computer, as on the desktop.
fn is_quiet(room: &Room) -> Answer<bool> {
    let settings = room.settings()?;
    let connections = room.store.read(|r| r.connections())?;
    let stores = connections.iter().map(|config| config.account.time_zone.as_deref());
    let zone = zone::quiet_zone(room.setup.here, &settings, stores);
    Ok(zone::is_quiet(&settings, room.now_ms(), zone))
}

/// Sends these together. Else whether it may be there, and why not.
async fn send(room: &Room, kept: &Kept, way: ReportWay, batch: &[TeamAlert]) -> Result<(), (bool, String)> {
    let not_there = |trouble: Trouble| (false, trouble.sentence);
    ways::complete(kept, way).map_err(not_there)?;
    let secret = secret(room, &kept.ways, way).await.map_err(not_there)?;
    let lines: Vec<(&str, &str)> = batch.iter().map(|note| (note.title.as_str(), note.body.as_str())).collect();
    let message = if way == ReportWay::Slack {
        Message::Slack(contents::alert_blocks(&lines))
    } else {
        Message::Letter(Box::new(contents::alert_letter(&lines, room.now_ms())))
    };
    let ids = batch.iter().map(|note| note.id);
    let name = format!("alert.{}-{}.{}", ids.clone().min().unwrap_or(0), ids.max().unwrap_or(0), kept.desk);
    bring(room, &kept.ways, &secret, &name, message)
        .await
        .map_err(|undelivered| (matches!(undelivered, Undelivered::Unsure(_)), undelivered.refusal().to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::notices::SETTLE_MS;
    use DeliveryState::{Delivered, Dropped, Sending, Unsure, Waiting};
    use ReportWay::{Mail, Slack};
    use quayside_model::Cause;

    const NOW: i64 = 100 * DAY_MS;

    fn chosen() -> TeamAlerts {
        TeamAlerts { mail: vec![Topic::Late], slack: vec![Topic::Late, Topic::Exceptions] }
    }
    fn frame(now_ms: i64, chosen: &TeamAlerts) -> Frame<'_> {
        Frame { now_ms, chosen, changed_ms: [(Mail, 0), (Slack, 0)] }
    }
    fn note(id: i64, way: ReportWay, state: DeliveryState, tries: u32, at_ms: i64) -> TeamAlert {
        let notice = Notice {
            topic: Topic::Late,
            title: "2 orders are late".into(),
            body: "Past.".into(),
            place: String::new(),
            count: 2,
        };
        TeamAlert { state, tries, at_ms, since_ms: NOW, words: "No.".into(), ..noted(id, way, &notice, NOW) }
    }
    fn stuck(id: i64) -> Item {
        Item {
            topic: Topic::Exceptions,
            key: format!("exception {id}"),
            cause: Some(Cause::UnknownSku),
            connection: None,
            order: Some(format!("#{id}")),
            says: None,
            stake: notices::Stake::default(),
        }
    }

    #[test]
    fn what_failed_is_tried_after_growing_pauses() {
        let chosen = chosen();
        for (tries, minutes) in [(0, 0), (1, 1), (2, 2), (3, 4), (5, 16), (6, 32), (40, 32)] {
            let next_ms = frame(NOW + 1, &chosen).next_ms(&note(1, Slack, Waiting, tries, NOW));
            let expected_ms = if tries == 0 { NOW + 1 } else { NOW + minutes * MINUTE_MS };
            assert_eq!(next_ms, Some(expected_ms), "{tries} tries");
        }
        for state in [Sending, Delivered, Unsure, Dropped] {
            assert_eq!(frame(NOW, &chosen).next_ms(&note(1, Slack, state, 1, NOW)), None, "{state:?}");
        }
        // The way was mended, or the clock set back.
        let mended = Frame { changed_ms: [(Mail, 0), (Slack, NOW + 1)], ..frame(NOW + 2, &chosen) };
        assert_eq!(mended.next_ms(&note(1, Slack, Waiting, 6, NOW)), Some(NOW + 2));
        assert_eq!(frame(NOW - DAY_MS, &chosen).next_ms(&note(1, Slack, Waiting, 6, NOW)), Some(NOW - DAY_MS));
    }

    #[test]
    fn what_waits_leaves_together_by_its_own_way() {
        let chosen = chosen();
        let notes = [
            note(1, Slack, Waiting, 3, NOW),
            note(2, Mail, Waiting, 1, NOW),
            note(3, Slack, Delivered, 1, NOW),
            note(4, Slack, Waiting, 0, NOW),
        ];
        let ids = |now_ms: i64, way: ReportWay| -> Vec<i64> {
            frame(now_ms, &chosen).due(&notes, way).iter().map(|note| note.id).collect()
        };
        assert_eq!((ids(NOW, Slack), ids(NOW, Mail)), (vec![1, 4], vec![]));
        assert_eq!(ids(NOW + MINUTE_MS, Mail), [2]);
    }

    #[test]
    fn a_crash_a_day_and_a_switch_end_what_waits() {
        let (chosen, none) = (chosen(), TeamAlerts::default());
        let states = |now_ms: i64, chosen: &TeamAlerts, note: TeamAlert| -> Vec<DeliveryState> {
            frame(now_ms, chosen).settle(&[note]).iter().map(|note| note.state).collect()
        };
        assert_eq!(states(NOW, &chosen, note(1, Slack, Sending, 1, NOW)), [Unsure]);
        assert_eq!(states(NOW, &chosen, note(1, Mail, Sending, 1, NOW)), [Waiting]);
        assert_eq!(states(NOW + DAY_MS, &chosen, note(1, Mail, Waiting, 9, NOW)), []);
        assert_eq!(states(NOW + DAY_MS + 1, &chosen, note(1, Mail, Waiting, 9, NOW)), [Dropped]);
        assert_eq!(states(NOW, &none, note(1, Mail, Waiting, 1, NOW)), [Dropped]);
        assert_eq!(states(NOW + 9 * DAY_MS, &chosen, note(1, Mail, Delivered, 1, NOW)), []);
    }

    /// What is told stays in the store, and is read from it.
    #[test]
    fn forty_orders_are_one_alert_after_the_quiet_hours_and_what_was_there_is_old() {
        let store = Store::in_memory();
        let told = || -> Vec<(ReportWay, String)> {
            store.read(stored).unwrap().into_iter().map(|note| (note.way, note.title)).collect()
        };
        let look = |items: &[Item], now_ms: i64, quiet_until_ms: Option<i64>| {
            tell_team(&store, items, &[], now_ms, quiet_until_ms).unwrap()
        };
        let all: Vec<Item> = (0..50).map(stuck).collect();
        look(&all[..10], NOW, None);
        assert_eq!(told(), [], "nobody asked for it");
        store.write(|tx| tx.put_setting(CHOSEN_KEY, &chosen())).unwrap();
        for later in [1, 2] {
            look(&all[..10], NOW + later * DAY_MS, None);
        }
        assert_eq!(told(), [], "what was there already is not poured out");
        let night = NOW + 3 * DAY_MS;
        let until_ms = night + 8 * 60 * MINUTE_MS;
        for minute in [0, 1, 200] {
            assert_eq!(look(&all, night + minute * MINUTE_MS, Some(until_ms)), Some(until_ms));
        }
        assert_eq!(told(), [], "at night nobody is told");
        look(&all, until_ms, None);
        look(&all, until_ms + SETTLE_MS, None);
        assert_eq!(told(), [(Slack, "40 orders need you".to_owned())], "by mail only what is late");
        // Switched off and on again, it is old once more.
        store.write(|tx| tx.put_setting(CHOSEN_KEY, &TeamAlerts::default())).unwrap();
        look(&all, until_ms + DAY_MS, None);
        store.write(|tx| tx.put_setting(CHOSEN_KEY, &chosen())).unwrap();
        for later in [2, 3] {
            look(&(0..90).map(stuck).collect::<Vec<_>>(), until_ms + later * DAY_MS, None);
        }
        assert_eq!(told().len(), 1);
    }

    #[test]
    fn what_does_not_arrive_is_told_from_its_first_moment_and_while_it_lasts() {
        let store = Store::in_memory();
        let since = |notes: &[TeamAlert], chosen: &TeamAlerts, now_ms: i64| {
            store.write(|tx| tx.put_setting(NOTES_KEY, notes)).unwrap();
            store.write(|tx| tx.put_setting(CHOSEN_KEY, chosen)).unwrap();
            store.read(|r| failing_since(r, now_ms)).unwrap()
        };
        for (note, now_ms, failing) in [
            (note(1, Slack, Waiting, 0, NOW), NOW, None),
            (note(1, Slack, Waiting, 1, NOW), NOW, Some(NOW)),
            (note(1, Slack, Unsure, 1, NOW), NOW + 1, Some(NOW)),
            (note(1, Slack, Unsure, 1, NOW), NOW + DAY_MS, None),
            (note(1, Slack, Delivered, 3, NOW), NOW, None),
        ] {
            assert_eq!(since(std::slice::from_ref(&note), &chosen(), now_ms), failing, "{note:?}");
            assert_eq!(since(&[note], &TeamAlerts::default(), now_ms), None, "nothing is told any more");
        }
    }
}
