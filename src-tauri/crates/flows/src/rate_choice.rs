//! Which label is bought by itself, for how much at most, and how much a day: the settings of "Labels", in our words.
//!
//! Which offer that comes to is [`quayside_model::rates::pick`], a pure function of the offers: whoever shows them and
//! whoever buys ask the same one.

use crate::calendar;
use crate::policy::{Peer, Policy};
use crate::promise;
use chrono::{NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use quayside_model::time::DAY_MS;
use quayside_model::{Currency, HubOrder, LabelDraft, LabelWish, Money, ParcelSize, Story};

/// The automation whose settings these are.
pub const ID: &str = "labels";
/// Which offer is taken; empty: nobody has said.
pub const POLICY: &str = "policy";
/// The most a label may cost.
pub const PRICE_MAX: &str = "price_max";
/// The preferred carrier.
pub const CARRIER: &str = "carrier";
/// So much dearer it may be, per cent.
pub const DEARER: &str = "dearer_percent";
/// Days within which it is promised where the store says nothing.
pub const WITHIN: &str = "within_days";
/// What may be spent a day.
pub const SPEND: &str = "spend_day";
/// Test labels.
pub const TEST: &str = "test";

/// What a person set beside the settings, for one label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// An offer that was chosen; `None`: as the settings say.
    pub chosen: Option<LabelWish>,
    /// Nothing dearer than this, minor units.
    pub most_minor: Option<i64>,
    /// What the chosen offer is in; it counts where the hub does not tell its own currency. `None`: as the order.
    pub currency: Option<Currency>,
    /// What it weighs and measures, where that is known better than at the hub.
    pub size: ParcelSize,
}

/// What labels are paid in: the hub's currency, else the order's.
pub fn currency(hub: &Peer, fallback: &Currency) -> Currency {
    let own = hub.currency.as_deref().map(str::trim).filter(|code| !code.is_empty());
    own.map_or_else(|| fallback.clone(), Currency::new)
}

/// The label of a hub order, as it is to be bought. `Err`: what has to be set or known first.
pub fn draft(
    story: &Story,
    policy: &Policy,
    hub: &Peer,
    hub_order: &HubOrder,
    typed: &Typed,
    now_ms: i64,
) -> Result<LabelDraft, String> {
    // A limit of the settings is in what the account pays its carriers in, which may not be what the order was paid in.
    let by_person = typed.chosen.is_some() || typed.most_minor.is_some();
    let fallback = if by_person {
        typed.currency.clone().unwrap_or_else(|| story.order.currency.clone())
    } else {
        Currency::new("")
    };
    let currency = currency(hub, &fallback);
    let price_max = amount(policy, PRICE_MAX, "The highest price of a label", &currency)?;
    let wish = match &typed.chosen {
        Some(chosen) => chosen.clone(),
        None => wish(story, policy, price_max.is_some(), now_ms)?,
    };
    // What a person agreed to counts over the usual highest price.
    let most_minor = typed.most_minor.or(price_max.map(|money| money.minor));
    Ok(LabelDraft {
        hub_order_id: hub_order.remote_id.clone(),
        hub_order_key: hub_order.key.clone(),
        wish,
        size: typed.size,
        currency,
        most_minor,
        test: policy.toggle(ID, TEST),
        day_left_minor: None,
    })
}

/// Somebody said which offer is to be taken.
pub fn is_chosen(policy: &Policy) -> bool {
    !policy.setting(ID, POLICY).trim().is_empty()
}

fn wish(story: &Story, policy: &Policy, has_price: bool, now_ms: i64) -> Result<LabelWish, String> {
    match policy.setting(ID, POLICY).trim() {
        "cheapest" => Ok(LabelWish::Cheapest),
        "arrive_by" => Ok(LabelWish::ArriveBy { day: promised_day(story, policy, now_ms) }),
        "fastest_under" if has_price => Ok(LabelWish::Fastest),
        "fastest_under" => Err("Set the highest price of a label first, in the settings of \"Labels\".".to_owned()),
        "preferred" => {
            let carrier = policy.setting(ID, CARRIER).trim().to_owned();
            if carrier.is_empty() {
                return Err("Name the preferred carrier first, in the settings of \"Labels\".".to_owned());
            }
            let percent = u32::try_from(policy.number(ID, DEARER).clamp(0, 1_000)).unwrap_or_default();
            Ok(LabelWish::Preferred { carrier, dearer_percent: percent })
        }
        _ => Err("Choose an offer, or say in the settings of \"Labels\" which one is taken.".to_owned()),
    }
}

/// What the policy does, for people.
pub fn policy_words(policy: &Policy) -> String {
    match policy.setting(ID, POLICY).trim() {
        "cheapest" => "The cheapest offer is taken.".to_owned(),
        "arrive_by" => "The cheapest offer that arrives by the promised day is taken.".to_owned(),
        "fastest_under" => {
            format!("The fastest offer for at most {} is taken.", policy.setting(ID, PRICE_MAX).trim())
        }
        "preferred" => format!(
            "{} is taken, unless it is more than {} % dearer than the cheapest offer.",
            policy.setting(ID, CARRIER).trim(),
            policy.number(ID, DEARER)
        ),
        _ => {
            "Nobody has said which offer is taken: choose one for each order, or say it in the settings of \"Labels\"."
                .to_owned()
        }
    }
}

/// The day the buyer was promised to have it, in the store's zone, `YYYY-MM-DD`: the store's word, else its own promise for
/// the service, else so many days after the order, but never a day that is over: nothing arrives in the past.
pub fn promised_day(story: &Story, policy: &Policy, now_ms: i64) -> Option<String> {
    let store = policy.peers.get(&story.channel);
    let zone = policy.zone_of(store);
    let within = policy.number(ID, WITHIN).clamp(0, 365);
    let own_ms = || (within > 0).then(|| story.order.placed_at_ms + within * DAY_MS);
    let by_service = || promise::arrives_ms(story, policy);
    let promised_ms = story.order.deliver_by_ms.or_else(by_service).or_else(own_ms)?;
    let now_ms = policy.by_clock_of(&story.channel, now_ms);
    (promised_ms >= day_start(zone, now_ms)).then(|| {
        let at = Utc.timestamp_millis_opt(promised_ms).single().unwrap_or_default();
        at.with_timezone(&zone).format("%Y-%m-%d").to_string()
    })
}

/// What may be spent a day; `None`: as much as is wanted. What cannot be understood lets nothing be bought.
pub fn limit(policy: &Policy, hub: &Peer, fallback: Option<Currency>) -> Result<Option<Money>, String> {
    let currency = currency(hub, &fallback.unwrap_or_else(|| Currency::new("USD")));
    amount(policy, SPEND, "The limit for a day", &currency)
}

/// What is left of it after these; what was paid in another currency counts as much.
pub fn left_minor(limit: &Money, paid: &[Money]) -> i64 {
    let exponent = limit.currency.exponent();
    paid.iter().fold(limit.minor, |left, money| left.saturating_sub(money.minor_at(exponent)))
}

/// Beginning of the hub's day, ms UTC.
pub fn day_start_ms(policy: &Policy, hub: &Peer, now_ms: i64) -> i64 {
    day_start(policy.zone_of(Some(hub)), now_ms)
}

fn day_start(zone: Tz, now_ms: i64) -> i64 {
    let now = Utc.timestamp_millis_opt(now_ms).single().unwrap_or_default();
    calendar::instant(now.with_timezone(&zone).date_naive(), NaiveTime::MIN, zone).timestamp_millis()
}

fn amount(policy: &Policy, name: &str, what: &str, currency: &Currency) -> Result<Option<Money>, String> {
    let text = policy.setting(ID, name);
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match Money::parse(text, currency) {
        Ok(money) if money.minor >= 0 => Ok(Some(money)),
        _ => Err(format!(
            "{what} is set to \"{text}\", which is no amount. Write it like 12.50 in the settings of \"Labels\"."
        )),
    }
}

/// What is wrong with a setting of "Labels" as it was typed.
pub fn check_setting(automation: &str, name: &str, typed: &str) -> Result<(), String> {
    let typed = typed.trim();
    if automation != ID || typed.is_empty() || !matches!(name, PRICE_MAX | SPEND) {
        return Ok(());
    }
    match Money::parse(typed, &Currency::new("EUR")) {
        Ok(money) if money.minor >= 0 => Ok(()),
        _ => Err(format!("\"{typed}\" is no amount. Write it like 12.50, without a currency.")),
    }
}
