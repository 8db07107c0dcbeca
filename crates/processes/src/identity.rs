//! The short random name of a running process, as shown in logs, metrics and the live page.
//!
//! It identifies nothing beyond the process's life: no request, row or token may depend on it.

use std::fmt;

/// Thirty-two characters that cannot be mistaken for one another when read aloud or copied.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH: usize = 6;

/// Six random characters, lowercase letters and digits (30 bits).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessId(String);

impl ProcessId {
    /// Draws a new name from the system's random source.
    ///
    /// # Panics
    /// When the system has no random source; nothing else in a login server could work either.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).expect("the system has a random source");
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_six_characters_of_the_alphabet() {
        let id = ProcessId::random();
        assert_eq!(id.as_str().len(), LENGTH);
        assert!(id.as_str().bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn names_differ() {
        let names: std::collections::HashSet<_> =
            (0..20).map(|_| ProcessId::random().as_str().to_owned()).collect();
        assert!(names.len() > 15, "{names:?}");
    }
}
