//! How long a slot waits after its process crashed, so that a crash loop does not eat the machine.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The crashes of one slot in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    crashes: u32,
}

impl Backoff {
    /// Counts a crash; returns how long to wait before the next start: 100 ms, doubling up to 5 s.
    pub(super) fn crashed(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(self.crashes));
        self.crashes = self.crashes.saturating_add(1);
        wait.min(LONGEST)
    }

    /// The process had lived: its end is no part of a loop.
    pub(super) fn lived(&mut self) {
        self.crashes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_ceiling_and_start_again() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..8).map(|_| backoff.crashed().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        backoff.lived();
        assert_eq!(backoff.crashed().as_millis(), 100);
        (0..100).for_each(|_| assert!(backoff.crashed() <= LONGEST));
    }
}
