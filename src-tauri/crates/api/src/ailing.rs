//! A database that cannot be written is told at once: to the window, the terminal and the desktop.
//!
//! Everything else the desk tells is read from rows. This is the one thing that
//! rows cannot say, so it comes from the engine itself, and a full disk at night
//! waits for the end of the quiet hours like everything else.

use crate::desk::{DeskEvent, Listener, OpenDesk, Room};
use crate::notices::{self, PAUSE_MS};
use crate::view::Trouble;
use crate::zone;
use chrono_tz::Tz;
use quayside_engine::EngineHandle;
use quayside_engine::policy::SETTINGS_KEY;
use quayside_model::settings::Settings;
use quayside_store::Store;
use std::sync::atomic::{AtomicI64, Ordering};

impl Room {
    /// See [`crate::Desk::trouble`].
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.engine.as_ref()?.trouble().map(told)
    }
}

fn told(sentence: String) -> Trouble {
    Trouble::storage(sentence)
}

/// Tells what the engine finds out.
pub(crate) fn listen(engine: &EngineHandle, store: &Store, setup: &OpenDesk, listener: Listener) {
    let (store, clock, here) = (store.clone(), setup.clock.clone(), setup.here);
    let noticed_ms = AtomicI64::new(i64::MIN / 2);
    engine.on_trouble(move |sentence| {
        listener(DeskEvent::Trouble(sentence.map(|sentence| told(sentence.to_owned()))));
        let now_ms = clock.now_ms();
        // A disk that is full by turns is one piece of news, not many.
        if let Some(sentence) = sentence
            && !(0..PAUSE_MS).contains(&(now_ms - noticed_ms.load(Ordering::Relaxed)))
            && wants(&store, here, now_ms)
        {
            noticed_ms.store(now_ms, Ordering::Relaxed);
            listener(DeskEvent::Notices(vec![notices::storage(sentence)]));
        }
    });
}

/// Settings that cannot be read either keep nobody from hearing of it.
fn wants(store: &Store, here: Option<Tz>, now_ms: i64) -> bool {
    let read = store.read(|r| {
        let settings: Settings = r.setting(SETTINGS_KEY)?.unwrap_or_default();
        let connections = r.connections()?;
        let stores = connections.iter().map(|config| config.account.time_zone.as_deref());
        let zone = zone::quiet_zone(here, &settings, stores);
        Ok(settings.notifications && !zone::is_quiet(&settings, now_ms, zone))
    });
    read.unwrap_or(true)
}
