//! The desk's own quiet thread: gathers changes for the screens, decides notifications, keeps house.
//!
//! A sync of a thousand orders commits many times; the screens hear of it a few
//! times a second. Notifications are decided by [`crate::notices`] from what is
//! true in the store, so a restart neither repeats nor forgets one. Time comes
//! from the desk's clock; only the waiting itself uses the computer's.

use crate::desk::{DeskEvent, Listener, OpenDesk, Role, locked};
use crate::notices::{self, Item, Notice, Outcome, Stake, Told, Topic};
use crate::reports::deliver::{self, alerts};
use crate::reports::plan::failing_since;
use crate::view::Changed;
use crate::{console, exceptions, zone};
use chrono_tz::Tz;
use quayside_engine::policy::SETTINGS_KEY;
use quayside_model::settings::Settings;
use quayside_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, has_come};
use quayside_model::{Clock, ConnectionConfig, Currency, Fixer, Money, OrderId};
use quayside_store::{
    Change, ExceptionFilter, NewNotification, QueueFilter, ShelfPart, Shown, Sort, SortBy, Store, StoreError,
    TRAIL_PAGE_ROWS,
};
use std::collections::BTreeSet;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long changes are gathered before the screens hear of them.
const GATHER: Duration = Duration::from_millis(120);
/// How often notifications are thought about at most.
const THINK: Duration = Duration::from_secs(2);
/// Longest wait without a look at the clock: a laptop that slept is noticed by then.
const NAP: Duration = Duration::from_secs(30);
/// Orders named in one event; more is "many".
const ORDERS_MAX: usize = 500;
/// Entries looked at for notifications: beyond it the count says enough.
const ITEMS_MAX: usize = 1_000;
/// Where the store keeps what was told.
const TOLD_KEY: &str = "notices.told";
/// Rows of housekeeping per transaction.
const PIECE: usize = 2_000;
/// A look at what is to be told, at the latest; whole pages of the trail; what is old: each this often, ms.
const LOOK_MS: i64 = MINUTE_MS;
const SEAL_MS: i64 = MINUTE_MS;
const TIDY_MS: i64 = HOUR_MS;
/// What does not fill a page of the trail is sealed this often, ms.
const REST_MS: i64 = 15 * MINUTE_MS;
/// Orders per transaction whose search entries are written anew: few enough that a click does not wait for them.
const INDEX_PIECE: usize = 100;
/// How long that goes on before the desk does something else.
const INDEX_TURN: Duration = Duration::from_millis(300);

enum Word {
    Changed(Change),
    Survey,
    /// Somebody wants to be reminded of this one.
    Later(Box<Notice>),
    Stop,
}

/// The thread and the way to it.
pub(crate) struct Feed {
    to: SyncSender<Word>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Feed {
    /// Begins to listen.
    pub fn start(store: &Store, setup: &OpenDesk, listener: Listener) -> Self {
        let (to, from) = mpsc::sync_channel(10_000);
        let sender = to.clone();
        store.on_change(move |change| {
            // A full line means the screens are told "many" soon anyway.
            let _ = sender.try_send(Word::Changed(change.clone()));
        });
        let keeper = Keeper {
            store: store.clone(),
            clock: setup.clock.clone(),
            here: setup.here,
            listener,
            works: setup.role == Role::Writer,
            told: None,
            next_look_ms: 0,
            next_tidy_ms: 0,
            next_seal_ms: 0,
            next_rest_ms: 0,
            indexed: false,
        };
        let thread =
            std::thread::Builder::new().name("desk".into()).spawn(move || keeper.run(&from)).map_err(|error| {
                tracing::error!(%error, "the desk's thread could not be started; screens refresh by hand only");
            });
        Self { to, thread: Mutex::new(thread.ok()) }
    }

    /// Asks for the landmarks of long lists.
    pub fn survey(&self) {
        // With a full line the next page asks again.
        let _ = self.to.try_send(Word::Survey);
    }

    /// Puts a notice off; false if nobody is there to bring it back.
    pub fn later(&self, notice: Notice) -> bool {
        self.to.try_send(Word::Later(Box::new(notice))).is_ok()
    }

    /// Asks the thread to end, without waiting for it.
    pub fn ask_to_stop(&self) {
        // A thread that is gone needs no word, and one with a full line is about to look anyway.
        let _ = self.to.try_send(Word::Stop);
    }

    /// Ends, after the last changes were told.
    pub fn stop(&self) {
        // A thread that is gone needs no word.
        let _ = self.to.send(Word::Stop);
        if let Some(thread) = locked(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the desk's thread ended badly");
        }
    }
}

struct Keeper {
    store: Store,
    clock: Arc<dyn Clock>,
    /// See [`OpenDesk::here`].
    here: Option<Tz>,
    listener: Listener,
    works: bool,
    told: Option<Told>,
    next_look_ms: i64,
    next_tidy_ms: i64,
    /// When the trail is gone on with: whole pages often, what is left over less often, or it would be all little pages.
    next_seal_ms: i64,
    next_rest_ms: i64,
    /// Every search entry holds what this build puts into them.
    indexed: bool,
}

impl Keeper {
    fn run(mut self, from: &Receiver<Word>) {
        let (mut topics, mut orders, mut many) = (BTreeSet::<String>::new(), BTreeSet::<OrderId>::new(), false);
        let mut gathering: Option<Instant> = None;
        let mut thought = Instant::now();
        let mut indexed = Instant::now();
        let mut news = true;
        loop {
            let wait = gathering.map_or(NAP, |since| GATHER.saturating_sub(since.elapsed()));
            let think = if self.works && news { THINK.saturating_sub(thought.elapsed()) } else { NAP };
            let index = if self.works && !self.indexed { THINK.saturating_sub(indexed.elapsed()) } else { NAP };
            match from.recv_timeout(wait.min(think).min(index).min(self.until_look())) {
                Ok(Word::Changed(change)) => {
                    many |= orders.len() + change.orders.len() > ORDERS_MAX;
                    if many {
                        orders.clear();
                    } else {
                        orders.extend(change.orders);
                    }
                    topics.extend(change.topics.iter().map(|topic| word(*topic)));
                    gathering.get_or_insert_with(Instant::now);
                    news = true;
                }
                Ok(Word::Survey) => {
                    if let Err(error) = self.store.survey() {
                        tracing::warn!("the landmarks of a long list could not be found: {error}");
                    }
                }
                Ok(Word::Later(notice)) => {
                    if let Err(error) = self.put_off(&notice) {
                        tracing::warn!("a notification could not be put off: {error}");
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.tell(&mut topics, &mut orders);
                    return;
                }
            }
            if gathering.is_some_and(|since| since.elapsed() >= GATHER) {
                gathering = None;
                many = false;
                self.tell(&mut topics, &mut orders);
            }
            let due = has_come(self.next_look_ms, LOOK_MS, self.clock.now_ms());
            if self.works && (due || news) && thought.elapsed() >= THINK {
                thought = Instant::now();
                news = false;
                self.look();
            }
            if self.works && !self.indexed && indexed.elapsed() >= THINK {
                self.index_on();
                indexed = Instant::now();
            }
        }
    }

    fn until_look(&self) -> Duration {
        if !self.works {
            return NAP;
        }
        let ms = (self.next_look_ms - self.clock.now_ms()).clamp(250, NAP.as_millis() as i64);
        Duration::from_millis(ms.unsigned_abs())
    }

    fn tell(&self, topics: &mut BTreeSet<String>, orders: &mut BTreeSet<OrderId>) {
        if topics.is_empty() && orders.is_empty() {
            return;
        }
        let changed = Changed {
            topics: std::mem::take(topics).into_iter().collect(),
            orders: std::mem::take(orders).into_iter().collect(),
        };
        (self.listener)(DeskEvent::Changed(changed));
    }

    /// Notifications and house-keeping. Trouble with the store is the engine's to report; here it only waits.
    fn look(&mut self) {
        let now_ms = self.clock.now_ms();
        self.next_look_ms = now_ms + LOOK_MS;
        if let Err(error) = self.notify(now_ms) {
            tracing::warn!("notifications could not be decided: {error}");
        }
        if has_come(self.next_seal_ms, SEAL_MS, now_ms) {
            // Not at once: whatever opened the desk has more to do.
            let first = self.next_seal_ms == 0;
            self.next_seal_ms = now_ms + SEAL_MS;
            if !first {
                self.seal(now_ms);
            }
        }
        if let Err(error) = crate::privacy::forget_asked(&self.store, now_ms) {
            tracing::warn!("a buyer who asked to be forgotten could not be forgotten yet: {error}");
        }
        if has_come(self.next_tidy_ms, TIDY_MS, now_ms) {
            self.next_tidy_ms = now_ms + TIDY_MS;
            if let Err(error) = self.tidy(now_ms) {
                tracing::warn!("old rows could not be tidied away: {error}");
            }
        }
    }

    fn seal(&mut self, now_ms: i64) {
        let rest = has_come(self.next_rest_ms, REST_MS, now_ms);
        if rest {
            self.next_rest_ms = now_ms + REST_MS;
        }
        let least = if rest { 1 } else { TRAIL_PAGE_ROWS };
        if let Err(trouble) = crate::trail::seal(&self.store, least, crate::trail::TURN, now_ms) {
            tracing::warn!("the trail could not be gone on with: {trouble}");
        }
    }

    /// Search entries that an older build wrote are written anew, a piece now and then: after an update everything works
    /// at once, and a million orders are found by all their ids some minutes later.
    fn index_on(&mut self) {
        let began = Instant::now();
        while !self.indexed && began.elapsed() < INDEX_TURN {
            match self.store.reindex(INDEX_PIECE) {
                Ok(more) => self.indexed = !more,
                Err(error) => {
                    tracing::warn!("search entries could not be written anew: {error}");
                    return;
                }
            }
        }
    }

    /// What was told up to now.
    fn known(&mut self) -> Result<Told, StoreError> {
        match self.told.take() {
            Some(told) => Ok(told),
            // What was told before a restart is not told again. A note that cannot be read counts as none.
            None => Ok(self
                .store
                .read(|r| r.meta(TOLD_KEY))?
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default()),
        }
    }

    /// The zone of the person in front of it.
    fn zone(&self, settings: &Settings, connections: &[ConnectionConfig]) -> Tz {
        zone::quiet_zone(self.here, settings, connections.iter().map(|config| config.account.time_zone.as_deref()))
    }

    /// "Remind me in an hour": told again then, if it is still true, and the log says who wanted it so.
    fn put_off(&mut self, notice: &Notice) -> Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        let until_ms = now_ms + notices::LATER_MS;
        let (settings, connections) =
            self.store.read(|r| Ok((r.setting::<Settings>(SETTINGS_KEY)?.unwrap_or_default(), r.connections()?)))?;
        let zone = self.zone(&settings, &connections);
        let told = notices::later(&self.known()?, notice.topic, until_ms);
        let text = serde_json::to_string(&told).unwrap_or_default();
        let why = format!("You asked to be reminded at {}.", zone::clock(until_ms, zone));
        // Kept here even where it cannot be written: the hour counts while the desk is open.
        self.told = Some(told);
        self.next_look_ms = self.next_look_ms.min(until_ms);
        self.store.write(|tx| {
            tx.log_notification(&logged(notice, now_ms, Shown::HeldBack(why.clone())))?;
            tx.put_meta(TOLD_KEY, &text)
        })
    }

    fn notify(&mut self, now_ms: i64) -> Result<(), StoreError> {
        let known = self.known()?;
        let (settings, zone, (items, renamed), quiet_until_ms) = self.store.read(|r| {
            let settings: Settings = r.setting(SETTINGS_KEY)?.unwrap_or_default();
            let connections = r.connections()?;
            let zone = self.zone(&settings, &connections);
            let quiet = zone::is_quiet(&settings, now_ms, zone).then(|| zone::quiet_end(&settings, now_ms, zone));
            Ok((settings.clone(), zone, items(r, &settings, &connections, now_ms)?, quiet))
        })?;
        match alerts::tell_team(&self.store, &items, &renamed, now_ms, quiet_until_ms) {
            Ok(Some(at_ms)) => self.next_look_ms = self.next_look_ms.min(at_ms),
            Ok(None) => {}
            // Nothing is lost by it: it is decided again at the next look.
            Err(error) => tracing::warn!("what the team is told could not be noted: {error}"),
        }
        let mut eve = known.clone();
        notices::rename(&mut eve, &renamed);
        // In the quiet hours the summary of the day waits with everything else.
        let digest_ms = if settings.digest && quiet_until_ms.is_none() {
            let (due_ms, next_ms) = zone::around(settings.digest_at_min, now_ms, zone);
            notices::digest_until(&mut eve, due_ms, next_ms, now_ms)
        } else {
            None
        };
        let Outcome { notices, held, told, look_again_at_ms } =
            notices::decide(&settings, &items, &eve, now_ms, quiet_until_ms.or(digest_ms));
        if let Some(at_ms) = look_again_at_ms {
            self.next_look_ms = self.next_look_ms.min(at_ms);
        }
        if told != known || !notices.is_empty() {
            let text = serde_json::to_string(&told).unwrap_or_default();
            let noted = self.store.write(|tx| {
                for notice in &notices {
                    tx.log_notification(&logged(notice, now_ms, Shown::Shown))?;
                }
                for (notice, until_ms) in &held {
                    let until = zone::clock(*until_ms, zone);
                    let why = if digest_ms.is_some() {
                        format!("You want one summary a day; the next is at {until}.")
                    } else {
                        format!("Quiet hours until {until}; one summary follows then.")
                    };
                    tx.log_notification(&logged(notice, now_ms, Shown::HeldBack(why)))?;
                }
                tx.put_meta(TOLD_KEY, &text)
            });
            // On a full disk a late order is told all the same; after a restart it may be told once more.
            if let Err(error) = noted {
                tracing::warn!("what was told could not be noted: {error}");
            }
        }
        self.told = Some(told);
        if !notices.is_empty() {
            (self.listener)(DeskEvent::Notices(notices));
        }
        Ok(())
    }

    /// What is older than the settings keep goes, in pieces, so that nobody waits.
    fn tidy(&self, now_ms: i64) -> Result<(), StoreError> {
        // By the files' own age, and they can be had again: no clock has to be believed for it.
        if let Some(file) = self.store.file() {
            crate::labels::forget_opened(file);
        }
        if !crate::privacy::clock_is_believed(&self.store, now_ms)? {
            tracing::warn!("nothing old is deleted until a platform has confirmed this computer's clock");
            return Ok(());
        }
        let settings: Settings = self.store.read(|r| r.setting(SETTINGS_KEY))?.unwrap_or_default();
        let raw_ms = now_ms - i64::from(settings.keep_raw_days.max(7)) * DAY_MS;
        let history_ms = now_ms - i64::from(settings.keep_history_days.max(7)) * DAY_MS;
        let (mut after_raw, mut after_answers, mut after_events) = (Some(0), Some(0), Some(0));
        while after_raw.is_some() || after_answers.is_some() || after_events.is_some() {
            if let Some(after) = after_raw {
                after_raw = self.store.write(|tx| tx.purge_raw(raw_ms, after, PIECE))?.next;
            }
            if let Some(after) = after_answers {
                after_answers = self.store.write(|tx| tx.purge_answers(raw_ms, false, after, PIECE))?.next;
            }
            if let Some(after) = after_events {
                after_events = self.store.write(|tx| tx.purge_events(history_ms, after, PIECE, now_ms))?.next;
            }
        }
        crate::privacy::forget(&self.store, now_ms)?;
        if let Some(file) = self.store.file() {
            crate::privacy::forget_old_copies(file);
        }
        self.store.tidy()
    }
}

fn word(topic: quayside_store::Topic) -> String {
    use quayside_store::Topic as T;
    match topic {
        T::Orders => "orders",
        T::Exceptions => "exceptions",
        T::Effects => "effects",
        T::Connections => "connections",
        T::Settings => "settings",
        T::Streams => "streams",
        T::Events => "events",
        T::Stock => "stock",
    }
    .to_owned()
}

/// What the log calls a topic.
pub(crate) fn topic_word(topic: Topic) -> &'static str {
    match topic {
        Topic::Connections => "connections",
        Topic::Late => "late",
        Topic::Exceptions => "exceptions",
        Topic::AtRisk => "at_risk",
        Topic::Storage => "storage",
        Topic::Reports => "reports",
        Topic::Stock => "stock",
        Topic::Team => "team",
    }
}

fn logged(notice: &Notice, now_ms: i64, shown: Shown) -> NewNotification {
    NewNotification {
        at_ms: now_ms,
        topic: topic_word(notice.topic).to_owned(),
        title: notice.title.clone(),
        body: notice.body.clone(),
        target: Some(serde_json::Value::from(notice.place.clone())),
        orders: notice.count.unsigned_abs() as u32,
        shown,
    }
}

/// Keys under which an older version told what now has another: the old one, then today's.
type Renamed = Vec<(String, String)>;

/// Everything that may be worth telling now; and keys under which an older version told it, with those of today.
fn items(
    r: &quayside_store::Reader<'_>,
    settings: &Settings,
    connections: &[ConnectionConfig],
    now_ms: i64,
) -> Result<(Vec<Item>, Renamed), StoreError> {
    let (mut out, mut renamed) = (Vec::new(), Vec::new());
    let muted = console::muted(r, now_ms)?;
    for group in r.exception_counts()? {
        if muted.contains_key(&group.cause)
            || !exceptions::needs_person(group.cause)
            || group.open == 0
            || group.cause.is_about_connection()
        {
            continue;
        }
        // Deadlines have topics of their own.
        if matches!(group.cause, quayside_model::Cause::Late | quayside_model::Cause::AtRisk) {
            continue;
        }
        let filter = ExceptionFilter { cause: Some(group.cause), ..ExceptionFilter::default() };
        let mut entries = r.exception_page(&filter, None, ITEMS_MAX)?.items;
        // What orders share is told once, and not again for the next of them.
        for (first, (all, _)) in crate::gathered::gather(&mut entries) {
            let shared = entries.iter().find(|item| item.finding.id == first).and_then(|item| item.gathered.as_ref());
            let Some(shared) = shared else { continue };
            let key = format!("exception {} {shared}", group.cause);
            renamed.extend(all.into_iter().map(|id| (format!("exception {id}"), key.clone())));
        }
        out.extend(entries.into_iter().map(|item| Item {
            topic: Topic::Exceptions,
            key: match &item.gathered {
                Some(shared) => format!("exception {} {shared}", group.cause),
                None => format!("exception {}", item.finding.id),
            },
            cause: Some(group.cause),
            connection: None,
            order: item.order_number,
            says: None,
            stake: Stake { worth: item.worth, ship_by_ms: item.ship_by_ms },
        }));
    }
    let due_ms = now_ms + quayside_engine::policy::stores_skew_ms(r, connections)?;
    let risk_ms = due_ms + i64::from(settings.at_risk_min) * MINUTE_MS;
    let deadlines = [
        (Topic::Late, "late", QueueFilter { due_before_ms: Some(due_ms), ..QueueFilter::default() }),
        (
            Topic::AtRisk,
            "at risk",
            QueueFilter { due_from_ms: Some(due_ms), due_before_ms: Some(risk_ms), ..QueueFilter::default() },
        ),
    ];
    for (topic, name, filter) in deadlines {
        let cause = if topic == Topic::Late { quayside_model::Cause::Late } else { quayside_model::Cause::AtRisk };
        if muted.contains_key(&cause) {
            continue;
        }
        let page = r.queue_page(&filter, Sort { by: SortBy::Due, descending: false }, None, ITEMS_MAX)?;
        out.extend(page.rows.into_iter().map(|row| Item {
            topic,
            // A new promise is a new deadline.
            key: format!("{name} {} @{}", row.id, row.ship_by_ms.unwrap_or_default()),
            cause: None,
            connection: None,
            order: Some(row.number),
            says: None,
            stake: Stake {
                worth: Some(Money::new(row.total_minor, Currency::new(&row.currency))),
                ship_by_ms: row.ship_by_ms,
            },
        }));
    }
    for config in connections.iter().filter(|config| !config.paused) {
        out.extend(
            r.conditions(&config.id)?.into_iter().filter(|condition| condition.cause.fixer() == Fixer::Merchant).map(
                |condition| Item {
                    topic: Topic::Connections,
                    key: format!("condition {}", condition.id),
                    cause: Some(condition.cause),
                    connection: Some((config.id.clone(), config.name.clone())),
                    order: None,
                    says: None,
                    stake: Stake::default(),
                },
            ),
        );
        let their_ms = now_ms + quayside_engine::policy::skew_ms(r, &config.id)?;
        let end = config.account.expires_at_ms.map(|at_ms| crate::expiry::expiry(at_ms, their_ms));
        out.extend(end.and_then(|end| {
            Some(Item {
                topic: Topic::Connections,
                key: end.key(&config.id),
                cause: None,
                connection: Some((config.id.clone(), config.name.clone())),
                order: None,
                says: Some(end.words()?),
                stake: Stake::default(),
            })
        }));
    }
    let warned = r.shelf_page(ShelfPart::Warned, "", None, ITEMS_MAX)?;
    out.extend(warned.rows.into_iter().filter_map(|(sku, says)| {
        let says = says?;
        let warning = says.warning?;
        Some(Item {
            topic: Topic::Stock,
            // That it runs low, then out, is told once each.
            key: format!("stock {sku} {}", warning.code),
            cause: None,
            connection: None,
            order: Some(says.sku),
            says: Some(warning.sentence),
            stake: Stake::default(),
        })
    }));
    out.extend(failing_since(r)?.map(|since_ms| Item {
        topic: Topic::Reports,
        key: format!("reports since {since_ms}"),
        cause: None,
        connection: None,
        order: None,
        says: None,
        stake: Stake::default(),
    }));
    out.extend(deliver::failing_since(r, now_ms)?.map(|since_ms| Item {
        topic: Topic::Reports,
        key: format!("deliveries since {since_ms}"),
        cause: None,
        connection: None,
        order: None,
        says: Some("Reports says why, under Deliver. They are tried again every hour.".to_owned()),
        stake: Stake::default(),
    }));
    out.extend(alerts::failing_since(r, now_ms)?.map(|since_ms| Item {
        topic: Topic::Team,
        key: format!("alerts since {since_ms}"),
        cause: None,
        connection: None,
        order: None,
        says: Some("Settings says why, under Notifications. It is tried again by itself.".to_owned()),
        stake: Stake::default(),
    }));
    Ok((out, renamed))
}
