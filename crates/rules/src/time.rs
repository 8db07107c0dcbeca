//! An instant as the product knows it: microseconds since the Unix epoch, UTC.
//!
//! Nothing here reads a clock. The instants that decide about expiry come from the database's clock
//! (`docs/decisions/0004-one-clock.md`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the Unix epoch, never negative (for UUIDv7).
    pub const fn millis(self) -> u64 {
        if self.0 < 0 { 0 } else { (self.0 / 1000) as u64 }
    }

    /// What is beyond [`Self::millis`], in 4096ths of a millisecond, never negative (for UUIDv7).
    pub const fn fraction_of_milli(self) -> u16 {
        if self.0 < 0 { 0 } else { (self.0 % 1000 * 4096 / 1000) as u16 }
    }

    /// Whole seconds since the Unix epoch, never negative.
    pub const fn seconds(self) -> u64 {
        self.millis() / 1000
    }

    /// This instant and `span` later; the end of time instead of an overflow.
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(span)))
    }

    /// This instant and `span` earlier.
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(span)))
    }

    /// How long from `earlier` until this instant; zero when it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC with seconds precision, for people and for JSON.
    pub fn rfc3339(self) -> String {
        String::from_utf8_lossy(&self.rfc3339_bytes()).into_owned()
    }

    /// The same without an allocation: it is in every answer and every line of the log.
    pub fn rfc3339_bytes(self) -> [u8; 20] {
        let instant = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000_000)).ok();
        let Some(instant) = instant.filter(|instant| (0..=9999).contains(&instant.year())) else {
            return *b"9999-12-31T23:59:59Z";
        };
        let (year, month, day) = instant.to_calendar_date();
        let (hour, minute, second) = instant.to_hms();
        let mut text = *b"0000-00-00T00:00:00Z";
        let mut put = |at: usize, number: u8| {
            text[at] += number / 10;
            text[at + 1] += number % 10;
        };
        put(0, (year / 100) as u8);
        put(2, (year % 100) as u8);
        put(5, month.into());
        put(8, day);
        put(11, hour);
        put(14, minute);
        put(17, second);
        text
    }
}

fn micros_of(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

impl From<SystemTime> for Timestamp {
    fn from(instant: SystemTime) -> Self {
        match instant.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(micros_of(after)),
            Err(before) => Self(-micros_of(before.duration())),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(instant: Timestamp) -> Self {
        let span = Duration::from_micros(instant.0.unsigned_abs());
        if instant.0 < 0 { UNIX_EPOCH - span } else { UNIX_EPOCH + span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_rfc3339_in_utc() {
        assert_eq!(Timestamp::from_micros(1_700_000_000_123_456).rfc3339(), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn prints_what_the_time_crate_prints() {
        use time::format_description::well_known::Rfc3339;
        let step = 86_400 * 29 + 12_345;
        for second in (-62_167_219_200..=253_402_300_799_i64).step_by(step * 7) {
            let instant = OffsetDateTime::from_unix_timestamp(second).expect("a legal second");
            let expected = instant.format(&Rfc3339).expect("a legal year");
            assert_eq!(Timestamp::from_micros(second * 1_000_000).rfc3339(), expected);
        }
    }

    #[test]
    fn survives_the_trip_through_system_time() {
        for micros in [0, 1, -1, 1_700_000_000_123_456] {
            let instant = Timestamp::from_micros(micros);
            assert_eq!(Timestamp::from(SystemTime::from(instant)), instant);
        }
    }

    #[test]
    fn saturates_instead_of_overflowing() {
        let late = Timestamp::from_micros(i64::MAX).plus(Duration::MAX);
        assert_eq!(late.micros(), i64::MAX);
        assert_eq!(late.rfc3339(), "9999-12-31T23:59:59Z");
    }
}
