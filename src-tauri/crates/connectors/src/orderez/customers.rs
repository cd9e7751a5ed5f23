//! Customers ("outlets"): known again, made where there is none, and brought up to date.
//!
//! In this order: our reference on them, the e-mail, the telephone number, name and postcode (`whom.rs`: what people share
//! links nobody until a person said so, and what that person said goes before it). One that was made here
//! says so in its reference ([`MADE`]) and follows what is known here. Any other was only met: it gets our reference and
//! what it lacks, at this write and at every later one, and what stands there stays. Of both, what the desk remembers to
//! have written (`own.rs`) follows until somebody changes it, and what somebody changed stays. A reference without the mark (a person
//! entered it, or the account keeps no mark) is one that was met: at worst a change is not carried, and nobody's word is
//! written over. Several that could be meant are a person's to tell apart: nothing is written. The list can be asked for
//! a reference and an e-mail; for the rest it is gone through as a whole, once an hour at most. Not by the number of an
//! order: an order there names its buyer in no shape that is defined.

use super::capability::mentions;
use super::client::Reply;
use super::compose;
use super::confirm::absent;
use super::hub::{Hub, NotFound};
use super::paging::{self, Scan};
use super::products::{before_write, rows_named, undecided};
use super::profile::{ConcurrencyStyle, PagingStyle, Profile};
use super::request::{Filling, SYSTEM, render};
use super::translate;
use super::verdicts::{self, Means};
use crate::own::{Own, Said, own, word};
use crate::whom::{Shown, Whom, doubt, folded, whom};
use crate::{Priority, Task};
use quayside_model::time::HOUR_MS;
use quayside_model::{
    Address, Cause, Confirmation, CustomerDoubt, CustomerLike, MatchKey, Meant, Receipt, RecordDraft, RecordNoun,
    Verdict, Written,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

/// Entity of the format: a customer.
pub(super) const CUSTOMER: &str = "customer";
/// Number of our reference on a customer that was made here. The id is the same with and without it, so that the account
/// still refuses a second customer under it.
const MADE: &str = "made";
/// A change that lost a race is tried so often before it waits for its next turn.
const RACES_MAX: u32 = 3;
/// Pages of the list that are gone through for one.
const PAGES_MAX: u32 = 20;
/// The list as it was gone through is good for so long, ms.
const LISTED_MS: i64 = HOUR_MS;

/// A customer as it stands there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TheirCustomer {
    pub id: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub company: Told,
    pub postcode: String,
    /// Our words for its parts; `None`: the profile does not say where it stands.
    pub address: Option<Value>,
    /// References of all systems, as they came.
    pub references: Vec<Value>,
    /// For If-Match, as it came.
    pub version: Option<Value>,
}

/// A text of theirs; `None`: the profile does not say where it stands, so nobody knows whether it is empty.
type Told = Option<String>;

impl TheirCustomer {
    fn ours(&self) -> impl Iterator<Item = &Value> {
        self.references.iter().filter(|one| one.get("system").and_then(Value::as_str) == Some(SYSTEM))
    }

    /// As far as it can be told from others.
    fn shown(&self) -> Shown {
        let ids = self.ours().map(|one| one.get("id").and_then(Value::as_str).unwrap_or_default());
        Shown {
            id: self.id.clone(),
            ours: ids.map(str::to_owned).collect(),
            name: self.name.clone(),
            email: self.email.clone(),
            phones: vec![self.phone.clone()],
            postcodes: vec![self.postcode.clone()],
            orders: Vec::new(),
        }
    }

    /// As a person compares it.
    fn like(&self, by: MatchKey) -> CustomerLike {
        let company = self.company.clone().unwrap_or_default();
        let street = [self.part("line1"), self.part("line2")].join("\n");
        let facts = [
            ("name", self.name.as_str()),
            ("company", company.as_str()),
            ("email", self.email.as_str()),
            ("phone", self.phone.as_str()),
            ("street", street.trim()),
            ("city", self.part("city")),
            ("region", self.part("region")),
            ("postcode", self.postcode.as_str()),
            ("country", self.part("country")),
        ];
        let told = facts.into_iter().filter(|(_, text)| !text.trim().is_empty());
        CustomerLike {
            remote_id: self.id.clone(),
            by,
            facts: told.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            url: None,
        }
    }

    /// It carries this reference of ours.
    fn carries(&self, id: &str) -> bool {
        self.ours().any(|one| one.get("id").and_then(Value::as_str) == Some(id))
    }

    /// It was made here under this reference.
    fn is_made(&self, id: &str) -> bool {
        self.ours().any(|one| {
            let word = |name: &str| one.get(name).and_then(Value::as_str);
            word("id") == Some(id) && word("number") == Some(MADE)
        })
    }

    /// A part of its address.
    fn part(&self, name: &str) -> &str {
        self.address.as_ref().and_then(|address| address.get(name)).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// Nothing of an address stands there, as far as the profile can tell.
    fn lacks_address(&self) -> bool {
        let empty = |part: &Value| part.is_null() || part.as_str().is_some_and(|text| text.trim().is_empty());
        let known = self.address.as_ref().is_some_and(|there| match there.as_object() {
            Some(parts) => parts.values().all(empty),
            None => empty(there),
        });
        known && self.postcode.is_empty()
    }
}

/// When the list was gone through, whether that was all of it, and what was there.
type Listed = (i64, bool, Arc<Vec<TheirCustomer>>);

/// The list as it was gone through last, and what was put into fields until somebody asks.
#[derive(Default)]
pub(super) struct Customers(Mutex<Option<Listed>>, pub Said);

impl Customers {
    fn known(&self, now_ms: i64) -> Option<(bool, Arc<Vec<TheirCustomer>>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at_ms, whole, all) = kept.as_ref()?;
        (0..LISTED_MS).contains(&(now_ms - at_ms)).then(|| (*whole, all.clone()))
    }

    fn keep(&self, now_ms: i64, whole: bool, all: Arc<Vec<TheirCustomer>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now_ms, whole, all));
    }

    /// One was made or changed.
    fn put(&self, one: TheirCustomer) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, all)) = kept.as_mut() {
            let all = Arc::make_mut(all);
            all.retain(|other| other.id != one.id);
            all.push(one);
        }
    }

    /// What the account answered at a write is no proof of it: whether one carries a reference of ours is asked there.
    fn unsay(&self, reference: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, all)) = kept.as_mut() {
            Arc::make_mut(all).retain(|one| !one.carries(reference));
        }
    }

    /// Somebody else writes there: the list is gone through anew when it is needed.
    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Whom a draft means there.
enum Met {
    /// Nobody, as far as was looked: `false`, the list is longer than what was gone through.
    Nobody(bool),
    /// The one that carries our reference: made here, or met and given it.
    Ours(TheirCustomer),
    /// One that nobody has claimed, and what it was known by; `None`: a person chose it.
    Known(TheirCustomer, Option<MatchKey>),
    /// A person has to say who.
    Unclear(Box<CustomerDoubt>),
    /// What a person chose cannot be done any more, in a sentence.
    Contrary(String),
}

/// A customer; `Err` names the field that spoils it.
pub(super) fn customer(profile: &Profile, raw: &Value) -> Result<TheirCustomer, String> {
    let record = translate::canonical(profile, CUSTOMER, raw)?;
    let text = |name: &str| translate::text(&record, name).map(|text| text.trim().to_owned()).unwrap_or_default();
    Ok(TheirCustomer {
        id: translate::text(&record, "remote_id").ok_or("remote_id: missing")?,
        name: text("name"),
        email: text("email"),
        phone: text("phone"),
        company: record.contains_key("company").then(|| text("company")),
        postcode: text("postal_code"),
        address: record.get("address").cloned(),
        references: record.get("external_refs").and_then(Value::as_array).cloned().unwrap_or_default(),
        version: record.get("version").filter(|version| !version.is_null()).cloned(),
    })
}

/// Why customers cannot be written by this profile; `None`: they can.
pub(super) fn cannot_keep(profile: &Profile) -> Option<String> {
    let title = profile.title();
    if !mentions(profile, "createCustomer", "external_refs") {
        return Some(format!("The profile \"{title}\" has no word for our reference in createCustomer."));
    }
    let reads = profile.entities.get(CUSTOMER).is_some_and(|customer| customer.read.contains_key("external_refs"));
    if !reads {
        return Some(format!(
            "The profile \"{title}\" does not say where our reference of a customer stands ({CUSTOMER}.external_refs)."
        ));
    }
    (!profile.takes("listCustomers", "external_ref"))
        .then(|| format!("The profile \"{title}\" cannot ask listCustomers for our reference."))
}

/// Rows of the list that are asked for by one of its parameters.
async fn asked(
    hub: &Hub,
    parameter: &'static str,
    value: String,
    priority: Priority,
) -> Result<Vec<TheirCustomer>, NotFound> {
    let rows = rows_named(hub, "listCustomers", &Filling::default().query(parameter, value), priority).await?;
    rows.iter().map(|raw| customer(&hub.profile, raw).map_err(NotFound::Unreadable)).collect()
}

/// The whole list, as far as it is gone through.
async fn listed(hub: &Hub, priority: Priority) -> Result<(bool, Arc<Vec<TheirCustomer>>), NotFound> {
    let now_ms = hub.client.now_ms();
    if let Some(known) = hub.customers.known(now_ms) {
        return Ok(known);
    }
    let mut scan = Scan::begin(None, 0, hub.client.their_now_ms());
    let mut all = Vec::new();
    let whole = loop {
        let mut request = render(&hub.profile, "listCustomers", &Filling::default()).map_err(NotFound::NoWay)?;
        request.query.extend(paging::parameters(&hub.profile, scan.place.as_deref()));
        let reply = hub.client.call(&request, priority).await?;
        let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
            return Err(NotFound::Answered(Box::new(reply)));
        };
        let rows = hub.rows("listCustomers", json).map_err(NotFound::Unreadable)?;
        // One that cannot be read is nobody's match.
        all.extend(rows.iter().filter_map(|raw| customer(&hub.profile, raw).ok()));
        scan.place = paging::next_place(&hub.profile, &scan, json, reply.link.as_deref(), rows.len())
            .map_err(NotFound::Unreadable)?;
        scan.pages += 1;
        if scan.place.is_none() {
            break true;
        }
        if scan.pages >= PAGES_MAX || hub.profile.paging.style == PagingStyle::Link {
            break false;
        }
    };
    let all = Arc::new(all);
    hub.customers.keep(now_ms, whole, all.clone());
    Ok((whole, all))
}

async fn find(hub: &Hub, draft: &RecordDraft, priority: Priority) -> Result<Met, NotFound> {
    let reference = format!("{SYSTEM}:{}", draft.external_id);
    let ours = asked(hub, "external_ref", reference, priority).await?;
    let mut all: Vec<TheirCustomer> = ours.into_iter().filter(|one| one.carries(&draft.external_id)).collect();
    let known = told_apart(draft, &all);
    if !matches!(known, Whom::Nobody | Whom::Gone(_)) || draft.meant() == Some(Meant::New) {
        return Ok(met(draft, known, all, true));
    }
    if let Some(email) = draft.fact("email").filter(|_| hub.profile.takes("listCustomers", "email")) {
        all.extend(asked(hub, "email", email.trim().to_owned(), priority).await?);
        // One hit on what is one person's own: the list needs not be gone through.
        let known = told_apart(draft, &all);
        if matches!(known, Whom::One(..) | Whom::Chosen(_) | Whom::Taken(_)) {
            return Ok(met(draft, known, all, true));
        }
    }
    let (whole, listed) = listed(hub, priority).await?;
    for one in listed.iter() {
        if all.iter().all(|known| known.id != one.id) {
            all.push(one.clone());
        }
    }
    let known = told_apart(draft, &all);
    Ok(met(draft, known, all, whole))
}

fn told_apart(draft: &RecordDraft, all: &[TheirCustomer]) -> Whom {
    let shown: Vec<Shown> = all.iter().map(TheirCustomer::shown).collect();
    whom(draft, &shown, super::DECLARATION.customer_keys)
}

/// What is to be done about whoever was found. `whole`: all there are were looked at.
fn met(draft: &RecordDraft, known: Whom, mut all: Vec<TheirCustomer>, whole: bool) -> Met {
    let mut take = |id: &str| all.iter().position(|one| one.id == id).map(|at| all.swap_remove(at));
    let title = super::DECLARATION.title;
    match known {
        Whom::Nobody => Met::Nobody(whole),
        Whom::Ours(id) => take(&id).map_or(Met::Nobody(whole), Met::Ours),
        Whom::One(id, by) => take(&id).map_or(Met::Nobody(whole), |one| Met::Known(one, Some(by))),
        Whom::Chosen(id) => take(&id).map_or(Met::Nobody(whole), |one| Met::Known(one, None)),
        Whom::Elsewhere(id) => Met::Contrary(format!(
            "You chose another customer, and our reference {} stands on {id} already. Take the choice back under \"Who is it?\", or take our reference off {id} there, then retry.",
            draft.external_id
        )),
        Whom::Taken(id) => Met::Contrary(format!(
            "{id}, whom you chose, carries our reference of another buyer by now. Take the choice back under \"Who is it?\", and choose again."
        )),
        Whom::Several(hits) | Whom::Gone(hits) => {
            let gone = draft.meant().is_some();
            let like = |id: &str, by: MatchKey| all.iter().find(|one| one.id == id).map(|one| one.like(by));
            Met::Unclear(Box::new(doubt(draft, title, gone, &hits, like)))
        }
    }
}

/// Keeps a customer.
pub(super) async fn put(hub: &Hub, task: &Task<'_>, draft: &RecordDraft) -> Verdict {
    if draft.noun != RecordNoun::Customer {
        let sentence = format!("Orderez keeps customers, and not {}.", draft.noun.words());
        return Verdict::NeedsPerson(hub.speaker.refusal(Cause::NotUnderstood, &sentence));
    }
    let what = what(draft);
    let write_id = hub.write_id(task.key);
    let mut looked_anew = false;
    for _ in 0..RACES_MAX {
        let met = match find(hub, draft, task.priority).await {
            Ok(met) => met,
            Err(error) => return before_write(hub, error, &what, "Customers"),
        };
        let (known, note) = match met {
            Met::Nobody(true) => (None, None),
            Met::Nobody(false) => {
                (None, Some("Its list is too long to be gone through: only the e-mail was looked for.".to_owned()))
            }
            Met::Ours(one) if one.is_made(&draft.external_id) => (Some((one, true)), None),
            Met::Ours(one) => {
                let note = "It was not made by Quayside; what people wrote there stays.".to_owned();
                (Some((one, false)), Some(note))
            }
            // No version speaks up for what people wrote since the list was gone through.
            Met::Known(one, _) if !looked_anew && !is_guarded(&hub.profile, &one) => {
                hub.customers.forget();
                looked_anew = true;
                continue;
            }
            Met::Known(one, by) => {
                let by = by.map_or_else(|| "Chosen by you".to_owned(), |by| format!("Known by its {}", by.words()));
                (Some((one, false)), Some(format!("{by}; what people wrote there stays.")))
            }
            // What is shown to a person is read for it.
            Met::Unclear(_) if !looked_anew => {
                hub.customers.forget();
                looked_anew = true;
                continue;
            }
            Met::Unclear(doubt) => return Verdict::WhichCustomer(doubt),
            Met::Contrary(why) => {
                let sentence = format!("{what}. {why}");
                let refusal = hub.speaker.refusal(Cause::ContentRefused, &sentence);
                return Verdict::NeedsPerson(refusal.about(draft.external_id.clone()));
            }
        };
        let whole = !completes(&hub.profile);
        let (operation, record) = match &known {
            None => ("createCustomer", body(draft, None, &write_id, whole)),
            Some((one, ours)) => ("updateCustomer", body(draft, Some((one, *ours)), &write_id, whole)),
        };
        let id = known.as_ref().map(|(one, _)| one.id.clone());
        if known.is_some() && hub.profile.operation("updateCustomer").is_none() {
            // It is there, and that is all this account lets be had.
            return Verdict::AlreadyDone(receipt(id, None, note));
        }
        if let Some((one, false)) = &known
            && (is_complete(draft, one) || !completes(&hub.profile))
        {
            // Nothing is lacking, or a change would replace all of it.
            return Verdict::AlreadyDone(receipt(id, None, note));
        }
        if let Some((one, true)) = &known
            && draft.written().is_some()
            && news(draft, one).is_empty()
        {
            // It says all of it, or people say otherwise.
            return Verdict::AlreadyDone(receipt(id, None, note));
        }
        let mut filling = Filling::default().record(&record);
        if let Some((one, _)) = &known {
            filling = filling.path("customer_id", &one.id).version(one.version.as_ref());
        }
        let reply = match hub.write(operation, &filling, &write_id, task.priority).await {
            Ok(reply) => reply,
            Err(failure) => return failure.into_verdict(),
        };
        match verdicts::means(&hub.profile, &reply) {
            Means::Fine => {
                let made = reply.json.as_ref().and_then(|json| hub.item(operation, json).ok());
                let made = made.and_then(|raw| customer(&hub.profile, &raw).ok());
                let id = id.or_else(|| made.as_ref().map(|made| made.id.clone()));
                let unmarked = known.is_none()
                    && made
                        .as_ref()
                        .is_some_and(|made| made.carries(&draft.external_id) && !made.is_made(&draft.external_id));
                let note = if unmarked { Some(format!("{}{UNMARKED}", said(note))) } else { note };
                let before = known.as_ref().map(|(one, _)| one);
                hub.customers.1.put(remembered(draft, &record, before, made.as_ref()));
                if let Some(made) = made {
                    hub.customers.put(made);
                }
                return Verdict::Done(receipt(id, Some(&reply), note));
            }
            // Somebody was faster: whoever is there now decides.
            Means::Moved | Means::Taken => hub.customers.forget(),
            _ => return verdicts::write_verdict(&hub.profile, &hub.speaker, &reply, &what),
        }
    }
    Verdict::RetryLater(hub.speaker.refusal(
        Cause::PlatformTrouble,
        &format!("{what}: somebody else keeps changing it at the same moment. It is tried again."),
    ))
}

/// The account refuses a change that was decided on an older version.
fn is_guarded(profile: &Profile, one: &TheirCustomer) -> bool {
    one.version.is_some() && !matches!(profile.concurrency.style, ConcurrencyStyle::None)
}

/// Said where a customer was made, and the account, or its profile, did not keep the mark.
const UNMARKED: &str = "The number of our reference is not kept there (customer.external_refs of the profile): what changes later, and was not written by Quayside last, is only filled in where it is empty.";

/// What was said, to go on from.
fn said(note: Option<String>) -> String {
    note.map(|note| format!("{note} ")).unwrap_or_default()
}

/// A change leaves alone what it does not name.
fn completes(profile: &Profile) -> bool {
    profile.operation("updateCustomer").is_some_and(|change| !change.method.eq_ignore_ascii_case("PUT"))
}

/// Does it hold?
pub(super) async fn confirm(hub: &Hub, task: &Task<'_>, draft: &RecordDraft) -> Confirmation {
    let what = what(draft);
    hub.customers.unsay(&draft.external_id);
    match find(hub, draft, task.priority).await {
        Ok(Met::Ours(one)) if holds(draft, &one) => Confirmation::Holds(receipt(Some(one.id), None, None)),
        // Written once more, it is no second one: whom it means is looked for first.
        Ok(Met::Ours(_) | Met::Known(..) | Met::Unclear(_) | Met::Contrary(_)) => Confirmation::Absent,
        Ok(Met::Nobody(_)) => absent(hub, task, &what),
        Err(error) => undecided(hub, error, &what, "Customers"),
    }
}

/// What can be compared is so there; of one that was only met, that it lacks nothing.
fn holds(draft: &RecordDraft, one: &TheirCustomer) -> bool {
    if !one.is_made(&draft.external_id) {
        return is_complete(draft, one);
    }
    if draft.written().is_some() {
        // What the profile does not tell cannot be compared.
        return news(draft, one).into_iter().all(|field| whose(draft, one, field).is_none());
    }
    let same = |fact: &str, there: &str| draft.fact(fact).is_none_or(|meant| folded(&meant) == folded(there));
    let meant = address(draft);
    let part = |name: &str| meant.get(name).and_then(Value::as_str).unwrap_or_default();
    let there = meant.is_null()
        || one.address.is_none()
        || ["line1", "line2", "city", "region", "postal_code", "country"]
            .iter()
            .all(|name| folded(part(name)) == folded(one.part(name)));
    let company = one.company.as_deref().is_none_or(|there| same("company", there));
    same("name", &one.name) && same("email", &one.email) && same("phone", &one.phone) && company && there
}

/// It carries our reference and lacks nothing that is known here.
fn is_complete(draft: &RecordDraft, one: &TheirCustomer) -> bool {
    let body = body(draft, Some((one, false)), "", false);
    one.carries(&draft.external_id) && FIELDS.iter().all(|name| body[*name].is_null())
}

/// What a customer has there that the desk writes.
const FIELDS: [&str; 5] = ["name", "email", "phone", "company", "address"];
/// Parts of an address by which two are told apart.
const PARTS: [&str; 6] = ["line1", "line2", "city", "region", "postal_code", "country"];

/// An address in one text; empty: there is none.
fn in_one(address: &Value) -> String {
    let part = |name: &&str| address.get(*name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    PARTS.iter().map(part).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What is known of a field here, as text; empty: nothing.
fn wanted(draft: &RecordDraft, field: &str) -> String {
    match field {
        "name" => draft.fact("name").or_else(|| draft.fact("company")).unwrap_or_default(),
        "address" => in_one(&address(draft)),
        other => draft.fact(other).unwrap_or_default(),
    }
}

/// What stands in it there; `None`: the profile does not say.
fn there(one: &TheirCustomer, field: &str) -> Told {
    match field {
        "name" => Some(one.name.clone()),
        "email" => Some(one.email.clone()),
        "phone" => Some(one.phone.clone()),
        "company" => one.company.clone(),
        _ if one.lacks_address() => Some(String::new()),
        _ => one.address.as_ref().map(in_one),
    }
}

/// Name of a field in what is remembered.
fn place(field: &str) -> String {
    format!("{CUSTOMER}.{field}")
}

/// Whose a field is; `None`: the profile does not say what stands there.
fn whose(draft: &RecordDraft, one: &TheirCustomer, field: &str) -> Option<Own> {
    let there = there(one, field)?;
    Some(own(draft.written().as_ref(), &draft.external_id, &place(field), &there, &wanted(draft, field)))
}

/// Fields of one that was made here that are to change.
fn news(draft: &RecordDraft, one: &TheirCustomer) -> Vec<&'static str> {
    let is_new = |field: &&'static str| {
        !wanted(draft, field).trim().is_empty()
            && matches!(whose(draft, one, field), None | Some(Own::Empty | Own::Ours))
    };
    FIELDS.into_iter().filter(is_new).collect()
}

/// What is to be remembered of what was written: as it stands there now, where the answer says.
fn remembered(
    draft: &RecordDraft,
    record: &Value,
    before: Option<&TheirCustomer>,
    after: Option<&TheirCustomer>,
) -> Written {
    let customer = draft.external_id.as_str();
    let remembers = draft.written().is_some();
    // What stood there and was only sent back is not the desk's.
    let is_ours = |field: &&str| {
        let before = before.filter(|_| remembers).and_then(|one| whose(draft, one, field));
        !record[*field].is_null() && before.is_none_or(|own| matches!(own, Own::Empty | Own::Ours))
    };
    let told = |field: &str| {
        let now = after.and_then(|one| there(one, field)).filter(|text| !text.trim().is_empty());
        let text = now.unwrap_or_else(|| wanted(draft, field));
        (place(field), word(customer, &place(field), &text))
    };
    Written { customer: customer.to_owned(), fields: FIELDS.into_iter().filter(is_ours).map(told).collect() }
}

/// Our record of a customer, for the body. `known`: the one that is there, and whether it was made here; one that was
/// not gets only what it lacks, and what the desk wrote there itself. `whole`: a change replaces all of it.
fn body(draft: &RecordDraft, known: Option<(&TheirCustomer, bool)>, write_id: &str, whole: bool) -> Value {
    let remembers = draft.written().is_some();
    let value = |field: &str| {
        let ours = || match field {
            "address" => address(draft),
            field => Some(wanted(draft, field)).filter(|text| !text.trim().is_empty()).map_or(Value::Null, Value::from),
        };
        let theirs = |one: &TheirCustomer| match field {
            "address" => one.address.clone().unwrap_or_default(),
            field => there(one, field).map_or(Value::Null, Value::from),
        };
        match known {
            None => ours(),
            Some((one, made)) => match (whose(draft, one, field), made) {
                (Some(Own::Empty | Own::Ours), _) | (None | Some(Own::Same), true) => ours(),
                // Whoever was made here before the desk remembered what it wrote follows as a whole.
                (_, true) if !remembers => ours(),
                (Some(Own::Theirs), true) if whole => theirs(one),
                _ => Value::Null,
            },
        }
    };
    let mut references: Vec<Value> = known.map(|(one, _)| one.references.clone()).unwrap_or_default();
    match known {
        None => references.push(json!({"system": SYSTEM, "id": draft.external_id, "number": MADE})),
        Some((one, _)) if !one.carries(&draft.external_id) => {
            references.push(json!({"system": SYSTEM, "id": draft.external_id}));
        }
        Some(_) => {}
    }
    json!({
        "name": value("name"),
        "email": value("email"),
        "phone": value("phone"),
        "company": value("company"),
        "address": value("address"),
        "external_refs": references,
        "source": compose::source(write_id),
    })
}

/// The address, where it is whole: the contract takes no half of one.
fn address(draft: &RecordDraft) -> Value {
    let fact = |name: &str| draft.fact(name).unwrap_or_default();
    let street = fact("street");
    let mut lines = street.lines().map(str::to_owned);
    let known = Address {
        name: fact("name"),
        company: fact("company"),
        line1: lines.next().unwrap_or_default(),
        line2: lines.next().unwrap_or_default(),
        line3: lines.next().unwrap_or_default(),
        city: fact("city"),
        region: fact("region"),
        postcode: fact("postcode"),
        country: fact("country"),
        phone: fact("phone"),
    };
    let whole = [&known.line1, &known.city, &known.country].iter().all(|part| !part.trim().is_empty());
    if whole { compose::address(&known) } else { Value::Null }
}

fn what(draft: &RecordDraft) -> String {
    format!("The customer with our id {} could not be kept", draft.external_id)
}

fn receipt(id: Option<String>, reply: Option<&Reply>, note: Option<String>) -> Receipt {
    Receipt { remote_id: id, request_id: reply.and_then(|reply| reply.request_id.clone()), note, cost: None }
}
