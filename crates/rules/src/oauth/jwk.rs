//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2): our own, and those of clients.
//!
//! A key is of one algorithm, which follows from its type and, for RSA, from its own word. What a token says of its
//! algorithm chooses among keys and never how a key is used (RFC 8725 §3.1).

mod algorithm;
mod set;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

pub use self::algorithm::Algorithm;
pub use self::set::KeySet;
use crate::document;

/// The largest key or set of keys that is read.
const MAX_BYTES: usize = 64 * 1024;

/// Members that only a private or a shared key has (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a key is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Not a JSON Web Key, or a member is missing or not written as it must be.
    #[error("not a JSON Web Key")]
    Malformed,
    /// Of a type or curve that nothing is signed with here.
    #[error("only keys on P-256 and Ed25519 and RSA keys are used")]
    Unsupported,
    /// Of RSA and too short to be safe, or too long to be quick.
    #[error("an RSA key must have 2048 to 8192 bits")]
    Size,
    /// A private or shared key. Whoever wrote it here should make another.
    #[error("a private key where a public one belongs")]
    Private,
    /// By its own word for something else (RFC 7517 §4.2–4.4).
    #[error("the key says that it is for something else")]
    Purpose,
    /// The cryptographic library refuses it: no point of the curve, for example.
    #[error("not a valid key of its type")]
    Invalid,
}

/// A public key that signatures are checked with, parsed once.
#[derive(Clone, Debug)]
pub struct PublicKey {
    kid: String,
    algorithm: Algorithm,
    members: Members,
    key: ParsedPublicKey,
}

/// What a key consists of, in base64url as it is published.
#[derive(Clone, Debug)]
enum Members {
    P256 { x: String, y: String },
    Ed25519 { x: String },
    Rsa { n: String, e: String },
}

impl PublicKey {
    /// Reads a JSON Web Key. Members that are not known are ignored (RFC 7517 §4).
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        Self::from_value(&read(text)?)
    }

    /// The same from JSON that was read before. A key of RSA is of RS256 unless it says something else.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn from_value(value: &Value) -> Result<Self, BadKey> {
        let said = value.get("alg").and_then(Value::as_str).and_then(Algorithm::accepted);
        Self::of(value, said.unwrap_or(Algorithm::RS256))
    }

    /// The same for signatures by that algorithm, where the key itself leaves a choice.
    ///
    /// # Errors
    /// [`BadKey`]; [`BadKey::Purpose`] for a key of another algorithm.
    pub fn for_algorithm(value: &Value, algorithm: Algorithm) -> Result<Self, BadKey> {
        let key = Self::of(value, algorithm)?;
        if key.algorithm == algorithm { Ok(key) } else { Err(BadKey::Purpose) }
    }

    /// Reads a key; where it is of RSA, for that algorithm.
    fn of(value: &Value, of_rsa: Algorithm) -> Result<Self, BadKey> {
        let jwk = value.as_object().ok_or(BadKey::Malformed)?;
        if PRIVATE.iter().any(|member| jwk.contains_key(*member)) {
            return Err(BadKey::Private);
        }
        let key = match text(jwk, "kty")? {
            "EC" if text(jwk, "crv")? == "P-256" => {
                Self::of_p256(&octets(jwk, "x")?, &octets(jwk, "y")?)
            }
            "OKP" if text(jwk, "crv")? == "Ed25519" => Self::of_ed25519(&octets(jwk, "x")?),
            "RSA" => Self::rsa(&octets(jwk, "n")?, &octets(jwk, "e")?, of_rsa),
            _ => Err(BadKey::Unsupported),
        }?;
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
        };
        if jwk.get("use").is_some_and(|purpose| purpose != "sig")
            || jwk.get("alg").is_some_and(|name| name != key.algorithm.name())
            || jwk.get("key_ops").is_some_and(|operations| !verifies(operations))
        {
            return Err(BadKey::Purpose);
        }
        match jwk.get("kid") {
            None => Ok(key),
            Some(Value::String(kid)) => Ok(Self { kid: kid.clone(), ..key }),
            Some(_) => Err(BadKey::Malformed),
        }
    }

    /// A key on P-256, by the coordinates of its point.
    pub(super) fn of_p256(x: &[u8], y: &[u8]) -> Result<Self, BadKey> {
        if x.len() != 32 || y.len() != 32 {
            return Err(BadKey::Malformed);
        }
        // An uncompressed point (SEC 1 §2.3.3).
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4][..], x, y].concat());
        Self::new(Algorithm::ES256, Members::P256 { x: encoded(x), y: encoded(y) }, key.ok())
    }

    /// An Ed25519 key, by its 32 bytes.
    pub(super) fn of_ed25519(x: &[u8]) -> Result<Self, BadKey> {
        if x.len() != 32 {
            return Err(BadKey::Malformed);
        }
        let key = ParsedPublicKey::new(&ED25519, x);
        Self::new(Algorithm::EdDSA, Members::Ed25519 { x: encoded(x) }, key.ok())
    }

    /// An RSA key of ours, by modulus and exponent without leading zeros.
    pub(super) fn of_rsa(n: &[u8], e: &[u8]) -> Result<Self, BadKey> {
        Self::rsa(n, e, Algorithm::RS256)
    }

    /// One of RSA has the one padding or the other (RFC 8017 §8), never both.
    fn rsa(n: &[u8], e: &[u8], algorithm: Algorithm) -> Result<Self, BadKey> {
        let (algorithm, verification): (_, &'static dyn VerificationAlgorithm) = match algorithm {
            Algorithm::PS256 => (Algorithm::PS256, &RSA_PSS_2048_8192_SHA256),
            _ => (Algorithm::RS256, &RSA_PKCS1_2048_8192_SHA256),
        };
        let leading = |number: &[u8]| number.first().copied().filter(|byte| *byte != 0);
        let (Some(first), Some(_)) = (leading(n), leading(e)) else {
            return Err(BadKey::Malformed);
        };
        let bits = n.len() * 8 - first.leading_zeros() as usize;
        if !(2048..=8192).contains(&bits) {
            return Err(BadKey::Size);
        }
        let der: Result<PublicKeyX509Der<'_>, _> = RsaPublicKeyComponents { n, e }.as_der();
        let der = der.map_err(|_| BadKey::Invalid)?;
        let key = ParsedPublicKey::new(verification, der.as_ref());
        Self::new(algorithm, Members::Rsa { n: encoded(n), e: encoded(e) }, key.ok())
    }

    fn new(
        algorithm: Algorithm,
        members: Members,
        key: Option<ParsedPublicKey>,
    ) -> Result<Self, BadKey> {
        let key = key.ok_or(BadKey::Invalid)?;
        Ok(Self { kid: members.thumbprint(), algorithm, members, key })
    }

    /// The algorithm of its signatures.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name that it came with; its thumbprint when it came with none.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// SHA-256 of what makes the key, in base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        self.members.thumbprint()
    }

    /// The key as it is published.
    pub fn to_json(&self) -> Value {
        let (kid, alg) = (&self.kid, self.algorithm.name());
        match &self.members {
            Members::P256 { x, y } => json!({
                "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "use": "sig", "alg": alg,
            }),
            Members::Ed25519 { x } => json!({
                "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": alg,
            }),
            Members::Rsa { n, e } => json!({
                "kty": "RSA", "n": n, "e": e, "kid": kid, "use": "sig", "alg": alg,
            }),
        }
    }

    /// Whether `signature` is this key's for `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

impl Members {
    fn thumbprint(&self) -> String {
        // The members that are required, by name, without white space (RFC 7638 §3.3).
        let text = match self {
            Self::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        encoded(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
    }
}

fn read(text: &str) -> Result<Value, BadKey> {
    let text = document::check(text, MAX_BYTES).map_err(|_| BadKey::Malformed)?;
    serde_json::from_str(text).map_err(|_| BadKey::Malformed)
}

fn text<'a>(jwk: &'a Map<String, Value>, member: &str) -> Result<&'a str, BadKey> {
    jwk.get(member).and_then(Value::as_str).ok_or(BadKey::Malformed)
}

fn octets(jwk: &Map<String, Value>, member: &str) -> Result<Vec<u8>, BadKey> {
    URL_SAFE_NO_PAD.decode(text(jwk, member)?).map_err(|_| BadKey::Malformed)
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
pub(super) mod tests;
