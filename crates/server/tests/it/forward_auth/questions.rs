//! What proxies are answered, and who is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{GroupId, UserId};
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_store::Group;
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::{assert_problem, body};
use uuid::Uuid;

use super::{
    COOKIE, HTML, LOGIN, PAGE, PROXIES, Proxy, register, save, signed_in, stage, trail, trusting,
};
use crate::apps::{Place, Stage, on_both_engines};

on_both_engines! {
    a_service_is_told_what_rows_say_and_never_what_was_sent,
    rules_decide_and_what_no_rule_names_is_forbidden,
    nobody_but_a_proxy_that_is_trusted_is_answered,
    a_proxy_that_does_not_say_what_it_asks_about_is_refused,
    what_services_see_opens_nothing_here,
    a_service_gets_a_token_of_its_own_where_its_client_says_so,
}

async fn a_service_is_told_what_rows_say_and_never_what_was_sent(place: Place) {
    let stage = stage(place).await;
    let (name, _, cookie) = signed_in(&stage).await;
    let access = json!([{ "host": "open.example.org", "allow": "anyone" }]);
    register(&stage.app, "open", access).await;
    let open = "https://open.example.org/";
    for proxy in PROXIES {
        let sent = [
            ("cookie", cookie.as_str()),
            ("remote-user", "root"),
            ("remote-groups", "admins"),
            ("remote-email", "root@example.org"),
        ];
        let told = proxy.ask(&stage.api, ("GET", PAGE), &sent).await;
        assert_eq!(told.header("remote-user"), Some(name.as_str()), "{proxy:?}");
        assert_eq!(told.header("remote-groups"), Some(""));
        assert_eq!(told.header("remote-email"), Some(""));
        assert_eq!(told.header("remote-name"), Some(name.as_str()));
        let anonymous = proxy.ask(&stage.api, ("GET", open), &sent[1..]).await;
        assert_eq!(anonymous.status, 200);
        for header in ["remote-user", "remote-groups", "remote-email", "remote-name", "cookie"] {
            assert_eq!(anonymous.header(header), Some(""), "{proxy:?} {header}");
        }
        let known = proxy.ask(&stage.api, ("GET", open), &sent[..1]).await;
        assert_eq!(known.header("remote-user"), Some(name.as_str()), "who is known is named");
    }
    let mut settings = Settings::preset(Kind::Proxy);
    settings.access =
        serde_json::from_value(json!([{ "host": "renamed.example.org", "allow": "signed_in" }]))
            .expect("rules");
    settings.forward.user_header = "X-Webauth-User".to_owned();
    save(&stage.app, "renamed", &settings).await;
    let url = "https://renamed.example.org/";
    let renamed = Proxy::Traefik.ask(&stage.api, ("GET", url), &[("cookie", &cookie)]).await;
    assert_eq!(renamed.header("x-webauth-user"), Some(name.as_str()));
    assert_eq!(renamed.header("remote-user"), None);
}

async fn rules_decide_and_what_no_rule_names_is_forbidden(place: Place) {
    let stage = place.stage(trusting).await;
    let access = json!([
        { "host": "wiki.example.org", "paths": ["/public"], "methods": ["GET"], "allow": "anyone" },
        { "host": "wiki.example.org", "paths": ["/admin"], "allow": { "groups": ["admins"] } },
        { "host": "wiki.example.org", "paths": ["/pages"], "allow": "signed_in" },
        { "host": "*.apps.example.org", "allow": "signed_in" },
    ]);
    register(&stage.app, "wiki", access).await;
    let (name, _, cookie) = signed_in(&stage).await;
    let ask = async |method: &str, url: &str, known: bool| {
        let headers = [("cookie", cookie.as_str())];
        let headers = if known { &headers[..] } else { &[] };
        Proxy::Traefik.ask(&stage.api, (method, url), headers).await.status
    };
    for (method, url, anonymous, known) in [
        ("GET", "https://wiki.example.org/public/a", 200, 200),
        ("HEAD", "https://wiki.example.org/public", 200, 200),
        ("POST", "https://wiki.example.org/public/a", 403, 403),
        ("GET", "https://wiki.example.org/admin", 401, 403),
        ("GET", "https://wiki.example.org/pages/1", 401, 200),
        ("GET", "https://wiki.example.org/public/../admin", 403, 403),
        ("GET", "https://wiki.example.org/public/%2e%2e/admin", 403, 403),
        ("GET", "https://wiki.example.org//admin", 403, 403),
        ("GET", "https://wiki.example.org/", 403, 403),
        ("GET", "https://WIKI.example.org:8443/pages", 401, 200),
        ("GET", "https://a.apps.example.org/", 401, 200),
        ("GET", "https://apps.example.org/", 403, 403),
        ("GET", "https://other.example.org/", 403, 403),
        ("GET", "https://wiki.example.org.evil.example/public", 403, 403),
    ] {
        assert_eq!(ask(method, url, false).await, anonymous, "{method} {url}");
        assert_eq!(ask(method, url, true).await, known, "{method} {url}, signed in");
    }
    let (store, now) = (&stage.app.store, stage.app.store.now().await.expect("the time"));
    let id = GroupId::from_uuid(Uuid::new_v4());
    let group = Group { id, name: "admins".to_owned(), created_at: now };
    assert!(store.make_group(group, trail(Event::GroupCreated)).await.expect("the store"));
    let user = user_of(&stage, &name).await;
    let joined = store.set_membership("admins", user, true, trail(Event::GroupJoined)).await;
    assert_eq!(joined.expect("the store"), Some(true));
    let admin = "https://wiki.example.org/admin/users";
    let told = Proxy::Envoy.ask(&stage.api, ("DELETE", admin), &[("cookie", &cookie)]).await;
    assert_eq!((told.status, told.header("remote-groups")), (200, Some("admins")));

    let forbidden = [("cookie", cookie.as_str()), ("accept", HTML), ("accept-language", "de")];
    let other = "https://wiki.example.org/other";
    let page = Proxy::Traefik.ask(&stage.api, ("GET", other), &forbidden).await;
    assert_eq!(page.status, 403);
    assert_eq!(page.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(page.text().starts_with("Sie haben keinen Zugang"), "{}", page.text());
    assert!(page.text().contains(page.header("x-request-id").expect("an id")));
    let program = Proxy::Nginx.ask(&stage.api, ("GET", other), &forbidden[..1]).await;
    assert_problem(&program, 403, "access_denied");
    let nobodys = Proxy::Nginx.ask(&stage.api, ("GET", "https://no.example.org/"), &[]).await;
    assert_problem(&nobodys, 403, "unknown_service");
}

async fn nobody_but_a_proxy_that_is_trusted_is_answered(place: Place) {
    let elsewhere = |settings: &mut tokenhouse_server::settings::Settings| {
        trusting(settings);
        settings.trusted_proxies = vec!["10.0.0.0/8".parse().expect("a network")];
    };
    let stage = place.stage(elsewhere).await;
    let access = json!([{ "host": "app.example.org", "allow": "anyone" }]);
    register(&stage.app, "app", access).await;
    for proxy in PROXIES {
        let refused = proxy.ask(&stage.api, ("GET", PAGE), &[]).await;
        assert_problem(&refused, 403, "proxy_not_trusted");
        let passing = [("x-forwarded-for", "10.0.0.1"), ("forwarded", "for=10.0.0.1")];
        let refused = proxy.ask(&stage.api, ("GET", PAGE), &passing).await;
        assert_problem(&refused, 403, "proxy_not_trusted");
    }
}

async fn a_proxy_that_does_not_say_what_it_asks_about_is_refused(place: Place) {
    let stage = stage(place).await;
    let access = json!([{ "host": "open.example.org", "allow": "anyone" }]);
    register(&stage.app, "open", access).await;
    for path in ["/api/authz/forward-auth", "/api/authz/auth-request", "/api/authz/ext-authz/x"] {
        let nothing = Request::get(path).body(Bytes::new()).expect("a request");
        assert_problem(&stage.api.send(nothing).await, 400, "bad_proxy_request");
    }
    let twice = [("x-forwarded-host", "open.example.org")];
    let refused = Proxy::Traefik.ask(&stage.api, ("GET", PAGE), &twice).await;
    assert_problem(&refused, 400, "bad_proxy_request");
    let twice = [("x-original-url", "https://open.example.org/")];
    let refused = Proxy::Nginx.ask(&stage.api, ("GET", PAGE), &twice).await;
    assert_problem(&refused, 400, "bad_proxy_request");
    let other =
        [("x-forwarded-host", "open.example.org"), ("x-original-url", "https://open.example.org/")];
    let judged = Proxy::Envoy.ask(&stage.api, ("GET", PAGE), &other).await;
    assert_problem(&judged, 401, "sign_in_needed");
}

async fn what_services_see_opens_nothing_here(place: Place) {
    let stage = stage(place).await;
    let (_, ada, cookie) = signed_in(&stage).await;
    let token = &cookie[COOKIE.len() + 1..];
    assert!(token.starts_with("thf_"));
    assert_problem(&stage.api.get("/data", token).await, 401, "invalid_token");
    for planted in [token.to_owned(), token.replacen("thf_", "ths_", 1)] {
        let mut eve = Browser::at(&stage.api, "login.example.org");
        eve.cookies.insert("__Host-tokenhouse-session".to_owned(), planted);
        assert!(eve.open("/account").await.path.starts_with("/login"));
        let mut eve = Browser::at(&stage.api, "login.example.org");
        eve.cookies.insert(COOKIE.to_owned(), token.to_owned());
        assert!(eve.open("/account").await.path.starts_with("/login"));
    }
    let session = &ada.cookies["__Host-tokenhouse-session"];
    for planted in [
        format!("{COOKIE}={session}"),
        format!("{COOKIE}={}", session.replacen("ths_", "thf_", 1)),
        format!("__Host-tokenhouse-session={session}"),
        format!("tokenhouse-forward={token}"),
    ] {
        let asked = [("cookie", planted.as_str())];
        let refused = Proxy::Traefik.ask(&stage.api, ("GET", PAGE), &asked).await;
        assert_problem(&refused, 401, "sign_in_needed");
    }
}

async fn a_service_gets_a_token_of_its_own_where_its_client_says_so(place: Place) {
    let stage = stage(place).await;
    let (name, _, cookie) = signed_in(&stage).await;
    let mut settings = Settings::preset(Kind::Proxy);
    let access = json!([{ "host": "api.example.org", "allow": "anyone" }]);
    settings.access = serde_json::from_value(access).expect("rules");
    settings.forward.access_token = true;
    settings.access_token_lifetime = 60;
    save(&stage.app, "api", &settings).await;
    let url = "https://api.example.org:8443/x";
    let sent = [("cookie", cookie.as_str()), ("authorization", "Bearer of-the-client")];
    let mut seen = Vec::new();
    for proxy in PROXIES {
        let told = proxy.ask(&stage.api, ("GET", url), &sent).await;
        assert_eq!(told.status, 200, "{proxy:?}: {}", told.text());
        let bearer = told.header("authorization").expect("a token").to_owned();
        let parts: Vec<_> = bearer.strip_prefix("Bearer ").expect("a token").split('.').collect();
        let [header, payload, _] = parts[..] else { panic!("no compact JWS: {bearer}") };
        let json = |part: &str| -> Value {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        let (header, claims) = (json(header), json(payload));
        assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
        assert_eq!(claims["iss"], LOGIN);
        assert_eq!(claims["aud"], "https://api.example.org:8443");
        assert_eq!(claims["client_id"], "api");
        assert_eq!(claims["sub"], user_of(&stage, &name).await.to_string());
        let span = claims["exp"].as_u64().zip(claims["iat"].as_u64());
        assert_eq!(span.map(|(exp, iat)| exp - iat), Some(60));
        assert!(claims["groups"] == json!([]) && claims["auth_time"].is_u64(), "{claims}");
        seen.push(claims["jti"].to_string());
        let keys = Request::get("/oauth2/jwks").body(Bytes::new()).expect("a request");
        let keys = body(&stage.api.send(keys).await);
        let known = keys["keys"].as_array().expect("keys").iter();
        assert!(known.clone().any(|key| key["kid"] == header["kid"]), "{keys}");
        let userinfo = bearer.strip_prefix("Bearer ").expect("a token");
        assert_eq!(stage.api.get("/oauth2/userinfo", userinfo).await.status, 401);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), PROXIES.len(), "one for each request");
    let anonymous = Proxy::Nginx.ask(&stage.api, ("GET", url), &sent[1..]).await;
    assert_eq!((anonymous.status, anonymous.header("authorization")), (200, Some("")));
}

async fn user_of(stage: &Stage, name: &str) -> UserId {
    let token = stage.api.login(name).await;
    let data = body(&stage.api.get("/data", &token).await);
    data["user"]["id"].as_str().expect("an id").parse().expect("a UUID")
}
