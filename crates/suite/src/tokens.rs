//! The token endpoint and what is published beside it: for whom tokens are, who may ask, who may read the answers.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::json;

use crate::authorize::{HOUSE, SPA, WEB};
use crate::browser::query;
use crate::oauth_client::{
    Application, FORM, MACHINE, RESOURCE, SIGNED, Tokens, assert_refused, read, userinfo,
};
use crate::{Api, assert_problem, body};

/// OpenID Connect Discovery 1.0 §3, RFC 8414 §3.2.
pub async fn the_metadata_names_every_endpoint(api: Api) {
    let mut said = Vec::new();
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let answer = api.ask((Method::GET, path), None, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        said.push(body(&answer));
    }
    assert_eq!(said[0], said[1]);
    let issuer = said[0]["issuer"].as_str().expect("an issuer");
    assert!(issuer.starts_with("http") && !issuer.ends_with('/'), "{issuer}");
    for (name, path) in [
        ("authorization_endpoint", "/oauth2/authorize"),
        ("token_endpoint", "/oauth2/token"),
        ("pushed_authorization_request_endpoint", "/oauth2/par"),
        ("userinfo_endpoint", "/oauth2/userinfo"),
        ("jwks_uri", "/oauth2/jwks"),
        ("introspection_endpoint", "/oauth2/introspect"),
        ("revocation_endpoint", "/oauth2/revoke"),
        ("end_session_endpoint", "/oauth2/logout"),
    ] {
        assert_eq!(said[0][name], format!("{issuer}{path}"), "{name}");
    }
    for (name, value) in [
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("subject_types_supported", json!(["public"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("request_uri_parameter_supported", json!(false)),
    ] {
        assert_eq!(said[0][name], value, "{name}");
    }
}

/// Whoever keeps the keys for as long as he may has met every key before it signs.
pub async fn every_key_is_published_before_it_signs(api: Api) {
    let answer = api.ask((Method::GET, "/oauth2/jwks"), None, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let said = body(&answer);
    let keys = said["keys"].as_array().expect("keys").clone();
    for key in &keys {
        assert!(key["kid"].is_string() && key["use"] == "sig" && key.get("d").is_none(), "{key}");
    }
    for (id, algorithm) in [(HOUSE, "ES256"), (SIGNED, "EdDSA")] {
        let application = Application::new(&api, id);
        let (given, _) = application.sign_in(&application.flow()).await;
        let (header, _) = read(given.all["id_token"].as_str().expect("an ID token"));
        assert_eq!((&header["alg"], &header["typ"]), (&json!(algorithm), &json!("JWT")));
        let mut known = keys.iter();
        assert!(
            known.any(|key| key["kid"] == header["kid"] && key["alg"] == algorithm),
            "{header}"
        );
    }
    let later = api.ask((Method::GET, "/oauth2/jwks"), None, None).await;
    assert_eq!(body(&later), said, "the same at every process");
}

/// RFC 6749 §4.4.
pub async fn a_machine_gets_a_token_of_its_own(api: Api) {
    let machine = Application::new(&api, MACHINE);
    let ask = async |other: &[(&str, &str)]| {
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(other);
        machine.ask(&fields).await
    };
    let given = Tokens::of(&ask(&[]).await);
    assert!(given.refresh.is_empty() && given.id.is_null(), "{}", given.all);
    assert_eq!(given.all["scope"], "read write");
    let worth = machine.introspect(&given.access).await;
    assert_eq!((&worth["active"], &worth["sub"]), (&json!(true), &json!(MACHINE)));
    assert!(worth.get("username").is_none(), "{worth}");
    assert_eq!(Tokens::of(&ask(&[("scope", "read")]).await).all["scope"], "read");
    let aimed = Tokens::of(&ask(&[("resource", RESOURCE)]).await);
    assert_eq!(machine.introspect(&aimed.access).await["aud"], RESOURCE);
    assert_refused(&ask(&[("resource", "https://other.example")]).await, 400, "invalid_target");
    for scope in ["read admin", "openid", "offline_access"] {
        assert_refused(&ask(&[("scope", scope)]).await, 400, "invalid_scope");
    }
    for id in [SPA, WEB] {
        let fields = [("grant_type", "client_credentials")];
        let refused = Application::new(&api, id).ask(&fields).await;
        assert_refused(&refused, 400, "unauthorized_client");
    }
    let nobody = machine.clone().showing(Some("not its secret"));
    let refused = nobody.ask(&[("grant_type", "client_credentials")]).await;
    assert_refused(&refused, 401, "invalid_client");
    assert_refused(&userinfo(&api, &given.access).await, 403, "insufficient_scope");
}

/// RFC 6749 §5.2; a parameter that comes twice is an attack (RFC 6749 §3.1).
pub async fn requests_that_cannot_be_understood_are_refused(api: Api) {
    let web = Application::new(&api, WEB);
    for (fields, error) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", "implicit")], "unsupported_grant_type"),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (vec![("grant_type", "authorization_code")], "invalid_request"),
        (vec![("grant_type", "refresh_token"); 2], "invalid_request"),
        (vec![("client_secret", "x"), ("grant_type", "client_credentials")], "invalid_request"),
        (vec![("client_id", HOUSE), ("grant_type", "client_credentials")], "invalid_request"),
    ] {
        assert_refused(&web.ask(&fields).await, 400, error);
    }
    let good = query(&[("grant_type", "client_credentials")]);
    for (kind, text) in [("application/json", "{}"), ("", &good), (FORM, "a=%zz"), (FORM, "a=\0")] {
        let sent = Some((kind, text.as_bytes()));
        let answer = api.ask((Method::POST, "/oauth2/token"), None, sent).await;
        assert_refused(&answer, 400, "invalid_request");
    }
    let long = format!("grant_type={}", "x".repeat(40_000));
    let answer =
        api.ask((Method::POST, "/oauth2/token"), None, Some((FORM, long.as_bytes()))).await;
    assert_refused(&answer, 400, "invalid_request");
    let nobody = Some((FORM, good.as_bytes()));
    let answer = api.ask((Method::POST, "/oauth2/token"), None, nobody).await;
    assert_refused(&answer, 401, "invalid_client");
    let answer = api.ask((Method::POST, "/oauth2/token"), Some("x"), nobody).await;
    assert_refused(&answer, 401, "invalid_client");
    let answer = api.ask((Method::GET, "/oauth2/token"), None, None).await;
    assert_problem(&answer, 405, "method_not_allowed");
}

/// RFC 8707 §2.2, RFC 9068 §2.2: a token for one service is for no other.
pub async fn a_signed_token_is_for_the_service_that_is_named(api: Api) {
    let signed = Application::new(&api, SIGNED);
    let flow = signed.flow().with("resource", RESOURCE).with("scope", "openid groups");
    let (given, _) = signed.sign_in(&flow).await;
    let (header, claims) = read(&given.access);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("EdDSA")));
    let issuer = claims["iss"].clone();
    assert_eq!(claims["aud"], json!([RESOURCE, issuer]), "and for userinfo");
    assert_eq!((&claims["sub"], &claims["client_id"]), (&given.id["sub"], &json!(SIGNED)));
    assert_eq!(claims["groups"], json!([]));
    assert_eq!(given.id["groups"], json!([]));
    for name in ["exp", "iat", "auth_time"] {
        assert!(claims[name].is_u64(), "{claims}");
    }
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    let aimed = Tokens::of(&signed.refresh(&given.refresh, &[("resource", RESOURCE)]).await);
    assert_eq!(read(&aimed.access).1["aud"], RESOURCE);
    assert_refused(&userinfo(&api, &aimed.access).await, 401, "invalid_token");
    for other in ["https://other.example", "https://evil.example"] {
        let refused = signed.refresh(&aimed.refresh, &[("resource", other)]).await;
        assert_refused(&refused, 400, "invalid_target");
    }
    let plain = Tokens::of(&signed.refresh(&aimed.refresh, &[]).await);
    assert_ne!(read(&plain.access).1["jti"], claims["jti"]);
}

/// Fetch §3.2: answers are for the origins that are registered, and never with cookies.
pub async fn scripts_of_registered_origins_read_answers(api: Api) {
    let mut spa = Application::new(&api, SPA);
    spa.origin = Some("https://spa.example");
    let allowed = "access-control-allow-origin";
    let (given, _) = spa.sign_in(&spa.flow()).await;
    let next = spa.refresh(&given.refresh, &[]).await;
    assert_eq!(next.header(allowed), Some("https://spa.example"));
    assert!(next.header("access-control-allow-credentials").is_none());
    assert_eq!(spa.revoke(&given.refresh).await.header(allowed), Some("https://spa.example"));
    let refused = spa.refresh(&Tokens::of(&next).refresh, &[]).await;
    assert_refused(&refused, 400, "invalid_grant");
    assert_eq!(refused.header(allowed), Some("https://spa.example"), "it has to know why");
    spa.origin = Some("https://evil.example");
    let elsewhere = spa.refresh("x", &[]).await;
    assert_eq!((elsewhere.status, elsewhere.header(allowed)), (400, None));
    for path in ["/oauth2/token", "/oauth2/userinfo", "/oauth2/revoke"] {
        let request = Request::builder().method(Method::OPTIONS).uri(path);
        let request = request
            .header("origin", "https://spa.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization");
        let answer = api.send(request.body(Bytes::new()).expect("a good request")).await;
        assert_eq!((answer.status, answer.header(allowed)), (204, Some("https://spa.example")));
        let headers = answer.header("access-control-allow-headers").expect("headers");
        assert!(headers.contains("authorization") && headers.contains("content-type"));
    }
}

/// The claims of a JWT that has no end yet are never taken for another kind of token (RFC 8725 §3.12).
pub async fn an_id_token_is_no_access_token(api: Api) {
    let house = Application::new(&api, HOUSE);
    let (given, mut ada) = house.sign_in(&house.flow()).await;
    let id_token = given.all["id_token"].as_str().expect("an ID token").to_owned();
    assert_refused(&userinfo(&api, &id_token).await, 401, "invalid_token");
    assert_eq!(house.introspect(&id_token).await, json!({ "active": false }));
    assert_refused(&house.refresh(&id_token, &[]).await, 400, "invalid_grant");
    let code = house.flow().code(&mut ada).await;
    assert_refused(&userinfo(&api, &code.code).await, 401, "invalid_token");
    assert_eq!(house.introspect(&code.code).await, json!({ "active": false }));
}
