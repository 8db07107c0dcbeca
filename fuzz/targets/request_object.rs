#![no_main]
//! Requests that a client signed: what is believed is the client's, holds no other request, and grants no more than the
//! same parameters without a signature.

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::json;
use tokenhouse_fuzz::authorization::{self, REDIRECT};
use tokenhouse_fuzz::{ISSUER, NOW, begin, claims_of, client, is_one, keys, signed, token_of};
use tokenhouse_rules::oauth::request_object;

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(input) else { return Corpus::Reject };
    let token = token_of(text);
    if let Ok(parameters) = request_object::read(&token, &client(), keys(), ISSUER, NOW) {
        is_one(&token);
        let claims = claims_of(&token);
        assert!(claims["iss"] == "shop" && claims["client_id"] == "shop");
        assert!(claims["exp"].as_f64().expect("a number") > NOW.seconds() as f64);
        assert!(!parameters.has("request") && !parameters.has("request_uri"));
        assert!(!parameters.has("iss") && !parameters.has("exp"));
        authorization::judge(&parameters);
    }
    Corpus::Keep
});

fn seeds() -> Vec<String> {
    let claims = json!({ "iss": "shop", "aud": ISSUER, "exp": NOW.seconds() + 60, "client_id": "shop",
        "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid email", "state": "a b",
        "nonce": "n", "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256", "max_age": 60, "prompt": "login consent",
        "resource": ["https://api.example"], "response_mode": "form_post", "ui_locales": "de en",
        "claims": { "userinfo": { "email": { "essential": true } }, "id_token": { "acr": null } } });
    let mut seeds = Vec::new();
    for algorithm in ["EdDSA", "ES256"] {
        let header = json!({ "alg": algorithm, "typ": "oauth-authz-req+jwt" }).to_string();
        seeds.push(format!("{header}\n{claims}"));
        seeds.push(signed(&header, &claims.to_string()));
    }
    seeds
}
