//! **Test connection**: what the keys open, what the account has, what will not work.

use super::choose::{Abilities, HAS_V1, HAS_V2, HAS_V2_INVENTORY, Need, Route, choose, limits};
use super::client::{Api, Call, Reply};
use super::hub::Hub;
use super::verdicts::{self, Means};
use super::wire;
use super::wire_v1::{StoreV1, TagV1};
use super::wire_v2::CarrierV2;
use super::{ids, pacific};
use crate::door::SKEW_TOLERATED_MS;
use crate::{Priority, ReadError};
use quayside_model::time::{DAY_MS, MINUTE_MS};
use quayside_model::{
    Account, Cause, CheckState, FACT_IDENTITIES, FACT_OWN_LINKS, IntentKind, OwnLink, Preflight, PreflightCheck,
    Refusal,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fact: manual stores (orders can be put into them), JSON list of `{id, name}`.
pub(super) const FACT_MANUAL_STORES: &str = "manual_stores";
/// Fact: all stores, JSON object id → name.
pub(super) const FACT_STORES: &str = "stores";
/// Fact: tags, JSON object name → id.
pub(super) const FACT_TAGS: &str = "tags";
/// Fact: when the tags were read, ms UTC.
pub(super) const FACT_TAGS_READ_AT: &str = "tags_read_at_ms";
/// Fact: names of the carriers, comma between.
pub(super) const FACT_CARRIERS: &str = "carriers";

/// What V1 alone tells; kept while V1 does not answer.
const FACTS_OF_V1: &[&str] = &[FACT_MANUAL_STORES, FACT_STORES, FACT_TAGS, FACT_TAGS_READ_AT, FACT_OWN_LINKS];

/// Most names of an account of one kind that are kept.
const IDENTITIES_MAX: usize = 20;

/// So long before a key pair ends it is said, ms.
const EXPIRY_WARNING_MS: i64 = 30 * DAY_MS;

/// What is given, beside the account itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys<'a> {
    pub v1: bool,
    pub v2: bool,
    /// Day on which the V1 pair ends, `YYYY-MM-DD`.
    pub expires_on: Option<&'a str>,
    /// Names the V2 key without giving it away, for accounts that show no other identity.
    pub v2_fingerprint: &'a str,
}

/// What asking for an ability showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Probe {
    /// The account has it.
    Has,
    /// A sign-in or a permission was refused.
    HasNot,
    /// No word of the account's own: a limit, an outage, a proxy. What was known before holds on.
    Unknown,
}

impl Probe {
    fn of(refusal: &Refusal) -> Self {
        match refusal.cause {
            Cause::SignInNeeded | Cause::ScopeMissing | Cause::AccountBlocked => Self::HasNot,
            _ => Self::Unknown,
        }
    }

    /// Whether the account has it, as far as is known.
    fn or_known(self, known: bool) -> bool {
        match self {
            Self::Has => true,
            Self::HasNot => false,
            Self::Unknown => known,
        }
    }
}

/// Signs in and asks around. `known` is what the last time showed; empty for an account never looked at.
pub(super) async fn run(hub: &Hub, keys: Keys<'_>, known: &Account) -> Preflight {
    let mut checks = Vec::new();
    let mut account = Account {
        name: "ShipStation".into(),
        admin_url: Some("https://ship.shipstation.com".into()),
        ..Account::default()
    };
    let knew = |word: &str| known.abilities.iter().any(|ability| ability == word);
    let mut has = Abilities::default();
    let mut identities: Vec<String> = Vec::new();
    let (mut v1, mut v2) = (Probe::HasNot, Probe::HasNot);
    if keys.v1 {
        v1 = probe_v1(hub, &mut account, &mut identities, &mut checks).await;
        has.v1 = v1.or_known(knew(HAS_V1));
        if v1 == Probe::Unknown && has.v1 {
            for name in FACTS_OF_V1 {
                if let Some(fact) = known.facts.get(*name) {
                    account.facts.insert((*name).to_owned(), fact.clone());
                }
            }
        }
        checks.push(expiry(hub, keys.expires_on, &mut account));
    }
    if keys.v2 {
        v2 = probe_v2(hub, &mut account, &mut identities, &mut checks, keys.v2_fingerprint).await;
        has.v2 = v2.or_known(knew(HAS_V2));
        has.v2_inventory = probe_inventory(hub, &mut checks).await.or_known(knew(HAS_V2_INVENTORY));
    }
    // V1 alone sells no labels that could be printed from here.
    if matches!(choose(Need::BuyLabel, has), Route::Nobody(_)) {
        let labels = |kind: &IntentKind| matches!(kind, IntentKind::BuyLabel | IntentKind::ReturnLabel);
        account.performs = Some(super::DECLARATION.performs.iter().copied().filter(|kind| !labels(kind)).collect());
    }
    if !keys.v1 && !keys.v2 {
        checks.push(check(
            "Sign in",
            CheckState::Missing,
            "Neither a V1 key pair nor a V2 key was given.",
            &["everything"],
        ));
    }
    checks.extend(clock(hub));
    if v1 != Probe::Has && v2 != Probe::Has {
        return Preflight { account: None, checks };
    }
    account.remote_id = identities.first().cloned().unwrap_or_default();
    account.facts.insert(FACT_IDENTITIES.into(), identities.join(" "));
    account.abilities = has.words();
    if has.v1 {
        account.facts.insert(quayside_model::FACT_PRODUCTS.into(), super::products::KEEPING.words());
    }
    let streams = super::DECLARATION.streams.iter().map(|stream| stream.name);
    let streams = streams.filter(|name| match *name {
        super::read::STOCK => has.v2_inventory,
        super::read::TRACKING => has.v2,
        _ => true,
    });
    account.streams = Some(streams.map(str::to_owned).collect());
    // Links outlive the keys that showed them.
    if let Some(links) = known.facts.get(FACT_OWN_LINKS) {
        account.facts.entry(FACT_OWN_LINKS.into()).or_insert_with(|| links.clone());
    }
    if account.own_links().is_none() {
        checks.push(check(
            "Imports of its own",
            CheckState::Limited,
            "Which stores ShipStation imports by itself cannot be seen with a V2 key alone. If it imports a store whose orders Quayside sends, each is there twice: say in the settings of the store who writes, or add a V1 key pair, which shows them. Until one of the two is done, its orders wait.",
            &["seeing which stores ShipStation imports by itself"],
        ));
    }
    checks.push(abilities(has));
    if !has.v1 {
        // V1 tells orders apart by key alone; V2's guide wants numbers that are unique over the whole account,
        // so the numbers of several stores get their initials in front.
        account.facts.insert("numbers_unique".into(), "true".into());
    }
    Preflight { account: Some(account), checks }
}

fn check(title: &str, state: CheckState, detail: impl Into<String>, disables: &[&str]) -> PreflightCheck {
    PreflightCheck {
        title: title.into(),
        state,
        detail: detail.into(),
        disables: disables.iter().map(|text| (*text).to_owned()).collect(),
    }
}

async fn ask(hub: &Hub, call: Call, what: &str) -> Result<Reply, Refusal> {
    use super::client::Failure;
    match hub.client.call(call).await {
        Ok(reply) if reply.is_success() && reply.json.is_some() => Ok(reply),
        Ok(reply) => Err(verdicts::read_refusal(&hub.speaker, &reply, what)),
        Err(Failure::Door(error)) => Err(error.refusal().clone()),
        Err(Failure::Wait { at_ms, why }) => {
            let seconds = ((at_ms - hub.client.now_ms()) / 1000).max(1);
            Err(hub.speaker.refusal(
                Cause::RateLimited,
                &format!("ShipStation's allowance is used up. Test again in {seconds} s. ({why})"),
            ))
        }
    }
}

/// Everything an order's way needs V1 or V2 for; what a missing one disables.
const ORDERS_AND_PARCELS: &[&str] = &["sending orders through V1", "reading orders and parcels through V1"];

async fn probe_v1(
    hub: &Hub,
    account: &mut Account,
    identities: &mut Vec<String>,
    checks: &mut Vec<PreflightCheck>,
) -> Probe {
    let call = Call::get(Api::V1, "/stores", Priority::Person).with("showInactive", "true");
    let reply = match ask(hub, call, "The list of stores").await {
        Ok(reply) => reply,
        Err(refusal) => {
            checks.push(check("Sign in to V1", CheckState::Missing, refusal.to_string(), ORDERS_AND_PARCELS));
            return Probe::of(&refusal);
        }
    };
    let capacity = hub
        .client
        .budget()
        .snapshot()
        .into_iter()
        .find(|bucket| bucket.name == Api::V1.bucket())
        .map_or(0.0, |bucket| bucket.capacity);
    checks.push(check(
        "Sign in to V1",
        CheckState::Works,
        format!("The key pair is accepted. {capacity} calls a minute are allowed."),
        &[],
    ));
    let listed = stores_of(&reply);
    let known = listed.is_some();
    let stores = listed.unwrap_or_default();
    // The oldest store's number is the strongest name of an account: every account has had one since it was opened,
    // and keys come and go.
    let mut numbers: Vec<i64> =
        stores.iter().filter_map(|store| store.store_id.as_deref().and_then(ids::to_v1)).collect();
    numbers.sort_unstable();
    identities.extend(numbers.into_iter().take(IDENTITIES_MAX).map(|number| format!("store:{number}")));
    checks.push(learn_stores(&stores, account));
    let links = linked(&stores);
    checks.extend(told(&links));
    if known {
        account.learn_own_links(links);
    }
    match ask(hub, Call::get(Api::V1, "/accounts/listtags", Priority::Person), "The list of tags").await {
        Ok(reply) => learn_tags(hub, &reply, account),
        Err(refusal) => checks.push(check("Tags", CheckState::Limited, refusal.to_string(), &["tags on orders"])),
    }
    Probe::Has
}

/// Stores into facts.
fn learn_stores(stores: &[StoreV1], account: &mut Account) -> PreflightCheck {
    if let Some(company) = stores.iter().map(|store| store.company_name.trim()).find(|name| !name.is_empty()) {
        company.clone_into(&mut account.name);
    }
    let active = || stores.iter().filter(|store| store.active != Some(false));
    let manual: Vec<Value> = active()
        .filter(|store| store.marketplace_id == Some(0.0))
        .filter_map(|store| Some(json!({"id": store.store_id.as_deref()?, "name": store.store_name})))
        .collect();
    let all: BTreeMap<&str, &str> =
        active().filter_map(|store| Some((store.store_id.as_deref()?, store.store_name.as_str()))).collect();
    account.facts.insert(FACT_STORES.into(), json!(all).to_string());
    account.facts.insert(FACT_MANUAL_STORES.into(), json!(manual).to_string());
    let names: Vec<&str> = manual.iter().filter_map(|store| store["name"].as_str()).collect();
    match names.as_slice() {
        [] => check(
            "A store for new orders",
            CheckState::Limited,
            "The account has no manual store that is active. New orders may be refused, or land in a store that another program fills. Make a manual store in ShipStation under Selling Channels.",
            &["sending new orders to a store of their own"],
        ),
        [only] => check("A store for new orders", CheckState::Works, format!("New orders go to \"{only}\"."), &[]),
        [first, ..] => check(
            "A store for new orders",
            CheckState::Works,
            format!(
                "The account has {} manual stores ({}). Without a choice in the settings, ShipStation puts new orders into the first, \"{first}\".",
                names.len(),
                names.join(", ")
            ),
            &[],
        ),
    }
}

/// Stores that the account imports by links of its own.
fn linked(stores: &[StoreV1]) -> Vec<OwnLink> {
    let linked = |store: &&StoreV1| store.active != Some(false) && store.marketplace_id.is_some_and(|id| id != 0.0);
    let link = |store: &StoreV1| OwnLink {
        id: store.store_id.clone().unwrap_or_else(|| store.store_name.trim().to_owned()),
        name: store.store_name.trim().to_owned(),
        marketplace: store.marketplace_name.trim().to_owned(),
    };
    stores.iter().filter(linked).map(link).collect()
}

/// Their orders would be there twice.
fn told(links: &[OwnLink]) -> Option<PreflightCheck> {
    if links.is_empty() {
        return None;
    }
    let names: Vec<String> = links.iter().map(OwnLink::words).collect();
    let sentence = format!(
        "ShipStation imports {} by itself. Before Quayside sends orders of such a store it asks who writes: if Quayside, switch that import off in ShipStation under Selling Channels; if ShipStation is to go on importing, say so at the store under Connections. Until then its orders wait, and nothing is sent.",
        names.join(", ")
    );
    Some(check(
        "Imports of its own",
        CheckState::Limited,
        sentence,
        &["sending orders of these stores before it is said who writes"],
    ))
}

/// As the account shows them now: one call.
pub(super) async fn own_links(hub: &Hub) -> Result<Vec<OwnLink>, ReadError> {
    use super::client::Failure;
    let call = Call::get(Api::V1, "/stores", Priority::Poll).with("showInactive", "true");
    let reply = match hub.client.call(call).await {
        Ok(reply) if reply.is_success() && reply.json.is_some() => reply,
        Ok(reply) => {
            return Err(ReadError::Refused(verdicts::read_refusal(&hub.speaker, &reply, "The list of stores")));
        }
        Err(Failure::Wait { at_ms, why }) => return Err(ReadError::WaitUntil { at_ms, why }),
        Err(Failure::Door(error)) => return Err(ReadError::Refused(error.refusal().clone())),
    };
    // What is no list shows no links, and that is not the same as none.
    let no_list = || {
        Refusal::new(
            Cause::NotUnderstood,
            "ShipStation's list of stores came in a form Quayside does not know. Links of its own are as they were last seen.",
        )
    };
    stores_of(&reply).map(|stores| linked(&stores)).ok_or_else(|| ReadError::Refused(no_list()))
}

fn stores_of(reply: &Reply) -> Option<Vec<StoreV1>> {
    let listing = wire::Listing::of(reply.json.as_ref()?, "stores")?;
    Some(listing.rows.iter().filter_map(|row| wire::record(row).ok()).collect())
}

fn learn_tags(hub: &Hub, reply: &Reply, account: &mut Account) {
    let rows = reply
        .json
        .as_ref()
        .and_then(|body| wire::Listing::of(body, "tags"))
        .map(|listing| listing.rows)
        .unwrap_or_default();
    let tags: BTreeMap<String, i64> = rows
        .iter()
        .filter_map(|row| wire::record::<TagV1>(row).ok())
        .filter_map(|tag| Some((tag.name, ids::to_v1(tag.tag_id.as_deref()?)?)))
        .collect();
    let now_ms = hub.client.now_ms();
    let text = json!(tags).to_string();
    hub.remember_tags(&text, now_ms);
    account.facts.insert(FACT_TAGS.into(), text);
    account.facts.insert(FACT_TAGS_READ_AT.into(), now_ms.to_string());
}

fn expiry(hub: &Hub, expires_on: Option<&str>, account: &mut Account) -> PreflightCheck {
    let Some(day) = expires_on.and_then(pacific::parse_day) else {
        return check(
            "End of the V1 key pair",
            CheckState::Limited,
            "ShipStation's V1 keys end after a while, and no day was entered. Without it nobody can be warned. ShipStation shows the day beside the key.",
            &["a warning before the key ends"],
        );
    };
    let ends_ms = pacific::day_start_ms(day);
    account.expires_at_ms = Some(ends_ms);
    let left_ms = ends_ms - hub.their_now_ms();
    let days = left_ms.div_euclid(DAY_MS);
    let written = day.format("%-d %B %Y");
    if left_ms <= 0 {
        check(
            "End of the V1 key pair",
            CheckState::Limited,
            format!("The day entered, {written}, has passed. Make a new pair in ShipStation, or correct the day."),
            &["certainty that V1 goes on working"],
        )
    } else if left_ms <= EXPIRY_WARNING_MS {
        let text = format!(
            "The key pair ends on {written}, in {days} days. Make a second pair in ShipStation (two may exist) and enter it here before that day."
        );
        check(
            "End of the V1 key pair",
            CheckState::Limited,
            text,
            &["everything that goes through V1, from that day on"],
        )
    } else {
        check(
            "End of the V1 key pair",
            CheckState::Works,
            format!("Ends on {written}. Quayside warns 30 days before."),
            &[],
        )
    }
}

async fn probe_v2(
    hub: &Hub,
    account: &mut Account,
    identities: &mut Vec<String>,
    checks: &mut Vec<PreflightCheck>,
    fingerprint: &str,
) -> Probe {
    let reply = match ask(hub, Call::get(Api::V2, "/v2/carriers", Priority::Person), "The list of carriers").await {
        Ok(reply) => reply,
        Err(refusal) => {
            checks.push(check(
                "Sign in to V2",
                CheckState::Missing,
                refusal.to_string(),
                &["everything that needs V2"],
            ));
            return Probe::of(&refusal);
        }
    };
    let rows = reply
        .json
        .as_ref()
        .and_then(|body| wire::Listing::of(body, "carriers"))
        .map(|listing| listing.rows)
        .unwrap_or_default();
    let carriers: Vec<CarrierV2> = rows.iter().filter_map(|row| wire::record(row).ok()).collect();
    let names: Vec<&str> =
        carriers.iter().map(|carrier| carrier.friendly_name.as_str()).filter(|name| !name.is_empty()).collect();
    // V2 shows no account: its carrier accounts will do, the oldest first, and last the key itself.
    let mut oldest: Vec<&str> = carriers.iter().filter_map(|carrier| carrier.carrier_id.as_deref()).collect();
    oldest.sort_unstable_by_key(|id| (id.len(), (*id).to_owned()));
    let named = oldest.into_iter().filter(|id| !id.contains(char::is_whitespace)).take(IDENTITIES_MAX);
    identities.extend(named.map(|id| format!("carrier:{id}")));
    identities.push(format!("key:{fingerprint}"));
    account.facts.insert(FACT_CARRIERS.into(), names.join(", "));
    let told = if names.is_empty() {
        "The key is accepted. The account has no carriers yet.".to_owned()
    } else {
        format!("The key is accepted. Carriers: {}.", names.join(", "))
    };
    checks.push(check("Sign in to V2", CheckState::Works, told, &[]));
    Probe::Has
}

async fn probe_inventory(hub: &Hub, checks: &mut Vec<PreflightCheck>) -> Probe {
    let call = Call::get(Api::V2, "/v2/inventory_warehouses", Priority::Person);
    match hub.client.call(call).await {
        Ok(reply) if reply.is_success() => {
            checks.push(check("Stock (Inventory API)", CheckState::Works, "The account has the Inventory API.", &[]));
            Probe::Has
        }
        Ok(reply) => match verdicts::means(&reply) {
            // Not having an add-on is no fault.
            Means::SignIn => Probe::HasNot,
            Means::Scope | Means::Blocked | Means::Missing | Means::Refused => {
                checks.push(check(
                    "Stock (Inventory API)",
                    CheckState::Limited,
                    "The account does not have the Inventory API add-on. Everything else works without it.",
                    &["stock levels from ShipStation"],
                ));
                Probe::HasNot
            }
            _ => stock_unknown(checks),
        },
        Err(_) => stock_unknown(checks),
    }
}

fn stock_unknown(checks: &mut Vec<PreflightCheck>) -> Probe {
    checks.push(check(
        "Stock (Inventory API)",
        CheckState::Limited,
        "It could not be found out whether the account has the Inventory API. Test again later; until then it is as it was.",
        &["certainty about stock levels from ShipStation"],
    ));
    Probe::Unknown
}

fn clock(hub: &Hub) -> Option<PreflightCheck> {
    let skew_ms = hub.client.skew_ms()?;
    if skew_ms.abs() <= SKEW_TOLERATED_MS {
        return Some(check("This computer's clock", CheckState::Works, "Agrees with ShipStation's.", &[]));
    }
    let direction = if skew_ms > 0 { "behind" } else { "ahead of" };
    let text = format!(
        "This computer's clock is {} minutes {direction} ShipStation's. Set it to automatic; ship-by times are wrong until then.",
        skew_ms.abs() / MINUTE_MS
    );
    Some(check("This computer's clock", CheckState::Limited, text, &["correct deadlines"]))
}

/// What this combination of interfaces does, and what it cannot.
fn abilities(has: Abilities) -> PreflightCheck {
    let limits = limits(has);
    let combination = match (has.v1, has.v2) {
        (true, true) => "V1 and V2: orders go through V1, cancellations and voids through V2.",
        (true, false) => {
            "V1 alone: everything an order needs. With a V2 key beside it, parcels are followed, tags that do not exist yet are made, and orders are cancelled in one call."
        }
        (false, true) => {
            "V2 alone: works, with one call per order instead of one per hundred, and without stores by name."
        }
        (false, false) => "Nothing.",
    };
    let needed = [Need::ReadOrders, Need::ReadParcels, Need::PutOrder, Need::CancelOrder, Need::HoldOrder];
    let whole = needed.iter().all(|need| !matches!(choose(*need, has), Route::Nobody(_)));
    let state = if whole && limits.is_empty() { CheckState::Works } else { CheckState::Limited };
    check("What this account can do", state, combination, &limits)
}
