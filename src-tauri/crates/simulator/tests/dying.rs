//! The process dies in every single write of a small day, before the commit and after it: nothing is lost, nothing doubled, and
//! nobody is told anything that an undisturbed day would not tell.
#![allow(missing_docs, clippy::unwrap_used)]

use quayside_simulator::{SmallLife, small_life};
use quayside_store::Dying;

/// As in `weeks.rs`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Each test takes every so manieth write, so that as many run at once as the machine has cores. Together they take every
/// write; two of each moment run with all other tests, the rest take minutes and run with `make chaos`.
const SHARES: u64 = 8;

fn undisturbed() -> SmallLife {
    let calm = small_life(None).unwrap();
    assert!(calm.verdicts.is_clean() && !calm.died, "{calm:#?}");
    assert!(calm.made > 0 && calm.reported > 0 && calm.writes > 50, "nothing happened: {calm:#?}");
    calm
}

#[track_caller]
fn dies_in_every_write(moment: Dying, share: u64) {
    let calm = undisturbed();
    let mut deaths = 0;
    for write in (1 + share..=calm.writes).step_by(SHARES as usize) {
        let life = small_life(Some((write, moment))).unwrap();
        assert!(life.verdicts.is_clean(), "death in write {write}, {moment:?}: {life:#?}");
        assert_eq!((life.made, life.told), (calm.made, calm.told), "death in write {write}, {moment:?}: {life:#?}");
        deaths += u64::from(life.died);
    }
    assert!(deaths * SHARES * 2 > calm.writes, "it hardly ever died: {deaths} of {}", calm.writes);
}

macro_rules! dies {
    ($($name:ident $(#[$sparing:meta])? $moment:ident $share:literal),* $(,)?) => { $( #[test]
        $(#[$sparing])?
        fn $name() { dies_in_every_write(Dying::$moment, $share); } )* };
}

dies! {
    before_the_commit_of_every_write_1 Before 0,
    before_the_commit_of_every_write_2 Before 3,
    before_the_commit_of_every_write_3 #[ignore = "minutes: make chaos"] Before 1,
    before_the_commit_of_every_write_4 #[ignore = "minutes: make chaos"] Before 2,
    before_the_commit_of_every_write_5 #[ignore = "minutes: make chaos"] Before 4,
    before_the_commit_of_every_write_6 #[ignore = "minutes: make chaos"] Before 5,
    before_the_commit_of_every_write_7 #[ignore = "minutes: make chaos"] Before 6,
    before_the_commit_of_every_write_8 #[ignore = "minutes: make chaos"] Before 7,
    after_the_commit_of_every_write_1 After 0,
    after_the_commit_of_every_write_2 After 3,
    after_the_commit_of_every_write_3 #[ignore = "minutes: make chaos"] After 1,
    after_the_commit_of_every_write_4 #[ignore = "minutes: make chaos"] After 2,
    after_the_commit_of_every_write_5 #[ignore = "minutes: make chaos"] After 4,
    after_the_commit_of_every_write_6 #[ignore = "minutes: make chaos"] After 5,
    after_the_commit_of_every_write_7 #[ignore = "minutes: make chaos"] After 6,
    after_the_commit_of_every_write_8 #[ignore = "minutes: make chaos"] After 7,
}

#[test]
fn one_small_day_is_one_day() {
    assert_eq!(undisturbed(), undisturbed());
    let twice = [(); 2].map(|()| small_life(Some((40, Dying::After))).unwrap());
    assert_eq!(twice[0], twice[1]);
}
