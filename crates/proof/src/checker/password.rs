//! I8: the lives of passwords. Born by a registration or a change, replaced by the next change. None is
//! ever used a second time, so the old one never works again and the new one works until it is old.

use std::collections::BTreeMap;

use super::Findings;
use super::index::{Index, violation};
use super::life::{Contradiction, End, Life};
use crate::history::{Kind, Operation, Outcome, PasswordNo, Refusal};

pub(super) fn old_and_new(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    for operations in index.by_user.values() {
        for life in lives(operations).values() {
            all.looked += life.uses();
            // One violation a password: what follows from it is the same mistake again.
            all.violations.extend(life.contradictions().into_iter().take(1).map(
                |found| match found {
                    Contradiction::Early { used } => match life.birth {
                        Some(birth) => {
                            violation("a password worked before it was set", &[birth, used])
                        }
                        None => violation("a password worked that was never set", &[used]),
                    },
                    Contradiction::Lost { refused, born } => {
                        violation("the right password was refused", &[born, refused])
                    }
                    Contradiction::Outlived { used, end } => violation(
                        "an old password worked after the change was acknowledged",
                        &[end, used],
                    ),
                    Contradiction::Revived { refused, used } => violation(
                        "a password worked again after it had been refused",
                        &[refused, used],
                    ),
                },
            ));
        }
    }
    all
}

fn lives<'a>(operations: &[&'a Operation]) -> BTreeMap<PasswordNo, Life<'a>> {
    let mut lives: BTreeMap<PasswordNo, Life<'a>> = BTreeMap::new();
    for &operation in operations {
        let done = operation.is_ok() || operation.is_unknown();
        let tried = match &operation.kind {
            Kind::Register { password, .. } if done => {
                lives.entry(*password).or_default().birth = Some(operation);
                None
            }
            Kind::Login { password } => Some(*password),
            Kind::PasswordChange { old, new } => {
                if done {
                    lives.entry(*new).or_default().birth = Some(operation);
                    let end = End { by: operation, effective: operation.effective() };
                    lives.entry(*old).or_default().ends(end);
                }
                Some(*old)
            }
            _ => None,
        };
        let Some(life) = tried.map(|password| lives.entry(password).or_default()) else { continue };
        match operation.outcome {
            Outcome::Ok(_) | Outcome::Fail(Refusal::Locked) => life.found_live(operation),
            Outcome::Fail(Refusal::Password) => life.found_absent(operation),
            Outcome::Fail(_) | Outcome::Unknown(_) => {}
        }
    }
    lives
}
