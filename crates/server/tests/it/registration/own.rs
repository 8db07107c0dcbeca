//! Applications that look after their own registration (RFC 7592).

use http::Method;
use serde_json::{Value, json};
use tokenhouse_suite::browser::query;
use tokenhouse_suite::oauth_client::{FORM, assert_refused, userinfo};
use tokenhouse_suite::{Answer, Api, body};

use super::{Registered, invite, metadata, stage};
use crate::apps::{Place, on_both_engines};
use crate::signing;

on_both_engines! {
    a_registration_is_read_and_replaced_by_its_own_token,
    nobody_looks_after_the_registration_of_another,
    with_a_registration_goes_all_that_its_application_was_given,
    a_registration_that_an_operator_disabled_rests,
}

impl Registered {
    async fn read(&self, api: &Api) -> Answer {
        api.get(&self.path, &self.token).await
    }

    async fn replace(&self, api: &Api, said: &Value) -> Answer {
        api.json(Method::PUT, &self.path, &self.token, said).await
    }

    async fn delete(&self, api: &Api) -> Answer {
        api.ask((Method::DELETE, &self.path), Some(&self.token), None).await
    }
}

async fn a_registration_is_read_and_replaced_by_its_own_token(place: Place) {
    let (api, stage) = stage(place).await;
    let new = Registered::new(&api, &stage.app).await;
    let mut expected = new.all.clone();
    for once in ["client_secret", "client_secret_expires_at"] {
        expected.as_object_mut().expect("an object").remove(once);
    }
    let read = new.read(&api).await;
    assert_eq!((read.status, body(&read)), (200, expected.clone()));
    let mut said = expected;
    said["client_name"] = json!("Renamed");
    said["redirect_uris"] = json!(["https://dyn.example/cb", "https://dyn.example/new"]);
    let replaced = new.replace(&api, &said).await;
    assert_eq!((replaced.status, body(&replaced)), (200, said.clone()));
    assert_eq!(body(&new.read(&api).await), said);
    said["client_secret"] = json!(new.secret);
    assert_eq!(new.replace(&api, &said).await.status, 200, "it shows its own");
    let bad: [(&str, Value, &str); 6] = [
        ("client_secret", json!("another"), "invalid_request"),
        ("client_id", json!("suite-web"), "invalid_request"),
        ("client_id", Value::Null, "invalid_request"),
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        ("token_endpoint_auth_method", json!("none"), "invalid_client_metadata"),
        ("scope", json!("openid groups"), "invalid_client_metadata"),
    ];
    for (member, value, error) in bad {
        let mut said = said.clone();
        said[member] = value;
        assert_refused(&new.replace(&api, &said).await, 400, error);
    }
    assert_eq!(new.sign_in(&api).await.status, 200, "what is refused changes nothing");
    signing::change(&stage.app, &new.id, false, |settings| {
        settings.audience = Some("https://api.example".to_owned());
    })
    .await;
    said["client_name"] = json!("Renamed again");
    assert_eq!(new.replace(&api, &said).await.status, 200);
    let client = stage.app.store.client(&new.id).await.expect("the store").expect("the client");
    assert!(client.settings.contains("https://api.example"), "that is the operator's");
}

async fn nobody_looks_after_the_registration_of_another(place: Place) {
    let (api, stage) = stage(place).await;
    let mine = Registered::new(&api, &stage.app).await;
    let theirs = Registered::new(&api, &stage.app).await;
    let invitation = invite(&stage.app, 1).await;
    let (_, session) = api.newcomer().await;
    let said = json!({ "client_id": theirs.id, "redirect_uris": ["https://evil.example/cb"] });
    let altered = theirs.token.replace("thm_", "thm_A");
    for token in ["x", "", &mine.token, &invitation, &session, &theirs.secret, &altered] {
        for path in [theirs.path.as_str(), "/oauth2/register/suite-web", "/oauth2/register/a%20b"] {
            for answer in [
                api.get(path, token).await,
                api.json(Method::PUT, path, token, &said).await,
                api.ask((Method::DELETE, path), Some(token), None).await,
            ] {
                assert_refused(&answer, 401, "invalid_token");
            }
        }
    }
    let none = api.ask((Method::GET, &theirs.path), None, None).await;
    assert_refused(&none, 401, "invalid_token");
    let read = body(&theirs.read(&api).await);
    assert_eq!(read["redirect_uris"], json!(["https://dyn.example/cb"]));
}

async fn with_a_registration_goes_all_that_its_application_was_given(place: Place) {
    let (api, stage) = stage(place).await;
    let new = Registered::new(&api, &stage.app).await;
    let given = body(&new.sign_in(&api).await);
    let access = given["access_token"].as_str().expect("an access token");
    assert_eq!(userinfo(&api, access).await.status, 200);
    let deleted = new.delete(&api).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_refused(&userinfo(&api, access).await, 401, "invalid_token");
    let form = query(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", given["refresh_token"].as_str().expect("a refresh token")),
        ("client_id", &new.id),
        ("client_secret", &new.secret),
    ]);
    let form = Some((FORM, form.as_bytes()));
    let refused = api.ask((Method::POST, "/oauth2/token"), None, form).await;
    assert_refused(&refused, 401, "invalid_client");
    for answer in [new.read(&api).await, new.delete(&api).await] {
        assert_refused(&answer, 401, "invalid_token");
    }
}

async fn a_registration_that_an_operator_disabled_rests(place: Place) {
    let (api, stage) = stage(place).await;
    let new = Registered::new(&api, &stage.app).await;
    signing::change(&stage.app, &new.id, true, |_| {}).await;
    let mut said = metadata();
    said["client_id"] = json!(new.id);
    for answer in [new.read(&api).await, new.replace(&api, &said).await, new.delete(&api).await] {
        assert_refused(&answer, 401, "invalid_token");
    }
    signing::change(&stage.app, &new.id, false, |_| {}).await;
    assert_eq!(new.read(&api).await.status, 200);
}
