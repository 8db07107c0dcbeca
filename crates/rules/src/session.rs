//! How long a session lives, and when its use is written down.
//!
//! A session ends at its absolute expiry (OWASP ASVS 7.3.2) or after a time without use (7.3.1),
//! whichever comes first; the row holds the earlier of the two as `live_until`. Use is not written on
//! every request, only when the row lags by more than [`Lifetime::slack`]; so an unused session ends
//! at most that much before the idle time is over, never after it.

use std::time::Duration;

use crate::time::Timestamp;

/// The configured lifetimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Time without use after which a session ends.
    pub idle: Duration,
    /// Time after its start at which a session ends in any case.
    pub absolute: Duration,
}

/// The two instants that a session's row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The absolute expiry.
    pub expires_at: Timestamp,
    /// The end without further use; never after `expires_at`.
    pub live_until: Timestamp,
}

impl Lifetime {
    /// The expiry of a session that starts now.
    pub fn open(&self, now: Timestamp) -> Expiry {
        let expires_at = now.plus(self.absolute);
        Expiry { expires_at, live_until: expires_at.min(now.plus(self.idle)) }
    }

    /// The coarse interval in which use is written: a hundredth of the idle time, at most an hour.
    pub fn slack(&self) -> Duration {
        (self.idle / 100).min(Duration::from_secs(3600))
    }

    /// The new `live_until` of a session that is used now, when it is worth writing.
    pub fn renew(&self, held: Expiry, now: Timestamp) -> Option<Timestamp> {
        let wanted = held.expires_at.min(now.plus(self.idle));
        (wanted.since(held.live_until) > self.slack()).then_some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Lifetime =
        Lifetime { idle: Duration::from_secs(1_000), absolute: Duration::from_secs(1_500) };

    #[test]
    fn use_moves_the_end_but_never_past_the_absolute_expiry() {
        let start = Timestamp::from_micros(0);
        let opened = LIFETIME.open(start);
        assert_eq!(opened.live_until, start.plus(Duration::from_secs(1_000)));
        assert_eq!(LIFETIME.renew(opened, start.plus(Duration::from_secs(10))), None);
        let used = start.plus(Duration::from_secs(11));
        assert_eq!(LIFETIME.renew(opened, used), Some(start.plus(Duration::from_secs(1_011))));
        let late = start.plus(Duration::from_secs(900));
        assert_eq!(LIFETIME.renew(opened, late), Some(opened.expires_at));
        let held = Expiry { live_until: opened.expires_at, ..opened };
        assert_eq!(LIFETIME.renew(held, late), None);
    }

    #[test]
    fn an_idle_time_beyond_the_absolute_one_changes_nothing() {
        let lifetime = Lifetime { idle: Duration::from_secs(9_999), ..LIFETIME };
        let opened = lifetime.open(Timestamp::from_micros(0));
        assert_eq!(opened.live_until, opened.expires_at);
        assert_eq!(lifetime.renew(opened, Timestamp::from_micros(1)), None);
    }
}
