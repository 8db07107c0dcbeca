//! Applications that show who they are by a signature: `private_key_jwt`.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authorize::{Flow, Registered, SECRET, WEB};
use crate::browser::Browser;
use crate::oauth_client::{Application, Tokens, assert_refused, userinfo};
use crate::signer::{Signer, now, unsigned};
use crate::{Answer, Api, body};

/// One that shows who it is by one of two keys.
pub const KEYED: &str = "suite-keyed";
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The applications of these cases.
pub fn clients() -> Vec<Registered> {
    let keys = [Signer::es256(), Signer::eddsa()].map(|key| key.jwk());
    let settings = json!({ "name": "Suite Keyed", "kind": "server", "consent": "skip",
        "authentication": "private_key_jwt", "jwks": { "keys": keys },
        "redirect_uris": ["https://keyed.example/cb"], "scopes": "openid profile email" });
    vec![Registered { id: KEYED, settings, secret: None }]
}

/// The request that it sends browsers with.
pub fn flow() -> Flow {
    Flow::of(KEYED, "https://keyed.example/cb")
}

/// What the server calls itself.
pub async fn issuer(api: &Api) -> String {
    let said = api.ask((Method::GET, "/.well-known/openid-configuration"), None, None).await;
    body(&said)["issuer"].as_str().expect("an issuer").to_owned()
}

/// Good claims with some of them replaced; `null` takes one out.
pub fn claims(issuer: &str, changes: &Value) -> Value {
    let mut claims = json!({ "iss": KEYED, "sub": KEYED, "aud": issuer, "iat": now(),
                             "exp": now() + 60, "jti": Uuid::new_v4().to_string() });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

/// A good assertion.
pub fn assertion(issuer: &str) -> String {
    Signer::es256().sign(&json!({}), &claims(issuer, &json!({})))
}

/// The parameters that it travels in.
pub fn shown(assertion: &str) -> [(&str, &str); 2] {
    [("client_assertion_type", TYPE), ("client_assertion", assertion)]
}

/// Asks about a token that is none: nothing but who asks is judged.
async fn asks(application: &Application, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("token", "x")][..], fields].concat();
    application.send("/oauth2/introspect", &fields).await
}

/// OpenID Connect Core §9: at every endpoint, by each of its keys, made out to the issuer or to the endpoint.
pub async fn an_application_shows_who_it_is_by_its_signature(api: Api) {
    let (keyed, issuer) = (Application::new(&api, KEYED), issuer(&api).await);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = flow().code(&mut ada).await;
    let given = Tokens::of(&keyed.redeem(&code, &shown(&assertion(&issuer))).await);
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    let token = format!("{issuer}/oauth2/token");
    let both = claims(&issuer, &json!({ "aud": [issuer, token], "iat": null }));
    let typed = Signer::eddsa().sign(&json!({ "typ": "client-authentication+jwt" }), &both);
    let next = Tokens::of(&keyed.refresh(&given.refresh, &shown(&typed)).await);
    assert_ne!(next.refresh, given.refresh);
    let to_token = claims(&issuer, &json!({ "aud": token }));
    let text = Signer::es256().sign(&json!({ "typ": "JWT" }), &to_token);
    let fields = [&[("token", next.access.as_str())][..], &shown(&text)].concat();
    let said = keyed.send("/oauth2/introspect", &fields).await;
    assert_eq!(body(&said)["active"], true, "{}", said.text());
    let text = assertion(&issuer);
    let fields = [&[("token", next.refresh.as_str())][..], &shown(&text)].concat();
    assert_eq!(keyed.send("/oauth2/revoke", &fields).await.status, 200);
    assert_refused(&userinfo(&api, &next.access).await, 401, "invalid_token");
}

/// RFC 7523 §3, RFC 8725 §2: each of these is somebody else, or for somebody else. None of them uses the code up.
pub async fn assertions_that_say_anything_else_are_refused(api: Api) {
    let (keyed, issuer) = (Application::new(&api, KEYED), issuer(&api).await);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = flow().code(&mut ada).await;
    let own = Signer::es256();
    let mut bad: Vec<String> = [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": [issuer, "https://other.example"] }),
        json!({ "aud": null }),
        json!({ "iss": WEB }),
        json!({ "sub": WEB }),
        json!({ "iss": WEB, "sub": WEB }),
        json!({ "iss": null }),
        json!({ "exp": now() - 1 }),
        json!({ "exp": now() + 900 }),
        json!({ "exp": null }),
        json!({ "nbf": now() + 300 }),
        json!({ "iat": now() + 300 }),
        json!({ "jti": null }),
    ]
    .iter()
    .map(|changes| own.sign(&json!({}), &claims(&issuer, changes)))
    .collect();
    let good = claims(&issuer, &json!({}));
    for header in [
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "oauth-authz-req+jwt" }),
        json!({ "kid": "none-such" }),
        json!({ "alg": "EdDSA", "kid": "two" }),
        json!({ "alg": "HS256" }),
        json!({ "crit": ["exp"] }),
        json!({ "jwk": Signer::stranger().jwk(), "kid": "x" }),
    ] {
        bad.push(own.sign(&header, &good));
    }
    bad.push(Signer::stranger().sign(&json!({}), &good));
    for alg in ["none", "None", "HS256"] {
        bad.push(format!("{}.", unsigned(&json!({ "alg": alg }), &good)));
    }
    bad.extend(["x".to_owned(), "a.b.c".to_owned(), format!("{}.c2ln", "a".repeat(9000))]);
    for text in bad {
        let refused = keyed.redeem(&code, &shown(&text)).await;
        assert_refused(&refused, 401, "invalid_client");
    }
    Tokens::of(&keyed.redeem(&code, &shown(&assertion(&issuer))).await);
}

/// RFC 7523 §3: whichever process and endpoint it comes to again.
pub async fn an_assertion_is_good_once(api: Api) {
    let (keyed, issuer) = (Application::new(&api, KEYED), issuer(&api).await);
    for _ in 0..3 {
        let text = assertion(&issuer);
        let fields = shown(&text);
        let all = join_all((0..8).map(|_| asks(&keyed, &fields))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1, "{all:?}");
        for lost in all.iter().filter(|answer| answer.status != 200) {
            assert_refused(lost, 401, "invalid_client");
        }
        let fields = [&[("token", "x")][..], &shown(&text)].concat();
        assert_refused(&keyed.send("/oauth2/revoke", &fields).await, 401, "invalid_client");
    }
    // The same name in another assertion is the same.
    let jti = json!({ "jti": Uuid::new_v4().to_string() });
    let [one, other] =
        [Signer::es256(), Signer::eddsa()].map(|key| key.sign(&json!({}), &claims(&issuer, &jti)));
    assert_eq!(asks(&keyed, &shown(&one)).await.status, 200);
    assert_refused(&asks(&keyed, &shown(&other)).await, 401, "invalid_client");
}

/// RFC 6749 §2.3: in the way in which it is registered, and in one way at a time.
pub async fn a_key_is_no_secret_and_a_secret_is_no_key(api: Api) {
    let [keyed, web] = [KEYED, WEB].map(|id| Application::new(&api, id));
    let issuer = issuer(&api).await;
    for secret in [Some(SECRET), None] {
        let refused = asks(&keyed.clone().showing(secret), &[]).await;
        assert_refused(&refused, 401, "invalid_client");
    }
    let of_web = claims(&issuer, &json!({ "iss": WEB, "sub": WEB }));
    let bare = web.clone().showing(None);
    for text in [Signer::es256().sign(&json!({}), &of_web), assertion(&issuer)] {
        assert_refused(&asks(&bare, &shown(&text)).await, 401, "invalid_client");
    }
    let text = assertion(&issuer);
    let both = asks(&keyed.clone().showing(Some(SECRET)), &shown(&text)).await;
    assert_refused(&both, 400, "invalid_request");
    let in_form = [&shown(&text)[..], &[("client_secret", SECRET)]].concat();
    assert_refused(&asks(&keyed, &in_form).await, 400, "invalid_request");
    let twice = [shown(&text), shown(&text)].concat();
    assert_refused(&asks(&keyed, &twice).await, 400, "invalid_request");
    let other = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    for kind in [other, ""] {
        let fields = [("client_assertion_type", kind), ("client_assertion", text.as_str())];
        assert_refused(&asks(&keyed, &fields).await, 401, "invalid_client");
    }
    assert_eq!(asks(&keyed, &shown(&text)).await.status, 200, "none of them used it up");
}
