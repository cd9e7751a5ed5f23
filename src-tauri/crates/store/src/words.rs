//! Stable words for the model's enums that have none of their own.
//! Written here once; a word in the file that is not here is damage.

use crate::error::StoreError;
use quayside_model::{Action, Cause, EffectState, IntentKind, Mode, Payment, RecordKind, Stage, Tone};

const TONES: [(Tone, &str); 6] = [
    (Tone::Neutral, "neutral"),
    (Tone::Info, "info"),
    (Tone::Success, "success"),
    (Tone::Warning, "warning"),
    (Tone::Danger, "danger"),
    (Tone::Hold, "hold"),
];

pub(crate) fn tone_code(tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => "neutral",
        Tone::Info => "info",
        Tone::Success => "success",
        Tone::Warning => "warning",
        Tone::Danger => "danger",
        Tone::Hold => "hold",
    }
}

pub(crate) fn tone(code: &str) -> Result<Tone, StoreError> {
    TONES.into_iter().find(|(_, word)| *word == code).map(|(tone, _)| tone).ok_or_else(|| unknown("tone", code))
}

const ACTIONS: [Action; 22] = [
    Action::Retry,
    Action::Skip,
    Action::EditAndRetry,
    Action::LookNow,
    Action::SignIn,
    Action::CancelInChannel,
    Action::VoidLabel,
    Action::ShipAnyway,
    Action::Release,
    Action::OpenChannel,
    Action::OpenHub,
    Action::Resolve,
    Action::MapSku,
    Action::Link,
    Action::CopyOrder,
    Action::WhoWrites,
    Action::Refund,
    Action::Approve,
    Action::Connect,
    Action::SwitchOn,
    Action::OpenTracking,
    Action::ChooseCustomer,
];

pub(crate) fn action_code(action: Action) -> &'static str {
    match action {
        Action::Retry => "retry",
        Action::Skip => "skip",
        Action::EditAndRetry => "edit_and_retry",
        Action::LookNow => "look_now",
        Action::SignIn => "sign_in",
        Action::CancelInChannel => "cancel_in_channel",
        Action::VoidLabel => "void_label",
        Action::ShipAnyway => "ship_anyway",
        Action::Release => "release",
        Action::OpenChannel => "open_channel",
        Action::OpenHub => "open_hub",
        Action::Resolve => "resolve",
        Action::MapSku => "map_sku",
        Action::Link => "link",
        Action::CopyOrder => "copy_order",
        Action::WhoWrites => "who_writes",
        Action::ChooseCustomer => "choose_customer",
        Action::Refund => "refund",
        Action::Approve => "approve",
        Action::Connect => "connect",
        Action::SwitchOn => "switch_on",
        Action::OpenTracking => "open_tracking",
    }
}

pub(crate) fn action(code: &str) -> Result<Action, StoreError> {
    ACTIONS.into_iter().find(|action| action_code(*action) == code).ok_or_else(|| unknown("action", code))
}

pub(crate) fn record_kind(code: &str) -> Result<RecordKind, StoreError> {
    RecordKind::ALL.into_iter().find(|kind| kind.code() == code).ok_or_else(|| unknown("kind of record", code))
}

/// Where a stage stands among all of them, as the column `stage_rank` says it.
pub(crate) fn stage_rank(stage: Stage) -> i64 {
    Stage::ALL.iter().take_while(|one| **one != stage).count() as i64
}

pub(crate) fn stage(code: &str) -> Result<Stage, StoreError> {
    Stage::from_code(code).ok_or_else(|| unknown("stage", code))
}

pub(crate) fn effect_state(code: &str) -> Result<EffectState, StoreError> {
    EffectState::from_code(code).ok_or_else(|| unknown("state", code))
}

pub(crate) fn intent_kind(code: &str) -> Result<IntentKind, StoreError> {
    IntentKind::from_code(code).ok_or_else(|| unknown("kind of effect", code))
}

pub(crate) fn mode(code: &str) -> Result<Mode, StoreError> {
    Mode::from_code(code).ok_or_else(|| unknown("mode", code))
}

pub(crate) fn cause(code: &str) -> Result<Cause, StoreError> {
    Cause::from_code(code).ok_or_else(|| unknown("cause", code))
}

/// Payment as one word; an unknown one keeps the channel's text behind a colon.
pub(crate) fn payment_code(payment: &Payment) -> std::borrow::Cow<'static, str> {
    match payment {
        Payment::Pending => "pending".into(),
        Payment::Authorized => "authorized".into(),
        Payment::PartiallyPaid => "partially_paid".into(),
        Payment::Paid => "paid".into(),
        Payment::PartiallyRefunded => "partially_refunded".into(),
        Payment::Refunded => "refunded".into(),
        Payment::Voided => "voided".into(),
        Payment::Expired => "expired".into(),
        Payment::Unknown(word) => format!("unknown:{word}").into(),
    }
}

fn unknown(what: &str, code: &str) -> StoreError {
    StoreError::unreadable(format!("read a {what}"), format!("\"{code}\" is not one this version knows"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_wire_and_come_back() {
        for (tone_value, word) in TONES {
            assert_eq!(serde_json::to_value(tone_value).unwrap(), word);
            assert_eq!(tone_code(tone_value), word);
            assert_eq!(tone(word).unwrap(), tone_value);
        }
        for value in ACTIONS {
            assert_eq!(serde_json::to_value(value).unwrap(), action_code(value));
            assert_eq!(action(action_code(value)).unwrap(), value);
        }
    }

    #[test]
    fn every_button_of_every_cause_can_be_stored() {
        for value in Cause::ALL.iter().flat_map(|cause| cause.actions()) {
            assert_eq!(action(action_code(*value)).unwrap(), *value);
        }
    }

    #[test]
    fn paid_in_the_schema_is_paid_in_the_model() {
        use Payment as P;
        let schema = include_str!("migrations/002_orders.sql");
        let known = [
            P::Pending,
            P::Authorized,
            P::PartiallyPaid,
            P::Paid,
            P::PartiallyRefunded,
            P::Refunded,
            P::Voided,
            P::Expired,
        ];
        let paid: Vec<_> = known.iter().filter(|p| p.is_paid()).map(|p| format!("'{}'", payment_code(p))).collect();
        assert!(schema.contains(&format!("payment IN ({})", paid.join(", "))));
    }
}
