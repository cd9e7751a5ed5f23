//! Conditions by which customers are looked for who are not known by a key of their own. Pure.
//!
//! Salesforce compares a telephone number letter by letter: it is asked for in the ways people write it most. What may not
//! stand in a condition there (an encrypted field, a long text) is not asked for: the whole question would be refused, and
//! with it everybody in it. Whether a row that comes back is meant, `whom.rs` says.

use super::describe::Object;
use super::soql::Value as Quoted;
use crate::whom::digits;
use quayside_model::{ORDER_FACT, RecordDraft};
use std::collections::BTreeSet;

/// Shorter numbers are nobody's.
const PHONE_MIN: usize = 7;

/// Of contacts; empty: nothing is known that could be asked for.
pub fn of_contacts(open: &[&RecordDraft], order_field: &str, contacts: &Object) -> Vec<String> {
    let mut signs = by_phone(open, &["Phone", "MobilePhone"], contacts);
    let numbers = each_once(open.iter().filter_map(|draft| draft.fact(ORDER_FACT)));
    if !numbers.is_empty() && !order_field.is_empty() && may_be_asked(contacts, order_field) {
        signs.push(format!("{order_field} IN {}", Quoted::List(numbers)));
    }
    signs.extend(by_door(open, "MailingPostalCode", contacts));
    signs
}

/// Of people who are accounts.
pub fn of_people(open: &[&RecordDraft], accounts: &Object) -> Vec<String> {
    let mut signs = by_phone(open, &["Phone"], accounts);
    signs.extend(by_door(open, "PersonMailingPostalCode", accounts));
    signs
}

/// It is there, and conditions may name it.
fn may_be_asked(object: &Object, field: &str) -> bool {
    object.field(field).is_some_and(|field| field.filterable)
}

fn by_phone(open: &[&RecordDraft], fields: &[&str], object: &Object) -> Vec<String> {
    let ways = each_once(open.iter().filter_map(|draft| draft.fact("phone")).flat_map(|phone| ways_of(&phone)));
    if ways.is_empty() {
        return Vec::new();
    }
    let seen = fields.iter().filter(|field| may_be_asked(object, field));
    seen.map(|field| format!("{field} IN {}", Quoted::List(ways.clone()))).collect()
}

/// As it was typed, its digits alone, and with a plus.
fn ways_of(phone: &str) -> Vec<String> {
    let digits = digits(phone);
    if digits.len() < PHONE_MIN {
        return Vec::new();
    }
    let plus = format!("+{digits}");
    vec![phone.trim().to_owned(), digits, plus]
}

/// Last names and postcodes; both have to be there.
fn by_door(open: &[&RecordDraft], field: &str, object: &Object) -> Option<String> {
    let last = |draft: &&RecordDraft| {
        let name = draft.fact("name").or_else(|| draft.fact("company"))?;
        name.split_whitespace().last().map(str::to_owned)
    };
    let known: Vec<(String, String)> =
        open.iter().filter_map(|draft| Some((last(draft)?, draft.fact("postcode")?.trim().to_owned()))).collect();
    if known.is_empty() || !may_be_asked(object, field) || !may_be_asked(object, "LastName") {
        return None;
    }
    let (names, postcodes): (Vec<String>, Vec<String>) = known.into_iter().unzip();
    let list = |all: Vec<String>| Quoted::List(each_once(all.into_iter()));
    Some(format!("(LastName IN {} AND {field} IN {})", list(names), list(postcodes)))
}

/// In the order in which the drafts stand, and not by their letters: a recording of the question, in which everybody has a
/// stand-in, is asked again in the same order.
fn each_once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut met = BTreeSet::new();
    all.filter(|one| met.insert(one.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_asked_for_as_people_write_it() {
        for (phone, ways) in [
            ("+49 40 5550100", &["+49 40 5550100", "49405550100", "+49405550100"][..]),
            ("0049405550100", &["0049405550100", "49405550100", "+49405550100"]),
            ("040 1", &[]),
            ("", &[]),
        ] {
            assert_eq!(ways_of(phone), ways, "{phone}");
        }
    }
}
