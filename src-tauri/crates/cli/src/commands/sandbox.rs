//! `sandbox serve`: the stand-in merchant on this computer, until ended.

use crate::args::{SandboxCommand, ServeArgs};
use crate::output::{Failure, Outcome, Output};
use crate::world::World;
use quayside_api::view::Trouble;
use quayside_sandbox::server::{PortFile, SandboxClock, serve};
use quayside_sandbox::shopify::ShopPlan;
use quayside_sandbox::{FaultPlan, Sandbox, SandboxPlan, Volume, extras_of};
use serde_json::json;
use std::path::Path;

/// Runs a sandbox command.
pub async fn run(command: &SandboxCommand, world: &World) -> Outcome {
    match command {
        SandboxCommand::Serve(args) => serve_until_ended(args, world).await,
    }
}

/// What the options ask for.
pub fn plan(args: &ServeArgs, now_ms: i64) -> Result<SandboxPlan, Failure> {
    let mut plan =
        if args.quiet { SandboxPlan::quiet(args.seed, now_ms) } else { SandboxPlan::demo(args.seed, now_ms) };
    plan.stores = stores(args.stores);
    let platforms = super::simulate::platforms(args.platforms.as_deref())?;
    plan.extras = extras_of(&platforms.iter().map(String::as_str).collect::<Vec<_>>());
    if !args.quiet {
        plan.extra_volume = Volume::EverySeconds(45, 90);
    }
    plan.faults = match args.faults.as_str() {
        "none" => FaultPlan::none(),
        "demo" => plan.faults,
        "all" => FaultPlan::all(0.05),
        text => match text.parse::<f64>() {
            Ok(chance) if (0.0..=1.0).contains(&chance) => FaultPlan::all(chance),
            _ => {
                return Err(Failure::input(format!(
                    "\"{text}\" is no plan of faults. Write none, demo, all, or a chance per call between 0 and 1."
                )));
            }
        },
    };
    if let Some(history) = args.history {
        plan.history = history;
    }
    if !(args.speed.is_finite() && args.speed > 0.0 && args.speed <= 10_000.0) {
        return Err(Failure::input("--speed takes a number above 0 and up to 10000."));
    }
    Ok(plan)
}

/// The two of the sandbox, and more of the same kind under other names.
fn stores(wanted: u32) -> Vec<ShopPlan> {
    let known = [ShopPlan::harbour_goods(), ShopPlan::harbour_outlet()];
    (0..wanted)
        .map(|n| {
            if let Some(plan) = known.get(n as usize) {
                plan.clone()
            } else {
                let model = known[(n as usize) % known.len()].clone();
                ShopPlan {
                    account: format!("harbour-store-{}", n + 1),
                    title: format!("Harbour Store {}", n + 1),
                    client_id: format!("{}{n}", &model.client_id[..model.client_id.len().saturating_sub(1)]),
                    ..model
                }
            }
        })
        .collect()
}

async fn serve_until_ended(args: &ServeArgs, world: &World) -> Outcome {
    let mut interrupted = world.interrupted();
    if let Some(file) = &args.port_file {
        // Whoever waits for it must not read the addresses of an earlier run.
        remove(file)?;
    }
    let start_ms = world.clock.now_ms();
    let sandbox = Sandbox::new(plan(args, start_ms)?);
    let running = serve(sandbox, SandboxClock::fast(start_ms, args.speed))
        .await
        .map_err(|error| Trouble::storage(format!("The sandbox could not listen on this computer ({error}).")))?;
    let ports = running.port_file();
    if let Some(file) = &args.port_file {
        write_port_file(file, &ports)?;
    }
    for account in &ports.accounts {
        world.say(&format!("{} ({}) listens at {}", account.title, account.platform, account.base_url));
    }
    if (args.speed - 1.0).abs() > f64::EPSILON {
        world.say("The merchant's clock is not this computer's: a desk with the usual clock will say that the clock is wrong.");
    }
    world.say("Serving until ended (Ctrl-C).");
    // Ends when asked to; a world that is gone asks, too.
    let _ = interrupted.wait_for(|asked| *asked).await;
    let effects = running.with(|sandbox| sandbox.ledger.entries.len());
    running.shut_down();
    if let Some(file) = &args.port_file {
        remove(file)?;
    }
    let text = format!("Ended. {} were applied.", quayside_api::words::count(effects as i64, "change", "changes"));
    Ok(Output::new(json!({ "sandbox": { "accounts": ports.accounts.len(), "effects": effects } }), text))
}

/// Takes the file away, if it is there.
fn remove(file: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Trouble::storage(format!("{} could not be removed ({error}).", file.display())).into())
        }
        _ => Ok(()),
    }
}

/// Whole or not at all: whoever waits for the file must never read half of it.
fn write_port_file(file: &Path, ports: &PortFile) -> Result<(), Failure> {
    let trouble = |error: std::io::Error| {
        Failure::from(Trouble::storage(format!("{} could not be written ({error}).", file.display())))
    };
    let text = serde_json::to_string_pretty(ports).map_err(|error| {
        Failure::from(Trouble::internal(format!("The addresses could not be written down ({error}).")))
    })?;
    let part = file.with_extension("part");
    // A left-over would keep the rights it was made with.
    remove(&part)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut opened = options.open(&part).map_err(trouble)?;
    std::io::Write::write_all(&mut opened, text.as_bytes()).and_then(|()| opened.sync_all()).map_err(trouble)?;
    std::fs::rename(&part, file).map_err(trouble)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn args() -> ServeArgs {
        ServeArgs {
            seed: 1,
            stores: 2,
            speed: 1.0,
            faults: "demo".into(),
            history: None,
            quiet: false,
            platforms: None,
            port_file: None,
        }
    }

    #[test]
    fn the_options_make_a_plan() {
        let demo = plan(&args(), 0).unwrap();
        assert_eq!((demo.stores.len(), demo.alive), (2, true));
        assert!(plan(&ServeArgs { faults: "none".into(), ..args() }, 0).unwrap().faults.chances.is_empty());
        assert!(!plan(&ServeArgs { faults: "0.5".into(), ..args() }, 0).unwrap().faults.chances.is_empty());
        assert!(!plan(&ServeArgs { quiet: true, ..args() }, 0).unwrap().alive);
        let many = plan(&ServeArgs { stores: 8, ..args() }, 0).unwrap().stores;
        let names: std::collections::BTreeSet<String> = many.iter().map(|store| store.account.clone()).collect();
        assert_eq!(names.len(), 8);
        for wrong in [
            ServeArgs { faults: "lots".into(), ..args() },
            ServeArgs { faults: "2".into(), ..args() },
            ServeArgs { speed: 0.0, ..args() },
        ] {
            assert!(plan(&wrong, 0).is_err(), "{wrong:?}");
        }
    }
}
