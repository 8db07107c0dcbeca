//! How long and how often.

use std::time::Duration;

/// How long and how often things are measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Rounds in which figures and yardsticks take turns.
    pub(crate) rounds: usize,
    /// How long one turn is.
    pub(crate) turn: Duration,
    /// People in the databases.
    pub(crate) users: u32,
    /// People whose reading must leave no trace in memory.
    pub(crate) distinct: u32,
    /// The longest time for the logins of the memory row.
    pub(crate) logins: Duration,
}

impl Plan {
    pub(crate) fn full() -> Self {
        Self {
            rounds: 5,
            turn: Duration::from_secs(3),
            users: 100_000,
            distinct: 1_000_000,
            logins: Duration::from_secs(180),
        }
    }

    /// For `make test`.
    pub(crate) fn short() -> Self {
        Self { rounds: 3, turn: Duration::from_secs(1), users: 20_000, ..Self::full() }
    }

    /// For curves: many points, so few and short rounds for each.
    pub(crate) fn growth() -> Self {
        Self { rounds: 3, turn: Duration::from_secs(1), ..Self::full() }
    }

    /// What runs before a turn that counts, to fill caches and pools.
    pub(crate) fn warm_up(&self) -> Duration {
        self.turn / 4
    }
}
