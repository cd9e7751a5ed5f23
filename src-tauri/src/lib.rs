//! The shell: window, tray, notifications and the door to the page. The only
//! room that knows Tauri; everything it says comes from `quayside-api`.
//!
//! ```text
//! start ──► flags ──► place ──► window (shown at once) ──► desk opens on a thread of its own
//!                                   │                              │
//!                                   └──── commands, events ◄───────┘──► tray, notifications
//! ```

mod bindings;
mod chosen;
mod commands;
mod context;
mod demo;
pub mod flags;
mod gate;
mod login;
mod notify;
mod profile;
mod second_start;
mod shell;
mod tray;
mod window;

use clap::Parser;
use flags::Flags;
use profile::Place;
use shell::Shell;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{AppHandle, RunEvent};

/// Runs the program until it is quit.
pub fn run() -> ExitCode {
    let flags = Flags::parse();
    if let Some(file) = &flags.export_bindings {
        return match bindings::write(file) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&format!("The bindings could not be written to {}: {error}", file.display())),
        };
    }
    let place = Place::choose(&flags);
    let context = context::embedded();
    let bus_name = place.bus_name(&context.config().identifier);
    if second_start::handed_over(&bus_name) {
        return ExitCode::SUCCESS;
    }
    match build(&flags, place, context, bus_name) {
        Ok(app) => {
            let ending = AtomicBool::new(false);
            app.run(move |app, event| on_event(app, &event, &ending));
            ExitCode::SUCCESS
        }
        Err(error) => complain(&format!("Quayside cannot open its window: {error}")),
    }
}

fn build(flags: &Flags, place: Place, context: tauri::Context, bus_name: String) -> tauri::Result<tauri::App> {
    let bindings = bindings::commands();
    let hidden = flags.hidden;
    tauri::Builder::default()
        // First, so that a second start ends before it does anything.
        .plugin(
            tauri_plugin_single_instance::Builder::new()
                .dbus_id(bus_name)
                .callback(|app, _arguments, _folder| window::show(app))
                .build(),
        )
        .plugin(window::remembered(&place))
        .plugin(tauri_plugin_autostart::Builder::new().app_name(place.title()).args(place.login_arguments()).build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(window::KeepsWorking::new())
        .invoke_handler(bindings.invoke_handler())
        .on_window_event(window::on_event)
        .setup(move |app| {
            let app = app.handle();
            window::open(app, &place, hidden)?;
            tray::place(app, |app, wish| Shell::of(app).grant(app, wish));
            Shell::hang(app, place);
            Shell::open(app);
            end_when_told(app.clone());
            Ok(())
        })
        .build(context)
}

/// Whoever quits, by whatever way, waits for the desk to stop in order.
fn on_event(app: &AppHandle, event: &RunEvent, ending: &AtomicBool) {
    if let RunEvent::ExitRequested { api, code, .. } = event
        && !ending.swap(true, Ordering::SeqCst)
    {
        api.prevent_exit();
        window::put_away(app);
        let (app, code) = (app.clone(), code.unwrap_or(0));
        std::thread::spawn(move || {
            Shell::of(&app).end();
            app.exit(code);
        });
    }
}

/// Ends like a click on Quit when the session ends or somebody presses Ctrl-C.
fn end_when_told(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        told_to_end().await;
        app.exit(0);
    });
}

#[cfg(unix)]
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "Signals cannot be heard; quit from the tray or the window.");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn told_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// There is no window to say it in.
#[allow(clippy::print_stderr)]
fn complain(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}
