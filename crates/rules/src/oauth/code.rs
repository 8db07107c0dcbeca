//! The authorization code (RFC 6749 §4.1.2): what a browser carries to an application, worth a grant once.
//!
//! `thc_` and 71 characters of base64url over 53 bytes: layout version (1), root key (4), code id (16), random
//! secret (16), MAC (16). Like a session token it needs both: who steals the database has no MAC, who steals the
//! root key no secret. Whether it may still be redeemed, by whom and for what, its row decides.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::id::CodeId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};
use crate::token::secret_hash;

const KIND: Kind = Kind { prefix: "thc_", key: |key| &key.code };

/// A text that is no authorization code of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an authorization code of this server")]
pub struct BadCode;

/// What a genuine code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Its row.
    pub id: CodeId,
    /// SHA-256 of its random secret, as the row holds it.
    pub secret_hash: [u8; 32],
}

/// Makes the code that the browser carries, from 128 random bits.
pub fn seal(id: CodeId, secret: &[u8; 16], root: &RootSecret) -> Zeroizing<String> {
    seal_as(&KIND, id, secret, root)
}

/// The same for another kind of code.
pub(super) fn seal_as(
    kind: &Kind,
    id: CodeId,
    secret: &[u8; 16],
    root: &RootSecret,
) -> Zeroizing<String> {
    let mut content = Zeroizing::new([0u8; 32]);
    content[..16].copy_from_slice(id.uuid().as_bytes());
    content[16..].copy_from_slice(secret);
    sealed::seal(kind, content.as_ref(), root)
}

/// Reads a code that an application presents.
///
/// # Errors
/// [`BadCode`]; the MAC is compared in constant time.
pub fn open(text: &str, root: &RootSecret) -> Result<Presented, BadCode> {
    open_as(&KIND, text, root).ok_or(BadCode)
}

/// The same for another kind of code.
pub(super) fn open_as(kind: &Kind, text: &str, root: &RootSecret) -> Option<Presented> {
    let content = sealed::open::<32>(kind, text, root)?;
    let (mut id, mut secret) = ([0; 16], Zeroizing::new([0u8; 16]));
    id.copy_from_slice(&content[..16]);
    secret.copy_from_slice(&content[16..]);
    let id = CodeId::from_uuid(Uuid::from_bytes(id));
    Some(Presented { id, secret_hash: secret_hash(&secret) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    #[test]
    fn a_code_says_which_row_it_is_of_and_what_the_row_must_hold() {
        let root = RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret");
        let id = CodeId::from_uuid(Uuid::from_u128(7));
        let text = seal(id, &[9; 16], &root);
        assert_eq!(text.len(), 75);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        let expected = Presented { id, secret_hash: secret_hash(&[9; 16]) };
        assert_eq!(open(&text, &root), Ok(expected));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let root = RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret");
        let text = seal(CodeId::from_uuid(Uuid::from_u128(7)), &[9; 16], &root);
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(open(&altered, &root), Err(BadCode), "{position}");
        }
    }
}
