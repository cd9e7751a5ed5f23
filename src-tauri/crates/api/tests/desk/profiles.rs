//! Accounts that are described by a profile: looked at before anything is sent, worked by files where there is no API.

use crate::connections::Stage;
use crate::house::{House, NOW, act, config, order, shop};
use quayside_api::profiles::{self, HandedText};
use quayside_api::view::{ConnectionDraft, ConnectionView, Targets, TroubleCode, Verb};
use quayside_connectors::profiles::CsvMapping;
use quayside_connectors::{Priority, Setup, Task};
use quayside_engine::SecretStore as _;
use quayside_model::time::HOUR_MS;
use quayside_model::{Action, Cause, ConnectionId, Intent, Order, Verdict};
use quayside_sandbox::SandboxPlan;
use quayside_sandbox::orderez::EXTRA;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const DESK: &str = "harbour-supply";
const CONTRACT: &str = "assumed-contract";

fn pasted(text: &str) -> HandedText {
    HandedText { text: text.into(), path: None }
}

fn stage() -> Arc<Stage> {
    let plan = SandboxPlan { extras: vec![EXTRA], ..SandboxPlan::quiet(7, NOW) };
    Stage::of(plan)
}

/// A store, and an account that is worked by a profile as the only hub.
async fn house(stage: &Arc<Stage>, way: &str) -> (House, ConnectionView) {
    let house = House::empty(stage.clone()).auto();
    let draft = stage.draft(DESK);
    let platform = quayside_connectors::platform(&draft.platform).unwrap();
    let wanted = platform.declaration.ways.iter().find(|one| one.id == way).unwrap().fields;
    let fields = draft.fields.clone().into_iter().filter(|(name, _)| wanted.iter().any(|field| field.name == name));
    let draft = ConnectionDraft { way: way.into(), fields: fields.collect(), name: "Harbour Desk".into(), ..draft };
    let hub = house.desk.connect(draft).await.unwrap();
    house.store.write(|tx| tx.put_connection(&config(&shop(), "Harbour Goods", "shopify", "EUR"))).unwrap();
    // Such an account cannot show which stores it imports by itself.
    house
        .desk
        .put_connection_settings(&shop(), &BTreeMap::from([("hub_imports".to_owned(), Value::Bool(false))]))
        .unwrap();
    (house, hub)
}

fn account(house: &House, hub: &ConnectionId, stage: &Arc<Stage>) -> Arc<dyn quayside_connectors::Connector> {
    let config = house.store.read(|r| r.connection(hub)).unwrap().unwrap();
    let platform = quayside_connectors::platform(&config.platform).unwrap();
    let setup = Setup {
        config,
        secrets: house.keychain.secrets(hub).unwrap(),
        wire: stage.clone(),
        clock: house.clock.clone(),
        buckets: vec![],
    };
    (platform.open)(setup).unwrap()
}

/// Without what is made only when a request is sent: its permanent name.
fn without_name(mut body: Value) -> Value {
    body["source"]["id"] = Value::Null;
    body
}

#[tokio::test]
async fn a_dry_run_shows_what_is_then_sent() {
    let stage = stage();
    let (house, hub) = house(&stage, CONTRACT).await;
    let id = house.order(order(1));
    let intents = house.intents(id);
    let orders: Vec<&Intent> = intents.iter().filter(|intent| matches!(intent, Intent::PutHubOrder { .. })).collect();
    let [intent] = orders.as_slice() else { panic!("{intents:?}") };

    let before = stage.sent().len();
    let platform = profiles::usual_platform();
    let tried =
        house.desk.try_profile(platform, CONTRACT, "createOrder", Some(id), Some(hub.id.clone()), &hub.fields).unwrap();
    assert_eq!(stage.sent().len(), before, "nothing is sent");
    assert_eq!((tried.order, tried.number.as_str()), (Some(id), "#1"));
    assert!(tried.request.headers.iter().any(|(name, value)| name == "authorization" && value == "Bearer •••"));

    let task = Task {
        key: "effect-1",
        intent,
        first_sent_at_ms: None,
        last_sent_at_ms: None,
        ticket: None,
        priority: Priority::Write,
    };
    let verdict = account(&house, &hub.id, &stage).perform(&[task]).await.remove(0);
    let Verdict::Done(receipt) = verdict else { panic!("{verdict:?}") };
    assert!(receipt.note.unwrap().contains(&format!("revision {}", facts(&house, &hub.id)["profile_revision"])));
    let sent = stage.sent();
    let sent = sent.iter().rfind(|request| request.method() == "POST").unwrap();
    assert_eq!(tried.request.method, "POST");
    assert!(tried.request.url.ends_with(sent.uri().path()), "{} {}", tried.request.url, sent.uri());
    let shown: Value = serde_json::from_str(&tried.request.body).unwrap();
    let really: Value = serde_json::from_slice(sent.body()).unwrap();
    assert_eq!(without_name(shown), without_name(really));
    for (name, _) in tried.request.headers.iter().filter(|(name, _)| name != "authorization") {
        assert!(sent.headers().contains_key(name.as_str()), "{name} was shown and not sent");
    }

    // A sample from the account itself, read with a profile that is not kept yet.
    let draft = ConnectionDraft { way: "own".into(), ..stage.draft(DESK) };
    let own = profiles::shipped(platform).unwrap().into_iter().find(|one| one.name == CONTRACT).unwrap().text;
    let with = |profile: &str| ConnectionDraft {
        fields: BTreeMap::from([
            ("profile".to_owned(), profile.to_owned()),
            ("host".to_owned(), "evil.example".to_owned()),
        ]),
        ..draft.clone()
    };
    let sample = house.desk.profile_sample(with(&own), Some(hub.id.clone()), "order".into()).await.unwrap();
    let preview = profiles::preview(platform, &own, "order", &sample).unwrap();
    assert!(preview.ok && preview.records == 1, "{}", preview.sentence);
    assert!(
        preview.rows.iter().any(|row| row.field == "external_refs" && row.value.contains("\"#1\"")),
        "{:?}",
        preview.rows
    );
    assert!(stage.sent().iter().all(|request| request.uri().host() == Some("127.0.0.1")), "only the account is asked");
    // And one that knows no path for it says so.
    let none = profiles::edit(platform, &own, &place("operations/listOrders/path"), &Value::Null).unwrap();
    let trouble = house.desk.profile_sample(with(&none), Some(hub.id.clone()), "order".into()).await.unwrap_err();
    assert!(trouble.sentence.contains("knows no path for listOrders"), "{trouble}");
}

fn place(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

fn facts(house: &House, id: &ConnectionId) -> BTreeMap<String, String> {
    house.store.read(|r| r.connection(id)).unwrap().unwrap().account.facts
}

#[tokio::test]
async fn without_an_order_an_example_is_shown() {
    let house = House::empty(stage());
    let fields = BTreeMap::from([("host".to_owned(), "api.harbour.example".to_owned())]);
    let platform = profiles::usual_platform();
    let tried = house.desk.try_profile(platform, CONTRACT, "createOrder", None, None, &fields).unwrap();
    assert_eq!((tried.order, tried.request.url.as_str()), (None, "https://api.harbour.example/v1/orders"));
    assert!(tried.request.body.contains("EXAMPLE-1"), "{}", tried.request.body);
    // A store alone is enough for a real one: there need be no hub yet.
    house.store.write(|tx| tx.put_connection(&config(&shop(), "Harbour Goods", "shopify", "EUR"))).unwrap();
    let id = house.order(order(2));
    let tried = house.desk.try_profile(platform, CONTRACT, "createOrder", None, None, &fields).unwrap();
    assert_eq!((tried.order, tried.number.as_str()), (Some(id), "#2"));
    let gone =
        house.desk.try_profile(platform, CONTRACT, "createOrder", Some(quayside_model::OrderId(99)), None, &fields);
    assert_eq!(gone.unwrap_err().code, TroubleCode::Gone);
}

#[tokio::test]
async fn a_profile_that_learns_more_is_of_the_same_account() {
    let stage = stage();
    let (house, hub) = house(&stage, "orderez-co-supplier").await;
    let platform = profiles::usual_platform();
    let shipped = profiles::shipped(platform).unwrap();
    let contract = &shipped.iter().find(|one| one.name == CONTRACT).unwrap().text;
    let fields = BTreeMap::from([("profile".to_owned(), contract.clone())]);
    let result = house.desk.rotate(hub.id.clone(), "own".into(), fields).await.unwrap();
    assert!(result.ok, "{result:?}");
    let now = house.desk.connections().unwrap().into_iter().find(|view| view.id == hub.id).unwrap();
    assert_eq!((now.way.as_str(), now.fields["profile"].trim()), ("own", contract.trim()));
    assert!(now.abilities.iter().any(|ability| ability == "orders.write"), "{:?}", now.abilities);
    // The key was never typed again.
    assert_eq!(house.keychain.secrets(&hub.id).unwrap().len(), 1);
    // A file that cannot be used changes nothing.
    let broken = BTreeMap::from([("profile".to_owned(), contract.replace("format: 1", "format: 9"))]);
    let result = house.desk.rotate(hub.id.clone(), "own".into(), broken).await.unwrap();
    assert!(!result.ok && result.problems[0].0 == "profile", "{result:?}");
}

const EXPORT: &str = "Order Number,SKU,Quantity,Status,Order Date\n\
    SO-1,MUG,2,Accepted,2026-11-19\nSO-1,TEA,1,Accepted,2026-11-19\n\
    SO-2,MUG,lots,Accepted,2026-11-19\nSO-3,TEA,1,Completed,\n";

#[tokio::test]
async fn an_export_read_twice_changes_nothing_the_second_time() {
    let stage = stage();
    let (house, hub) = house(&stage, "orderez-co-supplier").await;
    let preview = house.desk.csv_preview_handed(&hub.id, pasted(EXPORT)).unwrap();
    assert_eq!(preview.total, 4);
    let first = house.desk.import_csv_handed(&hub.id, pasted(EXPORT), &preview.mapping).unwrap();
    assert_eq!((first.orders, first.changed, first.set_aside.len()), (2, 2, 1), "{first:?}");
    assert!(first.set_aside[0].contains("row 4") && first.set_aside[0].contains("lots"), "{first:?}");
    // The next day: an order without a date of its own has not changed either.
    house.clock.set(NOW + 24 * HOUR_MS);
    let again = house.desk.import_csv_handed(&hub.id, pasted(EXPORT), &preview.mapping).unwrap();
    assert_eq!((again.orders, again.changed, again.set_aside.len()), (2, 0, 1), "{again:?}");
    let moved = EXPORT.replace("SO-3,TEA,1,Completed", "SO-3,TEA,1,Declined");
    let third = house.desk.import_csv_handed(&hub.id, pasted(&moved), &preview.mapping).unwrap();
    assert_eq!(third.changed, 1, "{third:?}");
    assert_eq!(house.desk.exceptions(quayside_api::view::ExceptionsAsk::default()).unwrap().groups.len(), 1);

    // From a file too; what cannot be read says which file and why.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.csv");
    let at = |path: &std::path::Path| HandedText { text: String::new(), path: Some(path.to_owned()) };
    std::fs::write(&file, EXPORT).unwrap();
    assert_eq!(house.desk.csv_preview_handed(&hub.id, at(&file)).unwrap().mapping, preview.mapping);
    std::fs::write(&file, b"Order,Quantity\n\xff\xfe,1\n").unwrap();
    for (from, expected) in [
        (at(&file), "not UTF-8"),
        (at(&folder.path().join("none.csv")), "none.csv cannot be read"),
        (at(folder.path()), "it is not a file"),
        (pasted("  "), "Paste something"),
        (pasted("one heading\n1\n"), "headings"),
    ] {
        let trouble = house.desk.csv_preview_handed(&hub.id, from).unwrap_err();
        assert!(trouble.sentence.contains(expected), "{expected}: {trouble}");
    }
    let unmapped = house.desk.import_csv_handed(&hub.id, pasted(EXPORT), &CsvMapping::default()).unwrap_err();
    assert!(unmapped.sentence.contains("Choose a column for"), "{unmapped}");
}

/// Columns are chosen once for an account; what the next file no longer has is guessed.
#[tokio::test]
async fn the_columns_of_an_export_are_chosen_once() {
    let stage = stage();
    let (house, hub) = house(&stage, "orderez-co-supplier").await;
    let columns = |csv: &str| house.desk.csv_preview_handed(&hub.id, pasted(csv)).unwrap().mapping.columns;
    let odd = "Ref,Order Number,SKU,Quantity,Status\nSO-1,7,MUG,2,Accepted\n";
    assert_eq!(columns(odd)["number"], "Order Number");
    // The person knows better, and does not want the status read at all.
    let chosen = [("number", "Ref"), ("sku", "SKU"), ("quantity", "Quantity")];
    let chosen: BTreeMap<String, String> = chosen.map(|(field, heading)| (field.into(), heading.into())).into();
    let mapping = CsvMapping { columns: chosen.clone() };
    assert!(house.desk.import_csv_handed(&hub.id, pasted("Ref,SKU\nx,y\n"), &mapping).is_err());
    assert_ne!(columns(odd), chosen, "what could not be read was no choice");
    assert_eq!(house.desk.import_csv_handed(&hub.id, pasted(odd), &mapping).unwrap().orders, 1);
    assert_eq!(columns(odd), chosen);
    let other = columns("Ref,Item Code,Quantity,Status\nSO-2,TEA,1,Accepted\n");
    assert_eq!([&other["number"], &other["sku"], &other["status"]], ["Ref", "Item Code", "Status"]);
    // Kept beside the account's choices, not among them.
    let view = house.desk.connections().unwrap().into_iter().find(|view| view.id == hub.id).unwrap();
    assert!(view.settings.is_empty(), "{:?}", view.settings);
}

/// A profile is changed while the answer of an order is missing: that order ends by the profile it was begun under.
#[tokio::test]
async fn what_was_begun_under_a_profile_ends_under_it() {
    let stage = stage();
    let (house, hub) = house(&stage, CONTRACT).await;
    let (lost, waiting) = (house.order(order(1)), house.order(order(2)));
    let key = |id| house.store.read(|r| r.effects_of(id)).unwrap()[0].key.clone();
    let refusal = quayside_model::Refusal::new(Cause::OutcomeUnknown, "the line broke");
    house
        .store
        .write(|tx| {
            for effect in tx.claim(&hub.id, NOW, &|_| 1)? {
                let unknown = quayside_store::Settlement::Unknown { refusal: refusal.clone(), look_at_ms: NOW };
                tx.settle(effect.id, &unknown, NOW, 5)?;
            }
            Ok(())
        })
        .unwrap();
    let unknown = house.store.read(|r| r.begun(&hub.id, &[])).unwrap();
    assert_eq!(unknown.len(), 1);
    assert!([key(lost), key(waiting)].contains(&unknown[0]));
    let mine = profiles::shipped(&hub.platform).unwrap().into_iter().find(|one| one.name == CONTRACT).unwrap().text;
    let rotated = async |label: &str| {
        let text = mine.replace("label: Assumed contract", &format!("label: {label}"));
        let fields = BTreeMap::from([("profile".to_owned(), text)]);
        let result = house.desk.rotate(hub.id.clone(), "own".into(), fields).await.unwrap();
        assert!(result.ok, "{result:?}");
        let config = house.store.read(|r| r.connection(&hub.id)).unwrap().unwrap();
        let kept: Vec<quayside_connectors::profiles::Former> =
            serde_json::from_value(config.settings.get("former_profiles").cloned().unwrap_or(json!([]))).unwrap();
        kept
    };
    let kept = rotated("Mine").await;
    let [former] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((former.way.as_str(), &former.begun), (CONTRACT, &unknown));
    // A second change leaves it with the first profile: under the second nothing was begun.
    let kept = rotated("Mine, mended").await;
    assert_eq!((kept.len(), kept[0].way.as_str(), &kept[0].begun), (1, CONTRACT, &unknown));
    // It is not there and goes again; then it is done, and nothing has to be kept.
    let settle = |settlement: quayside_store::Settlement| {
        let all = house.store.read(|r| r.effects_of(lost)).unwrap().into_iter();
        let all = all.chain(house.store.read(|r| r.effects_of(waiting)).unwrap());
        let effect = all.into_iter().find(|effect| effect.key == unknown[0]).unwrap();
        house.store.write(|tx| tx.settle(effect.id, &settlement, NOW, 5)).unwrap();
    };
    settle(quayside_store::Settlement::Waits { until_ms: NOW, refusal: None, spends_attempt: true });
    assert_eq!(rotated("Mine, again").await[0].begun, unknown);
    house.done(&hub.id, "ord_1");
    assert_eq!(rotated("Mine, at last").await, vec![]);
    let view = house.desk.connections().unwrap().into_iter().find(|view| view.id == hub.id).unwrap();
    assert!(view.settings.is_empty(), "{:?}", view.settings);
}

#[tokio::test]
async fn what_is_entered_by_hand_is_a_text_and_a_file() {
    let stage = stage();
    let (house, _) = house(&stage, "orderez-co-supplier").await;
    let id = house.order(order(1));
    let found = house.desk.order(id).unwrap().exceptions;
    assert!(found.iter().any(|finding| finding.cause == Cause::EnterByHand), "{found:?}");
    let (n, text) = house.desk.by_hand_text(Cause::EnterByHand).unwrap();
    assert!(n == 1 && text.contains("Order: #1") && text.contains("2 × HG-LAMP-S"), "{text}");
    assert_eq!(text, house.desk.order_text(id).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("by-hand.csv");
    for (with_addresses, named) in [(false, false), (true, true)] {
        assert_eq!(house.desk.export_by_hand(Cause::EnterByHand, &file, with_addresses).unwrap(), 1);
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written.contains("HG-LAMP-S"), "{written}");
        assert_eq!(written.contains("Anna Larsen"), named, "{written}");
    }
    let nowhere = folder.path().join("no/such/folder.csv");
    let trouble = house.desk.export_by_hand(Cause::EnterByHand, &nowhere, false).unwrap_err();
    assert!(trouble.sentence.contains("could not be written"), "{trouble}");
    let trouble = house.desk.by_hand_text(Cause::Late).unwrap_err();
    assert!(trouble.sentence.contains("nothing that somebody enters by hand"), "{trouble}");
}

#[tokio::test]
async fn a_cancellation_of_what_was_typed_in_is_a_text_a_file_and_a_tick() {
    let stage = stage();
    let (house, _) = house(&stage, "orderez-co-supplier").await;
    let id = house.order(order(1));
    let settle = |cause: Cause| {
        let found = house.desk.order(id).unwrap().exceptions;
        let entry = found.iter().find(|finding| finding.cause == cause).unwrap_or_else(|| panic!("{cause}: {found:?}"));
        let settled = house.desk.act(act(Verb::Resolve, Targets::Exceptions(vec![entry.id]))).unwrap();
        assert_eq!(settled.done, 1, "{settled:?}");
    };
    settle(Cause::EnterByHand);
    house.order(Order { cancelled_at_ms: Some(NOW), updated_at_ms: NOW, ..order(1) });
    let found = house.desk.order(id).unwrap().exceptions;
    let entry = found.iter().find(|finding| finding.cause == Cause::ChangeByHand).unwrap();
    assert!(entry.sentence.contains("Cancel it there"), "{}", entry.sentence);
    assert_eq!(entry.actions.first(), Some(&Action::CopyOrder));
    let (n, text) = house.desk.by_hand_text(Cause::ChangeByHand).unwrap();
    assert!(n == 1 && text.starts_with("Cancel the order\nReference: "), "{text}");
    assert!(text.contains("Back on the shelf: 2 × HG-LAMP-S"), "{text}");
    assert_eq!(text, house.desk.order_text(id).unwrap(), "what one button copies is what all of them do");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.csv");
    assert_eq!(house.desk.export_by_hand(Cause::ChangeByHand, &file, false).unwrap(), 1);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains(",State,open,cancelled\r\n"), "{written}");
    settle(Cause::ChangeByHand);
    assert_eq!(house.desk.by_hand_text(Cause::ChangeByHand).unwrap().0, 0);
    assert!(house.desk.order(id).unwrap().exceptions.iter().all(|finding| finding.resolved_at_ms.is_some()));
}

#[tokio::test]
async fn the_cards_say_what_the_account_cannot_do() {
    let stage = stage();
    let said = async |way: &str| {
        let (house, _) = house(&stage, way).await;
        let cards = house.desk.automations().unwrap();
        cards
            .into_iter()
            .filter(|card| !card.by_hand.is_empty())
            .map(|card| (card.id, card.by_hand))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(CONTRACT).await, [], "the contract lacks nothing");
    let lacking = said("orderez-co-supplier").await;
    // Those that shape an order say so too: what they make of it is what is typed in.
    let expected = [
        ("sku_aliases", "send the order"),
        ("field_mapping", "send the order"),
        ("rules", "send the order"),
        ("orders_to_hub", "send the order"),
        ("cancellations", "cancel the order"),
        ("sides_agree", "hold the order or release the order"),
        ("refunds_to_hub", "record refunds"),
        ("customers_to_hub", "write the record"),
        ("stock", "set the stock"),
        ("products", "write the product"),
    ];
    assert_eq!(lacking.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), expected.map(|(id, _)| id));
    for ((_, told), (_, words)) in lacking.iter().zip(expected) {
        assert!(told.len() == 1 && told[0].contains(words) && told[0].contains("by hand"), "{told:?}");
    }
}

#[test]
fn a_collection_is_imported_from_a_file_or_a_text() {
    let platform = profiles::usual_platform();
    let collection = json!({
        "info": {"name": "Harbour", "schema": "v2.1.0"},
        "item": [{"name": "Make", "request": {
            "method": "POST", "url": "{{baseUrl}}/v1/orders", "header": [{"key": "Idempotency-Key", "value": "x"}],
        }}],
    })
    .to_string();
    let imported = profiles::import_handed(platform, pasted(&collection)).unwrap();
    assert_eq!(imported.found, [("createOrder".to_owned(), "POST /v1/orders".to_owned())]);
    let report = profiles::check(platform, &imported.profile).unwrap();
    assert!(report.ok && report.abilities.iter().all(|ability| !(ability.on && ability.name == "orders.write")));
    assert!(imported.profile.contains("Idempotency-Key"), "what keeps doubles away is recognised");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("collection.json");
    std::fs::write(&file, &collection).unwrap();
    let from = HandedText { text: "ignored".into(), path: Some(file) };
    assert_eq!(profiles::import_handed(platform, from).unwrap().profile, imported.profile);
}
