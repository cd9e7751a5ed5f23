//! **Test connection**: signs in, asks who we are and what we may, and says what that means.

use super::Shopify;
use super::client::Errand;
use super::documents::{API_VERSION, Document};
use super::scopes;
use super::verdicts::CallError;
use crate::Priority;
use crate::door::SKEW_TOLERATED_MS;
use quayside_model::time::DAY_MS;
use quayside_model::{Account, Cause, CheckState, Preflight, PreflightCheck, Refusal};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Shopify {
    /// The checklist.
    pub(super) async fn check(&self) -> Preflight {
        let data = match self
            .client
            .call(Document::Preflight, json!({}), 1, &mut Errand::new(Priority::Person), "look at the store")
            .await
        {
            Ok(data) => data,
            Err(error) => return Preflight::failed(&refusal_of(error)),
        };
        let text = |path: &str| data.data.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = text("/shop/name");
        let granted: Vec<String> = data
            .data
            .pointer("/currentAppInstallation/accessScopes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|scope| scope.get("handle")?.as_str().map(str::to_owned))
            .collect();
        let domain = text("/shop/myshopifyDomain");
        let mut checks = vec![check("Sign in", CheckState::Works, format!("Signed in to {name} ({domain})."), &[])];
        checks.push(self.version_check(data.version.as_deref(), data.data.get("publicApiVersions")));
        checks.push(self.clock_check());
        checks.extend(scopes::checks(&granted));
        if scopes::grants(&granted, "read_orders") {
            checks.push(self.privacy_check().await);
        }
        checks.push(shop_check(
            &text("/shop/currencyCode"),
            &text("/shop/ianaTimezone"),
            &text("/shop/plan/publicDisplayName"),
        ));
        let handle = domain.strip_suffix(".myshopify.com").unwrap_or_default();
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let mut facts = BTreeMap::from([
            ("domain".to_owned(), domain.clone()),
            ("api_version".to_owned(), data.version.clone().unwrap_or_default()),
        ]);
        facts.insert("plan".into(), text("/shop/plan/publicDisplayName"));
        Preflight {
            account: Some(Account {
                remote_id: text("/shop/id"),
                name,
                time_zone: some(text("/shop/ianaTimezone")),
                currency: some(text("/shop/currencyCode")),
                admin_url: (!handle.is_empty()).then(|| format!("https://admin.shopify.com/store/{handle}")),
                streams: Some(scopes::streams(&granted)),
                performs: Some(scopes::performs(&granted)),
                abilities: granted,
                facts,
                ..Account::default()
            }),
            checks,
        }
    }

    fn version_check(&self, served: Option<&str>, versions: Option<&Value>) -> PreflightCheck {
        let asked = self.client.version();
        let listed = versions.and_then(Value::as_array).is_none_or(|list| {
            list.is_empty()
                || list.iter().any(|v| {
                    v.get("handle").and_then(Value::as_str) == Some(asked) && v.get("supported") == Some(&json!(true))
                })
        });
        let title = "API version";
        match served {
            Some(served) if served != asked => check(
                title,
                CheckState::Limited,
                format!(
                    "Quayside asked for version {asked} and {served} answered: {asked} is retired. Update Quayside; until then some fields may be missing."
                ),
                &["fields of the retired version"],
            ),
            _ if !listed => check(
                title,
                CheckState::Limited,
                format!("Version {asked} is no longer on Shopify's list of supported versions. Update Quayside soon."),
                &["fields of this version, once Shopify stops serving it"],
            ),
            _ if asked == API_VERSION => check(title, CheckState::Works, format!("Version {asked} answers."), &[]),
            _ => check(title, CheckState::Works, format!("Version {asked} answers, as set for this connection."), &[]),
        }
    }

    fn clock_check(&self) -> PreflightCheck {
        let skew_ms = self.client.door().skew_ms().unwrap_or(0);
        if skew_ms.abs() <= SKEW_TOLERATED_MS {
            return check("Clock", CheckState::Works, "This computer's clock agrees with Shopify's.".into(), &[]);
        }
        let minutes = skew_ms.abs() / 60_000;
        let direction = if skew_ms > 0 { "behind" } else { "ahead of" };
        let detail = format!(
            "This computer's clock is {minutes} minutes {direction} Shopify's. Deadlines will be wrong. Set the computer's clock to automatic."
        );
        check("Clock", CheckState::Limited, detail, &["deadlines"])
    }

    /// Without approval for personal data Shopify hides addresses instead of saying so.
    async fn privacy_check(&self) -> PreflightCheck {
        let title = "Names and addresses";
        let since =
            chrono::DateTime::from_timestamp_millis(self.client.door().now_ms() - 30 * DAY_MS).unwrap_or_default();
        let variables = json!({ "q": format!("updated_at:>='{}'", since.format("%Y-%m-%dT%H:%M:%SZ")), "n": 10 });
        let data = match self
            .client
            .call(Document::Probe, variables, 10, &mut Errand::new(Priority::Person), "look at recent orders")
            .await
        {
            Ok(data) => data,
            Err(error) => {
                return check(
                    title,
                    CheckState::Limited,
                    refusal_of(error).to_string(),
                    &["certainty that addresses are visible"],
                );
            }
        };
        let physical: Vec<&Value> = data
            .data
            .pointer("/orders/nodes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|order| order.get("requiresShipping") == Some(&json!(true)))
            .collect();
        let visible = |order: &&&Value| order.pointer("/shippingAddress/address1").is_some_and(Value::is_string);
        if physical.is_empty() && data.denied.is_empty() {
            return check(
                title,
                CheckState::Works,
                "No order of the last 30 days needs shipping, so this could not be tried.".into(),
                &[],
            );
        }
        if data.denied.is_empty() && physical.iter().any(|order| visible(&order)) {
            return check(title, CheckState::Works, "Addresses of recent orders are visible.".into(), &[]);
        }
        check(
            title,
            CheckState::Missing,
            "Orders come without names and addresses: Shopify hides personal data from this app. In the app's settings ask for access to protected customer data (name, address, phone, e-mail), or use an app made in the store's own organisation.".into(),
            &["sending orders to be shipped"],
        )
    }
}

fn shop_check(currency: &str, zone: &str, plan: &str) -> PreflightCheck {
    let lost: Vec<&str> =
        [(currency, "currency where an order names none"), (zone, "deadlines in the store's own time")]
            .into_iter()
            .filter(|(told, _)| told.is_empty())
            .map(|(_, lost)| lost)
            .collect();
    let state = if lost.is_empty() { CheckState::Works } else { CheckState::Limited };
    let say = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
    check("Store", state, format!("Currency {}, time zone {}, plan {}.", say(currency), say(zone), say(plan)), &lost)
}

fn check(title: &str, state: CheckState, detail: String, disables: &[&str]) -> PreflightCheck {
    PreflightCheck {
        title: title.into(),
        state,
        detail,
        disables: disables.iter().map(|what| (*what).to_owned()).collect(),
    }
}

fn refusal_of(error: CallError) -> Refusal {
    match error {
        CallError::Wait { why, .. } => Refusal::new(Cause::RateLimited, format!("Not now: {why}")),
        CallError::NotExecuted(refusal)
        | CallError::SignIn(refusal)
        | CallError::Refused(refusal)
        | CallError::TooCostly(refusal)
        | CallError::Lost(refusal) => refusal,
    }
}
