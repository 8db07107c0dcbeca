//! Requests that applications sign (RFC 9101).

use serde_json::{Value, json};

use crate::assertions::issuer;
use crate::authorize::{Flow, HOUSE, Registered, SECRET};
use crate::browser::{Browser, query};
use crate::oauth_client::{Application, assert_refused};
use crate::pushed::{path, reference};
use crate::signer::{Signer, now, unsigned};
use crate::{Api, PASSWORD};

/// One that has to sign its requests.
const SIGNING: &str = "suite-signing";
const TYP: &str = "oauth-authz-req+jwt";

/// The applications of these cases.
pub fn clients() -> Vec<Registered> {
    let settings = json!({ "name": "Suite Signing", "kind": "server", "consent": "skip",
        "jwks": { "keys": [Signer::es256().jwk()] }, "require_signed_request_object": true,
        "redirect_uris": ["https://signing.example/cb"], "scopes": "openid profile email" });
    vec![Registered { id: SIGNING, settings, secret: Some(SECRET) }]
}

fn flow() -> Flow {
    Flow::of(SIGNING, "https://signing.example/cb")
}

/// The claims of a request with some of them replaced; `null` takes one out.
fn claims(issuer: &str, flow: &Flow, changes: &Value) -> Value {
    let mut claims = json!({ "iss": SIGNING, "aud": issuer, "iat": now(), "exp": now() + 60 });
    for (name, value) in flow.pairs() {
        claims[name] = json!(value);
    }
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

fn object(issuer: &str, flow: &Flow) -> String {
    Signer::es256().sign(&json!({ "typ": TYP }), &claims(issuer, flow, &json!({})))
}

fn carrying(object: &str, beside: &[(&str, &str)]) -> String {
    let pairs = [&[("client_id", SIGNING), ("request", object)][..], beside].concat();
    format!("/oauth2/authorize?{}", query(&pairs))
}

/// What stands beside it, anybody could have written there.
pub async fn a_signed_request_counts_and_nothing_beside_it(api: Api) {
    let (issuer, (name, _)) = (issuer(&api).await, api.newcomer().await);
    let flow = flow();
    let beside = [
        ("state", "another"),
        ("redirect_uri", "https://evil.example/cb"),
        ("scope", "openid groups"),
        ("code_challenge", "another"),
    ];
    let path = carrying(&object(&issuer, &flow), &beside);
    let mut ada = Browser::new(&api);
    let login = ada.open(&path).await;
    assert!(login.path.starts_with("/login?return_to="), "{}", login.path);
    assert!(!login.path.contains("evil.example"), "{}", login.path);
    let typed = [("username", name.as_str()), ("password", PASSWORD)];
    let told = flow.told(&ada.submit(&login, "/login", &typed).await);
    assert!(told["code"].starts_with("thc_"), "{told:?}");
    // A number, and what has to be asked again.
    let old = json!({ "max_age": 0 });
    let text = Signer::es256().sign(&json!({ "typ": TYP }), &claims(&issuer, &flow, &old));
    let login = ada.open(&carrying(&text, &[])).await;
    assert!(login.path.starts_with("/login?"), "{}", login.path);
}

/// RFC 9101 §6, §10: told to the application where the address names a place of its own, and to the person
/// otherwise.
pub async fn a_request_object_that_does_not_count_is_refused(api: Api) {
    let issuer = issuer(&api).await;
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let (flow, own) = (flow(), Signer::es256());
    let mut bad: Vec<String> = [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": null }),
        json!({ "iss": HOUSE }),
        json!({ "iss": null }),
        json!({ "client_id": HOUSE }),
        json!({ "client_id": null }),
        json!({ "exp": now() - 1 }),
        json!({ "exp": now() + 7200 }),
        json!({ "exp": null }),
        json!({ "nbf": now() + 300 }),
        json!({ "request_uri": "https://signing.example/r" }),
        json!({ "request": "x" }),
        json!({ "scope": [1] }),
    ]
    .iter()
    .map(|changes| own.sign(&json!({ "typ": TYP }), &claims(&issuer, &flow, changes)))
    .collect();
    let good = claims(&issuer, &flow, &json!({}));
    for header in [json!({}), json!({ "typ": "JWT" }), json!({ "typ": TYP, "alg": "HS256" })] {
        bad.push(own.sign(&header, &good));
    }
    bad.push(Signer::stranger().sign(&json!({ "typ": TYP }), &good));
    bad.push(format!("{}.", unsigned(&json!({ "typ": TYP, "alg": "none" }), &good)));
    bad.push("x".to_owned());
    for text in bad {
        let told = flow.told(&ada.open(&carrying(&text, &beside(&flow))).await);
        assert_eq!(told["error"], "invalid_request_object", "{told:?}");
        let page = ada.open(&carrying(&text, &[])).await;
        assert_eq!((page.answer.status, page.answer.header("location")), (400, None));
        assert!(page.says("invalid_request_object"), "{}", page.html);
        let evil = [("redirect_uri", "https://evil.example/cb")];
        let page = ada.open(&carrying(&text, &evil)).await;
        assert_eq!((page.answer.status, page.answer.header("location")), (400, None));
    }
    // Inside of a good one, an address that is not registered.
    let evil = json!({ "redirect_uri": "https://evil.example/cb" });
    let text = own.sign(&json!({ "typ": TYP }), &claims(&issuer, &flow, &evil));
    let page = ada.open(&carrying(&text, &beside(&flow))).await;
    assert_eq!((page.answer.status, page.answer.header("location")), (400, None));
}

/// All but who asks.
fn beside(flow: &Flow) -> Vec<(&str, &str)> {
    flow.pairs().into_iter().filter(|(name, _)| *name != "client_id").collect()
}

/// At either endpoint; and a signed request may be sent ahead, as one of its client.
pub async fn who_has_to_sign_requests_is_refused_otherwise(api: Api) {
    let (signing, issuer) = (Application::new(&api, SIGNING), issuer(&api).await);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = flow();
    let told = flow.answer(&mut ada).await;
    assert_eq!(told["error"], "invalid_request", "{told:?}");
    let sent = signing.send("/oauth2/par", &flow.pairs()).await;
    assert_refused(&sent, 400, "invalid_request");

    let text = object(&issuer, &flow);
    let sent = signing.send("/oauth2/par", &[("request", &text), ("scope", "groups")]).await;
    let told = flow.told(&ada.open(&path(SIGNING, &reference(&sent))).await);
    assert!(told["code"].starts_with("thc_"), "{told:?}");
    for changes in [json!({ "client_id": HOUSE }), json!({ "exp": now() - 1 })] {
        let bad = claims(&issuer, &flow, &changes);
        let text = Signer::es256().sign(&json!({ "typ": TYP }), &bad);
        let sent = signing.send("/oauth2/par", &[("request", &text)]).await;
        assert_refused(&sent, 400, "invalid_request_object");
    }
}
