//! What the targets share: keys that are the same in every run, so that what one run has found is worth something in the
//! next; tokens that are signed by them, so that the way goes beyond the signature; and a beginning for each target.

pub mod authorization;

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::client::ClientId;
use tokenhouse_rules::oauth::jwk::KeySet;
use tokenhouse_rules::time::Timestamp;

/// Who this server is.
pub const ISSUER: &str = "https://login.example";
/// When it is.
pub const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// RFC 8037, appendix A.1.
const ED25519_SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// RFC 7515, appendix A.3.1.
const P256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const P256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const P256_D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
/// RFC 7515, appendix A.2.1. Nothing is signed with it: other tests see to RSA.
const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

static ED25519_PAIR: LazyLock<Ed25519KeyPair> = LazyLock::new(|| {
    Ed25519KeyPair::from_seed_unchecked(&decoded(ED25519_SEED)).expect("a key of an RFC")
});

static P256_PAIR: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &decoded(P256_D), &p256_point())
        .expect("a key of an RFC")
});

static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let mut keys = vec![jwk("EdDSA"), jwk("ES256")];
    keys.push(json!({ "kty": "RSA", "n": RSA_N, "e": "AQAB" }));
    KeySet::from_value(&json!({ "keys": keys })).expect("public keys")
});

/// The keys of the client.
pub fn keys() -> &'static KeySet {
    &KEYS
}

/// The public key by which tokens of this algorithm are signed here.
pub fn jwk(algorithm: &str) -> Value {
    match algorithm {
        "ES256" => json!({ "kty": "EC", "crv": "P-256", "x": P256_X, "y": P256_Y }),
        _ => json!({ "kty": "OKP", "crv": "Ed25519", "x": ED25519_X }),
    }
}

/// The client itself.
pub fn client() -> ClientId {
    ClientId::parse("shop").expect("an identifier")
}

/// What this server seals with.
pub fn root() -> RootSecret {
    RootSecret::parse("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=").expect("a root secret")
}

/// What the input stands for: header and claims on two lines, which are signed, or a token as it is.
pub fn token_of(input: &str) -> Cow<'_, str> {
    match input.split_once('\n') {
        Some((header, claims)) => Cow::Owned(signed(header, claims)),
        None => Cow::Borrowed(input),
    }
}

/// A token, by the key of the algorithm that its header seems to name.
pub fn signed(header: &str, claims: &str) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = if header.contains("ES256") {
        let made = P256_PAIR.sign(&SystemRandom::new(), text.as_bytes());
        made.expect("a signature").as_ref().to_vec()
    } else {
        ED25519_PAIR.sign(text.as_bytes()).as_ref().to_vec()
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The object in a part of a token that was believed.
pub fn object(part: &str) -> Map<String, Value> {
    serde_json::from_slice(&decoded(part)).expect("a part that was believed is an object")
}

/// The claims of a token that was believed.
pub fn claims_of(token: &str) -> Map<String, Value> {
    object(token.split('.').nth(1).expect("a token that was believed has claims"))
}

/// That a token which was believed by one of the keys here is one: in its only form, and signed, which is judged anew.
pub fn is_one(token: &str) {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "three parts");
    for part in &parts {
        assert_eq!(URL_SAFE_NO_PAD.encode(decoded(part)), *part, "one way to write it");
    }
    let header = object(parts[0]);
    assert!(!header.contains_key("crit"), "no extension is understood");
    let (text, signature) = token.rsplit_once('.').expect("three parts");
    let signature = decoded(signature);
    let good = match header["alg"].as_str().expect("an algorithm") {
        "EdDSA" => {
            UnparsedPublicKey::new(&ED25519, decoded(ED25519_X)).verify(text.as_bytes(), &signature)
        }
        "ES256" => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, p256_point())
            .verify(text.as_bytes(), &signature),
        other => panic!("nothing is signed by {other} here"),
    };
    good.expect("the signature is right");
}

/// Writes a beginning for this target to the folder of what is found for it, if the script says which.
pub fn begin(seeds: &[String]) {
    let Some(folder) = std::env::var_os("TOKENHOUSE_FUZZ_SEEDS") else { return };
    for (number, seed) in seeds.iter().enumerate() {
        let path = Path::new(&folder).join(format!("seed-{number}"));
        std::fs::write(path, seed).expect("the folder is there");
    }
}

fn p256_point() -> Vec<u8> {
    // Uncompressed (SEC 1 §2.3.3).
    [&[4][..], &decoded(P256_X), &decoded(P256_Y)].concat()
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
