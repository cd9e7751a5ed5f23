//! From every error below to the one shape a screen acts on.
//!
//! A [`TroubleCode`] is chosen by what the person can do next, the sentence is
//! the error's own. Nothing is logged here: whoever handles the error logs it.

use crate::view::{Trouble, TroubleCode};
use quayside_model::{Cause, Refusal};

/// What every desk function gives.
pub type Answer<T> = Result<T, Trouble>;

impl Trouble {
    /// Something typed does not work.
    pub fn input(sentence: impl Into<String>) -> Self {
        Self { code: TroubleCode::Input, sentence: sentence.into(), field: None }
    }
    /// Something typed into this field does not work.
    pub fn field(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { code: TroubleCode::Input, sentence: sentence.into(), field: Some(field.into()) }
    }
    /// The thing is not there any more.
    pub fn gone(sentence: impl Into<String>) -> Self {
        Self { code: TroubleCode::Gone, sentence: sentence.into(), field: None }
    }
    /// The database or a file cannot be used.
    pub fn storage(sentence: impl Into<String>) -> Self {
        Self { code: TroubleCode::Storage, sentence: sentence.into(), field: None }
    }
    /// A fault of ours.
    pub fn internal(sentence: impl Into<String>) -> Self {
        Self { code: TroubleCode::Internal, sentence: sentence.into(), field: None }
    }
    /// The desk is still opening.
    pub fn opening() -> Self {
        Self {
            code: TroubleCode::Opening,
            sentence: "Quayside is still opening its database. This takes a moment; nothing is lost.".into(),
            field: None,
        }
    }
}

impl TroubleCode {
    /// Stable word, the same that serde writes.
    pub fn code(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Gone => "gone",
            Self::Keychain => "keychain",
            Self::Storage => "storage",
            Self::HeldElsewhere => "held_elsewhere",
            Self::Platform => "platform",
            Self::Opening => "opening",
            Self::Internal => "internal",
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Trouble {}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        let code = if refusal.cause == Cause::KeychainClosed { TroubleCode::Keychain } else { TroubleCode::Platform };
        // The door names the form field a wrong address came from; that one is the person's to mend.
        let field = (refusal.about.as_deref() == Some("base_url")).then(|| "base_url".to_owned());
        let code = if field.is_some() { TroubleCode::Input } else { code };
        Self { code, sentence: refusal.to_string(), field }
    }
}
