//! Proof that who sends a request holds the private key that its tokens are bound to (RFC 9449): a JWT made for
//! this one request, which brings the public key along.
//!
//! What a proof says by itself is read before anything is looked up ([`Proof::read`]): type, key, signature,
//! method and address. Whether it is of now is judged by the database's time ([`Proof::judge`]); that it comes
//! once, the store sees to ([`Proof::once`]).

mod nonce;
mod target;
mod thumbprint;

use std::time::Duration;

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::nonce::nonce;
pub use self::thumbprint::{BadThumbprint, Thumbprint};
use super::jws::{self, BadJws, Typ};
use crate::keys::RootSecret;
use crate::time::Timestamp;

/// How far a proof may be from the database's time, either way: the clocks of applications are often wrong.
const WINDOW: u64 = 300;

/// The key that an access token is bound to (RFC 9449 §6.1). Another way of binding than `jkt` is none that can be
/// checked here, so a token with it cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Its thumbprint.
    pub jkt: Thumbprint,
}

/// Why a proof is none (RFC 9449 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProof {
    /// Not a proof that is signed by the key in it.
    #[error("{0}")]
    Jws(BadJws),
    /// `jti`, `htm`, `htu` or `iat` is missing, or a claim is not written as it must be.
    #[error("a claim is missing or malformed")]
    Claims,
    /// Made for another method.
    #[error("made for another method")]
    Method,
    /// Made for another address.
    #[error("made for another address")]
    Target,
    /// Without a nonce of this server, or with one that is too old.
    #[error("without a nonce of this server that is still good")]
    Nonce,
    /// Made too long ago, or too far in the future.
    #[error("not made now")]
    Time,
}

/// A proof that is right in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    key: Thumbprint,
    jti: String,
    iat: u64,
    nonce: Option<String>,
    ath: Option<String>,
}

impl Proof {
    /// Reads the value of the `DPoP` header of a request with this method to this address.
    ///
    /// # Errors
    /// [`BadProof`].
    pub fn read(text: &str, method: &str, address: &str) -> Result<Self, BadProof> {
        let (key, claims) = jws::verify_embedded(text, Typ::DpopProof).map_err(BadProof::Jws)?;
        let needed = |name| optional(&claims, name)?.ok_or(BadProof::Claims);
        let proof = Self {
            key: Thumbprint::of(&key),
            jti: needed("jti")?,
            iat: claims.get("iat").and_then(Value::as_u64).ok_or(BadProof::Claims)?,
            nonce: optional(&claims, "nonce")?,
            ath: optional(&claims, "ath")?,
        };
        let (htm, htu) = (needed("htm")?, needed("htu")?);
        if proof.jti.is_empty() {
            return Err(BadProof::Claims);
        }
        if htm != method {
            return Err(BadProof::Method);
        }
        if !target::is_same(&htu, address) {
            return Err(BadProof::Target);
        }
        Ok(proof)
    }

    /// The key that it proves.
    pub const fn key(&self) -> &Thumbprint {
        &self.key
    }

    /// Whether it was made to show this access token (RFC 9449 §4.2, `ath`).
    pub fn is_for(&self, token: &str) -> bool {
        let hash = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()));
        self.ath.as_ref().is_some_and(|shown| {
            constant_time::verify_slices_are_equal(hash.as_bytes(), shown.as_bytes()).is_ok()
        })
    }

    /// Whether it was made now, on a nonce of ours.
    ///
    /// # Errors
    /// [`BadProof::Nonce`] and [`BadProof::Time`].
    pub fn judge(&self, now: Timestamp, root: &RootSecret) -> Result<(), BadProof> {
        if !self.nonce.as_ref().is_some_and(|text| nonce::is_fresh(text, root, now)) {
            return Err(BadProof::Nonce);
        }
        if now.seconds().abs_diff(self.iat) > WINDOW {
            return Err(BadProof::Time);
        }
        Ok(())
    }

    /// What is noted so that it does not come again, and until when it could. For a proof that was judged.
    pub fn once(&self) -> ([u8; 32], Timestamp) {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"dpop-proof");
        context.update(self.key.bytes());
        context.update(self.jti.as_bytes());
        let mut noted = [0; 32];
        noted.copy_from_slice(context.finish().as_ref());
        // One second more, since times are compared without their fractions.
        let last = Duration::from_secs(self.iat.saturating_add(WINDOW + 1));
        (noted, Timestamp::from_micros(0).plus(last))
    }
}

/// A claim that is text where it is there.
fn optional(claims: &Map<String, Value>, name: &str) -> Result<Option<String>, BadProof> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(BadProof::Claims),
    }
}

#[cfg(test)]
mod tests;
