//! What people type, paste and import.

use crate::bend::Dice;
use crate::house;
use async_trait::async_trait;
use quayside_api::desk::{Desk, OpenDesk, Role};
use quayside_api::keychain::MemoryKeychain;
use quayside_api::profile::Profile;
use quayside_api::view::QueueAsk;
use quayside_connectors::profiles::CsvMapping;
use quayside_connectors::registry;
use quayside_connectors::{Wire, WireError};
use quayside_flows::facts::Facts;
use quayside_flows::field_mapping::{FieldMapping, MappingRow, ReadyMapping, Target};
use quayside_flows::rules::{Op, ReadyRules, Rule, RuleAction, RuleBook, Test};
use quayside_flows::{Policy, Shapers, decide, sku_csv};
use quayside_model::{Clock, ConnectionId};
use quayside_store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// 20 October 2026.
const NOW_MS: i64 = 1_792_454_400_000;

struct Silence;

#[async_trait]
impl Wire for Silence {
    async fn send(&self, _: http::Request<Vec<u8>>, _: Duration) -> Result<http::Response<Vec<u8>>, WireError> {
        Err(WireError::NotSent("silence".into()))
    }
}

struct Standing;

impl Clock for Standing {
    fn now_ms(&self) -> i64 {
        NOW_MS
    }
}

thread_local! {
    static DESK: (Desk, tempfile::TempDir) = {
        let folder = tempfile::tempdir().expect("a folder");
        let profile = Profile::at(folder.path()).expect("a profile");
        let setup = OpenDesk {
            store: Some(Store::in_memory()),
            role: Role::Quiet,
            ..OpenDesk::new(profile, Arc::new(MemoryKeychain::default()), Arc::new(Silence), Arc::new(Standing))
        };
        (Desk::open_with(setup, Arc::new(|_| {})).expect("a desk in memory"), folder)
    };
}

/// The search box: any text is a search, and none breaks anything.
pub fn search(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    DESK.with(|(desk, _)| {
        let ask = QueueAsk { text, ..QueueAsk::default() };
        if let Err(trouble) = desk.queue(ask) {
            // What cannot be understood is a sentence about what was typed, never about the database.
            assert_eq!(trouble.code, quayside_api::view::TroubleCode::Input, "{trouble}");
        }
    });
}

fn names() -> BTreeMap<ConnectionId, String> {
    BTreeMap::from([(ConnectionId::new("harbour-goods"), "Harbour Goods".to_owned())])
}

/// Tables people import: SKU aliases, and orders from an export.
pub fn csv(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(read) = sku_csv::import(&text, &names()) {
        // What was read is written and read again.
        let file = sku_csv::export(&read.aliases, &names());
        let mut again = sku_csv::import(&file, &names()).expect("our own file").aliases;
        let mut first = read.aliases;
        again.sort();
        first.sort();
        assert_eq!(again, first, "{file}");
    }
    for kit in registry().iter().filter_map(|platform| platform.kit) {
        let Ok(preview) = (kit.csv_preview)(&text) else { continue };
        let _ = (kit.csv_read)(&text, &preview.mapping, NOW_MS);
        let every: BTreeMap<String, String> = preview
            .fields
            .iter()
            .zip(preview.headings.iter().cycle())
            .map(|((field, _, _), heading)| (field.clone(), heading.clone()))
            .collect();
        let _ = (kit.csv_read)(&text, &CsvMapping { columns: every }, NOW_MS);
    }
}

/// Profile files, and collections they are made from. A part of the input is a sample answer.
pub fn profile(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (text, sample) = text.split_once('\u{1}').unwrap_or((&text, r#"{"data":[{"id":1}]}"#));
    for kit in registry().iter().filter_map(|platform| platform.kit) {
        let report = (kit.check)(text);
        for entity in (kit.entities)() {
            let _ = (kit.preview)(text, &entity, sample);
        }
        let draft = house::intents("1", &["1".to_owned()]).into_iter().find_map(|intent| match intent {
            quayside_model::Intent::PutHubOrder { order, .. } => Some(order),
            _ => None,
        });
        if let Some(draft) = draft {
            for operation in report.operations.iter().take(8) {
                let _ = (kit.dry_run)(text, operation, &draft, &BTreeMap::new());
            }
        }
        if let Ok(imported) = (kit.import)(text) {
            // What an import writes can be read.
            let _ = (kit.check)(&imported.profile);
        }
    }
}

const TARGETS: [Target; 6] =
    [Target::CustomField1, Target::InternalNote, Target::Tag, Target::Phone, Target::Company, Target::RequestedService];
const FIELDS: [&str; 8] =
    ["tags", "value", "weight_g", "country", "placed_date", "note", "attribute:Gift wrap", "units"];

/// Mapping templates, lookup tables and rules: an order always comes out.
pub fn mapping(data: &[u8]) {
    let mut dice = Dice::new(data);
    let (target, op, field) = (dice.below(TARGETS.len()), dice.below(Op::ALL.len()), dice.below(FIELDS.len()));
    let text = String::from_utf8_lossy(dice.rest()).into_owned();
    let (template, value) = text.split_once('\u{1}').unwrap_or((&text, &text));
    let row = MappingRow {
        id: "a".into(),
        on: true,
        target: TARGETS[target],
        template: template.to_owned(),
        required: false,
        stores: vec![],
    };
    let tables = BTreeMap::from([("zones".to_owned(), BTreeMap::from([("NO".to_owned(), value.to_owned())]))]);
    let ready = ReadyMapping::new(FieldMapping { rows: vec![row], tables, sets: vec![] });
    let test = Test::Is { field: FIELDS[field].into(), op: Op::ALL[op], value: value.to_owned() };
    let rule = Rule {
        id: "r".into(),
        name: value.chars().take(40).collect(),
        on: true,
        when: test,
        then: vec![RuleAction::Tag { text: template.chars().take(60).collect() }],
    };
    let rules = ReadyRules::new(RuleBook { rules: vec![rule], first_only: false }, &BTreeMap::new());
    let story = house::story();
    let policy = Policy::default();
    for worked in ready.work_out(&Facts::of(&story, &policy)) {
        let length = worked.given.as_ref().map_or(0, String::len);
        assert!(length <= 1 << 20, "a text of {length} bytes was made");
    }
    let shapers = Shapers { mapping: ready, rules, ..Shapers::default() };
    let policy = Policy { shapers: Arc::new(shapers), ..policy };
    let _ = decide(&story, &policy, NOW_MS);
}
