//! Less and less of a failing seed, as long as it still fails: first the kinds of trouble, then the further platforms, then
//! orders and days.
//!
//! Each try is a whole life, so it is left to whoever asks for it. What fails in the end need not fail in the words it failed
//! with at first: one fault of the program may hide another.

use quayside_simulator::{Faults, KINDS, Kind, SimPlan};

/// Tries after which it is enough.
const TRIES: usize = 60;
/// Nobody wins anything by fewer.
const ORDERS_MIN: u32 = 5;

/// The smallest plan found that still `fails`, and how often it was tried.
pub fn shrink(plan: &SimPlan, mut fails: impl FnMut(&SimPlan) -> bool) -> (SimPlan, usize) {
    let mut tries = 0;
    let mut still = |plan: &SimPlan| {
        tries += 1;
        tries <= TRIES && fails(plan)
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
            let less = SimPlan { faults: Faults::of(&rest), ..least.clone() };
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
    (least, tries.min(TRIES))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
        };
        let guilty = Faults::parse("slow,hands").unwrap();
        let (least, tries) = shrink(&plan, |tried| {
            let has = |kind| !guilty.has(kind) || tried.faults.has(kind);
            KINDS.iter().all(|(_, kind)| has(*kind)) && tried.platforms.contains(&"amazon".into()) && tried.orders >= 20
        });
        let wanted = SimPlan { days: 1, orders: 25, faults: guilty, platforms: vec!["amazon".into()], ..plan };
        assert_eq!(least, wanted);
        assert!(tries <= TRIES, "{tries}");
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
        };
        assert_eq!(shrink(&plan, |_| false).0, plan);
    }
}
