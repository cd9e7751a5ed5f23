//! `sync`: read the accounts and send what is due; once, until nothing is due, or for ever.
//!
//! The engine does the work, as in the window. What is here only watches it: when
//! a job has ended, whether the outbox still moves, and why it does not.

use crate::args::SyncArgs;
use crate::commands::{connection, order};
use crate::output::{Failure, INTERRUPTED, Outcome, Output, UNFINISHED};
use crate::world::World;
use quayside_api::desk::{Desk, DeskEvent, Listener, Role};
use quayside_api::view::{ConnectionActivity, EffectView, Progress, SyncScope};
use quayside_model::{EffectState, Tone};
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_millis(150);
/// The outbox counts as settled when it stood still for so long.
const SETTLED: Duration = Duration::from_millis(700);
/// An account that fails and moved nothing for so long will not in this sync.
const SILENT: Duration = Duration::from_mins(1);
/// A database that could not be written for so long will not be in this sync.
const AILING: Duration = Duration::from_secs(20);
/// An effect that is tried again later than this is left for later by `--once`.
const SOON_MS: i64 = 5_000;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    /// What could be sent was sent, but not everything could be read.
    Unread,
    /// What is left needs a person, or waits for an account that does not answer.
    Stuck,
    Interrupted,
    TimedOut,
}

/// What happened on the way.
#[derive(Debug, Default)]
struct Tally {
    rounds: u32,
    problems: Vec<String>,
}

struct Watch<'a> {
    desk: &'a Desk,
    progress: mpsc::UnboundedReceiver<Progress>,
    interrupted: watch::Receiver<bool>,
    deadline: Option<Instant>,
    say: Arc<dyn Fn(&str) + Send + Sync>,
    tally: Tally,
}

/// Runs a sync.
pub async fn run(profile: Option<&Path>, args: &SyncArgs, world: &World) -> Outcome {
    let started = Instant::now();
    let (send, progress) = mpsc::unbounded_channel();
    let say = world.stderr.clone();
    let desk = world.desk(profile, Role::Writer, listener(send, say.clone(), args.follow))?;
    let scope = scope(&desk, args)?;
    let recording = args.record.as_deref().map(|file| Ok::<_, Failure>((desk.record_live()?, file))).transpose()?;
    let mut watch = Watch {
        desk: &desk,
        progress,
        interrupted: world.interrupted(),
        deadline: (args.timeout > 0).then(|| started + Duration::from_secs(args.timeout)),
        say,
        tally: Tally::default(),
    };
    let before = watch.settled_ids()?;
    let end = if args.follow {
        watch.follow().await
    } else if args.until_idle {
        watch.until_idle(&scope).await
    } else {
        watch.round(&scope, SOON_MS).await
    };
    let tally = std::mem::take(&mut watch.tally);
    let summary = end.and_then(|end| Ok((end, watch.summary(before)?)));
    let trouble = desk.trouble()?;
    // Whatever came of it: what is on its way is waited for.
    desk.stop();
    if let Some((recording, file)) = recording {
        let saved = recording.write(file)?;
        (world.stderr)(&format!(
            "Wrote {} calls of {} accounts, {} changes among them, to {}. Keys are not in it, and people have stand-ins; read it before you send it.",
            saved.calls, saved.accounts, saved.writes, saved.path
        ));
    }
    if let Some(trouble) = trouble {
        return Err(trouble.into());
    }
    let (end, summary) = summary?;
    Ok(report(end, args, &tally, &summary, started.elapsed()))
}

fn listener(send: mpsc::UnboundedSender<Progress>, say: Arc<dyn Fn(&str) + Send + Sync>, follow: bool) -> Listener {
    let last = Mutex::new(String::new());
    Arc::new(move |event| match event {
        DeskEvent::Progress(progress) => {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if *last != progress.sentence {
                say(&progress.sentence);
                last.clone_from(&progress.sentence);
            }
            // Nobody waits any more once the command has ended.
            let _ = send.send(progress);
        }
        DeskEvent::Notices(notices) if follow => {
            for notice in notices {
                say(&format!("{}: {}", notice.title, notice.body));
            }
        }
        DeskEvent::Trouble(Some(trouble)) => say(&trouble.sentence),
        DeskEvent::Trouble(None) => say("The database can be written again; everything goes on."),
        DeskEvent::Notices(_) | DeskEvent::Changed(_) | DeskEvent::State(_) => {}
    })
}

fn scope(desk: &Desk, args: &SyncArgs) -> Result<SyncScope, Failure> {
    if let Some(typed) = &args.connection {
        return Ok(SyncScope::Connection(connection(desk, typed)?.id));
    }
    if let Some(typed) = &args.order {
        return Ok(SyncScope::Order(order(desk, typed)?));
    }
    if desk.connections()?.is_empty() {
        return Err(Failure::input(
            "Nothing is connected yet, so there is nothing to read. Connect an account first: quayside-cli connect PLATFORM.",
        ));
    }
    Ok(SyncScope::Everything)
}

/// Numbers of the whole sync.
struct Summary {
    done: usize,
    waiting: i64,
    asked: i64,
    unknown: i64,
    refused: i64,
    exceptions: i64,
    stuck: Vec<String>,
}

impl Watch<'_> {
    /// One reading of everything asked for, and then the outbox as far as it moves within `soon_ms`.
    async fn round(&mut self, scope: &SyncScope, soon_ms: i64) -> Result<End, Failure> {
        self.tally.rounds += 1;
        let job = self.desk.sync_now(scope.clone())?;
        if let Some(end) = self.job(&job).await? {
            return Ok(end);
        }
        self.outbox(soon_ms).await
    }

    /// Waits for a job; `Some` when something else ended the wait.
    async fn job(&mut self, job: &str) -> Result<Option<End>, Failure> {
        loop {
            let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let told = tokio::select! {
                biased;
                _ = self.interrupted.wait_for(|asked| *asked) => {
                    // It may have ended in this very moment; then there is nothing to cancel.
                    let _ = self.desk.cancel_job(job);
                    return Ok(Some(End::Interrupted));
                }
                () = sleep_or_never(left) => {
                    let _ = self.desk.cancel_job(job);
                    return Ok(Some(End::TimedOut));
                }
                told = self.progress.recv() => told,
            };
            let Some(told) = told else { return Ok(Some(End::Interrupted)) };
            if told.job != job {
                continue;
            }
            match told.ended.as_deref() {
                Some("failed") => {
                    self.tally.problems.push(told.sentence);
                    return Ok(None);
                }
                Some(_) => return Ok(None),
                None => {}
            }
        }
    }

    /// Waits until nothing moves in the outbox that will within `soon_ms`.
    async fn outbox(&mut self, soon_ms: i64) -> Result<End, Failure> {
        let mut still_since = Instant::now();
        let (mut last, mut well_at) = (None, Instant::now());
        loop {
            if *self.interrupted.borrow() {
                return Ok(End::Interrupted);
            }
            if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(End::TimedOut);
            }
            if self.desk.trouble()?.is_none() {
                well_at = Instant::now();
            } else if well_at.elapsed() >= AILING {
                return Ok(End::Stuck);
            }
            let moving = self.moving(soon_ms)?;
            let now = (moving.len(), moving.iter().map(|effect| (effect.id, effect.state)).collect::<Vec<_>>());
            if last.as_ref() != Some(&now) {
                still_since = Instant::now();
                last = Some(now);
            }
            if moving.is_empty() {
                if still_since.elapsed() >= SETTLED {
                    return Ok(End::Done);
                }
            } else if still_since.elapsed() >= SETTLED && self.all_stuck(&moving, still_since.elapsed())? {
                return Ok(End::Stuck);
            }
            tokio::select! {
                _ = self.interrupted.wait_for(|asked| *asked) => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Effects that will still move by themselves within `soon_ms`.
    fn moving(&self, soon_ms: i64) -> Result<Vec<EffectView>, Failure> {
        let horizon_ms = self.desk.now_ms()?.saturating_add(soon_ms);
        let states = vec![EffectState::Pending, EffectState::Running, EffectState::Unknown];
        let all = self.desk.effects_now(&states)?;
        Ok(all.into_iter().filter(|effect| effect.next_at_ms.is_none_or(|at_ms| at_ms <= horizon_ms)).collect())
    }

    /// Everything that is left belongs to accounts that are paused or need a person, or to accounts
    /// that have not answered for a while (`still`: how long nothing moved).
    fn all_stuck(&self, moving: &[EffectView], still: Duration) -> Result<bool, Failure> {
        let activity = self.desk.activity()?;
        Ok(moving.iter().all(|effect| match activity.iter().find(|account| account.id == effect.connection) {
            Some(account) => {
                account.paused || account.tone == Tone::Danger || (account.tone == Tone::Warning && still >= SILENT)
            }
            // The account was removed: nothing will ever send it.
            None => true,
        }))
    }

    /// Rounds until one of them changes nothing any more.
    async fn until_idle(&mut self, scope: &SyncScope) -> Result<End, Failure> {
        loop {
            let before = self.settled_ids()?;
            let end = self.round(scope, i64::MAX / 4).await?;
            if end != End::Done {
                return Ok(end);
            }
            // What was sent is read back once: hubs and stores answer with more than they were told.
            if self.settled_ids()? == before {
                return Ok(End::Done);
            }
        }
    }

    /// Works until ended, like the window does.
    async fn follow(&mut self) -> Result<End, Failure> {
        (self.say)("At work until ended (Ctrl-C).");
        self.tally.rounds += 1;
        self.desk.sync_now(SyncScope::Everything)?;
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        tokio::select! {
            _ = self.interrupted.wait_for(|asked| *asked) => Ok(End::Interrupted),
            () = sleep_or_never(left) => Ok(End::TimedOut),
        }
    }

    /// How much was settled so far: grows whenever an effect ends.
    fn settled_ids(&self) -> Result<usize, Failure> {
        Ok(self.desk.settled_effects()?)
    }

    fn summary(&self, before: usize) -> Result<Summary, Failure> {
        let counts = self.desk.counts()?;
        let activity: Vec<ConnectionActivity> = self.desk.activity()?;
        Ok(Summary {
            done: self.settled_ids()?.saturating_sub(before),
            waiting: activity.iter().map(|account| account.waiting).sum(),
            asked: counts.asked,
            unknown: counts.unknown,
            refused: self.desk.effects_now(&[EffectState::Refused])?.len() as i64,
            exceptions: counts.exceptions,
            stuck: activity
                .into_iter()
                .filter(|account| matches!(account.tone, Tone::Danger | Tone::Warning))
                .map(|account| format!("{}: {}", account.name, account.sentence))
                .collect(),
        })
    }
}

async fn sleep_or_never(left: Option<Duration>) {
    match left {
        Some(left) => tokio::time::sleep(left).await,
        None => std::future::pending().await,
    }
}

fn report(mut end: End, args: &SyncArgs, tally: &Tally, summary: &Summary, took: Duration) -> Output {
    let how = if args.follow {
        "follow"
    } else if args.until_idle {
        "until_idle"
    } else {
        "once"
    };
    if end == End::Done && !tally.problems.is_empty() {
        end = End::Unread;
    }
    let word = match end {
        End::Done => "done",
        End::Unread => "unread",
        End::Stuck => "stuck",
        End::Interrupted => "interrupted",
        End::TimedOut => "timed_out",
    };
    let json = json!({ "sync": {
        "how": how,
        "end": word,
        "rounds": tally.rounds,
        "problems": tally.problems,
        "effects": {
            "done": summary.done,
            "waiting": summary.waiting,
            "asked": summary.asked,
            "unknown": summary.unknown,
            "refused": summary.refused,
        },
        "exceptions": summary.exceptions,
        "stuck": summary.stuck,
        "seconds": (took.as_millis() as f64) / 1000.0,
    }});
    let mut text = format!(
        "{} in {:.1} s: {} done, {} waiting, {} for your click, {} with a lost answer, {} refused. {}",
        match end {
            End::Done => "Synced",
            End::Unread => "Not everything could be read. Ended",
            End::Stuck => "Stopped, because what is left needs you,",
            End::Interrupted => "Ended as asked",
            End::TimedOut => "Time is up",
        },
        took.as_secs_f64(),
        quayside_api::words::count(summary.done as i64, "change", "changes"),
        summary.waiting,
        summary.asked,
        summary.unknown,
        summary.refused,
        if summary.exceptions == 0 && (end == End::Unread || !summary.stuck.is_empty()) {
            "No order is on the exceptions list.".to_owned()
        } else if summary.exceptions == 0 {
            "Nothing needs you.".to_owned()
        } else {
            format!("{} on the exceptions list: quayside-cli exceptions.", summary.exceptions)
        },
    );
    for line in tally.problems.iter().chain(&summary.stuck) {
        text.push('\n');
        text.push_str(line);
    }
    let exit = match end {
        End::Interrupted if !args.follow => INTERRUPTED,
        End::Interrupted | End::Done => 0,
        End::Unread | End::Stuck | End::TimedOut => UNFINISHED,
    };
    Output::new(json, text).exit(exit)
}
