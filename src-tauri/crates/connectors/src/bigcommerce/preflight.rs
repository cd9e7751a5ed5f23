//! **Test connection**: signs in, asks what the store is, and tries what the account may read.
//!
//! BigCommerce tells nobody which permissions a token has; each is tried by reading
//! one row. Whether it may *write* cannot be tried without writing, so the list says
//! which permissions to give and a first refused change says which one was forgotten.

use super::BigCommerce;
use super::client::{Api, Call};
use super::customers::Buyers;
use super::json::At;
use super::translate::Shop;
use super::units::grams_per;
use super::verdicts::CallError;
use crate::Priority;
use crate::door::SKEW_TOLERATED_MS;
use quayside_model::{Account, Cause, CheckState, Currency, IntentKind, Preflight, PreflightCheck};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows per page of storefronts and locations.
const LIST_ROWS: usize = 50;
/// Pages of them at most: 5,000 rows are more than any plan has.
const LIST_PAGES: usize = 100;

/// One permission, and how it is tried.
pub struct Scope {
    /// As the control panel calls it, with the level Quayside wants.
    pub permission: &'static str,
    /// Title of the check.
    pub title: &'static str,
    /// What is read to try it.
    path: (Api, &'static str),
    /// What does not work without it.
    pub disables: &'static [&'static str],
}

/// All of them, the one that everything needs first.
pub const SCOPES: &[Scope] = &[
    Scope { permission: "Orders: modify", title: "Read orders", path: (Api::V2, "/orders"), disables: &["everything"] },
    Scope {
        permission: "Information & settings: read-only",
        title: "Settings of the store",
        path: (Api::V3, "/settings/inventory"),
        disables: &["weights"],
    },
    Scope {
        permission: "Channel listings and settings: read-only",
        title: "Names of the storefronts",
        path: (Api::V3, "/channels"),
        disables: &["names of the storefronts"],
    },
    Scope {
        permission: "Products: read-only",
        title: "Products",
        path: (Api::V3, "/catalog/products"),
        disables: &["product list"],
    },
    Scope {
        permission: "Store Inventory: modify",
        title: "Stock",
        path: (Api::V3, "/inventory/items"),
        disables: &["reading and setting stock"],
    },
    Scope {
        permission: "Store Locations: read-only",
        title: "Locations",
        path: (Api::V3, "/inventory/locations"),
        disables: &["stock by location"],
    },
    Scope {
        permission: "Customers: read-only",
        title: "Customers of orders",
        path: (Api::V3, "/customers"),
        disables: &["customer groups", "notes about customers", "tax exemptions of customers"],
    },
];

/// Without these only a detail is lost.
const DETAILS: &[&str] = &["Channel listings and settings: read-only", "Customers: read-only"];

impl BigCommerce {
    /// The checklist.
    pub(super) async fn check(&self) -> Preflight {
        if let Err(error) = self.client.send(Call::get(Api::V2, "/time", Priority::Person), "sign in").await {
            // A token without the right to ask the time still says who it is not.
            if !matches!(&error, CallError::Refused(refusal) if refusal.cause == Cause::ScopeMissing) {
                return Preflight::failed(&self.named(error));
            }
        }
        let store = match self.client.send(Call::get(Api::V2, "/store", Priority::Person), "look at the store").await {
            Ok(reply) => reply.json,
            Err(error) => return Preflight::failed(&self.named(error)),
        };
        let at = At::root(&store, "store");
        let hash = self.config.fields.get("store_hash").cloned().unwrap_or_default();
        let (name, domain) = (at.get("name").text(), at.get("domain").text());
        let mut checks = vec![line("Sign in", CheckState::Works, format!("Signed in to {name} ({domain})."), &[])];
        checks.push(self.clock_check());
        let mut abilities = Vec::new();
        let mut facts = BTreeMap::new();
        for scope in SCOPES {
            let (api, path) = scope.path;
            let what = "try what the account may read";
            let answer = match path {
                "/channels" | "/inventory/locations" => self.whole_list(path, Priority::Person, what).await,
                _ => {
                    let call = Call::get(api, path, Priority::Person);
                    let call = if path.starts_with("/settings") { call } else { call.with("limit", 1) };
                    self.client.send(call, what).await.map(|reply| reply.json)
                }
            };
            match answer {
                Ok(answer) => {
                    abilities.push(scope.permission.to_owned());
                    learn(&mut facts, path, &answer);
                    let detail = format!("Permission \"{}\" works for reading.", scope.permission);
                    checks.push(line(scope.title, CheckState::Works, detail, &[]));
                }
                Err(error) => checks.push(refused(scope, error)),
            }
        }
        checks.push(line("Writing", CheckState::Works, "Cannot be tried without changing something. The API account needs \"Orders: modify\" to report parcels and cancel, \"Order Transactions: modify\" or \"Orders: modify\" to give money back, and \"Store Inventory: modify\" to set stock; its permissions cannot be changed afterwards.".into(), &[]));
        checks.push(mail_check(self.email_settings().await));
        checks.push(weight_check(&at.get("weight_units").text()));
        let plan = at.get("plan_name").text();
        let zone = at.get("timezone").get("name").text();
        let currency = at.get("currency").text();
        checks.push(line(
            "Store",
            if currency.is_empty() { CheckState::Limited } else { CheckState::Works },
            format!("Currency {currency}, time zone {zone}, plan {plan}."),
            if currency.is_empty() { &["currency where an order names none"] } else { &[] },
        ));
        facts.insert("weight_units".into(), at.get("weight_units").text());
        facts.insert("plan".into(), plan);
        facts.insert("domain".into(), domain);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Preflight {
            account: Some(Account {
                remote_id: some(at.get("id").text()).unwrap_or(hash),
                name,
                // Display names like "US/Central" are zones too; what is none is left out.
                time_zone: some(zone).filter(|zone| zone.parse::<chrono_tz::Tz>().is_ok()),
                currency: some(currency),
                admin_url: Some(self.admin_url(&at)),
                abilities: abilities.clone(),
                facts,
                expires_at_ms: None,
                performs: Some(performs(&abilities)),
                streams: Some(streams(&abilities)),
            }),
            checks,
        }
    }

    /// What the translation needs to know of the store; asked once, and again after an hour if it was refused.
    pub(super) async fn shop(&self, priority: Priority) -> Result<Shop, CallError> {
        let mut known = self.shop.lock().await;
        let now_ms = self.client.door().now_ms();
        if let Some((shop, until_ms)) = known.as_ref()
            && now_ms < *until_ms
        {
            return Ok(shop.clone());
        }
        let forbidden = |error: &CallError| matches!(error, CallError::Refused(_) | CallError::Gone(_));
        let store = match self.client.send(Call::get(Api::V2, "/store", priority), "look at the store").await {
            Ok(reply) => Some(reply.json),
            // Orders are read all the same, without weights.
            Err(error) if forbidden(&error) => None,
            Err(error) => return Err(error),
        };
        let channels = match self.whole_list("/channels", priority, "list the storefronts").await {
            Ok(list) => list,
            Err(error) if forbidden(&error) => Value::Null,
            Err(error) => return Err(error),
        };
        let whole = store.is_some();
        let store = store.unwrap_or_default();
        let at = At::root(&store, "store");
        let shop = Shop {
            admin_url: Some(self.admin_url(&at)),
            grams_per_unit: grams_per(&at.get("weight_units").text()),
            currency: Some(at.get("currency").text()).filter(|code| !code.is_empty()).map(|code| Currency::new(&code)),
            channels: At::root(&channels, "channels")
                .get("data")
                .entries()
                .iter()
                .map(|channel| (channel.get("id").count(), channel.get("name").text()))
                .collect(),
            buyers: Buyers::new(),
        };
        let lasts_ms = if whole { 12 } else { 1 } * quayside_model::time::HOUR_MS;
        *known = Some((shop.clone(), now_ms + lasts_ms));
        Ok(shop)
    }

    /// All pages of a short V3 list, as one answer.
    async fn whole_list(&self, path: &str, priority: Priority, what: &str) -> Result<Value, CallError> {
        let mut rows: Vec<Value> = Vec::new();
        for page in 1..=LIST_PAGES {
            let call = Call::get(Api::V3, path, priority).with("limit", LIST_ROWS).with("page", page);
            let reply = self.client.send(call, what).await?;
            let more = reply.data_rows().unwrap_or_default();
            // A store that does not count pages sends the first one again.
            if more.iter().all(|row| rows.contains(row)) {
                break;
            }
            rows.extend_from_slice(more);
            if more.len() < LIST_ROWS {
                break;
            }
        }
        Ok(json!({ "data": rows }))
    }

    /// Start of links into the control panel.
    fn admin_url(&self, store: &At<'_>) -> String {
        let base = store.get("control_panel_base_url").text();
        let hash = self.config.fields.get("store_hash").map_or("", String::as_str);
        let base = if base.starts_with("https://") { base } else { format!("https://store-{hash}.mybigcommerce.com") };
        format!("{}/manage", base.trim_end_matches('/'))
    }

    async fn email_settings(&self) -> Option<bool> {
        let call = Call::get(Api::V3, "/settings/email-statuses", Priority::Person);
        let reply = self.client.send(call, "look at the mail settings").await.ok()?;
        reply.json.pointer("/data/combined_order_status_email").and_then(Value::as_bool)
    }

    fn named(&self, error: CallError) -> quayside_model::Refusal {
        match error {
            // A bare 404 to the very first question: the path itself is wrong.
            CallError::Gone(refusal) => {
                let sentence = "Could not sign in. No store answers at this store hash. Check it: it is the word after \"stores/\" in the API path.";
                let mut named = self.refusal(Cause::NotThePlatform, sentence);
                named.status = refusal.status;
                named.about("store_hash")
            }
            other => other.into_refusal(),
        }
    }

    fn clock_check(&self) -> PreflightCheck {
        let skew_ms = self.client.door().skew_ms().unwrap_or(0);
        if skew_ms.abs() <= SKEW_TOLERATED_MS {
            return line("Clock", CheckState::Works, "This computer's clock agrees with BigCommerce's.".into(), &[]);
        }
        let direction = if skew_ms > 0 { "behind" } else { "ahead of" };
        let detail = format!(
            "This computer's clock is {} minutes {direction} BigCommerce's. Deadlines will be wrong. Set the computer's clock to automatic.",
            skew_ms.abs() / 60_000
        );
        line("Clock", CheckState::Limited, detail, &["deadlines"])
    }
}

/// What the account performs, as far as reading tells.
fn performs(abilities: &[String]) -> Vec<IntentKind> {
    let all = super::DECLARATION.performs.iter().copied();
    all.filter(|kind| *kind != IntentKind::SetStock || has(abilities, "Store Inventory: modify")).collect()
}

/// What the account reads.
fn streams(abilities: &[String]) -> Vec<String> {
    let all = super::DECLARATION.streams.iter().map(|stream| stream.name);
    let may = |name: &&str| match *name {
        super::goods::PRODUCTS => has(abilities, "Products: read-only"),
        super::goods::STOCK => has(abilities, "Store Inventory: modify"),
        _ => true,
    };
    all.filter(may).map(str::to_owned).collect()
}

fn has(abilities: &[String], permission: &str) -> bool {
    abilities.iter().any(|have| have == permission)
}

/// What an answer tried for its permission also tells.
fn learn(facts: &mut BTreeMap<String, String>, path: &str, answer: &Value) {
    match path {
        "/settings/inventory" => {
            if let Some(restocks) = answer.pointer("/data/refund_order_stock_adjustment").and_then(Value::as_bool) {
                facts.insert("restocks".into(), restocks.to_string());
            }
        }
        "/channels" => {
            let channels = At::root(answer, "channels").get("data");
            let rows = channels
                .entries()
                .iter()
                .map(|c| json!({ "id": c.get("id").text(), "name": c.get("name").text() }))
                .collect::<Vec<_>>();
            facts.insert("channels".into(), json!(rows).to_string());
        }
        "/inventory/locations" => {
            let locations = At::root(answer, "locations").get("data");
            let rows = locations
                .entries()
                .iter()
                .map(|l| json!({ "id": l.get("id").text(), "name": l.get("label").text() }))
                .collect::<Vec<_>>();
            facts.insert("locations".into(), json!(rows).to_string());
        }
        _ => {}
    }
}

fn refused(scope: &Scope, error: CallError) -> PreflightCheck {
    let state = if DETAILS.contains(&scope.permission) { CheckState::Limited } else { CheckState::Missing };
    let refusal = error.into_refusal();
    let detail = if refusal.cause == Cause::ScopeMissing {
        format!(
            "Permission \"{}\" is missing, or the plan does not include it. Permissions of an API account cannot be changed: make a new one, and enter its token.",
            scope.permission
        )
    } else {
        refusal.to_string()
    };
    line(scope.title, state, detail, scope.disables)
}

/// There is no way to tell the platform "this time without a mail": the merchant has to know what it sends.
fn mail_check(combined: Option<bool>) -> PreflightCheck {
    let detail = match combined {
        Some(true) => {
            "The store mails buyers when a shipment is made, and combines it with the status mail. Whether it mails at all is set in BigCommerce; Quayside cannot switch it off for one parcel."
        }
        Some(false) => {
            "The store mails buyers when a shipment is made, and again for each status that is set to mail. Whether it mails is set in BigCommerce; Quayside cannot switch it off for one parcel."
        }
        None => "What the store mails to buyers could not be looked up. Quayside cannot switch it off for one parcel.",
    };
    line("Mails to buyers", CheckState::Works, detail.to_owned(), &[])
}

fn weight_check(units: &str) -> PreflightCheck {
    if grams_per(units).is_some() {
        return line("Weights", CheckState::Works, format!("The store weighs in {units}."), &[]);
    }
    let said = if units.is_empty() {
        "does not say in what it weighs".to_owned()
    } else {
        format!("weighs in \"{units}\", a unit Quayside does not know")
    };
    line("Weights", CheckState::Limited, format!("The store {said}. Orders come without weights."), &["weights"])
}

fn line(title: &str, state: CheckState, detail: String, disables: &[&str]) -> PreflightCheck {
    PreflightCheck {
        title: title.into(),
        state,
        detail,
        disables: disables.iter().map(|what| (*what).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_names_every_permission() {
        let steps = super::super::DECLARATION.ways[0].steps.join(" ");
        for scope in SCOPES {
            assert!(steps.contains(scope.permission), "{} is not named in the steps", scope.permission);
            assert!(!scope.disables.is_empty(), "{} does not say what it is for", scope.permission);
        }
    }
}
