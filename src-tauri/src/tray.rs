//! The icon in the tray: how the desk stands at a glance, and four things to do
//! without opening it. Absent where the system has no tray; nothing depends on it.
//!
//! What the menu says and what a click in it asks for are decided without a tray; the rest puts it there.

use crate::window;
use quayside_api::desk::Desk;
use quayside_api::trouble::Answer;
use quayside_api::view::{Counts, SyncScope};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, MenuItemKind, PredefinedMenuItem};
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
    /// Of everything that was counted.
    pub fn of(counts: &Counts) -> Self {
        let accounts = &counts.accounts;
        Self {
            open: counts.queue,
            left_today: (counts.today - counts.left_today).max(0),
            exceptions: counts.exceptions,
            late: counts.late,
            paused: !accounts.is_empty() && accounts.iter().all(|one| one.word.as_deref() == Some("paused")),
        }
    }

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

/// One line of the menu, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    /// Is only read.
    Says(&'static str, String),
    /// Is clicked.
    Does(&'static str, String),
    /// Is clicked, and has a tick.
    Ticks(&'static str, String, bool),
    /// A line between.
    Gap,
}

/// The menu, from top to bottom; before the first count without one.
fn menu(glance: Option<Glance>) -> Vec<Entry> {
    let exceptions = match glance.map_or(0, |glance| glance.exceptions) {
        0 => "Exceptions".to_owned(),
        n => format!("Exceptions ({n})"),
    };
    vec![
        Entry::Says("summary", glance.map_or_else(|| "Opening…".to_owned(), Glance::sentence)),
        Entry::Gap,
        Entry::Does("open", "Open Quayside".into()),
        Entry::Does("exceptions", exceptions),
        Entry::Does("sync", "Sync now".into()),
        Entry::Ticks("pause", "Pause everything".into(), glance.is_some_and(|glance| glance.paused)),
        Entry::Gap,
        Entry::Does("quit", "Quit".into()),
    ]
}

/// What a click on a line asks for; `ticked`: the tick as the click left it.
fn wish(id: &str, ticked: bool) -> Option<Wish> {
    Some(match id {
        "open" => Wish::Open,
        "exceptions" => Wish::Exceptions,
        "sync" => Wish::SyncNow,
        "pause" => Wish::Pause(ticked),
        "quit" => Wish::Quit,
        _ => return None,
    })
}

/// What a wish asks of the desk. The others are the window's.
pub fn carry_out(desk: &Desk, wish: Wish) -> Answer<()> {
    match wish {
        Wish::SyncNow => desk.sync_now(SyncScope::Everything).map(drop),
        Wish::Pause(paused) => desk.pause_everything(paused),
        Wish::Open | Wish::Exceptions | Wish::Quit => Ok(()),
    }
}

/// The tray as it is now.
pub struct Tray {
    icon: TrayIcon,
    menu: Menu<Wry>,
    pause: CheckMenuItem<Wry>,
    /// The last count, if there was one, and how the system looks.
    shown: Mutex<(Option<Glance>, Theme)>,
}

/// Puts the icon into the tray. `hears` is told what is clicked.
///
/// The library behind it panics where no tray library is installed; a desk
/// without a tray is still a desk, so that is caught and told in the log.
pub fn place(app: &AppHandle, hears: impl Fn(&AppHandle, Wish) + Clone + Send + Sync + 'static) {
    let theme = window::theme(app);
    match catch_unwind(AssertUnwindSafe(|| build(app, theme, hears))) {
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
    hears: impl Fn(&AppHandle, Wish) + Clone + Send + Sync + 'static,
) -> tauri::Result<Tray> {
    let pause = CheckMenuItem::with_id(app, "pause", "", true, false, None::<&str>)?;
    let shown = Menu::new(app)?;
    for entry in menu(None) {
        match entry {
            Entry::Says(id, text) => shown.append(&MenuItem::with_id(app, id, text, false, None::<&str>)?)?,
            Entry::Does(id, text) => shown.append(&MenuItem::with_id(app, id, text, true, None::<&str>)?)?,
            Entry::Ticks(_, text, ticked) => {
                pause.set_text(text)?;
                pause.set_checked(ticked)?;
                shown.append(&pause)?;
            }
            Entry::Gap => shown.append(&PredefinedMenuItem::separator(app)?)?,
        }
    }

    let (on_menu, on_click, checked) = (hears.clone(), hears, pause.clone());
    let icon = TrayIconBuilder::with_id(ID)
        .icon(glyph(theme, false))
        .icon_as_template(cfg!(target_os = "macos"))
        .tooltip("Quayside")
        .menu(&shown)
        .show_menu_on_left_click(false)
        .on_menu_event(move |app, event| {
            if let Some(asked) = wish(event.id.as_ref(), checked.is_checked().unwrap_or(false)) {
                on_menu(app, asked);
            }
        })
        .on_tray_icon_event(move |tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                on_click(tray.app_handle(), Wish::Open);
            }
        })
        .build(app)?;
    Ok(Tray { icon, menu: shown, pause, shown: Mutex::new((None, theme)) })
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
    if shown.0 == Some(glance) {
        return;
    }
    shown.0 = Some(glance);
    if let Err(error) = tray.draw(glance, shown.1) {
        tracing::warn!(%error, "The tray icon could not be redrawn.");
    }
}

/// Takes a tick back that a click made and nothing came of.
pub fn recall(app: &AppHandle) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let Ok(shown) = tray.shown.lock() else { return };
    if let Err(error) = tray.pause.set_checked(shown.0.is_some_and(|glance| glance.paused)) {
        tracing::warn!(%error, "The tick in the tray could not be taken back.");
    }
}

/// Follows the system from light to dark and back.
pub fn wear(app: &AppHandle, theme: Theme) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    let Ok(mut shown) = tray.shown.lock() else { return };
    shown.1 = theme;
    if let Err(error) = tray.icon.set_icon(Some(glyph(theme, shown.0.is_some_and(Glance::needs_a_look)))) {
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
        for entry in menu(Some(glance)) {
            let (id, text) = match entry {
                Entry::Says(id, text) | Entry::Does(id, text) => (id, text),
                Entry::Ticks(_, text, ticked) => {
                    self.pause.set_text(text)?;
                    self.pause.set_checked(ticked)?;
                    continue;
                }
                Entry::Gap => continue,
            };
            if let Some(MenuItemKind::MenuItem(item)) = self.menu.get(id) {
                item.set_text(text)?;
            }
        }
        Ok(())
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::demo::Demo;
    use quayside_api::{DeskEvent, MemoryKeychain, OpenDesk, Profile, WallClock};
    use quayside_connectors::ReqwestWire;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    #[test]
    fn a_glance_says_only_what_there_is() {
        let quiet = Glance { open: 412, ..Glance::default() };
        assert_eq!(quiet.sentence(), "412 open");
        assert!(!quiet.needs_a_look());

        let busy = Glance { open: 412, left_today: 23, exceptions: 1, late: 6, paused: true };
        assert_eq!(busy.sentence(), "412 open, 23 to leave today, 6 late, 1 needs you, paused");
        assert!(busy.needs_a_look());
    }

    /// Line by line: `id text`, a tick or none; `(…)` is only read.
    fn lines(glance: Option<Glance>) -> Vec<String> {
        let line = |entry| match entry {
            Entry::Says(id, text) => format!("({id} {text})"),
            Entry::Does(id, text) => format!("{id} {text}"),
            Entry::Ticks(id, text, ticked) => format!("{id} {text} [{}]", if ticked { "x" } else { " " }),
            Entry::Gap => "-".to_owned(),
        };
        menu(glance).into_iter().map(line).collect()
    }

    #[test]
    fn the_menu_says_what_was_counted_and_offers_the_same_things_to_do() {
        let counted = |open, exceptions, paused| Some(Glance { open, exceptions, paused, ..Glance::default() });
        for (glance, summary, exceptions, pause) in [
            (None, "Opening…", "Exceptions", "[ ]"),
            (counted(0, 0, false), "0 open", "Exceptions", "[ ]"),
            (counted(412, 0, false), "412 open", "Exceptions", "[ ]"),
            (counted(412, 1, false), "412 open, 1 needs you", "Exceptions (1)", "[ ]"),
            (counted(3, 40, true), "3 open, 40 need you, paused", "Exceptions (40)", "[x]"),
        ] {
            let expected = [
                format!("(summary {summary})"),
                "-".into(),
                "open Open Quayside".into(),
                format!("exceptions {exceptions}"),
                "sync Sync now".into(),
                format!("pause Pause everything {pause}"),
                "-".into(),
                "quit Quit".into(),
            ];
            assert_eq!(lines(glance), expected);
        }
    }

    #[test]
    fn every_line_that_can_be_clicked_asks_for_one_thing_and_no_other_does() {
        let asked: Vec<(&str, Option<Wish>)> = menu(None)
            .iter()
            .filter_map(|entry| match entry {
                Entry::Says(id, _) | Entry::Does(id, _) | Entry::Ticks(id, ..) => Some((*id, wish(id, true))),
                Entry::Gap => None,
            })
            .collect();
        let expected = [
            ("summary", None),
            ("open", Some(Wish::Open)),
            ("exceptions", Some(Wish::Exceptions)),
            ("sync", Some(Wish::SyncNow)),
            ("pause", Some(Wish::Pause(true))),
            ("quit", Some(Wish::Quit)),
        ];
        assert_eq!(asked, expected);
        // The system ticks before it tells: a tick that went away is a wish to go on.
        assert_eq!(wish("pause", false), Some(Wish::Pause(false)));
        assert_eq!(wish("dance", true), None);
    }

    /// A desk at work with the sandbox's accounts; names of jobs that ended come in as they do.
    fn desk(folder: &tempfile::TempDir) -> (Desk, Demo, Arc<Mutex<Vec<String>>>) {
        let ended: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = ended.clone();
        let setup = OpenDesk::new(
            Profile::at(folder.path()).unwrap(),
            Arc::new(MemoryKeychain::default()),
            Arc::new(ReqwestWire::new().unwrap()),
            Arc::new(WallClock),
        );
        let listener = Arc::new(move |event: DeskEvent| {
            if let DeskEvent::Progress(progress) = event
                && progress.ended.is_some()
            {
                heard.lock().unwrap().push(progress.job);
            }
        });
        let desk = Desk::open_with(OpenDesk { sandbox: true, ..setup }, listener).unwrap();
        let demo = Demo::start().unwrap();
        demo.connect(&desk, false).unwrap();
        (desk, demo, ended)
    }

    #[test]
    fn pausing_and_syncing_by_the_tray_reach_the_desk() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _demo, ended) = desk(&folder);
        let paused = || desk.connections().unwrap().iter().map(|one| one.activity.paused).collect::<Vec<_>>();
        let ticked = || Glance::of(&desk.counts().unwrap()).paused;
        assert!(!paused().is_empty() && !paused().contains(&true) && !ticked());

        carry_out(&desk, wish("pause", true).unwrap()).unwrap();
        assert!(!paused().contains(&false) && ticked());
        carry_out(&desk, wish("pause", false).unwrap()).unwrap();
        assert!(!paused().contains(&true) && !ticked());

        carry_out(&desk, wish("sync", false).unwrap()).unwrap();
        let begun = Instant::now();
        while ended.lock().unwrap().is_empty() {
            assert!(begun.elapsed() < Duration::from_mins(2), "no sync ends");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(ended.lock().unwrap()[0].starts_with("sync-"));

        // What the window does asks nothing of the desk; a desk that is closed says so, and the click comes to nothing.
        desk.stop();
        for id in ["open", "exceptions", "quit"] {
            assert!(carry_out(&desk, wish(id, false).unwrap()).is_ok(), "{id}");
        }
        for id in ["sync", "pause"] {
            assert!(!carry_out(&desk, wish(id, true).unwrap()).unwrap_err().sentence.is_empty(), "{id}");
        }
    }

    #[test]
    fn all_accounts_paused_is_paused_and_no_account_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (desk, _demo, _) = desk(&folder);
        let counts = desk.counts().unwrap();
        desk.stop();
        let with = |words: &[Option<&str>]| {
            let line = counts.accounts[0].clone();
            let accounts = words.iter().map(|word| {
                let mut line = line.clone();
                line.word = word.map(str::to_owned);
                line
            });
            Glance::of(&Counts { accounts: accounts.collect(), today: 3, left_today: 5, ..counts.clone() })
        };
        for (words, paused) in [
            (&[][..], false),
            (&[None][..], false),
            (&[Some("paused")][..], true),
            (&[Some("paused"), Some("offline")][..], false),
            (&[Some("paused"), Some("paused")][..], true),
        ] {
            assert_eq!(with(words).paused, paused, "{words:?}");
        }
        assert_eq!(with(&[]).left_today, 0, "what left early is not owed twice");
    }
}
