//! A write with `If-Match` is refused only when another version was stored: before it, or because
//! somebody was quicker.

use super::versions::Versions;
use super::{FIRST, blame};
use crate::checker::Violation;
use crate::history::{Kind, Operation, Outcome, Refusal};

pub(super) fn refusals_are_right(
    operations: &[&Operation],
    versions: &Versions<'_>,
    violations: &mut Vec<Violation>,
) {
    let mut refused: Vec<_> = operations
        .iter()
        .filter(|operation| operation.outcome == Outcome::Fail(Refusal::Stale))
        .filter_map(|operation| match operation.kind {
            Kind::Write { if_match: Some(matched), .. } => Some((matched, *operation)),
            _ => None,
        })
        .collect();
    refused.sort_by_key(|(_, operation)| operation.invoke);
    let mut ended = versions.sights.clone();
    ended.sort_by_key(|sight| sight.by.ret);
    let mut past = ended.into_iter().peekable();
    let mut newest = FIRST;
    for (matched, refusal) in refused {
        while let Some(before) = past.next_if(|before| before.by.ret < refusal.invoke) {
            newest = newest.max(before.version);
        }
        // An older one may still have been stored, and a newer one certainly was.
        if newest == matched && !overtaken(versions, matched, refusal) {
            let text = "a write was refused as stale though it named the stored version";
            blame(text, &[refusal], violations);
        }
    }
}

/// Whether the next version may have been made before the refusal was answered.
fn overtaken(versions: &Versions<'_>, matched: u64, refusal: &Operation) -> bool {
    match versions.makers.get(&matched.saturating_add(1)) {
        Some(maker) => maker.invoke <= refusal.ret,
        None => versions.unseen.iter().any(|write| write.invoke <= refusal.ret),
    }
}
