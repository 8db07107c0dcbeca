//! Access tokens, in two forms with the same claims.
//!
//! Opaque: `tha_` and base64url over the claims as JSON, encrypted under a key of the root secret
//! (`keys/sealed.rs`). Who holds one learns nothing from it, and it is judged against its grant each time. Signed:
//! a JWT (RFC 9068) for services that judge by themselves; it is good until it expires, whatever happens to its
//! grant. Expiry, audience and grant are for the reader to judge, by the database's time.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::dpop::Confirmation;
use super::exchange::{Act, Bond};
use super::jwk::{Algorithm, PublicKey};
use super::jws::{self, BadJws, SigningKey, TooLarge, Typ};
use crate::id::GrantId;
use crate::keys::RootSecret;
use crate::keys::sealed::{self, Cipher};
use crate::time::Timestamp;

/// What every opaque token begins with, so that secret scanners recognise a leaked one.
pub const PREFIX: &str = "tha_";

const CIPHER: Cipher = |key| &key.access_token;

/// Whom a token is for (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One service.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Audience {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    /// Whether it is for this one.
    pub fn contains(&self, name: &str) -> bool {
        self.all().iter().any(|one| one == name)
    }
}

impl From<Vec<String>> for Audience {
    fn from(mut names: Vec<String>) -> Self {
        match names.pop() {
            Some(name) if names.is_empty() => Self::One(name),
            last => {
                names.extend(last);
                Self::Many(names)
            }
        }
    }
}

/// What a token says (RFC 9068 §2.2). What a newer release adds is ignored by an older one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// This server.
    pub iss: String,
    /// The user, or the client when it acts for itself.
    pub sub: String,
    /// Whom it is for.
    pub aud: Audience,
    /// The client it was given to.
    pub client_id: String,
    /// When it expires, in seconds since 1970.
    pub exp: u64,
    /// When it was made.
    pub iat: u64,
    /// Its own name.
    pub jti: Uuid,
    /// What it allows, separated by spaces.
    pub scope: String,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<u64>,
    /// How sure that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what she signed in (RFC 8176).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// The grant it belongs to; none for a client that acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<GrantId>,
    /// Her groups, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The key that who shows it has to prove (RFC 9449 §6.1); without one, whoever holds it may show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Of an exchanged token: who acts (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    /// Of an exchanged token: with what it ends. Its client holds no grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bond: Option<Bond>,
    /// What the operator maps for the client (`claims/mapping.rs`); none of it has a name of those above.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Claims {
    /// Whether it has expired.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now.seconds() >= self.exp
    }
}

/// A text that is no opaque token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an access token of this server")]
pub struct BadAccessToken;

/// Makes an opaque token, from a nonce of random bytes.
///
/// # Errors
/// [`TooLarge`], where [`open`] would not read it.
pub fn seal(
    claims: &Claims,
    root: &RootSecret,
    nonce: [u8; 12],
) -> Result<Zeroizing<String>, TooLarge> {
    let claims = serde_json::to_vec(claims).expect("claims are members with names");
    let bytes = sealed::encrypt(CIPHER, nonce, PREFIX.as_bytes(), &claims, root);
    let text = sealed::encode(PREFIX, &bytes);
    if text.len() > jws::MAX_BYTES { Err(TooLarge) } else { Ok(text) }
}

/// Reads an opaque token.
///
/// # Errors
/// [`BadAccessToken`], before any of it is looked at that was not made here.
pub fn open(text: &str, root: &RootSecret) -> Result<Claims, BadAccessToken> {
    if text.len() > jws::MAX_BYTES {
        return Err(BadAccessToken);
    }
    let bytes = sealed::decode(PREFIX, text).ok_or(BadAccessToken)?;
    let claims = sealed::decrypt(CIPHER, PREFIX.as_bytes(), &bytes, root).ok_or(BadAccessToken)?;
    serde_json::from_slice(&claims).map_err(|_| BadAccessToken)
}

/// Makes a signed token.
///
/// # Errors
/// [`TooLarge`].
pub fn sign(claims: &Claims, key: &SigningKey) -> Result<String, TooLarge> {
    key.sign(Typ::AccessToken, claims)
}

/// Reads a signed token.
///
/// # Errors
/// [`BadJws`]; a token without all claims of ours is malformed.
pub fn verify<'k>(
    text: &str,
    keys: impl Fn(Option<&str>, Algorithm) -> Option<&'k PublicKey>,
) -> Result<Claims, BadJws> {
    let verified = jws::verify(text, Typ::AccessToken, keys)?;
    serde_json::from_value(Value::Object(verified.claims)).map_err(|_| BadJws::Malformed)
}

/// What is noted when this one token is revoked.
pub fn revocation(claims: &Claims) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"access-token");
    context.update(claims.jti.as_bytes());
    let mut noted = [0; 32];
    noted.copy_from_slice(context.finish().as_ref());
    noted
}

#[cfg(test)]
mod tests;
