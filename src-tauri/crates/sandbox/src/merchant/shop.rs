//! What people see of any platform: a shop one can buy in, a bench one can pack at.
//!
//! The people of the simulated merchant know shops and benches, not platforms.
//! A new stand-in joins their life by implementing one of these two traits and
//! with one line in [`crate::extras`]. (The first two stand-ins, with the richest
//! life, have people of their own: `shoppers.rs` and `warehouse.rs`.)

use super::truth::{OrderTruth, Truth};
use crate::{Moment, StandIn};
use std::collections::BTreeMap;

/// A store in which shoppers buy and staff change things. Orders are named by the id under which a client of the
/// platform's API knows them. What a platform does not have (holds, edits) answers `false` and changes nothing.
pub trait Shop: StandIn + std::any::Any {
    /// ISO 3166 two letters: where its shoppers live.
    fn country(&self) -> &str;
    /// A shopper buys. The order's id; `None` if this shop does not sell such a thing (a download, say).
    fn place(&mut self, purchase: &Purchase, moment: &mut Moment<'_>) -> Option<String>;
    /// Ids under which a client may know the parts of an order, its own first: where goods for several addresses are
    /// several orders to a client.
    fn parts(&self, order: &str) -> Vec<String> {
        vec![order.to_owned()]
    }
    /// The money comes in.
    fn pay(&mut self, order: &str, moment: &mut Moment<'_>) -> bool;
    /// The shopper cancels, or asks to where the platform has it so; `true` once it *is* cancelled.
    fn cancel(&mut self, order: &str, moment: &mut Moment<'_>) -> bool;
    /// Staff changes the units of a line that has not left.
    fn change_units(&mut self, order: &str, line: &str, units: i64, moment: &mut Moment<'_>) -> bool {
        let _ = (order, line, units, moment);
        false
    }
    /// Staff gives units back before they left.
    fn give_back(&mut self, order: &str, line: &str, units: i64, moment: &mut Moment<'_>) -> bool {
        let _ = (order, line, units, moment);
        false
    }
    /// The address changes.
    fn change_address(&mut self, order: &str, address: &Place, moment: &mut Moment<'_>) -> bool {
        let _ = (order, address, moment);
        false
    }
    /// Staff holds it back.
    fn hold(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        let _ = (order, moment);
        false
    }
    /// Staff lets it go.
    fn release(&mut self, order: &str, moment: &mut Moment<'_>) -> bool {
        let _ = (order, moment);
        false
    }
    /// Staff ships all that remains without the hub.
    fn ship_by_hand(&mut self, order: &str, carrier: &str, number: &str, moment: &mut Moment<'_>) -> bool {
        let _ = (order, carrier, number, moment);
        false
    }
    /// What the shop knows of an order.
    fn order(&self, order: &str) -> Option<OrderView>;
    /// Ids of all orders ever placed, oldest first.
    fn orders(&self) -> Vec<String>;
    /// Paid orders that somebody is to ship, as another platform's link to this account reads them. A platform nobody
    /// has linked so far shows none.
    fn sales(&self, now_ms: i64) -> Vec<Sale> {
        let _ = now_ms;
        Vec::new()
    }
    /// When the platform next does something by itself (a feed is processed, a report is ready), ms UTC.
    fn next_ms(&self) -> Option<i64> {
        None
    }
    /// Does all the platform's own work that is due at `moment.now_ms`.
    fn settle(&mut self, moment: &mut Moment<'_>) {
        let _ = moment;
    }
}

/// A hub at which people pack what arrives. The stand-in brings its own warehouse.
/// (`Any`, so that a test that plays a person can reach the stand-in itself.)
pub trait Bench: StandIn + std::any::Any {
    /// When somebody there next wants to do something, ms UTC.
    fn next_ms(&self) -> Option<i64>;
    /// They do everything that is due at `moment.now_ms`, and write every parcel to `truth.parcels`.
    /// Afterwards `next_ms` lies later than that.
    fn work(&mut self, moment: &mut Moment<'_>, truth: &mut Truth);
    /// Every order the hub has, for an oracle.
    fn orders(&self) -> Vec<BenchOrder>;
}

/// A hub's order, as an oracle wants to see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchOrder {
    /// The hub's id.
    pub id: String,
    /// The client's key on it, if a client made it.
    pub key: String,
    /// People there still mean to pack it.
    pub open: bool,
    /// Units by the client's line key.
    pub units: BTreeMap<String, i64>,
}

/// A paid order as a link of another platform's reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The store's own id of it: what a link makes its key of.
    pub key: String,
    /// The number people see, without ornaments.
    pub number: String,
    /// When it was placed, ms UTC.
    pub placed_ms: i64,
    /// E-mail, may be empty.
    pub email: String,
    /// Where it goes.
    pub ship_to: Place,
    /// What a carrier must take.
    pub lines: Vec<SaleLine>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleLine {
    /// The store's own id of it.
    pub id: String,
    /// Merchant's code, may be empty.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Units still to leave.
    pub units: i64,
}

/// Where somebody lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Company, may be empty.
    pub company: String,
    /// Street and number.
    pub line1: String,
    /// Second line, may be empty.
    pub line2: String,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// State or province code, may be empty.
    pub region: String,
    /// ISO 3166 two letters.
    pub country: String,
    /// Country in English.
    pub country_name: String,
    /// Telephone, may be empty.
    pub phone: String,
}

/// What a shopper buys.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// E-mail.
    pub email: String,
    /// Where it goes.
    pub ship_to: Place,
    /// Who pays, if somebody else.
    pub bill_to: Option<Place>,
    /// What.
    pub lines: Vec<PurchaseLine>,
    /// Price of the shipping, minor units of the shop's currency.
    pub shipping_minor: i64,
    /// Asked for the fast way.
    pub express: bool,
    /// Paid at once; else later, or never.
    pub paid: bool,
    /// Note to the seller, may be empty.
    pub note: String,
    /// Text for the card, may be empty.
    pub gift_message: String,
}

/// A line of a purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseLine {
    /// Merchant's code; empty where somebody forgot it.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Variant, may be empty.
    pub variant: String,
    /// Units.
    pub quantity: i64,
    /// Price of one, minor units of the shop's currency.
    pub unit_price_minor: i64,
    /// Weight of one, grams; `None` is nothing physical.
    pub weight_g: Option<f64>,
    /// Custom text (engraving), `name → value`.
    pub options: Vec<(String, String)>,
}

/// An order as people see it in the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// Id in the platform's API.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// When it was placed, ms UTC.
    pub placed_ms: i64,
    /// The money is there.
    pub paid: bool,
    /// It is cancelled.
    pub cancelled: bool,
    /// Why it never belongs at a hub (`digital`, `marketplace`), if so.
    pub never_ships: Option<String>,
    /// Lines a carrier must take.
    pub lines: Vec<LineView>,
    /// What the shop shows as shipped.
    pub shipments: Vec<ShipmentView>,
}

/// A line as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// Id in the platform's API.
    pub id: String,
    /// Units still wanted, shipped ones included.
    pub units: i64,
    /// Units the shop shows as shipped.
    pub shipped: i64,
}

/// Something the shop shows as shipped, and that was not taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentView {
    /// Tracking numbers.
    pub numbers: Vec<String>,
    /// Units by line id.
    pub units: BTreeMap<String, i64>,
}

impl OrderView {
    /// Everything that is wanted is shown as shipped.
    pub fn is_all_shipped(&self) -> bool {
        self.lines.iter().all(|line| line.shipped >= line.units)
    }
    /// What is true of it now.
    pub fn truth(&self, account: &str, trouble: &[&str]) -> OrderTruth {
        OrderTruth {
            account: account.to_owned(),
            name: self.name.clone(),
            placed_at_ms: self.placed_ms,
            paid_at_ms: self.paid.then_some(self.placed_ms),
            cancelled_at_ms: None,
            edited_at_ms: None,
            units: self.units(),
            never_ships: self.never_ships.clone(),
            trouble: trouble.iter().map(|word| (*word).to_owned()).collect(),
        }
    }
    /// Units wanted by line id.
    pub fn units(&self) -> BTreeMap<String, i64> {
        self.lines.iter().filter(|line| line.units > 0).map(|line| (line.id.clone(), line.units)).collect()
    }
}
