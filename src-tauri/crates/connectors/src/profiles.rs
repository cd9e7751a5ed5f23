//! Platforms whose API is described by a file the merchant owns: what a screen or a terminal may ask about such files.
//!
//! Pure functions over texts; nothing here sends or stores. The platform that
//! reads the files offers them as a [`ProfileKit`], so that nobody above needs
//! its name.

use crate::connector::Fields;
use quayside_model::{HubOrderDraft, Incoming, Unreadable};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::collections::BTreeMap;

/// See [`ProfileKit::dry_run`].
pub type RenderRequest =
    fn(profile: &str, operation: &str, draft: &HubOrderDraft, fields: &Fields) -> Result<DryRun, Vec<Fault>>;
/// See [`ProfileKit::edit`].
pub type EditProfile = fn(profile: &str, place: &[String], value: &Value) -> Result<String, Vec<Fault>>;

/// What a platform with profiles offers.
pub struct ProfileKit {
    /// Profiles that come with the program.
    pub shipped: fn() -> Vec<ShippedProfile>,
    /// Looks a profile through.
    pub check: fn(profile: &str) -> ProfileReport,
    /// What a sample answer may be of (`order`, `fulfillment`).
    pub entities: fn() -> Vec<String>,
    /// A sample answer read through a profile.
    pub preview: fn(profile: &str, entity: &str, sample: &str) -> Result<Preview, Vec<Fault>>,
    /// The request a profile would make. Sends nothing. `fields`: what the form holds, for the address.
    pub dry_run: RenderRequest,
    /// A profile with one thing changed; the rest, comments included, stays where the file's form allows it.
    pub edit: EditProfile,
    /// A profile from a Postman collection or an OpenAPI file.
    pub import: fn(collection: &str) -> Result<ImportedProfile, String>,
    /// An export's columns, and a guess at what they are.
    pub csv_preview: fn(csv: &str) -> Result<CsvPreview, String>,
    /// An export's orders by mapped columns.
    pub csv_read: fn(csv: &str, mapping: &CsvMapping, now_ms: i64) -> Result<CsvOrders, String>,
}

/// Every platform whose API is described by profiles, the usual one first.
pub fn profile_platforms() -> impl Iterator<Item = &'static str> {
    crate::registry().iter().filter(|platform| platform.kit.is_some()).map(|platform| platform.declaration.platform)
}

/// Setting of an account that keeps its [`Former`] profiles. No form shows it.
pub const FORMER: &str = "former_profiles";
/// Setting of an account that keeps which column of its export is what. No form shows it.
pub const CSV_COLUMNS: &str = "csv_columns";

/// How an account was described before, for what was begun so and is not over: it ends as it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// Its way of signing in.
    pub way: String,
    /// Its fields, the profile's text among them.
    pub fields: Fields,
    /// Keys of the effects that were begun by it.
    pub begun: Vec<String>,
}

/// What is kept when an account gets another description. `begun`: effects that were sent or belong to an earlier
/// description already, and whose end nobody knows.
pub fn described_anew(known: &[Former], before: (&str, &Fields), begun: &[String]) -> Vec<Former> {
    let mut all: Vec<Former> = known.to_vec();
    for former in &mut all {
        former.begun.retain(|key| begun.contains(key));
    }
    all.retain(|former| !former.begun.is_empty());
    let fresh: Vec<String> =
        begun.iter().filter(|key| !all.iter().any(|former| former.begun.contains(key))).cloned().collect();
    if !fresh.is_empty() {
        all.push(Former { way: before.0.to_owned(), fields: before.1.clone(), begun: fresh });
    }
    all
}

/// Which column is what, as it was chosen last time for this account: all of it where the file still has all of its
/// columns, else what is left of it, and guesses for the rest.
pub fn as_last_time(mut preview: CsvPreview, last: &CsvMapping) -> CsvPreview {
    let there = |heading: &String| preview.headings.contains(heading);
    let mut columns = last.columns.clone();
    columns.retain(|_, heading| there(heading));
    if columns.len() < last.columns.len() {
        for (field, heading) in &preview.mapping.columns {
            if !columns.contains_key(field) && !columns.values().any(|taken| taken == heading) {
                columns.insert(field.clone(), heading.clone());
            }
        }
    }
    if !columns.is_empty() {
        preview.mapping.columns = columns;
    }
    preview
}

/// The kit of a platform, if its API is described by profiles.
pub fn profile_kit(platform: &str) -> Option<&'static ProfileKit> {
    crate::platform(platform)?.kit
}

/// A profile that comes with the program: read-only, to be copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ShippedProfile {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// Something in a profile that cannot be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Fault {
    /// Where (`operations.createOrder.path`); empty for the file as a whole.
    pub place: String,
    /// What is wrong and what to do.
    pub sentence: String,
}

/// A profile looked through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProfileReport {
    /// It can be used.
    pub ok: bool,
    /// Its name, if even that could be read.
    pub name: String,
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// What it switches on, and what not and why.
    pub abilities: Vec<Ability>,
    /// Operations whose path is known.
    pub operations: Vec<String>,
    /// What can be said of each thing that is read, as far as the file is readable.
    pub entities: Vec<ProfileEntity>,
    /// Requests, those we make use of first.
    pub requests: Vec<ProfileRequest>,
    /// What is asked for in fields: paging, limits, forms of values.
    pub settings: Vec<ProfileSection>,
    /// Tables of words, theirs and ours.
    pub tables: Vec<ProfileTable>,
}

/// A part of a profile that is asked for in fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProfileSection {
    /// Headline.
    pub title: String,
    /// What it is about.
    pub help: String,
    /// Its fields.
    pub fields: Vec<ProfileField>,
}

/// One field. What is wrong with it is among the report's faults, at its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProfileField {
    /// Where it stands in the file.
    pub place: Vec<String>,
    /// Label.
    pub label: String,
    /// Help.
    pub help: String,
    /// `text`, `expression`, `number`, `choice`.
    pub kind: String,
    /// Options of a choice: (value, label).
    pub options: Vec<(String, String)>,
    /// As the file has it; empty where it says nothing.
    pub value: String,
}

/// A table of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProfileTable {
    /// Where it stands in the file.
    pub place: Vec<String>,
    /// Headline.
    pub title: String,
    /// It is for writing: our words to theirs. Else theirs to ours.
    pub writes: bool,
    /// Our words; empty where any will do.
    pub words: Vec<String>,
    /// From, to. `*` is every other word.
    pub rows: Vec<(String, String)>,
}

/// A thing that is read, and where the profile says that its fields are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProfileEntity {
    /// Stable word (`order`).
    pub name: String,
    /// Our fields, required ones first, without a value.
    pub rows: Vec<PreviewRow>,
}

/// A request, as the profile describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ProfileRequest {
    /// Our operation (`createOrder`).
    pub operation: String,
    /// Method.
    pub method: String,
    /// Path below the address; empty: unknown.
    pub path: String,
    /// Template of the body, indented JSON; empty for none.
    pub body: String,
    /// What stands in braces in a path of it (`order_id`).
    pub placeholders: Vec<String>,
    /// It sends something.
    pub writes: bool,
    /// An ability that we make use of needs it.
    pub used: bool,
}

/// Something an account can or cannot do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Ability {
    /// Stable word (`orders.write`).
    pub name: String,
    /// For people.
    pub title: String,
    /// It can be used.
    pub on: bool,
    /// Why not; empty if it can.
    pub why_off: String,
    /// What happens instead.
    pub fallback: String,
    /// The word of the file that switches it; empty where it follows from others.
    pub switch: String,
    /// The switch is on, whether or not that is enough.
    pub switched: bool,
    /// Quayside makes use of it today.
    pub used: bool,
}

/// A sample answer read through a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Preview {
    /// Records found in the sample.
    pub records: u32,
    /// Our fields with the values of the first record, required ones first.
    pub rows: Vec<PreviewRow>,
    /// Fields of theirs that nothing reads.
    pub unused: Vec<String>,
    /// Every required field has a value and the record was read.
    pub ok: bool,
    /// What came of it, in a sentence.
    pub sentence: String,
}

/// One field of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct PreviewRow {
    /// Its name.
    pub field: String,
    /// What it is.
    pub meaning: String,
    /// Nothing works without it.
    pub required: bool,
    /// Where the profile says it is; empty: nowhere.
    pub expression: String,
    /// What is there, as JSON; empty: nothing.
    pub value: String,
    /// Required and without a value, or its expression failed.
    pub missing: bool,
    /// What went wrong, if something did.
    pub problem: String,
}

/// A request as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct DryRun {
    /// Method.
    pub method: String,
    /// Where, inputs still in braces.
    pub url: String,
    /// Headers by name; the key is shown as dots.
    pub headers: Vec<(String, String)>,
    /// Body, indented JSON; empty for none.
    pub body: String,
}

/// What an import made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct ImportedProfile {
    /// The profile's text (YAML).
    pub profile: String,
    /// Requests that were recognised: our operation, theirs.
    pub found: Vec<(String, String)>,
    /// Requests nobody knows what to do with.
    pub unknown: Vec<String>,
    /// Sample answers by operation, for the preview.
    pub samples: BTreeMap<String, String>,
    /// What is left to do, in sentences.
    pub notes: Vec<String>,
}

/// Which column is what: our field → their heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct CsvMapping {
    /// Our field → their heading.
    pub columns: BTreeMap<String, String>,
}

/// An export looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct CsvPreview {
    /// Its headings.
    pub headings: Vec<String>,
    /// Its first rows.
    pub rows: Vec<Vec<String>>,
    /// Rows in all.
    pub total: u32,
    /// A guess.
    pub mapping: CsvMapping,
    /// Our fields: name, whether nothing works without it, what it is.
    pub fields: Vec<(String, bool, String)>,
}

/// An export's orders.
#[derive(Debug, Clone, PartialEq)]
pub struct CsvOrders {
    /// What could be read.
    pub records: Vec<Incoming>,
    /// What could not, with the number of its row.
    pub unreadable: Vec<Unreadable>,
}
