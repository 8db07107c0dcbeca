//! Roles by groups, tokens that would be too long to be read, and signatures of answers about a person.

use http::Method;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{GroupId, UserId};
use tokenhouse_server::app::App;
use tokenhouse_store::Group;
use tokenhouse_suite::authorize::HOUSE;
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::claims::MAPPED;
use tokenhouse_suite::oauth_client::{Application, assert_refused, read, userinfo};
use tokenhouse_suite::{Api, body};
use uuid::Uuid;

use crate::apps::{Place, on_both_engines};
use crate::{applications, signing};

on_both_engines! {
    roles_follow_from_the_groups_of_a_person,
    somebody_in_too_many_groups_for_a_token_gets_none_of_them_cut_off,
    a_signed_answer_about_a_person_verifies,
    an_export_holds_claims_and_groups,
}

/// A newcomer, and who she is.
async fn newcomer(api: &Api, app: &App) -> (Browser, UserId) {
    let mut ada = Browser::new(api);
    let (name, _) = ada.newcomer().await;
    let user = app.store.user_by_name(&name).await.expect("the store").expect("the user");
    (ada, user.id)
}

/// Puts her into a group of her own test.
async fn join(app: &App, name: &str, user: UserId) {
    let now = app.store.now().await.expect("the store");
    let id = GroupId::from_uuid(Uuid::new_v4());
    let group = Group { id, name: name.to_owned(), created_at: now };
    let trail = || signing::trail(Event::GroupJoined);
    assert!(app.store.make_group(group, trail()).await.expect("the store"));
    let joined = app.store.set_membership(name, user, true, trail()).await.expect("the store");
    assert_eq!(joined, Some(true));
}

async fn roles_follow_from_the_groups_of_a_person(place: Place) {
    let (api, stage) = applications::on(place).await;
    let application = Application::new(&api, MAPPED);
    let (mut ada, user) = newcomer(&api, &stage.app).await;
    let before = application.tokens(&application.flow(), &mut ada).await;
    assert_eq!(before.id["roles"], json!([]));
    join(&stage.app, "staff", user).await;
    join(&stage.app, "admin", user).await;
    let told = read(&userinfo(&api, &before.access).await.text()).1;
    assert_eq!(told["roles"], json!(["reader"]), "as it is now");
    join(&stage.app, "owners", user).await;
    let given = application.tokens(&application.flow(), &mut ada).await;
    let access = read(&given.access).1;
    for told in [&given.id, &access] {
        assert_eq!(told["roles"], json!(["admin", "reader"]));
        assert!(told.get("groups").is_none(), "she agreed to no such scope");
    }
    assert_eq!(access["memberOf"], json!(["admin", "owners", "staff"]));
    let other = Application::new(&api, HOUSE);
    let given = other.tokens(&other.flow(), &mut ada).await;
    assert!(given.id.get("roles").is_none(), "they are roles of another application");
}

/// Decision 0025.
async fn somebody_in_too_many_groups_for_a_token_gets_none_of_them_cut_off(place: Place) {
    let (api, stage) = applications::on(place).await;
    let scopes = |settings: &mut tokenhouse_rules::oauth::client::Settings| {
        let scopes = "openid profile groups";
        settings.scopes = tokenhouse_rules::oauth::scope::Scopes::parse(scopes).expect("scopes");
    };
    signing::change(&stage.app, HOUSE, false, scopes).await;
    let house = Application::new(&api, HOUSE);
    let (mut ada, user) = newcomer(&api, &stage.app).await;
    let flow = house.flow().with("scope", "openid groups");
    join(&stage.app, "first", user).await;
    let before = house.tokens(&flow, &mut ada).await;
    assert_eq!(before.id["groups"], json!(["first"]));
    for number in 0..130 {
        join(&stage.app, &format!("{number:064}"), user).await;
    }
    let code = flow.code(&mut ada).await;
    for _ in 0..2 {
        let refused = house.redeem(&code, &[]).await;
        assert_refused(&refused, 400, "invalid_scope");
    }
    // The endpoint that answers in a body tells all of them, and less is asked for by fewer scopes.
    let told = body(&userinfo(&api, &before.access).await);
    assert_eq!(told["groups"].as_array().map(Vec::len), Some(131));
    assert_refused(&house.refresh(&before.refresh, &[]).await, 400, "invalid_scope");
    let narrow = house.refresh(&before.refresh, &[("scope", "openid")]).await;
    assert_eq!(narrow.status, 200, "{}", narrow.text());
    let given = house.tokens(&house.flow().with("scope", "openid"), &mut ada).await;
    assert!(given.id.get("groups").is_none());
}

async fn a_signed_answer_about_a_person_verifies(place: Place) {
    let (api, stage) = applications::on(place).await;
    let published = signing::keys(&api).await;
    let application = Application::new(&api, MAPPED);
    let (given, _) = application.sign_in(&application.flow()).await;
    signing::verify(&userinfo(&api, &given.access).await.text(), &published);
    signing::change(&stage.app, MAPPED, false, |settings| {
        settings.userinfo_signed_response_alg = None;
    })
    .await;
    let plain = api.ask((Method::GET, "/oauth2/userinfo"), Some(&given.access), None).await;
    assert_eq!(body(&plain)["sub"], given.id["sub"]);
    assert!(body(&plain).get("aud").is_none());
}

async fn an_export_holds_claims_and_groups(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (ada, user) = newcomer(&api, &stage.app).await;
    join(&stage.app, "staff", user).await;
    join(&stage.app, "admin", user).await;
    let trail = signing::trail(Event::ClaimsSet);
    let claims = r#"{"given_name":"Ada","zoneinfo":"Europe/London"}"#;
    assert!(stage.app.store.set_claims(user, claims, trail).await.expect("the store"));
    let told = api.get("/account/export", &ada.cookies["tokenhouse-session"]).await.text();
    assert!(told.contains(&format!(r#""claims":{claims}"#)), "as it was written: {told}");
    assert!(told.contains(r#""groups":["admin","staff"]"#), "{told}");
}
