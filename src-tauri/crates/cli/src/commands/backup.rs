//! `backup` and `restore`.

use crate::output::{Outcome, Output};
use crate::world::{Opened, World};
use quayside_api::desk::{Desk, DeskEvent, Listener, OpenDesk, Role};
use quayside_api::profile::Profile;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

fn progress(world: &World) -> Listener {
    let say = world.stderr.clone();
    Arc::new(move |event| {
        if let DeskEvent::Progress(progress) = event {
            say(&progress.sentence);
        }
    })
}

/// Writes a backup.
pub fn backup(profile: Option<&Path>, file: &Path, pass_phrase_from: &str, world: &mut World) -> Outcome {
    let pass_phrase = world.sources().text(pass_phrase_from, "--pass-phrase-from")?;
    let desk = world.desk(profile, Role::Quiet, progress(world))?;
    desk.backup(file, &pass_phrase)?;
    let bytes = std::fs::metadata(file).map_or(0, |meta| meta.len());
    let head = desk.trail_head()?.map(|head| head.to_string());
    let kept = head.as_ref().map_or_else(String::new, |head| {
        format!("\nHead of the trail: {head}\nWrite it down: it shows later that nothing before was changed.")
    });
    let text = format!(
        "The backup is in {} ({} kB). It opens with the pass phrase only; keep both, apart from each other. Credentials are not in it.{kept}",
        file.display(),
        bytes / 1024
    );
    Ok(Output::new(json!({ "backup": { "file": file, "bytes": bytes, "trail_head": head } }), text))
}

/// Puts a backup in place. Works although the desk does not open: that is when it is needed.
pub fn restore(profile: Option<&Path>, file: &Path, pass_phrase_from: &str, world: &mut World) -> Outcome {
    let pass_phrase = world.sources().text(pass_phrase_from, "--pass-phrase-from")?;
    let profile = Profile::named(profile)?;
    let keychain = (world.keychain)(&profile);
    let setup = OpenDesk {
        role: Role::Quiet,
        ..OpenDesk::new(profile.clone(), keychain, world.wire.clone(), world.clock.clone())
    };
    let desk = Opened::new(Desk::new(progress(world)));
    // Whether it opens does not matter here; who holds it does, and restore says so.
    let _ = desk.start(setup);
    let kept = desk.restore(file, &pass_phrase)?;
    let before = kept
        .as_ref()
        .map_or_else(String::new, |kept| format!(" The database from before is kept as {}.", kept.display()));
    let text = format!(
        "{} was restored.{before} If accounts are missing credentials, enter them again under Connections.",
        file.display()
    );
    Ok(Output::new(json!({ "restored": { "file": file, "kept": kept } }), text))
}
