//! **Test connection**: whether the key opens the account, and what the profile makes of it.

use super::capability::{self, offered};
use super::client::Failure;
use super::hub::{Hub, named};
use super::profile::{Profile, as_text};
use super::request::{Filling, render};
use super::{paging, products, translate, verdicts, warehouses};
use crate::Priority;
use crate::door::SKEW_TOLERATED_MS;
use quayside_model::time::MINUTE_MS;
use quayside_model::{Account, Cause, CheckState, FACT_IDENTITIES, FACT_PRODUCTS, Preflight, PreflightCheck, Refusal};
use serde_json::Value;

/// Fact: name of the profile.
pub(super) const FACT_PROFILE: &str = "profile";
/// Fact: which text of it this was learned with.
pub(super) const FACT_REVISION: &str = "profile_revision";

/// Row of the abilities that are left alone on purpose.
const NEVER: &str = "Not used, because";

fn check(title: &str, state: CheckState, detail: impl Into<String>, disables: &[&str]) -> PreflightCheck {
    PreflightCheck {
        title: title.into(),
        state,
        detail: detail.into(),
        disables: disables.iter().map(|text| (*text).to_owned()).collect(),
    }
}

/// Signs in and looks around.
pub(super) async fn run(hub: &Hub, host: &str, revision: &str, known_by: &str) -> Preflight {
    let profile = &hub.profile;
    let mut account = Account { remote_id: format!("host:{host}"), name: host.to_owned(), ..Account::default() };
    let mut checks = Vec::new();
    match sign_in(hub, &mut account).await {
        Ok(told) => checks.push(told),
        Err(refusal) => {
            checks.push(check("Sign in", CheckState::Missing, refusal.to_string(), &["everything"]));
            return Preflight { account: None, checks };
        }
    }
    if let Some(skew_ms) = hub.client.skew_ms().filter(|skew| skew.abs() > SKEW_TOLERATED_MS) {
        let direction = if skew_ms > 0 { "behind" } else { "ahead of" };
        let minutes = skew_ms.abs() / MINUTE_MS;
        checks.push(check(
            "This computer's clock",
            CheckState::Limited,
            format!("This computer's clock is {minutes} minutes {direction} Orderez's. Set it to automatic."),
            &["correct deadlines"],
        ));
    }
    checks.push(check(
        "Profile",
        CheckState::Works,
        format!("The account is spoken to by the profile \"{}\". Nothing outside of it is promised.", profile.title()),
        &[],
    ));
    checks.extend(abilities(profile));
    if capability::has(profile, "orders.write") {
        checks.push(check(
            "Imports of its own",
            CheckState::Limited,
            "Which stores Orderez imports by itself cannot be seen. If it imports a store whose orders Quayside sends, each is there twice: say under Connections, at the store, \"Who writes its orders to the shipping account\". Until somebody does, its orders wait.",
            &["seeing which stores Orderez imports by itself"],
        ));
    }
    if capability::has(profile, "orders.write") && !hub.finds_by_key() {
        checks.push(check(
            "Look an order up by our reference",
            CheckState::Limited,
            "The profile has no parameter for it. When an answer is lost, somebody has to look whether the order arrived.",
            &["certainty after a lost answer"],
        ));
    }
    if capability::has(profile, "orders.read") {
        checks.push(sample(hub).await);
    }
    if capability::has(profile, "warehouses.read") {
        checks.push(places(hub).await);
    }
    let abilities = offered(profile).into_iter().filter(|ability| ability.on && ability.used);
    account.abilities = abilities.map(|ability| ability.name).collect();
    account.performs = Some(capability::performs(profile));
    account.streams = Some(capability::streams(profile));
    if !account.remote_id.contains(char::is_whitespace) {
        account.facts.insert(FACT_IDENTITIES.into(), format!("{} {known_by}", account.remote_id).trim_end().to_owned());
    }
    if capability::has(profile, "products.write") {
        account.facts.insert(FACT_PRODUCTS.into(), products::keeping(profile).words());
    }
    if capability::has(profile, "customers.write") {
        account.facts.insert(quayside_model::FACT_CUSTOMERS.into(), "true".into());
    }
    account.facts.insert(FACT_PROFILE.into(), profile.name.clone());
    account.facts.insert(FACT_REVISION.into(), revision.to_owned());
    Preflight { account: Some(account), checks }
}

/// Every ability of the contract: one row each; those that are off say why, what that switches off and what happens instead.
/// What is never used stands in one row, with the reason, so that nobody waits for it.
fn abilities(profile: &Profile) -> Vec<PreflightCheck> {
    let (used, never): (Vec<_>, Vec<_>) = offered(profile).into_iter().partition(|ability| ability.used);
    let mut checks: Vec<PreflightCheck> = used
        .into_iter()
        .map(|ability| {
            if ability.on {
                return check(&ability.title, CheckState::Works, "The profile has all it needs.", &[]);
            }
            let off: Vec<&str> = ability.off.iter().map(String::as_str).collect();
            check(&ability.title, CheckState::Limited, format!("{} {}", ability.why_off, ability.fallback), &off)
        })
        .collect();
    let reasons: Vec<String> =
        never.into_iter().map(|ability| format!("{}: {}", ability.title, ability.fallback)).collect();
    checks.push(check(NEVER, CheckState::Works, reasons.join(" "), &[]));
    checks
}

async fn ask(hub: &Hub, operation: &str, list: bool) -> Result<Value, Refusal> {
    let mut request = render(&hub.profile, operation, &Filling::default()).map_err(|why| hub.no_way(&why))?;
    if list {
        request.query.extend(paging::parameters(&hub.profile, None));
    }
    match hub.client.call(&request, Priority::Person).await {
        Ok(reply) => match &reply.json {
            Some(json) if reply.success => Ok(json.clone()),
            _ => Err(verdicts::read_refusal(&hub.profile, &hub.speaker, &reply, "The account")),
        },
        Err(Failure::Door(error)) => Err(error.refusal().clone()),
        Err(Failure::Wait { at_ms, why }) => {
            let seconds = ((at_ms - hub.client.now_ms()) / 1000).max(1);
            Err(hub.client.refusal(Cause::RateLimited, &format!("Test again in {seconds} s. ({why})")))
        }
    }
}

/// By the cheapest operation the profile knows. Where it knows none, the key cannot be tried at all.
async fn sign_in(hub: &Hub, account: &mut Account) -> Result<PreflightCheck, Refusal> {
    let profile = &hub.profile;
    if profile.operation("ping").is_some() {
        let json = ask(hub, "ping", false).await?;
        let record = hub.item("ping", &json).unwrap_or(Value::Null);
        let text = |name: &str| record.get(name).and_then(as_text);
        if let Some(id) = text("id") {
            account.remote_id = id;
        }
        if let Some(name) = text("name") {
            account.name = name;
        }
        account.time_zone = text("timezone");
        account.currency = text("currency");
        return Ok(check("Sign in", CheckState::Works, format!("The key opens \"{}\".", account.name), &[]));
    }
    let tried = ["listOrders", "listFulfillments", "listProducts", "listCustomers", "listWarehouses", "listInventory"];
    let Some(operation) = tried.into_iter().find(|name| profile.operation(name).is_some()) else {
        return Ok(check(
            "Sign in",
            CheckState::Limited,
            format!(
                "The profile \"{}\" knows no path at all, so the key could not be tried. Fill paths in, or import the vendor's collection.",
                profile.title()
            ),
            &["everything that goes over the account's API"],
        ));
    };
    ask(hub, operation, true).await?;
    Ok(check("Sign in", CheckState::Works, "The key is accepted.", &[]))
}

/// What rules may call a place.
async fn places(hub: &Hub) -> PreflightCheck {
    const TITLE: &str = "Warehouses";
    match warehouses::list(hub, Priority::Person).await {
        Ok((all, _)) => check(
            TITLE,
            CheckState::Works,
            format!("{}. A rule names one by its id, its code or its name.", warehouses::named(&all)),
            &[],
        ),
        Err(_) => check(
            TITLE,
            CheckState::Limited,
            "The account did not list its warehouses in a form the profile fits. A rule names one by its id there.",
            &["naming warehouses in rules by code or name"],
        ),
    }
}

/// One page of orders: does the profile fit what really comes?
async fn sample(hub: &Hub) -> PreflightCheck {
    const TITLE: &str = "Orders fit the profile";
    let unread = &["reading orders"];
    let json = match ask(hub, "listOrders", true).await {
        Ok(json) => json,
        Err(refusal) => return check(TITLE, CheckState::Limited, refusal.to_string(), unread),
    };
    let rows = match hub.rows("listOrders", &json) {
        Ok(rows) => rows,
        Err(why) => {
            return check(TITLE, CheckState::Limited, format!("They do not: {why}. Correct the profile."), unread);
        }
    };
    let bad: Vec<String> = rows.iter().filter_map(|row| translate::order(&hub.profile, row).err()).collect();
    match (rows.len(), bad.first()) {
        (0, _) => check(TITLE, CheckState::Works, "The account has no orders yet; the first one will tell.", &[]),
        (n, None) => check(TITLE, CheckState::Works, format!("{n} orders were read without a fault."), &[]),
        (n, Some(why)) => check(
            TITLE,
            CheckState::Limited,
            format!(
                "{} of {n} do not, the first because of {why}. Correct the profile; such orders are set aside.",
                bad.len()
            ),
            unread,
        ),
    }
}

/// Names a profile's text, so that what was learned with another one is known to be old.
pub(super) fn revision(text: &str) -> String {
    named(text)[..8].to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The whole contract lacks nothing; of a narrower profile each missing ability is named with what that switches off and
    /// its way round. What is never used says why, whatever the profile.
    #[test]
    fn what_a_profile_lacks_is_told_with_what_that_switches_off_and_its_way_round() {
        let told = |name: &str| abilities(&Profile::parse(Profile::shipped(name).unwrap()).unwrap());
        let row = |rows: &[PreflightCheck], title: &str| rows.iter().find(|row| row.title == title).cloned().unwrap();
        let contract = told("assumed-contract");
        assert!(contract.iter().all(|row| row.state == CheckState::Works && row.disables.is_empty()), "{contract:?}");
        let narrow = told("orderez-co-supplier");
        assert_eq!(narrow.len(), contract.len(), "each ability has its row");
        for lacking in narrow.iter().filter(|row| row.title != NEVER) {
            assert_eq!(lacking.state, CheckState::Limited, "{lacking:?}");
            assert!(!lacking.disables.is_empty(), "{lacking:?}");
        }
        for (title, off, way) in [
            ("Set stock", "setting its counts by itself", "each count that should be another becomes an entry"),
            ("Add to stock and take from it", "adding to a count", "with the units to add"),
            ("Change products", "writing its products by itself", "each that is new or differs becomes an entry"),
            ("Keep customers", "keeping its customers by itself", "each customer becomes an entry"),
            ("Record refunds", "writing refunds into its books", "A refund becomes an entry"),
            ("Read parcels and tracking", "parcels and tracking", "do not come from this account"),
        ] {
            let lacking = row(&narrow, title);
            assert!(lacking.detail.contains("The profile \"") && lacking.detail.contains(way), "{}", lacking.detail);
            assert!(lacking.disables.iter().any(|what| what.contains(off)), "{:?}", lacking.disables);
        }
        for rows in [&contract, &narrow] {
            let never = row(rows, NEVER);
            assert_eq!(never.state, CheckState::Works);
            for said in
                ["Report parcels there: An order, or a part of it, goes", "Compare a range of days: Orders are read"]
            {
                assert!(never.detail.contains(said), "{}", never.detail);
            }
        }
    }
}
