//! `returns`: what buyers send back, what is here, and what is done about it.

use crate::args::{ReturnsArg, ReturnsArgs, ReturnsDo};
use crate::commands::act::{self, GOES_OUT};
use crate::commands::order;
use crate::output::{Failure, Outcome, Output};
use crate::table::{number, plain, table, text};
use crate::world::World;
use quayside_api::desk::Desk;
use quayside_api::returns::{
    GoodsAsk, GoodsNoted, ReplaceAsk, ReturnAnswerAsk, ReturnView, ReturnsAsk, ReturnsPage, ReturnsPart, condition,
};
use quayside_api::view::{Act, Targets, Verb};
use quayside_model::{DeclineReason, GoodsCondition, GoodsLine, OrderId};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Lists returns, or does something about one.
pub fn run(profile: Option<&Path>, args: &ReturnsArgs, world: &World) -> Outcome {
    if args.what != ReturnsDo::List && args.order.trim().is_empty() {
        return Err(Failure::input("Say which order is meant: quayside-cli returns receive '#1001'"));
    }
    match args.what {
        ReturnsDo::List => list(profile, args, world),
        ReturnsDo::Receive => receive(profile, args, world),
        ReturnsDo::Refund => refund(profile, (&args.order, &args.name), args.yes, world),
        ReturnsDo::Replace => replace(profile, (&args.order, &args.name), args.yes, world),
        ReturnsDo::Approve => answer(profile, args, None, world),
        ReturnsDo::Decline => answer(profile, args, Some(reason(&args.reason)?), world),
    }
}

fn list(profile: Option<&Path>, args: &ReturnsArgs, world: &World) -> Outcome {
    let (search, after) = (args.search.clone(), args.after.clone());
    let part = match args.only {
        ReturnsArg::Open => ReturnsPart::Open,
        ReturnsArg::Here => ReturnsPart::Here,
        ReturnsArg::All => ReturnsPart::All,
    };
    let page = world.looking(profile)?.returns(&ReturnsAsk { part, text: search, after })?;
    let shown = words(&page);
    Ok(Output::new(json!({ "returns": page }), shown))
}

fn words(page: &ReturnsPage) -> String {
    let columns = [
        text("Order", 16),
        text("Return", 20),
        text("Buyer", 24),
        text("What", 48),
        number("Here"),
        text("State", 18),
        text("Money", 34),
    ];
    let rows: Vec<Vec<String>> = page.rows.iter().map(cells).collect();
    let mut out = table(&columns, &rows);
    if rows.is_empty() {
        out.push_str("No return matches.\n");
    }
    if !page.next.is_empty() {
        // Writing to a String does not fail.
        let _ = writeln!(out, "More: --after {}", plain(&page.next));
    }
    out
}

fn cells(row: &ReturnView) -> Vec<String> {
    let (here, units) = row.lines.iter().fold((0, 0), |(here, all), line| (here + line.here, all + line.units));
    let money = match (&row.prepared, &row.given) {
        (Some(prepared), _) => format!("{} wait for your click", prepared.sum),
        (None, Some(given)) => format!("{given} given back"),
        (None, None) => String::new(),
    };
    vec![
        row.order_number.clone(),
        row.number.clone(),
        row.customer.clone(),
        row.what.clone(),
        format!("{here} of {units}"),
        row.state_words.clone(),
        money,
    ]
}

/// The return that is meant: the only open one, or the one of that name.
fn meant(desk: &Desk, order: OrderId, typed: &str, name: &str) -> Result<ReturnView, Failure> {
    let all = desk.returns_of(order)?;
    let named = |view: &&ReturnView| view.number.eq_ignore_ascii_case(name.trim()) || view.return_id == name.trim();
    let is_open = |view: &&ReturnView| matches!(view.state.as_str(), "asked" | "expected" | "part_here" | "here");
    let found: Vec<&ReturnView> =
        if name.trim().is_empty() { all.iter().filter(is_open).collect() } else { all.iter().filter(named).collect() };
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] if name.trim().is_empty() => Err(Failure::input(format!("Nothing of {typed} is on its way back."))),
        _ => {
            let names: Vec<&str> = all.iter().map(|view| view.number.as_str()).collect();
            Err(Failure::input(format!(
                "Which return of {typed} is meant? Say --return with one of: {}.",
                names.join(", ")
            )))
        }
    }
}

fn receive(profile: Option<&Path>, args: &ReturnsArgs, world: &World) -> Outcome {
    let (how, typed, restock) = (args.condition.as_str(), args.order.as_str(), args.restock);
    let condition = condition(how).ok_or_else(|| {
        let known: Vec<&str> = GoodsCondition::ALL.iter().map(|one| one.code()).collect();
        Failure::input(format!("\"{how}\" is no condition. There are {}.", known.join(", ")))
    })?;
    let desk = world.changing(profile)?;
    let order = order(&desk, typed)?;
    let view = meant(&desk, order, typed, &args.name)?;
    let mut goods: Vec<GoodsLine> = Vec::new();
    let mut add = |line_id: Option<&String>, quantity: i64| {
        let line = line_id.filter(|_| quantity > 0);
        goods.extend(line.map(|id| GoodsLine { order_line_id: id.clone(), quantity, condition, restock }));
    };
    if args.lines.is_empty() {
        for line in &view.lines {
            add(line.line_id.as_ref(), line.units - line.here);
        }
    }
    for text in &args.lines {
        let fits =
            text.rsplit_once('=').and_then(|(line, units)| Some((line.trim(), units.trim().parse::<i64>().ok()?)));
        let (wanted, units) =
            fits.ok_or_else(|| Failure::input(format!("\"{text}\" is no line and its units. Write it like MUG=1.")))?;
        let line = view.lines.iter().find(|line| {
            line.name.eq_ignore_ascii_case(wanted) || line.line_id.as_deref().is_some_and(|id| id == wanted)
        });
        let line = line.ok_or_else(|| Failure::input(format!("Return {} has no line {wanted}.", view.number)))?;
        add(line.line_id.as_ref(), units);
    }
    let said = desk.receive_goods(&GoodsAsk { order, return_id: view.return_id, lines: goods })?;
    Ok(told(&said, true, ""))
}

fn refund(profile: Option<&Path>, (typed, name): (&str, &str), yes: bool, world: &World) -> Outcome {
    let desk = if yes { world.changing(profile)? } else { world.looking(profile)? };
    let order = order(&desk, typed)?;
    let view = meant(&desk, order, typed, name)?;
    let Some(prepared) = view.prepared else {
        return Err(Failure::input(format!(
            "No refund of return {} waits for a click: it is {}. Give money back in your own way: quayside-cli refund '{typed}' --quote",
            view.number, view.state_words
        )));
    };
    if !yes {
        let document = json!({ "refund": { "done": false, "effect": prepared.effect, "sum": prepared.sum } });
        let shown = format!(
            "{}. Money that was given back does not come back.\nNothing was changed. Say --yes to do it.",
            prepared.sentence
        );
        return Ok(Output::new(document, shown));
    }
    let click = Act::on(Verb::Approve, Targets::Effects(vec![prepared.effect]));
    let mut told = act::told(&[desk.act(click)?]);
    if told.exit == 0 {
        told.text.push_str(GOES_OUT);
    }
    Ok(told)
}

fn replace(profile: Option<&Path>, (typed, name): (&str, &str), yes: bool, world: &World) -> Outcome {
    let desk = if yes { world.changing(profile)? } else { world.looking(profile)? };
    let order = order(&desk, typed)?;
    let view = meant(&desk, order, typed, name)?;
    if let Some(why) = view.no_replacement {
        return Err(Failure::input(why));
    }
    if !yes {
        let sentence =
            format!("The goods of return {} that are here would be sent again, instead of the money", view.number);
        let noted = GoodsNoted { sentence: format!("{sentence}."), notes: Vec::new(), undo: None };
        return Ok(told(&noted, false, "\nNothing was changed. Say --yes to do it."));
    }
    let said = desk.replace_goods(&ReplaceAsk { order, return_id: view.return_id, lines: Vec::new() })?;
    Ok(told(&said, true, GOES_OUT))
}

fn reason(typed: &str) -> Result<DeclineReason, Failure> {
    DeclineReason::from_code(&typed.trim().to_lowercase().replace([' ', '-'], "_")).ok_or_else(|| {
        let known: Vec<&str> = DeclineReason::ALL.iter().map(|one| one.code()).collect();
        Failure::input(format!("\"{typed}\" is no reason to decline. There are {}.", known.join(", ")))
    })
}

fn answer(profile: Option<&Path>, args: &ReturnsArgs, decline: Option<DeclineReason>, world: &World) -> Outcome {
    let desk = if args.yes { world.changing(profile)? } else { world.looking(profile)? };
    let order = order(&desk, &args.order)?;
    let view = meant(&desk, order, &args.order, &args.name)?;
    if let Some(why) = view.no_answer {
        return Err(Failure::input(why));
    }
    if !args.yes {
        let answer = match decline {
            None => "agreed to".to_owned(),
            Some(why) => format!("declined: {}", why.words()),
        };
        let noted = GoodsNoted {
            sentence: format!("Return {} would be {answer}.", view.number),
            notes: Vec::new(),
            undo: None,
        };
        return Ok(told(&noted, false, "\nNothing was changed. Say --yes to do it."));
    }
    let ask =
        ReturnAnswerAsk { order, return_id: view.return_id, decline, note: args.note.clone(), notify: !args.quiet };
    Ok(told(&desk.answer_return(&ask)?, true, GOES_OUT))
}

fn told(said: &GoodsNoted, done: bool, tail: &str) -> Output {
    let mut shown = plain(&said.sentence);
    for note in &said.notes {
        shown.push('\n');
        shown.push_str(&plain(note));
    }
    shown.push_str(tail);
    Output::new(json!({ "done": done, "sentence": said.sentence, "notes": said.notes }), shown)
}
