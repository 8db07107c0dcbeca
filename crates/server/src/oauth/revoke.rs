//! `POST /oauth2/revoke` (RFC 7009): an application gives back what it was given. A refresh token takes its whole
//! grant with it, access tokens included; an access token goes alone.
//!
//! A token that is none, or is over, is as good as revoked: 200. Two round trips, the second idempotent.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Introspected, Introspection};
use utoipa::ToSchema;

use super::client_authentication::{Claimed, Known};
use super::cors;
use super::error::{OAuthFailure, Refused};
use super::form::PostedForm;
use super::presented::{self, Presented};
use crate::app::App;
use crate::extract::client::Client;

/// What is given back.
#[derive(Serialize, ToSchema)]
pub(super) struct RevocationRequest {
    /// An access or refresh token.
    token: String,
    /// Not needed: tokens tell what they are.
    token_type_hint: Option<String>,
    /// Unless the `Authorization` header says it.
    client_id: Option<String>,
    /// Likewise, where the client has one.
    client_secret: Option<String>,
    /// A JWT that the client signed, in the place of a secret (RFC 7523 §2.2).
    client_assertion: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
}

/// Revoke a token.
#[utoipa::path(post, path = "/oauth2/revoke", tag = "oauth",
    security((), ("client" = [])),
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "It is worth nothing"),
              (status = 400, description = "`invalid_request`, or a token of another client",
               body = Refused),
              (status = 401, description = "`invalid_client`", body = Refused)))]
pub(super) async fn revoke(
    State(app): State<App>,
    peer: Client,
    form: PostedForm,
) -> Result<Response, OAuthFailure> {
    let claimed = Claimed::of(&app, &form).await?;
    let text = form.needed("token", "The token is missing")?;
    let presented = presented::open(&app, text).await?;
    let asking = claimed.id.to_string();
    let question = Introspection { asking, subject: presented.subject() };
    let mut found = app.store.introspect(question).await?;
    let known = claimed.judge(found.asking.take())?;
    let done = end(&app, &peer, (&presented, &found), &known).await;
    Ok(cors::allow(done.map(|()| StatusCode::OK), &form.headers, Some(&known.settings)))
}

async fn end(
    app: &App,
    peer: &Client,
    (presented, found): (&Presented, &Introspected),
    known: &Known,
) -> Result<(), OAuthFailure> {
    match presented {
        Presented::Nothing => Ok(()),
        Presented::Access(claims) if claims.client_id != known.client.id => Err(another()),
        Presented::Access(claims) => end_access(app, claims, found.now).await,
        Presented::Refresh(token) => match &found.grant {
            Some(grant) if grant.client.id != known.client.id => Err(another()),
            // Of an earlier generation too: whose it is the statement looks at once more.
            _ => {
                let trail = peer.trail(Event::GrantRevoked, found.now);
                app.store.revoke_grant(&known.client.id, token.grant, trail).await?;
                Ok(())
            }
        },
    }
}

/// Noted until it would have ended by itself.
async fn end_access(app: &App, claims: &Claims, now: Timestamp) -> Result<(), OAuthFailure> {
    if claims.has_expired(now) {
        return Ok(());
    }
    let until = i64::try_from(claims.exp).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    let until = Timestamp::from_micros(until);
    app.store.use_once(&access_token::revocation(claims), until).await?;
    Ok(())
}

/// RFC 7009 §2.1; in the words of RFC 6749 §5.2.
const fn another() -> OAuthFailure {
    OAuthFailure::invalid_grant("The token was issued to another client")
}
