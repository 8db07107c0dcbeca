//! What a request object says, and each reason for which nothing of it counts.

use serde_json::json;

use super::*;
use crate::oauth::assertion::tests::{ISSUER, NOW, client, key, keys};
use crate::oauth::jwk::Algorithm;

/// A good object with some members replaced; `null` takes one out.
fn with(changes: &Value) -> Result<Parameters, BadObject> {
    signed(Typ::RequestObject, changes)
}

fn signed(typ: Typ, changes: &Value) -> Result<Parameters, BadObject> {
    let mut claims = json!({ "iss": "shop", "aud": ISSUER, "exp": NOW.seconds() + 60,
        "jti": "one", "client_id": "shop", "redirect_uri": "https://shop.example/cb?a=b",
        "response_type": "code", "scope": "openid email" });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    let key = key(Algorithm::ES256);
    let text = key.sign(typ, &claims).expect("short");
    read(&text, &client("shop"), &keys(&[&key]), ISSUER, NOW)
}

fn refused(changes: &Value) -> BadObject {
    with(changes).expect_err("a bad object")
}

#[test]
fn its_members_are_the_parameters_and_what_is_said_of_it_is_not() {
    let read = with(&json!({ "max_age": 60, "claims": { "userinfo": { "email": null } },
        "state": "a b&c=d", "resource": ["https://a.example", "https://b.example"] }))
    .expect("a good object");
    let said: Vec<_> = read.pairs().collect();
    assert_eq!(
        said,
        [
            ("client_id", "shop"),
            ("redirect_uri", "https://shop.example/cb?a=b"),
            ("response_type", "code"),
            ("scope", "openid email"),
            ("max_age", "60"),
            ("claims", r#"{"userinfo":{"email":null}}"#),
            ("state", "a b&c=d"),
            ("resource", "https://a.example"),
            ("resource", "https://b.example"),
        ]
    );
    assert!(with(&json!({ "aud": [ISSUER, "https://other.example"] })).is_ok());
    assert!(with(&json!({ "exp": NOW.seconds() + 3630 })).is_ok());
}

#[test]
fn it_is_of_the_client_that_sends_it_and_for_this_server() {
    for changes in [
        json!({ "iss": "other" }),
        json!({ "iss": null }),
        json!({ "client_id": "other" }),
        json!({ "client_id": null }),
        json!({ "client_id": ["shop"] }),
    ] {
        assert_eq!(refused(&changes), BadObject::Client, "{changes}");
    }
    for audience in [json!(null), json!("https://other.example"), json!([]), json!([1])] {
        assert_eq!(refused(&json!({ "aud": audience })), BadObject::Audience, "{audience}");
    }
}

#[test]
fn it_ends_and_not_too_late() {
    let now = NOW.seconds();
    for exp in [json!(null), json!(now), json!("soon")] {
        assert_eq!(refused(&json!({ "exp": exp })), BadObject::Expired, "{exp}");
    }
    assert_eq!(refused(&json!({ "exp": now + 3631 })), BadObject::TooLong);
    assert_eq!(refused(&json!({ "nbf": now + 31 })), BadObject::TooLong);
}

#[test]
fn it_holds_parameters_and_no_other_request() {
    assert_eq!(refused(&json!({ "request": "a.b.c" })), BadObject::Nested);
    assert_eq!(refused(&json!({ "request_uri": "https://shop.example/r" })), BadObject::Nested);
    assert_eq!(refused(&json!({ "scope": ["openid", 1] })), BadObject::Parameter);
    let twice = with(&json!({ "scope": ["openid", "email"] })).expect("read");
    assert_eq!(twice.repeated(), Some("scope"), "judged as any that comes twice");
}

#[test]
fn nothing_else_that_a_client_signs_is_a_request() {
    for typ in [Typ::IdToken, Typ::AccessToken, Typ::ClientAssertion] {
        let refused = signed(typ, &json!({})).expect_err("another type");
        assert_eq!(refused, BadObject::Signature(BadJws::Type), "{typ:?}");
    }
    let [own, other] = [Algorithm::ES256, Algorithm::ES256].map(key);
    let text = other.sign(Typ::RequestObject, &json!({ "client_id": "shop" })).expect("short");
    let judged = |text: &str| read(text, &client("shop"), &keys(&[&own]), ISSUER, NOW).err();
    assert_eq!(judged(&text), Some(BadObject::Signature(BadJws::UnknownKey)));
    // `none`, as OpenID Connect Core §6.1 would allow it.
    let payload = text.split('.').nth(1).expect("claims");
    let bare = format!("eyJhbGciOiJub25lIn0.{payload}.");
    assert_eq!(judged(&bare), Some(BadObject::Signature(BadJws::Algorithm)));
    assert_eq!(judged("x"), Some(BadObject::Signature(BadJws::Malformed)));
}
