//! **Test connection**: signs in, asks who we are and what we may, and says what that means.

use super::Salesforce;
use super::client::{API_VERSION, BUCKET, Call};
use super::mapping::TASK;
use super::org::Org;
use super::soql::encoded;
use crate::Exchange;
use crate::Priority;
use crate::door::SKEW_TOLERATED_MS;
use quayside_model::{Account, CheckState, Preflight, PreflightCheck};
use serde_json::Value;
use std::collections::BTreeMap;

const PERSON: Priority = Priority::Person;

impl Salesforce {
    /// The checklist.
    pub(super) async fn check(&self) -> Preflight {
        let query =
            "SELECT Id, Name, OrganizationType, IsSandbox, TimeZoneSidKey, InstanceName FROM Organization LIMIT 1";
        let org =
            match self.client.ask(Call::get(format!("/query?q={}", encoded(query)), PERSON, "look at the org")).await {
                Ok(answer) => answer.pointer("/records/0").cloned().unwrap_or_default(),
                Err(error) => {
                    let refusal = error.into_refusal();
                    // A version the org does not serve looks like an address nobody answers at.
                    let version = if refusal.status == Some(404) { Some(self.version_check().await) } else { None };
                    return match version.filter(|check| check.state == CheckState::Missing) {
                        Some(version) => Preflight { account: None, checks: vec![version] },
                        None => Preflight::failed(&refusal),
                    };
                }
            };
        let text = |name: &str| org.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (known_org, _) = self.client.identity();
        let (name, id) = (text("Name"), if known_org.is_empty() { text("Id") } else { known_org });
        let sandbox = org.get("IsSandbox") == Some(&Value::Bool(true));
        let kind = if sandbox { "a sandbox".to_owned() } else { text("OrganizationType") };
        let mut checks = vec![check(
            "Sign in",
            CheckState::Works,
            format!(
                "Signed in to {name} ({}{}).",
                self.client.instance(),
                if kind.is_empty() { String::new() } else { format!(", {kind}") }
            ),
            &[],
        )];
        checks.push(self.version_check().await);
        checks.push(self.clock_check());
        let mut abilities = Vec::new();
        match self.look_at_org(PERSON).await {
            Err(error) => {
                checks.push(check("Opportunities", CheckState::Missing, error.into_refusal().to_string(), &["orders"]));
            }
            Ok(org) => {
                checks.extend(self.object_checks(&org, &mut abilities));
                checks.push(self.stage_check(&org).await);
                checks.push(self.currency_check(&org));
            }
        }
        checks.push(self.allowance_check());
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let facts = BTreeMap::from([
            ("org_kind".to_owned(), kind),
            ("instance".to_owned(), text("InstanceName")),
            ("api_version".to_owned(), self.client.version().to_owned()),
        ]);
        let zone = some(text("TimeZoneSidKey")).filter(|zone| zone.parse::<chrono_tz::Tz>().is_ok());
        Preflight {
            account: Some(Account {
                remote_id: id,
                name,
                time_zone: zone,
                currency: some(self.mapping.currency.clone()),
                admin_url: some(self.client.instance()),
                abilities,
                facts,
                expires_at_ms: None,
                performs: None,
                streams: None,
            }),
            checks,
        }
    }

    /// The list of versions needs no sign-in and costs no call of the allowance.
    async fn version_check(&self) -> PreflightCheck {
        let title = "API version";
        let asked = self.client.version();
        let listed = async {
            let url = self.client.door().url(&self.client.instance(), "/services/data").ok()?;
            let exchange = Exchange::new(http::Method::GET, url).header("accept", "application/json");
            let answer = self.client.door().send(exchange).await.ok()?;
            let body: Value = serde_json::from_slice(&answer.body).ok()?;
            let versions = body.as_array()?;
            Some(versions.iter().any(|version| version.get("version").and_then(Value::as_str) == Some(asked)))
        }
        .await;
        match listed {
            Some(false) => check(
                title,
                CheckState::Missing,
                format!("The org does not serve version {asked} of the API. Update Quayside."),
                &["everything"],
            ),
            Some(true) if asked == API_VERSION => {
                check(title, CheckState::Works, format!("Version {asked} answers."), &[])
            }
            Some(true) => {
                check(title, CheckState::Works, format!("Version {asked} answers, as set for this connection."), &[])
            }
            None => check(
                title,
                CheckState::Limited,
                "The org's list of versions could not be read; the version in use answers.".into(),
                &["warning before the org stops serving this version"],
            ),
        }
    }

    fn clock_check(&self) -> PreflightCheck {
        let skew_ms = self.client.door().skew_ms().unwrap_or(0);
        if skew_ms.abs() <= SKEW_TOLERATED_MS {
            return check("Clock", CheckState::Works, "This computer's clock agrees with Salesforce's.".into(), &[]);
        }
        let direction = if skew_ms > 0 { "behind" } else { "ahead of" };
        let detail = format!(
            "This computer's clock is {} minutes {direction} Salesforce's. Deadlines will be wrong. Set the computer's clock to automatic.",
            skew_ms.abs() / 60_000
        );
        check("Clock", CheckState::Limited, detail, &["deadlines"])
    }

    fn object_checks(&self, org: &Org, abilities: &mut Vec<String>) -> Vec<PreflightCheck> {
        let mut checks = Vec::new();
        let sees = |object: &str| org.schema.object(object).is_some();
        abilities.push("read_opportunities".into());
        let reopened = if org.schema.has("Opportunity", "LastStageChangeDate") {
            "Won opportunities can be read."
        } else {
            "Won opportunities can be read. The field LastStageChangeDate is hidden, so it is not noticed when one is opened again or lost after it was won."
        };
        let (state, lost): (CheckState, &[&str]) = if reopened.contains("hidden") {
            (CheckState::Limited, &["noticing that one was opened again or lost after it was won"])
        } else {
            (CheckState::Works, &[])
        };
        checks.push(check("Opportunities", state, reopened.into(), lost));
        for (title, objects, lost) in [
            ("Products", &["OpportunityLineItem", "Product2"][..], "sending orders to be shipped"),
            ("Addresses", &["Account"], "addresses of accounts"),
            (
                "Contacts",
                &["Contact", "OpportunityContactRole"],
                "names, e-mail addresses and telephone numbers of recipients",
            ),
        ] {
            let hidden: Vec<&str> = objects.iter().copied().filter(|object| !sees(object)).collect();
            checks.push(if hidden.is_empty() {
                check(title, CheckState::Works, format!("{} can be read.", objects.join(" and ")), &[])
            } else {
                check(
                    title,
                    CheckState::Missing,
                    format!("The integration user may not see {}. Give it read access.", hidden.join(" and ")),
                    &[lost],
                )
            });
        }
        let sku = org.schema.has("Product2", "StockKeepingUnit") || org.schema.has("Product2", "ProductCode");
        if sees("Product2") && !sku {
            checks.push(check("SKUs", CheckState::Missing, "Neither the product's SKU nor its code can be read. Give the integration user access to one of the fields.".into(), &["sending orders to be shipped"]));
        }
        let parcel = &self.mapping.parcel_object;
        if org.usable.parcel_children.is_some() {
            abilities.push("write_parcels".into());
            let what = if parcel == TASK {
                "a completed task under its opportunity".to_owned()
            } else {
                format!("a record of {parcel}")
            };
            let key = if org.usable.parcel("key").is_some() {
                " Its external id keeps it from being written twice, whatever happens."
            } else {
                ""
            };
            checks.push(check("Report parcels", CheckState::Works, format!("Each parcel becomes {what}.{key}"), &[]));
        } else {
            let why = org
                .usable
                .gaps
                .iter()
                .filter(|gap| gap.about.starts_with(parcel.as_str()))
                .map(|gap| gap.sentence.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            checks.push(check("Report parcels", CheckState::Missing, why, &["telling Salesforce of parcels"]));
        }
        let gaps: Vec<&str> = org
            .usable
            .gaps
            .iter()
            .filter(|gap| !gap.about.starts_with(parcel.as_str()))
            .map(|gap| gap.sentence.as_str())
            .collect();
        checks.push(if gaps.is_empty() {
            check("Field mapping", CheckState::Works, "Every mapped field is there and can be used.".into(), &[])
        } else {
            check("Field mapping", CheckState::Limited, gaps.join(" "), &["the fields named here"])
        });
        let missing = self.keeping.missing(&org.schema);
        checks.push(if missing.is_empty() {
            abilities.push("keep_records".into());
            check(
                "Customers, tasks and cases",
                CheckState::Works,
                "Customers, shipments, tasks and cases have fields for our ids: each is written once, whatever happens.".into(),
                &[],
            )
        } else {
            check(
                "Customers, tasks and cases",
                CheckState::Limited,
                format!(
                    "The fields for our ids are not there, or hidden from the integration user: {}. Make them as text fields of 80 characters with External ID and Unique ticked, or choose others in the settings. Everything else works without them.",
                    missing.join(", ")
                ),
                &["keeping customers, shipments, tasks and cases"],
            )
        });
        if org.schema.object("Opportunity").is_some_and(|object| object.updateable) {
            abilities.push("write_opportunities".into());
        }
        checks
    }

    async fn stage_check(&self, org: &Org) -> PreflightCheck {
        let title = "Stages";
        let query = "SELECT MasterLabel, ApiName, IsActive, IsClosed, IsWon FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder";
        let rows = match self
            .client
            .ask(Call::get(format!("/query?q={}", encoded(query)), PERSON, "look at the stages"))
            .await
        {
            Ok(answer) => answer.get("records").and_then(Value::as_array).cloned().unwrap_or_default(),
            Err(error) => {
                let lost = &["certainty that won opportunities become orders"];
                return check(title, CheckState::Limited, error.into_refusal().to_string(), lost);
            }
        };
        let flag = |row: &Value, name: &str| row.get(name) == Some(&Value::Bool(true));
        let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let won: Vec<String> =
            rows.iter().filter(|row| flag(row, "IsWon")).map(|row| text(row, "MasterLabel")).collect();
        if won.is_empty() {
            return check(
                title,
                CheckState::Missing,
                "No active stage counts as won, so no opportunity ever becomes an order. An admin sets one up.".into(),
                &["orders"],
            );
        }
        let told = format!("An opportunity becomes an order when it reaches {}.", won.join(" or "));
        let wanted = &self.mapping.cancel_stage;
        let lost: Vec<String> = rows
            .iter()
            .filter(|row| flag(row, "IsClosed") && !flag(row, "IsWon"))
            .map(|row| text(row, "ApiName"))
            .collect();
        let updateable = org.schema.field("Opportunity", "StageName").is_some_and(|field| field.updateable);
        if wanted.is_empty() {
            check(
                title,
                CheckState::Works,
                format!(
                    "{told} Cancelling is left to people: no stage is chosen for it (there {} {}).",
                    if lost.len() == 1 { "is" } else { "are" },
                    lost.join(", ")
                ),
                &[],
            )
        } else if !lost.contains(wanted) {
            check(
                title,
                CheckState::Limited,
                format!(
                    "{told} The stage \"{wanted}\" chosen for cancelled opportunities does not count as closed and lost. Choose one of {}.",
                    lost.join(", ")
                ),
                &["cancelling"],
            )
        } else if !updateable {
            check(
                title,
                CheckState::Limited,
                format!("{told} The integration user may not change the stage."),
                &["cancelling"],
            )
        } else {
            check(title, CheckState::Works, format!("{told} A cancelled one goes to {wanted}."), &[])
        }
    }

    fn currency_check(&self, org: &Org) -> PreflightCheck {
        if org.schema.has("Opportunity", "CurrencyIsoCode") {
            return check("Currency", CheckState::Works, "Each opportunity names its currency.".into(), &[]);
        }
        let currency = &self.mapping.currency;
        check(
            "Currency",
            CheckState::Works,
            format!(
                "The org has one currency and does not name it; amounts are read as {currency}. Another is chosen in the connection's settings."
            ),
            &[],
        )
    }

    fn allowance_check(&self) -> PreflightCheck {
        let buckets = self.client.budget().snapshot();
        let Some(bucket) = buckets.iter().find(|bucket| bucket.name == BUCKET) else {
            return check("Allowance", CheckState::Works, "No limit is known.".into(), &[]);
        };
        let (left, most) = (bucket.level.round(), bucket.capacity.round());
        let detail = format!(
            "{left} of the org's {most} calls in 24 hours are left; all programs of the org share them. Quayside stops reading at 80 % and writing at 95 %."
        );
        let state = if left < most * 0.2 { CheckState::Limited } else { CheckState::Works };
        check(
            "Allowance",
            state,
            detail,
            if state == CheckState::Works { &[] } else { &["reading, until calls are free again"] },
        )
    }
}

fn check(title: &str, state: CheckState, detail: String, disables: &[&str]) -> PreflightCheck {
    PreflightCheck {
        title: title.into(),
        state,
        detail,
        disables: disables.iter().map(|what| (*what).to_owned()).collect(),
    }
}
