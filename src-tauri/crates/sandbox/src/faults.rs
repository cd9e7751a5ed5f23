//! What can go wrong between a client and a platform, on purpose.

use serde::{Deserialize, Serialize};

/// One way for an exchange to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The platform's own "too many calls".
    Throttled,
    /// 500, 502, 503 or 504, before anything was applied.
    ServerError,
    /// 5xx *after* it was applied.
    ServerErrorAfterCommit,
    /// The connection breaks before the request arrives.
    LostBeforeCommit,
    /// The request is applied, the answer never arrives.
    LostAfterCommit,
    /// The answer comes after 5 to 40 s.
    Slow,
    /// The answer's body ends in the middle.
    Truncated,
    /// An HTML page with status 200 or 502 instead of an answer (proxy, maintenance).
    Html,
    /// An HTML page with status 403 (a firewall's), the request never let through.
    Html403,
    /// An HTML page with status 404 (a proxy's that knows no such place), the request never let through.
    Html404,
    /// A list answers a page twice, or with rows of the page before.
    DuplicatePage,
    /// A list's rows come in another order.
    ReorderedPage,
    /// New records show up in lists only after a while.
    LateIndex,
    /// The credential is refused for a while (token expired).
    ExpiredToken,
    /// A write is answered as done, and forgotten. Platforms do it; rarely, and worst of all. Not part of [`Self::ALL`]:
    /// no single answer shows it.
    Forgotten,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Throttled,
        Self::ServerError,
        Self::ServerErrorAfterCommit,
        Self::LostBeforeCommit,
        Self::LostAfterCommit,
        Self::Slow,
        Self::Truncated,
        Self::Html,
        Self::Html403,
        Self::Html404,
        Self::DuplicatePage,
        Self::ReorderedPage,
        Self::LateIndex,
        Self::ExpiredToken,
    ];
}

/// Which faults happen, and how often: chance per exchange, 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultPlan {
    /// Chance per exchange of each fault.
    pub chances: Vec<(Fault, f64)>,
    /// Faults for the next exchanges, used up one by one before chance decides; for tests.
    pub next: Vec<Fault>,
    /// Only exchanges whose path or body contains this text go wrong (`fulfillmentCreate`, `/orders/createorder`);
    /// all others neither fail nor use up `next`.
    #[serde(default)]
    pub only: Option<String>,
}

impl FaultPlan {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }
    /// Everything goes wrong sometimes: each exchange fails with chance `chance` in one of all ways.
    pub fn all(chance: f64) -> Self {
        let each = chance / Fault::ALL.len() as f64;
        Self { chances: Fault::ALL.into_iter().map(|fault| (fault, each)).collect(), next: Vec::new(), only: None }
    }
    /// Exactly these faults, on the next exchanges that mention `only`.
    pub fn once(faults: impl IntoIterator<Item = Fault>, only: impl Into<String>) -> Self {
        Self { chances: Vec::new(), next: faults.into_iter().collect(), only: Some(only.into()) }
    }

    /// What happens to this exchange. `chance` is uniform in 0..1.
    pub(crate) fn draw(&mut self, path: &str, body: &[u8], chance: f64) -> Option<Fault> {
        if let Some(only) = &self.only {
            let mentioned = path.contains(only.as_str()) || String::from_utf8_lossy(body).contains(only.as_str());
            if !mentioned {
                return None;
            }
        }
        if !self.next.is_empty() {
            return Some(self.next.remove(0));
        }
        let mut left = chance;
        for (fault, share) in &self.chances {
            if left < *share {
                return Some(*fault);
            }
            left -= share;
        }
        None
    }
}

/// How one list answer misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListQuirk {
    /// The page begins with rows of the page before.
    DuplicatePage,
    /// The rows of the page come in another order; the page holds the same rows.
    ReorderedPage,
    /// Records changed in the last two minutes are missing.
    LateIndex,
}

impl ListQuirk {
    /// How late the index is, ms: well inside the overlap that the platforms' guides recommend.
    pub const LATE_MS: i64 = 120_000;
}
