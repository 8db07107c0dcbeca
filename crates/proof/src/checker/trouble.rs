//! I7: no 5xx and no broken answer outside the time of a fault; within it only 503 that says when to try
//! again, before the deadline. What a balancer says for a process that broke off (502) or never answered
//! (504) is no answer of that process, but what a broken connection looks like from behind a balancer.

use std::time::Duration;

use super::index::violation;
use super::{Fault, Findings};
use crate::history::{History, Nanos, Operation, Outcome, Trouble};

pub(super) fn only_during_faults(
    history: &History,
    faults: &[Fault],
    deadline: Option<Duration>,
) -> Findings {
    let mut faults = faults.to_vec();
    faults.sort_by_key(|fault| fault.from);
    let mut latest = Nanos(0);
    for fault in &mut faults {
        latest = latest.max(fault.to);
        fault.to = latest;
    }
    let disturbed = |operation: &Operation| {
        let begun = faults.partition_point(|fault| fault.from <= operation.ret);
        begun.checked_sub(1).is_some_and(|last| faults[last].to >= operation.invoke)
    };
    let mut all = Findings::new();
    for operation in &history.operations {
        all.looked += 1;
        if let Some(text) = wrong(operation, disturbed(operation), deadline) {
            all.violations.push(violation(text, &[operation]));
        }
    }
    all
}

fn wrong(
    operation: &Operation,
    disturbed: bool,
    deadline: Option<Duration>,
) -> Option<&'static str> {
    match &operation.outcome {
        Outcome::Unknown(_) if !disturbed => Some("an error without a fault"),
        Outcome::Unknown(Trouble::Status { status: 503, retry_after: true }) => {
            let late = deadline.is_some_and(|most| operation.ret.since(operation.invoke) > most);
            late.then_some("an error that came after the deadline")
        }
        Outcome::Unknown(Trouble::Status { status: 502 | 504, .. })
            if operation.process.is_none() =>
        {
            None
        }
        Outcome::Unknown(Trouble::Status { .. }) => {
            Some("an error other than 503 with Retry-After during a fault")
        }
        Outcome::Unknown(Trouble::Nonsense(_)) => Some("an answer without what it must hold"),
        Outcome::Unknown(_) | Outcome::Ok(_) | Outcome::Fail(_) => None,
    }
}
