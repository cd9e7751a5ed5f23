//! What rows give, put into the shape of an order, as far as its hub has a place for it.

use super::drift::read_by;
use super::{MappingRow, ReadyMapping, Target, Worked};
use crate::calendar;
use crate::facts::{ATTRIBUTE, Facts};
use crate::policy::Peer;
use crate::shape::Shape;
use chrono::NaiveDate;
use quayside_model::time::DAY_MS;

/// What a note on a line is called at the hub.
const NOTE: &str = "Note";
/// A promise further off than this is a slip of a digit.
const SHIP_BY_MAX_MS: i64 = 730 * DAY_MS;

/// Puts what the rows give into the shape.
pub(crate) fn apply(ready: &ReadyMapping, facts: &Facts<'_>, shape: &mut Shape) {
    let hub = facts.policy.hub_of(facts.story);
    let mut noted = None;
    for worked in ready.work_out(facts) {
        let row = worked.row;
        let label = row.target.label();
        let lacks = match &worked.given {
            Err(why) => Some(why.clone()),
            Ok(text) if text.is_empty() => row.required.then(|| format!("\"{label}\" is required and came out empty")),
            // The row gave something, so no order waits for it; that this hub has no place for it the editor says.
            // The day to ship by moves the desk's own clock, whatever the hub shows of it.
            Ok(_) if row.target != Target::ShipBy && hub.is_some_and(|hub| hub.leaves_out(row.target).is_some()) => {
                None
            }
            Ok(text) => {
                if let Some((length, most)) = worked.too_long(hub) {
                    shape.cut.push((row.id.clone(), cut(label, length, most, hub)));
                }
                if row.target == Target::InternalNote {
                    noted = Some(row);
                }
                put(ready, shape, facts, &worked, text).err()
            }
        };
        shape.lacking.extend(lacks.map(|why| (row.id.clone(), why)));
    }
    // Notes that fit one by one are sent as one.
    if let (Some(row), true) = (noted, shape.cut.is_empty()) {
        let length = shape.notes.join(" ").chars().count();
        let most = hub.map_or_else(|| row.target.length_max(), |hub| hub.keeps_most(row.target));
        if let Some(most) = most.filter(|most| length > *most) {
            shape.cut.push((row.id.clone(), cut(row.target.label(), length, most, hub)));
        }
    }
}

/// What is lost of a text at the hub, in a sentence.
fn cut(label: &str, length: usize, most: usize, hub: Option<&Peer>) -> String {
    let whose = hub.map_or("the hub", |hub| hub.name.as_str());
    format!(
        "\"{label}\" has {length} characters, and {whose} keeps {most}: {} are lost there. Shorten the mapping with |cut({most}), or fill a field with more room.",
        length - most
    )
}

fn put(
    ready: &ReadyMapping,
    shape: &mut Shape,
    facts: &Facts<'_>,
    worked: &Worked<'_>,
    text: &str,
) -> Result<(), String> {
    let text = text.to_owned();
    let ship = &mut shape.ship;
    match worked.row.target {
        Target::CustomField1 => shape.custom_fields[0] = Some(text),
        Target::CustomField2 => shape.custom_fields[1] = Some(text),
        Target::CustomField3 => shape.custom_fields[2] = Some(text),
        Target::InternalNote => shape.notes.push(text),
        Target::BuyersNote => shape.buyers_note = Some(text),
        Target::GiftMessage => shape.gift_message = Some(text),
        Target::Tag => {
            shape.tags.extend(text.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()));
        }
        Target::RequestedService => shape.requested_service = Some(text),
        Target::Company => shape.company = Some(text),
        Target::AddressLine2 => shape.address_line2 = Some(text),
        Target::Phone => shape.phone = Some(text),
        Target::Carrier => ship.carrier = text,
        Target::Service => ship.service = text,
        Target::Package => ship.package = text,
        Target::Confirmation => ship.confirmation = text,
        Target::Warehouse => ship.warehouse = text,
        Target::ShipBy => {
            shape.ship_by_ms = Some(ship_by_ms(&text, facts)?);
            shape.ship_by_from = Some(read_from(ready, worked.row));
        }
        Target::LineNote | Target::LineOption => {
            for (line, text) in &worked.lines {
                let option = match text.split_once(':') {
                    Some((name, value)) if worked.row.target == Target::LineOption && !name.trim().is_empty() => {
                        (name.trim().to_owned(), value.trim().to_owned())
                    }
                    _ => (NOTE.to_owned(), text.clone()),
                };
                shape.line_options.entry(line.clone()).or_default().push(option);
            }
        }
    }
    Ok(())
}

/// What a row reads, in words: `from the field "Day" of the order`.
fn read_from(ready: &ReadyMapping, row: &MappingRow) -> String {
    let label = |name: String| {
        let field = crate::facts::field(&name).map(|field| field.label);
        let text = field.unwrap_or_else(|| name.strip_prefix(ATTRIBUTE).unwrap_or(&name));
        format!("\"{text}\"")
    };
    let labels: Vec<String> = read_by(ready, row).into_iter().map(label).collect();
    match labels.as_slice() {
        [] => "as a mapping of yours says".to_owned(),
        [one] => format!("from the field {one} of the order"),
        several => format!("from the fields {} of the order", several.join(", ")),
    }
}

/// The end of a day in the store's zone, or a moment; ms UTC.
pub(super) fn ship_by_ms(text: &str, facts: &Facts<'_>) -> Result<i64, String> {
    let moment = chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let end = |day| calendar::instant(day, calendar::time_of_day(23 * 60 + 59), facts.zone).timestamp_millis();
    let at_ms = moment.or_else(|| day().map(end)).ok_or_else(|| {
        format!("\"{text}\" is no day to ship by: it is written 2026-12-24, for example with |date(\"%Y-%m-%d\")")
    })?;
    let placed_ms = facts.order().placed_at_ms;
    if (placed_ms - DAY_MS..=placed_ms + SHIP_BY_MAX_MS).contains(&at_ms) {
        Ok(at_ms)
    } else {
        Err(format!("\"{text}\" is no day to ship by: it lies before the order, or years after it"))
    }
}
