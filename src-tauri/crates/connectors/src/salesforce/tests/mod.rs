//! What the vendor's own samples become. Needs the folder of samples; says so when it is not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use super::describe::{Object, Shape, drift};
use super::mapping::{Mapping, Schema};
use super::verdicts::{CODES, Meaning, Problem, STATUSES, meaning, problems};
use super::{DECLARATION, bulk, client, oauth, question, translate};
use quayside_model::{Account, ConnectionConfig, ConnectionId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/specs");
    let folder = std::env::var_os("QUAYSIDE_SPECS").map_or_else(beside, PathBuf::from).join("salesforce");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: Salesforce's samples are not at {}. Set QUAYSIDE_SPECS to the folder that holds them.",
        folder.display()
    );
    None
}

fn file(path: &str) -> Option<Value> {
    Some(serde_json::from_str(&std::fs::read_to_string(folder()?.join(path)).unwrap()).unwrap())
}

fn config(settings: &[(&str, &str)]) -> ConnectionConfig {
    ConnectionConfig {
        id: ConnectionId::new("harbour"),
        name: "Harbour".into(),
        platform: "salesforce".into(),
        way: super::CLIENT_CREDENTIALS.into(),
        fields: BTreeMap::new(),
        base_url: None,
        account: Account::default(),
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect(),
        paused: false,
        created_at_ms: 0,
    }
}

fn recorded_org() -> Option<Schema> {
    let mut objects = Vec::new();
    for path in [
        "describe/Opportunity.describe.json",
        "describe/Account.describe.json",
        "describe/Contact.describe.json",
        "describe/OpportunityContactRole.describe.json",
        "describe-derived/OpportunityLineItem.derived.json",
        "describe-derived/Product2.derived.json",
        "describe-derived/Task.derived.json",
    ] {
        objects.push(Object::read(&file(path)?).unwrap_or_else(|| panic!("{path}")));
    }
    Some(Schema::new(objects))
}

/// Nothing that this org does not have is asked for: no `ContactId` relationship, no country codes, no currency.
#[test]
fn the_question_fits_a_recorded_org() {
    let Some(schema) = recorded_org() else { return };
    let mapping = Mapping::read(&config(&[]), &DECLARATION);
    let usable = mapping.usable(&schema);
    assert_eq!(usable.gaps, [], "a fresh org needs no set-up");
    assert_eq!(usable.parcel_children.as_deref(), Some("Tasks"));
    let query = question::opportunities(&schema, &usable);
    for wanted in [
        "Account.ShippingStreet",
        "LastStageChangeDate",
        "ContactId",
        "FROM OpportunityLineItems",
        "Product2.StockKeepingUnit",
        "FROM OpportunityContactRoles",
        "Contact.MailingCity",
        "CallObject LIKE 'quayside:%'",
    ] {
        assert!(query.contains(wanted), "{wanted}: {query}");
    }
    for strange in ["CurrencyIsoCode", "CountryCode", ", Contact.Name FROM Opportunity"] {
        assert!(!query.contains(strange), "{strange}: {query}");
    }
    assert!(super::soql::encoded(&query).len() < 8_000, "the address stays far under 16 KB");
}

/// The derived descriptions lack lengths; two record types of one name, relationships without `__r`: all are read.
#[test]
fn trap_descriptions_as_they_are() {
    for path in [
        "describe/Account.person-accounts-org.describe.json",
        "describe/Case.describe.json",
        "describe/Lead.describe.json",
        "describe/Event.describe.json",
        "describe/Custom__c.describe.json",
        "describe-derived/Order.derived.json",
        "describe-derived/OrderItem.derived.json",
        "describe-derived/PricebookEntry.derived.json",
        "describe-derived/OpportunityStage.derived.json",
        "describe-derived/Pricebook2.derived.json",
    ] {
        let Some(body) = file(path) else { return };
        let object = Object::read(&body).unwrap_or_else(|| panic!("{path}"));
        let names: Vec<String> =
            body["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect();
        assert!(names.iter().all(|name| object.field(name).is_some()), "{path}");
        let shape = Shape::of(&object, names.iter().map(String::as_str));
        assert!(drift(&object.name, &shape, &shape, true, |_| false).is_empty(), "{path}");
    }
    let person = Object::read(&file("describe/Account.person-accounts-org.describe.json").unwrap()).unwrap();
    assert!(person.required().next().is_none(), "nothing is required there, not even a name");
    let opportunity = Object::read(&file("describe/Opportunity.describe.json").unwrap()).unwrap();
    let mut required: Vec<&str> = opportunity.required().map(|field| field.name.as_str()).collect();
    required.sort_unstable();
    assert_eq!(required, ["CloseDate", "Name", "StageName"]);
}

/// Every sample error means what it should.
#[test]
fn sample_errors_have_their_meaning() {
    let Some(samples) = file("samples/errors.json") else { return };
    for sample in samples["samples"].as_array().unwrap() {
        let (name, class) = (sample["name"].as_str().unwrap(), sample["class"].as_str().unwrap());
        let Some(problem) = problems(&sample["body"]).into_iter().next().filter(|problem| !problem.code.is_empty())
        else {
            continue;
        };
        let found = meaning(&problem);
        let fits = match class {
            "auth" => matches!(found, Meaning::SignIn) || problem.code == "invalid_grant",
            "quota" => matches!(found, Meaning::Wait(ms) if ms >= 600_000),
            "transient" | "transient-if-nested" => matches!(found, Meaning::Again | Meaning::Wait(_)),
            "decision" if problem.code == "DUPLICATE_VALUE" => found == Meaning::Again,
            "decision" if problem.code == "INACTIVE_OWNER_OR_USER" => found == Meaning::Owner,
            "decision" if problem.code == "ENTITY_IS_DELETED" => found == Meaning::Gone,
            "mapping" if problem.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" => found == Meaning::Value,
            "decision" | "permission" | "mapping" => matches!(found, Meaning::Person | Meaning::Schema),
            "schema" => found == Meaning::Schema,
            // A 401 that no new session mends, a version that is gone, an edition without API: the connection stops.
            "config" => matches!(found, Meaning::SignIn | Meaning::Schema),
            _ => true,
        };
        assert!(fits, "{name} ({class}): {found:?}");
    }
    let duplicates =
        samples["samples"].as_array().unwrap().iter().find(|sample| sample["name"] == "duplicates_detected").unwrap();
    let problem = &problems(&duplicates["body"])[0];
    assert_eq!(
        (problem.matches[0].id.as_str(), problem.matches[0].confidence, problem.may_save),
        ("0035500001H9kZuAAJ", 100, true)
    );
}

#[test]
fn sample_sign_ins_and_jobs_are_read() {
    let Some(samples) = file("samples/restforce-fixtures.json") else { return };
    for name in ["auth_success_response", "reauth_success_response", "refresh_success_response"] {
        let body = samples["fixtures"][name].to_string();
        assert!(oauth::read(body.as_bytes()).is_some(), "{name}: no token_type is sent there");
    }
    let refused = &samples["fixtures"]["refresh_error_response"];
    assert!(
        oauth::refusal_sentence(refused["error"].as_str().unwrap(), refused["error_description"].as_str().unwrap())
            .contains("30 days")
    );
    let steps = file("samples/bulk2-ingest-lifecycle.json").unwrap();
    let table = |n: usize| steps["steps"][n]["response_csv"].as_str().unwrap().as_bytes().to_vec();
    let ends = bulk::results(&table(4), &table(5), &table(6), "Quayside_Customer_Id__c").unwrap();
    assert_eq!(ends.len(), 2);
    assert!(matches!(&ends["ship:1002"], bulk::RowEnd::Refused(problem) if problem.code == "REQUIRED_FIELD_MISSING"));
}

#[test]
fn trap_times_and_limits_as_they_are_written() {
    for (text, at_ms) in [
        ("2024-09-24T03:26:07.000+0000", Some(1_727_148_367_000)),
        ("2024-09-24T03:26:07.000Z", Some(1_727_148_367_000)),
        ("2024-09-24T05:26:07+02:00", Some(1_727_148_367_000)),
        ("2024-09-24", None),
        ("soon", None),
    ] {
        assert_eq!(translate::moment(text), at_ms, "{text}");
    }
    for (header, expected) in [
        ("api-usage=18/5000", Some((18.0, 5_000.0))),
        // Whichever part ends first.
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)", Some((17.0, 250.0))),
        ("api-usage=4900/5000; per-app-api-usage=17/250(appName=sample-app)", Some((4_900.0, 5_000.0))),
        ("per-app-api-usage=17/250(appName=x); api-usage=25/5000", Some((17.0, 250.0))),
        ("api-usage=18/0", None),
        ("", None),
        ("api-usage=x/y", None),
    ] {
        assert_eq!(client::tightest(header), expected, "{header}");
    }
    for (text, code) in [
        ("United States", Some("US")),
        ("usa", Some("US")),
        ("DE", Some("DE")),
        ("deutschland", Some("DE")),
        ("DEU", Some("DE")),
        ("Germany", Some("DE")),
        ("United Kingdom", Some("GB")),
        ("France", Some("FR")),
        ("Atlantis", None),
        ("", None),
    ] {
        assert_eq!(translate::country_code(text).as_deref(), code, "{text}");
    }
}

#[test]
fn no_code_has_two_meanings() {
    let mut codes: Vec<&str> = CODES.iter().map(|(code, ..)| *code).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

/// What is to be done about an error, as the manuals and other programs' threads have it: written down here once more,
/// so that a row of the table that says otherwise is noticed.
#[rustfmt::skip] // a table
const DONE_ABOUT: &[(&str, &[&str])] = &[
    ("sign in", &[
        "INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "INVALID_LOGIN", "API_DISABLED_FOR_ORG", "INACTIVE_ORG", "UNSUPPORTED_API_VERSION",
    ]),
    // The org's own allowance, or the org itself: nothing goes for a while.
    ("pause", &["REQUEST_LIMIT_EXCEEDED", "API_CURRENTLY_DISABLED", "ORG_LOCKED"]),
    // Nothing was written, and time or a second look helps.
    ("retry", &[
        "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "OPERATION_TOO_LARGE", "UNABLE_TO_LOCK_ROW", "ROW_LOCKED", "DUPLICATE_VALUE",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "INVALID_QUERY_LOCATOR",
    ]),
    // Perhaps written: looked up before anything is sent again.
    ("look", &["UNKNOWN_EXCEPTION"]),
    // A person, an admin or the mapping.
    ("park", &[
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", "REQUIRED_FIELD_MISSING", "STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "NUMBER_OUTSIDE_VALID_RANGE", "DUPLICATES_DETECTED", "DUPLICATE_EXTERNAL_ID",
        "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "STORAGE_LIMIT_EXCEEDED", "ENTITY_IS_LOCKED", "JSON_PARSER_ERROR", "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "FIELD_INTEGRITY_EXCEPTION", "FIELD_FILTER_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_EXECUTE_FLOW_TRIGGER", "CANNOT_UPDATE_CONVERTED_LEAD", "FUNCTIONALITY_NOT_ENABLED", "MALFORMED_ID",
        "MALFORMED_QUERY", "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", "A_CODE_NOBODY_KNOWS",
    ]),
    // The org changed: it is described anew, too.
    ("describe", &["INVALID_FIELD", "INVALID_TYPE", "NOT_FOUND", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_QUERY_FILTER_OPERATOR"]),
    // What it hangs on is gone: matched anew, then a person.
    ("match", &["ENTITY_IS_DELETED", "DELETED_ENTITY", "INVALID_CROSS_REFERENCE_KEY"]),
    // Whoever the settings name gets it, then a person.
    ("heir", &["INACTIVE_OWNER_OR_USER"]),
];

#[test]
fn every_code_does_what_its_manual_asks_for() {
    let does = |of: Meaning| -> &'static [&'static str] {
        match of {
            Meaning::Wait(_) => &["pause"],
            Meaning::Again => &["retry"],
            Meaning::SignIn => &["sign in"],
            Meaning::Unknown => &["look"],
            Meaning::Person | Meaning::Value => &["park"],
            Meaning::Schema => &["park", "describe"],
            Meaning::Gone => &["park", "match"],
            Meaning::Owner => &["park", "heir"],
        }
    };
    let says = |code: &str, message: &str| {
        meaning(&Problem { code: code.to_owned(), message: message.to_owned(), ..Problem::default() })
    };
    for (expected, codes) in DONE_ABOUT {
        for code in *codes {
            assert!(does(says(code, "")).contains(expected), "{code}: {:?}, not {expected}", says(code, ""));
        }
    }
    let told: Vec<&str> = DONE_ABOUT.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    for (code, ..) in CODES {
        assert!(told.contains(code), "{code} is in the table, and nobody wrote down what is to be done about it");
    }
    // The calls of a day come back slowly, those of this moment soon.
    let waits = |message: &str| match says("REQUEST_LIMIT_EXCEEDED", message) {
        Meaning::Wait(ms) => Some(ms),
        _ => None,
    };
    assert!(waits("TotalRequests Limit exceeded.").is_some_and(|ms| ms >= 10 * 60_000));
    let at_once = waits("ConcurrentRequests (Concurrent API requests) Limit exceeded.");
    assert!(at_once.is_some_and(|ms| ms <= 60_000), "{at_once:?}");
    // An automation that failed on a lock passes.
    let locked = says("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "… UNABLE_TO_LOCK_ROW …");
    assert_eq!(locked, Meaning::Again);
    for (status, expected) in
        [(401, "sign in"), (403, "park"), (410, "sign in"), (429, "pause"), (500, "look"), (503, "look")]
    {
        let row = STATUSES.iter().find(|(from, to, ..)| (*from..=*to).contains(&status));
        assert!(row.is_some_and(|row| does(row.2).contains(&expected)), "{status}");
    }
}
