//! Which passwords are accepted (NIST SP 800-63B-4 §3.1.1.2, OWASP ASVS 6.2).
//!
//! Length is counted in code points; nothing is trimmed, folded or cut (6.2.8), and there are no
//! composition rules (6.2.5). Refused are the most common passwords and the account's own names.

use aws_lc_rs::digest;

/// The longest password, in code points.
pub const MAX: usize = 256;
/// The fewest code points that the configuration may ask for.
pub const MIN: usize = 8;

/// The first 8 bytes of SHA-256 of each refused password in lower case, sorted (`data/README.md`).
static COMMON: &[u8] = include_bytes!("../data/common-passwords.bin");

/// Why a password is refused. The texts are shown to the person who chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fewer code points than the configured minimum (carried here).
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// More than [`MAX`] code points.
    #[error("must have at most 256 characters")]
    TooLong,
    /// One of the most common passwords.
    #[error("is one of the most common passwords; attackers try those first")]
    Common,
    /// The account's own name, its e-mail address or the product's name, with little else.
    #[error("must not be built from the user name or e-mail address")]
    OwnName,
}

/// Judges a new password for an account with these names.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn accept(password: &str, names: &[&str], min: usize) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length < min.max(MIN) {
        return Err(Refusal::TooShort(min.max(MIN)));
    }
    if length > MAX {
        return Err(Refusal::TooLong);
    }
    let folded = password.to_lowercase();
    if is_common(&folded) {
        return Err(Refusal::Common);
    }
    let context = names.iter().flat_map(|name| parts(name)).chain(["tokenhouse".to_owned()]);
    for word in context {
        // A short word hides in many good passwords by chance; a long one with little added does not.
        let rest = folded.replace(&word, "").chars().count();
        if word.chars().count() >= 3 && rest < length && rest < 4 {
            return Err(Refusal::OwnName);
        }
    }
    Ok(())
}

/// A name and, for an e-mail address, its local part.
fn parts(name: &str) -> Vec<String> {
    let folded = name.to_lowercase();
    let local = folded.split_once('@').map(|(local, _)| local.to_owned());
    std::iter::once(folded).chain(local).collect()
}

fn is_common(folded: &str) -> bool {
    let hash = digest::digest(&digest::SHA256, folded.as_bytes());
    let (entries, _) = COMMON.as_chunks::<8>();
    hash.as_ref().first_chunk::<8>().is_some_and(|wanted| entries.binary_search(wanted).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_list_is_sorted_and_long_enough() {
        let (entries, rest) = COMMON.as_chunks::<8>();
        assert!(rest.is_empty());
        assert!(entries.len() >= 10_000, "{}", entries.len());
        assert!(entries.is_sorted());
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for password in ["password", "12345678", "PASSWORD", "QwertyUiop"] {
            assert_eq!(accept(password, &[], 8), Err(Refusal::Common), "{password}");
        }
    }

    #[test]
    fn own_names_are_refused_and_good_phrases_are_not() {
        let names = ["melisande-q", "melisande-q@example.org"];
        for bad in ["melisande-q", "Melisande-Q1", "melisande-q@example.org", "tokenhouse!!"] {
            assert_eq!(accept(bad, &names, 8), Err(Refusal::OwnName), "{bad}");
        }
        assert_eq!(accept("melisande-q rows at dawn", &names, 8), Ok(()));
        assert_eq!(accept("correct horse battery staple", &["al"], 8), Ok(()));
    }

    #[test]
    fn length_is_counted_in_code_points_and_spaces_count() {
        assert_eq!(accept("aB3$xyz", &[], 8), Err(Refusal::TooShort(8)));
        assert_eq!(accept("пароль-я", &[], 8), Ok(()));
        assert_eq!(accept("  spaced  ", &[], 8), Ok(()));
        assert_eq!(accept(&"é".repeat(256), &[], 8), Ok(()));
        assert_eq!(accept(&"é".repeat(257), &[], 8), Err(Refusal::TooLong));
        assert_eq!(accept("long enough?", &[], 15), Err(Refusal::TooShort(15)));
    }
}
