//! Why something did not work, in a form a screen can act on.

use crate::Cause;
use serde::{Deserialize, Serialize};
use specta::Type;

/// One failure: what it means, what the platform said, what a person can do.
///
/// The [`Cause`] chooses title, icon, tone and buttons (one table, `cause.rs`);
/// nobody matches on the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Refusal {
    /// What kind of thing went wrong.
    pub cause: Cause,
    /// First what happened, then what it means, then what to do. Plain, short, no blame.
    pub sentence: String,
    /// The platform's own words, quoted; no secrets, no personal data.
    pub said: Option<String>,
    /// The platform's name for the request.
    pub request_id: Option<String>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// What narrows the cause down, so that entries can be grouped: the SKU, the missing scope, the host.
    pub about: Option<String>,
}

impl Refusal {
    /// A failure with its sentence.
    pub fn new(cause: Cause, sentence: impl Into<String>) -> Self {
        Self { cause, sentence: sentence.into(), said: None, request_id: None, status: None, about: None }
    }
    /// With the platform's own words.
    #[must_use]
    pub fn said(mut self, words: impl Into<String>) -> Self {
        let words = words.into();
        self.said = (!words.trim().is_empty()).then_some(words);
        self
    }
    /// With the platform's request id.
    #[must_use]
    pub fn request(mut self, id: Option<String>) -> Self {
        self.request_id = id;
        self
    }
    /// With the HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
    /// With what it is about.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)?;
        if let Some(said) = &self.said {
            write!(f, " (\"{said}\")")?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
