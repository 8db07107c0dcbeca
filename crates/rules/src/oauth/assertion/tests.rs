//! Good assertions, and each way in which one is somebody else's, for somebody else, too old or too long.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::oauth::jwk::Algorithm;
use crate::oauth::jws::SigningKey;

pub(in crate::oauth) const ISSUER: &str = "https://login.example";
pub(in crate::oauth) const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

pub(in crate::oauth) fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a new key").0
}

pub(in crate::oauth) fn keys(of: &[&SigningKey]) -> KeySet {
    let keys: Vec<_> = of.iter().map(|key| key.public().to_json()).collect();
    KeySet::from_value(&json!({ "keys": keys })).expect("public keys")
}

pub(in crate::oauth) fn client(id: &str) -> ClientId {
    ClientId::parse(id).expect("an identifier")
}

/// Good claims with some of them replaced; `null` takes one out.
fn claims(changes: &Value) -> Value {
    let now = NOW.seconds();
    let mut claims = json!({ "iss": "shop", "sub": "shop", "aud": ISSUER, "jti": "one",
                             "iat": now, "exp": now + 60 });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

fn own() -> Vec<String> {
    vec![ISSUER.to_owned(), format!("{ISSUER}/oauth2/token")]
}

fn judged(text: &str, known: &[&SigningKey]) -> Result<Once, BadAssertion> {
    check(text, &client("shop"), &keys(known), &own(), NOW)
}

fn with(changes: &Value) -> Result<Once, BadAssertion> {
    let key = key(Algorithm::EdDSA);
    judged(&key.sign(Typ::ClientAssertion, &claims(changes)).expect("short"), &[&key])
}

#[test]
fn a_client_is_believed_by_each_of_its_keys() {
    let [one, other] = [Algorithm::ES256, Algorithm::EdDSA].map(key);
    for key in [&one, &other] {
        let text = key.sign(Typ::ClientAssertion, &claims(&json!({}))).expect("short");
        assert_eq!(named(&text), Some(client("shop")));
        let once = judged(&text, &[&one, &other]).expect("its own");
        assert_eq!(once.until, NOW.plus(Duration::from_secs(120)));
        // Libraries say that it is a JWT, and no more.
        let plain = key.sign(Typ::IdToken, &claims(&json!({}))).expect("short");
        assert_eq!(judged(&plain, &[&one, &other]), Ok(once));
    }
}

#[test]
fn nobody_is_believed_by_a_key_of_somebody_else_or_by_none() {
    let [own, others] = [Algorithm::ES256, Algorithm::ES256].map(key);
    let text = others.sign(Typ::ClientAssertion, &claims(&json!({}))).expect("short");
    let unknown = Err(BadAssertion::Signature(BadJws::UnknownKey));
    assert_eq!(judged(&text, &[&own]), unknown);
    assert_eq!(judged(&text, &[]), unknown);
    let other = if text.ends_with('A') { 'Q' } else { 'A' };
    let forged = format!("{}{other}", &text[..text.len() - 1]);
    assert!(matches!(judged(&forged, &[&others]), Err(BadAssertion::Signature(_))));
    let payload = text.split('.').nth(1).expect("claims");
    for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"] {
        for signature in ["", "c2ln"] {
            let text = format!("{header}.{payload}.{signature}");
            let refused = Err(BadAssertion::Signature(BadJws::Algorithm));
            assert_eq!(judged(&text, &[&others]), refused, "{text}");
        }
    }
    let access = others.sign(Typ::AccessToken, &claims(&json!({}))).expect("short");
    assert_eq!(judged(&access, &[&others]), Err(BadAssertion::Signature(BadJws::Type)));
    let object = others.sign(Typ::RequestObject, &claims(&json!({}))).expect("short");
    assert_eq!(judged(&object, &[&others]), Err(BadAssertion::Signature(BadJws::Type)));
}

#[test]
fn it_is_the_clients_own_word_about_itself() {
    for changes in [
        json!({ "iss": "other" }),
        json!({ "sub": "other" }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "sub": ["shop"] }),
        json!({ "iss": "Shop" }),
    ] {
        assert_eq!(with(&changes), Err(BadAssertion::Client), "{changes}");
    }
}

/// FAPI 2.0 §5.3.2.1.
#[test]
fn where_this_server_has_one_name_alone_it_is_made_out_to_that_as_a_text() {
    let key = key(Algorithm::EdDSA);
    let token = format!("{ISSUER}/oauth2/token");
    for (audience, expected) in [
        (json!(ISSUER), true),
        (json!([ISSUER]), false),
        (json!([ISSUER, ISSUER]), false),
        (json!(token), false),
    ] {
        let claims = claims(&json!({ "aud": audience }));
        let text = key.sign(Typ::ClientAssertion, &claims).expect("short");
        let judged = check(&text, &client("shop"), &keys(&[&key]), &[ISSUER.to_owned()], NOW);
        assert_eq!(judged.is_ok(), expected, "{audience}");
    }
}

#[test]
fn it_is_for_this_server_and_nobody_else() {
    let token = format!("{ISSUER}/oauth2/token");
    for good in [json!(ISSUER), json!(token), json!([ISSUER]), json!([ISSUER, token])] {
        assert!(with(&json!({ "aud": good })).is_ok(), "{good}");
    }
    for bad in [
        json!(null),
        json!([]),
        json!(""),
        json!("https://other.example"),
        json!("https://login.example/"),
        json!([ISSUER, "https://other.example"]),
        json!([1]),
        json!({ "a": ISSUER }),
    ] {
        assert_eq!(with(&json!({ "aud": bad })), Err(BadAssertion::Audience), "{bad}");
    }
}

#[test]
fn it_lives_for_ten_minutes_at_most_and_a_clock_may_be_a_little_fast() {
    let now = NOW.seconds();
    for bad in [json!(null), json!(now), json!(now - 1), json!(0), json!("soon"), json!(-1e300)] {
        assert_eq!(with(&json!({ "exp": bad })), Err(BadAssertion::Expired), "{bad}");
    }
    for good in [json!(now + 1), json!(now + 630), json!(now as f64 + 0.5)] {
        assert!(with(&json!({ "exp": good })).is_ok(), "{good}");
    }
    for bad in [
        json!({ "exp": now + 631 }),
        json!({ "exp": 1e300 }),
        json!({ "iat": now + 31 }),
        json!({ "nbf": now + 31 }),
        json!({ "nbf": "soon" }),
    ] {
        assert_eq!(with(&bad), Err(BadAssertion::TooLong), "{bad}");
    }
    for good in [json!({ "iat": now + 30 }), json!({ "nbf": now - 9 }), json!({ "iat": null })] {
        assert!(with(&good).is_ok(), "{good}");
    }
}

#[test]
fn it_has_a_name_by_which_it_is_known_again() {
    for bad in [json!(null), json!(""), json!(7), json!("x".repeat(256))] {
        assert_eq!(with(&json!({ "jti": bad })), Err(BadAssertion::NoName), "{bad}");
    }
    let one = with(&json!({})).expect("good");
    let again = with(&json!({ "exp": NOW.seconds() + 61 })).expect("good");
    assert_eq!(one.key, again.key, "whatever else it says");
    assert_ne!(one.key, with(&json!({ "jti": "two" })).expect("good").key);
    assert_ne!(once(&client("shop"), "one"), once(&client("shopo"), "ne"));
    // It is stored: another release must note the same.
    assert_eq!(one.key, once(&client("shop"), "one"));
}

#[test]
fn what_cannot_be_read_names_nobody() {
    for text in ["", ".", "..", "a.b.c", "e30.e30.", "e30.eyJzdWIiOiJhIGIifQ.", "e30.W10."] {
        assert_eq!(named(text), None, "{text}");
        assert!(matches!(judged(text, &[]), Err(BadAssertion::Signature(_))), "{text}");
    }
    assert_eq!(named("x.eyJzdWIiOiJzaG9wIn0.y"), Some(client("shop")));
}

/// An assertion under a MAC (OpenID Connect Core §9).
fn under_a_mac(secret: &str, changes: &Value) -> String {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let signed = format!(
        "{}.{}",
        encode(r#"{"alg":"HS256","typ":"JWT"}"#),
        encode(&claims(changes).to_string())
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

#[test]
fn a_mac_is_judged_by_the_clients_secrets_and_then_as_a_signature_is() {
    let [new, old] =
        ["thk_new", "thk_old"].map(|secret| Zeroizing::new(secret.as_bytes().to_vec()));
    let judged = |text: &str, secrets: &[Zeroizing<Vec<u8>>]| {
        check_mac(text, &client("shop"), secrets, &own(), NOW)
    };
    let text = under_a_mac("thk_old", &json!({}));
    let once = judged(&text, &[new.clone(), old.clone()]).expect("its own");
    assert_eq!(Ok(once), with(&json!({})), "one name, whatever it is made with");
    let forged = Err(BadAssertion::Signature(BadJws::Forged));
    assert_eq!(judged(&text, std::slice::from_ref(&new)), forged);
    for (changes, bad) in [
        (json!({ "iss": "other" }), BadAssertion::Client),
        (json!({ "aud": "https://other.example" }), BadAssertion::Audience),
        (json!({ "exp": NOW.seconds() }), BadAssertion::Expired),
        (json!({ "exp": NOW.seconds() + 900 }), BadAssertion::TooLong),
        (json!({ "jti": null }), BadAssertion::NoName),
    ] {
        assert_eq!(
            judged(&under_a_mac("thk_new", &changes), std::slice::from_ref(&new)),
            Err(bad),
            "{changes}"
        );
    }
}

/// RFC 8725 §2.1: what a client is judged by follows from its settings, and never from its token.
#[test]
fn a_signature_is_no_mac_and_a_mac_is_no_signature() {
    let key = key(Algorithm::ES256);
    let refused = Err(BadAssertion::Signature(BadJws::Algorithm));
    assert_eq!(judged(&under_a_mac("thk_new", &json!({})), &[&key]), refused);
    let public = key.public().to_json().to_string();
    assert_eq!(judged(&under_a_mac(&public, &json!({})), &[&key]), refused);
    let signed = key.sign(Typ::ClientAssertion, &claims(&json!({}))).expect("short");
    let secrets = [Zeroizing::new(b"thk_new".to_vec())];
    assert_eq!(check_mac(&signed, &client("shop"), &secrets, &own(), NOW), refused);
}
