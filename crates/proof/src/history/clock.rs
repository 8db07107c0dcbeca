//! The one clock of a run: CLOCK_MONOTONIC of the client's machine, so that whoever injects faults on
//! the same machine can tell when in the same numbers.

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Nanoseconds of CLOCK_MONOTONIC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Nanos(pub u64);

impl Nanos {
    /// Later than any instant: when an operation of unknown outcome has taken effect for certain.
    pub const NEVER: Self = Self(u64::MAX);

    /// This instant.
    #[must_use]
    pub fn now() -> Self {
        let time = clock_gettime(ClockId::Monotonic);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Self(seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default())
    }

    /// The span since `earlier`; zero when that is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}
