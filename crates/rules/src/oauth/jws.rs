//! Signed tokens in the compact form (RFC 7515 §7.1), written and read as RFC 8725 asks.
//!
//! A token is believed when its type is the one that is expected here, its algorithm one of four, its key one
//! that the reader knows by itself and that is of that algorithm, and its signature right; only then is anything
//! of its claims read. What is under a MAC is read by a function of its own (`mac.rs`), so that no public key is ever
//! taken for a secret. `jku`, `x5c` and `x5u` are never looked at, nor is `jwk` but for proofs of a key
//! (`embedded.rs`); `crit` is refused. What the claims must say (issuer, audience, expiry) the reader of each kind of
//! token decides.

mod embedded;
mod mac;
mod signer;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

pub use self::embedded::verify_embedded;
pub use self::mac::{MAC_ALGORITHM, verify_mac};
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

    /// By what it may be signed: what this server signs by its own algorithms, what applications do by others too.
    /// Proofs are younger than the padding of PKCS #1 v1.5, and FAPI 2.0 has them without it (Security Profile §5.4).
    pub const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::ClientAssertion | Self::RequestObject => &Algorithm::ACCEPTED,
            Self::DpopProof => &[Algorithm::ES256, Algorithm::EdDSA, Algorithm::PS256],
            _ => &Algorithm::ALL,
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
    let parts = Parts::of(text)?;
    let header = read_header(&object(parts.header)?, typ)?;
    let signature = parts.signature()?;
    let key = keys(header.kid.as_deref(), header.algorithm)
        .filter(|key| key.algorithm() == header.algorithm)
        .ok_or(BadJws::UnknownKey)?;
    if !key.verifies(parts.signed.as_bytes(), &signature) {
        return Err(BadJws::Forged);
    }
    Ok(Verified { header, claims: object(parts.claims)? })
}

/// By which key a token says that it is signed. Nothing of it was checked: this is for finding keys alone.
pub fn named_key(text: &str, typ: Typ) -> Option<Header> {
    read_header(&object(Parts::of(text).ok()?.header).ok()?, typ).ok()
}

/// The parts of the compact form.
struct Parts<'a> {
    /// Header and claims, as they are signed.
    signed: &'a str,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, BadJws> {
        if text.len() > MAX_BYTES {
            return Err(BadJws::TooLarge);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(BadJws::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(BadJws::Malformed)?;
        Ok(Self { signed, header, claims, signature })
    }

    fn signature(&self) -> Result<Vec<u8>, BadJws> {
        URL_SAFE_NO_PAD.decode(self.signature).map_err(|_| BadJws::Malformed)
    }
}

fn read_header(header: &Map<String, Value>, typ: Typ) -> Result<Header, BadJws> {
    let algorithm = member(header, "alg")?.ok_or(BadJws::Malformed)?;
    let algorithm = Algorithm::accepted(algorithm).filter(|one| typ.algorithms().contains(one));
    let algorithm = algorithm.ok_or(BadJws::Algorithm)?;
    expect(header, typ)?;
    Ok(Header { algorithm, kid: member(header, "kid")?.map(str::to_owned) })
}

/// Refuses a token of another type, and one that asks for an extension.
fn expect(header: &Map<String, Value>, typ: Typ) -> Result<(), BadJws> {
    if header.contains_key("crit") {
        return Err(BadJws::Critical);
    }
    if typ.allows(member(header, "typ")?) { Ok(()) } else { Err(BadJws::Type) }
}

fn member<'a>(header: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, BadJws> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(BadJws::Malformed),
    }
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
        Algorithm::ES256 | Algorithm::RS256 | Algorithm::PS256 => &digest::SHA256,
        Algorithm::EdDSA => &digest::SHA512,
    };
    let digest = digest::digest(function, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..digest.as_ref().len() / 2])
}

#[cfg(test)]
mod tests;
