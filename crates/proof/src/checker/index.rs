//! A history sorted once by what the checks ask for.

use std::collections::{BTreeMap, HashMap};

use super::Violation;
use crate::history::{History, Kind, Operation, SessionNo, UserNo};

pub(super) struct Index<'a> {
    pub(super) history: &'a History,
    /// In the order in which they ended.
    pub(super) by_user: BTreeMap<UserNo, Vec<&'a Operation>>,
    /// By the value that they wrote or tried to.
    pub(super) writes: HashMap<u64, &'a Operation>,
}

impl<'a> Index<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let mut by_user: BTreeMap<UserNo, Vec<&Operation>> = BTreeMap::new();
        let mut writes = HashMap::new();
        for operation in &history.operations {
            by_user.entry(operation.user).or_default().push(operation);
            if let Kind::Write { value, .. } = operation.kind {
                writes.insert(value, operation);
            }
        }
        Self { history, by_user, writes }
    }
}

/// The session that an operation opened, if it did.
pub(super) fn opened(operation: &Operation) -> Option<SessionNo> {
    let opens = matches!(operation.kind, Kind::Register { .. } | Kind::Login { .. });
    (opens && operation.is_ok()).then_some(SessionNo(operation.id))
}

/// A violation by these operations; each of them is described after the text.
pub(super) fn violation(text: &str, operations: &[&Operation]) -> Violation {
    let described: Vec<_> = operations.iter().map(ToString::to_string).collect();
    Violation {
        message: format!("{text}: {}", described.join("; ")),
        operations: operations.iter().map(|operation| operation.id).collect(),
    }
}
