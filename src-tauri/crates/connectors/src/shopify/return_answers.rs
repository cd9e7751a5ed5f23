//! Answering a return request: agree, or decline with a reason.
//!
//! The return is looked at first: one that is answered the same way already is not answered again, and one that was
//! answered otherwise is left to a person. Shopify takes an answer of a request only, so none can be given twice.

use super::Shopify;
use super::client::Errand;
use super::documents::Document;
use super::stock::text;
use super::verdicts::{CallError, UserMeaning, by_return_errors, user_errors};
use crate::Priority;
use quayside_model::{Cause, Confirmation, DeclineReason, Receipt, Refusal, Verdict};
use serde_json::{Value, json};

/// The permission for it.
const SCOPE: &str = "write_returns";

/// What is answered.
pub(super) struct Answer<'a> {
    /// Why not; `None`: agreed.
    pub decline: Option<DeclineReason>,
    /// Words for the buyer beside a decline.
    pub note: &'a str,
    /// Shopify tells the buyer.
    pub notify: bool,
}

/// How a return stands to an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stand {
    /// Not answered.
    Asked,
    /// Answered so.
    Same,
    /// Answered otherwise, or called off: Shopify's word for it.
    Other(String),
}

fn stand(status: &str, declined: bool) -> Stand {
    match (status, declined) {
        ("REQUESTED", _) => Stand::Asked,
        ("DECLINED", true) | ("OPEN" | "CLOSED", false) => Stand::Same,
        (other, _) => Stand::Other(other.to_lowercase()),
    }
}

impl Shopify {
    /// Agrees to a return that was asked for, or declines it.
    pub(super) async fn answer_return(&self, id: &str, answer: &Answer<'_>, priority: Priority) -> Verdict {
        let what = what(answer.decline.is_some());
        if self.lacks_scope(SCOPE) {
            let sentence = format!(
                "{what}. The app lacks the permission {SCOPE}. Grant it in the app's settings, release the version, install it again, then test the connection."
            );
            return Verdict::NeedsPerson(self.refusal(Cause::ScopeMissing, &sentence).about(id));
        }
        let mut errand = Errand::new(priority);
        let receipt = |request_id| Receipt { remote_id: Some(id.to_owned()), request_id, ..Receipt::default() };
        match self.stands(id, answer.decline.is_some(), &mut errand).await {
            Ok(Some(Stand::Asked)) => {}
            Ok(Some(Stand::Same)) => return Verdict::AlreadyDone(receipt(None)),
            Ok(Some(Stand::Other(word))) => return Verdict::NeedsPerson(self.answered(id, what, &word)),
            Ok(None) => return Verdict::NeedsPerson(self.return_gone(id, what)),
            Err(error) => return error.before_change(),
        }
        let (document, field, input) = match answer.decline {
            None => {
                (Document::ApproveReturn, "returnApproveRequest", json!({ "id": id, "notifyCustomer": answer.notify }))
            }
            Some(reason) => (Document::DeclineReturn, "returnDeclineRequest", declined(id, reason, answer)),
        };
        let call = self.client.call(document, json!({ "input": input }), 1, &mut errand, "answer the return request");
        let data = match call.await {
            Ok(data) => data,
            Err(error) => return error.into_verdict(),
        };
        let payload = data.data.get(field).cloned().unwrap_or_default();
        let errors = user_errors(&payload, "userErrors");
        if !errors.is_empty() {
            let (meaning, refusal) = by_return_errors(self.client.door(), &errors, data.request_id, what);
            let refusal = refusal.about(id);
            return match meaning {
                // The next try looks at it first.
                UserMeaning::Stale | UserMeaning::Already => Verdict::RetryLater(refusal),
                UserMeaning::Unknown => Verdict::AnswerLost(refusal),
                UserMeaning::Person => Verdict::NeedsPerson(refusal),
            };
        }
        if payload.get("return").is_some_and(Value::is_object) {
            Verdict::Done(receipt(data.request_id))
        } else {
            Verdict::AnswerLost(self.empty_answer(what, data.request_id))
        }
    }

    /// Whether a return request was answered so.
    pub(super) async fn confirm_answer(&self, id: &str, declined: bool, priority: Priority) -> Confirmation {
        let what = what(declined);
        match self.stands(id, declined, &mut Errand::new(priority)).await {
            Ok(Some(Stand::Asked)) => Confirmation::Absent,
            Ok(Some(Stand::Same)) => {
                Confirmation::Holds(Receipt { remote_id: Some(id.to_owned()), ..Receipt::default() })
            }
            Ok(Some(Stand::Other(word))) => Confirmation::Overtaken(self.answered(id, what, &word)),
            Ok(None) => Confirmation::Overtaken(self.return_gone(id, what)),
            Err(error) => error.into_confirmation(),
        }
    }

    async fn stands(&self, id: &str, declined: bool, errand: &mut Errand) -> Result<Option<Stand>, CallError> {
        let data = self.client.call(Document::OneReturn, json!({ "id": id }), 1, errand, "look at the return").await?;
        let back = data.data.get("return").filter(|node| node.is_object());
        Ok(back.map(|node| stand(&text(node, "/status").unwrap_or_default(), declined)))
    }

    fn answered(&self, id: &str, what: &str, word: &str) -> Refusal {
        let sentence =
            format!("{what}. In Shopify the return is {word} by now. Look at it there, then give this answer up.");
        self.refusal(Cause::ContentRefused, &sentence).about(id)
    }

    fn return_gone(&self, id: &str, what: &str) -> Refusal {
        let sentence = format!(
            "{what}. Shopify does not show the return any more. Look at the order there, then give this answer up."
        );
        self.refusal(Cause::ContentRefused, &sentence).about(id)
    }
}

fn what(declined: bool) -> &'static str {
    if declined { "Could not decline the return" } else { "Could not agree to the return" }
}

fn declined(id: &str, reason: DeclineReason, answer: &Answer<'_>) -> Value {
    let word = match reason {
        DeclineReason::FinalSale => "FINAL_SALE",
        DeclineReason::PeriodEnded => "RETURN_PERIOD_ENDED",
        DeclineReason::Other => "OTHER",
    };
    let note = Some(answer.note.trim()).filter(|note| !note.is_empty());
    json!({ "id": id, "declineReason": word, "declineNote": note, "notifyCustomer": answer.notify })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_is_answered_once_and_never_against_what_was_answered_there() {
        let other = |word: &str| Stand::Other(word.to_owned());
        for (status, agreed, declined) in [
            ("REQUESTED", Stand::Asked, Stand::Asked),
            ("OPEN", Stand::Same, other("open")),
            ("CLOSED", Stand::Same, other("closed")),
            ("DECLINED", other("declined"), Stand::Same),
            ("CANCELED", other("canceled"), other("canceled")),
            ("", other(""), other("")),
        ] {
            assert_eq!((stand(status, false), stand(status, true)), (agreed, declined), "{status}");
        }
    }
}
