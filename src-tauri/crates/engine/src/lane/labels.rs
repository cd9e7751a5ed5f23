//! Labels cost money: the day's limit stands between the line and the platform, whoever planned the purchase.
//!
//! One lane serves an account and buys one label at a time, so the sum is never behind. While nobody knows whether a label
//! was bought, nobody knows the sum either, and the next one waits.

use super::Lane;
use quayside_connectors::ReadError;
use quayside_flows::rate_choice;
use quayside_model::time::{MINUTE_MS, SECOND_MS};
use quayside_model::{Cause, Intent, Money, Refusal, Verdict};
use quayside_store::{Claimed, StoreError};

/// Until the sum is looked at again while the end of another purchase is open.
const OPEN_MS: i64 = 45 * SECOND_MS;
/// Until an order that is on hold is looked at again.
const HELD_MS: i64 = 10 * MINUTE_MS;

impl Lane {
    /// Writes what is left of the day's limit into a purchase, or gives the verdicts without anything being sent: the
    /// limit is reached, or nobody knows.
    pub(super) fn hold_to_limit(&self, claimed: &mut [Claimed], now_ms: i64) -> Option<Vec<Verdict>> {
        let buys = |one: &Claimed| matches!(one.intent, Intent::BuyLabel { .. } | Intent::ReturnLabel { .. });
        let first = claimed.first().filter(|first| buys(first))?;
        let asked = self.overruled(first, now_ms).and_then(|overruled| match overruled {
            Some(verdict) => Ok(Err(verdict)),
            None => self.left_today(first, now_ms),
        });
        let left = match asked {
            Ok(Ok(left)) => left?,
            Ok(Err(verdict)) => return Some(vec![verdict; claimed.len()]),
            Err(error) => {
                tracing::warn!(%error, "the day's sum of labels could not be read");
                let why = "What was spent on labels today could not be read.".to_owned();
                return Some(vec![Verdict::WaitUntil { at_ms: now_ms + OPEN_MS, why }; claimed.len()]);
            }
        };
        for one in claimed {
            if let Intent::BuyLabel { label } = &mut one.intent {
                label.day_left_minor = Some(left);
            }
        }
        None
    }

    /// What was decided of the order since the purchase was planned, and is in no change that is sent to the hub: it may
    /// have waited for hours.
    fn overruled(&self, first: &Claimed, now_ms: i64) -> Result<Option<Verdict>, StoreError> {
        let (Intent::BuyLabel { label }, Some(order)) = (&first.intent, first.order_id) else { return Ok(None) };
        if label.test {
            return Ok(None);
        }
        let Some(story) = self.shared.store.read(|r| r.story(order))? else { return Ok(None) };
        if story.order.is_cancelled() {
            let sentence = format!(
                "The label of {} was not bought: the order was cancelled in its store. Nothing was bought.",
                first.order_number
            );
            return Ok(Some(Verdict::NeedsPerson(Refusal::new(Cause::LabelNotBought, sentence))));
        }
        let until_ms = story.choices.hold.map(|hold| hold.until_ms.unwrap_or(i64::MAX));
        Ok(until_ms.filter(|until_ms| *until_ms > now_ms).map(|until_ms| Verdict::WaitUntil {
            at_ms: until_ms.min(now_ms + HELD_MS),
            why: "You hold the order. Its label is bought once you release it.".to_owned(),
        }))
    }

    /// What may still be spent today, minor units; `None`: there is no limit.
    fn left_today(&self, first: &Claimed, now_ms: i64) -> Result<Result<Option<i64>, Verdict>, StoreError> {
        let policy = self.shared.policy();
        let Some(hub) = policy.peers.get(&self.id) else { return Ok(Ok(None)) };
        let refuse = |why: String| {
            let sentence = format!("The label of {} was not bought: {why} Nothing was bought.", first.order_number);
            Ok(Err(Verdict::NeedsPerson(Refusal::new(Cause::LabelNotBought, sentence))))
        };
        let fallback = match &first.intent {
            Intent::BuyLabel { label } if label.test => return Ok(Ok(None)),
            Intent::BuyLabel { label } => Some(label.currency.clone()),
            _ => None,
        };
        let limit = match rate_choice::limit(&policy, hub, fallback) {
            Ok(Some(limit)) => limit,
            Ok(None) => return Ok(Ok(None)),
            Err(why) => return refuse(why),
        };
        let since_ms = rate_choice::day_start_ms(&policy, hub, now_ms);
        let (paid, open) = self
            .shared
            .store
            .read(|r| Ok((r.labels_paid(&self.id, since_ms)?, r.labels_open(&self.id, Some(first.id))?)))?;
        if open > 0 {
            let why = "Nobody knows yet whether another label was bought, and for how much.".to_owned();
            return Ok(Err(Verdict::WaitUntil { at_ms: now_ms + OPEN_MS, why }));
        }
        let left_minor = rate_choice::left_minor(&limit, &paid);
        let money = match &first.intent {
            Intent::BuyLabel { label } => label.currency.exponent(),
            _ => limit.currency.exponent(),
        };
        if left_minor <= 0 {
            return refuse(format!(
                "{limit} may be spent on labels a day, and that much was. Raise the limit in the settings of \"Labels\", or retry tomorrow."
            ));
        }
        Ok(Ok(Some(Money::new(left_minor, limit.currency).minor_at(money))))
    }
}

/// Why a question about labels has no answer.
pub(super) fn not_asked(error: ReadError, name: &str) -> Refusal {
    match error {
        ReadError::WaitUntil { why, .. } => Refusal::new(
            Cause::RateLimited,
            format!("{name} was not asked about labels: {why}. Ask again in a moment."),
        ),
        ReadError::Refused(refusal) => refusal,
    }
}
