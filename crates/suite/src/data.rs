//! The user's document: read, replaced, patched, guarded by its version.

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request, header};
use serde_json::json;

use crate::Answer;
use crate::{Api, assert_problem, body};

async fn conditional(
    api: &Api,
    method: Method,
    token: &str,
    condition: (&str, &str),
    text: &str,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri("/data")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(condition.0, condition.1)
        .body(Bytes::copy_from_slice(text.as_bytes()));
    api.send(request.expect("a good request")).await
}

/// `{}`, then what was written.
pub async fn data_starts_empty_and_can_be_replaced(api: Api) {
    let (_, token) = api.newcomer().await;
    let first = api.get("/data", &token).await;
    assert_eq!(body(&first)["data"], json!({}));
    let document = json!({ "list": [1, 2, 3], "deep": { "er": null } });
    let written = api.json(Method::PUT, "/data", &token, &document).await;
    assert_eq!(written.status, 200, "{}", written.text());
    assert_ne!(written.header("etag"), first.header("etag"));
    let read = api.get("/data", &token).await;
    assert_eq!(body(&read)["data"], document);
    assert_eq!(read.header("etag"), written.header("etag"));
}

/// RFC 7396: members change, `null` removes, the rest stays.
pub async fn a_patch_changes_members_only(api: Api) {
    let (_, token) = api.newcomer().await;
    api.json(Method::PUT, "/data", &token, &json!({ "a": 1, "b": { "c": 2, "d": 3 } })).await;
    let patch = br#"{"b":{"c":null,"e":4},"f":5}"#;
    let kind = "application/merge-patch+json";
    let answer = api.ask((Method::PATCH, "/data"), Some(&token), Some((kind, patch))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let expected = json!({ "a": 1, "b": { "d": 3, "e": 4 }, "f": 5 });
    assert_eq!(body(&answer)["data"], expected);
    assert_eq!(body(&api.get("/data", &token).await)["data"], expected);
}

/// 412, for both ways to write.
pub async fn a_stale_if_match_writes_nothing(api: Api) {
    let (_, token) = api.newcomer().await;
    let first = api.get("/data", &token).await.header("etag").expect("an etag").to_owned();
    let good = conditional(&api, Method::PUT, &token, ("if-match", &first), r#"{"n":1}"#).await;
    assert_eq!(good.status, 200);
    for method in [Method::PUT, Method::PATCH] {
        let stale = conditional(&api, method, &token, ("if-match", &first), r#"{"n":2}"#).await;
        assert_problem(&stale, 412, "precondition_failed");
    }
    let weak = format!("W/{}", good.header("etag").expect("an etag"));
    let weak = conditional(&api, Method::PUT, &token, ("if-match", &weak), r#"{"n":3}"#).await;
    assert_eq!(weak.status, 412, "If-Match compares strongly");
    assert_eq!(body(&api.get("/data", &token).await)["data"], json!({ "n": 1 }));
    let any = conditional(&api, Method::PUT, &token, ("if-match", "*"), r#"{"n":4}"#).await;
    assert_eq!(any.status, 200);
}

/// 304, with the same tag.
pub async fn a_held_version_is_not_sent_again(api: Api) {
    let (_, token) = api.newcomer().await;
    let tag = api.get("/data", &token).await.header("etag").expect("an etag").to_owned();
    let same = conditional(&api, Method::GET, &token, ("if-none-match", &tag), "").await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(same.header("etag"), Some(tag.as_str()));
    api.json(Method::PUT, "/data", &token, &json!({ "new": true })).await;
    let changed = conditional(&api, Method::GET, &token, ("if-none-match", &tag), "").await;
    assert_eq!(changed.status, 200);
}

/// Twelve at once, each another member: all there afterwards.
pub async fn concurrent_patches_of_different_members_survive(api: Api) {
    let (_, token) = api.newcomer().await;
    let patches = (0..12).map(|index| {
        let (api, token) = (api.clone(), token.clone());
        async move {
            let patch = json!({ format!("m{index}"): index });
            let answer = api.json(Method::PATCH, "/data", &token, &patch).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    });
    join_all(patches).await;
    let data = body(&api.get("/data", &token).await)["data"].clone();
    assert_eq!(data.as_object().map(serde_json::Map::len), Some(12), "{data}");
}

/// Under concurrency every answer belongs to the token's user.
pub async fn users_never_see_each_others_data(api: Api) {
    let people = join_all((0..4).map(|_| api.newcomer())).await;
    let work = people.iter().map(|(name, token)| {
        let api = api.clone();
        async move {
            for round in 0..5 {
                let mine = json!({ "owner": name, "round": round });
                api.json(Method::PUT, "/data", token, &mine).await;
                let read = body(&api.get("/data", token).await);
                assert_eq!(read["user"]["username"], *name);
                assert_eq!(read["data"], mine);
            }
        }
    });
    join_all(work).await;
}

/// Text, order and digits are kept.
pub async fn documents_come_back_as_they_were_written(api: Api) {
    let (_, token) = api.newcomer().await;
    let text = r#"{"z": 12345678901234567890123.50, "a":"\u00e9 é 漢 \u0000", "":[ ]}"#;
    let body = Some(("application/json; charset=utf-8", text.as_bytes()));
    assert_eq!(api.ask((Method::PUT, "/data"), Some(&token), body).await.status, 200);
    let read = api.get("/data", &token).await.text();
    assert!(read.ends_with(&format!(r#""data":{text}}}"#)), "{read}");
}
