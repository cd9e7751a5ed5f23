//! `doctor`: what is wrong, and what to do about it.

use crate::args::DoctorArgs;
use crate::output::{Outcome, Output, UNFINISHED};
use crate::world::World;
use quayside_api::desk::OpenDesk;
use quayside_api::profile::Profile;
use quayside_api::view::{Diagnosis, Mend};
use quayside_model::CheckState;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// What was asked for and cannot be done without an open desk.
fn not_done(args: &DoctorArgs, logs: &Path) -> Vec<Diagnosis> {
    let line = |title: &str, detail: String| Diagnosis {
        title: title.to_owned(),
        state: CheckState::Missing,
        detail,
        mend: None,
    };
    let bundle = args.bundle.as_ref().map(|file| {
        line(
            "Support bundle",
            format!(
                "Not written to {}: most of it stands in the database, which does not open. The log and the reports of what fell over are in {}; read them and send those instead.",
                file.display(),
                logs.display()
            ),
        )
    });
    let mend = args.mend.then(|| {
        line("Mending", "Nothing was mended: the database does not open. Put that right first, then try again.".into())
    });
    bundle.into_iter().chain(mend).collect()
}

/// Looks at everything. A desk that does not open is a finding, not a failure.
pub async fn run(profile: Option<&Path>, args: &DoctorArgs, world: &World) -> Outcome {
    let (mut mended, mut bundle) = (Vec::new(), None);
    let found: Vec<Diagnosis> = match world.looking(profile) {
        Ok(desk) => {
            // First what is known: mending takes reports away.
            if let Some(file) = &args.bundle {
                bundle = Some(desk.save_bundle(file).await?);
            }
            if args.mend {
                // A copy that ends by itself is not wrong; an account was paused on purpose.
                for line in desk.doctor().await?.into_iter().filter(|line| line.state != CheckState::Works) {
                    let Some(mend) = line.mend.filter(|mend| !matches!(mend, Mend::Resume { .. })) else { continue };
                    desk.mend(&mend)?;
                    mended.push(line.title);
                }
            }
            let mut found = desk.doctor().await?;
            if args.trail {
                let line = quayside_api::trail::told(&desk.check_trail()?);
                found.iter_mut().filter(|other| other.title == line.title).for_each(|other| *other = line.clone());
            }
            if let Some(head) = &args.head {
                found.push(desk.compare_trail(head)?);
            }
            found
        }
        Err(failure) => {
            let profile = Profile::named(profile)?;
            let keychain = (world.keychain)(&profile);
            let setup = OpenDesk::new(profile, keychain, world.wire.clone(), world.clock.clone());
            let mut found = quayside_api::doctor::closed(&setup, &failure.sentence);
            found.extend(not_done(args, &setup.profile.logs()));
            found
        }
    };
    let mut shown = String::new();
    for line in &found {
        let mark = match line.state {
            CheckState::Works => "fine   ",
            CheckState::Limited => "limited",
            CheckState::Missing => "broken ",
        };
        // Writing to a String does not fail.
        let _ = writeln!(shown, "{mark}  {}: {}", line.title, line.detail);
    }
    for title in &mended {
        let _ = writeln!(shown, "Mended: {title}.");
    }
    if let Some(saved) = &bundle {
        let _ = writeln!(shown, "Wrote {} lines to {}. Read it before you send it.", saved.lines, saved.path);
    }
    let broken = found.iter().any(|line| line.state == CheckState::Missing);
    Ok(Output::new(json!({ "healthy": !broken, "diagnoses": found, "mended": mended, "bundle": bundle }), shown)
        .exit(if broken { UNFINISHED } else { 0 }))
}
