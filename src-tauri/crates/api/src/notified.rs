//! The log of notifications: what was said on the desktop, what was held back, and why.

use crate::desk::Desk;
use crate::feed::topic_word;
use crate::notices::Notice;
use crate::trouble::Answer;
use crate::view::Trouble;
use crate::words;
use quayside_store::{NotificationRow, Shown};
use serde::Serialize;
use specta::Type;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct NotificationView {
    /// Its place in the log.
    pub id: i64,
    /// When, ms UTC.
    pub at_ms: i64,
    /// What it is about: `connections`, `late`, `exceptions`, `at_risk`.
    pub topic: String,
    /// First line.
    pub title: String,
    /// Second line.
    pub body: String,
    /// Where a click leads.
    pub place: String,
    /// How many things it stood for.
    pub count: i64,
    /// `shown`, `held_back`, `failed`.
    pub outcome: String,
    /// Why it was said, held back, or not shown.
    pub why: String,
}

impl Desk {
    /// The log, newest first, below `before` if given.
    pub fn notifications(&self, before: Option<i64>, limit: u32) -> Answer<Vec<NotificationView>> {
        let room = self.room()?;
        let limit = if limit == 0 { 100 } else { (limit as usize).min(500) };
        Ok(room.store.read(|r| r.notifications(before, limit))?.into_iter().map(line).collect())
    }

    /// "Remind me in an hour" was pressed on a notice: what it was about is told again then, if it is still true.
    pub fn notice_later(&self, notice: &Notice) -> Answer<()> {
        if self.writable()?.notice_later(notice.clone()) {
            return Ok(());
        }
        Err(Trouble::internal(format!(
            "\"{}\" could not be put off: the desk is closing or has no time. It stands in its list all the same.",
            notice.title
        )))
    }

    /// The desktop did not take a notice: the log says so, with what the desktop answered.
    pub fn notice_failed(&self, notice: &Notice, said: &str) -> Answer<()> {
        let room = self.writable()?;
        let why = format!("The desktop did not take it: {said}. It stands in its list all the same.");
        let topic = topic_word(notice.topic);
        room.store.write(|tx| tx.notification_failed(topic, &notice.title, &notice.body, &why))?;
        Ok(())
    }
}

fn line(row: NotificationRow) -> NotificationView {
    let (outcome, why) = match row.shown {
        Shown::Shown => ("shown", reason(&row.topic, i64::from(row.orders))),
        Shown::HeldBack(why) => ("held_back", why),
        Shown::Failed(why) => ("failed", why),
    };
    NotificationView {
        id: row.id,
        at_ms: row.at_ms,
        place: row.target.as_ref().and_then(|target| target.as_str()).unwrap_or_default().to_owned(),
        topic: row.topic,
        title: row.title,
        body: row.body,
        count: i64::from(row.orders),
        outcome: outcome.to_owned(),
        why,
    }
}

/// Why something was worth a notification.
fn reason(topic: &str, count: i64) -> String {
    if topic == "reports" {
        return "You set them up to be made every day. It is told once until they are made again.".to_owned();
    }
    if topic == "team" {
        return "You want your team told by Slack or e-mail, and it does not arrive. It is told once until it does."
            .to_owned();
    }
    if topic == "stock" {
        return "At the pace of the last days it is gone soon, or few are left; how soon and how few, \"Stock\" says under Automations. Each SKU is told once.".to_owned();
    }
    let (what, switch) = match topic {
        "connections" => ("An account cannot go on without a person", "When an account needs a sign-in"),
        "late" => ("The promise to the buyer passed", "When orders are soon late"),
        "at_risk" => ("The promise to the buyer is near", "When orders are soon late"),
        _ => ("Somebody has to decide", "When something needs me"),
    };
    let grouped = if count > 1 { format!(" One notification for {}.", words::thousands(count)) } else { String::new() };
    format!("{what}; \"{switch}\" is on in the settings.{grouped}")
}
