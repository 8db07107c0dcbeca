//! Sessions: ended at once, listed, ended one by one.

use http::Method;
use serde_json::json;

use crate::{Api, assert_problem, body};

/// The reply to a logout is the last moment at which the token is worth anything.
pub async fn a_logout_is_seen_everywhere_at_once(api: Api) {
    let (name, first) = api.newcomer().await;
    let second = api.login(&name).await;
    let answer = api.ask((Method::POST, "/logout"), Some(&first), None).await;
    assert_eq!(answer.status, 204);
    for _ in 0..4 {
        assert_problem(&api.get("/data", &first).await, 401, "invalid_token");
    }
    let write = api.json(Method::PUT, "/data", &first, &json!({})).await;
    assert_eq!(write.status, 401);
    assert_eq!(api.ask((Method::POST, "/logout"), Some(&first), None).await.status, 401);
    assert_eq!(api.get("/data", &second).await.status, 200);
}

/// Every session of the user, and of nobody else.
pub async fn logout_all_ends_every_session(api: Api) {
    let (name, first) = api.newcomer().await;
    let (_, other) = api.newcomer().await;
    let second = api.login(&name).await;
    assert_eq!(api.ask((Method::POST, "/logout/all"), Some(&first), None).await.status, 204);
    for token in [&first, &second] {
        assert_eq!(api.get("/data", token).await.status, 401);
    }
    assert_eq!(api.get("/data", &other).await.status, 200);
    let third = api.login(&name).await;
    assert_eq!(api.get("/data", &third).await.status, 200);
}

/// Keyset pages, oldest first; each can be ended.
pub async fn sessions_are_listed_in_pages_and_ended_one_by_one(api: Api) {
    let (name, first) = api.newcomer().await;
    let second = api.login(&name).await;
    let third = api.login(&name).await;
    let page = api.get("/sessions?page_size=2", &third).await;
    let said = body(&page);
    assert_eq!(said["items"].as_array().map(Vec::len), Some(2));
    assert!(page.header("link").is_some_and(|link| link.contains("rel=\"next\"")));
    let next = said["next_page_token"].as_str().expect("a next page");
    let rest = body(&api.get(&format!("/sessions?page_token={next}"), &third).await);
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["items"][0]["current"], true);
    assert!(rest.get("next_page_token").is_none());
    let id = said["items"][0]["id"].as_str().expect("an id");
    let path = format!("/sessions/{id}");
    assert_eq!(api.ask((Method::DELETE, &path), Some(&third), None).await.status, 204);
    assert_eq!(api.get("/data", &first).await.status, 401);
    assert_eq!(api.get("/data", &second).await.status, 200);
    let again = api.ask((Method::DELETE, &path), Some(&third), None).await;
    assert_problem(&again, 404, "session_not_found");
    for bad in ["?page_size=0", "?page_size=101", "?page_token=x", "?pagesize=2"] {
        assert_eq!(api.get(&format!("/sessions{bad}"), &third).await.status, 422, "{bad}");
    }
}

/// Another user's session is as if it did not exist.
pub async fn nobody_ends_another_users_session(api: Api) {
    let (_, mine) = api.newcomer().await;
    let (_, hers) = api.newcomer().await;
    let list = body(&api.get("/sessions", &hers).await);
    let path = format!("/sessions/{}", list["items"][0]["id"].as_str().expect("an id"));
    let answer = api.ask((Method::DELETE, &path), Some(&mine), None).await;
    assert_problem(&answer, 404, "session_not_found");
    assert_eq!(api.get("/data", &hers).await.status, 200);
}
