//! What settings can name, asked of an org that stands in for the real one: by a desk at rest and by one at work.

use crate::connections::Stage;
use crate::house::{House, NOW};
use quayside_api::view::{ConnectionView, TroubleCode};
use quayside_model::{ConnectionId, Described};
use quayside_sandbox::salesforce::Salesforce;
use quayside_sandbox::{Extra, Fault, SandboxPlan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const ORG: &str = "harbour-trade";

fn stage() -> Arc<Stage> {
    let mut plan = SandboxPlan::quiet(7, NOW);
    plan.extras = vec![Extra::Shop(quayside_sandbox::salesforce::shop)];
    Stage::of(plan)
}

async fn connected(house: &House, stage: &Stage) -> ConnectionView {
    house.desk.connect(stage.draft(ORG)).await.unwrap()
}

/// An admin changes something.
fn admin(stage: &Stage, act: impl FnOnce(&mut Salesforce)) {
    stage.people(|scene| {
        let org = scene.shops.iter_mut().find_map(|shop| shop.as_any()?.downcast_mut::<Salesforce>()).unwrap();
        act(org);
    });
}

fn unsaved(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

/// Why a value does not fit; nothing if it does. It has to be there.
fn why_not(described: &Described, setting: &str, part: &str, value: &str) -> String {
    let slot = described.slot(setting, part).unwrap_or_else(|| panic!("no place {setting}.{part}"));
    let list = described.list(&slot.list).unwrap();
    assert!(list.entries.iter().any(|entry| entry.value == value), "{value} is not among {list:?}");
    slot.why_not(value).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn fields_of_the_org_are_offered_with_what_they_are() {
    let stage = stage();
    let house = House::empty(stage.clone());
    let view = connected(&house, &stage).await;
    let before = stage.sent().len();
    let described = house.desk.describe_account(&view.id, BTreeMap::new()).await.unwrap();
    let calls: Vec<String> = stage.sent()[before..].iter().map(|request| request.uri().path().to_owned()).collect();
    let calls = calls.iter().filter(|path| !path.contains("/oauth2/")).count();
    assert_eq!(calls, 2, "all objects, and the fields of those that matter");
    assert_eq!(described.as_of_ms, NOW);
    for (setting, part, value, why) in [
        ("tracking_field", "", "Tracking_Number__c", ""),
        ("tracking_field", "", "Shipped_On__c", "a text is needed"),
        ("tracking_field", "", "Shipping_Status__c", "values of its list only"),
        ("tracking_field", "", "Id", "a text is needed"),
        ("status_field", "", "Shipping_Status__c", ""),
        ("shipped_date_field", "", "Shipped_On__c", ""),
        ("paid_field", "", "Paid__c", ""),
        // What is only read may be read-only.
        ("ship_by_field", "", "LastStageChangeDate", ""),
        ("shipped_date_field", "", "LastStageChangeDate", "read-only"),
        ("contact_key", "", "Quayside_Contact_Id__c", ""),
        ("contact_key", "", "FirstName", "no external ID"),
        ("case_fields", "value", "Value__c", ""),
        ("case_fields", "problem", "Problem__c", ""),
        ("case_fields", "tracking", "Value__c", "a text is needed"),
        ("history_fields", "orders", "Orders__c", ""),
        ("history_fields", "last", "Orders__c", "a day is needed"),
        ("cancel_stage", "", "Closed Lost", ""),
        ("shipped_stage", "", "Delivered", ""),
        ("offer_stage", "", "Prospecting", ""),
        ("offer_key", "", "Quayside_Order_Id__c", ""),
        ("expected_field", "", "Expected_On__c", ""),
        ("expected_field", "", "Tracking_Number__c", "a day is needed"),
        ("expected_by_field", "", "Expected_By__c", ""),
        ("verified_field", "", "Orders__c", "a checkbox"),
        ("history_object", "", "Buyer__c", ""),
        ("parcel_object", "", "Shipment__c", ""),
    ] {
        let said = why_not(&described, setting, part, value);
        assert!(said.contains(why) && said.is_empty() == why.is_empty(), "{setting}.{part} = {value}: {said}");
    }
    let field = |name: &str| {
        let list = described.list("Opportunity").unwrap();
        list.entries.iter().find(|entry| entry.value == name).unwrap().clone()
    };
    let tracking = field("Tracking_Number__c");
    assert_eq!((tracking.kind.as_str(), tracking.custom, tracking.required), ("Text, 255 characters", true, false));
    assert!(field("Name").required && field("IsWon").read_only && !field("Name").custom);
}

#[tokio::test]
async fn an_object_that_is_only_chosen_on_the_screen_shows_its_own_fields() {
    let stage = stage();
    let house = House::empty(stage.clone());
    let view = connected(&house, &stage).await;
    let described = house.desk.describe_account(&view.id, BTreeMap::new()).await.unwrap();
    assert!(described.slot("parcel_fields", "contents").is_none(), "what a task holds where is settled");
    let chosen = unsaved(&[("parcel_object", "Shipment__c"), ("nonsense", "x")]);
    let described = house.desk.describe_account(&view.id, chosen).await.unwrap();
    for (part, value, why) in [
        ("opportunity", "Opportunity__c", ""),
        ("opportunity", "Quayside_Id__c", "no lookup to the opportunity"),
        ("contents", "Contents__c", ""),
        ("contents", "Numbers__c", "Takes 255 characters"),
        ("key", "Quayside_Id__c", ""),
        ("shipped", "Shipped_On__c", ""),
    ] {
        let said = why_not(&described, "parcel_fields", part, value);
        assert!(said.contains(why) && said.is_empty() == why.is_empty(), "{part} = {value}: {said}");
    }
    assert!(described.slot("parcel_fields", "contents").unwrap().needed);
    let saved = house.store.read(|r| r.connection(&view.id)).unwrap().unwrap();
    assert_eq!(saved.settings, BTreeMap::new(), "looking chooses nothing");
}

/// What an admin takes away is gone from the offers, and what is locked says so.
#[tokio::test]
async fn what_was_taken_away_is_not_offered() {
    let stage = stage();
    let house = House::empty(stage.clone());
    let view = connected(&house, &stage).await;
    admin(&stage, |org| {
        org.plan_mut().hidden.push("Opportunity.Tracking_Number__c".into());
        let state = org.state_mut();
        let deal = state.objects.iter_mut().find(|object| object.name == "Opportunity").unwrap();
        let carrier = deal.field_mut("Carrier__c").unwrap();
        (carrier.createable, carrier.updateable) = (false, false);
    });
    let described = house.desk.describe_account(&view.id, BTreeMap::new()).await.unwrap();
    let list = described.list("Opportunity").unwrap();
    assert!(list.entries.iter().all(|entry| entry.value != "Tracking_Number__c"), "{list:?}");
    assert!(why_not(&described, "carrier_field", "", "Carrier__c").contains("read-only"));
}

#[tokio::test]
async fn where_there_is_nothing_to_ask_or_nobody_answers_it_is_said() {
    let stage = stage();
    let house = House::empty(stage.clone());
    let view = connected(&house, &stage).await;
    let gone = house.desk.describe_account(&ConnectionId::new("nobody"), BTreeMap::new()).await.unwrap_err();
    assert_eq!(gone.code, TroubleCode::Gone);

    // A store whose settings name nothing of it is not asked.
    let store = house.desk.connect(stage.draft("harbour-goods")).await.unwrap();
    let before = stage.sent().len();
    let nothing = house.desk.describe_account(&store.id, BTreeMap::new()).await.unwrap();
    assert_eq!((nothing, stage.sent().len()), (Described::default(), before));

    stage.goes_wrong(Fault::LostBeforeCommit);
    let silent = house.desk.describe_account(&view.id, BTreeMap::new()).await.unwrap_err();
    assert!(!silent.sentence.is_empty() && silent.code != TroubleCode::Internal, "{silent:?}");

    house.desk.pause_connection(&view.id, true).unwrap();
    let paused = house.desk.describe_account(&view.id, BTreeMap::new()).await.unwrap_err();
    assert!(paused.sentence.contains("is paused"), "{}", paused.sentence);
}

/// Names of many fields take more room than a setting people type.
#[tokio::test]
async fn many_names_fit_into_one_choice() {
    let stage = stage();
    let house = House::empty(stage.clone());
    let view = connected(&house, &stage).await;
    let rows: Vec<String> = (0..13).map(|n| format!("part{n}=A_field_with_a_name_of_its_own_length_{n}__c")).collect();
    let put = |text: String| {
        let settings = BTreeMap::from([("shipment_fields".to_owned(), json!(text))]);
        house.desk.put_connection_settings(&view.id, &settings)
    };
    assert!(rows.join("; ").len() > 500);
    put(rows.join("; ")).unwrap();
    assert!(put("x".repeat(2_001)).unwrap_err().sentence.contains("2000 characters"));
}

/// A desk at work asks by the account's own connection: the one that holds its sign-in.
#[tokio::test]
async fn a_desk_at_work_asks_by_its_own_connection() {
    let stage = stage();
    let house = House::working(stage.clone());
    let view = connected(&house, &stage).await;
    let described = house.desk.describe_account(&view.id, BTreeMap::new()).await.unwrap();
    assert_eq!(why_not(&described, "tracking_field", "", "Tracking_Number__c"), "");
}
