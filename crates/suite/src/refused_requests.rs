//! Requests of applications that are refused: told to the person where nobody knows whose they are, to the
//! application otherwise.

use http::Method;

use crate::Api;
use crate::authorize::{Flow, WEB};
use crate::browser::Browser;

/// Neither an unknown application nor an address that is not its own gets a browser, whatever else is asked.
pub async fn who_is_not_registered_is_sent_nowhere(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let web = Flow::web();
    let mut paths = vec![
        web.clone().with("client_id", "nobody").path(),
        web.clone().with("client_id", "\"><script>alert(1)</script>").path(),
        web.clone().without("client_id").path(),
        format!("{}&client_id=suite-spa", web.path()),
        format!("{}&redirect_uri=https%3A%2F%2Fevil.example", web.path()),
        "/oauth2/authorize".to_owned(),
        "/oauth2/authorize?%".to_owned(),
    ];
    for to in [
        "https://evil.example/cb",
        "https://web.example/cb/",
        "https://web.example/cb?x=y",
        "https://web.example/cb#x",
        "https://web.example/cb/../evil",
        "https://web.example:8443/cb",
        "https://web.example.evil.example/cb",
        "https://WEB.example/cb",
        "http://web.example/cb",
        "https://web.example/other",
        "https://spa.example/cb",
        "javascript:alert(1)",
        "/account",
    ] {
        paths.push(Flow::of(WEB, to).path());
        paths.push(Flow::of(WEB, to).with("prompt", "none").with("response_type", "x").path());
    }
    for path in paths {
        let page = ada.look(&path).await;
        assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{path}");
        assert!(page.says("There is a problem with the application"), "{path}: {}", page.html);
        let id = page.answer.header("x-request-id").expect("an id").to_owned();
        assert!(page.says(&id) && !page.says("<script>alert"), "{path}: {}", page.html);
        let policy = page.answer.header("content-security-policy").expect("a policy");
        assert!(policy.ends_with("form-action 'self'"), "{policy}");
    }
}

/// RFC 6749 §4.1.2.1: with an error that programs know, a description, the state, and who says so.
pub async fn what_is_wrong_with_a_request_is_told_to_its_application(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let web = Flow::web();
    for (flow, error) in [
        (web.clone().with("response_type", "token"), "unsupported_response_type"),
        (web.clone().without("response_type"), "invalid_request"),
        (web.clone().without("code_challenge"), "invalid_request"),
        (web.clone().with("code_challenge_method", "plain"), "invalid_request"),
        (web.clone().with("code_challenge", "short"), "invalid_request"),
        (web.clone().with("scope", "no-such-scope"), "invalid_scope"),
        (web.clone().with("request", "x.y.z"), "request_not_supported"),
        (web.clone().with("request_uri", "https://web.example/r"), "request_uri_not_supported"),
        (web.clone().with("prompt", "none login"), "invalid_request"),
        (web.clone().with("max_age", "-1"), "invalid_request"),
        (web.clone().with("resource", "https://nobody.example"), "invalid_target"),
    ] {
        let page = ada.open(&flow.path()).await;
        let told = flow.told(&page);
        assert_eq!(told.get("error").map(String::as_str), Some(error), "{}", page.path);
        assert!(told.contains_key("error_description") && !told.contains_key("code"), "{told:?}");
    }
    let kept = Flow::of(WEB, "https://web.example/other?a=b").with("response_type", "token");
    let page = ada.open(&kept.path()).await;
    assert!(page.path.starts_with("https://web.example/other?a=b&error="), "{}", page.path);
    kept.told(&page);
}

/// What is longer than an address may be is not asked for half.
pub async fn a_request_that_is_too_long_is_refused_as_a_whole(api: Api) {
    let mut ada = Browser::new(&api);
    let long = Flow::web().with("state", &"x".repeat(9000));
    let page = ada.look(&long.path()).await;
    assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{}", page.html);
    let sent = ada.post("/oauth2/authorize", &long.pairs()).await;
    assert!([400, 413].contains(&sent.answer.status), "{}", sent.html);
    let wrong = api.ask(
        (Method::POST, "/oauth2/authorize"),
        None,
        Some(("application/json", b"{}".as_slice())),
    );
    assert_eq!(wrong.await.status, 415);
}
