//! Keys of the examples in the RFCs, and what no key may look like.

use super::*;
use crate::oauth::jws::SigningKey;

/// RFC 7515, appendix A.2.1.
pub(crate) const RSA: &str = r#"{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;

/// RFC 7515, appendix A.3.1.
pub(crate) const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// RFC 8037, appendix A.2.
pub(crate) const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// RFC 7638 §3.1.
const THUMBPRINT: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A key with one member set to something else.
fn with(text: &str, member: &str, instead: Value) -> Result<PublicKey, BadKey> {
    let mut jwk = value(text);
    jwk[member] = instead;
    PublicKey::from_value(&jwk)
}

fn refused(text: &str, member: &str, instead: Value) -> BadKey {
    with(text, member, instead).expect_err("a key that is not taken")
}

#[test]
fn thumbprints_are_those_of_the_examples() {
    let rsa = PublicKey::parse(THUMBPRINT).expect("RFC 7638 §3.1");
    assert_eq!(rsa.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(rsa.kid(), "2011-04-29");
    let ed25519 = PublicKey::parse(ED25519).expect("RFC 8037 A.2");
    assert_eq!(ed25519.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let p256 = PublicKey::parse(P256).expect("RFC 7515 A.3");
    assert_eq!(p256.kid(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

#[test]
fn a_key_is_published_as_it_was_read_with_name_use_and_algorithm() {
    for (text, algorithm) in [(RSA, "RS256"), (P256, "ES256"), (ED25519, "EdDSA")] {
        let key = PublicKey::parse(text).expect("a good key");
        assert_eq!(key.algorithm().name(), algorithm);
        assert_eq!(Algorithm::named(algorithm), Some(key.algorithm()));
        assert_eq!(json!(key.algorithm()), json!(algorithm));
        let mut expected = value(text);
        expected["kid"] = json!(key.thumbprint());
        expected["use"] = json!("sig");
        expected["alg"] = json!(algorithm);
        assert_eq!(key.to_json(), expected);
        let again = PublicKey::parse(&key.to_json().to_string()).expect("our own");
        assert_eq!(again.to_json(), expected);
    }
    assert_eq!(Algorithm::named("none"), None);
    assert_eq!(Algorithm::named("es256"), None);
}

#[test]
fn a_key_for_something_else_is_refused() {
    assert_eq!(refused(RSA, "use", json!("enc")), BadKey::Purpose);
    assert_eq!(refused(RSA, "alg", json!("PS384")), BadKey::Purpose);
    assert_eq!(refused(P256, "alg", json!("PS256")), BadKey::Purpose);
    assert_eq!(refused(P256, "alg", json!("RS256")), BadKey::Purpose);
    assert_eq!(refused(P256, "key_ops", json!(["sign"])), BadKey::Purpose);
    assert_eq!(refused(P256, "key_ops", json!("verify")), BadKey::Purpose);
    assert!(with(P256, "key_ops", json!(["verify"])).is_ok());
    assert!(with(P256, "x5u", json!("https://evil.example")).is_ok(), "ignored, never followed");
}

#[test]
fn a_private_or_shared_key_is_refused_and_so_is_the_set_it_is_in() {
    for member in PRIVATE {
        assert_eq!(refused(RSA, member, json!("AQAB")), BadKey::Private);
    }
    let shared = r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#;
    assert_eq!(KeySet::parse(shared).expect_err("a shared key"), BadKey::Private);
}

#[test]
fn a_key_that_is_not_written_as_it_must_be_is_refused() {
    for text in ["", "[]", "null", "{}", "{", r#"{"kty":"EC"}"#, r#"{"kty":1}"#] {
        assert_eq!(PublicKey::parse(text).expect_err(text), BadKey::Malformed, "{text}");
    }
    let twice = P256.replacen('{', r#"{"kty":"RSA","#, 1);
    assert_eq!(PublicKey::parse(&twice).expect_err("two types"), BadKey::Malformed);
    assert_eq!(refused(P256, "kid", json!(7)), BadKey::Malformed);
    assert_eq!(refused(P256, "x", json!("AQAB")), BadKey::Malformed, "too short");
    let x = value(P256)["x"].as_str().expect("a coordinate").to_owned();
    for altered in [format!("{x}="), format!("{x}A"), x.replace("VEU", "VEV"), x.replace('V', "+")]
    {
        assert_eq!(refused(P256, "x", json!(altered)), BadKey::Malformed, "{altered}");
    }
    assert_eq!(refused(RSA, "e", json!("AAEAAQ")), BadKey::Malformed, "a leading zero");
    assert_eq!(refused(RSA, "n", json!("")), BadKey::Malformed);
}

#[test]
fn only_what_is_a_key_of_the_known_types_is_taken() {
    for (member, instead) in [("kty", "EC"), ("kty", "oct"), ("crv", "X25519"), ("crv", "Ed448")] {
        let error = refused(ED25519, member, json!(instead));
        assert_eq!(error, BadKey::Unsupported, "{member} {instead}");
    }
    assert_eq!(refused(P256, "crv", json!("P-384")), BadKey::Unsupported);
    let off_the_curve = json!("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4");
    assert_eq!(refused(P256, "y", off_the_curve), BadKey::Invalid);
    assert_eq!(refused(RSA, "e", json!("AQ")), BadKey::Invalid, "an exponent of one");
    assert_eq!(refused(RSA, "e", json!("AQAA")), BadKey::Invalid, "an even exponent");
    assert_eq!(refused(RSA, "n", json!(encoded(&[0xff; 128]))), BadKey::Size);
    assert_eq!(refused(RSA, "n", json!(encoded(&[0x7f; 256]))), BadKey::Size, "2047 bits");
    assert_eq!(refused(RSA, "n", json!(encoded(&[0xff; 1025]))), BadKey::Size);
    assert_eq!(refused(RSA, "n", json!(encoded(&[0xfe; 256]))), BadKey::Invalid, "even");
}

#[test]
fn a_set_leaves_out_what_it_does_not_know_and_is_never_ambiguous() {
    let set = |keys: &[Value]| KeySet::from_value(&json!({ "keys": keys })).expect("a set");
    let named = |text: &str, kid: &str| {
        let mut jwk = value(text);
        jwk["kid"] = json!(kid);
        jwk
    };
    let unknown = json!({ "kty": "AKP", "alg": "ML-DSA-44" });
    let two = set(&[unknown, named(P256, "a"), named(RSA, "a"), named(ED25519, "b")]);
    let found = |kid: Option<&str>, algorithm| two.find(kid, algorithm).map(PublicKey::thumbprint);
    let print = |text: &str| Some(PublicKey::parse(text).expect("a key").thumbprint());
    assert_eq!(found(Some("a"), Algorithm::ES256), print(P256));
    assert_eq!(found(Some("a"), Algorithm::RS256), print(RSA));
    assert_eq!(found(Some("a"), Algorithm::EdDSA), None);
    assert_eq!(found(None, Algorithm::EdDSA), print(ED25519));
    let same = set(&[named(P256, "a"), named(P256, "a")]);
    assert!(same.find(Some("a"), Algorithm::ES256).is_none());
    assert!(same.find(None, Algorithm::ES256).is_none());
    for text in ["[]", "{}", r#"{"keys":{}}"#] {
        assert_eq!(KeySet::parse(text).expect_err(text), BadKey::Malformed);
    }
}

#[test]
fn a_key_of_rsa_is_for_the_padding_that_it_names_and_else_for_the_one_that_is_meant() {
    let with_alg = |alg: &str| {
        let mut jwk = value(RSA);
        jwk["alg"] = json!(alg);
        jwk
    };
    let as_named = |jwk: &Value| PublicKey::from_value(jwk).map(|key| key.algorithm());
    assert_eq!(as_named(&value(RSA)), Ok(Algorithm::RS256));
    for algorithm in [Algorithm::RS256, Algorithm::PS256] {
        let jwk = with_alg(algorithm.name());
        assert_eq!(as_named(&jwk), Ok(algorithm));
        assert_eq!(PublicKey::from_value(&jwk).expect("a key").to_json()["alg"], algorithm.name());
        for meant in Algorithm::ACCEPTED {
            let found = PublicKey::for_algorithm(&jwk, meant).map(|key| key.algorithm());
            let expected = if meant == algorithm { Ok(meant) } else { Err(BadKey::Purpose) };
            assert_eq!(found, expected, "{meant:?}");
            let bare = PublicKey::for_algorithm(&value(RSA), meant).map(|key| key.algorithm());
            let fits = matches!(meant, Algorithm::RS256 | Algorithm::PS256);
            assert_eq!(bare, if fits { Ok(meant) } else { Err(BadKey::Purpose) }, "{meant:?}");
        }
        let set = KeySet::from_value(&json!({ "keys": [jwk] })).expect("a set");
        for other in Algorithm::ACCEPTED {
            assert_eq!(set.find(None, other).is_some(), other == algorithm, "{other:?}");
        }
    }
    let set = KeySet::from_value(&json!({ "keys": [value(RSA)] })).expect("a set");
    for algorithm in Algorithm::ACCEPTED {
        let fits = matches!(algorithm, Algorithm::RS256 | Algorithm::PS256);
        assert_eq!(set.find(None, algorithm).is_some(), fits, "{algorithm:?}");
    }
}

#[test]
fn what_only_applications_sign_by_is_no_setting_of_this_server() {
    assert_eq!(Algorithm::named("PS256"), None);
    assert_eq!(Algorithm::accepted("PS256"), Some(Algorithm::PS256));
    assert!(serde_json::from_value::<Algorithm>(json!("PS256")).is_err());
    assert!(SigningKey::generate(Algorithm::PS256).is_err());
}
