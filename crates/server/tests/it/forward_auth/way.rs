//! The way of somebody to a service and back, and to nowhere else.

use serde_json::json;
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::{PASSWORD, assert_problem};

use super::{
    COOKIE, HTML, LOGIN, PAGE, PROXIES, Proxy, register, save, signed_in, stage, trusting,
};
use crate::apps::{Place, on_both_engines};

on_both_engines! {
    somebody_signs_in_on_the_way_to_a_service_and_comes_back_to_it,
    who_was_signed_in_already_goes_on_without_a_form,
    what_was_ended_is_ended_for_services_by_the_next_question,
    nobody_is_sent_to_an_address_that_no_service_answers_for,
    without_a_domain_for_the_cookie_nobody_is_sent_anywhere,
}

async fn somebody_signs_in_on_the_way_to_a_service_and_comes_back_to_it(place: Place) {
    let stage = stage(place).await;
    for proxy in PROXIES {
        let (name, _) = stage.api.newcomer().await;
        let sent = proxy.ask(&stage.api, ("GET", PAGE), &[("accept", HTML)]).await;
        let status = if proxy == Proxy::Nginx { 401 } else { 302 };
        assert_eq!(sent.status, status, "{proxy:?}");
        let location = sent.header("location").expect("a location").to_owned();
        let path = location.strip_prefix(LOGIN).expect("the login server").to_owned();

        let mut ada = Browser::at(&stage.api, "login.example.org");
        let form = ada.open(&path).await;
        let policy = form.answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("form-action 'self' https:"), "{policy}");
        let typed = [("username", name.as_str()), ("password", PASSWORD)];
        let in_session = ada.send(&form, "/login", &typed).await;
        let set = in_session.answer.headers.get_all("set-cookie").iter();
        let set: Vec<_> = set.filter_map(|value| value.to_str().ok()).collect();
        let shown = set.iter().find(|set| set.starts_with(COOKIE)).expect("a cookie");
        for attribute in ["=thf_", "; Domain=example.org;", "; Secure", "; HttpOnly"] {
            assert!(shown.contains(attribute), "{attribute}: {shown}");
        }
        let onward = in_session.answer.header("location").expect("a location").to_owned();
        let back = ada.look(&onward).await;
        assert_eq!(back.answer.status, 303);
        assert_eq!(back.answer.header("location"), Some(PAGE));

        let cookie = format!("a=b; {COOKIE}={}; c=d", ada.cookies[COOKIE]);
        let asked = [("accept", HTML), ("cookie", cookie.as_str())];
        let passed = proxy.ask(&stage.api, ("GET", PAGE), &asked).await;
        assert_eq!(passed.status, 200, "{proxy:?}: {}", passed.text());
        assert_eq!(passed.header("remote-user"), Some(name.as_str()));
        assert_eq!(passed.header("cookie"), Some("a=b; c=d"));
        assert_eq!(passed.header("cache-control"), Some("no-store"));
    }
    let posted = Proxy::Traefik.ask(&stage.api, ("POST", PAGE), &[("accept", HTML)]).await;
    assert_eq!(posted.status, 303, "what was posted is not sent again, to nobody");
    for proxy in PROXIES {
        let program = proxy.ask(&stage.api, ("GET", PAGE), &[("accept", "*/*")]).await;
        assert_problem(&program, 401, "sign_in_needed");
        assert_eq!(program.header("location"), None);
    }
}

async fn who_was_signed_in_already_goes_on_without_a_form(place: Place) {
    let stage = stage(place).await;
    let (name, mut ada, _) = signed_in(&stage).await;
    ada.cookies.remove(COOKIE);
    let sent = Proxy::Traefik.ask(&stage.api, ("GET", PAGE), &[("accept", HTML)]).await;
    let path = sent.header("location").and_then(|to| to.strip_prefix(LOGIN)).expect("a path");
    let path = path.to_owned();
    let onward = ada.look(&path).await;
    assert_eq!(onward.answer.status, 303);
    let onward = onward.answer.header("location").expect("a location").to_owned();
    assert!(onward.starts_with("/login/continue?to=https://app.example.org/"), "{onward}");
    let back = ada.look(&onward).await;
    assert_eq!(back.answer.header("location"), Some(PAGE));
    let cookie = format!("{COOKIE}={}", ada.cookies[COOKIE]);
    let passed = Proxy::Nginx.ask(&stage.api, ("GET", PAGE), &[("cookie", &cookie)]).await;
    assert_eq!(passed.header("remote-user"), Some(name.as_str()));

    let stranger = Browser::at(&stage.api, "login.example.org").look(&onward).await;
    let to_form = stranger.answer.header("location").expect("a location");
    assert!(to_form.starts_with("/login?return_to="), "{to_form}");
    let form = Browser::at(&stage.api, "login.example.org").open(to_form).await;
    let input = form.tags("input").into_iter().find(|tag| tag["name"] == "return_to");
    assert_eq!(input.expect("a hidden field")["value"], onward);
    assert!(form.says("To continue to "), "the service is named: {}", form.html);

    let long = format!("https://app.example.org/a?b={}", "%20".repeat(2000));
    let sent = Proxy::Traefik.ask(&stage.api, ("GET", &long), &[("accept", HTML)]).await;
    let to =
        "https://login.example.org/login?return_to=/login/continue?to=https://app.example.org/a";
    assert_eq!(sent.header("location"), Some(to), "there is no room for all of it");
}

async fn what_was_ended_is_ended_for_services_by_the_next_question(place: Place) {
    let stage = stage(place).await;
    let passes = async |cookie: &str| {
        let answer = Proxy::Envoy.ask(&stage.api, ("GET", PAGE), &[("cookie", cookie)]).await;
        answer.status == 200
    };
    let (_, mut ada, cookie) = signed_in(&stage).await;
    assert!(passes(&cookie).await);
    let page = ada.open("/logout").await;
    assert_eq!(ada.submit(&page, "/logout", &[]).await.path, "/login?said=signed-out");
    assert!(!ada.cookies.contains_key(COOKIE), "the cookie is taken away");
    assert!(!passes(&cookie).await, "whoever kept it has nothing");

    let (name, _, cookie) = signed_in(&stage).await;
    assert!(passes(&cookie).await);
    let token = stage.api.login(&name).await;
    let change = json!({ "old_password": PASSWORD, "new_password": "another fine long phrase" });
    let changed = stage.api.json(http::Method::POST, "/password", &token, &change).await;
    assert_eq!(changed.status, 204);
    assert!(!passes(&cookie).await, "the epoch ends what services saw too");
    for garbage in ["", "thf_", "x", &cookie[COOKIE.len() + 1..cookie.len() - 1]] {
        assert!(!passes(&format!("{COOKIE}={garbage}")).await, "{garbage}");
    }
}

async fn nobody_is_sent_to_an_address_that_no_service_answers_for(place: Place) {
    let stage = stage(place).await;
    let web = Settings { name: "web".to_owned(), ..Settings::preset(Kind::Server) };
    save(&stage.app, "web", &web).await;
    let (name, mut ada, _) = signed_in(&stage).await;
    for to in [
        "",
        "/account",
        "//app.example.org/",
        "https://evil.example/",
        "https://other.example.org/",
        "https://example.org/",
        "http://app.example.org/",
        "https://app.example.org.evil.example/",
        "https://app.example.org@evil.example/",
        "https://evil.example\\@app.example.org/",
        "https://app.example.org\\.evil.example/",
        "https://app.example.org/\r\nset-cookie:a=b",
        "https:app.example.org/",
        "javascript:alert(1)",
    ] {
        let encoded: String = to.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let path = format!("/login/continue?to={encoded}");
        let refused = ada.look(&path).await;
        assert_eq!(refused.answer.status, 403, "{to}");
        assert_eq!(refused.answer.header("location"), None, "{to}");
        assert_eq!(refused.answer.header("set-cookie"), None, "{to}");

        let mut eve = Browser::at(&stage.api, "login.example.org");
        let twice: String = path.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let form = eve.open(&format!("/login?return_to={twice}")).await;
        let typed = [("username", name.as_str()), ("password", PASSWORD)];
        let sent = eve.send(&form, "/login", &typed).await;
        let onward = sent.answer.header("location").expect("a location").to_owned();
        assert!(onward.starts_with("/login/continue?to="), "{onward}");
        assert_eq!(eve.look(&onward).await.answer.status, 403, "{to}");
    }
    let good = ada.look("/login/continue?to=https%3A%2F%2Fapp.example.org%2Fx").await;
    assert_eq!(good.answer.header("location"), Some("https://app.example.org/x"));
}

async fn without_a_domain_for_the_cookie_nobody_is_sent_anywhere(place: Place) {
    let stage = place
        .stage(|settings| {
            trusting(settings);
            settings.cookie_domain = None;
        })
        .await;
    let access = json!([{ "host": "app.example.org", "allow": "signed_in" }]);
    register(&stage.app, "app", access).await;
    let (name, _) = stage.api.newcomer().await;
    let mut ada = Browser::at(&stage.api, "login.example.org");
    ada.sign_in(&name, PASSWORD).await;
    assert!(!ada.cookies.contains_key(COOKIE));
    let refused = ada.look("/login/continue?to=https://app.example.org/").await;
    assert_eq!((refused.answer.status, refused.answer.header("location")), (403, None));
}
