//! Names of rows. Remote ids stay strings: they belong to the platform.

use serde::{Deserialize, Serialize};
use specta::Type;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
        #[serde(transparent)]
        pub struct $name(pub i64);
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(
    /// One channel order in our store.
    OrderId
);
row_id!(
    /// One intended change in the outside world.
    EffectId
);
row_id!(
    /// One entry of the exceptions list.
    ExceptionId
);

/// Our signed-in link to one account: a short slug made from its name, unique
/// per profile and never reused (`harbour-goods`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct ConnectionId(pub String);

impl ConnectionId {
    /// From any text.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
