//! The first steps, from an empty desk to orders that move by themselves. Each step knows by
//! itself whether it is done: it looks at what is true, not at what was clicked.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::words;
use quayside_model::{Fixer, Mode, Role};
use serde::Serialize;
use specta::Type;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub struct Step {
    /// Stable word.
    pub id: String,
    /// What to do, verb first.
    pub title: String,
    /// How it stands, or what it is for.
    pub sentence: String,
    /// It is done.
    pub done: bool,
    /// Where to do it.
    pub place: String,
}

/// What the steps are judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Facts {
    stores: Vec<String>,
    hubs: Vec<String>,
    /// Accounts that were read at least once.
    read: usize,
    /// Accounts a person has to mend.
    broken: Vec<String>,
    /// Orders ever seen.
    orders: u64,
    plan_seen: bool,
    /// An automation may act.
    live: bool,
    /// Changes performed so far.
    sent: u64,
    /// Parcels the desk has seen leave.
    left: usize,
}

impl Desk {
    /// The first steps and how they stand.
    pub fn checklist(&self) -> Answer<Vec<Step>> {
        let room = self.room()?;
        let console = self.console()?;
        let policy = room.policy()?;
        let now_ms = room.now_ms();
        let facts = room.store.read(|r| {
            let mut facts = Facts { plan_seen: console.plan_seen_at_ms.is_some(), ..Facts::default() };
            for config in r.connections()? {
                let roles = quayside_connectors::platform(&config.platform)
                    .map(|platform| platform.declaration.roles.to_vec())
                    .unwrap_or_default();
                if r.streams(&config.id)?.iter().any(|stream| stream.last_ok_at_ms.is_some()) {
                    facts.read += 1;
                }
                if r.conditions(&config.id)?.iter().any(|condition| condition.cause.fixer() == Fixer::Merchant) {
                    facts.broken.push(config.name.clone());
                }
                if roles.contains(&Role::Channel) {
                    facts.stores.push(config.name);
                } else if roles.contains(&Role::Hub) {
                    facts.hubs.push(config.name);
                }
            }
            facts.orders = r.queue_counts(now_ms, now_ms)?.all;
            facts.sent = r.settled_effects()?;
            let from_ms = now_ms - 30 * quayside_model::time::DAY_MS;
            facts.left = r.departures(from_ms, i64::MAX, crate::home::LEFT_MAX)?.items.len();
            Ok(facts)
        })?;
        // What asks by itself from the beginning, nobody has let go.
        let let_go =
            |id: &str| policy.automations.get(id).is_some_and(|set| matches!(set.mode, Mode::Ask | Mode::Auto));
        let live = quayside_flows::automations().iter().any(|declared| let_go(declared.id));
        Ok(steps(&Facts { live, ..facts }))
    }
}

fn steps(facts: &Facts) -> Vec<Step> {
    let step = |id: &str, title: &str, done: bool, sentence: String, place: &str| Step {
        id: id.into(),
        title: title.into(),
        sentence,
        done,
        place: place.into(),
    };
    let accounts = facts.stores.len() + facts.hubs.len();
    vec![
        step(
            "store",
            "Connect a store",
            !facts.stores.is_empty(),
            if facts.stores.is_empty() {
                "Where buyers order. Quayside only reads it until you switch an automation on.".into()
            } else {
                format!("{} connected.", words::list(&facts.stores))
            },
            "connections?sheet=add",
        ),
        step(
            "hub",
            "Connect the account you ship with",
            !facts.hubs.is_empty(),
            if facts.hubs.is_empty() {
                "Where parcels are packed. Without it nothing can be compared or sent.".into()
            } else {
                format!("{} connected.", words::list(&facts.hubs))
            },
            "connections?sheet=add",
        ),
        step(
            "permissions",
            "Grant what is missing",
            accounts > 0 && facts.broken.is_empty(),
            if accounts == 0 {
                "Each account is tested when it is connected.".into()
            } else if facts.broken.is_empty() {
                "Every account lets the desk do what it needs.".into()
            } else {
                format!("{} cannot go on as it is.", words::list(&facts.broken))
            },
            "connections",
        ),
        step(
            "read",
            "Read the orders",
            accounts > 0 && facts.read == accounts && facts.orders > 0,
            match (facts.read, facts.orders) {
                (_, 0) => "No order has been read yet; this happens by itself.".into(),
                (read, orders) if read < accounts => {
                    format!(
                        "{} so far; {} still being read.",
                        words::count(orders as i64, "order", "orders"),
                        accounts - read
                    )
                }
                (_, orders) => format!("{} read.", words::count(orders as i64, "order", "orders")),
            },
            "queue",
        ),
        step(
            "plan",
            "Look at the plan",
            facts.plan_seen || facts.live,
            "Exactly what would be sent, order by order. Nothing has been sent.".into(),
            "automations?sheet=plan",
        ),
        step(
            "live",
            "Switch an automation on",
            facts.live,
            if facts.live {
                "At least one automation may act.".into()
            } else {
                "From an order on that you choose; Ask waits for your click each time.".into()
            },
            "automations",
        ),
        step(
            "first",
            "See the first order through",
            facts.sent > 0 && facts.left > 0,
            match (facts.sent, facts.left) {
                (0, _) => "Nothing has been sent yet.".into(),
                (sent, 0) => {
                    format!("{} made; no parcel has left yet.", words::count(sent as i64, "change", "changes"))
                }
                (sent, left) => format!(
                    "{} made, {} left in the last 30 days.",
                    words::count(sent as i64, "change", "changes"),
                    words::count(left as i64, "order", "orders")
                ),
            },
            "home",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(facts: &Facts) -> Vec<String> {
        steps(facts).into_iter().filter(|step| step.done).map(|step| step.id).collect()
    }

    #[test]
    fn a_step_is_done_when_it_is_true() {
        let nothing = Facts::default();
        assert_eq!(done(&nothing), Vec::<String>::new());
        let connected = Facts { stores: vec!["Harbour".into()], hubs: vec!["Ship".into()], ..nothing };
        assert_eq!(done(&connected), ["store", "hub", "permissions"]);
        let broken = Facts { broken: vec!["Ship".into()], ..connected.clone() };
        assert_eq!(done(&broken), ["store", "hub"]);
        let half = Facts { read: 1, orders: 40, ..connected.clone() };
        assert_eq!(done(&half), ["store", "hub", "permissions"]);
        assert!(steps(&half)[3].sentence.contains("1 still being read"));
        let all = Facts { read: 2, orders: 40, live: true, sent: 4, left: 1, ..connected };
        assert_eq!(done(&all).len(), 7);
    }
}
