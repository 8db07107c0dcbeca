//! The keys of an application: what it signs, and what it registers.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A private key, and how it is named.
pub struct Signer {
    kid: &'static str,
    pair: Pair,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// The key of RFC 7515 appendix A.3, which is the same in every test.
    pub fn es256() -> Self {
        let (private, x, y) = (
            decoded("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
            decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
        );
        let public = [&[4][..], &x, &y].concat();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &private,
            &public,
        );
        Self { kid: "one", pair: Pair::P256(pair.expect("an example")) }
    }

    /// That of RFC 8037 appendix A.1.
    pub fn eddsa() -> Self {
        let seed = decoded("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("an example");
        Self { kid: "two", pair: Pair::Ed25519(pair) }
    }

    /// A key that nobody has registered, under the name of the first one.
    pub fn stranger() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self { kid: "one", pair: Pair::P256(pair.expect("a new key")) }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y),
                        "kid": self.kid })
            }
            Pair::Ed25519(pair) => {
                let x = encoded(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid })
            }
        }
    }

    /// Signs claims under a header, whatever they say; `alg` and `kid` are this key's where the header says nothing.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let alg = if matches!(self.pair, Pair::P256(_)) { "ES256" } else { "EdDSA" };
        let mut whole = json!({ "alg": alg, "kid": self.kid });
        for (name, value) in header.as_object().expect("an object") {
            whole[name] = value.clone();
        }
        let text = unsigned(&whole, claims);
        let signature = match &self.pair {
            Pair::P256(pair) => {
                let made = pair.sign(&SystemRandom::new(), text.as_bytes());
                made.expect("a signature").as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(text.as_bytes()).as_ref().to_vec(),
        };
        format!("{text}.{}", encoded(&signature))
    }
}

/// A token up to its signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| encoded(part.to_string().as_bytes()));
    format!("{header}.{claims}")
}

/// Now, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "an application says when it signed")]
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.expect("it is later than 1970").as_secs()
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
