//! The order's lines as a small ledger: ordered, at the hub, shipped, told.
//! It must balance; where it does not, somebody is told what is off.

use crate::draft::part_of;
use crate::orders_to_hub::ID as ORDERS;
use crate::sku_aliases::{PartOf, line_of};
use quayside_model::{EffectState, Fulfillment, HubOrder, HubStatus, Intent, Order, Parcel, Story};
use std::collections::BTreeMap;

/// The channel was told of this, but every label it names was voided since.
fn reports_voided_label(story: &Story, fulfillment: &Fulfillment) -> bool {
    let voided = |number: &String| {
        let mut parcels = story.parcels.iter().filter(|p| p.value.numbers().any(|n| n == number)).peekable();
        parcels.peek().is_some() && parcels.all(|p| p.value.voided_at_ms.is_some())
    };
    !fulfillment.tracking_numbers.is_empty() && fulfillment.tracking_numbers.iter().all(voided)
}

/// The warehouse put several orders into this one, and the line belongs to another of them. Only where lines carry our
/// keys at all: a hub that keeps none says nothing by their absence.
fn is_anothers(story: &Story, hub_order: &HubOrder, line_key: Option<&str>) -> bool {
    let ours = |key: &str| story.order.lines.iter().any(|line| line.remote_id == line_of(key).0);
    !hub_order.merged_ids.is_empty()
        && line_key.is_some_and(|key| !ours(key))
        && hub_order.lines.iter().any(|line| line.line_key.as_deref().is_some_and(ours))
}

/// A merged hub order out of which this order's lines were taken again: every line says whose it is, none is ours.
pub(crate) fn is_without(hub_order: &HubOrder, order: &Order) -> bool {
    let others = |key: &str| !order.lines.iter().any(|line| line.remote_id == line_of(key).0);
    !hub_order.merged_ids.is_empty()
        && !hub_order.lines.is_empty()
        && hub_order.lines.iter().all(|line| line.line_key.as_deref().is_some_and(others))
}

/// Both sides of one order line, in units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineRow {
    /// Channel's line id.
    pub line_id: String,
    /// SKU as the channel has it (or as a person corrected it).
    pub sku: String,
    /// As placed, with what was taken off since.
    pub placed: i64,
    /// Cancelled, removed or refunded since.
    pub taken_off: i64,
    /// Another service ships them, or the buyer fetches them.
    pub elsewhere: i64,
    /// Still wanted from us.
    pub ordered: i64,
    /// On the newest order we sent to a hub and that holds there.
    pub sent: i64,
    /// On hub orders that still count (open, shipped).
    pub at_hub: i64,
    /// In live parcels.
    pub shipped: i64,
    /// Told to the channel, reports of voided labels left out.
    pub told: i64,
    /// Came back from the buyer, as the channel tells or whoever held them.
    pub returned: i64,
}

/// All lines that are ours to ship, and what did not fit them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineLedger {
    /// One row per line of which something is ours to ship, in the channel's order.
    pub rows: Vec<LineRow>,
    /// Units per parcel: parcel id → line id → units.
    pub parcels: BTreeMap<String, BTreeMap<String, i64>>,
    /// What parcels carry that no line accounts for: (parcel id, SKU, units).
    pub strangers: Vec<(String, String, i64)>,
    /// Pieces of bundles: line id → part → units at the hub and in live parcels.
    pieces: BTreeMap<String, BTreeMap<u32, Piece>>,
    /// SKUs we sent, for parcels that come back without our keys: SKU → hub line key, if only one.
    sent_skus: BTreeMap<String, Option<String>>,
}

/// Units of one part of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    of: u32,
    per_unit: i64,
    at_hub: i64,
    shipped: i64,
}

/// Whole bundles that these pieces make.
fn whole(pieces: Option<&BTreeMap<u32, Piece>>, count: fn(&Piece) -> i64) -> i64 {
    let Some(pieces) = pieces else { return 0 };
    let of = pieces.values().next().map_or(0, |piece| piece.of as usize);
    if pieces.len() < of {
        return 0;
    }
    pieces.values().map(|piece| count(piece) / piece.per_unit).min().unwrap_or(0)
}

impl LineLedger {
    /// Adds the story up.
    pub fn of(story: &Story) -> Self {
        let plain = crate::replacement::without(story);
        let story: &Story = &plain;
        let mut ledger = Self::default();
        let reports: Vec<&Fulfillment> =
            story.order.fulfillments.iter().filter(|f| f.live && !reports_voided_label(story, f)).collect();
        let told = |line_id: &str| -> i64 {
            let lines = reports.iter().flat_map(|f| &f.lines).filter(|line| line.order_line_id == line_id);
            lines.map(|line| line.quantity).sum()
        };
        for (line, ours) in story.order.lines_ours() {
            let sku = story.choices.skus.get(&line.remote_id).unwrap_or(&line.sku);
            ledger.rows.push(LineRow {
                line_id: line.remote_id.clone(),
                sku: sku.clone(),
                placed: line.quantity,
                taken_off: line.quantity - line.current_quantity,
                elsewhere: line.current_quantity - ours,
                ordered: ours,
                told: (told(&line.remote_id) - story.order.units_gone_elsewhere(&line.remote_id)).max(0),
                ..LineRow::default()
            });
        }
        if !story.returns.is_empty() {
            for row in &mut ledger.rows {
                row.returned = crate::returned::units_back(story, &row.line_id);
            }
        }
        ledger.count_sent(story);
        for hub in &story.hub_orders {
            if matches!(hub.value.status, HubStatus::Cancelled | HubStatus::Gone) {
                continue;
            }
            for line in &hub.value.lines {
                if is_anothers(story, &hub.value, line.line_key.as_deref()) {
                    continue;
                }
                match ledger.place(line.line_key.as_deref(), &line.sku) {
                    Some((at, None)) => ledger.rows[at].at_hub += line.quantity,
                    Some((at, Some(part))) => ledger.piece(at, part).at_hub += line.quantity,
                    None => {}
                }
            }
        }
        // In the order in which they left: the parcel that completes a bundle carries it.
        let mut parcels: Vec<&Parcel> = story.parcels.iter().map(|seen| &seen.value).collect();
        parcels.sort_by(|a, b| (a.created_at_ms, &a.remote_id).cmp(&(b.created_at_ms, &b.remote_id)));
        for parcel in parcels {
            ledger.add_parcel(story, parcel);
        }
        for row in &mut ledger.rows {
            row.at_hub += whole(ledger.pieces.get(&row.line_id), |piece| piece.at_hub);
            row.shipped += whole(ledger.pieces.get(&row.line_id), |piece| piece.shipped);
        }
        ledger
    }

    /// What we sent and what holds: the newest order that a hub took, of a split order the newest of every part.
    fn count_sent(&mut self, story: &Story) {
        let mut newest = BTreeMap::new();
        for effect in story.effects.iter().filter(|effect| effect.state == EffectState::Done) {
            match &effect.intent {
                Intent::PutHubOrder { order, .. } => {
                    newest.insert(part_of(&order.key), order);
                }
                // A part whose goods went with another.
                Intent::CancelHubOrder { hub_order_key, .. } if effect.automation == ORDERS => {
                    newest.remove(&part_of(hub_order_key));
                }
                _ => {}
            }
        }
        // A part may stand on two lines: its units count together.
        let mut first_parts: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        for line in newest.values().flat_map(|sent| &sent.lines) {
            let (id, part) = line_of(&line.line_key);
            if let Some(at) = self.rows.iter().position(|row| row.line_id == id) {
                match part {
                    None => self.rows[at].sent += line.quantity,
                    Some(PartOf { n: 1, per_unit, .. }) => {
                        first_parts.entry(at).or_insert((0, per_unit)).0 += line.quantity;
                    }
                    Some(_) => {}
                }
            }
            if !line.sku.is_empty() {
                let same = |key: &String| line_of(key) == (id, part);
                self.sent_skus
                    .entry(line.sku.clone())
                    .and_modify(|key| *key = key.take().filter(same))
                    .or_insert_with(|| Some(line.line_key.clone()));
            }
        }
        for (at, (units, per_unit)) in first_parts {
            self.rows[at].sent += units / per_unit;
        }
    }

    fn piece(&mut self, row: usize, part: PartOf) -> &mut Piece {
        let line = self.rows[row].line_id.clone();
        self.pieces.entry(line).or_default().entry(part.n).or_insert(Piece {
            of: part.of,
            per_unit: part.per_unit,
            at_hub: 0,
            shipped: 0,
        })
    }

    /// The row a hub's line stands for, and which part of it.
    fn place(&self, line_key: Option<&str>, sku: &str) -> Option<(usize, Option<PartOf>)> {
        if let Some(key) = line_key {
            let (id, part) = line_of(key);
            if let Some(at) = self.rows.iter().position(|row| row.line_id == id) {
                return Some((at, part));
            }
        }
        if sku.is_empty() {
            return None;
        }
        // Without our key only an unambiguous SKU will do: never a guess. What we sent it as goes first.
        if let Some(key) = self.sent_skus.get(sku) {
            let (id, part) = line_of(key.as_deref()?);
            if let Some(at) = self.rows.iter().position(|row| row.line_id == id) {
                return Some((at, part));
            }
        }
        let mut matching = self.rows.iter().enumerate().filter(|(_, row)| row.sku == sku);
        match (matching.next(), matching.next()) {
            (Some((at, _)), None) => Some((at, None)),
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
        let hub_order = story.hub_orders.iter().find(|hub| Some(&hub.value.remote_id) == parcel.hub_order_id.as_ref());
        let live = parcel.is_live();
        let mut units: BTreeMap<String, i64> = BTreeMap::new();
        let mut bundles: BTreeMap<usize, i64> = BTreeMap::new();
        let before = self.pieces.clone();
        for (line_key, sku, quantity) in contents {
            if hub_order.is_some_and(|hub| is_anothers(story, &hub.value, line_key.as_deref())) {
                continue;
            }
            // A line that was ordered but is no longer wanted is still a line of this order.
            let id = line_key.as_deref().map(|key| line_of(key).0);
            let of_order = id.is_some_and(|id| story.order.lines.iter().any(|l| l.remote_id == id));
            match self.place(line_key.as_deref(), &sku) {
                Some((at, None)) => {
                    if live {
                        self.rows[at].shipped += quantity;
                    }
                    *units.entry(self.rows[at].line_id.clone()).or_default() += quantity;
                }
                Some((at, Some(part))) => {
                    self.piece(at, part).shipped += quantity;
                    bundles.insert(at, 0);
                }
                None if of_order => {
                    *units.entry(id.unwrap_or_default().to_owned()).or_default() += quantity;
                }
                None if live && quantity > 0 => self.strangers.push((parcel.remote_id.clone(), sku, quantity)),
                None => {}
            }
        }
        for at in bundles.into_keys() {
            let line = &self.rows[at].line_id;
            let completed =
                whole(self.pieces.get(line), |piece| piece.shipped) - whole(before.get(line), |piece| piece.shipped);
            // Pieces of a bundle that is not whole stand as nothing: the parcel belongs to the line all the same.
            *units.entry(line.clone()).or_default() += completed;
        }
        if !live {
            self.pieces = before;
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
