//! Notifications on the desktop. What is worth one, and when, is decided in the
//! api (grouping, quiet hours, nothing twice); here they are only shown, and a
//! click is turned into a place in the window.

use crate::window;
use notify_rust::Notification;
use quayside_api::notices::{Notice, Topic};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tauri::AppHandle;

/// A click on the notification itself.
const OPEN: &str = "default";
const LATER: &str = "later";

/// Remembers what stands on the screen, so that a newer notice of one topic
/// takes the place of the older one.
#[derive(Debug, Clone, Default)]
pub struct Notifier {
    shown: Arc<Mutex<BTreeMap<Topic, Shown>>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    /// The notification service's number; 0 before the first.
    id: u32,
    /// Counts replacements: a click on a number that was reused belongs to the newest.
    turn: u64,
}

impl Notifier {
    /// Shows a notice. Returns at once: the service may be slow, absent or asking. `failed` hears of one that nobody took,
    /// `later` of one that somebody wants to be reminded of.
    pub fn show(
        &self,
        app: &AppHandle,
        notice: Notice,
        later: impl FnOnce(&Notice) + Send + 'static,
        failed: impl FnOnce(&Notice, &str) + Send + 'static,
    ) {
        let (notifier, app) = (self.clone(), app.clone());
        let started = std::thread::Builder::new().name("notification".into()).spawn(move || {
            if let Err(said) = notifier.show_and_wait(&app, &notice, later) {
                failed(&notice, &said);
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "A notification could not be shown: no thread.");
        }
    }

    fn show_and_wait(&self, app: &AppHandle, notice: &Notice, later: impl FnOnce(&Notice)) -> Result<(), String> {
        let earlier = self.shown().get(&notice.topic).copied().unwrap_or_default();
        match drawn(notice, earlier.id).show() {
            #[cfg(all(unix, not(target_os = "macos")))]
            Ok(handle) => {
                let now = Shown { id: handle.id(), turn: earlier.turn + 1 };
                self.shown().insert(notice.topic, now);
                handle.wait_for_action(|action| {
                    let newest = self.shown().get(&notice.topic).is_some_and(|shown| shown.turn == now.turn);
                    match action {
                        OPEN if newest => window::show_place(app, &notice.place),
                        LATER if newest => later(notice),
                        // Closed, or pressed on one whose number belongs to a newer one now.
                        _ => {}
                    }
                });
                Ok(())
            }
            #[cfg(not(all(unix, not(target_os = "macos"))))]
            Ok(_) => {
                // The system brings the program to the front on a click; which notice it was stays unknown.
                let _ = (app, later);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, topic = ?notice.topic, "A notification could not be shown: no notification service answered.");
                Err(error.to_string())
            }
        }
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, BTreeMap<Topic, Shown>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn drawn(notice: &Notice, replaces: u32) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Quayside")
        .summary(&plain(&notice.title).replace('\n', " "))
        .body(&body(&notice.body))
        .action(OPEN, "Open");
    // A database that cannot be written is told anew by itself; there is nothing to put off. Elsewhere nobody waits for
    // the button.
    if cfg!(all(unix, not(target_os = "macos"))) && notice.topic != Topic::Storage {
        notification.action(LATER, "Remind me in an hour");
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        use notify_rust::Hint;
        notification.icon("quayside").hint(Hint::DesktopEntry("Quayside".into()));
        if replaces != 0 {
            notification.id(replaces);
        }
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let _ = replaces;
    notification
}

/// Freedesktop services read the body as markup; account names are not markup.
fn body(text: &str) -> String {
    let text = plain(text);
    if cfg!(all(unix, not(target_os = "macos"))) {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        text
    }
}

/// Nothing that hides or turns what stands beside it. Lines of their own are kept.
fn plain(text: &str) -> String {
    let hides = |c: char| c.is_control() && c != '\n';
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(|c| hides(c) || turns(c), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_drawn_as_it_was_written() {
        let notice = Notice {
            topic: Topic::Exceptions,
            title: "40 orders need you".into(),
            body: "Söhne & Co <Lager>".into(),
            place: "exceptions".into(),
            count: 40,
        };
        let drawn = drawn(&notice, 0);
        assert_eq!(drawn.appname, "Quayside");
        assert_eq!(drawn.summary, "40 orders need you");
        if cfg!(target_os = "linux") {
            assert_eq!(drawn.body, "Söhne &amp; Co &lt;Lager&gt;");
        }
    }

    #[test]
    fn a_disk_that_is_full_is_not_put_off() {
        let notice = Notice {
            topic: Topic::Storage,
            title: "Quayside cannot write its database".into(),
            body: "The disk is full.".into(),
            place: "settings".into(),
            count: 1,
        };
        assert_eq!(drawn(&notice, 0).actions, ["default", "Open"]);
    }

    /// Account names are typed by people and come from platforms: no link, no picture, no markup, no other button.
    #[test]
    fn text_is_text_and_the_only_buttons_are_ours() {
        for (text, expected) in [
            ("<a href=\"https://x.example\">Open</a>", "&lt;a href=\"https://x.example\"&gt;Open&lt;/a&gt;"),
            ("<img src=\"file:///etc/passwd\"/>", "&lt;img src=\"file:///etc/passwd\"/&gt;"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("one\u{1b}[31m\ntwo\u{202e}", "one [31m\ntwo "),
        ] {
            let place = "https://x.example".to_owned();
            let notice = Notice { topic: Topic::Exceptions, title: text.into(), body: text.into(), place, count: 1 };
            let drawn = drawn(&notice, 0);
            if cfg!(target_os = "linux") {
                assert_eq!(drawn.body, expected);
                assert_eq!(drawn.actions, ["default", "Open", "later", "Remind me in an hour"]);
            }
            assert!(!drawn.summary.contains(['\n', '\u{1b}', '\u{202e}']), "{:?}", drawn.summary);
        }
    }
}
