//! The life of a key that signs tokens, and how its private half is kept.
//!
//! What a key may be used for is a function of its instants and the database's time; nothing switches it. It is
//! published before it signs, long enough that whoever holds published keys for as long as he may has met it; then
//! it signs until the next one has taken over; then it stays published until the last token that it signed has
//! expired. A key is due by the same rule at every process, so they all ask for the same number, and one of them
//! gets it.

use std::time::Duration;

use zeroize::Zeroizing;

use super::jwk::Algorithm;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Cipher};
use crate::time::Timestamp;

/// By how much clocks and caches of others may be off.
pub const SKEW: Duration = Duration::from_secs(60);

const CIPHER: Cipher = |key| &key.signing_key;

/// How long each part of a life is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// How long a key signs.
    pub rotate_every: Duration,
    /// How long it is published before.
    pub publish_before: Duration,
    /// How long it stays published afterwards.
    pub keep_after: Duration,
}

impl Schedule {
    /// The schedule for published keys that may be held for `jwks_max_age`, and tokens that last `longest_token`
    /// at most. A key signs for three times the wait before it, or the next would be due before it began.
    pub fn new(rotate_every: Duration, jwks_max_age: Duration, longest_token: Duration) -> Self {
        let publish_before = jwks_max_age.saturating_mul(2).saturating_add(SKEW);
        Self {
            rotate_every: rotate_every.max(publish_before.saturating_mul(3)),
            publish_before,
            keep_after: longest_token.saturating_add(SKEW),
        }
    }
}

/// The instants at which a key passes from one stage into the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instants {
    /// From when on it signs.
    pub activate_at: Timestamp,
    /// From when on it signs no more.
    pub retire_at: Timestamp,
    /// From when on nothing it signed is good any more.
    pub remove_at: Timestamp,
}

/// What a key is used for. It is published in all stages but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Not yet for anything.
    Published,
    /// To sign.
    Active,
    /// To check what it signed.
    Retired,
    /// For nothing any more.
    Removed,
}

/// The stage of a key.
pub fn stage(now: Timestamp, instants: &Instants) -> Stage {
    if now >= instants.remove_at {
        Stage::Removed
    } else if now >= instants.retire_at {
        Stage::Retired
    } else if now >= instants.activate_at {
        Stage::Active
    } else {
        Stage::Published
    }
}

/// What is known of a key without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// Its number among those of its algorithm.
    pub number: i64,
    /// When it passes from stage to stage.
    pub instants: Instants,
}

impl AsRef<Life> for Life {
    fn as_ref(&self) -> &Life {
        self
    }
}

/// The key that signs now: the newest that is active.
pub fn choose<K: AsRef<Life>>(keys: &[K], now: Timestamp, algorithm: Algorithm) -> Option<&K> {
    let is_active = |life: &Life| stage(now, &life.instants) == Stage::Active;
    keys.iter()
        .filter(|key| key.as_ref().algorithm == algorithm && is_active(key.as_ref()))
        .max_by_key(|key| key.as_ref().number)
}

/// A key that is to be made. Its instants are spans from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its number among those of its algorithm.
    pub number: i64,
    /// After which time it signs.
    pub activate: Duration,
    /// After which time it signs no more.
    pub retire: Duration,
    /// After which time it is gone.
    pub remove: Duration,
}

/// The key that is due, if one is: while what there is can sign for less than twice the time that the next must be
/// published. So there is as much time again in which some process has to come by.
pub fn next<K: AsRef<Life>>(
    keys: &[K],
    now: Timestamp,
    schedule: &Schedule,
    algorithm: Algorithm,
) -> Option<Due> {
    let left = signed_until(keys, now, algorithm).since(now);
    let due = left < schedule.publish_before.saturating_mul(2);
    due.then(|| rotate(keys, now, schedule, algorithm))
}

/// The key that comes after those there are, due or not. It waits until it has been published for long enough,
/// but never so long that nothing could sign meanwhile: the first of an algorithm signs at once, and so does the
/// first after a sleep that outlasted all there were.
pub fn rotate<K: AsRef<Life>>(
    keys: &[K],
    now: Timestamp,
    schedule: &Schedule,
    algorithm: Algorithm,
) -> Due {
    let newest = of(keys, algorithm).map(|life| life.number).max();
    let left = signed_until(keys, now, algorithm).since(now);
    let activate = schedule.publish_before.min(left);
    let retire = activate.saturating_add(schedule.rotate_every);
    Due {
        number: newest.unwrap_or(0).saturating_add(1),
        activate,
        retire,
        remove: retire.saturating_add(schedule.keep_after),
    }
}

/// The end of the time from now on in which there is a key that signs at any instant.
fn signed_until<K: AsRef<Life>>(keys: &[K], now: Timestamp, algorithm: Algorithm) -> Timestamp {
    let mut until = now;
    let after = |until: Timestamp| {
        let active = |life: &&Life| stage(until, &life.instants) == Stage::Active;
        of(keys, algorithm).filter(active).map(|life| life.instants.retire_at).max()
    };
    while let Some(later) = after(until) {
        until = later;
    }
    until
}

fn of<K: AsRef<Life>>(keys: &[K], algorithm: Algorithm) -> impl Iterator<Item = &Life> {
    keys.iter().map(K::as_ref).filter(move |life| life.algorithm == algorithm)
}

/// Bytes that are no private key of that name, sealed by this root secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the private key of this name, sealed by this root secret")]
pub struct BadSeal;

/// Encrypts a private key for its row. The name and the algorithm are bound to it, so that no row can be given
/// another's key.
pub fn seal(
    root: &RootSecret,
    id: &str,
    algorithm: Algorithm,
    pkcs8: &[u8],
    nonce: [u8; 12],
) -> Vec<u8> {
    sealed::encrypt(CIPHER, nonce, &row(id, algorithm), pkcs8, root)
}

/// Decrypts the private key of a row.
///
/// # Errors
/// [`BadSeal`].
pub fn open(
    root: &RootSecret,
    id: &str,
    algorithm: Algorithm,
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, BadSeal> {
    sealed::decrypt(CIPHER, &row(id, algorithm), bytes, root).ok_or(BadSeal)
}

/// Whether a private key is sealed with the key of the root secret that writes; if not it wants to be sealed again
/// before the other is taken out of the list.
pub fn is_sealed_by_first(root: &RootSecret, bytes: &[u8]) -> bool {
    sealed::is_of_first(bytes, root)
}

fn row(id: &str, algorithm: Algorithm) -> Vec<u8> {
    ["signing_keys", id, algorithm.name()].join("\0").into_bytes()
}

#[cfg(test)]
mod tests;
