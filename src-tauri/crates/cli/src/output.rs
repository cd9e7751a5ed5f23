//! What a command gives back: one JSON document, or a text for people. Never both on one stream.
//!
//! Exit codes are part of the contract (docs/cli.md): scripts act on them, so a
//! code changes its meaning never.

use quayside_api::view::{Trouble, TroubleCode};
use serde_json::{Value, json};

/// A command that worked.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// For `--json`.
    pub json: Value,
    /// For people.
    pub text: String,
    /// 0, or [`UNFINISHED`] when it worked but something is left for a person.
    pub exit: u8,
}

/// A command that did not.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Stable word.
    pub code: &'static str,
    /// What happened, what it means, what to do.
    pub sentence: String,
    /// Field of a form it is about.
    pub field: Option<String>,
    /// More for programs (a checklist).
    pub detail: Option<Value>,
    /// Exit code.
    pub exit: u8,
}

/// What was typed is not a command.
pub const USAGE: u8 = 2;
/// Worked, but some of it did not, or did not end in time.
pub const UNFINISHED: u8 = 10;
/// Ended by Ctrl-C; everything begun was ended properly.
pub const INTERRUPTED: u8 = 130;

impl Output {
    /// Plain success.
    pub fn new(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), exit: 0 }
    }
    /// With another exit code.
    #[must_use]
    pub fn exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }
}

impl Failure {
    /// What was typed does not work.
    pub fn input(sentence: impl Into<String>) -> Self {
        Trouble::input(sentence).into()
    }
    /// What was typed is not a command.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { code: "usage", sentence: sentence.into(), field: None, detail: None, exit: USAGE }
    }
    /// With more for programs.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(detail);
        self
    }
    /// As the one document of `--json`.
    pub fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "sentence": self.sentence });
        if let Some(field) = &self.field {
            error["field"] = json!(field);
        }
        if let Some(detail) = &self.detail {
            error["detail"] = detail.clone();
        }
        json!({ "error": error })
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let exit = match trouble.code {
            TroubleCode::Internal | TroubleCode::Opening => 1,
            TroubleCode::Input => 3,
            TroubleCode::Gone => 4,
            TroubleCode::Keychain => 5,
            TroubleCode::Storage => 6,
            TroubleCode::HeldElsewhere => 7,
            TroubleCode::Platform => 8,
        };
        Self { code: trouble.code.code(), sentence: trouble.sentence, field: trouble.field, detail: None, exit }
    }
}

/// What a command ends with.
pub type Outcome = Result<Output, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_exit_code() {
        let codes = [
            TroubleCode::Input,
            TroubleCode::Gone,
            TroubleCode::Keychain,
            TroubleCode::Storage,
            TroubleCode::HeldElsewhere,
            TroubleCode::Platform,
            TroubleCode::Internal,
        ];
        let exits: std::collections::BTreeSet<u8> = codes
            .into_iter()
            .map(|code| Failure::from(Trouble { code, sentence: String::new(), field: None }).exit)
            .collect();
        assert_eq!(exits.len(), codes.len());
        assert!(!exits.contains(&0) && !exits.contains(&USAGE) && !exits.contains(&UNFINISHED));
    }

    #[test]
    fn a_failure_is_one_document() {
        let failure = Failure::from(Trouble::field("shop", "That is the storefront."));
        assert_eq!(
            failure.json().to_string(),
            r#"{"error":{"code":"input","field":"shop","sentence":"That is the storefront."}}"#
        );
    }
}
