//! What a hash costs, and how much of it is missing where an old hash was cheaper.

use argon2::Params;

/// The most memory a stored hash may ask for, in KiB: what is beyond is damage, not a hash.
const MOST_MEMORY: u32 = 1 << 20;

/// The most passes times KiB a stored hash may ask for: some ten seconds of one core.
const MOST_WORK: u64 = 16 << 20;

/// What one hash costs (OWASP: 19 MiB, two passes, one lane).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory: 19_456, iterations: 2, parallelism: 1 }
    }
}

impl Cost {
    /// Whether Argon2 accepts these numbers.
    pub fn is_possible(&self) -> bool {
        Params::new(self.memory, self.iterations, self.parallelism, None).is_ok()
    }

    /// Whether this is weaker than the documented default.
    pub fn is_below_default(&self) -> bool {
        let default = Self::default();
        self.memory < default.memory || self.iterations < default.iterations
    }

    /// Whether a hash that asks for this may be computed. Whoever can write a row must not be able to
    /// take the machine's memory with it; what the operator configured is always borne.
    pub(super) fn is_bearable(self, configured: Self) -> bool {
        let bounded = self.memory <= MOST_MEMORY && self.work() <= MOST_WORK;
        self.is_possible() && (bounded || self == configured)
    }

    /// What this cost is of `other`, by the blocks that are computed.
    pub(super) fn part_of(self, other: Self) -> f64 {
        self.work() as f64 / other.work() as f64
    }

    /// What is left of this cost when that part of it is done, over as much memory as possible. Nothing
    /// when all of it is, or when what is left is too little to be a hash.
    pub(super) fn rest(self, done: f64) -> Option<Self> {
        let left = (self.work() as f64 * (1.0 - done).clamp(0.0, 1.0)).round() as u64;
        let iterations = left.div_ceil(u64::from(self.memory)).max(1);
        let rest = Self {
            memory: u32::try_from(left / iterations).ok()?,
            iterations: u32::try_from(iterations).ok()?,
            parallelism: self.parallelism,
        };
        rest.is_possible().then_some(rest)
    }

    /// Blocks that are computed. Time is proportional to it as long as the memory is the same, however
    /// many lanes; blocks of a small memory are quicker, since it fits into nearer caches.
    fn work(self) -> u64 {
        u64::from(self.memory) * u64::from(self.iterations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(memory: u32, iterations: u32) -> Cost {
        Cost { memory, iterations, parallelism: 1 }
    }

    #[test]
    fn an_old_hash_and_its_rest_are_as_much_work_as_a_new_one() {
        let rest = |old: Cost, new: Cost| new.rest(old.part_of(new));
        assert_eq!(rest(cost(19_456, 2), cost(19_456, 3)), Some(cost(19_456, 1)));
        assert_eq!(rest(cost(12_288, 3), cost(19_456, 2)), Some(cost(2_048, 1)));
        assert_eq!(rest(cost(19_456, 2), cost(65_536, 3)), Some(cost(52_565, 3)));
    }

    #[test]
    fn nothing_is_left_of_a_cost_that_was_met() {
        assert_eq!(cost(19_456, 2).rest(1.0), None);
        assert_eq!(cost(19_456, 2).rest(5.0), None);
        assert_eq!(cost(64, 1).rest(0.9), None, "less than Argon2's least");
    }

    #[test]
    fn a_row_cannot_ask_for_all_the_memory_but_the_operator_can() {
        assert!(cost(65_536, 4).is_bearable(Cost::default()));
        assert!(!cost(u32::MAX, 1).is_bearable(Cost::default()));
        assert!(!cost(19_456, u32::MAX).is_bearable(Cost::default()));
        assert!(!cost(1, 1).is_bearable(Cost::default()), "Argon2 does not know it");
        let large = cost(2 << 20, 1);
        assert!(large.is_bearable(large));
    }
}
