//! I10: how many wrong passwords an account lets through, by all processes together.
//!
//! A burst of `count` is free, then one every `step`. The k-th attempt to be judged lies between the
//! k-th smallest invocation and the k-th smallest return, whichever attempt it was; so of any i to j in
//! that order at most `count + span ÷ step` can be, and one pass over both orders finds the worst.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Findings;
use super::index::{Index, violation};
use crate::history::{Kind, Operation, Outcome, Refusal};

/// What a limit such as `10/15m` allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceiling {
    /// Attempts at once.
    pub count: u32,
    /// The time in which as many are given back.
    pub period: Duration,
}

pub(super) fn ceiling_holds(index: &Index<'_>, ceiling: Ceiling) -> Findings {
    let mut all = Findings::new();
    let step = ceiling.period.as_nanos() / u128::from(ceiling.count.max(1));
    let burst = i128::try_from(step * u128::from(ceiling.count)).unwrap_or(i128::MAX);
    let step = i128::try_from(step).unwrap_or(i128::MAX);
    for operations in index.by_user.values() {
        let judged: Vec<_> =
            operations.iter().copied().filter(|operation| is_wrong_password(operation)).collect();
        all.looked += u64::from(!judged.is_empty());
        if let Some((first, last, count)) = worst(&judged, step, burst) {
            let text = format!(
                "{count} wrong passwords were looked at where {}/{:?} allows fewer",
                ceiling.count, ceiling.period
            );
            all.violations.push(violation(&text, &[first, last]));
        }
    }
    all
}

fn is_wrong_password(operation: &Operation) -> bool {
    matches!(operation.kind, Kind::Login { .. } | Kind::PasswordChange { .. })
        && operation.outcome == Outcome::Fail(Refusal::Password)
}

fn worst<'a>(
    judged: &[&'a Operation],
    step: i128,
    burst: i128,
) -> Option<(&'a Operation, &'a Operation, usize)> {
    let (mut begun, mut ended) = (judged.to_vec(), judged.to_vec());
    begun.sort_by_key(|operation| operation.invoke);
    ended.sort_by_key(|operation| operation.ret);
    let mut best: Option<(i128, usize)> = None;
    for (j, last) in ended.iter().enumerate() {
        let place = i128::try_from(j).unwrap_or(i128::MAX);
        let here = i128::from(begun[j].invoke.0) - place * step;
        if best.is_none_or(|(most, _)| here > most) {
            best = Some((here, j));
        }
        if let Some((most, i)) = best
            && (place + 1) * step - i128::from(last.ret.0) + most > burst
        {
            return Some((begun[i], last, j + 1 - i));
        }
    }
    None
}
