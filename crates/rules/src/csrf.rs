//! Proof that a form was filled in on a page of ours, by the browser that was given it.
//!
//! A token of 36 characters of base64url over 27 bytes: layout version (1), root key (4), expiry in seconds
//! (6), HMAC-SHA256 truncated to 128 bits (16). The MAC is also over whom the form was given to, so that
//! it is worth nothing in another browser or session; nothing of it is stored. A form of a session ends after
//! [`LIFETIME`] by the database's clock. One that is filled in before there is a session needs no clock: it
//! is bound to a cookie that ends with the browser (docs/decisions/0015-forms-without-a-clock.md).

use std::time::Duration;

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::id::SessionId;
use crate::keys::RootSecret;
use crate::time::Timestamp;

/// How long a form of a session may stay open.
pub const LIFETIME: Duration = Duration::from_secs(12 * 3600);

const VERSION: u8 = 1;
const SIGNED: usize = 11;
const MAC: usize = 16;
const BYTES: usize = SIGNED + MAC;
const TEXT: usize = BYTES / 3 * 4;
/// Stands for an expiry where there is none: the largest number of six bytes.
const NEVER: u64 = (1 << 48) - 1;

/// Whom a form is given to.
#[derive(Clone, Copy, Debug)]
pub enum Holder<'a> {
    /// A browser that has not signed in, by the random value of its cookie.
    Visit(&'a [u8; 16]),
    /// A session.
    Session {
        /// Which.
        id: SessionId,
        /// As the session's row holds it, so that a token cannot be made for an id alone.
        secret_hash: &'a [u8; 32],
        /// The database's time.
        now: Timestamp,
    },
}

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It was not made for this holder, by this root secret, or was altered.
    #[error("the form was not made for this browser")]
    Foreign,
    /// It was open for too long.
    #[error("the form was open for too long")]
    Expired,
}

impl Holder<'_> {
    fn ends(&self) -> u64 {
        match self {
            Self::Visit(_) => NEVER,
            Self::Session { now, .. } => now.plus(LIFETIME).seconds().min(NEVER - 1),
        }
    }

    fn is_over(&self, ends: u64) -> bool {
        match self {
            Self::Visit(_) => ends != NEVER,
            Self::Session { now, .. } => now.seconds() >= ends,
        }
    }

    fn mac(&self, key: &hmac::Key, signed: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(key);
        context.update(signed);
        match self {
            Self::Visit(value) => {
                context.update(b"visit");
                context.update(*value);
            }
            Self::Session { id, secret_hash, .. } => {
                context.update(b"session");
                context.update(id.uuid().as_bytes());
                context.update(*secret_hash);
            }
        }
        context.sign()
    }
}

/// Makes the token for the forms of one page.
pub fn issue(holder: &Holder<'_>, root: &RootSecret) -> String {
    let (tag, key) = root.form_sealing();
    let mut bytes = [0; BYTES];
    bytes[0] = VERSION;
    bytes[1..5].copy_from_slice(&tag);
    bytes[5..SIGNED].copy_from_slice(&holder.ends().to_be_bytes()[2..]);
    let mac = holder.mac(key, &bytes[..SIGNED]);
    bytes[SIGNED..].copy_from_slice(&mac.as_ref()[..MAC]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Judges the token that came with a form. The MAC is compared in constant time, before the expiry is read.
///
/// # Errors
/// [`Refused`].
pub fn check(text: &str, holder: &Holder<'_>, root: &RootSecret) -> Result<(), Refused> {
    let mut bytes = [0; BYTES];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(BYTES) if bytes[0] == VERSION && text.len() == TEXT => {}
        _ => return Err(Refused::Foreign),
    }
    let (mut tag, mut ends) = ([0; 4], [0; 8]);
    tag.copy_from_slice(&bytes[1..5]);
    ends[2..].copy_from_slice(&bytes[5..SIGNED]);
    let key = root.form_opening(tag).ok_or(Refused::Foreign)?;
    let expected = holder.mac(key, &bytes[..SIGNED]);
    constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], &bytes[SIGNED..])
        .map_err(|_| Refused::Foreign)?;
    if holder.is_over(u64::from_be_bytes(ends)) { Err(Refused::Expired) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";
    const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn root(text: &str) -> RootSecret {
        RootSecret::parse(text).expect("a good secret")
    }

    fn session(number: u128, secret_hash: &[u8; 32], now: Timestamp) -> Holder<'_> {
        Holder::Session { id: SessionId::from_uuid(Uuid::from_u128(number)), secret_hash, now }
    }

    #[test]
    fn a_form_is_taken_from_whom_it_was_given_to_and_from_nobody_else() {
        let root = root(&format!("k1:{KEY}"));
        let holders = [
            Holder::Visit(&[1; 16]),
            Holder::Visit(&[2; 16]),
            session(1, &[7; 32], START),
            session(2, &[7; 32], START),
            session(1, &[8; 32], START),
        ];
        for (given, holder) in holders.iter().enumerate() {
            let token = issue(holder, &root);
            assert_eq!(token.len(), TEXT);
            for (shown, other) in holders.iter().enumerate() {
                let judged = check(&token, other, &root);
                assert_eq!(judged.is_ok(), given == shown, "{given} {shown}");
            }
        }
    }

    #[test]
    fn a_form_of_a_session_ends_and_one_of_a_visit_needs_no_clock() {
        let root = root(&format!("k1:{KEY}"));
        let token = issue(&session(1, &[7; 32], START), &root);
        let at = |late: Duration| check(&token, &session(1, &[7; 32], START.plus(late)), &root);
        assert_eq!(at(LIFETIME - Duration::from_secs(1)), Ok(()));
        assert_eq!(at(LIFETIME), Err(Refused::Expired));
        assert!(
            check(&issue(&Holder::Visit(&[1; 16]), &root), &Holder::Visit(&[1; 16]), &root).is_ok()
        );
    }

    #[test]
    fn every_key_of_the_list_reads_and_the_first_writes() {
        let visit = Holder::Visit(&[1; 16]);
        let old = root(&format!("k1:{KEY}"));
        let both = root(&format!("k2:{OTHER},k1:{KEY}"));
        assert_eq!(check(&issue(&visit, &old), &visit, &both), Ok(()));
        assert_eq!(check(&issue(&visit, &both), &visit, &old), Err(Refused::Foreign));
        let renamed = root(&format!("k1:{OTHER}"));
        assert_eq!(check(&issue(&visit, &renamed), &visit, &old), Err(Refused::Foreign));
    }

    #[test]
    fn no_single_changed_character_is_accepted() {
        let root = root(&format!("k1:{KEY}"));
        let visit = Holder::Visit(&[1; 16]);
        let text = issue(&visit, &root);
        for position in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(check(&altered, &visit, &root), Err(Refused::Foreign), "{position}");
        }
        for wrong in ["", "A", &text[1..], &format!("{text}A"), &format!("{text}="), "ä"] {
            assert_eq!(check(wrong, &visit, &root), Err(Refused::Foreign), "{wrong}");
        }
    }
}
