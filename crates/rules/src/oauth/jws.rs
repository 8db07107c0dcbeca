//! Signed tokens in the compact form (RFC 7515 §7.1), written and read as RFC 8725 asks.
//!
//! A token is believed when its type is the one that is expected here, its algorithm one of three, its key one
//! that the reader knows by itself and that is of that algorithm, and its signature right; only then is anything
//! of its claims read. `jku`, `jwk`, `x5c` and `x5u` are never looked at, `crit` is refused. What the claims must
//! say (issuer, audience, expiry) the reader of each kind of token decides.

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::jwk::{Algorithm, BadKey, PublicKey};
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
}

impl Typ {
    /// The value of `typ`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::AccessToken => "at+jwt",
            Self::Introspection => "token-introspection+jwt",
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
    if !member("typ")?.is_some_and(|named| typ.is(named)) {
        return Err(BadJws::Type);
    }
    Ok(Header { algorithm, kid: member("kid")?.map(str::to_owned) })
}

/// A part of a token that is a JSON object, without a member that appears twice (RFC 7515 §4).
fn object(encoded: &str) -> Result<Map<String, Value>, BadJws> {
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

/// A private key that signs, parsed once.
#[derive(Debug)]
pub struct SigningKey {
    pair: Pair,
    public: PublicKey,
}

#[derive(Debug)]
enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl SigningKey {
    /// Makes a key, and gives it as PKCS#8 (RFC 5958) too, to be sealed and stored. The cryptographic library
    /// takes the randomness from the operating system; a key of RSA can cost it a second.
    ///
    /// # Errors
    /// [`BadKey::Invalid`] when the library fails.
    pub fn generate(algorithm: Algorithm) -> Result<(Self, Zeroizing<Vec<u8>>), BadKey> {
        let pkcs8 = match algorithm {
            Algorithm::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|document| document.as_ref().to_vec()),
            Algorithm::EdDSA => Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .map(|document| document.as_ref().to_vec()),
            // 3072 bits are worth the 128 bits of the others (NIST SP 800-57 part 1, table 2).
            Algorithm::RS256 => RsaKeyPair::generate(KeySize::Rsa3072)
                .and_then(|pair| pair.as_der())
                .map(|document: Pkcs8V1Der<'_>| document.as_ref().to_vec()),
        };
        let pkcs8 = pkcs8.map(Zeroizing::new).map_err(|_| BadKey::Invalid)?;
        Ok((Self::from_pkcs8(algorithm, &pkcs8)?, pkcs8))
    }

    /// Reads a key of that algorithm.
    ///
    /// # Errors
    /// [`BadKey::Invalid`] for anything else.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, BadKey> {
        match algorithm {
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(|_| BadKey::Invalid)?;
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(32);
                Ok(Self { public: PublicKey::of_p256(x, y)?, pair: Pair::P256(pair) })
            }
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| BadKey::Invalid)?;
                let public = PublicKey::of_ed25519(pair.public_key().as_ref())?;
                Ok(Self { public, pair: Pair::Ed25519(pair) })
            }
            Algorithm::RS256 => {
                let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| BadKey::Invalid)?;
                let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let public = PublicKey::of_rsa(&parts.n, &parts.e)?;
                Ok(Self { public, pair: Pair::Rsa(pair) })
            }
        }
    }

    /// The name of the key: its thumbprint.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The algorithm it signs by.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// What its signatures are checked with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Makes a token of claims, which must be a JSON object.
    pub fn sign(&self, typ: Typ, claims: &impl Serialize) -> String {
        let (alg, typ, kid) = (self.algorithm().name(), typ.name(), self.kid());
        let header = format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"{kid}"}}"#);
        let claims = serde_json::to_vec(claims).expect("claims are members with names");
        let mut text = URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut text);
        let signature = self.signature(text.as_bytes());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        text
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let signed = match &self.pair {
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).map(|made| made.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut made = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut made)
                    .map(|()| made)
            }
        };
        signed.expect("a key that was parsed can sign")
    }
}

#[cfg(test)]
mod tests;
