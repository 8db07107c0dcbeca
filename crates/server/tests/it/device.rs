//! Devices whose time is over or whose application is disabled, what is counted and noted of them, and a database
//! that is away: then nobody is told that his code is worth nothing.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::limit::Limit;
use tokenhouse_rules::oauth::device::seal;
use tokenhouse_rules::token::secret_hash;
use tokenhouse_server::router;
use tokenhouse_store::{DeviceIssued, NewDeviceCode};
use tokenhouse_suite::browser::{Browser, query};
use tokenhouse_suite::device::{Device, GRANT, TELEVISION};
use tokenhouse_suite::oauth_client::{Application, FORM, Tokens, assert_refused};
use tokenhouse_suite::{Answer, body};
use tower::ServiceExt;
use uuid::Uuid;

use crate::apps::{self, Place, on_both_engines};
use crate::{applications, signing};

on_both_engines! {
    a_device_that_nobody_allowed_in_time_is_told_so,
    a_device_of_a_disabled_application_gets_nothing,
    who_allowed_and_who_refused_is_in_the_trail,
    devices_of_one_address_come_to_an_end,
}

async fn a_device_that_nobody_allowed_in_time_is_told_so(place: Place) {
    let (api, stage) = applications::on(place).await;
    let id = CodeId::from_uuid(Uuid::new_v4());
    let new = NewDeviceCode {
        id,
        secret_hash: secret_hash(&[7; 16]),
        user_code: "BCDFGHJK".to_owned(),
        client: TELEVISION.to_owned(),
        asked: r#"{"scope":"openid"}"#.to_owned(),
        address: None,
        user_agent: None,
        lifetime: Duration::ZERO,
        limit: None,
    };
    let issued = stage.app.store.issue_device_code(new).await.expect("the store");
    assert_eq!(issued, DeviceIssued::Done);
    let television = Application::new(&api, TELEVISION);
    let code = seal(id, &[7; 16], &stage.app.root);
    let fields = [("grant_type", GRANT), ("device_code", code.as_str())];
    assert_refused(&television.ask(&fields).await, 400, "expired_token");
    let other = seal(id, &[8; 16], &stage.app.root);
    let fields = [("grant_type", GRANT), ("device_code", other.as_str())];
    assert_refused(&television.ask(&fields).await, 400, "invalid_grant");
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let page = ada.open("/device?user_code=BCDF-GHJK").await;
    let late = ada.submit(&page, "/device", &[("user_code", "BCDF-GHJK")]).await;
    assert_eq!(late.answer.status, 400, "{}", late.html);
}

async fn a_device_of_a_disabled_application_gets_nothing(place: Place) {
    let (api, stage) = applications::on(place).await;
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let [allowed, waiting] = [
        Device::new(&api, TELEVISION, "openid").await,
        Device::new(&api, TELEVISION, "openid").await,
    ];
    allowed.answer(&mut ada, "allow").await;
    let asked = waiting.typed(&mut ada).await;
    signing::change(&stage.app, TELEVISION, true, |_| {}).await;
    for device in [&allowed, &waiting] {
        assert_refused(&device.poll().await, 401, "invalid_client");
    }
    let refused = Application::new(&api, TELEVISION).send("/oauth2/device", &[]).await;
    assert_refused(&refused, 401, "invalid_client");
    let late = ada.submit(&asked, "/device", &[("answer", "allow")]).await;
    assert_eq!(late.answer.status, 400, "{}", late.html);
    assert_eq!(waiting.typed(&mut ada).await.answer.status, 400);
    signing::change(&stage.app, TELEVISION, false, |_| {}).await;
    Tokens::of(&allowed.poll().await);
    let told = body(&waiting.poll().await);
    let goes_on = ["authorization_pending", "slow_down"].map(|error| told["error"] == error);
    assert!(goes_on.contains(&true), "{told}");
}

async fn who_allowed_and_who_refused_is_in_the_trail(place: Place) {
    let (api, stage) = applications::on(place).await;
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for answer in ["allow", "deny"] {
        let device = Device::new(&api, TELEVISION, "openid").await;
        device.answer(&mut ada, answer).await;
        device.poll().await;
    }
    let events = stage.app.store.events(None, None, 100).await.expect("the store");
    let find = |name: &str| {
        let found: Vec<_> = events.iter().filter(|event| event.event == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0].clone()
    };
    let [allowed, denied, made] = ["device.allowed", "device.denied", "grant.created"].map(find);
    assert_eq!((allowed.user, allowed.session), (denied.user, denied.session));
    assert_eq!((made.user, made.session), (allowed.user, allowed.session));
    assert!(allowed.address.is_some() && allowed.request_id.is_some());
}

async fn devices_of_one_address_come_to_an_end(place: Place) {
    let limit = Limit::parse("2/1h").expect("a limit");
    let (api, _stage) = applications::with(place, |settings| settings.limit_address = limit).await;
    let television = Application::new(&api, TELEVISION);
    for expected in [200, 200, 429] {
        let answer = television.send("/oauth2/device", &[]).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
        assert_eq!(answer.header("retry-after").is_some(), expected == 429);
    }
}

/// A poll that fails says nothing of its code, and a device that gets no code may ask again.
#[tokio::test]
async fn a_database_that_is_away_costs_no_device_its_code() {
    let app = apps::without_database();
    let id = CodeId::from_uuid(Uuid::new_v4());
    let code = seal(id, &[7; 16], &app.root);
    let poll = [("grant_type", GRANT), ("device_code", code.as_str()), ("client_id", TELEVISION)];
    let ask = [("client_id", TELEVISION)];
    for (path, fields) in [("/oauth2/token", &poll[..]), ("/oauth2/device", &ask[..])] {
        let request = Request::post(path).header("content-type", FORM);
        let request = request.body(Body::from(query(fields))).expect("a good request");
        let response = router::router(app.clone()).oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        assert_refused(&answer, 503, "temporarily_unavailable");
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
}
