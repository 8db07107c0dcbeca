#![no_main]
//! Every kind of token that is read, and who a client says it is: nothing is believed that is not signed, one kind is
//! never taken for another, and an assertion that is believed says what it has to.

use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Map, Value, json};
use tokenhouse_fuzz::{ISSUER, NOW, begin, claims_of, client, is_one, keys, signed, token_of};
use tokenhouse_rules::oauth::assertion;
use tokenhouse_rules::oauth::jws::{self, Typ};

const TYPES: [Typ; 8] = [
    Typ::IdToken,
    Typ::AccessToken,
    Typ::Introspection,
    Typ::LogoutToken,
    Typ::DpopProof,
    Typ::ClientAssertion,
    Typ::RequestObject,
    Typ::UserInfo,
];

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(input) else { return Corpus::Reject };
    let token = token_of(text);
    let believed = |typ: &Typ| {
        jws::verify(&token, *typ, |kid, algorithm| keys().find(kid, algorithm)).is_ok()
    };
    let kinds: Vec<Typ> = TYPES.into_iter().filter(believed).collect();
    if !kinds.is_empty() {
        is_one(&token);
        is_of_one_kind(&kinds);
    }
    judge_assertion(&token);
    Corpus::Keep
});

/// An assertion may say that it is a JWT; nothing else has two names.
fn is_of_one_kind(kinds: &[Typ]) {
    let mut names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    names.dedup();
    names.retain(|name| *name != Typ::ClientAssertion.name());
    let plain = names.iter().all(|name| *name == Typ::IdToken.name());
    assert!(plain || kinds.len() == 1, "{kinds:?}");
}

fn judge_assertion(token: &str) {
    let own = [ISSUER.to_owned(), format!("{ISSUER}/oauth2/token")];
    let alone = assertion::check(token, &client(), keys(), &own[..1], NOW);
    let Ok(once) = assertion::check(token, &client(), keys(), &own, NOW) else {
        assert!(alone.is_err(), "fewer names are no wider");
        return;
    };
    assert_eq!(assertion::named(token), Some(client()));
    let claims = claims_of(token);
    assert!(alone.is_err() || claims["aud"] == ISSUER);
    assert!(claims["iss"] == "shop" && claims["sub"] == "shop");
    assert!(is_for(&claims, &own), "{:?}", claims["aud"]);
    assert!(claims["exp"].as_f64().expect("a number") > NOW.seconds() as f64);
    assert!(once.until > NOW && !claims["jti"].as_str().expect("text").is_empty());
}

fn is_for(claims: &Map<String, Value>, own: &[String]) -> bool {
    let is_own = |value: &Value| own.iter().any(|own| value == own.as_str());
    match &claims["aud"] {
        Value::Array(several) => !several.is_empty() && several.iter().all(is_own),
        one => is_own(one),
    }
}

fn seeds() -> Vec<String> {
    let now = NOW.seconds();
    let claims = json!({ "iss": "shop", "sub": "shop", "aud": ISSUER, "jti": "one",
        "iat": now, "nbf": now - 1, "exp": now + 60 });
    let mut seeds = Vec::new();
    for typ in TYPES {
        for algorithm in ["EdDSA", "ES256"] {
            let header = json!({ "alg": algorithm, "typ": typ.name() }).to_string();
            seeds.push(signed(&header, &claims.to_string()));
            seeds.push(format!("{header}\n{claims}"));
        }
    }
    let several = json!([ISSUER, format!("{ISSUER}/oauth2/token")]);
    seeds
        .push(format!(r#"{{"alg":"EdDSA"}}{}{{"iss":"shop","sub":"shop","aud":{several}}}"#, '\n'));
    seeds.push(format!(r#"{{"alg":"none","typ":"JWT","crit":["b64"]}}{}{{}}"#, '\n'));
    seeds.push("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.".to_owned());
    seeds
}
