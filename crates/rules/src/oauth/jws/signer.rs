//! Keys that sign, and the tokens that they make.

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
use zeroize::Zeroizing;

use super::{TooLarge, Typ};
use crate::oauth::jwk::{Algorithm, BadKey, PublicKey};

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
    /// [`BadKey::Invalid`] when the library fails, [`BadKey::Unsupported`] for what this server does not sign by.
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
            Algorithm::PS256 => return Err(BadKey::Unsupported),
        };
        let pkcs8 = pkcs8.map(Zeroizing::new).map_err(|_| BadKey::Invalid)?;
        Ok((Self::from_pkcs8(algorithm, &pkcs8)?, pkcs8))
    }

    /// Reads a key of that algorithm.
    ///
    /// # Errors
    /// [`BadKey::Invalid`] for anything else, [`BadKey::Unsupported`] for what this server does not sign by.
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
            Algorithm::PS256 => Err(BadKey::Unsupported),
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
    ///
    /// # Errors
    /// [`TooLarge`], where [`super::verify`] would say the same.
    pub fn sign(&self, typ: Typ, claims: &impl Serialize) -> Result<String, TooLarge> {
        let most = typ.most();
        let (alg, typ, kid) = (self.algorithm().name(), typ.name(), self.kid());
        let header = format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"{kid}"}}"#);
        let claims = serde_json::to_vec(claims).expect("claims are members with names");
        let mut text = URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut text);
        let signature = self.signature(text.as_bytes());
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut text);
        if text.len() > most { Err(TooLarge) } else { Ok(text) }
    }

    pub(in crate::oauth) fn signature(&self, message: &[u8]) -> Vec<u8> {
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
