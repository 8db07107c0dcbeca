//! What a proof has to hold so that nobody made it long ago (RFC 9449 §8, §9): the minute it was given in, under a
//! MAC. Any process makes the same one and knows it again, and nothing of it is stored.

use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};
use crate::time::Timestamp;

const KIND: Kind = Kind { prefix: "", key: |key| &key.dpop_nonce };
/// For how long the same one is given, in seconds.
const STEP: u64 = 60;
/// How long one is good, in seconds from the beginning of its minute on.
const LIFETIME: u64 = 360;

/// The nonce that is given at this time.
pub fn nonce(root: &RootSecret, now: Timestamp) -> String {
    let begin = now.seconds() / STEP * STEP;
    sealed::seal(&KIND, &begin.to_be_bytes(), root).to_string()
}

/// Whether it is one of ours, and was given not long ago. One of the minute to come is good too: a database that
/// took over from another may be a little behind it.
pub(super) fn is_fresh(text: &str, root: &RootSecret, now: Timestamp) -> bool {
    let Some(content) = sealed::open::<8>(&KIND, text, root) else { return false };
    let (begin, now) = (u64::from_be_bytes(*content), now.seconds());
    begin <= now.saturating_add(STEP) && now < begin.saturating_add(LIFETIME)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";
    /// At the beginning of a minute.
    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a root secret")
    }

    fn later(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn it_is_the_same_for_a_minute_and_good_for_six() {
        let root = root(&format!("k1:{KEY}"));
        let given = nonce(&root, NOW);
        assert_eq!(given, nonce(&root, later(59)));
        assert_ne!(given, nonce(&root, later(60)));
        for (seconds, good) in [(0, true), (359, true), (360, false), (86_400, false)] {
            assert_eq!(is_fresh(&given, &root, later(seconds)), good, "{seconds}");
        }
        let before = |seconds| NOW.minus(Duration::from_secs(seconds));
        assert!(is_fresh(&given, &root, before(60)) && !is_fresh(&given, &root, before(61)));
    }

    #[test]
    fn one_of_another_key_or_altered_is_none_and_a_former_key_still_reads() {
        let (old, both) = (root(&format!("k1:{KEY}")), root(&format!("k2:{OTHER},k1:{KEY}")));
        let given = nonce(&old, NOW);
        assert!(is_fresh(&given, &both, NOW));
        assert!(!is_fresh(&nonce(&both, NOW), &old, NOW));
        for place in 0..given.len() {
            let mut bytes = given.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert!(!is_fresh(&altered, &old, NOW), "{place}");
        }
        assert!(!is_fresh("", &old, NOW) && !is_fresh("eyJ7S_zG.eyJH0-Z.HX4w-7v", &old, NOW));
    }
}
