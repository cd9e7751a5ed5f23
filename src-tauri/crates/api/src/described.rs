//! What settings of an account can name: its own objects, fields and values, as it describes them now.
//!
//! Asked when somebody opens the settings, ahead of everything else the account does. Where it cannot be asked, names
//! are typed as ever: nothing here is needed to work.

use crate::connections::{gone, unknown_platform};
use crate::credentials::{keep_renewed, secrets_of};
use crate::desk::{Desk, Room};
use crate::trouble::Answer;
use crate::view::{Trouble, TroubleCode};
use quayside_connectors::{Priority, ReadError, Setup};
use quayside_model::{Cause, ConnectionConfig, ConnectionId, Described, Refusal, SettingKind};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Whoever looks at a form does not wait longer; typing works meanwhile.
const PATIENCE: Duration = Duration::from_secs(45);

impl Desk {
    /// What the settings of an account can name. `settings`: choices on the screen that are not saved yet, where others
    /// depend on them. Changes nothing.
    pub async fn describe_account(&self, id: &ConnectionId, settings: BTreeMap<String, Value>) -> Answer<Described> {
        let room = self.room()?;
        let config = room.store.read(|r| r.connection(id))?.ok_or_else(|| gone(id))?;
        let platform = quayside_connectors::platform(&config.platform).ok_or_else(|| unknown_platform(&config))?;
        let declared = &platform.declaration.settings;
        if !declared.iter().any(|setting| setting.kind == SettingKind::Described) {
            return Ok(Described::default());
        }
        if config.paused {
            return Err(Trouble::input(format!("{} is paused. Resume it to see what it has.", config.name)));
        }
        let settings = settings.into_iter().filter(|(name, _)| declared.iter().any(|setting| setting.name == name));
        let settings: BTreeMap<String, Value> = settings.collect();
        let asked = async {
            match &room.engine {
                Some(engine) => engine.described(id, settings).await.map_err(Trouble::from),
                None => ask_aside(&room, &config, &settings).await,
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| {
            Err(Trouble {
                code: TroubleCode::Platform,
                sentence: format!("{} did not say in time what it has. Type the names, or ask again.", config.name),
                field: None,
            })
        })
    }
}

/// Where nothing works by itself (a terminal beside the window): asked once, with the account's own sign-in.
async fn ask_aside(room: &Room, config: &ConnectionConfig, settings: &BTreeMap<String, Value>) -> Answer<Described> {
    let platform = quayside_connectors::platform(&config.platform).ok_or_else(|| unknown_platform(config))?;
    let setup = Setup {
        secrets: secrets_of(room, &config.id).await?,
        config: config.clone(),
        wire: room.setup.wire.clone(),
        clock: room.setup.clock.clone(),
        buckets: Vec::new(),
    };
    let account = (platform.open)(setup).map_err(Trouble::from)?;
    let mut told = account.described(settings, Priority::Person).await;
    if let Some(news) = account.renewed_secrets() {
        // The sign-in renewed itself on the way: it is written down before it is used.
        keep_renewed(room, &config.id, Some(news.clone())).await?;
        account.secrets_kept(&news);
        told = account.described(settings, Priority::Person).await;
    }
    told.map_err(|error| match error {
        ReadError::WaitUntil { why, .. } => Trouble::from(Refusal::new(
            Cause::RateLimited,
            format!("{} was not asked what it has: {why}. Ask again in a moment.", config.name),
        )),
        ReadError::Refused(refusal) => Trouble::from(refusal),
    })
}
