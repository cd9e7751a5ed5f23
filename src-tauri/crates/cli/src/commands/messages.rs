//! `messages`: what buyers are told.

use super::tables::read;
use crate::args::MessagesCommand;
use crate::output::{Outcome, Output};
use crate::table::plain;
use crate::world::World;
use quayside_api::buyer_messages::{BuyerMessages, Happening};
use quayside_api::view::Trouble;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Shows, keeps or previews them.
pub fn run(profile: Option<&Path>, command: &MessagesCommand, world: &World) -> Outcome {
    match command {
        MessagesCommand::Show => {
            let view = world.looking(profile)?.buyer_messages()?;
            let texts = view.messages.iter().map(|one| (one.happening.code().to_owned(), one.text.clone())).collect();
            let text = serde_json::to_string_pretty(&BuyerMessages { texts }).unwrap_or_default();
            Ok(Output::new(json!({ "messages": view }), text))
        }
        MessagesCommand::Put { file } => {
            let view = world.changing(profile)?.put_buyer_messages(read(file)?)?;
            let own = view.messages.iter().filter(|one| one.text != one.usual).count();
            let by = view.by.as_deref().map_or_else(
                || "No mail account is connected yet: nobody is written to.".to_owned(),
                |name| format!("They leave by {}.", plain(name)),
            );
            Ok(Output::new(json!({ "messages": view }), format!("{own} texts of your own kept. {by}\n")))
        }
        MessagesCommand::Preview { happening, order, file } => {
            let desk = world.looking(profile)?;
            let order = order.as_deref().map(|typed| super::order(&desk, typed)).transpose()?;
            let known: Vec<&str> = Happening::ALL.iter().map(|happening| happening.code()).collect();
            let wanted = match happening.as_deref() {
                None => Happening::ALL.to_vec(),
                Some(word) => vec![Happening::from_code(word).ok_or_else(|| {
                    Trouble::field(
                        "happening",
                        format!("There is no message \"{word}\". There are: {}.", known.join(", ")),
                    )
                })?],
            };
            let given: Option<BuyerMessages> = file.as_deref().map(read).transpose()?;
            let kept = desk.buyer_messages()?;
            let (mut out, mut previews) = (String::new(), Vec::new());
            for happening in wanted {
                let kept = kept.messages.iter().find(|one| one.happening == happening).map(|one| one.text.clone());
                let text = match &given {
                    Some(given) => given.of(happening),
                    None => kept.unwrap_or_else(|| happening.text()),
                };
                let preview = desk.preview_buyer_message(happening, &text, order)?;
                // Writing to a String does not fail.
                let _ = writeln!(
                    out,
                    "{} ({}){}",
                    happening.label(),
                    plain(&preview.number),
                    if text.on { "" } else { ": not told" }
                );
                if let Some(why) = &preview.trouble {
                    let _ = writeln!(out, "  {}\n", plain(why));
                } else {
                    let _ = writeln!(out, "  Subject: {}", plain(&preview.subject));
                    for line in preview.body.lines() {
                        let _ = writeln!(out, "  {}", plain(line));
                    }
                    out.push('\n');
                }
                previews.push(preview);
            }
            Ok(Output::new(json!({ "previews": previews }), out))
        }
    }
}
