//! I16: the document of a user is a register with compare-and-set. Its version counts the writes, so the
//! order of the writes is known, and all that is left to ask is whether everybody saw that order.
//!
//! What makes a version is decided in [`versions`]; whether time and versions agree, in [`order`];
//! versions that nobody admits to, in [`gaps`]; refused writes, in [`stale`].

mod gaps;
mod order;
mod stale;
mod versions;

use super::index::{Index, violation};
use super::{Findings, Violation};
use crate::history::{Kind, Operation};

use versions::Versions;

/// The version of a document that nobody has written yet.
const FIRST: u64 = 1;

pub(super) fn writes_are_kept(index: &Index<'_>) -> Findings {
    let mut all = Findings::new();
    for operations in index.by_user.values() {
        let relevant = operations.iter().filter(|operation| {
            matches!(operation.kind, Kind::Read { .. } | Kind::Write { .. }) && operation.is_ok()
        });
        all.looked += relevant.count() as u64;
        let versions = Versions::of(operations, index, &mut all.violations);
        order::holds(&versions, &mut all.violations);
        gaps::can_be_filled(&versions, &mut all.violations);
        stale::refusals_are_right(operations, &versions, &mut all.violations);
    }
    all
}

/// A version that an operation showed for certain.
#[derive(Clone, Copy)]
struct Sight<'a> {
    version: u64,
    by: &'a Operation,
}

fn blame(text: &str, operations: &[&Operation], violations: &mut Vec<Violation>) {
    violations.push(violation(text, operations));
}
