//! Mending before a retry: which fields an exception offers, and what a person's answers become. Pure.
//!
//! Answers become [`Choices`] of the order, not changes of one effect: the next
//! decision uses them, and so does every later one.

use crate::trouble::Answer;
use crate::view::{EditableField, Trouble};
use quayside_model::{Address, Cause, Choices, Story};
use std::collections::BTreeMap;

/// Address fields: stable name, label, carriers insist on it.
const ADDRESS: [(&str, &str, bool); 10] = [
    ("name", "Recipient", false),
    ("company", "Company", false),
    ("line1", "Street and number", true),
    ("line2", "Flat, floor, care of", false),
    ("line3", "Further line", false),
    ("postcode", "Postcode", false),
    ("city", "Town", true),
    ("region", "State or province", false),
    ("country", "Country (two letters)", true),
    ("phone", "Telephone", false),
];

fn part<'a>(address: &'a Address, name: &str) -> &'a str {
    match name {
        "name" => &address.name,
        "company" => &address.company,
        "line1" => &address.line1,
        "line2" => &address.line2,
        "line3" => &address.line3,
        "postcode" => &address.postcode,
        "city" => &address.city,
        "region" => &address.region,
        "country" => &address.country,
        "phone" => &address.phone,
        _ => "",
    }
}

fn part_mut<'a>(address: &'a mut Address, name: &str) -> Option<&'a mut String> {
    Some(match name {
        "name" => &mut address.name,
        "company" => &mut address.company,
        "line1" => &mut address.line1,
        "line2" => &mut address.line2,
        "line3" => &mut address.line3,
        "postcode" => &mut address.postcode,
        "city" => &mut address.city,
        "region" => &mut address.region,
        "country" => &mut address.country,
        "phone" => &mut address.phone,
        _ => return None,
    })
}

fn address_now(story: &Story) -> Address {
    story.choices.address.clone().or_else(|| story.order.ship_to.clone()).unwrap_or_default()
}

/// What can be mended for an exception of this cause. `about` narrows it (a line id); empty if nothing can.
pub fn fields(cause: Cause, about: &str, story: &Story) -> Vec<EditableField> {
    match cause {
        Cause::AddressMissing | Cause::AddressRefused => address_fields(story),
        Cause::UnknownSku => sku_fields(about, story),
        Cause::ServiceRefused => vec![service_field(story)],
        // The platform named something in its own words: everything that can be mended is offered.
        Cause::ContentRefused => {
            let mut all = address_fields(story);
            all.extend(sku_fields("", story));
            all.push(service_field(story));
            all
        }
        _ => Vec::new(),
    }
}

fn address_fields(story: &Story) -> Vec<EditableField> {
    let address = address_now(story);
    let nobody = address.name.trim().is_empty() && address.company.trim().is_empty();
    ADDRESS
        .iter()
        .map(|(name, label, needed)| {
            let value = part(&address, name);
            let problem = match *name {
                "name" if nobody => Some("A carrier needs a recipient or a company.".to_owned()),
                "country" if !value.trim().is_empty() && !is_country(value) => {
                    Some(format!("\"{value}\" is not a country code of two letters."))
                }
                _ if *needed && value.trim().is_empty() => Some("A carrier needs this.".to_owned()),
                _ => None,
            };
            EditableField {
                name: format!("ship_to.{name}"),
                label: (*label).to_owned(),
                value: value.to_owned(),
                problem,
            }
        })
        .collect()
}

fn sku_fields(about: &str, story: &Story) -> Vec<EditableField> {
    let all: Vec<_> = story.order.lines_to_ship().collect();
    // `about` may be a line id or the SKU the platform did not know; anything else means: any line.
    let sku_of =
        |line: &quayside_model::OrderLine| story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku).clone();
    let named: Vec<_> = all
        .iter()
        .copied()
        .filter(|line| line.remote_id == about || (!about.is_empty() && sku_of(line) == about))
        .collect();
    let chosen = if named.is_empty() { all } else { named };
    chosen
        .into_iter()
        .map(|line| {
            let value = sku_of(line);
            let problem = if value.trim().is_empty() {
                Some("This line has no SKU.".to_owned())
            } else if value == about || line.remote_id == about {
                Some("The platform does not know this SKU.".to_owned())
            } else {
                None
            };
            EditableField {
                name: format!("line.{}.sku", line.remote_id),
                label: format!("SKU of {}", line.name),
                value,
                problem,
            }
        })
        .collect()
}

fn service_field(story: &Story) -> EditableField {
    let value = story
        .choices
        .service
        .clone()
        .or_else(|| story.order.shipping.as_ref().map(|shipping| shipping.title.clone()))
        .unwrap_or_default();
    EditableField { name: "service".into(), label: "Shipping service".into(), value, problem: None }
}

fn is_country(text: &str) -> bool {
    text.trim().len() == 2 && text.trim().bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The choices with the person's answers in them. Refuses what would fail again at once.
pub fn apply(choices: &Choices, story: &Story, answers: &BTreeMap<String, String>) -> Answer<Choices> {
    if answers.is_empty() {
        return Err(Trouble::input("Nothing was filled in, so nothing was changed."));
    }
    let mut choices = choices.clone();
    let mut address = address_now(story);
    let mut address_touched = false;
    for (name, value) in answers {
        let value = value.trim();
        if let Some(part) = name.strip_prefix("ship_to.") {
            let slot = part_mut(&mut address, part).ok_or_else(|| unknown(name))?;
            value.clone_into(slot);
            address_touched = true;
        } else if let Some(line_id) = name.strip_prefix("line.").and_then(|rest| rest.strip_suffix(".sku")) {
            let line = story.order.lines.iter().find(|line| line.remote_id == line_id).ok_or_else(|| unknown(name))?;
            if value == line.sku {
                choices.skus.remove(line_id);
            } else {
                choices.skus.insert(line_id.to_owned(), value.to_owned());
            }
        } else if name == "service" {
            choices.service = (!value.is_empty()).then(|| value.to_owned());
        } else {
            return Err(unknown(name));
        }
    }
    if address_touched {
        address.country = address.country.trim().to_uppercase();
        if !is_country(&address.country) {
            return Err(Trouble::field(
                "ship_to.country",
                format!("\"{}\" is not a country code of two letters. Examples: DE, GB, US.", address.country),
            ));
        }
        if let Some(missing) = address.missing().first() {
            let field = match *missing {
                "recipient" => "name",
                "street" => "line1",
                "city" => "city",
                _ => "country",
            };
            return Err(Trouble::field(
                format!("ship_to.{field}"),
                format!("The address still has no {missing}. A carrier needs it."),
            ));
        }
        choices.address = (Some(&address) != story.order.ship_to.as_ref()).then_some(address);
    }
    Ok(choices)
}

fn unknown(name: &str) -> Trouble {
    Trouble::field(
        name,
        format!("There is no field \"{name}\" on this order. Look at the order again; it may have changed."),
    )
}
