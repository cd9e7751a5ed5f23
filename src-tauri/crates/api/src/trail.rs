//! The trail in quiet moments: who seals it when, and what a person is told of it. What it is: `store/src/trail.rs`.

use crate::desk::{Desk, Role, Room};
use crate::trouble::Answer;
use crate::view::{Diagnosis, Trouble};
use crate::words;
use quayside_model::CheckState;
use quayside_store::{Store, TrailCheck, TrailHead};
use rand::TryRngCore as _;
use std::time::{Duration, Instant};

/// How long sealing goes on when there is much of it: the desk has other work, and the next minute goes on.
pub(crate) const TURN: Duration = Duration::from_millis(300);
/// The same where somebody waits for it, because the desk closes or a head is asked for.
const LAST_TURN: Duration = Duration::from_secs(3);
/// Entries whose rows the check-up compares; all it has on demand.
const CHECKED: i64 = 200;

/// Random bytes that nobody keeps.
pub(crate) fn chance() -> Answer<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|error| {
        Trouble::internal(format!(
            "This computer gives no random numbers ({error}). Nothing was changed; restart it, then try again."
        ))
    })?;
    Ok(bytes)
}

/// Seals what waits, in pages of at least `least` rows, for a while. True if there is more.
pub(crate) fn seal(store: &Store, least: usize, turn: Duration, now_ms: i64) -> Answer<bool> {
    let began = Instant::now();
    while store.seal_trail(least, &chance()?, now_ms)? {
        if began.elapsed() >= turn {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Seals everything, where this process may.
pub(crate) fn seal_rest(room: &Room) -> Answer<()> {
    if room.setup.role == Role::Attach {
        return Ok(());
    }
    seal(&room.store, 1, LAST_TURN, room.now_ms()).map(|_| ())
}

/// The end of the trail, with everything so far in it where this process may write.
pub(crate) fn head_now(room: &Room) -> Answer<Option<TrailHead>> {
    seal_rest(room)?;
    Ok(room.store.read(|r| r.trail_head())?)
}

impl Desk {
    /// The end of the trail; `None` if nothing has happened yet.
    pub fn trail_head(&self) -> Answer<Option<TrailHead>> {
        let room = self.room()?;
        head_now(&room)
    }

    /// Follows the whole trail and compares every row with it.
    pub fn check_trail(&self) -> Answer<TrailCheck> {
        Ok(self.room()?.store.check_trail(None)?)
    }

    /// Whether a head that somebody kept (`1234-…`) is still a part of the trail: what it says then.
    pub fn compare_trail(&self, head: &str) -> Answer<Diagnosis> {
        let refuse = || {
            Trouble::field(
                "head",
                format!(
                    "\"{head}\" is no head of a trail. They are written like 1234-9f3c… with 64 digits behind the dash."
                ),
            )
        };
        let (n, link) = head.trim().split_once('-').ok_or_else(refuse)?;
        let n: i64 = n.parse().map_err(|_| refuse())?;
        if link.len() != 64 || !link.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let found = self.room()?.store.read(|r| r.trail_link(n))?;
        let (state, detail) = match found {
            Some(found) if found.eq_ignore_ascii_case(link) => {
                (CheckState::Works, format!("Entry {n} is what it was when its head was kept."))
            }
            Some(_) => (
                CheckState::Missing,
                format!(
                    "Entry {n} is not the one whose head was kept: everything up to it was made anew, or another database was put in place."
                ),
            ),
            None => (
                CheckState::Missing,
                format!(
                    "There is no entry {n} any more: the end of the trail was cut off, or a backup from before was restored."
                ),
            ),
        };
        Ok(Diagnosis { title: "Kept head".to_owned(), state, detail, mend: None })
    }
}

/// The check-up's line.
pub(crate) fn diagnosis(room: &Room) -> Answer<Diagnosis> {
    // What this minute brought counts as well, as far as this process may seal it.
    if let Err(trouble) = seal_rest(room) {
        tracing::warn!("the trail could not be sealed: {trouble}");
    }
    Ok(told(&room.store.check_trail(Some(CHECKED))?))
}

/// What was found, as a line of the check-up.
pub fn told(check: &TrailCheck) -> Diagnosis {
    let title = "Trail".to_owned();
    let Some(head) = &check.head else {
        return Diagnosis { title, state: CheckState::Works, detail: "Nothing has happened yet.".into(), mend: None };
    };
    if let Some(first) = check.breaks.first() {
        let more = match check.breaks.len() {
            1 => String::new(),
            n => format!(" And {} more.", words::thousands(n as i64 - 1)),
        };
        let detail = format!(
            "{first}{more} Somebody changed the database past Quayside, or it is damaged. Keep a copy of the folder as it is, and compare with your last backup."
        );
        return Diagnosis { title, state: CheckState::Missing, detail, mend: None };
    }
    let waits = match check.unsealed {
        0 => String::new(),
        n => format!(" {} not sealed yet.", words::count(n, "row is", "rows are")),
    };
    let detail = format!(
        "Holds: {} followed, {} compared.{waits} Its head is {head}; kept elsewhere, it proves later that nothing before it was changed.",
        words::count(check.entries, "entry", "entries"),
        words::count(check.rows, "row", "rows"),
    );
    Diagnosis { title, state: CheckState::Works, detail, mend: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_is_told_in_one_line() {
        let head = TrailHead { n: 7, at_ms: 0, link: "ab".repeat(32) };
        let holds = TrailCheck { head: Some(head), entries: 7, rows: 1, unsealed: 2, ..TrailCheck::default() };
        let broken = TrailCheck { breaks: vec!["A row was changed.".into(), "Another.".into()], ..holds.clone() };
        for (check, state, part) in [
            (TrailCheck::default(), CheckState::Works, "Nothing has happened yet."),
            (
                holds,
                CheckState::Works,
                "7 entries followed, 1 row compared. 2 rows are not sealed yet. Its head is 7-abab",
            ),
            (broken, CheckState::Missing, "A row was changed. And 1 more."),
        ] {
            let line = told(&check);
            assert_eq!(line.state, state);
            assert!(line.detail.contains(part), "{}", line.detail);
        }
    }
}
