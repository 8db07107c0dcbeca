//! Where the demo throws dice: passwords and tokens from the operating system, everyday choices from a small generator
//! seeded by it.

use std::time::Duration;

/// Letters and digits that are not mistaken for each other; 32 of them, so each carries five bits.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A random word of `length` letters and digits, five bits each.
///
/// # Errors
/// The operating system has no random bytes to give.
#[expect(clippy::disallowed_methods, reason = "where the demo throws dice")]
pub(super) fn word(length: usize) -> Result<String, getrandom::Error> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// A random password that is easy to read aloud: four groups of four, 80 bits.
///
/// # Errors
/// The operating system has no random bytes to give.
pub(super) fn password() -> Result<String, getrandom::Error> {
    Ok([word(4)?, word(4)?, word(4)?, word(4)?].join("-"))
}

/// A generator for choices nobody would want to guess (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that fall differently in each run, unless the operating system has no random bytes to give.
    #[expect(clippy::disallowed_methods, reason = "where the demo throws dice")]
    pub(super) fn fair() -> Self {
        Self(getrandom::u64().unwrap_or_default())
    }

    /// Any number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }

    /// A span between half and one and a half of `average`.
    pub(super) fn around(&mut self, average: Duration) -> Duration {
        let micros = u64::try_from(average.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(micros / 2 + self.below(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_stays_around_its_average() {
        let mut dice = Dice::fair();
        for _ in 0..1_000 {
            let span = dice.around(Duration::from_millis(100));
            assert!((50..150).contains(&span.as_millis()));
        }
    }

    #[test]
    fn a_password_needs_no_quoting_in_a_shell() {
        let password = password().expect("random bytes");
        assert_eq!(password.len(), 19);
        assert!(password.bytes().all(|byte| byte == b'-' || LETTERS.contains(&byte)));
        assert_ne!(password, super::password().expect("random bytes"));
    }
}
