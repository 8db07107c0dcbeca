//! Signed tokens in the compact form (RFC 7515 §7.1), written and read as RFC 8725 asks.
//!
//! A token is believed when its type is the one that is expected here, its algorithm one of three, its key one
//! that the reader knows by itself and that is of that algorithm, and its signature right; only then is anything
//! of its claims read. `jku`, `x5c` and `x5u` are never looked at, nor is `jwk` but for proofs of a key
//! (`embedded.rs`); `crit` is refused. What the claims must say (issuer, audience, expiry) the reader of each kind of
//! token decides.

mod embedded;
mod signer;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

pub use self::embedded::verify_embedded;
pub use self::signer::SigningKey;
use super::jwk::{Algorithm, PublicKey};
use crate::document;

/// The longest token that is read.
pub const MAX_BYTES: usize = 8 * 1024;

/// What a token is (RFC 8725 §3.11): one kind is never taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// An access token (RFC 9068 §2.1).
    AccessToken,
    /// An answer about a token (RFC 9701 §5).
    Introspection,
    /// Tells an application that a session ended (OpenID Connect Back-Channel Logout 1.0 §2.4).
    LogoutToken,
    /// A proof of the key in it (RFC 9449 §4.2).
    DpopProof,
    /// What a client shows who it is by (RFC 7523).
    ClientAssertion,
    /// A request that a client signed (RFC 9101 §10.8).
    RequestObject,
    /// An answer of the userinfo endpoint (OpenID Connect Core §5.3.2). Readers expect the type of an ID token, from
    /// which it differs by what it lacks: it does not expire.
    UserInfo,
}

impl Typ {
    /// The value of `typ`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdToken | Self::UserInfo => "JWT",
            Self::AccessToken => "at+jwt",
            Self::DpopProof => "dpop+jwt",
            Self::Introspection => "token-introspection+jwt",
            Self::ClientAssertion => "client-authentication+jwt",
            Self::RequestObject => "oauth-authz-req+jwt",
            Self::LogoutToken => "logout+jwt",
        }
    }

    /// How long a token may be. An answer travels in a body, and is read by who asked for it.
    const fn most(self) -> usize {
        if matches!(self, Self::Introspection | Self::UserInfo) { usize::MAX } else { MAX_BYTES }
    }

    /// Whether a header may say this of a token of this type. Assertions of clients are older than the rule that
    /// every kind has a type of its own: they may say that they are a JWT, or nothing.
    fn allows(self, named: Option<&str>) -> bool {
        match named {
            Some(text) if self == Self::ClientAssertion && Self::IdToken.is(text) => true,
            Some(text) => self.is(text),
            None => self == Self::ClientAssertion,
        }
    }

    /// Whether `text` names this type: a media type, whose `application/` may be left out (RFC 7515 §4.1.9).
    fn is(self, text: &str) -> bool {
        const TREE: &str = "application/";
        let short = match text.split_at_checked(TREE.len()) {
            Some((tree, rest)) if tree.eq_ignore_ascii_case(TREE) => rest,
            _ => text,
        };
        short.eq_ignore_ascii_case(self.name())
    }
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJws {
    /// Longer than [`MAX_BYTES`].
    #[error("longer than any token of this server")]
    TooLarge,
    /// Not the compact form of a JWS with JSON inside.
    #[error("not a signed token")]
    Malformed,
    /// By an algorithm that is not used here.
    #[error("signed by an algorithm that is not used here")]
    Algorithm,
    /// Asks for an extension (`crit`); none is understood.
    #[error("asks for an extension that is not understood")]
    Critical,
    /// A token for something else.
    #[error("not a token of this type")]
    Type,
    /// By a key that the reader does not know.
    #[error("signed by an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("forged or altered")]
    Forged,
}

/// A token that no reader would take: it would be longer than [`MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token would be longer than {MAX_BYTES} bytes")]
pub struct TooLarge;

/// What a header says of the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// By which algorithm.
    pub algorithm: Algorithm,
    /// By which key.
    pub kid: Option<String>,
}

/// A token whose signature is right.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// Its header.
    pub header: Header,
    /// Its claims.
    pub claims: Map<String, Value>,
}

/// Checks a token. `keys` finds the key of a name and an algorithm among those that the reader knows.
///
/// # Errors
/// [`BadJws`].
pub fn verify<'k>(
    text: &str,
    typ: Typ,
    keys: impl Fn(Option<&str>, Algorithm) -> Option<&'k PublicKey>,
) -> Result<Verified, BadJws> {
    if text.len() > MAX_BYTES {
        return Err(BadJws::TooLarge);
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(BadJws::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(BadJws::Malformed)?;
    let header = read_header(&object(header)?, typ)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| BadJws::Malformed)?;
    let key = keys(header.kid.as_deref(), header.algorithm)
        .filter(|key| key.algorithm() == header.algorithm)
        .ok_or(BadJws::UnknownKey)?;
    if !key.verifies(signed.as_bytes(), &signature) {
        return Err(BadJws::Forged);
    }
    Ok(Verified { header, claims: object(claims)? })
}

fn read_header(header: &Map<String, Value>, typ: Typ) -> Result<Header, BadJws> {
    let member = |name: &str| match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(BadJws::Malformed),
    };
    let algorithm = member("alg")?.ok_or(BadJws::Malformed)?;
    let algorithm = Algorithm::named(algorithm).ok_or(BadJws::Algorithm)?;
    if header.contains_key("crit") {
        return Err(BadJws::Critical);
    }
    if !typ.allows(member("typ")?) {
        return Err(BadJws::Type);
    }
    Ok(Header { algorithm, kid: member("kid")?.map(str::to_owned) })
}

/// A part of a token that is a JSON object, without a member that appears twice (RFC 7515 §4).
pub(super) fn object(encoded: &str) -> Result<Map<String, Value>, BadJws> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| BadJws::Malformed)?;
    let text = str::from_utf8(&bytes).map_err(|_| BadJws::Malformed)?;
    let text = document::check(text, MAX_BYTES).map_err(|_| BadJws::Malformed)?;
    serde_json::from_str(text).map_err(|_| BadJws::Malformed)
}

/// What an ID token says of the access token beside it: the left half of its digest, by the hash function of the
/// algorithm (OpenID Connect Core §3.1.3.6); that of Ed25519 is SHA-512 (RFC 8032 §5.1).
pub fn at_hash(algorithm: Algorithm, token: &str) -> String {
    let function = match algorithm {
        Algorithm::ES256 | Algorithm::RS256 => &digest::SHA256,
        Algorithm::EdDSA => &digest::SHA512,
    };
    let digest = digest::digest(function, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

#[cfg(test)]
mod tests;
