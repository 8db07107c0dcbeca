//! I4 and I5: whom an answer is about, and tokens that nobody was given.

use std::collections::HashMap;

use super::Findings;
use super::index::{Index, violation};
use crate::history::{Kind, Operation};

/// I4: every user has one id, and no two have the same.
pub(super) fn answers_belong_to_the_asker(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    let mut owners: HashMap<&str, &Operation> = HashMap::new();
    for operations in index.by_user.values() {
        let mut own: Option<(&str, &Operation)> = None;
        for &operation in operations {
            let Some(id) = operation.seen().and_then(|seen| seen.user.as_deref()) else { continue };
            all.looked += 1;
            match own {
                Some((known, first)) if known != id => {
                    let text = "two answers to one user are about different people";
                    all.violations.push(violation(text, &[first, operation]));
                    continue;
                }
                Some(_) => {}
                None => own = Some((id, operation)),
            }
            let owner = owners.entry(id).or_insert(operation);
            if owner.user != operation.user {
                let text = "an answer is about another user";
                all.violations.push(violation(text, &[owner, operation]));
            }
        }
    }
    all
}

/// I5.
pub(super) fn counterfeits_are_refused(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    for operation in &index.history.operations {
        if let Kind::Forged(_) = operation.kind {
            all.looked += 1;
            if operation.is_ok() {
                let text = "a token that nobody was given was accepted";
                all.violations.push(violation(text, &[operation]));
            }
        }
    }
    all
}
