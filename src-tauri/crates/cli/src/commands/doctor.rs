//! `doctor`: what is wrong, and what to do about it.

use crate::output::{Outcome, Output, UNFINISHED};
use crate::world::World;
use quayside_api::desk::OpenDesk;
use quayside_api::profile::Profile;
use quayside_api::view::Diagnosis;
use quayside_model::CheckState;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Looks at everything. A desk that does not open is a finding, not a failure.
pub async fn run(profile: Option<&Path>, world: &World) -> Outcome {
    let found: Vec<Diagnosis> = match world.looking(profile) {
        Ok(desk) => desk.doctor().await?,
        Err(failure) => {
            let profile = Profile::named(profile)?;
            let keychain = (world.keychain)(&profile);
            let setup = OpenDesk::new(profile, keychain, world.wire.clone(), world.clock.clone());
            quayside_api::doctor::closed(&setup, &failure.sentence)
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
    let broken = found.iter().any(|line| line.state == CheckState::Missing);
    Ok(Output::new(json!({ "healthy": !broken, "diagnoses": found }), shown).exit(if broken { UNFINISHED } else { 0 }))
}
