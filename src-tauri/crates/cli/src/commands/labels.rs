//! `labels`: what carriers offer, buying one label or many, return labels, their files.

use crate::args::{LabelSizeArgs, LabelsCommand};
use crate::commands::act::{self, GOES_OUT};
use crate::commands::order;
use crate::output::{Failure, Outcome, Output, UNFINISHED};
use crate::table::{plain, table, text};
use crate::world::World;
use quayside_api::desk::Desk;
use quayside_api::labels::{LabelPick, LabelQuotes, LabelsSaved};
use quayside_api::view::{Act, Targets, Verb};
use quayside_model::{LabelForm, OrderId, ParcelSize};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Asks, buys, or fetches.
pub async fn run(profile: Option<&Path>, command: &LabelsCommand, world: &World) -> Outcome {
    match command {
        LabelsCommand::Quote { order, size } => quote(profile, order, size, world).await,
        LabelsCommand::Buy { order, carrier, service, most, size, yes } => {
            let mut fields = fields_of(size);
            for (name, typed) in [("carrier", carrier), ("service", service), ("most", most)] {
                if !typed.trim().is_empty() {
                    fields.insert(name.to_owned(), typed.clone());
                }
            }
            let what = format!("This would buy the label of {order}, which costs money at once");
            doing(profile, Verb::BuyLabel, std::slice::from_ref(order), fields, &what, *yes, world)
        }
        LabelsCommand::Batch { orders, yes } => batch(profile, orders, *yes, world),
        LabelsCommand::Return { order, yes } => {
            let what = format!("This would make a return label for {order}, which its carrier may charge at once");
            doing(profile, Verb::ReturnLabel, std::slice::from_ref(order), BTreeMap::new(), &what, *yes, world)
        }
        LabelsCommand::Save { orders, folder, form } => save(profile, orders, folder, form, world).await,
    }
}

fn size_of(size: &LabelSizeArgs) -> ParcelSize {
    ParcelSize {
        weight_g: size.weight_g,
        length_mm: size.length_mm,
        width_mm: size.width_mm,
        height_mm: size.height_mm,
    }
}

fn fields_of(size: &LabelSizeArgs) -> BTreeMap<String, String> {
    let typed = [
        ("weight_g", size.weight_g),
        ("length_mm", size.length_mm),
        ("width_mm", size.width_mm),
        ("height_mm", size.height_mm),
    ];
    typed.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_string()))).collect()
}

async fn quote(profile: Option<&Path>, typed: &str, size: &LabelSizeArgs, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let id = order(&desk, typed)?;
    let quotes = desk.label_quotes(id, size_of(size)).await?;
    let shown = words(&quotes);
    Ok(Output::new(json!({ "quotes": quotes }), shown))
}

fn words(quotes: &LabelQuotes) -> String {
    let columns = [
        text("Carrier", 24),
        text("Service", 28),
        text("Price", 14),
        text("Arrives", 10),
        text("For --carrier", 16),
        text("For --service", 28),
    ];
    let rows: Vec<Vec<String>> = quotes
        .quotes
        .iter()
        .map(|quote| {
            let late = if quote.in_time == Some(false) { " late" } else { "" };
            vec![
                quote.carrier.clone(),
                quote.service_name.clone(),
                quote.total.clone(),
                format!("{}{late}", quote.arrives.as_deref().unwrap_or_default()),
                quote.carrier_id.clone(),
                quote.service.clone(),
            ]
        })
        .collect();
    let mut out = table(&columns, &rows);
    for sentence in &quotes.not_offered {
        // Writing to a String does not fail.
        let _ = writeln!(out, "Not offered: {}", plain(sentence));
    }
    let chosen = quotes.chosen.and_then(|at| quotes.quotes.get(usize::try_from(at).ok()?));
    let _ = match chosen {
        Some(quote) => {
            writeln!(
                out,
                "By the settings: {} for {}, because {}.",
                plain(&quote.service_name),
                quote.total,
                plain(&quotes.because)
            )
        }
        None => writeln!(out, "By the settings none is taken: {}", plain(&quotes.because)),
    };
    let _ = writeln!(out, "{}", plain(&quotes.spend.sentence));
    out
}

fn doing(
    profile: Option<&Path>,
    verb: Verb,
    typed: &[String],
    fields: BTreeMap<String, String>,
    what: &str,
    yes: bool,
    world: &World,
) -> Outcome {
    if !yes {
        return Err(Failure::input(format!("{what}: say --yes to do it.")));
    }
    let desk = world.changing(profile)?;
    let ids = orders(&desk, typed)?;
    let click = Act { fields, ..Act::on(verb, Targets::Orders(ids)) };
    let mut told = act::told(&[desk.act(click)?]);
    if told.exit == 0 {
        told.text.push_str(GOES_OUT);
    }
    Ok(told)
}

fn batch(profile: Option<&Path>, typed: &[String], yes: bool, world: &World) -> Outcome {
    if yes {
        return doing(profile, Verb::BuyLabel, typed, BTreeMap::new(), "", true, world);
    }
    let desk = world.looking(profile)?;
    let batch = desk.label_batch(&orders(&desk, typed)?)?;
    let mut shown =
        format!("A label would be bought for {} of {}. {}", batch.ready.len(), typed.len(), plain(&batch.policy));
    if let Some(spend) = &batch.spend {
        let _ = write!(shown, "\n{}", plain(&spend.sentence));
    }
    for one in &batch.not_ready {
        let _ = write!(shown, "\n  {}: {}", plain(&one.number), plain(&one.why));
    }
    shown.push_str("\nNothing was bought. Say --yes to do it.");
    Ok(Output::new(json!({ "batch": batch }), shown))
}

fn orders(desk: &Desk, typed: &[String]) -> Result<Vec<OrderId>, Failure> {
    typed.iter().map(|typed| order(desk, typed)).collect()
}

async fn save(profile: Option<&Path>, typed: &[String], folder: &Path, form: &str, world: &World) -> Outcome {
    let form = LabelForm::from_code(&form.trim().to_lowercase())
        .ok_or_else(|| Failure::input(format!("\"{form}\" is no form of a label. There are pdf, zpl, png.")))?;
    let desk = world.looking(profile)?;
    let picks: Vec<LabelPick> =
        orders(&desk, typed)?.into_iter().map(|order| LabelPick { order, parcel: None }).collect();
    let saved = desk.save_labels(&picks, form, folder).await?;
    let shown = saved_words(&saved);
    let exit = if saved.problems.is_empty() { 0 } else { UNFINISHED };
    Ok(Output::new(json!({ "saved": saved }), shown).exit(exit))
}

fn saved_words(saved: &LabelsSaved) -> String {
    let files = saved.files.iter().map(|file| plain(file));
    let problems = saved.problems.iter().map(|problem| format!("Not saved: {}", plain(problem)));
    files.chain(problems).collect::<Vec<_>>().join("\n")
}
