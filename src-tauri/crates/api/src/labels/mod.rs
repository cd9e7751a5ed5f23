//! Labels by a person's hand: what carriers offer, buying one or many, their files.
//!
//! Buying is a change like any other: it is planned here and bought by the account's own lane, which looks first whether
//! there is a label, keeps to the day's limit, and asks the platform before anything is sent again.

pub(crate) mod buy;
mod files;
mod quotes;

pub(crate) use files::forget_opened;
pub use files::{LabelPick, LabelsSaved};

use crate::desk::{Desk, Room};
use crate::orders;
use crate::trouble::Answer;
use quayside_flows::{Peer, Policy, rate_choice};
use quayside_model::{OrderId, ParcelSize};
use serde::Serialize;
use specta::Type;

/// What carriers offer for an order.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct LabelQuotes {
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub number: String,
    /// What the shipping account's platform is called.
    pub hub: String,
    /// Cheapest first.
    pub quotes: Vec<QuoteView>,
    /// What is not offered, and why, in sentences.
    pub not_offered: Vec<String>,
    /// Which of them the settings would take.
    pub chosen: Option<u32>,
    /// Why that one, or why none.
    pub because: String,
    /// The day it is promised by, `YYYY-MM-DD`.
    pub promised: Option<String>,
    /// What was asked with.
    pub size: ParcelSize,
    /// The same in words.
    pub size_words: String,
    /// What was spent today, and what may be.
    pub spend: LabelSpend,
    /// What would be bought is a test label.
    pub test: bool,
}

/// One offer.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct QuoteView {
    /// The hub's id of the carrier's account.
    pub carrier_id: String,
    /// The carrier, for people.
    pub carrier: String,
    /// The hub's code of the service.
    pub service: String,
    /// The service, for people.
    pub service_name: String,
    /// The hub's code of the kind of package.
    pub package: String,
    /// All that is paid, minor units.
    pub total_minor: i64,
    /// The same for people (`8.40 USD`).
    pub total: String,
    /// The same for a field (`8.40`).
    pub amount: String,
    /// What it is made of; empty where it is carriage alone.
    pub parts: String,
    /// Days on the road, where the carrier says.
    pub days: Option<i64>,
    /// Day it arrives, `YYYY-MM-DD`, where the carrier says.
    pub arrives: Option<String>,
    /// It is there by the promised day; `None`: nobody promised, or nobody knows.
    pub in_time: Option<bool>,
    /// What the carrier warns of.
    pub notes: Vec<String>,
}

/// What was spent on labels today at a shipping account.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct LabelSpend {
    /// Spent, minor units.
    pub spent_minor: i64,
    /// May be spent, minor units; `None`: no limit.
    pub limit_minor: Option<i64>,
    /// Currency.
    pub currency: String,
    /// Its decimals.
    pub currency_exponent: u32,
    /// In words.
    pub sentence: String,
}

/// What buying labels for many orders would do.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct LabelBatch {
    /// A label can be bought for these.
    pub ready: Vec<OrderId>,
    /// Not for these.
    pub not_ready: Vec<LabelNotReady>,
    /// Which offer is taken, in words.
    pub policy: String,
    /// What was spent today, and what may be; `None` where no order has a shipping account.
    pub spend: Option<LabelSpend>,
    /// What would be bought are test labels.
    pub test: bool,
}

/// An order for which no label can be bought.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub struct LabelNotReady {
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub number: String,
    /// Why not.
    pub why: String,
}

impl Desk {
    /// What buying labels for these would do, as far as the desk knows. Asks no platform, changes nothing.
    pub fn label_batch(&self, ids: &[OrderId]) -> Answer<LabelBatch> {
        let room = self.room()?;
        let policy = room.policy()?;
        let (mut ready, mut not_ready, mut hub) = (Vec::new(), Vec::new(), None);
        let chosen = rate_choice::is_chosen(&policy);
        for id in ids {
            let story = orders::story_of(&room, *id)?;
            let no_choice = || (!chosen).then(|| rate_choice::policy_words(&policy));
            let wants_choice = || buy::wants_choice(&story);
            if let Some(why) = buy::can_buy(&story, &policy).or_else(wants_choice).or_else(no_choice) {
                not_ready.push(LabelNotReady { order_id: *id, number: story.order.number.clone(), why });
            } else {
                ready.push(*id);
            }
            hub = hub.or_else(|| policy.hub_of(&story));
        }
        let spend = hub.map(|hub| spend(&room, &policy, hub)).transpose()?;
        let test = policy.toggle(rate_choice::ID, rate_choice::TEST);
        Ok(LabelBatch { ready, not_ready, policy: rate_choice::policy_words(&policy), spend, test })
    }
}

/// What was spent today at an account, and what may be.
fn spend(room: &Room, policy: &Policy, hub: &Peer) -> Answer<LabelSpend> {
    let since_ms = rate_choice::day_start_ms(policy, hub, room.now_ms());
    let paid = room.store.read(|r| r.labels_paid(&hub.id, since_ms))?;
    let told = paid.first().map(|money| money.currency.clone());
    let limit = rate_choice::limit(policy, hub, told.clone());
    let currency = rate_choice::currency(hub, &told.unwrap_or_else(|| quayside_model::Currency::new("USD")));
    let spent_minor: i64 = paid.iter().map(|money| money.minor_at(currency.exponent())).sum();
    let spent = quayside_model::Money::new(spent_minor, currency.clone());
    let (limit_minor, sentence) = match limit {
        Ok(Some(limit)) => (Some(limit.minor), format!("{spent} of {limit} spent on labels today.")),
        Ok(None) => (None, format!("{spent} spent on labels today; no limit is set.")),
        Err(why) => (Some(0), format!("{why} Until then nothing is bought.")),
    };
    Ok(LabelSpend {
        spent_minor,
        limit_minor,
        currency: currency.to_string(),
        currency_exponent: currency.exponent(),
        sentence,
    })
}
