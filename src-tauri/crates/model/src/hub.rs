//! What a hub (shipping account) knows: its orders, and the parcels that left.

use crate::{Address, Currency, Track, TrackState};
use serde::{Deserialize, Serialize};
use specta::Type;

/// An order as the hub has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct HubOrder {
    /// The hub's permanent id.
    pub remote_id: String,
    /// Our key, if we made it (`channel order → this`); else the hub's own.
    pub key: String,
    /// What people call it. Not an identifier.
    pub number: String,
    /// Where it stands.
    pub status: HubStatus,
    /// When the hub last changed it, ms UTC.
    pub modified_at_ms: i64,
    /// Held until this day (start of day, hub's zone), ms UTC.
    pub hold_until_ms: Option<i64>,
    /// Where it goes.
    pub ship_to: Option<Address>,
    /// The hub looked whether carriers know that address: they do, or do not. `None`: it did not look, or does not say.
    /// Left out of what is stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_verified: Option<bool>,
    /// The hub's own books say that money of it was given back; `None`: they do not, or it keeps none. Left out of what is
    /// stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<bool>,
    /// Its lines, adjustment lines left out.
    pub lines: Vec<HubLine>,
    /// Split off from this hub order.
    pub parent_id: Option<String>,
    /// Merged from these hub orders.
    pub merged_ids: Vec<String>,
    /// Another service ships it: never ours to touch.
    pub external: bool,
    /// The hub's store it belongs to.
    pub store_id: Option<String>,
    /// Service the hub will buy, if chosen.
    pub service: Option<String>,
    /// Where it is packed, as the hub calls it (several in a row); `None` where nothing is decided, or the hub does not
    /// say. Left out of what is stored then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// Page of this order in the hub's own screens.
    pub admin_url: Option<String>,
}

/// A line of a hub order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct HubLine {
    /// Our line key (the channel's line id), if we made the line.
    pub line_key: Option<String>,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Units.
    pub quantity: i64,
}

/// Where a hub order stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum HubStatus {
    /// Waits for money.
    AwaitingPayment,
    /// Ready to be packed.
    AwaitingShipment,
    /// Held back.
    OnHold,
    /// A label was bought or it was marked as shipped. Locked.
    Shipped,
    /// Cancelled. Locked.
    Cancelled,
    /// Handed to another provider. Locked.
    WithProvider,
    /// Read by id and not there: deleted, or merged away.
    Gone,
    /// A word we do not know, kept as it came.
    Unknown(String),
}

impl HubStatus {
    /// The hub still accepts changes.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::AwaitingPayment | Self::AwaitingShipment | Self::OnHold)
    }
}

/// Goods that left together, seen from the hub.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct Parcel {
    /// The hub's permanent id, with its kind in front (`label:456`, `external:9`).
    pub remote_id: String,
    /// How the hub knows of it.
    pub origin: ParcelOrigin,
    /// The hub order it belongs to, if any.
    pub hub_order_id: Option<String>,
    /// Our key on that order, if the hub repeats it.
    pub hub_order_key: Option<String>,
    /// The number people call the order.
    pub order_number: String,
    /// The carrier's id, empty if none was given.
    pub tracking_number: String,
    /// The hub's code for the carrier.
    pub carrier_code: String,
    /// The hub's display name of the carrier, if it has one.
    pub carrier_name: Option<String>,
    /// Service code.
    pub service: String,
    /// Where to follow it.
    pub tracking_url: Option<String>,
    /// Further packages of the same shipment, where the hub keeps several numbers in one record and does not
    /// say which line is in which package.
    #[serde(default)]
    pub further: Vec<FurtherPackage>,
    /// When it was made known, ms UTC.
    pub created_at_ms: i64,
    /// When it left, ms UTC (hubs give a day: its start in the hub's zone).
    pub shipped_at_ms: Option<i64>,
    /// Voided since, ms UTC (0 when the hub gives no time).
    pub voided_at_ms: Option<i64>,
    /// Comes back instead of going out.
    pub is_return: bool,
    /// What is in it. `None`: the hub does not say, so: everything on the hub order.
    pub lines: Option<Vec<ParcelLine>>,
    /// Carriage paid, in minor units of [`Self::cost_currency`].
    pub cost_minor: Option<i64>,
    /// What it was paid in; `None` where the hub does not say, which is its account's currency.
    #[serde(default)]
    pub cost_currency: Option<Currency>,
    /// The hub itself told the channel.
    pub channel_notified: bool,
    /// What went wrong when it tried.
    pub notify_error: Option<String>,
    /// When the buyer had it, ms UTC.
    pub delivered_at_ms: Option<i64>,
    /// Where it is on its way; `None` where nobody told. A reading that does not say leaves what was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
}

/// A further package of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct FurtherPackage {
    /// The carrier's id.
    pub tracking_number: String,
    /// Where to follow it.
    pub tracking_url: Option<String>,
}

/// How a hub knows of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ParcelOrigin {
    /// A label bought in the hub.
    Label,
    /// Marked as shipped: label bought elsewhere.
    External,
}

/// A line of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ParcelLine {
    /// Our line key (the channel's line id), if known.
    pub line_key: Option<String>,
    /// SKU.
    pub sku: String,
    /// Units.
    pub quantity: i64,
}

impl Parcel {
    /// Counts as shipped: outbound and not voided.
    pub fn is_live(&self) -> bool {
        self.voided_at_ms.is_none() && !self.is_return
    }
    /// The same, on its way as this says.
    #[must_use]
    pub fn tracked(self, track: Track) -> Self {
        let arrived_ms = track.at_ms.filter(|_| track.state == TrackState::Delivered);
        Self { delivered_at_ms: self.delivered_at_ms.or(arrived_ms), track: Some(track), ..self }
    }
    /// Its carrier had it, as far as anybody told: of one that nobody follows the day it left says so.
    pub fn has_left(&self) -> bool {
        match &self.track {
            Some(track) if track.state == TrackState::LabelMade => self.delivered_at_ms.is_some(),
            Some(track) if track.state.was_scanned() => true,
            // A word nobody knows says as little as none.
            _ => self.shipped_at_ms.is_some(),
        }
    }
    /// Somebody would hear of its arrival: its way is told, or it is a label of the hub's own.
    pub fn is_followed(&self) -> bool {
        match &self.track {
            Some(track) => !matches!(track.state, TrackState::Unknown(_)),
            None => self.origin == ParcelOrigin::Label,
        }
    }
    /// Every tracking number it is known by, the first one first; empty ones left out.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        let further = self.further.iter().map(|package| package.tracking_number.as_str());
        std::iter::once(self.tracking_number.as_str()).chain(further).filter(|number| !number.trim().is_empty())
    }
}
