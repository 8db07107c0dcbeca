//! Forms that another site, another browser or another session made; and ways to lead people astray.

use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::{PASSWORD, assert_problem};

use crate::apps;

const NEW: &str = "another fine long phrase";

#[tokio::test]
async fn a_sign_in_form_is_taken_from_the_browser_it_was_given_to_only() {
    let (api, _alive) = apps::on_sqlite().await;
    let (name, _) = Browser::new(&api).newcomer().await;
    let right = [("username", name.as_str()), ("password", PASSWORD)];
    let mut ada = Browser::new(&api);
    let hers = ada.open("/login").await;
    let theirs = Browser::new(&api).open("/login").await;

    let refused = ada.submit(&theirs, "/login", &right).await;
    assert_eq!(refused.answer.status, 403);
    assert!(
        refused.says("Please send it once more.") && refused.says(&format!("value=\"{name}\""))
    );
    let unsigned = ada.submit(&hers, "/login", &[right[0], right[1], ("csrf", "")]).await;
    assert_eq!(unsigned.answer.status, 403);

    let mut lost = ada.clone();
    lost.cookies.clear();
    let told = lost.submit(&hers, "/login", &right).await;
    assert_eq!(told.answer.status, 403);
    assert!(told.says("Your browser did not send our cookie back.") && told.says("localhost"));
    assert!(!lost.cookies.contains_key("tokenhouse-session"));

    assert_eq!(
        ada.submit(&unsigned, "/login", &right).await.path,
        "/account",
        "the fresh form is good"
    );
}

#[tokio::test]
async fn a_form_of_one_session_is_worth_nothing_in_another_nor_one_without_a_session() {
    let (api, _alive) = apps::on_sqlite().await;
    let (mut ada, mut eve) = (Browser::new(&api), Browser::new(&api));
    let (name, _) = ada.newcomer().await;
    eve.newcomer().await;
    let change = [("old_password", PASSWORD), ("new_password", NEW)];
    let eves = eve.open("/account/password").await;
    let visits = Browser::new(&api).open("/login").await;
    let visit =
        visits.tags("input").into_iter().find(|tag| tag["name"] == "csrf").expect("a token");
    for token in [None, Some(visit["value"].as_str()), Some("")] {
        let mut typed = change.to_vec();
        typed.extend(token.map(|token| ("csrf", token)));
        let refused = ada.submit(&eves, "/account/password", &typed).await;
        assert_eq!(refused.answer.status, 403);
    }
    let delete = eve.open("/account/delete").await;
    let refused = ada.submit(&delete, "/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(refused.answer.status, 403);
    let sent = ada.send(&eve.open("/account").await, "/account/export", &[]).await;
    assert_eq!(sent.answer.header("location"), Some("/account"), "no file");
    let out = eve.open("/logout").await;
    assert_eq!(ada.send(&out, "/logout", &[]).await.answer.header("location"), Some("/logout"));
    assert_eq!(api.try_login(&name, PASSWORD).await.status, 200, "nothing was done");
    assert_eq!(ada.open("/account").await.path, "/account");
}

#[tokio::test]
async fn a_form_that_another_site_sent_does_nothing() {
    let (api, _alive) = apps::on_sqlite().await;
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let page = ada.open("/account/password").await;
    let change = [("old_password", PASSWORD), ("new_password", NEW)];
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:9"),
    ] {
        ada.headers.insert(header, value.to_owned());
        let refused = ada.submit(&page, "/account/password", &change).await;
        assert_eq!(refused.answer.status, 403, "{header}: {value}");
        assert!(refused.says("came from another website"), "{}", refused.html);
        ada.headers.remove(header);
    }
    assert_eq!(api.try_login(&name, PASSWORD).await.status, 200);
    ada.headers.insert("origin", "http://localhost".to_owned());
    ada.headers.insert("sec-fetch-site", "same-origin".to_owned());
    assert_eq!(
        ada.submit(&page, "/account/password", &change).await.path,
        "/account?said=password-changed"
    );
}

#[tokio::test]
async fn nobody_is_sent_to_another_site_after_signing_in() {
    let (api, _alive) = apps::on_sqlite().await;
    let (name, _) = Browser::new(&api).newcomer().await;
    let right = [("username", name.as_str()), ("password", PASSWORD)];
    for evil in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/account/../..//evil.example",
        "/nothing",
    ] {
        let mut ada = Browser::new(&api);
        let encoded = evil.replace('/', "%2F").replace('\\', "%5C");
        let page = ada.open(&format!("/login?return_to={encoded}")).await;
        assert!(!page.says("evil"), "{}", page.html);
        let sent = ada.send(&page, "/login", &[right[0], right[1], ("return_to", evil)]).await;
        assert_eq!(sent.answer.header("location"), Some("/account"), "{evil}");
    }
    let mut ada = Browser::new(&api);
    let page = ada.open("/account/password").await;
    assert_eq!(page.path, "/login?return_to=%2Faccount%2Fpassword");
    let wrong = ada.submit(&page, "/login", &[right[0], ("password", "not this one")]).await;
    let sent = ada.send(&wrong, "/login", &right).await;
    assert_eq!(
        (sent.answer.status, sent.answer.header("location")),
        (303, Some("/account/password"))
    );
}

#[tokio::test]
async fn a_forged_cookie_is_no_session_and_a_form_of_an_ended_one_leads_to_the_sign_in_page() {
    let (api, _alive) = apps::on_sqlite().await;
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let page = ada.open("/account/password").await;
    let token = ada.cookies["tokenhouse-session"].clone();
    assert_eq!(api.ask((http::Method::POST, "/logout"), Some(&token), None).await.status, 204);
    let change = [("old_password", PASSWORD), ("new_password", NEW)];
    let sent = ada.send(&page, "/account/password", &change).await;
    let to = "/login?said=session-ended&return_to=%2Faccount%2Fpassword";
    assert_eq!((sent.answer.status, sent.answer.header("location")), (303, Some(to)));
    assert!(!ada.cookies.contains_key("tokenhouse-session"), "it is taken away");
    for forged in ["x", "ths_", &format!("ths_{}", "A".repeat(100)), &token] {
        ada.cookies.insert("tokenhouse-session".to_owned(), forged.to_owned());
        assert!(
            ada.open("/account").await.path.starts_with("/login?said=session-ended"),
            "{forged}"
        );
    }
    assert_problem(&api.get("/data", &token).await, 401, "invalid_token");
}
