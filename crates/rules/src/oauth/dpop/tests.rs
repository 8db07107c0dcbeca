//! The examples of RFC 9449, and each check of its §4.3 as one refusal.

use serde_json::json;

use super::*;
use crate::oauth::jwk::{Algorithm, tests as examples};
use crate::oauth::jws::SigningKey;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA";
const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const AT: &str = "https://login.example.org/oauth2/token";

/// RFC 9449 §4.1 and §7.1; both with the key of §6.1.
const HEADER: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
const AT_TOKEN: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
const AT_RESOURCE: &str = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

fn root(text: &str) -> RootSecret {
    RootSecret::parse(&format!("k1:{text}")).expect("a root secret")
}

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::ES256).expect("a new key").0
}

/// What is signed, with any header.
fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.signature(text.as_bytes()));
    format!("{text}.{signature}")
}

/// The header and the claims of a proof in which nothing is wrong.
fn good(key: &SigningKey) -> (Value, Value) {
    let alg = key.algorithm().name();
    let header = json!({ "typ": "dpop+jwt", "alg": alg, "jwk": key.public().to_json() });
    let nonce = nonce(&root(KEY), NOW);
    let claims = json!({ "jti": "a", "htm": "POST", "htu": AT, "iat": NOW.seconds(),
                         "nonce": nonce });
    (header, claims)
}

fn read(text: &str) -> Result<Proof, BadProof> {
    Proof::read(text, "POST", AT)
}

/// A good proof with one member of its header set to something else, or taken out.
fn with_header(member: &str, value: Value) -> BadProof {
    let key = key();
    let (mut header, claims) = good(&key);
    replace(&mut header, member, value);
    read(&signed(&key, &header, &claims)).expect_err(member)
}

fn with_claim(member: &str, value: Value) -> Result<Proof, BadProof> {
    let key = key();
    let (header, mut claims) = good(&key);
    replace(&mut claims, member, value);
    read(&signed(&key, &header, &claims))
}

fn replace(object: &mut Value, member: &str, value: Value) {
    let object = object.as_object_mut().expect("an object");
    object.remove(member);
    if !value.is_null() {
        object.insert(member.to_owned(), value);
    }
}

#[test]
fn the_examples_of_the_rfc_are_proofs() {
    let token = format!("{HEADER}.{AT_TOKEN}");
    let proof = Proof::read(&token, "POST", "https://server.example.com/token");
    let proof = proof.expect("§4.1");
    assert_eq!(proof.key().to_string(), THUMBPRINT);
    assert!(!proof.is_for(TOKEN), "it has no ath");
    let resource = format!("{HEADER}.{AT_RESOURCE}");
    let at = "https://resource.example.org/protectedresource";
    let proof = Proof::read(&resource, "GET", at).expect("§7.1");
    assert_eq!(proof.key().to_string(), THUMBPRINT);
    assert!(proof.is_for(TOKEN) && !proof.is_for(&TOKEN[1..]) && !proof.is_for(""));
    assert_eq!(Proof::read(&resource, "POST", at), Err(BadProof::Method));
    assert_eq!(Proof::read(&token, "POST", at), Err(BadProof::Target));
    let signature = &AT_RESOURCE[AT_RESOURCE.len() - 86..];
    let swapped = format!("{}{signature}", &token[..token.len() - 86]);
    let forged = Err(BadProof::Jws(BadJws::Forged));
    assert_eq!(Proof::read(&swapped, "POST", "https://server.example.com/token"), forged);
}

#[test]
fn every_algorithm_proves_its_own_key() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).expect("a new key").0;
        let (header, claims) = good(&key);
        let read = read(&signed(&key, &header, &claims));
        if algorithm == Algorithm::RS256 {
            assert_eq!(read, Err(BadProof::Jws(BadJws::Algorithm)), "FAPI 2.0 §5.4");
            continue;
        }
        let proof = read.expect("a good proof");
        assert_eq!(proof.key().to_string(), key.public().thumbprint());
        assert_eq!(proof.judge(NOW, &root(KEY)), Ok(()));
    }
}

#[test]
fn check_2_it_is_a_well_formed_jwt() {
    for text in ["", "a", "a.b.c", "....", "{}", &format!("{HEADER}.e30"), &"a".repeat(9_000)] {
        assert!(matches!(read(text), Err(BadProof::Jws(_))), "{text}");
    }
}

#[test]
fn check_3_all_claims_are_there_and_of_their_type() {
    for name in ["jti", "htm", "htu", "iat"] {
        assert_eq!(with_claim(name, Value::Null), Err(BadProof::Claims), "{name}");
        assert_eq!(with_claim(name, json!([1])), Err(BadProof::Claims), "{name}");
    }
    for (name, value) in [
        ("jti", json!("")),
        ("iat", json!("1800000000")),
        ("iat", json!(-1)),
        ("nonce", json!(1)),
        ("ath", json!(true)),
    ] {
        assert_eq!(with_claim(name, value), Err(BadProof::Claims), "{name}");
    }
    assert!(with_claim("more", json!({})).is_ok(), "what is not known is ignored");
}

#[test]
fn check_4_it_is_of_its_type() {
    for typ in [Value::Null, json!("JWT"), json!("at+jwt"), json!("dpop"), json!("$pop+jwt")] {
        assert_eq!(with_header("typ", typ), BadProof::Jws(BadJws::Type));
    }
}

#[test]
fn check_5_its_algorithm_is_asymmetric_and_one_of_ours() {
    for alg in ["none", "HS256", "ES384", "PS384", "es256"] {
        assert_eq!(with_header("alg", json!(alg)), BadProof::Jws(BadJws::Algorithm), "{alg}");
    }
    let other = BadProof::Jws(BadJws::UnknownKey);
    for alg in ["RS256", "PS256"] {
        assert_eq!(with_header("alg", json!(alg)), other, "the key is of another");
    }
}

#[test]
fn check_6_its_signature_is_right_by_the_key_in_it() {
    assert_eq!(with_header("jwk", key().public().to_json()), BadProof::Jws(BadJws::Forged));
    let key = key();
    let (header, claims) = good(&key);
    let text = signed(&key, &header, &claims);
    for place in text.rfind('.').expect("a signature") + 1..text.len() - 1 {
        let mut bytes = text.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).expect("ASCII");
        assert_eq!(read(&altered), Err(BadProof::Jws(BadJws::Forged)), "{place}");
    }
}

#[test]
fn check_7_the_key_in_it_is_public() {
    let unknown = BadProof::Jws(BadJws::UnknownKey);
    let shared = json!({ "kty": "oct", "k": "AAAA" });
    let mut private = key().public().to_json();
    private["d"] = json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
    let p256: Value = serde_json::from_str(examples::P256).expect("JSON");
    let mut off = p256.clone();
    off["y"] = p256["x"].clone();
    for jwk in [Value::Null, json!("a"), json!({}), shared, private, off] {
        assert_eq!(with_header("jwk", jwk), unknown);
    }
    assert_eq!(with_header("crit", json!(["b64"])), BadProof::Jws(BadJws::Critical));
}

#[test]
fn check_8_it_is_for_this_method() {
    for method in ["GET", "post", "POST "] {
        assert_eq!(with_claim("htm", json!(method)), Err(BadProof::Method), "{method}");
    }
}

#[test]
fn check_9_it_is_for_this_address() {
    for address in ["https://login.example.org/oauth2/userinfo", "https://evil.example", ""] {
        assert_eq!(with_claim("htu", json!(address)), Err(BadProof::Target), "{address}");
    }
    assert!(with_claim("htu", json!(format!("{AT}?a=b#c"))).is_ok());
}

#[test]
fn check_10_it_has_a_nonce_of_ours_that_is_not_old() {
    let earlier = NOW.minus(Duration::from_secs(600));
    let judged = |nonce: Value| with_claim("nonce", nonce).expect("it").judge(NOW, &root(KEY));
    for bad in [
        Value::Null,
        json!(""),
        json!("eyJ7S_zG.eyJH0-Z.HX4w-7v"),
        json!(nonce(&root(KEY), earlier)),
        json!(nonce(&root(OTHER), NOW)),
    ] {
        assert_eq!(judged(bad), Err(BadProof::Nonce));
    }
    assert_eq!(judged(json!(nonce(&root(KEY), NOW))), Ok(()));
}

#[test]
fn check_11_it_was_made_now() {
    let judged = |iat: u64| with_claim("iat", json!(iat)).expect("it").judge(NOW, &root(KEY));
    let now = NOW.seconds();
    for iat in [now - WINDOW, now, now + WINDOW] {
        assert_eq!(judged(iat), Ok(()), "{iat}");
    }
    for iat in [0, now - WINDOW - 1, now + WINDOW + 1, u64::MAX] {
        assert_eq!(judged(iat), Err(BadProof::Time), "{iat}");
    }
}

#[test]
fn check_12_it_is_for_the_token_that_is_shown() {
    let hash = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";
    let proof = with_claim("ath", json!(hash)).expect("a proof");
    assert!(proof.is_for(TOKEN) && !proof.is_for("another"));
    for bad in [Value::Null, json!(""), json!(format!("{hash}=")), json!(TOKEN)] {
        assert!(!with_claim("ath", bad).expect("a proof").is_for(TOKEN));
    }
}

#[test]
fn it_is_noted_by_key_and_name_for_as_long_as_it_could_come_again() {
    let key = key();
    let (header, claims) = good(&key);
    let proof = read(&signed(&key, &header, &claims)).expect("a proof");
    let (noted, until) = proof.once();
    assert_eq!(until, NOW.plus(Duration::from_secs(WINDOW + 1)));
    assert_eq!(proof.judge(until, &root(KEY)), Err(BadProof::Time));
    let again = read(&signed(&key, &header, &claims)).expect("another signature of the same");
    assert_eq!(again.once().0, noted);
    let mut named = claims.clone();
    named["jti"] = json!("b");
    assert_ne!(read(&signed(&key, &header, &named)).expect("a proof").once().0, noted);
    assert_ne!(with_claim("jti", json!("a")).expect("of another key").once().0, noted);
    let far = with_claim("iat", json!(u64::MAX)).expect("a proof");
    assert_eq!(far.once().1, Timestamp::from_micros(i64::MAX), "nothing overflows");
}

#[test]
fn a_confirmation_of_another_kind_is_not_taken_for_none() {
    let known = json!({ "jkt": THUMBPRINT });
    let read = serde_json::from_value::<Confirmation>(known.clone()).expect("a thumbprint");
    assert_eq!(serde_json::to_value(read).expect("JSON"), known);
    for other in [json!({}), json!({ "x5t#S256": THUMBPRINT }), json!({ "jkt": "x" })] {
        assert!(serde_json::from_value::<Confirmation>(other.clone()).is_err(), "{other}");
    }
}
