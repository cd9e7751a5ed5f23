//! The icon in the tray: how the desk stands at a glance, and four things to do
//! without opening it. Absent where the system has no tray; nothing depends on it.

use crate::window;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Theme, Wry, include_image};

const ID: &str = "quayside";

/// What the tray can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Show the window.
    Open,
    /// Show the exceptions.
    Exceptions,
    /// Read all accounts now.
    SyncNow,
    /// Do nothing until resumed, or resume.
    Pause(bool),
    /// End the program.
    Quit,
}

/// The numbers worth an icon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Glance {
    /// Open orders.
    pub open: i64,
    /// Must leave today and have not.
    pub left_today: i64,
    /// Exceptions that need a person.
    pub exceptions: i64,
    /// Late orders.
    pub late: i64,
    /// Everything is paused.
    pub paused: bool,
}

impl Glance {
    fn needs_a_look(self) -> bool {
        self.exceptions > 0 || self.late > 0
    }

    /// One line: what a person would want to know from across the room.
    fn sentence(self) -> String {
        let mut parts = vec![format!("{} open", self.open)];
        if self.left_today > 0 {
            parts.push(format!("{} to leave today", self.left_today));
        }
        if self.late > 0 {
            parts.push(format!("{} late", self.late));
        }
        if self.exceptions > 0 {
            parts.push(format!("{} {} you", self.exceptions, if self.exceptions == 1 { "needs" } else { "need" }));
        }
        if self.paused {
            parts.push("paused".into());
        }
        parts.join(", ")
    }
}

/// The tray as it is now.
pub struct Tray {
    icon: TrayIcon,
    summary: MenuItem<Wry>,
    exceptions: MenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    shown: Mutex<(Glance, Theme)>,
}

/// Puts the icon into the tray. `wish` hears what is clicked.
///
/// The library behind it panics where no tray library is installed; a desk
/// without a tray is still a desk, so that is caught and told in the log.
pub fn place(app: &AppHandle, wish: impl Fn(&AppHandle, Wish) + Clone + Send + Sync + 'static) {
    let theme = window::theme(app);
    match catch_unwind(AssertUnwindSafe(|| build(app, theme, wish))) {
        Ok(Ok(tray)) => {
            app.manage(tray);
        }
        Ok(Err(error)) => tracing::warn!(%error, "No tray icon: the system refused it."),
        Err(_) => tracing::warn!("No tray icon: the system has no tray library (libayatana-appindicator3)."),
    }
}

fn build(
    app: &AppHandle,
    theme: Theme,
    wish: impl Fn(&AppHandle, Wish) + Clone + Send + Sync + 'static,
) -> tauri::Result<Tray> {
    let summary = MenuItem::with_id(app, "summary", "Opening…", false, None::<&str>)?;
    let open = MenuItem::with_id(app, "open", "Open Quayside", true, None::<&str>)?;
    let exceptions = MenuItem::with_id(app, "exceptions", "Exceptions", true, None::<&str>)?;
    let sync = MenuItem::with_id(app, "sync", "Sync now", true, None::<&str>)?;
    let pause = CheckMenuItem::with_id(app, "pause", "Pause everything", true, false, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    let line = || PredefinedMenuItem::separator(app);
    let menu = Menu::with_items(app, &[&summary, &line()?, &open, &exceptions, &sync, &pause, &line()?, &quit])?;

    let (on_menu, on_click, checked) = (wish.clone(), wish, pause.clone());
    let icon = TrayIconBuilder::with_id(ID)
        .icon(glyph(theme, false))
        .icon_as_template(cfg!(target_os = "macos"))
        .tooltip("Quayside")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |app, event| {
            let asked = match event.id.as_ref() {
                "open" => Wish::Open,
                "exceptions" => Wish::Exceptions,
                "sync" => Wish::SyncNow,
                "pause" => Wish::Pause(checked.is_checked().unwrap_or(false)),
                "quit" => Wish::Quit,
                _ => return,
            };
            on_menu(app, asked);
        })
        .on_tray_icon_event(move |tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                on_click(tray.app_handle(), Wish::Open);
            }
        })
        .build(app)?;
    Ok(Tray { icon, summary, exceptions, pause, shown: Mutex::new((Glance::default(), theme)) })
}

/// Whether there is an icon to come back by.
pub fn is_there(app: &AppHandle) -> bool {
    app.try_state::<Tray>().is_some()
}

/// Shows new numbers. Cheap when nothing changed.
pub fn tell(app: &AppHandle, glance: Glance) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let Ok(mut shown) = tray.shown.lock() else { return };
    // The menu ticks itself when it is clicked, whatever came of the click.
    if let Err(error) = tray.pause.set_checked(glance.paused) {
        tracing::warn!(%error, "The tick in the tray could not be set.");
    }
    if shown.0 == glance && glance != Glance::default() {
        return;
    }
    shown.0 = glance;
    if let Err(error) = tray.draw(glance, shown.1) {
        tracing::warn!(%error, "The tray icon could not be redrawn.");
    }
}

/// Takes a tick back that a click made and nothing came of.
pub fn recall(app: &AppHandle) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let Ok(shown) = tray.shown.lock() else { return };
    if let Err(error) = tray.pause.set_checked(shown.0.paused) {
        tracing::warn!(%error, "The tick in the tray could not be taken back.");
    }
}

/// Follows the system from light to dark and back.
pub fn wear(app: &AppHandle, theme: Theme) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let Ok(mut shown) = tray.shown.lock() else { return };
    shown.1 = theme;
    if let Err(error) = tray.icon.set_icon(Some(glyph(theme, shown.0.needs_a_look()))) {
        tracing::warn!(%error, "The tray icon could not follow the system's theme.");
    }
}

impl Tray {
    fn draw(&self, glance: Glance, theme: Theme) -> tauri::Result<()> {
        let sentence = glance.sentence();
        self.icon.set_icon(Some(glyph(theme, glance.needs_a_look())))?;
        self.icon.set_tooltip(Some(format!("Quayside: {sentence}")))?;
        // Beside the icon only what needs a person; a number that is always there is never read.
        let beside = (glance.exceptions > 0).then(|| glance.exceptions.to_string());
        self.icon.set_title(Some(beside.unwrap_or_default()))?;
        self.summary.set_text(&sentence)?;
        self.exceptions.set_text(match glance.exceptions {
            0 => "Exceptions".to_owned(),
            n => format!("Exceptions ({n})"),
        })?;
        self.pause.set_checked(glance.paused)
    }
}

fn glyph(theme: Theme, attention: bool) -> Image<'static> {
    match (theme, attention) {
        (Theme::Dark, false) => include_image!("assets/tray/for-dark.png"),
        (Theme::Dark, true) => include_image!("assets/tray/for-dark-attention.png"),
        (_, false) => include_image!("assets/tray/for-light.png"),
        (_, true) => include_image!("assets/tray/for-light-attention.png"),
    }
}

/// Wishes that need no desk. The others are handed back.
pub fn grant(app: &AppHandle, wish: Wish) -> Option<Wish> {
    match wish {
        Wish::Open => window::show(app),
        Wish::Exceptions => window::show_place(app, "exceptions"),
        Wish::Quit => app.exit(0),
        other => return Some(other),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_says_only_what_there_is() {
        let quiet = Glance { open: 412, ..Glance::default() };
        assert_eq!(quiet.sentence(), "412 open");
        assert!(!quiet.needs_a_look());

        let busy = Glance { open: 412, left_today: 23, exceptions: 1, late: 6, paused: true };
        assert_eq!(busy.sentence(), "412 open, 23 to leave today, 6 late, 1 needs you, paused");
        assert!(busy.needs_a_look());
    }
}
