//! `quayside-cli`: a thin door. Everything is in the library, where tests can call it.

use quayside_cli::world::World;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build() {
        Ok(runtime) => runtime,
        Err(error) => return cannot_begin(&format!("quayside-cli could not start its threads ({error}).")),
    };
    let mut world = match World::real() {
        Ok(world) => world,
        Err(refusal) => return cannot_begin(&refusal.to_string()),
    };
    let exit = runtime.block_on(async {
        world.listen_for_ctrl_c();
        quayside_cli::run(std::env::args_os(), &mut world, &mut std::io::stdout()).await
    });
    // Nothing is pending any more: commands end their work before they return.
    runtime.shutdown_background();
    ExitCode::from(exit)
}

fn cannot_begin(sentence: &str) -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    ExitCode::from(quayside_cli::cannot_begin(sentence, std::env::args_os(), &mut out, &mut err))
}
