//! Accounts: test a form, connect, pause, name, set, remove. What happens to the credentials of an account that is
//! connected is in `credentials.rs`.
//!
//! Secrets pass through here once, from the form to the keychain; what is stored
//! in the database and what is answered to a screen never contains them. New
//! credentials are always tried before they replace anything.

use crate::browser;
use crate::credentials::{ask, forget, put_secrets, secrets_of, sign_out};
use crate::desk::{Desk, Room};
use crate::form::{self, Form};
use crate::privacy;
use crate::trouble::Answer;
use crate::view::{ConnectionDraft, ConnectionView, TestResult, Trouble, TroubleCode, WhoWrites};
use quayside_connectors::connector::FieldProblem;
use quayside_connectors::profiles::{CSV_COLUMNS, FORMER};
use quayside_flows::Policy;
use quayside_flows::{COPIES, COPIES_WAIT_MIN, HUB_IMPORTS, HUB_OF_STORE, stock, store_clock, who_writes};
use quayside_model::{Account, ConnectionConfig, ConnectionId, Declaration, Preflight, Role, SettingKind};
use quayside_store::{NewEvent, StoreError, StreamState};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Shortest and longest pause between two reads of a stream, seconds.
const INTERVAL_S: std::ops::RangeInclusive<u32> = 10..=86_400;

impl Desk {
    /// Every platform Quayside can talk to: what connection forms are made of.
    pub fn platforms() -> Vec<Declaration> {
        quayside_connectors::registry().iter().map(|platform| platform.declaration.clone()).collect()
    }

    /// All accounts, in the order they were connected.
    pub fn connections(&self) -> Answer<Vec<ConnectionView>> {
        let room = self.room()?;
        let activity = self.activity()?;
        let now_ms = room.now_ms();
        let (configs, policy) = (room.store.read(|r| r.connections())?, room.policy()?);
        let asked = questions(&policy);
        Ok(configs
            .into_iter()
            .filter_map(|config| {
                let activity = activity.iter().find(|activity| activity.id == config.id)?.clone();
                let who_writes = asked.iter().find(|one| one.store == config.id).map(|one| one.sentence.clone());
                let their_ms = policy.by_clock_of(&config.id, now_ms);
                Some(ConnectionView { who_writes, ..view(config, activity, their_ms) })
            })
            .collect())
    }

    fn connection_view(&self, id: &ConnectionId) -> Answer<ConnectionView> {
        self.connections()?.into_iter().find(|view| view.id == *id).ok_or_else(|| gone(id))
    }

    /// **Test connection** for a filled-in form. Keeps nothing.
    pub async fn test_connection(&self, draft: ConnectionDraft) -> Answer<TestResult> {
        let room = self.room()?;
        let mut form = match form::read(&draft) {
            Ok(form) => form,
            Err(problems) => return Ok(form::not_tried(problems)),
        };
        let config = config_of(&form, ConnectionId::new("test"), &draft.name, room.now_ms());
        let given = form.secrets.clone();
        if let Err(trouble) = browser::complete(&room, &mut form, &config).await {
            return Ok(form::not_tried(vec![FieldProblem { field: String::new(), sentence: trouble.sentence }]));
        }
        let (preflight, renewed) = ask(&room, &config, form.secrets.clone(), None).await;
        browser::renew(&mut form, &given, renewed, room.now_ms());
        let mut result = form::tried(&preflight);
        if let (true, Some(account)) = (result.ok, &preflight.account) {
            // Told at once, not only when saving: the person may be about to name it.
            if let Some(other) = same_account(&room, &config.platform, account)? {
                result.ok = false;
                result.problems.push((String::new(), connected_already(&other)));
            }
        }
        Ok(result)
    }

    /// Connects an account after testing it. It only watches until automations go live.
    pub async fn connect(&self, draft: ConnectionDraft) -> Answer<ConnectionView> {
        let room = self.writable()?;
        let mut form = form::read(&draft).map_err(|problems| form::trouble(&problems))?;
        let (taken, used) = room.store.read(|r| Ok((names(&r.connections()?), r.former_connections()?)))?;
        // What cannot work whatever the platform says comes before any request.
        if !draft.name.trim().is_empty() {
            form::name(&draft.name, None, &taken)?;
        }
        let probe = config_of(&form, ConnectionId::new("test"), &draft.name, room.now_ms());
        let given = form.secrets.clone();
        browser::complete(&room, &mut form, &probe).await?;
        let (preflight, renewed) = ask(&room, &probe, form.secrets.clone(), None).await;
        browser::renew(&mut form, &given, renewed, room.now_ms());
        let account = preflight.account.clone().ok_or_else(|| refused(&preflight))?;
        if let Some(other) = same_account(&room, &probe.platform, &account)? {
            return Err(Trouble::input(connected_already(&other)));
        }
        let name = form::name(&draft.name, Some(&account.name), &taken)?;
        let used: BTreeSet<ConnectionId> = used.into_iter().map(|former| former.id).collect();
        let existing = room.store.read(|r| r.connections())?;
        let id = form::slug(&name, |id| used.contains(id) || existing.iter().any(|config| config.id == *id));
        let secrets = form.secrets.clone();
        let config = ConnectionConfig { account, ..config_of(&form, id.clone(), &name, room.now_ms()) };

        // Keychain first: an account without credentials would be an exception at once.
        put_secrets(&room, &id, secrets).await?;
        let now_ms = room.now_ms();
        let written = room.store.write(|tx| {
            // Asked again inside the transaction: two forms may have been tested side by side.
            let twice = tx.connections()?.into_iter().find(|other| is_same(other, &config.platform, &config.account));
            if let Some(other) = twice {
                return Err(StoreError::abandoned(connected_already(&other.name)));
            }
            tx.put_connection(&config)?;
            tx.note(&NewEvent {
                order_id: None,
                connection: Some(id.clone()),
                at_ms: now_ms,
                author: "person".into(),
                kind: "person".into(),
                sentence: format!("{name} was connected"),
                detail: None,
            })
        });
        if let Err(error) = written {
            forget(&room, &id).await;
            return Err(error.into());
        }
        tracing::info!(connection = %id, platform = %config.platform, "an account was connected");
        room.reload()?;
        self.connection_view(&id)
    }

    /// Gives an account another name. Its id stays.
    pub fn rename_connection(&self, id: &ConnectionId, name: &str) -> Answer<ConnectionView> {
        let room = self.writable()?;
        let taken = room
            .store
            .read(|r| Ok(names(&r.connections()?.into_iter().filter(|other| other.id != *id).collect::<Vec<_>>())))?;
        let name = form::name(name, None, &taken)?;
        self.change(&room, id, |config| {
            config.name = name;
            Ok(())
        })
    }

    /// Makes an account do nothing at all, or work again.
    pub fn pause_connection(&self, id: &ConnectionId, paused: bool) -> Answer<ConnectionView> {
        let room = self.writable()?;
        self.change(&room, id, |config| {
            config.paused = paused;
            Ok(())
        })
    }

    /// Choices about an account. Only what is given changes; `null` goes back to the default.
    pub fn put_connection_settings(
        &self,
        id: &ConnectionId,
        settings: &BTreeMap<String, Value>,
    ) -> Answer<ConnectionView> {
        let room = self.writable()?;
        let connections = room.store.read(|r| r.connections())?;
        let hubs: BTreeSet<&str> = connections.iter().filter(|config| is_hub(config)).map(|c| c.id.as_str()).collect();
        let known_links = who_writes::known_links(&connections);
        self.change(&room, id, |config| {
            let platform = quayside_connectors::platform(&config.platform).ok_or_else(|| unknown_platform(config))?;
            let is_store = platform.declaration.roles.contains(&Role::Channel);
            for (name, value) in settings {
                if is_store && name == HUB_IMPORTS {
                    let yes = match value {
                        Value::Bool(yes) => Some(*yes),
                        Value::String(text) if text == "true" || text == "false" => Some(text == "true"),
                        Value::Null => None,
                        Value::String(text) if text.is_empty() => None,
                        _ => {
                            return Err(Trouble::field(
                                name,
                                "Say true (the shipping account imports the store itself) or false (Quayside writes).",
                            ));
                        }
                    };
                    config.settings.remove(who_writes::SAID_OVER);
                    config.settings.remove(who_writes::UNSEEN);
                    match yes {
                        Some(yes) => drop(config.settings.insert(name.clone(), Value::from(yes))),
                        None => drop(config.settings.remove(name)),
                    }
                    // A link that is made later asks again.
                    if let Some(links) = known_links.as_ref().filter(|_| yes == Some(false)) {
                        config.settings.insert(who_writes::SAID_OVER.to_owned(), links.clone().into());
                    }
                    continue;
                }
                if is_store && name == COPIES {
                    match value.as_str() {
                        Some("" | "origin") | None => drop(config.settings.remove(name)),
                        Some("here") => drop(config.settings.insert(name.clone(), value.clone())),
                        Some(other) => {
                            return Err(Trouble::field(
                                name,
                                format!("\"{other}\" is no answer. Say origin (the account that sold them) or here."),
                            ));
                        }
                    }
                    continue;
                }
                if is_store && name == COPIES_WAIT_MIN {
                    let typed = value.as_str().and_then(|text| text.trim().parse().ok());
                    match value.as_i64().or(typed) {
                        Some(minutes) if (0..=7 * 24 * 60).contains(&minutes) => {
                            drop(config.settings.insert(name.clone(), Value::from(minutes)));
                        }
                        None if value.is_null() => drop(config.settings.remove(name)),
                        _ => {
                            return Err(Trouble::field(
                                name,
                                "Say how many minutes, from 0 (ask at once) to 10080 (a week).",
                            ));
                        }
                    }
                    continue;
                }
                if is_store && name == privacy::PERSONAL_DATA_DAYS {
                    match privacy::check_days(value)? {
                        Some(days) => drop(config.settings.insert(name.clone(), Value::from(days))),
                        None => drop(config.settings.remove(name)),
                    }
                    continue;
                }
                if is_store && name == HUB_OF_STORE {
                    match value.as_str().filter(|id| !id.is_empty()) {
                        Some(id) if !hubs.contains(id) => {
                            return Err(Trouble::field(name, format!("There is no shipping account \"{id}\".")));
                        }
                        Some(id) => drop(config.settings.insert(name.clone(), Value::from(id))),
                        None => drop(config.settings.remove(name)),
                    }
                    continue;
                }
                if is_store && let Some(checked) = store_clock::check(name, value) {
                    match checked.map_err(|why| Trouble::field(name, why))? {
                        Some(text) => drop(config.settings.insert(name.clone(), Value::from(text))),
                        None => drop(config.settings.remove(name)),
                    }
                    continue;
                }
                let of_stores = stock::STORE_SETTINGS.iter().filter(|_| is_store);
                let mut declared = platform.declaration.settings.iter().chain(of_stores);
                let declared = declared.find(|setting| setting.name == name);
                let declared = declared.ok_or_else(|| {
                    Trouble::field(name, format!("{} has no setting \"{name}\".", platform.declaration.title))
                })?;
                match check_setting(declared.name, declared.label, &declared.kind, value)? {
                    Value::Null => drop(config.settings.remove(name)),
                    value => drop(config.settings.insert(name.clone(), value)),
                }
            }
            Ok(())
        })
    }

    /// How often one stream of an account is read, seconds.
    pub fn put_stream_interval(&self, id: &ConnectionId, stream: &str, interval_s: u32) -> Answer<ConnectionView> {
        let room = self.writable()?;
        if !INTERVAL_S.contains(&interval_s) {
            return Err(Trouble::field(
                "interval_s",
                format!("{interval_s} seconds is outside of what makes sense: 10 seconds to one day (86,400)."),
            ));
        }
        let config = room.store.read(|r| r.connection(id))?.ok_or_else(|| gone(id))?;
        let platform = quayside_connectors::platform(&config.platform).ok_or_else(|| unknown_platform(&config))?;
        let declared = platform.declaration.streams.iter().find(|declared| declared.name == stream);
        let declared = declared.ok_or_else(|| {
            Trouble::field("stream", format!("{} reads no \"{stream}\".", platform.declaration.title))
        })?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            let mut state = tx.stream(id, declared.name)?.unwrap_or_else(|| StreamState::new(id, declared.name));
            state.interval_s = (interval_s != declared.interval_s).then_some(interval_s);
            // A shorter interval counts from now, not after the old, longer one has passed.
            state.next_at_ms = state.next_at_ms.min(now_ms + i64::from(interval_s) * 1000);
            tx.put_stream(&state)
        })?;
        room.reload()?;
        self.connection_view(id)
    }

    /// [`Self::remove_connection`], and the sign-in is taken back at the platform where that is possible. Gives what could
    /// not be done there: the account is removed all the same.
    pub async fn disconnect(&self, id: ConnectionId) -> Answer<Option<String>> {
        let room = self.writable()?;
        let config = room.store.read(|r| r.connection(&id))?.ok_or_else(|| gone(&id))?;
        // An entry that is missing leaves nothing to take back; a closed keychain stops the removal itself.
        let secrets = secrets_of(&room, &id).await.unwrap_or_default();
        self.remove_connection(&id)?;
        let Some(refusal) = sign_out(&room, &config, secrets).await else { return Ok(None) };
        let left = format!(
            "Its sign-in could not be taken back at {}: {} It ends there by itself, or an admin takes it back.",
            quayside_connectors::platform(&config.platform).map_or("the platform", |p| p.declaration.title),
            refusal.sentence
        );
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            tx.note(&NewEvent {
                order_id: None,
                connection: Some(id.clone()),
                at_ms: now_ms,
                author: "person".into(),
                kind: "person".into(),
                sentence: left.clone(),
                detail: None,
            })
        })?;
        Ok(Some(left))
    }

    /// Forgets an account and its credentials here. Orders and history stay.
    pub fn remove_connection(&self, id: &ConnectionId) -> Answer<()> {
        let room = self.writable()?;
        let config = room.store.read(|r| r.connection(id))?.ok_or_else(|| gone(id))?;
        // The keychain first: if it is closed nothing is removed, so that no credential stays behind unseen.
        room.secrets().forget_secrets(id)?;
        let now_ms = room.now_ms();
        room.store.write(|tx| {
            tx.forget_counts(id, now_ms)?;
            tx.remove_connection(id)?;
            tx.note(&NewEvent {
                order_id: None,
                connection: Some(id.clone()),
                at_ms: now_ms,
                author: "person".into(),
                kind: "person".into(),
                sentence: format!("{} was removed; its orders and history stay", config.name),
                detail: None,
            })
        })?;
        tracing::info!(connection = %id, "an account was removed");
        room.reload()
    }

    fn change(
        &self,
        room: &Room,
        id: &ConnectionId,
        change: impl FnOnce(&mut ConnectionConfig) -> Answer<()>,
    ) -> Answer<ConnectionView> {
        // Read and written in one transaction: a test of the account may end meanwhile and write what it learned.
        let mut refused = None;
        let written = room.store.write(|tx| {
            let outcome = tx.connection(id)?.ok_or_else(|| gone(id)).and_then(|mut config| {
                change(&mut config)?;
                Ok(config)
            });
            match outcome {
                Ok(config) => tx.put_connection(&config),
                Err(trouble) => {
                    let why = trouble.sentence.clone();
                    refused = Some(trouble);
                    Err(StoreError::abandoned(why))
                }
            }
        });
        if let Some(trouble) = refused {
            return Err(trouble);
        }
        written?;
        room.reload()?;
        self.connection_view(id)
    }
}

/// Stores of which nobody has said who writes their orders to their hub.
pub(crate) fn questions(policy: &Policy) -> Vec<WhoWrites> {
    let asked = who_writes::open_questions(policy).into_iter().map(|(store, hub, links)| WhoWrites {
        store: store.id.clone(),
        store_name: store.name.clone(),
        hub_name: hub.name.clone(),
        hub_title: hub.title.clone(),
        links: links.iter().map(|link| link.words()).collect(),
        sentence: who_writes::sentence(store, hub, &links),
    });
    asked.collect()
}

/// `their_ms`: now by the account's clock.
fn view(mut config: ConnectionConfig, activity: crate::view::ConnectionActivity, their_ms: i64) -> ConnectionView {
    config.settings.remove(who_writes::SAID_OVER);
    config.settings.remove(who_writes::UNSEEN);
    let lifetime =
        quayside_connectors::platform(&config.platform).and_then(|known| known.declaration.lifetime(&config.way));
    let lasting = lifetime.filter(|_| config.account.expires_at_ms.is_none()).map(crate::expiry::lasting);
    ConnectionView {
        who_writes: None,
        platform_title: activity.platform.clone(),
        id: config.id,
        name: config.name,
        platform: config.platform,
        way: config.way,
        fields: config.fields,
        account_name: config.account.name,
        time_zone: config.account.time_zone,
        expiry: config.account.expires_at_ms.map(|at_ms| crate::expiry::expiry(at_ms, their_ms)),
        lasting: lasting.unwrap_or_default().to_owned(),
        abilities: config.account.abilities,
        base_url: config.base_url,
        // What is kept beside the choices is nobody's to look at there.
        settings: config.settings.into_iter().filter(|(name, _)| name != FORMER && name != CSV_COLUMNS).collect(),
        activity,
    }
}

pub(crate) fn config_of(form: &Form, id: ConnectionId, name: &str, now_ms: i64) -> ConnectionConfig {
    let declaration = form.platform.declaration;
    ConnectionConfig {
        id,
        name: if name.trim().is_empty() { declaration.title.to_owned() } else { name.trim().to_owned() },
        platform: declaration.platform.to_owned(),
        way: form.way.id.to_owned(),
        fields: form.fields.clone(),
        base_url: form.base_url.clone(),
        account: Account::default(),
        settings: BTreeMap::new(),
        paused: false,
        created_at_ms: now_ms,
    }
}

/// The sentence of a sign-in that did not work: the first check that failed.
fn refused(preflight: &Preflight) -> Trouble {
    let detail = preflight
        .checks
        .iter()
        .find(|check| check.state == quayside_model::CheckState::Missing)
        .map(|check| check.detail.clone());
    Trouble {
        code: TroubleCode::Platform,
        sentence: detail.unwrap_or_else(|| {
            "The platform did not let Quayside in and did not say why. Check the credentials.".into()
        }),
        field: None,
    }
}

fn is_same(other: &ConnectionConfig, platform: &str, account: &Account) -> bool {
    other.platform == platform && account.is_same(&other.account) == Some(true)
}

/// Name of another connection to the same account, if there is one.
fn same_account(room: &Room, platform: &str, account: &Account) -> Answer<Option<String>> {
    let connections = room.store.read(|r| r.connections())?;
    Ok(connections.into_iter().find(|other| is_same(other, platform, account)).map(|other| other.name))
}

fn connected_already(name: &str) -> String {
    format!(
        "This account is connected already as \"{name}\". Two connections to one account would do everything twice. \
         To change its credentials, use \"New credentials\" there."
    )
}

fn names(connections: &[ConnectionConfig]) -> BTreeSet<String> {
    connections.iter().map(|config| config.name.clone()).collect()
}

pub(crate) fn is_hub(config: &ConnectionConfig) -> bool {
    quayside_connectors::platform(&config.platform)
        .is_some_and(|platform| platform.declaration.roles.contains(&Role::Hub))
}

pub(crate) fn gone(id: &ConnectionId) -> Trouble {
    Trouble::gone(format!("There is no connection \"{id}\" any more. Refresh the list."))
}

pub(crate) fn unknown_platform(config: &ConnectionConfig) -> Trouble {
    Trouble::internal(format!(
        "{} belongs to the platform \"{}\", which this version of Quayside does not know. Update Quayside, or remove the connection.",
        config.name, config.platform
    ))
}

/// A value of a setting, tidied; `null` means "the default".
pub(crate) fn check_setting(name: &str, label: &str, kind: &SettingKind, value: &Value) -> Answer<Value> {
    let refuse = |what: String| Err(Trouble::field(name, what));
    match (kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (SettingKind::Toggle, Value::Bool(_)) => Ok(value.clone()),
        (SettingKind::Toggle, Value::String(text)) if text == "true" || text == "false" => {
            Ok(Value::Bool(text == "true"))
        }
        (SettingKind::Toggle, _) => refuse(format!("\"{label}\" is either on or off.")),
        (SettingKind::Number, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
        (SettingKind::Number, Value::String(text)) => match text.trim().parse::<i64>() {
            Ok(number) => Ok(number.into()),
            Err(_) => refuse(format!("\"{text}\" is not a whole number (\"{label}\").")),
        },
        (SettingKind::Number, _) => refuse(format!("\"{label}\" takes a whole number.")),
        (SettingKind::Text | SettingKind::Described, Value::String(text)) => {
            // Names of many fields take more room than anything people type.
            let most = if *kind == SettingKind::Described { 2_000 } else { 500 };
            if text.chars().count() > most {
                refuse(format!("\"{label}\" is longer than {most} characters."))
            } else {
                Ok(text.trim().into())
            }
        }
        (SettingKind::Text | SettingKind::Described, _) => refuse(format!("\"{label}\" takes a text.")),
        (SettingKind::Choice(options), Value::String(text)) if options.iter().any(|(option, _)| option == text) => {
            Ok(value.clone())
        }
        (SettingKind::Choice(options), _) => {
            let known: Vec<&str> = options.iter().map(|(option, _)| *option).collect();
            refuse(format!("\"{label}\" takes one of: {}.", known.join(", ")))
        }
    }
}
