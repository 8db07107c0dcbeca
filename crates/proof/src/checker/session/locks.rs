//! While an account is locked nobody signs in to it.

use crate::checker::Findings;
use crate::checker::index::{opened, violation};
use crate::history::{Kind, Nanos, Operation};

/// A login is wrong if a lock was acknowledged before it began and no unlocking can have come between.
pub(super) fn nobody_signs_in_while_locked(operations: &[&Operation], all: &mut Findings) {
    let of = |kind: &Kind| -> Vec<&Operation> {
        operations.iter().copied().filter(|operation| operation.kind == *kind).collect()
    };
    let mut locks = of(&Kind::Lock);
    locks.retain(|lock| lock.is_ok());
    if locks.is_empty() {
        return;
    }
    locks.sort_by_key(|lock| lock.ret);
    let mut unlocks = of(&Kind::Unlock);
    unlocks.retain(|unlock| unlock.is_ok() || unlock.is_unknown());
    unlocks.sort_by_key(|unlock| unlock.invoke);
    let latest_effects = running_maximum(unlocks.iter().map(|unlock| unlock.effective()));
    let latest_locks = running_latest(&locks);
    for login in operations.iter().filter(|operation| opened(operation).is_some()) {
        let before = locks.partition_point(|lock| lock.ret < login.invoke);
        let Some(lock) = before.checked_sub(1).map(|last| latest_locks[last]) else { continue };
        all.looked += 1;
        let begun = unlocks.partition_point(|unlock| unlock.invoke <= login.ret);
        let unlocked = begun.checked_sub(1).is_some_and(|last| latest_effects[last] >= lock.invoke);
        if !unlocked {
            let text = "somebody signed in to a locked account";
            all.violations.push(violation(text, &[lock, login]));
        }
    }
}

fn running_maximum(values: impl Iterator<Item = Nanos>) -> Vec<Nanos> {
    values
        .scan(Nanos(0), |most, value| {
            *most = value.max(*most);
            Some(*most)
        })
        .collect()
}

/// Of the locks up to each one, that which was asked for last.
fn running_latest<'a>(locks: &[&'a Operation]) -> Vec<&'a Operation> {
    locks
        .iter()
        .scan(None, |latest: &mut Option<&'a Operation>, lock| {
            let newer = latest.is_none_or(|latest| lock.invoke > latest.invoke);
            if newer {
                *latest = Some(lock);
            }
            *latest
        })
        .collect()
}
