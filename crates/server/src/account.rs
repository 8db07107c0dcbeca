//! `DELETE /account` and `GET /account/export`: the person's own rights over what is stored about her.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{AuditEvent, SessionKey};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::Json;
use crate::extract::client::Client;
use crate::extract::session::Bearer;
use crate::log::Level;
use crate::password;
use crate::sessions::SessionShown;
use crate::signed_in::UserShown;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    /// The password of the account.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// Delete the account with everything that belongs to it.
#[utoipa::path(delete, path = "/account", tag = "account", security(("session" = [])),
    request_body = Confirmation,
    responses((status = 204, description = "Deleted"),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 403, description = "`wrong_password`", body = Document),
              (status = 429, description = "Too many attempts; see `Retry-After`", body = Document,
               headers(("RateLimit-Policy" = String, description = "The limit that was met"),
                       ("RateLimit" = String, description = "When its next attempt is due")))))]
pub(crate) async fn delete(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
    Json(confirmation): Json<Confirmation>,
) -> Result<StatusCode, Problem> {
    remove(&app, &client, &session, &confirmation.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes the account if the password is hers: for the API and for the page.
pub(crate) async fn remove(
    app: &App,
    client: &Client,
    session: &SessionKey,
    given: &SecretString,
) -> Result<(), Problem> {
    let facts = password::confirmed(app, client, session, given).await?;
    let user = facts.credential.user.id;
    let trail = client.trail(Event::UserDeleted, facts.now);
    if !app.store.delete_user(user, Some(facts.credential.epoch), trail).await? {
        let title = "The account changed meanwhile; sign in and try again";
        return Err(Problem::new(StatusCode::CONFLICT, "conflict", title));
    }
    let attributes = json!({ "user.id": user.to_string(),
        "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
    app.log.event(Level::Info, "tokenhouse.user.deleted", attributes);
    Ok(())
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EventShown {
    at: String,
    event: String,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

impl From<&AuditEvent> for EventShown {
    fn from(event: &AuditEvent) -> Self {
        Self {
            at: event.at.rfc3339(),
            event: event.event.clone(),
            actor: event.actor.clone(),
            address: event.address.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Everything {
    exported_at: String,
    user: UserShown,
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    sessions: Vec<SessionShown>,
    events: Vec<EventShown>,
}

/// Everything stored about this user.
#[utoipa::path(get, path = "/account/export", tag = "account", security(("session" = [])),
    responses((status = 200, description = "The data", body = Everything),
              (status = 401, description = "`invalid_token`", body = Document)))]
pub(crate) async fn export(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
) -> Result<Response, Problem> {
    everything(&app, &client, &session).await
}

/// Everything stored about a person, as a file: for the API and for the page.
pub(crate) async fn everything(
    app: &App,
    client: &Client,
    session: &SessionKey,
) -> Result<Response, Problem> {
    let trail = client.trail(Event::UserExported, app.ordering_time());
    let found = app.store.export(session, trail).await?;
    let found = found.ok_or_else(Problem::invalid_token)?;
    let data = RawValue::from_string(found.body)
        .map_err(|error| tokenhouse_store::Error::Corrupt(error.to_string()))?;
    let everything = Everything {
        exported_at: found.now.rfc3339(),
        user: (&found.user).into(),
        data,
        sessions: found.sessions.iter().map(|one| SessionShown::new(one, session.id)).collect(),
        events: found.events.iter().map(EventShown::from).collect(),
    };
    let mut response = axum::Json(everything).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"tokenhouse-export.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
