//! Versions that no known write made were made by writes without an answer: each by one that had begun
//! before anybody saw this version or a later one. A write with `If-Match` fits one version only; any
//! other fits all, so the earliest begun is best given to the version that was seen soonest.

use std::collections::HashMap;

use super::versions::Versions;
use super::{FIRST, Sight, blame};
use crate::checker::Violation;
use crate::history::{Kind, Operation};

pub(super) fn can_be_filled(versions: &Versions<'_>, violations: &mut Vec<Violation>) {
    let Some(newest) = versions.sights.iter().max_by_key(|sight| sight.version) else { return };
    let known = versions.makers.range(FIRST + 1..=newest.version).count() as u64;
    let missing = newest.version.saturating_sub(FIRST) - known;
    if missing > versions.unseen.len() as u64 {
        let text = format!("{missing} versions were made by no write that anybody sent");
        return blame(&text, &[newest.by], violations);
    }
    if missing > 0 {
        fill(versions, newest.version, violations);
    }
}

fn fill(versions: &Versions<'_>, newest: u64, violations: &mut Vec<Violation>) {
    let mut bound: HashMap<u64, &Operation> = HashMap::new();
    let mut free = Vec::new();
    for &write in &versions.unseen {
        match write.kind {
            Kind::Write { if_match: Some(matched), .. } => {
                let earliest = bound.entry(matched.saturating_add(1)).or_insert(write);
                if write.invoke < earliest.invoke {
                    *earliest = write;
                }
            }
            _ => free.push(write),
        }
    }
    free.sort_by_key(|write| write.invoke);
    let mut free = free.into_iter();
    for (version, seen) in seen_soonest(versions, newest) {
        if bound.get(&version).is_some_and(|write| write.invoke <= seen.ret) {
            continue;
        }
        if free.next().is_none_or(|write| write.invoke > seen.ret) {
            let text = format!("version {version} was made by no write that had begun");
            return blame(&text, &[seen], violations);
        }
    }
}

/// The versions without a maker, oldest first, each with the first to show it or a later one to have ended.
fn seen_soonest<'a>(versions: &Versions<'a>, newest: u64) -> Vec<(u64, &'a Operation)> {
    let mut sights: Vec<Sight<'_>> = versions.sights.clone();
    sights.sort_by_key(|sight| sight.version);
    let mut soonest: Option<&Operation> = None;
    let mut missing = Vec::new();
    let mut version = newest;
    while version > FIRST {
        while let Some(sight) = sights.pop_if(|sight| sight.version >= version) {
            if soonest.is_none_or(|soonest| sight.by.ret < soonest.ret) {
                soonest = Some(sight.by);
            }
        }
        if let (false, Some(seen)) = (versions.makers.contains_key(&version), soonest) {
            missing.push((version, seen));
        }
        version -= 1;
    }
    missing.reverse();
    missing
}
