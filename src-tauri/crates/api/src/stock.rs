//! The stock screen: SKU by SKU the count that holds, every other count of it, and why one is not written.

use crate::desk::Desk;
use crate::trouble::Answer;
use quayside_flows::stock;
use quayside_model::{Mode, RecordKind, ShelfSays};
use quayside_store::ShelfPart;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Stable word of the automation that sets counts.
pub const AUTOMATION: &str = stock::ID;

/// Which SKUs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StockPart {
    /// All that some account counts.
    #[default]
    All,
    /// Those of which a count is not what it should be.
    Differs,
    /// Those that run low, or out.
    Warned,
}

/// What is asked of the stock screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct StockAsk {
    /// Which SKUs.
    pub part: StockPart,
    /// Looked for anywhere in a SKU.
    pub text: String,
    /// The `next` of the page before; empty: from the beginning.
    pub after: String,
}

/// One SKU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StockRow {
    /// As names are compared: its key.
    pub sku: String,
    /// What is said of it; `None`: it is looked at in a moment.
    pub says: Option<ShelfSays>,
}

/// One page of the stock screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StockPage {
    /// By SKU.
    pub rows: Vec<StockRow>,
    /// Where the next page begins; empty: this was the last.
    pub next: String,
    /// SKUs in all.
    pub all: i64,
    /// Of which a count is not what it should be.
    pub differs: i64,
    /// That run low, or out.
    pub warned: i64,
    /// Names of the accounts.
    pub accounts: BTreeMap<String, String>,
    /// Some account reads counts at all.
    pub counted: bool,
    /// How far the automation may go.
    pub mode: Mode,
}

/// SKUs of one page.
const PAGE: usize = 100;

impl Desk {
    /// One page of SKUs.
    pub fn stock(&self, ask: &StockAsk) -> Answer<StockPage> {
        let room = self.room()?;
        let policy = room.policy()?;
        let accounts = room.names()?.into_iter().map(|(id, name)| (id.0, name)).collect();
        let part = match ask.part {
            StockPart::All => ShelfPart::All,
            StockPart::Differs => ShelfPart::Differs,
            StockPart::Warned => ShelfPart::Warned,
        };
        let after = Some(ask.after.as_str()).filter(|after| !after.is_empty());
        let (page, (all, differs, warned), connections) = room
            .store
            .read(|r| Ok((r.shelf_page(part, &ask.text, after, PAGE)?, r.shelf_counts()?, r.connections()?)))?;
        let counted = connections.iter().any(|config| {
            let streams =
                quayside_connectors::platform(&config.platform).map_or(&[][..], |one| one.declaration.streams);
            streams.iter().any(|stream| stream.record == RecordKind::Stock && config.reads(stream.name))
        });
        Ok(StockPage {
            rows: page.rows.into_iter().map(|(sku, says)| StockRow { sku, says }).collect(),
            next: page.next.unwrap_or_default(),
            all: all as i64,
            differs: differs as i64,
            warned: warned as i64,
            accounts,
            counted,
            mode: policy.automation(stock::ID).mode,
        })
    }
}
