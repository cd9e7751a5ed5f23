//! Honest stand-ins of the platforms, and a seeded merchant who lives in them.
//!
//! A stand-in is good when a *wrong* client fails against it: it enforces the
//! platform's sign-in, required fields, paging, rate limits, time zones, status
//! transitions and traps as its documentation tells them, never as our own
//! connectors happen to behave. This room depends on no other room of the
//! house, so that client and stand-in cannot share a misunderstanding.
//!
//! ```text
//! request ──► faults (drop before?) ──► StandIn::handle ──► faults (drop after? mangle?) ──► answer
//!                                            │
//!                                            └──► ledger: every effect that was applied, counted from this side
//! ```
//!
//! Before a request is looked at, the merchant's life goes on until that moment
//! ([`Sandbox::advance`]): shoppers buy, the warehouse packs, carriers deliver.

pub mod amazon;
pub mod bigcommerce;
mod call;
pub mod faults;
pub mod ledger;
pub mod merchant;
mod occurrences;
pub mod orderez;
pub mod post_office;
pub mod rate;
pub mod salesforce;
pub mod sandbox;
pub mod server;
pub mod shipstation;
pub mod shopify;

pub use faults::{Fault, FaultPlan, ListQuirk, Spell};
pub use ledger::{Entry, Ledger};
pub use merchant::{Actor, Scene, Truth};
pub use occurrences::{Occurrences, Only};
pub use sandbox::{Account, Reply, Sandbox, SandboxPlan, Volume};

use merchant::shop::{Bench, Shop};
use rand::rngs::SmallRng;

/// How an account of a further platform is made: seed and first moment (ms UTC) go in; for a bench also the share
/// of orders with which something unusual happens, and whether people there hurry for somebody who watches.
#[derive(Clone, Copy, Debug)]
pub enum Extra {
    /// A store people buy in.
    Shop(fn(u64, i64) -> Box<dyn Shop>),
    /// A hub people pack at.
    Bench(fn(u64, i64, f64, bool) -> Box<dyn Bench>),
}

/// One account of every further platform, by the platform's stable word. A new stand-in is one line here.
pub fn extras() -> &'static [(&'static str, Extra)] {
    // Each on a line of its own, in the order of the alphabet.
    &[
        ("amazon", Extra::Shop(amazon::extra)),
        ("bigcommerce", Extra::Shop(bigcommerce::extra)),
        ("orderez", orderez::EXTRA),
        ("salesforce", Extra::Shop(salesforce::shop)),
    ]
}

/// The further accounts of these platforms.
pub fn extras_of(platforms: &[&str]) -> Vec<Extra> {
    extras().iter().filter(|(name, _)| platforms.contains(name)).map(|(_, extra)| *extra).collect()
}

/// What a stand-in may use while it answers: time, chance and the ledger.
pub struct Moment<'a> {
    /// Now, ms UTC, by the sandbox's clock (real, fast or virtual).
    pub now_ms: i64,
    /// Seeded chance.
    pub rng: &'a mut SmallRng,
    /// Where applied effects are written down.
    pub ledger: &'a mut Ledger,
}

/// One allowance of an account as the platform keeps it, for whoever wants to know how much of it a client used.
#[derive(Debug, Clone, PartialEq)]
pub struct Meter {
    /// Which calls share it (`calls`, `points`, `getOrder`).
    pub name: String,
    /// What was spent of it since the account was made.
    pub spent: f64,
    /// What comes back each second in the long run.
    pub per_s: f64,
    /// What a full one allows on top of that, at once; 0 where a window opens anew and keeps nothing.
    pub burst: f64,
}

impl Meter {
    /// A window of so many calls each `window_ms`.
    pub(crate) fn of_window(name: &str, spent: u64, limit: u32, window_ms: i64) -> Self {
        let per_s = f64::from(limit) * 1000.0 / window_ms.max(1) as f64;
        Self { name: name.to_owned(), spent: spent as f64, per_s, burst: 0.0 }
    }
}

/// One account of one platform.
pub trait StandIn: Send + std::any::Any {
    /// Stable word of the platform (`shopify`).
    fn platform(&self) -> &'static str;
    /// Name of the account in the sandbox (`harbour-goods`).
    fn account(&self) -> &str;
    /// Answers one request. Everything it changes is changed when this returns.
    fn handle(&mut self, request: &http::Request<Vec<u8>>, moment: &mut Moment<'_>) -> http::Response<Vec<u8>>;
    /// The platform's own way to say "too many calls", without touching any state but its rate windows.
    fn throttled(&mut self, request: &http::Request<Vec<u8>>, moment: &mut Moment<'_>) -> http::Response<Vec<u8>>;
    /// What it counts, and how much of it was spent.
    fn meters(&self) -> Vec<Meter>;
    /// The platform's own 401 for a credential it no longer accepts.
    fn unauthorized(&mut self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>>;

    /// What a client needs to reach and enter this account; `base_url` is filled in by whoever serves it.
    fn card(&self) -> Account {
        Account {
            platform: self.platform().to_owned(),
            name: self.account().to_owned(),
            title: self.account().to_owned(),
            base_url: format!("http://{}.sandbox", self.account()),
            way: String::new(),
            fields: std::collections::BTreeMap::new(),
        }
    }
    /// Ends the life of every token handed out so far and says so with `true`; platforms whose credentials are
    /// permanent answer `false`, and the sandbox refuses them for a while instead.
    fn expire_tokens(&mut self) -> bool {
        false
    }
    /// The stand-in itself, for a test that looks at or changes what no person could.
    fn as_any(&mut self) -> Option<&mut dyn std::any::Any> {
        None
    }
    /// Answers a write as if it were applied, and keeps nothing of it; what it would have been is noted in `moment`'s
    /// ledger, of which no client's entry means that nothing was written (a refusal, a quote). `None`: this request can
    /// be no write.
    fn pretend(
        &mut self,
        request: &http::Request<Vec<u8>>,
        moment: &mut Moment<'_>,
    ) -> Option<http::Response<Vec<u8>>> {
        let _ = (request, moment);
        None
    }
    /// How the next list misbehaves. Set before one exchange and taken back after it.
    fn set_list_quirk(&mut self, quirk: Option<ListQuirk>) {
        let _ = quirk;
    }
}
