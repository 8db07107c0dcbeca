//! Exchanges of tokens as only somebody with the root secret could make them, what is noted, and a database that is
//! away: then nobody is told that his token is worth nothing.

use serde_json::{Value, json};
use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::exchange::{Bond, TokenType};
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::jws::SigningKey;
use tokenhouse_server::app::App;
use tokenhouse_server::router;
use tokenhouse_suite::exchange::{AT_GATE, AT_ORDERS, GATE, GRANT, ORDERS, SHOP, flow};
use tokenhouse_suite::oauth_client::{Application, Tokens, assert_refused, read};
use tokenhouse_suite::{Answer, Api};
use uuid::Uuid;

use crate::apps::{self, Place, on_both_engines};
use crate::{applications, signing};

on_both_engines! {
    a_token_that_is_over_or_of_another_issuer_is_exchanged_for_nothing,
    a_token_of_another_issuer_lets_nobody_act,
    no_token_outlives_what_it_was_exchanged_for,
    an_application_that_is_disabled_takes_what_came_through_it_along,
}

const ACCESS: &str = TokenType::AccessToken.name();

/// Shows a token, and what else goes with it.
async fn exchange(service: &Application, token: &str, other: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", GRANT),
        ("subject_token", token),
        ("subject_token_type", ACCESS),
        ("audience", AT_ORDERS),
    ];
    fields.extend(other);
    service.ask(&fields).await
}

/// What the shop was given of somebody, for the gate.
async fn claims(api: &Api, app: &App) -> Claims {
    let shop = Application::new(api, SHOP);
    let (given, _) = shop.sign_in(&flow(SHOP)).await;
    let claims = access_token::open(&given.access, &app.root).expect("our own token");
    assert!(claims.aud.contains(AT_GATE));
    claims
}

fn sealed(claims: &Claims, app: &App) -> String {
    access_token::seal(claims, &app.root, [7; 12]).expect("short").to_string()
}

/// Somebody else's token that says the same.
fn foreign(claims: &Claims) -> String {
    let (key, _) = SigningKey::generate(Algorithm::ES256).expect("a new key");
    access_token::sign(claims, &key).expect("short")
}

async fn a_token_that_is_over_or_of_another_issuer_is_exchanged_for_nothing(place: Place) {
    let (api, stage) = applications::on(place).await;
    let gate = Application::new(&api, GATE);
    let good = claims(&api, &stage.app).await;
    let altered: [fn(&mut Claims); 7] = [
        |claims| claims.exp = claims.iat,
        |claims| claims.iss = "https://evil.example".to_owned(),
        |claims| claims.sub = Uuid::nil().to_string(),
        |claims| claims.client_id = "nobody".to_owned(),
        |claims| claims.aud = vec![AT_ORDERS.to_owned()].into(),
        // As services behind a proxy get it: nothing says what it ends with.
        |claims| claims.gid = None,
        |claims| claims.bond = Some(Bond::Client("nobody".to_owned())),
    ];
    for (place, alter) in altered.into_iter().enumerate() {
        let mut claims = good.clone();
        alter(&mut claims);
        let refused = exchange(&gate, &sealed(&claims, &stage.app), &[]).await;
        assert_eq!(refused.status, 400, "{place}");
        assert_refused(&refused, 400, "invalid_request");
    }
    assert_refused(&exchange(&gate, &foreign(&good), &[]).await, 400, "invalid_request");
    Tokens::of(&exchange(&gate, &sealed(&good, &stage.app), &[]).await);
}

async fn a_token_of_another_issuer_lets_nobody_act(place: Place) {
    let (api, stage) = applications::on(place).await;
    let gate = Application::new(&api, GATE);
    let good = claims(&api, &stage.app).await;
    let own = Tokens::of(&gate.ask(&[("grant_type", "client_credentials")]).await).access;
    let own = access_token::open(&own, &stage.app.root).expect("our own token");
    let elsewhere = Claims { iss: "https://evil.example".to_owned(), ..own.clone() };
    let over = Claims { exp: own.iat, ..own.clone() };
    let subject = sealed(&good, &stage.app);
    for bad in [sealed(&elsewhere, &stage.app), sealed(&over, &stage.app), foreign(&own)] {
        let other = [("actor_token", bad.as_str()), ("actor_token_type", ACCESS)];
        assert_refused(&exchange(&gate, &subject, &other).await, 400, "invalid_request");
    }
    let right = sealed(&own, &stage.app);
    let other = [("actor_token", right.as_str()), ("actor_token_type", ACCESS)];
    let given = Tokens::of(&exchange(&gate, &subject, &other).await);
    assert_eq!(read(&given.access).1["act"], json!({ "sub": GATE }));
}

async fn no_token_outlives_what_it_was_exchanged_for(place: Place) {
    let (api, stage) = applications::on(place).await;
    let gate = Application::new(&api, GATE);
    let good = claims(&api, &stage.app).await;
    let ends = |answer: &Answer| read(&Tokens::of(answer).access).1["exp"].as_u64();
    let short = Claims { exp: good.iat + 60, ..good.clone() };
    let answer = exchange(&gate, &sealed(&short, &stage.app), &[]).await;
    assert_eq!(ends(&answer), Some(good.iat + 60));
    let expires_in = Tokens::of(&answer).all["expires_in"].as_u64();
    assert!(expires_in.is_some_and(|seconds| seconds <= 60), "{expires_in:?}");
    let own = Tokens::of(&gate.ask(&[("grant_type", "client_credentials")]).await).access;
    let own = access_token::open(&own, &stage.app.root).expect("our own token");
    let tired = sealed(&Claims { exp: good.iat + 50, ..own }, &stage.app);
    let other = [("actor_token", tired.as_str()), ("actor_token_type", ACCESS)];
    let answer = exchange(&gate, &sealed(&short, &stage.app), &other).await;
    assert_eq!(ends(&answer), Some(good.iat + 50), "nor the one who acts");
    let long = Claims { exp: good.iat + 1_000_000_000, ..good };
    let answer = exchange(&gate, &sealed(&long, &stage.app), &[]).await;
    let (_, claims) = read(&Tokens::of(&answer).access);
    assert_eq!(claims["exp"].as_u64(), claims["iat"].as_u64().map(|iat| iat + 300));
}

async fn an_application_that_is_disabled_takes_what_came_through_it_along(place: Place) {
    let (api, stage) = applications::on(place).await;
    let [gate, orders] = [GATE, ORDERS].map(|id| Application::new(&api, id));
    let subject = sealed(&claims(&api, &stage.app).await, &stage.app);
    let token = Tokens::of(&exchange(&gate, &subject, &[]).await).access;
    let active = async || orders.introspect(&token).await["active"] == Value::Bool(true);
    assert!(active().await);
    for id in [GATE, SHOP] {
        signing::change(&stage.app, id, true, |_| {}).await;
        assert!(!active().await, "{id}");
        signing::change(&stage.app, id, false, |_| {}).await;
        assert!(active().await, "{id}");
    }
    signing::change(&stage.app, GATE, true, |_| {}).await;
    assert_refused(&exchange(&gate, &subject, &[]).await, 401, "invalid_client");
}

#[tokio::test]
async fn a_database_that_is_away_makes_no_token_worthless() {
    let app = apps::without_database();
    let api = apps::asking([router::router(app.clone())]);
    let gate = Application::new(&api, GATE);
    for token in ["ths_x", "tha_x", "x"] {
        let trouble = exchange(&gate, token, &[]).await;
        assert_refused(&trouble, 503, "temporarily_unavailable");
        assert!(trouble.header("retry-after").is_some());
    }
}
