//! A person connects every account, and lets every automation go.

use super::SimTrouble;
use super::world::runtime;
use crate::clock::VirtualClock;
use crate::keys::{Browser, Keys};
use crate::wire::{MemoryWire, lock};
use quayside_connectors::{Secrets, Setup, browser_sign_in, platform};
use quayside_flows::who_writes::{by_going_live, open_questions};
use quayside_flows::{HUB_IMPORTS, HUB_OF_STORE};
use quayside_model::{Account, Clock as _, ConnectionConfig, ConnectionId, Mode, Role};
use quayside_sandbox::Sandbox;
use quayside_store::{AutomationRow, Store, StreamState};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Lists that are read days back every time: hourly they are half of what a week takes, and a carrier's word that comes
/// hours later changes nothing that is judged.
const READ_FAR_BACK: [&str; 1] = ["tracking"];
/// How often those are read, seconds.
pub(super) const FAR_BACK_S: u32 = 6 * 3_600;

/// Every automation acts on its own, for every order.
pub(crate) fn go_live(store: &Store) -> Result<(), SimTrouble> {
    // What is kept beside the orders is let go where it is played (`plays`): elsewhere it would only spend the calls that
    // orders need.
    for automation in quayside_flows::automations().iter().filter(|one| !quayside_flows::beside_orders(one.id)) {
        let row = AutomationRow {
            id: automation.id.to_owned(),
            mode: Mode::Auto,
            go_live_ms: None,
            settings: serde_json::Value::Null,
        };
        store.write(|tx| tx.put_automation(&row))?;
    }
    // Whoever lets it act is asked who writes, and says: the desk.
    store.write(|tx| {
        for (config, _) in by_going_live(&quayside_engine::policy::load(tx)?, &tx.connections()?) {
            tx.put_connection(&config)?;
        }
        let policy = quayside_engine::policy::load(tx)?;
        let asked: Vec<ConnectionId> =
            open_questions(&policy).into_iter().map(|(store, ..)| store.id.clone()).collect();
        for store in asked {
            let Some(mut config) = tx.connection(&store)? else { continue };
            config.settings.insert(HUB_IMPORTS.to_owned(), false.into());
            tx.put_connection(&config)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Connects every account as a person would: test, then save. Keys and passwords are typed in, or, `by_browser`, where a
/// platform lets people sign in with the browser, they do.
pub(crate) fn connect(
    sandbox: &Arc<Mutex<Sandbox>>,
    clock: &Arc<VirtualClock>,
    wire: &Arc<MemoryWire>,
    store: &Store,
    poll_s: u32,
    by_browser: bool,
) -> Result<Keys, SimTrouble> {
    let people = Browser { sandbox: sandbox.clone(), clock: clock.clone(), wire: wire.clone() };
    connect_as(&people, store, (poll_s, poll_s), by_browser)
}

/// As [`connect`]. The pause between two reads, and that of lists that are read far back, seconds. `by_browser`: where a
/// platform lets people sign in with the browser, they do.
pub(super) fn connect_as(
    people: &Browser,
    store: &Store,
    (poll_s, far_back_s): (u32, u32),
    by_browser: bool,
) -> Result<Keys, SimTrouble> {
    let Browser { sandbox, clock, wire } = people;
    let accounts = lock(sandbox).accounts();
    let runtime = runtime()?;
    let mut keys = BTreeMap::new();
    // Where there are several hubs, the stores take turns.
    let plays = |account: &quayside_sandbox::Account, role| {
        platform(&account.platform).is_some_and(|platform| platform.declaration.roles.contains(&role))
    };
    let hubs: Vec<String> = accounts.iter().filter(|a| plays(a, Role::Hub)).map(|a| a.name.clone()).collect();
    let mut turns = hubs.iter().cycle();
    for (index, account) in accounts.into_iter().enumerate() {
        let trouble = |why: String| SimTrouble::Connect { account: account.name.clone(), why };
        let platform = platform(&account.platform).ok_or_else(|| trouble("unknown platform".into()))?;
        let browser = browser_sign_in(&account.platform).filter(|_| by_browser);
        let mut account = account.clone();
        if let Some(sign_in) = browser {
            sign_in.way.clone_into(&mut account.way);
            let way = platform.declaration.ways.iter().find(|way| way.id == account.way);
            account.fields.retain(|name, _| way.is_some_and(|way| way.fields.iter().any(|field| field.name == name)));
        }
        let fields = (platform.check_fields)(&account.way, &account.fields, true)
            .map_err(|problems| trouble(format!("{problems:?}")))?;
        let way = platform
            .declaration
            .ways
            .iter()
            .find(|way| way.id == account.way)
            .ok_or_else(|| trouble("unknown way".into()))?;
        let is_secret = |name: &str| way.fields.iter().any(|field| field.name == name && field.secret);
        let (secret, plain): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| is_secret(name));
        let mut secrets: Secrets = secret.into_iter().map(|(name, value)| (name, value.into())).collect();
        let mut settings = BTreeMap::new();
        if hubs.len() > 1 && plays(&account, Role::Channel) {
            settings.extend(turns.next().map(|hub| (HUB_OF_STORE.to_owned(), hub.clone().into())));
        }
        let mut config = ConnectionConfig {
            id: ConnectionId::new(&account.name),
            name: account.title.clone(),
            platform: account.platform.clone(),
            way: account.way.clone(),
            fields: plain.into_iter().collect(),
            base_url: Some(MemoryWire::base_url(index)),
            account: Account::default(),
            settings,
            paused: false,
            created_at_ms: clock.now_ms(),
        };
        if let Some(sign_in) = browser {
            let signed_in = runtime.block_on(async {
                clock.begin();
                let signed_in = people.sign_in(sign_in, &account.name, &config).await;
                clock.end();
                signed_in
            });
            secrets.extend(signed_in.map_err(&trouble)?);
        }
        let setup = Setup {
            config: config.clone(),
            secrets: secrets.clone(),
            wire: wire.clone(),
            clock: clock.clone(),
            buckets: vec![],
        };
        let connector = (platform.open)(setup).map_err(|refusal| trouble(refusal.to_string()))?;
        let preflight = runtime.block_on(async {
            clock.begin();
            let preflight = connector.preflight().await;
            clock.end();
            preflight
        });
        config.account = preflight.account.ok_or_else(|| trouble(format!("{:?}", preflight.checks)))?;
        keys.insert(config.id.clone(), secrets);
        store.write(|tx| {
            tx.put_connection(&config)?;
            for stream in platform.declaration.streams.iter().filter(|stream| config.reads(stream.name)) {
                let at_least_s = if READ_FAR_BACK.contains(&stream.name) { far_back_s } else { poll_s };
                let interval_s = Some(stream.interval_s.max(at_least_s));
                tx.put_stream(&StreamState { interval_s, ..StreamState::new(&config.id, stream.name) })?;
            }
            Ok(())
        })?;
    }
    Ok(Keys::new(keys))
}
