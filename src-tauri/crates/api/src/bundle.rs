//! The support bundle: what helps somebody to help, as one plain text that its owner can read to the end before they
//! send it anywhere.
//!
//! In it: the check-up, settings, what is connected and how it is, how full the outbox is, the last lines of the log and
//! the reports of what fell over. Not in it: credentials, buyers, orders, names of accounts and shops, sentences of
//! platforms (they quote what they were sent). Accounts are told by their platform and a number.

use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{BundleSaved, Trouble};
use crate::{crash, files, logging};
use chrono::{DateTime, SecondsFormat};
use quayside_model::CheckState;
use quayside_model::ConnectionConfig;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Lines of the log that are taken along.
const LOG_LINES: usize = 2_000;

impl Desk {
    /// The whole text.
    pub async fn bundle(&self) -> Answer<String> {
        let room = self.room()?;
        let found = self.doctor().await?;
        tokio::task::spawn_blocking(move || {
            let accounts = Accounts::of(&room)?;
            let mut out = head(&room);
            chapter(&mut out, "Check-up");
            for line in found {
                let state = match line.state {
                    CheckState::Works => "fine",
                    CheckState::Limited => "limited",
                    CheckState::Missing => "broken",
                };
                // What an account says quotes its platform.
                let detail =
                    if line.title.starts_with("Account ") { String::new() } else { format!(": {}", line.detail) };
                line_of(&mut out, &format!("{state:8} {}{detail}", line.title));
            }
            told_accounts(&mut out, &room, &accounts)?;
            told_outbox(&mut out, &room, &accounts)?;
            chapter(&mut out, "Settings");
            let kept = serde_json::to_string_pretty(&room.settings()?).unwrap_or_default();
            line_of(&mut out, &kept);
            for file in crash::files(&room.setup.profile.logs()) {
                chapter(&mut out, "Something fell over");
                line_of(&mut out, &std::fs::read_to_string(&file).unwrap_or_default());
            }
            chapter(&mut out, "The last lines of the log");
            for line in logging::last_lines(&room.setup.profile.logs(), LOG_LINES) {
                line_of(&mut out, &line);
            }
            Ok(accounts.unnamed(&own_places(&room, &out)))
        })
        .await
        .map_err(|_| Trouble::internal("Putting the bundle together ended badly. Try again; nothing was changed."))?
    }

    /// Writes it to `path`, for its owner alone.
    pub async fn save_bundle(&self, path: &Path) -> Answer<BundleSaved> {
        let text = self.bundle().await?;
        files::write(path, text.as_bytes())?;
        Ok(BundleSaved { path: path.display().to_string(), lines: text.lines().count() as i64 })
    }
}

fn chapter(out: &mut String, title: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "\n== {title}");
}

fn line_of(out: &mut String, text: &str) {
    let _ = writeln!(out, "{text}");
}

fn when(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms)
        .map_or_else(|| at_ms.to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn head(room: &Room) -> String {
    let schema = quayside_store::SCHEMA;
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!(
        "Quayside {} on {os} {arch}, database schema {schema}, {}\n\
         No credentials, no buyers, no orders and no names of accounts are in this text. Read it before you send it.\n",
        env!("CARGO_PKG_VERSION"),
        when(room.now_ms()),
    )
}

/// The person's home is their name, mostly.
fn own_places(room: &Room, text: &str) -> String {
    let folder = room.setup.profile.folder().display().to_string();
    let text = text.replace(&folder, "(profile)");
    match directories::UserDirs::new() {
        Some(dirs) if dirs.home_dir().components().count() > 1 => {
            text.replace(&dirs.home_dir().display().to_string(), "(home)")
        }
        _ => text,
    }
}

/// What accounts are called here: the id of their platform and a number. And names of those that were removed: the log
/// may still know them.
struct Accounts(Vec<(ConnectionConfig, String)>, Vec<String>);

impl Accounts {
    fn of(room: &Room) -> Answer<Self> {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        let (configs, former) = room.store.read(|r| Ok((r.connections()?, r.former_connections()?)))?;
        let removed = former.into_iter().flat_map(|former| [former.id.0, former.name]).collect();
        Ok(Self(
            configs
                .into_iter()
                .map(|config| {
                    let n = counted.entry(config.platform.clone()).or_default();
                    *n += 1;
                    let called = format!("{} {n}", config.platform);
                    (config, called)
                })
                .collect(),
            removed,
        ))
    }

    /// Their ids, names and shops' names out of a text.
    fn unnamed(&self, text: &str) -> String {
        let mut names: Vec<(&str, &str)> = self
            .0
            .iter()
            .flat_map(|(config, called)| {
                let account = &config.account;
                [config.id.as_str(), &config.name, &account.name, &account.remote_id]
                    .map(|name| (name, called.as_str()))
            })
            .chain(self.1.iter().map(|name| (name.as_str(), "a removed account")))
            .filter(|(name, _)| name.len() > 2)
            .collect();
        // Longer ones first: one may be a part of another.
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let mut text = text.to_owned();
        for (name, called) in names {
            // A platform's own word may be an account's id; it names nobody.
            if called.split(' ').next() != Some(name) {
                text = text.replace(name, called);
            }
        }
        text
    }
}

fn told_accounts(out: &mut String, room: &Room, accounts: &Accounts) -> Answer<()> {
    chapter(out, "Accounts");
    for (config, called) in &accounts.0 {
        let (streams, conditions) = room.store.read(|r| Ok((r.streams(&config.id)?, r.conditions(&config.id)?)))?;
        let paused = if config.paused { ", paused" } else { "" };
        line_of(out, &format!("{called}: by {}{paused}", config.way));
        for stream in streams {
            let last = stream.last_ok_at_ms.map_or_else(|| "never".to_owned(), when);
            let cause =
                stream.refusal.map_or_else(String::new, |refusal| format!(", last failure {:?}", refusal.cause));
            line_of(out, &format!("  {}: read {last}, {} failures in a row{cause}", stream.name, stream.failures));
        }
        for condition in conditions {
            line_of(out, &format!("  open: {:?} since {}", condition.cause, when(condition.opened_at_ms)));
        }
    }
    Ok(())
}

fn told_outbox(out: &mut String, room: &Room, accounts: &Accounts) -> Answer<()> {
    chapter(out, "Outbox");
    for depth in room.store.read(|r| r.outbox_depth())? {
        let called = accounts.0.iter().find(|(config, _)| config.id == depth.connection);
        let called = called.map_or("an account that was removed", |(_, called)| called.as_str());
        line_of(out, &format!("{called}: {} {:?}, {:?}", depth.n, depth.kind, depth.state));
    }
    let counts = room.store.read(|r| r.queue_counts(room.now_ms(), room.now_ms()))?;
    line_of(out, &format!("{} orders, {} open", counts.all, counts.open));
    Ok(())
}
