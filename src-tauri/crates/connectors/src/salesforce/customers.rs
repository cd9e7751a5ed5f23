//! Customers: found by our id or their e-mail, else by what `whom.rs` says of the other keys; a contact and its account
//! written (or an account that is a person); and what hangs on them.

use super::Salesforce;
use super::client::Call;
use super::describe::Object;
use super::lists::Strange;
use super::nouns::{self, Found, Links};
use super::people::has_people;
use super::records::matched_anew;
use super::soql::{Value as Quoted, encoded, is_id, is_name};
use super::verdicts::CallError;
use super::weak_signs;
use crate::Priority;
use quayside_model::{CUSTOMER_FACT, Cause, Confirmation, DEAL_FACT, MatchKey, Meant, Receipt, RecordDraft, Verdict};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Customers of one turn; the others follow in the next. Each may stand in the question twice, by id and by e-mail.
const TURN: usize = 100;
/// Keys that are asked for first: each is one person's own.
const FIRST: [MatchKey; 2] = [MatchKey::Reference, MatchKey::Email];
/// Customers whose other keys go into one question: each key is written in several ways.
const WEAK_TURN: usize = 25;
/// Fields of a contact that are looked at before it is written.
const LOOKED_AT: &[&str] = &[
    "Name",
    "FirstName",
    "LastName",
    "Email",
    "Phone",
    "MobilePhone",
    "MailingStreet",
    "MailingCity",
    "MailingState",
    "MailingPostalCode",
    "MailingCountry",
    "AccountId",
    "IsPersonAccount",
];

impl Salesforce {
    /// Writes customers; the verdict of each by its place.
    pub(super) async fn put_customers(
        &self,
        customers: &[(usize, &RecordDraft)],
        priority: Priority,
    ) -> Vec<(usize, Verdict)> {
        let mut verdicts = Vec::new();
        let later =
            || Verdict::WaitUntil { at_ms: self.client.door().now_ms() + 1, why: "other customers go first".into() };
        let mut turn: Vec<(usize, &RecordDraft)> = Vec::new();
        let mut known = BTreeSet::new();
        for (i, draft) in customers {
            if turn.len() < TURN && known.insert(draft.external_id.to_lowercase()) {
                turn.push((*i, draft));
            } else {
                verdicts.push((*i, later()));
            }
        }
        if turn.is_empty() {
            return verdicts;
        }
        let mut ends = self.write_customers(&turn, priority).await;
        // Somebody deleted what was found a moment ago: found anew, once.
        let gone: Vec<(usize, &RecordDraft)> =
            turn.iter().filter(|(i, _)| matches!(ends.get(i), Some(Err(CallError::Gone(_))))).copied().collect();
        if !gone.is_empty() {
            let again = self.write_customers(&gone, priority).await;
            // Gone once more: an account that was answered a moment ago is not there (yet). Time tells, not a person.
            let later = |end| match end {
                Err(CallError::Gone(refusal)) => Ok(Verdict::RetryLater(refusal)),
                end => end.map(matched_anew),
            };
            ends.extend(again.into_iter().map(|(i, end)| (i, later(end))));
        }
        verdicts.extend(ends.into_iter().map(|(i, end)| (i, end.unwrap_or_else(CallError::into_verdict))));
        verdicts
    }

    /// What became of each by its place.
    async fn write_customers(
        &self,
        turn: &[(usize, &RecordDraft)],
        priority: Priority,
    ) -> BTreeMap<usize, Result<Verdict, CallError>> {
        match self.find_and_write(turn, priority).await {
            Ok(ends) => ends,
            Err(error) => turn.iter().map(|(i, _)| (*i, Ok(error.clone().before_change()))).collect(),
        }
    }

    /// An error: nothing was written.
    async fn find_and_write(
        &self,
        turn: &[(usize, &RecordDraft)],
        priority: Priority,
    ) -> Result<BTreeMap<usize, Result<Verdict, CallError>>, CallError> {
        let contacts = self.object("Contact", priority).await?;
        let accounts = self.object("Account", priority).await?;
        let mut verdicts: BTreeMap<usize, Result<Verdict, CallError>> = BTreeMap::new();
        let mut people: BTreeSet<usize> = BTreeSet::new();
        for (i, draft) in turn {
            if self.becomes_person(draft, priority).await? {
                people.insert(*i);
            }
        }
        // What can be told beforehand is told before anything is asked: the external ids of both objects above all.
        let mut going = Vec::new();
        for (i, draft) in turn {
            let refused = if people.contains(i) {
                self.row(&nouns::person(draft, &Found::Nobody, None, &self.keeping), accounts.as_ref()).err()
            } else {
                let trial = nouns::contact(draft, &Found::Nobody, None, &self.keeping);
                self.row(&trial, contacts.as_ref()).err().or_else(|| {
                    let account = nouns::account(draft, &Found::Nobody, &self.keeping)?;
                    self.row(&account, accounts.as_ref()).err()
                })
            };
            match refused {
                Some(refusal) => drop(verdicts.insert(*i, Ok(Verdict::NeedsPerson(refusal)))),
                None => going.push((*i, *draft)),
            }
        }
        let mut found = Vec::new();
        let mut met = BTreeSet::new();
        for (i, draft, known) in self.found(going, accounts.as_ref(), priority).await? {
            match known {
                // Two who mean the same one: the first puts its id there, and who the second is is asked anew after that.
                Found::Met(ref one, _) if !met.insert(one.id.clone()) => {
                    let at_ms = self.client.door().now_ms() + 1;
                    let why = "another buyer who means the same customer goes first".into();
                    verdicts.insert(i, Ok(Verdict::WaitUntil { at_ms, why }));
                }
                Found::Unclear(doubt) => drop(verdicts.insert(i, Ok(Verdict::WhichCustomer(doubt)))),
                Found::Contrary(why) => {
                    let sentence = format!("Could not write the customer. {why}");
                    let refusal = self.refusal(Cause::ContentRefused, &sentence).about(draft.external_id.clone());
                    verdicts.insert(i, Ok(Verdict::NeedsPerson(refusal)));
                }
                known => found.push((i, draft, known)),
            }
        }
        // Which record type a new account gets matters only where some are people.
        let some_new = found.iter().any(|(_, _, known)| matches!(known, Found::Nobody));
        let types = match accounts.as_ref().filter(|accounts| some_new && has_people(Some(accounts))) {
            Some(accounts) => Some(self.account_types(accounts, priority).await?),
            None => None,
        };
        let (persons, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|(i, _, known)| match known {
            Found::Ours(known) | Found::Met(known, _) => known.is_person,
            _ => people.contains(i),
        });
        if let Some(accounts) = &accounts {
            self.write_people(&persons, types.as_ref(), accounts, priority, &mut verdicts).await;
        }
        let mut found = found;
        // Accounts first; their ids go into the contacts.
        let company = types.as_ref().zip(accounts.as_ref()).and_then(|(types, accounts)| types.company(accounts));
        let drafts: Vec<(usize, RecordDraft)> = found
            .iter()
            .filter_map(|(i, draft, known)| {
                let mut account = nouns::account(draft, known, &self.keeping)?;
                if let (Found::Nobody, Some(company)) = (known, company) {
                    account.fields.push(("RecordTypeId".to_owned(), Value::from(company).to_string()));
                }
                Some((*i, account))
            })
            .filter(|(_, account)| !account.fields.is_empty())
            .collect();
        let mut made: BTreeMap<usize, String> = BTreeMap::new();
        let results = self.written(&drafts, accounts.as_ref(), priority).await;
        for (i, result) in results {
            match result {
                Ok(receipt) => {
                    self.remember(i, &drafts, &found);
                    made.insert(i, receipt.remote_id.unwrap_or_default());
                }
                // The contact was not sent: without a word the account is looked up and written again.
                Err(error) => drop(verdicts.insert(i, Err(error))),
            }
        }
        found.retain(|(i, ..)| !verdicts.contains_key(i));
        let mut drafts = Vec::new();
        for (i, draft, known) in &found {
            let account = made.get(i).map(String::as_str).filter(|id| is_id(id));
            let contact = nouns::contact(draft, known, account, &self.keeping);
            match known {
                // It has no id of ours yet: it is written by its own address, and has it then.
                Found::Met(known, by) => {
                    let end = self.adopt((known.id.as_str(), *by), &contact, contacts.as_ref(), priority).await;
                    if matches!(end, Ok(Verdict::Done(_))) {
                        self.remember(*i, &[(*i, contact)], &found);
                    }
                    verdicts.insert(*i, end);
                }
                Found::Ours(known) if contact.fields.is_empty() => {
                    let receipt = Receipt { remote_id: Some(known.id.clone()), ..Receipt::default() };
                    verdicts.insert(*i, Ok(Verdict::AlreadyDone(receipt)));
                }
                _ => drafts.push((*i, contact)),
            }
        }
        for (i, result) in self.written(&drafts, contacts.as_ref(), priority).await {
            if result.is_ok() {
                self.remember(i, &drafts, &found);
            }
            verdicts.insert(i, result.map(Verdict::Done));
        }
        Ok(verdicts)
    }

    /// A row was written: what was put into its fields is the desk's own until somebody changes it.
    fn remember(&self, i: usize, rows: &[(usize, RecordDraft)], found: &[(usize, &RecordDraft, Found)]) {
        let row = rows.iter().find(|(known, _)| *known == i);
        let whose = found.iter().find(|(known, ..)| *known == i);
        if let (Some((_, row)), Some((_, draft, known))) = (row, whose) {
            self.said.put(nouns::said(draft, row, known, &self.keeping));
        }
    }

    /// People who are accounts: a row each.
    async fn write_people(
        &self,
        persons: &[(usize, &RecordDraft, Found)],
        types: Option<&super::people::AccountTypes>,
        accounts: &Object,
        priority: Priority,
        verdicts: &mut BTreeMap<usize, Result<Verdict, CallError>>,
    ) {
        let mut drafts = Vec::new();
        for (i, draft, known) in persons {
            let person = match self.person(draft, known, types, accounts) {
                Ok(person) => person,
                Err(refusal) => {
                    verdicts.insert(*i, Ok(Verdict::NeedsPerson(refusal)));
                    continue;
                }
            };
            match known {
                Found::Ours(known) if known.account_is_ours && person.fields.is_empty() => {
                    let receipt = Receipt { remote_id: Some(known.id.clone()), ..Receipt::default() };
                    verdicts.insert(*i, Ok(Verdict::AlreadyDone(receipt)));
                }
                Found::Met(known, by) if !known.account_is_ours => {
                    let end = self.adopt((known.id.as_str(), *by), &person, Some(accounts), priority).await;
                    if matches!(end, Ok(Verdict::Done(_))) {
                        self.remember(*i, &[(*i, person)], persons);
                    }
                    verdicts.insert(*i, end);
                }
                Found::Ours(known) if !known.account_is_ours => {
                    let by = Some(MatchKey::Reference);
                    let end = self.adopt((known.id.as_str(), by), &person, Some(accounts), priority).await;
                    if matches!(end, Ok(Verdict::Done(_))) {
                        self.remember(*i, &[(*i, person)], persons);
                    }
                    verdicts.insert(*i, end);
                }
                _ => drafts.push((*i, person)),
            }
        }
        for (i, result) in self.written(&drafts, Some(accounts), priority).await {
            if result.is_ok() {
                self.remember(i, &drafts, persons);
            }
            verdicts.insert(i, result.map(Verdict::Done));
        }
    }

    async fn written(
        &self,
        drafts: &[(usize, RecordDraft)],
        described: Option<&Object>,
        priority: Priority,
    ) -> Vec<(usize, Result<Receipt, CallError>)> {
        let mut results = Vec::new();
        let mut rows = Vec::new();
        for (i, draft) in drafts {
            match self.row(draft, described) {
                Ok(row) => rows.push((*i, draft, row)),
                Err(refusal) => results.push((*i, Err(CallError::Refused(refusal)))),
            }
        }
        let Some((_, first, _)) = rows.first() else { return results };
        let (object, key) = (first.object.clone(), first.external_id_field.clone());
        let outgoing = rows.iter().map(|(_, draft, row)| (*draft, row.clone())).collect();
        let answers = self.write_rows(&object, &key, outgoing, priority).await;
        results.extend(rows.into_iter().map(|(i, ..)| i).zip(answers));
        results
    }

    /// A contact (or a person who is an account) that people made gets our id and what it lacks.
    async fn adopt(
        &self,
        (id, by): (&str, Option<MatchKey>),
        draft: &RecordDraft,
        described: Option<&Object>,
        priority: Priority,
    ) -> Result<Verdict, CallError> {
        let row = match self.row(draft, described) {
            Ok(row) => row,
            Err(refusal) => return Ok(Verdict::NeedsPerson(refusal)),
        };
        let object = draft.object.as_str();
        let what = format!("bring the {} up to date", object.to_lowercase());
        let path = format!("/sobjects/{object}/{id}");
        let call = Call::json(http::Method::PATCH, path, Value::Object(row.clone()), priority, &what)
            .header("sforce-duplicate-rule-header", self.duplicate_header());
        match self.client.call(call).await {
            Ok(answer) => Ok(Verdict::Done(Receipt {
                remote_id: Some(id.to_owned()),
                request_id: answer.request_id.clone(),
                note: Some(match by {
                    Some(by) => format!("The {} was there already, by its {}.", object.to_lowercase(), by.words()),
                    None => format!("The {} is the one you chose.", object.to_lowercase()),
                }),
                cost: None,
            })),
            Err(CallError::Value(refusal)) => {
                let could_not = format!("Could not {what}");
                let strange = Strange { name: id.to_owned(), what: could_not, row: &row, refusal: refusal.clone() };
                let told = self.lists_in_words(object, "Id", vec![strange], priority).await.into_iter().next();
                Err(self.noticed_record(object, CallError::Value(told.unwrap_or(refusal))))
            }
            Err(error) => Err(self.noticed_record(object, error)),
        }
    }

    /// Does the org hold what is known of a customer? It does where the decision before a write leaves nothing to be
    /// written. Written once more it is no second one: whom it means is looked for first.
    pub(super) async fn confirm_customer(
        &self,
        draft: &RecordDraft,
        priority: Priority,
    ) -> Result<Confirmation, CallError> {
        let contacts = self.object("Contact", priority).await?;
        let accounts = self.object("Account", priority).await?;
        // What is hidden by now would look like nothing at all.
        let trial = if self.becomes_person(draft, priority).await? {
            self.row(&nouns::person(draft, &Found::Nobody, None, &self.keeping), accounts.as_ref())
        } else {
            self.row(&nouns::contact(draft, &Found::Nobody, None, &self.keeping), contacts.as_ref())
        };
        if let Err(refusal) = trial {
            return Ok(Confirmation::Overtaken(refusal));
        }
        let rows = self.likely(&[(0, draft)], accounts.as_ref(), priority).await?;
        Ok(match nouns::find(draft, &rows, &FIRST, &self.keeping, "") {
            Found::Ours(known) if nouns::holds(draft, &known, &self.keeping) => {
                Confirmation::Holds(Receipt { remote_id: Some(known.id), ..Receipt::default() })
            }
            _ => Confirmation::Absent,
        })
    }

    /// Who each of them is. Only for whom nobody is found by a key of their own the others are asked for.
    async fn found<'a>(
        &self,
        going: Vec<(usize, &'a RecordDraft)>,
        accounts: Option<&Object>,
        priority: Priority,
    ) -> Result<Vec<(usize, &'a RecordDraft, Found)>, CallError> {
        let pages = self.client.instance();
        let mut rows = self.likely(&going, accounts, priority).await?;
        let first: Vec<(usize, &RecordDraft, Found)> = going
            .into_iter()
            .map(|(i, draft)| (i, draft, nouns::find(draft, &rows, &FIRST, &self.keeping, &pages)))
            .collect();
        let is_open = |draft: &RecordDraft, found: &Found| match (draft.meant(), found) {
            (Some(Meant::New), _) => false,
            (meant, Found::Unclear(_)) => meant.is_some(),
            (_, found) => *found == Found::Nobody,
        };
        let open: Vec<&RecordDraft> =
            first.iter().filter(|(_, draft, found)| is_open(draft, found)).map(|(_, draft, _)| *draft).collect();
        rows.extend(self.unlikely(&open, accounts, priority).await?);
        let keys = super::DECLARATION.customer_keys;
        let again = |(i, draft, found): (usize, &'a RecordDraft, Found)| {
            let found =
                if is_open(draft, &found) { nouns::find(draft, &rows, keys, &self.keeping, &pages) } else { found };
            (i, draft, found)
        };
        Ok(first.into_iter().map(again).collect())
    }

    /// Contacts, and people who are accounts, by what several people may share, and by the numbers of orders.
    async fn unlikely(
        &self,
        open: &[&RecordDraft],
        accounts: Option<&Object>,
        priority: Priority,
    ) -> Result<Vec<Value>, CallError> {
        let mut rows = Vec::new();
        let people = accounts.filter(|accounts| has_people(Some(accounts)));
        for some in open.chunks(WEAK_TURN) {
            if let Some((contacts, columns)) = self.contact_columns(priority).await? {
                let signs = weak_signs::of_contacts(some, &self.keeping.order_field, &contacts);
                let mut found = self.contacts_by(&signs, &columns, priority).await?;
                if people.is_some() {
                    found.retain(|row| row.get("IsPersonAccount") != Some(&Value::Bool(true)));
                }
                rows.extend(found);
            }
            if let Some(accounts) = people {
                rows.extend(self.people_by(&weak_signs::of_people(some, accounts), accounts, priority).await?);
            }
        }
        Ok(rows)
    }

    /// Contacts, and people who are accounts, that carry our ids or these e-mails, or were chosen.
    async fn likely(
        &self,
        going: &[(usize, &RecordDraft)],
        accounts: Option<&Object>,
        priority: Priority,
    ) -> Result<Vec<Value>, CallError> {
        if going.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = going.iter().map(|(_, draft)| draft.external_id.clone()).collect();
        let mails: Vec<String> = going.iter().filter_map(|(_, draft)| draft.fact("email")).collect();
        let chosen: Vec<String> = going
            .iter()
            .filter_map(|(_, draft)| match draft.meant() {
                Some(Meant::This(id)) if is_id(&id) => Some(id),
                _ => None,
            })
            .collect();
        let mut rows = self.likely_contacts(&ids, &mails, &chosen, priority).await?;
        if let Some(accounts) = accounts.filter(|accounts| has_people(Some(accounts))) {
            // The other side of a person is the platform's copy: the account is the record.
            rows.retain(|row| row.get("IsPersonAccount") != Some(&Value::Bool(true)));
            rows.extend(self.likely_people(&ids, &mails, &chosen, accounts, priority).await?);
        }
        Ok(rows)
    }

    async fn likely_contacts(
        &self,
        ids: &[String],
        mails: &[String],
        chosen: &[String],
        priority: Priority,
    ) -> Result<Vec<Value>, CallError> {
        let Some((contacts, columns)) = self.contact_columns(priority).await? else { return Ok(Vec::new()) };
        let mut signs = vec![format!("{} IN {}", self.keeping.contact_key, Quoted::List(ids.to_vec()))];
        if !mails.is_empty() && contacts.field("Email").is_some() {
            signs.push(format!("Email IN {}", Quoted::List(mails.to_vec())));
        }
        if !chosen.is_empty() {
            signs.push(format!("Id IN {}", Quoted::List(chosen.to_vec())));
        }
        self.contacts_by(&signs, &columns, priority).await
    }

    /// What is asked of contacts; `None`: they do not carry our id, or are hidden.
    async fn contact_columns(&self, priority: Priority) -> Result<Option<(Object, String)>, CallError> {
        let (key, account_key) = (&self.keeping.contact_key, &self.keeping.account_key);
        let contacts = self.object("Contact", priority).await?;
        let Some(contacts) = contacts.filter(|contacts| contacts.field(key).is_some()) else { return Ok(None) };
        let sees = |field: &&&str| contacts.field(field).is_some();
        let mut columns: Vec<String> = LOOKED_AT.iter().filter(sees).map(|field| (*field).to_owned()).collect();
        let order_field = &self.keeping.order_field;
        if !order_field.is_empty() && contacts.field(order_field).is_some() && !columns.contains(order_field) {
            columns.push(order_field.clone());
        }
        let verified = &self.keeping.verified_field;
        if !verified.is_empty() && contacts.field(verified).is_some() && !columns.contains(verified) {
            columns.push(verified.clone());
        }
        if contacts.field("AccountId").is_some() {
            columns.push("Account.Name".to_owned());
            columns.push(format!("Account.{account_key}"));
            // What people wrote into the account that was made for the contact stays, too.
            let accounts = self.object("Account", priority).await?;
            let seen = |field: &&str| accounts.as_ref().is_some_and(|accounts| accounts.field(field).is_some());
            let fields = nouns::ACCOUNT_FIELDS.iter().map(|(_, field)| *field);
            columns.extend(fields.filter(seen).map(|field| format!("Account.{field}")));
        }
        let columns = format!("Id, {key}, {}", columns.join(", "));
        Ok(Some((contacts, columns)))
    }

    /// Contacts by any of these conditions.
    async fn contacts_by(&self, signs: &[String], columns: &str, priority: Priority) -> Result<Vec<Value>, CallError> {
        if signs.is_empty() {
            return Ok(Vec::new());
        }
        let query = format!("SELECT {columns} FROM Contact WHERE {}", signs.join(" OR "));
        self.rows_of(&query, priority, "look for the customers").await
    }

    /// Every row of an answer, however many pages it takes. Deleted ones are not among them.
    pub(super) async fn rows_of(&self, query: &str, priority: Priority, what: &str) -> Result<Vec<Value>, CallError> {
        let body = self.client.ask(Call::get(format!("/query?q={}", encoded(query)), priority, what)).await?;
        let Some(rows) = body.get("records").and_then(Value::as_array) else {
            let sentence = format!("Could not {what}. Salesforce answered without rows.");
            return Err(CallError::NotExecuted(self.refusal(Cause::PlatformTrouble, &sentence)));
        };
        Ok(rows.clone())
    }

    /// What each of these records hangs on. What the org does not have is left out: a case without a contact is a case.
    pub(super) async fn links(&self, drafts: &[&RecordDraft], priority: Priority) -> Result<Vec<Links>, CallError> {
        let named = |fact: &str| -> Vec<String> {
            let all: BTreeSet<String> = drafts.iter().filter_map(|draft| draft.fact(fact)).collect();
            all.into_iter().collect()
        };
        let whose = |draft: &RecordDraft| {
            draft.fact(CUSTOMER_FACT).or_else(|| self.keeping.history_of(draft).map(str::to_owned))
        };
        let keys: BTreeSet<String> = drafts.iter().filter_map(|draft| whose(draft)).collect();
        let (keys, deals): (Vec<String>, _) = (keys.into_iter().collect(), named(DEAL_FACT));
        let mut by_key: BTreeMap<String, Links> = BTreeMap::new();
        let contact_key = &self.keeping.contact_key;
        if !keys.is_empty() && is_name(contact_key) {
            let known =
                self.object("Contact", priority).await?.is_some_and(|object| object.field(contact_key).is_some());
            let owned = self.object("Account", priority).await?.is_some_and(|object| object.field("OwnerId").is_some());
            let owner = if owned { ", Account.OwnerId, Account.Owner.IsActive" } else { "" };
            for some in keys.chunks(TURN).filter(|_| known) {
                let query = format!(
                    "SELECT Id, {contact_key}, AccountId{owner} FROM Contact WHERE {contact_key} IN {}",
                    Quoted::List(some.to_vec())
                );
                for row in self.rows_of(&query, priority, "look for the customers").await? {
                    let text = |path: &str| row.pointer(path).and_then(Value::as_str).map(str::to_owned);
                    let links = Links {
                        contact: text("/Id"),
                        account: text("/AccountId"),
                        owner: owner_of(row.get("Account")),
                        deal: None,
                    };
                    by_key.insert(text(&format!("/{contact_key}")).unwrap_or_default().to_lowercase(), links);
                }
            }
        }
        // People who are accounts, where their other side does not carry our id.
        let keys: Vec<String> = keys.into_iter().filter(|key| !by_key.contains_key(&key.to_lowercase())).collect();
        let account_key = &self.keeping.account_key;
        let accounts = if keys.is_empty() { None } else { self.object("Account", priority).await? };
        if let Some(accounts) = accounts.filter(|all| has_people(Some(all)) && all.field(account_key).is_some()) {
            let owner = if accounts.field("OwnerId").is_some() { ", OwnerId, Owner.IsActive" } else { "" };
            for some in keys.chunks(TURN) {
                let query = format!(
                    "SELECT Id, {account_key}, PersonContactId{owner} FROM Account WHERE IsPersonAccount = true AND {account_key} IN {}",
                    Quoted::List(some.to_vec())
                );
                for row in self.rows_of(&query, priority, "look for the customers among accounts").await? {
                    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
                    let links = Links {
                        contact: text("PersonContactId"),
                        account: text("Id"),
                        owner: owner_of(Some(&row)),
                        deal: None,
                    };
                    by_key.insert(text(account_key).unwrap_or_default().to_lowercase(), links);
                }
            }
        }
        let mut by_deal: BTreeMap<String, Links> = BTreeMap::new();
        if !deals.is_empty() {
            let owned =
                self.object("Opportunity", priority).await?.is_some_and(|object| object.field("OwnerId").is_some());
            let owner = if owned { ", OwnerId, Owner.IsActive" } else { "" };
            let ids: Vec<String> = deals.into_iter().filter(|id| is_id(id)).collect();
            for some in ids.chunks(TURN) {
                let query =
                    format!("SELECT Id, AccountId{owner} FROM Opportunity WHERE Id IN {}", Quoted::List(some.to_vec()));
                for row in self.rows_of(&query, priority, "look for the opportunities").await? {
                    let text = |name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
                    let links = Links {
                        contact: None,
                        account: text("AccountId"),
                        owner: owner_of(Some(&row)),
                        deal: text("Id"),
                    };
                    by_deal.insert(text("Id").unwrap_or_default(), links);
                }
            }
        }
        let of = |draft: &&RecordDraft| {
            let deal = draft.fact(DEAL_FACT).and_then(|id| by_deal.get(&id).cloned());
            let customer = whose(draft).and_then(|key| by_key.get(&key.to_lowercase()).cloned());
            deal.or(customer).unwrap_or_default()
        };
        Ok(drafts.iter().map(of).collect())
    }
}

/// The owner of a record, unless that user has left.
fn owner_of(record: Option<&Value>) -> Option<String> {
    let record: &Map<String, Value> = record?.as_object()?;
    let left = record.get("Owner").and_then(|owner| owner.get("IsActive")) == Some(&Value::Bool(false));
    record.get("OwnerId").and_then(Value::as_str).filter(|id| is_id(id) && !left).map(str::to_owned)
}
