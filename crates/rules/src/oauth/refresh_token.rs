//! The refresh token (RFC 6749 §1.5): a grant, and which of its tokens in a row this one is.
//!
//! `thr_` and 60 characters of base64url over 45 bytes: layout version (1), root key (4), grant id (16),
//! generation (8, big-endian), MAC (16). One that is bound to a key (RFC 9449 §5) has 103 characters: the
//! thumbprint of that key (32) comes before the MAC, so that who cannot prove it is refused before the database is
//! asked, and can turn no token. The row of the grant holds the generation that is current. Any process can make
//! the next token from it, so an answer that was lost can be given again, and nothing secret is stored. The row also
//! names the root key that sealed the current one: while the root secret is changed, processes write with different keys,
//! and still there is one text.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::dpop::Thumbprint;
use crate::id::GrantId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Kind};

/// What every refresh token begins with.
pub const PREFIX: &str = "thr_";

const KIND: Kind = Kind { prefix: PREFIX, key: |key| &key.refresh_token };
const FREE: usize = 24;
const BOUND: usize = FREE + 32;

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
    /// The key that who presents it has to prove.
    pub key: Option<Thumbprint>,
}

/// The root key that seals a token, by the four bytes that name it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealer(pub [u8; 4]);

impl Sealer {
    /// The one that writes here.
    pub fn first(root: &RootSecret) -> Self {
        Self(sealed::first(root))
    }
}

/// Which of a grant's tokens is made, and with which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which of them.
    pub generation: i64,
    /// The key; the one that writes here where this one is not known (any more).
    pub sealer: Sealer,
}

/// Makes a token of a grant, bound to a key or not; the same whichever process makes it.
pub fn seal(
    grant: GrantId,
    Turn { generation, sealer }: Turn,
    key: Option<&Thumbprint>,
    root: &RootSecret,
) -> Zeroizing<String> {
    let mut content = Vec::with_capacity(BOUND);
    content.extend_from_slice(grant.uuid().as_bytes());
    content.extend_from_slice(&generation.to_be_bytes());
    if let Some(key) = key {
        content.extend_from_slice(key.bytes());
    }
    sealed::seal_by(&KIND, &content, sealer.0, root)
}

/// Reads a token that an application presents.
///
/// # Errors
/// [`BadRefreshToken`]; the MAC is compared in constant time.
pub fn open(text: &str, root: &RootSecret) -> Result<Presented, BadRefreshToken> {
    if let Some(content) = sealed::open::<FREE>(&KIND, text, root) {
        return Ok(read(&content, None));
    }
    let content = sealed::open::<BOUND>(&KIND, text, root).ok_or(BadRefreshToken)?;
    let (mut free, mut key) = ([0; FREE], [0; BOUND - FREE]);
    free.copy_from_slice(&content[..FREE]);
    key.copy_from_slice(&content[FREE..]);
    Ok(read(&free, Some(Thumbprint::from_bytes(key))))
}

fn read(content: &[u8; FREE], key: Option<Thumbprint>) -> Presented {
    let (mut grant, mut generation) = ([0; 16], [0; 8]);
    grant.copy_from_slice(&content[..16]);
    generation.copy_from_slice(&content[16..]);
    Presented {
        grant: GrantId::from_uuid(Uuid::from_bytes(grant)),
        generation: i64::from_be_bytes(generation),
        key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";

    fn root() -> RootSecret {
        RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret")
    }

    fn turn(generation: i64) -> Turn {
        Turn { generation, sealer: Sealer::first(&root()) }
    }

    fn bound() -> Thumbprint {
        Thumbprint::from_bytes([8; 32])
    }

    fn grant() -> GrantId {
        GrantId::from_uuid(Uuid::from_u128(7))
    }

    #[test]
    fn any_process_makes_the_same_token_and_each_generation_has_its_own() {
        for generation in [0, 1, i64::MAX] {
            for (key, length) in [(None, 64), (Some(bound()), 107)] {
                let text = seal(grant(), turn(generation), key.as_ref(), &root());
                assert_eq!(text.len(), length);
                assert_eq!(text, seal(grant(), turn(generation), key.as_ref(), &root()));
                assert_eq!(open(&text, &root()), Ok(Presented { grant: grant(), generation, key }));
            }
        }
        assert_ne!(seal(grant(), turn(0), None, &root()), seal(grant(), turn(1), None, &root()));
    }

    #[test]
    fn processes_that_write_with_different_keys_make_the_same_token_with_the_key_that_is_named() {
        let secret = |text: &str| RootSecret::parse(text).expect("a root secret");
        let before = secret(&format!("k1:{KEY},k2:{OTHER}"));
        let after = secret(&format!("k2:{OTHER},k1:{KEY}"));
        for sealer in [Sealer::first(&before), Sealer::first(&after)] {
            let turn = Turn { generation: 4, sealer };
            let text = seal(grant(), turn, None, &before);
            assert_eq!(text, seal(grant(), turn, None, &after));
            for root in [&before, &after] {
                assert_eq!(open(&text, root).map(|read| read.generation), Ok(4));
            }
        }
        assert_ne!(Sealer::first(&before), Sealer::first(&after));
        let forgotten = Turn { generation: 4, sealer: Sealer::first(&before) };
        let newest = Turn { sealer: Sealer::first(&after), ..forgotten };
        let alone = secret(&format!("k2:{OTHER}"));
        let text = seal(grant(), forgotten, None, &alone);
        assert_eq!(text, seal(grant(), newest, None, &after), "what is not known is not used");
    }

    #[test]
    fn the_key_cannot_be_taken_off_nor_changed_for_another() {
        let text = seal(grant(), turn(3), Some(&bound()), &root());
        let free = seal(grant(), turn(3), None, &root());
        assert_eq!(open(&text[..free.len()], &root()), Err(BadRefreshToken));
        let other = seal(grant(), turn(3), Some(&Thumbprint::from_bytes([9; 32])), &root());
        let spliced = format!("{}{}", &other[..80], &text[80..]);
        assert_eq!(open(&spliced, &root()), Err(BadRefreshToken));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        for key in [None, Some(bound())] {
            let text = seal(grant(), turn(3), key.as_ref(), &root());
            for position in 0..text.len() {
                let mut bytes = text.as_bytes().to_vec();
                bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
                let altered = String::from_utf8(bytes).expect("ASCII");
                assert_eq!(open(&altered, &root()), Err(BadRefreshToken), "{position}");
            }
        }
    }
}
