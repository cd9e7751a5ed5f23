//! The order's lines as a small ledger: ordered, at the hub, shipped, told.
//! It must balance; where it does not, somebody is told what is off.

use quayside_model::{Fulfillment, HubStatus, Parcel, Story};
use std::collections::BTreeMap;

/// The channel was told of this, but every label it names was voided since.
fn reports_voided_label(story: &Story, fulfillment: &Fulfillment) -> bool {
    let voided = |number: &String| {
        let mut parcels = story.parcels.iter().filter(|p| p.value.numbers().any(|n| n == number)).peekable();
        parcels.peek().is_some() && parcels.all(|p| p.value.voided_at_ms.is_some())
    };
    !fulfillment.tracking_numbers.is_empty() && fulfillment.tracking_numbers.iter().all(voided)
}

/// Both sides of one order line, in units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineRow {
    /// Channel's line id.
    pub line_id: String,
    /// SKU as the channel has it (or as a person corrected it).
    pub sku: String,
    /// Still wanted.
    pub ordered: i64,
    /// On hub orders that still count (open, shipped).
    pub at_hub: i64,
    /// In live parcels.
    pub shipped: i64,
    /// Told to the channel, reports of voided labels left out.
    pub told: i64,
}

/// All lines a carrier must take, and what did not fit them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineLedger {
    /// One row per line to ship, in the channel's order.
    pub rows: Vec<LineRow>,
    /// Units per parcel: parcel id → line id → units.
    pub parcels: BTreeMap<String, BTreeMap<String, i64>>,
    /// What parcels carry that no line accounts for: (parcel id, SKU, units).
    pub strangers: Vec<(String, String, i64)>,
}

impl LineLedger {
    /// Adds the story up.
    pub fn of(story: &Story) -> Self {
        let mut ledger = Self::default();
        let reports: Vec<&Fulfillment> =
            story.order.fulfillments.iter().filter(|f| f.live && !reports_voided_label(story, f)).collect();
        let told = |line_id: &str| -> i64 {
            let lines = reports.iter().flat_map(|f| &f.lines).filter(|line| line.order_line_id == line_id);
            lines.map(|line| line.quantity).sum()
        };
        for line in story.order.lines_to_ship() {
            let sku = story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku);
            ledger.rows.push(LineRow {
                line_id: line.remote_id.clone(),
                sku: sku.clone(),
                ordered: line.current_quantity,
                told: told(&line.remote_id),
                ..LineRow::default()
            });
        }
        for hub in &story.hub_orders {
            if matches!(hub.value.status, HubStatus::Cancelled | HubStatus::Gone) {
                continue;
            }
            for line in &hub.value.lines {
                if let Some(row) = ledger.row_for(line.line_key.as_deref(), &line.sku) {
                    row.at_hub += line.quantity;
                }
            }
        }
        for parcel in &story.parcels {
            ledger.add_parcel(story, &parcel.value);
        }
        ledger
    }

    fn row_for(&mut self, line_key: Option<&str>, sku: &str) -> Option<&mut LineRow> {
        if let Some(at) = line_key.and_then(|key| self.rows.iter().position(|row| row.line_id == key)) {
            return self.rows.get_mut(at);
        }
        // Without our key only an unambiguous SKU will do: never a guess.
        let mut matching = self.rows.iter_mut().filter(|row| !sku.is_empty() && row.sku == sku);
        match (matching.next(), matching.next()) {
            (Some(row), None) => Some(row),
            _ => None,
        }
    }

    fn add_parcel(&mut self, story: &Story, parcel: &Parcel) {
        let contents: Vec<(Option<String>, String, i64)> = match &parcel.lines {
            Some(lines) => lines.iter().map(|line| (line.line_key.clone(), line.sku.clone(), line.quantity)).collect(),
            // The hub does not say what is inside: everything on its order.
            None => story
                .hub_orders
                .iter()
                .filter(|hub| Some(&hub.value.remote_id) == parcel.hub_order_id.as_ref())
                .flat_map(|hub| &hub.value.lines)
                .map(|line| (line.line_key.clone(), line.sku.clone(), line.quantity))
                .collect(),
        };
        let live = parcel.is_live();
        let mut units: BTreeMap<String, i64> = BTreeMap::new();
        for (line_key, sku, quantity) in contents {
            // A line that was ordered but is no longer wanted is still a line of this order.
            let of_order = line_key.as_deref().is_some_and(|key| story.order.lines.iter().any(|l| l.remote_id == key));
            match self.row_for(line_key.as_deref(), &sku) {
                Some(row) => {
                    if live {
                        row.shipped += quantity;
                    }
                    *units.entry(row.line_id.clone()).or_default() += quantity;
                }
                None if of_order => {
                    *units.entry(line_key.unwrap_or_default()).or_default() += quantity;
                }
                None if live && quantity > 0 => self.strangers.push((parcel.remote_id.clone(), sku, quantity)),
                None => {}
            }
        }
        self.parcels.insert(parcel.remote_id.clone(), units);
    }

    /// Units still wanted in all.
    pub fn ordered(&self) -> i64 {
        self.rows.iter().map(|row| row.ordered).sum()
    }
    /// Units in live parcels, counted up to what is wanted.
    pub fn shipped(&self) -> i64 {
        self.rows.iter().map(|row| row.shipped.min(row.ordered)).sum()
    }
    /// Units the channel knows have left, counted up to what is wanted.
    pub fn told(&self) -> i64 {
        self.rows.iter().map(|row| row.told.min(row.ordered)).sum()
    }
    /// Everything wanted is in live parcels.
    pub fn all_shipped(&self) -> bool {
        self.rows.iter().all(|row| row.shipped >= row.ordered)
    }
    /// The channel knows that everything wanted has left.
    pub fn all_told(&self) -> bool {
        self.rows.iter().all(|row| row.told >= row.ordered)
    }
}
