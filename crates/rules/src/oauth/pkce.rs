//! Proof that who redeems a code is who asked for it (RFC 7636), with S256 only.
//!
//! `plain` would show the proof to whoever sees the request, so there is no such method here (RFC 9700 §2.1.1).

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};

const BYTES: usize = 32;
const TEXT: usize = 43;

/// A text that is no challenge of method S256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 43 characters of base64url")]
pub struct BadChallenge;

/// Why a verifier is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVerifier {
    /// There was a challenge and there is no verifier.
    #[error("code_verifier is missing")]
    Missing,
    /// There is a verifier and there was no challenge: somebody took it out of the request (RFC 9700 §4.8.2).
    #[error("there was no code_challenge")]
    Unasked,
    /// It is not the one that was meant, or not of the grammar.
    #[error("code_verifier is wrong")]
    Wrong,
}

/// SHA-256 of a verifier, as an application sends it ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge([u8; BYTES]);

impl Challenge {
    /// Reads `code_challenge`.
    ///
    /// # Errors
    /// [`BadChallenge`].
    pub fn parse(text: &str) -> Result<Self, BadChallenge> {
        let mut bytes = [0; BYTES];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(BYTES) if text.len() == TEXT => Ok(Self(bytes)),
            _ => Err(BadChallenge),
        }
    }

    /// Whether this is the verifier that it was made from; in constant time.
    pub fn verify(&self, verifier: &str) -> bool {
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        let same = constant_time::verify_slices_are_equal(hash.as_ref(), &self.0).is_ok();
        same && is_verifier(verifier)
    }
}

/// Judges the verifier that comes with a code, given the challenge that came with the request.
///
/// # Errors
/// [`BadVerifier`].
pub fn check(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), BadVerifier> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(BadVerifier::Unasked),
        (Some(_), None) => Err(BadVerifier::Missing),
        (Some(challenge), Some(verifier)) if challenge.verify(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(BadVerifier::Wrong),
    }
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

impl std::fmt::Display for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl Serialize for Challenge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Challenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge() -> Challenge {
        Challenge::parse(CHALLENGE).expect("a challenge")
    }

    fn of(verifier: &str) -> Challenge {
        let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
        Challenge::parse(&URL_SAFE_NO_PAD.encode(hash)).expect("a challenge")
    }

    #[test]
    fn the_example_of_the_rfc_is_proved() {
        assert!(challenge().verify(VERIFIER));
        assert_eq!(check(Some(&challenge()), Some(VERIFIER)), Ok(()));
        assert_eq!(challenge().to_string(), CHALLENGE);
    }

    #[test]
    fn a_challenge_that_was_taken_out_of_the_request_is_noticed() {
        assert_eq!(check(None, Some(VERIFIER)), Err(BadVerifier::Unasked));
        assert_eq!(check(Some(&challenge()), None), Err(BadVerifier::Missing));
        assert_eq!(check(None, None), Ok(()));
    }

    #[test]
    fn the_challenge_itself_is_no_verifier() {
        assert_eq!(check(Some(&challenge()), Some(CHALLENGE)), Err(BadVerifier::Wrong));
        assert_eq!(check(Some(&challenge()), Some("")), Err(BadVerifier::Wrong));
    }

    #[test]
    fn a_verifier_outside_the_grammar_proves_nothing_even_where_its_digest_fits() {
        let (short, long) = ("a".repeat(42), "a".repeat(129));
        for bad in [short.as_str(), long.as_str(), &"a b".repeat(20), &"ä".repeat(30), ""] {
            assert!(!of(bad).verify(bad), "{bad}");
        }
        for good in ["a".repeat(43), "-._~".repeat(32)] {
            assert!(of(&good).verify(&good), "{good}");
        }
    }

    #[test]
    fn only_the_canonical_digest_is_a_challenge() {
        let (cut, padded) = (&CHALLENGE[..42], format!("{CHALLENGE}="));
        let standard = CHALLENGE.replace('-', "+");
        // The last character of 43 holds four bits: this one sets one of the two that are no part of it.
        let loose = format!("{cut}N");
        let long = "a".repeat(44);
        for bad in ["", cut, &padded, &standard, &loose, &long, VERIFIER.trim_end_matches('k'), " "]
        {
            assert_eq!(Challenge::parse(bad), Err(BadChallenge), "{bad}");
        }
    }

    #[test]
    fn it_is_stored_as_it_was_sent() {
        let json = serde_json::to_string(&challenge()).expect("JSON");
        assert_eq!(json, format!("\"{CHALLENGE}\""));
        assert_eq!(serde_json::from_str::<Challenge>(&json).expect("a challenge"), challenge());
        assert!(serde_json::from_str::<Challenge>("\"x\"").is_err());
    }

    proptest! {
        #[test]
        fn every_verifier_of_the_grammar_proves_its_own_challenge_and_no_other(
            one in "[A-Za-z0-9._~-]{43,128}",
            other in "[A-Za-z0-9._~-]{43,128}",
        ) {
            prop_assert!(of(&one).verify(&one));
            prop_assert_eq!(of(&one).verify(&other), one == other);
        }
    }
}
