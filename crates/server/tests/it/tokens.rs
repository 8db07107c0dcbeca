//! Tokens as only somebody with the root secret could make them, what is counted and noted, and a database that is
//! away: then nobody is told that his token is worth nothing.

use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{CodeId, GrantId, GroupId};
use tokenhouse_rules::oauth::access_token::{self, Audience, Claims};
use tokenhouse_rules::oauth::code;
use tokenhouse_rules::oauth::refresh_token::{self, Sealer, Turn};
use tokenhouse_server::app::App;
use tokenhouse_server::{management, router};
use tokenhouse_store::Group;
use tokenhouse_suite::authorize::{HOUSE, SPA, WEB};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::oauth_client::{
    Application, MACHINE, SIGNED, Tokens, assert_refused, read, userinfo,
};
use tokenhouse_suite::{Answer, body};
use tower::ServiceExt;
use uuid::Uuid;

use crate::apps::{self, Place, on_both_engines};
use crate::{applications, signing};

on_both_engines! {
    a_token_that_says_anything_else_is_worth_nothing,
    an_application_that_is_disabled_gets_nothing,
    what_was_given_and_what_came_twice_is_in_the_trail,
    tokens_and_refusals_are_counted,
    a_grant_without_refresh_tokens_ends_with_its_access_token,
    the_groups_of_a_person_are_in_her_tokens,
}

async fn a_token_that_says_anything_else_is_worth_nothing(place: Place) {
    let (api, stage) = applications::on(place).await;
    let house = Application::new(&api, HOUSE);
    let (given, _) = house.sign_in(&house.flow()).await;
    let claims = access_token::open(&given.access, &stage.app.root).expect("our own token");
    let altered: [fn(&mut Claims); 6] = [
        |claims| claims.exp = claims.iat,
        |claims| claims.iss = "https://evil.example".to_owned(),
        |claims| claims.client_id = WEB.to_owned(),
        |claims| claims.sub = Uuid::nil().to_string(),
        |claims| claims.gid = Some(GrantId::from_uuid(Uuid::nil())),
        |claims| claims.aud = Audience::from(vec!["https://api.example".to_owned()]),
    ];
    for (place, alter) in altered.into_iter().enumerate() {
        let mut claims = claims.clone();
        alter(&mut claims);
        let token = access_token::seal(&claims, &stage.app.root, [7; 12]).expect("short");
        assert_refused(&userinfo(&api, &token).await, 401, "invalid_token");
        let active = house.introspect(&token).await["active"] == true;
        // One that is for another service is worth something there, and its own client may know it.
        assert_eq!(active, place == 5, "{place}");
    }
    let same = access_token::seal(&claims, &stage.app.root, [8; 12]).expect("short");
    assert_eq!(userinfo(&api, &same).await.status, 200);
}

async fn an_application_that_is_disabled_gets_nothing(place: Place) {
    let (api, stage) = applications::on(place).await;
    let [house, machine] = [HOUSE, MACHINE].map(|id| Application::new(&api, id));
    let (given, mut ada) = house.sign_in(&house.flow()).await;
    let own = Tokens::of(&machine.ask(&[("grant_type", "client_credentials")]).await);
    let code = house.flow().code(&mut ada).await;
    for id in [HOUSE, MACHINE] {
        signing::change(&stage.app, id, true, |_| {}).await;
    }
    assert_refused(&house.redeem(&code, &[]).await, 401, "invalid_client");
    assert_refused(&house.refresh(&given.refresh, &[]).await, 401, "invalid_client");
    assert_refused(&house.revoke(&given.refresh).await, 401, "invalid_client");
    let refused = machine.ask(&[("grant_type", "client_credentials")]).await;
    assert_refused(&refused, 401, "invalid_client");
    assert_refused(&userinfo(&api, &given.access).await, 401, "invalid_token");
    let service = Application::new(&api, WEB);
    for token in [&given.access, &own.access] {
        assert_eq!(service.introspect(token).await, json!({ "active": false }));
    }
    signing::change(&stage.app, HOUSE, false, |_| {}).await;
    Tokens::of(&house.refresh(&given.refresh, &[]).await);
}

async fn what_was_given_and_what_came_twice_is_in_the_trail(place: Place) {
    let (api, stage) = applications::on(place).await;
    let house = Application::new(&api, HOUSE);
    let (given, mut ada) = house.sign_in(&house.flow()).await;
    house.revoke(&given.refresh).await;
    let code = house.flow().code(&mut ada).await;
    for expected in [200, 400, 400] {
        assert_eq!(house.redeem(&code, &[]).await.status, expected);
    }
    let mut given = house.tokens(&house.flow(), &mut ada).await;
    let first = given.refresh.clone();
    for _ in 0..2 {
        given = Tokens::of(&house.refresh(&given.refresh, &[]).await);
    }
    assert_refused(&house.refresh(&first, &[]).await, 400, "invalid_grant");
    let events = stage.app.store.events(None, None, 100).await.expect("the store");
    let count = |name: &str| events.iter().filter(|event| event.event == name).count();
    assert_eq!(count("grant.created"), 3);
    assert_eq!(count("grant.revoked"), 1);
    assert_eq!(count("code.replayed"), 1);
    assert_eq!(count("refresh_token.replayed"), 1);
    let replayed = events.iter().find(|event| event.event == "code.replayed").expect("it");
    assert_eq!(Value::from(replayed.user.to_string()), given.id["sub"]);
    assert!(replayed.address.is_some() && replayed.request_id.is_some(), "{replayed:?}");
}

async fn tokens_and_refusals_are_counted(place: Place) {
    let (_, stage) = applications::on(place).await;
    let api = apps::asking([router::router(stage.app.clone())]);
    let machine = Application::new(&api, MACHINE);
    Tokens::of(&machine.ask(&[("grant_type", "client_credentials")]).await);
    let nobody = machine.clone().showing(Some("not its secret"));
    nobody.ask(&[("grant_type", "client_credentials")]).await;
    machine.ask(&[("grant_type", "made up")]).await;
    let asked = Request::get("/metrics").body(Body::empty()).expect("a request");
    let answer = management::router(stage.app.clone()).oneshot(asked).await;
    let told = answer.expect("an infallible service").into_body().collect().await;
    let told = String::from_utf8_lossy(&told.expect("a whole body").to_bytes()).into_owned();
    for line in [
        "tokenhouse_tokens_issued_total{grant=\"client_credentials\"} 1\n",
        "tokenhouse_tokens_refused_total{grant=\"client_credentials\",error=\"invalid_client\"} 1\n",
        "tokenhouse_tokens_refused_total{grant=\"_OTHER\",error=\"unsupported_grant_type\"} 1\n",
        "tokenhouse_signing_key_age_seconds{algorithm=\"ES256\"} ",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

async fn a_grant_without_refresh_tokens_ends_with_its_access_token(place: Place) {
    let (api, stage) = applications::on(place).await;
    signing::change(&stage.app, HOUSE, false, |settings| {
        settings.grants.retain(|grant| grant.name() == "authorization_code");
        settings.access_token_lifetime = 3_600;
    })
    .await;
    let house = Application::new(&api, HOUSE);
    let (given, _) = house.sign_in(&house.flow()).await;
    assert!(given.refresh.is_empty());
    assert_eq!(given.all["expires_in"], 3_600);
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    let claims = access_token::open(&given.access, &stage.app.root).expect("our own token");
    let first = Turn { generation: 0, sealer: Sealer::first(&stage.app.root) };
    let token = refresh_token::seal(claims.gid.expect("a grant"), first, None, &stage.app.root);
    let refused = house.refresh(&token, &[]).await;
    assert_refused(&refused, 400, "unauthorized_client");
}

async fn the_groups_of_a_person_are_in_her_tokens(place: Place) {
    let (api, stage) = applications::on(place).await;
    let signed = Application::new(&api, SIGNED);
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let store = &stage.app.store;
    let user = store.user_by_name(&name).await.expect("the store").expect("the user");
    let group = Group {
        id: GroupId::from_uuid(Uuid::new_v4()),
        name: "staff".to_owned(),
        created_at: user.created_at,
    };
    let trail = || signing::trail(Event::GroupJoined);
    assert!(store.make_group(group, trail()).await.expect("the store"));
    let joined = store.set_membership("staff", user.id, true, trail()).await.expect("the store");
    assert_eq!(joined, Some(true));
    let flow = signed.flow().with("scope", "openid groups");
    let given = signed.tokens(&flow, &mut ada).await;
    assert_eq!(given.id["groups"], json!(["staff"]));
    assert_eq!(read(&given.access).1["groups"], json!(["staff"]));
    assert_eq!(body(&userinfo(&api, &given.access).await)["groups"], json!(["staff"]));
    assert_eq!(signed.introspect(&given.access).await["groups"], json!(["staff"]));
}

/// Asserts that nobody is blamed, and that another try is worth it.
pub(crate) fn assert_away(answer: &Answer) {
    assert_refused(answer, 503, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(answer.header("www-authenticate").is_none());
}

pub(crate) fn genuine(app: &App) -> String {
    let issuer = app.settings.issuer().to_owned();
    let claims = Claims {
        iss: issuer.clone(),
        sub: Uuid::nil().to_string(),
        aud: Audience::from(vec![issuer]),
        client_id: SPA.to_owned(),
        exp: 4_000_000_000,
        iat: 1_700_000_000,
        jti: Uuid::nil(),
        scope: "openid".to_owned(),
        auth_time: None,
        acr: None,
        amr: None,
        gid: Some(GrantId::from_uuid(Uuid::nil())),
        groups: None,
        act: None,
        bond: None,
        cnf: None,
        extra: serde_json::Map::new(),
    };
    access_token::seal(&claims, &app.root, [9; 12]).expect("short").to_string()
}

#[tokio::test]
async fn a_database_that_is_away_costs_nobody_a_token() {
    let app = apps::without_database();
    let api = apps::asking([router::router(app.clone())]);
    let spa = Application::new(&api, SPA);
    let code = code::seal(CodeId::from_uuid(Uuid::nil()), &[1; 16], &app.root);
    let first = Turn { generation: 0, sealer: Sealer::first(&app.root) };
    let refresh = refresh_token::seal(GrantId::from_uuid(Uuid::nil()), first, None, &app.root);
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://spa.example/cb"),
    ];
    assert_away(&spa.ask(&redeem).await);
    assert_away(&spa.refresh(&refresh, &[]).await);
    assert_away(&spa.refresh("garbage", &[]).await);
    let machine = Application::new(&api, MACHINE);
    assert_away(&machine.ask(&[("grant_type", "client_credentials")]).await);
    let access = genuine(&app);
    for token in [access.as_str(), &refresh, "garbage"] {
        assert_away(&machine.send("/oauth2/introspect", &[("token", token)]).await);
        assert_away(&spa.revoke(token).await);
    }
    assert_away(&userinfo(&api, &access).await);
    assert_away(&api.ask((Method::GET, "/oauth2/jwks"), None, None).await);
    // What needs no database is there.
    assert_refused(&userinfo(&api, "garbage").await, 401, "invalid_token");
    let path = "/.well-known/openid-configuration";
    let discovered = api.ask((Method::GET, path), None, None).await;
    assert_eq!(body(&discovered)["issuer"], app.settings.issuer());
}
