//! The one window: made at once and shown before anything is opened, remembered
//! between starts, and put away into the tray instead of closed if so set.

use crate::profile::Place;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::utils::config::Color;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Emitter, Manager, Theme, Url, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent};
use tauri_plugin_window_state::StateFlags;

/// Label of the window, in the configuration and in its capability.
pub const MAIN: &str = "main";

/// Event that asks the page to show a place (`"exceptions"`, `"queue?view=late"`).
pub const GO: &str = "go";

/// Whether closing puts the window away instead of ending the program. A copy of
/// the person's setting, so that the window's event need not wait for the desk.
#[derive(Debug)]
pub struct KeepsWorking(AtomicBool);

impl KeepsWorking {
    /// Ends with the window until the desk says otherwise: a program that hides
    /// before it could show why it does not work would be a riddle.
    pub fn new() -> Self {
        Self(AtomicBool::new(false))
    }
    /// Takes over the person's setting.
    pub fn set(&self, keeps_working: bool) {
        self.0.store(keeps_working, Ordering::Relaxed);
    }
    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The plugin that remembers size and place. Whether the window was visible is
/// not remembered: a start by hand always shows it.
pub fn remembered<R: tauri::Runtime>(place: &Place) -> tauri::plugin::TauriPlugin<R> {
    tauri_plugin_window_state::Builder::new()
        .with_filename(place.file("window.json").to_string_lossy())
        .with_state_flags(StateFlags::all() - StateFlags::VISIBLE - StateFlags::DECORATIONS)
        .build()
}

/// Makes the window. `hidden` leaves it in the tray.
pub fn open(app: &AppHandle, place: &Place, hidden: bool) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.iter().find(|w| w.label == MAIN).cloned() else {
        return Err(tauri::Error::WindowNotFound);
    };
    let window = WebviewWindowBuilder::from_config(app, &config)?
        .title(place.title())
        // What the page keeps for itself belongs to the profile like all else, and to nothing if that is thrown away.
        .data_directory(place.file("page"))
        .incognito(place.is_thrown_away())
        .background_color(paper(Theme::Light))
        // The policy of the page says what it may load; where it may go, what it may open and save, is said here.
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    if let Ok(theme) = window.theme() {
        let _ = window.set_background_color(Some(paper(theme)));
    }
    if !hidden {
        window.show()?;
    }
    Ok(())
}

/// Our page, and nothing else: an address carries away whatever is written into it, and no policy of a page forbids to
/// go there. Links of platforms are opened by the browser.
fn is_ours(to: &Url) -> bool {
    match (to.scheme(), to.host_str()) {
        ("tauri", Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        ("http", Some("localhost")) => tauri::is_dev(),
        _ => false,
    }
}

/// The page's own background (`--bg`), so that nothing flashes before the first paint.
fn paper(theme: Theme) -> Color {
    if theme == Theme::Dark { Color(0x0e, 0x14, 0x19, 0xff) } else { Color(0xf4, 0xf3, 0xef, 0xff) }
}

/// Brings the window to the front, wherever it was.
pub fn show(app: &AppHandle) {
    let Some(window) = main(app) else { return };
    for step in [window.show(), window.unminimize(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "The window could not be brought to the front.");
        }
    }
}

/// Brings the window to the front and asks the page for a place.
pub fn show_place(app: &AppHandle, place: &str) {
    show(app);
    if let Err(error) = app.emit_to(MAIN, GO, place) {
        tracing::warn!(%error, place, "The page could not be asked to show a place.");
    }
}

/// Gives the window another title.
pub fn rename(app: &AppHandle, title: &str) {
    if let Some(window) = main(app) {
        let _ = window.set_title(title);
    }
}

/// Out of sight at once when the program ends: stopping in order may take a moment.
pub fn put_away(app: &AppHandle) {
    if let Some(window) = main(app) {
        let _ = window.hide();
    }
}

/// How the system looks now.
pub fn theme(app: &AppHandle) -> Theme {
    main(app).and_then(|window| window.theme().ok()).unwrap_or(Theme::Light)
}

/// Follows the person's theme where the page does not reach: title bar and first paint. High contrast is the page's own;
/// out here it is light or dark.
pub fn wear(app: &AppHandle, theme: &str) {
    app.set_theme(match theme {
        "light" | "contrast_light" => Some(Theme::Light),
        "dark" | "contrast_dark" => Some(Theme::Dark),
        _ => None,
    });
}

fn main(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(MAIN)
}

/// What happens to the window.
pub fn on_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } if window.state::<KeepsWorking>().get() => {
            api.prevent_close();
            if let Err(error) = window.hide() {
                tracing::warn!(%error, "The window could not be put away; it stays open.");
            }
        }
        WindowEvent::ThemeChanged(theme) => crate::tray::wear(window.app_handle(), *theme),
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_our_page() {
        let ours = if cfg!(windows) { "http://tauri.localhost/#/queue" } else { "tauri://localhost/#/queue" };
        for (to, goes) in [
            (ours, true),
            ("https://example.com/?what=was+written", false),
            ("http://localhost:8080/", tauri::is_dev()),
            ("http://127.0.0.1:8080/", false),
            ("https://tauri.localhost.example.com/", false),
            ("tauri://elsewhere/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
            ("javascript:alert(1)", false),
            ("about:blank", false),
            ("blob:tauri://localhost/5c1", false),
        ] {
            assert_eq!(is_ours(&Url::parse(to).unwrap()), goes, "{to}");
        }
    }
}
