//! `orders` and `order`.

use crate::args::OrdersArgs;
use crate::commands::order;
use crate::output::{Outcome, Output};
use crate::table::{number, plain, table, text, unpainted};
use crate::times;
use crate::world::World;
use quayside_api::view::{EffectTries, OrderDetail, QueueAsk, QueueRow, TryView};
use quayside_model::EffectId;
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Lists orders.
pub fn list(profile: Option<&Path>, args: &OrdersArgs, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let ask = QueueAsk {
        view: args.view.clone(),
        text: args.search.clone(),
        sort: args.sort.clone(),
        descending: args.descending,
        after: args.after.clone(),
        skip: 0,
        limit: args.limit,
    };
    let page = desk.queue(ask)?;
    let rows: Vec<Vec<String>> = page.rows.iter().map(cells).collect();
    let columns = [
        text("Order", 14),
        text("Store", 18),
        text("Placed", 16),
        text("Customer", 22),
        text("To", 4),
        number("Units"),
        number("Value"),
        text("Stage", 15),
        text("Ship by", 16),
        text("Waits on", 80),
    ];
    let mut shown = table(&columns, &rows);
    for hint in &page.hints {
        world.say(hint);
    }
    if rows.is_empty() {
        shown.push_str("No order matches.\n");
    } else if (page.total as usize) > rows.len() {
        let _ = writeln!(
            shown,
            "{} of {} orders.{}",
            rows.len(),
            page.total,
            page.next.as_ref().map_or_else(String::new, |next| format!(" More: --after {next}"))
        );
    }
    Ok(Output::new(json!({ "orders": page.rows, "total": page.total, "next": page.next, "hints": page.hints }), shown))
}

fn cells(row: &QueueRow) -> Vec<String> {
    vec![
        row.number.clone(),
        row.store.clone(),
        times::short(Some(row.placed_at_ms)),
        row.customer.clone(),
        row.country.clone(),
        row.units.to_string(),
        money(row.total_minor, row.currency_exponent, &row.currency),
        row.stage.code().to_owned(),
        times::short(row.ship_by_ms),
        waits(row),
    ]
}

/// The sentence with its clock time filled in.
fn waits(row: &QueueRow) -> String {
    row.waits_on.sentence.replace("{since}", &times::short(Some(row.waits_on.since_ms)))
}

fn money(minor: i64, exponent: u32, currency: &str) -> String {
    let scale = 10_i64.pow(exponent.min(9));
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, part) = (minor.unsigned_abs() / scale.unsigned_abs(), minor.unsigned_abs() % scale.unsigned_abs());
    if exponent == 0 {
        format!("{sign}{whole} {currency}")
    } else {
        format!("{sign}{whole}.{part:0width$} {currency}", width = exponent as usize)
    }
}

/// Shows one order; with `answers`, what the platforms answered at each try that is shown.
pub fn one(profile: Option<&Path>, typed: &str, answers: bool, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let detail = desk.order(order(&desk, typed)?)?;
    let mut shown = words(&detail);
    if !answers {
        return Ok(Output::new(json!({ "order": detail }), shown));
    }
    let kept: Vec<KeptAnswer> = detail
        .tries
        .iter()
        .flat_map(|of| of.tries.iter().filter(|one| one.has_answer).map(|one| (of.effect, one.n)))
        // One that went a moment ago is one that is not kept.
        .filter_map(|(effect, n)| Some(KeptAnswer { effect, n, answer: desk.try_answer(effect, n).ok()? }))
        .collect();
    section(&mut shown, "Answers", kept.iter().flat_map(answer_lines));
    if kept.is_empty() {
        shown.push_str("\nNo answers of platforms are kept for the changes of this order.\n");
    }
    Ok(Output::new(json!({ "order": detail, "answers": kept }), shown))
}

/// Writes an order's evidence for a dispute.
pub fn evidence(profile: Option<&Path>, typed: &str, file: &Path, addresses: bool, world: &World) -> Outcome {
    let desk = world.looking(profile)?;
    let saved = desk.save_evidence(order(&desk, typed)?, addresses, file)?;
    let buyer = if addresses { "The buyer's name and address are in it." } else { "It does not name the buyer." };
    let text = format!(
        "Wrote {} lines and {} changes to {}. {buyer}\nHead of the trail: {}",
        saved.moments, saved.changes, saved.path, saved.trail_head
    );
    Ok(Output::new(json!({ "evidence": saved }), text))
}

/// What was answered at one try.
#[derive(Serialize)]
struct KeptAnswer {
    effect: EffectId,
    n: u32,
    /// JSON, as text: what is in it is the platform's.
    answer: String,
}

fn answer_lines(kept: &KeptAnswer) -> Vec<String> {
    let head = format!("[{}] {}.", kept.effect, kept.n);
    let text = unpainted(&kept.answer);
    std::iter::once(head).chain(text.lines().map(|line| format!("  {line}"))).collect()
}

fn words(detail: &OrderDetail) -> String {
    let row = &detail.row;
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        out,
        "{} · {} ({}) · {} · {}",
        row.number,
        row.store,
        detail.platform,
        money(row.total_minor, row.currency_exponent, &row.currency),
        detail.payment
    );
    let _ = writeln!(out, "{}: {}", row.stage.code(), plain(&waits(row)));
    if let Some(ship_by_ms) = row.ship_by_ms {
        let _ = writeln!(out, "Must leave by {}", times::short(Some(ship_by_ms)));
    }
    if !detail.ship_to.is_empty() {
        let _ = writeln!(out, "To: {}", plain(&detail.ship_to.join(", ")));
    }
    let lines: Vec<Vec<String>> = detail
        .lines
        .iter()
        .map(|line| {
            let at_hub = line.at_hub.map_or_else(|| "-".to_owned(), |units| units.to_string());
            vec![
                line.sku.clone(),
                line.name.clone(),
                line.ordered.to_string(),
                at_hub,
                line.shipped.to_string(),
                line.told.to_string(),
            ]
        })
        .collect();
    let _ = write!(
        out,
        "\n{}",
        table(
            &[
                text("SKU", 24),
                text("Line", 40),
                number("Ordered"),
                number("At hub"),
                number("Shipped"),
                number("Told")
            ],
            &lines
        )
    );
    section(&mut out, "Differences", detail.differences.iter().map(|line| plain(line)));
    section(
        &mut out,
        "Needs you",
        detail.exceptions.iter().map(|entry| format!("[{}] {}: {}", entry.id, entry.title, plain(&entry.sentence))),
    );
    section(&mut out, "Would be sent", detail.plan.iter().map(|item| plain(&item.effect.sentence)));
    section(
        &mut out,
        "Parcels",
        detail.parcels.iter().map(|parcel| {
            format!(
                "{} {} · {} · {}",
                parcel.carrier,
                parcel.tracking_number,
                parcel.state,
                times::short(parcel.shipped_at_ms)
            )
        }),
    );
    section(
        &mut out,
        "Outbox",
        detail.effects.iter().map(|effect| {
            format!(
                "[{}] {} · {}{}",
                effect.id,
                plain(&effect.sentence),
                effect.state.code(),
                effect.problem.as_ref().map_or_else(String::new, |problem| format!(" · {}", plain(problem)))
            )
        }),
    );
    section(&mut out, "Tries", detail.tries.iter().flat_map(tries));
    section(
        &mut out,
        "What happened",
        detail
            .timeline
            .iter()
            .map(|entry| format!("{}  {}: {}", times::short(Some(entry.at_ms)), entry.author, plain(&entry.sentence))),
    );
    section(
        &mut out,
        "Other stores",
        detail.twins.iter().map(|twin| {
            let id = if twin.remote_id.is_empty() { String::new() } else { format!(" ({})", plain(&twin.remote_id)) };
            format!("{} at {}{id} · {}", plain(&twin.number), plain(&twin.account), plain(&twin.sentence))
        }),
    );
    section(
        &mut out,
        "Ids",
        detail.raw.iter().map(|record| {
            format!("{}, {}: {}", plain(&record.account), record.kind.replace('_', " "), plain(&record.remote_id))
        }),
    );
    section(&mut out, "Links", detail.links.iter().map(|link| format!("{}: {}", link.label, link.url)));
    out
}

/// The tries of one change, oldest first: when, what came of it, what the platform said.
fn tries(of: &EffectTries) -> Vec<String> {
    let earlier = (of.left_out > 0).then(|| format!("[{}] {} earlier tries are not shown", of.effect, of.left_out));
    earlier.into_iter().chain(of.tries.iter().map(|one| try_words(of, one))).collect()
}

fn try_words(of: &EffectTries, one: &TryView) -> String {
    let mut words = format!("[{}] {}. {}  {}", of.effect, one.n, times::short(Some(one.at_ms)), one.words);
    // Writing to a String does not fail.
    if let Some(sentence) = &one.sentence {
        let _ = write!(words, ". {}", plain(sentence));
    }
    for (label, value) in [
        ("it said", one.said.as_deref().map(|said| format!("\"{}\"", plain(said)))),
        ("HTTP", one.status.map(|status| status.to_string())),
        ("request", one.request_id.as_deref().map(plain)),
    ] {
        if let Some(value) = value {
            let _ = write!(words, " · {label} {value}");
        }
    }
    words
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{title}");
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeptAnswer, answer_lines, money, tries};
    use quayside_api::view::{EffectTries, TryView};
    use quayside_model::EffectId;

    #[test]
    fn money_shows_its_own_decimals() {
        for (minor, exponent, shown) in
            [(1850, 2, "18.50 X"), (-5, 2, "-0.05 X"), (1200, 0, "1200 X"), (1234, 3, "1.234 X")]
        {
            assert_eq!(money(minor, exponent, "X"), shown);
        }
    }

    #[test]
    fn a_try_is_one_line_with_what_the_platform_said() {
        let one = TryView {
            n: 3,
            at_ms: 0,
            took_ms: 12,
            looked: false,
            verdict: "refused".into(),
            words: "Refused".into(),
            sentence: Some("No such postcode.".into()),
            said: Some("nope\u{1b}[31m".into()),
            status: Some(422),
            request_id: Some("r-1".into()),
            has_answer: true,
        };
        let silent = TryView { n: 4, sentence: None, said: None, status: None, request_id: None, ..one.clone() };
        let shown = tries(&EffectTries { effect: EffectId(7), tries: vec![one, silent], left_out: 2 });
        assert_eq!(shown[0], "[7] 2 earlier tries are not shown");
        assert!(shown[1].starts_with("[7] 3. ") && !shown[1].contains('\u{1b}'), "{}", shown[1]);
        assert!(shown[1].contains("Refused. No such postcode. · it said \"nope"), "{}", shown[1]);
        assert!(shown[1].ends_with(" · HTTP 422 · request r-1"), "{}", shown[1]);
        assert!(shown[2].ends_with("Refused"), "{}", shown[2]);
    }

    #[test]
    fn an_answer_is_shown_line_by_line_and_paints_nothing() {
        let answer = "{\n  \"body\": \"nope\u{1b}[31m\"\n}".to_owned();
        let shown = answer_lines(&KeptAnswer { effect: EffectId(7), n: 3, answer });
        assert_eq!((shown.len(), shown[0].as_str(), shown[1].as_str()), (4, "[7] 3.", "  {"));
        assert!(shown[2].starts_with("    \"body\": \"nope") && !shown[2].contains('\u{1b}'), "{}", shown[2]);
    }
}
