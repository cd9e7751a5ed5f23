//! What can be said on the command line. Everything else is a setting, made in
//! the window; secrets are never taken from here.

use clap::Parser;
use std::path::PathBuf;

/// The fulfillment desk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Parser)]
#[command(name = "quayside", version, about)]
pub struct Flags {
    /// Keep all state in this folder instead of the usual one
    #[arg(long, value_name = "DIR")]
    pub profile: Option<PathBuf>,

    /// Open with a live stand-in merchant instead of your accounts
    #[arg(long)]
    pub sandbox: bool,

    /// Start in the tray, without a window
    #[arg(long)]
    pub hidden: bool,

    /// Write the TypeScript side of the commands to this file and end
    #[arg(long, value_name = "FILE", hide = true)]
    pub export_bindings: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Flags::command().debug_assert();
    }

    #[test]
    fn everything_can_be_said_at_once() {
        let said = Flags::parse_from(["quayside", "--sandbox", "--hidden", "--profile", "/somewhere"]);
        assert_eq!(
            said,
            Flags { profile: Some("/somewhere".into()), sandbox: true, hidden: true, export_bindings: None }
        );
    }
}
