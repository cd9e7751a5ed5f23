//! What is known of the org: its objects as this user sees them, and the mapping held against them.
//!
//! Asked in one call when the connection opens, again once a day, and at once when an
//! answer shows that something changed.

use super::client::Call;
use super::describe::Object;
use super::mapping::{Gap, Mapping, Schema, TASK, Usable};
use super::nouns::Keeping;
use super::translate::Words;
use super::verdicts::CallError;
use super::{DECLARATION, Salesforce, offered};
use crate::Priority;
use quayside_model::time::DAY_MS;
use quayside_model::{Cause, Described};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Objects an order is made of.
const OBJECTS: &[&str] =
    &["Opportunity", "OpportunityLineItem", "Product2", "Account", "Contact", "OpportunityContactRole"];

/// The org, as of a moment.
#[derive(Debug, Default)]
pub struct Org {
    /// Objects this user may see.
    pub schema: Schema,
    /// The mapping as far as they allow it.
    pub usable: Usable,
    /// When it was asked, ms UTC.
    as_of_ms: i64,
}

impl Salesforce {
    /// The org, asked if it is not known or older than a day.
    pub(super) async fn org(&self, priority: Priority) -> Result<Arc<Org>, CallError> {
        self.org_within(DAY_MS, priority).await
    }

    /// The org, asked if it is not known or older than `age_ms`.
    pub(super) async fn org_within(&self, age_ms: i64, priority: Priority) -> Result<Arc<Org>, CallError> {
        let now_ms = self.client.door().now_ms();
        if let Some(org) = self.known_org().filter(|org| (0..age_ms).contains(&(now_ms - org.as_of_ms))) {
            return Ok(org);
        }
        self.look_at_org(priority).await
    }

    /// The org, asked now.
    pub(super) async fn look_at_org(&self, priority: Priority) -> Result<Arc<Org>, CallError> {
        let mut names = OBJECTS.to_vec();
        let further = [
            self.mapping.parcel_object.as_str(),
            self.keeping.shipment_object.as_str(),
            self.keeping.history_object.as_str(),
        ];
        for name in further.into_iter().filter(|name| !name.is_empty()).chain(["Task", "Case"]) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
        let schema = Schema::new(self.describe(&names, priority).await?);
        if schema.object("Opportunity").is_none() {
            let refusal = self.client.door().refusal(
                Cause::ScopeMissing,
                "The integration user may not see opportunities. Give it read access to the Opportunity object, then test the connection again.",
            );
            return Err(CallError::Refused(refusal.about("Opportunity")));
        }
        let mut usable = self.mapping.usable(&schema);
        self.use_stage(&schema, &mut usable, priority).await?;
        let more = self.keeping.gaps(&schema);
        let told = |gap: &Gap| usable.gaps.iter().any(|known| known.about == gap.about && gap.about != "settings");
        let more: Vec<Gap> = more.into_iter().filter(|gap| !told(gap)).collect();
        usable.gaps.extend(more);
        let org = Arc::new(Org { schema, usable, as_of_ms: self.client.door().now_ms() });
        *self.org.lock().unwrap_or_else(PoisonError::into_inner) = Some(org.clone());
        Ok(org)
    }

    /// What settings can name, asked now: the list of all objects, and the descriptions of those that matter, in two
    /// calls. `settings` are choices on a screen: another object for parcels has other fields.
    pub(super) async fn what_can_be_named(
        &self,
        settings: &BTreeMap<String, Value>,
        priority: Priority,
    ) -> Result<Described, CallError> {
        let mut config = self.config.clone();
        config.settings.extend(settings.clone());
        let mapping = Mapping::read(&config, &DECLARATION);
        let keeping = Keeping::read(&config, &DECLARATION);
        let answer = self.client.ask(Call::get("/sobjects".to_owned(), priority, "look at the org's objects")).await?;
        let mut names = vec!["Opportunity", "Account", "Contact", TASK, "Case"];
        let own = [&mapping.parcel_object, &keeping.shipment_object, &keeping.history_object].map(String::as_str);
        for name in own.into_iter().filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
        let schema = Schema::new(self.describe(&names, priority).await?);
        let (lists, slots) = offered::offered(
            &schema,
            &offered::listed(&answer),
            &mapping.parcel_object,
            &keeping.shipment_object,
            keeping.history_at().0,
            mapping.chosen("status_field"),
        );
        Ok(Described { as_of_ms: self.client.door().now_ms(), lists, slots })
    }

    /// What is known without asking.
    pub(super) fn known_org(&self) -> Option<Arc<Org>> {
        self.org.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was known is no longer so.
    pub(super) fn forget_org(&self) {
        self.fields_wake.store(true, Ordering::Relaxed);
        *self.org.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// An error that shows that the org changed makes it be asked anew.
    pub(super) fn noticed<T>(&self, result: Result<T, CallError>) -> Result<T, CallError> {
        if matches!(result, Err(CallError::Schema(_) | CallError::Value(_))) {
            self.forget_org();
        }
        result
    }

    /// Describes these objects in one call; those this user may not see are left out.
    pub(super) async fn describe(&self, names: &[&str], priority: Priority) -> Result<Vec<Object>, CallError> {
        let root = self.client.root();
        let questions: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(i, name)| {
                json!({ "method": "GET", "url": format!("{root}/sobjects/{name}/describe"), "referenceId": format!("o{i}") })
            })
            .collect();
        let body = json!({ "allOrNone": false, "compositeRequest": questions });
        let what = "look at the org's fields";
        let answer = self.client.ask(Call::json(http::Method::POST, "/composite", body, priority, what)).await?;
        let answers = answer.get("compositeResponse").and_then(Value::as_array).cloned().unwrap_or_default();
        if answers.len() != names.len() {
            let refusal = self.client.door().refusal(
                Cause::PlatformTrouble,
                "Could not look at the org's fields. Salesforce answered some of the questions only.",
            );
            return Err(CallError::NotExecuted(refusal));
        }
        let mut objects = Vec::new();
        for answer in &answers {
            let status = answer.get("httpStatusCode").and_then(Value::as_i64).unwrap_or(0);
            let body = answer.get("body").unwrap_or(&Value::Null);
            match (status, Object::read(body)) {
                (200, Some(object)) => objects.push(object),
                (403 | 404, _) => {}
                _ => {
                    // Trouble of a moment must not look like fields that were taken away.
                    let problem = super::verdicts::problems(body).into_iter().next().unwrap_or_default();
                    let refusal =
                        super::verdicts::refusal(self.client.door(), &problem, "Could not look at the org's fields");
                    return Err(CallError::NotExecuted(refusal));
                }
            }
        }
        Ok(objects)
    }

    /// What translating needs.
    pub(super) fn words<'a>(&'a self, org: &'a Org, instance: &'a str) -> Words<'a> {
        Words { mapping: &self.mapping, usable: &org.usable, instance, zone: self.zone }
    }
}
