//! Labels as files: into a folder of the person's choice, or opened to be printed. Readable by their owner alone, since
//! they name buyers and where they live.

use super::quotes::{aside, unread};
use crate::bulk::Bulk;
use crate::desk::{Desk, Room};
use crate::files;
use crate::orders;
use crate::trouble::Answer;
use crate::view::Trouble;
use quayside_connectors::Priority;
use quayside_model::{ConnectionId, LabelForm, OrderId, Parcel, ParcelOrigin, Seen, Story};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Opened at once; more is what a folder is for.
const OPENED_MAX: usize = 10;
/// Opened labels are kept for so long.
const OPENED_FOR: Duration = Duration::from_hours(24);
/// A file that is further in the future was written by a clock that was ahead.
const AHEAD: Duration = Duration::from_mins(1);
/// Where opened labels lie, below the profile.
const FOLDER: &str = "labels";

/// Which labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LabelPick {
    /// The order.
    pub order: OrderId,
    /// One parcel of it; `None`: every label of it that was not voided.
    pub parcel: Option<String>,
}

/// What became of labels that were to be saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Type)]
pub struct LabelsSaved {
    /// Files, whole paths.
    pub files: Vec<String>,
    /// What could not be had, in sentences.
    pub problems: Vec<String>,
}

impl Desk {
    /// Writes labels into a folder, a file each.
    pub async fn save_labels(&self, picks: &[LabelPick], form: LabelForm, folder: &Path) -> Answer<LabelsSaved> {
        let room = self.room()?;
        let wanted = wanted(&room, picks)?;
        save(&room, &wanted, form, folder).await
    }

    /// Writes labels as PDF into the profile's own folder, to be opened and printed from there.
    pub async fn labels_to_open(&self, picks: &[LabelPick]) -> Answer<LabelsSaved> {
        let room = self.room()?;
        let wanted = wanted(&room, picks)?;
        if wanted.len() > OPENED_MAX {
            return Err(Trouble::input(format!(
                "{} labels are too many to be opened one by one. Save them into a folder and print them from there.",
                wanted.len()
            )));
        }
        let folder = room.setup.profile.folder().join(FOLDER);
        files::own_folder(&folder)?;
        forget_old(&folder);
        save(&room, &wanted, LabelForm::Pdf, &folder).await
    }
}

/// Labels name buyers: what was opened yesterday is not kept, whether or not anything is opened today. `file` is the
/// database's own: they lie beside it.
pub(crate) fn forget_opened(file: &Path) {
    if let Some(profile) = file.parent() {
        forget_old(&profile.join(FOLDER));
    }
}

/// What cannot be removed is tried again the next time.
fn forget_old(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(written) = entry.metadata().and_then(|data| data.modified()) else { continue };
        // One of the future was written by a clock that was ahead: it would lie here until real time has caught up, with whoever
        // stands on it. It can be had again.
        let is_old = match written.elapsed() {
            Ok(age) => age > OPENED_FOR,
            Err(ahead) => ahead.duration() > AHEAD,
        };
        if is_old {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A label to be fetched.
struct Wanted {
    number: String,
    hub: ConnectionId,
    name: String,
    parcel_id: String,
    stem: String,
}

fn wanted(room: &Room, picks: &[LabelPick]) -> Answer<Vec<Wanted>> {
    let policy = room.policy()?;
    let mut wanted = Vec::new();
    for pick in picks {
        let story = orders::story_of(room, pick.order)?;
        for seen in labels(&story, pick.parcel.as_deref()) {
            let name =
                policy.peers.get(&seen.connection).map_or_else(|| "The hub".to_owned(), |peer| peer.name.clone());
            wanted.push(Wanted {
                number: story.order.number.clone(),
                hub: seen.connection.clone(),
                name,
                parcel_id: seen.value.remote_id.clone(),
                stem: stem(&story.order.number, &seen.value),
            });
        }
    }
    if wanted.is_empty() {
        return Err(Trouble::input(
            "None of these has a label that was bought at a shipping account and still counts.",
        ));
    }
    Ok(wanted)
}

/// Labels of the order; voided ones only where one is named.
fn labels<'a>(story: &'a Story, parcel: Option<&'a str>) -> impl Iterator<Item = &'a Seen<Parcel>> {
    story.parcels.iter().filter(move |seen| {
        let label = seen.value.origin == ParcelOrigin::Label;
        label && parcel.map_or(seen.value.voided_at_ms.is_none(), |id| seen.value.remote_id == id)
    })
}

/// `1001 1Z999`, as file systems take it.
fn stem(number: &str, parcel: &Parcel) -> String {
    let tracking = parcel.tracking_number.trim();
    let id = if tracking.is_empty() { parcel.remote_id.as_str() } else { tracking };
    let kind = if parcel.is_return { " return" } else { "" };
    let plain = |text: &str| -> String {
        let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { ' ' };
        let text: String = text.chars().map(kept).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
    };
    format!("{} {}{kind}", plain(number), plain(id)).trim().to_owned()
}

async fn save(room: &Room, wanted: &[Wanted], form: LabelForm, folder: &Path) -> Answer<LabelsSaved> {
    if !folder.is_dir() {
        return Err(Trouble::field("folder", format!("{} is no folder. Choose another one.", folder.display())));
    }
    let bulk = Bulk::saying(room, "Saving the labels of", wanted.len());
    let mut saved = LabelsSaved::default();
    let mut through = 0;
    for one in wanted {
        if bulk.is_stopped() {
            break;
        }
        match fetch(room, one, form).await {
            Ok(bytes) => {
                let path: PathBuf = folder.join(format!("{}.{}", one.stem, form.code()));
                match files::write(&path, &bytes) {
                    Ok(()) => saved.files.push(path.display().to_string()),
                    Err(trouble) => saved.problems.push(trouble.sentence),
                }
            }
            Err(trouble) => saved.problems.push(format!("{}: {}", one.number, trouble.sentence)),
        }
        through += 1;
        bulk.told(through);
    }
    let sentence = format!("{} of {} labels saved.", saved.files.len(), wanted.len());
    bulk.end(&sentence, through);
    Ok(saved)
}

async fn fetch(room: &Room, one: &Wanted, form: LabelForm) -> Answer<Vec<u8>> {
    if let Some(engine) = &room.engine {
        return engine.label_file(&one.hub, one.parcel_id.clone(), form).await.map_err(Trouble::from);
    }
    let account = aside(room, &one.hub).await?;
    account.label_file(&one.parcel_id, form, Priority::Person).await.map_err(|error| unread(error, &one.name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn opened_labels_end_after_a_day_also_those_of_a_clock_that_was_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let days = |n: u64| Duration::from_hours(24 * n);
        for (name, written) in [
            ("old.pdf", now - days(2)),
            ("new.pdf", now - Duration::from_hours(1)),
            ("now.pdf", now + Duration::from_secs(2)),
            ("ahead.pdf", now + days(3)),
        ] {
            std::fs::File::create(folder.path().join(name)).unwrap().set_modified(written).unwrap();
        }
        forget_old(folder.path());
        let left = std::fs::read_dir(folder.path()).unwrap();
        let mut left: Vec<String> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left, ["new.pdf", "now.pdf"]);
    }
}
