//! Proofs of a key (RFC 9449): what tokens are bound to by them, and what a proof has to be.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::authorize::{Code, Flow, HOUSE, Registered, SECRET, SPA, WEB};
use crate::browser::Browser;
use crate::oauth_client::{Application, MACHINE, SIGNED, Tokens, assert_refused, read};
use crate::prover::{Prover, nonce, shown};
use crate::{Answer, Api, body};

/// One whose tokens are always bound.
pub const BOUND: &str = "suite-bound";

/// The applications that are needed here.
pub fn clients() -> Vec<Registered> {
    let settings = json!({ "name": "Suite Bound", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://bound.example/cb"], "scopes": "openid profile",
        "dpop_bound_access_tokens": true });
    vec![Registered { id: BOUND, settings, secret: Some(SECRET) }]
}

/// Somebody new at an application, and a code for her.
pub async fn code(api: &Api, flow: &Flow) -> (Code, Browser) {
    let mut ada = Browser::new(api);
    ada.newcomer().await;
    (flow.code(&mut ada).await, ada)
}

/// Bound tokens of an application for somebody new.
pub async fn bound(api: &Api, id: &'static str, key: &Prover) -> Tokens {
    let application = Application::new(api, id).proving(&[&key.for_tokens()]);
    let (code, _) = code(api, &application.flow()).await;
    let given = Tokens::of(&application.redeem(&code, &[]).await);
    assert_eq!(given.all["token_type"], "DPoP");
    given
}

/// Asserts that a token was refused at a resource, and told by which scheme.
pub fn assert_challenged(answer: &Answer, error: &str, scheme: &str) {
    assert_refused(answer, 401, error);
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with(&format!("{scheme} error=\"{error}\"")), "{challenge}");
    let mut all = answer.headers.get_all("www-authenticate").iter();
    let algorithms = "algs=\"ES256 EdDSA PS256\"";
    assert!(all.any(|value| value.to_str().is_ok_and(|text| text.contains(algorithms))));
}

/// RFC 9449 §5, §6, §8: from a nonce to tokens, and what is known of them.
pub async fn tokens_are_bound_to_the_key_that_is_proved(api: Api) {
    let mut key = Prover::new(&api).await;
    let given = std::mem::take(&mut key.nonce);
    let spa = Application::new(&api, SPA);
    let (code, _) = code(&api, &spa.flow()).await;
    let refused = spa.clone().proving(&[&key.for_tokens()]).redeem(&code, &[]).await;
    assert_refused(&refused, 400, "use_dpop_nonce");
    key.nonce = nonce(&refused).expect("a nonce");
    assert_eq!(key.nonce.len(), given.len());
    let answer = spa.clone().proving(&[&key.for_tokens()]).redeem(&code, &[]).await;
    assert!(nonce(&answer).is_some(), "for the next proof");
    let given = Tokens::of(&answer);
    assert_eq!(given.all["token_type"], "DPoP");
    let told = shown(&api, "DPoP", &given.access, Some(&key.for_userinfo(&given.access))).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!((&body(&told)["sub"], nonce(&told).is_some()), (&given.id["sub"], true));
    let worth = Application::new(&api, WEB).introspect(&given.access).await;
    assert_eq!((&worth["active"], &worth["token_type"]), (&json!(true), &json!("DPoP")));
    assert_eq!(worth["cnf"], json!({ "jkt": key.thumbprint() }));
    let signed = bound(&api, SIGNED, &key).await;
    assert_eq!(read(&signed.access).1["cnf"]["jkt"], key.thumbprint());
    let machine = Application::new(&api, MACHINE).proving(&[&key.for_tokens()]);
    let own = Tokens::of(&machine.ask(&[("grant_type", "client_credentials")]).await);
    assert_eq!(own.all["token_type"], "DPoP");
    assert_eq!(machine.introspect(&own.access).await["cnf"]["jkt"], key.thumbprint());
    let path = "/.well-known/openid-configuration";
    let discovered = body(&api.ask((Method::GET, path), None, None).await);
    let algorithms = json!(["ES256", "EdDSA", "PS256"]);
    assert_eq!(discovered["dpop_signing_alg_values_supported"], algorithms);
}

/// A good proof with one thing wrong, by the checks of RFC 9449 §4.3, and what is said of it.
fn wrong_proofs(key: &Prover, other: &Prover) -> Vec<(&'static str, String, &'static str)> {
    let header = |name: &str, value: Value| {
        let mut header = key.header();
        header[name] = value;
        key.sign(&header, &key.claims("POST", "/oauth2/token"))
    };
    let claim = |name: &str, value: Value| {
        let mut claims = key.claims("POST", "/oauth2/token");
        claims[name] = value;
        key.sign(&key.header(), &claims)
    };
    let mut private = key.jwk();
    private["d"] = json!("AAAA");
    let elsewhere = key.claims("POST", "/oauth2/userinfo");
    let earlier = key.claims("POST", "/")["iat"].as_u64().expect("seconds") - 600;
    let bad = "invalid_dpop_proof";
    vec![
        ("2: no JWT", "garbage".to_owned(), bad),
        ("3: no jti", claim("jti", Value::Null), bad),
        ("3: no htm", claim("htm", Value::Null), bad),
        ("3: no htu", claim("htu", Value::Null), bad),
        ("3: no iat", claim("iat", Value::Null), bad),
        ("4: another type", header("typ", json!("JWT")), bad),
        ("5: no algorithm", header("alg", json!("none")), bad),
        ("5: a shared key", header("alg", json!("HS256")), bad),
        ("6: another key", header("jwk", other.jwk()), bad),
        ("7: a private key", header("jwk", private), bad),
        ("8: another method", claim("htm", json!("GET")), bad),
        ("9: another address", key.sign(&key.header(), &elsewhere), bad),
        ("10: no nonce", claim("nonce", json!("")), "use_dpop_nonce"),
        ("10: a foreign nonce", claim("nonce", json!("eyJ7S_zG")), "use_dpop_nonce"),
        ("11: long ago", claim("iat", json!(earlier)), bad),
        ("11: to come", claim("iat", json!(earlier + 1_200)), bad),
    ]
}

/// Each check of RFC 9449 §4.3 is one refusal, and costs the application nothing.
pub async fn a_proof_is_refused_by_each_check_and_costs_nothing(api: Api) {
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    let house = Application::new(&api, HOUSE);
    let (code, _) = code(&api, &house.flow()).await;
    for (what, proof, error) in wrong_proofs(&key, &other) {
        let refused = house.clone().proving(&[&proof]).redeem(&code, &[]).await;
        assert_eq!((refused.status, &body(&refused)["error"]), (400, &json!(error)), "{what}");
        assert_refused(&refused, 400, error);
    }
    let two = house.clone().proving(&[&key.for_tokens(), &key.for_tokens()]);
    assert_refused(&two.redeem(&code, &[]).await, 400, "invalid_dpop_proof");
    let house = house.proving(&[&key.for_tokens()]);
    let given = Tokens::of(&house.redeem(&code, &[]).await);
    // 12: and for this token, by its key.
    let another = key.for_userinfo("another");
    let answer = shown(&api, "DPoP", &given.access, Some(&another)).await;
    assert_challenged(&answer, "invalid_dpop_proof", "DPoP");
    let mut old = Prover::new(&api).await;
    old.nonce = String::new();
    let answer = shown(&api, "DPoP", &given.access, Some(&old.for_userinfo(&given.access))).await;
    assert_challenged(&answer, "invalid_token", "DPoP");
    let without = key.claims("GET", "/oauth2/userinfo");
    let answer = shown(&api, "DPoP", &given.access, Some(&key.sign(&key.header(), &without))).await;
    assert_challenged(&answer, "invalid_dpop_proof", "DPoP");
}

/// RFC 9449 §11.1: a proof comes once, whichever process it comes to and however many at once.
pub async fn a_proof_comes_once_whichever_process_it_comes_to(api: Api) {
    let key = Prover::new(&api).await;
    let proof = key.for_tokens();
    let machine = Application::new(&api, MACHINE).proving(&[&proof]);
    let fields = [("grant_type", "client_credentials")];
    Tokens::of(&machine.ask(&fields).await);
    for _ in 0..3 {
        assert_refused(&machine.ask(&fields).await, 400, "invalid_dpop_proof");
    }
    let at_once = Application::new(&api, MACHINE).proving(&[&key.for_tokens()]);
    let all = join_all((0..8).map(|_| at_once.ask(&fields))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    let given = bound(&api, HOUSE, &key).await;
    let proof = key.for_userinfo(&given.access);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(shown(&api, "DPoP", &given.access, Some(&proof)).await);
    }
    assert_eq!(seen[0].status, 200, "{}", seen[0].text());
    for again in &seen[1..] {
        assert_challenged(again, "invalid_dpop_proof", "DPoP");
    }
    let house = Application::new(&api, HOUSE).proving(&[&key.for_tokens()]);
    let next = Tokens::of(&house.refresh(&given.refresh, &[]).await);
    assert_refused(&house.refresh(&next.refresh, &[]).await, 400, "invalid_dpop_proof");
}
