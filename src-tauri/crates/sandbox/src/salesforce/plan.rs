//! What kind of org it is, and what an admin may change in the middle of a test.

use crate::Account;
use std::collections::BTreeMap;

/// A validation rule: when one field is filled another must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Object.
    pub object: String,
    /// Filled …
    pub when: String,
    /// … needs this filled.
    pub needs: String,
    /// The admin's words.
    pub message: String,
}

/// Values of a list that a record type allows; those of other lists it allows all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowed {
    /// Object.
    pub object: String,
    /// Developer name of its record type.
    pub record_type: String,
    /// The list.
    pub field: String,
    /// What is left of it.
    pub values: Vec<String>,
}

/// The org.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name in the sandbox.
    pub account: String,
    /// For people.
    pub title: String,
    /// Consumer key of the app.
    pub client_id: String,
    /// Consumer secret.
    pub client_secret: String,
    /// The client credentials flow is on and has a user to run as.
    pub run_as: bool,
    /// Each renewal replaces the refresh token and ends the old one with its session.
    pub rotation: bool,
    /// Life of a session that is used, ms.
    pub session_ms: i64,
    /// Calls in 24 hours.
    pub calls_max: usize,
    /// Versions the org serves.
    pub versions: Vec<String>,
    /// Rows of one answer at most.
    pub batch_rows: usize,
    /// Child rows of one row at most.
    pub child_rows: usize,
    /// `Object.Field` this user may not see.
    pub hidden: Vec<String>,
    /// `Object.Field` this user may not write.
    pub read_only: Vec<String>,
    /// Objects this user may not see.
    pub no_access: Vec<String>,
    /// Validation rules.
    pub rules: Vec<Rule>,
    /// Object → writes that still meet a lock.
    pub locks: BTreeMap<String, u32>,
    /// The standard duplicate rule for contacts is on.
    pub duplicate_rule: bool,
    /// How long a bulk job is worked on, ms.
    pub bulk_ms: i64,
    /// The app is installed in the org; without that nobody signs in by it.
    pub installed: bool,
    /// The user may approve the app.
    pub approvable: bool,
    /// Calls that still meet too many long ones of other programs.
    pub busy: u32,
    /// The app's own part of the calls in 24 hours, if an admin gave it one.
    pub app_calls_max: Option<usize>,
    /// Questions for more rows than this take the org too long.
    pub slow_rows: Option<usize>,
    /// No space is left for new records.
    pub full: bool,
    /// Users who are not active any more.
    pub inactive: Vec<String>,
    /// Object → writes by external id that another program is a moment ahead of.
    pub races: BTreeMap<String, u32>,
    /// What record types leave of lists.
    pub narrowed: Vec<Narrowed>,
    /// (object, record): somebody deletes the record in the moment before a record of the object is written, once.
    pub vanishes: Vec<(String, String)>,
    /// Bulk jobs end early: as `Failed` or `Aborted`, after so many rows.
    pub bulk_ends: Option<(&'static str, usize)>,
    /// The active rule of assignment of cases, and whom it names.
    pub case_rule: Option<(String, String)>,
    /// What the call at hand says of rules of assignment; empty, as without a word, they apply.
    pub assign: String,
}

impl Plan {
    /// A trading company that sells by opportunity.
    pub fn harbour_trade() -> Self {
        Self {
            account: "harbour-trade".into(),
            title: "Harbour Trade".into(),
            client_id: "3MVG9lKcPoNINVBIPJjdw1J9LLM82HnFVVX19KY1uA5mu0QqEWhqKpoW3svG3XHrXDiCQjK1mdgAvhCscA9GE".into(),
            client_secret: "1955279925675241571D0E2C1B7A5F3E9D8C6B4A2F1E0D9C8B7A6F5E4D3C2B1A".into(),
            run_as: true,
            rotation: true,
            session_ms: 2 * 60 * 60 * 1000,
            calls_max: 100_000,
            versions: ["31.0", "58.0", "64.0", "65.0", "66.0", "67.0", "68.0"].map(str::to_owned).to_vec(),
            batch_rows: 2_000,
            child_rows: 200,
            hidden: Vec::new(),
            read_only: Vec::new(),
            no_access: Vec::new(),
            rules: Vec::new(),
            locks: BTreeMap::new(),
            duplicate_rule: true,
            bulk_ms: 9_000,
            installed: true,
            approvable: true,
            busy: 0,
            app_calls_max: None,
            slow_rows: None,
            full: false,
            inactive: Vec::new(),
            races: BTreeMap::new(),
            narrowed: Vec::new(),
            vanishes: Vec::new(),
            bulk_ends: None,
            case_rule: None,
            assign: String::new(),
        }
    }

    /// What a client needs to enter.
    pub fn card(&self) -> Account {
        let fields = [
            ("login_host", format!("{}.my.salesforce.com", self.account)),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
        ];
        Account {
            platform: "salesforce".to_owned(),
            name: self.account.clone(),
            title: self.title.clone(),
            base_url: format!("http://{}.sandbox", self.account),
            way: "client_credentials".to_owned(),
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
        }
    }
}
