//! The first administrator, and the last one.

use futures_util::future::join_all;
use http::Method;
use serde_json::json;
use tokenhouse_rules::link::Purpose;
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::{PASSWORD, assert_problem};

use crate::apps::{Place, on_both_engines};
use crate::links::make;

on_both_engines! {
    who_has_the_link_becomes_the_first_administrator_and_nobody_after_her,
    of_many_who_have_links_one_wins,
    a_link_that_is_worth_nothing_says_why,
}

async fn who_has_the_link_becomes_the_first_administrator_and_nobody_after_her(place: Place) {
    let stage = place.stage(|_| {}).await;
    let (path, other) = (
        make(&stage.app, Purpose::Setup, None, 60).await,
        make(&stage.app, Purpose::Setup, None, 60).await,
    );
    let (taken, _) = stage.api.newcomer().await;
    let mut root = Browser::new(&stage.api);
    let unused = root.open(&other).await;
    let form = root.open(&path).await;
    assert!(form.says("Set up this server") && form.says("autocomplete=\"new-password\""));
    let empty =
        root.submit(&form, &path, &[("username", ""), ("email", ""), ("password", "")]).await;
    assert_eq!(empty.answer.status, 422);
    for field in ["username", "email", "password"] {
        assert!(empty.says(&format!("href=\"#{field}\"")), "{field}");
    }
    let typed = |name| {
        [
            ("username", name),
            ("email", "root@example.org"),
            ("password", PASSWORD),
            ("return_to", "https://evil.example/"),
        ]
    };
    let refused = root.submit(&empty, &path, &typed(&taken)).await;
    assert_eq!(refused.answer.status, 409);
    assert!(refused.says("This is already taken."));
    let account = root.submit(&refused, &path, &typed("root")).await;
    assert_eq!(account.path, "/account?said=set-up", "{}", account.html);
    assert!(account.says("Administrator") && account.says(">confirmed<"));

    for (path, form) in [(&path, &form), (&other, &unused)] {
        let page = Browser::new(&stage.api).look(path).await;
        assert_eq!(page.answer.status, 410);
        assert!(page.says("This server is set up already") && page.says("href=\"/login\""));
        let late = root.submit(form, path, &typed("other")).await;
        assert_eq!(late.answer.status, 410, "{}", late.html);
    }
    let token = stage.api.login("root").await;
    let last = json!({ "password": PASSWORD });
    let refused = stage.api.json(Method::DELETE, "/account", &token, &last).await;
    assert_problem(&refused, 409, "last_administrator");
    let form = root.open("/account/delete").await;
    let told = root.submit(&form, "/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(told.answer.status, 409);
    assert!(told.says("The last administrator cannot be deleted"));
}

async fn of_many_who_have_links_one_wins(place: Place) {
    let stage = place.stage(|_| {}).await;
    let mut attempts = Vec::new();
    for number in 0..6 {
        let path = make(&stage.app, Purpose::Setup, None, 60).await;
        let mut browser = Browser::new(&stage.api);
        let page = browser.open(&path).await;
        attempts.push(async move {
            let (name, email) = (format!("root{number}"), format!("root{number}@example.org"));
            let typed = [("username", name.as_str()), ("email", &email), ("password", PASSWORD)];
            browser.submit(&page, &path, &typed).await
        });
    }
    let all = join_all(attempts).await;
    let won = all.iter().filter(|page| page.path == "/account?said=set-up").count();
    assert_eq!(won, 1);
    for lost in all.iter().filter(|page| page.path != "/account?said=set-up") {
        assert_eq!(lost.answer.status, 410, "{}", lost.html);
        assert!(lost.says("This server is set up already"));
    }
    let state = stage.app.store.setup_state().await.expect("the store");
    assert_eq!(state.administrators, 1);
    assert!(state.closed_at.is_some());
}

async fn a_link_that_is_worth_nothing_says_why(place: Place) {
    let stage = place.stage(|_| {}).await;
    let expired = make(&stage.app, Purpose::Setup, None, 0).await;
    let page = Browser::new(&stage.api).look(&expired).await;
    assert_eq!(page.answer.status, 410);
    assert!(page.says("This link has expired") && page.says("tokenhouse admin setup-link"));
    let invitation = make(&stage.app, Purpose::Invite, None, 60).await;
    let other = invitation.replace("/invitation/", "/setup/");
    assert_eq!(Browser::new(&stage.api).look(&other).await.answer.status, 404);
    let state = stage.app.store.setup_state().await.expect("the store");
    assert!(state.closed_at.is_none() && state.administrators == 0, "nothing was done");
}
