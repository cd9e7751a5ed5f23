//! What one simulated account is like: which APIs it has, and on which side it
//! falls where the platform's documentation leaves a question open.

use serde::{Deserialize, Serialize};

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShipStationPlan {
    /// Name in the sandbox.
    pub account: String,
    /// For people.
    pub title: String,
    /// Seed of everything that is drawn inside (ids, tracking numbers).
    pub seed: u64,
    /// The plan includes the older API.
    pub has_v1: bool,
    /// The plan includes the newer API.
    pub has_v2: bool,
    /// The stock add-on was bought.
    pub has_v2_inventory: bool,
    /// Calls per minute of the older API.
    pub calls_per_minute: u32,
    /// How many of them some other tool with the same key uses up at the start of every minute.
    pub calls_by_others: u32,
    /// Calls per minute of the newer API.
    pub v2_calls_per_minute: u32,
    /// User of the older API.
    pub v1_key: String,
    /// Password of the older API.
    pub v1_secret: String,
    /// Last day of that pair in Pacific time, `YYYY-MM-DD`; empty: no end.
    pub v1_expires_on: String,
    /// Key of the newer API.
    pub v2_key: String,
    /// Stores in the account. The first manual one takes every order that names none.
    pub stores: Vec<StorePlan>,
    /// Currency of the account.
    pub currency: String,
    /// IANA zone of the warehouse.
    pub time_zone: String,
    /// Where the platform's documentation is silent or contradicts itself.
    pub habits: Habits,
    /// Rarely seen, and real.
    pub quirks: Quirks,
}

/// One store inside the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorePlan {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// 0 is a manual store; anything else is connected to a marketplace.
    pub marketplace_id: i64,
    /// Name of the marketplace.
    pub marketplace_name: String,
    /// Switched on.
    pub active: bool,
    /// It is filled by a link to an account that sells; `None`: nobody does, whatever it says it is.
    #[serde(default)]
    pub imports: Option<ImportPlan>,
}

/// A link of the account's own to one that sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPlan {
    /// Name of the account it reads.
    pub account: String,
    /// A paid order is here so many minutes after it was placed.
    pub after_min: i64,
}

impl StorePlan {
    /// A manual store.
    pub fn manual(id: i64, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            marketplace_id: 0,
            marketplace_name: "ShipStation".to_owned(),
            active: true,
            imports: None,
        }
    }
    /// A store that is filled by a link to an account that sells.
    pub fn linked(id: i64, name: &str, marketplace: (i64, &str), imports: ImportPlan) -> Self {
        let (marketplace_id, marketplace_name) = marketplace;
        Self {
            marketplace_id,
            marketplace_name: marketplace_name.to_owned(),
            imports: Some(imports),
            ..Self::manual(id, name)
        }
    }
    /// Orders come in by clients and by hand, and nobody is told when they ship.
    pub fn is_manual(&self) -> bool {
        self.marketplace_id == 0
    }
}

/// Open questions, each answered one way per account, so that a client is tried with both answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habits {
    /// An order whose only label is voided waits for shipment again; otherwise it stays shipped.
    pub void_reopens: bool,
    /// Orders made by a split carry the key of the order they came from; otherwise a new key of their own.
    pub children_share_key: bool,
    /// The newer API refuses a number that another order has already, whatever its state.
    pub v2_numbers_unique: bool,
    /// The newer API knows `on_hold` and `awaiting_payment`, and the calls `hold` and `restore`; otherwise such orders
    /// are `pending` and the calls do not exist.
    pub v2_knows_holds: bool,
    /// The newer API cuts an external id at 50 characters without a word; otherwise it refuses a longer one.
    pub v2_cuts_external_ids: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            void_reopens: true,
            children_share_key: false,
            v2_numbers_unique: true,
            v2_knows_holds: true,
            v2_cuts_external_ids: true,
        }
    }
}

/// Rarely seen, and real.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quirks {
    /// Lists of the older API hold a `null` between the records.
    pub null_rows: bool,
    /// Every third refusal of a credential by the older API is a plain text instead of JSON.
    pub plain_401: bool,
    /// One new order in so many spoils every page of the older API it is on, for half an hour; 0: none ever does.
    pub poison_one_in: u32,
    /// Status that goes with "Too Many Requests" in the older API. 429 as a rule; 200 and 500 have been seen.
    pub throttle_status: u16,
}

impl Default for Quirks {
    fn default() -> Self {
        Self { null_rows: false, plain_401: true, poison_one_in: 0, throttle_status: 429 }
    }
}

impl Default for ShipStationPlan {
    /// Both APIs without the stock add-on; three manual stores.
    fn default() -> Self {
        Self {
            account: "harbour-shipping".to_owned(),
            title: "Harbour Shipping".to_owned(),
            seed: 1,
            has_v1: true,
            has_v2: true,
            has_v2_inventory: false,
            calls_per_minute: 40,
            calls_by_others: 0,
            v2_calls_per_minute: 200,
            v1_key: "3f0c1d2e4b5a69788796a5b4c3d2e1f0".to_owned(),
            v1_secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0".to_owned(),
            v1_expires_on: String::new(),
            v2_key: "sandbox_aXl6NnJ0bWJ2cDR6c2VxOGZrd3I".to_owned(),
            stores: vec![
                StorePlan::manual(480_001, "Manual Orders"),
                StorePlan::manual(480_002, "Harbour Goods"),
                StorePlan::manual(480_003, "Harbour Outlet"),
            ],
            currency: "EUR".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            habits: Habits::default(),
            quirks: Quirks::default(),
        }
    }
}

impl ShipStationPlan {
    /// Only the older API.
    #[must_use]
    pub fn only_v1(self) -> Self {
        Self { has_v1: true, has_v2: false, has_v2_inventory: false, ..self }
    }
    /// Only the newer API.
    #[must_use]
    pub fn only_v2(self) -> Self {
        Self { has_v1: false, has_v2: true, ..self }
    }
    /// Neither API, only the stock add-on.
    #[must_use]
    pub fn only_inventory(self) -> Self {
        Self { has_v1: false, has_v2: false, has_v2_inventory: true, ..self }
    }
    /// With the stock add-on.
    #[must_use]
    pub fn with_inventory(self) -> Self {
        Self { has_v2_inventory: true, ..self }
    }
}
