//! The one door to the network, and one folder per platform.
//!
//! A connector turns its platform's words into the model's and back. It never
//! sleeps, never touches the store, never reads a clock of its own: it is handed
//! a [`Wire`], a clock and secrets, answers with values, and says `WaitUntil`
//! when the rate budget is used up.
//!
//! Adding a platform is one folder (with its `mod`) and one line in [`registry`]. Whatever a platform has beyond the
//! interface (a sign-in in the browser, files that describe its API) stands in its own entry.

pub mod budget;
mod carrier_sites;
pub mod connector;
pub mod cycle;
mod discreet;
pub mod door;
mod drain;
pub mod fields;
pub mod heard;
pub mod http;
mod marketplace;
pub mod messages;
mod own;
mod plausible;
pub mod profiles;
pub mod redact;
mod skew;
pub mod wait;
mod whom;
pub mod wire;

#[cfg(test)]
pub(crate) mod testing;

pub mod amazon;
pub mod bigcommerce;
pub mod orderez;
pub mod salesforce;
pub mod shipstation;
pub mod shopify;
pub mod smtp_mail;

pub use self::http::ReqwestWire;
pub use budget::{BucketState, Budget, Priority};
pub use carrier_sites::is_carrier_site;
pub use connector::{Ask, BrowserSignIn, BrowserVisit, Connector, Platform, ReadError, Secrets, Setup, Task};
pub use door::{Answer, Door, DoorError, DoorSetup, Exchange, SKEW_TOLERATED_MS};
pub use drain::drain_s;
pub use wire::{Wire, WireError};

/// Every platform Quayside can talk to, in the order of the picker.
pub fn registry() -> &'static [Platform] {
    static ALL: &[Platform] = &[
        shopify::PLATFORM,
        bigcommerce::PLATFORM,
        amazon::PLATFORM,
        salesforce::PLATFORM,
        shipstation::PLATFORM,
        orderez::PLATFORM,
        smtp_mail::PLATFORM,
    ];
    ALL
}

/// One platform by its stable word.
pub fn platform(name: &str) -> Option<&'static Platform> {
    registry().iter().find(|platform| platform.declaration.platform == name)
}

/// How a platform's sign-in in the browser works, where it has one.
pub fn browser_sign_in(platform: &str) -> Option<&'static BrowserSignIn> {
    self::platform(platform)?.browser
}
