//! I13: who reads the public keys, at whichever process, shortly before or long after something was signed, finds
//! the key that signed it.

use std::time::Duration;

use super::Findings;
use super::index::violation;
use crate::history::{History, Kind, Nanos, Operation};

/// How long a key has to be seen by who reads the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Before anything is signed with it.
    pub before: Duration,
    /// After something was signed with it.
    pub after: Duration,
}

pub(super) fn are_published_everywhere(history: &History, span: Published) -> Findings {
    let mut all = Findings::new();
    let mut readings: Vec<&Operation> =
        history.operations.iter().filter(|o| o.kind == Kind::Keys && o.is_ok()).collect();
    readings.sort_unstable_by_key(|reading| reading.invoke);
    for signed in &history.operations {
        let Some(key) = signed.seen().and_then(|seen| seen.signed_by.as_ref()) else { continue };
        // It was signed at some instant between the two, so only what holds for each of them is asked.
        let from = Nanos(signed.ret.0.saturating_sub(nanos(span.before)));
        let to = Nanos(signed.invoke.0.saturating_add(nanos(span.after)));
        let first = readings.partition_point(|reading| reading.invoke < from);
        for reading in readings[first..].iter().take_while(|reading| reading.invoke <= to) {
            if reading.ret > to {
                continue;
            }
            all.looked += 1;
            if reading.seen().is_some_and(|seen| !seen.keys.contains(key)) {
                let text = "a key that signs was not among those that were published";
                all.violations.push(violation(text, &[signed, reading]));
                break;
            }
        }
    }
    all
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
