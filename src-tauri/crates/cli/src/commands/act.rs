//! `retry`, `approve`, `skip`, `link`, `unlink`, `refund`: what a person can do to changes that wait or were refused.

use crate::args::RefundArgs;
use crate::commands::{exceptions, order};
use crate::output::{Failure, Outcome, Output, UNFINISHED};
use crate::world::World;
use quayside_api::desk::Desk;
use quayside_api::view::{Act, ActOutcome, RefundQuoteView, Targets, Verb};
use quayside_model::{Currency, EffectId, ExceptionId, Money, OrderId};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What a bare number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bare {
    Exception,
    Effect,
}

#[derive(Debug, Default)]
struct Chosen {
    exceptions: Vec<ExceptionId>,
    effects: Vec<EffectId>,
    orders: Vec<OrderId>,
}

/// Tries refused changes again.
pub fn retry(profile: Option<&Path>, ids: &[String], cause: Option<&str>, all: bool, world: &World) -> Outcome {
    let cause = cause.map(exceptions::cause).transpose()?;
    let desk = world.changing(profile)?;
    let targets = match (cause, all) {
        (Some(cause), _) => vec![Targets::Cause(cause)],
        (None, true) => vec![Targets::Everything],
        (None, false) => chosen(&desk, ids, Bare::Exception)?.targets(),
    };
    act(&desk, Verb::Retry, targets, "", &BTreeMap::new())
}

/// Lets changes go that wait for a click.
pub fn approve(profile: Option<&Path>, ids: &[String], all: bool, world: &World) -> Outcome {
    let desk = world.changing(profile)?;
    let targets = if all { vec![Targets::Everything] } else { chosen(&desk, ids, Bare::Effect)?.targets() };
    act(&desk, Verb::Approve, targets, "", &BTreeMap::new())
}

/// Gives changes up.
pub fn skip(profile: Option<&Path>, ids: &[String], reason: &str, world: &World) -> Outcome {
    let desk = world.changing(profile)?;
    act(&desk, Verb::Skip, chosen(&desk, ids, Bare::Effect)?.targets(), reason, &BTreeMap::new())
}

/// Says which hub order is an order, or which other store's order is the same sale; or that they are not.
pub fn tie(
    profile: Option<&Path>,
    verb: Verb,
    typed: &str,
    hub_order: &str,
    sale: Option<&str>,
    anyway: bool,
    world: &World,
) -> Outcome {
    let mut fields = match sale {
        Some(sale) => BTreeMap::from([("order".to_owned(), sale.to_owned())]),
        None => BTreeMap::from([("hub_order".to_owned(), hub_order.to_owned())]),
    };
    if anyway {
        fields.insert("anyway".to_owned(), "yes".to_owned());
    }
    let desk = world.changing(profile)?;
    let id = order(&desk, typed)?;
    act(&desk, verb, vec![Targets::Orders(vec![id])], "", &fields)
}

/// Gives money back, or says what that would come to.
pub async fn refund(profile: Option<&Path>, args: &RefundArgs, world: &World) -> Outcome {
    let mut fields = BTreeMap::new();
    for (name, typed) in [("total", &args.total), ("shipping", &args.shipping)] {
        if !typed.trim().is_empty() {
            fields.insert(name.to_owned(), typed.clone());
        }
    }
    for typed in &args.lines {
        let (line, units) = typed
            .rsplit_once('=')
            .ok_or_else(|| Failure::input(format!("\"{typed}\" is no line and its units. Write it like MUG=1.")))?;
        if fields.insert(format!("line.{}", line.trim()), units.trim().to_owned()).is_some() {
            return Err(Failure::input(format!("{line} is named twice. Name it once, with all its units.")));
        }
    }
    let desk = if args.quote { world.looking(profile)? } else { world.changing(profile)? };
    let id = order(&desk, &args.order)?;
    let act = Act {
        reason: args.reason.clone(),
        fields,
        restock: args.restock,
        notify: args.notify,
        ..Act::on(Verb::Refund, Targets::Orders(vec![id]))
    };
    if args.quote {
        return Ok(quoted(&args.order, &desk.refund_quote(act).await?));
    }
    if !args.yes {
        return Err(Failure::input(format!(
            "This would give {} of {} back in its store. Money that was given back does not come back: say --yes to do it.",
            args.total, args.order
        )));
    }
    let outcome = desk.act(act)?;
    let mut told = told(&[outcome]);
    if told.exit == 0 {
        told.text.push_str(GOES_OUT);
    }
    Ok(told)
}

/// What giving back would come to, and the line that does it.
fn quoted(order: &str, quote: &RefundQuoteView) -> Output {
    let by = quote.by.as_deref().map_or_else(String::new, |title| format!(", says {title}"));
    let mut shown = format!("{} would be given back of {order}{by}.", quote.total);
    if let Some(tax_minor) = quote.tax_minor {
        let tax = Money::new(tax_minor, Currency::new(&quote.currency));
        let _ = write!(shown, "\n  Of it tax: {tax}");
    }
    for change in &quote.changes {
        let _ = write!(shown, "\n  {}: {}", change.field, change.after);
    }
    for note in &quote.notes {
        let _ = write!(shown, "\n{note}");
    }
    let mut line = format!("quayside-cli refund '{order}'");
    for (name, value) in &quote.fields {
        let _ = match name.strip_prefix("line.") {
            Some(id) => write!(line, " --line '{id}={value}'"),
            None => write!(line, " --{name} {value}"),
        };
    }
    let _ = write!(shown, "\nNothing was changed. To do it: {line} --yes");
    Output::new(json!({ "quote": quote }), shown)
}

impl Chosen {
    fn targets(self) -> Vec<Targets> {
        let mut targets = Vec::new();
        if !self.exceptions.is_empty() {
            targets.push(Targets::Exceptions(self.exceptions));
        }
        if !self.effects.is_empty() {
            targets.push(Targets::Effects(self.effects));
        }
        if !self.orders.is_empty() {
            targets.push(Targets::Orders(self.orders));
        }
        targets
    }
}

/// `12`, `exception:12`, `effect:34`, `#1001`, `id:17`.
fn chosen(desk: &Desk, ids: &[String], bare: Bare) -> Result<Chosen, Failure> {
    let mut out = Chosen::default();
    for typed in ids {
        let number = |text: &str| {
            text.trim().parse::<i64>().map_err(|_| {
                Failure::input(format!(
                    "\"{typed}\" is not a number of an entry. Entries are written like 12, exception:12 or effect:34."
                ))
            })
        };
        if let Some(text) = typed.strip_prefix("exception:") {
            out.exceptions.push(ExceptionId(number(text)?));
        } else if let Some(text) = typed.strip_prefix("effect:") {
            out.effects.push(EffectId(number(text)?));
        } else if typed.bytes().all(|byte| byte.is_ascii_digit()) {
            match bare {
                Bare::Exception => out.exceptions.push(ExceptionId(number(typed)?)),
                Bare::Effect => out.effects.push(EffectId(number(typed)?)),
            }
        } else {
            out.orders.push(order(desk, typed)?);
        }
    }
    Ok(out)
}

fn act(desk: &Desk, verb: Verb, targets: Vec<Targets>, reason: &str, fields: &BTreeMap<String, String>) -> Outcome {
    let mut outcomes: Vec<ActOutcome> = Vec::new();
    for targets in targets {
        let act = Act { reason: reason.to_owned(), fields: fields.clone(), ..Act::on(verb, targets) };
        outcomes.push(desk.act(act)?);
    }
    let mut told = told(&outcomes);
    if told.json["done"].as_i64() > Some(0) && matches!(verb, Verb::Retry | Verb::Approve) {
        told.text.push_str(GOES_OUT);
    }
    Ok(told)
}

/// What has to be known of a change that waits in the outbox.
pub(crate) const GOES_OUT: &str = "\nIt goes out with the next sync: the open window takes it up at once; without one: quayside-cli sync --until-idle.";

/// What came of one click or several.
pub(crate) fn told(outcomes: &[ActOutcome]) -> Output {
    let done: i64 = outcomes.iter().map(|outcome| outcome.done).sum();
    let refused: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.refused).collect();
    let mut shown = outcomes.iter().map(|outcome| outcome.sentence.clone()).collect::<Vec<_>>().join("\n");
    for entry in &refused {
        // Writing to a String does not fail.
        let _ = write!(shown, "\n  {}: {}", entry.label, entry.sentence);
    }
    let exit = if refused.is_empty() { 0 } else { UNFINISHED };
    let json = json!({ "done": done, "refused": refused, "sentence": outcomes.iter().map(|outcome| outcome.sentence.as_str()).collect::<Vec<_>>().join(" ") });
    Output::new(json, shown).exit(exit)
}
