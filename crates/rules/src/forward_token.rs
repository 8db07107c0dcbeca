//! What a browser shows on hosts other than the login server's own, so that a proxy before them can ask who is there.
//!
//! `thf_` and 114 characters of base64url over 85 bytes: layout version (1), root key (4), session id (16), user id
//! (16), SHA-256 of the session's random secret (32), HMAC-SHA256 truncated to 128 bits (16).
//!
//! The cookie with it goes to every host of a domain, and services there may read it. So it is not the session
//! token: it is sealed for this purpose, is looked at by the endpoints for proxies only, and holds the digest of the
//! secret where the session token holds the secret, so that the one cannot be made of the other. The digest is what
//! the session's row holds and is compared with: who learns the root key alone makes no such token, as he makes no
//! session token (decision 0003). Whether the session lives only the row can tell.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::id::{SessionId, UserId};
use crate::keys::RootSecret;
use crate::keys::sealed;

/// What each begins with, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "thf_";

const KIND: sealed::Kind = sealed::Kind { prefix: PREFIX, key: |key| &key.forward_token };
const CONTENT: usize = 64;

/// A text that is no such token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token for services behind a proxy")]
pub struct BadForwardToken;

/// The session that a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The session.
    pub session: SessionId,
    /// Whose it is; must be the row's.
    pub user: UserId,
    /// SHA-256 of its random secret; must be the row's.
    pub secret_hash: [u8; 32],
}

/// Makes the token for a session.
pub fn seal(named: &Named, root: &RootSecret) -> Zeroizing<String> {
    let mut content = Zeroizing::new([0; CONTENT]);
    content[..16].copy_from_slice(named.session.uuid().as_bytes());
    content[16..32].copy_from_slice(named.user.uuid().as_bytes());
    content[32..].copy_from_slice(&named.secret_hash);
    sealed::seal(&KIND, content.as_ref(), root)
}

/// Which session a token names. Whether that lives the row decides.
///
/// # Errors
/// [`BadForwardToken`]; the MAC is compared in constant time.
pub fn open(text: &str, root: &RootSecret) -> Result<Named, BadForwardToken> {
    let content = sealed::open::<CONTENT>(&KIND, text, root).ok_or(BadForwardToken)?;
    let (mut session, mut user, mut secret_hash) = ([0; 16], [0; 16], [0; 32]);
    session.copy_from_slice(&content[..16]);
    user.copy_from_slice(&content[16..32]);
    secret_hash.copy_from_slice(&content[32..]);
    Ok(Named {
        session: SessionId::from_uuid(Uuid::from_bytes(session)),
        user: UserId::from_uuid(Uuid::from_bytes(user)),
        secret_hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use crate::token::{self, Content, secret_hash};

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";
    const SECRET: [u8; 16] = [9; 16];

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a root secret")
    }

    fn named() -> Named {
        Named {
            session: SessionId::from_uuid(Uuid::from_u128(1)),
            user: UserId::from_uuid(Uuid::from_u128(2)),
            secret_hash: secret_hash(&SECRET),
        }
    }

    #[test]
    fn it_names_a_session_to_who_has_the_root_secret() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&named(), &root);
        assert_eq!(text.len(), PREFIX.len() + 114);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        assert_eq!(open(&text, &root), Ok(named()));
    }

    #[test]
    fn it_is_no_session_token_and_none_can_be_made_of_it() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&named(), &root);
        assert!(token::open(&text, &root).is_err());
        let renamed = text.replacen(PREFIX, token::PREFIX, 1);
        assert!(token::open(&renamed, &root).is_err());
        let content = Content {
            session: named().session,
            user: named().user,
            expires_at: Timestamp::from_micros(1_800_000_000_000_000),
            secret: SECRET,
        };
        let session = token::seal(&content, &root);
        assert_eq!(open(&session, &root), Err(BadForwardToken));
        assert_eq!(open(&session.replacen(token::PREFIX, PREFIX, 1), &root), Err(BadForwardToken));
        let opened = open(&text, &root).expect("our own token");
        let (digest, secret) = (opened.secret_hash, SECRET);
        assert!(!digest.windows(secret.len()).any(|window| window == secret));
    }

    #[test]
    fn every_key_of_the_list_reads_and_the_first_writes() {
        let old = root(&format!("k1:{KEY}"));
        let both = root(&format!("k2:{OTHER},k1:{KEY}"));
        assert_eq!(open(&seal(&named(), &old), &both), Ok(named()));
        assert_eq!(open(&seal(&named(), &both), &old), Err(BadForwardToken));
        let renamed = root(&format!("k1:{OTHER}"));
        assert_eq!(open(&seal(&named(), &renamed), &old), Err(BadForwardToken));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&named(), &root);
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(open(&altered, &root), Err(BadForwardToken), "{position}");
        }
        for wrong in ["", "thf_", &text[1..], &format!("{}A", *text), &format!("{}=", *text), "ä"]
        {
            assert_eq!(open(wrong, &root), Err(BadForwardToken), "{wrong}");
        }
    }
}
