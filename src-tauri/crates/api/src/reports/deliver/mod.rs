//! Reports that are brought to people and programs: by mail, into Slack, to a webhook.
//!
//! Which reports and at what time is the plan's ([`super::plan`]) and the schedules' ([`super::schedule`]); here are the
//! ways, what was delivered by them, and the sending. Each report of a day, or of a schedule's period, goes by each way
//! once (`ledger.rs`). What could not be delivered is tried every hour, the screen says why, and a notification says it once
//! ([`crate::notices`]). Passwords and secret addresses are in the keychain; a setting says only that they are there.

pub mod alerts;
mod contents;
mod ledger;
mod ways;

use super::plan::{self, Look, ReportPlan};
use super::schedule::{self, Kept as Schedule};
use super::{Report, ReportAsk, ReportForm, ReportKind, ahead};
use crate::desk::{Desk, Room, locked};
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::zone;
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
pub use ledger::{Delivery, DeliveryKey, DeliveryState};
use ledger::{Frame, failing_since as waiting_since};
use quayside_connectors::messages::mail::{self, MailServer};
use quayside_connectors::messages::{Undelivered, slack, webhook};
use quayside_model::SecretString;
use quayside_store::{Reader, StoreError, Tx};
use serde::Serialize;
use specta::Type;
use std::collections::BTreeMap;
use std::sync::Arc;
use ways::{Kept, WAYS_KEY, place, secret};
pub use ways::{MailWay, ReportWay, ReportWays, ReportWaysDraft, SlackWay, WebhookWay};

const NOTES_KEY: &str = "reports.deliveries";

/// The ways, and how it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct ReportWaysView {
    /// As they were set.
    pub ways: ReportWays,
    /// Those whose password or secret address is in the keychain.
    pub kept: Vec<ReportWay>,
    /// Reports make themselves: without that nothing is sent by itself.
    pub planned: bool,
    /// What was delivered or could not be, newest first.
    pub deliveries: Vec<DeliveryView>,
}

/// One delivery, to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct DeliveryView {
    /// It.
    pub delivery: Delivery,
    /// Name of the report.
    pub title: String,
    /// When it is tried again by itself, ms UTC.
    pub next_ms: Option<i64>,
    /// It can be made and sent again: what is as it stands now can be for today only.
    pub can_send: bool,
}

/// What decides what is due, owned.
struct Stand {
    plan: ReportPlan,
    kept: Kept,
    now_ms: i64,
    due_ms: i64,
    kinds: Vec<(ReportKind, bool)>,
    ways: Vec<(ReportWay, i64, i64)>,
    timed_days: Vec<(i64, String)>,
    stands_day: String,
    today: String,
    yesterday: String,
    /// The desk's.
    zone: Tz,
    scheduled: Vec<Scheduled>,
}

/// A schedule, with what decides what is due of it.
struct Scheduled {
    kept: Schedule,
    due_ms: i64,
    due_day: String,
    /// Its report, and whether that is about a time; none while it is off.
    kinds: Vec<(ReportKind, bool)>,
    ways: Vec<(ReportWay, i64, i64)>,
    dues: Vec<(i64, String)>,
}

impl Scheduled {
    fn of(kept: Schedule, ways: &Kept, now_ms: i64, desk: Tz) -> Self {
        let one = &kept.schedule;
        let dues: Vec<(i64, String)> =
            one.times(desk).last(now_ms).into_iter().map(|(at_ms, day)| (at_ms, day.to_string())).collect();
        let (due_ms, due_day) = dues.last().cloned().unwrap_or_default();
        let kinds = if one.on { vec![(one.kind, one.kind.entry().timed)] } else { Vec::new() };
        let since = |way: &ReportWay| kept.ways_since.get(way).copied().unwrap_or(kept.since_ms);
        let on = if one.on { one.ways.as_slice() } else { &[] };
        let ways = on.iter().map(|way| (*way, since(way), ways.changed_ms(*way))).collect();
        Self { kept, due_ms, due_day, kinds, ways, dues }
    }
    fn frame(&self, now_ms: i64) -> Frame<'_> {
        Frame {
            schedule: &self.kept.schedule.id,
            now_ms,
            due_ms: self.due_ms,
            kinds: &self.kinds,
            since_ms: self.kept.since_ms,
            timed_days: self.dues.iter().map(|(at_ms, day)| (*at_ms, day.as_str())).collect(),
            stands_day: &self.due_day,
            ways: &self.ways,
        }
    }
}

impl Stand {
    fn of(room: &Room) -> Answer<Self> {
        let ground = room.ground()?;
        let (plan, kept, schedules) = room.store.read(|r| Ok((plan::read(r)?, Kept::read(r)?, schedule::read(r)?)))?;
        let day = |at_ms: i64| zone::local(at_ms, ground.zone).date_naive();
        let before = |day: NaiveDate| (day - Days::new(1)).to_string();
        let due_ms = plan::last_due(plan.minute, ground.now_ms, ground.zone);
        let (due_day, today) = (day(due_ms), day(ground.now_ms));
        let kinds = if plan.on { plan.kinds.as_slice() } else { &[] };
        Ok(Self {
            now_ms: ground.now_ms,
            due_ms,
            kinds: kinds.iter().map(|kind| (*kind, kind.entry().timed)).collect(),
            ways: kept.on(),
            timed_days: plan::last_dues(plan.minute, ground.now_ms, ground.zone)
                .into_iter()
                .map(|at_ms| (at_ms, before(day(at_ms))))
                .collect(),
            stands_day: due_day.to_string(),
            today: today.to_string(),
            yesterday: before(today),
            zone: ground.zone,
            scheduled: schedules.into_iter().map(|one| Scheduled::of(one, &kept, ground.now_ms, ground.zone)).collect(),
            plan,
            kept,
        })
    }
    /// The plan's and each schedule's.
    fn frames(&self) -> Vec<Frame<'_>> {
        std::iter::once(self.frame()).chain(self.scheduled.iter().map(|one| one.frame(self.now_ms))).collect()
    }
    /// The schedule a delivery is of; `None`: of the plan, or of one that was removed.
    fn schedule(&self, key: &DeliveryKey) -> Option<&Scheduled> {
        self.scheduled.iter().find(|one| !key.schedule.is_empty() && one.kept.schedule.id == key.schedule)
    }
    /// The days a delivery is about, as headings and files name them.
    fn label(&self, key: &DeliveryKey) -> String {
        let due = key.day.parse::<NaiveDate>().ok();
        let of = self.schedule(key).zip(due);
        of.map_or_else(|| key.day.clone(), |(one, due)| one.kept.schedule.label(due, self.zone))
    }
    fn forms(&self, key: &DeliveryKey) -> &[ReportForm] {
        self.schedule(key).map_or(&self.plan.forms, |one| &one.kept.schedule.forms)
    }
    /// What is asked for, and in whose days; else why that cannot be said.
    fn ask(&self, key: &DeliveryKey) -> Result<(ReportAsk, Option<Tz>), String> {
        if key.schedule.is_empty() {
            return Ok((ReportAsk::days(key.kind, key.day.clone(), key.day.clone()), None));
        }
        let one = &self.schedule(key).ok_or_else(|| schedule::gone().sentence)?.kept.schedule;
        let due = key
            .day
            .parse::<NaiveDate>()
            .map_err(|_| format!("\"{}\" is no day. Write it like 2026-11-20.", key.day))?;
        Ok((one.ask(due), Some(one.tz(self.zone))))
    }
    fn frame(&self) -> Frame<'_> {
        Frame {
            schedule: "",
            now_ms: self.now_ms,
            due_ms: self.due_ms,
            kinds: &self.kinds,
            since_ms: self.plan.since_ms,
            timed_days: self.timed_days.iter().map(|(at_ms, day)| (*at_ms, day.as_str())).collect(),
            stands_day: &self.stands_day,
            ways: &self.ways,
        }
    }
}

impl Desk {
    /// The ways reports are delivered by, and how it goes.
    pub fn report_ways(&self) -> Answer<ReportWaysView> {
        let room = self.room()?;
        let stand = Stand::of(&room)?;
        let frames = stand.frames();
        let view = |delivery: Delivery| {
            let kind = delivery.key.kind.entry();
            let of = frames.iter().find(|frame| frame.is_of(&delivery));
            let is_still = kind.timed || delivery.key.day == stand.today;
            DeliveryView {
                title: stand
                    .schedule(&delivery.key)
                    .map_or_else(|| kind.title.to_owned(), |one| one.kept.schedule.title()),
                next_ms: of.and_then(|frame| frame.again_ms(&delivery)),
                can_send: delivery.state != DeliveryState::Sending && is_still && of.is_some(),
                delivery,
            }
        };
        Ok(ReportWaysView {
            deliveries: notes(&room)?.into_iter().rev().map(view).collect(),
            planned: stand.plan.on || stand.scheduled.iter().any(|one| one.kept.schedule.on),
            kept: stand.kept.kept(),
            ways: stand.kept.ways.clone(),
        })
    }

    /// Sets the ways. A secret that is given empty stays as it is in the keychain.
    pub async fn put_report_ways(&self, draft: ReportWaysDraft) -> Answer<ReportWaysView> {
        let room = self.writable()?;
        let before = room.store.read(Kept::read)?;
        let (mut kept, secrets) = ways::checked(&before, draft, room.now_ms())?;
        if kept.desk.is_empty() {
            // Two desks of one merchant may report to one receiver: their names must not meet.
            kept.desk = uuid::Uuid::new_v4().simple().to_string();
        }
        for (way, secret) in secrets {
            ways::put_secret(&room, way, secret).await?;
        }
        room.store.write(|tx| tx.put_setting(WAYS_KEY, &kept))?;
        self.report_ways()
    }

    /// Takes the password or secret address of a way out of the keychain, and switches the way off.
    pub async fn forget_report_way(&self, way: ReportWay) -> Answer<ReportWaysView> {
        let room = self.writable()?;
        ways::forget_secret(&room, way).await?;
        room.store.write(|tx| {
            let mut kept = Kept::read(tx)?;
            kept.forget(way);
            tx.put_setting(WAYS_KEY, &kept)
        })?;
        self.report_ways()
    }

    /// Tries a way as it is filled in, with a message that says nothing; keeps nothing. What happened, as a sentence.
    pub async fn test_report_way(&self, way: ReportWay, draft: ReportWaysDraft) -> Answer<String> {
        let room = self.room()?;
        let now_ms = room.now_ms();
        let before = room.store.read(Kept::read)?;
        let (kept, secrets) = ways::checked(&before, draft.only(way), now_ms)?;
        let secret = match secrets.into_iter().find(|(of, _)| *of == way) {
            Some((_, secret)) => secret,
            None => secret(&room, &kept.ways, way).await?,
        };
        let name = format!("test.{now_ms}.{}", uuid::Uuid::new_v4().simple());
        let message = match way {
            ReportWay::Mail => Message::Letter(Box::new(contents::test_letter(now_ms))),
            ReportWay::Slack => Message::Slack(contents::test_blocks()),
            ReportWay::Webhook => Message::Document(contents::test_document(&name)),
        };
        bring(&room, &kept.ways, &secret, &name, message).await.map_err(|undelivered| undelivered.refusal().clone())?;
        Ok(match way {
            ReportWay::Mail => {
                format!(
                    "{} took a letter for {}. Look whether it is in the inbox, or among the spam.",
                    kept.ways.mail.server, kept.ways.mail.to
                )
            }
            ReportWay::Slack => "Slack took a message. It stands in the channel of the webhook.".to_owned(),
            ReportWay::Webhook => format!("{} took a signed test.", webhook::place(&kept.ways.webhook.url)),
        })
    }

    /// Delivers what is due. The desk's own clock calls it; gives what was tried.
    pub async fn deliver_due(&self) -> Answer<Vec<Delivery>> {
        let room = self.writable()?;
        // A click and the clock never send side by side: what is on its way is settled before anybody looks.
        let _turn = room.delivering.lock().await;
        ahead::clock_came_back(&room)?;
        let stand = Stand::of(&room)?;
        let mut notes = notes(&room)?;
        let due = {
            let frames = stand.frames();
            let before = notes.len();
            // What a schedule delivered that was removed belongs to nothing any more.
            notes.retain(|note| frames.iter().any(|frame| frame.is_of(note)));
            let settled: Vec<Delivery> = frames.iter().flat_map(|frame| ledger::settle(frame, &notes)).collect();
            if !settled.is_empty() || notes.len() < before || locked(&room.deliveries).is_some() {
                for note in settled {
                    ledger::put(&mut notes, note);
                }
                keep(&room, &notes)?;
            }
            frames.iter().flat_map(|frame| ledger::due(frame, &notes)).collect()
        };
        self.deliver(&room, &stand, notes, due, false).await
    }

    /// Sends reports by a way now, whether or not they were sent: this one about this day, or (without) all of the plan's
    /// about yesterday. What was tried, and what came of it.
    pub async fn send_reports(&self, way: ReportWay, kind: Option<ReportKind>, day: &str) -> Answer<Vec<Delivery>> {
        let room = self.writable()?;
        if !day.is_empty() && day.parse::<NaiveDate>().is_err() {
            return Err(Trouble::field("day", format!("\"{day}\" is no day. Write it like 2026-11-20.")));
        }
        let _turn = room.delivering.lock().await;
        let stand = Stand::of(&room)?;
        ways::complete(&stand.kept, way)?;
        let kinds = kind.map_or_else(|| stand.plan.kinds.clone(), |kind| vec![kind]);
        let keys = kinds.into_iter().map(|kind| {
            let usual = if kind.entry().timed { &stand.yesterday } else { &stand.today };
            // What is as it stands now has no other day.
            let day = if kind.entry().timed && !day.is_empty() { day } else { usual };
            DeliveryKey { kind, day: day.to_owned(), way, schedule: String::new() }
        });
        let (keys, notes) = (keys.collect(), notes(&room)?);
        self.deliver(&room, &stand, notes, keys, true).await
    }

    /// Sends the report of a schedule now by one of its ways (without one by all of them), whether or not it was sent: the
    /// one that was due on this day, without a day the last one. What was tried, and what came of it.
    pub async fn send_schedule(&self, id: &str, way: Option<ReportWay>, day: &str) -> Answer<Vec<Delivery>> {
        let room = self.writable()?;
        if !day.is_empty() && day.parse::<NaiveDate>().is_err() {
            return Err(Trouble::field("day", format!("\"{day}\" is no day. Write it like 2026-11-20.")));
        }
        let _turn = room.delivering.lock().await;
        let stand = Stand::of(&room)?;
        let Some(one) = stand.scheduled.iter().find(|one| one.kept.schedule.id == id) else {
            return Err(schedule::gone());
        };
        let (kind, timed) = (one.kept.schedule.kind, one.kept.schedule.kind.entry().timed);
        let ways = way.map_or_else(|| one.kept.schedule.ways.clone(), |way| vec![way]);
        if ways.is_empty() {
            return Err(Trouble::field("ways", "This schedule is sent by no way: it is written to its folder."));
        }
        for way in &ways {
            ways::complete(&stand.kept, *way)?;
        }
        // What is as it stands now has no other day.
        let day = if timed && !day.is_empty() { day } else { one.due_day.as_str() };
        let key = |way: ReportWay| DeliveryKey { kind, day: day.to_owned(), way, schedule: id.to_owned() };
        let (keys, notes) = (ways.into_iter().map(key).collect(), notes(&room)?);
        self.deliver(&room, &stand, notes, keys, true).await
    }

    /// Sends these, one after the other. Every step is written down before the next: what cannot be is not sent.
    async fn deliver(
        &self,
        room: &Arc<Room>,
        stand: &Stand,
        mut notes: Vec<Delivery>,
        keys: Vec<DeliveryKey>,
        by_person: bool,
    ) -> Answer<Vec<Delivery>> {
        let mut made: BTreeMap<(String, ReportKind, String), Result<Arc<Report>, String>> = BTreeMap::new();
        let mut tried = Vec::new();
        for key in keys {
            let before = notes.iter().find(|note| note.key == key).cloned();
            let again = before.as_ref().is_some_and(|note| {
                matches!(note.state, DeliveryState::Delivered | DeliveryState::Unsure | DeliveryState::Dropped)
            });
            let mut note = before.unwrap_or_else(|| Delivery {
                key: key.clone(),
                state: DeliveryState::Sending,
                since_ms: stand.now_ms,
                at_ms: stand.now_ms,
                tries: 0,
                copies: 0,
                anew: 0,
                place: String::new(),
                words: String::new(),
            });
            if again {
                note.since_ms = stand.now_ms;
                *(if by_person { &mut note.copies } else { &mut note.anew }) += 1;
            }
            note.state = DeliveryState::Sending;
            note.at_ms = stand.now_ms;
            note.tries += 1;
            note.place = place(&stand.kept.ways, key.way);
            ledger::put(&mut notes, note.clone());
            keep(room, &notes)?;

            let of = (key.schedule.clone(), key.kind, key.day.clone());
            if !made.contains_key(&of) {
                made.insert(of.clone(), self.made_for(stand.ask(&key)).await);
            }
            let outcome = match made.get(&of) {
                Some(Ok(report)) => send(room, stand, &note, report).await,
                Some(Err(why)) => Err((false, why.clone())),
                None => Err((false, String::new())),
            };
            (note.state, note.words) = match outcome {
                Ok(()) => (DeliveryState::Delivered, String::new()),
                // A second copy by mail or webhook is known by its name; in a channel it is one more message.
                Err((true, why)) if key.way == ReportWay::Slack => (DeliveryState::Unsure, why),
                Err((_, why)) => (DeliveryState::Waiting, why),
            };
            ledger::put(&mut notes, note.clone());
            let kept = keep(room, &notes);
            tried.push(note);
            kept?;
        }
        Ok(tried)
    }

    /// The report of a day. Making it reads many rows: not on a thread that serves others.
    async fn made_for(&self, ask: Result<(ReportAsk, Option<Tz>), String>) -> Result<Arc<Report>, String> {
        let (desk, (ask, zone)) = (self.clone(), ask?);
        let made = tokio::task::spawn_blocking(move || desk.report_in(&ask, zone)).await;
        match made {
            Ok(Ok(report)) => Ok(Arc::new(report)),
            Ok(Err(trouble)) => Err(trouble.sentence),
            Err(_) => Err(plan::FELL_OVER.to_owned()),
        }
    }
}

/// A message, ready made.
enum Message {
    Letter(Box<mail::Letter>),
    Slack(serde_json::Value),
    Document(Vec<u8>),
}

/// Sends one report by one way. Else whether it may be there, and why not.
async fn send(room: &Room, stand: &Stand, note: &Delivery, report: &Report) -> Result<(), (bool, String)> {
    let (key, ways) = (&note.key, &stand.kept.ways);
    let not_there = |trouble: Trouble| (false, trouble.sentence);
    ways::complete(&stand.kept, key.way).map_err(not_there)?;
    let secret = secret(room, ways, key.way).await.map_err(not_there)?;
    let of = if key.schedule.is_empty() { String::new() } else { format!("{}.", key.schedule) };
    let mut name = format!("{}.{}.{of}{}", key.kind.code(), key.day, stand.kept.desk);
    if note.anew > 0 {
        // It is another report than the one before: nobody who knows that one may take it for the same.
        name = format!("{name}.anew{}", note.anew);
    }
    let label = stand.label(key);
    let message = match key.way {
        ReportWay::Mail => {
            if note.copies > 0 {
                // A person wants another: a mailbox that knows the first must not hide it.
                name = format!("{name}.{}", note.copies);
            }
            let files = plan::files(report, &label, stand.forms(key)).map_err(not_there)?;
            Message::Letter(Box::new(contents::letter(report, &label, files)))
        }
        ReportWay::Slack => Message::Slack(contents::blocks(report, &label)),
        ReportWay::Webhook => Message::Document(contents::document(report, key, &name)),
    };
    bring(room, ways, &secret, &name, message)
        .await
        .map_err(|undelivered| (matches!(undelivered, Undelivered::Unsure(_)), undelivered.refusal().to_string()))
}

/// Brings a message there, under a name that stays the same when it is sent again.
async fn bring(
    room: &Room,
    ways: &ReportWays,
    secret: &SecretString,
    name: &str,
    message: Message,
) -> Result<(), Undelivered> {
    let (wire, clock) = (room.setup.wire.clone(), room.setup.clock.clone());
    match message {
        Message::Letter(mut letter) => {
            let way = &ways.mail;
            let server = MailServer {
                host: way.server.clone(),
                port: way.port,
                encryption: way.encryption,
                user: way.user.clone(),
                password: secret.clone(),
            };
            letter.from.clone_from(&way.from);
            letter.to = way.recipients();
            letter.message_id = format!("quayside.{name}@{}", way.domain());
            mail::send(&server, &letter).await
        }
        Message::Slack(message) => slack::post(wire, clock, secret, &message).await,
        Message::Document(body) => webhook::post(wire, clock, &ways.webhook.url, secret, name, body).await,
    }
}

/// The notes, with those the store would not take.
fn notes(room: &Room) -> Answer<Vec<Delivery>> {
    if let Some(notes) = locked(&room.deliveries).clone() {
        return Ok(notes);
    }
    Ok(room.store.read(stored_notes)?)
}

/// Whether some way was set by a clock that was ahead.
pub(super) fn is_set_ahead(r: &Reader<'_>, now_ms: i64) -> Result<bool, StoreError> {
    Ok(Kept::read(r)?.bring_back(now_ms))
}

/// Then it was set now.
pub(super) fn bring_back(tx: &mut Tx<'_>, now_ms: i64) -> Result<(), StoreError> {
    let mut kept = Kept::read(tx)?;
    if kept.bring_back(now_ms) {
        tx.put_setting(WAYS_KEY, &kept)?;
    }
    Ok(())
}

fn stored_notes(r: &Reader<'_>) -> Result<Vec<Delivery>, StoreError> {
    Ok(r.setting(NOTES_KEY)?.unwrap_or_default())
}

/// Writes them down; until that is done they are remembered.
fn keep(room: &Room, notes: &[Delivery]) -> Answer<()> {
    *locked(&room.deliveries) = Some(notes.to_vec());
    room.store.write(|tx| tx.put_setting(NOTES_KEY, notes))?;
    *locked(&room.deliveries) = None;
    Ok(())
}

/// What came of a look, for the log.
pub(crate) fn told(tried: &[Delivery]) -> Look {
    if tried.is_empty() {
        return Look::Nothing;
    }
    let failed = tried.iter().filter(|note| note.state != DeliveryState::Delivered);
    let words = failed.map(|note| format!("{} by {}: {}", note.key.kind.code(), note.key.way.code(), note.words));
    let words = words.collect::<Vec<_>>().join(" ");
    Look::Done { trouble: Some(words).filter(|words| !words.is_empty()) }
}

/// Since when something that makes itself cannot be delivered, ms UTC.
pub(crate) fn failing_since(r: &Reader<'_>, now_ms: i64) -> Result<Option<i64>, StoreError> {
    let (plan, notes) = (plan::read(r)?, stored_notes(r)?);
    let mut since = Vec::new();
    if plan.on {
        let on: Vec<ReportWay> = Kept::read(r)?.on().into_iter().map(|(way, ..)| way).collect();
        since.extend(waiting_since(&notes, "", &on, &plan.kinds, now_ms));
    }
    for one in schedule::read(r)?.into_iter().map(|one| one.schedule).filter(|one| one.on) {
        since.extend(waiting_since(&notes, &one.id, &one.ways, &[one.kind], now_ms));
    }
    Ok(since.into_iter().min())
}

/// Whether these ways can be used as they are set up; else what lacks.
pub(super) fn ways_complete(room: &Room, ways: &[ReportWay]) -> Answer<()> {
    let kept = room.store.read(Kept::read)?;
    ways.iter().try_for_each(|way| ways::complete(&kept, *way))
}

/// Some way is on.
pub(super) fn any_on(r: &Reader<'_>) -> Result<bool, StoreError> {
    Ok(!Kept::read(r)?.on().is_empty())
}
