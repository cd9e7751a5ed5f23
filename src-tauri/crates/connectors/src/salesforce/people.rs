//! People who are accounts ("person accounts"): no contact under an account, but an account that is a contact, too.
//!
//! An org may have both kinds of accounts; the record type tells them apart. A person is
//! written at the account only: its other side, the contact, is the platform's own copy,
//! and nobody else may hang under it.

use super::Salesforce;
use super::describe::Object;
use super::nouns::{self, Found};
use super::soql::{Value as Quoted, is_name};
use super::verdicts::CallError;
use crate::Priority;
use quayside_model::{Cause, RecordDraft, Refusal};
use serde_json::Value;

/// A record type of accounts: its id and what people call it.
type Named = (String, String);

/// Record types of accounts, by what they are for.
pub struct AccountTypes {
    /// Of people.
    pub people: Vec<Named>,
    /// Of companies.
    pub companies: Vec<Named>,
}

impl AccountTypes {
    /// What a new person is: the chosen type, else this user's default, else the only one. `Err`: a sentence.
    pub fn person(&self, chosen: &str, accounts: &Object) -> Result<&str, String> {
        let short = |id: &str| id.get(..15).unwrap_or_default().to_owned();
        let of = |id: &str| self.people.iter().find(|(known, _)| short(known) == short(id)).map(|(id, _)| id.as_str());
        if !chosen.is_empty() {
            return of(chosen).ok_or_else(|| {
                format!("{chosen} is no record type of person accounts that the integration user may use. Choose another in the settings.")
            });
        }
        if let Some(id) = accounts.default_type().and_then(|default| of(&default.id)) {
            return Ok(id);
        }
        match self.people.as_slice() {
            [(id, _)] => Ok(id),
            [] => {
                Err("The integration user may use no record type of person accounts. An admin gives it one.".to_owned())
            }
            several => {
                let names: Vec<String> = several.iter().map(|(id, name)| format!("{name} ({id})")).collect();
                Err(format!(
                    "There are several record types of person accounts: {}. Enter the id of one in the connection's settings, then retry.",
                    names.join(", ")
                ))
            }
        }
    }

    /// What a new company is, where this user's default would make a person of it.
    pub fn company(&self, accounts: &Object) -> Option<&str> {
        let default = accounts.default_type()?;
        let is_person = self.people.iter().any(|(id, _)| *id == default.id);
        self.companies.first().filter(|_| is_person).map(|(id, _)| id.as_str())
    }
}

impl Salesforce {
    /// New, this customer would become a person who is an account.
    pub(super) async fn becomes_person(&self, draft: &RecordDraft, priority: Priority) -> Result<bool, CallError> {
        if !self.keeping.people || draft.fact("company").is_some() {
            return Ok(false);
        }
        Ok(has_people(self.object("Account", priority).await?.as_ref()))
    }

    /// Record types of accounts this user may use. Their developer names tell nothing: two may share one.
    pub(super) async fn account_types(&self, accounts: &Object, priority: Priority) -> Result<AccountTypes, CallError> {
        let query = "SELECT Id, Name, IsPersonType FROM RecordType WHERE SobjectType = 'Account' AND IsActive = true ORDER BY Name";
        let rows = self.rows_of(query, priority, "look at the record types of accounts").await?;
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let usable = rows.iter().filter(|row| accounts.record_type(&text(row, "Id")).is_some());
        let (people, companies): (Vec<&Value>, Vec<&Value>) =
            usable.partition(|row| row.get("IsPersonType") == Some(&Value::Bool(true)));
        let named = |rows: Vec<&Value>| rows.into_iter().map(|row| (text(row, "Id"), text(row, "Name"))).collect();
        Ok(AccountTypes { people: named(people), companies: named(companies) })
    }

    /// People who are accounts and carry our ids or these e-mails, or were chosen, in the fields of contacts.
    pub(super) async fn likely_people(
        &self,
        ids: &[String],
        mails: &[String],
        chosen: &[String],
        accounts: &Object,
        priority: Priority,
    ) -> Result<Vec<Value>, CallError> {
        let mut signs = vec![format!("{} IN {}", self.keeping.account_key, Quoted::List(ids.to_vec()))];
        if !mails.is_empty() && accounts.field("PersonEmail").is_some() {
            signs.push(format!("PersonEmail IN {}", Quoted::List(mails.to_vec())));
        }
        if !chosen.is_empty() {
            signs.push(format!("Id IN {}", Quoted::List(chosen.to_vec())));
        }
        self.people_by(&signs, accounts, priority).await
    }

    /// People who are accounts, by any of these conditions, in the fields of contacts.
    pub(super) async fn people_by(
        &self,
        signs: &[String],
        accounts: &Object,
        priority: Priority,
    ) -> Result<Vec<Value>, CallError> {
        let key = &self.keeping.account_key;
        if signs.is_empty() || !is_name(key) || accounts.field(key).is_none() {
            return Ok(Vec::new());
        }
        let twin_key = nouns::at_account(&self.keeping.contact_key);
        let verified = nouns::at_account(&self.keeping.verified_field);
        let named = ["PersonContactId", "Name", "FirstName", "LastName"];
        let wanted = nouns::PERSON_FIELDS.iter().map(|(_, field)| *field).chain(named);
        let wanted = wanted.chain(twin_key.as_deref()).chain(verified.as_deref());
        let mut columns: Vec<&str> = Vec::new();
        for field in wanted.filter(|field| accounts.field(field).is_some()) {
            // A field that is asked for twice fails the question.
            if !columns.contains(&field) {
                columns.push(field);
            }
        }
        let query = format!(
            "SELECT Id, {key}, {} FROM Account WHERE IsPersonAccount = true AND ({})",
            columns.join(", "),
            signs.join(" OR ")
        );
        let rows = self.rows_of(&query, priority, "look for the customers among accounts").await?;
        Ok(rows.iter().map(|row| nouns::person_row(row, &self.keeping)).collect())
    }

    /// The row of a person, its other side's id of ours included where the account shows it.
    pub(super) fn person(
        &self,
        draft: &RecordDraft,
        found: &Found,
        types: Option<&AccountTypes>,
        accounts: &Object,
    ) -> Result<RecordDraft, Refusal> {
        let record_type = match (found, types) {
            (Found::Nobody, Some(types)) => {
                let of = types.person(&self.keeping.person_type, accounts);
                Some(of.map_err(|sentence| {
                    let what = format!("Could not write the customer. {sentence}");
                    self.refusal(Cause::ContentRefused, &what).about(draft.external_id.clone())
                })?)
            }
            _ => None,
        };
        let mut row = nouns::person(draft, found, record_type, &self.keeping);
        let twin_key = nouns::at_account(&self.keeping.contact_key).and_then(|name| accounts.field(&name));
        let shown = |name: &str| match found {
            Found::Ours(known) | Found::Met(known, _) => {
                known.row.get(name).and_then(Value::as_str) == Some(draft.external_id.as_str())
            }
            _ => false,
        };
        if let Some(field) = twin_key.filter(|field| field.updateable && !shown(&field.name)) {
            row.fields.push((field.name.clone(), Value::from(draft.external_id.clone()).to_string()));
        }
        Ok(row)
    }
}

/// Accounts of this org may be people.
pub fn has_people(accounts: Option<&Object>) -> bool {
    accounts.is_some_and(|accounts| accounts.field("IsPersonAccount").is_some())
}
