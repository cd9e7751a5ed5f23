//! The shell: window, tray, notifications and the door to the page. The only
//! room that knows Tauri; everything it says comes from `quayside-api`.
//!
//! ```text
//! start ──► flags ──► profile ──► window (shown at once) ──► desk opens on its own threads
//!                                    │                             │
//!                                    └──── commands, events ◄──────┘──► tray, notifications
//! ```

pub mod flags;
pub mod profile;
pub mod tray;
pub mod window;

use clap::Parser;
use flags::Flags;
use profile::Profile;
use std::process::ExitCode;
use tauri::{Manager, Theme};

/// Runs the program until it is quit.
pub fn run() -> ExitCode {
    let flags = Flags::parse();
    let usual = std::env::temp_dir().join("quayside-usual");
    let profile = match Profile::choose(&flags, &usual) {
        Ok(profile) => profile,
        Err(error) => {
            eprintln!("Quayside cannot use its folder: {error}");
            return ExitCode::FAILURE;
        }
    };
    let context = tauri::tauri_build_context!();
    let bus_name = profile.bus_name(&context.config().identifier);
    let built = tauri::Builder::default()
        .plugin(
            tauri_plugin_single_instance::Builder::new()
                .dbus_id(bus_name)
                .callback(|app, _arguments, _folder| window::show(app))
                .build(),
        )
        .plugin(window::remembered(&profile))
        .manage(window::KeepsWorking::new())
        .on_window_event(window::on_event)
        .setup(move |app| {
            window::open(app.handle(), &profile, flags.hidden)?;
            tray::place(app.handle(), Theme::Light, |app, wish| {
                tray::grant(app, wish);
            });
            app.manage(profile);
            Ok(())
        })
        .build(context);
    match built {
        Ok(app) => {
            app.run(|_app, _event| {});
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Quayside cannot open its window: {error}");
            ExitCode::FAILURE
        }
    }
}
