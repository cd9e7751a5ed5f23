//! One Orderez account at work: what reading, performing and confirming share.

use super::client::{Client, Failure, Reply};
use super::customers::Customers;
use super::profile::Profile;
use super::request::{Filling, SYSTEM, render};
use super::translate::{self, OrderFacts, TheirOrder};
use super::verdicts::{self, Means, Speaker};
use super::warehouses::Warehouses;
use super::whole::Whole;
use crate::door::DoorError;
use crate::{Priority, ReadError};
use quayside_model::{Cause, Confirmation, ConnectionId, Refusal, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Orders whose line ids are kept in memory, so that a parcel costs no call for its order.
const FACTS_MAX: usize = 20_000;
/// A refused write that was only replayed is sent under a new key at most so often.
const REPLAYS_MAX: u32 = 5;

/// The account.
pub(super) struct Hub {
    pub client: Client,
    pub profile: Arc<Profile>,
    pub speaker: Speaker,
    pub connection: ConnectionId,
    facts: Mutex<BTreeMap<String, Arc<OrderFacts>>>,
    pub wholes: Whole,
    pub warehouses: Warehouses,
    pub customers: Customers,
}

/// An order could not be had.
#[derive(Debug)]
pub(super) enum NotFound {
    /// It is not there.
    Gone,
    /// The answer was no order.
    Answered(Box<Reply>),
    /// It came in a form nobody understands.
    Unreadable(String),
    /// The profile has no way to ask.
    NoWay(String),
    /// There was no answer.
    Failed(Failure),
}

impl From<Failure> for NotFound {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Hub {
    pub(super) fn new(client: Client, profile: Arc<Profile>, connection: ConnectionId, name: String) -> Self {
        Self {
            client,
            profile,
            speaker: Speaker { connection: name },
            connection,
            facts: Mutex::default(),
            wholes: Whole::default(),
            warehouses: Warehouses::default(),
            customers: Customers::default(),
        }
    }

    /// A request the profile cannot make. Nothing was sent.
    pub(super) fn no_way(&self, why: &str) -> Refusal {
        self.speaker.refusal(Cause::ScopeMissing, why)
    }

    /// The account has no such change: somebody enters it there.
    pub(super) fn by_hand(&self, why: &str) -> Refusal {
        self.speaker.refusal(Cause::ChangeByHand, why)
    }

    /// One operation, rendered and sent.
    pub(super) async fn call(
        &self,
        operation: &str,
        filling: &Filling<'_>,
        priority: Priority,
    ) -> Result<Reply, Failure> {
        let request = render(&self.profile, operation, filling).map_err(|why| DoorError::Refused(self.no_way(&why)))?;
        self.client.call(&request, priority).await
    }

    /// One write under its permanent name.
    ///
    /// The key against doubles is made from that name *and* what is sent: a mended order is another request, and the
    /// account must not answer it with the refusal of the one before. A refusal it merely repeats (the cause may be
    /// gone by now, and the first request changed nothing) is asked for once more under the next key.
    pub(super) async fn write(
        &self,
        operation: &str,
        filling: &Filling<'_>,
        write_id: &str,
        priority: Priority,
    ) -> Result<Reply, Failure> {
        for round in 0..REPLAYS_MAX {
            let mut filling = filling.clone();
            filling.write_id = Some(write_id.to_owned());
            let bare =
                render(&self.profile, operation, &filling).map_err(|why| DoorError::Refused(self.no_way(&why)))?;
            let body = bare.body.as_ref().map(Value::to_string).unwrap_or_default();
            let version = filling.version.map(Value::to_string).unwrap_or_default();
            filling.key = Some(named(&format!("{write_id}\n{operation} {}\n{version}\n{body}\n{round}", bare.path)));
            let reply = self.call(operation, &filling, priority).await?;
            let repeated_refusal = reply.replayed && !reply.success && (400..500).contains(&reply.status);
            if !repeated_refusal || round + 1 == REPLAYS_MAX {
                return Ok(reply);
            }
        }
        Err(Failure::Door(DoorError::Refused(
            self.speaker.refusal(Cause::NotUnderstood, "Orderez repeats an old answer to every new key."),
        )))
    }

    /// Permanent name of a write: the same after every restart.
    pub(super) fn write_id(&self, key: &str) -> String {
        named(&format!("{}\n{key}", self.connection))
    }

    /// The record of an answer with one.
    pub(super) fn item(&self, operation: &str, json: &Value) -> Result<Value, String> {
        let own = self.profile.operations.get(operation).and_then(|operation| operation.item.as_ref());
        self.profile.eval(own.unwrap_or(&self.profile.item), json)
    }

    /// The rows of a list.
    pub(super) fn rows(&self, operation: &str, json: &Value) -> Result<Vec<Value>, String> {
        let own = self.profile.operations.get(operation).and_then(|operation| operation.items.as_ref());
        let expression = own.unwrap_or(&self.profile.paging.items);
        match self.profile.eval(expression, json)? {
            Value::Array(rows) => Ok(rows),
            _ => Err(format!("there is no list at \"{expression}\"")),
        }
    }

    /// An order by their id.
    pub(super) async fn order(&self, id: &str, priority: Priority) -> Result<TheirOrder, NotFound> {
        Ok(self.order_and_raw(id, priority).await?.0)
    }

    /// An order by their id, with their own record.
    pub(super) async fn order_and_raw(&self, id: &str, priority: Priority) -> Result<(TheirOrder, Value), NotFound> {
        if self.profile.operation("getOrder").is_none() {
            return Err(NotFound::NoWay(format!(
                "The profile \"{}\" knows no path for getOrder.",
                self.profile.title()
            )));
        }
        let reply = self.call("getOrder", &Filling::default().path("order_id", id), priority).await?;
        let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
            return Err(if verdicts::means(&self.profile, &reply) == Means::Missing {
                NotFound::Gone
            } else {
                NotFound::Answered(Box::new(reply))
            });
        };
        let raw = self.item("getOrder", json).map_err(NotFound::Unreadable)?;
        let order = translate::order(&self.profile, &raw).map_err(NotFound::Unreadable)?;
        self.remember(&order);
        Ok((order, raw))
    }

    /// An order can be found by our key.
    pub(super) fn finds_by_key(&self) -> bool {
        self.profile.takes(self.profile.lookup(), "external_ref")
            && self.profile.entities.get("order").is_some_and(|order| order.read.contains_key("external_refs"))
    }

    /// The order that carries our key; `None` if none does. A list may be late: the caller knows how much that matters.
    pub(super) async fn order_by_key(&self, key: &str, priority: Priority) -> Result<Option<TheirOrder>, NotFound> {
        if !self.finds_by_key() {
            return Err(NotFound::NoWay(format!(
                "The profile \"{}\" cannot look an order up by our reference.",
                self.profile.title()
            )));
        }
        let filling = Filling::default().query("external_ref", format!("{SYSTEM}:{key}"));
        let lookup = self.profile.lookup();
        let reply = self.call(lookup, &filling, priority).await?;
        let Some(json) = reply.json.as_ref().filter(|_| reply.success) else {
            return Err(NotFound::Answered(Box::new(reply)));
        };
        let rows = self.rows(lookup, json).map_err(NotFound::Unreadable)?;
        // A server that ignores an unknown filter answers with any orders: ours is known by its reference only.
        for raw in rows.iter().filter(|raw| !raw.is_null()) {
            if let Ok(order) = translate::order(&self.profile, raw)
                && order.is_ours()
                && order.order.key == key
            {
                // A summary names the order; what is in it stands in the order.
                if order.lines.is_empty() && lookup != "listOrders" && self.profile.operation("getOrder").is_some() {
                    return self.order(&order.order.remote_id, priority).await.map(Some);
                }
                self.remember(&order);
                return Ok(Some(order));
            }
        }
        Ok(None)
    }

    /// Keeps what parcels will need to know of an order.
    pub(super) fn remember(&self, order: &TheirOrder) {
        let mut known = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= FACTS_MAX {
            // Ids grow as a rule: the smallest are the oldest.
            known.pop_first();
        }
        known.insert(order.order.remote_id.clone(), Arc::new(OrderFacts::from(order)));
    }

    /// What a parcel needs to know of its order: kept, or asked for. `None` where it cannot be had.
    pub(super) async fn facts(&self, order_id: &str, priority: Priority) -> Result<Option<Arc<OrderFacts>>, ReadError> {
        let kept = self.facts.lock().unwrap_or_else(PoisonError::into_inner).get(order_id).cloned();
        if kept.is_some() {
            return Ok(kept);
        }
        match self.order(order_id, priority).await {
            Ok(order) => Ok(Some(Arc::new(OrderFacts::from(&order)))),
            Err(NotFound::Failed(failure)) => Err(failure.into_read_error()),
            Err(NotFound::Answered(reply)) if reply.status == 401 || reply.status >= 500 => {
                Err(verdicts::read_error(&self.profile, &self.speaker, &reply, "An order"))
            }
            Err(_) => Ok(None),
        }
    }

    /// A look before a write failed: nothing was changed.
    pub(super) fn before_write(&self, error: NotFound, what: &str) -> Verdict {
        match error {
            NotFound::Gone => Verdict::NeedsPerson(verdicts::gone(&self.speaker, what)),
            NotFound::Answered(reply) => match verdicts::means(&self.profile, &reply) {
                Means::SignIn => Verdict::SignInAgain(verdicts::sign_in(&self.speaker, &reply)),
                Means::Trouble => {
                    Verdict::RetryLater(verdicts::read_refusal(&self.profile, &self.speaker, &reply, "The order"))
                }
                _ => Verdict::NeedsPerson(verdicts::read_refusal(&self.profile, &self.speaker, &reply, "The order")),
            },
            NotFound::Unreadable(why) => Verdict::NeedsPerson(self.unreadable(what, &why)),
            NotFound::NoWay(why) => Verdict::NeedsPerson(self.by_hand(&format!(
                "{what}: {why} Without reading an order it is not changed. Change it in Orderez by hand."
            ))),
            NotFound::Failed(failure) => failure.into_verdict_before_write(),
        }
    }

    /// Made a moment ago, answered for, and not there: it was forgotten, or has not reached every one of their servers.
    /// The reference tells which, before anything is sent again.
    pub(super) fn forgotten(&self, what: &str, id: &str) -> Verdict {
        Verdict::AnswerLost(self.speaker.refusal(
            Cause::OutcomeUnknown,
            &format!(
                "{what} for certain: Orderez answered that it was made ({id}), and does not have it. It is looked for again before anything is sent."
            ),
        ))
    }

    /// A look after a lost answer failed.
    pub(super) fn undecided(&self, error: NotFound, what: &str) -> Confirmation {
        match error {
            NotFound::Gone => Confirmation::Overtaken(verdicts::gone(&self.speaker, what)),
            NotFound::Answered(reply) => verdicts::cannot_tell(&self.profile, &self.speaker, &reply),
            NotFound::Unreadable(why) => Confirmation::CannotTell(self.unreadable(what, &why)),
            NotFound::NoWay(why) => Confirmation::CannotTell(self.speaker.refusal(
                Cause::OutcomeUnknown,
                &format!("{what} for certain, and it cannot be looked up: {why} Look at the order in Orderez, then retry or skip."),
            )),
            NotFound::Failed(failure) => failure.into_confirmation(),
        }
    }

    fn unreadable(&self, what: &str, why: &str) -> Refusal {
        self.speaker.refusal(
            Cause::Unreadable,
            &format!("{what}: Orderez's order came in a form the connection's profile does not fit ({why}). Correct the profile, then retry."),
        )
    }
}

/// A permanent name made from a text.
pub(super) fn named(text: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}
