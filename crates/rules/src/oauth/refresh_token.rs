//! The refresh token (RFC 6749 §1.5): a grant, and which of its tokens in a row this one is.
//!
//! `thr_` and 60 characters of base64url over 45 bytes: layout version (1), root key (4), grant id (16),
//! generation (8, big-endian), MAC (16). The row of the grant holds the generation that is current. Any process
//! can make the next token from it, so an answer that was lost can be given again, and nothing secret is stored.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::id::GrantId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};

/// What every refresh token begins with.
pub const PREFIX: &str = "thr_";

const KIND: Kind = Kind { prefix: PREFIX, key: |key| &key.refresh_token };

/// A text that is no refresh token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token of this server")]
pub struct BadRefreshToken;

/// What a genuine token says. Whether its grant is alive and the generation current, the row decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The grant.
    pub grant: GrantId,
    /// Which of its tokens.
    pub generation: i64,
}

/// Makes the token of one generation of a grant; the same whichever process makes it.
pub fn seal(grant: GrantId, generation: i64, root: &RootSecret) -> Zeroizing<String> {
    let mut content = [0; 24];
    content[..16].copy_from_slice(grant.uuid().as_bytes());
    content[16..].copy_from_slice(&generation.to_be_bytes());
    sealed::seal(&KIND, &content, root)
}

/// Reads a token that an application presents.
///
/// # Errors
/// [`BadRefreshToken`]; the MAC is compared in constant time.
pub fn open(text: &str, root: &RootSecret) -> Result<Presented, BadRefreshToken> {
    let content = sealed::open::<24>(&KIND, text, root).ok_or(BadRefreshToken)?;
    let (mut grant, mut generation) = ([0; 16], [0; 8]);
    grant.copy_from_slice(&content[..16]);
    generation.copy_from_slice(&content[16..]);
    Ok(Presented {
        grant: GrantId::from_uuid(Uuid::from_bytes(grant)),
        generation: i64::from_be_bytes(generation),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn root() -> RootSecret {
        RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret")
    }

    fn grant() -> GrantId {
        GrantId::from_uuid(Uuid::from_u128(7))
    }

    #[test]
    fn any_process_makes_the_same_token_and_each_generation_has_its_own() {
        for generation in [0, 1, i64::MAX] {
            let text = seal(grant(), generation, &root());
            assert_eq!(text.len(), 64);
            assert_eq!(text, seal(grant(), generation, &root()));
            assert_eq!(open(&text, &root()), Ok(Presented { grant: grant(), generation }));
        }
        assert_ne!(seal(grant(), 0, &root()), seal(grant(), 1, &root()));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let text = seal(grant(), 3, &root());
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(open(&altered, &root()), Err(BadRefreshToken), "{position}");
        }
    }
}
