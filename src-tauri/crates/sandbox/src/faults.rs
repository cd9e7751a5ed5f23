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
    /// The credential was taken away: every exchange is refused with it, whatever is tried. Only as a [`Spell`]: it lasts
    /// until somebody deals with it.
    Revoked,
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
    /// What goes wrong at one account for a while, whatever chance says.
    #[serde(default)]
    pub spells: Vec<Spell>,
}

/// One account in trouble for a while: a storm of 429, an outage, a platform that crawls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spell {
    /// Whose exchanges (`harbour-goods`).
    pub account: String,
    /// What becomes of them.
    pub fault: Fault,
    /// From this moment on, ms UTC.
    pub from_ms: i64,
    /// Until before this moment, ms UTC.
    pub until_ms: i64,
    /// Share of the exchanges it happens to, 0 to 1.
    pub share: f64,
}

impl FaultPlan {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }
    /// Everything goes wrong sometimes: each exchange fails with chance `chance` in one of all ways.
    pub fn all(chance: f64) -> Self {
        let each = chance / Fault::ALL.len() as f64;
        Self { chances: Fault::ALL.into_iter().map(|fault| (fault, each)).collect(), ..Self::none() }
    }
    /// Exactly these faults, on the next exchanges that mention `only`.
    pub fn once(faults: impl IntoIterator<Item = Fault>, only: impl Into<String>) -> Self {
        Self { next: faults.into_iter().collect(), only: Some(only.into()), ..Self::none() }
    }

    /// What an account suffers from at this moment, and what share of its exchanges: the first of its spells.
    pub(crate) fn spell(&self, account: &str, now_ms: i64) -> Option<(Fault, f64)> {
        let on = |spell: &&Spell| spell.account == account && (spell.from_ms..spell.until_ms).contains(&now_ms);
        self.spells.iter().find(on).map(|spell| (spell.fault, spell.share))
    }

    /// The account's credential is refused at this moment, until somebody deals with it.
    pub fn is_revoked(&self, account: &str, now_ms: i64) -> bool {
        let mut revoked = self.spells.iter().filter(|spell| spell.account == account && spell.fault == Fault::Revoked);
        revoked.any(|spell| (spell.from_ms..spell.until_ms).contains(&now_ms))
    }

    /// Somebody dealt with it: what the account's credential suffered from at this moment is over. Whether it was.
    pub fn signed_in_again(&mut self, account: &str, now_ms: i64) -> bool {
        let mut over = false;
        for spell in self.spells.iter_mut().filter(|spell| spell.account == account && spell.fault == Fault::Revoked) {
            if (spell.from_ms..spell.until_ms).contains(&now_ms) {
                spell.until_ms = now_ms;
                over = true;
            }
        }
        over
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_spell_is_one_accounts_and_ends() {
        let spell = |account: &str, fault, from_ms, until_ms| Spell {
            account: account.to_owned(),
            fault,
            from_ms,
            until_ms,
            share: 0.5,
        };
        let mut plan = FaultPlan {
            spells: vec![spell("a", Fault::Throttled, 10, 20), spell("a", Fault::Revoked, 30, 90)],
            ..FaultPlan::none()
        };
        let cases = [
            ("a", 9, None),
            ("a", 10, Some((Fault::Throttled, 0.5))),
            ("a", 20, None),
            ("b", 10, None),
            ("a", 30, Some((Fault::Revoked, 0.5))),
        ];
        for (account, now_ms, wanted) in cases {
            assert_eq!(plan.spell(account, now_ms), wanted, "{account} at {now_ms}");
        }
        assert!(!plan.signed_in_again("a", 15), "a storm is nobody's sign-in");
        assert!(plan.signed_in_again("a", 40) && plan.spell("a", 40).is_none());
        let told: FaultPlan = serde_json::from_str("{\"chances\": [], \"next\": []}").unwrap();
        assert_eq!(told, FaultPlan::none());
    }
}
