//! The desk in a terminal: `quayside-cli`, and the headless agent (`sync --follow`).
//!
//! ```text
//! main.rs ──► run(arguments, World) ──► commands/*.rs ──► quayside_api::Desk
//!                    │
//!                    └──► one JSON document, or a text, on standard output; progress on standard error
//! ```
//!
//! A thin main and everything here, so that tests call it with a world of their
//! own. Nothing is decided here: every command is a desk function put into words.

#![allow(clippy::missing_fields_in_debug)]

pub mod args;
pub mod commands;
pub mod output;
pub mod secrets;
pub mod table;
pub mod times;
pub mod world;

use args::{Cli, Command};
use clap::Parser as _;
use output::{Failure, Outcome, Output};
use quayside_api::view::Verb;
use std::ffi::OsString;
use std::io::Write;
use world::World;

/// Runs one command line. Writes to `out` exactly what the command gives; gives the exit code.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, world: &mut World, out: &mut (dyn Write + Send)) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let connects = arguments.iter().skip(1).any(|argument| argument == "connect");
            return misread(&error, connects, json, world, out);
        }
    };
    let outcome = dispatch(&cli, world).await;
    finish(outcome, cli.json, world, out)
}

async fn dispatch(cli: &Cli, world: &mut World) -> Outcome {
    use commands::{
        accounts, act, backup, customer, doctor, exceptions, labels, live, messages, orders, profiles, recording,
        reports, returns, sandbox, schedules, simulate, split, stock, sync, tables,
    };
    let profile = cli.profile.as_deref();
    match &cli.command {
        Command::Sandbox(command) => sandbox::run(command, world).await,
        Command::Connect(connect) => accounts::connect(profile, connect, world).await,
        Command::Connections => accounts::connections(profile, world),
        Command::ConnectionSettings { connection, changes, offers } => {
            let shown = accounts::settings(profile, connection, changes, world)?;
            match offers {
                Some(setting) => accounts::offers(profile, connection, setting, world).await,
                None => Ok(shown),
            }
        }
        Command::Disconnect { connection } => accounts::disconnect(profile, connection, world).await,
        Command::GoLive(go_live) => live::go_live(profile, go_live, world),
        Command::Plan { automation, all } => live::plan(profile, automation.as_deref(), *all, world),
        Command::Sync(sync) => sync::run(profile, sync, world).await,
        Command::Orders(orders) => orders::list(profile, orders, world),
        Command::Order { order, evidence: Some(file), addresses, .. } => {
            orders::evidence(profile, order, file, *addresses, world)
        }
        Command::Order { order, answers, .. } => orders::one(profile, order, *answers, world),
        Command::Customer(command) => customer::run(profile, command, world),
        Command::Explain { order } => tables::explain(profile, order, world),
        Command::Split(args) => split::split(profile, args, world),
        Command::Aliases(command) => tables::aliases(profile, command, world),
        Command::Rules(command) => tables::rules(profile, command, world),
        Command::Mappings(command) => tables::mappings(profile, command, world),
        Command::Messages(command) => messages::run(profile, command, world),
        Command::Report(args) => reports::make(profile, args, world),
        Command::ReportPlan { folder, at, reports, forms, off } => {
            let change = reports::Change { folder: folder.as_deref(), at: at.as_deref(), reports, forms, off: *off };
            reports::plan(profile, &change, world)
        }
        Command::ReportSchedule(args) => schedules::run(profile, args, world),
        Command::ReportSend { way, report, day } => reports::send(profile, way, report.as_deref(), day, world).await,
        Command::Stock(args) => stock::run(profile, args, world),
        Command::Returns(args) => returns::run(profile, args, world),
        Command::Labels(command) => labels::run(profile, command, world).await,
        Command::Exceptions { view, cause } => exceptions::list(profile, view, cause.as_deref(), world),
        Command::Retry { ids, cause, all } => act::retry(profile, ids, cause.as_deref(), *all, world),
        Command::Approve { ids, all } => act::approve(profile, ids, *all, world),
        Command::Skip { ids, reason } => act::skip(profile, ids, reason, world),
        Command::Link { order, hub_order, sale, anyway } => {
            act::tie(profile, Verb::Link, order, hub_order, sale.as_deref(), *anyway, world)
        }
        Command::Refund(args) => act::refund(profile, args, world).await,
        Command::Unlink { order, hub_order, sale, anyway } => {
            act::tie(profile, Verb::Unlink, order, hub_order, sale.as_deref(), *anyway, world)
        }
        Command::Simulate(plan) => simulate::run(plan, world),
        Command::Record { to, last, wire: true } => recording::record_wire(profile, to, last, world).await,
        Command::Record { to, last, wire: false } => recording::record(profile, to, last, world),
        Command::Replay { file } => recording::replay(file).await,
        Command::Profile(command) => profiles::run(profile, command, world),
        Command::Doctor(args) => doctor::run(profile, args, world).await,
        Command::Backup { file, pass_phrase_from } => backup::backup(profile, file, pass_phrase_from, world),
        Command::Restore { file, pass_phrase_from } => backup::restore(profile, file, pass_phrase_from, world),
    }
}

/// When the program cannot even begin (no threads, no TLS): the same document and exit code as any failure.
pub fn cannot_begin(
    sentence: &str,
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let failure = Failure::from(quayside_api::view::Trouble::internal(sentence));
    // Nobody to tell if these streams are closed.
    let _ = if arguments.into_iter().any(|argument| argument == "--json") {
        writeln!(out, "{}", failure.json()).and_then(|()| out.flush())
    } else {
        writeln!(err, "{}", failure.sentence)
    };
    failure.exit
}

/// What was typed is not a command, or asks for help. `connects`: it was typed after `connect`, where a word may be a
/// pasted secret, and is never repeated.
fn misread(error: &clap::Error, connects: bool, json: bool, world: &World, out: &mut (dyn Write + Send)) -> u8 {
    use clap::error::ErrorKind;
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = error.render().to_string();
        let outcome = Output::new(serde_json::json!({ "text": text.trim_end() }), text.trim_end());
        return finish(Ok(outcome), json, world, out);
    }
    if looks_like_secret_option(error) {
        let sentence = "Secrets are never taken as arguments: other programs on this computer can read arguments. \
                        Give them with --secrets-from - (a JSON object on standard input) or --secrets-from FIELD=env:NAME. \
                        If a real one was typed just now, consider replacing it.";
        return finish(Err(Failure::usage(sentence)), json, world, out);
    }
    if connects {
        let what = match error.kind() {
            ErrorKind::MissingRequiredArgument => "The platform is missing",
            ErrorKind::ArgumentConflict => "Two of these options exclude each other",
            _ => "A word too many was typed, or an option without its value or with a name that does not exist",
        };
        let sentence = format!(
            "{what}. It is not repeated here, because it may be a secret. Write: quayside-cli connect PLATFORM --name NAME \
             --secrets-from - (all options: quayside-cli connect --help). Secrets are never arguments: other programs on this \
             computer can read arguments. If a real one was typed just now, consider replacing it."
        );
        return finish(Err(Failure::usage(sentence)), json, world, out);
    }
    let text = error.render().to_string();
    let text = text.trim().strip_prefix("error: ").unwrap_or(text.trim()).to_owned();
    finish(Err(Failure::usage(text)), json, world, out)
}

/// `--client-secret`, `--token`, `--api-key`: nobody means anything else by those.
fn looks_like_secret_option(error: &clap::Error) -> bool {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    if error.kind() != ErrorKind::UnknownArgument {
        return false;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return false };
    let argument = argument.to_lowercase();
    ["secret", "token", "key", "password", "pass-phrase", "passphrase", "credential"]
        .iter()
        .any(|word| argument.contains(word))
}

fn finish(outcome: Outcome, json: bool, world: &World, out: &mut (dyn Write + Send)) -> u8 {
    let (text, exit) = match outcome {
        Ok(output) if json => (output.json.to_string(), output.exit),
        Ok(output) => (table::unpainted(output.text.trim_end()), output.exit),
        Err(failure) if json => (failure.json().to_string(), failure.exit),
        Err(failure) => {
            // How a command is used takes several lines; anything else is one, whatever is quoted in it.
            let usage = failure.exit == output::USAGE;
            world.say(&if usage { failure.sentence.clone() } else { table::plain(&failure.sentence) });
            (String::new(), failure.exit)
        }
    };
    if text.is_empty() {
        return exit;
    }
    // A reader that went away (`| head`) is no failure of the command.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    exit
}
