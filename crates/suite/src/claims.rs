//! What an application learns beside the standard claims: what is mapped for it, what it asks for one by one, and
//! answers that are signed.

use http::Method;
use serde_json::{Value, json};

use crate::authorize::{HOUSE, Registered, SECRET, WEB};
use crate::browser::Browser;
use crate::oauth_client::{Application, Tokens, assert_refused, read, userinfo};
use crate::{Api, body};

/// One for which claims are mapped, and whose answers are signed.
pub const MAPPED: &str = "suite-mapped";

/// The applications that are needed beside those of other files.
pub fn clients() -> Vec<Registered> {
    let everywhere = ["id_token", "userinfo", "access_token"];
    let from = |pointer: &str| json!({ "from": { "document": pointer }, "in": everywhere });
    let mapped = json!({ "name": "Suite Mapped", "kind": "server", "consent": "skip",
        "redirect_uris": ["https://mapped.example/cb"], "scopes": "openid profile email groups",
        "access_token": "jwt", "userinfo_signed_response_alg": "EdDSA",
        "claims": {
            "team": from("/job/team"), "level": from("/level"), "tags": from("/tags"),
            "nothing": from("/missing"), "note": { "from": { "document": "/note" } },
            "https://mapped.example/tenant": { "from": { "constant": { "id": 7 } } },
            "memberOf": { "from": "groups", "in": ["access_token"] } },
        "roles": { "admin": ["owners"], "reader": ["owners", "staff"] } });
    vec![Registered { id: MAPPED, settings: mapped, secret: Some(SECRET) }]
}

/// A newcomer with this document, and her browser.
async fn newcomer(api: &Api, document: &Value) -> Browser {
    let mut ada = Browser::new(api);
    ada.newcomer().await;
    let session = ada.cookies["tokenhouse-session"].clone();
    let written = api.json(Method::PUT, "/data", &session, document).await;
    assert_eq!(written.status, 200, "{}", written.text());
    ada
}

/// From the document, the same for everybody, and from groups.
pub async fn claims_are_mapped_for_the_application_that_wants_them(api: Api) {
    let document = json!({ "job": { "team": "north" }, "level": 1.5, "tags": ["a", { "b": null }],
        "note": "told to the client alone", "secret": "told to nobody" });
    let mut ada = newcomer(&api, &document).await;
    let application = Application::new(&api, MAPPED);
    let given = application.tokens(&application.flow(), &mut ada).await;
    let tenant = json!({ "id": 7 });
    let access = read(&given.access).1;
    for told in [&given.id, &access] {
        assert_eq!((&told["team"], &told["level"]), (&json!("north"), &json!(1.5)));
        assert_eq!(told["tags"], document["tags"]);
        assert_eq!(told["roles"], json!([]));
        assert!(told.get("nothing").is_none() && !told.to_string().contains("nobody"), "{told}");
    }
    assert_eq!((&given.id["note"], access.get("note")), (&document["note"], None));
    assert_eq!(given.id["https://mapped.example/tenant"], tenant);
    assert_eq!((&access["memberOf"], given.id.get("memberOf")), (&json!([]), None));
    let worth = application.introspect(&given.access).await;
    assert_eq!((&worth["active"], &worth["team"]), (&json!(true), &json!("north")));

    // They are as the document is when they are told; one that is gone is not told.
    let session = ada.cookies["tokenhouse-session"].clone();
    let other = json!({ "job": { "team": "" }, "level": null, "tags": false });
    api.json(Method::PUT, "/data", &session, &other).await;
    let next = Tokens::of(&application.refresh(&given.refresh, &[]).await);
    for told in [&next.id, &read(&next.access).1, &signed(&api, &next.access).await] {
        assert_eq!(told["tags"], json!(false));
        assert!(told.get("team").is_none() && told.get("level").is_none(), "{told}");
    }
    let house = Application::new(&api, HOUSE);
    let plain = house.tokens(&house.flow(), &mut ada).await;
    let told = body(&userinfo(&api, &plain.access).await);
    for told in [&plain.id, &told] {
        assert!(told.get("tags").is_none() && told.get("roles").is_none(), "{told}");
    }
}

/// The claims of a signed answer.
async fn signed(api: &Api, token: &str) -> Value {
    let answer = userinfo(api, token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/jwt"));
    read(&answer.text()).1
}

/// OpenID Connect Core §5.3.2.
pub async fn an_answer_about_a_person_can_be_signed(api: Api) {
    let application = Application::new(&api, MAPPED);
    let (given, mut ada) = application.sign_in(&application.flow()).await;
    let answer = userinfo(&api, &given.access).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (header, told) = read(&answer.text());
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("JWT")));
    assert_eq!((&told["iss"], &told["aud"]), (&given.id["iss"], &json!(MAPPED)));
    assert_eq!(told["sub"], given.id["sub"]);
    assert!(told["iat"].is_u64() && told.get("exp").is_none(), "{told}");
    // It is no ID token: who shows it says of nobody that she is meant.
    let flow = application.flow().with("id_token_hint", &answer.text());
    let told = flow.clone().with("prompt", "none").answer(&mut ada).await;
    assert_eq!(told.get("error").map(String::as_str), Some("login_required"));
    let refused = userinfo(&api, "garbage").await;
    assert_eq!((refused.status, refused.header("content-type")), (401, Some("application/json")));
}

/// OpenID Connect Core §5.5: told without the others of its scope, and agreed to by it.
pub async fn an_application_asks_for_claims_one_by_one(api: Api) {
    let web = Application::new(&api, WEB);
    let claims = r#"{"userinfo": {"preferred_username": {"essential": true}, "website": null},
        "id_token": {"preferred_username": null, "auth_time": {"essential": true}, "other": null,
        "acr": {"essential": true, "values": ["1"]}}}"#;
    let flow = web.flow().with("scope", "openid").with("claims", claims);
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let asked = ada.open(&flow.path()).await;
    assert!(asked.says("action=\"/oauth2/consent\""), "{}", asked.html);
    let silent = flow.clone().with("prompt", "none");
    let told = silent.answer(&mut ada).await;
    assert_eq!(told.get("error").map(String::as_str), Some("consent_required"));
    let given = web.tokens(&flow, &mut ada).await;
    assert_eq!((&given.id["preferred_username"], &given.id["acr"]), (&json!(name), &json!("1")));
    assert!(given.id["auth_time"].is_u64() && given.id.get("locale").is_none(), "{}", given.id);
    let told = body(&userinfo(&api, &given.access).await);
    assert_eq!(told, json!({ "sub": given.id["sub"], "preferred_username": name }));
    assert!(silent.answer(&mut ada).await.contains_key("code"), "she has agreed");
    let next = Tokens::of(&web.refresh(&given.refresh, &[]).await);
    assert_eq!(next.id["preferred_username"], json!(name));
    assert_eq!(body(&userinfo(&api, &next.access).await), told);
    // What is not asked for is not told, whatever was agreed to.
    let plain = web.tokens(&web.flow().with("scope", "openid"), &mut ada).await;
    assert_eq!(body(&userinfo(&api, &plain.access).await), json!({ "sub": given.id["sub"] }));
    assert!(plain.id.get("preferred_username").is_none(), "{}", plain.id);
}

/// §5.5.1, §5.5.1.1.
pub async fn a_request_for_claims_that_cannot_be_met_is_told_to_its_application(api: Api) {
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let large = format!(r#"{{"id_token": {{"{}": null}}}}"#, "x".repeat(4096));
    let strong = r#"{"id_token": {"acr": {"essential": true, "values": ["2", "phr"]}}}"#;
    for (claims, error) in [
        ("email", "invalid_request"),
        ("[]", "invalid_request"),
        (r#"{"id_token": {"email": true}}"#, "invalid_request"),
        (r#"{"id_token": {"email": null, "email": null}}"#, "invalid_request"),
        (large.as_str(), "invalid_request"),
        (strong, "unmet_authentication_requirements"),
    ] {
        let told = house.flow().with("claims", claims).answer(&mut ada).await;
        assert_eq!(told.get("error").map(String::as_str), Some(error), "{claims:.80}");
    }
    let wished = r#"{"id_token": {"acr": {"values": ["2"]}}}"#;
    let flow = house.flow().with("claims", wished).with("acr_values", "2 1");
    let given = house.tokens(&flow, &mut ada).await;
    assert_eq!(given.id["acr"], json!("1"), "a wish");
}

/// Decision 0025: nothing is cut off, and what was not given was not used up.
pub async fn a_token_that_would_be_too_long_is_not_made_and_costs_nothing(api: Api) {
    let application = Application::new(&api, MAPPED);
    let mut ada = newcomer(&api, &json!({ "note": "x".repeat(10_000) })).await;
    let code = application.flow().code(&mut ada).await;
    assert_refused(&application.redeem(&code, &[]).await, 400, "invalid_scope");
    let session = ada.cookies["tokenhouse-session"].clone();
    api.json(Method::PUT, "/data", &session, &json!({ "note": "short" })).await;
    let given = Tokens::of(&application.redeem(&code, &[]).await);
    assert_eq!(given.id["note"], "short");
    // An answer travels in a body, and may be long.
    let long = "x".repeat(10_000);
    api.json(Method::PUT, "/data", &session, &json!({ "note": long })).await;
    assert_eq!(signed(&api, &given.access).await["note"], json!(long));
    assert_refused(&application.refresh(&given.refresh, &[]).await, 400, "invalid_scope");
    api.json(Method::PUT, "/data", &session, &json!({})).await;
    Tokens::of(&application.refresh(&given.refresh, &[]).await);
}

/// §3.1.2.2: nobody is answered for in the place of who is named by `sub`.
pub async fn an_application_names_who_is_to_sign_in_by_a_claim(api: Api) {
    let house = Application::new(&api, HOUSE);
    let (hers, mut ada) = house.sign_in(&house.flow()).await;
    let (his, _) = house.sign_in(&house.flow()).await;
    let naming = |sub: &Value| {
        let claims = json!({ "id_token": { "sub": { "value": sub } } });
        house.flow().with("claims", &claims.to_string())
    };
    let given = house.tokens(&naming(&hers.id["sub"]).with("prompt", "none"), &mut ada).await;
    assert_eq!(given.id["sub"], hers.id["sub"]);
    for other in [&his.id["sub"], &json!("nobody"), &json!(7)] {
        let told = naming(other).with("prompt", "none").answer(&mut ada).await;
        assert_eq!(told.get("error").map(String::as_str), Some("login_required"), "{other}");
        let page = ada.open(&naming(other).path()).await;
        assert!(page.path.starts_with("/login?"), "she is asked to sign in: {}", page.path);
    }
}
