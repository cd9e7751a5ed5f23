//! The same cycle without a network.

use super::line::{Answered, Line};
use super::{Call, Cycle, Exchanged, NOWHERE, is_replayable, outcome};
use crate::{Ask, Connector, Setup, Wire, WireError, platform};
use async_trait::async_trait;
use quayside_model::{Cause, Clock, ConnectionConfig, Refusal, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Rehearsal {
    /// Pages that were read, and writes and looks that were made, again.
    pub calls: usize,
    /// Exchanges that were asked for again.
    pub exchanges: usize,
    /// Where it was not the same.
    pub differs: Vec<Difference>,
}

/// One place where it was not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The call, counted from 1.
    pub call: usize,
    /// Its stream, or what else it was.
    pub stream: String,
    /// `request`: something else was asked; `unasked`: something was not asked any more; `outcome`: something else was made of
    /// the answers.
    pub what: &'static str,
    /// The first place where the two differ.
    pub at: String,
    /// What stood there.
    pub then: Value,
    /// What stands there now.
    pub now: Value,
}

/// Does it once more. Sends nothing; `Err`: this program cannot open the account.
pub async fn rehearse(cycle: &Cycle) -> Result<Rehearsal, Refusal> {
    let known = platform(&cycle.config.platform).ok_or_else(|| {
        Refusal::new(
            Cause::AccountBlocked,
            format!("This version of Quayside does not know the platform \"{}\".", cycle.config.platform),
        )
    })?;
    if !is_replayable(&cycle.config) {
        return Err(Refusal::new(
            Cause::AccountBlocked,
            format!(
                "{} does not go over the wire that is recorded: nothing of it is done again.",
                known.declaration.title
            ),
        ));
    }
    let player =
        Arc::new(Player { now_ms: AtomicI64::new(cycle.opened_ms), left: Mutex::default(), odd: Mutex::default() });
    let secrets = cycle.secrets.iter().map(|(name, text)| (name.clone(), SecretString::from(text.as_str())));
    let connector = (known.open)(Setup {
        config: ConnectionConfig { base_url: Some(NOWHERE.to_owned()), ..cycle.config.clone() },
        secrets: secrets.collect(),
        wire: player.clone(),
        clock: player.clone(),
        buckets: cycle.buckets.clone(),
    })?;
    let mut rehearsal = Rehearsal::default();
    for (n, call) in cycle.calls.iter().enumerate() {
        rehearsal.differs.extend(once_more(connector.as_ref(), &player, call, n + 1).await);
        rehearsal.calls += 1;
        rehearsal.exchanges += call.exchanges.len();
    }
    Ok(rehearsal)
}

async fn once_more(connector: &dyn Connector, player: &Player, call: &Call, n: usize) -> Vec<Difference> {
    player.now_ms.store(call.begun_ms, Ordering::SeqCst);
    player.left().clone_from(&call.exchanges);
    let ask = Ask {
        stream: &call.stream,
        cursor: call.cursor.as_ref(),
        next: call.next.as_ref(),
        since_ms: call.since_ms,
        priority: call.priority,
    };
    let made = match &call.work {
        Some(work) => work.once_more(connector, call.priority).await,
        None => outcome(&connector.read(&ask).await),
    };
    if let Some(news) = connector.renewed_secrets() {
        connector.secrets_kept(&news);
    }
    let difference = |what, at: String, then: Value, now: Value| Difference {
        call: n,
        stream: call.stream.clone(),
        what,
        at,
        then,
        now,
    };
    let odd = std::mem::take(&mut *player.odd.lock().unwrap_or_else(PoisonError::into_inner));
    let mut differs: Vec<Difference> = odd
        .into_iter()
        .map(|(then, now)| {
            let (at, then, now) = first_difference(&then, &now, "").unwrap_or_else(|| (String::new(), then, now));
            difference("request", at, then, now)
        })
        .collect();
    // A request that differs leaves the one it should have been: that one is told already.
    let unasked = std::mem::take(&mut *player.left()).into_iter().skip(differs.len());
    differs.extend(unasked.map(|left| difference("unasked", String::new(), json!(left.asks), Value::Null)));
    if differs.is_empty()
        && let Some((at, then, now)) = first_difference(&call.outcome, &made, "")
    {
        differs.push(difference("outcome", at, then, now));
    }
    differs
}

/// The first place where two documents differ, and what stands there.
fn first_difference(then: &Value, now: &Value, at: &str) -> Option<(String, Value, Value)> {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            let names: std::collections::BTreeSet<&String> = then.keys().chain(now.keys()).collect();
            names.into_iter().find_map(|name| {
                let of = |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
                first_difference(&of(then), &of(now), &format!("{at}/{name}"))
            })
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            let mut pairs = then.iter().zip(now).enumerate();
            pairs.find_map(|(n, (then, now))| first_difference(then, now, &format!("{at}/{n}")))
        }
        // A number that was written down may have lost the way it was written.
        (Value::Number(then), Value::Number(now)) if then.as_f64() == now.as_f64() => None,
        _ if then == now => None,
        _ => Some((at.to_owned(), then.clone(), now.clone())),
    }
}

/// A network that answers from a recording, and a clock that stands where it stood.
struct Player {
    now_ms: AtomicI64,
    /// What the call that is made now asked for then, and did not yet.
    left: Mutex<Vec<Exchanged>>,
    /// What it asked for instead: what was asked then, and what now.
    odd: Mutex<Vec<(Value, Value)>>,
}

impl Player {
    fn left(&self) -> MutexGuard<'_, Vec<Exchanged>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a request; `None`: it was never asked so.
    fn answer(&self, asks: &Line) -> Option<(i64, Answered)> {
        let mut left = self.left();
        let at = left.iter().position(|one| one.asks == *asks);
        if let Some(at) = at {
            let Exchanged { answered_ms, answer, .. } = left.remove(at);
            return Some((answered_ms, answer));
        }
        // Its place was the next one that is not answered yet.
        let then = left.first().map_or(Value::Null, |one| json!(one.asks));
        self.odd.lock().unwrap_or_else(PoisonError::into_inner).push((then, json!(asks)));
        None
    }
}

impl Clock for Player {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Wire for Player {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
        _timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, WireError> {
        let Some((answered_ms, answer)) = self.answer(&Line::of(&request, "")) else {
            return Err(WireError::Lost("it was not asked so when this was recorded".to_owned()));
        };
        self.now_ms.store(answered_ms, Ordering::SeqCst);
        answer.again()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_place() {
        for (then, now, expected) in [
            (json!({ "a": 1 }), json!({ "a": 1.0 }), None),
            (json!({ "a": [1, { "b": "x" }] }), json!({ "a": [1, { "b": "y" }] }), Some("/a/1/b")),
            (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), Some("/b")),
            (json!({ "a": 1, "b": null }), json!({ "a": 1 }), None),
            (json!([1, 2]), json!([1]), Some("")),
            (json!(null), json!({ "a": 1 }), Some("")),
        ] {
            let found = first_difference(&then, &now, "").map(|(at, ..)| at);
            assert_eq!(found.as_deref(), expected, "{then} and {now}");
        }
    }
}
