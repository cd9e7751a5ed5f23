//! The choices there are about a connection, with their values now: what every store has whatever its platform, and
//! what its platform declares. The window makes the same list of the same declarations.

use crate::automations::{default_value, setting_field};
use crate::connections::{gone, is_hub, questions, unknown_platform};
use crate::desk::Desk;
use crate::privacy::PERSONAL_DATA_DAYS;
use crate::trouble::Answer;
use crate::view::{SettingField, WhoWrites};
use quayside_flows::who_writes::{self, UNSEEN};
use quayside_flows::{
    COPIES, COPIES_WAIT_MIN, HUB_IMPORTS, HUB_OF_STORE, policy::COPIES_WAIT_MIN_DEFAULT, promise, stock, store_clock,
};
use quayside_model::{ConnectionId, Role};
use serde_json::Value;

impl Desk {
    /// Everything that can be chosen about a connection.
    pub fn connection_settings(&self, id: &ConnectionId) -> Answer<Vec<SettingField>> {
        let room = self.room()?;
        let connections = room.store.read(|r| r.connections())?;
        let config = connections.iter().find(|config| config.id == *id).ok_or_else(|| gone(id))?;
        let platform = quayside_connectors::platform(&config.platform).ok_or_else(|| unknown_platform(config))?;
        let mut fields = Vec::new();
        if platform.declaration.roles.contains(&Role::Channel) {
            let text = |name: &str| config.settings.get(name).cloned().unwrap_or_else(|| Value::from(""));
            let field =
                |name: &str, label: &str, kind: &str, options: Vec<(String, String)>, value: Value| SettingField {
                    name: name.to_owned(),
                    label: label.to_owned(),
                    help: String::new(),
                    kind: kind.to_owned(),
                    options,
                    value,
                };
            let option = |value: &str, label: &str| (value.to_owned(), label.to_owned());
            let hubs = connections.iter().filter(|config| is_hub(config));
            let hubs = std::iter::once(option("", "the account chosen under Automations"))
                .chain(hubs.map(|hub| option(hub.id.as_str(), &hub.name)));
            fields.push(field(
                HUB_OF_STORE,
                "Orders of this store go to",
                "choice",
                hubs.collect(),
                text(HUB_OF_STORE),
            ));
            let writers = vec![
                if config.settings.contains_key(UNSEEN) {
                    option("", "Quayside, as long as no link is seen (by going live)")
                } else {
                    option("", "nobody has said")
                },
                option("false", "Quayside"),
                option("true", "the shipping account, by a link of its own"),
            ];
            let writes = match config.settings.get(HUB_IMPORTS).and_then(Value::as_bool) {
                Some(yes) => yes.to_string(),
                None => String::new(),
            };
            let label = "Who writes its orders to the shipping account";
            fields.push(field(HUB_IMPORTS, label, "choice", writers, writes.into()));
            for (name, label) in [
                (store_clock::STORE_AFTER_DAYS, "Unfulfilled after business days"),
                (store_clock::STORE_CUT_OFF, "Cut-off of this store"),
                (store_clock::STORE_ZONE, "Time zone of this store"),
                (store_clock::STORE_HOLIDAYS, "Holidays of this store"),
                (promise::STORE_PROMISES, "Promises by service"),
            ] {
                fields.push(field(name, label, "text", Vec::new(), text(name)));
            }
            let origin = config.settings.get(COPIES).cloned().unwrap_or_else(|| Value::from("origin"));
            let who = vec![
                option("origin", "are sent by the account that sold them"),
                option("here", "are sent by this store"),
            ];
            fields.push(field(COPIES, "Orders sold by another account", "choice", who, origin));
            let minutes = config.settings.get(COPIES_WAIT_MIN).cloned();
            let minutes = minutes.unwrap_or_else(|| Value::from(COPIES_WAIT_MIN_DEFAULT));
            fields.push(field(
                COPIES_WAIT_MIN,
                "Minutes its copies wait for that account",
                "number",
                Vec::new(),
                minutes,
            ));
            let rule = platform.declaration.personal_data_days;
            fields.push(SettingField {
                help: rule.map_or_else(
                    || "Empty: never by itself.".to_owned(),
                    |days| format!("Its platform asks for {days} days; fewer are possible."),
                ),
                ..field(
                    PERSONAL_DATA_DAYS,
                    "Days after delivery until buyers' data is taken out",
                    "text",
                    Vec::new(),
                    text(PERSONAL_DATA_DAYS),
                )
            });
            fields.extend(stock::STORE_SETTINGS.iter().map(|setting| {
                let chosen = config.settings.get(setting.name).filter(|value| !value.is_null());
                setting_field(setting, chosen.cloned().unwrap_or_else(|| default_value(setting)))
            }));
        }
        fields.extend(platform.declaration.settings.iter().map(|setting| {
            let chosen = config.settings.get(setting.name).filter(|value| !value.is_null());
            setting_field(setting, chosen.cloned().unwrap_or_else(|| default_value(setting)))
        }));
        Ok(fields)
    }

    /// What going live said of stores whose hubs show no links, while nobody said it in words: (store, sentence).
    pub fn said_by_going_live(&self) -> Answer<Vec<(ConnectionId, String)>> {
        let policy = self.room()?.policy()?;
        let said = who_writes::said_by_going_live(&policy).into_iter();
        Ok(said.map(|(store, hub)| (store.id.clone(), who_writes::live_sentence(store, hub))).collect())
    }

    /// Stores of which nobody has said who writes their orders to their hub.
    pub fn who_writes(&self) -> Answer<Vec<WhoWrites>> {
        Ok(questions(&self.room()?.policy()?))
    }
}
