//! When a mail that was not taken is tried again: after half a minute, then after twice as long each time, after an
//! hour at most; and with some chance in it, so that the mails of an outage do not come back all at once.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(30);
const MOST: Duration = Duration::from_secs(3600);

/// How long to wait after that many attempts. `chance` spreads it over a quarter of itself.
pub(super) fn after(attempts: i32, chance: u8) -> Duration {
    from(FIRST, attempts, chance)
}

/// The same for something else than a mail, whose first wait is another.
pub(crate) fn from(first: Duration, attempts: i32, chance: u8) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = first.saturating_mul(1 << doublings).min(MOST);
    wait + (wait / 4).mul_f64(f64::from(chance) / 256.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_from_half_a_minute_to_an_hour() {
        let seconds = |attempts| after(attempts, 0).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 6, 7].map(seconds), [30, 60, 120, 240, 480, 960, 1920]);
        assert_eq!([8, 9, 100, i32::MAX].map(seconds), [3600; 4]);
        assert_eq!([0, -1, i32::MIN].map(seconds), [30; 3]);
    }

    #[test]
    fn chance_makes_it_longer_by_a_quarter_at_most_and_never_shorter() {
        for attempts in 1..20 {
            let exact = after(attempts, 0);
            let waits: Vec<_> = (0..=u8::MAX).map(|chance| after(attempts, chance)).collect();
            assert!(waits.is_sorted() && waits.iter().all(|wait| *wait >= exact));
            let longest = waits[255];
            assert!(longest > exact.mul_f64(1.24) && longest < exact.mul_f64(1.25));
        }
    }
}
