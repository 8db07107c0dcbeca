//! What a person types, or compares, to say which device she means (RFC 8628 §6.1).
//!
//! Eight of twenty consonants, in two groups: `BCDF-GHJK`. They make no word, hold no digit that looks like a
//! letter, and are 34.5 bits, which is little: guesses are counted before a code is looked up.

use std::fmt;

const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// The longest text that is looked at.
const MOST: usize = 64;

/// A code as it is stored: eight capital letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// Makes one from random bytes; that 2¹²⁸ is no multiple of 20⁸ favours no code by more than 2⁻⁹³.
    pub fn make(entropy: [u8; 16]) -> Self {
        let mut rest = u128::from_le_bytes(entropy);
        let mut letter = || {
            let place = (rest % 20) as usize;
            rest /= 20;
            char::from(ALPHABET[place])
        };
        Self((0..LENGTH).map(|_| letter()).collect())
    }

    /// Reads what somebody typed: in either case and width, with whatever stands between the groups. `None` for
    /// what can be nobody's code.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > MOST {
            return None;
        }
        let letters: String = typed.chars().filter(|c| !is_between(*c)).map(folded).collect();
        let fits = letters.len() == LENGTH && letters.bytes().all(|b| ALPHABET.contains(&b));
        fits.then_some(Self(letters))
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserCode {
    /// In two groups, as people are shown it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

/// What separates groups, on whichever keyboard: white space, dashes (also those of Japanese), dots.
fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '−' | 'ー' | '－')
}

/// A capital letter; fullwidth ones, as Japanese keyboards write them, are the same.
fn folded(c: char) -> char {
    let narrow = match c {
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        other => other,
    };
    narrow.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_typed_is_the_same_code_however_it_is_typed() {
        let code = UserCode::parse("BCDF-GHJK").expect("a code");
        assert_eq!((code.as_str(), code.to_string().as_str()), ("BCDFGHJK", "BCDF-GHJK"));
        for typed in
            ["bcdfghjk", " bcdf ghjk ", "BcDf–GhJk", "B.C.D.F-G_H-J-K", "ＢＣＤＦ－ｇｈｊｋ"]
        {
            assert_eq!(UserCode::parse(typed), Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn what_can_be_nobodys_code_is_none() {
        let long = format!("BCDFGHJK{}", "-".repeat(MOST));
        for typed in ["", "BCDF-GHJ", "BCDF-GHJKL", "BCDF-GHJA", "BCDF-GHJ0", "ßCDF-GHJK", &long] {
            assert_eq!(UserCode::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn every_letter_comes_in_every_place_and_codes_have_34_bits() {
        let mut seen = vec![BTreeSet::new(); LENGTH];
        for number in 0..20_u128.pow(2) {
            let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let code = UserCode::make(spread.to_le_bytes());
            for (place, letter) in code.as_str().bytes().enumerate() {
                seen[place].insert(letter);
            }
        }
        assert!(seen.iter().all(|letters| letters.len() == ALPHABET.len()), "{seen:?}");
        assert!(20_u64.pow(8) > 1 << 34);
        let letters: BTreeSet<_> = ALPHABET.iter().collect();
        assert_eq!(letters.len(), 20);
        assert!(ALPHABET.iter().all(|b| b.is_ascii_uppercase() && !b"AEIOUY".contains(b)));
    }

    proptest! {
        #[test]
        fn what_is_made_and_shown_is_read_again(entropy in any::<[u8; 16]>()) {
            let code = UserCode::make(entropy);
            prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code.clone()));
            prop_assert_eq!(UserCode::parse(&code.to_string().to_lowercase()), Some(code));
        }

        #[test]
        fn no_text_whatever_is_read_beyond_the_alphabet(text in "\\PC{0,40}") {
            if let Some(code) = UserCode::parse(&text) {
                prop_assert!(code.as_str().bytes().all(|b| ALPHABET.contains(&b)));
                prop_assert_eq!(code.as_str().len(), LENGTH);
            }
        }
    }
}
