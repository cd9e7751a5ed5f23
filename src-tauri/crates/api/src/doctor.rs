//! `doctor`: keychain, folder, database, clock, accounts, outbox: what is wrong, what to do, and what it can do itself.
//!
//! Left out: the network. Whether a platform can be reached is what each account says, and "Test connection" asks it.

use crate::desk::{Desk, OpenDesk, Role, Room};
use crate::expiry::{Nearness, expiry, lasting};
use crate::home::zone_of;
use crate::trouble::Answer;
use crate::view::{Diagnosis, Mend, Trouble};
use crate::{words, zone};
use quayside_connectors::platform;
use quayside_model::{Cause, CheckState, ConnectionConfig, EffectState, Lifetime};
use quayside_store::{FindingState, forget_copies, old_copies};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Less room than this and a busy day may not fit.
const ROOM_BYTES: u64 = 500 * 1024 * 1024;

impl Desk {
    /// Looks at everything that can go wrong. Sends nothing but what "Test connection" sends: nothing.
    pub async fn doctor(&self) -> Answer<Vec<Diagnosis>> {
        let room = self.room()?;
        // The keychain may show a dialog, and a large file takes a while to check.
        tokio::task::spawn_blocking(move || look(&room))
            .await
            .map_err(|_| Trouble::internal("Looking at everything ended badly. Try again; nothing was changed."))?
    }

    /// Puts right what `doctor` offered to. Looking again shows whether it helped.
    pub fn mend(&self, mend: &Mend) -> Answer<()> {
        let room = self.writable()?;
        match mend {
            Mend::CloseFolder => room.setup.profile.close(),
            Mend::ForgetCrashes => crate::crash::forget(&room.setup.profile.logs()),
            Mend::ForgetCopies => {
                forget_copies(&room.setup.profile.database(), Duration::ZERO, SystemTime::now())?;
                Ok(())
            }
            Mend::Resume { connection } => self.pause_connection(connection, false).map(|_| ()),
        }
    }
}

fn look(room: &Room) -> Answer<Vec<Diagnosis>> {
    let mut out = outside(&room.setup);
    out.extend(fallen(&room.setup.profile.logs()));
    out.push(database(room));
    out.push(crate::trail::diagnosis(room)?);
    out.extend(copies(room));
    out.push(clock(room)?);
    out.extend(accounts(room)?);
    out.extend(versions(room)?);
    out.push(outbox(room)?);
    if let Some(engine) = &room.engine {
        out.push(match engine.trouble() {
            None => line("Engine", CheckState::Works, "At work.".into()),
            Some(sentence) => line("Engine", CheckState::Missing, sentence),
        });
    }
    Ok(out)
}

/// The same for a desk that does not open: `why` is the sentence it refused with.
pub fn closed(setup: &OpenDesk, why: &str) -> Vec<Diagnosis> {
    let mut out = outside(setup);
    out.extend(fallen(&setup.profile.logs()));
    out.push(line("Database", CheckState::Missing, why.to_owned()));
    out
}

fn line(title: &str, state: CheckState, detail: String) -> Diagnosis {
    Diagnosis { title: title.to_owned(), state, detail, mend: None }
}

fn mendable(title: &str, state: CheckState, detail: String, mend: Mend) -> Diagnosis {
    Diagnosis { mend: Some(mend), ..line(title, state, detail) }
}

/// Reports of what fell over, if there are any.
fn fallen(folder: &Path) -> Option<Diagnosis> {
    let files = crate::crash::files(folder);
    let newest = files.last()?;
    let text = std::fs::read_to_string(newest).unwrap_or_default();
    Some(mendable(
        "Crashes",
        CheckState::Limited,
        format!(
            "A part of Quayside fell over {}, last at {}. What is known stands in {} and names nobody: send it with a report, then delete the files.",
            words::count(files.len() as i64, "time", "times"),
            crate::crash::place_in(&text).unwrap_or("an unknown place"),
            newest.display()
        ),
        Mend::ForgetCrashes,
    ))
}

/// Copies of the database that lie beside it, if there are any.
fn copies(room: &Room) -> Option<Diagnosis> {
    let copies = old_copies(&room.setup.profile.database());
    let bytes: u64 = copies.iter().map(|copy| copy.bytes).sum();
    let newest = copies.last()?;
    Some(mendable(
        "Older copies",
        CheckState::Works,
        format!(
            "{} of the database from before an update, a restore or a repair, {} MB, kept for {} days and then deleted. The newest is {}.",
            words::count(copies.len() as i64, "file", "files"),
            bytes / (1024 * 1024),
            crate::privacy::COPIES_DAYS,
            newest.path.display()
        ),
        Mend::ForgetCopies,
    ))
}

/// What the platforms' answers say about this computer's clock.
fn clock(room: &Room) -> Answer<Diagnosis> {
    let configs = room.store.read(|r| r.connections())?;
    for config in &configs {
        let conditions = room.store.read(|r| r.conditions(&config.id))?;
        if let Some(wrong) = conditions.into_iter().find(|condition| condition.cause == Cause::ClockWrong) {
            return Ok(line("Clock", CheckState::Missing, wrong.sentence));
        }
    }
    let detail = if configs.is_empty() {
        "Compared with each platform's as soon as one answers."
    } else {
        "Agrees with the platforms to within two minutes, as far as they say."
    };
    Ok(line("Clock", CheckState::Works, detail.into()))
}

/// What can be looked at without the database.
fn outside(setup: &OpenDesk) -> Vec<Diagnosis> {
    let folder = setup.profile.folder();
    vec![
        line("Version", CheckState::Works, format!("Quayside {}", env!("CARGO_PKG_VERSION"))),
        match setup.keychain.check() {
            Ok(()) => line("Keychain", CheckState::Works, format!("Open: {}.", setup.keychain.title())),
            Err(refusal) => line("Keychain", CheckState::Missing, refusal.to_string()),
        },
        if setup.store.is_some() {
            line("Profile", CheckState::Works, "In memory; nothing is kept.".into())
        } else {
            writable(folder)
        },
    ]
}

/// Tries to write where everything is kept, and says how much room there is as far as can be told.
fn writable(folder: &Path) -> Diagnosis {
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"quayside").and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) if is_open_to_others(folder) => mendable(
            "Profile",
            CheckState::Limited,
            format!(
                "{} can be opened by other users of this computer. The database in it is encrypted; the folder need not be open.",
                folder.display()
            ),
            Mend::CloseFolder,
        ),
        Ok(()) => line("Profile", CheckState::Works, format!("{} can be written.", folder.display())),
        Err(error) => line(
            "Profile",
            CheckState::Missing,
            format!(
                "{} cannot be written ({error}). Free some space or give yourself the right to write there.",
                folder.display()
            ),
        ),
    }
}

/// Others may list it, read in it or write to it.
fn is_open_to_others(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(folder).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

fn database(room: &Room) -> Diagnosis {
    let file = room.setup.profile.database();
    let bytes = std::fs::metadata(&file).map_or(0, |meta| meta.len());
    let size = format!("{} MB", bytes / (1024 * 1024));
    match room.store.integrity_check() {
        Ok(problems) if problems.is_empty() && bytes > 20 * ROOM_BYTES => line(
            "Database",
            CheckState::Limited,
            format!("Whole, but large ({size}). Keep raw answers for fewer days under Settings."),
        ),
        Ok(problems) if problems.is_empty() => {
            line("Database", CheckState::Works, format!("Whole; encrypted; {size}."))
        }
        Ok(problems) => line(
            "Database",
            CheckState::Missing,
            format!(
                "Damaged: {}. Close Quayside, then restore a backup, or open the window again and start fresh there; platforms are read again.",
                problems.join("; ")
            ),
        ),
        Err(error) => line("Database", CheckState::Missing, error.to_string()),
    }
}

fn accounts(room: &Room) -> Answer<Vec<Diagnosis>> {
    let (now_ms, zone) = (room.now_ms(), zone_of(room)?);
    let configs = room.store.read(|r| r.connections())?;
    if configs.is_empty() {
        return Ok(vec![line("Accounts", CheckState::Limited, "Nothing is connected yet.".into())]);
    }
    let mut out = Vec::new();
    for config in configs {
        let (conditions, skew_ms) =
            room.store.read(|r| Ok((r.conditions(&config.id)?, quayside_engine::policy::skew_ms(r, &config.id)?)))?;
        let title = format!("Account {}", config.name);
        let secrets = room.secrets().secrets(&config.id);
        out.push(if let Err(refusal) = secrets {
            line(&title, CheckState::Missing, refusal.to_string())
        } else if let Some(condition) = conditions.iter().find(|condition| condition.cause != Cause::ClockWrong) {
            line(&title, CheckState::Missing, condition.sentence.clone())
        } else if let Some((end, words)) = config
            .account
            .expires_at_ms
            .map(|at_ms| expiry(at_ms, now_ms + skew_ms))
            .and_then(|end| end.words().map(|words| (end, words)))
        {
            let over = end.nearness == Nearness::Over;
            let when = if over { "" } else { " before that" };
            line(
                &title,
                if over { CheckState::Missing } else { CheckState::Limited },
                format!("Its {words}. Make new ones at the platform{when} and enter them under Connections."),
            )
        } else if config.paused {
            let mend = Mend::Resume { connection: config.id.clone() };
            mendable(&title, CheckState::Limited, "Paused by you. Nothing is read or sent.".into(), mend)
        } else {
            line(
                &title,
                CheckState::Works,
                format!(
                    "Signed in at {}. Its credentials {}.",
                    if config.account.name.is_empty() { "the platform" } else { &config.account.name },
                    good_for(&config, zone)
                ),
            )
        });
    }
    Ok(out)
}

/// "are good until 2027-05-03", or what the platform has instead of a day.
fn good_for(config: &ConnectionConfig, zone: chrono_tz::Tz) -> String {
    if let Some(at_ms) = config.account.expires_at_ms {
        return format!("are good until {}", zone::day_name(at_ms, zone));
    }
    let lifetime = platform(&config.platform).and_then(|known| known.declaration.lifetime(&config.way));
    lasting(lifetime.unwrap_or(Lifetime::Untold)).to_owned()
}

/// Versions of the platforms' APIs that end soon or are not the ones that answer; nothing where none is declared.
fn versions(room: &Room) -> Answer<Vec<Diagnosis>> {
    let configs = room.store.read(|r| r.connections())?;
    let mut spoken: BTreeSet<String> = BTreeSet::new();
    let mut out = Vec::new();
    for config in configs {
        let told = room.store.read(|r| r.account_findings(&config.id))?;
        let standing =
            told.into_iter().filter(|one| one.cause == Cause::VersionEnds && one.state != FindingState::Resolved);
        let title = format!("API of {}", config.name);
        out.extend(standing.map(|one| line(&title, CheckState::Limited, one.sentence)));
        let Some(declaration) = platform(&config.platform).map(|known| known.declaration) else { continue };
        spoken.extend(declaration.api.iter().map(|api| {
            let until = api.until.map_or_else(String::new, |day| format!(", served until {day}"));
            format!("{} {} {}{until}", declaration.title, api.name, api.version)
        }));
    }
    if out.is_empty() && !spoken.is_empty() {
        let all: Vec<String> = spoken.into_iter().collect();
        out.push(line("APIs", CheckState::Works, format!("Speaks {}.", all.join("; "))));
    }
    Ok(out)
}

fn outbox(room: &Room) -> Answer<Diagnosis> {
    let depth = room.store.read(|r| r.outbox_depth())?;
    let count =
        |state: EffectState| depth.iter().filter(|depth| depth.state == state).map(|depth| depth.n as i64).sum::<i64>();
    let (waiting, refused, unknown) =
        (count(EffectState::Pending), count(EffectState::Refused), count(EffectState::Unknown));
    let words = format!(
        "{} waiting, {} refused, {} with a lost answer.",
        words::count(waiting, "change", "changes"),
        words::thousands(refused),
        words::thousands(unknown)
    );
    let idle = room.setup.role != Role::Writer && waiting > 0;
    Ok(if refused > 0 {
        line("Outbox", CheckState::Limited, format!("{words} Look at the exceptions."))
    } else if idle {
        line("Outbox", CheckState::Works, format!("{words} They go out with the next sync."))
    } else {
        line("Outbox", CheckState::Works, words)
    })
}
