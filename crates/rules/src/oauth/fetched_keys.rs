//! When the keys of an application are fetched from its `jwks_uri` (OpenID Connect Core §10.1.1): when something comes
//! that none of those which are kept can have signed, and every ten minutes while something comes, so that a key which
//! was taken away there ends here.
//!
//! Anybody can name a key that nobody has, so that the first is done once a minute at most, whoever asks. A fetch that
//! fails changes nothing: those that are kept go on being used.

use std::time::Duration;

use crate::time::Timestamp;

/// How long at least lies between two fetches for one application.
pub const PAUSE: Duration = Duration::from_secs(60);
/// How long what was fetched is used without another look.
pub const FRESH: Duration = Duration::from_secs(600);
/// How long whoever fetches may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long others believe that it is still being done: a little longer. Who was killed is not waited for beyond it.
pub const LEASE: Duration = Duration::from_secs(6);

/// What is known of the fetches for one application, all by the database's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Now.
    pub now: Timestamp,
    /// When somebody began the last one, and until when it may last.
    pub last: Option<(Timestamp, Timestamp)>,
    /// When those that are kept were fetched.
    pub fetched_at: Option<Timestamp>,
    /// Whether one of them is the one that is asked for.
    pub has_key: bool,
}

/// What is to be done before something is judged by what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// To fetch them, unless somebody began to within this time.
    Fetch(Duration),
    /// To wait for somebody who fetches them.
    Wait,
}

/// What is to be done.
pub fn need(known: &Known) -> Need {
    let Known { now, last, fetched_at, has_key } = *known;
    let is_within = |since: Timestamp, span: Duration| now < since.plus(span);
    if has_key {
        let is_fresh = fetched_at.is_some_and(|at| is_within(at, FRESH));
        // Nobody waits for what is only looked at again.
        let was_tried = last.is_some_and(|(began, _)| is_within(began, FRESH));
        return if is_fresh || was_tried { Need::Nothing } else { Need::Fetch(FRESH) };
    }
    match last {
        Some((_, until)) if now < until => Need::Wait,
        Some((began, _)) if is_within(began, PAUSE) => Need::Nothing,
        _ => Need::Fetch(PAUSE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn ago(seconds: u64) -> Timestamp {
        NOW.minus(Duration::from_secs(seconds))
    }

    /// What is needed after a fetch that began and was over so many seconds ago.
    fn after(began: u64, over: u64, fetched: Option<u64>, has_key: bool) -> Need {
        let last = Some((ago(began), ago(over)));
        need(&Known { now: NOW, last, fetched_at: fetched.map(ago), has_key })
    }

    #[test]
    fn what_nobody_fetched_is_fetched() {
        let known = Known { now: NOW, last: None, fetched_at: None, has_key: false };
        assert_eq!(need(&known), Need::Fetch(PAUSE));
    }

    #[test]
    fn for_a_key_that_nobody_knows_it_is_done_once_a_minute() {
        for fetched in [None, Some(1), Some(100_000)] {
            assert_eq!(after(59, 58, fetched, false), Need::Nothing, "{fetched:?}");
            assert_eq!(after(60, 58, fetched, false), Need::Fetch(PAUSE), "{fetched:?}");
        }
    }

    #[test]
    fn who_needs_a_key_waits_for_who_fetches_it() {
        let until = NOW.plus(Duration::from_micros(1));
        let known =
            Known { now: NOW, last: Some((ago(5), until)), fetched_at: None, has_key: false };
        assert_eq!(need(&known), Need::Wait);
        assert_eq!(
            need(&Known { has_key: true, fetched_at: Some(ago(700)), ..known }),
            Need::Nothing
        );
        assert_eq!(
            need(&Known { now: until, ..known }),
            Need::Nothing,
            "it is over, or was killed"
        );
    }

    #[test]
    fn a_key_that_is_kept_is_looked_at_again_every_ten_minutes() {
        assert_eq!(after(599, 599, Some(599), true), Need::Nothing);
        assert_eq!(after(600, 600, Some(600), true), Need::Fetch(FRESH));
        assert_eq!(
            after(599, 598, Some(9_000), true),
            Need::Nothing,
            "and not sooner where it fails"
        );
        assert_eq!(after(600, 599, Some(9_000), true), Need::Fetch(FRESH));
    }
}
