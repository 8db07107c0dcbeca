//! The secret of an application that can keep one (RFC 6749 §2.3.1).
//!
//! `thk_` and 43 characters of base64url over 32 random bytes. Shown once, when it is made; stored is its SHA-256,
//! which suffices for what cannot be guessed (NIST SP 800-63B-4 §3.1.2). An operator may bring a secret of his
//! own, so any text is hashed and none is judged by its shape.

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::keys::sealed;

/// What every secret that is made here begins with, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "thk_";

/// Makes a secret of 256 random bits.
pub fn make(entropy: [u8; 32]) -> Zeroizing<String> {
    sealed::encode(PREFIX, Zeroizing::new(entropy).as_ref())
}

/// The digest of a secret that is stored in the place of it.
pub fn hash(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognisable_and_holds_all_its_randomness() {
        let text = make([0xff; 32]);
        assert_eq!(*text, format!("thk_{}8", "_".repeat(42)));
        assert_ne!(make([1; 32]), make([2; 32]));
    }

    #[test]
    fn the_digest_is_sha_256_of_the_whole_text() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(hash("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_ne!(hash("thk_abc"), hash("abc"));
    }
}
