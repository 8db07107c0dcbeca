#![no_main]
//! JSON that describes things: clients, as operators and as applications themselves write them, keys, claims of people and
//! claims that are asked for. What is taken is taken again, and means the same.

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Value, json};
use tokenhouse_fuzz::{begin, client, jwk};
use tokenhouse_rules::document;
use tokenhouse_rules::oauth::claims::{Requested, check_claims};
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_rules::oauth::client_metadata::{Metadata, document as registered};
use tokenhouse_rules::oauth::jwk::{Algorithm, KeySet, PublicKey};
use tokenhouse_rules::oauth::scope::Scopes;

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(input) else { return Corpus::Reject };
    if let Ok(checked) = document::check(text, 64 * 1024) {
        assert!(serde_json::from_str::<Value>(checked).expect("JSON").is_object());
    }
    judge_settings(text);
    judge_metadata(text);
    if let Ok(kept) = check_claims(text) {
        assert_eq!(check_claims(&kept).as_ref(), Ok(&kept));
    }
    let _ = Requested::parse(text, &Scopes::of(&["openid", "email", "profile"]));
    if let Ok(key) = PublicKey::parse(text) {
        let again = PublicKey::from_value(&key.to_json()).expect("as we write it");
        assert_eq!((again.thumbprint(), again.kid()), (key.thumbprint(), key.kid()));
    }
    if let Ok(set) = KeySet::parse(text) {
        for algorithm in Algorithm::ACCEPTED {
            assert!(set.find(None, algorithm).is_none_or(|key| key.algorithm() == algorithm));
        }
    }
    Corpus::Keep
});

fn judge_settings(text: &str) {
    let Ok(settings) = Settings::stored(text) else { return };
    let stored = serde_json::to_string(&settings).expect("settings are JSON");
    let again = Settings::stored(&stored).expect("as we store them");
    assert_eq!(again, settings);
    assert_eq!(again.check(), settings.check());
}

/// What a stranger gets is good, and an update with what it was answered changes nothing (RFC 7592 §2.2).
fn judge_metadata(text: &str) {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else { return };
    let Ok(metadata) = Metadata::read(members) else { return };
    let Ok(settings) = metadata.settings(&client(), None) else { return };
    assert_eq!(settings.check(), Ok(()));
    let answer = Metadata::read(registered(&client(), &settings)).expect("as we answer");
    assert_eq!(answer.settings(&client(), Some(&settings)).as_ref(), Ok(&settings));
}

fn seeds() -> Vec<String> {
    let mut seeds: Vec<String> = Kind::ALL
        .iter()
        .map(|kind| {
            let mut settings = Settings::preset(*kind);
            settings.name = "Shop".to_owned();
            serde_json::to_string(&settings).expect("settings are JSON")
        })
        .collect();
    let keys = json!({ "keys": [jwk("ES256"), jwk("EdDSA")] });
    seeds.push(keys.to_string());
    seeds.push(jwk("ES256").to_string());
    for said in [
        json!({ "redirect_uris": ["https://shop.example/cb"], "client_name": "Shop", "scope": "openid email",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "post_logout_redirect_uris": ["https://shop.example/"], "subject_type": "public",
            "id_token_signed_response_alg": "EdDSA", "userinfo_signed_response_alg": "ES256" }),
        json!({ "redirect_uris": ["https://shop.example/cb"], "token_endpoint_auth_method": "private_key_jwt",
            "jwks": keys, "require_pushed_authorization_requests": true,
            "require_signed_request_object": true, "dpop_bound_access_tokens": true }),
        json!({ "redirect_uris": ["http://127.0.0.1/cb", "com.example.app:/cb"],
            "token_endpoint_auth_method": "none", "application_type": "native" }),
        json!({ "token_endpoint_auth_method": "none", "response_types": [],
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"] }),
        json!({ "given_name": "Ada", "birthdate": "1815-12-10", "zoneinfo": "Europe/London", "locale": "en-GB",
            "phone_number": "+44123", "phone_number_verified": true, "address": { "country": "UK" } }),
        json!({ "userinfo": { "email": { "essential": true } }, "id_token": { "sub": { "value": "x" } } }),
    ] {
        seeds.push(said.to_string());
    }
    seeds
}
