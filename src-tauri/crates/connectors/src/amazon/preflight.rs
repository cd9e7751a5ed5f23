//! **Test connection**: signs in, asks where the account sells and what the app may see, and says what that means.

use super::Amazon;
use super::at::{At, write_time};
use super::client::Call;
use super::envelope::ACKNOWLEDGE;
use super::limits::Op;
use super::places::marketplace;
use super::reports::{PRODUCTS, RETURNS, RETURNS_REPORT, STOCK};
use super::secret_clock::{self, Clock};
use super::streams::DATA_SETS;
use super::translate::BUY_SHIPPING;
use super::verdicts::CallError;
use crate::Priority;
use crate::door::SKEW_TOLERATED_MS;
use quayside_model::time::DAY_MS;
use quayside_model::{Account, CheckState, IntentKind, Preflight, PreflightCheck};
use serde_json::Value;
use std::collections::BTreeMap;

/// Ids of marketplaces, joined by commas, in [`Account::facts`].
pub const MARKETPLACES_FACT: &str = "marketplaces";

/// A marketplace the account sells in.
struct Participation {
    id: String,
    name: String,
    store: String,
    currency: String,
    suspended: bool,
}

impl Amazon {
    /// Marketplaces to read: those the account sells in, or those of them that were chosen.
    pub(super) async fn marketplaces(&self, priority: Priority) -> Result<Vec<String>, CallError> {
        let known = self.config.account.facts.get(MARKETPLACES_FACT).filter(|ids| !ids.is_empty());
        let mut ids: Vec<String> = match known {
            Some(ids) => ids.split(',').map(str::to_owned).collect(),
            None => self.asked_marketplaces(priority).await?,
        };
        let chosen = self.chosen_marketplaces();
        if !chosen.is_empty() {
            ids.retain(|id| chosen.contains(id));
        }
        Ok(ids)
    }

    async fn asked_marketplaces(&self, priority: Priority) -> Result<Vec<String>, CallError> {
        if let Some(ids) = self.remembered_marketplaces() {
            return Ok(ids);
        }
        let ids: Vec<String> = self.participations(priority).await?.into_iter().map(|place| place.id).collect();
        self.remember_marketplaces(&ids);
        Ok(ids)
    }

    async fn participations(&self, priority: Priority) -> Result<Vec<Participation>, CallError> {
        let call = Call::get(Op::Participations, "/sellers/v1/marketplaceParticipations", vec![]);
        let data = self.client.call(&call, priority, "ask where the account sells").await?;
        // Some answers come without the wrapper their model promises.
        let list = data.body.get("payload").unwrap_or(&data.body).as_array().cloned().unwrap_or_default();
        Ok(list
            .iter()
            .map(At::root)
            .filter(|at| at.get("participation.isParticipating").truth() != Some(false))
            .map(|at| Participation {
                id: at.get("marketplace.id").text(),
                name: at.get("marketplace.name").text(),
                store: at.get("storeName").text(),
                currency: at.get("marketplace.defaultCurrencyCode").text(),
                suspended: at.get("participation.hasSuspendedListings").truth() == Some(true),
            })
            // Non-shop entries (test marketplaces, Amazon's own) are no places to sell.
            .filter(|place| marketplace(&place.id).is_some_and(|known| known.region == self.client.region().code))
            .collect())
    }

    /// The checklist.
    pub(super) async fn check(&self) -> Preflight {
        let places = match self.participations(Priority::Person).await {
            Ok(places) => places,
            Err(error) => return Preflight::failed(&error.refusal()),
        };
        let region = self.client.region();
        let seller = self.seller_id();
        let names: Vec<&str> = places.iter().map(|place| place.name.as_str()).collect();
        let mut checks = vec![check(
            "Sign in",
            CheckState::Works,
            format!("Signed in to seller {seller} in {} ({}).", region.title, region.code.to_uppercase()),
            &[],
        )];
        checks.push(self.places_check(&places, &names));
        checks.push(self.secret_check());
        checks.push(self.clock_check());
        let mut abilities = Vec::new();
        let mut may = May { feeds: true, reports: true, listings: true };
        let ids: Vec<String> = places.iter().map(|place| place.id.clone()).collect();
        if !ids.is_empty() {
            checks.extend(self.order_checks(&ids, &mut abilities).await);
            let mut allowed = [true; 3];
            for (is_allowed, probe) in allowed.iter_mut().zip([FEEDS, REPORTS, LISTINGS]) {
                let (line, answer) = probe.said(self.probe(&probe, &ids).await);
                if answer == Answer::Works {
                    abilities.push(probe.ability.to_owned());
                }
                checks.push(line);
                *is_allowed = answer != Answer::Denied;
            }
            let [feeds, reports, listings] = allowed;
            may = May { feeds, reports, listings };
        }
        checks.push(prime_check());
        checks.push(desktop_check());
        let made_on = self.config.fields.get("secret_made_on").map_or("", String::as_str);
        let store = places.iter().map(|place| place.store.clone()).find(|store| !store.is_empty());
        Preflight {
            account: Some(Account {
                remote_id: format!("{seller}-{}", region.code),
                name: store.unwrap_or_else(|| format!("Amazon {seller}")),
                time_zone: None,
                currency: places.first().map(|place| place.currency.clone()).filter(|code| !code.is_empty()),
                admin_url: places
                    .first()
                    .and_then(|place| marketplace(&place.id))
                    .map(|m| format!("https://sellercentral.{}", m.domain)),
                abilities,
                facts: BTreeMap::from([
                    (MARKETPLACES_FACT.to_owned(), ids.join(",")),
                    ("region".to_owned(), region.code.to_owned()),
                ]),
                expires_at_ms: secret_clock::ends_at_ms(made_on),
                performs: Some(may.performs()),
                streams: Some(may.streams()),
            }),
            checks,
        }
    }

    fn places_check(&self, places: &[Participation], names: &[&str]) -> PreflightCheck {
        let title = "Marketplaces";
        if places.is_empty() {
            let detail = format!(
                "The account sells in no marketplace of {}. Check the region: a token of one region opens nothing in another.",
                self.client.region().title
            );
            return check(title, CheckState::Missing, detail, &["reading orders"]);
        }
        let suspended: Vec<&str> =
            places.iter().filter(|place| place.suspended).map(|place| place.name.as_str()).collect();
        if suspended.is_empty() {
            return check(title, CheckState::Works, format!("Sells in {}.", names.join(", ")), &[]);
        }
        let detail = format!(
            "Sells in {}. Listings are suspended in {}; look into Account Health in Seller Central.",
            names.join(", "),
            suspended.join(", ")
        );
        check(title, CheckState::Limited, detail, &["selling in the marketplaces named as suspended"])
    }

    fn secret_check(&self) -> PreflightCheck {
        let title = "Client secret";
        let how = "Make a new one in Seller Central (Develop Apps, LWA credentials, Rotate secret) and paste it here with the day it was made; the refresh token stays as it is.";
        let made_on = self.config.fields.get("secret_made_on").map_or("", String::as_str);
        let (state, detail, disables): (CheckState, String, &[&str]) = match secret_clock::look(made_on, self.client.their_now_ms()) {
            Clock::Unknown => (
                CheckState::Limited,
                "Amazon ends a client secret 180 days after it was made, and does not say when that is. Fill in the day it was made, so that Quayside can warn you before everything stops.".to_owned(),
                &["warning before the secret ends"],
            ),
            Clock::Fine(days) => (CheckState::Works, format!("Good for {days} more days."), &[]),
            Clock::Soon(days) => (
                CheckState::Limited,
                format!("Ends in {days} days; then everything stops. {how}"),
                &["everything from the day it ends on"],
            ),
            Clock::Over => (
                CheckState::Limited,
                format!("By the day you entered it ended 180 days after it was made. It still signs in; if the day is right, it may stop any moment. {how}"),
                &["certainty that signing in goes on working"],
            ),
        };
        check(title, state, detail, disables)
    }

    fn clock_check(&self) -> PreflightCheck {
        let skew_ms = self.client.door().skew_ms().unwrap_or(0);
        if skew_ms.abs() <= SKEW_TOLERATED_MS {
            return check("Clock", CheckState::Works, "This computer's clock agrees with Amazon's.".into(), &[]);
        }
        let direction = if skew_ms > 0 { "behind" } else { "ahead of" };
        let detail = format!(
            "This computer's clock is {} minutes {direction} Amazon's. Deadlines will be wrong. Set the computer's clock to automatic.",
            skew_ms.abs() / 60_000
        );
        check("Clock", CheckState::Limited, detail, &["deadlines"])
    }

    /// One search tells of two roles: reading orders, and seeing whom they go to.
    async fn order_checks(&self, ids: &[String], abilities: &mut Vec<String>) -> Vec<PreflightCheck> {
        let (orders, people) = ("Read orders", "Names and addresses");
        let since = write_time(self.client.their_now_ms() - 30 * DAY_MS);
        let query = vec![
            ("marketplaceIds", ids.join(",")),
            ("lastUpdatedAfter", since),
            ("fulfilledBy", "MERCHANT".to_owned()),
            ("includedData", DATA_SETS.to_owned()),
            ("maxResultsPerPage", "25".to_owned()),
        ];
        let call = Call::get(Op::SearchOrders, "/orders/2026-01-01/orders", query);
        let data = match self.client.call(&call, Priority::Person, "look at recent orders").await {
            Ok(data) => data,
            Err(CallError::Wait { why, .. }) => {
                let detail = format!("Not tried now: {why}. Amazon allows one search every three minutes.");
                return vec![check(orders, CheckState::Limited, detail, NOT_TRIED)];
            }
            Err(error) => {
                let disables = ["reading orders", "sending orders to be shipped", "reporting parcels"];
                return vec![check(orders, CheckState::Missing, error.refusal().to_string(), &disables)];
            }
        };
        abilities.push("orders".into());
        let mut checks = vec![check(orders, CheckState::Works, "Orders of the last 30 days are visible.".into(), &[])];
        let found: Vec<Value> = data.body.get("orders").and_then(Value::as_array).cloned().unwrap_or_default();
        let ready = |order: &&Value| {
            let status = At::root(order).get("fulfillment.fulfillmentStatus").text();
            matches!(status.as_str(), "UNSHIPPED" | "PARTIALLY_SHIPPED" | "SHIPPED")
        };
        let ready: Vec<&Value> = found.iter().filter(ready).collect();
        let visible =
            |order: &&Value| At::root(order).get("recipient.deliveryAddress.addressLine1").text() != String::new();
        checks.push(if ready.is_empty() {
            check(people, CheckState::Works, "No order of the last 30 days shows it, so this could not be tried.".into(), &[])
        } else if ready.iter().any(visible) {
            abilities.push("addresses".into());
            check(people, CheckState::Works, "Addresses of recent orders are visible.".into(), &[])
        } else {
            let detail = "Orders come without names and streets: the app lacks the role \"Direct-to-Consumer Shipping (Restricted)\", or was authorised before it got it. Amazon says nothing and leaves the fields out. Ask for the role in Seller Central, authorise the app again, and paste the new refresh token.";
            check(people, CheckState::Missing, detail.into(), &["sending orders to be shipped"])
        });
        checks
    }

    /// Asks for something that needs a role and changes nothing.
    async fn probe(&self, probe: &Probe, ids: &[String]) -> Result<(), CallError> {
        let since_ms = self.client.their_now_ms() - DAY_MS;
        match probe.tries {
            // Asking for past feeds or reports needs the same role as making one.
            Tries::Feeds => self.feeds_since(ACKNOWLEDGE, since_ms, Priority::Person, probe.what).await.map(|_| ()),
            Tries::Reports => {
                let query = vec![("reportTypes", RETURNS_REPORT.to_owned()), ("pageSize", "1".to_owned())];
                let call = Call::get(Op::GetReports, "/reports/2021-06-30/reports", query);
                self.client.call(&call, Priority::Person, probe.what).await.map(|_| ())
            }
            Tries::Listings => {
                let query = vec![("marketplaceIds", ids.first().cloned().unwrap_or_default())];
                let call = Call::get(Op::GetListing, self.listing_path(NO_SKU), query);
                match self.client.call(&call, Priority::Person, probe.what).await {
                    // That nothing is sold under this name is an answer, too.
                    Err(error) if error.status() == Some(404) => Ok(()),
                    other => other.map(|_| ()),
                }
            }
        }
    }
}

/// What is missing where something could not be tried.
const NOT_TRIED: &[&str] = &["certainty that this works"];

/// A name no SKU has: what is asked is whether one may ask.
const NO_SKU: &str = "quayside-may-i-ask";

/// How a role is tried.
#[derive(Debug, Clone, Copy)]
enum Tries {
    Feeds,
    Reports,
    Listings,
}

/// A role, by what it is needed for.
#[derive(Debug, Clone, Copy)]
struct Probe {
    title: &'static str,
    tries: Tries,
    /// What is done to try it.
    what: &'static str,
    ability: &'static str,
    /// Said when it works.
    works: &'static str,
    /// The role to ask for, as Seller Central calls it.
    role: &'static str,
    disables: &'static [&'static str],
}

const FEEDS: Probe = Probe {
    title: "Cancel orders",
    tries: Tries::Feeds,
    what: "look at past feeds",
    ability: "feeds",
    works: "Cancellations travel as files that Amazon works through in some minutes, sometimes hours.",
    role: "Inventory and Order Tracking",
    disables: &["cancelling orders", "refunds", "acknowledgements"],
};

const REPORTS: Probe = Probe {
    title: "Returns and products",
    tries: Tries::Reports,
    what: "look at past reports",
    ability: "reports",
    works: "Returns and products come in reports that Amazon makes in some minutes.",
    role: "Inventory and Order Tracking",
    disables: &["returns", "product list", "reading stock"],
};

const LISTINGS: Probe = Probe {
    title: "Set stock",
    tries: Tries::Listings,
    what: "look at an offer",
    ability: "listings",
    works: "Offers can be looked at. Whether quantities may be set shows with the first one.",
    role: "Product Listing",
    disables: &["reading and setting stock"],
};

/// What came of trying a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Works,
    /// Neither yes nor no: the account is not narrowed by it.
    NotNow,
    Denied,
}

impl Probe {
    fn said(&self, answer: Result<(), CallError>) -> (PreflightCheck, Answer) {
        match answer {
            Ok(()) => (check(self.title, CheckState::Works, self.works.into(), &[]), Answer::Works),
            Err(CallError::Wait { why, .. }) => {
                (check(self.title, CheckState::Limited, format!("Not tried now: {why}."), NOT_TRIED), Answer::NotNow)
            }
            Err(error) if error.status() == Some(403) => {
                let detail = format!(
                    "The app lacks the role \"{}\", or was authorised before it got it. Ask for the role in Seller Central, authorise the app again, and paste the new refresh token.",
                    self.role
                );
                (check(self.title, CheckState::Missing, detail, self.disables), Answer::Denied)
            }
            Err(error) => {
                (check(self.title, CheckState::Missing, error.refusal().to_string(), self.disables), Answer::NotNow)
            }
        }
    }
}

/// What the app may do beside reading orders and confirming parcels, as far as trying tells.
#[derive(Debug, Clone, Copy)]
struct May {
    feeds: bool,
    reports: bool,
    listings: bool,
}

impl May {
    fn performs(self) -> Vec<IntentKind> {
        let may = |kind: &IntentKind| match kind {
            IntentKind::CancelChannelOrder | IntentKind::AcknowledgeOrder | IntentKind::Refund => self.feeds,
            IntentKind::SetStock => self.listings,
            _ => true,
        };
        super::DECLARATION.performs.iter().copied().filter(may).collect()
    }

    fn streams(self) -> Vec<String> {
        let names = super::DECLARATION.streams.iter().map(|stream| stream.name);
        let may = |name: &&str| match *name {
            RETURNS | PRODUCTS => self.reports,
            // Listed by reports, and looked at one by one.
            STOCK => self.reports && self.listings,
            _ => true,
        };
        names.filter(may).map(str::to_owned).collect()
    }
}

/// Told as it is: nobody but Amazon can say how it reads its own rule.
fn desktop_check() -> PreflightCheck {
    let detail = "Amazon's guidance for programs that run on a computer accepts those that are tied to a server of their developer, and says that one without such a tie is not acceptable. Quayside has no server; you use an app and credentials of your own, which never leave this computer. Whether the rule is meant for that case Amazon does not say. Ask Amazon's developer support before you depend on it, and follow its Data Protection Policy: buyers' data is deleted here 30 days after delivery.";
    let disables = &["certainty that Amazon accepts this use"];
    check("Amazon's rule on desktop programs", CheckState::Limited, detail.into(), disables)
}

/// Labels are bought at the hub; for one kind of order Amazon wants them bought from itself.
fn prime_check() -> PreflightCheck {
    let detail = format!(
        "Orders that you ship for Prime: Amazon wants nearly all of their labels bought through {BUY_SHIPPING}, and counts late ones harder than others. Quayside buys no labels; let your shipping account buy these there. They carry \"Prime\" in the queue, are named before they are late, and a label that was bought elsewhere is told while it can be voided. If you ship nothing for Prime, none of it concerns you."
    );
    check("Prime orders", CheckState::Limited, detail, &["labels for Prime bought by Quayside"])
}

fn check(title: &str, state: CheckState, detail: String, disables: &[&str]) -> PreflightCheck {
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

    /// What is tried is what the form asks for; without the last one quantities cannot be set.
    #[test]
    fn the_form_names_every_role() {
        let steps = super::super::DECLARATION.ways[0].steps.join(" ");
        for role in [FEEDS.role, REPORTS.role, LISTINGS.role, "Direct-to-Consumer Shipping (Restricted)"] {
            assert!(steps.contains(role), "{role} is not named in the steps");
        }
    }
}
