//! The session token: opaque to clients, judged in about a microsecond before the database is asked.
//!
//! `ths_` and 100 characters of base64url over 75 bytes:
//!
//! | bytes | content |
//! |---|---|
//! | 1 | layout version, 1 |
//! | 4 | which root key sealed it |
//! | 16 | session id |
//! | 16 | user id |
//! | 6 | absolute expiry, seconds since the Unix epoch, big-endian (for information; the row decides) |
//! | 16 | random secret; the session's row holds its SHA-256 |
//! | 16 | HMAC-SHA256 over prefix and all bytes before, truncated to 128 bits (RFC 2104 §5) |
//!
//! Who steals the database cannot make a token (no root key); who steals the root key cannot either
//! (no random secret). Neither can be guessed: 128 bits each (OWASP ASVS 7.2.3).

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::id::{SessionId, UserId};
use crate::keys::RootSecret;
use crate::time::Timestamp;

/// What every session token begins with, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "ths_";

const VERSION: u8 = 1;
const SIGNED: usize = 59;
const MAC: usize = 16;
const BYTES: usize = SIGNED + MAC;
const TEXT: usize = PREFIX.len() + BYTES / 3 * 4;

/// Why a token is not one of ours. Clients are told `invalid_token` for each (RFC 6750 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// Not the shape of a session token.
    #[error("not a session token")]
    Malformed,
    /// Sealed by a key that is not in the root secret.
    #[error("sealed by an unknown key")]
    UnknownKey,
    /// The MAC does not match.
    #[error("forged or altered")]
    Forged,
}

/// What a genuine token says. Whether its session is alive only the row can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The session it belongs to.
    pub session: SessionId,
    /// The user it was given to.
    pub user: UserId,
    /// The absolute expiry it was made with.
    pub expires_at: Timestamp,
    /// SHA-256 of its random secret, as the session's row holds it.
    pub secret_hash: [u8; 32],
}

/// What a new token is made of.
#[derive(Clone, Copy)]
pub struct Content {
    /// The session it opens.
    pub session: SessionId,
    /// The user it is given to.
    pub user: UserId,
    /// The absolute expiry of the session.
    pub expires_at: Timestamp,
    /// 128 random bits.
    pub secret: [u8; 16],
}

/// The digest of a token's random secret that is stored in place of it. A fast hash suffices for
/// 128 random bits (NIST SP 800-63B-4 §3.1.2).
pub fn secret_hash(secret: &[u8; 16]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, secret).as_ref());
    hash
}

/// Whether a stored digest is that of the presented secret; in constant time.
pub fn is_same_hash(stored: &[u8], presented: &[u8; 32]) -> bool {
    constant_time::verify_slices_are_equal(stored, presented).is_ok()
}

/// Makes the token that the client is handed.
pub fn seal(content: &Content, root: &RootSecret) -> Zeroizing<String> {
    let (tag, key) = root.sealing();
    let mut bytes = Zeroizing::new([0u8; BYTES]);
    bytes[0] = VERSION;
    bytes[1..5].copy_from_slice(&tag);
    bytes[5..21].copy_from_slice(content.session.uuid().as_bytes());
    bytes[21..37].copy_from_slice(content.user.uuid().as_bytes());
    bytes[37..43].copy_from_slice(&content.expires_at.seconds().to_be_bytes()[2..]);
    bytes[43..59].copy_from_slice(&content.secret);
    let mac = mac(key, &bytes[..SIGNED]);
    bytes[SIGNED..].copy_from_slice(&mac.as_ref()[..MAC]);
    let mut text = Zeroizing::new(String::with_capacity(TEXT));
    text.push_str(PREFIX);
    URL_SAFE_NO_PAD.encode_string(bytes.as_ref(), &mut text);
    text
}

/// Checks shape and MAC of what a client presents (OWASP ASVS 9.1.1: before any of it is used).
///
/// # Errors
/// [`BadToken`]; the MAC is compared in constant time.
pub fn open(text: &str, root: &RootSecret) -> Result<Presented, BadToken> {
    let encoded = text.strip_prefix(PREFIX).ok_or(BadToken::Malformed)?;
    if text.len() != TEXT {
        return Err(BadToken::Malformed);
    }
    let mut bytes = Zeroizing::new([0u8; BYTES]);
    match URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut()) {
        Ok(BYTES) if bytes[0] == VERSION => {}
        _ => return Err(BadToken::Malformed),
    }
    let key = root.opening(array(&bytes[1..5])).ok_or(BadToken::UnknownKey)?;
    let expected = mac(key, &bytes[..SIGNED]);
    constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], &bytes[SIGNED..])
        .map_err(|_| BadToken::Forged)?;
    let mut seconds = [0; 8];
    seconds[2..].copy_from_slice(&bytes[37..43]);
    let expires = i64::try_from(u64::from_be_bytes(seconds)).unwrap_or(i64::MAX);
    Ok(Presented {
        session: SessionId::from_uuid(Uuid::from_bytes(array(&bytes[5..21]))),
        user: UserId::from_uuid(Uuid::from_bytes(array(&bytes[21..37]))),
        expires_at: Timestamp::from_micros(expires.saturating_mul(1_000_000)),
        secret_hash: secret_hash(&array(&bytes[43..59])),
    })
}

fn mac(key: &hmac::Key, signed: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(PREFIX.as_bytes());
    context.update(signed);
    context.sign()
}

fn array<const N: usize>(slice: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(slice);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a good secret")
    }

    fn content() -> Content {
        Content {
            session: SessionId::from_uuid(Uuid::from_u128(1)),
            user: UserId::from_uuid(Uuid::from_u128(2)),
            expires_at: Timestamp::from_micros(1_800_000_000_000_000),
            secret: [9; 16],
        }
    }

    #[test]
    fn a_sealed_token_opens_with_the_same_root_secret() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&content(), &root);
        assert_eq!(text.len(), TEXT);
        let presented = open(&text, &root).expect("our own token");
        assert_eq!(presented.session, content().session);
        assert_eq!(presented.user, content().user);
        assert_eq!(presented.expires_at, content().expires_at);
        assert_eq!(presented.secret_hash, secret_hash(&[9; 16]));
    }

    #[test]
    fn every_key_of_the_list_reads_and_the_first_writes() {
        let old = root(&format!("k1:{KEY}"));
        let both = root(&format!("k2:{OTHER},k1:{KEY}"));
        assert!(open(&seal(&content(), &old), &both).is_ok());
        assert_eq!(open(&seal(&content(), &both), &old), Err(BadToken::UnknownKey));
    }

    #[test]
    fn another_key_under_the_same_id_is_a_forgery() {
        let text = seal(&content(), &root(&format!("k1:{OTHER}")));
        assert_eq!(open(&text, &root(&format!("k1:{KEY}"))), Err(BadToken::Forged));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&content(), &root);
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert!(open(&altered, &root).is_err(), "position {position}");
        }
    }

    #[test]
    fn nothing_but_the_exact_shape_is_looked_at() {
        let root = root(&format!("k1:{KEY}"));
        let text = seal(&content(), &root);
        for wrong in ["", "ths_", &text[..TEXT - 1], &format!("{}=", *text), &text[4..], "ths_ä"] {
            assert_eq!(open(wrong, &root), Err(BadToken::Malformed), "{wrong}");
        }
    }
}
