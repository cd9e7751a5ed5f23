//! What a person enters at an account that takes no counts, products or customers from outside, though accounts of its kind do.
//!
//! One entry per thing, however often it changes: a newer figure takes the place of the older one, what somebody marked as
//! done stays away until there is another one, and an account that learns to take it ends the entry. Counts and products
//! belong to no order, so their entries stand at the account; a customer's stands at one of their orders and goes with its
//! personal data. The sentences name nobody: what to type is made when it is asked for.

use crate::Difference;
use crate::by_hand::edition_of;
use crate::change_by_hand::{Doing, HandChange, row};
use crate::look::Look;
use crate::policy::{Peer, Policy};
use crate::products::{Wanted, fact_words};
use crate::records::customers::{Who, facts_of, who};
use crate::stock;
use quayside_model::{CUSTOMER_ENTRY, Cause, ConnectionId, Finding, RESTOCK_ENTRY, ShelfFacts};

/// It is entered beside the order: nothing of that waits for it.
pub(crate) fn is_beside(finding: &Finding) -> bool {
    finding.cause == Cause::ChangeByHand
        && (finding.about.starts_with(CUSTOMER_ENTRY) || finding.about.starts_with(RESTOCK_ENTRY))
}

/// Units that came back and go on a shelf whose account takes no counts: nothing but a person puts them there, whatever it
/// takes by now.
pub(crate) fn shelves(look: &mut Look<'_>) {
    let (story, policy) = (look.story, look.policy);
    for one in &story.choices.to_shelve {
        let Some(account) = policy.peers.get(&one.account) else { continue };
        let sentence = format!(
            "{} × {} of {} came back and go on the shelf, and {} took no counts from outside. Add them to its count there.",
            one.units, one.sku, story.order.number, account.name
        );
        look.find(Cause::ChangeByHand, one.name(), sentence).since_ms = Some(one.at_ms);
    }
}

/// Somebody who is to be a customer at a hub that takes none from outside.
pub(crate) fn customer(look: &mut Look<'_>, hub: &Peer, who: &Who<'_>) {
    let typed: Vec<String> = customer_rows(who).iter().map(|row| format!("{}: {}", row.field, row.after)).collect();
    let key = who.key();
    // The same words whichever order says them: so one entry is known from the next.
    let sentence = format!(
        "{} takes no customers from outside. Keep whoever gets the goods there, with our reference {key}. Edition {}: it changes when what is known of them does.",
        hub.name,
        edition_of(&typed.join("\n"))
    );
    look.find(Cause::ChangeByHand, format!("{CUSTOMER_ENTRY}{}:{key}", hub.id), sentence);
}

fn label(name: &str) -> &'static str {
    match name {
        "name" => "Name",
        "company" => "Company",
        "email" => "E-mail",
        "phone" => "Telephone",
        "street" => "Street",
        "city" => "Town",
        "region" => "Region",
        "postcode" => "Postcode",
        _ => "Country",
    }
}

fn customer_rows(who: &Who<'_>) -> Vec<Difference> {
    let facts = facts_of(who);
    let told = facts.iter().filter_map(|(name, value)| {
        let text = value.as_str()?.trim().replace('\n', ", ");
        (!text.is_empty()).then(|| row(label(name), "", &text))
    });
    told.collect()
}

/// What to enter for an entry of an order that is about units or a customer.
pub(crate) fn of_order(look: &Look<'_>, about: &str) -> Option<HandChange> {
    let story = look.story;
    let said = |doing: Doing, key: &str, rows: Vec<Difference>| HandChange {
        doing,
        key: key.to_owned(),
        number: story.order.number.clone(),
        there: String::new(),
        rows,
    };
    if let Some(one) = story.choices.to_shelve.iter().find(|one| one.name() == about) {
        return Some(said(Doing::Restock, &one.sku, vec![row("Units to add", "", &one.units.to_string())]));
    }
    let (_, key) = about.strip_prefix(CUSTOMER_ENTRY)?.rsplit_once(':')?;
    let who = who(look).filter(|who| who.key() == key)?;
    Some(said(Doing::Customer, key, customer_rows(&who)))
}

/// What to enter of a product at a hub; `None`: nothing of it is to be written.
#[must_use]
pub fn product_by_hand(wanted: &Wanted) -> Option<HandChange> {
    let draft = wanted.draft.as_ref()?;
    let before = fact_words(&draft.before);
    let rows = fact_words(&draft.facts).into_iter().map(|(what, after)| {
        let now = before.iter().find(|(known, _)| *known == what).map_or("", |(_, word)| word.as_str());
        row(what, now, &after)
    });
    Some(HandChange {
        doing: if draft.product_id.is_some() { Doing::Product } else { Doing::MakeProduct },
        key: wanted.sku.clone(),
        number: String::new(),
        there: draft.product_id.clone().unwrap_or_default(),
        rows: rows.collect(),
    })
}

/// Counts of a SKU that somebody sets by hand: the account, its name of the count, and what to enter.
#[must_use]
pub fn counts_by_hand(facts: &ShelfFacts, policy: &Policy, now_ms: i64) -> Vec<(ConnectionId, String, HandChange)> {
    let decision = stock::decide(facts, policy, now_ms);
    let asked = decision.findings.iter().filter(|(_, finding)| finding.cause == Cause::ChangeByHand);
    let told = asked.filter_map(|(account, finding)| {
        let name = &finding.about;
        let side = decision.says.sides.iter().find(|side| side.connection == *account && side.remote_id == *name)?;
        let count = facts.counts.iter().find(|count| count.connection == *account && count.remote_id == *name)?;
        let field = if side.place.is_empty() { "Count".to_owned() } else { format!("Count at {}", side.place) };
        let change = HandChange {
            doing: Doing::Count,
            key: count.sku.clone(),
            number: String::new(),
            there: String::new(),
            rows: vec![row(&field, &side.units.to_string(), &side.wanted?.to_string())],
        };
        Some((account.clone(), name.clone(), change))
    });
    told.collect()
}
