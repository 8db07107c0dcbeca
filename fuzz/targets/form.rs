#![no_main]
//! Parameters of queries and bodies: what is read is what browsers and every other reader would read, it can be written
//! and read again, and nothing that comes twice is overlooked.

use libfuzzer_sys::{Corpus, fuzz_target};
use tokenhouse_fuzz::authorization::{self, REDIRECT};
use tokenhouse_fuzz::begin;
use tokenhouse_rules::oauth::claims::Requested;
use tokenhouse_rules::oauth::form::{self, Parameters};
use tokenhouse_rules::oauth::pkce::Challenge;
use tokenhouse_rules::oauth::scope::Scopes;
use url::form_urlencoded;

fuzz_target!(init: begin(&seeds()), |input: &[u8]| -> Corpus {
    let whole = Parameters::parse(input);
    let Ok(read) = Parameters::gather(input) else {
        assert!(whole.is_err());
        return Corpus::Keep;
    };
    assert_eq!(whole.is_err(), read.repeated().is_some());
    let pairs: Vec<_> = read.pairs().collect();
    is_what_others_read(input, &pairs);
    let again = Parameters::gather(form::encode(&pairs).as_bytes()).expect("as we write them");
    assert_eq!(again.pairs().collect::<Vec<_>>(), pairs);
    authorization::judge(&read);
    judge_values(&read);
    Corpus::Keep
});

fn is_what_others_read(input: &[u8], pairs: &[(&str, &str)]) {
    let others: Vec<_> =
        form_urlencoded::parse(input).filter(|(_, value)| !value.is_empty()).collect();
    let others: Vec<_> = others.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(others, pairs);
}

fn judge_values(read: &Parameters) {
    if let Some(Ok(scopes)) = read.text("scope").map(Scopes::parse) {
        let text = scopes.iter().collect::<Vec<_>>().join(" ");
        assert_eq!(Scopes::parse(&text).as_ref(), Ok(&scopes));
    }
    if let Some(Ok(challenge)) = read.text("code_challenge").map(Challenge::parse) {
        let verifier = read.text("code_verifier").unwrap_or_default();
        let _ = challenge.verify(verifier);
    }
    if let Some(claims) = read.text("claims") {
        let _ = Requested::parse(claims, &Scopes::of(&["openid", "email", "profile"]));
    }
}

fn seeds() -> Vec<String> {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let claims = r#"{"userinfo":{"email":{"essential":true}},"id_token":{"acr":{"values":["1"]}}}"#;
    let authorize = [
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "a b"),
        ("nonce", "n"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("claims", claims),
        ("max_age", "60"),
        ("prompt", "none"),
        ("resource", "https://api.example"),
    ];
    vec![
        form::encode(&authorize),
        format!("{}&state=again", form::encode(&authorize)),
        "grant_type=authorization_code&code=thc_x&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
        "a=%C3%A4+b&&c&=d&a=%61".into(),
    ]
}
