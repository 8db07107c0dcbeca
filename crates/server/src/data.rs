//! `GET|PUT|PATCH /data`: the user's own JSON document, one round trip to read or replace it.
//!
//! The document is given back as it was written, never parsed on a read. A patch is read, merged and
//! written under the version it was read at, again if somebody was quicker: concurrent patches of
//! different members all survive, and no connection is held while a document is merged.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use tokenhouse_rules::document::{self, BadDocument, Condition, Version};
use tokenhouse_store::{SessionData, SessionKey, User, Written};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::{self, malformed, too_large};
use crate::extract::session::Bearer;
use crate::presence::renew;
use crate::signed_in::UserShown;
use crate::text;

/// The shape of the answer; written by hand around the stored text.
#[derive(Serialize, ToSchema)]
pub(crate) struct Data {
    user: UserShown,
    #[schema(value_type = Object)]
    data: Value,
}

/// Read the user and her data.
#[utoipa::path(get, path = "/data", tag = "data", security(("session" = [])),
    params(("If-None-Match" = Option<String>, Header, description = "Entity tags already held")),
    responses((status = 200, description = "The user and her data", body = Data,
               headers(("ETag" = String, description = "Names this version"))),
              (status = 304, description = "Not modified"),
              (status = 401, description = "`invalid_token`", body = Document)))]
pub(crate) async fn read(
    State(app): State<App>,
    Bearer(session): Bearer,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = app.store.session_with_data(&session).await?;
    let found = found.ok_or_else(Problem::invalid_token)?;
    renew(&app, &session, found.expiry, found.now).await;
    if condition(&headers, &header::IF_NONE_MATCH, true).is_some_and(|c| c.matches(found.version)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().insert(header::ETAG, tag(found.version));
        return Ok(response);
    }
    Ok(answer(&found.user, &found.body, found.version))
}

/// Replace the data.
#[utoipa::path(put, path = "/data", tag = "data", security(("session" = [])),
    request_body(content = Object, description = "A JSON object, at most 64 KiB"),
    params(("If-Match" = Option<String>, Header, description = "Only if this is the version")),
    responses((status = 200, description = "Written", body = Data),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 412, description = "Another version is stored", body = Document),
              (status = 413, description = "Too large", body = Document),
              (status = 422, description = "Refused by the operator's schema", body = Document)))]
pub(crate) async fn replace(
    State(app): State<App>,
    Bearer(session): Bearer,
    request: Request,
) -> Result<Response, Problem> {
    body::expect_type(request.headers(), &["application/json"])?;
    let only_if = match condition(request.headers(), &header::IF_MATCH, false) {
        Some(Condition::OneOf(versions)) => Some(versions),
        Some(Condition::Any) | None => None,
    };
    let most = app.settings.data_max_bytes;
    let bytes = body::read(request, most).await?;
    let text = document::check(utf8(&bytes)?, most).map_err(refuse)?;
    conform(&app, text)?;
    match app.store.write_data(&session, text.to_owned(), only_if).await? {
        Written::NoSession => Err(Problem::invalid_token()),
        Written::Stale => Err(stale()),
        Written::Done { user, version, now, expiry } => {
            renew(&app, &session, expiry, now).await;
            Ok(answer(&user, text, version))
        }
    }
}

/// Change members of the data by JSON merge patch (RFC 7396).
#[utoipa::path(patch, path = "/data", tag = "data", security(("session" = [])),
    request_body(content((Object = "application/merge-patch+json"), (Object = "application/json"))),
    params(("If-Match" = Option<String>, Header, description = "Only if this is the version")),
    responses((status = 200, description = "Written", body = Data),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 412, description = "Another version is stored", body = Document),
              (status = 413, description = "Too large", body = Document),
              (status = 422, description = "Refused by the operator's schema", body = Document)))]
pub(crate) async fn patch(
    State(app): State<App>,
    Bearer(session): Bearer,
    request: Request,
) -> Result<Response, Problem> {
    body::expect_type(request.headers(), &["application/merge-patch+json", "application/json"])?;
    let only_if = condition(request.headers(), &header::IF_MATCH, false);
    let most = app.settings.data_max_bytes;
    let bytes = body::read(request, most).await?;
    let patch = document::patch(utf8(&bytes)?, most).map_err(refuse)?;
    // Ends by the request's deadline at the latest; of those who compete one wins every round.
    loop {
        let found = app.store.session_with_data(&session).await?;
        let found = found.ok_or_else(Problem::invalid_token)?;
        if only_if.as_ref().is_some_and(|c| !c.matches(found.version)) {
            return Err(stale());
        }
        let merged = document::apply(&found.body, &patch, most).map_err(refuse)?;
        conform(&app, &merged)?;
        if let Some(response) = commit(&app, &session, found, merged).await? {
            return Ok(response);
        }
    }
}

/// Writes a merged document over the version it was made from; nothing when that is gone.
async fn commit(
    app: &App,
    session: &SessionKey,
    found: SessionData,
    merged: String,
) -> Result<Option<Response>, Problem> {
    let written = app.store.write_data(session, merged.clone(), Some(vec![found.version])).await?;
    match written {
        Written::NoSession => Err(Problem::invalid_token()),
        Written::Stale => Ok(None),
        Written::Done { user, version, now, expiry } => {
            renew(app, session, expiry, now).await;
            Ok(Some(answer(&user, &merged, version)))
        }
    }
}

/// Written into one piece of memory: the document passes through as it was stored.
fn answer(user: &User, body: &str, version: Version) -> Response {
    let names = user.username.len() + user.email.as_ref().map_or(0, String::len);
    let mut json = Vec::with_capacity(160 + names + body.len());
    json.extend_from_slice(b"{\"user\":");
    UserShown::write(user, &mut json);
    json.extend_from_slice(b",\"data\":");
    json.extend_from_slice(body.as_bytes());
    json.push(b'}');
    let mut response = Response::new(Body::from(json));
    let headers = response.headers_mut();
    // These two, three by the outermost layer, the length by the router.
    headers.reserve(6);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ETAG, tag(version));
    response
}

/// As [`Version`] displays itself, for every answer.
fn tag(version: Version) -> HeaderValue {
    let mut tag = Vec::with_capacity(43);
    tag.push(b'"');
    text::number(&mut tag, version.document.unsigned_abs());
    tag.push(b'.');
    text::number(&mut tag, version.user.unsigned_abs());
    tag.push(b'"');
    HeaderValue::from_maybe_shared(Bytes::from(tag))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn condition(headers: &HeaderMap, name: &header::HeaderName, weak: bool) -> Option<Condition> {
    let values: Vec<&str> =
        headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("")).collect();
    (!values.is_empty()).then(|| Condition::parse(&values.join(","), weak))
}

fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8."))
}

fn refuse(bad: BadDocument) -> Problem {
    match bad {
        BadDocument::TooLarge(most) => too_large(most),
        BadDocument::Malformed(_) => malformed(format!("The body is not JSON: {bad}.")),
        BadDocument::NotAnObject | BadDocument::TooDeep | BadDocument::DuplicateMember(_) => {
            Problem::invalid().fault("", bad.to_string())
        }
    }
}

fn stale() -> Problem {
    let title = "Another version is stored";
    Problem::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", title)
}

/// Holds a document to the operator's JSON Schema, if there is one.
fn conform(app: &App, text: &str) -> Result<(), Problem> {
    let Some(schema) = &app.settings.data_schema else { return Ok(()) };
    let value: Value =
        serde_json::from_str(text).map_err(|_| malformed("The body is not JSON."))?;
    let mut problem = Problem::invalid();
    for violation in schema.iter_errors(&value).take(20) {
        problem = problem.fault(violation.instance_path().as_str(), violation.to_string());
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_version_as_it_displays_itself() {
        for (document, user) in [(1, 1), (9, 10), (0, 4_711), (i64::MAX, i64::MAX)] {
            let version = Version { document, user };
            assert_eq!(tag(version), version.to_string());
        }
    }
}
