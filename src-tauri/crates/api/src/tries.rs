//! What was tried for a change, and what the platform said to each try: the attempts as they were written down.
//!
//! What was understood of an answer stands here: the sentence, the platform's own words, the status and the name of the
//! request. The answer itself is kept for a while, too, and handed out on demand.

use crate::desk::Desk;
use crate::trouble::Answer;
use crate::view::{EffectTries, Trouble, TryView};
use quayside_connectors::heard::Tape;
use quayside_model::EffectId;
use quayside_store::{AttemptRow, Reader, StoreError};

/// Tries of one change that are shown; a change that waited for a limit all day has hundreds.
const SHOWN: usize = 20;

impl Desk {
    /// What the platform answered at one try of a change, exchange by exchange, as readable JSON.
    pub fn try_answer(&self, effect: EffectId, n: u32) -> Answer<String> {
        let kept = self.room()?.store.read(|r| r.answer(effect, n))?;
        kept.map(|text| Tape::readable(&text)).ok_or_else(|| {
            Trouble::gone(
                "No answer is kept for this try: none came, it was older than the settings keep, or personal data was taken out.",
            )
        })
    }
}

/// Of these changes, in their order; one that nobody tried yet is left out.
pub(crate) fn of(
    reader: &Reader<'_>,
    effects: impl IntoIterator<Item = EffectId>,
) -> Result<Vec<EffectTries>, StoreError> {
    let mut out = Vec::new();
    for effect in effects {
        let tries = reader.attempts_of(effect)?;
        if !tries.is_empty() {
            out.push(last(effect, tries));
        }
    }
    Ok(out)
}

fn last(effect: EffectId, tries: Vec<AttemptRow>) -> EffectTries {
    let left_out = tries.len().saturating_sub(SHOWN);
    EffectTries {
        effect,
        tries: tries.into_iter().skip(left_out).map(view).collect(),
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
    }
}

fn view(row: AttemptRow) -> TryView {
    let (sentence, said, status) =
        row.refusal.map_or((None, None, None), |refusal| (Some(refusal.sentence), refusal.said, refusal.status));
    TryView {
        n: row.n,
        at_ms: row.at_ms,
        took_ms: row.duration_ms,
        looked: row.looked,
        words: words(&row.outcome, row.looked).to_owned(),
        verdict: row.outcome,
        sentence,
        said,
        status,
        request_id: row.request_id,
        has_answer: row.has_answer,
    }
}

/// A verdict for people.
fn words(verdict: &str, looked: bool) -> &str {
    match (verdict, looked) {
        ("done", false) => "Done",
        ("already", false) => "Was so already",
        ("waits", false) => "Put off",
        ("refused", false) => "Refused",
        ("unknown", false) => "Outcome unknown",
        ("done" | "already", true) => "Looked up: it holds",
        ("waits", true) => "Looked up: not there",
        ("refused", true) => "Looked up: for a person to decide",
        ("unknown", true) => "Looked up: cannot be told yet",
        ("skipped", _) => "Given up",
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quayside_model::{Cause, Refusal};

    fn row(n: u32, outcome: &str, looked: bool, refusal: Option<Refusal>) -> AttemptRow {
        let request_id = Some(format!("req-{n}"));
        AttemptRow {
            effect_id: EffectId(7),
            n,
            at_ms: i64::from(n) * 1_000,
            duration_ms: 12,
            looked,
            outcome: outcome.to_owned(),
            refusal,
            request_id,
            has_answer: n == 2,
        }
    }

    #[test]
    fn each_verdict_has_its_words_and_a_look_others_than_a_try() {
        let every = ["done", "already", "waits", "refused", "unknown", "skipped"];
        let said: Vec<(&str, &str)> = every.iter().map(|word| (words(word, false), words(word, true))).collect();
        let expected = [
            ("Done", "Looked up: it holds"),
            ("Was so already", "Looked up: it holds"),
            ("Put off", "Looked up: not there"),
            ("Refused", "Looked up: for a person to decide"),
            ("Outcome unknown", "Looked up: cannot be told yet"),
            ("Given up", "Given up"),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_try_says_what_the_platform_said() {
        let refusal =
            Refusal { status: Some(422), ..Refusal::new(Cause::AddressRefused, "No such postcode.").said("nope") };
        let shown = view(row(2, "refused", false, Some(refusal)));
        assert_eq!((shown.n, shown.at_ms, shown.took_ms, shown.words.as_str()), (2, 2_000, 12, "Refused"));
        assert_eq!(
            (shown.sentence.as_deref(), shown.said.as_deref(), shown.status, shown.request_id.as_deref()),
            (Some("No such postcode."), Some("nope"), Some(422), Some("req-2"))
        );
        assert!(shown.has_answer && !view(row(3, "done", false, None)).has_answer);
    }

    #[test]
    fn of_many_tries_the_last_ones_are_shown_and_the_others_counted() {
        for (many, shown, left_out) in [(1, 1..=1, 0), (20, 1..=20, 0), (23, 4..=23, 3)] {
            let tries = last(EffectId(7), (1..=many).map(|n| row(n, "waits", false, None)).collect());
            assert_eq!(tries.tries.iter().map(|one| one.n).collect::<Vec<_>>(), shown.collect::<Vec<_>>());
            assert_eq!(tries.left_out, left_out);
        }
    }
}
