//! Requests that applications send ahead of the browser (RFC 9126).

use futures_util::future::join_all;
use serde_json::json;

use crate::assertions::{self, KEYED, assertion, issuer, shown};
use crate::authorize::{Flow, HOUSE, Registered, SECRET, SPA, WEB};
use crate::browser::{Browser, Page, query};
use crate::oauth_client::{Application, Tokens, assert_refused};
use crate::{Answer, Api, PASSWORD, body};

/// One that has to send its requests ahead.
const PUSHING: &str = "suite-pushing";

/// The applications of these cases.
pub fn clients() -> Vec<Registered> {
    let settings = json!({ "name": "Suite Pushing", "kind": "server",
        "require_pushed_authorization_requests": true,
        "redirect_uris": ["https://pushing.example/cb"], "scopes": "openid profile email" });
    vec![Registered { id: PUSHING, settings, secret: Some(SECRET) }]
}

fn flow() -> Flow {
    Flow::of(PUSHING, "https://pushing.example/cb")
}

async fn send(application: &Application, flow: &Flow) -> Answer {
    application.send("/oauth2/par", &flow.pairs()).await
}

/// Sends a request ahead; the reference to it.
pub async fn push(application: &Application, flow: &Flow) -> String {
    reference(&send(application, flow).await)
}

/// The reference in an answer.
pub fn reference(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = body(answer);
    assert_eq!(said["expires_in"], 90);
    let uri = said["request_uri"].as_str().expect("a reference");
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:thp_"), "{uri}");
    uri.to_owned()
}

/// Where the application sends the browser then.
pub fn path(client: &str, reference: &str) -> String {
    let pairs = [("client_id", client), ("request_uri", reference)];
    format!("/oauth2/authorize?{}", query(&pairs))
}

fn assert_over(page: &Page) {
    assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{}", page.html);
    assert!(page.says("invalid_request_uri") && page.says("not good any more"), "{}", page.html);
}

/// It outlasts what its person needs to sign in and to agree, and is good for one code.
pub async fn a_request_that_was_sent_ahead_is_answered_once(api: Api) {
    let (name, _) = api.newcomer().await;
    let pushing = Application::new(&api, PUSHING);
    let flow = flow().with("scope", "openid email");
    let path = path(PUSHING, &push(&pushing, &flow).await);
    let mut ada = Browser::new(&api);
    let login = ada.open(&path).await;
    assert!(login.path.starts_with("/login?return_to="), "{}", login.path);
    assert!(login.path.contains("request_uri") && !login.path.contains("scope"), "{}", login.path);
    let policy = login.answer.header("content-security-policy").expect("a policy");
    assert!(policy.ends_with("form-action 'self' https:"), "{policy}");
    let typed = [("username", name.as_str()), ("password", PASSWORD)];
    let asked = ada.submit(&login, "/login", &typed).await;
    assert!(asked.says("Suite Pushing"), "{}", asked.html);
    let again = ada.open(&asked.path).await;
    assert!(again.says("Suite Pushing"), "the page can be loaded again: {}", again.html);
    let back = ada.submit(&again, "/oauth2/consent", &[("answer", "allow")]).await;
    let told = flow.told(&back);
    let code = crate::authorize::Code {
        client: PUSHING.to_owned(),
        code: told["code"].clone(),
        redirect_uri: "https://pushing.example/cb".to_owned(),
        nonce: String::new(),
    };
    let given = Tokens::of(&pushing.redeem(&code, &[]).await);
    assert_eq!(given.all["scope"], "email openid");
    for used in [&path, &asked.path] {
        assert_over(&ada.open(used).await);
    }
    assert_over(&ada.submit(&again, "/oauth2/consent", &[("answer", "allow")]).await);
}

/// Who is signed in and need not agree comes back at once; and parameters beside the reference do not count.
pub async fn nothing_beside_a_reference_counts(api: Api) {
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = house.flow().with("scope", "openid");
    let beside = [
        ("scope", "openid email groups"),
        ("state", "another"),
        ("redirect_uri", "https://evil.example/cb"),
        ("response_type", "token"),
        ("prompt", "none"),
    ];
    let path = format!("{}&{}", path(HOUSE, &push(&house, &flow).await), query(&beside));
    let told = flow.told(&ada.open(&path).await);
    assert!(told["code"].starts_with("thc_"), "{told:?}");
    // `prompt=login` inside is asked once.
    let flow = flow.with("prompt", "login");
    let login = ada.open(&self::path(HOUSE, &push(&house, &flow).await)).await;
    assert!(login.path.starts_with("/login?"), "{}", login.path);
}

/// RFC 9126 §2.3: an application learns at once what is wrong.
pub async fn a_request_that_is_wrong_is_refused_when_it_is_sent(api: Api) {
    let pushing = Application::new(&api, PUSHING);
    for (flow, error) in [
        (flow().with("redirect_uri", "https://evil.example/cb"), "invalid_request"),
        (flow().without("redirect_uri"), "invalid_request"),
        (flow().with("response_type", "token"), "unsupported_response_type"),
        (flow().without("code_challenge"), "invalid_request"),
        (flow().with("scope", "no-such-scope"), "invalid_scope"),
        (flow().with("prompt", "none login"), "invalid_request"),
        (flow().with("resource", "https://nobody.example"), "invalid_target"),
        (flow().with("request", "x.y.z"), "request_not_supported"),
        (flow().with("request_uri", "https://pushing.example/r"), "invalid_request"),
        (flow().with("client_id", WEB), "invalid_request"),
        (flow().with("login_hint", &"x".repeat(9000)), "invalid_request"),
    ] {
        assert_refused(&send(&pushing, &flow).await, 400, error);
    }
    let flow = flow();
    let twice = [flow.pairs(), vec![("scope", "openid")]].concat();
    assert_refused(&pushing.send("/oauth2/par", &twice).await, 400, "invalid_request");
    for secret in [Some("not its secret"), None] {
        let other = pushing.clone().showing(secret);
        let nameless = flow.clone().without("client_id");
        assert_refused(&send(&other, &nameless).await, 401, "invalid_client");
    }
    let spa = Application::new(&api, SPA);
    let public = spa.flow().without("client_id");
    assert_refused(&send(&spa, &public).await, 400, "unauthorized_client");
}

/// OWASP ASVS 10.4.14; told to the application, as any error of it.
pub async fn who_has_to_send_requests_ahead_is_refused_otherwise(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let told = flow().answer(&mut ada).await;
    assert_eq!(told.get("error").map(String::as_str), Some("invalid_request"), "{told:?}");
}

/// A reference names one request of one application.
pub async fn a_reference_is_worth_nothing_to_anybody_else(api: Api) {
    let [house, web] = [HOUSE, WEB].map(|id| Application::new(&api, id));
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = house.flow();
    let reference = push(&house, &flow).await;
    assert_over(&ada.open(&path(WEB, &reference)).await);
    let last = if reference.ends_with('A') { "B" } else { "A" };
    let altered = format!("{}{last}", &reference[..reference.len() - 1]);
    assert_over(&ada.open(&path(HOUSE, &altered)).await);
    assert_over(&ada.open(&path(HOUSE, "urn:ietf:params:oauth:request_uri:x")).await);
    let bare = format!("/oauth2/authorize?{}", query(&[("request_uri", &reference)]));
    assert_eq!(ada.open(&bare).await.answer.status, 400);
    let twice = format!("{}&request_uri=x", path(HOUSE, &reference));
    assert_eq!(ada.open(&twice).await.answer.status, 400);
    // Nothing is fetched from another host.
    let elsewhere = web.flow().with("request_uri", "https://web.example/request");
    let told = elsewhere.told(&ada.open(&elsewhere.path()).await);
    assert_eq!(told["error"], "request_uri_not_supported");
    let told = flow.told(&ada.open(&path(HOUSE, &reference)).await);
    assert!(told.contains_key("code"), "none of them used it up: {told:?}");
}

/// Whichever processes are asked.
pub async fn of_many_who_bring_one_reference_at_once_one_gets_a_code(api: Api) {
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for _ in 0..3 {
        let path = path(HOUSE, &push(&house, &house.flow()).await);
        let all = join_all((0..8).map(|_| {
            let (mut browser, path) = (ada.clone(), path.clone());
            async move { browser.open(&path).await }
        }))
        .await;
        let (won, lost): (Vec<_>, Vec<_>) =
            all.iter().partition(|page| page.path.starts_with("https://house.example/cb?code="));
        assert_eq!(won.len(), 1, "{:?}", all.iter().map(|page| &page.path).collect::<Vec<_>>());
        lost.into_iter().for_each(assert_over);
    }
}

/// RFC 9126 §2: in the ways in which it would at the token endpoint.
pub async fn an_application_with_a_key_sends_requests_ahead(api: Api) {
    let (keyed, issuer) = (Application::new(&api, KEYED), issuer(&api).await);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = assertions::flow();
    let nameless = flow.clone().without("client_id");
    let text = assertion(&issuer);
    let fields = [nameless.pairs(), shown(&text).to_vec()].concat();
    let sent = keyed.send("/oauth2/par", &fields).await;
    assert_refused(&keyed.send("/oauth2/par", &fields).await, 401, "invalid_client");
    let told = flow.told(&ada.open(&path(KEYED, &reference(&sent))).await);
    assert!(told["code"].starts_with("thc_"), "{told:?}");
}
