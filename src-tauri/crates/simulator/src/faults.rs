//! What goes wrong in a life, by kind, and of that which single things: so that a failing seed can be tried with less and
//! less of it.

use quayside_sandbox::{Fault, FaultPlan, Only};

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

/// A choice of kinds, and of the things of these kinds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    kinds: u32,
    /// Which of them, by their numbers in the run.
    pub only: Only,
}

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self { kinds: 0, only: Only::ALL };
    /// Everything does, sometimes.
    pub const ALL: Self = Self { kinds: (1 << KINDS.len()) - 1, ..Self::NONE };
    /// The wire in all its ways, and the process dies now and then: what seeds with a name were found with. The draws of these
    /// kinds come from a stream of chance that no other kind touches.
    pub const WIRE_AND_DEATHS: Self = Self { kinds: (1 << EARLIER) - 1, ..Self::NONE };

    /// These kinds.
    pub fn of(kinds: &[Kind]) -> Self {
        Self { kinds: kinds.iter().fold(0, |all, kind| all | bit(*kind)), ..Self::NONE }
    }

    /// Whether this kind is among them.
    pub fn has(self, kind: Kind) -> bool {
        self.kinds & bit(kind) != 0
    }

    /// The same kinds, and of what they bring only this.
    #[must_use]
    pub fn only(self, only: Only) -> Self {
        Self { only, ..self }
    }

    /// Nothing but the process dying.
    pub fn only_deaths(self) -> bool {
        self.kinds & !(bit(Kind::Death) | bit(Kind::StoreDeath)) == 0
    }

    /// `all` (the wire and deaths, as seeds were counted from the beginning), `worst` (every kind there is), `none`, or words
    /// of [`KINDS`] with commas; the word nobody knows otherwise. Behind an `@` which of the things they bring: `@120..133`,
    /// and `@120..133!121!125` without two of them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kinds, only) = match text.split_once('@') {
            Some((kinds, only)) => (kinds, which(only).ok_or_else(|| format!("@{only}"))?),
            None => (text, Only::ALL),
        };
        match kinds.trim() {
            "all" | "early" => return Ok(Self::WIRE_AND_DEATHS.only(only)),
            "none" => return Ok(Self::NONE.only(only)),
            "worst" => return Ok(Self::ALL.only(only)),
            _ => {}
        }
        let mut faults = Self::NONE.only(only);
        for word in kinds.split(',').map(str::trim) {
            let known = KINDS.iter().find(|(name, _)| *name == word);
            let (_, kind) = known.ok_or_else(|| word.to_owned())?;
            faults.kinds |= bit(*kind);
        }
        Ok(faults)
    }

    /// The words that [`Self::parse`] reads as these.
    pub fn words(self) -> String {
        let kinds = match self.only(Only::ALL) {
            Self::ALL => "worst".to_owned(),
            Self::NONE => "none".to_owned(),
            Self::WIRE_AND_DEATHS => "all".to_owned(),
            _ => {
                let words = KINDS.iter().filter(|(_, kind)| self.has(*kind)).map(|(name, _)| *name);
                words.collect::<Vec<_>>().join(",")
            }
        };
        if self.only == Only::ALL {
            return kinds;
        }
        let Only { first, last, spared } = self.only;
        let mut words = format!("{kinds}@{first}..{last}");
        for at in (0..Only::BITS).filter(|at| (spared >> at) & 1 == 1) {
            words.push('!');
            words.push_str(&first.saturating_add(at).to_string());
        }
        words
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

/// `120..133!121!125`.
fn which(text: &str) -> Option<Only> {
    let mut parts = text.trim().split('!');
    let (first, last) = parts.next()?.split_once("..")?;
    let mut only = Only { first: first.trim().parse().ok()?, last: last.trim().parse().ok()?, spared: 0 };
    for spared in parts {
        let at = spared.trim().parse::<u32>().ok()?.checked_sub(only.first).filter(|at| *at < Only::BITS)?;
        only.spared |= 1 << at;
    }
    Some(only)
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
        for text in ["all", "none", "worst", "slow,death,hands", "worst@3..9", "slow,death@120..133!121!125"] {
            assert_eq!(Faults::parse(text).unwrap().words(), text);
        }
        assert_eq!(Faults::parse("slow, earthquake").unwrap_err(), "earthquake");
        for wrong in ["slow@", "slow@3", "slow@3..x", "slow@3..9!2", "slow@3..900!99"] {
            assert!(Faults::parse(wrong).unwrap_err().starts_with('@'), "{wrong}");
        }
        let only = Faults::parse("slow,death@120..133!121").unwrap();
        assert!(only.has(Kind::Death) && only.only.has(120) && !only.only.has(121) && !only.only.has(134));
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
