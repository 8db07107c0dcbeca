//! Whatever arrives, a parser answers: no text makes it panic, and none that nobody made is believed. Random bytes seldom
//! get past the first look, so most inputs have the outer shape of what each parser reads.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::collection::vec;
use proptest::prelude::*;

use super::client::{ClientId, Kind, Settings};
use super::client_metadata::Metadata;
use super::form::Parameters;
use super::jwk::{KeySet, PublicKey};
use super::jws::Typ;
use super::scope::Scopes;
use super::{
    access_token, assertion, authorize, claims, code, dpop, jws, redirect, refresh_token,
    registration_token, request_object, request_uri, user_code,
};
use crate::keys::RootSecret;
use crate::link::{self, Purpose};
use crate::local_path::LocalPath;
use crate::service_address::ServiceAddress;
use crate::time::Timestamp;
use crate::{forward_token, token};

const CASES: u32 = 2_000;

fn root() -> RootSecret {
    RootSecret::parse("k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=").expect("a secret")
}

/// JSON as strangers write it: what is read of tokens, with values of any kind.
fn json() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "alg",
        "typ",
        "kid",
        "jwk",
        "kty",
        "crv",
        "x",
        "y",
        "n",
        "e",
        "crit",
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "htm",
        "htu",
        "ath",
        "nonce",
        "client_id",
        "request",
        "keys",
        "userinfo",
        "id_token",
        "redirect_uris",
        "grant_types",
        "jwks",
        "scope",
    ]);
    let words = prop::sample::select(vec![
        "ES256",
        "EdDSA",
        "RS256",
        "none",
        "HS256",
        "dpop+jwt",
        "at+jwt",
        "EC",
        "P-256",
        "OKP",
        "Ed25519",
        "RSA",
        "AQAB",
        "POST",
        "https://house.example",
        "app",
        "",
    ]);
    let leaf = prop_oneof![
        words.prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        ".{0,20}".prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    let value = leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            vec((".{0,8}", inner), 0..6)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    });
    vec((names, value), 0..10).prop_map(|pairs| {
        let object: serde_json::Map<_, _> =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        serde_json::Value::Object(object).to_string()
    })
}

/// Three parts as those of a JWS, or a text.
fn token_like() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        json().prop_map(|text| URL_SAFE_NO_PAD.encode(text)),
        vec(any::<u8>(), 0..100).prop_map(|bytes| URL_SAFE_NO_PAD.encode(bytes)),
        "[A-Za-z0-9_.=-]{0,40}",
    ];
    prop_oneof![
        4 => vec(part, 1..5).prop_map(|parts| parts.join(".")),
        1 => ".{0,200}",
    ]
}

/// One of our own prefixes, and something that nobody sealed.
fn sealed_like() -> impl Strategy<Value = String> {
    let prefix = prop::sample::select(vec![
        "ths_",
        "thl_",
        "thc_",
        "thr_",
        "tha_",
        "thf_",
        "thd_",
        "thi_",
        "thm_",
        "urn:ietf:params:oauth:request_uri:",
        "",
    ]);
    let rest = prop_oneof![
        vec(any::<u8>(), 0..120).prop_map(|mut bytes| {
            // The version and the tag of a key that exists get it further.
            if let Some(first) = bytes.first_mut() {
                *first = 1;
            }
            URL_SAFE_NO_PAD.encode(bytes)
        }),
        ".{0,60}",
    ];
    (prefix, rest).prop_map(|(prefix, rest)| format!("{prefix}{rest}"))
}

fn address_like() -> impl Strategy<Value = String> {
    let scheme =
        prop::sample::select(vec!["https://", "http://", "app:/", "javascript:", "//", "/", ""]);
    let host =
        prop::sample::select(vec!["house.example", "127.0.0.1:80", "[::1]:8", "a@b", "%2e%2e", ""]);
    (scheme, host, "[a-z0-9/.%?#@:;=&\\\\ +-]{0,40}|.{0,20}")
        .prop_map(|(scheme, host, rest)| format!("{scheme}{host}{rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn no_token_that_nobody_signed_is_believed(text in token_like(), keys in json()) {
        let (keys, client) = (KeySet::parse(&keys).unwrap_or_default(), ClientId::parse("app").expect("an id"));
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let issuer = "https://house.example";
        let found = |kid: Option<&str>, algorithm| keys.find(kid, algorithm);
        for typ in [Typ::IdToken, Typ::AccessToken, Typ::ClientAssertion, Typ::RequestObject] {
            prop_assert!(jws::verify(&text, typ, found).is_err());
        }
        prop_assert!(dpop::Proof::read(&text, "POST", issuer).is_err());
        prop_assert!(request_object::read(&text, &client, &keys, issuer, now).is_err());
        prop_assert!(assertion::check(&text, &client, &keys, &[issuer.to_owned()], now).is_err());
        let _ = assertion::named(&text);
    }

    #[test]
    fn nothing_that_nobody_sealed_is_opened(text in sealed_like()) {
        let (root, client) = (root(), ClientId::parse("app").expect("an id"));
        prop_assert!(token::open(&text, &root).is_err());
        prop_assert!(link::open(&text, Purpose::Recover, &root).is_err());
        prop_assert!(code::open(&text, &root).is_err());
        prop_assert!(refresh_token::open(&text, &root).is_err());
        prop_assert!(access_token::open(&text, &root).is_err());
        prop_assert!(forward_token::open(&text, &root).is_err());
        prop_assert!(request_uri::open(&text, &root).is_none());
        prop_assert!(registration_token::open_invitation(&text, &root).is_none());
        prop_assert!(registration_token::open_registration(&text, &client, &root).is_none());
        let _ = user_code::UserCode::parse(&text);
    }

    #[test]
    fn documents_of_any_content_are_answered(text in json()) {
        let _ = PublicKey::parse(&text);
        let _ = KeySet::parse(&text);
        let _ = claims::check_claims(&text);
        let _ = claims::Requested::parse(&text, &Scopes::default());
        if let Ok(settings) = Settings::stored(&text) {
            let _ = settings.check();
        }
        if let Ok(serde_json::Value::Object(members)) = serde_json::from_str(&text) {
            let _ = Metadata::read(members);
        }
    }

    #[test]
    fn addresses_of_any_shape_are_answered_and_lead_nowhere_else(text in address_like()) {
        for kind in [Kind::Spa, Kind::Native] {
            let registered = ["https://other.example/cb".to_owned()];
            prop_assert!(!redirect::is_registered(&text, &registered, kind));
            let _ = redirect::accept(&text, kind);
        }
        let _ = ServiceAddress::parse(&text);
        if let Some(path) = LocalPath::parse(&text, &["/account"]) {
            let path = path.as_str();
            prop_assert!(path == "/account" || path.starts_with("/account?"), "{path}");
        }
    }

    #[test]
    fn requests_of_any_parameters_are_answered(text in "([a-z_]{1,20}=[^&]{0,20}&){0,12}") {
        if let Ok(parameters) = Parameters::gather(text.as_bytes()) {
            let _ = authorize::client_and_redirect(&parameters);
        }
    }
}
