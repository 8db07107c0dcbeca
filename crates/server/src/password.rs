//! `POST /password`: asks for the old one (OWASP ASVS 6.2.3), then ends every other session.

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::{self, Verdict};
use tokenhouse_rules::password;
use tokenhouse_store::{ChangePassword, CredentialFacts, Refund, SessionKey};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::Json;
use crate::extract::client::Client;
use crate::extract::session::Bearer;
use crate::log::Level;
use crate::{hashing, notices};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// The password as it is.
    #[schema(value_type = String, format = Password)]
    pub old_password: SecretString,
    /// What it shall be: 8 to 256 characters of any kind.
    #[schema(value_type = String, format = Password)]
    pub new_password: SecretString,
}

/// Change the password; every other session ends.
#[utoipa::path(post, path = "/password", tag = "account", security(("session" = [])),
    request_body = Change,
    responses((status = 204, description = "Changed"),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 403, description = "`wrong_password`", body = Document),
              (status = 422, description = "The new password is refused", body = Document),
              (status = 429, description = "Too many attempts; see `Retry-After`", body = Document,
               headers(("RateLimit-Policy" = String, description = "The limit that was met"),
                       ("RateLimit" = String, description = "When its next attempt is due")))))]
pub(crate) async fn change(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
    Json(wanted): Json<Change>,
) -> Result<StatusCode, Problem> {
    replace(&app, &client, &session, &wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces the password and ends every session but this one: for the API and for the page.
pub(crate) async fn replace(
    app: &App,
    client: &Client,
    session: &SessionKey,
    wanted: &Change,
) -> Result<(), Problem> {
    let facts = confirmed(app, client, session, &wanted.old_password).await?;
    let user = &facts.credential.user;
    let names: Vec<&str> =
        std::iter::once(user.username.as_str()).chain(user.email.as_deref()).collect();
    let new = wanted.new_password.expose_secret();
    password::accept(new, &names, app.settings.password_min)
        .map_err(|refusal| Problem::invalid().refuse("/new_password", refusal))?;
    let change = ChangePassword {
        session: session.id,
        user: user.id,
        epoch: facts.credential.epoch,
        hash: app.hashing.hash(new).await?,
        refunds: refunds(app, &facts),
        mail: notices::password_changed(app, client, &user.username, facts.now),
        trail: client.trail(Event::PasswordChanged, facts.now),
    };
    if !app.store.change_password(change).await? {
        return Err(Problem::conflict());
    }
    let attributes = json!({ "user.id": user.id.to_string(),
        "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
    app.log.event(Level::Info, "tokenhouse.password.changed", attributes);
    Ok(())
}

/// The account behind a living session, after its password was confirmed. Attempts count as those to
/// sign in do, so that a stolen token is no way round the limit.
pub(crate) async fn confirmed(
    app: &App,
    client: &Client,
    session: &SessionKey,
    given: &SecretString,
) -> Result<CredentialFacts, Problem> {
    let cost = app.settings.limit_account.map(|limit| limit.cost());
    let place = app.hashing.reserve()?;
    let facts = app.store.credential_facts(session, cost).await?;
    let facts = facts.ok_or_else(Problem::invalid_token)?;
    if let Verdict::Refused { by, wait } = facts.verdict {
        return Err(Problem::limited(&app.settings, by, wait));
    }
    let verdict = place.verify(given.expose_secret(), Some(&facts.credential.hash)).await?;
    if matches!(verdict, hashing::Verdict::Right { .. }) {
        return Ok(facts);
    }
    let (level, name) = match verdict {
        hashing::Verdict::Corrupt => {
            app.metrics.corrupt_hash();
            (Level::Error, "tokenhouse.password.corrupt")
        }
        _ => (Level::Warn, "tokenhouse.password.refused"),
    };
    let attributes = json!({ "user.id": facts.credential.user.id.to_string(),
        "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
    app.log.event(level, name, attributes);
    let title = "The password is wrong";
    Err(Problem::new(StatusCode::FORBIDDEN, "wrong_password", title))
}

/// What a success gives back.
pub(crate) fn refunds(app: &App, facts: &CredentialFacts) -> Vec<Refund> {
    let key = limit::account_key(facts.credential.user.id);
    let limit = app.settings.limit_account;
    limit.map(|limit| Refund { key, step: limit.cost().step }).into_iter().collect()
}
