//! Which customer of an account an order's customer is: one rule for every platform. Pure.
//!
//! The strongest key with a hit decides ([`MatchKey::ALL`] is the order). One hit on a key that is one person's own links;
//! several, or a hit on a key that several people may share, are for a person to tell apart, and so is whatever else that
//! person's word does not settle. The number of an order is one person's own only where the name does not speak against
//! it: two stores count alike, and a present carries the number of whoever paid for it. One that carries our id of
//! somebody else is somebody else. Two e-mails are two customers, whatever else they share.

use quayside_model::{Cause, CustomerDoubt, CustomerLike, MatchKey, Meant, ORDER_FACT, RecordDraft, Refusal};

/// Digits from which on a telephone number is one household's.
const PHONE_MIN: usize = 7;
/// So many are shown at most: who has more namesakes looks there.
const CANDIDATES_MAX: usize = 10;

/// A customer as an account shows it, as far as it can be told apart by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The account's id of it.
    pub id: String,
    /// Ids of ours that it carries.
    pub ours: Vec<String>,
    /// What it is called.
    pub name: String,
    /// Its e-mail.
    pub email: String,
    /// Its telephone numbers.
    pub phones: Vec<String>,
    /// Its postcodes.
    pub postcodes: Vec<String>,
    /// Order numbers that stand on it.
    pub orders: Vec<String>,
}

/// Whom a draft means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Nobody that was shown.
    Nobody,
    /// The one that carries our id.
    Ours(String),
    /// The only one, by a key of its own.
    One(String, MatchKey),
    /// The one a person chose.
    Chosen(String),
    /// A person chose one, and our id stands on another one.
    Elsewhere(String),
    /// The one a person chose carries our id of somebody else by now.
    Taken(String),
    /// Any of these, and by what.
    Several(Vec<(String, MatchKey)>),
    /// The one a person chose is not there; any of these may be meant instead.
    Gone(Vec<(String, MatchKey)>),
}

/// Whom of those shown a draft means, by these keys.
pub(crate) fn whom(draft: &RecordDraft, shown: &[Shown], keys: &[MatchKey]) -> Whom {
    let is_id = |id: &String| id.eq_ignore_ascii_case(&draft.external_id);
    let mut ours = shown.iter().filter(|one| one.ours.iter().any(is_id));
    let ours = match draft.meant() {
        // Our id may stand on two: the one that was chosen is meant.
        Some(Meant::This(id)) => ours.clone().find(|one| one.id == id).or_else(|| ours.next()),
        _ => ours.next(),
    };
    match (draft.meant(), ours) {
        (Some(Meant::This(id)), Some(one)) if one.id == id => return Whom::Ours(id),
        (Some(Meant::This(_)), Some(one)) => return Whom::Elsewhere(one.id.clone()),
        (_, Some(one)) => return Whom::Ours(one.id.clone()),
        (Some(Meant::New), None) => return Whom::Nobody,
        (Some(Meant::This(id)), None) => match shown.iter().find(|one| one.id == id) {
            Some(one) if one.ours.is_empty() => return Whom::Chosen(id),
            Some(_) => return Whom::Taken(id),
            None => {}
        },
        (None, None) => {}
    }
    let hits = hits(draft, shown, keys);
    let strongest = hits.first().map(|(_, by)| *by);
    let alone = hits.iter().filter(|(_, by)| Some(*by) == strongest).count() == 1;
    let name = named(draft);
    let is_named_so = |id: &String| {
        let theirs = shown.iter().find(|one| one.id == *id).map(|one| folded(&one.name)).unwrap_or_default();
        name.is_empty() || theirs.is_empty() || theirs == name
    };
    let counts = match hits.first() {
        Some((id, MatchKey::OrderNumber)) => is_named_so(id),
        Some((_, by)) => !by.is_weak(),
        None => false,
    };
    match (draft.meant(), strongest) {
        (Some(_), _) => Whom::Gone(hits),
        (None, None) => Whom::Nobody,
        (None, Some(_)) if alone && counts => match hits.into_iter().next() {
            Some((id, by)) => Whom::One(id, by),
            None => Whom::Nobody,
        },
        (None, Some(_)) => Whom::Several(hits),
    }
}

/// Everybody who may be meant, each once by the strongest key, the strongest first.
fn hits(draft: &RecordDraft, shown: &[Shown], keys: &[MatchKey]) -> Vec<(String, MatchKey)> {
    let fact = |name: &str| draft.fact(name).unwrap_or_default();
    let (email, phone, number) = (folded(&fact("email")), digits(&fact("phone")), folded(&fact(ORDER_FACT)));
    let (name, postcode) = (named(draft), packed(&fact("postcode")));
    let may_be = |one: &Shown| {
        let theirs = folded(&one.email);
        one.ours.is_empty() && (email.is_empty() || theirs.is_empty() || theirs == email)
    };
    let has = |one: &Shown, key: MatchKey| match key {
        // Known by it before anything else was looked at.
        MatchKey::Reference => false,
        MatchKey::Email => !email.is_empty() && folded(&one.email) == email,
        MatchKey::Phone => phone.len() >= PHONE_MIN && one.phones.iter().any(|theirs| digits(theirs) == phone),
        MatchKey::OrderNumber => !number.is_empty() && one.orders.iter().any(|theirs| folded(theirs) == number),
        MatchKey::NamePostcode => {
            let there = one.postcodes.iter().any(|theirs| packed(theirs) == postcode);
            !name.is_empty() && !postcode.is_empty() && folded(&one.name) == name && there
        }
    };
    let mut found: Vec<(String, MatchKey)> = Vec::new();
    for key in MatchKey::ALL.into_iter().filter(|key| keys.contains(key)) {
        for one in shown.iter().filter(|one| may_be(one) && has(one, key)) {
            // A row that comes twice is one customer.
            if found.iter().all(|(known, _)| *known != one.id) {
                found.push((one.id.clone(), key));
            }
        }
    }
    found
}

/// What the customer is called; a company where no person is named.
fn named(draft: &RecordDraft) -> String {
    folded(&draft.fact("name").or_else(|| draft.fact("company")).unwrap_or_default())
}

/// The digits of a telephone number; 00 before the country is as good as +.
pub(crate) fn digits(text: &str) -> String {
    let all: String = text.chars().filter(char::is_ascii_digit).collect();
    all.strip_prefix("00").map_or_else(|| all.clone(), str::to_owned)
}

/// For comparison: one space between words, small letters.
pub(crate) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A postcode without the spaces and dashes some write.
fn packed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Nothing was written, because a person has to say who is meant at `place`.
pub(crate) fn doubt(
    draft: &RecordDraft,
    place: &str,
    gone: bool,
    hits: &[(String, MatchKey)],
    of: impl Fn(&str, MatchKey) -> Option<CustomerLike>,
) -> CustomerDoubt {
    let candidates: Vec<CustomerLike> = hits.iter().take(CANDIDATES_MAX).filter_map(|(id, by)| of(id, *by)).collect();
    let refusal =
        Refusal::new(Cause::WhichCustomer, sentence(draft, place, gone, hits)).about(draft.external_id.clone());
    CustomerDoubt { refusal, customer: draft.external_id.clone(), candidates }
}

/// Who, where, and what to do.
fn sentence(draft: &RecordDraft, place: &str, gone: bool, hits: &[(String, MatchKey)]) -> String {
    let who = draft.fact("name").or_else(|| draft.fact("company")).unwrap_or_else(|| "The buyer".to_owned());
    let by = hits.first().map_or("", |(_, by)| by.words());
    let many = hits.iter().filter(|(_, other)| Some(*other) == hits.first().map(|(_, by)| *by)).count();
    let why = match (gone, many) {
        (true, 0) => format!("Whom you chose for {who} in {place} is not there any more."),
        (true, _) => format!("Whom you chose for {who} in {place} is not there any more; others have the same {by}."),
        (false, 1) => {
            let by_number = matches!(hits.first(), Some((_, MatchKey::OrderNumber)));
            let but = if by_number { "and the name is another one" } else { "which people share" };
            format!("{who} may be a customer who is in {place} already: the {by} is the same, {but}.")
        }
        (false, many) => format!("{who} could be any of {many} customers in {place}: they have the same {by}."),
    };
    format!("{why} Nothing was written. Open \"Who is it?\", compare both sides, and link one or make a new one.")
}

#[cfg(test)]
#[path = "whom_tests.rs"]
mod tests;
