//! `GET /sessions` and `DELETE /sessions/{id}`: a person sees where she is signed in, and ends what she
//! does not know (OWASP ASVS 7.5.2).

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::SessionId;
use tokenhouse_store::{Ended, Session, Target};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::client::Client;
use crate::extract::session::Bearer;

const MOST: u32 = 100;

#[derive(Serialize, ToSchema)]
pub(crate) struct SessionShown {
    /// Identifier, for `DELETE /sessions/{id}`.
    pub id: String,
    /// When it was opened.
    pub created_at: String,
    /// Its last use, written down coarsely.
    pub last_used_at: String,
    /// When it ends in any case.
    pub expires_at: String,
    /// The address it was opened from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the client called itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl SessionShown {
    pub(crate) fn new(session: &Session, current: SessionId) -> Self {
        Self {
            id: session.id.to_string(),
            created_at: session.created_at.rfc3339(),
            last_used_at: session.last_used_at.rfc3339(),
            expires_at: session.expires_at.rfc3339(),
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
            current: session.id == current,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Page {
    items: Vec<SessionShown>,
    /// For the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// 1 to 100; 50 by default.
    page_size: Option<u32>,
    /// From the page before.
    page_token: Option<String>,
}

/// Where this user is signed in, oldest session first.
#[utoipa::path(get, path = "/sessions", tag = "sessions", security(("session" = [])),
    params(Paging),
    responses((status = 200, description = "A page of sessions", body = Page),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 422, description = "A parameter is refused", body = Document)))]
pub(crate) async fn list(
    State(app): State<App>,
    Bearer(session): Bearer,
    paging: Result<Query<Paging>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(paging) = paging
        .map_err(|_| Problem::invalid().detail("The query has a parameter that is not known."))?;
    let size = paging.page_size.unwrap_or(50);
    if !(1..=MOST).contains(&size) {
        return Err(Problem::invalid().fault("/page_size", "must be 1 to 100"));
    }
    let after = match &paging.page_token {
        None => None,
        Some(token) => Some(
            token.parse().map_err(|_| Problem::invalid().fault("/page_token", "is not known"))?,
        ),
    };
    let found = app.store.sessions(&session, after, size + 1).await?;
    let found = found.ok_or_else(Problem::invalid_token)?;
    let shown: Vec<_> = found.iter().take(size as usize).collect();
    let more = found.len() > shown.len();
    let next = shown.last().filter(|_| more).map(|last| last.id.to_string());
    let mut headers = HeaderMap::new();
    if let Some(token) = &next {
        let link = format!("</sessions?page_size={size}&page_token={token}>; rel=\"next\"");
        headers.extend(HeaderValue::from_str(&link).ok().map(|value| (header::LINK, value)));
    }
    let items = shown.iter().map(|found| SessionShown::new(found, session.id)).collect();
    Ok((headers, axum::Json(Page { items, next_page_token: next })).into_response())
}

/// End one session of this user.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "sessions", security(("session" = [])),
    params(("id" = String, Path, description = "From the list of sessions")),
    responses((status = 204, description = "Ended"),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 404, description = "This user has no such session", body = Document)))]
pub(crate) async fn end(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let title = "There is no such session";
    let missing = || Problem::new(StatusCode::NOT_FOUND, "session_not_found", title);
    let id: SessionId = id.parse().map_err(|_| missing())?;
    let event = if id == session.id { Event::SessionEnded } else { Event::SessionRevoked };
    let trail = client.trail(event, app.ordering_time());
    match app.store.end_sessions(&session, Target::One(id), trail).await? {
        Ended::Done => Ok(StatusCode::NO_CONTENT),
        Ended::NoSuch => Err(missing()),
        Ended::NoSession => Err(Problem::invalid_token()),
    }
}
