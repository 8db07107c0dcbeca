//! Bad input: a precise problem document, and nothing changed.

use http::Method;
use serde_json::json;

use crate::{Api, PASSWORD, assert_problem, body};

const JSON: &str = "application/json";

/// 400 for what is no JSON, 422 with a pointer for what is the wrong JSON.
pub async fn bodies_that_are_no_json_are_refused(api: Api) {
    for bad in
        [&b"{"[..], b"", b"{\"username\":\"a\",}", b"{} {}", b"\xff\xfe", b"{\"username\":\"\0\"}"]
    {
        let answer = api.ask((Method::POST, "/login"), None, Some((JSON, bad))).await;
        assert!([400, 422].contains(&answer.status), "{bad:?}: {}", answer.text());
    }
    let cases = [
        (json!({ "username": "ada" }), "/password"),
        (json!({ "username": 5, "password": PASSWORD }), "/username"),
        (json!({ "username": "ada", "password": PASSWORD, "admin": true }), "/admin"),
    ];
    for (bad, pointer) in cases {
        let answer = api.post("/login", &bad).await;
        assert_problem(&answer, 422, "invalid_request");
        assert_eq!(body(&answer)["errors"][0]["pointer"], pointer);
    }
    let secret = api.post("/login", &json!({ "username": "ada", "password": ["hunter22"] })).await;
    assert!(!secret.text().contains("hunter22"), "{}", secret.text());
}

/// The document must be one object, without doubt about its members.
pub async fn documents_that_are_no_objects_are_refused(api: Api) {
    let (_, token) = api.newcomer().await;
    let deep = format!("{}1{}", "{\"a\":".repeat(70), "}".repeat(70));
    let bad = ["[]", "1", "null", "{\"a\":1,\"a\":2}", &deep, "{\"a\":}", "{\"a\":\"\u{1}\"}"];
    for text in bad {
        for method in [Method::PUT, Method::PATCH] {
            let answer =
                api.ask((method, "/data"), Some(&token), Some((JSON, text.as_bytes()))).await;
            assert!([400, 422].contains(&answer.status), "{text}: {}", answer.text());
        }
    }
    let answer =
        api.ask((Method::PUT, "/data"), Some(&token), Some((JSON, b"{\"a\":\"\xff\"}"))).await;
    assert_problem(&answer, 400, "malformed");
    assert_eq!(body(&api.get("/data", &token).await)["data"], json!({}));
}

/// 413: the body, and the result of a patch.
pub async fn too_much_is_refused(api: Api) {
    let (_, token) = api.newcomer().await;
    let large = json!({ "a": "x".repeat(70_000) });
    assert_problem(&api.json(Method::PUT, "/data", &token, &large).await, 413, "too_large");
    let half = |name: &str| json!({ name: "x".repeat(40_000) });
    assert_eq!(api.json(Method::PATCH, "/data", &token, &half("a")).await.status, 200);
    assert_problem(&api.json(Method::PATCH, "/data", &token, &half("b")).await, 413, "too_large");
    let login = json!({ "username": "x".repeat(20_000), "password": PASSWORD });
    assert_problem(&api.post("/login", &login).await, 413, "too_large");
}

/// 415 and 405 with `Allow`.
pub async fn content_types_and_methods_are_checked(api: Api) {
    let (_, token) = api.newcomer().await;
    for kind in ["text/plain", "application/xml", ""] {
        let answer = api.ask((Method::PUT, "/data"), Some(&token), Some((kind, b"{}"))).await;
        assert_problem(&answer, 415, "unsupported_media_type");
    }
    let answer = api.ask((Method::DELETE, "/data"), Some(&token), None).await;
    assert_problem(&answer, 405, "method_not_allowed");
    let allowed = answer.header("allow").expect("an Allow header");
    for method in ["GET", "PUT", "PATCH"] {
        assert!(allowed.contains(method), "{allowed}");
    }
}

/// 401 with a challenge; never 500.
pub async fn tokens_that_are_not_ours_are_refused(api: Api) {
    let none = api.ask((Method::GET, "/data"), None, None).await;
    assert_problem(&none, 401, "missing_token");
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    let (_, token) = api.newcomer().await;
    let mut mutated = token.clone().into_bytes();
    let middle = mutated.len() / 2;
    mutated[middle] = if mutated[middle] == b'A' { b'B' } else { b'A' };
    let mutated = String::from_utf8(mutated).expect("ASCII");
    let foreign = format!("ths_{}", "A".repeat(100));
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.";
    for bad in [mutated.as_str(), &foreign, jwt, "x", "", &token[..50], &token.to_lowercase()] {
        let answer = api.get("/data", bad).await;
        assert_problem(&answer, 401, "invalid_token");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    }
    assert_eq!(api.get("/data", &token).await.status, 200);
}

/// 404, as a problem document.
pub async fn unknown_addresses_get_a_problem_document(api: Api) {
    for path in ["/nothing", "/data/", "/sessions/1/2"] {
        let answer = api.ask((Method::GET, path), None, None).await;
        assert_problem(&answer, 404, "not_found");
    }
}

/// The document is made from the code; it must name all of it.
pub async fn the_openapi_document_describes_every_path(api: Api) {
    let document = body(&api.ask((Method::GET, "/openapi.json"), None, None).await);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/register",
        "/login",
        "/data",
        "/logout",
        "/logout/all",
        "/sessions",
        "/sessions/{id}",
        "/password",
        "/account",
        "/account/export",
        "/account/email",
        "/account/email/confirmation",
        "/recover",
        "/reset",
        "/confirm",
        "/login/confirmation",
        "/healthz",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth2/jwks",
        "/oauth2/token",
        "/oauth2/userinfo",
        "/oauth2/introspect",
        "/oauth2/revoke",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert_eq!(document["paths"]["/data"].as_object().map(serde_json::Map::len), Some(3));
}
