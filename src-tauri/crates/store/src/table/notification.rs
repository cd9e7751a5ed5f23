//! What was said on the desktop, and what was held back and why.

use crate::error::{StoreError, Tried};
use crate::pack::{from_json_opt, json_text};
use crate::store::{Reader, Topic, Tx};
use rusqlite::params;
use serde::Serialize;

/// What became of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "why")]
pub enum Shown {
    /// The desktop took it.
    Shown,
    /// Not shown on purpose (quiet hours, switched off): why.
    HeldBack(String),
    /// The desktop refused it: what it said.
    Failed(String),
}

/// A notification to be remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotification {
    /// When, ms UTC.
    pub at_ms: i64,
    /// What it is about (`late`, `exceptions`, `sign_in`).
    pub topic: String,
    /// First line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Where a click leads.
    pub target: Option<serde_json::Value>,
    /// How many orders it stands for.
    pub orders: u32,
    /// What became of it.
    pub shown: Shown,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NotificationRow {
    /// Its place in the log.
    pub id: i64,
    /// When, ms UTC.
    pub at_ms: i64,
    /// What it is about.
    pub topic: String,
    /// First line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Where a click leads.
    pub target: Option<serde_json::Value>,
    /// How many orders it stands for.
    pub orders: u32,
    /// What became of it.
    pub shown: Shown,
}

impl Reader<'_> {
    /// The log, newest first, below `before` if given.
    pub fn notifications(&self, before: Option<i64>, limit: usize) -> Result<Vec<NotificationRow>, StoreError> {
        const TRIED: &str = "read the notifications";
        let mut statement = self
            .conn
            .prepare_cached(
                "SELECT id, at_ms, topic, title, body, target, orders, outcome, why FROM notification
                 WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            )
            .tried(TRIED)?;
        let rows = statement
            .query_map(params![before.unwrap_or(i64::MAX), limit as i64], |row| {
                let why = row.get::<_, Option<String>>("why")?.unwrap_or_default();
                let shown = match row.get_ref("outcome")?.as_str()? {
                    "shown" => Shown::Shown,
                    "held_back" => Shown::HeldBack(why),
                    _ => Shown::Failed(why),
                };
                Ok((
                    NotificationRow {
                        id: row.get("id")?,
                        at_ms: row.get("at_ms")?,
                        topic: row.get("topic")?,
                        title: row.get("title")?,
                        body: row.get("body")?,
                        target: None,
                        orders: row.get("orders")?,
                        shown,
                    },
                    row.get::<_, Option<String>>("target")?,
                ))
            })
            .tried(TRIED)?;
        rows.map(|row| {
            let (row, target) = row.tried(TRIED)?;
            Ok(NotificationRow { target: from_json_opt(target)?, ..row })
        })
        .collect()
    }

    /// When something about `topic` was last shown, ms UTC: so that nobody is told twice.
    pub fn last_notified(&self, topic: &str) -> Result<Option<i64>, StoreError> {
        const TRIED: &str = "read the last notification";
        self.conn
            .prepare_cached("SELECT max(at_ms) FROM notification WHERE topic = ?1 AND outcome = 'shown'")
            .tried(TRIED)?
            .query_row([topic], |row| row.get(0))
            .tried(TRIED)
    }
}

impl Tx<'_> {
    /// Remembers a notification.
    pub fn log_notification(&mut self, new: &NewNotification) -> Result<(), StoreError> {
        const TRIED: &str = "remember a notification";
        let (outcome, why) = match &new.shown {
            Shown::Shown => ("shown", None),
            Shown::HeldBack(why) => ("held_back", Some(why)),
            Shown::Failed(why) => ("failed", Some(why)),
        };
        self.conn
            .prepare_cached(
                "INSERT INTO notification (at_ms, topic, title, body, target, orders, outcome, why)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .tried(TRIED)?
            .execute(params![
                new.at_ms,
                new.topic,
                new.title,
                new.body,
                new.target.as_ref().map(json_text).transpose()?,
                new.orders,
                outcome,
                why
            ])
            .tried(TRIED)?;
        self.touch(Topic::Events);
        Ok(())
    }

    /// The newest notification with these words was not shown after all. False if none was said to be.
    pub fn notification_failed(&mut self, topic: &str, title: &str, body: &str, why: &str) -> Result<bool, StoreError> {
        const TRIED: &str = "remember that a notification was not shown";
        let failed = self
            .conn
            .prepare_cached(
                "UPDATE notification SET outcome = 'failed', why = ?4 WHERE id = (
                     SELECT max(id) FROM notification
                     WHERE topic = ?1 AND title = ?2 AND body = ?3 AND outcome = 'shown')",
            )
            .tried(TRIED)?
            .execute(params![topic, title, body, why])
            .tried(TRIED)?;
        if failed > 0 {
            self.touch(Topic::Events);
        }
        Ok(failed > 0)
    }
}
