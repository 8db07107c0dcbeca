//! `DELETE /account` and `GET /account/export`: the person's own rights over what is stored about her. Deletion with
//! a time in which she can think again is the page's.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::oauth::authorize::Authorized;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{
    AuditEvent, Consent, Credential, Ended, Error, HeldGrant, Removed, ScheduleDeletion, SessionKey,
};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::Json;
use crate::extract::client::Client;
use crate::extract::session::Bearer;
use crate::log::Level;
use crate::sessions::SessionShown;
use crate::signed_in::UserShown;
use crate::{notices, password};

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
              (status = 409, description = "`last_administrator`", body = Document),
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

/// Deletes the account at once, if the password is hers: for the API and for the page.
pub(crate) async fn remove(
    app: &App,
    client: &Client,
    session: &SessionKey,
    given: &SecretString,
) -> Result<(), Problem> {
    let facts = password::confirmed(app, client, session, given).await?;
    let Credential { user, epoch, .. } = &facts.credential;
    let mail = notices::account_deleted(app, client, &user.username, facts.now);
    let trail = client.trail(Event::UserDeleted, facts.now);
    done(app.store.delete_user(user.id, Some(*epoch), mail, trail).await?)?;
    note(app, client, "tokenhouse.user.deleted", user.id);
    Ok(())
}

/// Has the account deleted later, if the password is hers, and ends its sessions: until then she can think again.
pub(crate) async fn leave(
    app: &App,
    client: &Client,
    session: &SessionKey,
    given: &SecretString,
) -> Result<(), Problem> {
    let facts = password::confirmed(app, client, session, given).await?;
    let Credential { user, epoch, .. } = &facts.credential;
    let until = facts.now.plus(app.settings.delete_grace);
    let deletion = ScheduleDeletion {
        user: user.id,
        epoch: *epoch,
        grace: app.settings.delete_grace,
        mail: notices::deletion_scheduled(app, client, &user.username, until),
        refunds: password::refunds(app, &facts),
        trail: client.trail(Event::DeletionScheduled, facts.now),
    };
    done(app.store.schedule_deletion(deletion).await?)?;
    note(app, client, "tokenhouse.user.deletion_scheduled", user.id);
    Ok(())
}

/// Thinks again.
pub(crate) async fn keep(app: &App, client: &Client, session: &SessionKey) -> Result<(), Problem> {
    let trail = client.trail(Event::DeletionCancelled, app.ordering_time());
    match app.store.keep_account(session, trail).await? {
        Ended::NoSession => Err(Problem::invalid_token()),
        Ended::Done | Ended::NoSuch => Ok(()),
    }
}

fn done(removed: Removed) -> Result<(), Problem> {
    match removed {
        Removed::Done => Ok(()),
        Removed::Changed => Err(Problem::conflict()),
        Removed::LastAdministrator => {
            let title = "The last administrator cannot be deleted";
            Err(Problem::new(StatusCode::CONFLICT, "last_administrator", title))
        }
    }
}

fn note(app: &App, client: &Client, name: &str, user: UserId) {
    let attributes = json!({ "user.id": user.to_string(),
        "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
    app.log.event(Level::Info, name, attributes);
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

/// What she agreed to for an application.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsentShown {
    client_id: String,
    /// Separated by spaces.
    scope: String,
    /// When she did.
    since: String,
}

impl From<Consent> for ConsentShown {
    fn from(consent: Consent) -> Self {
        let Consent { client, scope, since } = consent;
        Self { client_id: client, scope, since: since.rfc3339() }
    }
}

/// What an application was given and can use still.
#[derive(Serialize, ToSchema)]
pub(crate) struct GrantShown {
    client_id: String,
    /// Separated by spaces.
    scope: String,
    created_at: String,
    /// When it was last worth a token.
    last_used_at: String,
    /// When it ends in any case.
    expires_at: String,
}

impl TryFrom<HeldGrant> for GrantShown {
    type Error = Error;

    /// Of what was authorized the scope alone: the rest is between the application and this server.
    fn try_from(grant: HeldGrant) -> Result<Self, Error> {
        let authorized: Authorized = serde_json::from_str(&grant.authorized)
            .map_err(|error| Error::Corrupt(format!("what was authorized: {error}")))?;
        Ok(Self {
            client_id: grant.client,
            scope: authorized.scope.to_string(),
            created_at: grant.created_at.rfc3339(),
            last_used_at: grant.last_used_at.rfc3339(),
            expires_at: grant.expires_at.rfc3339(),
        })
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Everything {
    exported_at: String,
    user: UserShown,
    /// When mail to the address was shown to reach her.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_confirmed_at: Option<String>,
    /// The address that she asked for and has not confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_email: Option<String>,
    #[schema(value_type = Object)]
    data: Box<RawValue>,
    /// What applications may be told of her beside her name and address (OpenID Connect Core §5.1).
    #[schema(value_type = Object)]
    claims: Box<RawValue>,
    /// The names of her groups.
    groups: Vec<String>,
    consents: Vec<ConsentShown>,
    grants: Vec<GrantShown>,
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
    let everything = Everything {
        exported_at: found.now.rfc3339(),
        user: (&found.user).into(),
        email_confirmed_at: found.email_confirmed_at.map(Timestamp::rfc3339),
        pending_email: found.pending_email,
        data: stored(found.body)?,
        claims: stored(found.claims.unwrap_or_else(|| "{}".to_owned()))?,
        groups: found.groups,
        consents: found.consents.into_iter().map(Into::into).collect(),
        grants: found.grants.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        sessions: found.sessions.iter().map(|one| SessionShown::new(one, session.id)).collect(),
        events: found.events.iter().map(EventShown::from).collect(),
    };
    let mut response = axum::Json(everything).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"tokenhouse-export.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// JSON as it was written.
fn stored(json: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(json).map_err(|error| Error::Corrupt(error.to_string()))
}
