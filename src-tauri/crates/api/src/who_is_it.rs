//! "Who is it?": customers whom an account could not tell apart, side by side, and what people say of them.
//!
//! What is said becomes part of what is decided, and every change of that customer is decided anew in the same
//! transaction: it is tried again by itself, by that. Nothing is said while one of them is on its way, because what it
//! makes may be whom is meant.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::verbs::{person, redecide};
use crate::view::Trouble;
use crate::words;
use quayside_connectors::platform;
use quayside_engine::policy;
use quayside_model::{
    ConnectionId, CustomerLike, EffectState, Intent, MatchKey, Meant, OrderId, RecordDraft, RecordNoun,
};
use quayside_store::{CustomerChoice, CustomerReview, EffectRow, Reader, StoreError, Tx};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};

/// Everything there is to say, and what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerReviews {
    /// Buyers who wait for a word, the oldest first.
    pub open: Vec<CustomerToTell>,
    /// What people said, the newest first.
    pub said: Vec<CustomerSaid>,
}

/// A buyer whom an account could not tell from its customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerToTell {
    /// The account.
    pub connection: ConnectionId,
    /// Its name.
    pub account: String,
    /// Our id of the buyer.
    pub customer: String,
    /// What the buyer is called.
    pub name: String,
    /// What happened, and what to do.
    pub sentence: String,
    /// Orders whose change waits for it: row and number.
    pub orders: Vec<(OrderId, String)>,
    /// Who could be meant.
    pub candidates: Vec<CustomerCandidate>,
    /// Both sides, fact by fact.
    pub rows: Vec<FactBeside>,
    /// By what the account can be asked for a customer.
    pub asked_by: Vec<String>,
    /// Since when, ms UTC.
    pub since_ms: i64,
}

/// Who could be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerCandidate {
    /// The account's id.
    pub remote_id: String,
    /// What it is called there.
    pub name: String,
    /// By what it was found: "e-mail".
    pub by: String,
    /// What it was found by is shared by people.
    pub weak: bool,
    /// Its page there.
    pub url: Option<String>,
}

/// One fact on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FactBeside {
    /// What it is ("E-mail").
    pub label: String,
    /// As the order has it; empty where it has none.
    pub ours: String,
    /// As each candidate has it, in their order.
    pub theirs: Vec<TheirFact>,
}

/// A fact as a candidate has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct TheirFact {
    /// The text; empty where none stands there.
    pub text: String,
    /// It says the same; `None` where one of both says nothing.
    pub same: Option<bool>,
}

/// What a person said of a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerSaid {
    /// The account.
    pub connection: ConnectionId,
    /// Its name.
    pub account: String,
    /// Our id of the buyer.
    pub customer: String,
    /// What the buyer is called; empty once that data is gone.
    pub name: String,
    /// The account's id of whom is meant; `None`: a new one is made.
    pub remote_id: Option<String>,
    /// What that one is called there; empty once the buyer's data is gone.
    pub theirs: String,
    /// For all later orders, too; else until it is written.
    pub always: bool,
    /// The order it was said about.
    pub order: OrderId,
    /// When, ms UTC.
    pub at_ms: i64,
}

/// What is said of a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerPick {
    /// The account.
    pub connection: ConnectionId,
    /// Our id of the buyer.
    pub customer: String,
    /// Whom of the account's customers it is; `None`: none of them, a new one is made.
    pub remote_id: Option<String>,
    /// For all later orders, too.
    pub always: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CustomerPicked {
    /// In a sentence.
    pub sentence: String,
    /// Changes that are tried by it.
    pub tried: i64,
}

impl Desk {
    /// Customers to be told apart, and what people said so far.
    pub fn customer_reviews(&self) -> Answer<CustomerReviews> {
        let room = self.room()?;
        let names = room.names()?;
        Ok(room.store.read(|r| {
            let mut open: BTreeMap<(ConnectionId, String), Vec<CustomerReview>> = BTreeMap::new();
            for one in r.customer_reviews()? {
                open.entry((one.connection.clone(), one.customer.clone())).or_default().push(one);
            }
            let mut told = Vec::new();
            for reviews in open.into_values() {
                told.extend(to_tell(r, &reviews, &names)?);
            }
            told.sort_by(|a, b| (a.since_ms, &a.customer).cmp(&(b.since_ms, &b.customer)));
            let said = r.customer_choices()?.into_iter().map(|choice| said(choice, &names)).collect();
            Ok(CustomerReviews { open: told, said })
        })?)
    }

    /// Says who a buyer is at an account: one of its customers, this once or always, or none of them. What waited for it is
    /// tried again. A link that was written cannot be undone from here: our id stands on that customer then.
    pub fn choose_customer(&self, pick: CustomerPick) -> Answer<CustomerPicked> {
        let room = self.writable()?;
        if pick.always && pick.remote_id.is_none() {
            return Err(Trouble::input(
                "\"Always\" is said of a customer who is there. A new one is found by our id from then on anyway.",
            ));
        }
        let (now_ms, names) = (room.now_ms(), room.names()?);
        let account = names.get(&pick.connection).cloned().unwrap_or_else(|| pick.connection.to_string());
        let (sentence, tried) = room.store.write(|tx| {
            let choice = chosen(tx, &pick, &account, now_ms)?;
            let waiting: BTreeSet<OrderId> =
                reviews_of(tx, &pick.connection, &pick.customer)?.into_iter().map(|one| one.order_id).collect();
            tx.put_customer_choice(&choice)?;
            let words = match (&choice.meant, choice.always) {
                (Meant::New, _) => format!("Becomes a new customer in {account}"),
                (Meant::This(id), false) => format!("Is customer {id} in {account}"),
                (Meant::This(id), true) => format!("Is always customer {id} in {account}"),
            };
            for order in &waiting {
                person(tx, Some(*order), Some(&pick.connection), now_ms, words.clone())?;
            }
            let tried = decide_again(tx, &pick.connection, &pick.customer, &waiting, now_ms)?;
            Ok((outcome(&choice, &account, tried), tried))
        })?;
        room.reload()?;
        room.nudge();
        tracing::info!(tried, always = pick.always, new = pick.remote_id.is_none(), "a customer was told apart");
        Ok(CustomerPicked { sentence, tried })
    }

    /// Takes back what was said of a buyer: later orders are matched anew, and what was not written yet is.
    pub fn unlink_customer(&self, connection: ConnectionId, customer: &str) -> Answer<CustomerPicked> {
        let room = self.writable()?;
        let now_ms = room.now_ms();
        let tried = room.store.write(|tx| {
            if !tx.remove_customer_choice(&connection, customer)? {
                return Err(StoreError::abandoned("Nothing is remembered of this buyer any more."));
            }
            person(tx, None, Some(&connection), now_ms, "A link of a buyer to a customer was taken back".to_owned())?;
            decide_again(tx, &connection, customer, &BTreeSet::new(), now_ms)
        })?;
        room.reload()?;
        room.nudge();
        let sentence = "Taken back: later orders of this buyer are matched anew. Where our id was written onto a customer already, it stays until somebody takes it off there.";
        Ok(CustomerPicked { sentence: sentence.to_owned(), tried })
    }
}

/// What is kept of what was said, if it can be said now.
fn chosen(tx: &Tx<'_>, pick: &CustomerPick, account: &str, now_ms: i64) -> Result<CustomerChoice, StoreError> {
    let open = reviews_of(tx, &pick.connection, &pick.customer)?;
    let Some(newest) = open.last() else {
        return Err(StoreError::abandoned(
            "Nobody waits for this any more: it was answered already, or the order went on. Look at the list again.",
        ));
    };
    let under_way = |effect: &EffectRow| matches!(effect.state, EffectState::Running | EffectState::Unknown);
    if tx.open_changes_of_customer(&pick.connection, &pick.customer)?.iter().any(under_way) {
        return Err(StoreError::abandoned(format!(
            "A change of this buyer is on its way to {account} right now, and may make whom you mean. Wait until its answer is there, then look again."
        )));
    }
    let like = |id: &String| open.iter().flat_map(|one| &one.candidates).find(|one| one.remote_id == *id);
    let (meant, theirs) = match &pick.remote_id {
        None => (Meant::New, String::new()),
        Some(id) => match like(id) {
            Some(one) => (Meant::This(id.clone()), fact(&one.facts, "name").to_owned()),
            None => {
                return Err(StoreError::abandoned(format!(
                    "{id} is none of those who could be meant in {account}. Look at the list again."
                )));
            }
        },
    };
    let wanted = draft_of(tx, newest)?;
    Ok(CustomerChoice {
        connection: pick.connection.clone(),
        customer: pick.customer.clone(),
        meant,
        always: pick.always,
        name: wanted.map(|wanted| called(&wanted)).unwrap_or_default(),
        theirs,
        order_id: newest.order_id,
        at_ms: now_ms,
    })
}

/// Decides every order anew whose change of this customer is not at its end. What waited for the word goes without a further
/// click: the word was it. How many changes go.
fn decide_again(
    tx: &mut Tx<'_>,
    connection: &ConnectionId,
    customer: &str,
    waiting: &BTreeSet<OrderId>,
    now_ms: i64,
) -> Result<i64, StoreError> {
    let known = policy::load(tx)?;
    let orders: BTreeSet<OrderId> =
        tx.open_changes_of_customer(connection, customer)?.into_iter().filter_map(|effect| effect.order_id).collect();
    for order in &orders {
        redecide(tx, &known, *order, now_ms)?;
    }
    let mut tried = 0;
    for effect in tx.open_changes_of_customer(connection, customer)? {
        let waited = effect.order_id.is_some_and(|order| waiting.contains(&order));
        if effect.state == EffectState::Asked && waited {
            tx.approve(effect.id, now_ms)?;
        }
        if waited && matches!(effect.state, EffectState::Asked | EffectState::Pending) {
            tried += 1;
        }
    }
    for order in waiting {
        tx.hurry(*order, now_ms)?;
    }
    tx.sweep_customer_reviews(connection, customer)?;
    Ok(tried)
}

fn outcome(choice: &CustomerChoice, account: &str, tried: i64) -> String {
    let said = match (&choice.meant, choice.always) {
        (Meant::New, _) => format!("A new customer is made in {account}."),
        (Meant::This(_), false) => format!("Linked in {account}."),
        (Meant::This(_), true) => format!("Linked in {account}, and so are all later orders of this buyer."),
    };
    match tried {
        0 => format!("{said} Nothing is sent now: the automation is off or only watches."),
        n => format!("{said} {} again.", words::count(n, "change is tried", "changes are tried")),
    }
}

fn reviews_of(r: &Reader<'_>, connection: &ConnectionId, customer: &str) -> Result<Vec<CustomerReview>, StoreError> {
    let theirs = |one: &CustomerReview| one.connection == *connection && one.customer == customer;
    Ok(r.customer_reviews()?.into_iter().filter(theirs).collect())
}

/// What was to be written.
fn draft_of(r: &Reader<'_>, review: &CustomerReview) -> Result<Option<RecordDraft>, StoreError> {
    Ok(r.effect(review.effect)?.and_then(|effect| match effect.intent {
        Intent::PutRecord { record } => Some(record),
        _ => None,
    }))
}

fn called(wanted: &RecordDraft) -> String {
    wanted.fact("name").or_else(|| wanted.fact("company")).unwrap_or_default()
}

fn fact<'a>(facts: &'a [(String, String)], name: &str) -> &'a str {
    facts.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text.as_str())
}

/// One buyer, from all the changes that wait.
fn to_tell(
    r: &Reader<'_>,
    reviews: &[CustomerReview],
    names: &BTreeMap<ConnectionId, String>,
) -> Result<Option<CustomerToTell>, StoreError> {
    let (Some(first), Some(newest)) = (reviews.first(), reviews.last()) else { return Ok(None) };
    let Some(effect) = r.effect(newest.effect)? else { return Ok(None) };
    let sentence = effect.refusal.as_ref().map(|refusal| refusal.sentence.clone()).unwrap_or_default();
    let Intent::PutRecord { record } = effect.intent else { return Ok(None) };
    let mut orders = Vec::new();
    for review in reviews {
        let number = r.queue_row(review.order_id)?.map_or_else(String::new, |row| row.number);
        orders.push((review.order_id, number));
    }
    let config = r.connection(&newest.connection)?;
    let keys = config.and_then(|config| platform(&config.platform)).map(|it| it.declaration.customer_keys);
    Ok(Some(CustomerToTell {
        connection: newest.connection.clone(),
        account: names.get(&newest.connection).cloned().unwrap_or_else(|| newest.connection.to_string()),
        customer: newest.customer.clone(),
        name: called(&record),
        sentence,
        orders,
        rows: beside(&record, &newest.candidates),
        candidates: newest.candidates.iter().map(candidate).collect(),
        asked_by: keys.unwrap_or_default().iter().map(|key: &MatchKey| key.words().to_owned()).collect(),
        since_ms: first.asked_at_ms,
    }))
}

fn candidate(one: &CustomerLike) -> CustomerCandidate {
    let name = Some(fact(&one.facts, "name")).filter(|name| !name.is_empty());
    CustomerCandidate {
        remote_id: one.remote_id.clone(),
        name: name.unwrap_or_else(|| fact(&one.facts, "company")).to_owned(),
        by: one.by.words().to_owned(),
        weak: one.by.is_weak(),
        url: one.url.clone(),
    }
}

/// Both sides, fact by fact; what nobody has is left out.
fn beside(wanted: &RecordDraft, candidates: &[CustomerLike]) -> Vec<FactBeside> {
    let row = |(name, label): &(&str, &str)| {
        let ours = wanted.fact(name).unwrap_or_default();
        let theirs: Vec<TheirFact> = candidates
            .iter()
            .map(|one| {
                let text = fact(&one.facts, name).to_owned();
                let both = !text.trim().is_empty() && !ours.trim().is_empty();
                TheirFact { same: both.then(|| same(name, &ours, &text)), text }
            })
            .collect();
        let any = !ours.trim().is_empty() || theirs.iter().any(|one| !one.text.trim().is_empty());
        any.then(|| FactBeside { label: (*label).to_owned(), ours, theirs })
    };
    RecordNoun::Customer.facts().iter().filter_map(row).collect()
}

/// Both mean the same, however it is written.
fn same(name: &str, ours: &str, theirs: &str) -> bool {
    let bare = |text: &str| -> String {
        match name {
            "phone" => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                digits.strip_prefix("00").map_or_else(|| digits.clone(), str::to_owned)
            }
            "postcode" => text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect(),
            _ => text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase(),
        }
    };
    bare(ours) == bare(theirs)
}

fn said(choice: CustomerChoice, names: &BTreeMap<ConnectionId, String>) -> CustomerSaid {
    CustomerSaid {
        account: names.get(&choice.connection).cloned().unwrap_or_else(|| choice.connection.to_string()),
        remote_id: match choice.meant {
            Meant::This(id) => Some(id),
            Meant::New => None,
        },
        connection: choice.connection,
        customer: choice.customer,
        name: choice.name,
        theirs: choice.theirs,
        always: choice.always,
        order: choice.order_id,
        at_ms: choice.at_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(facts: &[(&str, &str)]) -> Vec<(String, String)> {
        facts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn both_sides_stand_beside_each_other_and_say_what_differs() {
        let wanted = RecordDraft {
            noun: RecordNoun::Customer,
            object: String::new(),
            external_id_field: String::new(),
            external_id: "customer-1".into(),
            fields: list(&[
                ("name", "\"Ada O'Neil\""),
                ("email", "\"ada@mail.example\""),
                ("phone", "\"+49 40 5550100\""),
                ("city", "\"Hamburg\""),
                ("company", "null"),
                ("order_number", "\"#1\""),
            ]),
        };
        let like = |facts: &[(&str, &str)]| CustomerLike {
            remote_id: "1".into(),
            by: MatchKey::Phone,
            facts: list(facts),
            url: None,
        };
        let there = [
            like(&[("name", "ada  o'neil"), ("phone", "0049405550100"), ("city", "Bremen")]),
            like(&[("company", "Quay Ltd"), ("email", "ADA@mail.example")]),
        ];
        let told: Vec<String> = beside(&wanted, &there)
            .into_iter()
            .map(|row| {
                let theirs: Vec<String> =
                    row.theirs.into_iter().map(|one| format!("{}{}", one.text, sign(one.same))).collect();
                format!("{}: {} | {}", row.label, row.ours, theirs.join(" | "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "Name: Ada O'Neil | ada  o'neil = | ",
                "Company:  |  | Quay Ltd",
                "E-mail: ada@mail.example |  | ADA@mail.example =",
                "Telephone: +49 40 5550100 | 0049405550100 = | ",
                "City: Hamburg | Bremen ≠ | ",
            ]
        );
        assert_eq!(candidate(&there[1]).name, "Quay Ltd");
    }

    fn sign(same: Option<bool>) -> &'static str {
        match same {
            Some(true) => " =",
            Some(false) => " ≠",
            None => "",
        }
    }
}
