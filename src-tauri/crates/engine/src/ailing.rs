//! Who in the engine cannot use the store just now, and whom that is told to.
//!
//! A store that cannot be written (full disk, folder without rights, another
//! program's lock) stops everything quietly: no row can say so. So it is kept in
//! memory, per worker, since one lane that still reads says nothing about
//! another that cannot write.

use crate::engine::locked;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Hears the first sentence while there is one, `None` when all is well again.
pub(crate) type Hearer = Arc<dyn Fn(Option<&str>) + Send + Sync>;

/// See the module.
#[derive(Default)]
pub(crate) struct Ailing {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    of: BTreeMap<String, String>,
    hearer: Option<Hearer>,
}

impl Ailing {
    /// The sentence a person sees: one at a time, they have one cause nearly always.
    pub fn now(&self) -> Option<String> {
        first(&locked(&self.state).of)
    }

    /// `worker` cannot use the store, or can again. Whoever listens hears of a change only.
    pub fn note(&self, worker: &str, sentence: Option<String>) {
        let (before, now, hearer) = {
            let mut state = locked(&self.state);
            let before = first(&state.of);
            match sentence {
                Some(sentence) => state.of.insert(worker.to_owned(), sentence),
                None => state.of.remove(worker),
            };
            (before, first(&state.of), state.hearer.clone())
        };
        // Without the lock: the hearer may ask back.
        if before != now
            && let Some(hearer) = hearer
        {
            hearer(now.as_deref());
        }
    }

    /// Sets who hears; at once if there is something to hear.
    pub fn heard_by(&self, hearer: &Hearer) {
        let now = {
            let mut state = locked(&self.state);
            state.hearer = Some(hearer.clone());
            first(&state.of)
        };
        if now.is_some() {
            hearer(now.as_deref());
        }
    }
}

fn first(of: &BTreeMap<String, String>) -> Option<String> {
    of.values().next().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_workers_recovery_does_not_hide_anothers_trouble() {
        let (ailing, heard) = (Ailing::default(), Arc::new(Mutex::new(Vec::new())));
        ailing.note("lane:a", Some("The disk is full.".into()));
        let ears = heard.clone();
        let hearer: Hearer = Arc::new(move |said: Option<&str>| locked(&ears).push(said.map(str::to_owned)));
        ailing.heard_by(&hearer);
        for (worker, says) in [
            ("decider", Some("The disk is full.")),
            ("lane:a", Some("The disk is full.")),
            ("lane:a", None),
            ("supervisor", None),
        ] {
            ailing.note(worker, says.map(str::to_owned));
        }
        assert_eq!(ailing.now().as_deref(), Some("The disk is full."));
        ailing.note("decider", None);
        assert_eq!(ailing.now(), None);
        // Told when somebody began to listen, and at the end; nothing in between was news.
        assert_eq!(*locked(&heard), [Some("The disk is full.".to_owned()), None]);
    }
}
