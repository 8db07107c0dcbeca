//! The checker against a simulated server: it blames no history that a correct server can make, and
//! finds whatever single thing is planted into one.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::simulated::story;
use super::{Invariant, planted};
use crate::generator::Random;
use crate::history::{Kind, Outcome};

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_history_of_a_correct_server_is_never_blamed(seed: u64, steps in 1u64..400) {
        let story = story(seed, steps);
        let report = story.report();
        prop_assert!(report.is_clean(), "{}", report);
    }

    #[test]
    fn whatever_is_planted_is_found(seed: u64) {
        let good = story(seed, 300);
        for (number, (invariant, plant)) in planted::ALL.iter().enumerate() {
            let mut bad = good.clone();
            if plant(&mut bad, &mut Random::new(seed)) {
                let report = bad.report();
                prop_assert!(!report.violations(*invariant).is_empty(), "{}: {}", number, report);
            }
        }
    }
}

#[test]
fn every_kind_of_violation_can_be_planted() {
    for (number, (invariant, plant)) in planted::ALL.iter().enumerate() {
        let planted = (0..20).filter(|seed| plant(&mut story(*seed, 300), &mut Random::new(*seed)));
        assert!(planted.count() >= 5, "{invariant:?}, number {number}, is hardly ever planted");
    }
}

#[test]
fn the_simulated_server_does_everything_with_every_outcome() {
    let mut seen: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for seed in 0..40 {
        for operation in story(seed, 300).history.operations {
            let name = format!("{:?}", operation.kind);
            let name = name.split([' ', '(']).next().unwrap_or_default().to_owned();
            let outcome = match operation.outcome {
                Outcome::Ok(_) => 0,
                Outcome::Fail(_) => 1,
                Outcome::Unknown(_) => 2,
            };
            seen.entry(name).or_default()[outcome] += 1;
            let may_fail = !matches!(operation.kind, Kind::Lock | Kind::Unlock);
            assert!(may_fail || outcome != 1);
        }
    }
    let rare: Vec<_> = seen
        .iter()
        .filter(|(name, counts)| {
            let never_ok = *name == "Forged";
            let never_refused = matches!(name.as_str(), "Lock" | "Unlock");
            (counts[0] < 10 && !never_ok) || (counts[1] < 10 && !never_refused) || counts[2] < 10
        })
        .collect();
    assert!(rare.is_empty() && seen.len() == 12, "{seen:?}");
}

#[test]
fn a_long_history_is_judged_in_good_time() {
    let story = story(1, 100_000);
    let begun = std::time::Instant::now();
    let report = story.report();
    assert!(report.is_clean(), "{report}");
    // Quadratic work over so many operations of three users takes minutes.
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(report.violations(Invariant::I16).is_empty());
}
