//! In which ways applications that registered themselves show who they are.

use http::Method;
use serde_json::{Value, json};
use tokenhouse_suite::assertions::{claims, issuer, shown};
use tokenhouse_suite::browser::query;
use tokenhouse_suite::macs::mac;
use tokenhouse_suite::oauth_client::{FORM, assert_refused};
use tokenhouse_suite::signer::Signer;
use tokenhouse_suite::{Answer, Api, body};

use super::{PATH, Registered, invite, metadata, stage};
use crate::apps::{Place, on_both_engines};

on_both_engines! {
    an_application_that_makes_macs_is_known_by_the_secret_it_was_told,
    an_application_may_say_where_its_keys_are,
}

/// Registers an application that says this besides.
async fn register(api: &Api, token: &str, besides: Value) -> Answer {
    let mut said = metadata();
    for (name, value) in besides.as_object().expect("an object") {
        said[name] = value.clone();
    }
    api.json(Method::POST, PATH, token, &said).await
}

/// Asks about a token that is none: nothing but who asks is judged.
async fn asks(api: &Api, assertion: &str) -> Answer {
    let form = query(&[&[("token", "x")][..], &shown(assertion)].concat());
    let path = (Method::POST, "/oauth2/introspect");
    api.ask(path, None, Some((FORM, form.as_bytes()))).await
}

async fn an_application_that_makes_macs_is_known_by_the_secret_it_was_told(place: Place) {
    let (api, stage) = stage(place).await;
    let (token, issuer) = (invite(&stage.app, 1).await, issuer(&api).await);
    let way = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
    let new = Registered::of(&register(&api, &token, way).await);
    assert_eq!(new.all["token_endpoint_auth_method"], "client_secret_jwt");
    let made = |secret: &str| {
        let own = claims(&issuer, &json!({ "iss": new.id, "sub": new.id }));
        mac(secret, &json!({ "alg": "HS256" }), &own)
    };
    assert_eq!(asks(&api, &made(&new.secret)).await.status, 200);
    assert_refused(&asks(&api, &made("another")).await, 401, "invalid_client");
    let mut said = new.all.clone();
    said["token_endpoint_auth_method"] = json!("client_secret_basic");
    let changed = api.json(Method::PUT, &new.path, &new.token, &said).await;
    assert_refused(&changed, 400, "invalid_client_metadata");
    assert_eq!(asks(&api, &made(&new.secret)).await.status, 200);
}

async fn an_application_may_say_where_its_keys_are(place: Place) {
    let (api, stage) = stage(place).await;
    let token = invite(&stage.app, 1).await;
    let way = |more: Value| {
        let mut said = json!({ "token_endpoint_auth_method": "private_key_jwt" });
        for (name, value) in more.as_object().expect("an object") {
            said[name] = value.clone();
        }
        said
    };
    let jwks = json!({ "keys": [Signer::es256().jwk()] });
    for bad in [
        json!({}),
        json!({ "jwks_uri": "http://127.0.0.1/jwks" }),
        json!({ "jwks_uri": "https://dyn.example/jwks", "jwks": jwks }),
    ] {
        let refused = register(&api, &token, way(bad)).await;
        assert_refused(&refused, 400, "invalid_client_metadata");
    }
    let there = json!({ "jwks_uri": "https://dyn.example/jwks" });
    let new = Registered::of(&register(&api, &token, way(there)).await);
    assert_eq!(
        (&new.all["jwks_uri"], new.secret.as_str()),
        (&json!("https://dyn.example/jwks"), "")
    );
    let mut said = new.all.clone();
    said.as_object_mut().expect("an object").remove("jwks_uri");
    said["jwks"] = jwks;
    let changed = api.json(Method::PUT, &new.path, &new.token, &said).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!((body(&changed)["jwks"].is_object(), body(&changed).get("jwks_uri")), (true, None));
}
