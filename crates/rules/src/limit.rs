//! Login throttling: how many attempts an account or an address has, and when the next one is due.
//!
//! The generic cell rate algorithm (ITU-T I.371, a leaky bucket as a meter): one instant per key, the
//! *theoretical arrival time*, says everything. A burst of `count` is free, then one attempt every
//! `period ÷ count`. The stores apply [`Limit::charge`] atomically; PostgreSQL does the same
//! arithmetic in SQL, and one contract test holds both to it.

use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::digest;

use crate::id::UserId;
use crate::span;
use crate::time::Timestamp;

/// `count` attempts per `period`, or no limit at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    count: u32,
    period: Duration,
}

/// Why a text is not a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a limit; write for example 10/15m, or off")]
pub struct NotALimit(String);

/// What one attempt costs, in microseconds of theoretical arrival time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// How far one attempt moves the theoretical arrival time.
    pub step: i64,
    /// How far it may lie in the future.
    pub tolerance: i64,
}

/// What attempts are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The account, or the name that is nobody's.
    Account,
    /// The client's address.
    Address,
}

impl Scope {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
        }
    }
}

/// The judgement on one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may go ahead; the key's new theoretical arrival time is in the store.
    Admitted,
    /// It may not.
    Refused {
        /// The limit that it met.
        by: Scope,
        /// After this time the next one is due (never zero).
        wait: Duration,
    },
}

impl Verdict {
    /// What follows from the wait for one limit.
    pub fn of(by: Scope, wait: Option<Duration>) -> Self {
        wait.map_or(Self::Admitted, |wait| Self::Refused { by, wait })
    }
}

impl Limit {
    /// Reads `10/15m` (ten attempts per fifteen minutes) or `off`.
    ///
    /// # Errors
    /// [`NotALimit`], also for a count or a period of zero.
    pub fn parse(text: &str) -> Result<Option<Self>, NotALimit> {
        let refuse = || NotALimit(text.to_owned());
        if text.trim() == "off" {
            return Ok(None);
        }
        let (count, period) = text.trim().split_once('/').ok_or_else(refuse)?;
        let count: u32 = count.parse().map_err(|_| refuse())?;
        let period = span::parse(period).map_err(|_| refuse())?;
        if count == 0 || period.as_micros() < u128::from(count) {
            return Err(refuse());
        }
        Ok(Some(Self { count, period }))
    }

    /// How many attempts a period has.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The period.
    pub const fn period(&self) -> Duration {
        self.period
    }

    /// What one attempt costs under this limit.
    pub fn cost(&self) -> Cost {
        let period = i64::try_from(self.period.as_micros()).unwrap_or(i64::MAX / 4);
        Cost { step: period / i64::from(self.count), tolerance: period }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.count, span::format(self.period))
    }
}

impl Cost {
    /// Judges an attempt at `now` given the key's theoretical arrival time: how long to wait if it may not
    /// go ahead, and the key's new theoretical arrival time.
    pub fn charge(
        self,
        arrival: Option<Timestamp>,
        now: Timestamp,
    ) -> (Option<Duration>, Timestamp) {
        let base = arrival.unwrap_or(now).max(now).micros();
        let next = base.saturating_add(self.step);
        let latest = now.micros().saturating_add(self.tolerance);
        if next <= latest {
            return (None, Timestamp::from_micros(next));
        }
        let wait = Duration::from_micros(u64::try_from(next - latest).unwrap_or(u64::MAX));
        (Some(wait), Timestamp::from_micros(base))
    }
}

/// The key that counts attempts from one client address: IPv4 whole, IPv6 by its /64 (one customer
/// usually has that much), IPv4-mapped addresses as IPv4.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => format!("a:{v4}"),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("a:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The key that counts attempts on an existing account, by whichever of its names.
pub fn account_key(user: UserId) -> String {
    format!("u:{user}")
}

/// The key that counts attempts on a name that belongs to nobody: a digest, so that what people
/// type by mistake (often their password) is not kept.
pub fn unknown_name_key(name: &str) -> String {
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let hex: String = hash.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("n:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        Limit::parse(text).expect("a limit").expect("not off")
    }

    #[test]
    fn reads_limits_and_refuses_nonsense() {
        assert_eq!(limit("10/15m").to_string(), "10/15m");
        assert_eq!(Limit::parse("off"), Ok(None));
        for text in ["", "10", "0/1m", "10/0", "-1/1m", "10/x"] {
            assert!(Limit::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn admits_exactly_the_burst_then_one_per_step() {
        let cost = limit("10/15m").cost();
        let mut now = Timestamp::from_micros(1_000_000);
        let mut arrival = None;
        for attempt in 0..10 {
            let (wait, next) = cost.charge(arrival, now);
            assert_eq!(wait, None, "attempt {attempt}");
            arrival = Some(next);
        }
        let (wait, unchanged) = cost.charge(arrival, now);
        assert_eq!(wait, Some(Duration::from_secs(90)));
        assert_eq!(Some(unchanged), arrival, "a refused attempt costs nothing more");
        now = now.plus(Duration::from_secs(90));
        assert_eq!(cost.charge(arrival, now).0, None);
    }

    /// Decision 0014 advises it to who must stop guesses after a hundred failures.
    #[test]
    fn a_hundred_a_year_admits_a_hundred_and_then_one_in_days() {
        let cost = limit("100/365d").cost();
        let now = Timestamp::from_micros(1_000_000);
        let mut arrival = None;
        for attempt in 0..100 {
            let (wait, next) = cost.charge(arrival, now);
            assert_eq!(wait, None, "attempt {attempt}");
            arrival = Some(next);
        }
        let due = Duration::from_secs(315_360);
        assert_eq!(cost.charge(arrival, now).0, Some(due));
        assert_eq!(cost.charge(arrival, now.plus(due)).0, None);
    }

    #[test]
    fn counts_ipv6_by_its_network_and_mapped_addresses_as_ipv4() {
        let key = |text: &str| address_key(text.parse().expect("an address"));
        assert_eq!(key("2001:db8:1:2:3::4"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), "a:192.0.2.1");
    }
}
