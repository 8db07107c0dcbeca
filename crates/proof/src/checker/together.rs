//! I6: one token, sent to several processes at once, gets one class of answer. Only an end that was
//! asked for before the last of the answers came may divide them.

use std::collections::BTreeMap;

use super::Findings;
use super::index::{Index, violation};
use crate::history::{Kind, Nanos, Operation};

pub(super) fn answers_agree(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    for operations in index.by_user.values() {
        let mut groups: BTreeMap<u64, Vec<&Operation>> = BTreeMap::new();
        for &operation in operations {
            if let Kind::Read { together: Some(group) } = operation.kind {
                groups.entry(group).or_default().push(operation);
            }
        }
        if groups.is_empty() {
            continue;
        }
        let ends = Ends::of(operations);
        for group in groups.into_values().filter(|group| group.len() > 1) {
            all.looked += 1;
            let accepted = group.iter().find(|operation| operation.is_ok());
            let refused = group.iter().find(|operation| operation.is_refused());
            if let (Some(accepted), Some(refused)) = (accepted, refused)
                && !ends.any_during(&group)
            {
                let text = "one token was accepted and refused at once";
                all.violations.push(violation(text, &[accepted, refused]));
            }
        }
    }
    all
}

/// Whatever may have ended a session of this user: when it began, and until when it can take effect.
struct Ends(Vec<(Nanos, Nanos)>);

impl Ends {
    fn of(operations: &[&Operation]) -> Self {
        let mut ends: Vec<_> = operations
            .iter()
            .filter(|operation| {
                matches!(
                    operation.kind,
                    Kind::Logout
                        | Kind::LogoutAll
                        | Kind::EndSession { .. }
                        | Kind::PasswordChange { .. }
                        | Kind::Lock
                )
            })
            .filter(|operation| operation.is_ok() || operation.is_unknown())
            .map(|operation| (operation.invoke, operation.effective()))
            .collect();
        ends.sort_unstable();
        let latest = ends.iter().scan(Nanos(0), |latest, (begun, over)| {
            *latest = (*latest).max(*over);
            Some((*begun, *latest))
        });
        Self(latest.collect())
    }

    fn any_during(&self, group: &[&Operation]) -> bool {
        let from = group.iter().map(|operation| operation.invoke).min().unwrap_or_default();
        let to = group.iter().map(|operation| operation.ret).max().unwrap_or_default();
        let begun = self.0.partition_point(|(begun, _)| *begun <= to);
        begun.checked_sub(1).is_some_and(|last| self.0[last].1 >= from)
    }
}
