//! Ten thousand mutated questions in each dialect: none of them lets anybody through.

use http::Method;
use serde_json::json;
use tokenhouse_suite::Answer;
use tokenhouse_suite::mutated::{Draft, Verdict, storm};

use super::{HTML, LOGIN, register, signed_in, stage};
use crate::apps::{Place, on_both_engines};

on_both_engines! {
    a_mutated_question_of_traefik_lets_nobody_through,
    a_mutated_question_of_nginx_lets_nobody_through,
    a_mutated_question_of_envoy_lets_nobody_through,
}

async fn a_mutated_question_of_traefik_lets_nobody_through(place: Place) {
    let draft = |host: &str| {
        Draft::new(Method::GET, "/api/authz/forward-auth")
            .header("host", "10.0.0.9:8080")
            .header("x-forwarded-method", "GET")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", host)
            .header("x-forwarded-uri", "/a?b=c&d=e%26")
    };
    nobody_is_let_through(place, draft).await;
}

async fn a_mutated_question_of_nginx_lets_nobody_through(place: Place) {
    let draft = |host: &str| {
        Draft::new(Method::GET, "/api/authz/auth-request")
            .header("host", "tokenhouse")
            .header("x-original-method", "GET")
            .header("x-original-url", &format!("https://{host}/a?b=c&d=e%26"))
    };
    nobody_is_let_through(place, draft).await;
}

async fn a_mutated_question_of_envoy_lets_nobody_through(place: Place) {
    let draft = |host: &str| {
        Draft::new(Method::GET, "/api/authz/ext-authz/a")
            .query(&[("b", "c"), ("d", "e&")])
            .header("host", host)
            .header("x-forwarded-proto", "https")
    };
    nobody_is_let_through(place, draft).await;
}

/// Neither who is not signed in, nor who is and may not.
async fn nobody_is_let_through(place: Place, draft: impl Fn(&str) -> Draft) {
    let stage = stage(place).await;
    let closed = json!([{ "host": "closed.example.org", "allow": { "groups": ["nobody"] } }]);
    register(&stage.app, "closed", closed).await;
    let (_, _, cookie) = signed_in(&stage).await;
    let drafts = [
        draft("app.example.org"),
        draft("app.example.org").header("accept", HTML),
        draft("app.example.org").header("cookie", "__Secure-tokenhouse-forward=thf_AAAA"),
        draft("closed.example.org").header("cookie", &cookie),
        draft("nobody-knows.example.org").header("cookie", &cookie),
    ];
    storm(&stage.api, &drafts, refused).await;
}

fn refused(_: &Method, answer: &Answer) -> Verdict {
    let way = format!("{LOGIN}/login");
    match (answer.status, answer.header("location")) {
        (302 | 303 | 401, Some(to)) if to.starts_with(&way) => Ok(()),
        (400..500, None) => Ok(()),
        _ => Err("let through, or sent elsewhere".to_owned()),
    }
}
