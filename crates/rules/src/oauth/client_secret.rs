//! The secret of an application that can keep one (RFC 6749 §2.3.1).
//!
//! `thk_` and 43 characters of base64url over 32 random bytes. Shown once, when it is made; stored is its SHA-256,
//! which suffices for what cannot be guessed (NIST SP 800-63B-4 §3.1.2). An operator may bring a secret of his
//! own, so any text is hashed and none is judged by its shape.
//!
//! A client that makes MACs with it (`client_secret_jwt`, OpenID Connect Core §9) is the exception: a MAC can be
//! checked by the secret alone, so a copy of it is kept beside the digest, encrypted under the root secret.

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::id::SecretId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Cipher};

const CIPHER: Cipher = |key| &key.client_secret;

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

/// Encrypts a secret for its row. The client and the row are bound to it, so that no client can be given another's. A
/// nonce should not come twice.
pub fn seal(
    root: &RootSecret,
    (client, id): (&str, SecretId),
    secret: &[u8],
    nonce: [u8; 12],
) -> Vec<u8> {
    sealed::encrypt(CIPHER, nonce, &row(client, id), secret, root)
}

/// Decrypts the secret of a row; nothing where no key of the root secret made it for this row.
pub fn open(
    root: &RootSecret,
    (client, id): (&str, SecretId),
    bytes: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    sealed::decrypt(CIPHER, &row(client, id), bytes, root)
}

/// Whether a copy is sealed with the key of the root secret that writes; if not it wants to be sealed again before the
/// other is taken out of the list.
pub fn is_sealed_by_first(root: &RootSecret, bytes: &[u8]) -> bool {
    sealed::is_of_first(bytes, root)
}

fn row(client: &str, id: SecretId) -> Vec<u8> {
    ["client_secrets", client, &id.to_string()].join("\0").into_bytes()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NEW: &str = "new:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OLD: &str = "old:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a root secret")
    }

    fn id(number: u128) -> SecretId {
        SecretId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_sealed_copy_opens_in_its_own_row_alone_as_long_as_its_key_is_listed() {
        let sealed = seal(&root(OLD), ("shop", id(1)), b"thk_secret", [7; 12]);
        let both = root(&format!("{NEW},{OLD}"));
        for known in [&root(OLD), &both] {
            let opened = open(known, ("shop", id(1)), &sealed).expect("its own");
            assert_eq!(opened.as_slice(), b"thk_secret");
        }
        assert_eq!(open(&root(NEW), ("shop", id(1)), &sealed), None);
        assert_eq!(open(&both, ("shop", id(2)), &sealed), None);
        assert_eq!(open(&both, ("other", id(1)), &sealed), None);
        assert!(is_sealed_by_first(&root(OLD), &sealed) && !is_sealed_by_first(&both, &sealed));
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert_eq!(open(&both, ("shop", id(1)), &altered), None, "{place}");
        }
        assert!(!sealed.windows(6).any(|part| part == b"secret"));
    }

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
