//! What tokens open, and how they are judged: the userinfo endpoint, introspection, revocation.

use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::{Value, json};

use crate::authorize::{HOUSE, SPA, WEB};
use crate::browser::query;
use crate::oauth_client::{
    Application, FORM, MACHINE, SERVICE, SIGNED, Tokens, assert_refused, read, userinfo,
};
use crate::{Answer, Api, body};

async fn posted(api: &Api, token: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let form = query(fields);
    api.ask((Method::POST, "/oauth2/userinfo"), token, Some((FORM, form.as_bytes()))).await
}

/// OpenID Connect Core §5.3, §5.4; RFC 6750 §2.
pub async fn the_userinfo_endpoint_tells_what_the_scopes_stand_for(api: Api) {
    let house = Application::new(&api, HOUSE);
    let (given, _) = house.sign_in(&house.flow()).await;
    let told = userinfo(&api, &given.access).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(told.header("content-type"), Some("application/json"));
    assert_eq!(told.header("cache-control"), Some("no-store"));
    let told = body(&told);
    assert_eq!(told["sub"], given.id["sub"]);
    assert!(told["preferred_username"].is_string() && told.get("groups").is_none(), "{told}");
    for answer in [
        posted(&api, Some(&given.access), &[]).await,
        posted(&api, None, &[("access_token", &given.access)]).await,
        api.ask((Method::POST, "/oauth2/userinfo"), Some(&given.access), None).await,
    ] {
        assert_eq!((answer.status, body(&answer)), (200, told.clone()));
    }
    let both = posted(&api, Some(&given.access), &[("access_token", &given.access)]).await;
    assert_refused(&both, 400, "invalid_request");
    let narrow = Tokens::of(&house.refresh(&given.refresh, &[("scope", "openid")]).await);
    let told = body(&userinfo(&api, &narrow.access).await);
    assert_eq!(told, json!({ "sub": given.id["sub"] }));
    let signed = Application::new(&api, SIGNED);
    let flow = signed.flow().with("scope", "openid groups");
    let (given, _) = signed.sign_in(&flow).await;
    assert_eq!(body(&userinfo(&api, &given.access).await)["groups"], json!([]));
}

/// RFC 6750 §3: each refusal has its challenge.
pub async fn the_userinfo_endpoint_refuses_every_other_token(api: Api) {
    let house = Application::new(&api, HOUSE);
    let (given, ada) = house.sign_in(&house.flow()).await;
    let none = api.ask((Method::GET, "/oauth2/userinfo"), None, None).await;
    assert_refused(&none, 401, "invalid_token");
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    let path = format!("/oauth2/userinfo?access_token={}", given.access);
    let in_address = api.ask((Method::GET, &path), None, None).await;
    assert_eq!(in_address.header("www-authenticate"), Some("Bearer"), "it is not looked at");
    let session = ada.cookies["tokenhouse-session"].clone();
    let altered = given.access.replace("tha_", "tha_A");
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.";
    for bad in ["x", "", &session, &altered, unsigned, &given.refresh, &"a.b.c".repeat(9)] {
        let answer = userinfo(&api, bad).await;
        assert_refused(&answer, 401, "invalid_token");
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
    }
    let narrow = Tokens::of(&house.refresh(&given.refresh, &[("scope", "profile")]).await);
    let answer = userinfo(&api, &narrow.access).await;
    assert_refused(&answer, 403, "insufficient_scope");
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("insufficient_scope") && challenge.contains("scope=\"openid\""));
    let request = Request::get("/oauth2/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {}", given.access))
        .header(header::AUTHORIZATION, "Bearer x");
    let answer = api.send(request.body(Bytes::new()).expect("a good request")).await;
    assert_refused(&answer, 400, "invalid_request");
}

/// RFC 7662 §2.2.
pub async fn a_service_learns_what_a_token_is_worth(api: Api) {
    let [web, service] = [WEB, SERVICE].map(|id| Application::new(&api, id));
    let (given, _) = web.sign_in(&web.flow()).await;
    for asking in [&web, &service] {
        let worth = asking.introspect(&given.access).await;
        assert_eq!((&worth["active"], &worth["token_type"]), (&json!(true), &json!("Bearer")));
        assert_eq!((&worth["client_id"], &worth["sub"]), (&json!(WEB), &given.id["sub"]));
        assert_eq!((&worth["iss"], &worth["scope"]), (&given.id["iss"], &given.all["scope"]));
        assert!(worth["username"].is_string() && worth["jti"].is_string(), "{worth}");
        let seconds = |name: &str| worth[name].as_u64().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(seconds("exp") - seconds("iat"), 300);
        assert!(worth.get("gid").is_none(), "{worth}");
    }
    let worth = web.introspect(&given.refresh).await;
    assert_eq!((&worth["active"], &worth["client_id"]), (&json!(true), &json!(WEB)));
    let inactive = json!({ "active": false });
    assert_eq!(service.introspect(&given.refresh).await, inactive, "that is for its client alone");
    let next = Tokens::of(&web.refresh(&given.refresh, &[]).await);
    assert_eq!(web.introspect(&given.refresh).await, inactive, "it has a successor");
    assert_eq!(web.introspect(&next.refresh).await["active"], true);
}

/// RFC 7662 §2.2: whatever it is, it is only not active.
pub async fn garbage_is_not_active_and_never_an_error(api: Api) {
    let web = Application::new(&api, WEB);
    let (given, ada) = web.sign_in(&web.flow()).await;
    let session = ada.cookies["tokenhouse-session"].clone();
    let long = "x".repeat(10_000);
    let altered = given.access.replace("tha_", "tha_A");
    for garbage in
        ["x", "a.b.c", "....", "ä", "{}", "tha_", "thr_", "\u{1}", &long, &session, &altered]
    {
        assert_eq!(web.introspect(garbage).await, json!({ "active": false }), "{garbage}");
        assert_eq!(web.revoke(garbage).await.status, 200, "{garbage}");
    }
    assert_eq!(web.introspect(&given.access).await["active"], true);
    assert_refused(&web.send("/oauth2/introspect", &[]).await, 400, "invalid_request");
    let twice = [("token", "x"), ("token", "y")];
    assert_refused(&web.send("/oauth2/introspect", &twice).await, 400, "invalid_request");
}

/// RFC 7662 §2.1: nobody fishes for tokens.
pub async fn who_has_no_secret_asks_for_no_tokens_worth(api: Api) {
    let [web, spa] = [WEB, SPA].map(|id| Application::new(&api, id));
    let (given, _) = web.sign_in(&web.flow()).await;
    let asked = [("token", given.access.as_str())];
    for asking in [spa, web.clone().showing(None), web.clone().showing(Some("not its secret"))] {
        let refused = asking.send("/oauth2/introspect", &asked).await;
        assert_refused(&refused, 401, "invalid_client");
    }
    let form = query(&asked);
    let form = Some((FORM, form.as_bytes()));
    let bearer = api.ask((Method::POST, "/oauth2/introspect"), Some(&given.access), form).await;
    assert_refused(&bearer, 401, "invalid_client");
}

/// A token of its resource alone is nobody else's to ask about; RFC 9701 §5 for the signed answer.
pub async fn an_answer_about_a_token_can_be_signed(api: Api) {
    let [signed, service, machine] =
        [SIGNED, SERVICE, MACHINE].map(|id| Application::new(&api, id));
    let resource = crate::oauth_client::RESOURCE;
    let flow = signed.flow().with("resource", resource);
    let (given, _) = signed.sign_in(&flow).await;
    let aimed = Tokens::of(&signed.refresh(&given.refresh, &[("resource", resource)]).await);
    assert_eq!(service.introspect(&aimed.access).await["active"], true);
    assert_eq!(machine.introspect(&aimed.access).await, json!({ "active": false }));
    let kind = "application/token-introspection+jwt";
    for (token, active) in [(aimed.access.as_str(), true), ("x", false)] {
        let answer = service.accept("/oauth2/introspect", &[("token", token)], kind).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
        let (header, claims) = read(&answer.text());
        assert_eq!(header["typ"], "token-introspection+jwt");
        assert_eq!(claims["aud"], SERVICE);
        assert_eq!(claims["token_introspection"]["active"], active);
        assert!(claims["iss"].is_string() && claims["iat"].is_u64(), "{claims}");
        assert!(claims.get("sub").is_none() && claims.get("exp").is_none(), "{claims}");
    }
}

/// RFC 7009: an access token goes alone, a refresh token takes all with it; twice is as good as once.
pub async fn what_is_given_back_is_worth_nothing(api: Api) {
    let [web, house] = [WEB, HOUSE].map(|id| Application::new(&api, id));
    let (given, _) = web.sign_in(&web.flow()).await;
    assert_refused(&house.revoke(&given.access).await, 400, "invalid_grant");
    assert_refused(&house.revoke(&given.refresh).await, 400, "invalid_grant");
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    for _ in 0..2 {
        assert_eq!(web.revoke(&given.access).await.status, 200);
        assert_refused(&userinfo(&api, &given.access).await, 401, "invalid_token");
        assert_eq!(web.introspect(&given.access).await, json!({ "active": false }));
    }
    let next = Tokens::of(&web.refresh(&given.refresh, &[]).await);
    assert_eq!(userinfo(&api, &next.access).await.status, 200);
    for _ in 0..2 {
        assert_eq!(web.revoke(&next.refresh).await.status, 200);
        assert_refused(&userinfo(&api, &next.access).await, 401, "invalid_token");
        assert_refused(&web.refresh(&next.refresh, &[]).await, 400, "invalid_grant");
        assert_eq!(web.introspect(&next.refresh).await, json!({ "active": false }));
    }
    let nobody = web.clone().showing(Some("not its secret"));
    assert_refused(&nobody.revoke(&next.refresh).await, 401, "invalid_client");
}

/// Tokens without a row are revoked as well: those of machines, and JWTs as far as they are asked about.
pub async fn tokens_that_are_in_no_row_can_be_given_back(api: Api) {
    let [machine, signed, spa] = [MACHINE, SIGNED, SPA].map(|id| Application::new(&api, id));
    let own = Tokens::of(&machine.ask(&[("grant_type", "client_credentials")]).await);
    let (given, _) = signed.sign_in(&signed.flow()).await;
    let (public, _) = spa.sign_in(&spa.flow()).await;
    for (application, token) in [(&machine, &own.access), (&signed, &given.access)] {
        assert_eq!(application.introspect(token).await["active"], Value::Bool(true));
        assert_eq!(application.revoke(token).await.status, 200);
        assert_eq!(application.introspect(token).await, json!({ "active": false }));
    }
    assert_refused(&userinfo(&api, &given.access).await, 401, "invalid_token");
    assert_eq!(spa.revoke(&public.access).await.status, 200, "its name is enough");
    assert_refused(&userinfo(&api, &public.access).await, 401, "invalid_token");
}
