//! Texts cut to what ShipStation takes, and the cut told.
//!
//! Documented limits: numbers and keys 50 characters, custom fields 100 (V2).
//! V1 documents none for notes; ours keep an order from being refused for a
//! novel in its note field, and nothing is cut silently.

/// Order numbers, keys (V2 cuts keys there without a word).
pub(super) const NUMBER_MAX: usize = 50;
/// Custom fields.
pub(super) const CUSTOM_FIELD_MAX: usize = 100;
/// Notes and gift messages. Ours: no limit is documented.
pub(super) const NOTE_MAX: usize = 2_000;
/// Names of things and people. Ours.
pub(super) const NAME_MAX: usize = 200;

/// What stands at the end of a cut text.
const MARK: char = '…';

/// Cuts texts and remembers which.
#[derive(Debug, Default)]
pub(super) struct Scissors {
    cut: Vec<String>,
}

impl Scissors {
    /// `text` in at most `max` characters, never through the middle of one; `what` names it for the note.
    /// Characters no platform stores (NUL and other controls) are left out; line breaks stay.
    pub(super) fn cut(&mut self, what: &str, text: &str, max: usize) -> String {
        let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        let clean = clean.trim();
        if clean.chars().count() <= max {
            return clean.to_owned();
        }
        self.cut.push(format!("{what} was cut to {max} characters"));
        let mut short: String = clean.chars().take(max.saturating_sub(1)).collect();
        short.push(MARK);
        short
    }

    /// Tells of something that has no place there at all.
    pub(super) fn left_out(&mut self, what: String) {
        self.cut.push(what);
    }

    /// What was cut, for the receipt; `None` if nothing was.
    pub(super) fn note(&self) -> Option<String> {
        (!self.cut.is_empty()).then(|| self.cut.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_told_and_never_splits_a_character() {
        let mut scissors = Scissors::default();
        assert_eq!(scissors.cut("The note", " fine \u{0} ", 10), "fine");
        assert_eq!(scissors.note(), None);
        let cut = scissors.cut("The note", &"🎁".repeat(5_000), NOTE_MAX);
        assert_eq!(cut.chars().count(), NOTE_MAX);
        assert!(cut.ends_with('…'));
        assert_eq!(scissors.note().as_deref(), Some("The note was cut to 2000 characters"));
    }
}
