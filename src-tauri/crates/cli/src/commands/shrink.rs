//! Less and less of a failing seed, as long as it still fails: first the kinds of trouble, then the further platforms, what
//! is played, orders and days, and last the single things that went wrong, by their numbers.
//!
//! Each try is a whole life, so it is left to whoever asks for it. What fails in the end need not fail in the words it failed
//! with at first: one fault of the program may hide another.

use quayside_simulator::{Faults, KINDS, Kind, Only, PLAYS, SimPlan};

/// Tries after which it is enough.
const TRIES: usize = 60;
/// And so many more for single things.
const SINGLE_TRIES: usize = 120;
/// Nobody wins anything by fewer.
const ORDERS_MIN: u32 = 5;

/// The smallest plan found that still fails, and how often it was tried. `fails`: how many things went wrong in a life that
/// failed; `None` of one that did not.
pub fn shrink(plan: &SimPlan, mut fails: impl FnMut(&SimPlan) -> Option<u32>) -> (SimPlan, usize) {
    let (mut tries, mut occurred) = (0, None);
    let mut still = |plan: &SimPlan| {
        tries += 1;
        let failed = if tries <= TRIES { fails(plan) } else { None };
        occurred = failed.or(occurred);
        failed.is_some()
    };
    let mut least = plan.clone();
    let mut kinds: Vec<Kind> = KINDS.iter().map(|(_, kind)| *kind).filter(|kind| least.faults.has(*kind)).collect();
    // Halves first, then quarters, down to single kinds.
    let mut at_once = kinds.len().div_ceil(2);
    while at_once > 0 {
        let mut from = 0;
        while from < kinds.len() {
            let rest: Vec<Kind> = kinds
                .iter()
                .enumerate()
                .filter(|(n, _)| !(from..from + at_once).contains(n))
                .map(|(_, k)| *k)
                .collect();
            let less = SimPlan { faults: Faults::of(&rest).only(least.faults.only), ..least.clone() };
            if still(&less) {
                (least, kinds) = (less, rest);
            } else {
                from += at_once;
            }
        }
        at_once /= 2;
    }
    for name in least.platforms.clone() {
        let platforms = least.platforms.iter().filter(|one| **one != name).cloned().collect();
        let less = SimPlan { platforms, ..least.clone() };
        if still(&less) {
            least = less;
        }
    }
    for (_, kind) in PLAYS {
        let less = SimPlan { plays: least.plays.without(kind), ..least.clone() };
        if less.plays != least.plays && still(&less) {
            least = less;
        }
    }
    while least.orders / 2 >= ORDERS_MIN {
        let less = SimPlan { orders: least.orders / 2, ..least.clone() };
        if !still(&less) {
            break;
        }
        least = less;
    }
    while least.days > 1 {
        let less = SimPlan { days: least.days / 2, ..least.clone() };
        if !still(&less) {
            break;
        }
        least = less;
    }
    let tries = tries.min(TRIES);
    // Nothing could be left out so far, so nobody has counted.
    let Some(occurred) = occurred.or_else(|| fails(&least)) else { return (least, tries) };
    let (least, singly) = fewer(least, occurred, &mut fails);
    (least, tries + singly)
}

/// Of so many things that went wrong only a run of them, and of that, if it is short, those without which it does not fail.
fn fewer(mut least: SimPlan, occurred: u32, fails: &mut impl FnMut(&SimPlan) -> Option<u32>) -> (SimPlan, usize) {
    let mut tries = 0;
    let mut still = |least: &mut SimPlan, only: Only| {
        let less = SimPlan { faults: least.faults.only(only), ..least.clone() };
        tries += 1;
        let failed = tries <= SINGLE_TRIES && fails(&less).is_some();
        if failed {
            *least = less;
        }
        failed
    };
    let given = least.faults.only;
    let mut only = Only { last: given.last.min(occurred.saturating_sub(1)).max(given.first), ..given };
    // From the end, then from the beginning: half of what is left, a quarter of it, down to one.
    for from_the_end in [true, false] {
        let mut step = (only.last.saturating_sub(only.first) / 2).max(1);
        while only.first < only.last {
            let step_now = step.min(only.last - only.first);
            let less = if from_the_end {
                Only { last: only.last - step_now, ..only }
            } else {
                Only { first: only.first + step_now, ..only }
            };
            if still(&mut least, less) {
                only = less;
            } else if step == 1 {
                break;
            } else {
                step /= 2;
            }
        }
    }
    if only.last - only.first < Only::BITS {
        for at in 0..=only.last - only.first {
            let less = Only { spared: only.spared | (1 << at), ..only };
            if still(&mut least, less) {
                only = less;
            }
        }
    }
    (least, tries.min(SINGLE_TRIES))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use quayside_simulator::{Play, Plays};

    #[test]
    fn what_has_no_part_in_it_is_left_out() {
        let plan = SimPlan {
            seed: 7,
            days: 7,
            orders: 100,
            faults: Faults::ALL,
            trouble: 0.0,
            poll_s: 600,
            platforms: vec!["amazon".into(), "orderez".into()],
            plays: Plays::of(&[Play::Returns, Play::Stock]),
        };
        let guilty = Faults::parse("slow,hands").unwrap();
        let (least, tries) = shrink(&plan, |tried| {
            let has = |kind| !guilty.has(kind) || tried.faults.has(kind);
            let fails = KINDS.iter().all(|(_, kind)| has(*kind))
                && tried.platforms.contains(&"amazon".into())
                && tried.orders >= 20
                && tried.plays.has(Play::Stock)
                && [41, 44].into_iter().all(|n| tried.faults.only.has(n));
            fails.then_some(500)
        });
        let (only, plays) = (Only { first: 41, last: 44, spared: 0b0110 }, Plays::of(&[Play::Stock]));
        let wanted =
            SimPlan { days: 1, orders: 25, faults: guilty.only(only), platforms: vec!["amazon".into()], plays, ..plan };
        assert_eq!(least, wanted);
        assert!(tries <= TRIES + SINGLE_TRIES, "{tries}");
    }

    #[test]
    fn of_a_single_thing_all_others_are_left_out() {
        let plan = SimPlan {
            seed: 7,
            days: 1,
            orders: 5,
            faults: Faults::parse("slow").unwrap(),
            trouble: 0.0,
            poll_s: 600,
            platforms: vec![],
            plays: Plays::NONE,
        };
        for guilty in [0, 1, 63, 64, 998, 999] {
            let (least, _) = shrink(&plan, |tried| {
                (tried.faults.has(Kind::Wire(quayside_sandbox::Fault::Slow)) && tried.faults.only.has(guilty))
                    .then_some(1_000)
            });
            assert_eq!(least.faults.only, Only { first: guilty, last: guilty, spared: 0 });
        }
    }

    #[test]
    fn what_fails_never_again_stays_whole() {
        let plan = SimPlan {
            seed: 7,
            days: 2,
            orders: 40,
            faults: Faults::WIRE_AND_DEATHS,
            trouble: 0.0,
            poll_s: 600,
            platforms: vec![],
            plays: Plays::NONE,
        };
        assert_eq!(shrink(&plan, |_| None).0, plan);
    }
}
