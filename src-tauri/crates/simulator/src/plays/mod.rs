//! What a life plays beside orders and parcels: goods that come back, money that is given back and orders that are cancelled
//! by a click, counts of stock, products, customers, tables that people filled.
//!
//! Which seed plays what is data ([`OF_SEEDS`]); everything is drawn from a stream of chance of its own, so that a life
//! without plays is the life it always was. Each kind can be left out or played alone, so that a failure names it.
//!
//! ```text
//! stage.rs   what happens when, and what came of each click     shops.rs   what buyers and staff do in the stores
//! clicks.rs  what a person at the desk clicks                    money.rs, counts.rs, goods.rs   the oracle's clauses
//! ```
//!
//! Left out: letters to buyers and labels (tests of their own), what a person writes by hand into a hub.

mod clicks;
mod counts;
mod goods;
mod money;
mod shops;
mod stage;

pub(crate) use stage::Stage;

use crate::life::SimTrouble;
use crate::oracle::{Told, Verdicts};
use quayside_flows::{products, stock};
use quayside_model::{ConnectionId, Mode};
use quayside_sandbox::Sandbox;
use quayside_store::{AutomationRow, Store, StoreError};
use serde_json::{Value, json};

/// One kind of play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    /// Buyers send something back, it arrives, the money follows; what waits for a click is approved.
    Returns,
    /// Somebody at the desk gives money back: a little of it, or a unit that has not left.
    Refunds,
    /// Somebody at the desk cancels orders in their stores; some of them left already.
    Cancellations,
    /// The counts of the stores follow those of a hub, with changes at both ends.
    Stock,
    /// Products of a store are kept at its hub; they change, and new ones come.
    Products,
    /// Whoever buys is kept as a customer at the hub.
    Customers,
    /// Another name for a SKU, a mapping, rules (`shaped.rs`).
    Tables,
}

/// Every kind and its word. New ones go to the end.
pub const PLAYS: [(&str, Play); 7] = [
    ("returns", Play::Returns),
    ("refunds", Play::Refunds),
    ("cancellations", Play::Cancellations),
    ("stock", Play::Stock),
    ("products", Play::Products),
    ("customers", Play::Customers),
    ("tables", Play::Tables),
];

/// What a seed plays, by its remainder: each kind alone somewhere, and some together.
const OF_SEEDS: [&[Play]; 8] = [
    // As all lives were before there were plays.
    &[],
    &[Play::Returns],
    &[Play::Refunds, Play::Cancellations],
    &[Play::Stock],
    &[Play::Products, Play::Customers],
    &[Play::Tables],
    &[Play::Returns, Play::Refunds, Play::Cancellations, Play::Customers],
    &[Play::Stock, Play::Returns, Play::Products],
];

/// A choice of kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Plays(u8);

impl Plays {
    /// Orders and parcels only.
    pub const NONE: Self = Self(0);

    /// These kinds.
    pub fn of(kinds: &[Play]) -> Self {
        Self(kinds.iter().fold(0, |all, kind| all | bit(*kind)))
    }

    /// Every kind there is.
    pub fn all() -> Self {
        Self::of(&PLAYS.map(|(_, kind)| kind))
    }

    /// What a seed plays where all platforms take part.
    pub fn of_seed(seed: u64) -> Self {
        let at = usize::try_from(seed % OF_SEEDS.len() as u64).unwrap_or_default();
        Self::of(OF_SEEDS[at])
    }

    /// Whether this kind is among them.
    pub fn has(self, kind: Play) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Without this kind.
    #[must_use]
    pub fn without(self, kind: Play) -> Self {
        Self(self.0 & !bit(kind))
    }

    /// `all`, `none`, or words of [`PLAYS`] with commas; the word nobody knows otherwise.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim() {
            "all" => return Ok(Self::all()),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        let mut plays = Self::NONE;
        for word in text.split(',').map(str::trim) {
            let known = PLAYS.iter().find(|(name, _)| *name == word);
            let (_, kind) = known.ok_or_else(|| word.to_owned())?;
            plays.0 |= bit(*kind);
        }
        Ok(plays)
    }

    /// The words that [`Self::parse`] reads as these.
    pub fn words(self) -> String {
        if self == Self::NONE {
            return "none".to_owned();
        }
        if self == Self::all() {
            return "all".to_owned();
        }
        let words = PLAYS.iter().filter(|(_, kind)| self.has(*kind)).map(|(name, _)| *name);
        words.collect::<Vec<_>>().join(",")
    }
}

fn bit(kind: Play) -> u8 {
    PLAYS.iter().position(|(_, one)| *one == kind).map_or(0, |at| 1 << at)
}

/// Goods that every store sells in one kind each, and that the hub's shelf has.
const SKUS: [&str; 3] = ["MAT-ROP", "SAL-SMO", "BAL-BEE"];
/// Units of each that are never promised.
const SAFETY: i64 = 1;
/// Units of each that one of the stores keeps off its counts besides.
const BUFFER: i64 = 2;
/// The store that keeps them off.
const BUFFERED: &str = "bigcommerce";
/// The place whose counts follow, by platform.
const PLACES: [(&str, &str); 3] = [("shopify", shops::QUAY), ("amazon", "DE"), ("bigcommerce", "1")];

/// Account of a platform whose hub counts the shelf, keeps products and customers.
fn keeper(sandbox: &Sandbox) -> Option<String> {
    sandbox.accounts().into_iter().find(|account| account.platform == "orderez").map(|account| account.name)
}

/// A person switches on what is to be played, and says how.
pub(crate) fn set(store: &Store, sandbox: &mut Sandbox, plays: Plays) -> Result<(), SimTrouble> {
    let Some(keeper) = keeper(sandbox) else { return Ok(()) };
    let accounts = sandbox.accounts();
    let lets_go =
        |id: &str, settings: Value| AutomationRow { id: id.to_owned(), mode: Mode::Auto, go_live_ms: None, settings };
    if plays.has(Play::Stock) {
        shops::begin_stock(sandbox);
        store.write(|tx| {
            tx.put_automation(&lets_go(stock::ID, json!({ (stock::TRUTH): keeper, (stock::SAFETY): SAFETY })))?;
            for account in &accounts {
                let Some(mut config) = tx.connection(&ConnectionId::new(&account.name))? else { continue };
                if let Some((_, place)) = PLACES.iter().find(|(platform, _)| *platform == account.platform) {
                    config.settings.insert(stock::STORE_PLACE.to_owned(), json!(place));
                }
                if account.platform == BUFFERED {
                    config.settings.insert(stock::STORE_BUFFER.to_owned(), json!(BUFFER));
                }
                tx.put_connection(&config)?;
            }
            Ok(())
        })?;
    }
    if plays.has(Play::Products) {
        // Marketplaces call the same goods otherwise: one store's word holds.
        let truth = shops::keepers_store(store, sandbox)?.unwrap_or_default();
        store.write(|tx| tx.put_automation(&lets_go(products::ID, json!({ (products::TRUTH): truth }))))?;
    }
    if plays.has(Play::Customers) {
        store.write(|tx| tx.put_automation(&lets_go(CUSTOMERS_TO_HUB, Value::Null)))?;
    }
    Ok(())
}

/// Stable word of the automation that keeps customers at the hub.
const CUSTOMERS_TO_HUB: &str = "customers_to_hub";

/// What each kind must have come to.
pub(crate) fn judge(
    stage: &Stage,
    sandbox: &Sandbox,
    store: &Store,
    told: &Told,
    now_ms: i64,
    verdicts: &mut Verdicts,
) -> Result<(), StoreError> {
    let plays = stage.plays;
    money::clicks(stage, sandbox, store, told, now_ms, verdicts)?;
    if plays.has(Play::Returns) {
        money::marketplace(stage, sandbox, store, verdicts)?;
    }
    if plays.has(Play::Stock) {
        counts::judge(stage, sandbox, store, told, now_ms, verdicts)?;
    }
    if plays.has(Play::Products) {
        goods::products(sandbox, store, now_ms, verdicts)?;
    }
    if plays.has(Play::Customers) {
        goods::customers(sandbox, store, told, now_ms, verdicts)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_flows::automation;

    #[test]
    fn words_and_choices_are_each_others() {
        for (word, kind) in PLAYS {
            let plays = Plays::parse(word).unwrap();
            assert_eq!((plays, plays.words().as_str()), (Plays::of(&[kind]), word));
            assert!(plays.has(kind) && Plays::all().has(kind) && !Plays::NONE.has(kind), "{word}");
        }
        for text in ["all", "none", "returns,stock,tables"] {
            assert_eq!(Plays::parse(text).unwrap().words(), text);
        }
        assert_eq!(Plays::parse("stock, chess").unwrap_err(), "chess");
    }

    #[test]
    fn fifty_seeds_play_every_kind_and_some_play_none() {
        for (word, kind) in PLAYS {
            let n = (1..=50).filter(|seed| Plays::of_seed(*seed).has(kind)).count();
            assert!(n >= 6, "{word} is played by {n} of fifty");
        }
        assert!((1..=50).filter(|seed| Plays::of_seed(*seed) == Plays::NONE).count() >= 6);
    }

    #[test]
    fn what_is_switched_on_there_is() {
        for id in [stock::ID, products::ID, CUSTOMERS_TO_HUB] {
            assert!(automation(id).is_some(), "{id}");
        }
    }
}
