//! Requests that are sent ahead, and assertions, where time passes, an operator comes between, or the database is
//! away.

use std::time::Duration;

use serde_json::json;
use tokenhouse_rules::id::PushedRequestId;
use tokenhouse_rules::oauth::client::{Authentication, Settings};
use tokenhouse_rules::oauth::request_uri;
use tokenhouse_server::router;
use tokenhouse_store::NewPushedRequest;
use tokenhouse_suite::assertions::{KEYED, assertion, issuer, shown};
use tokenhouse_suite::authorize::{Flow, HOUSE, WEB};
use tokenhouse_suite::body;
use tokenhouse_suite::browser::{Browser, Page, query};
use tokenhouse_suite::oauth_client::{Application, assert_refused};
use tokenhouse_suite::pushed::{path, push};
use uuid::Uuid;

use crate::apps::{self, Place, Stage, on_both_engines};
use crate::tokens::assert_away;
use crate::{applications, signing};

on_both_engines! {
    a_browser_that_comes_too_late_is_told_to_begin_again,
    who_came_in_time_takes_her_time,
    what_an_operator_changes_counts_when_the_request_is_answered,
    an_assertion_counts_as_the_client_is_registered_now,
}

/// A request of [`WEB`] for which its browser has to come within that time; where it is sent.
async fn within(stage: &Stage, flow: &Flow, lifetime: Duration) -> String {
    let id = PushedRequestId::from_uuid(Uuid::new_v4());
    let request = NewPushedRequest {
        id,
        client: WEB.to_owned(),
        parameters: query(&flow.pairs()),
        lifetime,
        patience: Duration::from_secs(3600),
    };
    assert!(stage.app.store.push_request(request).await.expect("the store"));
    path(WEB, &request_uri::seal(id, &stage.app.root))
}

fn assert_over(page: &Page) {
    assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{}", page.html);
    assert!(page.says("invalid_request_uri"), "{}", page.html);
}

async fn a_browser_that_comes_too_late_is_told_to_begin_again(place: Place) {
    let (api, stage) = applications::on(place).await;
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let path = within(&stage, &Flow::web(), Duration::ZERO).await;
    assert_over(&ada.open(&path).await);
    // A mark of another request proves nothing of this one.
    let asked = ada.open(&within(&stage, &Flow::web(), Duration::from_secs(60)).await).await;
    let (_, mark) = asked.path.split_once("asked_at=").expect("a mark");
    assert_over(&ada.open(&format!("{path}&asked_at={mark}")).await);
}

async fn who_came_in_time_takes_her_time(place: Place) {
    let (api, stage) = applications::on(place).await;
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = Flow::web();
    let short = Duration::from_millis(1500);
    let path = within(&stage, &flow, short).await;
    let asked = ada.open(&path).await;
    assert!(asked.path.contains("&asked_at="), "{}", asked.path);
    tokio::time::sleep(short).await;
    assert_over(&ada.open(&path).await);
    let again = ada.open(&asked.path).await;
    let back = ada.submit(&again, "/oauth2/consent", &[("answer", "allow")]).await;
    assert!(flow.told(&back)["code"].starts_with("thc_"), "{}", back.path);
    assert_over(&ada.open(&asked.path).await);
}

async fn what_an_operator_changes_counts_when_the_request_is_answered(place: Place) {
    let (api, stage) = applications::on(place).await;
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let (flow, elsewhere) = (house.flow(), "https://house.example/elsewhere");
    let reference = push(&house, &flow).await;
    signing::change(&stage.app, HOUSE, false, |settings| {
        settings.redirect_uris = vec![elsewhere.to_owned()];
    })
    .await;
    let page = ada.open(&path(HOUSE, &reference)).await;
    assert_eq!((page.answer.status, page.answer.header("location")), (400, None));
    signing::change(&stage.app, HOUSE, true, |settings| {
        settings.redirect_uris.push("https://house.example/cb".to_owned());
    })
    .await;
    let page = ada.open(&path(HOUSE, &reference)).await;
    assert_eq!((page.answer.status, page.answer.header("location")), (400, None));
    let sent = house.send("/oauth2/par", &flow.pairs()).await;
    assert_refused(&sent, 401, "invalid_client");
    signing::change(&stage.app, HOUSE, false, |_| {}).await;
    let told = flow.told(&ada.open(&path(HOUSE, &reference)).await);
    assert!(told["code"].starts_with("thc_"), "{told:?}");
}

async fn an_assertion_counts_as_the_client_is_registered_now(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (keyed, issuer) = (Application::new(&api, KEYED), issuer(&api).await);
    let asks = async || {
        let text = assertion(&issuer);
        let fields = [&[("token", "x")][..], &shown(&text)].concat();
        keyed.send("/oauth2/introspect", &fields).await
    };
    assert_eq!(body(&asks().await), json!({ "active": false }));
    signing::change(&stage.app, KEYED, true, |_| {}).await;
    assert_refused(&asks().await, 401, "invalid_client");
    let changes: [fn(&mut Settings); 2] = [
        |settings| settings.authentication = Authentication::Basic,
        |settings| {
            settings.authentication = Authentication::PrivateKeyJwt;
            let keys = settings.jwks.as_mut().and_then(|set| set["keys"].as_array_mut());
            keys.expect("keys").retain(|key| key["kty"] == "OKP");
        },
    ];
    for change in changes {
        signing::change(&stage.app, KEYED, false, change).await;
        assert_refused(&asks().await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn a_database_that_is_away_costs_nobody_a_request() {
    let app = apps::without_database();
    let api = apps::asking([router::router(app.clone())]);
    let house = Application::new(&api, HOUSE);
    assert_away(&house.send("/oauth2/par", &house.flow().pairs()).await);
    let (keyed, text) = (Application::new(&api, KEYED), assertion(&issuer(&api).await));
    for path in ["/oauth2/token", "/oauth2/par", "/oauth2/introspect", "/oauth2/revoke"] {
        let fields = [&[("grant_type", "refresh_token"), ("token", "x")][..], &shown(&text)];
        assert_away(&keyed.send(path, &fields.concat()).await);
    }
    let id = PushedRequestId::from_uuid(Uuid::nil());
    let reference = request_uri::seal(id, &app.root);
    let page = Browser::new(&api).open(&path(HOUSE, &reference)).await;
    assert_eq!((page.answer.status, page.answer.header("location")), (503, None));
}
