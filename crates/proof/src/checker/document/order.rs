//! Time and versions agree: who began after another had ended saw no older version, and made a newer one.

use std::cmp::Reverse;

use super::versions::Versions;
use super::{Sight, blame};
use crate::checker::Violation;
use crate::history::Kind;

pub(super) fn holds(versions: &Versions<'_>, violations: &mut Vec<Violation>) {
    let mut ended: Vec<Sight<'_>> = versions.sights.clone();
    ended.sort_by_key(|sight| sight.by.ret);
    // A write without an answer, whose value was seen, began no later than it was made.
    let silent = versions.makers.iter().filter(|(_, maker)| maker.is_unknown());
    let mut begun = versions.sights.clone();
    begun.extend(silent.map(|(version, by)| Sight { version: *version, by }));
    begun.sort_by_key(|sight| (sight.by.invoke, Reverse(sight.version)));
    let mut newest: Option<Sight<'_>> = None;
    let mut past = ended.into_iter().peekable();
    for sight in begun {
        while let Some(before) = past.next_if(|before| before.by.ret < sight.by.invoke) {
            if newest.is_none_or(|newest| before.version > newest.version) {
                newest = Some(before);
            }
        }
        let Some(newest) = newest else { continue };
        let makes = matches!(sight.by.kind, Kind::Write { .. });
        if makes && sight.version <= newest.version {
            let text = "a write made a version that was there before it began";
            blame(text, &[newest.by, sight.by], violations);
        } else if sight.version < newest.version {
            let text = "an older version was read after a newer one, so a write was lost";
            blame(text, &[newest.by, sight.by], violations);
        }
    }
}
