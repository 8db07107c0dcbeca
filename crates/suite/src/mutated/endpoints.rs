//! The endpoints of the provider, each with requests that lack one thing.

use http::Method;
use serde_json::{Value, json};

use super::{Draft, Verdict, gives_nothing, is_refusal, is_whole_problem, storm};
use crate::authorize::{CHALLENGE, HOUSE, SECRET, SPA, VERIFIER, WEB, clients};
use crate::browser::Browser;
use crate::oauth_client::{Application, MACHINE, SERVICE, Tokens, basic, read, userinfo};
use crate::{Answer, Api, body};

pub(super) const WRONG: &str = "not the secret of anybody at all, however long";

pub(super) fn post(path: &str, client: Option<(&str, &str)>, pairs: &[(&str, &str)]) -> Draft {
    let draft = Draft::new(Method::POST, path).form(pairs);
    match client {
        Some((id, secret)) => draft.header("authorization", &basic(id, secret)),
        None => draft,
    }
}

/// A preflight is no answer of the endpoint.
fn is_preflight(method: &Method, answer: &Answer) -> bool {
    *method == Method::OPTIONS && matches!(answer.status, 200 | 204) && answer.body.is_empty()
}

/// A refusal, or that a script may ask.
///
/// # Errors
/// Why it is none.
pub fn nothing_but_refusals(method: &Method, answer: &Answer) -> Verdict {
    match is_preflight(method, answer) {
        true => Ok(()),
        false => gives_nothing(answer).and_then(|()| is_refusal(method, answer)),
    }
}

/// `POST /oauth2/token`; and what was tried without success is as good as before.
pub async fn a_mutated_request_for_tokens_gets_none(api: Api) {
    let [house, web] = [HOUSE, WEB].map(|id| Application::new(&api, id));
    let (hers, mut ada) = house.sign_in(&house.flow()).await;
    let (theirs, _) = web.sign_in(&web.flow()).await;
    let used = house.flow().code(&mut ada).await;
    Tokens::of(&house.redeem(&used, &[]).await);
    let fresh = house.flow().code(&mut ada).await;
    let redeem = |code: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", fresh.redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        post("/oauth2/token", Some((HOUSE, SECRET)), &fields)
    };
    let turn = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
    let alone = [("grant_type", "client_credentials"), ("scope", "read")];
    let in_form = |id, secret| [("client_id", id), ("client_secret", secret)];
    let refresh_of_spa = [&turn(&theirs.refresh)[..], &[("client_id", SPA)]].concat();
    let machine = [&alone[..], &in_form(MACHINE, WRONG)].concat();
    let drafts = [
        redeem(&used.code, VERIFIER),
        redeem(&fresh.code, "another verifier that is long enough to be one by its form"),
        post("/oauth2/token", Some((HOUSE, WRONG)), &turn(&hers.refresh)),
        post("/oauth2/token", Some((HOUSE, SECRET)), &turn(&theirs.refresh)),
        post("/oauth2/token", None, &refresh_of_spa),
        post("/oauth2/token", None, &machine),
        post("/oauth2/token", Some((HOUSE, SECRET)), &alone),
    ];
    storm(&api, &drafts, nothing_but_refusals).await;
    Tokens::of(&house.refresh(&hers.refresh, &[]).await);
    Tokens::of(&web.refresh(&theirs.refresh, &[]).await);
}

/// `GET|POST /oauth2/userinfo`.
pub async fn a_mutated_question_to_userinfo_tells_nothing(api: Api) {
    let [house, machine] = [HOUSE, MACHINE].map(|id| Application::new(&api, id));
    let (given, _) = house.sign_in(&house.flow()).await;
    let (ended, _) = house.sign_in(&house.flow()).await;
    assert_eq!(house.revoke(&ended.refresh).await.status, 200);
    let alone = Tokens::of(&machine.ask(&[("grant_type", "client_credentials")]).await);
    let id = given.all["id_token"].as_str().expect("an ID token").to_owned();
    let altered = given.access.replace("tha_", "tha_A");
    let mut drafts = Vec::new();
    for token in [&ended.access, &alone.access, &id, &altered, &given.refresh] {
        let bearer = format!("Bearer {token}");
        drafts.push(Draft::new(Method::GET, "/oauth2/userinfo").header("authorization", &bearer));
        drafts.push(post("/oauth2/userinfo", None, &[("access_token", token)]));
    }
    storm(&api, &drafts, nothing_but_refusals).await;
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
}

/// `POST /oauth2/introspect`: who may not know learns of nothing that it is active.
pub async fn a_mutated_introspection_tells_nothing(api: Api) {
    let [web, service] = [WEB, SERVICE].map(|id| Application::new(&api, id));
    let (given, _) = web.sign_in(&web.flow()).await;
    let (ended, _) = web.sign_in(&web.flow()).await;
    assert_eq!(web.revoke(&ended.refresh).await.status, 200);
    let altered = given.access.replace("tha_", "tha_A");
    let ask =
        |secret, token| post("/oauth2/introspect", Some((SERVICE, secret)), &[("token", token)]);
    let drafts = [
        ask(SECRET, ended.access.as_str()),
        ask(SECRET, given.refresh.as_str()),
        ask(SECRET, altered.as_str()),
        ask(WRONG, given.access.as_str()),
        post("/oauth2/introspect", None, &[("token", &given.access), ("client_id", SPA)]),
    ];
    storm(&api, &drafts, |method, answer| {
        if answer.status != 200 || is_preflight(method, answer) {
            return nothing_but_refusals(method, answer);
        }
        let inactive = json!({ "active": false });
        let said: Value = match answer.header("content-type") {
            Some("application/token-introspection+jwt") => {
                read(&answer.text()).1["token_introspection"].clone()
            }
            _ => body(answer),
        };
        match said == inactive {
            true => Ok(()),
            false => Err("it is told what a token is worth".to_owned()),
        }
    })
    .await;
    assert_eq!(service.introspect(&given.access).await["active"], true);
}

/// `POST /oauth2/revoke`: only the application that has a token gives it back.
pub async fn a_mutated_revocation_ends_nothing(api: Api) {
    let web = Application::new(&api, WEB);
    let (given, _) = web.sign_in(&web.flow()).await;
    let mut drafts = Vec::new();
    for token in [given.access.as_str(), &given.refresh] {
        for (id, secret) in [(HOUSE, SECRET), (WEB, WRONG), (SERVICE, SECRET)] {
            drafts.push(post("/oauth2/revoke", Some((id, secret)), &[("token", token)]));
        }
        drafts.push(post("/oauth2/revoke", None, &[("token", token), ("client_id", SPA)]));
    }
    storm(&api, &drafts, |method, answer| match answer.status {
        // RFC 7009 §2.2: what is worth nothing is given back with success.
        200 => gives_nothing(answer),
        _ => nothing_but_refusals(method, answer),
    })
    .await;
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    Tokens::of(&web.refresh(&given.refresh, &[]).await);
}

/// Whether a browser is sent to nobody but us and registered applications.
fn stays_among_friends(answer: &Answer) -> Verdict {
    let Some(to) = answer.header("location") else { return Ok(()) };
    let own = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\');
    let registered = clients().iter().any(|client| {
        let lists = ["redirect_uris", "post_logout_redirect_uris"];
        let uris = lists.iter().filter_map(|name| client.settings[name].as_array()).flatten();
        uris.filter_map(Value::as_str).any(|uri| follows(to, uri))
    });
    match own || registered {
        true => Ok(()),
        false => Err(format!("sent to {to}")),
    }
}

/// Whether an address is that one, with nothing but a query more.
fn follows(to: &str, uri: &str) -> bool {
    to.strip_prefix(uri).is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '&']))
}

/// A page, or a way to one; with no code.
pub(super) fn pages_without_codes(method: &Method, answer: &Answer) -> Verdict {
    gives_nothing(answer)?;
    stays_among_friends(answer)?;
    let html = || answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    match answer.status {
        200 | 303 => Ok(()),
        204 if *method == Method::OPTIONS => Ok(()),
        400..500 if html() || *method == Method::HEAD => Ok(()),
        // Who does not ask for a page is told as a program is.
        400..500 if is_whole_problem(answer) => Ok(()),
        _ => Err("neither a page nor a problem document".to_owned()),
    }
}

/// `GET|POST /oauth2/authorize`: by who is not signed in, to an address that is not registered, and without the
/// consent that there would have to be.
pub async fn a_mutated_authorization_gives_no_code(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let cookie = format!("tokenhouse-session={}", ada.cookies["tokenhouse-session"]);
    let request = |client, redirect_uri| {
        [
            ("client_id", client),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "a state"),
            ("nonce", "a nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("prompt", "consent"),
        ]
    };
    let drafts = [
        Draft::new(Method::GET, "/oauth2/authorize")
            .query(&request(HOUSE, "https://house.example/cb")[..8]),
        Draft::new(Method::GET, "/oauth2/authorize")
            .query(&request(HOUSE, "https://evil.example/cb")[..8])
            .header("cookie", &cookie),
        Draft::new(Method::GET, "/oauth2/authorize")
            .query(&request(WEB, "https://web.example/cb"))
            .header("cookie", &cookie),
        post("/oauth2/authorize", None, &request(WEB, "https://web.example/cb"))
            .header("cookie", &cookie),
    ]
    .map(|draft| draft.header("host", "localhost").header("accept", "text/html"));
    storm(&api, &drafts, pages_without_codes).await;
}

/// `GET|POST /oauth2/logout`: nobody is signed out who did not say so herself.
pub async fn a_mutated_logout_ends_nothing(api: Api) {
    let web = Application::new(&api, WEB);
    let (given, ada) = web.sign_in(&web.flow()).await;
    let session = ada.cookies["tokenhouse-session"].clone();
    let hint = given.all["id_token"].as_str().expect("an ID token");
    let pairs = [
        ("id_token_hint", hint),
        ("client_id", WEB),
        ("post_logout_redirect_uri", "https://web.example/bye"),
        ("state", "a state"),
    ];
    let drafts = [
        Draft::new(Method::GET, "/oauth2/logout").query(&pairs),
        post("/oauth2/logout", None, &pairs),
    ]
    .map(|draft| {
        draft
            .header("host", "localhost")
            .header("accept", "text/html")
            .header("cookie", &format!("tokenhouse-session={session}"))
    });
    storm(&api, &drafts, pages_without_codes).await;
    assert_eq!(api.get("/data", &session).await.status, 200);
}

/// `GET /oauth2/jwks` and the metadata: there is nothing to give away.
pub async fn mutated_requests_for_keys_and_metadata_are_answered(api: Api) {
    for path in [
        "/oauth2/jwks",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let drafts = [Draft::new(Method::GET, path)
            .query(&[("a", "b")])
            .header("origin", "https://spa.example")
            .header("accept", "application/json")];
        storm(&api, &drafts, |method, answer| match answer.status {
            200 if *method == Method::HEAD || is_preflight(method, answer) => Ok(()),
            200 if body(answer).is_object() => Ok(()),
            204 if *method == Method::OPTIONS => Ok(()),
            _ => is_refusal(method, answer),
        })
        .await;
    }
}
