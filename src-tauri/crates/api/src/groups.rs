//! The queue under headings: by store, stage, reason to wait, country or deadline.
//! Each heading brings the filter that shows exactly its orders, so that a group is
//! never more than the queue asked a narrower question.

use crate::desk::Desk;
use crate::queue::understand;
use crate::trouble::Answer;
use crate::view::{QueueAsk, Trouble};
use crate::{filter, waits, words};
use quayside_model::{ConnectionId, Stage, Tone};
use quayside_store::{GroupBy, QueueFilter};
use serde::Serialize;
use specta::Type;

/// One heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct QueueHeading {
    /// Stable word of the group.
    pub key: String,
    /// In words.
    pub label: String,
    /// How loud.
    pub tone: Tone,
    /// Orders under it.
    pub count: i64,
    /// What to add to the filter to see them (`stage:packing`).
    pub token: String,
}

/// The headings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct QueueHeadings {
    /// Most orders first; deadlines in their own order.
    pub groups: Vec<QueueHeading>,
    /// There are more orders than were counted.
    pub at_least: bool,
}

impl Desk {
    /// The queue's headings. `by` is `store`, `stage`, `waits`, `country` or `due`.
    pub fn queue_groups(&self, ask: QueueAsk, by: String) -> Answer<QueueHeadings> {
        let room = self.room()?;
        let ground = room.ground()?;
        let of = |text: &str| -> Answer<QueueFilter> { Ok(understand(&ask.view, &filter::read(text), &ground)?.0) };
        let by = match by.as_str() {
            "due" => return due(&room.store, &ask.text, of),
            "store" => GroupBy::Store,
            "stage" => GroupBy::Stage,
            "waits" => GroupBy::Waits,
            "country" => GroupBy::Country,
            other => {
                return Err(Trouble::field(
                    "by",
                    format!("Orders are not grouped by \"{other}\". There are store, stage, waits, country and due."),
                ));
            }
        };
        let names = room.names()?;
        let wanted = of(&ask.text)?;
        let found = room.store.read(|r| r.queue_groups(&wanted, by))?;
        let heading = |(key, n): (String, u64)| {
            let count = n as i64;
            let (label, tone, token) = match by {
                GroupBy::Store => {
                    let name = names.get(&ConnectionId::new(&key)).cloned().unwrap_or_else(|| key.clone());
                    (name, Tone::Neutral, format!("store:{key}"))
                }
                GroupBy::Stage => {
                    let stage = Stage::ALL.into_iter().find(|stage| stage.code() == key);
                    (stage.map_or_else(|| key.clone(), words::stage), Tone::Neutral, format!("stage:{key}"))
                }
                GroupBy::Waits => {
                    let tone = waits::of(&key).map_or(Tone::Neutral, |look| look.tone);
                    (waits::title(&key), tone, format!("waits:{key}"))
                }
                GroupBy::Country if key.is_empty() => ("No country".into(), Tone::Warning, String::new()),
                GroupBy::Country => (key.clone(), Tone::Neutral, format!("country:{key}")),
            };
            QueueHeading { key, label, tone, count, token }
        };
        Ok(QueueHeadings { groups: found.groups.into_iter().map(heading).collect(), at_least: !found.exact })
    }
}

/// Deadlines are no column of equal values; their groups are the questions people ask.
fn due(store: &quayside_store::Store, text: &str, of: impl Fn(&str) -> Answer<QueueFilter>) -> Answer<QueueHeadings> {
    const GROUPS: [(&str, &str, Tone, &str); 4] = [
        ("late", "Late", Tone::Danger, "is:late"),
        ("at_risk", "Must leave soon", Tone::Warning, "is:at_risk"),
        ("today", "Later today", Tone::Neutral, "is:today -is:late -is:at_risk"),
        ("later", "After today, or no deadline", Tone::Neutral, "-is:today -is:at_risk"),
    ];
    let (mut groups, mut at_least) = (Vec::new(), false);
    for (key, label, tone, token) in GROUPS {
        let narrowed = of(&format!("{text} {token}"))?;
        let count = store.read(|r| r.queue_count(&narrowed))?;
        at_least |= !count.exact;
        if count.n > 0 {
            let count = count.n as i64;
            groups.push(QueueHeading { key: key.into(), label: label.into(), tone, count, token: token.into() });
        }
    }
    Ok(QueueHeadings { groups, at_least })
}
