//! What a piece of work takes at each platform: the fewest calls its API allows, what we spend, and why it is more.
//!
//! The figures are held to this table by `tests/traffic.rs`; `benches/platforms.rs` prints them beside it. Limits are as
//! the platforms' documentation tells them (see `docs/platforms/`); what was measured is in `docs/benchmarks.md`.

use crate::traffic::Role;

/// A piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Orders are read from a channel for the first time.
    Import,
    /// A channel is told that parcels left.
    WriteBack,
    /// Orders are made at a hub.
    OrdersIn,
    /// A hub's parcels are read.
    ParcelsOut,
}

impl Work {
    /// A word for lists.
    pub fn code(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::WriteBack => "tracking_write_back",
            Self::OrdersIn => "orders_in",
            Self::ParcelsOut => "parcels_out",
        }
    }
}

/// What a backlog of 10,000 waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// The allowance: a share of it can be asked for.
    Allowance,
    /// Answers, one after the other; why so, and why the allowance is not what keeps it. Instead of a share it is told how
    /// much of the time a call was on its way.
    Answers(&'static str),
}

/// A piece of work at a platform. Calls are per order; sign-in, and lists that turn out empty, come on top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The platform's stable word, with the API where it has two.
    pub platform: &'static str,
    /// Which side it is on.
    pub role: Role,
    /// What is done.
    pub work: Work,
    /// The fewest calls an order.
    pub fewest: f64,
    /// Why not fewer.
    pub why: &'static str,
    /// The calls we spend on an order.
    pub ours: f64,
    /// Why they are more; empty where they are not.
    pub because: &'static str,
    /// What a backlog waits for.
    pub waits: Waits,
}

const fn cell(platform: &'static str, role: Role, work: Work, fewest: (f64, &'static str)) -> Cell {
    let (fewest, why) = fewest;
    Cell { platform, role, work, fewest, why, ours: fewest, because: "", waits: Waits::Allowance }
}

impl Cell {
    const fn ours(self, ours: f64, because: &'static str) -> Self {
        Self { ours, because, ..self }
    }
    /// Answers take longer than the allowance, and why.
    const fn by_answers(self, why: &'static str) -> Self {
        Self { waits: Waits::Answers(why), ..self }
    }

    /// The allowance is what its backlog waits for.
    pub fn by_allowance(&self) -> bool {
        self.waits == Waits::Allowance
    }
}

use Role::{Channel, Hub};
use Work::{Import, OrdersIn, ParcelsOut, WriteBack};

/// A parcel changes its order.
const AGAIN: &str = "the orders they belong to changed, and are read again";

/// All of them.
pub const CELLS: &[Cell] = &[
    cell(
        "shopify",
        Channel,
        Import,
        (0.5, "a question may ask for 1,000 points, and an order with all its parts asks for 420 (a bulk operation would take a handful of calls for any number, but shows nothing before it is over)"),
    )
    .ours(0.505, "changed orders are listed first, 250 a call"),
    cell(
        "shopify",
        Channel,
        WriteBack,
        (1.0, "a mutation makes one fulfillment (several would fit a request, but points are what is allowed, and each costs its own)"),
    )
    .ours(2.0, "what is left to ship is looked at before each: an order may have been split, moved, held or shipped by hand since it was read"),
    cell("bigcommerce", Channel, Import, (0.004, "a list answers 250 orders with their lines"))
        .ours(0.008, "the customers of each list are asked for by their ids, 250 a call: groups, notes and tax exemptions stand on no order")
        .by_answers("10,000 orders are 80 calls, of 150 in the first half minute; each page begins where the last one ended"),
    cell("bigcommerce", Channel, WriteBack, (1.0, "a shipment is a call")).ours(
        4.0,
        "the order and its shipments are looked at before, because a repeated shipment is a second one with a second mail; its status after, because some stores move it themselves and some do not",
    ),
    cell("amazon", Channel, Import, (0.01, "a search answers 100 orders")),
    cell("amazon", Channel, WriteBack, (1.0, "confirmShipment takes one package (a feed would take many, and tell of each hours later)")).ours(
        3.0,
        "the order is looked at before (released? confirmed by somebody else?) and after, because a confirmed package shows only later and some never do",
    ),
    cell("salesforce", Channel, Import, (0.005, "a question answers up to 2,000 rows, often fewer where rows hold rows; 200 always fit"))
        .by_answers("the allowance is one of a day, and 10,000 orders are hardly a hundred of its 100,000 calls; each page begins where the last one ended"),
    cell("salesforce", Channel, WriteBack, (0.005, "a collection takes 200 records"))
        .ours(0.04, "50 opportunities are asked about in one question and written in one composite call, parcel and opportunity together")
        .by_answers("the allowance is one of a day, and 10,000 parcels are 400 of its 100,000 calls; one batch at a time keeps the changes of an opportunity in their order"),
    cell("shipstation_v1", Hub, OrdersIn, (0.01, "createorders takes 100")),
    cell("shipstation_v1", Hub, ParcelsOut, (0.002, "a page holds 500 labels")).ours(0.004, AGAIN),
    cell("shipstation_v2", Hub, OrdersIn, (1.0, "a create is one call (it takes a list, of which nobody says how long it may be)"))
        .ours(2.0, "looked up by our key first: a create is no upsert, and its error for a known key is documented two ways"),
    cell("shipstation_v2", Hub, ParcelsOut, (0.01, "a page of 100 labels is certain; how many one may hold at most nobody says")).ours(0.02, AGAIN),
    cell("orderez", Hub, OrdersIn, (1.0, "the contract has no batch")),
    cell("orderez", Hub, ParcelsOut, (0.004, "a page holds 250 shipments"))
        .ours(0.008, AGAIN)
        .by_answers("10,000 parcels are 80 calls, of 120 in the first minute; each page begins where the last one ended"),
];

/// How soon a change can be seen at best, and what we wait for beyond that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    /// The platform's stable word, with the API where it has two.
    pub platform: &'static str,
    /// Which side it is on: an order in a channel, a parcel at a hub.
    pub role: Role,
    /// Seconds below which no client that asks can be.
    pub floor_s: f64,
    /// Why.
    pub why: &'static str,
    /// How often the list is read, seconds.
    pub interval_s: f64,
    /// How often after a quiet time, seconds.
    pub idle_s: f64,
}

/// All of them.
pub const FLOORS: &[Floor] = &[
    floor("shopify", Channel, 0.0, "shown at once; a list costs a few points", 30.0),
    floor("bigcommerce", Channel, 0.0, "shown at once", 30.0),
    floor(
        "amazon",
        Channel,
        120.0,
        "a search shows nothing younger than two minutes, and one is allowed every 179 s",
        200.0,
    ),
    floor(
        "salesforce",
        Channel,
        30.0,
        "a row may show later than its stamp: nothing younger than 30 s is asked for",
        120.0,
    ),
    floor("shipstation_v1", Hub, 0.0, "shown at once; 40 calls a minute are shared by everything", 120.0),
    floor("shipstation_v2", Hub, 0.0, "shown at once", 120.0),
    floor("orderez", Hub, 0.0, "the contract promises nothing", 60.0),
];

const fn floor(platform: &'static str, role: Role, floor_s: f64, why: &'static str, interval_s: f64) -> Floor {
    let idle_s = if interval_s > 120.0 { interval_s } else { 120.0 };
    Floor { platform, role, floor_s, why, interval_s, idle_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::Role as Declared;

    /// The rows of a platform are its own, or those of each of its APIs (`shipstation_v1`).
    fn is_of(row: &str, platform: &str) -> bool {
        row == platform || row.strip_prefix(platform).is_some_and(|api| api.starts_with("_v"))
    }

    /// A further platform has no figures until somebody says what its work takes at least: this asks for them.
    #[test]
    fn every_platform_has_a_row_for_all_its_work() {
        for platform in quayside_connectors::registry() {
            let declared = platform.declaration;
            // What only takes messages carries no orders: nothing of its work is counted.
            if declared.roles == [Declared::Messages] {
                continue;
            }
            let mut owed = Vec::new();
            for (plays, role, works) in
                [(Declared::Channel, Channel, [Import, WriteBack]), (Declared::Hub, Hub, [OrdersIn, ParcelsOut])]
            {
                if !declared.roles.contains(&plays) {
                    continue;
                }
                owed.extend(works.map(|work| (role, work)));
                let floors =
                    FLOORS.iter().filter(|floor| is_of(floor.platform, declared.platform) && floor.role == role);
                assert!(floors.count() > 0, "{} has no row in FLOORS as a {role:?}", declared.platform);
            }
            assert!(!owed.is_empty(), "{} plays no role of which the work is counted", declared.platform);
            for (role, work) in owed {
                let rows: Vec<_> = CELLS
                    .iter()
                    .filter(|cell| is_of(cell.platform, declared.platform) && cell.role == role && cell.work == work)
                    .collect();
                assert!(!rows.is_empty(), "{} has no row in CELLS for {}", declared.platform, work.code());
            }
        }
    }

    #[test]
    fn every_row_is_of_a_platform_and_stands_once() {
        let known = |row: &str| {
            quayside_connectors::registry().iter().any(|platform| is_of(row, platform.declaration.platform))
        };
        for (i, cell) in CELLS.iter().enumerate() {
            assert!(known(cell.platform), "{}", cell.platform);
            let same = |other: &Cell| other.platform == cell.platform && other.work == cell.work;
            assert!(!CELLS[i + 1..].iter().any(same), "{} {}", cell.platform, cell.work.code());
        }
        for (i, floor) in FLOORS.iter().enumerate() {
            assert!(known(floor.platform), "{}", floor.platform);
            assert!(!FLOORS[i + 1..].iter().any(|other| other.platform == floor.platform), "{}", floor.platform);
        }
        assert!(!is_of("shopping", "shop") && is_of("shop_v2", "shop") && is_of("shop", "shop"));
    }
}
