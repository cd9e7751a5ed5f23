//! What goes wrong in a life, by kind: so that a failing seed can be tried with less and less of it.

use quayside_sandbox::{Fault, FaultPlan};

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An exchange fails so, now and then.
    Wire(Fault),
    /// The process dies while it waits.
    Death,
    /// The process dies in a write to the store, before or after the commit.
    StoreDeath,
    /// The store does not take what is to be written, or takes it and says it did not.
    StoreError,
    /// One account is in trouble for minutes or hours.
    Spell,
    /// One account refuses its credential until a person signs in again.
    Revoked,
    /// Somebody moves the hands of the computer's clock.
    Hands,
    /// The days around a night in which clocks change, another one by seed. (Seeds up to 50 keep the days they always had.)
    Night,
    /// In a third of the seeds another tool uses the hub's key, too.
    OtherTool,
}

/// Every kind and its word. New ones go to the end.
pub const KINDS: [(&str, Kind); 23] = [
    ("throttled", Kind::Wire(Fault::Throttled)),
    ("server_error", Kind::Wire(Fault::ServerError)),
    ("server_error_after_commit", Kind::Wire(Fault::ServerErrorAfterCommit)),
    ("lost_before_commit", Kind::Wire(Fault::LostBeforeCommit)),
    ("lost_after_commit", Kind::Wire(Fault::LostAfterCommit)),
    ("slow", Kind::Wire(Fault::Slow)),
    ("truncated", Kind::Wire(Fault::Truncated)),
    ("html", Kind::Wire(Fault::Html)),
    ("html403", Kind::Wire(Fault::Html403)),
    ("html404", Kind::Wire(Fault::Html404)),
    ("duplicate_page", Kind::Wire(Fault::DuplicatePage)),
    ("reordered_page", Kind::Wire(Fault::ReorderedPage)),
    ("late_index", Kind::Wire(Fault::LateIndex)),
    ("expired_token", Kind::Wire(Fault::ExpiredToken)),
    ("forgotten", Kind::Wire(Fault::Forgotten)),
    ("death", Kind::Death),
    ("store_death", Kind::StoreDeath),
    ("store_error", Kind::StoreError),
    ("spell", Kind::Spell),
    ("revoked", Kind::Revoked),
    ("hands", Kind::Hands),
    ("night", Kind::Night),
    ("other_tool", Kind::OtherTool),
];

/// How many of [`KINDS`] are in [`Faults::WIRE_AND_DEATHS`].
const EARLIER: u32 = 16;

/// A choice of kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults(u32);

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self(0);
    /// Everything does, sometimes.
    pub const ALL: Self = Self((1 << KINDS.len()) - 1);
    /// The wire in all its ways, and the process dies now and then: what seeds with a name were found with. The draws of these
    /// kinds come from a stream of chance that no other kind touches.
    pub const WIRE_AND_DEATHS: Self = Self((1 << EARLIER) - 1);

    /// These kinds.
    pub fn of(kinds: &[Kind]) -> Self {
        Self(kinds.iter().fold(0, |all, kind| all | bit(*kind)))
    }

    /// Whether this kind is among them.
    pub fn has(self, kind: Kind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Nothing but the process dying.
    pub fn only_deaths(self) -> bool {
        self.0 & !(bit(Kind::Death) | bit(Kind::StoreDeath)) == 0
    }

    /// `all` (the wire and deaths, as seeds were counted from the beginning), `worst` (every kind there is), `none`, or words
    /// of [`KINDS`] with commas; the word nobody knows otherwise.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim() {
            "all" | "early" => return Ok(Self::WIRE_AND_DEATHS),
            "none" => return Ok(Self::NONE),
            "worst" => return Ok(Self::ALL),
            _ => {}
        }
        let mut faults = Self::NONE;
        for word in text.split(',').map(str::trim) {
            let known = KINDS.iter().find(|(name, _)| *name == word);
            let (_, kind) = known.ok_or_else(|| word.to_owned())?;
            faults.0 |= bit(*kind);
        }
        Ok(faults)
    }

    /// The words that [`Self::parse`] reads as these.
    pub fn words(self) -> String {
        match self {
            Self::ALL => return "worst".to_owned(),
            Self::NONE => return "none".to_owned(),
            Self::WIRE_AND_DEATHS => return "all".to_owned(),
            Self(_) => {}
        }
        let words: Vec<&str> = KINDS.iter().filter(|(_, kind)| self.has(*kind)).map(|(name, _)| *name).collect();
        words.join(",")
    }

    /// What goes wrong on the wire: 3 % of all exchanges if every way is chosen.
    pub(crate) fn on_the_wire(self) -> FaultPlan {
        let mut plan = FaultPlan::all(0.03);
        // Rare, and worst: said to be done, and forgotten.
        plan.chances.push((Fault::Forgotten, 0.004));
        plan.chances.retain(|(fault, _)| self.has(Kind::Wire(*fault)));
        plan
    }
}

fn bit(kind: Kind) -> u32 {
    KINDS.iter().position(|(_, one)| *one == kind).map_or(0, |at| 1 << at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_and_choices_are_each_others() {
        for (word, kind) in KINDS {
            let faults = Faults::parse(word).unwrap();
            assert_eq!((faults, faults.words().as_str()), (Faults::of(&[kind]), word));
            assert!(faults.has(kind) && Faults::ALL.has(kind) && !Faults::NONE.has(kind), "{word}");
        }
        for text in ["all", "none", "worst", "slow,death,hands"] {
            assert_eq!(Faults::parse(text).unwrap().words(), text);
        }
        assert_eq!(Faults::parse("slow, earthquake").unwrap_err(), "earthquake");
    }

    #[test]
    fn what_named_seeds_were_found_with_stays_as_it_was() {
        let earlier = Faults::WIRE_AND_DEATHS;
        assert!(earlier.has(Kind::Death) && !earlier.has(Kind::StoreDeath) && !earlier.has(Kind::Night));
        let mut plan = FaultPlan::all(0.03);
        plan.chances.push((Fault::Forgotten, 0.004));
        assert_eq!(earlier.on_the_wire(), plan);
        assert_eq!(Faults::NONE.on_the_wire(), FaultPlan::none());
    }

    #[test]
    fn deaths_alone_are_told_from_the_rest() {
        let cases =
            [("none", true), ("death", true), ("death,store_death", true), ("death,slow", false), ("all", false)];
        for (text, only) in cases {
            assert_eq!(Faults::parse(text).unwrap().only_deaths(), only, "{text}");
        }
    }
}
