//! A purchase somebody asks for: a story that needs a certain order does not wait for chance to make one.

use super::basket::{Basket, draw, truth_of};
use crate::shopify::state::gid;
use crate::shopify::{LineDraft, OrderDraft, Paid};
use crate::{Moment, Sandbox};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};

/// What is to be bought, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// Name of the store's account (`harbour-goods`).
    pub account: String,
    /// SKU of the catalogue.
    pub sku: String,
    /// Units.
    #[serde(default = "one")]
    pub quantity: i64,
    /// SKU the line shows instead of the catalogue's, as after a renaming.
    #[serde(default)]
    pub shown_sku: Option<String>,
    /// The order's tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The street as the buyer wrote it; an empty one was forgotten.
    #[serde(default)]
    pub street: Option<String>,
    /// Written wherever a buyer is asked for words, and in the names of what is bought: for whoever tries whether text
    /// stays text.
    #[serde(default)]
    pub words: Option<String>,
}

fn one() -> i64 {
    1
}

/// The order that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// The store's id of it (`gid://shopify/Order/…`).
    pub id: String,
    /// What people call it (`#1001`).
    pub name: String,
}

impl Sandbox {
    /// Buys it now: paid, in order, to an address a carrier can use. `None`: no such store or SKU.
    ///
    /// Chance of its own, so that everybody else's day stays as it was.
    pub fn buy(&mut self, purchase: &Purchase) -> Option<Bought> {
        let now_ms = self.now_ms();
        let mut rng = SmallRng::seed_from_u64(now_ms.unsigned_abs());
        let shop = self.stores.iter_mut().find(|shop| shop.plan().account == purchase.account)?;
        let (product, variant) = shop.by_sku(&purchase.sku)?;
        let mut line = LineDraft::of(product, variant, purchase.quantity.max(1));
        if let Some(shown) = &purchase.shown_sku {
            line.sku = Some(shown.clone());
        }
        // Somebody who is at home: not every basket needs a carrier.
        let mut baskets = std::iter::repeat_with(|| draw(shop, 0.0, &mut rng)).take(100);
        let Basket { mut draft, .. } = baskets.find(|basket| basket.draft.ship_to.is_some())?;
        draft.lines = vec![line];
        draft.paid = Paid::Now;
        draft.test = false;
        draft.tags.clone_from(&purchase.tags);
        if let Some(words) = &purchase.words {
            write(&mut draft, words);
        }
        if let (Some(street), Some(ship_to)) = (&purchase.street, &mut draft.ship_to) {
            (ship_to.address1, ship_to.address2) = (street.clone(), String::new());
        }
        let mut moment = Moment { now_ms, rng: &mut rng, ledger: &mut self.ledger };
        let order = shop.place(draft, &mut moment);
        let id = gid("Order", order);
        let truth = truth_of(shop, order, &[])?;
        let name = truth.name.clone();
        self.truth.orders.insert(id.clone(), truth);
        Some(Bought { id, name })
    }
}

/// Something that a buyer of a store sends back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// Name of the store's account (`harbour-goods`).
    pub account: String,
    /// What people call the order (`#1001`).
    pub order: String,
    /// Units of the first thing in it.
    #[serde(default = "one")]
    pub quantity: i64,
    /// The store notes that it is there again, too.
    #[serde(default)]
    pub arrived: bool,
}

impl Sandbox {
    /// A buyer sends it back now, agreed with the staff. What has not left is shipped by hand first. `None`: no such
    /// order, or not so many units. The order that it belongs to.
    pub fn send_back(&mut self, sending: &Sending) -> Option<Bought> {
        let now_ms = self.now_ms();
        let mut rng = SmallRng::seed_from_u64(now_ms.unsigned_abs());
        let shop = self.stores.iter_mut().find(|shop| shop.plan().account == sending.account)?;
        let order = shop.state().orders().iter().find(|order| order.name == sending.order)?.id;
        let mut moment = Moment { now_ms, rng: &mut rng, ledger: &mut self.ledger };
        let left = |shop: &crate::shopify::Shopify| {
            shop.state().order(order).is_some_and(|order| order.fulfillments.iter().any(|one| !one.cancelled))
        };
        if !left(shop) {
            shop.ship_by_hand(order, "DHL", "JJD000390007882000001", &mut moment);
        }
        let back = shop.send_back(order, sending.quantity, &mut moment)?;
        if sending.arrived {
            shop.receive_back(order, back, &mut moment)?;
        }
        Some(Bought { id: gid("Return", back), name: sending.order.clone() })
    }
}

/// The same words everywhere; only the country stays, or nobody could say where it goes.
fn write(draft: &mut OrderDraft, words: &str) {
    let said = || words.to_owned();
    draft.customer = None;
    (draft.email, draft.phone, draft.note) = (Some(said()), Some(said()), Some(said()));
    draft.attributes = vec![(said(), said())];
    draft.tags.push(said());
    if let Some((title, _, _)) = &mut draft.shipping {
        *title = said();
    }
    for line in &mut draft.lines {
        (line.title, line.variant_title, line.vendor) = (said(), Some(said()), Some(said()));
        line.attributes = vec![(said(), said())];
    }
    if let Some(to) = &mut draft.ship_to {
        (to.first_name, to.last_name, to.company) = (said(), said(), said());
        (to.address1, to.address2, to.city) = (said(), said(), said());
        (to.zip, to.phone) = (said(), said());
    }
    draft.bill_to.clone_from(&draft.ship_to);
}
