//! The examples of the RFCs, and the ways in which tokens were forged elsewhere (RFC 8725 §2).

mod mutations;
mod project_wycheproof;
mod published;
mod vectors;

use aws_lc_rs::hmac;
use serde_json::json;

use super::*;
use crate::oauth::jwk::{BadKey, tests as examples};

const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7515, appendix A.2.1 and A.3.1.
const RS256: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const ES256: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 8037, appendix A.4.
const EDDSA: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const EDDSA_SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a new key").0
}

/// A token with any header, by a key of ours.
fn token(key: &SigningKey, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = key.signature(signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

/// Checks an access token with this key, whatever name and algorithm are asked for.
fn check(text: &str, key: &SigningKey) -> Result<Verified, BadJws> {
    verify(text, Typ::AccessToken, |_, _| Some(key.public()))
}

#[test]
fn the_signatures_of_the_examples_are_right_and_those_tokens_are_of_no_type_of_ours() {
    for (jwk, algorithm, signature) in
        [(examples::RSA, "RS256", RS256), (examples::P256, "ES256", ES256)]
    {
        let key = PublicKey::parse(jwk).expect("an example");
        let signed = format!("{}.{CLAIMS}", encode(format!(r#"{{"alg":"{algorithm}"}}"#)));
        assert!(key.verifies(signed.as_bytes(), &decode(signature)), "{algorithm}");
        assert!(!key.verifies(&signed.as_bytes()[1..], &decode(signature)), "{algorithm}");
        let text = format!("{signed}.{signature}");
        assert_eq!(verify(&text, Typ::IdToken, |_, _| Some(&key)), Err(BadJws::Type));
    }
    let key = PublicKey::parse(examples::ED25519).expect("an example");
    assert!(key.verifies(EDDSA_SIGNED.as_bytes(), &decode(EDDSA)));
}

#[test]
fn ed25519_signs_as_in_the_example() {
    // The seed of RFC 8037 A.1 as PKCS#8 (RFC 8410 §7).
    let head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    let seed = decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let pkcs8 = [&head[..], seed.as_slice()].concat();
    let key = SigningKey::from_pkcs8(Algorithm::EdDSA, &pkcs8).expect("an example");
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(encode(key.signature(EDDSA_SIGNED.as_bytes())), EDDSA);
}

#[test]
fn what_a_new_key_signs_is_believed_and_so_is_what_it_signs_after_it_was_stored() {
    for algorithm in Algorithm::ALL {
        let (key, pkcs8) = SigningKey::generate(algorithm).expect("a new key");
        let stored = SigningKey::from_pkcs8(algorithm, &pkcs8).expect("our own key");
        assert_eq!(key.kid(), stored.kid());
        assert_eq!(key.kid(), key.public().thumbprint());
        let text = stored.sign(Typ::AccessToken, &json!({ "sub": "a", "exp": 1 })).expect("short");
        let known = |kid: Option<&str>, asked: Algorithm| {
            (kid == Some(key.kid()) && asked == algorithm).then_some(key.public())
        };
        let verified = verify(&text, Typ::AccessToken, known).expect("our own token");
        let kid = Some(key.kid().to_owned());
        assert_eq!(verified.header, Header { algorithm, kid });
        assert_eq!(Value::Object(verified.claims), json!({ "sub": "a", "exp": 1 }));
        assert_eq!(verify(&text, Typ::IdToken, known), Err(BadJws::Type));
        assert_eq!(verify(&text, Typ::AccessToken, |_, _| None), Err(BadJws::UnknownKey));
        for other in Algorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let error = SigningKey::from_pkcs8(other, &pkcs8).expect_err("another algorithm");
            assert_eq!(error, BadKey::Invalid);
        }
    }
}

#[test]
fn another_key_of_the_same_algorithm_is_not_believed() {
    let (ours, another) = (key(Algorithm::ES256), key(Algorithm::ES256));
    let text = another.sign(Typ::AccessToken, &json!({})).expect("short");
    assert_eq!(check(&text, &ours), Err(BadJws::Forged));
}

#[test]
fn no_single_changed_character_is_accepted() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let key = key(algorithm);
        let text = key.sign(Typ::AccessToken, &json!({ "sub": "a" })).expect("short");
        for position in 0..text.len() {
            for other in ["A", "B", "g", "_", ".", "=", "+", " "] {
                let mut altered = text.clone();
                altered.replace_range(position..=position, other);
                if altered != text {
                    assert!(check(&altered, &key).is_err(), "{algorithm:?} {position} {other}");
                }
            }
            assert!(check(&text[..position], &key).is_err(), "{algorithm:?} {position}");
        }
    }
}

#[test]
fn an_unsigned_token_is_refused_however_it_is_written() {
    let key = key(Algorithm::ES256);
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = encode(format!(r#"{{"alg":"{none}","typ":"at+jwt"}}"#));
        let text = format!("{header}.{}.", encode("{}"));
        assert_eq!(check(&text, &key), Err(BadJws::Algorithm), "{none}");
    }
    let header = encode(r#"{"alg":"ES256","typ":"at+jwt"}"#);
    for signature in [String::new(), encode([0u8; 64]), encode([0u8; 63])] {
        let text = format!("{header}.{}.{signature}", encode("{}"));
        assert_eq!(check(&text, &key), Err(BadJws::Forged), "{signature}");
    }
}

#[test]
fn a_public_key_is_never_the_secret_of_a_mac() {
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"at+jwt"}"#), encode("{}"));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, examples::RSA.as_bytes());
    let text = format!("{signed}.{}", encode(hmac::sign(&secret, signed.as_bytes())));
    let key = PublicKey::parse(examples::RSA).expect("an example");
    assert_eq!(verify(&text, Typ::AccessToken, |_, _| Some(&key)), Err(BadJws::Algorithm));
}

#[test]
fn a_key_checks_its_own_algorithm_only_whatever_a_header_says() {
    for ours in [key(Algorithm::ES256), key(Algorithm::EdDSA)] {
        for said in Algorithm::ALL {
            let header = format!(r#"{{"alg":"{}","typ":"at+jwt"}}"#, said.name());
            let judged = check(&token(&ours, &header, "{}"), &ours).map(|_| ());
            let own = said == ours.algorithm();
            assert_eq!(judged, if own { Ok(()) } else { Err(BadJws::UnknownKey) });
        }
    }
}

#[test]
fn a_key_that_a_token_brings_along_is_not_looked_at() {
    let (ours, theirs) = (key(Algorithm::ES256), key(Algorithm::ES256));
    let header = json!({
        "alg": "ES256", "typ": "at+jwt", "kid": ours.kid(), "jwk": theirs.public().to_json(),
        "jku": "https://evil.example/keys", "x5u": "https://evil.example/chain", "x5c": ["AAAA"],
    });
    let text = token(&theirs, &header.to_string(), "{}");
    assert_eq!(check(&text, &ours), Err(BadJws::Forged));
}

#[test]
fn a_header_that_is_not_understood_is_refused_even_with_a_right_signature() {
    let key = key(Algorithm::EdDSA);
    for (header, error) in [
        (r#"{"typ":"at+jwt"}"#, BadJws::Malformed),
        (r#"{"alg":7,"typ":"at+jwt"}"#, BadJws::Malformed),
        (r#"{"alg":["EdDSA"],"typ":"at+jwt"}"#, BadJws::Malformed),
        (r#"{"alg":"eddsa","typ":"at+jwt"}"#, BadJws::Algorithm),
        (r#"{"alg":"EdDSA ","typ":"at+jwt"}"#, BadJws::Algorithm),
        (r#"{"alg":"PS256","typ":"at+jwt"}"#, BadJws::Algorithm),
        (r#"{"alg":"ES512","typ":"at+jwt"}"#, BadJws::Algorithm),
        (r#"{"alg":"EdDSA","typ":"at+jwt","crit":["exp"],"exp":1}"#, BadJws::Critical),
        (r#"{"alg":"EdDSA","typ":"at+jwt","crit":["b64"],"b64":false}"#, BadJws::Critical),
        (r#"{"alg":"EdDSA","typ":"at+jwt","crit":[]}"#, BadJws::Critical),
        (r#"{"alg":"EdDSA","typ":"at+jwt","crit":null}"#, BadJws::Critical),
        (r#"{"alg":"EdDSA"}"#, BadJws::Type),
        (r#"{"alg":"EdDSA","typ":""}"#, BadJws::Type),
        (r#"{"alg":"EdDSA","typ":"JWT"}"#, BadJws::Type),
        (r#"{"alg":"EdDSA","typ":"application/JWT"}"#, BadJws::Type),
        (r#"{"alg":"EdDSA","typ":"text/at+jwt"}"#, BadJws::Type),
        (r#"{"alg":"EdDSA","typ":"at+jwt "}"#, BadJws::Type),
        (r#"{"alg":"EdDSA","typ":7}"#, BadJws::Malformed),
        (r#"{"alg":"EdDSA","typ":"at+jwt","kid":7}"#, BadJws::Malformed),
        (r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt"}"#, BadJws::Malformed),
        (r#"{"alg":"EdDSA","typ":"JWT","\u0074yp":"at+jwt"}"#, BadJws::Malformed),
        (r#"["EdDSA"]"#, BadJws::Malformed),
        (r#"{"alg":"EdDSA","typ":"at+jwt""#, BadJws::Malformed),
        ("", BadJws::Malformed),
    ] {
        assert_eq!(check(&token(&key, header, "{}"), &key), Err(error), "{header}");
    }
}

#[test]
fn a_type_is_a_media_type_in_any_case_and_its_tree_may_be_named() {
    let key = key(Algorithm::EdDSA);
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        let header = json!({ "alg": "EdDSA", "typ": typ }).to_string();
        assert!(check(&token(&key, &header, "{}"), &key).is_ok(), "{typ}");
    }
}

#[test]
fn only_the_compact_form_of_json_claims_is_read() {
    let key = key(Algorithm::EdDSA);
    let header = r#"{"alg":"EdDSA","typ":"at+jwt"}"#;
    for claims in ["", "[]", "1", "{", r#"{"sub":"a","sub":"b"}"#, "{} {}"] {
        let text = token(&key, header, claims);
        assert_eq!(check(&text, &key), Err(BadJws::Malformed), "{claims}");
    }
    let good = token(&key, header, "{}");
    assert!(check(&good, &key).is_ok());
    for wrong in [
        String::new(),
        "..".to_owned(),
        good.replace('.', ""),
        good.replacen('.', "", 1),
        format!("{good}.{}", encode("{}")),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        format!(r#"{{"payload":"{}"}}"#, encode("{}")),
        "ä.ö.ü".to_owned(),
    ] {
        assert!(check(&wrong, &key).is_err(), "{wrong}");
    }
    let long = token(&key, header, &format!(r#"{{"a":"{}"}}"#, "a".repeat(MAX_BYTES)));
    assert_eq!(check(&long, &key), Err(BadJws::TooLarge));
}

#[test]
fn at_hash_is_that_of_the_example_and_of_the_longer_function_for_ed25519() {
    // OpenID Connect Core, appendix A.4.
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(at_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(at_hash(Algorithm::ES256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    let longer = "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM";
    assert_eq!(at_hash(Algorithm::EdDSA, token), longer);
}
