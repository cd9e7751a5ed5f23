//! The ways a message leaves for people and for other programs: mail, Slack, a webhook of the merchant's own.
//!
//! Each takes what is to be said ready made, brings it there once and says in a sentence how that went; when it is tried
//! again is decided by who asked. HTTP goes through the one [`crate::Door`]; mail has a way of its own (`mail.rs`), with
//! the same TLS and the same care for secrets.
//!
//! Left out: what the message says, where its secret is kept, and any clock but the door's.

pub mod mail;
pub mod slack;
pub mod webhook;

use crate::{DoorError, redact::Unspoken};
use quayside_model::{Cause, Refusal};

/// Why a message is not there, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// It certainly is not: another try doubles nothing.
    NotThere(Refusal),
    /// It left, and nobody said whether it arrived.
    Unsure(Refusal),
}

impl Undelivered {
    /// What went wrong.
    pub fn refusal(&self) -> &Refusal {
        match self {
            Self::NotThere(refusal) | Self::Unsure(refusal) => refusal,
        }
    }
}

/// What came of a request; `unsure` says what a lost answer means here.
fn undelivered(error: DoorError, unsure: &str) -> Undelivered {
    match error {
        DoorError::Lost(refusal) if refusal.cause == Cause::Offline => {
            Undelivered::Unsure(Refusal { sentence: unsure.to_owned(), ..refusal })
        }
        // A page, a redirect or a proxy answered: somebody did, and it was not who the message is for.
        DoorError::NotSent(refusal) | DoorError::Refused(refusal) | DoorError::Lost(refusal) => {
            Undelivered::NotThere(refusal)
        }
    }
}

/// The words of who refused, fit to be shown.
fn said(refusal: Refusal, unspoken: &Unspoken, words: &str) -> Refusal {
    refusal.said(unspoken.quotable(words))
}
